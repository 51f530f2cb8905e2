"""What is done with a pair, and what may never be done by itself however high the score.

A score adds up evidence as if every piece were independent. In a family it is not: mother and child share surname,
phone, address and sometimes the birthday. The ceilings below know that and lower a decision, never raise one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dianke.matching.comparisons import MISSING
from dianke.matching.thresholds import LINK, REVIEW


class Decision(StrEnum):
    LINK = "LINK"
    REVIEW = "REVIEW"
    LEAVE = "LEAVE"


#: Comparison → level of a pair.
Levels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ceiling:
    """At most `most` where every comparison of `when` is at one of its levels, and none of `unless` is.

    `keeps_apart`: the two are also never joined through third records.
    """

    code: str
    most: Decision
    when: Mapping[str, frozenset[str]]
    unless: Mapping[str, frozenset[str]]
    keeps_apart: bool = False

    def applies(self, levels: Levels) -> bool:
        return all(levels.get(code, MISSING) in at for code, at in self.when.items()) and not any(
            levels.get(code, MISSING) in at for code, at in self.unless.items()
        )


def _ceiling(
    code: str,
    most: Decision,
    when: dict[str, str],
    unless: dict[str, str] | None = None,
    *,
    keeps_apart: bool = False,
) -> Ceiling:
    return Ceiling(
        code,
        most,
        {comparison: frozenset(levels.split()) for comparison, levels in when.items()},
        {comparison: frozenset(levels.split()) for comparison, levels in (unless or {}).items()},
        keeps_apart,
    )


#: Verified identities: two different ones of a kind are two people. The strongest first.
VERIFIED = ("unionid", "document", "member_number")
_SAME_PERSON = {"unionid": "SAME", "document": "SAME"}
_PERSONAL = {"member_number": "SAME", "email": "SAME", "birthday": "EXACT WITHOUT_YEAR MIXED_CALENDARS"}
_OTHER_NAME = "DIFFERENT_KIND FIRM_DIFFERENT SURNAME DIFFERENT"
_PART_OF_NAME = "ONE_CHARACTER GIVEN_ONLY"

CEILINGS: tuple[Ceiling, ...] = (
    *(_ceiling(code, Decision.LEAVE, {code: "DIFFERENT"}, keeps_apart=True) for code in VERIFIED),
    # A number given to somebody new, or a parent's number in the child's record.
    _ceiling(
        "OTHER_NAME_AND_BIRTHDAY",
        Decision.LEAVE,
        {"name": f"{_OTHER_NAME} {_PART_OF_NAME}", "birthday": "DIFFERENT"},
        _SAME_PERSON,
        keeps_apart=True,
    ),
    # One household: the same phone, the same door, and other names.
    _ceiling("OTHER_NAME", Decision.LEAVE, {"name": _OTHER_NAME}, _SAME_PERSON | _PERSONAL, keeps_apart=True),
    # However rare: a name is not a proof.
    _ceiling(
        "NAME_ALONE",
        Decision.LEAVE,
        {
            "phone": "MISSING DIFFERENT",
            "email": "MISSING DIFFERENT",
            "birthday": "MISSING DIFFERENT",
            "address": "MISSING DISTRICT CITY OTHER_ROAD DIFFERENT",
            "company": "MISSING DIFFERENT",
        },
        _SAME_PERSON | {"member_number": "SAME"},
    ),
    # Brothers and sisters often share one character of the name.
    _ceiling(
        "PART_OF_THE_NAME",
        Decision.LEAVE,
        {"name": _PART_OF_NAME, "phone": "DIFFERENT MISSING"},
        _SAME_PERSON | _PERSONAL,
    ),
    # Twins share the birthday as well.
    _ceiling(
        "NAMES_DIFFER",
        Decision.REVIEW,
        {"name": f"{_OTHER_NAME} {_PART_OF_NAME}"},
        _SAME_PERSON,
    ),
    # Numbers one digit apart are given out in rows, to colleagues and families: a sound and a slip are two guesses.
    _ceiling(
        "SOUND_AND_SLIP",
        Decision.REVIEW,
        {"name": "SOUNDS_SAME SOUNDS_ALIKE", "phone": "SLIP"},
        _SAME_PERSON | {**_PERSONAL, "birthday": "EXACT", "address": "SAME_DOOR"},
    ),
    # A phone with half a name suggests; something else must confirm it.
    _ceiling(
        "HALF_A_NAME",
        Decision.REVIEW,
        {"name": "MISSING SURNAME_ONLY"},
        _SAME_PERSON | {**_PERSONAL, "birthday": "EXACT WITHOUT_YEAR"},
    ),
    _ceiling(
        "HALF_A_NAME",
        Decision.REVIEW,
        {"name": "NICKNAME INITIALS FIRM_SHORT"},
        _SAME_PERSON | {**_PERSONAL, "birthday": "EXACT WITHOUT_YEAR", "address": "SAME_DOOR"},
    ),
)


def ceiling_of(levels: Levels) -> Ceiling | None:
    """The lowest ceiling that applies; the first of several as low."""
    found = [ceiling for ceiling in CEILINGS if ceiling.applies(levels)]
    return next((c for c in found if c.most is Decision.LEAVE), found[0] if found else None)


def decide(
    probability: float, ceiling: Ceiling | None, *, link: float = LINK, review: float = REVIEW
) -> Decision:
    """LINK, REVIEW or LEAVE for a probability under a ceiling."""
    if probability < review or (ceiling and ceiling.most is Decision.LEAVE):
        return Decision.LEAVE
    if probability < link or ceiling:
        return Decision.REVIEW
    return Decision.LINK
