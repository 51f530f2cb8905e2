"""Old metal in part payment: weighed and tested, counted by the price of the day or one by hand, taken in under a
number and booked as a payment of the order."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, record, unchanged
from dianke.sales.models import OldGold, Order
from dianke.sales.operations.locking import locked
from dianke.sales.operations.paying import add_payment
from dianke.sales.operations.selling import SELL, shown
from dianke.sales.operations.writing import next_number
from dianke.sales.queries.basket import Tendered
from dianke.sales.queries.old_gold import Tested, offer_for

CHANGE_PRICES = "sales.change_prices"
TENDER, NUMBERS = "OLD_GOLD", "JJ"


class OldGoldTooMuch(Conflict):
    code = "old_gold_too_much"
    message = _("It counts for %(worth)s, and %(due)s of the order are still to be paid. Take in less of it.")
    default_field = "weight"


class DescriptionMissing(InvalidInput):
    code = "old_gold_description_missing"
    message = _("Say what it is, so that it can be told from other pieces.")
    default_field = "description"


@operation(SELL)
def take_old_gold(
    *, order: Order, uuid: UUID, description: str, tested: Tested, actor: Actor, now: datetime
) -> OldGold:
    """Take old metal in as a payment of the order; it lies in `old_metal` of the store. Under a UUID that was used
    what stands is returned. A price by hand needs `sales.change_prices` and a reason.

    Raises `DescriptionMissing`, `OldGoldTooMuch`, the errors of `offer_for` and of `add_payment`.
    """
    actor.require(SELL, store_id=order.store_id)
    if tested.price_amount is not None:
        actor.require(CHANGE_PRICES, store_id=order.store_id)
    if not description.strip():
        raise DescriptionMissing
    order = locked(order=order)
    standing: OldGold | None = OldGold.objects.filter(uuid=uuid, order=order).first()
    if standing is not None:
        unchanged()
        return standing
    offer = offer_for(order.store, tested, now=now)
    if offer.worked.amount > order.due_amount:
        raise OldGoldTooMuch(worth=shown(offer.worked.amount), due=shown(order.due_amount))
    payment = add_payment(
        order=order,
        payment=Tendered(uuid, TENDER, offer.worked.amount),
        is_weighed=True,
        actor=actor,
        now=now,
    )
    day = order.store.business_date(now)
    number = next_number(kind=NUMBERS, store_code=order.store.code, store_id=order.store_id, day=day)
    made: OldGold = OldGold.objects.create(
        uuid=uuid,
        number=number,
        order=order,
        store=order.store,
        payment=payment,
        description=" ".join(description.split())[:120],
        metal=tested.metal,
        fineness=tested.fineness,
        weight_mg=tested.weight_mg,
        loss_bp=offer.loss_bp,
        price_amount=offer.price.amount,
        price_fineness=offer.price.fineness,
        day_price_id=offer.day_price_id,
        reason=tested.reason.strip()[:200],
        currency=offer.worked.currency,
        amount=offer.worked.amount,
        taken_at=now,
        taken_by_id=actor.user_id,
    )
    record(
        "sales.old_gold_taken",
        made,
        also=[order, *([order.customer] if order.customer else [])],
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": number, "order": order.number, "amount": str(made.amount)},
    )
    return made
