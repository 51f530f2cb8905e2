"""Removing the demo merchant: the database stands at its first start again.

The log and the ledger are append-only and stay as they are; keys of rows are never used again (sequences go on), so
nothing that comes later can be mistaken for something of the demo.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.apps import apps
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from dianke.access.models import Role, User
from dianke.access.permissions import PRESET_ROLES
from dianke.catalog.apps import fill_presets
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, record, step
from dianke.sales.apps import fill_presets as fill_sales_presets
from dianke.sales.operations.delivery_proof import delete_pictures
from dianke.stores.models import Merchant
from dianke.wallets.operations.setting_up import load_default_terms

#: Rooms whose rows stay: what happened, what was posted, and the keys that open them.
KEPT_ROOMS = frozenset({"core", "events", "ledger"})
#: Tables of others that hold people, their sessions, factors and refused sign-ins.
OTHER_ROOMS = frozenset({"sessions", "account", "mfa", "axes"})


class NotADemo(Conflict):
    code = "not_a_demo"
    message = _("This merchant is no demo, so it cannot be removed here. Your data are safe.")


class WrongName(InvalidInput):
    code = "wrong_name"
    message = _(
        "That is not the merchant's name. Type “%(name)s” exactly, so that nothing is removed by accident."
    )
    default_field = "name"


@operation("config.manage_settings")
def remove_demo(*, name: str, actor: Actor, now: datetime) -> None:
    """Remove the demo merchant with its people, stores and work; `name` is typed as a safeguard.

    Raises `NotADemo`, `WrongName`.
    """
    merchant = Merchant.objects.select_for_update().first()
    if merchant is None or not merchant.is_demo:
        raise NotADemo
    if name.strip() != merchant.name:
        raise WrongName(name=merchant.name)
    delete_pictures()
    people, stores = User.objects.count(), apps.get_model("stores", "Store").objects.count()
    _empty_rooms()
    record(
        "config.demo_removed",
        "stores.merchant:1",
        actor=actor,
        now=now,
        data={"people": people, "stores": stores},
    )


@operation("config.manage_settings")
def note_demo_loaded(*, trade: str | None, actor: Actor, now: datetime) -> None:
    """Say in the log that all before this was a demo; `trade` when only one was loaded."""
    record("config.demo_loaded", "stores.merchant:1", actor=actor, now=now, data={"trade": trade})


@step
def _empty_rooms() -> None:
    """Foreign keys are checked at the end of the transaction, so the order of tables does not matter."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('dianke.demo_leaves', 'on', true)")
        for table in _tables():
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608  a table of ours
        cursor.execute("SELECT set_config('dianke.demo_leaves', '', true)")
    fill_presets()
    fill_sales_presets()
    load_default_terms()
    Role.objects.filter(is_preset=False).delete()
    for preset in PRESET_ROLES:
        Role.objects.filter(code=preset.code.value).update(
            requires_second_factor=preset.requires_second_factor
        )


def _tables() -> Iterator[str]:
    for model in apps.get_models(include_auto_created=True):
        if _is_emptied(model):
            yield model._meta.db_table


def _is_emptied(model: type[models.Model]) -> bool:
    if model is Role or not model._meta.managed:
        return False
    label = model._meta.app_label
    ours = model.__module__.startswith("dianke.") and label not in KEPT_ROOMS
    return ours or label in OTHER_ROOMS
