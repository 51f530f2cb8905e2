"""Gives every test run a real PostgreSQL: a throw-away cluster and data directory, removed with the run.

Loaded by `-p` in pyproject.toml, because Django's settings are read before any conftest is.
"""

from __future__ import annotations

import contextlib
import gc
import os
import tempfile
from collections.abc import Generator

import pytest

_run = contextlib.ExitStack()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Start the cluster before Django reads its settings. Each worker of xdist has one of its own: events are read once
    nothing older is open on the server, and tests of other workers stay open for minutes."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        for inherited in ("DIANKE_TEST_CLUSTER", "DIANKE_TEST_SERVER"):
            os.environ.pop(inherited, None)
    if "DIANKE_TEST_CLUSTER" not in os.environ:
        home = _run.enter_context(tempfile.TemporaryDirectory(prefix="dianke-test-"))
        os.environ["DIANKE_DATA"] = home
        os.environ["DIANKE_TEST"] = "1"
        from dianke.core.testing import throwaway_cluster

        url = _run.enter_context(throwaway_cluster())
        os.environ["DIANKE_TEST_CLUSTER"] = url
        early_config.add_cleanup(_run.close)
    os.environ["DATABASE_URL"] = os.environ["DIANKE_TEST_CLUSTER"]
    # A shop that can be reached from outside, as letters to customers need; tests of one that cannot say so.
    os.environ.setdefault("DIANKE_ORIGINS", "https://shop.example")
    return (yield)


def pytest_collection_finish() -> None:
    """Everything is loaded: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """Libraries look at the end whether everything of theirs is gone."""
    gc.unfreeze()
