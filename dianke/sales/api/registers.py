"""Shifts of registers, cash in and out, reports and closed days, sales to be examined."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema

from dianke.access.guards import requires
from dianke.access.models import User
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen
from dianke.core.errors import NotFound
from dianke.sales.api import register_schemas as schemas
from dianke.sales.models import DayClose, OrderException, Shift, ZReport
from dianke.sales.operations import cash, day_close, exceptions, printing, shifts
from dianke.sales.queries.day_close import Report, x_report_of_day, x_report_of_shift
from dianke.sales.queries.shifts import running_shift
from dianke.stores.models import Register, Store

router = Router(tags=["registers"])
VIEW, RUN, CLOSE = "sales.view_orders", "sales.run_register", "sales.close_days"


class NoShiftRuns(NotFound):
    code = "no_shift_runs"
    message = _("No shift runs at this register. Open one first.")


def _shift(request: Request, pk: int, permission: str = VIEW) -> Shift:
    rows = Shift.objects.visible_to(request.actor, permission).select_related("register", "store")
    found: Shift = get_object_or_404(rows, pk=pk)
    return found


def _register(request: Request, pk: int, permission: str = VIEW) -> Register:
    rows = Register.objects.visible_to(request.actor, permission).select_related("store")
    found: Register = get_object_or_404(rows, pk=pk)
    return found


def _store(request: Request, pk: int, permission: str = VIEW) -> Store:
    return get_object_or_404(Store.objects.visible_to(request.actor, permission), pk=pk)


def _pieces(pieces: dict[str, int]) -> dict[int, int]:
    return {int(value): count for value, count in pieces.items()}


# --- shifts ----------------------------------------------------------------------------------------------------------
@router.get("/registers/{int:pk}/shifts", response=CursorPage[schemas.ShiftOut])
@requires(VIEW)
def list_register_shifts(request: Request, pk: int, page: Query[CursorQuery]) -> Any:
    """The shifts of a register, the newest first."""
    rows = Shift.objects.visible_to(request.actor).filter(register=_register(request, pk))
    return cursor_page(rows, page, order=["-opened_at", "-id"])


@router.get("/registers/{int:pk}/shifts/running", response=schemas.ShiftOut)
@requires(VIEW)
def get_running_shift(request: Request, pk: int) -> Any:
    """The shift that runs at a register; 404 when none does."""
    found = running_shift(_register(request, pk).pk)
    if found is None:
        raise NoShiftRuns
    return found


@router.post("/registers/{int:pk}/shifts", response={201: schemas.ShiftOut})
@requires(RUN)
def open_shift(request: Request, pk: int, payload: schemas.ShiftOpenIn) -> Any:
    """Begin to sell with a counted float. One shift runs at a register."""
    return shifts.open_shift(
        register=_register(request, pk, RUN),
        pieces=_pieces(payload.pieces),
        from_safe_amount=payload.from_safe_amount,
        reason=payload.reason,
        is_empty=payload.is_empty,
        actor=request.actor,
        now=request.now,
    )


@router.get("/shifts/{int:pk}", response=schemas.ShiftOut)
@requires(VIEW)
def get_shift(request: Request, pk: int) -> Any:
    """One shift; what cash there should have been is told once it is closed."""
    return _shift(request, pk)


@router.post("/shifts/{int:pk}/count", response=schemas.ShiftOut)
@requires(RUN)
def count_shift(request: Request, pk: int, payload: schemas.ShiftCountIn) -> Any:
    """Count the drawer at the end; counting again is possible until the shift is closed."""
    return shifts.count_shift(
        shift=_shift(request, pk, RUN),
        pieces=_pieces(payload.pieces),
        actor=request.actor,
        now=request.now,
    )


@router.post("/shifts/{int:pk}/resume", response=schemas.ShiftOut)
@requires(RUN)
def resume_shift(request: Request, pk: int) -> Any:
    """Sell on after a count."""
    return shifts.resume_shift(shift=_shift(request, pk, RUN), actor=request.actor, now=request.now)


@router.post("/shifts/{int:pk}/close", response=schemas.ShiftOut)
@requires(RUN)
def close_shift(request: Request, pk: int, payload: schemas.ShiftCloseIn) -> Any:
    """End a counted shift: over or short is posted, what does not stay in the drawer goes into the safe."""
    return shifts.close_shift(
        shift=_shift(request, pk, RUN), **payload.dict(), actor=request.actor, now=request.now
    )


@router.post("/shifts/{int:pk}/hand-over", response={201: schemas.ShiftOut})
@requires(RUN)
def hand_over_shift(request: Request, pk: int, payload: schemas.ShiftHandOverIn) -> Any:
    """Hand the drawer to a colleague, counted once: the answer is the colleague's shift."""
    return shifts.hand_over_shift(
        shift=_shift(request, pk, RUN),
        pieces=_pieces(payload.pieces),
        successor=chosen(User.objects.all(), payload.successor_id, "successor_id"),
        reason=payload.reason,
        actor=request.actor,
        now=request.now,
    )


@router.get("/shifts/{int:pk}/cash-movements", response=CursorPage[schemas.CashMovementOut])
@requires(VIEW)
def list_cash_movements(request: Request, pk: int, page: Query[CursorQuery]) -> Any:
    """Cash in and out of the drawer besides sales."""
    return cursor_page(_shift(request, pk).movements.all(), page, order=["id"])


@router.post("/shifts/{int:pk}/cash-movements", response={201: schemas.CashMovementOut})
@requires(RUN)
def move_cash(request: Request, pk: int, payload: schemas.CashMovementIn) -> Any:
    """Put cash in or take it out, with a reason; above the limit of a policy a second person agrees first."""
    return cash.move_cash(
        shift=_shift(request, pk, RUN), **payload.dict(), actor=request.actor, now=request.now
    )


@router.post("/shifts/{int:pk}/drops", response={201: schemas.CashMovementOut})
@requires(RUN)
def drop_cash(request: Request, pk: int, payload: schemas.CashDropIn) -> Any:
    """Put cash from the drawer into the safe."""
    return cash.drop_cash(
        shift=_shift(request, pk, RUN), **payload.dict(), actor=request.actor, now=request.now
    )


@router.get("/shifts/{int:pk}/drawer-openings", response=CursorPage[schemas.DrawerOpeningOut])
@requires(VIEW)
def list_drawer_openings(request: Request, pk: int, page: Query[CursorQuery]) -> Any:
    """When the drawer was opened although nobody paid, and why."""
    return cursor_page(_shift(request, pk).openings.all(), page, order=["id"])


@router.post("/shifts/{int:pk}/drawer-openings", response={201: schemas.DrawerOpenedOut})
@requires(RUN)
def open_drawer(request: Request, pk: int, payload: schemas.DrawerOpeningIn) -> Any:
    """Open the drawer without a sale: noted first, then the printer of the register opens it."""
    shift = _shift(request, pk, RUN)
    opening = cash.open_drawer(shift=shift, reason=payload.reason, actor=request.actor, now=request.now)
    noted = schemas.DrawerOpeningOut.from_orm(opening).dict()
    return noted | {"is_open": printing.kick_drawer(shift.register)}


# --- reports ---------------------------------------------------------------------------------------------------------
class DayOfReport(Schema):
    business_date: schemas.Day | None = None


def _sees_expected(request: Request, store_id: int) -> bool:
    return request.actor.can(CLOSE, store_id=store_id)


@router.get("/shifts/{int:pk}/x-report", response=schemas.XReportOut)
@requires(VIEW)
def get_shift_x_report(request: Request, pk: int) -> Report:
    """What a shift did until now; changes nothing."""
    shift = _shift(request, pk)
    sees = _sees_expected(request, shift.store_id)
    return x_report_of_shift(shift, now=request.now, sees_expected=sees)


@router.get("/registers/{int:pk}/x-report", response=schemas.XReportOut)
@requires(VIEW)
def get_register_x_report(request: Request, pk: int, wanted: Query[DayOfReport]) -> Report:
    """What a register did on a day (the present one when none is named) until now; changes nothing."""
    register = _register(request, pk)
    day: date = wanted.business_date or register.store.business_date(request.now)
    sees = _sees_expected(request, register.store_id)
    return x_report_of_day(register.store, day, register=register, now=request.now, sees_expected=sees)


@router.get("/stores/{int:pk}/x-report", response=schemas.XReportOut)
@requires(VIEW)
def get_store_x_report(request: Request, pk: int, wanted: Query[DayOfReport]) -> Report:
    """What a store did on a day (the present one when none is named) until now; changes nothing."""
    store = _store(request, pk)
    day: date = wanted.business_date or store.business_date(request.now)
    return x_report_of_day(store, day, now=request.now, sees_expected=_sees_expected(request, store.pk))


class DayCloseFilter(Schema):
    store_id: Id | None = None
    business_date: schemas.Day | None = None


@router.get("/day-closes", response=CursorPage[schemas.DayCloseOut])
@requires(CLOSE)
def list_day_closes(request: Request, page: Query[CursorQuery], wanted: Query[DayCloseFilter]) -> Any:
    """Closed days and their supplements, the newest first."""
    rows = DayClose.objects.visible_to(request.actor, CLOSE).filter(**wanted.dict(exclude_none=True))
    return cursor_page(rows.defer("snapshot"), page, order=["-business_date", "-id"])


@router.post("/day-closes", response={201: schemas.DayCloseDetailOut})
@requires(CLOSE)
def close_day(request: Request, payload: schemas.DayCloseIn) -> Any:
    """Close a day; of a day that is closed, write what came since into a supplement. The answer is the last close."""
    store = chosen(Store.objects.visible_to(request.actor, CLOSE), payload.store_id, "store_id")
    return day_close.close_day(
        store=store, business_date=payload.business_date, actor=request.actor, now=request.now
    )


@router.get("/day-closes/{int:pk}", response=schemas.DayCloseDetailOut)
@requires(CLOSE)
def get_day_close(request: Request, pk: int) -> Any:
    """One close with everything that was written down."""
    return get_object_or_404(DayClose.objects.visible_to(request.actor, CLOSE), pk=pk)


class ZReportFilter(Schema):
    register_id: Id | None = None
    close_id: Id | None = None


@router.get("/z-reports", response=CursorPage[schemas.ZReportOut])
@requires(CLOSE)
def list_z_reports(request: Request, page: Query[CursorQuery], wanted: Query[ZReportFilter]) -> Any:
    """Z reports, the newest first."""
    rows: QuerySet[ZReport] = ZReport.objects.visible_to(request.actor, CLOSE)
    return cursor_page(rows.filter(**wanted.dict(exclude_none=True)), page, order=["-id"])


# --- exceptions ------------------------------------------------------------------------------------------------------
class SaleExceptionFilter(Schema):
    store_id: Id | None = None
    order_id: Id | None = None
    is_waiting: bool | None = None


@router.get("/sale-exceptions", response=CursorPage[schemas.SaleExceptionOut])
@requires(CLOSE)
def list_sale_exceptions(
    request: Request, page: Query[CursorQuery], wanted: Query[SaleExceptionFilter]
) -> Any:
    """Paid sales that were accepted although something was wrong, the newest first."""
    rows = OrderException.objects.visible_to(request.actor, CLOSE)
    values = wanted.dict(exclude_none=True)
    waiting = values.pop("is_waiting", None)
    if waiting is not None:
        values["seen_at__isnull"] = waiting
    return cursor_page(rows.filter(**values), page, order=["-at", "-id"])


@router.post("/sale-exceptions/examine", response=list[schemas.SaleExceptionOut])
@requires(CLOSE)
def examine_sale_exceptions(request: Request, payload: schemas.SaleExceptionsExamineIn) -> Any:
    """Say what came of one or several of them."""
    rows = OrderException.objects.visible_to(request.actor, CLOSE)
    found = [chosen(rows, pk, "exception_ids") for pk in sorted(set(payload.exception_ids))]
    return exceptions.examine_exceptions(
        exceptions=found, outcome=payload.outcome, actor=request.actor, now=request.now
    )
