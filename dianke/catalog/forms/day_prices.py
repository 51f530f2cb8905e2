"""The board of the day as a form: what stands, what is added, and the correction of one price."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dianke.catalog.forms.parts import AmountField
from dianke.catalog.operations.day_prices import Quote
from dianke.catalog.queries.day_prices import BoardRow
from dianke.catalog.rules.jewelry import METAL_NAMES
from dianke.web.forms import KitForm

PER_GRAM = _("yuan/g")


class BoardForm(KitForm):
    """A line of two amounts per metal on the board, and one for a metal that is not there yet."""

    new_metal = forms.ChoiceField(label=_("Metal"), required=False, choices=[("", "—"), *METAL_NAMES.items()])
    new_fineness = forms.IntegerField(
        label=_("Fineness (‰)"), required=False, min_value=1, max_value=1000, help_text=_("18K is 750.")
    )
    new_sell = AmountField(label=_("Price per gram"), required=False)
    new_buy = AmountField(label=_("Buy-back per gram"), required=False)

    def __init__(
        self, *args: Any, rows: Sequence[BoardRow], own_scope: str, currency: str, **kwargs: Any
    ) -> None:
        self.rows, self.own_scope = rows, own_scope
        self.base_fields = dict(type(self).base_fields)  # type: ignore[misc]
        for row in rows:
            self.base_fields[f"sell_{row.metal}_{row.fineness}"] = AmountField(
                label=_("Price per gram"),
                initial=row.sell_amount,
                currency=currency,
            )
            self.base_fields[f"buy_{row.metal}_{row.fineness}"] = AmountField(
                label=_("Buy-back per gram"),
                initial=row.buy_back_amount,
                required=False,
                currency=currency,
            )
        super().__init__(*args, **kwargs)
        self.fields["new_sell"].currency = self.fields["new_buy"].currency = currency  # type: ignore[attr-defined]

    def lines(self) -> list[tuple[BoardRow, forms.BoundField, forms.BoundField]]:
        """Each metal with its two fields."""
        return [
            (row, self[f"sell_{row.metal}_{row.fineness}"], self[f"buy_{row.metal}_{row.fineness}"])
            for row in self.rows
        ]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        metal, fineness, sell = (found.get(f"new_{name}") for name in ("metal", "fineness", "sell"))
        if any((metal, fineness, sell)) and not all((metal, fineness, sell)):
            for name, value in (("metal", metal), ("fineness", fineness), ("sell", sell)):
                if not value and f"new_{name}" not in self.errors:
                    self.add_error(f"new_{name}", ValidationError(_("A further metal needs this too.")))
        return found

    def quotes(self) -> list[Quote]:
        """The lines that differ from the board, and the further one."""
        data, found = self.cleaned_data, []
        for row in self.rows:
            sell, buy = (data.get(f"{name}_{row.metal}_{row.fineness}") for name in ("sell", "buy"))
            if (sell, buy) != (row.sell_amount, row.buy_back_amount):
                found.append(Quote(row.metal, row.fineness, sell, buy))
        if data.get("new_metal"):
            found.append(
                Quote(data["new_metal"], data["new_fineness"], data["new_sell"], data.get("new_buy"))
            )
        return found


class CorrectionForm(KitForm):
    """What the price should have been, and why it was not."""

    sell_amount = AmountField(label=_("Price per gram"))
    buy_back_amount = AmountField(label=_("Buy-back per gram"), required=False)
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("Whoever looks at the history reads it.")
    )
    wide = ("reason",)
    affix = {"sell_amount": PER_GRAM, "buy_back_amount": PER_GRAM}


class BuyBackForm(KitForm):
    """What old metal is worth: tested weight and fineness, loss in melting."""

    weight = forms.CharField(
        label=_("Tested weight"), max_length=16, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    fineness = forms.IntegerField(label=_("Tested fineness (‰)"), min_value=1, max_value=1000, initial=999)
    loss = forms.DecimalField(
        label=_("Loss in melting"), min_value=0, max_value=100, decimal_places=2, initial=0, required=False
    )
    affix = {"weight": _("g"), "loss": "%"}
