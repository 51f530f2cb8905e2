"""Prices made comparable, suppliers judged by their deliveries, invoices held against orders and receipts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dianke.core.money import Money
from dianke.purchasing.rules.amounts import line_total, tax_in, unit_cost, whole_packs
from dianke.purchasing.rules.comparing import Offer, PricePoint, compare, trend
from dianke.purchasing.rules.matching import Invoiced, Match, Ordered, Tolerance, match_line, match_total
from dianke.purchasing.rules.performance import Delivery, OrderedLine, performance


def yuan(amount) -> Money:
    return Money(str(amount), "CNY")


# --- amounts -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("quantity", "pack", "price", "total"),
    [
        ("12", "1", "3.50", "42.00"),
        ("250", "100", "3.50", "8.75"),
        ("1", "3", "10", "3.33"),
        ("0.5", "1", "9.99", "5.00"),
    ],
)
def test_a_line_is_rounded_once(quantity, pack, price, total):
    assert line_total(quantity=D(quantity), pack_quantity=D(pack), price=yuan(price)) == yuan(total)


def test_tax_that_comes_back_is_no_cost():
    gross = {"pack_quantity": D(10), "price": yuan("113"), "tax_rate_bp": 1300}
    assert unit_cost(**gross) == D("11.300000")
    assert unit_cost(**gross, is_tax_deductible=True) == D("10.000000")
    assert unit_cost(**gross, is_tax_deductible=True, exchange_rate=D("7.1")) == D("71.000000")
    assert tax_in(yuan("113"), 1300) == yuan("13.00")


@given(
    st.decimals(min_value=0, max_value=10_000, places=2),
    st.decimals(min_value=D("0.1"), max_value=99, places=1),
)
def test_whole_packs_hold_what_is_wanted_and_less_than_a_pack_more(quantity, pack):
    found = whole_packs(quantity, pack)
    assert quantity <= found < quantity + pack
    assert found % pack == 0


# --- comparing -----------------------------------------------------------------------------------------------
def test_packs_minimums_and_tax_are_counted_in():
    plain = Offer(1, 1, "甲", yuan("11"))
    deductible = Offer(2, 2, "乙", yuan("113"), D(10), tax_rate_bp=1300, is_tax_deductible=True)
    large = Offer(3, 3, "丙", yuan("8"), minimum_quantity=D(50))
    rows = compare([plain, deductible, large], needed=D(25))
    found = [
        (row.offer.supplier, row.order_quantity, row.total, row.effective_unit_price, row.above_cheapest_bp)
        for row in rows
    ]
    assert found == [
        ("甲", D(25), yuan("275.00"), D("11.000000"), 0),
        ("乙", D(30), yuan("339.00"), D("12.000000"), 909),
        ("丙", D(50), yuan("400.00"), D("16.000000"), 4545),
    ]
    assert [row.offer.supplier for row in compare([plain, deductible, large], needed=D(50))] == [
        "丙",
        "乙",
        "甲",
    ]


def test_each_currency_has_its_cheapest():
    rows = compare([Offer(1, 1, "甲", yuan("11")), Offer(2, 2, "乙", Money(2, "USD"))], needed=D(1))
    assert [(row.offer.supplier, row.above_cheapest_bp) for row in rows] == [("甲", 0), ("乙", 0)]


def test_how_a_price_moved():
    found = trend([PricePoint(date(2026, month, 1), D(price)) for month, price in ((3, 9), (1, 8), (5, 10))])
    assert (found.lowest, found.highest, found.change_bp) == (D(8), D(10), 2500)
    assert found.first is not None
    assert found.first.day == date(2026, 1, 1)
    assert trend([]).change_bp is None
    assert trend([PricePoint(date(2026, 1, 1), D(8))]).change_bp is None


# --- performance ---------------------------------------------------------------------------------------------
def line(ordered, *deliveries, expected=10, closed=False, price="10", before=None) -> OrderedLine:
    return OrderedLine(
        D(ordered),
        date(2026, 6, expected),
        tuple(Delivery(date(2026, 6, day), D(good), D(bad)) for day, good, bad in deliveries),
        closed,
        D(price),
        None if before is None else D(before),
    )


def test_a_supplier_is_judged_by_what_was_due():
    lines = [
        line(10, (9, 10, 0)),  # in time and complete
        line(10, (9, 6, 0), (14, 4, 0), before="8"),  # complete, four days late, 25 % dearer
        line(10, (9, 5, 5), closed=True, before="10"),  # half of it refused, given up
        line(10, expected=12),  # overdue
        line(10, expected=30),  # still in time
    ]
    found = performance(lines, today=date(2026, 6, 20))
    assert found.lines == 4
    assert found.on_time_bp == 2500
    assert found.complete_bp == 6250  # (1 + 1 + 0.5 + 0) / 4
    assert found.defect_bp == 1667  # 5 of 30
    assert found.price_change_bp == 1250
    assert found.average_delay_days == D("2.0")
    assert found.score == (40 * 2500 + 40 * 6250 + 20 * 8333) // 10_000


def test_a_share_of_nothing_is_unknown():
    found = performance([line(10, expected=30)], today=date(2026, 6, 20))
    assert (found.lines, found.on_time_bp, found.defect_bp, found.score) == (0, None, None, None)


def test_more_than_was_ordered_makes_nothing_more_than_complete():
    found = performance([line(10, (9, 15, 0))], today=date(2026, 6, 20))
    assert found.complete_bp == 10_000


def test_days_of_grace_count_as_in_time():
    lines = [line(10, (12, 10, 0))]
    assert performance(lines, today=date(2026, 6, 20)).on_time_bp == 0
    assert performance(lines, today=date(2026, 6, 20), grace_days=2).on_time_bp == 10_000


# --- matching ------------------------------------------------------------------------------------------------
ORDERED = Ordered(D(1), yuan("10"), 1300, kept=D(20))


@pytest.mark.parametrize(
    ("ordered", "quantity", "total", "tax", "codes"),
    [
        (ORDERED, "20", "200", 1300, []),
        (ORDERED, "12", "120", 1300, []),
        (ORDERED, "20", "201", 1300, []),  # within a yuan and a hundredth
        (ORDERED, "20", "201.01", 1300, ["invoice_price_differs"]),
        (ORDERED, "20", "190", 1300, []),  # less is welcome
        (ORDERED, "21", "210", 1300, ["invoice_more_than_received"]),
        (
            Ordered(D(1), yuan("10"), 1300, D(20), invoiced=D(15)),
            "6",
            "60",
            1300,
            ["invoice_more_than_received"],
        ),
        (ORDERED, "20", "200", 300, ["invoice_tax_differs"]),
        (None, "1", "5", 1300, ["invoice_not_ordered"]),
    ],
)
def test_an_invoice_line_against_order_and_receipts(ordered, quantity, total, tax, codes):
    match, reasons = match_line(ordered, Invoiced(D(quantity), yuan(total), tax), Tolerance())
    assert [reason.code for reason in reasons] == codes
    assert match is (Match.DIFFERS if codes else Match.AGREES)
    assert all(str(reason) for reason in reasons)


def test_lines_have_to_add_up_to_the_total():
    assert match_total([yuan("1.10"), yuan("2.20")], yuan("3.30")) is None
    differs = match_total([yuan("1.10")], yuan("3.30"))
    assert differs is not None
    assert "3.30" in str(differs)
