"""Levels of members as they live: up with a purchase, down with time, given, sold, through merges and back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dianke.core.actor import SYSTEM
from dianke.customers.models import Customer
from dianke.customers.operations.merges import merge_customers, unmerge
from dianke.events.operations import operation, record
from dianke.events.testing import deliver_events
from dianke.loyalty import operations as loyalty
from dianke.loyalty import tasks
from dianke.loyalty.models import LevelChange, Membership
from dianke.loyalty.operations.granting import LevelDayPast, LevelReasonMissing
from dianke.loyalty.operations.programme import LevelInUse, LevelTaken
from dianke.loyalty.tests.shop import Shop


def history(customer: Customer) -> list[tuple[str, str]]:
    rows = LevelChange.objects.filter(customer=customer).order_by("pk").select_related("after")
    return [(row.after.code if row.after else "", row.why) for row in rows]


def test_a_purchase_lifts_and_its_return_lowers(shop: Shop):
    shop.open()
    wang = shop.customer()
    shop.sell(wang, 400_00)
    tasks.follow_sales(shop.now)
    assert shop.tier(wang) == "regular"
    ahead = shop.standing(wang).next_tier
    assert (ahead.level.code, ahead.missing[0].missing) == ("vip", 600_00)
    sale = shop.sell(wang, 600_00)
    assert tasks.follow_sales(shop.now) == 1
    assert shop.tier(wang) == "vip"
    assert Customer.objects.get(pk=wang.pk).level == "贵宾会员"
    shop.sell(wang, 100_00)
    assert shop.plan.earned == 120
    tasks.follow_sales(shop.now)
    preview = shop.preview(sale, _1=400_00)
    assert (preview.tier_before, preview.tier_after) == ("贵宾会员", "普通会员")
    shop.take_back(sale, _1=400_00)
    tasks.follow_sales(shop.now)
    assert shop.tier(wang) == "regular"
    assert history(wang) == [("regular", "JOINED"), ("vip", "REACHED"), ("regular", "RETURNED")]


def test_a_return_may_leave_the_level_through_the_period(shop: Shop):
    shop.open(window="CALENDAR_YEAR", keeps_after_refund=True, grace_days=0, downgrade="RECOMPUTED")
    wang = shop.customer()
    sale = shop.sell(wang, 1000_00)
    tasks.follow_sales(shop.now)
    shop.take_back(sale, _1=0)
    tasks.follow_sales(shop.now)
    assert shop.tier(wang) == "vip"
    shop.wait(days=40)  # 31 December
    tasks.review_all(shop.now)
    assert shop.tier(wang) == "vip"
    shop.wait(days=1)
    tasks.review_all(shop.now)
    assert shop.tier(wang) == "regular"


def test_the_rolling_window_lowers_a_level_after_the_days_of_grace(shop: Shop):
    shop.open(window_days=100, grace_days=10)
    wang = shop.customer()
    shop.sell(wang, 5000_00)
    tasks.follow_sales(shop.now)
    assert shop.tier(wang) == "diamond"
    for days, tier in (
        (99, "diamond"),
        (1, "diamond"),
        (9, "diamond"),
        (1, "vip"),
        (99, "vip"),
        (2, "regular"),
    ):
        shop.wait(days=days)
        tasks.review_all(shop.now)
        assert shop.tier(wang) == tier, days
    assert [why for _level, why in history(wang)] == ["REACHED", "LOWERED", "LOWERED"]


def test_the_programmes_midnight_ends_a_level_given_by_hand(shop: Shop):
    shop.open()
    wang = shop.customer()
    today = shop.programme and shop.standing(wang).context.terms.day_of(shop.now)
    with pytest.raises(LevelReasonMissing):
        loyalty.grant_level(customer=wang, level=shop.level("vip"), reason=" ", actor=SYSTEM, now=shop.now)
    with pytest.raises(LevelDayPast):
        loyalty.grant_level(
            customer=wang,
            level=shop.level("vip"),
            reason="老客",
            to_date=today - timedelta(days=1),
            actor=SYSTEM,
            now=shop.now,
        )
    loyalty.grant_level(
        customer=wang, level=shop.level("vip"), reason="老客", to_date=today, actor=SYSTEM, now=shop.now
    )
    assert shop.tier(wang) == "vip"
    shop.now = shop.now.replace(hour=15, minute=59)
    assert shop.tier(wang) == "vip"
    shop.now = shop.now.replace(hour=16, minute=0)  # midnight in Shanghai
    assert shop.tier(wang) == "regular"
    tasks.review_all(shop.now)
    assert history(wang) == [("vip", "GIVEN"), ("regular", "ENDED")]
    assert Customer.objects.get(pk=wang.pk).level == "普通会员"


@operation(None)
def buy_level(*, customer, level, reference, actor, now):
    record("sales.order_completed", reference, actor=actor, now=now)
    return loyalty.sell_level(customer=customer, level=level, reference=reference, actor=actor, now=now)


def test_a_paid_level_holds_for_its_days_and_the_next_follows_on(shop: Shop):
    shop.open()
    black = loyalty.add_level(
        values={"code": "black", "name": "黑卡", "price_amount": 365_00, "paid_days": 30},
        actor=SYSTEM,
        now=shop.now,
    )
    wang = shop.customer()
    first = buy_level(customer=wang, level=black, reference="sales.order:1/level", actor=SYSTEM, now=shop.now)
    again = buy_level(customer=wang, level=black, reference="sales.order:1/level", actor=SYSTEM, now=shop.now)
    second = buy_level(
        customer=wang, level=black, reference="sales.order:2/level", actor=SYSTEM, now=shop.now
    )
    assert first.pk == again.pk
    assert second.from_date == first.to_date + timedelta(days=1)
    assert shop.tier(wang) == "black"
    shop.wait(days=59)
    assert shop.tier(wang) == "black"
    shop.wait(days=1)
    assert shop.tier(wang) == "regular"


def test_merged_customers_have_the_level_of_what_they_bought_together_and_part_again(shop: Shop):
    shop.open()
    wang, other = shop.customer("王小明"), shop.customer("王小名")
    shop.sell(wang, 600_00)
    shop.sell(other, 500_00)
    tasks.follow_sales(shop.now)
    deliver_events(now=shop.now)
    assert [shop.tier(each) for each in (wang, other)] == ["regular", "regular"]
    shop.wait(days=1)
    merge_customers(kept=wang, joined=other, actor=SYSTEM, now=shop.now)
    _told("customers.customers_merged", wang.pk, other.pk, now=shop.now)
    assert [shop.tier(each) for each in (wang, other)] == ["vip", "vip"]
    assert shop.points(wang) == shop.points(other) == 1100
    # Spending takes from both, and each gets back what was theirs.
    sale = shop.sell(wang, 10_00, redeemed=800)
    shop.take_back(sale, _1=0)
    shop.wait(days=1)
    merge = other.__class__.objects.get(pk=other.pk) and _merge_of(other)
    unmerge(merge=merge, actor=SYSTEM, now=shop.now)
    _told("customers.customers_separated", other.pk, wang.pk, now=shop.now)
    assert [shop.tier(each) for each in (wang, other)] == ["regular", "regular"]
    assert [shop.points(each) for each in (wang, other)] == [600, 500]
    assert history(wang)[-2:] == [("vip", "MERGED"), ("regular", "SEPARATED")]


def _merge_of(joined: Customer):
    from dianke.customers.models import Merge

    return Merge.objects.get(joined=joined, undone_at=None)


def _told(kind: str, *pks: int, now) -> None:
    from dianke.events.models import Event

    event = Event.objects.filter(kind=kind, subjects__contains=[f"customers.customer:{pks[0]}"]).latest("pk")
    tasks.follow_merge(event, now=now)


def test_levels_are_unique_and_one_in_use_is_not_put_away(shop: Shop):
    shop.open()
    for values in ({"code": "vip", "name": "新"}, {"code": "new", "name": "贵宾会员"}):
        with pytest.raises(LevelTaken):
            loyalty.add_level(values=values, actor=SYSTEM, now=shop.now)
    wang = shop.customer()
    shop.sell(wang, 1000_00)
    tasks.follow_sales(shop.now)
    with pytest.raises(LevelInUse):
        loyalty.archive_level(level=shop.level("vip"), actor=SYSTEM, now=shop.now)
    assert (
        loyalty.archive_level(level=shop.level("diamond"), actor=SYSTEM, now=shop.now).archived_at == shop.now
    )


def test_looking_at_members_takes_a_fixed_number_of_statements(shop: Shop, django_assert_max_num_queries):
    shop.open()
    for number in range(12):
        shop.sell(shop.customer(f"顾客{number}"), 2000_00)
    tasks.follow_sales(shop.now)
    shop.wait(days=400)
    with django_assert_max_num_queries(22):
        assert loyalty_review(shop) == (0, 0)
    shop.wait(days=40)
    with django_assert_max_num_queries(22):
        assert loyalty_review(shop) == (12, 0)
    assert set(Membership.objects.values_list("level__code", flat=True)) == {"regular"}


def loyalty_review(shop: Shop):
    from dianke.loyalty.operations.levels import review_members

    return review_members(actor=SYSTEM, now=shop.now)
