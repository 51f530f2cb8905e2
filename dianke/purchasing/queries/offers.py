"""What suppliers ask today, as the rules want it; and how prices stood over time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

from django.db.models import Q

from dianke.core.actor import Actor
from dianke.core.money import Money
from dianke.purchasing.models import PurchaseOrderLine, Supplier, SupplierPrice
from dianke.purchasing.rules.comparing import Compared, Offer, PricePoint, PriceTrend, compare, trend
from dianke.stores.models import Store


def offer_of(price: SupplierPrice) -> Offer:
    """The rule's view of a row; its supplier is loaded."""
    supplier = price.supplier
    return Offer(
        price_id=price.pk,
        supplier_id=supplier.pk,
        supplier=supplier.short_name,
        price=Money.from_minor(price.price_amount, supplier.currency),
        pack_quantity=price.pack_quantity,
        minimum_quantity=price.minimum_quantity,
        tax_rate_bp=price.tax_rate_bp,
        is_tax_deductible=supplier.is_tax_deductible,
        lead_days=supplier.lead_days if price.lead_days is None else price.lead_days,
        rating=supplier.rating,
        from_date=price.from_date,
        to_date=price.to_date,
    )


def prices_for(
    variant_ids: Collection[int], *, store: Store, day: date, supplier: Supplier | None = None
) -> list[SupplierPrice]:
    """Prices in force on a day of suppliers in use that may deliver to the store's entity. One query."""
    entity = Q(supplier__legal_entities=store.legal_entity_id)
    bound = Supplier.legal_entities.through.objects.values("supplier_id")
    rows = SupplierPrice.objects.in_force(day).filter(
        entity | ~Q(supplier__in=bound), variant__in=variant_ids, supplier__state=Supplier.State.ACTIVE
    )
    if supplier is not None:
        rows = rows.filter(supplier=supplier)
    return list(
        rows.select_related("supplier").order_by("variant_id", "supplier_id", "minimum_quantity", "pk")
    )


def offers_for(variant_ids: Collection[int], *, store: Store, day: date) -> Mapping[int, list[Offer]]:
    """Offers by variant; the same query."""
    found: dict[int, list[Offer]] = {}
    for price in prices_for(variant_ids, store=store, day=day):
        found.setdefault(price.variant_id, []).append(offer_of(price))
    return found


def price_in_force(
    prices: Collection[SupplierPrice], *, variant_id: int, quantity: Decimal
) -> SupplierPrice | None:
    """Of the prices of one supplier the one for a quantity: the largest minimum that is reached."""
    fitting = [
        price for price in prices if price.variant_id == variant_id and price.minimum_quantity <= quantity
    ]
    return max(fitting, key=lambda price: (price.minimum_quantity, price.from_date), default=None)


def compare_suppliers(variant_id: int, *, needed: Decimal, store: Store, day: date) -> list[Compared]:
    """Offers for a needed quantity, the cheapest first. For callers that have checked `catalog.view_costs`."""
    return compare(offers_for([variant_id], store=store, day=day).get(variant_id, []), needed=needed)


def price_history(
    variant_id: int, *, actor: Actor, from_date: date | None = None
) -> Mapping[int, tuple[str, list[PricePoint], PriceTrend]]:
    """What each supplier asked per stock unit over time: supplier id → (name, points, trend). Two queries at most."""
    rows = SupplierPrice.objects.visible_to(actor).filter(variant=variant_id, minimum_quantity=0)
    if from_date is not None:
        rows = rows.filter(Q(to_date=None) | Q(to_date__gt=from_date))
    found: dict[int, tuple[str, list[PricePoint]]] = {}
    for price in rows.select_related("supplier").order_by("from_date"):
        points = found.setdefault(price.supplier_id, (price.supplier.short_name, []))[1]
        points.append(PricePoint(price.from_date, offer_of(price).unit_price))
    return {pk: (name, points, trend(points)) for pk, (name, points) in found.items()}


def bought_before(line: PurchaseOrderLine) -> PurchaseOrderLine | None:
    """The line of the same supplier and goods that was ordered last before this one."""
    earlier = PurchaseOrderLine.objects.filter(
        variant=line.variant_id, order__supplier=line.order.supplier_id, order__made_at__lt=line.order.made_at
    )
    return earlier.exclude(order__state="CANCELLED").order_by("-order__made_at").first()
