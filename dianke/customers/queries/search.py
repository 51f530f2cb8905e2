"""Finding the right customer in two seconds: by the last digits of a phone, a name, pinyin, initials, a member number.

Numbers and addresses go through blind indexes; the last four digits share one with others and are compared after
opening, customers seen last first, until enough are found. Names go through the search words. Each is a step of one
statement (`search_statement.py`), which also brings what a line of results shows.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, ExpressionWrapper, F, Func, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from dianke.access.fields import masked
from dianke.core.actor import Actor
from dianke.core.data_keys import DataKeyDestroyed
from dianke.core.encrypted_fields import value_opener
from dianke.core.search_words import SearchWordsField, prefix_query
from dianke.customers.models import ContactKind, ContactPoint, Customer, CustomerQuerySet
from dianke.customers.queries.commonness import among_latest
from dianke.customers.queries.search_statement import (
    ADDRESSES,
    Line,
    Reach,
    Statement,
    Step,
    Window,
    condition_of,
    digits_indexed,
)
from dianke.customers.rules.search import Asked, asked

LIMIT = 20
#: From how many hits among the latest customers (`commonness.SAMPLE`) a word is common.
COMMON = 16
#: How many of the latest customers are walked past for a common word before the index is asked after all.
WALKED = 10_000
#: At how many stores at most people get a walk of their own, past the customers they may see.
FEW_STORES = 6
#: How many of the newest phones are looked at for last digits before older ones are; and how many are read at first,
#: in times of what is wanted: one in two to six of those that share the blind index ends so.
NEWEST, SPARE = 240, 7
#: How many are read at a time once those were not enough, and how many hits a list is narrowed to.
MOST_OPENED = 400
EVERY_ONE = 2**31
CONTACT_FIELD = "customers.contact.value"


@dataclass(frozen=True, slots=True)
class Found:
    """One customer, always the head of its profile. `masked_phone` is the number that was found, else the
    preferred one, as the actor may see it; `why` names what fitted, "" for the name."""

    customer: Customer
    masked_phone: str
    why: str = ""


def find(actor: Actor, text: str, limit: int = LIMIT, *, states: Sequence[str] | None = None) -> list[Found]:
    """The customers a query means among those the actor may see: exact ones first, then those seen last.

    `states` narrows to these; without it every customer in use. One query; a few more where hundreds of phones share
    the blind index of the last digits and end otherwise, and one every ten minutes for how common words are.
    """
    rows = Customer.objects.visible_to(actor).heads()
    rows = rows.in_use() if states is None else rows.filter(state__in=states)
    phone_of = _phones()
    return [
        Found(line.customer(), masked(actor, CONTACT_FIELD, phone_of(line)), _why(line.step))
        for line in _hits(actor, rows, asked(text), limit, phone_of)
    ]


def narrowed(actor: Actor, rows: CustomerQuerySet, text: str) -> CustomerQuerySet:
    """The rows of a list of customers (heads the actor may see) that a query means, in whatever order the list has."""
    meant = asked(text)
    if meant.is_empty:
        return rows.none()
    if meant.tail or meant.phone or meant.email or meant.number:
        hits = _hits(actor, rows, meant, MOST_OPENED, _phones())
        return rows.filter(pk__in=[line.customer_id for line in hits])
    return rows.filter(_has_words(meant.text, is_indexed=not is_common(meant.text)))


# --- hits ------------------------------------------------------------------------------------------------------------
PhoneOf = Callable[[Line], str]


def _hits(actor: Actor, rows: QuerySet[Any], meant: Asked, limit: int, phone_of: PhoneOf) -> list[Line]:
    """The first `limit` hits, each profile once; what is surer comes first."""
    try:
        visible = condition_of(rows)
    except EmptyResultSet:
        return []
    bounds = {"limit": limit, "walked": WALKED}
    is_walked = bool(meant.text) and not meant.tail and not meant.phone and is_common(meant.text)
    statement = Statement(meant, visible, _reach(actor), bounds, is_walked=is_walked)
    lines = _ending(statement, meant.tail, limit, phone_of) if meant.tail else statement.lines()
    hits: dict[int, Line] = {}
    for line in lines:
        hits.setdefault(line.customer_id, line)
        if len(hits) >= limit:
            break
    return list(hits.values())


def _ending(statement: Statement, tail: str, limit: int, phone_of: PhoneOf) -> Iterator[Line]:
    """Lines in order, of those found by their last digits only the ones whose phone ends so."""
    window = Window(NEWEST if len(tail) == digits_indexed(tail)[1] else EVERY_ONE, limit * SPARE)
    count = 0
    while True:
        lines = statement.lines(window)
        candidates = [line for line in lines if line.step is Step.TAIL]
        for line in lines:
            if line.step is not Step.TAIL:
                yield line
            elif phone_of(line).endswith(tail):
                count += 1
                yield line
        if len(candidates) >= window.size:
            window = Window(window.newest, window.size * 3, window.skipped + window.size)
        elif count < limit and candidates and not candidates[0].is_whole:
            # Enough of the newest may be seen, but too few end so: they share the index with a popular tail.
            window = Window(EVERY_ONE, MOST_OPENED)
        else:
            return


def _reach(actor: Actor) -> Reach | None:
    stores = actor.stores_for("customers.view_customers")
    return None if stores is None or len(stores) > FEW_STORES else Reach(tuple(sorted(stores)), actor.user_id)


def _phones() -> PhoneOf:
    """Answers the phone of a line, opened once; "" for none or one that was erased."""
    opened = value_opener(ContactPoint._meta.get_field("value"))
    known: dict[uuid.UUID, str] = {}

    def phone_of(line: Line) -> str:
        if line.uuid is None or line.sealed is None:
            return ""
        if line.uuid not in known:
            try:
                known[line.uuid] = str(opened(line.uuid, line.sealed, line.key))
            except DataKeyDestroyed:
                known[line.uuid] = ""
        return known[line.uuid]

    return phone_of


def _why(step: Step) -> str:
    if step is Step.NUMBER:
        return _("Member number")
    if step is Step.TAIL:
        return _("Phone")
    return str(ADDRESSES[step].label) if step in ADDRESSES else ""


# --- words -----------------------------------------------------------------------------------------------------------
class _Matches(Func):
    arg_joiner = " @@ "
    template = "(%(expressions)s)"


def _has_words(text: str, *, is_indexed: bool = True) -> Q:
    """Whether the search words answer; not `is_indexed` makes PostgreSQL read the rows instead of the index."""
    words: Any = F("search_words")
    if not is_indexed:
        words = Func(
            words, template="COALESCE(%(expressions)s, ''::tsvector)", output_field=SearchWordsField()
        )
    typed = Func(
        Value(prefix_query(text)), template="%(expressions)s::tsquery", output_field=SearchWordsField()
    )
    return Q(ExpressionWrapper(_Matches(words, typed, output_field=BooleanField()), BooleanField()))


def is_common(text: str) -> bool:
    """Whether so many customers answer that the index would be the slow way, judged by those seen last."""
    return among_latest(text) >= COMMON


# --- as shown --------------------------------------------------------------------------------------------------------
def members_of(heads: Iterable[int]) -> QuerySet[Any]:
    """The ids of all customers of these profiles, to filter by: an OR over a join would make PostgreSQL read
    everything."""
    ids = list(heads)
    return Customer.objects.filter(Q(pk__in=ids) | Q(merged_into__in=ids)).values("pk")


def preferred_phones(heads: Iterable[int]) -> dict[int, ContactPoint]:
    """The number to call for each profile: the preferred one, else the newest. One query; opened by whoever
    shows it."""
    ids = list(heads)
    points = (
        ContactPoint.objects.current()
        .of_kind(ContactKind.PHONE)
        .filter(customer__in=members_of(ids))
        .annotate(head=Coalesce("customer__merged_into_id", "customer_id"))
        .select_related("key")
        .order_by("-is_preferred", "-pk")
    )
    found: dict[int, ContactPoint] = {}
    for point in points:
        found.setdefault(point.head, point)
    return found


def masked_value(actor: Actor, point: ContactPoint | None) -> str:
    """A contact point as the actor sees it without revealing it; "" for none or one that was erased."""
    if point is None:
        return ""
    try:
        return masked(actor, CONTACT_FIELD, str(point.value or ""))
    except DataKeyDestroyed:
        return ""
