"""A PostgreSQL server of its own for the tests: made in memory, gone afterwards.

Each worker of pytest-xdist has one (pytest_plugin.py). What a killed test run
leaves behind is removed by the next one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from dianke.core.database import Cluster
from dianke.core.errors import DiankeError

_PREFIX = "dianke-test-"
_SERVER = "DIANKE_TEST_SERVER"
_ROOMY = 1536 * 1024 * 1024


@contextmanager
def throwaway_cluster() -> Iterator[str]:
    """Yields the address of the database `postgres` of a fast, unsafe server, as its superuser.

    Child processes that call this while it is open get the same server.
    """
    shared = os.environ.get(_SERVER)
    if shared:
        yield shared
        return
    _remove_leftovers()
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", "")[:12]
    if run:
        run += os.environ.get("PYTEST_XDIST_WORKER", "")
        directory = _parent() / f"{_PREFIX}{os.geteuid()}-{run}"
    else:
        directory = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.geteuid()}-", dir=_parent()))
        if os.geteuid() == 0:
            directory.chmod(0o711)  # the server runs as its own user
    cluster = Cluster(directory, profile="throwaway")
    try:
        cluster.ensure_started()
        os.environ[_SERVER] = cluster.admin_url()
        yield os.environ[_SERVER]
    finally:
        os.environ.pop(_SERVER, None)
        cluster.discard()


def _parent() -> Path:
    """Shared memory where it has room (often 64 MB in containers), else the place for temporary files."""
    memory = Path("/dev/shm")  # noqa: S108  the directory made in it is private
    with suppress(OSError):
        if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOMY:
            return memory
    return Path(tempfile.gettempdir())


def _remove_leftovers() -> None:
    for directory in _parent().glob(f"{_PREFIX}{os.geteuid()}-*"):
        # Only a directory with users.lock had its server started; a younger one is being made right now.
        if (directory / "users.lock").exists():
            with suppress(OSError, DiankeError, subprocess.SubprocessError, psycopg.Error):
                Cluster(directory, profile="throwaway").discard()
