"""The profile and the list: a number for a reason, a note, a tag, what happened; filters, many at once, a kept view; and
the days that come."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import PHONE
from tests.e2e.conftest import Site
from tests.e2e.shelf import enter_customer
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e


def test_a_clerk_reveals_the_number_writes_a_note_and_tags_and_finds_it_in_what_happened(
    site: Site, chromium: Browser
) -> None:
    pk = site.run(enter_customer("尉迟听雨", "15410030501", "HZ02")).strip()
    with site.enter(chromium, "CLERK") as clerk:
        page = clerk.page
        clerk.go(f"/customers/{pk}/")
        shown = clerk.main.locator(".dk-masked").first
        assert "15410030501" not in "".join(filter(str.isdigit, page.content()))
        shown.locator("button").click()
        shown.get_by_role("button", name=zh("Contact the person"), exact=True).click()
        expect(shown.locator("strong")).to_be_visible()
        assert "15410030501" in "".join(filter(str.isdigit, shown.inner_text()))
        page.fill("#note-text", "试戴了 18 号铂金素圈，周六带先生来。")
        page.locator(".cu-kinds label", has_text=zh("Visit")).click()
        page.get_by_role("button", name=zh("Write down"), exact=True).click()
        clerk.is_told(zh("Noted."))
        clerk.reads("试戴了 18 号铂金素圈，周六带先生来。", within=page.locator("#timeline-lines"))
        page.locator("a.cu-add").click()
        clerk.dialog.locator("label", has_text="送礼").click()
        clerk.dialog.locator("form [type=submit]").last.click()
        expect(page.locator(".cu-head .dk-tag", has_text="送礼")).to_be_visible()
        # What happened: everything, notes only, by a word; the reveal is in there too.
        lines = page.locator("#timeline-lines")
        lines.locator("label", has_text=zh("Notes")).click()
        expect(lines.locator(".dk-timeline > li")).to_have_count(1)
        page.fill("#timeline-lines [name=find]", "没有写过的话")
        clerk.reads(zh("Nothing of this kind."), within=lines)
        page.fill("#timeline-lines [name=find]", "铂金")
        expect(lines.locator(".dk-timeline > li")).to_have_count(1)
        page.fill("#timeline-lines [name=find]", "")
        lines.locator("label", has_text=zh("Consent and rights")).click()
        expect(lines.locator(".dk-timeline > li")).not_to_have_count(0)


def test_the_profile_is_used_with_one_thumb(site: Site, chromium: Browser) -> None:
    pk = site.run(enter_customer("慕容栖", "15410030502", "HZ02")).strip()
    with site.enter(chromium, "CLERK", PHONE) as clerk:
        page = clerk.page
        clerk.go(f"/customers/{pk}/")
        thumb = page.locator(".cu-thumb")
        box = thumb.bounding_box()
        assert box is not None
        assert box["y"] > 500, "the actions stand where the thumb is"
        thumb.get_by_role("button", name=zh("Call", context="phone"), exact=True).click()
        link = page.locator("#thumb-called a[href^='tel:']")
        expect(link).to_have_attribute("href", re.compile("15410030502$"))
        assert not clerk.overflow()


def test_the_list_is_filtered_many_are_tagged_at_once_and_the_view_is_kept(
    site: Site, chromium: Browser
) -> None:
    for number, name in enumerate(("端木一", "端木二", "端木三")):
        site.run(enter_customer(name, f"1541003051{number}", "SZ01"))
    with site.enter(chromium, "xuhaitao") as manager:
        page = manager.page
        manager.go("/customers/?q=端木")
        expect(manager.main.locator("tbody tr")).to_have_count(3)
        for name in ("端木一", "端木三"):
            manager.row(name).locator("input[type=checkbox]").check()
        page.locator(".dk-bulk").get_by_role("button", name=zh("Tag", context="verb"), exact=True).click()
        expect(page.locator("h1").or_(manager.dialog.locator("h2")).last).to_contain_text(zh("Put tags on"))
        scope = manager.dialog if manager.dialog.count() else manager.main
        scope.locator("label", has_text="怕等").click()
        scope.get_by_role("button", name=zh("Put on"), exact=True).click()
        manager.is_told(zh("%(count)s customer tagged.", count=2) % {"count": 2})
        manager.go("/customers/?q=端木")
        page.locator(".dk-filters > summary").click()
        page.locator(".dk-filters [name=tag]").select_option(label="怕等")
        page.locator(".dk-filters [type=submit]").click()
        expect(manager.main.locator("tbody tr")).to_have_count(2)
        manager.menu(zh("More"), zh("Save this view"))
        page.fill("#save-view-name", "端木怕等")
        page.locator("#save-view [type=submit]").click()
        manager.is_told(zh("View “%(name)s” saved.", name="端木怕等"))
        manager.go("/customers/")
        page.locator(".dk-tabs").get_by_role("link", name="端木怕等").click()
        expect(manager.main.locator("tbody tr")).to_have_count(2)


def test_days_that_come_are_listed_and_become_tasks(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, "gaojianguo") as manager:
        page = manager.page
        manager.go("/customers/dates/?span=month")
        line = manager.main.locator(".care-line", has_text="欧阳思远").first
        expect(line).to_contain_text(zh("Birthday"))
        line.get_by_role("button", name=zh("Make a task for %(name)s", name="欧阳思远"), exact=True).click()
        manager.is_told(zh("Task made."))
        page.wait_for_url(re.compile(r"/tasks/\d+/$"))
        manager.reads("欧阳思远", within=manager.main)
        manager.go("/customers/dates/?span=month")
        again = manager.main.locator(".care-line", has_text="欧阳思远").first
        expect(again.get_by_role("link", name=zh("Task"), exact=True)).to_be_visible()
        assert manager.barriers() == []
