"""Who gets a task: the first rule that fits it and finds somebody decides, and says why in words."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Strategy(enum.StrEnum):
    LEAST_LOAD = "LEAST_LOAD"
    ROUND_ROBIN = "ROUND_ROBIN"
    OWNER_OF_SUBJECT = "OWNER_OF_SUBJECT"
    FIXED = "FIXED"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who could get work. `skill_ids` are those they are able to use; `on_shift` None: nobody knows."""

    user_id: int
    name: str
    store_ids: frozenset[int] = frozenset()
    region_ids: frozenset[int] = frozenset()
    skill_ids: frozenset[int] = frozenset()
    open_count: int = 0
    last_assigned_at: datetime | None = None
    on_shift: bool | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is known of the task that looks for an owner. `region_ids` are those its store lies in, outer ones too."""

    kind: str = ""
    store_id: int | None = None
    store_name: str = ""
    region_ids: frozenset[int] = frozenset()
    skill_id: int | None = None
    skill_name: str = ""
    subject_owner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the rules. Empty conditions fit every task."""

    id: int
    name: str
    strategy: Strategy
    kind: str = ""
    store_id: int | None = None
    region_id: int | None = None
    region_name: str = ""
    skill_id: int | None = None
    skill_name: str = ""
    person_id: int | None = None
    only_on_shift: bool = False


REASONS: dict[str, Text] = {
    "rule": _("rule “%(rule)s”"),
    "store": _("store %(store)s"),
    "region": _("region %(region)s"),
    "skill": _("skill %(skill)s"),
    "on_shift": _("on shift"),
    "fewest": _("fewest open tasks (%(count)s)"),
    "turn": _("it is their turn"),
    "looks_after": _("looks after this already"),
    "named": _("named in the rule"),
}
WHY_NOT: dict[str, Text] = {
    "other_store": _("works at another store"),
    "other_region": _("works in another region"),
    "no_skill": _("lacks the skill %(skill)s"),
    "off_shift": _("not on shift"),
    "not_looking_after": _("does not look after this"),
    "not_named": _("not named in the rule"),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason with its values; kept with the task as JSON and put into words when it is read."""

    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def text(self) -> str:
        template = REASONS.get(self.code) or WHY_NOT.get(self.code) or self.code
        return str(template) % self.params if self.params else str(template)

    def as_json(self) -> dict[str, str | int]:
        return {"code": self.code, **self.params}

    @classmethod
    def from_json(cls, data: Mapping[str, str | int]) -> Reason:
        return cls(str(data["code"]), {name: value for name, value in data.items() if name != "code"})


@dataclass(frozen=True, slots=True)
class Choice:
    """Who gets it and why, the strongest reason last."""

    user_id: int
    name: str
    rule_id: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule thinks of one candidate: fits, or why not. For the preview."""

    candidate: Candidate
    why_not: Reason | None = None


def fits_task(rule: Rule, wanted: Wanted) -> bool:
    """Whether the rule is meant for such a task."""
    return (
        rule.kind in ("", wanted.kind)
        and (rule.store_id is None or rule.store_id == wanted.store_id)
        and (rule.region_id is None or rule.region_id in wanted.region_ids)
        and (rule.skill_id is None or wanted.skill_id in (None, rule.skill_id))
    )


def judge(rule: Rule, wanted: Wanted, candidate: Candidate) -> Verdict:
    """Whether the candidate may be chosen by the rule, before the strategy picks one of several."""
    if rule.strategy is Strategy.FIXED:
        # Naming a person overrides place and skill: the merchant knows why.
        return Verdict(candidate, None if candidate.user_id == rule.person_id else Reason("not_named"))
    if rule.strategy is Strategy.OWNER_OF_SUBJECT and candidate.user_id != wanted.subject_owner_id:
        return Verdict(candidate, Reason("not_looking_after"))
    if wanted.store_id is not None and wanted.store_id not in candidate.store_ids:
        return Verdict(candidate, Reason("other_store"))
    if rule.region_id is not None and rule.region_id not in candidate.region_ids:
        return Verdict(candidate, Reason("other_region"))
    skill_id = rule.skill_id or wanted.skill_id
    if skill_id is not None and skill_id not in candidate.skill_ids:
        return Verdict(candidate, Reason("no_skill", {"skill": rule.skill_name or wanted.skill_name}))
    if rule.only_on_shift and candidate.on_shift is False:
        return Verdict(candidate, Reason("off_shift"))
    return Verdict(candidate)


def choose(wanted: Wanted, rules: Iterable[Rule], candidates: Sequence[Candidate]) -> Choice | None:
    """The choice of the first rule that fits and finds somebody; None leaves the task in the pool.

    Equals are decided by who waited longest for a task, then by the smaller id, so the answer is always the same.
    """
    for rule in rules:
        if not fits_task(rule, wanted):
            continue
        fitting = [c for c in candidates if judge(rule, wanted, c).why_not is None]
        if fitting:
            chosen = min(fitting, key=lambda candidate: _rank(rule.strategy, candidate))
            return Choice(chosen.user_id, chosen.name, rule.id, _reasons(rule, wanted, chosen))
    return None


def _rank(strategy: Strategy, candidate: Candidate) -> tuple[int, datetime, int]:
    waited = candidate.last_assigned_at or LONG_AGO
    return (0 if strategy is Strategy.ROUND_ROBIN else candidate.open_count, waited, candidate.user_id)


def _reasons(rule: Rule, wanted: Wanted, chosen: Candidate) -> tuple[Reason, ...]:
    reasons = [Reason("rule", {"rule": rule.name})]
    if rule.strategy is Strategy.FIXED:
        return (*reasons, Reason("named"))
    if wanted.store_id is not None:
        reasons.append(Reason("store", {"store": wanted.store_name}))
    if rule.region_id is not None:
        reasons.append(Reason("region", {"region": rule.region_name}))
    if rule.skill_id or wanted.skill_id:
        reasons.append(Reason("skill", {"skill": rule.skill_name or wanted.skill_name}))
    if rule.only_on_shift and chosen.on_shift:
        reasons.append(Reason("on_shift"))
    if rule.strategy is Strategy.LEAST_LOAD:
        reasons.append(Reason("fewest", {"count": chosen.open_count}))
    elif rule.strategy is Strategy.ROUND_ROBIN:
        reasons.append(Reason("turn"))
    else:
        reasons.append(Reason("looks_after"))
    return tuple(reasons)
