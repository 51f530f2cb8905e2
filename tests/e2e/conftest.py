"""One served demo merchant for all stories: the real `dianke run`, on a database of the test cluster."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e import browser as driver

START_LIMIT = 240.0
DEMO_PASSWORD = "dianke-demo"


@dataclass(frozen=True)
class Site:
    """Where the demo is served, and the sign-in name per role."""

    url: str
    users: dict[str, str]


def serve(home: Path, database: str, *arguments: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start `dianke run` and wait for its first page."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if k not in {"DIANKE_TEST", "DIANKE_TEST_CLUSTER"}}
    environment |= {"DATABASE_URL": database, "DIANKE_DATA": str(home)}
    log = (home / "run.log").open("wb")
    command = [sys.executable, "-m", "dianke.config.cli", "run", "--port", str(port), "--data", str(home), *arguments]
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + START_LIMIT
    url = f"http://127.0.0.1:{port}"
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/sign-in/", timeout=5):
                return process, url
        except OSError:
            time.sleep(0.1)
    stop(process)
    raise RuntimeError("the site did not start:\n" + (home / "run.log").read_text(errors="replace")[-4000:])


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ctrl-C, and the harder way after a while."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def new_database(name: str) -> str:
    """An empty database on the test cluster; its address."""
    cluster = os.environ["DIANKE_TEST_CLUSTER"]
    with psycopg.connect(cluster, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    return cluster.replace("/postgres?", f"/{name}?")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo merchant, served."""
    from dianke.config.demo import demo_logins

    home = tmp_path_factory.mktemp("site")
    home.chmod(0o755)
    process, url = serve(home, new_database("e2e"))
    try:
        yield Site(url, {str(login.role): login.username for login in demo_logins()})
    finally:
        stop(process)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all stories; every visitor gets a fresh profile."""
    with sync_playwright() as playwright:
        browser = driver.launch(playwright)
        yield browser
        browser.close()
