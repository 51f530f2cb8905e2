"""The room over HTTP: the way of an order, and what a caller who may not see costs gets to see."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dianke.purchasing.models import PurchaseOrder
from dianke.purchasing.tests.cast import Buyers

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(buyers: Buyers):
    """`call("manager", "post", "/purchase-orders", {...})`: status and body."""

    def send(name: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        client = Client()
        client.force_login(buyers.cast[name].user, backend="django.contrib.auth.backends.ModelBackend")
        session, stamp = client.session, timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        more = {"data": body, "content_type": "application/json"} if body is not None else {}
        answer = getattr(client, method)(f"/api/v1{path}", **more)
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status_code, answer.json() if is_json else answer.content

    return send


def test_an_order_goes_its_way_over_http(call, buyers):
    lake = buyers.cast.lake.pk
    status, order = call(
        "manager",
        "post",
        "/purchase-orders",
        {
            "supplier_id": buyers.meiyuan.pk,
            "store_id": lake,
            "items": [{"variant_id": buyers.scarf.pk, "quantity": "20"}],
        },
    )
    assert status == 201, order
    path = f"/purchase-orders/{order['id']}"
    assert call("manager", "post", f"{path}/submit", {})[1]["state"] == "APPROVED"
    assert call("manager", "post", f"{path}/send", {"channel": "BY_HAND"})[1]["state"] == "SENT"
    line = order["lines"][0]["id"]
    body = {"reference": "a", "deliveries": [{"line_id": line, "delivered": "25", "accepted": "25"}]}
    status, problem = call("clerk", "post", f"{path}/receipts", body)
    assert (status, problem["code"]) == (409, "more_than_ordered")
    body["deliveries"][0] |= {"delivered": "20", "accepted": "18", "difference": "DAMAGED"}
    status, receipt = call("clerk", "post", f"{path}/receipts", body)
    assert (status, receipt["lines"][0]["difference"]) == (201, "DAMAGED")
    back = {
        "items": [{"line_id": line, "quantity": "3"}],
        "wish": "CREDIT",
        "reason": "色差",
        "reference": "b",
    }
    assert call("clerk", "post", f"{path}/returns", back)[0] == 201
    assert call("clerk", "get", path)[1]["lines"][0]["kept_quantity"] == "15.0000"
    assert call("southerner", "get", path)[0] == 404
    assert call("clerk", "post", f"{path}/close", {"reason": "x"})[0] == 403


def test_costs_are_hidden_from_who_may_not_see_them(call, buyers):
    order = buyers.order()
    path = f"/purchase-orders/{order.pk}"
    assert call("manager", "get", path)[1]["total_amount"] is None
    assert call("owner", "get", path)[1]["lines"][0]["price_amount"] == 1000
    assert call("manager", "get", "/supplier-prices")[0] == 403
    assert call("owner", "get", f"/supplier-prices?variant_id={buyers.scarf.pk}")[1]["items"]
    status, offers = call(
        "owner",
        "get",
        f"/variants/{buyers.scarf.pk}/supplier-offers?store_id={buyers.cast.lake.pk}&needed=10",
    )
    assert (status, [row["supplier"] for row in offers]) == (200, ["美源", "丝路"])
    status, paper = call("manager", "get", f"{path}/paper")
    assert (status, paper[:5]) == (200, b"%PDF-")


def test_suppliers_are_entered_and_found_over_http(call, buyers):
    status, made = call(
        "owner", "post", "/suppliers", {"code": "S7", "name": "江南绣坊", "contact_phone": "13700002222"}
    )
    assert (status, made["contact_phone"]) == (201, "137****2222")
    found = call("clerk", "get", "/suppliers?q=jiangnan")[1]["items"]
    assert [row["code"] for row in found] == ["S7"]
    assert call("clerk", "patch", f"/suppliers/{made['id']}", {"rating": 5})[0] == 403
    assert call("owner", "patch", f"/suppliers/{made['id']}", {"rating": 5})[1]["rating"] == 5


def test_a_plan_is_made_decided_and_ordered_over_http(call, buyers):
    lake = buyers.cast.lake.pk
    rule = {"variant_id": buyers.scarf.pk, "store_id": lake, "safety_quantity": "6"}
    assert call("manager", "put", "/supply-rules", rule)[0] == 200
    status, plan = call("manager", "post", "/purchase-plans", {"store_id": lake})
    assert status == 201
    (line,) = call("clerk", "get", f"/purchase-plans/{plan['id']}/lines")[1]["items"]
    assert (line["quantity"], bool(line["explanation"])) == ("6.0000", True)
    path = f"/purchase-plans/{plan['id']}/lines/{line['id']}"
    assert call("manager", "put", path, {"quantity": "9"})[1]["decision"] == "CHANGED"
    status, orders = call("manager", "post", f"/purchase-plans/{plan['id']}/accept", {})
    assert (status, len(orders)) == (201, 1)
    assert PurchaseOrder.objects.get().lines.get().quantity == 9
