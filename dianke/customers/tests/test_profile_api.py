"""Customers over the API: the same rows, the same masks, the same refusals as on the pages."""

from __future__ import annotations

import json
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from dianke.customers.tests.cast import make_customer
from dianke.events.models import Event


def tomorrow() -> date:
    """The day after today in the shop: the API reads the clock."""
    return timezone.localdate(timezone=ZoneInfo("Asia/Shanghai")) + timedelta(days=1)


@pytest.fixture
def api(signed_in):
    """`api("clerk", "/customers", q="5678")`: status and answer."""

    def call(name: str, path: str, /, body=None, **query):
        client = signed_in(name)
        if body is None:
            response = client.get(f"/api/v1{path}", query)
        else:
            response = client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json")
        return response.status_code, response.json()

    return call


@pytest.fixture
def wang(cast):
    return make_customer(
        "王小明", "13812345678", store=cast.lake, tags=["VIP"], birthday=(1990, tomorrow().month, tomorrow().day),
        address=("浙江省", "杭州市", "西湖区", "文三路1号"), consents={("MARKETING", "SMS"): True},
    )  # fmt: skip


def test_a_list_is_searched_and_masked(cast, api, wang) -> None:
    make_customer("陈静", "13987654321", store=cast.lake)
    status, answer = api("clerk", "/customers", q="5678")
    assert status == 200
    (row,) = answer["items"]
    assert (row["id"], row["phone"], row["tags"]) == (wang.pk, "138****5678", ["VIP"])


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 2),
        ({"q": "wang"}, 1),
        ({"kind": "COMPANY"}, 1),
        ({"level": "金卡"}, 0),
        ({"state": "REMOVED"}, 0),
    ],
)
def test_filters_narrow_the_list(cast, api, wang, query, count) -> None:
    make_customer("西湖家具有限公司", store=cast.lake, kind="COMPANY")
    assert len(api("clerk", "/customers", **query)[1]["items"]) == count


def test_a_tag_narrows_the_list(cast, api, wang) -> None:
    make_customer("陈静", store=cast.lake)
    tag = wang.taggings.get().tag
    assert [row["id"] for row in api("clerk", "/customers", tag_id=tag.pk)[1]["items"]] == [wang.pk]


def test_pages_are_followed_by_their_cursor(cast, api, now) -> None:
    for number in range(5):
        make_customer(f"王{number}", store=cast.lake)
    seen, cursor = [], None
    while True:
        answer = api("clerk", "/customers", limit=2, **({"cursor": cursor} if cursor else {}))[1]
        seen += [row["name"] for row in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == [f"王{number}" for number in range(5)]
    assert len(seen) == 5


def test_one_profile_says_everything_but_hidden_values(cast, api, wang) -> None:
    status, answer = api("clerk", f"/customers/{wang.pk}")
    assert status == 200
    assert answer["contacts"][0]["value"] == "138****5678"
    assert answer["addresses"][0]["district"] == "西湖区"
    assert answer["dates"][0]["next_on"] == tomorrow().isoformat()
    assert answer["age"] == tomorrow().year - 1991
    assert {"purpose": "MARKETING", "channel": "SMS", "is_given": True} in answer["consents"]
    assert "13812345678" not in json.dumps(answer)
    assert "文三路" not in json.dumps(answer, ensure_ascii=False)


def test_a_merged_customer_answers_its_profile(cast, api, wang) -> None:
    joined = make_customer("王晓明", store=cast.lake, merged_into=wang)
    answer = api("clerk", f"/customers/{joined.pk}")[1]
    assert (answer["id"], answer["member_ids"]) == (wang.pk, [wang.pk, joined.pk])


@pytest.mark.parametrize("path", ["/customers/{}", "/customers/{}/timeline"])
def test_customers_out_of_reach_do_not_exist(api, wang, path) -> None:
    assert api("neighbour", path.format(wang.pk))[0] == 404
    assert api("neighbour", "/customers")[1]["items"] == []


def test_a_note_is_written_and_read_back(api, wang) -> None:
    status, note = api("clerk", f"/customers/{wang.pk}/notes", body={"text": "喜欢翡翠", "kind": "CALL"})
    assert status == 201
    (line,) = api("clerk", f"/customers/{wang.pk}/timeline", group="notes")[1]["items"]
    assert (line["note_id"], line["note"]) == (note["id"], "喜欢翡翠")
    assert api("clerk", f"/customers/{wang.pk}/timeline", q="翡翠")[1]["items"]
    assert api("clerk", f"/customers/{wang.pk}/notes", body={"text": " "})[0] == 422


def test_a_number_is_revealed_with_a_reason_and_logged(api, wang) -> None:
    path = f"/customers/{wang.pk}/contact-points/{wang.contact_points.get().pk}/reveal"
    assert api("clerk", path, body={"reason": ""})[0] == 422
    status, answer = api("clerk", path, body={"reason": "回访"})
    assert (status, answer) == (200, {"value": "+8613812345678"})
    assert Event.objects.filter(kind="access.field_revealed").count() == 1
    assert api("neighbour", path, body={"reason": "x"})[0] == 404
    assert api("auditor", path, body={"reason": "x"})[0] == 403
