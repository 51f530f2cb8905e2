"""Messages over WeCom, from the outbox to the tap of an employee: once, within limits, taken back when nobody sends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dianke.core.actor import SYSTEM
from dianke.customers.models import ContactPoint
from dianke.events.models import Event
from dianke.integrations.wecom.tests.fake import NOT_FRIEND, SENT
from dianke.messaging import operations, queries
from dianke.messaging.models import ChannelSetting, ChannelUse, Contacted, Message
from dianke.messaging.operations.channels import TestNotSent
from dianke.messaging.operations.claiming import claim_batch
from dianke.messaging.operations.enqueueing import AlreadyGone
from dianke.messaging.operations.handed import GIVE_UP, LONGEST
from dianke.messaging.operations.sending import LEASE, hand_over
from dianke.messaging.queries.carriers import in_use

HOUR = timedelta(hours=1)


def row() -> Message:
    return Message.objects.get()


def test_it_is_with_an_employee_until_they_send_it(post, wecom, friend, tell):
    tell(friend())
    assert (row().state, row().sent_at, row().carrier_id) == ("HANDED", None, "msg1")
    assert queries.outcomes("campaign:1").out == 0
    tell(later=HOUR)
    assert (row().state, len(wecom.tasks)) == ("HANDED", 1)
    wecom.tasks[0].status = SENT
    tell(later=2 * HOUR)
    assert (row().state, row().sent_at) == ("DELIVERED", post.now + 2 * HOUR)
    assert queries.outcomes("campaign:1").out == 1
    assert Event.objects.filter(kind="messaging.message_delivered").count() == 1
    asked = len(wecom.asked)
    tell(later=3 * HOUR)
    assert len(wecom.asked) == asked


def test_whoever_looks_after_the_customer_gets_it_else_wecom_chooses(wecom, friend, tell):
    tell(friend("wm-1", owner="clerk"), friend("wm-2", owner="owner"), friend("wm-3"))
    assert {task.customer: task.sender for task in wecom.tasks} == {
        "wm-1": "zhangsan",
        "wm-2": "lisi",
        "wm-3": "lisi",
    }


@pytest.mark.parametrize(("owner", "fails"), [("", True), ("clerk", False)])
def test_who_is_no_contact_of_a_named_employee_may_be_one_of_another(wecom, friend, tell, owner, fails):
    wecom.answers = [{"errcode": 0, "msgid": "m", "fail_list": ["wm-1"]}]
    tell(friend(owner=owner))
    assert (row().state, row().reason) == ("FAILED", "not_friend")
    assert (ContactPoint.objects.get(kind="WECOM").failing_since is not None) is fails


def test_it_is_asked_more_and_more_seldom(wecom, friend, tell):
    tell(friend())
    for minutes in range(1, 24 * 60, 30):
        tell(later=timedelta(minutes=minutes))
    assert 5 < wecom.names().count("get_groupmsg_task") < 20


# --- once ------------------------------------------------------------------------------------------------------------
def test_taken_without_an_answer_it_is_found_and_not_sent_twice(wecom, friend, tell):
    wecom.answers = ["takes it and falls silent"]
    tell(friend())
    assert row().state == "UNKNOWN"
    tell(later=timedelta(minutes=2))
    assert (row().state, row().carrier_id, len(wecom.tasks)) == ("HANDED", "msg1", 1)


def test_never_taken_it_goes_again_and_once(wecom, friend, tell):
    wecom.answers = ["silence"]
    tell(friend())
    for minutes in (2, 5):
        tell(later=timedelta(minutes=minutes))
        assert (row().state, wecom.tasks) == ("UNKNOWN", [])
    for minutes in (20, 40):
        tell(later=timedelta(minutes=minutes))
    assert (row().state, len(wecom.tasks)) == ("HANDED", 1)


class Dies(Exception):
    pass


@pytest.mark.parametrize("is_taken", [True, False])
def test_killed_between_the_task_and_its_record_there_is_one_task(post, wecom, friend, is_taken):
    people = [friend(f"wm-{number}") for number in range(4)]
    post.queue(*people, channel="WECOM", purpose="CARE", body="{{ name }}，您好")
    used = in_use("WECOM")
    claimed = claim_batch(channel="WECOM", carrier=used.carrier, lease=LEASE, actor=SYSTEM, now=post.now)

    class Dying:
        """Dies at the second message, before or after WeCom took it."""

        def __init__(self, session):
            self.session = session

        def send(self, item):
            if len(wecom.tasks) == 1 and not is_taken:
                raise Dies
            answer = self.session.send(item)
            if len(wecom.tasks) == 2 and is_taken:
                raise Dies
            return answer

    with used.carrier.session(used.access, now=post.now) as session, pytest.raises(Dies):
        hand_over(claimed, Dying(session), clock=lambda: post.now)
    for minutes in (10, 12, 30):
        post.send(channel="WECOM", later=timedelta(minutes=minutes))
    assert post.states() == {"HANDED": 4}
    assert sorted(task.customer for task in wecom.tasks) == [f"wm-{number}" for number in range(4)]
    assert sorted(Message.objects.values_list("carrier_id", flat=True)) == ["msg1", "msg2", "msg3", "msg4"]


# --- who, and how often ----------------------------------------------------------------------------------------------
def test_who_has_no_wecom_or_did_not_agree_is_told_why(post, wecom, friend, tell):
    tell(post.person(consents={("CARE", "WECHAT"): True}), friend("wm-2", consents={}))
    reasons = set(Message.objects.values_list("state", "reason"))
    assert reasons == {("SUPPRESSED", "no_address"), ("SUPPRESSED", "never_asked")}
    assert wecom.tasks == []


def test_the_limit_of_wecom_holds_for_notices_too(post, wecom, friend, tell):
    one = friend()
    days = [
        [(post.now - timedelta(days=number)).date().isoformat(), "WECOM", "SERVICE"] for number in range(28)
    ]
    Contacted.objects.create(customer=one, days=days)
    tell(one, purpose="SERVICE")
    assert (row().state, row().reason, wecom.tasks) == ("HELD", "carrier_limit", [])


def test_the_quota_of_the_month_holds_and_what_failed_gives_its_place_back(wecom, friend, tell):
    ChannelSetting.objects.filter(channel="WECOM").update(month_quota=1)
    tell(friend("wm-1"), friend("wm-2"))
    assert sorted(Message.objects.values_list("state", "reason")) == [("HANDED", ""), ("HELD", "quota")]
    wecom.tasks[0].status = NOT_FRIEND
    tell(later=HOUR)
    failed = Message.objects.get(state="FAILED")
    assert (failed.reason, failed.sent_at, failed.counted_on) == ("not_friend", None, None)
    assert ContactPoint.objects.filter(kind="WECOM", failing_since__isnull=False).count() == 1
    assert ChannelUse.objects.get(channel="WECOM").count == 0


# --- taken back ------------------------------------------------------------------------------------------------------
def test_what_nobody_sends_is_taken_back(wecom, friend, tell):
    tell(friend())
    tell(later=LONGEST)
    assert (row().state, row().reason, row().sent_at) == ("FAILED", "not_confirmed", None)
    assert wecom.tasks[0].is_stopped


def test_what_was_sent_at_the_last_moment_counts_as_sent(wecom, friend, tell):
    tell(friend())
    wecom.tasks[0].status = SENT
    tell(later=LONGEST)
    assert row().state == "DELIVERED"


def test_what_ends_earlier_is_taken_back_then(post, wecom, friend, tell):
    tell(friend(), expires_at=post.now + 2 * HOUR)
    tell(later=3 * HOUR)
    assert (row().reason, wecom.tasks[0].is_stopped) == ("expired", True)


def test_who_was_erased_gets_nothing_more(wecom, friend, tell):
    one = friend()
    tell(one)
    one.state = "ERASED"
    one.save(update_fields=["state"])
    Message.objects.update(contact_id=None)
    tell(later=HOUR)
    assert (row().state, row().reason, wecom.tasks[0].is_stopped) == ("FAILED", "gone", True)


def test_a_campaign_that_is_stopped_is_taken_back_from_employees(post, wecom, friend, tell):
    tell(friend())
    count = operations.cancel_source(source="campaign:1", actor=post.actor("owner"), now=post.now)
    assert (count, row().state, row().reason) == (1, "HANDED", "source_stopped")
    tell(later=timedelta(minutes=1))
    assert (row().state, row().reason, wecom.tasks[0].is_stopped) == ("CANCELLED", "source_stopped", True)
    assert Contacted.objects.get(customer=row().customer).days == []
    assert Event.objects.filter(kind="messaging.message_taken_back").count() == 1


def test_a_person_calls_it_back_once_unless_it_was_sent(post, wecom, friend, tell):
    tell(friend())
    operations.cancel(messages=[row()], actor=post.actor("owner"), now=post.now)
    wecom.tasks[0].status = SENT
    tell(later=timedelta(minutes=1))
    assert row().state == "DELIVERED"
    with pytest.raises(AlreadyGone):
        operations.cancel(messages=[row()], actor=post.actor("owner"), now=post.now)


def test_what_cannot_be_taken_back_is_asked_about_for_a_month(wecom, friend, tell):
    wecom.stop_code = 41063
    tell(friend())
    tell(later=LONGEST)
    assert row().state == "HANDED"
    tell(later=GIVE_UP)
    assert (row().state, row().reason) == ("FAILED", "not_confirmed")


def test_while_wecom_is_away_nothing_is_decided(wecom, friend, tell):
    tell(friend())
    wecom.is_down = True
    tell(later=LONGEST)
    assert row().state == "HANDED"


# --- the settings ----------------------------------------------------------------------------------------------------
def test_a_test_makes_a_task_and_a_refusal_is_told(post, wecom):
    setting = ChannelSetting.objects.get(channel="WECOM")
    words = {"setting": setting, "to": "wm-9", "subject": "", "text": "测试", "actor": post.actor("owner")}
    operations.send_test(**words, now=post.now)
    assert [task.customer for task in wecom.tasks] == ["wm-9"]
    wecom.answers = [{"errcode": 40096}]
    with pytest.raises(TestNotSent, match="40096"):
        operations.send_test(**words, now=post.now)
