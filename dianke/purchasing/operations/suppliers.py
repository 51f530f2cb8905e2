"""Suppliers: added, changed, paused and put away."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _
from stdnum import get_cc_module
from stdnum.exceptions import ValidationError as NumberInvalid

from dianke.core.actor import Actor
from dianke.core.custom_fields import clean_values, specs_for
from dianke.core.errors import Conflict, InvalidInput
from dianke.core.identifiers import parse_credit_code
from dianke.core.money import digits_of
from dianke.core.phone import parse as parse_phone
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged
from dianke.purchasing.models import Supplier
from dianke.stores.models import LegalEntity

MANAGE = "purchasing.manage_suppliers"
#: The contact is a person: the log says that they changed, not from what to what.
PRIVATE = frozenset({"contact_name", "contact_phone"})
FIELDS = frozenset(
    {
        "code",
        "name",
        "short_name",
        "country",
        "tax_number",
        "contact_name",
        "contact_phone",
        "telephone",
        "order_email",
        "address",
        "website",
        "language",
        "currency",
        "payment_terms",
        "payment_days",
        "lead_days",
        "minimum_order_amount",
        "is_tax_deductible",
        "rating",
        "note",
        "custom",
    }
)


class SupplierCodeTaken(Conflict):
    code = "supplier_code_taken"
    message = _("Code %(supplier_code)s already belongs to “%(name)s”. Choose another code.")
    default_field = "code"


class TaxNumberTaken(Conflict):
    code = "supplier_tax_number_taken"
    message = _(
        "This tax number already belongs to “%(name)s”. Open that supplier instead of adding it again."
    )
    default_field = "tax_number"


class TaxNumberWrong(InvalidInput):
    code = "tax_number_wrong"
    message = _("This is no tax number of that country. Compare it with the licence.")
    default_field = "tax_number"


class SupplierCurrencyInUse(Conflict):
    code = "supplier_currency_in_use"
    message = _(
        "“%(name)s” has prices or orders in %(currency)s. Add the supplier again for another currency."
    )
    default_field = "currency"


class RatingOutOfRange(InvalidInput):
    code = "supplier_rating_out_of_range"
    message = _("A rating goes from 1 (poor) to 5 (very good). Leave it empty if you do not know.")
    default_field = "rating"


class EmailWrong(InvalidInput):
    code = "supplier_email_wrong"
    message = _("This is no email address. It looks like orders@example.com.")
    default_field = "order_email"


class TermsWrong(InvalidInput):
    code = "supplier_terms_wrong"
    message = _("These payment terms do not exist. Choose one of the list.")
    default_field = "payment_terms"


def tax_number_of(text: str, country: str) -> str:
    """The number in its one form, checked by the rules of the country where there are any: for China the unified social
    credit code. Raises what is wrong with it."""
    text = text.strip()
    if not text:
        return ""
    if country == "CN":
        return parse_credit_code(text, field="tax_number")
    rules = get_cc_module(country.lower(), "vat")
    if rules is None:
        return text.upper()[:32]
    try:
        return str(rules.validate(text))
    except NumberInvalid as error:
        raise TaxNumberWrong from error


def cleaned_values(values: Mapping[str, Any], row: Supplier) -> dict[str, Any]:
    """What was entered, checked; only known fields. Raises the errors of this module."""
    cleaned = {name: value for name, value in values.items() if name in FIELDS}
    country = cleaned.get("country", row.country).upper()
    if "country" in cleaned:
        cleaned["country"] = country
    if "tax_number" in cleaned or "country" in cleaned:
        cleaned["tax_number"] = tax_number_of(cleaned.get("tax_number", row.tax_number), country)
        _check_tax_number(cleaned["tax_number"], country, row.pk)
    if "code" in cleaned:
        cleaned["code"] = cleaned["code"].strip().upper()
        taken = Supplier.objects.filter(code=cleaned["code"]).exclude(pk=row.pk).first()
        if taken:
            raise SupplierCodeTaken(supplier_code=taken.code, name=taken.short_name)
    if "contact_phone" in cleaned:
        phone = cleaned["contact_phone"]
        cleaned["contact_phone"] = parse_phone(phone, field="contact_phone").e164 if phone else None
    if cleaned.get("order_email"):
        try:
            validate_email(cleaned["order_email"])
        except ValidationError as error:
            raise EmailWrong from error
    if cleaned.get("rating") is not None and not 1 <= cleaned["rating"] <= 5:
        raise RatingOutOfRange
    if "currency" in cleaned:
        digits_of(cleaned["currency"])
        is_new = row.pk is not None and cleaned["currency"] != row.currency
        if is_new and (row.prices.exists() or row.orders.exists()):
            raise SupplierCurrencyInUse(name=row.short_name, currency=row.currency)
    if "payment_terms" in cleaned and cleaned["payment_terms"] not in Supplier.Terms.values:
        raise TermsWrong
    if "custom" in cleaned:
        specs = specs_for("purchasing.supplier")
        cleaned["custom"] = clean_values(specs, cleaned["custom"] or {}, before=row.custom)
    return cleaned


def _check_tax_number(number: str, country: str, pk: int | None) -> None:
    taken = Supplier.objects.filter(country=country, tax_number=number).exclude(pk=pk or 0).first()
    if number and taken:
        raise TaxNumberTaken(name=taken.short_name)


@operation(MANAGE)
def add_supplier(
    *, values: Mapping[str, Any], legal_entities: Collection[LegalEntity] = (), actor: Actor, now: datetime
) -> Supplier:
    """Add a supplier: `code`, `name` and what else is known (`FIELDS`). `legal_entities`: those it may deliver to; none
    named means all.

    Raises `SupplierCodeTaken`, `TaxNumberTaken`, `TaxNumberWrong`, `RatingOutOfRange`, `EmailWrong`, what is wrong with
    tax number, phone, currency or custom fields.
    """
    supplier = Supplier(created_at=now)
    cleaned = cleaned_values({"custom": {}, **values}, supplier)
    cleaned["short_name"] = (cleaned.get("short_name") or cleaned["name"])[:20]
    for name, value in cleaned.items():
        setattr(supplier, name, value)
    supplier.save()
    supplier.legal_entities.set(legal_entities)
    record("purchasing.supplier_added", supplier, actor=actor, now=now, data={"name": supplier.short_name})
    return supplier


@operation(MANAGE)
def change_supplier(
    *,
    supplier: Supplier,
    values: Mapping[str, Any],
    legal_entities: Collection[LegalEntity] | None = None,
    actor: Actor,
    now: datetime,
) -> Supplier:
    """Change what is named. Orders keep the prices and terms they were made with. Raises as `add_supplier`, and
    `SupplierCurrencyInUse`."""
    supplier = Supplier.objects.select_for_update().get(pk=supplier.pk)
    changes = apply_changes(supplier, cleaned_values(values, supplier), private=PRIVATE)
    if legal_entities is not None:
        before = sorted(supplier.legal_entities.values_list("pk", flat=True))
        after = sorted(entity.pk for entity in legal_entities)
        if before != after:
            supplier.legal_entities.set(legal_entities)
            changes["legal_entities"] = [before, after]
    if not changes:
        unchanged()
        return supplier
    record("purchasing.supplier_changed", supplier, actor=actor, now=now, data={"changes": changes})
    return supplier


@operation(MANAGE)
def set_supplier_state(*, supplier: Supplier, state: str, actor: Actor, now: datetime) -> Supplier:
    """Pause a supplier, put it away, or use it again. Orders under way go on."""
    if state not in Supplier.State.values:
        raise ValueError(state)
    supplier = Supplier.objects.select_for_update().get(pk=supplier.pk)
    changes = apply_changes(supplier, {"state": state})
    if not changes:
        unchanged()
        return supplier
    record("purchasing.supplier_state_set", supplier, actor=actor, now=now, data={"changes": changes})
    return supplier
