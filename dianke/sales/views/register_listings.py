"""The lists of registers: which run now, and past shifts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from dianke.core.actor import Actor
from dianke.core.money import Money
from dianke.sales.models import Shift
from dianke.sales.queries.shifts import drawers_of
from dianke.sales.views.register_parts import (
    CLOSE,
    MOST_CHOICES,
    SHIFT_TONES,
    VIEW,
    difference_tone,
    over_or_short,
    shift_url,
    stores_offered,
)
from dianke.stores.models import Register
from dianke.web.listing import (
    Column,
    Filter,
    Kind,
    Listing,
    Result,
    State,
    as_id,
    choice_filter,
    date_filter,
    register,
)


def money_in(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money.from_minor(minor, currency)


def by_store(lookup: str = "store") -> Filter:
    return Filter(
        "store", _("Store"), lambda rows, value: rows.filter(**{lookup: as_id(value)}), stores_offered
    )


def registers_offered(actor: Actor) -> list[tuple[Any, Any]]:
    rows = Register.objects.visible_to(actor, VIEW).select_related("store").order_by("store__code", "code")
    return [(row.pk, f"{row.store.short_name} · {row.name}") for row in rows[:MOST_CHOICES]]


# --- registers -------------------------------------------------------------------------------------------------------
_RUNNING = Shift.objects.running().filter(register=OuterRef("pk"))


@register
class RegisterListing(Listing):
    """Registers of the stores the actor reaches, with the shift that runs."""

    code = "sales.registers"
    title = _("Registers")
    permission = VIEW
    search_fields = ("name", "code", "store__short_name")
    search_hint = _("Register or store")
    default_sort = "store__code"
    columns = (
        Column(
            "name",
            pgettext_lazy("register", "Register"),
            is_title=True,
            sort="name",
            link=lambda row: reverse("sales:register", args=[row.pk]),
        ),
        Column("store", _("Store"), value="store__short_name", sort="store__code"),
        Column(
            "state",
            _("Shift"),
            Kind.STATUS,
            value=lambda row: (
                row.shift.get_state_display() if row.shift else pgettext("register", "No shift")
            ),
            tone=lambda row: SHIFT_TONES[row.shift.state] if row.shift else "off",
        ),
        Column(
            "who",
            pgettext_lazy("register", "Who runs it"),
            value=lambda row: getattr(row.shift.opened_by, "name", "") if row.shift else "",
        ),
        Column(
            "since", _("Since"), Kind.INSTANT, value=lambda row: row.shift.opened_at if row.shift else None
        ),
        Column(
            "expected",
            _("Should be in the drawer"),
            Kind.MONEY,
            value=lambda row: row.expected,
            needs=CLOSE,
        ),
        Column(
            "used",
            _("In use"),
            Kind.YES_NO,
            value="is_active",
            is_default=False,
        ),
    )
    filters = (
        Filter(
            "running",
            _("Shift"),
            lambda rows, value: (
                rows.filter(Exists(_RUNNING))
                if value == "yes"
                else rows.filter(~Exists(_RUNNING))
                if value == "no"
                else rows
            ),
            lambda actor: (("yes", _("Running now")), ("no", _("No shift"))),
            is_quick=True,
        ),
        by_store(),
    )
    empty = (
        "cash-register",
        _("Registers are the tills of your stores: each has a drawer, a shift and its own reports."),
        _("Stores"),
        "stores:stores",
        "stores.manage_stores",
    )

    def queryset(self) -> QuerySet[Register]:
        rows: QuerySet[Register] = Register.objects.visible_to(self.actor, VIEW).select_related("store")
        return rows.filter(Q(is_active=True) | Exists(_RUNNING))

    def order(self, state: State) -> list[str]:
        return [state.sort or self.default_sort, "code"]

    def result(self, state: State) -> Result:
        result = super().result(state)
        self._dress(result.page.items)
        return result

    def dressed(self, rows: Iterable[Any]) -> Iterable[Any]:
        rows = list(rows)
        self._dress(rows)
        return rows

    def _dress(self, rows: Sequence[Any]) -> None:
        """The shift that runs and what its drawer should hold: three statements for all."""
        running = Shift.objects.running().filter(register__in=[row.pk for row in rows])
        shifts = {shift.register_id: shift for shift in running.select_related("opened_by")}
        drawers = drawers_of(list(shifts.values())) if shifts else {}
        for row in rows:
            row.shift = shifts.get(row.pk)
            row.expected = None
            if row.shift is not None and self.actor.can(CLOSE, store_id=row.store_id):
                row.expected = money_in(drawers[row.shift.pk].expected, row.shift.currency)


# --- shifts ----------------------------------------------------------------------------------------------------------
_OUTCOMES = (
    ("short", pgettext_lazy("cash", "Short")),
    ("over", pgettext_lazy("cash", "Over")),
    ("exact", pgettext_lazy("cash", "Exact")),
)


@register
class ShiftListing(Listing):
    """Shifts of the stores the actor reaches, the newest first."""

    code = "sales.shifts"
    title = _("Shifts")
    permission = VIEW
    search_fields = ("register__name", "opened_by__name", "reason")
    search_hint = _("Register, person or reason")
    default_sort = "-opened_at"
    columns = (
        Column(
            "register",
            pgettext_lazy("register", "Register"),
            value="register__name",
            is_title=True,
            link=shift_url,
        ),
        Column("store", _("Store"), value="store__short_name"),
        Column("business_date", _("Business date"), Kind.DATE, sort="business_date"),
        Column("state", _("State"), Kind.STATUS, tone=lambda row: SHIFT_TONES[row.state]),
        Column("opened_by", _("Opened by"), value=lambda row: getattr(row.opened_by, "name", "")),
        Column("opened_at", pgettext_lazy("shift", "From"), Kind.INSTANT, sort="opened_at"),
        Column("closed_at", pgettext_lazy("shift", "Until"), Kind.INSTANT),
        Column(
            "counted",
            _("Counted cash"),
            Kind.MONEY,
            value=lambda row: money_in(row.counted_amount, row.currency),
        ),
        Column(
            "difference",
            _("Over or short"),
            Kind.STATUS,
            value=lambda row: over_or_short(row.difference_amount, row.currency),
            tone=lambda row: difference_tone(row.difference_amount),
        ),
        Column("reason", _("Reason"), is_default=False),
        Column(
            "float",
            pgettext_lazy("register", "Float"),
            Kind.MONEY,
            value=lambda row: money_in(row.float_amount, row.currency),
            is_default=False,
        ),
        Column(
            "expected",
            _("Expected cash"),
            Kind.MONEY,
            value=lambda row: money_in(row.expected_amount, row.currency),
            is_default=False,
        ),
        Column(
            "left",
            _("Left in the drawer"),
            Kind.MONEY,
            value=lambda row: money_in(row.left_amount, row.currency),
            is_default=False,
        ),
        Column(
            "closed_by",
            _("Closed by"),
            value=lambda row: getattr(row.closed_by, "name", ""),
            is_default=False,
        ),
    )
    filters = (
        choice_filter("state", _("State"), Shift.State.choices, quick=True),
        Filter("outcome", _("Over or short"), lambda rows, value: rows, lambda actor: _OUTCOMES),
        by_store(),
        Filter(
            "register",
            pgettext_lazy("register", "Register"),
            lambda rows, value: rows.filter(register=as_id(value)),
            registers_offered,
        ),
        date_filter("day", _("Business date"), lookup="business_date"),
    )
    empty = (
        "clock",
        _("Shifts stand here, with what was counted and what was over or short."),
        _("Registers"),
        "sales:registers",
        VIEW,
    )

    def queryset(self) -> QuerySet[Shift]:
        rows: QuerySet[Shift] = Shift.objects.visible_to(self.actor)
        return rows.select_related("register", "store", "opened_by", "closed_by")

    def filter_outcome(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Closed ones that were over, short or exact."""
        expected = F("expected_amount")
        match value:
            case "short":
                return rows.filter(counted_amount__lt=expected)
            case "over":
                return rows.filter(counted_amount__gt=expected)
            case "exact":
                return rows.filter(counted_amount=expected)
        return rows
