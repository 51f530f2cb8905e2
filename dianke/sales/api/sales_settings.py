"""Kinds of payment and stages of orders."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Router

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.sales import operations
from dianke.sales.api import order_schemas as schemas
from dianke.sales.models import Stage, Tender

router = Router(tags=["sales settings"])
VIEW, MANAGE = "sales.view_orders", "sales.manage_settings"


@router.get("/tenders", response=list[schemas.SaleTenderOut])
@requires(VIEW)
def list_tenders(request: Request) -> Any:
    """Kinds of payment, in their order."""
    return list(Tender.objects.visible_to(request.actor))


@router.patch("/tenders/{int:pk}", response=schemas.SaleTenderOut)
@requires(MANAGE)
def change_tender(request: Request, pk: int, payload: schemas.SaleTenderPatch) -> Any:
    """Change a kind of payment. How it works and where its money goes stay."""
    values = payload.dict(exclude_unset=True)
    tenders = Tender.objects.visible_to(request.actor, MANAGE)
    if values.get("fallback") is not None:
        other = tenders.filter(code=values["fallback"]).first()
        if other is None:
            raise operations.TenderUnknown(tender=values["fallback"], field="fallback")
        values["fallback"] = other
    return operations.change_tender(
        tender=get_object_or_404(tenders, pk=pk), values=values, actor=request.actor, now=request.now
    )


@router.get("/order-stages", response=list[schemas.OrderStageOut])
@requires(VIEW)
def list_stages(request: Request) -> Any:
    """Stages of orders of every trade, in their order."""
    return list(Stage.objects.visible_to(request.actor))


@router.put("/order-stages", response=schemas.OrderStageOut)
@requires(MANAGE)
def put_stage(request: Request, payload: schemas.OrderStageIn) -> Any:
    """Set a stage of a trade, or add one."""
    values = payload.dict()
    return operations.put_stage(
        trade=values.pop("trade"),
        code=values.pop("code"),
        values=values,
        actor=request.actor,
        now=request.now,
    )
