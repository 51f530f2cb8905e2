"""Whose birthday or anniversary comes: the coming days translated into stored dates (`rules/care.py`) and looked up.

A list never counts further than it shows: each day is read up to a limit by the index over (calendar, month, day), all
days in one query, so that a month of a million customers costs what a week of a shop does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import SYSTEM, Actor
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
from dianke.customers.queries.rights import Minority, members_of, minority_of_many
from dianke.customers.rules.care import LEAST_DAYS_BETWEEN, Celebration, in_period
from dianke.stores.queries import local_date
from dianke.work.models import Task

#: Rows read of one day; a day with more says so and has a page of its own.
MOST_PER_DAY = 200
TODAY_SHOWN = 8
IN_USE = (State.ACTIVE, State.REVIEW)
#: One of a kind for a person: a second row of these is the same occasion under a corrected date.
SINGLE_KINDS = (DateKind.BIRTHDAY, DateKind.WEDDING, DateKind.SPOUSE)


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
    """The occasions of each day of a bounded period that has any, of customers the actor may see. At most 10 queries.

    `limit` is per day; `offset` skips rows of each day, which is meant for a period of one day.
    """
    by_day = {on: list(group) for on, group in groupby(in_period(period), key=lambda each: each.on)}
    if not by_day:
        return []
    days = list(by_day)
    heads = _heads(actor, wanted)
    parts = [
        _dates_of(by_day[day], heads, wanted)
        .annotate(place=Value(index, IntegerField()))
        .values_list("place", "pk", "head")
        # One day is read page by page, in order; of several only the first are shown, and any will do: sorting would
        # make the database read all of them.
        .order_by(*(["pk"] if len(days) == 1 else []))[offset : offset + limit + 1]
        for index, day in enumerate(days)
    ]
    found: dict[int, list[tuple[int, int]]] = {}
    rows = parts[0] if len(parts) == 1 else parts[0].union(*parts[1:], all=True)
    for place, pk, head in rows:
        found.setdefault(place, []).append((pk, head))
    shown = [pair for pairs in found.values() for pair in pairs[:limit]]
    known = _occasions(shown, by_day, period.from_)
    return [
        Day(
            days[place],
            _once_each(
                [known[pk, days[place]] for pk, _head in found[place][:limit] if (pk, days[place]) in known]
            ),
            is_more=len(found[place]) > limit,
        )
        for place in sorted(found)
    ]


def _heads(actor: Actor, wanted: Wanted) -> QuerySet[Customer]:
    heads = Customer.objects.visible_to(actor).heads().filter(state__in=IN_USE)
    if wanted.store_id is not None:
        heads = heads.filter(store_id=wanted.store_id)
    if wanted.owner_id is not None:
        heads = heads.filter(owner_id=wanted.owner_id)
    return heads


def _dates_of(
    celebrations: Iterable[Celebration], heads: QuerySet[Customer], wanted: Wanted
) -> QuerySet[ImportantDate]:
    """Dates in use that are celebrated then, with `head`, of these profiles and what was merged into them."""
    rows = ImportantDate.objects.filter(stored_as(celebrations), archived_at=None)
    if wanted.kinds:
        rows = rows.filter(kind__in=wanted.kinds)
    return rows.annotate(head=Coalesce(F("customer__merged_into"), F("customer"))).filter(
        head__in=heads.values("pk")
    )


def stored_as(celebrations: Iterable[Celebration]) -> Q:
    """The condition on dates: grouped so that the index over calendar, month and day answers it."""
    condition = Q(pk__in=[])
    for each in celebrations:
        stored = each.stored
        one = Q(calendar=stored.calendar, month=stored.month, day=stored.day)
        if stored.calendar == Calendar.LUNAR:
            one &= Q(is_leap=stored.is_leap)
        condition |= one
    return condition


def _occasions(
    pairs: Collection[tuple[int, int]], by_day: dict[date, list[Celebration]], today: date
) -> dict[tuple[int, date], Occasion]:
    """By date row and day. Five queries."""
    head_ids = {head for _pk, head in pairs}
    rows = ImportantDate.objects.select_related("customer").in_bulk({pk for pk, _head in pairs})
    heads = Customer.objects.select_related("store", "owner").in_bulk(head_ids)
    members = members_of(head_ids)
    minors = minority_of_many(members, today)
    refused = heads_refusing_care(members)
    reachable = heads_with_phone(members)
    made = {
        (row.date_id, row.year): row.task_id
        for row in CareOccasion.objects.filter(date__in=rows).exclude(task_id=None).order_by("pk")
    }
    by_hand = {
        f"care:date:{pk}:{year}": (pk, year)
        for pk, row in rows.items()
        for _day, year in _days_of(row, by_day)
    }
    for reference, task_id in Task.objects.filter(reference__in=by_hand).values_list("reference", "pk"):
        made.setdefault(by_hand[reference or ""], task_id)
    found: dict[tuple[int, date], Occasion] = {}
    for pk, head_id in pairs:
        row, head = rows[pk], heads[head_id]
        for day, year in _days_of(row, by_day):
            found[pk, day] = Occasion(
                row,
                head,
                day,
                year,
                years=year - row.year if row.year else None,
                minority=minors.get(head_id),
                is_refused=head_id in refused,
                task_id=made.get((pk, year)),
                has_phone=head_id in reachable,
            )
    return found


def _days_of(row: ImportantDate, by_day: dict[date, list[Celebration]]) -> list[tuple[date, int]]:
    """The days on which a stored date falls: mostly one, two when the period spans a year."""
    return [(each.on, each.year) for several in by_day.values() for each in several if _matches(each, row)]


def _matches(each: Celebration, row: ImportantDate) -> bool:
    stored = each.stored
    return (stored.calendar, stored.month, stored.day) == (row.calendar, row.month, row.day) and (
        row.calendar == Calendar.SOLAR or stored.is_leap == row.is_leap
    )


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
    """For the page Today: the first occasions of the day, one's own customers before others, and how many more."""
    today = local_date(now)
    own = upcoming(
        actor, Period(today, today + timedelta(days=1)), Wanted(owner_id=actor.user_id), limit=TODAY_SHOWN
    )
    days = own or upcoming(actor, Period(today, today + timedelta(days=1)), limit=MOST_PER_DAY)
    occasions = list(days[0].occasions) if days else []
    return occasions[:TODAY_SHOWN], max(0, len(occasions) - TODAY_SHOWN)


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
    rows = _dates_of(celebrations, heads, wanted).filter(pk__gt=after)
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
