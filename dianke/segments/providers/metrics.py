"""What insight worked out: how often, how much, when last, which group, what may come."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.models import Category
from dianke.core.actor import Actor
from dianke.insight.models import VIEW, ValueGroup
from dianke.insight.queries.contact import known_channels
from dianke.sales.models import Order
from dianke.segments.providers.profile import stores
from dianke.segments.queries.fields import register_fields
from dianke.segments.rules.fields import Choice, Context, Field, Kind, Plain, Rows

VALUE = pgettext_lazy("fields of segments", "What customers are worth")
MOST_CATEGORIES = 300


def _of(value: str, *, absent: Any = None, today: bool = False) -> Any:
    """A column of the row of values; `absent` counts for who never bought."""
    sql = value.replace("m.", "{c}_m.")
    return lambda at: Plain(sql, (at.today,) if today else (), absent)


def _favourites(at: Context) -> Rows:
    sql = "SELECT m.customer_id, unnest(m.favourite_category_ids) FROM insight_customermetrics AS m WHERE TRUE {at}"
    return Rows(sql, "AND m.customer_id = {c}.id")


def _answers(at: Context) -> Rows:
    sql = "SELECT t.customer_id, t.channel FROM insight_contactpreference AS t WHERE TRUE {at}"
    return Rows(sql, "AND t.customer_id = {c}.id")


def categories(actor: Actor) -> Iterable[Choice]:
    """Categories of goods, with what they stand in."""
    rows = list(Category.objects.in_use()[:MOST_CATEGORIES])
    names = {row.pk: row.name for row in rows}
    return [
        (str(row.pk), " / ".join([*(names[pk] for pk in row.path if pk in names), row.name])) for row in rows
    ]


def register() -> None:
    """Called once, when the apps are ready."""
    amount, number = Kind.AMOUNT, Kind.NUMBER
    score, times = _("1 to 5, 5 is best"), pgettext_lazy("count", "times")
    rows: tuple[tuple[str, Any, Kind, Any, Any], ...] = (
        ("orders", _("Orders"), number, _of("m.order_count", absent=0), times),
        (
            "orders_365",
            _("Orders in a year"),
            number,
            _of("m.order_count_365", absent=0),
            times,
        ),
        ("spend", _("Spent, net of returns"), amount, _of("m.spend_amount", absent=0), ""),
        ("spend_365", _("Spent in a year"), amount, _of("m.spend_365_amount", absent=0), ""),
        ("average", _("Per order"), amount, _of("m.average_amount"), ""),
        ("returned", pgettext_lazy("money", "Given back"), amount, _of("m.returned_amount", absent=0), ""),
        ("first", _("First purchase"), Kind.DATE, _of("m.first_date"), ""),
        ("last", _("Last purchase"), Kind.DATE, _of("m.last_date"), ""),
        ("interval", _("Usual interval"), number, _of("m.interval_days"), _("days")),
        (
            "overdue",
            pgettext_lazy("segment", "Time since the last purchase"),
            number,
            _of("(%s::date - m.last_date) / nullif(m.interval_days, 0)", today=True),
            pgettext_lazy("ratio", "usual intervals"),
        ),
        ("recency", pgettext_lazy("score", "Recency"), number, _of("m.recency_score"), score),
        ("frequency", pgettext_lazy("score", "Frequency"), number, _of("m.frequency_score"), score),
        ("money", pgettext_lazy("score", "Money"), number, _of("m.money_score"), score),
        ("expected", _("Next purchase expected"), Kind.COMING, _of("m.expected_next_date"), ""),
        ("risk", _("Risk of losing"), number, _of("m.churn_risk * 100"), "%"),
        ("lifetime", _("Lifetime value"), amount, _of("m.ltv_amount"), ""),
    )
    register_fields(
        *(
            Field(f"metrics.{code}", VALUE, label, kind, source, permission=VIEW, unit=unit)
            for code, label, kind, source, unit in rows
        ),
        Field(
            "metrics.margin",
            VALUE,
            _("Gross profit"),
            amount,
            _of("m.margin_amount"),
            permission="catalog.view_costs",
        ),
        Field(
            "metrics.group",
            VALUE,
            pgettext_lazy("of customers", "Value group"),
            Kind.CHOICE,
            _of("m.value_group"),
            lambda actor: ValueGroup.choices,
            VIEW,
        ),
        Field(
            "metrics.group_before",
            VALUE,
            _("Value group last month"),
            Kind.CHOICE,
            _of("nullif(m.group_last_month, '')"),
            lambda actor: ValueGroup.choices,
            VIEW,
        ),
        Field(
            "metrics.category",
            VALUE,
            _("Favourite category"),
            Kind.CHOICE,
            _favourites,
            categories,
            VIEW,
            is_id=True,
        ),
        Field(
            "metrics.channel",
            VALUE,
            _("Usual channel"),
            Kind.CHOICE,
            _of("nullif(m.preferred_channel, '')"),
            lambda actor: Order.Channel.choices,
            VIEW,
        ),
        Field(
            "metrics.store",
            VALUE,
            _("Usual store"),
            Kind.CHOICE,
            _of("m.preferred_store_id"),
            stores,
            VIEW,
            is_id=True,
        ),
        Field(
            "metrics.answers",
            VALUE,
            _("Often answers on"),
            Kind.CHOICE,
            _answers,
            lambda actor: known_channels(),
            VIEW,
        ),
    )
