"""Who comes to the beginning of a journey on certain days: those whose birthday it is, whose points expire, who stayed
away longer than they usually do. A page at a time, by a number that grows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from dianke.core.actor import SYSTEM
from dianke.core.period import Period
from dianke.customers.models import Customer, ImportantDate
from dianke.customers.models import State as CustomerState
from dianke.customers.models.life import day_key
from dianke.customers.queries.care import SINGLE_KINDS, keys_of
from dianke.customers.rules.care import Celebration, StoredDay, in_period
from dianke.journeys.rules.festivals import festivals_on
from dianke.journeys.rules.plan import Begin, Plan, Trigger
from dianke.ledger.queries import expiring
from dianke.ledger.rules import POINTS
from dianke.loyalty.queries.context import POINTS_CODE, customer_of
from dianke.segments.models import Segment
from dianke.segments.queries.members import members

PAGE = 2_000
#: Before the first day of a span that has none: everybody who has come to the beginning by now.
EVER = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody who comes to the beginning on `day`, for the occasion, which lies on `anchor`."""

    head_id: int
    occurrence: str
    day: date
    anchor: date | None


@dataclass(frozen=True, slots=True)
class Span:
    """Days [first, last], the page after a number, and who may be meant."""

    trigger: Trigger
    first: date
    last: date
    after: int
    limit: int
    zone: ZoneInfo
    store_ids: Sequence[int] = ()

    @property
    def anchors(self) -> tuple[date, date]:
        """The occasions whose beginning lies in the span, [from, to)."""
        before = timedelta(days=self.trigger.days)
        return self.first + before, self.last + before + timedelta(days=1)

    def heads(self) -> QuerySet[Customer]:
        """Profiles that may be meant."""
        found = Customer.objects.heads().filter(state=CustomerState.ACTIVE)
        return found.filter(store__in=list(self.store_ids)) if self.store_ids else found


Page = tuple[list[Found], int]


def come(span: Span) -> Page:
    """A page, and the number to go on after; 0 when it is the last."""
    return _FINDERS[span.trigger.kind](span)


def now_span(plan: Plan, today: date) -> tuple[date, date]:
    """The days whose beginnings are still true today: those of a birthday that is yet to come, of everybody who has
    stayed away."""
    trigger = plan.trigger
    if trigger.kind in (Begin.DORMANT, Begin.SEGMENT):
        return EVER, today
    return today - timedelta(days=trigger.days), today


def in_audience(plan: Plan, head_ids: Sequence[int], *, at: datetime) -> set[int]:
    """Those of them who are in the segment the journey is for; all of them when it is for everybody."""
    if plan.audience_segment_id is None:
        return set(head_ids)
    segment = Segment.objects.filter(pk=plan.audience_segment_id).first()
    if segment is None:
        return set()
    found = members(segment, actor=SYSTEM, at=at).filter(pk__among=list(head_ids))
    return set(found.values_list("pk", flat=True))


# --- kinds -----------------------------------------------------------------------------------------------------------
def _dates(kind: str, span: Span) -> Page:
    first, to = span.anchors
    celebrations = in_period(Period(first, to))
    by_day: dict[StoredDay, list[Celebration]] = {}
    for each in celebrations:
        by_day.setdefault(each.stored, []).append(each)
    rows = (
        ImportantDate.objects.filter(archived_at=None, kind=kind, pk__gt=span.after)
        .alias(key=day_key())
        .filter(key__in=keys_of(celebrations))
        .annotate(head=Coalesce("customer__merged_into_id", "customer_id"))
        .filter(head__in=span.heads().values("pk"))
        .order_by("pk")[: span.limit]
    )
    page = list(rows.values_list("pk", "head", "calendar", "month", "day", "is_leap"))
    found = []
    for pk, head, calendar, month, number, is_leap in page:
        name = kind if kind in SINGLE_KINDS else f"{kind}:{pk}"
        for each in by_day.get(StoredDay(calendar, month, number, is_leap), ()):
            day = each.on - timedelta(days=span.trigger.days)
            found.append(Found(head, f"{name}:{each.year}", day, each.on))
    return found, page[-1][0] if len(page) == span.limit else 0


def _festivals(span: Span) -> Page:
    first, to = span.anchors
    days = [first + timedelta(days=n) for n in range((to - first).days)]
    held = [(day, *each) for day in days for each in festivals_on(day, span.trigger.festivals)]
    if not held:
        return [], 0
    heads = span.heads().filter(pk__gt=span.after).order_by("pk")
    page = list(heads.values_list("pk", flat=True)[: span.limit])
    before = timedelta(days=span.trigger.days)
    found = [
        Found(head, f"{festival.code}:{year}", day - before, day)
        for head in page
        for day, festival, year in held
    ]
    return found, page[-1] if len(page) == span.limit else 0


#: Points that expire at midnight are last good on the day before, which is the day people are told.
_EDGE = time(0, 0, 1)


def _points(span: Span) -> Page:
    first, to = span.anchors
    rows = expiring(
        code=POINTS_CODE,
        unit=POINTS,
        since=datetime.combine(first, _EDGE, span.zone),
        until=datetime.combine(to, _EDGE, span.zone),
        after=span.after,
        limit=span.limit,
    )
    heads = {customer_of(row.holder): 0 for row in rows}
    meant = Customer.objects.filter(pk__among=list(heads)).annotate(head=Coalesce("merged_into_id", "pk"))
    heads = dict(meant.filter(head__in=span.heads().values("pk")).values_list("pk", "head"))
    found: dict[tuple[int, str], Found] = {}
    for row in rows:
        head = heads.get(customer_of(row.holder))
        if head is None:
            continue
        day = (row.expires_at - timedelta(seconds=1)).astimezone(span.zone).date()
        one = Found(head, f"POINTS:{day.isoformat()}", day - timedelta(days=span.trigger.days), day)
        found.setdefault((head, one.occurrence), one)
    accounts = {row.account_id for row in rows}
    return list(found.values()), max(accounts) if len(accounts) == span.limit else 0


_DORMANT = """
WITH quiet AS (
  SELECT m.customer_id, m.last_date,
    m.last_date + greatest(ceil(coalesce(m.interval_days * %(percent)s / 100.0, %(usual)s)), %(least)s)::int AS day
  FROM insight_customermetrics AS m JOIN customers_customer AS c ON c.id = m.customer_id
  WHERE c.merged_into_id IS NULL AND c.state = 'ACTIVE' AND m.customer_id > %(after)s
    AND (%(stores)s::bigint[] IS NULL OR c.store_id = ANY(%(stores)s))
    AND m.last_date >= %(since)s
)
SELECT customer_id, last_date, day FROM quiet WHERE day BETWEEN %(first)s AND %(last)s
ORDER BY customer_id LIMIT %(limit)s
"""
#: Whoever did not come for so long is no regular who stays away.
_LONGEST = timedelta(days=3 * 365)


def _dormant(span: Span) -> Page:
    trigger = span.trigger
    with connection.cursor() as cursor:
        cursor.execute(
            _DORMANT,
            {
                "percent": trigger.percent,
                "usual": trigger.usual_days,
                "least": trigger.least_days,
                "after": span.after,
                "stores": list(span.store_ids) or None,
                "since": span.last - _LONGEST,
                "first": span.first,
                "last": span.last,
                "limit": span.limit,
            },
        )
        rows = cursor.fetchall()
    found = [Found(head, f"DORMANT:{last.isoformat()}", day, last) for head, last, day in rows]
    return found, rows[-1][0] if len(rows) == span.limit else 0


def segment_people(span: Span) -> QuerySet[Customer] | None:
    """Who is in the segment the journey begins with; None when it was put away."""
    segment = Segment.objects.in_use().filter(pk=span.trigger.segment_id or 0).first()
    if segment is None:
        return None
    at = datetime.combine(span.last, span.trigger.at, span.zone)
    people = members(segment, actor=SYSTEM, at=at).order_by()
    return people.filter(store__in=list(span.store_ids)) if span.store_ids else people


def _segment(span: Span) -> Page:
    people = segment_people(span)
    if people is None:
        return [], 0
    page = list(people.filter(pk__gt=span.after).order_by("pk").values_list("pk", flat=True)[: span.limit])
    name = f"SEGMENT:{span.last.isoformat()}"
    return [Found(head, name, span.last, None) for head in page], page[-1] if len(page) == span.limit else 0


_FINDERS: Mapping[Begin, Callable[[Span], Page]] = {
    Begin.BIRTHDAY: lambda span: _dates("BIRTHDAY", span),
    Begin.ANNIVERSARY: lambda span: _dates(span.trigger.date_kind, span),
    Begin.FESTIVAL: _festivals,
    Begin.POINTS: _points,
    Begin.DORMANT: _dormant,
    Begin.SEGMENT: _segment,
}
