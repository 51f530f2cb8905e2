"""The figures of a day as nested whole numbers, so that days, shifts and supplements add up by one rule.

`{"tenders": {"cash": {"in": 5000}}}`: every leaf is a whole number (minor units, pieces, counts), nothing is a zero.
What a supplementary close holds is what is known now minus what was closed before; so the closes of a date always add
up to what is known, however late it came.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import rfc8785

Figures: TypeAlias = "Mapping[str, Figures | int]"


def pruned(figures: Figures) -> dict[str, Any]:
    """Without zeros and empty branches, keys in order."""
    kept: dict[str, Any] = {}
    for key in sorted(figures):
        value = figures[key]
        if isinstance(value, int):
            if value:
                kept[key] = value
        elif below := pruned(value):
            kept[key] = below
    return kept


def plus(left: Figures, right: Figures) -> dict[str, Any]:
    """Leaf by leaf; what one side does not have counts as nothing."""
    return _joined(left, right, 1)


def minus(left: Figures, right: Figures) -> dict[str, Any]:
    """Leaf by leaf, as `plus`."""
    return _joined(left, right, -1)


def total(all_figures: Iterable[Figures]) -> dict[str, Any]:
    """All of them together."""
    sum_: dict[str, Any] = {}
    for figures in all_figures:
        sum_ = plus(sum_, figures)
    return sum_


def at(figures: Figures, *path: str) -> int:
    """One leaf, 0 where there is none."""
    found: Any = figures
    for key in path:
        found = found.get(key, {}) if isinstance(found, Mapping) else {}
    return found if isinstance(found, int) else 0


def _joined(left: Figures, right: Figures, sign: int) -> dict[str, Any]:
    joined: dict[str, Any] = {}
    for key in {**left, **right}:
        ours, theirs = left.get(key, {}), right.get(key, {})
        if isinstance(ours, int) or isinstance(theirs, int):
            joined[key] = (ours if isinstance(ours, int) else 0) + sign * (
                theirs if isinstance(theirs, int) else 0
            )
        else:
            joined[key] = _joined(ours, theirs, sign)
    return pruned(joined)


def digest_of(snapshot: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON (RFC 8785), in hex: who holds a printed digest can prove the stored report."""
    return hashlib.sha256(rfc8785.dumps(dict(snapshot))).hexdigest()
