"""Long names and magnified text: nothing sticks out, nothing lies on top of something else."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import PHONE
from tests.e2e.conftest import Site
from tests.e2e.shelf import long_names
from tests.e2e.test_every_screen import pages_of

pytestmark = pytest.mark.e2e

ZOOMED = (720, 450)  # a computer's 1440 by 900 at 200 %


@pytest.fixture(scope="module")
def details(site: Site) -> list[str]:
    """Addresses of the records with the longest names the product takes."""
    return site.run(long_names()).split()


@pytest.mark.parametrize("size", [PHONE, ZOOMED], ids=["phone", "zoom-200"])
def test_the_longest_names_stick_out_of_no_page(
    site: Site, chromium: Browser, details: list[str], size: tuple[int, int]
) -> None:
    with site.enter(chromium, "OWNER", device_scale_factor=2) as owner:
        pages = [*pages_of(owner), *details, "/organisation/", "/tasks/new/", "/staff/hire/", "/stores/new/"]
        owner.page.set_viewport_size({"width": size[0], "height": size[1]})
        found = {}
        for path in dict.fromkeys(pages):
            owner.go(path)
            wide = owner.overflow()
            if wide:
                found[path] = wide
        assert not found, "\n".join(f"{path}\n  " + "\n  ".join(lines) for path, lines in found.items())


def test_at_two_hundred_percent_everything_can_still_be_reached(
    site: Site, chromium: Browser, details: list[str]
) -> None:
    with site.enter(chromium, "OWNER", ZOOMED, device_scale_factor=2) as owner:
        page = owner.page
        owner.go("/stores/")
        page.locator(".is-primary-action").click()
        form = owner.dialog.locator("form")
        save = form.locator("[type=submit]")
        save.scroll_into_view_if_needed()
        box = save.bounding_box()
        assert box is not None
        assert 0 <= box["y"] <= ZOOMED[1] - box["height"], "the button that saves is in sight"
        assert box["x"] + box["width"] <= ZOOMED[0]
        owner.dialog.locator("[data-close]").first.click()
        owner.go("/")
        page.locator("#dk-me > summary").click()
        sign_out = page.locator("#dk-me form[action='/sign-out/'] button")
        sign_out.scroll_into_view_if_needed()
        expect(sign_out).to_be_visible()
