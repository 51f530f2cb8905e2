"""What the page of a customer says of orders: what was bought in a year, the last visit, the newest orders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Max, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from dianke.customers.queries.panels import Section, Value, register_section, register_value
from dianke.customers.queries.profile import Profile
from dianke.loyalty.queries.paid_levels import levels_for_sale
from dianke.sales.models import Order
from dianke.sales.views.orders_rows import SELL, VIEW, shown
from dianke.web import formats
from dianke.web.components import Stat

SHOWN = 5
YEAR = timedelta(days=365)
_MADE = ~Q(state__in=[Order.State.DRAFT, Order.State.CANCELLED])


def _figures(profile: Profile) -> Mapping[str, Any]:
    """Amount and number of a year, the last visit, how many open; read once per page. One query."""
    known: Mapping[str, Any] | None = vars(profile).get("_order_figures")
    if known is None:
        rows = Order.objects.visible_to(profile.actor).filter(customer__in=profile.member_ids)
        lately = _MADE & Q(occurred_at__gte=profile.now - YEAR)
        known = vars(profile)["_order_figures"] = rows.aggregate(
            amount=Sum(F("total_amount") - F("returned_amount"), filter=lately),
            count=Count("pk", filter=lately),
            last=Max("occurred_at", filter=_MADE),
            currency=Max("currency"),
        )
    return known


def _spent(profile: Profile) -> Stat | None:
    found = _figures(profile)
    if found["last"] is None:
        return None
    count = found["count"]
    return Stat(
        _("Bought in 12 months"),
        shown(found["amount"] or 0, found["currency"]),
        note=ngettext("%(count)s order", "%(count)s orders", count) % {"count": count},
        url=all_of(profile),
    )


def _last_visit(profile: Profile) -> Stat | None:
    last: datetime | None = _figures(profile)["last"]
    if last is None:
        return None
    return Stat(
        pgettext("customer", "Last bought"), formats.short_day(timezone.localdate(last), profile.today)
    )


def all_of(profile: Profile) -> str:
    """The list of all orders of the profile."""
    return f"{reverse('sales:orders')}?{urlencode({'customer': profile.head.member_number})}"


def _section(profile: Profile) -> Mapping[str, Any] | None:
    """The newest orders, and whether levels are sold. Two queries."""
    may_sell = profile.actor.can(SELL) and not profile.is_frozen
    rows = Order.objects.visible_to(profile.actor).filter(customer__in=profile.member_ids)
    found = list(rows.select_related("store").order_by("-occurred_at", "-pk")[:SHOWN])
    if not found and not may_sell:
        return None
    return {
        "rows": [
            {
                "order": order,
                "url": reverse("sales:order", args=[order.pk]),
                "total": shown(order.total_amount, order.currency),
                "due": shown(order.due_amount, order.currency) if order.is_open and order.due_amount else "",
            }
            for order in found
        ],
        "all_url": all_of(profile) if found else "",
        "level_url": (
            reverse("sales:sell-level", args=[profile.head.pk])
            if may_sell and levels_for_sale("CNY").exists()
            else ""
        ),
        "new_url": f"{reverse('sales:order-new')}?customer={profile.head.pk}" if may_sell else "",
    }


def register() -> None:
    """Called once, when the apps are ready."""
    register_value(Value("sales.spent", VIEW, _spent, 10))
    register_value(Value("sales.last_visit", VIEW, _last_visit, 20))
    register_section(
        Section(
            "sales.orders",
            gettext_lazy("Orders"),
            "sales/orders/parts/of_customer.html",
            VIEW,
            _section,
            15,
            "side",
        )
    )
