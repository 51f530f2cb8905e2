"""Where the room stands in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.segments.models import MANAGE, VIEW
from dianke.web import navigation
from dianke.web.navigation import Page, Place


def register() -> None:
    """Called once, when the app is ready."""
    navigation.register(
        Page(
            "segments.segments",
            pgettext_lazy("place", "Segments"),
            "segments:segments",
            Place.MARKETING,
            VIEW,
            "users-group",
            5,
            words=_("segment group audience who crowd filter"),
        )
    )
    navigation.register(
        Page(
            "segments.new",
            _("New segment"),
            "segments:new",
            Place.MARKETING,
            MANAGE,
            "plus",
            is_command=True,
        )
    )
