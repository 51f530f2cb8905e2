"""A customer registers on their own phone: the code is made by the shop, the page works without scripts, and the card
opens again on another phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e import browser as driver
from tests.e2e.browser import PHONE, Visitor
from tests.e2e.conftest import Site
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e

NUMBER, NAME = "13912340088", "林晓月"


def last_code(visitor: Visitor) -> str:
    """The six digits in the outbox of the demo, read in another tab."""
    tab = visitor.page.context.new_page()
    tab.goto(f"{visitor.site}/m/outbox/")
    found = re.search(r"\d{6}", tab.locator("main li").first.inner_text())
    tab.close()
    assert found, "the outbox holds a code"
    return found[0]


def test_a_customer_registers_by_the_code_in_the_shop_and_comes_back(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, "STORE_MANAGER") as manager:
        page = manager.page
        manager.go("/customers/registration/")
        page.get_by_role("link", name=zh("New code")).first.click()
        form = manager.dialog.locator("form")
        form.locator("[name=name]").fill("收银台立牌")
        store = form.locator("[name=store]")
        if not store.input_value():
            store.select_option(index=1)
        form.locator("[type=submit]").click()
        manager.is_told(zh("Code made. Print its poster and hang it up."))
        manager.go("/customers/registration/?q=收银台立牌")
        manager.row("收银台立牌").get_by_role("link").first.click()
        page.wait_for_url("**/customers/registration/*/")
        address = page.locator("a[target=_blank]").get_attribute("href") or ""
        manager.go(f"{page.url.removeprefix(site.url)}poster/?size=a6")
        expect(page.locator("main img")).to_be_visible()

    with driver.visitor(chromium, site.url, PHONE, java_script_enabled=False) as phone:
        page = phone.page
        page.goto(address)
        expect(page.locator("[type=checkbox]:checked")).to_have_count(0)
        page.fill("[name=name]", NAME)
        page.select_option("[name=month]", "3")
        page.select_option("[name=day]", "5")
        page.fill("[name=phone]", NUMBER)
        page.get_by_role("button", name=zh("Get the code"), exact=True).click()
        expect(page.locator("[name=name]")).to_have_value(NAME)
        expect(page.locator("[name=code]")).to_be_in_viewport()
        page.fill("[name=code]", last_code(phone))
        page.check("[name=consent_MEMBERSHIP]")
        page.get_by_role("button", name=zh("Register"), exact=True).click()
        page.wait_for_url("**/m/?new")
        phone.reads(NAME)
        phone.go("/m/consents/")
        phone.reads(zh("What I said so far"))
        phone.go("/m/")
        page.get_by_role("button", name=zh("Sign out"), exact=True).click()
        page.wait_for_url("**/m/sign-in/")
        phone.go("/m/data/")
        assert page.url.endswith("/m/sign-in/"), "signed out, nothing is shown"

    # The number was proven a minute ago, so it opens the card without a further question, once a new code may be sent.
    site.run(
        "from dianke.customers.models import VerificationCode\n"
        "from datetime import timedelta\n"
        "for each in VerificationCode.objects.all():\n"
        "    each.sent_at -= timedelta(minutes=2); each.save(update_fields=['sent_at'])"
    )
    with driver.visitor(chromium, site.url, PHONE) as phone:
        page = phone.page
        phone.go("/m/")
        assert phone.barriers() == []
        page.fill("[name=phone]", NUMBER)
        page.get_by_role("button", name=zh("Get the code"), exact=True).click()
        page.fill("[name=code]", last_code(phone))
        page.get_by_role("button", name=zh("Sign in"), exact=True).click()
        page.wait_for_url(re.compile(r"/m/$"))
        for path in ("/m/", "/m/data/", "/m/data/change/", "/m/consents/", "/m/requests/", "/m/notice/"):
            phone.go(path)
            assert phone.barriers() == [], path
            assert phone.overflow() == [], path
