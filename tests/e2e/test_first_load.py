"""What a phone fetches before it can begin: compressed, and little of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.e2e.browser import PHONE, Visitor, visitor
from tests.e2e.conftest import DEMO_PASSWORD, Site

pytestmark = pytest.mark.e2e

BUDGET = 250_000  # bytes over the network, headers included (design.md, Budgets)


def _transferred(who: Visitor, path: str) -> dict[str, int]:
    """Bytes over the network per address, with an empty cache."""
    sizes: dict[str, int] = {}
    names: dict[str, str] = {}
    devtools = who.page.context.new_cdp_session(who.page)
    devtools.send("Network.enable")
    devtools.send("Network.clearBrowserCache")
    devtools.on("Network.requestWillBeSent", lambda e: names.update({e["requestId"]: e["request"]["url"]}))
    devtools.on(
        "Network.loadingFinished",
        lambda e: sizes.update({names.get(e["requestId"], "?"): int(e["encodedDataLength"])}),
    )
    who.page.goto(who.site + path, wait_until="networkidle")
    devtools.detach()
    return sizes


def test_sign_in_and_today_fit_the_budget(site: Site, chromium: Browser) -> None:
    with visitor(chromium, site.url, PHONE) as who:
        loads = {"/sign-in/": _transferred(who, "/sign-in/")}
        who.sign_in(site.users["OWNER"], DEMO_PASSWORD)
        loads["/"] = _transferred(who, "/")
        for path, sizes in loads.items():
            table = "\n".join(
                f"{size:>8}  {url}" for url, size in sorted(sizes.items(), key=lambda item: -item[1])
            )
            assert sum(sizes.values()) < BUDGET, f"{path}: {sum(sizes.values())} bytes\n{table}"


def test_texts_come_compressed_and_static_files_stay_in_the_cache(site: Site, chromium: Browser) -> None:
    with visitor(chromium, site.url, PHONE) as who:
        answers = {}
        who.page.on(
            "response", lambda answer: answers.update({answer.url.removeprefix(site.url): answer.headers})
        )
        who.go("/sign-in/")
        texts = {
            url: headers
            for url, headers in answers.items()
            if headers.get("content-type", "").startswith(("text/", "application/javascript"))
        }
        plain = [
            url
            for url, headers in texts.items()
            if "content-encoding" not in headers and int(headers.get("content-length", "9999")) > 1000
        ]
        assert not plain, f"sent without compression: {plain}"
        for url, headers in answers.items():
            if url.startswith("/static/"):
                assert "max-age" in headers.get("cache-control", ""), f"fetched anew each time: {url}"
