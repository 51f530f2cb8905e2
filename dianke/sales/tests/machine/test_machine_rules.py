"""The rules of the till's machine, in Node: limits, waits, clocks, finding, sealing; and its cart as the server's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from dianke.catalog.models import PriceList, PriceListItem
from dianke.core.actor import SYSTEM
from dianke.sales.queries import till_goods, till_members, till_settings
from dianke.sales.queries.basket import Item, Sale
from dianke.sales.queries.pricing import price
from dianke.sales.tests.counter import Counter, D, make_counter
from dianke.sales.tests.pricing.till import NODE

HERE = Path(__file__).resolve().parent
MACHINE = HERE.parents[1] / "static" / "sales" / "till" / "machine"


def node(script: str, *arguments: str, given: Any = None) -> str:
    done = subprocess.run(
        [str(NODE), str(HERE / script), str(MACHINE), *arguments],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_till_decides_by_its_rules() -> None:
    assert node("rules.mjs") == ""


@pytest.mark.django_db
def test_a_basket_costs_at_the_till_what_it_costs_on_the_server() -> None:
    counter: Counter = make_counter(timezone.now())
    counter.programme()
    member = counter.member()
    counter.give_points(member, 5_000)
    special = PriceList.objects.create(
        code="M", name="会员价", currency="CNY", tiers=["regular"], state="ACTIVE"
    )
    PriceListItem.objects.create(price_list=special, variant=counter.scarf, price_amount=9_000)
    many = PriceList.objects.create(code="X", name="满三件", currency="CNY", state="ACTIVE")
    PriceListItem.objects.create(price_list=many, variant=counter.socks, min_quantity=3, price_amount=888)
    at = counter.now
    store = counter.store
    items = (
        Item("a", counter.scarf.pk, D(2)),
        Item("b", counter.socks.pk, D(4)),
        Item("c", counter.hat.pk, D(1), discount_amount=300, reason="脏"),
        Item("d", counter.hat.pk, D(1), unit_amount=4_400, reason="旧"),
        Item("e", kind="FEE", name="包装", amount=500),
    )
    lines = [
        {
            "key": item.key,
            "variant_id": item.variant_id,
            "quantity": str(item.quantity),
            "kind": item.kind,
            "amount": item.amount,
            "unit_amount": item.unit_amount,
            "discount_amount": item.discount_amount,
            "reason": item.reason,
        }
        for item in items
    ]
    for customer, points, rounding in ((None, 0, ""), (member, 0, "JIAO"), (member, 1_200, "YUAN")):
        detail = till_members.detail_of(customer, store, SYSTEM, at) if customer else None
        given = {
            "basket": {
                "lines": lines,
                "customer_id": customer.pk if customer else None,
                "points": points,
                "rounding": rounding,
            },
            "rows": till_goods.page_of(store, after_id=0, at=at).rows,
            "settings": till_settings.settings_of(store, at),
            "detail": detail,
            "store": {"id": store.pk, "currency": store.currency, "time_zone": store.time_zone},
            "at": at.timestamp() * 1000,
        }
        answer = json.loads(node("price.mjs", given=json.loads(json.dumps(given, default=str))))
        sale = Sale(uuid4(), store, items, customer=customer, points=points, rounding=rounding)
        basket = price(sale=sale, business_date=store.business_date(at), at=at)
        assert answer["paid_amount"] == basket.paid_amount
        assert [line["paid_amount"] for line in answer["lines"]] == [
            line.paid_amount for line in basket.lines
        ]
        assert answer["points_used"] == basket.points_used
