"""The schema: kept beside the code, complete, and true to what is answered (tests/api/test_fuzz.py)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ninja import Schema

from dianke.config.openapi import schema_text

KEPT = Path(__file__).resolve().parent.parent / "openapi.json"


@pytest.fixture(scope="module")
def schema() -> dict:
    return json.loads(schema_text())


def endpoints(schema: dict):
    return [
        (f"{method.upper()} {path}", method, endpoint)
        for path, methods in schema["paths"].items()
        for method, endpoint in methods.items()
    ]


def test_the_kept_schema_is_the_present_one(schema):
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    changed = [
        name
        for name in {**kept["paths"], **schema["paths"]}
        if kept["paths"].get(name) != schema["paths"].get(name)
    ]
    assert changed == [], "the API changed: look at what changed for its callers, then run bin/openapi"
    assert kept == schema


def test_every_endpoint_says_what_it_does_and_what_it_may_answer(schema):
    assert schema["openapi"].startswith("3.1")
    for name, method, endpoint in endpoints(schema):
        assert endpoint.get("description"), name
        assert endpoint["tags"], name
        answers = set(endpoint["responses"])
        assert {"422", "429"} <= answers, name
        if endpoint.get("security"):
            assert {"401", "403", "404"} <= answers, name
        if method != "get":
            assert "409" in answers, name
            assert any(p["name"] == "Idempotency-Key" for p in endpoint["parameters"]), name


#: Lists as long as what is built in or chosen once, and the first of what is worked out.
SHORT = {
    "GET /api/v1/importers",
    "GET /api/v1/units",
    "GET /api/v1/tax-classes",
    "GET /api/v1/stock/suggested-transfers",
    "GET /api/v1/tenders",
    "GET /api/v1/order-stages",
    "GET /api/v1/promotions/running",
    "GET /api/v1/till/goods",  # pages of its own: thousands of rows as arrays
    "GET /api/v1/till/pieces",
}
FILES = {"POST /api/v1/imports", "POST /api/v1/products/{pk}/photos"}
#: No single field is a must: of a customer, a name or any one way to reach them will do; a step without words goes on
#: with all there is.
ANY_FIELD = {
    "POST /api/v1/campaigns/{pk}/submit",
    "POST /api/v1/customers",
    "POST /api/v1/customers/check",
    "POST /api/v1/customers/{pk}/addresses",
    "POST /api/v1/customer-requests/{pk}/answer",
    "POST /api/v1/imports/{pk}/check",
    "POST /api/v1/journeys/{pk}/publish",
    "POST /api/v1/orders/{pk}/close",
    "POST /api/v1/orders/{pk}/submit",
    "POST /api/v1/purchase-orders/{pk}/submit",
    "POST /api/v1/purchase-plans/{pk}/accept",
    "POST /api/v1/stock/counts/{pk}/submit",
    "POST /api/v1/stock/transfers/{pk}/cancel",
    "POST /api/v1/stock/transfers/{pk}/ship",
    "PUT /api/v1/care/{code}",
}


def test_operation_ids_are_unique(schema):
    ids = [endpoint["operationId"] for _name, _method, endpoint in endpoints(schema)]
    assert len(ids) == len(set(ids))


def test_lists_are_paged_and_bounded(schema):
    for name, method, endpoint in endpoints(schema):
        if method == "get" and endpoint["operationId"].startswith("list_") and "{pk}" not in name:
            if name in SHORT:
                continue
            limit = next(p for p in endpoint["parameters"] if p["name"] == "limit")
            assert limit["schema"]["maximum"] == 200, name


def test_bodies_take_no_unknown_fields_and_patches_require_none(schema):
    for name, method, endpoint in endpoints(schema):
        body = endpoint.get("requestBody")
        if body is None:
            continue
        if name in FILES:
            assert list(body["content"]) == ["multipart/form-data"]
            continue
        ref = body["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        model = schema["components"]["schemas"][ref]
        assert model["additionalProperties"] is False, name
        assert (method == "patch" or name in ANY_FIELD) == (not model.get("required")), name


def test_every_schema_has_a_name_of_its_own():
    """Two of one name would describe each other's answers: the later one takes the place of the first."""
    named: dict[str, set[str]] = {}
    waiting: list[type] = [Schema]
    while waiting:
        for model in waiting.pop().__subclasses__():
            waiting.append(model)
            if model.__module__.startswith("dianke."):
                named.setdefault(model.__name__, set()).add(model.__module__)
    assert len(named) > 100
    assert {name: modules for name, modules in named.items() if len(modules) > 1} == {}
