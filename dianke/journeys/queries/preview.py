"""Who would enter in the coming days, before it is turned on; of what cannot be foreseen, how many it would have been
in the days past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.customers.models import State as CustomerState
from dianke.journeys.models import Journey, Passage
from dianke.journeys.queries.begins import Found, Span, come, in_audience, now_span
from dianke.journeys.rules.plan import DATED, Begin, Plan
from dianke.sales.models import Order
from dianke.stores.queries import merchant_zone

DAYS = 7
SHOWN = 20
MOST = 2_000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who would enter: the profile, the day, and what it is about."""

    head: Customer
    found: Found


@dataclass(frozen=True, slots=True)
class Preview:
    """`count` people in the next (`is_past`: the last) `DAYS` days; `is_more` when there are still more. `people` are
    the first of those the actor may see."""

    count: int
    is_past: bool = False
    is_more: bool = False
    people: Sequence[Person] = ()


def preview_of(plan: Plan, store_ids: Sequence[int], *, actor: Actor, now: datetime) -> Preview:
    """From tomorrow on. Half a dozen statements."""
    if plan.trigger.kind == Begin.SEGMENT or plan.trigger.kind not in DATED:
        return _past(plan, store_ids, actor=actor, now=now)
    zone = merchant_zone()
    today = now.astimezone(zone).date()
    span = Span(
        plan.trigger, today + timedelta(days=1), today + timedelta(days=DAYS), 0, MOST, zone, tuple(store_ids)
    )
    found, more = come(span)
    meant = in_audience(plan, sorted({one.head_id for one in found}), at=now)
    first: dict[int, Found] = {}
    for one in sorted(found, key=lambda each: (each.day, each.head_id)):
        if one.head_id in meant:
            first.setdefault(one.head_id, one)
    seen = Customer.objects.visible_to(actor).filter(pk__among=list(first)).values_list("pk", flat=True)
    shown = [pk for pk in first if pk in set(seen)]
    heads = Customer.objects.in_bulk(shown[:SHOWN])
    return Preview(
        len(shown), is_more=bool(more), people=[Person(heads[pk], first[pk]) for pk in shown[:SHOWN]]
    )


def present_count(journey: Journey, plan: Plan, *, now: datetime) -> int:
    """How many fulfil the beginning already and are not in it for that: they enter when the owner says so."""
    if plan.trigger.kind not in DATED:
        return 0
    zone = merchant_zone()
    first, last = now_span(plan, now.astimezone(zone).date())
    heads: set[int] = set()
    after = 0
    while True:
        found, after = come(Span(plan.trigger, first, last, after, MOST, zone, tuple(journey.store_ids)))
        meant = in_audience(plan, sorted({one.head_id for one in found}), at=now)
        there = journey.passages.filter(customer__in=meant).filter(
            Q(state=Passage.State.GOING) | Q(occurrence__in={one.occurrence for one in found})
        )
        heads |= meant - set(there.values_list("customer_id", flat=True))
        if not after:
            return len(heads)


def _past(plan: Plan, store_ids: Sequence[int], *, actor: Actor, now: datetime) -> Preview:
    since = now - timedelta(days=DAYS)
    kind = plan.trigger.kind
    heads = Customer.objects.visible_to(actor).heads().filter(state=CustomerState.ACTIVE)
    if store_ids:
        heads = heads.filter(store_id__in=list(store_ids))
    if kind == Begin.REGISTERED:
        return Preview(heads.filter(created_at__gte=since).count(), is_past=True)
    if kind in (Begin.PURCHASE, Begin.FIRST_PURCHASE, Begin.RETURN):
        orders = Order.objects.filter(occurred_at__gte=since, customer__isnull=False, state="CLOSED")
        if kind == Begin.RETURN:
            orders = orders.filter(returned_amount__gt=0)
        buyers = orders.annotate(head=Coalesce("customer__merged_into_id", "customer_id")).values("head")
        if kind == Begin.FIRST_PURCHASE:
            heads = heads.filter(Q(created_at__gte=since))
        return Preview(heads.filter(pk__in=buyers).count(), is_past=True)
    return Preview(0, is_past=True)
