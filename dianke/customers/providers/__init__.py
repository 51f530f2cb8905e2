"""What the room puts into the kits: pages, search, masked fields, labels of its events."""

from __future__ import annotations

from dianke.customers.providers import (
    door,
    entry,
    importer,
    masks,
    merges,
    pages,
    panels,
    portal,
    rights,
    search,
)


def register() -> None:
    """Called once, when the app is ready."""
    pages.register()
    search.register()
    panels.register()
    masks.register()
    rights.register()
    portal.register()
    door.register()
    entry.register()
    importer.register_importer()
    merges.register()
