"""What services use: the standard, what was really taken, and open bottles used up before new ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.inventory.rules.consuming import Bottle, Closed, UseReason, compare, draw

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
TODAY = date(2026, 11, 21)


def d(value: int | str) -> Decimal:
    return Decimal(value)


def bottle(
    key: int, left: str, *, batch: int | None = 1, days_ago: int = 1, good_for: int | None = None
) -> Bottle:
    opened = NOW - timedelta(days=days_ago)
    return Bottle(
        key, batch, opened, d(left), None if good_for is None else opened + timedelta(days=good_for)
    )


@pytest.mark.parametrize(
    ("standard", "actual", "expected"),
    [
        ({1: "0.5"}, {}, [(1, "0.5", "0.5", UseReason.AS_STANDARD, False)]),
        ({1: "0.5"}, {1: "0.6"}, [(1, "0.5", "0.6", UseReason.MORE, False)]),
        ({1: "0.5"}, {1: "0.61"}, [(1, "0.5", "0.61", UseReason.MORE, True)]),
        ({1: "0.5"}, {1: "0.3"}, [(1, "0.5", "0.3", UseReason.LESS, True)]),
        ({1: "0.5"}, {1: "0"}, [(1, "0.5", "0", UseReason.LEFT_OUT, True)]),
        ({}, {2: "1"}, [(2, "0", "1", UseReason.NOT_PLANNED, True)]),
        ({}, {2: "0"}, []),
    ],
)
def test_a_use_is_held_against_its_standard(
    standard: dict[int, str], actual: dict[int, str], expected: list[tuple[object, ...]]
) -> None:
    uses = compare({k: d(v) for k, v in standard.items()}, {k: d(v) for k, v in actual.items()})
    assert [(u.variant, u.standard, u.actual, u.reason, u.is_unusual) for u in uses] == [
        (variant, d(str(planned)), d(str(taken)), reason, unusual)
        for variant, planned, taken, reason, unusual in expected
    ]


def test_a_service_performed_twice_uses_the_standard_twice() -> None:
    (use,) = compare({1: d("0.15")}, {}, times=d(2))
    assert (use.standard, use.actual) == (d("0.30"), d("0.30"))


@pytest.mark.parametrize("actual", [{1: d(-1)}])
def test_nothing_is_used_backwards(actual: dict[int, Decimal]) -> None:
    with pytest.raises(ValueError, match="performed"):
        compare({}, actual)


def test_an_open_bottle_is_used_up_before_a_new_one_is_opened() -> None:
    drawn = draw(
        d("0.5"), bottles=[bottle(7, "0.3")], closed=[Closed(2, d(3))], at=NOW, today=TODAY, open_days=30
    )
    assert [(one.key, one.batch, one.quantity) for one in drawn.draws] == [
        (7, 1, d("0.3")),
        (-1, 2, d("0.2")),
    ]
    (standing,) = drawn.open
    assert (standing.left, standing.use_by) == (d("0.8"), NOW + timedelta(days=30))
    assert drawn.by_batch() == {1: d("0.3"), 2: d("0.2")}


def test_the_one_to_be_used_first_is_and_what_is_too_old_is_poured_away() -> None:
    old = bottle(1, "0.4", days_ago=40, good_for=30)
    late, soon = bottle(2, "0.5", good_for=20), bottle(3, "0.5", good_for=10)
    drawn = draw(d("0.6"), bottles=[old, late, soon], closed=[], at=NOW, today=TODAY)
    assert [(one.key, one.quantity) for one in drawn.draws] == [(3, d("0.5")), (2, d("0.1"))]
    assert [(one.key, one.quantity) for one in drawn.poured_away] == [(1, d("0.4"))]
    assert [(one.key, one.left) for one in drawn.open] == [(2, d("0.4"))]


def test_the_batch_that_expires_first_is_opened_and_one_that_has_expired_is_not() -> None:
    closed = [
        Closed(1, d(1), TODAY + timedelta(90)),
        Closed(2, d(1), TODAY + timedelta(9)),
        Closed(3, d(1), TODAY - timedelta(1)),
        Closed(4, d(1)),
    ]
    drawn = draw(d("2.5"), bottles=[], closed=closed, at=NOW, today=TODAY)
    assert [(one.batch, one.quantity) for one in drawn.draws] == [(2, d(1)), (1, d(1)), (4, d("0.5"))]
    assert drawn.short == 0


def test_what_is_not_there_is_said() -> None:
    drawn = draw(d(2), bottles=[bottle(1, "0.5")], closed=[Closed(2, d(1))], at=NOW, today=TODAY)
    assert drawn.short == d("0.5")
    assert drawn.open == ()


parts = st.integers(1, 10).map(lambda n: Decimal(n) / 10)
bottles = st.lists(st.tuples(parts, st.integers(0, 40), st.one_of(st.none(), st.integers(1, 60))), max_size=5)


@given(st.integers(0, 80).map(lambda n: Decimal(n) / 10), bottles, st.lists(st.integers(0, 4), max_size=3))
def test_every_drop_is_used_poured_away_still_open_still_closed_or_short(
    quantity: Decimal, found: list[tuple[Decimal, int, int | None]], units: list[int]
) -> None:
    given_ = [
        bottle(n, str(left), days_ago=ago, good_for=good) for n, (left, ago, good) in enumerate(found, 1)
    ]
    closed = [Closed(n, d(count)) for n, count in enumerate(units, 1)]
    drawn = draw(quantity, bottles=given_, closed=closed, at=NOW, today=TODAY)
    used = sum((one.quantity for one in drawn.draws), Decimal(0))
    poured = sum((one.quantity for one in drawn.poured_away), Decimal(0))
    still_open = sum((one.left for one in drawn.open), Decimal(0))
    opened = len({one.key for one in drawn.draws if one.key < 0})
    before = sum((one.left for one in given_), Decimal(0))
    assert used + drawn.short == quantity
    assert before + opened == used + poured + still_open
    assert all(Decimal(0) < one.left <= 1 for one in drawn.open)
    if drawn.short:
        assert opened == sum(units)
        assert drawn.open == ()
