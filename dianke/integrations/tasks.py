"""Jobs: what came back from vendors and mail servers is taken in."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.core.actor import SYSTEM
from dianke.integrations.smtp.mailbox import MailboxUnreachable, read_mailbox
from dianke.messaging.operations import note_reports

logger = logging.getLogger("dianke.messages")


@app.periodic(cron="*/5 * * * *")
@app.task(name="integrations.read_reports", queue="mail", pass_context=False)
def read_reports(timestamp: int) -> None:
    """The mailbox of reports; a server that is not there is asked again in five minutes, and until it answers the page
    of the channel and the doctor say so."""
    now = timezone.now()
    try:
        read_mailbox(now=now)
    except MailboxUnreachable as error:
        note_reports(channel="EMAIL", trouble=error.trouble, said=error.said, actor=SYSTEM, now=now)
        logger.warning("The mailbox of reports was not read: %s", error)
