"""What the source records of a profile say, opened for the rules of survivorship."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from dianke.customers.models import Channel, Customer, Review, SourceRecord, State
from dianke.customers.rules.survivorship import RecordFields


def fields_of(record: SourceRecord) -> RecordFields:
    """One record as the rules read it; `record.key` should be loaded."""
    payload = record.payload or {}
    return RecordFields(
        record_id=record.pk,
        channel=record.channel,
        received_at=timezone.localtime(record.received_at),
        fields=payload.get("fields", {}),
        label=Channel(record.channel).label if record.channel in Channel.values else record.channel,
    )


def records_of(head_id: int) -> list[RecordFields]:
    """Accepted records of everybody in the profile, oldest first; one query."""
    return records_of_many([head_id])[head_id]


def records_of_many(
    head_ids: Collection[int], member_ids: Collection[int] | None = None
) -> dict[int, list[RecordFields]]:
    """`records_of` for several profiles; one query. Records waiting to be looked through only count where the whole
    profile waits. `member_ids` are everybody in these profiles, where they are known already."""
    mine = (
        Q(customer__in=Customer.objects.clusters(head_ids))
        if member_ids is None
        else Q(customer_id__among=member_ids)
    )
    rows = (
        SourceRecord.objects.filter(mine)
        .annotate(head=Coalesce(F("customer__merged_into_id"), F("customer_id")))
        .filter(Q(review=Review.ACCEPTED) | Q(review=Review.WAITING, customer__state=State.REVIEW))
        .filter(payload_sealed__isnull=False)
        .filter(key__destroyed_at=None)
        .select_related("key")
        .order_by("received_at", "pk")
    )
    found: dict[int, list[RecordFields]] = {head_id: [] for head_id in head_ids}
    for row in rows:
        found[row.head].append(fields_of(row))
    return found


def explained(records: Iterable[RecordFields]) -> dict[int, RecordFields]:
    """The records by id, to look one up that `Customer.survivors` names."""
    return {record.record_id: record for record in records}
