"""Every page of the navigation, at three widths, light and dark, and one page of every kind behind them: nothing sticks
out, axe-core finds nothing, the browser complains about nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser import COLOURS, COMPUTER, PHONE, Visitor
from tests.e2e.conftest import Site
from tests.e2e.walk import in_width, look_behind, problems_in_three_widths, told

pytestmark = pytest.mark.e2e


def pages_of(who: Visitor) -> list[str]:
    """Every address of the navigation the person sees."""
    page = who.page
    who.go("/")
    places = page.eval_on_selector_all(".dk-rail a", "links => links.map(a => a.getAttribute('href'))")
    found: list[str] = []
    for place in places:
        who.go(place)
        inner = page.eval_on_selector_all(".dk-panel a", "links => links.map(a => a.getAttribute('href'))")
        found += [href for href in [place, *inner] if href not in found]
    return found


def test_every_page_of_the_owner_is_accessible_and_fits(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, "OWNER", COMPUTER) as who:
        pages = pages_of(who)
        assert len(pages) > 8
        found = {}
        for path in pages:
            who.page.emulate_media(color_scheme="light")
            who.go(path)
            problems = problems_in_three_widths(who)
            in_width(who, PHONE)
            problems += [f"phone: {each}" for each in who.barriers()]
            in_width(who, COMPUTER)
            who.in_the_dark()  # changes colours and nothing else, in every width alike
            problems += [f"dark: {each}" for each in who.barriers(COLOURS)]
            if problems:
                found[path] = problems
        assert not found, told(found)


def test_one_page_of_every_kind_behind_them_is_accessible_and_fits(site: Site, chromium: Browser) -> None:
    with site.enter(chromium, "OWNER", COMPUTER) as who:
        starts = pages_of(who)
        seen = look_behind(who, starts, but=starts)
        assert len(seen) > 150, seen


@pytest.mark.parametrize(
    "role",
    [
        "OWNER",
        "ADMINISTRATOR",
        "PARTNER",
        "REGIONAL_MANAGER",
        "STORE_MANAGER",
        "CLERK",
        "SERVICE_AGENT",
        "MARKETER",
        "ACCOUNTANT",
        "AUDITOR",
    ],
)
def test_no_role_meets_a_refusal_in_its_own_navigation(site: Site, chromium: Browser, role: str) -> None:
    with site.enter(chromium, role) as who:
        for path in pages_of(who):
            answer = who.page.goto(site.url + path)
            assert answer is not None
            assert answer.status == 200, f"{role} {path} {answer.status}"
