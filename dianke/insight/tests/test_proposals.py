"""What is proposed to whom, in a shop whose answers can be counted by hand: bought together, due again, people like
them, and everything that holds a proposal back."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils.translation import override

from dianke.catalog.models import Category, Product
from dianke.core.actor import SYSTEM
from dianke.core.errors import NotAllowed
from dianke.customers.models import Consent, Customer
from dianke.customers.operations.merges import merge_customers, unmerge
from dianke.insight.models import DeclinedProposal, ProductPair, Proposal, SnapshotRun
from dianke.insight.operations.proposals import decline_proposal, leave_out_categories, propose_again
from dianke.insight.operations.runs import ask_refresh, carry_out
from dianke.insight.queries.proposals import proposals_for, proposals_for_many
from dianke.insight.rules.holding import forbids, words_of
from dianke.sales.tests.counter import Counter


def work_out(now: Any) -> SnapshotRun:
    return carry_out(ask_refresh(is_full=True, actor=SYSTEM, now=now), actor=SYSTEM, now=now)


def nothing_on(store_id: int | None) -> list[str]:
    """A merchant who keeps no stock."""
    return []


@pytest.fixture
def shop(counter: Counter, now, settings) -> SimpleNamespace:
    """Ring and chain go together (five of six times); creme is used up in thirty days; a wang has only a ring."""
    settings.DIANKE_MODULES = ""  # all there is
    names = {"ring": "戒指", "chain": "项链", "creme": "护手霜", "cloth": "擦银布"}
    goods = {key: counter.product(name, 100_00) for key, name in names.items()}
    for variant in goods.values():
        counter.shop.receive(variant, 100, 10)
    people = [counter.member(f"客人{n}") for n in range(6)]
    users = [counter.member(f"熟客{n}") for n in range(5)]
    shop = SimpleNamespace(counter=counter, now=now, people=people, users=users, **goods)

    def buys(customer: Any, *variants: Any, days_ago: int, **more: Any) -> Any:
        when = now - timedelta(days=days_ago)
        lines = [(variant, 1) for variant in variants]
        paid = [("CASH", 100_00 * len(lines))]
        return counter.sell(*lines, customer=customer, payments=paid, now=when, **more)

    shop.buys = buys
    for person in people[:5]:
        buys(person, shop.ring, shop.chain, days_ago=200)
    for person in users:
        for days_ago in (160, 130, 100):
            buys(person, shop.creme, days_ago=days_ago)
    buys(people[5], shop.cloth, days_ago=90)
    shop.wang = counter.member("王小明")
    buys(shop.wang, shop.ring, days_ago=40)
    return shop


def told(shop: Any, person: Any = None, *basket: Any, sight: Any = SYSTEM, **more: Any) -> list[tuple]:
    found = proposals_for(
        person,
        [variant.product_id for variant in basket],
        sight=sight,
        at=shop.now,
        **({"store": shop.counter.store} | more),
    )
    return [(one.name, one.kind.value) for one in found]


def reasons(shop: Any, person: Any = None, *basket: Any, **more: Any) -> list[str]:
    usual = {"store": shop.counter.store, "sight": SYSTEM, "at": shop.now} | more
    with override("zh-hans"):
        found = proposals_for(person, [variant.product_id for variant in basket], **usual)
        return [one.reason for one in found]


def test_what_goes_with_their_ring_is_proposed_with_the_count_that_says_so(shop):
    run = work_out(shop.now)
    assert told(shop, shop.wang) == [("项链", "TOGETHER")]
    assert reasons(shop, shop.wang) == ["常与“戒指”一起买（6 次中 5 次）"]
    assert (run.recommending["chosen"], run.recommending["tested"], run.recommending["returning"]) == (
        "",
        {},
        5,
    )
    pair = ProductPair.objects.get(product_id=shop.ring.product_id)
    assert (pair.then_id, pair.part_count, pair.all_count) == (shop.chain.product_id, 5, 6)


def test_what_is_used_up_is_due_by_their_own_interval(shop):
    one = shop.users[0]
    shop.buys(one, shop.creme, days_ago=25)
    work_out(shop.now)
    (found,) = proposals_for(one, store=shop.counter.store, sight=SYSTEM, at=shop.now)
    # Own intervals 30, 30, 75, everybody's median 30: (2 × 30 + 135) / 5 = 39 days after the last.
    assert (found.name, found.kind, found.due_on) == ("护手霜", "DUE", date(2026, 12, 5))
    assert reasons(shop, one) == ["10月27日 周二 买过，一般隔 39 天再买"]
    shop.buys(one, shop.creme, days_ago=0)
    assert told(shop, one) == []  # bought again: not due for a while


def test_who_has_not_come_for_a_whole_interval_is_not_reminded(shop):
    work_out(shop.now)
    assert not Proposal.objects.filter(product_id=shop.creme.product_id).exists()  # last bought 100 days ago


def test_a_basket_speaks_for_somebody_nobody_knows(shop):
    work_out(shop.now)
    assert told(shop, None, shop.ring) == [("项链", "TOGETHER")]
    assert told(shop, None, shop.ring, shop.chain) == []
    assert told(shop, None, shop.cloth) == []
    assert told(shop) == []


def test_who_bought_since_the_night_is_told_what_goes_with_that(shop):
    work_out(shop.now)
    newcomer = shop.counter.member("李小红")
    assert told(shop, newcomer) == []
    shop.buys(newcomer, shop.ring, days_ago=0)
    assert told(shop, newcomer) == [("项链", "TOGETHER")]


def test_what_they_own_or_gave_back_is_looked_at_as_it_stands_now(shop):
    work_out(shop.now)
    bought = shop.buys(shop.wang, shop.chain, days_ago=0)
    assert told(shop, shop.wang) == []
    shop.counter.give_back(bought)
    assert told(shop, shop.wang) == [("项链", "TOGETHER")]


def test_what_is_not_in_the_store_is_not_proposed_there(shop):
    work_out(shop.now)
    road = shop.counter.shop.road
    assert told(shop, shop.wang, store=road) == []
    assert told(shop, shop.wang, store=None) == [("项链", "TOGETHER")]
    shop.counter.sell((shop.chain, 95), payments=[("CASH", 9500_00)], now=shop.now)
    assert told(shop, shop.wang) == []


@pytest.mark.parametrize("state", ["ARCHIVED", "DRAFT"])
def test_what_is_not_sold_any_more_is_not_proposed(shop, state: str):
    work_out(shop.now)
    Product.objects.filter(pk=shop.chain.product_id).update(state=state)
    assert told(shop, shop.wang) == []


def test_a_service_needs_no_stock(shop):
    spa = shop.counter.product("首饰保养", 100_00, kind="SERVICE")
    for person in shop.users:
        shop.buys(person, shop.cloth, spa, days_ago=50)
    work_out(shop.now)
    assert told(shop, None, shop.cloth, store=shop.counter.shop.road) == [("首饰保养", "TOGETHER")]


def test_who_keeps_no_stock_is_proposed_what_is_on_sale(shop, settings):
    work_out(shop.now)
    settings.DIANKE_MODULES = "dianke.insight.tests.test_proposals.nothing_on"
    assert told(shop, shop.wang, store=shop.counter.shop.road) == [("项链", "TOGETHER")]


def test_what_their_details_forbid_is_not_proposed(shop):
    work_out(shop.now)
    Product.objects.filter(pk=shop.chain.product_id).update(custom={"avoid_for": "镍、孕妇"})
    assert told(shop, shop.wang) == [("项链", "TOGETHER")]
    wang = Customer.objects.get(pk=shop.wang.pk)
    wang.sensitive = {"allergies": "对镍过敏"}
    wang.save()
    assert told(shop, shop.wang) == [("项链", "TOGETHER")]  # not agreed to: not read
    Consent.objects.create(customer=wang, purpose="SENSITIVE", is_given=True, at=shop.now, how="STAFF")
    assert told(shop, shop.wang) == []
    assert told(shop, None, shop.ring) == [("项链", "TOGETHER")]
    assert told(shop, shop.wang, shop.ring) == []  # nor with a basket


def test_a_plain_detail_forbids_without_consent_to_sensitive_ones(shop):
    work_out(shop.now)
    Product.objects.filter(pk=shop.chain.product_id).update(custom={"avoid_for": "敏感性"})
    Customer.objects.filter(pk=shop.wang.pk).update(custom={"skin": "敏感性"})
    assert told(shop, shop.wang) == []


def test_words_to_avoid_are_found_in_any_writing():
    assert words_of("酒精、果酸, Nickel") == ("酒精", "果酸", "nickel")
    assert forbids(words_of("Nickel"), "对 ＮＩＣＫＥＬ 过敏")
    assert not forbids(words_of("酒精"), "")
    assert not forbids((), "对酒精过敏")


def test_what_they_declined_is_not_proposed_until_that_is_taken_back(shop, make_actor):
    work_out(shop.now)
    clerk = make_actor("CLERK", store_ids={shop.counter.store.pk})
    chain = Product.objects.get(pk=shop.chain.product_id)
    acts = {"customer": shop.wang, "product": chain, "now": shop.now}
    for _twice in range(2):
        decline_proposal(actor=clerk, **acts)
    assert DeclinedProposal.objects.get().by_id == clerk.user_id
    assert told(shop, shop.wang) == []
    propose_again(actor=clerk, **acts)
    assert told(shop, shop.wang) == [("项链", "TOGETHER")]
    with pytest.raises(NotAllowed):
        decline_proposal(actor=make_actor("ACCOUNTANT"), **acts)


def test_goods_of_a_category_left_out_are_proposed_to_nobody(shop, make_actor):
    work_out(shop.now)
    top = Category.objects.create(name="首饰")
    below = Category.objects.create(name="项链", parent=top, path=[top.pk])
    Product.objects.filter(pk=shop.chain.product_id).update(category=below)
    leave_out_categories(category_ids=[top.pk], actor=make_actor("MARKETER"), now=shop.now)
    assert told(shop, shop.wang) == []
    leave_out_categories(category_ids=[], actor=make_actor("MARKETER"), now=shop.now)
    assert told(shop, shop.wang) == [("项链", "TOGETHER")]
    with pytest.raises(NotAllowed):
        leave_out_categories(category_ids=[top.pk], actor=make_actor("CLERK"), now=shop.now)


def test_who_refused_personal_recommendations_gets_what_goes_with_the_basket(shop):
    work_out(shop.now)
    Consent.objects.create(customer=shop.wang, purpose="PROFILING", is_given=False, at=shop.now, how="STAFF")
    assert told(shop, shop.wang) == []
    assert told(shop, shop.wang, shop.ring) == [("项链", "TOGETHER")]


def test_what_is_sent_needs_a_yes_not_only_no_no(shop):
    work_out(shop.now)
    asked = {"store": shop.counter.store, "sight": SYSTEM, "at": shop.now, "is_agreed": True}
    assert proposals_for_many([shop.wang.pk], **asked) == {shop.wang.pk: []}
    Consent.objects.create(customer=shop.wang, purpose="PROFILING", is_given=True, at=shop.now, how="STAFF")
    assert [one.name for one in proposals_for_many([shop.wang.pk], **asked)[shop.wang.pk]] == ["项链"]


def test_merged_profiles_share_what_they_have_and_part_again(shop):
    other = shop.counter.member("小明")
    shop.buys(other, shop.chain, days_ago=10)
    work_out(shop.now)
    assert told(shop, shop.wang) == [("项链", "TOGETHER")]
    assert told(shop, other) == [("戒指", "TOGETHER")]
    merge = merge_customers(kept=shop.wang, joined=other, actor=SYSTEM, now=shop.now)
    assert told(shop, shop.wang) == []  # has both
    work_out(shop.now)
    unmerge(merge=merge, actor=SYSTEM, now=shop.now)
    assert told(shop, Customer.objects.get(pk=shop.wang.pk)) == [("项链", "TOGETHER")]
    assert told(shop, Customer.objects.get(pk=other.pk)) == [("戒指", "TOGETHER")]


def test_sight_ends_at_the_customers_and_orders_one_may_see(shop, make_actor):
    work_out(shop.now)
    here = make_actor("STORE_MANAGER", store_ids={shop.counter.store.pk})
    elsewhere = make_actor("STORE_MANAGER", store_ids={shop.counter.shop.road.pk})
    assert told(shop, shop.wang, sight=here) == [("项链", "TOGETHER")]
    assert told(shop, shop.wang, sight=elsewhere) == []
    assert told(shop, shop.wang, sight=make_actor("ACCOUNTANT")) == []
    Customer.objects.filter(pk=shop.wang.pk).update(store=shop.counter.shop.road)
    # The purchase was made where they may not look: it is not named.
    assert reasons(shop, shop.wang, sight=elsewhere, store=shop.counter.store) == ["适合搭配顾客买过的商品"]


def test_erased_customers_are_proposed_nothing(shop):
    work_out(shop.now)
    Customer.objects.filter(pk=shop.wang.pk).update(state="ERASED")
    assert told(shop, shop.wang) == []
    run = ask_refresh(is_full=True, actor=SYSTEM, now=shop.now)
    carry_out(run, actor=SYSTEM, now=shop.now, is_rebuilt=True)
    assert not Proposal.objects.filter(customer_id=shop.wang.pk).exists()


def test_people_who_buy_alike_speak_where_nothing_goes_together(shop):
    """Six bought ring, chain and pot on days of their own; who has ring and chain is told of the pot."""
    pot = shop.counter.product("茶壶", 100_00)
    shop.counter.shop.receive(pot, 50, 10)
    people = [shop.counter.member(f"茶客{n}") for n in range(6)]
    for n, person in enumerate(people):
        for days_ago, variant in ((60, shop.cloth), (50, pot)):
            shop.buys(person, variant, days_ago=days_ago + n)
    asked = shop.counter.member("孙一")
    shop.buys(asked, shop.cloth, days_ago=20)
    work_out(shop.now)
    assert told(shop, asked) == [("茶壶", "ALIKE")]
    assert reasons(shop, asked) == ["买得最像的 7 人中 6 人有"]


def test_the_number_of_statements_does_not_grow_with_people(shop, django_assert_max_num_queries):
    work_out(shop.now)
    asked = {"store": shop.counter.store, "sight": SYSTEM, "at": shop.now}
    heads = [person.pk for person in [shop.wang, *shop.people]]
    for some in (heads[:1], heads):
        with django_assert_max_num_queries(9):
            proposals_for_many(some, **asked)


def test_a_night_writes_only_what_changed_and_takes_away_what_is_gone(shop):
    work_out(shop.now)
    before = list(Proposal.objects.order_by("pk").values_list("pk", "place"))
    work_out(shop.now)
    assert list(Proposal.objects.order_by("pk").values_list("pk", "place")) == before
    Product.objects.filter(pk=shop.chain.product_id).update(state="ARCHIVED")
    work_out(shop.now)
    assert not Proposal.objects.filter(product_id=shop.chain.product_id).exists()
