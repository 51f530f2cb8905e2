"""What stands in the frame: pages and commands, Today, search, the bell; and what a leaver holds."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dianke.core import custom_fields
from dianke.core.actor import Actor
from dianke.core.custom_fields import CustomModel
from dianke.stores import handover
from dianke.web import navigation, search, shell, today
from dianke.web.navigation import Page, Place
from dianke.web.search import Hit, SearchProvider
from dianke.web.shell import Bell
from dianke.web.today import Section, SectionContent
from dianke.work.registry import task_kind


def _pages() -> tuple[Page, ...]:
    return (
        Page(
            "work.tasks",
            _("Tasks"),
            "work:tasks",
            Place.TODAY,
            "work.view_tasks",
            "checklist",
            20,
            phone=20,
            words=_("follow-up to do"),
        ),
        Page(
            "work.approvals",
            _("Approvals"),
            "work:approvals",
            Place.TODAY,
            "work.view_tasks",
            "shield-check",
            30,
        ),
        Page(
            "work.recurring",
            _("Recurring tasks"),
            "work:recurring",
            Place.TODAY,
            "work.manage_rules",
            "refresh",
            40,
        ),
        Page("work.team", _("Team load"), "work:team", Place.TODAY, "work.assign_tasks", "users", 50),
        Page(
            "work.new_task",
            _("New task"),
            "work:task-new",
            Place.TODAY,
            "work.manage_own_tasks",
            "plus",
            is_command=True,
            words=_("to do reminder"),
        ),
        Page(
            "work.rules",
            _("Assignment rules"),
            "work:rules",
            Place.SETTINGS,
            "work.manage_rules",
            "adjustments",
            60,
        ),
        Page("work.skills", _("Skills"), "work:skills", Place.TEAM, "work.manage_rules", "star", 60),
        Page(
            "work.policies",
            _("Approval policies"),
            "work:policies",
            Place.SETTINGS,
            "config.manage_settings",
            "shield-check",
            62,
            words=_("second person four eyes limits"),
        ),
        Page(
            "work.custom_fields",
            _("Custom fields"),
            "work:fields",
            Place.SETTINGS,
            "work.manage_custom_fields",
            "list",
            64,
        ),
        Page(
            "work.notices",
            _("My notices"),
            "work:notice-settings",
            Place.SETTINGS,
            "web.use_pages",
            "bell",
            90,
        ),
    )


#: Finished tasks that the search of the frame looks through, the latest first; the list of tasks looks through all.
FINISHED_SEARCHED = 1000


def find_tasks(actor: Actor, query: str, limit: int) -> list[Hit]:
    """Open tasks first, by words of the title and of custom fields that are searched. Three queries at most; they cost
    what there is to do, not what was ever done."""
    from django.db.models import Q

    from dianke.work.models import Task

    keys = [spec.key for spec in custom_fields.specs_for("work.task") if spec.in_search]
    wanted = Q()
    for word in query.split():
        condition = Q(title__icontains=word)
        for key in keys:
            condition |= Q(**{f"custom__{key}__icontains": word})
        wanted &= condition
    visible = Task.objects.visible_to(actor).to_do()
    rows = visible.select_related("owner", "store").filter(wanted)
    found = list(rows.open().order_by("due_at", "-pk")[:limit])
    if len(found) < limit:
        latest = visible.closed().order_by("-due_at", "-pk").values("pk")[:FINISHED_SEARCHED]
        found += rows.filter(pk__in=latest).order_by("-due_at", "-pk")[: limit - len(found)]
    return [
        Hit(
            task.title,
            reverse("work:task", args=[task.pk]),
            icon=task_kind(task.kind).icon,
            note=" · ".join(str(part) for part in (task.owner or _("not taken yet"), task.store) if part),
            kind=task_kind(task.kind).label if task.is_open else _("Done"),
        )
        for task in found
    ]


def today_section(actor: Actor, now: datetime) -> SectionContent:
    """The tasks and approvals of Today; stands also when it is empty, because that is an answer."""
    from dianke.work.queries.today import today_groups

    return SectionContent("work/today.html", {"groups": today_groups(actor, now), "actor": actor})


def team_section(actor: Actor, now: datetime) -> SectionContent | None:
    """How the people are loaded whom the actor gives work."""
    from dianke.work.queries.today import team_load

    loads = team_load(actor, now)
    if not loads:
        return None
    most = max(load.open_count for load in loads) or 1
    return SectionContent(
        "work/team_section.html", {"loads": loads[:10], "most": most, "more_count": len(loads) - 10}
    )


def bell_of(actor: Actor) -> Bell | None:
    """Unread notices, counted up to 100."""
    from dianke.work.models import Notification

    if actor.user_id is None:
        return None
    count = Notification.objects.visible_to(actor).unread().order_by()[:100].count()
    return Bell(count, reverse("work:notices"))


def _held(user_id: int) -> int:
    from dianke.work.models import RecurringTask, Task

    return (
        Task.objects.open().owned_by(user_id).count() + RecurringTask.objects.filter(owner_id=user_id).count()
    )


def _hand_over(from_user_id: int, to_user_id: int, actor: Actor, now: datetime) -> int:
    from dianke.work.operations import hand_over_tasks

    return hand_over_tasks(from_user_id=from_user_id, to_user_id=to_user_id, actor=actor.as_system(), now=now)


def register() -> None:
    """Everything, once."""
    from dianke.work.queries.custom_fields import specs_of
    from dianke.work.views import lists  # noqa: F401  the worker exports lists and imports no addresses

    for page in _pages():
        navigation.register(page)
    search.register(
        SearchProvider(
            "work.tasks",
            _("Tasks"),
            "work.view_tasks",
            find_tasks,
            order=40,
            more=lambda query: f"{reverse('work:tasks')}?q={query}",
        )
    )
    today.register(Section("work.today", "work.view_tasks", today_section, order=10))
    today.register(Section("work.team", "work.assign_tasks", team_section, order=40, is_side=True))
    shell.provide_bell(bell_of)
    handover.register(handover.Holding("work.tasks", _("open tasks"), _held, _hand_over))
    custom_fields.register_model(CustomModel("work.task", _("Tasks"), "checklist"))
    custom_fields.provide_specs(specs_of)
