"""What the catalogue's events and rows are called in logs and timelines."""

from __future__ import annotations

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Attribute, Brand, Category, Piece, Product, TaxClass, Unit, Variant
from dianke.catalog.models import ConfigurationChoice as Choice
from dianke.catalog.models import ConfigurationGroup as Group
from dianke.catalog.models import WeighedPattern as Pattern
from dianke.events.registry import register_kind, register_rows

VIEW = "catalog.view_products"
KINDS = {
    "product_created": _("Product “%(name)s” created"),
    "product_changed": _("Product changed"),
    "product_activated": _("Product on offer"),
    "product_discontinued": _("Product discontinued: no more buying"),
    "product_archived": _("Product put away"),
    "products_categorised": _("%(count)s products put into a category"),
    "products_state_changed": _("State of %(count)s products changed"),
    "variants_laid_out": _("Variants laid out"),
    "variant_changed": _("Variant changed"),
    "base_price_set": _("Base price set"),
    "base_prices_set": _("%(count)s base prices set"),
    "attribute_added": _("Attribute “%(name)s” added"),
    "attribute_changed": _("Attribute changed"),
    "attribute_values_added": _("Values added to the attribute “%(name)s”"),
    "attributes_sorted": _("Attributes put in order"),
    "attribute_values_sorted": _("Values of “%(name)s” put in order"),
    "attribute_value_merged": _("Value “%(name)s” became “%(into)s”"),
    "attribute_merged": _("Attribute “%(name)s” became “%(into)s”"),
    "attribute_value_removed": _("Value “%(value)s” of “%(name)s” removed"),
    "attribute_removed": _("Attribute “%(name)s” removed"),
    "barcode_added": _("Barcode %(value)s added"),
    "barcodes_given": _("%(count)s own barcodes given"),
    "barcode_removed": _("Barcode %(value)s removed"),
    "weighed_pattern_set": _("Labels of the scale that begin with %(prefix)s set up"),
    "weighed_pattern_removed": _("Labels of the scale that begin with %(prefix)s taken out"),
    "piece_added": _("Piece %(tag)s entered"),
    "pieces_added": _("%(count)s pieces entered, %(first)s to %(last)s"),
    "piece_changed": _("Piece %(tag)s changed"),
    "photos_added": _("%(count)s photos added to “%(name)s”"),
    "photos_sorted": _("Photos of “%(name)s” put in order"),
    "photo_removed": _("Photo of “%(name)s” taken away"),
    "photo_restored": _("Photo of “%(name)s” brought back"),
    "photos_dropped": _("%(count)s photos that were taken away deleted"),
    "category_added": _("Product category “%(name)s” added"),
    "category_changed": _("Product category changed"),
    "category_moved": _("Product category “%(name)s” moved"),
    "categories_sorted": _("Product categories put in order"),
    "category_merged": _("Product category “%(name)s” became part of another"),
    "brand_added": _("Brand “%(name)s” added"),
    "brand_changed": _("Brand changed"),
    "unit_added": _("Unit “%(name)s” added"),
    "tax_class_added": _("Tax class “%(name)s” added"),
    "tax_rate_set": _("Tax rate of “%(name)s” set"),
    "service_described": _("Time and skills of a service set"),
    "consumables_set": _("Consumables of a service set"),
    "bundle_set": _("Content of a bundle set"),
    "option_group_added": _("Group of options “%(name)s” added"),
    "option_group_changed": _("Group of options “%(name)s” changed"),
    "option_added": _("Option “%(name)s” added"),
    "option_changed": _("Option “%(name)s” changed"),
    "option_rules_set": _("Rules between options set"),
}
#: Rows and the column that names them.
ROWS: tuple[tuple[type[Model], str], ...] = (
    (Product, "name"),
    (Variant, "code"),
    (Piece, "tag"),
    (Category, "name"),
    (Brand, "name"),
    (Attribute, "name"),
    (Unit, "name"),
    (TaxClass, "name"),
    (Group, "name"),
    (Choice, "name"),
    (Pattern, "prefix"),
)


def register() -> None:
    """Called once, when the app is ready."""
    for code, label in KINDS.items():
        register_kind(f"catalog.{code}", label, permission=VIEW)
    for model, text in ROWS:
        register_rows(
            model._meta.label_lower,
            lambda actor, rows=model._default_manager: rows.visible_to(actor),  # type: ignore[misc]
            text,
        )
