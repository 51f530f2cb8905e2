"""Templates: `{{ name }}` is replaced by a value, and nothing else is understood; a word nobody knows is an error that
names the nearest one. How long a text message is, and in how many parts it goes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput

VARIABLE = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


class VariableUnknown(InvalidInput):
    code = "message_variable_unknown"
    message = _("“%(name)s” cannot be filled in. Did you mean {{ %(nearest)s }}?")
    default_field = "body"


class VariableOpen(InvalidInput):
    code = "message_variable_open"
    message = _("A variable is written {{ like_this }}: one of its braces is missing.")
    default_field = "body"


class ValueMissing(InvalidInput):
    code = "message_value_missing"
    message = _("Nothing was given for “%(name)s”.")
    default_field = "body"


@dataclass(frozen=True, slots=True)
class Wording:
    """A text cut into words and variables: words at even places, names of variables between them."""

    parts: tuple[str, ...]

    @property
    def variables(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.parts[1::2]))

    def filled(self, values: Mapping[str, str]) -> str:
        """Raises `ValueMissing`."""
        try:
            return "".join(values[part] if place % 2 else part for place, part in enumerate(self.parts))
        except KeyError as error:
            raise ValueMissing(name=error.args[0]) from error


def read_wording(text: str, known: Collection[str]) -> Wording:
    """Raises `VariableUnknown`, `VariableOpen`."""
    parts = VARIABLE.split(text)
    if any("{{" in words or "}}" in words for words in parts[::2]):
        raise VariableOpen
    for name in parts[1::2]:
        if name not in known or not _NAME.match(name):
            raise VariableUnknown(name=name, nearest=nearest(name, known))
    return Wording(tuple(parts))


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name most like it."""
    ordered = sorted(known)
    found = difflib.get_close_matches(name, ordered, 1, 0)
    return found[0] if found else ordered[0]


# --- length of text messages -----------------------------------------------------------------------------------------
_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_TWICE = frozenset("^{}\\[~]|€\f")


@dataclass(frozen=True, slots=True)
class Length:
    """`count` in the units parts are measured by: septets of GSM 03.38, or UTF-16 units where a character needs
    them."""

    count: int
    parts: int
    is_gsm: bool

    @property
    def in_part(self) -> int:
        """How much a part holds."""
        if self.is_gsm:
            return 160 if self.parts <= 1 else 153
        return 70 if self.parts <= 1 else 67


def length_of(text: str) -> Length:
    """160 characters of GSM 03.38 or 70 of others fit one message; in several parts 153 and 67, because each says
    which it is. An emoji counts twice."""
    is_gsm = all(char in _GSM7 or char in _GSM7_TWICE for char in text)
    if is_gsm:
        count = sum(2 if char in _GSM7_TWICE else 1 for char in text)
        single, several = 160, 153
    else:
        count = len(text.encode("utf-16-le")) // 2
        single, several = 70, 67
    parts = 1 if count <= single else -(-count // several)
    return Length(count, parts, is_gsm)
