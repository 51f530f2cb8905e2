"""What the room puts into the kits: labels of its events, hidden fields, what can need approval, its importer."""

from __future__ import annotations

from dianke.purchasing.providers import approvables, importer, words


def register() -> None:
    """Called once, when the app is ready."""
    words.register()
    approvables.register()
    importer.register_importer()
