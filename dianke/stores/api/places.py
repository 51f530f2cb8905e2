"""Stores with their registers, places of stock, opening hours; the business calendar."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import date
from typing import Any

from django.db.models import Q
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen, chosen_or_none
from dianke.stores import operations
from dianke.stores.api import schemas
from dianke.stores.models import CalendarDay, LegalEntity, Region, Register, StockPlace, Store, Trade
from dianke.stores.queries import calendar_of

router = Router(tags=["stores"])
VIEW = "stores.view_organisation"
MANAGE = "stores.manage_stores"
CALENDAR = "stores.manage_calendar"
MOST_DAYS = 92
LAST_DAY = date(9999, 1, 1)


def _store(request: Request, pk: int) -> Store:
    return get_object_or_404(Store.objects.visible_to(request.actor), pk=pk)


def _references(request: Request, values: dict[str, Any]) -> dict[str, Any]:
    """The rows behind the ids a store body names."""
    if "legal_entity_id" in values:
        entities = LegalEntity.objects.visible_to(request.actor).filter(is_active=True)
        values["legal_entity"] = chosen(entities, values.pop("legal_entity_id"), "legal_entity_id")
    if "region_id" in values:
        regions = Region.objects.visible_to(request.actor)
        values["region"] = chosen_or_none(regions, values.pop("region_id"), "region_id")
    return values


# --- stores ----------------------------------------------------------------------------------------------------------
class StoreFilter(Schema):
    trade: Trade | None = None
    region_id: Id | None = None
    legal_entity_id: Id | None = None
    is_open: bool | None = Field(None, description="Not closed, nor set to close")
    q: str | None = Field(None, max_length=60, description="Part of name, short name or code")


@router.get("/stores", response=CursorPage[schemas.StoreOut])
@requires(VIEW)
def list_stores(request: Request, page: Query[CursorQuery], wanted: Query[StoreFilter]) -> Any:
    """Stores the caller reaches, by code."""
    given = wanted.dict(exclude_none=True)
    text, is_open = given.pop("q", ""), given.pop("is_open", None)
    rows = Store.objects.visible_to(request.actor).filter(**given)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(short_name__icontains=text) | Q(code__icontains=text))
    if is_open is not None:
        rows = rows.filter(closed_on__isnull=is_open)
    return cursor_page(rows, page, order=["code"])


@router.post("/stores", response={201: schemas.StoreOut})
@requires(MANAGE)
def open_store(request: Request, payload: schemas.StoreIn) -> Any:
    """Open a store, with a first register and a shop floor."""
    values = _references(request, payload.dict(exclude_unset=True))
    return operations.open_store(values=values, actor=request.actor, now=request.now)


@router.get("/stores/{int:pk}", response=schemas.StoreOut)
@requires(VIEW)
def get_store(request: Request, pk: int) -> Any:
    """One store."""
    return _store(request, pk)


@router.patch("/stores/{int:pk}", response=schemas.StoreOut)
@requires(MANAGE)
def change_store(request: Request, pk: int, payload: schemas.StorePatch) -> Any:
    """Change what is named."""
    store = _store(request, pk)
    values = _references(request, payload.dict(exclude_unset=True))
    return operations.change_store(store=store, values=values, actor=request.actor, now=request.now)


@router.post("/stores/{int:pk}/close", response=schemas.StoreOut)
@requires(MANAGE)
def close_store(request: Request, pk: int, payload: schemas.CloseIn) -> Any:
    """Close a store from a day on; nobody may be posted there any more by then."""
    return operations.close_store(
        store=_store(request, pk), closed_on=payload.closed_on, actor=request.actor, now=request.now
    )


@router.post("/stores/{int:pk}/reopen", response=schemas.StoreOut)
@requires(MANAGE)
def reopen_store(request: Request, pk: int) -> Any:
    """Undo closing."""
    return operations.reopen_store(store=_store(request, pk), actor=request.actor, now=request.now)


# --- registers and places of stock -----------------------------------------------------------------------------------
class OfStoreFilter(Schema):
    store_id: Id | None = None
    is_active: bool | None = None


@router.get("/registers", response=CursorPage[schemas.RegisterOut])
@requires(VIEW)
def list_registers(request: Request, page: Query[CursorQuery], wanted: Query[OfStoreFilter]) -> Any:
    """Tills of the stores the caller reaches."""
    rows = Register.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows, page, order=["id"])


@router.post("/stores/{int:pk}/registers", response={201: schemas.RegisterOut})
@requires(MANAGE)
def add_register(request: Request, pk: int, payload: schemas.RegisterIn) -> Any:
    """Add a till to a store."""
    return operations.add_register(
        store=_store(request, pk), **payload.dict(), actor=request.actor, now=request.now
    )


@router.patch("/registers/{int:pk}", response=schemas.RegisterOut)
@requires(MANAGE)
def change_register(request: Request, pk: int, payload: schemas.RegisterPatch) -> Any:
    """Rename a till or take it out of use."""
    register = get_object_or_404(Register.objects.visible_to(request.actor).select_related("store"), pk=pk)
    values = payload.dict(exclude_unset=True)
    return operations.change_register(register=register, values=values, actor=request.actor, now=request.now)


@router.get("/stock-places", response=CursorPage[schemas.StockPlaceOut])
@requires(VIEW)
def list_stock_places(request: Request, page: Query[CursorQuery], wanted: Query[OfStoreFilter]) -> Any:
    """Places of stock of the stores the caller reaches."""
    rows = StockPlace.objects.visible_to(request.actor).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows, page, order=["id"])


@router.post("/stores/{int:pk}/stock-places", response={201: schemas.StockPlaceOut})
@requires(MANAGE)
def add_stock_place(request: Request, pk: int, payload: schemas.StockPlaceIn) -> Any:
    """Add a place of stock to a store."""
    return operations.add_stock_place(
        store=_store(request, pk), **payload.dict(), actor=request.actor, now=request.now
    )


@router.patch("/stock-places/{int:pk}", response=schemas.StockPlaceOut)
@requires(MANAGE)
def change_stock_place(request: Request, pk: int, payload: schemas.StockPlacePatch) -> Any:
    """Rename a place of stock or take it out of use."""
    place = get_object_or_404(StockPlace.objects.visible_to(request.actor).select_related("store"), pk=pk)
    values = payload.dict(exclude_unset=True)
    return operations.change_stock_place(place=place, values=values, actor=request.actor, now=request.now)


# --- hours and calendar ----------------------------------------------------------------------------------------------
@router.get("/stores/{int:pk}/opening-hours", response=list[schemas.HoursOut])
@requires(VIEW)
def get_opening_hours(request: Request, pk: int) -> Any:
    """The usual week of a store."""
    return list(_store(request, pk).opening_hours.all())


@router.put("/stores/{int:pk}/opening-hours", response=list[schemas.HoursOut])
@requires(CALENDAR)
def set_opening_hours(request: Request, pk: int, payload: schemas.WeekIn) -> Any:
    """Replace the usual week."""
    weekly = [(each.weekday, each.opens, each.closes) for each in payload.hours]
    return operations.set_opening_hours(
        store=_store(request, pk), weekly=weekly, actor=request.actor, now=request.now
    )


class DaysQuery(Schema):
    from_date: date = Field(examples=["2026-11-21"], ge=date(1900, 1, 1), lt=LAST_DAY)
    days: int = Field(7, ge=1, le=MOST_DAYS)


@router.get("/stores/{int:pk}/days", response=list[schemas.DayHoursOut])
@requires(VIEW)
def list_store_days(request: Request, pk: int, wanted: Query[DaysQuery]) -> Any:
    """When a store is open on each day: week, marked days and public holidays put together."""
    found = calendar_of(_store(request, pk), wanted.from_date, wanted.days)
    return [
        {
            "day": day,
            "is_open": hours.is_open,
            "kind": hours.kind.value,
            "name": hours.name,
            "spans": [{"opens": span.opens, "closes": span.closes} for span in hours.spans],
        }
        for day, hours in found.items()
    ]


class CalendarFilter(Schema):
    store_id: Id | None = None
    from_date: date | None = None
    to_date: date | None = Field(None, description="The first day no longer wanted")


@router.get("/calendar-days", response=CursorPage[schemas.CalendarDayOut])
@requires(VIEW)
def list_calendar_days(request: Request, page: Query[CursorQuery], wanted: Query[CalendarFilter]) -> Any:
    """Marked days: those for all stores, and those of stores the caller reaches."""
    rows = CalendarDay.objects.visible_to(request.actor)
    if wanted.store_id is not None:
        rows = rows.filter(store_id=wanted.store_id)
    if wanted.from_date is not None:
        rows = rows.filter(day__gte=wanted.from_date)
    if wanted.to_date is not None:
        rows = rows.filter(day__lt=wanted.to_date)
    return cursor_page(rows, page, order=["day"])


@router.post("/calendar-days", response={201: schemas.CalendarDayOut})
@requires(CALENDAR)
def mark_day(request: Request, payload: schemas.CalendarDayIn) -> Any:
    """Mark a day. A second mark of the day replaces the first."""
    values = payload.dict()
    stores = Store.objects.visible_to(request.actor)
    store = chosen_or_none(stores, values.pop("store_id"), "store_id")
    return operations.mark_day(store=store, **values, actor=request.actor, now=request.now)


@router.delete("/calendar-days/{int:pk}", response={204: None})
@requires(CALENDAR)
def clear_day(request: Request, pk: int) -> Any:
    """Let a day follow the usual pattern again."""
    marked = get_object_or_404(CalendarDay.objects.visible_to(request.actor).select_related("store"), pk=pk)
    operations.clear_day(marked=marked, actor=request.actor, now=request.now)
    return None
