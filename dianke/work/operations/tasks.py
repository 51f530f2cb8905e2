"""The life of one task: made, changed, given to somebody, put off, done, taken back, called off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.core.custom_fields import clean_values, specs_for
from dianke.core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, step, unchanged
from dianke.stores.models import Store
from dianke.work import registry
from dianke.work.models import ChecklistItem, Priority, RecurringTask, Skill, Task
from dianke.work.models.tasks import APPROVAL_KIND
from dianke.work.queries.people import choose_owner, wanted_for

#: What a change of a task may touch; owner, due by snoozing and state have operations of their own.
CHANGEABLE = frozenset({"title", "note", "kind", "store", "skill", "subject", "due_at", "priority"})
#: Free text may name people: the log says that it changed, not what it says.
PRIVATE = frozenset({"title", "note"})
MOST_CHECKLIST = 50


class TitleMissing(InvalidInput):
    code = "task_title_missing"
    message = _("Say in a few words what is to be done.")
    default_field = "title"


class KindUnknown(InvalidInput):
    code = "task_kind_unknown"
    message = _("There is no kind of task “%(kind)s”. Choose one from the list.")
    default_field = "kind"


class TaskNotFound(NotFound):
    code = "task_not_found"
    message = _("This task does not exist, or you may not see it.")


class TaskClosed(Conflict):
    code = "task_closed"
    message = _("This task is finished already. Reopen it first if something is left to do.")


class NotYourTask(NotAllowed):
    code = "not_your_task"
    message = _("Somebody else looks after this task. Ask them, or let the store manager give it to you.")


class OwnerUnsuitable(InvalidInput):
    code = "task_owner_unsuitable"
    message = _("%(name)s does not work here any more. Choose another colleague.")
    default_field = "owner"


class StoreOutOfReach(NotAllowed):
    code = "task_store_out_of_reach"
    message = _("You can only make tasks for stores you work at.")
    default_field = "store"


class DecideInstead(Conflict):
    code = "task_is_an_approval"
    message = _("This is a request for approval. Open it and approve or refuse it.")


class ChecklistTooLong(InvalidInput):
    code = "checklist_too_long"
    message = _("A checklist has at most %(limit)s lines. Make a second task for the rest.")
    default_field = "checklist"


class SnoozeIntoThePast(InvalidInput):
    code = "snooze_into_the_past"
    message = _("Put it off to a time that is still to come.")
    default_field = "due_at"


def leads(actor: Actor, task: Task) -> bool:
    """Whether the actor gives out work where the task belongs."""
    if task.store_id is None:
        return actor.is_system or (
            actor.can("work.assign_tasks") and actor.stores_for("work.assign_tasks") is None
        )
    return actor.can("work.assign_tasks", store_id=task.store_id)


def may_work_on(actor: Actor, task: Task) -> bool:
    """Owner and maker, whoever could take it from the pool, and who gives out work there."""
    if actor.is_system or leads(actor, task):
        return True
    if not actor.can("work.manage_own_tasks") or actor.user_id is None:
        return False
    return task.owner_id is None or actor.user_id in (task.owner_id, task.created_by_id)


def lock_task(task: Task | int, actor: Actor) -> Task:
    """The task again, locked, if the actor may work on it. Raises `TaskNotFound`, `NotYourTask`, `DecideInstead`."""
    pk = task.pk if isinstance(task, Task) else task
    visible = Task.objects.visible_to(actor).filter(pk=pk).values("pk")
    found = Task.objects.select_for_update().filter(pk__in=visible).first()
    if found is None:
        raise TaskNotFound
    if found.kind == APPROVAL_KIND and not actor.is_system:
        raise DecideInstead
    if not may_work_on(actor, found):
        raise NotYourTask
    return found


def lock_open_task(task: Task | int, actor: Actor) -> Task:
    """As `lock_task`; raises `TaskClosed` too."""
    found = lock_task(task, actor)
    if not found.is_open:
        raise TaskClosed
    return found


def _check_owner(owner: User | None) -> None:
    if owner is not None and not owner.is_active:
        raise OwnerUnsuitable(name=str(owner))


def _check_store(store: Store | None, actor: Actor) -> None:
    if store is not None and not actor.can("work.view_tasks", store_id=store.pk):
        raise StoreOutOfReach


@operation(None)
def create_task(
    *,
    title: str,
    note: str = "",
    kind: str = "other",
    owner: User | None = None,
    auto_assign: bool = False,
    store: Store | None = None,
    skill: Skill | None = None,
    subject: str = "",
    due_at: datetime | None = None,
    priority: int = Priority.NORMAL,
    checklist: Iterable[str] = (),
    custom: Mapping[str, Any] | None = None,
    recurring: RecurringTask | None = None,
    occurrence_date: date | None = None,
    reference: str | None = None,
    actor: Actor,
    now: datetime,
) -> Task:
    """Make a task. With `auto_assign` and no owner the rules choose one; else it stands in the pool of its store.

    With a `reference` (reactions, imports, jobs) the same call again returns the task that is there. `recurring` and
    `occurrence_date` do the same for repeated tasks. Raises `TitleMissing`, `KindUnknown`, `NotYourTask` (for giving a
    task to somebody without `work.assign_tasks`), `StoreOutOfReach`, errors of custom fields.
    """
    actor.require("work.manage_own_tasks")
    before = _made_already(reference, recurring, occurrence_date)
    if before is not None:
        unchanged()
        return before
    if not registry.is_known_kind(kind, actor):
        raise KindUnknown(kind=kind)
    _check_store(store, actor)
    _check_owner(owner)
    lines = _checked_lines(checklist)
    specs = specs_for("work.task", store.trade if store else None)
    # What the system makes has nobody to ask: fields that must be filled in wait for the person who opens it.
    values = {} if actor.is_system and custom is None else clean_values(specs, custom or {})
    task = Task(
        title=_checked_title(title),
        note=note.strip(),
        kind=kind,
        owner=owner,
        store=store,
        skill=skill,
        subject=subject,
        due_at=due_at,
        priority=priority,
        custom=values,
        recurring=recurring,
        occurrence_date=occurrence_date,
        reference=reference,
        created_at=now,
        created_by_id=None if actor.is_system else actor.user_id,
        assigned_at=now if owner else None,
    )
    if owner is not None and owner.pk != actor.user_id and not leads(actor, task):
        raise NotYourTask(field="owner")
    if owner is None and auto_assign:
        _assign_by_rules(task, now)
    try:
        with transaction.atomic():
            task.save()
    except IntegrityError:
        # Another worker made it between the look and the save.
        found = _made_already(reference, recurring, occurrence_date)
        if found is None:
            raise
        unchanged()
        return found
    ChecklistItem.objects.bulk_create(
        ChecklistItem(task=task, text=text, position=position) for position, text in enumerate(lines)
    )
    record(
        "work.task_created",
        task,
        also=[subject] if subject else [],
        actor=actor,
        now=now,
        store_id=task.store_id,
        data={"kind": kind, "owner": task.owner_id, "why": task.assigned_why, "recurring": task.recurring_id},
    )
    return task


def _made_already(reference: str | None, recurring: RecurringTask | None, day: date | None) -> Task | None:
    if recurring is not None:
        return Task.objects.filter(recurring=recurring, occurrence_date=day).first()
    return Task.objects.filter(reference=reference).first() if reference else None


def _checked_title(title: str) -> str:
    title = " ".join(title.split())[:120]
    if not title:
        raise TitleMissing
    return title


def _checked_lines(lines: Iterable[str]) -> list[str]:
    kept = [text[:120] for line in lines if (text := " ".join(line.split()))]
    if len(kept) > MOST_CHECKLIST:
        raise ChecklistTooLong(limit=MOST_CHECKLIST)
    return kept


def _assign_by_rules(task: Task, now: datetime) -> None:
    wanted = wanted_for(
        kind=task.kind,
        store=task.store,
        skill_id=task.skill_id,
        skill_name=str(task.skill) if task.skill else "",
        subject=task.subject,
    )
    choice = choose_owner(wanted, now=now)
    if choice is not None:
        task.owner_id, task.assigned_at = choice.user_id, now
        task.assigned_why = [reason.as_json() for reason in choice.reasons]


@operation(None)
def change_task(
    *,
    task: Task,
    values: Mapping[str, Any],
    custom: Mapping[str, Any] | None = None,
    actor: Actor,
    now: datetime,
) -> Task:
    """Change what a task says (`CHANGEABLE` fields, custom fields by key). Raises `TaskClosed`, `NotYourTask`."""
    found = lock_open_task(task, actor)
    unknown = set(values) - CHANGEABLE
    if unknown:
        raise TypeError(f"change_task cannot set {', '.join(sorted(unknown))}")
    changed = dict(values)
    if "title" in changed:
        changed["title"] = _checked_title(changed["title"])
    if (
        "kind" in changed
        and changed["kind"] != found.kind
        and not registry.is_known_kind(changed["kind"], actor)
    ):
        raise KindUnknown(kind=changed["kind"])
    if changed.get("store") is not None and changed["store"].pk != found.store_id:
        _check_store(changed["store"], actor)
    if custom is not None:
        store = changed.get("store", found.store)
        changed["custom"] = clean_values(
            specs_for("work.task", store.trade if store else None), custom, before=found.custom
        )
    changes = apply_changes(found, changed, private=PRIVATE | {"custom"})
    if not changes:
        unchanged()
        return found
    record(
        "work.task_changed", found, actor=actor, now=now, store_id=found.store_id, data={"changes": changes}
    )
    return found


@operation(None)
def assign_task(
    *, task: Task, owner: User | None, by_rules: bool = False, actor: Actor, now: datetime
) -> Task:
    """Give a task to somebody, take it oneself, or (owner None) put it into the pool; `by_rules` lets the rules choose.

    Taking one from the pool and putting one's own back is everybody's; giving to others takes `work.assign_tasks` at
    the task's store. Raises `TaskClosed`, `NotYourTask`, `OwnerUnsuitable`.
    """
    found = lock_open_task(task, actor)
    _check_owner(owner)
    if not leads(actor, found) and (by_rules or (owner is not None and owner.pk != actor.user_id)):
        raise NotYourTask(field="owner")
    before = found.owner_id
    found.assigned_why = []
    found.owner, found.assigned_at = owner, now if owner else None
    if by_rules:
        _assign_by_rules(found, now)
    if found.owner_id == before:
        unchanged()
        return found
    found.save(update_fields=["owner", "assigned_at", "assigned_why"])
    record(
        "work.task_assigned",
        found,
        actor=actor,
        now=now,
        store_id=found.store_id,
        data={
            "changes": {"owner": [before, found.owner_id]},
            "owner": found.owner_id,
            "why": found.assigned_why,
        },
    )
    return found


@operation(None)
def complete_task(*, task: Task, actor: Actor, now: datetime) -> Task:
    """Finish a task; one from the pool becomes the actor's with it. Doing it twice is the same as once."""
    found = lock_task(task, actor)
    if found.completed_at is not None:
        unchanged()
        return found
    if found.cancelled_at is not None:
        raise TaskClosed
    found.completed_at, found.completed_by_id = now, None if actor.is_system else actor.user_id
    if found.owner_id is None and not actor.is_system:
        found.owner_id, found.assigned_at = actor.user_id, now
    found.save(update_fields=["completed_at", "completed_by", "owner", "assigned_at"])
    record(
        "work.task_completed",
        found,
        also=[found.subject] if found.subject else [],
        actor=actor,
        now=now,
        store_id=found.store_id,
        data={"kind": found.kind},
    )
    return found


@operation(None)
def reopen_task(*, task: Task, actor: Actor, now: datetime) -> Task:
    """Take back that a task was finished or called off."""
    found = lock_task(task, actor)
    if found.is_open:
        unchanged()
        return found
    found.completed_at = found.completed_by = found.cancelled_at = None
    found.save(update_fields=["completed_at", "completed_by", "cancelled_at"])
    record("work.task_reopened", found, actor=actor, now=now, store_id=found.store_id)
    return found


@operation(None)
def cancel_task(*, task: Task, actor: Actor, now: datetime) -> Task:
    """Call a task off: it need not be done any more. Undone by `reopen_task`."""
    found = lock_open_task(task, actor)
    if found.owner_id != actor.user_id and found.created_by_id != actor.user_id and not leads(actor, found):
        raise NotYourTask
    found.cancelled_at = now
    found.save(update_fields=["cancelled_at"])
    record("work.task_cancelled", found, actor=actor, now=now, store_id=found.store_id)
    return found


@operation(None)
def snooze_task(*, task: Task, due_at: datetime, actor: Actor, now: datetime) -> Task:
    """Put a task off. Raises `SnoozeIntoThePast`."""
    if due_at <= now:
        raise SnoozeIntoThePast
    found = lock_open_task(task, actor)
    changes = apply_changes(found, {"due_at": due_at})
    if not changes:
        unchanged()
        return found
    record(
        "work.task_snoozed", found, actor=actor, now=now, store_id=found.store_id, data={"changes": changes}
    )
    return found


@step
def watch(task: Task, user_ids: Iterable[int]) -> None:
    """Let people see a task they were called to."""
    task.watchers.add(*user_ids)
