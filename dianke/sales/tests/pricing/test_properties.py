"""What holds for every cart, over random carts that are built to collide."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dianke.sales.rules.pricing import Cart, LineKind, Options, Policy, Priced, price_cart, read_cart
from dianke.sales.rules.pricing.attempts import attempt, candidates
from dianke.sales.rules.pricing.board import Board
from dianke.sales.rules.pricing.choosing import choose
from dianke.sales.rules.pricing.priced import Stage
from dianke.sales.tests.pricing.carts import random_cart

SEEDS = st.integers(min_value=0, max_value=10**9)
MANY = settings(max_examples=400, deadline=None)


def priced_of(seed: int) -> tuple[Cart, Priced]:
    cart = read_cart(random_cart(seed))
    return cart, price_cart(cart)


@MANY
@given(SEEDS)
def test_every_line_adds_up_and_none_is_below_zero(seed: int) -> None:
    cart, priced = priced_of(seed)
    assert [line.key for line in priced.lines] == [line.key for line in cart.lines]
    for line in priced.lines:
        assert line.paid_amount == line.list_amount + sum(one.amount for one in line.adjustments)
        assert line.paid_amount >= 0
        assert 0 <= line.tax_amount <= line.paid_amount
        assert all(one.amount < 0 or one.stage is Stage.ROUNDING or line.is_gift for one in line.adjustments)
    assert priced.paid_amount == sum(line.paid_amount for line in priced.lines)
    assert priced.list_amount == sum(line.list_amount for line in priced.lines)
    assert priced.tax_amount == sum(line.tax_amount for line in priced.lines)


@MANY
@given(SEEDS)
def test_the_shares_of_a_discount_add_up_and_the_stages_are_in_order(seed: int) -> None:
    _cart, priced = priced_of(seed)
    order = list(Stage)
    for given_by in priced.given:
        shares = [
            -one.amount for line in priced.lines for one in line.adjustments if one.source == given_by.source
        ]
        assert sum(shares) == given_by.amount
    for line in priced.lines:
        stages = [order.index(one.stage) for one in line.adjustments]
        assert stages == sorted(stages)
    assert len({one.source for one in priced.given}) == len(priced.given)


@MANY
@given(SEEDS)
def test_each_offer_either_gives_or_says_why_not(seed: int) -> None:
    cart, priced = priced_of(seed)
    gave = {one.source for one in priced.given}
    told = {note.source for note in priced.passed_over}
    offers = {one.source for one in cart.promotions} | {one.source for one in cart.coupons}
    assert offers <= gave | told
    assert not gave & told


@MANY
@given(SEEDS)
def test_protected_goods_and_fees_take_no_offer(seed: int) -> None:
    cart, priced = priced_of(seed)
    for line, answer in zip(cart.lines, priced.lines, strict=True):
        stages = {one.stage for one in answer.adjustments}
        if line.is_price_protected and not line.gift_of:
            assert stages <= {Stage.MANUAL, Stage.ROUNDING}
        if line.kind is LineKind.SERVICE_CHARGE:
            assert stages <= {Stage.MANUAL, Stage.ROUNDING}
        if line.gift_of and answer.is_gift:
            assert answer.paid_amount == 0


@MANY
@given(SEEDS)
def test_caps_budgets_and_limits_hold(seed: int) -> None:
    cart, priced = priced_of(seed)
    given_by = {one.source: one for one in priced.given}
    for promotion in cart.promotions:
        gave = given_by.get(promotion.source)
        if gave is None:
            continue
        if promotion.max_amount is not None and promotion.rule.kind != "GIFT":
            assert gave.amount <= promotion.max_amount
        if promotion.budget_left is not None:
            assert gave.amount <= promotion.budget_left
        if promotion.times_left is not None:
            assert gave.times <= promotion.times_left
    if cart.options.max_off_bp is not None:
        board = Board(cart)
        room = (
            sum(board.list_amounts[position] for position in board.goods) * cart.options.max_off_bp // 10_000
        )
        goods = {cart.lines[position].key for position in board.goods}
        capped = {Stage.ITEM_PROMOTION, Stage.ORDER_PROMOTION, Stage.COUPON, Stage.TIER}
        off = sum(
            -one.amount
            for line in priced.lines
            if line.key in goods
            for one in line.adjustments
            if one.stage in capped
        )
        assert off <= room


@MANY
@given(SEEDS)
def test_exclusive_promotions_share_no_line(seed: int) -> None:
    cart, priced = priced_of(seed)
    by_source = {one.source: one for one in cart.promotions}
    for line in priced.lines:
        mine = [
            by_source[one.source]
            for one in line.adjustments
            if one.source in by_source
            and not line.is_gift
            and by_source[one.source].rule.kind != "FREE_DELIVERY"
        ]
        if any(one.exclusion != "NONE" for one in mine):
            assert len(mine) == 1
        groups = [one.group for one in mine if one.group]
        assert len(groups) == len(set(groups))
    gave = [one.source for one in priced.promotions_used]
    if any(by_source[source].exclusion == "ORDER" for source in gave):
        assert len(gave) == 1


@MANY
@given(SEEDS)
def test_the_order_in_which_offers_are_handed_over_does_not_matter(seed: int) -> None:
    cart, priced = priced_of(seed)
    turned = replace(cart, promotions=cart.promotions[::-1], coupons=cart.coupons[::-1])
    assert price_cart(turned).as_dict() == priced.as_dict()


@MANY
@given(SEEDS)
def test_best_for_the_customer_is_never_dearer_than_priority(seed: int) -> None:
    cart, _priced = priced_of(seed)
    plain = replace(cart, points=None, manual=(), rounding=None)
    best = price_cart(replace(plain, options=replace(cart.options, policy=Policy.BEST)))
    priority = price_cart(replace(plain, options=replace(cart.options, policy=Policy.PRIORITY)))
    if sum(1 for one in cart.promotions if one.exclusion == "ORDER") <= 8:
        assert best.paid_amount <= priority.paid_amount


@MANY
@given(SEEDS)
def test_best_for_the_customer_is_exact_for_up_to_three_promotions(seed: int) -> None:
    """Against every order there is."""
    data = random_cart(seed, promotions=seed % 4)
    data["options"] = {"policy": "BEST"}
    cart = read_cart(data)
    board = Board(cart)
    found, _shut = candidates(board)
    joining = [one for one in found if one.promotion.exclusion != "ORDER"]
    chosen = sum(choose(board, found).amounts)
    for order in permutations(joining):
        assert chosen <= sum(attempt(board, order, with_member_prices=True).amounts)


@MANY
@given(SEEDS)
def test_coupons_without_effect_are_kept(seed: int) -> None:
    cart, priced = priced_of(seed)
    used = {one.source for one in priced.coupons_used}
    without = replace(cart, coupons=tuple(one for one in cart.coupons if one.source in used))
    again = price_cart(without)
    assert [line.as_dict() for line in again.lines] == [line.as_dict() for line in priced.lines]


@pytest.mark.parametrize("quantity", ["0", "-1", "0.00001"])
def test_a_quantity_that_cannot_be_sold_is_refused(quantity: str) -> None:
    cart = read_cart(random_cart(1))
    wrong = replace(cart, lines=(replace(cart.lines[0], quantity=Decimal(quantity)),))
    with pytest.raises(ValueError, match="four decimals"):
        price_cart(wrong)


def test_an_empty_cart_costs_nothing() -> None:
    cart = replace(read_cart(random_cart(1)), lines=(), options=Options())
    assert price_cart(cart).paid_amount == 0
