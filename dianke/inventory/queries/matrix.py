"""Variant × store: what the matrix of stock is made of, for the variants of one page or one batch of an export at
once; and the conditions its filters narrow by.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import DecimalField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from dianke.catalog.models import Barcode, Piece, Variant
from dianke.catalog.rules.barcodes import spellings
from dianke.inventory.models import Balance, Place, SafetyStock, StockAlert
from dianke.inventory.queries.on_hand import on_hand_at

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class StoreStock:
    """Of a variant on the shelves of a store. `is_low`: a shelf has less to promise than its minimum; `is_over`:
    one has more than its maximum; `is_short`: one is below zero."""

    quantity: Decimal = ZERO
    reserved: Decimal = ZERO
    is_low: bool = False
    is_over: bool = False
    is_short: bool = False

    @property
    def available(self) -> Decimal:
        return self.quantity - self.reserved


_CELLS = """
    SELECT variant_id, p.store_id, sum(quantity), sum(reserved),
           bool_or(minimum IS NOT NULL AND quantity - reserved < minimum),
           bool_or(maximum IS NOT NULL AND quantity > maximum), bool_or(quantity < 0)
    FROM (
        SELECT variant_id, place_id, coalesce(b.quantity, 0) AS quantity, coalesce(b.reserved, 0) AS reserved,
               s.minimum, s.maximum
        FROM (SELECT variant_id, place_id, sum(quantity) AS quantity, sum(reserved) AS reserved
              FROM inventory_balance WHERE variant_id = ANY(%(variants)s) AND place_id = ANY(%(places)s)
              GROUP BY 1, 2) AS b
        FULL JOIN (SELECT variant_id, place_id, minimum, maximum FROM inventory_safetystock
                   WHERE variant_id = ANY(%(variants)s) AND place_id = ANY(%(places)s)) AS s
            USING (variant_id, place_id)) AS every
    JOIN inventory_place AS p ON p.id = every.place_id
    GROUP BY 1, 2
"""


def shelves_of(store_ids: Collection[int]) -> dict[int, int]:
    """Shelf -> its store. One query."""
    rows = Place.objects.filter(kind=Place.Kind.STOCK, store__in=store_ids)
    return {pk: store or 0 for pk, store in rows.values_list("pk", "store_id")}


def cells_of(
    variant_ids: Sequence[int], shelves: Mapping[int, int], *, at: datetime | None = None
) -> dict[int, dict[int, StoreStock]]:
    """variant -> store -> what is there (at an instant: without bounds and reservations, which are those of now). One
    statement; stores with nothing to tell are left out."""
    found: dict[int, dict[int, StoreStock]] = {}
    if not variant_ids or not shelves:
        return found
    if at is not None:
        for (variant, place), quantity in on_hand_at(variant_ids, place_ids=shelves, at=at).items():
            if quantity:
                of_variant, store = found.setdefault(variant, {}), shelves[place]
                before = of_variant.get(store, StoreStock())
                is_short = before.is_short or quantity < 0
                of_variant[store] = StoreStock(before.quantity + quantity, is_short=is_short)
        return found
    with connection.cursor() as cursor:
        cursor.execute(_CELLS, {"variants": list(variant_ids), "places": list(shelves)})
        for variant, store, quantity, reserved, is_low, is_over, is_short in cursor.fetchall():
            found.setdefault(variant, {})[store] = StoreStock(quantity, reserved, is_low, is_over, is_short)
    return found


def totals_of(
    variants: QuerySet[Variant], shelves: Mapping[int, int], *, is_free: bool
) -> dict[int, Decimal]:
    """store -> what all these variants come to there. One statement."""
    rows = Balance.objects.filter(place__in=list(shelves), variant__in=variants.order_by().values("pk"))
    figure = Sum(F("quantity") - F("reserved")) if is_free else Sum("quantity")
    return dict(rows.values_list("place__store").annotate(sum=figure).values_list("place__store", "sum"))


# --- conditions on variants ------------------------------------------------------------------------------------------
def meant_by(text: str) -> Q:
    """Variants a query means: those a code fits exactly, else those whose words (name, pinyin, SKU) answer it."""
    spelled = spellings(text)
    if spelled:
        exact: set[int] = {
            *Barcode.objects.filter(value__in=spelled).values_list("variant_id", flat=True),
            *Piece.objects.filter(tag=spelled[-1].upper()).values_list("variant_id", flat=True),
            *Variant.objects.filter(Q(code__in=spelled) | Q(product__code__in=spelled)).values_list(
                "pk", flat=True
            ),
        }
        if exact:
            return Q(pk__in=exact)
    return Q(search_words__found_by=text)


def has_stock(place_ids: Collection[int]) -> Q:
    """Something lies on one of the shelves."""
    rows = Balance.objects.filter(variant=OuterRef("pk"), place__in=list(place_ids), quantity__gt=0)
    return Q(Exists(rows))


def is_negative(place_ids: Collection[int]) -> Q:
    rows = Balance.objects.filter(place__in=list(place_ids), quantity__lt=0)
    return Q(pk__in=rows.values("variant"))


def is_low(place_ids: Collection[int]) -> Q:
    """A shelf has less to promise than its minimum."""
    amount: DecimalField[Decimal, Decimal] = DecimalField(max_digits=18, decimal_places=4)
    there = (
        Balance.objects.filter(variant=OuterRef("variant"), place=OuterRef("place"))
        .order_by()
        .values("variant")
        .annotate(free=Sum(F("quantity") - F("reserved")))
    )
    rows = SafetyStock.objects.filter(place__in=list(place_ids)).annotate(
        free=Coalesce(Subquery(there.values("free"), output_field=amount), Value(ZERO, output_field=amount))
    )
    return Q(pk__in=rows.filter(free__lt=F("minimum")).values("variant"))


def has_alert(kind: str, place_ids: Collection[int]) -> Q:
    """The last look through the stock found this."""
    rows = StockAlert.objects.open().filter(kind=kind, place__in=list(place_ids))
    return Q(pk__in=rows.values("variant"))
