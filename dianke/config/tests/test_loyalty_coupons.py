"""A reward or a gift of the membership programme that is a coupon: two rooms that know nothing of each other, joined by
reactions."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from dianke.core.actor import SYSTEM
from dianke.events.testing import deliver_events
from dianke.loyalty import operations as loyalty
from dianke.loyalty.tests.shop import Shop
from dianke.promotions import operations as promotions
from dianke.promotions.models import Coupon, CouponKind

CASH = {"rule": {"kind": "CASH", "amount": 2000}}


def make_kind(now: datetime) -> CouponKind:
    return promotions.make_kind(
        values={"name": "无门槛20元", "terms": CASH, "valid_days": 30}, actor=SYSTEM, now=now
    )


def test_the_coupon_of_a_reward_is_issued_once_and_revoked_when_the_reward_is_cancelled(
    db: None, now: datetime
):
    shop = Shop(now).open()
    wang, kind = shop.customer(), make_kind(now)
    shop.give(wang, 250)
    reward = loyalty.add_reward(
        values={
            "name": "20元券",
            "points": 100,
            "kind": "COUPON",
            "coupon_kind": f"promotions.couponkind:{kind.pk}",
        },
        actor=SYSTEM,
        now=now,
    )
    taken = loyalty.redeem_reward(customer=wang, reward=reward, key=uuid4(), actor=SYSTEM, now=now)
    deliver_events(now=now)
    deliver_events(now=now)
    coupon = Coupon.objects.get()
    assert (coupon.kind, coupon.customer, coupon.state) == (kind, wang, "CLAIMED")
    loyalty.cancel_redemption(redemption=taken, actor=SYSTEM, now=now)
    deliver_events(now=now)
    coupon.refresh_from_db()
    assert coupon.state == "REVOKED"
