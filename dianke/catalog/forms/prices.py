"""The forms of price lists: what a list asks for, prices typed or pasted, a change of percent."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.forms.parts import PercentField, plain_amount
from dianke.catalog.forms.products import category_field
from dianke.catalog.forms.recipes import MOST_ERRORS, variants_by_code
from dianke.catalog.models import Category, PriceList, PriceListItem, Product
from dianke.catalog.operations.prices import Price
from dianke.catalog.rules.sayings import percent
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.core.money import parse
from dianke.stores.models import Store
from dianke.web.forms import KitForm

MANAGE = "catalog.manage_prices"
MOST_LINES = 1000
CODES = re.compile(r"[\s,，、;；]+")


class PriceListForm(KitForm):
    """Name, where and for whom it counts, and when. Days are typed; the last one is included."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=60)
    code = forms.CharField(label=_("Short code"), max_length=24, help_text=_("Unique, for files: VIP-2026."))
    stores = forms.ModelMultipleChoiceField(
        label=_("Only in these stores"),
        required=False,
        queryset=Store.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: everywhere."),
    )
    tiers = forms.CharField(
        label=_("Only for member tiers"),
        required=False,
        max_length=200,
        help_text=_("Side by side. Empty: everybody."),
    )
    channels = forms.CharField(
        label=_("Only in these channels"),
        required=False,
        max_length=200,
        help_text=_("Side by side. Empty: all."),
    )
    from_day = forms.DateField(label=_("From"), required=False)
    to_day = forms.DateField(label=_("Up to and including"), required=False)
    priority = forms.IntegerField(
        label=_("Priority"),
        min_value=-100,
        max_value=100,
        initial=0,
        help_text=_("Of two lists that apply the higher one counts."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=200)
    is_active = forms.BooleanField(
        label=_("In use"), required=False, help_text=_("Counts at once for every sale it fits.")
    )
    wide = ("name", "note")
    sections = (
        (_("For whom"), ("stores", "tiers", "channels")),
        (_("When"), ("from_day", "to_day", "priority")),
    )

    def __init__(self, *args: Any, actor: Actor, price_list: PriceList | None = None, **kwargs: Any) -> None:
        if price_list is not None:
            kwargs["initial"] = {
                "name": price_list.name,
                "code": price_list.code,
                "stores": list(price_list.stores.values_list("pk", flat=True)),
                "tiers": " ".join(price_list.tiers),
                "channels": " ".join(price_list.channels),
                "from_day": timezone.localtime(price_list.from_at).date() if price_list.from_at else None,
                # The end is the first instant that no longer counts.
                "to_day": timezone.localtime(price_list.to_at - timedelta(seconds=1)).date()
                if price_list.to_at
                else None,
                "priority": price_list.priority,
                "note": price_list.note,
                "is_active": price_list.state == PriceList.State.ACTIVE,
            }
        super().__init__(*args, **kwargs)
        stores = Store.objects.visible_to(actor, MANAGE).still_open()
        held = price_list.stores.all() if price_list is not None else Store.objects.none()
        self.fields["stores"].queryset = Store.objects.filter(  # type: ignore[attr-defined]
            pk__in={*stores.values_list("pk", flat=True), *held.values_list("pk", flat=True)}
        )
        self.fields["stores"].label_from_instance = lambda store: store.short_name  # type: ignore[attr-defined]

    def list_values(self) -> dict[str, Any]:
        """What operations take as `values`."""
        data = self.cleaned_data
        return {
            "name": data["name"],
            "code": data["code"],
            "tiers": [each for each in CODES.split(data["tiers"]) if each],
            "channels": [each for each in CODES.split(data["channels"]) if each],
            "from_at": _midnight(data["from_day"]),
            "to_at": _midnight(data["to_day"] + timedelta(days=1)) if data["to_day"] else None,
            "priority": data["priority"],
            "note": data["note"],
        }


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else timezone.make_aware(datetime.combine(day, time()))


class ItemsForm(KitForm):
    """The prices of a page of a list: an amount or a share of the base price; empty takes the price out."""

    def __init__(self, *args: Any, items: list[PriceListItem], currency: str, **kwargs: Any) -> None:
        self.items, self.currency = items, currency
        super().__init__(*args, **kwargs)
        for item in items:
            shown = price_text(item, currency)
            widget = forms.TextInput(
                attrs={"class": "form-control num", "inputmode": "decimal", "autocomplete": "off"}
            )
            self.fields[f"price_{item.pk}"] = forms.CharField(
                required=False, max_length=24, initial=shown, widget=widget
            )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        for item in self.items:
            name = f"price_{item.pk}"
            try:
                found[name] = read_price(found.get(name, ""), self.currency)
            except ValidationError as error:
                self.add_error(name, error)
        return found

    def changes(self) -> list[Price]:
        """The prices that differ from the list."""
        changes = []
        for item in self.items:
            amount, share = self.cleaned_data[f"price_{item.pk}"]
            if (amount, share) != (item.price_amount, item.percent_bp):
                changes.append(
                    Price(
                        item.variant_id, item.product_id, item.category_id, item.min_quantity, amount, share
                    )
                )
        return changes


def price_text(item: PriceListItem, currency: str) -> str:
    """A price as one would type it: "199", "88%"."""
    if item.percent_bp is not None:
        return percent(item.percent_bp)
    return plain_amount(item.price_amount or 0, currency)


def read_price(text: str, currency: str) -> tuple[int | None, int | None]:
    """Amount in minor units, or share of the base price in basis points; both None for an empty one."""
    text = text.strip().replace("％", "%")
    if not text:
        return None, None
    if text.endswith("%"):
        try:
            share = Decimal(text[:-1].strip()) * 100
        except InvalidOperation as error:
            raise ValidationError(_("“%(text)s” is no percentage.") % {"text": text}) from error
        if share != share.to_integral_value():
            raise ValidationError(_("A percentage has at most two decimals."))
        return None, int(share)
    try:
        return parse(text, currency).to_minor(), None
    except InvalidInput as error:
        raise ValidationError(str(error)) from error


class AddPricesForm(KitForm):
    """Further prices, a line each: SKU, product code or barcode; price or percent; from which quantity."""

    lines = forms.CharField(
        label=_("Prices"),
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 6, "class": "form-control ca-paste", "spellcheck": "false"}),
        help_text=_(
            "One line each: SKU, product code or barcode, then a price or a share of the base price, then "
            "from which quantity on. “P10001 199”, “P10002 88% 3”"
        ),
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.prices: list[Price] = []

    def clean_lines(self) -> str:
        text: str = self.cleaned_data["lines"]
        rows = [
            (n, re.split(r"[\s,，;；]+", line.strip()))
            for n, line in enumerate(text.splitlines(), 1)
            if line.strip()
        ]
        if len(rows) > MOST_LINES:
            raise ValidationError(_("At most %(limit)s lines at once.") % {"limit": MOST_LINES})
        codes = {cells[0] for _n, cells in rows}
        products = {product.code: product for product in Product.objects.filter(code__in=codes)}
        variants = variants_by_code(codes)
        errors: list[str] = []
        for number, cells in rows:
            try:
                self.prices.append(self._price(cells, products, variants))
            except ValidationError as error:
                errors.append(
                    _("Line %(line)s: %(error)s") % {"line": number, "error": " ".join(error.messages)}
                )
        if errors:
            raise ValidationError(errors[:MOST_ERRORS])
        return text

    def _price(self, cells: list[str], products: dict[str, Any], variants: dict[str, Any]) -> Price:
        code = cells[0]
        if len(cells) < 2:
            raise ValidationError(_("which price for “%(code)s”?") % {"code": code})
        amount, share = read_price(cells[1], self.currency)
        try:
            quantity = Decimal(cells[2]) if len(cells) > 2 else Decimal(0)
        except InvalidOperation as error:
            raise ValidationError(_("“%(text)s” is no quantity.") % {"text": cells[2]}) from error
        # The code of a product is meant for all its variants.
        if code in products:
            return Price(
                product_id=products[code].pk, min_quantity=quantity, price_amount=amount, percent_bp=share
            )
        if code in variants:
            return Price(
                variant_id=variants[code].pk, min_quantity=quantity, price_amount=amount, percent_bp=share
            )
        raise ValidationError(_("there are no goods with the code “%(code)s”.") % {"code": code})


class CategoryPriceForm(KitForm):
    """A share of the base price for everything in a category."""

    percent_bp = PercentField(label=_("Share of the base price"), min_value=0, max_value=1000)
    affix = {"percent_bp": "%"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.base_fields = {"category": category_field(empty=_("Please choose")), **type(self).base_fields}  # type: ignore[misc]
        self.base_fields["category"].required = True
        super().__init__(*args, **kwargs)


class AdjustForm(KitForm):
    """By how much prices change, what they are rounded to, and for which goods."""

    change = forms.DecimalField(
        label=_("Change"),
        min_value=-100,
        max_value=1000,
        decimal_places=2,
        help_text=_("−5 makes them cheaper."),
    )
    unit = forms.TypedChoiceField(
        label=_("Round to"),
        coerce=int,
        choices=[(1, _("0.01 yuan")), (10, _("0.1 yuan")), (100, _("1 yuan"))],
        initial=100,
    )
    affix = {"change": "%"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        everything = category_field(empty=_("All goods of the list"))
        self.base_fields = {**type(self).base_fields, "category": everything}  # type: ignore[misc]
        super().__init__(*args, **kwargs)

    def chosen_category(self) -> Category | None:
        pk = self.cleaned_data.get("category")
        found: Category | None = Category.objects.filter(pk=pk).first() if pk else None
        return found


class CopyForm(KitForm):
    """What the copy of a list is called."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=60)
    code = forms.CharField(label=_("Short code"), max_length=24)
