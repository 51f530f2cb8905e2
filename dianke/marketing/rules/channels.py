"""Which channel somebody is written on: the first the rules allow, the preference of the person before that of the
house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """`channel` is "" when none may be used; then `reason` is why the first wanted one may not."""

    channel: str
    reason: str = ""


def order_for(channels: Sequence[str], preferred: str | None) -> tuple[str, ...]:
    """The channels of the campaign, the preferred one first; a preference for another channel changes nothing."""
    if preferred is not None and preferred in channels:
        return (preferred, *(each for each in channels if each != preferred))
    return tuple(channels)


def choose(order: Sequence[str], refused: Mapping[str, str]) -> Choice:
    """The first of `order` that is not in `refused` (channel → reason). Raises `ValueError` without any channel."""
    if not order:
        raise ValueError("no channel")
    for channel in order:
        if channel not in refused:
            return Choice(channel)
    return Choice("", refused[order[0]])
