"""The arithmetic by tables and by properties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.core.allocation import allocate_units
from dianke.ledger import rules
from dianke.ledger.rules import Leg, OpenLot

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)


def lot(number: int, remaining: int, days: int | None) -> OpenLot:
    return OpenLot(number, remaining, None if days is None else NOW + timedelta(days=days))


@pytest.mark.parametrize(
    ("quantity", "first", "taken", "short"),
    [
        (0, (), [], 0),
        (25, (), [(3, 20), (1, 5)], 0),
        (60, (), [(3, 20), (1, 30), (4, 10)], 0),
        (25, (2,), [(2, 25)], 0),
        (60, (2, 4), [(2, 50), (4, 10)], 0),
        (150, (), [(3, 20), (1, 30), (4, 40), (2, 50)], 10),
    ],
)
def test_lots_are_chosen_by_expiry_then_age(quantity, first, taken, short):
    lots = [lot(1, 30, 10), lot(2, 50, None), lot(3, 20, 5), lot(4, 40, 10), lot(5, 99, 0), lot(6, -7, None)]
    assert rules.choose_lots(lots, quantity, now=NOW, first=first) == rules.LotChoice(tuple(taken), short)


@given(
    st.lists(st.tuples(st.integers(1, 50), st.none() | st.integers(-3, 9)), max_size=8), st.integers(0, 300)
)
def test_a_choice_takes_all_it_can_and_never_more_than_a_lot_has(lots, quantity):
    lots = [lot(n, remaining, days) for n, (remaining, days) in enumerate(lots)]
    choice = rules.choose_lots(lots, quantity, now=NOW)
    taken = dict(choice.taken)
    usable = {one.id: one.remaining for one in lots if not one.is_expired(NOW)}
    assert sum(taken.values()) + choice.short == quantity
    assert all(0 < part <= usable[number] for number, part in taken.items())
    assert choice.short == max(0, quantity - sum(usable.values()))


@given(st.integers(-(10**6), 10**6), st.lists(st.integers(0, 1000), min_size=1, max_size=9).filter(any))
def test_a_split_adds_up_and_is_within_one_of_the_exact_share(total, weights):
    parts = allocate_units(total, weights)
    assert sum(parts) == total
    assert all(
        abs(part - Fraction(total * weight, sum(weights))) < 1
        for part, weight in zip(parts, weights, strict=True)
    )


@given(
    st.lists(st.integers(1, 10_000), min_size=2, max_size=5),
    st.lists(st.integers(1, 10_000), min_size=2, max_size=5),
    st.lists(st.fractions(0, 1).filter(bool), max_size=6),
)
def test_partial_reversals_balance_at_every_step_and_end_at_the_whole(debits, credits, shares):
    total = min(sum(debits), sum(credits))
    left, right = allocate_units(total, debits), allocate_units(total, credits)
    legs = [Leg(n, "CNY", None, 1, amount) for n, amount in enumerate(left)]
    legs += [Leg(100 + n, "CNY", None, -1, amount) for n, amount in enumerate(right)]
    returned: dict[int, int] = {}
    for share in [*sorted(shares), Fraction(1)]:
        parts = rules.plan_part(legs, returned, share)
        assert (
            rules.gaps(
                Leg(leg.account_id, "CNY", None, leg.side, parts.get(leg.account_id, 0)) for leg in legs
            )
            == {}
        )
        for leg in legs:
            part = parts.get(leg.account_id, 0)
            assert part >= 0
            returned[leg.account_id] = returned.get(leg.account_id, 0) + part
            assert returned[leg.account_id] <= leg.amount
        assert sum(returned[leg.account_id] for leg in legs if leg.side == 1) == int(total * share)
    assert returned == {leg.account_id: leg.amount for leg in legs}


@given(st.lists(st.integers(1, 30), min_size=1, max_size=6), st.lists(st.integers(0, 20), max_size=10))
def test_stretches_laid_end_to_end_cover_what_was_moved_exactly_once(sizes, pieces):
    moved = list(enumerate(sizes))
    seen: dict[int, int] = {}
    skip = 0
    for piece in [*pieces, sum(sizes)]:
        for number, part in rules.stretch(moved, skip, piece):
            seen[number] = seen.get(number, 0) + part
        skip += piece
    assert seen == dict(moved)


def test_pockets_are_emptied_in_order_or_in_proportion():
    pockets = {"principal": 300_00, "bonus": 100_00}
    assert rules.spend_in_order(pockets, 150_00, ("bonus", "principal")) == {
        "bonus": 100_00,
        "principal": 50_00,
    }
    assert rules.spend_in_order(pockets, 50_00, ("bonus", "principal")) == {"bonus": 50_00}
    assert rules.spend_in_order(pockets, 500_00, ("bonus", "principal")) == {
        "bonus": 100_00,
        "principal": 300_00,
    }
    assert rules.spend_in_proportion(pockets, 200_01) == {"principal": 150_01, "bonus": 50_00}
    assert rules.spend_in_proportion(pockets, 999_99) == pockets
    assert rules.spend_in_proportion({}, 5) == {}


@pytest.mark.parametrize(
    ("amount", "unit", "shown"),
    [(1250, "CNY", "12.50"), (-123456789, "CNY", "-1,234,567.89"), (1250, "JPY", "1,250"), (1250, "KWD", "1.250"),
     (3000, "POINTS", "3,000"), (3, "SESSIONS:facial-10", "3")],
)  # fmt: skip
def test_amounts_are_shown_in_the_digits_of_their_unit(amount, unit, shown):
    assert rules.show(amount, unit) == shown
