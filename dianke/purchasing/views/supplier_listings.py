"""The lists about suppliers: the firms, their invoices, how they keep their word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.purchasing.models import (
    PurchaseOrder,
    Supplier,
    SupplierInvoice,
)
from dianke.purchasing.models.suppliers import COSTS
from dianke.purchasing.queries.performance import SupplierReport, supplier_reports
from dianke.purchasing.rules.reasons import percent_text
from dianke.purchasing.views.listings import MOST_CHOICES, SUPPLIER_FILTER, by_id, money_of
from dianke.purchasing.views.rows import (
    INVOICE_TONES,
    MANAGE,
    RECORD,
    SUPPLIER_TONES,
    VIEW,
    shown,
)
from dianke.stores.models import LegalEntity
from dianke.stores.queries import local_date
from dianke.web.custom_fields import CustomFieldsListing
from dianke.web.listing import (
    Column,
    Filter,
    Kind,
    Listing,
    Result,
    State,
    choice_filter,
    date_filter,
    register,
)

_BATCH = 500


# --- invoices --------------------------------------------------------------------------------------------------------
def _entities(actor: Actor) -> list[tuple[Any, Any]]:
    return list(LegalEntity.objects.visible_to(actor, VIEW).values_list("pk", "short_name")[:MOST_CHOICES])


@register
class InvoiceListing(Listing):
    """Invoices of suppliers, the last entered first; they show what goods cost."""

    code = "purchasing.invoices"
    title = _("Supplier invoices")
    permission = COSTS
    search_fields = ("number", "supplier__short_name", "supplier__name")
    search_hint = _("Invoice number or supplier")
    default_sort = "-recorded_at"
    columns = (
        Column(
            "number",
            _("Invoice number"),
            is_title=True,
            sort="number",
            link=lambda row: reverse("purchasing:invoice", args=[row.pk]),
        ),
        Column("supplier", _("Supplier"), value="supplier__short_name", sort="supplier__short_name"),
        Column("entity", _("Billed to"), value="legal_entity__short_name"),
        Column("state", _("State"), Kind.STATUS, tone=lambda row: INVOICE_TONES.get(row.state, "")),
        Column("invoice_date", _("Date of the invoice"), Kind.DATE, sort="invoice_date"),
        Column("due_date", _("To be paid by"), Kind.DATE, sort="due_date"),
        Column(
            "total",
            _("Total"),
            Kind.MONEY,
            value=lambda row: money_of(row.total_amount, row.currency),
            sort="total_amount",
        ),
        Column(
            "tax",
            _("Tax contained"),
            Kind.MONEY,
            value=lambda row: money_of(row.tax_amount, row.currency),
            is_default=False,
        ),
        Column("recorded_at", _("Entered"), Kind.INSTANT, sort="recorded_at", is_default=False),
        Column("decision_note", _("Why it was released or cancelled"), is_default=False),
    )
    filters = (
        choice_filter("state", _("State"), SupplierInvoice.State.choices, quick=True),
        SUPPLIER_FILTER,
        by_id("entity", _("Billed to"), _entities, "legal_entity"),
        date_filter("dated", _("Date of the invoice"), lookup="invoice_date"),
        date_filter("due", _("To be paid by"), lookup="due_date"),
    )
    empty = (
        "file-invoice",
        _("Each invoice is held against the order and what came, before anybody pays it."),
        _("Enter an invoice"),
        "purchasing:invoice-new",
        RECORD,
    )

    def queryset(self) -> QuerySet[SupplierInvoice]:
        return SupplierInvoice.objects.visible_to(self.actor).select_related("supplier", "legal_entity")


# --- suppliers -------------------------------------------------------------------------------------------------------
def stars(rating: int | None) -> str:
    """ "★★★★☆", or nothing."""
    return "★" * rating + "☆" * (5 - rating) if rating else ""


@register
class SupplierListing(CustomFieldsListing):
    """Suppliers that deliver where the actor works; what was put away only when asked for."""

    code = "purchasing.suppliers"
    title = _("Suppliers")
    permission = VIEW
    custom_model = "purchasing.supplier"
    search_fields = ("name",)
    search_hint = _("Name, pinyin, code or tax number")
    default_sort = "short_name"
    columns = (
        Column(
            "short_name",
            pgettext_lazy("of a firm", "Name"),
            is_title=True,
            sort="short_name",
            link=lambda row: reverse("purchasing:supplier", args=[row.pk]),
            template="purchasing/cells/supplier.html",
        ),
        Column("code", pgettext_lazy("of a supplier", "Code"), sort="code"),
        Column("state", _("State"), Kind.STATUS, tone=lambda row: SUPPLIER_TONES.get(row.state, "")),
        Column("lead_days", _("Days to deliver"), Kind.NUMBER, sort="lead_days"),
        Column("terms", _("Payment"), value=lambda row: terms_text(row)),
        Column("rating", _("Rating"), value=lambda row: stars(row.rating), sort="rating"),
        Column("contact", pgettext_lazy("person", "Contact"), value="contact_name"),
        Column("currency", _("Currency"), is_default=False),
        Column("tax_number", _("Tax number"), is_default=False),
        Column("created_at", _("Since"), Kind.INSTANT, sort="created_at", is_default=False),
    )
    filters = (
        choice_filter("state", _("State"), Supplier.State.choices, quick=True),
        choice_filter("terms", _("Payment"), Supplier.Terms.choices, lookup="payment_terms"),
        choice_filter("rating", _("Rating"), [(str(n), "★" * n) for n in range(5, 0, -1)]),
    )
    empty = (
        "building-warehouse",
        _("Whom you buy from: prices, days to deliver, terms. Plans and orders choose among them."),
        _("New supplier"),
        "purchasing:supplier-new",
        MANAGE,
    )

    def queryset(self) -> QuerySet[Supplier]:
        return Supplier.objects.visible_to(self.actor)

    def rows(self, state: State) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().rows(state)
        return rows if state.filters.get("state") else rows.exclude(state=Supplier.State.ARCHIVED)

    def search(self, queryset: Any, text: str) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset.filter(search_words__found_by=text)
        return found


def terms_text(supplier: Supplier) -> str:
    """ "30 days after the invoice"."""
    days = {"days": supplier.payment_days}
    if supplier.payment_terms == Supplier.Terms.DAYS:
        return gettext("%(days)s days after the invoice") % days
    if supplier.payment_terms == Supplier.Terms.MONTH_END:
        return gettext("%(days)s days after the end of the month") % days
    return supplier.get_payment_terms_display()


# --- how suppliers keep their word -----------------------------------------------------------------------------------
PERIODS: tuple[tuple[str, Any], ...] = (
    ("30", _("Last 30 days")),
    ("90", _("Last 90 days")),
    ("365", _("Last 12 months")),
)


def _share(row: Any, name: str) -> str:
    report = getattr(row, "shown_report", None)
    found = getattr(report.performance, name) if report else None
    return "" if found is None else percent_text(found)


def _delay(row: Any) -> str:
    report = getattr(row, "shown_report", None)
    found = report.performance.average_delay_days if report else None
    return "" if found is None else str(found)


def _bought(row: Any) -> str:
    report: SupplierReport | None = getattr(row, "shown_report", None)
    if report is None:
        return ""
    return " + ".join(shown(amount, currency) for currency, amount in sorted(report.bought.items()))


@register
class PerformanceListing(Listing):
    """Suppliers with orders promised for the time looked at, and how they kept their word."""

    code = "purchasing.performance"
    title = _("Supplier performance")
    permission = VIEW
    search_fields = ("name",)
    search_hint = _("Name, pinyin, code or tax number")
    default_sort = "short_name"
    columns = (
        Column(
            "short_name",
            _("Supplier"),
            is_title=True,
            sort="short_name",
            link=lambda row: reverse("purchasing:supplier", args=[row.pk]),
        ),
        Column(
            "score",
            pgettext_lazy("of a supplier", "Score"),
            value=lambda row: getattr(row, "shown_score", ""),
            template="purchasing/cells/score.html",
        ),
        Column("on_time", _("On time"), value=lambda row: _share(row, "on_time_bp")),
        Column("complete", _("Complete"), value=lambda row: _share(row, "complete_bp")),
        Column("defects", _("With faults"), value=lambda row: _share(row, "defect_bp")),
        Column("delay", _("Days late on average"), value=_delay),
        Column("price", _("Prices"), value=lambda row: _share(row, "price_change_bp"), needs=COSTS),
        Column(
            "orders",
            pgettext_lazy("purchasing", "Orders"),
            Kind.NUMBER,
            value=lambda row: row.shown_report.order_count if getattr(row, "shown_report", None) else 0,
        ),
        Column("bought", _("Bought for"), value=_bought, needs=COSTS),
        Column("rating", _("Rating"), value=lambda row: stars(row.rating), is_default=False),
    )
    filters = (
        Filter(
            "period",
            _("Promised in"),
            lambda rows, value: rows,
            lambda actor: PERIODS,
            is_quick=True,
            default="90",
        ),
    )
    empty = (
        "chart-bar",
        _("Once deliveries came, this says who delivers on time, complete and without faults."),
        "",
        "",
        VIEW,
    )

    def __init__(self, actor: Actor, now: Any) -> None:
        super().__init__(actor, now)
        self.today = local_date(now)
        self.days = 90

    def queryset(self) -> QuerySet[Supplier]:
        return Supplier.objects.visible_to(self.actor)

    def rows(self, state: State) -> QuerySet[Any]:
        wanted = state.filters.get("period", "90")
        self.days = int(wanted) if wanted in dict(PERIODS) else 90
        orders = PurchaseOrder.objects.visible_to(self.actor).filter(
            expected_date__gte=self.from_date, expected_date__lt=self.to_date, sent_at__isnull=False
        )
        orders = orders.exclude(state=PurchaseOrder.State.CANCELLED)
        rows: QuerySet[Any] = super().rows(state)
        return rows.filter(pk__in=orders.order_by().values("supplier_id"))

    @property
    def from_date(self) -> date:
        return self.today - timedelta(days=self.days)

    @property
    def to_date(self) -> date:
        return self.today + timedelta(days=1)

    def search(self, queryset: Any, text: str) -> QuerySet[Any]:
        found: QuerySet[Any] = queryset.filter(search_words__found_by=text)
        return found

    def result(self, state: State) -> Result:
        result = super().result(state)
        self._dress(result.page.items)
        return result

    def dressed(self, rows: Iterable[Any]) -> Iterator[Any]:
        batch: list[Any] = []
        for row in rows:
            batch.append(row)
            if len(batch) == _BATCH:
                self._dress(batch)
                yield from batch
                batch = []
        self._dress(batch)
        yield from batch

    def _dress(self, rows: Sequence[Any]) -> None:
        if not rows:
            return
        reports = supplier_reports(
            from_date=self.from_date,
            to_date=self.to_date,
            today=self.today,
            actor=self.actor,
            supplier_ids=[row.pk for row in rows],
        )
        by_id = {report.supplier_id: report for report in reports}
        for row in rows:
            row.shown_report = by_id.get(row.pk)
            score = row.shown_report.performance.score if row.shown_report else None
            row.shown_score = "" if score is None else score
            row.shown_tone = (
                "" if score is None else "good" if score >= 85 else "wait" if score >= 60 else "bad"
            )
