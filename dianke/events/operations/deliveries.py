"""What people do about reactions that failed: try again, dismiss with a reason, take the dismissal back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.models import Delivery, Event
from dianke.events.operations.door import operation, record


class DeliveryMovedOn(Conflict):
    """The failed reaction is not in the state the person saw it in."""

    code = "delivery_moved_on"
    message = _("This failed reaction has changed meanwhile, perhaps it worked by now. Load the list again.")


class ReasonMissing(InvalidInput):
    """Dismissing wants a reason, for whoever looks at the log later."""

    code = "reason_missing"
    message = _("Please write in a few words why this need not be done any more.")
    default_field = "reason"


def _locked(delivery: Delivery, *states: Delivery.State) -> Delivery:
    found = Delivery.objects.select_for_update().filter(pk=delivery.pk, state__in=states).first()
    if found is None:
        raise DeliveryMovedOn
    return found


def _record_delivery(kind: str, delivery: Delivery, *, actor: Actor, now: datetime, **data: Any) -> Event:
    facts = {"reaction": delivery.reaction, "event_id": str(delivery.event_id), **data}
    return record(kind, delivery, also=[delivery.subject], actor=actor, now=now, data=facts)


@operation(None)
def give_up_delivery(*, delivery: Delivery, actor: Actor, now: datetime) -> Delivery:
    """Say in the log that a reaction failed for good; called by the dispatcher once the schedule is
    through."""
    _record_delivery("events.delivery_given_up", delivery, actor=actor, now=now, error=delivery.error_code)
    return delivery


@operation("events.manage_dead_letters")
def retry_delivery(*, delivery: Delivery, actor: Actor, now: datetime) -> Delivery:
    """Try a failed reaction again at once, with the whole schedule before it. Raises `DeliveryMovedOn`."""
    found = _locked(delivery, Delivery.State.DEAD, Delivery.State.WAITING)
    found.state = Delivery.State.WAITING
    found.try_count = 0
    found.next_at = now
    found.save(update_fields=["state", "try_count", "next_at"])
    _record_delivery("events.delivery_retried", found, actor=actor, now=now)
    return found


@operation("events.manage_dead_letters")
def dismiss_delivery(*, delivery: Delivery, reason: str, actor: Actor, now: datetime) -> Delivery:
    """Do without a failed reaction. Raises `DeliveryMovedOn`, `ReasonMissing`."""
    if not reason.strip():
        raise ReasonMissing
    found = _locked(delivery, Delivery.State.DEAD, Delivery.State.WAITING)
    found.state = Delivery.State.DISMISSED
    found.reason = reason.strip()
    found.save(update_fields=["state", "reason"])
    # The reason is free text and may name a person: it stays in the row, the log has the fact.
    _record_delivery("events.delivery_dismissed", found, actor=actor, now=now)
    return found


@operation("events.manage_dead_letters")
def restore_delivery(*, delivery: Delivery, actor: Actor, now: datetime) -> Delivery:
    """Undo `dismiss_delivery`: the failed reaction waits for a person again. Raises `DeliveryMovedOn`."""
    found = _locked(delivery, Delivery.State.DISMISSED)
    found.state = Delivery.State.DEAD
    found.reason = ""
    found.save(update_fields=["state", "reason"])
    _record_delivery("events.delivery_restored", found, actor=actor, now=now)
    return found
