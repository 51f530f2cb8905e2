"""Brings a database up to this version before it is served, and knows when there is nothing to do.

Runs as a process of its own, so that the memory it takes is given back. What it found is kept in
`prepared.json`: as long as neither the program nor the database has changed since, the next start skips it
and is quick.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType

import psycopg

import dianke
from dianke.config import baseline
from dianke.config.terminal import gettext as _
from dianke.config.terminal import say
from dianke.core.database import data_home

_ADVISORY_LOCK = 0x64696B65  # "dike"; any number nobody else uses
_PACKAGE = Path(dianke.__file__).resolve().parent


@dataclass(frozen=True)
class Prepared:
    """What the last preparation left: state of program and database, the demo's people (role, name, password), and
    whether the first start is done.
    """

    fingerprint: str
    migrations: list[int]
    has_demo_people: bool = False
    logins: list[list[str]] = field(default_factory=list)
    has_merchant: bool = True


def fingerprint() -> str:
    """Changes when any migration of ours or any installed package changes."""
    digest = hashlib.sha256(dianke.__version__.encode())
    for path in sorted(_PACKAGE.glob("*/migrations/*.py")):
        status = path.stat()
        digest.update(f"{path.relative_to(_PACKAGE)} {status.st_size} {status.st_mtime_ns}\n".encode())
    spec = importlib.util.find_spec("django")
    if spec is not None and spec.origin is not None:
        packages = sorted(path.name for path in Path(spec.origin).parent.parent.glob("*.dist-info"))
        digest.update("\n".join(packages).encode())
    return digest.hexdigest()


def applied_migrations(url: str) -> list[int]:
    """Number and last id of the migrations applied to the database and which cluster it lives in; [0, 0] for an
    empty one.
    """
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        if connection.execute("SELECT to_regclass('django_migrations')").fetchone() == (None,):
            return [0, 0]
        # The system identifier tells a restored or moved database from the one that was prepared.
        row = connection.execute(
            "SELECT count(*), coalesce(max(id), 0), (SELECT system_identifier FROM pg_control_system())"
            " FROM django_migrations"
        ).fetchone()
        return list(row or (0, 0, 0))


def last_prepared(url: str) -> Prepared | None:
    """What the last preparation left, if it still holds for this program and the database at `url`."""
    try:
        prepared = Prepared(**json.loads(_memory().read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None
    if prepared.fingerprint == fingerprint() and prepared.migrations == applied_migrations(url):
        return prepared
    return None


def run(options: argparse.Namespace) -> int:
    """Migrates, loads the demo merchant into a database nobody has used yet, and remembers what stands."""
    from django.conf import settings

    # Static files are served from the package; the folder for gathered ones is expected to be there all the
    # same.
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    with _alone(database_url()):
        migrate()
        settle()
        if not options.no_demo and _is_new():
            load_demo()
        remember()
    return 0


def migrate(*, verbose: bool = False) -> None:
    """Applies what is missing. Says so only if there is something."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    is_new = baseline.lay(database_url())
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        say(_("Bringing the database up to this version (%d steps) …") % len(missing))
    if missing or is_new:
        call_command("migrate", interactive=False, verbosity=1 if verbose else 0)
    elif verbose:
        say(_("The database is up to date."))


def settle() -> None:
    """What a new, upgraded or restored database needs before it is served: keys known and matching, people erased
    meanwhile kept erased, the log continued in its own era.
    """
    from django.utils import timezone

    from dianke.core.data_keys import register_keys
    from dianke.core.erasure import reconcile_erasures
    from dianke.events.starting import prepare_log

    register_keys()
    reconcile_erasures(now=timezone.now())
    prepare_log()


def load_demo(trade: str | None = None) -> None:
    """Loads the demo merchant, or one trade of it."""
    demo = demo_merchant()
    if demo is None:
        return
    say(_("Loading the demo merchant …"))
    demo.load(trade=trade)


def remember() -> None:
    """Writes down what stands, for the next start. To be called after the demo was loaded or removed."""
    from dianke.stores.models import Merchant

    demo = demo_merchant()
    has_people = bool(demo and demo.demo_people_exist())
    prepared = Prepared(
        fingerprint=fingerprint(),
        migrations=applied_migrations(database_url()),
        has_demo_people=has_people,
        logins=[list(map(str, login)) for login in demo.logins()] if demo and has_people else [],
        has_merchant=Merchant.objects.exists(),
    )
    path = _memory()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(prepared), ensure_ascii=False, indent=1), encoding="utf-8")
    fresh.chmod(0o600)
    fresh.replace(path)


def _is_new() -> bool:
    """Whether nobody can sign in yet and no demo was ever loaded from this data directory."""
    from django.contrib.auth import get_user_model

    return not _memory().exists() and not get_user_model().objects.exists()


def _memory() -> Path:
    return data_home() / "prepared.json"


def database_url() -> str:
    """The address of the database in use, embedded or given."""
    from dianke.core.database import Cluster

    return os.environ.get("DATABASE_URL") or Cluster(data_home() / "postgres").url


def demo_merchant() -> ModuleType | None:
    """The room that makes the demo: `load(trade=)`, `remove()`, `demo_people_exist()`, `logins()`."""
    if importlib.util.find_spec("dianke.config.demo") is None:
        return None
    return importlib.import_module("dianke.config.demo")


@contextmanager
def _alone(url: str) -> Iterator[None]:
    """One process at a time prepares a database, also where several machines serve it."""
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        connection.execute("SET lock_timeout = 0")
        connection.execute("SELECT pg_advisory_lock(%s)", [_ADVISORY_LOCK])
        yield
