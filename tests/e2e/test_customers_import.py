"""An old member list as its system wrote it: GBK, with mistakes. Checked first, then in, then taken back."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from python_calamine import CalamineWorkbook

from tests.e2e.conftest import Site
from tests.e2e.shelf import enter_customer
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e

NAMES = "甲乙丙丁戊己庚辛壬癸子丑"
LINES = [
    "会员姓名,手机号,性别,生日,备注",
    *(f"易安{name},154100310{n:02},女,1990-03-{n + 1:02},老系统导入" for n, name in enumerate(NAMES)),
    "宋清照,1541003020,女,1988-08-08,号码少一位",
    "易安错,15410030199,女,1988-02-31,没有这一天",
    "已来过,15410030200,男,,老会员",
]
FILE = {"name": "老会员.csv", "mimeType": "text/csv", "buffer": "\r\n".join(LINES).encode("gbk")}
SLOW = 180_000  # jobs wait for the worker, which has much to work out after a first start


def test_a_gbk_file_with_errors_is_checked_goes_in_and_is_taken_back(
    site: Site, chromium: Browser, tmp_path: Path
) -> None:
    site.run(enter_customer("已来过", "15410030200", "HZ01"))
    with site.enter(chromium, "STORE_MANAGER") as manager:
        page = manager.page
        manager.go("/imports/new/?importer=customers")
        page.set_input_files("input[type=file]", FILE)
        page.locator(".imports-upload [type=submit]").click()
        page.wait_for_url("**/columns/")
        # What the columns hold is suggested; the text is read as what it is.
        for index, target in enumerate(("name", "phone", "gender", "birthday")):
            expect(page.locator(f"select[name=column-{index}]")).to_have_value(target)
        manager.reads("易安甲", within=manager.main)
        assert manager.barriers() == []
        # No store is chosen: who works in one store brings customers into it.
        page.locator("#columns-form [type=submit]").click()
        start = page.locator("form[action$='/start/'] button")
        start.wait_for(timeout=SLOW)
        stats = manager.main.locator(".dk-stats")
        expect(stats).to_contain_text(zh("Will be new"))
        manager.reads(zh("Some rows have errors"))
        expect(start).to_contain_text(str(len(NAMES) + 1))
        manager.reads("1541003020", within=manager.main)
        manager.go("/customers/?q=易安")
        expect(manager.row("易安")).to_have_count(0)
        page.go_back()
        with page.expect_download() as download:
            page.locator("a[href$='/errors/xlsx/']").click()
        file = tmp_path / "errors.xlsx"
        download.value.save_as(file)
        rows = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python()
        text = "\n".join("\t".join(map(str, row)) for row in rows)
        assert "宋清照" in text
        assert "易安甲" not in text
        assert manager.barriers() == []
        start.click()
        page.locator("form[action$='/undo/'] button").wait_for(timeout=SLOW)
        assert manager.barriers() == []
        run = page.url
        manager.go("/customers/?q=易安")
        expect(manager.row("易安")).to_have_count(len(NAMES))
        # The same file again changes nothing.
        manager.go("/imports/new/?importer=customers")
        page.set_input_files("input[type=file]", FILE)
        page.locator(".imports-upload [type=submit]").click()
        page.wait_for_url("**/columns/")
        manager.reads(zh("The columns are set as the last time with a file like this."))
        page.locator("#columns-form [type=submit]").click()
        manager.main.get_by_text(zh("With errors")).first.wait_for(timeout=SLOW)
        manager.reads(zh("No row can go in"))
        # Whoever was here before the file stays.
        page.goto(run)
        page.locator("form[action$='/undo/'] button").click()
        page.locator("#dk-confirm [data-confirm-yes]").click()
        manager.main.get_by_text(zh("Undone. What somebody changed after the import was kept.")).wait_for(
            timeout=SLOW
        )
        manager.go("/customers/?q=易安")
        expect(manager.row("易安")).to_have_count(0)
        manager.go("/customers/?q=15410030200")
        expect(manager.row("已来过")).to_have_count(1)
