"""What the room gives to the frame and to other rooms; everything is registered from here, once."""

from __future__ import annotations


def register() -> None:
    """Called by `AppConfig.ready`."""
    from dianke.work.providers import approvables, frame, words

    words.register()
    approvables.register()
    frame.register()
