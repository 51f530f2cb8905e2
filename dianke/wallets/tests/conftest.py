"""The house most tests of this room take place in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from dianke.wallets import queries
from dianke.wallets.tests.people import House, make_house


@pytest.fixture
def house(db: None, now: datetime) -> Iterator[House]:
    """Every story ends with the proof that prepaid value is right."""
    yield make_house(now)
    assert queries.verify() == []
