"""`dianke run` as a whole: started, stopped, killed, and what stands again afterwards."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from dianke.core.database import Cluster, free_port

pytestmark = pytest.mark.slow


class Shop:
    """One data directory, and the `dianke run` that serves it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.cluster = Cluster(data / "postgres")
        self.process: subprocess.Popen[str] | None = None

    def run(self, *options: str) -> subprocess.Popen[str]:
        arguments = ["run", "--port", str(self.port), "--data", str(self.data), "--no-demo", *options]
        unset = ("DATABASE_URL", "DIANKE_TEST", "DIANKE_TEST_CLUSTER", "DIANKE_TEST_SERVER", "DIANKE_DATA")
        environment = {key: value for key, value in os.environ.items() if key not in unset}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dianke.config.cli", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment | {"DIANKE_LANGUAGE": "en"},
        )
        return self.process

    def start(self, *options: str) -> None:
        process = self.run(*options)
        said = []
        for line in process.stdout or ():
            said.append(line)
            if "Dianke is ready" in line:
                return
        pytest.fail("did not start:\n" + "".join(said))

    def stop(self, number: int = signal.SIGINT) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.communicate(timeout=90)
        return self.process.returncode

    def part(self, name: str) -> psutil.Process | None:
        """The living child process that runs `name`, if there is one just now."""
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):
                if name in child.cmdline():
                    return child
        return None

    def living(self, name: str) -> psutil.Process:
        wait_until(lambda: self.part(name) is not None)
        part = self.part(name)
        assert part is not None
        return part

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("HEAD", "/")
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True


def wait_until(holds: Callable[[], bool], *, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.1)


def postmaster(shop: Shop) -> int:
    return int((shop.cluster.data / "postmaster.pid").read_text().split()[0])


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """One data directory for all stories of this file: making it anew each time would take minutes."""
    directory = Path(tempfile.mkdtemp(prefix="dk-"))
    directory.chmod(0o711)
    yield directory
    Cluster(directory / "postgres").discard()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def shop(data: Path) -> Iterator[Shop]:
    shop = Shop(data)
    yield shop
    if shop.process is not None and shop.process.poll() is None:
        shop.stop(signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_stops_everything_it_started(shop: Shop, number: int) -> None:
    shop.start()
    assert shop.process is not None
    children = psutil.Process(shop.process.pid).children(recursive=True)
    assert shop.answers()
    assert shop.cluster.is_running()
    assert shop.stop(number) == 0
    assert not shop.cluster.is_running()
    assert not [child for child in children if child.is_running()]
    assert not shop.answers()


def test_the_database_stays_for_whoever_else_uses_it(shop: Shop) -> None:
    shop.start()
    shop.cluster.ensure_started()
    shop.stop()
    assert shop.cluster.is_running()
    assert shop.cluster.stop()


def test_after_kill_9_its_parts_end_and_the_next_start_serves_again(shop: Shop) -> None:
    shop.start()
    parts = [shop.living("dianke.config.web"), shop.living("worker")]
    server = postmaster(shop)
    shop.stop(signal.SIGKILL)
    psutil.wait_procs(parts, timeout=40)
    assert not [part for part in parts if part.is_running()]
    wait_until(lambda: not shop.answers())
    assert postmaster(shop) == server
    shop.start()
    assert shop.answers()


def test_a_part_that_dies_is_started_again(shop: Shop) -> None:
    shop.start()
    worker, web = shop.living("worker"), shop.living("dianke.config.web")
    orphans = web.children()
    worker.kill()
    web.kill()
    wait_until(lambda: shop.part("worker") not in (None, worker))
    wait_until(lambda: shop.part("dianke.config.web") not in (None, web))
    wait_until(shop.answers)
    assert not [orphan for orphan in orphans if orphan.is_running()]


def test_a_database_that_dies_is_started_again(shop: Shop) -> None:
    shop.start()
    server = psutil.Process(postmaster(shop))
    server.kill()
    server.wait(20)
    wait_until(shop.cluster.is_running)
    assert postmaster(shop) != server.pid
    wait_until(shop.answers)


def test_a_port_in_use_is_told_with_the_next_free_one(shop: Shop) -> None:
    shop.start()
    second = Shop(shop.data)
    second.port = shop.port
    said, _nothing = second.run().communicate(timeout=60)
    assert second.process is not None
    assert second.process.returncode == 1
    assert f"Port {shop.port} on 127.0.0.1 is used by another program" in said
    assert shop.answers()


def test_the_log_is_kept_in_the_data_directory_for_its_owner_only(shop: Shop) -> None:
    shop.start()
    shop.living("worker").kill()
    log = shop.data / "log" / "dianke.log"
    wait_until(lambda: "worker ended (-9)" in log.read_text())
    assert log.parent.stat().st_mode & 0o077 == 0
