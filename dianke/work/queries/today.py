"""What is mine to do: the groups of the page Today, and how a team is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Value
from django.utils import timezone

from dianke.core.actor import Actor
from dianke.work.models import Approval, Task
from dianke.work.models.tasks import OPEN
from dianke.work.queries.people import colleagues_among, postings_now

SHOWN = 12
#: A group counts no further.
MOST = 100
COMING_DAYS = 7

#: Group, priority, since or until when, and the id.
Picks = QuerySet[Any, tuple[str, int, datetime | None, int]]


@dataclass(frozen=True, slots=True)
class Group:
    """One heading of Today with its first rows; `count` of all goes up to `MOST`."""

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


def _first(code: str, tasks: QuerySet[Task]) -> Picks:
    ordered = tasks.order_by("-priority", F("due_at").asc(nulls_last=True), "pk")
    return ordered.annotate(group=Value(code), at=F("due_at")).values_list("group", "priority", "at", "pk")[
        :MOST
    ]


def _first_approvals(approvals: QuerySet[Approval]) -> Picks:
    ordered = approvals.order_by("requested_at", "pk")
    rows = ordered.annotate(group=Value("approvals"), priority=Value(0), at=F("requested_at"))
    return rows.values_list("group", "priority", "at", "pk")[:MOST]


def today_groups(actor: Actor, now: datetime) -> list[Group]:
    """Overdue, waiting for my decision, due today, to be taken in my stores, coming; without the empty ones. Three
    queries: what belongs into which group, at most `MOST` of each, then the rows that are shown."""
    mine = Task.objects.open().owned_by(actor.user_id).to_do()
    midnight = end_of_day(now)
    coming = midnight + timedelta(days=COMING_DAYS)
    parts = [
        _first("overdue", mine.filter(due_at__lt=now)),
        _first("today", mine.filter(due_at__gte=now, due_at__lt=midnight)),
        _first("unassigned", Task.objects.visible_to(actor).open().unassigned().to_do()),
        _first("coming", mine.filter(Q(due_at__gte=midnight, due_at__lt=coming) | Q(due_at=None))),
    ]
    if actor.can("work.decide_approvals"):
        parts.append(_first_approvals(Approval.objects.decidable_by(actor).pending(now)))
    picked: dict[str, list[int]] = {}
    # A union keeps no order of its parts; there are few enough to sort them here.
    rows = sorted(
        parts[0].union(*parts[1:], all=True), key=lambda row: (-row[1], row[2] is None, row[2], row[3])
    )
    for code, _priority, _at, pk in rows:
        picked.setdefault(code, []).append(pk)
    shown = {code: pks[:SHOWN] for code, pks in picked.items()}
    wanted = {pk for code, pks in shown.items() if code != "approvals" for pk in pks}
    tasks = listed(Task.objects.all()).in_bulk(wanted)
    approvals = Approval.objects.select_related("requested_by", "store").in_bulk(shown.get("approvals", []))
    return [
        Group(
            code,
            tasks=[tasks[pk] for pk in shown[code] if pk in tasks] if code != "approvals" else (),
            approvals=[approvals[pk] for pk in shown[code] if pk in approvals] if code == "approvals" else (),
            count=len(picked[code]),
        )
        for code in ("overdue", "approvals", "today", "unassigned", "coming")
        if code in picked
    ]


@dataclass(frozen=True, slots=True)
class Load:
    """What one colleague has to do."""

    user_id: int
    name: str
    open_count: int
    overdue_count: int
    done_today_count: int


def team_load(actor: Actor, now: datetime) -> list[Load]:
    """The people of the stores where the actor gives out work, the fullest first. At most four queries."""
    reached = actor.stores_for("work.assign_tasks")
    postings = postings_now(now)
    people = {user.pk: str(user) for user in colleagues_among(postings, actor) if user.pk != actor.user_id}
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
    near = {
        posting.staff.user_id
        for posting in postings
        if posting.store_id is not None and (reached is None or posting.store_id in reached)
    }
    loads = [load for load in loads if load.open_count or load.user_id in near]
    return sorted(loads, key=lambda load: (-load.overdue_count, -load.open_count, load.name))
