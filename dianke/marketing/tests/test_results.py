"""What a campaign came to, from real sales, returns and coupons."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from dianke.core.actor import SYSTEM
from dianke.customers.operations.merges import merge_customers
from dianke.marketing.models import Campaign, Member
from dianke.marketing.operations import VariantPlan
from dianke.marketing.queries.links import link_token, member_of_link, tracked_link
from dianke.marketing.queries.monitor import monitor_of
from dianke.marketing.queries.results import bought_by, members_behind, orders_of, result_of, results_of
from dianke.marketing.tests.desk import Desk, make_desk, member
from dianke.marketing.views.listings import CampaignOrderListing
from dianke.promotions.models import Coupon
from dianke.sales.tests.counter import Counter, make_counter


@pytest.fixture
def counter(db: None, now: datetime) -> Counter:
    return make_counter(now)


@pytest.fixture
def desk(counter: Counter, now: datetime) -> Desk:
    return make_desk(now, SimpleNamespace(lake=counter.store, actor=lambda name: SYSTEM))


@pytest.fixture
def campaign(desk: Desk) -> Campaign:
    """Ten people, some of them kept back, everybody's turn has come."""
    desk.people(10)
    campaign = desk.scheduled(control_bp=4000, link_url="https://example.com/tea")
    desk.run()
    desk.send()
    return campaign


def of(campaign: Campaign, arm: str) -> list[Any]:
    rows = campaign.members.filter(arm=arm).select_related("customer").order_by("pk")
    return [row.customer for row in rows]


def buy(counter: Counter, who: Any, quantity: int = 1, *, days: float = 1, **more: Any) -> Any:
    return counter.sell(
        (counter.scarf, quantity),
        payments=[("CASH", quantity * 10_000)],
        customer=who,
        now=counter.now + timedelta(days=days),
        **more,
    )


def test_sales_within_the_window_count_for_both_groups(counter: Counter, campaign: Campaign) -> None:
    written, kept = of(campaign, "TREATED"), of(campaign, "CONTROL")
    buy(counter, written[0])
    buy(counter, written[0], 2, days=13.9)
    buy(counter, written[1], days=14.1)
    buy(counter, kept[0])
    result = result_of(campaign).result
    assert (result.treated.people, result.treated.converted, result.treated.orders) == (len(written), 1, 2)
    assert (result.treated.sales_amount, result.treated.sales_square) == (30_000, 30_000**2)
    # net of tax (13 %) and of what the scarves cost (40.00 each)
    assert result.treated.margin_amount == 30_000 - round(30_000 * 13 / 113) - 12_000
    assert result.control is not None
    assert (result.control.people, result.control.sales_amount) == (len(kept), 10_000)
    bought = [member(campaign, who).pk for who in (written[0], kept[0])]
    assert sorted(members_behind(campaign, "converted")) == sorted(bought)
    assert len(members_behind(campaign, "people")) == 10
    assert bought_by(campaign, [written[0].pk]) == {written[0].pk: (2, 30_000)}
    assert len(orders_of(campaign)) == 3
    treated = orders_of(campaign, arm="TREATED", letter="A")
    assert sum(each.net_amount for each in treated.values()) == result.treated.sales_amount
    assert [each.net_amount for each in orders_of(campaign, arm="CONTROL").values()] == [10_000]


def test_the_orders_behind_the_sales_add_up_to_them(counter: Counter, campaign: Campaign) -> None:
    written, kept = of(campaign, "TREATED"), of(campaign, "CONTROL")
    order = buy(counter, written[0], 2)
    buy(counter, written[1])
    buy(counter, kept[0])
    buy(counter, written[1], days=15)
    counter.give_back(order, ("l1", 1), now=counter.now + timedelta(days=20))
    treated = result_of(campaign).result.treated
    for query, count, total in (
        ("&arm=TREATED", treated.orders, treated.sales_amount),
        ("&arm=TREATED&variant=0", 2, 20_000),
        ("&variant=1", 0, None),
        ("&arm=CONTROL", 1, 10_000),
        ("", 3, 30_000),
    ):
        listing = CampaignOrderListing(SYSTEM, counter.now)
        found = listing.result(listing.state(QueryDict(f"campaign={campaign.pk}{query}")))
        assert found.count == count, query
        assert found.totals.get("net") == (None if total is None else Decimal(total) / 100), query
    nothing = CampaignOrderListing(SYSTEM, counter.now)
    assert nothing.result(nothing.state(QueryDict(""))).count == 0


def test_a_return_after_the_window_still_takes_from_it(counter: Counter, campaign: Campaign) -> None:
    who = of(campaign, "TREATED")[0]
    order = buy(counter, who, 2)
    counter.give_back(order, ("l1", 1), now=counter.now + timedelta(days=20))
    assert result_of(campaign).result.treated.sales_amount == 10_000
    counter.give_back(order, ("l1", 1), now=counter.now + timedelta(days=40))
    treated = result_of(campaign).result.treated
    assert (treated.came, treated.converted, treated.sales_amount, treated.margin_amount) == (1, 0, 0, 0)


def test_messages_and_coupons_cost_what_they_cost(counter: Counter, campaign: Campaign) -> None:
    who = of(campaign, "TREATED")[0]
    coupon = Coupon.objects.get(customer=who)
    counter.sell(
        (counter.scarf, 1),
        payments=[("CASH", 8_000)],
        customer=who,
        coupon_ids=(coupon.pk,),
        now=counter.now + timedelta(days=1),
    )
    treated = result_of(campaign).result.treated
    count = len(of(campaign, "TREATED"))
    parts = treated.message_amount // 5
    assert parts >= count
    assert (treated.reached, treated.redeemed, treated.coupon_amount) == (count, 1, 2_000)
    assert treated.sales_amount == 8_000


def test_a_merge_counts_once_and_across_groups_not_at_all(counter: Counter, campaign: Campaign) -> None:
    written, kept = of(campaign, "TREATED"), of(campaign, "CONTROL")
    buy(counter, written[0])
    buy(counter, written[1])
    assert len(members_behind(campaign, "converted")) == 2
    merge_customers(kept=written[0], joined=written[1], actor=SYSTEM, now=counter.now + timedelta(days=2))
    treated = result_of(campaign).result.treated
    assert (treated.people, treated.converted, treated.sales_amount) == (len(written) - 1, 1, 20_000)
    assert len(members_behind(campaign, "converted")) == 1
    merge_customers(kept=kept[0], joined=written[0], actor=SYSTEM, now=counter.now + timedelta(days=3))
    result = result_of(campaign).result
    assert result.control is not None
    assert (result.treated.people, result.control.people) == (len(written) - 2, len(kept) - 1)
    assert result.treated.sales_amount == result.control.sales_amount == 0


def test_many_results_are_those_of_each_for_the_price_of_one(
    desk: Desk, counter: Counter, campaign: Campaign
) -> None:
    other = desk.scheduled(name="冬茶", window_days=30, rest_days=0)
    desk.run()
    desk.send()
    buy(counter, of(campaign, "TREATED")[0], days=20)
    buy(counter, of(campaign, "CONTROL")[0])
    with CaptureQueriesContext(connection) as one:
        alone = result_of(other)
    with CaptureQueriesContext(connection) as both:
        found = results_of([campaign, other])
    assert len(both) == len(one) == 4
    assert found == {campaign.pk: result_of(campaign), other.pk: alone}
    assert found[other.pk].result.treated.orders == 2
    assert found[campaign.pk].result.treated.orders == 0


def test_a_link_counts_its_member_and_nobody_who_refused(desk: Desk, client: Any) -> None:
    followed = desk.person()
    refused = desk.person(consents={("MARKETING", "SMS"): True, ("PROFILING", "ANY"): False})
    template = desk.template("新茶：{{ link }}")
    campaign = desk.scheduled(
        link_url="https://example.com/tea", variants=[VariantPlan(1, None, {"SMS": template.pk})]
    )
    desk.run()
    desk.send()
    texts = {item.customer_id: item.text for item in desk.carrier.got}
    row = member(campaign, followed)
    assert tracked_link(row.pk) in texts[followed.pk]
    assert "https://example.com/tea" in texts[refused.pk]
    for _again in range(2):
        answer = client.get(f"/l/{link_token(row.pk)}")
        assert (answer.status_code, answer["Location"]) == (302, "https://example.com/tea")
    client.head(f"/l/{link_token(row.pk)}")
    row.refresh_from_db()
    assert row.click.count == 2
    assert monitor_of(campaign).clicked == 1


@pytest.mark.parametrize("token", ["", "1", "1aaaaaaaaaa", "-1aaaaaaaaaa", "漢aaaaaaaaaa", "z" * 28])
def test_links_that_are_not_ours_lead_nowhere(db: None, client: Any, token: str) -> None:
    assert member_of_link(token) is None
    if token:
        assert client.get(f"/l/{token}").status_code == 404


def test_the_monitor_tells_where_everybody_is(desk: Desk) -> None:
    desk.people(3)
    desk.person(consents={("MARKETING", "SMS"): False})
    campaign = desk.scheduled()
    desk.run()
    before = monitor_of(campaign)
    assert (before.people, before.handed, before.left, before.waiting, before.sent) == (4, 3, 1, 3, 0)
    desk.send()
    after = monitor_of(campaign)
    assert (after.waiting, after.sent) == (0, 3)
    assert after.reasons == {"said_no": 1}
    assert Member.objects.count() == 4
