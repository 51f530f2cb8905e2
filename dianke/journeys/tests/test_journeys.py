"""Stories of journeys: people enter once, every step once, exits are asked before each of them, and what is paused or
stopped goes no further. `now` is 14:30 on 21 November 2026 in Hangzhou, lunar 10-13."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from dianke.core.actor import SYSTEM, PermissionRefused
from dianke.customers.models import Consent, Customer
from dianke.customers.operations.merges import merge_customers
from dianke.events.testing import deliver_events
from dianke.insight.models import ContactPreference
from dianke.journeys import operations
from dianke.journeys.models import Journey, Passage
from dianke.journeys.operations.advancing import advance
from dianke.journeys.providers.contact import ASKED
from dianke.journeys.tasks import run_journeys
from dianke.journeys.tests.road import Road, passage, trail
from dianke.messaging.models import Message
from dianke.promotions.models import Coupon
from dianke.promotions.operations import CouponUse, redeem_coupons
from dianke.promotions.tests.counter import within
from dianke.work.models import Task

BEIJING = ZoneInfo("Asia/Shanghai")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=BEIJING)


# --- entering by the day ---------------------------------------------------------------------------------------------
def test_a_birthday_is_greeted_once_on_the_day(road: Road) -> None:
    person = road.person(birthday=(1990, 11, 22))
    road.person(birthday=(1990, 11, 25))
    journey = road.published()
    road.pass_hours(40)
    assert road.sent(person) == road.sent() == 1
    assert trail(journey, person) == [("hello", "SENT", "")]
    found = passage(journey, person)
    assert (found.occurrence, found.entered_at, found.state) == ("BIRTHDAY:2026", at(22, 10), "DONE")


def test_nobody_enters_for_a_day_that_began_before_it_was_published(road: Road) -> None:
    road.person(birthday=(1990, 11, 21))
    road.published()
    road.pass_hours(30)
    assert road.sent() == 0


def test_the_owner_may_let_in_those_whose_day_it_is(road: Road) -> None:
    person = road.person(birthday=(1990, 11, 21))
    road.act("publish", road.draft(), with_present=True)
    road.tick()
    assert road.sent(person) == 1


def test_publishing_again_lets_nobody_in_twice_and_people_go_on_as_they_entered(road: Road) -> None:
    person = road.person(birthday=(1990, 11, 22))
    wait = {"key": "wait", "kind": "WAIT", "days": 1}
    journey = road.published(road.plan(wait, road.message("old")))
    road.pass_hours(22)
    assert passage(journey, person).step == "wait"
    road.act("publish", road.change(journey, road.plan(road.message("new"))), with_present=True)
    road.pass_hours(30)
    assert trail(journey, person) == [("wait", "WAITED", ""), ("old", "SENT", "")]
    assert passage(journey, person).version.number == 1
    assert journey.passages.count() == 1


def test_publishing_at_the_hour_itself_loses_nobody(road: Road) -> None:
    person = road.person(birthday=(1990, 11, 22))
    journey = road.published()
    road.now = at(22, 9, 59)
    road.tick()
    road.now = at(22, 10, 0) + timedelta(seconds=5)
    road.act("publish", road.change(journey, road.plan(road.message("new"))))
    road.tick()
    assert road.sent(person) == 1


def test_a_lunar_birthday_is_found_in_its_leap_month_and_in_years_without(road: Road) -> None:
    # Lunar 10-14 is 22 November 2026; the leap tenth month is celebrated in the ordinary one where there is none.
    person = road.person(lunar_birthday=(1990, 10, 14, False))
    born_in_leap = road.person(lunar_birthday=(1984, 10, 14, True))
    journey = road.published()
    road.pass_hours(24)
    assert {road.sent(person), road.sent(born_in_leap)} == {1}
    assert passage(journey, person).anchor == date(2026, 11, 22)


def test_the_29th_of_february_is_greeted_on_the_28th(road: Road) -> None:
    person = road.person(birthday=(1992, 2, 29))
    journey = road.published()
    road.now = datetime(2027, 2, 27, 12, tzinfo=BEIJING)
    road.tick()
    road.pass_hours(24)
    assert passage(journey, person).anchor == date(2027, 2, 28)
    assert road.sent(person) == 1


def test_a_corrected_birthday_brings_no_second_greeting(road: Road) -> None:
    person = road.person(birthday=(1990, 11, 22))
    road.published()
    road.pass_hours(24)
    person.dates.update(calendar="LUNAR", month=10, day=16)  # 24 November 2026
    road.pass_hours(72)
    assert road.sent(person) == 1


def test_a_year_later_it_is_greeted_again(road: Road) -> None:
    person = road.person(birthday=(1990, 11, 22))
    road.published()
    road.pass_hours(24)
    road.now = datetime(2027, 11, 22, 9, tzinfo=BEIJING)
    road.tick()
    road.pass_hours(2)
    assert road.sent(person) == 2


def test_a_worker_that_was_down_for_three_days_sends_no_greeting_of_before(road: Road) -> None:
    late = road.person(birthday=(1990, 11, 22))
    today = road.person(birthday=(1990, 11, 25))
    journey = road.published()
    road.now = at(25, 11)
    road.tick()
    assert (road.sent(late), road.sent(today)) == (0, 1)
    assert trail(journey, late) == [("hello", "SKIPPED", "stale")]


# --- steps -----------------------------------------------------------------------------------------------------------
def test_waits_are_reckoned_by_the_wall_and_until_the_day(road: Road) -> None:
    person = road.person(birthday=(1990, 11, 25))
    journey = road.published(
        road.plan(
            {"key": "task", "kind": "TASK", "title": "备生日礼"},
            {"key": "till", "kind": "UNTIL", "days": 0, "at": "09:30"},
            road.message(),
            trigger={"kind": "BIRTHDAY", "days": 3, "at": "10:00"},
        )
    )
    road.pass_hours(24)
    task = Task.objects.get(kind="care_date")
    assert "备生日礼" in task.title
    found = passage(journey, person)
    assert (found.step, found.due_at) == ("till", at(25, 9, 30))
    road.pass_hours(72)
    assert trail(journey, person)[1:] == [("till", "WAITED", ""), ("hello", "SENT", "")]


def test_a_coupon_comes_with_the_message_and_once(road: Road) -> None:
    person = road.person(birthday=(1990, 11, 22))
    kind = road.desk.kind()
    text = road.message(body="生日快乐，{{ coupon }}，券码{{ coupon_code }}，{{ date }}前后可用")
    journey = road.published(road.plan({"key": "gift", "kind": "COUPON", "coupon_kind_id": kind.pk}, text))
    road.pass_hours(24)
    assert trail(journey, person) == [("gift", "GIVEN", ""), ("hello", "SENT", "")]
    assert passage(journey, person).coupon_id == Coupon.objects.get(customer=person).pk
    assert "满100减20" in road.desk.carrier.got[0].text


def test_without_a_coupon_left_the_text_that_names_it_is_left_out(road: Road) -> None:
    person = road.person(birthday=(1990, 11, 22))
    kind = road.desk.kind()
    text = road.message(body="送您{{ coupon }}")
    journey = road.published(
        road.plan({"key": "gift", "kind": "COUPON", "coupon_kind_id": kind.pk}, text, road.message("plain"))
    )
    type(kind).objects.filter(pk=kind.pk).update(state="PAUSED")
    road.pass_hours(24)
    assert trail(journey, person) == [
        ("gift", "SKIPPED", "no_coupon"),
        ("hello", "SKIPPED", "no_coupon"),
        ("plain", "SENT", ""),
    ]


def test_a_branch_asks_what_happened_since_and_both_arms_go_on(road: Road) -> None:
    bought, not_yet = (road.person(birthday=(1990, 11, 22)) for _n in range(2))
    journey = road.published(
        road.plan(
            {"key": "wait", "kind": "WAIT", "hours": 2},
            {
                "key": "ask",
                "kind": "BRANCH",
                "test": "BOUGHT",
                "yes": [{"key": "done", "kind": "END"}],
                "no": [road.message("remind")],
            },
            {"key": "call", "kind": "TASK", "title": "回访"},
        )
    )
    road.now = at(22, 11)
    road.tick()
    road.buys(bought, at=at(22, 11, 30))
    road.pass_hours(3)
    assert [step for step, *_rest in trail(journey, bought)] == ["wait", "ask", "done"]
    assert [step for step, *_rest in trail(journey, not_yet)] == ["wait", "ask", "remind", "call"]


def test_a_branch_asks_whether_the_coupon_was_used_where_there_is_one(road: Road) -> None:
    came, not_yet = (road.person(birthday=(1990, 11, 22)) for _n in range(2))
    ask = {
        "key": "ask",
        "kind": "BRANCH",
        "test": "REDEEMED",
        "yes": [{"key": "done", "kind": "END"}],
        "no": [road.message("remind")],
    }
    wait = {"key": "wait", "kind": "WAIT", "hours": 2}
    with pytest.raises(operations.JourneyNotReady):
        road.published(road.plan(wait, ask))
    gift = {"key": "gift", "kind": "COUPON", "coupon_kind_id": road.desk.kind().pk}
    journey = road.published(road.plan(gift, wait, ask))
    road.now = at(22, 11)
    road.tick()
    coupon = Coupon.objects.get(customer=came)
    use = {
        "uses": [CouponUse(coupon.pk, 2000, 12000)],
        "customer_ids": [came.pk],
        "reference": "sales.order:1",
    }
    who = {"store_id": road.desk.cast.lake.pk, "actor": SYSTEM, "now": road.now}
    within(work=lambda: redeem_coupons(**use, **who), actor=SYSTEM, now=road.now)
    road.pass_hours(3)
    assert [step for step, *_rest in trail(journey, came)] == ["gift", "wait", "ask", "done"]
    assert [step for step, *_rest in trail(journey, not_yet)] == ["gift", "wait", "ask", "remind"]


def test_a_coupon_used_after_the_message_is_an_answer_to_it(road: Road) -> None:
    came, not_yet = (road.person(birthday=(1990, 11, 22)) for _n in range(2))
    gift = {"key": "gift", "kind": "COUPON", "coupon_kind_id": road.desk.kind().pk}
    wait = {"key": "wait", "kind": "WAIT", "hours": 2}
    # The first greeting goes out before there is a coupon, so it asks for nothing.
    road.published(
        road.plan(road.message("hello"), gift, road.message("gifted"), wait, road.message("remind"))
    )
    road.pass_hours(24)

    def asked() -> list[tuple[int, str, bool]]:
        period = {"since": road.now - timedelta(days=365), "until": road.now + timedelta(days=1)}
        with connection.cursor() as cursor:
            cursor.execute(f"{ASKED} ORDER BY m.id", period)
            return [(pk, channel, is_answered) for pk, channel, is_answered in cursor.fetchall()]

    everybody = [came.pk, not_yet.pk]
    assert sorted(asked()) == sorted([(pk, "SMS", False) for pk in everybody * 2])
    coupon = Coupon.objects.get(customer=came)
    values = {
        "uses": [CouponUse(coupon.pk, 2000, 12000)],
        "customer_ids": [came.pk],
        "reference": "sales.order:1",
    }
    who = {"store_id": road.desk.cast.lake.pk, "actor": SYSTEM, "now": road.now}
    within(work=lambda: redeem_coupons(**values, **who), actor=SYSTEM, now=road.now)
    assert {row for row in asked() if row[0] == came.pk} == {(came.pk, "SMS", True)}
    assert {row for row in asked() if row[0] == not_yet.pk} == {(not_yet.pk, "SMS", False)}


def test_a_journey_writes_where_somebody_answers(road: Road) -> None:
    answering, silent = (
        road.person(birthday=(1990, 11, 22), consents={("CARE", "ANY"): True}) for _n in range(2)
    )
    ContactPreference.objects.create(
        customer_id=answering.pk, channel="PORTAL", message_count=4, answer_count=3
    )
    texts = {channel: road.text(channel=channel).pk for channel in ("SMS", "PORTAL")}
    hello = {"key": "hello", "kind": "MESSAGE", "texts": texts}
    road.published(road.plan(hello, channels=["SMS", "PORTAL"]))
    road.pass_hours(24)
    said = dict(Message.objects.values_list("customer_id", "channel"))
    assert said == {answering.pk: "PORTAL", silent.pk: "SMS"}


def test_the_rules_of_sending_choose_and_say_why_not(road: Road) -> None:
    person = road.person(birthday=(1990, 11, 22), consents={("CARE", "ANY"): False})
    journey = road.published()
    road.pass_hours(24)
    assert trail(journey, person) == [("hello", "SKIPPED", "said_no")]


def test_those_kept_back_go_the_same_way_and_get_nothing(road: Road) -> None:
    people = [road.person(birthday=(1990, 11, 22)) for _n in range(40)]
    journey = road.published(road.plan(control_bp=5_000))
    road.pass_hours(24)
    kept = journey.passages.filter(arm="CONTROL")
    assert 5 < kept.count() < 35
    assert road.sent() == len(people) - kept.count()
    assert set(kept.values_list("state", flat=True)) == {"DONE"}


# --- exits -----------------------------------------------------------------------------------------------------------
def _waiting(road: Road, **values: object) -> tuple[Journey, Customer]:
    person = road.person(birthday=(1990, 11, 22))
    wait = {"key": "wait", "kind": "WAIT", "hours": 3}
    journey = road.published(road.plan(wait, road.message(), **values))
    road.now = at(22, 11)
    road.tick()
    assert passage(journey, person).state == "GOING"
    return journey, person


def test_whoever_buys_leaves_before_the_next_step(road: Road) -> None:
    journey, person = _waiting(road, exits={"bought": True})
    road.buys(person, at=at(22, 12))
    road.pass_hours(4)
    found = passage(journey, person)
    assert (found.state, found.reason, road.sent()) == ("LEFT", "bought", 0)


def test_whoever_takes_back_the_consent_leaves(road: Road) -> None:
    journey, person = _waiting(road)
    Consent.objects.create(customer=person, purpose="CARE", is_given=False, at=at(22, 12), how="LINK")
    road.pass_hours(4)
    assert (passage(journey, person).reason, road.sent()) == ("unsubscribed", 0)


def test_whoever_is_erased_leaves(road: Road) -> None:
    journey, person = _waiting(road)
    Customer.objects.filter(pk=person.pk).update(state="ERASING")
    road.pass_hours(4)
    assert (passage(journey, person).reason, road.sent()) == ("gone", 0)


def test_a_message_that_still_waits_is_called_back_when_there_is_a_reason_to_leave(road: Road) -> None:
    journey, person = _waiting(road, exits={"bought": True})
    road.now = at(22, 13, 1)
    run_journeys(road.now)
    assert Message.objects.get(customer=person).state == "QUEUED"
    road.buys(person, at=road.now)
    road.now += timedelta(minutes=1)
    road.tick()
    assert Message.objects.get(customer=person).state == "CANCELLED"
    assert passage(journey, person).reason == "bought"


def test_what_an_employee_has_is_waited_for_and_called_back_when_there_is_a_reason_to_leave(
    road: Road,
) -> None:
    journey, person = _waiting(road, exits={"bought": True})
    road.now = at(22, 13, 1)
    run_journeys(road.now)
    Message.objects.filter(customer=person).update(state="HANDED")
    road.later(minutes=1)
    assert passage(journey, person).state == "GOING"
    road.buys(person, at=road.now)
    road.later(minutes=1)
    message = Message.objects.get(customer=person)
    assert (message.state, message.reason, passage(journey, person).reason) == ("HANDED", "by_hand", "bought")


def test_two_that_become_one_person_go_on_once(road: Road) -> None:
    one, other = (road.person(birthday=(1990, 11, 22)) for _n in range(2))
    wait = {"key": "wait", "kind": "WAIT", "hours": 3}
    journey = road.published(road.plan(wait, road.message()))
    road.now = at(22, 11)
    road.tick()
    merge_customers(kept=one, joined=other, actor=SYSTEM, now=road.now)
    road.pass_hours(4)
    assert road.sent() == 1
    assert sorted(journey.passages.values_list("state", "reason")) == [("DONE", ""), ("LEFT", "merged")]


def test_a_merge_between_two_greetings_brings_no_second(road: Road) -> None:
    one = road.person(birthday=(1990, 11, 22))
    other = road.person(birthday=(1990, 11, 24))
    road.published()
    road.pass_hours(24)
    merge_customers(kept=one, joined=other, actor=SYSTEM, now=road.now)
    road.pass_hours(72)
    assert road.sent() == 1


# --- paused and stopped ----------------------------------------------------------------------------------------------
def test_paused_nothing_goes_out_and_what_is_too_late_afterwards_does_not_either(road: Road) -> None:
    journey, person = _waiting(road)
    soon = road.person(birthday=(1990, 11, 23))
    road.act("pause", journey)
    road.pass_hours(72)
    assert road.sent() == 0
    assert not journey.passages.filter(customer=soon).exists()
    road.act("resume", journey)
    road.pass_hours(2)
    assert road.sent() == 0
    assert trail(journey, person) == [("wait", "WAITED", ""), ("hello", "SKIPPED", "stale")]


def test_a_short_pause_calls_back_and_asks_again(road: Road) -> None:
    journey, person = _waiting(road)
    road.now = at(22, 13, 1)
    run_journeys(road.now)
    road.act("pause", journey)
    road.later(minutes=30)
    assert list(Message.objects.values_list("state", flat=True)) == ["CANCELLED"]
    road.act("resume", journey)
    road.later(minutes=1)
    assert road.sent(person) == 1
    assert sorted(Message.objects.values_list("state", flat=True)) == ["CANCELLED", "SENT"]


def test_stopped_everybody_leaves_and_it_can_be_published_again(road: Road) -> None:
    journey, person = _waiting(road)
    road.act("stop", journey)
    road.pass_hours(24)
    assert (road.sent(), passage(journey, person).reason) == (0, "stopped")
    road.act("publish", journey)
    road.pass_hours(48)
    assert road.sent() == 0


def test_a_step_is_taken_whole_or_not_at_all(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    person = road.person(birthday=(1990, 11, 22))
    kind = road.desk.kind()
    gift = {"key": "gift", "kind": "COUPON", "coupon_kind_id": kind.pk}
    road.published(road.plan(gift, road.message()))
    road.now = at(22, 10, 1)

    def dies(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("dianke.journeys.operations.advancing.update_from", dies)
        with pytest.raises(KeyboardInterrupt):
            run_journeys(road.now)
    assert Coupon.objects.count() == 0
    road.tick()
    road.tick()
    assert (Coupon.objects.count(), road.sent(person)) == (1, 1)


# --- what happens ----------------------------------------------------------------------------------------------------
def test_a_purchase_lets_in_once_however_often_it_is_told(road: Road) -> None:
    from dianke.events.operations import operation, record

    person = road.person()
    journey = road.published(road.plan(trigger={"kind": "FIRST_PURCHASE"}, again={"kind": "NEVER"}))

    @operation(None)
    def close(*, order, actor, now):  # type: ignore[no-untyped-def]
        record("sales.order_completed", order, actor=actor, now=now)
        return order

    road.now += timedelta(minutes=5)
    close(order=road.buys(person), actor=SYSTEM, now=road.now)
    deliver_events(now=road.now)
    deliver_events(now=road.now)
    road.now += timedelta(minutes=5)
    close(order=road.buys(person), actor=SYSTEM, now=road.now)
    deliver_events(now=road.now)
    road.tick()
    assert (journey.passages.count(), road.sent(person)) == (1, 1)


# --- who may ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["publish", "pause", "resume", "stop"])
def test_a_clerk_may_not(road: Road, name: str) -> None:
    journey = road.published()
    with pytest.raises(PermissionRefused):
        road.act(name, journey, by="clerk")


def test_a_manager_makes_journeys_of_the_own_store_only(road: Road) -> None:
    with pytest.raises(operations.JourneyOfOtherStores):
        road.draft(by="manager")
    mine = road.draft(by="manager", store_ids=[road.desk.cast.lake.pk])
    road.person(birthday=(1990, 11, 22), store=road.desk.cast.harbour)
    road.act("publish", mine, by="manager")
    road.pass_hours(24)
    assert mine.passages.count() == 0


def test_what_is_missing_is_said_before_it_is_published(road: Road) -> None:
    journey = road.draft(road.plan({"key": "task", "kind": "TASK", "title": ""}))
    with pytest.raises(operations.JourneyNotReady):
        road.act("publish", journey)
    with pytest.raises(operations.JourneyNotReady):
        road.act("publish", road.draft(road.plan(road.message(body="送您{{ coupon }}"))))


def test_the_number_of_statements_does_not_grow_with_the_people(
    road: Road, django_assert_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for size in (3, 30):
        for _n in range(size):
            road.person(birthday=(1990, 11, 22))
        journey = road.published(road.plan(), name=f"祝福{size}")
        run_journeys(at(22, 9, 59))
        with CaptureQueriesContext(
            connection,
        ) as seen:
            run_journeys(at(22, 10, 1))
        counts.append(len(seen.captured_queries))
        assert journey.passages.count() >= size
        road.act("stop", journey)
    assert abs(counts[1] - counts[0]) <= 2, counts


def test_advance_does_nothing_for_who_is_not_due(road: Road) -> None:
    journey, _person = _waiting(road)
    version = journey.versions.get()
    assert advance(version=version, actor=SYSTEM, now=road.now) == 0
    assert journey.passages.filter(state=Passage.State.GOING).count() == 1
