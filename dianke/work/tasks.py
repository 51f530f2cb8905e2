"""Jobs: recurring tasks every hour, requests that expire, the morning's digest of what is overdue, mails of notices."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Count
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from dianke.access.models import User
from dianke.core.actor import SYSTEM
from dianke.core.clock import daily
from dianke.core.errors import DiankeError
from dianke.web import shell
from dianke.web.addresses import site_address
from dianke.work.models import Notification, RecurringTask, Task
from dianke.work.operations import expire_approvals, forget_old_notices, make_occurrences, notify, set_mailed

logger = logging.getLogger(__name__)
DIGEST_HOUR = 8
MOST_LINES = 20
NOTICES_KEPT = timedelta(days=180)


@app.periodic(cron="7 * * * *")
@app.task(
    name="work.make_recurring_tasks",
    queue="work",
    queueing_lock="work.make_recurring_tasks",
    pass_context=False,
)
def make_recurring_tasks(timestamp: int) -> None:
    """Make the tasks that are due to appear. One broken pattern does not hold up the others."""
    make_due_occurrences(timezone.now())


def make_due_occurrences(now: datetime) -> int:
    """All patterns; returns how many tasks were made."""
    count = 0
    for recurring in RecurringTask.objects.active().order_by("pk"):
        try:
            count += len(make_occurrences(recurring=recurring, actor=SYSTEM, now=now))
        except DiankeError as error:
            logger.error("recurring task %s: %r", recurring.pk, error)
    return count


@app.periodic(cron="*/5 * * * *")
@app.task(
    name="work.expire_approvals", queue="work", queueing_lock="work.expire_approvals", pass_context=False
)
def close_expired_approvals(timestamp: int) -> None:
    """Close requests nobody decided in time."""
    expire_approvals(actor=SYSTEM, now=timezone.now())


@app.periodic(cron="2 * * * *")
@app.task(name="work.tell_overdue", queue="work", queueing_lock="work.tell_overdue", pass_context=False)
def tell_overdue(timestamp: int) -> None:
    """Once a day, from eight in the morning on; a machine that was off at eight catches up."""
    with shell.local_time():
        send_overdue_digest(timezone.now())


@app.periodic(cron=daily("3:25"))
@app.task(name="work.forget_old_notices", queue="nightly", pass_context=False)
def remove_old_notices(timestamp: int) -> None:
    """Notices that were read half a year ago help nobody."""
    now = timezone.now()
    forget_old_notices(before=now - NOTICES_KEPT, actor=SYSTEM, now=now)


def send_overdue_digest(now: datetime) -> int:
    """Tell everybody with overdue tasks how many; once a day each. Returns how many were told."""
    local = timezone.localtime(now)
    if local.hour < DIGEST_HOUR:
        return 0
    rows = (
        Task.objects.overdue(now).to_do().exclude(owner=None).values("owner_id").annotate(count=Count("pk"))
    )
    told = 0
    for row in rows.order_by("owner_id"):
        told += len(
            notify(
                user_ids=[row["owner_id"]],
                kind="tasks_overdue",
                params={"count": row["count"]},
                reference=f"overdue:{local.date()}",
                url="/tasks/?due=overdue&owner=me",
                actor=SYSTEM,
                now=now,
            )
        )
    return told


def queue_mail(user_id: int, *, after: timedelta) -> None:
    """Queue the mail of a person's waiting notices; one that waits already takes the new ones along."""
    try:
        # The lock of the queue answers with an error of the database, which must not break the caller's transaction.
        with transaction.atomic():
            mail_notices.configure(
                queueing_lock=f"work.mail:{user_id}", schedule_in={"seconds": after.seconds}
            ).defer(user_id=user_id)
    except AlreadyEnqueued:
        logger.debug("the mail of user %s waits already", user_id)


@app.task(
    name="work.mail_notices",
    queue="mail",
    retry=RetryStrategy(max_attempts=8, exponential_wait=4),
    pass_context=False,
)
def mail_notices(user_id: int) -> None:
    """Send a person the notices that wait for it in one mail."""
    with shell.local_time():
        send_waiting_notices(user_id, timezone.now())


def send_waiting_notices(user_id: int, now: datetime) -> int:
    """One mail with all notices of the person that wait; those read meanwhile need none. Returns how many went out.

    The rows are locked until the mail is handed over, so two runs never send one notice twice; if handing over fails
    nothing is marked and the job is tried again.
    """
    with transaction.atomic():
        user = User.objects.active().filter(pk=user_id).first()
        waiting = list(
            Notification.objects.select_for_update(skip_locked=True)
            .filter(user_id=user_id, wants_email=True, emailed_at=None, read_at=None)
            .order_by("created_at", "pk")
        )
        if user is None or not user.email or not waiting:
            return 0
        with override(user.language):
            _mail_of(user, waiting).send()
        set_mailed(notice_ids=[notice.pk for notice in waiting], actor=SYSTEM, now=now)
    return len(waiting)


def _mail_of(user: User, notices: list[Notification]) -> EmailMultiAlternatives:
    subject = (
        notices[0].text
        if len(notices) == 1
        else ngettext("%(count)s notice for you", "%(count)s notices for you", len(notices))
        % {"count": len(notices)}
    )
    context = {
        "user": user,
        "notices": notices[:MOST_LINES],
        "more_count": max(0, len(notices) - MOST_LINES),
        "subject": subject,
        # The public address, where one is set; without it the mail names the page in words only.
        "base_url": site_address(),
        "language": user.language,
    }
    mail = EmailMultiAlternatives(
        subject=f"{_('Dianke')}: {subject}"[:120].replace("\n", " "),
        body=render_to_string("work/mail/notices.txt", context),
        to=[user.email],
        # The same notices make the same message, so that a mail sent twice is shown once.
        headers={"Message-ID": f"<notices-{user.pk}-{notices[0].pk}-{notices[-1].pk}@dianke.invalid>"},
    )
    mail.attach_alternative(render_to_string("work/mail/notices.html", context), "text/html")
    return mail
