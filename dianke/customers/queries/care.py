"""Whose birthday or anniversary comes: the coming days translated into stored dates (`rules/care.py`) and looked up.

Dates are found by one number for their day (`models.life.day_key`). A list never reads further than it shows: where an
actor reaches much of the merchant, each day is read up to a limit, and where they reach little, the days of the window
are joined with their customers at once. Either way it is one query, and a month of a million customers costs what a
week of a shop does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import SYSTEM, Actor, RowScope
from dianke.core.errors import NotFound
from dianke.core.lunar import LunarDate
from dianke.core.period import Period
from dianke.customers.models import (
    Calendar,
    CareOccasion,
    CareRule,
    Consent,
    ConsentChannel,
    ContactKind,
    ContactPoint,
    Customer,
    DateKind,
    ImportantDate,
    Purpose,
    State,
    Tagging,
)
from dianke.customers.models.life import day_key, day_key_of
from dianke.customers.queries.rights import Minority, members_of, minority_of_many
from dianke.customers.rules.care import LEAST_DAYS_BETWEEN, Celebration, in_period
from dianke.stores.models import Store
from dianke.stores.queries import local_date
from dianke.work.models import Task

VIEW = "customers.view_customers"
#: Whoever reaches this part of the stores (one in `MUCH`) or more finds enough among the first dates of a day.
MUCH = 8
#: Rows read of one day; a day with more says so and has a page of its own.
MOST_PER_DAY = 200
TODAY_SHOWN = 8
IN_USE = (State.ACTIVE, State.REVIEW)
#: One of a kind for a person: a second row of these is the same occasion under a corrected date.
SINGLE_KINDS = (DateKind.BIRTHDAY, DateKind.WEDDING, DateKind.SPOUSE)

Pair = tuple[int, int]  # a date and the profile it shows up in
ByDay = Mapping[date, Sequence[Celebration]]


class DateNotFound(NotFound):
    code = "date_not_found"
    message = _("This date does not exist any more, or you may not see it.")


@dataclass(frozen=True, slots=True)
class Occasion:
    """A date with the profile it belongs to and the day it falls on. `years` since the event where its year is known;
    `is_refused` when the customer wants no greetings; `task_id` of the task that was made for it; `has_phone` when one
    can be called."""

    row: ImportantDate
    head: Customer
    on: date
    year: int
    years: int | None = None
    minority: Minority | None = None
    is_refused: bool = False
    task_id: int | None = None
    has_phone: bool = False

    @property
    def is_lunar(self) -> bool:
        return self.row.calendar == Calendar.LUNAR

    @property
    def lunar_text(self) -> str:
        """ "农历八月十五", empty for a solar date."""
        recurring = self.row.recurring
        return recurring.format(get_language() or "zh-hans") if isinstance(recurring, LunarDate) else ""

    @property
    def is_held_back(self) -> bool:
        """Nobody should call: refused, or a child whose guardian has not agreed."""
        return self.is_refused or (self.minority is not None and self.minority.is_flagged)


@dataclass(frozen=True, slots=True)
class Day:
    """The occasions of one day; `is_more` when there are more than were read."""

    on: date
    occasions: Sequence[Occasion]
    is_more: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to show: kinds of occasions (empty: all), a home store, a person in charge."""

    kinds: tuple[str, ...] = ()
    store_id: int | None = None
    owner_id: int | None = None


ALL = Wanted()


def upcoming(
    actor: Actor, period: Period[date], wanted: Wanted = ALL, *, limit: int = MOST_PER_DAY, offset: int = 0
) -> list[Day]:
    """The occasions of each day of a bounded period that has any, of customers the actor may see. At most ten queries.

    `limit` is per day; `offset` skips rows of each day, which is meant for a period of one day.
    """
    by_day = _by_day(period)
    found = _found(actor, by_day, wanted, limit + 1, offset)
    shown = {day: sorted(found[day][:limit]) for day in by_day if day in found}
    known = _with_care(_occasions(shown, by_day), period.from_)
    return [Day(day, _once_each(known[day]), is_more=len(found[day]) > limit) for day in shown]


def _by_day(period: Period[date]) -> dict[date, list[Celebration]]:
    """What is celebrated on each day of the period, in order."""
    return {on: list(group) for on, group in groupby(in_period(period), key=lambda each: each.on)}


def _heads(actor: Actor, wanted: Wanted) -> QuerySet[Customer]:
    heads = Customer.objects.visible_to(actor).heads().filter(state__in=IN_USE)
    if wanted.store_id is not None:
        heads = heads.filter(store_id=wanted.store_id)
    if wanted.owner_id is not None:
        heads = heads.filter(owner_id=wanted.owner_id)
    return heads


def _found(actor: Actor, by_day: ByDay, wanted: Wanted, most: int, offset: int = 0) -> dict[date, list[Pair]]:
    """(date, profile) of at most `most` rows of each day that has any. Two queries at most."""
    if not by_day:
        return {}
    heads = _heads(actor, wanted)
    if _begins_with_days(actor, wanted, len(by_day)):
        return _read_each_day(by_day, heads, wanted, most, offset)
    return _read_at_once(by_day, heads, wanted, most, offset)


def _begins_with_days(actor: Actor, wanted: Wanted, days: int) -> bool:
    """Whether the days are read and their profiles looked up, instead of the other way round: for one day, which has
    few dates, and where so many are within reach that of any day the first are enough."""
    if wanted.owner_id is not None or days == 1:
        return wanted.owner_id is None
    reached = actor.stores_for(VIEW) if wanted.store_id is None else {wanted.store_id}
    is_wide = actor.scope_for(VIEW) is not RowScope.OWN
    return is_wide and (reached is None or len(reached) * MUCH >= Store.objects.count())


def _read_each_day(
    by_day: ByDay, heads: QuerySet[Customer], wanted: Wanted, most: int, offset: int
) -> dict[date, list[Pair]]:
    """Each day up to the limit, by the index of days."""
    days, rows = list(by_day), _dates_of(heads, wanted)
    parts = [
        rows.filter(key__in=keys_of(by_day[day]))
        .annotate(place=Value(index, IntegerField()))
        .values_list("place", "pk", "head")
        # One day is read page by page, in order; of several only the first are shown, and any will do: sorting would
        # make the database read all of them.
        .order_by(*(["pk"] if len(days) == 1 else []))[offset : offset + most]
        for index, day in enumerate(days)
    ]
    found: dict[date, list[Pair]] = {}
    for place, pk, head in parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0]:
        found.setdefault(days[place], []).append((pk, head))
    return found


def _read_at_once(
    by_day: ByDay, heads: QuerySet[Customer], wanted: Wanted, most: int, offset: int
) -> dict[date, list[Pair]]:
    """All dates of the window that belong to the profiles: their own, and those of what was merged into them."""
    days_of: dict[int, list[date]] = {}
    for day, several in by_day.items():
        for key in keys_of(several):
            days_of.setdefault(key, []).append(day)
    dates = _in_use(wanted).filter(key__in=days_of).annotate(day_key=F("key"))
    own = dates.filter(customer__in=heads.values("pk")).values_list("day_key", "pk", "customer_id")
    joined = dates.filter(customer__merged_into__in=heads.values("pk")).values_list(
        "day_key", "pk", "customer__merged_into"
    )
    found: dict[date, list[Pair]] = {}
    for key, pk, head in own.union(joined, all=True):
        for day in days_of[key]:
            found.setdefault(day, []).append((pk, head))
    pages = {day: sorted(pairs)[offset : offset + most] for day, pairs in found.items()}
    return {day: pairs for day, pairs in pages.items() if pairs}


def _in_use(wanted: Wanted) -> QuerySet[Any]:
    """Dates in use, with the `key` by which the index finds them."""
    rows = ImportantDate.objects.alias(key=day_key()).filter(archived_at=None)
    return rows.filter(kind__in=wanted.kinds) if wanted.kinds else rows


def _dates_of(heads: QuerySet[Customer], wanted: Wanted) -> QuerySet[Any]:
    """Dates in use, with `key` and `head`, of these profiles and what was merged into them."""
    rows = _in_use(wanted).annotate(head=Coalesce(F("customer__merged_into"), F("customer")))
    return rows.filter(head__in=heads.values("pk"))


def keys_of(celebrations: Iterable[Celebration]) -> list[int]:
    """The keys under which what is celebrated is stored, each once."""
    return list(dict.fromkeys(day_key_of(*each.stored) for each in celebrations))


def _occasions(pairs: Mapping[date, Sequence[Pair]], by_day: ByDay) -> dict[date, list[Occasion]]:
    """What was found, with its date and profile. One query."""
    rows = ImportantDate.objects.select_related(
        "customer__store", "customer__owner", "customer__merged_into__store", "customer__merged_into__owner"
    ).in_bulk({pk for several in pairs.values() for pk, _head in several})
    found: dict[date, list[Occasion]] = {}
    for day, several in pairs.items():
        here = found.setdefault(day, [])
        for row in (rows[pk] for pk, _head in several if pk in rows):
            year = next(each.year for each in by_day[day] if _matches(each, row))
            years = year - row.year if row.year else None
            here.append(Occasion(row, row.customer.merged_into or row.customer, day, year, years))
    return found


def _with_care(found: Mapping[date, Sequence[Occasion]], today: date) -> dict[date, list[Occasion]]:
    """The same, with who is a child, who wants no greetings, who can be called, and which tasks were made. At most
    seven queries."""
    members = members_of({each.head.pk for several in found.values() for each in several})
    minors = minority_of_many(members, today)
    refused = heads_refusing_care(members)
    reachable = heads_with_phone(members)
    made = _tasks_made((each.row.pk, each.year) for several in found.values() for each in several)
    return {
        day: [
            replace(
                each,
                minority=minors.get(each.head.pk),
                is_refused=each.head.pk in refused,
                task_id=made.get((each.row.pk, each.year)),
                has_phone=each.head.pk in reachable,
            )
            for each in several
        ]
        for day, several in found.items()
    }


def _tasks_made(occasions: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int | None]:
    """Tasks by date and year, made by a rule or by hand. Two queries."""
    by_hand = {f"care:date:{pk}:{year}": (pk, year) for pk, year in occasions}
    by_rule = CareOccasion.objects.filter(
        date__in={pk for pk, _year in by_hand.values()}, task_id__isnull=False
    )
    made = {(row.date_id, row.year): row.task_id for row in by_rule.order_by("pk")}
    for reference, task_id in Task.objects.filter(reference__in=by_hand).values_list("reference", "pk"):
        made.setdefault(by_hand[reference or ""], task_id)
    return made


def _matches(each: Celebration, row: ImportantDate) -> bool:
    return each.stored == (row.calendar, row.month, row.day, row.is_leap)


def _once_each(occasions: Iterable[Occasion]) -> list[Occasion]:
    """Merged identities may bring the same birthday twice: one line for a person, an occasion and whose it is."""
    seen: dict[tuple[int, str, str], Occasion] = {}
    for each in occasions:
        key = (each.head.pk, each.row.kind, each.row.label)
        if key not in seen:
            seen[key] = each
        elif seen[key].task_id is None and each.task_id is not None:
            seen[key] = replace(seen[key], task_id=each.task_id)
    return list(seen.values())


def heads_refusing_care(members: Mapping[int, int]) -> set[int]:
    """Profiles (as `members_of` gives them) in which the newest word about greetings, of any identity and for all
    channels, is no. One query."""
    entries = (
        Consent.objects.filter(customer__in=members.keys(), purpose=Purpose.CARE, channel=ConsentChannel.ANY)
        .order_by("customer", "-at", "-pk")
        .distinct("customer")
        .values_list("customer", "is_given")
    )
    return {members[pk] for pk, is_given in entries if not is_given}


def heads_with_phone(members: Mapping[int, int]) -> set[int]:
    """Profiles with a phone number in use. One query."""
    points = ContactPoint.objects.current().of_kind(ContactKind.PHONE)
    rows = points.filter(customer__in=members.keys()).values_list("customer", flat=True)
    return {members[pk] for pk in rows}


def date_for(pk: int, actor: Actor) -> ImportantDate:
    """A date in use of a profile the actor may see. Raises `DateNotFound`."""
    row = ImportantDate.objects.select_related("customer").filter(pk=pk, archived_at=None).first()
    if row is None or not Customer.objects.visible_to(actor).filter(pk=row.customer.head_id).exists():
        raise DateNotFound
    return row


def today_of_actor(actor: Actor, now: datetime) -> tuple[list[Occasion], int]:
    """For the page Today: the first occasions of the day, one's own customers before others, and how many more. At
    most four queries: the page says whose day it is, and what stands in the way of a greeting stands in the list."""
    today = local_date(now)
    by_day = _by_day(Period(today, today + timedelta(days=1)))
    mine = _found(actor, by_day, Wanted(owner_id=actor.user_id), MOST_PER_DAY)
    pairs = (mine or _found(actor, by_day, ALL, MOST_PER_DAY)).get(today, [])
    # Of merged identities each may have brought the date, so more are read than shown, and people are counted.
    shown = _once_each(_occasions({today: pairs[: 3 * TODAY_SHOWN]}, by_day)[today])[:TODAY_SHOWN]
    left = {head for _pk, head in pairs} - {each.head.pk for each in shown}
    return shown, len(left)


# --- for the nightly job -------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Due:
    """A date for which a rule is to be carried out."""

    row: ImportantDate
    head_id: int
    on: date
    year: int


def due_for(rule: CareRule, today: date, *, after: int = 0, limit: int = 200) -> tuple[list[Due], int]:
    """What the rule is to be carried out for on `today`, by the id of the date from `after` on, and the id to go on
    from (0 at the end). Days missed since are caught up: the window reaches from today to `days_before` days on.

    Left out are customers erased, removed or in erasure, those who want no greetings, children without a guardian, and
    whoever had this occasion already this (lunar) year, whatever their birthday said then.
    """
    period = Period(today, today + timedelta(days=rule.days_before + 1))
    celebrations = in_period(period)
    wanted = Wanted(kinds=(rule.kind,), store_id=rule.store_id)
    heads = _heads(SYSTEM, wanted).filter(state=State.ACTIVE)
    rows = _dates_of(heads, wanted).filter(key__in=keys_of(celebrations), pk__gt=after)
    if rule.tag_id is not None:
        tagged = Tagging.objects.filter(tag=rule.tag_id).filter(
            Q(customer=OuterRef("head")) | Q(customer__merged_into=OuterRef("head"))
        )
        rows = rows.filter(Exists(tagged))
    batch = list(rows.select_related("customer").order_by("pk")[:limit])
    head_ids = {row.head for row in batch}  # type: ignore[attr-defined]
    members = members_of(head_ids)
    refused = heads_refusing_care(members)
    minors = minority_of_many(members, today)
    found = []
    for row in batch:
        head_id: int = row.head  # type: ignore[attr-defined]
        minority = minors.get(head_id)
        if head_id in refused or (minority is not None and minority.is_flagged):
            continue
        found += [Due(row, head_id, each.on, each.year) for each in celebrations if _matches(each, row)]
    return _not_yet(rule, found, members, period), batch[-1].pk if len(batch) == limit else 0


def _not_yet(
    rule: CareRule, due: Sequence[Due], members: Mapping[int, int], period: Period[date]
) -> list[Due]:
    """Without what was carried out already: the same occasion in the same year of its calendar, or so near that it can
    only be the same one under a corrected date. Within the batch too. One query."""
    since = period.from_ - timedelta(days=LEAST_DAYS_BETWEEN + 100)
    earlier: dict[tuple[int, str, str], list[tuple[date, int]]] = {}
    for row in CareOccasion.objects.filter(
        rule=rule, customer__in=members.keys(), kind=rule.kind, celebrated_on__gte=since
    ).select_related("date"):
        key = (members[row.customer_id], row.kind, _whose(row.date))
        earlier.setdefault(key, []).append((row.celebrated_on, row.year))
    left = []
    for each in due:
        key = (each.head_id, each.row.kind, _whose(each.row))
        before = earlier.setdefault(key, [])
        if any(year == each.year or abs((each.on - on).days) < LEAST_DAYS_BETWEEN for on, year in before):
            continue
        before.append((each.on, each.year))
        left.append(each)
    return left


def _whose(row: ImportantDate) -> str:
    """What tells two occasions of a kind apart: a person has one birthday; children are told apart by their label, and
    without one by their row."""
    if row.kind in SINGLE_KINDS:
        return ""
    return row.label or f"#{row.pk}"
