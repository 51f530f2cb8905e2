"""A file with errors all the way through the pages, in a real browser and with the keyboard.

`IMPORTS_PICTURES=folder` keeps pictures of every state in three widths.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from dianke.imports import operations
from dianke.imports.models import ImportRun
from dianke.imports.tests.conftest import csv_of, work
from dianke.web.assets import ROOT
from dianke.work.models import Skill

sync_api = pytest.importorskip("playwright.sync_api")
expect = sync_api.expect
expect.set_options(timeout=30_000)
CHROMIUM = Path(os.environ.get("DIANKE_CHROMIUM", "/usr/bin/chromium"))
AXE = ROOT / "node_modules/axe-core/axe.min.js"
PICTURES = os.environ.get("IMPORTS_PICTURES", "")
WIDTHS = (390, 820, 1440)

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]
FILE = csv_of(
    ("云裳美业 项目表 2026年11月",),
    ("技能名称", "类型", "手机号", "备注"),
    *((f"项目{n}", "技能", f"138{n:08}", "常做") for n in range(40)),
    ("粤语接待", "语言", "1380013800", "少一位"),
    ("镶嵌", "手艺", "13900139000", "类别写错，阿卜杜热西提·买买提艾力介绍的老客户，备注很长很长很长"),
    ("", "技能", "13700137000", "没有名称"),
    encoding="gbk",
)


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture(scope="module")
def chromium():
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_api.sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(chromium, live_server, cast, skills, settings):
    """王's page, bypassing the policy only so that axe can be put in."""
    client = cast.client("wang")
    opened = client.session
    opened["life"] = {"seen": time.time(), "idle": 3600, "ends": time.time() + 3600}
    opened.save()
    context = chromium.new_context(
        base_url=live_server.url,
        viewport={"width": 1440, "height": 900},
        locale="zh-CN",
        bypass_csp=True,
        service_workers="block",
    )
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    context.set_default_timeout(30_000)
    page = context.new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def work_beside(run, now):
    """The job as the worker does it: on a connection of its own, while the page keeps asking."""

    def job():
        try:
            work(run, now)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as worker:
        worker.submit(job).result()


def looked_at(page, name):
    """axe finds nothing; nothing is wider than the page; a picture where wanted."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text(encoding="utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = page.evaluate(
        "async (only) => await axe.run(document, {runOnly: only, resultTypes: ['violations']})", tags
    )
    assert [
        f"{each['id']}: {node['html'][:200]}" for each in found["violations"] for node in each["nodes"]
    ] == []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{name} at {width}"
        if PICTURES:
            page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})


def test_a_gbk_file_with_errors_goes_in_is_corrected_and_taken_back(page, cast, now, tmp_path):
    page.goto("/imports/")
    looked_at(page, "1-empty")
    page.goto("/imports/new/")
    looked_at(page, "2-upload")
    page.set_input_files("input[type=file]", {"name": "项目表.csv", "mimeType": "text/csv", "buffer": FILE})
    expect(page.locator("[data-drop-name]")).to_contain_text("项目表.csv")
    page.locator(".imports-upload [type=submit]").click()
    page.wait_for_url("**/columns/")
    expect(page.locator("select[name=column-0]")).to_have_value("name")
    expect(page.locator("select[name=column-2]")).to_have_value("phone")
    looked_at(page, "3-columns")
    page.select_option("select[name=column-0]", "")
    page.locator("#columns-form [type=submit]").click()
    page.wait_for_selector(".dk-alert.is-bad")
    looked_at(page, "4-columns-wrong")
    page.select_option("select[name=column-0]", "name")
    page.locator("#columns-form [type=submit]").click()
    page.wait_for_url("**/imports/*/")
    page.wait_for_selector("progress")
    run = ImportRun.objects.get()
    ImportRun.objects.filter(pk=run.pk).update(seen_count=23)
    page.wait_for_timeout(1300)
    looked_at(page, "5-checking")
    work_beside(run, now)
    start = page.locator("form[action$='/start/'] button")
    start.wait_for()
    looked_at(page, "6-checked")
    with page.expect_download() as download:
        page.locator("a[href$='/errors/xlsx/']").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    start.click()
    page.wait_for_selector("progress")
    looked_at(page, "7-running")
    work_beside(run, now)
    page.wait_for_selector("form[action$='/undo/'] button")
    assert Skill.objects.count() == 41
    looked_at(page, "8-done")
    page.locator("form[action$='/undo/'] button").click()
    page.locator("#dk-confirm [data-confirm-yes]").click()
    page.wait_for_selector("progress")
    work_beside(run, now)
    page.wait_for_selector("progress", state="detached")
    assert not Skill.objects.exists()
    looked_at(page, "9-undone")
    page.goto("/imports/")
    looked_at(page, "10-list")


def test_a_run_that_stopped_says_why_and_goes_on_in_the_dark_too(page, cast, skills, now):
    page.emulate_media(color_scheme="dark")
    actor = cast.actor("wang")
    run = operations.upload_file(importer="skills", file_name="项目.csv", chunks=[FILE], actor=actor, now=now)
    page.goto(f"/imports/{run.pk}/columns/")
    looked_at(page, "12-columns-dark")
    operations.check_run(
        run=run, mapping=run.columns(), match_rule="name", options=run.options, actor=actor, now=now
    )
    work_beside(run, now)
    operations.start_run(run=run, actor=actor, now=now)
    skills.broken_at = 20
    with pytest.raises(RuntimeError):
        work(run, now)
    page.goto(f"/imports/{run.pk}/")
    looked_at(page, "11-stopped")
    skills.broken_at = 0
    page.locator("form[action$='/start/'] button").click()
    page.wait_for_selector("progress")
    work_beside(run, now)
    page.wait_for_selector("form[action$='/undo/'] button")
    assert Skill.objects.count() == 41
