"""The form of old gold: what it is, what was weighed and tested, and by which price it counts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dianke.catalog.rules.jewelry import METAL_NAMES
from dianke.core.actor import Actor
from dianke.sales.models import Order
from dianke.sales.operations.old_gold import CHANGE_PRICES
from dianke.sales.queries.deliveries import setting_of
from dianke.sales.queries.old_gold import Tested
from dianke.web.forms import KitForm

MG = 1000


class OldGoldForm(KitForm):
    """Weighed and tested before the customer's eyes."""

    description = forms.CharField(label=_("What it is"), max_length=120)
    metal = forms.ChoiceField(label=_("Metal"), choices=[*METAL_NAMES.items()])
    fineness = forms.IntegerField(
        label=_("Tested fineness"), min_value=1, max_value=1000, initial=999, help_text=_("18K is 750.")
    )
    weight = forms.DecimalField(
        label=_("Tested weight"), min_value=Decimal("0.001"), max_digits=9, decimal_places=3
    )
    loss = forms.DecimalField(
        label=_("Loss in melting"), min_value=0, max_value=100, max_digits=5, decimal_places=2
    )
    price = forms.DecimalField(
        label=_("Price per gram, by hand"),
        min_value=Decimal("0.01"),
        max_digits=10,
        decimal_places=2,
        required=False,
        help_text=_("Empty: the buy-back price of the day."),
    )
    reason = forms.CharField(label=_("Why another price"), max_length=200, required=False)
    affix = {"weight": _("g"), "loss": "%", "fineness": "‰", "price": _("yuan a gram")}
    wide = ("description", "reason")

    def __init__(self, *args: Any, order: Order, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault(
            "loss", (Decimal(setting_of(order.store_id).old_gold_loss_bp) / 100).normalize()
        )
        if not actor.can(CHANGE_PRICES, store_id=order.store_id):
            del self.fields["price"], self.fields["reason"]

    def tested(self) -> Tested:
        """As the operation takes it."""
        data = self.cleaned_data
        price = data.get("price")
        return Tested(
            metal=data["metal"],
            fineness=data["fineness"],
            weight_mg=int(data["weight"] * MG),
            loss_bp=int(data["loss"] * 100),
            price_amount=None if price is None else int(price * 100),
            reason=data.get("reason", ""),
        )
