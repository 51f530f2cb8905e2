"""What can be asked of sales and what it means: sums over rows, and what follows from them in exact numbers by the
same `Figures` that sales reports use. No engine is needed to read it: the live figures of today share it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.sales.rules.report_terms import By, Figures, share_bp

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

#: What figures can be told by, in the order people are offered it.
TOLD_BY = (
    By.DAY,
    By.WEEK,
    By.MONTH,
    By.WEEKDAY,
    By.HOUR,
    By.STORE,
    By.STAFF,
    By.PRODUCT,
    By.CATEGORY,
    By.BRAND,
    By.CHANNEL,
    By.LEVEL,
    By.NOVELTY,
)


@dataclass(frozen=True, slots=True)
class Sums(Figures):
    """The figures of sales, and of how many profiles: those that bought, of them those that never ordered before the
    period, and those with two orders or more in it."""

    customers: int = 0
    new_customers: int = 0
    repeat_customers: int = 0


#: Sums per unit: pieces, grams and hours are never added.
QUANTITIES = frozenset({"sold_quantity", "returned_quantity"})
PEOPLE = frozenset({"customers", "new_customers", "repeat_customers"})


@dataclass(frozen=True, slots=True)
class Measure:
    """`unit`: money (minor units), count, quantity (`Quantities`), share (basis points). `needs`: the sums it is made
    of. `shows_costs`: only for whoever may see cost prices."""

    code: str
    label: _StrPromise
    unit: str
    needs: tuple[str, ...]
    value: Callable[[Sums], Any]
    shows_costs: bool = False


def _items(sums: Sums) -> Decimal | None:
    """What is weighed or measured is no item."""
    return (sums.counted_quantity / sums.orders).quantize(Decimal("0.01")) if sums.orders else None


_SALES = ("sold_amount", "returned_amount")
_PROFIT = (*_SALES, "tax_amount", "cost")
MEASURES: dict[str, Measure] = {
    measure.code: measure
    for measure in (
        Measure("orders", _("Orders"), "count", ("orders",), lambda s: s.orders),
        Measure("returns", pgettext_lazy("measure", "Returns"), "count", ("returns",), lambda s: s.returns),
        Measure("list", _("At list prices"), "money", ("list_amount",), lambda s: s.list_amount),
        Measure("sold", pgettext_lazy("measure", "Sold"), "money", ("sold_amount",), lambda s: s.sold_amount),
        Measure(
            "discounts", _("Discounts"), "money", ("list_amount", "sold_amount"), lambda s: s.discount_amount
        ),
        Measure(
            "returned",
            pgettext_lazy("money", "Given back"),
            "money",
            ("returned_amount",),
            lambda s: s.returned_amount,
        ),
        Measure("net", _("Net sales"), "money", _SALES, lambda s: s.net_amount),
        Measure("revenue", _("Revenue"), "money", (*_SALES, "tax_amount"), lambda s: s.revenue_amount),
        Measure(
            "quantity",
            _("Quantity"),
            "quantity",
            tuple(sorted(QUANTITIES)),
            lambda s: s.quantity,
        ),
        Measure("cost", _("Cost of goods"), "money", ("cost",), lambda s: s.cost_amount, shows_costs=True),
        Measure("profit", _("Gross profit"), "money", _PROFIT, lambda s: s.profit_amount, shows_costs=True),
        Measure("margin", _("Margin"), "share", _PROFIT, lambda s: s.margin_bp, shows_costs=True),
        Measure("average", _("Per order"), "money", ("orders", "sold_amount"), lambda s: s.average_amount),
        Measure("items", _("Items per order"), "count", ("orders", "counted_quantity"), _items),
        Measure("customers", _("Customers"), "count", ("customers",), lambda s: s.customers),
        Measure("new_customers", _("New customers"), "count", ("new_customers",), lambda s: s.new_customers),
        Measure(
            "returning_customers",
            _("Returning customers"),
            "count",
            ("customers", "new_customers"),
            lambda s: s.customers - s.new_customers,
        ),
        Measure(
            "repeat_rate",
            _("Bought again"),
            "share",
            ("customers", "repeat_customers"),
            lambda s: share_bp(s.repeat_customers, s.customers),
        ),
    )
}
