"""The lists of registers: which run now, past shifts, Z reports, closed days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.money import Money
from dianke.sales.models import DayClose, Shift, ZReport
from dianke.sales.queries.shifts import drawers_of
from dianke.sales.rules.day_figures import at
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


def _money(minor: int | None, currency: str) -> Money | None:
    return None if minor is None else Money.from_minor(minor, currency)


def by_store(lookup: str = "store") -> Filter:
    return Filter(
        "store", _("Store"), lambda rows, value: rows.filter(**{lookup: as_id(value)}), stores_offered
    )


def _registers_offered(actor: Actor) -> list[tuple[Any, Any]]:
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
                row.expected = _money(drawers[row.shift.pk].expected, row.shift.currency)


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
            value=lambda row: _money(row.counted_amount, row.currency),
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
            value=lambda row: _money(row.float_amount, row.currency),
            is_default=False,
        ),
        Column(
            "expected",
            _("Expected cash"),
            Kind.MONEY,
            value=lambda row: _money(row.expected_amount, row.currency),
            is_default=False,
        ),
        Column(
            "left",
            _("Left in the drawer"),
            Kind.MONEY,
            value=lambda row: _money(row.left_amount, row.currency),
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
            _registers_offered,
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


# --- Z reports -------------------------------------------------------------------------------------------------------
@register
class ZListing(Listing):
    """Z reports of the stores whose days the actor closes."""

    code = "sales.z_reports"
    title = _("Z reports")
    permission = CLOSE
    search_fields = ("register__name", "store__short_name")
    search_hint = _("Register or store")
    default_sort = "-pk"
    columns = (
        Column(
            "number",
            pgettext_lazy("report", "Number"),
            value=lambda row: f"Z {row.number}",
            is_title=True,
            link=lambda row: reverse("sales:z-report", args=[row.pk]),
        ),
        Column("register", pgettext_lazy("register", "Register"), value="register__name"),
        Column("store", _("Store"), value="store__short_name"),
        Column(
            "day",
            _("Business date"),
            Kind.DATE,
            value=lambda row: row.close.business_date,
            sort="close__business_date",
        ),
        Column(
            "kind",
            pgettext_lazy("close", "Kind"),
            Kind.STATUS,
            value=lambda row: close_kind(row.close),
            tone=lambda row: "wait" if row.close.is_supplement else "",
        ),
        Column(
            "paid",
            _("Sales"),
            Kind.MONEY,
            value=lambda row: _money(at(row.snapshot["figures"], "sales", "paid"), row.snapshot["currency"]),
        ),
        Column(
            "closed_at",
            pgettext_lazy("register", "Closed"),
            Kind.INSTANT,
            value=lambda row: row.close.closed_at,
        ),
    )
    filters = (
        by_store(),
        Filter(
            "register",
            pgettext_lazy("register", "Register"),
            lambda rows, value: rows.filter(register=as_id(value)),
            _registers_offered,
        ),
        date_filter("day", _("Business date"), lookup="close__business_date"),
    )
    empty = (
        "report",
        _("A Z report is written for each register when its day is closed. It is never changed."),
        _("Day close"),
        "sales:day-closes",
        CLOSE,
    )

    def queryset(self) -> QuerySet[ZReport]:
        rows: QuerySet[ZReport] = ZReport.objects.visible_to(self.actor, CLOSE)
        return rows.select_related("close", "register", "store")


# --- closed days -----------------------------------------------------------------------------------------------------
def close_kind(close: DayClose) -> str:
    """Whether it closed the day or added to it."""
    return (
        gettext("Supplement %(number)s") % {"number": close.sequence}
        if close.sequence
        else gettext("Day close")
    )


@register
class CloseListing(Listing):
    """Closed days and their supplements."""

    code = "sales.day_closes"
    title = _("Closed days")
    permission = CLOSE
    search_fields = ("store__short_name",)
    search_hint = _("Store")
    default_sort = "-business_date"
    columns = (
        Column(
            "number",
            pgettext_lazy("report", "Number"),
            value=lambda row: gettext("No. %(number)s") % {"number": row.number},
            is_title=True,
            link=lambda row: reverse("sales:close", args=[row.pk]),
        ),
        Column("business_date", _("Business date"), Kind.DATE, sort="business_date"),
        Column("store", _("Store"), value="store__short_name"),
        Column(
            "kind",
            pgettext_lazy("close", "Kind"),
            Kind.STATUS,
            value=close_kind,
            tone=lambda row: "wait" if row.is_supplement else "good",
        ),
        Column(
            "paid",
            _("Sales"),
            Kind.MONEY,
            value=lambda row: _money(at(row.snapshot["figures"], "sales", "paid"), row.currency),
        ),
        Column(
            "cash",
            pgettext_lazy("report", "Cash taken"),
            Kind.MONEY,
            value=lambda row: _money(
                at(row.snapshot["figures"], "cash", "in") - at(row.snapshot["figures"], "cash", "out"),
                row.currency,
            ),
        ),
        Column("closed_at", pgettext_lazy("register", "Closed"), Kind.INSTANT, sort="closed_at"),
        Column("closed_by", _("Closed by"), value=lambda row: getattr(row.closed_by, "name", "")),
        Column(
            "digest",
            pgettext_lazy("report", "Fingerprint"),
            value=lambda row: row.digest[:12],
            is_default=False,
        ),
    )
    filters = (
        Filter(
            "kind",
            pgettext_lazy("close", "Kind"),
            lambda rows, value: (
                rows.filter(sequence=0)
                if value == "day"
                else rows.filter(sequence__gt=0)
                if value == "more"
                else rows
            ),
            lambda actor: (("day", _("Day close")), ("more", _("Supplements"))),
            is_quick=True,
        ),
        by_store(),
        date_filter("day", _("Business date"), lookup="business_date"),
    )
    empty = (
        "calendar",
        _("A closed day stands here for good: what was sold, paid and given back, as it was known then."),
        _("Day close"),
        "sales:day-closes",
        CLOSE,
    )

    def queryset(self) -> QuerySet[DayClose]:
        rows: QuerySet[DayClose] = DayClose.objects.visible_to(self.actor, CLOSE)
        return rows.select_related("store", "closed_by")
