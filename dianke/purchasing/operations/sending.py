"""Sending an order: marked and put in the queue here, carried by the job, and noted again when the mail server took
it."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput, TemporarilyUnavailable
from dianke.core.messages import Channel, can_send
from dianke.events.changes import apply_changes
from dianke.events.operations import operation, record, unchanged
from dianke.purchasing.models import OrderMessage, PurchaseOrder
from dianke.purchasing.operations.orders import MAKE, OrderNotOpen, locked
from dianke.purchasing.operations.suppliers import EmailWrong


class MailNotSetUp(TemporarilyUnavailable):
    code = "order_mail_not_set_up"
    message = _(
        "No mail server is set up here. Send the order by hand, or ask the administrator to set one up."
    )


class SupplierHasNoEmail(InvalidInput):
    code = "supplier_has_no_email"
    message = _("“%(name)s” has no email for orders. Enter one with the supplier, or send the order by hand.")
    default_field = "to"


@operation(MAKE)
def send_order(
    *, order: PurchaseOrder, channel: str, to: str = "", actor: Actor, now: datetime
) -> PurchaseOrder:
    """Send an approved order: by EMAIL (to the supplier's address, or `to`) with the PDF, from the queue a moment
    later; or BY_HAND, when a person phones, chats or prints it. An order under way may be sent again.

    Raises `OrderNotOpen`, `MailNotSetUp`, `SupplierHasNoEmail`, `EmailWrong`.
    """
    actor.require(MAKE, store_id=order.store_id)
    if channel not in PurchaseOrder.Channel.values:
        raise ValueError(channel)
    order = locked(order)
    states = PurchaseOrder.State
    if order.state not in (states.APPROVED, states.SENT, states.PARTLY):
        raise OrderNotOpen(number=order.number, state=order.get_state_display())
    is_first = order.state == states.APPROVED
    if is_first:
        apply_changes(order, {"state": states.SENT, "sent_at": now, "channel": channel})
    elif channel == PurchaseOrder.Channel.BY_HAND:
        unchanged()
        return order
    if channel == PurchaseOrder.Channel.EMAIL:
        _queue(order, to.strip() or order.supplier.order_email, now)
    record(
        "purchasing.order_sent",
        order,
        also=[order.supplier],
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "channel": channel, "again": not is_first},
    )
    return order


def _queue(order: PurchaseOrder, to: str, now: datetime) -> None:
    from dianke.purchasing.tasks import mail_order

    if not can_send(Channel.EMAIL):
        raise MailNotSetUp
    if not to:
        raise SupplierHasNoEmail(name=order.supplier.short_name)
    try:
        validate_email(to)
    except ValidationError as error:
        raise EmailWrong(field="to") from error
    message = OrderMessage.objects.create(
        order=order, to=to, language=order.supplier.language, revision=order.revision, queued_at=now
    )
    mail_order.defer(message_id=message.pk)


@operation(None)
def note_order_mailed(
    *, message: OrderMessage, problem: str = "", actor: Actor, now: datetime
) -> OrderMessage:
    """The mail server took the order, or (`problem`) refused it for good."""
    message = OrderMessage.objects.select_for_update(of=("self",)).select_related("order").get(pk=message.pk)
    if message.sent_at is not None or message.failed_at is not None:
        unchanged()
        return message
    if problem:
        message.failed_at, message.problem = now, problem[:200]
    else:
        message.sent_at = now
    message.save(update_fields=["sent_at", "failed_at", "problem"])
    record(
        "purchasing.order_mail_refused" if problem else "purchasing.order_mailed",
        message.order,
        actor=actor,
        now=now,
        store_id=message.order.store_id,
        data={"number": message.order.number},
    )
    return message
