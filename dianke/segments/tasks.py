"""Jobs: what was bought follows the orders every minute; segments are worked out every night."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.core.actor import SYSTEM
from dianke.core.clock import daily
from dianke.segments.models import Segment
from dianke.segments.operations import fold_purchases, refresh_due

MOST_ROUNDS = 1000


@app.periodic(cron="* * * * *")
@app.task(
    name="segments.fold_purchases",
    queue="default",
    queueing_lock="segments.fold_purchases",
    pass_context=False,
)
def fold_minutely(timestamp: int) -> None:
    """Every minute, until the log is read."""
    for _round in range(MOST_ROUNDS):
        if not fold_purchases(actor=SYSTEM, now=timezone.now()):
            break


@app.periodic(cron=daily("4:40"))
@app.task(name="segments.refresh", queue="nightly", pass_context=False)
def refresh_nightly(timestamp: int) -> None:
    """After the nightly figures: counts of those that are always current, lists whose turn it is."""
    for segment in Segment.objects.in_use().order_by("pk"):
        refresh_due(segment=segment, actor=SYSTEM, now=timezone.now())
