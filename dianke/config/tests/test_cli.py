"""The `dianke` command: what it offers, in which language, and what it says when it cannot."""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from dianke.access.models import User
from dianke.config import chores
from dianke.config.cli import build_parser, commands
from dianke.config.serve import is_loopback, served_names
from dianke.config.terminal import gettext, language
from dianke.core.actor import Actor
from dianke.stores.operations import add_legal_entity, set_up_merchant


def dianke(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dianke.config.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env=os.environ | environment,
    )


def test_help_needs_neither_settings_nor_database(tmp_path: Path) -> None:
    done = dianke("--help", DJANGO_SETTINGS_MODULE="no.such.settings", DIANKE_DATA=str(tmp_path / "new"))
    assert done.returncode == 0
    for command in commands():
        assert command.words.split()[0] in done.stdout or command.words == "prepare"
    assert not (tmp_path / "new").exists()


def test_each_command_names_a_function_that_exists() -> None:
    import importlib

    for command in commands():
        module, _colon, name = command.target.partition(":")
        assert callable(getattr(importlib.import_module(module), name)), command.words


def test_data_directory_may_stand_before_or_after_the_command() -> None:
    parser = build_parser()
    assert parser.parse_args(["--data", "/a", "migrate"]).data == "/a"
    assert parser.parse_args(["migrate", "--data", "/b"]).data == "/b"
    assert parser.parse_args(["user", "list", "--data", "/c"]).data == "/c"
    assert parser.parse_args(["migrate"]).data is None


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "zh-hans"),
        ({"LANG": "C.UTF-8"}, "zh-hans"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_TW.UTF-8"}, "zh-hant"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh-hans"),
        ({"LANG": "zh_CN.UTF-8", "DIANKE_LANGUAGE": "en"}, "en"),
    ],
)
def test_the_language_is_the_persons_locale_and_chinese_by_default(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for name in ("DIANKE_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == expected


def test_words_come_in_the_chosen_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIANKE_LANGUAGE", "zh-hans")
    assert gettext("up to date") == "已是最新"
    monkeypatch.setenv("DIANKE_LANGUAGE", "en")
    assert gettext("up to date") == "up to date"


def test_an_unreachable_database_is_one_sentence_and_not_a_traceback() -> None:
    done = dianke(
        "user", "list", DATABASE_URL="postgresql://shop:secret@127.0.0.1:1/crm", DIANKE_LANGUAGE="en"
    )
    assert done.returncode == 1
    assert done.stderr.startswith("The database at 127.0.0.1:1 cannot be reached: Connection refused")
    assert "secret" not in done.stderr
    assert "Traceback" not in done.stderr


def test_errors_before_django_stands_are_chinese_too() -> None:
    done = dianke("run", "--port", "1", DATABASE_URL="mysql://db/crm", DIANKE_LANGUAGE="zh-hans")
    assert done.returncode == 1
    assert "DATABASE_URL 无法识别" in done.stderr


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("127.8.8.8", True), ("0.0.0.0", False),
     ("192.168.1.5", False), ("::", False), ("shop.example", False)],
)  # fmt: skip
def test_loopback_is_told_from_what_others_can_reach(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_served_names_are_the_computers_own_and_no_wildcard() -> None:
    assert served_names("127.0.0.1") == "127.0.0.1,[::1],localhost"
    assert "192.168.7.7" in served_names("192.168.7.7").split(",")
    assert "*" not in served_names("0.0.0.0")


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Types a line into the command that runs next."""
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text + "\n"))


def person(username: str, **options: str) -> argparse.Namespace:
    return argparse.Namespace(
        **{"username": username, "name": "", "number": "", "role": "ADMINISTRATOR"} | options
    )


@pytest.mark.django_db
def test_a_person_is_added_given_a_new_password_and_disabled(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    type_in: Callable[[str], None],
    system: Actor,
    now: datetime,
) -> None:
    monkeypatch.setenv("DIANKE_LANGUAGE", "en")
    set_up_merchant(
        name="云裳", trade="BEAUTY", currency="CNY", language="zh-hans", time_zone="Asia/Shanghai",
        actor=system, now=now,
    )  # fmt: skip
    add_legal_entity(values={"name": "云裳美容有限公司", "short_name": "云裳"}, actor=system, now=now)
    type_in("a long enough passphrase")
    chores.add_user(person("chen", name="陈店长"))
    user = User.objects.get(username="chen")
    assert user.check_password("a long enough passphrase")
    assert [posting.role.code for posting in user.staff.postings.all()] == ["ADMINISTRATOR"]
    type_in("another good passphrase")
    chores.reset_password(person("CHEN"))
    user.refresh_from_db()
    assert user.check_password("another good passphrase")
    chores.disable_user(person("chen"))
    chores.list_users(argparse.Namespace())
    assert "陈店长  (disabled)" in capsys.readouterr().out
    with pytest.raises(chores.NoSuchUser):
        chores.disable_user(person("nobody"))
    with pytest.raises(chores.NoSuchRole):
        chores.add_user(person("li", role="EMPEROR"))


@pytest.mark.django_db
def test_nobody_is_added_before_there_is_a_merchant() -> None:
    with pytest.raises(chores.NoMerchantYet):
        chores.add_user(person("chen"))


@pytest.mark.django_db
def test_a_sound_ledger_and_log_are_proven(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DIANKE_LANGUAGE", "en")
    assert chores.verify_ledger(argparse.Namespace()) == 0
    assert chores.verify_audit(argparse.Namespace()) == 0
    assert "Ledger: everything is right." in capsys.readouterr().out


def test_problems_found_are_all_printed_and_make_the_command_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DIANKE_LANGUAGE", "en")
    assert chores._tell("Ledger", ["unit CNY is off by 1", "lot 7 is below zero"]) == 1
    printed = capsys.readouterr().err
    assert "off by 1" in printed
    assert "lot 7" in printed
    assert "2 problems" in printed
    assert chores._tell("Ledger", []) == 0
