"""Registers over HTTP: the way of a shift and a day, who sees what, and receipts as files."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client
from django.utils import timezone

from dianke.access.devices import cookie_name
from dianke.access.models import Device
from dianke.access.operations.tills import token_hash
from dianke.sales.models import OrderException, ReceiptPrinter
from dianke.sales.operations import printing
from dianke.sales.rules.receipts.escpos import drawer_kick
from dianke.sales.tests.paper import printed
from dianke.sales.tests.till import TODAY, Till, make_till

pytestmark = pytest.mark.django_db
FLOAT = {"10000": 2, "1000": 8, "100": 20}


@pytest.fixture
def till(db: None) -> Till:
    return make_till(timezone.now())


@pytest.fixture
def call(till: Till):
    """`call("manager", "post", "/day-closes", {...})`: status and body."""

    def send(name: str, method: str, path: str, body: Any = None, cookie: str = "") -> tuple[int, Any]:
        client = Client()
        client.force_login(till.cast[name].user, backend="django.contrib.auth.backends.ModelBackend")
        session, stamp = client.session, timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        if cookie:
            client.cookies[cookie_name()] = cookie
        more = {"data": body, "content_type": "application/json"} if body is not None else {}
        answer = getattr(client, method)(f"/api/v1{path}", **more)
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status_code, answer.json() if is_json else answer.content

    return send


def test_a_drawer_opened_without_a_sale_is_noted_and_the_printer_opens_it(call, till, monkeypatch):
    shift = call("clerk", "post", f"/registers/{till.first.pk}/shifts", {"pieces": FLOAT})[1]
    path, sent = f"/shifts/{shift['id']}/drawer-openings", []
    status, opened = call("clerk", "post", path, {"reason": "换零"})
    assert (status, opened["reason"], opened["is_open"]) == (201, "换零", False)
    ReceiptPrinter.objects.create(register=till.first, store=till.first.store, host="192.168.1.9")
    monkeypatch.setattr(printing.NetworkPrinter, "send", lambda _printer, content: sent.append(content))
    assert call("clerk", "post", path, {"reason": "客人要整钱"})[1]["is_open"]
    assert sent == [drawer_kick()]

    def silent(printer, _content):
        raise printing.PrinterSilent(host=printer.host)

    monkeypatch.setattr(printing.NetworkPrinter, "send", silent)
    assert not call("clerk", "post", path, {"reason": "换零"})[1]["is_open"]
    assert call("auditor", "post", path, {"reason": "看看"})[0] == 403
    assert len(call("clerk", "get", path)[1]["items"]) == 3
    assert len(sent) == 1


def test_a_shift_goes_its_way_over_http(call, till):
    path = f"/registers/{till.first.pk}/shifts"
    assert call("clerk", "get", f"{path}/running")[0] == 404
    status, shift = call("clerk", "post", path, {"pieces": FLOAT})
    assert (status, shift["state"], shift["float_amount"]) == (201, "OPEN", 30_000)
    status, problem = call("manager", "post", path, {"pieces": FLOAT})
    assert (status, problem["code"]) == (409, "shift_runs_already")
    own = f"/shifts/{shift['id']}"
    body = {"kind": "EXPENSE", "amount": 1_000, "reason": "买水", "reference": "a"}
    assert call("clerk", "post", f"{own}/cash-movements", body)[1]["amount"] == -1_000
    assert call("clerk", "post", f"{own}/drops", {"amount": 4_000, "reference": "b"})[0] == 201
    assert call("clerk", "post", f"{own}/drawer-openings", {"reason": "换零"})[0] == 201
    assert len(call("clerk", "get", f"{own}/cash-movements")[1]["items"]) == 3
    assert call("clerk", "get", f"{own}/x-report")[1]["expected_cash"] is None
    assert call("manager", "get", f"{own}/x-report")[1]["expected_cash"] == 25_000
    status, problem = call("clerk", "post", f"{own}/count", {"pieces": {"7": 1}})
    assert (status, problem["code"], problem["errors"][0]["field"]) == (422, "cash_piece_unknown", "pieces")
    counted = call("clerk", "post", f"{own}/count", {"pieces": {"10000": 2, "1000": 5}})[1]
    assert (counted["state"], counted["expected_amount"]) == ("COUNTED", None)
    assert call("clerk", "post", f"{own}/resume")[1]["state"] == "OPEN"
    call("clerk", "post", f"{own}/count", {"pieces": {"10000": 2, "1000": 5}})
    closed = call("clerk", "post", f"{own}/close", {"left_amount": 25_000})[1]
    assert (closed["state"], closed["difference_amount"], closed["left_amount"]) == ("CLOSED", 0, 25_000)
    assert [row["id"] for row in call("auditor", "get", path)[1]["items"]] == [shift["id"]]
    assert call("southerner", "get", own)[0] == 404
    assert call("auditor", "post", path, {"pieces": FLOAT})[0] == 403


def test_a_drawer_is_handed_over_over_http(call, till):
    shift = call("clerk", "post", f"/registers/{till.first.pk}/shifts", {"pieces": FLOAT})[1]
    body = {"pieces": FLOAT, "successor_id": till.cast["manager"].user.pk}
    status, new = call("clerk", "post", f"/shifts/{shift['id']}/hand-over", body)
    assert (status, new["opened_by_id"], new["float_amount"]) == (201, till.cast["manager"].user.pk, 30_000)


def test_a_day_is_closed_and_read_over_http(call, till):
    day = till.lake.business_date(timezone.now()).isoformat()
    shift = till.open()
    till.sell(shift, 8_000)
    till.close(shift, 38_000)
    body = {"store_id": till.lake.pk, "business_date": day}
    assert call("clerk", "post", "/day-closes", body)[0] == 403
    status, close = call("manager", "post", "/day-closes", body)
    assert (status, close["number"], close["snapshot"]["figures"]["cash"]) == (201, 1, {"in": 8_000})
    again = call("manager", "post", "/day-closes", body)[1]
    assert again["id"] == close["id"]
    listed = call("manager", "get", f"/day-closes?store_id={till.lake.pk}")[1]["items"]
    assert [row["digest"] for row in listed] == [close["digest"]]
    assert call("southerner", "get", f"/day-closes/{close['id']}")[0] == 404
    reports = call("manager", "get", f"/z-reports?register_id={till.first.pk}")[1]["items"]
    assert [row["number"] for row in reports] == [1]
    for path in (f"/stores/{till.lake.pk}/x-report", f"/registers/{till.first.pk}/x-report"):
        assert call("manager", "get", path)[1]["figures"]["cash"] == {"in": 8_000}
    body["business_date"] = TODAY.replace(year=2099).isoformat()
    assert call("manager", "post", "/day-closes", body)[1]["code"] == "business_day_not_begun"


def test_exceptions_are_listed_and_examined_over_http(call, till):
    order = till.sell(None, 500, ("TRANSFER", 500))
    row = OrderException.objects.create(order=order, store=till.lake, kind="STOCK", at=timezone.now())
    assert call("clerk", "get", "/sale-exceptions")[0] == 403
    (found,) = call("manager", "get", "/sale-exceptions?is_waiting=true")[1]["items"]
    assert (found["id"], found["order_id"]) == (row.pk, order.pk)
    body = {"exception_ids": [row.pk], "outcome": "已盘点"}
    status, examined = call("manager", "post", "/sale-exceptions/examine", body)
    assert (status, examined[0]["outcome"]) == (200, "已盘点")
    assert call("manager", "get", "/sale-exceptions?is_waiting=true")[1]["items"] == []
    assert call("southerner", "post", "/sale-exceptions/examine", body)[0] == 422


def test_a_till_gets_its_limits_over_http(call, till):
    now = timezone.now()
    device = Device.objects.create(
        name="平板", store_id=till.lake.pk, token_hash=token_hash("secret"), enrolled_at=now, last_seen_at=now
    )
    cookie = signing.get_cookie_signer(salt=cookie_name() + "dianke.access.device").sign("secret")
    assert settings.DIANKE_TLS is False
    limits = f"/stores/{till.lake.pk}/offline-limits"
    assert call("owner", "patch", limits, {"sale_count": 9})[1]["sale_count"] == 9
    assert call("clerk", "patch", limits, {"sale_count": 8})[0] == 403
    assert call("clerk", "get", limits)[1]["total_amount"] == 5_000_000
    status, problem = call("clerk", "post", "/offline-grants", {"store_id": till.lake.pk})
    assert (status, problem["code"]) == (409, "not_a_till")
    status, issued = call("clerk", "post", "/offline-grants", {"store_id": till.lake.pk}, cookie)
    assert (status, issued["grant"]["device_id"], issued["grant"]["sale_count"]) == (201, device.pk, 9)
    assert issued["token"]
    listed = call("owner", "get", f"/offline-grants?device_id={device.pk}")[1]["items"]
    assert [row["id"] for row in listed] == [issued["grant"]["id"]]
    path = f"/tills/{device.pk}/offline-grants/revoke"
    assert call("owner", "post", path, {"reason": "丢了"})[1] == {"count": 1}
    assert call("manager", "get", f"/tills/{device.pk}/sales-journal")[0] == 404


def test_receipts_are_files(call, till):
    order = till.sell(till.open(), 8_000)
    path = f"/orders/{order.pk}"
    assert call("owner", "patch", f"/stores/{till.lake.pk}/receipt-settings", {"title": "旗舰店"})[0] == 200
    printer = f"/registers/{till.first.pk}/receipt-printer"
    assert call("clerk", "get", printer)[1]["width"] == 58
    assert call("owner", "patch", printer, {"width": 80})[1]["width"] == 80
    body = {"register_id": till.first.pk, "opens_drawer": True}
    status, content = call("clerk", "post", f"{path}/receipt-bytes", body)
    sheet = printed(content)
    assert (status, sheet.kicks, sheet.lines[0].text) == (200, 1, "旗舰店")
    assert sheet.links[0].endswith("/")
    assert "/m/receipts/" in sheet.links[0]
    again = printed(call("clerk", "post", f"{path}/receipt-bytes", body)[1])
    assert [line.text for line in again.lines if line.is_bold][1] == "副本"
    status, paper = call("auditor", "get", f"{path}/receipt")
    assert (status, paper[:5]) == (200, b"%PDF-")
    status, problem = call("clerk", "post", f"{path}/receipt-prints", body)
    assert (status, problem["code"]) == (409, "receipt_printer_missing")
    assert call("southerner", "get", f"{path}/receipt")[0] == 404
