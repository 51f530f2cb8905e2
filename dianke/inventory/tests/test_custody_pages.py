"""Customers' goods on their pages: taken in under a tag, with a slip, given back after a look at tag and person."""

from __future__ import annotations

import pytest
from django.urls import reverse

from dianke.core.actor import SYSTEM
from dianke.customers.models import Customer
from dianke.customers.tests.cast import make_customer
from dianke.inventory.models import CustodyItem
from dianke.inventory.operations.custody import take_in
from dianke.inventory.tests.floor_staff import Hire, hiring
from dianke.inventory.tests.shop import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def hire(shop: Shop, now) -> Hire:
    return hiring(shop, now)


@pytest.fixture
def wang(shop: Shop, now) -> Customer:
    return make_customer("王小美", "13812345678", store=shop.lake)


def url(name: str, *args: object) -> str:
    return reverse(f"inventory:{name}", args=args)


def text_of(answer) -> str:
    return answer.content.decode()


def kept(shop: Shop, customer: Customer, tag: str = "C-001") -> CustodyItem:
    return take_in(
        store=shop.lake,
        customer=customer,
        tag=tag,
        description="金手链",
        condition="扣子松",
        actor=SYSTEM,
        now=shop.now,
    )


def test_goods_are_taken_in_for_a_customer_who_was_looked_for(shop: Shop, hire: Hire, wang: Customer):
    lin = hire("lin", "CLERK", shop.lake)
    found = text_of(lin.get(url("custody-new"), {"q": "王小美"}))
    assert url("custody-of", wang.pk) in found
    form = {
        "store": shop.lake.pk,
        "tag": "C-001",
        "description": "金手链",
        "quantity": "1",
        "weight": "12.345",
    }
    assert lin.post(url("custody-of", wang.pk), form | {"tag": ""}).status_code == 422
    answer = lin.post(url("custody-of", wang.pk), form)
    item = CustodyItem.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, url("custody-item", item.pk))
    assert (item.weight_mg, item.customer_id) == (12_345, wang.pk)
    slip = text_of(lin.get(url("custody-slip", item.pk)))
    assert "C-001" in slip
    assert "12.345 g" in slip
    again = lin.post(url("custody-of", wang.pk), form)
    assert again.status_code == 422
    assert "id_tag_error" in text_of(again)


def test_they_go_back_only_after_tag_and_person_were_compared(shop: Shop, hire: Hire, wang: Customer):
    lin = hire("lin", "CLERK", shop.lake)
    item = kept(shop, wang)
    page = text_of(lin.get(url("custody-give-back", item.pk)))
    assert "王小美" in page
    assert "C-001" in page
    assert lin.post(url("custody-give-back", item.pk), {"x": "1"}).status_code == 422
    item.refresh_from_db()
    assert item.returned_at is None
    assert lin.post(url("custody-give-back", item.pk), {"compared": "on"}).status_code == 303
    item.refresh_from_db()
    assert item.returned_at is not None
    assert lin.get(url("custody-give-back", item.pk))["Location"] == url("custody-item", item.pk)


def test_the_list_has_what_is_kept_and_finds_by_tag_goods_and_customer(
    shop: Shop, hire: Hire, wang: Customer, now
):
    lin = hire("lin", "CLERK", shop.lake)
    kept(shop, wang)
    kept(shop, make_customer("李四", "13912345678", store=shop.lake), "C-002")
    for query, count in ({"": 2, "C-002": 1, "手链": 2, "王小美": 1, "没有": 0}).items():
        assert text_of(lin.get(url("custody"), {"q": query})).count('class="is-main"') == count, query
    assert text_of(lin.get(url("custody"), {"kept": "no"})).count('class="is-main"') == 0


def test_goods_kept_at_other_stores_are_not_there(shop: Shop, hire: Hire, wang: Customer):
    item = kept(shop, wang)
    stranger, auditor = hire("gao", "CLERK", shop.road), hire("audit", "AUDITOR", None)
    for name in ("custody-item", "custody-give-back", "custody-slip"):
        assert stranger.get(url(name, item.pk)).status_code == 404, name
        assert auditor.get(url(name, item.pk)).status_code == 403, name
    assert "金手链" not in text_of(stranger.get(url("custody")))
    assert auditor.get(url("custody")).status_code == 403
