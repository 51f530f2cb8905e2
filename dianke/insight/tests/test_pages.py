"""Pages and endpoints of customer value: every figure leads to its people, to each as far as they may see."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal as D
from uuid import uuid4

import pytest
from django.http import QueryDict
from procrastinate.contrib.django.models import ProcrastinateJob

from dianke.core.actor import SYSTEM
from dianke.customers.tests.cast import make_customer
from dianke.customers.views.listings import CustomerListing
from dianke.events.testing import deliver_events
from dianke.insight.models import ContactPreference, CustomerMetrics, SnapshotRun
from dianke.insight.operations.runs import carry_out
from dianke.insight.queries.figures import ask, scope_of
from dianke.insight.queries.people import cohorts, overview, people_of_cohort
from dianke.insight.tests.conftest import rows_of, work_out
from dianke.sales.operations.history import PastLine, PastSale, bring_in_sales
from dianke.sales.queries.reports import figures as reports
from dianke.sales.rules.report_terms import By, Span

pytestmark = pytest.mark.django_db


def test_every_figure_opens_the_people_behind_it(till, people, signed_in):
    work_out(till)
    for name, count in (("owner", 8), ("mark", 8), ("manager", 6)):
        client = signed_in(name)
        page = client.get("/insight/customers/").content.decode()
        cells = re.findall(r'<a href="(/insight/customers/people/\?recency=[^"]+)"><strong>(\d+)<', page)
        assert sum(int(number) for _url, number in cells) == count, name
        for url, number in cells:
            assert rows_of(client, url) == int(number), url
        groups = re.findall(
            r'href="(/insight/customers/people/\?group=\w+)">[^<]*</a>.*?<td class="num"[^>]*>(\d+)</td>',
            page,
            re.S,
        )
        assert sum(int(number) for _url, number in groups) == count
        for url, number in groups:
            assert rows_of(client, url) == int(number), url


def test_who_came_back_is_told_by_month_and_opens_its_people(till, people, signed_in):
    work_out(till)
    actor = till.actor("owner")
    table = cohorts(actor, now=till.now)
    assert sum(row.size for row in table) == 8
    client = signed_in("owner")
    part = client.get("/insight/customers/retention/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    links = re.findall(r'href="(/insight/customers/people/\?cohort=([\d-]+)\.([\d-]+))"', part)
    assert links
    counted = {(row.month, n): count for row in table for n, count in enumerate(row.counts) if count}
    assert len(links) == len(counted)
    assert sum(rows_of(client, url) for url, _from, _to in links) == sum(counted.values())
    row = table[0]
    assert len(people_of_cohort(actor, cohort=row.month, month=row.month, now=till.now)) == row.size
    assert sum(row.size for row in cohorts(till.actor("manager"), now=till.now)) == 6
    assert client.get("/insight/customers/retention/").status_code == 200
    assert rows_of(client, "/insight/customers/people/?cohort=2026-13.2026-99") == 0


def test_before_anything_was_worked_out_the_page_says_what_to_do(till, signed_in):
    client = signed_in("owner")
    page = client.get("/insight/customers/").content.decode()
    assert "更新" in page
    assert client.get("/insight/customers/retention/").status_code == 200
    assert client.get("/api/v1/insight/figures?measures=net&from=2026-11-01&to=2026-11-30").status_code == 409


def test_a_refresh_is_asked_for_once_and_told_until_it_ends(till, people, signed_in):
    client = signed_in("mark")
    for _again in range(2):
        assert client.post("/insight/refresh/").status_code == 303
    run = SnapshotRun.objects.get()
    assert "hx-get" in client.get("/insight/customers/state/").content.decode()
    carry_out(run, actor=SYSTEM, now=till.now)
    ended = client.get("/insight/customers/state/")
    assert (ended.status_code, ended["HX-Refresh"]) == (204, "true")
    assert signed_in("clerk").post("/insight/refresh/").status_code == 403


def test_clerks_do_not_see_what_customers_are_worth(till, people, signed_in):
    work_out(till)
    client = signed_in("clerk")
    for address in ("/insight/customers/", "/insight/customers/people/", "/insight/customers/retention/"):
        assert client.get(address).status_code == 403, address
    assert "worth-of-customer" not in client.get(f"/customers/{people[0].pk}/dealings/").content.decode()
    assert client.get("/api/v1/insight/rfm").status_code == 403


def test_the_page_of_a_customer_says_what_they_are_worth_and_why(till, people, signed_in):
    work_out(till)
    client = signed_in("owner")
    page = client.get(f"/customers/{people[2].pk}/dealings/").content.decode()
    row = CustomerMetrics.objects.get(pk=people[2].pk)
    assert str(row.get_value_group_display()) in page
    assert "90.00" in page
    assert "31" in page  # the usual interval
    assert "worth-of-customer" not in client.get(f"/customers/{people[0].pk}/").content.decode()


def test_page_interface_and_sales_report_say_the_same(till, people, signed_in):
    work_out(till)
    client = signed_in("owner")
    today = till.lake.business_date(till.now)
    span = Span(today - timedelta(days=300), today)
    actor = till.actor("owner")
    asked = client.get(
        "/api/v1/insight/figures",
        {
            "measures": "net,orders",
            "by": "store",
            "from": span.first.isoformat(),
            "to": span.last.isoformat(),
        },
    ).json()
    every = reports.stores_of(actor)
    report = reports.rows_of(By.STORE, reports.scope_of(actor, (), every), span)
    wanted = {key: [figures.net_amount, figures.orders] for key, figures in report.items()}
    assert {row["keys"][0]: row["values"] for row in asked["rows"]} == wanted
    [whole] = ask(measures=["net"], span=span, scope=scope_of(actor), actor=actor).rows
    grid = client.get("/api/v1/insight/rfm").json()
    assert grid["spend_amount"] == whole.values[0] == overview(actor).spend_amount
    assert sum(cell["spend_amount"] for cell in grid["cells"]) == whole.values[0]
    assert sum(group["count"] for group in grid["groups"]) == grid["count"] == 8
    one = client.get(f"/api/v1/insight/customers/{people[2].pk}").json()
    assert (one["spend_amount"], one["order_count"], one["ltv_amount"]) == (90_00, 3, None)
    assert one["margin_amount"] is not None
    contact = ("contact_channel", "contact_message_count", "contact_answer_count")
    assert [one[name] for name in contact] == ["", 0, 0]
    ContactPreference.objects.create(customer_id=people[2].pk, channel="SMS", message_count=6, answer_count=4)
    told = client.get(f"/api/v1/insight/customers/{people[2].pk}").json()
    assert [told[name] for name in contact] == ["SMS", 6, 4]
    stranger = signed_in("manager")
    assert stranger.get(f"/api/v1/insight/customers/{people[7].pk}").status_code == 404
    assert stranger.get(f"/api/v1/insight/customers/{people[2].pk}").json()["margin_amount"] is None
    other = {"measures": "net", "from": "2026-01-01", "to": "2026-12-31", "store": till.cast.road.pk}
    assert stranger.get("/api/v1/insight/figures", other).json()["rows"][0]["values"] == [0]


def test_the_list_is_searched_sorted_and_exported(till, people, signed_in):
    work_out(till)
    client = signed_in("owner")
    page = client.get("/insight/customers/people/?sort=last_date").content.decode()
    names = re.findall(r"客人\d", page)
    assert list(dict.fromkeys(names)) == [f"客人{n}" for n in range(7, -1, -1)]
    assert rows_of(client, "/insight/customers/people/?q=客人3") == 1
    file = client.post("/lists/insight.customers/export/", {"format": "csv"}, follow=True)
    lines = b"".join(file.streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 9
    assert "90.00" in next(line for line in lines if "客人2" in line)


def test_past_sales_that_came_in_are_followed_once(till, people):
    for _part in range(2):
        past = PastSale(
            uuid4(),
            till.now - timedelta(days=400),
            (PastLine("旧货", D(1), 88_00, 88_00),),
            (("CASH", 88_00),),
        )
        bring_in_sales(store=till.lake, sales=[past], actor=SYSTEM, now=till.now)
    deliver_events(now=till.now)
    assert ProcrastinateJob.objects.filter(task_name="insight.refresh_all").count() == 1


def test_the_page_says_which_models_spoke_or_why_none_did(till, people, signed_in):
    work_out(till)
    client = signed_in("owner")
    page = client.get("/insight/customers/").content.decode()
    assert "暂时不做预测" in page
    SnapshotRun.objects.update(
        forecast={
            "purchases_by": "BLEND",
            "risk_by": "REGRESSION",
            "window_days": 90,
            "is_better_than_naive": False,
            "tested": [
                {"name": name, "error": 0.5, "area": 0.75, "expected": 1.25, "observed": 1.5}
                for name in ("PARETO_NBD", "BG_NBD", "REGRESSION", "BLEND", "OWN_RATE")
            ],
        }
    )
    page = client.get("/insight/customers/").content.decode()
    assert "最近 90 天" in page
    assert "人人照旧”更准" in page
    assert page.count("购买与价值</span>") == page.count("流失风险</span>") == 1


def test_estimates_stand_on_the_profile_with_their_interval(till, people, signed_in):
    work_out(till)
    one = people[2]
    CustomerMetrics.objects.filter(pk=one.pk).update(
        churn_risk="0.25",
        ltv_amount=1234_00,
        ltv_low_amount=900_00,
        ltv_high_amount=1500_00,
        expected_next_date=till.now.date() + timedelta(days=9),
        model="BLEND/REGRESSION",
        has_enough_data=True,
    )
    page = signed_in("owner").get(f"/customers/{one.pk}/dealings/").content.decode()
    assert "25%" in page
    assert "¥1,234.00" in page
    assert "¥900.00" in page
    assert "¥1,500.00" in page


def test_the_list_of_customers_is_filtered_by_what_they_are_worth(till, people, signed_in):
    """Ranges cut at 500, 2,000 … within a year: who spent less, more, and nothing."""
    lavish = make_customer("阔客", "13800000100", store=till.lake)
    till.sell(None, 500_00, customer=lavish, store=till.lake, now=till.now - timedelta(days=3))
    make_customer("看客", "13800000101", store=till.lake)
    work_out(till)
    listing = CustomerListing(till.actor("owner"), till.now)

    def shown(query: str) -> set[str]:
        return {row.name for row in listing.rows(listing.state(QueryDict(query)))}

    buyers = {customer.name for customer in people}
    assert shown("spent=1") == buyers
    assert shown("spent=2") == {"阔客"}
    assert "看客" in shown("spent=0")
    assert not (buyers | {"阔客"}) & shown("spent=0")
    assert shown("spent=9") == set()
    groups = {
        row.customer.name: row.value_group for row in CustomerMetrics.objects.select_related("customer")
    }
    for group in set(groups.values()):
        assert shown(f"worth={group}") == {name for name, one in groups.items() if one == group}
    page = signed_in("owner").get("/customers/?spent=2").content.decode()
    assert "¥500.00 至 ¥2,000.00" in page
    clerk = CustomerListing(till.actor("clerk"), till.now)
    assert not clerk.rows(clerk.state(QueryDict("spent=1"))).exists()
    assert all(not f.options(till.actor("clerk")) for f in clerk.filters if f.code in ("spent", "worth"))
