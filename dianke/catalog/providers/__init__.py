"""What the room puts into the kits: search, custom fields, importers, words of its events."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dianke.catalog.providers import importer, pages, piece_importer, prices, search, words
from dianke.core import custom_fields


def register() -> None:
    """Called once, when the app is ready."""
    pages.register()
    words.register()
    search.register()
    importer.register_importer()
    piece_importer.register_piece_importer()
    prices.register_prices()
    custom_fields.register_model(custom_fields.CustomModel("catalog.product", _("Goods"), "package"))
