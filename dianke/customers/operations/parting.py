"""Taking a record back out of a profile it was linked to by mistake: it becomes a customer of its own.

Merging links customers and is undone by `merges.unmerge`; here a single record, recognised at entry by a key, turns out
to be about somebody else. The record stays as it came, marked as refused; a copy sealed with the new customer's key
takes its place there, with what it had brought along.
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, NotFound
from dianke.customers.models import (
    Address,
    ContactPoint,
    Customer,
    ImportantDate,
    MatchPair,
    PairState,
    Review,
    SourceRecord,
    State,
)
from dianke.customers.operations.merges import BY_HAND
from dianke.customers.operations.writing import (
    add_record,
    keep_address,
    keep_contact,
    keep_date,
    lock_customer,
    new_identity,
    refresh_profile,
)
from dianke.customers.queries.merges import MERGE
from dianke.customers.rules.entry import AddressEntry, Contact, DateEntry, Normalised
from dianke.events.operations import operation, record, step


class RecordNotFound(NotFound):
    code = "source_record_not_found"
    message = _("This record does not exist, or you may not see it.")


class OnlyRecord(Conflict):
    code = "only_record"
    message = _("This is the only record of the customer. There is nothing to take it out of.")


@operation(MERGE)
def part_record(*, entry: SourceRecord, actor: Actor, now: datetime) -> Customer:
    """Make a customer of its own out of a record that was linked by mistake; gives the new customer.

    What the record brought first goes along and is put away here; a number or an address that was known before stands
    with both. The two are remembered as different people. Raises `RecordNotFound`, `OnlyRecord` and the errors of
    `lock_customer`.
    """
    found = SourceRecord.objects.filter(pk=entry.pk).select_related("key", "customer__key", "store").first()
    if found is None or found.review == Review.REFUSED or found.payload is None:
        raise RecordNotFound
    head = lock_customer(found.customer, actor, MERGE)
    identity: Customer = found.customer
    others = identity.records.exclude(pk=found.pk).filter(review=Review.ACCEPTED)
    if not others.exists():
        raise OnlyRecord
    said = Normalised.from_payload({"fields": found.payload.get("fields", {})})
    made = new_identity(
        said,
        channel=found.channel,
        campaign=found.campaign,
        store=found.store or head.store,
        partner=head.partner,
        owner=head.owner,
        state=State.ACTIVE,
        now=now,
    )
    copy = add_record(
        made,
        fields=found.payload.get("fields", {}),
        raw=found.payload.get("raw", {}),
        channel=found.channel,
        source=found.source,
        campaign=found.campaign,
        external_id=found.external_id,
        fingerprint=bytes(found.fingerprint) if found.fingerprint else None,
        store=found.store,
        staff_id=found.staff_id,
        now=now,
    )
    found.review = Review.REFUSED
    found.save(update_fields=["review"])
    _take_along(identity, found, made, copy, now)
    refresh_profile(made, now=now)
    refresh_profile(head, now=now)
    left, right = sorted((head.pk, made.pk))
    MatchPair.objects.create(
        left_id=left,
        right_id=right,
        probability=0,
        weight=0,
        model_version=BY_HAND,
        state=PairState.DIFFERENT,
        found_at=now,
        decided_at=now,
        decided_by_id=actor.user_id,
    )
    record(
        "customers.record_parted",
        head,
        also=[made],
        actor=actor,
        now=now,
        store_id=head.store_id,
        data={"record": found.pk, "customer": made.pk, "copy": copy.pk},
    )
    return made


@step
def _take_along(
    identity: Customer, old: SourceRecord, made: Customer, copy: SourceRecord, now: datetime
) -> None:
    """What came with the record, on the new customer; what only it had brought is put away on the old one."""
    said = (old.payload or {}).get("fields", {})
    for kind, name in (("PHONE", "phone"), ("EMAIL", "email"), ("WECHAT", "wechat")):
        if said.get(name):
            keep_contact(made, copy, Contact(kind, said[name]), now=now)
    for point in ContactPoint.objects.current().filter(customer=identity, record=old).select_related("key"):
        contact = Contact(
            point.kind, point.value or "", point.use, point.extension, verified_at=point.verified_at
        )
        keep_contact(made, copy, contact, now=now)
        point.archived_at, point.is_preferred = now, False
        point.save(update_fields=["archived_at", "is_preferred"])
    for day in ImportantDate.objects.filter(customer=identity, record=old, archived_at=None):
        given = DateEntry(
            kind=day.kind,
            calendar=day.calendar,
            year=day.year,
            month=day.month,
            day=day.day,
            is_leap=day.is_leap,
            label=day.label,
            text=day.text,
        )
        keep_date(made, copy, given)
        day.archived_at = now
        day.save(update_fields=["archived_at"])
    for address in Address.objects.filter(customer=identity, record=old, archived_at=None).select_related(
        "key"
    ):
        entry = AddressEntry(
            use=address.use,
            country=address.country,
            province=address.province,
            city=address.city,
            district=address.district,
            division=address.division,
            postcode=address.postcode,
            street=address.street or "",
            receiver=address.receiver or "",
            phone=address.phone or "",
        )
        keep_address(made, copy, entry, now=now)
        address.archived_at, address.is_preferred = now, False
        address.save(update_fields=["archived_at", "is_preferred"])
