"""What can go wrong between Dianke and its database, each with a sentence that says what to do.

The first half concerns the embedded server that we start ourselves, the second half any server that is
reached through `DATABASE_URL`. `explain_failure` turns the driver's error into one of these.
"""

from __future__ import annotations

import re

import psycopg
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput, TemporarilyUnavailable


class DatabaseUnavailable(TemporarilyUnavailable):
    """The database does not work for a reason we cannot name better; `log` is the end of what it said."""

    code = "database_unavailable"
    message = _(
        "The database in %(place)s did not start. Its last words: %(log)s. "
        "Run `dianke doctor`, put right what it names, and start again."
    )


class SocketInUse(TemporarilyUnavailable):
    code = "database_socket_in_use"
    message = _(
        "Another program (process %(pid)s) uses the database socket %(place)s. "
        "Stop that program, or start Dianke with another data directory (--data)."
    )


class PortInUse(TemporarilyUnavailable):
    code = "port_in_use"
    message = _(
        "Port %(port)s on %(host)s is used by another program. Stop that program, or choose another port: "
        "%(free)s is free."
    )


class DiskFull(TemporarilyUnavailable):
    code = "disk_full"
    message = _(
        "The disk that holds %(place)s is full: %(free_mb)s MB free, at least %(needed_mb)s MB needed. "
        "Delete or move files there, or choose another data directory (--data); what was saved is not lost."
    )


class DataDirectoryNotAccessible(InvalidInput):
    code = "data_directory_not_accessible"
    message = _(
        "The user %(user)s may not read and write %(place)s. Give that directory to this user (chown), "
        "or choose another data directory (--data)."
    )


class DataDirectoryClosed(InvalidInput):
    code = "data_directory_closed"
    message = _(
        "The database runs as the user %(user)s, who may not enter %(place)s. "
        "Choose a data directory elsewhere (--data), for example below /var/lib, "
        "or open this one (chmod o+x)."
    )


class DataFromAnotherVersion(InvalidInput):
    code = "data_from_another_version"
    message = _(
        "The data in %(place)s was made by PostgreSQL %(found)s, this Dianke runs PostgreSQL %(wanted)s. "
        "Start it with the Dianke that made it, take a dump with pg_dump, "
        "and restore the dump into a new data directory."
    )


class SystemUserMissing(InvalidInput):
    code = "system_user_missing"
    message = _(
        "PostgreSQL refuses to run as root, and the system user %(user)s could not be created. "
        "Create it (useradd --system %(user)s), or start Dianke as an ordinary user."
    )


class BadDatabaseUrl(InvalidInput):
    code = "bad_database_url"
    message = _(
        "DATABASE_URL cannot be understood: %(reason)s. "
        "It has the form postgresql://user:password@host:5432/database?sslmode=require."
    )


class ServerTooOld(InvalidInput):
    code = "database_too_old"
    message = _(
        "The database at %(place)s is PostgreSQL %(found)s; Dianke needs PostgreSQL %(wanted)s or newer. "
        "Upgrade that server, or unset DATABASE_URL to use the embedded one."
    )


class WrongPassword(InvalidInput):
    code = "database_wrong_password"
    message = _(
        "The database at %(place)s refused user %(user)s: wrong password, "
        "or this user may not connect from here. Correct user and password in DATABASE_URL; "
        "a special character in the password is written percent-encoded."
    )


class DatabaseMissing(InvalidInput):
    code = "database_missing"
    message = _(
        "The server at %(place)s has no database %(database)s. Create it (createdb %(database)s), "
        "or correct the name in DATABASE_URL."
    )


class TooManyConnections(TemporarilyUnavailable):
    code = "database_too_many_connections"
    message = _(
        "The database at %(place)s has no connection left. Wait a moment; if it stays, "
        "raise max_connections there or lower the number of workers."
    )


class NotReachable(TemporarilyUnavailable):
    code = "database_not_reachable"
    message = _(
        "The database at %(place)s cannot be reached: %(reason)s. Check that the server runs, the address in "
        "DATABASE_URL is right and no firewall is between."
    )


# libpq gives no error code for a refused connection, only the server's sentence, in the server's language.
_REFUSED = re.compile(
    r"authentication failed|no password supplied|pg_hba\.conf|role .* does not exist"
    r"|is not permitted to log in|认证失败|認證失敗|没有提供口令|角色.*不存在|未被允许登录",
)
_NO_DATABASE = re.compile(r"database .* does not exist|数据库.*不存在|資料庫.*不存在")
_NO_SLOT = re.compile(r"too many (clients|connections)|remaining connection slots|太多.*(连接|客户)|连接槽")
_NO_SPACE = re.compile(r"No space left on device|设备上没有空间|could not extend file")


def says_disk_full(text: str) -> bool:
    """Whether a message of PostgreSQL tells of a full disk."""
    return bool(_NO_SPACE.search(text))


def explain_failure(error: psycopg.Error, *, conninfo: str) -> InvalidInput | TemporarilyUnavailable:
    """The named error behind a failed connection to `conninfo`; never repeats the password."""
    known = psycopg.conninfo.conninfo_to_dict(conninfo)
    host = str(known.get("host") or "localhost")
    place = host if host.startswith("/") else f"{host}:{known.get('port') or 5432}"
    user, database = str(known.get("user") or ""), str(known.get("dbname") or known.get("user") or "")
    text = str(error)
    if _NO_DATABASE.search(text):
        return DatabaseMissing(place=place, database=database)
    if _REFUSED.search(text):
        return WrongPassword(place=place, user=user)
    if _NO_SLOT.search(text):
        return TooManyConnections(place=place)
    if says_disk_full(text):
        return DiskFull(place=place, free_mb=0, needed_mb=1)
    if error.pgconn is not None and error.pgconn.used_password and "FATAL" in text:
        return WrongPassword(place=place, user=user)
    # "connection failed: connection to server at "…", port 1 failed: Connection refused\n\tIs the server …"
    first = text.strip().splitlines()[0].rpartition("failed: ")[2].strip() if text.strip() else ""
    reason = first or type(error).__name__
    password = str(known.get("password") or "")
    return NotReachable(place=place, reason=reason.replace(password, "***") if password else reason)
