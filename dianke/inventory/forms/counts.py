"""The forms of stocktakes: what is counted and how, and what becomes of what nobody counted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dianke.catalog.forms.products import category_field
from dianke.catalog.models import Category
from dianke.core.actor import Actor
from dianke.inventory.forms.parts import as_number, shelves
from dianke.inventory.models import CountSession, Place
from dianke.inventory.operations.counting import COUNT
from dianke.stores.models import Store
from dianke.web.forms import KitForm


class CountForm(KitForm):
    """Where, of which category, blind or not, and how much a first look may differ."""

    where = forms.ChoiceField(
        label=gettext_lazy("Where"),
        error_messages={"required": gettext_lazy("Choose what is counted.")},
    )
    name = forms.CharField(
        label=gettext_lazy("Name of the stocktake"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("November, rings")}),
    )
    is_blind = forms.BooleanField(
        label=gettext_lazy("Count blind"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Who counts does not see what should be there. That finds more."),
    )
    tolerance_quantity = forms.DecimalField(
        label=gettext_lazy("Tolerance in pieces"),
        min_value=0,
        max_digits=14,
        decimal_places=4,
        required=False,
        help_text=gettext_lazy("Up to this difference nobody has to count again."),
    )
    tolerance_percent = forms.DecimalField(
        label=gettext_lazy("Tolerance in percent"),
        min_value=0,
        max_value=100,
        decimal_places=2,
        required=False,
        help_text=gettext_lazy(
            "Of what should be there; the larger of the two counts. Single pieces have none."
        ),
    )
    affix = {"tolerance_percent": "%"}
    wide = ("where", "name")
    sections = ((gettext_lazy("How exact"), ("is_blind", "tolerance_quantity", "tolerance_percent")),)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        everything = category_field(label=_("Only this category"), empty=_("All goods"))
        everything.help_text = _("With everything below it.")
        named = {name: field for name, field in type(self).base_fields.items() if name != "where"}
        self.base_fields = {"where": type(self).base_fields["where"], "category": everything, **named}  # type: ignore[misc]
        super().__init__(*args, **kwargs)
        reached = actor.stores_for(COUNT)
        rows = shelves() if reached is None else shelves().filter(store__in=reached)
        self.places: dict[int, Place] = {place.pk: place for place in rows}
        stores = [place.store for place in self.places.values() if place.store is not None]
        self.stores: dict[int, Store] = {store.pk: store for store in stores}
        where: Any = self.fields["where"]
        where.choices = [("", _("Please choose")), *self._choices()]
        if not self.is_bound and "where" not in self.initial:
            here = actor.store_id if actor.store_id in self.stores else None
            only = next(iter(self.stores)) if len(self.stores) == 1 else None
            self.initial["where"] = f"s{here or only}" if here or only else ""

    def _choices(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Each store as a whole, then its places."""
        groups = []
        for store_id, store in self.stores.items():
            places = [place for place in self.places.values() if place.store_id == store_id]
            options = [(f"s{store_id}", _("%(store)s, everything") % {"store": store.short_name})]
            if len(places) > 1:
                options += [(f"p{place.pk}", f"{store.short_name} · {place}") for place in places]
            groups.append((store.short_name, options))
        return groups

    def values(self) -> dict[str, Any]:
        """What the operation is told."""
        data = self.cleaned_data
        where, place = data["where"], None
        if where.startswith("p"):
            place = self.places[as_number(where[1:])]
        store = place.store if place is not None else self.stores[as_number(where[1:])]
        return {
            "store": store,
            "place": place,
            "category": Category.objects.filter(pk=data["category"]).first() if data["category"] else None,
            "name": data["name"],
            "is_blind": data["is_blind"],
            "tolerance_quantity": data["tolerance_quantity"] or Decimal(0),
            "tolerance_bp": int((data["tolerance_percent"] or Decimal(0)) * 100),
        }


class SubmitForm(KitForm):
    """What nobody counted, and for who approves: whether differences are taken without a second look."""

    uncounted = forms.ChoiceField(
        label=gettext_lazy("What nobody counted"),
        choices=[
            ("keep", gettext_lazy("Leave it as the books have it")),
            ("zero", gettext_lazy("It is not there: count it as zero")),
        ],
        widget=forms.RadioSelect,
        initial="keep",
    )
    without_recount = forms.BooleanField(
        label=gettext_lazy("Take the differences without counting again"),
        required=False,
        help_text=gettext_lazy("Who approves sees that nobody looked a second time."),
    )

    def __init__(
        self, *args: Any, actor: Actor, session: CountSession, uncounted: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not uncounted:
            del self.fields["uncounted"]
        if not actor.can("inventory.approve_counts", store_id=session.store_id):
            del self.fields["without_recount"]

    def values(self) -> dict[str, bool]:
        data = self.cleaned_data
        return {
            "missing_is_zero": data.get("uncounted") == "zero",
            "without_recount": bool(data.get("without_recount")),
        }
