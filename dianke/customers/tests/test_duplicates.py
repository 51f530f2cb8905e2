"""Who hears what while a clerk types: those who may see the customer, and those who may not."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from dianke.customers.models import State
from dianke.customers.operations.asking import QUESTIONS_PER_HOUR, TooManyQuestions
from dianke.customers.queries.duplicates import hints_for
from dianke.customers.rules.entry import DateEntry
from dianke.customers.tests.cast import make_customer, second_partner
from dianke.events.models import Event

PHONE = "13812345678"
pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(cast, now):
    def run(who: str, later: int = 0, **typed):
        return hints_for(actor=cast.actor(who), now=now + timedelta(minutes=later), **typed)

    return run


def test_a_whole_number_finds_the_customer_and_half_of_it_nobody(ask, cast):
    known = make_customer("王小明", PHONE, store=cast.lake)
    assert [hint.customer for hint in ask("clerk", phone="138 1234 5678")] == [known]
    assert ask("clerk", phone="138123") == []
    assert not Event.objects.filter(kind="customers.duplicate_asked").exists()


@pytest.mark.parametrize("typed", [{"email": "Wang@Example.com"}, {"member_number": "V77"}])
def test_other_keys_find_the_customer_too(ask, cast, typed):
    known = make_customer("王小明", email="wang@example.com", member_number="V77", store=cast.lake)
    assert [hint.customer for hint in ask("clerk", **typed)] == [known]


def test_a_name_alone_is_only_likely_and_a_birthday_makes_it_more(ask, cast):
    known = make_customer("王小明", store=cast.lake, birthday=(1990, 3, 5))
    make_customer("王小明明", store=cast.lake)
    (plain,) = ask("clerk", name="王小明")
    (born,) = ask("clerk", name="王小明", birthday=DateEntry.parse("3-5"))
    assert (plain.customer, plain.kind, str(plain.reason)) != (born.customer, born.kind, str(born.reason))
    assert (plain.kind, born.customer) == ("likely", known)


def test_names_outside_ones_reach_are_not_even_hinted_at(ask, cast):
    make_customer("王小明", store=cast.harbour)
    assert ask("clerk", name="王小明") == []


def test_of_another_stores_customer_one_hears_that_somebody_exists_and_nothing_else(ask, cast, now):
    known = make_customer(
        "王小明", PHONE, store=cast.harbour, birthday=(1990, 3, 5), email="wang@example.com", note="怕痛"
    )
    (hint,) = ask("clerk", phone=PHONE, name="王小明", birthday=DateEntry.parse("1990-3-5"))
    assert (hint.customer, hint.where, hint.masked_name, hint.keeper) == (None, "", "", "STORE")
    shown = json.dumps(hint.to_json(), ensure_ascii=False) + repr(hint)
    secrets = ("王", "小明", "5678", "1990", "wang@", "前海", known.member_number, "怕痛")
    assert not [secret for secret in secrets if secret in shown]
    asked = Event.objects.get(kind="customers.duplicate_asked")
    assert (asked.subject, asked.user_id) == (f"customers.customer:{known.pk}", cast["clerk"].user.pk)
    assert asked.data == {"asked": {str(known.pk): ["PHONE"]}}


def test_of_several_hidden_customers_not_even_the_number_is_told(ask, cast):
    for _number in range(3):
        make_customer("王小明", PHONE, store=cast.harbour)
    assert len(ask("clerk", phone=PHONE)) == 1


def test_a_partner_hears_only_that_another_partner_keeps_somebody(ask, cast):
    make_customer("王小明", PHONE, store=cast.lake, partner=second_partner())
    (hint,) = ask("shen", phone=PHONE)
    assert (hint.customer, hint.keeper) == (None, "PARTNER")
    (own,) = ask("qiu", phone=PHONE)
    assert own.customer is not None


def test_a_clerk_hears_of_a_colleagues_customer_without_the_name(ask, cast):
    make_customer("王小明", PHONE, store=cast.lake, owner=cast["colleague"].user)
    (hint,) = ask("clerk", phone=PHONE)
    assert (hint.customer, hint.keeper) == (None, "COLLEAGUE")


def test_asking_about_many_hidden_customers_ends_within_the_hour(ask, cast):
    for number in range(QUESTIONS_PER_HOUR + 1):
        make_customer("王小明", f"138123456{number:02}", store=cast.harbour)
    for number in range(QUESTIONS_PER_HOUR):
        ask("clerk", phone=f"138123456{number:02}")
    with pytest.raises(TooManyQuestions):
        ask("clerk", phone=f"138123456{QUESTIONS_PER_HOUR:02}")
    assert ask("colleague", phone=f"138123456{QUESTIONS_PER_HOUR:02}")
    assert ask("clerk", later=61, phone=f"138123456{QUESTIONS_PER_HOUR:02}")


def test_the_same_question_again_is_one_trace(ask, cast):
    make_customer("王小明", PHONE, store=cast.harbour)
    for _time in range(5):
        ask("clerk", phone=PHONE)
    assert Event.objects.filter(kind="customers.duplicate_asked").count() == 1


@pytest.mark.parametrize("state", [State.ERASING, State.ERASED, State.REMOVED])
def test_who_is_leaving_or_gone_is_not_found(ask, cast, state):
    make_customer("王小明", PHONE, store=cast.lake, state=state)
    assert ask("clerk", phone=PHONE, name="王小明") == []


def test_the_merged_are_told_as_their_profile(ask, cast):
    head = make_customer("王小明", "13912345678", store=cast.lake)
    make_customer("王小明", PHONE, store=cast.lake, merged_into=head)
    assert [hint.customer for hint in ask("clerk", phone=PHONE)] == [head]


def test_the_one_being_edited_is_no_duplicate_of_itself(ask, cast):
    known = make_customer("王小明", PHONE, store=cast.lake)
    assert ask("clerk", phone=PHONE, name="王小明", exclude=known.pk) == []


def test_hints_cost_the_same_however_many_there_are(ask, cast, django_assert_max_num_queries):
    for number in range(12):
        make_customer("王小明", PHONE, store=cast.lake if number % 2 else cast.road)
    with django_assert_max_num_queries(30):
        hints = ask("manager", phone=PHONE, name="王小明")
    assert 1 <= len(hints) <= 6
