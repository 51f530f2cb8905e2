"""Proposals where they are seen: on the page of a customer, at the till's address, in messages, and on the page that
tells how well they hit; and who may not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from dianke.catalog.models import Category, Product, Unit, Variant
from dianke.core.actor import SYSTEM
from dianke.customers.models import Consent, Customer
from dianke.customers.queries.export import as_json, copy_for
from dianke.customers.tests.cast import make_customer
from dianke.events.operations import operation, unchanged
from dianke.insight.models import DeclinedProposal, ProductPair, Proposal, SnapshotRun, UnproposedCategory
from dianke.insight.operations.proposals import decline_proposal, forget_proposals
from dianke.messaging.queries.variables import filled
from dianke.sales import operations as sales
from dianke.sales.queries.basket import Item, Sale, Tendered
from dianke.sales.tests.till import make_till
from dianke.sales.views.till_person import can_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> SimpleNamespace:
    """Wang had her ring cleaned; polishing goes with it (five of six times)."""
    now = timezone.now()
    till = make_till(now)
    till.cast.hire("mark", "马可", "MARKETER")
    till.cast.hire("books", "账册", "ACCOUNTANT")
    unit = Unit.objects.get(name="次")
    made = {"kind": "SERVICE", "unit": unit, "created_at": now, "changed_at": now}
    goods = {}
    for code, name in (("CLEAN", "戒指清洗"), ("POLISH", "抛光镀金")):
        product = Product.objects.create(code=code, name=name, **made)
        goods[code] = Variant.objects.create(product=product, code=code, price_amount=80_00)
    wang = make_customer("王小明", "13800000001", store=till.lake)
    sale = Sale(
        uuid4(),
        till.lake,
        (Item("1", goods["CLEAN"].pk, Decimal(1)),),
        (Tendered(uuid4(), "CASH", 80_00),),
        wang,
    )
    sales.place_sale(sale=sale, actor=SYSTEM, now=now - timedelta(days=3))
    clean, polish = goods["CLEAN"].product, goods["POLISH"].product
    ProductPair.objects.create(
        product_id=clean.pk, then_id=polish.pk, place=0, part_count=5, all_count=6, lift="4.00"
    )
    return SimpleNamespace(till=till, now=now, wang=wang, clean=clean, polish=polish, variant=goods["POLISH"])


@pytest.fixture
def enter(shop) -> Callable[[str], Client]:
    def signed_in(name: str) -> Client:
        client = Client(headers={"accept-language": "zh-hans"})
        client.force_login(shop.till.cast[name].user, backend="django.contrib.auth.backends.ModelBackend")
        session, stamp = client.session, timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        return client

    return signed_in


def page_of(client: Client, url: str) -> str:
    response = client.get(url, headers={"HX-Request": "true"})
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def asked(client: Client, **query: Any) -> list[dict[str, Any]]:
    response = client.get("/api/v1/insight/proposals", query)
    assert response.status_code == 200, response.content
    return response.json()["proposals"]


def test_the_page_of_a_customer_names_it_with_its_reason_and_takes_a_no(shop, enter):
    clerk = enter("clerk")
    dealings = reverse("customers:dealings", args=[shop.wang.pk])
    text = page_of(clerk, dealings)
    assert "抛光镀金" in text
    assert "常与“戒指清洗”一起买（6 次中 5 次）" in text
    declined = clerk.post(reverse("insight:decline", args=[shop.wang.pk, shop.polish.pk]))
    assert declined.status_code == 303
    text = page_of(clerk, dealings)
    assert "一起买" not in text
    assert "不感兴趣的 1 件" in text
    clerk.post(reverse("insight:allow", args=[shop.wang.pk, shop.polish.pk]))
    assert "一起买" in page_of(clerk, dealings)


def test_who_refused_personal_recommendations_is_left_alone_on_the_page(shop, enter):
    Consent.objects.create(
        customer=shop.wang, purpose="PROFILING", is_given=False, at=shop.now, how="COUNTER"
    )
    text = page_of(enter("clerk"), reverse("customers:dealings", args=[shop.wang.pk]))
    assert "抛光镀金" not in text
    assert "不接受个性化推荐" in text


def test_a_no_is_for_who_serves_the_customer(shop, enter):
    url = reverse("insight:decline", args=[shop.wang.pk, shop.polish.pk])
    assert enter("books").post(url).status_code == 403
    Customer.objects.filter(pk=shop.wang.pk).update(store=shop.till.cast.road)
    assert enter("manager").post(url).status_code == 404
    assert not DeclinedProposal.objects.exists()


def test_the_till_asks_for_a_customer_and_a_basket(shop, enter):
    clerk = enter("clerk")
    store = shop.till.lake.pk
    (found,) = asked(clerk, store_id=store, customer_id=shop.wang.pk)
    assert (found["variant_id"], found["kind"]) == (shop.variant.pk, "TOGETHER")
    assert (found["because_id"], found["part_count"], found["all_count"]) == (shop.clean.pk, 5, 6)
    assert [one["name"] for one in asked(clerk, store_id=store, products=f"{shop.clean.pk}")] == ["抛光镀金"]
    assert asked(clerk, store_id=store) == []
    Customer.objects.filter(pk=shop.wang.pk).update(store=shop.till.cast.road)
    assert asked(enter("manager"), store_id=store, customer_id=shop.wang.pk) == []
    assert clerk.get("/api/v1/insight/proposals", {"products": "1,x"}).status_code == 422
    assert enter("books").get("/api/v1/insight/proposals").status_code == 403


def test_the_till_knows_whether_to_ask(shop):
    for name, may in (("clerk", True), ("books", False)):
        assert can_of(shop.till.cast.actor(name), shop.till.lake.pk)["propose"] is may


def test_programs_say_no_take_it_back_and_rule_categories(shop, enter):
    clerk, mark = enter("clerk"), enter("mark")
    url = f"/api/v1/insight/customers/{shop.wang.pk}/declined-proposals"
    made = clerk.post(url, json.dumps({"product_id": shop.polish.pk}), content_type="application/json")
    assert (made.status_code, made.json()["product_id"]) == (201, shop.polish.pk)
    assert [one["product_id"] for one in clerk.get(url).json()] == [shop.polish.pk]
    assert clerk.delete(f"{url}/{shop.polish.pk}").status_code == 204
    assert clerk.get(url).json() == []
    rules, one = "/api/v1/insight/unproposed-categories", Category.objects.create(name="服务")
    sent = {"data": json.dumps({"category_ids": [one.pk]}), "content_type": "application/json"}
    assert mark.put(rules, **sent).json() == {"category_ids": [one.pk]}
    assert clerk.get(rules).json() == {"category_ids": [one.pk]}
    assert clerk.put(rules, **sent).status_code == 403


def test_the_page_tells_how_well_proposals_hit_against_what_is_popular(shop, enter):
    page = reverse("insight:recommendations")
    assert "算过一次之后" in page_of(enter("mark"), page)
    tested = {
        "RECENT": {"recall": 0.045, "ndcg": 0.06, "coverage": 0.02},
        "EASE": {"recall": 0.09, "ndcg": 0.11, "coverage": 0.4},
    }
    told = {"chosen": "EASE", "returning": 1884, "people": 3000, "pairs": 70}
    run = SnapshotRun.objects.create(
        state="DONE",
        started_at=shop.now,
        ended_at=shop.now,
        recommending=told | {"tested": tested | {"POPULAR": tested["RECENT"]}},
    )
    text = page_of(enter("mark"), page)
    assert "命中率是推荐畅销品的 2.0 倍" in text
    assert text.index("9.0%") < text.index("4.5%")
    assert "抛光镀金" in text
    run.recommending = told | {"chosen": "", "tested": {}, "returning": 7}
    run.save()
    assert "来过两次的顾客有 7 位" in page_of(enter("mark"), page)
    assert enter("clerk").get(page).status_code == 403


def test_categories_are_left_out_by_who_may(shop, enter):
    top = Category.objects.create(name="服务")
    below = Category.objects.create(name="保养", parent=top, path=[top.pk])
    url = reverse("insight:unproposed")
    assert "服务 › 保养" in page_of(enter("mark"), url)
    assert enter("mark").post(url, {"categories": [str(below.pk)]}).status_code == 303
    assert list(UnproposedCategory.objects.values_list("pk", flat=True)) == [below.pk]
    assert enter("clerk").post(url, {"categories": []}).status_code == 403


def test_a_message_names_what_fits_for_who_agreed_and_something_for_all(shop):
    members = {shop.wang.pk: [shop.wang.pk]}
    with override("zh-hans"):
        assert filled(["recommended"], members, now=shop.now) == {
            shop.wang.pk: {"recommended": "本店人气好物"}
        }
        Consent.objects.create(
            customer=shop.wang, purpose="PROFILING", is_given=True, at=shop.now, how="COUNTER"
        )
        assert filled(["recommended"], members, now=shop.now) == {shop.wang.pk: {"recommended": "抛光镀金"}}


def test_what_they_declined_is_in_the_copy_of_their_data_and_goes_when_they_are_erased(shop):
    decline_proposal(customer=shop.wang, product=shop.polish, actor=SYSTEM, now=shop.now)
    Proposal.objects.create(
        customer_id=shop.wang.pk,
        product_id=shop.polish.pk,
        place=0,
        kind="ALIKE",
        part_count=3,
        all_count=5,
    )
    copy = copy_for(shop.wang, made_by="店长", made_at=shop.now, number="1")
    assert "抛光镀金" in json.dumps(json.loads(as_json(copy)), ensure_ascii=False)

    @operation(None)
    def erase(*, actor: Any, now: Any) -> None:
        unchanged()
        forget_proposals([shop.wang.pk], now)

    erase(actor=SYSTEM, now=shop.now)
    assert not DeclinedProposal.objects.exists()
    assert not Proposal.objects.exists()
