"""Forms on the customer's own phone. They work without scripts: a button that sends a code posts the same form, and
everything typed comes back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.errors import DiankeError, InvalidInput
from dianke.core.phone import Phone, PhoneKind
from dianke.core.phone import parse as parse_phone
from dianke.customers.models import Calendar, ConsentText, Customer, Gender, Purpose, RequestKind
from dianke.customers.queries.portal import ASKED
from dianke.customers.rules.addresses import AddressEntry
from dianke.customers.rules.dates import OLDEST, DateEntry
from dianke.customers.rules.entry import Entry, EntryProblems
from dianke.stores.queries import local_date
from dianke.web.forms import KitForm

_SPACES = re.compile(r"\s+")
_BIRTHDAY = ("calendar", "year", "month", "day", "is_leap")


class NotAMobile(InvalidInput):
    code = "not_a_mobile"
    message = _("A code can only be sent to a mobile number. Enter one, please.")
    default_field = "phone"


class PhoneField(forms.CharField):
    """A mobile number; cleans to a `Phone`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Mobile number"))
        super().__init__(max_length=24, **kwargs)
        self.widget = forms.TextInput(
            attrs={"inputmode": "tel", "autocomplete": "tel", "class": "form-control", "maxlength": 24}
        )

    def clean(self, value: Any) -> Phone | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            phone = parse_phone(text)
        except InvalidInput as error:
            raise forms.ValidationError(str(error)) from error
        if phone.kind not in (PhoneKind.MOBILE, PhoneKind.MOBILE_OR_LANDLINE):
            raise forms.ValidationError(str(NotAMobile()))
        return phone


class PortalForm(KitForm):
    """What the forms here share: the code with the proof of where it was asked for."""

    proof = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    code = forms.CharField(
        label=_("Code from the message"),
        required=False,
        max_length=12,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "pattern": "[0-9 ]*"}
        ),
    )

    def clean_code(self) -> str:
        return _SPACES.sub("", str(self.cleaned_data["code"]))

    def refuse(self, error: DiankeError) -> None:
        """Put a named error, or each of several, beside its field."""
        if isinstance(error, EntryProblems) and error.errors:
            for field, each in error.errors.items():
                self.add_error(field if field in self.fields else None, str(each))
        else:
            self.add_domain_error(error)

    def keep_only(self, *names: str) -> bool:
        """Check these fields alone, as a code is asked for before the rest is filled in; True when they are right."""
        self.full_clean()
        for name in list(self.errors):
            if name not in names:
                del self.errors[name]
        return not self.errors

    def with_proof(self, proof: str) -> None:
        """Let the form carry the proof of the code just sent, and forget an older code."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data[self.add_prefix("proof")], data[self.add_prefix("code")] = proof, ""
        self.data = data
        self.fields["code"].widget.attrs["autofocus"] = True


class BirthdayForm(PortalForm):
    """A birthday in either calendar. The year may be left out."""

    calendar = forms.ChoiceField(
        label=_("Calendar"), choices=Calendar.choices, required=False, widget=forms.RadioSelect
    )
    year = forms.TypedChoiceField(label=_("Year"), required=False, coerce=int, empty_value=None)
    month = forms.TypedChoiceField(label=_("Month"), required=False, coerce=int, empty_value=None)
    day = forms.TypedChoiceField(
        label=pgettext_lazy("of a birthday", "Day"), required=False, coerce=int, empty_value=None
    )
    is_leap = forms.BooleanField(label=_("Leap month"), required=False)

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.today = local_date(now)
        years = range(self.today.year, self.today.year - OLDEST, -1)
        self._choices("year", _("Year"), years)
        self._choices("month", _("Month"), range(1, 13))
        self._choices("day", pgettext_lazy("of a birthday", "Day"), range(1, 32))
        if not self.is_bound:
            self.initial.setdefault("calendar", Calendar.SOLAR)

    def _choices(self, name: str, label: Any, numbers: range) -> None:
        field: Any = self.fields[name]
        field.choices = [("", label), *((str(number), str(number)) for number in numbers)]
        field.widget.attrs["aria-label"] = label

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        data["birthday"] = None
        month, day = data.get("month"), data.get("day")
        if month is None and day is None:
            return data
        if month is None or day is None:
            self.add_error("day", _("Choose month and day, or leave the birthday empty."))
            return data
        is_lunar = data.get("calendar") == Calendar.LUNAR
        birthday = DateEntry(
            calendar=Calendar.LUNAR if is_lunar else Calendar.SOLAR,
            year=data.get("year"),
            month=month,
            day=day,
            is_leap=is_lunar and bool(data.get("is_leap")),
        )
        try:
            data["birthday"] = birthday.checked(today=self.today, field="day")
        except InvalidInput as error:
            self.add_error("day", str(error))
        return data

    @staticmethod
    def initial_of(birthday: DateEntry | None) -> dict[str, Any]:
        return {name: getattr(birthday, name) for name in _BIRTHDAY} if birthday else {}


class RegistrationForm(BirthdayForm):
    """Name, number, birthday, and a box per purpose, none of them ticked beforehand."""

    name = forms.CharField(
        label=_("Your name"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = PhoneField()
    guardian = forms.CharField(label=_("Name of the parent or guardian"), max_length=40, required=False)

    def __init__(self, *args: Any, texts: Mapping[str, ConsentText], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.texts = texts
        for purpose in ASKED:
            # Keeping the membership is what registering is; the rest is asked once the merchant has worded it.
            if purpose == Purpose.MEMBERSHIP or purpose in texts:
                self.fields[f"consent_{purpose}"] = forms.BooleanField(
                    label=purpose.label,
                    required=False,
                    widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
                )

    def boxes(self) -> list[tuple[forms.BoundField, ConsentText | None, bool]]:
        """Each box with the text agreed to and whether one cannot register without it."""
        return [
            (self[f"consent_{purpose}"], self.texts.get(purpose), purpose == Purpose.MEMBERSHIP)
            for purpose in ASKED
            if f"consent_{purpose}" in self.fields
        ]

    def consents(self) -> dict[str, int | None]:
        """The purposes ticked, with the id of the text shown."""
        return {
            purpose.value: self.texts[purpose].pk if purpose in self.texts else None
            for purpose in ASKED
            if self.cleaned_data.get(f"consent_{purpose}")
        }


class PlainForm(RegistrationForm):
    """The form for web sites: no code, and a field people do not see, which only programs fill in."""

    website = forms.CharField(
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    opened = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)


class SignInForm(BirthdayForm):
    """A number and its code; a name or birthday where the number alone is not certain."""

    phone = PhoneField()
    name = forms.CharField(
        label=_("Your name"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class OwnDataForm(BirthdayForm):
    """What customers correct by themselves."""

    name = forms.CharField(label=_("Name"), max_length=40, required=False)
    gender = forms.ChoiceField(
        label=_("Gender"), choices=Gender.choices, required=False, widget=forms.RadioSelect
    )
    email = forms.EmailField(label=_("Email"), required=False, max_length=120)
    address = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=160,
        help_text=_("Province, city, district, street and number, in one line."),
    )

    def changes(self, head: Customer, birthday: DateEntry | None) -> Entry:
        """Only what differs from what is kept; what was emptied stays, as leaving out is no correction."""
        data = self.cleaned_data
        given: dict[str, Any] = {}
        if data["name"] and data["name"] != head.name:
            given["name"] = data["name"]
        if data["gender"] and data["gender"] != head.gender:
            given["gender"] = data["gender"]
        if data["birthday"] is not None and (birthday is None or data["birthday"].key != birthday.key):
            given["birthday"] = data["birthday"]
        if data["email"] and data["email"] != self.initial.get("email"):
            given["emails"] = (data["email"],)
        if data["address"]:
            given["addresses"] = (AddressEntry(text=data["address"]),)
        return Entry(**given)


class OwnPhoneForm(PortalForm):
    """A further number, proven by a code sent to it."""

    phone = PhoneField(label=_("New mobile number"))


class OwnRequestForm(KitForm):
    """A request about one's data."""

    kind = forms.ChoiceField(
        label=_("What would you like?"),
        choices=[(kind.value, kind.label) for kind in RequestKind if kind != RequestKind.CORRECTION],
        widget=forms.RadioSelect,
    )
    details = forms.CharField(
        label=_("Anything we should know"), required=False, max_length=400, widget=forms.Textarea
    )
    is_sure = forms.BooleanField(label=_("I understand that erasing cannot be undone"), required=False)

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("kind") == RequestKind.ERASURE and not data.get("is_sure"):
            self.add_error("is_sure", _("Please confirm this first: what is erased cannot be brought back."))
        return data
