"""Fields the forms of the room share: amounts as people type them, weights in grams, percentages.

Each gives the whole number the tables hold: minor units, milligrams, basis points.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput
from dianke.core.money import Money, digits_of, parse

_BETWEEN = re.compile(r"[\s,，、;；/|]+")
MG_PER_GRAM = 1000
#: A ton; more is a slip.
MOST_MG = 10**9


class AmountField(forms.CharField):
    """An amount of money; cleaned to minor units, or None."""

    def __init__(self, *, currency: str = "CNY", **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 24)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)
        self.currency = currency

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse(text, self.currency).to_minor()
        except InvalidInput as error:
            raise ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        return plain_amount(value, self.currency) if isinstance(value, int) else value


def plain_amount(minor: int, currency: str) -> str:
    """Minor units as one would type them: 1980000 -> "19800", 1980050 -> "19800.50"."""
    money = Money.from_minor(minor, currency).amount
    return format(money.quantize(Decimal(1)) if money == money.to_integral_value() else money, "f")


class GramsField(forms.CharField):
    """A weight in grams with up to three decimals; cleaned to whole milligrams, or None."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 16)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return milligrams(text) if text else None

    def prepare_value(self, value: Any) -> Any:
        return plain_grams(value) if isinstance(value, int) else value


def milligrams(text: str) -> int:
    """Grams as typed, in milligrams. Raises ValidationError."""
    shown = text.strip().removesuffix("g").removesuffix(str(_("g"))).strip()
    try:
        exact = Decimal(shown) * MG_PER_GRAM
    except InvalidOperation:
        exact = Decimal(-1)
    if not exact.is_finite() or not 0 <= exact <= MOST_MG:
        raise ValidationError(
            _("“%(text)s” is not a weight. Enter grams, for instance 3.52.") % {"text": text}
        )
    if exact != exact.to_integral_value():
        raise ValidationError(_("A weight has at most three decimals of a gram."))
    return int(exact)


def plain_grams(weight_mg: int) -> str:
    """Milligrams as one would type them: 3520 -> "3.52"."""
    return format((Decimal(weight_mg) / MG_PER_GRAM).normalize(), "f")


class PercentField(forms.DecimalField):
    """A percentage with up to two decimals; cleaned to basis points, or None."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("decimal_places", 2)
        kwargs.setdefault("max_digits", 7)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        return None if found is None else int(found * 100)

    def prepare_value(self, value: Any) -> Any:
        return format((Decimal(value) / 100).normalize(), "f") if isinstance(value, int) else value


def money_digits(currency: str) -> int:
    """Decimals of the currency, for hints."""
    return digits_of(currency)


def names_side_by_side(text: str) -> list[str]:
    """The values of "S M L" or "藏青色，米白色", each once."""
    return list(dict.fromkeys(each[:40] for each in _BETWEEN.split(text) if each))
