"""Setting up channels: who carries one with which access, limits, quiet hours, a test."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.messaging.models import ChannelSetting, SendingRules
from dianke.messaging.operations.channels import LIMITS
from dianke.messaging.rules.carriers import AccessField, Carrier
from dianke.web.forms import KitForm


class ChannelForm(KitForm):
    """The fields of a carrier are those it asks for. A secret that is there is never shown: empty keeps it."""

    is_on = forms.BooleanField(label=pgettext_lazy("of a channel", "In use"), required=False, initial=True)
    day_limit = forms.IntegerField(label=_("A day"), min_value=0, max_value=100, required=False)
    week_limit = forms.IntegerField(label=_("In seven days"), min_value=0, max_value=100, required=False)
    month_limit = forms.IntegerField(label=_("In thirty days"), min_value=0, max_value=100, required=False)
    month_quota = forms.IntegerField(
        label=_("Messages in a month"),
        min_value=0,
        max_value=10_000_000,
        required=False,
        help_text=_("For everybody together. Empty: no limit."),
    )

    def __init__(self, *args: Any, carrier: Carrier, row: ChannelSetting | None, **kwargs: Any) -> None:
        is_same = row is not None and row.carrier == carrier.code
        access = dict(row.access or {}) if row is not None and is_same else {}
        if row is not None:
            kwargs["initial"] = {name: getattr(row, name) for name in ("is_on", *LIMITS)}
        fields = carrier.fields
        together = dict.fromkeys(field.section for field in fields if field.section)
        self.sections = (
            (_("Access"), tuple(field.code for field in fields if not field.section)),
            *(
                (section, tuple(field.code for field in fields if field.section == section))
                for section in together
            ),
            (_("At most to one person"), ("day_limit", "week_limit", "month_limit")),
            (_("At most in all"), ("month_quota",)),
        )
        self.wide = tuple(field.code for field in fields if field.is_long)
        for field in fields:
            self.base_fields = {**self.base_fields, field.code: _made(field, access)}  # type: ignore[misc]
        super().__init__(*args, **kwargs)
        self.carrier = carrier

    def access(self) -> dict[str, str]:
        return {field.code: str(self.cleaned_data.get(field.code) or "") for field in self.carrier.fields}

    def limits(self) -> dict[str, int | None]:
        return {name: self.cleaned_data[name] for name in LIMITS}


def _made(field: AccessField, access: dict[str, Any]) -> forms.Field:
    is_kept = field.is_secret and bool(access.get(field.code))
    help_text = str(_("Kept. Empty: stays as it is.") if is_kept else field.help)
    initial = "" if field.is_secret else access.get(field.code, field.default)
    required = field.is_needed and not is_kept
    if field.choices:
        return forms.ChoiceField(
            label=str(field.label),
            choices=list(field.choices),
            initial=initial,
            required=required,
            help_text=help_text,
        )
    widget: forms.Widget = forms.TextInput()
    if field.is_long:
        widget = forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"})
    elif field.is_secret:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(
        label=str(field.label),
        initial=initial,
        required=required,
        help_text=help_text,
        max_length=5000 if field.is_long else 200,
        widget=widget,
    )


class RulesForm(KitForm):
    """Quiet hours and limits over all channels."""

    quiet_from = forms.TimeField(label=_("Quiet from"))
    quiet_to = forms.TimeField(label=_("Until"), help_text=_("Earlier than the beginning: on the next day."))
    day_limit = forms.IntegerField(label=_("A day"), min_value=0, max_value=50)
    week_limit = forms.IntegerField(label=_("In seven days"), min_value=0, max_value=100)
    month_limit = forms.IntegerField(label=_("In thirty days"), min_value=0, max_value=300)
    sections = (
        (_("Quiet hours"), ("quiet_from", "quiet_to")),
        (_("At most to one person, over all channels"), ("day_limit", "week_limit", "month_limit")),
    )

    def __init__(self, *args: Any, row: SendingRules, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(row, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)


class TestForm(KitForm):
    """Where the test goes."""

    __test__ = False
    to = forms.CharField(label=_("Your own number or address"), max_length=120)
    text = forms.CharField(
        label=pgettext_lazy("message", "Text"),
        max_length=200,
        initial=_("This is a test."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
