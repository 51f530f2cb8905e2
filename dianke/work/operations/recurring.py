"""Recurring tasks: the patterns, and the making of the tasks that are due."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, NotFound
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged
from dianke.stores.queries import merchant_zone
from dianke.work.models import RecurringTask, Task
from dianke.work.operations.tasks import (
    PRIVATE,
    KindUnknown,
    OwnerUnsuitable,
    StoreOutOfReach,
    TitleMissing,
    create_task,
)
from dianke.work.registry import is_known_kind
from dianke.work.rules.recurrence import due_to_make

FIELDS = frozenset(
    {
        "title",
        "note",
        "kind",
        "owner",
        "store",
        "skill",
        "priority",
        "checklist",
        "frequency",
        "weekdays",
        "month",
        "day",
        "is_leap_month",
        "due_time",
        "lead_days",
        "starts_on",
        "ends_on",
    }
)


class RecurringNotFound(NotFound):
    code = "recurring_task_not_found"
    message = _("This recurring task does not exist, or you may not see it.")


class EndsBeforeStart(InvalidInput):
    code = "recurring_ends_before_start"
    message = _("The last day lies before the first one. Correct one of them.")
    default_field = "ends_on"


class LeadTooLong(InvalidInput):
    code = "recurring_lead_too_long"
    message = _("Tasks can appear at most 60 days ahead.")
    default_field = "lead_days"


def _zone(row: RecurringTask) -> ZoneInfo:
    """The store's zone; for tasks of no store the merchant's."""
    return ZoneInfo(row.store.time_zone) if row.store else merchant_zone()


def _today(row: RecurringTask, now: datetime) -> date:
    return now.astimezone(_zone(row)).date()


def _check(row: RecurringTask, actor: Actor) -> None:
    row.title = " ".join(row.title.split())[:120]
    if not row.title:
        raise TitleMissing
    if not is_known_kind(row.kind, actor):
        raise KindUnknown(kind=row.kind)
    row.recurrence.check()
    if row.ends_on is not None and row.ends_on < row.starts_on:
        raise EndsBeforeStart
    if not 0 <= row.lead_days <= 60:
        raise LeadTooLong
    if row.owner is not None and not row.owner.is_active:
        raise OwnerUnsuitable(name=str(row.owner))
    if row.store_id is None:
        if actor.stores_for("work.manage_rules") is not None and row.owner_id != actor.user_id:
            raise StoreOutOfReach
    elif not actor.can("work.manage_rules", store_id=row.store_id):
        raise StoreOutOfReach


def _locked(row: RecurringTask, actor: Actor) -> RecurringTask:
    visible = RecurringTask.objects.visible_to(actor).filter(pk=row.pk).values("pk")
    found = RecurringTask.objects.select_for_update().filter(pk__in=visible).first()
    if found is None:
        raise RecurringNotFound
    return found


@operation("work.manage_rules")
def create_recurring_task(*, values: Mapping[str, Any], actor: Actor, now: datetime) -> RecurringTask:
    """Make a pattern; `values` by the names in `FIELDS`. Its first tasks are made by the next run of the job.

    Raises errors of the rule (`recurrence`), `TitleMissing`, `EndsBeforeStart`, `StoreOutOfReach`, `OwnerUnsuitable`.
    """
    row = RecurringTask(
        **{name: value for name, value in values.items() if name in FIELDS},
        created_at=now,
        created_by_id=actor.user_id,
    )
    _check(row, actor)
    row.save()
    record(
        "work.recurring_task_created",
        row,
        actor=actor,
        now=now,
        store_id=row.store_id,
        data={"frequency": row.frequency},
    )
    return row


@operation("work.manage_rules")
def change_recurring_task(
    *, recurring: RecurringTask, values: Mapping[str, Any], actor: Actor, now: datetime
) -> RecurringTask:
    """Change a pattern. Tasks made already stay as they are; from today on the new pattern holds."""
    found = _locked(recurring, actor)
    trial = copy.copy(found)
    for name in FIELDS & set(values):
        setattr(trial, name, values[name])
    _check(trial, actor)
    changes = apply_changes(
        found, {n: getattr(trial, n) for n in FIELDS & set(values)}, private=PRIVATE | {"checklist"}
    )
    if not changes:
        unchanged()
        return found
    # Days looked at already count again: the unique occurrence keeps tasks that exist from being made twice.
    yesterday = _today(found, now) - timedelta(days=1)
    found.generated_through = min(found.generated_through or yesterday, yesterday)
    found.save(update_fields=["generated_through"])
    record(
        "work.recurring_task_changed",
        found,
        actor=actor,
        now=now,
        store_id=found.store_id,
        data={"changes": changes},
    )
    return found


@operation("work.manage_rules")
def pause_recurring_task(*, recurring: RecurringTask, actor: Actor, now: datetime) -> RecurringTask:
    """No further tasks are made until it is resumed."""
    found = _locked(recurring, actor)
    if found.paused_at is not None:
        unchanged()
        return found
    found.paused_at = now
    found.save(update_fields=["paused_at"])
    record("work.recurring_task_paused", found, actor=actor, now=now, store_id=found.store_id)
    return found


@operation("work.manage_rules")
def resume_recurring_task(*, recurring: RecurringTask, actor: Actor, now: datetime) -> RecurringTask:
    """Go on after a pause; what fell into it is not made up for."""
    found = _locked(recurring, actor)
    if found.paused_at is None:
        unchanged()
        return found
    found.paused_at = None
    yesterday = _today(found, now) - timedelta(days=1)
    found.generated_through = max(found.generated_through or yesterday, yesterday)
    found.save(update_fields=["paused_at", "generated_through"])
    record("work.recurring_task_resumed", found, actor=actor, now=now, store_id=found.store_id)
    return found


@operation(None)
def make_occurrences(*, recurring: RecurringTask, actor: Actor, now: datetime) -> list[Task]:
    """Make the tasks of a pattern that are due to appear. Running it again, or twice at once, makes none twice."""
    found = RecurringTask.objects.select_for_update().get(pk=recurring.pk)
    today = _today(found, now)
    horizon = today + timedelta(days=found.lead_days)
    if found.paused_at is not None or (found.generated_through or date.min) >= horizon:
        unchanged()
        return []
    days = due_to_make(
        found.recurrence,
        starts_on=found.starts_on,
        ends_on=found.ends_on,
        made_through=found.generated_through,
        lead_days=found.lead_days,
        today=today,
    )
    made = [
        create_task(
            title=found.title,
            note=found.note,
            kind=found.kind,
            owner=found.owner if found.owner and found.owner.is_active else None,
            auto_assign=True,
            store=found.store,
            skill=found.skill,
            due_at=datetime.combine(day, found.due_time, _zone(found)),
            priority=found.priority,
            checklist=found.checklist,
            recurring=found,
            occurrence_date=day,
            actor=actor,
            now=now,
        )
        for day in days
    ]
    found.generated_through = horizon
    found.save(update_fields=["generated_through"])
    if not made:
        unchanged()
        return []
    record(
        "work.occurrences_made",
        found,
        actor=actor,
        now=now,
        store_id=found.store_id,
        data={"days": [str(day) for day in days]},
    )
    return made
