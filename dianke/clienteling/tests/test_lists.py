"""The lists of a day: every reason is found with its numbers, the rules decide who is on them, and once."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dianke.clienteling import operations
from dianke.clienteling.models import Entry
from dianke.clienteling.queries.people import lists, seen_by
from dianke.clienteling.queries.queue import queue_of
from dianke.clienteling.tests.counter import TODAY
from dianke.core.actor import SYSTEM
from dianke.core.errors import NotAllowed
from dianke.customers.models import Collaborator, Customer
from dianke.customers.operations.merges import merge_customers
from dianke.customers.tests.cast import second_partner


# --- reasons ---------------------------------------------------------------------------------------------------------
def test_birthdays_within_a_week_solar_and_lunar(counter):
    soon = counter.birthday(left=3)
    late = counter.birthday(left=8)
    lunar = counter.person(lunar_birthday=(1990, 10, 13, False))  # 2026-11-21
    assert counter.found(soon)["DATE"] == {"kind": "BIRTHDAY", "on": "2026-11-24", "left": 3, "lunar": None}
    assert counter.found(late) == {}
    assert counter.found(lunar)["DATE"]["lunar"] == [10, 13, False]


def test_slipping_away_is_measured_by_ones_own_interval(counter):
    often, seldom, gone = (counter.person() for _n in range(3))
    counter.metrics(often, interval_days=Decimal(20), last_date=TODAY - timedelta(days=45))
    counter.metrics(seldom, interval_days=Decimal(40), last_date=TODAY - timedelta(days=45))
    counter.metrics(gone, interval_days=Decimal(10), last_date=TODAY - timedelta(days=45))
    assert counter.found(often)["SLIPPING"]["days"] == 45
    assert "SLIPPING" not in counter.found(seldom)
    assert "SLIPPING" not in counter.found(gone)


def test_who_is_expected_these_days_is_due(counter):
    due, later = counter.person(), counter.person()
    last = {"last_date": TODAY - timedelta(days=30)}
    counter.metrics(due, expected_next_date=TODAY + timedelta(days=2), **last)
    counter.metrics(later, expected_next_date=TODAY + timedelta(days=9), **last)
    assert counter.found(due)["DUE"] == {"on": "2026-11-23", "left": 2}
    assert counter.found(later) == {}


@pytest.mark.sales_unsound  # rows of orders alone: nothing was posted
def test_an_open_quote_and_a_purchase_some_days_ago(counter):
    quoted, fresh, bought, returned = (counter.person() for _n in range(4))
    quote = counter.order(quoted, days=5, state="DRAFT", channel="QUOTE")
    counter.order(fresh, days=1, state="DRAFT", channel="QUOTE")
    values = {"state": "DELIVERED", "earned_amount": 128_00, "paid_amount": 128_00}
    counter.order(bought, days=3, **values)
    counter.order(returned, days=3, **{**values, "returned_amount": 128_00})
    facts = counter.found(quoted)["QUOTE"]
    assert (facts["number"], facts["amount"], facts["days"]) == (quote.number, 128_00, 5)
    assert counter.found(fresh) == {}
    assert counter.found(bought)["THANKS"]["days"] == 3
    assert "THANKS" not in counter.found(returned)


def test_a_new_customer_has_a_first_week_unless_a_file_brought_them(counter):
    new = counter.person(since=2)
    brought = counter.person(since=2, channel="IMPORT")
    old = counter.person(since=9)
    assert counter.found(new)["NEW"]["days"] == 2
    assert counter.found(brought) == counter.found(old) == {}


def test_what_belongs_to_somebody_merged_counts_for_the_profile(counter):
    kept, joined = counter.person("王小明"), counter.birthday("王晓明", left=1)
    merge_customers(kept=kept, joined=joined, actor=SYSTEM, now=counter.now)
    assert counter.found(joined) == {}
    assert counter.found(kept)["DATE"]["left"] == 1


def test_a_reason_switched_off_finds_nobody_and_its_days_are_the_merchants(counter):
    one = counter.birthday(left=10)
    change = {"code": "DATE", "words": "", "actor": counter.actor("owner"), "now": counter.now}
    operations.change_reason(is_on=True, days=14, **change)
    assert counter.found(one)["DATE"]["left"] == 10
    operations.change_reason(is_on=False, days=14, **change)
    assert counter.found(one) == {}


# --- who is on them --------------------------------------------------------------------------------------------------
def test_who_looks_after_somebody_gets_them_and_the_others_are_shared(counter):
    own = counter.birthday(owner=counter.user("clerk"))
    shared = [counter.birthday() for _n in range(6)]
    assert counter.deal() == 7
    listed = counter.listed()
    assert listed[own.pk] == "clerk"
    by_user = [listed[one.pk] for one in shared]
    assert set(by_user) == {"manager", "clerk", "colleague"}
    assert max(by_user.count(name) for name in set(by_user)) <= 3
    assert counter.entry(own).why == "OWNER"


def test_nobody_is_on_two_lists_and_a_second_round_only_fills_up(counter):
    for _n in range(4):
        counter.birthday()
    assert counter.deal() == 4
    assert counter.deal() == 0
    counter.birthday()
    assert counter.deal() == 1
    assert Entry.objects.values("customer_id").distinct().count() == 5


def test_a_list_is_no_longer_than_the_merchant_wants(counter):
    for _n in range(5):
        counter.birthday(owner=counter.user("clerk"))
    operations.change_rules(day_limit=3, rest_days=7, actor=counter.actor("owner"), now=counter.now)
    counter.deal()
    assert Entry.objects.count() == 3


def test_a_partners_customers_go_only_to_who_may_see_them(counter):
    """Of two partners of a store neither is given the other's customers; helpers are."""
    shen, qiu = counter.cast.partner, second_partner()
    for partner in (shen, qiu):
        for _n in range(10):
            counter.birthday(partner=partner)
    helped = counter.birthday(partner=shen, owner=counter.user("qiu"))
    counter.deal()
    for entry in Entry.objects.select_related("user", "customer"):
        actor = counter.actor(entry.user.username)
        assert Customer.objects.visible_to(actor).filter(pk=entry.customer_id).exists()
    assert counter.listed()[helped.pk] == "qiu"
    kept = Entry.objects.exclude(customer=helped)
    assert set(kept.filter(partner=shen).values_list("user__username", flat=True)) >= {"shen", "clerk"}
    assert not kept.filter(user=counter.user("qiu"), partner=shen).exists()
    assert not kept.filter(user=counter.user("shen"), partner=qiu).exists()


def test_places_are_shared_over_partners_by_their_customers_with_a_reason(counter):
    operations.change_rules(day_limit=3, rest_days=7, actor=counter.actor("owner"), now=counter.now)
    shen, qiu = counter.cast.partner, second_partner()
    for _n in range(16):
        counter.birthday(partner=shen)
    for _n in range(4):
        counter.birthday(partner=qiu)
    counter.deal()
    got = {partner: Entry.objects.filter(partner=partner).count() for partner in (shen, qiu)}
    # Three people of the store with three places each see all of them, and each partner has a list of their own.
    assert got == {shen: 11, qiu: 4}


@pytest.mark.parametrize("seed", range(3))
def test_in_a_random_house_everybody_sees_whom_they_are_given(counter, seed):
    chance = random.Random(seed)
    cast, shen, qiu = counter.cast, counter.cast.partner, second_partner()
    users = [
        None,
        None,
        *(counter.user(name) for name in ("clerk", "colleague", "neighbour", "southerner", "qiu")),
    ]
    for _n in range(40):
        one = counter.birthday(
            left=chance.randint(0, 7),
            store=chance.choice([None, cast.lake, cast.road, cast.harbour]),
            partner=chance.choice([None, shen, qiu]),
            owner=chance.choice(users),
        )
        if chance.random() < 0.2:
            Collaborator.objects.create(customer=one, user=counter.user("neighbour"), since=counter.now)
    counter.deal()
    assert Entry.objects.count() > 20
    people = lists(counter.now)
    sees = seen_by(people, [entry.customer_id for entry in Entry.objects.all()])
    for entry in Entry.objects.select_related("customer"):
        assert entry.user_id in sees[entry.customer_id]
        owner = entry.customer.owner_id
        if owner in people.actors and owner in sees[entry.customer_id]:
            assert (entry.user_id, entry.why) == (owner, "OWNER")


def test_who_refused_or_was_never_asked_is_on_no_list(counter):
    refused = counter.birthday(consents={("CARE", "ANY"): False})
    never = counter.birthday(consents={})
    no_phone = counter.birthday(consents={("CARE", "CALL"): True}, phone="")
    by_wechat = counter.birthday(consents={("CARE", "WECHAT"): True})
    counter.deal()
    assert counter.listed().keys() == {by_wechat.pk}
    assert {refused.pk, never.pk, no_phone.pk}.isdisjoint(counter.listed())


@pytest.mark.sales_unsound
def test_a_reason_that_needs_no_consent_leads_where_the_heavier_one_may_not(counter):
    one = counter.birthday(consents={("CARE", "ANY"): False})
    counter.order(one, days=5, state="DRAFT", channel="QUOTE")
    counter.deal()
    assert [each["code"] for each in counter.entry(one).reasons] == ["QUOTE"]


def test_whoever_leads_the_house_shares_only_where_nobody_is_near(counter):
    near, far = counter.birthday(), counter.birthday(store=None)
    counter.deal()
    assert counter.listed()[near.pk] != "owner"
    assert counter.listed()[far.pk] == "owner"


def test_lists_are_made_by_who_may(counter):
    counter.birthday()
    with pytest.raises(NotAllowed):
        operations.make_lists(actor=counter.actor("clerk"), now=counter.now)


# --- as it is shown --------------------------------------------------------------------------------------------------
def test_a_list_takes_the_same_statements_however_long_it_is(counter):
    clerk = counter.user("clerk")
    counter.birthday(owner=clerk)
    counter.deal()
    with CaptureQueriesContext(connection) as few:
        assert queue_of(counter.actor("clerk"), now=counter.now).count == 1
    for _n in range(8):
        counter.birthday(owner=clerk, left=2)
    counter.deal()
    with CaptureQueriesContext(connection) as many:
        assert queue_of(counter.actor("clerk"), now=counter.now).count == 9
    assert len(many) == len(few)


def test_who_was_handed_over_or_hidden_since_is_not_shown(counter):
    one = counter.birthday(owner=counter.user("clerk"))
    counter.deal()
    Customer.objects.filter(pk=one.pk).update(store=counter.cast.harbour, owner=counter.user("southerner"))
    assert queue_of(counter.actor("clerk"), now=counter.now).count == 0


def test_the_card_says_why_with_the_numbers_and_in_which_words(counter):
    one = counter.birthday("王小明", left=2, gender="F", owner=counter.user("clerk"))
    counter.metrics(one, last_date=TODAY - timedelta(days=61), churn_risk=Decimal("0.72"))
    counter.deal()
    card = queue_of(counter.actor("clerk"), now=counter.now).open[0]
    assert [each.code for each in card.reasons] == ["DATE", "SLIPPING"]
    assert "30" in card.reasons[1].text
    assert "61" in card.reasons[1].text
    assert "72%" not in card.reasons[1].text  # what customers are worth is not the clerk's to see
    assert "王女士" in card.words
    assert "李想" in card.words
    assert "11月23日" in card.words
    assert card.may_call
    assert card.entry.weight == sum(points for _part, points in card.entry.parts)
