"""What a merchant may ask of a field of the entry form: which fields there are, where they stand, and which
patterns are safe to check while somebody waits.

A pattern is a regular expression without what can take forever: no back references, no repeats inside
repeats, at most two open-ended ones. Everything else a shop wants (eight digits, letters and a number) can be
written so.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput
from dianke.customers.rules.shapes import RULED

#: Python's own reader of patterns, to see what one asks for; it has no public door.
kinds, parser = import_module("re._constants"), import_module("re._parser")

LABELS: Mapping[str, str | Promise] = {
    "phone": _("Phone number"),
    "name": _("Name"),
    "gender": _("Gender"),
    "birthday": _("Birthday"),
    "email": _("Email"),
    "wechat": _("WeChat ID"),
    "address": _("Address"),
    "occupation": _("Occupation"),
    "company": _("Works at"),
    "note": _("Note"),
}
#: Asked at the top of the form; the rest stands behind “More” until the merchant requires it.
AT_THE_TOP = ("phone", "name", "gender", "birthday")
#: Without these nobody is found again: they are asked in every shop.
ALWAYS_ASKED = frozenset({"phone", "name"})
#: Fields that are chosen or read in a form of their own: a pattern or a length says nothing about them.
WITHOUT_PATTERN = frozenset({"gender", "birthday"})
MOST_OPEN_REPEATS = 2
MOST_LENGTH = 500

assert set(LABELS) == set(RULED)


class PatternNotReadable(InvalidInput):
    code = "pattern_not_readable"
    message = _(
        "This pattern cannot be read. Eight digits are \\d{8}, two letters and a number [A-Z]{2}\\d+."
    )
    default_field = "pattern"


class PatternTooSlow(InvalidInput):
    code = "pattern_too_slow"
    message = _(
        "This pattern could take forever on some entries. Leave out repeats inside repeats and back references."
    )
    default_field = "pattern"


class LengthsCrossed(InvalidInput):
    code = "lengths_crossed"
    message = _("At least %(shortest)s and at most %(longest)s characters fit no entry.")
    default_field = "longest"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of one field; `field` as in `RULED` or `custom_<key>`."""

    field: str
    is_shown: bool = True
    is_required: bool = False
    pattern: str = ""
    shortest: int | None = None
    longest: int | None = None
    hint: str = ""

    @property
    def is_plain(self) -> bool:
        """Whether it asks nothing beyond what is asked without a rule."""
        return self == Asked(self.field)


def usual(field: str) -> Asked:
    """What holds for a field the merchant decided nothing about."""
    return Asked(field)


def check_asked(asked: Asked) -> Asked:
    """The same, with what contradicts itself settled: what is required is shown, phone and name always are.

    Raises `PatternNotReadable`, `PatternTooSlow`, `LengthsCrossed`.
    """
    pattern = "" if asked.field in WITHOUT_PATTERN else asked.pattern.strip()
    if pattern:
        check_pattern(pattern)
    shortest = None if asked.field in WITHOUT_PATTERN else asked.shortest or None
    longest = None if asked.field in WITHOUT_PATTERN else asked.longest or None
    if shortest and longest and shortest > longest:
        raise LengthsCrossed(shortest=shortest, longest=longest)
    return Asked(
        asked.field,
        is_shown=asked.is_shown or asked.is_required or asked.field in ALWAYS_ASKED,
        is_required=asked.is_required,
        pattern=pattern,
        shortest=shortest,
        longest=longest,
        hint=" ".join(asked.hint.split())[:80],
    )


def check_pattern(pattern: str) -> None:
    """Raises `PatternNotReadable`, `PatternTooSlow`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = parser.parse(pattern)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise PatternNotReadable from error
    if _open_repeats(tree, inside=False) > MOST_OPEN_REPEATS:
        raise PatternTooSlow


def _open_repeats(tree: Any, *, inside: bool) -> int:
    """How many repeats without a small end stand in a parsed pattern. Raises `PatternTooSlow` for what
    multiplies.
    """
    found = 0
    for kind, argument in tree:
        if kind in (kinds.GROUPREF, kinds.GROUPREF_EXISTS, kinds.ASSERT, kinds.ASSERT_NOT):
            raise PatternTooSlow
        if kind in (kinds.MAX_REPEAT, kinds.MIN_REPEAT, kinds.POSSESSIVE_REPEAT):
            least, most, repeated = argument
            is_open = most - least > 20 if isinstance(most, int) else True
            if inside:
                raise PatternTooSlow
            is_optional = (least, most) == (0, 1)
            within = _open_repeats(repeated, inside=most != least and not is_optional)
            found += is_open + within * (int(most) if most == least else 1)
        elif kind is kinds.SUBPATTERN:
            found += _open_repeats(argument[-1], inside=inside)
        elif kind is kinds.ATOMIC_GROUP:
            found += _open_repeats(argument, inside=inside)
        elif kind is kinds.BRANCH:
            if inside:
                raise PatternTooSlow
            found += sum(_open_repeats(branch, inside=inside) for branch in argument[1])
    return found
