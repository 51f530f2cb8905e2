"""What a plan is made of: the goods of a store one buys, what is there of them, what is on order, what is wished."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import F, Min, Q, Sum

from dianke.catalog.models import Product, Variant
from dianke.core.actor import SYSTEM, Actor
from dianke.inventory.queries import on_hand
from dianke.purchasing.models import PurchaseOrder, PurchaseOrderLine, SupplierPrice, SupplyRule
from dianke.purchasing.rules.planning import Stock, Wishes
from dianke.stores.models import Store

_ZERO = Decimal(0)


def goods_to_plan(
    *, store: Store, day: date, variant_ids: Collection[int] | None = None
) -> dict[int, int | None]:
    """Variants one may buy for the store and keeps by quantity or batch: variant id → shelf life in days (None: keeps).

    Those somebody sells or somebody set wishes for; single pieces and goods made to order are bought one by one.
    """
    bought = SupplierPrice.objects.in_force(day).values("variant_id")
    wished = SupplyRule.objects.filter(Q(store=store) | Q(store=None), is_planned=True).values("variant_id")
    rows = Variant.objects.filter(
        Q(pk__in=bought) | Q(pk__in=wished),
        is_active=True,
        product__state=Product.State.ACTIVE,
        product__kind=Product.Kind.GOODS,
    )
    if variant_ids is not None:
        rows = rows.filter(pk__in=variant_ids)
    return dict(rows.order_by("pk").values_list("pk", "product__shelf_life_days"))


def stock_of(variant_ids: Collection[int], *, store: Store) -> dict[int, Stock]:
    """On hand, promised and on order in the store, by variant. Two queries. Every order that is not done or cancelled
    counts, drafts too: a plan made twice does not buy twice."""
    found: dict[int, Stock] = {}
    for row in on_hand(list(variant_ids), actor=SYSTEM, store_ids=[store.pk]):
        before = found.get(row.variant_id, Stock())
        found[row.variant_id] = Stock(before.on_hand + row.quantity, before.reserved + row.reserved)
    for variant_id, quantity in on_order(variant_ids, store=store).items():
        found[variant_id] = replace(found.get(variant_id, Stock()), on_order=quantity)
    return found


def on_order(variant_ids: Collection[int], *, store: Store) -> dict[int, Decimal]:
    """What is still to come to the store, by variant."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT l.variant_id, sum(greatest(
                l.quantity - l.received_quantity + l.replaced_quantity - l.closed_quantity, 0))
            FROM purchasing_purchaseorderline AS l
            JOIN purchasing_purchaseorder AS o ON o.id = l.order_id
            WHERE l.variant_id = ANY(%(variants)s) AND o.store_id = %(store)s
              AND o.state NOT IN ('DONE', 'CANCELLED')
            GROUP BY 1
            """,
            {"variants": list(variant_ids), "store": store.pk},
        )
        return dict(cursor.fetchall())


def wishes_of(
    shelf_lives: Mapping[int, int | None], *, store: Store, review_days: int
) -> dict[int, Wishes | None]:
    """What is wished of each variant; None: it shall not be suggested. The store's row counts before the general
    one."""
    rules: dict[int, SupplyRule] = {}
    rows = SupplyRule.objects.filter(Q(store=store) | Q(store=None), variant__in=shelf_lives)
    for rule in rows.order_by("variant_id", "store_id"):  # the general one sorts last and does not replace
        rules.setdefault(rule.variant_id, rule)
    found: dict[int, Wishes | None] = {}
    for pk, shelf_life in shelf_lives.items():
        wished = rules.get(pk)
        if wished is None:
            found[pk] = Wishes(review_days, shelf_life_days=shelf_life)
        elif not wished.is_planned:
            found[pk] = None
        else:
            found[pk] = Wishes(
                review_days if wished.review_days is None else wished.review_days,
                wished.safety_quantity,
                wished.maximum_quantity,
                shelf_life,
                wished.supplier_id,
            )
    return found


def on_order_seen(
    variant_ids: Collection[int], *, actor: Actor, store: Store | None
) -> tuple[Decimal, date | None]:
    """What is still to come of these variants on orders the actor sees (of one store, or of all of theirs), and when
    the next of it is expected. One query."""
    orders = PurchaseOrder.objects.visible_to(actor).exclude(state__in=["DRAFT", "DONE", "CANCELLED"])
    if store is not None:
        orders = orders.filter(store=store)
    rest = F("quantity") - F("received_quantity") + F("replaced_quantity") - F("closed_quantity")
    lines = PurchaseOrderLine.objects.filter(variant__in=variant_ids, order__in=orders).annotate(rest=rest)
    found = lines.filter(rest__gt=0).aggregate(quantity=Sum("rest"), due=Min("order__expected_date"))
    return found["quantity"] or _ZERO, found["due"]
