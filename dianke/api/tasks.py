"""Jobs of the API kit."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.api import idempotency, limits
from dianke.core.clock import daily


@app.periodic(cron=daily("3:50"))
@app.task(name="api.forget_old", queue="nightly", pass_context=False)
def forget_old(timestamp: int) -> None:
    """Remove stored answers after 30 days, and buckets nobody has used for a day (they are full again)."""
    now = timezone.now()
    idempotency.forget_old(now)
    limits.forget_old(now)
