"""The forms of what goods are sorted, counted and taxed by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.forms.parts import PercentField, names_side_by_side
from dianke.catalog.forms.products import category_field
from dianke.catalog.models import Category, Unit
from dianke.web.forms import KitForm


class CategoryForm(KitForm):
    """The name of a category."""

    name = forms.CharField(
        label=pgettext_lazy("of a thing", "Name"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class WhereForm(KitForm):
    """Into which category another goes; its own branch is not offered."""

    def __init__(self, *args: Any, category: Category, is_merge: bool, **kwargs: Any) -> None:
        label = _("Becomes part of") if is_merge else _("Goes inside")
        field = category_field(label=label, empty=_("Please choose") if is_merge else _("The top"))
        inside = set(Category.objects.branch(category.pk).values_list("pk", flat=True))
        offered: Any = field.choices
        field.choices = [choice for choice in offered if choice[0] not in inside]
        field.required = is_merge
        self.base_fields = {"category": field}  # type: ignore[misc]
        if not is_merge:
            field.initial = category.parent_id
        super().__init__(*args, **kwargs)

    def chosen(self) -> Category | None:
        pk = self.cleaned_data["category"]
        found: Category | None = Category.objects.filter(pk=pk).first() if pk else None
        return found


class BrandForm(KitForm):
    """A brand and what it is called besides."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=60)
    aliases = forms.CharField(
        label=_("Also called"), required=False, max_length=160, help_text=_("Found by these words too.")
    )


class UnitForm(KitForm):
    """A further unit."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=12)
    code = forms.CharField(
        label=_("Short code"), max_length=12, help_text=_("Letters, for files and programs: BOLT.")
    )
    kind = forms.ChoiceField(label=pgettext_lazy("of a unit", "Measures"), choices=Unit.Kind.choices)
    digits = forms.IntegerField(label=_("Decimals"), min_value=0, max_value=4, initial=0)


class TaxClassForm(KitForm):
    """A further class with its first rate."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=40)
    code = forms.CharField(label=_("Short code"), max_length=12)
    rate_bp = PercentField(label=_("Rate"), min_value=0, max_value=100)
    from_date = forms.DateField(label=_("From"))
    affix = {"rate_bp": "%"}


class TaxRateForm(KitForm):
    """Another rate from a day on."""

    rate_bp = PercentField(label=_("Rate"), min_value=0, max_value=100)
    from_date = forms.DateField(label=_("From"))
    affix = {"rate_bp": "%"}


class AttributeForm(KitForm):
    """A further attribute with its values."""

    name = forms.CharField(
        label=pgettext_lazy("of a thing", "Name"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("What customers choose by: colour, size, material."),
    )
    values = forms.CharField(
        label=_("Values"),
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Side by side, for instance: S M L XL"),
    )
    wide = ("values",)

    def clean_values(self) -> list[str]:
        return names_side_by_side(self.cleaned_data.get("values", ""))


class ValuesForm(KitForm):
    """Further values of an attribute."""

    values = forms.CharField(
        label=_("Further values"),
        max_length=2000,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Side by side, for instance: S M L XL"),
    )
    wide = ("values",)

    def clean_values(self) -> list[str]:
        return names_side_by_side(self.cleaned_data.get("values", ""))


class NameForm(KitForm):
    """Another name for an attribute or a value."""

    name = forms.CharField(
        label=pgettext_lazy("of a thing", "Name"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class IntoForm(KitForm):
    """Which attribute or value stays when two become one."""

    def __init__(self, *args: Any, others: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        field = forms.TypedChoiceField(
            label=_("Becomes"), coerce=int, choices=[("", _("Please choose")), *others]
        )
        self.base_fields = {"into": field}  # type: ignore[misc]
        super().__init__(*args, **kwargs)
