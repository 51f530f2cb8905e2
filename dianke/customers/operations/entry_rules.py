"""What the merchant asks at entry, field by field. A field that asks for nothing special has no row."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.custom_fields import specs_for
from dianke.core.errors import InvalidInput
from dianke.customers.models import EntryRule
from dianke.customers.rules.asking import Asked, check_asked
from dianke.customers.rules.shapes import RULED
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged

SETTINGS = "customers.settings:entry"  # what the log calls these settings


class RuleFieldUnknown(InvalidInput):
    code = "entry_rule_field_unknown"
    message = _("There is no field “%(field)s” in the entry form any more. Load the settings again.")


@operation("customers.manage_rules")
def set_entry_rule(*, asked: Asked, actor: Actor, now: datetime) -> Asked:
    """Decide what is asked of one field; asking nothing special takes the rule away. Returns what holds now.

    Raises `RuleFieldUnknown`, `PatternNotReadable`, `PatternTooSlow`, `LengthsCrossed`.
    """
    if asked.field not in RULED:
        own = {spec.form_name for spec in specs_for("customers.customer")}
        if asked.field not in own:
            raise RuleFieldUnknown(field=asked.field)
    wished = check_asked(asked)
    standing = EntryRule.objects.select_for_update().filter(field=wished.field).first()
    if wished.is_plain:
        if standing is None:
            unchanged()
            return wished
        standing.delete()
        record("customers.entry_rule_cleared", SETTINGS, actor=actor, now=now, data={"field": wished.field})
        return wished
    values = {
        "is_shown": wished.is_shown,
        "is_required": wished.is_required,
        "pattern": wished.pattern,
        "shortest": wished.shortest,
        "longest": wished.longest,
        "hint": wished.hint,
    }
    if standing is None:
        EntryRule.objects.create(field=wished.field, **values)
        data = {"field": wished.field, "changes": {name: [None, value] for name, value in values.items()}}
        record("customers.entry_rule_set", SETTINGS, actor=actor, now=now, data=data)
        return wished
    changes = apply_changes(standing, values)
    if not changes:
        unchanged()
        return wished
    data = {"field": wished.field, "changes": changes}
    record("customers.entry_rule_set", SETTINGS, actor=actor, now=now, data=data)
    return wished
