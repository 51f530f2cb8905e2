"""Two people for what matters: one asks, another proves who they are and decides; what changed since is refused."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import Visitor, visitor
from tests.e2e.conftest import DEMO_PASSWORD, Site
from tests.e2e.shelf import older_proof, open_store
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e


def _ask_to_close(maker: Visitor, code: str, reason: str) -> str:
    """The address of the request."""
    maker.go(f"/stores/?q={code}")
    maker.row(code).get_by_role("link").first.click()
    maker.page.wait_for_url("**/stores/*/")
    maker.menu(zh("More"), zh("Close this store"))
    maker.dialog.locator("form [type=submit]").click()
    maker.reads(zh("This needs a second person"))
    maker.page.locator("[name=reason]").fill(reason)
    maker.page.get_by_role("button", name=zh("Ask for approval"), exact=True).click()
    maker.is_told(zh("Asked for. You will be told when somebody has decided."))
    maker.go("/approvals/?view=mine")
    line = maker.page.locator(".dk-line", has_text=re.compile("待|等|Pending|Waiting")).first
    return line.get_attribute("href") or ""


def test_the_maker_cannot_decide_and_the_checker_proves_who_they_are(site: Site, chromium: Browser) -> None:
    site.run(open_store("SH08", "徐汇快闪"))
    with site.enter(chromium, "REGIONAL_MANAGER") as maker:
        address = _ask_to_close(maker, "SH08", "商场合同到期，不再续签。")
        maker.go(address)
        maker.reads("商场合同到期，不再续签。")
        expect(maker.page.locator("[name=decision]")).to_have_count(0)
        expect(maker.page.get_by_role("button", name=zh("Withdraw"), exact=True)).to_be_visible()
        maker.go("/stores/?q=SH08")
        expect(maker.row("SH08")).to_contain_text(zh("Open", context="store"))
    with visitor(chromium, site.url) as checker:
        page = checker.page
        checker.sign_in(site.users["OWNER"], DEMO_PASSWORD)
        # A proof holds a few minutes; this one is older.
        site.run(older_proof(site.users["OWNER"]))
        checker.go("/")
        page.locator(".work-group .dk-line", has_text="徐汇快闪").first.click()
        panel = checker.dialog
        checker.reads("商场合同到期，不再续签。", within=panel)
        panel.locator("[name=decision][value=approve]").click()
        checker.reads(zh("Confirm that it is you"))
        page.fill("[name=_confirm_password]", "not-the-password")
        page.get_by_role("button", name=zh("Confirm"), exact=True).click()
        checker.reads(zh("The password is not right. Please try again."))
        page.fill("[name=_confirm_password]", DEMO_PASSWORD)
        page.get_by_role("button", name=zh("Confirm"), exact=True).click()
        checker.is_told(zh("Approved and carried out."))
        checker.go("/stores/?q=SH08")
        expect(checker.row("SH08")).to_contain_text(zh("Closed", context="store"))
    with site.enter(chromium, "REGIONAL_MANAGER") as maker:
        maker.soon_reads("/notices/", "徐汇快闪")
        maker.go(address)
        maker.reads(zh("Approved"))


def test_a_request_overtaken_by_another_change_is_refused(site: Site, chromium: Browser) -> None:
    site.run(open_store("SZ07", "金鸡湖快闪"))
    with site.enter(chromium, "REGIONAL_MANAGER") as maker:
        address = _ask_to_close(maker, "SZ07", "旗舰店改造。")
        store_url = "/stores/?q=SZ07"
        maker.go(store_url)
        maker.row("SZ07").get_by_role("link").first.click()
        maker.page.wait_for_url("**/stores/*/")
        maker.page.locator("a[href$='/edit/']").first.click()
        maker.dialog.locator("[name=telephone]").fill("0512-00000999")
        maker.dialog.locator("form [type=submit]").click()
        maker.is_told(zh("Saved."))
    with visitor(chromium, site.url) as checker:
        checker.sign_in(site.users["OWNER"], DEMO_PASSWORD)
        checker.go(address)
        checker.page.locator("[name=decision][value=approve]").click()
        checker.reads(
            zh(
                "What this is about has changed since it was asked for. Nothing was done; it has to be asked for again."
            )
        )
        checker.go(store_url)
        expect(checker.row("SZ07")).to_contain_text(zh("Open", context="store"))
