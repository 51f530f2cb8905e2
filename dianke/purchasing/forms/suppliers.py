"""The forms of suppliers: the firm, its terms, its contact; a price; the end of a price."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.catalog.forms.parts import AmountField, PercentField
from dianke.catalog.models import Variant
from dianke.catalog.queries.search import find
from dianke.core.actor import Actor
from dianke.purchasing.models import Supplier, SupplierPrice
from dianke.stores.models import LegalEntity
from dianke.web.custom_fields import CustomFieldsForm
from dianke.web.forms import KitForm

CURRENCIES = ("CNY", "HKD", "USD", "EUR", "JPY", "GBP", "TWD", "KRW", "THB")
LANGUAGES = (("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English"))
TEXTS = (
    "code",
    "name",
    "short_name",
    "country",
    "tax_number",
    "contact_name",
    "telephone",
    "order_email",
    "address",
    "website",
    "language",
    "currency",
    "payment_terms",
    "payment_days",
    "lead_days",
    "is_tax_deductible",
    "rating",
    "note",
)


class SupplierForm(CustomFieldsForm, KitForm):
    """Few fields are needed: a code and the registered name."""

    custom_model = "purchasing.supplier"
    name = forms.CharField(label=_("Registered name"), max_length=80)
    short_name = forms.CharField(
        label=_("Short name"),
        max_length=20,
        required=False,
        help_text=_("What people call it. Empty: the first part of the name."),
    )
    code = forms.CharField(label=pgettext_lazy("of a supplier", "Code"), max_length=20)
    country = forms.CharField(label=_("Country"), max_length=2, initial="CN")
    tax_number = forms.CharField(label=_("Tax number"), max_length=32, required=False)
    lead_days = forms.IntegerField(label=_("Days to deliver"), min_value=0, max_value=3650, initial=7)
    minimum_order_amount = AmountField(label=_("Least order"), required=False)
    rating = forms.TypedChoiceField(
        label=_("Rating"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("Not rated")), *((n, "★" * n) for n in range(5, 0, -1))],
    )
    currency = forms.ChoiceField(
        label=_("Currency"), choices=[(code, code) for code in CURRENCIES], initial="CNY"
    )
    payment_terms = forms.ChoiceField(
        label=_("Payment"), choices=Supplier.Terms.choices, initial=Supplier.Terms.DAYS
    )
    payment_days = forms.IntegerField(label=_("Days to pay"), min_value=0, max_value=720, initial=30)
    is_tax_deductible = forms.BooleanField(
        label=_("Invoices give the tax back"),
        required=False,
        help_text=_("Special VAT invoices of a general taxpayer: the tax is no cost then."),
    )
    contact_name = forms.CharField(label=pgettext_lazy("person", "Contact"), max_length=40, required=False)
    contact_phone = forms.CharField(
        label=_("Phone of the contact"),
        max_length=32,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "data-private": "", "autocomplete": "off"}),
    )
    order_email = forms.EmailField(label=_("Email for orders"), max_length=120, required=False)
    language = forms.ChoiceField(label=_("Language of orders"), choices=LANGUAGES)
    telephone = forms.CharField(label=_("Switchboard"), max_length=32, required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    website = forms.URLField(label=_("Website"), max_length=200, required=False, assume_scheme="https")
    legal_entities = forms.ModelMultipleChoiceField(
        label=_("Delivers to"),
        required=False,
        queryset=LegalEntity.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None ticked: to every company."),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=2000, widget=forms.Textarea)
    wide = ("name", "address")
    affix = {"lead_days": _("days"), "payment_days": _("days")}
    sections = (
        (
            _("Terms"),
            (
                "lead_days",
                "minimum_order_amount",
                "payment_terms",
                "payment_days",
                "currency",
                "rating",
                "is_tax_deductible",
            ),
        ),
        (
            _("Reaching them"),
            ("contact_name", "contact_phone", "order_email", "language", "telephone", "website", "address"),
        ),
        (_("Where it delivers"), ("legal_entities",)),
        (_("Note"), ("note",)),
    )

    def __init__(self, *args: Any, actor: Actor, supplier: Supplier | None = None, **kwargs: Any) -> None:
        self.supplier = supplier
        if supplier is not None:
            kwargs["initial"] = {name: getattr(supplier, name) for name in TEXTS} | {
                "minimum_order_amount": supplier.minimum_order_amount or None,
                "legal_entities": list(supplier.legal_entities.values_list("pk", flat=True)),
            }
            kwargs["custom"] = supplier.custom
        super().__init__(*args, **kwargs)
        entities = LegalEntity.objects.visible_to(actor, "purchasing.manage_suppliers")
        self.fields["legal_entities"].queryset = entities  # type: ignore[attr-defined]
        currency = supplier.currency if supplier else str(self.data.get("currency", "CNY"))
        if currency in CURRENCIES:
            self.fields["minimum_order_amount"].currency = currency  # type: ignore[attr-defined]
        if supplier is not None and supplier.contact_phone:
            self.fields["contact_phone"].help_text = _("Empty: stays as it is (%(phone)s).") % {
                "phone": supplier.masked_phone
            }

    def supplier_values(self) -> dict[str, Any]:
        """What operations take as `values`."""
        data = self.cleaned_data
        values = {name: data[name] for name in TEXTS}
        values["minimum_order_amount"] = data["minimum_order_amount"] or 0
        values["custom"] = self.custom_values()
        # The phone is never shown in full here: an empty field leaves it.
        if data["contact_phone"] or self.supplier is None:
            values["contact_phone"] = data["contact_phone"]
        return values


class PriceForm(KitForm):
    """What a supplier asks for a pack, from a day on."""

    goods = forms.CharField(
        label=_("Goods"),
        max_length=60,
        help_text=_("Scan it, or type SKU, barcode or name."),
        widget=forms.TextInput(attrs={"data-scan": "", "autocomplete": "off"}),
    )
    price_amount = AmountField(label=_("Price of a pack, tax included"))
    tax_rate_bp = PercentField(label=_("Tax rate"), min_value=0, max_value=100, required=False)
    pack_quantity = forms.DecimalField(
        label=_("Units in a pack"), max_digits=12, decimal_places=4, initial=1, min_value=Decimal("0.0001")
    )
    pack_name = forms.CharField(
        label=_("Pack"), max_length=12, required=False, help_text=_("Box, carton, dozen …")
    )
    minimum_quantity = forms.DecimalField(
        label=_("From quantity"),
        max_digits=12,
        decimal_places=4,
        min_value=0,
        required=False,
        help_text=_("A better price for more: in stock units."),
    )
    supplier_code = forms.CharField(label=_("The supplier's code"), max_length=40, required=False)
    lead_days = forms.IntegerField(
        label=_("Days to deliver"),
        min_value=0,
        max_value=3650,
        required=False,
        help_text=_("Empty: as usual with this supplier."),
    )
    from_date = forms.DateField(label=_("In force from"))
    wide = ("goods",)
    affix = {"tax_rate_bp": "%"}

    def __init__(
        self,
        *args: Any,
        actor: Actor,
        supplier: Supplier,
        today: date,
        price: SupplierPrice | None = None,
        variant: Variant | None = None,
        **kwargs: Any,
    ) -> None:
        self.actor, self.variant = actor, variant
        usual = 1300 if supplier.country == "CN" else None
        initial: dict[str, Any] = {"from_date": today, "tax_rate_bp": usual}
        if price is not None:
            self.variant = price.variant
            initial |= {
                "price_amount": price.price_amount,
                "tax_rate_bp": price.tax_rate_bp,
                "pack_quantity": format(price.pack_quantity.normalize(), "f"),
                "pack_name": price.pack_name,
                "minimum_quantity": format(price.minimum_quantity.normalize(), "f"),
                "supplier_code": price.supplier_code,
                "lead_days": price.lead_days,
            }
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        self.fields["price_amount"].currency = supplier.currency  # type: ignore[attr-defined]
        self.fields["price_amount"].affix = supplier.currency  # type: ignore[attr-defined]
        if self.variant is not None:
            del self.fields["goods"]

    def clean_goods(self) -> str:
        text: str = self.cleaned_data["goods"]
        found = {hit.variant.pk: hit.variant for hit in find(self.actor, text, 6)}
        exact = [each for each in found.values() if each.code.lower() == text.strip().lower()]
        if len(found) == 1 or len(exact) == 1:
            self.variant = exact[0] if exact else next(iter(found.values()))
        elif found:
            names = "、".join(f"{each} ({each.code})" for each in found.values())
            raise forms.ValidationError(_("Several fit; type the SKU: %(names)s") % {"names": names})
        else:
            raise forms.ValidationError(_("Nothing has this code or name. Enter the product first."))
        return text

    def values(self) -> dict[str, Any]:
        """What `set_price` takes besides supplier and goods."""
        data = dict(self.cleaned_data)
        data.pop("goods", None)
        data["tax_rate_bp"] = data["tax_rate_bp"] or 0
        data["minimum_quantity"] = data["minimum_quantity"] or Decimal(0)
        return data


class EndPriceForm(KitForm):
    """From which day on a price no longer holds."""

    to_date = forms.DateField(label=_("First day without it"))
