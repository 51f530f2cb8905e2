"""People: hired, posted, moved to another store, and leaving with everything handed over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import visitor
from tests.e2e.conftest import DEMO_PASSWORD, Site
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e

PASSWORD = "新来的第一天-2026"


def test_a_new_colleague_is_hired_invited_posted_and_moved_and_sees_what_belongs_to_the_place(
    site: Site, chromium: Browser
) -> None:
    with site.enter(chromium, "OWNER") as owner:
        page = owner.page
        owner.go("/staff/")
        page.get_by_role("link", name=zh("Hire a person"), exact=True).click()
        form = owner.dialog.locator("form")
        form.locator("[name=name]").fill("白芷")
        form.locator("[name=username]").fill("baizhi")
        form.locator("[name=number]").fill("QL901")
        form.locator("[name=role]").select_option(label="导购")
        form.locator("[name=store]").select_option(label="武林珠宝")
        form.locator("[name=legal_entity]").select_option(label="栖林珠宝")
        form.locator("[name=hired_on]").fill(f"{datetime.now(UTC) - timedelta(days=3):%Y-%m-%d}")
        form.locator("[name=phone]").fill("154000")
        form.locator("[type=submit]").click()
        assert owner.error_of("phone", form).inner_text()
        form.locator("[name=phone]").fill("１５４００００９０１１")
        form.locator("[type=submit]").click()
        owner.is_told(
            zh("%(name)s is hired. Send an invitation so that the account gets a password.", name="白芷")
        )
        owner.go("/staff/?q=baizhi")
        owner.row("白芷").get_by_role("link", name="白芷").click()
        page.wait_for_url("**/staff/*/")
        staff_url = page.url.removeprefix(site.url)

        owner.go("/settings/users/?q=baizhi")
        page.get_by_role("link", name="白芷").first.click()
        owner.menu(zh("More"), zh("New invitation link"))
        address = page.locator(".acc-link [data-copy]").get_attribute("data-copy") or ""

    with visitor(chromium, site.url) as new:
        new.page.goto(address)
        new.page.fill("[name=password]", "baizhi2026")
        new.page.locator("main form.dk-form [type=submit]").click()
        assert new.error_of("password").inner_text()
        new.page.fill("[name=password]", PASSWORD)
        new.page.locator("main form.dk-form [type=submit]").click()
        new.page.wait_for_url("**/sign-in/**")
        new.sign_in("baizhi", PASSWORD)
        new.go("/stores/")
        expect(new.row("武林店")).to_have_count(1)
        # A clerk sees the store of the posting and no other.
        expect(new.main.locator("tbody tr")).to_have_count(1)

        with site.enter(chromium, "OWNER") as owner:
            owner.go(staff_url)
            owner.menu(zh("More"), zh("Transfer to another store"), within=owner.main.locator(".dk-lines"))
            form = owner.dialog.locator("form")
            form.locator("[name=store]").select_option(label="园区家居")
            form.locator("[type=submit]").click()
            owner.is_told(zh("Transferred. What the person may see changes on that day."))
        new.go("/stores/")
        expect(new.row("园区")).to_have_count(1)
        # The new store has taken the old one's place.
        expect(new.main.locator("tbody tr")).to_have_count(1)


def test_who_leaves_hands_over_open_tasks_and_cannot_come_in_any_more(site: Site, chromium: Browser) -> None:
    with visitor(chromium, site.url) as leaving, site.enter(chromium, "OWNER") as owner:
        leaving.sign_in("liangchen", DEMO_PASSWORD)
        page = owner.page
        owner.go("/staff/?q=liangchen")
        owner.row("梁晨").get_by_role("link", name="梁晨").click()
        page.wait_for_url("**/staff/*/")
        open_tasks = page.locator(".dk-line", has_text=zh("open tasks")).locator(".num").inner_text()
        owner.menu(zh("More"), zh("Leaves the company"))
        form = owner.dialog.locator("form")
        owner.reads(zh("open tasks"), within=form)
        form.locator("[type=submit]").click()
        assert owner.error_of("successor", form).inner_text(), "what is held needs somebody who takes it over"
        form.locator("[name=successor]").select_option(label="罗敏")
        form.locator("[type=submit]").click()
        owner.is_told(zh("%(name)s leaves on that day; what is held goes to the successor.", name="梁晨"))
        owner.reads(zh("Left"), within=page.locator(".dk-head-note"))
        expect(page.locator(".dk-line", has_text=zh("open tasks"))).to_have_count(0)
        leaving.go("/staff/")
        assert "/sign-in/" in leaving.page.url, "the session ended with the posting"
        leaving.page.fill("[name=username]", "liangchen")
        leaving.page.fill("[name=password]", DEMO_PASSWORD)
        leaving.page.click("form[action='/sign-in/'] [type=submit]")
        leaving.reads(zh("Name or password is not right. Check capital letters and try again."))
    with site.enter(chromium, "luomin") as successor:
        successor.go("/tasks/?due=mine")
        assert successor.main.locator("tbody tr").count() >= int(open_tasks)
