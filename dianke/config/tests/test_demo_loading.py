"""Loading the demo of one trade, and what is refused."""

from __future__ import annotations

from datetime import datetime

import pytest

from dianke.config import demo
from dianke.config.operations import NotADemo, WrongName, remove_demo
from dianke.core.actor import SYSTEM
from dianke.stores.models import (
    Merchant,
    Store,
)
from dianke.work.models import Task

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("trade", ["beauty", "jewelry", "furniture", "chain", "key-account"])
def test_one_trade_alone_has_its_stores_and_the_whole_cast(trade: str, now: datetime) -> None:
    demo.load(trade, now=now)
    code = trade.upper().replace("-", "_")
    assert set(Store.objects.values_list("trade", flat=True)) == {code}
    assert Merchant.objects.get().trade == code
    assert len(demo.demo_logins()) == 10
    assert Task.objects.open().exists()


def test_an_unknown_trade_is_refused_with_those_there_are(now: datetime) -> None:
    with pytest.raises(demo.TradeUnknown, match="jewelry"):
        demo.load("shoes", now=now)


def test_it_is_never_loaded_over_a_merchant(now: datetime) -> None:
    demo.load("chain", now=now)
    with pytest.raises(demo.DemoRefused):
        demo.load(now=now)
    assert Store.objects.count() == 1


def test_a_load_broken_off_leaves_nothing(now: datetime) -> None:
    stages = demo.stages(now=now)
    next(stages)
    next(stages)
    assert Store.objects.exists()
    stages.close()
    assert not Merchant.objects.exists()
    assert not Store.objects.exists()


def test_a_real_merchant_is_never_removed(now: datetime) -> None:
    Merchant.objects.create(name="真店")
    with pytest.raises(NotADemo):
        remove_demo(name="真店", actor=SYSTEM, now=now)
    with pytest.raises(NotADemo):
        demo.remove()
    assert Merchant.objects.exists()


def test_a_wrong_name_removes_nothing(now: datetime) -> None:
    demo.load("chain", now=now)
    with pytest.raises(WrongName):
        remove_demo(name="栖林家业集团", actor=SYSTEM, now=now)
    assert Store.objects.exists()
