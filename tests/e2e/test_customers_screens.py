"""The pages of customers and imports that no navigation leads to straight away: at three widths nothing sticks out,
axe-core finds nothing, the browser complains about nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser import COMPUTER, PHONE, TABLET
from tests.e2e.conftest import Site
from tests.e2e.shelf import enter_customer
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e

CSV = "姓名,手机号,备注\r\n步惊鸿,15410030601,从前的会员\r\n步惊雷,154,少了几位\r\n".encode("gb18030")


def test_every_page_about_a_customer_is_accessible_and_fits(site: Site, chromium: Browser) -> None:
    one = site.run(
        enter_customer("令狐长歌", "15410030602", "HZ01", birthday="1990-03-05", consents="CARE")
    ).strip()
    other = site.run(enter_customer("令狐常歌", "15410030603", "HZ01")).strip()
    with site.enter(chromium, "OWNER", COMPUTER) as who:
        page = who.page
        who.go("/customers/?q=顾晓蔓")
        known = who.row("顾晓蔓").get_by_role("link").first.get_attribute("href") or ""
        who.go(f"/customers/requests/new/?customer={one}")
        page.locator("main [name=kind][value=ACCESS]").check(force=True)
        page.locator("main [name=channel]").select_option("COUNTER")
        page.locator("main form.dk-form [type=submit]").last.click()
        who.is_told(zh("Taken down. Answer by %(day)s.").split("%")[0].strip() or "")
        who.go("/customers/requests/?q=令狐长歌")
        request = who.row("令狐长歌").get_by_role("link").first.get_attribute("href") or ""
        who.go("/imports/new/?importer=customers")
        page.set_input_files("input[type=file]", {"name": "旧表.csv", "mimeType": "text/csv", "buffer": CSV})
        page.locator(".imports-upload [type=submit]").click()
        page.wait_for_url("**/columns/")
        columns = page.url.removeprefix(site.url)
        paths = [
            known,
            f"/customers/{one}/details/",
            f"/customers/{one}/edit/",
            f"/customers/{one}/consents/",
            f"/customers/{one}/contacts/new/",
            f"/customers/{one}/dates/new/",
            f"/customers/{one}/relations/new/",
            f"/customers/{one}/paper/",
            f"/customers/{one}/card/",
            f"/customers/{one}/share/",
            f"/customers/{one}/merges/",
            f"/customers/{one}/merging/",
            f"/customers/{one}/merging/{other}/",
            "/customers/?q=令狐",
            "/customers/new/?phone=15410030602",
            "/customers/duplicates/",
            "/customers/duplicates/decided/",
            "/customers/dates/?span=month",
            "/customers/registration/",
            "/customers/registration/new/",
            "/customers/requests/",
            request,
            "/settings/care-rules/new/",
            columns,
            "/imports/new/?importer=customers",
        ]
        found: dict[str, list[str]] = {}
        for path in paths:
            who.go(path)
            for width, height in (COMPUTER, TABLET, PHONE):
                page.set_viewport_size({"width": width, "height": height})
                problems = [f"{width} overflow: {each}" for each in who.overflow()]
                if width != TABLET[0]:
                    problems += [f"{width} {each}" for each in who.barriers()]
                if problems:
                    found.setdefault(path, []).extend(problems)
        assert not found, "\n".join(f"{path}\n  " + "\n  ".join(lines) for path, lines in found.items())
