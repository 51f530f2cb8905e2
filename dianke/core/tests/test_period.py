"""Periods leave their end out, so neighbours touch without sharing a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.core.period import (
    InstantWithoutZone,
    Period,
    PeriodEndsTooEarly,
    PeriodMixesKinds,
    PeriodNotOfDates,
    PeriodWithoutEnd,
    day_period,
    month_period,
    year_period,
)

LONDON = ZoneInfo("Europe/London")
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


@st.composite
def periods(draw: st.DrawFn) -> Period[date]:
    from_ = draw(DAYS)
    to = (
        draw(st.one_of(st.none(), DAYS.filter(lambda to: to > from_))) if from_ < date(2030, 12, 31) else None
    )
    return Period(from_, to)


def june(from_: int, to: int | None = None) -> Period[date]:
    return Period(date(2025, 6, from_), None if to is None else date(2025, 6, to))


def test_the_end_is_not_part_of_a_period() -> None:
    period = june(1, 10)
    assert period.contains(date(2025, 6, 1))
    assert period.contains(date(2025, 6, 9))
    assert not period.contains(date(2025, 6, 10))
    assert june(1).contains(date(9999, 1, 1))


def test_neighbours_touch_without_overlapping() -> None:
    assert not june(1, 10).overlaps(june(10, 20))
    assert june(1, 11).overlaps(june(10, 20))
    assert june(1).overlaps(june(20))


@pytest.mark.parametrize(("from_", "to"), [(10, 10), (10, 9)])
def test_a_period_is_neither_empty_nor_backwards(from_: int, to: int) -> None:
    with pytest.raises(PeriodEndsTooEarly) as refused:
        june(from_, to)
    assert "2025-06-10" in str(refused.value)


def test_dates_and_instants_do_not_mix() -> None:
    noon = datetime(2025, 6, 1, 12, tzinfo=UTC)
    with pytest.raises(PeriodMixesKinds):
        Period(date(2025, 6, 1), noon + timedelta(days=3))
    with pytest.raises(PeriodMixesKinds):
        june(1, 10).contains(noon)
    with pytest.raises(PeriodMixesKinds):
        Period(noon).overlaps(june(1))  # type: ignore[arg-type]


def test_an_instant_needs_its_zone() -> None:
    with pytest.raises(InstantWithoutZone):
        Period(datetime(2025, 6, 1))  # noqa: DTZ001
    with pytest.raises(InstantWithoutZone):
        Period(datetime(2025, 6, 1, tzinfo=UTC)).contains(datetime(2025, 6, 1))  # noqa: DTZ001


def test_the_hour_that_comes_twice_has_its_true_length() -> None:
    # 01:30 summer time to 01:30 winter time: the same clock reading, one hour apart.
    first = datetime(2025, 10, 26, 1, 30, tzinfo=LONDON)
    period = Period(first, first.replace(fold=1))
    assert period.duration == timedelta(hours=1)
    assert period.from_ == datetime(2025, 10, 26, 0, 30, tzinfo=UTC)


def test_days_and_months_of_a_period() -> None:
    period = Period(date(2025, 1, 30), date(2025, 3, 2))
    assert period.day_count == 31
    assert list(period.days())[-1] == date(2025, 3, 1)
    assert period.months() == [
        Period(date(2025, 1, 30), date(2025, 2, 1)),
        Period(date(2025, 2, 1), date(2025, 3, 1)),
        Period(date(2025, 3, 1), date(2025, 3, 2)),
    ]
    assert year_period(2024).day_count == 366
    assert month_period(2025, 12) == Period(date(2025, 12, 1), date(2026, 1, 1))
    assert year_period(2025).months()[11] == month_period(2025, 12)
    assert list(day_period(date(2024, 2, 29)).days()) == [date(2024, 2, 29)]


def test_only_bounded_dates_can_be_counted() -> None:
    with pytest.raises(PeriodWithoutEnd):
        list(june(1).days())
    with pytest.raises(PeriodWithoutEnd):
        june(1).months()
    with pytest.raises(PeriodNotOfDates):
        list(Period(datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 6, 2, tzinfo=UTC)).days())


def test_splitting_and_ending() -> None:
    assert june(1, 10).split_at(date(2025, 6, 4), date(2025, 6, 4), date(2025, 6, 1), date(2025, 6, 10)) == [
        june(1, 4),
        june(4, 10),
    ]
    assert june(1).split_at(date(2025, 6, 4)) == [june(1, 4), june(4)]
    assert june(1).until(date(2025, 6, 9)) == june(1, 9)
    assert june(1, 20).subtract(june(5, 8)) == [june(1, 5), june(8, 20)]
    assert june(1).subtract(june(5)) == [june(1, 5)]
    assert june(5, 8).subtract(june(1)) == []
    assert june(1, 5).subtract(june(5)) == [june(1, 5)]
    assert june(1).covers(june(3, 9))
    assert not june(1, 9).covers(june(3))


@given(periods(), periods(), DAYS)
def test_a_day_is_in_the_intersection_when_it_is_in_both(
    left: Period[date], right: Period[date], day: date
) -> None:
    shared = left.intersect(right)
    in_both = left.contains(day) and right.contains(day)
    assert in_both == (shared is not None and shared.contains(day))
    assert shared == right.intersect(left)
    assert left.overlaps(right) == (shared is not None)


@given(periods(), periods(), DAYS)
def test_what_is_left_and_what_is_shared_make_up_the_whole(
    left: Period[date], right: Period[date], day: date
) -> None:
    parts = left.subtract(right) + [shared for shared in [left.intersect(right)] if shared]
    assert sum(part.contains(day) for part in parts) == left.contains(day)
    assert left.covers(right) == (right.subtract(left) == [])


@given(periods(), st.lists(DAYS, max_size=5))
def test_split_parts_join_to_the_whole(whole: Period[date], cuts: list[date]) -> None:
    parts = whole.split_at(*cuts)
    assert parts[0].from_ == whole.from_
    assert parts[-1].to == whole.to
    assert all(before.to == after.from_ for before, after in pairwise(parts))
