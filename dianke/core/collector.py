"""Python's collector of cycles in processes that serve for days."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager


def settle() -> None:
    """Called once everything is loaded: what is loaded stays, so the collector need not look at it again, nor at what
    is new after every few hundred objects."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)  # libraries look at the end whether everything of theirs is gone
    gc.set_threshold(20_000, 20, 20)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Nothing is looked at until the end, and what was there before not even when the caller collects. A process that
    had settled is so again afterwards."""
    had_settled = gc.get_freeze_count() > 0
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
        if had_settled:
            gc.collect()
            gc.freeze()
