"""What of a customer and a day some offers ask for: the month of the birthday, the first purchase."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from dianke.loyalty.queries.birthdays import birthday_on
from dianke.promotions.rules.conditions import Audience
from dianke.sales.models import Order


@dataclass(frozen=True, slots=True)
class Occasions:
    is_birthday_month: bool = False
    is_first_purchase: bool = False


def occasions_of(
    customer_ids: Collection[int],
    audiences: Collection[Audience],
    *,
    day: date,
    order_uuid: UUID | None = None,
) -> Occasions:
    """Of a profile (nobody: neither), by the day of the store. Asks only what one of the audiences asks for: at most
    two statements. Any order but a draft, a cancelled one and `order_uuid` itself makes it no first purchase."""
    if not customer_ids:
        return Occasions()
    return Occasions(
        any(each.is_birthday_month for each in audiences) and birthday_on(customer_ids, day).is_this_month,
        any(each.is_first_purchase for each in audiences) and not _has_bought(customer_ids, order_uuid),
    )


def _has_bought(customer_ids: Collection[int], but: UUID | None) -> bool:
    orders = Order.objects.filter(customer__in=customer_ids).exclude(
        state__in=[Order.State.DRAFT, Order.State.CANCELLED]
    )
    return (orders.exclude(uuid=but) if but else orders).exists()
