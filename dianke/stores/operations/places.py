"""Stores, their registers and places of stock."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged
from dianke.stores.models import Posting, Register, StockPlace, Store
from dianke.stores.operations.entity_bonds import check_may_move
from dianke.stores.operations.merchant import NameTaken, check_zone
from dianke.stores.queries import merchant_zone


class StoreCodeTaken(Conflict):
    code = "store_code_taken"
    message = _("Code %(store_code)s already belongs to “%(name)s”. Choose another code.")
    default_field = "code"


class RegisterCodeTaken(Conflict):
    code = "register_code_taken"
    message = _("Till %(register_code)s already exists in “%(name)s”. Choose another code.")
    default_field = "code"


class StoreStillStaffed(Conflict):
    code = "store_still_staffed"
    message = ngettext_lazy(
        "%(count)s person is still posted here after that day. End or move the posting first.",
        "%(count)s people are still posted here after that day. End or move their postings first.",
        "count",
    )
    default_field = "closed_on"


class ClosedBeforeOpened(InvalidInput):
    code = "closed_before_opened"
    message = _("The store opened on %(day)s; it cannot close before.")
    default_field = "closed_on"


def _check_store(values: dict[str, Any], pk: int = 0) -> None:
    if "code" in values:
        taken = Store.objects.filter(code=values["code"]).exclude(pk=pk).first()
        if taken:
            raise StoreCodeTaken(store_code=values["code"], name=taken.short_name)
    if "time_zone" in values:
        check_zone(values["time_zone"])


@operation("stores.manage_stores")
def open_store(*, values: dict[str, Any], actor: Actor, now: datetime) -> Store:
    """Open a store with a first register and a shop floor, ready to work. It takes the currency of its legal entity
    and the merchant's time zone where none is given. Raises `StoreCodeTaken`, `UnknownZone`."""
    values = {"currency": values["legal_entity"].currency, "time_zone": merchant_zone().key, **values}
    _check_store(values)
    store = Store.objects.create(**values)
    Register.objects.create(store=store, code="01", name=str(_("Till 1")))
    StockPlace.objects.create(store=store, name=str(_("Shop floor")), kind=StockPlace.Kind.SHOP_FLOOR)
    record(
        "stores.store_opened",
        store,
        actor=actor,
        now=now,
        store_id=store.pk,
        data={"code": store.code, "name": store.name},
    )
    return store


@operation("stores.manage_stores")
def change_store(*, store: Store, values: dict[str, Any], actor: Actor, now: datetime) -> Store:
    """Change a store the actor reaches. Raises `StoreCodeTaken`, `UnknownZone`, `StoreBoundToEntity`."""
    actor.require("stores.manage_stores", store_id=store.pk)
    _check_store(values, store.pk)
    if "legal_entity" in values:
        check_may_move(store, values["legal_entity"])
    changes = apply_changes(store, values)
    if not changes:
        unchanged()
        return store
    record("stores.store_changed", store, actor=actor, now=now, store_id=store.pk, data={"changes": changes})
    return store


@operation("stores.manage_stores")
def close_store(*, store: Store, closed_on: date, actor: Actor, now: datetime) -> Store:
    """Close a store: `closed_on` is its first day closed. Raises `StoreStillStaffed`, `ClosedBeforeOpened`."""
    actor.require("stores.manage_stores", store_id=store.pk)
    store = Store.objects.select_for_update().get(pk=store.pk)  # nobody is posted there meanwhile
    if closed_on < store.opened_on:
        raise ClosedBeforeOpened(day=store.opened_on)
    staffed = Posting.objects.filter(store=store).not_over(closed_on).values("staff_id").distinct().count()
    if staffed:
        raise StoreStillStaffed(count=staffed)
    if not apply_changes(store, {"closed_on": closed_on}):
        unchanged()
        return store
    record(
        "stores.store_closed",
        store,
        actor=actor,
        now=now,
        store_id=store.pk,
        data={"closed_on": str(closed_on)},
    )
    return store


@operation("stores.manage_stores")
def reopen_store(*, store: Store, actor: Actor, now: datetime) -> Store:
    """Undo closing."""
    actor.require("stores.manage_stores", store_id=store.pk)
    store = Store.objects.select_for_update().get(pk=store.pk)
    if not apply_changes(store, {"closed_on": None}):
        unchanged()
        return store
    record("stores.store_reopened", store, actor=actor, now=now, store_id=store.pk)
    return store


@operation("stores.manage_stores")
def add_register(*, store: Store, code: str, name: str, actor: Actor, now: datetime) -> Register:
    """Add a till to a store. Raises `RegisterCodeTaken`."""
    actor.require("stores.manage_stores", store_id=store.pk)
    if store.registers.filter(code=code).exists():
        raise RegisterCodeTaken(register_code=code, name=store.short_name)
    register = Register.objects.create(store=store, code=code, name=name)
    record(
        "stores.register_added",
        register,
        also=[store],
        actor=actor,
        now=now,
        store_id=store.pk,
        data={"code": code},
    )
    return register


@operation("stores.manage_stores")
def change_register(*, register: Register, values: dict[str, Any], actor: Actor, now: datetime) -> Register:
    """Rename a till or take it out of use."""
    actor.require("stores.manage_stores", store_id=register.store_id)
    others = Register.objects.filter(store=register.store_id).exclude(pk=register.pk)
    if "code" in values and others.filter(code=values["code"]).exists():
        raise RegisterCodeTaken(register_code=values["code"], name=register.store.short_name)
    changes = apply_changes(register, values)
    if not changes:
        unchanged()
        return register
    record(
        "stores.register_changed",
        register,
        also=[register.store],
        actor=actor,
        now=now,
        store_id=register.store_id,
        data={"changes": changes},
    )
    return register


@operation("stores.manage_stores")
def add_stock_place(*, store: Store, name: str, kind: str, actor: Actor, now: datetime) -> StockPlace:
    """Add a place of stock to a store. Raises `NameTaken`."""
    actor.require("stores.manage_stores", store_id=store.pk)
    if store.stock_places.filter(name=name).exists():
        raise NameTaken(name=name)
    place = StockPlace.objects.create(store=store, name=name, kind=kind)
    record(
        "stores.stock_place_added",
        place,
        also=[store],
        actor=actor,
        now=now,
        store_id=store.pk,
        data={"name": name},
    )
    return place


@operation("stores.manage_stores")
def change_stock_place(
    *, place: StockPlace, values: dict[str, Any], actor: Actor, now: datetime
) -> StockPlace:
    """Rename a place of stock or take it out of use."""
    actor.require("stores.manage_stores", store_id=place.store_id)
    others = StockPlace.objects.filter(store=place.store_id).exclude(pk=place.pk)
    if "name" in values and others.filter(name=values["name"]).exists():
        raise NameTaken(name=values["name"])
    changes = apply_changes(place, values)
    if not changes:
        unchanged()
        return place
    record(
        "stores.stock_place_changed",
        place,
        also=[place.store],
        actor=actor,
        now=now,
        store_id=place.store_id,
        data={"changes": changes},
    )
    return place
