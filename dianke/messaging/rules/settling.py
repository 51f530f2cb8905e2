"""What is known about a batch whose worker died, from how far it had come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dianke.messaging.rules.carriers import TAKEN, Answer, Outcome

IN_DOUBT = Answer(Outcome.UNKNOWN, detail="interrupted")


def answer_of(kept: Mapping[str, Any]) -> Answer:
    """An answer as `as_kept` wrote it."""
    return Answer(
        Outcome(kept["outcome"]),
        kept.get("id", ""),
        kept.get("detail", ""),
        bool(kept.get("bad")),
        kept.get("reason", ""),
    )


def as_kept(answer: Answer) -> dict[str, Any]:
    """What a batch keeps of an answer that is more than yes."""
    kept: dict[str, Any] = {"outcome": answer.outcome.value}
    if answer.carrier_id:
        kept["id"] = answer.carrier_id
    if answer.detail:
        kept["detail"] = answer.detail[:200]
    if answer.bad_address:
        kept["bad"] = True
    if answer.reason:
        kept["reason"] = answer.reason
    return kept


def settled(
    message_ids: Sequence[int], position: int, answers: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[int, Answer], list[int]]:
    """(what became of those that were begun, those that were not). Only the one at the position can be in doubt: the
    position was moved on after the answer to the one before it had come."""
    found: dict[int, Answer] = {}
    for place, pk in enumerate(message_ids[:position], start=1):
        kept = answers.get(str(pk))
        if kept is not None:
            found[pk] = answer_of(kept)
        else:
            found[pk] = IN_DOUBT if place == position else TAKEN
    return found, list(message_ids[position:])
