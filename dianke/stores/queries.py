"""Reads of the organisation that span tables: who holds which grants, which stores a region has."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from dianke.access.models import Role, User
from dianke.access.permissions import ScopeCode
from dianke.core.actor import Grant, RowScope
from dianke.core.business_dates import workday
from dianke.core.prepared import prepared
from dianke.stores.models import CalendarDay, LegalEntity, Merchant, Posting, Region, Store
from dianke.stores.rules import DayHours, DayKind, Exceptional, Span, hours_on
from dianke.web.shell import current_zone

_ROW_SCOPES = {ScopeCode.OWN: RowScope.OWN, ScopeCode.STORE: RowScope.STORE, ScopeCode.ALL: RowScope.ALL}


def merchant_zone() -> ZoneInfo:
    """The merchant's time zone; Beijing time while there is no merchant. Requests and jobs look it up once."""
    return current_zone() or zone_of_merchant()


def zone_of_merchant() -> ZoneInfo:
    """As the merchant's row says at this moment."""
    with prepared() as cursor:
        cursor.execute("SELECT time_zone FROM stores_merchant ORDER BY id LIMIT 1")
        found = cursor.fetchone()
    return ZoneInfo(found[0] if found else "Asia/Shanghai")


def local_date(now: datetime) -> date:
    """The merchant's calendar day: the one postings, shares and employment begin and end by."""
    return now.astimezone(merchant_zone()).date()


def region_with_descendants(region_ids: Iterable[int]) -> set[int]:
    """Ids of the regions and everything nested in them. One query."""
    return _descendants(region_ids, _children_of_regions())


def _children_of_regions() -> dict[int, list[int]]:
    children: dict[int, list[int]] = {}
    for pk, parent_id in Region.objects.values_list("pk", "parent_id"):
        children.setdefault(parent_id or 0, []).append(pk)
    return children


def _descendants(region_ids: Iterable[int], children: dict[int, list[int]]) -> set[int]:
    found: set[int] = set()
    queue = list(region_ids)
    while queue:
        pk = queue.pop()
        if pk not in found:
            found.add(pk)
            queue.extend(children.get(pk, []))
    return found


def stores_at(
    *, store: Store | None, region: Region | None, legal_entity: LegalEntity | None
) -> frozenset[int] | None:
    """Ids of the stores that a posting at this place reaches; None: every store."""
    if store is not None:
        return frozenset({store.pk})
    if region is not None:
        inside = Store.objects.filter(region__in=region_with_descendants([region.pk]))
        return frozenset(inside.values_list("pk", flat=True))
    if legal_entity is not None:
        return frozenset(legal_entity.stores.values_list("pk", flat=True))
    return None


def grants_of(user: User, *, now: datetime) -> list[Grant]:
    """Grants from the postings of one person in force at `now` (merchant's calendar day). At most four queries,
    two for someone posted to stores only.

    A posting at the merchant reaches every store; at a legal entity or a region the stores of it.
    """
    return grants_of_many([user], now=now).get(user.pk, [])


_IN_FORCE = """
SELECT s.user_id, g.store_id, g.region_id, g.legal_entity_id, r.code, r.is_preset, r.permissions, r.scope
FROM stores_posting AS g JOIN stores_staff AS s ON s.id = g.staff_id JOIN access_role AS r ON r.id = g.role_id
WHERE s.user_id = ANY(%(users)s) AND g.from_date <= %(day)s AND (g.to_date IS NULL OR g.to_date > %(day)s)
ORDER BY g.id
"""


def grants_of_many(users: Iterable[User], *, now: datetime) -> dict[int, list[Grant]]:
    """Grants by user id; as many queries as for one person. People without a posting in force are left out."""
    with prepared() as cursor:
        cursor.execute(_IN_FORCE, {"users": [user.pk for user in users], "day": local_date(now)})
        postings = cursor.fetchall()
    by_region: dict[int, list[int]] = {}
    by_entity: dict[int, list[int]] = {}
    children: dict[int, list[int]] = {}
    if any(region_id or entity_id for _user, _store, region_id, entity_id, *_role in postings):
        for pk, region_id, entity_id in Store.objects.values_list("pk", "region_id", "legal_entity_id"):
            by_region.setdefault(region_id or 0, []).append(pk)
            by_entity.setdefault(entity_id, []).append(pk)
    if any(region_id for _user, _store, region_id, *_rest in postings):
        children = _children_of_regions()
    found: dict[int, list[Grant]] = {}
    for user_id, store_id, region_id, entity_id, code, is_preset, permissions, scope in postings:
        reached: frozenset[int] | None = None
        if store_id:
            reached = frozenset({store_id})
        elif region_id:
            regions = _descendants([region_id], children)
            reached = frozenset(pk for region in regions for pk in by_region.get(region, ()))
        elif entity_id:
            reached = frozenset(by_entity.get(entity_id, ()))
        role = Role(code=code, is_preset=is_preset, permissions=permissions, scope=scope)
        grant = Grant(
            role=code, permissions=role.permission_codes(), scope=row_scope(role), store_ids=reached
        )
        found.setdefault(user_id, []).append(grant)
    return found


def row_scope(role: Role) -> RowScope:
    """How many rows a role reaches at its place."""
    return _ROW_SCOPES[ScopeCode(role.scope)]


def users_at(store_ids: Collection[int] | None) -> set[int]:
    """Ids of the accounts of people posted to these stores, now or at another time (None: to any)."""
    postings = Posting.objects.all() if store_ids is None else Posting.objects.filter(store__in=store_ids)
    return set(postings.values_list("staff__user_id", flat=True))


def context_words() -> list[str]:
    """Names that everybody here knows, which must not make up a password."""
    names = Merchant.objects.values_list("name", "short_name")
    stores = Store.objects.values_list("name", "short_name")
    return [name for row in [*names, *stores] for name in row if name]


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
    stores = Store.objects.still_open()
    return dict((stores if ids is None else stores.filter(pk__in=ids)).values_list("pk", "short_name"))
