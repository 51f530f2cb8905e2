"""Stores: opened in a dialog over the list, closed and taken back, forms that lose nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Site
from tests.e2e.shelf import open_store, without_approval
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e


def test_a_store_is_opened_in_a_dialog_and_what_was_wrong_is_said_beside_the_field(
    site: Site, chromium: Browser
) -> None:
    with site.enter(chromium, "OWNER") as owner:
        page = owner.page
        owner.go("/stores/")
        page.get_by_role("link", name=zh("Open a store"), exact=True).click()
        form = owner.dialog.locator("form")
        expect(form.locator("[name=name]")).to_be_focused()
        form.locator("[name=name]").fill("栖林珠宝·西溪店")
        form.locator("[name=code]").fill("HZ02")
        form.locator("[name=trade]").select_option("JEWELRY")
        form.locator("[name=street]").fill("文二西路 808 号")
        form.locator("[type=submit]").click()
        assert owner.error_of("short_name", form).inner_text()
        expect(form.locator("[name=street]")).to_have_value("文二西路 808 号")
        form.locator("[name=short_name]").fill("西溪珠宝")
        form.locator("[name=legal_entity]").select_option(label="栖林珠宝")
        form.locator("[type=submit]").click()
        assert "HZ02" in owner.error_of("code", form).inner_text(), (
            "the code of another store is refused by name"
        )
        expect(form.locator("[name=name]")).to_have_value("栖林珠宝·西溪店")
        form.locator("[name=code]").fill("HZ09")
        page.keyboard.press("Control+s")
        owner.is_told(zh("“%(name)s” is open.", name="西溪珠宝"))
        owner.go("/stores/?q=西溪")
        expect(owner.row("西溪店")).to_have_count(1)


def test_closing_a_store_is_taken_back_by_one_press(site: Site, chromium: Browser) -> None:
    # Closing is under approval in the demo; here that rule rests, because this is about the way back.
    site.run(open_store("SZ08", "太湖快闪"))
    with without_approval(site, "stores.close_store"), site.enter(chromium, "REGIONAL_MANAGER") as manager:
        page = manager.page
        manager.go("/stores/?q=SZ08")
        manager.row("SZ08").get_by_role("link").first.click()
        page.wait_for_url("**/stores/*/")
        manager.menu(zh("More"), zh("Close this store"))
        manager.dialog.locator("form [type=submit]").click()
        manager.is_told(zh("The store is closed."))
        manager.reads(zh("Closed", context="store"), within=page.locator(".dk-head-note"))
        manager.undo()
        manager.reads(zh("Open", context="store"), within=page.locator(".dk-head-note"))


def test_a_form_with_changes_asks_before_it_is_left(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, "OWNER") as owner:
        page = owner.page
        owner.go("/stores/1/")
        page.locator("a[href$='/stores/1/edit/']").click()
        form = owner.dialog.locator("form")
        form.locator("[name=telephone]").fill("0571-00009999")
        page.keyboard.press("Escape")
        question = page.locator("#dk-confirm")
        expect(question).to_be_visible()
        question.locator("[data-confirm-no]").click()
        expect(form.locator("[name=telephone]")).to_have_value("0571-00009999")
        owner.dialog.locator("[data-close]").first.click()
        question.locator("[data-confirm-yes]").click()
        expect(page.locator("dialog#dialog")).not_to_be_visible()
        owner.reads("0571-00001801")
        # As a page the browser itself asks.
        owner.go("/stores/1/edit/")
        page.fill("[name=telephone]", "0571-00009999")
        asked = []
        page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        owner.go("/stores/")
        assert asked == ["beforeunload"]
        # Nothing changed, nothing is asked.
        owner.go("/stores/1/edit/")
        page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        owner.go("/stores/")
        assert asked == ["beforeunload"]


def test_what_was_typed_comes_back_after_the_page_was_lost(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, "OWNER") as owner:
        page = owner.page
        owner.go("/stores/new/")
        page.fill("[name=name]", "栖林小集·未来科技城店")
        page.fill("[name=city]", "杭州市")
        owner.becomes("!!localStorage.getItem('dk-draft:store-new')?.includes('杭州市')")
        page.on("dialog", lambda dialog: dialog.accept())
        page.reload()
        expect(page.locator("[name=name]")).to_have_value("栖林小集·未来科技城店")
        expect(page.locator("[name=city]")).to_have_value("杭州市")
        page.get_by_role("button", name=zh("Discard it")).click()
        expect(page.locator("[name=name]")).to_have_value("")
        page.reload()
        expect(page.locator("[name=name]")).to_have_value("")
