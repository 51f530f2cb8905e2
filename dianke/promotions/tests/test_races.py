"""Many at once, on real connections: a coupon is used once, a budget and a limit hold, an occasion gives once."""

from __future__ import annotations

from functools import partial
from threading import Barrier
from typing import Any

import pytest

from dianke.core.actor import SYSTEM, Actor, ActorKind
from dianke.core.errors import DiankeError
from dianke.core.tests.racing import at_once, refusals
from dianke.customers.tests.cast import make_customer
from dianke.promotions import operations, queries
from dianke.promotions.models import Coupon, PromotionGiven
from dianke.promotions.operations import (
    BudgetSpent,
    CouponLimitReached,
    CouponsExhausted,
    CouponUsed,
    LimitReached,
)
from dianke.promotions.tests.counter import Counter, make_counter

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = Actor(kind=ActorKind.CUSTOMER, id=1)


@pytest.fixture
def counter(transactional_db: None, now) -> Counter:
    return make_counter(now)


def redeem_after_looking(counter: Counter, coupon: Coupon, all_looked: Barrier, uses: list[str]) -> Any:
    """What a careless till does: look whether it is good, wait until the others have looked too, write it down."""

    def redeem(reference: str) -> None:
        held = queries.coupon_by_code(coupon.code, at=counter.now)
        all_looked.wait(timeout=30)
        if held is not None and held.usable:
            uses.append(reference)

    return redeem


def test_where_nothing_is_locked_twenty_use_one_coupon(counter: Counter):
    """The negative control of the next test: looking alone lets everybody through."""
    coupon, uses = counter.coupon(), []
    careless = redeem_after_looking(counter, coupon, Barrier(20), uses)
    at_once(*(partial(careless, f"till {n}") for n in range(20)))
    assert len(uses) == 20


def test_of_twenty_who_redeem_one_coupon_one_does(counter: Counter):
    coupon = counter.coupon()
    tills = [partial(counter.redeem, coupon, reference=f"sales.order:{n}") for n in range(20)]
    results = at_once(*tills)
    assert refusals(results, CouponUsed) == 19
    coupon.refresh_from_db()
    assert coupon.used_reference in results


def test_the_last_of_a_budget_is_given_once(counter: Counter):
    promotion = counter.promotion(budget_amount=10000)
    sales = [partial(counter.take, promotion, 4000, reference=f"sales.order:{n}") for n in range(12)]
    assert refusals(at_once(*sales), BudgetSpent) == 10
    promotion.refresh_from_db()
    assert promotion.spent_amount == 8000


def test_two_promotions_in_any_order_never_wait_for_each_other(counter: Counter):
    one, other = counter.promotion(budget_amount=10**9), counter.promotion(budget_amount=10**9)

    def sell(n: int) -> None:
        pair = [operations.PromotionUse(one.pk, 10), operations.PromotionUse(other.pk, 10)]
        for turn in range(10):
            counter.within(
                operations.take_promotions,
                uses=pair[:: 1 if n % 2 else -1],
                customer_id=None,
                reference=f"sales.order:{n}/{turn}",
            )

    assert refusals(at_once(*(partial(sell, n) for n in range(8))), DiankeError) == 0
    one.refresh_from_db()
    assert one.spent_amount == 800


def test_a_customer_at_two_tills_has_it_once(counter: Counter):
    promotion = counter.promotion(per_customer_count=1)
    people = [counter.fang, counter.old_fang] * 5
    sales = [
        partial(counter.take, promotion, 100, of=who, reference=f"sales.order:{n}")
        for n, who in enumerate(people)
    ]
    assert refusals(at_once(*sales), LimitReached) == 9


def test_a_budget_set_amid_sales_counts_every_one_of_them(counter: Counter):
    promotion = counter.promotion()

    def sell(n: int) -> None:
        for turn in range(8):
            counter.take(promotion, 10, reference=f"sales.order:{n}/{turn}")

    def limit() -> None:
        operations.change_promotion(
            promotion=promotion, values={"budget_amount": 10**9}, actor=SYSTEM, now=counter.now
        )

    assert refusals(at_once(*(partial(sell, n) for n in range(5)), limit), DiankeError) == 0
    promotion.refresh_from_db()
    assert promotion.spent_amount == sum(PromotionGiven.objects.values_list("amount", flat=True)) == 400


def test_the_last_three_are_claimed_by_three_of_fifteen(counter: Counter):
    kind = counter.kind(is_claimable=True, per_customer_limit=1, total_limit=3)
    people = [make_customer(f"顾客{n}", store=counter.cast.lake) for n in range(15)]
    claim = partial(operations.claim_coupon, kind=kind, actor=PHONE, now=counter.now)
    assert refusals(at_once(*(partial(claim, customer=who) for who in people)), CouponsExhausted) == 12
    assert Coupon.objects.count() == 3


def test_one_phone_that_taps_ten_times_claims_once(counter: Counter):
    kind = counter.kind(is_claimable=True, per_customer_limit=1)
    claim = partial(operations.claim_coupon, kind=kind, actor=PHONE, now=counter.now)
    taps = [partial(claim, customer=who) for who in [counter.fang, counter.old_fang] * 5]
    assert refusals(at_once(*taps), CouponLimitReached) == 9


def test_a_job_that_runs_ten_times_gives_once(counter: Counter):
    kind = counter.kind()
    people = [counter.fang, counter.ming]
    give = partial(counter.issue, kind, by="system", occasion="birthday:2026")
    results = at_once(*(partial(give, *people[:: 1 if n % 2 else -1]) for n in range(10)))
    assert refusals(results, DiankeError) == 0
    assert sum(len(issued.given) for issued in results) == 2


def test_a_sale_taken_back_twice_at_once_gives_back_once(counter: Counter):
    promotion, coupon = counter.promotion(budget_amount=10000), counter.coupon()
    reference = counter.take(promotion, 4000, reference="sales.order:1")
    counter.redeem(coupon, reference=reference)
    results = at_once(*[partial(counter.give_back, reference)] * 6)
    assert refusals(results, DiankeError) == 0
    assert sum(len(given) for given in results) == 2
    promotion.refresh_from_db()
    assert promotion.spent_amount == 0


def test_using_and_expiring_at_once_leave_one_of_both(counter: Counter):
    coupons = [counter.coupon() for _n in range(10)]
    end = coupons[0].expires_at
    assert end is not None
    before = counter.later(days=30)

    def expire() -> int:
        return operations.expire_coupons(actor=SYSTEM, now=end)

    works = [partial(counter.redeem, coupon, now=before) for coupon in coupons]
    results = at_once(*works, *[expire] * 3)
    used = Coupon.objects.filter(state="USED").count()
    assert used + Coupon.objects.filter(state="EXPIRED").count() <= 10
    assert used == sum(isinstance(result, str) for result in results[:10])
