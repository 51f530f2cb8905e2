"""What suppliers ask: a new price ends the one before, so that the history stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Variant
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, NotAllowed
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, step, unchanged
from dianke.purchasing.models import Supplier, SupplierPrice
from dianke.purchasing.models.suppliers import COSTS

MANAGE = "purchasing.manage_suppliers"
TERMS = ("supplier_code", "pack_name", "pack_quantity", "price_amount", "tax_rate_bp", "lead_days")


class CostsHidden(NotAllowed):
    code = "costs_hidden"
    message = _("You may not see what goods cost, so you cannot set prices. Ask your manager.")


class PriceOutOfRange(InvalidInput):
    code = "supplier_price_out_of_range"
    message = _("Price, pack and quantity cannot be below zero, and a pack holds more than nothing.")
    default_field = "price_amount"


class PriceEndsBeforeStart(InvalidInput):
    code = "supplier_price_ends_before_start"
    message = _("A price has to end after it begins (%(day)s).")
    default_field = "to_date"


def check_terms(values: Mapping[str, Any]) -> None:
    """Raises `PriceOutOfRange`."""
    pack = values.get("pack_quantity", Decimal(1))
    minimum = values.get("minimum_quantity", Decimal(0))
    amount, tax = values.get("price_amount", 0), values.get("tax_rate_bp", 0)
    if (
        not 0 < pack < 10**12
        or not 0 <= minimum < 10**12
        or not 0 <= amount < 10**15
        or not 0 <= tax <= 10_000
    ):
        raise PriceOutOfRange


@operation(MANAGE)
def set_price(
    *,
    supplier: Supplier,
    variant: Variant,
    price_amount: int,
    from_date: date,
    pack_quantity: Decimal = Decimal(1),
    pack_name: str = "",
    supplier_code: str = "",
    tax_rate_bp: int = 0,
    minimum_quantity: Decimal = Decimal(0),
    lead_days: int | None = None,
    actor: Actor,
    now: datetime,
) -> SupplierPrice:
    """Say what a supplier asks from a day on: minor units for a pack, tax included, when at least `minimum_quantity`
    stock units are ordered. The price before it ends that day; one that is set to begin later stands. A second
    price of the same day replaces the first.

    Raises `CostsHidden`, `PriceOutOfRange`.
    """
    if not actor.can(COSTS):
        raise CostsHidden
    terms = {
        "supplier_code": supplier_code.strip(),
        "pack_name": pack_name.strip(),
        "pack_quantity": pack_quantity,
        "price_amount": price_amount,
        "tax_rate_bp": tax_rate_bp,
        "lead_days": lead_days,
    }
    check_terms({**terms, "minimum_quantity": minimum_quantity})
    Supplier.objects.select_for_update(no_key=True).get(pk=supplier.pk)  # prices of one change one at a time
    price, changes = put_price(supplier, variant.pk, minimum_quantity, from_date, terms, now)
    if not changes:
        unchanged()
        return price
    record(
        "purchasing.price_set",
        price,
        also=[supplier, variant],
        actor=actor,
        now=now,
        data={"supplier": supplier.pk, "variant": variant.pk, "from": str(from_date), "changes": changes},
    )
    return price


@step
def put_price(
    supplier: Supplier,
    variant_id: int,
    minimum_quantity: Decimal,
    from_date: date,
    terms: Mapping[str, Any],
    now: datetime,
) -> tuple[SupplierPrice, dict[str, Any]]:
    """The row itself and what changed ({}: nothing). The caller holds the supplier's row."""
    rows = SupplierPrice.objects.filter(
        supplier=supplier, variant_id=variant_id, minimum_quantity=minimum_quantity
    ).order_by("from_date")
    standing = rows.filter(Q(to_date=None) | Q(to_date__gt=from_date), from_date__lte=from_date).last()
    if standing is not None and all(getattr(standing, name) == value for name, value in terms.items()):
        return standing, {}
    if standing is not None and standing.from_date == from_date:
        changes = apply_changes(standing, {**terms, "is_touched": True})
        changes.pop("is_touched", None)
        return standing, changes
    following = rows.filter(from_date__gt=from_date).first()
    to_date = following.from_date if following else None
    if standing is not None:
        to_date = standing.to_date
        standing.to_date = from_date
        standing.save(update_fields=["to_date"])
    price = SupplierPrice.objects.create(
        supplier=supplier,
        variant_id=variant_id,
        minimum_quantity=minimum_quantity,
        from_date=from_date,
        to_date=to_date,
        created_at=now,
        **terms,
    )
    before = standing.price_amount if standing else None
    return price, {"price_amount": [before, price.price_amount]}


@operation(MANAGE)
def end_price(*, price: SupplierPrice, to_date: date, actor: Actor, now: datetime) -> SupplierPrice:
    """End a price: `to_date` is the first day it no longer holds. Raises `CostsHidden`, `PriceEndsBeforeStart`."""
    if not actor.can(COSTS):
        raise CostsHidden
    price = SupplierPrice.objects.select_for_update().get(pk=price.pk)
    if to_date <= price.from_date:
        raise PriceEndsBeforeStart(day=price.from_date)
    if price.to_date is not None and price.to_date <= to_date:
        unchanged()
        return price
    changes = apply_changes(price, {"to_date": to_date, "is_touched": True})
    changes.pop("is_touched", None)
    record(
        "purchasing.price_ended",
        price,
        also=[f"purchasing.supplier:{price.supplier_id}", f"catalog.variant:{price.variant_id}"],
        actor=actor,
        now=now,
        data={"changes": changes},
    )
    return price
