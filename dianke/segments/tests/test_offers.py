"""Promotions and coupons for segments: who pays less and why, kept for good, refused where it must be."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from dianke.core.actor import SYSTEM
from dianke.customers.models import Customer
from dianke.customers.operations.merges import merge_customers
from dianke.promotions import operations as promotions
from dianke.promotions.models import Coupon, Promotion
from dianke.promotions.queries.names import coupon_sentence, names_for, promotion_sentence
from dianke.promotions.queries.portal import card_of
from dianke.sales.models import Order
from dianke.sales.queries import till_members
from dianke.sales.queries.pricing import price
from dianke.sales.queries.receipts import receipt_of
from dianke.sales.rules.pricing import price_cart, read_cart
from dianke.sales.tests.counter import Counter, make_counter
from dianke.sales.tests.machine.test_machine_rules import _given, node
from dianke.sales.views.orders_rows import steps_of
from dianke.segments import operations
from dianke.segments.models import Segment, SegmentMember
from dianke.segments.operations.segments import StillInUse
from dianke.stores.tests.cast import Cast

pytestmark = pytest.mark.django_db
SILVER = {"all": [{"field": "profile.level", "op": "in", "value": ["银卡"]}]}
EIGHT = {"rule": {"kind": "PERCENT_OFF", "pays_bp": 8000}}


@pytest.fixture
def counter() -> Counter:
    return make_counter(timezone.now())


@pytest.fixture
def silver(counter: Counter) -> Customer:
    customer = counter.member("银子")
    Customer.objects.filter(pk=customer.pk).update(level="银卡")
    return customer


def who(now: datetime, actor: Any = SYSTEM) -> dict[str, Any]:
    return {"actor": actor, "now": now}


def segment_of(now: datetime, name: str = "银卡客人", **values: Any) -> Segment:
    return operations.make_segment(values={"name": name, "rules": SILVER} | values, **who(now))


def promote(now: datetime, segment: Segment, **values: Any) -> Promotion:
    terms = EIGHT | {"audience": {"segment_ids": [segment.pk]}}
    given = {"name": "老客八折", "starts_at": now - timedelta(hours=1), "terms": terms} | values
    promotion = promotions.draft_promotion(values=given, **who(now))
    return promotions.start_promotion(promotion=promotion, **who(now))


def leave(segment: Segment, customer: Customer, now: datetime) -> None:
    Customer.objects.filter(pk=customer.pk).update(level="")
    operations.refresh_segment(segment=segment, **who(now))


def paid(counter: Counter, customer: Customer | None) -> int:
    sale = counter.basket((counter.scarf, 1), customer=customer)
    return price(sale=sale, business_date=counter.now.date(), at=counter.now).paid_amount


def test_only_who_is_in_the_segment_pays_less_and_the_order_says_why(
    counter: Counter, silver: Customer
) -> None:
    promote(counter.now, segment_of(counter.now))
    assert paid(counter, silver) == 80_00
    assert paid(counter, counter.member()) == 100_00
    assert paid(counter, None) == 100_00
    order = counter.sell((counter.scarf, 1), payments=[("CASH", 80_00)], customer=silver)
    (line,) = order.lines.all()
    (step,) = line.adjustments.all()
    assert step.values["segment"] == "银卡客人"
    with translation.override("zh-hans"):
        assert steps_of([step], "CNY")[0]["text"] == "老客八折：8折（因为在客群“银卡客人”中）"


def test_what_customers_read_does_not_name_the_segment(counter: Counter, silver: Customer) -> None:
    segment = segment_of(counter.now, "快要流失")
    promotion = promote(counter.now, segment)
    order = counter.sell((counter.scarf, 1), payments=[("CASH", 80_00)], customer=silver)
    assert "快要流失" not in repr(receipt_of(order, now=counter.now))
    with translation.override("zh-hans"):
        assert promotion_sentence(promotion.terms) == "8折；客群：快要流失"
        assert promotion_sentence(promotion.terms, names_for([], for_customers=True)) == "8折；限部分顾客"
    terms = {"rule": {"kind": "CASH", "amount": 2000}, "audience": {"segment_ids": [segment.pk]}}
    kind = promotions.make_kind(
        values={"name": "二十元", "terms": terms, "valid_days": 30}, **who(counter.now)
    )
    promotions.issue_coupons(kind=kind, customer_ids=[silver.pk], **who(counter.now))
    assert "快要流失" in coupon_sentence(kind.terms)
    assert "快要流失" not in repr(card_of([silver.pk], now=counter.now))


def test_a_sale_priced_again_after_the_customer_left_costs_the_same(
    counter: Counter, silver: Customer
) -> None:
    segment = segment_of(counter.now)
    promote(counter.now, segment)
    order = counter.sell((counter.scarf, 2), payments=[("CASH", 160_00)], customer=silver)
    leave(segment, silver, counter.now)
    assert paid(counter, silver) == 100_00
    order = Order.objects.get(pk=order.pk)
    assert order.cart["segments"] == {str(segment.pk): "银卡客人"}
    again = price_cart(read_cart(json.loads(json.dumps(order.cart))))
    assert again.paid_amount == order.paid_amount == 160_00
    given = counter.give_back(order, ("l1", 1))
    assert given.refund_amount == 80_00


def test_a_coupon_for_a_segment_is_used_by_who_is_in_it_and_kept_by_who_is_not(
    counter: Counter, silver: Customer
) -> None:
    segment = segment_of(counter.now)
    terms = {"rule": {"kind": "CASH", "amount": 2000}, "audience": {"segment_ids": [segment.pk]}}
    kind = promotions.make_kind(
        values={"name": "二十元", "terms": terms, "valid_days": 30}, **who(counter.now)
    )
    other = counter.member()
    issued = promotions.issue_coupons(kind=kind, customer_ids=[silver.pk, other.pk], **who(counter.now))
    prices = {}
    for coupon in Coupon.objects.filter(pk__in=issued.coupon_ids).select_related("customer"):
        sale = counter.basket((counter.scarf, 1), customer=coupon.customer, coupon_ids=(coupon.pk,))
        basket = price(sale=sale, business_date=counter.now.date(), at=counter.now)
        prices[coupon.customer_id] = basket.paid_amount
        assert basket.engine is not None
        passed = {note.code for note in basket.engine.passed_over}
        assert passed == (set() if coupon.customer_id == silver.pk else {"other_segment"})
    assert prices == {silver.pk: 80_00, other.pk: 100_00}


def test_who_was_merged_into_the_buyer_counts(counter: Counter, silver: Customer) -> None:
    segment = segment_of(counter.now)
    promote(counter.now, segment)
    head = counter.member("头")
    merge_customers(kept=head, joined=silver, **who(counter.now))
    assert SegmentMember.objects.filter(segment=segment, customer=silver).exists()
    assert paid(counter, Customer.objects.get(pk=head.pk)) == 80_00


def test_a_price_asks_about_segments_once_and_only_where_an_offer_does(
    counter: Counter, silver: Customer
) -> None:
    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as caught:
            paid(counter, silver)
        return [query["sql"] for query in caught if "segments_" in query["sql"]]

    segment = segment_of(counter.now)
    paid(counter, silver)
    assert asked() == []
    promote(counter.now, segment)
    promote(counter.now, segment_of(counter.now, "又一个"), name="另一个")
    assert len(asked()) == 1


def test_the_till_without_a_line_prices_as_the_server(counter: Counter, silver: Customer) -> None:
    segment = segment_of(counter.now)
    promote(counter.now, segment)
    other = segment_of(counter.now, "没有活动的")
    for customer, segments in ((silver, {segment.pk: segment.name}), (counter.member(), {})):
        detail = till_members.detail_of(customer, counter.store, SYSTEM, counter.now)
        assert detail["segments"] == segments
        assert other.pk not in detail["segments"]
        lines = [{"key": "l1", "variant_id": counter.scarf.pk, "quantity": "1"}]
        basket = {"lines": lines, "customer_id": customer.pk}
        answer = json.loads(node("price.mjs", given=_given(counter, basket, detail)))
        assert answer["paid_amount"] == paid(counter, customer)


def test_a_segment_that_an_offer_asks_for_cannot_be_put_away(counter: Counter) -> None:
    segment = segment_of(counter.now)
    promotion = promote(counter.now, segment)
    with pytest.raises(StillInUse) as refused:
        operations.archive_segment(segment=segment, **who(counter.now))
    assert "老客八折" in str(refused.value)
    promotions.end_promotion(promotion=promotion, **who(counter.now))
    assert operations.archive_segment(segment=segment, **who(counter.now)).archived_at == counter.now


def test_offers_of_other_stores_hold_a_segment_without_their_name(cast: Cast, now: datetime) -> None:
    manager = cast.actor("manager")  # of the lake
    segment = operations.make_segment(values={"name": "银卡", "rules": SILVER}, **who(now, manager))
    terms = EIGHT | {"audience": {"segment_ids": [segment.pk], "store_ids": [cast.harbour.pk]}}
    promotions.draft_promotion(values={"name": "海港内部", "starts_at": now, "terms": terms}, **who(now))
    with pytest.raises(StillInUse) as refused:
        operations.archive_segment(segment=segment, **who(now, manager))
    assert "海港内部" not in str(refused.value)


def test_an_offer_names_only_segments_in_use_that_its_maker_sees(cast: Cast, now: datetime) -> None:
    owner, manager = cast.actor("owner"), cast.actor("region")
    mine = operations.make_segment(values={"name": "我的", "rules": SILVER}, **who(now, owner))
    terms = EIGHT | {"audience": {"segment_ids": [mine.pk], "store_ids": [cast.lake.pk]}}
    values = {"name": "八折", "starts_at": now, "terms": terms}
    with pytest.raises(promotions.SegmentUnknown):
        promotions.draft_promotion(values=values, **who(now, manager))
    drafted = promotions.draft_promotion(values=values, **who(now, owner))
    # What stands stays when somebody else changes something else.
    renamed = promotions.change_promotion(promotion=drafted, values={"name": "八折日"}, **who(now, manager))
    assert renamed.terms["audience"]["segment_ids"] == [mine.pk]
    promotions.end_promotion(
        promotion=promotions.start_promotion(promotion=drafted, **who(now, owner)), **who(now, owner)
    )
    operations.archive_segment(segment=mine, **who(now, owner))
    with pytest.raises(promotions.SegmentUnknown):
        promotions.copy_promotion(promotion=drafted, name="再来", **who(now, owner))


def test_the_form_offers_segments_keeps_what_stands_and_says_it(
    cast: Cast, now: datetime, signed_in: Any
) -> None:
    client = signed_in("owner")
    url = reverse("promotions:promotion-new") + "?kind=PERCENT_OFF"
    assert 'name="segments"' not in client.get(url).content.decode()
    segment = operations.make_segment(
        values={"name": "银卡客人", "rules": SILVER}, **who(now, cast.actor("owner"))
    )
    assert 'name="segments"' in client.get(url).content.decode()
    data = {
        "name": "八折",
        "starts_at": "2026-11-20T10:00",
        "pays_bp": "80",
        "exclusion": "NONE",
        "segments": str(segment.pk),
    }
    sentence = client.post(reverse("promotions:promotion-sentence", args=["PERCENT_OFF"]), data)
    assert "银卡客人" in sentence.content.decode()
    made = client.post(url, data)
    assert made.status_code == 303
    promotion = Promotion.objects.get()
    assert promotion.terms["audience"] == {"segment_ids": [segment.pk]}
    page = client.get(reverse("promotions:promotion-edit", args=[promotion.pk])).content.decode()
    assert f'value="{segment.pk}"' in page
    assert "银卡客人" in client.get(reverse("promotions:promotion", args=[promotion.pk])).content.decode()
    shown = client.get(reverse("segments:segment", args=[segment.pk])).content.decode()
    assert "八折" in shown


def test_segments_of_offers_over_http(cast: Cast, now: datetime, signed_in: Any) -> None:
    client = signed_in("owner")
    segment = operations.make_segment(
        values={"name": "银卡", "rules": SILVER}, **who(now, cast.actor("owner"))
    )

    def post(path: str, body: Any) -> Any:
        return client.post(f"/api/v1{path}", body, content_type="application/json")

    body = {"name": "八折", "starts_at": "2026-01-01T00:00:00+08:00"}
    refused = post("/promotions", body | {"terms": EIGHT | {"audience": {"segment_ids": [segment.pk + 1]}}})
    assert (refused.status_code, refused.json()["code"]) == (422, "promotion_segment_unknown")
    terms = EIGHT | {"audience": {"segment_ids": [segment.pk]}}
    made = post("/promotions", body | {"terms": terms})
    assert (made.status_code, made.json()["terms"]) == (201, terms)
    held = post(f"/segments/{segment.pk}/archive", {})
    assert (held.status_code, held.json()["code"]) == (409, "segment_still_in_use")
    assert "八折" in held.json()["detail"]
