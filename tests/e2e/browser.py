"""Drives the product as people do: a served demo merchant and Debian's Chromium."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, Playwright, expect

from tests.e2e.words import zh

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LINES_SEEN = 60
COLOURS = ("color-contrast", "link-in-text-block")
# A machine that also does other work answers late; what is expected is waited for as long as what is pressed.
expect.set_options(timeout=30_000)
PHONE, TABLET, COMPUTER = (390, 844), (820, 1180), (1440, 900)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium, headless, with an empty profile."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise RuntimeError(
            "Chromium is missing: run bin/setup as root, or install the Debian package chromium"
        )
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

    # --- what a person looks for -----------------------------------------------------------------------------
    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    @property
    def dialog(self) -> Locator:
        """What is open above the page: a dialog, else the drawer."""
        return self.page.locator("dialog#dialog[open]").or_(self.page.locator("dialog#drawer[open]")).last

    @property
    def toast(self) -> Locator:
        return self.page.locator("#dk-toasts .dk-toast").last

    def reads(self, text: str, *, within: Locator | None = None) -> None:
        """Waits until `text` can be seen."""
        expect(
            (within or self.page.locator("body")).get_by_text(text).filter(visible=True).first
        ).to_be_visible()

    def is_told(self, text: str) -> None:
        """Waits for the notice: a toast or a message on the page."""
        shelf = self.page.locator("#dk-toasts .dk-toast, main .dk-alert")
        expect(shelf.filter(has_text=text).first).to_be_visible()

    def undo(self) -> None:
        """Presses the undo of the newest toast and waits until it is taken back."""
        self.toast.get_by_role("button", name=zh("Undo"), exact=True).click()
        self.is_told(zh("Undone"))

    def error_of(self, field: str, within: Locator | None = None) -> Locator:
        """The sentence beside the field of this name, tied to it for screen readers too."""
        scope = within or self.page.locator("body")
        wrong = scope.locator(f"[name={field}][aria-invalid=true]").first
        expect(wrong).to_be_visible()
        described = (wrong.get_attribute("aria-describedby") or "").split()
        mine = [each for each in described if each.endswith("error")]
        assert mine, f"the error of {field} is not tied to its field"
        return scope.locator(f"#{mine[0]}")

    def row(self, text: str) -> Locator:
        """The row of a table that says `text`."""
        return self.main.locator("tbody tr").filter(has_text=text)

    def menu(self, name: str, item: str, within: Locator | None = None) -> None:
        """Opens the menu called `name` and presses `item`."""
        menu = (
            (within or self.main)
            .locator("details.dk-menu")
            .filter(
                has=self.page.locator("summary")
                .filter(has_text=name)
                .or_(self.page.locator(f"summary[aria-label='{name}']"))
            )
        )
        menu.locator("summary").first.click()
        menu.locator(".dk-menu-list :is(a, button, label)").filter(has_text=item).filter(
            visible=True
        ).first.click()

    def becomes(self, expression: str, *, within: float = 5.0) -> None:
        """Waits until a JavaScript expression is true; for what a person feels and cannot read, like the scroll place."""
        deadline = time.monotonic() + within
        while not self.page.evaluate(expression):
            assert time.monotonic() < deadline, f"still false: {expression}"
            self.page.wait_for_timeout(30)

    def soon_reads(self, path: str, text: str) -> None:
        """Opens `path` until it says `text`: what is made behind the scenes comes a moment later."""
        for _look in range(60):
            self.go(path)
            if self.main.get_by_text(text).count():
                break
        self.reads(text, within=self.main)

    def sign_out(self) -> None:
        self.page.locator("#dk-me > summary").click()
        self.page.locator("#dk-me form[action='/sign-out/'] button").click()
        self.page.wait_for_url("**/sign-in/**")

    # --- what machines find ----------------------------------------------------------------------------------
    def barriers(self, rules: tuple[str, ...] = ()) -> list[str]:
        """What axe-core finds (WCAG 2.2 A and AA and its best practices, or only `rules`), one line per finding."""
        self.stand_still()
        if self.page.evaluate("typeof axe") == "undefined":
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        found: dict[str, Any] = self.page.evaluate(
            "async (only) => await axe.run(document, {runOnly: only, resultTypes: ['violations']})",
            list(rules) or tags,
        )
        return [
            f"{each['id']}: {node['html'][:160]} ({node['failureSummary'].splitlines()[1].strip()})"
            for each in found["violations"]
            for node in each["nodes"]
        ]

    def stand_still(self) -> None:
        """Colours change at once: half way between two a text is hard to read, and nobody reads it then."""
        self.page.evaluate(
            """() => {
              if (document.isStandingStill) return;
              const still = new CSSStyleSheet();
              still.replaceSync('*, ::before, ::after { transition: none !important }');
              document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
              document.isStandingStill = true;
            }"""
        )

    def in_the_dark(self) -> None:
        """The device goes dark."""
        self.stand_still()
        self.page.emulate_media(color_scheme="dark")

    def overflow(self) -> list[str]:
        """Elements that stand out of the page sideways."""
        wide: list[str] = self.page.evaluate(
            """() => {
              const limit = document.documentElement.clientWidth + 1;
              if (document.documentElement.scrollWidth <= limit) return [];
              const held = (e) => { // by something that scrolls or clips for itself, or by the window
                for (let up = e; up && up !== document.body; up = up.parentElement) {
                  const style = getComputedStyle(up);
                  if (style.position === 'fixed' || (up !== e && style.overflowX !== 'visible')) return true;
                }
                return false;
              };
              return [...document.querySelectorAll('body *')]
                .filter((e) => e.getBoundingClientRect().right > limit && !held(e))
                .slice(0, 5).map((e) => e.outerHTML.slice(0, 120));
            }"""
        )
        return wide


def seen(page: Page) -> str:
    """What stood on the page when a story failed, as a screen reader would say it."""
    try:
        text = page.locator("dialog[open], main").last.aria_snapshot(timeout=2000)
    except Error as error:
        text = str(error)
    return f"at {page.url}\n" + "\n".join(text.splitlines()[:LINES_SEEN])


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
        reduced_motion="reduce",
        has_touch=size[0] < 800,
        **({"service_workers": "block"} | options),
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    who = Visitor(page, site)
    page.on("pageerror", lambda error: who.complaints.append(f"{page.url}: {error}"))
    page.on(
        "console",
        lambda message: (
            who.complaints.append(f"{page.url}: {message.text}")
            if message.type == "error" and "status of 4" not in message.text
            else None
        ),
    )
    try:
        yield who
    except Exception as error:
        error.add_note(seen(page))
        raise
    finally:
        context.close()
    assert not who.complaints, "\n".join(who.complaints)
