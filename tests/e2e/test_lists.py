"""The list kit: searching, filtering, sorting, saved views, columns, export, pages, coming back, many rows at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from python_calamine import CalamineWorkbook

from tests.e2e.browser import PHONE
from tests.e2e.conftest import Site
from tests.e2e.shelf import many_tasks, without_approval
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e


def test_search_finds_while_one_types_and_the_cursor_stays(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, "OWNER") as owner:
        page = owner.page
        owner.go("/staff/")
        field = page.locator("form.dk-list-bar [name=q]")
        field.press_sequentially("oym", delay=30)
        expect(owner.row("欧阳明珠")).to_have_count(1)
        expect(owner.main.locator("tbody tr")).to_have_count(1)
        expect(field).to_be_focused()
        expect(field).to_have_value("oym")
        page.wait_for_url("**/staff/?*q=oym*")
        field.press_sequentially("zzzz", delay=30)
        owner.reads(zh("Nothing found for “%(query)s”.", query="oymzzzz"))
        expect(field).to_be_focused()
        page.get_by_role("link", name=zh("Clear the filters")).click()
        expect(owner.row("林秀兰")).to_have_count(1)


def test_chips_filters_and_sort_join_and_are_kept_as_a_view(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, "OWNER") as owner:
        page = owner.page
        owner.go("/stores/")
        page.locator(".dk-chip", has_text=zh("Furniture store")).click()
        expect(owner.main.locator("tbody tr")).to_have_count(2)
        expect(page.locator(".dk-chip[aria-current]")).to_have_text(zh("Furniture store"))
        page.locator(".dk-filters > summary").click()
        page.locator(".dk-filters [name=region]").select_option(label="苏沪")
        page.locator(".dk-filters [type=submit]").click()
        expect(page.locator(".dk-filters > summary .dk-count")).to_have_text("1")
        page.get_by_role("columnheader", name=zh("Opened on")).get_by_role("link").click()
        expect(page.locator("th[aria-sort=ascending]")).to_contain_text(zh("Opened on"))
        expect(owner.main.locator("tbody tr").first).to_contain_text("园区")
        page.get_by_role("columnheader", name=zh("Opened on")).get_by_role("link").click()
        expect(page.locator("th[aria-sort=descending]")).to_contain_text(zh("Opened on"))
        expect(owner.main.locator("tbody tr").first).to_contain_text("新区")
        owner.menu(zh("More"), zh("Save this view"))
        page.fill("#save-view-name", "苏沪家居")
        page.locator("#save-view [type=submit]").click()
        owner.is_told(zh("View “%(name)s” saved.", name="苏沪家居"))
        owner.go("/stores/")
        expect(owner.main.locator("tbody tr").nth(5)).to_be_visible()
        page.locator(".dk-tabs").get_by_role("link", name="苏沪家居").click()
        expect(owner.main.locator("tbody tr")).to_have_count(2)
        expect(page.locator(".dk-tabs [aria-current]")).to_have_text("苏沪家居")
        expect(owner.main.locator("tbody tr").first).to_contain_text("新区")
        owner.menu(zh("More"), zh("Remove this view"))
        owner.is_told(zh("View “%(name)s” removed.", name="苏沪家居"))


def test_chosen_columns_stay_chosen_and_stand_in_the_exported_file(
    site: Site, chromium: Browser, tmp_path: Path
) -> None:
    with site.enter(chromium, "OWNER") as owner:
        page = owner.page
        owner.go("/stores/?trade=BEAUTY")
        columns = page.locator("details.dk-menu", has=page.locator("[form=columns-form]"))
        columns.locator("summary").click()
        columns.locator("[value=telephone]").check()
        columns.locator("[value=city]").uncheck()
        columns.locator("button[form=columns-form]").click()
        expect(page.get_by_role("columnheader", name=zh("Telephone"))).to_be_visible()
        expect(page.get_by_role("columnheader", name=zh("City"))).to_have_count(0)
        owner.go("/stores/?trade=BEAUTY")
        expect(page.get_by_role("columnheader", name=zh("Telephone"))).to_be_visible()
        # In the demo every export needs a second person; that has a story of its own.
        with without_approval(site, "web.request_export"), page.expect_download() as started:
            owner.menu(zh("More"), zh("Export to Excel"))
        file = tmp_path / "stores.xlsx"
        started.value.save_as(file)
        assert started.value.suggested_filename.endswith(".xlsx")
        rows = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
        head = next(row for row in rows if zh("Code") in row)
        assert zh("Telephone") in head
        assert zh("City") not in head
        row = dict(zip(head, next(row for row in rows if "HZ01" in row), strict=True))
        assert row[zh("Telephone")] == "0571-00001801"
        assert sum("HZ" in str(each[head.index(zh("Code"))]) for each in rows) == 1, (
            "the filter holds in the file"
        )


def test_pages_follow_each_other_and_coming_back_finds_the_place(site: Site, chromium: Browser) -> None:
    site.run(many_tasks("xuhaitao", "SZ01", "盘点样品", 70))
    with site.enter(chromium, "xuhaitao") as manager:
        page = manager.page
        manager.go("/tasks/?due=mine&sort=title&size=25")
        titles = manager.main.locator("tbody a.is-main")
        seen: list[str] = []
        for _page in range(4):
            first = titles.first.inner_text()
            seen += titles.all_inner_texts()
            following = page.locator("a[rel=next]")
            if not following.count():
                break
            following.click()
            expect(titles.first).not_to_have_text(first)
        assert len(seen) == len(set(seen)), "no row stands on two pages"
        assert sum(title.startswith("盘点样品") for title in seen) == 70
        page.get_by_role("link", name=zh("Previous page")).click()
        expect(titles.first).not_to_have_text(first)
        # To a row far down, into its page, and back.
        target = manager.row("盘点样品").last
        target.scroll_into_view_if_needed()
        place = page.evaluate("scrollY")
        address = page.url
        assert place > 100
        page.goto(site.url + (target.locator("a.is-main").get_attribute("href") or ""))
        expect(page.locator("h1")).to_contain_text("盘点样品")
        page.go_back()
        expect(page).to_have_url(address)
        manager.becomes(f"Math.abs(scrollY - {place}) < 80")


def test_many_rows_are_done_at_once_and_taken_back(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, "luomin") as manager:
        page = manager.page
        manager.go("/tasks/?sort=title")
        boxes = manager.main.locator("tbody input[type=checkbox]")
        before = boxes.count()
        assert before >= 2
        expect(page.locator(".dk-bulk")).to_be_hidden()
        boxes.nth(0).check()
        boxes.nth(1).check()
        expect(page.locator(".dk-bulk")).to_contain_text("2")
        page.locator(".dk-bulk").get_by_role("button", name=zh("Done"), exact=True).click()
        expect(boxes).to_have_count(before - 2)
        manager.undo()
        expect(boxes).to_have_count(before)


def test_a_list_is_cards_on_the_phone_and_its_first_action_floats(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, "STORE_MANAGER", PHONE) as manager:
        page = manager.page
        manager.go("/staff/")
        card = manager.row("王佳怡")
        box = card.bounding_box()
        assert box is not None
        assert box["height"] > 60
        assert box["width"] <= 390
        expect(page.locator(".dk-table thead")).not_to_be_in_viewport()
        button = page.locator(".is-primary-action").bounding_box()
        assert button is not None
        assert button["y"] > 400, "the floating button is where the thumb is"
        assert not manager.overflow()
