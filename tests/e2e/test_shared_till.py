"""A shared till: enrolled once, then colleagues take over from each other by PIN."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import TABLET, Visitor, visitor
from tests.e2e.conftest import DEMO_PASSWORD, Site
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e

MANAGER, CLERK, OTHER = ("gaojianguo", "高建国"), ("songjia", "宋佳"), ("tangxiaoyu", "唐小雨")
PINS = {"gaojianguo": "7402", "songjia": "804153", "tangxiaoyu": "6147"}


def _who(visitor: Visitor) -> str:
    return (
        (visitor.page.locator("#dk-me > summary").get_attribute("aria-label") or "")
        .split("：")[0]
        .split(":")[0]
    )


def _set_pin(till: Visitor, username: str) -> None:
    till.go("/me/pin/")
    till.page.fill("[name=pin]", PINS[username])
    till.page.get_by_role("button", name=zh("Save"), exact=True).click()
    till.is_told(zh("Your PIN is set. It works on tills where you signed in fully once."))


def _sign_in_fully(till: Visitor, username: str) -> None:
    till.page.fill("[name=username]", username)
    till.page.fill("[name=password]", DEMO_PASSWORD)
    till.page.click("form[action='/sign-in/'] [type=submit]")
    till.page.wait_for_url(till.site + "/")


def _lock(till: Visitor) -> None:
    """From the user menu, as everybody who leaves the till does."""
    till.page.locator("#dk-me > summary").click()
    till.page.locator("#dk-me form[action='/till/lock/'] button").first.click()
    till.page.wait_for_url("**/till/people/**")


def _choose(till: Visitor, name: str) -> None:
    till.page.get_by_role("link", name=name).click()
    expect(till.page.locator("[name=pin]")).to_be_focused()


def test_colleagues_take_over_a_till_by_pin_with_keys_and_with_fingers(site: Site, chromium: Browser) -> None:
    with visitor(chromium, site.url, TABLET) as till:
        page = till.page
        till.sign_in(MANAGER[0], DEMO_PASSWORD)
        till.go("/settings/tills/")
        page.get_by_role("link", name=zh("Enrol this browser")).first.click()
        page.fill("[name=name]", "武林店婚嫁柜左")
        page.locator("main form.dk-form [type=submit]").click()
        page.wait_for_url("**/settings/tills/")
        till.reads("武林店婚嫁柜左")
        till.go("/me/pin/")
        page.fill("[name=pin]", "1234")
        page.get_by_role("button", name=zh("Save"), exact=True).click()
        assert till.error_of("pin").inner_text(), "a PIN everybody would guess is refused"
        _set_pin(till, MANAGER[0])
        # Colleagues sign in fully once on this till; from then on their PIN is enough.
        for username in (CLERK[0], OTHER[0]):
            _lock(till)
            page.locator("a[href='/sign-in/']").first.click()
            _sign_in_fully(till, username)
            _set_pin(till, username)
        _lock(till)
        assert not till.barriers()
        assert not till.overflow()

        _choose(till, CLERK[1])
        page.keyboard.type(PINS[CLERK[0]])
        page.keyboard.press("Enter")
        page.wait_for_url(till.site + "/")
        assert CLERK[1] in _who(till)

        _lock(till)
        _choose(till, OTHER[1])
        for digit in PINS[OTHER[0]]:
            page.locator(f"[data-digit='{digit}']").click()
        page.get_by_role("button", name=zh("Take over"), exact=True).click()
        page.wait_for_url(till.site + "/")
        assert OTHER[1] in _who(till)
        # Opened by PIN, the session does nothing that matters without a full proof.
        till.go("/me/password/")
        expect(page.locator("h1")).to_have_text(zh("Confirm that it is you"))

        till.go("/")
        _lock(till)
        _choose(till, CLERK[1])
        for left in (4, 3, 2, 1):
            page.fill("[name=pin]", "9999")
            page.keyboard.press("Enter")
            till.reads(zh("The PIN is not right. %(left)s try left.", left, left=left))
        page.fill("[name=pin]", "9999")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("5")
        page.fill("[name=pin]", PINS[CLERK[0]])
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
        assert "/till/" in page.url, "the right PIN does not open a locked one"
        # The manager takes over and the till is given back.
        till.go("/till/people/")
        _choose(till, MANAGER[1])
        page.keyboard.type(PINS[MANAGER[0]])
        page.keyboard.press("Enter")
        page.wait_for_url(till.site + "/")
        assert MANAGER[1] in _who(till)
