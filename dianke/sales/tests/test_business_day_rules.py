"""When a sale happened, if two clocks disagree; and which days can be closed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from dianke.core.business_dates import business_date
from dianke.sales.rules.business_day import DayNotBegun, Moment, check_day, moment_of

SERVER = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("device_ago", "sent_ahead", "moment"),
    [
        (60, 0, Moment(SERVER - 60 * MINUTE, 0, False)),
        (60, 4, Moment(SERVER - 64 * MINUTE, 240, False)),
        (60, 5, Moment(SERVER - 65 * MINUTE, 300, False)),  # five minutes are still borne
        (60, 6, Moment(SERVER - 66 * MINUTE, 360, True)),
        (60, -90, Moment(SERVER, -5400, True)),  # by its clock it sold after it sent: not later than now
        (0, 24 * 60, Moment(SERVER - 24 * 60 * MINUTE, 86_400, True)),
    ],
)
def test_an_offline_sale_is_moved_by_what_the_clock_of_the_till_was_off(device_ago, sent_ahead, moment):
    found = moment_of(
        device_at=SERVER - device_ago * MINUTE, sent_at=SERVER + sent_ahead * MINUTE, received_at=SERVER
    )
    assert found == moment


def test_a_sale_online_happened_when_the_server_saw_it():
    found = moment_of(
        device_at=SERVER - 9 * MINUTE, sent_at=SERVER - 9 * MINUTE, received_at=SERVER, is_offline=False
    )
    assert found == Moment(SERVER, -540, True)


def test_a_till_that_does_not_say_its_time_is_believed_unless_it_sold_tomorrow():
    past = moment_of(device_at=SERVER - 30 * MINUTE, sent_at=None, received_at=SERVER)
    assert past == Moment(SERVER - 30 * MINUTE, 0, False)
    future = moment_of(device_at=SERVER + 30 * MINUTE, sent_at=None, received_at=SERVER)
    assert future == Moment(SERVER, 0, True)


def test_a_clock_of_another_century_fits_the_column():
    found = moment_of(device_at=None, sent_at=SERVER + timedelta(days=365 * 100), received_at=SERVER)
    assert (found.skew_seconds, found.is_skewed) == (2**31 - 1, True)


@pytest.mark.parametrize(
    ("clock", "day"),
    [("2026-11-22 01:59", 21), ("2026-11-22 02:00", 22), ("2026-11-21 23:59", 21)],
)
def test_a_shop_that_closes_at_two_books_the_night_on_the_day_before(clock, day):
    local = datetime.fromisoformat(clock) - timedelta(hours=8)
    found = business_date(local.replace(tzinfo=UTC), "Asia/Shanghai", time(2))
    assert found == date(2026, 11, day)


def test_only_a_day_that_has_begun_is_closed():
    check_day(date(2026, 11, 21), date(2026, 11, 21))
    check_day(date(2026, 11, 1), date(2026, 11, 21))
    with pytest.raises(DayNotBegun):
        check_day(date(2026, 11, 22), date(2026, 11, 21))
