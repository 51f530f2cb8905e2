from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone

from dianke.customers.queries import commonness
from dianke.customers.rules import merging
from dianke.customers.tests.cast import make_house
from dianke.stores.tests.cast import Cast


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """What other tests' customers said about common words is forgotten."""
    commonness.forget()


@pytest.fixture
def cast(db: None, now: datetime) -> Cast:
    return make_house(now)


@pytest.fixture
def signed_in(cast: Cast) -> Callable[[str], Client]:
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
def fake_room() -> Iterator[dict[int, int]]:
    """A room that keeps points per customer, as loyalty will."""
    balances: dict[int, int] = {}
    merging.register_account_view(
        "fake.points", "Points", lambda ids: {pk: f"{balances[pk]} points" for pk in ids if pk in balances}
    )
    yield balances
    del merging._views["fake.points"]
