"""Transfers, stocktakes, customers' goods and alerts through the API, as phones and other systems use them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dianke.access.models import Role, User
from dianke.core.actor import SYSTEM
from dianke.customers.tests.cast import make_customer
from dianke.inventory.models import CountSession
from dianke.inventory.operations.alerts import Level, look_through_stock, set_safety_stock
from dianke.inventory.tests.shop import D, Shop
from dianke.stores import operations as stores
from dianke.stores.models import Merchant, Store
from dianke.work import operations as work
from dianke.work.models import Approval
from tests.api.conftest import Caller, key_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def hire(shop: Shop, now):
    """`hire("lin", "CLERK", shop.lake)`: that person, with a key to the API."""
    Merchant.objects.get_or_create(name="云裳美业")

    def make(username: str, role: str, store: Store | None) -> tuple[Caller, User]:
        staff = stores.hire_staff(
            username=username, name=username, number=username, legal_entity=shop.lake.legal_entity,
            hired_on=shop.lake.opened_on, phone="", role=Role.objects.get(code=role), store=store,
            actor=SYSTEM, now=now,
        )  # fmt: skip
        return key_of(staff.user), staff.user

    return make


def test_a_transfer_goes_out_by_one_store_and_comes_in_at_the_other(shop: Shop, hire):
    lin, _user = hire("lin", "CLERK", shop.lake)
    wang, _user = hire("wang", "CLERK", shop.road)
    shop.receive(shop.scarf, 10, 20)
    body = {
        "from_place_id": shop.shelf().pk,
        "to_place_id": shop.shelf(shop.road).pk,
        "goods": [{"variant_id": shop.scarf.pk, "quantity": "10"}],
    }
    made = lin.post("/stock/transfers", body)
    assert made.status_code == 201, made.content
    url = f"/stock/transfers/{made.json()['id']}"
    assert wang.post(f"{url}/ship", {}).status_code == 403
    assert lin.post(f"{url}/ship", {}).json()["state"] == "SHIPPED"
    unclear = wang.post(f"{url}/receive", {"lines": [{"line": 1, "good": "9"}]})
    assert (unclear.status_code, unclear.json()["code"]) == (422, "transfer_arrival_unclear")
    done = wang.post(f"{url}/receive", {"lines": [{"line": 1, "good": "9", "missing": "LOST"}]})
    assert (done.status_code, done.json()["state"]) == (200, "RECEIVED")
    again = wang.post(f"{url}/receive", {"lines": [{"line": 1, "good": "10"}]})
    assert (again.status_code, again.json()["code"]) == (409, "transfer_closed")
    (row,) = wang.get("/stock/transfers?state=RECEIVED").json()["items"]
    assert "unit_price" not in row
    shop.assert_on_hand(shop.scarf, 9, shop.shelf(shop.road))
    stranger, _user = hire("gao", "CLERK", shop.harbour)
    assert stranger.get(url).status_code == 404


def test_a_transfer_is_called_off_over_the_api(shop: Shop, hire):
    lin, _user = hire("lin", "CLERK", shop.lake)
    shop.receive(shop.scarf, 4, 20)
    body = {
        "from_place_id": shop.shelf().pk,
        "to_place_id": shop.shelf(shop.road).pk,
        "goods": [{"variant_id": shop.scarf.pk, "quantity": "4"}],
    }
    url = f"/stock/transfers/{lin.post('/stock/transfers', body).json()['id']}"
    lin.post(f"{url}/ship", {"lines": [{"line": 1, "quantity": "3"}]})
    shop.assert_on_hand(shop.scarf, 1)
    assert lin.post(f"{url}/cancel", {"reason": "下雨"}).json()["state"] == "RETURNED"
    shop.assert_on_hand(shop.scarf, 4)
    body["goods"][0]["variant_id"] = 999_999
    assert lin.post("/stock/transfers", body).json()["code"] == "reference_unknown"


HIDDEN = ("snapshot", "expected", "counted", "variance", "verdict", "reason")


def test_who_counts_blind_is_not_told_what_is_expected(shop: Shop, hire):
    lin, _user = hire("lin", "CLERK", shop.lake)
    zhao, _user = hire("zhao", "CLERK", shop.lake)
    manager, _user = hire("manager", "STORE_MANAGER", shop.lake)
    ring = shop.piece("ZJ-0001")
    shop.receive(shop.scarf, 17, 20)
    shop.receive(shop.ring, 1, 3000, piece_id=ring.pk)
    made = lin.post("/stock/counts", {"store_id": shop.lake.pk, "name": "月盘"})
    assert made.status_code == 201, made.content
    url = f"/stock/counts/{made.json()['id']}"

    def lines(who: Caller) -> list[dict]:
        answer = who.get(f"{url}/lines")
        assert answer.status_code == 200, answer.content
        return answer.json()["items"]

    entry = {"key": "a", "variant_id": shop.scarf.pk, "quantity": "16"}
    assert lin.post(f"{url}/entries", {"entries": [entry]}).json() == {"new": 1, "repeated": 0, "refused": {}}
    assert lin.post(f"{url}/entries", {"entries": [entry]}).json()["repeated"] == 1
    for who in (lin, zhao, manager):
        (line,) = lines(who)
        assert line["entered"] == "16.0000"
        assert [line[name] for name in HIDDEN] == [None] * len(HIDDEN)
        assert '"17' not in who.get(f"{url}/lines").content.decode()  # no quantity that is expected
    assert lin.post(f"{url}/submit", {}).json()["state"] == "RECOUNTING"
    (again,) = [line for line in lines(zhao) if line["is_again"]]
    assert (again["entered"], again["counted"]) == (None, None)
    refused = lin.post(f"{url}/entries", {"entries": [entry | {"key": "b"}]}).json()["refused"]
    assert refused == {"b": "ANOTHER_PERSON"}
    zhao.post(f"{url}/entries", {"entries": [entry | {"key": "c"}]})
    assert zhao.post(f"{url}/submit", {}).json()["state"] == "SUBMITTED"
    (line,) = [line for line in lines(manager) if line["variant_id"] == shop.scarf.pk]
    assert (line["expected"], line["variance"], line["verdict"]) == ("17.0000", "-1.0000", "SETTLED")
    assert {line["expected"] for line in lines(lin)} == {None}
    assert lin.post(f"{url}/post").status_code == 403
    posted = manager.post(f"{url}/post")
    assert (posted.status_code, posted.json()["state"]) == (200, "POSTED")
    shop.assert_on_hand(shop.scarf, 16)
    (row,) = lin.get("/stock/counts?state=POSTED").json()["items"]
    assert (row["lines"], row["counted"], row["again"]) == (2, 1, 0)


def test_a_phone_whose_clock_is_wrong_is_put_right(shop: Shop, hire, now):
    lin, _user = hire("lin", "CLERK", shop.lake)
    shop.receive(shop.scarf, 5, 20)
    url = f"/stock/counts/{lin.post('/stock/counts', {'store_id': shop.lake.pk}).json()['id']}"
    session = CountSession.objects.get()
    wrong = session.opened_at - timedelta(days=400)
    entry = {
        "key": "a",
        "variant_id": shop.scarf.pk,
        "quantity": "5",
        "counted_at": wrong.isoformat(),
    }
    assert lin.post(f"{url}/entries", {"entries": [entry]}).json()["refused"] == {"a": "TOO_EARLY"}
    sent = {"entries": [entry], "sent_at": wrong.isoformat()}
    assert lin.post(f"{url}/entries", sent).json()["new"] == 1
    assert session.entries.get().counted_at >= session.opened_at


def test_a_count_above_the_limit_is_posted_by_the_second_person_who_agrees(shop: Shop, hire, now):
    lin, _user = hire("lin", "CLERK", shop.lake)
    zhao, _user = hire("zhao", "CLERK", shop.lake)
    _manager, boss = hire("manager", "STORE_MANAGER", shop.lake)
    shop.receive(shop.scarf, 10, 200)
    work.set_policy(operation="inventory.post_count", limit=D(500), actor=SYSTEM, now=now)
    url = f"/stock/counts/{lin.post('/stock/counts', {'store_id': shop.lake.pk}).json()['id']}"
    for who, key in ((lin, "a"), (zhao, "b")):
        who.post(
            f"{url}/entries",
            {"entries": [{"key": key, "variant_id": shop.scarf.pk, "quantity": "7"}]},
        )
        who.post(f"{url}/submit", {})
    needed = lin.post(f"{url}/post")
    assert (needed.status_code, needed.json()["code"]) == (403, "approval_needed")
    session = CountSession.objects.get()
    asked = lin.post(
        "/approvals",
        {
            "operation": "inventory.post_count",
            "arguments": {"session": session.pk},
            "reason": "少了三条",
        },
    )
    assert asked.status_code == 201, asked.content
    approval = Approval.objects.get()
    assert approval.amount == D(600)
    from dianke.access.queries import actor_for

    work.decide(
        approval=approval,
        is_approved=True,
        sha256=approval.sha256,
        actor=actor_for(boss, now=now),
        now=now,
    )
    assert CountSession.objects.get().state == "POSTED"
    shop.assert_on_hand(shop.scarf, 7)


def test_customers_goods_are_taken_in_and_given_back(shop: Shop, hire):
    lin, _user = hire("lin", "CLERK", shop.lake)
    wang = make_customer("王小明", "13812345678", store=shop.lake)
    li = make_customer("李雷", "13912345678", store=shop.lake)
    body = {
        "store_id": shop.lake.pk,
        "customer_id": wang.pk,
        "tag": "K-001",
        "description": "银手镯",
        "weight_mg": 12500,
    }
    made = lin.post("/stock/custody", body)
    assert made.status_code == 201, made.content
    assert lin.post("/stock/custody", body).json()["code"] == "custody_tag_taken"
    url = f"/stock/custody/{made.json()['id']}/give-back"
    assert lin.post(url, {"customer_id": li.pk}).json()["code"] == "custody_wrong_customer"
    assert lin.post(url, {"customer_id": wang.pk}).status_code == 200
    assert lin.get("/stock/custody").json()["items"] == []
    assert len(lin.get("/stock/custody?state=returned").json()["items"]) == 1


def test_safety_stock_is_set_and_alerts_and_suggestions_follow(shop: Shop, hire, now):
    lin, _user = hire("lin", "CLERK", shop.lake)
    boss, _user = hire("boss", "OWNER", None)
    shop.receive(shop.scarf, 20, 20, store=shop.road, place=shop.shelf(shop.road))
    body = {
        "place_id": shop.shelf().pk,
        "levels": [{"variant_id": shop.scarf.pk, "minimum": "5", "maximum": "9"}],
    }
    assert lin.post("/stock/safety", body).status_code == 403
    assert boss.post("/stock/safety", body).json() == {"count": 1}
    look_through_stock(store=shop.lake, actor=SYSTEM, now=now)
    (alert,) = lin.get("/stock/alerts").json()["items"]
    assert (alert["kind"], alert["quantity"]) == ("LOW", "5.0000")
    (suggestion,) = boss.get("/stock/suggested-transfers").json()
    assert (suggestion["quantity"], suggestion["nearness"]) == ("9", "SAME_REGION")
    assert len(suggestion["reasons"]) == 3
    (level,) = lin.get("/stock/safety").json()["items"]
    assert level["maximum"] == "9.0000"
    set_safety_stock(place=shop.shelf(), levels=[Level(shop.scarf.pk, None)], actor=SYSTEM, now=now)


def test_what_a_service_used_is_entered_once(shop: Shop, hire):
    manager, _user = hire("manager", "STORE_MANAGER", shop.lake)
    shop.receive(shop.scarf, 2, 20)
    body = {
        "store_id": shop.lake.pk,
        "service_variant_id": shop.hand.pk,
        "reference": "s1",
        "actual": [{"variant_id": shop.scarf.pk, "quantity": "1"}],
    }
    first = manager.post("/stock/uses", body)
    assert first.status_code == 201, first.content
    assert first.json()["uses"][0]["reason"] == "NOT_PLANNED"
    assert manager.post("/stock/uses", body).json()["document_id"] is None
    shop.assert_on_hand(shop.scarf, 1)
