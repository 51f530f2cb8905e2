"""Rewards, members who bring members, gifts on their days, points from a file: each once, and back again."""

from __future__ import annotations

from datetime import date, datetime
from uuid import uuid4

import pytest

from dianke.core.actor import SYSTEM
from dianke.customers.models import ImportantDate
from dianke.loyalty import operations as loyalty
from dianke.loyalty import tasks
from dianke.loyalty.models import GiftGiven, Redemption, Referral, Reward
from dianke.loyalty.operations import PointsTooFew, SaleLine
from dianke.loyalty.operations.referrals import (
    ReferralCodeUnknown,
    ReferralsOff,
    ReferredAlready,
    ReferredBoughtBefore,
    ReferredSelf,
)
from dianke.loyalty.operations.rewards import RewardGone, RewardLimit, RewardNotForLevel, RewardNotOffered
from dianke.loyalty.tests.shop import Shop


# --- rewards ------------------------------------------------------------------------------------------------
def reward(shop: Shop, **values) -> Reward:
    plain = {"name": "保温杯", "points": 100}
    return loyalty.add_reward(values=plain | values, actor=SYSTEM, now=shop.now)


def redeem(shop: Shop, customer, what: Reward, key=None, **values) -> Redemption:
    return loyalty.redeem_reward(
        customer=customer, reward=what, key=key or uuid4(), actor=SYSTEM, now=shop.now, **values
    )


def test_a_reward_takes_points_once_and_gives_them_back(shop: Shop):
    shop.open()
    wang, key = shop.customer(), uuid4()
    shop.give(wang, 250)
    cup = reward(shop, left_count=2, limit_per_member=1)
    first = redeem(shop, wang, cup, key)
    assert redeem(shop, wang, cup, key).pk == first.pk
    assert shop.books() == {"issued": 250, "customer": 150, "redeemed": 100}
    assert Reward.objects.get(pk=cup.pk).left_count == 1
    with pytest.raises(RewardLimit):
        redeem(shop, wang, cup)
    assert loyalty.hand_over(redemption=first, actor=SYSTEM, now=shop.now).state == "GIVEN"
    loyalty.cancel_redemption(redemption=first, actor=SYSTEM, now=shop.now)
    loyalty.cancel_redemption(redemption=first, actor=SYSTEM, now=shop.now)
    assert shop.books() == {"issued": 250, "customer": 250}
    assert Reward.objects.get(pk=cup.pk).left_count == 2
    assert redeem(shop, wang, cup, is_handed_over=True).state == "GIVEN"


def test_a_reward_is_refused_with_its_reason(shop: Shop):
    shop.open()
    wang = shop.customer()
    shop.give(wang, 250)
    for values, error in (
        ({"is_active": False}, RewardNotOffered),
        ({"from_date": date(2026, 11, 22)}, RewardNotOffered),
        ({"to_date": date(2026, 11, 20)}, RewardNotOffered),
        ({"level_codes": ["vip"]}, RewardNotForLevel),
        ({"left_count": 0}, RewardGone),
        ({"points": 251}, PointsTooFew),
    ):
        with pytest.raises(error):
            redeem(shop, wang, reward(shop, **values))
    assert shop.books() == {"issued": 250, "customer": 250}


def test_a_coupon_is_told_of_by_the_event(shop: Shop):
    from dianke.events.models import Event

    shop.open()
    wang = shop.customer()
    shop.give(wang, 250)
    done = redeem(shop, wang, reward(shop, kind="COUPON", coupon_kind="promotions.couponkind:7"))
    event = Event.objects.get(kind="loyalty.reward_redeemed")
    assert done.state == "GIVEN"
    assert event.data["coupon_kind"] == "promotions.couponkind:7"
    assert event.data["customer"] == wang.pk


# --- members who bring members ------------------------------------------------------------------------------
@pytest.fixture
def referring(shop: Shop) -> Shop:
    return shop.open(
        is_referring=True,
        referrer_points=200,
        referred_points=50,
        referral_least_amount=100_00,
        referral_limit=2,
    )


def brought(shop: Shop, by, who, code: str = "") -> Referral:
    code = code or loyalty.referral_code_of(customer_id=by.pk, actor=SYSTEM, now=shop.now).code
    return loyalty.claim_referral(customer_id=who.pk, code=code.lower(), actor=SYSTEM, now=shop.now)


def test_who_brings_is_rewarded_after_the_first_purchase_and_not_if_it_is_returned(referring: Shop):
    shop = referring
    li, wang = shop.customer("李", "13800000001"), shop.customer("王", "13800000002")
    brought(shop, li, wang)
    tasks.follow_sales(shop.now)
    assert (shop.points(li), shop.points(wang)) == (0, 0)
    sale = shop.sell(wang, 150_00)
    tasks.follow_sales(shop.now)
    assert (shop.points(li), shop.points(wang)) == (200, 200)
    shop.sell(wang, 150_00)
    tasks.follow_sales(shop.now)
    assert (shop.points(li), shop.points(wang)) == (200, 350)
    shop.sell(li, SaleLine("1", 1, earns=False), redeemed=150)
    shop.take_back(sale, _1=100_00)
    tasks.follow_sales(shop.now)
    assert Referral.objects.get().state == "REWARDED"
    shop.take_back(sale, _1=99_99)
    tasks.follow_sales(shop.now)
    assert Referral.objects.get().state == "TAKEN_BACK"
    assert (shop.points(li), shop.standing(li).owed) == (0, 150)
    assert shop.points(wang) == 150 + 100  # what a part takes back is rounded down, the last part settles it
    assert shop.books() == {"issued": 250, "redeemed": 150, "customer": 100}


def test_farming_is_refused(referring: Shop):
    shop = referring
    li = shop.customer("李", "13800000001")
    with pytest.raises(ReferredSelf):
        brought(shop, li, li)
    with pytest.raises(ReferralCodeUnknown):
        brought(shop, li, li, "NOBODY22")
    old = shop.customer("老", "13800000009")
    shop.sell(old, 1_00)
    with pytest.raises(ReferredBoughtBefore):
        brought(shop, li, old)
    twin = shop.customer("李二", "13800000001")
    assert (brought(shop, li, twin).state, Referral.objects.get().why) == ("REFUSED", "SAME_PHONE")
    zhao = shop.customer("赵", "13800000003")
    with pytest.raises(ReferredAlready):
        brought(shop, zhao, twin)
    small = shop.customer("小", "13800000004")
    brought(shop, li, small)
    shop.sell(small, 99_99)
    for number in range(3):
        friend = shop.customer(f"友{number}", f"1381000000{number}")
        assert brought(shop, li, friend).pk == brought(shop, li, friend).pk
        shop.sell(friend, 200_00)
    tasks.follow_sales(shop.now)
    assert list(Referral.objects.order_by("pk").values_list("state", "why")) == [
        ("REFUSED", "SAME_PHONE"),
        ("REFUSED", "TOO_SMALL"),
        ("REWARDED", ""),
        ("REWARDED", ""),
        ("REFUSED", "LIMIT"),
    ]
    assert shop.points(li) == 400
    shop.change(is_referring=False)
    with pytest.raises(ReferralsOff):
        brought(shop, zhao, shop.customer("新", "13800000010"))


# --- gifts --------------------------------------------------------------------------------------------------
def gift(shop: Shop, **values):
    plain = {"name": "生日礼", "occasion": "BIRTHDAY", "points": 88, "valid_days": 30}
    return loyalty.add_gift(values=plain | values, actor=SYSTEM, now=shop.now)


def test_a_birthday_brings_its_gift_once_a_year(shop: Shop):
    shop.open()
    gift(shop)
    wang = shop.customer(birthday=(1990, 11, 22))
    assert tasks.give_all_gifts(shop.now) == 0
    shop.wait(days=1)
    assert [tasks.give_all_gifts(shop.now), tasks.give_all_gifts(shop.now)] == [1, 0]
    assert shop.points(wang) == 88
    # A corrected birthday, even in the other calendar, brings no second one.
    ImportantDate.objects.filter(customer=wang).update(month=12, day=3)
    shop.wait(days=11)
    assert tasks.give_all_gifts(shop.now) == 0
    ImportantDate.objects.filter(customer=wang).update(calendar="LUNAR", year=None, month=11, day=10)
    for _day in range(60):
        assert tasks.give_all_gifts(shop.now) == 0
        shop.wait(days=1)
    assert shop.points(wang) == 0  # a month to use them is over
    ImportantDate.objects.filter(customer=wang).update(calendar="SOLAR", month=11, day=22)
    shop.now = shop.now.replace(year=2027, month=11, day=22)
    assert tasks.give_all_gifts(shop.now) == 1


@pytest.mark.parametrize(
    ("lunar", "days"),
    [
        # 闰六月 is in the lunar year 2025, from 25 July; in other years the ordinary sixth month stands for it.
        ((None, 6, 1, True), {"2025-07-25": 2025, "2026-07-14": 2026}),
        ((None, 6, 1, False), {"2025-06-25": 2025, "2026-07-14": 2026}),
        # The 30th of a month of 29 days is kept on the 29th: the last day of the lunar year 2025.
        ((None, 12, 30, False), {"2026-02-16": 2025, "2027-02-05": 2026}),
    ],
)
def test_lunar_birthdays_once_per_lunar_year(shop: Shop, lunar, days: dict[str, int]):
    shop.now = datetime.fromisoformat("2025-06-01T12:00:00+08:00")
    shop.open()
    gift(shop)
    shop.customer(lunar_birthday=lunar)
    first, last = min(days), max(days)
    given = {}
    shop.now = datetime.fromisoformat(f"{first}T12:00:00+08:00")
    shop.wait(days=-40)
    while shop.now < datetime.fromisoformat(f"{last}T12:00:00+08:00"):
        shop.wait(days=1)
        if tasks.give_all_gifts(shop.now):
            row = GiftGiven.objects.latest("pk")
            given[shop.now.astimezone(shop.standing_zone()).date().isoformat()] = row.year
    assert given == days


def test_gifts_may_come_days_before_for_some_levels_and_for_years_of_membership(shop: Shop):
    shop.open()
    gift(shop, days_before=7, level_codes=["vip"])
    gift(shop, name="入会周年", occasion="JOINING", points=10)
    li, wang = shop.customer("李", birthday=(1990, 11, 28)), shop.customer("王", birthday=(None, 11, 28))
    shop.sell(li, 1000_00)
    shop.sell(wang, 1_00)
    tasks.follow_sales(shop.now)
    assert tasks.give_all_gifts(shop.now) == 1
    assert (shop.points(li), shop.points(wang)) == (1088, 1)
    shop.wait(days=365)
    assert (
        tasks.give_all_gifts(shop.now) == 3
    )  # both have been members for a year, and it is a week to li's birthday
    assert GiftGiven.objects.filter(occasion="JOINING").count() == 2


def test_gifts_of_a_merged_profile_are_counted_together(shop: Shop):
    shop.open()
    gift(shop)
    wang = shop.customer("王", birthday=(1990, 11, 21))
    shop.customer("王二", birthday=(1990, 11, 21), merged_into=wang)
    assert tasks.give_all_gifts(shop.now) == 1
    assert shop.points(wang) == 88
