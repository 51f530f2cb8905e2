"""Taking an import of goods back: what it made and nothing refers to goes, what it changed is put back; whatever was
changed or used since stays and is counted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Count

from dianke.catalog.models import (
    Barcode,
    ImportedPiece,
    ImportedRow,
    Photo,
    Product,
    ProductAttribute,
    ServiceDetail,
    Variant,
    VariantValue,
)
from dianke.catalog.operations.locking import touch
from dianke.catalog.operations.products import refresh_variant_words
from dianke.events.operations import step

#: What goes with a variant or product without holding on to it.
OWN = (Barcode, ImportedPiece, ImportedRow, VariantValue, ProductAttribute, ServiceDetail, Variant)


@dataclass(frozen=True, slots=True)
class Undone:
    """Goods removed, put back as they were, left alone, and where to go on (None: at the end)."""

    removed: int
    restored: int
    kept: int
    next_id: int | None


@step
def undo_rows(*, run_id: int, after_id: int, limit: int, now: datetime) -> Undone:
    """Take back up to `limit` rows of the run in the order of their ids. Its own transaction is the caller's."""
    rows = list(
        ImportedRow.objects.filter(run_id=run_id, pk__gt=after_id)
        .select_related("variant__product")
        .order_by("pk")[:limit]
    )
    if not rows:
        return Undone(0, 0, 0, None)
    made = [row for row in rows if row.makes_variant]
    removed = _remove(made, run_id)
    restored = _put_back([row for row in rows if not row.makes_variant], now)
    kept = len(rows) - removed - restored
    return Undone(removed, restored, kept, rows[-1].pk)


def _remove(rows: Sequence[ImportedRow], run_id: int) -> int:
    """Variants the run made, and their products once they have none left."""
    same = [row for row in rows if _is_same(row.variant, row.after.get("variant", {}))]
    held = held_rows(Variant, {row.variant_id for row in same})
    changed = ImportedRow.objects.exclude(run_id=run_id).filter(variant__in=[row.variant_id for row in same])
    held |= set(changed.values_list("variant_id", flat=True))
    free = [row for row in same if row.variant_id not in held]
    products = {row.variant.product_id: row.variant.product for row in free}
    told = {row.variant.product_id: row.after["product"] for row in free if row.makes_product}
    touched = {pk for pk, product in products.items() if pk in told and not _is_same(product, told[pk])}
    touched |= held_rows(Product, set(products))
    # The last variant of a product that stays, stays too.
    left = dict(
        Variant.objects.filter(product__in=products)
        .values_list("product")
        .annotate(count=Count("pk"))
        .values_list("product", "count")
    )
    made_here = set(
        ImportedRow.objects.filter(
            run_id=run_id, makes_product=True, variant__product__in=products
        ).values_list("variant__product_id", flat=True)
    )
    doomed: list[int] = []
    for row in free:
        pk = row.variant.product_id
        if left[pk] == 1 and (pk in touched or pk not in made_here):
            continue
        left[pk] -= 1
        doomed.append(row.variant_id)
    Variant.objects.filter(pk__in=doomed).delete()
    Product.objects.filter(pk__in=[pk for pk, count in left.items() if not count]).delete()
    return len(doomed)


def _is_same(row: models.Model, said: dict[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in said.items())


def held_rows(model: type[models.Model], ids: Collection[int]) -> set[int]:
    """Those something else refers to: pieces, prices, bundles, stock; of whichever room."""
    found: set[int] = set()
    if not ids:
        return found
    for relation in model._meta.get_fields(include_hidden=True):  # those without a way back too, as of orders
        if not isinstance(relation, models.ForeignObjectRel) or not relation.field.model._meta.managed:
            continue
        other = relation.related_model
        if isinstance(other, str) or other in OWN or (other is Photo and model is Variant):
            continue
        name = relation.field.name
        rows = other._base_manager.filter(**{f"{name}__in": ids}).values_list(f"{name}_id", flat=True)
        found |= set(rows) if relation.field.concrete and not relation.many_to_many else set()
    return found


def _put_back(rows: Sequence[ImportedRow], now: datetime) -> int:
    """Fields that still say what the run wrote say again what they said before; its barcodes go."""
    count = 0
    for row in rows:
        variant, product = row.variant, row.variant.product
        restored = _restore(product, row.before.get("product", {}), row.after.get("product", {}))
        restored |= _restore(variant, row.before.get("variant", {}), row.after.get("variant", {}))
        gone, _each = Barcode.objects.filter(variant=variant, value__in=row.barcodes).delete()
        if restored or gone:
            count += 1
            touch(product, now)
        if restored & {"name", "aliases"}:
            refresh_variant_words([product])
    return count


def _restore(row: models.Model, before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    names = {name for name, value in after.items() if name in before and getattr(row, name) == value}
    for name in names:
        setattr(row, name, before[name])
    if names:
        row.save(update_fields=[name.removesuffix("_id") for name in names])
    return names
