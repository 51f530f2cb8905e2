"""Where the room stands in the navigation."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.marketing.models import MANAGE, VIEW
from dianke.web import navigation
from dianke.web.navigation import Page, Place


def register() -> None:
    """Called once, when the app is ready."""
    for page in (
        Page(
            "marketing.campaigns",
            pgettext_lazy("place", "Campaigns"),
            "marketing:campaigns",
            Place.MARKETING,
            VIEW,
            "speakerphone",
            5,
            words=_("send message audience coupon result"),
        ),
        Page(
            "marketing.calendar",
            _("Calendar of campaigns"),
            "marketing:calendar",
            Place.MARKETING,
            VIEW,
            "calendar",
            is_command=True,
        ),
        Page(
            "marketing.compare",
            _("Campaigns beside each other"),
            "marketing:compare",
            Place.MARKETING,
            VIEW,
            "chart-bar",
            is_command=True,
        ),
        Page(
            "marketing.campaign_new",
            _("New campaign"),
            "marketing:campaign-new",
            Place.MARKETING,
            MANAGE,
            "plus",
            is_command=True,
        ),
    ):
        navigation.register(replace(page, module="promotions"))
