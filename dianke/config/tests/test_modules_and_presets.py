"""Modules switched with undo, presets brought in and taken back."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from dianke.access.models import ApiKey
from dianke.config.models import ModuleSwitch, StorePreset
from dianke.config.modules import module_is_on, modules_on
from dianke.config.operations import (
    ModuleUnknown,
    PresetUnknown,
    apply_preset,
    switch_module,
    tick_first_step,
    undo_preset,
    untick_first_step,
)
from dianke.config.settings_list import without_row
from dianke.config.settings_pages import every_setting
from dianke.core.actor import SYSTEM, Actor, PermissionRefused
from dianke.events.models import Event
from dianke.stores.models import LegalEntity, Merchant, Store
from dianke.stores.operations import set_opening_hours
from dianke.web import navigation
from dianke.work.models import CustomField, RecurringTask

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    Merchant.objects.create(name="测试商户")
    entity = LegalEntity.objects.create(name="测试公司", short_name="测试")
    return Store.objects.create(
        code="T1",
        name="一店",
        short_name="一店",
        trade="GENERAL",
        legal_entity=entity,
        opened_on="2026-01-01",
    )


@pytest.fixture
def second(store: Store) -> Store:
    return Store.objects.create(
        code="T2",
        name="二店",
        short_name="二店",
        trade="GENERAL",
        legal_entity=store.legal_entity,
        opened_on="2026-01-01",
    )


def state_of(store: Store) -> list[Any]:
    store.refresh_from_db()
    return [
        store.trade,
        store.closing_hour,
        sorted(modules_on(store.pk)),
        list(store.opening_hours.values_list("weekday", "opens", "closes")),
        sorted(CustomField.objects.active().values_list("model", "key")),
        sorted(RecurringTask.objects.active().filter(store=store).values_list("title", flat=True)),
    ]


# --- modules ---------------------------------------------------------------------------------------------------------
def test_a_store_switch_stands_above_the_merchants_and_that_above_the_default(
    store: Store, now: datetime
) -> None:
    def switch(module: str, is_on: bool | None, at: Store | None = None) -> None:
        switch_module(module=module, is_on=is_on, store=at, actor=SYSTEM, now=now)

    assert module_is_on("api", store.pk)
    assert not module_is_on("bookings", store.pk)
    switch("bookings", True)
    assert module_is_on("bookings", store.pk)
    switch("bookings", False, store)
    assert not module_is_on("bookings", store.pk)
    assert module_is_on("bookings")
    switch("bookings", None, store)
    assert module_is_on("bookings", store.pk)
    switch("bookings", None)
    assert not module_is_on("bookings", store.pk)
    switch("bookings", True, store)
    assert module_is_on("bookings"), "on at one store is on for the merchant's pages"
    assert Event.objects.filter(kind="config.module_switched").count() == 5


def test_switching_twice_is_one_change(store: Store, now: datetime) -> None:
    for _ in range(2):
        switch_module(module="till", is_on=True, actor=SYSTEM, now=now)
    assert ModuleSwitch.objects.count() == 1
    assert Event.objects.filter(kind="config.module_switched").count() == 1


def test_an_unknown_module_is_refused(now: datetime) -> None:
    with pytest.raises(ModuleUnknown):
        switch_module(module="teleport", is_on=True, actor=SYSTEM, now=now)


def test_a_clerk_switches_nothing(make_actor: Any, now: datetime) -> None:
    clerk: Actor = make_actor("CLERK")
    with pytest.raises(PermissionRefused):
        switch_module(module="till", is_on=True, actor=clerk, now=now)


def test_an_api_that_is_switched_off_answers_404_with_the_reason(
    store: Store, now: datetime, client: Client
) -> None:
    assert client.get("/api/v1/openapi.json").status_code != 404
    switch_module(module="api", is_on=False, actor=SYSTEM, now=now)
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 404
    assert answer.json()["code"] == "module_off"
    assert not ApiKey.objects.exists()
    switch_module(module="api", is_on=None, actor=SYSTEM, now=now)
    assert client.get("/api/v1/openapi.json").status_code != 404


# --- presets ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("trade", ["BEAUTY", "JEWELRY", "FURNITURE", "CHAIN", "KEY_ACCOUNT", "GENERAL"])
def test_a_preset_comes_in_once_and_goes_out_without_a_trace(trade: str, store: Store, now: datetime) -> None:
    before = state_of(store)
    apply_preset(store=store, trade=trade, actor=SYSTEM, now=now)
    after = state_of(store)
    assert after[3], "opening hours"
    assert after[5], "recurring tasks"
    assert set(StorePreset.objects.get().content) == {
        "tiers",
        "pipelines",
        "templates",
        "task_kinds",
        "fields",
    }
    count = Event.objects.count()
    apply_preset(store=store, trade=trade, actor=SYSTEM, now=now)
    assert state_of(store) == after
    assert Event.objects.count() == count
    undo_preset(store=store, actor=SYSTEM, now=now)
    assert state_of(store) == before
    apply_preset(store=store, trade=trade, actor=SYSTEM, now=now)
    assert state_of(store) == after, "what was paused or archived comes back, nothing stands twice"
    assert RecurringTask.objects.filter(store=store).count() == len(after[5])


def test_what_somebody_set_stays_when_a_preset_comes_and_goes(store: Store, now: datetime) -> None:
    own = [(0, time(8), time(12))]
    set_opening_hours(store=store, weekly=own, actor=SYSTEM, now=now)
    switch_module(module="till", is_on=False, store=store, actor=SYSTEM, now=now)
    apply_preset(store=store, trade="BEAUTY", actor=SYSTEM, now=now)
    assert store.opening_hours.count() == 1
    assert not module_is_on("till", store.pk)
    undo_preset(store=store, actor=SYSTEM, now=now)
    assert store.opening_hours.count() == 1
    assert not module_is_on("till", store.pk)


def test_what_was_changed_since_is_not_taken_back(store: Store, now: datetime) -> None:
    apply_preset(store=store, trade="BEAUTY", actor=SYSTEM, now=now)
    set_opening_hours(store=store, weekly=[(0, time(8), time(12))], actor=SYSTEM, now=now)
    switch_module(module="bookings", is_on=False, store=store, actor=SYSTEM, now=now)
    undo_preset(store=store, actor=SYSTEM, now=now)
    assert store.opening_hours.count() == 1
    assert ModuleSwitch.objects.get(store=store).is_on is False


def test_another_preset_takes_the_place_of_the_first(store: Store, now: datetime) -> None:
    apply_preset(store=store, trade="BEAUTY", actor=SYSTEM, now=now)
    apply_preset(store=store, trade="JEWELRY", actor=SYSTEM, now=now)
    alone = state_of(store)
    undo_preset(store=store, actor=SYSTEM, now=now)
    apply_preset(store=store, trade="JEWELRY", actor=SYSTEM, now=now)
    assert state_of(store) == alone
    assert (store.trade, store.closing_hour) == ("JEWELRY", 0)
    assert ("work.task", "piece") in alone[4]
    assert ("work.task", "treatment") not in alone[4]


def test_fields_of_a_trade_stay_while_another_store_has_it(
    store: Store, second: Store, now: datetime
) -> None:
    for place in (store, second):
        apply_preset(store=place, trade="JEWELRY", actor=SYSTEM, now=now)
    undo_preset(store=store, actor=SYSTEM, now=now)
    assert CustomField.objects.active().filter(key="piece").exists()
    undo_preset(store=second, actor=SYSTEM, now=now)
    assert not CustomField.objects.active().filter(key="piece").exists()


def test_labels_are_kept_in_the_merchants_language(store: Store, now: datetime) -> None:
    Merchant.objects.update(language="en")
    apply_preset(store=store, trade="JEWELRY", actor=SYSTEM, now=now)
    assert CustomField.objects.get(key="piece").label == "Tag of the piece"
    assert RecurringTask.objects.filter(title="Set today's gold price").exists()


def test_an_unknown_trade_is_refused(store: Store, now: datetime) -> None:
    with pytest.raises(PresetUnknown):
        apply_preset(store=store, trade="SHOES", actor=SYSTEM, now=now)


def test_every_page_under_settings_has_a_row_with_its_sentence() -> None:
    """In every language: an effect left untranslated would be English in a Chinese list."""
    assert without_row(navigation._pages.values()) == set()
    for setting in every_setting():
        assert reverse(setting.url_name), setting.url_name
        with override("en"):
            english = str(setting.effect)
        with override("zh-hans"):
            label, effect = str(setting.label), str(setting.effect)
        assert english.endswith("."), setting.url_name
        assert effect.endswith("。"), setting.url_name
        assert label, setting.url_name
        assert effect != english, setting.url_name
        for subject in setting.subjects:
            assert subject.split(":")[0] in {"config.modules", "customers.settings"} or apps.get_model(
                subject.split(":")[0]
            )


#: Which tables have rows, who changed them, their names, whether there is a demo, which modules are on.


def test_ticking_a_first_step_twice_is_one_tick(now: datetime) -> None:
    for _ in range(2):
        tick_first_step(code="staff", actor=SYSTEM, now=now)
    for _ in range(2):
        untick_first_step(code="staff", actor=SYSTEM, now=now)
    assert Event.objects.filter(kind__startswith="config.first_step").count() == 2
