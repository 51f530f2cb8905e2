"""Selling over HTTP: a basket priced, sold, given back; an order on its way; what a caller who may less is told."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from dianke.catalog.models import Product, Unit, Variant
from dianke.core.actor import SYSTEM
from dianke.events.testing import deliver_events
from dianke.inventory import operations as stock
from dianke.sales.models import Order
from dianke.stores.tests.cast import Cast, make_cast
from dianke.work.models import Approval
from dianke.work.operations import decide, set_policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(now) -> Cast:
    return make_cast(now)


@pytest.fixture
def scarf(cast: Cast, now) -> Variant:
    unit = Unit.objects.first() or Unit.objects.create(code="TST", name="件", digits=0)
    with transaction.atomic():
        product = Product.objects.create(name="围巾", code="WJ", unit=unit, created_at=now, changed_at=now)
        variant = Variant.objects.create(product=product, code="WJ1", price_amount=100_00)
    stock.receive(
        store=cast.lake,
        goods=[stock.Goods(variant.pk, D(10), D(40))],
        reference="test:1",
        business_date=cast.lake.business_date(now),
        actor=SYSTEM,
        now=now,
    )
    return variant


@pytest.fixture
def call(cast: Cast):
    """`call("manager", "post", "/sales", {...})`: status and body."""

    def send(name: str, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        client = Client()
        client.force_login(cast[name].user, backend="django.contrib.auth.backends.ModelBackend")
        session, stamp = client.session, timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        more = {"data": body, "content_type": "application/json"} if body is not None else {}
        answer = getattr(client, method)(f"/api/v1{path}", **more, headers=headers or None)
        is_json = "json" in answer.headers.get("Content-Type", "")
        return answer.status_code, answer.json() if is_json else answer.content

    return send


def basket(cast: Cast, scarf: Variant, quantity: str = "2", **more: Any) -> dict[str, Any]:
    items = [{"key": "a", "variant_id": scarf.pk, "quantity": quantity}]
    return {"store_id": cast.lake.pk, "items": items} | more


def test_a_sale_is_priced_made_found_and_given_back(call, cast, scarf):
    status, priced = call("clerk", "post", "/price", basket(cast, scarf))
    assert (status, priced["total_amount"]) == (200, 200_00), priced
    payment = {"uuid": str(uuid4()), "tender": "CASH", "amount": 200_00, "tendered_amount": 200_00}
    body = basket(cast, scarf, uuid=str(uuid4()), payments=[payment], expected_amount=200_00)
    status, sale = call("clerk", "post", "/sales", body)
    assert (status, sale["state"], sale["lines"][0]["paid_amount"]) == (201, "CLOSED", 200_00), sale
    # What was written just now answers like what is read: at once, sent again, asked for.
    assert call("clerk", "post", "/sales", body)[1] == sale
    assert call("clerk", "get", f"/orders/{sale['id']}")[1] == sale
    status, problem = call("clerk", "post", "/sales", body | {"note": "另一单"})
    assert (status, problem["code"]) == (409, "sale_differs")
    _status, found = call("clerk", "get", f"/orders?store_id={cast.lake.pk}&state=CLOSED")
    assert [row["number"] for row in found["items"]] == [sale["number"]]
    back = {"items": [{"line_id": sale["lines"][0]["id"], "quantity": "1"}]}
    path = f"/orders/{sale['id']}/return-preview"
    assert call("clerk", "post", path, back)[0] == 403
    status, shown = call("manager", "post", path, back)
    assert (status, shown["refund_amount"]) == (200, 100_00), shown
    body = back | {"order_id": sale["id"], "uuid": str(uuid4()), "reason": "不合适"}
    status, problem = call("manager", "post", "/returns", body | {"expected_refund": 99_00})
    assert (status, problem["code"]) == (409, "return_preview_overtaken")
    status, done = call("manager", "post", "/returns", body | {"expected_refund": 100_00})
    assert (status, done["effects"]) == (201, shown["effects"]), done
    _status, detail = call("clerk", "get", f"/orders/{sale['id']}")
    assert detail["refunds"][0]["amount"] == 100_00
    assert len(call("clerk", "get", f"/returns?order_id={sale['id']}")[1]["items"]) == 1


def test_an_order_goes_its_way_over_http(call, cast, scarf):
    terms = {"deposit_kind": "PREPAYMENT", "deposit_amount": 50_00, "due_date": "2099-12-01"}
    status, order = call("clerk", "post", "/orders", basket(cast, scarf, uuid=str(uuid4()), terms=terms))
    assert (status, order["state"], order["due_amount"]) == (201, "APPROVED", 200_00), order
    path = f"/orders/{order['id']}"
    payment = {"uuid": str(uuid4()), "tender": "WECHAT", "amount": 50_00}
    status, problem = call("clerk", "post", f"{path}/payments", payment)
    assert (status, problem["code"]) == (422, "payment_reference_missing")
    status, paid = call("clerk", "post", f"{path}/payments", payment | {"reference": "4200001"})
    assert (status, paid["state"]) == (201, "TAKEN"), paid
    items = {"items": [{"key": "a", "variant_id": scarf.pk, "quantity": "1"}]}
    assert call("clerk", "put", f"{path}/lines", items)[1]["total_amount"] == 100_00
    day = {"due_date": "2099-12-24", "reason": "工厂延期"}
    assert call("clerk", "put", f"{path}/due-date", day)[1]["due_date"] == "2099-12-24"
    status, problem = call("clerk", "post", f"{path}/fulfil", {"uuid": str(uuid4())})
    assert (status, problem["code"]) == (422, "sale_not_paid_in_full")
    rest = {"uuid": str(uuid4()), "tender": "CASH", "amount": 60_00}
    assert call("clerk", "post", f"{path}/payments", rest)[1]["change_amount"] == 10_00
    status, done = call("clerk", "post", f"{path}/fulfil", {"uuid": str(uuid4())})
    assert (status, done["state"]) == (200, "CLOSED"), done
    assert done["lines"][0]["cost"] is None
    assert call("clerk", "post", f"{path}/cancel", {"reason": "x"})[0] == 409


def test_a_quote_is_put_right_until_it_is_an_order(call, cast, scarf):
    body = basket(cast, scarf, uuid=str(uuid4()), channel="QUOTE")
    status, quote = call("clerk", "post", "/orders", body)
    assert (status, quote["state"]) == (201, "DRAFT"), quote
    path = f"/orders/{quote['id']}"
    terms = {"due_date": "2099-12-01", "deposit_kind": "EARNEST", "deposit_amount": 50_00, "note": "四楼"}
    status, changed = call("clerk", "patch", f"{path}/draft", terms)
    assert (status, changed["due_date"], changed["deposit_amount"]) == (200, "2099-12-01", 50_00), changed
    status, changed = call("clerk", "patch", f"{path}/draft", {"note": "五楼"})
    assert (changed["due_date"], changed["deposit_amount"]) == ("2099-12-01", 50_00), "what is left out stays"
    assert Order.objects.get(pk=quote["id"]).note == "五楼"
    status, problem = call("clerk", "patch", f"{path}/draft", terms | {"deposit_amount": 999_00})
    assert (status, problem["code"]) == (422, "order_deposit_too_much")
    assert call("clerk", "patch", f"{path}/draft", {"customer_id": 2**31})[0] == 422
    assert call("southerner", "patch", f"{path}/draft", terms)[0] == 404
    assert call("clerk", "post", f"{path}/submit", {})[1]["state"] == "APPROVED"
    status, problem = call("clerk", "patch", f"{path}/draft", terms)
    assert (status, problem["code"]) == (409, "order_not_draft")


def test_orders_of_other_stores_are_not_there(call, cast, scarf):
    payment = {"uuid": str(uuid4()), "tender": "CASH", "amount": 200_00}
    call("clerk", "post", "/sales", basket(cast, scarf, uuid=str(uuid4()), payments=[payment]))
    order = Order.objects.get()
    assert call("southerner", "get", f"/orders/{order.pk}")[0] == 404


def test_kinds_of_payment_and_bills(call, cast):
    assert "CASH" in [row["code"] for row in call("clerk", "get", "/tenders")[1]]
    body = {
        "tender": "WECHAT",
        "legal_entity_id": cast.lake.legal_entity_id,
        "business_date": "2026-11-21",
        "rows": [{"reference": "x", "amount": 5}],
    }
    assert call("clerk", "post", "/payment-bills", body)[0] == 403
    assert call("owner", "post", "/payment-bills", body)[1]["missing_here"] == 1


def test_a_discount_above_the_limit_needs_a_second_person(call, cast, scarf, now):
    limit = {"operation": "sales.approve_order", "limit": D(5), "actor": SYSTEM, "now": now}
    set_policy(**limit)
    items = [
        {"key": "a", "variant_id": scarf.pk, "quantity": "1", "discount_amount": 10_00, "reason": "老客"}
    ]
    body = {"store_id": cast.lake.pk, "items": items}
    status, problem = call("manager", "post", "/orders", body | {"uuid": str(uuid4())})
    assert (status, problem["code"]) == (422, "sales_reason_missing")
    status, order = call("manager", "post", "/orders", body | {"uuid": str(uuid4()), "reason": "老客户"})
    assert (status, order["state"]) == (201, "PLACED"), order
    approval = Approval.objects.get()
    owner = cast.actor("owner")
    decide(approval=approval, is_approved=True, sha256=approval.sha256, note="", actor=owner, now=now)
    assert Order.objects.get(pk=order["id"]).state == "APPROVED"
    status, other = call("manager", "post", "/orders", body | {"uuid": str(uuid4()), "reason": "再来"})
    approval = Approval.objects.get(outcome="PENDING")
    decide(approval=approval, is_approved=False, sha256=approval.sha256, note="太低", actor=owner, now=now)
    deliver_events(now=now)
    assert Order.objects.get(pk=other["id"]).state == "DRAFT"


def test_a_refund_above_the_limit_needs_a_second_person(call, cast, scarf, now):
    set_policy(operation="sales.return_goods", limit=D(150), actor=SYSTEM, now=now)
    payment = {"uuid": str(uuid4()), "tender": "CASH", "amount": 200_00}
    _status, sale = call(
        "clerk", "post", "/sales", basket(cast, scarf, uuid=str(uuid4()), payments=[payment])
    )
    line = sale["lines"][0]["id"]
    body = {"order_id": sale["id"], "uuid": str(uuid4()), "reason": "不合适"}
    both = body | {"items": [{"line_id": line, "quantity": "2"}]}
    status, problem = call("manager", "post", "/returns", both)
    assert (status, problem["code"]) == (403, "approval_needed"), problem
    status, done = call("manager", "post", "/returns", body | {"items": [{"line_id": line, "quantity": "1"}]})
    assert (status, done["refund_amount"]) == (201, 100_00)


def test_goods_without_a_receipt_come_back_at_the_least_that_was_paid(call, cast, scarf):
    for off in (0, 10_00):
        items = [{"key": "a", "variant_id": scarf.pk, "quantity": "1", "discount_amount": off, "reason": "x"}]
        payment = {"uuid": str(uuid4()), "tender": "CASH", "amount": 100_00 - off}
        body = {"store_id": cast.lake.pk, "items": items, "uuid": str(uuid4()), "payments": [payment]}
        assert call("manager", "post", "/sales", body)[0] == 201
    path = f"/returns/without-receipt?store_id={cast.lake.pk}&variant_id={scarf.pk}"
    assert call("clerk", "get", path)[0] == 403
    status, found = call("manager", "get", path)
    assert (status, [row["unit_amount"] for row in found]) == (200, [90_00, 100_00]), found
    body = {
        "order_id": found[0]["order_id"],
        "uuid": str(uuid4()),
        "reason": "小票丢了",
        "has_receipt": False,
        "items": [{"line_id": found[0]["line_id"], "quantity": "1"}],
    }
    status, done = call("manager", "post", "/returns", body)
    assert (status, done["kind"], done["refund_amount"]) == (201, "NO_RECEIPT", 90_00)


def test_stages_and_kinds_of_payment_are_the_merchants(call, cast):
    stage = {
        "trade": "BEAUTY",
        "code": "CHECK",
        "name": "质检",
        "position": 1,
        "order_state": "READY",
        "task_title": "检查",
    }
    assert call("clerk", "put", "/order-stages", stage)[0] == 403
    status, made = call("owner", "put", "/order-stages", stage)
    assert (status, made["name"]) == (200, "质检"), made
    assert call("owner", "put", "/order-stages", stage | {"name": "检验"})[1]["id"] == made["id"]
    assert "CHECK" in [row["code"] for row in call("clerk", "get", "/order-stages")[1]]
    wechat = next(row for row in call("clerk", "get", "/tenders")[1] if row["code"] == "WECHAT")
    path = f"/tenders/{wechat['id']}"
    status, changed = call("owner", "patch", path, {"name": "微信收款", "fallback": "CASH"})
    assert (status, changed["name"]) == (200, "微信收款"), changed
    status, problem = call("owner", "patch", path, {"fallback": "WALLET"})
    assert (status, problem["code"]) == (422, "tender_fallback_wrong")
