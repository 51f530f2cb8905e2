"""What is asked before a document is taken back, and for a cost that comes after a receipt."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from dianke.web.forms import KitForm


class ReversalForm(KitForm):
    """Why a document is taken back; the reason stays with it."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
    wide = ("reason",)


class LaterCostForm(KitForm):
    """An amount spread over the lines of a receipt by their cost; below zero for a credit note."""

    amount = forms.DecimalField(
        label=_("Amount"),
        max_digits=14,
        decimal_places=2,
        help_text=_("Freight, duty, insurance. A credit note of the supplier is entered with a minus."),
    )
    note = forms.CharField(label=_("What for"), max_length=200)
    token = forms.CharField(max_length=40)
    affix = {"amount": _("yuan")}
    wide = ("note",)
