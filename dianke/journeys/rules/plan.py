"""What a journey is made of: what begins it, its steps one under the other, what ends it early, who may go again.

A plan is kept as plain data with the version it was published as, and read here. Steps have keys that stay: whoever
stands at a step is found by it. After a branch both arms go on with the step that follows the branch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput

MOST_STEPS = 30
MOST_DAYS = 730
MOST_DAYS_BEFORE = 45
_AT = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,11}")


class PlanWrong(InvalidInput):
    code = "journey_plan_wrong"
    message = _("The plan of the journey cannot be read at “%(what)s”. Check this part of it.")
    default_field = "plan"


class Begin(StrEnum):
    """What lets somebody in. Those of `DATED` are looked for once a day, the others follow from what happens."""

    REGISTERED = "REGISTERED"
    FIRST_PURCHASE = "FIRST_PURCHASE"
    PURCHASE = "PURCHASE"
    RETURN = "RETURN"
    LEVEL = "LEVEL"
    BIRTHDAY = "BIRTHDAY"
    ANNIVERSARY = "ANNIVERSARY"
    FESTIVAL = "FESTIVAL"
    POINTS = "POINTS"
    DORMANT = "DORMANT"
    SEGMENT = "SEGMENT"


DATED = frozenset(
    {Begin.BIRTHDAY, Begin.ANNIVERSARY, Begin.FESTIVAL, Begin.POINTS, Begin.DORMANT, Begin.SEGMENT}
)
#: With a day of its own, on which a step can wait.
ANCHORED = frozenset(Begin) - {Begin.SEGMENT}
YEARLY = frozenset({Begin.BIRTHDAY, Begin.ANNIVERSARY})


class Kind(StrEnum):
    """What a step does."""

    WAIT = "WAIT"
    UNTIL = "UNTIL"
    MESSAGE = "MESSAGE"
    BRANCH = "BRANCH"
    COUPON = "COUPON"
    TASK = "TASK"
    END = "END"


#: Done for a person, and only while it is not too late for it.
ACTING = frozenset({Kind.MESSAGE, Kind.COUPON, Kind.TASK})


class Test(StrEnum):
    """What a branch asks, of the time since somebody entered."""

    BOUGHT = "BOUGHT"
    READ = "READ"
    REDEEMED = "REDEEMED"
    SEGMENT = "SEGMENT"


class Again(StrEnum):
    """Whether somebody who was in may come in again."""

    NEVER = "NEVER"
    DAYS = "DAYS"
    EACH = "EACH"


@dataclass(frozen=True, slots=True)
class Trigger:
    """`days`: before the day (birthday, anniversary, festival, expiry of points). `at`: the hour it is looked for and
    what is sent on the day is due. `date_kind`: which anniversary. `festivals`: their codes. Dormant: after `percent`
    of the personal interval, `least_days` at least, `usual_days` for whom no interval is known."""

    kind: Begin
    days: int = 0
    at: time = time(9)
    date_kind: str = "WEDDING"
    festivals: tuple[str, ...] = ()
    segment_id: int | None = None
    percent: int = 200
    least_days: int = 30
    usual_days: int = 90


@dataclass(frozen=True, slots=True)
class Step:
    """One step. WAIT: `days` and `hours` on, and then until `at`. UNTIL: `days` from the day the journey is about
    (before it when negative), `at`. `valid_hours`: later than that it is left out."""

    key: str
    kind: Kind
    days: int = 0
    hours: int = 0
    at: time | None = None
    texts: Mapping[str, int] = field(default_factory=dict)
    valid_hours: int = 36
    test: Test = Test.BOUGHT
    segment_id: int | None = None
    coupon_kind_id: int | None = None
    title: str = ""
    note: str = ""
    yes: tuple[Step, ...] = ()
    no: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """`channels`: in the order they are tried. `exit_segment_id`: whoever is not in it any more leaves."""

    trigger: Trigger
    steps: tuple[Step, ...] = ()
    purpose: str = "CARE"
    channels: tuple[str, ...] = ()
    audience_segment_id: int | None = None
    exit_bought: bool = False
    exit_segment_id: int | None = None
    again: Again = Again.EACH
    again_days: int = 0
    control_bp: int = 0
    goal_days: int = 14

    def walk(self) -> Iterator[Step]:
        """Every step, those of branches after the branch."""
        yield from _walk(self.steps)

    def segment_ids(self) -> set[int]:
        """Every segment it asks about."""
        asked = [
            step.segment_id for step in self.walk() if step.kind == Kind.BRANCH and step.test == Test.SEGMENT
        ]
        asked += [self.trigger.segment_id, self.audience_segment_id, self.exit_segment_id]
        return {pk for pk in asked if pk}

    def step(self, key: str) -> Step | None:
        return next((step for step in self.walk() if step.key == key), None)

    def after(self, key: str) -> Step | None:
        """What follows a step: the next beside it, or what follows the branch it stands in."""
        return _after(self.steps, key, None)[1]

    def arm(self, branch: Step, is_yes: bool) -> Step | None:
        """The first step of the arm; of an empty one, what follows the branch."""
        arm = branch.yes if is_yes else branch.no
        return arm[0] if arm else self.after(branch.key)


def _walk(steps: Sequence[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _walk(step.yes)
        yield from _walk(step.no)


def _after(steps: Sequence[Step], key: str, beyond: Step | None) -> tuple[bool, Step | None]:
    for place, step in enumerate(steps):
        following = steps[place + 1] if place + 1 < len(steps) else beyond
        if step.key == key:
            return True, following
        for arm in (step.yes, step.no):
            is_there, found = _after(arm, key, following)
            if is_there:
                return True, found
    return False, None


# --- read from what is kept ------------------------------------------------------------------------------------------
def read(data: Mapping[str, Any]) -> Plan:
    """The plan of what is kept. Raises `PlanWrong`, naming the part."""
    try:
        exits = data.get("exits", {})
        again = data.get("again", {})
        plan = Plan(
            trigger=_trigger(data["trigger"]),
            steps=_steps(data.get("steps", []), depth=0),
            purpose=_one_of(data.get("purpose", "CARE"), ("CARE", "MARKETING", "SERVICE"), "purpose"),
            channels=tuple(
                _one_of(code, ("SMS", "EMAIL", "PORTAL", "CALL", "WECOM"), "channels")
                for code in data.get("channels", [])
            ),
            audience_segment_id=_id(data.get("audience_segment_id"), "audience_segment_id"),
            exit_bought=bool(exits.get("bought", False)),
            exit_segment_id=_id(exits.get("segment_id"), "exits"),
            again=Again(_one_of(again.get("kind", "EACH"), tuple(Again), "again")),
            again_days=_whole(again.get("days", 0), 0, MOST_DAYS, "again"),
            control_bp=_whole(data.get("control_bp", 0), 0, 9_000, "control_bp"),
            goal_days=_whole(data.get("goal_days", 14), 1, 180, "goal_days"),
        )
    except (KeyError, AttributeError, TypeError) as error:
        raise PlanWrong(what=str(error)[:40]) from error
    keys = [step.key for step in plan.walk()]
    if len(keys) > MOST_STEPS:
        raise PlanWrong(what=_("steps"))
    if len(set(keys)) != len(keys):
        raise PlanWrong(what="key")
    return plan


def _trigger(data: Mapping[str, Any]) -> Trigger:
    kind = Begin(_one_of(data["kind"], tuple(Begin), "trigger"))
    return Trigger(
        kind=kind,
        days=_whole(data.get("days", 0), 0, MOST_DAYS_BEFORE, "trigger"),
        at=_time(data.get("at", "09:00"), "trigger"),
        date_kind=_one_of(
            data.get("date_kind", "WEDDING"), ("WEDDING", "CHILD", "SPOUSE", "OTHER"), "trigger"
        ),
        festivals=tuple(str(code) for code in data.get("festivals", [])),
        segment_id=_id(data.get("segment_id"), "trigger"),
        percent=_whole(data.get("percent", 200), 100, 1000, "trigger"),
        least_days=_whole(data.get("least_days", 30), 1, MOST_DAYS, "trigger"),
        usual_days=_whole(data.get("usual_days", 90), 1, MOST_DAYS, "trigger"),
    )


def _steps(rows: Sequence[Mapping[str, Any]], *, depth: int) -> tuple[Step, ...]:
    if rows and depth > 2:
        raise PlanWrong(what="branch")
    return tuple(_step(row, depth) for row in rows)


def _step(data: Mapping[str, Any], depth: int) -> Step:
    key = str(data["key"])
    if not _KEY.fullmatch(key):
        raise PlanWrong(what=key[:12])
    kind = Kind(_one_of(data["kind"], tuple(Kind), key))
    least = -MOST_DAYS if kind == Kind.UNTIL else 0
    return Step(
        key=key,
        kind=kind,
        days=_whole(data.get("days", 0), least, MOST_DAYS, key),
        hours=_whole(data.get("hours", 0), 0, 23, key),
        at=_time(data["at"], key) if data.get("at") else None,
        texts={str(code): _whole(pk, 1, 2**62, key) for code, pk in data.get("texts", {}).items()},
        valid_hours=_whole(data.get("valid_hours", 36), 1, 24 * 60, key),
        test=Test(_one_of(data.get("test", "BOUGHT"), tuple(Test), key)),
        segment_id=_id(data.get("segment_id"), key),
        coupon_kind_id=_id(data.get("coupon_kind_id"), key),
        title=str(data.get("title", ""))[:80],
        note=str(data.get("note", ""))[:400],
        yes=_steps(data.get("yes", []), depth=depth + 1),
        no=_steps(data.get("no", []), depth=depth + 1),
    )


def _one_of(value: Any, known: Sequence[str], what: str) -> str:
    if value not in known:
        raise PlanWrong(what=what)
    return str(value)


def _whole(value: Any, least: int, most: int, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise PlanWrong(what=what)
    return value


def _id(value: Any, what: str) -> int | None:
    return None if value is None else _whole(value, 1, 2**62, what)


def _time(value: Any, what: str) -> time:
    if not isinstance(value, str) or not _AT.fullmatch(value):
        raise PlanWrong(what=what)
    return time.fromisoformat(value)
