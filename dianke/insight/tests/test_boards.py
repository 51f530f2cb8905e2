"""Dashboards: each person's first board, today's figures as the sales report has them, the way to the rows."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from dianke.insight.models import CustomerMetrics
from dianke.insight.queries.figures import ask, scope_of
from dianke.insight.tests.conftest import rows_of, work_out
from dianke.sales.queries.reports import figures as sales
from dianke.sales.rules.report_terms import Span
from dianke.work.operations import create_task

pytestmark = pytest.mark.django_db
BOARD, TODAY, PAST = "/insight/boards/", "/insight/boards/today/", "/insight/boards/past/"


@pytest.fixture
def shop(till, people):
    till.sell(None, 88_00)
    till.sell(None, 66_00, store=till.cast.road)
    work_out(till)
    return till


def test_each_role_opens_its_own_board(shop, signed_in):
    first = {
        name: signed_in(name).get(BOARD).context["what"] for name in ("owner", "manager", "mark", "clerk")
    }
    boards = {name: what.board for name, what in first.items()}
    assert boards == {"owner": "business", "manager": "store", "mark": "customers", "clerk": "mine"}
    assert first["owner"].offered == ("business", "store", "customers", "mine")
    assert first["clerk"].offered == ("mine",)
    # A board one may not open is the usual one instead.
    assert signed_in("clerk").get(f"{BOARD}?board=business").context["what"].board == "mine"


@pytest.mark.parametrize("name", ["owner", "manager", "clerk"])
def test_today_is_the_number_of_the_sales_report(shop, signed_in, name):
    client = signed_in(name)
    actor = shop.actor(name)
    live = client.get(TODAY).context["live"]
    every = sales.stores_of(actor)
    stores = [] if live.scope.own else [one for one in every if one in live.scope.stores]
    figures = sales.figures_of(sales.scope_of(actor, stores, every), Span(live.day, live.day))
    assert live.figures.net_amount == figures.net_amount
    page = client.get(f"/reports/sales/?period=custom&from={live.day}&to={live.day}").content.decode()
    if figures.net_amount:
        assert f"{figures.net_amount / 100:,.2f}" in page
    assert live.figures.net_amount == {"owner": 154_00, "manager": 88_00, "clerk": 0}[name]


def test_the_running_day_asks_again_by_itself(shop, signed_in):
    client = signed_in("owner")
    part = client.get(f"{TODAY}?board=business").content.decode()
    assert "<html" not in part
    assert 'hx-trigger="every 60s"' in part
    before = client.get(f"{TODAY}?board=business").context["live"].figures.net_amount
    shop.sell(None, 12_00)
    assert client.get(f"{TODAY}?board=business").context["live"].figures.net_amount == before + 12_00


def test_the_days_before_are_of_the_snapshot_and_lead_to_their_rows(shop, signed_in):
    client = signed_in("owner")
    page = client.get(f"{PAST}?board=business&days=90")
    assert page.context["taken_at"]
    last = shop.lake.business_date(shop.now) - timedelta(days=1)
    span = Span(last - timedelta(days=89), last)
    actor = shop.actor("owner")
    [row] = ask(measures=["net", "customers"], span=span, scope=scope_of(actor), actor=actor).rows
    every = sales.stores_of(actor)
    assert row.values[0] == sales.figures_of(sales.scope_of(actor, (), every), span).net_amount
    text = page.content.decode()
    assert f"¥{row.values[0] / 100:,.2f}" in text
    [buyers] = {url for url in re.findall(r'href="(/insight/buyers/[^"]+)"', text) if "novelty" not in url}
    assert rows_of(client, buyers) == row.values[1]
    back = 'aria-label="当前位置"><a href="/insight/boards/">看板</a>'
    assert back in client.get(buyers.replace("&amp;", "&")).content.decode()
    assert {figure.id for figure in page.context["charts"]} >= {"trend", "by-store", "novelty"}
    mine = client.get(f"{PAST}?board=business&days=90&store={shop.lake.pk}")
    assert "by-staff" in {figure.id for figure in mine.context["charts"]}


def test_a_manager_sees_the_own_store_only(shop, signed_in):
    client = signed_in("manager")
    what = client.get(f"{BOARD}?store={shop.cast.road.pk}").context["what"]
    assert what.store == shop.lake
    assert "毛利" not in client.get(TODAY).content.decode()


def test_the_marketer_sees_groups_that_open_and_what_other_rooms_know(shop, signed_in):
    client = signed_in("mark")
    page = client.get(BOARD).content.decode()
    cells = re.findall(r'<a href="(/insight/customers/people/\?recency=[^"]+)"><strong>(\d+)<', page)
    assert sum(int(number) for _url, number in cells) == CustomerMetrics.objects.count() == 8
    for url, number in cells:
        assert rows_of(client, url) == int(number)
    assert 'hx-get="/insight/customers/retention/"' in page
    blocks = client.get(f"{PAST}?board=customers").context["blocks"]
    assert {"segments.segments", "segments.reach"} <= {block.code for block, _content in blocks}
    assert signed_in("clerk").get(f"{PAST}?board=customers").context.get("blocks") is None


def test_a_clerk_has_the_own_sales_tasks_and_customers(shop, people, signed_in):
    clerk = shop.cast["clerk"]
    create_task(title="回访客人", owner=clerk.user, due_at=shop.now, actor=shop.actor("clerk"), now=shop.now)
    page = signed_in("clerk").get(BOARD)
    assert [task.title for task in page.context["tasks"]] == ["回访客人"]
    assert page.context["live"].scope.own


def test_an_empty_shop_says_what_will_stand_there(till, signed_in):
    for name in ("owner", "manager", "mark", "clerk"):
        client = signed_in(name)
        assert client.get(BOARD).status_code == 200, name
        assert client.get(PAST).status_code == 200, name
    assert "还没有" in signed_in("owner").get(f"{PAST}?board=business").content.decode()
