"""The lists of a day: who has a reason, who may be contacted, who is given whom. Made in the early morning and filled
up during the day; who stands on a list stays there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.db.models import Q

from dianke.clienteling.models import MANAGE, Entry, Outcome
from dianke.clienteling.queries.people import Lists, lists, seen_by
from dianke.clienteling.queries.reasons import MOST, Found, reasons_of_day
from dianke.clienteling.queries.rules import queue_rules, reasons_in_force
from dianke.clienteling.queries.ways import Ways, ways_of
from dianke.clienteling.rules.dealing import Candidate, deal
from dianke.clienteling.rules.reasons import REASONS, Weighed, weigh
from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.customers.queries.rights import members_of
from dianke.events.operations import operation, record, unchanged
from dianke.insight.models import CustomerMetrics
from dianke.stores.queries import local_date

#: Two workers do not make the same lists at once.
_LOCK = 7_301_944


@dataclass(frozen=True, slots=True)
class _Head:
    store: int
    owner: int
    partner: int


@operation(MANAGE)
def make_lists(*, actor: Actor, now: datetime) -> int:
    """Make the lists of the merchant's day, or fill them up to the limit; how many customers were added. Who is on a
    list of the day already, or is left in peace, is given to nobody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    day = local_date(now)
    people = lists(now)
    free = _free(people, day)
    found = reasons_of_day(reasons_in_force(), day=day, now=now) if any(free.values()) else {}
    for pk in _resting(found, day):
        del found[pk]
    weighed = _weighed(found, ways_of(list(found), now=now) if found else {})
    heads = _heads(weighed, found)
    candidates = _candidates(weighed, heads, people, seen_by(people, list(heads)))
    given = deal(candidates, free, salt=day.isoformat())
    if not given:
        unchanged()
        return 0
    Entry.objects.bulk_create(
        [
            Entry(
                day=day,
                user_id=each.user,
                customer_id=each.customer,
                partner_id=heads[each.customer].partner or None,
                why=each.why,
                weight=weighed[each.customer].weight,
                parts=list(weighed[each.customer].parts),
                reasons=[{"code": code, "facts": facts} for code, facts in weighed[each.customer].reasons],
                made_at=now,
            )
            for each in given
        ]
    )
    record(
        "clienteling.lists_made",
        f"clienteling.day:{day.isoformat()}",
        actor=actor,
        now=now,
        data={"count": len(given), "people": len({each.user for each in given})},
    )
    return len(given)


def _free(people: Lists, day: date) -> dict[int, int]:
    limit = queue_rules().day_limit
    taken = Counter(Entry.objects.filter(day=day, user__in=people.actors).values_list("user_id", flat=True))
    return {user: max(0, limit - taken[user]) for user in people.actors}


def _resting(found: Found, day: date) -> set[int]:
    """Profiles somebody reached, or that are on a list of today, under whatever identity. Three statements."""
    if not found:
        return set()
    head_of = members_of(list(found))
    everybody = list(head_of)
    rests = Outcome.objects.standing().filter(customer__among=everybody, rests_until_date__gt=day)
    listed = Entry.objects.filter(day=day, customer__among=everybody)
    return {head_of[pk] for rows in (rests, listed) for pk in rows.values_list("customer_id", flat=True)}


def _weighed(found: Found, ways: Ways) -> dict[int, Weighed]:
    """Only reasons for which some way is open today."""
    scores = dict(
        CustomerMetrics.objects.filter(customer__among=list(found)).values_list("customer_id", "money_score")
    )
    weighed = {}
    for pk, reasons in found.items():
        may = [
            (code, facts)
            for code, facts in reasons.items()
            if any(way.is_open or way.waits for way in ways.get((pk, REASONS[code].purpose), ()))
        ]
        if may:
            weighed[pk] = weigh(may, money_score=scores.get(pk, 0))
    return weighed


def _heads(weighed: Mapping[int, Weighed], found: Found) -> dict[int, _Head]:
    """Who keeps and looks after them; of each store the heaviest, as many as could ever be called."""
    rows = Customer.objects.filter(~Q(state="REMOVED"), pk__among=list(weighed)).values_list(
        "pk", "store_id", "owner_id", "partner_id"
    )
    by_store: dict[int, list[tuple[int, _Head]]] = defaultdict(list)
    for pk, store, owner, partner in rows:
        by_store[store or 0].append((pk, _Head(store or 0, owner or 0, partner or 0)))
    heads: dict[int, _Head] = {}
    for several in by_store.values():
        several.sort(key=lambda each: (-weighed[each[0]].weight, each[0]))
        heads.update(several[: MOST * len(REASONS)])
    return heads


def _candidates(
    weighed: Mapping[int, Weighed],
    heads: Mapping[int, _Head],
    people: Lists,
    sees: Mapping[int, frozenset[int]],
) -> Collection[Candidate]:
    found = []
    for pk, head in heads.items():
        seen = sees.get(pk, frozenset())
        promised = next(
            (int(facts["by"]) for code, facts in weighed[pk].reasons if code == "AGAIN" and facts.get("by")),
            0,
        )
        found.append(
            Candidate(
                customer=pk,
                weight=weighed[pk].weight,
                store=head.store,
                partner=head.partner,
                promised=promised,
                owner=head.owner,
                sees=seen,
                may=people.sharing(head.store, head.partner, seen),
            )
        )
    return found
