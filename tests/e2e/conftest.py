"""One served demo merchant for all stories: the real `dianke run`, on a database of the test cluster."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e import browser as driver
from tests.e2e.browser import COMPUTER, Visitor

START_LIMIT = 240.0
DEMO_PASSWORD = "dianke-demo"
SIGN_IN_LASTS = 120.0  # seconds; a sign-in counts as a proof for a few minutes


#: Set by `export`: address, home and database of a demo that is served already, to write stories against quickly.
SERVED = "DIANKE_E2E_SITE"


@dataclass
class Site:
    """Where the demo is served, and the sign-in name per role."""

    url: str
    home: Path
    database: str
    users: dict[str, str] = field(default_factory=dict)
    _entered: dict[str, tuple[Any, float]] = field(default_factory=dict)

    @contextmanager
    def enter(
        self, browser: Browser, who: str, size: tuple[int, int] = COMPUTER, **options: Any
    ) -> Iterator[Visitor]:
        """A visitor signed in as `who` (a role or a sign-in name). The sign-in itself is typed once in a while: often
        enough that nothing asks for the password once more."""
        username = self.users.get(who, who)
        state, since = self._entered.get(username, (None, 0.0))
        if time.monotonic() - since > SIGN_IN_LASTS:
            state = None
        with driver.visitor(browser, self.url, size, storage_state=state, **options) as visitor:
            if state is None:
                visitor.sign_in(username, DEMO_PASSWORD)
                self._entered[username] = visitor.page.context.storage_state(), time.monotonic()
            yield visitor

    def forget(self, username: str) -> None:
        """The next visit of this person types name and password again."""
        self._entered.pop(self.users.get(username, username), None)

    def run(self, code: str) -> str:
        """Runs Python in the served product, as somebody at its shell: what it prints. For what takes too many taps."""
        start = "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'dianke.config.settings'; django.setup()\n"
        return subprocess.run(
            [sys.executable, "-c", start + code],
            env=served_environment(self.home, self.database),
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout


def served_environment(home: Path, database: str) -> dict[str, str]:
    """The environment of a served product: that of the tests is not for it."""
    environment = {k: v for k, v in os.environ.items() if k not in {"DIANKE_TEST", "DIANKE_TEST_CLUSTER"}}
    return environment | {"DATABASE_URL": database, "DIANKE_DATA": str(home)}


def serve(home: Path, database: str, *arguments: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start `dianke run` and wait for its first page."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    # Links in messages lead here.
    environment = served_environment(home, database) | {"DIANKE_ORIGINS": url}
    command = [
        sys.executable,
        "-m",
        "dianke.config.cli",
        "run",
        "--port",
        str(port),
        "--data",
        str(home),
        *arguments,
    ]
    with (home / "run.log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + START_LIMIT
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


def let_everybody_in(database: str) -> None:
    """Only the ten of the sign-in page have a password; here everybody of the demo has set the same one."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "UPDATE access_user SET password = (SELECT password FROM access_user WHERE username = %s) WHERE is_demo",
            [demo_users()["OWNER"]],
        )


def demo_users() -> dict[str, str]:
    """The sign-in name per role of the demo's cast."""
    family = tomllib.loads((driver.ROOT / "dianke/config/demo/family.toml").read_text(encoding="utf-8"))
    return {
        person["role"]: person["username"] for person in reversed(family["people"]) if person.get("login")
    }


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Site]:
    """The demo merchant, served."""
    if SERVED in os.environ:
        served = json.loads(Path(os.environ[SERVED]).read_text())
        yield Site(served["url"], Path(served["home"]), served["database"], demo_users())
        return
    home = tmp_path_factory.mktemp("site")
    home.chmod(0o755)
    database = new_database(f"e2e_{worker_id}")
    process, url = serve(home, database)
    let_everybody_in(database)
    try:
        yield Site(url, home, database, demo_users())
    finally:
        stop(process)


@pytest.fixture
def empty_site(tmp_path: Path, worker_id: str) -> Iterator[Site]:
    """A product nobody has used yet, served without the demo."""
    tmp_path.chmod(0o755)
    database = new_database(f"e2e_empty_{worker_id}")
    process, url = serve(tmp_path, database, "--no-demo")
    try:
        yield Site(url, tmp_path, database)
    finally:
        stop(process)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all stories; every visitor gets a fresh profile."""
    with sync_playwright() as playwright:
        browser = driver.launch(playwright)
        yield browser
        browser.close()
