"""Two profiles that are one for a while: together they have what both had, and separated each has its own again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from dianke.core.actor import SYSTEM
from dianke.customers.models import Customer
from dianke.customers.operations.merges import merge_customers, unmerge
from dianke.loyalty.queries.standing import standing_of
from dianke.promotions.models import Coupon
from dianke.sales.models import Order
from dianke.sales.tests.counter import Counter, books, make_counter
from dianke.sales.tests.test_member_stories import TWENTY_OFF
from dianke.wallets.queries.purse import purse_of


@pytest.fixture
def counter(db: None, now) -> Counter:
    return make_counter(now)


def had_by(customer_ids: Sequence[int], now: datetime) -> dict[str, Any]:
    """Points, stored value, coupons and orders of these records."""
    return {
        "points": standing_of(customer_ids, at=now, with_progress=False).points,
        "value": purse_of(customer_ids, store_id=None, at=now).amount,
        "coupons": sorted(
            Coupon.objects.filter(customer_id__in=customer_ids).values_list("code", "state"),
        ),
        "orders": sorted(Order.objects.filter(customer_id__in=customer_ids).values_list("number", flat=True)),
    }


def test_points_stored_value_coupons_and_orders_come_together_and_apart(counter: Counter, now):
    counter.programme()
    wang, ming = counter.member("王小明"), counter.member("小明")
    for person, points, amount in ((wang, 1000, 300_00), (ming, 400, 50_00)):
        counter.give_points(person, points)
        counter.top_up(person, amount)
        counter.coupon(person, TWENTY_OFF)
        counter.sell((counter.scarf, 1), payments=[("CASH", 100_00)], customer=person)
    apart = {person.pk: had_by([person.pk], now) for person in (wang, ming)}
    assert [each["points"] for each in apart.values()] == [1100, 500]
    assert [each["value"] for each in apart.values()] == [300_00, 50_00]
    merge = merge_customers(kept=wang, joined=ming, actor=SYSTEM, now=now)
    both = had_by([wang.pk, ming.pk], now)
    assert (both["points"], both["value"]) == (1600, 350_00)
    assert [len(both["coupons"]), len(both["orders"])] == [2, 2]
    # As one they pay with what both had; of the books nothing moved by the merge itself.
    held = books()
    order = counter.sell(
        (counter.scarf, 4),
        payments=[("WALLET", 320_00), ("CASH", 80_00)],
        customer=Customer.objects.get(pk=wang.pk),
    )
    assert had_by([wang.pk, ming.pk], now)["value"] == 30_00
    counter.give_back(order)
    assert books() == held
    unmerge(merge=merge, actor=SYSTEM, now=now)
    again = {person.pk: had_by([person.pk], now) for person in (wang, ming)}
    again[wang.pk]["orders"].remove(order.number)
    assert again == apart
