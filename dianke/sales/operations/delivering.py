"""Carrying deliveries out: loaded, on the way, brought with its proof, or not brought and why. Bringing goods is what
makes them leave stock and earn their money."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, step, unchanged
from dianke.sales.models import Delivery, DeliveryLine, DeliveryProof, DeliverySlot, Order
from dianke.sales.operations.approving import States, set_state
from dianke.sales.operations.deliveries import (
    Reason,
    State,
    hold_slot,
    lock_delivery,
    make_task,
    not_open,
    note_change,
    record_delivery,
)
from dianke.sales.operations.delivery_proof import keep_proof, kept_or_deleted
from dianke.sales.operations.delivery_refusals import DeliveryDayWrong, DeliveryReasonMissing
from dianke.sales.operations.ending import close_order
from dianke.sales.operations.fulfilling import DELIVER, Delivered, fulfil
from dianke.sales.operations.locking import locked
from dianke.sales.queries.deliveries import local_now, setting_of
from dianke.work.operations.tasks import complete_task

MOST_PHOTOS = 6


class SignatureMissing(InvalidInput):
    code = "delivery_signature_missing"
    message = _("Have it signed on the screen. Where nobody can sign, report it as not delivered.")
    default_field = "signature"


class PhotoMissing(InvalidInput):
    code = "delivery_photo_missing"
    message = _("Take a photo of the goods where they stand now.")
    default_field = "photos"


class TooManyPhotos(InvalidInput):
    code = "delivery_photos_too_many"
    message = _("At most %(limit)s photos are kept with a delivery. Leave some out.")
    default_field = "photos"


class TakerMissing(InvalidInput):
    code = "delivery_taker_missing"
    message = _("Write down who took it.")
    default_field = "taken_by"


class BroughtTooMuch(InvalidInput):
    code = "delivery_brought_too_much"
    message = _("Of “%(name)s” %(planned)s were on this delivery. Lower the quantity.")
    default_field = "items"


class NothingBrought(InvalidInput):
    code = "delivery_nothing_brought"
    message = _("Nothing of it was handed over: report it as not delivered instead.")
    default_field = "items"


class StepBack(Conflict):
    code = "delivery_step_back"
    message = _("This delivery is “%(state)s” already. Load the page again.")


@operation(DELIVER)
def load_delivery(*, delivery: Delivery, actor: Actor, now: datetime) -> Delivery:
    """It is in the car. Raises `StepBack`, `DeliveryNotOpen`."""
    return _go(delivery, State.LOADED, "sales.delivery_loaded", actor, now)


@operation(DELIVER)
def start_delivery(*, delivery: Delivery, actor: Actor, now: datetime) -> Delivery:
    """The crew sets out; the customer is told. Raises `DeliveryNotOpen`."""
    return _go(delivery, State.UNDER_WAY, "sales.delivery_started", actor, now)


@operation(DELIVER)
def deliver(
    *,
    delivery: Delivery,
    taken_by: str,
    signature: bytes = b"",
    photos: Sequence[bytes] = (),
    brought: Mapping[int, Decimal] | None = None,
    actor: Actor,
    now: datetime,
) -> Delivery:
    """It was handed over, all of it or so much of each line (`brought`: id of the order's line → quantity; what was
    left out can be planned again). The goods leave stock and earn their money; an installation finishes its order.
    Once: a repeat answers with what stands.

    `signature` is a PNG, `photos` pictures of any kind a phone takes. Raises `TakerMissing`, `SignatureMissing`,
    `PhotoMissing`, `TooManyPhotos`, `BroughtTooMuch`, `NothingBrought`, `DeliveryNotOpen`, the errors of pictures
    and of `fulfil` (`NotPaidInFull`, `StockTooLow`, …).
    """
    actor.require(DELIVER, store_id=delivery.store_id)
    order = locked(order=delivery.order)
    found = lock_delivery(delivery)
    if found.state == State.DELIVERED:
        unchanged()
        return found
    if not found.is_planned:
        raise not_open(found)
    _check_proof(found, taken_by, signature, photos)
    lines = _brought(found, brought)
    found.state, found.done_at, found.done_by_id = State.DELIVERED, now, actor.user_id
    found.taken_by, found.is_signed, found.reason = taken_by.strip()[:60], bool(signature), ""
    found.save()
    with kept_or_deleted() as places:
        if signature:
            places.append(keep_proof(found, DeliveryProof.Kind.SIGNATURE, signature, actor, now))
        for photo in photos:
            places.append(keep_proof(found, DeliveryProof.Kind.PHOTO, photo, actor, now))
        note_change(found, actor, now)
        if found.kind == Delivery.Kind.DELIVERY:
            fulfil(
                order=order,
                uuid=found.uuid,
                items=[Delivered(line.line_id, line.quantity) for line in lines],
                is_planned=True,
                actor=actor,
                now=now,
            )
        else:
            _finish_installation(order, found, actor, now)
        if found.task is not None and found.task.completed_at is None and found.task.cancelled_at is None:
            complete_task(task=found.task, actor=actor.as_system(), now=now)
        record_delivery("sales.delivery_done", found, actor, now)
    return found


@operation(DELIVER)
def fail_delivery(
    *,
    delivery: Delivery,
    reason: str,
    note: str = "",
    new_day: date | None = None,
    new_slot: DeliverySlot | None = None,
    actor: Actor,
    now: datetime,
) -> Delivery:
    """It was not handed over. With a new day it is planned for that at once, else it waits for the planner. Raises
    `DeliveryReasonMissing`, `DeliveryDayWrong`, `SlotFull`, `SlotNotThatDay`, `DeliveryNotOpen`."""
    actor.require(DELIVER, store_id=delivery.store_id)
    if not reason or reason not in Reason.values:
        raise DeliveryReasonMissing
    found = lock_delivery(delivery)
    if found.state == State.FAILED:
        unchanged()
        return found
    if not found.is_planned:
        raise not_open(found)
    note_change(found, actor, now, state=State.FAILED, reason=reason, note=note)
    if new_day is None:
        found.state, found.reason = State.FAILED, reason
    else:
        if new_day < local_now(found.store, now).date():
            raise DeliveryDayWrong(field="new_day")
        if new_slot is not None:
            hold_slot(new_slot, found.store_id, new_day, but=found.pk)
        found.state, found.day, found.slot = State.PLANNED, new_day, new_slot
        found.attempts += 1
    found.save()
    if new_day is not None:
        note_change(found, actor, now)
        make_task(found, actor, now)
    record_delivery("sales.delivery_failed", found, actor, now, reason=reason, is_planned=new_day is not None)
    return found


# --- steps -------------------------------------------------------------------------------------------------------
@step
def _go(delivery: Delivery, to: str, kind: str, actor: Actor, now: datetime) -> Delivery:
    actor.require(DELIVER, store_id=delivery.store_id)
    found = lock_delivery(delivery)
    if found.state == to:
        unchanged()
        return found
    if not found.is_planned:
        raise not_open(found)
    if to == State.LOADED and found.state == State.UNDER_WAY:
        raise StepBack(state=found.get_state_display())
    found.state = to
    found.save(update_fields=["state"])
    note_change(found, actor, now)
    record_delivery(kind, found, actor, now)
    return found


def _check_proof(delivery: Delivery, taken_by: str, signature: bytes, photos: Sequence[bytes]) -> None:
    setting = setting_of(delivery.store_id)
    if not taken_by.strip():
        raise TakerMissing
    if setting.needs_signature and not signature:
        raise SignatureMissing
    if setting.needs_photo and not photos:
        raise PhotoMissing
    if len(photos) > MOST_PHOTOS:
        raise TooManyPhotos(limit=MOST_PHOTOS)


@step
def _brought(delivery: Delivery, brought: Mapping[int, Decimal] | None) -> list[DeliveryLine]:
    """The lines with what was handed over; what was not leaves the delivery."""
    lines = list(delivery.lines.select_related("line").order_by("pk"))
    if brought is None:
        return lines
    kept: list[DeliveryLine] = []
    for each in lines:
        quantity = brought.get(each.line_id, Decimal(0))
        if not 0 <= quantity <= each.quantity:
            raise BroughtTooMuch(name=each.line.name, planned=f"{each.quantity.normalize():f}")
        if quantity == 0:
            each.delete()
            continue
        if quantity != each.quantity:
            each.quantity = quantity
            each.save(update_fields=["quantity"])
        kept.append(each)
    if not kept or set(brought) - {each.line_id for each in lines}:
        raise NothingBrought
    return kept


@step
def _finish_installation(order: Order, delivery: Delivery, actor: Actor, now: datetime) -> None:
    """Once all is delivered and nothing is left to be installed the order is installed; without stages, and paid, it is
    closed."""
    rest = (
        Delivery.objects.filter(order=order, kind=Delivery.Kind.INSTALLATION).open().exclude(pk=delivery.pk)
    )
    if order.state != States.DELIVERED or rest.exists():
        return
    set_state(order, States.INSTALLED, actor, now)
    if order.stage_id is None and not order.due_amount:
        close_order(order=order, actor=actor.as_system(), now=now)
