"""Purchase orders: drafted, changed, cancelled, and closed when the rest will not come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Product, Variant
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.core.money import Money
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, step, unchanged
from dianke.purchasing.models import PurchaseOrder, PurchaseOrderLine, PurchasePlan, Supplier
from dianke.purchasing.models.suppliers import COSTS
from dianke.purchasing.operations.numbers import ORDER, next_number
from dianke.purchasing.operations.prices import CostsHidden, PriceOutOfRange, check_terms
from dianke.purchasing.queries.offers import price_in_force, prices_for
from dianke.purchasing.rules.amounts import line_total, tax_in, whole_packs
from dianke.stores.models import StockPlace, Store
from dianke.work.models import Approval
from dianke.work.operations.approvals import set_overtaken

MAKE = "purchasing.make_orders"
APPROVE_OPERATION = "purchasing.approve_order"
MOST_LINES = 500


class OrderEmpty(InvalidInput):
    code = "purchase_order_empty"
    message = _("There is nothing on the order. Add goods first.")
    default_field = "lines"


class OrderTooLong(InvalidInput):
    code = "purchase_order_too_long"
    message = _("An order holds at most %(most)s lines. Make a second one.")
    default_field = "lines"


class GoodsTwice(InvalidInput):
    code = "purchase_goods_twice"
    message = _("“%(product)s” is on the order twice. Put both quantities into one line.")
    default_field = "lines"


class GoodsUnknown(NotFound):
    code = "purchase_goods_unknown"
    message = _("A product of the order does not exist any more. Take it off the order.")


class GoodsNotFound(InvalidInput):
    code = "purchase_goods_not_found"
    message = _("Nothing has the code or name “%(wanted)s”. Check it, or enter the product first.")
    default_field = "code"


class NotToBeBought(Conflict):
    code = "purchase_not_to_be_bought"
    message = _(
        "“%(product)s” is not bought any more, or nothing of it is kept in stock. Take it off the order."
    )
    default_field = "lines"


class SupplierNotInUse(Conflict):
    code = "supplier_not_in_use"
    message = _("“%(name)s” is paused or put away. Use it again first, or choose another supplier.")
    default_field = "supplier"


class SupplierOutOfReach(Conflict):
    code = "supplier_out_of_reach"
    message = _("“%(name)s” does not deliver to the company of this store. Choose another supplier.")
    default_field = "supplier"


class PriceMissing(InvalidInput):
    code = "purchase_price_missing"
    message = _("“%(supplier)s” has no price for “%(product)s”. Enter one with the supplier first.")
    default_field = "lines"


class QuantityWrong(InvalidInput):
    code = "purchase_quantity_wrong"
    message = _("The quantity of “%(product)s” must be more than zero and fit its unit.")
    default_field = "quantity"


class NotWholePacks(InvalidInput):
    code = "purchase_not_whole_packs"
    message = _("“%(product)s” comes in packs of %(pack)s. Order %(rounded)s instead.")
    default_field = "quantity"


class PlaceOfAnotherStore(InvalidInput):
    code = "purchase_place_of_another_store"
    message = _("This place of stock belongs to another store. Choose one of the store that buys.")
    default_field = "stock_place"


class OrderNotDraft(Conflict):
    code = "purchase_order_not_draft"
    message = _(
        "Order %(number)s is “%(state)s” and cannot be changed. Take it back first, or make a new one."
    )


class OrderNotOpen(Conflict):
    code = "purchase_order_not_open"
    message = _("Order %(number)s is “%(state)s”: this is not possible any more. Load the page again.")


class OrderHasReceipts(Conflict):
    code = "purchase_order_has_receipts"
    message = _("Goods of order %(number)s came already. Close it instead: what did not come is given up.")


class WhyMissing(InvalidInput):
    code = "purchase_reason_missing"
    message = _("Say why. The reason stays with the document.")
    default_field = "reason"


@dataclass(frozen=True, slots=True)
class OrderItem:
    """Goods to be ordered, in stock units. Price, pack and tax are the supplier's for the quantity; who may see
    costs can agree on others: `price_amount` minor units for a pack, tax included."""

    variant_id: int
    quantity: Decimal
    price_amount: int | None = None
    pack_quantity: Decimal | None = None
    tax_rate_bp: int | None = None
    note: str = ""


@operation(MAKE)
def draft_order(
    *,
    supplier: Supplier,
    store: Store,
    items: Sequence[OrderItem],
    expected_date: date | None = None,
    stock_place: StockPlace | None = None,
    note: str = "",
    exchange_rate: Decimal = Decimal(1),
    plan: PurchasePlan | None = None,
    actor: Actor,
    now: datetime,
) -> PurchaseOrder:
    """Draft an order for a store. Without `expected_date` it is expected after the supplier's lead time.

    Raises `SupplierNotInUse`, `SupplierOutOfReach`, `PlaceOfAnotherStore` and what can be wrong with an item:
    `OrderEmpty`, `OrderTooLong`, `GoodsTwice`, `GoodsUnknown`, `NotToBeBought`, `PriceMissing`, `QuantityWrong`,
    `NotWholePacks`, `CostsHidden`, `PriceOutOfRange`.
    """
    actor.require(MAKE, store_id=store.pk)
    _check_supplier(supplier, store)
    _check_place(stock_place, store)
    if not 0 < exchange_rate < 10**9:
        raise PriceOutOfRange(field="exchange_rate")
    day = store.business_date(now)
    lines = _lines(supplier, store, items, day, actor)
    order = PurchaseOrder(
        supplier=supplier,
        store=store,
        stock_place=stock_place,
        legal_entity_id=store.legal_entity_id,
        plan=plan,
        expected_date=expected_date or day + timedelta(days=supplier.lead_days),
        currency=supplier.currency,
        exchange_rate=exchange_rate,
        is_tax_deductible=supplier.is_tax_deductible,
        note=note.strip()[:400],
        made_by_id=actor.user_id,
        made_at=now,
    )
    order.total_amount, order.tax_amount = _totals(lines, order.currency)
    order.number = next_number(store=store, kind=ORDER, day=day)
    order.save()
    _put_lines(order, lines)
    record(
        "purchasing.order_drafted",
        order,
        also=[supplier, *([plan] if plan else [])],
        actor=actor,
        now=now,
        store_id=store.pk,
        data={"number": order.number, "lines": len(lines), "total": str(order.total_amount)},
    )
    return order


@operation(MAKE)
def change_order(
    *,
    order: PurchaseOrder,
    values: Mapping[str, Any],
    items: Sequence[OrderItem] | None = None,
    actor: Actor,
    now: datetime,
) -> PurchaseOrder:
    """Change a draft: `expected_date`, `stock_place`, `note`, `exchange_rate`, and with `items` what is ordered, as a
    whole. Raises `OrderNotDraft` and as `draft_order`."""
    actor.require(MAKE, store_id=order.store_id)
    order = locked(order)
    if not order.may_be_changed:
        raise OrderNotDraft(number=order.number, state=order.get_state_display())
    wanted = {
        name: values[name]
        for name in ("expected_date", "stock_place", "note", "exchange_rate")
        if name in values
    }
    if "stock_place" in wanted:
        _check_place(wanted["stock_place"], order.store)
    if "exchange_rate" in wanted and not 0 < wanted["exchange_rate"] < 10**9:
        raise PriceOutOfRange(field="exchange_rate")
    if items is not None:
        standing = {line.variant_id: line for line in order.lines.select_related("supplier_price")}
        day = order.store.business_date(now)
        lines = _lines(order.supplier, order.store, items, day, actor, standing)
        before = [(line.variant_id, line.quantity, line.price_amount) for line in order.lines.all()]
        if before != [(line.variant_id, line.quantity, line.price_amount) for line in lines]:
            order.lines.all().delete()
            _put_lines(order, lines)
            wanted["total_amount"], wanted["tax_amount"] = _totals(lines, order.currency)
            wanted["revision"] = order.revision + 1
    changes = apply_changes(order, wanted)
    if not changes:
        unchanged()
        return order
    record(
        "purchasing.order_changed",
        order,
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "changes": changes},
    )
    return order


@operation(MAKE)
def cancel_order(*, order: PurchaseOrder, reason: str, actor: Actor, now: datetime) -> PurchaseOrder:
    """Cancel an order of which nothing came. Telling the supplier of one that was sent is for the person who cancels.
    Raises `WhyMissing`, `OrderHasReceipts`, `OrderNotOpen`."""
    actor.require(MAKE, store_id=order.store_id)
    reason = _why(reason)
    order = locked(order)
    states = PurchaseOrder.State
    if order.state == states.CANCELLED:
        unchanged()
        return order
    if order.state == states.PARTLY or order.receipts.exists():
        raise OrderHasReceipts(number=order.number)
    if order.state == states.DONE:
        raise OrderNotOpen(number=order.number, state=order.get_state_display())
    overtake_approvals(order, actor, now)
    changes = apply_changes(order, {"state": states.CANCELLED, "closed_at": now, "closed_reason": reason})
    record(
        "purchasing.order_cancelled",
        order,
        also=[order.supplier],
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "from": changes["state"][0]},
    )
    return order


@operation(MAKE)
def close_order(*, order: PurchaseOrder, reason: str, actor: Actor, now: datetime) -> PurchaseOrder:
    """Give up what did not come of a sent order. Raises `WhyMissing`, `OrderNotOpen`."""
    actor.require(MAKE, store_id=order.store_id)
    reason = _why(reason)
    order = locked(order)
    if not order.may_be_received:
        raise OrderNotOpen(number=order.number, state=order.get_state_display())
    given_up = {}
    for line in order.lines.select_for_update().order_by("pk"):
        if line.open_quantity:
            given_up[str(line.variant_id)] = str(line.open_quantity)
            line.closed_quantity += line.open_quantity
            line.save(update_fields=["closed_quantity"])
    apply_changes(order, {"state": PurchaseOrder.State.DONE, "closed_at": now, "closed_reason": reason})
    record(
        "purchasing.order_closed",
        order,
        also=[order.supplier],
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "given_up": given_up},
    )
    return order


@step
def locked(order: PurchaseOrder) -> PurchaseOrder:
    """The order as it is now; whoever works on it too waits. First of all locks of this room."""
    rows = PurchaseOrder.objects.select_for_update(of=("self",), no_key=True)
    found: PurchaseOrder = rows.select_related("supplier", "store", "legal_entity").get(pk=order.pk)
    return found


@step
def overtake_approvals(order: PurchaseOrder, actor: Actor, now: datetime) -> None:
    """Close requests to approve an order that is not what was asked for any more."""
    waiting = Approval.objects.filter(
        subject=f"purchasing.purchaseorder:{order.pk}",
        operation=APPROVE_OPERATION,
        outcome=Approval.Outcome.PENDING,
    )
    for approval in waiting.order_by("pk"):
        set_overtaken(approval=approval, actor=actor.as_system(), now=now)


def _why(reason: str) -> str:
    reason = reason.strip()[:200]
    if not reason:
        raise WhyMissing
    return reason


def _check_supplier(supplier: Supplier, store: Store) -> None:
    if not supplier.may_be_ordered_from:
        raise SupplierNotInUse(name=supplier.short_name)
    entities = set(supplier.legal_entities.values_list("pk", flat=True))
    if entities and store.legal_entity_id not in entities:
        raise SupplierOutOfReach(name=supplier.short_name)


def _check_place(place: StockPlace | None, store: Store) -> None:
    if place is not None and place.store_id != store.pk:
        raise PlaceOfAnotherStore


def _lines(
    supplier: Supplier,
    store: Store,
    items: Sequence[OrderItem],
    day: date,
    actor: Actor,
    standing: Mapping[int, PurchaseOrderLine] = MappingProxyType({}),
) -> list[PurchaseOrderLine]:
    """The items as rows, priced. Three queries. What was agreed on for a line that stands goes on counting, unless the
    item agrees on something else."""
    if not items:
        raise OrderEmpty
    if len(items) > MOST_LINES:
        raise OrderTooLong(most=MOST_LINES)
    wanted = [item.variant_id for item in items]
    variants = Variant.objects.select_related("product__unit").in_bulk(wanted)
    prices = prices_for(wanted, store=store, day=day, supplier=supplier)
    lines: list[PurchaseOrderLine] = []
    seen: set[int] = set()
    for position, item in enumerate(items, start=1):
        variant = variants.get(item.variant_id)
        if variant is None:
            raise GoodsUnknown
        if variant.pk in seen:
            raise GoodsTwice(product=str(variant))
        seen.add(variant.pk)
        _check_goods(variant, item.quantity)
        price = price_in_force(prices, variant_id=variant.pk, quantity=item.quantity)
        line = PurchaseOrderLine(
            position=position, variant=variant, quantity=item.quantity, note=item.note.strip()[:120]
        )
        agreed = standing.get(variant.pk)
        is_agreed = agreed is not None and _is_agreed(agreed)
        if item.price_amount is not None or item.pack_quantity is not None or item.tax_rate_bp is not None:
            if not actor.can(COSTS):
                raise CostsHidden
        elif agreed is not None and is_agreed:
            item = replace(
                item,
                price_amount=agreed.price_amount,
                pack_quantity=agreed.pack_quantity,
                tax_rate_bp=agreed.tax_rate_bp,
            )
        elif price is None:
            raise PriceMissing(supplier=supplier.short_name, product=str(variant))
        if price is not None:
            line.supplier_price, line.supplier_code = price, price.supplier_code
            line.pack_name, line.pack_quantity = price.pack_name, price.pack_quantity
            line.price_amount, line.tax_rate_bp = price.price_amount, price.tax_rate_bp
        _agree(line, item, has_price=price is not None, supplier=supplier)
        packed = whole_packs(line.quantity, line.pack_quantity)
        if packed != line.quantity:
            raise NotWholePacks(
                product=str(variant),
                pack=f"{line.pack_quantity.normalize():f}",
                rounded=f"{packed.normalize():f}",
            )
        total = line_total(
            quantity=line.quantity,
            pack_quantity=line.pack_quantity,
            price=Money.from_minor(line.price_amount, supplier.currency),
        )
        line.total_amount = total.to_minor()
        lines.append(line)
    return lines


def _is_agreed(line: PurchaseOrderLine) -> bool:
    """Its terms are others than the supplier's price it was made with."""
    price = line.supplier_price
    return price is None or (line.price_amount, line.pack_quantity, line.tax_rate_bp) != (
        price.price_amount,
        price.pack_quantity,
        price.tax_rate_bp,
    )


def _agree(line: PurchaseOrderLine, item: OrderItem, *, has_price: bool, supplier: Supplier) -> None:
    """Put what was agreed on for this order over the supplier's price."""
    if item.price_amount is None and not has_price:
        raise PriceMissing(supplier=supplier.short_name, product=str(line.variant))
    if item.price_amount is not None:
        line.price_amount = item.price_amount
    if item.pack_quantity is not None:
        line.pack_quantity = item.pack_quantity
    if item.tax_rate_bp is not None:
        line.tax_rate_bp = item.tax_rate_bp
    check_terms(
        {
            "price_amount": line.price_amount,
            "pack_quantity": line.pack_quantity,
            "tax_rate_bp": line.tax_rate_bp,
        }
    )


def _check_goods(variant: Variant, quantity: Decimal) -> None:
    product: Product = variant.product
    if not (product.may_be_bought and variant.is_active):
        raise NotToBeBought(product=str(variant))
    fits = quantity.is_finite() and 0 < quantity < 10**12
    if not fits or quantity != round(quantity, product.unit.digits):
        raise QuantityWrong(product=str(variant))


def _put_lines(order: PurchaseOrder, lines: Sequence[PurchaseOrderLine]) -> None:
    for line in lines:
        line.order = order
    PurchaseOrderLine.objects.bulk_create(lines)


def _totals(lines: Sequence[PurchaseOrderLine], currency: str) -> tuple[int, int]:
    """Total and the tax contained in it, in minor units; tax is worked out once per rate."""
    by_rate: dict[int, int] = {}
    for line in lines:
        by_rate[line.tax_rate_bp] = by_rate.get(line.tax_rate_bp, 0) + line.total_amount
    tax = [tax_in(Money.from_minor(amount, currency), rate).to_minor() for rate, amount in by_rate.items()]
    return sum(by_rate.values()), sum(tax)
