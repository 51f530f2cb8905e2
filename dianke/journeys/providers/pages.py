"""Where the room stands in the navigation."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.journeys.models import MANAGE, VIEW
from dianke.web import navigation
from dianke.web.navigation import Page, Place


def register() -> None:
    """Called once, when the app is ready."""
    for page in (
        Page(
            "journeys.care",
            pgettext_lazy("place", "Care"),
            "journeys:care",
            Place.MARKETING,
            VIEW,
            "heart-handshake",
            6,
            words=_("birthday festival thanks points dormant automatic"),
        ),
        Page(
            "journeys.journeys",
            pgettext_lazy("place", "Journeys"),
            "journeys:journeys",
            Place.MARKETING,
            VIEW,
            "route",
            7,
            words=_("automatic steps wait trigger"),
        ),
        Page(
            "journeys.journey_new",
            _("New journey"),
            "journeys:journey-new",
            Place.MARKETING,
            MANAGE,
            "plus",
            is_command=True,
        ),
    ):
        navigation.register(replace(page, module="promotions"))
