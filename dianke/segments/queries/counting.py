"""How many and who fit a tree of rules, within what an actor may see; and why a person does or does not."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction

from dianke.core.actor import SYSTEM, Actor
from dianke.customers.models import Customer
from dianke.customers.queries.search_statement import condition_of
from dianke.segments.queries.compiling import (
    TABLE,
    Part,
    Rules,
    Sums,
    from_customers,
    halves,
    ids_statement,
    whole,
)
from dianke.segments.rules.fields import value_of
from dianke.segments.rules.language import Leaf, Node, leaves

#: Whoever is left by the other rules is asked about sums one by one up to so many, alone up to so many, where there is
#: not less to add up of everybody.
FEW, MANY = 8_000, 250_000
SAMPLE = 10
#: Of one transaction. 64 MB to sort and hash in: a hundred thousand ids take six. Compiling costs more than it brings.
#: All rules are planned together: beyond eight tables, which three rules about goods are, the database would keep the
#: order they are written in. One helper: who waits at the till has the other processors. A hashed table that processes
#: share is slower than reading two indexes side by side when nearly everybody is meant.
SETTINGS = (
    "SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true),"
    " set_config('from_collapse_limit', '11', true), set_config('join_collapse_limit', '11', true),"
    " set_config('max_parallel_workers_per_gather', '1', true), set_config('enable_parallel_hash', 'off', true)"
)
#: Of those left all at once: their table is built once by both and asked of every purchase.
_SHARED = "SELECT set_config('enable_parallel_hash', 'on', true)"


def scope_of(actor: Actor, store_ids: Sequence[int] = ()) -> Part:
    """Profiles in use that the actor may see, of some home stores where they are given. Raises `EmptyResultSet` when
    there can be none."""
    rows = Customer.objects.visible_to(actor).heads().in_use()
    if store_ids:
        rows = rows.filter(store_id__in=store_ids)
    condition = condition_of(rows)
    names = list(condition.values)
    text = condition.text.replace("%%", "\0")
    for name in names:
        text = text.replace(f"%({name})s", "%s")
    return Part(text.replace("\0", "%%"), tuple(condition.values[name] for name in names))


def statement(rules: Rules, actor: Actor, store_ids: Sequence[int] = ()) -> Part:
    """The ids of those who fit, in the shape that is quick for how many there are. Raises `EmptyResultSet`."""
    scope = scope_of(actor, store_ids)
    first, later = halves(rules)
    if not later:
        return ids_statement(rules, scope)
    left = _planned(ids_statement(_only(rules, first), scope))["Plan Rows"]
    if left <= FEW:
        return ids_statement(rules, scope, Sums.EACH)
    if left > MANY or _summed(rules, later) <= left:
        return ids_statement(rules, scope, Sums.EVERYBODY)
    with connection.cursor() as cursor:
        cursor.execute(_SHARED)
    return ids_statement(rules, scope, Sums.AMONG)


def _only(rules: Rules, children: Sequence[Any]) -> Rules:
    from dataclasses import replace

    return replace(rules, root=replace(rules.root, children=tuple(children)))


def _summed(rules: Rules, later: Sequence[Node]) -> float:
    """How many rows the database expects to add up of everybody."""
    read = 0.0
    for node in later:
        condition = rules.condition(cast(Leaf, node))
        plan = _planned(Part(condition.sql.replace("{at}", ""), condition.params))
        read += max(step["Plan Rows"] for step in _steps(plan))
    return read


def _steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _steps(part)


def _planned(part: Part) -> dict[str, Any]:
    """How the database would go about it; nothing is read."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {part.sql}", part.params)
        found = cursor.fetchone()[0]
    plan = json.loads(found) if isinstance(found, str) else found
    return cast(dict[str, Any], plan[0]["Plan"])


def count(rules: Rules, actor: Actor, store_ids: Sequence[int] = ()) -> int:
    """How many fit. One statement, and where sums are asked for a few that only plan."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(SETTINGS)
            part = statement(rules, actor, store_ids)
            cursor.execute(f"SELECT count(*) FROM ({part.sql}) AS fits", part.params)  # noqa: S608
            return int(cursor.fetchone()[0])
    except EmptyResultSet:
        return 0


def sample(rules: Rules, actor: Actor, store_ids: Sequence[int] = (), size: int = SAMPLE) -> list[int]:
    """Some of those who fit, seen last first."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(SETTINGS)
            part = statement(rules, actor, store_ids)
            cursor.execute(
                f"SELECT c.id FROM ({part.sql}) AS fits JOIN customers_customer AS c ON c.id = fits.id"  # noqa: S608
                " ORDER BY c.last_seen_at DESC, c.id DESC LIMIT %s",
                (*part.params, size),
            )
            return [pk for (pk,) in cursor.fetchall()]
    except EmptyResultSet:
        return []


@dataclass(frozen=True, slots=True)
class Why:
    """One rule about one person: whether it holds, and the person's own value as it was read."""

    path: str
    holds: bool
    own: Any


def explain(rules: Rules, customer_ids: Collection[int]) -> dict[int, list[Why]]:
    """Each rule for each of these profiles. One statement. The caller has checked that they may be seen."""
    asked = list(leaves(rules.root))
    if not asked or not customer_ids:
        return {pk: [] for pk in customer_ids}
    columns, params = [], []
    for leaf in asked:
        test = whole(rules, leaf, TABLE, few=True)
        own = value_of(rules.asked[leaf.path].field, rules.asked[leaf.path].value, rules.context)
        columns += [test.sql, own.sql.replace("{c}", TABLE)]
        params += [*test.params, *own.params]
    sql = f"SELECT {TABLE}.id, {', '.join(columns)} {from_customers()} WHERE {TABLE}.id = ANY(%s)"
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, list(customer_ids)])
        return {
            pk: [
                Why(leaf.path, bool(values[2 * number]), values[2 * number + 1])
                for number, leaf in enumerate(asked)
            ]
            for pk, *values in cursor.fetchall()
        }


def fits(rules: Rules, customer_id: int, store_ids: Sequence[int] = ()) -> bool:
    """Whether a profile fits at this moment. One statement."""
    scope = scope_of(SYSTEM, store_ids)
    test = whole(rules, rules.root, TABLE, few=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT {from_customers()} WHERE {TABLE}.id = %s AND {scope.sql} AND {test.sql})",
            [customer_id, *scope.params, *test.params],
        )
        return bool(cursor.fetchone()[0])
