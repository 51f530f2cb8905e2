"""The steps of a plan as lines for a page: each with how deep it stands, what it says, and who is there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import pgettext

from dianke.journeys.models import Passed
from dianke.journeys.queries.monitor import AtStep
from dianke.journeys.queries.wording import ICONS, KINDS, Names, reason_words
from dianke.journeys.rules.plan import Kind, Plan, Step


@dataclass(frozen=True, slots=True)
class Line:
    """A step, or the heading of an arm (`arm` is "yes" or "no", `step` the branch); `is_last` stands at the end of its
    own list."""

    step: Step
    depth: int
    arm: str = ""
    label: str = ""
    icon: str = ""
    text: str = ""
    at: AtStep = field(default_factory=AtStep)
    outcomes: list[tuple[str, int]] = field(default_factory=list)
    reasons: list[tuple[str, int]] = field(default_factory=list)
    is_first: bool = False
    is_last: bool = False
    problems: list[Any] = field(default_factory=list)

    @property
    def is_branch(self) -> bool:
        return self.step.kind == Kind.BRANCH


def flow_of(
    plan: Plan, *, at: dict[str, AtStep] | None = None, problems: dict[str, list[Any]] | None = None
) -> list[Line]:
    """Every step in the order of the page."""
    return list(_lines(plan.steps, Names(plan), 0, at or {}, problems or {}))


def _lines(
    steps: tuple[Step, ...], names: Names, depth: int, at: dict[str, AtStep], problems: dict[str, list[Any]]
) -> list[Line]:
    found: list[Line] = []
    for place, step in enumerate(steps):
        here = at.get(step.key, AtStep())
        found.append(
            Line(
                step,
                depth,
                label=str(KINDS[step.kind]),
                icon=ICONS[step.kind],
                text=names.of(step),
                at=here,
                outcomes=[
                    (str(Passed.Outcome(code).label), count) for code, count in sorted(here.outcomes.items())
                ],
                reasons=[(reason_words(code), count) for code, count in here.reasons.items()],
                is_first=place == 0,
                is_last=place == len(steps) - 1,
                problems=problems.get(step.key, []),
            )
        )
        if step.kind == Kind.BRANCH:
            for arm, label, inner in (
                ("yes", pgettext("branch", "Yes"), step.yes),
                ("no", pgettext("branch", "No"), step.no),
            ):
                found.append(Line(step, depth + 1, arm=arm, label=label))
                found += _lines(inner, names, depth + 1, at, problems)
    return found
