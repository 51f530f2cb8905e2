"""Promotions: lists, drafts, starting and ending; what runs where at this moment, for tills that price by
themselves."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen
from dianke.promotions import operations, queries
from dianke.promotions.api import schemas
from dianke.promotions.models import Promotion
from dianke.promotions.models.visible import MANAGE, VIEW
from dianke.stores.models import Store

router = Router(tags=["promotions"])


def _promotion(request: Request, pk: int) -> Promotion:
    found: Promotion = get_object_or_404(Promotion.objects.visible_to(request.actor), pk=pk)
    return found


class PromotionFilter(Schema):
    q: str | None = Field(None, max_length=60, description="Name or pinyin")
    state: schemas.PromotionState | None = None


@router.get("/promotions", response=CursorPage[schemas.PromotionOut])
@requires(VIEW)
def list_promotions(request: Request, page: Query[CursorQuery], wanted: Query[PromotionFilter]) -> Any:
    """Promotions, the latest first."""
    rows = Promotion.objects.visible_to(request.actor)
    if wanted.q:
        rows = rows.filter(search_words__found_by=wanted.q)
    if wanted.state:
        rows = rows.filter(state=wanted.state)
    return cursor_page(rows, page, order=["-starts_at"])


@router.post("/promotions", response={201: schemas.PromotionOut})
@requires(MANAGE)
def draft_promotion(request: Request, payload: schemas.PromotionIn) -> Any:
    """A draft: it does nothing before it is started."""
    return operations.draft_promotion(values=payload.dict(), actor=request.actor, now=request.now)


class RunningFilter(Schema):
    store_id: Id
    channel: str | None = Field(None, max_length=12, description="Left out: of every channel")


@router.get("/promotions/running", response=schemas.RunningPromotions)
@requires(VIEW)
def list_running(request: Request, wanted: Query[RunningFilter]) -> Any:
    """What could apply at a store at this moment, with the version to send along with a sale."""
    store = chosen(Store.objects.visible_to(request.actor, VIEW), wanted.store_id, "store_id")
    found = queries.offers(store_id=store.pk, channel=wanted.channel, at=request.now)
    return {
        "items": [
            {"promotion_id": offer.terms.id, "version": offer.version, "terms": offer.terms.as_dict()}
            for offer in found
        ]
    }


@router.get("/promotions/{int:pk}", response=schemas.PromotionOut)
@requires(VIEW)
def get_promotion(request: Request, pk: int) -> Any:
    """One promotion."""
    return _promotion(request, pk)


@router.patch("/promotions/{int:pk}", response=schemas.PromotionOut)
@requires(MANAGE)
def change_promotion(request: Request, pk: int, payload: schemas.PromotionPatch) -> Any:
    """Change what is named. A change of the terms of a started one makes a new version."""
    return operations.change_promotion(
        promotion=_promotion(request, pk),
        values=payload.dict(exclude_unset=True),
        actor=request.actor,
        now=request.now,
    )


@router.get("/promotions/{int:pk}/versions", response=CursorPage[schemas.PromotionVersionOut])
@requires(VIEW)
def list_promotion_versions(request: Request, pk: int, page: Query[CursorQuery]) -> Any:
    """How it was worded when, the newest first."""
    return cursor_page(_promotion(request, pk).versions.all(), page, order=["-number"])


@router.post("/promotions/{int:pk}/start", response=schemas.PromotionOut)
@requires(MANAGE)
def start_promotion(request: Request, pk: int) -> Any:
    """Start a draft or go on with a paused one."""
    promotion = _promotion(request, pk)
    return operations.start_promotion(promotion=promotion, actor=request.actor, now=request.now)


@router.post("/promotions/{int:pk}/pause", response=schemas.PromotionOut)
@requires(MANAGE)
def pause_promotion(request: Request, pk: int) -> Any:
    """Stop it for the moment."""
    promotion = _promotion(request, pk)
    return operations.pause_promotion(promotion=promotion, actor=request.actor, now=request.now)


@router.post("/promotions/{int:pk}/end", response=schemas.PromotionOut)
@requires(MANAGE)
def end_promotion(request: Request, pk: int) -> Any:
    """End it for good."""
    promotion = _promotion(request, pk)
    return operations.end_promotion(promotion=promotion, actor=request.actor, now=request.now)


@router.post("/promotions/{int:pk}/copy", response={201: schemas.PromotionOut})
@requires(MANAGE)
def copy_promotion(request: Request, pk: int, payload: schemas.PromotionCopyIn) -> Any:
    """A draft like it."""
    promotion = _promotion(request, pk)
    return operations.copy_promotion(
        promotion=promotion, name=payload.name, actor=request.actor, now=request.now
    )
