"""What returns give back, over random sales: whatever way the goods come back, it adds up to what was paid."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dianke.sales.rules.pricing import Stage, price_cart, read_cart
from dianke.sales.rules.pricing.returning import (
    Back,
    NotInTheSale,
    Policy,
    Recorded,
    Returned,
    ReturnsTooMuch,
    Sold,
    give_back,
)
from dianke.sales.tests.pricing.carts import random_cart

SEEDS = st.integers(min_value=0, max_value=10**9)
MANY = settings(max_examples=150, deadline=None)
POLICIES = st.sampled_from(Policy)


def sold_from(seed: int) -> Sold:
    cart = read_cart(random_cart(seed))
    return Sold(cart, price_cart(cart))


def everything(sold: Sold) -> dict[str, Decimal]:
    return {line.key: line.quantity for line in sold.cart.lines}


def step_by_step(sold: Sold, policy: Policy, draw: random.Random) -> list[Back]:
    """Returns in random portions until nothing is left."""
    left = everything(sold)
    before: dict[str, Returned] = {}
    backs = []
    while left:
        now = {}
        for key in draw.sample(list(left), draw.randint(1, len(left))):
            whole = left[key] == int(left[key])
            some = Decimal(draw.randint(1, int(left[key]))) if whole else left[key]
            now[key] = min(some, left[key])
            left[key] -= now[key]
            if not left[key]:
                del left[key]
        back = give_back(sold=sold, before=before, now=now, policy=policy)
        backs.append(back)
        for line in back.lines:
            earlier = before.get(line.key, Returned(Decimal(0), 0))
            before[line.key] = Returned(earlier.quantity + line.quantity, earlier.amount + line.amount)
    return backs


@MANY
@given(SEEDS, POLICIES)
def test_returning_everything_gives_back_what_was_paid(seed: int, policy: Policy) -> None:
    sold = sold_from(seed)
    back = give_back(sold=sold, before={}, now=everything(sold), policy=policy)
    assert back.amount == sold.priced.paid_amount
    assert back.tax_amount == sold.priced.tax_amount
    assert {line.key: line.amount for line in back.lines} == {
        line.key: line.paid_amount for line in sold.priced.lines
    }
    assert back.offers_left == {}


@MANY
@given(SEEDS, POLICIES)
def test_many_partial_returns_equal_one_full_return(seed: int, policy: Policy) -> None:
    sold = sold_from(seed)
    backs = step_by_step(sold, policy, random.Random(seed))
    assert sum(back.amount for back in backs) == sold.priced.paid_amount
    assert sum(back.tax_amount for back in backs) == sold.priced.tax_amount
    late: dict[str, int] = {}
    for back in backs:
        assert back.amount == sum(line.amount for line in back.lines)
        for line in back.lines:
            assert line.amount >= 0
            for source, amount in line.late_amounts.items():
                late[source] = late.get(source, 0) + amount
    taken = {
        one.source: -sum(
            other.amount
            for line in sold.priced.lines
            for other in line.adjustments
            if other.source == one.source
        )
        for line in sold.priced.lines
        for one in line.adjustments
        if one.stage in (Stage.MANUAL, Stage.POINTS, Stage.ROUNDING)
    }
    assert {source: amount for source, amount in late.items() if amount} == {
        source: amount for source, amount in taken.items() if amount
    }


@MANY
@given(SEEDS)
def test_recompute_never_gives_more_than_pro_rata(seed: int) -> None:
    sold = sold_from(seed)
    draw = random.Random(seed)
    now = {key: quantity for key, quantity in everything(sold).items() if draw.random() < 0.5}
    pro_rata = give_back(sold=sold, before={}, now=now, policy=Policy.PRO_RATA)
    recompute = give_back(sold=sold, before={}, now=now, policy=Policy.RECOMPUTE)
    assert 0 <= recompute.amount <= pro_rata.amount <= sold.priced.paid_amount
    assert recompute.pro_rata_amount == pro_rata.amount
    assert recompute.kept_back_amount == pro_rata.amount - recompute.amount


@MANY
@given(SEEDS, POLICIES)
def test_no_line_gives_back_more_than_it_was_paid(seed: int, policy: Policy) -> None:
    sold = sold_from(seed)
    given_back: dict[str, int] = {}
    for back in step_by_step(sold, policy, random.Random(seed + 1)):
        for line in back.lines:
            given_back[line.key] = given_back.get(line.key, 0) + line.amount
            paid = next(one.paid_amount for one in sold.priced.lines if one.key == line.key)
            assert given_back[line.key] <= paid


@MANY
@given(SEEDS)
def test_more_goods_give_back_more_money_by_quantity(seed: int) -> None:
    sold = sold_from(seed)
    line = max(sold.cart.lines, key=lambda one: one.quantity)
    amounts = [
        give_back(sold=sold, before={}, now={line.key: Decimal(count)}, policy=Policy.PRO_RATA).amount
        for count in range(0, int(line.quantity) + 1, max(int(line.quantity) // 20, 1))
    ]
    assert amounts == sorted(amounts)


def as_kept(sold: Sold) -> Sold:
    """As an order keeps it: the lines with their adjustments, and of the offers only those that counted."""
    used = {one.source for one in sold.priced.given}
    cart = replace(
        sold.cart,
        promotions=tuple(one for one in sold.cart.promotions if one.source in used),
        coupons=tuple(one for one in sold.cart.coupons if one.source in used),
    )
    lines = {
        line.key: Recorded(
            line.paid_amount, [(str(one.stage), one.source, one.amount) for one in line.adjustments]
        )
        for line in sold.priced.lines
    }
    return Sold.recorded(cart, lines)


@MANY
@given(SEEDS, POLICIES)
def test_a_kept_order_gives_back_what_was_paid_whatever_its_offers_would_cost_today(
    seed: int, policy: Policy
) -> None:
    sold = sold_from(seed)
    kept = as_kept(sold)
    assert kept.priced.paid_amount == sold.priced.paid_amount
    assert kept.priced.list_amount == sold.priced.list_amount
    assert (
        sum(back.amount for back in step_by_step(kept, policy, random.Random(seed)))
        == sold.priced.paid_amount
    )


def test_the_offers_that_counted_may_be_cheaper_when_priced_anew() -> None:
    """Why an order is not priced anew for a return: some of the random carts show it."""
    different = [
        seed
        for seed in range(1500)
        if price_cart(as_kept(sold_from(seed)).cart).paid_amount != sold_from(seed).priced.paid_amount
    ]
    assert different


def test_more_than_was_sold_cannot_come_back() -> None:
    sold = sold_from(5)
    key, quantity = next(iter(everything(sold).items()))
    before = {key: Returned(quantity, 0)}
    with pytest.raises(ReturnsTooMuch) as refused:
        give_back(sold=sold, before=before, now={key: Decimal(1)}, policy=Policy.PRO_RATA)
    assert refused.value.field == key
    with pytest.raises(NotInTheSale):
        give_back(sold=sold, before={}, now={"another": Decimal(1)}, policy=Policy.PRO_RATA)
