"""What is hidden stays hidden: masked numbers, pages of other stores."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Site
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e

MASKED = re.compile(r"154\s?[*•]{4}\s?0016")


def test_a_masked_number_is_shown_for_a_reason_and_hides_again(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, "OWNER") as owner:
        page = owner.page
        page.clock.install()
        owner.go("/staff/?q=gaojianguo")
        owner.row("高建国").get_by_role("link", name="高建国").click()
        page.wait_for_url("**/staff/*/")
        shown = owner.main.locator(".dk-masked")
        expect(shown).to_contain_text(MASKED)
        shown.locator("button").click()
        expect(shown).to_contain_text(MASKED)
        shown.get_by_role("button", name=zh("Contact the person"), exact=True).click()
        expect(shown.locator("strong")).to_be_visible()
        assert "15400000016" in "".join(filter(str.isdigit, shown.inner_text()))
        assert not MASKED.search(shown.inner_text())
        page.clock.fast_forward(31_000)
        expect(shown).to_contain_text(MASKED)
        owner.go("/settings/operation-log/")
        owner.reads("高建国", within=owner.main)


def test_who_may_not_reveal_gets_no_button_and_a_clerk_sees_no_number_at_all(
    site: Site, chromium: Browser
) -> None:
    with site.enter(chromium, "ACCOUNTANT") as accountant:
        accountant.go("/staff/?q=gaojianguo")
        expect(accountant.row("高建国").locator(".dk-masked")).to_contain_text(MASKED)
        expect(accountant.row("高建国").locator(".dk-masked button")).to_have_count(0)
    with site.enter(chromium, "CLERK") as clerk:
        clerk.go("/staff/?q=gaojianguo")
        expect(clerk.row("高建国")).to_have_count(1)
        assert not MASKED.search(clerk.main.inner_text())
        assert "15400000016" not in clerk.page.content()


def test_the_page_of_a_colleague_in_another_store_does_not_exist_for_a_clerk(
    site: Site, chromium: Browser
) -> None:
    with site.enter(chromium, "OWNER") as owner:
        owner.go("/staff/?q=suwanqing")
        href = owner.row("苏婉清").get_by_role("link", name="苏婉清").get_attribute("href")
    with site.enter(chromium, "CLERK") as clerk:
        answer = clerk.page.goto(f"{site.url}{href}")
        assert answer is not None
        assert answer.status == 404
        text = clerk.main.inner_text()
        assert "苏婉清" not in text
        assert clerk.page.locator(".dk-rail, .dk-auth").count(), (
            "the refusal is a page of the product with a way on"
        )
        clerk.go("/staff/?q=suwanqing")
        expect(clerk.main.locator("tbody tr")).to_have_count(0)
        # Inside the own store, without the right: refused, not hidden.
        answer = clerk.page.goto(f"{site.url}/staff/hire/")
        assert answer is not None
        assert answer.status == 403
