"""Who is told what, once, in their own language and by the way they chose."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.utils.translation import override
from procrastinate.contrib.django.models import ProcrastinateJob

from dianke.events.testing import deliver_events
from dianke.work import operations
from dianke.work.models import Notification, NotificationPreference
from dianke.work.operations.notifications import ChannelUnknown, NoticeKindUnknown
from dianke.work.tasks import send_overdue_digest, send_waiting_notices


def told(cast):
    """(who, kind) of every notice, sorted."""
    names = {user.pk: code for code, user in cast.users.items()}
    return sorted((names[n.user_id], n.kind) for n in Notification.objects.all())


def test_who_gets_a_task_is_told_once(cast, now):
    cast.task(by="chen", owner="li")
    for _time in range(2):
        deliver_events(now=now)
    assert told(cast) == [("li", "task_assigned")]
    with override("zh-hans"):
        assert Notification.objects.get().text == "陈思远 交给您「回访张女士」"
    with override("en"):
        assert Notification.objects.get().text == "陈思远 gave you “回访张女士”"


def test_who_takes_a_task_oneself_is_not_told(cast, now):
    task = cast.task(by="li", owner="li")
    operations.assign_task(task=task, owner=None, actor=cast.actor("li"), now=now)
    operations.assign_task(task=task, owner=cast.users["li"], actor=cast.actor("li"), now=now)
    deliver_events(now=now)
    assert told(cast) == []


def test_several_tasks_at_once_are_one_notice(cast, now):
    ids = [cast.task(f"回访 {n}").pk for n in range(5)]
    operations.assign_tasks(task_ids=ids, owner=cast.users["li"], actor=cast.actor("chen"), now=now)
    deliver_events(now=now)
    assert told(cast) == [("li", "tasks_assigned")]
    assert Notification.objects.get().text == "陈思远 交给您 5 件任务"


def test_a_successor_is_told_whose_work_it_was(cast, now, system):
    cast.task(owner="li")
    operations.hand_over_tasks(
        from_user_id=cast.users["li"].pk, to_user_id=cast.users["zhou"].pk, actor=system, now=now
    )
    deliver_events(now=now)
    assert "您接手 李晓雯 的 1 件任务" in [n.text for n in Notification.objects.all()]


def test_a_comment_tells_the_mentioned_and_those_around(cast, now):
    task = cast.task(by="chen", owner="li")
    operations.add_comment(task=task, text="@周婷 帮个忙", actor=cast.actor("li"), now=now)
    deliver_events(now=now)
    assert told(cast) == [("chen", "commented"), ("li", "task_assigned"), ("zhou", "mentioned")]


def test_a_mentioned_owner_is_told_only_that(cast, now):
    task = cast.task(by="chen", owner="li")
    operations.add_comment(task=task, text="@李晓雯 怎么样了", actor=cast.actor("chen"), now=now)
    deliver_events(now=now)
    assert told(cast) == [("li", "mentioned"), ("li", "task_assigned")]


def test_checkers_are_told_of_a_request_and_its_maker_of_the_outcome(cast, now):
    arguments = {"list_code": "work.tasks", "query": "", "format": "csv", "total_count": 900}
    approval = operations.request_approval(
        operation="web.request_export", arguments=arguments, reason="对账", actor=cast.actor("chen"), now=now
    )
    deliver_events(now=now)
    assert told(cast) == [("guo", "approval_requested"), ("wang", "approval_requested")]
    operations.decide(
        approval=approval, is_approved=True, sha256=approval.sha256, actor=cast.actor("guo"), now=now
    )
    deliver_events(now=now)
    # 王 is told once although the request was delivered again: it is not pending any more.
    assert told(cast) == [
        ("chen", "approval_approved"),
        ("guo", "approval_requested"),
        ("wang", "approval_requested"),
    ]


def test_an_expired_request_tells_its_maker(cast, now, system):
    arguments = {"list_code": "work.tasks", "query": "", "format": "csv", "total_count": 900}
    operations.request_approval(
        operation="web.request_export", arguments=arguments, reason="对账", actor=cast.actor("chen"), now=now
    )
    operations.expire_approvals(actor=system, now=now + timedelta(days=4))
    deliver_events(now=now)
    assert ("chen", "approval_lapsed") in told(cast)


# --- ways ---
def choose(cast, name, now, **channels):
    operations.choose_channels(channels=channels, actor=cast.actor(name), now=now)


def test_who_wants_no_notice_gets_none(cast, now):
    choose(cast, "li", now, task_assigned="NONE")
    cast.task(by="chen", owner="li")
    deliver_events(now=now)
    assert told(cast) == []


def test_what_wants_email_waits_for_one_mail(cast, now, mailoutbox):
    choose(cast, "li", now, task_assigned="EMAIL")
    cast.task("第一件", by="chen", owner="li")
    cast.task("第二件", by="chen", owner="li")
    deliver_events(now=now)
    jobs = ProcrastinateJob.objects.filter(task_name="work.mail_notices")
    assert [job.args for job in jobs] == [{"user_id": cast.users["li"].pk}]
    assert send_waiting_notices(cast.users["li"].pk, now) == 2
    assert len(mailoutbox) == 1
    letter = mailoutbox[0]
    assert letter.to == ["li@example.com"]
    assert "第一件" in letter.body
    assert "第二件" in letter.body
    assert send_waiting_notices(cast.users["li"].pk, now) == 0
    assert len(mailoutbox) == 1


def test_what_was_read_meanwhile_is_not_mailed(cast, now, mailoutbox):
    choose(cast, "li", now, task_assigned="EMAIL")
    cast.task(by="chen", owner="li")
    deliver_events(now=now)
    operations.mark_read(actor=cast.actor("li"), now=now)
    assert send_waiting_notices(cast.users["li"].pk, now) == 0
    assert mailoutbox == []


def test_a_mail_that_fails_is_sent_by_the_next_try(cast, now, monkeypatch, mailoutbox):
    choose(cast, "li", now, task_assigned="EMAIL")
    cast.task(by="chen", owner="li")
    deliver_events(now=now)

    def refuse(self, fail_silently=False):
        raise ConnectionError("mail server is down")

    with monkeypatch.context() as patch:
        patch.setattr(mail.EmailMessage, "send", refuse)
        with pytest.raises(ConnectionError):
            send_waiting_notices(cast.users["li"].pk, now)
    assert Notification.objects.get().emailed_at is None
    assert send_waiting_notices(cast.users["li"].pk, now) == 1
    assert len(mailoutbox) == 1


def test_mails_speak_the_language_of_the_reader(cast, now, mailoutbox):
    cast.users["li"].language = "en"
    cast.users["li"].save()
    choose(cast, "li", now, task_assigned="EMAIL")
    cast.task(by="chen", owner="li")
    deliver_events(now=now)
    send_waiting_notices(cast.users["li"].pk, now)
    assert "gave you" in mailoutbox[0].subject


def test_only_known_kinds_and_ways_are_chosen(cast, now):
    with pytest.raises(NoticeKindUnknown):
        choose(cast, "li", now, nonsense="EMAIL")
    with pytest.raises(ChannelUnknown):
        choose(cast, "li", now, mentioned="PIGEON")
    assert not NotificationPreference.objects.exists()


# --- reading ---
def test_everybody_reads_only_their_own(cast, now):
    cast.task(by="chen", owner="li")
    cast.task(by="chen", owner="zhou")
    deliver_events(now=now)
    theirs = Notification.objects.get(user=cast.users["zhou"])
    assert operations.mark_read(notice_ids=[theirs.pk], actor=cast.actor("li"), now=now) == 0
    assert operations.mark_read(actor=cast.actor("li"), now=now) == 1
    theirs.refresh_from_db()
    assert theirs.read_at is None
    assert not Notification.objects.visible_to(cast.actor("li")).unread().exists()


# --- the digest ---
def test_the_morning_tells_once_a_day_what_is_overdue(cast, now):
    cast.task(owner="li", due_at=now - timedelta(days=1))
    cast.task(owner="li", due_at=now - timedelta(hours=1))
    cast.task(owner="zhou", due_at=now + timedelta(hours=20))
    cast.task(due_at=now - timedelta(days=1))
    assert send_overdue_digest(now.replace(hour=23)) == 0  # seven in the morning in Shanghai, next day
    assert send_overdue_digest(now) == 1
    assert send_overdue_digest(now + timedelta(hours=2)) == 0
    assert Notification.objects.get().text == "您有 2 件任务已逾期"
    assert send_overdue_digest(now + timedelta(days=1)) == 2  # 周's is overdue by then


def test_notices_read_long_ago_are_deleted_and_unread_ones_stay(cast, now, system):
    for name in ("li", "zhou"):
        cast.task(by="chen", owner=name)
    deliver_events(now=now)
    operations.mark_read(actor=cast.actor("li"), now=now)
    assert operations.forget_old_notices(before=now, actor=system, now=now) == 0
    assert operations.forget_old_notices(before=now + timedelta(seconds=1), actor=system, now=now) == 1
    assert told(cast) == [("zhou", "task_assigned")]
