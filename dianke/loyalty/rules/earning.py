"""What a sale earns: which amounts of its lines count, the points of each line, the extra points for amounts reached,
and the same again for what is left after a return. Points are whole; the sum is rounded down once and split over the
lines by the largest remainder, so that half a yuan here and half a yuan there are not lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import lcm

from dianke.core.allocation import allocate_units
from dianke.loyalty.rules.terms import ONCE, LevelTerms, ProgrammeTerms, RuleTerms


@dataclass(frozen=True, slots=True)
class SaleLine:
    """A line of a sale as earning sees it. `paid_amount`: what it cost after every adjustment, so points used as
    money are out of it already. `excluded_amount`: what of it never earns; `tax_amount`, `bonus_amount` (paid by
    stored-value bonus) and `prepaid_amount` (paid by stored-value principal) count as the programme says. `kind`:
    "GOODS", "SHIPPING", "GIFT_CARD", "TOP_UP" or "DEPOSIT". `earns` False: nothing, whatever the programme says.
    """

    key: str
    paid_amount: int
    category_ids: tuple[int, ...] = ()
    product_id: int | None = None
    variant_id: int | None = None
    earns: bool = True
    excluded_amount: int = 0
    kind: str = "GOODS"
    tax_amount: int = 0
    bonus_amount: int = 0
    prepaid_amount: int = 0


@dataclass(frozen=True, slots=True)
class Occasion:
    """When and where a sale is, for the conditions of rules."""

    day: date
    store_id: int | None = None
    level_code: str = ""
    is_birthday: bool = False
    is_birthday_month: bool = False


@dataclass(frozen=True, slots=True)
class LineEarned:
    """What a line earns: `counts` of the paid amount, `earned` points."""

    key: str
    paid: int
    counts: int
    earned: int


@dataclass(frozen=True, slots=True)
class Bonus:
    """Extra points for lines that together reach an amount."""

    rule_id: int
    per_amount: int
    points: int
    is_repeated: bool
    keys: tuple[str, ...]
    granted: int

    def points_for(self, amount: int) -> int:
        """What `amount` of those lines gives."""
        times = amount // self.per_amount
        return self.points * (times if self.is_repeated else min(times, 1))


@dataclass(frozen=True, slots=True)
class Earned:
    """What a sale earns. `points` is everything: of the lines and the bonuses."""

    lines: tuple[LineEarned, ...] = ()
    bonuses: tuple[Bonus, ...] = ()
    tier_points: int = 0

    @property
    def spend(self) -> int:
        return sum(line.counts for line in self.lines)

    @property
    def points(self) -> int:
        return sum(line.earned for line in self.lines) + sum(bonus.granted for bonus in self.bonuses)


def countable(line: SaleLine, terms: ProgrammeTerms) -> int:
    """What of a line counts, in minor units, never below 0."""
    if not line.earns or line.kind == "DEPOSIT":
        return 0
    if line.kind == "SHIPPING" and not terms.earns_on_shipping:
        return 0
    if line.kind == "GIFT_CARD" and not terms.earns_on_gift_cards:
        return 0
    if line.kind == "TOP_UP" and terms.stored_value_earns != "TOP_UP":
        return 0
    amount = line.paid_amount - line.excluded_amount
    if not terms.earns_on_tax:
        amount -= line.tax_amount
    if not terms.earns_on_bonus:
        amount -= line.bonus_amount
    if terms.stored_value_earns == "TOP_UP":
        amount -= line.prepaid_amount
    return max(amount, 0)


def fits(rule: RuleTerms, line: SaleLine, occasion: Occasion) -> bool:
    """Whether every condition of the rule is met."""
    if rule.from_date is not None and occasion.day < rule.from_date:
        return False
    if rule.to_date is not None and occasion.day > rule.to_date:
        return False
    if rule.weekdays and occasion.day.weekday() not in rule.weekdays:
        return False
    if rule.store_ids and occasion.store_id not in rule.store_ids:
        return False
    if rule.level_codes and occasion.level_code not in rule.level_codes:
        return False
    if rule.birthday and not (occasion.is_birthday if rule.birthday == "DAY" else occasion.is_birthday_month):
        return False
    if rule.product_ids and line.product_id in rule.product_ids:
        return True
    if rule.category_ids and set(rule.category_ids) & set(line.category_ids):
        return True
    return not rule.product_ids and not rule.category_ids


def earn(
    lines: Sequence[SaleLine],
    *,
    terms: ProgrammeTerms,
    rules: Sequence[RuleTerms],
    level: LevelTerms | None,
    occasion: Occasion,
) -> Earned:
    """Points of a sale. Of the rates the first that fits a line counts (by position), of the factors the largest; the
    level's factor comes on top. Level points are those of the rate alone."""
    rates = sorted((rule for rule in rules if rule.kind == "RATE"), key=lambda rule: (rule.position, rule.id))
    factors = [rule for rule in rules if rule.kind == "MULTIPLY"]
    level_factor = Fraction(level.points_bp if level else ONCE, ONCE)
    counts = [countable(line, terms) for line in lines]
    exact, plain = [], Fraction(0)
    for line, amount in zip(lines, counts, strict=True):
        rate = next((rule for rule in rates if fits(rule, line, occasion)), None)
        if rate is None or not amount:
            exact.append(Fraction(0))
            continue
        base = Fraction(amount * rate.points, rate.per_amount)
        factor = max((rule.factor_bp for rule in factors if fits(rule, line, occasion)), default=ONCE)
        plain += base
        exact.append(base * Fraction(factor, ONCE) * level_factor)
    return Earned(
        tuple(
            LineEarned(line.key, line.paid_amount, amount, points)
            for line, amount, points in zip(lines, counts, split(exact), strict=True)
        ),
        tuple(_bonuses(lines, counts, rules, occasion)),
        int(plain),
    )


def split(exact: Sequence[Fraction]) -> list[int]:
    """The sum rounded down, over the lines in proportion."""
    total = int(sum(exact, Fraction(0)))
    if not total:
        return [0] * len(exact)
    common = lcm(*(each.denominator for each in exact))
    return allocate_units(total, [int(each * common) for each in exact])


def _bonuses(
    lines: Sequence[SaleLine], counts: Sequence[int], rules: Sequence[RuleTerms], occasion: Occasion
) -> list[Bonus]:
    found = []
    for rule in sorted((rule for rule in rules if rule.kind == "BONUS"), key=lambda rule: rule.id):
        fitting = [
            (line.key, amount)
            for line, amount in zip(lines, counts, strict=True)
            if amount and fits(rule, line, occasion)
        ]
        bonus = Bonus(
            rule.id, rule.per_amount, rule.points, rule.is_repeated, tuple(key for key, _amount in fitting), 0
        )
        granted = bonus.points_for(sum(amount for _key, amount in fitting))
        if granted:
            found.append(Bonus(rule.id, rule.per_amount, rule.points, rule.is_repeated, bonus.keys, granted))
    return found


def without_points(earned: Earned) -> Earned:
    """The same purchase earning nothing; it still counts towards levels."""
    lines = tuple(LineEarned(line.key, line.paid, line.counts, 0) for line in earned.lines)
    return Earned(lines, (), earned.tier_points)


# --- what is left after a return ----------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Gone:
    """What returns took of a sale so far: what counted, level points, points earned."""

    spend: int
    tier_points: int
    points: int
    left: Mapping[str, int] = field(default_factory=dict)


def gone_after(earned: Earned, left: Mapping[str, int]) -> Gone:
    """What is gone when of each line's paid amount `left` remains. In proportion to the money, rounded down, so the
    last part settles the rest; extra points are asked for again from what remains. It depends on what remains alone,
    not on the way there: n parts equal one whole.
    """
    spend = points = 0
    left_of: dict[str, int] = {}
    for line in earned.lines:
        back = line.paid - left[line.key]
        gone = line.counts * back // line.paid if line.paid else 0
        left_of[line.key] = line.counts - gone
        spend += gone
        points += line.earned * back // line.paid if line.paid else 0
    for bonus in earned.bonuses:
        remains = min(bonus.points_for(sum(left_of[key] for key in bonus.keys)), bonus.granted)
        points += bonus.granted - remains
    tier = earned.tier_points * spend // earned.spend if earned.spend else 0
    return Gone(spend, tier, points, dict(left))
