"""A row of somebody's file as an `Entry`: names in two parts, several phones in a cell, yes and no in many spellings.

Nothing is judged here; `rules.entry.normalise` does that. The targets are the fields a column can be mapped to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from dianke.core.custom_fields import FieldSpec
from dianke.core.errors import InvalidInput
from dianke.customers.rules.addresses import AddressEntry
from dianke.customers.rules.dates import DateEntry
from dianke.customers.rules.entry import Entry, PhoneEntry

CUSTOM = "custom_"
_SEVERAL = re.compile(r"[;,，；、/|\n]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
YES = frozenset(
    {
        "1",
        "y",
        "yes",
        "true",
        "t",
        "是",
        "有",
        "同意",
        "已同意",
        "已订阅",
        "订阅",
        "subscribed",
        "opt-in",
        "on",
        "√",
        "✓",
    }
)
NO = frozenset(
    {
        "0",
        "n",
        "no",
        "false",
        "f",
        "否",
        "无",
        "不同意",
        "未同意",
        "未订阅",
        "退订",
        "unsubscribed",
        "opt-out",
        "off",
        "×",
        "✗",
    }
)
_COMPANY = frozenset({"company", "公司", "企业", "单位", "机构", "organization", "b2b"})
_HOUSE = ("address", "street", "street2")
_ADDRESS = (*_HOUSE, "country", "province", "city", "district", "postcode")


def entry_of(row: Mapping[str, str], specs: Sequence[FieldSpec] = (), *, tag: str = "") -> Entry:
    """The entry a row stands for. Raises the errors of `DateEntry.parse` with the field of the date."""
    get = row.get
    company = get("company", "")
    kind = "COMPANY" if get("kind", "").casefold() in _COMPANY else "PERSON"
    name = get("name", "") or _joined(get("family_name", ""), get("given_name", ""))
    if kind == "COMPANY" and not name:
        name, company = company, ""
    phones = [PhoneEntry(text=part) for part in _parts(get("phone", ""))]
    if phone2 := get("phone2", ""):
        phones += [PhoneEntry(text=part, use="OTHER") for part in _parts(phone2)]
    birthday = get("birthday", "")
    lunar = get("lunar_birthday", "")
    dates = []
    if lunar:
        dates.append(_day(lunar, "BIRTHDAY", "LUNAR", "lunar_birthday"))
    if get("wedding", ""):
        dates.append(_day(row["wedding"], "WEDDING", "", "wedding"))
    tags = _parts(get("tags", ""))
    return Entry(
        kind=kind,
        name=name,
        aliases=get("aliases", ""),
        gender=get("gender", ""),
        occupation=get("occupation", ""),
        company=company,
        credit_code=get("credit_code", ""),
        phones=tuple(phones),
        emails=tuple(_parts(get("email", ""))),
        wechat=get("wechat", ""),
        unionid=get("unionid", ""),
        wecom=get("wecom", ""),
        member_number=get("member_number", ""),
        birthday=_day(birthday, "BIRTHDAY", "", "birthday") if birthday else None,
        dates=tuple(dates),
        addresses=(address,) if (address := _address(row)) else (),
        note=get("note", ""),
        tags=tuple(dict.fromkeys([*tags, tag])) if tag else tuple(tags),
        custom={spec.key: _custom(spec, value) for spec in specs if (value := get(CUSTOM + spec.key, ""))},
        raw=dict(row),
    )


def consents_of(row: Mapping[str, str]) -> list[tuple[str, bool]]:
    """What the file says about offers and news, by channel: `[("EMAIL", True)]`. Words it does not know say nothing."""
    found = []
    for target, channel in (("consent", "ANY"), ("consent_sms", "SMS"), ("consent_email", "EMAIL")):
        word = row.get(target, "")
        if not word:
            continue
        word = word.casefold()
        if word in YES or word in NO:
            found.append((channel, word in YES))
    return found


def _joined(family: str, given: str) -> str:
    """王 + 小明 as 王小明; Liu + Emma as Emma Liu."""
    if _HAN.search(family + given):
        return family + given
    return f"{given} {family}".strip()


def _parts(text: str) -> list[str]:
    if not text:
        return []
    if text.isalnum():
        return [text]
    return [part for piece in _SEVERAL.split(text) if (part := piece.strip())]


@lru_cache(maxsize=65_536)
def _day(text: str, kind: str, calendar: str, field: str) -> DateEntry:
    return DateEntry.parse(text, kind=kind, calendar=calendar, field=field)


def _address(row: Mapping[str, str]) -> AddressEntry | None:
    parts = tuple(map(row.get, _ADDRESS))
    if not any(parts):
        return None
    if any(map(row.get, _HOUSE)):
        return _address_of(row)
    return _place(parts)


@lru_cache(maxsize=4_096)
def _place(parts: tuple[str | None, ...]) -> AddressEntry:
    """The address of rows without street and house: files repeat a place row after row."""
    return _address_of({name: part or "" for name, part in zip(_ADDRESS, parts, strict=True)})


def _address_of(row: Mapping[str, str]) -> AddressEntry:
    get = row.get
    street = " ".join(part for part in (get("street", ""), get("street2", "")) if part)
    text = get("address", "")
    country = get("country", "").strip().upper()
    parts: dict[str, Any] = {
        "province": get("province", ""),
        "city": get("city", ""),
        "district": get("district", ""),
        "postcode": get("postcode", ""),
        "country": _COUNTRIES.get(country, country[:2] or "CN"),
    }
    if text and not (parts["province"] or parts["city"]):
        return AddressEntry(text=text + street, postcode=parts["postcode"])
    return AddressEntry(street=text + street, **parts)


_COUNTRIES = {
    "CHINA": "CN",
    "中国": "CN",
    "中国大陆": "CN",
    "香港": "HK",
    "澳门": "MO",
    "台湾": "TW",
    "HONG KONG": "HK",
    "UNITED STATES": "US",
}


def _custom(spec: FieldSpec, text: str) -> Any:
    """Choices may be written by their label; several are separated as people separate them."""
    if not spec.options:
        return text
    by_label = {str(option.label).casefold(): option.code for option in spec.options}
    codes = [by_label.get(part.casefold(), part) for part in _parts(text)]
    return codes if spec.type == "MULTI_CHOICE" else by_label.get(text.casefold(), text)


__all__ = ["CUSTOM", "NO", "YES", "InvalidInput", "consents_of", "entry_of"]
