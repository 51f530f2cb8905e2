from __future__ import annotations

from datetime import datetime

import pytest

from dianke.ledger.queries import verify
from dianke.loyalty.tests.shop import Shop


@pytest.fixture
def shop(db: None, now: datetime) -> Shop:
    """A shop without programme: `shop.open(pending_days=7)` gives it one."""
    shop = Shop(now)
    yield shop
    assert verify() == []
