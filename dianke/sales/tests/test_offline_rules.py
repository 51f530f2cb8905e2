"""What a till may sell without the server, and which of its numbers are missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.sales.rules.offline import (
    Journal,
    Limits,
    LimitsWrong,
    OfflineSale,
    Used,
    outside_period,
    over_limits,
)

AT = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
LIMITS = Limits(
    sale_count=3, total_amount=1_000, sale_amount=500, points_count=10, coupon_count=1, wallet_amount=200
)


@pytest.mark.parametrize(
    ("used", "sale", "over"),
    [
        (Used(), OfflineSale(500, AT), []),
        (Used(2, 500), OfflineSale(500, AT), []),
        (Used(3, 0), OfflineSale(1, AT), [("sale_count", 3, 4)]),
        (Used(1, 600), OfflineSale(401, AT), [("total_amount", 1_000, 1_001)]),
        (Used(), OfflineSale(501, AT), [("sale_amount", 500, 501)]),
        (Used(points_count=5), OfflineSale(1, AT, points=6), [("points_count", 10, 11)]),
        (Used(points_count=11), OfflineSale(1, AT), []),  # a sale without points is no worse for it
        (Used(coupon_count=1), OfflineSale(1, AT, coupons=1), [("coupon_count", 1, 2)]),
        (
            Used(3, 900, 0, 0, 200),
            OfflineSale(600, AT, wallet_amount=1),
            [
                ("sale_count", 3, 4),
                ("total_amount", 1_000, 1_500),
                ("sale_amount", 500, 600),
                ("wallet_amount", 200, 201),
            ],
        ),
    ],
)
def test_each_limit_is_told_by_name(used, sale, over):
    found = [(p.data["limit"], p.data["allowed"], p.data["was"]) for p in over_limits(LIMITS, used, sale)]
    assert found == over


@pytest.mark.parametrize(
    ("hours", "revoked", "reasons"),
    [
        (0, None, []),
        (23, None, []),
        (24, None, ["ENDED"]),
        (-1, None, ["NOT_YET"]),
        (5, 4, ["WITHDRAWN"]),
        (3, 4, []),
        (30, 4, ["ENDED", "WITHDRAWN"]),
    ],
)
def test_limits_hold_from_when_they_were_given_until_they_end(hours, revoked, reasons):
    sale = OfflineSale(1, AT + timedelta(hours=hours))
    found = outside_period(
        sale,
        issued_at=AT,
        expires_at=AT + timedelta(hours=24),
        revoked_at=AT + timedelta(hours=revoked) if revoked else None,
    )
    assert [problem.data["reason"] for problem in found] == reasons


@pytest.mark.parametrize(
    "wrong",
    [
        {"warn_hours": 25},
        {"block_hours": 0},
        {"block_hours": 721},
        {"sale_amount": -1},
        {"total_amount": 10**13},
        {"coupon_count": -1},
    ],
)
def test_limits_that_make_no_sense_are_refused(wrong):
    Limits().check()
    with pytest.raises(LimitsWrong):
        Limits(**wrong).check()


@given(st.lists(st.integers(1, 40), max_size=60))
def test_the_journal_knows_what_arrived_in_whatever_order(numbers):
    journal, arrived = Journal(), set()
    for number in numbers:
        journal = journal.noting(number)
        arrived.add(number)
        missing = {n for first, last in journal.gaps for n in range(first, last + 1)}
        assert journal.highest == max(arrived)
        assert missing == set(range(1, journal.highest)) - arrived
        assert journal.arrived_count == len(arrived)
        assert journal.contiguous == next(n for n in range(journal.highest + 1) if n + 1 not in arrived)


def test_a_gap_is_cut_in_two_by_what_comes_from_its_middle():
    journal = Journal().noting(10).noting(5)
    assert (journal.gaps, journal.contiguous) == (((1, 4), (6, 9)), 0)
    assert journal.noting(5) == journal
