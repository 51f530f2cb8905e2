"""Orders in the back office: furniture from the quote to the last screw, and a ring that is ordered, fetched and
exchanged."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import PHONE
from tests.e2e.conftest import Site
from tests.e2e.shelf import _START, enter_customer, set_gold
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e


def goods_at(store: str, code: str, name: str, price: int, count: int) -> str:
    """Plain goods of so many fen with stock in a store."""
    return f"""{_START}
from decimal import Decimal
from dianke.catalog.operations.products import create_product
from dianke.core.actor import SYSTEM
from dianke.inventory import operations as stock
store = Store.objects.get(code="{store}")
product = create_product(values=dict(name="{name}", code="{code}"), price_amount={price}, actor=actor, now=now)
stock.receive(store=store, goods=[stock.Goods(product.variants.get().pk, Decimal({count}), Decimal(10))],
    reference="e2e:{code}:" + now.isoformat(), business_date=store.business_date(now), actor=SYSTEM, now=now)
"""


def piece_at(store: str, name: str, tag: str, net_mg: int) -> str:
    """A product of single pieces with one piece of gold that lies in a store."""
    return f"""{_START}
from decimal import Decimal
from dianke.catalog.operations.pieces import add_piece
from dianke.catalog.operations.products import create_product
from dianke.core.actor import SYSTEM
from dianke.inventory import operations as stock
store = Store.objects.get(code="{store}")
product = create_product(values=dict(name="{name}", kind="PIECE"), actor=actor, now=now)
piece = add_piece(variant=product.variants.select_related("product").get(), values=dict(tag="{tag}", metal="GOLD",
    fineness=999, net_weight_mg={net_mg}, gross_weight_mg={net_mg}), actor=actor, now=now)
stock.receive(store=store, goods=[stock.Goods(piece.variant_id, Decimal(1), Decimal(900), piece_id=piece.pk)],
    reference="e2e:{tag}:" + now.isoformat(), business_date=store.business_date(now), actor=SYSTEM, now=now)
"""


def tasks_done(number: str) -> str:
    """The work of an order's stages is finished."""
    return f"""{_START}
from dianke.work.models import Task
from dianke.work.operations import complete_task
for task in Task.objects.filter(title__startswith="{number}", completed_at=None, cancelled_at=None):
    complete_task(task=task, actor=actor, now=now)
"""


def press(page: Page, name: str) -> None:
    """The button or link that is in sight."""
    page.get_by_role("button", name=name, exact=True).or_(
        page.get_by_role("link", name=name, exact=True)
    ).filter(visible=True).first.click()


def begin(page: Page, store: str, tail: str, customer: str) -> None:
    """Store and customer of a new order."""
    page.locator("#od-store").select_option(label=store)
    page.locator("#od-who").fill(tail)
    page.locator("#od-who + button").click()
    page.locator(".od-hits button", has_text=customer).click()
    expect(page.locator(".od-customer")).to_contain_text(customer)


def pay(page: Page, amount: str, reference: str = "") -> None:
    """Take a payment in the dialog; with a number of the payment by WeChat, else in cash."""
    page.locator("main").get_by_role("link", name=zh("Take a payment"), exact=True).filter(
        visible=True
    ).first.click()
    dialog = page.locator("dialog#dialog[open]")
    dialog.locator("[name=tender]").select_option("WECHAT" if reference else "CASH")
    dialog.locator("[name=amount]").fill(amount)
    dialog.locator("[name=reference]").fill(reference)
    dialog.get_by_role("button", name=zh("Take the payment", context="order"), exact=True).click()
    expect(dialog).to_be_hidden()


def go_on(page: Page) -> None:
    """Into the next stage."""
    page.locator("main").get_by_role("link", name=zh("Next stage"), exact=True).click()
    dialog = page.locator("dialog#dialog[open]")
    dialog.get_by_role("button", name=zh("Go on", context="order"), exact=True).click()
    expect(dialog).to_be_hidden()


def hand_over(page: Page) -> None:
    page.locator("main").get_by_role("link", name=zh("Hand over", context="goods"), exact=True).filter(
        visible=True
    ).first.click()
    dialog = page.locator("dialog#dialog[open]")
    dialog.get_by_role("button", name=zh("Hand over", context="goods"), exact=True).click()
    expect(dialog).to_be_hidden()


def test_furniture_from_the_quote_to_the_installation(site: Site, chromium: Browser) -> None:
    sofa = goods_at("SZ01", "E2E-SOFA", "转角沙发三人位", 880_000, 3)
    site.run(sofa + enter_customer("欧阳慕容雪", "13911117788", "SZ01"))
    with site.enter(chromium, "OWNER") as owner:
        page = owner.page
        owner.go("/orders/")
        page.keyboard.press("n")
        page.wait_for_url("**/orders/new/")
        begin(page, "园区家居", "7788", "欧阳慕容雪")
        page.locator("input[name=kind][value=QUOTE]").check()
        page.locator("#od-code").fill("转角沙发")
        page.locator("#od-code").press("Enter")
        # The promotion of the demo counts by itself, and is named.
        expect(page.locator("#od-total")).to_have_text("¥8,500.00")
        owner.reads("家装节满减", within=page.locator(".od-sheet"))
        # One more by the stepper is priced at once; a fee beside the goods.
        line = page.locator(".od-sheet > li", has_text="转角沙发三人位")
        line.get_by_role("button", name=zh("More of it"), exact=True).click()
        expect(page.locator("#od-total")).to_have_text("¥16,800.00")
        line.get_by_role("button", name=zh("Less"), exact=True).click()
        expect(page.locator("#od-total")).to_have_text("¥8,500.00")
        press(page, zh("Delivery fee"))
        page.locator("[name=a-l2]").fill("200")
        page.locator("[name=a-l2]").press("Tab")
        expect(page.locator("#od-total")).to_have_text("¥8,700.00")
        page.locator("[name=deposit_kind]").select_option("PREPAYMENT")
        page.locator("[name=deposit_amount]").fill("3000")
        page.locator("#od-parts").fill("2")
        press(page, zh("Work out"))
        expect(page.locator("[name=i-amount]")).to_have_count(2)
        owner.reads(zh("Adds up to the total"), within=owner.main)
        assert not owner.overflow()
        assert not owner.barriers()
        press(page, zh("Save the quote"))
        page.wait_for_url(re.compile(r"/orders/\d+/$"))
        number = page.locator("h1").inner_text().strip()
        order = page.url.removeprefix(site.url)
        press(page, zh("Make an order of it"))
        owner.dialog.get_by_role("button", name=zh("Make an order of it"), exact=True).click()
        owner.is_told(zh("The order stands. Take the deposit or the payment now."))
        # Without the deposit the first stage does not begin.
        owner.reads(zh("%(amount)s of the deposit are not paid yet.", amount="¥3,000.00"), within=owner.main)
        pay(page, "3000", "WX-E2E-1")
        expect(page.locator(".od-gate")).to_have_count(0)
        go_on(page)
        go_on(page)
        # The factory waits until the drawing is signed.
        expect(page.locator(".od-gate")).to_contain_text(number)
        site.run(tasks_done(number))
        owner.go(order)
        go_on(page)
        go_on(page)
        # Delivery waits for the balance.
        owner.reads(zh("%(amount)s are not paid yet.", amount="¥5,700.00"), within=owner.main)
        pay(page, "5700")
        go_on(page)
        hand_over(page)
        go_on(page)
        site.run(tasks_done(number))
        owner.go(order)
        go_on(page)
        press(page, zh("Close", context="an order"))
        owner.dialog.get_by_role(
            "button", name=zh("Close the order", context="of a customer"), exact=True
        ).click()
        owner.is_told(zh("The order is closed."))
        owner.reads(zh("Closed", context="state of an order"), within=page.locator("#order-head"))
        assert not owner.overflow()
        assert not owner.barriers()
        # The customer's page and the search know it.
        owner.go(f"/search/?q={number}")
        owner.reads(number)


def test_a_ring_is_ordered_with_earnest_money_fetched_and_exchanged_on_a_phone(
    site: Site, chromium: Browser
) -> None:
    site.run(
        set_gold(999, 100_000, 90_000)
        + piece_at("HZ02", "古法素圈戒指", "E2E-RING-1", 5_000)
        + goods_at("HZ02", "E2E-CORD", "红绳手链", 19_900, 5)
        + enter_customer("阿依古丽·买买提", "13922225566", "HZ02")
    )
    with site.enter(chromium, "OWNER", PHONE) as owner:
        page = owner.page
        owner.go("/orders/new/")
        begin(page, "武林珠宝", "5566", "阿依古丽·买买提")
        page.locator("#od-code").fill("E2E-RING-1")
        page.locator("#od-code").press("Enter")
        expect(page.locator("#od-total")).to_have_text("¥5,000.00")
        page.locator("[name=deposit_kind]").select_option("EARNEST")
        page.locator("[name=deposit_amount]").fill("1000")
        assert not owner.overflow()
        assert not owner.barriers()
        press(page, zh("Place the order"))
        page.wait_for_url(re.compile(r"/orders/\d+/$"))
        order = page.url.removeprefix(site.url)
        pay(page, "1000")
        # What cancelling would cost stands there first.
        owner.go(order)
        owner.menu(zh("More"), zh("Cancel the order", context="of a customer"))
        owner.reads(zh("The customer withdraws"), within=owner.dialog)
        assert not owner.overflow()
        assert not owner.barriers()
        owner.dialog.get_by_role("button", name=zh("Back"), exact=True).click()
        go_on(page)
        pay(page, "4000", "WX-E2E-2")
        hand_over(page)
        # The ring comes back and a cord is taken: everything stands at the side before it happens.
        owner.go(order + "return/")
        page.get_by_role("button", name=zh("Everything"), exact=True).click()
        expect(page.locator("#od-refund")).to_have_text("¥5,000.00")
        page.locator("[name=exchange]").check()
        page.locator("#od-code").fill("E2E-CORD")
        page.locator("#od-code").press("Enter")
        expect(page.locator("#od-difference")).to_have_text("¥4,801.00")
        page.locator("#od-reason").fill("换款")
        page.locator("#od-reason").press("Tab")
        assert not owner.overflow()
        assert not owner.barriers()
        press(page, zh("Exchange", context="goods"))
        page.wait_for_url(re.compile(r"/orders/returns/\d+/$"))
        owner.reads("¥4,801.00", within=owner.main)
        owner.reads("¥199.00", within=owner.main)
        assert not owner.overflow()
        assert not owner.barriers()
