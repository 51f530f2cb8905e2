"""What a rule may ask about: a field has a kind, a kind has operators, and each pair one meaning in SQL.

A field is declared by the room that knows it. It says where its value stands (`Plain`: a column of the customer;
`Rows`: pairs of a profile and a value) and everything else follows from its kind. Only what is declared here becomes
part of a statement; what a person typed is always a parameter.

In SQL `{c}` is the row of the customer, `{c}_m` the row of what the customer is worth (none for who never bought),
`{at}` the place where a statement can be narrowed to it.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise

from dianke.core.actor import Actor

Text = str | Promise
Choice = tuple[str, Text]


class Kind(enum.StrEnum):
    CHOICE = "choice"
    NUMBER = "number"
    AMOUNT = "amount"  # minor units
    DATE = "date"
    COMING = "coming"  # a day that may lie ahead
    YEARLY = "yearly"  # comes round every year
    YES_NO = "yes_no"
    TEXT = "text"
    BOUGHT = "bought"


OPERATORS: dict[Kind, tuple[str, ...]] = {
    Kind.CHOICE: ("in", "not_in"),
    Kind.NUMBER: ("gte", "lte", "between"),
    Kind.AMOUNT: ("gte", "lte", "between"),
    Kind.DATE: ("last", "earlier", "between", "none"),
    Kind.COMING: ("next", "last", "between", "none"),
    Kind.YEARLY: ("next",),
    Kind.YES_NO: ("yes", "no"),
    Kind.TEXT: ("is", "contains", "none"),
    Kind.BOUGHT: ("bought", "not_bought"),
}
#: What is asked as the opposite of another.
OPPOSITE = {"not_in": "in", "no": "yes", "not_bought": "bought"}


@dataclass(frozen=True, slots=True)
class Context:
    """The moment of asking, by the merchant's clock."""

    today: date
    now: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Plain:
    """A value of the customer's own row, or of the one row beside it (`{c}_m`: what the customer is worth). Who has
    none counts as `absent`."""

    sql: str
    params: tuple[Any, ...] = ()
    absent: Any = None


@dataclass(frozen=True, slots=True)
class Rows:
    """Pairs (id of a profile, v). `at` is what narrows them to one profile. Who has no pair counts as `absent`."""

    sql: str
    at: str
    params: tuple[Any, ...] = ()
    absent: Any = None


Source = Plain | Rows


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule in SQL. With `at` it is a statement of ids with a place to narrow it, else a condition on `{c}`."""

    sql: str
    params: tuple[Any, ...] = ()
    at: str = ""
    is_negated: bool = False
    #: Whether it has to add up before it knows: then those that are left may be asked alone instead.
    is_summed: bool = False
    #: What narrows a sum to those left by the other rules, `f`, all at once.
    among: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """`source(context)` is where its value stands. `compile` and `shows` take its place for kinds with a meaning of
    their own. `choices(actor)` are the values of a CHOICE; `permission` is what it takes to ask."""

    code: str
    group: Text
    label: Text
    kind: Kind
    source: Callable[[Context], Source] | None = None
    choices: Callable[[Actor], Iterable[Choice]] | None = None
    permission: str = ""
    unit: Text = ""
    compile: Callable[[str, Any, Context], Condition] | None = None
    shows: Callable[[Any, Context], Plain] | None = None
    ops: tuple[str, ...] = field(default=())
    #: The values of a CHOICE are numbers of rows.
    is_id: bool = False

    @property
    def operators(self) -> tuple[str, ...]:
        return self.ops or OPERATORS[self.kind]


def condition_of(asked: Field, op: str, value: Any, at: Context) -> Condition:
    """A cleaned rule in SQL."""
    if asked.compile is not None:
        return asked.compile(op, value, at)
    assert asked.source is not None
    source = asked.source(at)
    positive, is_negated = OPPOSITE.get(op, op), op in OPPOSITE
    if positive == "none":
        positive, is_negated = "some", True
    if isinstance(source, Plain):
        test, params = tested(asked.kind, positive, value, at, source.sql, source.params)
        if source.absent is not None and holds(positive, value, source.absent):
            test = f"({test}) IS NOT FALSE"  # whoever has nothing fits too
        return Condition(f"({test})", params, is_negated=is_negated)
    test, params = tested(asked.kind, positive, value, at, "r.v", ())
    if source.absent is not None and holds(positive, value, source.absent):
        # Whoever has nothing fits too: those who do not fit are the ones that can be read.
        test, is_negated = f"NOT ({test})", not is_negated
    sql = f"SELECT r.id FROM ({source.sql}) AS r (id, v) WHERE {test}"  # noqa: S608  declared texts only
    return Condition(sql, (*source.params, *params), source.at, is_negated, "GROUP BY" in source.sql)


def value_of(asked: Field, value: Any, at: Context) -> Plain:
    """The person's own value (an array where there may be several), as SQL on `{c}`."""
    if asked.shows is not None:
        return asked.shows(value, at)
    assert asked.source is not None
    source = asked.source(at)
    if isinstance(source, Plain):
        return source
    sql = source.sql.replace("{at}", source.at)
    return Plain(f"(SELECT array_agg(r.v) FROM ({sql}) AS r (id, v))", source.params)  # noqa: S608


def tested(
    kind: Kind, op: str, value: Any, at: Context, sql: str, params: tuple[Any, ...]
) -> tuple[str, tuple[Any, ...]]:
    """A value in SQL against what was asked; NULL fits nothing."""
    if op == "some":
        return f"{sql} IS NOT NULL", params
    if op == "in":
        return f"{sql} = ANY(%s)", (*params, list(value))
    if op == "gte":
        return f"{sql} >= %s", (*params, value)
    if op == "lte":
        return f"{sql} <= %s", (*params, value)
    if op == "between":
        return f"{sql} BETWEEN %s AND %s", (*params, value[0], value[1])
    if op == "yes":
        return f"{sql} IS TRUE", params
    if op == "is":
        return f"lower({sql}) = lower(%s)", (*params, value)
    if op == "contains":
        return f"position(lower(%s) IN lower({sql})) > 0", (value, *params)
    first, last = span_of(op, value, at.today)
    if first is None:
        return f"{sql} <= %s", (*params, last)
    return f"{sql} BETWEEN %s AND %s", (*params, first, last)


def span_of(op: str, days: int, today: date) -> tuple[date | None, date]:
    """The days a rule of days means, both included: the last 7 days begin a week before today and end today."""
    if op == "last":
        return today - timedelta(days=days), today
    if op == "earlier":
        return None, today - timedelta(days=days + 1)
    return today, today + timedelta(days=days)


def holds(op: str, value: Any, own: Any) -> bool:
    """The same in Python, for numbers."""
    if op == "gte":
        return bool(own >= value)
    if op == "lte":
        return bool(own <= value)
    return bool(value[0] <= own <= value[1]) if op == "between" else False


#: `k` is the customer a row belongs to, where that one was merged; few were, and they have an index.
_JOINED = "LEFT JOIN customers_customer AS k ON k.id = {key} AND k.merged_into_id IS NOT NULL"


def over_clusters(
    table: str,
    *,
    value: str = "",
    where: str = "TRUE",
    key: str = "t.customer_id",
    fold: str = "",
    more: str = "",
) -> tuple[str, str]:
    """(statement of pairs, narrowing): the rows `t` of a table of customers as pairs of profile and value. `fold` adds
    up per profile (`sum(t.balance)`)."""
    head = f"coalesce(k.merged_into_id, {key})"
    joined = _JOINED.replace("{key}", key)
    tail = " GROUP BY 1" if fold else ""
    sql = f"SELECT {head}, {fold or value} FROM {table} AS t {more} {joined} WHERE {where} {{at}}{tail}"  # noqa: S608
    members = "SELECT x.id FROM customers_customer AS x WHERE x.id = {c}.id OR x.merged_into_id = {c}.id"
    return sql, f"AND {key} IN ({members})"


def rows_over_clusters(table: str, *, params: Sequence[Any] = (), absent: Any = None, **parts: str) -> Rows:
    """`over_clusters` as a source."""
    sql, at = over_clusters(table, **parts)
    return Rows(sql, at, tuple(params), absent)


Number = int | Decimal
