"""Pieces and grams in reports people put together: side by side, never added, each with a column and a chart."""

from __future__ import annotations

import io
from decimal import Decimal as D
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from dianke.catalog.models import Unit
from dianke.core.actor import SYSTEM
from dianke.insight.operations import snapshots
from dianke.insight.queries.report_file import sheet
from dianke.insight.queries.reports import run
from dianke.insight.rules.reports import read
from dianke.insight.views.report_charts import charts_of
from dianke.insight.views.report_table import page_of
from dianke.inventory.tests.floor_staff import hiring
from dianke.sales.queries.basket import Item
from dianke.sales.tests.counter import Counter

pytestmark = pytest.mark.django_db
BOTH = "12\u00a0件\u00a0· 30\u00a0克"
SPEC: dict[str, Any] = {"measures": ["quantity", "items"], "by": ["product"], "period": "today"}


@pytest.fixture
def sold(counter: Counter, now: Any) -> Counter:
    """Two orders: twelve hats (pieces) and 35.2 of the scarf (grams), of which 5.2 came back."""
    for goods, code in ((counter.hat, "PIECE"), (counter.scarf, "GRAM")):
        goods.product.unit = Unit.objects.get(code=code)
        goods.product.save()
    counter.sell((counter.hat, 7), payments=[("CASH", 350_00)])
    order = counter.sell(
        Item("hats", counter.hat.pk, D(5)),
        Item("gold", counter.scarf.pk, D("35.2")),
        Item("fee", None, kind="FEE", name="加急费", amount=30_00),
        payments=[("CASH", 3800_00)],
    )
    counter.give_back(order, ("gold", "5.2"))
    snapshots.refresh(now=now)
    return counter


@pytest.fixture
def manager(sold: Counter, now: Any) -> Client:
    return hiring(sold.shop, now)("lin", "STORE_MANAGER", sold.store)


def told(now: Any, **more: Any) -> Any:
    return run(read({**SPEC, **more}), actor=SYSTEM, now=now)


def shown(report: Any) -> dict[str, list[str]]:
    [block] = page_of(report)["blocks"]
    table = block["table"]
    rows = {row["labels"][0]: [cell["text"] for cell in row["cells"]] for row in table["rows"]}
    return rows | {"": [cell["text"] for cell in table["whole"]]}


def test_a_report_says_each_unit_and_counts_items_without_what_is_weighed(sold: Counter, now):
    hat, scarf = sold.hat.product.name, sold.scarf.product.name
    assert shown(told(now)) == {
        hat: ["12\u00a0件", "6"],
        scarf: ["30\u00a0克", "0"],
        "费用": ["0", "0"],
        "": [BOTH, "6"],
    }
    one = told(now, filters={"product": [str(sold.scarf.product_id)]})
    assert shown(one)[""] == ["30\u00a0克", "0"]
    down = told(now, sort="-quantity").blocks[0].lines
    assert [line.labels[0] for line in down] == [hat, scarf, "费用"]


def test_units_share_no_axis_no_column_and_no_shade(sold: Counter, now):
    hat, scarf = sold.hat.product.name, sold.scarf.product.name
    report = told(now, chart="bar")
    (pieces, grams, per_order), undrawn = charts_of(report, report.blocks[0], "r")
    assert undrawn == 0
    assert [(each.unit, each.rows) for each in (pieces, grams)] == [
        ("件", ((hat, (12,)),)),
        ("克", ((scarf, (30,)),)),
    ]
    assert per_order.unit == "件/单"
    assert str(grams.title) == f"数量：“{scarf}”最高，30 克"
    sold.sell((sold.hat, 1), payments=[("CASH", 50_00)], channel="API")
    snapshots.refresh(now=now)
    two = told(now, measures=["quantity"], by=["product", "channel"], chart="heat")
    grid = page_of(two)["blocks"][0]["grid"]
    assert {cell["shade"] for row in grid["rows"] for cell in row["cells"]} == {0}
    assert "–" in {
        cell["text"] for row in grid["rows"] for cell in row["cells"]
    }  # no scarf was sold by a program
    assert grid["whole"]["text"] == "13\u00a0件\u00a0· 30\u00a0克"


def test_of_many_units_those_most_rows_have_are_drawn(sold: Counter, now):
    for goods, code in ((sold.socks, "PAIR"), (sold.care, "TIME")):
        goods.product.unit = Unit.objects.get(code=code)
        goods.product.save()
    sold.sell((sold.socks, 2), (sold.care, 1), payments=[("CASH", 187_98)])
    snapshots.refresh(now=now, is_full=True)
    report = told(now, measures=["quantity"], chart="bar")
    drawn, undrawn = charts_of(report, report.blocks[0], "r")
    assert ([each.unit for each in drawn], undrawn) == (["件", "双", "次"], 1)
    text = page_of(report)["blocks"][0]["table"]["whole"][0]["text"]
    assert text.count("·") == 3


def test_the_file_has_a_column_for_each_unit(sold: Counter, now):
    book = CalamineWorkbook.from_filelike(io.BytesIO(sheet(told(now), reader="林", at=now)))
    head, *rows = book.get_sheet_by_index(0).to_python()
    assert head[1:] == ["数量（件）", "数量（克）", "单均件数"]
    assert rows[-1][1:] == [12, 30, 6]
    assert [row[1:3] for row in rows if row[0] == sold.scarf.product.name] == [["", 30]]


def test_programs_get_a_number_where_one_unit_says_it_all(manager: Client, sold: Counter, now):
    answer = manager.post(
        "/api/v1/insight/reports/run", {**SPEC, "period": "365d"}, "application/json"
    ).json()
    [block] = answer["blocks"]
    lines = {line["labels"][0]: (line["values"][0], line["quantities"]) for line in block["lines"]}
    assert lines[sold.scarf.product.name] == ("30.00000000", [{"unit": "GRAM", "quantity": "30"}])
    assert lines["费用"] == ("0", [])
    assert block["whole"][0] is None
    assert block["whole_quantities"] == [
        {"unit": "PIECE", "quantity": "12"},
        {"unit": "GRAM", "quantity": "30"},
    ]
    other = {**SPEC, "period": "365d", "measures": ["net"]}
    [block] = manager.post("/api/v1/insight/reports/run", other, "application/json").json()["blocks"]
    assert block["whole_quantities"] == []
