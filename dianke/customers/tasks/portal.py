"""Nightly: numbers that codes were sent to are not kept."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.core.actor import SYSTEM
from dianke.core.clock import daily
from dianke.customers.operations.codes import forget_codes


@app.periodic(cron=daily("3:35"))
@app.task(name="customers.forget_codes", queue="nightly", pass_context=False)
def forget_old_codes(timestamp: int) -> None:
    """Codes that expired more than a day ago."""
    forget_codes(actor=SYSTEM, now=timezone.now())
