"""The small named cast of this room's tests: one merchant, two entities, two regions, three stores, and a person for
every way of being posted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from dianke.access.models import Role
from dianke.access.queries import actor_for
from dianke.core.actor import SYSTEM, Actor
from dianke.stores import operations
from dianke.stores.models import LegalEntity, Merchant, Partner, Region, Staff, Store

FIRST_DAY = date(2026, 1, 1)


@dataclass
class Cast:
    """Stores by nickname: `lake` and `road` of 云裳 in 杭州 (region east), `harbour` of 海蓝 in 深圳 (south)."""

    now: datetime
    merchant: Merchant
    silk: LegalEntity
    ocean: LegalEntity
    east: Region
    city: Region
    south: Region
    lake: Store
    road: Store
    harbour: Store
    partner: Partner
    people: dict[str, Staff] = field(default_factory=dict)

    def __getitem__(self, username: str) -> Staff:
        return self.people[username]

    def actor(self, username: str, *, now: datetime | None = None) -> Actor:
        """The person as they act, with the grants of their postings."""
        return actor_for(self.people[username].user, now=now or self.now)

    def hire(self, username: str, name: str, role: str | None = None, **place) -> Staff:
        """Hired on `FIRST_DAY`; `store=`, `region=`, or nothing for the whole merchant."""
        staff = operations.hire_staff(
            username=username,
            name=name,
            number=f"{len(self.people) + 1:03}",
            legal_entity=place.pop("employer", self.silk),
            hired_on=FIRST_DAY,
            phone=place.pop("phone", ""),
            role=role_named(role) if role else None,
            **place,
            actor=SYSTEM,
            now=self.now,
        )
        self.people[username] = staff
        return staff


def role_named(code: str) -> Role:
    return Role.objects.get(code=code)


def open_store(
    code: str, name: str, entity: LegalEntity, region: Region | None, *, now: datetime, **more
) -> Store:
    values = {
        "code": code,
        "name": f"{name}店",
        "short_name": name,
        "trade": "BEAUTY",
        "legal_entity": entity,
        "region": region,
        "opened_on": FIRST_DAY,
        **more,
    }
    return operations.open_store(values=values, actor=SYSTEM, now=now)


def make_cast(now: datetime) -> Cast:
    """Everything through operations, as the screens would."""
    who = {"actor": SYSTEM, "now": now}
    merchant = operations.set_up_merchant(
        name="云裳美业",
        trade="BEAUTY",
        currency="CNY",
        language="zh-hans",
        time_zone="Asia/Shanghai",
        **who,
    )
    silk = operations.add_legal_entity(values={"name": "杭州云裳美容有限公司", "short_name": "云裳"}, **who)
    ocean = operations.add_legal_entity(values={"name": "深圳海蓝珠宝有限公司", "short_name": "海蓝"}, **who)
    east = operations.add_region(name="华东", **who)
    city = operations.add_region(name="杭州", parent=east, **who)
    south = operations.add_region(name="华南", **who)
    cast = Cast(
        now=now,
        merchant=merchant,
        silk=silk,
        ocean=ocean,
        east=east,
        city=city,
        south=south,
        lake=open_store("HZ01", "西湖", silk, city, now=now),
        road=open_store("HZ02", "武林路", silk, east, now=now),
        harbour=open_store("SZ01", "前海", ocean, south, now=now),
        partner=operations.add_partner(name="沈怡", **who),
    )
    cast.hire("admin", "管理员", "ADMINISTRATOR")
    cast.hire("owner", "陈明远", "OWNER")
    cast.hire("auditor", "顾审", "AUDITOR")
    cast.hire("region", "周岚", "REGIONAL_MANAGER", region=east)
    cast.hire("manager", "林小满", "STORE_MANAGER", store=cast.lake, phone="13800138000")
    cast.hire("clerk", "李想", "CLERK", store=cast.lake)
    cast.hire("neighbour", "王珊", "CLERK", store=cast.road)
    cast.hire("southerner", "黄海生", "STORE_MANAGER", store=cast.harbour, employer=ocean)
    cast.hire("shen", "沈怡")
    operations.post_staff(
        staff=cast["shen"], role=role_named("PARTNER"), legal_entity=silk, from_date=FIRST_DAY, **who
    )
    operations.change_partner(partner=cast.partner, values={"user": cast["shen"].user}, **who)
    operations.give_holding(
        partner=cast.partner, legal_entity=silk, share_basis_points=6000, from_date=FIRST_DAY, **who
    )
    return cast
