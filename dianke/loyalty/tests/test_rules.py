"""What counts, what it earns, and windows of levels, as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from dianke.loyalty.rules.earning import Occasion, SaleLine, countable, earn, gone_after, split
from dianke.loyalty.rules.levels import Place, Span, Sums, decide, next_level, period_end, reached, windows
from dianke.loyalty.rules.returning import HeldLot, claw
from dianke.loyalty.rules.terms import LevelTerms, ProgrammeTerms, RuleTerms, add_months

TERMS = ProgrammeTerms(
    id=1, name="会员", time_zone="Asia/Shanghai", currency="CNY", window="ROLLING", window_days=365,
    downgrade="ONE_STEP", grace_days=30, keeps_after_refund=False, pending_days=0, expiry="NEVER", expiry_count=1,
    notice_days=30, worth_points=100, worth_amount=100, redeem_step=1, redeem_minimum=0, redeem_cap_bp=10_000,
    redeem_cap_amount=None, shortfall="NEGATIVE", return_grace_days=30, earns_on_tax=True, earns_on_bonus=False,
    earns_on_shipping=False, earns_on_gift_cards=False, stored_value_earns="USE",
)  # fmt: skip
RATE = RuleTerms(1, "RATE", 100, 1, 100, 10_000, False, (), (), (), (), (), "", None, None)
SATURDAY = Occasion(date(2026, 11, 21), store_id=3, level_code="vip")


def level(pk: int, rank: int, amount=None, orders=None, points=None, **values) -> LevelTerms:
    plain = {"needs_all": False, "points_bp": 10_000, "discount_bp": 0} | values
    return LevelTerms(pk, f"l{pk}", f"L{pk}", rank, amount, orders, points, **plain)


REGULAR, VIP, DIAMOND = level(1, 0, 0), level(2, 10, 1000_00), level(3, 20, 5000_00)
LADDER = (REGULAR, VIP, DIAMOND)


@pytest.mark.parametrize(
    ("line", "changes", "counts"),
    [
        (SaleLine("1", 100_00), {}, 100_00),
        (SaleLine("1", 100_00, earns=False), {}, 0),
        (SaleLine("1", 100_00, excluded_amount=30_00), {}, 70_00),
        (SaleLine("1", 100_00, excluded_amount=130_00), {}, 0),
        (SaleLine("1", 113_00, tax_amount=13_00), {}, 113_00),
        (SaleLine("1", 113_00, tax_amount=13_00), {"earns_on_tax": False}, 100_00),
        (SaleLine("1", 100_00, bonus_amount=40_00), {}, 60_00),
        (SaleLine("1", 100_00, bonus_amount=40_00), {"earns_on_bonus": True}, 100_00),
        (SaleLine("1", 15_00, kind="SHIPPING"), {}, 0),
        (SaleLine("1", 15_00, kind="SHIPPING"), {"earns_on_shipping": True}, 15_00),
        (SaleLine("1", 200_00, kind="GIFT_CARD"), {}, 0),
        (SaleLine("1", 200_00, kind="DEPOSIT"), {"earns_on_gift_cards": True}, 0),
        (SaleLine("1", 500_00, kind="TOP_UP"), {}, 0),
        (SaleLine("1", 500_00, kind="TOP_UP"), {"stored_value_earns": "TOP_UP"}, 500_00),
        (SaleLine("1", 80_00, prepaid_amount=50_00), {}, 80_00),
        (SaleLine("1", 80_00, prepaid_amount=50_00), {"stored_value_earns": "TOP_UP"}, 30_00),
    ],
)
def test_only_what_the_programme_lets_count_earns(line: SaleLine, changes: dict, counts: int):
    assert countable(line, replace(TERMS, **changes)) == counts


@pytest.mark.parametrize(
    ("rules", "tier", "earned"),
    [
        ([RATE], None, 100),
        ([RATE], replace(VIP, points_bp=12_000), 120),
        ([replace(RATE, points=2, per_amount=300)], None, 66),
        ([RATE, replace(RATE, id=2, kind="MULTIPLY", factor_bp=20_000, weekdays=(5,))], None, 200),
        ([RATE, replace(RATE, id=2, kind="MULTIPLY", factor_bp=20_000, weekdays=(0,))], None, 100),
        ([RATE, replace(RATE, id=2, kind="MULTIPLY", factor_bp=20_000),
          replace(RATE, id=3, kind="MULTIPLY", factor_bp=30_000)], replace(VIP, points_bp=15_000), 450),
        ([RATE, replace(RATE, id=2, kind="MULTIPLY", factor_bp=30_000, category_ids=(9,))], None, 300),
        ([RATE, replace(RATE, id=2, kind="MULTIPLY", factor_bp=30_000, category_ids=(8,))], None, 100),
        ([RATE, replace(RATE, id=2, kind="MULTIPLY", factor_bp=30_000, birthday="DAY")], None, 100),
        ([RATE, replace(RATE, id=2, position=1, points=5, product_ids=(7,))], None, 500),
        ([replace(RATE, store_ids=(4,))], None, 0),
        ([replace(RATE, level_codes=("vip",))], None, 100),
        ([replace(RATE, from_date=date(2026, 11, 22))], None, 0),
        ([RATE, replace(RATE, id=2, kind="BONUS", points=8, per_amount=30_00, is_repeated=True)], None, 124),
    ],
)  # fmt: skip
def test_rules_and_levels_multiply_as_the_table_says(rules: list[RuleTerms], tier, earned: int):
    lines = [SaleLine("1", 60_00, (9, 2), 7), SaleLine("2", 40_00, (9, 2), 7)]
    found = earn(lines, terms=TERMS, rules=rules, level=tier, occasion=SATURDAY)
    assert found.points == earned


def test_level_points_are_those_of_the_rate_alone():
    double = replace(RATE, id=2, kind="MULTIPLY", factor_bp=20_000)
    found = earn(
        [SaleLine("1", 60_00)],
        terms=TERMS,
        rules=[RATE, double],
        level=replace(VIP, points_bp=15_000),
        occasion=SATURDAY,
    )
    assert (found.points, found.tier_points) == (180, 60)


def test_splitting_rounds_the_sum_and_not_the_lines():
    assert split([Fraction(1, 2)] * 3) == [1, 0, 0]
    assert split([Fraction(7, 3), Fraction(5, 3), Fraction(1, 7)]) == [2, 2, 0]
    assert split([]) == []


def test_what_is_gone_depends_on_what_is_left_alone():
    earned = earn(
        [SaleLine("1", 99_99), SaleLine("2", 1)], terms=TERMS, rules=[RATE], level=None, occasion=SATURDAY
    )
    assert gone_after(earned, {"1": 99_99, "2": 1}).points == 0
    assert gone_after(earned, {"1": 0, "2": 0}).points == earned.points == 100
    assert gone_after(earned, {"1": 50_00, "2": 1}).spend == 49_99


# --- levels -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("window", "joined", "today", "spans"),
    [
        ("CALENDAR_YEAR", "2020-05-05", "2026-01-01", [("2026-01-01", "2026-12-31"), ("2025-01-01", "2025-12-31")]),
        ("CALENDAR_YEAR", "2020-05-05", "2026-12-31", [("2026-01-01", "2026-12-31"), ("2025-01-01", "2025-12-31")]),
        ("ANNIVERSARY", "2020-05-05", "2026-05-04", [("2025-05-05", "2026-05-04"), ("2024-05-05", "2025-05-04")]),
        ("ANNIVERSARY", "2020-05-05", "2026-05-05", [("2026-05-05", "2027-05-04"), ("2025-05-05", "2026-05-04")]),
        ("ANNIVERSARY", "2024-02-29", "2026-02-27", [("2025-02-28", "2026-02-27"), ("2024-02-29", "2025-02-27")]),
        ("ANNIVERSARY", "2024-02-29", "2028-02-29", [("2028-02-29", "2029-02-27"), ("2027-02-28", "2028-02-28")]),
        ("ROLLING", "2020-05-05", "2026-03-01", [("2025-03-02", "2026-03-01")]),
    ],
)  # fmt: skip
def test_windows(window: str, joined: str, today: str, spans: list[tuple[str, str]]):
    found = windows(replace(TERMS, window=window), date.fromisoformat(joined), date.fromisoformat(today))
    assert [(span.first.isoformat(), span.last.isoformat()) for span in found] == spans


def test_any_or_all_of_what_a_level_asks():
    any_of = level(4, 30, amount=1000_00, orders=10)
    all_of = replace(any_of, needs_all=True)
    much, often, both = Sums(2000_00, 3), Sums(500_00, 12), Sums(1000_00, 10)
    assert [reached([any_of], [each]) is any_of for each in (much, often, both)] == [True, True, True]
    assert [reached([all_of], [each]) is all_of for each in (much, often, both)] == [False, False, True]
    assert reached([level(5, 40)], [both]) is None  # asks for nothing: given or sold


def test_what_is_missing_to_the_next_level():
    span = Span(date(2026, 1, 1), date(2026, 12, 31))
    ahead = next_level(LADDER, 0, Sums(820_00), span)
    assert (ahead.level, [(each.name, each.missing) for each in ahead.missing]) == (VIP, [("amount", 180_00)])
    assert next_level(LADDER, 20, Sums(), span) is None


DAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("now", "target", "policy", "today", "after", "why"),
    [
        # level, below since, held until -> to which the windows lead
        ((2, None, None), DIAMOND, "ONE_STEP", DAY, (3, None, None), "REACHED"),
        ((3, None, None), DIAMOND, "ONE_STEP", DAY, (3, None, None), ""),
        ((3, None, None), REGULAR, "ONE_STEP", DAY, (3, DAY, None), ""),
        ((3, DAY, None), REGULAR, "ONE_STEP", date(2026, 6, 30), (3, DAY, None), ""),
        ((3, DAY, None), REGULAR, "ONE_STEP", date(2026, 7, 1), (2, date(2026, 7, 1), date(2027, 7, 1)), "LOWERED"),
        ((3, DAY, None), VIP, "ONE_STEP", date(2026, 7, 1), (2, None, None), "LOWERED"),
        ((3, DAY, None), REGULAR, "RECOMPUTED", date(2026, 7, 1), (1, None, None), "LOWERED"),
        ((3, DAY, None), REGULAR, "NEVER", date(2029, 7, 1), (3, DAY, None), ""),
        ((3, DAY, date(2026, 12, 31)), REGULAR, "RECOMPUTED", date(2026, 12, 31), (3, DAY, date(2026, 12, 31)), ""),
        ((3, DAY, date(2026, 12, 31)), REGULAR, "RECOMPUTED", date(2027, 1, 1), (1, None, None), "LOWERED"),
        ((3, DAY, None), DIAMOND, "ONE_STEP", date(2026, 6, 20), (3, None, None), ""),
    ],
)  # fmt: skip
def test_up_at_once_down_after_grace(now, target, policy: str, today: date, after, why: str):
    terms = replace(TERMS, downgrade=policy)
    decision = decide(
        Place(*now), target, levels=LADDER, terms=terms, today=today,
        ends=lambda: period_end(terms, DAY, today),
    )  # fmt: skip
    assert (
        (decision.place.level_id, decision.place.below_since, decision.place.held_until),
        decision.why,
    ) == (
        after,
        why,
    )


def test_a_level_that_a_returned_purchase_reached_goes_at_once_or_stays_through_the_period():
    common = {"levels": LADDER, "today": DAY, "ends": lambda: date(2026, 12, 31), "is_return": True}
    gone = decide(Place(3), VIP, terms=TERMS, **common)
    assert (gone.place, gone.why) == (Place(2), "RETURNED")
    kept = decide(Place(3), VIP, terms=replace(TERMS, keeps_after_refund=True), **common)
    assert (kept.place, kept.why) == (Place(3, DAY, date(2026, 12, 31)), "")


# --- taking back --------------------------------------------------------------------------------------------
def test_own_lots_go_first_then_what_lapsed_then_others(now):
    lots = [
        HeldLot(1, 10, 50, None),
        HeldLot(1, 11, 30, None, is_own=True),
        HeldLot(2, 12, 20, None, is_own=True, is_pending=True),
    ]
    assert claw(20, lots, now=now).taken == {2: 20}
    assert claw(45, lots, now=now).taken == {2: 20, 1: 25}
    plan = claw(70, lots, now=now, lapsed=15)
    assert (plan.taken, plan.first, plan.lapsed, plan.short) == (
        {2: 20, 1: 35},
        {2: [12], 1: [11, 10]},
        15,
        0,
    )
    plan = claw(130, lots, now=now, given_back={7: 10})
    assert (plan.taken, plan.short) == ({2: 20, 1: 80, 7: 10}, 20)
    assert claw(40, [HeldLot(1, 10, 50, None), HeldLot(1, 13, -30, None)], now=now).short == 20


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-11-30", 3, "2027-02-28"),
    ],
)
def test_months_later(day: str, months: int, then: str):
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(then)
