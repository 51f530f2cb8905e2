"""The demo as a whole: believable, the same every time, and gone in one step."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import models
from django.test import Client

from dianke.access.models import Role, User
from dianke.access.permissions import PRESET_ROLES
from dianke.config import demo
from dianke.config.demo.family import Family
from dianke.config.demo.promotions import Promotions
from dianke.config.models import ModuleSwitch, StorePreset
from dianke.core.encrypted_fields import EncryptedField
from dianke.events.models import Event
from dianke.journeys.models import Passage
from dianke.marketing.models import Campaign
from dianke.marketing.queries.results import result_of
from dianke.messaging.models import Message
from dianke.promotions.models import Coupon, CouponKind, Promotion
from dianke.promotions.queries import verify
from dianke.stores.models import (
    CalendarDay,
    Holding,
    LegalEntity,
    Merchant,
    OpeningHours,
    Posting,
    Staff,
    Store,
    Trade,
)
from dianke.work.models import Approval, Notification, Task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_demo")]


def test_the_family_is_whole(now: datetime) -> None:
    assert Merchant.objects.get().is_demo
    assert list(Store.objects.values_list("code", flat=True)) == [
        "HZ01",
        "HZ02",
        "KA01",
        "SH01",
        "SZ01",
        "SZ02",
    ]
    assert set(Store.objects.values_list("trade", flat=True)) == set(Trade.values) - {"GENERAL"}
    assert LegalEntity.objects.count() == 4
    beauty = Holding.objects.filter(legal_entity__short_name="栖林美容")
    assert sorted(beauty.values_list("share_basis_points", flat=True)) == [2500, 3500, 4000]
    assert 30 <= Staff.objects.count() <= 40
    assert OpeningHours.objects.filter(store__code="HZ01", closes__lt="06:00").exists()
    assert CalendarDay.objects.filter(kind="CLOSED", name="春节放假").count() == 3
    assert StorePreset.objects.count() == 6


def test_somebody_moved_and_somebody_left(now: datetime) -> None:
    moved = list(Posting.objects.filter(staff__user__username="wuqian").order_by("from_date"))
    assert [posting.store.code for posting in moved] == ["SZ02", "SZ01"]
    assert moved[0].to_date == moved[1].from_date
    left = Staff.objects.get(user__username="xieting")
    assert left.left_on < now.date()
    assert not left.user.is_active
    assert not Task.objects.open().filter(owner=left.user).exists()
    assert Task.objects.filter(owner__username="liangchen", title__startswith="李先生").exists()


def test_there_is_work_of_every_kind(now: datetime) -> None:
    tasks = Task.objects.all()
    assert tasks.overdue(now).count() >= 6
    assert tasks.open().filter(due_at__gte=now).count() >= 15
    assert tasks.filter(completed_at__isnull=False).count() >= 8
    assert tasks.filter(cancelled_at__isnull=False).exists()
    assert tasks.filter(recurring__isnull=False).exists()
    assert tasks.open().filter(owner=None).exists()
    assert tasks.exclude(custom={}).exists()
    assert Approval.objects.pending(now).count() >= 2
    assert {"APPROVED", "REFUSED"} <= set(Approval.objects.values_list("outcome", flat=True))
    assert Notification.objects.filter(read_at=None).exists()


def test_everything_has_its_event_and_nothing_happened_after_now(now: datetime) -> None:
    kinds = set(Event.objects.values_list("kind", flat=True))
    assert {
        "stores.merchant_set_up",
        "stores.store_opened",
        "stores.staff_hired",
        "stores.staff_transferred",
    } <= kinds
    assert {
        "stores.staff_released",
        "config.preset_applied",
        "work.task_created",
        "config.demo_loaded",
    } <= kinds
    assert not Event.objects.filter(recorded_at__gt=now).exists()
    assert Event.objects.filter(recorded_at__lt=now - timedelta(days=1000)).exists()


MEMBER = re.compile(r"(?<=顾客 )\d{9}\b")


def _picture() -> list[Any]:
    """Everything that was made: plain columns without keys of rows, which never repeat, and what is salted."""
    rows: list[Any] = []
    for model in (
        Merchant,
        LegalEntity,
        Holding,
        Store,
        User,
        Staff,
        Posting,
        OpeningHours,
        CalendarDay,
        Task,
    ):
        columns = [
            field.attname
            for field in model._meta.concrete_fields
            if isinstance(
                field,
                (models.CharField, models.TextField, models.DateField, models.TimeField, models.BooleanField),
            )
            and field.attname not in ("password", "subject", "reference")
            and not isinstance(field, EncryptedField)
        ]
        for row in model.objects.order_by("pk").values_list(*columns):
            # Member numbers are never given out twice, a demo that was removed included.
            rows.append(
                (model.__name__, *(MEMBER.sub("…", one) if isinstance(one, str) else one for one in row))
            )
    return rows


def test_the_same_now_gives_the_same_demo(now: datetime) -> None:
    first = _picture()
    demo.remove()
    demo.load(now=now)
    assert _picture() == first
    assert len(first) > 200


def test_a_campaign_is_over_and_proven_and_people_are_on_their_way(now: datetime) -> None:
    over = Campaign.objects.get(name="换季老友专享")
    result = result_of(over).result
    assert over.state == "DONE"
    assert result.control is not None
    assert min(result.treated.people, result.control.people) >= 50
    assert result.treated.redeemed >= 20
    assert result.lift.conversion is not None
    assert result.lift.conversion.low > 0
    assert result.lift.revenue is not None
    states = set(Passage.objects.filter(journey__name="买后回访").values_list("state", "step"))
    assert {("GOING", "days"), ("GOING", "again"), ("DONE", "news")} <= states
    assert Passage.objects.filter(journey__care="aftersales", state="GOING").exists()
    assert not Passage.objects.filter(entered_at__gt=now).exists()
    assert not Message.objects.filter(state__in=("FAILED", "SUPPRESSED")).exists()


@pytest.fixture(autouse=True)
def _fresh_middleware_memory(settings: Any) -> None:
    settings.DIANKE_FIRST_START = True


def test_removing_leaves_no_demo_person_and_the_first_start_begins_again(now: datetime) -> None:
    events = Event.objects.count()
    demo.remove()
    for model in (
        User,
        Merchant,
        Store,
        Staff,
        Posting,
        Task,
        Approval,
        ModuleSwitch,
        StorePreset,
        LegalEntity,
    ):
        assert not model.objects.exists(), model
    assert not demo.demo_people_exist()
    assert demo.demo_logins() == []
    assert Event.objects.count() == events + 1
    assert {role.code for role in Role.objects.filter(requires_second_factor=True)} == {
        preset.code.value for preset in PRESET_ROLES if preset.requires_second_factor
    }
    answer = Client().get("/")
    assert answer.status_code == 302
    assert answer["Location"] == "/setup/"


def test_the_demo_has_offers_in_every_state_and_removing_it_takes_them_along(now: datetime) -> None:
    states = set(Promotion.objects.values_list("state", flat=True))
    assert states == {"DRAFT", "RUNNING", "PAUSED", "ENDED"}
    assert set(Coupon.objects.values_list("state", flat=True)) >= {"ISSUED", "CLAIMED", "EXPIRED"}
    assert verify() == []
    counts = (Promotion.objects.count(), CouponKind.objects.count(), Coupon.objects.count())
    family = Family(now=now, trade=None)
    family.stores = {store.code: store for store in Store.objects.still_open()}
    again = Promotions(family)
    again.offer()
    again.give()
    assert counts == (Promotion.objects.count(), CouponKind.objects.count(), Coupon.objects.count())
    demo.remove()
    assert not Promotion.objects.exists()
    assert not Coupon.objects.exists()
