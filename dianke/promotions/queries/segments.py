"""The port to whoever groups customers: which segments an offer may name, what they are called, who is in them.

Offers know segments by their numbers only. The room that makes segments registers itself here; until one does, no offer
can name any and nobody is in one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from dianke.core.actor import Actor


@dataclass(frozen=True, slots=True)
class Segments:
    """`choices(actor)`: those an offer may name, by number, for people. `taken(ids, actor)`: which of them exist,
    are in use and may be named by the actor; they cannot be put away before the transaction ends. `names(ids)`: what
    they are called. `holding(customer_ids, ids)`: which of them hold the cluster, with their names; one statement."""

    choices: Callable[[Actor], Collection[tuple[int, str]]]
    taken: Callable[[Collection[int], Actor], Collection[int]]
    names: Callable[[Collection[int]], Mapping[int, str]]
    holding: Callable[[Collection[int], Collection[int]], Mapping[int, str]]


_NONE = Segments(lambda actor: (), lambda ids, actor: (), lambda ids: {}, lambda customer_ids, ids: {})
_registered: list[Segments] = []


def register_segments(segments: Segments) -> None:
    """Called once, when the apps are ready."""
    _registered[:] = [segments]


def segments() -> Segments:
    """Whoever groups customers here."""
    return _registered[0] if _registered else _NONE


def segments_holding(customer_ids: Collection[int], segment_ids: Collection[int]) -> dict[int, str]:
    """Which of the segments hold a cluster of customers, with their names. Asks nothing where no offer names any."""
    if not customer_ids or not segment_ids:
        return {}
    return dict(segments().holding(customer_ids, segment_ids))
