"""The pictures of README.md: pages of the demo merchant, and what the story of the full circle leaves behind."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.e2e import test_circle as circle
from tests.e2e.browser import PHONE, ROOT, visitor
from tests.e2e.conftest import Site

IMAGES = ROOT / "docs" / "images"
SIZE = (1280, 840)
#: Picture → whose page it is, and on what.
DEMO = {
    "today": ("OWNER", "/", SIZE),
    "value": ("OWNER", "/insight/customers/", SIZE),
    "segment": ("OWNER", "/segments/new/?start=sleeping", SIZE),
    "contact": ("CLERK", "/contact-today/", PHONE),
    "report": ("OWNER", "/insight/reports/1/", SIZE),
    "tasks-dark": ("OWNER", "/tasks/", SIZE),
}
#: As a shop would call them; the story itself tells them apart by numbers.
NAMES = {"STORE": "西溪店", "SEGMENT": "久未到店", "COUPON": "回店礼", "CAMPAIGN": "想念老友"}
#: The next customers at the till, with the coupon of the campaign.
CAME_WITH_COUPON = circle.SOLD.replace("12_900", "10_900").replace(
    "store=store))",
    "store=store), coupon_ids=(Coupon.objects.get(customer__name=name, kind__name=COUPON).pk,))",
)
#: What the worker does some minutes after the start.
WORKED_OUT = """
from django.utils import timezone
from dianke.core.actor import SYSTEM
from dianke.insight.operations.runs import ask_refresh, carry_out
who = dict(actor=SYSTEM, now=timezone.now())
carry_out(ask_refresh(is_full=True, **who), **who)
"""
WITH_COUPON, WITHOUT, ANYWAY = 22, 8, 5
SETTLED = 1500  # milliseconds: charts are drawn, fonts are there


def take(site: Site, browser: Browser) -> None:
    """All of them, into `docs/images`."""
    site.run(WORKED_OUT)
    for name, where in DEMO.items():
        _page(site, browser, name, *where)
    for name, value in NAMES.items():
        setattr(circle, name, value)
    campaign, got = circle.written_to(site, browser)
    circle.come_back(site, browser, got)
    written = [n for n in range(circle.PEOPLE) if circle.email_of(n) in got]
    kept = [n for n in range(circle.PEOPLE) if circle.email_of(n) not in got]
    with visitor(browser, site.url, PHONE) as phone:
        circle.find_coupon(phone, written[1])
        _shoot(phone.page, "coupon")
    coupon = f"from dianke.promotions.models import Coupon\nCOUPON = {NAMES['COUPON']!r}\n"
    _sell(site, coupon + CAME_WITH_COUPON, written[1 : WITH_COUPON + 1])
    _sell(site, circle.SOLD, [*written[WITH_COUPON + 1 :][:WITHOUT], *kept[:ANYWAY]])
    _page(site, browser, "history", "OWNER", "/orders/past/2/", SIZE)
    _page(site, browser, "campaign", "OWNER", campaign, SIZE)


def _sell(site: Site, code: str, people: Sequence[int]) -> None:
    site.run(code.replace("NAMES", repr([circle.name_of(n) for n in people])))


def _page(site: Site, browser: Browser, name: str, who: str, path: str, size: tuple[int, int]) -> None:
    with site.enter(browser, who, size, dark=name.endswith("dark")) as its:
        its.go(path)
        _shoot(its.page, name)


def _shoot(page: Page, name: str) -> None:
    page.wait_for_timeout(SETTLED)
    # Flat colours: a palette of 256 shows them all in a third of the size.
    with Image.open(BytesIO(page.screenshot())) as taken:
        taken.convert("RGB").quantize(256).save(IMAGES / f"{name}.png", optimize=True)
