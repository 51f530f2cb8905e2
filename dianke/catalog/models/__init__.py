"""The tables of the room, one module per noun."""

from dianke.catalog.models.barcodes import Barcode, WeighedPattern
from dianke.catalog.models.bundles import BundleItem
from dianke.catalog.models.categories import MOST_LEVELS, Brand, Category
from dianke.catalog.models.configuration import ConfigurationChoice, ConfigurationGroup, ConfigurationRule
from dianke.catalog.models.day_prices import DayPrice, DayPriceLock
from dianke.catalog.models.imports import ImportedPiece, ImportedRow
from dianke.catalog.models.pieces import Piece
from dianke.catalog.models.prices import PriceImport, PriceList, PriceListItem
from dianke.catalog.models.products import Photo, Product
from dianke.catalog.models.service_details import Consumable, ServiceDetail
from dianke.catalog.models.taxes import TaxClass, TaxRate
from dianke.catalog.models.units import Unit
from dianke.catalog.models.variants import (
    Attribute,
    AttributeValue,
    ProductAttribute,
    Variant,
    VariantValue,
)
from dianke.catalog.models.visible import CatalogQuerySet

__all__ = [
    "MOST_LEVELS",
    "Attribute",
    "AttributeValue",
    "Barcode",
    "Brand",
    "BundleItem",
    "CatalogQuerySet",
    "Category",
    "ConfigurationChoice",
    "ConfigurationGroup",
    "ConfigurationRule",
    "Consumable",
    "DayPrice",
    "DayPriceLock",
    "ImportedPiece",
    "ImportedRow",
    "Photo",
    "Piece",
    "PriceImport",
    "PriceList",
    "PriceListItem",
    "Product",
    "ProductAttribute",
    "ServiceDetail",
    "TaxClass",
    "TaxRate",
    "Unit",
    "Variant",
    "VariantValue",
    "WeighedPattern",
]
