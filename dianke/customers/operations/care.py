"""Care rules and what they make: a task for each birthday or anniversary, once and only once in a (lunar) year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.core.lunar import LunarDate
from dianke.customers.models import CareOccasion, CareRule, Customer, ImportantDate
from dianke.customers.queries.care import DateNotFound, Due, due_for
from dianke.customers.rules.care import celebrated_on
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, step, subject_key, unchanged
from dianke.stores.queries import local_date, merchant_zone
from dianke.work.models import Task
from dianke.work.operations import create_task

MANAGE = "customers.manage_rules"
TASK_KIND = "care_date"
#: Longer before, a rule could not tell this year's occasion from the last one's.
MOST_DAYS_BEFORE = 45
DUE_HOUR = time(20)
FIELDS = frozenset({"name", "kind", "days_before", "store", "tag", "title", "note"})


class CareRuleNotFound(NotFound):
    code = "care_rule_not_found"
    message = _("This care rule does not exist any more.")


class CareTitleMissing(InvalidInput):
    code = "care_title_missing"
    message = _("Say in a few words what the task is, for example “Birthday greeting”.")
    default_field = "title"


class DaysBeforeOutOfRange(InvalidInput):
    code = "days_before_out_of_range"
    message = _("Tasks can be made from the day itself up to %(limit)s days before.")
    default_field = "days_before"


class OccasionPassed(Conflict):
    code = "occasion_not_then"
    message = _("This date does not fall on that day any more. Load the list again.")


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(values) - FIELDS
    if unknown:
        raise TypeError(f"a care rule has no {', '.join(sorted(unknown))}")
    found = dict(values)
    for name in ("name", "title"):
        if name in found:
            found[name] = " ".join(str(found[name]).split())
    if not found.get("title", "-"):
        raise CareTitleMissing
    if not found.get("name", "-"):
        found["name"] = found.get("title", "")
    if not 0 <= found.get("days_before", 0) <= MOST_DAYS_BEFORE:
        raise DaysBeforeOutOfRange(limit=MOST_DAYS_BEFORE)
    return found


@operation(MANAGE)
def make_care_rule(*, values: Mapping[str, Any], actor: Actor, now: datetime) -> CareRule:
    """A new rule from the fields of `FIELDS`. Raises `CareTitleMissing`, `DaysBeforeOutOfRange`."""
    rule = CareRule.objects.create(**_checked({"name": "", "title": "", **values}))
    record("customers.care_rule_made", rule, actor=actor, now=now, store_id=rule.store_id)
    return rule


@operation(MANAGE)
def change_care_rule(*, rule: CareRule, values: Mapping[str, Any], actor: Actor, now: datetime) -> CareRule:
    """Change it; what it made already stays. Raises as `make_care_rule`, `CareRuleNotFound`."""
    found = _lock(rule)
    changes = apply_changes(found, _checked(values))
    if not changes:
        unchanged()
        return found
    record(
        "customers.care_rule_changed",
        found,
        actor=actor,
        now=now,
        store_id=found.store_id,
        data={"changes": changes},
    )
    return found


@operation(MANAGE)
def pause_care_rule(*, rule: CareRule, actor: Actor, now: datetime) -> CareRule:
    """No further tasks for now."""
    return _switch(rule, False, "customers.care_rule_paused", actor, now)


@operation(MANAGE)
def resume_care_rule(*, rule: CareRule, actor: Actor, now: datetime) -> CareRule:
    """Go on."""
    return _switch(rule, True, "customers.care_rule_resumed", actor, now)


@step
def _switch(rule: CareRule, is_active: bool, kind: str, actor: Actor, now: datetime) -> CareRule:
    found = _lock(rule)
    if not apply_changes(found, {"is_active": is_active}):
        unchanged()
        return found
    record(kind, found, actor=actor, now=now, store_id=found.store_id)
    return found


def _lock(rule: CareRule) -> CareRule:
    found = CareRule.objects.select_for_update().filter(pk=rule.pk).first()
    if found is None:
        raise CareRuleNotFound
    return found


# --- tasks ---------------------------------------------------------------------------------------------------
@operation(None)
def make_care_tasks(*, rule: CareRule, after: int = 0, limit: int = 200, actor: Actor, now: datetime) -> int:
    """Make the tasks of one batch of due dates; answers the id to go on `after`, 0 when the rule is through.

    Run nightly by the system for every active rule; running it again makes nothing twice. The rule's row is locked, so
    two runs never see the same date as not yet done.
    """
    found = _lock(rule)
    due, going_on = due_for(found, local_date(now), after=after, limit=limit) if found.is_active else ([], 0)
    if not due:
        unchanged()
        return going_on
    heads = Customer.objects.select_related("store", "owner").in_bulk({each.head_id for each in due})
    for each in due:
        _carry_out(found, each, heads[each.head_id], actor, now)
    record(
        "customers.care_tasks_made",
        found,
        actor=actor,
        now=now,
        store_id=found.store_id,
        data={"count": len(due)},
    )
    return going_on


@step
def _carry_out(rule: CareRule, due: Due, head: Customer, actor: Actor, now: datetime) -> None:
    note = f"{occasion_words(due.row, due.on)}\n{rule.note}".strip()
    reference = f"care:{rule.pk}:{due.row.pk}:{due.year}"
    task = _task(rule.title, note, head, due.on, reference, actor.as_system(), now)
    CareOccasion.objects.create(
        rule=rule,
        customer=head,
        kind=due.row.kind,
        date=due.row,
        year=due.year,
        celebrated_on=due.on,
        task_id=task.pk,
    )


def occasion_words(row: ImportantDate, on: date) -> str:
    """ "Birthday 农历八月十五（9月25日）", "Child's birthday 小宝 9月25日"."""
    label = f"{row.get_kind_display()} {row.label}".strip()
    day = date_format(on, "MONTH_DAY_FORMAT")
    recurring = row.recurring
    if isinstance(recurring, LunarDate):
        return f"{label} {recurring.format(get_language() or 'zh-hans')}（{day}）"
    return f"{label} {day}"


@step
def _task(
    title: str, note: str, head: Customer, on: date, reference: str, actor: Actor, now: datetime
) -> Task:
    # Colleagues of another partner see the store's tasks: a partner's customer is named by number there.
    who = head.member_number if head.partner_id else str(head)
    owner: User | None = head.owner if head.owner is not None and head.owner.is_active else None
    return create_task(
        title=gettext("%(what)s: %(customer)s") % {"what": title, "customer": who},
        note=note,
        kind=TASK_KIND,
        owner=owner,
        store=head.store,
        subject=subject_key(head),
        due_at=datetime.combine(on, DUE_HOUR, merchant_zone()),
        auto_assign=owner is None,
        reference=reference,
        actor=actor,
        now=now,
    )


@operation("customers.view_customers")
def plan_care(*, date_row: ImportantDate, on: date, actor: Actor, now: datetime) -> Task:
    """Make the task for one occasion by hand; asking again returns the same task. Raises `OccasionPassed`,
    `DateNotFound` when the customer is out of reach."""
    head = (
        Customer.objects.visible_to(actor)
        .filter(pk=date_row.customer.head_id)
        .select_related("store", "owner")
        .first()
    )
    if head is None:
        raise DateNotFound
    year = celebrated_on(date_row.recurring, on)
    if year is None:
        raise OccasionPassed
    reference = f"care:date:{date_row.pk}:{year}"
    found = Task.objects.filter(reference=reference).first()
    if found is not None:
        unchanged()
        return found
    title = str(date_row.get_kind_display())
    task = _task(title, occasion_words(date_row, on), head, on, reference, actor.as_system(), now)
    record(
        "customers.care_task_made", head, actor=actor, now=now, store_id=head.store_id, data={"task": task.pk}
    )
    return task
