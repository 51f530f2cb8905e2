"""Tasks: made by a key, done from Today, talked about."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import PHONE
from tests.e2e.conftest import Site
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e


def test_a_task_made_by_a_key_is_done_from_today_and_taken_back(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, "xiaxue") as manager:
        page = manager.page
        manager.go("/tasks/")
        page.keyboard.press("n")
        form = manager.dialog.locator("form")
        expect(form.locator("[name=title]")).to_be_focused()
        page.keyboard.type("给王女士送生日花束")
        form.locator("[name=checklist]").fill("订花\n写卡片\n核对地址")
        page.keyboard.press("Control+s")
        manager.is_told(zh("Task made."))
        manager.go("/")
        line = page.locator("[data-row]", has_text="给王女士送生日花束")
        expect(line).to_contain_text("0/3")
        line.get_by_role("link", name="给王女士送生日花束").click()
        drawer = manager.dialog
        drawer.get_by_role("button", name="写卡片", exact=True).click()
        expect(drawer.locator("#task-lines .num")).to_have_text("1/3")
        drawer.locator("[name=text]").first.fill("打电话确认收花时间")
        page.keyboard.press("Enter")
        expect(drawer.locator("#task-lines .num")).to_have_text("1/4")
        drawer.locator("[data-close]").first.click()
        expect(line).to_contain_text("1/4")
        line.get_by_role("button", name=zh("Done: %(title)s", title="给王女士送生日花束")).click()
        expect(line).to_have_count(0)
        manager.is_told(zh("“%(title)s” is done.", title="给王女士送生日花束"))
        manager.undo()
        expect(line).to_have_count(1)


def test_a_comment_that_calls_a_colleague_rings_the_bell_there(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, "CLERK") as clerk, site.enter(chromium, "gaojianguo", PHONE) as manager:
        manager.go("/")
        bell = manager.page.locator("#dk-bell")
        before = int((bell.locator(".dk-count").all_inner_texts() or ["0"])[0])
        clerk.go("/tasks/?q=圈口")
        clerk.row("圈口").locator("a.is-main").click()
        talk = clerk.dialog
        talk.locator("#task-comment").fill("@高建国 工厂说 27 号能回，客人那边我来讲。")
        talk.get_by_role("button", name=zh("Send", context="comment"), exact=True).click()
        expect(talk.locator(".work-talk")).to_contain_text("工厂说 27 号能回")
        # Notices are written behind the scenes, a moment later.
        for _look in range(40):
            manager.go("/")
            if bell.locator(".dk-count").all_inner_texts() == [str(before + 1)]:
                break
        expect(bell.locator(".dk-count")).to_have_text(str(before + 1))
        bell.tap()
        notice = manager.dialog.locator(".work-notice.is-unread").first
        expect(notice).to_contain_text("唐小雨")
        notice.locator("button").tap()
        manager.page.wait_for_url("**/tasks/*/**")
        manager.reads("工厂说 27 号能回，客人那边我来讲。")
        manager.go("/")
        expect(bell.locator(".dk-count")).to_have_count(0 if before == 0 else 1)
