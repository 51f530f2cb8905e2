"""What the shop wishes for the supply of its goods: reserve, most, days between orders, the set supplier."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.catalog.models import Variant
from dianke.core.actor import Actor, PermissionRefused
from dianke.core.errors import InvalidInput
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged
from dianke.purchasing.models import SupplyRule
from dianke.stores.models import Store

MAKE = "purchasing.make_orders"
FIELDS = frozenset({"review_days", "safety_quantity", "maximum_quantity", "supplier", "is_planned"})


class WishesContradict(InvalidInput):
    code = "supply_wishes_contradict"
    message = _("The most that shall lie here must be more than zero and no less than the reserve.")
    default_field = "maximum_quantity"


@operation(MAKE)
def set_supply_rule(
    *, variant: Variant, store: Store | None, values: Mapping[str, Any], actor: Actor, now: datetime
) -> SupplyRule:
    """Set wishes (`FIELDS`) for a variant in a store, or (None) in every store without wishes of its own; that takes
    the permission everywhere. Raises `WishesContradict`."""
    actor.require(MAKE, store_id=store.pk if store else None)
    if store is None and actor.stores_for(MAKE) is not None:
        raise PermissionRefused(permission=MAKE)
    rule = SupplyRule.objects.select_for_update().filter(variant=variant, store=store).first()
    rule = rule or SupplyRule(variant=variant, store=store)
    wanted = {name: value for name, value in values.items() if name in FIELDS}
    safety = wanted.get("safety_quantity", rule.safety_quantity)
    most = wanted.get("maximum_quantity", rule.maximum_quantity)
    if (most is not None and (most <= 0 or most < (safety or Decimal(0)))) or (safety or 0) < 0:
        raise WishesContradict
    if rule.pk is None:
        rule.save()
        changes = {"variant": [None, variant.pk], **apply_changes(rule, wanted)}
    else:
        changes = apply_changes(rule, wanted)
    if not changes:
        unchanged()
        return rule
    record(
        "purchasing.supply_rule_set",
        rule,
        also=[variant],
        actor=actor,
        now=now,
        store_id=store.pk if store else None,
        data={"changes": changes},
    )
    return rule
