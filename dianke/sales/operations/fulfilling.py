"""Orders on their way: stages with their gates and tasks, goods that leave and so earn their money, and the
end of an order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, record, step, unchanged
from dianke.inventory import operations as stock
from dianke.inventory.models import Reservation
from dianke.inventory.operations import Wanted
from dianke.ledger.operations import Draft
from dianke.loyalty.operations.selling import note_sale, plan_sale
from dianke.loyalty.queries.standing import cluster_of
from dianke.loyalty.rules.earning import SaleLine
from dianke.sales.models import Delivery, EarnedLine, LineIssue, Order, OrderChange, OrderLine, Stage
from dianke.sales.operations import books, credit
from dianke.sales.operations.leaving import Leaving, Left, let_go
from dianke.sales.operations.locking import locked, refuse
from dianke.sales.operations.ordering import kept_as
from dianke.sales.operations.selling import SELL, NotPaidInFull, shown
from dianke.sales.queries.deliveries import planned_quantities
from dianke.sales.queries.goods import Goods, known
from dianke.sales.rules.positions import step_of
from dianke.sales.rules.states import may_be_fulfilled

DELIVER = "sales.deliver_orders"
FULFILLED = "sales.fulfilled"
States = Order.State
Gate = Stage.Gate


class QuantityTooMuch(InvalidInput):
    code = "fulfil_quantity_too_much"
    message = _("Of “%(name)s” %(open)s are still to be delivered. Lower the quantity.")
    default_field = "items"


class PlannedForDelivery(Conflict):
    code = "fulfil_planned_for_delivery"
    message = _(
        "%(planned)s of “%(name)s” are planned with a delivery. Hand them over there, or call that delivery off first."
    )
    default_field = "items"


class NothingToDeliver(Conflict):
    code = "order_nothing_to_deliver"
    message = _("Everything of order %(number)s was delivered already.")


@dataclass(frozen=True, slots=True)
class Delivered:
    """So much of a line leaves now; of goods kept by batches or pieces, which."""

    line_id: int
    quantity: Decimal
    piece_id: int | None = None
    batch_id: int | None = None


@operation(None)
def fulfil(
    *,
    order: Order,
    uuid: UUID,
    items: Sequence[Delivered] | None = None,
    is_planned: bool = False,
    actor: Actor,
    now: datetime,
) -> Order:
    """Goods of an order leave, all that is open or these; their worth is earned: the deposit pays for it,
    what it does not cover is owed, as far as the customer may. Under a `uuid` that was used nothing happens
    again. What deliveries carry is left to them: they call this with `is_planned`. What stays open of goods that
    were kept stays kept.

    Raises `OrderNotOpen`, `QuantityTooMuch`, `NothingToDeliver`, `PlannedForDelivery`, `NotPaidInFull`,
    `CreditExceeded` and the errors of stock.
    """
    if not (actor.can(DELIVER, store_id=order.store_id)):
        actor.require(SELL, store_id=order.store_id)
    order = locked(order=order)
    reference = f"{order.key}/out:{uuid}"
    if OrderChange.objects.filter(order=order, data__reference=reference).exists():
        unchanged()
        return order
    if not may_be_fulfilled(order.state):
        raise refuse(order)
    lines = {line.pk: line for line in order.lines.select_for_update().order_by("pk")}
    leaving = _chosen(order, lines, items, {} if is_planned else planned_quantities(lines))
    worth = {pk: _worth(lines[pk], each.quantity) for pk, each in leaving.items()}
    moved = books.Moved(
        worth=sum(w for w, _tax in worth.values()), tax=sum(t for _worth, t in worth.values())
    )
    _check_credit(order, moved)
    business_date = order.store.business_date(now)
    left = _take_goods(order, lines, leaving, reference, now, actor)
    EarnedLine.objects.bulk_create(
        _earned(lines[pk], each.quantity, worth[pk], left, business_date, order.store_id, now)
        for pk, each in leaving.items()
    )
    for pk, each in leaving.items():
        line = lines[pk]
        line.fulfilled_quantity += each.quantity
        line.cost += left.cost_of(line.position)
    OrderLine.objects.bulk_update([lines[pk] for pk in leaving], ["fulfilled_quantity", "cost"])
    _keep_issues(lines, left)
    is_whole = not any(line.open_quantity for line in lines.values())
    books.post(
        order=order,
        moved=moved,
        kind=FULFILLED,
        reference=reference,
        business_date=business_date,
        more=earned_points(order, list(lines.values()), actor, now) if is_whole else (),
        actor=actor,
        now=now,
    )
    order.save(update_fields=["earned_amount", "paid_amount", "earned_points"])
    before = order.state
    after = before
    if is_whole:
        after = before if before in (States.DELIVERED, States.INSTALLED) else States.DELIVERED
        has_stages = order.stage_id is not None
        if not has_stages and not order.due_amount and not _is_to_be_installed(order):
            after = States.CLOSED
    OrderChange.objects.create(
        order=order,
        kind=OrderChange.Kind.STATE,
        before=before,
        after=after,
        data={
            "reference": reference,
            "delivered": {
                str(lines[pk].position): f"{each.quantity.normalize():f}" for pk, each in leaving.items()
            },
        },
        at=now,
        user_id=actor.user_id,
    )
    if after != before:
        order.state = after
        order.closed_at = now if after == States.CLOSED else None
        order.save(update_fields=["state", "closed_at"])
    record(
        "sales.order_completed" if after == States.CLOSED else "sales.order_delivered",
        order,
        also=[order.customer] if order.customer else [],
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "amount": str(moved.worth), "is_whole": is_whole},
    )
    return order


def _is_to_be_installed(order: Order) -> bool:
    return Delivery.objects.filter(order=order, kind=Delivery.Kind.INSTALLATION).open().exists()


def _chosen(
    order: Order,
    lines: dict[int, OrderLine],
    items: Sequence[Delivered] | None,
    planned: Mapping[int, Decimal],
) -> dict[int, Delivered]:
    if items is None:
        free = {pk: line.open_quantity - planned.get(pk, 0) for pk, line in lines.items()}
        items = [Delivered(pk, free[pk], line.piece_id) for pk, line in lines.items() if free[pk] > 0]
    chosen: dict[int, Delivered] = {}
    for each in items:
        line = lines.get(each.line_id)
        wrong = line is None or each.line_id in chosen
        if wrong or line is None or not 0 < each.quantity <= line.open_quantity:
            name = line.name if line else str(each.line_id)
            left = f"{line.open_quantity.normalize():f}" if line else "0"
            raise QuantityTooMuch(name=name, open=left)
        carried = planned.get(line.pk, Decimal(0))
        if each.quantity > line.open_quantity - carried:
            raise PlannedForDelivery(name=line.name, planned=f"{carried.normalize():f}")
        chosen[each.line_id] = each
    if not chosen:
        raise NothingToDeliver(number=order.number)
    return chosen


def _worth(line: OrderLine, quantity: Decimal) -> tuple[int, int]:
    before, whole = line.fulfilled_quantity, line.quantity
    return (
        step_of(line.paid_amount, before, quantity, whole),
        step_of(line.tax_amount, before, quantity, whole),
    )


def _earned(
    line: OrderLine,
    quantity: Decimal,
    worth: tuple[int, int],
    left: Left,
    business_date: date,
    store_id: int,
    now: datetime,
) -> EarnedLine:
    """What reports say of this delivery of the line, which stands as it was before."""
    return EarnedLine(
        line=line,
        store_id=store_id,
        business_date=business_date,
        earned_at=now,
        quantity=quantity,
        list_amount=step_of(line.list_amount, line.fulfilled_quantity, quantity, line.quantity),
        amount=worth[0],
        tax_amount=worth[1],
        cost=left.cost_of(line.position),
    )


@step
def _check_credit(order: Order, moved: books.Moved) -> None:
    """Credit is asked again when goods leave: what was agreed when the order was placed may be used up."""
    more = books.after(order.position, moved).receivable - order.position.receivable
    if more <= 0:
        return
    if order.customer is None:
        raise NotPaidInFull(open=shown(more), total=shown(order.total_amount))
    credit.check(
        customer_ids=cluster_of(order.customer.pk),
        legal_entity_id=order.legal_entity_id,
        currency=order.currency,
        more=more,
    )


@step
def _take_goods(
    order: Order,
    lines: dict[int, OrderLine],
    leaving: dict[int, Delivered],
    reference: str,
    now: datetime,
    actor: Actor,
) -> Left:
    goods = known(
        variant_ids=[found for pk in leaving if (found := lines[pk].variant_id)],
        customer=None,
        tender_codes=[],
        business_date=order.business_date,
    )
    kept = {
        each.reference: each
        for each in Reservation.objects.filter(
            reference__in=[kept_as(order, lines[pk]) for pk in leaving], taken_at=None, released_at=None
        ).select_related("place")
    }
    rest = [(lines[pk], each, kept.get(kept_as(order, lines[pk]))) for pk, each in leaving.items()]
    # A part of what is kept cannot be taken: the reservation ends, and what stays open is kept anew under a name of its
    # own. Between the two nobody gets at it, the balance is locked.
    partly = [
        (line, each, one) for line, each, one in rest if one is not None and each.quantity < one.quantity
    ]
    if partly:
        stock.release(references=[one.reference for _line, _each, one in partly], actor=actor, now=now)
    left = _let_go(
        order, rest, [one.reference for _line, _each, one in partly], goods.goods, reference, now, actor
    )
    if partly:
        again = [
            Wanted(
                kept_as(order, line, each.quantity),
                one.variant_id,
                one.place,
                one.quantity - each.quantity,
                one.batch_id,
                one.piece_id,
            )
            for line, each, one in partly
        ]
        stock.reserve(wanted=again, expires_at=None, actor=actor, now=now)
    return left


@step
def _let_go(
    order: Order,
    rest: Sequence[tuple[OrderLine, Delivered, Reservation | None]],
    ended: Collection[str],
    goods: Mapping[int, Goods],
    reference: str,
    now: datetime,
    actor: Actor,
) -> Left:
    return let_go(
        store=order.store,
        leaving=[
            Leaving(
                line.position,
                goods[line.variant_id or 0],
                each.quantity,
                each.piece_id or line.piece_id,
                each.batch_id or (one.batch_id if one else None),
                one.place if one else None,
                one.reference if one and one.reference not in ended else "",
            )
            for line, each, one in rest
            if line.variant_id in goods
        ],
        reference=reference,
        occurred_at=now,
        business_date=order.store.business_date(now),
        actor=actor,
        now=now,
    )


@step
def _keep_issues(lines: dict[int, OrderLine], left: Left) -> None:
    by_position = {line.position: line for line in lines.values()}
    LineIssue.objects.bulk_create(
        [
            LineIssue(
                line=by_position[issue.position],
                movement_id=issue.movement_id,
                variant_id=issue.variant_id,
                quantity=issue.quantity,
                value=issue.value,
                is_consumed=issue.is_consumed,
            )
            for issue in left.issues
        ]
    )


@step
def earned_points(order: Order, lines: Sequence[OrderLine], actor: Actor, now: datetime) -> Sequence[Draft]:
    """The drafts of what an order earns once all of it was delivered, noted for its return."""
    if order.customer_id is None:
        return ()
    goods = known(
        variant_ids=[found for line in lines if (found := line.variant_id)],
        customer=order.customer,
        tender_codes=[],
        business_date=order.business_date,
    )
    plan = plan_sale(
        customer_ids=goods.customer_ids,
        customer_id=order.customer_id,
        lines=[
            SaleLine(
                key=line.key,
                paid_amount=step_of(line.paid_amount, Decimal(0), line.fulfilled_quantity, line.quantity)
                - line.returned_amount,
                category_ids=goods.goods[line.variant_id].category_ids if line.variant_id else (),
                product_id=goods.goods[line.variant_id].product_id if line.variant_id else None,
                variant_id=line.variant_id,
                earns=line.variant_id is not None,
                tax_amount=line.tax_amount,
            )
            for line in lines
            if line.fulfilled_quantity
        ],
        redeemed_points=0,
        reference=order.key,
        store_id=order.store_id,
        business_date=order.store.business_date(now),
        occurred_at=now,
        actor=actor,
        now=now,
    )
    note_sale(plan=plan)
    order.earned_points = plan.earned
    return plan.drafts
