"""What the room's events and rows are called, what can need approval, and where it hooks into other rooms."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from dianke.core.errors import Conflict
from dianke.core.money import Money
from dianke.events.changes import plain
from dianke.events.registry import register_kind, register_rows
from dianke.inventory.operations.reversing import register_owner
from dianke.sales.models import LineAdjustment, Order, SaleReturn, Stage, Tender
from dianke.sales.operations import approve_order, return_goods
from dianke.sales.operations.approving import APPROVE, APPROVE_OPERATION
from dianke.sales.operations.refunding import REFUND
from dianke.sales.queries.returning import ReturnItem, worth_of
from dianke.work.providers.approvables.rows import found
from dianke.work.registry import Approvable, Line, TaskKind, register_approvable, register_task_kind

_EVENTS = {
    "order_placed": gettext_lazy("Order %(number)s placed"),
    "order_approved": gettext_lazy("Order %(number)s approved"),
    "order_refused": gettext_lazy("Order %(number)s sent back"),
    "order_changed": gettext_lazy("Order %(number)s changed"),
    "order_delivered": gettext_lazy("Goods of order %(number)s delivered"),
    "order_stage_entered": gettext_lazy("Order %(number)s goes on"),
    "order_completed": gettext_lazy("Sale %(number)s completed"),
    "order_returned": gettext_lazy("Return %(number)s of %(order)s"),
    "order_cancelled": gettext_lazy("Order %(number)s cancelled"),
    "payment_taken": gettext_lazy("Payment for %(number)s taken"),
    "payment_started": gettext_lazy("Payment for %(number)s started"),
    "payment_settled": gettext_lazy("Payment for %(number)s not made"),
    "refund_settled": gettext_lazy("Refund of %(number)s heard of"),
    "refund_redirected": gettext_lazy("Refund of %(number)s given another way"),
    "bill_compared": gettext_lazy("Bill of %(day)s compared"),
    "tender_changed": gettext_lazy("Kind of payment “%(code)s” changed"),
    "stage_set": gettext_lazy("Stage of orders “%(code)s” set"),
    "credit_set": gettext_lazy("Credit of a customer set"),
}
_SHOWN_LINES = 12


def _shown(amount: int, currency: str) -> str:
    return Money.from_minor(amount, currency).format(get_language() or "zh-hans")


# --- approving an order ---------------------------------------------------------------------------------------
def _order(data: Mapping[str, Any], lock: bool) -> dict[str, Any]:
    return {"order": found(Order, data["order"], lock)}


def _by_hand(order: Order) -> int:
    """What was taken off by hand."""
    rows = LineAdjustment.objects.filter(line__order=order, stage="MANUAL")
    return -int(rows.aggregate(sum=Sum("amount"))["sum"] or 0)


def _order_lines(arguments: Mapping[str, Any]) -> list[Line]:
    order: Order = arguments["order"]
    rows = list(order.lines.order_by("position"))
    shown = [
        Line(row.name, f"{row.quantity.normalize():f} · {_shown(row.paid_amount, order.currency)}")
        for row in rows[:_SHOWN_LINES]
    ]
    if len(rows) > _SHOWN_LINES:
        shown.append(Line(_("More lines"), str(len(rows) - _SHOWN_LINES)))
    return [
        Line(_("For store"), order.store.name),
        Line(_("Total"), _shown(order.total_amount, order.currency)),
        Line(_("Taken off by hand"), _shown(_by_hand(order), order.currency)),
        *shown,
    ]


def _order_state(arguments: Mapping[str, Any]) -> Any:
    order: Order = arguments["order"]
    rows = order.lines.order_by("position").values_list(
        "variant_id", "quantity", "list_amount", "paid_amount"
    )
    whole = [order.revision, order.customer_id, order.total_amount]
    return [[plain(value) for value in row] for row in (whole, *rows)]


def _yuan(amount: int, currency: str) -> Decimal:
    return Money.from_minor(amount, currency).amount


# --- approving a return ---------------------------------------------------------------------------------------
class ExchangeApart(Conflict):
    code = "exchange_needs_return_first"
    message = gettext_lazy(
        "This refund needs a second person. Take the goods back first, and sell the others by a sale of their own."
    )


def _pack_return(a: Mapping[str, Any]) -> dict[str, Any]:
    if a.get("exchange") is not None:
        raise ExchangeApart
    return {
        "order": a["order"].pk,
        "uuid": str(a["uuid"]),
        "items": [[item.line_id, str(item.quantity), item.is_restocked] for item in a["items"]],
        "reason": a["reason"],
        "policy": a.get("policy", "RECOMPUTE"),
        "points_policy": a.get("points_policy", ""),
        "has_receipt": a.get("has_receipt", True),
    }


def _unpack_return(data: Mapping[str, Any], lock: bool) -> dict[str, Any]:
    return {
        "order": found(Order, data["order"], lock),
        "uuid": UUID(data["uuid"]),
        "items": tuple(
            ReturnItem(pk, Decimal(quantity), restocked) for pk, quantity, restocked in data["items"]
        ),
        "reason": data["reason"],
        "policy": data["policy"],
        "points_policy": data["points_policy"],
        "has_receipt": data["has_receipt"],
    }


def _refund(arguments: Mapping[str, Any]) -> Decimal:
    """What the goods had cost; what goes into goods taken instead does not count."""
    order: Order = arguments["order"]
    exchange = arguments.get("exchange")
    instead = (exchange.expected_amount or 0) if exchange is not None else 0
    return _yuan(max(worth_of(order, arguments["items"]) - instead, 0), order.currency)


def _return_lines(arguments: Mapping[str, Any]) -> list[Line]:
    order: Order = arguments["order"]
    names = dict(order.lines.values_list("pk", "name"))
    return [
        Line(_("Order"), order.number),
        Line(_("Reason"), arguments["reason"]),
        *(Line(names[i.line_id], f"{i.quantity.normalize():f}") for i in arguments["items"][:_SHOWN_LINES]),
    ]


def register() -> None:
    """Called once, when the apps are ready."""
    register_owner("sales.", pgettext_lazy("what stock documents belong to", "a sale"))
    for code, label in _EVENTS.items():
        register_kind(f"sales.{code}", label)
    register_rows("sales.order", Order.objects.visible_to, "number")
    register_rows("sales.salereturn", SaleReturn.objects.visible_to, "number")
    register_rows("sales.tender", Tender.objects.visible_to, "name")
    register_rows("sales.stage", Stage.objects.visible_to, "name")
    register_task_kind(TaskKind("order", gettext_lazy("Work on an order"), "shopping-bag", is_manual=False))
    register_approvable(
        Approvable(
            operation=APPROVE_OPERATION,
            label=gettext_lazy("Approve an order"),
            permission=APPROVE,
            run=approve_order,
            pack=lambda a: {"order": a["order"].pk},
            unpack=_order,
            summary=lambda a: (
                _("Order %(number)s: %(total)s")
                % {
                    "number": a["order"].number,
                    "total": _shown(a["order"].total_amount, a["order"].currency),
                }
            ),
            lines=_order_lines,
            state=_order_state,
            subject=lambda a: f"sales.order:{a['order'].pk}",
            store_id=lambda a: a["order"].store_id,
            amount=lambda a: _yuan(_by_hand(a["order"]), a["order"].currency),
            amount_label=gettext_lazy("taken off by hand"),
            suggested_limit=Decimal(500),
            icon="shopping-bag",
        )
    )
    register_approvable(
        Approvable(
            operation="sales.return_goods",
            label=gettext_lazy("Take goods back"),
            permission=REFUND,
            run=return_goods,
            pack=_pack_return,
            unpack=_unpack_return,
            summary=lambda a: _("Return of order %(number)s") % {"number": a["order"].number},
            lines=_return_lines,
            state=lambda a: [a["order"].returned_amount, a["order"].paid_amount, a["order"].earned_amount],
            subject=lambda a: f"sales.order:{a['order'].pk}",
            store_id=lambda a: a["order"].store_id,
            amount=_refund,
            amount_label=gettext_lazy("worth of the goods"),
            suggested_limit=Decimal(1_000),
            icon="arrow-back-up",
        )
    )
