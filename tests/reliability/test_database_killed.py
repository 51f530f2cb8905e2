"""`kill -9` of PostgreSQL while eight clients sell: every sale that was acknowledged is there after the restart, and
what was not is sold once when the clients ask again. A server with fsync on, and the web server of `dianke run`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import psutil
import psycopg
import pytest

from dianke.core.database import Cluster, free_port
from dianke.sales.tests.counter import Counter, make_counter
from tests.reliability.shop import (
    Served,
    address_of_tests,
    body_of,
    environment_of,
    keys_of,
    wait_for,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
CLIENTS = 8
#: The server is killed when so many sales were acknowledged.
BEFORE, KILLS = (200, 4) if os.environ.get("DIANKE_RACES") == "full" else (24, 1)
PATIENCE_SECONDS = 120


@pytest.fixture
def counter(transactional_db: None) -> Counter:
    counter = make_counter(datetime.now(UTC))
    for variant in (counter.scarf, counter.hat):
        counter.shop.receive(variant, 100_000, 10)
    return counter


@contextmanager
def durable_copy() -> Iterator[Cluster]:
    """The database of the test on a server of its own that keeps what it acknowledged."""
    with tempfile.TemporaryDirectory(prefix="dk-") as home:
        Path(home).chmod(0o711)
        cluster = Cluster(Path(home) / "postgres", profile="durable")
        try:
            url = cluster.ensure_started()
            with psycopg.connect(url) as wire:
                settings = [
                    wire.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit")
                ]
            assert settings == [("on",), ("on",)]
            dump = Path(home) / "dump"
            _run(
                cluster,
                "pg_dump",
                "--no-owner",
                "--no-privileges",
                "-Fc",
                "-f",
                str(dump),
                address_of_tests(),
            )
            dump.chmod(0o644)
            _run(
                cluster,
                "pg_restore",
                "--no-owner",
                "--no-privileges",
                "--single-transaction",
                "-d",
                url,
                str(dump),
            )
            yield cluster
        finally:
            cluster.discard()


def _run(cluster: Cluster, program: str, *arguments: str) -> None:
    done = subprocess.run(
        [str(cluster.bin(program)), *arguments], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]


@contextmanager
def web(cluster: Cluster, keys: list[str], home: Path) -> Iterator[Served]:
    """The web server as `dianke run` starts it."""
    port = free_port()
    command = [sys.executable, "-m", "dianke.config.web", "127.0.0.1", str(port), "1", "4"]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            env=environment_of(cluster.url),
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(process, port, home / "log")
        yield Served(port, home, keys)
    finally:
        process.terminate()
        process.wait(30)
        assert process.stdin is not None
        process.stdin.close()


class Client(Thread):
    """Sells until it is told to stop, noting first what it will ask and then what was acknowledged; what breaks is
    kept to be asked again."""

    def __init__(self, served: Served, counter: Counter, stop: Event) -> None:
        super().__init__(daemon=True)
        self.served = Served(served.port, served.home, served.keys)
        self.counter, self.stop = counter, stop
        self.asked: dict[str, dict[str, Any]] = {}
        self.acknowledged: dict[str, str] = {}

    def run(self) -> None:
        while not self.stop.is_set():
            lines = ((self.counter.scarf, 1), (self.counter.hat, 1))
            body = body_of(
                self.counter, self.counter.basket(*lines, payments=[("CASH", 150_00)], uuid=uuid4())
            )
            self.asked[body["uuid"]] = body
            try:
                status, answer = self.served.send("/sales", body)
            except Exception:
                continue
            if status == 201:
                self.acknowledged[body["uuid"]] = answer["number"]


def sold(url: str) -> dict[str, str]:
    with psycopg.connect(url) as wire:
        return {str(uuid): number for uuid, number in wire.execute("SELECT uuid, number FROM sales_order")}


def kill_server(cluster: Cluster) -> None:
    """The postmaster and with it every backend, at once."""
    pid = int((cluster.data / "postmaster.pid").read_text().split()[0])
    members = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    os.kill(pid, signal.SIGKILL)
    for member in members[1:]:
        try:
            member.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(members, timeout=30)


def test_what_was_acknowledged_stands_after_kill_9_of_the_database(counter: Counter, tmp_path: Path):
    keys = keys_of(counter)
    with durable_copy() as cluster, web(cluster, keys, tmp_path) as served:
        asked: dict[str, dict[str, Any]] = {}
        acknowledged: dict[str, str] = {}
        for _kill in range(KILLS):
            stop = Event()
            clients = [Client(served, counter, stop) for _n in range(CLIENTS)]
            for client in clients:
                client.start()
            end = time.monotonic() + PATIENCE_SECONDS
            while sum(len(client.acknowledged) for client in clients) < BEFORE and time.monotonic() < end:
                time.sleep(0.02)
            kill_server(cluster)
            stop.set()
            for client in clients:
                client.join(60)
                asked |= client.asked
                acknowledged |= client.acknowledged
            cluster.ensure_started()
            assert acknowledged.items() <= sold(cluster.url).items()
            # The negative control: the server did die while sales were under way.
            assert len(acknowledged) >= BEFORE
            assert len(acknowledged) < len(asked)
            for uuid in asked.keys() - acknowledged.keys():
                status, answer = served.post("/sales", asked[uuid])
                assert status == 201, answer
                acknowledged[uuid] = answer["number"]
        assert sold(cluster.url) == acknowledged
        assert sorted(int(number[-4:]) for number in acknowledged.values()) == list(range(1, len(asked) + 1))
        with psycopg.connect(cluster.url) as wire:
            row = wire.execute(
                "SELECT sum(p.amount) FROM ledger_posting AS p JOIN ledger_account AS a ON a.id = p.account_id"
                " WHERE a.code = 'cash'"
            ).fetchone()
            assert row == (150_00 * len(asked),)
        done = subprocess.run(
            [sys.executable, "-m", "tests.reliability.proofs"],
            env=environment_of(cluster.url),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert (done.returncode, done.stdout) == (0, ""), done.stderr[-2000:]
