"""The counter most tests of this room begin with, browsers where its people are signed in, and the proof that ends
every test."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from dianke.promotions.tests.counter import Counter, make_counter


@pytest.fixture
def counter(db: None, now: datetime) -> Counter:
    return make_counter(now)


@pytest.fixture
def signed_in(counter: Counter):
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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Budgets, counts and coupons are what the rows that never change say, after every test that touched them."""
    yield
    if {"counter", "db", "transactional_db"} & set(getattr(item, "fixturenames", ())):
        from dianke.promotions.queries import verify

        if not item.get_closest_marker("promotions_unsound"):
            assert verify() == []
