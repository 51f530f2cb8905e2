"""The forms of a product: a new one by its kind, its facts, variants from attributes, prices, barcodes."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.forms.parts import AmountField, names_side_by_side
from dianke.catalog.forms.recipes import PartsField
from dianke.catalog.models import Attribute, Brand, Category, Product, TaxClass, Unit, Variant
from dianke.catalog.queries.reading import category_tree
from dianke.web.custom_fields import CustomFieldsForm
from dianke.web.forms import KitForm
from dianke.work.models import Skill

Kind = Product.Kind
MOST_AXES = 3
#: Values of an attribute are typed side by side: 红、黄 蓝, or one a line.


def category_field(*, label: Any = _("Category"), empty: Any = _("None")) -> forms.TypedChoiceField:
    """The categories in use, as the tree shows them; cleaned to an id or None."""
    choices = [
        ("", empty),
        *((each.category.pk, "\u3000" * (each.level - 1) + each.category.name) for each in category_tree()),
    ]
    return forms.TypedChoiceField(label=label, choices=choices, required=False, coerce=int, empty_value=None)


def _brands(held: int | None = None) -> QuerySet[Any]:
    rows: QuerySet[Any] = Brand.objects.filter(archived_at=None)
    return rows | Brand.objects.filter(pk=held) if held else rows


class _ProductForm(CustomFieldsForm, KitForm):
    """What new and changed products share: the category as a choice of the tree."""

    custom_model = "catalog.product"

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, AmountField):
                field.currency = currency

    def chosen_category(self) -> Category | None:
        pk = self.cleaned_data.get("category")
        found: Category | None = Category.objects.filter(pk=pk).first() if pk else None
        return found


class NewProductForm(_ProductForm):
    """A product in one short form: what its kind does not have is not asked for."""

    name = forms.CharField(
        label=pgettext_lazy("of a thing", "Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    price_amount = AmountField(
        label=_("Retail price"), required=False, help_text=_("With tax. May follow later.")
    )
    barcode = forms.CharField(
        label=_("Barcode"),
        required=False,
        max_length=48,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
        help_text=_("Scan it. Without one you give your own later."),
    )
    duration_minutes = forms.IntegerField(label=_("Duration"), min_value=1, max_value=1440)
    parts = PartsField(
        label=_("What is in it"), help_text=_("One line each: SKU or barcode, and how many. “P10001 2”")
    )
    lead_days = forms.IntegerField(label=_("Days to make"), min_value=0, max_value=1000, initial=30)
    brand = forms.ModelChoiceField(label=_("Brand"), required=False, queryset=Brand.objects.none())
    unit = forms.ModelChoiceField(
        label=pgettext_lazy("of goods", "Unit"),
        required=False,
        queryset=Unit.objects.all(),
        empty_label=_("The usual one"),
    )
    code = forms.CharField(
        label=pgettext_lazy("of a product", "Code"),
        required=False,
        max_length=40,
        help_text=_("Empty: the next number."),
    )
    tracking = forms.ChoiceField(
        label=_("Stock told apart by"),
        required=False,
        choices=[(value, label) for value, label in Product.Tracking.choices if value != "PIECE"],
    )
    aliases = forms.CharField(
        label=_("Also called"), required=False, max_length=160, help_text=_("Found by these words too.")
    )
    is_draft = forms.BooleanField(
        label=_("Keep as a draft"), required=False, help_text=_("The till does not offer it yet.")
    )
    wide = ("name",)
    affix = {"price_amount": _("yuan"), "duration_minutes": _("minutes"), "lead_days": _("days")}
    #: Fields only these kinds have.
    only = {
        "price_amount": (Kind.GOODS, Kind.SERVICE, Kind.BUNDLE, Kind.MADE_TO_ORDER),
        "barcode": (Kind.GOODS, Kind.BUNDLE),
        "duration_minutes": (Kind.SERVICE,),
        "parts": (Kind.BUNDLE,),
        "lead_days": (Kind.MADE_TO_ORDER,),
        "brand": (Kind.GOODS, Kind.PIECE, Kind.MADE_TO_ORDER),
        "unit": (Kind.GOODS, Kind.PIECE),
        "tracking": (Kind.GOODS, Kind.MADE_TO_ORDER),
    }
    more = ("code", "unit", "tracking", "aliases", "is_draft")

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        self.kind = kind
        super().__init__(*args, **kwargs)
        for name, kinds in self.only.items():
            if kind not in kinds:
                del self.fields[name]
        category = category_field()
        self.fields = {"name": self.fields.pop("name"), "category": category, **self.fields}
        _dress_late(self, "category")
        if "brand" in self.fields:
            self.fields["brand"].queryset = _brands()  # type: ignore[attr-defined]
        self.sections = (*((_("More"), self.more),), *self.sections)

    def folded(self) -> list[tuple[Any, list[forms.BoundField], bool]]:
        """The sections, and whether each stands open: the first, and what must be filled in or is wrong."""
        return [
            (heading, fields, not heading or any(field.field.required or field.errors for field in fields))
            for heading, fields in self.grouped()
        ]

    def product_values(self) -> dict[str, Any]:
        """What `create_product` takes as `values`."""
        data = self.cleaned_data
        found: dict[str, Any] = {"kind": self.kind, "name": data["name"], "category": self.chosen_category()}
        found |= {name: data[name] for name in ("brand", "unit") if data.get(name)}
        found |= {name: data[name] for name in ("code", "aliases", "tracking") if data.get(name)}
        if data.get("lead_days") is not None:
            found["lead_days"] = data["lead_days"]
        if data.get("is_draft"):
            found["state"] = Product.State.DRAFT
        return found


def _dress_late(form: KitForm, name: str) -> None:
    """Gives a field that joined after the kit dressed the others the same clothes."""
    field = form.fields[name]
    field.widget.attrs.setdefault("class", "form-select")
    field.is_wide, field.affix, field.shape, field.mark = False, "", "field", ""  # type: ignore[attr-defined]


class ProductForm(_ProductForm):
    """The facts of a product. The kind never changes."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=120)
    code = forms.CharField(label=pgettext_lazy("of a product", "Code"), max_length=40)
    brand = forms.ModelChoiceField(label=_("Brand"), required=False, queryset=Brand.objects.none())
    unit = forms.ModelChoiceField(label=pgettext_lazy("of goods", "Unit"), queryset=Unit.objects.all())
    tax_class = forms.ModelChoiceField(label=_("Tax class"), required=False, queryset=TaxClass.objects.all())
    tracking = forms.ChoiceField(label=_("Stock told apart by"), choices=Product.Tracking.choices)
    shelf_life_days = forms.IntegerField(label=_("Keeps for"), required=False, min_value=1, max_value=36500)
    lead_days = forms.IntegerField(label=_("Days to make"), required=False, min_value=0, max_value=1000)
    aliases = forms.CharField(
        label=_("Also called"), required=False, max_length=160, help_text=_("Found by these words too.")
    )
    description = forms.CharField(
        label=_("Description"), required=False, max_length=4000, widget=forms.Textarea
    )
    wide = ("name", "aliases")
    affix = {"shelf_life_days": _("days"), "lead_days": _("days")}
    #: What cannot change once goods are counted; shown, but not open.
    fixed = ("unit", "tracking")

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        names = set(type(self).base_fields)
        kwargs["initial"] = {name: getattr(product, name) for name in names} | {
            "category": product.category_id
        }
        super().__init__(*args, custom=product.custom, **kwargs)
        first = self.fields.pop("name")
        self.fields = {"name": first, "category": category_field(), **self.fields}
        _dress_late(self, "category")
        self.fields["brand"].queryset = _brands(product.brand_id)  # type: ignore[attr-defined]
        if product.state != Product.State.DRAFT:
            for name in self.fixed:
                self.fields[name].disabled = True
                self.fields[name].help_text = _("Stays: stock may be counted by it already.")
        if not product.is_stocked:
            del self.fields["shelf_life_days"], self.fields["tracking"]
        if product.kind != Kind.MADE_TO_ORDER:
            del self.fields["lead_days"]

    def product_values(self) -> dict[str, Any]:
        data = self.cleaned_data
        names = set(type(self).base_fields) & set(data) - {spec.form_name for spec in self.specs}
        found = {name: data[name] for name in names}
        if "lead_days" in found:
            found["lead_days"] = found["lead_days"] or 0
        return found | {"category": self.chosen_category()}


class CategoryChoiceForm(KitForm):
    """Into which category several products go."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"] = category_field(empty=_("Without a category"))
        _dress_late(self, "category")


class StateChoiceForm(KitForm):
    """What becomes of several products."""

    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            (Product.State.ACTIVE, Product.State.ACTIVE.label),
            (Product.State.DISCONTINUED, Product.State.DISCONTINUED.label),
            (Product.State.ARCHIVED, Product.State.ARCHIVED.label),
        ],
        widget=forms.RadioSelect,
    )


class MatrixForm(KitForm):
    """Up to three attributes with their values; an attribute that is new is made."""

    def __init__(self, *args: Any, axes: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = ", ".join(Attribute.objects.values_list("name", flat=True)[:6])
        for number in range(1, MOST_AXES + 1):
            name, values = axes[number - 1] if number <= len(axes) else ("", "")
            attrs = {"class": "form-control", "autocomplete": "off", "list": "attributes"}
            self.fields[f"name_{number}"] = forms.CharField(
                label=_("Attribute %(number)s") % {"number": number},
                required=False,
                max_length=20,
                initial=name,
                widget=forms.TextInput(attrs=attrs),
                help_text=(known if number == 1 else ""),
            )
            self.fields[f"values_{number}"] = forms.CharField(
                label=_("Values"),
                required=False,
                max_length=2000,
                initial=values,
                widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
                help_text=_("Side by side, for instance: S M L XL") if number == 1 else "",
            )
            for each in (f"name_{number}", f"values_{number}"):
                _dress_late(self, each)

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        return [(self[f"name_{number}"], self[f"values_{number}"]) for number in range(1, MOST_AXES + 1)]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        for number in range(1, MOST_AXES + 1):
            name, values = found.get(f"name_{number}"), found.get(f"values_{number}")
            if name and not values:
                self.add_error(f"values_{number}", _("Enter at least one value, or leave the attribute out."))
            if values and not name:
                self.add_error(f"name_{number}", _("What do these values say? Name the attribute."))
        return found

    def axes(self) -> list[tuple[str, list[str]]]:
        """Names with their values, in the order they were typed."""
        found = []
        for number in range(1, MOST_AXES + 1):
            name = " ".join(self.cleaned_data.get(f"name_{number}", "").split())
            if name:
                found.append((name, names_side_by_side(self.cleaned_data.get(f"values_{number}", ""))))
        return found


class VariantForm(KitForm):
    """SKU, number on the scale, in or out of use."""

    code = forms.CharField(label=_("SKU"), max_length=48)
    scale_code = forms.CharField(
        label=_("Number on the scale"),
        required=False,
        max_length=8,
        help_text=_("What a scale prints into its labels."),
    )
    is_active = forms.BooleanField(label=_("In use"), required=False)

    def __init__(self, *args: Any, variant: Variant, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(variant, name) for name in self.base_fields}
        super().__init__(*args, **kwargs)


class BasePriceForm(KitForm):
    """The base retail price of one variant."""

    price_amount = AmountField(
        label=_("Retail price"), required=False, help_text=_("With tax. Empty: none yet.")
    )
    affix = {"price_amount": _("yuan")}

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["price_amount"].currency = currency  # type: ignore[attr-defined]


class BasePricesForm(KitForm):
    """The base prices of all variants of a product; “all” fills those left empty."""

    everybody = AmountField(
        label=_("For all variants"), required=False, help_text=_("Leave empty to set them one by one.")
    )
    affix = {"everybody": _("yuan")}

    def __init__(self, *args: Any, variants: Sequence[Variant], currency: str, **kwargs: Any) -> None:
        self.variants = variants
        self.base_fields = dict(type(self).base_fields)  # type: ignore[misc]
        for variant in variants:
            self.base_fields[f"price_{variant.pk}"] = AmountField(
                label=variant.label or variant.code,
                required=False,
                initial=variant.price_amount,
                currency=currency,
            )
        super().__init__(*args, **kwargs)
        self.fields["everybody"].currency = currency  # type: ignore[attr-defined]
        self.sections = ((_("One by one"), tuple(f"price_{variant.pk}" for variant in variants)),)

    def prices(self) -> list[tuple[Variant, int | None]]:
        """Variants whose price differs, with the new one."""
        data = self.cleaned_data
        everybody = data.get("everybody")
        wanted = [
            (variant, everybody if everybody is not None else data.get(f"price_{variant.pk}"))
            for variant in self.variants
        ]
        return [(variant, price) for variant, price in wanted if price != variant.price_amount]


class BarcodeForm(KitForm):
    """One more barcode of a variant."""

    value = forms.CharField(
        label=_("Barcode"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
    )
    pack_quantity = forms.DecimalField(
        label=_("Quantity in the pack"), min_value=0, max_digits=18, decimal_places=4, initial=Decimal(1)
    )


class ServiceForm(KitForm):
    """Time and skills of a service."""

    duration_minutes = forms.IntegerField(label=_("Duration"), min_value=1, max_value=1440)
    buffer_minutes = forms.IntegerField(label=_("To tidy up"), required=False, min_value=0, max_value=1440)
    skills = forms.ModelMultipleChoiceField(
        label=_("Skills needed"),
        required=False,
        queryset=Skill.objects.all(),
        widget=forms.CheckboxSelectMultiple,
    )
    affix = {"duration_minutes": _("minutes"), "buffer_minutes": _("minutes")}
