"""Posting: the one step by which goods move. What a room hands in becomes a document with its movements, balances,
holders of pieces and cost entries, in two calls of the database whatever the number of lines; the costs are decided
in between by rules/costing.py. docs/algorithms/costing.md tells the order of locks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, connection

from dianke.core.actor import Actor
from dianke.core.prepared import prepared
from dianke.events.operations import current_operation, step
from dianke.inventory.models import CostEntry, Document, Movement, Place
from dianke.inventory.operations.refusals import (
    DateOutOfRange,
    NothingMoved,
    PieceTwice,
    QuantityOutOfRange,
    ReferenceTaken,
    StockPeriodLocked,
    name_of,
    named,
    show,
)
from dianke.inventory.operations.valuing import Valuing
from dianke.stores.models import Store

__all__ = ["PREFIXES", "Kind", "Line", "Posted", "Shortfall", "name_of", "post_document", "show"]

Kind = Document.Kind


@dataclass(frozen=True, slots=True)
class Line:
    """`quantity` (> 0, four decimals) of a variant from one place to another.

    `cost` is what comes in costs altogether, in yuan (six decimals): of a receipt, or of goods from another legal
    entity. Without it goods come in at the average, or, with `origin_id` (the movement that is given back), at what
    they left for. `reservation` is the reference of one that is taken with it. `occurred_at` and `business_date` are
    the line's own where it moved before the rest of the document did: a count finds what it finds line by line.
    """

    variant_id: int
    from_place: Place
    to_place: Place
    quantity: Decimal
    batch_id: int | None = None
    piece_id: int | None = None
    cost: Decimal | None = None
    reason: str = ""
    origin_id: int | None = None
    reservation: str = ""
    occurred_at: datetime | None = None
    business_date: date | None = None


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A place that is short of goods now, because its policy allows it."""

    place_id: int
    variant_id: int
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Posted:
    """`is_repeat`: it stood already, and nothing was written. `movement_ids` and `values` are in the order of the
    lines; a value is what the line changed of the worth of stock (yuan; negative: it left), zero within an entity.
    """

    document_id: int
    number: str
    reference: str
    is_repeat: bool
    movement_ids: tuple[int, ...] = ()
    values: tuple[Decimal, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()


#: What each kind's numbers begin with. What a sale moves carries the sale's number.
PREFIXES: Mapping[str, str] = {
    Kind.OPENING: "QC",
    Kind.RECEIPT: "RK",
    Kind.SUPPLIER_RETURN: "CT",
    Kind.SHIPMENT: "DC",
    Kind.TRANSFER_RECEIPT: "DR",
    Kind.COUNT: "PD",
    Kind.ADJUSTMENT: "TZ",
    Kind.SCRAP: "BF",
    Kind.CUSTODY_IN: "JC",
    Kind.CUSTODY_OUT: "QH",
    Kind.LANDED_COST: "FY",
    Kind.REVALUATION: "CG",
}
FIRST_DAY = date(2000, 1, 1)
#: What leaves by these does not touch what is reserved; losses and counts tell what is, promised or not.
_KEEPS_RESERVED = {Kind.SALE, Kind.SHIPMENT, Kind.CONSUMPTION, Kind.SUPPLIER_RETURN}


@step
def post_document(
    *,
    kind: str,
    reference: str,
    lines: Sequence[Line],
    store: Store,
    occurred_at: datetime,
    business_date: date,
    actor: Actor,
    now: datetime,
    note: str = "",
    reverses_id: int | None = None,
    later_costs: Mapping[int, tuple[Decimal, Decimal]] | None = None,
) -> Posted:
    """Post one document of `store`; all of it or nothing. Post late: its rows stay locked until the commit.

    A reference that stands with the same contents is answered with what stands; with others it raises
    `ReferenceTaken`. `later_costs`: variant -> (quantity received, yuan) of costs without movement. Raises the
    errors of refusals.py; after any of them the transaction is lost.
    """
    _check(lines, bool(later_costs) or reverses_id is not None)
    if not FIRST_DAY <= business_date <= store.business_date(now) + timedelta(days=1):
        raise DateOutOfRange(first=FIRST_DAY)
    operation = current_operation()
    body = [_line(number, line) for number, line in enumerate(lines, 1)]
    costs = [str(line.cost) if line.cost is not None else None for line in lines]
    keys = [(store.legal_entity_id, pk) for pk in later_costs or ()]
    if reverses_id is not None and not lines:
        entries = CostEntry.objects.filter(document=reverses_id)
        keys = sorted(set(entries.values_list("legal_entity_id", "variant_id")))
    later = {str(pk): [str(part) for part in parts] for pk, parts in (later_costs or {}).items()}
    digest = _digest(kind, store.pk, business_date.isoformat(), body, costs, later, reverses_id)
    batch = {
        "document": {
            "kind": kind,
            "reference": reference,
            "digest": digest,
            "store_id": store.pk,
            "legal_entity_id": store.legal_entity_id,
            "business_date": business_date.isoformat(),
            "occurred_at": min(occurred_at, now).isoformat(),
            "recorded_at": now.isoformat(),
            "user_id": actor.user_id,
            "operation": operation.name if operation else "",
            "note": note[:200],
            "reverses_id": reverses_id,
        },
        "lines": [_dated(row, line) for row, line in zip(body, lines, strict=True)],
        "keeps_reserved": kind in _KEEPS_RESERVED,
        "has_origins": any(line.origin_id for line in lines),
        "has_pieces": any(line.piece_id for line in lines),
        "has_instants": any(line.occurred_at for line in lines),
        "reservations": [line.reservation for line in lines if line.reservation],
        "costs": [{"e": entity, "v": variant} for entity, variant in keys],
    }
    answer = _call("inventory_post", batch)
    if standing := answer.get("standing"):
        return _repeat(standing, reference, digest, len(lines))
    if problem := answer.get("problem"):
        raise named(problem, lines)
    valuing = Valuing(
        lines,
        answer,
        legal_entity_id=store.legal_entity_id,
        occurred_at=min(occurred_at, now),
        business_date=business_date,
        later_costs=later_costs or {},
        reverses_id=reverses_id,
    )
    settling = valuing.settle() | {"document_id": answer["document_id"]}
    if prefix := PREFIXES.get(kind):
        settling |= {
            "prefix": f"{prefix}-{store.code}-{business_date:%y}-",
            "kind": kind,
            "store_id": store.pk,
            "year": business_date.year,
        }
    number = ""
    if settling["entries"] or prefix:
        number = _call("inventory_settle", settling) or ""
    ids = answer["ids"] or {}
    return Posted(
        answer["document_id"],
        number,
        reference,
        is_repeat=False,
        movement_ids=tuple(ids[str(n)] for n in range(1, len(lines) + 1)),
        values=tuple(valuing.values),
        shortfalls=tuple(
            Shortfall(row["place_id"], row["variant_id"], Decimal(row["quantity"]))
            for row in answer["negatives"] or ()
        ),
    )


def _line(number: int, line: Line) -> dict[str, Any]:
    return {
        "line": number,
        "variant_id": line.variant_id,
        "batch_id": line.batch_id,
        "piece_id": line.piece_id,
        "from_place_id": line.from_place.pk,
        "to_place_id": line.to_place.pk,
        "quantity": f"{line.quantity:.4f}",
        "reason": line.reason,
        "origin_id": line.origin_id,
    }


def _dated(row: dict[str, Any], line: Line) -> dict[str, Any]:
    """The line as it is sent; its own time is no part of what makes a retry the same."""
    if line.occurred_at is None:
        return row
    day = line.business_date.isoformat() if line.business_date else None
    return row | {"occurred_at": line.occurred_at.isoformat(), "business_date": day}


def _check(lines: Sequence[Line], may_be_empty: bool) -> None:
    if not lines and not may_be_empty:
        raise NothingMoved()
    for line in lines:
        fits = line.quantity.is_finite() and line.quantity > 0 and line.quantity < 10**14
        if not fits or line.quantity != round(line.quantity, 4) or (line.piece_id and line.quantity != 1):
            raise QuantityOutOfRange()
        if line.from_place.pk == line.to_place.pk:
            raise ValueError("a line goes from one place to another")
    pieces = [line.piece_id for line in lines if line.piece_id]
    if len(pieces) != len(set(pieces)):
        raise PieceTwice()


def _digest(*content: Any) -> str:
    """What makes two documents under one reference the same. Leaves out instants, which differ in a retry."""
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def _call(function: str, batch: Mapping[str, Any]) -> Any:
    with _named_errors(), prepared() as cursor:
        cursor.execute(f"SELECT {function}(%s::jsonb)", [json.dumps(batch)])
        row = cursor.fetchone()
    found = row[0] if row else None
    return json.loads(found) if function == "inventory_post" and isinstance(found, str) else found


@contextmanager
def _named_errors() -> Iterator[None]:
    """Turn what the triggers refuse into the errors people are shown. The transaction is lost either way."""
    try:
        yield
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) == "DKI02":
            diag = getattr(error.__cause__, "diag", None)
            raise StockPeriodLocked(**json.loads(getattr(diag, "message_detail", "") or "{}")) from error
        raise


def _repeat(standing: Mapping[str, Any], reference: str, digest: str, size: int) -> Posted:
    if standing["digest"] != digest:
        raise ReferenceTaken(reference=reference)
    ids = list(
        Movement.objects.filter(document=standing["id"]).order_by("line").values_list("pk", flat=True)[:size]
    )
    values: dict[int, Decimal] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT movement_id, sum(value_change + expense) FROM inventory_costentry"
            " WHERE movement_id = ANY(%s) GROUP BY movement_id",
            [ids],
        )
        values = dict(cursor.fetchall())
    return Posted(
        standing["id"],
        standing["number"] or "",
        reference,
        is_repeat=True,
        movement_ids=tuple(ids),
        values=tuple(values.get(pk, Decimal(0)) for pk in ids),
    )
