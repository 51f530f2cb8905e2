"""At the counter: who is here already is said while one types, and what one may not see is only said to exist."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Site
from tests.e2e.shelf import enter_customer
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e

KNOWN, PHONE_NUMBER = "魏知夏", "15410030001"


def test_a_known_number_is_told_while_typing_and_the_entry_joins_the_profile_or_becomes_a_new_one(
    site: Site, chromium: Browser
) -> None:
    pk = site.run(enter_customer(KNOWN, PHONE_NUMBER, "HZ02")).strip()
    with site.enter(chromium, "CLERK") as clerk:
        page = clerk.page
        clerk.go("/customers/new/")
        expect(page.locator("#id_phone")).to_be_focused()
        page.locator("#id_phone").press_sequentially(PHONE_NUMBER, delay=20)
        hint = page.locator("#ce-hints .ce-hint")
        expect(hint).to_contain_text(zh("Here already: %(name)s", name=KNOWN))
        page.fill("#id_name", "魏小姐")
        page.fill("[name=note]", "想看铂金素圈。")
        # Saved all the same: the form asks what to do, and nothing typed is lost.
        page.get_by_role("button", name=zh("Save"), exact=True).click()
        expect(page.locator("#ce-hints .is-known")).to_be_visible()
        expect(page.locator("#id_name")).to_have_value("魏小姐")
        expect(page.locator("[name=note]")).to_have_value("想看铂金素圈。")
        page.get_by_role("button", name=zh("It is them: add this"), exact=True).click()
        page.wait_for_url(f"**/customers/{pk}/")
        clerk.is_told(zh("Added to “%(name)s”.", name=KNOWN).split("“")[0][:2])
        expect(page.locator("#sources li")).to_have_count(2)
        clerk.reads("想看铂金素圈。", within=clerk.main)

        clerk.go("/customers/new/")
        page.fill("#id_phone", PHONE_NUMBER)
        page.fill("#id_name", "魏知秋")
        page.get_by_role("button", name=zh("Save"), exact=True).click()
        page.get_by_role("button", name=zh("Somebody else: enter as new"), exact=True).click()
        page.wait_for_url(re.compile(r"/customers/\d+/$"))
        assert not page.url.endswith(f"/customers/{pk}/")
        expect(page.locator("h1")).to_contain_text("魏知秋")
        clerk.go(f"/customers/?q={PHONE_NUMBER}")
        expect(clerk.main.locator("tbody tr")).to_have_count(2)


def test_a_clerk_of_another_store_learns_only_that_the_customer_exists_and_asks_for_sharing(
    site: Site, chromium: Browser
) -> None:
    pk = site.run(enter_customer("夏侯婧", "15410030002", "HZ02")).strip()
    with site.enter(chromium, "machao") as clerk:
        page = clerk.page
        clerk.go("/customers/new/")
        page.locator("#id_phone").press_sequentially("15410030002", delay=20)
        hint = page.locator("#ce-hints .ce-hint")
        expect(hint).to_have_text(
            re.compile(
                re.escape(
                    zh("Exists already, kept by another store. Ask your manager to share the customer.")
                )
            )
        )
        assert "夏侯" not in page.content()
        hint.get_by_role("button", name=zh("Ask for sharing"), exact=True).click()
        expect(page.locator("#ce-hints")).to_contain_text(
            zh("Asked. Whoever keeps the customer has a task now and decides.")
        )
        assert "夏侯" not in page.content()
        page.fill("#id_name", "夏小姐")
        page.get_by_role("button", name=zh("Save"), exact=True).click()
        expect(page.locator("#ce-hints .is-known")).to_be_visible()
        expect(page.get_by_role("button", name=zh("It is them: add this"))).to_have_count(0)
        answer = page.goto(f"{site.url}/customers/{pk}/")
        assert answer is not None
        assert answer.status == 404
    with site.enter(chromium, "gaojianguo") as manager:
        manager.soon_reads("/tasks/?due=all", "马超")


def test_the_search_offers_to_enter_whom_it_does_not_find(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, "CLERK") as clerk:
        page = clerk.page
        clerk.go("/search/?q=钟离月 15410030009")
        clerk.main.get_by_role("option", name=re.compile("钟离月")).first.click()
        expect(page.locator("#id_name")).to_have_value("钟离月")
        expect(page.locator("#id_phone")).to_have_value(re.compile("154.?1003.?0009"))
        page.get_by_role("button", name=zh("Save"), exact=True).click()
        page.wait_for_url(re.compile(r"/customers/\d+/$"))
        expect(page.locator("h1")).to_contain_text("钟离月")
        # Found at once by the last digits, by pinyin and by the initials.
        for word in ("0009", "zhongliyue", "zly"):
            clerk.go(f"/customers/?q={word}")
            expect(clerk.row("钟离月")).to_have_count(1)
