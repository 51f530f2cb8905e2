"""What the room puts into the kits: labels of its events, hidden fields, what can need approval, its importers, its
pages and what it shows on the page of a product."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dianke.inventory.operations.reversing import register_owner
from dianke.purchasing.providers import approvables, importer, pages, panels, supplier_importer, words


def register() -> None:
    """Called once, when the app is ready."""
    register_owner("purchasing.", _("a purchase"))
    words.register()
    approvables.register()
    importer.register_importer()
    supplier_importer.register_importer()
    pages.register()
    panels.register()
