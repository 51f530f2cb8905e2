"""Switching modules on and off."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.config.models import ModuleSwitch
from dianke.config.modules import MODULES
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.events.operations import operation, record, unchanged
from dianke.stores.models import Store


class ModuleUnknown(InvalidInput):
    code = "module_unknown"
    message = _("There is no module “%(module)s”. Load the page again.")
    default_field = "module"


@operation("config.manage_settings")
def switch_module(
    *, module: str, is_on: bool | None, store: Store | None = None, actor: Actor, now: datetime
) -> ModuleSwitch | None:
    """Switch a module for a store or (store None) the merchant; `is_on` None takes the switch away, so that what is
    set one step up holds again. Raises `ModuleUnknown`."""
    if module not in MODULES:
        raise ModuleUnknown(module=module)
    if store is not None:
        actor.require("config.manage_settings", store_id=store.pk)
    standing = ModuleSwitch.objects.select_for_update().filter(module=module, store=store).first()
    before = standing.is_on if standing else None
    if before == is_on:
        unchanged()
        return standing
    switch: ModuleSwitch | None = None
    if is_on is None:
        ModuleSwitch.objects.filter(module=module, store=store).delete()
    else:
        switch, _is_new = ModuleSwitch.objects.update_or_create(
            module=module, store=store, defaults={"is_on": is_on}
        )
    record(
        "config.module_switched",
        f"config.module:{module}",
        also=["config.modules:all", *([store] if store else [])],
        actor=actor,
        now=now,
        store_id=store.pk if store else None,
        data={"module": module, "changes": {"is_on": [before, is_on]}},
    )
    return switch
