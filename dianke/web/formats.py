"""How amounts, days and people are written on screens and paper. Pure: the language is the active one, the time
that counts as now is always given."""

from __future__ import annotations

import zlib
from datetime import date, datetime, timedelta
from decimal import Decimal

from babel.dates import format_date, get_day_names
from babel.numbers import format_decimal
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dianke.core.lunar import lunar_date_of
from dianke.core.money import Money, locale_named

#: Grounds for avatars; the classes `tint-1` … `tint-5`.
TINTS = 5


def locale() -> str:
    """The active language as CLDR knows it."""
    return {"zh-hans": "zh_Hans_CN", "zh-hant": "zh_Hant_HK"}.get(
        get_language() or "zh-hans", get_language() or "en"
    )


def is_chinese() -> bool:
    return locale().startswith("zh")


def as_money(value: Money | Decimal | int | str, currency: str = "CNY") -> Money:
    """A bare number is taken in `currency`; floats are refused by Money itself."""
    return value if isinstance(value, Money) else Money(value, currency)


def money(value: Money | Decimal | int | str, currency: str = "CNY") -> str:
    """ "¥1,234.50", "-¥88.00"."""
    return as_money(value, currency).format(locale())


def headline(value: Money | Decimal | int | str, currency: str = "CNY") -> str:
    """ "¥12.6万": for large figures; the exact amount belongs beside it."""
    return as_money(value, currency).headline(locale())


def number(value: Decimal | int) -> str:
    """Thousands separated, decimals as they are: 12,480 or 3.5."""
    return str(format_decimal(value, locale=locale_named(locale()), decimal_quantization=False))


def day(value: date, today: date) -> str:
    """今天, 昨天, 明天, else like `calendar_day`."""
    near = {0: _("Today"), -1: _("Yesterday"), 1: _("Tomorrow")}.get((value - today).days)
    return str(near) if near else calendar_day(value, today)


def calendar_day(value: date, today: date) -> str:
    """11月21日 周六 in this year, 2025年3月2日 in another."""
    if is_chinese():
        if value.year != today.year:
            return f"{value.year}年{value.month}月{value.day}日"
        weekday = "一二三四五六日"[value.weekday()]
        return f"{value.month}月{value.day}日 {'週' if 'Hant' in locale() else '周'}{weekday}"
    spoken = locale_named(locale())
    if value.year != today.year:
        return str(format_date(value, "d MMM y", locale=spoken))
    weekday = get_day_names("abbreviated", locale=spoken)[value.weekday()]
    return f"{weekday} {format_date(value, 'd MMM', locale=spoken)}"


def short_day(value: date, today: date) -> str:
    """今天, 昨天, 11月21日, of another year only the month: where there is little room."""
    if 0 <= (today - value).days < 2:
        return day(value, today)
    return date_format(value, "MONTH_DAY_FORMAT" if value.year == today.year else "YEAR_MONTH_FORMAT")


def moment(value: datetime, now: datetime) -> str:
    """今天 14:30, 昨天 09:05, 11月21日 周六 14:30; of another year only the day, as nobody asks for the hour."""
    local, local_now = timezone.localtime(value), timezone.localtime(now)
    text = day(local.date(), local_now.date())
    return text if local.year != local_now.year else f"{text} {local:%H:%M}"


def dated(value: datetime) -> str:
    """2026年11月29日 10:00: with the year, for words that are kept and read later."""
    local = timezone.localtime(value)
    return f"{calendar_day(local.date(), date.min)} {local:%H:%M}"


def held_until(value: datetime, now: datetime) -> str:
    """The moment something ends, as its last day when that is midnight: 12月13日 周日, or 12月13日 周日 14:30."""
    local, today = timezone.localtime(value), timezone.localtime(now).date()
    if (local.hour, local.minute) == (0, 0):
        return calendar_day(local.date() - timedelta(days=1), today)
    return f"{calendar_day(local.date(), today)} {local:%H:%M}"


def ago(value: datetime, now: datetime) -> str:
    """刚刚, 5 分钟前, 3 小时前, then like `moment`. For feeds; what is due is written with `moment`."""
    passed = now - value
    if timedelta(0) <= passed < timedelta(minutes=1):
        return _("Just now")
    if timedelta(0) <= passed < timedelta(hours=1):
        return _("%(minutes)s min ago") % {"minutes": passed.seconds // 60}
    if timedelta(0) <= passed < timedelta(hours=6):
        return _("%(hours)s h ago") % {"hours": passed.seconds // 3600}
    return moment(value, now)


def lunar(value: date) -> str:
    """农历九月初二: beside the solar date where it matters."""
    return lunar_date_of(value).format(get_language() or "zh-hans")


def initial(name: str) -> str:
    """What stands in an avatar: the family name's first character, or the first letter."""
    name = name.strip()
    return name[0].upper() if name else "?"


def tint(name: str) -> int:
    """1 to 5, always the same for a name."""
    return zlib.crc32(name.strip().encode()) % TINTS + 1


def percent_change(now_value: Decimal | int, before: Decimal | int) -> int | None:
    """Change in whole percent; None when there was nothing before."""
    if not before:
        return None
    return round((Decimal(now_value) - Decimal(before)) * 100 / abs(Decimal(before)))
