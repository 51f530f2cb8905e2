"""The end of a day: a shift with a shortage is counted and closed, the day is closed, and a sale that a till brings late
makes a supplement."""

from __future__ import annotations

import secrets

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import PHONE
from tests.e2e.conftest import Site
from tests.e2e.shelf import _START, open_store
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e
#: Of its own each time, so that the story can be told again where a demo is served already.
CODE = f"RJ{secrets.randbelow(10**6):06}"
NAME = f"日结店{CODE[2:]}"


def sell(amount: int, *, late: bool = False) -> str:
    """A fee paid in cash in the newest shift of the store; `late`: sold offline before it was closed, arriving now."""
    return f"""{_START}
from uuid import uuid4
from dianke.core.actor import SYSTEM
from dianke.sales import operations as sales
from dianke.sales.models import Shift
from dianke.sales.queries.basket import Item, Sale, Tendered
shift = Shift.objects.filter(store__code="{CODE}").select_related("register", "store").latest("pk")
at = shift.opened_at + timedelta(seconds=1) if {late} else None
sale = Sale(uuid4(), shift.store, (Item("1", None, kind="FEE", name="手工费", amount={amount}, sold_amount={amount} if at else None),),
    (Tendered(uuid4(), "CASH", {amount}),), register=shift.register, shift_id=shift.pk, is_offline=at is not None,
    occurred_at=at, device_at=at)
sales.place_sale(sale=sale, actor=SYSTEM, now=now)
"""


def register_of_store() -> str:
    return f"""{_START}
from dianke.stores.operations import add_register
print(add_register(store=Store.objects.get(code="{CODE}"), code="A", name="日结收银台", actor=actor, now=now).pk)
"""


def test_a_day_with_a_shortage_is_closed_and_supplemented(site: Site, chromium: Browser) -> None:
    site.run(open_store(CODE, NAME))
    register = site.run(register_of_store()).strip()
    with site.enter(chromium, "OWNER", PHONE) as owner:
        page = owner.page
        owner.go(f"/registers/{register}/opening/")
        page.get_by_label("100", exact=True).fill("3")
        expect(page.locator("[data-pieces-total]")).to_contain_text("300.00")
        page.get_by_role("button", name=zh("Open the shift"), exact=True).click()
        owner.reads("日结收银台", within=owner.main)
        site.run(sell(120_00))

        page.get_by_role("link", name=zh("Count and close")).click()
        owner.dialog.get_by_label("100", exact=True).fill("4")
        owner.dialog.get_by_label("10", exact=True).fill("1")
        owner.dialog.get_by_role("button", name=zh("That is all")).click()
        page.get_by_role("link", name=zh("Close the shift"), exact=True).first.click()
        owner.dialog.get_by_role("button", name=zh("Close the shift")).click()
        expect(owner.error_of("reason", owner.dialog)).to_be_visible()
        owner.dialog.get_by_label(zh("Why cash is over or short")).fill("找零多给了")
        owner.dialog.get_by_role("button", name=zh("Close the shift")).click()
        owner.reads("短款 ¥10.00", within=owner.main)
        assert owner.barriers() == []

    with site.enter(chromium, "OWNER") as owner:
        page = owner.page
        owner.go("/day-closes/")
        page.get_by_role("link", name=NAME).click()
        page.get_by_role("button", name=zh("Close the day"), exact=True).first.click()
        page.get_by_role("dialog").get_by_role("button", name=zh("Close the day"), exact=True).click()
        owner.reads("¥120.00", within=owner.main)
        site.run(sell(50_00, late=True))
        owner.go("/day-closes/")
        page.get_by_role("link", name=NAME).filter(has_text=zh("Late sales: supplement")).click()
        page.get_by_role("button", name=zh("Write the supplement"), exact=True).first.click()
        page.get_by_role("dialog").get_by_role("button", name=zh("Write the supplement"), exact=True).click()
        owner.reads("¥50.00", within=owner.main)
        owner.reads("补充日结 1", within=owner.main)
        assert owner.barriers() == []
