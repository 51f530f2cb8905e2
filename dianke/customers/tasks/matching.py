"""Possible duplicates: a few right behind each entry, everybody at night."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.core.actor import SYSTEM
from dianke.core.clock import daily
from dianke.customers.models import Customer
from dianke.customers.operations.matching import link_sure_pairs, note_candidates
from dianke.customers.operations.nightly import match_in_bulk
from dianke.events.models import Event


def look_for_candidates(event: Event, *, now: datetime) -> None:
    """Reaction to entries and corrections: score the few who might be the same, join whom the engine is sure of."""
    key = event.subject.partition(":")[2]
    customer = Customer.objects.filter(pk=int(key)).first() if key.isdecimal() else None
    if customer is None or not customer.may_be_merged:
        return
    actor = event.as_cause()
    pairs = note_candidates(customer=customer, actor=actor, now=now)
    link_sure_pairs(pairs, actor=actor, now=now)


@app.periodic(cron=daily("2:10"))
@app.task(
    name="customers.match_all", queue="nightly", queueing_lock="customers.match_all", pass_context=False
)
def match_all_customers(timestamp: int) -> None:
    """Everybody with everybody."""
    match_in_bulk(actor=SYSTEM, now=timezone.now())
