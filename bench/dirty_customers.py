"""A seeded generator of dirty Chinese customer files whose truth is known.

People live in households: they share addresses, surnames, often a phone. They change numbers, and the old one is
given to somebody else. They register at the till, in WeChat, in the web shop, on paper and in somebody's old sheet,
and every one of these writes names, birthdays and addresses its own way, with its own slips. `customer_file` gives
the records as the engine takes them, with one column more: the person behind each.

The shares of surnames are rounded from published counts; every other rate is a choice, made so that the naive ways
fare about as badly as they do on real files (the same phone or email finds about four of five).
"""

from __future__ import annotations

import random
from itertools import accumulate
from typing import Any

import pyarrow as pa
from opencc import OpenCC

from bench.dirty_world import (
    CITIES,
    FEMALE,
    MAIL_HOSTS,
    MALE,
    OTHER,
    TYPED,
    Firm,
    Home,
    Person,
    World,
    firm_name,
    letters_of,
    surname_letters,
)
from dianke.core.lunar import lunar_of
from dianke.matching.bulk import SCHEMA

_TITLES = {"M": ("先生", "总", "老师", "师傅"), "F": ("女士", "小姐", "太太", "老师")}
_PLACEHOLDER_PHONES = ("+8613800138000", "+8613800000000", "+8613888888888")
_TRADITIONAL = OpenCC("s2t")


def _homophones() -> dict[str, list[str]]:
    by_sound: dict[str, set[str]] = {}
    pool = set(MALE + FEMALE + OTHER + TYPED)
    for char in pool:
        by_sound.setdefault(letters_of(char), set()).add(char)
    return {char: sorted(by_sound[letters_of(char)] - {char}) for char in pool}


#: How often a channel asks for a field, and how careless it is.
CHANNELS: dict[str, dict[str, float]] = {
    "TILL": {
        "share": 0.32,
        "phone": 0.93,
        "email": 0.04,
        "birth": 0.4,
        "member": 0.75,
        "gender": 0.6,
        "address": 0.06,
        "slips": 0.8,
        "names": 1.2,
    },
    "WECHAT": {
        "share": 0.22,
        "phone": 0.62,
        "email": 0.03,
        "birth": 0.35,
        "unionid": 0.92,
        "gender": 0.8,
        "address": 0.08,
        "slips": 0.3,
        "names": 1.6,
    },
    "WEB": {
        "share": 0.22,
        "phone": 0.9,
        "email": 0.75,
        "birth": 0.15,
        "unionid": 0.1,
        "gender": 0.2,
        "address": 0.9,
        "slips": 0.5,
        "names": 0.6,
    },
    "PAPER": {
        "share": 0.1,
        "phone": 0.9,
        "email": 0.2,
        "birth": 0.75,
        "gender": 0.8,
        "address": 0.5,
        "slips": 2.5,
        "names": 0.8,
    },
    "SHEET": {
        "share": 0.14,
        "phone": 0.85,
        "email": 0.25,
        "birth": 0.55,
        "member": 0.15,
        "gender": 0.5,
        "address": 0.45,
        "slips": 1.8,
        "names": 1.0,
    },
}
_CHANNEL_NAMES = tuple(CHANNELS)
_CHANNEL_WEIGHTS = list(accumulate(channel["share"] for channel in CHANNELS.values()))
_HOMOPHONES = _homophones()


def written_name(world: World, person: Person, carelessness: float) -> str:
    kind, name = world.rng.random() / carelessness, person.surname + person.given
    surname, given = person.surname, person.given
    if kind < 0.035:
        letters = surname_letters(surname), "".join(map(letters_of, given))
        return str(
            world.one_of(
                (
                    f"{letters[0].title()} {letters[1].title()}",
                    f"{letters[0]}{letters[1]}",
                    f"{letters[1].title()} {letters[0].title()}",
                    f"{letters[0].upper()} {letters[1].upper()}",
                )
            )
        )
    if kind < 0.045:
        return (surname_letters(surname)[0] + "".join(letters_of(char)[0] for char in given)).upper()
    if kind < 0.085:
        return surname + str(world.one_of(_TITLES[person.gender]))
    if kind < 0.1:
        return "小" + surname[0]
    if kind < 0.13:
        return name + str(world.one_of(_TITLES[person.gender]))
    if kind < 0.15:
        return str(
            world.one_of(("阿" + given[-1], given[-1] + ("哥" if person.gender == "M" else "姐"), given))
        )
    if kind < 0.158:
        return given + surname
    if kind < 0.185:
        return str(_TRADITIONAL.convert(name))
    if kind < 0.21:
        place = int(world.rng.random() * len(given))
        others = _HOMOPHONES.get(given[place], [])
        changed = world.one_of(others) if others else given[place]
        return surname + given[:place] + changed + given[place + 1 :]
    if kind < 0.22:
        place = int(world.rng.random() * len(given))
        return surname + given[:place] + world.one_of(OTHER + TYPED) + given[place + 1 :]
    if kind < 0.23:
        return f"{name}({world.one_of(('老客户', 'VIP', '朋友介绍', '隔壁'))})"
    return name


def with_slip(world: World, digits: str, start: int) -> str:
    """One digit wrong, or two swapped."""
    place = start + int(world.rng.random() * (len(digits) - start - 1))
    if world.chance(0.3):
        return digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    wrong = str((int(digits[place]) + 1 + int(world.rng.random() * 9)) % 10)
    return digits[:place] + wrong + digits[place + 1 :]


def written_birth(world: World, person: Person, slips: float) -> tuple[int | None, int, int, str, bool]:
    born = person.born
    year: int | None = born.year
    month, day, calendar, is_leap = born.month, born.day, "SOLAR", False
    if person.keeps_lunar and world.chance(0.6):
        lunar = lunar_of(born)
        year, month, day, is_leap = lunar.year, lunar.month, lunar.day, lunar.is_leap
        # Some forms know no lunar calendar, and some clerks do not ask.
        calendar = "LUNAR" if world.chance(0.65) else "SOLAR"
        if calendar == "SOLAR":
            is_leap, day = False, min(day, 28)
    slip = world.rng.random() / slips
    if slip < 0.006 and day <= 12:
        month, day = day, month
    elif slip < 0.014:
        year = (year or 1980) + (1 if world.chance(0.5) else -1)
    elif slip < 0.02:
        day = min(28, max(1, day + (10 if world.chance(0.5) else -1)))
    if world.chance(0.25):
        year = None
    return year, month, day, calendar, is_leap


def written_street(world: World, home: Home, slips: float) -> str:
    road, room = home.road, home.room
    if world.chance(0.012 * slips):
        road = road.replace("路", "街") if "路" in road else road + "路"
    form = world.rng.random()
    if form < 0.4:
        return f"{road}{home.house}号{home.building}幢{room}室"
    if form < 0.55:
        return f"{road} {home.house}-{home.building}-{room}"
    if form < 0.7:
        return f"{road}{home.house}弄{home.building}号{room}"
    if form < 0.8:
        return f"{home.city}市{home.district}{road}{home.house}号{home.building}号楼{room}室"
    if form < 0.92:
        return f"{road}{home.house}号"
    return road


EMPTY: dict[str, Any] = dict.fromkeys(SCHEMA.names) | {
    "phones": [],
    "emails": [],
    "is_company": False,
}


def person_row(world: World, person: Person) -> dict[str, Any]:
    """One record of a person, by one channel; at least two things besides the name are told, or it is not kept."""
    channel = CHANNELS[world.rng.choices(_CHANNEL_NAMES, cum_weights=_CHANNEL_WEIGHTS)[0]]
    slips = channel["slips"]
    row = EMPTY.copy()
    told = 0
    row["name"] = written_name(world, person, channel["names"])
    if world.chance(channel["phone"]):
        phone = person.old_phone if person.old_phone and world.chance(0.4) else person.phone
        if person.work_phone and world.chance(0.1):
            phone = person.work_phone
        if world.chance(0.015 * slips):
            phone = with_slip(world, phone, 4)
        row["phones"] = [phone]
        if world.chance(0.01):
            row["phones"] = [world.one_of(_PLACEHOLDER_PHONES)]
        told += 1
    if person.email and world.chance(channel["email"]):
        email = person.other_email if person.other_email and world.chance(0.4) else person.email
        if world.chance(0.02 * slips):
            mailbox, host = email.split("@")
            email = f"{mailbox}@{world.one_of(MAIL_HOSTS)}" if world.chance(0.5) else f"{mailbox[:-1]}@{host}"
        row["emails"] = [email]
        told += 1
    if person.unionid and world.chance(channel.get("unionid", 0.0)):
        row["unionid"] = person.unionid
        told += 1
    if person.member_number and world.chance(channel.get("member", 0.0)):
        row["member_number"] = person.member_number
        told += 1
    if world.chance(channel["birth"]):
        year, month, day, calendar, is_leap = written_birth(world, person, slips)
        row |= {
            "birth_year": year,
            "birth_month": month,
            "birth_day": day,
            "birth_calendar": calendar,
            "birth_is_leap": is_leap,
        }
        told += 1
    if world.chance(channel["gender"]):
        row["gender"] = (
            person.gender if not world.chance(0.01 * slips) else ("F" if person.gender == "M" else "M")
        )
    if world.chance(channel["address"]):
        home = person.old_home if person.old_home and world.chance(0.4) else person.home
        fill_address(world, row, home, slips)
        told += 1
    if person.employer and world.chance(0.4):
        row["company"] = person.employer
    if told < 2:
        return person_row(world, person)
    return row


def firm_row(world: World, firm: Firm) -> dict[str, Any]:
    row = EMPTY.copy()
    row |= {"name": firm_name(world, firm), "is_company": world.chance(0.85)}
    if world.chance(0.85):
        row["phones"] = [with_slip(world, firm.phone, 6) if world.chance(0.02) else firm.phone]
    if world.chance(0.5) or not row["phones"]:
        row["emails"] = [firm.email]
    if world.chance(0.6):
        fill_address(world, row, firm.home, 1.0)
    return row


def fill_address(world: World, row: dict[str, Any], home: Home, slips: float) -> None:
    province = CITIES[home.city][0]
    row["city"] = home.city + ("市" if world.chance(0.6) else "")
    row["province"] = province if world.chance(0.7) else None
    row["district"] = home.district if world.chance(0.85) else None
    row["street"] = written_street(world, home, slips)


_RECORDS_EACH = (1, 2, 3, 4, 5)
_RECORDS_WEIGHTS = list(accumulate((0.5, 0.27, 0.13, 0.06, 0.04)))


def customer_file(records: int, seed: int) -> tuple[pa.Table, list[int]]:
    """A table of exactly so many records in the engine's schema, in random order, and the person of each row.

    Ids are 0, 1, 2 …, so that the person of record `i` is `persons[i]`.
    """
    world = World(random.Random(seed))
    rows: list[tuple[int, dict[str, Any]]] = []
    person_number = 0
    while len(rows) < records:
        if world.chance(0.03):
            firm = world.firm()
            person_number += 1
            rows += [(person_number, firm_row(world, firm)) for _n in range(_how_many(world))]
            continue
        for person in world.household():
            person_number += 1
            rows += [(person_number, person_row(world, person)) for _n in range(_how_many(world))]
    world.rng.shuffle(rows)
    del rows[records:]
    persons = [person for person, _row in rows]
    columns: dict[str, list[Any]] = {name: [row[name] for _person, row in rows] for name in SCHEMA.names}
    columns["id"] = list(range(records))
    return pa.table(columns, schema=SCHEMA), persons


def _how_many(world: World) -> int:
    return world.rng.choices(_RECORDS_EACH, cum_weights=_RECORDS_WEIGHTS)[0]
