"""The list of tasks: filters, columns, bulk actions; also what the export writes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from dianke.access.guards import requires
from dianke.stores.models import Store
from dianke.web.custom_fields import CustomFieldsListing
from dianke.web.list_views import list_context
from dianke.web.listing import (
    BulkAction,
    Column,
    Filter,
    Kind,
    State,
    choice_filter,
    date_filter,
    register,
    relation_filter,
)
from dianke.work.models import Priority, Task
from dianke.work.models.tasks import APPROVAL_KIND, OPEN
from dianke.work.queries.today import end_of_day, listed
from dianke.work.registry import task_kind, task_kinds

Request = Any
PLAIN = "work/cells/plain.html"
PRIORITY_TONES = {Priority.URGENT: "bad", Priority.HIGH: "wait", Priority.NORMAL: "", Priority.LOW: "off"}

DUE = (
    ("mine", _("Mine")),
    ("overdue", _("Overdue")),
    ("today", _("Due by today")),
    ("week", _("Within a week")),
    ("pool", _("Not taken yet")),
)
STATES = (
    ("open", pgettext_lazy("task", "Open")),
    ("done", _("Done")),
    ("cancelled", _("Called off")),
    ("all", _("All")),
)
OWNERS = (("me", _("Me")), ("pool", _("Nobody yet")), ("made", _("made by me")))


def state_of(task: Task) -> tuple[str, Any]:
    """Tone and word of a task's state."""
    if task.completed_at is not None:
        return "good", _("Done")
    if task.cancelled_at is not None:
        return "off", _("Called off")
    return "", pgettext_lazy("task", "Open")


def _in_state(queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
    if value == "done":
        return queryset.filter(completed_at__isnull=False)
    if value == "cancelled":
        return queryset.filter(cancelled_at__isnull=False)
    return queryset if value == "all" else queryset.filter(OPEN)


@register
class TaskListing(CustomFieldsListing):
    """Open tasks unless another state is asked for."""

    code = "work.tasks"
    title = _("Tasks")
    permission = "work.view_tasks"
    custom_model = "work.task"
    search_fields = ("title",)
    search_hint = _("Words of the task")
    default_sort = "due_at"
    opens_drawer = True
    columns = (
        Column("title", _("Task"), sort="title", template="work/cells/title.html", is_title=True),
        Column("due_at", _("Due"), Kind.INSTANT, sort="due_at", template="work/cells/due.html"),
        Column(
            "priority",
            _("Priority"),
            Kind.STATUS,
            value=lambda task: None if task.priority == Priority.NORMAL else task.get_priority_display(),
            sort="priority",
            tone=lambda task: PRIORITY_TONES.get(task.priority, ""),
        ),
        Column(
            "owner",
            _("Person in charge"),
            template="work/cells/owner.html",
            value=lambda task: str(task.owner or ""),
        ),
        Column("kind", _("Kind"), template=PLAIN, value=lambda task: str(task_kind(task.kind).label)),
        Column("store", _("Store"), template=PLAIN, value=lambda task: str(task.store or "")),
        Column(
            "state",
            _("State"),
            Kind.STATUS,
            value=lambda t: str(state_of(t)[1]),
            tone=lambda t: state_of(t)[0],
            is_default=False,
        ),
        Column("completed_at", _("Done at"), Kind.INSTANT, sort="completed_at", is_default=False),
        Column("created_at", _("Made"), Kind.INSTANT, sort="created_at", is_default=False),
    )
    filters = (
        # These two depend on who looks and when: `rows` applies them.
        Filter("due", _("Due"), lambda qs, v: qs, lambda actor: DUE, is_quick=True),
        Filter("owner", _("Person in charge"), lambda qs, v: qs, lambda actor: OWNERS),
        Filter("state", _("State"), _in_state, lambda actor: STATES),
        choice_filter("priority", _("Priority"), [(str(value), label) for value, label in Priority.choices]),
        Filter(
            "kind",
            _("Kind"),
            lambda qs, v: qs.filter(kind=v),
            lambda actor: [(k.code, k.label) for k in task_kinds().values()],
        ),
        relation_filter(
            "store", _("Store"), lambda actor: Store.objects.visible_to(actor, "work.view_tasks")
        ),
        date_filter("due_on", _("Due between"), lookup="due_at", instants=True),
    )
    bulk_actions = (
        BulkAction("complete", _("Done"), "work:completions", "work.manage_own_tasks", icon="check"),
        BulkAction("assign", _("Give to …"), "work:assignments", "work.manage_own_tasks", icon="user"),
    )
    empty = (
        "checklist",
        _(
            "Follow-ups, reminders, requests: whatever somebody has to do stands here with a person and a time."
        ),
        _("New task"),
        "work:task-new",
        "work.manage_own_tasks",
    )
    action = (_("New task"), "work:task-new", "work.manage_own_tasks", "plus")

    def queryset(self) -> QuerySet[Task]:
        late = ExpressionWrapper(OPEN & Q(due_at__lt=self.now), output_field=BooleanField())
        return listed(Task.objects.visible_to(self.actor)).annotate(is_late=late)

    def rows(self, state: State) -> QuerySet[Any]:
        rows = super().rows(state)
        if not state.filters.get("state"):
            rows = rows.filter(OPEN)
        if not state.filters.get("kind"):
            rows = rows.exclude(kind=APPROVAL_KIND)  # they have a page of their own
        rows = self._by_owner(rows, state.filters.get("owner", ""))
        return self._by_due(rows, state.filters.get("due", ""))

    def _by_owner(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        if value == "me":
            return rows.filter(owner_id=self.actor.user_id)
        if value == "pool":
            return rows.filter(owner=None)
        if value == "made":
            return rows.filter(created_by_id=self.actor.user_id)
        if value.isdecimal():
            return rows.filter(owner_id=int(value))
        return rows

    def _by_due(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        midnight = end_of_day(self.now)
        match value:
            case "overdue":
                return rows.filter(OPEN, due_at__lt=self.now)
            case "today":
                return rows.filter(due_at__lt=midnight)
            case "week":
                return rows.filter(due_at__lt=midnight + timedelta(days=6))
            case "mine":
                return rows.filter(owner_id=self.actor.user_id)
            case "pool":
                return rows.filter(owner=None)
            case _:
                return rows


@require_GET
@requires("work.view_tasks")
def task_list(request: Request) -> HttpResponse:
    """The list, or its rows when filters change."""
    is_part = request.headers.get("HX-Target", "").endswith("#list")
    context = list_context(request, TaskListing)
    return render(request, "web/list.html#rows" if is_part else "work/task_list.html", context)
