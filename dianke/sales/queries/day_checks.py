"""What to look at before a day is closed: what stands in the way, what should be looked at first, and whether books and
drawers agree. The same promises as `queries.day_close.CHECKS`, asked of one day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max

from dianke.sales.models import DayClose, DeviceGap, OrderException, Payment, Shift
from dianke.sales.queries.day_figures import Scope, figures_of
from dianke.sales.rules.day_figures import at
from dianke.stores.models import Register, Store


@dataclass(frozen=True, slots=True)
class DayCheck:
    """`code` names it; `count` is how many things are wrong (0: good); `stops` says that the day cannot be closed."""

    code: str
    count: int
    stops: bool = False


@dataclass(frozen=True, slots=True)
class DayState:
    """The figures of a store and date now, with the checks: shifts of that day or before that run, and registers whose
    drawer is not what the ledger says."""

    figures: Mapping[str, Any]
    checks: tuple[DayCheck, ...]
    running: tuple[Shift, ...]
    wrong_drawers: tuple[Register, ...]


def drawer_says(figures: Mapping[str, Any]) -> int:
    """What payments, refunds and movements say of the cash in a drawer."""
    moved = sum(at(figures, "drawer", kind, "amount") for kind in figures.get("drawer", {}))
    return at(figures, "cash", "in") - at(figures, "cash", "out") + moved


def state_of_day(store: Store, day: date) -> DayState:
    """One statement for all figures, and a handful for the checks."""
    registers: Sequence[Register] = list(Register.objects.filter(store=store).order_by("code"))
    whole, *single = figures_of([Scope(store, day), *(Scope(store, day, each.pk) for each in registers)])
    wrong = tuple(
        register
        for register, figures in zip(registers, single, strict=True)
        if drawer_says(figures) != at(figures, "ledger", "cash")
    )
    running = tuple(
        Shift.objects.running()
        .filter(store=store, business_date__lte=day)
        .select_related("register", "opened_by")
        .order_by("register__code")
    )
    waiting = OrderException.objects.filter(store=store, seen_at=None).count()
    open_ = Payment.objects.filter(
        state__in=[Payment.State.PENDING, Payment.State.UNKNOWN],
        order__store=store,
        business_date__lte=day,
        business_date__gt=day - timedelta(days=31),
    ).count()
    gaps = DeviceGap.objects.filter(journal__store=store).count()
    numbers = DayClose.objects.filter(store=store).aggregate(count=Count("pk"), last=Max("number"))
    checks = (
        DayCheck("shifts", len(running), stops=True),
        DayCheck("drawer", len(wrong)),
        DayCheck("exceptions", waiting),
        DayCheck("payments", open_),
        DayCheck("gaps", gaps),
        DayCheck("numbers", (numbers["last"] or 0) - numbers["count"]),
    )
    return DayState(whole, checks, running, wrong)
