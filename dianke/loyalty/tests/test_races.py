"""Many tills at once, on real connections: the same points are spent once, a reward that is left once is had
once, a gift is given once.
"""

from __future__ import annotations

from functools import partial
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import transaction

from dianke.core.actor import SYSTEM
from dianke.core.tests.racing import at_once, refusals
from dianke.events.operations import operation, record
from dianke.ledger import operations as ledger
from dianke.ledger.models import Account
from dianke.ledger.operations import BalanceTooLow
from dianke.ledger.queries import verify
from dianke.loyalty import operations as loyalty
from dianke.loyalty import queries, tasks
from dianke.loyalty.models import GiftGiven, Redemption
from dianke.loyalty.operations import PointsTooFew, SaleLine
from dianke.loyalty.operations.rewards import RewardGone
from dianke.loyalty.tests.shop import Shop

pytestmark = pytest.mark.django_db(transaction=True)
TILLS = 20


@pytest.fixture
def shop(transactional_db: None, now) -> Shop:
    shop = Shop(now).open()
    yield shop
    assert verify() == []


def spend(shop: Shop, customer, points: int) -> None:
    shop.sell(customer, SaleLine("1", 10_00, earns=False), redeemed=points)


def test_twenty_tills_spend_the_same_points_once(shop: Shop):
    wang = shop.customer()
    shop.give(wang, 100)
    results = at_once(*(partial(spend, shop, wang, 100) for _till in range(TILLS)))
    too_late = [each for each in results if isinstance(each, PointsTooFew | BalanceTooLow)]
    assert (len(too_late), [each for each in results if each is None]) == (TILLS - 1, [None])
    assert shop.books() == {"issued": 100, "redeemed": 100}


def test_where_nothing_is_locked_they_are_spent_more_than_once(shop: Shop):
    """The negative control: the same race over an account that may owe, deciding by what was read before."""
    wang = shop.customer()
    shop.give(wang, 100)
    points, redeemed = Account.objects.get(code="customer_points"), None
    with transaction.atomic():
        redeemed = Account.objects.create(code="points_redeemed", side=-1, unit="POINTS")
        Account.objects.filter(pk=points.pk).update(floor=-10_000)
        points.refresh_from_db()
    both_looked = Barrier(2)

    def careless() -> bool:
        enough = queries.standing_of([wang.pk], at=shop.now).points >= 100
        both_looked.wait(timeout=20)
        if enough:
            _careless_post(points=points, redeemed=redeemed, actor=SYSTEM, now=shop.now)
        return enough

    assert at_once(careless, careless) == [True, True]
    assert shop.books() == {"issued": 100, "redeemed": 200, "customer": -100}


@operation(None)
def _careless_post(*, points, redeemed, actor, now):
    ledger.post_many(
        drafts=[
            ledger.Draft(
                "x",
                f"careless:{uuid4()}",
                [ledger.Entry(points, -100, may_owe=True), ledger.Entry(redeemed, 100)],
                now.date(),
            )
        ],
        actor=actor,
        now=now,
    )  # fmt: skip
    record("sales.order_completed", "sales.order:careless", actor=actor, now=now)


def test_the_last_reward_is_had_once(shop: Shop):
    people = [shop.customer(f"顾客{number}") for number in range(8)]
    for each in people:
        shop.give(each, 100)
    cup = loyalty.add_reward(
        values={"name": "杯子", "points": 60, "left_count": 1}, actor=SYSTEM, now=shop.now
    )

    def have(customer) -> Redemption:
        return loyalty.redeem_reward(customer=customer, reward=cup, key=uuid4(), actor=SYSTEM, now=shop.now)

    assert refusals(at_once(*(partial(have, each) for each in people)), RewardGone) == 7
    assert shop.books() == {"issued": 800, "customer": 740, "redeemed": 60}


def test_a_gift_is_given_once_by_jobs_that_run_together(shop: Shop):
    loyalty.add_gift(
        values={"name": "生日", "occasion": "BIRTHDAY", "points": 50}, actor=SYSTEM, now=shop.now
    )
    wang = shop.customer(birthday=(1990, 11, 21))
    counts = at_once(*(partial(tasks.give_all_gifts, shop.now) for _job in range(4)))
    assert sorted(counts) == [0, 0, 0, 1]
    assert (GiftGiven.objects.count(), shop.points(wang)) == (1, 50)


def test_returns_of_one_sale_take_turns(shop: Shop):
    wang = shop.customer()
    sale = shop.sell(wang, 100_00, 50_00)
    at_once(
        partial(shop.take_back, sale, reference="sales.return:a", _1=0),
        partial(shop.take_back, sale, reference="sales.return:b", _2=0),
    )
    assert shop.books() == {}
