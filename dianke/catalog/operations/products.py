"""The life of a product: made with its first variant, changed, discontinued, put away, brought back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import (
    Attribute,
    AttributeValue,
    Barcode,
    Category,
    Product,
    TaxClass,
    Unit,
    Variant,
)
from dianke.catalog.operations.barcodes import check_free
from dianke.catalog.operations.bundles import write_content
from dianke.catalog.operations.locking import lock_product, touch
from dianke.catalog.operations.numbering import next_product_code
from dianke.catalog.operations.service_details import Part, write_minutes
from dianke.catalog.operations.variants import lay_matrix
from dianke.catalog.rules import barcodes as codes
from dianke.core.actor import Actor
from dianke.core.custom_fields import clean_values, specs_for
from dianke.core.errors import Conflict, InvalidInput
from dianke.core.search_words import words_of
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, step, unchanged

MANAGE = "catalog.manage_products"
MODEL = "catalog.product"
TEXTS = frozenset({"name", "aliases"})
CHANGEABLE = frozenset(
    {
        "code",
        "name",
        "aliases",
        "category",
        "brand",
        "unit",
        "tax_class",
        "tracking",
        "trade",
        "description",
        "shelf_life_days",
        "lead_days",
    }
)
TRACKING = {Product.Kind.PIECE: Product.Tracking.PIECE}
USUAL_UNIT = {Product.Kind.SERVICE: "TIME", Product.Kind.BUNDLE: "SET"}


class ProductNameMissing(InvalidInput):
    code = "product_name_missing"
    message = _("Give the product a name.")
    default_field = "name"


class ProductCodeTaken(Conflict):
    code = "product_code_taken"
    message = _("Code %(product_code)s already belongs to “%(name)s”. Choose another code.")
    default_field = "code"


class TrackingDoesNotFit(InvalidInput):
    code = "tracking_does_not_fit"
    message = _(
        "Stock of this kind of product cannot be told apart that way. Single pieces always are, services never."
    )
    default_field = "tracking"


class TrackingStays(Conflict):
    code = "tracking_stays"
    message = _("Stock may lie there already, so how it is told apart stays. Make a new product instead.")
    default_field = "tracking"


class UnitStays(Conflict):
    code = "unit_stays"
    message = _("Quantities are counted in this unit already, so it stays. Make a new product instead.")
    default_field = "unit"


class StateUnknown(InvalidInput):
    code = "product_state_unknown"
    message = _("Products are offered, discontinued or put away. Choose one of these.")
    default_field = "state"


class NotOfThisProduct(InvalidInput):
    code = "field_of_product_unknown"
    message = _("A product has no field “%(name)s” that can be changed here.")


def _check_code(code: str, pk: int = 0) -> None:
    taken = Product.objects.filter(code=code).exclude(pk=pk).first()
    if taken:
        raise ProductCodeTaken(product_code=code, name=taken.name)


def _check_tracking(kind: str, tracking: str) -> None:
    is_piece = tracking == Product.Tracking.PIECE
    if (kind == Product.Kind.PIECE and not is_piece) or (
        kind in (Product.Kind.SERVICE, Product.Kind.BUNDLE) and tracking != Product.Tracking.NONE
    ):
        raise TrackingDoesNotFit()


@operation(MANAGE)
def create_product(
    *,
    values: Mapping[str, Any],
    price_amount: int | None = None,
    barcode: str = "",
    axes: Sequence[tuple[Attribute, Sequence[AttributeValue]]] = (),
    custom: Mapping[str, Any] | None = None,
    minutes: int | None = None,
    parts: Sequence[Part] = (),
    actor: Actor,
    now: datetime,
) -> Product:
    """Make a product with its variants: one without label, or the matrix of `axes`.

    `values`: `name` and what of `CHANGEABLE` is given, with `kind` and `state` (ACTIVE unless DRAFT is wanted); without
    a code it gets the next number, without a unit the usual one of its kind. `price_amount` (minor units) is every
    variant's base price; `barcode` the only variant's; `minutes` what a service takes; `parts` what a bundle holds.
    Raises `ProductNameMissing`, `ProductCodeTaken`, `TrackingDoesNotFit`, `BarcodeTaken`, those of
    `rules.barcodes.parse`, `rules.variants.matrix`, `describe_service` and `set_bundle`.
    """
    given = _known(values, CHANGEABLE | {"kind", "state"})
    kind = given.setdefault("kind", Product.Kind.GOODS)
    given["name"] = " ".join(str(given.get("name", "")).split())
    if not given["name"]:
        raise ProductNameMissing()
    given["code"] = given.get("code") or next_product_code()
    _check_code(given["code"])
    given.setdefault("tracking", TRACKING.get(kind, Product.Tracking.NONE))
    _check_tracking(kind, given["tracking"])
    if given.get("unit") is None:
        given["unit"] = Unit.objects.get(code=USUAL_UNIT.get(kind, "PIECE"))
    if given.get("tax_class") is None:
        usual = "SERVICE" if kind == Product.Kind.SERVICE else "STANDARD"
        given["tax_class"] = TaxClass.objects.filter(code=usual).first()
    code = codes.parse(barcode, field="barcode") if barcode else None
    if code:
        check_free(code, field="barcode")
    product = Product(
        **given, custom=clean_values(specs_for(MODEL), custom or {}), created_at=now, changed_at=now
    )
    product.save(force_insert=True)
    variants = lay_matrix(product=product, axes=axes, price_amount=price_amount).made
    if code and len(variants) == 1:
        Barcode.objects.create(variant=variants[0], value=code.value, kind=code.kind)
    if minutes is not None:
        write_minutes(product=product, duration_minutes=minutes)
    if parts:
        write_content(bundle=variants[0], parts=parts)
    record(
        "catalog.product_created",
        product,
        actor=actor,
        now=now,
        data={"code": product.code, "name": product.name, "variants": len(variants)},
    )
    return product


@operation(MANAGE)
def change_product(
    *,
    product: Product,
    values: Mapping[str, Any],
    custom: Mapping[str, Any] | None = None,
    actor: Actor,
    now: datetime,
) -> Product:
    """Change what is named. The kind never changes; tracking and unit only while the product is a draft.
    Raises `ProductCodeTaken`, `TrackingStays`, `UnitStays`, `TrackingDoesNotFit`, `ProductNameMissing`."""
    given = _known(values, CHANGEABLE)
    product = lock_product(product.pk)
    if "name" in given:
        given["name"] = " ".join(str(given["name"]).split())
        if not given["name"]:
            raise ProductNameMissing()
    if "code" in given:
        _check_code(given["code"], product.pk)
    if given.get("tracking", product.tracking) != product.tracking:
        if product.state != Product.State.DRAFT:
            raise TrackingStays()
        _check_tracking(product.kind, given["tracking"])
    if "unit" in given and given["unit"] != product.unit and product.state != Product.State.DRAFT:
        raise UnitStays()
    if custom is not None:
        given["custom"] = clean_values(specs_for(MODEL), custom, before=product.custom)
    changes = apply_changes(product, given)
    if not changes:
        unchanged()
        return product
    touch(product, now)
    if TEXTS & changes.keys():
        refresh_variant_words([product])
    record("catalog.product_changed", product, actor=actor, now=now, data={"changes": changes})
    return product


@operation(MANAGE)
def activate_product(*, product: Product, actor: Actor, now: datetime) -> Product:
    """Offer a draft, or offer again what was discontinued or put away."""
    return _enter(product, Product.State.ACTIVE, "catalog.product_activated", actor, now)


@operation(MANAGE)
def discontinue_product(*, product: Product, actor: Actor, now: datetime) -> Product:
    """Buy no more of it; what is there is sold."""
    return _enter(product, Product.State.DISCONTINUED, "catalog.product_discontinued", actor, now)


@operation(MANAGE)
def archive_product(*, product: Product, actor: Actor, now: datetime) -> Product:
    """Put a product away: it is neither sold nor bought and stays where it was used."""
    return _enter(product, Product.State.ARCHIVED, "catalog.product_archived", actor, now)


def _enter(product: Product, state: Product.State, kind: str, actor: Actor, now: datetime) -> Product:
    product = lock_product(product.pk)
    before = product.state
    if not apply_changes(product, {"state": state.value}):
        unchanged()
        return product
    touch(product, now)
    data = {"name": product.name, "changes": {"state": [before, state.value]}}
    record(kind, product, actor=actor, now=now, data=data)
    return product


# --- several at once -------------------------------------------------------------------------------------------------
@operation(MANAGE)
def categorise_products(
    *, products: Sequence[Product], category: Category | None, actor: Actor, now: datetime
) -> int:
    """Put several products into a category, or into none. Returns how many were elsewhere before."""
    rows = _lock_products(products)
    moved = [row for row in rows if row.category_id != (category.pk if category else None)]
    if not moved:
        unchanged()
        return 0
    before = {str(row.pk): row.category_id for row in moved}
    Product.objects.filter(pk__in=[row.pk for row in moved]).update(category=category, changed_at=now)
    data = {"count": len(moved), "category": category.pk if category else None, "before": before}
    also = [category] if category else []
    record(
        "catalog.products_categorised", moved[0], also=[*moved[1:], *also], actor=actor, now=now, data=data
    )
    return len(moved)


@operation(MANAGE)
def enter_state(*, products: Sequence[Product], state: str, actor: Actor, now: datetime) -> int:
    """Offer, discontinue or put away several products. Returns how many were in another state. Raises
    `StateUnknown`."""
    if state not in (Product.State.ACTIVE, Product.State.DISCONTINUED, Product.State.ARCHIVED):
        raise StateUnknown()
    moved = [row for row in _lock_products(products) if row.state != state]
    if not moved:
        unchanged()
        return 0
    before = {str(row.pk): row.state for row in moved}
    Product.objects.filter(pk__in=[row.pk for row in moved]).update(state=state, changed_at=now)
    data = {"count": len(moved), "state": str(state), "before": before}
    record("catalog.products_state_changed", moved[0], also=moved[1:], actor=actor, now=now, data=data)
    return len(moved)


def _lock_products(products: Sequence[Product]) -> list[Product]:
    ids = [product.pk for product in products]
    return list(Product.objects.select_for_update().filter(pk__in=ids).order_by("pk"))


@step
def refresh_variant_words(products: Sequence[Product]) -> None:
    """The words variants are found by follow the names of their products. One statement for all."""
    named = {product.pk: product for product in products}
    variants = list(Variant.objects.filter(product_id__in=named))
    for variant in variants:
        variant.product = named[variant.product_id]
        variant.search_words = words_of(getattr(variant, name) for name in Variant.words_from)
    Variant.objects.bulk_update(variants, ["search_words"], batch_size=500)


def _known(values: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    for name in values:
        if name not in names:
            raise NotOfThisProduct(name=name, field=name)
    return dict(values)
