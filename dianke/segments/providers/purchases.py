"""Purchases: who bought what, how often, for how much, when, where, by which channel; net of what came back."""

# ruff: noqa: S608  only declared texts are put together

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import pgettext_lazy

from dianke.sales.models.visible import VIEW
from dianke.segments.queries.fields import register_fields
from dianke.segments.rules.fields import Condition, Context, Field, Kind, Plain, span_of

PURCHASES = pgettext_lazy("fields of segments", "Purchases")
_CATEGORIES = "SELECT g.id FROM catalog_category AS g WHERE g.id = ANY(%s) OR g.path && %s::bigint[]"
_GOODS = {
    "any": "p.product_id = 0",
    "product": "p.product_id = ANY(%s) AND p.product_id <> 0",
    # Sets, not arrays: of an array that is yet to be read the database expects ten products, whatever there are.
    "category": "p.product_id IN (SELECT d.id FROM catalog_product AS d WHERE d.category_id IN"
    f" ({_CATEGORIES})) AND p.product_id <> 0",
    "brand": "p.product_id IN (SELECT d.id FROM catalog_product AS d WHERE d.brand_id = ANY(%s))"
    " AND p.product_id <> 0",
}


def _rows(value: dict[str, Any], at: Context) -> tuple[str, tuple[Any, ...]]:
    """FROM and WHERE of the purchases that count."""
    goods = value["goods"]
    ids = value.get("ids", [])
    where, params = [_GOODS[goods]], [ids] * _GOODS[goods].count("%s")
    if "days" in value:
        first, last = span_of("last", value["days"], at.today)
        where.append("p.day BETWEEN %s AND %s")
        params += [first, last]
    for key, test in (("from", "p.day >= %s"), ("to", "p.day <= %s")):
        if key in value:
            where.append(test)
            params.append(value[key])
    for key, test in (("stores", "p.store_id = ANY(%s)"), ("channels", "p.channel = ANY(%s)")):
        if value.get(key):
            where.append(test)
            params.append(value[key])
    return f"FROM segments_purchase AS p WHERE {' AND '.join(where)}", tuple(params)


def _sum(value: dict[str, Any]) -> str:
    if value["measure"] == "times":
        return "count(*)" if value["goods"] == "any" else "count(DISTINCT p.order_id)"
    return f"coalesce(sum(p.{value['measure']}), 0)"


def compile_bought(op: str, value: Any, at: Context) -> Condition:
    """Profiles with at least so many purchases, pieces or yuan of what counts."""
    rows, params = _rows(value, at)
    least = Decimal(str(value["least"]))
    narrow = "AND p.head_id = {c}.id"
    is_negated = op == "not_bought"
    if value["measure"] == "times" and least <= 1:
        return Condition(f"SELECT p.head_id {rows} {{at}}", params, narrow, is_negated)
    sql = f"SELECT p.head_id {rows} {{at}} GROUP BY p.head_id HAVING {_sum(value)} >= %s"
    return Condition(
        sql,
        (*params, least),
        narrow,
        is_negated,
        is_summed=True,
        among="AND p.head_id IN (SELECT f.id FROM f)",
    )


def own_purchases(value: Any, at: Context) -> Plain:
    """What of it the person bought."""
    rows, params = _rows(value, at)
    return Plain(f"(SELECT {_sum(value)} {rows} AND p.head_id = {{c}}.id)", params)


def register() -> None:
    """Called once, when the apps are ready."""
    register_fields(
        Field(
            "bought",
            PURCHASES,
            pgettext_lazy("segment", "Purchases"),
            Kind.BOUGHT,
            permission=VIEW,
            compile=compile_bought,
            shows=own_purchases,
        )
    )
