"""Jobs of prepaid value: bonus that expired leaves the books, all of it is proven, customers get their receipts."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext, override
from procrastinate.contrib.django import app

from dianke.core import messages
from dianke.core.actor import SYSTEM
from dianke.core.clock import daily
from dianke.customers.models import Customer
from dianke.customers.queries.portal import proven_phone
from dianke.events.models import Event
from dianke.stores.models import LegalEntity, Merchant
from dianke.wallets.operations import expire_bonus
from dianke.wallets.queries import verify
from dianke.wallets.queries.order import cluster_of
from dianke.wallets.queries.purse import purse_of
from dianke.wallets.queries.wording import written
from dianke.wallets.rules.receipts import RECEIPTS

logger = logging.getLogger(__name__)


@app.periodic(cron=daily("0:25"))
@app.task(name="wallets.expire_bonus", queue="nightly", pass_context=False)
def expire_nightly(timestamp: int) -> None:
    """Just after midnight."""
    for entity in LegalEntity.objects.order_by("pk"):
        expire_bonus(legal_entity=entity, actor=SYSTEM, now=timezone.now())


@app.periodic(cron=daily("3:15"))
@app.task(name="wallets.verify", queue="nightly", pass_context=False)
def verify_nightly(timestamp: int) -> None:
    """Prove what must be true; whatever is found goes to the error log, one line each."""
    for finding in verify():
        logger.critical("wallets: %s", finding)


def tell_customers(event: Event, *, now: datetime) -> None:
    """Reaction to what touched prepaid value: everybody concerned gets a receipt, from the queue a moment later."""
    for subject in event.subjects:
        label, _colon, pk = subject.partition(":")
        if label == "customers.customer" and event.kind in RECEIPTS:
            send_receipt.configure(queueing_lock=f"wallets.receipt:{event.pk}:{pk}").defer(
                kind=event.kind, customer_id=int(pk), data={k: str(v) for k, v in event.data.items()}
            )


@app.task(name="wallets.send_receipt", queue="default", pass_context=False)
def send_receipt(kind: str, customer_id: int, data: dict[str, str]) -> None:
    """One text message to the number the customer has proven; nobody is told who has none, or where nothing is sent."""
    deliver_receipt(kind, customer_id, data, now=timezone.now())


def deliver_receipt(kind: str, customer_id: int, data: Mapping[str, str], *, now: datetime) -> bool:
    """Whether it was sent."""
    customer = Customer.objects.select_related("merged_into").filter(pk=customer_id).first()
    if customer is None or not messages.can_send(messages.Channel.SMS, kind):
        return False
    head = customer.merged_into or customer
    phone = proven_phone(head) if head.is_readable else None
    if phone is None:
        return False
    purse = purse_of(cluster_of(head), store_id=None, at=now)
    merchant = Merchant.objects.first()
    with override("zh-hans"):
        currency = purse.wallets[0].currency if purse.wallets else "CNY"
        values = {
            **data,
            "shop": (merchant.short_name or merchant.name) if merchant else "",
            "left": written(purse.amount, currency),
            "sessions": str(sum(card.left for card in purse.cards)),
        }
        text = gettext(RECEIPTS[kind]) % values
    message = messages.Message(messages.Channel.SMS, phone, kind, text, values=values)
    try:
        messages.send(message, now=now)
    except messages.MessageUncertain:
        return False  # it may have come: nobody is told twice
    return True
