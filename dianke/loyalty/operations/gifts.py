"""Gifts on birthdays and anniversaries, once per year of the calendar the date is kept in. A birthday that is
corrected, or kept in the other calendar from now on, brings no second gift: the days of the last ones are too
near.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection
from django.db.models import Q

from dianke.core.actor import Actor
from dianke.core.period import Period
from dianke.customers.models import DateKind, ImportantDate, State
from dianke.customers.models.life import day_key
from dianke.customers.queries.care import keys_of
from dianke.customers.queries.rights import members_of
from dianke.customers.rules.care import LEAST_DAYS_BETWEEN, Celebration, StoredDay, in_period
from dianke.events.operations import operation, record, step, unchanged
from dianke.loyalty.models import Gift, GiftGiven, Membership
from dianke.loyalty.operations.points import give_points
from dianke.loyalty.queries.members import House, house, seen
from dianke.loyalty.rules.levels import anniversary, better

GIFT_KIND = "loyalty.gift_given"
BATCH = 200


@dataclass(frozen=True, slots=True)
class Due:
    """A profile that celebrates `on`; `year` is of the calendar of its date."""

    head_id: int
    customer_id: int
    on: date
    year: int


@operation(None)
def give_gifts(*, gift: Gift, after: int = 0, actor: Actor, now: datetime) -> tuple[int, int]:
    """Give a gift to those whose day has come (or comes within its days before), a batch by id from `after` on; (how
    many got it, id to go on from or 0). Days missed since are not caught up beyond the gift's own days."""
    of = house()
    if of is None or not gift.is_active or gift.programme_id != of.programme.pk:
        unchanged()
        return 0, 0
    today = of.terms.day_of(now)
    due, next_id = _due(gift, today, after)
    due = _not_yet(gift, due)
    levels = seen(of, {each.head_id for each in due}, today) if due else {}
    given = []
    for each in due:
        standing = levels[each.head_id]
        reached = next(
            (level for level in of.levels if standing.member and level.id == standing.member.reached_id),
            of.first,
        )
        level = better(reached, standing.given)
        if gift.level_codes and (level is None or level.code not in gift.level_codes):
            continue
        if _give(gift, each, of, today, actor, now):
            given.append(each)
    if not given:
        unchanged()
        return 0, next_id
    record(
        "loyalty.gifts_given",
        f"loyalty.gift:{gift.pk}",
        also=[f"customers.customer:{each.head_id}" for each in given],
        actor=actor,
        now=now,
        data={
            "gift": gift.name,
            "points": gift.points,
            "coupon_kind": gift.coupon_kind,
            "customers": [each.head_id for each in given],
            "reference": [_reference(gift, each) for each in given],
        },
    )
    return len(given), next_id


def _reference(gift: Gift, due: Due) -> str:
    return f"loyalty.gift:{due.customer_id}/{gift.occasion}/{due.year}"


@step
def _give(gift: Gift, due: Due, of: House, today: date, actor: Actor, now: datetime) -> bool:
    """Whether it was given; the unique row decides when two jobs run at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO loyalty_giftgiven (customer_id, gift_id, occasion, year, celebrated_on, points, at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (customer_id, occasion, year) DO NOTHING RETURNING id",
            [due.customer_id, gift.pk, gift.occasion, due.year, due.on, gift.points, now],
        )
        if cursor.fetchone() is None:
            return False
    if gift.points:
        give_points(
            customer_id=due.customer_id,
            points=gift.points,
            kind=GIFT_KIND,
            reference=_reference(gift, due),
            business_date=today,
            expires_at=of.terms.midnight(max(due.on, today) + timedelta(days=gift.valid_days + 1)),
            terms=of.terms,
            actor=actor,
            now=now,
        )
    return True


# --- whose day it is ----------------------------------------------------------------------------------------
@step
def _due(gift: Gift, today: date, after: int) -> tuple[list[Due], int]:
    """Profiles in use that celebrate in the gift's days, and the id to go on from."""
    if gift.occasion == Gift.Occasion.JOINING:
        return _anniversaries(gift, today, after)
    celebrations = in_period(Period(today, today + timedelta(days=gift.days_before + 1)))
    kind = DateKind.BIRTHDAY if gift.occasion == Gift.Occasion.BIRTHDAY else DateKind.WEDDING
    rows = list(
        ImportantDate.objects.alias(key=day_key())
        .filter(
            archived_at=None,
            kind=kind,
            key__in=keys_of(celebrations),
            pk__gt=after,
            customer__state=State.ACTIVE,
        )
        .filter(Q(customer__merged_into=None) | Q(customer__merged_into__state=State.ACTIVE))
        .select_related("customer")
        .order_by("pk")[:BATCH]
    )
    by_day: dict[StoredDay, list[Celebration]] = {}
    for each in celebrations:
        by_day.setdefault(each.stored, []).append(each)
    found: dict[int, Due] = {}
    for row in rows:
        stored = StoredDay(row.calendar, row.month, row.day, row.is_leap)
        for each in by_day.get(stored, ()):
            head = row.customer.head_id
            found.setdefault(head, Due(head, head, each.on, each.year))
    return list(found.values()), rows[-1].pk if len(rows) == BATCH else 0


@step
def _anniversaries(gift: Gift, today: date, after: int) -> tuple[list[Due], int]:
    """Members who joined on such a day of an earlier year."""
    days = [today + timedelta(days=number) for number in range(gift.days_before + 1)]
    keys = {(day.month, day.day) for day in days}
    wanted = Q(pk__in=[])
    for month, day_of_month in keys | ({(2, 29)} if (2, 28) in keys else set()):
        wanted |= Q(joined_on__month=month, joined_on__day=day_of_month)
    rows = list(
        Membership.objects.filter(
            wanted,
            customer__gt=after,
            customer__state=State.ACTIVE,
            customer__merged_into=None,
            joined_on__lt=today.replace(month=1, day=1),
        ).order_by("customer_id")[:BATCH]
    )
    found = []
    for row in rows:
        for day in days:
            if anniversary(row.joined_on, day.year) == day and day.year > row.joined_on.year:
                found.append(Due(row.customer_id, row.customer_id, day, day.year))
                break
    return found, rows[-1].customer_id if len(rows) == BATCH else 0


@step
def _not_yet(gift: Gift, due: Sequence[Due]) -> list[Due]:
    """Without those whose profile had the occasion this year, or so near that it is the same one."""
    members = members_of({each.head_id for each in due})
    earlier: dict[int, list[tuple[date, int]]] = {}
    rows = GiftGiven.objects.filter(customer__in=members.keys(), occasion=gift.occasion)
    for customer_id, on, year in rows.values_list("customer_id", "celebrated_on", "year"):
        earlier.setdefault(members[customer_id], []).append((on, year))
    return [
        each
        for each in due
        if not any(
            year == each.year or abs((each.on - on).days) < LEAST_DAYS_BETWEEN
            for on, year in earlier.get(each.head_id, ())
        )
    ]
