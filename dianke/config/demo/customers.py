"""The demo's customers: those of `customers.toml` come in by the door as they would in a shop, the rest as an
import.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from dianke.config.demo.data import customers as read_customers
from dianke.config.demo.family import Family
from dianke.customers.models import Channel, Customer, Tag
from dianke.customers.operations.bulk import NewCustomer, Origin, bring_in
from dianke.customers.operations.care import make_care_rule
from dianke.customers.operations.changes import set_key_account
from dianke.customers.operations.consents import publish_consent_text
from dianke.customers.operations.entry import enter_customer
from dianke.customers.operations.notes import add_note
from dianke.customers.operations.registration import make_registration_point
from dianke.customers.operations.relations import relate
from dianke.customers.operations.rights import close_request, open_request
from dianke.customers.operations.tags import make_tag
from dianke.customers.rules.entry import (
    AddressEntry,
    ConsentEntry,
    Contact,
    DateEntry,
    Entry,
    Normalised,
    PhoneEntry,
)

#: People write their own entries here; everybody else's are somebody's at the counter.
_THEMSELVES = ("QR", "WEB", "WECHAT", "ECOMMERCE", "IMPORT")
_COLOURS = ("teal", "orange", "blue", "pink", "purple", "green", "gray")
_CHANNELS = ("COUNTER", "COUNTER", "QR", "WECHAT", "IMPORT", "ECOMMERCE")


class Customers:
    """Enters the customers of the stores that are loaded."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.data = read_customers()
        self.by_phone: dict[str, Customer] = {}
        self.tags: dict[str, Tag] = {}
        self.count = 0

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The entries of the stores that are open by now."""
        return [row for row in self.data["customers"] if self.family.has(None, row["store"])]

    def enter(self) -> None:
        """The customers of the file, with what was written down about them."""
        words = {tag for row in self.rows for tag in row.get("tags", ())} | set(self.data["filler"]["tags"])
        for number, word in enumerate(sorted(words)):
            self.tags[word] = make_tag(
                name=word,
                colour=_COLOURS[number % len(_COLOURS)],
                actor=self.family.owner,
                now=self.family.at(-900),
            )
        self._prepare()
        for row in sorted(self.rows, key=lambda one: int(one["since"])):
            self._enter(row)
        for row in self.rows:
            self._surround(row)
        self._ask()

    def _prepare(self) -> None:
        """What customers agree to, the codes they register at, what is done for their days."""
        family = self.family
        who: dict[str, Any] = {"actor": family.owner}
        for purpose, text in self.data["texts"].items():
            publish_consent_text(purpose=purpose, text=text, now=family.at(-1000), **who)
        for row in self.data["points"]:
            if family.has(row.get("staff"), row["store"]):
                make_registration_point(
                    name=row["name"],
                    store=family.stores[row["store"]],
                    staff=family.user(row["staff"]) if row.get("staff") else None,
                    campaign=row["campaign"],
                    now=family.at(-40),
                    **who,
                )
        for row in self.data["care"]:
            if family.has(None, row.get("store")):
                values = {**row, "store": family.stores.get(row.get("store", ""))}
                make_care_rule(values=values, now=family.at(-40), **who)

    def _enter(self, row: Mapping[str, Any]) -> None:
        family = self.family
        by_hand = row["channel"] not in _THEMSELVES
        knows = row.get("owner") if family.has(row.get("owner")) and row.get("owner") else None
        entered = enter_customer(
            entry=self._entry(row),
            channel=Channel(row["channel"]),
            store=family.stores[row["store"]],
            source=row.get("source", ""),
            campaign=row.get("campaign", ""),
            staff=family.user(row["staff"]) if family.has(row.get("staff")) and row.get("staff") else None,
            owner=family.user(knows) if knows else None,
            partner=family.partners.get(row.get("partner", "")),
            as_new=by_hand,
            actor=family.owner,
            now=family.at(row["since"], "10:20"),
        )
        customer = entered.customer
        self.count += 1
        if row.get("phone"):
            self.by_phone.setdefault(row["phone"], customer)
        if row.get("key_account"):
            set_key_account(
                customer=customer,
                is_key_account=True,
                actor=family.owner,
                now=family.at(row["since"], "10:30"),
            )

    def _surround(self, row: Mapping[str, Any]) -> None:
        """Relatives, contacts of companies, notes."""
        family, customer = self.family, self.by_phone.get(row.get("phone", ""))
        if customer is None:
            return
        now = family.at(max(int(row["since"]) + 1, -60), "11:00")
        for name, kind in (("spouse", "SPOUSE"), ("guardian", "GUARDIAN")):
            other = self.by_phone.get(row.get(name, ""))
            if other is not None:
                relate(customer=customer, other=other, kind=kind, actor=family.owner, now=now)
        for phone, title, is_primary in row.get("contacts", ()):
            if phone in self.by_phone:
                relate(
                    customer=customer,
                    other=self.by_phone[phone],
                    kind="CONTACT",
                    title=title,
                    is_primary=is_primary,
                    actor=family.owner,
                    now=now,
                )
        writer = row.get("owner") if row.get("owner") in family.staff else None
        for number, text in enumerate(row.get("notes", ())):
            add_note(
                customer=customer,
                text=text,
                kind="VISIT",
                actor=family.actor(writer) if writer else family.owner,
                now=family.at(int(row["seen"]) - len(row["notes"]) + number + 1, "15:40"),
            )

    def _ask(self) -> None:
        """What customers asked about their own data; an old request was answered a week later."""
        family = self.family
        for row in self.data["requests"]:
            customer = self.by_phone.get(row["phone"])
            if customer is None:
                continue
            request = open_request(
                customer=customer,
                kind=row["kind"],
                channel=Channel.COUNTER,
                details=row["details"],
                identity_checked_how="IN_PERSON",
                actor=family.owner,
                now=family.at(row["days"], "16:30"),
            )
            if row.get("answer"):
                close_request(
                    request=request,
                    answer=row["answer"],
                    actor=family.owner,
                    now=family.at(row["days"] + 7, "10:00"),
                )

    def _entry(self, row: Mapping[str, Any]) -> Entry:
        phones = [PhoneEntry(text=row[name]) for name in ("phone", "phone2") if row.get(name)]
        day = self._birthday(row)
        dates = []
        if row.get("lunar"):
            dates.append(DateEntry.parse(row["lunar"], calendar="LUNAR"))
        if row.get("wedding") or row.get("wedding_in") is not None:
            text = row.get("wedding") or f"2016-{self._in(row['wedding_in']):%m-%d}"
            dates.append(DateEntry.parse(text, kind="WEDDING"))
        is_child = row.get("guardian") is not None
        return Entry(
            kind=row.get("kind", "PERSON"),
            name=row.get("name", ""),
            aliases=row.get("aliases", ""),
            gender=row.get("gender", ""),
            occupation=row.get("occupation", ""),
            credit_code=row.get("credit_code", ""),
            phones=tuple(phones),
            emails=(row["email"],) if row.get("email") else (),
            wechat=row.get("wechat", ""),
            birthday=day,
            dates=tuple(dates),
            addresses=(AddressEntry(text=row["address"]),) if row.get("address") else (),
            tags=tuple(row.get("tags", ())),
            custom=row.get("custom", {}),
            sensitive=row.get("sensitive", {}),
            guardian="母亲" if is_child else "",
            consents=tuple(
                ConsentEntry(purpose=purpose, channel=channel)
                for purpose, channels in row.get("consents", {}).items()
                for channel in channels
            ),
        )

    def _in(self, days: int) -> date:
        return self.family.today + timedelta(days=days)

    def _birthday(self, row: Mapping[str, Any]) -> DateEntry | None:
        if row.get("birthday"):
            year = f"{row['born']}-" if row.get("born") else ""
            # The 29th of February keeps the year out: the invented person was born in a leap year nobody
            # wrote down.
            return DateEntry.parse(row["birthday"] if row["birthday"] == "02-29" else year + row["birthday"])
        if row.get("birthday_in") is not None:
            day = self._in(int(row["birthday_in"]))
            return DateEntry(year=row.get("born"), month=day.month, day=day.day)
        return None

    def fill(self) -> None:
        """Everybody else: the same people for the same seed, written as an import writes them."""
        news = [
            new for code, count in self.data["filler"]["places"].items() for new in self._fillers(code, count)
        ]
        now = self.family.at(-3, "07:00")
        bring_in(news=news, origin=Origin(Channel.DEMO, "演示数据", now), actor=self.family.owner, now=now)
        self.count += len(news)

    def _fillers(self, code: str, count: int) -> Sequence[NewCustomer]:
        store = self.family.stores.get(code)
        if store is None:
            return []
        filler = self.data["filler"]
        chance = random.Random(f"{filler['seed']}{code}")  # noqa: S311 - invented people, the same each time
        sellers = [
            one.user
            for one in self.family.staff.values()
            if one.postings.filter(store=store, role__code="CLERK", to_date=None).exists()
        ]
        found = []
        for number in range(count):
            since = -int(chance.triangular(1, 1000, 60))
            seen = max(since, -int(chance.expovariate(1 / 70)) - 1)
            found.append(
                NewCustomer(
                    found=self._firm(number) if code == "KA01" else self._person(chance, f"{code}{number}"),
                    store_id=store.pk,
                    owner_id=chance.choice(sellers).pk if sellers and chance.random() < 0.6 else None,
                    level=chance.choices(("普通会员", "贵宾会员", "钻石会员"), (80, 16, 4))[0],
                    since=self.family.at(since, f"{chance.randrange(10, 20)}:{chance.randrange(60):02}"),
                    seen=self.family.at(seen, f"{chance.randrange(10, 20)}:{chance.randrange(60):02}"),
                    tag_ids=(self.tags[chance.choice(filler["tags"])].pk,) if chance.random() < 0.35 else (),
                    consents=self._agreed(chance, f"{code}{number}"),
                )
            )
        return found

    def _agreed(self, chance: random.Random, seed: str) -> tuple[tuple[str, str, bool], ...]:
        """What somebody agreed to: most to offers by text message, more to greetings and calls about what they have."""
        offers = chance.random() < 0.4
        found = [("MARKETING", chance.choice(("WECHAT", "SMS")), True)] if offers else []
        own = random.Random(f"{seed} agreed")  # noqa: S311 - as above
        if own.random() < 0.85:
            found.append(("CARE", "ANY", True))
        if own.random() < 0.7 and ("MARKETING", "SMS", True) not in found:
            found.append(("MARKETING", "SMS", True))
        return tuple(found)

    def _person(self, chance: random.Random, seed: str) -> Normalised:
        filler = self.data["filler"]
        gender = chance.choice("FFM")
        given = filler["female" if gender == "F" else "male"]
        name = chance.choice(filler["surnames"]) + "".join(
            chance.choice(given) for _ in range(chance.choice((1, 2, 2, 2)))
        )
        day = date(chance.randrange(1958, 2006), 1, 1) + timedelta(days=chance.randrange(365))
        number = random.Random(seed).randrange(20_000_000, 99_999_999)  # noqa: S311 - as above
        phone = f"+86154{number}"
        days = (DateEntry(year=day.year, month=day.month, day=day.day),) if chance.random() < 0.55 else ()
        return Normalised(
            name=name,
            gender=gender,
            contacts=(Contact(kind="PHONE", value=phone, use="MOBILE", is_preferred=True),),
            dates=days,
        )

    def _firm(self, number: int) -> Normalised:
        firms = self.data["filler"]["firms"]
        phone = Contact(kind="PHONE", value=f"+86512666{10_100 + number}", use="WORK", is_preferred=True)
        return Normalised(kind="COMPANY", name=f"苏州{firms[number % len(firms)]}", contacts=(phone,))
