"""The collector rests during a batch, and a process is afterwards what it was before."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from dianke.core.collector import undisturbed


@pytest.fixture(autouse=True)
def left_as_it_was() -> Iterator[None]:
    """A run of tests has settled, as processes of the product do."""
    had_settled = gc.get_freeze_count() > 0
    yield
    if had_settled:
        gc.freeze()


def test_it_rests_and_works_again_afterwards():
    gc.unfreeze()
    with undisturbed():
        assert not gc.isenabled()
        assert gc.get_freeze_count() > 0
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_a_process_that_had_settled_is_so_again():
    gc.freeze()
    with undisturbed():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
