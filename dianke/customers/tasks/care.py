"""The nightly job that makes the tasks of care rules."""

from __future__ import annotations

import logging
from datetime import datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.core.actor import SYSTEM
from dianke.core.clock import daily
from dianke.core.errors import DiankeError
from dianke.customers.models import CareRule
from dianke.customers.operations.care import make_care_tasks
from dianke.work.models import Task

logger = logging.getLogger(__name__)


@app.periodic(cron=daily("4:40"))
@app.task(
    name="customers.make_care_tasks",
    queue="nightly",
    queueing_lock="customers.make_care_tasks",
    pass_context=False,
)
def make_care(timestamp: int) -> None:
    """Make the tasks for the birthdays and anniversaries that come; a night that was missed is caught up."""
    make_all_care_tasks(timezone.now())


def make_all_care_tasks(now: datetime) -> int:
    """Every active rule, batch by batch; one broken rule does not hold up the others. Returns how many tasks there are
    more than before."""
    before = Task.objects.filter(kind="care_date").count()
    for rule in CareRule.objects.filter(is_active=True).order_by("pk"):
        after = -1
        try:
            while after:
                after = make_care_tasks(rule=rule, after=max(after, 0), actor=SYSTEM, now=now)
        except DiankeError as error:
            logger.error("care rule %s: %r", rule.pk, error)
    return Task.objects.filter(kind="care_date").count() - before
