from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dianke.marketing.tests.desk import Desk, make_desk


@pytest.fixture
def desk(db: None, now: datetime) -> Desk:
    return make_desk(now)


@pytest.fixture
def signed_in(desk: Desk) -> Any:
    """`signed_in("clerk")`: a browser where that person is signed in."""

    def sign_in(username: str) -> Client:
        client = Client()
        client.force_login(desk.cast[username].user)
        session = client.session
        stamp = timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        return client

    return sign_in
