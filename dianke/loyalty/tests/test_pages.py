"""The pages of levels and points, for who may and who may not; the customer's own phone."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dianke.core.actor import SYSTEM
from dianke.customers.models import Customer
from dianke.customers.operations.portal import customer_actor
from dianke.customers.queries.panels import sections_of, values_of
from dianke.customers.queries.portal import sections_for
from dianke.customers.queries.profile import profile_at
from dianke.customers.tests.cast import make_house
from dianke.loyalty import operations as loyalty
from dianke.loyalty import tasks
from dianke.loyalty.models import LevelGrant, Programme, Redemption
from dianke.loyalty.tests.shop import Shop

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db, now):
    return make_house(now)


@pytest.fixture
def browser(cast):
    """`browser("clerk")`: where that person is signed in."""

    def sign_in(username: str) -> Client:
        client = Client()
        client.force_login(cast[username].user)
        session = client.session
        stamp = timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        return client

    return sign_in


@pytest.fixture
def live(shop: Shop, cast) -> Shop:
    """A shop at the real moment: pages have no other clock."""
    shop.now = timezone.now()
    return shop


@pytest.fixture
def wang(live: Shop, cast) -> Customer:
    live.open(is_referring=True, referrer_points=200, referred_points=50)
    customer = live.customer("王小明", "13800000001", store=cast.lake)
    live.sell(customer, 820_00)
    tasks.follow_sales(live.now)
    return customer


def test_the_programme_begins_and_is_changed_on_its_page(live: Shop, browser):
    owner, clerk = browser("owner"), browser("clerk")
    page = reverse("loyalty:programme")
    assert "启用会员计划" in owner.get(page).content.decode()
    assert clerk.post(reverse("loyalty:programme-begin")).status_code == 403
    owner.post(reverse("loyalty:programme-begin"))
    assert Programme.objects.get().name == "会员"
    body = {
        "worth_points": 100, "worth_amount": "1.50", "redeem_step": 10, "redeem_minimum": 0, "redeem_cap_bp": "50",
        "redeem_cap_amount": "", "shortfall": "DEDUCT_CASH", "return_grace_days": 7,
    }  # fmt: skip
    assert owner.post(reverse("loyalty:programme-part", args=["using"]), body).status_code == 303
    programme = Programme.objects.get()
    assert (programme.worth_amount, programme.redeem_cap_bp) == (150, 5000)
    text = owner.get(page).content.decode()
    assert "100 积分抵 ¥1.50" in text
    assert "最多抵订单的 50%" in text
    for name, values in (
        ("level-new", {"name": "金卡", "code": "gold", "least_amount": "3000", "points_bp": "1.5", "discount_bp": "5",
                       "paid_days": 365}),
        ("rule-new", {"name": "周三双倍", "kind": "MULTIPLY", "points": 1, "per_amount": "1", "factor_bp": "2",
                      "weekdays": ["2"], "is_active": "on"}),
        ("gift-new", {"name": "生日礼", "occasion": "BIRTHDAY", "points": 88, "valid_days": 30, "days_before": 0,
                      "is_active": "on"}),
        ("reward-new", {"name": "杯子", "kind": "GOODS", "points": 100, "is_active": "on"}),
    ):  # fmt: skip
        made = owner.post(reverse(f"loyalty:{name}"), values)
        assert made.status_code == 303, made.content.decode()
    text = owner.get(page).content.decode()
    for words in ("消费满 ¥3,000 · 1.5 倍积分 · 优惠 5%", "2 倍积分 · 周三", "生日 · 88 积分", "杯子"):
        assert words in text, list(re.findall(r"dk-line-note\">([^<]*)", text))
    assert "修改" not in re.sub(r"<script.*?</script>", "", clerk.get(page).content.decode(), flags=re.DOTALL)
    wrong = owner.post(reverse("loyalty:level-new"), {"name": "金卡", "code": "gold", "points_bp": "1",
                                                      "discount_bp": "0", "paid_days": 1})  # fmt: skip
    assert wrong.status_code == 422


def test_every_posting_of_a_member_is_shown_with_its_balance(
    live: Shop, wang, browser, django_assert_max_num_queries
):
    clerk = browser("clerk")
    live.give(wang, 30)
    url = reverse("loyalty:statement", args=[wang.pk])
    clerk.get(url)
    with django_assert_max_num_queries(40):
        text = clerk.get(url).content.decode()
    for words in ("消费所得", "手动增加", "850", "补偿", "再消费 ¥180"):
        assert words in text, list(re.findall(r"dk-line-note\">([^<]*)", text))
    link = re.search(rf"/loyalty/members/{wang.pk}/postings/(\d+)/", text)
    assert "积分批次" in clerk.get(link[0]).content.decode()
    assert clerk.get(f"/loyalty/members/{wang.pk}/postings/999999/").status_code == 404
    assert browser("neighbour").get(url).status_code == 404


def test_points_levels_and_rewards_by_hand(live: Shop, wang, browser):
    clerk, manager = browser("clerk"), browser("manager")
    adjust = reverse("loyalty:adjust", args=[wang.pk])
    assert clerk.get(adjust).status_code == 403
    form = {"points": "180", "reason": "补偿", "key": str(uuid4())}
    assert manager.get(adjust).status_code == 200
    assert manager.post(adjust, form).status_code == 303
    assert manager.post(adjust, form).status_code == 303
    assert live.points(wang) == 1000
    assert manager.post(adjust, form | {"points": "0", "key": str(uuid4())}).status_code == 422
    grant = {"level": live.level("vip").pk, "reason": "老客"}
    assert manager.post(reverse("loyalty:grant", args=[wang.pk]), grant).status_code == 303
    assert live.tier(wang) == "vip"
    manager.post(reverse("loyalty:grant-withdraw", args=[LevelGrant.objects.get().pk]))
    assert live.tier(wang) == "regular"
    redeem = reverse("loyalty:redeem", args=[wang.pk])
    assert "没有可兑换的" in clerk.get(redeem).content.decode()
    cup = loyalty.add_reward(values={"name": "杯子", "points": 400}, actor=SYSTEM, now=live.now)
    assert "杯子 · 400" in clerk.get(redeem).content.decode()
    clerk.post(redeem, {"reward": cup.pk, "key": str(uuid4())})
    row = Redemption.objects.get()
    assert (row.state, live.points(wang)) == ("READY", 600)
    clerk.post(reverse("loyalty:redemption-hand-over", args=[row.pk]))
    clerk.post(reverse("loyalty:redemption-cancel", args=[row.pk]))
    row.refresh_from_db()
    assert (row.state, live.points(wang)) == ("CANCELLED", 1000)


def test_the_customers_page_shows_the_membership(live: Shop, wang, cast, browser):
    profile = profile_at(cast.actor("clerk", now=live.now), wang.pk, now=live.now)
    (points,) = [value for value in values_of(profile, own=False) if value.label == "积分"]
    assert points.value == "820"
    codes = [section.code for section, _context in sections_of(profile, "side", own=False)]
    assert "loyalty.membership" in codes
    text = browser("clerk").get(reverse("customers:dealings", args=[wang.pk])).content.decode()
    assert "再消费 ¥180" in text
    assert "普通会员" in text


def test_the_phone_shows_points_and_the_invitation(live: Shop, wang):
    sections = {section.code: content for section, content in sections_for(wang.pk, now=live.now)}
    shown = sections["loyalty.points"]
    assert (shown["standing"].points, len(shown["lots"]), shown["is_referring"]) == (820, 1, True)
    assert '<span class="num">820 积分</span>' in render_to_string(
        "loyalty/portal/section.html", {"section": shown}
    )
    code = loyalty.referral_code_of(customer_id=wang.pk, actor=customer_actor(wang), now=live.now).code
    stranger = Client()
    page = stranger.get(f"/m/invited/{code}/")
    assert page.status_code == 200
    assert "好友邀请您入会" in page.content.decode()
    assert stranger.cookies["invited"].value == code
    assert stranger.get("/m/invite/").status_code == 302
