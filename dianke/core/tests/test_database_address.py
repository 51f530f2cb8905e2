"""`DATABASE_URL`: what is understood, and what is told when the server behind it will not do."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from dianke.core.database import (
    BadDatabaseUrl,
    Cluster,
    DatabaseMissing,
    NotReachable,
    ServerTooOld,
    TooManyConnections,
    WrongPassword,
    check_server,
    data_home,
    default_database,
    django_database,
    explain_failure,
    free_port,
    require_version,
)
from dianke.core.errors import DiankeError


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address, with password, of a server on TCP."""
    directory = Path(tempfile.mkdtemp(prefix="dk-"))
    directory.chmod(0o711)
    cluster = Cluster(directory / "pg", profile="throwaway")
    yield cluster.ensure_started(tcp_port=free_port())
    cluster.discard()
    shutil.rmtree(directory)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://shop:p%40ss%2Fword@db.example:6432/crm?sslmode=require",
            {"NAME": "crm", "USER": "shop", "PASSWORD": "p@ss/word", "HOST": "db.example", "PORT": "6432"},
        ),
        ("postgres://shop@/crm?host=/run/pg", {"NAME": "crm", "USER": "shop", "HOST": "/run/pg", "PORT": ""}),
        ("postgresql://%2Frun%2Fpg/crm", {"NAME": "crm", "HOST": "/run/pg", "PASSWORD": ""}),
        ("postgresql://[::1]:5433/%E5%BA%97", {"NAME": "店", "HOST": "::1", "PORT": "5433"}),
        ("host=db dbname=crm user=shop", {"NAME": "crm", "USER": "shop", "HOST": "db"}),
    ],
)
def test_an_address_becomes_djangos_settings(url: str, expected: dict[str, str]) -> None:
    settings = django_database(url)
    assert {key: settings[key] for key in expected} == expected
    assert settings["ENGINE"] == "django.db.backends.postgresql"


def test_connection_options_are_kept() -> None:
    settings = django_database("postgresql://db/crm?sslmode=verify-full&connect_timeout=3&application_name=x")
    assert settings["OPTIONS"] == {"sslmode": "verify-full", "connect_timeout": 3, "application_name": "x"}


@pytest.mark.parametrize(
    "url",
    [
        "mysql://db/crm",
        "sqlite:///crm.db",
        "postgresql://db:port/crm",
        "postgresql://db/crm?colour=red",
        "crm",
        "postgresql://host-only",
    ],
)
def test_what_is_not_an_address_of_postgresql_is_refused(url: str) -> None:
    with pytest.raises(BadDatabaseUrl):
        django_database(url)


def test_a_bad_address_is_reported_without_its_password() -> None:
    with pytest.raises(BadDatabaseUrl) as told:
        django_database("postgresql://shop:very-secret@db:99x/crm")
    assert "very-secret" not in str(told.value)


def test_settings_of_the_embedded_server_need_no_running_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DIANKE_DATA", str(tmp_path / "new"))
    assert data_home() == tmp_path / "new"
    assert default_database()["NAME"] == "dianke"
    assert not (tmp_path / "new").exists()


def test_a_server_that_will_do_tells_its_version(server: str) -> None:
    assert check_server(server) >= 180000


def test_a_wrong_password_is_named_and_not_repeated(server: str) -> None:
    host = server.rpartition("@")[2]
    with pytest.raises(WrongPassword) as told:
        check_server(f"postgresql://dianke:guessed-secret@{host}")
    assert told.value.params["user"] == "dianke"
    assert "guessed-secret" not in str(told.value)


def test_an_unknown_database_is_named(server: str) -> None:
    with pytest.raises(DatabaseMissing) as told:
        check_server(server.rpartition("/")[0] + "/elsewhere")
    assert told.value.params["database"] == "elsewhere"


@pytest.mark.parametrize("host", ["127.0.0.1", "no-such-host.invalid"])
def test_a_server_that_does_not_answer_is_named(host: str) -> None:
    port = free_port()
    with pytest.raises(NotReachable) as told:
        check_server(f"postgresql://shop:hidden@{host}:{port}/crm", timeout_seconds=5)
    assert str(port) in str(told.value)
    assert "refused" in told.value.params["reason"] or "resolve" in told.value.params["reason"]
    assert "hidden" not in str(told.value)


@pytest.mark.parametrize(("version", "found"), [(150012, "15"), (90624, "9.6"), (159999, "15")])
def test_a_server_older_than_16_is_refused(version: int, found: str) -> None:
    with pytest.raises(ServerTooOld) as told:
        require_version(version, place="db")
    assert told.value.params["found"] == found


def test_16_is_new_enough() -> None:
    assert require_version(160000, place="db") is None


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ('FATAL:  password authentication failed for user "shop"', WrongPassword),
        ('致命错误:  用户 "shop" Password 认证失败', WrongPassword),
        ("fe_sendauth: no password supplied", WrongPassword),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "shop"', WrongPassword),
        ('FATAL:  database "crm" does not exist', DatabaseMissing),
        ('致命错误:  数据库 "crm" 不存在', DatabaseMissing),
        ("FATAL:  sorry, too many clients already", TooManyConnections),
        ("connection timeout expired", NotReachable),
    ],
)
def test_the_servers_sentence_becomes_a_named_error(said: str, kind: type[DiankeError]) -> None:
    error = explain_failure(psycopg.OperationalError(said), conninfo="postgresql://shop@db/crm")
    assert type(error) is kind
