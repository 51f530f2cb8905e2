"""Approving a purchase order: what a second person sees and decides, from the limit of the policy on."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from dianke.core.money import Money
from dianke.events.changes import plain
from dianke.purchasing.models import PurchaseOrder
from dianke.purchasing.operations.approving import APPROVE, approve_order
from dianke.purchasing.operations.orders import APPROVE_OPERATION
from dianke.work.providers.approvables.rows import found
from dianke.work.registry import Approvable, Line, register_approvable

_SHOWN_LINES = 12


def _unpack(data: Mapping[str, Any], lock: bool) -> dict[str, Any]:
    return {"order": found(PurchaseOrder, data["order"], lock)}


def _total(order: PurchaseOrder) -> str:
    return Money.from_minor(order.total_amount, order.currency).format(get_language() or "zh-hans")


def _lines(arguments: Mapping[str, Any]) -> list[Line]:
    order: PurchaseOrder = arguments["order"]
    rows = list(order.lines.select_related("variant__product").order_by("position"))
    shown = [Line(str(row.variant), f"{row.quantity.normalize():f}") for row in rows[:_SHOWN_LINES]]
    if len(rows) > _SHOWN_LINES:
        shown.append(Line(_("More lines"), str(len(rows) - _SHOWN_LINES)))
    return [
        Line(_("Supplier"), order.supplier.name),
        Line(_("For store"), order.store.name),
        Line(_("Expected on"), f"{order.expected_date:%Y-%m-%d}"),
        Line(_("Total"), _total(order)),
        *shown,
    ]


def _state(arguments: Mapping[str, Any]) -> Any:
    """What was asked for: the order and every line of it. The state is not part: asking sets it."""
    order: PurchaseOrder = arguments["order"]
    names = ("variant_id", "quantity", "price_amount", "pack_quantity", "tax_rate_bp")
    rows = order.lines.order_by("position").values_list(*names)
    whole = [order.revision, order.supplier_id, order.total_amount, order.currency, order.expected_date]
    return [[plain(value) for value in row] for row in (whole, *rows)]


def _amount(arguments: Mapping[str, Any]) -> Decimal:
    order: PurchaseOrder = arguments["order"]
    return Money.from_minor(order.total_amount, order.currency).amount * order.exchange_rate


def register() -> None:
    """Called once, when the app is ready."""
    register_approvable(
        Approvable(
            operation=APPROVE_OPERATION,
            label=gettext_lazy("Order from a supplier"),
            permission=APPROVE,
            run=approve_order,
            pack=lambda a: {"order": a["order"].pk},
            unpack=_unpack,
            summary=lambda a: (
                _("Order %(number)s: %(total)s from %(supplier)s")
                % {
                    "number": a["order"].number,
                    "total": _total(a["order"]),
                    "supplier": a["order"].supplier.short_name,
                }
            ),
            lines=_lines,
            state=_state,
            subject=lambda a: f"purchasing.purchaseorder:{a['order'].pk}",
            store_id=lambda a: a["order"].store_id,
            amount=_amount,
            amount_label=gettext_lazy("total"),
            suggested_limit=Decimal(10_000),
            icon="truck",
        )
    )
