"""A tree of rules becomes one statement.

What can be read as a set of profiles is a set (`id IN (…)`), and the database joins the sets in the order it finds
best. Rules that have to add up (bought three times, stored value above 500) are sets too where nearly everybody is
meant or little has to be added up; where the other rules leave fewer, they are asked of those alone: of a few one by
one, of more by one sum over what is theirs. A barrier (`MATERIALIZED`) keeps the database from asking everybody.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from dianke.core.actor import Actor
from dianke.segments.queries.fields import Vocabulary
from dianke.segments.rules.fields import Condition, Context, Field, condition_of
from dianke.segments.rules.language import ALL, NONE, Group, Leaf, Node
from dianke.segments.rules.values import FieldNotYours, clean, typed
from dianke.stores.queries import local_date, merchant_zone

Params = list[Any]


class Sums(enum.Enum):
    """Of whom rules that add up are asked: of everybody, of those left all at once, of those left one by one."""

    EVERYBODY = enum.auto()
    AMONG = enum.auto()
    EACH = enum.auto()


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a statement with its parameters, in order."""

    sql: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule with its field and the value as it is compared."""

    leaf: Leaf
    field: Field
    value: Any


@dataclass
class Rules:
    """A checked tree, ready to become a statement."""

    root: Group
    asked: dict[str, Asked] = field(default_factory=dict)
    context: Context = field(kw_only=True)

    def condition(self, leaf: Leaf) -> Condition:
        asked = self.asked[leaf.path]
        return condition_of(asked.field, leaf.op, asked.value, self.context)


def context_at(now: datetime) -> Context:
    """The merchant's clock at an instant."""
    return Context(local_date(now), now, merchant_zone().key)


def checked(
    root: Group, *, now: datetime, actor: Actor | None = None, vocabulary: Vocabulary | None = None
) -> Rules:
    """The tree with every rule checked and its value as it is kept. With an actor also that they may ask so. Raises
    what is wrong first, with the path as field."""
    known = vocabulary or Vocabulary()
    rules = Rules(root, context=context_at(now))

    def again(node: Node) -> Node:
        if isinstance(node, Group):
            return Group(node.how, tuple(again(child) for child in node.children), node.path)
        found = known.field(node.field, path=node.path)
        if actor is not None and found.permission and not actor.can(found.permission):
            raise FieldNotYours(label=found.label, field=node.path)
        kept = clean(found, node.op, node.value, path=node.path)
        leaf = Leaf(node.field, node.op, kept, node.path)
        rules.asked[leaf.path] = Asked(leaf, found, typed(found, leaf.op, kept))
        return leaf

    rules.root = cast(Group, again(root))
    return rules


# --- conditions ------------------------------------------------------------------------------------------------------
def as_part(
    condition: Condition, customer: str, *, alone: bool, few: bool = False, among: bool = False
) -> Part:
    """A rule about the row `customer`. `alone`: it stands under AND, where the database can join without a row
    that does not exist; `few`: it is asked of one row at a time; `among`: it is asked of the rows of `f`, where it can
    be."""
    sql, params = condition.sql, condition.params
    if not condition.at:
        sql = sql.replace("{c}", customer)
        return Part(
            f"{sql} IS NOT TRUE" if condition.is_negated else f"{sql} IS TRUE" if not alone else sql, params
        )
    if few:
        narrow = condition.at.replace("{c}", customer)
        test = f"EXISTS ({sql.replace('{at}', narrow)})"
        return Part(f"NOT {test}" if condition.is_negated else test, params)
    whole = sql.replace("{at}", condition.among if among else "")
    if not condition.is_negated:
        return Part(f"{customer}.id IN ({whole})", params)
    if alone:
        return Part(f"NOT EXISTS (SELECT FROM ({whole}) AS n (id) WHERE n.id = {customer}.id)", params)
    return Part(f"NOT ({customer}.id IN ({whole}))", params)


def whole(
    rules: Rules, node: Node, customer: str, *, alone: bool = True, few: bool = False, among: bool = False
) -> Part:
    """A tree as a condition about the row `customer`."""
    if isinstance(node, Leaf):
        return as_part(rules.condition(node), customer, alone=alone, few=few, among=among)
    if node.how == ALL:
        parts = [whole(rules, child, customer, alone=alone, few=few) for child in node.children]
        return _joined(parts, " AND ", "TRUE")
    parts = [whole(rules, child, customer, alone=False, few=few) for child in node.children]
    either = _joined(parts, " OR ", "FALSE")
    return Part(f"NOT {either.sql}", either.params) if node.how == NONE else either


def _joined(parts: Sequence[Part], word: str, empty: str) -> Part:
    if not parts:
        return Part(empty)
    return Part(
        "(" + word.join(part.sql for part in parts) + ")",
        tuple(value for part in parts for value in part.params),
    )


def halves(rules: Rules) -> tuple[list[Node], list[Node]]:
    """(what is read as sets, what could be asked one by one): of a tree whose rules must all hold."""
    if rules.root.how != ALL:
        return [rules.root], []
    first: list[Node] = []
    later: list[Node] = []
    for child in rules.root.children:
        is_summed = isinstance(child, Leaf) and rules.condition(child).is_summed
        (later if is_summed else first).append(child)
    return (first, later) if first else (later, [])


def _only_sum(rules: Rules, later: Sequence[Node]) -> Condition | None:
    """The one rule that adds up, where it is the only one, meant positively and can be asked of those left."""
    if len(later) != 1 or not isinstance(later[0], Leaf):
        return None
    condition = rules.condition(later[0])
    return condition if condition.among and not condition.is_negated else None


TABLE = "customers_customer"


def from_customers(customer: str = TABLE) -> str:
    """What a statement about customers reads from: each with the row of their values. Rules about values are plain
    conditions on it, one pass however many there are and wherever they stand in the tree; where none is asked the
    database leaves the row out."""
    alias = "" if customer == TABLE else f" AS {customer}"
    return (
        f"FROM {TABLE}{alias}"
        f" LEFT JOIN insight_customermetrics AS {customer}_m ON {customer}_m.customer_id = {customer}.id"
    )


def ids_statement(rules: Rules, scope: Part, sums: Sums = Sums.EVERYBODY) -> Part:
    """The ids of profiles that fit, within `scope` (a condition on the customers' table). `sums`: of whom the rules
    that add up are asked."""
    first, later = halves(rules)
    if sums is Sums.EVERYBODY:
        first, later = [*first, *later], []
    fits = _joined([whole(rules, node, TABLE) for node in first], " AND ", "TRUE")
    sql = f"SELECT {TABLE}.id {from_customers()} WHERE {scope.sql} AND {fits.sql}"
    params = (*scope.params, *fits.params)
    if not later:
        return Part(sql, params)
    if sums is Sums.AMONG and (alone := _only_sum(rules, later)) is not None:
        # Grouped last, so no barrier is needed and two processes can share the work; whoever the sum leaves fits.
        theirs = alone.sql.replace("{at}", alone.among)
        return Part(
            f"WITH f AS NOT MATERIALIZED ({sql}) SELECT n.id FROM ({theirs}) AS n (id)",  # noqa: S608
            (*params, *alone.params),
        )
    each, among = sums is Sums.EACH, sums is Sums.AMONG
    left = _joined([whole(rules, node, "f", few=each, among=among) for node in later], " AND ", "TRUE")
    return Part(
        f"WITH f AS MATERIALIZED ({sql}) SELECT f.id FROM f WHERE {left.sql}",  # noqa: S608
        (*params, *left.params),
    )
