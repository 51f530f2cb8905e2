"""`dianke run`: starts the database, prepares it, serves the shop and works in the background, until Ctrl-C.

This process stays small: it only watches. What it started it also stops, the database too if nobody else uses
it. A part that dies is started again with growing pauses; if this process itself is killed, its parts see
their standard input close and end, and the database waits for the next start.
"""

from __future__ import annotations

import argparse
import http.client
import ipaddress
import logging
import logging.handlers
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil
from django.utils.translation import gettext_lazy

from dianke.config import doctor, setup_token
from dianke.config.cli import running_database
from dianke.config.prepare import Prepared, last_prepared
from dianke.config.terminal import complain, say, set_up_words
from dianke.config.terminal import gettext as _
from dianke.core.database import PortInUse, data_home, free_port
from dianke.core.database.processes import is_free
from dianke.core.errors import DiankeError, NotAllowed, TemporarilyUnavailable

_LONGEST_PAUSE_SECONDS = 30
_STABLE_SECONDS = 60
_PATIENCE_SECONDS = 25


class DemoStaysHome(NotAllowed):
    code = "demo_on_other_host"
    message = gettext_lazy(
        "The demo merchant has log-ins that everybody knows, so it is served on this computer only, "
        "not on %(host)s. Remove it first (dianke demo --remove), or leave --host away."
    )


class PreparationFailed(TemporarilyUnavailable):
    code = "preparation_failed"
    message = gettext_lazy(
        "The database could not be brought up to this version; the reason stands above. "
        "Nothing was half done: put it right and start again, or go back to the version before."
    )


class NotAnswering(TemporarilyUnavailable):
    code = "not_answering"
    message = gettext_lazy(
        "The web server does not answer after %(seconds)s seconds. "
        "Look into %(log)s, then run `dianke doctor`."
    )


def run(options: argparse.Namespace) -> int:
    """Serves until Ctrl-C or SIGTERM."""
    set_up_words()
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stopping.set())
    if not is_free(options.port, options.host):
        raise PortInUse(host=options.host, port=options.port, free=free_port(options.host, options.port + 1))
    with running_database() as database:
        log = open_log()
        for finding in doctor.database(database.url):
            if finding.state is doctor.State.ERROR:
                complain(f"{finding.subject}: {finding.found}  → {finding.remedy}")
        try:
            prepared = prepare(database.url, host=options.host, demo=not options.no_demo)
        except PreparationFailed:
            if stopping.is_set():  # Ctrl-C went to the preparation too
                return 130
            raise
        parts = start_parts(options, database.url, log)
        try:
            if wait_for_answer(options.host, options.port, stopping, [*parts]):
                greet(options.host, options.port, prepared)
            told = ""
            while not stopping.wait(1):
                told = watch(parts, database, told)
        finally:
            say()
            say(_("Stopping …"))
            for part in parts:
                part.end()
            for part in parts:
                part.join()
    return 0


def prepare(url: str, *, host: str, demo: bool) -> Prepared | None:
    """Migrates and loads the demo in a process of its own, unless the last start left nothing to do."""
    prepared = last_prepared(url)
    if prepared is None or not is_loopback(host):
        # Served to others, what is remembered is not enough: the demo's people may have come by another way.
        arguments = [sys.executable, "-m", "dianke.config.cli", "prepare"]
        if not demo or not is_loopback(host):
            arguments.append("--no-demo")
        done = subprocess.run(arguments, check=False, env=os.environ | {"DATABASE_URL": url})  # noqa: S603
        if done.returncode != 0:
            raise PreparationFailed
        prepared = last_prepared(url)
    if prepared and prepared.has_demo_people and not is_loopback(host):
        raise DemoStaysHome(host=host)
    return prepared


def is_loopback(host: str) -> bool:
    """Whether nobody outside this computer can reach `host`."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def served_names(host: str) -> str:
    """What browsers may call this server (`DIANKE_HOSTS`): for 0.0.0.0 every address and name of this
    computer.
    """
    names = {"localhost", "127.0.0.1", "[::1]"}
    if not is_loopback(host):
        names |= {host, socket.gethostname()}
        names |= {
            address.address
            for addresses in psutil.net_if_addrs().values()
            for address in addresses
            if address.family == socket.AF_INET
        }
    return ",".join(sorted(names))


def web_size() -> tuple[int, int]:
    """Web processes and threads of each: as the environment says, else by the cores of this computer."""
    cores = os.cpu_count() or 1
    processes = int(os.environ.get("DIANKE_WEB_WORKERS", min(2, cores)))
    return processes, int(os.environ.get("DIANKE_WEB_THREADS", max(4, 2 * cores)))


def start_parts(options: argparse.Namespace, url: str, log: logging.Logger) -> list[Part]:
    """The web server and the background worker."""
    environment = os.environ | {"DATABASE_URL": url, "DIANKE_SUPERVISED": "1", "PYTHONUNBUFFERED": "1"}
    environment.setdefault("DIANKE_HOSTS", served_names(options.host))
    processes, threads = web_size()
    web = [
        "dianke.config.web",
        options.host,
        str(options.port),
        str(options.workers or processes),
        str(threads),
    ]
    parts = [
        Part("web", web, environment, log),
        Part("worker", ["dianke.config.cli", "worker"], environment, log),
    ]
    for part in parts:
        part.start()
    return parts


class Part:
    """A child process, what it says, and when to start it again."""

    def __init__(
        self, name: str, module: list[str], environment: dict[str, str], log: logging.Logger
    ) -> None:
        self.name = name
        self._command = [sys.executable, "-m", *module]
        self._environment = environment
        self._log = log
        self._process: subprocess.Popen[str] | None = None
        self._pause = 0.5
        self._started_at = self._not_before = 0.0

    def start(self) -> None:
        self._started_at = time.monotonic()
        self._process = subprocess.Popen(  # noqa: S603
            self._command,
            # Held open by us alone: it closes when we die, and the child ends.
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=self._environment,
            start_new_session=True,  # Ctrl-C in the terminal reaches us, and we end our parts in order
        )
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            self._log.warning("%s: %s", self.name, line.rstrip("\n"))

    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def revive(self) -> None:
        """Starts the part again if it has died: at once the first time, then with doubling pauses."""
        if self.is_alive():
            return
        now = time.monotonic()
        if not self._not_before:
            code = self._process.returncode if self._process else 0
            self._kill_orphans()
            self._pause = 0.5 if now - self._started_at > _STABLE_SECONDS else self._pause
            self._not_before = now + self._pause
            self._pause = min(self._pause * 2, _LONGEST_PAUSE_SECONDS)
            self._log.error("%s ended (%s), starting it again", self.name, code)
        elif now >= self._not_before:
            self._not_before = 0.0
            self.start()

    def _kill_orphans(self) -> None:
        """Ends what the part started: the workers of a killed web server would go on holding its port."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        if self._process is not None and self.is_alive():
            self._process.terminate()

    def join(self) -> None:
        """Waits for the end; kills what does not end in time, with everything it started."""
        if self._process is None:
            return
        try:
            self._process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._kill_orphans()
            self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()


def watch(parts: list[Part], database: running_database, told: str = "") -> str:
    """Starts again whatever has died: the database first, the others need it.

    Returns what is wrong with the database, if anything, and says so unless that was `told` before.
    """
    try:
        database.revive()
    except DiankeError as error:
        if str(error) != told:
            complain(str(error))
        return str(error)
    for part in parts:
        part.revive()
    return ""


def wait_for_answer(
    host: str, port: int, stopping: threading.Event, parts: list[Part], *, seconds: int = 60
) -> bool:
    """Waits for the first answer of the web server. False if told to stop meanwhile."""
    address = reachable(host)
    deadline = time.monotonic() + seconds
    while not stopping.wait(0.05):
        connection = http.client.HTTPConnection(address, port, timeout=20)
        try:
            connection.request("HEAD", "/", headers={"Host": "localhost"})
            connection.getresponse()
            return True
        except (OSError, http.client.HTTPException):
            for part in parts:
                part.revive()
        finally:
            connection.close()
        if time.monotonic() > deadline:
            raise NotAnswering(seconds=seconds, log=log_path())
    return False


def reachable(host: str) -> str:
    """An address of this computer at which a server bound to `host` answers."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def outside_name(host: str) -> str:
    """How other computers of the network call a server bound to `host`."""
    if host not in ("0.0.0.0", "::"):  # noqa: S104
        return f"[{host}]" if ":" in host else host
    addresses = [
        address.address
        for interface in psutil.net_if_addrs().values()
        for address in interface
        if address.family == socket.AF_INET and not is_loopback(address.address)
    ]
    return addresses[0] if addresses else socket.gethostname()


def greet(host: str, port: int, prepared: Prepared | None) -> None:
    """Prints the address and, for a demo, who may sign in."""
    name = reachable(host)
    address = f"{f'[{name}]' if ':' in name else name}:{port}"
    say(_("Dianke is ready:  http://%s/") % address)
    if prepared and not prepared.has_merchant and not is_loopback(host):
        # Whoever reads this terminal is the owner; nobody else may answer the questions of the first start.
        link = f"http://{outside_name(host)}:{port}/setup/?token={setup_token.issue()}"
        say(_("Opened on another computer? Begin with this link, once:  %s") % link)
    if prepared and prepared.logins:
        say(_("Demo log-ins:"))
        for role, user, password in prepared.logins:
            say(f"  {role}{' ' * max(1, 22 - _width(role))}{user:<16} {password}")
    say(_("Data: %s") % data_home())
    say(_("Ctrl-C stops everything."))


def _width(text: str) -> int:
    """Columns on a terminal; Chinese characters take two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def log_path() -> Path:
    return data_home() / "log" / "dianke.log"


def open_log() -> logging.Logger:
    """What the parts say goes to standard error and, for later, to a file that is kept small."""
    path = log_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    log = logging.getLogger("dianke.parts")
    log.propagate = False
    log.setLevel(logging.INFO)
    file = logging.handlers.RotatingFileHandler(path, maxBytes=5_000_000, backupCount=5, encoding="utf-8")
    file.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    console = logging.StreamHandler()
    console.setFormatter(logging.Formatter("%(message)s"))
    log.handlers = [file, console]
    return log
