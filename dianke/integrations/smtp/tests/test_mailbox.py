"""The mailbox of reports, over a real IMAP conversation; and that a letter names itself in its return path."""

from __future__ import annotations

import pytest

from dianke.core.actor import PermissionRefused
from dianke.events.models import Event
from dianke.integrations.smtp import carrier as smtp
from dianke.integrations.smtp.mailbox import MailboxUnreachable, read_mailbox
from dianke.integrations.smtp.tests.imap import Mailbox, mailbox
from dianke.integrations.smtp.tests.sink import sink
from dianke.integrations.tasks import read_reports
from dianke.messaging.models import ChannelSetting, Message, Suppression
from dianke.messaging.operations import note_reports, set_up_channel
from dianke.messaging.rules.carriers import Item
from dianke.messaging.tests.reports import dsn, in_words

pytestmark = pytest.mark.django_db
NOBODY = "收件人邮件地址不存在"


@pytest.fixture
def letters(post):
    """Three letters that went over a mail server whose reports come to a mailbox."""
    with sink() as server:
        post.access = {
            "host": "127.0.0.1",
            "port": str(server.port),
            "security": "none",
            "sender": "news@shop.example",
            "bounce_address": "bounces@shop.example",
            "bounce_host": "127.0.0.1",
            "bounce_security": "none",
            "bounce_user": "bounces",
            "bounce_password": "right",
        }
        ChannelSetting.objects.create(
            channel="EMAIL", carrier="smtp", access=post.access, changed_at=post.now
        )
        post.queue(*[post.person() for _n in range(3)], channel="EMAIL", subject="秋茶")
        post.send(channel="EMAIL")
        post.paths = server.senders
    return list(Message.objects.order_by("pk"))


def open_to(post, box: Mailbox, **more: str) -> None:
    row = ChannelSetting.objects.get(channel="EMAIL")
    row.access = {**post.access, "bounce_port": str(box.port), **more}
    row.save()


def states() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("state", flat=True))


def trouble() -> tuple[str, str]:
    return ChannelSetting.objects.values_list("reports_trouble", "reports_said").get(channel="EMAIL")


def test_reports_are_taken_in_once_and_marked_as_read(post, letters):
    reports = [
        dsn(str(letters[0].uuid)),
        in_words(NOBODY, to=post.paths[1]),
        b"Subject: hello\r\n\r\nWhen do you open?\r\n",
    ]
    with mailbox(reports) as box:
        open_to(post, box)
        assert read_mailbox(now=post.now) == 2
        assert box.seen == {1, 2, 3}
        assert read_mailbox(now=post.now) == 0
    assert states() == ["FAILED", "FAILED", "SENT"]
    assert Suppression.objects.filter(why="BOUNCE").count() == 2


def test_a_mailbox_that_wants_a_name_first_is_told_one(post, letters):
    with mailbox([dsn(str(letters[0].uuid))]) as box:
        box.is_shy = True
        open_to(post, box)
        assert read_mailbox(now=post.now) == 1
    assert box.commands.index("ID") < box.commands.index("SELECT")


def test_a_connection_that_breaks_loses_no_report(post, letters):
    with mailbox([dsn(str(one.uuid)) for one in letters]) as box:
        open_to(post, box)
        box.breaks_at = 2
        with pytest.raises(MailboxUnreachable):
            read_mailbox(now=post.now)
        assert (states(), box.seen) == (["FAILED", "SENT", "SENT"], {1})
        box.breaks_at = None
        assert read_mailbox(now=post.now) == 2
    assert states() == ["FAILED"] * 3


def test_a_wrong_password_is_said_and_stops_nothing_else(post, letters, caplog):
    with mailbox([dsn(str(letters[0].uuid))]) as box:
        open_to(post, box, bounce_password="wrong")
        with pytest.raises(MailboxUnreachable):
            read_mailbox(now=post.now)
        read_reports(0)
        assert "mailbox of reports" in caplog.text
        assert states() == ["SENT"] * 3
        assert trouble()[0] == "LOGIN"
        assert "wrong password" in trouble()[1]
        read_reports(0)
        assert Event.objects.filter(kind="messaging.reports_failing").count() == 1
        open_to(post, box)
        read_reports(0)
    assert trouble() == ("", "")
    assert Event.objects.filter(kind="messaging.reports_read_again").count() == 1


def test_a_mailbox_that_is_not_there_stands_with_its_channel_until_the_settings_change(post, letters):
    with mailbox([]) as box:
        open_to(post, box)
    read_reports(0)  # nobody listens there any more
    assert trouble()[0] == "REACH"
    values = {"channel": "EMAIL", "carrier": "smtp", "is_on": True, "access": post.access, "limits": {}}
    set_up_channel(**values, actor=post.actor("owner"), now=post.now)
    assert trouble() == ("", "")


def test_only_who_sets_channels_up_says_how_their_mailbox_is(post, letters):
    with pytest.raises(PermissionRefused):
        note_reports(channel="EMAIL", trouble="REACH", actor=post.actor("clerk"), now=post.now)
    assert trouble() == ("", "")


def test_without_a_mailbox_there_is_nothing_to_read(post):
    assert read_mailbox(now=post.now) == 0


def test_every_letter_names_itself_in_its_return_path(post, letters):
    assert post.paths == [f"bounces+{one.uuid.hex}@shop.example" for one in letters]


def test_a_test_letter_goes_out_with_a_return_path_too(post):
    with sink() as server:
        access = {
            "host": "127.0.0.1",
            "port": str(server.port),
            "security": "none",
            "sender": "a@shop.example",
        }
        with smtp.Smtp().session({**access, "bounce_address": "b@shop.example"}, now=post.now) as session:
            session.send(Item(0, "0193-77", "fang@example.com", "x", "y"))
    assert server.senders == ["b+019377@shop.example"]
