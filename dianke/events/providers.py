"""The room's pages in the navigation. They stand on the page kit, which lies above this room: nothing else of
the room imports them, and the exception is named in the import contract."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dianke.web import navigation
from dianke.web.navigation import Page, Place


def register() -> None:
    """Called once, when the app is ready."""
    navigation.register(
        Page(
            code="events.log",
            label=_("Operation log"),
            url_name="events:log",
            place=Place.SETTINGS,
            permission="events.view_log",
            icon="history",
            order=800,
            words=_("audit who did what"),
        )
    )
    navigation.register(
        Page(
            code="events.failed_reactions",
            label=_("Failed reactions"),
            url_name="events:failed-reactions",
            place=Place.SETTINGS,
            permission="events.manage_dead_letters",
            icon="alert-triangle",
            order=810,
            words=_("errors retry dead letters"),
        )
    )
