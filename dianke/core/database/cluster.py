"""The embedded PostgreSQL: one server per data directory, made, started and stopped by Dianke itself.

Several processes may use one server (the app, a `dianke shell`, a nightly check). Each holds a shared lock on
`users.lock`; whoever stops tries for the exclusive lock and stops the server only if that succeeds. The
kernel drops the locks of a killed process, so nothing has to be cleaned up after `kill -9`.

    directory/data         the data files (PGDATA), of the server's user, 0700
    directory/run          the socket, unless its path would be too long
    directory/log          the server's log, one file per day of the week
    directory/*.lock       start.lock (one at a time starts or stops), users.lock (who uses the server)
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from dianke.core.database.addresses import socket_url, tcp_url
from dianke.core.database.configuration import ADMINISTRATOR, OWNER, Profile, write_configuration
from dianke.core.database.errors import (
    DatabaseUnavailable,
    DataDirectoryClosed,
    DataDirectoryNotAccessible,
    DataFromAnotherVersion,
    DiskFull,
    PortInUse,
    SocketInUse,
    says_disk_full,
)
from dianke.core.database.places import (
    SERVER_VERSION,
    ServerUser,
    may_enter,
    own_name,
    server_programs,
    server_user,
    socket_directory,
)
from dianke.core.database.processes import (
    environment,
    free_port,
    is_free,
    is_same_file,
    try_lock,
    wait_for_leftovers,
    works_in,
)

DEFAULT_PORT = 5432
_MB = 1024 * 1024
_NEEDED_TO_INITIALISE_MB = 256
_NEEDED_TO_START_MB = 64
_START_TIMEOUT_SECONDS = 120


class Cluster:
    """One embedded server. `profile` "throwaway" trades safety for speed and is for tests only."""

    def __init__(self, directory: Path, *, profile: Profile = "durable") -> None:
        self.directory = directory.absolute()
        self.data = self.directory / "data"
        self.log = self.directory / "log"
        self.profile = profile
        self._use: int | None = None  # descriptor that holds our shared lock on users.lock
        self._use_pid = 0  # a forked child inherits the descriptor, but the use is its parent's

    @property
    def url(self) -> str:
        """The address of the application's database by the socket, whether the server runs or not."""
        return socket_url(user=OWNER, database=OWNER, socket_dir=self.socket_dir, port=self._port())

    def admin_url(self, database: str = ADMINISTRATOR) -> str:
        """The address of `database` for the server's superuser, by the socket."""
        return socket_url(
            user=ADMINISTRATOR, database=database, socket_dir=self.socket_dir, port=self._port()
        )

    @property
    def socket_dir(self) -> Path:
        return socket_directory(self.directory)

    def bin(self, name: str) -> Path:
        """The program `name` (psql, pg_dump, pgbench …) of the embedded PostgreSQL."""
        return server_programs(server_user()) / name

    def ensure_started(self, *, tcp_port: int | None = None) -> str:
        """Starts the server if it does not run, and counts this process as a user of it until `stop()`.

        Returns the address of the application's database: by unix socket, or with `tcp_port` by 127.0.0.1 and
        a password. Makes data directory, role and database on the first start; recovers after a crash.

        Raises DiskFull, SocketInUse, PortInUse, DataFromAnotherVersion, DataDirectoryNotAccessible,
        SystemUserMissing or DatabaseUnavailable.
        """
        user = server_user()
        with self._start_lock(user):
            held_before = self._use is not None
            self._hold_use()
            try:
                if not self.is_running():
                    self._start(user, tcp_port)
                return self._ensure_database(tcp_port)
            except BaseException:
                if not held_before:
                    self._release_use()
                raise

    def is_running(self) -> bool:
        return self._postmaster() is not None

    def stop(self) -> bool:
        """Gives up this process's use; stops the server if nobody else uses it. Says whether it is stopped
        now.
        """
        if not self.directory.exists():
            self._release_use()
            return True
        with self._start_lock(server_user()):
            return self._stop_if_unused()

    def discard(self) -> bool:
        """Like `stop()`, and deletes the data too, all of it. Says whether that happened."""
        if not self.directory.exists():
            self._release_use()
            return True
        with self._start_lock(server_user()):
            if not self._stop_if_unused():
                return False
            shutil.rmtree(self.socket_dir, ignore_errors=True)
            shutil.rmtree(self.directory)
            return True

    # Locks

    @contextlib.contextmanager
    def _start_lock(self, user: ServerUser) -> Iterator[None]:
        """One process at a time starts or stops this server."""
        deadline = time.monotonic() + _START_TIMEOUT_SECONDS
        while True:
            self._make_home(user)
            descriptor = self._open_lock("start.lock")
            try:
                while not try_lock(descriptor, fcntl.LOCK_EX):
                    if time.monotonic() > deadline:
                        raise DatabaseUnavailable(
                            place=self.directory, log="another process holds start.lock"
                        )
                    time.sleep(0.02)
                # The directory may have been discarded while we waited: then this lock excludes nobody.
                if is_same_file(descriptor, self.directory / "start.lock"):
                    yield
                    return
            finally:
                os.close(descriptor)

    def _hold_use(self) -> None:
        if self._use is not None and self._use_pid == os.getpid():
            return
        descriptor = self._open_lock("users.lock")
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        self._use, self._use_pid = descriptor, os.getpid()

    def _release_use(self) -> None:
        if self._use is not None:
            os.close(self._use)
        self._use = None

    def _open_lock(self, name: str) -> int:
        try:
            return os.open(self.directory / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except PermissionError:
            raise DataDirectoryNotAccessible(user=server_user().name, place=self.directory) from None

    # Start

    def _start(self, user: ServerUser, tcp_port: int | None) -> None:
        wait_for_leftovers(self.data)
        self._check_disk(_NEEDED_TO_START_MB)
        self._initialise(user)
        self._check_version()
        self._make_private(self.socket_dir, user)
        self._make_private(self.log, user)
        port = tcp_port or DEFAULT_PORT
        self._clear_stale_locks(port)
        if tcp_port and not is_free(tcp_port):
            raise PortInUse(host="127.0.0.1", port=tcp_port, free=free_port())
        names = {user.name, own_name()}
        write_configuration(
            self.data,
            profile=self.profile,
            socket_dir=self.socket_dir,
            port=port,
            listen=tcp_port is not None,
            system_users=names,
        )
        start_log = self.log / "start.log"
        start_log.unlink(missing_ok=True)
        done = subprocess.run(  # noqa: S603
            [self.bin("pg_ctl"), "start", "--wait", "--timeout", str(_START_TIMEOUT_SECONDS), "--silent",
             "--pgdata", self.data, "--log", start_log],
            check=False, capture_output=True, text=True, cwd="/", env=environment(), **user.run_as(),
        )  # fmt: skip
        if done.returncode != 0:
            said = start_log.read_text(errors="replace") if start_log.exists() else done.stderr
            raise self._start_failure(said + self._last_log(), tcp_port)

    def _start_failure(self, said: str, tcp_port: int | None) -> Exception:
        if says_disk_full(said):
            return self._disk_full(_NEEDED_TO_START_MB)
        if tcp_port and "Address already in use" in said:
            return PortInUse(host="127.0.0.1", port=tcp_port, free=free_port())
        if "Permission denied" in said or "has wrong ownership" in said or "invalid permissions" in said:
            return DataDirectoryNotAccessible(user=server_user().name, place=self.data)
        lines = [line.strip() for line in said.splitlines() if "FATAL" in line or "PANIC" in line]
        return DatabaseUnavailable(place=self.directory, log=" ".join(lines[-3:]) or said.strip()[-400:])

    def _last_log(self) -> str:
        """What the server wrote since the log collector took over, if it is what failed just now."""
        recent = [path for path in self.log.glob("postgres-*.log") if time.time() - path.stat().st_mtime < 60]
        return "".join(path.read_text(errors="replace")[-4000:] for path in recent)

    def _initialise(self, user: ServerUser) -> None:
        """Makes the data directory, whole or not at all: an interrupted first start is begun anew."""
        try:
            if (self.data / "PG_VERSION").exists():
                return
            fresh = self.directory / "data.new"
            if fresh.exists():
                shutil.rmtree(fresh)
            self._check_disk(_NEEDED_TO_INITIALISE_MB)
            self._make_private(fresh, user)
        except PermissionError:
            raise DataDirectoryNotAccessible(user=user.name, place=self.directory) from None
        command: list[str | Path] = [
            self.bin("initdb"), "--pgdata", fresh, "--username", ADMINISTRATOR, "--encoding", "UTF8",
            # Built into the server: order and case rules stay the same when the operating system is upgraded,
            # so no index is ever silently wrong. Names are sorted by their pinyin tokens, not by the
            # database.
            "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8",
            "--auth-local", "peer", "--auth-host", "scram-sha-256", "--data-checksums", "--no-instructions",
        ]  # fmt: skip
        if self.profile == "throwaway":
            command.append("--no-sync")
        done = subprocess.run(  # noqa: S603
            command, check=False, capture_output=True, text=True, cwd="/", env=environment(), **user.run_as()
        )
        if done.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            said = done.stdout + done.stderr
            if says_disk_full(said):
                raise self._disk_full(_NEEDED_TO_INITIALISE_MB)
            raise DatabaseUnavailable(place=self.directory, log=said.strip()[-400:])
        fresh.rename(self.data)

    def _check_version(self) -> None:
        try:
            found = (self.data / "PG_VERSION").read_text().strip()
        except PermissionError:
            raise DataDirectoryNotAccessible(user=server_user().name, place=self.data) from None
        if found != str(SERVER_VERSION):
            raise DataFromAnotherVersion(place=self.data, found=found, wanted=SERVER_VERSION)

    def _check_disk(self, needed_mb: int) -> None:
        if shutil.disk_usage(self.directory).free < needed_mb * _MB:
            raise self._disk_full(needed_mb)

    def _disk_full(self, needed_mb: int) -> DiskFull:
        free = shutil.disk_usage(self.directory).free
        return DiskFull(place=self.directory, free_mb=free // _MB, needed_mb=needed_mb)

    def _ensure_database(self, tcp_port: int | None) -> str:
        try:
            with psycopg.connect(self.admin_url(), autocommit=True, connect_timeout=30) as admin:
                owner = sql.Identifier(OWNER)
                if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone():
                    # Not a superuser: a fault in the app must not become a shell on the server or rewrite the
                    # audit.
                    admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(owner))
                if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [OWNER]).fetchone():
                    admin.execute(sql.SQL("CREATE DATABASE {0} OWNER {0}").format(owner))
                if tcp_port is None:
                    return self.url
                password = self._password()
                admin.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(owner, sql.Literal(password)))
        except psycopg.Error as error:
            if says_disk_full(str(error)):
                raise self._disk_full(_NEEDED_TO_START_MB) from None
            raise DatabaseUnavailable(place=self.directory, log=str(error).strip()) from error
        return tcp_url(user=OWNER, password=password, database=OWNER, host="127.0.0.1", port=tcp_port)

    def _password(self) -> str:
        path = self.directory / "password"
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(32))
        return path.read_text()

    def _port(self) -> int:
        """The port of the running server, which also names its socket; else the default."""
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int((self.data / "postmaster.pid").read_text().splitlines()[3])
        return DEFAULT_PORT

    # What a crash leaves behind

    def _postmaster(self) -> psutil.Process | None:
        """The running server of this data directory, not a process that merely has its old number."""
        try:
            first_line = (self.data / "postmaster.pid").read_text().partition("\n")[0]
            process = psutil.Process(int(first_line))
        except (FileNotFoundError, NotADirectoryError, ValueError, psutil.NoSuchProcess):
            return None
        except PermissionError:
            raise DataDirectoryNotAccessible(user=server_user().name, place=self.data) from None
        return process if works_in(process, self.data) else None

    def _clear_stale_locks(self, port: int) -> None:
        """Removes the lock files of dead servers, also where another process has got their number meanwhile.

        PostgreSQL does the first itself, but refuses to start in the second case, which is common in
        containers.
        """
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        lock = self.socket_dir / f".s.PGSQL.{port}.lock"
        try:
            lines = lock.read_text().splitlines()
            process = psutil.Process(int(lines[0]))
            if works_in(process, Path(lines[1])):
                raise SocketInUse(pid=process.pid, place=lock.with_suffix(""))
        except (FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):
            pass
        lock.unlink(missing_ok=True)
        lock.with_suffix("").unlink(missing_ok=True)

    # Stop

    def _stop_if_unused(self) -> bool:
        self._release_use()
        descriptor = self._open_lock("users.lock")
        try:
            if not try_lock(descriptor, fcntl.LOCK_EX):
                return False
            process = self._postmaster()
            if process is not None:
                self._end(process)
            return True
        finally:
            os.close(descriptor)

    def _end(self, process: psutil.Process) -> None:
        # Fast shutdown, and immediate if that hangs: then the next start recovers from the write-ahead log.
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                if not works_in(process, self.data):
                    return
                time.sleep(0.01)

    # Directories

    def _make_home(self, user: ServerUser) -> None:
        """Makes the directory and its parents such that the server's user can go in."""
        shared = os.geteuid() != user.uid
        missing = [path for path in (self.directory, *self.directory.parents) if not path.exists()]
        if shared and (missing or not self.data.exists()):
            self._check_way(user)
        try:
            for path in reversed(missing):
                path.mkdir(exist_ok=True)
                path.chmod(0o711 if shared else 0o700)  # whatever the umask
        except PermissionError:
            raise DataDirectoryNotAccessible(user=own_name(), place=path) from None

    def _check_way(self, user: ServerUser) -> None:
        """Raises DataDirectoryClosed unless the server's user can go down to here, as far as it exists."""
        for path in (*reversed(self.directory.parents), self.directory):
            if not path.exists() or may_enter(path, user):
                continue
            if path not in (self.directory, self.directory.parent):
                raise DataDirectoryClosed(user=user.name, place=path)
            path.chmod(path.stat().st_mode | 0o011)  # our own, made by a part that knows of no other user

    def _make_private(self, path: Path, user: ServerUser) -> None:
        """Makes `path` a directory that only the server's user may enter, or checks that it is one."""
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
            user.own(path)
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != user.uid or status.st_mode & 0o077:
            raise DataDirectoryNotAccessible(user=user.name, place=path)
