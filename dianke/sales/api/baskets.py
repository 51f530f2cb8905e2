"""From what is sent to the basket the operations take: rows are looked up as far as the caller may see them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.access.models import Device
from dianke.api.schemas import ReferenceUnknown, chosen
from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.core.hot_rows import ById
from dianke.customers.models import Customer
from dianke.sales.api import order_schemas as schemas
from dianke.sales.queries.basket import Item, OrderTerms, Sale, Tendered
from dianke.sales.queries.returning import ReturnItem
from dianke.stores.models import Register, Store

SELL = "sales.sell"
_STORE, _CUSTOMER = ById(Store, "legal_entity"), ById(Customer)


def items_of(items: Sequence[schemas.SaleItemIn]) -> tuple[Item, ...]:
    return tuple(
        Item(
            key=each.key,
            variant_id=each.variant_id,
            quantity=each.quantity,
            kind=each.kind,
            piece_id=each.piece_id,
            batch_id=each.batch_id,
            name=each.name,
            amount=each.amount,
            unit_amount=each.unit_amount,
            discount_amount=each.discount_amount,
            reason=each.reason,
            people=tuple((person.user_id, person.share_bp) for person in each.people),
            sold_amount=each.sold_amount,
            session_card_id=each.session_card_id,
            data=each.data.dict(exclude_defaults=True) if each.data else {},
        )
        for each in items
    )


def payments_of(payments: Sequence[schemas.SaleTenderedIn]) -> tuple[Tendered, ...]:
    return tuple(
        Tendered(each.uuid, each.tender, each.amount, each.tendered_amount, each.reference)
        for each in payments
    )


class Rows:
    """What baskets name, each read once however many of them name it: customers together, of the rest a till has one.
    For the length of one request."""

    def __init__(self, actor: Actor, customer_ids: Collection[int] = ()) -> None:
        self._actor = actor
        self._known = _customers_of(actor).in_bulk(customer_ids) if customer_ids else {}
        self.store = cache(self._store)
        self.register = cache(register_of)
        self.device = cache(_device_of)

    def _store(self, pk: int) -> Store:
        found = _STORE.get(pk) if self._actor.can(SELL, store_id=pk) else None
        if found is None:
            raise ReferenceUnknown(id=pk, field="store_id")
        return found

    def customer(self, pk: int | None) -> Customer | None:
        if pk is None:
            return None
        if pk in self._known:
            return self._known[pk]
        found = _CUSTOMER.get(pk)
        if found is not None and found.is_in_use and Customer.objects.plainly_reached(found, self._actor):
            return found
        return chosen(_customers_of(self._actor), pk, "customer_id")


def _customers_of(actor: Actor) -> Any:
    return Customer.objects.visible_to(actor).in_use()


def basket_of(
    actor: Actor, payload: schemas.SaleBasketIn, *, rows: Rows | None = None, **more: Any
) -> dict[str, Any]:
    """The arguments of a `Sale` every basket has."""
    rows = rows or Rows(actor)
    return {
        "store": rows.store(payload.store_id),
        "items": items_of(payload.items),
        "customer": rows.customer(payload.customer_id),
        "channel": payload.channel,
        "coupon_ids": tuple(payload.coupon_ids),
        "points": payload.points,
        "rounding": payload.rounding,
    } | more


def register_of(store: Store, pk: int | None) -> Register | None:
    if pk is None:
        return None
    return chosen(Register.objects.filter(store=store, is_active=True), pk, "register_id")


def _device_of(store: Store, pk: int | None) -> Device | None:
    if pk is None:
        return None
    devices = Device.objects.filter(Q(store_id=store.pk) | Q(store_id=None))
    return chosen(devices, pk, "device_id")


class TillMissing(InvalidInput):
    code = "offline_sale_needs_till"
    message = _("A sale made offline names the till that made it and the limits it had.")
    default_field = "device_id"


def sale_of(actor: Actor, payload: schemas.SaleIn, *, rows: Rows | None = None) -> Sale:
    """`rows`: shared by the sales of a request."""
    rows = rows or Rows(actor)
    values = basket_of(actor, payload, rows=rows)
    if payload.is_offline and payload.device_id is None:
        raise TillMissing
    return Sale(
        uuid=payload.uuid,
        payments=payments_of(payload.payments),
        register=rows.register(values["store"], payload.register_id),
        shift_id=payload.shift_id,
        device=rows.device(values["store"], payload.device_id),
        device_sequence=payload.device_sequence,
        occurred_at=payload.occurred_at,
        device_at=payload.device_at,
        is_offline=payload.is_offline,
        grant_token=payload.grant_token,
        expected_amount=payload.expected_amount,
        note=payload.note,
        **values,
    )


def order_of(actor: Actor, payload: schemas.SalesOrderPlaceIn) -> Sale:
    values = basket_of(actor, payload)
    return Sale(
        uuid=payload.uuid,
        payments=payments_of(payload.payments),
        register=register_of(values["store"], payload.register_id),
        shift_id=payload.shift_id,
        expected_amount=payload.expected_amount,
        note=payload.note,
        **values,
    )


def terms_of(payload: schemas.SalesOrderTermsIn) -> OrderTerms:
    return OrderTerms(
        due_date=payload.due_date,
        deposit_kind=payload.deposit_kind,
        deposit_amount=payload.deposit_amount,
        instalments=tuple((each.due_date, each.amount) for each in payload.instalments),
        is_reserved=payload.is_reserved,
    )


def returned_of(items: Sequence[schemas.SaleReturnLineIn]) -> tuple[ReturnItem, ...]:
    return tuple(ReturnItem(each.line_id, each.quantity, each.is_restocked) for each in items)
