"""The language and manners of the command line.

Commands speak before Django is set up (that costs a second, `dianke --help` should not), so their words come
straight from the compiled catalogues. The language is the person's locale; Chinese where it says nothing.
"""

from __future__ import annotations

import gettext as catalogues
import os
import sys
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def language() -> str:
    """ "zh-hans", "zh-hant" or "en", from `DIANKE_LANGUAGE` or the locale of the person at the keyboard."""
    names = ("DIANKE_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    chosen = next((os.environ[name] for name in names if os.environ.get(name)), "").lower().replace("_", "-")
    if chosen.startswith("en"):
        return "en"
    if any(mark in chosen for mark in ("hant", "-tw", "-hk", "-mo")):
        return "zh-hant"
    return "zh-hans"


@cache
def _catalogue(code: str) -> catalogues.NullTranslations:
    folder = {"zh-hans": "zh_Hans", "zh-hant": "zh_Hant"}.get(code, code)
    return catalogues.translation("django", _PACKAGE / "config" / "locale", [folder], fallback=True)


def gettext(text: str) -> str:
    """`text` in the language of the person at the keyboard."""
    return _catalogue(language()).gettext(text)


def say(text: str = "") -> None:
    """One line to the person at the keyboard."""
    print(text, file=sys.stdout, flush=True)  # noqa: T201


def complain(text: str) -> None:
    """One line about something that went wrong."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def set_up_django() -> None:
    """Django with all rooms, in the language of the person at the keyboard."""
    import django
    from django.utils import translation

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dianke.config.settings")
    django.setup()
    translation.activate(language())


def set_up_words() -> None:
    """As much of Django as named errors need to be worded; nothing if Django is set up already."""
    import django
    from django.apps import apps
    from django.conf import settings
    from django.utils import translation

    if not settings.configured:
        places = [_PACKAGE / room / "locale" for room in ("core", "config")]
        settings.configure(USE_I18N=True, LANGUAGE_CODE=language(), LOCALE_PATHS=places, INSTALLED_APPS=[])
    if not apps.ready:
        django.setup()
    translation.activate(language())
