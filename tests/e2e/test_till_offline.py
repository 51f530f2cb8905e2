"""The till without the server: what was sold survives a reload, a killed browser and a lost answer, reaches the server
once and in order, and nothing personal lies open on the device."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.e2e import browser as driver
from tests.e2e.browser import COMPUTER, Visitor
from tests.e2e.conftest import DEMO_PASSWORD, Site
from tests.e2e.line import Line, line_to

pytestmark = pytest.mark.e2e

MANAGER = "gaojianguo"
#: The machine behind the screen of the page, as `till`.
READY = "Boolean(document.querySelector('dk-till')?.till?.machine)"
USE = "const till = document.querySelector('dk-till').till.machine;"
SELL = (
    "async (count) => {"
    + USE
    + """
  const sold = [];
  for (let number = 0; number < count; number += 1) {
    const lines = [{ key: "a", kind: "FEE", name: "手工费", amount: 1000 + number, quantity: "1" }];
    const rest = { customer_id: null, coupon_ids: [], points: 0, rounding: "", note: "" };
    const basket = { uuid: crypto.randomUUID(), lines, ...rest };
    const { paid_amount: amount } = till.price(basket);
    sold.push({ ...(await till.sell(basket, [{ tender: "CASH", amount }])), amount });
  }
  return sold;
}"""
)


class Till:
    """A page of the till."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url

    def open(self) -> Till:
        self.page.goto(f"{self.url}/till/", wait_until="load")
        self.until(READY)
        return self

    def until(self, expression: str, within: float = 30.0) -> None:
        """By asking again and again: the policy of the page lets nothing be evaluated in it."""
        deadline = time.monotonic() + within
        while not self.page.evaluate(expression):
            assert time.monotonic() < deadline, f"still false: {expression}\n{self._told()}"
            self.page.wait_for_timeout(50)

    def _told(self) -> str:
        return str(self.page.evaluate(f"(() => {{ {USE} return JSON.stringify(till.state); }})()"))

    def do(self, code: str, given: Any = None) -> Any:
        return self.page.evaluate(f"async (given) => {{ {USE} {code} }}", given)

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self.do("return JSON.parse(JSON.stringify(till.state))")
        return found

    def waits_for(self, condition: str) -> None:
        """A condition about `state`."""
        self.until(f"(() => {{ {USE} const state = till.state; return Boolean({condition}); }})()")

    def sell(self, count: int = 1) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.page.evaluate(SELL, count)
        return found

    def goes_offline(self, line: Line) -> None:
        line.is_cut = True
        self.do("await till.api.ask().catch(() => {})")
        self.waits_for("!state.online")

    def is_ready(self) -> Till:
        """Limits are there, the goods are read, and the page comes back without the server."""
        self.waits_for(
            "state.grant && state.catalogue.count && !state.catalogue.loading && state.update.current"
        )
        self.until("navigator.serviceWorker.controller !== null")
        self.open()
        self.waits_for("state.grant && state.update.current")
        return self


def enrol(context: BrowserContext, site: Site, name: str) -> Page:
    """Sign in as the manager and make the browser a till."""
    page = context.pages[0] if context.pages else context.new_page()
    visitor = Visitor(page, site.url)
    visitor.sign_in(MANAGER, DEMO_PASSWORD)
    visitor.go("/settings/tills/enrol/")
    page.fill("[name=name]", name)
    page.locator("main form.dk-form [type=submit]").click()
    page.wait_for_url("**/settings/tills/")
    return page


@contextmanager
def till_of(browser: Browser, site: Site, name: str, **options: Any) -> Iterator[Till]:
    context = browser.new_context(
        viewport={"width": COMPUTER[0], "height": COMPUTER[1]}, locale="zh-CN", service_workers="allow"
    )
    try:
        page = enrol(context, site, name)
        if script := options.get("script"):
            page.add_init_script(script)
        yield Till(page, site.url).open().is_ready()
    finally:
        context.close()


def orders(site: Site, device: str) -> list[dict[str, Any]]:
    """What the server has of a till, in the order of its numbers."""
    code = f"""
import json
from dianke.access.models import Device
from dianke.sales.models import Order
from dianke.sales.queries.offline import gaps_of
device = Device.objects.filter(name={device!r}).latest("pk")
rows = Order.objects.filter(device=device).order_by("device_sequence")
print(json.dumps([dict(uuid=str(o.uuid), number=o.number, sequence=o.device_sequence, total=o.total_amount,
    offline=o.is_offline, at=o.occurred_at.timestamp(), device_at=o.device_at.timestamp(),
    exceptions=list(o.exceptions.values_list("kind", flat=True)), gaps=gaps_of(device.pk)) for o in rows]))
"""
    found: list[dict[str, Any]] = json.loads(site.run(code).strip().splitlines()[-1])
    return found


def test_offline_sales_survive_reload_and_a_killed_browser_and_two_tabs_send_them_once(
    site: Site, chromium: Browser, tmp_path: Path
) -> None:
    name = "断网一号机"

    def launch() -> BrowserContext:
        return chromium.browser_type.launch_persistent_context(
            str(tmp_path / "profile"),
            executable_path="/usr/bin/chromium",
            args=driver.ARGUMENTS,
            locale="zh-CN",
        )

    with line_to(site.url) as line:
        through = replace(site, url=line.url)
        context = launch()
        till = Till(enrol(context, through, name), line.url).open().is_ready()
        till.goes_offline(line)
        sold = till.sell(2)
        assert [each["sent"] for each in sold] == [False, False]
        till.open()
        assert till.state()["unsent"]["count"] == 2
        sold += till.sell(1)
        kept = till.page.evaluate(DUMP)
        assert "手工费" not in kept, "what was sold lies sealed"
        # Chromium writes the list of its caches some seconds after they were filled.
        till.page.wait_for_timeout(6_000)
        _kill(tmp_path / "profile")

        context = launch()
        till = Till(context.new_page(), line.url).open()
        assert till.state()["unsent"]["count"] == 3
        other = Till(context.new_page(), line.url).open()
        batches: list[str] = []
        context.on(
            "response",
            lambda answer: (
                batches.append(answer.request.post_data or "")
                if "/sales/batch" in answer.url and answer.ok
                else None
            ),
        )
        line.is_cut = False
        # The session may be lost with the power: somebody signs in, and the queue is still there.
        Visitor(till.page, line.url).sign_in(MANAGER, DEMO_PASSWORD)
        for each in (till.open(), other):
            each.do("till.api.ask().catch(() => {})")
        for each in (till, other):
            each.waits_for("state.online && state.unsent.count === 0")
        context.close()
    found = orders(site, name)
    assert [order["uuid"] for order in found] == [each["uuid"] for each in sold]
    assert [order["sequence"] for order in found] == [1, 2, 3]
    assert all(order["offline"] and order["gaps"] == [] for order in found)
    assert sum(batch.count('"is_offline"') for batch in batches) == 3, "each was sent once"


#: Everything in IndexedDB as text; what is sealed shows as bytes only.
DUMP = """async () => {
  const answer = (asked) => new Promise((resolve) => { asked.onsuccess = () => resolve(asked.result); });
  const db = await answer(indexedDB.open("till-keep"));
  const found = [];
  for (const store of db.objectStoreNames) {
    if (store === "meta") continue;
    found.push(store, JSON.stringify(await answer(db.transaction(store).objectStore(store).getAll())));
  }
  db.close();
  return found.concat(Object.values(localStorage)).join("\\n");
}"""


def _kill(profile: Path) -> None:
    """As a power cut does: every process of this browser, and nobody else's."""
    for process in psutil.process_iter(["cmdline"]):
        if f"--user-data-dir={profile}" in (process.info["cmdline"] or ()):
            os.kill(process.pid, signal.SIGKILL)


def test_an_answer_that_was_lost_is_asked_for_again_and_a_wrong_clock_is_corrected(
    site: Site, chromium: Browser
) -> None:
    name = "断网二号机"
    ahead = 3 * 3600
    clock = f"""(() => {{ const Real = Date; globalThis.Date = class extends Real {{
      constructor(...given) {{ if (given.length) super(...given); else super(Real.now() + {ahead * 1000}); }}
      static now() {{ return Real.now() + {ahead * 1000}; }} }}; }})();"""
    with till_of(chromium, site, name, script=clock) as till:
        till.waits_for("state.problems.some((each) => each.code === 'clock')")

        def lose(route: Route) -> None:
            route.fetch()
            route.abort("connectionreset")

        till.page.route("**/api/v1/sales/batch", lose)
        (sold,) = till.sell()
        assert (sold["sent"], sold["problem"]["code"]) == (False, "unconfirmed")
        till.page.unroute("**/api/v1/sales/batch")
        till.do("await till.api.ask(); await till.retryHeld()")
        till.waits_for("state.unsent.count === 0")
        till.page.context.set_offline(True)
        till.waits_for("!state.online")
        till.sell()
        till.page.context.set_offline(False)
        till.do("await till.api.ask(); await till.retryHeld()")
        till.waits_for("state.unsent.count === 0")
    first, second = orders(site, name)
    assert (first["uuid"], first["sequence"], first["offline"]) == (sold["uuid"], 1, False)
    assert (second["sequence"], second["offline"]) == (2, True)
    assert second["device_at"] - second["at"] == pytest.approx(ahead, abs=30)
    assert "CLOCK" in second["exceptions"]


def test_a_new_version_waits_until_everything_is_sent(site: Site, chromium: Browser) -> None:
    with line_to(site.url) as line, till_of(chromium, replace(site, url=line.url), "断网三号机") as till:
        before = till.state()["update"]["current"]
        till.goes_offline(line)
        till.sell()
        # The line is back for pages, not yet for sales.
        line.cut.add("/api/v1/sales/batch")
        line.changes["/till/sw.js"] = lambda text: text.replace(before, "a-newer-version")
        line.is_cut = False
        till.page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.update())")
        till.until(
            f"(async () => {{ {USE} await till.takeNewVersion(); return till.state.update.isWaiting; }})()"
        )
        till.open()
        till.waits_for("state.update.current")
        assert till.state()["update"]["current"] == before, "the queue is not empty"
        line.cut.clear()
        till.do("await till.api.ask(); await till.retryHeld()")
        till.waits_for("state.unsent.count === 0")
        assert till.do("return till.takeNewVersion()")
        assert till.state()["update"]["current"] == "a-newer-version"


def test_a_missing_number_is_seen_and_a_saved_file_brings_it_back(site: Site, chromium: Browser) -> None:
    name = "断网四号机"
    with till_of(chromium, site, name) as till:
        till.page.context.set_offline(True)
        till.waits_for("!state.online")
        sold = till.sell(3)
        file = till.do("return (await till.exportQueue('四个字的密码')).text()")
        assert sold[1]["uuid"] not in file
        till.page.evaluate(FORGET, sold[1]["uuid"])
        till.page.context.set_offline(False)
        till.do("await till.api.ask(); await till.retryHeld()")
        till.waits_for("state.unsent.count === 0")
        assert [order["gaps"] for order in orders(site, name)] == [[[2, 2]], [[2, 2]]]
        wrong = "return till.importQueue(new Blob([given]), 'falsch').catch((error) => error.code)"
        assert till.do(wrong, file) == "file_password"
        assert till.do("return till.importQueue(new Blob([given]), '四个字的密码')", file) == 1
        till.waits_for("state.unsent.count === 0")
    found = orders(site, name)
    assert [(order["sequence"], order["uuid"]) for order in found] == list(
        enumerate((each["uuid"] for each in sold), 1)
    )
    assert found[0]["gaps"] == []


FORGET = """(uuid) => new Promise((resolve) => {
  const asked = indexedDB.open("till-keep");
  asked.onsuccess = () => {
    const done = asked.result.transaction("queue", "readwrite");
    done.objectStore("queue").delete(uuid);
    done.oncomplete = () => { asked.result.close(); resolve(); };
  };
})"""
