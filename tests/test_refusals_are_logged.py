"""Who is refused, where and for what stands in the process log, by ids alone (ASVS 16.3.2)."""

from __future__ import annotations

import logging

import pytest
from django.test import Client, RequestFactory

from dianke.access.models import User
from dianke.core.logs import UtcFormatter, note_refusal


@pytest.mark.django_db
def test_a_page_beyond_ones_permissions_is_noted(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    from django.utils import timezone

    user = User.objects.create(username="nobody", name="无权者", created_at=timezone.now())
    client.force_login(user)
    with caplog.at_level(logging.WARNING, logger="dianke.refused"):
        assert client.get("/settings/operation-log/").status_code == 403
    (line,) = [record.getMessage() for record in caplog.records if record.name == "dianke.refused"]
    assert f"user {user.pk}" in line
    assert "/settings/operation-log/" in line
    assert "无权者" not in line


@pytest.mark.parametrize("status", [404, 409, 422, 200])
def test_other_answers_are_not_noted(status: int, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="dianke.refused"):
        note_refusal(RequestFactory().get("/x/"), status, "code")
    assert caplog.records == []


def test_a_line_is_in_utc_and_stays_one_line() -> None:
    record = logging.LogRecord("dianke", logging.WARNING, "", 1, "first\nsecond", None, None)
    record.created = 1795588200.0
    line = UtcFormatter("{asctime} {message}", style="{").format(record)
    assert line == "2026-11-25T06:30:00Z first\\nsecond"
