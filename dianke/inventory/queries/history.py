"""What moved an item: the page of its history, newest first, with what was there after each movement."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from dianke.core.actor import Actor
from dianke.core.paging import keyset_page
from dianke.inventory.models import Movement


@dataclass(frozen=True, slots=True)
class MovementRow:
    """`change` is seen from the place asked about; without one it is what moved."""

    movement: Movement
    change: Decimal


def history(
    *,
    variant_id: int,
    actor: Actor,
    place_id: int | None = None,
    piece_id: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[list[MovementRow], str | None]:
    """Movements of a variant (at a place; of a piece), newest first, and the cursor of the next page. One statement.
    Only movements the actor may see."""
    rows = Movement.objects.visible_to(actor).filter(variant=variant_id)
    if piece_id is not None:
        rows = rows.filter(piece=piece_id)
    if place_id is not None:
        rows = rows.filter(from_place=place_id) | rows.filter(to_place=place_id)
    rows = rows.select_related("document", "from_place", "to_place", "batch", "piece")
    page = keyset_page(rows, order=["-occurred_at", "-id"], cursor=cursor, limit=limit)
    return [
        MovementRow(row, -row.quantity if row.from_place_id == place_id else row.quantity)
        for row in page.items
    ], page.next_cursor
