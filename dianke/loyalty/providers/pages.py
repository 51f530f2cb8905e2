"""Where the pages of the room stand in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dianke.web import navigation
from dianke.web.navigation import Page, Place

VIEW, MANAGE = "loyalty.view_members", "loyalty.manage_programme"


def register() -> None:
    """Called once, when the app is ready."""
    navigation.register(
        Page(
            "loyalty.programme",
            _("Levels and points"),
            "loyalty:programme",
            Place.MARKETING,
            VIEW,
            "star",
            20,
            words=_("member tier level points reward gift birthday referral"),
            module="loyalty",
        )
    )
