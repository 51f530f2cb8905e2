"""Findings of the rules that are said to people: a code with values, worded in the language of whoever reads it.

Rows keep them as JSON (`as_data`), so that a plan made by a buyer in Chinese reads in English too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import Text
from dianke.core.money import Money

#: Every sentence, by code. Quantities are in the product's stock unit.
TEXTS: dict[str, Text] = {
    # --- what to buy ---
    "stock": _("%(on_hand)s in stock, %(reserved)s of it promised, %(on_order)s on order."),
    "demand_by_weekday": _(
        "About %(demand)s will be needed in %(days)s days, as sold on the same weekdays of the last %(weeks)s weeks."
    ),
    "demand_short_history": _(
        "About %(demand)s will be needed in %(days)s days, from only %(known)s days of sales; a rough guess."
    ),
    "demand_unknown": _("Too little was sold to say what will be needed."),
    "demand_other": _("About %(demand)s will be needed in %(days)s days, by the forecast “%(method)s”."),
    "days": _("%(lead)s days until it comes and %(review)s days until the next order."),
    "safety_set": _("A reserve of %(safety)s is set for it."),
    "safety_calculated": _("A reserve of %(safety)s, because sales vary from day to day."),
    "enough": _("%(available)s are available for %(target)s wanted: nothing to buy."),
    "short": _("%(target)s wanted, %(available)s available: %(short)s are missing."),
    "minimum": _("Raised to the least the supplier sells: %(minimum)s."),
    "pack": _("Rounded up to whole packs of %(pack)s."),
    "lasts": _("That lasts about %(days)s days."),
    "capped_by_maximum": _("Lowered to %(quantity)s: no more than %(maximum)s shall lie here."),
    "capped_by_shelf_life": _(
        "Lowered to %(quantity)s: more would not be sold in %(days)s days of shelf life."
    ),
    "minimum_above_cap": _("The supplier's minimum is more than shall lie here; decide yourself."),
    "no_supplier": _("No supplier has a price for it. Enter one first."),
    "supplier_only": _("%(supplier)s is the only one who sells it."),
    "supplier_preferred": _("%(supplier)s is set as its supplier."),
    "supplier_in_time": _("%(supplier)s delivers in %(lead)s days, before the stock runs out."),
    "supplier_cheapest": _("%(supplier)s is the cheapest for this quantity: %(price)s per unit."),
    "supplier_cheapest_hidden": _("%(supplier)s is the cheapest for this quantity."),
    "supplier_rated": _("%(supplier)s costs about as much as the cheapest and is rated better."),
    "supplier_faster": _("%(supplier)s costs about as much as the cheapest and delivers sooner."),
    "supplier_paid_differently": _("Others sell in another currency and were not compared."),
    "comes_late": _("It will run out about %(days)s days before it comes."),
    # --- an invoice against order and receipts ---
    "invoice_agrees": _("Order, receipts and invoice agree."),
    "invoice_more_than_received": _("%(invoiced)s are invoiced, %(received)s came and were kept."),
    "invoice_price_differs": _("The invoice asks %(invoiced)s, the order says %(ordered)s."),
    "invoice_not_ordered": _("It is on no order."),
    "invoice_tax_differs": _("The invoice has %(invoiced)s tax, the order %(ordered)s."),
    "invoice_total_differs": _("The lines add up to %(lines)s, the invoice says %(total)s."),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding. `values` may hold Decimals, ints, dates, Money and texts."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        text: Any = TEXTS[self.code]
        return str(
            text % {name: shown(value) for name, value in self.values.items()} if self.values else text
        )

    def as_data(self) -> dict[str, Any]:
        """JSON: amounts and quantities as text, money as `{"amount", "currency"}`."""
        return {"code": self.code, "values": {name: _plain(value) for name, value in self.values.items()}}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Reason:
        values = {name: _back(value) for name, value in data["values"].items()}
        return cls(str(data["code"]), values)


#: What is said instead to who may not see what goods cost.
_HIDDEN = {"supplier_cheapest": "supplier_cheapest_hidden"}


def sentences(data: Sequence[Mapping[str, Any]], *, shows_costs: bool = True) -> list[str]:
    """What a row keeps, in the active language; without prices unless `shows_costs`. A code this version does not know
    is left out."""
    found = [Reason.from_data(each) for each in data if each.get("code") in TEXTS]
    if shows_costs:
        return [str(reason) for reason in found]
    return [str(Reason(_HIDDEN.get(reason.code, reason.code), reason.values)) for reason in found]


def quantity_text(quantity: Decimal) -> str:
    """A quantity without trailing zeros: 12.5000 reads "12.5", 100 reads "100"."""
    return f"{quantity.normalize():f}"


def percent_text(basis_points: int) -> str:
    """1300 reads "13%"."""
    return f"{(Decimal(basis_points) / 100).normalize():f}%"


def shown(value: Any) -> str:
    if isinstance(value, Decimal):
        return quantity_text(value)
    if isinstance(value, Money):
        return value.format(get_language() or "zh-hans")
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return {"amount": str(value.amount), "currency": value.currency}
    if isinstance(value, Decimal):
        return quantity_text(value)
    return value.isoformat() if isinstance(value, date) else value


def _back(value: Any) -> Any:
    return Money(value["amount"], value["currency"]) if isinstance(value, dict) else value
