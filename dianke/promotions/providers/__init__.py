"""What the room registers with kits and other rooms: words, approval, pages, what customers' pages and rights show."""

from __future__ import annotations

from dianke.promotions.providers import customers, pages, words


def register() -> None:
    """Called once, when the apps are ready."""
    words.register()
    customers.register()
    pages.register()
