"""Which server processes live, which ports are free, who holds a lock: what the kernel knows better than any
file.

A pid file says little after a crash (another process may have got the number meanwhile), so a server is
recognised by its working directory, which PostgreSQL sets to its data directory in every one of its
processes.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psutil


def wait_for_leftovers(data: Path) -> None:
    """Waits until the sessions of a killed server are gone: a new server beside them would ruin the data.

    They notice the death of their parent at once unless they are computing; what is left after ten seconds is
    killed, which loses nothing, since the write-ahead log is replayed in any case.
    """
    deadline = time.monotonic() + 10
    while leftovers := [process for process in _servers() if works_in(process, data)]:
        if time.monotonic() > deadline:
            for process in leftovers:
                with contextlib.suppress(psutil.Error):
                    process.kill()
        time.sleep(0.05)


def free_port(host: str = "127.0.0.1", first: int | None = None) -> int:
    """A TCP port nobody listens on: the next free one from `first` on, or any."""
    for port in range(first, min(first + 100, 65536)) if first else ():
        if is_free(port, host):
            return port
    with socket.socket() as listener:
        listener.bind((host, 0))
        return int(listener.getsockname()[1])


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError:
            return False
    return True


def try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def works_in(process: psutil.Process, data: Path) -> bool:
    """Whether this is a live PostgreSQL process of the data directory `data`, where all of them have their
    cwd.
    """
    try:
        if process.status() in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD):
            return False
        return bool(os.path.realpath(process.cwd()) == os.path.realpath(data))
    except psutil.AccessDenied:
        return str(process.name()).startswith("postgres")
    except psutil.NoSuchProcess:
        return False


def _servers() -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["name"]):
        if (process.info["name"] or "").startswith("postgres"):
            yield process


def environment() -> dict[str, str]:
    """A clean environment: PGHOST, LD_LIBRARY_PATH … of the person who starts Dianke must not matter."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C", "LC_ALL": "C", "TZ": "UTC"}
