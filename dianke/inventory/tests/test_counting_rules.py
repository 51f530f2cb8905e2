"""Counting: who has to look again, what a variance is worth, and what holds whatever is sold meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.inventory.rules.counting import (
    Book,
    Look,
    Moved,
    Reason,
    Tolerance,
    Verdict,
    assess,
    may_look,
    needs_approval,
    on_hand_after,
    place_back_dated,
    worth,
)

START = datetime(2026, 11, 21, 1, tzinfo=UTC)


def d(value: int | str) -> Decimal:
    return Decimal(value)


def look(counted: int, expected: int, by: int = 1, doubt: tuple[int, int] = (0, 0)) -> Look:
    return Look(d(counted), d(expected), by, (d(doubt[0]), d(doubt[1])))


@pytest.mark.parametrize(
    ("looks", "verdict", "reason"),
    [
        ([], Verdict.UNCOUNTED, Reason.NOBODY_LOOKED),
        ([look(5, 5)], Verdict.SETTLED, Reason.AS_EXPECTED),
        ([look(0, 0)], Verdict.SETTLED, Reason.AS_EXPECTED),
        ([look(3, 5)], Verdict.RECOUNT, Reason.ABOVE_TOLERANCE),
        ([look(3, 5, doubt=(-2, 0))], Verdict.RECOUNT, Reason.MOVED_MEANWHILE),
        ([look(3, 5, doubt=(-1, 0))], Verdict.RECOUNT, Reason.ABOVE_TOLERANCE),
        ([look(3, 5), look(3, 5, by=2)], Verdict.SETTLED, Reason.CONFIRMED),
        ([look(3, 5), look(3, 5, by=1)], Verdict.RECOUNT, Reason.ABOVE_TOLERANCE),
        ([look(3, 5), look(1, 3, by=2)], Verdict.SETTLED, Reason.CONFIRMED),
        ([look(3, 5), look(4, 5, by=2)], Verdict.RECOUNT, Reason.LOOKS_DIFFER),
        ([look(3, 5), look(5, 5, by=2)], Verdict.SETTLED, Reason.AS_EXPECTED),
        ([look(3, 5), look(4, 5, by=2), look(3, 5, by=3)], Verdict.SETTLED, Reason.CONFIRMED),
        ([look(3, 5), look(4, 5, by=2), look(2, 5, by=3)], Verdict.DISPUTED, Reason.LOOKS_DIFFER),
    ],
)
def test_a_line_stands_where_its_looks_leave_it(looks: list[Look], verdict: Verdict, reason: Reason) -> None:
    found = assess(looks, Tolerance())
    assert (found.verdict, found.reason) == (verdict, reason)
    assert found.variance == (looks[-1].variance if looks else None)


@pytest.mark.parametrize(
    ("tolerance", "expected", "counted", "settled"),
    [
        (Tolerance(d(2)), 100, 98, True),
        (Tolerance(d(2)), 100, 97, False),
        (Tolerance(share_bp=500), 100, 95, True),
        (Tolerance(share_bp=500), 100, 94, False),
        (Tolerance(d(2), 500), 10, 12, True),
        (Tolerance(d(2), 500), 1000, 950, True),
        (Tolerance(share_bp=500), 0, 1, False),
    ],
)
def test_tolerance_is_a_quantity_or_a_share_whichever_is_more(
    tolerance: Tolerance, expected: int, counted: int, settled: bool
) -> None:
    found = assess([look(counted, expected)], tolerance)
    assert (found.verdict is Verdict.SETTLED) == settled
    assert found.variance == counted - expected


def test_a_look_that_what_was_sold_since_shows_to_be_wrong_never_stands() -> None:
    wrong = Look(d(0), d(0), 2, is_impossible=True)
    for looks in ([wrong], [look(0, 0), wrong], [look(0, 0), look(0, 0, by=3), wrong]):
        found = assess(looks, Tolerance(d(99)))
        assert (found.verdict, found.reason) == (Verdict.RECOUNT, Reason.CONTRADICTED)


def test_who_has_counted_a_line_does_not_count_it_again() -> None:
    assert not may_look(1, [1, 2])
    assert may_look(3, [1, 2])


@pytest.mark.parametrize(
    ("limit", "asked"), [(None, False), ("191", True), ("191.01", False), ("49", True), ("0", True)]
)
def test_a_surplus_does_not_hide_a_shortage_from_the_limit(limit: str | None, asked: bool) -> None:
    found = worth([(d(-2), d("35.50")), (d(1), d("120"))])
    assert needs_approval(found, None if limit is None else d(limit)) == asked


quantities = st.integers(-50, 50).map(Decimal)
minutes = st.integers(0, 240)
movements = st.lists(
    st.builds(
        lambda quantity, minute: Moved(quantity, START + timedelta(minutes=minute)), quantities, minutes
    ),
    max_size=20,
)


@given(quantities, movements, minutes)
def test_expected_is_the_snapshot_and_what_moved_and_on_hand_less_what_moved_since(
    snapshot: Decimal, moved: list[Moved], minute: int
) -> None:
    book, at = Book(snapshot, tuple(moved)), START + timedelta(minutes=minute)
    assert book.at(at) == book.on_hand - book.after(at)


@given(quantities, movements, minutes, quantities)
def test_posting_leaves_what_was_counted_and_what_moved_since_whatever_is_sold(
    snapshot: Decimal, moved: list[Moved], minute: int, counted: Decimal
) -> None:
    book, at = Book(snapshot, tuple(moved)), START + timedelta(minutes=minute)
    variance = Look(counted, book.at(at), 1).variance
    assert book.on_hand + variance == on_hand_after(counted, book.after(at))


@given(quantities, movements, minutes, st.integers(-3, 3).map(Decimal))
def test_a_true_shelf_has_one_variance_whenever_it_is_counted(
    snapshot: Decimal, moved: list[Moved], minute: int, missing: Decimal
) -> None:
    """Somebody who counts right finds the same variance at any moment: that is why two looks can be compared."""
    book, at = Book(snapshot, tuple(moved)), START + timedelta(minutes=minute)
    shelf = book.at(at) + missing
    assert Look(shelf, book.at(at), 1).variance == missing


@given(st.lists(st.tuples(quantities, st.integers(1, 3)), max_size=6))
def test_a_line_is_settled_by_two_people_or_by_the_books(found: list[tuple[Decimal, int]]) -> None:
    looks = [Look(counted, d(0), by) for counted, by in found]
    if assess(looks, Tolerance()).verdict is Verdict.SETTLED:
        last = looks[-1]
        agreeing = {one.by for one in looks if one.variance == last.variance}
        assert last.variance == 0 or len(agreeing) >= 2


@given(quantities, minutes, st.lists(minutes, max_size=5))
def test_what_was_counted_stands_at_the_first_count_behind_a_late_document_and_at_all_later_ones(
    quantity: Decimal, minute: int, counts: list[int]
) -> None:
    at = START + timedelta(minutes=minute)
    anchors = [START + timedelta(minutes=one) for one in counts]
    found = place_back_dated(quantity, at, anchors)
    for anchor in anchors:
        effect = (quantity if at <= anchor else 0) + (
            found.adjustment if found.adjusted_at is not None and found.adjusted_at <= anchor else 0
        )
        assert effect == 0
    if not any(anchor >= at for anchor in anchors):
        assert (found.adjustment, found.adjusted_at) == (0, None)
