"""Every failure is a problem document in the caller's language, whatever the request looked like."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from dianke.access.models import ApiKey
from dianke.access.operations import disable_account, revoke_api_key
from dianke.api.problems import of_domain_error
from dianke.core import errors
from dianke.core.actor import SYSTEM
from dianke.stores.models import Region
from tests.api.conftest import ROOT, Caller, key_of


def problem(response) -> dict:
    """The body, after checking that it is a whole problem document."""
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert body["status"] == response.status_code
    assert body["type"] == f"urn:dianke:problem:{body['code']}"
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == response["X-Request-Id"]
    return body


@pytest.mark.parametrize(
    ("family", "status"),
    [
        (errors.InvalidInput, 422),
        (errors.NotAllowed, 403),
        (errors.NotFound, 404),
        (errors.Conflict, 409),
        (errors.TemporarilyUnavailable, 503),
    ],
)
def test_each_family_of_errors_has_its_status(rf, family, status):
    response = of_domain_error(rf.get("/api/v1/x"), family(field="name"))
    body = json.loads(response.content)
    assert (response.status_code, body["status"], body["code"]) == (status, status, family.code)
    assert body["errors"] == [{"field": "name", "message": body["detail"]}]


@pytest.mark.parametrize(
    ("path", "method", "status", "code"),
    [
        ("/nowhere", "GET", 404, "not_found"),
        ("/regions/abc", "GET", 404, "not_found"),
        ("/regions/-1", "GET", 404, "not_found"),
        ("/regions/0", "GET", 404, "not_found"),
        ("/regions/9223372036854775807", "GET", 404, "not_found"),
        ("/regions/9223372036854775808", "GET", 404, "not_found"),
        ("/regions/" + "9" * 400, "GET", 404, "not_found"),
        ("/regions", "DELETE", 405, "method_not_allowed"),
        ("/regions?limit=0", "GET", 422, "invalid_input"),
        ("/regions?limit=9999", "GET", 422, "invalid_input"),
        ("/regions?parent_id=99999999999999999999", "GET", 422, "invalid_input"),
        ("/regions?cursor=x", "GET", 422, "cursor_not_usable"),
        ("/regions?name=%00", "GET", 422, "text_not_storable"),
        ("/regions?name=%ff", "GET", 200, ""),
        ("/%00", "GET", 404, "not_found"),
        ("/%ff", "GET", 404, "not_found"),
    ],
)
def test_odd_addresses_are_answered_as_problems(caller, path, method, status, code):
    response = caller.call(method, path)
    assert response.status_code == status
    if code:
        assert problem(response)["code"] == code


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b'{"name": "\\u0000"}', 422),
        (b'{"name": "\\ud800"}', 422),
        (b'{"name": "\xff"}', 400),
        (b'{"name": NaN}', 422),
        (b'{"name": 1e999}', 422),
        (b'{"parent_id": 1' + b"0" * 5000 + b', "name": "x"}', 400),
        (b'{"parent_id": 99999999999999999999, "name": "x"}', 422),
        (b'{"parent_id": -1, "name": "x"}', 422),
        (b"[]", 422),
        (b"null", 422),
        (b'"name"', 422),
        (b'{"name": {"a": 1}}', 422),
        (b'{"name": "x", "is_admin": true}', 422),
    ],
)
def test_odd_bodies_are_refused_and_change_nothing(caller, body, status):
    for key in (None, "k1"):
        response = caller.call("POST", "/regions", body, key=key)
        assert response.status_code == status
        problem(response)
    assert not Region.objects.exists()


def test_a_body_that_is_too_large_is_refused_before_it_is_read(caller, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = caller.call("POST", "/regions", b" " * 1001)
    assert response.status_code == 413
    assert problem(response)["code"] == "too_large"


def test_every_wrong_field_is_named(caller):
    body = problem(
        caller.post("/stores", {"code": "", "trade": "CIRCUS", "closing_hour": 12, "opened_on": "gestern"})
    )
    named = {each["field"]: each["message"] for each in body["errors"]}
    assert set(named) == {
        "code",
        "trade",
        "closing_hour",
        "opened_on",
        "name",
        "short_name",
        "legal_entity_id",
    }
    assert all(named.values())


@pytest.mark.parametrize(("language", "part"), [("zh-hans", "请"), ("zh-hant", "請"), ("en", "Correct")])
def test_problems_speak_the_callers_language(caller, language, part):
    caller.language = language
    body = problem(caller.post("/regions", {}))
    assert part in body["detail"]


def test_a_failure_of_ours_says_nothing_about_itself(caller, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("secret")

    monkeypatch.setattr("dianke.stores.api.organisation.cursor_page", broken)
    body = problem(caller.get("/regions"))
    assert (body["status"], body["code"]) == (500, "internal_error")
    assert "secret" not in str(body)


# --- who calls -------------------------------------------------------------------------------------------------------
def test_without_a_key_the_answer_says_how_to_come_in(nobody, db):
    response = nobody.get("/me")
    assert (response.status_code, problem(response)["code"]) == (401, "sign_in_required")
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("token", ["", "x", "dk_" + "0" * 43, "令牌", "a b"])
def test_a_key_that_is_none_opens_nothing(db, token):
    assert Caller().get("/me", Authorization=f"Bearer {token}").status_code == 401


def test_a_revoked_key_and_one_of_a_disabled_person_open_nothing(caller, user, now):
    assert caller.get("/me").status_code == 200
    other = key_of(user)
    revoke_api_key(
        key=ApiKey.objects.get(name="收银机", prefix=other.token[: len(ApiKey.objects.first().prefix)]),
        actor=SYSTEM,
        now=now,
    )
    assert other.get("/me").status_code == 401
    disable_account(user=user, actor=SYSTEM, now=now)
    assert caller.get("/me").status_code == 401


def test_a_key_holds_only_its_scopes(user, grants):
    narrow = key_of(user, frozenset({"stores.view_organisation"}))
    assert narrow.get("/regions").status_code == 200
    refused = narrow.post("/regions", {"name": "华东"})
    assert (refused.status_code, problem(refused)["code"]) == (403, "permission_refused")
    assert narrow.get("/me").json()["permissions"] == ["stores.view_organisation"]


def test_a_browser_session_reads_freely_and_changes_only_with_its_token(user, grants):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    from django.utils import timezone

    session, stamp = browser.session, timezone.now().timestamp()
    session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
    session.save()
    assert browser.get(f"{ROOT}/regions").status_code == 200
    body, kind = json.dumps({"name": "华东"}), "application/json"
    refused = browser.post(f"{ROOT}/regions", body, content_type=kind)
    assert problem(refused)["status"] == 403
    token = "a" * 32
    browser.cookies["csrf"] = token
    made = browser.post(f"{ROOT}/regions", body, content_type=kind, headers={"X-CSRFToken": token})
    assert made.status_code == 201


def test_a_wrong_key_beside_a_session_is_not_saved_by_it(user, grants):
    browser = Client()
    browser.force_login(user)
    assert browser.get(f"{ROOT}/me", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_health_is_open_and_the_schema_is_not(nobody, caller, db):
    assert nobody.get("/health").json() == {"status": "ok"}
    assert problem(nobody.get("/openapi.json"))["status"] == 401
    assert caller.get("/openapi.json").status_code == 200


def test_answers_are_not_kept_by_caches(caller):
    assert caller.get("/me")["Cache-Control"] == "no-store"
