"""Reads of the organisation that span tables: who holds which grants, which stores a region has."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from dianke.access.models import User
from dianke.access.permissions import ScopeCode
from dianke.core.actor import Actor, Grant, RowScope
from dianke.core.business_dates import workday
from dianke.stores.models import CalendarDay, Merchant, Posting, Region, Store
from dianke.stores.rules import DayHours, DayKind, Exceptional, Span, hours_on

_ROW_SCOPES = {ScopeCode.OWN: RowScope.OWN, ScopeCode.STORE: RowScope.STORE, ScopeCode.ALL: RowScope.ALL}


def region_with_descendants(region_ids: Iterable[int]) -> set[int]:
    """Ids of the regions and everything nested in them. One query."""
    children: dict[int, list[int]] = {}
    for pk, parent_id in Region.objects.values_list("pk", "parent_id"):
        children.setdefault(parent_id or 0, []).append(pk)
    found: set[int] = set()
    queue = list(region_ids)
    while queue:
        pk = queue.pop()
        if pk not in found:
            found.add(pk)
            queue.extend(children.get(pk, []))
    return found


def grants_of(user: User, *, now: datetime) -> list[Grant]:
    """Grants from the postings in force at `now` (merchant's local date). At most three queries.

    A posting at the merchant reaches every store; at a legal entity or a region the stores of it.
    """
    zone = Merchant.objects.values_list("time_zone", flat=True).first() or "Asia/Shanghai"
    day = now.astimezone(ZoneInfo(zone)).date()
    postings = list(Posting.objects.in_force(day).filter(staff__user=user).select_related("role"))
    if not postings:
        return []
    wide = [p for p in postings if p.region_id or p.legal_entity_id]
    stores: list[tuple[int, int | None, int]] = []
    regions: dict[int, set[int]] = {}
    if wide:
        stores = list(
            Store.objects.filter(
                Q(region__isnull=False)
                | Q(legal_entity__in=[p.legal_entity_id for p in wide if p.legal_entity_id])
            ).values_list("pk", "region_id", "legal_entity_id")
        )
        for posting in wide:
            if posting.region_id and posting.region_id not in regions:
                regions[posting.region_id] = region_with_descendants([posting.region_id])
    grants = []
    for posting in postings:
        reached: frozenset[int] | None
        if posting.store_id:
            reached = frozenset({posting.store_id})
        elif posting.region_id:
            reached = frozenset(pk for pk, region_id, _ in stores if region_id in regions[posting.region_id])
        elif posting.legal_entity_id:
            reached = frozenset(pk for pk, _, entity_id in stores if entity_id == posting.legal_entity_id)
        else:
            reached = None
        grants.append(
            Grant(
                role=posting.role.code,
                permissions=posting.role.permission_codes(),
                scope=_ROW_SCOPES[ScopeCode(posting.role.scope)],
                store_ids=reached,
            )
        )
    return grants


def regions_visible_to(actor: Actor) -> QuerySet[Region]:
    """Regions with a store the actor reaches."""
    reached = Store.objects.visible_to(actor).values("region_id")
    return Region.objects.filter(pk__in=reached)


@dataclass(frozen=True, slots=True)
class DayOfWeek:
    """One day of a store as its page shows it."""

    day: date
    hours: DayHours
    is_today: bool


def calendar_of(store: Store, first: date, days: int) -> dict[date, DayHours]:
    """Hours of a store on `days` days from `first`. Two queries, however many days."""
    weekly = [(row.weekday, Span(row.opens, row.closes)) for row in store.opening_hours.all()]
    marks: dict[date, list[Exceptional]] = {}
    rows = CalendarDay.objects.filter(
        Q(store=store) | Q(store=None), day__gte=first, day__lt=first + timedelta(days=days)
    )
    for row in rows:
        span = Span(row.opens, row.closes) if row.opens is not None and row.closes is not None else None
        marks.setdefault(row.day, []).append(
            Exceptional(DayKind(row.kind), span, row.name, is_own=row.store_id is not None)
        )
    found = {}
    for offset in range(days):
        day = first + timedelta(days=offset)
        found[day] = hours_on(
            day, weekly=weekly, exceptions=marks.get(day, ()), national_name=str(workday(day).holiday or "")
        )
    return found


def week_of(store: Store, today: date) -> list[DayOfWeek]:
    """The seven days from today."""
    return [DayOfWeek(day, hours, day == today) for day, hours in calendar_of(store, today, 7).items()]


def store_names(ids: Collection[int] | None) -> dict[int, str]:
    """Short names of the open stores among `ids` (None: of all), in the order of their codes."""
    stores = Store.objects.filter(closed_on=None)
    return dict((stores if ids is None else stores.filter(pk__in=ids)).values_list("pk", "short_name"))
