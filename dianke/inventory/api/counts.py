"""Stocktakes over the API: opened, entered from many phones, submitted, posted. Who counts blind is told nothing of the
books."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import timedelta
from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen, chosen_or_none, inline
from dianke.catalog.models import Category
from dianke.inventory.api import floor_schemas as schemas
from dianke.inventory.models import CountLine, CountSession, Place
from dianke.inventory.operations import count_closing, counting
from dianke.inventory.queries.counting import (
    Progress,
    entered_by,
    lines_to_show,
    progress_of,
    sees_expected,
)
from dianke.stores.models import Store

router = Router(tags=["stocktakes"])
VIEW = "inventory.view_stock"
COUNT = "inventory.count_stock"


class CountFilter(Schema):
    store_id: Id | None = None
    state: Annotated[CountSession.State, inline(CountSession.State)] | None = None


@router.get("/stock/counts", response=CursorPage[schemas.StocktakeOut])
@requires(VIEW)
def list_counts(request: Request, page: Query[CursorQuery], wanted: Query[CountFilter]) -> Any:
    """Stocktakes of the stores the caller reaches, newest first."""
    rows = CountSession.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    found = cursor_page(rows, page, order=["-id"])
    progress = progress_of(found["items"])
    return found | {"items": [_told(session, progress[session.pk]) for session in found["items"]]}


def _told(session: CountSession, progress: Progress | None = None) -> dict[str, Any]:
    progress = progress or progress_of([session])[session.pk]
    names = (
        "id store_id name place_id category_id state is_blind opened_at submitted_at closed_at document_id"
    )
    return {name: getattr(session, name) for name in names.split()} | {
        "lines": progress.lines,
        "counted": progress.counted,
        "again": progress.again,
    }


def _session(request: Request, pk: int, permission: str = VIEW) -> CountSession:
    return get_object_or_404(CountSession.objects.visible_to(request.actor, permission), pk=pk)


@router.post("/stock/counts", response={201: schemas.StocktakeOut})
@requires(COUNT)
def open_count(request: Request, payload: schemas.CountIn) -> Any:
    """Begin a stocktake; the store goes on selling."""
    store = chosen(Store.objects.visible_to(request.actor, COUNT), payload.store_id, "store_id")
    session = counting.open_count(
        store=store,
        place=chosen_or_none(Place.objects.filter(store=store), payload.place_id, "place_id"),
        category=chosen_or_none(Category.objects.all(), payload.category_id, "category_id"),
        name=payload.name,
        is_blind=payload.is_blind,
        tolerance_quantity=payload.tolerance_quantity,
        tolerance_bp=payload.tolerance_bp,
        actor=request.actor,
        now=request.now,
    )
    return _told(session)


@router.get("/stock/counts/{int:pk}", response=schemas.StocktakeOut)
@requires(VIEW)
def get_count(request: Request, pk: int) -> Any:
    """One stocktake and how far it is."""
    return _told(_session(request, pk))


class LineFilter(Schema):
    is_again: bool | None = None


@router.get("/stock/counts/{int:pk}/lines", response=CursorPage[schemas.CountLineOut])
@requires(VIEW)
def list_lines(request: Request, pk: int, page: Query[CursorQuery], wanted: Query[LineFilter]) -> Any:
    """What is counted. Of a blind stocktake expected quantities and differences are left out while it is counted, and
    for those who do not approve; single pieces that were not found yet are not listed."""
    session = _session(request, pk)
    rows = lines_to_show(session, request.actor)
    if wanted.is_again is not None:
        again = CountLine.Verdict.RECOUNT
        rows = rows.filter(verdict=again) if wanted.is_again else rows.exclude(verdict=again)
    is_told = sees_expected(session, request.actor)

    found = cursor_page(rows, page, order=["id"])
    lines: list[CountLine] = found["items"]
    entered = entered_by([row.pk for row in lines], round_of={row.pk: row.round for row in lines})
    return found | {"items": [_line(row, entered.get(row.pk), is_told) for row in lines]}


def _line(row: CountLine, entered: Any, is_told: bool) -> dict[str, Any]:
    told = {
        "id": row.pk,
        "place_id": row.place_id,
        "variant_id": row.variant_id,
        "product": str(row.variant),
        "batch": str(row.batch) if row.batch else "",
        "piece": str(row.piece) if row.piece else "",
        "round": row.round,
        "is_again": row.verdict == CountLine.Verdict.RECOUNT,
        "entered": entered,
    }
    if is_told:
        told |= {
            name: getattr(row, name)
            for name in ("snapshot", "expected", "counted", "variance", "verdict", "reason")
        }
    return told


@router.post("/stock/counts/{int:pk}/entries", response=schemas.CountEnteredOut)
@requires(COUNT)
def enter_counts(request: Request, pk: int, payload: schemas.EntriesIn) -> Any:
    """What was seen. Sent twice it counts once; what cannot be taken is refused by its key, and the rest stands."""
    late = request.now - payload.sent_at if payload.sent_at else timedelta()
    scans = []
    for each in payload.entries:
        values = each.dict()
        if values["counted_at"] is not None:
            values["counted_at"] += late
        scans.append(counting.Scan(**values))
    return counting.enter_counts(
        session=_session(request, pk, COUNT), scans=scans, actor=request.actor, now=request.now
    )


@router.post("/stock/counts/{int:pk}/submit", response=schemas.StocktakeOut)
@requires(COUNT)
def submit_count(request: Request, pk: int, payload: schemas.CountSubmitIn) -> Any:
    """The counting is done, or what differs is counted again by another person."""
    return _told(
        count_closing.submit_count(
            session=_session(request, pk, COUNT), **payload.dict(), actor=request.actor, now=request.now
        )
    )


@router.post("/stock/counts/{int:pk}/post", response=schemas.StocktakeOut)
@requires(COUNT)
def post_count(request: Request, pk: int) -> Any:
    """Post it; above the limit of a policy the answer is `approval_needed`."""
    return _told(
        count_closing.post_count(session=_session(request, pk, COUNT), actor=request.actor, now=request.now)
    )


@router.post("/stock/counts/{int:pk}/cancel", response=schemas.StocktakeOut)
@requires(COUNT)
def cancel_count(request: Request, pk: int) -> Any:
    """Call it off; nothing is posted."""
    return _told(
        counting.cancel_count(session=_session(request, pk, COUNT), actor=request.actor, now=request.now)
    )
