"""From pairs to people: records joined by their best links first, and never into a cluster that cannot be one person.

Two good links can make a bad chain: a record with no verified identity may fit two people who have different ones.
The better link wins, the other is refused with its reason. Pure: pairs in, clusters out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Pair(NamedTuple):
    left: int
    right: int
    weight: float


class Refusal(NamedTuple):
    """A link that was not followed: `reason` is "APART", "SIZE", or the kind of identity there would be too many of."""

    left: int
    right: int
    reason: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How many different values of a kind one person may have, and how many records."""

    identities: Mapping[str, int]
    records: int


#: One of each verified identity; more phones and emails than anybody gives are a firm's or a reseller's.
LIMITS = Limits(
    {"unionid": 1, "document": 1, "member_number": 1, "phone": 6, "email": 6},
    records=50,
)

#: Kind → the record's values of it.
Identities = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Clustering:
    """`clusters` of at least two ids, each in order; `refused` in the order in which they were refused."""

    clusters: list[tuple[int, ...]]
    refused: list[Refusal]


@dataclass(slots=True)
class _Group:
    members: list[int]
    values: dict[str, set[str]] = field(default_factory=dict)
    apart: set[int] = field(default_factory=set)


def clusters(
    pairs: Iterable[Pair | tuple[int, int, float]],
    *,
    identities: Mapping[int, Identities] | None = None,
    limits: Limits = LIMITS,
    conflicts: Collection[tuple[int, int]] = (),
) -> Clustering:
    """Join the ids of the pairs, heaviest first (ties: smaller ids), within the limits.

    `identities` of the ids; `conflicts` are pairs of ids that a person has said, or a rule says, are not the same.
    """
    known = identities or {}
    apart: dict[int, set[int]] = {}
    for one, other in conflicts:
        apart.setdefault(one, set()).add(other)
        apart.setdefault(other, set()).add(one)
    groups: dict[int, _Group] = {}
    refused: list[Refusal] = []
    for left, right, _weight in sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1])):
        mine = groups.get(left) or _alone(left, known, apart, groups)
        theirs = groups.get(right) or _alone(right, known, apart, groups)
        if mine is theirs:
            continue
        if reason := _why_not(mine, theirs, limits):
            refused.append(Refusal(left, right, reason))
            continue
        _join(mine, theirs, groups)
    whole = {id(group): group for group in groups.values() if len(group.members) > 1}
    return Clustering(sorted(tuple(sorted(group.members)) for group in whole.values()), refused)


def _alone(
    record: int, known: Mapping[int, Identities], apart: Mapping[int, set[int]], groups: dict[int, _Group]
) -> _Group:
    values = {kind: set(found) for kind, found in known.get(record, {}).items() if found}
    group = _Group([record], values, set(apart.get(record, ())))
    groups[record] = group
    return group


def _why_not(one: _Group, other: _Group, limits: Limits) -> str | None:
    if len(one.members) + len(other.members) > limits.records:
        return "SIZE"
    smaller, larger = sorted((one, other), key=lambda group: len(group.members))
    if larger.apart and any(member in larger.apart for member in smaller.members):
        return "APART"
    for kind, most in limits.identities.items():
        mine, theirs = one.values.get(kind), other.values.get(kind)
        if mine and theirs and len(mine | theirs) > most:
            return kind
    return None


def _join(one: _Group, other: _Group, groups: dict[int, _Group]) -> None:
    into, gone = (one, other) if len(one.members) >= len(other.members) else (other, one)
    into.members += gone.members
    into.apart |= gone.apart
    for kind, values in gone.values.items():
        into.values.setdefault(kind, set()).update(values)
    for member in gone.members:
        groups[member] = into
