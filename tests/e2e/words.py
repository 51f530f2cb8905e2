"""The wording a Chinese user reads, looked up in the product's own catalogues: stories name what stands in the source."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext, ngettext, pgettext


def zh(message: str, count: int | None = None, *, context: str = "", **values: object) -> str:
    """`message` in simplified Chinese, its `%(name)s` filled in; with `count` the singular of a counted message."""
    with translation.override("zh-hans"):
        if context:
            text = pgettext(context, message)
        elif count is not None:
            text = ngettext(message, message, count)
        else:
            text = gettext(message)
    return text % values if values else text
