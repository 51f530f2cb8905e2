"""Forms of deliveries: what goes when and where, another day, what went wrong, windows, crews and rules of a store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from dianke.access.models import User
from dianke.core.errors import InvalidInput
from dianke.core.phone import parse as parse_phone
from dianke.customers.models import Address, Customer
from dianke.customers.queries.duplicates import masked_name
from dianke.sales.models import Delivery, DeliveryCrew, DeliverySetting, DeliverySlot
from dianke.sales.operations.deliveries import Destination
from dianke.sales.queries.deliveries import local_now, windows
from dianke.sales.rules.slots import weekdays_of
from dianke.stores.models import Store
from dianke.web.forms import KitForm

DAYS_OFFERED = 21
NOBODY_YET = pgettext_lazy("crew", "Later")
WEEKDAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)
Choices = list[tuple[str, Any]]


def window_choices(store: Store, now: datetime, *, but: tuple[date, int] | None = None) -> Choices:
    """The windows of the next weeks with room, by day; `but` is offered even when it is full."""
    clock = local_now(store, now)
    found: dict[str, list[tuple[str, str]]] = {}
    for slot, window in windows(store.pk, clock.date(), DAYS_OFFERED):
        is_own = but == (window.day, slot.pk)
        is_over = (window.day, window.to_time) <= (clock.date(), clock.time())
        if (window.is_full or is_over) and not is_own:
            continue
        day = date_format(window.day, "m-d l")
        left = pgettext("window", "%(left)s free") % {"left": window.left}
        found.setdefault(day, []).append((f"{window.day:%Y-%m-%d}/{slot.pk}", f"{slot} · {left}"))
    return list(found.items())


class WhenForm(KitForm):
    """A window of the next weeks, or a day without one."""

    window = forms.ChoiceField(label=_("Window"), required=False)
    day = forms.DateField(
        label=_("Or only the day"),
        required=False,
        help_text=_("Where no window fits: the customer is told the time by phone."),
    )

    def __init__(
        self,
        *args: Any,
        store: Store,
        now: datetime,
        none: Any = _("No window"),
        standing: tuple[date, int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.store = store
        field: Any = self.fields["window"]
        field.choices = [("", none), *window_choices(store, now, but=standing)]
        today = local_now(store, now).date()
        self.fields["day"].widget.attrs |= {"min": f"{today:%Y-%m-%d}"}

    is_day_needed = True

    def clean(self) -> dict[str, Any]:
        data = dict(super().clean() or {})
        text = data.pop("window", "") or ""
        data["slot"] = None
        if text:
            day, _slash, pk = text.partition("/")
            data["day"] = date.fromisoformat(day)
            data["slot"] = DeliverySlot.objects.get(pk=int(pk), store=self.store)
        elif self.is_day_needed and not data.get("day") and "day" not in self.errors:
            self.add_error("window", _("Choose a window, or a day without one."))
        return data


def address_label(address: Address) -> str:
    """An address as a list may show it: where roughly, and for whom with the name hidden."""
    where = "".join(dict.fromkeys([address.province, address.city, address.district]))
    return f"{where or '…'} *** {masked_name(address.receiver or '')}".strip()


class PlanForm(WhenForm):
    """A trip: what kind, when, with whom, where to. Quantities stand in fields of their own in the page."""

    kind = forms.ChoiceField(
        label=pgettext_lazy("of a trip", "Kind"), choices=Delivery.Kind.choices, widget=forms.RadioSelect
    )
    crew = forms.ModelChoiceField(
        label=_("Crew"),
        queryset=DeliveryCrew.objects.none(),
        required=False,
        empty_label=NOBODY_YET,
    )
    saved = forms.ChoiceField(
        label=_("Address we know"),
        required=False,
        help_text=_("What is filled in below counts instead."),
    )
    receiver = forms.CharField(label=_("Receiver"), max_length=60, required=False)
    phone = forms.CharField(
        label=_("Phone"),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    province = forms.CharField(label=_("Province"), max_length=30, required=False)
    city = forms.CharField(label=_("City"), max_length=30, required=False)
    district = forms.CharField(label=_("District"), max_length=30, required=False)
    street = forms.CharField(label=_("Street and house"), max_length=200, required=False)
    note = forms.CharField(
        label=_("Note for the crew"),
        max_length=200,
        required=False,
        help_text=_("Lift, parking, code of the gate."),
    )
    wide = ("street", "note")
    field_order = (
        "kind", "window", "day", "crew", "saved", "receiver", "phone", "province", "city", "district", "street", "note",
    )  # fmt: skip
    sections = (
        (_("When"), ("window", "day", "crew")),
        (
            _("Where to"),
            ("saved", "receiver", "phone", "province", "city", "district", "street", "note"),
        ),
    )

    def __init__(self, *args: Any, store: Store, now: datetime, customer: Customer | None, **kwargs: Any):
        super().__init__(*args, store=store, now=now, **kwargs)
        crew: Any = self.fields["crew"]
        crew.queryset = DeliveryCrew.objects.filter(store=store, is_active=True)
        cluster = Customer.objects.cluster(customer.head_id) if customer else Customer.objects.none()
        rows = Address.objects.filter(customer__in=cluster, archived_at=None).select_related("key")
        self.known = {
            str(row.pk): row
            for row in rows.order_by("-is_preferred", "pk")
            if row.key.destroyed_at is None and row.street
        }
        saved: Any = self.fields["saved"]
        saved.choices = [
            ("", _("Another address")),
            *((pk, address_label(row)) for pk, row in self.known.items()),
        ]
        if not self.known:
            del self.fields["saved"]
            self.initial.setdefault("receiver", customer.name if customer else "")
        elif "saved" not in self.initial:
            by_use = sorted(
                self.known.values(), key=lambda row: (row.use != "DELIVERY", not row.is_preferred)
            )
            self.initial["saved"] = str(by_use[0].pk)

    def destination(self) -> Destination:
        """Where it goes: the address that is known, and what was typed instead."""
        data = self.cleaned_data
        row = self.known.get(data.get("saved") or "")
        has_own = bool(data["street"].strip())

        def value(name: str) -> str:
            typed = str(data[name]).strip()
            if typed or row is None or (has_own and name not in ("receiver", "phone")):
                return typed
            return str(getattr(row, name) or "")

        names = ("receiver", "phone", "street", "province", "city", "district")
        return Destination(**{name: value(name) for name in names}, note=data["note"])

    def clean_phone(self) -> str:
        typed = str(self.cleaned_data["phone"]).strip()
        if typed:
            try:
                parse_phone(typed)
            except InvalidInput as error:
                raise forms.ValidationError(str(error)) from None
        return typed


class MoveForm(WhenForm):
    """Another day, window or crew."""

    crew = forms.ModelChoiceField(
        label=_("Crew"),
        queryset=DeliveryCrew.objects.none(),
        required=False,
        empty_label=NOBODY_YET,
    )

    def __init__(self, *args: Any, delivery: Delivery, now: datetime, **kwargs: Any) -> None:
        standing = (delivery.day, delivery.slot_id) if delivery.slot_id else None
        if not args or args[0] is None:
            is_past = delivery.day < local_now(delivery.store, now).date() or delivery.state == "FAILED"
            kwargs["initial"] = {"crew": delivery.crew_id} | (
                {}
                if is_past
                else {"window": f"{delivery.day:%Y-%m-%d}/{delivery.slot_id}"}
                if delivery.slot_id
                else {"day": delivery.day}
            )
        super().__init__(*args, store=delivery.store, now=now, standing=standing, **kwargs)
        crew: Any = self.fields["crew"]
        crew.queryset = DeliveryCrew.objects.filter(store=delivery.store, is_active=True)


class FailForm(WhenForm):
    """Why it was not handed over, and when again."""

    is_day_needed = False
    reason = forms.ChoiceField(
        label=_("What happened?"),
        choices=[each for each in Delivery.Reason.choices if each[0]],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
    field_order = ("reason", "note", "window", "day")
    wide = ("note",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, none=_("The planner finds a new day"), **kwargs)
        self.fields["window"].label = pgettext("delivery", "New window")
        self.fields["day"].help_text = ""


class ReasonForm(KitForm):
    """Why a delivery is called off."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class SlotForm(KitForm):
    """A window of the day."""

    name = forms.CharField(
        label=pgettext_lazy("of a setting", "Name"),
        max_length=20,
        widget=forms.TextInput(attrs={"placeholder": _("Morning")}),
    )
    capacity = forms.IntegerField(label=_("Deliveries at most"), min_value=0, max_value=999, initial=6)
    from_time = forms.TimeField(label=_("From"))
    to_time = forms.TimeField(label=pgettext_lazy("of a window of time", "Until"))
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days of the week"),
        choices=WEEKDAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        initial=list(range(7)),
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    @staticmethod
    def of(slot: DeliverySlot | None) -> dict[str, Any]:
        if slot is None:
            return {}
        names = ("name", "capacity", "from_time", "to_time", "is_active")
        return {name: getattr(slot, name) for name in names} | {"weekdays": weekdays_of(slot.weekdays)}


class SlotDayForm(KitForm):
    """Another capacity on one day."""

    day = forms.DateField(label=_("Day"))
    capacity = forms.IntegerField(
        label=_("Deliveries at most"),
        min_value=0,
        max_value=999,
        required=False,
        help_text=_("0: nothing is delivered then. Empty: as on every other day."),
    )


class CrewForm(KitForm):
    """Who delivers together."""

    name = forms.CharField(
        label=pgettext_lazy("of a setting", "Name"),
        max_length=30,
        widget=forms.TextInput(attrs={"placeholder": _("Crew one")}),
    )
    members = forms.ModelMultipleChoiceField(
        label=_("People"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Whoever may deliver in this store. The first of them holds the task."),
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, *args: Any, people: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["members"]
        field.queryset = User.objects.filter(pk__in=[user.pk for user in people]).order_by("name")
        field.label_from_instance = lambda user: user.name


class RulesForm(KitForm):
    """What is asked for at the door and what customers are told; how long prices of the day are kept."""

    needs_signature = forms.BooleanField(label=_("Ask for a signature"), required=False)
    needs_photo = forms.BooleanField(label=_("Ask for a photo"), required=False)
    tells_customers = forms.BooleanField(
        label=_("Tell customers how their order goes on"),
        required=False,
        help_text=_("One text message when the day is set, the crew sets out, or it was handed over."),
    )
    gold_lock_hours = forms.IntegerField(
        label=_("Keep a price of the day for"),
        min_value=1,
        max_value=720,
        help_text=_("Of gold in quotes and orders."),
    )
    quote_days = forms.IntegerField(
        label=_("A quote holds for"),
        min_value=1,
        max_value=365,
        help_text=_("From the day it was priced; prices of the day no longer than above."),
    )
    loss = forms.DecimalField(
        label=_("Loss in melting old gold"), min_value=0, max_value=100, max_digits=5, decimal_places=2
    )
    affix = {"gold_lock_hours": _("hours"), "quote_days": _("days"), "loss": "%"}

    @staticmethod
    def of(setting: DeliverySetting) -> dict[str, Any]:
        names = ("needs_signature", "needs_photo", "tells_customers", "gold_lock_hours", "quote_days")
        return {name: getattr(setting, name) for name in names} | {
            "loss": (Decimal(setting.old_gold_loss_bp) / 100).normalize()
        }

    def values(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        return data | {"old_gold_loss_bp": int(data.pop("loss") * 100)}
