"""What the doctor says about safe and unsafe installations."""

from __future__ import annotations

import argparse
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.utils import timezone

from dianke.config import doctor
from dianke.config.checks import database_is_safe
from dianke.config.doctor import Finding, State
from dianke.core.actor import SYSTEM
from dianke.messaging.models import ChannelSetting
from dianke.messaging.operations import note_reports
from dianke.messaging.tests.post import make_post

SAFE = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "server_encoding": "UTF8",
    "TimeZone": "UTC",
    "max_connections": "100",
    "lock_timeout": "10000",
}


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIANKE_LANGUAGE", "en")


def by_subject(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings}


def test_a_safe_server_gives_no_cause_for_complaint() -> None:
    assert {finding.state for finding in doctor.judge_settings(SAFE)} == {State.OK}


@pytest.mark.parametrize(
    ("name", "value", "state", "remedy"),
    [
        ("fsync", "off", State.ERROR, "Set fsync = on"),
        ("full_page_writes", "off", State.ERROR, "Set full_page_writes = on"),
        ("synchronous_commit", "off", State.ERROR, "a power cut loses sales"),
        ("synchronous_commit", "remote_apply", State.OK, ""),
        ("server_encoding", "LATIN1", State.ERROR, "encoding UTF8"),
        ("TimeZone", "Asia/Shanghai", State.WARNING, "Dianke sets UTC"),
        ("max_connections", "20", State.WARNING, "at least 40"),
        ("lock_timeout", "0", State.WARNING, "ALTER DATABASE"),
    ],
)
def test_an_unsafe_setting_comes_with_its_remedy(name: str, value: str, state: State, remedy: str) -> None:
    found = by_subject(list(doctor.judge_settings(SAFE | {name: value})))[name]
    assert found.state is state
    assert remedy in found.remedy


@pytest.mark.parametrize(("free_mb", "state"), [(100, State.ERROR), (2000, State.WARNING), (9000, State.OK)])
def test_little_space_is_a_warning_and_none_an_error(free_mb: int, state: State) -> None:
    assert doctor.judge_disk(Path("/data"), free_mb).state is state


@pytest.mark.parametrize(("seconds", "state"), [(0.4, State.OK), (-1.9, State.OK), (30, State.ERROR)])
def test_clocks_that_disagree_are_an_error(seconds: float, state: State) -> None:
    assert doctor.judge_skew(seconds).state is state


def test_the_server_of_the_tests_is_found_unsafe_as_it_is() -> None:
    found = by_subject(list(doctor.database(os.environ["DATABASE_URL"])))
    assert found["fsync"].state is State.ERROR
    assert found["PostgreSQL"].found.startswith("18.")
    assert found["Clocks"].state is State.OK


def test_settings_of_one_session_do_not_hide_those_of_the_server() -> None:
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET synchronous_commit = on")
        assert by_subject(list(doctor.database(url)))["synchronous_commit"].state is State.ERROR


def test_django_is_told_the_same_when_it_checks_the_database() -> None:
    assert not database_is_safe(databases=None)
    told = {message.id for message in database_is_safe(databases=["default"])}
    assert "dianke.E001" in told


@pytest.mark.django_db
def test_errors_make_the_command_fail_and_every_finding_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.run(argparse.Namespace()) == 1
    printed = capsys.readouterr().out
    assert "✗ fsync: off" in printed
    assert "→ Set fsync = on" in printed
    assert "✓ Python" in printed
    assert "errors" in printed.splitlines()[-1]


def test_a_broken_check_does_not_hide_the_others() -> None:
    def breaks() -> object:
        raise RuntimeError("boom")

    findings = list(doctor._all((breaks, doctor.versions)))  # type: ignore[arg-type]
    assert findings[0].state is State.ERROR
    assert "boom" in findings[0].found
    assert findings[1].subject == "Dianke"


def test_a_channel_nobody_carries_is_an_error_and_messages_that_are_stuck_a_warning(
    db: None, now: datetime
) -> None:
    post = make_post(now)
    ChannelSetting.objects.create(channel="EMAIL", carrier="gone", changed_at=now)
    found = {each.found: each.state for each in doctor.channels()}
    assert found == {"EMAIL: gone": State.ERROR, "SMS: fake": State.OK}
    post.queue(post.person(), due_at=timezone.now() - timedelta(minutes=20))
    assert [each.state for each in doctor.channels()] == [State.ERROR, State.OK, State.WARNING]


def test_without_an_address_of_its_own_a_shop_that_writes_letters_is_not_well(
    db: None, settings: Any, now: datetime
) -> None:
    settings.CSRF_TRUSTED_ORIGINS = []
    make_post(now)
    [found] = doctor.site()
    assert (found.state, "DIANKE_ORIGINS" in found.remedy) == (State.WARNING, True)
    ChannelSetting.objects.create(channel="EMAIL", carrier="smtp", changed_at=now)
    [found] = doctor.site()
    assert (found.state, "do not go out" in found.remedy) == (State.ERROR, True)
    settings.CSRF_TRUSTED_ORIGINS = ["https://*.shop.example", "http://shop.example"]
    [found] = doctor.site()
    assert (found.state, found.found) == (State.WARNING, "http://shop.example")
    settings.CSRF_TRUSTED_ORIGINS = ["https://shop.example"]
    assert [each.state for each in doctor.site()] == [State.OK]


@pytest.mark.parametrize(
    ("trouble", "remedy"),
    [("LOGIN", "user name and password"), ("REACH", "server and port"), ("BROKEN", "web page")],
)
def test_a_mailbox_of_reports_that_cannot_be_read_is_an_error_with_its_remedy(
    db: None, now: datetime, trouble: str, remedy: str
) -> None:
    make_post(now)
    note_reports(channel="SMS", trouble=trouble, said="NO wrong password", actor=SYSTEM, now=now)
    well, failing = doctor.channels()
    assert (well.state, failing.state) == (State.OK, State.ERROR)
    assert f"{now:%Y-%m-%d %H:%M}" in failing.found
    assert "NO wrong password" in failing.found
    assert remedy in failing.remedy
