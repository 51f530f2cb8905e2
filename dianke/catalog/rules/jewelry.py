"""What a single piece of jewelry costs today, and what old gold is worth.

A piece by weight costs net weight x price of the day + making charge + stones; a piece at a fixed price costs that.
Everything is exact until the end and rounded once, to the minor unit, halves up. The lines are what a clerk reads to
the customer: shown parts plus the line of rounding are exactly the price. Worked table: docs/algorithms/prices.md.
Weights are whole milligrams, amounts whole minor units (fen), fineness is permille.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from dianke.catalog.rules.sayings import MG_PER_GRAM, Said, Weight, percent
from dianke.core.errors import Conflict, InvalidInput, Text
from dianke.core.money import Money, digits_of

WHOLE_BP = 10_000
PURE = 1000
NO_METAL = "NONE"


class Making(enum.StrEnum):
    """How a making charge is counted: minor units per gram of net weight, per piece, or basis points of the metal."""

    PER_GRAM = "PER_GRAM"
    PER_PIECE = "PER_PIECE"
    RATE = "RATE"


METAL_NAMES: dict[str, Text] = {
    "GOLD": _("Gold"),
    "PLATINUM": _("Platinum"),
    "SILVER": _("Silver"),
    "PALLADIUM": _("Palladium"),
}


def metal_name(metal: str, fineness: int) -> str:
    """ "Gold 999"; the bare code of a metal that has no name."""
    return f"{METAL_NAMES.get(metal, metal)} {fineness}"


class DayPriceMissing(Conflict):
    code = "day_price_missing"
    message = _(
        "There is no price of the day for %(metal)s, so this piece has no price. Set the price board first."
    )


class LockDoesNotFit(Conflict):
    code = "lock_does_not_fit"
    message = _(
        "The locked price is for %(locked)s, this piece is %(metal)s. Use the lock for another piece."
    )


class PieceWithoutPrice(Conflict):
    code = "piece_without_price"
    message = _(
        "This piece has neither a fixed price nor a metal with a price of the day. Set its price first."
    )


class WeightWrong(InvalidInput):
    code = "weight_wrong"
    message = _("Enter the tested weight in grams, more than zero.")
    default_field = "weight"


class FinenessWrong(InvalidInput):
    code = "fineness_wrong"
    message = _("Fineness is in permille: more than 0, at most 1000 (18K is 750).")
    default_field = "fineness"


class LossWrong(InvalidInput):
    code = "loss_wrong"
    message = _("The loss is between 0 and 100 percent.")
    default_field = "loss"


@dataclass(frozen=True, slots=True)
class PieceTerms:
    """A piece as its tag says. `making_amount` is minor units, for RATE basis points; a `fixed_amount` counts alone."""

    metal: str
    fineness: int
    net_weight_mg: int
    making: str = Making.PER_PIECE
    making_amount: int = 0
    stone_amount: int = 0
    fixed_amount: int | None = None


@dataclass(frozen=True, slots=True)
class MetalPrice:
    """A price of the day, or a locked one: minor units per gram of the metal at this fineness."""

    metal: str
    fineness: int
    amount: int
    currency: str
    is_locked: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A part of a price, rounded for showing; `said` explains it."""

    code: str
    amount: int
    said: Said


@dataclass(frozen=True, slots=True)
class PiecePrice:
    """`amount` in minor units; the amounts of the lines add up to it. `metal_price`: what a gram counted for; None
    where the price is fixed."""

    amount: int
    currency: str
    lines: tuple[Line, ...]
    metal_price: MetalPrice | None = None

    @property
    def is_by_day_price(self) -> bool:
        return self.metal_price is not None


def rounded(exact: Fraction, currency: str) -> int:
    """Minor units, by the one rounding of the product."""
    main = exact / 10 ** digits_of(currency)
    return Money(1, currency).scaled(main).to_minor()


def piece_price(piece: PieceTerms, price: MetalPrice | None, *, currency: str) -> PiecePrice:
    """The price of a piece, with the lines to read out.

    Raises `DayPriceMissing` when it goes by weight and `price` is None or in another currency, `LockDoesNotFit` when
    `price` is of another metal or fineness, `PieceWithoutPrice` when nothing says what it costs.
    """
    if piece.fixed_amount is not None:
        said = Said("fixed", _("Fixed price"))
        return PiecePrice(piece.fixed_amount, currency, (Line("fixed", piece.fixed_amount, said),))
    if piece.metal == NO_METAL or piece.net_weight_mg <= 0:
        raise PieceWithoutPrice
    name = metal_name(piece.metal, piece.fineness)
    if price is None or price.currency != currency:
        raise DayPriceMissing(metal=name)
    if (price.metal, price.fineness) != (piece.metal, piece.fineness):
        raise LockDoesNotFit(locked=metal_name(price.metal, price.fineness), metal=name)
    metal = Fraction(piece.net_weight_mg, MG_PER_GRAM) * price.amount
    text = (
        _("%(metal)s: %(weight)s × %(price)s per gram (locked)")
        if price.is_locked
        else _("%(metal)s: %(weight)s × %(price)s per gram")
    )
    parts = [
        (
            "metal",
            metal,
            Said(
                "metal",
                text,
                {
                    "metal": name,
                    "weight": Weight(piece.net_weight_mg),
                    "price": Money.from_minor(price.amount, currency),
                },
            ),
        ),
        ("making", *_making(piece, metal, currency)),
        ("stones", Fraction(piece.stone_amount), Said("stones", _("Stones"))),
    ]
    return _summed([part for part in parts if part[0] == "metal" or part[1]], price)


def _making(piece: PieceTerms, metal: Fraction, currency: str) -> tuple[Fraction, Said]:
    if piece.making == Making.RATE:
        said = Said(
            "making", _("Making charge: %(rate)s of the metal"), {"rate": percent(piece.making_amount)}
        )
        return metal * piece.making_amount / WHOLE_BP, said
    charge = Money.from_minor(piece.making_amount, currency)
    if piece.making == Making.PER_GRAM:
        said = Said(
            "making",
            _("Making charge: %(weight)s × %(price)s per gram"),
            {"weight": Weight(piece.net_weight_mg), "price": charge},
        )
        return Fraction(piece.net_weight_mg, MG_PER_GRAM) * piece.making_amount, said
    return Fraction(piece.making_amount), Said("making", _("Making charge per piece"))


def _summed(parts: list[tuple[str, Fraction, Said]], price: MetalPrice) -> PiecePrice:
    total = rounded(sum((exact for _code, exact, _said in parts), Fraction(0)), price.currency)
    lines = [Line(code, rounded(exact, price.currency), said) for code, exact, said in parts]
    difference = total - sum(line.amount for line in lines)
    if difference:
        lines.append(Line("rounding", difference, Said("rounding", _("Rounded once, at the end"))))
    return PiecePrice(total, price.currency, tuple(lines), price)


@dataclass(frozen=True, slots=True)
class BuyBack:
    """What old metal is worth: `pure_mg` is the weight that is paid for, in metal of the board's fineness."""

    amount: int
    currency: str
    paid_mg: Decimal
    lines: tuple[Said, ...]


def buy_back(*, tested_mg: int, tested_fineness: int, loss_bp: int, price: MetalPrice) -> BuyBack:
    """Old metal by tested weight and fineness: weight x (1 - loss) x fineness / fineness of the board x buy-back price.

    Metal finer than the board is paid like the board. Rounded once at the end. Raises `WeightWrong`,
    `FinenessWrong`, `LossWrong`.
    """
    if tested_mg <= 0:
        raise WeightWrong
    if not 0 < tested_fineness <= PURE:
        raise FinenessWrong
    if not 0 <= loss_bp <= WHOLE_BP:
        raise LossWrong
    share = min(Fraction(tested_fineness, price.fineness), Fraction(1))
    after_loss = Fraction(tested_mg * (WHOLE_BP - loss_bp), WHOLE_BP)
    paid = after_loss * share
    amount = rounded(paid / MG_PER_GRAM * price.amount, price.currency)
    shown = (Decimal(paid.numerator) / Decimal(paid.denominator)).quantize(Decimal("0.1"))
    lines = [
        Said(
            "tested",
            _("Tested: %(weight)s, fineness %(fineness)s"),
            {"weight": Weight(tested_mg), "fineness": tested_fineness},
        )
    ]
    if loss_bp:
        lines.append(Said("loss", _("Loss in melting: %(loss)s"), {"loss": percent(loss_bp)}))
    if share != 1:
        lines.append(
            Said(
                "fineness",
                _("Counts as %(grams)s g of %(metal)s"),
                {
                    "grams": format((shown / MG_PER_GRAM).normalize(), "f"),
                    "metal": metal_name(price.metal, price.fineness),
                },
            )
        )
    lines.append(
        Said(
            "paid",
            _("%(price)s per gram makes %(amount)s, rounded once at the end"),
            {
                "price": Money.from_minor(price.amount, price.currency),
                "amount": Money.from_minor(amount, price.currency),
            },
        )
    )
    return BuyBack(amount, price.currency, shown, tuple(lines))
