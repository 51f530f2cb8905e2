"""Pages and jobs read the clock where the merchant is, wherever the server stands."""

from __future__ import annotations

import csv
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from dianke.core.actor import SYSTEM
from dianke.stores import operations
from dianke.stores.models import Merchant
from dianke.stores.queries import local_date, merchant_zone
from dianke.web import shell
from dianke.web.exporting import file_of
from dianke.web.models import Export
from dianke.web.tasks import run_export

HONOLULU = ZoneInfo("Pacific/Honolulu")  # 18 hours behind Shanghai: nearly always another day


@pytest.fixture
def far_away(cast, now):
    operations.change_merchant(values={"time_zone": HONOLULU.key}, actor=SYSTEM, now=now)
    return cast


def log_of(client, query=""):
    return client.get(f"/settings/operation-log/{query}").content.decode()


def rows_of(page):
    return page.count('href="/settings/operation-log/')


def test_instants_are_shown_by_the_merchants_clock(far_away, signed_in, now):
    page = log_of(signed_in("owner"))
    assert f"{now.astimezone(HONOLULU):%H:%M}" in page  # everything of the cast was done at `now`
    assert f"{timezone.localtime(now):%H:%M}" not in page


def test_a_day_of_a_filter_begins_at_the_merchants_midnight(far_away, signed_in, now):
    client = signed_in("owner")
    here, there = now.astimezone(HONOLULU).date(), timezone.localtime(now).date()
    assert here == there - timedelta(days=1)
    opened = "kind=stores.store_opened&time="
    assert rows_of(log_of(client, f"?{opened}{here}..{here}")) == rows_of(log_of(client, f"?{opened}..")) > 0
    assert rows_of(log_of(client, f"?{opened}{there}..{there}")) < rows_of(log_of(client, f"?{opened}.."))


def test_after_the_request_the_zone_is_the_installations_again(far_away, signed_in):
    signed_in("owner").get("/settings/operation-log/")
    assert timezone.get_current_timezone_name() == django_settings.TIME_ZONE
    assert shell.current_zone() is None


def test_a_merchant_who_moves_is_followed_by_the_next_request(far_away, signed_in, now):
    client = signed_in("owner")
    operations.change_merchant(values={"time_zone": "Asia/Tokyo"}, actor=SYSTEM, now=now)
    assert f"{now.astimezone(ZoneInfo('Asia/Tokyo')):%H:%M}" in log_of(client)


def test_before_there_is_a_merchant_pages_open_by_beijing_time(db):
    assert Client().get("/sign-in/").status_code == 200
    assert merchant_zone() == ZoneInfo("Asia/Shanghai")


def test_the_zone_is_looked_up_once_for_all_who_ask(far_away, now, django_assert_num_queries):
    with django_assert_num_queries(1), shell.local_time():
        assert merchant_zone() == HONOLULU
        assert local_date(now) == timezone.localtime(now).date()


def test_a_file_written_by_the_worker_has_the_merchants_hours(far_away, now, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    export = Export.objects.create(
        user=far_away["owner"].user, list_code="events.log", format="csv", total_count=1, requested_at=now
    )
    run_export(export.pk)
    with file_of(export).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert Merchant.objects.get().time_zone == HONOLULU.key
    assert now.astimezone(HONOLULU).strftime("%Y-%m-%d %H:%M") in rows[-1][1]
