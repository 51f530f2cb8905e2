"""Forms for one member: points by hand, a level by hand, a reward."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from dianke.loyalty.models import Level, Reward
from dianke.web import formats
from dianke.web.forms import KitForm


class AdjustForm(KitForm):
    """Points more or less, with the reason. The key makes a form that is sent twice one act."""

    points = forms.IntegerField(
        label=_("Points"),
        help_text=_("Below zero takes points away."),
        min_value=-10_000_000,
        max_value=10_000_000,
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)
    expires_on = forms.DateField(
        label=_("Usable through"), required=False, help_text=_("Empty: as the programme says.")
    )
    key = forms.UUIDField(widget=forms.HiddenInput)
    wide = ("reason",)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"key": uuid4()})


class GrantForm(KitForm):
    """A level by hand."""

    level = forms.ModelChoiceField(label=_("Level"), queryset=Level.objects.none())
    to_date = forms.DateField(
        label=_("Last day"), required=False, help_text=_("Empty: until it is withdrawn.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=200)
    wide = ("reason",)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        rows = Level.objects.in_use().filter(programme__is_default=True)
        self.fields["level"].queryset = rows.order_by("rank")  # type: ignore[attr-defined]


class _RewardChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        points = ngettext("%(n)s point", "%(n)s points", obj.points) % {"n": formats.number(obj.points)}
        return f"{obj.name} · {points}"


class RedeemForm(KitForm):
    """A reward for points. Only what the member can have now is offered."""

    reward = _RewardChoice(label=_("Reward"), queryset=Reward.objects.none(), widget=forms.RadioSelect)
    is_handed_over = forms.BooleanField(label=_("Handed over now"), required=False, initial=True)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput)
    wide = ("reward", "note")

    def __init__(self, data: Any = None, *, rewards: Any) -> None:
        super().__init__(data, initial={"key": uuid4(), "is_handed_over": True})
        field: Any = self.fields["reward"]
        field.queryset = rewards
        field.empty_label = None


class InvitationForm(KitForm):
    """The code a friend gave."""

    code = forms.CharField(label=_("Invitation code"), max_length=12)
