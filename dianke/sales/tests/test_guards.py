"""Every guard of the database by trying to get past it, and every check of the proof by breaking what it checks."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from dianke.access.models import User
from dianke.sales.models import LinePerson, Order
from dianke.sales.queries import verify
from dianke.sales.tests.counter import Counter, make_counter


@pytest.fixture
def sold(db: None, now) -> Order:
    counter: Counter = make_counter(now)
    counter.programme()
    order = counter.sell(
        (counter.scarf, 2), payments=[("CASH", 120_00), ("WECHAT", 80_00)], customer=counter.member()
    )
    counter.give_back(order, ("l1", 1))
    return Order.objects.get()


def run(sql: str, *values: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE sales_order SET total_amount = 1",
        "UPDATE sales_order SET number = 'X'",
        "UPDATE sales_order SET occurred_at = now()",
        "UPDATE sales_order SET state = 'PLACED', closed_at = NULL",
        "DELETE FROM sales_order",
        "UPDATE sales_orderline SET paid_amount = 1",
        "UPDATE sales_orderline SET quantity = 9",
        "UPDATE sales_orderline SET returned_quantity = 9",
        "DELETE FROM sales_orderline",
        "UPDATE sales_lineissue SET value = 0",
        "UPDATE sales_lineissue SET returned_quantity = 9",
        "UPDATE sales_payment SET amount = 1",
        "UPDATE sales_payment SET reference = 'X'",
        "UPDATE sales_payment SET refunded_amount = amount + 1",
        "DELETE FROM sales_payment",
        "UPDATE sales_refund SET amount = 1",
        "UPDATE sales_refund SET state = 'PENDING', done_at = NULL",
        "DELETE FROM sales_refund",
        "UPDATE sales_salereturn SET refund_amount = 1",
        "UPDATE sales_returnline SET quantity = 2",
        "DELETE FROM sales_returnline",
        "UPDATE sales_orderchange SET after = 'X'",
        "DELETE FROM sales_orderchange",
        "UPDATE sales_order SET customer_id = NULL",
    ],
)
def test_what_was_sold_and_paid_cannot_be_changed(sold, sql):
    with pytest.raises(DatabaseError):
        run(sql)


def test_shares_of_a_line_are_the_whole_whoever_writes(sold, now):
    user = User.objects.create(username="a", name="A", created_at=now)
    with pytest.raises(DatabaseError), transaction.atomic():
        LinePerson.objects.create(line=sold.lines.get(), user=user, share_bp=4000)


@pytest.mark.sales_unsound
@pytest.mark.parametrize(
    ("check", "sql"),
    [
        ("total", "UPDATE sales_order SET total_amount = total_amount + 1"),
        ("adjustments", "UPDATE sales_orderline SET list_amount = list_amount + 1"),
        ("earned", "UPDATE sales_order SET earned_amount = earned_amount - 1"),
        ("paid", "UPDATE sales_order SET paid_amount = paid_amount + 1"),
        ("refunded", "UPDATE sales_payment SET refunded_amount = 0"),
        ("ledger", "UPDATE sales_order SET earned_amount = earned_amount - 1"),
        ("numbers", "UPDATE sales_ordercounter SET last = last + 1"),
        ("goods", "UPDATE sales_lineissue SET returned_quantity = 0"),
    ],
)
def test_the_proof_finds_what_is_broken(sold, check, sql):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert check in {finding.check for finding in verify()}
