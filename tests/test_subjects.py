"""What the operation log is about is told in words: no reference of the program reaches people."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django.utils.translation import override

from dianke.events.models import Event
from dianke.events.registry import subject_names
from tests.growth import Growth

pytestmark = pytest.mark.usefixtures("demo_of_today")

#: `work.notice:task_assigned` is a reference, `export #1` the model's name that nobody translated.
RAW = re.compile(r"[a-z_]+\.[a-z_]+(:.*)?|[a-z ]+ #.*")


def test_every_subject_of_the_log_has_a_name(db: None, settings: Any, tmp_path: Path) -> None:
    settings.DIANKE_DATA = tmp_path  # where snapshots lie
    now = timezone.now()
    grown = Growth(now)
    grown.add(1)
    subjects = {subject for event in Event.objects.all() for subject in event.subjects}
    with override("zh-hans"):
        names = subject_names(subjects, actor=grown.actor)
    assert subjects <= names.keys()
    raw = {subject: name.text for subject, name in names.items() if RAW.fullmatch(name.text)}
    assert not raw


def test_what_the_rooms_write_about_without_a_row_has_a_name(db: None) -> None:
    plain = {"work.notice:task_assigned", "work.notice:17", "config.module:till", "config.modules:all"}
    plain |= {
        "promotions.coupon",
        "access.signin",
        "web.listpreference:3",
        "web.savedview:3",
        "web.export:99",
        "ledger.closing:3",
    }
    now = timezone.now()
    with override("zh-hans"):
        names = subject_names(plain, actor=Growth(now).actor)
    assert {subject: name.text for subject, name in names.items()} == {
        "work.notice:task_assigned": "通知：有人交给我任务",
        "work.notice:17": "通知",
        "config.module:till": "收银与订单",
        "config.modules:all": "功能模块",
        "web.listpreference:3": "列表的列 #3",
        "web.savedview:3": "列表视图 #3",
        "web.export:99": "导出 #99",
        "ledger.closing:3": "结账 #3",
        "promotions.coupon": "优惠券",
        "access.signin": "登录记录",
    }
