"""What the room registers with kits and other rooms."""

from __future__ import annotations

from dianke.customers.operations.import_undo import register_follower
from dianke.insight.providers import contact, lists, pages, panels, proposals


def register() -> None:
    """Called once, when the app is ready."""
    pages.register()
    panels.register()
    proposals.register()
    contact.register()
    lists.register()
    register_follower("insight_customermetrics")
