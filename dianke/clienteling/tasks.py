"""Jobs: lists are made after the nightly figures and filled up while the stores are open."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.clienteling.operations import make_lists
from dianke.core.actor import SYSTEM
from dianke.events.models import Event
from dianke.stores.queries import merchant_zone

#: By the merchant's clock: before, the night's figures are not there yet; after, nobody calls.
FROM_HOUR, TO_HOUR = 5, 20


@app.periodic(cron="20 * * * *")
@app.task(
    name="clienteling.make_lists", queue="default", queueing_lock="clienteling.make_lists", pass_context=False
)
def make_lists_hourly(timestamp: int) -> None:
    """Once an hour; people without a free place get nobody more."""
    fill_up(now=timezone.now())


def follow_values(event: Event, *, now: datetime) -> None:
    """Reaction: who is slipping away, or due again, is known anew."""
    fill_up(now=now)


def fill_up(*, now: datetime) -> None:
    """While the stores of the merchant are open."""
    if FROM_HOUR <= now.astimezone(merchant_zone()).hour < TO_HOUR:
        make_lists(actor=SYSTEM, now=now)
