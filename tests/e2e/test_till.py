"""The till: a day at the counter on a tablet, and a quick sale on a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.e2e.browser import PHONE, TABLET, Visitor
from tests.e2e.conftest import Site
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e

MANAGER, MEMBER, REGISTER = "suwanqing", "沈静姝", "前台"
COLLEAGUE = "王佳怡"
GIFT_BOX, CREAM, COUPON = "焕颜礼盒", "云汐山茶花舒缓面霜 30ml", "安抚券"
AMOUNT = re.compile(r"-?¥([\d,]+\.\d\d)")
NUMBER = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)+")
#: A coupon for the member, and a little more stored value: what takes a clerk other pages.
PREPARED = f"""
from uuid import uuid4
from django.utils import timezone
from dianke.core.actor import SYSTEM
from dianke.customers.models import Customer
from dianke.promotions.models import CouponKind
from dianke.promotions.operations import issue_coupons
from dianke.stores.models import Store
from dianke.wallets.operations import top_up
now, member = timezone.now(), Customer.objects.get(name="{MEMBER}")
kind = CouponKind.objects.get(name="{COUPON}")
issue_coupons(kind=kind, customer_ids=[member.pk], reason="story", actor=SYSTEM, now=now)
top_up(customer=member, paid_amount=20000, store=Store.objects.get(code="HZ01"), payment_kind="CASH",
       reference=f"story:{{uuid4()}}", actor=SYSTEM, now=now)
"""


def said(text: str, **values: object) -> str:
    return zh(text, context="till", **values)


def _fen(place: Locator) -> int:
    found = AMOUNT.search(place.inner_text())
    assert found, place.inner_text()
    return int(found[1].replace(",", "").replace(".", ""))


def _sheet(till: Visitor) -> Locator:
    return till.page.locator("dialog[open]").last


def _press(till: Visitor, name: str) -> None:
    _sheet(till).get_by_role("button", name=name).last.click()


def _take(till: Visitor, name: str) -> None:
    """As somebody types it: wherever the focus is."""
    till.page.keyboard.type(name)
    card = till.page.locator(".tl-good").filter(has_text=name).first
    expect(card).to_be_visible()
    till.page.keyboard.press("Enter")
    expect(till.page.locator(".tl-line").filter(has_text=name).first).to_be_visible()


def _choose_member(till: Visitor) -> None:
    till.page.keyboard.press("F2")
    till.page.keyboard.type(MEMBER)
    _sheet(till).get_by_role("button", name=MEMBER).click()
    expect(till.page.locator(".tl-member")).to_contain_text(MEMBER)


def _pay(till: Visitor) -> str:
    """In cash, exactly, by Enter alone: the number of the sale."""
    till.page.keyboard.press("F9")
    expect(till.page.locator("#till-amount")).to_be_focused()
    till.page.keyboard.press("Enter")
    done = till.page.locator(".tl-done")
    expect(done).to_be_visible()
    number = NUMBER.search(done.inner_text())
    till.page.keyboard.press("Enter")
    expect(till.page.locator("#till-search")).to_be_focused()
    return number[0] if number else ""


def _open_shift(till: Visitor) -> None:
    till.go("/till/")
    till.page.get_by_role("button", name=REGISTER).click()
    till.page.locator("#till-piece-10000").fill("5")
    _press(till, said("Open the shift"))
    till.reads(said("The shift is open with %(amount)s.", amount="¥500.00"))


def _close_shift(till: Visitor, counted: int) -> None:
    """Counted blind: so many fen lie in the drawer; 500.00 stay."""
    till.page.keyboard.press("F8")
    _press(till, said("End the shift"))
    rest = counted
    for value in (10000, 5000, 2000, 1000, 500, 100, 50, 10, 1):
        till.page.locator(f"#till-piece-{value}").fill(str(rest // value))
        rest %= value
    _press(till, said("That is all"))
    _press(till, said("Close the shift"))
    _press(till, said("Close the shift"))
    till.reads(said("The shift is closed"))


def test_a_day_at_the_till_from_the_float_to_the_close(site: Site, chromium: Browser) -> None:
    site.run(PREPARED)
    with site.enter(chromium, MANAGER, TABLET, service_workers="allow") as till:
        page = till.page
        till.go("/settings/tills/")
        page.get_by_role("link", name=zh("Enrol this browser")).first.click()
        page.fill("[name=name]", "湖滨前台平板")
        page.locator("main form.dk-form [type=submit]").click()
        page.wait_for_url("**/settings/tills/")
        _open_shift(till)
        assert not till.barriers()

        # A member buys with a coupon and points; what each took off stands under the line.
        _take(till, GIFT_BOX)
        _take(till, CREAM)
        _choose_member(till)
        page.locator(".tl-chip").filter(has_text=COUPON).first.click()
        page.locator(".tl-chip").filter(has_text="积分").click()
        expect(page.locator(".tl-why").first).to_contain_text(COUPON)
        assert not till.barriers()
        assert not till.overflow()
        taken = _fen(page.locator(".tl-pay"))
        sold = _pay(till)
        assert sold.startswith("XS-")

        # A session of the card; without the customer's code the clerk says why.
        _choose_member(till)
        page.locator(".tl-chip").filter(has_text="次卡").first.click()
        page.locator("#till-line-waiver").fill("手机没电")
        _press(till, said("Done"))
        expect(page.locator(".tl-pay")).to_contain_text("¥0.00")
        page.keyboard.press("F9")
        _press(till, said("Take %(amount)s", amount="¥0.00"))
        till.reads(said("Paid"))
        page.keyboard.press("Enter")

        # The line breaks: one goes on selling, and the sale arrives by itself.
        page.context.set_offline(True)
        _take(till, CREAM)
        taken += _fen(page.locator(".tl-pay"))
        assert _pay(till) == "", "the number comes from the server"
        expect(page.locator(".tl-banner")).to_contain_text("1")
        page.context.set_offline(False)
        expect(page.locator(".tl-banner")).to_have_count(0, timeout=30_000)
        till.complaints[:] = [each for each in till.complaints if "ERR_INTERNET_DISCONNECTED" not in each]

        # One piece comes back: what will happen stands there before it does.
        page.keyboard.press("F6")
        page.keyboard.type(sold)
        page.keyboard.press("Enter")
        line = page.locator(".tl-back").filter(has_text=CREAM)
        line.get_by_role("button").last.click()
        expect(line).to_contain_text("× 1 瓶")
        expect(line.locator(".tl-quantity")).to_have_text("1瓶")
        page.get_by_role("button", name=said("Does not fit")).click()
        refund = _sheet(till).locator(".tl-effects-box .tl-due")
        expect(refund).to_be_visible()
        back = _fen(refund)
        expect(_sheet(till).locator(".tl-effects")).to_contain_text("× 1 瓶")
        assert not till.barriers()
        _press(till, "退款")
        _press(till, "退款")
        till.reads(said("Taken back"))
        page.keyboard.press("Enter")
        _close_shift(till, 50000 + taken - back)
        till.reads(said("Nothing over or short"))


def test_goods_are_exchanged_and_the_difference_is_paid(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, MANAGER, TABLET) as till:
        page = till.page
        _open_shift(till)
        _take(till, CREAM)
        sold = _pay(till)
        page.keyboard.press("F6")
        page.keyboard.type(sold)
        page.keyboard.press("Enter")
        page.locator(".tl-back").get_by_role("button").last.click()
        page.get_by_role("button", name=said("Wrong goods")).click()
        _press(till, said("Other goods instead"))
        _take(till, GIFT_BOX)
        expect(page.locator(".tl-exchange")).to_contain_text(sold)
        assert _fen(page.locator(".tl-pay")) == 69800 - 29800
        _pay(till)
        _close_shift(till, 50000 + 69800)
        till.reads(said("Nothing over or short"))


def test_a_phone_sells_with_the_cart_from_below_and_holds_a_sale(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, MANAGER, PHONE) as till:
        page = till.page
        _open_shift(till)
        page.locator("#till-search").fill(GIFT_BOX)
        page.locator(".tl-good").filter(has_text=GIFT_BOX).first.tap()
        page.locator(".tl-cart-open").tap()
        assert not till.barriers()
        assert not till.overflow()
        page.locator(".tl-hold").tap()
        page.fill("#till-hold-name", "试衣间 2")
        _press(till, said("Hold"))
        till.reads(said("“%(name)s” waits.", name="试衣间 2"))
        page.get_by_role("button", name="取单（1）").tap()
        page.get_by_role("button", name="试衣间 2").first.tap()
        page.locator(".tl-pay").tap()
        page.get_by_role("button", name="¥700").tap()
        assert not till.barriers()
        page.locator(".tl-go").tap()
        expect(page.locator(".tl-done")).to_contain_text("¥2.00")
        _press(till, said("Next sale"))
        page.locator(".tl-cart-open").wait_for()
        _close_shift(till, 50000 + 69800)
        till.reads(said("Nothing over or short"))


def test_a_past_sale_is_found_printed_once_more_and_taken_back(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, MANAGER, TABLET) as till:
        page = till.page
        _open_shift(till)
        _take(till, CREAM)
        _choose_member(till)
        taken = _fen(page.locator(".tl-pay"))
        sold = _pay(till)

        page.keyboard.press("F10")
        expect(_sheet(till).locator(".tl-choice").first).to_contain_text(sold)
        assert not till.barriers()
        page.keyboard.type(MEMBER)
        expect(_sheet(till).locator(".tl-choice").first).to_contain_text(sold)
        page.fill("#till-past", sold)
        page.keyboard.press("Enter")
        expect(_sheet(till).locator(".tl-effects")).to_contain_text(CREAM)
        assert not till.barriers()
        with page.context.expect_page() as paper:
            _press(till, said("Print the receipt"))
        expect(paper.value.locator("body")).to_contain_text(sold)
        paper.value.close()

        _press(till, said("Return, exchange"))
        expect(_sheet(till).locator("h2")).to_contain_text(sold)
        _sheet(till).get_by_role("button", name=said("All of it")).click()
        page.get_by_role("button", name=said("Faulty")).click()
        _press(till, "退款")
        _press(till, "退款")
        till.reads(said("Taken back"))
        page.keyboard.press("Enter")
        page.keyboard.press("F10")
        expect(_sheet(till).locator(".tl-choice").first).to_contain_text(said("goods came back"))
        page.keyboard.press("Escape")
        assert taken > 0
        _close_shift(till, 50000)
        till.reads(said("Nothing over or short"))


def test_the_drawer_is_opened_by_hand_and_handed_over_to_a_colleague(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, MANAGER, PHONE) as till:
        page = till.page
        _open_shift(till)
        page.get_by_role("button", name=said("More")).tap()
        _press(till, said("Open the drawer"))
        _press(till, said("Giving change"))
        assert not till.barriers()
        assert not till.overflow()
        _sheet(till).locator("footer").get_by_role("button", name=said("Open the drawer")).tap()
        till.reads(said("Noted. No printer answers: open the drawer with its key."))

        page.get_by_role("button", name=said("More")).tap()
        _press(till, said("Hand the drawer over"))
        _sheet(till).get_by_role("button", name=COLLEAGUE).tap()
        page.locator("#till-piece-10000").fill("5")
        assert not till.barriers()
        assert not till.overflow()
        _press(till, said("Hand over"))
        _press(till, said("Hand over"))
        till.reads(said("%(name)s has the drawer now.", name=COLLEAGUE))

        # A file of another till, and one that is none.
        page.get_by_role("button", name=said("More")).tap()
        _press(till, said("Sales to send"))
        _sheet(till).locator("summary").filter(has_text=said("Take them in from a file")).tap()
        assert not till.barriers()
        assert not till.overflow()
        saved = page.evaluate(
            "async () => (await document.querySelector('dk-till').till.exportQueue('12345678')).text()"
        )
        for content, told in (
            ("{}", zh("This is no file of unsent sales. Choose the one that was saved at the till.")),
            (saved, said("Nothing new in this file: all of it is here already.")),
        ):
            file = {"name": "till.json", "mimeType": "application/json", "buffer": content.encode()}
            page.set_input_files("#till-import", file)
            page.fill("#till-import-password", "12345678")
            _press(till, said("Take in"))
            till.reads(told)
        page.keyboard.press("Escape")
        _close_shift(till, 50000)
        till.reads(said("Nothing over or short"))


def test_a_member_tops_up_and_buys_a_card_at_the_till(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, MANAGER, PHONE) as till:
        page = till.page
        _open_shift(till)
        page.locator(".tl-cart-open").tap()
        _choose_member(till)
        chip = page.locator(".tl-chip").filter(has_text=said("Top up, sell a card or level"))
        chip.tap()
        page.locator(".tl-offer").first.tap()
        assert not till.barriers()
        assert not till.overflow()
        paid = _fen(page.locator(".tl-offer strong").first)
        till.reads(page.locator("#till-top-up-told").inner_text())
        _press(till, said("Pay"))
        # Stored value does not pay for stored value.
        expect(page.locator(".tl-tender").first).to_be_visible()
        expect(page.locator(".tl-tender").filter(has_text="储值")).to_have_count(0)
        assert _fen(page.locator(".tl-due")) == paid
        page.locator(".tl-go").tap()
        till.reads(said("Paid"))
        number = NUMBER.findall(page.locator(".tl-done").inner_text())[0]
        _press(till, said("Next sale"))
        # What was paid ahead goes back on the customer's page, not here.
        page.keyboard.press("F10")
        _sheet(till).locator(".tl-choice").filter(has_text=number).click()
        expect(_sheet(till).get_by_role("button", name=said("Print the receipt"))).to_be_enabled()
        expect(_sheet(till).get_by_role("button", name=said("Return, exchange"))).to_have_count(0)
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")

        page.locator(".tl-cart-open").tap()
        _choose_member(till)
        chip.tap()
        _press(till, said("Session cards"))
        assert not till.barriers()
        assert not till.overflow()
        card = _sheet(till).locator(".tl-choice").first
        price = _fen(card)
        card.tap()
        assert _fen(page.locator(".tl-due")) == price
        page.locator(".tl-go").tap()
        till.reads(said("Paid"))
        _press(till, said("Next sale"))
        _close_shift(till, 50000 + paid + price)
        till.reads(said("Nothing over or short"))


def test_a_discount_on_the_whole_order_falls_on_all_of_its_lines(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, MANAGER, TABLET) as till:
        page = till.page
        _open_shift(till)
        _take(till, CREAM)
        _take(till, GIFT_BOX)
        before = _fen(page.locator(".tl-pay"))
        page.get_by_role("button", name=said("Whole order"), exact=True).click()
        page.locator("#till-off-value").fill("0")
        _press(till, said("Done"))
        expect(page.locator("#till-off-value")).to_have_attribute("aria-invalid", "true")
        page.locator("#till-off-value").fill("88")
        _press(till, said("Done"))
        till.reads(said("Say why."))
        _press(till, said("Regular customer"))
        after = _fen(_sheet(till).locator(".tl-due strong"))
        assert after == (before * 88 + 50) // 100
        assert not till.barriers()
        assert not till.overflow()
        _press(till, said("Done"))
        expect(page.locator(".tl-order-off")).to_contain_text(said("Regular customer"))
        assert _fen(page.locator(".tl-pay")) == after
        assert page.locator(".tl-line").count() == page.locator(".tl-line .tl-why").count()
        number = _pay(till)
        page.keyboard.press("F10")
        sale = _sheet(till).locator(".tl-choice").filter(has_text=number)
        assert _fen(sale) == after
        page.keyboard.press("Escape")
        _close_shift(till, 50000 + after)
        till.reads(said("Nothing over or short"))
