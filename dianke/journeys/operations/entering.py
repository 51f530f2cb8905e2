"""People enter: from what happens, from what day it is, and, where the owner says so, who fulfils it already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models.functions import Coalesce

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.customers.models import State as CustomerState
from dianke.events.operations import operation, record, step, unchanged
from dianke.journeys.models import Journey, Known, Passage, State, Version
from dianke.journeys.operations.locking import locked
from dianke.journeys.queries.begins import PAGE, Found, Span, come, in_audience, now_span, segment_people
from dianke.journeys.rules.entering import Before, Candidate, may_enter
from dianke.journeys.rules.plan import Begin, Step
from dianke.journeys.rules.times import due_at, instant, moments
from dianke.marketing.rules.arms import is_control
from dianke.stores.queries import merchant_zone


@operation(None)
def admit(*, journey: Journey, candidates: Sequence[Candidate], actor: Actor, now: datetime) -> int:
    """Let in whoever may, each profile once for an occasion; how many. What came about before the journey ran, or
    while it was paused, lets nobody in. Half a dozen statements, whatever their number."""
    journey = locked(journey)
    since = journey.admits_since
    if journey.state != State.RUNNING or since is None:
        unchanged()
        return 0
    count = _let_in(journey, [one for one in candidates if one.at >= since], now)
    return _told(journey, count, actor, now)


@operation(None)
def admit_dated(
    *, journey: Journey, day: date, after: int = 0, limit: int = PAGE, actor: Actor, now: datetime
) -> int:
    """Let in a page of those who come to the beginning on `day`; the number to go on after, 0 at the end. Doing it
    again lets nobody in twice."""
    journey = locked(journey)
    if journey.state != State.RUNNING:
        unchanged()
        return 0
    version = journey.versions.get(number=journey.version)
    zone = merchant_zone()
    trigger = version.read.trigger
    span = Span(trigger, day, day, after, limit, zone, tuple(journey.store_ids))
    found, going_on = come(span)
    if trigger.kind == Begin.SEGMENT:
        found = _new_in_segment(journey, found)
    at = instant(day, trigger.at, zone)
    count = _let_in(journey, [Candidate(one.head_id, one.occurrence, at, one.anchor) for one in found], now)
    if trigger.kind == Begin.SEGMENT and not going_on:
        _forget(journey, span)
    _told(journey, count, actor, now)
    return going_on


@operation(None)
def note_scanned(*, journey: Journey, until: datetime, actor: Actor, now: datetime) -> bool:
    """Dates were looked through up to a moment; works nothing else out and leaves no event."""
    unchanged()
    rows = Journey.objects.filter(pk=journey.pk, state=State.RUNNING, scanned_at__lt=until)
    return bool(rows.update(scanned_at=until))


def days_to_scan(journey: Journey, now: datetime) -> list[date]:
    """The days whose hour has come since the last look."""
    version = journey.versions.get(number=journey.version)
    since = journey.scanned_at or now
    return moments(since, now, version.read.trigger.at, merchant_zone())


@step
def admit_present(journey: Journey, *, now: datetime) -> int:
    """Let in everybody who fulfils the beginning already: only when the owner said so, with the number before them."""
    version = journey.versions.get(number=journey.version)
    zone = merchant_zone()
    first, last = now_span(version.read, now.astimezone(zone).date())
    after, count = 0, 0
    while True:
        span = Span(version.read.trigger, first, last, after, PAGE, zone, tuple(journey.store_ids))
        found, after = come(span)
        people = [Candidate(one.head_id, one.occurrence, now, one.anchor) for one in found]
        count += _let_in(journey, people, now)
        if not after:
            return count


@step
def remember_segment(journey: Journey, *, now: datetime) -> None:
    """Whoever is in the segment at the start has not come into it."""
    version = journey.versions.get(number=journey.version)
    Known.objects.filter(journey=journey).delete()
    today = now.astimezone(merchant_zone()).date()
    after = 0
    while True:
        span = Span(
            version.read.trigger, today, today, after, PAGE, merchant_zone(), tuple(journey.store_ids)
        )
        found, after = come(span)
        _know(journey, [one.head_id for one in found])
        if not after:
            return


# --- steps -----------------------------------------------------------------------------------------------------------
@step
def _let_in(journey: Journey, candidates: Sequence[Candidate], now: datetime) -> int:
    if not candidates:
        return 0
    version: Version = journey.versions.get(number=journey.version)
    plan = version.read
    first = plan.steps[0]
    heads = _heads(journey, [one.customer_id for one in candidates])
    meant = in_audience(plan, [head for head, _uuid in heads.values()], at=now)
    before = _before(journey, meant)
    zone = merchant_zone()
    rows = []
    for one in sorted(candidates, key=lambda each: (each.at, each.customer_id)):
        head, uuid = heads.get(one.customer_id, (0, None))
        if head not in meant or uuid is None:
            continue
        known = before[head]
        if not may_enter(plan, known, occurrence=one.occurrence, anchor=one.anchor, at=one.at):
            continue
        known.append(Before(one.occurrence, one.at, True, one.anchor))
        kept = is_control(uuid, salt=journey.salt, control_bp=plan.control_bp)
        rows.append(
            Passage(
                journey=journey,
                version=version,
                customer_id=head,
                occurrence=one.occurrence,
                arm=Passage.Arm.CONTROL if kept else Passage.Arm.TREATED,
                step=first.key,
                due_at=_first_due(first, one, zone),
                anchor=one.anchor,
                entered_at=one.at,
            )
        )
    Passage.objects.bulk_create(rows, batch_size=2_000)
    return len(rows)


def _first_due(first: Step, one: Candidate, zone: ZoneInfo) -> datetime:
    return due_at(first, base=one.at, anchor=one.anchor, zone=zone)


def _heads(journey: Journey, customer_ids: Collection[int]) -> dict[int, tuple[int, UUID]]:
    """Customer → the profile they belong to, where it is in use and of the journey's stores."""
    rows = Customer.objects.filter(pk__among=list(set(customer_ids))).values_list("pk", "merged_into_id")
    head_of = {pk: merged or pk for pk, merged in rows}
    heads = Customer.objects.filter(pk__among=set(head_of.values()), state=CustomerState.ACTIVE)
    if journey.store_ids:
        heads = heads.filter(store__in=journey.store_ids)
    uuids = dict(heads.values_list("pk", "uuid"))
    return {pk: (head, uuids[head]) for pk, head in head_of.items() if head in uuids}


def _before(journey: Journey, heads: Collection[int]) -> dict[int, list[Before]]:
    """Profile → everything anybody in it was in this journey for."""
    found: dict[int, list[Before]] = defaultdict(list)
    members = Customer.objects.clusters(list(heads)).values("pk")
    rows = (
        Passage.objects.filter(journey=journey, customer__in=members)
        .annotate(head=Coalesce("customer__merged_into_id", "customer_id"))
        .order_by("pk")
        .values_list("head", "occurrence", "entered_at", "state", "anchor")
    )
    for head, occurrence, entered, state, anchor in rows:
        found[head].append(Before(occurrence, entered, state == Passage.State.GOING, anchor))
    return found


@step
def _new_in_segment(journey: Journey, found: Sequence[Found]) -> list[Found]:
    """Those who were not in it when it was last looked at."""
    ids = [one.head_id for one in found]
    known = set(Known.objects.filter(journey=journey, customer__in=ids).values_list("customer_id", flat=True))
    _know(journey, [pk for pk in ids if pk not in known])
    return [one for one in found if one.head_id not in known]


@step
def _forget(journey: Journey, span: Span) -> None:
    """Whoever is not in it any more can come into it again."""
    inside = segment_people(span)
    gone = Known.objects.filter(journey=journey)
    if inside is not None:
        gone.exclude(customer__in=inside.values("pk")).delete()


@step
def _know(journey: Journey, head_ids: Sequence[int]) -> None:
    rows = [Known(journey=journey, customer_id=pk) for pk in head_ids]
    Known.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2_000)


@step
def _told(journey: Journey, count: int, actor: Actor, now: datetime) -> int:
    if not count:
        unchanged()
        return 0
    record(
        "journeys.people_entered",
        journey,
        actor=actor,
        now=now,
        data={"name": journey.name, "count": count, "version": journey.version},
    )
    return count
