"""What became of a file of past orders, as figures."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from decimal import Decimal
from typing import Any

from django.http import Http404
from ninja import Field, Router, Schema

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.core.money import digits_of
from dianke.imports.models import ImportRun
from dianke.sales.operations.history import BRING_IN
from dianke.sales.queries.history import Part, reconciled

router = Router(tags=["past orders"])


class HistoryClass(Schema):
    """`exact_amount` is in main units as the file says it, the other amounts in minor units: `documents_amount` stands
    in orders less returns, `apart_amount` beside them; `rounding` is what is left of the exact amount."""

    kind: str
    lines: int
    numbers: int = Field(description="Different order numbers.")
    quantity: Decimal
    exact_amount: Decimal
    documents_amount: int
    apart_amount: int
    rounding: Decimal
    matched: int
    partly: int
    unmatched: int


class HistoryPart(Schema):
    label: str
    lines: int
    numbers: int
    quantity: Decimal
    exact_amount: Decimal


class HistoryHeld(Schema):
    """Two figures that must be the same: what the lines say and what was found in the database."""

    code: str
    said: Decimal
    found: Decimal
    is_equal: bool


class PastOrdersOut(Schema):
    """`buyers` are KNOWN (a customer here), UNKNOWN (named in the file only), NOBODY."""

    file_name: str
    currency: str
    lines: int
    exact_amount: Decimal
    orders: int
    orders_without_customer: int
    returns: int
    goods: int
    goods_with_several_names: int
    waiting_lines: int
    classes: list[HistoryClass]
    buyers: list[HistoryPart]
    countries: list[HistoryPart]
    held: list[HistoryHeld]


def _part(part: Part) -> dict[str, Any]:
    return {
        "label": part.label,
        "lines": part.lines,
        "numbers": part.papers,
        "quantity": part.quantity,
        "exact_amount": part.exact,
    }


@router.get("/past-orders/{import_id}", response=PastOrdersOut)
@requires(BRING_IN)
def get_past_orders(request: Request, import_id: int) -> Any:
    """The reconciliation of one import of past orders."""
    runs = ImportRun.objects.visible_to(request.actor).filter(importer="history")
    run = runs.filter(pk=import_id).first()
    if run is None:
        raise Http404
    found = reconciled(run, request.actor)
    digits = digits_of(found.currency)
    return {
        "file_name": run.file_name,
        "currency": found.currency,
        "lines": found.lines,
        "exact_amount": found.exact,
        "orders": found.orders,
        "orders_without_customer": found.anonymous_orders,
        "returns": found.returns,
        "goods": found.goods,
        "goods_with_several_names": found.conflicts,
        "waiting_lines": found.waiting,
        "classes": [
            {
                "kind": row.kind,
                "lines": row.lines,
                "numbers": row.papers,
                "quantity": row.quantity,
                "exact_amount": row.exact,
                "documents_amount": row.documents_amount,
                "apart_amount": row.apart_amount,
                "rounding": row.difference(digits),
                "matched": row.matched,
                "partly": row.partly,
                "unmatched": row.unmatched,
            }
            for row in found.rows
        ],
        "buyers": [_part(part) for part in found.buyers],
        "countries": [_part(part) for part in found.countries],
        "held": [
            {"code": each.code, "said": each.said, "found": each.found, "is_equal": each.is_equal}
            for each in found.held
        ],
    }
