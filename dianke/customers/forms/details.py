"""The forms that correct one customer: fields of the profile, contact points, addresses, days, relations, who
looks after them. Only what was changed is handed to the door, so two colleagues who correct different fields
do not undo each other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.core.custom_fields import specs_for
from dianke.core.errors import InvalidInput
from dianke.customers.forms.entry import MODEL, SENSITIVE
from dianke.customers.forms.parts import ProblemsForm, SpecFields, gender_field, require, text_field
from dianke.customers.models import (
    Address,
    AddressUse,
    Calendar,
    ContactKind,
    ContactPoint,
    ContactUse,
    Customer,
    DateKind,
    EntryRule,
    ImportantDate,
    Kind,
    RelationKind,
)
from dianke.customers.queries.entry import local_day
from dianke.customers.rules.entry import AddressEntry, DateEntry
from dianke.stores.models import Partner, Store
from dianke.work.queries.people import colleagues


class BasicsForm(ProblemsForm):
    """Fields of the profile. What is missing on an old customer does not keep anybody from correcting the
    rest. The form carries what it showed: what somebody else corrected since is not put back by it, and where
    both corrected the same field the second is told.
    """

    name = text_field(_("Name"), 80)
    aliases = text_field(_("Also called"), 160)
    gender = gender_field()
    kind = forms.ChoiceField(label=_("Person or company"), choices=Kind.choices, widget=forms.RadioSelect)
    occupation = text_field(_("Occupation"), 40)
    company = text_field(_("Works at"), 80)
    credit_code = text_field(_("Unified social credit code"), 24)
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea)

    NAMES = ("name", "aliases", "gender", "kind", "occupation", "company", "credit_code", "note")

    def __init__(self, data: Any = None, *, head: Customer, rules: Mapping[str, EntryRule]) -> None:
        held = dict(head.custom)
        trade = head.store.trade if head.store else ""
        specs = [
            replace(spec, is_required=spec.is_required and spec.key in held)
            for spec in specs_for(MODEL, trade)
        ]
        self.own = SpecFields(specs, "custom", held)
        self.affix = self.own.units()
        self.base_fields = {**type(self).base_fields, **self.own.fields()}  # type: ignore[misc]
        groups: dict[str, list[str]] = {}
        for spec in specs:
            groups.setdefault(spec.section, []).append(self.own.names[spec.key])
        self.sections = tuple(
            (heading or _("Preferences"), tuple(names)) for heading, names in groups.items()
        )
        initial = {name: getattr(head, name) or "" for name in self.NAMES}
        super().__init__(data, initial=initial)
        filled = {name: rule for name, rule in rules.items() if initial.get(name) or not rule.is_required}
        self.apply_rules(filled)
        self.fields["shown"] = forms.JSONField(
            required=False, widget=forms.HiddenInput, initial=self._standing()
        )

    def _standing(self) -> dict[str, list[str]]:
        """Every field as text, the way a browser sends it back."""
        return {name: _as_sent(self[name].initial) for name in self.fields if name != "shown"}

    def clean(self) -> dict[str, Any]:
        self._custom = self.own.values(self)
        self._refuse_what_changed_meanwhile()
        return self.cleaned_data

    @property
    def _shown(self) -> dict[str, Any]:
        """Field → what the form showed; empty for a form that does not say."""
        shown = self.cleaned_data.get("shown")
        return shown if isinstance(shown, dict) else {}

    def _touched(self) -> set[str]:
        """The fields in which something else was sent than was shown."""
        shown = self._shown
        return {
            name
            for name in self.fields
            if name != "shown"
            and (_as_sent(self[name].data) != shown[name] if name in shown else name in self.changed_data)
        }

    def _refuse_what_changed_meanwhile(self) -> None:
        """Tell of a field that somebody else corrected otherwise. Saving again takes what stands in the form, which
        from then on shows what else was corrected meanwhile."""
        shown, standing, touched = self._shown, self._standing(), self._touched()
        refused = [
            name
            for name in touched & shown.keys()
            if standing[name] not in (shown[name], _as_sent(self[name].data))
        ]
        if not refused:
            return
        for name in refused:
            self.add_error(
                name,
                _("A colleague changed this to “%(value)s” a moment ago. Save again to have it your way.")
                % {"value": ", ".join(self._label_of(name, each) for each in standing[name]) or "–"},
            )
        sent: Any = self.data
        self.data = data = sent.copy()
        for name in standing.keys() - touched:
            data.setlist(name, standing[name] or [""])
        data["shown"] = json.dumps(standing)

    def _label_of(self, name: str, value: str) -> str:
        offered: Any = getattr(self.fields[name], "choices", ())
        return str(dict(offered).get(value, value)) if offered else value

    def changes(self) -> dict[str, Any]:
        """As `change_customer` takes them; empty when nothing was changed."""
        touched = self._touched()
        found: dict[str, Any] = {name: self.cleaned_data[name] for name in self.NAMES if name in touched}
        custom = {key: value for key, value in self._custom.items() if self.own.names[key] in touched}
        return {**found, "custom": custom} if custom else found


def _as_sent(value: Any) -> list[str]:
    """One or several values as text, nothing as an empty list."""
    several = value if isinstance(value, list | tuple | set) else [value]
    return sorted(
        "\n".join(str(each).splitlines()).strip() for each in several if each not in (None, "", False)
    )


class SensitiveForm(ProblemsForm):
    """Sensitive details, written without being read: what stands there is kept unless something new is typed
    or it is taken out. Reading goes through the hidden field, with a reason."""

    def __init__(self, data: Any = None, *, head: Customer) -> None:
        self.held = dict(head.sensitive or {})
        trade = head.store.trade if head.store else ""
        specs = [replace(spec, is_required=False, default=None) for spec in specs_for(SENSITIVE, trade)]
        self.sealed = SpecFields(specs, "sensitive")
        self.affix = self.sealed.units()
        self.base_fields = {**self.sealed.fields(), **self._takers()}  # type: ignore[misc]
        super().__init__(data)
        for spec in specs:
            if spec.key in self.held:
                self.fields[self.sealed.names[spec.key]].help_text = _(
                    "Something stands here. Leave this empty to keep it."
                )

    def _takers(self) -> dict[str, forms.Field]:
        return {
            f"empty_{spec.key}": forms.BooleanField(
                label=_("Take out: %(label)s") % {"label": spec.label}, required=False
            )
            for spec in self.sealed.specs
            if spec.key in self.held
        }

    def clean(self) -> dict[str, Any]:
        self._values = self.sealed.values(self)
        return self.cleaned_data

    def changes(self) -> dict[str, Any]:
        """Key → new value, "" for what is taken out."""
        found = {key: value for key, value in self._values.items() if value is not None}
        return found | {key: "" for key in self.held if self.cleaned_data.get(f"empty_{key}")}


class ContactForm(ProblemsForm):
    """A way to reach the customer; for one that is there (`point`) the value is only typed to replace it."""

    kind = forms.ChoiceField(label=_("Kind"), widget=forms.RadioSelect, initial=ContactKind.PHONE)
    value = text_field(_("Number or address"), 120)
    use = forms.ChoiceField(label=_("Used for"), choices=ContactUse.choices, required=False)
    is_shared = forms.BooleanField(
        label=_("Used by several people"),
        required=False,
        help_text=_("A family's or a firm's number: it never joins two profiles."),
    )
    renamed = dict.fromkeys(("phone", "email", "wechat", "unionid", "openid", "wecom", "document"), "value")
    KINDS = (
        ContactKind.PHONE,
        ContactKind.EMAIL,
        ContactKind.WECHAT,
        ContactKind.WECOM,
        ContactKind.DOCUMENT,
    )

    def __init__(self, data: Any = None, *, point: ContactPoint | None = None, shown: str = "") -> None:
        initial = {"use": point.use, "is_shared": point.is_shared} if point else {"use": "MOBILE"}
        super().__init__(data, initial=initial)
        fields: Any = self.fields
        fields["kind"].choices = [(kind.value, kind.label) for kind in self.KINDS]
        fields["value"].required = point is None
        if point is not None:
            del fields["kind"]
            fields["value"].label = _("New number or address")
            fields["value"].widget.attrs["placeholder"] = shown
            fields["value"].help_text = _("Leave this empty to keep %(value)s.") % {"value": shown}
            if point.kind != ContactKind.PHONE:
                del fields["use"]

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if data.get("kind") not in (None, "", ContactKind.PHONE):
            data["use"] = ""
        return data


class AddressForm(ProblemsForm):
    """An address, in one line or in parts."""

    text = text_field(
        _("Address in one line"), 300, placeholder=_("Province, city, district, street and house")
    )
    use = forms.ChoiceField(label=_("Used for"), choices=AddressUse.choices, initial=AddressUse.HOME)
    receiver = text_field(_("Receiver"), 40)
    phone = text_field(_("Receiver's phone"), 40, type="tel", inputmode="tel")
    postcode = text_field(_("Postcode"), 10, inputmode="numeric")
    is_preferred = forms.BooleanField(label=_("Use this address first"), required=False)
    province = text_field(_("Province"), 30)
    city = text_field(_("City"), 30)
    district = text_field(_("District"), 30)
    street = text_field(_("Street and house"), 200)
    wide = ("text", "street")
    sections = ((_("Or in parts"), ("province", "city", "district", "street")),)
    renamed = {"address": "text"}

    def __init__(self, data: Any = None, *, address: Address | None = None) -> None:
        shown = ("use", "province", "city", "district", "postcode", "is_preferred")
        super().__init__(data, initial={name: getattr(address, name) for name in shown} if address else None)

    def entry(self) -> AddressEntry:
        return AddressEntry(**{name: self.cleaned_data[name] for name in self.fields})


class DateForm(ProblemsForm):
    """A day that comes round, solar or lunar, with or without its year."""

    kind = forms.ChoiceField(label=_("Occasion"), choices=DateKind.choices)
    text = text_field(_("Day"), 40, placeholder="1990-3-5")
    calendar = forms.ChoiceField(
        label=_("Calendar"), choices=Calendar.choices, widget=forms.RadioSelect, initial=Calendar.SOLAR
    )
    label = text_field(_("Whose or what"), 40)
    renamed = {"date": "text"}

    def __init__(
        self, data: Any = None, *, now: datetime, date: ImportantDate | None = None, kind: str = ""
    ) -> None:
        self.now = now
        initial: dict[str, Any] = {"kind": kind or DateKind.BIRTHDAY}
        if date is not None:
            year = f"{date.year}-" if date.year else ""
            text = date.text or f"{year}{date.month}-{date.day}"
            initial = {"kind": date.kind, "text": text, "calendar": date.calendar, "label": date.label}
        super().__init__(data, initial=initial)
        require(self.fields["text"])
        self.fields["text"].help_text = _("1990-3-5, 3-5 without the year, or a lunar day in Chinese")

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if not data.get("text"):
            return data
        try:
            day = DateEntry.parse(
                data["text"],
                kind=data.get("kind") or DateKind.BIRTHDAY,
                label=data.get("label", ""),
                calendar="LUNAR" if data.get("calendar") == Calendar.LUNAR else "",
            )
            self.day = day.checked(today=local_day(self.now))
        except InvalidInput as error:
            self.add_error("text", str(error))
        return data


class RelationForm(ProblemsForm):
    """What the other one is to this customer."""

    kind = forms.ChoiceField(label=_("Relation"), widget=forms.RadioSelect)
    title = text_field(_("Role or title"), 40)
    is_primary = forms.BooleanField(label=_("First to ask"), required=False)

    def __init__(self, data: Any = None, *, head: Customer, other: Customer) -> None:
        is_contact = head.kind == Kind.COMPANY and other.kind == Kind.PERSON
        super().__init__(data, initial={"kind": RelationKind.CONTACT if is_contact else None})
        offered = [kind for kind in RelationKind if is_contact or kind != RelationKind.CONTACT]
        if is_contact:
            offered.sort(key=lambda kind: kind != RelationKind.CONTACT)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in offered]  # type: ignore[attr-defined]


class HouseholdForm(ProblemsForm):
    """What a new household is called."""

    name = forms.CharField(label=_("Name of the household"), max_length=40)


class HelperForm(ProblemsForm):
    """A colleague who looks after the customer too."""

    user = forms.ChoiceField(label=_("Colleague"))
    renamed = {"owner": "user"}

    def __init__(self, data: Any = None, *, actor: Actor, now: datetime, without: set[int]) -> None:
        super().__init__(data)
        people = colleagues(actor, now=now)
        self.people: dict[str, User] = {str(user.pk): user for user in people if user.pk not in without}
        self.fields["user"].choices = [  # type: ignore[attr-defined]
            ("", _("Please choose")),
            *((pk, str(user)) for pk, user in self.people.items()),
        ]

    @property
    def chosen(self) -> User:
        return self.people[self.cleaned_data["user"]]


class HomeForm(ProblemsForm):
    """The store that looks after the customer from now on."""

    store = forms.ModelChoiceField(label=_("Home store"), queryset=Store.objects.none())

    def __init__(self, data: Any = None, *, actor: Actor, head: Customer) -> None:
        super().__init__(data, initial={"store": head.store_id})
        stores = Store.objects.visible_to(actor, "customers.assign_customers").still_open()
        self.fields["store"].queryset = stores  # type: ignore[attr-defined]
        self.fields["store"].label_from_instance = lambda store: store.short_name  # type: ignore[attr-defined]


class PartnerForm(ProblemsForm):
    """The partner who keeps the customer, or nobody: then every partner of the store sees them."""

    partner = forms.ModelChoiceField(
        label=_("Kept by partner"),
        queryset=Partner.objects.none(),
        required=False,
        empty_label=_("all partners"),
    )

    def __init__(self, data: Any = None, *, actor: Actor, head: Customer) -> None:
        super().__init__(data, initial={"partner": head.partner_id})
        partners = Partner.objects.visible_to(actor).filter(is_active=True)
        self.fields["partner"].queryset = partners  # type: ignore[attr-defined]
