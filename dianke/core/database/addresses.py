"""Which database Dianke speaks to: reads `DATABASE_URL` and asks a server whether it will do.

libpq itself takes the address apart, so everything it understands works: postgres:// and postgresql://,
sockets, percent-encoded passwords, sslmode, several hosts, keyword=value strings.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

from dianke.core.database.errors import BadDatabaseUrl, ServerTooOld, explain_failure
from dianke.core.database.places import data_home

OLDEST_SERVER = 160000
_DJANGO_NAMES = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def socket_url(*, user: str, database: str, socket_dir: os.PathLike[str], port: int) -> str:
    """The address of a database behind a unix socket."""
    query = urlencode({"host": os.fspath(socket_dir), "port": port})
    return f"postgresql://{quote(user)}@/{quote(database)}?{query}"


def tcp_url(*, user: str, password: str, database: str, host: str, port: int) -> str:
    """The address of a database behind a TCP port."""
    return f"postgresql://{quote(user)}:{quote(password, safe='')}@{host}:{port}/{quote(database)}"


def django_database(url: str) -> dict[str, Any]:
    """`DATABASES["default"]` for Django from an address as in `DATABASE_URL`.

    Raises BadDatabaseUrl when it is not an address of a PostgreSQL database.
    """
    parts = _parse(url)
    options = {key: value for key, value in parts.items() if key not in _DJANGO_NAMES}
    options.setdefault("application_name", "dianke")
    options["connect_timeout"] = int(options.get("connect_timeout", 10))
    settings: dict[str, Any] = {"ENGINE": "django.db.backends.postgresql"}
    settings |= {name: parts.get(key, "") for key, name in _DJANGO_NAMES.items()}
    # A connection is kept, and looked at before use: a restarted database costs no failed request.
    return settings | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "OPTIONS": options}


def default_database() -> dict[str, Any]:
    """Django's settings for the embedded database in `data_home()`, without starting it."""
    from dianke.core.database.cluster import Cluster

    return django_database(Cluster(data_home() / "postgres").url)


def check_server(url: str, *, timeout_seconds: int = 10) -> int:
    """The version number (180004 for 18.4) of the server at `url`.

    Raises WrongPassword, DatabaseMissing, NotReachable, TooManyConnections … when it does not answer as it
    should, and ServerTooOld below PostgreSQL 16.
    """
    _parse(url)
    try:
        with psycopg.connect(url, connect_timeout=timeout_seconds, autocommit=True) as connection:
            connection.execute("SELECT 1")
            version = connection.info.server_version
    except psycopg.Error as error:
        raise explain_failure(error, conninfo=url) from None
    require_version(version, place=str(_parse(url).get("host") or "localhost"))
    return version


def require_version(version: int, *, place: str) -> None:
    """Raises ServerTooOld unless `version` (libpq's number, 160002 for 16.2) is PostgreSQL 16 or newer."""
    if version < OLDEST_SERVER:
        # Until 9.6 a major version was two numbers.
        found = str(version // 10000) if version >= 100000 else f"{version // 10000}.{version // 100 % 100}"
        raise ServerTooOld(place=place, found=found, wanted=OLDEST_SERVER // 10000)


def _parse(url: str) -> dict[str, Any]:
    scheme = url.partition("://")[0] if "://" in url else ""
    if scheme and scheme not in ("postgres", "postgresql"):
        raise BadDatabaseUrl(reason=f"{scheme}:// is not PostgreSQL")
    try:
        parts = {key: value for key, value in conninfo_to_dict(url).items() if value is not None}
    except psycopg.Error as error:
        # libpq quotes the string it could not read, and that may hold the password.
        reason = str(error).split('"')[0].split(": ")[0].strip() or type(error).__name__
        raise BadDatabaseUrl(reason=reason) from None
    if not all(port.isdecimal() for port in str(parts.get("port", "")).split(",") if port):
        raise BadDatabaseUrl(reason="the port is not a number")
    if not parts.get("dbname"):
        raise BadDatabaseUrl(reason="the name of the database is missing")
    return parts
