"""Amounts, days and people as they are written on screens."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils import translation

from dianke.core.money import Money
from dianke.web import formats

NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)  # 14:30 in Shanghai, a Saturday
TODAY = date(2026, 11, 21)


def draw(template: str, **context: object) -> str:
    return Template(template).render(Context(context))


@pytest.mark.parametrize(
    ("language", "day", "text"),
    [
        ("zh-hans", TODAY, "今天"),
        ("zh-hans", date(2026, 11, 20), "昨天"),
        ("zh-hans", date(2026, 11, 22), "明天"),
        ("zh-hans", date(2026, 11, 28), "11月28日 周六"),
        ("zh-hans", date(2025, 3, 2), "2025年3月2日"),
        ("zh-hant", date(2026, 11, 28), "11月28日 週六"),
        ("en", date(2026, 11, 20), "Yesterday"),
        ("en", date(2026, 11, 28), "Sat 28 Nov"),
        ("en", date(2025, 3, 2), "2 Mar 2025"),
    ],
)
def test_days_are_said_as_people_say_them(language: str, day: date, text: str) -> None:
    with translation.override(language):
        assert formats.day(day, TODAY) == text


def test_a_moment_has_its_hour_in_the_zone_of_the_shop() -> None:
    with translation.override("zh-hans"):
        assert formats.moment(NOW, NOW) == "今天 14:30"
        # 16:30 UTC is half past midnight of the next day in Shanghai.
        assert formats.moment(datetime(2026, 11, 20, 16, 30, tzinfo=UTC), NOW) == "今天 00:30"
        assert formats.moment(datetime(2025, 3, 2, 1, tzinfo=UTC), NOW) == "2025年3月2日"


def test_what_is_kept_says_its_year() -> None:
    with translation.override("zh-hans"):
        assert formats.dated(NOW) == "2026年11月21日 14:30"
    with translation.override("en"):
        assert formats.dated(NOW) == "21 Nov 2026 14:30"


def test_what_ends_at_midnight_is_good_on_the_day_before() -> None:
    with translation.override("zh-hans"):
        assert formats.held_until(datetime(2026, 12, 13, 16, tzinfo=UTC), NOW) == "12月13日 周日"
        assert formats.held_until(datetime(2026, 12, 13, 4, 30, tzinfo=UTC), NOW) == "12月13日 周日 12:30"
        assert formats.held_until(datetime(2026, 12, 31, 16, tzinfo=UTC), NOW) == "12月31日 周四"


def test_a_feed_counts_back_from_now() -> None:
    with translation.override("zh-hans"):
        assert formats.ago(NOW - timedelta(seconds=20), NOW) == "刚刚"
        assert formats.ago(NOW - timedelta(minutes=12), NOW) == "12 分钟前"
        assert formats.ago(NOW - timedelta(hours=3), NOW) == "3 小时前"
        assert formats.ago(NOW - timedelta(hours=8), NOW) == "今天 06:30"
        assert formats.ago(NOW + timedelta(minutes=5), NOW) == "今天 14:35"


def test_lunar_days_stand_beside_solar_ones() -> None:
    with translation.override("zh-hans"):
        assert formats.lunar(date(1990, 10, 20)) == "农历九月初三"
    with translation.override("zh-hant"):
        assert formats.lunar(date(1990, 10, 20)) == "農曆九月初三"


def test_initials_and_tints_belong_to_the_name() -> None:
    assert formats.initial(" 陈美玲") == "陈"
    assert formats.initial("阿卜杜热西提·买买提艾力") == "阿"
    assert formats.initial("michael") == "M"
    assert formats.initial("  ") == "?"
    assert formats.tint("陈美玲") == formats.tint("陈美玲 ")
    assert {formats.tint(f"客人{n}") for n in range(60)} == {1, 2, 3, 4, 5}


def test_change_is_whole_percent_and_nothing_without_a_base() -> None:
    assert formats.percent_change(112, 100) == 12
    assert formats.percent_change(Decimal("92.4"), 100) == -8
    assert formats.percent_change(-50, -100) == 50
    assert formats.percent_change(5, 0) is None


def test_amounts_have_sign_separators_and_two_decimals() -> None:
    with translation.override("zh-hans"):
        assert ">¥1,234.50<" in draw("{{ value|money }}", value=Decimal("1234.5"))
        owed = draw("{{ value|money }}", value=Money("-3600", "CNY"))
        assert "is-negative" in owed
        assert ">-¥3,600.00<" in owed
        assert draw("{{ value|money }}", value=None) == "–"
        big = draw("{{ value|headline }}", value=Decimal("1264380.50"))
        assert 'title="¥1,264,380.50"' in big
        assert ">¥126.4万<" in big


def test_when_says_the_exact_time_on_hover() -> None:
    with translation.override("zh-hans"):
        written = draw("{% when value %}", value=datetime(2025, 3, 2, 1, 5, tzinfo=UTC))
    assert 'datetime="2025-03-02T09:05:00+08:00"' in written
    assert 'title="2025-03-02 09:05"' in written
