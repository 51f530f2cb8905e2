"""Reports go out once per occurrence and person, as that person, in the bell and by mail with the file."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from smtplib import SMTPException, SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob
from python_calamine import CalamineWorkbook

from dianke.core.actor import SYSTEM
from dianke.insight.models import ReportDelivery, ReportSchedule, SavedReport
from dianke.insight.operations import reports, snapshots
from dianke.insight.operations.sending import deliver
from dianke.insight.queries.report_file import sheet
from dianke.insight.queries.reports import run
from dianke.insight.rules.occurrences import Rhythm
from dianke.insight.rules.reports import read
from dianke.insight.tasks import send_due
from dianke.stores.operations import end_posting
from dianke.work.models import Notification
from dianke.work.operations import choose_channels

pytestmark = pytest.mark.django_db
DAILY = Rhythm("DAILY", 1, 1, 8)
SPEC = {"measures": ["net", "orders", "average"], "by": ["store"], "period": "365d"}


@pytest.fixture(autouse=True)
def _smtp(settings) -> None:
    settings.DIANKE_MESSENGERS = {**settings.DIANKE_MESSENGERS, "EMAIL": "smtp"}


@pytest.fixture
def report(till, people) -> SavedReport:
    snapshots.refresh(now=till.now)
    for name in ("owner", "manager"):
        till.cast[name].user.email = f"{name}@example.com"
        till.cast[name].user.save()
    return reports.save_report(
        values={"name": "门店销售", "spec": SPEC, "is_shared": True}, actor=till.actor("owner"), now=till.now
    )


def planned(till, report: SavedReport, *names: str) -> ReportSchedule:
    return reports.schedule_report(
        report=report,
        rhythm=DAILY,
        recipient_ids=[till.cast[name].user_id for name in names],
        actor=till.actor("owner"),
        now=till.now,
    )


def work(now: datetime) -> int:
    send_due(now)
    return sum(deliver(pk, now) for pk in ReportDelivery.objects.values_list("pk", flat=True))


def rows_of(file: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_index(0).to_python()


def test_each_receiver_gets_it_once_per_occurrence_with_their_own_figures(till, report):
    schedule = planned(till, report, "owner", "manager")
    assert work(schedule.next_at - timedelta(seconds=1)) == 0
    due = schedule.next_at
    assert work(due) == 2
    for again in (due, due + timedelta(minutes=5), due + timedelta(hours=3)):
        assert work(again) == 0
    assert ReportDelivery.objects.filter(state="SENT", is_mailed=True, due_at=due).count() == 2
    assert {tuple(one.to) for one in mail.outbox} == {("owner@example.com",), ("manager@example.com",)}
    files = {one.to[0]: rows_of(one.attachments[0][1]) for one in mail.outbox}
    for name in ("owner", "manager"):
        told = run(read(SPEC), actor=till.actor(name), now=due)
        rows = files[f"{name}@example.com"]
        assert rows[0] == ["门店", "净销售额", "订单", "客单价"]
        assert len(rows) == len(told.blocks[0].lines) + 2
        assert Decimal(str(rows[-1][1])) == Decimal(told.blocks[0].whole[0]) / 100
    assert files["owner@example.com"][-1][1] > files["manager@example.com"][-1][1]
    notices = Notification.objects.filter(kind="insight_report_ready")
    assert {notice.user_id for notice in notices} == {till.cast[n].user_id for n in ("owner", "manager")}
    assert work(due + timedelta(days=1)) == 2
    assert Notification.objects.filter(kind="insight_report_ready").count() == 4


def test_two_runs_at_once_make_one_delivery_and_one_job(till, report):
    schedule = planned(till, report, "owner")
    for _again in range(3):
        send_due(schedule.next_at)
    assert ReportDelivery.objects.count() == 1
    assert ProcrastinateJob.objects.filter(task_name="insight.deliver_report").count() == 1


def test_days_nothing_ran_are_made_up_for_once(till, report):
    schedule = planned(till, report, "owner")
    late = schedule.next_at + timedelta(days=9, hours=1)
    send_due(late)
    schedule.refresh_from_db()
    assert ReportDelivery.objects.count() == 1
    assert late < schedule.next_at < late + timedelta(days=1)


def test_who_may_not_see_figures_any_more_gets_nothing(till, report):
    schedule = planned(till, report, "owner", "manager")
    for posting in till.cast["manager"].postings.all():
        end_posting(posting=posting, to_date=till.lake.business_date(till.now), actor=SYSTEM, now=till.now)
    work(schedule.next_at + timedelta(days=2))
    states = dict(ReportDelivery.objects.values_list("user__username", "state"))
    assert states == {"owner": "SENT", "manager": "REFUSED"}
    assert [one.to for one in mail.outbox] == [["owner@example.com"]]


def test_a_mail_server_that_is_away_is_asked_again_and_one_that_refuses_is_noted(till, report, monkeypatch):
    schedule = planned(till, report, "owner")
    send_due(schedule.next_at)
    [pk] = ReportDelivery.objects.values_list("pk", flat=True)

    def away(self: Any, *args: Any, **more: Any) -> int:
        raise SMTPException("away")

    def refuses(self: Any, *args: Any, **more: Any) -> int:
        raise SMTPRecipientsRefused({"owner@example.com": (550, b"no such mailbox")})

    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.EmailMessage.send", away)
        with pytest.raises(SMTPException):
            deliver(pk, schedule.next_at)
    assert ReportDelivery.objects.get().state == "WAITING"
    assert not Notification.objects.filter(kind="insight_report_ready").exists()
    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.EmailMessage.send", refuses)
        assert deliver(pk, schedule.next_at)
    ended = ReportDelivery.objects.get()
    assert (ended.state, ended.is_mailed, ended.problem) == ("SENT", False, "550")
    assert Notification.objects.filter(kind="insight_report_ready").count() == 1


def test_what_waits_a_day_too_long_is_given_up(till, report):
    schedule = planned(till, report, "owner")
    due = schedule.next_at
    send_due(due)
    send_due(due + timedelta(days=1, minutes=1))
    assert list(ReportDelivery.objects.order_by("due_at").values_list("state", flat=True)) == [
        "FAILED",
        "WAITING",
    ]


def test_a_report_that_cannot_be_made_is_told_with_its_reason(till, report):
    schedule = planned(till, report, "manager")
    SavedReport.objects.filter(pk=report.pk).update(spec={**SPEC, "measures": ["profit"]})
    work(schedule.next_at)
    assert ReportDelivery.objects.get().state == "FAILED"
    assert "成本" in Notification.objects.get(kind="insight_report_failed").text
    assert not mail.outbox


def test_who_wants_no_notices_gets_none_and_who_wants_mail_gets_one(till, report):
    kinds = {"insight_report_ready": "NONE"}
    choose_channels(channels=kinds, actor=till.actor("manager"), now=till.now)
    choose_channels(channels={"insight_report_ready": "EMAIL"}, actor=till.actor("owner"), now=till.now)
    schedule = planned(till, report, "owner", "manager")
    assert work(schedule.next_at) == 2
    assert [one.to for one in mail.outbox] == [["owner@example.com"]]
    assert not Notification.objects.filter(wants_email=True, emailed_at=None).exists()


def test_a_deleted_report_is_not_sent_and_a_restored_one_begins_anew(till, report):
    schedule = planned(till, report, "owner")
    who = {"actor": till.actor("owner"), "now": till.now}
    reports.delete_report(report=report, **who)
    later = schedule.next_at + timedelta(days=3)
    assert work(later) == 0
    reports.restore_report(report=report, actor=till.actor("owner"), now=later)
    assert work(later) == 0
    schedule.refresh_from_db()
    assert schedule.next_at > later


def test_receivers_must_be_able_to_see_figures(till, report):
    for names in (("clerk",), ()):
        with pytest.raises(reports.RecipientsWrong):
            planned(till, report, *names)
    with pytest.raises(reports.RhythmWrong):
        reports.schedule_report(
            report=report,
            rhythm=Rhythm("MONTHLY", 1, 31, 8),
            recipient_ids=[till.cast["owner"].user_id],
            actor=till.actor("owner"),
            now=till.now,
        )
    with pytest.raises(reports.ReportNotYours):
        reports.stop_report(report=report, actor=till.actor("manager"), now=till.now)


def test_the_file_holds_the_figures_as_numbers(till, report):
    told = run(read({**SPEC, "by": ["store", "month"]}), actor=till.actor("owner"), now=till.now)
    head, *rows = rows_of(sheet(told, reader="老板", at=datetime(2026, 11, 21, tzinfo=UTC)))
    assert head == ["门店", "月", "净销售额", "订单", "客单价"]
    for line, row in zip(told.blocks[0].lines, rows[:-1], strict=True):
        assert row[:2] == list(line.labels)
        assert row[2:4] == [line.values[0] / 100, line.values[1]]
    assert rows[-1][0] == "合计"
