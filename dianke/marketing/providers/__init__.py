"""What the room registers with kits and other rooms: words, approval, pages, what concerns customers, who answered."""

from __future__ import annotations

from dianke.marketing.providers import board, contact, customers, pages, segments, words


def register() -> None:
    """Called once, when the apps are ready."""
    words.register()
    pages.register()
    customers.register()
    segments.register()
    board.register()
    contact.register()
