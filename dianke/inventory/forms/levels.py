"""How much of an item a shelf should have."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Variant
from dianke.core.actor import Actor
from dianke.inventory.models import Place, SafetyStock
from dianke.web.forms import KitForm

SETTINGS = "inventory.manage_settings"


class LevelsForm(KitForm):
    """A minimum below which the item counts as low, and a maximum it is filled to; no minimum: not watched."""

    place = forms.ModelChoiceField(label=_("Shelf"), queryset=Place.objects.none())
    minimum = forms.DecimalField(
        label=_("At least this many"),
        required=False,
        min_value=0,
        max_digits=18,
        decimal_places=4,
        help_text=_("Below this the item counts as low. Leave it empty to stop watching it."),
    )
    maximum = forms.DecimalField(
        label=_("Filled up to"),
        required=False,
        min_value=0,
        max_digits=18,
        decimal_places=4,
        help_text=_("What suggestions and plans fill it up to."),
    )

    def __init__(self, *args: Any, actor: Actor, variant: Variant, place_id: str, **kwargs: Any) -> None:
        shelves = (
            Place.objects.visible_to(actor, SETTINGS)
            .filter(kind=Place.Kind.STOCK, stock_place__is_active=True)
            .select_related("store")
            .order_by("store__code", "pk")
        )
        chosen = (
            shelves.filter(pk=int(place_id)).first() if place_id.isdecimal() and len(place_id) < 19 else None
        )
        if chosen is not None:
            standing = SafetyStock.objects.filter(variant=variant, place=chosen).first()
            kwargs["initial"] = {
                "place": chosen.pk,
                "minimum": _plain(standing.minimum) if standing else None,
                "maximum": _plain(standing.maximum) if standing else None,
            }
        super().__init__(*args, **kwargs)
        field: Any = self.fields["place"]
        field.queryset = shelves
        field.label_from_instance = lambda place: f"{place.store.short_name} {place}"
        for name in ("minimum", "maximum"):
            self.fields[name].affix = variant.product.unit.name  # type: ignore[attr-defined]


def _plain(quantity: Any) -> str | None:
    return None if quantity is None else format(quantity.normalize(), "f")
