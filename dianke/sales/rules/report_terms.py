"""What the figures of sales reports mean, and which days a report compares: pure.

Every report, page, file and interface takes its figures from `Figures`; `docs/algorithms/sales-figures.md` tells them
in words. Amounts are minor units, tax included unless it says otherwise.
"""

from __future__ import annotations

import enum
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput
from dianke.sales.rules.quantities import NOTHING, Quantities

#: More days than this no page shows; a file of years is made month by month.
MOST_DAYS = 800
WHOLE_BP = 10_000


class PeriodWrong(InvalidInput):
    code = "report_period_wrong"
    message = _("A report needs a first and a last day, at most %(days)s days apart. Correct the days.")
    default_field = "from"


class By(enum.StrEnum):
    """What a report is told by."""

    HOUR = "hour"
    WEEKDAY = "weekday"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    STORE = "store"
    PRODUCT = "product"
    CATEGORY = "category"
    BRAND = "brand"
    STAFF = "staff"
    CHANNEL = "channel"
    TENDER = "tender"
    NOVELTY = "novelty"
    LEVEL = "level"
    TAG = "tag"


TIMES = frozenset({By.HOUR, By.WEEKDAY, By.DAY, By.WEEK, By.MONTH})
#: Of these the same key means the same a period before; days of another period are other days.
LASTING = frozenset(By) - {By.DAY, By.WEEK, By.MONTH}


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over rows of the turnover. Sold and returned stand apart; everything else is what is left of both.

    `orders` counts papers with something sold, `returns` papers with something given back. `cost` is yuan. What is no
    product (a fee) has no unit and no quantity; `counted_quantity` is what was sold by the piece, box or pair, not by
    weight or measure.
    """

    orders: int = 0
    returns: int = 0
    list_amount: int = 0
    sold_amount: int = 0
    returned_amount: int = 0
    tax_amount: int = 0
    cost: Decimal = Decimal(0)
    counted_quantity: Decimal = Decimal(0)
    sold_quantity: Quantities = NOTHING
    returned_quantity: Quantities = NOTHING

    @property
    def quantity(self) -> Quantities:
        """What customers kept, in each unit."""
        return self.sold_quantity - self.returned_quantity

    @property
    def discount_amount(self) -> int:
        """What was sold below list price, by whatever reason."""
        return self.list_amount - self.sold_amount

    @property
    def net_amount(self) -> int:
        """What customers paid for what they kept."""
        return self.sold_amount - self.returned_amount

    @property
    def revenue_amount(self) -> int:
        """Without tax: what the ledger calls revenue."""
        return self.net_amount - self.tax_amount

    @property
    def cost_amount(self) -> int:
        return int((self.cost * 100).quantize(Decimal(1), ROUND_HALF_UP))

    @property
    def profit_amount(self) -> int:
        return self.revenue_amount - self.cost_amount

    @property
    def margin_bp(self) -> int | None:
        """Profit of revenue in basis points; None where nothing was earned."""
        return share_bp(self.profit_amount, self.revenue_amount)

    @property
    def average_amount(self) -> int | None:
        """What an order came to."""
        return round(self.sold_amount / self.orders) if self.orders else None

    @property
    def is_nothing(self) -> bool:
        return self == Figures()

    def minus(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(self)))

    def plus(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


#: Counts of papers are no sums: an order with two products is one order.
_COUNTS = ("orders", "returns")


def rest_of(whole: Figures, parts: Iterable[Figures]) -> Figures:
    """What the parts do not tell, so that parts and rest come to the whole; papers are left out. Below zero where a
    sale counts in several groups."""
    together = Figures()
    for part in parts:
        together = together.plus(part)
    rest = whole.minus(together)
    values = {f.name: getattr(rest, f.name) for f in fields(rest) if f.name not in _COUNTS}
    return Figures(**values)


def share_bp(part: int, whole: int) -> int | None:
    """A part of a whole in basis points, halves away from zero; None of nothing or of less than nothing."""
    if whole <= 0:
        return None
    bp = (2 * abs(part) * WHOLE_BP + whole) // (2 * whole)
    return bp if part >= 0 else -bp


def change_percent(now: int, before: int) -> int | None:
    """By how many percent it rose (+) or fell; None where there was nothing before."""
    if before <= 0:
        return None
    return int((Decimal(now - before) * 100 / before).quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both ends included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if not 0 <= (self.last - self.first).days < MOST_DAYS:
            raise PeriodWrong(days=MOST_DAYS)

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


class Preset(enum.StrEnum):
    TODAY = "today"
    YESTERDAY = "yesterday"
    WEEK = "week"
    MONTH = "month"
    LAST_MONTH = "last_month"
    YEAR = "year"
    CUSTOM = "custom"


def span_of(preset: Preset, today: date) -> Span:
    """The days of a preset as of today; `CUSTOM` is today."""
    if preset is Preset.YESTERDAY:
        return Span(today - timedelta(days=1), today - timedelta(days=1))
    if preset is Preset.WEEK:
        return Span(today - timedelta(days=today.weekday()), today)
    if preset is Preset.MONTH:
        return Span(today.replace(day=1), today)
    if preset is Preset.LAST_MONTH:
        last = today.replace(day=1) - timedelta(days=1)
        return Span(last.replace(day=1), last)
    if preset is Preset.YEAR:
        return Span(today.replace(month=1, day=1), today)
    return Span(today, today)


def before(span: Span, preset: Preset) -> Span:
    """The period to compare with: the same days of the week or month before, whole months with whole months, else as
    many days right before."""
    if preset is Preset.WEEK:
        return Span(span.first - timedelta(days=7), span.last - timedelta(days=7))
    if preset in (Preset.MONTH, Preset.LAST_MONTH):
        end = span.first - timedelta(days=1)
        begin = end.replace(day=1)
        if preset is Preset.LAST_MONTH:
            return Span(begin, end)
        return Span(begin, min(end, begin + timedelta(days=span.days - 1)))
    if preset is Preset.YEAR:
        return year_before(span)
    return Span(span.first - timedelta(days=span.days), span.first - timedelta(days=1))


def year_before(span: Span) -> Span:
    """The same days a year ago; the 29th of February is the 28th."""
    return Span(_year_ago(span.first), _year_ago(span.last))


def _year_ago(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, monthrange(day.year - 1, day.month)[1]))
