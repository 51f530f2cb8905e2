"""Random worlds: people with birthdays in both calendars, merged, buying, unsubscribing, while the journey is paused,
resumed, published anew and the worker sleeps for hours or days. Whatever happens, nobody gets a greeting twice in a
year, none goes out while it is paused, and none goes out late."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest

from dianke.core.actor import SYSTEM
from dianke.customers.models import Consent, Customer
from dianke.customers.operations.merges import merge_customers
from dianke.journeys.models import Passage, Passed, State
from dianke.journeys.tests.road import Road
from dianke.messaging.models import Message

VALID = timedelta(hours=12)


@pytest.mark.parametrize("seed", range(4))
def test_nobody_is_greeted_twice_late_or_while_it_is_paused(road: Road, seed: int) -> None:
    chance = random.Random(seed)
    people = []
    for _n in range(14):
        lunar = chance.random() < 0.5
        day = chance.randint(22, 27)
        birthday = {"lunar_birthday": (1990, 10, day - 8, False)} if lunar else {"birthday": (1990, 11, day)}
        people.append(road.person(**birthday))
    plan = road.plan(
        {"key": "wait", "kind": "WAIT", "hours": 2},
        road.message(valid_hours=12),
        exits={"bought": True},
    )
    journey = road.published(plan)
    paused_at: list[tuple[object, object]] = []
    for _step in range(40):
        road.later(hours=chance.choice([1, 2, 3, 5, 5, 30 if chance.random() < 0.15 else 4]))
        journey.refresh_from_db()
        deed = chance.random()
        if deed < 0.12 and journey.state == State.RUNNING:
            road.act("pause", journey)
            paused_at.append((road.now, None))
        elif deed < 0.35 and journey.state == State.PAUSED:
            road.act("resume", journey)
            paused_at[-1] = (paused_at[-1][0], road.now)
        elif deed < 0.45 and journey.state == State.RUNNING:
            goal = chance.randint(5, 60)
            road.act("publish", road.change(journey, {**plan, "goal_days": goal}))
        elif deed < 0.55:
            heads = list(Customer.objects.filter(pk__in=[p.pk for p in people], merged_into=None))
            if len(heads) > 8:
                one, other = chance.sample(heads, 2)
                merge_customers(kept=one, joined=other, actor=SYSTEM, now=road.now)
        elif deed < 0.65:
            road.buys(chance.choice(people), at=road.now)
        elif deed < 0.72:
            Consent.objects.create(
                customer=chance.choice(people), purpose="CARE", is_given=False, at=road.now, how="LINK"
            )
    if journey.state == State.PAUSED:
        road.act("resume", journey)
    road.later(days=2)
    road.later(hours=1)
    assert not journey.passages.filter(state=Passage.State.GOING).exists()
    out = Message.objects.filter(state__in=["SENT", "DELIVERED", "READ"])
    sent = Counter(out.values_list("customer_id", flat=True))
    assert all(count == 1 for count in sent.values()), sent
    for message in out:
        begin = (
            Passage.objects.filter(journey=journey, customer=message.customer).order_by("entered_at").first()
        )
        assert begin is not None
        assert message.sent_at is not None
        assert message.sent_at <= begin.entered_at + timedelta(hours=2) + VALID + timedelta(hours=1)
        for begun, ended in paused_at:
            assert not begun < message.sent_at < (ended or road.now)  # type: ignore[operator]
    told = Counter(Passed.objects.values_list("passage_id", "step"))
    assert set(told.values()) <= {1}
    assert sum(sent.values()) == Passed.objects.filter(outcome="SENT").count()
