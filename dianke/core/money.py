"""Amounts of money as exact values.

A `Money` is a decimal amount and an ISO 4217 currency code; it never meets a float and never silently
changes its currency or loses a digit. The product has exactly one way to round (`Money.round`) and one
way to split an amount (`Money.allocate`); every price, share, refund and commission goes through these
two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from fractions import Fraction
from functools import lru_cache
from math import lcm

from babel import Locale
from babel.numbers import (
    format_compact_currency,
    format_currency,
    get_currency_precision,
    get_currency_symbol,
    list_currencies,
)
from django.utils.translation import gettext_lazy as _

from dianke.core.allocation import allocate_units
from dianke.core.errors import Conflict, InvalidInput

Weight = int | Decimal | Fraction

# Adding and multiplying must be exact or fail: a ledger may not lose a digit because a context had only
# 28 of them.
_EXACT = Context(prec=200, traps=[Inexact, InvalidOperation, Overflow])


class UnknownCurrency(InvalidInput):
    code = "unknown_currency"
    message = _("There is no currency “%(currency)s”. Use a three-letter code such as CNY, HKD or USD.")


class CurrencyMismatch(Conflict):
    code = "currency_mismatch"
    message = _(
        "%(left)s and %(right)s cannot be added or compared. Convert one of them at an agreed rate first."
    )


class AmountNotRounded(Conflict):
    code = "amount_not_rounded"
    message = _("%(amount)s %(currency)s has more than %(digits)s decimals. Round the amount first.")


class WrongWeights(InvalidInput):
    code = "wrong_weights"
    message = _("An amount can only be split over at least one share, and no share may be negative.")


class NotAnAmount(InvalidInput):
    code = "not_an_amount"
    message = _("“%(text)s” is not an amount. Enter digits, for example 1234.50 or 12,600.")


class AmountMissing(InvalidInput):
    code = "amount_missing"
    message = _("The amount is missing. Enter digits, for example 1234.50.")


class TooManyDecimals(InvalidInput):
    code = "too_many_decimals"
    message = _("“%(text)s” is finer than %(currency)s can be paid. Use at most %(digits)s decimals.")


class MisplacedSeparator(InvalidInput):
    code = "misplaced_separator"
    message = _(
        "The comma in “%(text)s” is not at a thousand. Use a point for decimals, or leave the comma out."
    )


class WrongCurrencySign(InvalidInput):
    code = "wrong_currency_sign"
    message = _(
        "“%(sign)s” is not the sign of %(currency)s, in which this amount is kept. Enter the number alone."
    )


class AmountTooLarge(InvalidInput):
    code = "amount_too_large"
    message = _("“%(text)s” is more than one trillion. Check the number of zeros.")


@lru_cache(maxsize=512)
def digits_of(currency: str) -> int:
    """Decimals of the currency in CLDR (by Babel): CNY 2, JPY 0, KWD 3. Raises UnknownCurrency."""
    if currency not in _currencies():
        raise UnknownCurrency(currency=currency)
    return int(get_currency_precision(currency))


@lru_cache(maxsize=1)
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())


@dataclass(frozen=True, slots=True, init=False)
class Money:
    """`amount` in the main unit of `currency` (yuan, not fen).

    The amount may be finer than the currency while a price is being worked out; `round` brings it to what
    can be paid. Sums, differences and comparisons want the same currency on both sides
    (CurrencyMismatch). There is no division: splitting is `allocate`, a proportion is `ratio_to`, a share
    of an amount is `scaled`.
    """

    amount: Decimal
    currency: str

    def __init__(self, amount: Decimal | int | str, currency: str) -> None:
        """`amount` exact: a Decimal, an int, or decimal digits as str. A float is a fault of the program:
        TypeError.
        """
        if isinstance(amount, bool) or not isinstance(amount, Decimal | int | str):
            raise TypeError(f"an amount of money is a Decimal, int or str, never {type(amount).__name__}")
        try:
            exact = Decimal(amount)
        except InvalidOperation:
            raise ValueError(f"{amount!r} is not a decimal number") from None
        if not exact.is_finite():
            raise ValueError("an amount of money is finite")
        digits_of(currency)
        # Minus zero would print as "-¥0.00".
        object.__setattr__(self, "amount", exact if exact else abs(exact))
        object.__setattr__(self, "currency", currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def from_minor(cls, units: int, currency: str) -> Money:
        """From whole minor units: `Money.from_minor(1250, "CNY")` is 12.50 yuan; for JPY the unit is the
        yen.
        """
        if isinstance(units, bool) or not isinstance(units, int):
            raise TypeError(f"minor units are an int, never {type(units).__name__}")
        return cls(_EXACT.scaleb(Decimal(units), -digits_of(currency)), currency)

    @classmethod
    def sum(cls, amounts: Iterable[Money], currency: str) -> Money:
        """The sum, in `currency` even when there is nothing to add."""
        total = Decimal(0)
        for money in amounts:
            if money.currency != currency:
                raise CurrencyMismatch(left=currency, right=money.currency)
            total = _EXACT.add(total, money.amount)
        return cls(total, currency)

    def to_minor(self) -> int:
        """Whole minor units (fen for CNY). Raises AmountNotRounded rather than dropping a digit."""
        units = _EXACT.scaleb(self.amount, digits_of(self.currency))
        whole = int(units)
        if whole != units:
            raise AmountNotRounded(
                amount=self.amount, currency=self.currency, digits=digits_of(self.currency)
            )
        return whole

    @property
    def is_zero(self) -> bool:
        return not self.amount

    @property
    def is_negative(self) -> bool:
        return self.amount < 0

    @property
    def is_positive(self) -> bool:
        return self.amount > 0

    @property
    def is_rounded(self) -> bool:
        """Whether the amount can be paid: no finer than the minor unit."""
        units = _EXACT.scaleb(self.amount, digits_of(self.currency))
        return units == units.to_integral_value()

    def __add__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(_EXACT.add(self.amount, self._same(other)), self.currency)

    def __sub__(self, other: Money) -> Money:
        if not isinstance(other, Money):
            return NotImplemented
        return Money(_EXACT.subtract(self.amount, self._same(other)), self.currency)

    def __mul__(self, factor: int | Decimal) -> Money:
        """Exact and unrounded; for a factor that no decimal can hold (a third) use `scaled`."""
        if isinstance(factor, bool) or not isinstance(factor, int | Decimal):
            return NotImplemented
        return Money(_EXACT.multiply(self.amount, Decimal(factor)), self.currency)

    __rmul__ = __mul__

    def __neg__(self) -> Money:
        return Money(self.amount.copy_negate(), self.currency)

    def __abs__(self) -> Money:
        return Money(self.amount.copy_abs(), self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"

    def _same(self, other: Money) -> Decimal:
        if other.currency != self.currency:
            raise CurrencyMismatch(left=self.currency, right=other.currency)
        return other.amount

    def ratio_to(self, whole: Money) -> Fraction:
        """`self / whole` as an exact fraction; ZeroDivisionError when the whole is nothing."""
        return Fraction(self.amount) / Fraction(self._same(whole))

    def round(self) -> Money:
        """To the minor unit, halves away from zero: 0.125 -> 0.13, -0.125 -> -0.13.

        This is 四舍五入, what Chinese accounts, tills and tax forms do; banker's rounding would differ from
        every receipt the customer can check. Away from zero on both sides makes a refund mirror its sale.
        """
        return self.scaled(1)

    def scaled(self, factor: Weight) -> Money:
        """The exact product, rounded once by the rule of `round`; a Fraction such as 1/3 is welcome."""
        if isinstance(factor, bool) or not isinstance(factor, int | Decimal | Fraction):
            raise TypeError(f"a factor is an int, Decimal or Fraction, never {type(factor).__name__}")
        exact = Fraction(self.amount) * Fraction(factor) * 10 ** digits_of(self.currency)
        # floor(|x| + 1/2), in integers.
        units = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
        return Money.from_minor(-units if exact < 0 else units, self.currency)

    def allocate(self, weights: Sequence[Weight]) -> list[Money]:
        """Split into one part per weight, in proportion, so that the parts add up to exactly this amount.

        By the largest remainder, as `allocate_units` says: a refund mirrors its sale, a zero weight gets nothing,
        unless all are zero: then all count the same.
        Nothing to split over gives WrongWeights, except that zero split over nobody is an empty list. The
        amount must be rounded (AmountNotRounded).
        """
        units = self.to_minor()
        if not weights:
            if units:
                raise WrongWeights()
            return []
        parts = allocate_units(units, _whole_weights(weights))
        return [Money.from_minor(part, self.currency) for part in parts]

    def format(self, locale: str = "zh_Hans_CN") -> str:
        """For people, with sign and separators: "¥1,234.50". Rounded by our rule first; `locale` as
        Django or CLDR.
        """
        return str(format_currency(self.round().amount, self.currency, locale=locale_named(locale)))

    def headline(self, locale: str = "zh_Hans_CN") -> str:
        """Short form for large figures: "¥12.6万", "¥3亿" in Chinese, "¥126K" style elsewhere; one decimal
        at most.

        Below ten thousand it is `format`. The exact figure belongs beside it (on hover, in the export).
        """
        spoken = locale_named(locale)
        if abs(self.amount) < 10_000:
            return self.format(locale)
        if spoken.language != "zh":
            return str(format_compact_currency(self.amount, self.currency, locale=spoken, fraction_digits=1))
        man, yi = ("萬", "億") if is_traditional(spoken) else ("万", "亿")
        tenths = _tenths(self.amount, 10**4)
        unit = man
        if abs(tenths) >= 10**5:  # 9999.95万 and more reads 1亿, not 10000万
            tenths, unit = _tenths(self.amount, 10**8), yi
        digits = f"{abs(tenths) // 10:,}" + (f".{abs(tenths) % 10}" if tenths % 10 else "")
        symbol = get_currency_symbol(self.currency, locale=spoken)
        return f"{'-' if tenths < 0 else ''}{symbol}{digits}{unit}"


def _whole_weights(weights: Sequence[Weight]) -> list[int]:
    """Weights in the same proportion as integers, so that the split is integer arithmetic, exact and fast."""
    for weight in weights:
        if isinstance(weight, bool) or not isinstance(weight, int | Decimal | Fraction):
            raise TypeError(f"a weight is an int, Decimal or Fraction, never {type(weight).__name__}")
    exact = [Fraction(weight) for weight in weights]
    if any(weight < 0 for weight in exact):
        raise WrongWeights()
    scale = lcm(*(weight.denominator for weight in exact))
    return [int(weight * scale) for weight in exact]


def _tenths(amount: Decimal, unit: int) -> int:
    """`amount / unit` in tenths, halves away from zero."""
    exact = Fraction(amount) * 10 / unit
    size = (2 * abs(exact.numerator) + exact.denominator) // (2 * exact.denominator)
    return -size if exact < 0 else size


@lru_cache(maxsize=64)
def locale_named(name: str) -> Locale:
    """Babel's locale for a Django language ("zh-hans") or a CLDR name ("zh_Hans_CN")."""
    return Locale.parse(name.replace("-", "_"))


def is_traditional(locale: Locale) -> bool:
    return locale.script == "Hant" or locale.territory in {"TW", "HK", "MO"}


_MULTIPLES = {
    "百": 10**2,
    "千": 10**3,
    "k": 10**3,
    "万": 10**4,
    "萬": 10**4,
    "w": 10**4,
    "亿": 10**8,
    "億": 10**8,
}
_TYPED = re.compile(
    r"(?P<sign>[+-]?)(?P<before>[^\d.,+-]*)(?P<inner_sign>[+-]?)"
    r"(?P<whole>(?:\d[\d,]*)?)(?:\.(?P<decimals>\d*))?(?P<after>[^\d.,+-]*)"
)
_SPOKEN = re.compile(r"(?P<yuan>[+-]?\d[\d,]*)[元块塊圆圓](?P<jiao>\d)(?:[角毛](?:(?P<fen>\d)分?)?)?")
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+")
_OWN_SIGNS = {
    "CNY": ("¥", "元", "圆", "圓", "块", "塊", "块钱", "塊錢", "元整", "元正", "rmb", "人民币", "人民幣"),
    "JPY": ("¥", "円", "日元", "日圓"),
}
LARGEST_INPUT = Decimal(10**12)


def parse(text: str, currency: str = "CNY", *, field: str | None = None) -> Money:
    """What a person typed into an amount field, as Money in `currency`.

    Understands full-width digits, thousands separators, signs before or behind ("¥12", "12元", "CNY 12"),
    "1.2万", "1.2w", "3千", "12元5角", "3块5" and the Chinese full stop typed for a point. Raises
    AmountMissing, NotAnAmount, MisplacedSeparator, TooManyDecimals, WrongCurrencySign or AmountTooLarge; it
    never guesses.
    """
    digits = digits_of(currency)
    shown = text.strip()
    plain = unicodedata.normalize("NFKC", text).replace("。", ".").replace("−", "-").replace("、", ",")
    plain = "".join(plain.split()).casefold()
    if not plain:
        raise AmountMissing(field=field)
    spoken = _SPOKEN.fullmatch(plain) if currency == "CNY" else None
    if spoken:
        plain = f"{spoken['yuan']}.{spoken['jiao']}{spoken['fen'] or ''}"
    typed = _TYPED.fullmatch(plain)
    if typed is None or not (typed["whole"] or typed["decimals"]) or (typed["sign"] and typed["inner_sign"]):
        raise NotAnAmount(text=shown, field=field)
    multiple, behind = _multiple(typed["after"], currency)
    for sign in (typed["before"], behind):
        if sign and sign not in _signs_of(currency):
            if sign in _all_signs() or sign.upper() in _currencies():
                raise WrongCurrencySign(sign=sign.upper(), currency=currency, field=field)
            raise NotAnAmount(text=shown, field=field)
    whole = typed["whole"]
    if "," in whole and not _GROUPED.fullmatch(whole):
        raise MisplacedSeparator(text=shown, field=field)
    written = f"{whole.replace(',', '') or '0'}.{typed['decimals'] or '0'}"
    if len(written) > 60:
        raise AmountTooLarge(text=shown[:20] + "…", field=field)
    amount = _EXACT.multiply(Decimal(written), Decimal(multiple))
    if amount > LARGEST_INPUT:
        raise AmountTooLarge(text=shown, field=field)
    money = Money(-amount if "-" in (typed["sign"], typed["inner_sign"]) else amount, currency)
    if not money.is_rounded:
        raise TooManyDecimals(text=shown, currency=currency, digits=digits, field=field)
    return money.round()


def _multiple(after: str, currency: str) -> tuple[int, str]:
    """What stands behind the digits as (multiple, sign): "万元" -> (10000, "元"); "krw" is a sign."""
    if after and after not in _signs_of(currency) and after[0] in _MULTIPLES and after not in _all_signs():
        return _MULTIPLES[after[0]], after[1:]
    return 1, after


@lru_cache(maxsize=64)
def _signs_of(currency: str) -> frozenset[str]:
    symbols = {get_currency_symbol(currency, locale=name).casefold() for name in ("zh_Hans", "zh_Hant", "en")}
    narrow = {symbol[-1] for symbol in symbols if not symbol[-1].isalnum()}
    return frozenset({*symbols, *narrow, currency.casefold(), *_OWN_SIGNS.get(currency, ())})


@lru_cache(maxsize=1)
def _all_signs() -> frozenset[str]:
    known = ("CNY", "JPY", "USD", "EUR", "GBP", "HKD", "TWD", "KRW", "MOP", "SGD", "MYR", "AUD", "CAD", "THB")
    return frozenset(sign for code in known for sign in _signs_of(code))
