"""Stock at work: what lies where, one item with everything that moved it, a difference put right by keyboard; a figure dragged
to another store becomes a transfer.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import PHONE
from tests.e2e.conftest import Site
from tests.e2e.shelf import _START
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e


def stock_goods(name: str, code: str, quantity: int) -> str:
    """Plain goods, so many of them received at the first store of the owner; prints the numbers of the item and the store."""
    return f"""{_START}
from decimal import Decimal
from dianke.catalog.operations.products import create_product
from dianke.inventory.operations import Goods, receive
store = Store.objects.filter(closed_on=None).order_by("code").first()
product = create_product(values=dict(name="{name}", code="{code}", kind="GOODS"), actor=actor, now=now)
variant = product.variants.get()
receive(store=store, goods=[Goods(variant.pk, Decimal({quantity}), Decimal(58))], reference="e2e:{code}",
    business_date=store.business_date(now), actor=actor, now=now)
print(variant.pk, store.pk)
"""


def test_look_at_the_matrix_open_an_item_adjust_it_by_keyboard_and_see_it_in_the_history(
    site: Site, chromium: Browser
) -> None:
    item, store = site.run(stock_goods("云锦台灯", "E2E-STOCK-1", 12)).split()
    with site.enter(chromium, "OWNER") as owner:
        page = owner.page
        owner.go("/stock/")
        search = page.locator(".dk-search-text")
        search.focus()
        page.keyboard.type("yjtd")
        row = owner.row("云锦台灯")
        expect(row).to_have_count(1)
        expect(owner.main.locator("tbody tr")).to_have_count(1)
        # The figure opens what moved it, with the way on.
        figure = row.locator(f"a[data-store='{store}']")
        expect(figure).to_contain_text("12")
        figure.focus()
        page.keyboard.press("Enter")
        expect(owner.dialog).to_contain_text("+12")
        # That a drawer was closed is told a moment later; whoever went on meanwhile stays where they went.
        link = row.get_by_role("link", name="云锦台灯", exact=True)
        link.evaluate("""link => new Promise(told => {
            const drawer = document.getElementById("drawer");
            drawer.addEventListener("close", () => setTimeout(told));
            drawer.close();
            link.focus();
        })""")
        expect(link).to_be_focused()
        # Who went nowhere is back where it was opened.
        figure.focus()
        page.keyboard.press("Enter")
        expect(owner.dialog).to_contain_text("+12")
        page.keyboard.press("Escape")
        expect(figure).to_be_focused()
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(rf"/stock/variants/{item}/$"))
        expect(page.locator("h1")).to_contain_text("云锦台灯")
        assert not owner.barriers()

        # Adjusting: by its key, the line is there already; the reason is missing first.
        page.keyboard.press("a")
        page.wait_for_url("**/stock/adjustments/new/**")
        line = owner.main.locator("tbody tr").first
        expect(line).to_contain_text("云锦台灯")
        line.locator("input[name^=quantity_]").focus()
        page.keyboard.type("-2")
        submit = owner.main.get_by_role("button", name=zh("Adjust"), exact=True)
        submit.focus()
        page.keyboard.press("Enter")
        page.locator("#dk-confirm [data-confirm-yes]").press("Enter")
        reason = owner.main.locator("input[name^=reason_][aria-invalid=true]")
        expect(reason).to_be_visible()
        expect(owner.main.locator("input[name^=quantity_]").first).to_have_value("-2")
        assert not owner.barriers()
        reason.focus()
        page.keyboard.type("破损")
        owner.main.get_by_role("button", name=zh("Adjust"), exact=True).focus()
        page.keyboard.press("Enter")
        page.locator("#dk-confirm [data-confirm-yes]").press("Enter")
        page.wait_for_url(re.compile(r"/stock/documents/\d+/$"))
        expect(owner.main).to_contain_text("破损")
        expect(owner.main).to_contain_text("-2")

        # It stands in the history of the item, and in the figure.
        owner.go(f"/stock/variants/{item}/")
        history = page.locator("#history")
        expect(history.locator("li").first).to_contain_text("破损")
        expect(history.locator("li").first).to_contain_text("-2")
        history.locator("#history-kind").select_option("RECEIPT")
        expect(history.locator("li")).to_have_count(1)
        expect(history).to_contain_text("+12")
        owner.go("/stock/?q=E2E-STOCK-1")
        expect(owner.row("云锦台灯").locator(f"a[data-store='{store}']")).to_contain_text("10")


def test_a_figure_dragged_to_another_store_opens_the_transfer(site: Site, chromium: Browser) -> None:
    _item, store = site.run(stock_goods("青瓷花瓶", "E2E-STOCK-2", 7)).split()
    with site.enter(chromium, "OWNER") as owner:
        page = owner.page
        owner.go("/stock/?q=E2E-STOCK-2")
        row = owner.row("青瓷花瓶")
        other = row.locator(f"a[data-stock]:not([data-store='{store}'])").first
        row.locator(f"a[data-store='{store}']").drag_to(other)
        expect(owner.dialog).to_contain_text("青瓷花瓶")
        expect(owner.dialog.locator("input[value='7']").first).to_be_attached()
        page.keyboard.press("Escape")
        # The same without a mouse, from the drawer of the figure.
        row.locator(f"a[data-store='{store}']").press("Enter")
        expect(owner.dialog.locator("summary").filter(has_text=zh("Transfer to"))).to_be_visible()
        assert not owner.barriers()


def test_a_clerk_on_the_phone_sees_the_own_store_as_cards(site: Site, chromium: Browser) -> None:
    site.run(stock_goods("苏绣团扇", "E2E-STOCK-3", 4))
    with site.enter(chromium, "CLERK", PHONE) as clerk:
        clerk.go("/stock/?q=E2E-STOCK-3")
        expect(clerk.row("苏绣团扇")).to_have_count(1)
        assert not clerk.overflow()
        assert not clerk.barriers()
        clerk.row("苏绣团扇").get_by_role("link", name="苏绣团扇", exact=True).click()
        expect(clerk.main).not_to_contain_text(zh("Average cost"))
        assert not clerk.overflow()
