"""Forms of requests about data and of the processing register."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.customers.models import Channel, Customer, ProcessingActivity, Purpose, RequestKind
from dianke.customers.operations.rights import HANDLE, IDENTITY_CHECKS, STOPPABLE
from dianke.web.forms import KitForm

UNCHECKED = ("", _("Not yet"))
#: How a request reaches staff; what customers ask on their phone comes by itself.
CHANNELS = (
    (Channel.COUNTER, _("At the counter")),
    (Channel.WECHAT, Channel.WECHAT.label),
    (Channel.WEB, _("By mail or web form")),
    (Channel.STAFF, _("By phone")),
)


class RequestForm(KitForm):
    """A request that somebody has made to staff. The customer comes with the address or is named by number."""

    number = forms.CharField(
        label=_("Member number"), max_length=24, help_text=_("Stands on the member card and on the profile.")
    )
    kind = forms.ChoiceField(
        label=_("What is asked for"), choices=RequestKind.choices, widget=forms.RadioSelect
    )
    channel = forms.ChoiceField(label=_("How it came"), choices=CHANNELS)
    identity_checked_how = forms.ChoiceField(
        label=_("How did you make sure it is this person?"),
        required=False,
        choices=[UNCHECKED, *IDENTITY_CHECKS.items()],
    )
    details = forms.CharField(
        label=_("What exactly"),
        required=False,
        max_length=400,
        widget=forms.Textarea,
        help_text=_("Without names and numbers: this note outlives the person's data."),
    )
    wide = ("number", "kind")

    def __init__(self, *args: Any, actor: Actor, customer: Customer | None = None, **kwargs: Any) -> None:
        self.actor, self.customer = actor, customer
        super().__init__(*args, **kwargs)
        if customer is not None:
            del self.fields["number"]

    def clean_number(self) -> str:
        number = self.cleaned_data["number"].strip()
        rows = Customer.objects.visible_to(self.actor, HANDLE).in_use()
        self.customer = rows.filter(member_number=number).first()
        if self.customer is None:
            raise forms.ValidationError(
                _("There is no customer with this number whose requests you handle. Check the number.")
            )
        return number


class IdentityForm(KitForm):
    how = forms.ChoiceField(
        label=_("How did you make sure it is this person?"),
        choices=IDENTITY_CHECKS.items(),
        widget=forms.RadioSelect,
    )


class AnswerForm(KitForm):
    answer = forms.CharField(
        label=_("What the customer was told or given"), max_length=400, widget=forms.Textarea
    )


class RefusalForm(KitForm):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=400,
        widget=forms.Textarea,
        help_text=_("The law wants the customer to be told the reason."),
    )


class StopForm(KitForm):
    purposes = forms.MultipleChoiceField(
        label=_("Uses that stop from now on"),
        choices=[(purpose.value, purpose.label) for purpose in STOPPABLE],
        widget=forms.CheckboxSelectMultiple,
        initial=[Purpose.MARKETING.value],
    )
    answer = forms.CharField(
        label=_("What the customer was told or given"),
        required=False,
        max_length=400,
        widget=forms.Textarea,
    )


class ErasureForm(KitForm):
    """Asking for an erasure, or, alone, doing it: the number is typed once more."""

    number = forms.CharField(label=_("Member number, typed once more"), max_length=24)
    reason = forms.CharField(
        label=_("Why it is asked for"),
        max_length=400,
        widget=forms.Textarea,
        help_text=_("Without names and numbers: this note outlives the person's data."),
    )
    wide = ("number",)

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        self.expected = expected
        super().__init__(*args, **kwargs)

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"].strip()
        if number != self.expected:
            raise forms.ValidationError(
                _("This is another number. Check that you have the right customer before you.")
            )
        return number


class ActivityForm(KitForm):
    """An entry of the processing register."""

    name = forms.CharField(label=_("Activity"), max_length=80)
    purpose = forms.CharField(label=_("What for"), max_length=200, widget=forms.Textarea)
    ground = forms.CharField(label=_("Legal ground"), max_length=80)
    categories = forms.CharField(label=_("Kinds of data"), max_length=200, widget=forms.Textarea)
    recipients = forms.CharField(label=_("Who receives it"), max_length=200, required=False)
    retention = forms.CharField(label=_("Kept for"), max_length=120)
    is_sensitive = forms.BooleanField(label=_("Sensitive data"), required=False)
    wide = ("name", "recipients", "retention", "ground")

    def __init__(self, *args: Any, activity: ProcessingActivity | None = None, **kwargs: Any) -> None:
        if activity is not None:
            kwargs.setdefault("initial", {name: getattr(activity, name) for name in self.base_fields})
        super().__init__(*args, **kwargs)
