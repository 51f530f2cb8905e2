"""How long a warm `dianke run` takes to its first page, and how much memory the idle system holds.

The first start makes the database and the demo merchant and is not measured. Memory is the proportional set size
(shared pages counted once over all) of every process the run started, the database's too, after it has rested.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

from bench.figures import Figure

FIRST_START_LIMIT, WARM_LIMIT, REST = 240.0, 60.0, 8.0


def run(quick: bool) -> list[Figure]:
    """`house.start_warm_s` (median) and `house.idle_memory_mb`."""
    with tempfile.TemporaryDirectory(prefix="dianke-bench-run-") as home:
        Path(home).chmod(0o711)
        port = _free_port()
        first = _start(home, port)
        _wait_for_page(first, port, FIRST_START_LIMIT)
        _stop(first)
        times: list[float] = []
        memory = 0.0
        rounds = 2 if quick else 5
        for number in range(rounds):
            began = time.monotonic()
            process = _start(home, port)
            _wait_for_page(process, port, WARM_LIMIT)
            times.append(time.monotonic() - began)
            if number == rounds - 1:
                time.sleep(REST)
                memory = _memory_mb(process.pid, home)
            _stop(process)
    return [
        Figure("house.start_warm_s", statistics.median(times), "s"),
        Figure("house.idle_memory_mb", memory, "MB"),
    ]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _start(home: str, port: int) -> subprocess.Popen[bytes]:
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DIANKE_DATA"}
    }
    return subprocess.Popen(
        [sys.executable, "-m", "dianke.config.cli", "run", "--port", str(port), "--data", home],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )


def _wait_for_page(process: subprocess.Popen[bytes], port: int, limit: float) -> None:
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"dianke run ended with {process.returncode} before its first page")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in/", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.02)
    _stop(process)
    raise RuntimeError(f"no page within {limit:.0f} s")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


def _memory_mb(pid: int, home: str) -> float:
    """The run's processes, and those of the server whose data directory lies in `home`."""
    members = {pid: psutil.Process(pid)}
    for child in members[pid].children(recursive=True):
        members[child.pid] = child
    for process in psutil.process_iter(["cmdline"]):
        if any(home in word for word in process.info["cmdline"] or ()):
            members[process.pid] = process
            for child in process.children(recursive=True):
                members[child.pid] = child
    total = 0
    for process in members.values():
        try:
            total += process.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total / 2**20
