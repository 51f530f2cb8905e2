"""The demo: whole, the same every time, open by ten doors, at home only, and gone in one step."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import models
from django.test import Client

from dianke.access.models import Role, User
from dianke.access.permissions import PRESET_ROLES, RoleCode
from dianke.config import demo
from dianke.config.models import ModuleSwitch, StorePreset
from dianke.config.operations import NotADemo, WrongName, remove_demo
from dianke.core.actor import SYSTEM
from dianke.core.encrypted_fields import EncryptedField
from dianke.events.models import Event
from dianke.journeys.models import Passage
from dianke.marketing.models import Campaign
from dianke.marketing.queries.results import result_of
from dianke.messaging.models import Message
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

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_middleware_memory(settings: Any) -> None:
    settings.DIANKE_FIRST_START = True


def sign_in(username: str, **headers: str) -> tuple[Client, Any]:
    client = Client(**headers)
    answer = client.post("/sign-in/", {"username": username, "password": demo.PASSWORD})
    return client, answer


def test_the_family_is_whole(now: datetime) -> None:
    demo.load(now=now)
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
    demo.load(now=now)
    moved = list(Posting.objects.filter(staff__user__username="wuqian").order_by("from_date"))
    assert [posting.store.code for posting in moved] == ["SZ02", "SZ01"]
    assert moved[0].to_date == moved[1].from_date
    left = Staff.objects.get(user__username="xieting")
    assert left.left_on < now.date()
    assert not left.user.is_active
    assert not Task.objects.open().filter(owner=left.user).exists()
    assert Task.objects.filter(owner__username="liangchen", title__startswith="李先生").exists()


def test_there_is_work_of_every_kind(now: datetime) -> None:
    demo.load(now=now)
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
    demo.load(now=now)
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
    demo.load(now=now)
    first = _picture()
    demo.remove()
    demo.load(now=now)
    assert _picture() == first
    assert len(first) > 200


@pytest.mark.parametrize("trade", ["beauty", "jewelry", "furniture", "chain", "key-account"])
def test_one_trade_alone_has_its_stores_and_the_whole_cast(trade: str, now: datetime) -> None:
    demo.load(trade, now=now)
    code = trade.upper().replace("-", "_")
    assert set(Store.objects.values_list("trade", flat=True)) == {code}
    assert Merchant.objects.get().trade == code
    assert len(demo.demo_logins()) == 10
    assert Task.objects.open().exists()


def test_an_unknown_trade_is_refused_with_those_there_are(now: datetime) -> None:
    with pytest.raises(demo.TradeUnknown, match="jewelry"):
        demo.load("shoes", now=now)


def test_it_is_never_loaded_over_a_merchant(now: datetime) -> None:
    demo.load("chain", now=now)
    with pytest.raises(demo.DemoRefused):
        demo.load(now=now)
    assert Store.objects.count() == 1


def test_a_load_broken_off_leaves_nothing(now: datetime) -> None:
    stages = demo.stages(now=now)
    next(stages)
    next(stages)
    assert Store.objects.exists()
    stages.close()
    assert not Merchant.objects.exists()
    assert not Store.objects.exists()


def test_all_ten_roles_sign_in_and_open_today() -> None:
    demo.load()
    logins = demo.demo_logins()
    assert next(login.name for login in logins) == "林秀兰"
    roles = set()
    for login in logins:
        client, answer = sign_in(login.username)
        assert answer.status_code == 302, login
        assert answer["Location"] == "/"
        assert client.get("/").status_code == 200, login
        roles |= set(
            Posting.objects.filter(staff__user__username=login.username).values_list("role__code", flat=True)
        )
    assert roles >= {code.value for code in RoleCode}


def test_the_sign_in_page_offers_the_ten_by_one_tap() -> None:
    demo.load()
    page = Client().get("/sign-in/").content.decode()
    for login in demo.demo_logins():
        assert login.name in page
        assert f'value="{login.username}"' in page
    assert page.count(f'value="{demo.PASSWORD}"') == 10


def test_other_computers_are_refused_while_there_are_demo_people() -> None:
    demo.load("chain")
    far = Client(REMOTE_ADDR="192.168.1.20")
    answer = far.get("/sign-in/")
    assert answer.status_code == 403
    assert "演示" in answer.content.decode()
    assert Client(HTTP_HOST="localhost").get("/sign-in/").status_code == 200
    # A name that is not ours though the address is: a page elsewhere had its name point here.
    assert Client(HTTP_HOST="127.0.0.1.evil.example").get("/sign-in/").status_code in (400, 403)
    assert Client(HTTP_X_FORWARDED_FOR="203.0.113.5").get("/sign-in/").status_code == 403
    demo.remove()
    assert far.get("/setup/").status_code == 403  # the first start is for this computer too


def test_removing_leaves_no_demo_person_and_the_first_start_begins_again(now: datetime) -> None:
    demo.load(now=now)
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


def test_removal_in_settings_wants_the_name_typed() -> None:
    demo.load("chain")
    client, _answer = sign_in("linxiulan")
    page = client.post("/settings/demo/", {"name": "栖林"})
    assert page.status_code == 422
    assert "栖林家业" in page.content.decode()
    assert Merchant.objects.exists()
    answer = client.post("/settings/demo/", {"name": "栖林家业"})
    assert (answer.status_code, answer["Location"]) == (302, "/setup/")
    assert not User.objects.exists()
    assert client.get("/")["Location"] == "/setup/"


def test_a_clerk_cannot_remove_the_demo() -> None:
    demo.load("jewelry")
    client, _answer = sign_in("tangxiaoyu")
    assert client.post("/settings/demo/", {"name": "栖林家业"}).status_code == 403
    assert Merchant.objects.exists()


def test_a_real_merchant_is_never_removed(now: datetime) -> None:
    Merchant.objects.create(name="真店")
    with pytest.raises(NotADemo):
        remove_demo(name="真店", actor=SYSTEM, now=now)
    with pytest.raises(NotADemo):
        demo.remove()
    assert Merchant.objects.exists()


def test_a_wrong_name_removes_nothing(now: datetime) -> None:
    demo.load("chain", now=now)
    with pytest.raises(WrongName):
        remove_demo(name="栖林家业集团", actor=SYSTEM, now=now)
    assert Store.objects.exists()


def test_a_campaign_is_over_and_proven_and_people_are_on_their_way(now: datetime) -> None:
    demo.load(now=now)
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
