"""What the endpoints of goods take and give."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from dianke.api.schemas import Body, Id, line, partial
from dianke.catalog.models import Barcode, Brand, Product, Variant
from dianke.catalog.queries.search import Found
from dianke.stores.models import Trade

# As literals: the schema would take two classes called Kind for one. A test compares them with the models.
ProductKind = Literal["GOODS", "PIECE", "SERVICE", "BUNDLE", "MADE_TO_ORDER"]
StockTracking = Literal["NONE", "BATCH", "PIECE"]
ProductState = Literal["DRAFT", "ACTIVE", "DISCONTINUED", "ARCHIVED"]
BarcodeKind = Literal["EAN13", "EAN8", "UPC", "ITF14", "OWN", "SUPPLIER"]
PieceMetal = Literal["GOLD", "PLATINUM", "SILVER", "PALLADIUM", "NONE"]
MakingCharge = Literal["PER_GRAM", "PER_PIECE", "RATE"]
MeasureKind = Literal["COUNT", "WEIGHT", "LENGTH", "AREA", "VOLUME", "TIME"]
MOST = 10**15
Amount = Annotated[
    int, Field(ge=0, lt=MOST, description="Whole minor units (fen), tax included", examples=[39900])
]
Milligrams = Annotated[int, Field(ge=0, lt=10**12, description="Milligrams; one carat is 200")]
Quantity = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=4)]


# --- variants and barcodes -------------------------------------------------------------------------------------------
class BarcodeOut(Schema):
    id: int
    value: str = Field(description="Canonical; a UPC stands with its leading zero")
    printed: str
    kind: BarcodeKind
    pack_quantity: Decimal


class BarcodeIn(Body):
    value: Annotated[str, line(60), Field(examples=["6901234567892"])]
    kind: BarcodeKind | Literal[""] = Field("", description="Found by itself when left out")
    pack_quantity: Quantity = Decimal(1)


class VariantOut(Schema):
    id: int
    product_id: int
    code: str
    label: str
    position: int
    is_active: bool
    price_amount: int | None = Field(
        description="Base retail price, minor units; null: by the day, or not yet"
    )
    scale_code: str
    barcodes: list[BarcodeOut]

    @staticmethod
    def resolve_barcodes(variant: Variant) -> list[Barcode]:
        return list(variant.barcodes.all())


@partial
class VariantPatch(Body):
    code: Annotated[str, line(48)]
    position: int = Field(ge=0, le=32_000)
    is_active: bool
    scale_code: Annotated[str, line(8, min_length=0)]


class BasePriceIn(Body):
    price_amount: Amount | None


class AxisIn(Body):
    attribute_id: Id
    value_ids: list[Id] = Field(min_length=1, max_length=200)


class MatrixIn(Body):
    axes: list[AxisIn] = Field(max_length=10)


# --- products --------------------------------------------------------------------------------------------------------
class ProductOut(Schema):
    id: int
    uuid: str
    kind: ProductKind
    code: str
    name: str
    aliases: str
    category_id: int | None
    brand_id: int | None
    unit_id: int
    tax_class_id: int | None
    tracking: StockTracking
    state: ProductState
    trade: Trade | Literal[""]
    shelf_life_days: int | None
    lead_days: int
    created_at: datetime
    changed_at: datetime

    @staticmethod
    def resolve_uuid(product: Product) -> str:
        return str(product.uuid)


class AxisOut(Schema):
    attribute_id: int
    name: str


class ProductDetailOut(ProductOut):
    description: str
    custom: dict[str, Any]
    axes: list[AxisOut]
    variants: list[VariantOut]

    @staticmethod
    def resolve_axes(product: Product) -> list[dict[str, Any]]:
        rows = product.axes.select_related("attribute")
        return [{"attribute_id": axis.attribute_id, "name": axis.attribute.name} for axis in rows]

    @staticmethod
    def resolve_variants(product: Product) -> list[Variant]:
        return list(product.variants.prefetch_related("barcodes").order_by("position", "pk"))


class ProductBody(Body):
    code: Annotated[str, line(40), Field(description="Given when left out")]
    name: Annotated[str, line(120), Field(examples=["Cardigan"])]
    aliases: Annotated[str, line(160, min_length=0)]
    category_id: Id | None
    brand_id: Id | None
    unit_id: Id
    tax_class_id: Id | None
    tracking: StockTracking
    trade: Trade | Literal[""]
    description: str = Field(max_length=4000)
    shelf_life_days: Annotated[int, Field(ge=1, le=36_500)] | None
    lead_days: int = Field(ge=0, le=3650)
    custom: dict[str, Any] = Field(max_length=100)


@partial
class ProductPatch(ProductBody):
    pass


@partial
class _ProductParts(ProductBody):
    kind: ProductKind
    state: Literal["DRAFT", "ACTIVE"]
    price_amount: Amount | None
    barcode: Annotated[str, line(60, min_length=0)]
    axes: list[AxisIn] = Field(max_length=10)


class ProductIn(_ProductParts):
    name: Annotated[str, line(120), Field(examples=["Cardigan"])]


# --- what a code stands for ------------------------------------------------------------------------------------------
class ScannedOut(Schema):
    """What one scan means."""

    variant: VariantOut
    product: ProductOut
    piece_id: int | None
    quantity: Decimal = Field(description="In the unit of the product")
    amount: Decimal | None = Field(description="Yuan, where a scale printed the price")
    why: str

    @staticmethod
    def resolve_product(found: Found) -> Product:
        return found.variant.product

    @staticmethod
    def resolve_piece_id(found: Found) -> int | None:
        return found.piece.pk if found.piece else None


# --- pieces ----------------------------------------------------------------------------------------------------------
class PieceOut(Schema):
    id: int
    uuid: str
    variant_id: int
    tag: str
    gross_weight_mg: int
    net_weight_mg: int
    stone_weight_mg: int
    metal: PieceMetal
    fineness: int
    certificate_number: str
    certificate_issuer: str
    size: str
    making: MakingCharge
    making_amount: int
    stone_amount: int
    price_amount: int | None
    note: str
    created_at: datetime

    @staticmethod
    def resolve_uuid(piece: Any) -> str:
        return str(piece.uuid)


@partial
class PieceBody(Body):
    tag: Annotated[str, line(32, min_length=0), Field(description="Given when left out")]
    gross_weight_mg: Milligrams
    net_weight_mg: Milligrams
    stone_weight_mg: Milligrams
    metal: PieceMetal
    fineness: int = Field(ge=0, le=1000, description="Permille: 18K is 750")
    certificate_number: Annotated[str, line(40, min_length=0)]
    certificate_issuer: Annotated[str, line(40, min_length=0)]
    size: Annotated[str, line(20, min_length=0)]
    making: MakingCharge
    making_amount: int = Field(ge=0, lt=MOST, description="Minor units per gram or piece, or basis points")
    stone_amount: Amount
    price_amount: Amount | None
    note: Annotated[str, line(200, min_length=0)]


class PiecesIn(Body):
    variant_id: Id
    pieces: list[PieceBody] = Field(min_length=1, max_length=500)


# --- categories, brands, attributes, units, taxes --------------------------------------------------------------------
class CategoryOut(Schema):
    id: int
    parent_id: int | None
    name: str
    position: int
    path: list[int] = Field(description="Ids of the categories above, the topmost first")
    merged_into_id: int | None


class CategoryIn(Body):
    name: Annotated[str, line(40)]
    parent_id: Id | None = None


class CategoryPatch(Body):
    name: Annotated[str, line(40)] | None = None


class CategoryMoveIn(Body):
    parent_id: Id | None


class CategoryOrderIn(Body):
    parent_id: Id | None = None
    order: list[Id] = Field(max_length=2000, description="Every category at this place, once")


class CategoryMergeIn(Body):
    into_id: Id


class BrandOut(Schema):
    id: int
    name: str
    aliases: str
    is_archived: bool

    @staticmethod
    def resolve_is_archived(brand: Brand) -> bool:
        return brand.archived_at is not None


class BrandIn(Body):
    name: Annotated[str, line(60)]
    aliases: Annotated[str, line(160, min_length=0)] = ""


@partial
class BrandPatch(BrandIn):
    is_archived: bool


class AttributeValueOut(Schema):
    id: int
    name: str


class AttributeOut(Schema):
    id: int
    name: str
    values: list[AttributeValueOut]

    @staticmethod
    def resolve_values(attribute: Any) -> list[Any]:
        return list(attribute.values.all())


class AttributeIn(Body):
    name: Annotated[str, line(20)]
    values: list[Annotated[str, line(40)]] = Field(default=[], max_length=200)


class AttributeValuesIn(Body):
    values: list[Annotated[str, line(40)]] = Field(min_length=1, max_length=200)


class AttributePatch(Body):
    name: Annotated[str, line(20)] | None = None


class AttributeValuePatch(Body):
    name: Annotated[str, line(40)] | None = None


class AttributeMergeIn(Body):
    into_id: Id = Field(description="The one that stays")


class AttributeOrderIn(Body):
    order: list[Id] = Field(max_length=2000, description="Every one of them, once")


class UnitOut(Schema):
    id: int
    code: str
    name: str
    kind: MeasureKind
    digits: int


class TaxClassOut(Schema):
    id: int
    code: str
    name: str
    rate_bp: int | None = Field(description="Basis points today; null: no rate yet")
