"""Signing in and out: by one tap in the demo, wrong passwords, second factors."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import PHONE, Visitor, visitor
from tests.e2e.conftest import DEMO_PASSWORD, Site
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e


def totp(secret: str, at: float) -> str:
    """The six digits an authenticator app shows (RFC 6238, SHA-1, 30 s)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(at) // 30), hashlib.sha1).digest()
    offset = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def test_one_tap_signs_in_as_every_role_of_the_demo(site: Site, chromium: Browser) -> None:
    for username in site.users.values():
        with visitor(chromium, site.url, PHONE) as who:
            who.go("/sign-in/")
            forms = who.page.locator(".acc-demo-people form")
            assert forms.count() == len(site.users)
            one = forms.filter(has=who.page.locator(f"input[name=username][value={username}]"))
            one.locator("button").tap()
            who.page.wait_for_url(site.url + "/")
            expect(who.page.locator("h1")).to_have_text(zh("Today", context="place"))
            assert who.page.locator(".dk-tabbar :is(a, button)").count() <= 5
            site._entered.setdefault(username, (who.page.context.storage_state(), time.monotonic()))


def test_the_fifth_wrong_password_locks_the_name_and_says_when_it_opens(
    site: Site, chromium: Browser
) -> None:
    with visitor(chromium, site.url) as who:
        who.go("/sign-in/")
        page = who.page
        for _try in range(4):
            page.fill("[name=username]", "shilei")
            page.fill("[name=password]", "not-the-password")
            page.click("form[action='/sign-in/'] [type=submit]")
            who.reads(zh("Name or password is not right. Check capital letters and try again."))
            expect(page.locator("[name=username]").first).to_have_value("shilei")
        page.fill("[name=password]", "not-the-password")
        page.click("form[action='/sign-in/'] [type=submit]")
        expect(page.locator("h1")).to_have_text(zh("Locked for now"))
        opens = page.locator("main strong").inner_text()
        assert re.fullmatch(r"\d\d:\d\d", opens), "the page says at which time one can try again"
        # The right password does not open the lock either.
        page.get_by_role("link", name=zh("Back to sign-in")).click()
        page.fill("[name=username]", "ShiLei")
        page.fill("[name=password]", DEMO_PASSWORD)
        page.click("form[action='/sign-in/'] [type=submit]")
        expect(page.locator("h1")).to_have_text(zh("Locked for now"))
    with site.enter(chromium, "STORE_MANAGER") as other:
        other.go("/me/")
        assert "/sign-in/" not in other.page.url, "colleagues at the same address are not locked"


def test_after_signing_out_the_pages_are_closed_and_signing_in_leads_back(
    site: Site, chromium: Browser
) -> None:
    with visitor(chromium, site.url) as who:
        who.sign_in("songjia", DEMO_PASSWORD)
        who.go("/staff/")
        who.sign_out()
        who.page.go_back()
        who.go("/staff/?employed=yes")
        assert "/sign-in/" in who.page.url
        who.page.fill("[name=username]", "songjia")
        who.page.fill("[name=password]", DEMO_PASSWORD)
        who.page.click("form[action='/sign-in/'] [type=submit]")
        who.page.wait_for_url("**/staff/?employed=yes")


def _set_up_app(who: Visitor) -> str:
    """Sets the app up with the code shown half a minute ago, which still counts; returns the key."""
    page = who.page
    who.go("/me/")
    page.locator("a[href='/me/app/']").click()
    page.locator(".acc-steps details summary").click()
    secret = page.locator(".acc-secret").inner_text().replace(" ", "")
    page.fill("[name=code]", "000000")
    page.get_by_role("button", name=zh("Continue"), exact=True).click()
    who.error_of("code")
    assert page.locator(".acc-secret").text_content().replace(" ", "") == secret, "a wrong code keeps the key"
    page.fill("[name=code]", totp(secret, time.time() - 30))
    page.get_by_role("button", name=zh("Continue"), exact=True).click()
    expect(page.locator("h1")).to_have_text(zh("Recovery codes"))
    return secret


def test_a_code_of_the_app_is_asked_for_after_the_password(site: Site, chromium: Browser) -> None:
    with visitor(chromium, site.url) as who:
        page = who.page
        who.sign_in("hanbing", DEMO_PASSWORD)
        secret = _set_up_app(who)
        recovery = page.locator(".acc-codes code").first.inner_text()
        who.go("/")
        who.sign_out()
        page.fill("[name=username]", "hanbing")
        page.fill("[name=password]", DEMO_PASSWORD)
        page.click("form[action='/sign-in/'] [type=submit]")
        page.wait_for_url("**/sign-in/code/")
        who.go("/staff/")
        assert "/sign-in/" in page.url, "between password and code nothing is open"
        who.go("/sign-in/code/")
        page.fill("[name=code]", "123456")
        page.get_by_role("button", name=zh("Continue"), exact=True).click()
        who.error_of("code")
        page.fill("[name=code]", totp(secret, time.time()))
        page.get_by_role("button", name=zh("Continue"), exact=True).click()
        page.wait_for_url(site.url + "/")
        who.sign_out()
        page.fill("[name=username]", "hanbing")
        page.fill("[name=password]", DEMO_PASSWORD)
        page.click("form[action='/sign-in/'] [type=submit]")
        page.wait_for_url("**/sign-in/code/")
        page.locator("a[href='?recovery']").click()
        page.fill("[name=code]", recovery.strip())
        page.get_by_role("button", name=zh("Continue"), exact=True).click()
        page.wait_for_url(site.url + "/")


def _authenticator(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def test_a_passkey_made_on_this_device_signs_in_without_a_password(site: Site, chromium: Browser) -> None:
    # Passkeys belong to a name; an address of digits has none.
    with visitor(chromium, site.url.replace("127.0.0.1", "localhost")) as who:
        page = who.page
        _authenticator(page)
        who.sign_in("wangjiayi", DEMO_PASSWORD)
        who.go("/me/passkeys/add/")
        page.fill("[name=name]", "佳怡的手机")
        page.get_by_role("button", name=zh("Add passkey")).click()
        expect(page.locator("h1")).to_have_text(zh("Recovery codes"))
        who.go("/me/")
        who.reads("佳怡的手机")
        who.sign_out()
        page.get_by_role("button", name=zh("Sign in with a passkey")).click()
        page.wait_for_url(who.site + "/")
        assert "王佳怡" in (page.locator("#dk-me > summary").get_attribute("aria-label") or "")
        # Beside a password the passkey is the second step.
        who.sign_out()
        page.fill("[name=username]", "wangjiayi")
        page.fill("[name=password]", DEMO_PASSWORD)
        page.click("form[action='/sign-in/'] [type=submit]")
        page.wait_for_url("**/sign-in/code/")
        page.get_by_role("button", name=zh("Use a passkey")).click()
        page.wait_for_url(who.site + "/")
