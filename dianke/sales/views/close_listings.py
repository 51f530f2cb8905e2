"""Lists of what was closed: Z reports of registers, closed days of stores."""

from __future__ import annotations

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from dianke.sales.models import DayClose, ZReport
from dianke.sales.rules.day_figures import at
from dianke.sales.views.register_listings import by_store, money_in, registers_offered
from dianke.sales.views.register_parts import (
    CLOSE,
)
from dianke.web.listing import (
    Column,
    Filter,
    Kind,
    Listing,
    as_id,
    date_filter,
    register,
)


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
            value=lambda row: money_in(
                at(row.snapshot["figures"], "sales", "paid"), row.snapshot["currency"]
            ),
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
            registers_offered,
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
            value=lambda row: money_in(at(row.snapshot["figures"], "sales", "paid"), row.currency),
        ),
        Column(
            "cash",
            pgettext_lazy("report", "Cash taken"),
            Kind.MONEY,
            value=lambda row: money_in(
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
