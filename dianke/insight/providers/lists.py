"""What customers are worth in their list: filters by what they spent in a year and by their group."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from dianke.core.actor import Actor
from dianke.core.money import Money
from dianke.customers.views.listings import CustomerListing, register_filter
from dianke.insight.models import VIEW, CustomerMetrics, ValueGroup
from dianke.insight.queries.people import merchant_currency
from dianke.web.formats import money
from dianke.web.listing import Filter

#: Bounds between the ranges of what was spent, in minor units.
BOUNDS = (500_00, 2_000_00, 10_000_00, 50_000_00)
NOTHING = "0"


def _spent(actor: Actor) -> list[tuple[str, str]]:
    if not actor.can(VIEW):
        return []
    currency = merchant_currency()
    shown = [money(Money.from_minor(bound, currency)) for bound in BOUNDS]
    middle = [
        (str(place), _("%(low)s to %(high)s") % {"low": shown[place - 2], "high": shown[place - 1]})
        for place in range(2, len(BOUNDS) + 1)
    ]
    return [
        (NOTHING, pgettext("spent", "Nothing")),
        ("1", _("Less than %(amount)s") % {"amount": shown[0]}),
        *middle,
        (str(len(BOUNDS) + 1), _("%(amount)s and more") % {"amount": shown[-1]}),
    ]


def _groups(actor: Actor) -> list[Any]:
    return list(ValueGroup.choices) if actor.can(VIEW) else []


def _narrow_spent(listing: CustomerListing, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    """Who spent an amount of this range within a year; nobody for who may not see it."""
    if value not in {code for code, _label in _spent(listing.actor)}:
        return rows.none()
    spent = CustomerMetrics.objects.filter(spend_365_amount__gt=0)
    if value == NOTHING:
        return rows.exclude(pk__in=spent.values("pk"))
    bounds = (1, *BOUNDS)
    place = int(value)
    spent = spent.filter(spend_365_amount__gte=bounds[place - 1])
    if place < len(bounds):
        spent = spent.filter(spend_365_amount__lt=bounds[place])
    return rows.filter(pk__in=spent.values("pk"))


def _narrow_group(listing: CustomerListing, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    if not listing.actor.can(VIEW):
        return rows.none()
    return rows.filter(pk__in=CustomerMetrics.objects.filter(value_group=value).values("pk"))


def register() -> None:
    """Called once, when the app is ready."""
    register_filter(
        Filter("spent", gettext_lazy("Spent in a year"), lambda rows, value: rows, _spent), _narrow_spent
    )
    register_filter(
        Filter("worth", pgettext_lazy("of a customer", "Value"), lambda rows, value: rows, _groups),
        _narrow_group,
    )
