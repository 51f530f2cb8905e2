"""What the merchant decided about the lists, over what `rules/reasons.py` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import override

from dianke.clienteling.models import QueueRules, ReasonRule
from dianke.clienteling.rules.reasons import REASONS, Reason
from dianke.messaging.queries.wording import LANGUAGE


@dataclass(frozen=True, slots=True)
class InForce:
    """A reason as it holds. `words` in the language customers are written to."""

    reason: Reason
    is_on: bool
    days: int
    words: str
    are_own: bool


def queue_rules() -> QueueRules:
    return QueueRules.objects.first() or QueueRules()


def reasons_in_force() -> Mapping[str, InForce]:
    """Every reason by its code. One statement."""
    rows = {row.code: row for row in ReasonRule.objects.all()}
    found = {}
    with override(LANGUAGE):
        for code, reason in REASONS.items():
            row = rows.get(code)
            own = row.words if row else ""
            found[code] = InForce(
                reason,
                row is None or row.is_on,
                row.days if row else reason.days,
                own or str(reason.words),
                bool(own),
            )
    return found
