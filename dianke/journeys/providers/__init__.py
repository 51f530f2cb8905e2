"""What the room registers with kits and other rooms: words, pages, what it does about customers, who
answered."""

from __future__ import annotations

from dianke.journeys.providers import contact, customers, pages, segments, words


def register() -> None:
    """Called once, when the apps are ready."""
    words.register()
    customers.register()
    pages.register()
    segments.register()
    contact.register()
