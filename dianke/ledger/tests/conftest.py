"""The books most tests of this room keep."""

from __future__ import annotations

from datetime import datetime

import pytest

from dianke.ledger.tests.books import Books


@pytest.fixture
def books(now: datetime) -> Books:
    return Books(now)
