"""Jobs of the organisation, and what it does about events of others."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.core.actor import SYSTEM
from dianke.events.models import Event
from dianke.stores import operations
from dianke.stores.models import Staff


@app.periodic(cron="5 * * * *")
@app.task(name="stores.end_due_employments", queue="nightly", pass_context=False)
def end_due_employments(timestamp: int) -> None:
    """Every hour, because the day ends at different instants in different zones; mostly there is nothing to do."""
    operations.end_due_employments(actor=SYSTEM, now=timezone.now())


def follow_account_name(event: Event, *, now: datetime) -> None:
    """An account was renamed: the person's staff record has the same name."""
    if "name" not in event.data.get("fields", ()):
        return
    pk = int(event.subject.rpartition(":")[2])
    staff = Staff.objects.select_related("user").filter(user_id=pk).first()
    if staff is not None:
        operations.follow_account_name(staff=staff, actor=event.as_cause(), now=now)
