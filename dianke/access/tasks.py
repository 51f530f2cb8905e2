"""Nightly job of this room."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.access import operations
from dianke.core.actor import SYSTEM
from dianke.core.clock import daily


@app.periodic(cron=daily("3:30"))
@app.task(name="access.forget_old_records", queue="nightly", pass_context=False)
def forget_old_records(timestamp: int) -> None:
    """Sign-in records beyond their time, web sessions nobody can use any more, counters of yesterday."""
    operations.forget_old_records(actor=SYSTEM, now=timezone.now())
