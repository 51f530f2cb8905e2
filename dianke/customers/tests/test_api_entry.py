"""The counter of another program: told who is here, asked what to do, and correcting contact points one by one."""

from __future__ import annotations

from typing import Any

import pytest

from dianke.customers.models import Customer, SourceRecord
from dianke.customers.tests.cast import make_customer
from tests.api.conftest import key_of

PHONE = "13812345678"


@pytest.fixture
def call(cast) -> Any:
    """`call("clerk", "/customers", {...})`: status and answer, under that person's key."""
    keys: dict[str, Any] = {}

    def run(who: str, path: str, body: Any = None, method: str = "POST") -> tuple[int, Any]:
        if who not in keys:
            keys[who] = key_of(cast[who].user)
        answer = keys[who].call(method, path, body)
        return answer.status_code, answer.json() if answer.content else None

    return run


@pytest.fixture
def known(cast) -> Customer:
    return make_customer("王小明", PHONE, store=cast.lake)


@pytest.fixture
def body(cast) -> dict[str, Any]:
    return {"store_id": cast.lake.pk, "name": "王晓明", "phones": [{"number": PHONE}], "at_counter": True}


def test_at_the_counter_an_existing_key_is_told_and_nothing_is_kept(call, known, body):
    status, told = call("clerk", "/customers", body)
    assert (status, told["code"]) == (409, "customer_exists")
    (hint,) = told["hints"]
    assert (hint["id"], hint["kind"], hint["name"]) == (known.pk, "exact", "王＊明")
    assert SourceRecord.objects.count() == 1


def test_the_same_sent_again_with_a_decision_is_taken(call, known, body):
    status, linked = call("clerk", "/customers", {**body, "link_to_id": known.pk})
    assert (status, linked["outcome"], linked["id"]) == (200, "LINKED", known.pk)
    status, made = call("clerk", "/customers", {**body, "as_new": True})
    assert (status, made["outcome"], len(made["pairs"])) == (201, "CREATED", 1)


def test_of_a_customer_out_of_sight_only_the_keeper_is_told(call, cast, body):
    hidden = make_customer("欧阳若兰", PHONE, store=cast.road)
    status, told = call("clerk", "/customers", body)
    (hint,) = told["hints"]
    assert status == 409
    assert hint["keeper"] == "STORE"
    assert "id" not in hint
    for secret in ("欧阳", hidden.member_number, f'"{hidden.pk}"'):
        assert secret not in str(told)


def test_a_contact_point_is_corrected_preferred_put_away_and_brought_back(call, known):
    first = known.contact_points.get()
    path = f"/customers/{known.pk}/contact-points"
    _status, second = call("clerk", path, {"kind": "PHONE", "value": "13912345678", "use": "WORK"})
    assert call("clerk", f"{path}/{second['id']}/prefer")[0] == 200
    status, changed = call("clerk", f"{path}/{first.pk}", {"value": "13712345678"}, "PATCH")
    assert status == 200
    assert changed["id"] != first.pk
    call("clerk", f"{path}/{changed['id']}/archive")
    assert list(known.contact_points.filter(archived_at=None).values_list("pk", flat=True)) == [second["id"]]
    call("clerk", f"{path}/{changed['id']}/restore")
    assert known.contact_points.filter(archived_at=None).count() == 2


def test_contact_points_are_reached_through_their_own_customer_only(call, cast, known):
    other = make_customer("李芳", "13912345678", store=cast.lake)
    point = other.contact_points.get()
    for action, method in (("", "PATCH"), ("/prefer", "POST"), ("/restore", "POST")):
        path = f"/customers/{known.pk}/contact-points/{point.pk}{action}"
        assert call("clerk", path, {"use": "HOME"} if method == "PATCH" else None, method)[0] == 404
        assert call("neighbour", path, {"use": "HOME"} if method == "PATCH" else None, method)[0] == 404
