"""Where registers, day closes and the settings of selling stand in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.events.registry import register_kind
from dianke.sales.views.register_parts import CLOSE, CREDIT, RECONCILE, SETTINGS, VIEW
from dianke.web import navigation
from dianke.web.navigation import Page, Place

#: The switch that takes these pages away.
MODULE = "till"


def register() -> None:
    """Called once, when the app is ready."""
    register_kind("sales.tenders_arranged", _("Kinds of payment put into another order"))
    for page in (
        Page("sales.registers", _("Registers and shifts"), "sales:registers", Place.TILL, VIEW, "cash-register", 30,
             words=_("drawer float shift hand over cash count"), module=MODULE),
        Page("sales.shifts", _("Past shifts"), "sales:shifts", Place.TILL, VIEW, "clock", is_command=True,
             words=_("over short who"), module=MODULE),
        Page("sales.day_closes", _("Day close"), "sales:day-closes", Place.TILL, CLOSE, "clipboard-check", 40,
             words=_("z report end of day supplement"), module=MODULE),
        Page("sales.closes", _("Closed days"), "sales:closes", Place.TILL, CLOSE, "calendar", is_command=True,
             module=MODULE),
        Page("sales.z_reports", _("Z reports"), "sales:z-reports", Place.TILL, CLOSE, "report", is_command=True,
             module=MODULE),
        Page("sales.exceptions", _("Sales to look at"), "sales:exceptions", Place.TILL, CLOSE, "alert-triangle", 50,
             words=_("exceptions offline oversold"), module=MODULE),
        Page("sales.offline_tills", _("Tills offline"), "sales:offline-tills", Place.TILL, CLOSE, "device-tablet", 60,
             words=_("journal gaps missing sales clock"), module=MODULE),
        Page("sales.reconciliation", _("Reconciliation"), "sales:reconciliation", Place.MONEY, RECONCILE, "scale", 30,
             words=_("bill wechat alipay bank compare"), module=MODULE),
        Page("sales.credit", _("Credit of customers"), "sales:credit", Place.MONEY, CREDIT, "coin", 40,
             words=_("on account limit owes pay later"), module=MODULE),
        Page("sales.tenders", _("Kinds of payment"), "sales:tenders", Place.SETTINGS, SETTINGS, "cards", 76,
             words=_("cash wechat alipay card tender"), module=MODULE),
        Page("sales.stages", _("Stages of orders"), "sales:stages", Place.SETTINGS, SETTINGS, "list-check", 77,
             words=_("measuring factory delivery gate flow"), module=MODULE),
        Page("sales.receipt_settings", pgettext_lazy("place", "Receipts and printers"), "sales:receipt-settings",
             Place.SETTINGS, SETTINGS, "printer", 78, words=_("paper header footer qr"), module=MODULE),
        Page("sales.offline_limits", _("Limits of selling offline"), "sales:offline-limits", Place.SETTINGS, SETTINGS,
             "cloud-off", 79, words=_("till without network"), module=MODULE),
    ):  # fmt: skip
        navigation.register(page)
