"""The same by the interface for programs."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from dianke.imports.models import ImportRun
from dianke.imports.tests.conftest import work
from dianke.imports.tests.test_runs import FILE
from dianke.work.models import Skill

API = "/api/v1/imports"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def caller(cast, skills):
    return cast.client("wang")


def upload(caller, **headers):
    data = {"importer": "skills", "file": SimpleUploadedFile("技能.csv", FILE)}
    return caller.post(API, data, headers=headers)


def test_a_program_uploads_checks_starts_looks_and_undoes(caller, now):
    response = upload(caller)
    assert response.status_code == 201, response.content
    made = response.json()
    assert made["mapping"] == {"0": "name", "1": "kind", "2": "phone"}
    run, one = ImportRun.objects.get(), f"{API}/{made['id']}"
    checked = caller.post(f"{one}/check", {}, content_type="application/json")
    assert checked.json()["state"] == "CHECKING"
    work(run, now)
    assert caller.get(one).json()["counts"] == {
        "created": 3,
        "updated": 0,
        "unchanged": 0,
        "skipped": 0,
        "errors": 2,
        "warnings": 1,
    }
    rows = caller.get(f"{one}/rows").json()["items"]
    assert [row["row_number"] for row in rows] == [3, 4, 6]
    assert rows[1]["problems"][0]["code"] == "kind_unknown"
    assert rows[1]["cells"][0] == "镶嵌"
    assert caller.post(f"{one}/start").json()["state"] == "RUNNING"
    work(run, now)
    assert Skill.objects.count() == 3
    assert caller.post(f"{one}/undo").json()["state"] == "UNDOING"
    work(run, now)
    assert caller.get(API).json()["items"][0]["state"] == "UNDONE"
    assert caller.delete(one).status_code == 409


def test_a_repeat_under_its_key_makes_one_run(caller):
    first = upload(caller, **{"Idempotency-Key": "a1"})
    again = upload(caller, **{"Idempotency-Key": "a1"})
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert ImportRun.objects.count() == 1


def test_what_cannot_be_meant_is_told_by_field(caller):
    one = f"{API}/{upload(caller).json()['id']}"
    wrong = caller.post(f"{one}/check", {"mapping": {"1": "kind"}}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "required_target_missing")
    refused = caller.post(API, {"importer": "skills", "file": SimpleUploadedFile("x.csv", b"%PDF-")})
    assert (refused.status_code, refused.json()["code"]) == (422, "not_a_table")
    unknown = caller.post(API, {"importer": "nothing", "file": SimpleUploadedFile("x.csv", FILE)})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "importer_not_chosen")


def test_the_importers_and_their_fields_are_listed(caller):
    found = caller.get("/api/v1/importers").json()
    assert [each["code"] for each in found] == ["skills"]
    assert [target["code"] for target in found[0]["targets"]] == ["name", "kind", "phone", "since"]


def test_others_find_nothing(cast, caller):
    made = upload(caller).json()
    assert cast.client("zhao").get(f"{API}/{made['id']}").status_code == 404
    assert cast.client("li").get(API).status_code == 403
    assert cast.client("he").get(f"{API}/{made['id']}/rows").status_code == 403
