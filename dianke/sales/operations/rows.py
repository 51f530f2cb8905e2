"""A sale or an order as its rows: what will be written, and what somebody has to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Max

from dianke.core.actor import Actor
from dianke.events.operations import step
from dianke.inventory.models import PeriodLock
from dianke.ledger.models import Closing
from dianke.sales.models import Order, OrderException, OrderLine, Payment, Tender
from dianke.sales.operations import writing
from dianke.sales.operations.joining import Joined
from dianke.sales.operations.leaving import Left
from dianke.sales.operations.offline import note_sequence, use_grant
from dianke.sales.queries.basket import Sale, Tendered
from dianke.sales.queries.costed import Costed
from dianke.sales.queries.fixed_prices import FixedPrice
from dianke.sales.queries.pricing import Basket
from dianke.sales.rules.offline import OfflineSale
from dianke.sales.rules.tendering import Taken

WHOLE_BP = 10_000
#: A till whose clock is off by more than this is named.
CLOCK_TOLERANCE = timedelta(minutes=5)
Kinds = OrderException.Kind


def new_order(
    sale: Sale,
    basket: Basket,
    digest: str,
    occurred_at: datetime,
    business_date: date,
    actor: Actor,
    now: datetime,
) -> Order:
    """The order as it will be written, without state and money."""
    return Order(
        uuid=sale.uuid,
        digest=digest,
        store=sale.store,
        legal_entity_id=sale.store.legal_entity_id,
        register=sale.register,
        shift_id=sale.shift_id,
        device=sale.device,
        device_sequence=sale.device_sequence,
        channel=sale.channel,
        customer=sale.customer,
        business_date=business_date,
        occurred_at=occurred_at,
        device_at=sale.device_at,
        recorded_at=now,
        is_offline=sale.is_offline,
        currency=sale.store.currency,
        list_amount=basket.list_amount,
        total_amount=basket.paid_amount,
        tax_amount=basket.tax_amount,
        cart=basket.kept_cart(),
        note=sale.note.strip()[:400],
        made_by_id=actor.user_id,
    )


def content_of(
    order: Order,
    basket: Basket,
    actor: Actor,
    now: datetime,
    *,
    left: Left | None = None,
    joined: Joined | None = None,
) -> writing.Written:
    """Order and lines as they will be written; with `left` everything of it was delivered."""
    content = writing.Written(order)
    lines = []
    earned: Mapping[str, int] = joined.points.earned_by_line if joined and joined.points else {}
    for position, line in enumerate(basket.lines, 1):
        lines.append(
            OrderLine(
                position=position,
                key=line.item.key,
                kind=line.kind,
                variant_id=line.item.variant_id,
                piece_id=line.item.piece_id,
                name=line.name[:200],
                quantity=line.item.quantity,
                list_price_amount=line.unit_amount,
                list_amount=line.list_amount,
                paid_amount=line.paid_amount,
                tax_rate_bp=line.tax_rate_bp,
                tax_amount=line.tax_amount,
                is_gift=line.is_gift,
                earned_points=earned.get(line.item.key, 0),
                cost=left.cost_of(position) if left else Decimal(0),
                fulfilled_quantity=line.item.quantity if left else Decimal(0),
                data=line_data(line, basket.fixed),
            )
        )
        content.adjustments += [
            {
                "line_id": position,
                "position": n,
                "stage": step.stage,
                "source": step.source,
                "reason": step.reason,
                "values": dict(step.values),
                "amount": step.amount,
            }
            for n, step in enumerate(line.adjustments, 1)
        ]
        people = line.item.people or (((actor.user_id, WHOLE_BP),) if actor.user_id else ())
        content.people += [
            {"line_id": position, "user_id": user, "share_bp": share} for user, share in people
        ]
    content.lines = lines
    if left is not None:
        content.issues = [
            {
                "line_id": issue.position,
                "movement_id": issue.movement_id,
                "variant_id": issue.variant_id,
                "quantity": issue.quantity,
                "value": issue.value,
                "is_consumed": issue.is_consumed,
                "returned_quantity": 0,
            }
            for issue in left.issues
        ]
    content.changes = [
        {
            "kind": "STATE",
            "before": "",
            "after": order.state,
            "data": {},
            "at": now,
            "user_id": actor.user_id,
        }
    ]
    return content


def line_data(line: Costed, fixed: Mapping[int, FixedPrice]) -> dict[str, Any]:
    """What of the item has to be known later; of a piece the price of the day it was worked out by."""
    data = dict(line.item.data)
    day_price = fixed.get(line.item.piece_id or 0)
    if day_price is not None:
        data["day_price"] = day_price.as_data()
    if line.item.session_card_id is not None:
        data["session_card_id"] = line.item.session_card_id
    if line.item.reason:
        data["reason"] = line.item.reason[:200]
    return data


def payment_row(
    paying: Paying,
    position: int,
    sale: Sale,
    business_date: date,
    taken_at: datetime,
    actor: Actor,
) -> Payment:
    """A payment that is in the books, as its row."""
    return Payment(
        uuid=paying.given.uuid,
        position=position,
        tender=paying.tender,
        state=Payment.State.TAKEN,
        amount=paying.taken.amount,
        tendered_amount=paying.taken.tendered,
        change_amount=paying.taken.change,
        reference=paying.given.reference.strip()[:64],
        register=sale.register,
        shift_id=sale.shift_id,
        business_date=business_date,
        taken_at=taken_at,
        user_id=actor.user_id,
        data={"key": sale.key} if paying.tender.account == Tender.Account.WALLET else {},
    )


def exceptions_of(
    sale: Sale, basket: Basket, left: Left, joined: Joined, open_amount: int, now: datetime
) -> list[dict[str, Any]]:
    """What somebody has to look at."""
    found: list[tuple[str, int, dict[str, Any]]] = []
    difference = -sum(
        step.amount for line in basket.lines for step in line.adjustments if step.stage == "CLIENT"
    )
    if difference:
        found.append((Kinds.PRICE, difference, {}))
    for position, code in left.refused.items():
        found.append((Kinds.STOCK, 0, {"line": position, "why": code}))
    for each in left.shortfalls:
        data = {"place": each.place_id, "variant": each.variant_id, "quantity": str(each.quantity)}
        if sale.is_offline:
            found.append((Kinds.STOCK, 0, data))
    for kind, why, amount in joined.refused:
        found.append((kind, amount, {"why": why}))
    if sale.is_offline and open_amount:
        found.append((Kinds.PAYMENT, open_amount, {}))
    skew = abs(now - sale.device_at) if sale.device_at else timedelta(0)
    if skew > CLOCK_TOLERANCE and (not sale.is_offline or (sale.device_at and sale.device_at > now)):
        found.append((Kinds.CLOCK, 0, {"seconds": int(skew.total_seconds())}))
    occurred = min(sale.occurred_at or now, now)
    if sale.is_offline and sale.store.business_date(occurred) != moments(sale, now)[1]:
        found.append((Kinds.PERIOD, 0, {"day": str(sale.store.business_date(occurred))}))
    return [_exception(sale, kind, amount, data, now) for kind, amount, data in found]


@step
def exceptions_of_till(sale: Sale, order: Order, by_wallet: int, now: datetime) -> list[dict[str, Any]]:
    """What is to be looked at of a shared till: a number that came twice, limits it went beyond offline."""
    found: list[tuple[str, dict[str, Any]]] = []
    device, number = sale.device, sale.device_sequence
    if device is None:
        return []
    if number is not None and not note_sequence(
        device_id=device.pk, store_id=sale.store.pk, number=number, now=now
    ):
        found.append((Kinds.SEQUENCE, {"number": number}))
    if sale.is_offline:
        counted = OfflineSale(
            amount=order.total_amount,
            occurred_at=order.occurred_at,
            points=order.used_points,
            coupons=len(order.coupon_ids),
            wallet_amount=by_wallet,
        )
        used = use_grant(token=sale.grant_token, device_id=device.pk, sale=counted, now=now)
        found += [(problem.kind, dict(problem.data)) for problem in used.problems]
    return [_exception(sale, kind, 0, data, now) for kind, data in found]


def _exception(sale: Sale, kind: str, amount: int, data: dict[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "store_id": sale.store.pk,
        "kind": kind,
        "amount": amount,
        "data": data,
        "at": now,
        "outcome": "",
    }


@dataclass(frozen=True, slots=True)
class Paying:
    """A payment that was handed over, with its tender and what it counts for."""

    given: Tendered
    tender: Tender
    taken: Taken


def moments(sale: Sale, now: datetime) -> tuple[datetime, date]:
    """When it was sold and the business date. An offline sale that comes in after its day was locked counts
    for today."""
    occurred_at = min(sale.occurred_at or now, now)
    business_date = sale.store.business_date(occurred_at)
    if sale.is_offline and business_date < sale.store.business_date(now):
        closed = Closing.objects.aggregate(day=Max("closed_before"))["day"]
        locks = PeriodLock.objects.filter(legal_entity=sale.store.legal_entity_id)
        locked = locks.aggregate(day=Max("locked_through"))["day"]
        if (closed is not None and business_date < closed) or (
            locked is not None and business_date <= locked
        ):
            business_date = sale.store.business_date(now)
    return occurred_at, business_date
