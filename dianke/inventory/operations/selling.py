"""The doors of a sale: goods go out, come back, are kept for somebody. Steps: the sale is the operation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from dianke.core.actor import Actor
from dianke.core.prepared import prepared
from dianke.events.operations import step
from dianke.inventory.models import Movement, Place
from dianke.inventory.operations.places import places_of
from dianke.inventory.operations.posting import Kind, Line, Posted, post_document
from dianke.inventory.operations.refusals import BatchMissing, UnknownGoods, too_low
from dianke.stores.models import Store


@dataclass(frozen=True, slots=True)
class Out:
    """Goods that leave. `place` None: the first of the store. Without `batch_id` goods kept by batches leave earliest
    expiry first; `in_batches` False: known not to be, so none is looked for. `reservation` is taken with it."""

    variant_id: int
    quantity: Decimal
    place: Place | None = None
    batch_id: int | None = None
    piece_id: int | None = None
    reservation: str = ""
    in_batches: bool = True


@dataclass(frozen=True, slots=True)
class Back:
    """Goods that a movement took out and that come back to `place` (None: the first of the store)."""

    movement_id: int
    quantity: Decimal
    place: Place | None = None


@step
def issue_for_sale(
    *,
    store: Store,
    goods: Sequence[Out],
    reference: str,
    occurred_at: datetime,
    business_date: date,
    actor: Actor,
    now: datetime,
) -> Posted:
    """Goods go to the customer. The values of the result, below zero, are what they cost; a line over several batches
    has several movements, so read them by `movement_ids`. Raises the errors of posting."""
    return _issue(
        Kind.SALE, Place.Kind.CUSTOMER, store, goods, reference, occurred_at, business_date, actor, now
    )


@step
def consume(
    *,
    store: Store,
    goods: Sequence[Out],
    reference: str,
    occurred_at: datetime,
    business_date: date,
    actor: Actor,
    now: datetime,
) -> Posted:
    """Goods are used up in a service. As `issue_for_sale`."""
    return _issue(
        Kind.CONSUMPTION, Place.Kind.CONSUMED, store, goods, reference, occurred_at, business_date, actor, now
    )


def _issue(
    kind: str,
    to_kind: str,
    store: Store,
    goods: Sequence[Out],
    reference: str,
    occurred_at: datetime,
    business_date: date,
    actor: Actor,
    now: datetime,
) -> Posted:
    places = places_of(store=store)
    outside = places.outside[to_kind]
    lines = [
        Line(
            each.variant_id,
            each.place or places.main,
            outside,
            each.quantity,
            each.batch_id,
            each.piece_id,
            reservation=each.reservation,
        )
        for each in goods
    ]
    allotted = allot_batches(lines=lines) if any(each.in_batches for each in goods) else lines
    try:
        return post_document(
            kind=kind,
            reference=reference,
            lines=allotted,
            store=store,
            occurred_at=occurred_at,
            business_date=business_date,
            actor=actor,
            now=now,
        )
    except BatchMissing as error:
        # It named none because no batch has anything left: nobody can say which one to take.
        line = allotted[error.params["line"] - 1]
        raise too_low(
            {
                "place_id": line.from_place.pk,
                "variant_id": line.variant_id,
                "batch_id": None,
                "available": "0",
                "wanted": line.quantity,
            }
        ) from error


@step
def return_of_sale(
    *,
    store: Store,
    goods: Sequence[Back],
    reference: str,
    occurred_at: datetime,
    business_date: date,
    actor: Actor,
    now: datetime,
) -> Posted:
    """Goods come back from the customer, worth what they left for, to this store or another. Raises the errors of
    posting (`ReturnTooMuch`, `OriginReversed`)."""
    places = places_of(store=store)
    rows = Movement.objects.filter(pk__in=[each.movement_id for each in goods]).select_related("to_place")
    sold = {movement.pk: movement for movement in rows}
    if len(sold) < len({each.movement_id for each in goods}):
        raise UnknownGoods()
    return post_document(
        kind=Kind.SALE_RETURN,
        reference=reference,
        lines=[
            Line(
                sold[each.movement_id].variant_id,
                sold[each.movement_id].to_place,
                each.place or places.main,
                each.quantity,
                sold[each.movement_id].batch_id,
                sold[each.movement_id].piece_id,
                origin_id=each.movement_id,
            )
            for each in goods
        ],
        store=store,
        occurred_at=occurred_at,
        business_date=business_date,
        actor=actor,
        now=now,
    )


@step
def allot_batches(*, lines: Sequence[Line]) -> list[Line]:
    """Lines of goods kept by batches that name none take the batches that expire first. One statement; it locks all
    balances of the document in the order of their keys, and only when such goods are among them."""
    pairs = sorted({(line.from_place.pk, line.variant_id) for line in lines if not line.piece_id})
    if not any(line.batch_id is None and not line.piece_id for line in lines):
        return list(lines)
    with prepared() as cursor:
        cursor.execute(
            """
            SELECT b.place_id, b.variant_id, b.batch_id, b.quantity - b.reserved, t.expires_on
            FROM unnest(%(places)s::bigint[], %(variants)s::bigint[]) AS k (place_id, variant_id)
            JOIN inventory_balance AS b ON b.variant_id = k.variant_id AND b.place_id = k.place_id
            LEFT JOIN inventory_batch AS t ON t.id = b.batch_id
            WHERE EXISTS (SELECT FROM catalog_variant AS v JOIN catalog_product AS p ON p.id = v.product_id
                          WHERE v.id = ANY(%(open)s) AND p.tracking = 'BATCH')
            ORDER BY b.place_id, b.variant_id, b.batch_id NULLS FIRST FOR UPDATE OF b
            """,
            {
                "places": [place for place, _variant in pairs],
                "variants": [variant for _place, variant in pairs],
                "open": [line.variant_id for line in lines if line.batch_id is None],
            },
        )
        rows = cursor.fetchall()
    left: dict[tuple[int, int], list[_Lot]] = defaultdict(list)
    for place_id, variant_id, batch_id, free, expires_on in rows:
        if batch_id is not None and free > 0:
            left[place_id, variant_id].append(_Lot(expires_on or date.max, batch_id, free))
    for batches in left.values():
        batches.sort(key=lambda lot: (lot.expires_on, lot.batch_id))
    return [part for line in lines for part in _split(line, left[line.from_place.pk, line.variant_id])]


@dataclass(slots=True)
class _Lot:
    """What is free of a batch, less what lines before took."""

    expires_on: date
    batch_id: int
    free: Decimal


def _split(line: Line, batches: Sequence[_Lot]) -> list[Line]:
    """The line over the batches in their order. What they do not cover stays on the last, which is then refused or
    allowed to be short."""
    if line.batch_id is not None or line.piece_id or not batches:
        return [line]
    wanted, parts = line.quantity, []
    for batch in batches:
        part = wanted if batch is batches[-1] else min(batch.free, wanted)
        if part > 0:
            parts.append(replace(line, quantity=part, batch_id=batch.batch_id))
            batch.free -= part
            wanted -= part
        if not wanted:
            break
    return parts
