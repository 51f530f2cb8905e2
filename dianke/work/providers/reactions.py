"""Who is told when something happens: reactions to the room's own events, listed in `config/reactions.py`.

Each may run more than once for an event; a notice carries the event as its reference and is made once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse

from dianke.access.models import User
from dianke.events.models import Event
from dianke.work.models import Approval, Comment, Task
from dianke.work.operations import notify
from dianke.work.operations.approvals import checkers_of
from dianke.work.registry import approvables


def _key(event: Event) -> int:
    return int(event.subject.partition(":")[2])


def _who(event: Event) -> str:
    user = User.objects.filter(pk=event.user_id).first() if event.user_id else None
    return str(user) if user else ""


def tell_owner(event: Event, *, now: datetime) -> None:
    """A task has come to somebody who did not take it themselves."""
    owner_id = event.data.get("owner")
    is_by_rule = bool(event.data.get("why"))
    if owner_id is None or (owner_id == event.user_id and event.actor_kind != "SYSTEM"):
        return
    if event.kind in ("work.tasks_assigned", "work.tasks_handed_over"):
        who = _who(event)
        if event.kind == "work.tasks_handed_over":
            leaver = User.objects.filter(pk=event.data.get("from")).first()
            who = str(leaver) if leaver else ""
        notify(
            user_ids=[owner_id],
            kind=event.kind.removeprefix("work."),
            params={"who": who, "count": event.data.get("count")},
            reference=f"event:{event.pk}",
            url=f"{reverse('work:tasks')}?owner=me",
            actor=event.as_cause(),
            now=now,
        )
        return
    task = Task.objects.filter(pk=_key(event)).first()
    if task is None or not task.is_open or task.owner_id != owner_id:
        return
    who = _who(event)
    notify(
        user_ids=[owner_id],
        kind="task_chosen" if is_by_rule or not who else "task_assigned",
        params={"who": who, "title": task.title},
        reference=f"event:{event.pk}",
        subject=f"work.task:{task.pk}",
        url=reverse("work:task", args=[task.pk]),
        actor=event.as_cause(),
        now=now,
    )


def tell_about_comment(event: Event, *, now: datetime) -> None:
    """Those mentioned; and owner, maker and watchers of the task, but not the one who wrote."""
    task = Task.objects.filter(pk=_key(event)).first()
    comment = Comment.objects.filter(pk=event.data.get("comment")).select_related("author").first()
    if task is None or comment is None:
        return
    common: dict[str, Any] = {
        "params": {"who": str(comment.author), "title": task.title},
        "subject": f"work.task:{task.pk}",
        "url": f"{reverse('work:task', args=[task.pk])}#comment-{comment.pk}",
        "actor": event.as_cause(),
        "now": now,
    }
    called = set(comment.mentioned)
    around = {task.owner_id, task.created_by_id, *task.watchers.values_list("pk", flat=True)}
    # A second notice about one comment would be noise: who is called by name is told that.
    notify(user_ids=called, kind="mentioned", reference=f"comment:{comment.pk}", **common)
    notify(
        user_ids=around - called - {comment.author_id, None},
        kind="commented",
        reference=f"comment:{comment.pk}",
        **common,
    )


def tell_checkers(event: Event, *, now: datetime) -> None:
    """Those who may decide a request."""
    approval = Approval.objects.select_related("requested_by").filter(pk=_key(event)).first()
    if approval is None or not approval.is_pending or approval.operation not in approvables():
        return
    checkers = set(checkers_of(approvables()[approval.operation], store_id=approval.store_id, now=now))
    if approval.checker_ids:
        checkers &= set(approval.checker_ids)
    notify(
        user_ids=checkers - {approval.requested_by_id},
        kind="approval_requested",
        params={"who": str(approval.requested_by), "title": approval.summary},
        reference=f"approval:{approval.pk}",
        subject=f"work.approval:{approval.pk}",
        url=reverse("work:approval", args=[approval.pk]),
        actor=event.as_cause(),
        now=now,
    )


def tell_maker(event: Event, *, now: datetime) -> None:
    """What became of a request."""
    keys = [int(s.partition(":")[2]) for s in event.subjects if s.startswith("work.approval:")]
    for approval in Approval.objects.filter(pk__in=keys):
        kind = event.kind.removeprefix("work.")
        notify(
            user_ids=[approval.requested_by_id],
            kind=kind if kind in ("approval_approved", "approval_refused") else "approval_lapsed",
            params={"who": _who(event), "title": approval.summary},
            reference=f"approval-outcome:{approval.pk}",
            subject=f"work.approval:{approval.pk}",
            url=reverse("work:approval", args=[approval.pk]),
            actor=event.as_cause(),
            now=now,
        )
