"""The customers behind a figure: who bought what the lines of a sales report tell, narrowed the same way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Count, F, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.customers.queries.search import masked_value, narrowed, preferred_phones
from dianke.insight.models import FIGURES
from dianke.sales.models import Turnover
from dianke.sales.views.report_lines import ReportLines
from dianke.web.listing import Column, Filter, Kind, Listing, Result, State, register


@register
class Buyers(Listing):
    """Profiles that bought something in these days, seen last first; those the reader may see."""

    code = "insight.buyers"
    title = _("Customers who bought")
    permission = FIGURES
    default_sort = "-last_seen_at"
    search_fields = ("name",)
    search_hint = _("Name, pinyin, phone or its last digits, member number")
    columns = (
        Column(
            "name",
            _("Name"),
            value=str,
            is_title=True,
            link=lambda row: reverse("customers:customer", args=[row.pk]),
        ),
        Column(
            "phone",
            _("Phone"),
            value=lambda row: getattr(row, "shown_phone", ""),
            needs="customers.view_contacts",
        ),
        Column("store", _("Home store"), value="store__short_name"),
        Column("owner", _("Person in charge"), value=lambda row: str(row.owner or "")),
        Column("last", _("Last seen"), Kind.INSTANT, value="last_seen_at", sort="last_seen_at"),
    )
    filters = (
        *(each for each in ReportLines.filters if each.code != "kind"),
        Filter(
            "times",
            _("How often"),
            lambda rows, value: rows,
            lambda actor: (("2", _("Two orders or more")),),
            is_quick=True,
        ),
    )
    empty = ("users", _("Nobody you may see bought that in these days."), "", "", "")

    def __init__(self, actor: Actor, now: datetime) -> None:
        super().__init__(actor, now)
        self._lines = ReportLines(actor, now)

    def state(self, params: QueryDict) -> State:
        state = super().state(params)
        days = self._lines.state(params).filters["day"]
        return State(state.query, {**state.filters, "day": days}, state.sort, state.cursor, state.size)

    def queryset(self) -> QuerySet[Customer]:
        return Customer.objects.visible_to(self.actor).heads().select_related("store", "owner")

    def rows(self, state: State) -> QuerySet[Any]:
        """The people of the lines that the same filters leave."""
        sold = self._lines.rows(State(filters=state.filters)).filter(kind=Turnover.Kind.SOLD)
        people = (
            sold.exclude(customer=None)
            .order_by()
            .annotate(head=Coalesce(F("customer__merged_into_id"), F("customer_id")))
            .values("head")
        )
        if state.filters.get("times") == "2":
            people = (
                people.annotate(times=Count("order", distinct=True))
                .filter(times__gte=Value(2))
                .values("head")
            )
        rows: QuerySet[Any] = self.queryset().filter(pk__in=people)
        return self.search(rows, state.query) if state.query else rows

    def search(self, queryset: Any, text: str) -> QuerySet[Any]:
        found: QuerySet[Any] = narrowed(self.actor, queryset, text)
        return found

    def result(self, state: State) -> Result:
        result = super().result(state)
        self._dress(list(result.page.items))
        return result

    def dressed(self, rows: Iterable[Any]) -> Iterator[Any]:
        left = iter(rows)
        while batch := list(islice(left, 500)):
            self._dress(batch)
            yield from batch

    def _dress(self, rows: list[Any]) -> None:
        """Give each row its masked phone. One statement."""
        may = self.actor.can("customers.view_contacts")
        phones = preferred_phones([row.pk for row in rows]) if may and rows else {}
        for row in rows:
            row.shown_phone = masked_value(self.actor, phones.get(row.pk))
