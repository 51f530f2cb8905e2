"""Festivals a shop greets on, by the calendar they belong to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dianke.core.lunar import LunarDate, SolarDate
from dianke.customers.rules.care import celebrated_on


@dataclass(frozen=True, slots=True)
class Festival:
    code: str
    label: str | Promise
    day: LunarDate | SolarDate


FESTIVALS: Mapping[str, Festival] = {
    each.code: each
    for each in (
        Festival("new_year", _("New Year's Day"), SolarDate(1, 1)),
        Festival("spring", _("Spring Festival"), LunarDate(1, 1)),
        Festival("lantern", _("Lantern Festival"), LunarDate(1, 15)),
        Festival("women", _("Women's Day"), SolarDate(3, 8)),
        Festival("dragon_boat", _("Dragon Boat Festival"), LunarDate(5, 5)),
        Festival("qixi", _("Qixi Festival"), LunarDate(7, 7)),
        Festival("mid_autumn", _("Mid-Autumn Festival"), LunarDate(8, 15)),
        Festival("double_ninth", _("Double Ninth Festival"), LunarDate(9, 9)),
        Festival("national", _("National Day"), SolarDate(10, 1)),
    )
}


def festivals_on(day: date, codes: Collection[str]) -> list[tuple[Festival, int]]:
    """Those of `codes` that fall on the day, with the year of their calendar. A festival of the lunar calendar is never
    in a leap month."""
    found = []
    for code in codes:
        festival = FESTIVALS.get(code)
        year = celebrated_on(festival.day, day) if festival else None
        if festival is not None and year is not None:
            found.append((festival, year))
    return found
