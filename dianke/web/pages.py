"""What the page kit itself puts into the frame: the Today page, its commands, the search of pages.

Other rooms do the same from the `ready()` of their own app.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.web import navigation, search
from dianke.web.navigation import Page, Place


def register() -> None:
    """Called once, when the app is ready."""
    navigation.register(
        Page(
            code="web.today",
            label=pgettext_lazy("place", "Today"),
            url_name="today",
            place=Place.TODAY,
            permission="web.use_pages",
            icon="sun",
            order=0,
            phone=10,
        )
    )
    navigation.register(
        Page(
            code="web.styleguide",
            label=_("Style guide"),
            url_name="styleguide",
            place=Place.SETTINGS,
            permission="web.view_styleguide",
            icon="palette",
            order=990,
            words=_("components colours design"),
        )
    )
    search.register(search.PAGES)
