"""Where the till stands in the navigation and among the commands."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.web import navigation
from dianke.web.navigation import Page, Place


def register() -> None:
    """Called once, when the apps are ready."""
    navigation.register(
        Page(
            "sales.till",
            pgettext_lazy("till", "Till"),
            "sales:till",
            Place.TILL,
            "sales.sell",
            "cash-register",
            order=5,
            phone=30,
            module="till",
            words=_("checkout counter sell scan cash register pay"),
        )
    )
