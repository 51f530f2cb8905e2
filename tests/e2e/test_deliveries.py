"""A delivery from the plan to the signature: the planner's board, the crew's phone, the page the customer reads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import PHONE, Visitor
from tests.e2e.conftest import Site

pytestmark = pytest.mark.e2e

_READY = """
import json
from datetime import time
from decimal import Decimal
from uuid import uuid4
from django.utils import timezone
from dianke.access.models import User
from dianke.access.queries import actor_for
from dianke.catalog.operations.products import create_product
from dianke.customers.models import Customer
from dianke.inventory.operations.stocking import Goods, receive
from dianke.sales import operations as sales
from dianke.sales.queries.basket import Item, Sale, Tendered
from dianke.sales.queries.status import status_token
from dianke.stores.models import Store
now = timezone.now()
user = User.objects.get(username="linxiulan")
who = dict(actor=actor_for(user, now=now), now=now)
store = Store.objects.filter(closed_on=None).earliest("pk")
sofa = create_product(values=dict(name="三人沙发"), price_amount=399_900, **who).variants.get()
receive(store=store, goods=[Goods(sofa.pk, Decimal(3), Decimal(2000))], reference="e2e:sofa",
        business_date=store.business_date(now), **who)
sales.put_slot(store=store, slot=None, name="全天", from_time=time(0), to_time=time(23, 59), capacity=5,
               weekdays=range(7), **who)
crew = sales.put_crew(store=store, crew=None, name="大件组", members=[user], **who)
customer = Customer.objects.heads().in_use().earliest("pk")
order = sales.place_order(
    sale=Sale(uuid4(), store, (Item("1", sofa.pk, Decimal(2)),), (Tendered(uuid4(), "CASH", 799_800),),
              customer=customer, channel="BACK_OFFICE"),
    terms=sales.OrderTerms(), **who)
print(json.dumps(dict(order=order.pk, number=order.number, store=store.pk, token=status_token(order))))
"""


def ready(site: Site) -> dict[str, Any]:
    """An order of two sofas that is paid, a window of today and a crew of the owner."""
    found: dict[str, Any] = json.loads(site.run(_READY).strip().splitlines()[-1])
    return found


def sign(visitor: Visitor) -> None:
    """A stroke with the finger across the box."""
    box = visitor.page.locator("canvas[data-dl-pad]")
    box.scroll_into_view_if_needed()
    frame = box.bounding_box()
    assert frame is not None
    mouse = visitor.page.mouse
    mouse.move(frame["x"] + 30, frame["y"] + frame["height"] - 20)
    mouse.down()
    for step in range(1, 8):
        mouse.move(frame["x"] + 30 + step * 25, frame["y"] + frame["height"] / (1 + step % 3))
    mouse.up()


def test_what_is_planned_is_carried_signed_for_and_read_by_the_customer(site: Site, chromium: Browser):
    made = ready(site)
    with site.enter(chromium, "OWNER") as planner:
        planner.go(f"/deliveries/new/{made['order']}/")
        page = planner.page
        page.fill("input[name^='q-']", "1")
        page.select_option("select[name=window]", index=1)
        page.fill("input[name=receiver]", "王小明")
        page.fill("input[name=phone]", "13800138000")
        page.fill("input[name=city]", "杭州市")
        page.fill("input[name=street]", "文三路 100 号 3 幢 502")
        page.click("main form[method=post] .dk-save [type=submit]")
        page.wait_for_url("**/deliveries/*/")
        planner.go(f"/deliveries/?store={made['store']}")
        card = page.locator("[data-dl-card]", has_text=made["number"])
        lane = page.locator("[data-dl-lane]", has=page.get_by_role("heading", name="大件组"))
        card.drag_to(lane)
        expect(lane.locator("[data-dl-card]", has_text=made["number"])).to_be_visible()
        assert planner.barriers() == []
    with site.enter(chromium, "OWNER", PHONE) as crew:
        page = crew.page
        crew.go("/deliveries/mine/")
        crew.reads("文三路 100 号")
        stop = page.locator(".dl-stop", has_text="文三路 100 号")
        stop.locator("form[action$='/start/'] button").click()
        page.locator(".dl-stop", has_text="文三路 100 号").locator("a[href$='/handing-over/']").click()
        page.click("[data-dl-name]")
        sign(crew)
        page.click("#hand-over .dk-save [type=submit]")
        page.wait_for_url("**/deliveries/mine/")
        assert crew.overflow() == []
        crew.page.context.clear_cookies()
        crew.go(f"/m/orders/{made['token']}/")
        crew.reads(made["number"])
        expect(page.locator(".os-proofs img")).to_have_count(1)
        crew.becomes("document.querySelector('.os-proofs img').naturalWidth > 100", within=15)
        assert "文三路" not in page.content()
    site.forget("OWNER")
