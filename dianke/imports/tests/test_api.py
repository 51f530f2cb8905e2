"""The same by the interface for programs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import Client
from django.test.client import encode_multipart
from django.utils import timezone

from dianke.imports.models import ImportRun
from dianke.imports.reading import inspection
from dianke.imports.reading.inspection import TEXT_BYTES
from dianke.imports.reading.workbooks import MEGABYTE
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


# --- large files -----------------------------------------------------------------------------------------------------
MANY = 300_000


@pytest.fixture(scope="module")
def large():
    """A list of seven megabytes, more than any other endpoint takes."""
    rows = "".join(f"手艺{number},维修,\r\n" for number in range(MANY)).encode()
    made = "技能,类别,电话\r\n".encode() + rows
    assert len(made) > 5 * MEGABYTE
    return made


def send(caller, content, boundary="a-program-chooses-it", *, importer="skills", name="技能.csv", **headers):
    body = encode_multipart(boundary, {"importer": importer, "file": SimpleUploadedFile(name, content)})
    return caller.generic("POST", API, body, f"multipart/form-data; boundary={boundary}", headers=headers)


def test_a_file_larger_than_any_form_comes_in_whole(caller, large):
    response = send(caller, large)
    assert response.status_code == 201, response.content
    assert response.json()["size"] == len(large)
    assert response.json()["sha256"] == hashlib.sha256(large).hexdigest()
    assert response.json()["row_estimate"] == MANY


def test_a_large_file_sent_again_under_its_key_makes_one_run(caller, large):
    """A program that tries again marks the parts anew: the same fields and bytes are the same request."""
    first = send(caller, large, "first-try", **{"Idempotency-Key": "k"})
    again = send(caller, large, "second-try", **{"Idempotency-Key": "k"})
    assert (first.status_code, again.content) == (201, first.content)
    assert again["Idempotent-Replayed"] == "true"
    assert ImportRun.objects.count() == 1


@pytest.mark.parametrize("change", ["last byte", "name", "importer"])
def test_another_file_or_field_under_the_key_is_refused(caller, large, change):
    send(caller, large, **{"Idempotency-Key": "k"})
    other = large[:-1] + b"!" if change == "last byte" else large
    more = {"name": {"name": "别的.csv"}, "importer": {"importer": "others"}}.get(change, {})
    refused = send(caller, other, **more, **{"Idempotency-Key": "k"})
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert ImportRun.objects.count() == 1


def test_the_body_of_a_large_file_is_never_held_whole(caller, large, monkeypatch):
    def held(request):
        raise AssertionError("somebody asked for the whole body")

    monkeypatch.setattr(HttpRequest, "body", property(held))
    assert send(caller, large, **{"Idempotency-Key": "k"}).status_code == 201


def test_a_workbook_above_its_limit_is_refused_by_field_and_leaves_nothing(caller, settings):
    response = send(caller, b"PK\x03\x04" + bytes(10 * MEGABYTE), name="大.xlsx", **{"Idempotency-Key": "k"})
    assert (response.status_code, response.json()["code"]) == (422, "workbook_too_large")
    assert response.json()["errors"][0]["field"] == "file"
    assert not ImportRun.objects.exists()
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.sealed"))
    smaller = send(
        caller, FILE, **{"Idempotency-Key": "k"}
    )  # what was refused may be corrected under its key
    assert smaller.status_code == 201


def test_a_text_above_its_limit_is_refused_by_field(caller, large, monkeypatch):
    monkeypatch.setattr(inspection, "TEXT_BYTES", 6 * MEGABYTE)
    response = send(caller, large)
    assert (response.status_code, response.json()["code"]) == (422, "text_too_large")
    assert not ImportRun.objects.exists()


def announced(caller, path, size):
    """A request that says it is so long, and fails when anything of it is read."""
    environ = {"CONTENT_LENGTH": str(size), "wsgi.input": _Unread()}
    return caller.generic("POST", path, b"x", "multipart/form-data; boundary=b", **environ)


class _Unread:
    def read(self, *args):
        raise AssertionError("the body was read")

    readline = read


def test_more_than_any_file_is_refused_before_it_is_read(caller):
    response = announced(caller, API, TEXT_BYTES + 2 * MEGABYTE)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert "500 MB" in response.json()["detail"]


def test_other_endpoints_keep_their_limit(caller):
    response = announced(caller, f"{API}/1/check", 6 * MEGABYTE)
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert "5 MB" in response.json()["detail"]


@pytest.mark.parametrize(("who", "status"), [("li", 403), (None, 401)])
def test_who_may_not_import_is_refused_before_the_file_is_read(cast, skills, who, status):
    caller = cast.client(who) if who else Client()
    assert announced(caller, API, 7 * MEGABYTE).status_code == status
