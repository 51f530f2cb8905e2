"""The dashboard of customers says what campaigns are under way and what the last ones brought."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from dianke.marketing.tests.desk import Desk

BLOCKS = "/insight/boards/past/?board=customers"


def rows(client: Any) -> list[dict[str, Any]] | None:
    blocks = {block.code: content for block, content in client.get(BLOCKS).context["blocks"]}
    return blocks["marketing.campaigns"]["rows"] if "marketing.campaigns" in blocks else None


def test_before_the_first_campaign_the_board_leads_to_one(desk: Desk, signed_in: Any) -> None:
    desk.draft()
    owner = signed_in("owner")
    assert rows(owner) == []
    assert 'href="/campaigns/new/"' in owner.get(BLOCKS).content.decode()


def test_campaigns_under_way_come_before_those_that_ended(desk: Desk, signed_in: Any) -> None:
    desk.people(3)
    ended = desk.scheduled(name="夏日", is_once=False)
    desk.run()
    desk.send()
    desk.act("stop", ended)
    running = desk.scheduled(name="秋茶", is_once=False, spread_minutes=600)
    desk.run(minutes=1)
    owner = signed_in("owner")
    found = rows(owner)
    assert [
        (row["campaign"], row["treated"].reached, row["treated"].came, row["sales"]) for row in found
    ] == [
        (running, 0, 0, "¥0.00"),
        (ended, 3, 0, "¥0.00"),
    ]
    assert all("没有可对比的对照组" in row["finding"] for row in found)
    page = owner.get(BLOCKS).content.decode()
    assert f'href="/campaigns/{ended.pk}/"' in page
    assert "投入产出（ROI）" in page
    desk.cast.hire("mark", "马可", "MARKETER")
    assert "投入产出（ROI）" not in signed_in("mark").get(BLOCKS).content.decode()


def test_too_few_people_are_called_too_few(desk: Desk, signed_in: Any) -> None:
    desk.people(12)
    desk.scheduled(control_bp=5000)
    desk.run()
    [row] = rows(signed_in("owner"))
    assert "人数太少" in row["finding"]


def test_campaigns_of_other_stores_stay_there_and_who_may_not_see_any_sees_no_block(
    desk: Desk, signed_in: Any
) -> None:
    desk.people(2)
    desk.scheduled(store_ids=[desk.cast.lake.pk])
    desk.run()
    desk.cast.hire("far", "远山", "STORE_MANAGER", store=desk.cast.harbour)
    assert len(rows(signed_in("manager"))) == 1
    assert rows(signed_in("far")) == []


def test_the_board_asks_as_often_for_many_campaigns_as_for_one(desk: Desk, signed_in: Any) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            owner.get(BLOCKS)
        return len(caught)

    owner = signed_in("owner")
    desk.people(2)
    desk.scheduled(is_once=False)
    desk.run()
    owner.get(BLOCKS)
    once = asked()
    for _n in range(3):
        desk.scheduled(is_once=False)
        desk.run()
    assert asked() == once
