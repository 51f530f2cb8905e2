"""The forms of customers' goods: what is taken in, and that it goes back to the right person."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.inventory.operations.custody import CUSTODY
from dianke.stores.models import Store
from dianke.web.forms import KitForm

MG = 1000


class TakeInForm(KitForm):
    """The tag that is tied to it, what it is, and what both see of its condition."""

    store = forms.ModelChoiceField(label=_("Store"), queryset=Store.objects.none())
    tag = forms.CharField(
        label=_("Tag"),
        max_length=32,
        help_text=_("The number that is tied to the goods and stands on the slip."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )
    description = forms.CharField(
        label=_("What it is"),
        max_length=120,
        widget=forms.TextInput(attrs={"placeholder": _("Gold bracelet with clasp")}),
    )
    condition = forms.CharField(
        label=_("Condition"),
        max_length=200,
        required=False,
        help_text=_("Scratches, missing stones, stains: what both of you see now."),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    purpose = forms.CharField(
        label=_("What for"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("Repair, cleaning, keeping")}),
    )
    quantity = forms.DecimalField(
        label=_("Quantity"), min_value=Decimal("0.0001"), max_digits=10, decimal_places=4, initial=1
    )
    weight = forms.DecimalField(
        label=_("Weight"),
        min_value=0,
        max_digits=9,
        decimal_places=3,
        required=False,
        help_text=_("Of jewelry: weighed before the customer's eyes."),
    )
    due_on = forms.DateField(label=_("Back by"), required=False)
    affix = {"weight": _("g")}
    wide = ("description", "purpose")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stores = Store.objects.visible_to(actor, CUSTODY).still_open()
        field: Any = self.fields["store"]
        field.queryset = stores
        field.label_from_instance = lambda store: store.short_name
        ids = list(stores.values_list("pk", flat=True)[:2]) if actor.store_id is None else [actor.store_id]
        if len(ids) == 1:
            self.initial.setdefault("store", ids[0])

    def values(self) -> dict[str, Any]:
        """What the operation is told."""
        data = dict(self.cleaned_data)
        weight = data.pop("weight")
        return data | {"weight_mg": None if weight is None else int(weight * MG)}


class GiveBackForm(KitForm):
    """That tag and person were compared."""

    compared = forms.BooleanField(
        label=_("Tag and slip were compared, and it is the right person."),
        error_messages={"required": _("Compare the tag with the slip first, then tick it.")},
    )
