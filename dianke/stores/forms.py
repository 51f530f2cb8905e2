"""Forms of the organisation. They ask; the operations decide."""

from __future__ import annotations

from datetime import time
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from dianke.access.models import Role
from dianke.core.actor import Actor
from dianke.stores.models import CalendarDay, LegalEntity, Region, Staff, StockPlace, Store, Trade
from dianke.stores.operations.calendar import WEEKDAYS, may_mark_all
from dianke.web.forms import KitForm

CURRENCIES = [
    ("CNY", _("Renminbi (CNY)")),
    ("HKD", _("Hong Kong dollar (HKD)")),
    ("MOP", _("Macau pataca (MOP)")),
    ("TWD", _("New Taiwan dollar (TWD)")),
    ("SGD", _("Singapore dollar (SGD)")),
    ("USD", _("US dollar (USD)")),
]
ZONES = [
    ("Asia/Shanghai", _("China (Beijing time)")),
    ("Asia/Hong_Kong", _("Hong Kong")),
    ("Asia/Macau", _("Macau")),
    ("Asia/Taipei", _("Taipei")),
    ("Asia/Singapore", _("Singapore")),
    ("Asia/Kuala_Lumpur", _("Kuala Lumpur")),
]
CLOSING_HOURS = [(0, _("Midnight")), *[(hour, f"{hour:02}:00") for hour in range(1, 12)]]


def zone_label(zone: str) -> str:
    """How people here call a zone; its IANA name where it is an unusual one."""
    return str(dict(ZONES).get(zone, zone))


def zone_choices(current: str = "") -> list[tuple[str, Any]]:
    """The usual zones first; the one in use is always among them."""
    known = {code for code, _label in ZONES}
    return [
        *ZONES,
        *(
            [(current, current)]
            if current and current not in known and current in available_timezones()
            else []
        ),
    ]


class MerchantForm(KitForm):
    name = forms.CharField(
        label=_("Merchant name"), max_length=80, help_text=_("As customers know you; shown on receipts.")
    )
    short_name = forms.CharField(label=_("Short name"), max_length=20, required=False)
    trade = forms.ChoiceField(label=_("Main trade"), choices=Trade.choices)
    language = forms.ChoiceField(
        label=_("Language of new accounts"),
        choices=[("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")],
    )
    time_zone = forms.ChoiceField(label=_("Time zone"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = zone_choices(self.initial.get("time_zone", ""))  # type: ignore[attr-defined]


class LegalEntityForm(KitForm):
    name = forms.CharField(
        label=_("Registered name"), max_length=80, help_text=_("Exactly as on the business licence.")
    )
    short_name = forms.CharField(label=_("Short name"), max_length=20)
    kind = forms.ChoiceField(label=_("Kind"), choices=LegalEntity.Kind.choices)
    credit_code = forms.CharField(
        label=_("Unified social credit code"),
        max_length=32,
        required=False,
        help_text=_("18 characters; checked for typing errors."),
    )
    currency = forms.ChoiceField(label=_("Currency"), choices=CURRENCIES)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    wide = ("name",)


class PartnerForm(KitForm):
    name = forms.CharField(label=_("Name"), max_length=80)
    is_active = forms.BooleanField(label=_("Is a partner now"), required=False, initial=True)


class HoldingForm(KitForm):
    legal_entity = forms.ModelChoiceField(
        label=_("Legal entity"), queryset=LegalEntity.objects.filter(is_active=True), empty_label=None
    )
    share = forms.DecimalField(
        label=_("Share"),
        min_value=0,
        max_value=100,
        decimal_places=2,
        help_text=_("All shares of an entity together are at most 100%."),
    )
    from_date = forms.DateField(label=_("From"))
    to_date = forms.DateField(
        label=_("To"), required=False, help_text=_("First day without the share; empty: open.")
    )
    affix = {"share": "%"}


class EndDateForm(KitForm):
    to_date = forms.DateField(label=_("Ends on"), help_text=_("The first day it no longer holds."))


class RegionForm(KitForm):
    name = forms.CharField(label=_("Region"), max_length=40)
    parent = forms.ModelChoiceField(
        label=_("Part of"), queryset=Region.objects.all(), required=False, empty_label=_("(top level)")
    )


class StoreForm(KitForm):
    name = forms.CharField(label=_("Store name"), max_length=60)
    short_name = forms.CharField(
        label=_("Short name"), max_length=20, help_text=_("Shown in lists and at the till.")
    )
    code = forms.CharField(
        label=_("Code"), max_length=12, help_text=_("Short and lasting, e.g. SH01; begins order numbers.")
    )
    trade = forms.ChoiceField(label=_("Trade"), choices=Trade.choices)
    legal_entity = forms.ModelChoiceField(
        label=_("Legal entity"),
        queryset=LegalEntity.objects.filter(is_active=True),
        help_text=_("Receives the money and employs the people."),
    )
    region = forms.ModelChoiceField(label=_("Region"), queryset=Region.objects.all(), required=False)
    opened_on = forms.DateField(label=_("Opened on"))
    telephone = forms.CharField(label=_("Telephone"), max_length=32, required=False)
    province = forms.CharField(label=_("Province"), max_length=20, required=False)
    city = forms.CharField(label=_("City"), max_length=20, required=False)
    district = forms.CharField(label=_("District"), max_length=20, required=False)
    street = forms.CharField(label=_("Street and number"), max_length=120, required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"))
    closing_hour = forms.TypedChoiceField(
        label=_("Business day ends at"), choices=CLOSING_HOURS, coerce=int, initial=0,
        help_text=_("Sales after midnight but before this hour count for the day before."),
    )  # fmt: skip
    sections = (
        (_("Address"), ("province", "city", "district", "street")),
        (_("Time"), ("time_zone", "closing_hour")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = zone_choices(self.initial.get("time_zone", ""))  # type: ignore[attr-defined]


class CloseStoreForm(KitForm):
    closed_on = forms.DateField(
        label=_("Closed from"),
        help_text=_("The first day without business. Data stay; the store leaves the lists of choice."),
    )


class RegisterForm(KitForm):
    code = forms.CharField(label=_("Code"), max_length=12)
    name = forms.CharField(label=_("Name"), max_length=40)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)


class StockPlaceForm(KitForm):
    name = forms.CharField(label=_("Name"), max_length=40)
    kind = forms.ChoiceField(label=_("Kind"), choices=StockPlace.Kind.choices)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)


class DayForm(KitForm):
    day = forms.DateField(label=_("Day"))
    store = forms.ModelChoiceField(
        label=_("Store"), queryset=Store.objects.none(), required=False, empty_label=_("All stores")
    )
    kind = forms.ChoiceField(label=_("What is different"), choices=CalendarDay.Kind.choices)
    name = forms.CharField(label=_("Occasion"), max_length=40, required=False)
    opens = forms.TimeField(label=_("Opens"), required=False)
    closes = forms.TimeField(label=_("Closes"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["store"]
        field.queryset = Store.objects.visible_to(actor, "stores.manage_calendar")
        if not may_mark_all(actor):
            field.required, field.empty_label = True, None


class StaffForm(KitForm):
    name = forms.CharField(label=_("Name"), max_length=80)
    number = forms.CharField(label=_("Staff number"), max_length=16)
    title = forms.CharField(label=_("Job title"), max_length=40, required=False)
    phone = forms.CharField(label=_("Mobile phone"), max_length=32, required=False)
    legal_entity = forms.ModelChoiceField(
        label=_("Employer"), queryset=LegalEntity.objects.filter(is_active=True)
    )


def _places(actor: Actor) -> Any:
    return Store.objects.visible_to(actor, "stores.manage_staff").still_open()


class HireForm(StaffForm):
    username = forms.CharField(
        label=_("Sign-in name"), max_length=64, help_text=_("Letters and digits, e.g. the name in pinyin.")
    )
    hired_on = forms.DateField(label=_("Hired on"))
    role = forms.ModelChoiceField(label=_("Role"), queryset=Role.objects.all())
    store = forms.ModelChoiceField(
        label=_("Store"), queryset=Store.objects.none(), required=False, empty_label=_("Whole merchant")
    )
    field_order = (
        "name",
        "phone",
        "role",
        "store",
        "username",
        "number",
        "title",
        "legal_entity",
        "hired_on",
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["store"]
        field.queryset = _places(actor)
        if actor.stores_for("stores.manage_staff") is not None:
            field.required, field.empty_label = True, None


class PostingForm(KitForm):
    role = forms.ModelChoiceField(label=_("Role"), queryset=Role.objects.all())
    store = forms.ModelChoiceField(label=_("Store"), queryset=Store.objects.none(), required=False)
    region = forms.ModelChoiceField(label=_("Region"), queryset=Region.objects.all(), required=False)
    legal_entity = forms.ModelChoiceField(
        label=_("Legal entity"), queryset=LegalEntity.objects.filter(is_active=True), required=False
    )
    from_date = forms.DateField(label=_("From"))
    to_date = forms.DateField(
        label=_("To"), required=False, help_text=_("First day without the posting; empty: open.")
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["store"]
        field.queryset = _places(actor)
        if actor.stores_for("stores.manage_staff") is None:
            field.help_text = _(
                "Choose one place: a store, a region or a legal entity; none means the whole merchant."
            )
        else:
            field.required = True
            del self.fields["region"], self.fields["legal_entity"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if sum(bool(data.get(name)) for name in ("store", "region", "legal_entity")) > 1:
            self.add_error("store", _("Choose only one place."))
        return data


class TransferForm(KitForm):
    store = forms.ModelChoiceField(label=_("New store"), queryset=Store.objects.none())
    role = forms.ModelChoiceField(label=_("Role there"), queryset=Role.objects.all())
    from_date = forms.DateField(label=_("From"), help_text=_("The old posting ends on this day."))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["store"].queryset = _places(actor)  # type: ignore[attr-defined]


class ReleaseForm(KitForm):
    left_on = forms.DateField(label=_("First day no longer employed"))
    successor = forms.ModelChoiceField(
        label=_("Takes over"), queryset=Staff.objects.none(), required=False,
        help_text=_("Tasks and customers go to this colleague; nothing leaves with the person."),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = Staff.objects.visible_to(actor).filter(left_on=None).exclude(pk=staff.pk)
        self.fields["successor"].queryset = colleagues  # type: ignore[attr-defined]


class HoursForm(KitForm):
    """Seven days with up to two spans each; an empty pair is no span, two empty pairs a closed day."""

    DAYS = WEEKDAYS
    PARTS = ("opens_1", "closes_1", "opens_2", "closes_2")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day, label in enumerate(self.DAYS):
            for part in self.PARTS:
                word = _("opens") if part.startswith("opens") else _("closes")
                self.fields[f"{part}_{day}"] = forms.TimeField(
                    label=f"{label} {word}",
                    required=False,
                    widget=forms.TimeInput(
                        format="%H:%M",
                        attrs={"type": "time", "class": "form-control", "aria-label": f"{label} {word}"},
                    ),
                )

    @classmethod
    def of(cls, store: Store) -> dict[str, Any]:
        """Initial values of a store."""
        initial: dict[str, Any] = {}
        counts: dict[int, int] = {}
        for row in store.opening_hours.all():
            counts[row.weekday] = nth = counts.get(row.weekday, 0) + 1
            initial |= {f"opens_{nth}_{row.weekday}": row.opens, f"closes_{nth}_{row.weekday}": row.closes}
        return initial

    def rows(self) -> list[tuple[Any, list[forms.BoundField]]]:
        """Days with their four fields, as the page draws them."""
        return [
            (label, [self[f"{part}_{day}"] for part in self.PARTS]) for day, label in enumerate(self.DAYS)
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for day in range(7):
            for nth in (1, 2):
                opens, closes = data.get(f"opens_{nth}_{day}"), data.get(f"closes_{nth}_{day}")
                if (opens is None) != (closes is None):
                    missing = "closes" if closes is None else "opens"
                    self.add_error(f"{missing}_{nth}_{day}", _("Fill in both times, or neither."))
        return data

    def weekly(self) -> list[tuple[int, time, time]]:
        """`(weekday, opens, closes)` of every span that was filled in."""
        data = self.cleaned_data
        spans = [
            (day, data.get(f"opens_{n}_{day}"), data.get(f"closes_{n}_{day}"))
            for day in range(7)
            for n in (1, 2)
        ]
        return [
            (day, opens, closes) for day, opens, closes in spans if opens is not None and closes is not None
        ]
