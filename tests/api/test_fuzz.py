"""Schemathesis against the whole API: whatever is sent, nothing breaks and every answer is one the schema names.

The seed is fixed so that a run can be repeated; `DIANKE_FUZZ_SEED=7 DIANKE_FUZZ_EXAMPLES=200` looks elsewhere and
longer.
"""

from __future__ import annotations

import os

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from dianke.api import limits
from dianke.config.wsgi import application
from dianke.stores.models import Store
from dianke.stores.tests.cast import make_cast
from tests.api.conftest import Caller, key_of

SEED = int(os.environ.get("DIANKE_FUZZ_SEED", "20261121"))
EXAMPLES = int(os.environ.get("DIANKE_FUZZ_EXAMPLES", "4"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture
def one_connection():
    """Requests share the connection of the test, as Django's own test client sees to."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def callers(db, one_connection, now, monkeypatch) -> dict[str, Caller]:
    monkeypatch.setattr(limits, "DEFAULT", limits.Limit(10**6, 10**6))
    monkeypatch.setattr(limits, "ANONYMOUS", limits.Limit(10**6, 10**6))
    cast = make_cast(now)
    return {
        "owner": key_of(cast["owner"].user),
        "manager": key_of(cast["manager"].user),
        "nobody": Caller(),
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", ["owner", "manager", "nobody"])
def test_nothing_breaks_and_every_answer_is_foreseen(callers, name, now):
    caller = callers[name]
    headers = {"Accept-Encoding": "identity"}  # the client here does not unpack what it asks to be packed
    if caller.token:
        headers["Authorization"] = f"Bearer {caller.token}"
    reader = callers["owner"]
    api = schemathesis.openapi.from_wsgi(
        "/api/v1/openapi.json", application, headers={"Authorization": f"Bearer {reader.token}"}
    )
    existing = sorted(Store.objects.values_list("pk", flat=True))
    seen: set[int] = set()
    for result in api.get_all_operations():
        operation = result.ok()

        @seed(SEED)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), pk=st.sampled_from([*existing, None]))
        def send(case, pk) -> None:
            if pk is not None and "pk" in case.path_parameters:
                case.path_parameters["pk"] = pk  # otherwise hardly ever a row that is there
            response = case.call(headers=headers)
            seen.add(response.status_code)
            case.validate_response(response, checks=CHECKS)

        send()
    expected = {"owner": {200, 201, 404, 422}, "manager": {200, 403, 422}, "nobody": {200, 401}}[name]
    assert expected <= seen
