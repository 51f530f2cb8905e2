"""Goods at work: a ring gets its tag and its label; the price of the day changes and every piece follows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.e2e.browser import PHONE
from tests.e2e.conftest import Site
from tests.e2e.shelf import enter_product, set_gold
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e


def test_tag_and_label_a_ring(site: Site, chromium: Browser) -> None:
    site.run(set_gold(583, 80_000, 70_000))
    with site.enter(chromium, "OWNER") as owner:
        page = owner.page
        owner.go("/goods/")
        page.keyboard.press("n")
        owner.dialog.get_by_role("link", name=re.compile("^" + zh("Single pieces"))).click()
        owner.dialog.locator("#id_name").fill("竹节对戒")
        owner.dialog.get_by_role("button", name=zh("Save"), exact=True).click()
        page.wait_for_url(re.compile(r"/goods/\d+/$"))
        expect(page.locator("h1")).to_contain_text("竹节对戒")

        # The tag: too heavy a net weight is told beside the field, and nothing typed is lost.
        owner.main.get_by_role("link", name=zh("Add a piece"), exact=True).first.click()
        form = owner.dialog
        form.locator("#id_tag").fill("E2E-0001")
        form.locator("#id_fineness").fill("583")
        form.locator("#id_net_weight_mg").fill("4.25")
        form.locator("#id_gross_weight_mg").fill("4.2")
        form.locator("#id_certificate_number").fill("NG2026E2E")
        form.locator("#id_certificate_issuer").fill("NGTC")
        form.locator("#id_making").select_option("PER_GRAM")
        form.locator("#id_making_amount").fill("20")
        form.get_by_role("button", name=zh("Save"), exact=True).click()
        owner.error_of("net_weight_mg", form)
        expect(form.locator("#id_certificate_number")).to_have_value("NG2026E2E")
        form.locator("#id_gross_weight_mg").fill("4.30")
        form.get_by_role("button", name=zh("Save"), exact=True).click()
        owner.is_told(zh("Tag %(tag)s is entered.", tag="E2E-0001"))
        row = owner.row("E2E-0001")
        # 4.25 g x (800.00 + 20.00)
        expect(row).to_contain_text("¥3,485.00")

        # The price is explained line by line beside the list.
        row.get_by_role("link", name="E2E-0001").click()
        for amount in ("¥3,400.00", "¥85.00", "¥3,485.00"):
            owner.reads(amount, within=owner.dialog)
        page.keyboard.press("Escape")

        # The label: ticked, chosen, printed.
        row.locator("[data-select]").check()
        owner.main.get_by_role("button", name=zh("Print labels"), exact=True).click()
        page.wait_for_url("**/goods/labels/**")
        label = owner.main.locator(".ca-label.is-tag")
        expect(label).to_have_count(1)
        for shown in ("E2E-0001", "4.25", "NG2026E2E", "¥3,485.00"):
            expect(label).to_contain_text(shown)
        page.locator("#label-copies").fill("2")
        page.locator("#label-copies").press("Tab")
        link = owner.main.get_by_role("link", name=zh("Print %(n)s label", 2, n=2))
        expect(link).to_be_visible()
        assert not owner.barriers()
        path = link.get_attribute("href") or ""
        owner.go(path)
        expect(page.locator(".ca-sheet.is-roll .ca-label.is-tag")).to_have_count(2)
        # What the scanner reads finds the piece.
        owner.go("/goods/?q=E2E-0001")
        expect(owner.row("竹节对戒")).to_have_count(1)


def test_photos_from_the_phone(site: Site, chromium: Browser, tmp_path: Path) -> None:
    site.run(enter_product("珐琅胸针", tag="E2E-0003", fineness=586, net_mg=2_000))
    pictures = []
    for number, colour in enumerate([(190, 150, 40), (40, 110, 90), (150, 60, 60)]):
        pictures.append(tmp_path / f"photo{number}.jpg")
        Image.new("RGB", (900, 1200), colour).save(pictures[-1])
    (tmp_path / "notes.jpg").write_text("no picture")
    with site.enter(chromium, "OWNER", PHONE) as owner:
        page = owner.page
        owner.go("/goods/?q=E2E-0003")
        owner.main.get_by_role("link", name=re.compile("珐琅胸针")).first.click()
        page.wait_for_url(re.compile(r"/goods/\d+/$"))
        product = page.url.removeprefix(site.url)

        # What is no picture is told beside the field.
        owner.main.get_by_role("link", name=zh("Add", context="a photo"), exact=True).click()
        form = owner.dialog
        expect(form.locator("input[capture]")).to_be_visible()
        form.locator("#id_pictures").set_input_files(str(tmp_path / "notes.jpg"))
        form.get_by_role("button", name=zh("Add"), exact=True).click()
        expect(owner.error_of("pictures", form)).to_contain_text("notes.jpg")
        form.locator("#id_pictures").set_input_files([str(path) for path in pictures])
        form.get_by_role("button", name=zh("Add"), exact=True).click()
        owner.is_told(zh("%(count)s photo added.", 3) % {"count": 3})
        expect(owner.main.locator("#photos .ca-photo img")).to_have_count(3)
        assert not owner.overflow()

        # The last becomes the main photo; what was taken away by mistake comes back.
        owner.main.get_by_role("link", name=zh("Arrange"), exact=True).click()
        page.wait_for_url("**/photos/")
        last = owner.main.locator(".ca-tile").nth(2).locator("img").get_attribute("src") or ""
        owner.main.get_by_role("button", name=zh("Make photo %(n)s the main photo", n=3), exact=True).click()
        owner.is_told(zh("This is the main photo now."))
        expect(owner.main.locator(".ca-tile img").first).to_have_attribute("src", last)
        owner.main.get_by_role("button", name=zh("Take photo %(n)s away", n=1), exact=True).click()
        expect(owner.main.locator(".ca-tile")).to_have_count(2)
        owner.undo()
        expect(owner.main.locator(".ca-tile")).to_have_count(3)
        assert not owner.barriers()
        assert not owner.overflow()
        owner.go("/goods/?q=E2E-0003")
        expect(owner.main.locator(f".ca-thumb img[src='{last}']").first).to_be_visible()
    with site.enter(chromium, "CLERK") as clerk:
        clerk.go(product)
        expect(clerk.main.locator("#photos .ca-photo img")).to_have_count(3)
        expect(clerk.main.get_by_role("link", name=zh("Arrange"), exact=True)).to_have_count(0)


def test_day_price_change(site: Site, chromium: Browser) -> None:
    piece = site.run(enter_product("云纹手镯", tag="E2E-0002", fineness=585, net_mg=10_000)).strip()
    site.run(set_gold(585, 60_000, 50_000))
    with site.enter(chromium, "CLERK") as clerk:
        clerk.go("/goods/day-prices/?board=all&metal=GOLD-585")
        clerk.reads("¥600.00", within=clerk.main)
        expect(clerk.main.get_by_role("link", name=zh("Change prices"), exact=True)).to_have_count(0)
    with site.enter(chromium, "OWNER", PHONE) as owner:
        page = owner.page
        owner.go("/goods/day-prices/?board=all")
        owner.page.get_by_role("link", name=zh("Change prices"), exact=True).filter(
            visible=True
        ).first.click()
        page.locator("#id_sell_GOLD_585").fill("6,25")
        page.get_by_role("button", name=zh("Look at the changes"), exact=True).click()
        owner.error_of("sell_GOLD_585")
        page.locator("#id_sell_GOLD_585").fill("625")
        page.get_by_role("button", name=zh("Look at the changes"), exact=True).click()
        # Nothing counts yet: what would change stands there, and the way back keeps what was typed.
        owner.reads("+4.17%", within=owner.main)
        page.get_by_role("button", name=zh("Back"), exact=True).click()
        expect(page.locator("#id_sell_GOLD_585")).to_have_value("625")
        page.locator("#id_sell_GOLD_585").fill("650")
        page.get_by_role("button", name=zh("Look at the changes"), exact=True).click()
        owner.reads("+8.33%", within=owner.main)
        owner.reads(
            zh("More than 5 %% at once: is the comma in the right place?").replace("%%", "%"),
            within=owner.main,
        )
        page.get_by_role("button", name=zh("Set these prices"), exact=True).click()
        owner.is_told(zh("%(count)s price counts from now on.", 1) % {"count": 1})
        owner.go(f"/goods/pieces/{piece}/")
        owner.reads("¥6,500.00", within=owner.main)

        # It was 645: corrected with the reason, and the wrong price stays in the history.
        owner.go("/goods/day-prices/?board=all&metal=GOLD-585")
        owner.main.get_by_role("link", name=zh("Correct"), exact=True).first.click()
        owner.dialog.locator("#id_sell_amount").fill("645")
        owner.dialog.get_by_role("button", name=zh("Correct"), exact=True).click()
        owner.error_of("reason", owner.dialog)
        owner.dialog.locator("#id_reason").fill("看错了牌价")
        owner.dialog.get_by_role("button", name=zh("Correct"), exact=True).click()
        owner.is_told(zh("Corrected. The wrong price stays in the history."))
        owner.go("/goods/day-prices/?board=all&metal=GOLD-585")
        owner.reads("¥645.00", within=owner.main)
        owner.reads(zh("corrected: %(reason)s", reason="看错了牌价"), within=owner.main)
        expect(owner.main.locator("s", has_text="¥650.00").first).to_be_visible()
        assert not owner.overflow()
        owner.go(f"/goods/pieces/{piece}/")
        owner.reads("¥6,450.00", within=owner.main)
