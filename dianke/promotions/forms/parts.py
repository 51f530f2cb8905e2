"""Fields both forms share: goods by their codes, for which days and people an offer holds, and terms back into
fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.models import Barcode, Category, Product, Variant
from dianke.core.actor import Actor
from dianke.core.errors import DiankeError
from dianke.promotions.models.visible import MANAGE
from dianke.promotions.queries.names import channel_names
from dianke.promotions.queries.segments import segments
from dianke.stores.models import Store
from dianke.web.forms import KitForm

_BETWEEN = re.compile(r"[\s,，、;；|]+")
MOST_CODES = 200
ALIKE = (
    ("SET", _("All goods of the promotion")),
    ("PRODUCT", _("Pieces of one product")),
    ("VARIANT", _("Pieces of one article")),
)
MEASURES = (
    ("AMOUNT", pgettext_lazy("what a threshold counts", "Money")),
    ("QUANTITY", pgettext_lazy("what a threshold counts", "Pieces")),
)


class GoodsCodesField(forms.CharField):
    """Codes of products or articles and barcodes, in any order; cleaned to `{"product_ids": […], "variant_ids":
    […]}`."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 4000)
        kwargs.setdefault(
            "widget", forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "spellcheck": "false"})
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        codes = list(dict.fromkeys(code for code in _BETWEEN.split(text) if code))
        if not codes:
            return {}
        if len(codes) > MOST_CODES:
            raise ValidationError(
                _("At most %(most)s codes. Take categories for more."), params={"most": MOST_CODES}
            )
        found: dict[str, list[int]] = {"product_ids": [], "variant_ids": []}
        products = {row.code.upper(): row.pk for row in Product.objects.filter(code__in=_cases(codes))}
        variants = {row.code.upper(): row.pk for row in Variant.objects.filter(code__in=_cases(codes))}
        scanned = dict(Barcode.objects.filter(value__in=codes).values_list("value", "variant_id"))
        missing = []
        for code in codes:
            if code.upper() in products:
                found["product_ids"].append(products[code.upper()])
            elif code.upper() in variants or code in scanned:
                found["variant_ids"].append(variants.get(code.upper()) or scanned[code])
            else:
                missing.append(code)
        if missing:
            raise ValidationError(
                _("No goods have these codes: %(codes)s"), params={"codes": ", ".join(missing[:5])}
            )
        return {key: sorted(set(ids)) for key, ids in found.items() if ids}


def _cases(codes: Iterable[str]) -> set[str]:
    return {case for code in codes for case in (code, code.upper())}


def codes_of(goods: Mapping[str, Any], prefix: str = "") -> str:
    """The codes of the ids in terms, as they would be typed."""
    products = Product.objects.filter(pk__in=goods.get(f"{prefix}product_ids", ()))
    variants = Variant.objects.filter(pk__in=goods.get(f"{prefix}variant_ids", ()))
    return " ".join([*products.values_list("code", flat=True), *variants.values_list("code", flat=True)])


class OfferForm(KitForm):
    """Goods, days and people; a subclass adds what the offer does. `terms()` gives the terms as operations take
    them."""

    categories = forms.MultipleChoiceField(
        label=_("Categories"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("With everything below them. Nothing chosen here and no codes: all goods."),
    )
    codes = GoodsCodesField(
        label=_("Goods by code"),
        required=False,
        help_text=_("Product codes, SKUs or barcodes, with blanks between."),
    )
    excluded_categories = forms.MultipleChoiceField(
        label=_("Not for categories"), required=False, widget=forms.SelectMultiple(attrs={"size": 4})
    )
    excluded_codes = GoodsCodesField(label=_("Not for goods"), required=False)
    weekdays = forms.MultipleChoiceField(
        label=_("Days of the week"),
        required=False,
        choices=[(str(day), WEEKDAYS[day - 1]) for day in range(1, 8)],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: every day."),
    )
    hours_from = forms.TimeField(label=pgettext_lazy("time of day", "From"), required=False)
    hours_to = forms.TimeField(
        label=pgettext_lazy("time of day", "To"),
        required=False,
        help_text=_("May pass midnight: 22:00 to 02:00."),
    )
    stores = forms.MultipleChoiceField(
        label=_("Stores"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: every store."),
    )
    channels = forms.MultipleChoiceField(
        label=_("Channels"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: all of them."),
    )
    tiers = forms.CharField(
        label=_("Levels"),
        required=False,
        max_length=200,
        help_text=_("Codes of member levels, with blanks between. Empty: everybody."),
    )
    segments = forms.MultipleChoiceField(
        label=_("Segments"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "None ticked: everybody. Else whoever is in one of them, as they were worked out last night or when one was"
            " changed. The same price for everybody in it; order pages say why."
        ),
    )
    is_members_only = forms.BooleanField(label=_("Members only"), required=False)
    is_birthday_month = forms.BooleanField(label=_("In the month of the birthday"), required=False)
    is_first_purchase = forms.BooleanField(label=_("On the first purchase"), required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        rows = Category.objects.filter(merged_into=None).order_by("path", "position", "pk")
        tree = [(str(row.pk), f"{'　' * len(row.path)}{row.name}") for row in rows]
        for name in ("categories", "excluded_categories"):
            if name in self.fields:
                self.fields[name].choices = tree  # type: ignore[attr-defined]
        stores = Store.objects.visible_to(actor, MANAGE).still_open().order_by("code")
        self.fields["stores"].choices = [(str(row.pk), row.short_name) for row in stores]  # type: ignore[attr-defined]
        self.fields["channels"].choices = list(channel_names().items())  # type: ignore[attr-defined]
        self._offer_segments()
        if actor.stores_for(MANAGE) is not None:
            self.fields["stores"].help_text = _("Choose among your stores.")

    def _offer_segments(self) -> None:
        """Those the actor may name, and those that stand already. Where there are none nothing is asked."""
        choices = {str(pk): name for pk, name in segments().choices(self.actor)}
        kept = [pk for pk in self.initial.get("segments", ()) if pk not in choices]
        if kept:
            names = segments().names([int(pk) for pk in kept])
            choices |= {pk: names.get(int(pk), f"#{pk}") for pk in kept}
        if choices:
            self.fields["segments"].choices = list(choices.items())  # type: ignore[attr-defined]
        else:
            del self.fields["segments"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if (data.get("hours_from") is None) != (data.get("hours_to") is None):
            self.add_error("hours_to", _("Hours have a beginning and an end. Fill in both."))
        return data

    def goods_terms(self) -> dict[str, Any]:
        data = self.cleaned_data
        goods: dict[str, Any] = dict(data.get("codes") or {})
        if data.get("categories"):
            goods["category_ids"] = [int(pk) for pk in data["categories"]]
        for key, ids in (data.get("excluded_codes") or {}).items():
            goods[f"excluded_{key}"] = ids
        if data.get("excluded_categories"):
            goods["excluded_category_ids"] = [int(pk) for pk in data["excluded_categories"]]
        return goods

    def when_terms(self) -> dict[str, Any]:
        data = self.cleaned_data
        when: dict[str, Any] = {}
        if data.get("weekdays"):
            when["weekdays"] = [int(day) for day in data["weekdays"]]
        if data.get("hours_from") is not None and data.get("hours_to") is not None:
            end = data["hours_to"]
            when["hours"] = [[f"{data['hours_from']:%H:%M}", "24:00" if end == time() else f"{end:%H:%M}"]]
        return when

    def audience_terms(self) -> dict[str, Any]:
        data = self.cleaned_data
        audience: dict[str, Any] = {}
        if data.get("stores"):
            audience["store_ids"] = [int(pk) for pk in data["stores"]]
        if data.get("channels"):
            audience["channels"] = data["channels"]
        if data.get("segments"):
            audience["segment_ids"] = sorted(int(pk) for pk in data["segments"])
        if data.get("tiers"):
            audience["tiers"] = [word for word in _BETWEEN.split(data["tiers"]) if word]
        for name in ("is_members_only", "is_birthday_month", "is_first_purchase"):
            if data.get(name):
                audience[name] = True
        return audience

    def common_terms(self) -> dict[str, Any]:
        """Goods, days and people, what says something."""
        parts = {
            "goods": self.goods_terms(),
            "when": self.when_terms(),
            "audience": self.audience_terms(),
        }
        return {key: part for key, part in parts.items() if part}

    @staticmethod
    def common_initial(terms: Mapping[str, Any]) -> dict[str, Any]:
        """Fields out of terms."""
        goods, when, audience = (terms.get(key) or {} for key in ("goods", "when", "audience"))
        hours = (when.get("hours") or [[None, None]])[0]
        return {
            "categories": [str(pk) for pk in goods.get("category_ids", ())],
            "codes": codes_of(goods),
            "excluded_categories": [str(pk) for pk in goods.get("excluded_category_ids", ())],
            "excluded_codes": codes_of(goods, "excluded_"),
            "weekdays": [str(day) for day in when.get("weekdays", ())],
            "hours_from": hours[0],
            "hours_to": "00:00" if hours[1] == "24:00" else hours[1],
            "stores": [str(pk) for pk in audience.get("store_ids", ())],
            "channels": audience.get("channels", []),
            "tiers": " ".join(audience.get("tiers", ())),
            "segments": [str(pk) for pk in audience.get("segment_ids", ())],
            "is_members_only": audience.get("is_members_only", False),
            "is_birthday_month": audience.get("is_birthday_month", False),
            "is_first_purchase": audience.get("is_first_purchase", False),
        }

    #: Where a wrong entry of the terms is shown: the first part of its path to a field.
    places: Mapping[str, str] = {"goods": "codes", "audience": "stores", "when": "weekdays"}

    def add_domain_error(self, error: DiankeError) -> None:
        """A wrong entry of the terms stands at the field it came from."""
        path = error.field or ""
        if (path not in self.fields and "." in path) or path in self.places:
            place = self.place_of(path)
            self.add_error(place if place in self.fields else None, str(error))
            return
        super().add_domain_error(error)

    def place_of(self, path: str) -> str:
        """The field a path of the terms came from."""
        first, _dot, rest = path.partition(".")
        if first == "rule":
            last = rest.rpartition(".")[2]
            return last if last in self.fields else ""
        return self.places.get(first, "")


AUDIENCE = (
    "stores",
    "channels",
    "is_members_only",
    "tiers",
    "segments",
    "is_birthday_month",
    "is_first_purchase",
)
GOODS = ("categories", "codes", "excluded_categories", "excluded_codes")
WHEN = ("weekdays", "hours_from", "hours_to")
