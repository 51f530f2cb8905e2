"""What a person writes to one customer, and templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.messaging.forms.words import WordsField
from dianke.messaging.models import Channel, Purpose, Template
from dianke.messaging.queries.variables import told
from dianke.web.forms import KitForm


class SendForm(KitForm):
    """`reasons` say beside each channel why it cannot be used, or that it has to wait."""

    channel = forms.ChoiceField(label=_("Channel"), widget=forms.RadioSelect)
    purpose = forms.ChoiceField(label=_("What for"), choices=Purpose.choices, initial=Purpose.CARE)
    template = forms.ModelChoiceField(
        label=_("Template"),
        queryset=Template.objects.none(),
        required=False,
        empty_label=_("In my own words"),
    )
    subject = WordsField(label=_("Subject"), max_length=120, required=False, help_text=_("For emails."))
    body = WordsField(
        label=pgettext_lazy("message", "Text"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    wide = ("channel", "subject")

    def __init__(self, *args: Any, choices: list[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].help_text = _(
            "%(place)s becomes how the customer is addressed. A template has its own words."
        ) % {"place": told("{{ salutation }}")}
        self.fields["channel"].choices = choices  # type: ignore[attr-defined]
        rows = Template.objects.filter(state=Template.State.ACTIVE).order_by("channel", "name")
        self.fields["template"].queryset = rows  # type: ignore[attr-defined]
        self.fields["template"].label_from_instance = lambda row: (  # type: ignore[attr-defined]
            f"{row.get_channel_display()} · {row.name}"
        )


class TemplateForm(KitForm):
    """A template; the channel is chosen once."""

    name = forms.CharField(label=pgettext_lazy("template", "Name"), max_length=40)
    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices)
    purpose = forms.ChoiceField(label=_("What for"), choices=Purpose.choices)
    subject = WordsField(label=_("Subject"), max_length=120, required=False, help_text=_("For emails."))
    body = WordsField(
        label=pgettext_lazy("message", "Text"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 7}),
    )
    signature = forms.CharField(
        label=_("Signature"),
        max_length=12,
        required=False,
        help_text=_("The name in brackets before a text message. Empty: the name of the shop."),
    )
    approved_code = forms.CharField(
        label=_("Approved as"),
        max_length=40,
        required=False,
        help_text=_("Number under which the carrier of text messages, or WeChat, approved these words."),
    )
    # The words last: what can be put into them and how they are read follows.
    field_order = ("name", "channel", "purpose", "signature", "approved_code", "subject", "body")
    wide = ("subject",)

    def __init__(self, *args: Any, row: Template | None = None, **kwargs: Any) -> None:
        if row is not None:
            kwargs["initial"] = {name: getattr(row, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        if row is not None:
            self.fields["channel"].disabled = True

    def values(self) -> Mapping[str, Any]:
        """What operations take."""
        return dict(self.cleaned_data)


class SuppressForm(KitForm):
    """An address to leave alone."""

    channel = forms.ChoiceField(
        label=_("Channel"),
        choices=[(one, Channel(one).label) for one in (Channel.SMS, Channel.EMAIL, Channel.CALL)],
    )
    address = forms.CharField(label=_("Phone number or email address"), max_length=120)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    wide = ("note",)
