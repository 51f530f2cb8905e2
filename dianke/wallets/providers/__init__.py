"""What the room registers: how its events read, what can need a second person, what it shows of a customer, on the
customer's phone and in the navigation, and its columns in the import of customers."""

from __future__ import annotations

from dianke.wallets.providers import approvables, importer, notices, of_customers, pages, words


def register() -> None:
    """Called once, when the apps are ready."""
    words.register()
    notices.register()
    approvables.register()
    of_customers.register()
    importer.register()
    pages.register()
