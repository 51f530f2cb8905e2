"""What people enter about figures and proposals."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Category
from dianke.web.forms import KitForm


class UnproposedForm(KitForm):
    """Categories that are never proposed, each below the ones it lies in."""

    categories = forms.MultipleChoiceField(
        label=_("Never propose goods of"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("With everything below them."),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        rows = list(Category.objects.in_use())
        names = {row.pk: row.name for row in rows}
        self.fields["categories"].choices = [  # type: ignore[attr-defined]
            (str(row.pk), " › ".join(names[pk] for pk in row.line if pk in names)) for row in _in_order(rows)
        ]


def _in_order(rows: list[Category]) -> list[Category]:
    """Each below the one it lies in."""
    places = {row.pk: (row.position, row.pk) for row in rows}
    return sorted(rows, key=lambda row: [places.get(pk, (0, pk)) for pk in row.line])
