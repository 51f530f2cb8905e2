"""The worked tables of docs/algorithms/pricing.md, in both languages."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dianke.sales.rules.pricing import price_cart, read_cart
from dianke.sales.rules.pricing.returning import Policy, Returned, Sold, give_back
from dianke.sales.tests.pricing.tables import ReturnRow, Row, return_rows, rows
from dianke.sales.tests.pricing.till import Till

ROWS = rows()
RETURNS = return_rows()


def test_the_page_has_its_tables() -> None:
    assert [row.number for row in ROWS] == [str(number) for number in range(1, 88)]
    assert len(RETURNS) == 10


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_python_prices_the_row_as_written(row: Row) -> None:
    priced = price_cart(read_cart(row.cart))
    assert {line.key: line.paid_amount for line in priced.lines} == row.paid
    assert priced.paid_amount == row.total


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_javascript_prices_the_row_as_written(row: Row, till: Till) -> None:
    answer = till.price(row.cart)
    assert {line["key"]: line["paid_amount"] for line in answer["lines"]} == row.paid
    assert answer["paid_amount"] == row.total


@pytest.mark.parametrize("policy", list(Policy))
@pytest.mark.parametrize("row", RETURNS, ids=lambda row: row.number)
def test_returns_give_back_what_the_row_says(row: ReturnRow, policy: Policy) -> None:
    cart = read_cart(row.cart)
    sold = Sold(cart, price_cart(cart))
    before: dict[str, Returned] = {}
    given = []
    for now in row.returns:
        back = give_back(sold=sold, before=before, now=now, policy=policy)
        given.append(back.amount)
        for line in back.lines:
            earlier = before.get(line.key, Returned(Decimal(0), 0))
            before[line.key] = Returned(earlier.quantity + line.quantity, earlier.amount + line.amount)
    assert given == (row.pro_rata if policy is Policy.PRO_RATA else row.recompute)
