"""Today: what belongs into which group, in which order, and that it costs three queries however much there is."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from dianke.access.queries import actor_for
from dianke.core.actor import SYSTEM
from dianke.web import search
from dianke.work.operations import complete_task, create_task
from dianke.work.providers.frame import find_tasks
from dianke.work.queries.people import colleagues
from dianke.work.queries.today import MOST, SHOWN, team_load, today_groups


def make(cast, title, days, *, owner="li", **values):
    return create_task(
        title=title,
        owner=cast.users[owner] if owner else None,
        store=cast.stores["jingan"],
        due_at=None if days is None else cast.now + timedelta(days=days),
        actor=SYSTEM,
        now=cast.now,
        **values,
    )


def groups_of(cast, who="li"):
    return {group.code: group for group in today_groups(actor_for(cast.users[who], now=cast.now), cast.now)}


def test_tasks_stand_in_the_group_of_their_day_the_urgent_first(cast):
    make(cast, "旧", -2)
    make(cast, "急", -1, priority=4)
    make(cast, "今天", 0.1)
    make(cast, "明天", 1)
    make(cast, "不急", None)
    make(cast, "很久以后", 30)
    make(cast, "没人", 1, owner=None)
    found = groups_of(cast)
    assert {code: [task.title for task in group.tasks] for code, group in found.items()} == {
        "overdue": ["急", "旧"],
        "today": ["今天"],
        "unassigned": ["没人"],
        "coming": ["明天", "不急"],
    }
    assert list(found) == ["overdue", "today", "unassigned", "coming"]


def test_a_group_shows_the_first_and_counts_to_a_hundred(cast):
    for number in range(SHOWN + 3):
        make(cast, f"事{number}", -1 - number)
    group = groups_of(cast)["overdue"]
    assert (group.tasks[0].title, len(group.tasks), group.count, group.more_count) == (
        f"事{SHOWN + 2}", SHOWN, SHOWN + 3, 3,
    )  # fmt: skip
    for number in range(MOST):
        make(cast, f"又{number}", -1)
    assert groups_of(cast)["overdue"].count == MOST


def test_the_groups_cost_the_same_however_much_there_is(cast):
    actor = actor_for(cast.users["li"], now=cast.now)

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            today_groups(actor, cast.now)
        return len(counted)

    assert queries() == 1
    make(cast, "一", -1)
    assert queries() == 2
    for number in range(2 * SHOWN):
        for days in (-1, 0.1, 1):
            make(cast, f"多{number}", days)
    assert queries() == 2


def test_the_team_is_read_once_for_people_and_once_for_their_tasks(cast):
    make(cast, "旧", -2)
    leader = actor_for(cast.users["chen"], now=cast.now)
    with CaptureQueriesContext(connection) as counted:
        loads = team_load(leader, cast.now)
    assert {load.user_id for load in loads} <= {user.pk for user in colleagues(leader, now=cast.now)}
    assert [(load.name, load.open_count, load.overdue_count) for load in loads if load.open_count] == [
        (str(cast.users["li"]), 1, 1)
    ]
    assert len(counted) <= 4


def test_search_finds_open_tasks_before_finished_ones(cast):
    done = make(cast, "回访张女士", -3)
    complete_task(task=done, actor=SYSTEM, now=cast.now)
    make(cast, "回访李女士", 1)
    actor = actor_for(cast.users["li"], now=cast.now)
    assert [hit.label for hit in find_tasks(actor, "回访", search.LIMIT)] == ["回访李女士", "回访张女士"]
    assert [hit.label for hit in find_tasks(actor, "回访", 1)] == ["回访李女士"]
