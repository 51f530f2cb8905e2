"""Screens of approvals and notices, and of what the room is set up with."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from dianke.stores.models import Store
from dianke.web.models import Export
from dianke.work import operations
from dianke.work.models import Approval, AssignmentRule, CustomField, Notification, RecurringTask, Skill
from dianke.work.tests.conftest import ask_for_export


@pytest.fixture
def now():
    """Views live at the real time; so does their cast."""
    return timezone.now()


def confirmed(client, now):
    """The client after its person has just proved who they are."""
    session = client.session
    session["authenticated_at"] = now.timestamp()
    session.save()
    return client


# --- approvals -------------------------------------------------------------------------------------------------------


def test_a_page_whose_change_needs_approval_becomes_the_page_that_asks(cast, now, system):
    operations.set_policy(operation="web.request_export", limit=Decimal(0), actor=system, now=now)
    cast.task(owner="li")
    client = cast.client("chen")
    asking = client.post(reverse("list-export", args=["work.tasks"]), {"format": "csv", "query": ""})
    text = asking.content.decode()
    assert "这一步须第二人同意" in text
    assert not Export.objects.exists()
    token = asking.context["token"]
    assert client.post(reverse("work:approval-requests"), {"token": token, "reason": " "}).status_code == 422
    answer = client.post(reverse("work:approval-requests"), {"token": token, "reason": "月底对账"})
    approval = Approval.objects.get()
    assert answer["Location"] == reverse("work:approval", args=[approval.pk])
    assert (approval.requested_by, approval.reason) == (cast.users["chen"], "月底对账")


def test_deciding_asks_for_the_password_unless_just_given(cast, now):
    approval = ask_for_export(cast, "chen", now)
    url = reverse("work:approval-decision", args=[approval.pk])
    data = {"decision": "approve", "sha256": approval.sha256}
    client = cast.client("wang")
    session = client.session
    session.pop("authenticated_at", None)
    session.save()
    asked = client.post(url, data)
    assert "_confirm_password" in asked.content.decode()
    approval.refresh_from_db()
    assert approval.is_pending
    confirmed(client, now).post(url, data)
    approval.refresh_from_db()
    assert approval.outcome == "APPROVED"
    assert Export.objects.get().user == cast.users["chen"]


def test_what_stops_a_decision_is_told_on_its_page(cast, now):
    approval = ask_for_export(cast, "chen", now)
    client = confirmed(cast.client("wang"), now)
    url = reverse("work:approval-decision", args=[approval.pk])
    answer = client.post(url, {"decision": "refuse", "sha256": approval.sha256, "note": ""})
    assert (answer.status_code, "请写明理由" in answer.content.decode()) == (422, True)
    answer = client.post(url, {"decision": "approve", "sha256": "0" * 64})
    assert (answer.status_code, "不一致" in answer.content.decode()) == (422, True)


def test_requests_are_shown_to_maker_and_checkers_only(cast, page, now):
    approval = ask_for_export(cast, "chen", now)
    codes = {
        name: page(name, "work:approval", approval.pk).status_code
        for name in ("wang", "guo", "chen", "li", "zhao", "sun")
    }
    assert codes == {"wang": 200, "guo": 200, "chen": 200, "li": 404, "zhao": 404, "sun": 404}
    assert "撤回" in page("chen", "work:approval", approval.pk).content.decode()
    assert 'value="approve"' not in page("chen", "work:approval", approval.pk).content.decode()
    assert 'value="approve"' in page("wang", "work:approval", approval.pk).content.decode()


@pytest.mark.parametrize(
    ("name", "view", "count"),
    [("wang", "deciding", 1), ("chen", "mine", 1), ("chen", "deciding", 0), ("li", "mine", 0)],
)
def test_requests_in_their_lists(cast, page, now, name, view, count):
    ask_for_export(cast, "chen", now)
    assert len(page(name, "work:approvals", query=f"?view={view}").context["approvals"]) == count


def test_a_policy_is_set_on_its_page(cast, now):
    client = confirmed(cast.client("wang"), now)
    url = reverse("work:policy", args=["web.request_export"])
    assert "500" in client.get(url).content.decode()
    client.post(url, {"is_active": "on", "limit": "200", "expires_hours": "24"})
    assert "满 200 条" in client.get(reverse("work:policies")).content.decode()
    assert client.get(reverse("work:policy", args=["work.nonsense"])).status_code == 422


# --- notices ---------------------------------------------------------------------------------------------------------
def test_the_bell_counts_and_a_notice_leads_where_it_is_about(cast, post, page, now):
    for number in range(2):
        operations.notify(
            user_ids=[cast.users["li"].pk],
            kind="commented",
            params={"who": "陈思远", "title": "回访"},
            subject="work.task:1",
            url="/tasks/?owner=me",
            reference=f"t:{number}",
            actor=cast.actor("chen"),
            now=now,
        )
    assert 'class="dk-count" aria-hidden="true">2<' in page("li", "today").content.decode()
    listed = page("li", "work:notices").context["days"][0][1]
    assert [(line["count"], line["is_unread"]) for line in listed] == [(2, True)]
    first = Notification.objects.first()
    answer = post("li", "work:notice-read", first.pk, ids=listed[0]["ids"])
    assert answer["Location"] == "/tasks/?owner=me"
    assert not Notification.objects.unread().exists()
    assert post("zhou", "work:notice-read", first.pk).status_code == 404


def test_ways_of_being_told_are_chosen(cast, post, page):
    kinds = page("li", "work:notice-settings").context["form"].fields
    assert post("li", "work:notice-settings", **dict.fromkeys(kinds, "EMAIL")).status_code == 303
    assert {
        field.initial for field in page("li", "work:notice-settings").context["form"].fields.values()
    } == {"EMAIL"}


# --- what the room is set up with ------------------------------------------------------------------------------------
def test_a_recurring_task_is_made_changed_and_paused(cast, post, page):
    typed = {
        "title": "中秋礼盒",
        "frequency": "LUNAR_YEARLY",
        "yearly_on": "八月十五",
        "due_time": "10:00",
        "starts_on": "2026-01-01",
        "kind": "care",
        "priority": "2",
        "lead_days": "20",
        "store": str(cast.stores["jingan"].pk),
    }
    assert post("chen", "work:recurring-new", **{**typed, "yearly_on": ""}).status_code == 422
    assert post("chen", "work:recurring-new", **typed).status_code == 303
    row = RecurringTask.objects.get()
    assert (row.month, row.day, row.lead_days) == (8, 15, 20)
    assert "每年农历八月十五" in page("chen", "work:recurring").content.decode()
    post("chen", "work:recurring-edit", row.pk, **{**typed, "frequency": "WEEKLY", "weekdays": ["0", "4"]})
    assert "周一、周五" in page("chen", "work:recurring").content.decode()
    post("chen", "work:recurring-pause", row.pk)
    assert "已暂停" in page("chen", "work:recurring").content.decode()
    post("chen", "work:recurring-resume", row.pk)
    assert RecurringTask.objects.get().paused_at is None
    assert page("zhao", "work:recurring-edit", row.pk).status_code == 404


def test_rules_are_made_ordered_and_tried(cast, post, page, now):
    skill = operations.add_skill(name="水光", actor=cast.actor("wang"), now=now)
    operations.set_staff_skills(
        staff=cast.staff["li"], levels={skill.pk: 2}, actor=cast.actor("wang"), now=now
    )
    assert post("wang", "work:rule-new", name="固定", strategy="FIXED").status_code == 422
    post("wang", "work:rule-new", name="其余", strategy="ROUND_ROBIN")
    post(
        "wang",
        "work:rule-new",
        name="水光类",
        strategy="LEAST_LOAD",
        skill=str(skill.pk),
        store=str(cast.stores["jingan"].pk),
    )
    second = AssignmentRule.objects.get(name="水光类")
    post("wang", "work:rule-move", second.pk, to="up")
    assert [rule.name for rule in AssignmentRule.objects.all()] == ["水光类", "其余"]
    tried = page(
        "wang", "work:rules", query=f"?kind=followup&store={cast.stores['jingan'].pk}&skill={skill.pk}"
    )
    assert tried.context["preview"].choice.name == "李晓雯"
    text = tried.content.decode()
    assert "手头最少（0 件）" in text
    assert "不会水光" in text
    post("wang", "work:rule-pause", second.pk, is_paused="1")
    tried = page("wang", "work:rules", query=f"?kind=followup&store={cast.stores['jingan'].pk}&skill=")
    assert tried.context["preview"].views[0].rule.name == "其余"


def test_a_store_leader_changes_only_rules_of_that_store(cast, post, page, now):
    everywhere = operations.create_rule(
        values={"name": "全商户", "strategy": "LEAST_LOAD"}, actor=cast.actor("wang"), now=now
    )
    assert "全商户" in page("chen", "work:rules").content.decode()
    assert post("chen", "work:rule-pause", everywhere.pk, is_paused="1").status_code == 403
    assert (
        post(
            "chen", "work:rule-new", name="静安", strategy="LEAST_LOAD", store=str(cast.stores["jingan"].pk)
        ).status_code
        == 303
    )


def test_skills_are_named_and_given(cast, post, page):
    post("wang", "work:skill-new", name="粤语", kind="LANGUAGE")
    skill = Skill.objects.get()
    post("chen", "work:staff-skills", cast.staff["li"].pk, **{f"skill_{skill.pk}": "3"})
    assert "粤语（精通）" in page("chen", "work:skills").content.decode()
    assert page("chen", "work:staff-skills", cast.staff["sun"].pk).status_code == 404
    post("wang", "work:skill-archive", skill.pk)
    assert Skill.objects.get().archived_at is not None


def test_fields_are_defined_ordered_and_archived(cast, post, page):
    assert "还没有自己的字段" in page("wang", "work:fields").content.decode()
    post(
        "wang",
        "work:field-new",
        model="work.task",
        type="CHOICE",
        label="联系方式",
        options="电话\n微信",
        in_filter="on",
    )
    post("wang", "work:field-new", model="work.task", type="TEXT", label="项目")
    first, second = CustomField.objects.all()
    assert [option["label"] for option in first.options] == ["电话", "微信"]
    code = first.options[1]["code"]
    post("wang", "work:field-edit", first.pk, label="怎么联系", options="微信\n到店")
    first.refresh_from_db()
    assert (first.label, first.options[0]["code"]) == ("怎么联系", code)
    post("wang", "work:field-move", second.pk, to="up")
    assert list(CustomField.objects.for_model("work.task")) == [second, first]
    text = page("wang", "work:fields").content.decode()
    assert "效果预览" in text
    assert "怎么联系" in text
    post("wang", "work:field-archive", first.pk)
    assert "已停用 1 个字段" in page("wang", "work:fields").content.decode()
    post("wang", "work:field-restore", first.pk)
    assert CustomField.objects.active().count() == 2


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        (
            "wang",
            {
                "tasks",
                "task-new",
                "team",
                "recurring",
                "approvals",
                "notices",
                "notice-settings",
                "policies",
                "rules",
                "skills",
                "fields",
            },
        ),
        (
            "chen",
            {
                "tasks",
                "task-new",
                "team",
                "recurring",
                "approvals",
                "notices",
                "notice-settings",
                "rules",
                "skills",
            },
        ),
        ("li", {"tasks", "task-new", "approvals", "notices", "notice-settings"}),
        ("he", {"tasks", "approvals", "notices", "notice-settings"}),
    ],
)
def test_each_role_opens_its_pages(cast, page, name, allowed):
    everything = {
        "tasks",
        "task-new",
        "team",
        "recurring",
        "approvals",
        "notices",
        "notice-settings",
        "policies",
        "rules",
        "skills",
        "fields",
    }
    opened = {code for code in everything if page(name, f"work:{code}").status_code == 200}
    assert opened == allowed


def test_a_released_persons_tasks_are_named_and_handed_over(cast, now):
    from dianke.stores.operations import release_staff
    from dianke.stores.operations.leaving import SuccessorMissing

    task = cast.task(owner="li")
    with pytest.raises(SuccessorMissing, match="1 件未完任务"):
        release_staff(staff=cast.staff["li"], left_on=now.date(), actor=cast.actor("wang"), now=now)
    release_staff(
        staff=cast.staff["li"],
        left_on=now.date(),
        successor=cast.staff["zhou"],
        actor=cast.actor("wang"),
        now=now,
    )
    task.refresh_from_db()
    assert task.owner == cast.users["zhou"]
    assert Store.objects.count() == 2


def test_an_auditor_sees_what_was_decided_and_decides_nothing(cast, page, now):
    approval = ask_for_export(cast, "chen", now)
    operations.decide(
        approval=approval,
        is_approved=False,
        sha256=approval.sha256,
        note="太多",
        actor=cast.actor("wang"),
        now=now,
    )
    assert [item["row"] for item in page("he", "work:approvals").context["approvals"]] == [approval]
    text = page("he", "work:approval", approval.pk).content.decode()
    assert "太多" in text
    assert 'value="approve"' not in text
