"""Transfers on their pages: planned by scanning, sent, received line by line, called off; who may do what."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from dianke.catalog.models import Barcode
from dianke.inventory.models import Transfer
from dianke.inventory.operations.transfers import Planned, plan_transfer, ship_transfer
from dianke.inventory.tests.floor_staff import Hire, hiring
from dianke.inventory.tests.people import People, make_people
from dianke.inventory.tests.shop import Shop

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true", "HX-Target": "div#transfer-lines"}


@pytest.fixture
def hire(shop: Shop, now) -> Hire:
    return hiring(shop, now)


@pytest.fixture
def people(shop: Shop, now) -> People:
    return make_people(shop, now)


def url(name: str, *args: object) -> str:
    return reverse(f"inventory:{name}", args=args)


def text_of(answer) -> str:
    return answer.content.decode()


def planned(shop: Shop, people: People, to=None, **more) -> Transfer:
    shop.receive(shop.scarf, 10, 20)
    return plan_transfer(
        from_place=shop.shelf(),
        to_place=shop.shelf(to or shop.road),
        goods=[Planned(shop.scarf.pk, Decimal(4))],
        actor=people["owner"],
        now=shop.now,
        **more,
    )


def shipped(shop: Shop, people: People, to=None, **more) -> Transfer:
    transfer = planned(shop, people, to, **more)
    return ship_transfer(transfer=transfer, actor=people["owner"], now=shop.now)


def a_form(shop: Shop, *lines: str, **more: str) -> dict:
    return {
        "from_place": shop.shelf().pk,
        "to_place": shop.shelf(shop.road).pk,
        "line": list(lines),
        **more,
    }


# --- planning --------------------------------------------------------------------------------------------------------
def test_a_scan_adds_a_line_and_the_same_again_adds_one(shop: Shop, hire: Hire):
    lin = hire("lin", "CLERK", shop.lake)
    shop.receive(shop.scarf, 9, 20)
    Barcode.objects.create(variant=shop.scarf, value="6901234567892", kind="EAN13")
    page = lin.post(url("transfer-new"), a_form(shop, code="6901234567892", add="1"), headers=PART)
    assert page.status_code == 200
    assert f'name="line" value="v{shop.scarf.pk}"' in text_of(page)
    assert "<html" not in text_of(page)
    key = f"v{shop.scarf.pk}"
    again = a_form(shop, key, code="6901234567892", add="1", **{f"quantity_{key}": "3"})
    assert f'name="quantity_{key}" value="4"' in text_of(lin.post(url("transfer-new"), again, headers=PART))
    assert Transfer.objects.count() == 0


def test_an_unknown_code_keeps_everything_and_says_what_to_do(shop: Shop, hire: Hire):
    lin = hire("lin", "CLERK", shop.lake)
    key = f"v{shop.scarf.pk}"
    page = lin.post(url("transfer-new"), a_form(shop, key, code="0000", add="1", **{f"quantity_{key}": "7"}))
    assert page.status_code == 422
    assert "“0000”" in text_of(page) or "「0000」" in text_of(page)
    assert f'name="quantity_{key}" value="7"' in text_of(page)


def test_goods_in_batches_and_by_the_piece_are_asked_for_exactly(shop: Shop, hire: Hire):
    lin = hire("lin", "CLERK", shop.lake)
    for code in ("B1", "B2"):
        shop.receive(shop.cream, 5, 10, batch_code=code)
    ring = shop.piece("ZJ-9")
    shop.receive(shop.ring, 1, 900, piece_id=ring.pk)
    page = text_of(lin.post(url("transfer-new"), a_form(shop, code="MS1", add="1"), headers=PART))
    keys = [f"v{shop.cream.pk}b{shop.batch(code).pk}" for code in ("B1", "B2")]
    assert all(f'name="pick" value="{key}"' in page for key in keys)
    page = text_of(lin.post(url("transfer-new"), a_form(shop, code="ZJ1", add="1"), headers=PART))
    assert f'name="pick" value="p{ring.pk}"' in page
    page = text_of(lin.post(url("transfer-new"), a_form(shop, code="ZJ-9", add="1"), headers=PART))
    assert f'name="line" value="p{ring.pk}"' in page
    twice = lin.post(url("transfer-new"), a_form(shop, f"p{ring.pk}", code="ZJ-9", add="1"), headers=PART)
    assert twice.status_code == 422


def test_the_plan_is_saved_and_the_goods_are_kept_for_it(shop: Shop, hire: Hire):
    lin = hire("lin", "CLERK", shop.lake)
    shop.receive(shop.scarf, 9, 20)
    key = f"v{shop.scarf.pk}"
    answer = lin.post(
        url("transfer-new"), a_form(shop, key, save="1", note="请轻放", **{f"quantity_{key}": "５"})
    )
    transfer = Transfer.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, url("transfer", transfer.pk))
    assert (transfer.note, transfer.lines.get().quantity) == ("请轻放", 5)


@pytest.mark.parametrize("wrong", ["", "0", "-1", "drei"])
def test_a_wrong_quantity_is_told_beside_its_line(shop: Shop, hire: Hire, wrong: str):
    lin = hire("lin", "CLERK", shop.lake)
    key = f"v{shop.scarf.pk}"
    page = lin.post(url("transfer-new"), a_form(shop, key, save="1", **{f"quantity_{key}": wrong}))
    assert page.status_code == 422
    assert f'id="id_quantity_{key}_error"' in text_of(page)


def test_too_little_stock_is_told_beside_its_line(shop: Shop, hire: Hire):
    lin = hire("lin", "CLERK", shop.lake)
    shop.receive(shop.scarf, 2, 20)
    key = f"v{shop.scarf.pk}"
    page = lin.post(url("transfer-new"), a_form(shop, key, save="1", **{f"quantity_{key}": "3"}))
    assert page.status_code == 422
    assert f'id="id_quantity_{key}_error"' in text_of(page)
    assert not Transfer.objects.exists()


def test_links_fill_the_plan_in(shop: Shop, hire: Hire):
    lin = hire("lin", "CLERK", shop.lake)
    query = f"?variant={shop.scarf.pk}&from={shop.road.pk}&quantity=3"
    page = text_of(lin.get(url("transfer-new") + query))
    assert f'<option value="{shop.shelf(shop.road).pk}" selected>' in page
    assert f'<option value="{shop.shelf().pk}" selected>' in page
    assert f'name="quantity_v{shop.scarf.pk}" value="3"' in page


# --- sending and receiving -------------------------------------------------------------------------------------------
def test_only_the_sender_ships_and_only_the_receiver_receives(shop: Shop, people: People, hire: Hire):
    lin, wang = hire("lin2", "CLERK", shop.lake), hire("wang", "CLERK", shop.road)
    transfer = planned(shop, people)
    assert url("transfer-ship", transfer.pk) in text_of(lin.get(url("transfer", transfer.pk)))
    assert url("transfer-ship", transfer.pk) not in text_of(wang.get(url("transfer", transfer.pk)))
    assert wang.post(url("transfer-ship", transfer.pk), {"shipped_1": "4"}).status_code == 403
    assert lin.post(url("transfer-ship", transfer.pk), {"shipped_1": "3"}).status_code == 303
    assert transfer.lines.get().shipped == 3
    assert url("transfer-receive", transfer.pk) not in text_of(lin.get(url("transfer", transfer.pk)))
    assert url("transfer-receive", transfer.pk) in text_of(wang.get(url("transfer", transfer.pk)))
    assert lin.post(url("transfer-receive", transfer.pk), {"good_1": "3"}).status_code == 403


def test_a_shortage_needs_a_reason_and_nothing_typed_is_lost(shop: Shop, people: People, hire: Hire):
    wang = hire("wang", "CLERK", shop.road)
    transfer = shipped(shop, people)
    address = url("transfer-receive", transfer.pk)
    unchecked = wang.post(address, {"good_1": "", "damaged_1": "0"})
    assert unchecked.status_code == 422
    assert 'id="id_good_1_error"' in text_of(unchecked)
    short = wang.post(address, {"good_1": "2", "damaged_1": "1"})
    assert short.status_code == 422
    page = text_of(short)
    assert 'id="id_missing_1_error"' in page
    assert 'value="2"' in page
    done = wang.post(address, {"good_1": "2", "damaged_1": "1", "missing_1": "LOST"})
    assert done.status_code == 303
    shop.assert_on_hand(shop.scarf, 2, shop.shelf(shop.road))
    page = text_of(wang.get(url("transfer", transfer.pk)))
    assert "t-danger" in page
    again = wang.get(address)
    assert (again.status_code, again["Location"]) == (302, url("transfer", transfer.pk))


def test_goods_under_way_are_brought_back(shop: Shop, people: People, hire: Hire):
    lin, wang = hire("lin2", "CLERK", shop.lake), hire("wang", "CLERK", shop.road)
    transfer = shipped(shop, people)
    assert wang.post(url("transfer-return", transfer.pk), {"good_1": "4"}).status_code == 403
    assert lin.get(url("transfer-cancel", transfer.pk))["Location"] == url("transfer-return", transfer.pk)
    assert lin.post(url("transfer-return", transfer.pk), {"good_1": "4", "reason": "下雨"}).status_code == 303
    transfer.refresh_from_db()
    assert (transfer.state, transfer.reason) == ("RETURNED", "下雨")
    shop.assert_on_hand(shop.scarf, 10)


def test_a_plan_is_called_off_after_a_question(shop: Shop, people: People, hire: Hire):
    lin = hire("lin2", "CLERK", shop.lake)
    transfer = planned(shop, people)
    assert lin.get(url("transfer-cancel", transfer.pk)).status_code == 200
    transfer.refresh_from_db()
    assert transfer.state == "PLANNED"
    assert lin.post(url("transfer-cancel", transfer.pk), {"reason": "卖完了"}).status_code == 303
    transfer.refresh_from_db()
    assert transfer.state == "CANCELLED"


# --- who sees what ---------------------------------------------------------------------------------------------------
def test_prices_between_companies_are_shown_only_to_who_may_see_costs(shop: Shop, people: People, hire: Hire):
    transfer = shipped(shop, people, shop.harbour, pricing="COST_PLUS", markup_bp=1000)
    owner, clerk = hire("boss", "OWNER", None), hire("lin2", "CLERK", shop.lake)
    assert "¥22.00" in text_of(owner.get(url("transfer", transfer.pk)))
    assert "¥22.00" not in text_of(clerk.get(url("transfer", transfer.pk)))
    assert "¥" not in text_of(owner.get(url("transfer-note", transfer.pk)))
    ends = {"from_place": shop.shelf().pk, "to_place": shop.shelf(shop.harbour).pk, "look": "1"}
    assert 'name="pricing"' in text_of(owner.post(url("transfer-new"), ends))
    assert 'name="pricing"' not in text_of(clerk.post(url("transfer-new"), ends))


def test_a_transfer_between_others_is_not_there(shop: Shop, people: People, hire: Hire):
    transfer = shipped(shop, people)
    stranger = hire("gao", "CLERK", shop.harbour)
    for name in (
        "transfer",
        "transfer-ship",
        "transfer-receive",
        "transfer-return",
        "transfer-cancel",
        "transfer-note",
    ):
        assert stranger.get(url(name, transfer.pk)).status_code == 404, name
    assert "WJ1" not in text_of(stranger.get(url("transfers")))


def test_who_may_not_transfer_reads_only(shop: Shop, people: People, hire: Hire):
    transfer = shipped(shop, people)
    auditor = hire("audit", "AUDITOR", None)
    assert auditor.get(url("transfers")).status_code == 200
    assert auditor.get(url("transfer", transfer.pk)).status_code == 200
    for name in ("transfer-ship", "transfer-receive", "transfer-return", "transfer-cancel"):
        assert auditor.get(url(name, transfer.pk)).status_code == 403, name
    assert auditor.get(url("transfer-new")).status_code == 403


@pytest.mark.parametrize(
    ("who", "stage", "count"),
    [
        ("lin2", "ship", 1), ("lin2", "way", 1), ("lin2", "receive", 0), ("lin2", "done", 0),
        ("wang", "ship", 0), ("wang", "way", 1), ("wang", "receive", 1),
    ],
)  # fmt: skip
def test_the_list_has_a_tab_per_stage(shop: Shop, people: People, hire: Hire, who, stage, count):
    clients = {"lin2": hire("lin2", "CLERK", shop.lake), "wang": hire("wang", "CLERK", shop.road)}
    planned(shop, people)
    shipped(shop, people)
    page = text_of(clients[who].get(url("transfers"), {"stage": stage}))
    assert page.count('class="is-main"') == count


def test_the_list_finds_by_number_goods_and_note(shop: Shop, people: People, hire: Hire):
    lin = hire("lin2", "CLERK", shop.lake)
    transfer = shipped(shop, people, note="加急")
    for query in (str(transfer), "围巾", "加急"):
        assert text_of(lin.get(url("transfers"), {"q": query})).count('class="is-main"') == 1, query
    assert text_of(lin.get(url("transfers"), {"q": "没有"})).count('class="is-main"') == 0
