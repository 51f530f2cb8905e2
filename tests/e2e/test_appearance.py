"""Language and appearance per person, paper, and the app on a phone's home screen."""

from __future__ import annotations

import io
import json
import struct

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import COMPUTER, PHONE, visitor
from tests.e2e.conftest import DEMO_PASSWORD, Site
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e


def test_language_and_appearance_follow_the_person_to_another_device(site: Site, chromium: Browser) -> None:
    with visitor(chromium, site.url) as at_work:
        page = at_work.page
        at_work.sign_in("zhaoyutong", DEMO_PASSWORD)
        for code, word in (("zh-hant", "門店"), ("en", "Stores")):
            at_work.go("/stores/")
            page.locator("#dk-me > summary").click()
            page.locator(f"#dk-me [name=language][value={code}]").click()
            expect(page.locator("h1")).to_have_text(word)
            expect(page.locator("html")).to_have_attribute("lang", code)
            assert page.url.endswith("/stores/"), "changing the language stays on the page"
        page.locator("#dk-me > summary").click()
        with page.expect_response("**/theme/"):
            page.locator("#dk-me [name=theme][value=dark]").click()
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    with visitor(chromium, site.url, PHONE) as at_home:
        at_home.go("/sign-in/")
        expect(at_home.page.locator("html")).to_have_attribute("lang", "zh-hans")
        at_home.sign_in("zhaoyutong", DEMO_PASSWORD)
        at_home.go("/stores/")
        expect(at_home.page.locator("h1")).to_have_text("Stores")
        expect(at_home.page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    with site.enter(chromium, "limengyao") as colleague:
        colleague.go("/stores/")
        expect(colleague.page.locator("h1")).to_have_text("门店")


def test_a_printed_list_is_a_table_without_the_frame_and_black_on_white(
    site: Site, chromium: Browser
) -> None:
    with site.enter(chromium, "OWNER", dark=True) as owner:
        page = owner.page
        owner.go("/staff/")
        page.emulate_media(media="print", color_scheme="dark")
        page.set_viewport_size({"width": 718, "height": 1000})  # A4 less its margins
        for part in (".dk-rail", ".dk-topbar", ".dk-tabbar", ".dk-list-bar", ".dk-chips", ".dk-head-actions"):
            expect(page.locator(part).first).to_be_hidden()
        expect(page.locator("thead")).to_be_visible()
        head, cell = (
            page.locator("thead th").first.bounding_box(),
            owner.row("林秀兰").locator("td").first.bounding_box(),
        )
        assert head is not None
        assert cell is not None
        assert abs(head["x"] - cell["x"]) < 2, "rows are rows on paper, not cards"
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") in (
            "rgb(255, 255, 255)",
            "rgba(0, 0, 0, 0)",
        )
        assert page.evaluate("getComputedStyle(document.querySelector('tbody td')).color") == "rgb(0, 0, 0)"
        assert not owner.overflow()
        assert page.pdf(format="A4").startswith(b"%PDF")


def test_without_network_a_page_says_so_and_leads_back(site: Site, chromium: Browser) -> None:
    with visitor(chromium, site.url, service_workers="allow") as who:
        page = who.page
        who.sign_in("liuxin", DEMO_PASSWORD)
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        who.becomes("!!navigator.serviceWorker.controller")
        page.context.set_offline(True)
        page.goto(site.url + "/staff/")
        expect(page.locator("h1")).to_have_text(zh("No network"))
        assert (
            page.evaluate("getComputedStyle(document.querySelector('.dk-auth-card')).borderRadius") != "0px"
        ), "with its styles"
        kept = page.evaluate(
            "caches.keys().then((names) => Promise.all(names.map((n) => caches.open(n).then((c) => c.keys()))).then((all) => all.flat().map((r) => new URL(r.url).pathname)))"
        )
        assert not [path for path in kept if not path.startswith(("/static/", "/offline/"))], (
            "no personal page is kept"
        )
        page.context.set_offline(False)
        page.get_by_role("link", name=zh("Try again")).click()
        expect(page.locator("h1")).to_have_text(zh("Today", context="place"))
        who.complaints = [each for each in who.complaints if "ERR_INTERNET_DISCONNECTED" not in each]


def test_the_manifest_and_its_icons_make_an_app(site: Site, chromium: Browser) -> None:
    with visitor(chromium, site.url, COMPUTER) as who:
        page = who.page
        who.go("/sign-in/")
        href = page.locator("link[rel=manifest]").get_attribute("href")
        answer = page.request.get(f"{site.url}{href}")
        assert answer.headers["content-type"].startswith("application/manifest+json")
        manifest = json.loads(answer.text())
        assert manifest["name"] == "店客"
        assert manifest["display"] == "standalone"
        assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}
        for icon in manifest["icons"]:
            image = page.request.get(site.url + icon["src"])
            assert image.ok, icon["src"]
            if icon["type"] == "image/png":
                header = io.BytesIO(image.body()).read(24)
                width, height = struct.unpack(">II", header[16:24])
                assert f"{width}x{height}" == icon["sizes"]
        devtools = page.context.new_cdp_session(page)
        devtools.send("Page.enable")
        problems = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
        assert not [
            each for each in problems if each["errorId"] not in ("in-incognito", "no-matching-service-worker")
        ], problems
