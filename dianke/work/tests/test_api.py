"""The API of the room: what a key may, what only a person may, and nothing of other stores."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from dianke.access.operations import create_api_key
from dianke.access.permissions import BY_CODE, grantable_to_keys
from dianke.access.queries import actor_for
from dianke.stores.models import Store
from dianke.web.models import Export
from dianke.work import operations
from dianke.work.models import Approval, Task
from dianke.work.tests.conftest import ask_for_export


@pytest.fixture
def now():
    """Requests live at the real time; so does their cast."""
    return timezone.now()


@pytest.fixture
def api(cast, now, system):
    """`api("li").post("/tasks", {...})` with a key of that person."""

    class Caller:
        def __init__(self, name):
            held = frozenset().union(*(g.permissions for g in actor_for(cast.users[name], now=now).grants))
            scopes = {code for code in BY_CODE if grantable_to_keys(code)} & held
            made = create_api_key(name="程序", owner=cast.users[name], scopes=scopes, actor=system, now=now)
            self.headers = {"Authorization": f"Bearer {made.raw}"}

        def call(self, method, path, body=None, **headers):
            data = b"" if body is None else json.dumps(body).encode()
            return Client().generic(
                method,
                f"/api/v1{path}",
                data,
                content_type="application/json",
                headers={**self.headers, **headers},
            )

        def get(self, path):
            return self.call("GET", path)

        def post(self, path, body=None, **headers):
            return self.call("POST", path, body, **headers)

        def patch(self, path, body):
            return self.call("PATCH", path, body)

    return Caller


def test_a_task_from_its_making_to_its_end(cast, api, now):
    li = api("li")
    made = li.post("/tasks", {"title": "回访", "store_id": cast.stores["jingan"].pk, "checklist": ["查档案"]})
    assert made.status_code == 201, made.content
    task = made.json()
    assert (task["owner_id"], task["checklist"][0]["text"], task["created_by_id"]) == (
        None,
        "查档案",
        cast.users["li"].pk,
    )
    path = f"/tasks/{task['id']}"
    due = (now + timedelta(days=1)).isoformat()
    assert li.patch(path, {"priority": 4, "due_at": due}).json()["priority"] == 4
    assert li.patch(path, {"due_at": None}).json()["due_at"] is None
    assert (
        li.post(f"{path}/assign", {"owner_id": cast.users["li"].pk}).json()["owner_id"] == cast.users["li"].pk
    )
    assert li.post(f"{path}/comments", {"text": "@周婷 看一下"}).json()["mentioned"] == [
        cast.users["zhou"].pk
    ]
    assert len(li.get(f"{path}/comments").json()["items"]) == 1
    assert li.post(f"{path}/complete").json()["completed_by_id"] == cast.users["li"].pk
    assert li.patch(path, {"priority": 1}).status_code == 409
    assert li.post(f"{path}/reopen").json()["completed_at"] is None
    assert li.post(f"{path}/cancel").json()["cancelled_at"] is not None


def test_lists_reach_as_far_as_the_pages(cast, api, now):
    cast.task("李的", owner="li", due_at=now - timedelta(days=1))
    cast.task("没人领")
    cast.task("徐汇的", store="xuhui")

    def titles(name, query=""):
        return {item["title"] for item in api(name).get(f"/tasks{query}").json()["items"]}

    assert titles("wang") == {"李的", "没人领", "徐汇的"}
    assert titles("li") == {"李的", "没人领"}
    assert titles("li", "?owner=nobody") == {"没人领"}
    assert titles("li", "?owner=me") == {"李的"}
    assert titles("wang", f"?owner={cast.users['li'].pk}") == {"李的"}
    assert titles("wang", f"?store_id={cast.stores['xuhui'].pk}") == {"徐汇的"}
    assert titles("li", "?state=done") == set()


def test_pages_of_a_list_follow_each_other(cast, api):
    for number in range(5):
        cast.task(f"{number}")
    li, seen, cursor = api("li"), [], ""
    while cursor is not None:
        page = li.get(f"/tasks?limit=2&cursor={cursor}" if cursor else "/tasks?limit=2").json()
        seen += [item["title"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("name", ["sun", "zhao"])
def test_tasks_of_other_stores_are_not_there(cast, api, name):
    task, caller = cast.task(owner="li"), api(name)
    assert caller.get(f"/tasks/{task.pk}").status_code == 404
    for path in ("complete", "cancel", "reopen"):
        assert caller.post(f"/tasks/{task.pk}/{path}").status_code == 404
    assert caller.get(f"/tasks/{task.pk}/comments").status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"title": " "}, "invalid_input"),
        ({"title": "x", "priority": 5}, "invalid_input"),
        ({"title": "x", "unknown": 1}, "invalid_input"),
        ({"title": "x", "due_at": "2026-11-21T10:00:00"}, "invalid_input"),
        ({"title": "x", "kind": "nonsense"}, "task_kind_unknown"),
        ({"title": "x", "store_id": "xuhui"}, "reference_unknown"),
        ({"title": "x", "owner_id": "sun"}, "reference_unknown"),
        ({"title": "x", "custom": {"nope": 1}}, "custom_field_unknown"),
    ],
)
def test_what_cannot_be_made_is_refused_with_its_reason(cast, api, body, code):
    names = {"xuhui": cast.stores["xuhui"].pk, "sun": cast.users["sun"].pk}
    answer = api("chen").post(
        "/tasks",
        {key: names.get(value, value) if isinstance(value, str) else value for key, value in body.items()},
    )
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_clerks_key_gives_no_work_to_others(cast, api):
    answer = api("li").post("/tasks", {"title": "x", "owner_id": cast.users["zhou"].pk})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_task")


def test_an_auditors_key_only_reads(cast, api):
    task, he = cast.task(), api("he")
    assert he.get(f"/tasks/{task.pk}").status_code == 200
    assert he.post(f"/tasks/{task.pk}/complete").status_code == 403


def test_a_repeat_with_the_same_key_makes_one_task(api):
    li = api("li")
    answers = [li.post("/tasks", {"title": "回访"}, **{"Idempotency-Key": "a-1"}) for _ in range(2)]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert Task.objects.count() == 1


def test_custom_fields_are_listed_and_written(cast, api, now):
    options = [{"code": "tel", "label": "电话"}, {"code": "wx", "label": "微信"}]
    operations.define_field(
        model="work.task",
        type="CHOICE",
        values={"label": "方式", "options": options},
        actor=cast.actor("wang"),
        now=now,
    )
    li = api("li")
    assert [field["key"] for field in li.get("/custom-fields?model=work.task").json()["items"]] == [
        "fang_shi"
    ]
    assert li.get("/custom-fields/work.task/schema").json()["properties"]["fang_shi"]["enum"] == ["tel", "wx"]
    assert li.get("/custom-fields/work.nonsense/schema").status_code == 404
    assert li.post("/tasks", {"title": "x", "custom": {"fang_shi": "微信"}}).json()["custom"] == {
        "fang_shi": "wx"
    }
    wrong = li.post("/tasks", {"title": "x", "custom": {"fang_shi": "鸽子"}}).json()
    assert wrong["errors"][0]["field"] == "custom_fang_shi"


# --- approvals -------------------------------------------------------------------------------------------------------
def test_a_refused_change_is_asked_for_over_the_api(cast, api, now, system):
    operations.set_policy(operation="stores.close_store", actor=system, now=now)
    wang, store = api("wang"), cast.stores["xuhui"]
    refused = wang.post(f"/stores/{store.pk}/close", {"closed_on": "2027-12-31"})
    assert (refused.status_code, refused.json()["code"]) == (403, "approval_needed")
    body = {
        "operation": "stores.close_store",
        "arguments": {"store": store.pk, "closed_on": "2027-12-31"},
        "reason": "租约到期",
    }
    made = wang.post("/approvals", body)
    assert made.status_code == 201, made.content
    assert made.json()["lines"][-1]["after"] == "2027-12-31"
    assert [item["id"] for item in wang.get("/approvals?view=mine").json()["items"]] == [made.json()["id"]]
    assert wang.post(f"/approvals/{made.json()['id']}/withdraw").json()["outcome"] == "WITHDRAWN"
    assert Store.objects.get(pk=store.pk).closed_on is None


def test_a_key_never_decides(cast, api, now):
    approval = ask_for_export(cast, "chen", now)
    answer = api("wang").post(
        f"/approvals/{approval.pk}/decide", {"is_approved": True, "sha256": approval.sha256}
    )
    assert answer.status_code == 403
    assert Approval.objects.get().is_pending


def test_a_person_decides_over_the_api_after_proving_who_they_are(cast, now):
    approval = ask_for_export(cast, "chen", now)
    client = cast.client("wang")
    session = client.session
    session.pop("authenticated_at", None)
    session.save()
    path, body = f"/api/v1/approvals/{approval.pk}/decide", {"is_approved": True, "sha256": approval.sha256}
    refused = client.post(path, body, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "confirmation_required")
    session["authenticated_at"] = now.timestamp()
    session.save()
    assert client.post(path, body, content_type="application/json").json()["outcome"] == "APPROVED"
    assert Export.objects.count() == 1


def test_requests_of_others_are_not_there(cast, api, now):
    approval = ask_for_export(cast, "chen", now)
    codes = {
        name: api(name).get(f"/approvals/{approval.pk}").status_code
        for name in ("chen", "wang", "li", "zhao")
    }
    assert codes == {"chen": 200, "wang": 200, "li": 404, "zhao": 404}


# --- notices ---------------------------------------------------------------------------------------------------------
def test_notices_are_ones_own_and_in_ones_language(cast, api, now):
    for name in ("li", "zhou"):
        operations.notify(
            user_ids=[cast.users[name].pk], kind="tasks_overdue", params={"count": 2}, reference="x",
            actor=cast.actor("chen"), now=now,
        )  # fmt: skip
    li = api("li")
    items = li.get("/notices?is_unread=true").json()["items"]
    assert [item["text"] for item in items] == ["您有 2 件任务已逾期"]
    assert li.post("/notices/read", {"ids": None}).json() == {"count": 1}
    assert li.get("/notices?is_unread=true").json()["items"] == []
    assert len(api("zhou").get("/notices?is_unread=true").json()["items"]) == 1
