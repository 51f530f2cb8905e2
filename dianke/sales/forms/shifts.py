"""What is typed at a register: a drawer counted by notes and coins, cash in and out, closing and handing over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.access.models import User
from dianke.catalog.forms.parts import AmountField, plain_amount
from dianke.sales.models import CashMovement
from dianke.sales.operations.cash import KINDS
from dianke.sales.rules.counting import MOST_PIECES, PIECES
from dianke.web.forms import KitForm

#: For a currency nobody listed.
_USUAL = (10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10, 5, 1)
#: Pieces below this (minor units) are hardly in use any more and stand apart.
_SMALL = 10


class PiecesForm(KitForm):
    """So many of each note and coin; what is left empty is none."""

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.values = PIECES.get(currency, _USUAL)
        for value in self.values:
            field = forms.IntegerField(
                label=plain_amount(value, currency),
                min_value=0,
                max_value=MOST_PIECES,
                required=False,
                widget=forms.TextInput(
                    attrs={
                        "class": "form-control num",
                        "inputmode": "numeric",
                        "autocomplete": "off",
                        "data-piece": value,
                        "maxlength": 6,
                    }
                ),
            )
            self.fields[f"piece_{value}"] = field
        self.fields["pieces"] = forms.CharField(required=False, widget=forms.HiddenInput)

    def grouped(self) -> list[tuple[str | Promise, list[forms.BoundField]]]:
        """Without the pieces, which stand in a grid of their own."""
        groups = super().grouped()
        return [
            (heading, [each for each in fields if not each.name.startswith("piece_")])
            for heading, fields in groups
            if any(not each.name.startswith("piece_") for each in fields)
        ]

    @property
    def rows(self) -> list[tuple[int, forms.BoundField]]:
        """Notes and coins in use, the largest first."""
        return [(value, self[f"piece_{value}"]) for value in self.values if value >= _SMALL]

    @property
    def small_rows(self) -> list[tuple[int, forms.BoundField]]:
        return [(value, self[f"piece_{value}"]) for value in self.values if value < _SMALL]

    def pieces(self) -> dict[int, int]:
        """Value → how many, of those that are there."""
        found = {value: self.cleaned_data.get(f"piece_{value}") or 0 for value in self.values}
        return {value: count for value, count in found.items() if count}


class OpenForm(PiecesForm):
    """The float a shift begins with."""

    is_empty = forms.BooleanField(
        label=_("The drawer is empty"),
        required=False,
        help_text=_("Only when nothing lies in it: the shift begins with ¥0."),
    )
    reason = forms.CharField(
        label=_("Why it differs"),
        max_length=200,
        required=False,
        help_text=_("Only when less is there than was left: what do you think happened?"),
    )
    wide = ("reason",)


class CountForm(PiecesForm):
    """The blind count at the end."""


def _in_currency(field: Any, currency: str) -> None:
    """An amount of a drawer: read in its currency, and the unit stands behind it."""
    field.currency = currency
    field.affix = _("yuan") if currency == "CNY" else currency


class CloseForm(KitForm):
    """What stays in the drawer, and why cash is over or short."""

    left_amount = AmountField(
        label=_("Stays in the drawer"), help_text=_("For the next shift. The rest goes into the safe.")
    )
    reason = forms.CharField(
        label=_("Why cash is over or short"),
        max_length=200,
        required=False,
        help_text=_("Only when it is: what do you think happened?"),
    )
    wide = ("reason",)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_currency(self.fields["left_amount"], currency)
        self.fields["reason"].mark = _("needed when it differs")  # type: ignore[attr-defined]


class HandOverForm(PiecesForm):
    """One count ends a shift and begins the colleague's."""

    successor = forms.ModelChoiceField(label=_("Who takes over"), queryset=User.objects.none())
    reason = forms.CharField(
        label=_("Why cash is over or short"),
        max_length=200,
        required=False,
        help_text=_("Only when it is: what do you think happened?"),
    )
    wide = ("reason",)

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["successor"]
        field.queryset = User.objects.filter(pk__in=[each.pk for each in people])  # type: ignore[attr-defined]
        field.label_from_instance = lambda user: user.name  # type: ignore[attr-defined]

    def add_domain_error(self, error: Any) -> None:
        """The operation knows the colleague by number."""
        name = "successor" if error.field == "successor_id" else error.field
        self.add_error(name if name in self.fields else None, str(error))


def _reference() -> Any:
    """A key made when the form is shown: sent twice, cash moves once."""
    return forms.CharField(max_length=60, widget=forms.HiddenInput, initial=lambda: uuid4().hex)


class CashForm(KitForm):
    """Cash in or out besides sales."""

    kind = forms.ChoiceField(label=pgettext_lazy("cash", "What for"))
    amount = AmountField(label=_("Amount"))
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("Stands in the report of the shift.")
    )
    reference = _reference()
    wide = ("reason",)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(CashMovement.Kind.choices)
        self.fields["kind"].choices = [(kind.value, labels[kind]) for kind in KINDS]  # type: ignore[attr-defined]
        _in_currency(self.fields["amount"], currency)


class DropForm(KitForm):
    """Cash from the drawer into the safe."""

    amount = AmountField(label=_("Amount"))
    reason = forms.CharField(label=_("Note"), max_length=200, required=False)
    reference = _reference()
    wide = ("reason",)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_currency(self.fields["amount"], currency)


class DrawerForm(KitForm):
    """Why the drawer is opened although nobody pays."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
    wide = ("reason",)


class NoteForm(KitForm):
    """What was found, what came of it."""

    outcome = forms.CharField(
        label=_("What you found and what came of it"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 200}),
        help_text=_("It stays with the sale."),
    )
