"""Who uses a segment: rooms say what of theirs names one, and which of these need it to stay in use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dianke.core.actor import Actor
from dianke.core.errors import Text
from dianke.segments.models import Segment

Uses = Callable[[Collection[int], Actor], Mapping[int, Sequence[Text]]]
_uses: list[Uses] = []
_holders: list[Uses] = []


def register_uses(of: Uses) -> None:
    """`of(ids of segments, actor)` answers what of a room uses each, in words the actor may read."""
    if of not in _uses:
        _uses.append(of)


def register_holders(of: Uses) -> None:
    """The same of what needs the segment: it cannot be put away while there is any. Who names one anew takes hold of
    its row first (`hold`), so that none is put away in between."""
    if of not in _holders:
        _holders.append(of)


def hold(segment_ids: Collection[int]) -> None:
    """Nobody puts these away before the transaction ends. One statement; of no segments, none."""
    if segment_ids:
        rows = Segment.objects.filter(pk__in=segment_ids).select_for_update(no_key=True)
        list(rows.order_by("pk").values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Use:
    """What asks for segments; `is_seen`: the actor may read its name."""

    segment_ids: Collection[int]
    text: Text
    is_seen: bool


def told(
    uses: Iterable[Use], wanted: Collection[int], hidden: Callable[[int], Text]
) -> dict[int, Sequence[Text]]:
    """Segment → what asks for it in words; those out of sight as the number that `hidden` words."""
    found: dict[int, list[Text]] = {}
    unseen: Counter[int] = Counter()
    for use in uses:
        for pk in set(wanted) & set(use.segment_ids):
            if use.is_seen:
                found.setdefault(pk, []).append(use.text)
            else:
                unseen[pk] += 1
    for pk, count in unseen.items():
        found.setdefault(pk, []).append(hidden(count))
    return dict(found)


def uses_of(segment_ids: Collection[int], actor: Actor) -> dict[int, list[Text]]:
    """Segment → what uses it. A few queries per room that registered."""
    return _told(_uses, segment_ids, actor)


def holders_of(segment_ids: Collection[int], actor: Actor) -> dict[int, list[Text]]:
    """Segment → what of that needs it to stay in use."""
    return _told(_holders, segment_ids, actor)


def _told(asked: Sequence[Uses], segment_ids: Collection[int], actor: Actor) -> dict[int, list[Text]]:
    found: dict[int, list[Text]] = {}
    for of in asked:
        for pk, texts in of(segment_ids, actor).items():
            found.setdefault(pk, []).extend(texts)
    return found
