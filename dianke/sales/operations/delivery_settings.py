"""What a store decides about deliveries: its windows, days with another capacity, crews, which proof is asked for."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, record, unchanged
from dianke.sales.models import DeliveryCrew, DeliverySetting, DeliverySlot, SlotDay
from dianke.sales.operations.fulfilling import DELIVER
from dianke.sales.rules.slots import bits_of
from dianke.stores.models import Store

MANAGE = "sales.manage_settings"
CHANGEABLE = (
    "needs_signature",
    "needs_photo",
    "tells_customers",
    "gold_lock_hours",
    "quote_days",
    "old_gold_loss_bp",
)


class SlotWrong(InvalidInput):
    code = "delivery_slot_wrong"
    message = _("A window needs a name, an end after its beginning, and at least one day of the week.")
    default_field = "to_time"


class SlotNameTaken(Conflict):
    code = "delivery_slot_name_taken"
    message = _("This store has a window “%(name)s” already. Choose another name.")
    default_field = "name"


class CrewEmpty(InvalidInput):
    code = "delivery_crew_empty"
    message = _("Give the crew a name and at least one person who may deliver in this store.")
    default_field = "members"


class CrewNameTaken(Conflict):
    code = "delivery_crew_name_taken"
    message = _("This store has a crew “%(name)s” already. Choose another name.")
    default_field = "name"


class SettingOutOfRange(InvalidInput):
    code = "delivery_setting_range"
    message = _("Prices are kept for 1 to 720 hours, and the loss in melting is 0 to 100 percent.")
    default_field = "gold_lock_hours"


@operation(MANAGE)
def put_slot(
    *,
    store: Store,
    slot: DeliverySlot | None,
    name: str,
    from_time: time,
    to_time: time,
    capacity: int,
    weekdays: Collection[int],
    is_active: bool = True,
    actor: Actor,
    now: datetime,
) -> DeliverySlot:
    """Make or change a window; what is planned for it stays. Raises `SlotWrong`, `SlotNameTaken`."""
    actor.require(MANAGE, store_id=store.pk)
    name = " ".join(name.split())[:20]
    days = [day for day in weekdays if 0 <= day <= 6]
    if not name or to_time <= from_time or not days or not 0 <= capacity <= 999:
        raise SlotWrong
    found = slot or DeliverySlot(store=store)
    if DeliverySlot.objects.filter(store=store, name=name).exclude(pk=found.pk).exists():
        raise SlotNameTaken(name=name)
    found.name, found.from_time, found.to_time = name, from_time, to_time
    found.capacity, found.weekdays, found.is_active = capacity, bits_of(days), is_active
    found.save()
    record(
        "sales.delivery_slot_set",
        found,
        actor=actor,
        now=now,
        store_id=store.pk,
        data={"name": name, "capacity": capacity, "is_active": is_active},
    )
    return found


@operation(DELIVER)
def set_slot_day(
    *, slot: DeliverySlot, day: date, capacity: int | None, actor: Actor, now: datetime
) -> SlotDay | None:
    """Another capacity of a window on one day; None: as usual again. Raises `SlotWrong`."""
    actor.require(DELIVER, store_id=slot.store_id)
    rows = SlotDay.objects.filter(slot=slot, day=day)
    if capacity is None:
        if not rows.delete()[0]:
            unchanged()
            return None
        made = None
    else:
        if not 0 <= capacity <= 999:
            raise SlotWrong(field="capacity")
        made, _is_new = SlotDay.objects.update_or_create(slot=slot, day=day, defaults={"capacity": capacity})
    record(
        "sales.delivery_day_set",
        slot,
        actor=actor,
        now=now,
        store_id=slot.store_id,
        data={"name": slot.name, "day": str(day), "capacity": capacity},
    )
    return made


@operation(DELIVER)
def put_crew(
    *,
    store: Store,
    crew: DeliveryCrew | None,
    name: str,
    members: Sequence[User],
    is_active: bool = True,
    actor: Actor,
    now: datetime,
) -> DeliveryCrew:
    """Make or change a crew. Raises `CrewEmpty`, `CrewNameTaken`."""
    actor.require(DELIVER, store_id=store.pk)
    name = " ".join(name.split())[:30]
    if not name or (is_active and not members):
        raise CrewEmpty
    found = crew or DeliveryCrew(store=store)
    if DeliveryCrew.objects.filter(store=store, name=name).exclude(pk=found.pk).exists():
        raise CrewNameTaken(name=name)
    found.name, found.is_active = name, is_active
    found.save()
    found.members.set(members)
    record(
        "sales.delivery_crew_set",
        found,
        actor=actor,
        now=now,
        store_id=store.pk,
        data={"name": name, "members": [user.pk for user in members], "is_active": is_active},
    )
    return found


@operation(MANAGE)
def set_delivery_rules(
    *, store: Store, values: Mapping[str, Any], actor: Actor, now: datetime
) -> DeliverySetting:
    """Change what a store asks for at the door and tells its customers (`CHANGEABLE`). Raises `SettingOutOfRange`."""
    actor.require(MANAGE, store_id=store.pk)
    found, _is_new = DeliverySetting.objects.get_or_create(store=store)
    before = {name: getattr(found, name) for name in CHANGEABLE}
    after = before | {name: value for name, value in values.items() if name in CHANGEABLE}
    if not 1 <= after["gold_lock_hours"] <= 720:
        raise SettingOutOfRange
    if not 1 <= after["quote_days"] <= 365:
        raise SettingOutOfRange(field="quote_days")
    if not 0 <= after["old_gold_loss_bp"] <= 10_000:
        raise SettingOutOfRange(field="old_gold_loss_bp")
    if after == before:
        unchanged()
        return found
    for name, value in after.items():
        setattr(found, name, value)
    found.save()
    changes = {name: [before[name], after[name]] for name in CHANGEABLE if before[name] != after[name]}
    record(
        "sales.delivery_rules_set",
        store,
        actor=actor,
        now=now,
        store_id=store.pk,
        data={"name": store.short_name, "changes": changes},
    )
    return found
