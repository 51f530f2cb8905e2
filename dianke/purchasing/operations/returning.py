"""Goods that were taken in and go back to the supplier: for credit, or to come again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.core.money import Money
from dianke.events.operations import operation, record, unchanged
from dianke.inventory.models import Document, Place
from dianke.inventory.operations.places import PlacesOfStore, places_of
from dianke.inventory.operations.posting import Line, post_document
from dianke.purchasing.models import PurchaseOrder, PurchaseOrderLine, SupplierReturn, SupplierReturnLine
from dianke.purchasing.operations.orders import PlaceOfAnotherStore, WhyMissing, locked
from dianke.purchasing.operations.receiving import RECEIVE, LineOfAnotherOrder
from dianke.purchasing.rules.amounts import line_total
from dianke.purchasing.rules.reasons import quantity_text
from dianke.purchasing.rules.receiving import order_state


class NothingReturned(InvalidInput):
    code = "nothing_returned"
    message = _("Nothing was entered. Enter how much goes back.")
    default_field = "lines"


class ReturnedTooMuch(Conflict):
    code = "returned_too_much"
    message = _("“%(product)s”: %(kept)s of this order are here, %(wanted)s were to go back. Return less.")
    default_field = "quantity"


class ReturnReferenceTaken(Conflict):
    code = "return_reference_taken"
    message = _("This return was already entered with other quantities. Load the order again and look.")


@dataclass(frozen=True, slots=True)
class Returned:
    """So much of an order line goes back. `place_id`: the shelf it leaves (None: where the order is delivered); of
    goods kept by batch or piece which one."""

    line_id: int
    quantity: Decimal
    batch_id: int | None = None
    piece_id: int | None = None
    place_id: int | None = None


@operation(RECEIVE)
def return_goods(
    *,
    order: PurchaseOrder,
    items: Sequence[Returned],
    wish: str,
    reason: str,
    reference: str,
    actor: Actor,
    now: datetime,
) -> SupplierReturn:
    """Send goods of an order back. CREDIT: they are not to be paid; REPLACE: they are to come again, and the order
    waits for them. They leave the stock at its average cost. `reference` as with receipts.

    Raises `NothingReturned`, `WhyMissing`, `LineOfAnotherOrder`, `ReturnedTooMuch`, `ReturnReferenceTaken`, and the
    errors of posting to stock.
    """
    actor.require(RECEIVE, store_id=order.store_id)
    if wish not in SupplierReturn.Wish.values:
        raise ValueError(wish)
    reason = reason.strip()[:200]
    if not reason:
        raise WhyMissing
    if not items:
        raise NothingReturned
    order = locked(order)
    digest = _digest(order.pk, wish, items)
    standing = SupplierReturn.objects.filter(reference=reference).first()
    if standing is not None:
        if standing.digest != digest:
            raise ReturnReferenceTaken
        unchanged()
        return standing
    lines = {line.pk: line for line in order.lines.select_related("variant__product").order_by("pk")}
    replaces = wish == SupplierReturn.Wish.REPLACE
    rows = _rows(order, lines, items, replaces=replaces)
    day = order.store.business_date(now)
    # The reference is unique: a second one under it fails here, before goods move.
    posted = post_document(
        kind=Document.Kind.SUPPLIER_RETURN,
        reference=f"purchasing.return:{reference}",
        lines=_moves(order, lines, items, reason),
        store=order.store,
        occurred_at=now,
        business_date=day,
        actor=actor,
        now=now,
        note=order.number,
    )
    returned = SupplierReturn.objects.create(
        supplier=order.supplier,
        order=order,
        store=order.store,
        document_id=posted.document_id,
        reference=reference,
        digest=digest,
        wish=wish,
        reason=reason,
        currency=order.currency,
        total_amount=sum(row.amount for row in rows),
        business_date=day,
        returned_at=now,
        returned_by_id=actor.user_id,
    )
    for row in rows:
        row.supplier_return = returned
    SupplierReturnLine.objects.bulk_create(rows)
    PurchaseOrderLine.objects.bulk_update(lines.values(), ["returned_quantity", "replaced_quantity"])
    if replaces:
        order.state = order_state([line.expected for line in lines.values()])
        order.closed_at, order.closed_reason = (now if order.state == "DONE" else None), ""
        order.save(update_fields=["state", "closed_at", "closed_reason"])
    record(
        "purchasing.goods_returned",
        order,
        also=[order.supplier, returned, f"inventory.document:{posted.document_id}"],
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "wish": wish, "lines": len(rows), "document": posted.number},
    )
    return returned


def _rows(
    order: PurchaseOrder,
    lines: Mapping[int, PurchaseOrderLine],
    items: Sequence[Returned],
    *,
    replaces: bool,
) -> list[SupplierReturnLine]:
    rows = []
    for position, item in enumerate(items, start=1):
        line = lines.get(item.line_id)
        if line is None:
            raise LineOfAnotherOrder
        if not 0 < item.quantity <= line.kept_quantity:
            raise ReturnedTooMuch(
                product=str(line.variant),
                kept=quantity_text(line.kept_quantity),
                wanted=quantity_text(item.quantity),
            )
        paid = line_total(
            quantity=item.quantity,
            pack_quantity=line.pack_quantity,
            price=Money.from_minor(line.price_amount, order.currency),
        )
        rows.append(
            SupplierReturnLine(
                position=position,
                order_line=line,
                variant=line.variant,
                quantity=item.quantity,
                amount=0 if replaces else paid.to_minor(),
            )
        )
        if replaces:
            line.replaced_quantity += item.quantity
        else:
            line.returned_quantity += item.quantity
    return rows


def _moves(
    order: PurchaseOrder, lines: Mapping[int, PurchaseOrderLine], items: Sequence[Returned], reason: str
) -> list[Line]:
    places = places_of(store=order.store)
    supplier = places.outside[Place.Kind.SUPPLIER]
    return [
        Line(
            lines[item.line_id].variant_id,
            _shelf(order, item, places),
            supplier,
            item.quantity,
            item.batch_id,
            item.piece_id,
            reason=reason[:40],
        )
        for item in items
    ]


def _shelf(order: PurchaseOrder, item: Returned, places: PlacesOfStore) -> Place:
    """The shelf goods leave: the one named, else where the order is delivered, else the first."""
    if item.place_id is not None:
        named = next((place for place in places.stock if place.pk == item.place_id), None)
        if named is None:
            raise PlaceOfAnotherStore(field="place")
        return named
    usual = (place for place in places.stock if place.stock_place_id == order.stock_place_id)
    return next(usual, places.main)


def _digest(order_id: int, wish: str, items: Sequence[Returned]) -> str:
    content = [[item.line_id, str(item.quantity.normalize()), item.batch_id, item.piece_id] for item in items]
    return hashlib.sha256(json.dumps([order_id, wish, content]).encode()).hexdigest()
