"""What a caller hands in: the basket of a sale or an order, and how it is paid. Plain values, read once,
never changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models

from dianke.access.models import Device
from dianke.customers.models import Customer
from dianke.inventory.models import Place
from dianke.stores.models import Register, Store


@dataclass(frozen=True, slots=True)
class Item:
    """One line as it is asked for. Goods, pieces, services and bundles name a `variant_id` (a piece its
    `piece_id` too); a fee, a top-up or a card has a `name` and an `amount` instead.

    `unit_amount` is a price set by hand, `discount_amount` what is taken off by hand (minor units of the
    whole line), both with a `reason`. `people`: (user id, share in basis points), together 10 000; none: who
    sells. `sold_amount` is what an offline till took for the line. `session_card_id` pays the line by
    sessions of a card. `data` is for the room that sells prepaid value ({"offer_id": 3}, {"card_kind_id":
    4}).
    """

    key: str
    variant_id: int | None = None
    quantity: Decimal = Decimal(1)
    kind: str = ""
    piece_id: int | None = None
    batch_id: int | None = None
    name: str = ""
    amount: int | None = None
    tax_rate_bp: int = 0
    unit_amount: int | None = None
    discount_amount: int = 0
    reason: str = ""
    people: tuple[tuple[int, int], ...] = ()
    sold_amount: int | None = None
    session_card_id: int | None = None
    place: Place | None = None
    reservation: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tendered:
    """Money handed over: `amount` of it counts, of cash `tendered_amount` was put down."""

    uuid: UUID
    tender: str
    amount: int
    tendered_amount: int | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Sale:
    """A basket and its payments. `expected_amount` is the total the client showed: an online sale with another total is
    refused, so that nobody pays what was not shown; an offline one is accepted as it was sold (`Item.sold_amount`)."""

    uuid: UUID
    store: Store
    items: tuple[Item, ...]
    payments: tuple[Tendered, ...] = ()
    customer: Customer | None = None
    channel: str = "TILL"
    register: Register | None = None
    shift_id: int | None = None
    device: Device | None = None
    device_sequence: int | None = None
    occurred_at: datetime | None = None
    device_at: datetime | None = None
    is_offline: bool = False
    grant_token: str = ""
    coupon_ids: tuple[int, ...] = ()
    points: int = 0
    rounding: str = ""
    expected_amount: int | None = None
    note: str = ""
    #: What goods given back pay of it; set by the return alone.
    exchanged_amount: int = 0

    @property
    def key(self) -> str:
        """How ledger, stock and other rooms refer to the order."""
        return f"sales.order:{self.uuid}"

    def digest(self, *more: Any) -> str:
        """What makes a repeat the same sale."""
        return digest_of(
            [
                self.store.pk,
                [_plain(item) for item in self.items],
                [asdict(payment) for payment in self.payments],
                _pk(self.customer),
                self.channel,
                _pk(self.register),
                _pk(self.device),
                self.device_sequence,
                self.occurred_at,
                self.is_offline,
                sorted(self.coupon_ids),
                self.points,
                self.rounding,
                self.note,
                *more,
            ]
        )


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What an order has beyond a basket. A deposit of `deposit_amount` is EARNEST (lost when the customer withdraws) or
    PREPAYMENT (comes back). `instalments`: (due date, minor units), together the total."""

    due_date: date | None = None
    deposit_kind: str = ""
    deposit_amount: int = 0
    instalments: tuple[tuple[date, int], ...] = ()
    is_reserved: bool = True


def _plain(item: Item) -> list[Any]:
    values = [getattr(item, name) for name in Item.__dataclass_fields__ if name not in ("place", "data")]
    return [*values, _pk(item.place), dict(item.data)]


def _pk(row: models.Model | None) -> Any:
    return row.pk if row is not None else None


def digest_of(content: Any) -> str:
    """SHA-256 of plain content, in hex."""
    return hashlib.sha256(json.dumps(content, default=_text, separators=(",", ":")).encode()).hexdigest()


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return f"{value.timestamp():.3f}"
    return str(value)
