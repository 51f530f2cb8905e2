"""What an order was paid by, as the rule of refunds wants it."""

from __future__ import annotations

from datetime import date, timedelta

from dianke.sales.models import Order, Payment
from dianke.sales.rules.refunds import Source


def sources_of(order: Order, *, today: date) -> list[Source]:
    """Payments that were taken and have something left, with whether their channel still takes them back. One query."""
    rows = order.payments.filter(state=Payment.State.TAKEN).select_related("tender__fallback")
    found = []
    for payment in rows.order_by("position"):
        tender, left = payment.tender, payment.left_amount
        if left <= 0:
            continue
        until = payment.business_date + timedelta(days=tender.refund_days or 0)
        is_open = tender.account not in ("exchange", "old_metal") and (
            tender.refund_days is None or today <= until
        )
        found.append(
            Source(
                payment.pk,
                payment.position,
                tender.code,
                left,
                tender.refund_rank,
                is_open,
                tender.fallback.code if tender.fallback else "",
            )
        )
    return found
