"""What a campaign came to, and what of it would not have happened anyway.

Sums come in (`Arm`: one per variant, one for control), figures go out (`evaluate`). A claim that something was brought
about is made only against people who were kept back by chance, over everybody who could have been written to, whether
or not they were reached; it carries an interval and is withheld below a minimum of data. docs/algorithms/campaigns.md
holds the worked tables.

Intervals: `core/intervals.py`. Several comparisons by O. J. Dunn (1961), the correction of Bonferroni.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal

from dianke.core.intervals import CONFIDENCE, Difference, Withheld, newcombe, welch, withheld


@dataclass(frozen=True, slots=True)
class Arm:
    """Sums over the people of a group within their window; amounts in minor units of one currency, net of returns.
    `sales_square` is the sum of the squares of what each person spent. `margin_amount` is after coupons, before
    messages. `message_amount` and `coupon_amount` are what was spent."""

    code: str
    people: int
    reached: int = 0
    clicked: int = 0
    came: int = 0
    converted: int = 0
    redeemed: int = 0
    orders: int = 0
    sales_amount: int = 0
    sales_square: int = 0
    margin_amount: int = 0
    message_amount: int = 0
    coupon_amount: int = 0

    @property
    def cost_amount(self) -> int:
        return self.message_amount + self.coupon_amount

    @property
    def share_converted(self) -> Decimal | None:
        return ratio(self.converted, self.people)

    @property
    def per_person(self) -> Decimal | None:
        """Minor units for everybody in the group, whether they bought or not."""
        return ratio(self.sales_amount, self.people)


@dataclass(frozen=True, slots=True)
class Lift:
    """What the first group did more than the second: share who bought, minor units spent per person."""

    conversion: Difference | None
    revenue: Difference | None
    withheld: Withheld | None = None
    revenue_withheld: Withheld | None = None
    confidence: float = CONFIDENCE


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two variants; the confidence of each is raised so that all together keep `CONFIDENCE`."""

    first: str
    second: str
    lift: Lift


@dataclass(frozen=True, slots=True)
class Result:
    """`added_*` and `roi` rest on control; without it `roi` is None and `plain_return` is all there is: what people who
    were written to bought, which proves nothing."""

    treated: Arm
    control: Arm | None
    variants: tuple[Arm, ...]
    lift: Lift
    added_sales: Decimal | None
    added_margin: Decimal | None
    roi: Decimal | None
    roi_is_proven: bool
    plain_return: Decimal | None
    comparisons: tuple[Comparison, ...] = field(default=())


def ratio(part: int | Decimal, whole: int | Decimal) -> Decimal | None:
    """None of nothing."""
    return Decimal(part) / Decimal(whole) if whole else None


# --- a campaign ------------------------------------------------------------------------------------------------------
def lift_of(first: Arm, second: Arm | None, confidence: float = CONFIDENCE) -> Lift:
    """What `first` did more than `second`."""
    why = withheld(
        first.people, second.people if second else 0, first.converted, second.converted if second else 0
    )
    if second is None or why is not None:
        return Lift(None, None, why, why, confidence)
    revenue = welch(
        (first.people, first.sales_amount, first.sales_square),
        (second.people, second.sales_amount, second.sales_square),
        confidence,
    )
    return Lift(
        newcombe((first.converted, first.people), (second.converted, second.people), confidence),
        revenue,
        None,
        Withheld.NO_SPREAD if revenue is None else None,
        confidence,
    )


def evaluate(variants: Sequence[Arm], control: Arm | None) -> Result:
    """Figures of a campaign. ROI = (added margin - messages) / (messages + coupons): margins are after coupons already,
    so a coupon's value is taken off once."""
    treated = together("", variants)
    kept = control if control is not None and control.people else None
    lift = lift_of(treated, kept)
    added_sales = added_margin = roi = None
    if kept is not None and lift.withheld is None:
        added_sales = _added(treated.sales_amount, treated.people, kept.sales_amount, kept.people)
        added_margin = _added(treated.margin_amount, treated.people, kept.margin_amount, kept.people)
        roi = ratio(added_margin - treated.message_amount, treated.cost_amount)
    return Result(
        treated,
        kept,
        tuple(variants),
        lift,
        added_sales,
        added_margin,
        roi,
        lift.revenue is not None and lift.revenue.is_clear,
        ratio(treated.margin_amount - treated.message_amount, treated.cost_amount),
        tuple(compare_variants(variants)),
    )


def compare_variants(variants: Sequence[Arm]) -> list[Comparison]:
    """Each with each other, at a confidence raised by the number of comparisons."""
    pairs = [(one, two) for place, one in enumerate(variants) for two in variants[place + 1 :]]
    confidence = 1 - (1 - CONFIDENCE) / max(len(pairs), 1)
    return [Comparison(one.code, two.code, lift_of(one, two, confidence)) for one, two in pairs]


def together(code: str, arms: Sequence[Arm]) -> Arm:
    """Several groups as one."""
    names = [name for name in Arm.__dataclass_fields__ if name != "code"]
    return Arm(code, **{name: sum(getattr(arm, name) for arm in arms) for name in names})


def _added(one: int, one_people: int, two: int, two_people: int) -> Decimal:
    """What the first group has beyond what it would have at the second's rate, to the minor unit."""
    exact = Decimal(one * two_people - two * one_people) / two_people
    return exact.quantize(Decimal(1), ROUND_HALF_EVEN)
