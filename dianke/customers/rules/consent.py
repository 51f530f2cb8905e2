"""What a customer agreed to, worked out from the history of entries; over a merged profile the most restrictive holds.

For every identity the newest entry of a purpose and channel counts; “any channel” speaks for each channel that has no
newer word of its own. A profile of several identities may be used in a way only if none of those that said anything
about it said no.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

ANY = "ANY"
CHANNELS = ("SMS", "CALL", "EMAIL", "WECHAT")


@dataclass(frozen=True, slots=True)
class ConsentFact:
    """One entry of the history of one identity; `order` breaks ties of the same instant (the row's id)."""

    customer_id: int
    purpose: str
    channel: str
    is_given: bool
    at: datetime
    order: int = 0


def effective(
    entries: Iterable[ConsentFact],
    *,
    head_id: int | None = None,
    merged_at: Mapping[int, datetime] | None = None,
) -> dict[tuple[str, str], bool]:
    """`{(purpose, channel): may it be done}` for every pair anybody of the profile said something about.

    A purpose with an entry for any channel is answered for all channels. Pairs that are missing: never asked, so no.
    With `head_id` and when each other identity was merged into it, what the head said after the merge takes the place
    of what the other had said before: the same person was asked again.
    """
    newest: dict[int, dict[tuple[str, str], ConsentFact]] = defaultdict(dict)
    for fact in sorted(entries, key=lambda one: (one.at, one.order)):
        newest[fact.customer_id][fact.purpose, fact.channel] = fact
    said_by_head = newest.get(head_id, {}) if head_id is not None else {}
    answers: dict[tuple[str, str], bool] = {}
    for customer_id, said in newest.items():
        joined = (merged_at or {}).get(customer_id)
        standing = said
        if joined is not None and customer_id != head_id:
            standing = {
                key: fact
                for key, fact in said.items()
                if not _is_answered_anew(
                    fact, said_by_head.get(key) or said_by_head.get((key[0], ANY)), joined
                )
            }
        for key, is_given in _of_one(standing).items():
            answers[key] = answers.get(key, True) and is_given
    return answers


def _is_answered_anew(fact: ConsentFact, by_head: ConsentFact | None, joined: datetime) -> bool:
    return by_head is not None and by_head.at >= joined and by_head.at >= fact.at


def _of_one(said: dict[tuple[str, str], ConsentFact]) -> dict[tuple[str, str], bool]:
    found: dict[tuple[str, str], bool] = {}
    for purpose in {purpose for purpose, _channel in said}:
        general = said.get((purpose, ANY))
        if general:
            found[purpose, ANY] = general.is_given
        for channel in CHANNELS:
            own = said.get((purpose, channel))
            if own and general:
                later = max(own, general, key=lambda one: (one.at, one.order))
                found[purpose, channel] = later.is_given
            elif own or general:
                found[purpose, channel] = (own or general).is_given  # type: ignore[union-attr]
    return found


def may(answers: dict[tuple[str, str], bool], purpose: str, channel: str = ANY) -> bool:
    """Whether the profile may be used so: an answer for the channel, else for any channel, else no."""
    return answers.get((purpose, channel), answers.get((purpose, ANY), False))
