"""How orders end: closed when everything is done, or cancelled before anything left; with what becomes of
the money held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict
from dianke.events.operations import operation, record, step, unchanged
from dianke.inventory import operations as stock
from dianke.promotions.operations.giving_back import give_back
from dianke.sales.models import Order, OrderLine, Payment
from dianke.sales.operations import books
from dianke.sales.operations.approving import States, WhyMissing, overtake_approvals, set_state
from dianke.sales.operations.deliveries import call_off_all
from dianke.sales.operations.fulfilling import earned_points
from dianke.sales.operations.locking import locked, refuse
from dianke.sales.operations.ordering import kept_as
from dianke.sales.operations.refunding import REFUND, Drawer, make_refunds
from dianke.sales.operations.selling import SELL, shown
from dianke.sales.queries.refunds import sources_of
from dianke.sales.rules.forfeiting import forfeited
from dianke.sales.rules.refunds import plan as plan_refund
from dianke.sales.rules.states import may_be_cancelled, may_be_fulfilled

CANCELLED, CLOSED = "sales.cancelled", "sales.closed"


@operation(SELL)
def close_order(*, order: Order, reason: str = "", actor: Actor, now: datetime) -> Order:
    """End an order whose goods were delivered and paid. What was not delivered is given up with a reason, and what was
    paid for it goes back. Raises `StillOwed`, `WhyMissing`, `OrderNotOpen`."""
    actor.require(SELL, store_id=order.store_id)
    order = locked(order=order)
    if order.state == States.CLOSED:
        unchanged()
        return order
    lines = list(order.lines.select_for_update().order_by("pk"))
    rest = any(line.open_quantity for line in lines)
    if not may_be_fulfilled(order.state) or not any(line.fulfilled_quantity for line in lines):
        raise refuse(order)
    if order.position.receivable:
        raise StillOwed(open=shown(order.position.receivable), number=order.number)
    if rest:
        if not reason.strip():
            raise WhyMissing
        actor.require(REFUND, store_id=order.store_id)
        call_off_all(order, reason, actor, now)
        kept = [kept_as(order, line) for line in lines if line.open_quantity]
        stock.release(references=kept, actor=actor, now=now)
        _refund_rest(order, order.position.deposit, 0, CLOSED, Drawer(), actor, now, lines)
    set_state(order, States.CLOSED, actor, now, closed_reason=reason.strip()[:200])
    record(
        "sales.order_completed",
        order,
        also=[order.customer] if order.customer else [],
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "is_whole": not rest},
    )
    return order


@operation(SELL)
def cancel_order(
    *,
    order: Order,
    reason: str,
    is_customers_fault: bool = True,
    drawer: Drawer | None = None,
    actor: Actor,
    now: datetime,
) -> Order:
    """End an order of which nothing was delivered. Of earnest money so much is lost as the rule says when the customer
    withdraws; the rest, and every prepayment, goes back the way it came. Raises `WhyMissing`, `OrderHasDeliveries`,
    `PaymentUnderWay`, `OrderNotOpen`."""
    actor.require(SELL, store_id=order.store_id)
    if not reason.strip():
        raise WhyMissing
    order = locked(order=order)
    if order.state == States.CANCELLED:
        unchanged()
        return order
    lines = list(order.lines.select_for_update().order_by("pk"))
    if any(line.fulfilled_quantity for line in lines):
        raise OrderHasDeliveries(number=order.number)
    if not may_be_cancelled(order.state):
        raise refuse(order)
    waiting = [Payment.State.PENDING, Payment.State.UNKNOWN]
    if order.payments.filter(state__in=waiting).exists():
        raise PaymentUnderWay(number=order.number)
    if order.position.deposit:
        actor.require(REFUND, store_id=order.store_id)
    overtake_approvals(order, actor, now)
    call_off_all(order, reason, actor, now)
    kept = [kept_as(order, line) for line in lines]
    stock.release(references=kept, actor=actor, now=now)
    lost = forfeited(
        kind=order.deposit_kind,
        deposit=order.position.deposit,
        agreed=order.deposit_amount,
        total=order.total_amount,
        is_customers_fault=is_customers_fault,
    )
    _refund_rest(order, order.position.deposit - lost, lost, CANCELLED, drawer or Drawer(), actor, now)
    give_back(reference=order.revision_key, own_reference=f"{order.key}/cancel", actor=actor, now=now)
    set_state(order, States.CANCELLED, actor, now, closed_reason=reason.strip()[:200])
    record(
        "sales.order_cancelled",
        order,
        also=[order.customer] if order.customer else [],
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "forfeited": str(lost)},
    )
    return order


@step
def _refund_rest(
    order: Order,
    amount: int,
    lost: int,
    kind: str,
    drawer: Drawer,
    actor: Actor,
    now: datetime,
    lines: Sequence[OrderLine] = (),
) -> None:
    """Give a deposit back, less what of it is lost; with `lines`, what was delivered earns its points now."""
    business_date = order.store.business_date(now)
    reference = f"{order.key}/end"
    parts = plan_refund(amount, sources_of(order, today=business_date))
    money = make_refunds(
        order=order,
        parts=parts,
        exchange_amount=0,
        sale_return=None,
        reference=reference,
        drawer=drawer,
        business_date=business_date,
        actor=actor,
        now=now,
    )
    books.post(
        order=order,
        moved=books.Moved(money=money, forfeited=lost),
        kind=kind,
        reference=reference,
        business_date=business_date,
        more=earned_points(order, lines, actor, now) if lines else (),
        actor=actor,
        now=now,
    )
    order.save(update_fields=["paid_amount", "forfeited_amount", "earned_points"])


class OrderHasDeliveries(Conflict):
    code = "order_has_deliveries"
    message = _(
        "Something of order %(number)s was delivered. Take the goods back, or close the order: the rest is given up."
    )


class PaymentUnderWay(Conflict):
    code = "order_payment_under_way"
    message = _("A payment for order %(number)s is under way. Ask its channel first, then cancel.")


class StillOwed(Conflict):
    code = "order_still_owed"
    message = _("%(open)s of order %(number)s are not paid. Take the payment first.")
