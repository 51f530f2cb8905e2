"""By keyboard alone: search and commands, the keys of a page, rows, forms, dialogs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Site
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e


def test_a_manager_finds_opens_and_saves_without_touching_the_mouse(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, "REGIONAL_MANAGER") as manager:
        page, keys = manager.page, manager.page.keyboard
        manager.go("/")
        # The first Tab offers the way past the navigation.
        keys.press("Tab")
        expect(page.locator(".dk-skip")).to_be_focused()
        keys.press("Enter")
        expect(page.locator("main")).to_be_focused()
        # Its pinyin finds a page.
        keys.press("Control+k")
        palette = page.locator("#dk-palette")
        expect(palette).to_be_visible()
        keys.type("mendian")
        first = palette.locator("[role=option][aria-selected=true]")
        expect(first).to_contain_text(zh("Stores"))
        keys.press("Enter")
        page.wait_for_url("**/stores/")
        # A slash opens it too, Esc closes it, and typing in a field is not a command.
        keys.press("/")
        expect(palette).to_be_visible()
        keys.type("mingzhu")
        expect(palette.locator("[role=option]").first).to_contain_text("欧阳明珠")
        keys.press("Escape")
        expect(palette).not_to_be_visible()
        page.locator("form.dk-list-bar [name=q]").focus()
        keys.type("/?n")
        expect(page.locator("form.dk-list-bar [name=q]")).to_have_value("/?n")
        expect(page.locator("dialog:modal")).to_have_count(0)
        manager.go("/stores/")
        # ? shows what the page can do by key.
        keys.press("Shift+?")
        sheet = page.locator("#dk-keys")
        expect(sheet).to_be_visible()
        expect(sheet).to_contain_text(zh("Open a store"))
        keys.press("Escape")
        expect(sheet).not_to_be_visible()
        # J walks the rows, Enter opens one, E changes it.
        keys.press("j")
        keys.press("j")
        manager.becomes("document.activeElement.closest('tr')?.rowIndex === 2")
        name = page.evaluate("document.activeElement.textContent")
        keys.press("k")
        manager.becomes("document.activeElement.closest('tr')?.rowIndex === 1")
        keys.press("j")
        keys.press("Enter")
        page.wait_for_url("**/stores/*/")
        expect(page.locator("h1")).to_have_text(name)
        keys.press("e")
        form = manager.dialog.locator("form")
        expect(form.locator("[name=name]")).to_be_focused()
        # The dialog keeps the focus inside until Esc, then gives it back.
        for _tab in range(40):
            keys.press("Tab")
            assert page.evaluate(
                "!!document.activeElement.closest('dialog') || document.activeElement === document.body"
            )
        keys.press("Escape")
        expect(manager.page.locator("dialog#dialog")).not_to_be_visible()
        expect(page.locator("[data-key=e]")).to_be_focused()


def test_whatever_has_the_focus_shows_it(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, "STORE_MANAGER") as manager:
        page = manager.page
        for path in ("/", "/staff/"):
            manager.go(path)
            for _tab in range(25):
                page.keyboard.press("Tab")
                shows = page.evaluate(
                    """() => {
                      const e = document.activeElement;
                      if (e === document.body) return true;
                      const s = getComputedStyle(e), r = e.getBoundingClientRect();
                      const ring = (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none';
                      const parent = e.closest('.dk-search, .dk-choice, label');
                      const outer = parent && (getComputedStyle(parent).boxShadow !== 'none' || getComputedStyle(parent).outlineStyle !== 'none');
                      return (ring || !!outer) && r.width > 0 && r.height > 0 || e.outerHTML.slice(0, 160);
                    }"""
                )
                assert shows is True, f"{path}: nothing shows where the focus is: {shows}"
