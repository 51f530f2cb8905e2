"""Rules of assignment in their order, skills, and who has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged
from dianke.stores.models import Staff
from dianke.work.models import AssignmentRule, Skill, StaffSkill
from dianke.work.rules.assignment import Strategy

RULE_FIELDS = frozenset({"name", "kind", "store", "region", "skill", "strategy", "person", "only_on_shift"})


class RuleNameMissing(InvalidInput):
    code = "rule_name_missing"
    message = _("Give the rule a name that says whose work it gives out.")
    default_field = "name"


class PersonMissing(InvalidInput):
    code = "rule_person_missing"
    message = _("Choose the person who always gets this work.")
    default_field = "person"


class TwoPlaces(InvalidInput):
    code = "rule_two_places"
    message = _("Choose a store or a region, not both.")
    default_field = "region"


class RuleOutOfReach(NotAllowed):
    code = "rule_out_of_reach"
    message = _("You can only change rules of stores that you lead. Choose one of your stores.")
    default_field = "store"


class RuleNotFound(NotFound):
    code = "rule_not_found"
    message = _("This rule does not exist, or you may not see it.")


class SkillNameTaken(Conflict):
    code = "skill_name_taken"
    message = _("There is a skill “%(name)s” already.")
    default_field = "name"


class SkillNameMissing(InvalidInput):
    code = "skill_name_missing"
    message = _("Give the skill a name.")
    default_field = "name"


class StaffOutOfReach(NotAllowed):
    code = "skills_of_staff_out_of_reach"
    message = _("You can only set the skills of people who work at your stores.")


def _check_rule(rule: AssignmentRule, actor: Actor) -> None:
    rule.name = " ".join(rule.name.split())[:60]
    if not rule.name:
        raise RuleNameMissing
    if rule.strategy == Strategy.FIXED:
        if rule.person_id is None:
            raise PersonMissing
    else:
        rule.person = None
    if rule.store_id and rule.region_id:
        raise TwoPlaces
    if actor.stores_for("work.manage_rules") is not None and (
        rule.store_id is None or not actor.can("work.manage_rules", store_id=rule.store_id)
    ):
        raise RuleOutOfReach


def _locked(rule: AssignmentRule, actor: Actor) -> AssignmentRule:
    visible = AssignmentRule.objects.visible_to(actor).filter(pk=rule.pk).values("pk")
    found = AssignmentRule.objects.select_for_update().filter(pk__in=visible).first()
    if found is None:
        raise RuleNotFound
    return found


@operation("work.manage_rules")
def create_rule(*, values: Mapping[str, Any], actor: Actor, now: datetime) -> AssignmentRule:
    """A rule at the end of the order; `values` by the names in `RULE_FIELDS`. Store leaders make rules of their stores.

    Raises `RuleNameMissing`, `PersonMissing`, `TwoPlaces`, `RuleOutOfReach`.
    """
    last = AssignmentRule.objects.aggregate(last=Max("position"))["last"]
    rule = AssignmentRule(
        **{name: value for name, value in values.items() if name in RULE_FIELDS},
        position=0 if last is None else last + 1,
    )
    _check_rule(rule, actor)
    rule.save()
    record(
        "work.rule_created",
        rule,
        actor=actor,
        now=now,
        store_id=rule.store_id,
        data={"name": rule.name, "strategy": rule.strategy},
    )
    return rule


@operation("work.manage_rules")
def change_rule(
    *, rule: AssignmentRule, values: Mapping[str, Any], actor: Actor, now: datetime
) -> AssignmentRule:
    """Change a rule; it holds for tasks made from now on."""
    found = _locked(rule, actor)
    _check_rule(found, actor)
    wanted = AssignmentRule.objects.get(pk=found.pk)
    for name in RULE_FIELDS & set(values):
        setattr(wanted, name, values[name])
    _check_rule(wanted, actor)
    changes = apply_changes(found, {name: getattr(wanted, name) for name in RULE_FIELDS})
    if not changes:
        unchanged()
        return found
    record(
        "work.rule_changed", found, actor=actor, now=now, store_id=found.store_id, data={"changes": changes}
    )
    return found


@operation("work.manage_rules")
def move_rule(*, rule: AssignmentRule, is_up: bool, actor: Actor, now: datetime) -> AssignmentRule:
    """Let a rule be asked before, or after, its neighbour."""
    found = _locked(rule, actor)
    _check_rule(found, actor)
    rules = list(AssignmentRule.objects.select_for_update().order_by("position", "pk"))
    at = next(index for index, row in enumerate(rules) if row.pk == found.pk)
    other = at - 1 if is_up else at + 1
    if not 0 <= other < len(rules):
        unchanged()
        return found
    rules[at], rules[other] = rules[other], rules[at]
    for position, row in enumerate(rules):
        row.position = position
    AssignmentRule.objects.bulk_update(rules, ["position"])
    record("work.rule_moved", found, actor=actor, now=now, store_id=found.store_id, data={"position": other})
    return found


@operation("work.manage_rules")
def pause_rule(*, rule: AssignmentRule, is_paused: bool, actor: Actor, now: datetime) -> AssignmentRule:
    """Take a rule out of use, or into use again."""
    found = _locked(rule, actor)
    _check_rule(found, actor)
    if (found.paused_at is not None) == is_paused:
        unchanged()
        return found
    found.paused_at = now if is_paused else None
    found.save(update_fields=["paused_at"])
    kind = "work.rule_paused" if is_paused else "work.rule_resumed"
    record(kind, found, actor=actor, now=now, store_id=found.store_id, data={"name": found.name})
    return found


@operation("work.manage_rules")
def add_skill(*, name: str, kind: str = Skill.Kind.SKILL, actor: Actor, now: datetime) -> Skill:
    """A skill people can have; one that was archived comes back. Raises `SkillNameMissing`, `SkillNameTaken`."""
    name = " ".join(name.split())[:40]
    if not name:
        raise SkillNameMissing
    skill, is_new = Skill.objects.get_or_create(name=name, defaults={"kind": kind})
    if not is_new:
        if skill.archived_at is None:
            raise SkillNameTaken(name=name)
        skill.archived_at = None
        skill.save(update_fields=["archived_at"])
    record("work.skill_added", skill, actor=actor, now=now, data={"name": name})
    return skill


@operation("work.manage_rules")
def archive_skill(*, skill: Skill, actor: Actor, now: datetime) -> Skill:
    """A skill that is not offered any more; people and rules keep it."""
    if skill.archived_at is not None:
        unchanged()
        return skill
    skill.archived_at = now
    skill.save(update_fields=["archived_at"])
    record("work.skill_archived", skill, actor=actor, now=now, data={"name": skill.name})
    return skill


@operation("work.manage_rules")
def set_staff_skills(*, staff: Staff, levels: Mapping[int, int], actor: Actor, now: datetime) -> Staff:
    """What a person can do: `{skill id: level}`, whole; skills not named are taken away. Raises `StaffOutOfReach`."""
    if not Staff.objects.visible_to(actor, "work.manage_rules").filter(pk=staff.pk).exists():
        raise StaffOutOfReach
    before = dict(StaffSkill.objects.filter(staff=staff).values_list("skill_id", "level"))
    wanted = {pk: level for pk, level in levels.items() if level in StaffSkill.Level.values}
    if before == wanted:
        unchanged()
        return staff
    StaffSkill.objects.filter(staff=staff).exclude(skill_id__in=wanted).delete()
    StaffSkill.objects.bulk_create(
        [StaffSkill(staff=staff, skill_id=pk, level=level) for pk, level in wanted.items()],
        update_conflicts=True,
        unique_fields=["staff", "skill"],
        update_fields=["level"],
    )
    record(
        "work.staff_skills_set",
        staff,
        actor=actor,
        now=now,
        data={"changes": {"skills": [sorted(before.items()), sorted(wanted.items())]}},
    )
    return staff
