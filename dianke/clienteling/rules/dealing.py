"""Who is given whom on a day. Pure and deterministic: the same customers and people make the same lists.

Whom somebody promised to call, or looks after, goes to them and to nobody else. The others of a store are dealt over
the partners who keep them: every partner's customers get their first place before any get a second, and after that
places in proportion to how many of them have a reason (Adams' method of dividing seats). Each goes to the employee of
those who may see them who has the fewest so far.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Candidate:
    """`partner` keeps the customer (0: nobody). It goes to who `promised` to call, else to the `owner`, if they are
    among those who may see it (`sees`); `may` are the people who may be given it by share."""

    customer: int
    weight: int
    store: int = 0
    partner: int = 0
    promised: int = 0
    owner: int = 0
    may: frozenset[int] = frozenset()
    sees: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Given:
    user: int
    customer: int
    why: str


def deal(candidates: Collection[Candidate], free: Mapping[int, int], *, salt: str) -> list[Given]:
    """`free` are the places left on each list; `salt` (the day) lets chance, where all else is equal, fall another way
    each day."""
    places = dict(free)
    given: list[Given] = []
    count: dict[int, int] = defaultdict(int)

    def give(user: int, candidate: Candidate, why: str) -> None:
        places[user] -= 1
        count[user] += 1
        given.append(Given(user, candidate.customer, why))

    rest: dict[int, list[Candidate]] = defaultdict(list)
    for one in _ordered(candidates):
        kept = _kept_for(one, places)
        if kept is None:
            if one.may:
                rest[one.store].append(one)
        elif places[kept[0]] > 0:
            give(kept[0], one, kept[1])
    for store in sorted(rest):
        for one, may in _by_share(rest[store], places):
            user = min(may, key=lambda pk: (count[pk], _chance(salt, one.customer, pk)))
            give(user, one, "SHARE")
    return given


def _kept_for(one: Candidate, places: Mapping[int, int]) -> tuple[int, str] | None:
    """Whose customer it is, of the people with a list who may see them."""
    for user, why in ((one.promised, "PROMISED"), (one.owner, "OWNER")):
        if user in places and user in one.sees:
            return user, why
    return None


def _ordered(candidates: Collection[Candidate]) -> list[Candidate]:
    return sorted(candidates, key=lambda one: (-one.weight, one.customer))


def _by_share(
    candidates: Sequence[Candidate], places: Mapping[int, int]
) -> Iterator[tuple[Candidate, list[int]]]:
    """Customers of a store in the order they are given places, each with whoever has a place left."""
    queues: dict[int, list[Candidate]] = defaultdict(list)
    for one in reversed(candidates):
        queues[one.partner].append(one)
    sizes = {partner: len(queue) for partner, queue in queues.items()}
    placed = dict.fromkeys(queues, 0)
    while queues:
        partner = min(queues, key=lambda pk: (Fraction(placed[pk], sizes[pk]), -queues[pk][-1].weight, pk))
        one = queues[partner].pop()
        if not queues[partner]:
            del queues[partner]
        may = [pk for pk in one.may if places.get(pk, 0) > 0]
        if may:
            placed[partner] += 1
            yield one, may


def _chance(salt: str, customer: int, user: int) -> bytes:
    return hashlib.sha256(f"{salt}:{customer}:{user}".encode()).digest()
