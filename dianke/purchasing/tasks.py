"""Jobs: orders on their way to suppliers by email; and the reaction that makes refused orders drafts again."""

from __future__ import annotations

import logging
from datetime import datetime
from smtplib import SMTPException, SMTPRecipientsRefused

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from dianke.core.actor import SYSTEM
from dianke.core.messages import Channel, Message, Smtp, adapter_of, send
from dianke.events.models import Event
from dianke.purchasing.models import OrderMessage, PurchaseOrder
from dianke.purchasing.operations.approving import reopen_refused_order
from dianke.purchasing.operations.orders import APPROVE_OPERATION
from dianke.purchasing.operations.sending import note_order_mailed
from dianke.purchasing.queries.paper import order_mail, order_pdf
from dianke.work.models import Approval

logger = logging.getLogger(__name__)


@app.task(
    name="purchasing.mail_order",
    queue="mail",
    retry=RetryStrategy(max_attempts=8, exponential_wait=4),
    pass_context=False,
)
def mail_order(message_id: int) -> None:
    """Send an order to its supplier."""
    send_waiting_order(message_id, timezone.now())


def send_waiting_order(message_id: int, now: datetime) -> bool:
    """Hand the mail with the PDF to the mail server; whether it went out. The row is locked until the server took it,
    so two runs never send it twice; an address that is refused for good is noted, everything else is tried again."""
    with transaction.atomic():
        message = (
            OrderMessage.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("order__supplier", "order__store", "order__legal_entity", "order__stock_place")
            .filter(pk=message_id, sent_at=None, failed_at=None)
            .first()
        )
        if message is None or message.order.state == PurchaseOrder.State.CANCELLED:
            return False
        problem = ""
        try:
            _hand_over(message, now)
        except SMTPRecipientsRefused as error:
            problem = _refusal(error)
        except SMTPException:
            logger.warning("order message %s: the mail server did not take it", message.pk)
            raise
        note_order_mailed(message=message, problem=problem, actor=SYSTEM, now=now)
    return not problem


def _hand_over(message: OrderMessage, now: datetime) -> None:
    """To the mail server, with the PDF; where the settings chose another carrier (a demo has its outbox), the text."""
    order = message.order
    subject, body = order_mail(order, language=message.language)
    carrier = adapter_of(Channel.EMAIL)
    if carrier is not None and carrier.name != Smtp.name:
        send(Message(Channel.EMAIL, message.to, "purchasing.order", body, subject), now=now)
        return
    mail = EmailMessage(
        subject=subject,
        body=body,
        to=[message.to],
        # The same order makes the same message, so that a mail sent twice is shown once.
        headers={"Message-ID": f"<order-{order.uuid}-{message.pk}@dianke.invalid>"},
    )
    mail.attach(f"{order.number}.pdf", order_pdf(order, language=message.language), "application/pdf")
    mail.send()


def _refusal(error: SMTPRecipientsRefused) -> str:
    """What the server said, without the address."""
    code, answer = next(iter(error.recipients.values()), (550, b""))
    said = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return f"{code} {said}"[:200]


def reopen_refused(event: Event, *, now: datetime) -> None:
    """An approval came to nothing: the order it was about is a draft again."""
    keys = [subject.partition(":")[2] for subject in event.subjects if subject.startswith("work.approval:")]
    approvals = Approval.objects.filter(pk__in=keys, operation=APPROVE_OPERATION)
    for approval in approvals.exclude(outcome__in=["PENDING", "APPROVED"]):
        order_id = approval.subject.partition(":")[2]
        still = Approval.objects.filter(
            subject=approval.subject, operation=APPROVE_OPERATION, outcome="PENDING"
        )
        order = PurchaseOrder.objects.filter(pk=order_id).first()
        if order is not None and not still.exists():
            reopen_refused_order(order=order, actor=event.as_cause(), now=now)
