"""`dianke doctor`: looks at everything an installation rests on and says, line by line, what it found and
what to do.

An error means that something does not work or that data may be lost; a warning that something is missing
which not everybody needs. The exit status is 1 if there was an error.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import dianke
from dianke.config.terminal import gettext as _
from dianke.config.terminal import say, set_up_django
from dianke.core.errors import DiankeError

if TYPE_CHECKING:
    from dianke.messaging.models import ChannelSetting

_MB = 1024 * 1024
_PACKAGE = Path(dianke.__file__).resolve().parent
LARGEST_SKEW_SECONDS = 2.0
LEAST_FREE_MB, COMFORTABLE_MB = 512, 5120
LEAST_CONNECTIONS = 40


class State(Enum):
    """How bad a finding is; the value is how it is printed."""

    OK = "✓"
    WARNING = "!"
    ERROR = "✗"


@dataclass(frozen=True)
class Finding:
    """What was looked at, what was found, and what to do about it if it is not as it should be."""

    state: State
    subject: str
    found: str
    remedy: str = ""


Check = Callable[[], Iterator[Finding]]


def run(_options: argparse.Namespace) -> int:
    """Prints all findings; 1 if one of them is an error."""
    findings = list(examine())
    for finding in findings:
        say(f"{finding.state.value} {finding.subject}: {finding.found}")
        if finding.remedy:
            say(f"    → {finding.remedy}")
    errors = sum(finding.state is State.ERROR for finding in findings)
    warnings = sum(finding.state is State.WARNING for finding in findings)
    say()
    say(_("%(errors)d errors, %(warnings)d warnings") % {"errors": errors, "warnings": warnings})
    return 1 if errors else 0


def examine() -> Iterator[Finding]:
    """All findings about this installation. Starts the embedded database if needed; leaves it as it was."""
    from dianke.config.cli import running_database
    from dianke.config.doctor_messengers import messengers

    with ExitStack() as stack:
        here: tuple[Check, ...] = (versions, disk, clock_synchronised, static_files, words, fonts, browser)
        inside: tuple[Check, ...] = (migrations, keys, messengers, site, channels)
        try:
            set_up_django()
        except Exception as error:
            yield Finding(State.ERROR, _("Settings"), str(error), _("Correct what the message names."))
            inside = ()
        yield from _all(here)
        try:
            url = stack.enter_context(running_database()).url
        except DiankeError as error:
            yield Finding(State.ERROR, _("Database"), str(error))
            return
        yield from database(url)
        yield from _all(inside)


def _all(checks: tuple[Check, ...]) -> Iterator[Finding]:
    for check in checks:
        try:
            yield from check()
        except DiankeError as error:
            yield Finding(State.ERROR, _subject(check), str(error))
        except Exception as error:
            # The doctor is called when something is broken: one broken check must not hide the others.
            remedy = _("Report this to whoever looks after your Dianke.")
            yield Finding(State.ERROR, _subject(check), f"{type(error).__name__}: {error}", remedy)


def _subject(check: Check) -> str:
    subjects = {
        "keys": _("Keys"),
        "migrations": _("Database version"),
        "messengers": _("Messages to customers"),
        "site": _("Address of this shop"),
        "channels": _("Channels of messages"),
    }
    return subjects.get(check.__name__, check.__name__)


def versions() -> Iterator[Finding]:
    import django

    yield Finding(State.OK, "Dianke", dianke.__version__)
    yield Finding(State.OK, "Python", ".".join(map(str, sys.version_info[:3])))
    if django.VERSION[:2] == (5, 2):
        yield Finding(State.OK, "Django", django.get_version())
    else:
        remedy = _("Run bin/setup again: it installs the versions Dianke was tested with.")
        yield Finding(State.ERROR, "Django", django.get_version(), remedy)


def disk() -> Iterator[Finding]:
    from dianke.core.database import data_home

    place = data_home()
    existing = next(path for path in (place, *place.parents) if path.exists())
    yield judge_disk(place, shutil.disk_usage(existing).free // _MB)


def judge_disk(place: Path, free_mb: int) -> Finding:
    """Whether `free_mb` megabytes are enough where the data lie."""
    found = _("%(free)s MB free at %(place)s") % {"free": free_mb, "place": place}
    remedy = _("Delete or move files on that disk; on a full disk nothing can be sold.")
    if free_mb < LEAST_FREE_MB:
        return Finding(State.ERROR, _("Disk"), found, remedy)
    if free_mb < COMFORTABLE_MB:
        return Finding(State.WARNING, _("Disk"), found, remedy)
    return Finding(State.OK, _("Disk"), found)


def clock_synchronised() -> Iterator[Finding]:
    program = shutil.which("timedatectl")
    if program is None:
        return
    command = [program, "show", "--property=NTPSynchronized", "--value"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=10)  # noqa: S603
    if done.returncode != 0:  # a container has no time service of its own
        return
    if done.stdout.strip() == "yes":
        yield Finding(State.OK, _("Clock"), _("set by the network"))
    else:
        remedy = _("Turn it on (timedatectl set-ntp true): sales are dated by this clock.")
        yield Finding(State.WARNING, _("Clock"), _("not set by the network"), remedy)


def static_files() -> Iterator[Finding]:
    vendor = _PACKAGE / "web" / "static" / "vendor"
    count = sum(path.is_file() for path in vendor.rglob("*"))
    if count:
        yield Finding(State.OK, _("Front-end files"), _("%d files") % count)
    else:
        remedy = _("Run bin/setup; without them pages have no style.")
        yield Finding(State.ERROR, _("Front-end files"), _("missing"), remedy)


def words() -> Iterator[Finding]:
    missing = sorted(
        path.parents[2].parent.name
        for path in _PACKAGE.glob("*/locale/*/LC_MESSAGES/django.po")
        if not path.with_suffix(".mo").exists()
    )
    if missing:
        remedy = _("Run bin/messages compile; until then these parts speak English.")
        yield Finding(State.WARNING, _("Translations"), _("not compiled: %s") % ", ".join(missing), remedy)
    else:
        yield Finding(State.OK, _("Translations"), _("compiled"))


def fonts() -> Iterator[Finding]:
    program = shutil.which("fc-list")
    names = ""
    if program:
        command = [program, ":lang=zh-cn", "family"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)  # noqa: S603
        names = done.stdout
    if sys.platform == "darwin" or names.strip():
        first = names.strip().splitlines()[0] if names.strip() else "PingFang SC"
        yield Finding(State.OK, _("Chinese font"), first)
    else:
        remedy = _("Install one (Debian: apt install fonts-noto-cjk); screenshots and printed pages need it.")
        yield Finding(State.WARNING, _("Chinese font"), _("none found"), remedy)


def browser() -> Iterator[Finding]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found:
        yield Finding(State.OK, "Chromium", found)
    else:
        remedy = _("Only the browser tests need it (Debian: apt install chromium).")
        yield Finding(State.WARNING, "Chromium", _("not found"), remedy)


# What each setting must be so that nothing acknowledged is ever lost, or the wrong day booked.
SAFE_SETTINGS = {
    "fsync": frozenset({"on"}),
    "full_page_writes": frozenset({"on"}),
    "synchronous_commit": frozenset({"on", "remote_apply", "remote_write", "local"}),
    "server_encoding": frozenset({"UTF8"}),
}


def judge_settings(values: Mapping[str, str]) -> Iterator[Finding]:
    """Findings about a server whose settings, as `SHOW` gives them, are `values`."""
    for name, wanted in SAFE_SETTINGS.items():
        if values[name] in wanted:
            yield Finding(State.OK, name, values[name])
            continue
        remedy = {
            "server_encoding": _("Create the database anew with encoding UTF8, and restore a dump into it."),
        }.get(name, _("Set %s = on in postgresql.conf and reload: as it is, a power cut loses sales.") % name)
        yield Finding(State.ERROR, name, values[name], remedy)
    if values["TimeZone"] in ("UTC", "Etc/UTC", "GMT"):
        yield Finding(State.OK, "TimeZone", values["TimeZone"])
    else:
        remedy = _("Dianke sets UTC for itself; set it for the server too, so that its log agrees.")
        yield Finding(State.WARNING, "TimeZone", values["TimeZone"], remedy)
    connections = int(values["max_connections"])
    if connections >= LEAST_CONNECTIONS:
        yield Finding(State.OK, "max_connections", str(connections))
    else:
        remedy = _("Set max_connections to at least %d.") % LEAST_CONNECTIONS
        yield Finding(State.WARNING, "max_connections", str(connections), remedy)
    if values["lock_timeout"] == "0":
        remedy = _("Set it, for example: ALTER DATABASE … SET lock_timeout = '10s'.")
        yield Finding(State.WARNING, "lock_timeout", _("waits for ever"), remedy)
    else:
        yield Finding(State.OK, "lock_timeout", _("%s ms") % values["lock_timeout"])


def judge_skew(seconds: float) -> Finding:
    """Whether the database's clock, ahead of ours by `seconds`, agrees with it."""
    found = _("database %+.1f s against this computer") % seconds
    if abs(seconds) <= LARGEST_SKEW_SECONDS:
        return Finding(State.OK, _("Clocks"), found)
    return Finding(State.ERROR, _("Clocks"), found, _("Let both computers set their clocks by the network."))


def database(url: str) -> Iterator[Finding]:
    """Findings about the server at `url`, which answers."""
    import psycopg

    names = (*SAFE_SETTINGS, "TimeZone", "max_connections", "lock_timeout", "server_version")
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        values = {}
        for name in names:
            # A session may set some of these for itself; what matters is how the server is set.
            row = connection.execute(
                "SELECT coalesce((SELECT reset_val FROM pg_settings WHERE name = %s), '')", [name]
            ).fetchone()
            values[name] = str(row[0]) if row else ""
        asked = time.time()
        row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
        answered = time.time()
    yield Finding(State.OK, "PostgreSQL", values["server_version"])
    yield from judge_settings(values)
    if row is not None:
        yield judge_skew(row[0] - (asked + answered) / 2)


def migrations() -> Iterator[Finding]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        found = _("%d steps missing") % len(missing)
        yield Finding(State.WARNING, _("Database version"), found, _("Run: dianke migrate"))
    else:
        yield Finding(State.OK, _("Database version"), _("up to date"))


def keys() -> Iterator[Finding]:
    from django.db import connection

    from dianke.core.data_keys import check_keys
    from dianke.core.models import KeyRecord

    if KeyRecord._meta.db_table not in connection.introspection.table_names():
        return  # nothing is encrypted before the first migration
    check_keys()
    yield Finding(State.OK, _("Keys"), _("present, and those this database was encrypted with"))


def site() -> Iterator[Finding]:
    """The address links in messages begin with: letters cannot be stopped by their readers without one."""
    from django.db import connection

    from dianke.messaging.models import Channel, ChannelSetting
    from dianke.messaging.queries.carriers import in_use
    from dianke.web.addresses import site_address

    address, subject = site_address(), _("Address of this shop")
    if address.startswith("https://"):
        yield Finding(State.OK, subject, address)
    elif address:
        remedy = _(
            "Mail programs stop letters in one click only over https. Set DIANKE_ORIGINS to an address with it."
        )
        yield Finding(State.WARNING, subject, address, remedy)
    else:
        remedy = _(
            "Set DIANKE_ORIGINS, for example https://shop.example, and start again: links in messages begin with it,"
            " and offers and care by email do not go out without the link that ends them."
        )
        has_tables = ChannelSetting._meta.db_table in connection.introspection.table_names()
        writes = has_tables and in_use(Channel.EMAIL) is not None
        yield Finding(State.ERROR if writes else State.WARNING, subject, _("not set"), remedy)


def _mailbox_failing(row: ChannelSetting) -> Finding:
    from dianke.messaging.models import ChannelSetting

    remedies = {
        ChannelSetting.Trouble.LOGIN: _(
            "Correct its user name and password under Settings, Channels. NetEase and QQ want IMAP switched on and a"
            " code of authorisation instead of the password."
        ),
        ChannelSetting.Trouble.REACH: _("Correct its server and port under Settings, Channels."),
    }
    found = _("the mailbox of reports is not read since %(since)s: %(trouble)s (%(said)s)") % {
        "since": f"{row.reports_failing_since:%Y-%m-%d %H:%M}",
        "trouble": row.get_reports_trouble_display(),
        "said": row.reports_said,
    }
    usual = _("Look at the mailbox in the web page of its provider; it is tried again every five minutes.")
    remedy = remedies.get(ChannelSetting.Trouble(row.reports_trouble), usual)
    return Finding(State.ERROR, _("Channels"), found, remedy)


def channels() -> Iterator[Finding]:
    """Channels people set up: whether their carrier is there, whether reports of undelivered letters are read, and
    whether messages are stuck."""
    from django.db import connection
    from django.utils import timezone

    from dianke.messaging.models import ChannelSetting
    from dianke.messaging.queries.carriers import carried_by
    from dianke.messaging.queries.stuck import stuck_since

    if ChannelSetting._meta.db_table not in connection.introspection.table_names():
        return
    subject = _("Channels of messages")
    for row in ChannelSetting.objects.filter(is_on=True).order_by("channel"):
        used = carried_by(row.channel, row)
        if used is None:
            remedy = _("Choose another carrier under Settings, Channels.")
            yield Finding(State.ERROR, subject, f"{row.channel}: {row.carrier}", remedy)
        else:
            yield Finding(State.OK, subject, f"{row.channel}: {used.carrier.code}")
        if row.reports_trouble:
            yield _mailbox_failing(row)
    since = stuck_since(timezone.now())
    if since is not None:
        remedy = _("See whether the worker runs (dianke run) and the carrier is reached.")
        yield Finding(State.WARNING, subject, _("messages wait since %s") % f"{since:%Y-%m-%d %H:%M}", remedy)
