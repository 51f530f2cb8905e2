"""The field of words in which something is filled in: read and typed by what the places are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from dianke.messaging.queries.variables import told, untold
from dianke.messaging.rules.words import VariableUnknown


class WordsField(forms.CharField):
    """Its value has the codes of the places, its text what they are called; codes are understood too. `own` are places
    only the caller knows, with what they are called."""

    def __init__(self, *, own: Mapping[str, str | Promise] | None = None, **kwargs: Any) -> None:
        self.own = own
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"data-words": ""}

    def prepare_value(self, value: Any) -> Any:
        return told(value, self.own) if isinstance(value, str) else value

    def clean(self, value: Any) -> Any:
        words = super().clean(value)
        try:
            return untold(words, self.own)
        except VariableUnknown as error:
            raise forms.ValidationError(
                _("“%(name)s” cannot be filled in. Did you mean “%(nearest)s”?"), params=error.params
            ) from error
