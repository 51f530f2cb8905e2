"""Made to order: whether the chosen options fit together, what they cost and when the piece is ready.

Groups say how many of their choices are wanted, rules that one choice needs or forbids another. Every problem is
named, not only the first. Extra days add up: what is promised too late is kept, what is promised too early is not.
Amounts are whole minor units (fen).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from dianke.catalog.rules.sayings import Said


class RuleKind(enum.StrEnum):
    REQUIRES = "REQUIRES"
    EXCLUDES = "EXCLUDES"


@dataclass(frozen=True, slots=True)
class Group:
    """`max_choices` None: as many as there are."""

    id: int
    name: str
    min_choices: int = 1
    max_choices: int | None = 1
    position: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    id: int
    group_id: int
    name: str
    price_delta_amount: int = 0
    extra_lead_days: int = 0
    position: int = 0
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """`choice` REQUIRES or EXCLUDES `other`; excluding works both ways."""

    choice_id: int
    kind: str
    other_id: int


@dataclass(frozen=True, slots=True)
class Problem(Said):
    """Said for people; `group_id` and `choice_ids` say where on the page it belongs."""

    group_id: int | None = None
    choice_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Configured:
    """What was chosen, in the order of groups. Valid without problems; the amounts are worked out anyway, so that the
    page can show them while the customer is still choosing."""

    choices: tuple[Choice, ...]
    price_delta_amount: int
    price_amount: int
    lead_days: int
    problems: tuple[Problem, ...] = ()

    @property
    def is_valid(self) -> bool:
        return not self.problems


def configure(
    *,
    base_amount: int,
    base_lead_days: int,
    groups: Iterable[Group],
    choices: Iterable[Choice],
    rules: Iterable[Rule],
    chosen: Iterable[int],
) -> Configured:
    """Check a set of chosen ids. Orders and repetitions do not matter.

    Problems: `unknown_choice`, `choice_missing`, `too_many_choices`, `choice_requires`, `choice_excludes`,
    `price_below_zero` (the price shown is then zero).
    """
    by_id = {choice.id: choice for choice in choices}
    ordered = sorted(groups, key=lambda group: (group.position, group.id))
    place = {group.id: position for position, group in enumerate(ordered)}
    wanted = set(chosen)
    known = {pk for pk in wanted if pk in by_id and by_id[pk].is_active and by_id[pk].group_id in place}
    taken = sorted(
        (by_id[pk] for pk in known), key=lambda choice: (place[choice.group_id], choice.position, choice.id)
    )
    problems = [_unknown(pk, by_id) for pk in sorted(wanted - known)]
    problems += _counts(ordered, taken)
    problems += _clashes(taken, by_id, rules)
    delta = sum(choice.price_delta_amount for choice in taken)
    if base_amount + delta < 0:
        problems.append(
            Problem(
                "price_below_zero", _("With these options the price falls below zero. Check the options.")
            )
        )
    return Configured(
        tuple(taken),
        delta,
        max(base_amount + delta, 0),
        base_lead_days + sum(choice.extra_lead_days for choice in taken),
        tuple(problems),
    )


def _unknown(pk: int, by_id: dict[int, Choice]) -> Problem:
    if pk in by_id:
        text = _("“%(choice)s” is not offered any more. Choose another option.")
        return Problem("unknown_choice", text, {"choice": by_id[pk].name}, by_id[pk].group_id, (pk,))
    text = _("One option does not belong to this product. Load the page again and choose anew.")
    return Problem("unknown_choice", text, {}, None, (pk,))


def _counts(groups: list[Group], taken: list[Choice]) -> list[Problem]:
    found = []
    for group in groups:
        mine = tuple(choice.id for choice in taken if choice.group_id == group.id)
        if len(mine) < group.min_choices:
            text = (
                _("Choose “%(group)s”.")
                if group.min_choices == 1
                else _("Choose at least %(count)s of “%(group)s”.")
            )
            values = {"group": group.name, "count": group.min_choices}
            found.append(Problem("choice_missing", text, values, group.id, mine))
        elif group.max_choices is not None and len(mine) > group.max_choices:
            values = {"group": group.name, "count": group.max_choices}
            text = _("Choose at most %(count)s of “%(group)s”.")
            found.append(Problem("too_many_choices", text, values, group.id, mine))
    return found


def _clashes(taken: list[Choice], by_id: dict[int, Choice], rules: Iterable[Rule]) -> list[Problem]:
    ids = {choice.id for choice in taken}
    found: dict[tuple[str, int, int], Problem] = {}
    for rule in rules:
        if rule.choice_id not in ids or rule.other_id not in by_id:
            continue
        one, other = by_id[rule.choice_id], by_id[rule.other_id]
        if rule.kind == RuleKind.REQUIRES and other.id not in ids:
            text = _("“%(choice)s” needs “%(other)s”. Choose that too, or take another option.")
            values = {"choice": one.name, "other": other.name}
            key = ("choice_requires", one.id, other.id)
            found[key] = Problem(key[0], text, values, one.group_id, (one.id, other.id))
        if rule.kind == RuleKind.EXCLUDES and other.id in ids:
            # A excludes B and B excludes A are one problem, told from the smaller key.
            first, second = sorted((one, other), key=lambda choice: choice.id)
            text = _("“%(choice)s” and “%(other)s” do not go together. Leave one out.")
            values = {"choice": first.name, "other": second.name}
            key = ("choice_excludes", first.id, second.id)
            found[key] = Problem(key[0], text, values, second.group_id, (first.id, second.id))
    return [found[key] for key in sorted(found)]
