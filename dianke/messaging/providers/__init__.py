"""What the room registers with kits and other rooms: words, pages, what customers' pages and rights show, carriers."""

from __future__ import annotations

from dianke.messaging.providers import at_once, carriers, contact, customers, pages, words


def register() -> None:
    """Called once, when the apps are ready."""
    words.register()
    carriers.register()
    at_once.register()
    customers.register()
    pages.register()
    contact.register()
