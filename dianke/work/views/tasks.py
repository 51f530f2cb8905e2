"""One task: its page (or drawer), what is done to it, and what is done to several at once."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from dianke.access.guards import requires
from dianke.core.custom_fields import specs_for
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.queries import timeline
from dianke.events.registry import describe, subject_names
from dianke.web import formats
from dianke.web.components import Crumb, Entry, Fact
from dianke.web.custom_fields import facts_of
from dianke.web.forms import form_view
from dianke.web.responses import done, toast
from dianke.work import operations
from dianke.work.forms import BY_RULES, OwnerForm, TaskForm
from dianke.work.models import Task
from dianke.work.models.tasks import APPROVAL_KIND
from dianke.work.operations.tasks import SnoozeIntoThePast, leads, may_work_on
from dianke.work.queries.people import colleagues, names_of
from dianke.work.queries.today import listed
from dianke.work.registry import task_kind
from dianke.work.rules.assignment import Reason
from dianke.work.rules.snoozing import Snooze, snooze_until
from dianke.work.views.lists import state_of

Request = Any
ICONS = {
    "work.task_created": "plus",
    "work.task_completed": "check",
    "work.tasks_completed": "check",
    "work.task_reopened": "arrow-back-up",
    "work.task_assigned": "user",
    "work.tasks_assigned": "user",
    "work.comment_added": "message",
    "work.task_snoozed": "clock",
    "work.task_cancelled": "x",
}


def _task(request: Request, pk: int) -> Task:
    rows = Task.objects.visible_to(request.actor).select_related(
        "owner", "store", "created_by", "completed_by", "skill", "recurring"
    )
    return get_object_or_404(rows, pk=pk)


def _context(request: Request, task: Task) -> dict[str, Any]:
    """Everything the body of a task shows."""
    actor, now = request.actor, request.now
    lines = list(task.checklist.all())
    comments = list(task.comments.select_related("author"))
    tone, state = state_of(task)
    about = subject_names([task.subject], actor=actor)[task.subject] if task.subject else None
    is_mine = may_work_on(actor, task) and task.kind != APPROVAL_KIND
    facts = [Fact(_("Person in charge"), task.owner or _("nobody yet")), Fact(_("Store"), task.store)]
    if about:
        facts.append(Fact(_("What it is about"), about.text, url=about.url))
    if task.skill:
        facts.append(Fact(_("Skill needed"), task.skill))
    if task.recurring:
        facts.append(Fact(_("Repeats"), task.recurring.get_frequency_display()))
    facts += facts_of(specs_for("work.task", task.store.trade if task.store else None), task.custom)
    facts.append(Fact(_("Made by"), task.created_by or _("the system")))
    return {
        "task": task,
        "kind": task_kind(task.kind),
        "tone": tone,
        "state": state,
        "facts": facts,
        "why": "，".join(Reason.from_json(reason).text for reason in task.assigned_why)
        if formats.is_chinese()
        else ", ".join(Reason.from_json(reason).text for reason in task.assigned_why),
        "lines": lines,
        "done_count": sum(line.done_at is not None for line in lines),
        "comments": comments,
        "people": [user for user in colleagues(actor, now=now) if user.pk != actor.user_id][:30]
        if actor.can("work.manage_own_tasks")
        else [],
        "can_work": is_mine,
        "can_take": is_mine and task.is_open and task.owner_id is None,
        "can_cancel": is_mine
        and (actor.user_id in (task.owner_id, task.created_by_id) or leads(actor, task)),
        "is_overdue": task.is_overdue(now),
        "snoozes": [
            (Snooze.HOUR, _("In an hour")),
            (Snooze.TOMORROW, _("Tomorrow")),
            (Snooze.MONDAY, _("Next Monday")),
            (Snooze.WEEK, _("In a week")),
        ],
        "approval_url": reverse("work:approval", args=[task.subject.partition(":")[2]])
        if task.kind == APPROVAL_KIND and task.subject
        else "",
        "entries": _history(request, task),
    }


def _history(request: Request, task: Task) -> list[Entry]:
    events = timeline(task, actor=request.actor, limit=30).events
    names = names_of([event.user_id for event in events] + [event.data.get("owner") for event in events])
    found = []
    for event in events:
        body = names.get(event.data.get("owner") or 0, "") if "assigned" in event.kind else ""
        is_system = event.actor_kind == "SYSTEM" or event.user_id is None
        found.append(
            Entry(
                at=event.recorded_at,
                title=describe(event),
                icon=ICONS.get(event.kind, "point"),
                tone="good" if "completed" in event.kind else "",
                actor=_("the system") if is_system else names.get(event.user_id or 0, ""),
                body=body,
            )
        )
    return found


@require_GET
@requires("work.view_tasks")
def task_page(request: Request, pk: int) -> HttpResponse:
    """The task, as a page or beside the list."""
    task = _task(request, pk)
    is_body = request.headers.get("HX-Target", "").endswith("#task-body")
    context = _context(request, task) | {"crumb_list": [Crumb(_("Tasks"), reverse("work:tasks"))]}
    return render(request, "work/task.html#body" if is_body else "work/task.html", context)


def _answer(request: Request, task: Task, text: str, *, undo_url: str = "") -> HttpResponse:
    """After a write: the body of the open task drawn anew, else wherever the person stands."""
    if request.headers.get("HX-Target", "").endswith("#task-body"):
        response = render(request, "work/task.html#body", _context(request, _task(request, task.pk)))
        if text:
            toast(response, text, undo_url=undo_url)
        return trigger_client_event(response, "dk:changed", {})
    return done(request, text, to=_next(request, reverse("work:task", args=[task.pk])), undo_url=undo_url)


def _next(request: Request, usual: str) -> str:
    target = request.POST.get("next", "")
    return target if target and url_has_allowed_host_and_scheme(target, {request.get_host()}) else usual


# --- making and changing -------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@requires("work.manage_own_tasks")
def task_new(request: Request) -> HttpResponse:
    """A new task."""
    subject = request.GET.get("subject", "")
    if subject and not _may_name(request, subject):
        subject = ""
    form = TaskForm(request.POST or None, actor=request.actor, now=request.now)

    def run(data: dict[str, Any]) -> Task:
        owner = data["owner"] or "me"
        return operations.create_task(
            title=data["title"],
            note=data["note"],
            kind=data["kind"],
            owner=form.chosen_person(owner),
            auto_assign=owner == BY_RULES,
            store=data["store"],
            skill=data.get("skill"),
            subject=subject,
            due_at=data["due_at"],
            priority=data["priority"],
            checklist=data["checklist"],
            custom=form.custom_values(),
            actor=request.actor,
            now=request.now,
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=_("New task"),
        submit=_("Make the task"),
        success=lambda task: _made_text(task),
        redirect_to=lambda task: reverse("work:task", args=[task.pk]),
        cancel_url=reverse("work:tasks"),
        context={"draft": "task-new"},
    )


def _made_text(task: Task) -> str:
    if task.assigned_why and task.owner:
        return _("Task made and given to %(name)s.") % {"name": task.owner}
    return _("Task made.")


def _may_name(request: Request, subject: str) -> bool:
    """A task can be about whatever the person may see by name."""
    label, colon, key = subject.partition(":")
    name = subject_names([subject], actor=request.actor).get(subject)
    return bool(colon and label and key and name and name.url)


@require_http_methods(["GET", "POST"])
@requires("work.manage_own_tasks")
def task_edit(request: Request, pk: int) -> HttpResponse:
    """What a task says."""
    task = _task(request, pk)
    form = TaskForm(request.POST or None, actor=request.actor, now=request.now, task=task)

    def run(data: dict[str, Any]) -> Task:
        values: dict[str, Any] = {
            name: data[name]
            for name in ("title", "note", "kind", "store", "skill", "due_at", "priority")
            if name in data
        }
        return operations.change_task(
            task=task, values=values, custom=form.custom_values(), actor=request.actor, now=request.now
        )

    return form_view(
        request,
        form=form,
        run=run,
        title=_("Change the task"),
        success=_("Saved."),
        redirect_to=reverse("work:task", args=[pk]),
        cancel_url=reverse("work:task", args=[pk]),
    )


@require_POST
@requires("work.manage_own_tasks")
def complete(request: Request, pk: int) -> HttpResponse:
    """One tap: done."""
    task = operations.complete_task(task=_task(request, pk), actor=request.actor, now=request.now)
    text = _("“%(title)s” is done.") % {"title": task.title}
    return _answer(request, task, text, undo_url=reverse("work:task-reopen", args=[pk]))


@require_POST
@requires("work.manage_own_tasks")
def reopen(request: Request, pk: int) -> HttpResponse:
    """Not done after all."""
    task = operations.reopen_task(task=_task(request, pk), actor=request.actor, now=request.now)
    return _answer(request, task, _("Reopened."))


@require_POST
@requires("work.manage_own_tasks")
def cancel(request: Request, pk: int) -> HttpResponse:
    """Called off."""
    task = operations.cancel_task(task=_task(request, pk), actor=request.actor, now=request.now)
    return _answer(request, task, _("Called off."), undo_url=reverse("work:task-reopen", args=[pk]))


@require_POST
@requires("work.manage_own_tasks")
def snooze(request: Request, pk: int) -> HttpResponse:
    """Put off to one of the usual times, or to the one given."""
    task = _task(request, pk)
    choice, given = request.POST.get("until", ""), request.POST.get("due_at", "")
    if choice in Snooze.__members__.values():
        local_due = timezone.localtime(task.due_at) if task.due_at else None
        due = snooze_until(Snooze(choice), timezone.localtime(request.now), due=local_due)
    else:
        parsed = parse_datetime(given) if given else None
        if parsed is None:
            raise SnoozeIntoThePast
        due = parsed if timezone.is_aware(parsed) else timezone.make_aware(parsed)
    task = operations.snooze_task(task=task, due_at=due, actor=request.actor, now=request.now)
    return _answer(request, task, _("Put off: %(when)s.") % {"when": formats.moment(due, request.now)})


@require_http_methods(["GET", "POST"])
@requires("work.manage_own_tasks")
def owner(request: Request, pk: int) -> HttpResponse:
    """Who does it. A bare POST of `owner` (take it, give it back) needs no form."""
    task = _task(request, pk)
    loads = _loads() if request.method == "GET" else {}
    form = OwnerForm(
        request.POST or None,
        actor=request.actor,
        now=request.now,
        loads=loads,
        initial={"owner": str(task.owner_id or "")},
    )

    def run(data: dict[str, Any]) -> Task:
        return operations.assign_task(
            task=task,
            owner=form.chosen_person(data["owner"]),
            by_rules=data["owner"] == BY_RULES,
            actor=request.actor,
            now=request.now,
        )

    if (
        request.method == "POST"
        and request.headers.get("HX-Target", "").endswith("#task-body")
        and form.is_valid()
    ):
        return _answer(request, run(form.cleaned_data), _("Given to somebody else."))
    return form_view(
        request,
        form=form,
        run=run,
        title=_("Who does it?"),
        success=lambda found: (
            _("Now with %(name)s.") % {"name": found.owner}
            if found.owner
            else _("Whoever has time may take it.")
        ),
        redirect_to=_next(request, reverse("work:task", args=[pk])),
        cancel_url=reverse("work:task", args=[pk]),
    )


def _loads() -> dict[int, int]:
    from django.db.models import Count

    rows = (
        Task.objects.open().exclude(owner=None).order_by().values_list("owner_id").annotate(count=Count("pk"))
    )
    return dict(rows)


# --- checklist and comments ----------------------------------------------------------------------------------
@require_POST
@requires("work.manage_own_tasks")
def checklist_add(request: Request, pk: int) -> HttpResponse:
    """One more line."""
    task = _task(request, pk)
    operations.add_checklist_item(
        task=task, text=request.POST.get("text", ""), actor=request.actor, now=request.now
    )
    return _answer(request, task, "")


@require_POST
@requires("work.manage_own_tasks")
def checklist_tick(request: Request, pk: int, item_pk: int) -> HttpResponse:
    """Ticked off, or not."""
    task = _task(request, pk)
    operations.tick_checklist_item(
        task=task,
        item_id=item_pk,
        is_done=request.POST.get("is_done") == "1",
        actor=request.actor,
        now=request.now,
    )
    return _answer(request, task, "")


@require_POST
@requires("work.manage_own_tasks")
def checklist_remove(request: Request, pk: int, item_pk: int) -> HttpResponse:
    """A line less."""
    task = _task(request, pk)
    operations.remove_checklist_item(task=task, item_id=item_pk, actor=request.actor, now=request.now)
    return _answer(request, task, "")


@require_POST
@requires("work.manage_own_tasks")
def comment(request: Request, pk: int) -> HttpResponse:
    """Say something."""
    task = _task(request, pk)
    called = [int(value) for value in request.POST.getlist("tell") if value.isdecimal()]
    try:
        operations.add_comment(
            task=task,
            text=request.POST.get("text", ""),
            mention_ids=called,
            actor=request.actor,
            now=request.now,
        )
    except InvalidInput as error:
        if not request.headers.get("HX-Target", "").endswith("#task-body"):
            raise
        context = _context(request, task) | {"comment_error": str(error)}
        return render(request, "work/task.html#body", context, status=422)
    return _answer(request, task, _("Comment added."))


# --- several at once -----------------------------------------------------------------------------------------
def _chosen(request: Request) -> list[int]:
    return [
        int(value)
        for name in ("ids", "selected")
        for value in request.POST.getlist(name)
        if value.isdecimal()
    ]


@require_POST
@requires("work.manage_own_tasks")
def completions(request: Request) -> HttpResponse:
    """Several tasks done."""
    ids = operations.complete_tasks(task_ids=_chosen(request), actor=request.actor, now=request.now)
    text = ngettext("%(count)s task is done.", "%(count)s tasks are done.", len(ids)) % {"count": len(ids)}
    undo = f"{reverse('work:reopenings')}?{'&'.join(f'ids={pk}' for pk in ids)}" if ids else ""
    return done(request, text, to=_next(request, reverse("work:tasks")), undo_url=undo)


@require_POST
@requires("work.manage_own_tasks")
def reopenings(request: Request) -> HttpResponse:
    """The undo of it."""
    ids = [int(value) for value in request.GET.getlist("ids") if value.isdecimal()]
    count = operations.reopen_tasks(task_ids=ids, actor=request.actor, now=request.now)
    text = ngettext("%(count)s task is open again.", "%(count)s tasks are open again.", count) % {
        "count": count
    }
    return done(request, text, to=reverse("work:tasks"))


@require_POST
@requires("work.manage_own_tasks")
def assignments(request: Request) -> HttpResponse:
    """Several tasks to one person: first asks whom, then gives them."""
    ids = _chosen(request)
    is_chosen = "owner" in request.POST
    form = OwnerForm(
        request.POST if is_chosen else None,
        actor=request.actor,
        now=request.now,
        loads={} if is_chosen else _loads(),
    )
    form._choices("owner", [c for c in form.fields["owner"].choices if c[0] != BY_RULES])  # type: ignore[attr-defined]
    status = 200
    if is_chosen:
        status = 422
        if form.is_valid():
            try:
                count = operations.assign_tasks(
                    task_ids=ids,
                    owner=form.chosen_person(form.cleaned_data["owner"]),
                    actor=request.actor,
                    now=request.now,
                )
            except (InvalidInput, Conflict) as error:
                form.add_domain_error(error)
            else:
                text = ngettext("%(count)s task given.", "%(count)s tasks given.", count) % {"count": count}
                return done(request, text, to=_next(request, reverse("work:tasks")))
    rows = listed(Task.objects.visible_to(request.actor).filter(pk__in=ids)).order_by("due_at", "pk")
    if not rows:
        return redirect("work:tasks")
    context = {"form": form, "tasks": rows[:20], "ids": ids, "next": _next(request, reverse("work:tasks"))}
    return render(request, "work/assignments.html", context, status=status)
