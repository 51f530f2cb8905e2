"""What matching reads: profiles and entries as `rules/linking.py` weighs them, and the few candidates worth scoring."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from dianke.customers.models import ContactKind, ContactPoint, Customer, ImportantDate, MatchPair, PairState
from dianke.customers.queries.duplicates import IN_USE, MOST_HOLDERS, Holder
from dianke.customers.rules.dates import DateEntry
from dianke.customers.rules.entry import Normalised
from dianke.customers.rules.linking import IDENTITIES, Known

MOST_CANDIDATES = 50
#: How many of a name are looked at: 王伟 fills a page of any list, and the rest comes with the nightly run.
MOST_NAMESAKES = 30


def known_entry(found: Normalised, holders: Sequence[Holder]) -> Known:
    """What came in, as the rule weighs it."""
    identities: dict[str, set[str]] = defaultdict(set)
    for contact in found.contacts:
        if contact.kind in IDENTITIES:
            hashes = ContactPoint.blind("value", contact.value)["value_exact__in"]
            identities[contact.kind] |= {bytes(one).hex() for one in hashes}
    return Known(
        names=tuple(name for name in (found.name, *split_names(found.aliases)) if name),
        birthdays=tuple(day for day in found.dates if day.kind == "BIRTHDAY"),
        identities={kind: frozenset(values) for kind, values in identities.items()},
    )


def known_by_head(head_ids: Collection[int]) -> dict[int, Known]:
    """What `rules/linking.py` weighs of these profiles. Three queries."""
    if not head_ids:
        return {}
    head_of: dict[int, int] = {}
    names: dict[int, list[str]] = defaultdict(list)
    rows = Customer.objects.clusters(head_ids).filter(state__in=IN_USE)
    for pk, merged_into_id, name, aliases in rows.values_list("pk", "merged_into_id", "name", "aliases"):
        head_of[pk] = merged_into_id or pk
        names[head_of[pk]] += [one for one in (name, *split_names(aliases)) if one]
    days: dict[int, list[DateEntry]] = defaultdict(list)
    dates = ImportantDate.objects.filter(customer_id__among=head_of, kind="BIRTHDAY", archived_at=None)
    for pk, year, month, day, calendar, is_leap in dates.values_list(
        "customer_id", "year", "month", "day", "calendar", "is_leap"
    ):
        one = DateEntry(year=year, month=month, day=day, calendar=calendar, is_leap=is_leap)
        days[head_of[pk]].append(one)
    identities: dict[int, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    points = ContactPoint.objects.current().filter(customer_id__among=head_of, kind__in=IDENTITIES)
    for pk, kind, value in points.values_list("customer_id", "kind", "value_exact"):
        identities[head_of[pk]][kind].add(bytes(value).hex())
    return {
        head_id: Known(
            head_id=head_id,
            names=tuple(names[head_id]),
            birthdays=tuple(days[head_id]),
            identities={kind: frozenset(values) for kind, values in identities[head_id].items()},
        )
        for head_id in set(head_of.values())
    }


def known_profiles(holders: Sequence[Holder], found: Normalised) -> list[Known]:
    """The profiles that hold a key of the entry, as the rule weighs them; three queries."""
    known = known_by_head([holder.head_id for holder in holders])
    proven = frozenset(contact.kind for contact in found.contacts if contact.verified_at)
    return [
        replace(known[holder.head_id], matched=frozenset(holder.kinds), proven=proven)
        for holder in holders
        if holder.head_id in known
    ]


def split_names(aliases: str) -> list[str]:
    """Other names, however they are separated."""
    return [one.strip() for one in aliases.replace("，", ",").replace("、", ",").split(",") if one.strip()]


def candidates_for(customer: Customer) -> list[int]:
    """Heads of profiles worth scoring against this one: who shares an exact key, then namesakes (by characters or
    pinyin), at most `MOST_CANDIDATES`. Three queries, each by an index."""
    head_id = customer.head_id
    mine = ContactPoint.objects.current().filter(
        customer__in=Customer.objects.cluster(head_id), is_shared=False
    )
    keys = list(
        mine.exclude(kind__in=[ContactKind.WECHAT, ContactKind.OTHER]).values_list("kind", "value_exact")
    )
    found: dict[int, None] = {}
    condition = Q()
    for kind, value in keys:
        condition |= Q(kind=kind, value_exact=value)
    if condition:
        rows = (
            ContactPoint.objects.current()
            .filter(condition, is_shared=False, customer__state__in=IN_USE)
            .annotate(head=Coalesce(F("customer__merged_into_id"), F("customer_id")))
            .exclude(head=head_id)
            .order_by("-customer_id")
        )
        found |= dict.fromkeys(rows.values_list("head", flat=True)[:MOST_HOLDERS])
    if len(customer.name) >= 2:
        namesakes = Customer.objects.heads().filter(state__in=IN_USE, search_words__found_by=customer.name)
        rows = namesakes.exclude(pk=head_id).order_by("-last_seen_at", "-pk")
        found |= dict.fromkeys(rows.values_list("pk", flat=True)[:MOST_NAMESAKES])
    return list(found)[:MOST_CANDIDATES]


def told_apart() -> set[tuple[int, int]]:
    """Pairs of profiles (heads, the smaller first) of which somebody said that they are not the same person."""
    rows = MatchPair.objects.filter(state=PairState.DIFFERENT).values_list(
        Coalesce(F("left__merged_into_id"), F("left_id")), Coalesce(F("right__merged_into_id"), F("right_id"))
    )
    return {(min(pair), max(pair)) for pair in rows if pair[0] != pair[1]}
