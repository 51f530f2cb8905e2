"""What the room registers with kits and other rooms, and the fields it declares for rooms below."""

from __future__ import annotations

from dianke.customers.operations.import_undo import register_follower
from dianke.segments.providers import (
    balances,
    behaviour,
    board,
    lists,
    metrics,
    offers,
    pages,
    panels,
    profile,
    purchases,
    words,
)


def register() -> None:
    """Called once, when the apps are ready."""
    profile.register()
    purchases.register()
    metrics.register()
    balances.register()
    behaviour.register()
    words.register()
    pages.register()
    lists.register()
    offers.register()
    panels.register()
    board.register()
    register_follower("segments_segmentmember")
