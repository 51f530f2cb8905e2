"""Reports of mail servers: which letter, why, and what follows for the address and the person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dianke.core.actor import SYSTEM
from dianke.core.errors import NotAllowed
from dianke.customers.models import Consent, ContactPoint
from dianke.messaging.models import Message, Suppression
from dianke.messaging.operations.bounces import note_bounce
from dianke.messaging.queries.limits import bounce_words
from dianke.messaging.rules.reports import Kind, read_bounces, return_path
from dianke.messaging.tests.reports import UID, complaint, dsn, in_words

QQ = "退信原因：收件人邮件地址不存在，邮件无法送达。host mx3.qq.com said: 550 Mailbox not found."
NETEASE = "抱歉，您的邮件被退回来了：550 User not found: fang@163.com"
PATH = return_path("bounces@shop.example", UID)


def read(report: bytes):
    return [(one.uid, one.status, one.kind) for one in read_bounces(report, bounce_words())]


def test_the_return_path_names_the_letter():
    assert PATH == "bounces+01937c3a000070008000000000000001@shop.example"


@pytest.mark.parametrize(
    ("report", "status", "kind"),
    [
        (dsn(), "5.1.1", Kind.HARD),
        (dsn("00000000-0000-0000-0000-000000000000", to=PATH), "5.1.1", Kind.HARD),
        (dsn(status="5.2.1", said="550 5.2.1 mailbox disabled"), "5.2.1", Kind.HARD),
        (dsn(status="5.2.2", said="552 5.2.2 mailbox full"), "5.2.2", Kind.SOFT),
        (dsn(status="4.4.7", said="Delivery time expired"), "4.4.7", Kind.SOFT),
        (dsn(status="5.7.1", said="550 5.7.1 blocked"), "5.7.1", Kind.SOFT),
        (dsn(status="5.0.0", said="550 5.1.1 no such user"), "5.1.1", Kind.HARD),
        (
            in_words(QQ, to=PATH),
            "5.1.1",
            Kind.HARD,
        ),
        (
            in_words(NETEASE, to=PATH, sender="Postmaster@163.com"),
            "5.1.1",
            Kind.HARD,
        ),
        (in_words("退信原因：对方邮箱已满", to=PATH), "4.2.2", Kind.SOFT),
        (
            in_words("邮件内容被怀疑为垃圾邮件 554 DT:SPM", to=PATH, sender="Postmaster@163.com"),
            "5.0.0",
            Kind.SOFT,
        ),
        (complaint(), "", Kind.COMPLAINT),
    ],
)
def test_what_servers_and_programs_report_is_told_apart(report, status, kind):
    assert read(report) == [(UID, status, kind)]


@pytest.mark.parametrize(
    "report",
    [
        dsn(action="delayed", status="4.4.1"),
        dsn(action="relayed", status="2.0.0"),
        dsn("not-one-of-ours"),
        complaint(kind="not-spam"),
        in_words(
            "您的邮件已收到，用户不存在时请致电。",
            to=PATH,
            sender="fang@example.com",
            path="<fang@example.com>",
        ),
        b"Subject: out of office\r\n\r\nBack on Monday.",
        b"",
    ],
)
def test_a_delay_an_absence_or_somebody_elses_letter_is_no_failure(report):
    assert read(report) == []


def test_no_address_is_kept_from_a_report():
    (found,) = read_bounces(dsn(), bounce_words())
    assert "fang" not in found.detail


@pytest.fixture
def sent(post):
    """A letter that went to somebody who agreed."""

    def send(one, source: str = "campaign:1") -> Message:
        Message.objects.filter(customer=one, source=source).delete()
        post.queue(one, channel="EMAIL", subject="秋茶", source=source)
        row = Message.objects.get(customer=one, source=source)
        point = ContactPoint.objects.get(customer=one, kind="EMAIL")
        Message.objects.filter(pk=row.pk).update(state="SENT", sent_at=post.now, contact_id=point.pk)
        row.refresh_from_db()
        return row

    return send


def test_an_address_nobody_is_at_is_left_alone_at_once(post, sent):
    one = post.person()
    row = sent(one)
    for _twice in range(2):
        assert note_bounce(report=dsn(str(row.uuid)), actor=SYSTEM, now=post.now) == 1
    row.refresh_from_db()
    assert (row.state, row.reason) == ("FAILED", "bounced_hard")
    assert [each.why for each in Suppression.objects.all()] == ["BOUNCE"]
    assert ContactPoint.objects.get(customer=one, kind="EMAIL").failing_since == post.now
    assert not Consent.objects.filter(customer=one, is_given=False).exists()


def test_letters_that_fail_again_and_again_make_a_failing_address(post, sent):
    one = post.person()
    for number in range(3):
        row = sent(one, f"campaign:{number}")
        assert ContactPoint.objects.get(customer=one, kind="EMAIL").failing_since is None
        note_bounce(report=dsn(str(row.uuid), status="5.2.2"), actor=SYSTEM, now=post.now)
        row.refresh_from_db()
        assert (row.state, row.reason) == ("FAILED", "bounced_soft")
    assert ContactPoint.objects.get(customer=one, kind="EMAIL").failing_since == post.now
    assert Suppression.objects.count() == 0


def test_what_failed_long_ago_is_not_counted(post, sent):
    one = post.person()
    for number, days in enumerate((40, 35, 0)):
        row = sent(one, f"campaign:{number}")
        Message.objects.filter(pk=row.pk).update(sent_at=post.now - timedelta(days=days))
        note_bounce(report=dsn(str(row.uuid), status="5.2.2"), actor=SYSTEM, now=post.now)
    assert ContactPoint.objects.get(customer=one, kind="EMAIL").failing_since is None


def test_who_calls_it_spam_gets_no_more_and_their_consent_is_over(post, sent):
    one = post.person()
    row = sent(one)
    note_bounce(report=complaint(str(row.uuid)), actor=SYSTEM, now=post.now)
    row.refresh_from_db()
    assert row.state == "SENT"
    assert [each.why for each in Suppression.objects.all()] == ["COMPLAINT"]
    assert Consent.objects.filter(customer=one, channel="EMAIL", is_given=False).exists()


def test_a_clerk_may_not_say_what_came_back(post, sent):
    row = sent(post.person())
    with pytest.raises(NotAllowed):
        note_bounce(report=dsn(str(row.uuid)), actor=post.actor("clerk"), now=post.now)
    row.refresh_from_db()
    assert row.state == "SENT"
