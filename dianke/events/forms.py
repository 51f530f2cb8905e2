"""The one form of the room."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from dianke.web.forms import KitForm


class DismissForm(KitForm):
    """Why a failed reaction need not be done any more."""

    reason = forms.CharField(
        label=_("Why is it not needed any more?"),
        max_length=500,
        widget=forms.Textarea,
        help_text=_("Kept with the failed reaction. Please write no names or phone numbers of customers."),
    )
