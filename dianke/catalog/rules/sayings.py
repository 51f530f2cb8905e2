"""A finding of the price rules that can be said to a person: a code for programs, a sentence in the language of the
moment. Amounts and weights in a sentence are formatted when it is read, so the same answer serves a clerk in Chinese
and a log in English."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import Text
from dianke.core.money import Money

MG_PER_GRAM = 1000


def grams(weight_mg: int) -> str:
    """A weight for people, without trailing zeros: 10235 -> "10.235 g"."""
    digits = format((Decimal(weight_mg) / MG_PER_GRAM).normalize(), "f")
    return str(_("%(grams)s g") % {"grams": digits})


def percent(basis_points: int) -> str:
    """8800 -> "88%", 8850 -> "88.5%"."""
    return format((Decimal(basis_points) / 100).normalize(), "f") + "%"


@dataclass(frozen=True, slots=True)
class Weight:
    """Whole milligrams that read as grams in a sentence."""

    mg: int


@dataclass(frozen=True, slots=True)
class Said:
    """`text` has `%(name)s` places; `values` may hold Money, Weight, texts and numbers."""

    code: str
    text: Text
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        shown = {name: _shown(value) for name, value in self.values.items()}
        return str(self.text) % shown if shown else str(self.text)


def _shown(value: Any) -> Any:
    if isinstance(value, Money):
        return value.format(get_language() or "zh-hans")
    if isinstance(value, Weight):
        return grams(value.mg)
    return str(value)
