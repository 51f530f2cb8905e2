"""The list of customers by what they are worth: what stands behind every figure of the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.money import Money
from dianke.customers.models import Customer
from dianke.customers.queries.search import masked_value, narrowed, preferred_phones
from dianke.insight.models import VIEW, CustomerMetrics, ValueGroup
from dianke.insight.queries.engine import NoSnapshot
from dianke.insight.queries.people import merchant_currency, people_of_cohort
from dianke.web.listing import (
    BulkAction,
    Column,
    Filter,
    Kind,
    Listing,
    Result,
    choice_filter,
    date_filter,
    register,
)
from dianke.web.listing import State as ListState

SCORES = [(str(n), str(n)) for n in range(5, 0, -1)]
TONES = {
    ValueGroup.CHAMPION: "good",
    ValueGroup.LOYAL: "good",
    ValueGroup.AT_RISK: "bad",
    ValueGroup.CANT_LOSE: "bad",
    ValueGroup.SLIPPING: "wait",
    ValueGroup.ATTENTION: "wait",
    ValueGroup.DORMANT: "off",
    ValueGroup.LOST: "off",
}
_COHORT = re.compile(r"(\d{4})-(\d{2})\.(\d{4})-(\d{2})", re.ASCII)


def _amount(name: str) -> Callable[[Any], Money]:
    return lambda row: Money.from_minor(getattr(row, name), getattr(row, "currency", "CNY"))


@register
class CustomerValues(Listing):
    """Profiles that bought something, those who spent most first."""

    code = "insight.customers"
    title = _("Customers by value")
    permission = VIEW
    search_fields = ("customer__name",)
    search_hint = _("Name, pinyin, phone or its last digits, member number")
    default_sort = "-spend_amount"
    columns = (
        Column(
            "name",
            _("Name"),
            value=lambda row: str(row.customer),
            template="insight/cells/name.html",
            is_title=True,
        ),
        Column(
            "phone",
            _("Phone"),
            value=lambda row: getattr(row, "shown_phone", ""),
            needs="customers.view_contacts",
        ),
        Column(
            "group",
            _("Group"),
            Kind.STATUS,
            value="value_group",
            tone=lambda row: TONES.get(row.value_group, ""),
        ),
        Column("spend", _("Spent"), Kind.MONEY, value=_amount("spend_amount"), sort="spend_amount"),
        Column("orders", _("Orders"), Kind.NUMBER, value="order_count", sort="order_count"),
        Column("last", _("Last purchase"), Kind.DATE, value="last_date", sort="last_date"),
        Column("interval", _("Usual interval in days"), Kind.NUMBER, value="interval_days"),
        Column(
            "year",
            _("Spent in a year"),
            Kind.MONEY,
            value=_amount("spend_365_amount"),
            sort="spend_365_amount",
            is_default=False,
        ),
        Column("average", _("Per order"), Kind.MONEY, value=_amount("average_amount"), is_default=False),
        Column(
            "profit",
            _("Gross profit"),
            Kind.MONEY,
            value=_amount("margin_amount"),
            needs="catalog.view_costs",
            is_default=False,
        ),
        Column(
            "first", _("First purchase"), Kind.DATE, value="first_date", sort="first_date", is_default=False
        ),
        Column(
            "returned",
            pgettext_lazy("money", "Given back"),
            Kind.MONEY,
            value=_amount("returned_amount"),
            is_default=False,
        ),
        Column("recency", _("Recency"), Kind.NUMBER, value="recency_score", is_default=False),
        Column("frequency", _("Frequency"), Kind.NUMBER, value="frequency_score", is_default=False),
        Column("money", pgettext_lazy("score", "Money"), Kind.NUMBER, value="money_score", is_default=False),
    )
    filters = (
        choice_filter("group", _("Group"), ValueGroup.choices, lookup="value_group"),
        choice_filter("was", _("Group last month"), ValueGroup.choices, lookup="group_last_month"),
        choice_filter("recency", _("Recency"), SCORES, lookup="recency_score"),
        choice_filter("frequency", _("Frequency"), SCORES, lookup="frequency_score"),
        choice_filter("money", pgettext_lazy("score", "Money"), SCORES, lookup="money_score"),
        date_filter("last", _("Last purchase"), lookup="last_date"),
        date_filter("first", _("First purchase"), lookup="first_date"),
        Filter("cohort", _("First purchase and month"), lambda rows, value: rows, kind="text"),
    )
    bulk_actions = (
        BulkAction(
            "tag", pgettext_lazy("verb", "Tag"), "customers:taggings", "customers.tag_customers", icon="tag"
        ),
        BulkAction(
            "owner", _("Put in charge"), "customers:owners", "customers.assign_customers", icon="user"
        ),
    )
    empty = (
        "chart-dots",
        _("Nobody has bought anything yet, or nothing was worked out so far."),
        _("To the overview"),
        "insight:customers",
        VIEW,
    )

    def queryset(self) -> QuerySet[CustomerMetrics]:
        return CustomerMetrics.objects.visible_to(self.actor).select_related("customer")

    def filter_cohort(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """ "2026-03.2026-05": who first bought in March and bought in May."""
        found = _COHORT.fullmatch(value)
        if found is None:
            return rows
        year, month, then, later = map(int, found.groups())
        try:
            ids = people_of_cohort(
                self.actor, cohort=date(year, month, 1), month=date(then, later, 1), now=self.now
            )
        except (NoSnapshot, ValueError):
            return rows.none()
        return rows.filter(pk__in=list(ids))

    def search(self, queryset: QuerySet[Any], text: str) -> QuerySet[Any]:
        people = narrowed(self.actor, Customer.objects.visible_to(self.actor).heads(), text)
        return queryset.filter(customer__in=people.order_by().values("pk"))

    def result(self, state: ListState) -> Result:
        result = super().result(state)
        self._dress(list(result.page.items))
        return result

    def dressed(self, rows: Iterable[Any]) -> Iterator[Any]:
        left = iter(rows)
        while batch := list(islice(left, 500)):
            self._dress(batch)
            yield from batch

    def _dress(self, rows: list[Any]) -> None:
        """Give each row what its cells show besides: the masked phone, the currency. Two statements."""
        currency = merchant_currency()
        may = self.actor.can("customers.view_contacts")
        phones = preferred_phones([row.pk for row in rows]) if may and rows else {}
        for row in rows:
            row.currency = currency
            row.shown_phone = masked_value(self.actor, phones.get(row.pk))
