"""What tests of the room share: a place for snapshots, a counter that sells goods, a till that sells fees with the
people of the cast, and a browser for each of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from dianke.core.actor import SYSTEM
from dianke.customers.models import Customer
from dianke.customers.tests.cast import make_customer
from dianke.insight.operations.runs import ask_refresh, carry_out
from dianke.sales.tests.counter import Counter, make_counter
from dianke.sales.tests.till import Till, make_till


@pytest.fixture(autouse=True)
def _data(settings, tmp_path: Path) -> None:
    """Snapshots of a test lie in a place of its own."""
    settings.DIANKE_DATA = tmp_path


@pytest.fixture
def counter(db: None, now) -> Counter:
    return make_counter(now)


def work_out(till: Till) -> None:
    carry_out(ask_refresh(is_full=True, actor=SYSTEM, now=till.now), actor=SYSTEM, now=till.now)


def rows_of(client: Client, url: str) -> int:
    page = client.get(url.replace("&amp;", "&")).content.decode()
    return len(set(re.findall(r'href="/customers/(\d+)/"', page)))


@pytest.fixture
def till(db: None) -> Till:
    till = make_till(timezone.now())
    till.cast.hire("mark", "马可", "MARKETER")
    return till


@pytest.fixture
def people(till: Till) -> list[Customer]:
    """Six customers of the lake and two of the road, who bought once, twice … in turn."""
    found = []
    for n in range(8):
        store = till.cast.road if n > 5 else till.lake
        customer = make_customer(f"客人{n}", f"1380000000{n}", store=store)
        for turn in range(n % 3 + 1):
            days = 3 + n * 11 + turn * 31
            till.sell(
                None, 10_00 * (n + 1), customer=customer, store=store, now=till.now - timedelta(days=days)
            )
        found.append(customer)
    return found


@pytest.fixture
def signed_in(till: Till) -> Callable[[str], Client]:
    def enter(name: str) -> Client:
        client = Client()
        client.force_login(till.cast[name].user, backend="django.contrib.auth.backends.ModelBackend")
        session, stamp = client.session, timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        return client

    return enter
