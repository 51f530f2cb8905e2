"""Tasks and what is said on them."""

# Annotations are read at run time, behind the guards: no postponed evaluation here.

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from dianke.access.guards import requires
from dianke.access.models import User
from dianke.access.requests import Request
from dianke.api.paging import CursorPage, CursorQuery, cursor_page
from dianke.api.schemas import chosen, chosen_or_none
from dianke.stores.models import Store
from dianke.work import operations
from dianke.work.api import schemas
from dianke.work.models import Comment, Skill, Task
from dianke.work.queries.people import colleagues

router = Router(tags=["tasks"])
VIEW = "work.view_tasks"
MANAGE = "work.manage_own_tasks"


def _task(request: Request, pk: int) -> Task:
    return get_object_or_404(Task.objects.visible_to(request.actor).prefetch_related("checklist"), pk=pk)


def _owner(request: Request, pk: int | None) -> User | None:
    """Oneself, or a colleague who could be chosen on the page as well."""
    if pk is None:
        return None
    near = [user.pk for user in colleagues(request.actor, now=request.now)] + [request.actor.user_id or 0]
    return chosen(User.objects.active().filter(pk__in=near), pk, "owner_id")


@router.get("/tasks", response=CursorPage[schemas.TaskOut])
@requires(VIEW)
def list_tasks(request: Request, page: Query[CursorQuery], wanted: Query[schemas.TaskFilter]) -> Any:
    """Tasks the caller may see, the most pressing first."""
    rows: QuerySet[Task] = Task.objects.visible_to(request.actor)
    match wanted.state:
        case "open":
            rows = Task.objects.visible_to(request.actor).open()
        case "done":
            rows = rows.filter(completed_at__isnull=False)
        case "cancelled":
            rows = rows.filter(cancelled_at__isnull=False)
    if wanted.owner == "nobody":
        rows = rows.filter(owner=None)
    elif wanted.owner:
        rows = rows.filter(owner_id=request.actor.user_id if wanted.owner == "me" else int(wanted.owner))
    if wanted.store_id is not None:
        rows = rows.filter(store_id=wanted.store_id)
    if wanted.kind is not None:
        rows = rows.filter(kind=wanted.kind)
    if wanted.due_before is not None:
        rows = rows.filter(due_at__lt=wanted.due_before)
    return cursor_page(rows, page, order=["due_at", "id"])


@router.post("/tasks", response={201: schemas.TaskDetailOut})
@requires(MANAGE)
def create_task(request: Request, payload: schemas.TaskIn) -> Any:
    """Make a task."""
    data = payload.dict()
    stores = Store.objects.visible_to(request.actor, VIEW)
    return operations.create_task(
        owner=_owner(request, data.pop("owner_id")),
        store=chosen_or_none(stores, data.pop("store_id"), "store_id"),
        skill=chosen_or_none(Skill.objects.filter(archived_at=None), data.pop("skill_id"), "skill_id"),
        **data,
        actor=request.actor,
        now=request.now,
    )


@router.get("/tasks/{int:pk}", response=schemas.TaskDetailOut)
@requires(VIEW)
def get_task(request: Request, pk: int) -> Any:
    """One task with its checklist."""
    return _task(request, pk)


@router.patch("/tasks/{int:pk}", response=schemas.TaskDetailOut)
@requires(MANAGE)
def change_task(request: Request, pk: int, payload: schemas.TaskPatch) -> Any:
    """Change what a task says."""
    values = payload.dict(exclude_unset=True)
    custom = values.pop("custom", None)
    return operations.change_task(
        task=_task(request, pk), values=values, custom=custom, actor=request.actor, now=request.now
    )


@router.post("/tasks/{int:pk}/complete", response=schemas.TaskDetailOut)
@requires(MANAGE)
def complete_task(request: Request, pk: int) -> Any:
    """Finish a task; one nobody had becomes the caller's."""
    return operations.complete_task(task=_task(request, pk), actor=request.actor, now=request.now)


@router.post("/tasks/{int:pk}/reopen", response=schemas.TaskDetailOut)
@requires(MANAGE)
def reopen_task(request: Request, pk: int) -> Any:
    """Open a finished or called-off task again."""
    return operations.reopen_task(task=_task(request, pk), actor=request.actor, now=request.now)


@router.post("/tasks/{int:pk}/cancel", response=schemas.TaskDetailOut)
@requires(MANAGE)
def cancel_task(request: Request, pk: int) -> Any:
    """Call a task off."""
    return operations.cancel_task(task=_task(request, pk), actor=request.actor, now=request.now)


@router.post("/tasks/{int:pk}/assign", response=schemas.TaskDetailOut)
@requires(MANAGE)
def assign_task(request: Request, pk: int, payload: schemas.OwnerIn) -> Any:
    """Give a task to somebody, to nobody, or let the rules choose."""
    return operations.assign_task(
        task=_task(request, pk),
        owner=_owner(request, payload.owner_id),
        by_rules=payload.by_rules,
        actor=request.actor,
        now=request.now,
    )


@router.get("/tasks/{int:pk}/comments", response=CursorPage[schemas.CommentOut])
@requires(VIEW)
def list_comments(request: Request, pk: int, page: Query[CursorQuery]) -> Any:
    """What was said on a task, oldest first."""
    return cursor_page(Comment.objects.filter(task=_task(request, pk)), page, order=["created_at", "id"])


@router.post("/tasks/{int:pk}/comments", response={201: schemas.CommentOut})
@requires(MANAGE)
def add_comment(request: Request, pk: int, payload: schemas.CommentIn) -> Any:
    """Say something; `@name` in the text and `mention_ids` call people."""
    return operations.add_comment(
        task=_task(request, pk),
        text=payload.text,
        mention_ids=payload.mention_ids,
        actor=request.actor,
        now=request.now,
    )
