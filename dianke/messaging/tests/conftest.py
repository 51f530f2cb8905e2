from __future__ import annotations

from datetime import datetime

import pytest

from dianke.messaging.tests.post import Post, make_post


@pytest.fixture
def post(db: None, now: datetime) -> Post:
    return make_post(now)
