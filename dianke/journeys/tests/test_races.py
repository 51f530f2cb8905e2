"""On real connections: two workers and a pause at once, and a worker that is killed in the middle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from dianke.core.tests.racing import at_once
from dianke.journeys.models import Passage, Passed
from dianke.journeys.tasks import run_journeys
from dianke.journeys.tests.road import Road, make_road
from dianke.messaging.models import Message

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def road(transactional_db: None, now: Any) -> Road:
    road = make_road(now)
    for _n in range(40):
        road.person(birthday=(1990, 11, 22))
    return road


def run(works: list[Callable[[], Any]]) -> None:
    for result in at_once(*works):
        if isinstance(result, Exception):
            raise result


def test_three_workers_take_every_step_once(road: Road) -> None:
    road.published()
    road.now += timedelta(hours=20)
    run([partial(run_journeys, road.now) for _n in range(3)])
    road.tick()
    assert (Passage.objects.count(), Message.objects.count(), road.sent()) == (40, 40, 40)
    assert Passed.objects.filter(outcome="SENT").count() == 40


def test_a_pause_that_comes_meanwhile_holds_everything(road: Road) -> None:
    journey = road.published()
    road.now += timedelta(hours=20)
    run([partial(run_journeys, road.now), partial(road.act, "pause", journey)])
    road.later(minutes=5)
    assert road.sent() == 0
    assert not Message.objects.filter(state__in=["QUEUED", "HELD"]).exists()
    assert not Passage.objects.filter(handed_at__isnull=False).exists()


def test_killed_between_batches_it_goes_on_where_it_was(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    from dianke.journeys.operations import advancing

    journey = road.published()
    road.now += timedelta(hours=20)
    real, calls = advancing.advance, []

    def dies(**arguments: Any) -> int:
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(1)
        return real(**{**arguments, "most": 7})

    with monkeypatch.context() as patched:
        patched.setattr("dianke.journeys.tasks.advance", dies)
        with pytest.raises(KeyboardInterrupt):
            run_journeys(road.now)
    assert Message.objects.count() == 14
    road.tick()
    assert (road.sent(), journey.passages.filter(state="DONE").count()) == (40, 40)
