"""Orders that are not completed at once: placed, approved, changed, and the day they are promised for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.events.operations import operation, record, step, unchanged
from dianke.inventory import operations as stock
from dianke.inventory.operations import Wanted, places_of
from dianke.ledger import operations as ledger
from dianke.sales.models import Order, OrderLine, Tender
from dianke.sales.operations import books, credit, joining, writing
from dianke.sales.operations.approving import States, submit
from dianke.sales.operations.drawers import check_shift
from dianke.sales.operations.joining import Joined, Occasion
from dianke.sales.operations.rows import Paying, content_of, new_order, payment_row
from dianke.sales.operations.selling import (
    SELL,
    PriceChanged,
    check_hand_prices,
    payings,
    shown,
    standing_order,
)
from dianke.sales.queries.basket import OrderTerms, Sale
from dianke.sales.queries.pricing import Basket, price
from dianke.sales.rules.positions import Position

DEPOSITED = "sales.deposit_taken"


class PrepaidNeedsSale(InvalidInput):
    code = "order_prepaid_needs_sale"
    message = _(
        "Top-ups, cards, sessions and points are used in a sale that is completed at once. Sell them separately."
    )
    default_field = "items"


class DepositTooMuch(InvalidInput):
    code = "order_deposit_too_much"
    message = _(
        "The deposit cannot be more than the total, and needs to be agreed as earnest money or prepayment."
    )
    default_field = "deposit_amount"


class InstalmentsWrong(InvalidInput):
    code = "order_instalments_wrong"
    message = _(
        "The instalments come to %(sum)s and the total is %(total)s. Correct them so that both are the same."
    )
    default_field = "instalments"


class DueDatePast(InvalidInput):
    code = "order_due_date_past"
    message = _("The promised day has passed already. Choose a later one.")
    default_field = "due_date"


@operation(SELL)
def place_order(*, sale: Sale, terms: OrderTerms, reason: str = "", actor: Actor, now: datetime) -> Order:
    """Place an order that is delivered later, with what was paid of it already. Its prices stand from now on:
    coupons and budgets of promotions are taken. Where a policy asks for a second person it waits, else it is
    approved at once. Under a UUID that stands the order that stands is returned.

    Raises what can be wrong with a basket and payments, `PrepaidNeedsSale`, `DepositTooMuch`, `InstalmentsWrong`,
    `DueDatePast`, `PriceChanged`, `SaleDiffers`, `CreditExceeded`, `StockTooLow` for goods to be kept.
    """
    actor.require(SELL, store_id=sale.store.pk)
    check_shift(shift_id=sale.shift_id, register=sale.register)
    sale = replace(sale, is_offline=False, points=0) if not sale.points else sale
    digest = sale.digest(str(terms))
    standing = standing_order(sale, digest)
    if standing is not None:
        unchanged()
        return standing
    business_date = sale.store.business_date(now)
    check_terms(sale, terms, business_date)
    codes = [payment.tender for payment in sale.payments]
    basket = price(sale=sale, business_date=business_date, at=now, tender_codes=codes)
    check_hand_prices(sale, actor)
    if sale.expected_amount not in (None, basket.paid_amount):
        raise PriceChanged(total=shown(basket.paid_amount), expected=shown(sale.expected_amount or 0))
    check_amounts(terms, basket.paid_amount)
    occasion = Occasion(
        sale.key, sale.store, sale.customer, basket.known.customer_ids, business_date, now, False, actor, now
    )
    joined = Joined()
    paid = _deposit(sale, basket, occasion, joined)
    if terms.is_reserved:
        keep_goods(sale.store, sale.key, basket, actor, now)
    _post_deposit(sale, paid, joined, business_date, actor, now)
    used = joining.take(occasion=occasion, basket=basket, joined=joined)
    order = new_order(sale, basket, digest, now, business_date, actor, now)
    order.state = States.DRAFT if sale.channel == Order.Channel.QUOTE else States.PLACED
    order.due_date = terms.due_date
    order.deposit_kind, order.deposit_amount = terms.deposit_kind, terms.deposit_amount
    order.paid_amount = sum(each.taken.amount for each in paid)
    order.coupon_ids = used
    content = content_of(order, basket, actor, now)
    content.payments = [
        payment_row(each, n, sale, business_date, now, actor) for n, each in enumerate(paid, 1)
    ]
    content.instalments = [
        {"position": n, "due_date": day, "amount": amount}
        for n, (day, amount) in enumerate(terms.instalments, 1)
    ]
    order = writing.write(content=content)
    if order.state == States.PLACED:
        submit(order, reason, actor, now)
    record(
        "sales.order_placed",
        order,
        also=[sale.customer] if sale.customer else [],
        actor=actor,
        now=now,
        store_id=sale.store.pk,
        data={"number": order.number, "total": str(order.total_amount), "state": order.state},
    )
    return order


def check_terms(sale: Sale, terms: OrderTerms, today: date) -> None:
    for item in sale.items:
        if item.session_card_id is not None or item.kind in OrderLine.OF_CUSTOMER:
            raise PrepaidNeedsSale
    if sale.points:
        raise PrepaidNeedsSale(field="points")
    if terms.due_date is not None and terms.due_date < today:
        raise DueDatePast


def check_amounts(terms: OrderTerms, total: int) -> None:
    if not 0 <= terms.deposit_amount <= total or bool(terms.deposit_amount) != bool(terms.deposit_kind):
        raise DepositTooMuch
    amounts = [amount for _day, amount in terms.instalments]
    if amounts and (sum(amounts) != total or min(amounts) <= 0):
        raise InstalmentsWrong(sum=shown(sum(amounts)), total=shown(total))


@step
def _deposit(sale: Sale, basket: Basket, occasion: Occasion, joined: Joined) -> list[Paying]:
    """What is paid of an order when it is placed. On account is asked for: whether the customer may owe it later."""
    paying = payings(sale, basket.known, basket.paid_amount)
    kinds = Tender.Account
    on_account = sum(p.taken.amount for p in paying if p.tender.account == kinds.RECEIVABLE)
    if on_account:
        if sale.customer is None:
            raise joining.CustomerMissing
        credit.check(
            customer_ids=basket.known.customer_ids,
            legal_entity_id=sale.store.legal_entity_id,
            currency=sale.store.currency,
            more=on_account,
        )
    held = [p for p in paying if p.tender.account not in (kinds.RECEIVABLE, kinds.WALLET)]
    wallet = [p for p in paying if p.tender.account == kinds.WALLET]
    if wallet:
        amount = sum(p.taken.amount for p in wallet)
        joining.spend(occasion=occasion, amount=amount, reference=sale.key, joined=joined)
        total = replace(wallet[0].taken, amount=amount, tendered=amount, change=0)
        held.append(replace(wallet[0], taken=total))
    return held


@step
def _post_deposit(
    sale: Sale, paid: list[Paying], joined: Joined, business_date: date, actor: Actor, now: datetime
) -> None:
    register_id = sale.register.pk if sale.register else None
    drafts = books.drafted(
        of=books.Parties(
            sale.key,
            sale.store,
            sale.store.legal_entity_id,
            sale.store.currency,
            sale.customer.pk if sale.customer else None,
        ),
        before=Position(),
        moved=books.Moved(money=[(each.tender, register_id, each.taken.amount) for each in paid]),
        kind=DEPOSITED,
        reference=f"{sale.key}/money",
        business_date=business_date,
    )
    if drafts or joined.drafts:
        ledger.post_many(drafts=[*joined.drafts, *drafts], actor=actor, now=now)


def reservation_of(key: str, line_key: str) -> str:
    """The reference goods of a line are kept under."""
    return f"{key}/line:{line_key}"


def kept_as(order: Order, line: OrderLine, more: Decimal = Decimal(0)) -> str:
    """The reference what is still open of a line is kept under, once `more` of it has left too: every part that leaves
    ends one reservation and begins another."""
    gone = line.fulfilled_quantity + more
    first = reservation_of(order.revision_key, line.key)
    return f"{first}/after:{gone.normalize():f}" if gone else first


@step
def keep_goods(store: Any, key: str, basket: Basket, actor: Actor, now: datetime) -> None:
    main = places_of(store=store).main
    wanted = [
        Wanted(
            reservation_of(key, line.item.key),
            line.goods.variant_id,
            line.item.place or main,
            line.item.quantity,
            line.item.batch_id,
            line.item.piece_id,
        )
        for line in basket.lines
        if line.goods is not None and line.goods.is_stocked
    ]
    if wanted:
        stock.reserve(wanted=wanted, expires_at=None, actor=actor, now=now)
