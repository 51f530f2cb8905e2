"""Planning deliveries and installations: what of an order goes when, in which window, with which crew; another day,
another crew, calling it off. Lock order: the order, its deliveries, the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext

from dianke.core.actor import Actor
from dianke.core.business_dates import zone_named
from dianke.customers.models import Customer
from dianke.events.operations import operation, record, step, unchanged
from dianke.sales.models import (
    Delivery,
    DeliveryChange,
    DeliveryCrew,
    DeliveryLine,
    DeliverySlot,
    Order,
    SlotDay,
)
from dianke.sales.operations.delivery_refusals import (
    AddressMissing,
    CrewUnsuitable,
    DeliveryDayWrong,
    DeliveryNotOpen,
    DeliveryReasonMissing,
    DeliveryWithoutCustomer,
    NothingToPlan,
    PlannedTooMuch,
    SlotFull,
    SlotNotThatDay,
)
from dianke.sales.operations.fulfilling import DELIVER
from dianke.sales.operations.locking import locked, refuse
from dianke.sales.queries.deliveries import local_now, plannable
from dianke.sales.rules.slots import MOST_DAYS_AHEAD
from dianke.work.operations.tasks import assign_task, cancel_task, change_task, create_task

Kind, State, Reason = Delivery.Kind, Delivery.State, Delivery.Reason
_PLANNABLE = ("APPROVED", "IN_PRODUCTION", "READY", "SHIPPED", "DELIVERED", "INSTALLED")


@dataclass(frozen=True, slots=True)
class Carried:
    """So much of a line goes along."""

    line_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Destination:
    """Where it goes, in the clear."""

    receiver: str
    phone: str
    street: str
    province: str = ""
    city: str = ""
    district: str = ""
    note: str = ""


@operation(DELIVER)
def plan_delivery(
    *,
    order: Order,
    uuid: UUID,
    items: Sequence[Carried],
    day: date,
    slot: DeliverySlot | None,
    to: Destination,
    crew: DeliveryCrew | None = None,
    kind: str = Kind.DELIVERY,
    actor: Actor,
    now: datetime,
) -> Delivery:
    """Plan a trip with some or all of what is still to be delivered (or installed). Under a UUID that was used the
    delivery that stands is returned.

    Raises `OrderNotOpen`, `DeliveryWithoutCustomer`, `NothingToPlan`, `PlannedTooMuch`, `DeliveryDayWrong`, `SlotFull`,
    `SlotNotThatDay`, `CrewUnsuitable`, `AddressMissing`.
    """
    actor.require(DELIVER, store_id=order.store_id)
    order = locked(order=order)
    standing: Delivery | None = Delivery.objects.filter(uuid=uuid, order=order).first()
    if standing is not None:
        unchanged()
        return standing
    is_installing = kind == Kind.INSTALLATION
    if order.state not in (*_PLANNABLE, *(["CLOSED"] if is_installing else [])):
        raise refuse(order)
    if order.customer_id is None:
        raise DeliveryWithoutCustomer(number=order.number)
    chosen = _checked(order, kind, items)
    _check_day(order, day, now)
    _check_crew(order.store_id, crew)
    if not to.street.strip() or not (to.receiver.strip() or to.phone.strip()):
        raise AddressMissing
    if slot is not None:
        hold_slot(slot, order.store_id, day)
    customer = Customer.objects.select_related("key").get(pk=order.customer_id)
    delivery = Delivery(
        uuid=uuid,
        key=customer.key,
        order=order,
        store=order.store,
        customer=customer,
        kind=kind,
        day=day,
        slot=slot,
        crew=crew,
        attempts=1,
        made_at=now,
        made_by_id=actor.user_id,
    )
    _address(delivery, to)
    delivery.save()
    DeliveryLine.objects.bulk_create(
        [DeliveryLine(delivery=delivery, line_id=pk, quantity=quantity) for pk, quantity in chosen.items()]
    )
    note_change(delivery, actor, now)
    make_task(delivery, actor, now)
    record_delivery("sales.delivery_planned", delivery, actor, now)
    return delivery


@operation(DELIVER)
def change_delivery(
    *,
    delivery: Delivery,
    day: date,
    slot: DeliverySlot | None,
    crew: DeliveryCrew | None,
    to: Destination | None = None,
    actor: Actor,
    now: datetime,
) -> Delivery:
    """Another day, window, crew or address; what failed is planned anew by it. Raises the errors of planning,
    `DeliveryNotOpen`."""
    actor.require(DELIVER, store_id=delivery.store_id)
    order = locked(order=delivery.order)
    found = lock_delivery(delivery)
    if not found.is_open:
        raise not_open(found)
    same = (found.day, found.slot_id, found.crew_id) == (day, slot and slot.pk, crew and crew.pk)
    if same and found.state != State.FAILED and (to is None or to == destination_of(found)):
        unchanged()
        return found
    if found.state == State.FAILED:
        lines = [Carried(each.line_id, each.quantity) for each in found.lines.all()]
        _checked(order, found.kind, lines)
        found.state, found.reason, found.attempts = State.PLANNED, "", found.attempts + 1
    if (found.day, found.slot_id) != (day, slot and slot.pk):
        _check_day(order, day, now)
        if found.state == State.UNDER_WAY:
            found.state = State.PLANNED
    _check_crew(found.store_id, crew)
    if slot is not None:
        hold_slot(slot, found.store_id, day, but=found.pk)
    moved = (found.day, found.slot_id) != (day, slot and slot.pk)
    found.day, found.slot, found.crew = day, slot, crew
    if to is not None:
        if not to.street.strip() or not (to.receiver.strip() or to.phone.strip()):
            raise AddressMissing
        _address(found, to)
    found.save()
    note_change(found, actor, now)
    make_task(found, actor, now)
    record_delivery("sales.delivery_changed", found, actor, now, is_moved=moved)
    return found


@operation(DELIVER)
def assign_delivery(
    *, delivery: Delivery, crew: DeliveryCrew | None, actor: Actor, now: datetime
) -> Delivery:
    """Give a delivery to a crew, or take it back into the pile. Raises `CrewUnsuitable`, `DeliveryNotOpen`."""
    actor.require(DELIVER, store_id=delivery.store_id)
    found = lock_delivery(delivery)
    if not found.is_planned:
        raise not_open(found)
    if found.crew_id == (crew.pk if crew else None):
        unchanged()
        return found
    _check_crew(found.store_id, crew)
    found.crew = crew
    found.save(update_fields=["crew"])
    note_change(found, actor, now)
    make_task(found, actor, now)
    record_delivery("sales.delivery_assigned", found, actor, now)
    return found


@operation(DELIVER)
def cancel_delivery(*, delivery: Delivery, reason: str, actor: Actor, now: datetime) -> Delivery:
    """Call a trip off: what it would have carried can be planned again. Raises `DeliveryReasonMissing`,
    `DeliveryNotOpen`."""
    actor.require(DELIVER, store_id=delivery.store_id)
    if not reason.strip():
        raise DeliveryReasonMissing
    found = lock_delivery(delivery)
    if found.state == State.CANCELLED:
        unchanged()
        return found
    if not found.is_open:
        raise not_open(found)
    found.state, found.reason = State.CANCELLED, Reason.NONE
    found.save(update_fields=["state", "reason"])
    note_change(found, actor, now, note=reason)
    if found.task is not None and found.task.completed_at is None:
        cancel_task(task=found.task, actor=actor.as_system(), now=now)
    record_delivery("sales.delivery_cancelled", found, actor, now)
    return found


# --- steps -------------------------------------------------------------------------------------------------------
@step
def lock_delivery(delivery: Delivery) -> Delivery:
    """The delivery as it is now."""
    rows = Delivery.objects.select_for_update(of=("self",))
    found: Delivery = rows.select_related("order", "store", "slot", "crew", "key", "task").get(pk=delivery.pk)
    return found


@step
def call_off_all(order: Order, reason: str, actor: Actor, now: datetime) -> None:
    """The order ends: nothing of it is on its way any more. The order is locked by the caller."""
    for delivery in Delivery.objects.filter(order=order).open().order_by("pk"):
        cancel_delivery(delivery=delivery, reason=reason, actor=actor.as_system(), now=now)


@step
def hold_slot(slot: DeliverySlot, store_id: int, day: date, but: int | None = None) -> None:
    """Wait for whoever plans for the same window, then see that there is room."""
    found = DeliverySlot.objects.select_for_update().get(pk=slot.pk)
    other = SlotDay.objects.filter(slot=found, day=day).first()
    shown = {"slot": str(found), "day": f"{day:%Y-%m-%d}"}
    is_offered = found.is_active and (other is not None or found.runs_on(day))
    if found.store_id != store_id or not is_offered:
        raise SlotNotThatDay(**shown)
    rows = Delivery.objects.under_way().filter(slot=found, day=day).exclude(pk=but)
    taken = rows.aggregate(count=Count("pk"))["count"]
    if taken >= (other.capacity if other else found.capacity):
        raise SlotFull(**shown)


@step
def note_change(
    delivery: Delivery, actor: Actor, now: datetime, *, state: str = "", reason: str = "", note: str = ""
) -> None:
    """Keep what it is now."""
    DeliveryChange.objects.create(
        delivery=delivery,
        state=state or delivery.state,
        day=delivery.day,
        slot=delivery.slot,
        crew=delivery.crew,
        reason=reason,
        note=note.strip()[:200],
        at=now,
        user_id=actor.user_id,
    )


@step
def make_task(delivery: Delivery, actor: Actor, now: datetime) -> None:
    """The work of the crew: one task per delivery, with the first of the crew, due when the window ends."""
    owner = delivery.crew.members.filter(is_active=True).order_by("pk").first() if delivery.crew else None
    ends = delivery.slot.to_time if delivery.slot else time(20)
    due_at = datetime.combine(delivery.day, ends, zone_named(delivery.store.time_zone))
    system = actor.as_system()
    if delivery.task is None:
        title = gettext("Deliver") if delivery.kind == Kind.DELIVERY else gettext("Install")
        delivery.task = create_task(
            title=f"{title} {delivery.order.number} {delivery.district}"[:120].strip(),
            kind="delivery",
            store=delivery.store,
            owner=owner,
            subject=f"sales.delivery:{delivery.pk}",
            due_at=due_at,
            reference=f"sales.delivery:{delivery.uuid}",
            actor=system,
            now=now,
        )
        delivery.save(update_fields=["task"])
        return
    if delivery.task.completed_at is None and delivery.task.cancelled_at is None:
        change_task(task=delivery.task, values={"due_at": due_at}, actor=system, now=now)
        assign_task(task=delivery.task, owner=owner, actor=system, now=now)


def record_delivery(kind: str, delivery: Delivery, actor: Actor, now: datetime, **data: object) -> None:
    """The event, on the timelines of the delivery, its order and its customer."""
    record(
        kind,
        delivery,
        also=[delivery.order, f"customers.customer:{delivery.customer_id}"],
        actor=actor,
        now=now,
        store_id=delivery.store_id,
        data={
            "number": delivery.order.number,
            "day": f"{delivery.day:%Y-%m-%d}",
            "kind": str(delivery.kind),
            **data,
        },
    )


def not_open(delivery: Delivery) -> DeliveryNotOpen:
    return DeliveryNotOpen(state=delivery.get_state_display())


def destination_of(delivery: Delivery) -> Destination:
    """Where it goes, in the clear."""
    return Destination(
        delivery.receiver or "",
        delivery.phone or "",
        delivery.street or "",
        delivery.province,
        delivery.city,
        delivery.district,
        delivery.note or "",
    )


def _address(delivery: Delivery, to: Destination) -> None:
    for name in ("province", "city", "district"):
        setattr(delivery, name, getattr(to, name).strip()[:30])
    delivery.receiver, delivery.phone = to.receiver.strip()[:60], to.phone.strip()[:30]
    delivery.street, delivery.note = to.street.strip()[:200], to.note.strip()[:200]


def _checked(order: Order, kind: str, items: Sequence[Carried]) -> dict[int, Decimal]:
    possible = {line.pk: (line, left) for line, left in plannable(order, kind)}
    names = dict(order.lines.values_list("pk", "name"))
    chosen: dict[int, Decimal] = {}
    for each in items:
        line, left = possible.get(each.line_id, (None, Decimal(0)))
        is_exact = each.quantity == round(each.quantity, 4)
        if line is None or each.line_id in chosen or not is_exact or not 0 < each.quantity <= left:
            name = names.get(each.line_id, str(each.line_id))
            raise PlannedTooMuch(name=name, left=f"{left.normalize():f}")
        chosen[each.line_id] = each.quantity
    if not chosen:
        raise NothingToPlan
    return chosen


def _check_day(order: Order, day: date, now: datetime) -> None:
    today = local_now(order.store, now).date()
    if not today <= day <= today + timedelta(days=MOST_DAYS_AHEAD):
        raise DeliveryDayWrong


def _check_crew(store_id: int, crew: DeliveryCrew | None) -> None:
    if crew is not None and (crew.store_id != store_id or not crew.is_active):
        raise CrewUnsuitable
