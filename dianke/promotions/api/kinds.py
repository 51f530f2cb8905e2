"""Kinds of coupons: what a coupon gives, how long, how many, who gives it."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.promotions import operations
from dianke.promotions.api import schemas
from dianke.promotions.models import CouponKind
from dianke.promotions.models.visible import MANAGE, VIEW
from dianke.promotions.queries.figures import KindFigures, kind_figures

router = Router(tags=["coupons"])


def _kind(request: Request, pk: int) -> CouponKind:
    found: CouponKind = get_object_or_404(CouponKind.objects.visible_to(request.actor), pk=pk)
    return found


class CouponKindFilter(Schema):
    q: str | None = Field(None, max_length=60, description="Name or pinyin")
    state: schemas.KindState | None = None


@router.get("/coupon-kinds", response=CursorPage[schemas.CouponKindOut])
@requires(VIEW)
def list_coupon_kinds(request: Request, page: Query[CursorQuery], wanted: Query[CouponKindFilter]) -> Any:
    """Kinds of coupons, the newest first."""
    rows = CouponKind.objects.visible_to(request.actor)
    if wanted.q:
        rows = rows.filter(search_words__found_by=wanted.q)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    return cursor_page(rows, page, order=["-id"])


@router.post("/coupon-kinds", response={201: schemas.CouponKindOut})
@requires(MANAGE)
def make_coupon_kind(request: Request, payload: schemas.CouponKindIn) -> Any:
    """A kind of coupon."""
    return operations.make_kind(values=payload.dict(), actor=request.actor, now=request.now)


@router.get("/coupon-kinds/{int:pk}", response=schemas.CouponKindOut)
@requires(VIEW)
def get_coupon_kind(request: Request, pk: int) -> Any:
    """One kind."""
    return _kind(request, pk)


@router.get("/coupon-kinds/{int:pk}/figures", response=schemas.CouponKindFiguresOut)
@requires(VIEW)
def get_coupon_kind_figures(request: Request, pk: int) -> Any:
    """What became of its coupons."""
    return kind_figures([_kind(request, pk).pk]).get(pk, KindFigures())


@router.patch("/coupon-kinds/{int:pk}", response=schemas.CouponKindOut)
@requires(MANAGE)
def change_coupon_kind(request: Request, pk: int, payload: schemas.CouponKindPatch) -> Any:
    """Change what is named; coupons that are out keep their wording and days."""
    return operations.change_kind(
        kind=_kind(request, pk),
        values=payload.dict(exclude_unset=True),
        actor=request.actor,
        now=request.now,
    )


@router.post("/coupon-kinds/{int:pk}/state", response=schemas.CouponKindOut)
@requires(MANAGE)
def set_coupon_kind_state(request: Request, pk: int, payload: schemas.CouponKindStateIn) -> Any:
    """Give it out, pause that, or put it away."""
    return operations.set_kind_state(
        kind=_kind(request, pk), state=payload.state, actor=request.actor, now=request.now
    )
