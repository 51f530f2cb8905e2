from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from dianke.clienteling.tests.counter import Counter, make_counter


@pytest.fixture
def counter(db: None, now: datetime) -> Counter:
    return make_counter(now)


@pytest.fixture
def signed_in(counter: Counter) -> Callable[[str], Client]:
    """`signed_in("clerk")`: a browser where that person is signed in."""

    def sign_in(username: str) -> Client:
        client = Client()
        client.force_login(counter.cast[username].user)
        session = client.session
        stamp = timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        return client

    return sign_in
