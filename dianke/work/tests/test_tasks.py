"""The life of a task, and who sees and does what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dianke.core.actor import Grant, PermissionRefused, RowScope
from dianke.events.models import Event
from dianke.work import operations
from dianke.work.models import ChecklistItem, Task
from dianke.work.operations.details import CommentEmpty, LineNotFound, NothingChosen
from dianke.work.operations.tasks import (
    DecideInstead,
    KindUnknown,
    NotYourTask,
    OwnerUnsuitable,
    SnoozeIntoThePast,
    StoreOutOfReach,
    TaskClosed,
    TaskNotFound,
    TitleMissing,
)

EVERYBODY = ("wang", "chen", "li", "zhou", "zhao", "sun", "he")


def seen_by(cast, *names):
    return {
        name: set(Task.objects.visible_to(cast.actor(name)).values_list("title", flat=True)) for name in names
    }


def test_a_clerk_makes_a_task_for_herself(cast, now):
    task = cast.task(
        "  给会员  打电话 ",
        by="li",
        owner="li",
        note="带上体验装",
        due_at=now,
        checklist=["查档案", "", " 打电话 "],
    )
    assert (task.title, task.owner, task.created_by) == ("给会员 打电话", cast.users["li"], cast.users["li"])
    assert list(task.checklist.values_list("text", flat=True)) == ["查档案", "打电话"]
    event = Event.objects.get(kind="work.task_created")
    assert event.store_id == cast.stores["jingan"].pk
    assert "会员" not in str(event.data)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"title": "  "}, TitleMissing),
        ({"kind": "nonsense"}, KindUnknown),
        ({"kind": "approval"}, KindUnknown),
        ({"store": "xuhui"}, StoreOutOfReach),
        ({"owner": "zhou"}, NotYourTask),
    ],
)
def test_what_a_clerk_cannot_make_is_refused(cast, change, error):
    with pytest.raises(error):
        cast.task(**{"title": "回访", "by": "li", **change})
    assert not Task.objects.exists()


def test_an_auditor_makes_no_tasks(cast):
    with pytest.raises(PermissionRefused):
        cast.task(by="he")


def test_the_same_reference_makes_one_task(cast):
    first = cast.task(reference="care:42")
    again = cast.task("别的标题", reference="care:42")
    assert again.pk == first.pk
    assert Task.objects.get().title == "回访张女士"
    assert Event.objects.filter(kind="work.task_created").count() == 1


def test_everybody_sees_exactly_what_is_theirs(cast):
    cast.task("静安，李的", owner="li")
    cast.task("静安，周的", owner="zhou")
    cast.task("静安，没人领")
    cast.task("徐汇，没人领", store="xuhui")
    cast.task("没有门店", store=None)
    cast.task("没有门店，孙的", store=None, owner="sun")
    at_jingan = {"静安，李的", "静安，周的", "静安，没人领"}
    everything = at_jingan | {"徐汇，没人领", "没有门店", "没有门店，孙的"}
    assert seen_by(cast, *EVERYBODY) == {
        "wang": everything,
        "he": everything,
        "chen": at_jingan,
        "li": {"静安，李的", "静安，没人领"},
        "zhou": {"静安，周的", "静安，没人领"},
        "zhao": {"徐汇，没人领"},
        "sun": {"徐汇，没人领", "没有门店，孙的"},
    }


def test_leading_one_store_does_not_open_another_where_one_only_works(cast, make_actor):
    cast.task("静安，周的", owner="zhou")
    cast.task("徐汇，孙的", store="xuhui", owner="sun")
    here, there = frozenset({cast.stores["jingan"].pk}), frozenset({cast.stores["xuhui"].pk})
    may = frozenset({"work.view_tasks"})
    actor = make_actor(user=cast.users["li"])
    object.__setattr__(
        actor, "grants", (Grant("A", may, RowScope.OWN, here), Grant("B", may, RowScope.STORE, there))
    )
    assert list(Task.objects.visible_to(actor).values_list("title", flat=True)) == ["徐汇，孙的"]


def test_nobody_without_the_permission_sees_even_own_tasks(cast, make_actor):
    cast.task(owner="li")
    actor = make_actor(user=cast.users["li"], permissions=frozenset())
    assert not Task.objects.visible_to(actor).exists()


def test_a_colleague_takes_a_task_from_the_pool_and_finishes_it(cast, now):
    task = cast.task()
    done = operations.complete_task(task=task, actor=cast.actor("li"), now=now)
    assert (done.owner, done.completed_by, done.completed_at) == (cast.users["li"], cast.users["li"], now)


def test_finishing_twice_is_finishing_once(cast, now):
    task = cast.task(owner="li")
    for _time in range(2):
        operations.complete_task(task=task, actor=cast.actor("li"), now=now)
    assert Event.objects.filter(kind="work.task_completed").count() == 1


def test_finishing_can_be_taken_back(cast, now):
    task = cast.task(owner="li")
    operations.complete_task(task=task, actor=cast.actor("li"), now=now)
    again = operations.reopen_task(task=task, actor=cast.actor("li"), now=now)
    assert again.is_open
    assert again.completed_by is None


def test_a_clerk_leaves_the_task_of_a_colleague_alone(cast, now):
    task = cast.task(owner="zhou")
    operations.add_comment(task=task, text="@李晓雯 你看一下", actor=cast.actor("zhou"), now=now)
    li = cast.actor("li")
    assert Task.objects.visible_to(li).filter(pk=task.pk).exists()
    with pytest.raises(NotYourTask):
        operations.complete_task(task=task, actor=li, now=now)
    with pytest.raises(NotYourTask):
        operations.change_task(task=task, values={"title": "x"}, actor=li, now=now)


@pytest.mark.parametrize("name", ["zhao", "sun"])
def test_a_task_of_another_store_does_not_exist(cast, now, name):
    task = cast.task(owner="li")
    for operation, more in (
        (operations.complete_task, {}),
        (operations.cancel_task, {}),
        (operations.change_task, {"values": {"title": "x"}}),
        (operations.assign_task, {"owner": cast.users[name]}),
        (operations.add_comment, {"text": "x"}),
        (operations.snooze_task, {"due_at": now + timedelta(days=1)}),
    ):
        with pytest.raises(TaskNotFound):
            operation(task=task, actor=cast.actor(name), now=now, **more)


def test_the_manager_gives_work_to_her_people(cast, now):
    task = cast.task()
    given = operations.assign_task(task=task, owner=cast.users["zhou"], actor=cast.actor("chen"), now=now)
    assert given.owner == cast.users["zhou"]
    event = Event.objects.get(kind="work.task_assigned")
    assert event.changes == {"owner": [None, cast.users["zhou"].pk]}


def test_a_clerk_takes_and_gives_back_but_does_not_pass_on(cast, now):
    task, li = cast.task(), cast.actor("li")
    operations.assign_task(task=task, owner=cast.users["li"], actor=li, now=now)
    with pytest.raises(NotYourTask):
        operations.assign_task(task=task, owner=cast.users["zhou"], actor=li, now=now)
    assert operations.assign_task(task=task, owner=None, actor=li, now=now).owner is None


def test_work_is_not_given_to_who_left(cast, now):
    cast.users["zhou"].is_active = False
    cast.users["zhou"].save()
    with pytest.raises(OwnerUnsuitable):
        operations.assign_task(task=cast.task(), owner=cast.users["zhou"], actor=cast.actor("chen"), now=now)


def test_a_finished_task_is_not_changed(cast, now):
    task = cast.task(owner="li")
    operations.complete_task(task=task, actor=cast.actor("li"), now=now)
    with pytest.raises(TaskClosed):
        operations.change_task(task=task, values={"title": "x"}, actor=cast.actor("li"), now=now)
    with pytest.raises(TaskClosed):
        operations.assign_task(task=task, owner=cast.users["zhou"], actor=cast.actor("chen"), now=now)


def test_changes_say_what_changed_but_not_what_was_written(cast, now):
    task = cast.task(owner="li")
    operations.change_task(
        task=task, values={"title": "给李女士送货", "priority": 4}, actor=cast.actor("li"), now=now
    )
    event = Event.objects.get(kind="work.task_changed")
    assert event.changes == {"title": ["•", "•"], "priority": [2, 4]}


def test_what_changes_nothing_leaves_no_event(cast, now):
    task = cast.task(owner="li")
    operations.change_task(task=task, values={"priority": 2}, actor=cast.actor("li"), now=now)
    assert not Event.objects.filter(kind="work.task_changed").exists()


def test_putting_off_goes_forward_only(cast, now):
    task = cast.task(owner="li", due_at=now)
    with pytest.raises(SnoozeIntoThePast):
        operations.snooze_task(task=task, due_at=now, actor=cast.actor("li"), now=now)
    later = operations.snooze_task(
        task=task, due_at=now + timedelta(hours=3), actor=cast.actor("li"), now=now
    )
    assert later.due_at == now + timedelta(hours=3)


def test_calling_off_is_for_owner_maker_and_leader(cast, now):
    task = cast.task()
    with pytest.raises(NotYourTask):
        operations.cancel_task(task=task, actor=cast.actor("li"), now=now)
    assert operations.cancel_task(task=task, actor=cast.actor("chen"), now=now).cancelled_at == now


def test_a_task_that_stands_for_an_approval_is_not_ticked_off(cast, now):
    task = cast.task("批准关店", kind="approval")
    with pytest.raises(DecideInstead):
        operations.complete_task(task=task, actor=cast.actor("chen"), now=now)
    with pytest.raises(TaskNotFound):
        operations.complete_task(task=task, actor=cast.actor("li"), now=now)


# --- checklist and comments ---
def test_lines_are_added_ticked_and_removed(cast, now):
    task, li = cast.task(owner="li", checklist=["开灯"]), cast.actor("li")
    second = operations.add_checklist_item(task=task, text="备用金清点", actor=li, now=now)
    operations.tick_checklist_item(task=task, item_id=second.pk, is_done=True, actor=li, now=now)
    assert ChecklistItem.objects.get(pk=second.pk).done_by == cast.users["li"]
    operations.tick_checklist_item(task=task, item_id=second.pk, is_done=False, actor=li, now=now)
    assert ChecklistItem.objects.get(pk=second.pk).done_at is None
    operations.remove_checklist_item(task=task, item_id=second.pk, actor=li, now=now)
    assert list(task.checklist.values_list("text", flat=True)) == ["开灯"]
    with pytest.raises(LineNotFound):
        operations.tick_checklist_item(task=task, item_id=second.pk, is_done=True, actor=li, now=now)


def test_who_is_called_by_name_sees_the_task(cast, now):
    task = cast.task(owner="li")
    assert not Task.objects.visible_to(cast.actor("zhou")).exists()
    comment = operations.add_comment(task=task, text="@周婷 帮我打个电话", actor=cast.actor("li"), now=now)
    assert comment.mentioned == [cast.users["zhou"].pk]
    assert list(Task.objects.visible_to(cast.actor("zhou"))) == [task]
    operations.stop_watching(task=task, actor=cast.actor("zhou"), now=now)
    assert not Task.objects.visible_to(cast.actor("zhou")).exists()


def test_people_of_other_stores_cannot_be_called(cast, now):
    comment = operations.add_comment(
        task=cast.task(owner="li"),
        text="@孙悦 看看",
        mention_ids=[cast.users["sun"].pk],
        actor=cast.actor("li"),
        now=now,
    )
    assert comment.mentioned == []


def test_an_empty_comment_is_refused(cast, now):
    with pytest.raises(CommentEmpty):
        operations.add_comment(task=cast.task(owner="li"), text=" \n", actor=cast.actor("li"), now=now)


def test_the_log_does_not_keep_what_was_said(cast, now):
    operations.add_comment(
        task=cast.task(owner="li"), text="手机 13800138000", actor=cast.actor("li"), now=now
    )
    assert "138" not in str(Event.objects.get(kind="work.comment_added").data)


# --- several at once ---
def test_several_tasks_are_given_at_once_with_one_event(cast, now):
    ids = [cast.task(f"回访 {n}").pk for n in range(3)]
    count = operations.assign_tasks(task_ids=ids, owner=cast.users["zhou"], actor=cast.actor("chen"), now=now)
    assert count == 3
    event = Event.objects.get(kind="work.tasks_assigned")
    assert event.subjects == [f"work.task:{pk}" for pk in ids]


def test_several_tasks_are_all_or_none(cast, now):
    mine, other = cast.task(owner="li"), cast.task(store="xuhui")
    with pytest.raises(TaskNotFound):
        operations.complete_tasks(task_ids=[mine.pk, other.pk], actor=cast.actor("li"), now=now)
    assert not Task.objects.closed().exists()
    with pytest.raises(NothingChosen):
        operations.complete_tasks(task_ids=[], actor=cast.actor("li"), now=now)


def test_several_finished_tasks_come_back_together(cast, now):
    ids = [cast.task(f"回访 {n}", owner="li").pk for n in range(3)]
    assert operations.complete_tasks(task_ids=ids, actor=cast.actor("li"), now=now) == ids
    assert operations.reopen_tasks(task_ids=ids, actor=cast.actor("li"), now=now) == 3
    assert Task.objects.open().count() == 3


def test_what_a_leaver_holds_goes_to_the_successor(cast, now, system):
    kept, done = cast.task(owner="li"), cast.task("旧的", owner="li")
    operations.complete_task(task=done, actor=cast.actor("li"), now=now)
    moved = operations.hand_over_tasks(
        from_user_id=cast.users["li"].pk, to_user_id=cast.users["zhou"].pk, actor=system, now=now
    )
    assert moved == 1
    assert Task.objects.get(pk=kept.pk).owner == cast.users["zhou"]
    assert Task.objects.get(pk=done.pk).owner == cast.users["li"]
