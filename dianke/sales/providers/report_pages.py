"""Where reports of sales stand in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dianke.events.registry import register_kind
from dianke.sales.models.turnover import REPORTS
from dianke.sales.operations.history import BRING_IN
from dianke.web import navigation
from dianke.web.navigation import Page, Place


def register() -> None:
    """Called once, when the app is ready."""
    register_kind("sales.history_brought_in", _("%(count)s past sales brought in"))
    navigation.register(
        Page(
            "sales.reports",
            _("Sales reports"),
            "sales:reports",
            Place.INSIGHT,
            REPORTS,
            "chart-bar",
            10,
            words=_("turnover revenue profit margin discounts returns by product category staff"),
            module="till",
        )
    )
    navigation.register(
        Page(
            "sales.report_lines",
            _("Lines of the report"),
            "sales:report-lines",
            Place.INSIGHT,
            REPORTS,
            "list-details",
            20,
            words=_("lines sold returned"),
            module="till",
        )
    )
    for code, label, url, icon, position in (
        ("sales.history_lines", _("Lines of past orders"), "sales:history-lines", "history", 80),
        ("sales.history_goods", _("Names of past goods"), "sales:history-goods", "tags", 81),
    ):
        navigation.register(
            Page(
                code,
                label,
                url,
                Place.ORDERS,
                BRING_IN,
                icon,
                position,
                words=_("import orders of before"),
                module="till",
            )
        )
