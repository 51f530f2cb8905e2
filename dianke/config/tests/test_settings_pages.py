"""The settings of the house as their owner finds them: by what they do, with who changed them last."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from dianke.access.models import User
from dianke.access.queries import actor_for
from dianke.config import demo
from dianke.config.models import StorePreset
from dianke.config.modules import module_is_on
from dianke.config.settings_list import settings_for, without_row
from dianke.core.actor import SYSTEM, Actor
from dianke.customers.operations.registration import make_registration_point
from dianke.customers.operations.tags import make_tag, rename_tag
from dianke.stores.models import Store
from dianke.web import navigation
from dianke.web.navigation import Page, Place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_of_today")]


def owner_client() -> Client:
    client = Client()
    client.post("/sign-in/", {"username": "linxiulan", "password": demo.PASSWORD})
    return client


LIST_QUERIES = 5


def actor_of(username: str) -> Actor:
    return actor_for(User.objects.get(username=username), now=timezone.now())


def told(actor: Actor, url_name: str) -> tuple[str, datetime] | None:
    """Who changed a setting last and when, as the list says."""
    (row,) = (row for group in settings_for(actor) for row in group.rows if row.setting.url_name == url_name)
    return (row.changed_by, row.changed_at) if row.changed_at else None


def test_the_page_switches_and_offers_to_undo() -> None:
    client = owner_client()
    store = Store.objects.get(code="SZ01")
    page = client.get("/settings/modules/").content.decode()
    assert "开放接口" in page
    answer = client.post(f"/settings/modules/bookings/on/?store={store.pk}", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert f"/settings/modules/bookings/follow/?store={store.pk}" in answer.headers["HX-Trigger"]
    assert module_is_on("bookings", store.pk)
    client.post(f"/settings/modules/bookings/follow/?store={store.pk}")
    assert not module_is_on("bookings", store.pk)
    assert client.post("/settings/modules/bookings/sideways/").status_code == 422
    assert client.post("/settings/modules/bookings/on/?store=999999").status_code == 404


def test_presets_are_chosen_and_taken_back_on_their_page() -> None:
    client = owner_client()
    store = Store.objects.get(code="SZ01")
    assert "一物一签" in client.get("/settings/presets/").content.decode()
    answer = client.post(f"/settings/presets/{store.pk}/", {"trade": "CHAIN"})
    assert answer.status_code == 303
    assert StorePreset.objects.get(store=store).trade == "CHAIN"
    client.post(f"/settings/presets/{store.pk}/undo/")
    assert not StorePreset.objects.filter(store=store).exists()
    assert client.get(f"/settings/presets/{store.pk}/").status_code == 200


# --- the list --------------------------------------------------------------------------------------------------------
def test_settings_are_found_by_what_they_change_and_by_pinyin() -> None:
    client = owner_client()
    everything = client.get("/settings/").content.decode()
    assert "登录与权限" in everything
    found = client.get("/settings/", {"q": "chunjie"}).content.decode()
    assert "营业时间与日历" in found
    assert "经营主体" not in found
    nothing = client.get("/settings/", {"q": "zzzz"})
    assert "没有叫「zzzz」的设置" in nothing.content.decode()


def test_the_list_says_who_changed_a_setting_last() -> None:
    client = owner_client()
    client.post("/settings/modules/api/off/")
    client.post("/settings/modules/api/follow/")
    page = client.get("/settings/").content.decode()
    row = page[page.index("全体员工在菜单里看到什么") :]
    assert "林秀兰" in row[:300]


def test_a_page_without_a_row_is_found_and_listed_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of the test above can fail, and what has no row is not hidden meanwhile."""
    forgotten = Page(
        "test.forgotten", "忘了写的设置", "modules-of-old", Place.SETTINGS, "config.manage_settings", "x"
    )
    command = replace(forgotten, code="test.command", url_name="command", is_command=True)
    elsewhere = replace(forgotten, code="test.elsewhere", url_name="elsewhere", place=Place.TEAM)
    assert without_row([forgotten, command, elsewhere]) == {"modules-of-old"}
    monkeypatch.setitem(navigation._pages, "test.forgotten", replace(forgotten, url_name="stores:store-new"))
    assert "忘了写的设置" in owner_client().get("/settings/").content.decode()


@pytest.mark.parametrize("query", ["shengri", "二维码", "标签", "隐私", "guanhuai"])
def test_settings_of_customers_are_found_by_the_words_people_use(query: str) -> None:
    actor = actor_of("linxiulan")
    with override("zh-hans"):
        found = {str(group.label) for group in settings_for(actor, query=query)}
    assert "顾客" in found


def test_who_changed_any_row_of_a_table_last_is_told_and_the_night_is_not(now: datetime) -> None:
    actor = actor_of("linxiulan")
    later = now + timedelta(days=40)
    assert told(actor, "customers:tag-settings") != (actor.name, later)
    tag = make_tag(name="爱吃辣", actor=actor, now=later)
    assert told(actor, "customers:tag-settings") == (actor.name, later)
    rename_tag(tag=tag, name="爱吃甜", actor=SYSTEM, now=later + timedelta(days=1))
    assert told(actor, "customers:tag-settings") == (actor.name, later)


def test_who_changed_a_registration_code_last_is_told_however_many_came_through_it(now: datetime) -> None:
    actor = actor_of("linxiulan")
    later = now + timedelta(days=40)
    make_registration_point(name="前台", store=Store.objects.all()[0], actor=actor, now=later)
    assert told(actor, "customers:points") == (actor.name, later)


def test_the_list_costs_the_same_however_many_rows_the_tables_have(
    now: datetime, django_assert_num_queries: Any
) -> None:
    actor = actor_of("linxiulan")
    for count in (1, 12):
        for number in range(count):
            make_tag(name=f"标签 {count}-{number}", actor=actor, now=now)
        with django_assert_num_queries(LIST_QUERIES):
            settings_for(actor)


def test_settings_are_for_those_who_manage_them() -> None:
    client = Client()
    client.post("/sign-in/", {"username": "tangxiaoyu", "password": demo.PASSWORD})
    for path in ("/settings/", "/settings/modules/", "/settings/presets/", "/settings/demo/"):
        assert client.get(path).status_code == 403, path
