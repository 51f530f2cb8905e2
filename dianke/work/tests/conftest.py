"""A small cast: 王 owns everything; at 静安 leads 陈 and work 李 and 周; at 徐汇 leads 赵 and works 孙; 何 audits."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from dianke.access.models import Role, User
from dianke.access.queries import actor_for
from dianke.core.actor import SYSTEM
from dianke.stores.models import LegalEntity, Merchant, Posting, Region, Staff, Store
from dianke.work import operations
from dianke.work.operations import create_task

PEOPLE = {
    "wang": ("王建国", "OWNER", None),
    "guo": ("郭敏", "ADMINISTRATOR", None),
    "chen": ("陈思远", "STORE_MANAGER", "jingan"),
    "li": ("李晓雯", "CLERK", "jingan"),
    "zhou": ("周婷", "CLERK", "jingan"),
    "zhao": ("赵磊", "STORE_MANAGER", "xuhui"),
    "sun": ("孙悦", "CLERK", "xuhui"),
    "he": ("何静", "AUDITOR", None),
}


@dataclass
class Cast:
    """Users, staff and stores by short name; `actor("li")` is how she acts now."""

    now: object
    users: dict[str, User] = field(default_factory=dict)
    staff: dict[str, Staff] = field(default_factory=dict)
    stores: dict[str, Store] = field(default_factory=dict)

    def actor(self, name):
        return (
            SYSTEM if name == "system" else actor_for(User.objects.get(pk=self.users[name].pk), now=self.now)
        )

    def client(self, name):
        client = Client()
        client.force_login(self.users[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    def task(self, title="回访张女士", *, by="system", owner=None, store="jingan", **more):
        return create_task(
            title=title,
            owner=self.users[owner] if owner else None,
            store=self.stores[store] if store else None,
            actor=self.actor(by),
            now=more.pop("now", self.now),
            **more,
        )


def make_cast(now) -> Cast:
    cast = Cast(now)
    Merchant.objects.create(name="王氏美业")
    entity = LegalEntity.objects.create(name="上海王氏美业有限公司", short_name="王氏")
    region = Region.objects.create(name="上海")
    for code, name, trade in (("jingan", "静安店", "BEAUTY"), ("xuhui", "徐汇店", "JEWELRY")):
        cast.stores[code] = Store.objects.create(
            code=code[:4].upper(),
            name=f"王氏{name}",
            short_name=name,
            trade=trade,
            legal_entity=entity,
            region=region,
            opened_on=date(2020, 1, 1),
        )
    for number, (code, (name, role, store)) in enumerate(PEOPLE.items(), start=1):
        user = User.objects.create(
            username=code, name=name, email=f"{code}@example.com", created_at=now, password="!"
        )
        staff = Staff.objects.create(
            user=user, number=f"S{number:03}", name=name, legal_entity=entity, hired_on=date(2021, 3, 1)
        )
        Posting.objects.create(
            staff=staff,
            role=Role.objects.get(code=role),
            store=cast.stores[store] if store else None,
            from_date=date(2021, 3, 1),
        )
        cast.users[code], cast.staff[code] = user, staff
    return cast


@pytest.fixture
def cast(db, now):
    return make_cast(now)


@pytest.fixture
def page(cast):
    """`page("li", "work:task", 7)`: the page as that person sees it."""

    def get(name, url_name, /, *args, query="", **headers):
        return cast.client(name).get(reverse(url_name, args=args) + query, headers=headers)

    return get


@pytest.fixture
def post(cast):
    def send(name, url_name, /, *args, query="", headers=None, **data):
        return cast.client(name).post(reverse(url_name, args=args) + query, data, headers=headers or {})

    return send


def ask_for_export(cast, name, now, rows=900):
    """A request that 王 and 郭 can decide."""
    arguments = {"list_code": "work.tasks", "query": "", "format": "csv", "total_count": rows}
    return operations.request_approval(
        operation="web.request_export",
        arguments=arguments,
        reason="月底对账",
        actor=cast.actor(name),
        now=now,
    )
