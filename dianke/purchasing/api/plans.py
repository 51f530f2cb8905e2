"""Purchase plans: made, decided, accepted into orders."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen, chosen_or_none
from dianke.purchasing import operations
from dianke.purchasing.api import schemas
from dianke.purchasing.models import PurchasePlan, Supplier
from dianke.stores.models import Store

router = Router(tags=["purchase plans"])
VIEW = "purchasing.view_orders"
MAKE = "purchasing.make_orders"


def _plan(request: Request, pk: int) -> PurchasePlan:
    return get_object_or_404(PurchasePlan.objects.visible_to(request.actor).select_related("store"), pk=pk)


class PlanFilter(Schema):
    store_id: Id | None = None
    state: schemas.PlanState | None = None


@router.get("/purchase-plans", response=CursorPage[schemas.PlanOut])
@requires(VIEW)
def list_plans(request: Request, page: Query[CursorQuery], wanted: Query[PlanFilter]) -> Any:
    """Plans of the stores the caller reaches, the newest first."""
    rows = PurchasePlan.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows, page, order=["-made_at", "-id"])


@router.post("/purchase-plans", response={201: schemas.PlanOut})
@requires(MAKE)
def make_plan(request: Request, payload: schemas.PurchasePlanIn) -> Any:
    """Plan what a store buys today. An open plan of the store is discarded for the new one."""
    return operations.make_plan(
        store=chosen(Store.objects.visible_to(request.actor, MAKE), payload.store_id, "store_id"),
        review_days=payload.review_days,
        variant_ids=payload.variant_ids,
        actor=request.actor,
        now=request.now,
    )


@router.get("/purchase-plans/{int:pk}", response=schemas.PlanOut)
@requires(VIEW)
def get_plan(request: Request, pk: int) -> Any:
    """One plan."""
    return _plan(request, pk)


@router.get("/purchase-plans/{int:pk}/lines", response=CursorPage[schemas.PlanLineOut])
@requires(VIEW)
def list_plan_lines(request: Request, pk: int, page: Query[CursorQuery]) -> Any:
    """What is suggested, and why."""
    return cursor_page(_plan(request, pk).lines.all(), page, order=["id"])


@router.put("/purchase-plans/{int:pk}/lines/{int:line_id}", response=schemas.PlanLineOut)
@requires(MAKE)
def change_plan_line(request: Request, pk: int, line_id: int, payload: schemas.PlanDecisionIn) -> Any:
    """Decide otherwise than suggested; quantity 0 buys nothing of it."""
    suppliers = Supplier.objects.visible_to(request.actor).in_use()
    return operations.change_plan_line(
        plan=_plan(request, pk),
        line_id=line_id,
        quantity=payload.quantity,
        supplier=chosen_or_none(suppliers, payload.supplier_id, "supplier_id"),
        note=payload.note,
        actor=request.actor,
        now=request.now,
    )


@router.post("/purchase-plans/{int:pk}/accept", response={201: list[schemas.OrderOut]})
@requires(MAKE)
def accept_plan(request: Request, pk: int, payload: schemas.PlanAcceptIn) -> Any:
    """Make the plan into drafts, one order per supplier."""
    return operations.accept_plan(
        plan=_plan(request, pk), line_ids=payload.line_ids, actor=request.actor, now=request.now
    )


@router.post("/purchase-plans/{int:pk}/discard", response=schemas.PlanOut)
@requires(MAKE)
def discard_plan(request: Request, pk: int) -> Any:
    """Put a plan away undecided."""
    return operations.discard_plan(plan=_plan(request, pk), actor=request.actor, now=request.now)
