from __future__ import annotations

import json
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from dianke.stores.tests.cast import Cast, make_cast


@pytest.fixture
def cast(db: None, now: datetime) -> Cast:
    return make_cast(now)


@pytest.fixture
def signed_in(cast: Cast):
    """`signed_in("clerk")`: a browser where that person is signed in."""

    def sign_in(username: str) -> Client:
        client = Client()
        client.force_login(cast[username].user)
        session = client.session
        stamp = timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        return client

    return sign_in


@pytest.fixture
def api(signed_in):
    """`api("manager", "POST", "/products", {...})`: status and answer."""

    def call(name, method, path, body=None):
        data = "" if body is None else json.dumps(body)
        response = signed_in(name).generic(method, f"/api/v1{path}", data, content_type="application/json")
        return response.status_code, response.json() if response.content else None

    return call
