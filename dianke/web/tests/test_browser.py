"""The page kit in a real browser: accessibility, keyboard, nothing typed is lost, nothing breaks when narrow."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from dianke.access.permissions import BY_CODE
from dianke.core.actor import Grant, RowScope
from dianke.web.assets import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect
expect.set_options(timeout=30_000)
CHROMIUM = Path(os.environ.get("DIANKE_CHROMIUM", "/usr/bin/chromium"))
AXE = ROOT / "node_modules/axe-core/axe.min.js"
GUIDE = "/settings/styleguide/"
VIEWS = ["?view=basics", "?view=input", "?view=data", "?view=charts", "?form", "?record"]

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


def every_grant(user: Any, *, now: datetime) -> list[Grant]:
    """Stands in for postings, which this room does not know: the person may do everything."""
    return [Grant("OWNER", frozenset(BY_CODE), RowScope.ALL)]


def go(page: Page, view: str = "") -> None:
    """Opens a view of the style guide and waits until its scripts listen."""
    response = page.goto(GUIDE + view)
    assert response is not None
    assert (response.status, page.url.endswith(GUIDE + view)) == (200, True), page.inner_text("body")[:200]
    page.wait_for_load_state("networkidle")


def becomes(page: Page, expression: str, *, within: float = 10.0) -> None:
    """Waits until a JavaScript expression is true. Asked from outside: the content policy of the pages lets no text be
    run as code, which Playwright's own waiting needs."""
    deadline = time.monotonic() + within
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"still false: {expression}"
        page.wait_for_timeout(30)


@pytest.fixture(scope="module")
def browser() -> Generator[Browser, None, None]:
    # Playwright runs a loop in this thread; Django would refuse the database for that alone.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_api.sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def visit(
    browser: Browser, live_server: Any, client: Any, settings: Any, now: datetime
) -> Generator[Any, None, None]:
    """`visit(width=…, theme=…)`: a signed-in page whose console is watched; complaints fail the test."""
    from dianke.access.models import User

    settings.DIANKE_GRANTS = f"{__name__}.every_grant"
    user = User.objects.create(username="li.xiaowen", name="李晓雯", created_at=now)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    opened = client.session
    started = time.time()
    opened["life"] = {"seen": started, "idle": 3600, "ends": started + 3600}
    opened.save()
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    complaints: list[str] = []
    contexts = []

    def build(*, width: int = 1280, theme: str = "light", bypass_csp: bool = False) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 800},
            color_scheme=theme,  # type: ignore[arg-type]
            locale="zh-CN",
            bypass_csp=bypass_csp,
            service_workers="block",
        )
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
        contexts.append(context)
        context.set_default_timeout(30_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: complaints.append(message.text) if "Content Security" in message.text else None,
        )
        return page

    yield build
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_on_the_style_guide(visit: Any, width: int, theme: str) -> None:
    # axe is put into the page by the test, which the content policy would refuse.
    page = visit(width=width, theme=theme, bypass_csp=True)
    found = []
    for view in VIEWS:
        go(page, view)
        page.evaluate(AXE.read_text(encoding="utf-8"))
        result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        found += [
            f"{view} {violation['id']}: {node['html'][:120]}"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]
    assert found == []


@pytest.mark.parametrize("width", [320, 390, 720, 820, 1440])
def test_nothing_is_wider_than_the_screen(visit: Any, width: int) -> None:
    """720 is a screen of 1440 at 200 % zoom, 320 the width WCAG 1.4.10 asks for."""
    page = visit(width=width)
    wider = {}
    for view in VIEWS:
        go(page, view)
        beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if beyond > 0:
            wider[view] = beyond
    assert wider == {}


def test_search_is_reached_and_used_by_keyboard_alone(visit: Any) -> None:
    page = visit()
    go(page, "?view=data")
    page.keyboard.press("/")
    page.keyboard.type("yssc")
    page.get_by_role("option", name="样式手册").wait_for()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not urlsplit(url).query)
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Control+k")
    expect(page.locator("#dk-palette")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#dk-palette")).to_be_hidden()
    page.keyboard.press("?")
    page.get_by_role("dialog", name="本页快捷键").wait_for()


def test_a_dialog_asks_before_it_loses_what_was_typed(visit: Any) -> None:
    page = visit()
    go(page, "?view=data")
    page.keyboard.press("n")
    page.get_by_label("姓名").fill("王建国")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="留在这里").click()
    expect(page.get_by_label("姓名")).to_have_value("王建国")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="不保存，离开").click()
    expect(page.locator("#dialog")).to_be_hidden()


def test_an_error_stays_in_the_dialog_and_success_offers_undo(visit: Any) -> None:
    page = visit()
    go(page, "?view=data")
    page.keyboard.press("n")
    dialog = page.locator("#dialog")
    dialog.get_by_role("button", name="保存").click()
    dialog.get_by_text("手机号少了一位").wait_for()
    expect(page.locator("#d-phone")).to_be_focused()
    dialog.get_by_label("手机号").fill("13800006621")
    dialog.get_by_role("button", name="保存").click()
    toast = page.locator(".dk-toast")
    toast.get_by_role("button", name="撤销").wait_for()
    expect(toast).to_contain_text("已建顾客")


def test_a_draft_is_put_back_on_the_next_visit_without_private_fields(visit: Any) -> None:
    page = visit()
    go(page, "?form")
    page.get_by_label("备注").fill("喜欢玫瑰金")
    page.get_by_label("手机号").fill("13800006621")
    becomes(page, "!!localStorage.getItem('dk-draft:styleguide')?.includes('玫瑰金')")
    page.on("dialog", lambda dialog: dialog.accept())
    go(page, "?form")
    page.get_by_text("上次填写的内容已恢复").wait_for()
    expect(page.get_by_label("备注")).to_have_value("喜欢玫瑰金")
    expect(page.get_by_label("手机号")).to_have_value("")
    page.get_by_role("button", name="不要了").click()
    expect(page.get_by_label("备注")).to_have_value("")


def test_a_drawer_stands_beside_the_list_and_gives_the_focus_back(visit: Any) -> None:
    page = visit(width=1440)
    go(page, "?view=data")
    link = page.get_by_role("link", name="欧阳雪").first
    link.click()
    page.locator("#drawer .dk-timeline").wait_for()
    expect(page.locator("dialog:modal")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    expect(link).to_be_focused()


def test_rows_are_chosen_together_and_counted(visit: Any) -> None:
    page = visit()
    go(page, "?view=data")
    boxes = page.locator("input[data-select]")
    boxes.nth(0).click()
    boxes.nth(3).click(modifiers=["Shift"])
    expect(page.locator("[data-bulk-count]")).to_have_text("已选 4 项")
    page.get_by_role("button", name="取消选择").click()
    expect(page.locator(".dk-bulk")).to_be_hidden()


def test_appearance_changes_at_once_and_is_remembered(visit: Any) -> None:
    from dianke.access.models import User

    page = visit()
    go(page)
    page.locator("#dk-me summary").click()
    with page.expect_response("**/theme/"):
        page.get_by_role("button", name="深色").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert User.objects.get().theme == User.Theme.DARK
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_charts_are_drawn_and_have_their_table(visit: Any) -> None:
    page = visit()
    go(page, "?view=charts")
    page.locator("[data-chart=sample-line] canvas").wait_for()
    page.locator("[data-chart=sample-line] summary").click()
    expect(page.locator("[data-chart=sample-line] tbody tr")).to_have_count(7)


def test_the_page_works_without_script(browser: Browser, visit: Any, live_server: Any) -> None:
    cookies = visit().context.cookies()
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False, locale="zh-CN")
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(GUIDE + "?view=data")
    page.get_by_role("link", name="新建顾客").click()
    expect(page.get_by_role("heading", name="新建顾客")).to_be_visible()
    page.goto("/search/?q=yssc")
    expect(page.get_by_role("option", name="样式手册")).to_be_visible()
    context.close()
