"""Jobs of sales: channels asked about payments and refunds they have not decided on, the proof of orders; and
the reaction that makes orders whose approval came to nothing drafts again."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, override
from procrastinate.contrib.django import app

from dianke.core import messages
from dianke.core.actor import SYSTEM
from dianke.core.clock import daily
from dianke.core.errors import DiankeError
from dianke.customers.queries.portal import proven_phone
from dianke.events.models import Event
from dianke.sales.models import DayClose, Delivery, DeviceGap, DeviceJournal, Order
from dianke.sales.operations import open_payments, pending_refunds, run_payment, run_refund
from dianke.sales.operations.approving import APPROVE_OPERATION, reopen_refused_order
from dianke.sales.operations.day_close import LATE_DAYS, close_day
from dianke.sales.operations.exceptions import tell_of_gaps
from dianke.sales.operations.telling import TEXTS, note_told
from dianke.sales.queries import verify
from dianke.sales.queries.deliveries import local_now, setting_of
from dianke.sales.rules.slots import told_at
from dianke.stores.models import Merchant
from dianke.work.models import Approval

logger = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="sales.ask_channels", queue="default", pass_context=False)
def ask_channels_every_minute(timestamp: int) -> None:
    """Mostly there is nothing to ask."""
    ask_channels(timezone.now())


def ask_channels(now: datetime) -> int:
    """Ask every channel what became of payments and refunds that are not decided; how many were asked about.
    One that fails does not keep the others waiting."""
    asked = 0
    for payment in open_payments():
        asked += 1
        try:
            run_payment(payment=payment, actor=SYSTEM, now=now)
        except DiankeError as error:
            logger.warning("sales: payment %s: %s", payment.pk, error.code)
    for refund in pending_refunds():
        asked += 1
        try:
            run_refund(refund=refund, actor=SYSTEM, now=now)
        except DiankeError as error:
            logger.warning("sales: refund %s: %s", refund.pk, error.code)
    return asked


@app.periodic(cron=daily("3:15"))
@app.task(name="sales.verify", queue="nightly", pass_context=False)
def verify_nightly(timestamp: int) -> None:
    """Prove that orders agree with the books; whatever is found goes to the error log, one line each."""
    for finding in verify():
        logger.critical("sales: %s", finding)


@app.periodic(cron=daily("5:35"))
@app.task(name="sales.supplement_days", queue="nightly", pass_context=False)
def supplement_days_nightly(timestamp: int) -> None:
    """Before the shops open: what came late for a closed day goes into its supplement."""
    supplement_days(timezone.now())


def supplement_days(now: datetime) -> int:
    """Every day closed within the last weeks; how many supplements were written. One that fails does not hold up the
    others."""
    first = (now - timedelta(days=LATE_DAYS)).date()
    written = 0
    for close in DayClose.objects.filter(business_date__gte=first, sequence=0).select_related("store"):
        try:
            last = close_day(store=close.store, business_date=close.business_date, actor=SYSTEM, now=now)
        except DiankeError as error:
            logger.error("sales: day %s of store %s: %r", close.business_date, close.store_id, error)
            continue
        written += last.closed_at == now
    return written


@app.periodic(cron="*/10 * * * *")
@app.task(name="sales.tell_of_gaps", queue="default", pass_context=False)
def tell_of_gaps_often(timestamp: int) -> None:
    """Sales of a till that should have arrived by now become a task."""
    for journal in DeviceJournal.objects.filter(pk__in=DeviceGap.objects.values("journal")):
        tell_of_gaps(journal=journal, actor=SYSTEM, now=timezone.now())


def reopen_refused(event: Event, *, now: datetime) -> None:
    """Reaction: an approval came to nothing, so its order is a draft again."""
    ids = [int(key.partition(":")[2]) for key in event.subjects if key.startswith("work.approval:")]
    asked = Approval.objects.filter(operation=APPROVE_OPERATION)
    for approval in asked.filter(pk__in=ids).exclude(outcome__in=["PENDING", "APPROVED"]):
        still = asked.filter(subject=approval.subject, outcome="PENDING")
        order = Order.objects.filter(pk=int(approval.subject.partition(":")[2])).first()
        if order is not None and not still.exists():
            reopen_refused_order(order=order, actor=event.as_cause(), now=now)


def tell_customers(event: Event, *, now: datetime) -> None:
    """Reaction: the customer hears how an order goes on, from the queue a moment later; what happens at night waits."""
    keys = dict(subject.partition(":")[::2] for subject in event.subjects)
    if event.kind not in TEXTS or (event.kind == "sales.delivery_changed" and not event.data.get("is_moved")):
        return
    order = Order.objects.select_related("store").filter(pk=int(keys.get("sales.order", 0))).first()
    if order is None or order.customer_id is None or not setting_of(order.store_id).tells_customers:
        return
    at = told_at(local_now(order.store, now), is_urgent=event.kind in AT_ONCE)
    job = send_news.configure(queueing_lock=f"sales.news:{event.pk}", schedule_at=at)
    delivery_id = keys.get("sales.delivery")
    job.defer(
        kind=event.kind,
        order_id=order.pk,
        delivery_id=int(delivery_id) if delivery_id else None,
        data={name: str(event.data[name]) for name in ("day", "stage") if name in event.data},
    )


#: What the customer is awake for.
AT_ONCE = ("sales.delivery_started", "sales.delivery_done")


@app.task(name="sales.send_news", queue="default", pass_context=False)
def send_news(kind: str, order_id: int, delivery_id: int | None, data: dict[str, str]) -> None:
    """One text message to the number the customer has proven; nobody is told who has none, or where nothing is sent."""
    deliver_news(kind, order_id, delivery_id, data, now=timezone.now())


def deliver_news(
    kind: str, order_id: int, delivery_id: int | None, data: dict[str, str], *, now: datetime
) -> bool:
    """Whether it was sent."""
    order = Order.objects.select_related("store", "stage", "customer__merged_into").get(pk=order_id)
    customer = order.customer
    if customer is None or not messages.can_send(messages.Channel.SMS, kind):
        return False
    head = customer.merged_into or customer
    phone = proven_phone(head) if head.is_readable else None
    if phone is None:
        return False
    delivery = Delivery.objects.select_related("slot").filter(pk=delivery_id).first()
    if delivery is not None and kind == "sales.delivery_planned" and not delivery.is_open:
        return False  # called off or brought before anybody was told
    merchant = Merchant.objects.first()
    with override("zh-hans"):
        values = {
            "shop": (merchant.short_name or merchant.name) if merchant else "",
            "number": order.number,
            "stage": order.stage.name if order.stage else "",
            "day": date_format(delivery.day, "m-d l") if delivery else data.get("day", ""),
            "window": delivery.slot.span if delivery and delivery.slot else "",
        }
        text = gettext(TEXTS[kind]) % values
    message = messages.Message(messages.Channel.SMS, phone, kind, text, values=values)
    try:
        messages.send(message, now=now)
    except messages.MessageUncertain:
        return False  # it may have come: nobody is told twice
    note_told(order=order, kind=kind, actor=SYSTEM, now=now)
    return True
