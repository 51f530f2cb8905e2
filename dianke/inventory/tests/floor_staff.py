"""People who sign in to the pages of the shop floor: `hire("lin", "CLERK", shop.lake)` answers their browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.test import Client
from django.utils import timezone

from dianke.access.models import Role
from dianke.core.actor import SYSTEM
from dianke.inventory.tests.shop import Shop
from dianke.stores import operations as stores
from dianke.stores.models import Merchant, Store

Hire = Callable[[str, str, Store | None], Client]


def hiring(shop: Shop, now: datetime) -> Hire:
    """Everybody hired works from the day on the store was opened."""
    Merchant.objects.get_or_create(name="云裳美业")

    def hire(username: str, role: str, store: Store | None) -> Client:
        staff = stores.hire_staff(
            username=username, name=username, number=username, legal_entity=shop.lake.legal_entity,
            hired_on=shop.lake.opened_on, phone="", role=Role.objects.get(code=role), store=store,
            actor=SYSTEM, now=now,
        )  # fmt: skip
        client = Client()
        client.force_login(staff.user)
        session = client.session
        stamp = timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        return client

    return hire
