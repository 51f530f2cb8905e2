"""Where the room stands in the navigation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.web import navigation
from dianke.web.navigation import Page, Place

VIEW = "messaging.view_messages"


def register() -> None:
    """Called once, when the app is ready."""
    for page in (
        Page(
            "messaging.messages",
            pgettext_lazy("place", "Messages"),
            "messaging:messages",
            Place.MARKETING,
            VIEW,
            "message",
            60,
            words=_("sms email text outbox sent"),
        ),
        Page(
            "messaging.templates",
            pgettext_lazy("place", "Message templates"),
            "messaging:templates",
            Place.MARKETING,
            VIEW,
            "file-text",
            70,
            words=_("wording words sms email"),
        ),
        Page(
            "messaging.suppressions",
            pgettext_lazy("place", "Left alone"),
            "messaging:suppressions",
            Place.MARKETING,
            "messaging.manage_suppressions",
            "ban",
            80,
            words=_("unsubscribe bounce stop complaint"),
        ),
        Page(
            "messaging.channels",
            pgettext_lazy("place", "Channels"),
            "messaging:channels",
            Place.SETTINGS,
            "messaging.manage_channels",
            "send",
            65,
            words=_("sms email smtp quiet hours limits"),
        ),
        Page(
            "messaging.template_new",
            _("New template"),
            "messaging:template-new",
            Place.MARKETING,
            "messaging.manage_templates",
            "plus",
            is_command=True,
        ),
    ):
        navigation.register(page)
