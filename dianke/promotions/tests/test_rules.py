"""Codes and days of coupons: the tables of docs/algorithms/coupons.md."""

from __future__ import annotations

from datetime import UTC, date, datetime
from secrets import randbelow
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.promotions.rules.coupon_codes import (
    ALPHABET,
    CouponCodeWrong,
    check_symbol,
    grouped,
    looks_like_code,
    new_code,
    read_code,
)
from dianke.promotions.rules.validity import Validity, expiry_when_given_back, period_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
CODES = st.text(ALPHABET, min_size=11, max_size=11).map(lambda body: body + check_symbol(body))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


# --- codes -----------------------------------------------------------------------------------------------------------
def test_no_symbol_of_a_code_looks_like_another():
    assert not set("01OIL") & set(ALPHABET)
    assert len(set(ALPHABET)) == 31


def test_a_new_code_reads_back_however_it_is_typed():
    code = new_code(randbelow)
    assert read_code(f"  {grouped(code).lower()} ") == code
    assert read_code("．".join(code).replace("．", " ")) == code
    assert looks_like_code(code)


@given(CODES, st.data())
def test_every_single_slip_is_noticed(code: str, data: st.DataObject):
    place = data.draw(st.integers(0, 11))
    wrong = data.draw(st.sampled_from([symbol for symbol in ALPHABET if symbol != code[place]]))
    with pytest.raises(CouponCodeWrong):
        read_code(code[:place] + wrong + code[place + 1 :])


@given(CODES, st.integers(0, 9), st.integers(1, 10))
def test_two_symbols_that_changed_places_are_noticed(code: str, first: int, apart: int):
    second = min(first + apart, 10)
    if code[first] == code[second]:
        return
    symbols = list(code)
    symbols[first], symbols[second] = symbols[second], symbols[first]
    assert not looks_like_code("".join(symbols))


def test_codes_are_drawn_from_the_whole_range():
    drawn: list[int] = []

    def below(most: int) -> int:
        drawn.append(most)
        return most - 1

    assert new_code(below)[:11] == "Z" * 11
    assert drawn == [31**11]


@pytest.mark.parametrize("text", ["", "ABC", "0" * 12, "ABCDEFGHJKMNP", "优惠券优惠券优惠券优惠券"])
def test_what_is_no_code_is_said_to_be_none(text: str):
    with pytest.raises(CouponCodeWrong):
        read_code(text)


# --- days ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("validity", "claimed", "begin", "end"),
    [
        (Validity(days=30), "2026-03-01T10:00", "2026-03-01T10:00", "2026-04-01T00:00"),
        (Validity(days=1), "2026-03-01T23:59", "2026-03-01T23:59", "2026-03-03T00:00"),
        (Validity(days=7, starts_after=1), "2026-03-01T10:00", "2026-03-02T00:00", "2026-03-09T00:00"),
        (
            Validity(first=date(2026, 11, 1), last=date(2026, 11, 11)),
            "2026-11-05T10:00",
            "2026-11-01T00:00",
            "2026-11-12T00:00",
        ),
    ],
)
def test_the_days_of_a_coupon(validity: Validity, claimed: str, begin: str, end: str):
    found = period_of(validity, claimed_at=local(claimed), zone=SHANGHAI)
    assert found == (local(begin), local(end))


def test_days_end_at_the_merchants_midnight_wherever_the_server_is():
    claimed = datetime(2026, 3, 1, 20, 0, tzinfo=UTC)  # the 2nd, four in the morning, in Shanghai
    assert period_of(Validity(days=1), claimed_at=claimed, zone=SHANGHAI)[1] == local("2026-03-04T00:00")


@pytest.mark.parametrize(
    ("expires", "grace", "now", "until"),
    [
        ("2026-03-31T00:00", 7, "2026-03-20T12:00", "2026-03-31T00:00"),  # still good: its own end
        ("2026-03-31T00:00", 7, "2026-04-02T12:00", "2026-04-10T00:00"),  # too late: seven whole days
        ("2026-03-31T00:00", 0, "2026-04-02T12:00", "2026-03-31T00:00"),  # no grace: it stays expired
        ("2026-03-31T00:00", 1, "2026-03-31T00:00", "2026-04-02T00:00"),  # the very end
    ],
)
def test_a_coupon_that_comes_back_keeps_its_end_or_gets_the_days_of_grace(expires, grace, now, until):
    found = expiry_when_given_back(local(expires), grace_days=grace, now=local(now), zone=SHANGHAI)
    assert found == local(until)
