"""Products, their variants and barcodes; what a scanned code stands for."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from dianke.access.guards import requires
from dianke.access.requests import Request
from dianke.api.instants import Instant
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import Id, chosen, chosen_or_none
from dianke.catalog.api import schemas
from dianke.catalog.models import (
    Attribute,
    AttributeValue,
    Barcode,
    Brand,
    Category,
    Product,
    TaxClass,
    Unit,
    Variant,
)
from dianke.catalog.operations import barcodes, products, variants
from dianke.catalog.queries.search import find, narrowed, scan
from dianke.core.errors import NotFound

router = Router(tags=["products"])
VIEW = "catalog.view_products"
MANAGE = "catalog.manage_products"


def _product(request: Request, pk: int) -> Product:
    found: Product = get_object_or_404(Product.objects.visible_to(request.actor), pk=pk)
    return found


def _variant(request: Request, pk: int) -> Variant:
    rows = Variant.objects.visible_to(request.actor).select_related("product")
    found: Variant = get_object_or_404(rows.prefetch_related("barcodes"), pk=pk)
    return found


def _references(request: Request, values: dict[str, Any]) -> dict[str, Any]:
    """The rows behind the ids a body names."""
    actor = request.actor
    if "category_id" in values:
        rows = Category.objects.visible_to(actor).in_use()
        values["category"] = chosen_or_none(rows, values.pop("category_id"), "category_id")
    if "brand_id" in values:
        values["brand"] = chosen_or_none(Brand.objects.visible_to(actor), values.pop("brand_id"), "brand_id")
    if "unit_id" in values:
        values["unit"] = chosen(Unit.objects.visible_to(actor), values.pop("unit_id"), "unit_id")
    if "tax_class_id" in values:
        taxes = TaxClass.objects.visible_to(actor)
        values["tax_class"] = chosen_or_none(taxes, values.pop("tax_class_id"), "tax_class_id")
    return values


def _axes(request: Request, given: list[dict[str, Any]]) -> list[tuple[Attribute, list[AttributeValue]]]:
    actor = request.actor
    return [
        (
            chosen(Attribute.objects.visible_to(actor), axis["attribute_id"], "axes"),
            [chosen(AttributeValue.objects.visible_to(actor), pk, "axes") for pk in axis["value_ids"]],
        )
        for axis in given
    ]


class ProductFilter(Schema):
    kind: schemas.ProductKind | None = None
    state: schemas.ProductState | None = None
    category_id: Id | None = Field(None, description="With everything below it")
    brand_id: Id | None = None
    changed_since: Instant | None = Field(None, description="For programs that follow the catalogue")
    q: str | None = Field(None, max_length=60, description="Barcode, tag, SKU, or words of the name")


@router.get("/products", response=CursorPage[schemas.ProductOut])
@requires(VIEW)
def list_products(request: Request, page: Query[CursorQuery], wanted: Query[ProductFilter]) -> Any:
    """Products, the newest first; with `changed_since` the ones changed last first."""
    rows = Product.objects.visible_to(request.actor)
    if wanted.kind is not None:
        rows = rows.filter(kind=wanted.kind)
    if wanted.state is not None:
        rows = rows.filter(state=wanted.state)
    if wanted.category_id is not None:
        rows = rows.in_branch(wanted.category_id)
    if wanted.brand_id is not None:
        rows = rows.filter(brand_id=wanted.brand_id)
    if wanted.q:
        rows = rows.filter(narrowed(wanted.q))
    if wanted.changed_since is not None:
        return cursor_page(
            rows.filter(changed_at__gte=wanted.changed_since), page, order=["-changed_at", "-id"]
        )
    return cursor_page(rows, page, order=["-created_at", "-id"])


@router.post("/products", response={201: schemas.ProductDetailOut})
@requires(MANAGE)
def create_product(request: Request, payload: schemas.ProductIn) -> Any:
    """Make a product with its variants: one, or a matrix of attributes."""
    values = _references(request, payload.dict(exclude_unset=True))
    made = products.create_product(
        price_amount=values.pop("price_amount", None),
        barcode=values.pop("barcode", ""),
        axes=_axes(request, values.pop("axes", [])),
        custom=values.pop("custom", None),
        values=values,
        actor=request.actor,
        now=request.now,
    )
    return Status(201, made)


@router.get("/products/{int:pk}", response=schemas.ProductDetailOut)
@requires(VIEW)
def get_product(request: Request, pk: int) -> Any:
    """One product with its variants and barcodes."""
    return _product(request, pk)


@router.patch("/products/{int:pk}", response=schemas.ProductDetailOut)
@requires(MANAGE)
def change_product(request: Request, pk: int, payload: schemas.ProductPatch) -> Any:
    """Change what is named."""
    product = _product(request, pk)
    values = _references(request, payload.dict(exclude_unset=True))
    custom = values.pop("custom", None)
    return products.change_product(
        product=product, values=values, custom=custom, actor=request.actor, now=request.now
    )


@router.post("/products/{int:pk}/activate", response=schemas.ProductDetailOut)
@requires(MANAGE)
def activate_product(request: Request, pk: int) -> Any:
    """Offer a draft, or offer again what was discontinued or put away."""
    return products.activate_product(product=_product(request, pk), actor=request.actor, now=request.now)


@router.post("/products/{int:pk}/discontinue", response=schemas.ProductDetailOut)
@requires(MANAGE)
def discontinue_product(request: Request, pk: int) -> Any:
    """Buy no more of it; what is there is sold."""
    return products.discontinue_product(product=_product(request, pk), actor=request.actor, now=request.now)


@router.post("/products/{int:pk}/archive", response=schemas.ProductDetailOut)
@requires(MANAGE)
def archive_product(request: Request, pk: int) -> Any:
    """Put a product away: neither sold nor bought."""
    return products.archive_product(product=_product(request, pk), actor=request.actor, now=request.now)


@router.put("/products/{int:pk}/matrix", response=schemas.ProductDetailOut)
@requires(MANAGE)
def set_matrix(request: Request, pk: int, payload: schemas.MatrixIn) -> Any:
    """Give a product these attributes with these values: missing variants are made, others go out of use."""
    product = _product(request, pk)
    axes = _axes(request, payload.dict()["axes"])
    return variants.set_matrix(product=product, axes=axes, actor=request.actor, now=request.now)


# --- variants --------------------------------------------------------------------------------------------------------
class VariantFilter(Schema):
    product_id: Id | None = None
    is_active: bool | None = None


@router.get("/variants", response=CursorPage[schemas.VariantOut])
@requires(VIEW)
def list_variants(request: Request, page: Query[CursorQuery], wanted: Query[VariantFilter]) -> Any:
    """Variants of every product, or of one."""
    rows = Variant.objects.visible_to(request.actor).prefetch_related("barcodes")
    return cursor_page(rows.filter(**wanted.dict(exclude_none=True)), page, order=["id"])


class SearchQuery(Schema):
    q: str = Field(max_length=100, description="Barcode, tag, SKU, name, pinyin or initials")
    limit: int = Field(20, ge=1, le=50)


@router.get("/variants/search", response=list[schemas.ScannedOut])
@requires(VIEW)
def search_variants(request: Request, wanted: Query[SearchQuery]) -> Any:
    """Goods on offer that a query means, exact codes first."""
    return find(request.actor, wanted.q, wanted.limit)


@router.get("/variants/{int:pk}", response=schemas.VariantOut)
@requires(VIEW)
def get_variant(request: Request, pk: int) -> Any:
    """One variant with its barcodes."""
    return _variant(request, pk)


@router.patch("/variants/{int:pk}", response=schemas.VariantOut)
@requires(MANAGE)
def change_variant(request: Request, pk: int, payload: schemas.VariantPatch) -> Any:
    """Another SKU, place, number on the scale; in or out of use."""
    values = payload.dict(exclude_unset=True)
    return variants.change_variant(
        variant=_variant(request, pk), values=values, actor=request.actor, now=request.now
    )


@router.put("/variants/{int:pk}/base-price", response=schemas.VariantOut)
@requires("catalog.manage_prices")
def set_base_price(request: Request, pk: int, payload: schemas.BasePriceIn) -> Any:
    """The base retail price, tax included."""
    return variants.set_base_price(
        variant=_variant(request, pk),
        price_amount=payload.price_amount,
        actor=request.actor,
        now=request.now,
    )


# --- barcodes --------------------------------------------------------------------------------------------------------
class CodeUnknown(NotFound):
    code = "code_unknown"
    message = _("No goods have the code “%(value)s”. Scan it again, or look for the goods by name.")


class LookUpQuery(Schema):
    value: str = Field(min_length=1, max_length=60, description="As scanned or typed")


@router.get("/barcodes/lookup", response=schemas.ScannedOut)
@requires(VIEW)
def look_up(request: Request, wanted: Query[LookUpQuery]) -> Any:
    """What a code stands for: a barcode (with its pack), a tag, a label of the scale, a SKU. 404: nothing has it."""
    found = scan(request.actor, wanted.value)
    if found is None:
        raise CodeUnknown(value=wanted.value)
    return found


@router.post("/variants/{int:pk}/barcodes", response={201: schemas.BarcodeOut})
@requires(MANAGE)
def add_barcode(request: Request, pk: int, payload: schemas.BarcodeIn) -> Any:
    """Teach a barcode."""
    made = barcodes.add_barcode(
        variant=_variant(request, pk), **payload.dict(), actor=request.actor, now=request.now
    )
    return Status(201, made)


@router.post("/variants/{int:pk}/own-barcode", response=schemas.BarcodeOut)
@requires(MANAGE)
def give_own_barcode(request: Request, pk: int) -> Any:
    """Give a variant a code of our own (EAN-13); one that has one keeps it."""
    return barcodes.give_own_barcode(variant=_variant(request, pk), actor=request.actor, now=request.now)


@router.delete("/barcodes/{int:pk}", response={204: None})
@requires(MANAGE)
def remove_barcode(request: Request, pk: int) -> Any:
    """Forget a barcode; it is free again."""
    rows = Barcode.objects.visible_to(request.actor).select_related("variant__product")
    barcodes.remove_barcode(barcode=get_object_or_404(rows, pk=pk), actor=request.actor, now=request.now)
    return Status(204, None)
