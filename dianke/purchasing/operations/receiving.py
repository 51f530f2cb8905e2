"""Receiving a delivery: held against the order line by line, taken into stock at its cost, once.

Two who receive the same order at once wait for each other at its row: the second sees what the first took in, and never
takes in more than was ordered without a reason.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Variant
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, DiankeError, InvalidInput
from dianke.core.money import Money
from dianke.events.operations import operation, record, unchanged
from dianke.inventory.models import Place
from dianke.inventory.operations.places import places_of
from dianke.inventory.operations.stocking import Goods, post_receipt
from dianke.purchasing.models import PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine
from dianke.purchasing.operations.orders import OrderNotOpen, locked
from dianke.purchasing.rules.amounts import unit_cost
from dianke.purchasing.rules.reasons import quantity_text
from dianke.purchasing.rules.receiving import (
    DEFECTS,
    Delivered,
    Difference,
    Expected,
    Problem,
    order_state,
    problem_of,
    receive,
)

RECEIVE = "purchasing.receive_orders"


class ReceivedTooEarly(InvalidInput):
    code = "received_before_sent"
    message = _("Goods cannot come before they are ordered (%(day)s). Check the date.")
    default_field = "received_at"


class NothingDelivered(InvalidInput):
    code = "nothing_delivered"
    message = _("Nothing was entered. Enter what came, or close the order if nothing will.")
    default_field = "lines"


class DeliveredWrong(InvalidInput):
    code = "delivered_quantity_wrong"
    message = _("“%(product)s”: quantities cannot be below zero, and no more can be taken in than came.")
    default_field = "accepted"


class DifferenceNeedsReason(InvalidInput):
    code = "difference_needs_reason"
    message = _("“%(product)s”: say what is wrong with the goods that are not taken in.")
    default_field = "difference"


class MoreThanOrdered(Conflict):
    code = "more_than_ordered"
    message = _(
        "“%(product)s”: only %(open)s are still to come, %(accepted)s would be taken in. Take in less, or say why more "
        "is kept. Perhaps a colleague has just received the same delivery."
    )
    default_field = "accepted"


class GoodsNotOrdered(InvalidInput):
    code = "goods_not_ordered"
    message = _("“%(product)s” is not on this order. It can be noted as wrong goods, but not taken in.")
    default_field = "accepted"


class ReceiptReferenceTaken(Conflict):
    code = "receipt_reference_taken"
    message = _("This receipt was already entered with other quantities. Load the order again and look.")


class LineOfAnotherOrder(InvalidInput):
    code = "line_of_another_order"
    message = _("A line belongs to another order. Load the page again.")
    default_field = "lines"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of an order line (None: of goods nobody ordered, named by `variant_id`). Several batches or pieces of a
    line are several of these. `note` is the reason for more than was ordered; `closes_rest` gives up what is
    missing."""

    line_id: int | None
    delivered: Decimal
    accepted: Decimal
    difference: str = Difference.NONE
    note: str = ""
    closes_rest: bool = False
    variant_id: int | None = None
    batch_code: str = ""
    expires_on: date | None = None
    produced_on: date | None = None
    piece_id: int | None = None


@operation(RECEIVE)
def receive_order(
    *,
    order: PurchaseOrder,
    deliveries: Sequence[Delivery],
    reference: str,
    delivery_note: str = "",
    note: str = "",
    received_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> Receipt:
    """Take in what came. Accepted goods become a stock document at their cost; what was refused stays to be delivered.
    `reference` is made by who receives (a UUID): sending the same again returns the receipt that stands.

    Raises `OrderNotOpen`, `NothingDelivered`, `LineOfAnotherOrder`, `DeliveredWrong`, `DifferenceNeedsReason`,
    `ReceivedTooEarly`, `MoreThanOrdered`, `GoodsNotOrdered`, `ReceiptReferenceTaken`, and the errors of posting to
    stock.
    """
    actor.require(RECEIVE, store_id=order.store_id)
    order = locked(order)
    digest = _digest(order.pk, deliveries)
    standing = Receipt.objects.filter(reference=reference).first()
    if standing is not None:
        if standing.digest != digest or standing.order_id != order.pk:
            raise ReceiptReferenceTaken
        unchanged()
        return standing
    if not order.may_be_received:
        raise OrderNotOpen(number=order.number, state=order.get_state_display())
    if not deliveries:
        raise NothingDelivered
    received_at = min(received_at or now, now)
    if received_at < order.made_at:
        raise ReceivedTooEarly(day=order.store.business_date(order.made_at))
    receipt = Receipt.objects.create(
        order=order,
        store=order.store,
        reference=reference,
        digest=digest,
        delivery_note=delivery_note.strip()[:40],
        business_date=order.store.business_date(received_at),
        received_at=received_at,
        received_by_id=actor.user_id,
        note=note.strip()[:200],
    )
    order_lines = {line.pk: line for line in order.lines.select_related("variant__product").order_by("pk")}
    rows = judged(order, order_lines, deliveries)
    for row in rows:
        row.receipt = receipt
    ReceiptLine.objects.bulk_create(rows)
    PurchaseOrderLine.objects.bulk_update(
        order_lines.values(), ["received_quantity", "over_quantity", "closed_quantity"]
    )
    order.state = order_state([line.expected for line in order_lines.values()])
    order.closed_at = now if order.state == PurchaseOrder.State.DONE else None
    order.save(update_fields=["state", "closed_at"])
    document = _post(order, receipt, rows, deliveries, actor, now)
    record(
        "purchasing.order_received",
        order,
        also=[order.supplier, receipt, *([document] if document else [])],
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={
            "number": order.number,
            "receipt": receipt.pk,
            "state": order.state,
            "accepted": quantity_text(sum((row.accepted_quantity for row in rows), start=Decimal(0))),
            "differences": sorted({row.difference for row in rows} - {Difference.NONE.value}),
        },
    )
    return receipt


def judged(
    order: PurchaseOrder, order_lines: Mapping[int, PurchaseOrderLine], deliveries: Sequence[Delivery]
) -> list[ReceiptLine]:
    """Each delivery as a row, and the order's lines brought forward by it; nothing is written, so that pages can say
    beforehand what will happen. What is missing is told once per line, at its last delivery. Raises what is wrong with
    a delivery."""
    wrong = [each.variant_id for each in deliveries if each.line_id is None and each.variant_id is not None]
    others = Variant.objects.select_related("product").in_bulk(wrong)
    last = {each.line_id: position for position, each in enumerate(deliveries)}
    rows = []
    for position, each in enumerate(deliveries):
        line = order_lines.get(each.line_id) if each.line_id is not None else None
        variant = line.variant if line is not None else others.get(each.variant_id or 0)
        if variant is None or (each.line_id is not None and line is None):
            raise LineOfAnotherOrder
        expected = line.expected if line is not None else Expected(Decimal(0))
        is_last = line is None or last[each.line_id] == position
        entry = Delivered(
            each.delivered,
            each.accepted,
            Difference(each.difference),
            each.note,
            closes_rest=each.closes_rest and is_last,
            is_ordered=line is not None,
        )
        if problem := problem_of(expected, entry):
            raise _problem(problem, str(variant), expected, entry)
        found = receive(expected, entry)
        if not is_last and found.difference is Difference.SHORT:
            found = replace(found, difference=Difference.NONE, missing=Decimal(0))
        rows.append(
            ReceiptLine(
                position=position + 1,
                order_line=line,
                variant=variant,
                batch_code=each.batch_code.strip(),
                piece_id=each.piece_id,
                delivered_quantity=each.delivered,
                accepted_quantity=found.accepted,
                over_quantity=found.over,
                missing_quantity=found.missing,
                closed_quantity=found.closed,
                difference=found.difference.value,
                note=each.note.strip()[:200],
                unit_cost=_cost(order, line) if line is not None else Decimal(0),
            )
        )
        if line is not None:
            line.received_quantity += found.accepted
            line.over_quantity += found.over
            line.closed_quantity += found.closed
    return rows


def _cost(order: PurchaseOrder, line: PurchaseOrderLine) -> Decimal:
    return unit_cost(
        pack_quantity=line.pack_quantity,
        price=Money.from_minor(line.price_amount, order.currency),
        tax_rate_bp=line.tax_rate_bp,
        is_tax_deductible=order.is_tax_deductible,
        exchange_rate=order.exchange_rate,
    )


def _problem(problem: Problem, product: str, expected: Expected, entry: Delivered) -> DiankeError:
    if problem is Problem.OVER_NO_REASON:
        return MoreThanOrdered(
            product=product, open=quantity_text(expected.open), accepted=quantity_text(entry.accepted)
        )
    if problem is Problem.NO_REASON:
        return DifferenceNeedsReason(product=product)
    if problem is Problem.NOT_ORDERED:
        return GoodsNotOrdered(product=product)
    if problem is Problem.NOTHING:
        return NothingDelivered()
    return DeliveredWrong(product=product)


def _post(
    order: PurchaseOrder,
    receipt: Receipt,
    rows: Sequence[ReceiptLine],
    deliveries: Sequence[Delivery],
    actor: Actor,
    now: datetime,
) -> str | None:
    """The stock document of what was accepted, as a subject; None when everything was refused."""
    place = _place(order)
    goods = [
        Goods(
            variant_id=row.variant_id,
            quantity=row.accepted_quantity,
            unit_cost=row.unit_cost,
            batch_code=row.batch_code,
            expires_on=each.expires_on,
            produced_on=each.produced_on,
            piece_id=row.piece_id,
            place=place,
        )
        for row, each in zip(rows, deliveries, strict=True)
        if row.accepted_quantity
    ]
    if not goods:
        return None
    posted = post_receipt(
        store=order.store,
        goods=goods,
        reference=f"purchasing.receipt:{receipt.pk}",
        business_date=receipt.business_date,
        occurred_at=receipt.received_at,
        note=order.number,
        actor=actor,
        now=now,
    )
    receipt.document_id = posted.document_id
    receipt.save(update_fields=["document"])
    return f"inventory.document:{posted.document_id}"


def _place(order: PurchaseOrder) -> Place | None:
    """Where the goods of the order go; None: the first place of the store."""
    if order.stock_place_id is None:
        return None
    shelves = places_of(store=order.store).stock
    return next((place for place in shelves if place.stock_place_id == order.stock_place_id), None)


def _digest(order_id: int, deliveries: Sequence[Delivery]) -> str:
    """What makes two receipts under one reference the same."""
    content = [
        [
            each.line_id,
            each.variant_id,
            str(each.delivered.normalize()),
            str(each.accepted.normalize()),
            str(each.difference),
            each.closes_rest,
            each.batch_code,
            each.piece_id,
        ]
        for each in deliveries
    ]
    return hashlib.sha256(json.dumps([order_id, content]).encode()).hexdigest()


#: Faults of goods by their code, for reports.
DEFECT_CODES = frozenset(each.value for each in DEFECTS)
