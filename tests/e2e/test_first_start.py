"""The first start on a phone: a jewelry shop is set up by answering six questions."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import PHONE, visitor
from tests.e2e.conftest import Site
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e

SHOP = "老庙前金玉"
PASSWORD = "春山可望-2026-金玉"


def _next(page: Page) -> None:
    page.get_by_role("button", name=zh("Next", context="question"), exact=True).click()


def test_a_jewelry_shop_opens_on_a_phone_and_going_back_keeps_what_was_typed(
    empty_site: Site, chromium: Browser
) -> None:
    with visitor(chromium, empty_site.url, PHONE) as owner:
        page = owner.page
        owner.go("/")
        assert page.url.endswith("/setup/name/"), "everything leads to the first question"
        _next(page)
        assert owner.error_of("merchant").inner_text()
        page.fill("[name=merchant]", SHOP)
        _next(page)
        page.wait_for_url("**/setup/trade/")
        page.locator("label.dk-choice", has=page.locator("[value=JEWELRY]")).tap()
        page.get_by_role("button", name=zh("Back", context="to the question before")).tap()
        page.wait_for_url("**/setup/name/")
        expect(page.locator("[name=merchant]")).to_have_value(SHOP)
        _next(page)
        expect(page.locator("[name=trade][value=JEWELRY]")).to_be_checked()
        assert not owner.overflow()
        assert not owner.barriers()
        _next(page)
        page.wait_for_url("**/setup/language/")
        expect(page.get_by_role("radio", name="简体中文")).to_be_checked()
        _next(page)
        page.wait_for_url("**/setup/place/")
        expect(page.locator("[name=place][value=CN]")).to_be_checked()
        _next(page)
        page.wait_for_url("**/setup/store/")
        expect(page.locator("[name=store]")).to_have_value(SHOP)
        expect(page.locator("[name=store_code]")).to_have_value("LMQJ01")
        _next(page)
        page.wait_for_url("**/setup/account/")
        owner.reads(SHOP)
        page.fill("[name=person]", "沈知意")
        page.locator("[name=password]").focus()
        expect(page.locator("[name=username]")).to_have_value("shenzhiyi")
        page.fill("[name=password]", "123456")
        page.get_by_role("button", name=zh("Open the shop")).tap()
        assert owner.error_of("password").inner_text(), "a weak password is refused where it stands"
        expect(page.locator("[name=person]")).to_have_value("沈知意")
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name=zh("Open the shop")).tap()
        page.wait_for_url(empty_site.url + "/")
        expect(page.locator("h1")).to_have_text(zh("Today", context="place"))
        assert not owner.overflow()
        assert not owner.barriers()
        owner.go("/stores/")
        owner.reads(SHOP)
        owner.go("/setup/")
        owner.reads(
            zh("This shop has been set up already. Sign in; everything can be changed in the settings.")
        )
        owner.go("/")
        page.locator("#dk-me > summary").tap()
        page.locator("#dk-me form[action='/sign-out/'] button").tap()
        page.wait_for_url("**/sign-in/**")
        page.fill("[name=username]", "shenzhiyi")
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name=zh("Sign in"), exact=True).tap()
        # An owner's role asks for a second factor, which is set up at the second sign-in.
        page.wait_for_url("**/sign-in/set-up/**")
