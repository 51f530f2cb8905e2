"""Buying: a delivery is received on a phone with a shortage and a batch; a plan becomes stock on the shelf."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import PHONE
from tests.e2e.conftest import Site
from tests.e2e.shelf import _START
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e


def goods_to_buy(code: str, name: str, *, tracking: str = "NONE", reserve: int = 0) -> str:
    """A product one may buy for the store HZ01 from 云汐 at 50 yuan; prints the variant's number."""
    return f"""{_START}
from decimal import Decimal
from django.utils import timezone as tz
from dianke.catalog.operations.barcodes import add_barcode
from dianke.catalog.operations.products import create_product
from dianke.purchasing import operations
from dianke.purchasing.models import Supplier
from dianke.stores.models import Store
product = create_product(values=dict(name="{name}", code="{code}", tracking="{tracking}"), price_amount=9900, actor=actor, now=now)
variant = product.variants.get()
add_barcode(variant=variant, value="E2E-{code}", kind="SUPPLIER", actor=actor, now=now)
operations.set_price(supplier=Supplier.objects.get(code="S0001"), variant=variant, price_amount=5000, tax_rate_bp=1300,
    from_date=tz.localdate(now), actor=actor, now=now)
if {reserve}:
    operations.set_supply_rule(variant=variant, store=Store.objects.get(code="HZ01"),
        values=dict(safety_quantity=Decimal({reserve})), actor=actor, now=now)
print(variant.pk)
"""


def sent_order(*lines: tuple[str, int]) -> str:
    """An order of these variants (by number) that is under way to HZ01; prints its own number."""
    items = ", ".join(f"OrderItem({pk}, Decimal({quantity}))" for pk, quantity in lines)
    return f"""{_START}
from decimal import Decimal
from dianke.core.actor import SYSTEM
from dianke.purchasing import operations
from dianke.purchasing.models import Supplier
from dianke.purchasing.operations import OrderItem
from dianke.stores.models import Store
order = operations.draft_order(supplier=Supplier.objects.get(code="S0001"), store=Store.objects.get(code="HZ01"),
    items=[{items}], expected_date=now.date() + timedelta(days=1), actor=actor, now=now)
order = operations.submit_order(order=order, actor=SYSTEM, now=now)
order = operations.send_order(order=order, channel="BY_HAND", actor=actor, now=now)
print(order.number)
"""


def stock_of(variant: str) -> str:
    """How much of a variant lies in HZ01, batch by batch: prints "24.0000 B7"."""
    return f"""
from dianke.inventory.models import Balance
for row in Balance.objects.filter(variant={variant}, place__store__code="HZ01", quantity__gt=0).select_related("batch"):
    print(row.quantity, row.batch.code if row.batch else "-")
"""


def press(page: Page, name: str) -> None:
    """The button that is in sight."""
    page.get_by_role("button", name=name, exact=True).filter(visible=True).first.click()


def test_receive_a_delivery_on_a_phone(site: Site, chromium: Browser) -> None:
    cream = site.run(goods_to_buy("E2E-CREAM", "手机收货面霜", tracking="BATCH")).strip()
    towel = site.run(goods_to_buy("E2E-TOWEL", "手机收货毛巾")).strip()
    number = site.run(sent_order((cream, 24), (towel, 10))).strip()
    with site.enter(chromium, "wangjiayi", PHONE) as clerk:
        page = clerk.page
        clerk.go("/purchasing/receiving/")
        clerk.reads(number, within=clerk.main)
        # Scanning something of the delivery finds its order, and counts already.
        page.locator("#receiving-find").fill("E2E-E2E-TOWEL")
        page.locator("#receiving-find").press("Enter")
        page.wait_for_url(re.compile(r"/purchasing/receiving/\d+/"))
        towels = page.locator(".pu-card", has_text="手机收货毛巾")
        creams = page.locator(".pu-card", has_text="手机收货面霜")
        expect(towels.locator("[data-pu-came]")).to_have_value("1")
        scan = page.locator("#receive-scan")
        for _box in range(3):
            scan.fill("E2E-E2E-TOWEL")
            scan.press("Enter")
        expect(towels.locator("[data-pu-came]")).to_have_value("4")
        expect(page.locator("#scan-said")).to_have_text("手机收货毛巾 × 4")
        scan.fill("NIX-NIX")
        scan.press("Enter")
        expect(page.locator("#scan-said")).to_have_class(re.compile("is-bad"))
        # Everything else came as ordered, but of the cream four are missing and the batch was forgotten.
        press(page, zh("All as ordered"))
        expect(creams.locator("[data-pu-came]")).to_have_value("24")
        expect(towels.locator("[data-pu-came]")).to_have_value("4")
        for _less in range(4):
            creams.get_by_role("button", name=zh("Less"), exact=True).click()
        expect(creams.locator("[data-pu-came]")).to_have_value("20")
        press(page, zh("Look over and take in"))
        expect(creams.locator(".dk-error")).to_contain_text(zh("Enter the batch that stands on the box."))
        expect(creams.locator("[data-pu-came]")).to_have_value("20")
        assert not clerk.overflow()
        assert not clerk.barriers()
        creams.get_by_label(zh("Batch"), exact=True).fill("B2026-7")
        creams.get_by_label(zh("Best before"), exact=True).fill("2027-12-31")
        press(page, zh("Look over and take in"))
        # What will happen stands there first, and nothing happened yet.
        clerk.reads(zh("%(n)s still to come", n="4"), within=clerk.main)
        clerk.reads("B2026-7", within=clerk.main)
        assert not site.run(stock_of(cream)).strip()
        assert not clerk.overflow()
        assert not clerk.barriers()
        press(page, zh("Take it in"))
        page.wait_for_url(re.compile(r"/purchasing/receipts/\d+/"))
        clerk.is_told(zh("Taken in. The rest is still to come."))
        clerk.reads(zh("Too little"), within=clerk.main)
        assert "¥" not in clerk.main.inner_text()
        assert not clerk.overflow()
        # The answer got lost and the page is sent again: nothing comes in twice.
        page.go_back()
        if page.get_by_role("button", name=zh("Take it in"), exact=True).count():
            press(page, zh("Take it in"))
            page.wait_for_url(re.compile(r"/purchasing/receipts/\d+/"))
    assert site.run(stock_of(cream)).split() == ["20.0000", "B2026-7"]
    assert site.run(stock_of(towel)).split() == ["4.0000", "-"]


def test_purchase_plan_to_receipt(site: Site, chromium: Browser) -> None:
    variant = site.run(goods_to_buy("E2E-PLAN", "采购计划精油", reserve=220)).strip()
    with site.enter(chromium, "suwanqing") as manager:
        page = manager.page
        manager.go("/purchasing/")
        # A new plan for the shop, by the keyboard.
        page.keyboard.press("n")
        manager.dialog.locator("#id_review_days").fill("7")
        press(page, zh("Make the plan"))
        line = page.locator(".pu-plan-line", has_text="采购计划精油")
        quantity = line.locator("input[name=quantity]")
        expect(quantity).to_have_value("220")
        line.locator("summary", has_text=zh("Why")).click()
        manager.reads(zh("A reserve of %(safety)s is set for it.", safety="220"), within=line)
        # Changed in place; everything else is left out.
        quantity.fill("210")
        quantity.press("Tab")
        manager.reads(zh("suggested: %(quantity)s", quantity="220"), within=line)
        others = page.locator(".pu-plan-line:not(.is-out)").filter(has_not_text="采购计划精油")
        while others.count():
            before = others.count()
            others.first.get_by_role("button", name=zh("Leave out"), exact=True).click()
            expect(others).to_have_count(before - 1)
        assert not manager.barriers()
        press(page, zh("Make %(n)s order", 1, n=1))
        manager.dialog.get_by_role("button", name=zh("Make the drafts"), exact=True).or_(
            page.locator("dialog[open]").get_by_role("button", name=zh("Make the drafts"), exact=True)
        ).first.click()
        page.wait_for_url(re.compile(r"/purchasing/orders/\d+/$"))
        order = page.url
        path = order.removeprefix(site.url)
        # 210 x 50 yuan need a second person.
        manager.main.get_by_role("link", name=zh("Hand in"), exact=True).filter(visible=True).first.click()
        press(page, zh("Hand in"))
        manager.error_of("reason", manager.dialog)
        manager.dialog.locator("[name=reason]").fill("旺季备货")
        press(page, zh("Hand in"))
        manager.is_told(zh("Handed in: somebody who may approve it is told."))
    with site.enter(chromium, "OWNER") as owner:
        owner.go(path)
        owner.main.get_by_role("link", name=zh("See the request"), exact=True).click()
        owner.reads("旺季备货", within=owner.main)
        press(owner.page, zh("Approve"))
        owner.page.wait_for_load_state()
    with site.enter(chromium, "suwanqing") as manager:
        page = manager.page
        manager.go(path)
        manager.main.get_by_role("link", name=zh("Send", context="order"), exact=True).filter(
            visible=True
        ).first.click()
        manager.reads(zh("This is what the mail says"), within=manager.dialog)
        manager.dialog.locator("input[value=BY_HAND]").check()
        press(page, zh("Send", context="order"))
        manager.is_told(zh("Noted as sent."))
        manager.go(path)
        manager.main.get_by_role("link", name=zh("Receive", context="delivery"), exact=True).filter(
            visible=True
        ).first.click()
        press(page, zh("All as ordered"))
        press(page, zh("Look over and take in"))
        press(page, zh("Take it in"))
        manager.is_told(zh("Taken in. The order is complete."))
    assert site.run(stock_of(variant)).split() == ["210.0000", "-"]
