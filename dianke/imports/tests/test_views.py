"""The pages: each state shows what it asks for, to whom it may; files go in and come out."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from dianke.imports import operations
from dianke.imports.models import ImportRun
from dianke.imports.tests.conftest import csv_of, fresh, work, workbook
from dianke.imports.tests.test_runs import FILE
from dianke.work.models import Skill


@pytest.fixture
def now():
    """Views live at the real time; so does their cast."""
    return timezone.now()


@pytest.fixture
def browser(cast, skills):
    return cast.client("wang")


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def upload(browser, data=FILE, name="技能.csv"):
    file = SimpleUploadedFile(name, data)
    return browser.post(reverse("imports:new"), {"importer": "skills", "file": file})


def test_a_file_goes_all_the_way_by_the_pages(browser, now):
    assert "技能" in text(browser.get(reverse("imports:new") + "?importer=skills"))
    response = upload(browser)
    run = ImportRun.objects.get()
    columns = reverse("imports:columns", args=[run.pk])
    assert (response.status_code, response["Location"]) == (303, columns)

    page = text(browser.get(columns))
    for shown in ("技能名称", "13800138000", "水光", "静安店", "名称相同就是同一个"):
        assert shown in page
    data = {
        "column-0": "name",
        "column-1": "kind",
        "column-2": "phone",
        "match_rule": "name",
        "option-place": "2",
    }
    response = browser.post(columns, data)
    page_of_run = reverse("imports:run", args=[run.pk])
    assert (response.status_code, response["Location"]) == (303, page_of_run)
    assert "every 1s" in text(browser.get(page_of_run))

    work(run, now)
    assert fresh(run).options == {"place": "2", "note": "", "loud": ""}
    page = text(browser.get(page_of_run))
    assert "类别只能是技能或语言" in page
    assert "手艺" in page
    assert not Skill.objects.exists()

    response = browser.post(reverse("imports:start", args=[run.pk]))
    assert response.status_code == 303
    work(run, now)
    assert Skill.objects.count() == 3
    page = text(browser.get(page_of_run))
    assert reverse("imports:undo", args=[run.pk]) in page

    browser.post(reverse("imports:undo", args=[run.pk]))
    work(run, now)
    assert not Skill.objects.exists()
    assert fresh(run).state == "UNDONE"
    assert browser.get(page_of_run).status_code == 200
    assert "技能.csv" in text(browser.get(reverse("imports:runs")))


def test_a_page_under_way_is_asked_for_as_a_part(browser, importing, cast, now):
    run = importing(FILE, upto="check")
    operations.start_run(run=run, actor=cast.actor("wang"), now=now)
    part = browser.get(
        reverse("imports:run", args=[run.pk]), headers={"HX-Request": "true", "HX-Target": "div#import-run"}
    )
    assert "<html" not in text(part)
    assert "every 1s" in text(part)
    browser.post(reverse("imports:cancel", args=[run.pk]))
    assert fresh(run).cancel_requested_at is not None


def test_a_check_that_was_cancelled_leads_back_to_the_columns(browser, importing):
    run = importing(FILE, upto="upload")
    part = browser.get(
        reverse("imports:run", args=[run.pk]), headers={"HX-Request": "true", "HX-Target": "div#import-run"}
    )
    assert part["HX-Redirect"] == reverse("imports:columns", args=[run.pk])


def test_a_refused_file_is_told_beside_the_field(browser):
    response = upload(browser, b"%PDF-1.7", "报价.pdf")
    assert response.status_code == 422
    assert "id_file_error" in text(response)
    assert not ImportRun.objects.exists()


def test_a_missing_column_is_named(browser):
    upload(browser)
    run = ImportRun.objects.get()
    response = browser.post(
        reverse("imports:columns", args=[run.pk]),
        {"column-1": "kind", "match_rule": "name", "option-place": "1"},
    )
    assert response.status_code == 422
    assert "名称" in text(response)
    assert fresh(run).state == "DRAFT"


def test_how_the_file_is_read_can_be_changed(browser):
    upload(browser, csv_of(("说明", "x"), ("名称", "类别"), ("水光", "技能")))
    run = ImportRun.objects.get()
    data = {"reading-encoding": "utf-8", "reading-delimiter": ",", "reading-header_row": "1"}
    response = browser.post(reverse("imports:reading", args=[run.pk]), data)
    assert response.status_code == 302
    assert fresh(run).headers == ["说明", "x"]
    wrong = browser.post(reverse("imports:reading", args=[run.pk]), data | {"reading-encoding": "klingon"})
    assert wrong.status_code == 422


def test_the_sheet_of_a_workbook_is_offered(browser):
    upload(browser, workbook(["名称", "类别"], ["水光", "技能"], name="项目表"), "项目.xlsx")
    run = ImportRun.objects.get()
    assert "项目表" in text(browser.get(reverse("imports:columns", args=[run.pk])))


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_the_erroneous_rows_come_as_a_file_that_can_be_corrected_and_uploaded_again(
    browser, importing, format
):
    dirty = csv_of(("名称", "类型"), ("=HYPERLINK(1)", "手艺"), ("+8613800138000", "手艺"), ("水光", "技能"))
    run = importing(dirty)
    response = browser.get(reverse("imports:errors", args=[run.pk, format]))
    assert "attachment" in response["Content-Disposition"]
    data = b"".join(response.streaming_content)
    if format == "csv":
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    else:
        from dianke.imports.reading.workbooks import guard, sheet_rows

        guard(data)
        with sheet_rows(data) as (_names, _name, found):
            rows = list(found)
    assert rows[0][:2] == ["名称", "类型"]
    assert [row[0] for row in rows[1:]] == ["'=HYPERLINK(1)", "'+8613800138000"]
    assert "类别只能是" in rows[1][2]
    again = importing(data, name=f"改.{format}", upto="upload")
    assert again.mapping == run.mapping
    checked = importing(data.replace(b"\xe6\x89\x8b\xe8\x89\xba", b"") if format == "csv" else data)
    if format == "csv":
        assert checked.created_count == 2
        assert Skill.objects.filter(name="=HYPERLINK(1)").exists()


def test_a_file_of_the_same_content_is_pointed_out(browser, importing):
    first = importing(FILE)
    upload(browser)
    run = ImportRun.objects.latest("pk")
    page = text(browser.get(reverse("imports:columns", args=[run.pk])))
    assert reverse("imports:run", args=[first.pk]) in page


def test_the_template_has_the_required_fields_first(browser):
    from dianke.imports.reading.workbooks import guard, sheet_rows

    data = b"".join(browser.get(reverse("imports:template", args=["skills"])).streaming_content)
    guard(data)
    with sheet_rows(data) as (names, _name, rows):
        assert len(names) == 2
        assert next(rows) == ["名称", "类别", "手机", "日期"]
    assert browser.get(reverse("imports:template", args=["nothing"])).status_code == 404


def test_runs_of_others_are_not_there_and_their_values_are_not_for_auditors(cast, importing):
    run = importing(FILE)
    url, errors = reverse("imports:run", args=[run.pk]), reverse("imports:errors", args=[run.pk, "csv"])
    assert cast.client("zhao").get(url).status_code == 404
    assert cast.client("li").get(url).status_code == 403
    page = text(cast.client("he").get(url))
    assert "手艺" not in page
    assert "1390013" not in page
    assert cast.client("he").get(errors).status_code == 403
    assert cast.client("zhao").post(reverse("imports:undo", args=[run.pk])).status_code == 404


def test_a_run_whose_room_is_gone_can_still_be_looked_at(browser, importing, skills):
    from dianke.imports import importers

    run = importing(FILE)
    importers._importers.clear()
    assert browser.get(reverse("imports:run", args=[run.pk])).status_code == 200
    assert browser.get(reverse("imports:runs")).status_code == 200
    assert browser.get(reverse("imports:new")).status_code == 200


def test_an_upload_can_be_thrown_away(browser, importing):
    run = importing(FILE, upto="upload")
    assert browser.post(reverse("imports:discard", args=[run.pk])).status_code == 303
    assert not ImportRun.objects.exists()


def test_searching_the_runs_draws_the_rows_alone(cast, skills):
    part = {"HX-Request": "true", "HX-Target": "div#list"}
    answer = cast.client("wang").get("/imports/", {"q": "x"}, headers=part)
    assert answer.status_code == 200
    assert "<html" not in text(answer)


def test_a_file_of_headings_alone_says_that_there_are_no_rows(browser, now):
    upload(browser, csv_of(["名称", "手机"]))
    page = text(browser.get(reverse("imports:columns", args=[ImportRun.objects.get().pk])))
    assert "表头下面没有数据" in page
    upload(browser)
    run = ImportRun.objects.order_by("-pk").first()
    assert "表头下面没有数据" not in text(browser.get(reverse("imports:columns", args=[run.pk])))
