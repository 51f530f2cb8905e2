"""What rooms above this one show on the dashboard of customers: segments, whom messages may reach."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dianke.core.actor import Actor
from dianke.core.errors import Text


@dataclass(frozen=True, slots=True)
class Block:
    """`build(actor, now)` gives the template its values, or None where there is nothing to say."""

    code: str
    title: Text
    template: str
    permission: str
    build: Callable[[Actor, datetime], Mapping[str, Any] | None]
    order: int = 100


_blocks: dict[str, Block] = {}


def register_block(block: Block) -> None:
    """Called once by the room whose block it is."""
    if _blocks.setdefault(block.code, block) != block:
        raise ValueError(f"two blocks have the code {block.code}")


def blocks_for(actor: Actor, now: datetime) -> list[tuple[Block, Mapping[str, Any]]]:
    """Those with something to say, in their order."""
    found = []
    for block in sorted(_blocks.values(), key=lambda block: (block.order, block.code)):
        if actor.can(block.permission):
            content = block.build(actor, now)
            if content is not None:
                found.append((block, content))
    return found
