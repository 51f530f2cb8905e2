"""Prices over the API, in a signed-in browser's session."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dianke.catalog.operations.prices import Price
from dianke.catalog.tests.price_cast import make_goods
from dianke.stores.tests.cast import make_cast


@pytest.fixture
def cast(db, now):
    return make_cast(now)


@pytest.fixture
def goods(cast, now):
    return make_goods(now)


@pytest.fixture
def api(cast):
    """`api("manager", "POST", "/day-prices", {...})`: status and answer."""

    def call(name, method, path, body=None):
        client = Client()
        client.force_login(cast[name].user)
        session = client.session
        stamp = timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        data = "" if body is None else json.dumps(body)
        response = client.generic(method, f"/api/v1{path}", data, content_type="application/json")
        return response.status_code, response.json()

    return call


def test_a_price_list_from_draft_to_the_price_of_a_shirt(goods, cast, api):
    body = {"code": "GOLD", "name": "金卡价", "tiers": ["GOLD"], "store_ids": [cast.lake.pk]}
    status, made = api("owner", "POST", "/price-lists", body)
    assert (status, made["state"], made["currency"]) == (201, "DRAFT", "CNY")
    path = f"/price-lists/{made['id']}"
    wanted = {"prices": [{"variant_id": goods.red.pk, "price_amount": 9_000}]}
    assert api("owner", "POST", f"{path}/prices", wanted) == (200, {"added": 1, "changed": 0, "removed": 0})
    status, changed = api("owner", "PATCH", path, {"is_active": True, "to_at": None})
    assert (status, changed["state"], changed["store_ids"]) == (200, "ACTIVE", [cast.lake.pk])
    asked = f"/prices?variant_id={goods.red.pk}&variant_id={goods.blue.pk}&store_id={cast.lake.pk}&tier=GOLD"
    status, found = api("clerk", "GET", asked)
    assert (status, [one["amount"] for one in found]) == (200, [9_000, None])
    assert "金卡价" in found[0]["reason"]
    status, told = api("clerk", "GET", f"/variants/{goods.red.pk}/price-explanation?store_id={cast.lake.pk}")
    assert (status, told["price"]["amount"], [one["name"] for one in told["not_counted"]]) == (
        200,
        10_000,
        ["金卡价"],
    )
    assert api("clerk", "POST", f"{path}/prices", wanted)[0] == 403
    assert api("clerk", "GET", f"/prices?variant_id={goods.red.pk}&store_id={cast.harbour.pk}")[0] == 422


def test_a_change_by_percent_a_copy_and_the_archive(goods, api):
    made = goods.price_list("X", Price(variant_id=goods.red.pk, price_amount=9_990))
    path, change = f"/price-lists/{made.pk}", {"change_bp": 330, "unit": 10}
    status, shown = api("owner", "POST", f"{path}/adjustment-preview", change)
    assert (status, shown["count"], shown["prices"][0]["after"]) == (200, 1, 10_320)
    assert api("owner", "POST", f"{path}/adjustment", {**change, "expected": 2})[0] == 409
    assert api("owner", "POST", f"{path}/adjustment", {**change, "expected": 1})[1]["changed"] == 1
    status, copy = api("owner", "POST", f"{path}/copy", {"code": "Y", "name": "copy"})
    status, listed = api("owner", "GET", f"/price-lists/{copy['id']}/prices")
    assert [one["price_amount"] for one in listed["items"]] == [10_320]
    assert api("owner", "POST", f"{path}/archive")[1]["state"] == "ARCHIVED"
    assert api("owner", "POST", f"{path}/prices", {"prices": []})[0] == 409
    assert api("owner", "POST", f"{path}/restore")[1]["state"] == "DRAFT"
    status, listed = api("owner", "GET", "/price-lists?state=DRAFT")
    assert [one["code"] for one in listed["items"]] == ["X", "Y"]


def test_a_customer_s_contract_is_for_who_manages_prices(goods, api):
    contract = goods.price_list(
        "WANG", Price(variant_id=goods.red.pk, price_amount=8_000), contract_customer="customers.customer:7"
    )
    asked = f"/prices?variant_id={goods.red.pk}&customer=customers.customer:7"
    assert api("owner", "GET", asked)[1][0]["amount"] == 8_000
    assert api("clerk", "GET", asked)[1][0]["amount"] == 10_000
    assert api("clerk", "GET", f"/price-lists/{contract.pk}")[0] == 404


def test_the_board_from_morning_to_the_price_of_a_ring(goods, cast, api):
    gold = {"metal": "GOLD", "fineness": 999, "sell_amount": 10_200, "buy_back_amount": 9_500}
    status, rows = api("manager", "POST", "/day-prices", {"store_id": cast.lake.pk, "quotes": [gold]})
    assert (status, rows[0]["sell_amount"]) == (201, 10_200)
    right = {"sell_amount": 102_000, "buy_back_amount": 95_000, "reason": "少输了一个零"}
    assert api("manager", "POST", f"/day-prices/{rows[0]['id']}/correct", right)[0] == 201
    status, shown = api("clerk", "GET", f"/day-prices/board?store_id={cast.lake.pk}")
    assert [(one["sell_amount"], one["is_of_today"]) for one in shown] == [(102_000, True)]
    status, past = api("clerk", "GET", f"/day-prices?metal=GOLD&fineness=999&store_id={cast.lake.pk}")
    assert [one["is_corrected"] for one in past] == [False, True]
    until = (timezone.now() + timedelta(days=2)).isoformat()
    lock = {
        "reference": "quote:1",
        "metal": "GOLD",
        "fineness": 999,
        "store_id": cast.lake.pk,
        "until": until,
    }
    status, locked = api("manager", "POST", "/day-price-locks", lock)
    assert (status, locked["sell_amount"]) == (201, 102_000)
    ring = f"/pieces/{goods.ring.pk}/price?store_id={cast.lake.pk}"
    for path in (ring, f"{ring}&lock=quote:1"):
        status, price = api("clerk", "GET", path)
        assert (status, price["amount"]) == (200, sum(line["amount"] for line in price["lines"]))
        assert price["amount"] == 1_124_675
    assert api("manager", "POST", f"/day-price-locks/{locked['id']}/release")[1]["released_at"]
    assert api("clerk", "GET", f"{ring}&lock=quote:1")[0] == 409
    assert api("clerk", "GET", f"/pieces/{goods.ring.pk}/price?store_id={cast.harbour.pk}")[0] == 422


def test_the_board_of_others_is_out_of_reach(cast, api):
    gold = {"metal": "GOLD", "fineness": 999, "sell_amount": 10_200}
    assert api("manager", "POST", "/day-prices", {"quotes": [gold]})[0] == 403
    for place in ({"region_id": cast.east.pk}, {"store_id": cast.road.pk}):
        assert api("manager", "POST", "/day-prices", {"quotes": [gold], **place})[0] == 422
    assert api("clerk", "POST", "/day-prices", {"quotes": [gold], "store_id": cast.lake.pk})[0] == 403
    both = {
        "quotes": [gold],
        "store_id": cast.lake.pk,
        "region_id": cast.city.pk,
        "from_at": "2026-11-21T08:00:00",
    }
    assert api("owner", "POST", "/day-prices", both)[0] == 422
