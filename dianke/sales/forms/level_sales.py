"""The form of a member level that is sold on its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dianke.loyalty.models import Level
from dianke.sales.models import Shift, Tender
from dianke.sales.views.orders_rows import shown
from dianke.stores.models import Register, Store
from dianke.web.forms import KitForm


class SellLevelForm(KitForm):
    """Which level, at which store, paid how. What the level costs stands with it."""

    level = forms.ModelChoiceField(label=_("Level"), queryset=Level.objects.none(), empty_label=None)
    store = forms.ModelChoiceField(label=_("Store"), queryset=Store.objects.none())
    tender = forms.ModelChoiceField(
        label=_("Paid by"), queryset=Tender.objects.none(), to_field_name="code", empty_label=None
    )
    reference = forms.CharField(
        label=_("Number of the payment"),
        required=False,
        max_length=64,
        help_text=_("As it stands on the terminal or in the app of the bank; for cash leave it empty."),
    )
    register = forms.ModelChoiceField(
        label=_("Into the drawer of"),
        required=False,
        queryset=Register.objects.none(),
        empty_label=_("No drawer: the cash of the store"),
    )
    key = forms.UUIDField(widget=forms.HiddenInput)
    wide = ("level",)

    def __init__(
        self, *args: Any, levels: Any, stores: Sequence[Store], shifts: Sequence[Shift], **kwargs: Any
    ) -> None:
        kwargs["initial"] = {"key": uuid4()} | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        kinds = Tender.Account
        at_once = Tender.objects.in_use().exclude(
            account__in=[kinds.RECEIVABLE, kinds.EXCHANGE, kinds.OLD_METAL]
        )
        querysets: dict[str, Any] = {
            "level": levels,
            "store": Store.objects.filter(pk__in=[store.pk for store in stores]),
            "tender": at_once.exclude(adapter="gateway"),
            "register": Register.objects.filter(pk__in=[shift.register_id for shift in shifts]),
        }
        for name, rows in querysets.items():
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
        self.fields["level"].label_from_instance = level_text  # type: ignore[attr-defined]
        if not shifts:
            del self.fields["register"]
        if len(stores) == 1:
            self.fields["store"].widget = forms.HiddenInput()


def level_text(level: Level) -> str:
    """Name, price and days in one line."""
    return gettext("%(level)s · %(price)s for %(days)s days") % {
        "level": level.name,
        "price": shown(level.price_amount, level.programme.currency),
        "days": level.paid_days,
    }
