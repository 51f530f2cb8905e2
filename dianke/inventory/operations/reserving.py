"""Goods kept for somebody: part of what is on hand, until taken by a document, released, or expired."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict
from dianke.events.operations import operation, record, step, unchanged
from dianke.inventory.models import Place, Reservation
from dianke.inventory.operations.refusals import QuantityOutOfRange, too_low


class ReservationEnded(Conflict):
    code = "reservation_ended"
    message = _("The reservation has ended: it was taken, released, or ran out. Reserve again.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """So much of a variant at a place, under a reference of its own (the key of the order line)."""

    reference: str
    variant_id: int
    place: Place
    quantity: Decimal
    batch_id: int | None = None
    piece_id: int | None = None


@step
def reserve(
    *, wanted: Sequence[Wanted], expires_at: datetime | None, actor: Actor, now: datetime
) -> list[Reservation]:
    """Keep goods for somebody, all or none; in the order of `wanted`. One statement whatever their number. What stands
    under its reference is left as it is. Raises `StockTooLow`, `ReservationEnded`, `QuantityOutOfRange`."""
    if any(each.quantity <= 0 or each.quantity != round(each.quantity, 4) for each in wanted):
        raise QuantityOutOfRange()
    body = [
        {
            "reference": each.reference,
            "place_id": each.place.pk,
            "variant_id": each.variant_id,
            "batch_id": each.batch_id,
            "piece_id": each.piece_id,
            "quantity": f"{each.quantity:.4f}",
        }
        for each in wanted
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT inventory_reserve(%s::jsonb, %s, %s)", [json.dumps(body), expires_at, now])
        row = cursor.fetchone()
    problem = row[0] if row else None
    if problem:
        raise too_low(json.loads(problem) if isinstance(problem, str) else problem)
    found = {
        each.reference: each
        for each in Reservation.objects.filter(reference__in=[each.reference for each in wanted])
    }
    if any(each.released_at or each.taken_at for each in found.values()):
        raise ReservationEnded()
    return [found[each.reference] for each in wanted]


@step
def release(*, references: Sequence[str], actor: Actor, now: datetime) -> int:
    """Let go of what is kept under these references; returns how many there were still open."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT inventory_release(%s, false, %s)", [list(references), now])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


@step
def take_reservation(*, reference: str, actor: Actor, now: datetime) -> bool:
    """End a reservation as taken without a document that moves it; whether it was still open. Posting does this by
    itself for lines that name theirs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT inventory_release(%s, true, %s)", [[reference], now])
        row = cursor.fetchone()
    return bool(row and row[0])


@operation(None)
def release_expired(*, actor: Actor, now: datetime, limit: int = 1000) -> int:
    """Let go of what was kept until now at most; returns how many. Only the system calls it, every minute."""
    due = Reservation.objects.filter(expires_at__lte=now, released_at=None, taken_at=None)
    found = dict(due.order_by("expires_at").values_list("reference", "pk")[:limit])
    references, due_ids = list(found), list(found.values())
    count = release(references=references, actor=actor, now=now) if references else 0
    if not count:
        unchanged()
        return 0
    record(
        "inventory.reservations_expired",
        f"inventory.reservation:{due_ids[0]}",
        actor=actor,
        now=now,
        data={"count": count},
    )
    return count
