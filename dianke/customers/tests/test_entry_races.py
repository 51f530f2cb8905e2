"""Two clerks at the same moment: one number is never entered twice in silence."""

from __future__ import annotations

from threading import Barrier

import pytest

from dianke.core.actor import SYSTEM
from dianke.core.tests.racing import at_once
from dianke.customers.models import Channel, ContactPoint, Customer, MatchPair
from dianke.customers.operations import entry as door
from dianke.customers.operations.entry import CustomerExists, Entered, Outcome, enter_customer
from dianke.customers.rules.entry import Entry, PhoneEntry
from dianke.customers.tests.cast import make_house

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 6


@pytest.fixture
def cast(now):
    from django.apps import apps
    from django.db.models.signals import post_migrate

    config = apps.get_app_config("access")
    # What migrating puts in (the preset roles) goes with the rows of a test that commits.
    post_migrate.send(config, app_config=config, using="default", verbosity=0, interactive=False, plan=[])
    return make_house(now)


def entering(cast, now, **more):
    actors = [cast.actor(who) for who in ("clerk", "colleague", "manager")]

    def work(number: int):
        return lambda: enter_customer(
            entry=Entry(name="王小明", phones=(PhoneEntry("13812345678"),)),
            channel=more.get("channel", Channel.COUNTER),
            store=cast.lake,
            source=more.get("source", ""),
            external_id=more.get("external_id", ""),
            actor=SYSTEM if "channel" in more else actors[number % len(actors)],
            now=now,
        )

    return [work(number) for number in range(THREADS)]


def test_one_number_typed_by_many_at_once_is_one_customer_and_hints_for_the_others(cast, now):
    answers = at_once(*entering(cast, now))
    assert [type(one) for one in answers].count(Entered) == 1
    assert [type(one) for one in answers].count(CustomerExists) == THREADS - 1
    assert Customer.objects.count() == 1


def test_without_the_locks_one_number_becomes_several_customers(cast, now, monkeypatch):
    """The negative control: everybody looks before anybody has written."""
    waiting = Barrier(THREADS, timeout=10)
    look = door.holders_of

    def look_then_wait(*args, **kwargs):
        found = look(*args, **kwargs)
        waiting.wait()
        return found

    monkeypatch.setattr(door, "lock_keys", lambda *args, **kwargs: None)
    monkeypatch.setattr(door, "holders_of", look_then_wait)
    at_once(*entering(cast, now))
    assert Customer.objects.count() == THREADS


def test_one_row_of_another_system_sent_many_times_at_once_is_one_record(cast, now):
    answers = at_once(*entering(cast, now, channel=Channel.API, source="youzan", external_id="42"))
    assert sorted(one.outcome for one in answers) == [Outcome.CREATED, *[Outcome.UNCHANGED] * (THREADS - 1)]
    assert (Customer.objects.count(), ContactPoint.objects.count(), MatchPair.objects.count()) == (1, 1, 0)
