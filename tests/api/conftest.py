from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from dianke.access.models import User
from dianke.access.operations import create_account, create_api_key
from dianke.access.permissions import BY_CODE, grantable_to_keys
from dianke.core.actor import SYSTEM

ROOT = "/api/v1"


@dataclass
class Caller:
    """A program with a key (or none): `caller.post("/regions", {"name": "华东"}, key="k1")`."""

    token: str | None = None
    language: str = "zh-hans"

    def call(
        self, method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str
    ) -> HttpResponse:
        given = {"Accept-Language": self.language, **headers}
        if self.token is not None:
            given["Authorization"] = f"Bearer {self.token}"
        if key is not None:
            given["Idempotency-Key"] = key
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        client = Client(raise_request_exception=False)
        return client.generic(method, ROOT + path, data, content_type="application/json", headers=given)

    def get(self, path: str, **more: Any) -> HttpResponse:
        return self.call("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> HttpResponse:
        return self.call("POST", path, body, **more)

    def patch(self, path: str, body: Any = None, **more: Any) -> HttpResponse:
        return self.call("PATCH", path, body, **more)


ALL_SCOPES = frozenset(code for code in BY_CODE if grantable_to_keys(code))


def key_of(user: User, scopes: frozenset[str] = ALL_SCOPES, **more: Any) -> Caller:
    """A key of the person with (at most) what the person may do."""
    from dianke.access.queries import actor_for

    now = timezone.now()
    held = frozenset().union(*(grant.permissions for grant in actor_for(user, now=now).grants))
    made = create_api_key(name="收银机", owner=user, scopes=scopes & held, actor=SYSTEM, now=now, **more)
    return Caller(made.raw)


@pytest.fixture
def nobody() -> Caller:
    return Caller()


@pytest.fixture
def grants(settings):
    """Postings are of no interest here: every account is an owner of everything."""
    settings.DIANKE_GRANTS = "tests.api.everything.grants_of"
    settings.DIANKE_GRANTS_OF_MANY = "tests.api.everything.grants_of_many"


@pytest.fixture
def user(db) -> User:
    return create_account(username="owner", name="陈明远", actor=SYSTEM, now=timezone.now())


@pytest.fixture
def caller(user: User, grants) -> Caller:
    """A program that may do whatever a key can."""
    return key_of(user)
