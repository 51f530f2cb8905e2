"""Jobs of the catalogue."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.catalog.operations.photos import drop_removed_photos
from dianke.core.actor import SYSTEM
from dianke.core.clock import daily


@app.periodic(cron=daily("3:50"))
@app.task(name="catalog.drop_removed_photos", queue="nightly", pass_context=False)
def drop_photos_nightly(timestamp: int) -> None:
    """Photos that were taken away a month ago go for good."""
    while drop_removed_photos(actor=SYSTEM, now=timezone.now()):
        pass
