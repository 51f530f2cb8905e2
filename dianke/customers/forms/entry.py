"""The form at the counter: the fewest fields a shop needs, more behind one touch, all of them by the
merchant's rules.

Which fields are asked, which are required and what is said beside them follows `EntryRule`, the custom fields
of the store's trade, and what the person may decide (store, person in charge, partner, sensitive details).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.core.custom_fields import FieldSpec, specs_for
from dianke.core.errors import InvalidInput
from dianke.customers.forms.parts import MISSING, ProblemsForm, SpecFields, gender_field, text_field
from dianke.customers.models import Calendar, ConsentText, Kind, Purpose, Tag
from dianke.customers.queries.entry import entry_rules, local_day
from dianke.customers.queries.portal import ASKED, current_texts
from dianke.customers.rules.asking import ALWAYS_ASKED
from dianke.customers.rules.entry import (
    AddressEntry,
    ConsentEntry,
    DateEntry,
    Entry,
    PhoneEntry,
)
from dianke.stores.models import Partner, Store
from dianke.work.queries.people import colleagues

ADD, ASSIGN = "customers.add_customers", "customers.assign_customers"
MODEL, SENSITIVE = "customers.customer", "customers.sensitive"
#: Given as an address of the form: /customers/new/?phone=138…
PREFILLED = ("phone", "name", "email", "kind")
TAGS_SHOWN = 12


class EntryForm(ProblemsForm):
    """One customer. After `is_valid()` `entry()` is what was typed, `store`, `owner` and `partner` where it
    belongs.
    """

    phone = text_field(_("Phone number"), 40, type="tel", inputmode="tel")
    name = text_field(_("Name"), 80)
    gender = gender_field()
    calendar = forms.ChoiceField(
        label=_("Calendar"),
        choices=Calendar.choices,
        required=False,
        widget=forms.RadioSelect,
        initial="SOLAR",
    )
    birthday = text_field(_("Birthday"), 40, placeholder="1990-3-5")
    tags = forms.ModelMultipleChoiceField(
        label=_("Tags"), queryset=Tag.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    note = forms.CharField(
        label=_("Note"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    is_shared = forms.BooleanField(
        label=_("A number several people use"),
        required=False,
        help_text=_("Of a family or a firm: it never joins two profiles."),
    )
    email = text_field(_("Email"), 120, type="email", inputmode="email")
    wechat = text_field(_("WeChat ID"), 80)
    address = text_field(_("Address"), 300)
    occupation = text_field(_("Occupation"), 40)
    company = text_field(_("Works at"), 80)
    aliases = text_field(_("Also called"), 160)
    kind = forms.ChoiceField(
        label=_("Person or company"), choices=Kind.choices, widget=forms.RadioSelect, initial="PERSON"
    )
    credit_code = text_field(_("Unified social credit code"), 24)
    guardian = text_field(_("Parent or guardian who agreed"), 40)
    store = forms.ChoiceField(label=_("Home store"))
    owner = forms.ChoiceField(label=_("Person in charge"), required=False)
    partner = forms.ChoiceField(label=_("Kept by partner"), required=False)

    MORE = (
        "email",
        "wechat",
        "address",
        "occupation",
        "company",
        "aliases",
        "kind",
        "credit_code",
        "is_shared",
        "guardian",
    )

    def __init__(
        self, data: Any = None, *, actor: Actor, now: datetime, start: Mapping[str, Any] | None = None
    ) -> None:
        self.actor, self.now = actor, now
        self.rules = {rule.field: rule for rule in entry_rules()}
        self.texts = current_texts()
        self.stores = {str(store.pk): store for store in self._stores()}
        self.here = self._store_of(data if data is not None else (start or {}))
        trade = self.here.trade if self.here else ""
        self.own = SpecFields(self._asked(specs_for(MODEL, trade)), "custom")
        may_sensitive = actor.can("customers.view_sensitive")
        self.sealed = SpecFields(specs_for(SENSITIVE, trade) if may_sensitive else (), "sensitive")
        self.affix = {**self.own.units(), **self.sealed.units()}
        self.base_fields = {  # type: ignore[misc]
            **type(self).base_fields,
            **self.own.fields(),
            **self.sealed.fields(),
            **self._boxes(),
        }
        initial = {name: str(value)[:160] for name, value in (start or {}).items() if name in PREFILLED}
        super().__init__(data, initial=initial)
        self._belonging()
        self._offer_tags()
        for name, rule in self.rules.items():
            if not rule.is_shown and not rule.is_required and name not in ALWAYS_ASKED:
                self.fields.pop(name, None)
        if "birthday" not in self.fields:
            del self.fields["calendar"]
        self.apply_rules(self.rules)
        self.fields["phone"].widget.attrs["autofocus"] = True
        either: list[Any] = [self.fields[name] for name in ("phone", "name") if name in self.fields]
        if len(either) == 2 and not any(field.required for field in either):
            for field in either:
                field.mark = _("one of the two at least")

    # --- what is offered
    # ---------------------------------------------------------------------------------------------
    def _stores(self) -> Sequence[Store]:
        return list(Store.objects.visible_to(self.actor, ADD).still_open())

    def _store_of(self, given: Any) -> Store | None:
        wanted = self.stores.get(str(given.get("store", ""))) or self.stores.get(
            str(self.actor.store_id or "")
        )
        return wanted or (next(iter(self.stores.values())) if len(self.stores) == 1 else None)

    def _asked(self, specs: Sequence[FieldSpec]) -> list[FieldSpec]:
        """Custom fields without those the merchant does not ask at the counter."""
        hidden = {name for name, rule in self.rules.items() if not rule.is_shown and not rule.is_required}
        return [spec for spec in specs if spec.is_required or spec.form_name not in hidden]

    def _boxes(self) -> dict[str, forms.Field]:
        """A box per purpose the merchant has worded; for sensitive details always, because they need it."""
        found: dict[str, forms.Field] = {}
        asked = [purpose for purpose in ASKED if purpose in self.texts]
        for purpose in [*asked, *([Purpose.SENSITIVE] if self.sealed.specs else [])]:
            found[f"consent_{purpose}"] = forms.BooleanField(label=purpose.label, required=False)
        return found

    def _belonging(self) -> None:
        fields: Any = self.fields
        if len(self.stores) < 2:
            del fields["store"]
        else:
            fields["store"].choices = [
                ("", _("Please choose")),
                *((pk, store.short_name) for pk, store in self.stores.items()),
            ]
            fields["store"].initial = str(self.here.pk) if self.here else ""
        self.people: dict[str, User] = {}
        if self.actor.can(ASSIGN):
            self.people = {str(user.pk): user for user in colleagues(self.actor, now=self.now)}
            fields["owner"].choices = [
                ("", _("nobody yet")),
                *((pk, str(user)) for pk, user in self.people.items()),
            ]
        else:
            del fields["owner"]
        self.partners: dict[str, Partner] = {}
        if self.actor.can(ASSIGN) and self.actor.can("customers.view_partners_customers"):
            self.partners = {
                str(one.pk): one for one in Partner.objects.visible_to(self.actor).filter(is_active=True)
            }
        if self.partners:
            fields["partner"].choices = [
                ("", _("all partners")),
                *((pk, one.name) for pk, one in self.partners.items()),
            ]
        else:
            del fields["partner"]

    def _offer_tags(self) -> None:
        fields: Any = self.fields
        fields["tags"].queryset = Tag.objects.filter(archived_at=None).order_by("name")

    def leave_unjudged(self) -> None:
        """Draw what was typed without looking for mistakes: it is not finished yet."""
        self._errors = ErrorDict()
        self.cleaned_data = {}

    # --- how it is laid out
    # ------------------------------------------------------------------------------------------
    def _bound(self, names: Sequence[str]) -> list[forms.BoundField]:
        return [self[name] for name in names if name in self.fields]

    @cached_property
    def _top_names(self) -> list[str]:
        """Further fields that must be filled in: nobody looks for them behind “More”."""
        return [name for name in self.MORE if name in self.rules and self.rules[name].is_required]

    def at_top(self) -> list[forms.BoundField]:
        return self._bound(self._top_names)

    def more(self) -> list[forms.BoundField]:
        return self._bound([name for name in self.MORE if name not in self._top_names])

    def own_fields(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The custom fields by their headings."""
        groups: dict[str, list[str]] = {}
        for spec in self.own.specs:
            groups.setdefault(spec.section, []).append(self.own.names[spec.key])
        return [(heading, self._bound(names)) for heading, names in groups.items()]

    def sensitive_fields(self) -> list[forms.BoundField]:
        return self._bound(list(self.sealed.names.values()))

    @cached_property
    def _tag_boxes(self) -> list[Any]:
        return list(self["tags"])

    def tags_first(self) -> list[Any]:
        """The tags shown at once."""
        return self._tag_boxes[:TAGS_SHOWN]

    def tags_rest(self) -> list[Any]:
        return self._tag_boxes[TAGS_SHOWN:]

    def opens_tags(self) -> bool:
        return any(box.data["selected"] for box in self.tags_rest())

    def belonging(self) -> list[forms.BoundField]:
        return self._bound(["store", "owner", "partner"])

    def boxes(self) -> list[tuple[forms.BoundField, ConsentText | None]]:
        """Each box with the text that is agreed to."""
        return [
            (self[f"consent_{purpose}"], self.texts.get(purpose))
            for purpose in ASKED
            if f"consent_{purpose}" in self.fields
        ]

    def sensitive_box(self) -> tuple[forms.BoundField, ConsentText | None] | None:
        name = f"consent_{Purpose.SENSITIVE}"
        return (self[name], self.texts.get(Purpose.SENSITIVE)) if name in self.fields else None

    def opens_more(self) -> bool:
        """Whether something behind “More” is filled in or wrong."""
        return any(
            field.errors or (self.is_bound and field.data not in (None, "", False, "PERSON"))
            for field in self.more()
        )

    def opens_sensitive(self) -> bool:
        box = self.sensitive_box()
        return any(field.errors for field in self.sensitive_fields()) or bool(box and box[0].errors)

    # --- what was typed
    # ----------------------------------------------------------------------------------------------
    def clean_store(self) -> str:
        if self.cleaned_data["store"] not in self.stores:
            raise forms.ValidationError(MISSING % {"label": self.fields["store"].label})
        return str(self.cleaned_data["store"])

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        self._custom = self.own.values(self)
        self._sensitive = {key: value for key, value in self.sealed.values(self).items() if value is not None}
        data["day"] = self._day(data)
        if self._sensitive and not data.get(f"consent_{Purpose.SENSITIVE}"):
            # The door would say it beside the detail; here there is a box to tick.
            self.add_error(
                f"consent_{Purpose.SENSITIVE}",
                _("Sensitive details are kept only with the customer's consent. Ask, then tick this."),
            )
        return data

    def _day(self, data: Mapping[str, Any]) -> DateEntry | None:
        text = str(data.get("birthday") or "").strip()
        if not text:
            return None
        try:
            day = DateEntry.parse(text, calendar="LUNAR" if data.get("calendar") == "LUNAR" else "")
            return day.checked(today=local_day(self.now))
        except InvalidInput as error:
            self.add_error("birthday", str(error))
            return None

    def entry(self) -> Entry:
        """What was typed, for the door."""
        data = self.cleaned_data

        def said(name: str) -> str:
            return str(data.get(name) or "")

        return Entry(
            kind=said("kind") or Kind.PERSON,
            name=said("name"),
            aliases=said("aliases"),
            gender=said("gender"),
            occupation=said("occupation"),
            company=said("company"),
            credit_code=said("credit_code"),
            phones=(PhoneEntry(said("phone"), is_shared=bool(data.get("is_shared"))),)
            if said("phone")
            else (),
            emails=(said("email"),) if said("email") else (),
            wechat=said("wechat"),
            birthday=data["day"],
            addresses=(AddressEntry(text=said("address")),) if said("address") else (),
            note=said("note"),
            tags=tuple(tag.name for tag in data.get("tags") or ()),
            custom={key: value for key, value in self._custom.items() if value is not None},
            sensitive=self._sensitive,
            consents=self._consents(),
            guardian=said("guardian"),
            raw=self._typed(),
        )

    def _consents(self) -> tuple[ConsentEntry, ...]:
        return tuple(
            ConsentEntry(purpose.value, text_id=self.texts[purpose].pk if purpose in self.texts else None)
            for purpose in (*ASKED, Purpose.SENSITIVE)
            if self.cleaned_data.get(f"consent_{purpose}")
        )

    def _typed(self) -> dict[str, Any]:
        """The fields as they came, for the record."""
        typed: dict[str, Any] = {}
        data: Any = self.data
        for name in self.fields:
            values = [text for text in data.getlist(name) if text]
            if values and name not in ("store", "owner", "partner"):
                typed[name] = values[0] if len(values) == 1 else values
        return typed

    @property
    def chosen_owner(self) -> User | None:
        return self.people.get(str(self.cleaned_data.get("owner") or ""))

    @property
    def chosen_partner(self) -> Partner | None:
        return self.partners.get(str(self.cleaned_data.get("partner") or ""))


class HintsForm(forms.Form):
    """What is being typed, as far as it may tell who it is. Nothing here is an error: half a number asks
    nothing.
    """

    phone = forms.CharField(required=False, max_length=40)
    email = forms.CharField(required=False, max_length=120)
    name = forms.CharField(required=False, max_length=80)
    birthday = forms.CharField(required=False, max_length=40)
    calendar = forms.CharField(required=False, max_length=5)

    def asked(self) -> dict[str, Any]:
        """As `hints_for` takes it."""
        self.full_clean()
        data = self.cleaned_data
        birthday = None
        if text := data.get("birthday", "").strip():
            try:
                birthday = DateEntry.parse(text, calendar="LUNAR" if data.get("calendar") == "LUNAR" else "")
            except InvalidInput:
                birthday = None
        return {
            "phone": data.get("phone", ""),
            "email": data.get("email", ""),
            "name": data.get("name", ""),
            "birthday": birthday,
        }
