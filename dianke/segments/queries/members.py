"""The doors for lists, audiences and later rooms: who is in a segment, and whether somebody is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import combinations
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, QuerySet
from django.db.models.functions import Coalesce

from dianke.core.actor import Actor
from dianke.customers.models import Customer, CustomerQuerySet
from dianke.segments.models import Segment, SegmentMember
from dianke.segments.queries import counting
from dianke.segments.queries.compiling import Rules, checked, from_customers, whole
from dianke.segments.queries.fields import Vocabulary
from dianke.segments.rules.language import read


class _Fits(Func):
    """`customer.id IN (those who fit)`, whole in itself: it may stand in any query of customers."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, rules: Rules) -> None:
        super().__init__(F("pk"))
        self.rules = rules

    def as_sql(self, compiler: Any, connection: Any, **more: Any) -> Any:  # type: ignore[override]
        sql, params = compiler.compile(self.source_expressions[0])
        test = whole(self.rules, self.rules.root, "s")
        return (
            f"{sql} IN (SELECT s.id {from_customers('s')} WHERE s.merged_into_id IS NULL AND {test.sql})",
            [*params, *test.params],
        )


def rules_of(segment: Segment, *, now: datetime, vocabulary: Vocabulary | None = None) -> Rules:
    """The rules of a segment as they mean something now. Raises what is wrong with them."""
    root = read(segment.rules, language=segment.language)
    return checked(root, now=now, vocabulary=vocabulary)


def _kept(segment_id: int) -> QuerySet[Any]:
    """The profiles of those who were in it when it was last worked out."""
    rows = Customer.objects.filter(
        pk__in=SegmentMember.objects.filter(segment=segment_id).values("customer_id")
    )
    return rows.values(head=Coalesce("merged_into_id", "pk"))


def fitting(rows: CustomerQuerySet, rules: Rules) -> CustomerQuerySet:
    """Those of a query of profiles who fit."""
    return rows.filter(_Fits(rules))


def members(segment: Segment, *, actor: Actor, at: datetime) -> CustomerQuerySet:
    """Who is in a segment and may be seen: of a snapshot those kept, else those who fit at this moment. Heads in use
    only; a query that nothing has been asked yet, for lists, audiences and subqueries (`.values("pk")`)."""
    rows: Any = Customer.objects.visible_to(actor).heads().in_use()
    if segment.is_snapshot:
        return rows.filter(pk__in=_kept(segment.pk))  # type: ignore[no-any-return]
    if segment.store_ids:
        rows = rows.filter(store_id__in=segment.store_ids)
    return fitting(rows, rules_of(segment, now=at))


def kept_members(segment: Segment, *, actor: Actor) -> CustomerQuerySet:
    """Who was in it when it was last worked out: by index, without asking the rules."""
    rows: Any = Customer.objects.visible_to(actor).heads().in_use()
    return rows.filter(pk__in=_kept(segment.pk))  # type: ignore[no-any-return]


def count_of(segment: Segment, *, actor: Actor, at: datetime) -> int:
    """How many the actor may see of it."""
    if segment.is_snapshot:
        return kept_members(segment, actor=actor).count()
    return counting.count(rules_of(segment, now=at), actor, segment.store_ids)


def is_in(customer_id: int, segment: Segment, *, at: datetime) -> bool:
    """Whether the profile of a customer is in a segment at this moment. Two statements."""
    head = (
        Customer.objects.filter(pk=customer_id)
        .values_list(Coalesce("merged_into_id", "pk"), flat=True)
        .first()
    )
    if head is None:
        return False
    if segment.is_snapshot:
        return bool(segments_kept(head, [segment.pk]))
    return counting.fits(rules_of(segment, now=at), head, segment.store_ids)


def segments_kept(head_id: int, segment_ids: Collection[int]) -> set[int]:
    """Which of these segments held the profile when they were last worked out. One statement, by index."""
    cluster = Customer.objects.cluster(head_id).values("pk")
    rows = SegmentMember.objects.filter(customer__in=cluster, segment__in=list(segment_ids))
    return set(rows.values_list("segment_id", flat=True))


# --- overlaps --------------------------------------------------------------------------------------------------------
def overlaps(segments: Sequence[Segment], *, actor: Actor, at: datetime) -> dict[frozenset[int], int]:
    """How many are in exactly these of two to four segments, for each way to be in some of them. One statement."""
    parts, params = [], []
    for segment in segments:
        sql, values = members(segment, actor=actor, at=at).order_by().values("pk").query.sql_with_params()
        parts.append(f"SELECT %s::bigint AS s, m.id FROM ({sql}) AS m (id)")  # noqa: S608
        params += [segment.pk, *values]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ids, count(*) FROM (SELECT array_agg(s ORDER BY s) AS ids FROM ("  # noqa: S608
            + " UNION ALL ".join(parts)
            + ") AS a GROUP BY id) AS b GROUP BY ids",
            params,
        )
        found = {frozenset(ids): int(count) for ids, count in cursor.fetchall()}
    every = [segment.pk for segment in segments]
    return {
        frozenset(chosen): found.get(frozenset(chosen), 0)
        for size in range(1, len(every) + 1)
        for chosen in combinations(every, size)
    }
