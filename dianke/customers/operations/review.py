"""Looking through what people in training entered: taking it over, or refusing it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.access.models import Role
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from dianke.customers.models import Customer, MatchPair, PairState, Review, ReviewedRole, SourceRecord, State
from dianke.customers.operations.writing import add_parts, lock_customer, refresh_profile
from dianke.customers.rules.entry import Normalised
from dianke.events.operations import operation, record, unchanged

REVIEW = "customers.review_entries"


class EntryNotFound(NotFound):
    code = "entry_not_found"
    message = _("This entry does not exist, or you may not see it.")


class EntryDecided(Conflict):
    code = "entry_decided"
    message = _("Somebody has looked through this entry meanwhile.")


class OwnEntry(NotAllowed):
    code = "own_entry"
    message = _("Somebody else has to look through your own entry.")


class ReasonNeeded(InvalidInput):
    code = "review_reason_needed"
    message = _("Say in a few words why, so that the colleague learns from it.")
    default_field = "reason"


def _waiting(entry: SourceRecord, actor: Actor) -> SourceRecord:
    visible = Customer.objects.visible_to(actor, REVIEW).values("pk")
    rows = SourceRecord.objects.select_for_update(of=("self",)).select_related("customer__key", "key")
    found: SourceRecord | None = rows.filter(pk=entry.pk, customer__in=visible).first()
    if found is None:
        raise EntryNotFound
    if found.review != Review.WAITING:
        raise EntryDecided
    if found.staff_id is not None and found.staff_id == actor.user_id:
        raise OwnEntry
    return found


@operation(REVIEW)
def accept_entry(*, entry: SourceRecord, actor: Actor, now: datetime) -> SourceRecord:
    """Take an entry over: a new customer is a customer from now on, a further record shows in the profile.

    Raises `EntryNotFound`, `EntryDecided`, `OwnEntry` and the errors of `lock_customer`.
    """
    found = _waiting(entry, actor)
    head = lock_customer(found.customer, actor, REVIEW)
    found.review = Review.ACCEPTED
    found.save(update_fields=["review"])
    if head.state == State.REVIEW:
        head.state = State.ACTIVE
        head.save(update_fields=["state"])
    payload = found.payload or {}
    if payload.get("parts"):
        add_parts(found.customer, found, Normalised.from_payload(payload), actor=actor, now=now)
    refresh_profile(head, now=now)
    record(
        "customers.entry_accepted",
        head,
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"record": found.pk, "staff": found.staff_id},
    )
    return found


@operation(REVIEW)
def refuse_entry(*, entry: SourceRecord, reason: str, actor: Actor, now: datetime) -> SourceRecord:
    """Refuse an entry: a new customer that was only this is removed, a further record never shows. The reason is for
    the colleague and goes into no log: it may name people. Raises `ReasonNeeded` and as `accept_entry`."""
    if not reason.strip():
        raise ReasonNeeded
    found = _waiting(entry, actor)
    head = lock_customer(found.customer, actor, REVIEW)
    found.review = Review.REFUSED
    found.save(update_fields=["review"])
    is_removed = head.state == State.REVIEW and not head.records.exclude(pk=found.pk).exists()
    if is_removed:
        head.state = State.REMOVED
        head.save(update_fields=["state"])
        pairs = MatchPair.objects.filter(state__in=[PairState.WAITING, PairState.LATER])
        (pairs.filter(left=head) | pairs.filter(right=head)).update(state=PairState.OUTDATED, decided_at=now)
    record(
        "customers.entry_refused",
        head,
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"record": found.pk, "staff": found.staff_id, "is_removed": is_removed},
    )
    return found


@operation("customers.manage_rules")
def set_reviewed_roles(*, roles: Iterable[Role], actor: Actor, now: datetime) -> list[Role]:
    """Whose entries wait until somebody has looked at them."""
    wanted = {role.pk: role for role in roles}
    standing = dict(ReviewedRole.objects.values_list("role_id", "pk"))
    if set(standing) == set(wanted):
        unchanged()
        return list(wanted.values())
    ReviewedRole.objects.exclude(role__in=wanted).delete()
    ReviewedRole.objects.bulk_create([ReviewedRole(role=wanted[pk]) for pk in wanted if pk not in standing])
    record(
        "customers.reviewed_roles_set",
        "customers.settings:entry",
        actor=actor,
        now=now,
        data={"roles": sorted(role.code for role in wanted.values())},
    )
    return list(wanted.values())
