"""A segment says which campaigns ask for it, and is not put away while one still takes people in by it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dianke.marketing.tests.desk import Desk
from dianke.segments import operations as segments
from dianke.segments.models import Segment
from dianke.segments.operations.segments import StillInUse
from dianke.segments.queries.uses import uses_of

RULES = {"all": [{"field": "profile.level", "op": "in", "value": ["银卡"]}]}


def segment_of(desk: Desk, name: str = "银卡客人", by: str = "owner") -> Segment:
    values = {"name": name, "rules": RULES, "is_shared": True}
    return segments.make_segment(values=values, actor=desk.actor(by), now=desk.now)


def told(desk: Desk, segment: Segment, by: str = "owner") -> list[str]:
    return [str(text) for text in uses_of([segment.pk], desk.actor(by)).get(segment.pk, [])]


def put_away(desk: Desk, segment: Segment, by: str = "owner") -> Segment:
    return segments.archive_segment(segment=segment, actor=desk.actor(by), now=desk.now)


@pytest.mark.parametrize("as_whom", ["segment_id", "exclude_segment_ids"])
def test_a_draft_is_named_and_a_scheduled_campaign_keeps_its_segment(desk: Desk, as_whom: str) -> None:
    segment = segment_of(desk)
    asks = {as_whom: segment.pk if as_whom == "segment_id" else [segment.pk]}
    campaign = desk.draft(**asks, starts_at=desk.later(60))
    assert told(desk, segment) == ["营销活动“秋茶上新”（草稿）"]
    desk.submit(campaign)
    assert told(desk, segment) == ["营销活动“秋茶上新”（待开始）"]
    with pytest.raises(StillInUse) as refused:
        put_away(desk, segment)
    assert "秋茶上新" in str(refused.value)
    desk.act("take_back", campaign)
    assert put_away(desk, segment).archived_at == desk.now


def test_a_campaign_that_took_everybody_in_lets_its_segment_go(desk: Desk) -> None:
    segment = segment_of(desk)
    desk.person(level="银卡")
    campaign = desk.scheduled(segment_id=segment.pk, starts_at=desk.now, spread_minutes=60)
    desk.run()
    assert told(desk, segment) == ["营销活动“秋茶上新”（进行中）"]
    assert put_away(desk, segment).archived_at == desk.now
    desk.act("stop", campaign)
    assert told(desk, segment) == []


def test_a_campaign_people_still_join_keeps_its_segment(desk: Desk) -> None:
    segment = segment_of(desk)
    desk.person(level="银卡")
    campaign = desk.scheduled(segment_id=segment.pk, joins_until=desk.now + timedelta(days=2))
    desk.run()
    with pytest.raises(StillInUse):
        put_away(desk, segment)
    desk.act("pause", campaign)
    with pytest.raises(StillInUse):
        put_away(desk, segment)
    desk.act("stop", campaign)
    assert put_away(desk, segment).archived_at == desk.now


def test_campaigns_of_other_stores_hold_a_segment_without_their_name(desk: Desk) -> None:
    segment = segment_of(desk, by="manager")  # of the lake
    desk.scheduled(segment_id=segment.pk, store_ids=[desk.cast.harbour.pk], starts_at=desk.later(60))
    with pytest.raises(StillInUse) as refused:
        put_away(desk, segment, by="manager")
    assert "秋茶上新" not in str(refused.value)
    assert "1 个你看不到的营销活动" in str(refused.value)


def test_the_list_asks_as_often_for_many_as_for_one(desk: Desk, signed_in: Any) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            page = client.get(reverse("segments:segments"))
        assert "秋茶上新" in page.content.decode()
        return len(caught)

    client = signed_in("owner")
    desk.draft(segment_id=segment_of(desk).pk)
    client.get(reverse("segments:segments"))
    once = asked()
    for number in range(3):
        desk.draft(segment_id=segment_of(desk, f"银卡{number}").pk)
    assert asked() == once
    shown = client.get(reverse("segments:segment", args=[Segment.objects.latest("pk").pk]))
    assert "秋茶上新" in shown.content.decode()
