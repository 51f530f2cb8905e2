"""What hangs on a task: checklist and comments; and what is done to several tasks at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, NotFound
from dianke.events.operations import operation, record, unchanged
from dianke.work.models import ChecklistItem, Comment, RecurringTask, Task
from dianke.work.models.tasks import APPROVAL_KIND
from dianke.work.operations.tasks import (
    MOST_CHECKLIST,
    ChecklistTooLong,
    NotYourTask,
    OwnerUnsuitable,
    TaskNotFound,
    leads,
    lock_open_task,
    may_work_on,
    watch,
)
from dianke.work.queries.people import colleagues
from dianke.work.rules.mentions import mentioned

MOST_AT_ONCE = 500


class CommentEmpty(InvalidInput):
    code = "comment_empty"
    message = _("Write something first.")
    default_field = "text"


class LineEmpty(InvalidInput):
    code = "checklist_line_empty"
    message = _("Write what is to be ticked off.")
    default_field = "text"


class LineNotFound(NotFound):
    code = "checklist_line_not_found"
    message = _("This line is gone; somebody removed it. Load the task again.")


class NothingChosen(InvalidInput):
    code = "nothing_chosen"
    message = _("Choose at least one task first.")


class TooManyChosen(InvalidInput):
    code = "too_many_chosen"
    message = _("At most %(limit)s tasks can be changed at once. Choose fewer.")


@operation(None)
def add_comment(
    *, task: Task, text: str, mention_ids: Iterable[int] = (), actor: Actor, now: datetime
) -> Comment:
    """Say something on a task, open or finished. Whoever is named (@name, or in `mention_ids`) is told and sees it.

    Whoever sees the task may comment. Raises `TaskNotFound`, `CommentEmpty`.
    """
    actor.require("work.manage_own_tasks")
    found = Task.objects.visible_to(actor).filter(pk=task.pk).first()
    if found is None or actor.user_id is None:
        raise TaskNotFound
    text = text.strip()
    if not text:
        raise CommentEmpty
    people = {user.pk: str(user) for user in colleagues(actor, now=now, store_id=None)}
    called = mentioned(text, {name: pk for pk, name in people.items()})
    called += [pk for pk in mention_ids if pk in people and pk not in called]
    called = [pk for pk in called if pk != actor.user_id]
    comment = Comment.objects.create(
        task=found, author_id=actor.user_id, text=text[:4000], mentioned=called, created_at=now
    )
    watch(found, called)
    record(
        "work.comment_added",
        found,
        actor=actor,
        now=now,
        store_id=found.store_id,
        data={"comment": comment.pk, "mentioned": called},
    )
    return comment


@operation(None)
def add_checklist_item(*, task: Task, text: str, actor: Actor, now: datetime) -> ChecklistItem:
    """Add a line at the end of the checklist. Raises `LineEmpty`, `ChecklistTooLong`."""
    text = " ".join(text.split())[:120]
    if not text:
        raise LineEmpty
    found = lock_open_task(task, actor)
    if found.checklist.count() >= MOST_CHECKLIST:
        raise ChecklistTooLong(limit=MOST_CHECKLIST)
    last = found.checklist.aggregate(last=Max("position"))["last"]
    item = ChecklistItem.objects.create(task=found, text=text, position=0 if last is None else last + 1)
    record(
        "work.checklist_item_added",
        found,
        actor=actor,
        now=now,
        store_id=found.store_id,
        data={"item": item.pk},
    )
    return item


def _item(task: Task, item_id: int) -> ChecklistItem:
    item = task.checklist.filter(pk=item_id).first()
    if item is None:
        raise LineNotFound
    return item


@operation(None)
def tick_checklist_item(
    *, task: Task, item_id: int, is_done: bool, actor: Actor, now: datetime
) -> ChecklistItem:
    """Tick a line off, or take the tick back. Raises `LineNotFound`."""
    found = lock_open_task(task, actor)
    item = _item(found, item_id)
    if (item.done_at is not None) == is_done:
        unchanged()
        return item
    item.done_at, item.done_by_id = (now, actor.user_id) if is_done else (None, None)
    item.save(update_fields=["done_at", "done_by"])
    kind = "work.checklist_item_ticked" if is_done else "work.checklist_item_unticked"
    record(kind, found, actor=actor, now=now, store_id=found.store_id, data={"item": item.pk})
    return item


@operation(None)
def remove_checklist_item(*, task: Task, item_id: int, actor: Actor, now: datetime) -> Task:
    """Take a line out of the checklist. Raises `LineNotFound`."""
    found = lock_open_task(task, actor)
    item = _item(found, item_id)
    record(
        "work.checklist_item_removed",
        found,
        actor=actor,
        now=now,
        store_id=found.store_id,
        data={"item": item.pk},
    )
    item.delete()
    return found


def _lock_many(task_ids: Sequence[int], actor: Actor) -> list[Task]:
    """The open ones among the chosen tasks, locked in key order. Raises what is wrong with any of them."""
    chosen = sorted(set(task_ids))
    if not chosen:
        raise NothingChosen
    if len(chosen) > MOST_AT_ONCE:
        raise TooManyChosen(limit=MOST_AT_ONCE)
    visible = Task.objects.visible_to(actor).filter(pk__in=chosen).values("pk")
    tasks = list(Task.objects.select_for_update().filter(pk__in=visible).order_by("pk"))
    if len(tasks) != len(chosen):
        raise TaskNotFound
    for task in tasks:
        if not may_work_on(actor, task):
            raise NotYourTask
    return [task for task in tasks if task.is_open and task.kind != APPROVAL_KIND]


@operation(None)
def assign_tasks(*, task_ids: Sequence[int], owner: User | None, actor: Actor, now: datetime) -> int:
    """Give several tasks to one person (or the pool) at once; finished ones are left out. All or none.

    Raises `NothingChosen`, `TooManyChosen`, `TaskNotFound`, `NotYourTask`, `OwnerUnsuitable`.
    """
    if owner is not None and not owner.is_active:
        raise OwnerUnsuitable(name=str(owner))
    tasks = [task for task in _lock_many(task_ids, actor) if task.owner_id != (owner.pk if owner else None)]
    if any(not leads(actor, task) for task in tasks) and (owner is not None and owner.pk != actor.user_id):
        raise NotYourTask(field="owner")
    if not tasks:
        unchanged()
        return 0
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(
        owner=owner, assigned_at=now if owner else None, assigned_why=[]
    )
    _record_many("work.tasks_assigned", tasks, actor, now, owner=owner.pk if owner else None)
    return len(tasks)


@operation(None)
def complete_tasks(*, task_ids: Sequence[int], actor: Actor, now: datetime) -> list[int]:
    """Finish several tasks at once; returns the ids of those that were open. All or none."""
    tasks = _lock_many(task_ids, actor)
    if not tasks:
        unchanged()
        return []
    ids = [task.pk for task in tasks]
    Task.objects.filter(pk__in=ids, owner=None).update(owner=actor.user_id, assigned_at=now)
    Task.objects.filter(pk__in=ids).update(completed_at=now, completed_by=actor.user_id)
    _record_many("work.tasks_completed", tasks, actor, now)
    return ids


@operation(None)
def reopen_tasks(*, task_ids: Sequence[int], actor: Actor, now: datetime) -> int:
    """Undo `complete_tasks`."""
    visible = Task.objects.visible_to(actor).filter(pk__in=task_ids).values("pk")
    tasks = list(Task.objects.select_for_update().filter(pk__in=visible).closed().order_by("pk"))
    if any(not may_work_on(actor, task) or task.kind == APPROVAL_KIND for task in tasks):
        raise NotYourTask
    if not tasks:
        unchanged()
        return 0
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(
        completed_at=None, completed_by=None, cancelled_at=None
    )
    _record_many("work.tasks_reopened", tasks, actor, now)
    return len(tasks)


def _record_many(kind: str, tasks: Sequence[Task], actor: Actor, now: datetime, **data: object) -> None:
    """One event about all of them: the timeline of each shows it."""
    stores = {task.store_id for task in tasks}
    record(
        kind,
        tasks[0],
        also=tasks[1:],
        actor=actor,
        now=now,
        store_id=stores.pop() if len(stores) == 1 else None,
        data={"count": len(tasks), **data},
    )


@operation(None)
def hand_over_tasks(*, from_user_id: int, to_user_id: int, actor: Actor, now: datetime) -> int:
    """Move what a leaver still has to do, and the recurring tasks in their name, to a successor."""
    tasks = list(Task.objects.select_for_update().open().owned_by(from_user_id).order_by("pk"))
    repeated = RecurringTask.objects.filter(owner_id=from_user_id)
    moved = len(tasks) + repeated.update(owner_id=to_user_id)
    if not moved:
        unchanged()
        return 0
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(
        owner_id=to_user_id, assigned_at=now, assigned_why=[]
    )
    record(
        "work.tasks_handed_over",
        f"access.user:{from_user_id}",
        also=[f"access.user:{to_user_id}", *tasks],
        actor=actor,
        now=now,
        data={"owner": to_user_id, "from": from_user_id, "count": moved},
    )
    return moved


@operation("work.manage_own_tasks")
def stop_watching(*, task: Task, actor: Actor, now: datetime) -> Task:
    """Be spared further news of a task."""
    if actor.user_id is None or not task.watchers.filter(pk=actor.user_id).exists():
        unchanged()
        return task
    task.watchers.remove(actor.user_id)
    record("work.watching_stopped", task, actor=actor, now=now, store_id=task.store_id)
    return task
