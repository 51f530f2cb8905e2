"""Stories of members, with every balance after every step. The tables are those of docs/algorithms/loyalty.md."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from uuid import uuid4

import pytest

from dianke.core.actor import SYSTEM
from dianke.loyalty import operations as loyalty
from dianke.loyalty import tasks
from dianke.loyalty.models import MemberReturn, MemberSale
from dianke.loyalty.operations import PointsNotUsable, PointsSpent, PointsTooFew, SaleLine
from dianke.loyalty.tests.shop import Shop


def test_a_sale_earns_a_point_for_each_yuan_and_the_halves_are_not_lost(shop: Shop):
    shop.open()
    wang = shop.customer()
    shop.sell(wang, 10_50, 20_50, 99)
    assert shop.plan.earned == 31
    assert sum(shop.plan.earned_by_line.values()) == 31
    assert shop.points(wang) == 31
    assert shop.books() == {"issued": 31, "customer": 31}


def test_points_pay_and_come_back_with_the_goods(shop: Shop):
    shop.open()
    wang = shop.customer()
    shop.sell(wang, 300_00)
    assert shop.points(wang) == 300
    sale = shop.sell(wang, 60_00, 40_00, redeemed=200)
    assert (shop.plan.earned, shop.points(wang)) == (100, 200)
    assert shop.books() == {"issued": 400, "customer": 200, "redeemed": 200}
    preview = shop.preview(sale, _1=0)
    assert (preview.clawed_back, preview.given_back, preview.short) == (60, 120, 0)
    plan = shop.take_back(sale, _1=0)
    assert (plan.clawed_back, plan.given_back) == (60, 120)
    assert shop.points(wang) == preview.points_after == 260
    plan = shop.take_back(sale, _2=0)
    assert (plan.clawed_back, plan.given_back) == (40, 80)
    assert shop.points(wang) == 300
    assert shop.books() == {"issued": 300, "customer": 300}
    assert MemberSale.objects.get(reference=sale).is_returned


@pytest.mark.parametrize("parts", [[50_00], [49_99, 1], [33_33, 16_66, 1], [1, 49_98, 1], [10_00] * 5])
def test_parts_of_a_return_equal_the_whole(shop: Shop, parts: list[int]):
    shop.open()
    wang = shop.customer()
    shop.give(wang, 37)
    sale = shop.sell(wang, 50_00, 30_33, redeemed=37)
    left = 50_00
    for part in parts:
        left -= part
        shop.take_back(sale, _1=left)
    assert shop.books() == {"issued": 37 + 30, "customer": 30 + 23, "redeemed": 14}
    shop.take_back(sale, _2=0)
    assert shop.books() == {"issued": 37, "customer": 37}


def test_extra_points_are_asked_for_again_from_what_remains(shop: Shop):
    shop.open()
    loyalty.add_rule(
        values={"name": "满500送50", "kind": "BONUS", "points": 50, "per_amount": 500_00},
        actor=SYSTEM,
        now=shop.now,
    )
    wang = shop.customer()
    sale = shop.sell(wang, 400_00, 150_00)
    assert (shop.plan.earned, shop.plan.bonus) == (600, 50)
    assert shop.take_back(sale, _2=100_00).clawed_back == 50
    assert shop.books() == {"issued": 550, "customer": 550}
    assert shop.take_back(sale, _2=99_00).clawed_back == 1 + 50
    assert shop.take_back(sale, _1=0, _2=0).clawed_back == 499
    assert shop.books() == {}


def test_pending_points_become_spendable_at_the_programmes_midnight(shop: Shop):
    shop.open(pending_days=7, expiry="MONTHS", expiry_count=12)
    wang = shop.customer()
    shop.sell(wang, 88_00)
    assert (shop.points(wang), shop.pending(wang)) == (0, 88)
    assert shop.books() == {"issued": 88, "pending": 88}
    shop.now = datetime.fromisoformat("2026-11-27T23:59:00+08:00")
    assert tasks.release_all(shop.now) == 0
    shop.now = datetime.fromisoformat("2026-11-28T00:00:00+08:00")
    assert tasks.release_all(shop.now) == 1
    assert tasks.release_all(shop.now) == 0
    assert (shop.points(wang), shop.pending(wang)) == (88, 0)
    assert shop.books() == {"issued": 88, "customer": 88}
    (lot,) = shop.standing(wang).context.lots
    assert lot.expires_at == datetime.fromisoformat("2027-11-22T00:00:00+08:00")


def test_a_return_takes_pending_points_of_its_own_sale_and_no_others(shop: Shop):
    shop.open(pending_days=7)
    wang = shop.customer()
    first, second = shop.sell(wang, 100_00), shop.sell(wang, 50_00)
    shop.take_back(first, _1=40_00)
    assert shop.pending(wang) == 90
    shop.wait(days=8)
    tasks.release_all(shop.now)
    assert shop.books() == {"issued": 90, "customer": 90}
    lots = {lot.source: lot.remaining for lot in shop.standing(wang).context.lots}
    assert lots == {first: 40, second: 50}
    shop.take_back(first, _1=0)
    assert shop.books() == {"issued": 50, "customer": 50}


def test_points_expire_after_notice_given_once(shop: Shop):
    shop.open(expiry="END_OF_YEAR", expiry_count=0, notice_days=30)
    wang = shop.customer()
    shop.sell(wang, 70_00)
    assert tasks.announce_all(shop.now) == 0
    shop.wait(days=20)
    assert [tasks.announce_all(shop.now), tasks.announce_all(shop.now)] == [1, 0]
    shop.now = datetime.fromisoformat("2026-12-31T23:59:59+08:00")
    assert shop.points(wang) == 70
    shop.now = datetime.fromisoformat("2027-01-01T00:00:00+08:00")
    assert shop.points(wang) == 0  # before the job too
    with pytest.raises(PointsTooFew):
        shop.sell(wang, 10_00, redeemed=1)
    assert tasks.expire_all(shop.now) == 1
    assert shop.books() == {"issued": 70, "expired": 70}


def test_what_expired_unused_is_asked_of_nobody(shop: Shop):
    shop.open(expiry="END_OF_YEAR", expiry_count=0)
    wang = shop.customer()
    sale = shop.sell(wang, 70_00)
    shop.now = datetime.fromisoformat("2027-01-02T12:00:00+08:00")
    tasks.expire_all(shop.now)
    shop.sell(wang, 30_00)
    plan = shop.take_back(sale, _1=35_00)
    assert (plan.clawed_back, plan.preview.lapsed, plan.short) == (35, 35, 0)
    assert shop.books() == {"issued": 65, "expired": 35, "customer": 30}
    shop.take_back(sale, _1=0)
    assert shop.books() == {"issued": 30, "customer": 30}


def test_points_that_expired_meanwhile_come_back_for_days_of_grace(shop: Shop):
    shop.open(expiry="END_OF_YEAR", expiry_count=0, return_grace_days=10)
    wang = shop.customer()
    shop.sell(wang, 70_00)
    sale = shop.sell(wang, SaleLine("1", 20_00, earns=False), redeemed=60)
    shop.now = datetime.fromisoformat("2027-01-05T12:00:00+08:00")
    tasks.expire_all(shop.now)
    assert shop.books() == {"issued": 70, "redeemed": 60, "expired": 10}
    preview = shop.preview(sale, _1=0)
    assert [(late.points, late.usable_until) for late in preview.late] == [
        (60, shop.now + timedelta(days=10))
    ]
    shop.take_back(sale, _1=0)
    assert shop.points(wang) == preview.points_after == 60
    shop.wait(days=10)
    assert shop.points(wang) == 0
    tasks.expire_all(shop.now)
    assert shop.books() == {"issued": 70, "expired": 70}


def test_spent_points_of_a_return_are_owed_or_paid_or_forbid_it(shop: Shop):
    shop.open(shortfall="NEGATIVE", worth_points=100, worth_amount=100)
    wang = shop.customer()
    sale = shop.sell(wang, 100_00)
    shop.sell(wang, SaleLine("1", 50_00, earns=False), redeemed=70)
    assert shop.points(wang) == 30
    blocked = shop.preview(sale, policy="BLOCK", _1=0)
    assert (blocked.short, blocked.is_blocked) == (70, True)
    with pytest.raises(PointsSpent):
        shop.take_back(sale, policy="BLOCK", _1=0)
    cash = shop.preview(sale, policy="DEDUCT_CASH", _1=0)
    assert (cash.short, cash.owed, cash.deducted_amount, cash.points_after) == (70, 0, 70, 0)
    owing = shop.preview(sale, _1=0)
    assert (owing.short, owing.owed, owing.points_after) == (70, 70, -70)
    plan = shop.take_back(sale, _1=0)
    assert (plan.owed, plan.deducted_amount) == (70, 0)
    assert shop.books() == {"customer": -70, "redeemed": 70}
    assert (shop.points(wang), shop.standing(wang).owed) == (0, 70)
    shop.sell(wang, 100_00)
    assert (shop.points(wang), shop.standing(wang).owed) == (30, 0)
    assert shop.books() == {"issued": 100, "customer": 30, "redeemed": 70}


def test_points_can_be_settled_in_money(shop: Shop):
    shop.open(shortfall="DEDUCT_CASH", worth_points=100, worth_amount=150)
    wang = shop.customer()
    sale = shop.sell(wang, 100_00)
    shop.sell(wang, SaleLine("1", 50_00, earns=False), redeemed=75)
    plan = shop.take_back(sale, _1=50_00)
    assert (plan.clawed_back, plan.short, plan.deducted_amount) == (50, 25, 37)
    assert shop.books() == {"issued": 75, "redeemed": 75}
    plan = shop.take_back(sale, _1=0)
    assert (plan.short, plan.deducted_amount) == (50, 75)
    assert list(MemberReturn.objects.order_by("pk").values_list("deducted_amount", flat=True)) == [37, 75]


def test_what_the_same_return_gives_back_covers_what_it_takes(shop: Shop):
    shop.open(shortfall="BLOCK")
    wang = shop.customer()
    shop.give(wang, 50)
    sale = shop.sell(wang, 100_00, redeemed=50)
    shop.sell(wang, SaleLine("1", 10_00, earns=False), redeemed=100)
    assert shop.points(wang) == 0
    assert shop.preview(sale, _1=50_00).short == 25
    assert shop.preview(sale, Fraction(1), _1=50_00).short == 0
    shop.take_back(sale, share=Fraction(1), _1=50_00)
    assert shop.books() == {"issued": 100, "redeemed": 100}


def test_a_return_sent_twice_is_one(shop: Shop):
    shop.open()
    wang = shop.customer()
    sale = shop.sell(wang, 100_00)
    first = shop.take_back(sale, reference="sales.return:x", _1=30_00)
    again = shop.take_back(sale, reference="sales.return:x", _1=30_00)
    assert (first.clawed_back, again.clawed_back, again.drafts) == (70, 70, ())
    assert shop.books() == {"issued": 30, "customer": 30}


def test_points_are_used_in_steps_and_from_a_minimum_on(shop: Shop):
    shop.open(redeem_step=50, redeem_minimum=100, redeem_cap_bp=5_000, redeem_cap_amount=300)
    wang = shop.customer()
    shop.give(wang, 1000)
    for points in (50, 120):
        with pytest.raises(PointsNotUsable):
            shop.sell(wang, 10_00, redeemed=points)
    worth = shop.standing(wang).worth
    assert [worth.most_for(amount, 1000) for amount in (1_00, 2_00, 4_00, 6_00, 100_00)] == [
        0,
        100,
        200,
        300,
        300,
    ]
    assert worth.most_for(100_00, 149) == 100


def test_points_by_hand_have_a_reason_a_last_day_and_are_given_once(shop: Shop):
    shop.open()
    wang, key = shop.customer(), uuid4()
    for _again in range(2):
        shop.give(wang, 40, key=key, expires_on=date(2026, 11, 30))
    assert shop.points(wang) == 40
    shop.give(wang, -15)
    assert shop.books() == {"issued": 25, "customer": 25}
    with pytest.raises(PointsTooFew):
        shop.give(wang, -26)
    shop.now = datetime.fromisoformat("2026-12-01T00:00:00+08:00")
    assert shop.points(wang) == 0


def test_nothing_is_earned_where_there_is_no_programme(shop: Shop):
    wang = shop.customer()
    shop.sell(wang, 100_00)
    assert (shop.plan.earned, shop.plan.drafts) == (0, ())
    assert shop.standing(wang).programme_id is None
    with pytest.raises(loyalty.NoProgramme):
        shop.sell(wang, 100_00, redeemed=5)
