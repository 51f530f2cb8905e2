"""From a draft to an order that may be sent: at once below the limit of the policy, else by a second person."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged
from dianke.purchasing.models import PurchaseOrder
from dianke.purchasing.operations.orders import (
    APPROVE_OPERATION,
    MAKE,
    OrderEmpty,
    OrderNotDraft,
    OrderNotOpen,
    locked,
    overtake_approvals,
)
from dianke.work.operations.approvals import request_approval
from dianke.work.operations.policies import approvable_named, policy_asking

APPROVE = "purchasing.approve_orders"


class ReasonForApprovalMissing(InvalidInput):
    code = "purchase_approval_reason_missing"
    message = _("This order needs a second person. Say why it is needed, so that they need not ask.")
    default_field = "reason"


class OrderNotWaiting(Conflict):
    code = "purchase_order_not_waiting"
    message = _("Order %(number)s is “%(state)s” and waits for no approval. Load the page again.")


@operation(MAKE)
def submit_order(*, order: PurchaseOrder, reason: str = "", actor: Actor, now: datetime) -> PurchaseOrder:
    """Hand a draft in: it is approved at once, or, where a policy asks for a second person, waits until somebody with
    `purchasing.approve_orders` decides. Handing it in again does nothing.

    Raises `OrderNotDraft`, `OrderEmpty`, `ReasonForApprovalMissing`, and of the approvals `NobodyCanDecide`.
    """
    actor.require(MAKE, store_id=order.store_id)
    order = locked(order)
    states = PurchaseOrder.State
    if order.state in (states.WAITING, states.APPROVED):
        unchanged()
        return order
    if not order.may_be_changed:
        raise OrderNotDraft(number=order.number, state=order.get_state_display())
    if not order.lines.exists():
        raise OrderEmpty
    asks = not actor.is_system and policy_asking(approvable_named(APPROVE_OPERATION), {"order": order})
    if asks:
        if not reason.strip():
            raise ReasonForApprovalMissing
        apply_changes(order, {"state": states.WAITING})
        # Whoever makes orders asks; only whoever approves them must hold the permission to.
        request_approval(
            operation=APPROVE_OPERATION,
            arguments={"order": order.pk},
            reason=reason,
            actor=actor.as_system(),
            now=now,
        )
    else:
        apply_changes(order, {"state": states.APPROVED, "approved_by_id": actor.user_id, "approved_at": now})
    record(
        "purchasing.order_submitted",
        order,
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "state": order.state, "total": str(order.total_amount)},
    )
    return order


@operation(APPROVE)
def approve_order(*, order: PurchaseOrder, actor: Actor, now: datetime) -> PurchaseOrder:
    """Approve an order that waits; what a decided request runs. Raises `OrderNotWaiting`."""
    actor.require(APPROVE, store_id=order.store_id)
    order = locked(order)
    if order.state != PurchaseOrder.State.WAITING:
        raise OrderNotWaiting(number=order.number, state=order.get_state_display())
    apply_changes(
        order,
        {"state": PurchaseOrder.State.APPROVED, "approved_by_id": actor.user_id, "approved_at": now},
    )
    record(
        "purchasing.order_approved",
        order,
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number},
    )
    return order


@operation(MAKE)
def take_back_order(*, order: PurchaseOrder, actor: Actor, now: datetime) -> PurchaseOrder:
    """Make a draft again of an order that waits or was approved and is not sent; a pending request is closed. Raises
    `OrderNotOpen`."""
    actor.require(MAKE, store_id=order.store_id)
    order = locked(order)
    states = PurchaseOrder.State
    if order.state == states.DRAFT:
        unchanged()
        return order
    if order.state not in (states.WAITING, states.APPROVED):
        raise OrderNotOpen(number=order.number, state=order.get_state_display())
    overtake_approvals(order, actor, now)
    changes = apply_changes(order, {"state": states.DRAFT, "approved_by_id": None, "approved_at": None})
    record(
        "purchasing.order_taken_back",
        order,
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "from": changes["state"][0]},
    )
    return order


@operation(None)
def reopen_refused_order(*, order: PurchaseOrder, actor: Actor, now: datetime) -> PurchaseOrder:
    """The request came to nothing (refused, withdrawn, expired): the order is a draft again."""
    order = locked(order)
    if order.state != PurchaseOrder.State.WAITING:
        unchanged()
        return order
    apply_changes(order, {"state": PurchaseOrder.State.DRAFT})
    record(
        "purchasing.order_taken_back",
        order,
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "from": "WAITING"},
    )
    return order
