"""What customers did, written down as the rooms do, and beside it rows that must not count."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from dianke.customers.models import Customer
from dianke.customers.models.portal import PortalSession
from dianke.customers.models.records import CustomerNote
from dianke.messaging.models import Message
from dianke.promotions.models import Coupon, CouponKind
from dianke.sales.models import Order, SaleReturn
from dianke.stores.models import Store

_numbers = itertools.count(1)
#: Coupons that were used were given so many days before today.
GIVEN_BEFORE = 400


def write_deed(name: str, customer: Customer, at: datetime, *, counts: bool) -> None:
    """One row of the kind at an instant (in the merchant's zone)."""
    _WRITE[name](customer, at, counts)


def _portal(customer: Customer, at: datetime, counts: bool) -> None:
    if counts:
        token = next(_numbers).to_bytes(32, "big")
        PortalSession.objects.create(
            customer=customer, token_hash=token, created_at=at, last_used_at=at, expires_at=at
        )


def _followed(customer: Customer, at: datetime, counts: bool) -> None:
    def note(**values: Any) -> None:
        CustomerNote.objects.create(key=customer.key, customer=customer, at=at, **values)

    if counts:
        note(kind="CALL")
    else:
        note(kind="NOTE")
        note(kind="VISIT", removed_at=at)


def _order(customer: Customer, at: datetime, **values: Any) -> Order:
    store = Store.objects.order_by("pk")[0]
    usual = {"channel": "TILL", "state": "CLOSED", "closed_at": at} | values
    return Order.objects.create(
        number=f"D{next(_numbers)}",
        store=store,
        legal_entity_id=store.legal_entity_id,
        customer_id=customer.pk,
        business_date=at.date(),
        occurred_at=at,
        recorded_at=at,
        currency="CNY",
        **usual,
    )


def _returned(customer: Customer, at: datetime, counts: bool) -> None:
    order = _order(customer, at)
    if counts:
        SaleReturn.objects.create(
            number=f"R{next(_numbers)}",
            order=order,
            store=order.store,
            goods_amount=0,
            refund_amount=0,
            reason="不合适",
            business_date=at.date(),
            occurred_at=at,
        )


def _quoted(customer: Customer, at: datetime, counts: bool) -> None:
    if counts:
        _order(customer, at, channel="QUOTE", state="DRAFT", closed_at=None)
    else:
        _order(customer, at, channel="QUOTE")
        _order(customer, at, state="DRAFT", closed_at=None)


def _coupon(customer: Customer, at: datetime, **values: Any) -> None:
    kind = CouponKind.objects.first() or CouponKind.objects.create(
        name="券", kind="CASH", valid_days=30, created_at=at
    )
    number = next(_numbers)
    Coupon.objects.create(
        kind=kind, version=1, code=f"C{number}", customer=customer, issued_at=at, serial=number, **values
    )


def _coupon_got(customer: Customer, at: datetime, counts: bool) -> None:
    if counts:
        _coupon(customer, at, state="CLAIMED", claimed_at=at)
    else:
        _coupon(customer, at, state="REVOKED")


def _coupon_used(customer: Customer, at: datetime, counts: bool) -> None:
    given = at.replace(year=2026, month=11, day=21) - timedelta(days=GIVEN_BEFORE)
    if counts:
        _coupon(customer, given, state="USED", claimed_at=given, used_at=at, used_reference="sale:1")
    else:
        _coupon(customer, given, state="CLAIMED", claimed_at=given)


def _message(customer: Customer, at: datetime, **values: Any) -> None:
    Message.objects.create(
        key=customer.key,
        customer=customer,
        source=f"test:{next(_numbers)}",
        channel="SMS",
        purpose="CARE",
        created_at=at,
        due_at=at,
        **values,
    )


def _written_to(customer: Customer, at: datetime, counts: bool) -> None:
    _message(customer, at, state="SENT" if counts else "FAILED", sent_at=at)


def _read(customer: Customer, at: datetime, counts: bool) -> None:
    _message(customer, at, state="READ" if counts else "QUEUED", read_at=at if counts else None)


_WRITE: dict[str, Any] = {
    "portal": _portal,
    "followed": _followed,
    "returned": _returned,
    "quoted": _quoted,
    "coupon_got": _coupon_got,
    "coupon_used": _coupon_used,
    "written_to": _written_to,
    "read_message": _read,
}
DEEDS = tuple(_WRITE)
