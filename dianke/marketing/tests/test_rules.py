"""Worked tables and properties of the rules: arms, slots, costs, channels, and what a campaign came to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.core.intervals import Withheld
from dianke.marketing.rules.arms import bucket, is_control, variant_of
from dianke.marketing.rules.channels import Choice, choose, order_for
from dianke.marketing.rules.costs import coupon_value, how_many_fit, message_cost
from dianke.marketing.rules.evaluation import (
    Arm,
    compare_variants,
    evaluate,
    lift_of,
)
from dianke.marketing.rules.spreading import slots

ANNA = UUID("018f0000-0000-7000-8000-000000000001")
BEGIN = datetime(2026, 11, 21, 2, tzinfo=UTC)


# --- arms ------------------------------------------------------------------------------------------------------------
def test_the_same_person_is_drawn_alike_for_ever() -> None:
    assert bucket(ANNA, salt="s1", of="control") == 2805
    assert bucket(ANNA, salt="s2", of="control") != bucket(ANNA, salt="s1", of="control")


@given(st.uuids(), st.text(max_size=8), st.integers(0, 9_999), st.integers(0, 9_999))
def test_a_larger_control_keeps_back_whoever_a_smaller_did(
    person: UUID, salt: str, one: int, two: int
) -> None:
    small, large = sorted((one, two))
    if is_control(person, salt=salt, control_bp=small):
        assert is_control(person, salt=salt, control_bp=large)
    assert not is_control(person, salt=salt, control_bp=0)
    assert is_control(person, salt=salt, control_bp=10_000)


def test_shares_follow_what_was_asked_for() -> None:
    people = [UUID(int=place) for place in range(20_000)]
    kept = [person for person in people if is_control(person, salt="s", control_bp=1_000)]
    drawn = [variant_of(person, salt="s", weights=[1, 3]) for person in people]
    assert 1_850 < len(kept) < 2_150
    assert 4_700 < drawn.count(0) < 5_300
    # Independent draws: among those kept back the variants have the same shares.
    among = [variant_of(person, salt="s", weights=[1, 3]) for person in kept]
    assert 0.20 < among.count(0) / len(kept) < 0.30


def test_a_variant_without_weight_gets_nobody() -> None:
    assert {variant_of(uuid4(), salt="s", weights=[0, 1, 0]) for _n in range(200)} == {1}
    with pytest.raises(ValueError, match="weights"):
        variant_of(ANNA, salt="s", weights=[0, 0])


# --- spreading, costs, channels --------------------------------------------------------------------------------------
def test_at_once_is_at_once() -> None:
    assert list(slots(3, begins=BEGIN, over=timedelta(0))) == [BEGIN] * 3


@given(st.integers(1, 500), st.integers(1, 2_000))
def test_slots_are_even_and_end_in_time(count: int, minutes: int) -> None:
    found = list(slots(count, begins=BEGIN, over=timedelta(minutes=minutes)))
    assert len(found) == count
    assert found == sorted(found)
    assert found[0] == BEGIN
    assert found[-1] < BEGIN + timedelta(minutes=max(minutes, 5))
    per_slot = [found.count(moment) for moment in set(found)]
    assert max(per_slot) - min(per_slot) <= 1


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ({"kind": "CASH", "amount": 2000}, 2000),
        ({"kind": "PERCENT", "pays_bp": 9000, "max_amount": 5000}, 5000),
        ({"kind": "PERCENT", "pays_bp": 9000}, None),
        ({"kind": "GIFT"}, None),
    ],
)
def test_what_a_coupon_can_take_off(rule: dict[str, object], value: int | None) -> None:
    assert coupon_value({"rule": rule}) == value


def test_a_budget_is_filled_to_the_last_person_and_never_overdrawn() -> None:
    each = message_cost(Decimal("0.045"), 1) + 2000
    assert each == Decimal("2004.5")
    assert how_many_fit([each] * 5, None) == (5, 10023)
    assert how_many_fit([each] * 5, 6014) == (3, 6014)
    assert how_many_fit([each] * 5, 6013) == (2, 4009)
    assert how_many_fit([each] * 5, 0) == (0, 0)


def test_the_preferred_channel_comes_first_and_a_refusal_falls_to_the_next() -> None:
    order = order_for(["SMS", "EMAIL", "PORTAL"], "EMAIL")
    assert order == ("EMAIL", "SMS", "PORTAL")
    assert order_for(["SMS"], "EMAIL") == ("SMS",)
    assert choose(order, {}) == Choice("EMAIL")
    assert choose(order, {"EMAIL": "said_no"}) == Choice("SMS")
    assert choose(["SMS"], {"SMS": "no_address"}) == Choice("", "no_address")


# --- a campaign: the worked table of docs/algorithms/campaigns.md ----------------------------------------------------
#: 900 to be written to, 300 kept back. 90 of 900 bought for ¥200 each, 12 of 300 did.
TREATED = Arm(
    "A",
    900,
    reached=860,
    clicked=200,
    came=110,
    converted=90,
    redeemed=60,
    orders=95,
    sales_amount=1_800_000,
    sales_square=90 * 20_000**2,
    margin_amount=540_000,
    message_amount=4_500,
    coupon_amount=120_000,
)
CONTROL = Arm(
    "",
    300,
    came=15,
    converted=12,
    orders=12,
    sales_amount=240_000,
    sales_square=12 * 20_000**2,
    margin_amount=96_000,
)


def test_the_worked_table() -> None:
    found = evaluate([TREATED], CONTROL)
    assert found.lift.conversion is not None
    assert found.lift.revenue is not None
    assert found.lift.conversion.value == pytest.approx(0.06)
    assert (round(found.lift.conversion.low, 4), round(found.lift.conversion.high, 4)) == (0.0262, 0.0873)
    assert (round(found.lift.revenue.low), round(found.lift.revenue.high)) == (606, 1_794)
    assert found.added_sales == 1_080_000  # 1,800,000 − 240,000 ÷ 300 × 900
    assert found.added_margin == 252_000
    assert found.roi is not None
    assert found.roi.quantize(Decimal("0.001")) == Decimal("1.988")  # (252,000 − 4,500) ÷ 124,500
    assert found.roi_is_proven


def test_without_control_nothing_is_claimed() -> None:
    found = evaluate([TREATED], None)
    assert found.lift.withheld is Withheld.NO_CONTROL
    assert found.roi is None
    assert found.added_sales is None
    assert not found.roi_is_proven
    assert found.plain_return is not None


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (Arm("A", 900, converted=90), Arm("", 49, converted=5), Withheld.FEW_PEOPLE),
        (Arm("A", 900, converted=8), Arm("", 100, converted=1), Withheld.FEW_CONVERTED),
        (Arm("A", 900), Arm("", 0), Withheld.NO_CONTROL),
    ],
)
def test_too_little_is_said_to_be_too_little(first: Arm, second: Arm, why: Withheld) -> None:
    found = lift_of(first, second)
    assert (found.conversion, found.revenue, found.withheld) == (None, None, why)


def test_several_comparisons_are_each_held_to_more() -> None:
    arms = [Arm(code, 500, converted=count) for code, count in (("A", 60), ("B", 40), ("C", 50))]
    found = compare_variants(arms)
    assert [(each.first, each.second) for each in found] == [("A", "B"), ("A", "C"), ("B", "C")]
    assert all(each.lift.confidence == pytest.approx(1 - 0.05 / 3) for each in found)
    alone = compare_variants(arms[:2])[0].lift.conversion
    among = found[0].lift.conversion
    assert alone is not None
    assert among is not None
    assert alone.is_clear
    assert not among.is_clear
    assert among.low < alone.low < alone.high < among.high


def test_a_return_takes_from_the_result() -> None:
    from dataclasses import replace

    before = evaluate([TREATED], CONTROL)
    after = evaluate([replace(TREATED, sales_amount=1_780_000, converted=89, margin_amount=534_000)], CONTROL)
    assert before.added_sales is not None
    assert after.added_sales is not None
    assert before.added_sales - after.added_sales == 20_000
    assert before.roi is not None
    assert after.roi is not None
    assert after.roi < before.roi
