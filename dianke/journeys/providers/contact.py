"""Who answered a message of a journey: they used the coupon that had been given to them on the way."""

# ruff: noqa: S608  only declared texts are put together

from __future__ import annotations

from dianke.insight.queries.contact import Asked, register_asked
from dianke.messaging.queries.preferred import WENT_OUT

#: What went out before the coupon was given or after it was used did not ask for it.
ASKED = f"""
SELECT m.customer_id, m.channel, k.state = 'USED' AND k.used_reference <> ''
FROM journeys_passed AS s
JOIN journeys_passage AS p ON p.id = s.passage_id
JOIN messaging_message AS m ON m.id = s.message_id
JOIN promotions_coupon AS k ON k.id = p.coupon_id
WHERE {WENT_OUT} AND m.created_at >= k.issued_at AND (k.used_at IS NULL OR k.used_at >= m.sent_at)
"""


def register() -> None:
    """Called once, when the apps are ready."""
    register_asked(Asked("journeys.journeys", ASKED))
