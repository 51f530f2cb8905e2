"""What old metal would count for today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.catalog.queries.day_prices import board
from dianke.catalog.rules.jewelry import BuyBack, MetalPrice, buy_back, metal_name
from dianke.core.errors import Conflict, InvalidInput
from dianke.sales.queries.deliveries import setting_of
from dianke.stores.models import Store


class NotBought(Conflict):
    code = "old_gold_not_bought"
    message = _(
        "There is no buy-back price of the day for %(metal)s. Set the price board, or enter a price by hand."
    )
    default_field = "metal"


class PriceReasonMissing(InvalidInput):
    code = "old_gold_reason_missing"
    message = _("Say why it counts at another price than that of the day.")
    default_field = "reason"


@dataclass(frozen=True, slots=True)
class Tested:
    """What was weighed and tested. `price_amount`: per gram of this fineness, by hand; else that of the day. `loss_bp`
    None: what the store's rules say."""

    metal: str
    fineness: int
    weight_mg: int
    loss_bp: int | None = None
    price_amount: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What it counts for, with the price it was worked out by; `day_price_id` None: by hand."""

    worked: BuyBack
    price: MetalPrice
    loss_bp: int
    day_price_id: int | None


def offer_for(store: Store, tested: Tested, *, now: datetime) -> Offer:
    """What the old metal counts for today. Raises `NotBought`, `PriceReasonMissing`, `WeightWrong`, `FinenessWrong`,
    `LossWrong`."""
    loss = setting_of(store.pk).old_gold_loss_bp if tested.loss_bp is None else tested.loss_bp
    day_price_id: int | None = None
    if tested.price_amount is not None:
        if not tested.reason.strip() or tested.price_amount <= 0:
            raise PriceReasonMissing
        price = MetalPrice(tested.metal, tested.fineness, tested.price_amount, store.currency)
    else:
        rows = [row for row in board(store, now) if row.metal == tested.metal and row.buy_back_amount]
        exact = [row for row in rows if row.fineness == tested.fineness]
        # Without a price of its own a fineness counts by its share of the finest that is bought.
        row = next(iter(exact or sorted(rows, key=lambda each: -each.fineness)), None)
        found = row.buying() if row is not None else None
        if row is None or found is None:
            raise NotBought(metal=metal_name(tested.metal, tested.fineness))
        price, day_price_id = found, row.day_price_id
    worked = buy_back(tested_mg=tested.weight_mg, tested_fineness=tested.fineness, loss_bp=loss, price=price)
    return Offer(worked, price, loss, day_price_id)
