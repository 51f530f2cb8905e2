"""Recurring tasks: each occurrence becomes a task once, whatever runs how often."""

from __future__ import annotations

import threading
from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from dianke.stores.models import Merchant
from dianke.work import operations
from dianke.work.models import RecurringTask, Task
from dianke.work.operations.recurring import EndsBeforeStart, RecurringNotFound
from dianke.work.operations.tasks import OwnerUnsuitable, StoreOutOfReach
from dianke.work.rules.recurrence import WeekdaysMissing
from dianke.work.tasks import make_due_occurrences
from dianke.work.tests.conftest import make_cast


def pattern(cast, now, *, by="chen", **more):
    values = {
        "title": "开店检查",
        "frequency": "DAILY",
        "due_time": time(9, 30),
        "starts_on": date(2026, 11, 21),
        "store": cast.stores["jingan"],
        "kind": "other",
        **more,
    }
    return operations.create_recurring_task(values=values, actor=cast.actor(by), now=now)


def made():
    return sorted(str(day) for day in Task.objects.values_list("occurrence_date", flat=True))


def test_each_day_brings_its_task_once(cast, now):
    pattern(cast, now, checklist=["灯", "备用金"], owner=cast.users["li"])
    for hours in (0, 1, 5, 24, 25, 48):
        make_due_occurrences(now + timedelta(hours=hours))
    assert made() == ["2026-11-21", "2026-11-22", "2026-11-23"]
    task = Task.objects.get(occurrence_date="2026-11-22")
    assert task.due_at.isoformat() == "2026-11-22T01:30:00+00:00"  # half past nine in Shanghai
    assert task.owner == cast.users["li"]
    assert list(task.checklist.values_list("text", flat=True)) == ["灯", "备用金"]


def test_a_task_of_no_store_is_due_by_the_merchants_clock(cast, now):
    Merchant.objects.update(time_zone="Asia/Tokyo")
    pattern(cast, now, by="wang", store=None)
    make_due_occurrences(now)
    assert Task.objects.get().due_at.isoformat() == "2026-11-21T00:30:00+00:00"  # half past nine in Tokyo


def test_a_lunar_day_brings_its_task_ahead_of_the_day(cast, now):
    pattern(cast, now, frequency="LUNAR_YEARLY", month=8, day=15, lead_days=20, starts_on=date(2026, 1, 1))
    mid_autumn = now.replace(year=2027, month=9, day=15)
    make_due_occurrences(mid_autumn - timedelta(days=21))
    assert made() == []
    for days in (20, 19, 1, 0, -1):
        make_due_occurrences(mid_autumn - timedelta(days=days))
    assert made() == ["2027-09-15"]
    make_due_occurrences(now.replace(year=2028, month=9, day=20))
    assert made() == ["2027-09-15", "2028-10-03"]


def test_the_database_refuses_an_occurrence_twice(cast, now):
    row = pattern(cast, now)
    make_due_occurrences(now)
    with pytest.raises(IntegrityError, match="work_task_occurrence_once"), transaction.atomic():
        Task.objects.create(title="x", recurring=row, occurrence_date=date(2026, 11, 21), created_at=now)


def test_a_pause_is_not_made_up_for(cast, now):
    row = pattern(cast, now)
    make_due_occurrences(now)
    operations.pause_recurring_task(recurring=row, actor=cast.actor("chen"), now=now)
    make_due_occurrences(now + timedelta(days=3))
    assert made() == ["2026-11-21"]
    later = now + timedelta(days=5)
    operations.resume_recurring_task(recurring=row, actor=cast.actor("chen"), now=later)
    make_due_occurrences(later)
    assert made() == ["2026-11-21", "2026-11-26"]


def test_after_a_change_the_new_pattern_holds_and_made_tasks_stay(cast, now):
    row = pattern(cast, now, lead_days=2)
    make_due_occurrences(now)
    operations.change_recurring_task(
        recurring=row,
        values={"frequency": "WEEKLY", "weekdays": [4], "lead_days": 7},
        actor=cast.actor("chen"),
        now=now,
    )
    make_due_occurrences(now)
    assert made() == ["2026-11-21", "2026-11-22", "2026-11-23", "2026-11-27"]


def test_without_owner_the_rules_choose(cast, now):
    operations.create_rule(
        values={"name": "静安按手头", "store": cast.stores["jingan"], "strategy": "LEAST_LOAD"},
        actor=cast.actor("chen"),
        now=now,
    )
    cast.task("已有一件", owner="li")
    cast.task("已有一件", owner="chen")
    pattern(cast, now)
    make_due_occurrences(now)
    task = Task.objects.get(occurrence_date="2026-11-21")
    assert task.owner == cast.users["zhou"]
    assert [reason["code"] for reason in task.assigned_why] == ["rule", "store", "fewest"]


def test_who_left_gets_no_more_tasks(cast, now):
    pattern(cast, now, owner=cast.users["li"])
    cast.users["li"].is_active = False
    cast.users["li"].save()
    make_due_occurrences(now)
    assert Task.objects.get().owner is None


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"frequency": "WEEKLY"}, WeekdaysMissing),
        ({"ends_on": date(2026, 11, 20)}, EndsBeforeStart),
        ({"store": "xuhui"}, StoreOutOfReach),
        ({"store": None}, StoreOutOfReach),
        ({"owner": "gone"}, OwnerUnsuitable),
    ],
)
def test_what_cannot_be_a_pattern_is_refused(cast, now, change, error):
    if change.get("store") == "xuhui":
        change = {"store": cast.stores["xuhui"]}
    if change.get("owner") == "gone":
        cast.users["li"].is_active = False
        cast.users["li"].save()
        change = {"owner": cast.users["li"]}
    with pytest.raises(error):
        pattern(cast, now, **change)
    assert not RecurringTask.objects.exists()


def test_patterns_are_of_the_stores_one_leads(cast, now):
    here, everywhere = pattern(cast, now), pattern(cast, now, by="wang", store=None)
    seen = {
        name: set(RecurringTask.objects.visible_to(cast.actor(name)))
        for name in ("wang", "chen", "zhao", "li")
    }
    assert seen == {"wang": {here, everywhere}, "chen": {here}, "zhao": set(), "li": set()}
    with pytest.raises(RecurringNotFound):
        operations.pause_recurring_task(recurring=here, actor=cast.actor("zhao"), now=now)


def test_two_machines_at_once_make_each_task_once(transactional_db, now, system):
    cast = make_cast(now)
    row = pattern(cast, now, lead_days=10)
    errors = []

    def run():
        try:
            operations.make_occurrences(recurring=row, actor=system, now=now)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert len(made()) == len(set(made())) == 11
