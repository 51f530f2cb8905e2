"""The forms of plans: for which store and how long, and what the shop wishes for the supply of a product."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.purchasing.models import Supplier, SupplyRule
from dianke.purchasing.operations.planning import REVIEW_DAYS
from dianke.stores.models import Store
from dianke.web.forms import KitForm

MAKE = "purchasing.make_orders"


class PlanForm(KitForm):
    """Which store, and how long the goods ordered now have to last."""

    store = forms.ModelChoiceField(label=_("For store"), queryset=Store.objects.none(), empty_label=None)
    review_days = forms.IntegerField(
        label=_("Days until the next order"),
        min_value=1,
        max_value=90,
        initial=REVIEW_DAYS,
        help_text=_("What is ordered now has to last until the goods of the next order come."),
    )
    affix = {"review_days": _("days")}

    def __init__(self, *args: Any, actor: Actor, store: Store | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"store": store.pk if store else None})
        super().__init__(*args, **kwargs)
        stores = Store.objects.visible_to(actor, MAKE).still_open().order_by("code")
        self.fields["store"].queryset = stores  # type: ignore[attr-defined]
        self.fields["store"].label_from_instance = lambda each: each.short_name  # type: ignore[attr-defined]


class WishesForm(KitForm):
    """What is wished for the supply of a product in a store."""

    safety_quantity = forms.DecimalField(
        label=_("Reserve"),
        required=False,
        min_value=0,
        max_digits=12,
        decimal_places=4,
        help_text=_("Empty: worked out from how sales vary."),
    )
    maximum_quantity = forms.DecimalField(
        label=_("Most that shall lie here"), required=False, min_value=0, max_digits=12, decimal_places=4
    )
    review_days = forms.IntegerField(
        label=_("Days until the next order"),
        required=False,
        min_value=1,
        max_value=90,
        help_text=_("Empty: as the plan says."),
    )
    supplier = forms.ModelChoiceField(
        label=_("Always from"),
        required=False,
        queryset=Supplier.objects.none(),
        empty_label=_("The best offer"),
    )
    is_planned = forms.BooleanField(label=_("Suggest it in plans"), required=False, initial=True)

    def __init__(self, *args: Any, actor: Actor, rule: SupplyRule | None, **kwargs: Any) -> None:
        if rule is not None:
            kwargs["initial"] = {
                "safety_quantity": _plain(rule.safety_quantity),
                "maximum_quantity": _plain(rule.maximum_quantity),
                "review_days": rule.review_days,
                "supplier": rule.supplier_id,
                "is_planned": rule.is_planned,
            }
        super().__init__(*args, **kwargs)
        suppliers = Supplier.objects.visible_to(actor).in_use().order_by("short_name", "pk")
        self.fields["supplier"].queryset = suppliers  # type: ignore[attr-defined]


def _plain(quantity: Any) -> Any:
    return None if quantity is None else format(quantity.normalize(), "f")
