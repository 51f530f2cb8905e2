"""What somebody may want next: seen at the till and added by one tap, gone without the server; on their page, where a
no is taken and taken back."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import COMPUTER, TABLET
from tests.e2e.conftest import Site
from tests.e2e.words import zh

pytestmark = pytest.mark.e2e

MANAGER = "suwanqing"
#: Works out the proposals, and says of whom something goes with something else, which is no single piece.
WORKED_OUT = """
import json
from django.utils import timezone
from dianke.core.actor import SYSTEM
from dianke.customers.models import Customer
from dianke.insight.operations.runs import ask_refresh, carry_out
from dianke.insight.queries.proposals import proposals_for
from dianke.stores.models import Store
now, store = timezone.now(), Store.objects.get(code="HZ01")
carry_out(ask_refresh(is_full=True, actor=SYSTEM, now=now), actor=SYSTEM, now=now)
for person in Customer.objects.filter(store=store, merged_into=None, state="ACTIVE").exclude(name="").order_by("pk"):
    found = proposals_for(person, store=store, sight=SYSTEM, at=now)
    if len(found) > 1 and Customer.objects.filter(name=person.name).count() == 1:
        print(json.dumps({"pk": person.pk, "name": person.name, "first": found[0].name, "why": found[0].reason}))
        break
"""


def test_the_till_proposes_and_one_tap_adds_it(site: Site, chromium: Browser) -> None:
    person = json.loads(site.run(WORKED_OUT).splitlines()[-1])
    with site.enter(chromium, MANAGER, TABLET, service_workers="allow") as till:
        till.go("/till/")
        expect(till.page.locator("dialog[open]").last).to_be_visible()
        till.page.keyboard.press("Escape")
        expect(till.page.locator("dialog[open]")).to_have_count(0)
        till.page.keyboard.press("F2")
        till.page.keyboard.type(person["name"])
        till.page.locator("dialog[open]").last.get_by_role("button", name=person["name"]).click()
        strip = till.page.get_by_role("region", name=zh("May want as well", context="till"))
        offered = strip.get_by_role("button")
        expect(offered.first).to_contain_text(person["first"])
        assert 1 <= offered.count() <= 3
        assert not till.barriers()
        offered.first.click()
        line = till.page.locator(".tl-line").filter(has_text=person["first"])
        expect(line).to_be_visible()
        expect(offered.filter(has_text=person["first"])).to_have_count(0)
        till.page.context.set_offline(True)
        line.locator(".tl-step").last.click()
        expect(line.locator(".tl-quantity")).to_have_text("2")
        expect(strip).to_have_count(0)
        till.page.context.set_offline(False)


def test_a_no_is_taken_on_their_page_and_taken_back(site: Site, chromium: Browser) -> None:
    person = json.loads(site.run(WORKED_OUT).splitlines()[-1])
    refuse = zh("Not interested in %(name)s", name=person["first"])
    with site.enter(chromium, MANAGER, COMPUTER) as visitor:
        visitor.go(f"/customers/{person['pk']}/")
        visitor.reads(person["first"])
        visitor.page.get_by_role("button", name=refuse).click()
        visitor.is_told(zh("“%(name)s” is not proposed to them any more.", name=person["first"]))
        expect(visitor.page.get_by_role("button", name=refuse)).to_have_count(0)
        visitor.page.get_by_role("button", name=zh("Undo")).click()
        expect(visitor.page.get_by_role("button", name=refuse)).to_be_visible()
