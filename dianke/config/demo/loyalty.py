"""The demo's membership: what the programme promises, and members with points, levels and rewards from before."""

from __future__ import annotations

from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from dianke.config.demo.customers import Customers
from dianke.config.demo.family import Family
from dianke.customers.models import Customer
from dianke.loyalty.models import Level, Programme, Reward
from dianke.loyalty.operations import (
    LevelSpec,
    add_gift,
    add_reward,
    add_rule,
    adjust_points,
    begin_programme,
    change_level,
    change_programme,
    grant_level,
    redeem_reward,
    referral_code_of,
    review_member,
)

#: Points members brought along from the card of paper, for the first of the list.
POINTS = (1280, 860, 2450, 320, 5600, 150, 980, 3300, 75, 640, 1900, 410)
RULES: tuple[dict[str, Any], ...] = (
    {"name": "周三会员日双倍", "kind": "MULTIPLY", "factor_bp": 20_000, "weekdays": [2]},
    {"name": "生日当月双倍", "kind": "MULTIPLY", "factor_bp": 20_000, "birthday": "MONTH"},
    {"name": "单笔满1000元加送", "kind": "BONUS", "points": 100, "per_amount": 1000_00},
)
GIFTS: tuple[dict[str, Any], ...] = (
    {
        "name": "贵宾生日礼",
        "occasion": "BIRTHDAY",
        "points": 500,
        "valid_days": 60,
        "days_before": 3,
        "level_codes": ["vip", "diamond"],
    },
    {"name": "生日礼", "occasion": "BIRTHDAY", "points": 200, "valid_days": 30, "days_before": 3},
    {"name": "入会周年礼", "occasion": "JOINING", "points": 100, "valid_days": 60},
)
REWARDS: tuple[dict[str, Any], ...] = (
    {"name": "定制帆布袋", "points": 300, "left_count": 200, "limit_per_member": 2},
    {"name": "保温杯", "points": 800, "left_count": 60, "limit_per_member": 1},
    {"name": "深层清洁护理一次", "kind": "SERVICE", "points": 1500},
    {"name": "首饰清洗保养", "kind": "SERVICE", "points": 500, "level_codes": ["vip", "diamond"]},
)


class Loyalty:
    """Begins the programme where the trade's preset did not, and fills it."""

    def __init__(self, family: Family, customers: Customers) -> None:
        self.family = family
        self.customers = customers

    def promise(self) -> None:
        """Numbers, rules, gifts, rewards, what the levels bring."""
        who = self._who(-800)
        levels = (
            LevelSpec("regular", "普通会员", 0),
            LevelSpec("vip", "贵宾会员", 3000_00, 12_000),
            LevelSpec("diamond", "钻石会员", 12_000_00, 15_000),
        )
        programme: Programme = begin_programme(name="会员计划", levels=levels, **who)
        change_programme(
            programme=programme,
            values={
                "expiry": Programme.Expiry.END_OF_YEAR,
                "expiry_count": 1,
                "redeem_cap_bp": 5_000,
                "redeem_step": 10,
                "is_referring": True,
                "referrer_points": 200,
                "referred_points": 100,
                "referral_least_amount": 100_00,
            },
            **who,
        )
        for values in RULES:
            add_rule(values=values, **who)
        for values in GIFTS:
            add_gift(values=values, **who)
        for values in REWARDS:
            add_reward(values=values, **who)
        brings = {"vip": (["生日双重礼", "优先预约"], 0), "diamond": (["专属顾问", "免费停车"], 200)}
        for code, (benefits, discount_bp) in brings.items():
            level = Level.objects.filter(programme=programme, code=code).first()
            if level is not None:
                change_level(level=level, values={"benefits": benefits, "discount_bp": discount_bp}, **who)

    def bring_along(self) -> None:
        """Points and levels from the time before, a reward handed over and one that waits, a code passed on."""
        people = self.people
        for number, (customer, points) in enumerate(zip(people, POINTS, strict=False)):
            adjust_points(
                customer=customer,
                points=points,
                reason="纸质会员卡积分转入",
                key=self._key("opening", customer.pk),
                **self._who(-300 + number),
            )
        vip = Level.objects.filter(code="vip").first()
        if vip is not None:
            for customer in people[2:4]:
                grant_level(customer=customer, level=vip, reason="开业老顾客", **self._who(-290))
        bag = Reward.objects.get(name="定制帆布袋")
        for number, customer in enumerate(people[:2]):
            redeem_reward(
                customer=customer,
                reward=bag,
                key=self._key("reward", customer.pk),
                is_handed_over=number == 0,
                **self._who(-20 + number),
            )
        for customer in people[: len(POINTS)]:
            review_member(customer_id=customer.pk, **self._who(-15))
        for customer in people[:3]:
            referral_code_of(customer_id=customer.pk, **self._who(-60))

    @property
    def people(self) -> list[Customer]:
        """Customers of the file, as they entered; those in use only."""
        entered = list(self.customers.by_phone.values())
        heads = Customer.objects.in_use().heads().in_bulk([one.pk for one in entered])
        return [heads[one.pk] for one in entered if one.pk in heads]

    def _key(self, what: str, number: int) -> UUID:
        return uuid5(NAMESPACE_URL, f"demo:loyalty/{what}/{number}")

    def _who(self, days: int) -> dict[str, Any]:
        return {"actor": self.family.owner.as_system(), "now": self.family.at(days)}
