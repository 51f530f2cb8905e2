"""Two at the same moment: nothing is taken in twice, numbered twice or planned twice, whoever comes first."""

from __future__ import annotations

from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models.signals import post_migrate

from dianke.core.tests.racing import at_once, refusals
from dianke.purchasing import operations
from dianke.purchasing.models import PurchaseOrder, PurchaseOrderLine, Receipt
from dianke.purchasing.tests.cast import Buyers, D, make_buyers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def buyers(transactional_db: None, now) -> Buyers:
    # What migrating puts in (the preset roles) goes with the rows of a test that commits.
    access = apps.get_app_config("access")
    post_migrate.send(access, app_config=access, using="default", verbosity=0, interactive=False, plan=[])
    return make_buyers(now)


def test_two_receipts_of_one_order_take_in_no_more_than_was_ordered(buyers, now):
    """Both phones show 20 open; both take in all 20."""
    clerk, manager = buyers.actor("clerk"), buyers.actor("manager")
    for turn in range(5):
        order = buyers.order()
        came = buyers.came(order, 20)

        def receive(actor: Any, reference: str, order: Any = order, came: Any = came) -> Receipt:
            return operations.receive_order(
                order=order, deliveries=[came], reference=reference, actor=actor, now=now
            )

        results = at_once(partial(receive, clerk, f"a{turn}"), partial(receive, manager, f"b{turn}"))
        refused = refusals(results, (operations.MoreThanOrdered, operations.OrderNotOpen))
        assert refused == 1
        line = order.lines.get()
        assert (line.received_quantity, line.over_quantity) == (20, 0)
    buyers.shop.assert_on_hand(buyers.scarf, 100)


def test_without_the_lock_both_would_see_everything_open(buyers):
    """The negative control: looking, then writing, in two transactions that do not wait for each other. The last one
    written wins, and a delivery is lost."""
    line = buyers.order().lines.get()
    both_looked = Barrier(2)

    def receive() -> None:
        with transaction.atomic():
            seen = PurchaseOrderLine.objects.get(pk=line.pk)
            both_looked.wait(timeout=20)
            if seen.open_quantity >= 15:
                seen.received_quantity += 15
                seen.save()

    at_once(receive, receive)
    line.refresh_from_db()
    assert line.received_quantity == 15  # 30 came


def test_the_same_receipt_sent_twice_at_once_stands_once(buyers, now):
    order = buyers.order()
    came, clerk = buyers.came(order, 6), buyers.actor("clerk")

    def receive() -> Receipt:
        return operations.receive_order(
            order=order, deliveries=[came], reference="phone", actor=clerk, now=now
        )

    results = at_once(*[receive] * 4)
    assert len({result.pk for result in results if isinstance(result, Receipt)}) == 1
    assert all(isinstance(result, Receipt) for result in results)
    buyers.shop.assert_on_hand(buyers.scarf, 6)


def test_a_receipt_and_a_return_at_once_end_where_one_after_the_other_would(buyers, now):
    order = buyers.order()
    buyers.receive(order, buyers.came(order, 10))
    line = order.lines.get()
    clerk = buyers.actor("clerk")
    results = at_once(
        lambda: operations.receive_order(
            order=order, deliveries=[buyers.came(order, 10)], reference="in", actor=clerk, now=now
        ),
        lambda: operations.return_goods(
            order=order,
            items=[operations.Returned(line.pk, D(4))],
            wish="CREDIT",
            reason="破损",
            reference="out",
            actor=clerk,
            now=now,
        ),
    )
    assert not [result for result in results if isinstance(result, Exception)]
    line.refresh_from_db()
    assert (line.received_quantity, line.returned_quantity, line.kept_quantity) == (20, 4, 16)
    buyers.shop.assert_on_hand(buyers.scarf, 16)


def test_orders_drafted_at_once_have_numbers_without_gaps(buyers):
    results = at_once(*[partial(buyers.draft, by="manager")] * 4)
    assert all(isinstance(result, PurchaseOrder) for result in results)
    numbers = sorted(PurchaseOrder.objects.values_list("number", flat=True))
    assert numbers == [f"CG-HZ01-26-{n:04}" for n in range(1, 5)]


def test_an_order_is_not_cancelled_while_its_goods_come_in(buyers, now):
    order = buyers.order()
    clerk, manager = buyers.actor("clerk"), buyers.actor("manager")
    at_once(
        lambda: operations.receive_order(
            order=order, deliveries=[buyers.came(order, 5)], reference="in", actor=clerk, now=now
        ),
        lambda: operations.cancel_order(order=order, reason="不要了", actor=manager, now=now),
    )
    order.refresh_from_db()
    came = order.receipts.count()
    assert (order.state, came) in {("PARTLY", 1), ("CANCELLED", 0)}
    buyers.shop.assert_on_hand(buyers.scarf, 5 * came)
