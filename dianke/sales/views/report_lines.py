"""The lines behind a figure of a report: sold and given back, narrowed to days, a store and one row of the report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from babel.dates import get_day_names
from django.db.models import Exists, F, Func, IntegerField, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.access.models import User
from dianke.catalog.models import Brand, Category, Product
from dianke.core.actor import Actor
from dianke.core.money import Money
from dianke.customers.models import Customer, Tag, Tagging
from dianke.loyalty.models import Level, Membership
from dianke.sales.models import Order, OrderLine, Payment, Refund, Tender, Turnover
from dianke.sales.models.turnover import REPORTS
from dianke.sales.queries.reports.quantities import plain
from dianke.sales.rules.report_terms import By, Preset, span_of
from dianke.sales.views.report_columns import COSTS, NAMES
from dianke.stores.models import Store
from dianke.web.formats import locale
from dianke.web.listing import (
    Column,
    Filter,
    Kind,
    Listing,
    State,
    any_of,
    as_id,
    choice_filter,
    date_filter,
    register,
)

#: None of the kind; a buyer who is not known.
NONE, UNKNOWN = "NONE", "UNKNOWN"
_NOVELTIES = (
    ("NEW", _("New customers")),
    ("KNOWN", _("Returning customers")),
    (UNKNOWN, _("Customer not known")),
)
_HOURS = frozenset(str(hour) for hour in range(24))


def _weekdays() -> list[tuple[int, str]]:
    names = get_day_names("wide", locale=locale())
    return [(day, names[day - 1]) for day in range(1, 8)]


def _of(path: str) -> Any:
    """Rows whose field is the chosen one; "NONE" stands for none, a kind of line for lines without goods."""

    def apply(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value in OrderLine.Kind.values:
            return rows.filter(variant=None, line_kind=value)
        if value == NONE:
            return rows.filter(Q(**{f"{path}__isnull": True}), variant__isnull=False)
        return rows.filter(**{path: as_id(value)})

    return apply


def _of_staff(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == NONE:
        return rows.filter(line__people=None, made_by=None)
    pk = as_id(value)
    shared = Turnover.objects.filter(line__people__user_id=pk).values("pk")
    return rows.filter(Q(pk__in=shared) | Q(line__people=None, made_by_id=pk))


def _of_hour(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    """By the clock of the store that sold, as in the report."""
    clock = Func(
        F("occurred_at"),
        F("store__time_zone"),
        template="extract(hour FROM %(expressions)s)::int",
        arg_joiner=" AT TIME ZONE ",
        output_field=IntegerField(),
    )
    return rows.annotate(hour=clock).filter(hour=int(value)) if value in _HOURS else rows


def _of_weekday(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(business_date__iso_week_day=as_id(value))


def _of_tender(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Lines of papers paid with it or given back by it, in whole or in part."""
    taken = Payment.objects.filter(order=OuterRef("order_id"), state=Payment.State.TAKEN)
    given = Refund.objects.filter(sale_return=OuterRef("sale_return_id"))
    return rows.filter(
        Q(kind=Turnover.Kind.SOLD) & Exists(taken.filter(tender__code=value))
        | Q(kind=Turnover.Kind.RETURNED) & Exists(given.filter(tender__code=value))
    )


def _heads(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.annotate(head_id=Coalesce("customer__merged_into_id", F("customer_id")))


def _of_level(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    members = Membership.objects.filter(level__isnull=False)
    if value == NONE:
        return _heads(rows).exclude(head_id__in=members.values("customer_id")).exclude(customer=None)
    if value == UNKNOWN:
        return rows.filter(customer=None)
    return _heads(rows).filter(head_id__in=members.filter(level_id=as_id(value)).values("customer_id"))


def _of_tag(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == NONE:
        return _heads(rows).exclude(head_id__in=Tagging.objects.values("customer_id")).exclude(customer=None)
    if value == UNKNOWN:
        return rows.filter(customer=None)
    chosen = Tagging.objects.filter(Q(tag_id=as_id(value)) | Q(tag__merged_into_id=as_id(value)))
    return _heads(rows).filter(head_id__in=chosen.values("customer_id"))


def _of_novelty(rows: QuerySet[Any], value: str, first: date) -> QuerySet[Any]:
    """New is who bought nothing before the first of the days, as in the report."""
    if value == UNKNOWN:
        return rows.filter(customer=None)
    same = Customer.objects.filter(
        Q(pk=OuterRef(OuterRef("head_id"))) | Q(merged_into=OuterRef(OuterRef("head_id")))
    )
    before = Order.objects.exclude(state=Order.State.DRAFT).filter(
        business_date__lt=first, customer__in=same.values("pk")
    )
    known = Exists(before) if value == "KNOWN" else ~Exists(before)
    return _heads(rows).exclude(customer=None).filter(known)


def _named(model: Any) -> Any:
    """Choices of a select: the first few hundred by name."""
    return lambda actor: list(model.objects.order_by("name").values_list("pk", "name")[:300])


def _money(name: str) -> Any:
    """Amounts in the currency of the order."""
    return lambda row: Money.from_minor(getattr(row, name), row.order.currency)


def _cost(row: Turnover) -> Money:
    return Money(round(row.cost, 2), row.order.currency)


def _order_url(row: Turnover) -> str:
    return reverse("sales:order", args=[row.order_id])


def _stores(actor: Actor) -> list[tuple[int, str]]:
    return [(s.pk, s.short_name or s.name) for s in Store.objects.visible_to(actor, REPORTS).order_by("code")]


def _several(*filters: Filter) -> list[Filter]:
    """A report may be narrowed to several of each, and its figures lead here."""
    return [replace(each, takes_several=True) for each in filters]


@register
class ReportLines(Listing):
    """Every line that is in a report, the newest first; of this month unless the address says other days."""

    code = "sales.report_lines"
    title = _("Lines of the report")
    permission = REPORTS
    default_sort = "-occurred_at"
    search_fields = ("line__name", "order__number")
    search_hint = _("Product or number of the order")
    empty = (
        "receipt",
        _("In these days nothing was sold and nothing came back. Choose other days."),
        "",
        "",
        "",
    )
    columns = (
        Column("day", _("Business date"), Kind.DATE, value="business_date", sort="business_date"),
        Column("at", _("Time"), Kind.INSTANT, value="occurred_at", sort="occurred_at", is_default=False),
        Column("order", pgettext_lazy("of a customer", "Order"), value="order__number", link=_order_url),
        Column("name", _("Product"), value="line__name", is_title=True),
        Column(
            "kind",
            _("Kind"),
            Kind.STATUS,
            value="kind",
            tone=lambda row: "good" if row.kind == Turnover.Kind.SOLD else "wait",
        ),
        Column("store", _("Store"), value=lambda row: row.store.short_name or row.store.name),
        Column(
            "quantity",
            _("Quantity"),
            Kind.NUMBER,
            value=lambda row: plain(row.quantity),
            sort="quantity",
        ),
        Column(
            "unit",
            pgettext_lazy("of goods", "Unit"),
            value=lambda row: row.variant.product.unit.name if row.variant else "",
        ),
        Column(
            "list",
            _("At list prices"),
            Kind.MONEY,
            value=_money("list_amount"),
            sort="list_amount",
            is_default=False,
        ),
        Column("amount", _("Net sales"), Kind.MONEY, value=_money("amount"), sort="amount"),
        Column(
            "tax",
            pgettext_lazy("column of a report", "Tax"),
            Kind.MONEY,
            value=_money("tax_amount"),
            is_default=False,
        ),
        Column(
            "cost",
            pgettext_lazy("column of a report", "Cost"),
            Kind.MONEY,
            value=_cost,
            sort="cost",
            needs=COSTS,
        ),
        Column(
            "profit",
            _("Gross profit"),
            Kind.MONEY,
            value=lambda row: Money.from_minor(row.amount - row.tax_amount, row.order.currency) - _cost(row),
            needs=COSTS,
        ),
        Column("channel", pgettext_lazy("of a sale", "Channel"), value="channel", is_default=False),
    )
    filters = (
        choice_filter("kind", _("Kind"), Turnover.Kind.choices, quick=True),
        date_filter("day", _("Business date"), lookup="business_date"),
        *_several(
            Filter("store", _("Store"), lambda rows, v: rows.filter(store_id=as_id(v)), _stores),
            Filter("category", _("Category"), _of("variant__product__category_id"), _named(Category)),
            Filter("brand", _("Brand"), _of("variant__product__brand_id"), _named(Brand)),
            Filter("staff", _("Staff"), _of_staff, _named(User)),
            choice_filter("channel", pgettext_lazy("of a sale", "Channel"), Order.Channel.choices),
            Filter("level", _("Level"), _of_level, _named(Level)),
            Filter("tag", _("Tag"), _of_tag, _named(Tag)),
            Filter("novelty", NAMES[By.NOVELTY], lambda rows, v: rows, lambda actor: list(_NOVELTIES)),
            Filter("product", _("Product"), _of("variant__product_id"), _named(Product)),
            Filter("weekday", _("Weekday"), _of_weekday, lambda actor: _weekdays()),
            Filter(
                "hour",
                _("Hour"),
                _of_hour,
                lambda actor: [(hour, f"{hour:02}:00–{hour:02}:59") for hour in range(24)],
            ),
            Filter(
                "tender",
                _("Paid with, also in part"),
                _of_tender,
                lambda actor: list(Tender.objects.order_by("position").values_list("code", "name")),
            ),
        ),
        Filter("since", _("New means first bought since"), lambda rows, v: rows, kind="dates"),
    )

    def __init__(self, actor: Actor, now: datetime) -> None:
        super().__init__(actor, now)
        span = span_of(Preset.MONTH, timezone.localdate(now))
        self._usual = f"{span.first.isoformat()}..{span.last.isoformat()}"

    def state(self, params: QueryDict) -> State:
        state = super().state(params)
        if not state.filters.get("day"):
            state = State(
                state.query, {**state.filters, "day": self._usual}, state.sort, state.cursor, state.size
            )
        return state

    def rows(self, state: State) -> QuerySet[Any]:
        """Who is new depends on the days asked for, or on the day another figure began, so these rows are narrowed
        last."""
        known = dict(_NOVELTIES)
        rows, values = super().rows(state), state.filters.get("novelty", "").split(",")
        if not set(values) <= set(known):
            return rows
        first, _sep, _last = (state.filters.get("since") or state.filters["day"]).partition("..")
        try:
            since = date.fromisoformat(first)
        except ValueError:
            since = date.min
        return any_of(rows, values, lambda of, value: _of_novelty(of, value, since))

    def queryset(self) -> QuerySet[Turnover]:
        rows: QuerySet[Turnover] = Turnover.objects.visible_to(self.actor)
        return rows.select_related("order", "line", "store", "variant__product__unit")
