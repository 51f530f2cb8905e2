"""What is mine to do: the groups of the page Today, and how a team is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from dianke.core.actor import Actor
from dianke.work.models import Approval, Task
from dianke.work.models.tasks import OPEN
from dianke.work.queries.people import colleagues, store_people

SHOWN = 12
COMING_DAYS = 7


@dataclass(frozen=True, slots=True)
class Group:
    """One heading of Today with its first rows; `count` of all is capped at 100."""

    code: str
    tasks: Sequence[Task] = ()
    approvals: Sequence[Approval] = ()
    count: int = 0

    @property
    def more_count(self) -> int:
        return max(0, self.count - len(self.tasks) - len(self.approvals))


def end_of_day(now: datetime) -> datetime:
    """The local midnight after `now`."""
    local = timezone.localtime(now)
    return local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def listed(tasks: QuerySet[Task]) -> QuerySet[Task]:
    """With what a line of a list shows, and progress of the checklist, without a query per row."""
    return tasks.select_related("owner", "store").annotate(
        line_count=Count("checklist", distinct=True),
        done_count=Count("checklist", filter=Q(checklist__done_at__isnull=False), distinct=True),
        comment_count=Count("comments", distinct=True),
    )


def _group(code: str, tasks: QuerySet[Task]) -> Group:
    ordered = tasks.order_by("-priority", F("due_at").asc(nulls_last=True), "pk")
    rows = list(listed(ordered)[: SHOWN + 1])
    count = len(rows) if len(rows) <= SHOWN else tasks.order_by()[:100].count()
    return Group(code, rows[:SHOWN], count=count)


def today_groups(actor: Actor, now: datetime) -> list[Group]:
    """Overdue, due today, waiting for my decision, to be taken in my stores, coming; without the empty ones."""
    mine = Task.objects.open().owned_by(actor.user_id).to_do()
    midnight = end_of_day(now)
    coming = midnight + timedelta(days=COMING_DAYS)
    waiting = (
        Approval.objects.decidable_by(actor).pending(now) if actor.can("work.decide_approvals") else None
    )
    groups = [_group("overdue", mine.filter(due_at__lt=now))]
    if waiting is not None:
        rows = list(
            waiting.select_related("requested_by", "store").order_by("requested_at", "pk")[: SHOWN + 1]
        )
        count = len(rows) if len(rows) <= SHOWN else waiting.order_by()[:100].count()
        groups.append(Group("approvals", approvals=rows[:SHOWN], count=count))
    groups += [
        _group("today", mine.filter(due_at__gte=now, due_at__lt=midnight)),
        _group("unassigned", Task.objects.visible_to(actor).open().unassigned().to_do()),
        _group("coming", mine.filter(Q(due_at__gte=midnight, due_at__lt=coming) | Q(due_at=None))),
    ]
    return [group for group in groups if group.count]


@dataclass(frozen=True, slots=True)
class Load:
    """What one colleague has to do."""

    user_id: int
    name: str
    open_count: int
    overdue_count: int
    done_today_count: int


def team_load(actor: Actor, now: datetime) -> list[Load]:
    """The people of the stores where the actor gives out work, the fullest first. Six queries."""
    reached = actor.stores_for("work.assign_tasks")
    people = {user.pk: str(user) for user in colleagues(actor, now=now) if user.pk != actor.user_id}
    morning = end_of_day(now) - timedelta(days=1)
    tasks = Task.objects.filter(owner_id__in=people).to_do()
    if reached is not None:
        tasks = tasks.filter(store_id__in=reached)
    rows = (
        tasks.filter(OPEN | Q(completed_at__gte=morning))
        .values("owner_id")
        .annotate(
            open=Count("pk", filter=OPEN),
            overdue=Count("pk", filter=OPEN & Q(due_at__lt=now)),
            done=Count("pk", filter=Q(completed_at__gte=morning)),
        )
    )
    found = {row["owner_id"]: (row["open"], row["overdue"], row["done"]) for row in rows}
    loads = [Load(pk, name, *found.get(pk, (0, 0, 0))) for pk, name in people.items()]
    # Whoever leads the whole merchant is a colleague too, but no news while nothing is theirs.
    near = set(store_people(reached, now=now))
    loads = [load for load in loads if load.open_count or load.user_id in near]
    return sorted(loads, key=lambda load: (-load.overdue_count, -load.open_count, load.name))
