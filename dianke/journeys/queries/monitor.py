"""How a journey goes: who is at which step, what every step did and why not, who left and why, who bought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Count

from dianke.core.intervals import Difference, Withheld, newcombe, withheld
from dianke.journeys.models import Journey, Passage, Passed
from dianke.journeys.queries.exits import converted


@dataclass(slots=True)
class AtStep:
    """People at a step now (`here`; `waiting` of them have their message in the outbox), and what it did so far."""

    here: int = 0
    waiting: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def sent(self) -> int:
        return self.outcomes.get(Passed.Outcome.SENT, 0)

    @property
    def skipped(self) -> int:
        return self.outcomes.get(Passed.Outcome.SKIPPED, 0)


@dataclass(frozen=True, slots=True)
class Monitor:
    """Numbers of people. `bought`: within the days the journey counts for; of those kept back `bought_control`."""

    entered: int
    going: int
    done: int
    left: int
    control: int
    sent: int
    skipped: int
    bought: int
    bought_control: int
    steps: Mapping[str, AtStep]
    exits: Mapping[str, int]
    reasons: Mapping[str, int]

    @property
    def treated(self) -> int:
        return self.entered - self.control

    @property
    def lift(self) -> Difference | Withheld:
        """What share more bought than of those kept back, over everybody who entered; or why nothing can be said."""
        why = withheld(self.treated, self.control, self.bought, self.bought_control)
        if why is not None:
            return why
        return newcombe((self.bought, self.treated), (self.bought_control, self.control))


def monitor_of(journey: Journey, *, goal_days: int) -> Monitor:
    """Five statements, whatever the number of steps and people."""
    steps: dict[str, AtStep] = {}
    by_state: dict[str, int] = {}
    exits: dict[str, int] = {}
    control = 0
    rows = journey.passages.values_list("state", "arm", "reason").annotate(n=Count("pk")).order_by()
    for state, arm, reason, count in rows:
        by_state[state] = by_state.get(state, 0) + count
        control += count if arm == Passage.Arm.CONTROL else 0
        if state == Passage.State.LEFT:
            exits[reason] = exits.get(reason, 0) + count
    here = journey.passages.going().values_list("step").annotate(n=Count("pk"), handed=Count("handed_at"))
    for key, count, handed in here.order_by():
        at = steps.setdefault(key, AtStep())
        at.here, at.waiting = count, handed
    reasons: dict[str, int] = {}
    passed = Passed.objects.filter(passage__journey=journey)
    for key, outcome, reason, count in (
        passed.values_list("step", "outcome", "reason").annotate(n=Count("pk")).order_by()
    ):
        at = steps.setdefault(key, AtStep())
        at.outcomes[outcome] = at.outcomes.get(outcome, 0) + count
        if reason:
            at.reasons[reason] = at.reasons.get(reason, 0) + count
            reasons[reason] = reasons.get(reason, 0) + count
    goal = timedelta(days=goal_days)
    treated = journey.passages.filter(arm=Passage.Arm.TREATED)
    kept = journey.passages.filter(arm=Passage.Arm.CONTROL)
    return Monitor(
        entered=sum(by_state.values()),
        going=by_state.get(Passage.State.GOING, 0),
        done=by_state.get(Passage.State.DONE, 0),
        left=by_state.get(Passage.State.LEFT, 0),
        control=control,
        sent=sum(at.sent for at in steps.values()),
        skipped=sum(at.skipped for at in steps.values()),
        bought=converted(treated, goal).count(),
        bought_control=converted(kept, goal).count() if control else 0,
        steps=steps,
        exits=dict(sorted(exits.items(), key=lambda one: -one[1])),
        reasons=dict(sorted(reasons.items(), key=lambda one: -one[1])),
    )
