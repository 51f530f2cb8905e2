"""Drives the product as people do: a served demo merchant and Debian's Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE, TABLET, COMPUTER = (390, 844), (820, 1180), (1440, 900)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--force-prefers-reduced-motion"]


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium, headless, with an empty profile."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise RuntimeError("Chromium is missing: run bin/setup as root, or install the Debian package chromium")
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


@dataclass
class Visitor:
    """A page of one person, with everything the browser complained about."""

    page: Page
    site: str
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.site + path, wait_until="load")

    def sign_in(self, username: str, password: str) -> None:
        """By the form, as a person does."""
        self.go("/sign-in/")
        self.page.fill("input[name=username]", username)
        self.page.fill("input[name=password]", password)
        self.page.click("form[action='/sign-in/'] [type=submit]")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def barriers(self) -> list[str]:
        """What axe-core finds (WCAG 2.2 A and AA and its best practices), one line per finding."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: dict[str, Any] = self.page.evaluate(
            "async () => await axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']})"
        )
        return [
            f"{each['id']}: {node['html'][:160]} ({node['failureSummary'].splitlines()[1].strip()})"
            for each in found["violations"]
            for node in each["nodes"]
        ]

    def overflow(self) -> list[str]:
        """Elements that stand out of the page sideways."""
        wide: list[str] = self.page.evaluate(
            """() => {
              const limit = document.documentElement.clientWidth + 1;
              if (document.documentElement.scrollWidth <= limit) return [];
              return [...document.querySelectorAll('body *')]
                .filter((e) => e.getBoundingClientRect().right > limit && getComputedStyle(e).position !== 'fixed')
                .slice(0, 5).map((e) => e.outerHTML.slice(0, 120));
            }"""
        )
        return wide


@contextmanager
def visitor(
    browser: Browser, site: str, size: tuple[int, int] = COMPUTER, *, dark: bool = False, **options: Any
) -> Iterator[Visitor]:
    """A fresh profile; leaving it fails when the browser complained (script errors, refused content)."""
    context: BrowserContext = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        color_scheme="dark" if dark else "light",
        has_touch=size[0] < 800,
        service_workers="block",
        **options,
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    who = Visitor(page, site)
    page.on("pageerror", lambda error: who.complaints.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda message: who.complaints.append(f"{page.url}: {message.text}")
        if message.type == "error" and "status of 4" not in message.text
        else None,
    )
    try:
        yield who
    finally:
        context.close()
    assert not who.complaints, "\n".join(who.complaints)


