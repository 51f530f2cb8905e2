"""The one layer of measures: what can be asked (`MEASURES`), by what (`DIMENSIONS`), and the expression that answers.

What an expression brings are sums (`Sums`); what follows from sums (net, margin, per order) is worked out from them in
exact numbers by the same `Figures` that sales reports use. So DuckDB, Spark and PostgreSQL give the same answer to the
fen. docs/algorithms/metrics.md
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.errors import InvalidInput
from dianke.insight.rules.tables import Expression, Tables
from dianke.insight.rules.terms import MEASURES, PEOPLE, QUANTITIES, Sums
from dianke.sales.rules.quantities import Quantities
from dianke.sales.rules.report_terms import By, Span

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

SOLD = "SOLD"
MOST_DIMENSIONS = 3


class UnknownMeasure(InvalidInput):
    code = "measure_unknown"
    message = _("There is no measure %(name)s. There are: %(names)s.")
    default_field = "measures"


class UnknownDimension(InvalidInput):
    code = "dimension_unknown"
    message = _("There is no dimension %(name)s. There are: %(names)s.")
    default_field = "by"


class TooManyDimensions(InvalidInput):
    code = "dimensions_too_many"
    message = _("Figures are told by %(most)s dimensions at most. Take some away.")
    default_field = "by"


@dataclass(frozen=True, slots=True)
class Dimension:
    """`key` gives the text a row is told by, of facts joined with what `joins` names (variants, customers)."""

    label: _StrPromise
    key: Callable[[Expression, Span], Expression]
    joins: tuple[str, ...] = ()


def _text(column: Expression) -> Expression:
    return column.cast("string")


def _begin(unit: str) -> Callable[[Expression, Span], Expression]:
    return lambda f, _span: f.business_date.truncate(unit).cast("string").substr(0, 10)


def _goods(column: str) -> Callable[[Expression, Span], Expression]:
    return lambda f, _span: ibis.ifelse(
        f.product_id.isnull(), f.line_kind, ibis.coalesce(_text(f[column]), "")
    )


def _of_customer(known: Callable[[Expression, Span], Expression]) -> Callable[[Expression, Span], Expression]:
    return lambda f, span: ibis.ifelse(f.customer_id.isnull(), "", known(f, span))


DIMENSIONS: dict[By, Dimension] = {
    By.HOUR: Dimension(pgettext_lazy("dimension", "Hour"), lambda f, _span: _text(f.hour)),
    By.WEEKDAY: Dimension(_("Weekday"), lambda f, _span: _text(f.business_date.day_of_week.index() + 1)),
    By.DAY: Dimension(
        pgettext_lazy("dimension", "Day"), lambda f, _span: _text(f.business_date).substr(0, 10)
    ),
    By.WEEK: Dimension(pgettext_lazy("dimension", "Week"), _begin("W")),
    By.MONTH: Dimension(pgettext_lazy("dimension", "Month"), _begin("M")),
    By.STORE: Dimension(_("Store"), lambda f, _span: _text(f.store_id)),
    By.PRODUCT: Dimension(_("Product"), _goods("product_id"), ("variants",)),
    By.CATEGORY: Dimension(_("Category"), _goods("category_id"), ("variants",)),
    By.BRAND: Dimension(_("Brand"), _goods("brand_id"), ("variants",)),
    By.STAFF: Dimension(_("Staff"), lambda f, _span: ibis.coalesce(_text(f.user_id), "")),
    By.CHANNEL: Dimension(_("Channel"), lambda f, _span: f.channel),
    By.LEVEL: Dimension(
        _("Level"), _of_customer(lambda f, _span: ibis.coalesce(_text(f.level_id), "NONE")), ("customers",)
    ),
    By.NOVELTY: Dimension(
        _("New or returning"),
        _of_customer(lambda f, span: ibis.ifelse(f.first_ordered < span.first, "KNOWN", "NEW")),
        ("customers", "firsts"),
    ),
}


@dataclass(frozen=True, slots=True)
class Within:
    """The rows a person may read: all of `stores`, of those in `own` only the parts that are `user_id`'s."""

    stores: tuple[int, ...]
    own: frozenset[int] = frozenset()
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Measures by up to three dimensions; `where` keeps rows whose key is one of these."""

    measures: tuple[str, ...]
    by: tuple[By, ...]
    span: Span
    within: Within
    where: Mapping[By, Collection[str]]


def question(
    *,
    measures: Iterable[str],
    by: Iterable[str],
    span: Span,
    within: Within,
    where: Mapping[str, Collection[str]] | None = None,
) -> Question:
    """Raises `UnknownMeasure`, `UnknownDimension`, `TooManyDimensions`."""
    asked = tuple(dict.fromkeys(measures))
    for name in asked:
        if name not in MEASURES:
            raise UnknownMeasure(name=name, names=", ".join(MEASURES))
    told = tuple(dict.fromkeys(_dimension(name) for name in by))
    if len(told) > MOST_DIMENSIONS:
        raise TooManyDimensions(most=MOST_DIMENSIONS)
    kept = {_dimension(name): tuple(keys) for name, keys in (where or {}).items()}
    return Question(asked, told, span, within, kept)


def _dimension(name: str) -> By:
    try:
        found = By(name)
    except ValueError:
        found = None
    if found not in DIMENSIONS:
        raise UnknownDimension(name=name, names=", ".join(DIMENSIONS))
    return found


# --- the expression -----------------------------------------------------------------------------------------------
def _sum(column: str, kind: str | None = None, sign: int = 1) -> Callable[[Expression], Expression]:
    def expression(f: Expression) -> Expression:
        found = f[column].sum() if kind is None else f[column].sum(where=f.kind == kind)
        return (found * sign).fill_null(0)

    return expression


_SUMS: dict[str, Callable[[Expression], Expression]] = {
    "orders": lambda f: f.order_id.nunique(where=f.kind == SOLD),
    "returns": lambda f: f.return_id.nunique(),
    "list_amount": _sum("list_amount"),
    "sold_amount": _sum("amount", SOLD),
    "returned_amount": _sum("amount", "RETURNED", -1),
    "tax_amount": _sum("tax_amount"),
    "cost": _sum("cost"),
    "counted_quantity": lambda f: f.quantity.sum(where=(f.kind == SOLD) & f.is_counted).fill_null(0),
    "customers": lambda f: f.head_id.nunique(where=f.kind == SOLD),
}


def firsts(t: Tables) -> Expression:
    """The day a profile first ordered anything, drafts aside."""
    placed = t.orders.filter(t.orders.state != "DRAFT").inner_join(t.customers, "customer_id")
    return placed.group_by("head_id").agg(first_ordered=placed.business_date.min())


def facts_of(t: Tables, asked: Question, needs: Collection[str]) -> Expression:
    """The rows a question is about, each with its keys `k0`, `k1` …"""
    f = within(t.facts, asked.span, asked.within)
    dimensions = [DIMENSIONS[by] for by in asked.by]
    told = dict.fromkeys([*asked.by, *asked.where])
    joins = {join for by in told for join in DIMENSIONS[by].joins}
    if PEOPLE & set(needs):
        joins.add("customers")
    if "new_customers" in needs:
        joins |= {"customers", "firsts"}
    if "counted_quantity" in needs:
        joins.add("variants")
    if "variants" in joins:
        f = f.left_join(t.variants, "variant_id")
    if "customers" in joins:
        f = f.left_join(t.customers, "customer_id")
    if "firsts" in joins:
        f = f.left_join(firsts(t), "head_id")
    for by, keys in asked.where.items():
        f = f.filter(DIMENSIONS[by].key(f, asked.span).isin(list(keys)))
    keys = {f"k{n}": dimension.key(f, asked.span) for n, dimension in enumerate(dimensions)}
    return f.mutate(**(keys or {"k0": ibis.literal("")}))


def within(facts: Expression, span: Span, reach: Within) -> Expression:
    """The rows of a span that a person may read."""
    f = facts.filter(
        facts.business_date.between(ibis.literal(span.first), ibis.literal(span.last)),
        facts.store_id.isin(list(reach.stores)) if reach.stores else ibis.literal(False),
    )
    if reach.own:
        f = f.filter(~f.store_id.isin(sorted(reach.own)) | (f.user_id == (reach.user_id or 0)))
    return f


def needs_of(asked: Question) -> set[str]:
    return {need for name in asked.measures for need in MEASURES[name].needs}


def expression(t: Tables, asked: Question) -> Expression:
    """A row per key with the sums the measures need, in the order of the keys."""
    needs = needs_of(asked)
    f = facts_of(t, asked, needs)
    keys = [f"k{n}" for n in range(max(1, len(asked.by)))]
    sums = {name: make(f) for name, make in _SUMS.items() if name in needs}
    if "new_customers" in needs:
        is_new = (f.kind == SOLD) & (f.first_ordered >= ibis.literal(asked.span.first))
        sums["new_customers"] = f.head_id.nunique(where=is_new)
    rows = f.group_by(keys).agg(**(sums or {"rows": f.count()}))
    if "repeat_customers" in needs:
        sold = f.filter((f.kind == SOLD) & f.head_id.notnull())
        each = sold.group_by([*keys, "head_id"]).agg(times=sold.order_id.nunique())
        again = each.group_by(keys).agg(repeat_customers=(each.times >= 2).sum())
        again = again.rename({f"of_{key}": key for key in keys})
        joined = functools.reduce(operator.and_, (rows[key] == again[f"of_{key}"] for key in keys))
        rows = rows.left_join(again, joined)
        rows = rows.mutate(repeat_customers=rows.repeat_customers.fill_null(0)).drop(
            *(f"of_{key}" for key in keys)
        )
    return rows.order_by(keys)


def quantities(t: Tables, asked: Question) -> Expression | None:
    """A row per key and unit: what was sold and given back in it; None where nobody asks for it. The unit is that of
    the product, looked up once for each of the goods."""
    if not QUANTITIES & needs_of(asked):
        return None
    f = facts_of(t, asked, ())
    keys = [f"k{n}" for n in range(max(1, len(asked.by)))]
    sold = _sum("quantity", SOLD)(f)
    returned = _sum("quantity", "RETURNED", -1)(f)
    goods = f.group_by([*keys, "variant_id"]).agg(sold_quantity=sold, returned_quantity=returned)
    goods = goods.inner_join(t.variants.select("variant_id", "unit_id"), "variant_id")
    return (
        goods.group_by([*keys, "unit_id"])
        .agg(sold_quantity=goods.sold_quantity.sum(), returned_quantity=goods.returned_quantity.sum())
        .order_by([*keys, "unit_id"])
    )


# --- the answer ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class AnswerRow:
    """`keys`: one per dimension, as sales reports know them. `values`: one per measure, None: means nothing."""

    keys: tuple[str, ...]
    values: tuple[Any, ...]


_EXACT = ("counted_quantity", "cost")


def sums_of(row: Mapping[str, Any], in_units: Sequence[Mapping[str, Any]] = ()) -> Sums:
    """What an engine brought, in exact numbers; `in_units`: the rows of `quantities` with the same keys."""
    told: dict[str, Any] = {
        name: Quantities.summed((each["unit_id"], Decimal(each[name])) for each in in_units)
        for name in QUANTITIES
    }
    for each in fields(Sums):
        if (value := row.get(each.name)) is not None:
            told[each.name] = Decimal(value) if each.name in _EXACT else int(value)
    return Sums(**told)


def answer(
    asked: Question, rows: Sequence[Mapping[str, Any]], in_units: Sequence[Mapping[str, Any]] = ()
) -> list[AnswerRow]:
    """The rows of `expression` and of `quantities` as values. Nothing sold at all, asked by nothing, is one row of
    nothing."""

    def keys_of(row: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(row[f"k{n}"] for n in range(len(asked.by)))

    much: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in in_units:
        much.setdefault(keys_of(row), []).append(row)
    found = []
    for row in rows:
        keys = keys_of(row)
        sums = sums_of(row, much.get(keys, ()))
        found.append(AnswerRow(keys, tuple(MEASURES[name].value(sums) for name in asked.measures)))
    if not found and not asked.by:
        return [AnswerRow((), tuple(MEASURES[name].value(Sums()) for name in asked.measures))]
    return found
