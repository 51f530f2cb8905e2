"""Finding the right customer in two seconds: by the last digits of a phone, a name, pinyin, initials, a member number.

Numbers and addresses go through blind indexes; the last four digits share one with others and are compared after
opening, customers seen last first, until enough are found. Names go through the search words: a rare word by
their index, a common one ("王", "wang", "w") by walking the customers in the order they were last seen, because
an index that answers with a tenth of all customers is slower than looking at the latest few hundred.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Case, Count, ExpressionWrapper, F, Func, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from dianke.access.fields import masked
from dianke.core.actor import Actor
from dianke.core.data_keys import DataKeyDestroyed, KeyRow
from dianke.core.encrypted_fields import value_opener
from dianke.core.models import DataKey
from dianke.core.search_words import SearchWordsField, prefix_query
from dianke.customers.models import ContactKind, ContactPoint, Customer, CustomerQuerySet
from dianke.customers.rules.search import Asked, asked

LIMIT = 20
#: How many of the latest customers tell whether a word is common, and from how many hits among them it is: for
#: people who reach every customer, and for those of a few stores, who find the tenth customer only after
#: passing many others.
SAMPLE, COMMON, COMMON_AT_STORES = 1_000, 3, 10
FEW_STORES = 6
#: How many of the latest customers are walked past for a common word before the index is asked after all.
WALKED = 6_000
LATEST_FIRST = ("-last_seen_at", "-pk")
#: How many times what is wanted is walked in a store, as some of it belongs to colleagues.
SPARE = 4
#: Phones looked at for one query of last digits: three times what a million customers have under one blind index; how
#: many are opened between two queries.
MOST_OPENED, OPENED_AT_ONCE = 400, 100
#: Columns of a customer that a line of a list shows; the rest is read when it is asked for.
SHOWN = (
    "uuid",
    "name",
    "aliases",
    "member_number",
    "kind",
    "state",
    "level",
    "gender",
    "is_key_account",
    "merged_into",
    "store_id",
    "partner_id",
    "owner_id",
    "created_at",
    "last_seen_at",
)
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

    `states` narrows to these; without it every customer in use. At most eight queries, however many are found.
    """
    rows = Customer.objects.visible_to(actor).heads()
    rows = rows.in_use() if states is None else rows.filter(state__in=states)
    meant = asked(text)
    hits = _hits(actor, rows, meant, limit)
    return _shown(actor, rows, hits, limit)


def narrowed(actor: Actor, rows: CustomerQuerySet, text: str) -> CustomerQuerySet:
    """The rows of a list of customers (heads the actor may see) that a query means, in whatever order the list has."""
    meant = asked(text)
    if meant.is_empty:
        return rows.none()
    if meant.tail or meant.phone or meant.email or meant.number:
        return rows.filter(pk__in=list(_hits(actor, rows, meant, MOST_OPENED)))
    return rows.filter(_has_words(meant.text, is_indexed=not is_common(meant.text)))


# --- hits: head id → (contact point that fitted, why) ---------------------------------------------------------------
Hits = dict[int, tuple[ContactPoint | None, str]]


def _hits(actor: Actor, rows: CustomerQuerySet, meant: Asked, limit: int) -> Hits:
    """The first `limit` hits in order; what is surer comes first."""
    hits: Hits = {}
    is_narrowed = bool(meant.text and (meant.tail or meant.phone))
    if is_narrowed:  # 王 5678: both
        rows = rows.filter(_has_words(meant.text, is_indexed=False))
    if meant.number:
        numbered = Customer.objects.filter(member_number=meant.number).values("pk", "merged_into_id")
        heads = [row["merged_into_id"] or row["pk"] for row in numbered]
        hits |= {
            pk: (None, _("Member number")) for pk in rows.filter(pk__in=heads).values_list("pk", flat=True)
        }
    addresses = {
        ContactKind.PHONE: meant.phone,
        ContactKind.EMAIL: meant.email,
        ContactKind.WECHAT: meant.wechat,
    }
    for kind, value in addresses.items():
        if value:
            holding = ContactPoint.objects.current().holding(kind, value)
            for point in map(_point, _of_visible(rows, holding, limit)):
                hits.setdefault(point.head, (point, str(ContactKind(kind).label)))
    if meant.tail:
        for point in _ending(rows, meant.tail, limit):
            hits.setdefault(point.head, (point, _("Phone")))
    if meant.text and not is_narrowed and len(hits) < limit:
        for pk in _named(actor, rows, meant.text, limit):
            hits.setdefault(pk, (None, ""))
    return dict(list(hits.items())[:limit])


#: What it takes to open a contact point, and whose it is; rows stay tuples until one is opened.
_POINT = ("pk", "uuid", "kind", "customer_id", "key_id", "value")
_KEY = KeyRow._fields


def _of_visible(rows: QuerySet[Any], points: QuerySet[Any], limit: int) -> Iterable[Sequence[Any]]:
    """Contact points of the profiles in `rows`, those of customers seen last first: head, columns of `_POINT`, columns
    of `_KEY`. One query."""
    return (
        points.annotate(head=Coalesce("customer__merged_into_id", "customer_id"))
        .filter(head__in=rows.order_by().values("pk"))
        .order_by("-customer__last_seen_at", "-pk")
        .values_list("head", *_POINT, *(f"key__{name}" for name in _KEY))[:limit]
    )


def _point(values: Sequence[Any]) -> Any:
    point: Any = ContactPoint.from_db(
        "default", ["id", "uuid", "kind", "customer_id", "key_id", "value_sealed"], values[1:7]
    )
    point.key = DataKey.from_db("default", list(_KEY), values[7:])
    point.head = values[0]
    return point


def _ending(rows: QuerySet[Any], tail: str, limit: int) -> Iterable[Any]:
    """Phones that end in the digits, those of customers seen last first. A blind index also finds others, so each is
    opened, some at a time. At most three queries before the first, and one for every hundred opened."""
    index, digits = ("last6", 6) if len(tail) >= 6 else ("last4", 4)
    points = ContactPoint.objects.current().filter(
        kind=ContactKind.PHONE, **ContactPoint.blind("value", f"+{tail[-digits:]}", index)
    )
    if len(tail) == digits:
        # Thousands wanted a number that ends in 8888. Nobody looks through those: the latest will do, if enough fit.
        newest = list(points.order_by("-pk").values_list("pk", flat=True)[:MOST_OPENED])
        latest = list(_opened(rows, points.filter(pk__among=newest), tail, limit))
        if len(latest) >= limit or len(newest) < MOST_OPENED:
            return latest
    return _opened(rows, points, tail, limit)


def _opened(rows: QuerySet[Any], points: QuerySet[Any], tail: str, limit: int) -> Iterable[Any]:
    """Those of the points that end in the digits, in the order their customers were seen."""
    order = list(
        points.annotate(head=Coalesce("customer__merged_into_id", "customer_id"))
        .filter(head__in=rows.order_by().values("pk"))
        .order_by("-customer__last_seen_at", "-pk")
        .values_list("pk", "head")
    )
    opened = value_opener(ContactPoint._meta.get_field("value"))
    columns = (*_POINT, *(f"key__{name}" for name in _KEY))
    found: set[int] = set()
    for start in range(0, len(order), OPENED_AT_ONCE):
        heads = dict(order[start : start + OPENED_AT_ONCE])
        sealed = {row[0]: row for row in ContactPoint.objects.filter(pk__among=heads).values_list(*columns)}
        for pk, head in heads.items():
            if pk not in sealed or sealed[pk][5] is None:  # erased in between
                continue
            _pk, uuid, _kind, _customer, _key, value, *key = sealed[pk]
            try:
                is_hit = opened(uuid, value, KeyRow(*key)).endswith(tail)
            except DataKeyDestroyed:
                continue
            if is_hit:
                found.add(head)
                yield _point((head, *sealed[pk]))
            if len(found) >= limit:
                return


def _named(actor: Actor, rows: CustomerQuerySet, text: str, limit: int) -> list[int]:
    """Customers by name, spelling, initials or the beginning of a member number; the very name first."""
    stores = actor.stores_for("customers.view_customers")
    if not is_common(text, COMMON if stores is None else COMMON_AT_STORES):
        return _by_index(rows, text, limit)
    exact = list(rows.filter(name=text).order_by(*LATEST_FIRST).values_list("pk", flat=True)[:limit])
    if len(exact) < limit:
        exact += _latest(actor, rows, text, stores, limit)
    return list(dict.fromkeys(exact))[:limit]


def _by_index(rows: CustomerQuerySet, text: str, limit: int) -> list[int]:
    is_exact = Case(When(name=text, then=Value(1)), default=Value(0))
    found = rows.filter(_has_words(text)).order_by(is_exact.desc(), *LATEST_FIRST)
    return list(found.values_list("pk", flat=True)[:limit])


def _latest(
    actor: Actor, rows: CustomerQuerySet, text: str, stores: frozenset[int] | None, limit: int
) -> list[int]:
    """Those of `rows` with a common word who were seen last. Who works at few stores gets each store's own walk, since
    a walk through all customers would pass by those of the other stores; what is reached otherwise (own, shared) is
    little and read whole."""
    order, condition = LATEST_FIRST, _has_words(text, is_indexed=False)
    if stores is None or len(stores) > FEW_STORES:
        latest = rows.filter(condition).order_by(*order).values_list("pk", flat=True)
        end = (
            Customer.objects.order_by(*order)
            .values_list("last_seen_at", flat=True)[WALKED : WALKED + 1]
            .first()
        )
        if end is None:
            return list(latest[:limit])
        near = list(latest.filter(last_seen_at__gte=end)[:limit])
        # The sample may have flattered the word; the index is the better way then.
        return near if len(near) >= limit else _by_index(rows, text, limit)
    # The walk does not ask who may see them: beside that, PostgreSQL would rather gather the whole store than walk it.
    walks = [
        Customer.objects.heads()
        .filter(condition, store_id=store)
        .order_by(*order)
        .values_list("last_seen_at", "pk")[: limit * SPARE]
        for store in stores
    ]
    walked = list(walks[0].union(*walks[1:], all=True) if len(walks) > 1 else walks[0]) if walks else []
    seen = set(rows.filter(pk__in=[pk for _seen, pk in walked]).values_list("last_seen_at", "pk"))
    if len(seen) < limit and len(walked) >= limit * SPARE:
        # Nearly everybody walked past belongs to colleagues.
        seen |= set(rows.filter(condition).order_by(*order).values_list("last_seen_at", "pk")[:limit])
    cared_for = Customer.objects.filter(Customer.objects.own(actor) | Customer.objects.shared_with(stores))
    seen |= set(
        rows.among(cared_for.values("pk")).filter(condition).order_by().values_list("last_seen_at", "pk")
    )
    return [pk for _seen, pk in sorted(seen, reverse=True)[:limit]]


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


def is_common(text: str, least: int = COMMON) -> bool:
    """Whether so many customers answer that the index would be the slow way, judged by those seen last. One query."""
    latest = Customer.objects.order_by("-last_seen_at", "-pk")[:SAMPLE]
    counted = latest.aggregate(hits=Count("pk", filter=_has_words(text, is_indexed=False)))
    return bool(counted["hits"] >= least)


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


def _shown(actor: Actor, rows: QuerySet[Any], hits: Hits, limit: int) -> list[Found]:
    customers = (
        rows.select_related("store", "owner")
        .only(*SHOWN, "store__short_name", "owner__name")
        .in_bulk(list(hits)[:limit])
    )
    missing = [pk for pk, (point, _why) in hits.items() if point is None or point.kind != ContactKind.PHONE]
    phones = preferred_phones(missing) if missing else {}
    found = []
    for pk, (point, why) in hits.items():
        shown = point if point is not None and point.kind == ContactKind.PHONE else phones.get(pk)
        if pk in customers:
            found.append(Found(customers[pk], masked_value(actor, shown), why))
    return found


def masked_value(actor: Actor, point: ContactPoint | None) -> str:
    """A contact point as the actor sees it without revealing it; "" for none or one that was erased."""
    if point is None:
        return ""
    try:
        return masked(actor, CONTACT_FIELD, str(point.value or ""))
    except DataKeyDestroyed:
        return ""
