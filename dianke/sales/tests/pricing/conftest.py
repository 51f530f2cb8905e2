from __future__ import annotations

from collections.abc import Iterator

import pytest

from dianke.sales.tests.pricing.till import Till


@pytest.fixture(scope="session")
def till() -> Iterator[Till]:
    with Till() as running:
        yield running
