"""The API of requests, copies, erasure, dates and care rules: what a key may, what only a person may."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dianke.access.operations import create_api_key
from dianke.access.permissions import BY_CODE, grantable_to_keys
from dianke.core.actor import SYSTEM
from dianke.customers.models import CareRule, Customer, ImportantDate, RightsRequest
from dianke.customers.tests.cast import make_customer
from dianke.stores.models import Posting
from dianke.stores.tests.cast import Cast
from dianke.work.models import Approval, Task


class Caller:
    """Calls with a key that holds everything its owner does."""

    def __init__(self, cast: Cast, name: str) -> None:
        held = frozenset().union(*(g.permissions for g in cast.actor(name, now=timezone.now()).grants))
        scopes = {code for code in BY_CODE if grantable_to_keys(code)} & held
        made = create_api_key(
            name="程序", owner=cast[name].user, scopes=scopes, actor=SYSTEM, now=timezone.now()
        )
        self.headers = {"Authorization": f"Bearer {made.raw}"}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        data = b"" if body is None else json.dumps(body).encode()
        return Client().generic(
            method, f"/api/v1{path}", data, content_type="application/json", headers=self.headers
        )

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.call("POST", path, body)


@pytest.fixture
def manager(cast: Cast) -> Caller:
    return Caller(cast, "manager")


def test_a_request_from_first_word_to_answer(cast: Cast, manager: Caller) -> None:
    customer = make_customer("王小美", store=cast.lake)
    made = manager.post("/customer-requests", {"customer_id": customer.pk, "kind": "CORRECTION"})
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    again = manager.post("/customer-requests", {"customer_id": customer.pk, "kind": "CORRECTION"})
    assert again.json()["id"] == pk
    unchecked = manager.post(f"/customer-requests/{pk}/answer", {"answer": "改好了"})
    assert (unchecked.status_code, unchecked.json()["code"]) == (409, "identity_unchecked")
    assert manager.post(f"/customer-requests/{pk}/identity", {"how": "IN_PERSON"}).status_code == 200
    done = manager.post(f"/customer-requests/{pk}/answer", {"answer": "改好了"})
    assert done.json()["state"] == "DONE"
    listed = manager.get("/customer-requests?state=DONE").json()["items"]
    assert [row["id"] for row in listed] == [pk]
    assert manager.get("/customer-requests?is_overdue=true").json()["items"] == []
    assert manager.get(f"/customer-requests/{pk}").json()["kind"] == "CORRECTION"


def test_refusal_withdrawal_and_objection(cast: Cast, manager: Caller) -> None:
    customer = make_customer("王小美", store=cast.lake)

    def opened(kind: str) -> int:
        return manager.post("/customer-requests", {"customer_id": customer.pk, "kind": kind}).json()["id"]

    refused = manager.post(f"/customer-requests/{opened('ERASURE')}/refuse", {"reason": "订单未完成"})
    assert refused.json()["state"] == "REFUSED"
    assert Customer.objects.get(pk=customer.pk).state == "ACTIVE"
    assert manager.post(f"/customer-requests/{opened('ACCESS')}/withdraw").json()["state"] == "WITHDRAWN"
    stopped = manager.post(f"/customer-requests/{opened('OBJECTION')}/answer", {"stop": ["MARKETING"]})
    assert stopped.json()["state"] == "DONE"


def test_customers_and_requests_elsewhere_do_not_exist(cast: Cast, manager: Caller) -> None:
    far = make_customer("远方", store=cast.harbour)
    refused = manager.post("/customer-requests", {"customer_id": far.pk, "kind": "ACCESS"})
    unknown = manager.post("/customer-requests", {"customer_id": 999999, "kind": "ACCESS"})
    assert (refused.status_code, refused.json()["code"]) == (unknown.status_code, unknown.json()["code"])
    own = Caller(cast, "southerner").post("/customer-requests", {"customer_id": far.pk, "kind": "ACCESS"})
    assert manager.get(f"/customer-requests/{own.json()['id']}").status_code == 404
    assert Caller(cast, "clerk").get("/customer-requests").status_code == 403


def test_a_key_makes_no_copies_and_erases_nobody(cast: Cast, manager: Caller) -> None:
    customer = make_customer("王小美", store=cast.lake)
    body = {"customer_id": customer.pk, "kind": "ACCESS", "identity_checked_how": "DOCUMENT"}
    pk = manager.post("/customer-requests", body).json()["id"]
    copy = manager.post(f"/customer-requests/{pk}/copy")
    assert (copy.status_code, copy.json()["code"]) == (403, "confirmation_required")
    erasure = manager.post("/customer-requests", {**body, "kind": "ERASURE"}).json()["id"]
    assert manager.post(f"/customer-requests/{erasure}/erasure", {"reason": "要求"}).status_code == 403
    owner = Caller(cast, "owner")
    asked = owner.post(f"/customer-requests/{erasure}/erasure", {"reason": "顾客要求"})
    assert asked.json() == {"is_erased": False, "approval_id": Approval.objects.get().pk}
    Posting.objects.filter(staff=cast["admin"]).delete()
    alone = owner.post(f"/customer-requests/{erasure}/erasure", {"reason": "顾客要求"})
    assert (alone.status_code, alone.json()["code"]) == (403, "confirmation_required")
    assert Customer.objects.get(pk=customer.pk).name == "王小美"


def test_a_person_who_has_just_proved_it_gets_the_copy(cast: Cast, manager: Caller, signed_in: Any) -> None:
    customer = make_customer("王小美", "13812345678", store=cast.lake)
    body = {"customer_id": customer.pk, "kind": "PORTABILITY", "identity_checked_how": "DOCUMENT"}
    pk = manager.post("/customer-requests", body).json()["id"]
    client = signed_in("manager")
    session = client.session
    session["authenticated_at"] = timezone.now().timestamp()
    session.save()
    answer = client.post(f"/api/v1/customer-requests/{pk}/copy")
    assert answer.json()["tables"]["contact_points"][0]["value"] == "+8613812345678"


def test_the_register_can_be_read(manager: Caller) -> None:
    items = manager.get("/processing-register?limit=3").json()["items"]
    assert len(items) == 3
    assert all(item["ground"] for item in items)


def test_dates_are_listed_and_planned(cast: Cast, manager: Caller) -> None:
    on = timezone.localdate() + timedelta(days=2)
    customer = make_customer("王小美", store=cast.lake, birthday=(1990, on.month, on.day))
    make_customer("远方", store=cast.harbour, birthday=(1990, on.month, on.day))
    days = manager.get("/customer-dates").json()["days"]
    assert [(day["on"], [each["name"] for each in day["occasions"]]) for day in days] == [
        (str(on), ["王小美"])
    ]
    row = ImportantDate.objects.get(customer=customer)
    made = manager.post(f"/customer-dates/{row.pk}/task", {"on": str(on)})
    assert made.json()["task_id"] == Task.objects.get(kind="care_date").pk
    assert manager.post(f"/customer-dates/{row.pk}/task", {"on": "2031-01-01"}).status_code == 409
    assert (
        Caller(cast, "neighbour").post(f"/customer-dates/{row.pk}/task", {"on": str(on)}).status_code == 404
    )
    for odd in ("from_date=1800-01-01", "from_date=2099-12-31&days=92", "from_date=9999-12-31"):
        assert manager.get(f"/customer-dates?{odd}").status_code == 200


def test_care_rules_are_made_changed_and_paused(cast: Cast) -> None:
    owner = Caller(cast, "owner")
    made = owner.post("/care-rules", {"title": "生日祝福", "days_before": 5, "store_id": cast.lake.pk})
    assert made.status_code == 201, made.content
    pk = made.json()["id"]
    changed = owner.call("PATCH", f"/care-rules/{pk}", {"days_before": 1, "store_id": None})
    assert (changed.json()["days_before"], changed.json()["store_id"]) == (1, None)
    assert owner.post(f"/care-rules/{pk}/pause").json()["is_active"] is False
    assert owner.post(f"/care-rules/{pk}/resume").json()["is_active"] is True
    assert owner.get("/care-rules").json()["items"][0]["title"] == "生日祝福"
    assert owner.call("PATCH", f"/care-rules/{pk}", {"tag_id": 999}).status_code == 422
    assert Caller(cast, "manager").get("/care-rules").status_code == 403
    assert CareRule.objects.count() == 1
    assert not RightsRequest.objects.exists()
