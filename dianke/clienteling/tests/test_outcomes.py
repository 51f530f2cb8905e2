"""What came of it: kept as a fact, the person in peace with everybody, slips taken back, the rules of messages held."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dianke.clienteling import operations
from dianke.clienteling.models import Entry, Outcome
from dianke.clienteling.operations.outcomes import (
    ChannelNotSent,
    DayMissing,
    DealtWith,
    EntryNotFound,
    ListOver,
    OutcomeUnknown,
    RestOutOfRange,
    TooLateToTakeBack,
)
from dianke.clienteling.operations.rules import LimitOutOfRange, ReasonUnknown
from dianke.clienteling.queries.queue import open_count, queue_of
from dianke.clienteling.tests.counter import TODAY
from dianke.core.actor import SYSTEM
from dianke.core.errors import NotAllowed
from dianke.customers.models import Customer, CustomerNote
from dianke.customers.operations.merges import merge_customers
from dianke.customers.queries.timeline import timeline_of
from dianke.events.models import Event
from dianke.insight.tests.answers import work_out_answers
from dianke.messaging.models import Message
from dianke.messaging.operations.enqueueing import NotAllowedNow
from dianke.messaging.rules.words import VariableUnknown


@pytest.fixture
def own(counter):
    """A customer with a birthday in three days, on the clerk's list."""
    one = counter.birthday("王小明", left=3, owner=counter.user("clerk"))
    counter.deal()
    return one


def test_reaching_somebody_is_told_on_their_timeline_with_the_note(counter, own):
    outcome = counter.note(own, "REACHED", note="喜欢新到的龙井", channel="CALL")
    lines = timeline_of([own.pk], actor=counter.actor("clerk"), group="contacts").items
    assert [line.event.kind for line in lines] == ["clienteling.customer_reached"]
    assert CustomerNote.objects.get(pk=outcome.note_id).text == "喜欢新到的龙井"
    assert "龙井" not in str(list(Event.objects.values_list("data", flat=True)))


def test_whoever_was_reached_by_anybody_rests_for_everybody(counter, own):
    counter.note(own, "REACHED")
    Customer.objects.filter(pk=own.pk).update(owner=counter.user("colleague"))
    for days in range(1, 7):
        counter.deal(days=days)
    assert Entry.objects.count() == 1
    fresh = counter.birthday(left=8, owner=counter.user("colleague"))
    counter.deal(days=7)
    assert counter.listed(day=TODAY + timedelta(days=7)) == {fresh.pk: "colleague"}  # the birthday has passed


def test_the_rest_follows_the_profile_when_records_are_merged(counter, own):
    counter.note(own, "REACHED")
    kept = counter.birthday("王晓明", left=4)
    merge_customers(kept=kept, joined=own, actor=SYSTEM, now=counter.now)
    counter.deal(days=1)
    assert counter.listed(day=TODAY + timedelta(days=1)) == {}


def test_two_lists_of_one_person_agree_once_one_was_reached(counter, own):
    other = counter.birthday("王晓明", left=4, owner=counter.user("colleague"))
    counter.deal()
    merge_customers(kept=other, joined=own, actor=SYSTEM, now=counter.now)
    counter.note(own, "REACHED")
    assert queue_of(counter.actor("colleague"), now=counter.now).open == []
    with pytest.raises(DealtWith):
        counter.note(other, "REACHED")


@pytest.mark.parametrize(
    ("kind", "values", "until"),
    [
        ("REACHED", {}, 7),
        ("MISSED", {}, 2),
        ("AGAIN", {"agreed_date": TODAY + timedelta(days=5)}, 5),
        ("VISIT", {"agreed_date": TODAY}, 7),
        ("VISIT", {"agreed_date": TODAY + timedelta(days=20)}, 21),
        ("LEAVE", {}, 90),
        ("LEAVE", {"rest_days": 365}, 365),
    ],
)
def test_how_long_somebody_is_left_in_peace(counter, own, kind, values, until):
    assert counter.note(own, kind, **values).rests_until_date == TODAY + timedelta(days=until)


@pytest.mark.parametrize(
    ("kind", "values", "error"),
    [
        ("CALLED", {}, OutcomeUnknown),
        ("SENT", {}, OutcomeUnknown),
        ("AGAIN", {}, DayMissing),
        ("AGAIN", {"agreed_date": TODAY}, DayMissing),
        ("VISIT", {"agreed_date": TODAY - timedelta(days=1)}, DayMissing),
        ("VISIT", {"agreed_date": TODAY + timedelta(days=181)}, DayMissing),
        ("LEAVE", {"rest_days": 0}, RestOutOfRange),
        ("LEAVE", {"rest_days": 800}, RestOutOfRange),
    ],
)
def test_what_cannot_be_is_refused(counter, own, kind, values, error):
    with pytest.raises(error):
        counter.note(own, kind, **values)
    assert Outcome.objects.count() == 0


def test_a_promise_to_call_comes_back_on_its_day_to_who_gave_it(counter, own):
    on = TODAY + timedelta(days=9)
    counter.note(own, "AGAIN", agreed_date=on)
    Customer.objects.filter(pk=own.pk).update(owner=None)
    counter.deal(days=8)
    assert counter.listed(day=TODAY + timedelta(days=8)) == {}
    counter.deal(days=9)
    entry = counter.entry(own, day=on)
    assert (entry.user.username, entry.why, entry.reasons[0]["code"]) == ("clerk", "PROMISED", "AGAIN")
    counter.note(own, "REACHED", days=9)
    counter.deal(days=17)
    assert counter.listed(day=TODAY + timedelta(days=17)) == {}  # kept once, it is no reason any more


def test_the_same_outcome_twice_is_one_and_another_is_refused(counter, own):
    first = counter.note(own, "REACHED")
    assert counter.note(own, "REACHED") == first
    with pytest.raises(DealtWith):
        counter.note(own, "MISSED")
    assert Outcome.objects.count() == 1


def test_only_ones_own_list_of_today(counter, own):
    entry = counter.entry(own)
    with pytest.raises(EntryNotFound):
        operations.note_outcome(
            entry=entry, kind="REACHED", actor=counter.actor("colleague"), now=counter.now
        )
    with pytest.raises(NotAllowed):
        operations.note_outcome(entry=entry, kind="REACHED", actor=counter.actor("auditor"), now=counter.now)
    with pytest.raises(ListOver):
        operations.note_outcome(
            entry=entry, kind="REACHED", actor=counter.actor("clerk"), now=counter.now + timedelta(days=1)
        )


def test_a_slip_is_taken_back_with_its_note(counter, own):
    outcome = counter.note(own, "REACHED", note="打错了")
    clerk = counter.actor("clerk")
    assert open_count(clerk, now=counter.now)[0] == 0
    operations.take_back(outcome=outcome, actor=clerk, now=counter.now + timedelta(minutes=5))
    assert open_count(clerk, now=counter.now)[0] == 1
    assert CustomerNote.objects.get(pk=outcome.note_id).removed_at is not None
    again = counter.note(own, "MISSED")
    assert again.pk != outcome.pk


def test_not_later_and_not_by_another(counter, own):
    outcome = counter.note(own, "REACHED")
    with pytest.raises(TooLateToTakeBack):
        operations.take_back(
            outcome=outcome, actor=counter.actor("clerk"), now=counter.now + timedelta(minutes=16)
        )
    with pytest.raises(EntryNotFound):
        operations.take_back(outcome=outcome, actor=counter.actor("manager"), now=counter.now)


def test_words_are_sent_through_the_outbox_and_called_back_with_the_outcome(counter, own):
    clerk = counter.actor("clerk")
    send = {"entry": counter.entry(own), "channel": "PORTAL", "actor": clerk, "now": counter.now}
    outcome = operations.send_words(body="王先生，提前祝您生日快乐！", **send)
    message = Message.objects.get(pk=outcome.message_id)
    assert (message.purpose, message.state, message.words["text"]) == (
        "CARE",
        "QUEUED",
        "王先生，提前祝您生日快乐！",
    )
    with pytest.raises(DealtWith):
        operations.send_words(body="再来一次", **send)
    operations.take_back(outcome=outcome, actor=clerk, now=counter.now)
    message.refresh_from_db()
    assert message.state == "CANCELLED"
    assert operations.send_words(body="好了", **send).message_id != message.pk


def test_what_the_rules_of_messages_forbid_is_not_sent(counter, own):
    send = {"entry": counter.entry(own), "actor": counter.actor("clerk"), "now": counter.now}
    with pytest.raises(NotAllowedNow):
        operations.send_words(channel="EMAIL", body="您好", **send)  # there is no address
    with pytest.raises(ChannelNotSent):
        operations.send_words(channel="CALL", body="您好", **send)
    with pytest.raises(VariableUnknown):
        operations.send_words(channel="PORTAL", body="{{ salutaton }}", **send)
    assert Outcome.objects.count() == Message.objects.count() == 0


def test_the_merchants_rules_are_within_bounds_and_theirs_alone(counter):
    owner = {"actor": counter.actor("owner"), "now": counter.now}
    with pytest.raises(LimitOutOfRange):
        operations.change_rules(day_limit=0, rest_days=7, **owner)
    with pytest.raises(LimitOutOfRange):
        operations.change_reason(code="DATE", is_on=True, days=500, words="", **owner)
    with pytest.raises(ReasonUnknown):
        operations.change_reason(code="MOON", is_on=True, days=5, words="", **owner)
    with pytest.raises(VariableUnknown):
        operations.change_reason(code="DATE", is_on=True, days=5, words="{{ nme }}", **owner)
    clerk = {"actor": counter.actor("clerk"), "now": counter.now}
    with pytest.raises(NotAllowed):
        operations.change_rules(day_limit=5, rest_days=7, **clerk)
    assert operations.change_rules(day_limit=15, rest_days=7, **owner).changed_at is None


def test_own_words_are_suggested_in_place_of_the_ready_made(counter, own):
    values = {"code": "DATE", "is_on": True, "days": 7, "actor": counter.actor("owner"), "now": counter.now}
    operations.change_reason(words="{{ salutation }}，{{ occasion }}快乐！—{{ me }}", **values)
    card = queue_of(counter.actor("clerk"), now=counter.now).open[0]
    assert card.words == "王小明，生日快乐！—李想"


def test_who_speaks_with_us_on_the_phone_answers_there(counter, settings, tmp_path):
    settings.DIANKE_DATA = tmp_path
    speaking, by_hand, silent, peace = (counter.person() for _n in range(4))
    kinds = {
        speaking: [("REACHED", ""), ("VISIT", "CALL"), ("AGAIN", ""), ("MISSED", ""), ("SENT", "SMS")],
        by_hand: [("REACHED", "WECHAT")] * 4,
        silent: [("MISSED", ""), ("MISSED", ""), ("REACHED", ""), ("REACHED", "taken back")],
        peace: [("LEAVE", "")] * 3,
    }
    for person, outcomes in kinds.items():
        for days, (kind, channel) in enumerate(outcomes, 10):
            at = counter.now - timedelta(days=days)
            user = counter.user("clerk")
            entry = Entry.objects.create(
                day=at.date(), user=user, customer=person, why="OWNER", weight=1, made_at=at
            )
            is_back = channel == "taken back"
            Outcome.objects.create(
                entry=entry,
                customer=person,
                user=user,
                kind=kind,
                channel="" if is_back else channel,
                rests_until_date=at.date(),
                at=at,
                taken_back_at=at if is_back else None,
            )
    assert work_out_answers(counter.now) == {speaking.pk: ("CALL", 4, 3)}
