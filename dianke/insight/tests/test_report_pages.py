"""The builder, the page of a report, its file, sharing, deleting with a way back; and the same over HTTP."""

from __future__ import annotations

import io
import re

import pytest
from python_calamine import CalamineWorkbook

from dianke.insight.models import ReportSchedule, SavedReport
from dianke.insight.operations import reports
from dianke.insight.queries.reports import run
from dianke.insight.rules.reports import read
from dianke.insight.tests.conftest import work_out

pytestmark = pytest.mark.django_db
SPEC = {"measures": ["net", "orders"], "by": ["store"], "period": "365d"}
FORM = {"measures": ["net", "orders"], "by1": "store", "period": "365d", "chart": "bar"}


@pytest.fixture
def shop(till, people):
    work_out(till)
    return till


def saved(shop, by: str = "owner", **more) -> SavedReport:
    values = {"name": "门店", "spec": SPEC, **more}
    return reports.save_report(values=values, actor=shop.actor(by), now=shop.now)


def test_a_report_is_put_together_seen_and_saved(shop, signed_in):
    owner = signed_in("owner")
    assert owner.get("/insight/reports/new/").status_code == 200
    page = owner.post("/insight/reports/new/", FORM | {"act": "look"})
    told = run(read(SPEC), actor=shop.actor("owner"), now=shop.now)
    assert page.context["told"].blocks == told.blocks
    text = page.content.decode()
    assert 'data-chart="report-0-0"' in text
    assert 'data-chart="report-0-1"' in text  # yuan and papers share no axis
    answer = owner.post(
        "/insight/reports/new/", FORM | {"act": "save", "name": " 门店  销售 ", "is_shared": "on"}
    )
    row = SavedReport.objects.get()
    assert (answer.status_code, answer.url) == (303, f"/insight/reports/{row.pk}/")
    assert (row.name, row.is_shared, row.spec["by"], row.owner.username) == (
        "门店 销售",
        True,
        ["store"],
        "owner",
    )
    page = owner.get(answer.url).content.decode()
    for line in told.blocks[0].lines:
        assert line.labels[0] in page
    assert "门店 销售" in owner.get("/insight/reports/").content.decode()


def test_a_report_is_narrowed_to_several_on_its_page_and_over_http(shop, signed_in):
    owner = signed_in("owner")
    lines = run(read(SPEC), actor=shop.actor("owner"), now=shop.now).blocks[0].lines
    keys = [line.keys[0] for line in lines][:2]
    assert len(keys) == 2
    page = owner.post("/insight/reports/new/", FORM | {"f-store": keys, "act": "look"})
    text = page.content.decode()
    assert [line.keys[0] for line in page.context["told"].blocks[0].lines] == keys
    assert len(re.findall(r'name="f-store"[^>]* checked', text)) == len(keys)
    owner.post("/insight/reports/new/", FORM | {"f-store": keys, "act": "save", "name": "两店"})
    row = SavedReport.objects.get()
    assert row.spec["filters"] == {"store": keys}
    behind = owner.get(f"/reports/sales/lines/?store={','.join(keys)}").content.decode()
    assert f'<option value="{",".join(keys)}" selected>' in behind
    assert " · ".join(line.labels[0] for line in lines[:2]) in behind
    many = FORM | {"f-product": [str(n) for n in range(60)], "act": "save", "name": "太多"}
    refused = owner.post("/insight/reports/new/", many)
    assert (refused.status_code, "50" in refused.context["errors"]["filters"]) == (422, True)
    SavedReport.objects.filter(pk=row.pk).update(spec={**row.spec, "filters": {"store": keys[0]}})
    assert "checked" in owner.get(f"/insight/reports/{row.pk}/edit/").content.decode()
    whole = [
        owner.post(
            "/api/v1/insight/reports/run", {**SPEC, "filters": {"store": told}}, "application/json"
        ).json()
        for told in (keys, keys[0])
    ]
    assert [[line["keys"][0] for line in each["blocks"][0]["lines"]] for each in whole] == [keys, keys[:1]]


@pytest.mark.parametrize("chart", ["table", "line", "stacked", "heat"])
def test_every_way_of_drawing_shows_its_figures_as_a_table_too(shop, signed_in, chart):
    form = FORM | {"by2": "month", "measures": ["net"], "chart": chart, "act": "look"}
    page = signed_in("owner").post("/insight/reports/new/", form).content.decode()
    assert ("data-chart" in page) == (chart in ("line", "stacked"))
    assert "in-shade-5" in page
    assert re.search(r'href="/reports/sales/lines/\?[^"]*store=\d+[^"]*day=', page)


def test_what_is_wrong_stands_beside_it_and_nothing_typed_is_lost(shop, signed_in):
    owner = signed_in("owner")
    page = owner.post("/insight/reports/new/", FORM | {"act": "save", "name": "", "note": "每周看"})
    assert page.status_code == 422
    assert "还没有名称" in page.context["errors"]["name"]
    assert page.context["values"]["note"] == "每周看"
    page = owner.post("/insight/reports/new/", FORM | {"act": "look", "chart": "heat"})
    assert "第二" in page.context["errors"]["by"]
    page = owner.post("/insight/reports/new/", {"act": "save", "name": "空"})
    assert page.context["errors"]["measures"]
    assert not SavedReport.objects.exists()


def test_whoever_it_is_shared_with_sees_it_with_their_own_figures(shop, signed_in):
    mine = saved(shop)
    manager = signed_in("manager")
    assert manager.get(f"/insight/reports/{mine.pk}/").status_code == 404
    shop_role, person = shop.cast["manager"], shop.cast["mark"].user_id
    reports.change_report(
        report=mine,
        values={"role_codes": ["STORE_MANAGER", "NO_SUCH_ROLE"], "person_ids": [person]},
        actor=shop.actor("owner"),
        now=shop.now,
    )
    mine.refresh_from_db()
    assert (mine.role_codes, mine.person_ids) == (["STORE_MANAGER"], [person])
    page = manager.get(f"/insight/reports/{mine.pk}/")
    assert page.context["told"].blocks == run(read(SPEC), actor=shop.actor("manager"), now=shop.now).blocks
    assert shop_role is not None
    assert page.context["may_change"] is False
    assert signed_in("mark").get(f"/insight/reports/{mine.pk}/").status_code == 200
    for act in ("edit", "schedule"):
        assert manager.get(f"/insight/reports/{mine.pk}/{act}/").status_code == 403
    for act in ("delete", "stop", "restore"):
        assert manager.post(f"/insight/reports/{mine.pk}/{act}/").status_code == 403
    clerk = signed_in("clerk")
    for address in ("/insight/reports/", "/insight/reports/new/", f"/insight/reports/{mine.pk}/"):
        assert clerk.get(address).status_code == 403


def test_costs_are_only_for_who_may_see_them(shop, signed_in):
    page = signed_in("manager").get("/insight/reports/new/").content.decode()
    assert 'value="net"' in page
    assert 'value="profit"' not in page
    answer = signed_in("manager").post(
        "/insight/reports/new/", {**FORM, "measures": ["profit"], "act": "save", "name": "毛利"}
    )
    assert answer.status_code == 422
    assert not SavedReport.objects.exists()


def test_deleting_can_be_undone(shop, signed_in):
    owner, row = signed_in("owner"), saved(shop)
    assert owner.post(f"/insight/reports/{row.pk}/delete/").url == "/insight/reports/"
    assert f"/insight/reports/{row.pk}/restore/" in owner.get("/insight/reports/").content.decode()  # undo
    assert f'href="/insight/reports/{row.pk}/"' not in owner.get("/insight/reports/").content.decode()
    assert row.name in owner.get("/insight/reports/?state=deleted").content.decode()
    assert "已删除" in owner.get(f"/insight/reports/{row.pk}/").content.decode()
    assert owner.get(f"/insight/reports/{row.pk}/edit/").status_code == 200
    owner.post(f"/insight/reports/{row.pk}/restore/")
    assert row.name in owner.get("/insight/reports/").content.decode()


def test_the_file_says_what_the_page_says(shop, signed_in):
    row = saved(shop)
    answer = signed_in("owner").get(f"/insight/reports/{row.pk}/file/")
    assert "filename" in answer["Content-Disposition"]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    [block] = run(read(SPEC), actor=shop.actor("owner"), now=shop.now).blocks
    assert [line[1] for line in sheet[1:-1]] == [line.values[0] / 100 for line in block.lines]
    assert sheet[-1] == ["合计", block.whole[0] / 100, block.whole[1]]


def test_it_is_sent_regularly_and_no_more(shop, signed_in):
    owner, row = signed_in("owner"), saved(shop)
    address = f"/insight/reports/{row.pk}/schedule/"
    assert owner.get(address).status_code == 200
    form = {"frequency": "WEEKLY", "weekday": "1", "month_day": "1", "hour": "8"}
    assert owner.post(address, form).status_code == 422
    asked = form | {"recipients": [shop.cast["owner"].user_id, shop.cast["manager"].user_id]}
    assert owner.post(address, asked).status_code == 303
    assert ReportSchedule.objects.get().frequency == "WEEKLY"
    assert "星期一" in owner.get(f"/insight/reports/{row.pk}/").content.decode()
    assert "星期一" in owner.get("/insight/reports/").content.decode()
    owner.post(f"/insight/reports/{row.pk}/stop/")
    assert not ReportSchedule.objects.exists()


def test_before_anything_was_worked_out_the_report_says_what_to_do(till, signed_in):
    row = saved(till)
    page = signed_in("owner").get(f"/insight/reports/{row.pk}/").content.decode()
    assert "还没有数据。第一笔销售后五分钟内会自动算出第一份。" in page
    assert signed_in("owner").get("/insight/reports/new/").status_code == 200


# --- over HTTP ----------------------------------------------------------------------------------------------------
JSON = {"content_type": "application/json"}


def test_programs_do_the_same(shop, signed_in):
    owner = signed_in("owner")
    catalogue = owner.get("/api/v1/insight/catalogue").json()
    assert {"net", "profit"} <= {each["code"] for each in catalogue["measures"]}
    assert "profit" not in {
        each["code"] for each in signed_in("manager").get("/api/v1/insight/catalogue").json()["measures"]
    }
    [block] = run(read(SPEC), actor=shop.actor("owner"), now=shop.now).blocks
    answer = owner.post("/api/v1/insight/reports/run", SPEC, **JSON).json()
    assert [line["values"] for line in answer["blocks"][0]["lines"]] == [
        list(line.values) for line in block.lines
    ]
    made = owner.post("/api/v1/insight/reports", {"name": "接口", "spec": SPEC}, **JSON)
    assert made.status_code == 201, made.content
    address = f"/api/v1/insight/reports/{made.json()['id']}"
    assert owner.patch(address, {"name": "新名"}, **JSON).json()["name"] == "新名"
    assert owner.get(f"{address}/answer").json()["blocks"][0]["whole"] == list(block.whole)
    rhythm = {"frequency": "DAILY", "recipient_ids": [shop.cast["manager"].user_id]}
    assert owner.get(f"{address}/schedule").status_code == 404
    assert owner.put(f"{address}/schedule", rhythm, **JSON).json()["hour"] == 8
    assert owner.get(f"{address}/schedule").json()["frequency"] == "DAILY"
    assert owner.delete(f"{address}/schedule").status_code == 204
    assert owner.post(f"{address}/delete").json()["deleted_at"]
    assert owner.get("/api/v1/insight/reports").json()["items"] == []
    assert owner.patch(address, {"name": "x"}, **JSON).status_code == 409
    assert owner.post(f"{address}/restore").json()["deleted_at"] is None
    assert signed_in("manager").get(address).status_code == 404
    assert signed_in("clerk").get("/api/v1/insight/reports").status_code == 403
    wrong = owner.post("/api/v1/insight/reports/run", {**SPEC, "measures": ["gold"]}, **JSON)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "report_measure_unknown")
    assert owner.post("/api/v1/insight/reports/run", {**SPEC, "colour": "red"}, **JSON).status_code == 422
