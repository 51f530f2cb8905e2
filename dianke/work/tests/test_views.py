"""Every screen of the room: opens for whom it is, does its one thing, keeps its number of queries."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dianke.work import operations
from dianke.work.models import Skill, Task
from dianke.work.tests.conftest import ask_for_export

BODY = {"HX-Request": "true", "HX-Target": "div#task-body"}


@pytest.fixture
def now():
    """Views live at the real time; so does their cast."""
    return timezone.now()


# --- today -----------------------------------------------------------------------------------------------------------
def test_today_shows_what_is_mine_in_its_groups(cast, page, now):
    cast.task("逾期的", owner="li", due_at=now - timedelta(hours=2))
    cast.task("以后的", owner="li", due_at=now + timedelta(days=2))
    cast.task("没人领的")
    cast.task("别人的", owner="zhou", due_at=now - timedelta(hours=2))
    text = page("li", "today").content.decode()
    for shown in ("已逾期", "逾期的", "接下来", "以后的", "待领任务", "没人领的"):
        assert shown in text
    assert "别人的" not in text
    assert "团队手头任务" not in text


def test_today_shows_a_manager_what_waits_and_how_the_team_stands(cast, page, now):
    cast.task("周的任务", owner="zhou", due_at=now - timedelta(hours=2))
    ask_for_export(cast, "zhao", now)
    text = page("wang", "today").content.decode()
    assert "等我审批" in text
    assert "导出任务：900 条" in text
    assert "团队手头任务" in text
    assert "周婷" in text


def test_today_without_anything_leads_to_the_first_step(page):
    text = page("li", "today").content.decode()
    assert "没有等您处理的事" in text
    assert reverse("work:task-new") in text


def test_one_tap_completes_and_can_be_taken_back(cast, post, now):
    task = cast.task(owner="li", due_at=now)
    answer = post("li", "work:task-complete", task.pk, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert reverse("work:task-reopen", args=[task.pk]) in answer["HX-Trigger"]
    task.refresh_from_db()
    assert not task.is_open
    post("li", "work:task-reopen", task.pk, headers={"HX-Request": "true"})
    task.refresh_from_db()
    assert task.is_open


def test_without_script_a_tap_leads_back(cast, post):
    task = cast.task(owner="li")
    answer = post("li", "work:task-complete", task.pk, next="/")
    assert (answer.status_code, answer["Location"]) == (303, "/")
    away = post("li", "work:task-reopen", task.pk, next="https://evil.example/")
    assert away["Location"] == reverse("work:task", args=[task.pk])


# --- budgets ---------------------------------------------------------------------------------------------------------
def queries_of(client, url):
    client.get(url)  # warms what is read once per process
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


# Seven of each are the frame's: session, person, device, merchant, postings, what a session may (policy), bell.
@pytest.mark.parametrize(
    ("name", "url_name", "budget"),
    [
        (
            "chen",
            "today",
            21,
        ),  # four groups; requests to decide; team: places 2, postings 2, load 1; customers 4
        ("chen", "work:tasks", 12),  # rows (their count fits the page), columns, views, stores, custom fields
        ("chen", "work:team", 12),  # places 2, postings 2, load 1
        ("wang", "work:approvals", 10),  # the list, how many wait
        ("wang", "work:recurring", 9),  # the list
        ("wang", "work:rules", 14),  # the list; the form: places 2, postings, stores, skills
        ("wang", "work:skills", 11),  # people, their skills, skills with how many have them
        ("wang", "work:policies", 9),  # policies with their people
        ("li", "work:notices", 8),  # the list
        (
            "wang",
            "work:fields",
            14,
        ),  # all fields, those in use (one per kind of record), how many for the tabs, the preview of two models
    ],
)
def test_a_page_asks_as_often_for_many_rows_as_for_few(cast, now, name, url_name, budget):
    fill(cast, now, 2)
    few = queries_of(cast.client(name), reverse(url_name))
    fill(cast, now, 9, start=2)
    many = queries_of(cast.client(name), reverse(url_name))
    assert many == few
    assert many <= budget


def fill(cast, now, count, start=0):
    for number in range(start, start + count):
        task = cast.task(
            f"任务 {number}", owner="li", due_at=now - timedelta(hours=1), checklist=["甲", "乙"]
        )
        cast.task(f"待领 {number}")
        operations.add_comment(task=task, text=f"第 {number} 次", actor=cast.actor("chen"), now=now)
        ask_for_export(cast, "chen", now, rows=900 + number)
        wang = {"actor": cast.actor("wang"), "now": now}
        operations.create_rule(
            values={"name": f"规则 {number}", "strategy": "LEAST_LOAD", "store": cast.stores["jingan"]},
            **wang,
        )
        operations.create_recurring_task(
            values={
                "title": f"定期 {number}",
                "frequency": "DAILY",
                "due_time": time(9),
                "starts_on": date(2026, 1, 1),
                "store": cast.stores["jingan"],
            },
            **wang,
        )
        skill = operations.add_skill(name=f"技能 {number}", **wang)
        levels = dict.fromkeys(Skill.objects.values_list("pk", flat=True), 2)
        operations.set_staff_skills(staff=cast.staff["li"], levels={**levels, skill.pk: 3}, **wang)
        operations.define_field(model="work.task", type="TEXT", values={"label": f"字段 {number}"}, **wang)
        operations.notify(
            user_ids=[cast.users["li"].pk],
            kind="tasks_overdue",
            params={"count": 1},
            reference=f"t:{number}",
            **wang,
        )
        operations.notify(
            user_ids=[cast.users["wang"].pk],
            kind="tasks_overdue",
            params={"count": 1},
            reference=f"t:{number}",
            **wang,
        )


# --- tasks -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", {"李的", "周的", "没人领"}),
        ("?due=mine", set()),
        ("?due=pool", {"没人领"}),
        ("?due=overdue", {"李的"}),
        ("?state=done", {"做完的"}),
        ("?state=all", {"李的", "周的", "没人领", "做完的"}),
        ("?q=周", {"周的"}),
        ("?priority=4", {"周的"}),
    ],
)
def test_the_list_filters(cast, page, now, query, titles):
    cast.task("李的", owner="li", due_at=now - timedelta(hours=1))
    cast.task("周的", owner="zhou", due_at=now + timedelta(days=1), priority=4)
    cast.task("没人领")
    operations.complete_task(task=cast.task("做完的", owner="li"), actor=cast.actor("li"), now=now)
    cast.task("徐汇的", store="xuhui")
    rows = page("chen", "work:tasks", query=query).context["rows"]
    assert {row["object"].title for row in rows} == titles


def test_a_task_page_is_nobody_elses(cast, page):
    task = cast.task(owner="li")
    codes = {
        name: page(name, "work:task", task.pk).status_code
        for name in ("wang", "chen", "li", "zhou", "zhao", "sun", "he")
    }
    assert codes == {"wang": 200, "chen": 200, "li": 200, "zhou": 404, "zhao": 404, "sun": 404, "he": 200}


def test_who_may_only_look_is_offered_nothing_to_press(cast, page):
    text = page("he", "work:task", cast.task(owner="li").pk).content.decode()
    assert "hx-post" not in text


def test_a_new_task_is_made_with_what_was_typed(cast, post, now):
    answer = post(
        "chen",
        "work:task-new",
        title="回访林小姐",
        kind="followup",
        priority="3",
        owner=str(cast.users["li"].pk),
        store=str(cast.stores["jingan"].pk),
        due_at="2027-01-05T18:00",
        checklist="查档案\n打电话",
    )
    task = Task.objects.get()
    assert answer["Location"] == reverse("work:task", args=[task.pk])
    assert (task.owner, task.priority, task.store) == (cast.users["li"], 3, cast.stores["jingan"])
    assert task.due_at.isoformat() == "2027-01-05T10:00:00+00:00"
    assert task.checklist.count() == 2


def test_a_new_task_can_be_given_by_the_rules(cast, post, now):
    operations.create_rule(
        values={"name": "按手头", "strategy": "LEAST_LOAD"}, actor=cast.actor("wang"), now=now
    )
    cast.task(owner="chen")
    cast.task(owner="li")
    post(
        "chen",
        "work:task-new",
        title="新客咨询",
        kind="followup",
        priority="2",
        owner="rules",
        store=str(cast.stores["jingan"].pk),
    )
    assert Task.objects.get(title="新客咨询").owner == cast.users["zhou"]


def test_what_is_wrong_with_a_task_stands_beside_its_field(post):
    answer = post("li", "work:task-new", title="", kind="followup", priority="2", owner="me")
    assert answer.status_code == 422
    assert "title" in answer.context["form"].errors


def test_a_clerk_cannot_choose_a_colleague(cast, post):
    answer = post(
        "li", "work:task-new", title="x", kind="other", priority="2", owner=str(cast.users["zhou"].pk)
    )
    assert answer.status_code == 422
    assert not Task.objects.exists()


def test_a_task_can_only_be_about_what_one_sees(cast, page, post):
    asked = {"title": "看一下", "kind": "other", "priority": "2", "owner": "me"}
    for subject in (f"stores.store:{cast.stores['xuhui'].pk}", "nonsense", "access.user:1"):
        post("li", "work:task-new", query=f"?subject={subject}", **asked)
    post("li", "work:task-new", query=f"?subject=stores.store:{cast.stores['jingan'].pk}", **asked)
    assert sorted(Task.objects.values_list("subject", flat=True)) == [
        "",
        "",
        "",
        f"stores.store:{cast.stores['jingan'].pk}",
    ]


def test_the_open_task_draws_itself_anew(cast, post, now):
    task = cast.task(owner="li", checklist=["查档案"], due_at=now)
    item = task.checklist.get()
    ticked = post("li", "work:checklist-tick", task.pk, item.pk, headers=BODY, is_done="1")
    assert "1/1" in ticked.content.decode()
    assert "dk:changed" in ticked["HX-Trigger"]
    assert "打电话" in post("li", "work:checklist-add", task.pk, headers=BODY, text="打电话").content.decode()
    assert (
        "三点再打" in post("li", "work:task-comment", task.pk, headers=BODY, text="三点再打").content.decode()
    )
    empty = post("li", "work:task-comment", task.pk, headers=BODY, text=" ")
    assert (empty.status_code, "请先写点内容" in empty.content.decode()) == (422, True)
    assert "1/1" not in post("li", "work:checklist-remove", task.pk, item.pk, headers=BODY).content.decode()


def test_putting_off_by_one_tap(cast, post, now):
    task = cast.task(owner="li", due_at=now)
    post("li", "work:task-snooze", task.pk, headers=BODY, until="TOMORROW")
    task.refresh_from_db()
    assert timezone.localtime(task.due_at).date() == timezone.localtime(now).date() + timedelta(days=1)
    assert post("li", "work:task-snooze", task.pk, until="", due_at="").status_code == 422


def test_taking_giving_changing_and_calling_off(cast, post, page, now):
    task = cast.task()
    post("li", "work:task-owner", task.pk, owner="me")
    task.refresh_from_db()
    assert task.owner == cast.users["li"]
    assert "周婷" in page("chen", "work:task-owner", task.pk).content.decode()
    post("chen", "work:task-owner", task.pk, owner=str(cast.users["zhou"].pk))
    post(
        "chen",
        "work:task-edit",
        task.pk,
        title="改了",
        kind="care",
        priority="4",
        store=str(cast.stores["jingan"].pk),
        note="好",
    )
    task.refresh_from_db()
    assert (task.owner, task.title, task.kind, task.priority) == (cast.users["zhou"], "改了", "care", 4)
    post("chen", "work:task-cancel", task.pk)
    task.refresh_from_db()
    assert task.cancelled_at is not None


def test_several_at_once(cast, post):
    ids = [cast.task(f"回访 {n}").pk for n in range(3)]
    asked = post("chen", "work:assignments", ids=ids)
    assert asked.status_code == 200
    assert "回访 2" in asked.content.decode()
    post("chen", "work:assignments", ids=ids, owner=str(cast.users["li"].pk))
    assert set(Task.objects.values_list("owner", flat=True)) == {cast.users["li"].pk}
    done = post("chen", "work:completions", ids=ids, headers={"HX-Request": "true"})
    assert not Task.objects.open().exists()
    post("chen", "work:reopenings", query=f"?ids={ids[0]}&ids={ids[1]}")
    assert Task.objects.open().count() == 2
    assert "reopenings" in done["HX-Trigger"]


def test_search_finds_tasks_one_sees(cast, page):
    cast.task("给林小姐送货", owner="li")
    cast.task("给林先生送货", store="xuhui")
    text = page("li", "search", query="?q=林").content.decode()
    assert "给林小姐送货" in text
    assert "给林先生送货" not in text
