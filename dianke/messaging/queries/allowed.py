"""Who of many may be written to, and why the others may not: for audiences, care, and the page of one customer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from dianke.messaging.queries.limits import rules_by_channel
from dianke.messaging.queries.people import facts_of
from dianke.messaging.rules.reach import NEEDS_CONSENT, Reason, Verdict, judge


def allowed(customer_ids: Collection[int], *, channel: str, purpose: str, at: datetime) -> dict[int, Verdict]:
    """Customer → the verdict for their whole profile at that instant. A dozen statements, whatever their number. Asking
    reserves nothing: the limits are counted again, under a lock, when a message goes."""
    return allowed_by_channel(customer_ids, channels=[channel], purpose=purpose, at=at)[channel]


def allowed_by_channel(
    customer_ids: Collection[int], *, channels: Collection[str], purpose: str, at: datetime
) -> dict[str, dict[int, Verdict]]:
    """Channel → customer → the verdict, in as many statements as for one channel."""
    facts = facts_of(customer_ids, channels=channels, needs_consent=purpose in NEEDS_CONSENT, now=at)
    rules = rules_by_channel(channels, {purpose}, now=at)
    gone = Verdict((Reason.GONE,))
    found: dict[str, dict[int, Verdict]] = {}
    for channel in channels:
        person = facts.on(channel).person
        found[channel] = {
            pk: judge(person[pk], rules[channel][purpose], at=at) if pk in person else gone
            for pk in customer_ids
        }
    return found
