"""Jobs of the log: sealing every minute, months made ahead and dropped by the retention, the nightly proof."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.core.actor import SYSTEM
from dianke.core.clock import daily
from dianke.events.operations import drop_month
from dianke.events.partitions import droppable_months, ensure_coming_months
from dianke.events.sealing import seal_all, verify

logger = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="events.seal_log", queue="events", queueing_lock="events.seal_log", pass_context=False)
def seal_log(timestamp: int) -> None:
    """Seal what has been committed since the last minute."""
    seal_all(now=timezone.now())


@app.periodic(cron=daily("2:10"))
@app.task(name="events.keep_months", queue="nightly", pass_context=False)
def keep_months(timestamp: int) -> None:
    """Make the coming months' partitions; drop those behind the retention, if one is set."""
    now = timezone.now()
    ensure_coming_months(now)
    for month in droppable_months(now):
        drop_month(month=month, actor=SYSTEM, now=now)


@app.periodic(cron=daily("3:40"))
@app.task(name="events.verify_log", queue="nightly", pass_context=False)
def verify_log(timestamp: int) -> None:
    """Prove the log every night; whatever is found goes to the error log, one line each."""
    for finding in verify():
        logger.log(logging.WARNING if finding.is_warning else logging.CRITICAL, "audit: %s", finding)
