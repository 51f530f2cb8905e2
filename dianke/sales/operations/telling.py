"""Telling customers how their order goes on: one text message per step, to the number they have proven, where the store
does so; that they were told stands on their timeline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_noop as _

from dianke.core.actor import Actor
from dianke.events.operations import operation, record
from dianke.sales.models import Order

#: The text by what happened. They tell about an order the customer made: no advertising, so no consent to it is asked.
TEXTS: Mapping[str, str] = {
    "sales.order_approved": _("[%(shop)s] Your order %(number)s is confirmed."),
    "sales.order_stage_entered": _("[%(shop)s] Your order %(number)s goes on: %(stage)s."),
    "sales.order_cancelled": _("[%(shop)s] Your order %(number)s was cancelled."),
    "sales.delivery_planned": _("[%(shop)s] Order %(number)s comes on %(day)s %(window)s."),
    "sales.delivery_changed": _("[%(shop)s] New day for order %(number)s: %(day)s %(window)s."),
    "sales.delivery_started": _("[%(shop)s] Order %(number)s is on its way to you."),
    "sales.delivery_done": _("[%(shop)s] Order %(number)s was handed over. Thank you."),
    "sales.delivery_failed": _("[%(shop)s] We could not hand over order %(number)s. We will call you."),
}


@operation(None)
def note_told(*, order: Order, kind: str, actor: Actor, now: datetime) -> Order:
    """The message left: keep it on the timelines of the order and the customer. Only the system calls it."""
    record(
        "sales.customer_told",
        order,
        also=[f"customers.customer:{order.customer_id}"],
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "what": kind},
    )
    return order
