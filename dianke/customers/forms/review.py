"""The reason somebody gives when an entry is refused."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from dianke.web.forms import KitForm


class RefusalForm(KitForm):
    """Why the entry is not taken over."""

    reason = forms.CharField(
        label=_("Why?"),
        max_length=200,
        widget=forms.Textarea,
        help_text=_("Tell the colleague in a few words, so that the next entry is right."),
    )
