from __future__ import annotations

from datetime import datetime

import pytest

from dianke.journeys.tests.road import Road, make_road


@pytest.fixture
def road(db: None, now: datetime) -> Road:
    return make_road(now)
