"""Who has to agree to an order, and the states it goes through: at once below the limit of the policy, else by a second
person."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, record, step, unchanged
from dianke.sales.models import Order, OrderChange
from dianke.sales.operations.locking import locked, refuse
from dianke.sales.operations.selling import SELL
from dianke.sales.queries.fixed_prices import prices_kept_until
from dianke.work.models import Approval
from dianke.work.operations.approvals import request_approval, set_overtaken
from dianke.work.operations.policies import approvable_named, policy_asking

APPROVE = "sales.approve_orders"
APPROVE_OPERATION = "sales.approve_order"
States = Order.State


@step
def submit(order: Order, reason: str, actor: Actor, now: datetime) -> None:
    """Approve at once where no policy asks for a second person; else ask."""
    asks = not actor.is_system and policy_asking(approvable_named(APPROVE_OPERATION), {"order": order})
    if asks:
        if not reason.strip():
            raise WhyMissing
        request_approval(
            operation=APPROVE_OPERATION,
            arguments={"order": order.pk},
            reason=reason,
            actor=actor.as_system(),
            now=now,
        )
        return
    set_state(order, States.APPROVED, actor, now, approved_by_id=actor.user_id, approved_at=now)


@operation(SELL)
def submit_order(*, order: Order, reason: str = "", actor: Actor, now: datetime) -> Order:
    """Place a draft (a quote the customer took). Raises `WhyMissing` where a second person has to agree,
    `OrderNotOpen`."""
    actor.require(SELL, store_id=order.store_id)
    order = locked(order=order)
    if order.state in (States.PLACED, States.APPROVED):
        unchanged()
        return order
    if order.state != States.DRAFT:
        raise refuse(order)
    kept_until = prices_kept_until(order)
    if kept_until is not None and now > kept_until:
        raise DayPricesOver(number=order.number)
    set_state(order, States.PLACED, actor, now)
    submit(order, reason, actor, now)
    record(
        "sales.order_placed",
        order,
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "total": str(order.total_amount), "state": order.state},
    )
    return order


@operation(APPROVE)
def approve_order(*, order: Order, actor: Actor, now: datetime) -> Order:
    """Approve an order that waits; what a decided request runs. Raises `OrderNotWaiting`."""
    actor.require(APPROVE, store_id=order.store_id)
    order = locked(order=order)
    if order.state != States.PLACED:
        raise OrderNotWaiting(number=order.number, state=order.get_state_display())
    set_state(order, States.APPROVED, actor, now, approved_by_id=actor.user_id, approved_at=now)
    record(
        "sales.order_approved",
        order,
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number},
    )
    return order


@operation(APPROVE)
def refuse_order(*, order: Order, reason: str, actor: Actor, now: datetime) -> Order:
    """Send an order that waits back to its maker: a draft again. Raises `OrderNotWaiting`, `WhyMissing`."""
    actor.require(APPROVE, store_id=order.store_id)
    if not reason.strip():
        raise WhyMissing
    order = locked(order=order)
    if order.state != States.PLACED:
        raise OrderNotWaiting(number=order.number, state=order.get_state_display())
    overtake_approvals(order, actor, now)
    set_state(order, States.DRAFT, actor, now, note=reason.strip()[:200])
    record(
        "sales.order_refused",
        order,
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number},
    )
    return order


@operation(None)
def reopen_refused_order(*, order: Order, actor: Actor, now: datetime) -> Order:
    """The request came to nothing (refused, withdrawn, expired): the order is a draft again."""
    order = locked(order=order)
    if order.state != States.PLACED:
        unchanged()
        return order
    set_state(order, States.DRAFT, actor, now)
    record(
        "sales.order_refused",
        order,
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number},
    )
    return order


@step
def overtake_approvals(order: Order, actor: Actor, now: datetime) -> None:
    """Close requests to approve an order that is not what was asked for any more."""
    waiting = Approval.objects.filter(
        subject=f"sales.order:{order.pk}",
        operation=APPROVE_OPERATION,
        outcome=Approval.Outcome.PENDING,
    )
    for approval in waiting.order_by("pk"):
        set_overtaken(approval=approval, actor=actor.as_system(), now=now)


@step
def set_state(
    order: Order, state: str, actor: Actor, now: datetime, *, note: str = "", **values: Any
) -> None:
    """Take the order to a state and keep what it was. Ends and approvals bring their values along."""
    before = order.state
    order.state = state
    if state in (States.CLOSED, States.CANCELLED):
        values.setdefault("closed_at", now)
    for name, value in values.items():
        setattr(order, name, value)
    order.save(update_fields=["state", *values])
    OrderChange.objects.create(
        order=order,
        kind=OrderChange.Kind.STATE,
        before=before,
        after=state,
        data={"note": note} if note else {},
        at=now,
        user_id=actor.user_id,
    )


class DayPricesOver(Conflict):
    code = "order_day_prices_over"
    message = _(
        "The prices of the day in %(number)s are not kept any more. Work its lines out again, then make an order of it."
    )


class OrderNotWaiting(Conflict):
    code = "order_not_waiting"
    message = _("Order %(number)s is “%(state)s” and waits for no approval. Load the page again.")


class WhyMissing(InvalidInput):
    code = "sales_reason_missing"
    message = _("Say why. The reason stays with the order.")
    default_field = "reason"
