"""The buyers most tests of this room begin with."""

from __future__ import annotations

from datetime import datetime

import pytest

from dianke.purchasing.tests.cast import Buyers, make_buyers


@pytest.fixture
def buyers(db: None, now: datetime) -> Buyers:
    return make_buyers(now)
