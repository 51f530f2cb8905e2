"""When somebody leaves: what they held is handed over, not taken away, and the account stops on the day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.access.operations import disable_account, enable_account
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, step, unchanged
from dianke.stores import handover
from dianke.stores.models import Staff
from dianke.stores.operations.granting import check_person, keep_an_administrator
from dianke.stores.queries import local_date


class SuccessorMissing(Conflict):
    code = "successor_missing"
    message = _("%(name)s still holds %(held)s. Choose who takes over.")
    default_field = "successor"


class SuccessorUnsuitable(InvalidInput):
    code = "successor_unsuitable"
    message = _("Choose a colleague who stays.")
    default_field = "successor"


class LeavesBeforeHired(InvalidInput):
    code = "leaves_before_hired"
    message = _("The day of leaving must be after the day of hiring (%(day)s).")
    default_field = "left_on"


class OwnRelease(Conflict):
    code = "own_release"
    message = _("You cannot release yourself. Ask another administrator.")


class NotLeaving(Conflict):
    code = "not_leaving"
    message = _("%(name)s is not leaving.")


@operation("stores.manage_staff")
def release_staff(
    *, staff: Staff, left_on: date, successor: Staff | None = None, actor: Actor, now: datetime
) -> Staff:
    """A person leaves: postings end on `left_on` (first day no longer employed). On that day, at once if it has come,
    what they hold goes to `successor` and the account is disabled. Repeating it corrects day or successor.

    Raises `PlaceOutOfReach`, `LeavesBeforeHired`, `OwnRelease`, `SuccessorUnsuitable`, `SuccessorMissing` when
    something is held and nobody takes over, `LastAdministrator`.
    """
    person = Staff.objects.select_for_update().select_related("user").get(pk=staff.pk)
    check_person(actor, person, now)
    if left_on <= person.hired_on:
        raise LeavesBeforeHired(day=person.hired_on)
    if person.user_id == actor.user_id:
        raise OwnRelease
    if successor is not None:
        successor = Staff.objects.get(pk=successor.pk)  # as it is now, not as the form knew it
        if successor.pk == person.pk or successor.left_on is not None:
            raise SuccessorUnsuitable
    held = handover.held_by(person.user_id)
    if held and successor is None:
        listed = "、".join(f"{count} {holding.label}" for holding, count in held)
        raise SuccessorMissing(name=person.name, held=listed)
    changes = apply_changes(person, {"left_on": left_on, "successor": successor})
    if not changes and not held:
        unchanged()
        return person
    roles = {posting.role for posting in person.postings.not_over(left_on).select_related("role")}
    person.postings.filter(from_date__gte=left_on).delete()
    person.postings.filter(Q(to_date=None) | Q(to_date__gt=left_on)).update(to_date=left_on)
    for role in roles:
        keep_an_administrator(role, now)
    moved = _end_work(person, actor=actor, now=now) if left_on <= local_date(now) else {}
    record(
        "stores.staff_released",
        person,
        also=_people(person),
        actor=actor,
        now=now,
        data={"left_on": str(left_on), "successor": successor.pk if successor else None, "moved": moved},
    )
    return person


def _people(person: Staff) -> Iterable[Staff | str]:
    return [f"access.user:{person.user_id}", *([person.successor] if person.successor else [])]


@step
def _end_work(person: Staff, *, actor: Actor, now: datetime) -> dict[str, int]:
    """The day has come: everything held goes to the successor, the account stops. Returns `{kind: how many}`."""
    moved = (
        handover.move_all(
            from_user_id=person.user_id, to_user_id=person.successor.user_id, actor=actor.as_system(), now=now
        )
        if person.successor is not None
        else {}
    )
    disable_account(user=person.user, actor=actor.as_system(), now=now)
    return moved


@operation("stores.manage_staff")
def keep_staff(*, staff: Staff, actor: Actor, now: datetime) -> Staff:
    """Undo a release: the person stays (or comes back) and may sign in. Postings that it ended are given anew, and
    what was handed over stays where it is now. Raises `NotLeaving`, `PlaceOutOfReach`.
    """
    person = Staff.objects.select_for_update().select_related("user").get(pk=staff.pk)
    if person.left_on is None:
        raise NotLeaving(name=person.name)
    check_person(actor, person, now)
    changes = apply_changes(person, {"left_on": None, "successor": None})
    enable_account(user=person.user, actor=actor.as_system(), now=now)
    record("stores.staff_kept", person, actor=actor, now=now, data={"changes": changes})
    return person


@operation(None)
def end_due_employments(*, actor: Actor, now: datetime) -> int:
    """For everybody whose last day has passed: hand over what they came to hold since, and disable the account.
    Run daily by the system; returns how many people."""
    due = list(
        Staff.objects.filter(left_on__lte=local_date(now), user__is_active=True)
        .select_for_update(of=("self",))
        .select_related("user", "successor")
    )
    if not due:
        unchanged()
        return 0
    moved = {str(person.pk): _end_work(person, actor=actor, now=now) for person in due}
    record(
        "stores.employments_ended", "stores.merchant:1", also=due, actor=actor, now=now, data={"moved": moved}
    )
    return len(due)
