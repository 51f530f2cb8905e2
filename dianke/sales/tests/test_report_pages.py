"""Reports on the page, as a file and over the interface: who sees what of them."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from dianke.catalog.models import Unit
from dianke.customers.tests.cast import make_customer
from dianke.inventory.tests.floor_staff import hiring
from dianke.sales.rules.report_terms import By
from dianke.sales.tests.counter import make_counter
from dianke.sales.tests.till import Till, make_till

pytestmark = pytest.mark.django_db
BYS = [by.value for by in By]


@pytest.fixture
def till(db: None) -> Till:
    till = make_till(timezone.now())
    till.sell(None, 120_00)
    till.sell(None, 30_00, store=till.cast.road)
    return till


@pytest.fixture
def signed_in(till: Till):
    def enter(name: str) -> Client:
        client = Client()
        client.force_login(till.cast[name].user, backend="django.contrib.auth.backends.ModelBackend")
        session, stamp = client.session, timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        return client

    return enter


def test_every_way_to_tell_opens_and_leads_to_its_lines(till, signed_in):
    client = signed_in("owner")
    for by in BYS:
        page = client.get("/reports/sales/", {"by": by, "period": "today"})
        assert page.status_code == 200, by
        assert "150.00" in page.content.decode(), by
    assert "一致" in client.get("/reports/sales/?check=1").content.decode()
    lines = client.get("/reports/sales/lines/?product=FEE").content.decode()
    assert "手工费" in lines
    for code in ("category", "brand", "staff", "level", "tag", "product"):
        assert client.get("/reports/sales/lines/", {code: "NONE"}).status_code == 200, code
    wrong = client.get("/reports/sales/?period=custom&from=x&to=2026-01-01")
    assert "请填写起止日期" in wrong.content.decode()
    assert client.get("/reports/sales/?period=custom&from=1990-01-01&to=2026-01-01").status_code == 200


def test_hours_weekdays_and_payments_lead_to_the_lines_behind_their_figures(till, signed_in):
    client = signed_in("owner")
    for by in ("hour", "weekday", "tender"):
        page = client.get("/reports/sales/", {"by": by, "period": "today"}).content.decode()
        found = re.findall(rf'href="/reports/sales/lines/\?([^"]*\b{by}=(\w+))"', page)
        assert found, by
        query, key = found[0]
        lines = client.get("/reports/sales/lines/?" + query.replace("&amp;", "&")).content.decode()
        assert "30.00" in lines, by
        assert "120.00" in lines, by
        other = (
            {"hour": str((int(key) + 12) % 24), "weekday": str(int(key) % 7 + 1), "tender": "CREDIT"}[by]
            if key.isdecimal()
            else "CREDIT"
        )
        rest = client.get("/reports/sales/lines/", {by: other}).content.decode()
        assert "120.00" not in rest, by


def test_new_and_returning_customers_lead_to_the_lines_behind_their_figures(till, signed_in):
    """Who bought before the days asked for is known in them; a sale without a customer is neither, also by level."""
    known, new = (make_customer(name, now=till.now, store=till.lake) for name in ("老顾客", "新顾客"))
    till.sell(None, 40_00, customer=known, now=till.now - timedelta(days=70))
    till.sell(None, 51_00, customer=known)
    till.sell(None, 62_00, customer=new)
    client = signed_in("owner")
    page = client.get("/reports/sales/", {"by": "novelty", "period": "today"}).content.decode()
    behind = dict(re.findall(r'href="/reports/sales/lines/\?([^"]*\bnovelty=(\w+))"', page))
    shown = {
        key: client.get("/reports/sales/lines/?" + query.replace("&amp;", "&")).content.decode()
        for query, key in behind.items()
    }
    amounts = {key: {a for a in ("51.00", "62.00", "120.00") if a in text} for key, text in shown.items()}
    assert amounts == {"KNOWN": {"51.00"}, "NEW": {"62.00"}, "UNKNOWN": {"120.00"}}
    nobody = client.get("/reports/sales/lines/?level=UNKNOWN").content.decode()
    assert "120.00" in nobody
    assert "51.00" not in nobody
    without = client.get("/reports/sales/lines/?level=NONE").content.decode()
    assert "51.00" in without
    assert "120.00" not in without


def test_costs_are_for_who_may_see_them_and_sales_of_others_are_not_a_clerks(till, signed_in):
    owner, manager, clerk = (
        signed_in(name).get("/reports/sales/?period=today").content.decode()
        for name in ("owner", "manager", "clerk")
    )
    assert "毛利" in owner
    assert "毛利" not in manager
    assert "120.00" in manager
    assert "150.00" not in manager
    assert "120.00" not in clerk
    assert signed_in("clerk").get("/reports/sales/file/").status_code == 404


def test_the_file_says_what_the_page_says(till, signed_in):
    answer = signed_in("owner").get("/reports/sales/file/?by=store&period=today")
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    rows = book.get_sheet_by_index(0).to_python()
    net = rows[0].index("净销售额")
    assert (rows[-1][0], rows[-1][net]) == ("合计", 150)
    assert sum(row[net] for row in rows[1:-1]) == 150
    text = b"".join(signed_in("manager").get("/reports/sales/file/?format=csv").streaming_content).decode()
    assert "成本" not in text


def test_the_interface_gives_the_same_figures(till, signed_in):
    day = till.lake.business_date(till.now)
    address = f"/api/v1/sales-reports?by=product&from={day}&to={day}"
    found: Any = signed_in("owner").get(address).json()
    assert found["total"]["net_amount"] == 150_00
    assert found["total"]["revenue_amount"] + found["total"]["tax_amount"] == 150_00
    assert [(row["key"], row["figures"]["orders"]) for row in found["rows"]] == [("FEE", 2)]
    assert signed_in("manager").get(address).json()["total"]["profit_amount"] is None
    wrong = signed_in("owner").get(f"/api/v1/sales-reports?from={day}&to={day - timedelta(days=1)}")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "report_period_wrong")
    table = signed_in("owner").get(f"/api/v1/sales-reports.csv?by=tender&from={day}&to={day}")
    assert table.content.decode("utf-8-sig").splitlines()[1].startswith("CASH,")


def test_quantities_in_unlike_units_are_told_the_same_on_the_page_in_the_file_and_to_programs(db, now):
    counter = make_counter(now)
    piece, gram = Unit.objects.get(code="PIECE"), Unit.objects.get(code="GRAM")
    for goods, unit in ((counter.hat, piece), (counter.scarf, gram)):
        goods.product.unit = unit
        goods.product.save()
    counter.sell((counter.hat, 12), (counter.scarf, "35.2"), payments=[("CASH", 4120_00)])
    client = hiring(counter.shop, now)("lin", "STORE_MANAGER", counter.store)
    day = counter.store.business_date(now).isoformat()
    days = {"period": "custom", "from": day, "to": day}

    page = client.get("/reports/sales/", {"by": "day", **days}).content.decode()
    assert page.count("12\u00a0件\u00a0· 35.2\u00a0克") == 2  # of the day, and in all
    rows = client.get("/reports/sales/", {"by": "product", "sort": "-quantity", **days}).content.decode()
    assert "12\u00a0件</td>" in rows
    assert "35.2\u00a0克</td>" in rows
    lines = client.get("/reports/sales/lines/", {"day": f"{day}..{day}"}).content.decode()
    assert re.findall(r'data-label="单位"[^>]*>(件|克)<', lines) == ["克", "件"]

    answer = client.get("/reports/sales/file/", {"by": "product", **days})
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    table = book.get_sheet_by_index(0).to_python()
    pieces, grams = table[0].index("数量（件）"), table[0].index("数量（克）")
    assert "数量" not in table[0]
    assert [(row[pieces], row[grams]) for row in table[1:]] == [("", 35.2), (12, ""), (12, 35.2)]

    address = f"/api/v1/sales-reports?by=product&from={day}&to={day}"
    told: Any = client.get(address).json()
    shown = [
        (each["quantity"], each["unit"])
        for each in (*(row["figures"] for row in told["rows"]), told["total"])
    ]
    assert shown == [("35.2000", "GRAM"), ("12.0000", "PIECE"), (None, None)]
    assert told["total"]["quantities"] == [
        {"unit": "PIECE", "quantity": "12"},
        {"unit": "GRAM", "quantity": "35.2"},
    ]
    head, *parts = client.get(address.replace("?", ".csv?")).content.decode("utf-8-sig").splitlines()
    assert head.endswith("quantity_PIECE,quantity_GRAM")
    assert [part.rsplit(",", 2)[1:] for part in parts] == [["", "35.2"], ["12", ""]]
