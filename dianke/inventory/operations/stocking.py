"""What people do to stock by hand: opening balances, receipts, adjustments, scrap, later costs of a receipt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.events.operations import operation, record, step, unchanged
from dianke.inventory.models import Batch, CostEntry, Document, Movement, Place
from dianke.inventory.operations.places import PlacesOfStore, places_of
from dianke.inventory.operations.posting import Kind, Line, Posted, post_document
from dianke.inventory.rules import costing
from dianke.stores.models import Store


class ReasonMissing(InvalidInput):
    code = "stock_reason_missing"
    message = _("Say why the stock is changed. The reason stays with the document.")
    default_field = "reason"


class CostOutOfRange(InvalidInput):
    code = "cost_out_of_range"
    message = _("A cost cannot be below zero and has at most six decimals. Check the amount.")
    default_field = "unit_cost"


class NotAReceipt(InvalidInput):
    code = "not_a_receipt"
    message = _("Later costs belong to a receipt of goods of this store. Choose one.")
    default_field = "receipt"


@dataclass(frozen=True, slots=True)
class Goods:
    """What came in, at `unit_cost` yuan (six decimals; None: at the average). A batch that is not known yet is named by
    `batch_code` and its dates. `place` None: the first place of the store."""

    variant_id: int
    quantity: Decimal
    unit_cost: Decimal | None = None
    batch_code: str = ""
    expires_on: date | None = None
    produced_on: date | None = None
    piece_id: int | None = None
    place: Place | None = None
    batch_id: int | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """`difference` more (+) or less (-) than the books say, at a place."""

    variant_id: int
    place: Place
    difference: Decimal
    reason: str
    batch_id: int | None = None
    piece_id: int | None = None


@operation("inventory.adjust_stock")
def open_stock(
    *,
    store: Store,
    goods: Sequence[Goods],
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
    note: str = "",
) -> Posted:
    """Bring the stock of a store into the books when it begins to use them. Raises the errors of posting."""
    actor.require("inventory.adjust_stock", store_id=store.pk)
    places = places_of(store=store)
    posted = post_document(
        kind=Kind.OPENING,
        reference=reference,
        lines=incoming(goods=goods, outside=places.outside[Place.Kind.OPENING], places=places),
        store=store,
        occurred_at=now,
        business_date=business_date,
        actor=actor,
        now=now,
        note=note,
    )
    _record("inventory.stock_opened", posted, store, actor, now)
    return posted


@operation("inventory.receive_goods")
def receive(
    *,
    store: Store,
    goods: Sequence[Goods],
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
    occurred_at: datetime | None = None,
    note: str = "",
) -> Posted:
    """Take goods in from a supplier, at their cost. Raises the errors of posting, `CostOutOfRange`."""
    actor.require("inventory.receive_goods", store_id=store.pk)
    posted = post_receipt(
        store=store,
        goods=goods,
        reference=reference,
        business_date=business_date,
        actor=actor,
        now=now,
        occurred_at=occurred_at,
        note=note,
    )
    _record("inventory.goods_received", posted, store, actor, now)
    return posted


@step
def post_receipt(
    *,
    store: Store,
    goods: Sequence[Goods],
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
    occurred_at: datetime | None = None,
    note: str = "",
) -> Posted:
    """A receipt as part of another operation (of a purchase order)."""
    places = places_of(store=store)
    return post_document(
        kind=Kind.RECEIPT,
        reference=reference,
        lines=incoming(goods=goods, outside=places.outside[Place.Kind.SUPPLIER], places=places),
        store=store,
        occurred_at=occurred_at or now,
        business_date=business_date,
        actor=actor,
        now=now,
        note=note,
    )


@operation("inventory.adjust_stock")
def adjust(
    *,
    store: Store,
    corrections: Sequence[Correction],
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
    occurred_at: datetime | None = None,
    note: str = "",
) -> Posted:
    """Correct what the books say, with a reason per line. What was found comes in at the average, what is missing goes
    out at it. Raises `ReasonMissing` and the errors of posting."""
    actor.require("inventory.adjust_stock", store_id=store.pk)
    if any(not each.reason.strip() for each in corrections):
        raise ReasonMissing()
    places = places_of(store=store)
    posted = post_document(
        kind=Kind.ADJUSTMENT,
        reference=reference,
        lines=[correcting(correction=each, places=places) for each in corrections],
        store=store,
        occurred_at=occurred_at or now,
        business_date=business_date,
        actor=actor,
        now=now,
        note=note,
    )
    _record("inventory.stock_adjusted", posted, store, actor, now)
    return posted


@operation("inventory.adjust_stock")
def scrap(
    *,
    store: Store,
    corrections: Sequence[Correction],
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
    note: str = "",
) -> Posted:
    """Take spoilt goods out of the stock: `difference` below zero, with a reason. Raises `ReasonMissing` and the errors
    of posting."""
    actor.require("inventory.adjust_stock", store_id=store.pk)
    if any(not each.reason.strip() for each in corrections):
        raise ReasonMissing()
    bin_ = places_of(store=store).outside[Place.Kind.SCRAP]
    posted = post_document(
        kind=Kind.SCRAP,
        reference=reference,
        lines=[
            Line(
                each.variant_id,
                each.place,
                bin_,
                -each.difference,
                each.batch_id,
                each.piece_id,
                reason=each.reason.strip()[:40],
            )
            for each in corrections
        ],
        store=store,
        occurred_at=now,
        business_date=business_date,
        actor=actor,
        now=now,
        note=note,
    )
    _record("inventory.goods_scrapped", posted, store, actor, now)
    return posted


@operation("inventory.receive_goods")
def add_landed_cost(
    *,
    receipt: Document,
    amount: Decimal,
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
    note: str = "",
) -> Posted:
    """Freight, duty or a credit note (below zero) that comes after a receipt: spread over its lines by their cost;
    what is still on hand is worth so much more, the share of what is gone is expense. Raises `NotAReceipt` and the
    errors of posting."""
    actor.require("inventory.receive_goods", store_id=receipt.store_id)
    store = receipt.store
    received: dict[int, tuple[Decimal, Decimal]] = {}
    if receipt.kind == Kind.RECEIPT and not Document.objects.filter(reverses=receipt).exists():
        entries = CostEntry.objects.filter(
            document=receipt, kind=costing.EntryKind.RECEIPT.value, legal_entity=store.legal_entity_id
        )
        for variant_id, quantity, value in entries.values_list(
            "variant_id", "quantity_change", "value_change"
        ):
            before = received.get(variant_id, (Decimal(0), Decimal(0)))
            received[variant_id] = before[0] + quantity, before[1] + value
    if not received or not amount or not _fits(abs(amount)):
        raise NotAReceipt() if not received else CostOutOfRange(field="amount")
    parts = costing.spread(amount, [value for _quantity, value in received.values()])
    posted = post_document(
        kind=Kind.LANDED_COST,
        reference=reference,
        lines=[],
        store=store,
        occurred_at=now,
        business_date=business_date,
        actor=actor,
        now=now,
        note=note,
        later_costs={
            variant_id: (quantity, part)
            for (variant_id, (quantity, _value)), part in zip(received.items(), parts, strict=True)
        },
    )
    _record("inventory.landed_cost_added", posted, store, actor, now, also=[receipt])
    return posted


@step
def incoming(*, goods: Sequence[Goods], outside: Place, places: PlacesOfStore) -> list[Line]:
    """Lines of goods that come in from `outside`; batches that are new are made. Raises `CostOutOfRange`."""
    batches = _batches(goods)
    lines = []
    for each in goods:
        cost = None
        if each.unit_cost is not None:
            if not _fits(each.unit_cost):
                raise CostOutOfRange()
            cost = costing.money(Fraction(each.unit_cost) * Fraction(each.quantity))
        batch_id = each.batch_id or batches.get((each.variant_id, each.batch_code))
        lines.append(
            Line(
                each.variant_id,
                outside,
                each.place or places.main,
                each.quantity,
                batch_id,
                each.piece_id,
                cost,
            )
        )
    return lines


def correcting(*, correction: Correction, places: PlacesOfStore) -> Line:
    """A difference as a line: found goods come from GAIN, missing ones go to LOSS."""
    found = correction.difference > 0
    outside = places.outside[Place.Kind.GAIN if found else Place.Kind.LOSS]
    return Line(
        correction.variant_id,
        outside if found else correction.place,
        correction.place if found else outside,
        abs(correction.difference),
        correction.batch_id,
        correction.piece_id,
        reason=correction.reason.strip()[:40],
    )


def _batches(goods: Iterable[Goods]) -> dict[tuple[int, str], int]:
    named = {(each.variant_id, each.batch_code): each for each in goods if each.batch_code}
    if not named:
        return {}
    Batch.objects.bulk_create(
        [
            Batch(variant_id=variant_id, code=code, expires_on=each.expires_on, produced_on=each.produced_on)
            for (variant_id, code), each in sorted(named.items())
        ],
        ignore_conflicts=True,
    )
    rows = Batch.objects.filter(
        variant__in={variant for variant, _code in named}, code__in={code for _variant, code in named}
    )
    return {(variant, code): pk for pk, variant, code in rows.values_list("pk", "variant_id", "code")}


def _fits(cost: Decimal) -> bool:
    return cost.is_finite() and 0 <= cost < 10**12 and cost == round(cost, 6)


def _record(
    kind: str, posted: Posted, store: Store, actor: Actor, now: datetime, also: Sequence[Document] = ()
) -> None:
    """The event of a document; none when it stood already."""
    if posted.is_repeat:
        unchanged()
        return
    record(
        kind,
        f"inventory.document:{posted.document_id}",
        also=also,
        actor=actor,
        now=now,
        store_id=store.pk,
        data={"number": posted.number, "lines": len(posted.movement_ids)},
    )


def lines_of(document: Document) -> list[Movement]:
    """Its movements in order, with their places."""
    rows = Movement.objects.filter(document=document).select_related("from_place", "to_place")
    return list(rows.order_by("line"))
