"""Lists of goods as people type or paste them: a code and a quantity a line. Errors name the line."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.forms.parts import AmountField
from dianke.catalog.models import Barcode, ConfigurationChoice, ConfigurationRule, Product, Variant
from dianke.catalog.operations.service_details import Part
from dianke.web.forms import KitForm

MOST_LINES = 200
MOST_ERRORS = 8
_BETWEEN = re.compile(r"[\s,，;；×*]+")


def variants_by_code(codes: set[str]) -> dict[str, Variant]:
    """Variants by SKU, by barcode, and by the code of a product with one variant. Three queries."""
    rows = Variant.objects.select_related("product__unit")
    found: dict[str, Variant] = {}
    for variant in rows.filter(product__code__in=codes, is_active=True):
        if variant.product.code in found:
            found.pop(variant.product.code)  # several variants: the code says too little
            codes = codes - {variant.product.code}
        elif variant.product.code in codes:
            found[variant.product.code] = variant
    found |= {
        each.value: each.variant
        for each in Barcode.objects.filter(value__in=codes).select_related("variant__product__unit")
    }
    found |= {variant.code: variant for variant in rows.filter(code__in=codes)}
    return found


class PartsField(forms.CharField):
    """Lines “SKU quantity [share]”; cleaned to `Part`s in their order."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {
            "rows": 5,
            "class": "form-control ca-paste",
            "spellcheck": "false",
            "autocapitalize": "characters",
        }
        kwargs.setdefault("widget", forms.Textarea(attrs=attrs))
        kwargs.setdefault("max_length", 20_000)
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        if len(lines) > MOST_LINES:
            raise ValidationError(_("At most %(limit)s lines at once.") % {"limit": MOST_LINES})
        typed = [(number, *_split(line)) for number, line in lines]
        known = variants_by_code({code for _number, code, _quantity, _share in typed})
        parts, errors = [], []
        for number, code, quantity, share in typed:
            variant = known.get(code)
            if variant is None:
                errors.append(
                    _("Line %(line)s: there are no goods with the code “%(code)s”.")
                    % {"line": number, "code": code}
                )
            elif quantity is None or quantity <= 0:
                errors.append(_("Line %(line)s: how many of “%(code)s”?") % {"line": number, "code": code})
            else:
                parts.append(Part(variant, quantity, share))
        if errors:
            raise ValidationError([str(error) for error in errors[:MOST_ERRORS]])
        return parts


def _split(line: str) -> tuple[str, Decimal | None, int]:
    """Code, quantity (1 when left out, None when it is no number) and share of the price."""
    words = [word for word in _BETWEEN.split(line) if word]
    code, quantity, share = words[0], Decimal(1), 1
    try:
        if len(words) > 1:
            quantity = Decimal(words[1])
        if len(words) > 2:
            share = int(words[2])
    except (InvalidOperation, ValueError):
        return code, None, 1
    return code, quantity if quantity.is_finite() else None, max(share, 0)


def lines_of(rows: Any, *, with_share: bool = False) -> str:
    """Parts as they are typed, to be changed."""
    return "\n".join(
        f"{row.variant.code} {format(row.quantity.normalize(), 'f')}"
        + (f" {row.weight}" if with_share else "")
        for row in rows
    )


class PartsForm(KitForm):
    """What a bundle holds, or a service uses up."""

    parts = PartsField(label=_("Goods"))


class GroupForm(KitForm):
    """A group of options of something made to order."""

    name = forms.CharField(
        label=pgettext_lazy("of a thing", "Name"),
        max_length=40,
        help_text=_("What the customer chooses: leather, legs, width."),
    )
    min_choices = forms.IntegerField(label=_("At least"), min_value=0, max_value=50, initial=1)
    max_choices = forms.IntegerField(
        label=_("At most"),
        required=False,
        min_value=1,
        max_value=50,
        initial=1,
        help_text=_("Empty: any number."),
    )
    wide = ("name",)


class ChoiceForm(KitForm):
    """One option: what it costs more, how much longer it takes, what it uses up."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=60)
    price_delta_amount = AmountField(
        label=_("Costs more"), required=False, help_text=_("Less than zero: costs less.")
    )
    extra_lead_days = forms.IntegerField(label=_("Takes longer"), required=False, min_value=0, max_value=1000)
    code = forms.CharField(
        label=_("Uses up"), required=False, max_length=48, help_text=_("SKU or barcode of the material.")
    )
    quantity = forms.DecimalField(
        label=_("Quantity used up"), required=False, min_value=0, max_digits=18, decimal_places=4
    )
    is_active = forms.BooleanField(label=_("Offered"), required=False, initial=True)
    wide = ("name",)
    affix = {"price_delta_amount": _("yuan"), "extra_lead_days": _("days")}

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if code := found.get("code"):
            variant = variants_by_code({code}).get(code)
            if variant is None:
                self.add_error("code", _("There are no goods with the code “%(code)s”.") % {"code": code})
            found["variant"] = variant
        return found

    def choice_values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "name": data["name"],
            "price_delta_amount": data["price_delta_amount"] or 0,
            "extra_lead_days": data["extra_lead_days"] or 0,
            "variant": data.get("variant"),
            "quantity": data["quantity"],
            "is_active": data["is_active"],
        }


class RulesForm(KitForm):
    """All rules between the options of a product, and one more."""

    choice = forms.ModelChoiceField(
        label=_("Option"), required=False, queryset=ConfigurationChoice.objects.none()
    )
    kind = forms.ChoiceField(label=_("Rule"), choices=ConfigurationRule.Kind.choices, required=False)
    other = forms.ModelChoiceField(
        label=_("Other option"), required=False, queryset=ConfigurationChoice.objects.none()
    )

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = ConfigurationChoice.objects.filter(group__product=product).select_related("group")
        self.held = list(
            ConfigurationRule.objects.filter(choice__group__product=product).select_related(
                "choice__group", "other__group"
            )
        )
        for name in ("choice", "other"):
            self.fields[name].queryset = rows  # type: ignore[attr-defined]
            self.fields[name].label_from_instance = lambda each: f"{each.group} · {each}"  # type: ignore[attr-defined]

    def rules(self) -> list[tuple[ConfigurationChoice, str, ConfigurationChoice]]:
        """Those that stay, and the one that was added."""
        gone = set(self.data.getlist("remove")) if hasattr(self.data, "getlist") else set()
        found = [(rule.choice, rule.kind, rule.other) for rule in self.held if str(rule.pk) not in gone]
        data = self.cleaned_data
        if data.get("choice") and data.get("other"):
            found.append((data["choice"], data["kind"], data["other"]))
        return found
