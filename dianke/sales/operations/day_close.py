"""Closing the day of a store: what is known of the date is written down for good, with a Z report per register.

Closing a date again writes what came since into a supplementary close with its own number; nothing is ever rewritten.
Cash that arrived after a shift was counted explains what was then over or short, so the close posts that back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict
from dianke.events.operations import operation, record, step, unchanged
from dianke.sales.models import CashMovement, DayClose, Shift, ZReport
from dianke.sales.operations.drawers import CLOSE, Move, key_of, move
from dianke.sales.queries.day_close import closed_figures, reported_figures
from dianke.sales.queries.day_figures import Scope, figures_of, names_in
from dianke.sales.queries.shifts import drawers_of
from dianke.sales.rules.business_day import check_day
from dianke.sales.rules.day_figures import digest_of, minus
from dianke.stores.models import Register, Store

VERSION = 1
#: How long after its day a shift is looked at for cash that came late; older tills are past every limit.
LATE_DAYS = 35
_LOCK = 7306102


class ShiftsRun(Conflict):
    code = "day_has_running_shifts"
    message = _("The day cannot be closed while shifts run: %(registers)s. Count and close them first.")


class CloseUnknownDay(Conflict):
    code = "day_before_opening"
    message = _("The store was not open yet on %(day)s. Choose a later day.")
    default_field = "business_date"


@operation(CLOSE)
def close_day(*, store: Store, business_date: date, actor: Actor, now: datetime) -> DayClose:
    """Close a business date of a store, or write what came since it was closed into a supplement; when nothing came,
    the last close is answered. Raises `DayNotBegun`, `CloseUnknownDay`, `ShiftsRun`."""
    actor.require(CLOSE, store_id=store.pk)
    check_day(business_date, store.business_date(now))
    if business_date < store.opened_on:
        raise CloseUnknownDay(day=business_date.isoformat(), field="business_date")
    _wait_for(store)
    earlier = DayClose.objects.filter(store=store, business_date=business_date).order_by("-sequence")
    last: DayClose | None = earlier.first()
    if last is None:
        _check_shifts(store, business_date)
    corrected = _settle(store, business_date, actor, now)
    registers = list(Register.objects.filter(store=store).order_by("pk"))
    everything, *single = figures_of(
        [Scope(store, business_date), *(Scope(store, business_date, each.pk) for each in registers)]
    )
    fresh = minus(everything, closed_figures(store, business_date))
    if last is not None and not fresh:
        unchanged()
        return last
    close = _write(store, business_date, 0 if last is None else last.sequence + 1, fresh, actor, now)
    reported = reported_figures([each.pk for each in registers], business_date)
    worked = set(
        Shift.objects.filter(store=store, business_date=business_date).values_list("register_id", flat=True)
    )
    for register, figures in zip(registers, single, strict=True):
        new = minus(figures, reported[register.pk])
        if new or (last is None and register.pk in worked):
            _report(close, register, new)
    record(
        "sales.day_closed" if last is None else "sales.day_supplemented",
        close,
        also=[store],
        actor=actor,
        now=now,
        store_id=store.pk,
        data={
            "number": close.number,
            "date": business_date.isoformat(),
            "digest": close.digest,
            "corrected": [str(key) for key in corrected],
        },
    )
    return close


@step
def _wait_for(store: Store) -> None:
    """One close of a store at a time: numbers have no gaps."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, store.pk])


def _check_shifts(store: Store, day: date) -> None:
    running = Shift.objects.running().filter(store=store, business_date__lte=day).select_related("register")
    names = [shift.register.name for shift in running.order_by("register__code")]
    if names:
        raise ShiftsRun(registers="、".join(names))


@step
def _settle(store: Store, day: date, actor: Actor, now: datetime) -> list[int]:
    """Post back what was over or short only because cash payments had not arrived when the drawer was counted."""
    rows = Shift.objects.select_for_update(of=("self",)).filter(
        store=store,
        state=Shift.State.CLOSED,
        business_date__gte=day - timedelta(days=LATE_DAYS),
        business_date__lte=day + timedelta(days=1),
    )
    shifts = list(rows.order_by("pk"))
    drawers = drawers_of(shifts)
    corrected = []
    for shift in shifts:
        late = drawers[shift.pk].unsettled(shift.left_amount or 0)
        if late:
            times = shift.movements.filter(kind=CashMovement.Kind.CORRECTION).count()
            one = Move(CashMovement.Kind.CORRECTION, -late, f"{key_of(shift)}/late:{times + 1}")
            move(shift=shift, moves=[one], business_date=day, actor=actor, now=now)
            corrected.append(shift.pk)
    return corrected


@step
def _write(
    store: Store, day: date, sequence: int, figures: Mapping[str, Any], actor: Actor, now: datetime
) -> DayClose:
    rows = DayClose.objects.filter(store=store)
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    previous = rows.filter(number=number - 1).values_list("digest", flat=True).first() or ""
    snapshot = {
        "version": VERSION,
        "kind": "DAY" if not sequence else "SUPPLEMENT",
        "store": {"id": store.pk, "code": store.code, "name": store.name},
        "number": number,
        "sequence": sequence,
        "business_date": day.isoformat(),
        "currency": store.currency,
        "closed_at": now.isoformat(),
        "previous": previous,
        "figures": figures,
        "names": names_in(figures),
        "shifts": _shifts_of(Shift.objects.filter(store=store, business_date=day)),
    }
    close: DayClose = DayClose.objects.create(
        store=store,
        legal_entity_id=store.legal_entity_id,
        business_date=day,
        sequence=sequence,
        number=number,
        currency=store.currency,
        closed_at=now,
        closed_by_id=actor.user_id,
        snapshot=snapshot,
        digest=digest_of(snapshot),
    )
    return close


@step
def _report(close: DayClose, register: Register, figures: Mapping[str, Any]) -> ZReport:
    rows = ZReport.objects.filter(register=register)
    number = (rows.aggregate(last=Max("number"))["last"] or 0) + 1
    previous = rows.filter(number=number - 1).values_list("digest", flat=True).first() or ""
    of_day = Shift.objects.filter(register=register, business_date=close.business_date)
    snapshot = {
        "version": VERSION,
        "kind": "Z",
        "store": close.snapshot["store"],
        "register": {"id": register.pk, "code": register.code, "name": register.name},
        "number": number,
        "close": {"number": close.number, "sequence": close.sequence},
        "business_date": close.business_date.isoformat(),
        "currency": close.currency,
        "closed_at": close.closed_at.isoformat(),
        "previous": previous,
        "figures": figures,
        "names": names_in(figures),
        "shifts": _shifts_of(of_day),
    }
    report: ZReport = ZReport.objects.create(
        close=close,
        store_id=close.store_id,
        register=register,
        number=number,
        snapshot=snapshot,
        digest=digest_of(snapshot),
    )
    return report


def _shifts_of(rows: Any) -> Sequence[Mapping[str, Any]]:
    """The shifts of the day with what their counts came to."""
    return [
        {
            "id": shift.pk,
            "register": shift.register_id,
            "opened_at": shift.opened_at.isoformat(),
            "closed_at": shift.closed_at.isoformat() if shift.closed_at else None,
            "float": shift.float_amount,
            "expected": shift.expected_amount,
            "counted": shift.counted_amount,
            "difference": shift.difference_amount,
            "left": shift.left_amount,
        }
        for shift in rows.order_by("opened_at", "pk")
    ]
