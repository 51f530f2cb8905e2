"""What to propose to somebody now: what was worked out for them at night, and what goes with a basket, as far as it
holds at this moment.

Left out are goods that are not sold any more, not in the store, in the basket, owned and not used up, declined, in a
category that is never proposed, or that their details forbid. Each one says why it is proposed, in words. The number of
statements does not depend on how many people are asked about.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from dianke.core.actor import Actor
from dianke.customers.models import Customer, Purpose
from dianke.customers.queries.consents import consents_of
from dianke.customers.rules.consent import may
from dianke.insight.models import PROPOSE, DeclinedProposal, ProductPair, Proposal, UnproposedCategory
from dianke.insight.queries.avoided import AVOID, details_of
from dianke.insight.rules.holding import due_on, forbids, is_due, words_of
from dianke.sales.models import Order
from dianke.stores.models import Store
from dianke.stores.queries import local_date
from dianke.web.formats import calendar_day, number

DUE, TOGETHER, ALIKE = Proposal.Kind
#: What is asked about: purchases of so long. Older ones count neither as a reason nor as owned.
OWNED = timedelta(days=730)
#: So many of the latest purchases stand for who has nothing worked out for them yet.
LATEST = 5


@dataclass(frozen=True, slots=True)
class Proposed:
    """A product to offer and the variant of it that is there. `because_id` is the product that speaks for it, `due_on`
    the day it is used up by; `reason` is a sentence for whoever serves the customer."""

    product_id: int
    variant_id: int
    name: str
    kind: Proposal.Kind
    reason: str
    because_id: int | None = None
    due_on: date | None = None
    part_count: int = 0
    all_count: int = 0


@dataclass(slots=True)
class _Candidate:
    product_id: int
    kind: Proposal.Kind
    because_id: int | None
    part: int
    whole: int
    interval: int | None = None
    is_of_basket: bool = False


@dataclass(frozen=True, slots=True)
class _Bought:
    """A product in somebody's hands: the last day, on how many days, and whether the asker may know."""

    last: date
    times: int
    is_seen: bool


@dataclass(slots=True)
class _Person:
    head_id: int
    candidates: list[_Candidate] = field(default_factory=list)
    bought: dict[int, _Bought] = field(default_factory=dict)
    declined: set[int] = field(default_factory=set)
    details: str = ""
    is_personal: bool = True


@dataclass(frozen=True, slots=True)
class _Goods:
    name: str
    line: tuple[int, ...]
    avoid: tuple[str, ...]
    variant_id: int | None


def proposals_for(
    person: Customer | None,
    basket: Collection[int] = (),
    *,
    store: Store | None = None,
    sight: Actor,
    at: datetime,
    count: int = 3,
) -> list[Proposed]:
    """What to propose to `person` (None: whoever stands there), with these products in the basket, best first.

    `store`: only what is there; without one, what is anywhere. Nothing for who may not see proposals or the person. Who
    refused personal recommendations gets what goes with the basket. Some ten statements.
    """
    if not sight.can(PROPOSE):
        return []
    if person is None:
        return _answered({0: _Person(0)}, basket, store, at, count)[0]
    heads = Customer.objects.visible_to(sight).in_use().filter(pk=person.head_id)
    if not sight.is_system and not heads.exists():
        return []
    found = proposals_for_many([person.head_id], basket, store=store, sight=sight, at=at, count=count)
    return found[person.head_id]


def proposals_for_many(
    head_ids: Collection[int],
    basket: Collection[int] = (),
    *,
    store: Store | None = None,
    sight: Actor,
    at: datetime,
    count: int = 1,
    is_agreed: bool = False,
) -> dict[int, list[Proposed]]:
    """As `proposals_for`, of many profiles whom the asker is known to see. `is_agreed`: only to who agreed to personal
    recommendations, not merely did not refuse them; for what is sent without anybody choosing it."""
    if not sight.can(PROPOSE):
        return {head: [] for head in head_ids}
    people = {head: _Person(head) for head in head_ids}
    members = _members(head_ids)
    _read_bought(people, members, sight, at)
    _ask(people, is_agreed=is_agreed)
    _read_candidates(people, members)
    rows = DeclinedProposal.objects.filter(customer__in=members).values_list("customer_id", "product_id")
    for customer_id, product_id in rows:
        people[members[customer_id]].declined.add(product_id)
    return _answered(people, basket, store, at, count)


# --- reading --------------------------------------------------------------------------------------------------------
def _members(head_ids: Collection[int]) -> dict[int, int]:
    """Everybody in these profiles, each with its head."""
    rows = Customer.objects.clusters(head_ids).in_use().values_list("pk", "merged_into_id")
    return {pk: merged_into or pk for pk, merged_into in rows}


def _ask(people: Mapping[int, _Person], *, is_agreed: bool) -> None:
    """Who refused personal recommendations gets none. Two statements."""
    answers = consents_of(people)
    for head, person in people.items():
        was_asked = any(purpose == Purpose.PROFILING for purpose, _channel in answers[head])
        person.is_personal = may(answers[head], Purpose.PROFILING) or not (was_asked or is_agreed)


def _read_bought(
    people: Mapping[int, _Person], members: Mapping[int, int], sight: Actor, at: datetime
) -> None:
    """What everybody has, as orders stand now; one statement."""
    reached = sight.stores_for("sales.view_orders")
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT o.customer_id, v.product_id, max(o.business_date), count(DISTINCT o.business_date),
                   bool_or(%(stores)s::bigint[] IS NULL OR o.store_id = ANY(%(stores)s))
            FROM sales_order AS o JOIN sales_orderline AS l ON l.order_id = o.id
            JOIN catalog_variant AS v ON v.id = l.variant_id
            WHERE o.customer_id = ANY(%(members)s) AND o.occurred_at > %(since)s AND o.state <> ALL(%(out)s)
              AND l.quantity > l.returned_quantity
            GROUP BY 1, 2
            """,
            {
                "stores": None if reached is None else sorted(reached),
                "members": list(members),
                "since": at - OWNED,
                "out": [Order.State.DRAFT, Order.State.CANCELLED],
            },
        )
        for customer_id, product_id, last, times, is_seen in cursor.fetchall():
            person = people[members[customer_id]]
            known = person.bought.get(product_id)
            if known is not None:
                last, times = max(last, known.last), times + known.times
                is_seen = is_seen or known.is_seen
            person.bought[product_id] = _Bought(last, times, is_seen)


def _read_candidates(people: Mapping[int, _Person], members: Mapping[int, int]) -> None:
    """What was worked out for them, read over everybody merged into each. One statement."""
    mine = [pk for pk, head in members.items() if people[head].is_personal]
    rows = Proposal.objects.filter(customer_id__in=mine).order_by("place", "customer_id")
    for row in rows:
        person = people[members[row.customer_id]]
        if all(one.product_id != row.product_id for one in person.candidates):
            person.candidates.append(
                _Candidate(
                    row.product_id,
                    Proposal.Kind(row.kind),
                    row.because_id,
                    row.part_count,
                    row.all_count,
                    row.interval_days,
                )
            )


def _pairs_with(product_ids: Collection[int]) -> dict[int, list[ProductPair]]:
    """What goes with each product, strongest first. One statement."""
    found: dict[int, list[ProductPair]] = {pk: [] for pk in product_ids}
    if product_ids:
        for pair in ProductPair.objects.filter(product_id__in=product_ids).order_by("place"):
            found[pair.product_id].append(pair)
    return found


# --- choosing -------------------------------------------------------------------------------------------------------
def _answered(
    people: Mapping[int, _Person], basket: Collection[int], store: Store | None, at: datetime, count: int
) -> dict[int, list[Proposed]]:
    in_basket = set(basket)
    latest = {
        head: _latest(person) if person.is_personal and not person.candidates else []
        for head, person in people.items()
    }
    pairs = _pairs_with(in_basket.union(*latest.values()))
    of_basket = _of_pairs(in_basket, pairs, is_of_basket=True)
    for head, person in people.items():
        own = person.candidates or _of_pairs(latest[head], pairs)
        known = {one.product_id for one in of_basket}
        person.candidates = [*of_basket, *(one for one in own if one.product_id not in known)]
    named = {one.because_id for person in people.values() for one in person.candidates if one.because_id}
    wanted = {one.product_id for person in people.values() for one in person.candidates}
    goods = _goods(wanted, named | in_basket, store)
    if any(one.avoid for one in goods.values()):
        for head, text in details_of([head for head in people if head]).items():
            people[head].details = text
    unproposed = set(UnproposedCategory.objects.values_list("pk", flat=True)) if wanted else set()
    today = store.business_date(at) if store else local_date(at)
    found = {}
    for head, person in people.items():
        fitting = (_fitting(one, person, goods, in_basket, unproposed, today) for one in person.candidates)
        found[head] = [one for one in fitting if one is not None][:count]
    return found


def _latest(person: _Person) -> list[int]:
    """The products bought last, the newest first."""
    order = sorted(person.bought, key=lambda pk: (person.bought[pk].last, pk), reverse=True)
    return order[:LATEST]


def _of_pairs(
    product_ids: Collection[int], pairs: Mapping[int, list[ProductPair]], *, is_of_basket: bool = False
) -> list[_Candidate]:
    """What goes with these products, the likeliest first, each once."""
    rows = sorted(
        (pair for pk in product_ids for pair in pairs[pk]),
        key=lambda pair: (-pair.part_count / pair.all_count, pair.place, pair.then_id),
    )
    found: dict[int, _Candidate] = {}
    for pair in rows:
        candidate = _Candidate(
            pair.then_id, TOGETHER, pair.product_id, pair.part_count, pair.all_count, None, is_of_basket
        )
        found.setdefault(pair.then_id, candidate)
    return list(found.values())


def _fitting(
    one: _Candidate,
    person: _Person,
    goods: Mapping[int, _Goods],
    basket: Collection[int],
    unproposed: AbstractSet[int],
    today: date,
) -> Proposed | None:
    """The proposal, where nothing speaks against it now."""
    wanted = goods.get(one.product_id)
    if (
        wanted is None
        or wanted.variant_id is None
        or one.product_id in basket
        or one.product_id in person.declined
        or not unproposed.isdisjoint(wanted.line)
        or forbids(wanted.avoid, person.details)
    ):
        return None
    bought = person.bought.get(one.product_id)
    due = None
    if one.kind == DUE:
        if bought is None or one.interval is None:  # given back, or of somebody who was separated
            return None
        due = due_on(bought.last, one.interval)
        if not is_due(due, one.interval, today):
            return None
    elif bought is not None:
        return None
    because = goods.get(one.because_id or 0)
    if one.because_id is not None and not one.is_of_basket:
        speaking = person.bought.get(one.because_id)
        if speaking is None:
            return None
        because = because if speaking.is_seen else None
    reason = _reason(one, because.name if because else "", bought, today)
    return Proposed(
        one.product_id,
        wanted.variant_id,
        wanted.name,
        one.kind,
        reason,
        one.because_id if because else None,
        due,
        one.part,
        one.whole,
    )


def _reason(one: _Candidate, because: str, bought: _Bought | None, today: date) -> str:
    values: dict[str, Any] = {"part": number(one.part), "whole": number(one.whole), "name": because}
    if one.kind == DUE and bought is not None:
        values |= {"day": calendar_day(bought.last, today), "days": number(one.interval or 0)}
        if bought.times > 1:
            return _("Last bought %(day)s, usually again after %(days)s days") % values
        return _("Last bought %(day)s; others buy it again after %(days)s days") % values
    if not because and one.because_id is not None:
        return _("Goes with what they have bought")
    if one.kind == TOGETHER:
        return _("Often bought with “%(name)s” (%(part)s of %(whole)s times)") % values
    if because:
        return _("Of %(whole)s people who have “%(name)s”, %(part)s have it too") % values
    return _("Of the %(whole)s who buy most alike, %(part)s have it") % values


# --- goods ----------------------------------------------------------------------------------------------------------
_GOODS = """
SELECT p.id, p.name, array_append(coalesce(c.path, '{}'), c.id), coalesce(p.custom ->> %(avoid)s, ''),
  (SELECT v.id FROM catalog_variant AS v
   LEFT JOIN LATERAL (
     SELECT sum(b.quantity - b.reserved) AS there FROM inventory_balance AS b
     JOIN inventory_place AS l ON l.id = b.place_id AND l.kind = 'STOCK'
     WHERE b.variant_id = v.id AND (%(store)s::bigint IS NULL OR l.store_id = %(store)s)) AS s ON true
   WHERE v.product_id = p.id AND v.is_active AND p.id = ANY(%(wanted)s)
     AND p.state IN ('ACTIVE', 'DISCONTINUED')
     AND (NOT %(is_stocked)s OR p.kind IN ('SERVICE', 'BUNDLE', 'MADE_TO_ORDER') AND p.state = 'ACTIVE'
          OR s.there > 0)
   ORDER BY s.there DESC NULLS LAST, v.position, v.id LIMIT 1)
FROM catalog_product AS p LEFT JOIN catalog_category AS c ON c.id = p.category_id
WHERE p.id = ANY(%(asked)s)
"""


def _goods(wanted: Collection[int], named: Collection[int | None], store: Store | None) -> dict[int, _Goods]:
    """Names, categories, what to avoid them for and the variant of which most is there; of those only named the names.
    Two statements."""
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _GOODS,
            {
                "wanted": sorted(wanted),
                "asked": sorted({*wanted, *(pk for pk in named if pk)}),
                "avoid": AVOID,
                "store": store.pk if store else None,
                "is_stocked": _keeps_stock(store),
            },
        )
        rows = cursor.fetchall()
    return {
        pk: _Goods(name, tuple(one for one in line if one), words_of(avoid), variant_id)
        for pk, name, line, avoid, variant_id in rows
    }


def _keeps_stock(store: Store | None) -> bool:
    """Whether stock is kept there at all: without it, what is on sale can be offered."""
    if not settings.DIANKE_MODULES:
        return True
    return "inventory" in import_string(settings.DIANKE_MODULES)(store.pk if store else None)
