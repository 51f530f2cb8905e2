"""The buyers most tests of this room begin with, and browsers where they are signed in."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from dianke.purchasing.tests.cast import Buyers, make_buyers


@pytest.fixture
def buyers(db: None, now: datetime) -> Buyers:
    return make_buyers(now)


@pytest.fixture
def signed_in(buyers: Buyers):
    """`signed_in("clerk")`: a browser where that person is signed in."""

    def sign_in(username: str) -> Client:
        client = Client()
        client.force_login(buyers.cast[username].user)
        session = client.session
        stamp = timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        return client

    return sign_in
