"""A sale: everything of a complete purchase in one operation and one transaction. Order of locks: the order's
UUID, wallets, credit, goods, ledger accounts, budgets and coupons, the number. The count of statements does
not depend on the lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, record, step, unchanged
from dianke.ledger import operations as ledger
from dianke.sales.models import Order, Tender
from dianke.sales.operations import books, credit, joining, writing
from dianke.sales.operations.drawers import check_shift
from dianke.sales.operations.exceptions import raise_task
from dianke.sales.operations.joining import Joined, Occasion
from dianke.sales.operations.leaving import Leaving, let_go
from dianke.sales.operations.rows import (
    WHOLE_BP,
    Paying,
    content_of,
    exceptions_of,
    exceptions_of_till,
    moments,
    new_order,
    payment_row,
)
from dianke.sales.queries.basket import Sale
from dianke.sales.queries.costed import Costed
from dianke.sales.queries.goods import Known
from dianke.sales.queries.pricing import Basket, price
from dianke.sales.rules.positions import Position
from dianke.sales.rules.tendering import Given, Taken, settle

SELL, CHANGE_PRICES = "sales.sell", "sales.change_prices"
SOLD = "sales.sold"


class SaleDiffers(Conflict):
    code = "sale_differs"
    message = _("Under this identifier another sale stands already (%(number)s). A new sale needs a new one.")
    default_field = "uuid"


class PriceChanged(Conflict):
    code = "sale_price_changed"
    message = _("The total is %(total)s now, not %(expected)s. Show it to the customer and confirm again.")
    default_field = "expected_amount"


class TenderUnknown(InvalidInput):
    code = "tender_unknown"
    message = _("There is no kind of payment “%(tender)s” in use. Choose another one.")
    default_field = "payments"


class TenderNeedsOrder(InvalidInput):
    code = "tender_needs_order"
    message = _(
        "“%(tender)s” is confirmed by its channel. Place the order first and start the payment for it."
    )
    default_field = "payments"


class ReferenceMissing(InvalidInput):
    code = "payment_reference_missing"
    message = _("Enter the number of the payment by “%(tender)s”, so that it can be found in the bill.")
    default_field = "payments"


class SharesWrong(InvalidInput):
    code = "sale_shares_wrong"
    message = _("Line “%(key)s”: the shares of the people must add up to 100 %%, each person once.")
    default_field = "items"


class NotPaidInFull(InvalidInput):
    code = "sale_not_paid_in_full"
    message = _("%(open)s of %(total)s are not paid. Take the rest, or put it on account of a customer.")
    default_field = "payments"


@operation(SELL)
def place_sale(*, sale: Sale, actor: Actor, now: datetime) -> Order:
    """Sell: price on the server, goods out, money and points in the books, coupons and budgets taken, number given.

    Under a UUID that stands the order that stands is returned, when it is the same sale. An offline sale that
    was paid is never refused: what is not as it should be becomes an `OrderException`. Raises `SaleDiffers`,
    `PriceChanged`, `NotPaidInFull`, what can be wrong with a basket (queries.pricing), a payment
    (rules.tendering, `TenderUnknown`, `ReferenceMissing`), `CreditExceeded`, and the errors of stock, ledger,
    promotions, loyalty and wallets.
    """
    actor.require(SELL, store_id=sale.store.pk)
    digest = sale.digest()
    standing = standing_order(sale, digest)
    if standing is not None:
        unchanged()
        return standing
    check_shift(shift_id=sale.shift_id, register=sale.register, is_late=sale.is_offline)
    sale = replace(sale, points=max(sale.points, 0))
    occurred_at, business_date = moments(sale, now)
    codes = [payment.tender for payment in sale.payments]
    basket = price(sale=sale, business_date=business_date, at=occurred_at, tender_codes=codes)
    check_hand_prices(sale, actor)
    if (
        sale.expected_amount is not None
        and not sale.is_offline
        and sale.expected_amount != basket.paid_amount
    ):
        raise PriceChanged(total=shown(basket.paid_amount), expected=shown(sale.expected_amount))
    occasion = Occasion(
        sale.key,
        sale.store,
        sale.customer,
        basket.known.customer_ids,
        business_date,
        occurred_at,
        sale.is_offline,
        actor,
        now,
    )
    joined = Joined()
    paying = payings(sale, basket.known, basket.paid_amount)
    paid, on_account = _pay(occasion, paying, joined)
    numbered = list(enumerate(basket.lines, 1))
    is_cash = any(each.tender.account == Tender.Account.CASH for each in paid)
    joining.prepaid(occasion=occasion, lines=numbered, is_cash=is_cash, joined=joined)
    open_amount = basket.paid_amount - sum(each.taken.amount for each in paid)
    _check_open(sale, basket, open_amount, on_account, now=now)
    left = let_go(
        store=sale.store,
        leaving=leaving(numbered),
        reference=sale.key,
        occurred_at=occurred_at,
        business_date=business_date,
        is_accepted=sale.is_offline,
        actor=actor,
        now=now,
    )
    by_wallet = sum(p.taken.amount for p in paid if p.tender.account == Tender.Account.WALLET)
    joining.points(occasion=occasion, basket=basket, paid_by_wallet=by_wallet, joined=joined)
    _post(sale, basket, paid, joined, business_date, actor, now)
    used = joining.take(occasion=occasion, basket=basket, joined=joined)
    order = new_order(sale, basket, digest, occurred_at, business_date, actor, now)
    order.state = Order.State.CLOSED
    order.closed_at = now
    order.earned_amount = basket.paid_amount
    order.paid_amount = sum(each.taken.amount for each in paid)
    order.coupon_ids = used
    order.used_points = basket.points_used
    order.earned_points = joined.points.earned if joined.points else 0
    content = content_of(order, basket, actor, now, left=left, joined=joined)
    content.payments = [
        payment_row(each, n, sale, business_date, occurred_at, actor) for n, each in enumerate(paid, 1)
    ]
    content.exceptions = exceptions_of(sale, basket, left, joined, open_amount, now)
    content.exceptions += exceptions_of_till(sale, order, by_wallet, now)
    order = writing.write(content=content)
    if content.exceptions:
        raise_task(order=order, exceptions=len(content.exceptions), actor=actor, now=now)
    record(
        "sales.order_completed",
        order,
        also=[sale.customer] if sale.customer else [],
        actor=actor,
        now=now,
        store_id=sale.store.pk,
        data={
            "number": order.number,
            "total": str(order.total_amount),
            "lines": len(basket.lines),
            "exceptions": len(content.exceptions),
        },
    )
    return order


# --- before anything is written -------------------------------------------------------------------------------
@step
def standing_order(sale: Sale, digest: str) -> Order | None:
    """The order that stands under the UUID; nobody else places it until this transaction ends. Raises `SaleDiffers`."""
    found = writing.begin(uuid=sale.uuid)
    if found is None:
        return None
    order: Order = Order.objects.select_related("store").get(pk=found["id"])
    if found["digest"] != digest:
        raise SaleDiffers(number=order.number)
    return order


def check_hand_prices(sale: Sale, actor: Actor) -> None:
    """Prices and discounts by hand are for who may give them; what a till did offline is looked at afterwards."""
    by_hand = any(item.unit_amount is not None or item.discount_amount for item in sale.items)
    if by_hand and not sale.is_offline:
        actor.require(CHANGE_PRICES, store_id=sale.store.pk)
    for item in sale.items:
        users = {user for user, _share in item.people}
        shares = sum(share for _user, share in item.people)
        if item.people and (
            shares != WHOLE_BP
            or len(users) < len(item.people)
            or any(share <= 0 for _user, share in item.people)
        ):
            raise SharesWrong(key=item.key)


def payings(sale: Sale, known: Known, total: int) -> list[Paying]:
    """The payments with their tenders and what they count for. Raises `TenderUnknown`, `TenderNeedsOrder`,
    `ReferenceMissing` and the errors of `settle`."""
    tenders = []
    for payment in sale.payments:
        tender = known.tenders.get(payment.tender)
        is_weighed = tender is not None and tender.account == Tender.Account.OLD_METAL
        if tender is None or is_weighed or not (tender.is_active or sale.is_offline):
            raise TenderUnknown(tender=payment.tender)
        is_exchange = tender.account == Tender.Account.EXCHANGE
        if is_exchange and payment.amount != sale.exchanged_amount:
            raise TenderUnknown(tender=payment.tender)
        if tender.adapter == "gateway":
            raise TenderNeedsOrder(tender=tender.name)
        if tender.needs_reference and not payment.reference.strip() and not sale.is_offline:
            raise ReferenceMissing(tender=tender.name)
        tenders.append(tender)
    given = [
        Given(payment.amount, tender.gives_change, payment.tendered_amount)
        for payment, tender in zip(sale.payments, tenders, strict=True)
    ]
    taken = settle(total, given) if not sale.is_offline else _as_taken(given)
    return [Paying(*each) for each in zip(sale.payments, tenders, taken, strict=True)]


def _as_taken(given: Sequence[Given]) -> list[Taken]:
    """Offline: what was taken was taken."""
    return [
        Taken(each.amount, each.tendered or each.amount, max(0, (each.tendered or each.amount) - each.amount))
        for each in given
        if each.amount > 0
    ]


@step
def _pay(occasion: Occasion, paying: Sequence[Paying], joined: Joined) -> tuple[list[Paying], int]:
    """The payments that hold, and what is put on account. Stored value is asked once, for all of it."""
    wallet = [each for each in paying if each.tender.account == Tender.Account.WALLET]
    on_account = [each for each in paying if each.tender.account == Tender.Account.RECEIVABLE]
    held = [each for each in paying if each not in wallet and each not in on_account]
    if wallet:
        amount = sum(each.taken.amount for each in wallet)
        if joining.spend(occasion=occasion, amount=amount, reference=occasion.key, joined=joined):
            total = replace(wallet[0].taken, amount=amount, tendered=amount, change=0)
            held.append(replace(wallet[0], taken=total))
    return held, sum(each.taken.amount for each in on_account)


@step
def _check_open(sale: Sale, basket: Basket, open_amount: int, on_account: int, *, now: datetime) -> None:
    if open_amount == 0:
        return
    if open_amount < 0 or sale.customer is None or (open_amount != on_account and not sale.is_offline):
        if sale.is_offline and sale.customer is not None:
            return
        raise NotPaidInFull(open=shown(open_amount), total=shown(basket.paid_amount))
    if not sale.is_offline:
        credit.check(
            customer_ids=basket.known.customer_ids,
            legal_entity_id=sale.store.legal_entity_id,
            currency=sale.store.currency,
            more=open_amount,
        )


def leaving(lines: Sequence[tuple[int, Costed]]) -> list[Leaving]:
    """The goods of these lines (position, line), all of them."""
    return [
        Leaving(
            position,
            line.goods,
            line.item.quantity,
            line.item.piece_id,
            line.item.batch_id,
            line.item.place,
            line.item.reservation,
        )
        for position, line in lines
        if line.goods is not None
    ]


# --- books ----------------------------------------------------------------------------------------------------
@step
def _post(
    sale: Sale,
    basket: Basket,
    paid: Sequence[Paying],
    joined: Joined,
    business_date: date,
    actor: Actor,
    now: datetime,
) -> None:
    register_id = sale.register.pk if sale.register else None
    moved = books.Moved(
        worth=basket.paid_amount,
        tax=basket.tax_amount,
        prepaid=sum(line.paid_amount for line in basket.lines if line.is_prepaid),
        money=[(each.tender, register_id, each.taken.amount) for each in paid],
    )
    drafts = books.drafted(
        of=books.Parties(
            sale.key,
            sale.store,
            sale.store.legal_entity_id,
            sale.store.currency,
            sale.customer.pk if sale.customer else None,
        ),
        before=Position(),
        moved=moved,
        kind=SOLD,
        reference=f"{sale.key}/money",
        business_date=business_date,
    )
    if drafts or joined.drafts:
        ledger.post_many(drafts=[*joined.drafts, *drafts], actor=actor, now=now)


# --- rows -----------------------------------------------------------------------------------------------------


def shown(amount: int) -> str:
    """For messages: whole and hundredths."""
    return f"{amount / 100:,.2f}"
