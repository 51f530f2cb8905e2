"""Documents of stock for people: what their lines came to, how many there are, what was given back since."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from dianke.inventory.models import CostEntry, Document, Movement

ZERO = Decimal(0)
#: Lines of a document shown at once.
MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A movement of a document. `value` in yuan: what it changed of the worth of stock, with what it booked as cost;
    None for who may not see costs. `given_back`: how much of it came back since."""

    movement: Movement
    value: Decimal | None
    unit_cost: Decimal | None
    given_back: Decimal


@dataclass(frozen=True, slots=True)
class LaterCost:
    """A cost entry without a movement: freight that came later, a difference squared."""

    variant_id: int
    name: str
    value: Decimal
    expense: Decimal


def line_counts(document_ids: Collection[int]) -> dict[int, int]:
    """How many lines each has. One query."""
    rows = Movement.objects.filter(document__in=document_ids).values_list("document_id")
    return dict(rows.annotate(count=Count("pk")).order_by())


def worth_of_documents(document_ids: Collection[int]) -> dict[int, Decimal]:
    """What each changed of the value of stock, in yuan; for callers that have checked. One query."""
    rows = CostEntry.objects.filter(document__in=document_ids).values_list("document_id")
    return dict(rows.annotate(sum=Sum("value_change")).order_by())


def lines_of_document(
    document: Document, *, with_costs: bool, after_line: int = 0, limit: int = MOST_LINES
) -> tuple[list[PaperLine], int | None]:
    """Lines behind `after_line` with what they came to, and where to go on (None: at the end). Three queries."""
    rows = list(
        Movement.objects.filter(document=document, line__gt=after_line)
        .select_related("variant__product__unit", "batch", "piece", "from_place__store", "to_place__store")
        .order_by("line")[: limit + 1]
    )
    shown = rows[:limit]
    ids = [row.pk for row in shown]
    values: dict[int | None, Decimal] = {}
    if with_costs:
        entries = CostEntry.objects.filter(movement__in=ids, legal_entity=document.legal_entity_id)
        for movement_id, value, expense in (
            entries.values_list("movement_id")
            .annotate(value=Sum("value_change"), expense=Sum("expense"))
            .order_by()
        ):
            values[movement_id] = value + expense
    back = dict(
        Movement.objects.filter(origin__in=ids)
        .values_list("origin_id")
        .annotate(sum=Sum("quantity"))
        .order_by()
    )
    found = []
    for row in shown:
        value = values.get(row.pk)
        unit = abs(value) / row.quantity if value is not None and row.quantity else None
        found.append(PaperLine(row, value, unit, back.get(row.pk, ZERO)))
    return found, shown[-1].line if len(rows) > limit else None


def later_costs_of(document: Document) -> list[LaterCost]:
    """What a document without movements changed of the value of stock. One query."""
    rows = CostEntry.objects.filter(document=document, movement=None).select_related("variant__product")
    return [
        LaterCost(
            row.variant_id,
            f"{row.variant.product.name} {row.variant.label}".strip(),
            row.value_change,
            row.expense,
        )
        for row in rows.order_by("pk")[:MOST_LINES]
    ]


def numbered(text: str) -> Q:
    """Documents whose number is, or begins with, what was typed."""
    typed = text.strip().upper()
    return Q(number__startswith=typed) | Q(reference=text.strip())
