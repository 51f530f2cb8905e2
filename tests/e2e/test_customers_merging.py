"""One person entered twice: decided by keyboard in the queue, merged by hand with a preview, separated again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import Visitor
from tests.e2e.conftest import Site
from tests.e2e.shelf import enter_customer
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e

#: One number, two names: alike enough for a look, not for a rule.
PAIRS = (("罗绮云", "范伯言"), ("穆清扬", "石守信"), ("裴如海", "甘棠"))


def _pair(who: Visitor) -> set[str]:
    """The two names side by side."""
    return set(who.main.locator(".cm-face .dk-line-text > a").all_inner_texts())


def test_the_queue_is_worked_through_by_keyboard_and_the_last_decision_taken_back(
    site: Site, chromium: Browser
) -> None:
    for number, (one, other) in enumerate(PAIRS):
        for name in (one, other):
            site.run(enter_customer(name, f"1541003030{number}", "SZ02"))
    with site.enter(chromium, "luomin") as manager:
        page = manager.page
        manager.go("/customers/duplicates/")
        expect(manager.main.locator(".cm-face")).to_have_count(2)
        assert manager.barriers() == []
        first = _pair(manager)
        assert len(first) == 2
        page.keyboard.press("d")
        manager.is_told(zh("Noted: not the same. They will not be proposed again."))
        expect(manager.main.locator(".cm-face .dk-line-text > a").first).not_to_have_text(
            re.compile("|".join(first))
        )
        second = _pair(manager)
        page.keyboard.press("s")
        manager.is_told(zh("Merged into one profile."))
        expect(manager.main.locator(".cm-face .dk-line-text > a").first).not_to_have_text(
            re.compile("|".join(second))
        )
        # The merge was a slip of the finger.
        page.keyboard.press("u")
        manager.is_told(zh("Taken back."))
        assert _pair(manager) == second
        page.keyboard.press("l")
        manager.is_told(zh("Put off."))
        manager.go("/customers/duplicates/decided/")
        expect(manager.main.locator(".cm-decided")).not_to_have_count(0)
        manager.reads(sorted(first)[0], within=manager.main)
        manager.go("/customers/duplicates/?view=later")
        assert _pair(manager) == second


def test_two_profiles_are_merged_by_hand_after_a_preview_and_become_two_again(
    site: Site, chromium: Browser
) -> None:
    kept = site.run(enter_customer("乐正瑶", "15410030311", "SZ01")).strip()
    joined = site.run(enter_customer("乐正遥", "15410030312", "SZ01")).strip()
    with site.enter(chromium, "xuhaitao") as manager:
        page = manager.page
        manager.go(f"/customers/{kept}/")
        manager.menu(zh("More"), zh("Merge with another"))
        page.wait_for_url("**/merging/")
        manager.main.locator("[name=q]").press_sequentially("0312", delay=30)
        manager.main.locator("#merge-choices a").filter(has_text="乐正遥").click()
        page.wait_for_url(f"**/customers/{kept}/merging/{joined}/")
        manager.reads("乐正遥", within=manager.main)
        assert manager.barriers() == []
        manager.main.get_by_role("button", name=zh("Merge", context="button"), exact=True).click()
        page.wait_for_url(f"**/customers/{kept}/")
        manager.is_told(zh("Merged into one profile."))
        expect(manager.main.locator("#sources li")).to_have_count(2)
        manager.go(f"/customers/{joined}/")
        assert page.url.endswith(f"/customers/{kept}/"), "the other address leads to the one profile"
        manager.go("/customers/?q=乐正")
        expect(manager.main.locator("tbody tr")).to_have_count(1)
        manager.go(f"/customers/{kept}/merges/")
        manager.main.locator("form[action$='/separation/'] button").click()
        page.locator("#dk-confirm [data-confirm-yes]").click()
        page.wait_for_url(f"**/customers/{joined}/")
        expect(page.locator("h1")).to_contain_text("乐正遥")
        manager.go("/customers/?q=乐正")
        expect(manager.main.locator("tbody tr")).to_have_count(2)
