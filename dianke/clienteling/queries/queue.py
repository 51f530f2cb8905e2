"""One's own list of today as it is shown: whom, why, in which words, on which ways, and what came of it. A fixed number
of statements, whatever the length of the list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from dianke.clienteling.models import Entry, Outcome, Why
from dianke.clienteling.queries.products import suggested
from dianke.clienteling.queries.rules import queue_rules, reasons_in_force
from dianke.clienteling.queries.ways import Way, ways_of
from dianke.clienteling.queries.wording import Said, sentence, suggested_words, why_here
from dianke.clienteling.rules.reasons import REASONS
from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.customers.models.people import OUT_OF_USE
from dianke.customers.queries.care import heads_with_phone
from dianke.customers.queries.rights import members_of
from dianke.insight.queries.proposals import Proposed
from dianke.stores.queries import local_date
from dianke.web.formats import calendar_day


@dataclass(frozen=True, slots=True)
class Told:
    """One reason: its name, and the sentence with its numbers."""

    code: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    entry: Entry
    head: Customer
    reasons: Sequence[Told]
    why: str
    order: str
    words: str
    product: Proposed | None
    ways: Sequence[Way]
    has_phone: bool
    outcome: Outcome | None = None

    @property
    def main(self) -> Told:
        return self.reasons[0]

    @property
    def first_way(self) -> Way | None:
        """The one to try first."""
        return next((way for way in self.ways if way.is_open), None)

    @property
    def may_call(self) -> bool:
        return self.has_phone and self._is_open("CALL")

    @property
    def may_copy(self) -> bool:
        """Words are copied into WeChat, or said on the telephone."""
        return self._is_open("WECHAT") or self._is_open("CALL")

    @property
    def sending(self) -> Sequence[Way]:
        """Through the outbox: now, or later today."""
        return [way for way in self.ways if way.is_sent and (way.is_open or way.waits)]

    @property
    def closed(self) -> Sequence[Way]:
        return [way for way in self.ways if not way.is_open]

    @property
    def agreed(self) -> str:
        """The day that was agreed, in words."""
        day = self.outcome.agreed_date if self.outcome else None
        return calendar_day(day, self.entry.day) if day else ""

    @property
    def rests(self) -> str:
        """Until when they are left in peace, in words."""
        return calendar_day(self.outcome.rests_until_date, self.entry.day) if self.outcome else ""

    def _is_open(self, code: str) -> bool:
        return any(way.is_open for way in self.ways if way.code == code)


@dataclass(frozen=True, slots=True)
class QueueOfDay:
    """`open` in the order of the list, `done` the latest first."""

    day: date
    limit: int
    open: Sequence[Card] = ()
    done: Sequence[Card] = field(default=())

    @property
    def count(self) -> int:
        return len(self.open) + len(self.done)


def queue_of(actor: Actor, *, now: datetime) -> QueueOfDay:
    """The list of whoever asks. Whom one may not see any more, whom a colleague reached meanwhile under another
    identity, and who was erased, are not on it."""
    day = local_date(now)
    limit = queue_rules().day_limit
    entries = _entries(actor, day)
    if not entries:
        return QueueOfDay(day, limit)
    heads = {entry.pk: entry.customer.merged_into or entry.customer for entry in entries}
    entries = _once_each(entries, heads)
    head_of = members_of({head.pk for head in heads.values()})
    outcomes, resting = _outcomes(head_of, entries, day)
    cards = [
        card
        for card in _cards(entries, heads, head_of, actor, outcomes, now)
        if card.outcome is not None or card.head.pk not in resting
    ]
    done = sorted((card for card in cards if card.outcome), key=lambda card: -card.outcome.pk)  # type: ignore[union-attr]
    return QueueOfDay(day, limit, [card for card in cards if not card.outcome], done)


def open_count(actor: Actor, *, now: datetime) -> tuple[int, int, list[Entry]]:
    """For Today: how many are still to be contacted, of how many, and the first of them. Two statements."""
    entries = _entries(actor, local_date(now))
    done = set(
        Outcome.objects.standing()
        .filter(entry__in=[entry.pk for entry in entries])
        .values_list("entry", flat=True)
    )
    still = [entry for entry in entries if entry.pk not in done]
    return len(still), len(entries), still


def _entries(actor: Actor, day: date) -> list[Entry]:
    rows = (
        Entry.objects.visible_to(actor).filter(day=day, user_id=actor.user_id or 0).order_by("-weight", "pk")
    )
    related = ("customer__merged_into__store", "customer__store", "partner")
    return [
        entry
        for entry in rows.select_related(*related)
        if entry.reasons and (entry.customer.merged_into or entry.customer).state not in OUT_OF_USE
    ]


def _once_each(entries: Sequence[Entry], heads: Mapping[int, Customer]) -> list[Entry]:
    """Two entries became one person if they were merged since: the heavier stays."""
    seen: dict[int, Entry] = {}
    for entry in entries:
        seen.setdefault(heads[entry.pk].pk, entry)
    return list(seen.values())


def _outcomes(
    head_of: Mapping[int, int], entries: Sequence[Entry], day: date
) -> tuple[dict[int, Outcome], set[int]]:
    """What was noted for these entries, and profiles that somebody else's word leaves in peace."""
    own: dict[int, Outcome] = {}
    resting: set[int] = set()
    known = {entry.pk for entry in entries}
    rows = Outcome.objects.standing().filter(customer__among=list(head_of), rests_until_date__gt=day)
    for row in rows:
        if row.entry_id in known:
            own[row.entry_id] = row
        else:
            resting.add(head_of[row.customer_id])
    return own, resting


def _cards(
    entries: Sequence[Entry],
    heads: Mapping[int, Customer],
    head_of: Mapping[int, int],
    actor: Actor,
    outcomes: Mapping[int, Outcome],
    now: datetime,
) -> list[Card]:
    day, in_force = local_date(now), reasons_in_force()
    members: dict[int, list[int]] = defaultdict(list)
    for pk, head in head_of.items():
        members[head].append(pk)
    ways = ways_of(list(members), now=now)
    phones = heads_with_phone(head_of)
    products = suggested(set(heads.values()), actor=actor, now=now)
    wanted = [
        Said(heads[entry.pk].pk, *_first(entry), product=_name(products.get(heads[entry.pk].pk)))
        for entry in entries
    ]
    words = suggested_words(wanted, in_force, members, actor=actor, now=now)
    found = []
    for entry in entries:
        one, (code, _facts) = heads[entry.pk], _first(entry)
        found.append(
            Card(
                entry,
                one,
                [
                    Told(
                        each["code"],
                        str(REASONS[each["code"]].label),
                        sentence(each["code"], each["facts"], today=day, actor=actor),
                    )
                    for each in entry.reasons
                ],
                str(Why(entry.why).label),
                why_here(entry.parts),
                words.get(one.pk, ""),
                products.get(one.pk),
                ways.get((one.pk, REASONS[code].purpose), ()),
                one.pk in phones,
                outcomes.get(entry.pk),
            )
        )
    return found


def _first(entry: Entry) -> tuple[str, Mapping[str, Any]]:
    return entry.reasons[0]["code"], entry.reasons[0]["facts"]


def _name(product: Proposed | None) -> str:
    return product.name if product else ""
