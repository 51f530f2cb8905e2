"""Single pieces over the API."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.db.models import Q
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema, Status
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen
from dianke.catalog.api import schemas
from dianke.catalog.models import Piece, Variant
from dianke.catalog.operations import pieces

router = Router(tags=["pieces"])
VIEW = "catalog.view_products"
MANAGE = "catalog.manage_products"


class PieceFilter(Schema):
    variant_id: Id | None = None
    product_id: Id | None = None
    metal: schemas.PieceMetal | None = None
    q: str | None = Field(None, max_length=60, description="Beginning of tag or certificate number")


@router.get("/pieces", response=CursorPage[schemas.PieceOut])
@requires(VIEW)
def list_pieces(request: Request, page: Query[CursorQuery], wanted: Query[PieceFilter]) -> Any:
    """Pieces, those entered last first."""
    rows = Piece.objects.visible_to(request.actor)
    if wanted.variant_id is not None:
        rows = rows.filter(variant_id=wanted.variant_id)
    if wanted.product_id is not None:
        rows = rows.filter(variant__product_id=wanted.product_id)
    if wanted.metal is not None:
        rows = rows.filter(metal=wanted.metal)
    if wanted.q:
        text = wanted.q.strip().upper()
        rows = rows.filter(Q(search_words__found_by=wanted.q) | Q(tag=text) | Q(certificate_number=text))
    return cursor_page(rows, page, order=["-created_at", "-id"])


@router.post("/pieces", response={201: list[schemas.PieceOut]})
@requires(MANAGE)
def add_pieces(request: Request, payload: schemas.PiecesIn) -> Any:
    """Enter up to 500 pieces of a variant at once, all or none."""
    rows = Variant.objects.visible_to(request.actor).select_related("product")
    variant = chosen(rows, payload.variant_id, "variant_id")
    given = [piece.dict(exclude_unset=True) for piece in payload.pieces]
    made = pieces.add_pieces(variant=variant, rows=given, actor=request.actor, now=request.now)
    return Status(201, made)


@router.get("/pieces/{int:pk}", response=schemas.PieceOut)
@requires(VIEW)
def get_piece(request: Request, pk: int) -> Any:
    """One piece."""
    return get_object_or_404(Piece.objects.visible_to(request.actor), pk=pk)


@router.patch("/pieces/{int:pk}", response=schemas.PieceOut)
@requires(MANAGE)
def change_piece(request: Request, pk: int, payload: schemas.PieceBody) -> Any:
    """Correct a piece; what it costs takes the permission for prices besides."""
    piece = get_object_or_404(Piece.objects.visible_to(request.actor), pk=pk)
    values = payload.dict(exclude_unset=True)
    return pieces.change_piece(piece=piece, values=values, actor=request.actor, now=request.now)
