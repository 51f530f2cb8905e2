"""The demo's offers: believable, the same when entered again, gone with the demo."""

from __future__ import annotations

from datetime import datetime

import pytest

from dianke.config import demo
from dianke.config.demo.family import Family
from dianke.config.demo.promotions import Promotions
from dianke.promotions.models import Coupon, CouponKind, Promotion
from dianke.promotions.queries import verify
from dianke.stores.models import Store


@pytest.mark.django_db
def test_the_demo_has_offers_in_every_state_and_removing_it_takes_them_along(now: datetime):
    demo.load(now=now)
    states = set(Promotion.objects.values_list("state", flat=True))
    assert states == {"DRAFT", "RUNNING", "PAUSED", "ENDED"}
    assert set(Coupon.objects.values_list("state", flat=True)) >= {"ISSUED", "CLAIMED", "EXPIRED"}
    assert verify() == []
    counts = (Promotion.objects.count(), CouponKind.objects.count(), Coupon.objects.count())
    family = Family(now=now, trade=None)
    family.stores = {store.code: store for store in Store.objects.still_open()}
    again = Promotions(family)
    again.offer()
    again.give()
    assert counts == (Promotion.objects.count(), CouponKind.objects.count(), Coupon.objects.count())
    demo.remove()
    assert not Promotion.objects.exists()
    assert not Coupon.objects.exists()
