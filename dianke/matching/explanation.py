"""A verdict in words: for each side of a record what was found and how much it weighs, for the page of review.

The bits of all explanations together are the weight of the verdict: nothing is added that is not shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.matching.comparisons import CUSTOMERS, MISSING, State, comparison
from dianke.matching.scoring import Verdict

PRIOR = "prior"


@dataclass(frozen=True, slots=True)
class Explanation:
    """`state` is what a level says at a glance, `detail` in words, `weight` in bits for (+) or against (-)."""

    comparison: str
    label: Promise | str
    state: State
    detail: Promise | str
    weight: float
    left: str
    right: str


def explain(verdict: Verdict) -> list[Explanation]:
    """One for each comparison, the heaviest first, those without values after them, and what one starts from last."""
    told = []
    for part in verdict.parts:
        label, state, detail = words_of(part.comparison, part.level)
        told.append(Explanation(part.comparison, label, state, detail, part.weight, part.left, part.right))
    told.sort(key=lambda entry: (entry.state is State.MISSING, -abs(entry.weight)))
    start = Explanation(
        PRIOR,
        _("Before any comparison"),
        State.MISSING,
        _("two records at random are hardly ever the same person"),
        verdict.prior,
        "",
        "",
    )
    return [*told, start]


def words_of(comparison_code: str, level_code: str) -> tuple[Promise | str, State, Promise | str]:
    """Label of a comparison, state and detail of a level, also for parts kept without their values."""
    compared = comparison(comparison_code, CUSTOMERS)
    if level_code == MISSING:
        return compared.label, State.MISSING, _("not given by both")
    level = compared.level(level_code)
    return compared.label, level.state, level.detail


_CEILINGS: dict[str, Promise | str] = {
    "unionid": _("Two different WeChat identities: these are two people."),
    "document": _("Two different identity documents: these are two people."),
    "member_number": _("Two different member numbers: these are two members."),
    "OTHER_NAME_AND_BIRTHDAY": _(
        "Name and birthday differ: family, or a number that now belongs to somebody else."
    ),
    "OTHER_NAME": _("The names differ, and nothing that is personal agrees: perhaps one household."),
    "NAME_ALONE": _("Only the name agrees. Many people share one."),
    "PART_OF_THE_NAME": _("Only part of the name agrees: perhaps brothers or sisters."),
    "NAMES_DIFFER": _("The names differ. Please look at it yourself."),
    "SOUND_AND_SLIP": _(
        "The names only sound the same and the numbers differ by a digit. Please look at it yourself."
    ),
    "HALF_A_NAME": _("Only half a name and nothing personal agrees. Please look at it yourself."),
}


def explain_ceiling(verdict: Verdict) -> Promise | str:
    """Why the decision is lower than the score: a sentence, "" when it is not."""
    code = verdict.blocked_by or verdict.ceiling
    return _CEILINGS[code] if code else ""
