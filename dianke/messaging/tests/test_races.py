"""Two workers at once, on real connections: nobody gets anything twice, and limits hold."""

from __future__ import annotations

from functools import partial

import pytest

from dianke.core.tests.racing import at_once
from dianke.customers.tests.cast import make_customer
from dianke.messaging.models import ChannelSetting, ChannelUse, Contacted, Message
from dianke.messaging.tests.post import AGREED, Post, make_post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def post(transactional_db: None, now) -> Post:
    return make_post(now, batch=7)


def results_of(*works):
    for result in at_once(*works):
        if isinstance(result, Exception):
            raise result


def test_four_workers_send_each_message_once(post):
    post.queue(*[post.person() for _n in range(60)])
    results_of(*(partial(post.send) for _n in range(4)))
    assert post.states() == {"SENT": 60}
    assert len(post.carrier.got) == len({item.uid for item in post.carrier.got}) == 60


def test_the_limit_of_a_person_holds_whoever_sends(post):
    one = post.person()
    for number in range(12):
        post.queue(one, source=f"campaign:{number}")
    post.carrier.batch = 1
    results_of(*(partial(post.send) for _n in range(4)))
    assert post.states() == {"SENT": 2, "HELD": 10}
    assert len(Contacted.objects.get().days) == 2


def test_the_quota_of_a_month_holds_whoever_sends(post):
    ChannelSetting.objects.update(month_quota=9)
    post.queue(*[post.person() for _n in range(40)])
    results_of(*(partial(post.send) for _n in range(4)))
    assert post.states() == {"SENT": 9, "HELD": 31}
    assert ChannelUse.objects.get().count == 9


def test_ten_who_ask_for_the_same_at_once_ask_for_one(post):
    people = [
        make_customer(f"顾客{n}", f"139{n:08d}", store=post.cast.lake, consents=AGREED) for n in range(20)
    ]
    results_of(*(partial(post.queue, *people) for _n in range(10)))
    assert Message.objects.count() == 20
