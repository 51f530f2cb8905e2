"""Where the room stands in the navigation."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from dianke.web import navigation
from dianke.web.navigation import Page, Place

VIEW, MANAGE = "wallets.view_wallets", "wallets.manage_offers"


def register() -> None:
    """Called once, when the app is ready."""
    for page in (
        Page("wallets.wallets", _("Stored value"), "wallets:wallets", Place.CUSTOMERS, VIEW, "wallet", 45,
             words=_("prepaid balance top up card")),
        Page("wallets.cards", _("Session cards"), "wallets:cards", Place.CUSTOMERS, VIEW, "ticket", 46,
             words=_("course package sessions left")),
        Page("wallets.offers", _("Top-up offers"), "wallets:offers", Place.SETTINGS, VIEW, "gift", 71,
             words=_("bonus top up recharge")),
        Page("wallets.kinds", _("Kinds of session cards"), "wallets:kinds", Place.SETTINGS, VIEW, "ticket", 72,
             words=_("course package")),
        Page("wallets.terms", _("Rules of prepaid value"), "wallets:terms", Place.SETTINGS, VIEW, "gavel", 73,
             words=_("cap refund law limit")),
    ):  # fmt: skip
        navigation.register(replace(page, module="wallets"))
