"""What people write into price lists, and what is meant."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest

from dianke.core.errors import InvalidInput
from dianke.purchasing.rules.price_rows import day_of, days_of, number_of, price_of, tax_rate_of


@pytest.mark.parametrize(("text", "fen"), [("12.5", 1250), ("¥1,200", 120_000), ("３元", 300), ("0", 0)])
def test_prices(text, fen):
    assert price_of(text, "CNY") == fen


@pytest.mark.parametrize(
    ("text", "points"), [("13%", 1300), ("13", 1300), ("0.13", 1300), ("6％", 600), ("0", 0)]
)
def test_tax_rates(text, points):
    assert tax_rate_of(text) == points


@pytest.mark.parametrize(("text", "number"), [("24", "24"), ("1,000", "1000"), ("0.5", "0.5"), (" ２ ", "2")])
def test_quantities(text, number):
    assert number_of(text, field="pack") == D(number)


@pytest.mark.parametrize(("text", "days"), [("7", 7), ("7天", 7), ("10 days", 10), ("3个工作日", 3)])
def test_days(text, days):
    assert days_of(text) == days


@pytest.mark.parametrize("text", ["2026-11-22", "2026/11/22", "2026.11.22", "2026年11月22日"])
def test_dates(text):
    assert day_of(text) == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (tax_rate_of, "much"),
        (tax_rate_of, "NaN"),
        (tax_rate_of, "120%"),
        (day_of, "soon"),
        (day_of, "2026-02-30"),
        (lambda text: number_of(text, field="pack"), "-1"),
        (lambda text: number_of(text, field="pack"), "1.23456"),
        (lambda text: number_of(text, field="pack"), "Infinity"),
        (lambda text: price_of(text, "CNY"), "1.234"),
    ],
)
def test_what_means_nothing_is_refused(read, text):
    with pytest.raises(InvalidInput):
        read(text)
