"""The one statement behind a search for customers: who fits, in order, and everything a line of results shows.

Written by hand, since a search may cost 20 ms among a million customers and each query built by the ORM costs two. A
statement is put together from steps, the surer first: member number, whole phone, email, WeChat ID, the last digits of
a phone, the very name, and the words of a name among the customers seen last or by their index. Who may be seen comes
compiled from the ORM (`condition_of`) and is asked of every customer a step gives; nothing else narrows them.
"""

from __future__ import annotations

import enum
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

from dianke.access.models import User
from dianke.core.data_keys import KeyRow
from dianke.core.search_words import prefix_query
from dianke.customers.models import ContactKind, ContactPoint, Customer
from dianke.customers.rules.search import Asked
from dianke.stores.models import Store

#: Columns of a customer that a line of results shows; the rest is read when it is asked for.
SHOWN = ("id", "name", "member_number", "kind", "state", "level", "merged_into_id", "store_id", "owner_id")
_COLUMNS = [field.attname for field in Customer._meta.concrete_fields if field.attname in SHOWN]
_STORE, _OWNER, _CUSTOMER = 9, 11, 13  # where their columns begin in a row


class Step(enum.IntEnum):
    """How a customer fits, surest first."""

    NUMBER = 0
    PHONE = 1
    EMAIL = 2
    WECHAT = 3
    TAIL = 4
    NAME = 5
    WORDS = 6


ADDRESSES = {
    Step.PHONE: ContactKind.PHONE,
    Step.EMAIL: ContactKind.EMAIL,
    Step.WECHAT: ContactKind.WECHAT,
}


class Window(NamedTuple):
    """Which of the phones that share the blind index of the last digits are read: of the `newest` so many (of all, if
    few of those may be seen) those of customers seen last, `size` after those `skipped`."""

    newest: int
    size: int
    skipped: int = 0


class Line(NamedTuple):
    """Somebody who fits; at `Step.TAIL` somebody who may fit: the phone shares the blind index of the last digits.
    `uuid`, `sealed` and `key` are of the phone to show, None where there is none. `is_whole` is False if older phones
    were left out."""

    step: Step
    is_whole: bool
    uuid: uuid.UUID | None
    sealed: bytes | None
    key: KeyRow
    columns: tuple[Any, ...]

    @property
    def customer_id(self) -> int:
        return int(self.columns[_CUSTOMER])

    def customer(self) -> Customer:
        """With store and owner as far as a line of results names them."""
        columns = self.columns
        customer: Customer = Customer.from_db(connection.alias, _COLUMNS, columns[_CUSTOMER:])
        store, owner = columns[_STORE:_OWNER], columns[_OWNER:_CUSTOMER]
        if store[0] is not None:
            customer.store = Store.from_db(connection.alias, ["id", "short_name"], store)
        if owner[0] is not None:
            customer.owner = User.from_db(connection.alias, ["id", "name"], owner)
        return customer


# --- who may be seen -------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on "customers_customer" with the values of its named parameters."""

    text: str
    values: Mapping[str, Any]


def condition_of(rows: QuerySet[Any]) -> Condition:
    """What these customers have in common. Raises `EmptyResultSet` if the ORM knows that there are none."""
    query = rows.order_by().query
    is_joined = sum(1 for count in query.alias_refcount.values() if count) > 1
    if is_joined or query.annotations or query.is_sliced:
        text, values = rows.order_by().values("pk").query.sql_with_params()
        text = f'"customers_customer"."id" IN ({text})'
    else:
        query.get_initial_alias()
        text, values = query.get_compiler(connection.alias).compile(query.where)
    names = [f"visible_{number}" for number in range(len(values))]
    text = (text or "TRUE").replace("%%", "%%%%") % tuple(f"%({name})s" for name in names)
    return Condition(f"({text})", dict(zip(names, values, strict=True)))


@dataclass(frozen=True, slots=True)
class Reach:
    """Where those are whom people of a few stores may see: a walk through all customers would mostly pass by others."""

    store_ids: tuple[int, ...]
    user_id: int | None


# --- steps: (step, id, point, seen, tie) each ------------------------------------------------------------------------
_HEAD = """
    JOIN customers_customer AS member ON member.id = {of}
    JOIN customers_customer ON customers_customer.id = COALESCE(member.merged_into_id, member.id)"""

_NUMBER = """
    SELECT 0, customers_customer.id, NULL::bigint, member.last_seen_at, member.id
    FROM (SELECT id FROM customers_customer WHERE member_number = %(number)s) AS typed {head}
    WHERE {visible}"""

_HOLDING = """
    (SELECT {step}, customers_customer.id, {shown}, member.last_seen_at, held.id
    FROM customers_contactpoint AS held {head}
    WHERE held.kind = '{kind}' AND held.archived_at IS NULL AND held.value_exact = ANY(%({kind})s::bytea[])
        AND {visible}
    ORDER BY member.last_seen_at DESC, held.id DESC LIMIT %(limit)s)"""

# Thousands wanted a number that ends in 8888. Nobody looks through those: of many the newest will do, if enough of them
# may be seen. (`id + 0`: else the newest of all phones would be walked until enough of these came by.)
_TAIL_PARTS = """
    bucket AS MATERIALIZED (
        SELECT id, customer_id FROM customers_contactpoint
        WHERE kind = 'PHONE' AND archived_at IS NULL AND {index} = ANY(%(tail)s::bytea[])
    ), newest AS MATERIALIZED (
        SELECT customers_customer.id, point.id AS point, member.last_seen_at AS seen
        FROM (SELECT * FROM bucket ORDER BY id + 0 DESC LIMIT %(newest)s) AS point {head}
        WHERE {visible}
    ), older AS MATERIALIZED (
        SELECT customers_customer.id, point.id AS point, member.last_seen_at AS seen
        FROM (SELECT * FROM bucket ORDER BY id + 0 DESC OFFSET %(newest)s) AS point {head}
        WHERE (SELECT COUNT(*) FROM newest) < %(limit)s AND {visible}
    ), ending AS MATERIALIZED (
        SELECT * FROM (SELECT * FROM newest UNION ALL SELECT * FROM older) AS visible
        ORDER BY seen DESC, point DESC LIMIT %(size)s OFFSET %(skipped)s
    )"""
_TAIL_WHOLE = "(SELECT COUNT(*) FROM newest) < %(limit)s OR (SELECT COUNT(*) FROM bucket) <= %(newest)s"
_ENDING = "SELECT 4, id, point, seen, point FROM ending"

# A common word is looked for among the latest customers in their order, since an index that answers with a tenth of
# all customers is slower; a rare one, and one that the walk did not find often enough, by the index. (`+ INTERVAL '0'`:
# else PostgreSQL would rather walk there after all.)
_WALK = """
    walked AS MATERIALIZED (
        SELECT id, last_seen_at AS seen FROM ({latest} LIMIT %(walked)s) AS customers_customer
        WHERE {visible} AND search_words @@ %(words)s::tsquery AND name <> %(text)s
        ORDER BY last_seen_at DESC, id DESC LIMIT %(limit)s
    )"""
_BY_INDEX = """
    by_index AS MATERIALIZED (
        SELECT id, last_seen_at AS seen FROM customers_customer
        WHERE {unless} {visible} AND search_words @@ %(words)s::tsquery AND name <> %(text)s
        ORDER BY last_seen_at + INTERVAL '0' DESC, id DESC LIMIT %(limit)s
    )"""
_NOT_WALKED = "(SELECT COUNT(*) FROM walked) < %(limit)s AND"

_WORDS = """
    (SELECT step, id, NULL::bigint, seen, id FROM (
        (SELECT 5 AS step, id, last_seen_at AS seen FROM customers_customer
        WHERE name = %(text)s AND {visible} ORDER BY last_seen_at + INTERVAL '0' DESC, id DESC LIMIT %(limit)s)
        {walked}UNION ALL SELECT 6, * FROM by_index
    ) AS named ORDER BY step, seen DESC, id DESC LIMIT %(limit)s)"""
_WALKED = "UNION ALL SELECT 6, * FROM walked WHERE (SELECT COUNT(*) FROM walked) >= %(limit)s\n        "

_LATEST = "SELECT * FROM customers_customer ORDER BY last_seen_at DESC, id DESC"
# Each part is walked in its own order and bounded: else PostgreSQL would rather gather the whole store and sort it.
_LATEST_OF = (
    "(SELECT * FROM customers_customer WHERE {place} ORDER BY last_seen_at DESC, id DESC LIMIT %(walked)s)"
)
_ELSEWHERE = "(store_id = ANY(%(stores)s)) IS NOT TRUE"
_OWN = f"owner_id = %(user)s AND {_ELSEWHERE}"
_SHARED = f"""id = ANY(ARRAY(
        SELECT customer_id FROM customers_collaborator WHERE user_id = %(user)s
        UNION SELECT customer_id FROM customers_sharedwith WHERE store_id = ANY(%(stores)s)
    )) AND {_ELSEWHERE} AND (owner_id = %(user)s) IS NOT TRUE"""  # noqa: S608 - of this module's own words

# The phone to show is the one that was found, else the preferred one of the profile, else its newest.
_LINES = """
WITH {parts}hits (step, id, point, seen, tie) AS MATERIALIZED ({steps})
SELECT hits.step, {whole}, phone.uuid, phone.value_sealed,
    key.id, key.subject_kind, key.subject_id, key.wrapped, key.master_key_id,
    store.id, store.short_name, owner.id, owner.name, {columns}
FROM hits JOIN customers_customer AS customer ON customer.id = hits.id
LEFT JOIN stores_store AS store ON store.id = customer.store_id
LEFT JOIN access_user AS owner ON owner.id = customer.owner_id
LEFT JOIN customers_contactpoint AS phone ON phone.id = COALESCE(hits.point, (
    SELECT held.id FROM customers_contactpoint AS held
    WHERE held.kind = 'PHONE' AND held.archived_at IS NULL AND held.customer_id = ANY(
        ARRAY(SELECT member.id FROM customers_customer AS member WHERE member.merged_into_id = hits.id) || hits.id)
    ORDER BY held.is_preferred DESC, held.id DESC LIMIT 1))
LEFT JOIN core_datakey AS key ON key.id = phone.key_id
ORDER BY hits.step, hits.seen DESC, hits.tie DESC
"""


class Statement:
    """What a query means, to be asked of the customers under a condition. `bounds` are the numbers `limit` and
    `walked`; `is_walked`: the words are common, and looked for among the latest customers first."""

    def __init__(
        self,
        meant: Asked,
        visible: Condition,
        reach: Reach | None,
        bounds: Mapping[str, int],
        *,
        is_walked: bool,
    ) -> None:
        self.values: dict[str, Any] = {**visible.values, **bounds, "number": meant.number, "text": meant.text}
        self.values["words"] = prefix_query(meant.text)
        self.parts: list[str] = []
        self.steps: list[str] = []
        self.whole = "TRUE"
        self.visible = visible.text
        if meant.text and (meant.tail or meant.phone):  # 王 5678: both
            self.visible += " AND customers_customer.search_words @@ %(words)s::tsquery"
        if meant.number:
            self.steps.append(_NUMBER.format(head=_HEAD.format(of="typed.id"), visible=self.visible))
        for step, value in (
            (Step.PHONE, meant.phone),
            (Step.EMAIL, meant.email),
            (Step.WECHAT, meant.wechat),
        ):
            if value:
                self._add_holding(step, value)
        if meant.tail:
            self._add_tail(meant.tail)
        elif meant.text and not meant.phone:
            if is_walked:
                self._add_walk(reach)
            unless = _NOT_WALKED if is_walked else ""
            self.parts.append(_BY_INDEX.format(unless=unless, visible=self.visible))
            self.steps.append(_WORDS.format(walked=_WALKED if is_walked else "", visible=self.visible))

    def _add_holding(self, step: Step, value: str) -> None:
        kind = str(ADDRESSES[step].value)
        (self.values[kind],) = ContactPoint.blind("value", value).values()
        head = _HEAD.format(of="held.customer_id")
        shown = "held.id" if step is Step.PHONE else "NULL::bigint"
        self.steps.append(
            _HOLDING.format(step=int(step), kind=kind, shown=shown, head=head, visible=self.visible)
        )

    def _add_walk(self, reach: Reach | None) -> None:
        latest = _LATEST
        if reach is not None:
            self.values |= {"stores": list(reach.store_ids), "user": reach.user_id}
            places = [*(f"store_id = {int(store)}" for store in reach.store_ids), _OWN, _SHARED]
            walks = " UNION ALL ".join(_LATEST_OF.format(place=place) for place in places)
            latest = f"SELECT * FROM ({walks}) AS reached ORDER BY last_seen_at DESC, id DESC"  # noqa: S608
        self.parts.append(_WALK.format(latest=latest, visible=self.visible))

    def _add_tail(self, tail: str) -> None:
        index, digits = digits_indexed(tail)
        ((column, self.values["tail"]),) = ContactPoint.blind("value", f"+{tail[-digits:]}", index).items()
        head = _HEAD.format(of="point.customer_id")
        self.parts.append(
            _TAIL_PARTS.format(index=column.removesuffix("__in"), head=head, visible=self.visible)
        )
        self.steps.append(_ENDING)
        self.whole = _TAIL_WHOLE

    def lines(self, window: Window | None = None) -> list[Line]:
        """Everybody who fits, in order; with last digits those of the window who may. One query."""
        if not self.steps:
            return []
        text = _LINES.format(
            parts="".join(part + ", " for part in self.parts),
            steps=" UNION ALL ".join(self.steps),
            whole=self.whole,
            columns=", ".join(f"customer.{name}" for name in _COLUMNS),
        )
        values = self.values | window._asdict() if window else self.values
        with connection.cursor() as cursor:
            cursor.execute(text, values)
            return [
                Line(Step(row[0]), row[1], row[2], row[3], KeyRow(*row[4:9]), row)
                for row in cursor.fetchall()
            ]


def digits_indexed(tail: str) -> tuple[str, int]:
    """Which blind index answers for these last digits, and how many of them it knows."""
    return ("last6", 6) if len(tail) >= 6 else ("last4", 4)
