"""Duplicates and merges over the API, in a signed-in browser's session."""

from __future__ import annotations

import json

import pytest

from dianke.customers.models import Customer
from dianke.customers.tests.cast import make_customer
from dianke.customers.tests.test_merges import make_pair


@pytest.fixture
def api(signed_in):
    """`api("manager", "POST", "/customers/1/merges", {...})`: status and answer."""

    def call(name, method, path, body=None):
        data = "" if body is None else json.dumps(body)
        response = signed_in(name).generic(method, f"/api/v1{path}", data, content_type="application/json")
        return response.status_code, response.json()

    return call


def test_a_pair_from_the_queue_to_its_decision_and_back(cast, api, now):
    a, b = (make_customer(name, "13812345678", store=cast.lake) for name in ("王小明", "王晓明"))
    far = make_customer("王小名", store=cast.harbour)
    pair, _out_of_sight = make_pair(a, b, now), make_pair(a, far, now)
    status, listed = api("manager", "GET", "/customers/duplicates")
    assert (status, [item["id"] for item in listed["items"]]) == (200, [pair.pk])
    assert [each["weight"] for each in listed["items"][0]["evidence"]] == [6.5]
    path = f"/customers/duplicates/{pair.pk}"
    status, decided = api("manager", "POST", f"{path}/decision", {"verdict": "SAME", "kept_id": b.pk})
    assert (status, decided["state"]) == (200, "LINKED")
    assert decided["left_profile_id"] == decided["right_profile_id"] == b.pk
    status, again = api("manager", "POST", f"{path}/take-back")
    assert (status, again["state"], again["left_profile_id"]) == (200, "WAITING", a.pk)
    assert (
        api("manager", "POST", f"/customers/duplicates/{_out_of_sight.pk}/decision", {"verdict": "LATER"})[0]
        == 404
    )
    assert api("clerk", "GET", "/customers/duplicates")[0] == 403


def test_merging_and_separating(cast, api):
    a, b = make_customer("王女士", "13812345678", store=cast.lake), make_customer("王美丽", store=cast.lake)
    status, shown = api("manager", "GET", f"/customers/{a.pk}/merge-preview?joined_id={b.pk}")
    lines = {line["field"]: line for line in shown["lines"]}
    assert (status, shown["problems"]) == (200, [])
    assert (lines["name"]["after"], lines["PHONE"]["kept"]) == (["王美丽"], ["138****5678"])
    status, merge = api("manager", "POST", f"/customers/{a.pk}/merges", {"joined_id": b.pk})
    assert (status, merge["kept_id"], merge["moved"]) == (201, a.pk, [b.pk])
    repeated = api("manager", "POST", f"/customers/{b.pk}/merges", {"joined_id": a.pk})
    assert repeated == (201, merge)
    status, listed = api("clerk", "GET", f"/customers/{a.pk}/merges")
    assert (status, [item["id"] for item in listed["items"]]) == (200, [merge["id"]])
    assert api("clerk", "POST", f"/customers/merges/{merge['id']}/undo")[0] == 403
    status, undone = api("manager", "POST", f"/customers/merges/{merge['id']}/undo")
    assert (status, undone["undone_by_id"]) == (200, cast["manager"].user.pk)
    assert Customer.objects.get(pk=b.pk).merged_into is None


@pytest.mark.parametrize(
    ("joined", "status", "code"),
    [
        ({"unionid": "o2", "is_verified": True}, 409, "cannot_merge"),
        ({"store": "harbour"}, 422, "reference_unknown"),
    ],
)
def test_what_cannot_be_merged_is_refused_with_its_reason(cast, api, joined, status, code):
    store = cast.harbour if joined.pop("store", "") else cast.lake
    a = make_customer("甲一", unionid="o1", is_verified=True, store=cast.lake)
    b = make_customer("乙一", store=store, **joined)
    answered, problem = api("manager", "POST", f"/customers/{a.pk}/merges", {"joined_id": b.pk})
    assert (answered, problem["code"]) == (status, code)
    if code == "cannot_merge":
        assert "微信" in problem["detail"] or "WeChat" in problem["detail"]
