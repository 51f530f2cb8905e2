"""A member level that is paid for: sold as a line, held for its days, given back while it was not used."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from dianke.core.actor import SYSTEM
from dianke.core.errors import NotAllowed
from dianke.inventory.tests.floor_staff import hiring
from dianke.loyalty import operations as loyalty
from dianke.loyalty.models import LevelChange, LevelGrant
from dianke.loyalty.operations.granting import LevelNotForSale
from dianke.loyalty.queries.paid_levels import LevelFollowed, LevelUsed
from dianke.loyalty.queries.standing import cluster_of, standing_of
from dianke.sales.operations.joining import CustomerMissing, OfferUnknown
from dianke.sales.operations.ordering import PrepaidNeedsSale
from dianke.sales.queries import verify
from dianke.sales.queries.basket import Item
from dianke.sales.queries.pricing import LineWrong
from dianke.sales.queries.returning import preview_return
from dianke.sales.tests.counter import Counter, books, make_counter
from dianke.sales.views.orders_effects import groups_of


@pytest.fixture
def counter(db: None, now) -> Counter:
    made = make_counter(now)
    made.programme()
    return made


@pytest.fixture
def black(counter: Counter):
    """365.00 for 30 days, everything at 80 %."""
    values = {"code": "black", "name": "黑卡", "price_amount": 365_00, "paid_days": 30, "discount_bp": 2_000}
    return loyalty.add_level(values=values, actor=SYSTEM, now=counter.now)


def line(level, amount: int = 365_00, **more) -> Item:
    return Item("level", kind="LEVEL", name=level.name, amount=amount, data={"level_id": level.pk}, **more)


def tier(counter: Counter, customer, days: int = 0) -> str:
    at = counter.now + timedelta(days=days)
    return standing_of(cluster_of(customer.pk), at=at, with_progress=False).tier_name


def test_a_level_is_sold_like_goods_and_holds_at_once(counter: Counter, black):
    wang = counter.member()
    order = counter.sell(line(black), payments=[("CASH", 365_00)], customer=wang)
    assert books() == {"cash stores.store": 365_00, "revenue": 365_00}
    grant = LevelGrant.objects.get()
    assert (grant.kind, grant.reference) == ("PAID", f"{order.key}/line:1")
    assert (grant.to_date - grant.from_date).days == 29
    assert tier(counter, wang) == "黑卡"
    assert list(LevelChange.objects.values_list("after__name", "why")) == [("黑卡", "PAID")]
    # it earns no points itself, and the same sale sent again sells it once
    assert order.earned_points == 0
    scarf = counter.sell((counter.scarf, 1), payments=[("CASH", 80_00)], customer=wang)
    assert scarf.total_amount == 80_00
    assert verify() == []


def test_with_goods_in_one_sale_the_level_counts_from_the_next_on(counter: Counter, black):
    wang = counter.member()
    both = [(counter.scarf, 1), line(black)]
    order = counter.sell(*both, payments=[("CASH", 465_00)], customer=wang)
    assert [each.paid_amount for each in order.lines.all()] == [100_00, 365_00]
    assert order.earned_points == 100
    # nothing else was bought since: the level goes back alone, the scarf stays
    counter.give_back(order, ("level", 1))
    assert (tier(counter, wang), order.lines.get(key="l1").kept_quantity) == ("普通会员", Decimal(1))
    assert verify() == []


def test_giving_it_back_ends_it_and_the_preview_says_so(counter: Counter, black):
    wang = counter.member()
    order = counter.sell(line(black), payments=[("CASH", 365_00)], customer=wang)
    found = preview_return(order, counter.items(order), now=counter.now)
    (told,) = found.effects["levels"]
    assert (told["name"], told["after"], found.refund) == ("黑卡", "普通会员", 365_00)
    (group,) = [group for group in groups_of(found.effects, "CNY") if group.icon == "vip"]
    assert [row.label for row in group.rows] == ["黑卡"]
    assert tier(counter, wang) == "黑卡"
    counter.give_back(order)
    assert (tier(counter, wang), books()) == ("普通会员", {})
    assert LevelChange.objects.latest("pk").why == "RETURNED"
    assert verify() == []


def test_a_level_that_was_used_stays_until_its_purchase_is_returned(counter: Counter, black):
    wang = counter.member()
    order = counter.sell(line(black), payments=[("CASH", 365_00)], customer=wang)
    scarf = counter.sell((counter.scarf, 1), payments=[("CASH", 80_00)], customer=wang)
    with pytest.raises(LevelUsed, match="黑卡"):
        preview_return(order, counter.items(order), now=counter.now)
    with pytest.raises(LevelUsed):
        counter.give_back(order)
    assert tier(counter, wang) == "黑卡"
    counter.give_back(scarf)
    counter.give_back(order)
    assert (tier(counter, wang), books()) == ("普通会员", {})


def test_time_bought_twice_is_given_back_from_the_end(counter: Counter, black):
    wang = counter.member()
    first, second = (
        counter.sell(line(black), payments=[("CASH", 365_00)], customer=wang) for _each in range(2)
    )
    assert [tier(counter, wang, days=days) for days in (29, 30, 59, 60)] == ["黑卡"] * 3 + ["普通会员"]
    with pytest.raises(LevelFollowed):
        preview_return(first, counter.items(first), now=counter.now)
    counter.give_back(second)
    assert [tier(counter, wang, days=days) for days in (29, 30)] == ["黑卡", "普通会员"]
    counter.give_back(first)
    assert tier(counter, wang) == "普通会员"


def test_a_level_needs_a_customer_its_price_and_a_whole_sale(counter: Counter, black, make_actor):
    wang = counter.member()
    with pytest.raises(CustomerMissing):
        counter.sell(line(black), payments=[("CASH", 365_00)])
    with pytest.raises(OfferUnknown):
        counter.sell(
            Item("level", kind="LEVEL", name="?", amount=1_00, data={"level_id": 10**9}),
            payments=[("CASH", 1_00)],
            customer=wang,
        )
    with pytest.raises(LineWrong):
        counter.sell(line(black, quantity=Decimal(2)), payments=[("CASH", 365_00)], customer=wang)
    with pytest.raises(PrepaidNeedsSale):
        counter.order(line(black), customer=wang)
    cheaper = {"payments": [("CASH", 1_00)], "customer": wang}
    with pytest.raises(NotAllowed):
        counter.sell(line(black, 1_00), actor=make_actor("CLERK"), **cheaper)
    free = loyalty.add_level(values={"code": "gift", "name": "赠"}, actor=SYSTEM, now=counter.now)
    with pytest.raises(LevelNotForSale):
        counter.sell(line(free, 1_00), **cheaper)
    assert LevelGrant.objects.count() == 0


def test_it_is_sold_from_the_page_of_the_customer(counter: Counter, black):
    wang = counter.member()
    client = hiring(counter.shop, counter.now)("clerk", "CLERK", counter.store)
    url = f"/orders/levels/{wang.pk}/"
    assert "黑卡 · ¥365.00" in client.get(url).content.decode()
    values = {"level": black.pk, "store": counter.store.pk, "tender": "CASH", "key": str(uuid4())}
    assert client.post(url, values).status_code == 303
    assert client.post(url, values).status_code == 303
    wang.refresh_from_db()
    assert (LevelGrant.objects.count(), wang.level) == (1, "黑卡")
    assert url in client.get(f"/customers/{wang.pk}/dealings/").content.decode()


def test_who_may_not_sell_sells_no_level(counter: Counter, black):
    client = hiring(counter.shop, counter.now)("analyst", "ACCOUNTANT", counter.store)
    assert client.get(f"/orders/levels/{counter.member().pk}/").status_code == 403
