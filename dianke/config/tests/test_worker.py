"""Jobs of the clock: by the shops' hours, and made up for where the computer was off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.periodic import PeriodicDeferrer

from dianke.config.worker import make_up_for_missed

HERE = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 11, 24, 9, 55, 30, tzinfo=HERE)


@pytest.fixture(autouse=True)
def left_as_it_was() -> Iterator[None]:
    tasks = app.periodic_registry.periodic_tasks
    yield
    app.periodic_registry.periodic_tasks = tasks
    app.periodic_defaults.clear()


def due(at: datetime) -> list[tuple[str, datetime]]:
    """Jobs a worker that starts at `at` defers, with the times they were due."""
    deferrer = PeriodicDeferrer(app.periodic_registry, **app.periodic_defaults)
    found = deferrer.get_previous_tasks(at.timestamp())
    return [(task.task.name, datetime.fromtimestamp(when, HERE)) for task, when in found]


def test_what_is_done_once_a_day_is_done_before_the_shops_open():
    hours = {}
    for task in app.periodic_registry.periodic_tasks.values():
        if re.fullmatch(r"\d+ \d+ \* \* \*", task.cron):
            hours[task.task.name] = datetime.fromtimestamp(task.croniter.get_next(ret_type=float), HERE)
    assert (hours["sales.verify"].hour, hours["sales.verify"].minute) == (3, 15)
    assert [name for name, at in hours.items() if at.hour >= 10] == []


@pytest.mark.django_db
def test_what_fell_into_the_night_is_made_up_for_in_its_order():
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp) VALUES ('sales.verify', 1)"
        )
    make_up_for_missed(MORNING.timestamp())
    found = due(MORNING)
    assert len(found) == len(app.periodic_registry.periodic_tasks)
    times = [when for _name, when in found]
    assert times == sorted(times)
    assert times[0] > MORNING - timedelta(days=1)
    assert dict(found)["sales.verify"] == MORNING.replace(hour=3, minute=15, second=0)


@pytest.mark.django_db
def test_a_new_database_has_missed_nothing():
    make_up_for_missed(MORNING.timestamp())
    found = dict(due(MORNING))
    assert "sales.verify" not in found
    assert found
