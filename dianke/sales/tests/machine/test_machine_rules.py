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


def test_what_is_proposed_never_holds_the_sale_up() -> None:
    assert node("proposals.mjs") == ""


def _given(counter: Counter, basket: dict[str, Any], detail: Any = None) -> dict[str, Any]:
    """What the till prices a basket with, as the server sends it."""
    store, at = counter.store, counter.now
    given = {
        "basket": basket,
        "rows": till_goods.page_of(store, after_id=0, at=at).rows,
        "settings": till_settings.settings_of(store, at),
        "detail": detail,
        "store": {"id": store.pk, "currency": store.currency, "time_zone": store.time_zone},
        "at": at.timestamp() * 1000,
    }
    return dict(json.loads(json.dumps(given, default=str)))


@pytest.mark.django_db
@pytest.mark.parametrize("off", [{"pays_bp": 8_850}, {"amount": 1_234}])
def test_what_is_taken_off_the_whole_order_costs_the_same_on_the_server(off: dict[str, int]) -> None:
    counter: Counter = make_counter(timezone.now())
    counter.programme()
    member, at, store = counter.member(), counter.now, counter.store
    counter.give_points(member, 5_000)
    lines = [
        {"key": "a", "variant_id": counter.scarf.pk, "quantity": "3"},
        {"key": "b", "variant_id": counter.socks.pk, "quantity": "1", "discount_amount": 77, "reason": "脏"},
        {"key": "c", "kind": "FEE", "name": "包装", "amount": 500, "quantity": "1"},
    ]
    basket = {
        "lines": lines,
        "customer_id": member.pk,
        "points": 1_000,
        "rounding": "JIAO",
        "order_off": {**off, "reason": "老顾客"},
    }
    detail = till_members.detail_of(member, store, SYSTEM, at)
    answer = json.loads(node("price.mjs", given=_given(counter, basket, detail)))
    items = tuple(
        Item(
            line["key"],
            line.get("variant_id"),
            D(line["quantity"]),
            kind=line.get("kind", "GOODS"),
            name=line.get("name", ""),
            amount=line.get("amount"),
            discount_amount=line.get("discount_amount", 0),
            reason=line.get("reason", ""),
        )
        for line in answer["sold"]
    )
    assert [item.discount_amount > 77 for item in items] == [True, True, False]
    assert [item.reason for item in items] == ["老顾客", "脏", ""]
    sale = Sale(uuid4(), store, items, customer=member, points=1_000, rounding="JIAO")
    found = price(sale=sale, business_date=store.business_date(at), at=at)
    assert answer["paid_amount"] == found.paid_amount
    assert [line["paid_amount"] for line in answer["lines"]] == [line.paid_amount for line in found.lines]


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
        basket_of_till = {
            "lines": lines,
            "customer_id": customer.pk if customer else None,
            "points": points,
            "rounding": rounding,
        }
        answer = json.loads(node("price.mjs", given=_given(counter, basket_of_till, detail)))
        sale = Sale(uuid4(), store, items, customer=customer, points=points, rounding=rounding)
        basket = price(sale=sale, business_date=store.business_date(at), at=at)
        assert answer["paid_amount"] == basket.paid_amount
        assert [line["paid_amount"] for line in answer["lines"]] == [
            line.paid_amount for line in basket.lines
        ]
        assert answer["points_used"] == basket.points_used
