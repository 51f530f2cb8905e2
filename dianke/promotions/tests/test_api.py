"""The room over HTTP: the way of a promotion and of a coupon, and what a caller who may less gets to see."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dianke.promotions.models import Coupon
from dianke.promotions.tests.counter import FULL_300, TWENTY_OFF, Counter

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(counter: Counter):
    """`call("manager", "post", "/promotions", {...})`: status and body."""

    def send(name: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        client = Client()
        client.force_login(counter.cast[name].user, backend="django.contrib.auth.backends.ModelBackend")
        session, stamp = client.session, timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        more = {"data": body, "content_type": "application/json"} if body is not None else {}
        answer = getattr(client, method)(f"/api/v1{path}", **more)
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status_code, answer.json() if is_json else answer.content

    return send


def test_a_promotion_goes_its_way_over_http(call, counter):
    body = {
        "name": "满减",
        "starts_at": "2026-01-01T00:00:00+08:00",
        "terms": FULL_300,
        "budget_amount": 99900,
    }
    status, made = call("owner", "post", "/promotions", body)
    assert status == 201, made
    assert made["terms"] == FULL_300
    assert made["kind"] == "LADDER"
    path = f"/promotions/{made['id']}"
    assert call("owner", "post", f"{path}/start", {})[1]["state"] == "RUNNING"
    lake = counter.cast.lake.pk
    _status, found = call("clerk", "get", f"/promotions/running?store_id={lake}&channel=TILL")
    assert [(row["promotion_id"], row["version"]) for row in found["items"]] == [(made["id"], 1)]
    assert found["items"][0]["terms"]["budget_left"] == 99900
    assert call("owner", "patch", path, {"name": "年末满减"})[1]["version"] == 2
    assert [row["number"] for row in call("clerk", "get", f"{path}/versions")[1]["items"]] == [2, 1]
    assert call("owner", "post", f"{path}/pause", {})[1]["state"] == "PAUSED"
    assert call("owner", "post", f"{path}/copy", {"name": "再来"})[0] == 201
    assert call("owner", "post", f"{path}/end", {})[1]["state"] == "ENDED"
    assert call("owner", "post", f"{path}/start", {})[0] == 409
    assert len(call("clerk", "get", "/promotions?state=ENDED")[1]["items"]) == 1


def test_a_wrong_entry_of_the_terms_is_named_by_its_path(call):
    wrong = {"rule": {"kind": "LADDER", "measure": "AMOUNT", "steps": [{"full": "x", "off_amount": 1}]}}
    body = {"name": "满减", "starts_at": "2026-01-01T00:00:00+08:00", "terms": wrong}
    status, problem = call("owner", "post", "/promotions", body)
    assert status == 422
    assert problem["errors"][0]["field"] == "rule.steps.0.full"


def test_who_may_not_make_offers_makes_none(call, counter):
    promotion = counter.draft()
    body = {"name": "满减", "starts_at": "2026-01-01T00:00:00+08:00", "terms": FULL_300}
    assert call("clerk", "post", "/promotions", body)[0] == 403
    assert call("clerk", "post", f"/promotions/{promotion.pk}/start", {})[0] == 403
    assert call("clerk", "get", f"/promotions/{promotion.pk}")[0] == 200


def test_a_coupon_goes_its_way_over_http(call, counter):
    body = {"name": "满100减20", "terms": TWENTY_OFF, "valid_days": 30}
    status, kind = call("owner", "post", "/coupon-kinds", body)
    assert status == 201, kind
    give = {"kind_id": kind["id"], "customer_ids": [counter.fang.pk], "occasion": "opening"}
    assert call("clerk", "post", "/coupons/issue", give)[0] == 403
    assert len(call("manager", "post", "/coupons/issue", give)[1]["given"]) == 1
    assert call("manager", "post", "/coupons/issue", give)[1]["already"] == 1
    (coupon,) = call("clerk", "get", f"/coupons?customer_id={counter.fang.pk}")[1]["items"]
    assert coupon["code"] is None
    assert len(coupon["code_end"]) == 4
    code = call("manager", "get", f"/coupons/{coupon['id']}")[1]["code"]
    found = call("clerk", "get", f"/coupons/lookup?code={code.lower()}")[1]
    assert found["is_usable"]
    assert found["customer_id"] == counter.fang.pk
    revoked = call("manager", "post", "/coupons/revoke", {"coupon_ids": [coupon["id"]], "reason": "发错"})
    assert revoked == (200, {"revoked": 1})
    found = call("clerk", "get", f"/coupons/lookup?code={code}")[1]
    assert (found["is_usable"], found["why_not_code"]) == (False, "revoked")
    steps = call("clerk", "get", f"/coupons/{coupon['id']}/steps")[1]["items"]
    assert [step["after"] for step in steps] == ["CLAIMED", "REVOKED"]
    assert call("clerk", "get", f"/coupon-kinds/{kind['id']}/figures")[1]["revoked"] == 1


def test_customers_one_may_not_see_are_not_given_to_nor_told_of(call, counter):
    kind = counter.kind(giving="STAFF")
    give = {"kind_id": kind.pk, "customer_ids": [counter.fang.pk]}
    assert call("southerner", "post", "/coupons/issue", give)[0] == 422
    coupon = counter.coupon(kind)
    assert call("southerner", "get", f"/coupons/{coupon.pk}")[0] == 404
    found = call("southerner", "get", f"/coupons/lookup?code={coupon.code}")[1]
    assert found["customer_id"] is None
    assert found["is_personal"]


def test_printed_codes_are_made_once_and_claimed(call, counter):
    kind = counter.kind()
    body = {"kind_id": kind.pk, "count": 3, "name": "传单", "reference": "print-1"}
    status, batch = call("manager", "post", "/coupons/print", body)
    assert status == 201, batch
    assert call("manager", "post", "/coupons/print", body)[1]["id"] == batch["id"]
    assert Coupon.objects.count() == 3
    items = call("manager", "get", f"/coupons?batch_id={batch['id']}")[1]["items"]
    claim = {"code": items[0]["code"], "customer_id": counter.ming.pk}
    assert call("manager", "post", "/coupons/claim", claim)[1]["customer_id"] == counter.ming.pk
    assert call("manager", "get", "/coupons/lookup?code=nonsense")[0] == 422


def test_a_kind_is_changed_and_put_away(call, counter):
    kind = counter.kind()
    path = f"/coupon-kinds/{kind.pk}"
    assert call("owner", "patch", path, {"note": "仅限本人"})[1]["note"] == "仅限本人"
    assert call("owner", "post", f"{path}/state", {"state": "ENDED"})[1]["state"] == "ENDED"
    assert call("owner", "patch", path, {"note": "x"})[0] == 409
