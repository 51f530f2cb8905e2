"""What the merchant decides: how many a day, how long somebody is left in peace, and each reason."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.clienteling.models import MANAGE, QueueRules, ReasonRule
from dianke.clienteling.rules.reasons import OWN_VARIABLES, REASONS
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, NotFound
from dianke.events.operations import operation, record, unchanged
from dianke.messaging.queries.variables import known_codes
from dianke.messaging.rules.words import read_wording

MOST_A_DAY, MOST_REST, MOST_DAYS = 100, 90, 120


class LimitOutOfRange(InvalidInput):
    code = "clienteling_limit_out_of_range"
    message = _("Between %(least)s and %(most)s, please.")


class ReasonUnknown(NotFound):
    code = "clienteling_reason_unknown"
    message = _("There is no such reason.")


@operation(MANAGE)
def change_rules(*, day_limit: int, rest_days: int, actor: Actor, now: datetime) -> QueueRules:
    """Holds for lists made from now on. Raises `LimitOutOfRange`."""
    for field, value, most in (("day_limit", day_limit, MOST_A_DAY), ("rest_days", rest_days, MOST_REST)):
        if not 1 <= value <= most:
            raise LimitOutOfRange(least=1, most=most, field=field)
    row = QueueRules.objects.select_for_update().first() or QueueRules()
    changes = _changed(row, {"day_limit": day_limit, "rest_days": rest_days})
    if not changes:
        unchanged()
        return row
    row.changed_at = now
    row.save()
    record("clienteling.rules_changed", row, actor=actor, now=now, data={"changes": changes})
    return row


@operation(MANAGE)
def change_reason(
    *, code: str, is_on: bool, days: int, words: str, actor: Actor, now: datetime
) -> ReasonRule:
    """Whether a reason is used, how far it reaches and which words are suggested (empty: the ready-made ones). Raises
    `ReasonUnknown`, `LimitOutOfRange`, `VariableUnknown`, `VariableOpen`."""
    if code not in REASONS:
        raise ReasonUnknown
    if not 0 <= days <= MOST_DAYS:
        raise LimitOutOfRange(least=0, most=MOST_DAYS, field="days")
    read_wording(words, known_words())
    row = ReasonRule.objects.select_for_update().filter(code=code).first() or ReasonRule(
        code=code, days=REASONS[code].days
    )
    changes = _changed(row, {"is_on": is_on, "days": days, "words": words.strip()})
    if not changes:
        unchanged()
        return row
    row.save()
    record("clienteling.reason_changed", row, actor=actor, now=now, data={"changes": changes})
    return row


def _changed(row: QueueRules | ReasonRule, values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Set what differs; a row that is new is not there before it says something of its own."""
    changes = {
        name: [getattr(row, name), value] for name, value in values.items() if getattr(row, name) != value
    }
    for name, (_before, value) in changes.items():
        setattr(row, name, value)
    return changes


def known_words() -> frozenset[str]:
    """Variables that suggested words may hold."""
    return known_codes() | frozenset(OWN_VARIABLES)
