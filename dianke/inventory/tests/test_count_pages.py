"""Stocktakes on their pages: blind ones tell nothing, what the phone sends twice counts once, steps ask first."""

from __future__ import annotations

import json
import re

import pytest
from django.urls import reverse

from dianke.catalog.models import Barcode
from dianke.inventory.models import CountEntry, CountLine, CountSession
from dianke.inventory.tests.floor_staff import Hire, hiring
from dianke.inventory.tests.shop import D, Shop
from dianke.web.exporting import file_of
from dianke.web.models import Export

pytestmark = pytest.mark.django_db


@pytest.fixture
def hire(shop: Shop, now) -> Hire:
    return hiring(shop, now)


def url(name: str, *args: object) -> str:
    return reverse(f"inventory:{name}", args=args)


def text_of(answer) -> str:
    return answer.content.decode()


def opened(client, shop: Shop, **more) -> CountSession:
    answer = client.post(
        url("count-new"), {"where": f"s{shop.lake.pk}", "name": "月盘", "is_blind": "on"} | more
    )
    assert answer.status_code == 303, text_of(answer)
    return CountSession.objects.latest("pk")


def send(client, session: CountSession, *entries: dict, **more):
    body = {"entries": list(entries)} | more
    return client.post(url("count-entries", session.pk), json.dumps(body), content_type="application/json")


def entry(key: str, **more) -> dict:
    return {"key": key, "quantity": "1"} | more


@pytest.fixture
def stocked(shop: Shop) -> Shop:
    shop.receive(shop.scarf, 37, 20)
    Barcode.objects.create(variant=shop.scarf, value="6901234567892", kind="EAN13")
    return shop


# --- blind -----------------------------------------------------------------------------------------------------------
def test_a_blind_stocktake_never_tells_what_should_be_there(stocked: Shop, hire: Hire):
    shop = stocked
    shop.receive(shop.scarf, 7351, 5)  # 7388 then: a number that no id, day or token of a page has by chance
    lin, manager = hire("lin", "CLERK", shop.lake), hire("manager", "STORE_MANAGER", shop.lake)
    ring = shop.piece("ZJ-0777")
    shop.receive(shop.ring, 1, 3000, piece_id=ring.pk)
    session = opened(lin, shop)
    send(lin, session, entry("a", code="6901234567892", quantity="2"))
    pages = [url("count", session.pk), url("count-enter", session.pk), url("count-sheet", session.pk)]
    pages += [
        f"{url('count', session.pk)}?show={shown}"
        for shown in ("all", "open", "differences", "decide", "again")
    ]
    line = CountLine.objects.get(session=session, variant=shop.scarf)
    pages.append(f"{url('count-enter', session.pk)}?line={line.pk}")
    for who in (lin, manager):
        for address in pages:
            page = text_of(who.get(address))
            assert not re.search(r"7,?388", page), address
            assert "ZJ-0777" not in page, address
    answer = send(lin, session, entry("b", code="6901234567892")).json()
    assert "7388" not in json.dumps(answer["taken"])
    lin.post(url("count-submit", session.pk), {"uncounted": "keep"})
    assert CountSession.objects.get(pk=session.pk).state == "RECOUNTING"
    # Nothing is counted any more: who approves sees it, who counts does not.
    manager.post(url("count-submit", session.pk), {"uncounted": "keep", "without_recount": "on"})
    assert CountSession.objects.get(pk=session.pk).state == "SUBMITTED"
    assert re.search(r"-7,?385", text_of(manager.get(url("count", session.pk))))
    assert not re.search(r"7,?385", text_of(lin.get(f"{url('count', session.pk)}?show=differences")))
    assert text_of(lin.get(url("count-lines"))).count('class="is-main"') == 0
    assert text_of(manager.get(url("count-lines"), {"sign": "any"})).count('class="is-main"') == 1


def test_an_open_stocktake_shows_what_should_be_there(stocked: Shop, hire: Hire):
    lin = hire("lin", "CLERK", stocked.lake)
    session = opened(lin, stocked, is_blind="")
    assert re.search(r"(?<!\d)37(?!\d)", text_of(lin.get(url("count", session.pk))))


# --- entries ---------------------------------------------------------------------------------------------------------
def test_the_same_entry_sent_again_changes_nothing(stocked: Shop, hire: Hire):
    lin = hire("lin", "CLERK", stocked.lake)
    session = opened(lin, stocked)
    first = send(lin, session, entry("a", code="6901234567892"), entry("b", code="WJ1")).json()
    assert {key: row["entered"] for key, row in first["taken"].items()} == {"a": "2", "b": "2"}
    again = send(
        lin, session, entry("a", code="6901234567892"), entry("b", code="WJ1"), entry("c", code="WJ1")
    ).json()
    assert {key: row["entered"] for key, row in again["taken"].items()} == {"a": "3", "b": "3", "c": "3"}
    assert CountEntry.objects.filter(session=session).count() == 3
    assert again["progress"] == {"lines": 1, "counted": 1, "again": 0}


def test_what_cannot_be_taken_says_why_and_what_could_be_meant(stocked: Shop, hire: Hire):
    shop = stocked
    lin = hire("lin", "CLERK", shop.lake)
    shop.receive(shop.cream, 5, 10, batch_code="B1")
    session = opened(lin, shop)
    answer = send(
        lin, session,
        entry("no", code="4006381333931"), entry("words", code="围巾"), entry("batch", code="MS1"),
        entry("piece", code="ZJ1"), entry("service", code="HL1"), entry("ok", code="WJ1"),
    ).json()  # fmt: skip
    assert set(answer["taken"]) == {"ok"}
    refused = answer["refused"]
    assert {key: row["code"] for key, row in refused.items()} == {
        "no": "UNKNOWN_GOODS", "words": "UNKNOWN_GOODS", "batch": "BATCH_MISSING", "piece": "PIECE_MISSING",
        "service": "UNKNOWN_GOODS",
    }  # fmt: skip
    assert refused["no"]["choices"] == []
    assert [one["variant_id"] for one in refused["words"]["choices"]] == [shop.scarf.pk]
    assert [one["batch_id"] for one in refused["batch"]["choices"]] == [shop.batch("B1").pk]
    assert all(row["text"] for row in refused.values())


@pytest.mark.parametrize(
    "body", ["", "[]", '{"entries": []}', '{"entries": [{"key": "a", "quantity": "viel"}]}']
)
def test_what_is_no_list_of_entries_is_refused_with_a_sentence(stocked: Shop, hire: Hire, body: str):
    lin = hire("lin", "CLERK", stocked.lake)
    session = opened(lin, stocked)
    answer = lin.post(url("count-entries", session.pk), body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["problem"]


def test_a_phone_that_is_late_learns_that_the_stocktake_is_closed(stocked: Shop, hire: Hire):
    lin = hire("lin", "CLERK", stocked.lake)
    session = opened(lin, stocked)
    lin.post(url("count-cancel", session.pk), {"sure": "1"})
    answer = send(lin, session, entry("a", code="WJ1"))
    assert answer.status_code == 409
    assert answer.json()["problem"]
    assert lin.get(url("count-enter", session.pk))["Location"] == url("count", session.pk)


# --- the steps -------------------------------------------------------------------------------------------------------
def test_somebody_else_counts_again_and_who_approves_posts(stocked: Shop, hire: Hire):
    shop = stocked
    lin, zhao = hire("lin", "CLERK", shop.lake), hire("zhao", "CLERK", shop.lake)
    manager = hire("manager", "STORE_MANAGER", shop.lake)
    session = opened(lin, shop)
    send(lin, session, entry("a", code="WJ1", quantity="35", is_total=True))
    assert lin.post(url("count-submit", session.pk), {"uncounted": "keep"}).status_code == 303
    (row,) = lin.get(url("count-enter", session.pk)).context["again"]
    assert row["is_mine"]
    (row,) = zhao.get(url("count-enter", session.pk)).context["again"]
    assert not row["is_mine"]
    assert send(lin, session, entry("b", code="WJ1")).json()["refused"]["b"]["code"] == "ANOTHER_PERSON"
    send(zhao, session, entry("c", code="WJ1", quantity="35", is_total=True))
    zhao.post(url("count-submit", session.pk), {"x": "1"})
    assert zhao.post(url("count-post", session.pk), {"x": "1"}).status_code == 403
    page = text_of(manager.get(url("count", session.pk)))
    assert url("count-post", session.pk) in page
    assert "-2" in page
    assert "¥" not in page  # a manager of a store sees no costs
    assert manager.get(url("count-post", session.pk)).status_code == 200
    shop.assert_on_hand(shop.scarf, 37)
    assert manager.post(url("count-post", session.pk), {"x": "1"}).status_code == 303
    shop.assert_on_hand(shop.scarf, 35)


def test_values_of_differences_are_shown_to_who_may_see_costs(stocked: Shop, hire: Hire):
    owner = hire("boss", "OWNER", None)
    session = opened(owner, stocked)
    send(owner, session, entry("a", code="WJ1", quantity="35", is_total=True))
    owner.post(url("count-submit", session.pk), {"uncounted": "keep", "without_recount": "on"})
    assert "-¥40.00" in text_of(owner.get(url("count", session.pk)))


def test_the_differences_are_exported_with_their_reasons(stocked: Shop, hire: Hire):
    manager = hire("manager", "STORE_MANAGER", stocked.lake)
    session = opened(manager, stocked)
    send(manager, session, entry("a", code="WJ1", quantity="35", is_total=True))
    manager.post(url("count-submit", session.pk), {"uncounted": "keep", "without_recount": "on"})
    answer = manager.post(
        reverse("list-export", args=["inventory.count_lines"]),
        {"query": f"session={session.pk}&sign=any", "format": "csv"},
    )
    assert answer.status_code == 302
    rows = file_of(Export.objects.get()).read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 2
    assert "-2" in rows[1]


def test_a_form_that_is_wrong_is_answered_with_422(stocked: Shop, hire: Hire):
    lin = hire("lin", "CLERK", stocked.lake)
    assert lin.post(url("count-new"), {"where": "", "name": "x"}).status_code == 422
    wrong = lin.post(url("count-new"), {"where": f"s{stocked.road.pk}", "name": "x"})
    assert wrong.status_code == 422
    session = opened(lin, stocked)
    nothing = lin.post(url("count-submit", session.pk), {"uncounted": "keep"})
    assert nothing.status_code == 422
    assert CountSession.objects.get(pk=session.pk).state == "COUNTING"


def test_one_place_and_one_category_are_counted_alone(stocked: Shop, hire: Hire):
    shop = stocked
    lin = hire("lin", "CLERK", shop.lake)
    session = opened(
        lin, shop, where=f"p{shop.warehouse.pk}", category=shop.category.pk, tolerance_percent="2.5"
    )
    assert (session.place_id, session.category_id, session.tolerance_bp) == (
        shop.warehouse.pk,
        shop.category.pk,
        250,
    )
    assert session.tolerance_quantity == D(0)


@pytest.mark.parametrize(("uncounted", "verdict", "left"), [("keep", "UNCOUNTED", 6), ("zero", "RECOUNT", 6)])
def test_what_was_scanned_by_mistake_and_taken_back_was_not_seen(
    stocked: Shop, hire: Hire, uncounted: str, verdict: str, left: int
):
    shop = stocked
    mug = shop.more("马克杯")
    shop.receive(mug, 6, 5)
    manager = hire("manager", "STORE_MANAGER", shop.lake)
    session = opened(manager, shop)
    send(manager, session, entry("a", code="WJ1", quantity="37", is_total=True))
    send(manager, session, entry("b", code=mug.code), entry("c", code=mug.code, quantity="-1"))
    manager.post(url("count-submit", session.pk), {"uncounted": uncounted})
    line = CountLine.objects.get(session=session, variant=mug)
    assert line.verdict == verdict
    assert (line.counted is None) is (uncounted == "keep")
    manager.post(url("count-post", session.pk), {"x": "1"})
    shop.assert_on_hand(mug, left)


# --- who sees what ---------------------------------------------------------------------------------------------------
def test_stocktakes_of_other_stores_are_not_there(stocked: Shop, hire: Hire):
    session = opened(hire("lin", "CLERK", stocked.lake), stocked)
    stranger = hire("gao", "CLERK", stocked.road)
    for name in ("count", "count-enter", "count-sheet", "count-submit", "count-post", "count-cancel"):
        assert stranger.get(url(name, session.pk)).status_code == 404, name
    assert send(stranger, session, entry("a", code="WJ1")).status_code == 404
    assert "月盘" not in text_of(stranger.get(url("counts")))


def test_who_may_not_count_reads_only(stocked: Shop, hire: Hire):
    session = opened(hire("lin", "CLERK", stocked.lake), stocked)
    auditor = hire("audit", "AUDITOR", None)
    assert auditor.get(url("counts")).status_code == 200
    page = text_of(auditor.get(url("count", session.pk)))
    assert url("count-enter", session.pk) not in page
    for name in ("count-enter", "count-sheet", "count-submit", "count-post", "count-cancel"):
        assert auditor.get(url(name, session.pk)).status_code == 403, name
    assert send(auditor, session, entry("a", code="WJ1")).status_code == 403
