"""What every template finds: who acts, what they may do, where they are, language and appearance, and which frame
surrounds the page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info
from django.utils.translation import gettext as _

from dianke.access.devices import device_of
from dianke.core.actor import ANONYMOUS, Actor
from dianke.web import navigation, shell

THEME_COOKIE = "dianke_theme"
THEMES = ("system", "light", "dark")

#: One template serves a page, a dialog and a drawer; what is asked for is told by where htmx will put it.
FRAMES = {"div#dialog-body": "web/frames/dialog.html", "div#drawer-body": "web/frames/drawer.html"}
PAGE_FRAME = "web/page.html"


class _RoomCan:
    def __init__(self, actor: Actor, room: str) -> None:
        self._actor = actor
        self._room = room

    def __getitem__(self, verb: str) -> bool:
        return self._actor.can(f"{self._room}.{verb}")


class Can:
    """Asks permissions in templates: `{% if can.work.assign_tasks %}`."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor

    def __getitem__(self, room: str) -> _RoomCan:
        return _RoomCan(self._actor, room)


def frame_of(request: HttpRequest) -> str:
    """The frame template for this request: the page, or the dialog or drawer that htmx asked for."""
    if (
        request.headers.get("HX-Request") != "true"
        or request.headers.get("HX-History-Restore-Request") == "true"
    ):
        return PAGE_FRAME
    return FRAMES.get(request.headers.get("HX-Target", ""), PAGE_FRAME)


def theme_of(request: HttpRequest) -> str:
    """ "system", "light" or "dark": the person's choice, else this device's."""
    user = getattr(request, "user", None)
    chosen = getattr(user, "theme", "") if user is not None and user.is_authenticated else ""
    chosen = (chosen or request.COOKIES.get(THEME_COOKIE, "")).lower()
    return chosen if chosen in THEMES else "system"


def script_texts() -> SafeString:
    """Texts the scripts show, in the language of the page, as a non-executable script element."""
    return json_script(
        {
            "undo": _("Undo"),
            "undone": _("Undone"),
            "close": _("Close"),
            "copied": _("Copied"),
            "copyFailed": _("Copying did not work. Select the text and copy it yourself."),
            "unsaved": _("You have changes that are not saved."),
            "leave": _("Leave without saving"),
            "stay": _("Stay here"),
            "leaveTitle": _("Leave this page?"),
            "confirmTitle": _("Are you sure?"),
            "confirm": _("Confirm"),
            "cancel": _("Cancel"),
            "restored": _("What you typed last time has been put back."),
            "discard": _("Discard it"),
            "selected": _("%n selected"),
            "offline": _("The network is down. What you typed is kept; try again when it is back."),
            "failed": _("This did not work. Please try again; if it stays, tell your administrator."),
            "timeout": _("The server takes too long. Please try again."),
            "problem": _("That did not work"),
            "scanCamera": _("Scan with the camera"),
            "scanHint": _("Hold the code inside the frame."),
            "scanLight": _("Light"),
            "scanRefused": _("Not taken: %s"),
            "scanDenied": _(
                "The camera is blocked. Allow it in the settings of the browser, or type the code."
            ),
            "scanNoCamera": _("No camera was found. Type the code, or use a scanner."),
            "scanFailed": _(
                "The camera cannot be used now. Close other programs that use it, or type the code."
            ),
            "noChart": _("The chart could not be drawn. The figures are in the table below it."),
        },
        "dk-texts",
    )


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context processor. Everything that costs a query is lazy: fragments do not pay for the frame."""
    actor: Actor = getattr(request, "actor", ANONYMOUS)
    match = request.resolver_match
    theme = theme_of(request)
    return {
        "actor": actor,
        "can": Can(actor),
        "frame": frame_of(request),
        "is_fragment": frame_of(request) != PAGE_FRAME,
        "navigation": SimpleLazyObject(
            lambda: navigation.build(actor, request.path, match.view_name if match else "")
        ),
        "store_switch": SimpleLazyObject(lambda: shell.store_switch(actor)),
        "bell": SimpleLazyObject(lambda: shell.bell(actor)),
        "shared_till": SimpleLazyObject(lambda: device_of(request)),
        "theme": theme,
        "themes": THEMES,
        "bs_theme": theme if theme != "system" else "light",
        "language": get_language() or settings.LANGUAGE_CODE,
        "languages": SimpleLazyObject(
            lambda: [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]
        ),
        "script_texts": SimpleLazyObject(script_texts),
    }
