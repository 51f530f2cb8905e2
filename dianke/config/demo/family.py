"""The organisation of the demo: merchant, entities, stores, people, shares and calendar."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from dianke.access.models import Role, User
from dianke.access.operations import set_second_factor_rule
from dianke.access.queries import actor_for
from dianke.config.demo.data import family as read_family
from dianke.config.demo.people import PASSWORD
from dianke.core.actor import SYSTEM, Actor
from dianke.core.lunar import LunarDate, next_occurrence
from dianke.stores.models import LegalEntity, Partner, Region, Staff, Store
from dianke.stores.operations import (
    add_legal_entity,
    add_partner,
    add_region,
    add_register,
    add_stock_place,
    change_region,
    give_holding,
    hire_staff,
    mark_day,
    open_store,
    post_staff,
    release_staff,
    set_opening_hours,
    set_up_merchant,
    transfer_staff,
)

ZONE = ZoneInfo("Asia/Shanghai")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def clock(text: str) -> time:
    """ "09:30" as a time."""
    return time.fromisoformat(text)


class Family:
    """Builds the organisation as of `now`; `trade` keeps the stores of one trade, with the whole cast of roles."""

    def __init__(self, *, now: datetime, trade: str | None = None) -> None:
        self.now = now
        self.today: date = now.astimezone(ZONE).date()
        self.trade = trade
        self.data: dict[str, Any] = read_family()
        self.entities: dict[str, LegalEntity] = {}
        self.regions: dict[str, Region] = {}
        self.stores: dict[str, Store] = {}
        self.staff: dict[str, Staff] = {}
        self.partners: dict[str, Partner] = {}
        self._actors: dict[str, Actor] = {}

    # --- time and people -----------------------------------------------------------------------------------------
    def day(self, days: int) -> date:
        return self.today + timedelta(days=days)

    def at(self, days: int, hour: str = "09:30") -> datetime:
        """That day and hour in Shanghai; never after now for what has happened."""
        moment = datetime.combine(self.day(days), clock(hour), ZONE)
        return min(moment, self.now) if days <= 0 else moment

    def due(self, days: int, hour: str) -> datetime:
        """A time something is due, past or to come."""
        return datetime.combine(self.day(days), clock(hour), ZONE)

    def user(self, username: str) -> User:
        return self.staff[username].user

    def actor(self, username: str) -> Actor:
        """A person acting with the grants of today."""
        if username not in self._actors:
            self._actors[username] = actor_for(self.user(username), now=self.now)
        return self._actors[username]

    @cached_property
    def owner(self) -> Actor:
        return self.actor("linxiulan")

    def has(self, username: str | None, store: str | None = None) -> bool:
        """Whether the person and the store are part of what is loaded."""
        return (username is None or username in self.staff) and (store is None or store in self.stores)

    # --- stages --------------------------------------------------------------------------------------------------
    def found(self) -> None:
        """Merchant, entities, regions, and the owner, who does the rest."""
        merchant = self.data["merchant"]
        now = self.at(merchant["founded"])
        set_up_merchant(
            name=merchant["name"],
            short_name=merchant["short_name"],
            trade=self.trade or merchant["trade"],
            currency="CNY",
            language="zh-hans",
            time_zone="Asia/Shanghai",
            is_demo=True,
            actor=SYSTEM,
            now=now,
        )
        for row in self.data["entities"]:
            if self.trade is None or self.trade in row["trades"]:
                values = {key: row[key] for key in ("name", "short_name", "kind")}
                self.entities[row["code"]] = add_legal_entity(values=values, actor=SYSTEM, now=now)
        for row in self.data["regions"]:
            self.regions[row["name"]] = add_region(name=row["name"], actor=SYSTEM, now=now)
        for row in self.data["regions"]:
            if row.get("parent"):
                parent = self.regions[row["parent"]]
                change_region(
                    region=self.regions[row["name"]], values={"parent": parent}, actor=SYSTEM, now=now
                )
        self._hire(self.data["people"][0], number=1, actor=SYSTEM)
        # The demo has nobody's phone: its people sign in by password alone. Removing it restores the rules.
        for role in Role.objects.filter(requires_second_factor=True):
            set_second_factor_rule(role=role, is_required=False, actor=SYSTEM, now=now)

    def open_stores(self) -> None:
        """Stores with their tills and places of stock."""
        for row in self.data["stores"]:
            if self.trade not in (None, row["trade"]):
                continue
            now = self.at(row["opened"])
            values = {
                key: row[key]
                for key in (
                    "code",
                    "name",
                    "short_name",
                    "trade",
                    "province",
                    "city",
                    "district",
                    "street",
                    "telephone",
                )
            }
            values |= {
                "legal_entity": self.entities[row["entity"]],
                "region": self.regions[row["region"]],
                "opened_on": self.day(row["opened"]),
                "closing_hour": row.get("closing_hour", 0),
                "is_demo": True,
            }
            store = open_store(values=values, actor=self.owner, now=now)
            self.stores[row["code"]] = store
            for number, name in enumerate(row["registers"], start=2):
                add_register(store=store, code=f"{number:02}", name=name, actor=self.owner, now=now)
            for name, kind in row["places"]:
                add_stock_place(store=store, name=name, kind=kind, actor=self.owner, now=now)

    def hire_people(self) -> None:
        """Everybody but the owner, each on their day; then whoever moved since."""
        numbered = list(enumerate(self.data["people"], start=1))[1:]
        for number, row in sorted(numbered, key=lambda pair: pair[1]["hired"]):
            store = row.get("store")
            if row.get("login") or store is None or store in self.stores or self._is_partner(row["username"]):
                self._hire(row, number=number, actor=self.owner)
        # The founder is a partner's equal everywhere; a second posting shows a person in two roles.
        if "linzhiyuan" in self.staff and "KA01" in self.stores:
            post_staff(
                staff=self.staff["linzhiyuan"],
                role=Role.objects.get(code="STORE_MANAGER"),
                store=self.stores["KA01"],
                from_date=self.day(-690),
                actor=self.owner,
                now=self.at(-690),
            )
        for row in self.data["people"]:
            if "moved" in row and row["username"] in self.staff and row["moved"]["store"] in self.stores:
                staff = self.staff[row["username"]]
                transfer_staff(
                    posting=staff.postings.get(),
                    store=self.stores[row["moved"]["store"]],
                    from_date=self.day(row["moved"]["on"]),
                    actor=self.owner,
                    now=self.at(row["moved"]["on"] - 5),
                )

    def share_and_plan(self) -> None:
        """Partners and their shares, weekly hours, and the days that differ."""
        for row in self.data["holdings"]:
            if row["entity"] not in self.entities:
                continue
            person = self.staff[row["partner"]]
            now = self.at(row["from"])
            if row["partner"] not in self.partners:
                partner = add_partner(name=person.name, user=person.user, actor=self.owner, now=now)
                self.partners[row["partner"]] = partner
            give_holding(
                partner=self.partners[row["partner"]],
                legal_entity=self.entities[row["entity"]],
                share_basis_points=row["share"],
                from_date=self.day(row["from"]),
                actor=self.owner,
                now=now,
            )
        for row in self.data["stores"]:
            if row["code"] in self.stores:
                weekly = [
                    (weekday, clock(opens), clock(closes))
                    for days, opens, closes in row["hours"]
                    for weekday in _weekdays(days)
                ]
                store = self.stores[row["code"]]
                set_opening_hours(
                    store=store, weekly=weekly, actor=self.owner, now=self.at(row["opened"], "10:00")
                )
        first = next_occurrence(LunarDate(1, 1), self.today + timedelta(days=2))
        for row in self.data["festival"]:
            self._mark(None, first + timedelta(days=row["day"]), row)
        for row in self.data["days"]:
            if row["store"] in self.stores:
                self._mark(self.stores[row["store"]], self.day(row["day"]), row)

    def part(self) -> None:
        """Who has left: what they held goes to their successor."""
        for row in self.data["people"]:
            if "left" in row and self.has(row["username"]) and self.has(row["successor"]):
                release_staff(
                    staff=self.staff[row["username"]],
                    left_on=self.day(row["left"]),
                    successor=self.staff[row["successor"]],
                    actor=self.owner,
                    now=self.at(row["left"], "18:30"),
                )

    # --- pieces --------------------------------------------------------------------------------------------------
    def _is_partner(self, username: str) -> bool:
        return any(
            row["partner"] == username and row["entity"] in self.entities for row in self.data["holdings"]
        )

    def _hire(self, row: dict[str, Any], *, number: int, actor: Actor) -> None:
        """A person with account and posting. With one trade loaded, who works elsewhere works in its first store."""
        store, region = row.get("store"), row.get("region")
        only = next(iter(self.stores.values()), None)
        self.staff[row["username"]] = hire_staff(
            username=row["username"],
            name=row["name"],
            number=f"QL{number:03}",
            legal_entity=self.entities.get(row["entity"]) or next(iter(self.entities.values())),
            hired_on=self.day(row["hired"]),
            title=row["title"],
            phone=f"154000000{number:02}",
            password=PASSWORD if row.get("login") else None,
            role=Role.objects.get(code=row["role"]),
            store=(self.stores.get(store) or only) if store else None,
            region=(only.region if self.trade and only else self.regions[region]) if region else None,
            is_demo=True,
            actor=actor,
            now=self.at(row["hired"]),
        )

    def _mark(self, store: Store | None, day: date, row: dict[str, Any]) -> None:
        mark_day(
            store=store,
            day=day,
            kind=row["kind"],
            name=row["name"],
            opens=clock(row["opens"]) if "opens" in row else None,
            closes=clock(row["closes"]) if "closes" in row else None,
            actor=self.owner,
            now=self.at(-30),
        )


def _weekdays(span: str) -> range:
    """ "mon-thu" or "sun" as weekday numbers."""
    first, _dash, last = span.partition("-")
    return range(WEEKDAYS.index(first), WEEKDAYS.index(last or first) + 1)
