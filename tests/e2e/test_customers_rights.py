"""What customers may ask: to be erased (two people decide, nothing is left), to see and correct their own data on their
phone, to get no more offers by a link alone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import browser as driver
from tests.e2e.browser import PHONE
from tests.e2e.conftest import Site
from tests.e2e.shelf import enter_customer
from tests.e2e.test_registration import last_code
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e


def _proves(page: Page) -> None:
    """Types the password once more where the page asks for it."""
    asked = page.locator("[name=_confirm_password]")
    if asked.count():
        asked.fill("dianke-demo")
        page.get_by_role("button", name=zh("Confirm"), exact=True).click()


def test_an_erasure_is_asked_for_by_one_and_approved_by_another_and_leaves_nothing_readable(
    site: Site, chromium: Browser
) -> None:
    name = "公孙暮雪"
    pk = site.run(enter_customer(name, "15410030401", "SH01", birthday="1991-06-01")).strip()
    with site.enter(chromium, "xiaxue") as manager:
        page = manager.page
        manager.go(f"/customers/{pk}/")
        number = page.locator(".cu-head .num").first.inner_text().strip()
        manager.menu(zh("More"), zh("Request about data"))
        form = manager.dialog.locator("form")
        form.locator("[name=kind][value=ERASURE]").check(force=True)
        form.locator("[name=channel]").select_option("COUNTER")
        form.locator("[name=identity_checked_how]").select_option(index=1)
        form.locator("[type=submit]").last.click()
        expect(manager.main.get_by_text(zh("Erasure asked for")).first).to_be_visible()
        manager.go(f"/customers/requests/?q={number}")
        manager.row(name).get_by_role("link").first.click()
        page.wait_for_url(re.compile(r"/customers/requests/\d+/$"))
        request = page.url.removeprefix(site.url)
        manager.reads(zh("Destroyed for good"))
        assert manager.barriers() == []
        # Whoever asks at the counter cannot erase, and meanwhile nothing is changed or merged.
        expect(page.locator("a[href$='/erasure/']")).to_have_count(0)
        manager.go(f"/customers/{pk}/")
        manager.reads(zh("Erasure asked for"))
    with site.enter(chromium, "ADMINISTRATOR") as maker:
        page = maker.page
        maker.go(request)
        page.locator("a[href$='/erasure/']").click()
        _proves(page)
        page.fill("[name=number]", "00000000")
        page.fill("[name=reason]", "本人到店要求删除。")
        page.locator("main form.dk-form [type=submit]").click()
        maker.error_of("number", within=maker.main)
        page.fill("[name=number]", number)
        page.locator("main form.dk-form [type=submit]").click()
        page.wait_for_url(re.compile(r"/approvals/\d+/$"))
        approval = page.url.removeprefix(site.url)
        expect(page.locator("[name=decision]")).to_have_count(0)
        maker.go(request)
        maker.reads(zh("Waits for a second person."))
    with driver.visitor(chromium, site.url) as checker:
        page = checker.page
        checker.sign_in(site.users["OWNER"], "dianke-demo")
        checker.go(approval)
        page.locator("[name=decision][value=approve]").click()
        _proves(page)
        checker.is_told(zh("Approved and carried out."))
        checker.go(f"/customers/{pk}/")
        assert name not in page.content()
        checker.reads(zh("Erased"))
        for word in (name, "15410030401", "gongsunmuxue", number):
            checker.go(f"/customers/?q={word}")
            expect(checker.row(name)).to_have_count(0)
            checker.go(f"/search/?q={word}")
            expect(checker.main.locator(f"[href='/customers/{pk}/']")).to_have_count(0)
        checker.go(f"{request}certificate/")
        checker.reads(zh("Certificate of erasure"))
        assert name not in page.content()
        assert checker.barriers() == []
        left = f"ContactPoint.objects.filter(customer={pk}, key__destroyed_at=None).count()"
        assert site.run(f"from dianke.customers.models import ContactPoint; print({left})").strip() == "0"


def test_a_customer_signs_in_by_code_corrects_the_own_data_and_takes_consent_back(
    site: Site, chromium: Browser
) -> None:
    name, phone = "东方既白", "15410030402"
    pk = site.run(
        enter_customer(name, phone, "HZ01", birthday="1993-09-09", consents="MARKETING CARE")
    ).strip()
    with driver.visitor(chromium, site.url, PHONE) as visitor:
        page = visitor.page
        visitor.go("/m/sign-in/")
        page.fill("[name=phone]", phone)
        page.get_by_role("button", name=zh("Get the code"), exact=True).click()
        page.fill("[name=code]", last_code(visitor))
        page.get_by_role("button", name=zh("Sign in"), exact=True).click()
        # The number was never proven, so something else only this person knows is asked for.
        page.fill("[name=name]", name)
        page.get_by_role("button", name=zh("Sign in"), exact=True).click()
        page.wait_for_url(re.compile(r"/m/$"))
        visitor.reads(name)
        visitor.go("/m/data/change/")
        page.locator("[name=gender][value=F]").check(force=True)
        page.get_by_role("button", name=zh("Save"), exact=True).click()
        page.wait_for_url("**/m/data/")
        visitor.reads(zh("Female"), within=visitor.main)
        visitor.go("/m/consents/")
        marketing = page.locator("#MARKETING")
        back = marketing.get_by_role("button", name=re.compile(re.escape(zh("Take back"))))
        for _channel in range(8):
            marketing.wait_for()
            if not back.count():
                break
            with page.expect_navigation():
                back.first.click()
        expect(marketing.get_by_role("button", name=re.compile(re.escape(zh("Agree"))))).not_to_have_count(0)
        assert visitor.barriers() == []
        assert visitor.overflow() == []
    with site.enter(chromium, "STORE_MANAGER") as manager:
        manager.go(f"/customers/{pk}/")
        manager.reads(zh("No advertising"))
        expect(manager.main.locator("#sources li")).to_have_count(2)


def test_offers_stop_by_the_link_of_a_message_without_signing_in(site: Site, chromium: Browser) -> None:
    pk = site.run(enter_customer("西门听风", "15410030403", "HZ01", consents="MARKETING")).strip()
    token = site.run(
        f"from dianke.customers.queries.portal import withdrawal_token; print(withdrawal_token({pk}, 'SMS'))"
    ).strip()
    with driver.visitor(chromium, site.url, PHONE) as phone:
        page = phone.page
        phone.go(f"/m/w/{token}/")
        assert "西门听风" not in page.content(), "a link may be forwarded"
        assert phone.barriers() == []
        page.get_by_role("button", name=zh("No more offers"), exact=True).click()
        page.get_by_role("button", name=zh("That was a mistake, undo it"), exact=True).click()
        phone.reads(zh("Undone: everything is as it was."))
        phone.go(f"/m/w/{token}/")
        page.get_by_role("button", name=zh("No more offers"), exact=True).click()
        expect(page.get_by_role("button", name=zh("That was a mistake, undo it"), exact=True)).to_be_visible()
        phone.go("/m/w/no-such-link/")
        phone.reads(zh("This link is not complete. Open it from the message again, or ask at the counter."))
    with site.enter(chromium, "STORE_MANAGER") as manager:
        manager.go(f"/customers/{pk}/")
        consents = manager.main.locator("section", has=manager.page.locator("#consents-title"))
        expect(consents.locator(".is-off", has_text=zh("Text message"))).to_be_visible()
