"""A segment says which journeys ask for it, and is not put away while people enter or walk one by it."""

from __future__ import annotations

from typing import Any

import pytest

from dianke.journeys.tests.road import Road
from dianke.segments import operations as segments
from dianke.segments.models import Segment
from dianke.segments.operations.segments import StillInUse
from dianke.segments.queries.uses import uses_of

RULES = {"all": [{"field": "profile.level", "op": "in", "value": ["银卡"]}]}


@pytest.fixture
def segment(road: Road) -> Segment:
    values = {"name": "银卡客人", "rules": RULES, "is_shared": True}
    return segments.make_segment(values=values, actor=road.desk.actor("owner"), now=road.now)


def told(road: Road, segment: Segment, by: str = "owner") -> list[str]:
    return [str(text) for text in uses_of([segment.pk], road.desk.actor(by)).get(segment.pk, [])]


def put_away(road: Road, segment: Segment) -> Segment:
    return segments.archive_segment(segment=segment, actor=road.desk.actor("owner"), now=road.now)


def _asks(road: Road, where: str, pk: int) -> dict[str, Any]:
    """A plan that asks about the segment in one of its places."""
    if where == "begin":
        return road.plan(trigger={"kind": "SEGMENT", "segment_id": pk})
    if where == "audience":
        return road.plan(audience_segment_id=pk)
    if where == "exit":
        return road.plan(exits={"segment_id": pk})
    branch = {"key": "in", "kind": "BRANCH", "test": "SEGMENT", "segment_id": pk, "yes": [road.message()]}
    return road.plan(branch)


@pytest.mark.parametrize("where", ["begin", "audience", "exit", "branch"])
def test_a_draft_is_named_and_a_running_journey_keeps_its_segment(
    road: Road, segment: Segment, where: str
) -> None:
    journey = road.draft(_asks(road, where, segment.pk))
    assert told(road, segment) == ["旅程“生日祝福”（草稿）"]
    journey = road.act("publish", journey)
    assert told(road, segment) == ["旅程“生日祝福”（运行中）"]
    with pytest.raises(StillInUse) as refused:
        put_away(road, segment)
    assert "生日祝福" in str(refused.value)
    road.act("stop", journey)
    assert told(road, segment) == []
    assert put_away(road, segment).archived_at == road.now


def test_a_segment_stays_until_the_last_has_left_the_version_that_asks_for_it(
    road: Road, segment: Segment
) -> None:
    steps = [{"key": "wait", "kind": "WAIT", "days": 2}, road.message()]
    person = road.person(birthday=(1990, 11, 22), level="银卡")
    journey = road.published(road.plan(*steps, audience_segment_id=segment.pk))
    road.pass_hours(24)
    assert journey.passages.going().filter(customer=person).exists()
    journey = road.act("publish", road.change(journey, road.plan(*steps)))
    with pytest.raises(StillInUse):
        put_away(road, segment)
    road.pass_hours(48)
    assert put_away(road, segment).archived_at == road.now


def test_journeys_of_other_stores_are_a_number_only(road: Road, segment: Segment) -> None:
    road.published(road.plan(audience_segment_id=segment.pk), store_ids=[road.desk.cast.harbour.pk])
    assert told(road, segment, by="manager") == ["1 个你看不到的旅程"]
