"""The outbox: once for each person, in batches, held and suppressed with reasons, settled when a worker dies."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dianke.core.actor import SYSTEM
from dianke.core.errors import DiankeError
from dianke.events.models import Event
from dianke.messaging import operations, queries
from dianke.messaging.models import ChannelSetting, Contacted, Handover, Message, SendingRules
from dianke.messaging.operations import Intent
from dianke.messaging.operations.claiming import claim_batch
from dianke.messaging.operations.sending import LEASE, LeaseLost, hand_over
from dianke.messaging.queries.carriers import register_carrier
from dianke.messaging.rules.carriers import Answer, Outcome
from dianke.messaging.rules.words import ValueMissing, VariableUnknown
from dianke.messaging.tests.post import FakeCarrier


def test_each_person_is_told_once_however_often_it_is_asked_for(post):
    people = [post.person() for _n in range(3)]
    assert post.queue(*people).added == 3
    again = post.queue(*people, post.person())
    assert (again.added, again.before) == (1, 3)
    post.send()
    post.queue(*people)
    post.send()
    assert len(post.carrier.got) == 4
    assert post.states() == {"SENT": 4}


def test_an_occurrence_of_its_own_is_a_message_of_its_own(post):
    one = post.person()
    post.queue(intents=[Intent(one.pk, "2025"), Intent(one.pk, "2026"), Intent(one.pk, "2026")])
    assert Message.objects.count() == 2


def test_a_merged_customer_is_the_same_person(post):
    head = post.person()
    merged = post.person(merged_into=head)
    assert post.queue(head, merged).added == 1
    assert Message.objects.get().customer == head


def test_words_are_filled_in_per_person_and_kept_sealed(post):
    post.queue(post.person("欧阳锋", gender="M"), post.person("李雷", gender=""))
    post.send()
    texts = [item.text for item in post.carrier.got]
    assert "欧阳先生，秋茶到店了。" in texts[0]
    assert "李雷，秋茶到店了。" in texts[1]
    assert texts[0].endswith("拒收请回复R")
    row = Message.objects.order_by("pk").first()
    assert row.said["text"] == texts[0]
    assert "秋茶".encode() not in bytes(row.said_sealed)
    assert post.carrier.got[0].to == "+8613800000001"


def test_values_that_come_with_the_message(post):
    one = post.person()
    with pytest.raises(ValueMissing):
        post.queue(one, body="{{ name }}，券码 {{ coupon_code }}")
    post.queue(body="券码 {{ coupon_code }}", intents=[Intent(one.pk, values={"coupon_code": "8KQ2"})])
    post.send()
    assert "券码 8KQ2" in post.carrier.got[0].text


def test_an_unknown_variable_names_the_nearest(post):
    with pytest.raises(VariableUnknown, match="coupon_code"):
        post.queue(post.person(), body="{{ coupon_cod }}")


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ({"consents": {}}, "never_asked"),
        ({"consents": {("MARKETING", "SMS"): False}}, "said_no"),
        ({"phone": ""}, "no_address"),
        ({"state": "ERASING"}, "erasing"),
        ({"birthday": (2018, 5, 1)}, "guarded"),
    ],
)
def test_who_may_not_be_written_to_is_suppressed_with_the_reason(post, who, reason):
    one = post.person(**who)
    post.queue(one)
    post.send()
    row = Message.objects.get()
    assert (row.state, row.reason) == ("SUPPRESSED", reason)
    assert post.carrier.got == []
    verdict = queries.allowed([one.pk], channel="SMS", purpose="MARKETING", at=post.now)[one.pk]
    assert [str(each) for each in verdict.reasons] == [reason]


def test_over_a_merged_profile_one_no_is_no(post):
    head = post.person()
    post.person(merged_into=head, consents={("MARKETING", "SMS"): False})
    assert not queries.allowed([head.pk], channel="SMS", purpose="MARKETING", at=post.now)[head.pk].is_allowed


def test_a_message_about_an_order_needs_no_consent(post):
    post.queue(post.person(consents={}), purpose="SERVICE", body="您的戒指已修好。")
    post.send()
    assert post.states() == {"SENT": 1}


def test_the_limit_over_all_channels_holds_what_comes_after(post):
    one = post.person()
    for number in range(3):
        post.queue(one, source=f"campaign:{number}")
    post.send()
    assert post.states() == {"SENT": 2, "HELD": 1}
    held = Message.objects.get(state="HELD")
    assert held.reason == "often"
    assert held.due_at.isoformat() == "2026-11-22T01:00:00+00:00"  # nine in the morning, when quiet hours end
    post.send(later=timedelta(days=1))
    assert post.states() == {"SENT": 3}


def test_limits_are_those_of_the_whole_profile_and_of_messages_by_hand_too(post):
    head = post.person()
    merged = post.person()
    post.queue(head)
    post.queue(merged, source="care:1", purpose="CARE")
    post.send()
    merged.merged_into = head
    merged.save(update_fields=["merged_into"])
    verdict = queries.allowed([head.pk], channel="SMS", purpose="MARKETING", at=post.now)[head.pk]
    assert verdict.reasons == ("often",)
    assert verdict.until is not None


def test_in_quiet_hours_it_waits_for_the_morning(post):
    post.queue(post.person())
    post.send(later=timedelta(hours=8))  # half past ten in the evening
    row = Message.objects.get()
    assert (row.state, row.reason) == ("HELD", "quiet")
    assert row.due_at.isoformat() == "2026-11-22T01:00:00+00:00"


def test_what_would_come_too_late_is_not_sent(post):
    post.queue(post.person(), expires_at=post.now + timedelta(hours=10))
    post.send(later=timedelta(hours=8))
    assert (Message.objects.get().state, Message.objects.get().reason) == ("SUPPRESSED", "quiet")


def test_the_quota_of_the_month_is_shared_by_all(post):
    ChannelSetting.objects.update(month_quota=2)
    post.queue(*[post.person() for _n in range(4)])
    post.send()
    assert post.states() == {"SENT": 2, "HELD": 2}
    assert set(Message.objects.filter(state="HELD").values_list("reason", flat=True)) == {"quota"}


def test_refused_fails_and_gives_its_day_back(post):
    one = post.person()
    post.carrier.answers[0] = Answer(Outcome.REFUSED, detail="550", bad_address=True)
    post.queue(one)
    post.send()
    row = Message.objects.get()
    assert (row.state, row.reason, row.detail) == ("FAILED", "bad_address", "550")
    assert Contacted.objects.get().days == []
    verdict = queries.allowed([one.pk], channel="SMS", purpose="MARKETING", at=post.now)[one.pk]
    assert verdict.reasons == ("failing",)


def test_not_taken_is_tried_again_later_and_counts_once(post):
    post.carrier.answers[0] = Answer(Outcome.LATER, detail="421")
    post.queue(post.person())
    post.send()
    assert post.states() == {"HELD": 1}
    post.send(later=timedelta(minutes=2))
    assert post.states() == {"SENT": 1}
    assert len(Contacted.objects.get().days) == 1
    assert post.carrier.got[0].uid == post.carrier.got[1].uid


def test_without_an_answer_the_carrier_is_asked_before_a_second_try(post):
    post.carrier.answers[0] = Answer(Outcome.UNKNOWN)
    post.queue(post.person())
    post.send()
    assert post.states() == {"UNKNOWN": 1}
    post.carrier.known[post.carrier.got[0].uid] = Answer(Outcome.SENT, carrier_id="b1")
    post.send(later=timedelta(minutes=2))
    assert post.states() == {"SENT": 1}
    assert len(post.carrier.got) == 1
    assert post.carrier.asked == [post.carrier.got[0].uid]


def test_what_the_carrier_never_saw_goes_again_under_the_same_identity(post):
    post.carrier.answers[0] = Answer(Outcome.UNKNOWN)
    post.queue(post.person())
    post.send()
    post.carrier.known[post.carrier.got[0].uid] = Answer(Outcome.LATER)
    post.send(later=timedelta(minutes=2))
    assert post.states() == {"SENT": 1}
    assert len({item.uid for item in post.carrier.got}) == 1


def test_a_carrier_that_is_not_reached_keeps_everything(post):
    post.carrier.is_reached = False
    post.queue(post.person(), post.person())
    post.send()
    assert post.states() == {"HELD": 2}
    post.carrier.is_reached = True
    post.send(later=timedelta(minutes=2))
    assert post.states() == {"SENT": 2}


class Dies(Exception):
    pass


def test_after_a_death_only_the_one_in_hand_is_in_doubt(post):
    post.queue(*[post.person() for _n in range(5)])
    claimed = claim_batch(channel="SMS", carrier=post.carrier, lease=LEASE, actor=SYSTEM, now=post.now)
    take = post.carrier.send

    def die_at_third(item):
        if len(post.carrier.got) == 2:
            raise Dies
        return take(item)

    post.carrier.send = die_at_third
    with pytest.raises(Dies):
        hand_over(claimed, post.carrier, clock=lambda: post.now)
    post.carrier.send = take
    assert post.send().messages == 0  # the lease holds
    post.send(later=timedelta(minutes=10))
    assert post.states() == {"SENT": 4, "UNKNOWN": 1}
    post.send(later=timedelta(minutes=12))
    assert post.states() == {"SENT": 5}
    assert len({item.uid for item in post.carrier.got}) == 5


def test_a_worker_that_comes_back_too_late_stops(post):
    post.queue(post.person(), post.person())
    claimed = claim_batch(channel="SMS", carrier=post.carrier, lease=LEASE, actor=SYSTEM, now=post.now)
    post.send(later=timedelta(minutes=10))
    with pytest.raises(LeaseLost):
        hand_over(claimed, post.carrier, clock=lambda: post.now)
    assert len(post.carrier.got) == 2
    assert Handover.objects.filter(finished_at=None).count() == 0


def test_cancelled_does_not_go_and_what_went_is_not_cancelled(post):
    post.queue(post.person())
    row = Message.objects.get()
    assert operations.cancel(messages=[row], actor=post.actor("owner"), now=post.now) == 1
    post.send()
    assert post.carrier.got == []
    with pytest.raises(DiankeError):
        operations.cancel(messages=[row], actor=post.actor("owner"), now=post.now)


def test_the_outcomes_of_a_source(post):
    post.queue(post.person(), post.person(), post.person(consents={}))
    post.send()
    found = queries.outcomes("campaign:1")
    assert (found.total, found.out, dict(found.by_reason)) == (3, 2, {"never_asked": 1})


def test_a_batch_leaves_one_event_for_all_its_people(post):
    people = [post.person() for _n in range(3)]
    post.queue(*people)
    post.send()
    event = Event.objects.get(kind="messaging.messages_sent")
    assert {f"customers.customer:{one.pk}" for one in people} < set(event.subjects)


def test_a_hundred_people_cost_as_many_statements_as_three(post, django_assert_max_num_queries):
    post.carrier.batch = 500
    SendingRules.objects.update(day_limit=9)
    post.queue(*[post.person() for _n in range(100)])
    with django_assert_max_num_queries(160):  # forty and one for each that is handed over
        post.send()
    assert post.states() == {"SENT": 100}


def test_a_letter_nobody_could_unsubscribe_from_does_not_go_out(post, settings):
    carrier = FakeCarrier("EMAIL")
    register_carrier(carrier)
    ChannelSetting.objects.create(channel="EMAIL", carrier="fake", changed_at=post.now)
    one = post.person(consents={("MARKETING", "EMAIL"): True})
    settings.CSRF_TRUSTED_ORIGINS = ["https://*.shop.example"]
    with pytest.raises(operations.enqueueing.NotAllowedNow):
        write(post, one, purpose="MARKETING")
    post.queue(one, channel="EMAIL", subject="秋茶")
    write(post, one, purpose="SERVICE")
    post.send(channel="EMAIL")
    offers = Message.objects.get(purpose="MARKETING")
    assert (offers.state, offers.reason) == ("SUPPRESSED", "no_way_out")
    assert [item.headers for item in carrier.got] == [{}]  # what is about an order needs no way out
    settings.CSRF_TRUSTED_ORIGINS = ["https://*.shop.example", "https://shop.example"]
    write(post, one, purpose="MARKETING")
    post.send(channel="EMAIL")
    assert carrier.got[-1].headers["List-Unsubscribe"].startswith("<https://shop.example/")
    assert "https://shop.example/" in carrier.got[-1].text


def write(post, one, *, purpose):
    operations.enqueue_one(
        customer=one,
        source=f"hand:{purpose}:{Message.objects.count()}",
        channel="EMAIL",
        purpose=purpose,
        subject="您好",
        body="您的戒指已修好。",
        due_at=post.now,
        actor=SYSTEM,
        now=post.now,
    )
