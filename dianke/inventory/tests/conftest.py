"""The shop most tests of this room keep stock in."""

from __future__ import annotations

from datetime import datetime

import pytest

from dianke.inventory.tests.shop import Shop, make_shop


@pytest.fixture
def shop(db: None, now: datetime) -> Shop:
    return make_shop(now)
