"""Payments of orders that stand: at hand they are booked at once, by a channel when it confirms. A payment
has one key for its whole life, so starting, asking and being called back happen once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict
from dianke.events.operations import operation, record, step, unchanged
from dianke.loyalty.queries.standing import cluster_of
from dianke.sales.models import Order, Payment, Tender
from dianke.sales.operations import books
from dianke.sales.operations.drawers import check_shift
from dianke.sales.operations.joining import CustomerMissing, Joined, Occasion, spend
from dianke.sales.operations.locking import locked, refuse
from dianke.sales.operations.selling import (
    SELL,
    ReferenceMissing,
    TenderUnknown,
    shown,
)
from dianke.sales.queries.basket import Tendered
from dianke.sales.rules.states import may_be_paid
from dianke.sales.rules.tendering import Given, Taken, settle
from dianke.sales.tenders import Answer, Asked, ChannelSilent, Outcome, adapter_of
from dianke.stores.models import Register

PAID = "sales.paid"


class PaidAlready(Conflict):
    code = "order_paid_already"
    message = _("Order %(number)s needs %(due)s more at most. Lower the payment.")
    default_field = "amount"


class PaymentDiffers(Conflict):
    code = "payment_differs"
    message = _("Under this identifier another payment stands already. A new payment needs a new one.")
    default_field = "uuid"


@operation(SELL)
def add_payment(
    *,
    order: Order,
    payment: Tendered,
    register: Register | None = None,
    shift_id: int | None = None,
    is_weighed: bool = False,
    actor: Actor,
    now: datetime,
) -> Payment:
    """Take a payment for an order: a deposit, an instalment, the balance. Cash may be more than is due: the rest is
    change. Old gold comes by `take_old_gold` (`is_weighed`) and no other way. One by a channel waits until it confirms
    (`run_payment`). A repeat under the UUID returns what stands.

    Raises `TenderUnknown`, `ReferenceMissing`, `PaidAlready`, `PaymentDiffers`, `CustomerMissing`, `OrderNotOpen`, and
    what wallets refuse.
    """
    actor.require(SELL, store_id=order.store_id)
    order = locked(order=order)
    standing = Payment.objects.filter(uuid=payment.uuid).select_related("tender").first()
    if standing is not None:
        asked = standing.tendered_amount or standing.amount
        same = standing.order_id == order.pk and standing.tender.code == payment.tender
        if not same or payment.amount not in (standing.amount, asked):
            raise PaymentDiffers
        unchanged()
        return standing
    check_shift(shift_id=shift_id, register=register)
    if not may_be_paid(order.state):
        raise refuse(order)
    tender = Tender.objects.in_use().filter(code=payment.tender).first()
    if tender is None or tender.account in (Tender.Account.RECEIVABLE, Tender.Account.EXCHANGE):
        raise TenderUnknown(tender=payment.tender)
    if is_weighed != (tender.account == Tender.Account.OLD_METAL):
        raise TenderUnknown(tender=payment.tender)
    if tender.needs_reference and not payment.reference.strip():
        raise ReferenceMissing(tender=tender.name)
    waiting = order.payments.filter(state__in=[Payment.State.PENDING, Payment.State.UNKNOWN])
    due = order.due_amount - sum(waiting.values_list("amount", flat=True))
    if due <= 0 or (payment.amount > due and not tender.gives_change):
        raise PaidAlready(number=order.number, due=shown(max(due, 0)))
    (taken,) = settle(due, [Given(payment.amount, tender.gives_change, payment.tendered_amount)])
    business_date = order.store.business_date(now)
    row = _row(order, payment, tender, taken, register, shift_id, business_date, actor, now)
    if adapter_of(tender.adapter).is_online:
        row.state = Payment.State.PENDING
        row.save(force_insert=True)
    else:
        joined = Joined()
        if tender.account == Tender.Account.WALLET:
            row.data = {"key": f"{order.key}/pay:{row.uuid}"}
            spend(
                occasion=_occasion(order, business_date, actor, now),
                amount=row.amount,
                reference=row.data["key"],
                joined=joined,
            )
        row.save(force_insert=True)
        _book(order, row, joined, business_date, actor, now)
    record(
        "sales.payment_taken" if row.state == Payment.State.TAKEN else "sales.payment_started",
        order,
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "amount": str(row.amount), "tender": tender.code},
    )
    return row


def _row(
    order: Order,
    payment: Tendered,
    tender: Tender,
    taken: Taken,
    register: Register | None,
    shift_id: int | None,
    business_date: date,
    actor: Actor,
    now: datetime,
) -> Payment:
    last = order.payments.aggregate(last=Max("position"))["last"] or 0
    return Payment(
        uuid=payment.uuid,
        order=order,
        position=last + 1,
        tender=tender,
        state=Payment.State.TAKEN,
        amount=taken.amount,
        tendered_amount=taken.tendered,
        change_amount=taken.change,
        reference=payment.reference.strip()[:64],
        register=register,
        shift_id=shift_id,
        business_date=business_date,
        taken_at=now,
        user_id=actor.user_id,
    )


def _occasion(order: Order, business_date: date, actor: Actor, now: datetime) -> Occasion:
    if order.customer is None:
        raise CustomerMissing
    return Occasion(
        order.key,
        order.store,
        order.customer,
        cluster_of(order.customer.pk),
        business_date,
        now,
        False,
        actor,
        now,
    )


@step
def _book(
    order: Order, row: Payment, joined: Joined, business_date: date, actor: Actor, now: datetime
) -> None:
    books.post(
        order=order,
        moved=books.Moved(money=[(row.tender, row.register_id, row.amount)]),
        kind=PAID,
        reference=f"{order.key}/pay:{row.uuid}/money",
        business_date=business_date,
        more=joined.drafts,
        actor=actor,
        now=now,
    )
    order.save(update_fields=["paid_amount"])


# --- channels -------------------------------------------------------------------------------------------------
def run_payment(*, payment: Payment, actor: Actor, now: datetime) -> tuple[Payment, Answer]:
    """Start a payment with its channel, or ask what became of it when that was not known; then note the
    answer. Holds no lock while the channel thinks."""
    if payment.state in (Payment.State.TAKEN, Payment.State.FAILED):
        return payment, Answer(Outcome.DONE if payment.state == Payment.State.TAKEN else Outcome.FAILED)
    adapter, key = adapter_of(payment.tender.adapter), str(payment.uuid)
    try:
        answer = adapter.query(key)
        if answer.outcome is Outcome.UNKNOWN_KEY:
            answer = adapter.start(Asked(key, payment.amount, payment.order.currency))
    except ChannelSilent as error:
        answer = Answer(Outcome.UNKNOWN_KEY, problem=error.code)
    return settle_payment(payment=payment, answer=answer, actor=actor, now=now), answer


def cancel_payment(*, payment: Payment, actor: Actor, now: datetime) -> tuple[Payment, Answer]:
    """Call a payment off that its channel has not decided on. Who paid meanwhile has paid; of a channel that is silent
    nobody knows, and it is asked again. Holds no lock while the channel thinks."""
    if payment.state in (Payment.State.TAKEN, Payment.State.FAILED):
        return payment, Answer(Outcome.DONE if payment.state == Payment.State.TAKEN else Outcome.FAILED)
    actor.require(SELL, store_id=payment.order.store_id)
    try:
        answer = adapter_of(payment.tender.adapter).cancel(str(payment.uuid))
    except ChannelSilent as error:
        answer = Answer(Outcome.UNKNOWN_KEY, problem=error.code)
    return settle_payment(payment=payment, answer=answer, actor=actor, now=now), answer


def call_back(*, adapter: str, content: Mapping[str, Any], actor: Actor, now: datetime) -> Payment | None:
    """What a channel tells by itself; None for a payment nobody here knows. Raises the adapter's errors."""
    key, answer = adapter_of(adapter).callback(content)
    payment = Payment.objects.filter(uuid=key).select_related("order__store", "tender").first()
    return settle_payment(payment=payment, answer=answer, actor=actor, now=now) if payment else None


@operation(None)
def settle_payment(*, payment: Payment, answer: Answer, actor: Actor, now: datetime) -> Payment:
    """Note what a channel says; once it confirms, the money is in the books. Another amount than asked for is
    refused by marking the payment failed, with the problem."""
    if not actor.is_system:
        actor.require(SELL, store_id=payment.order.store_id)
    order = locked(order=payment.order)
    row = Payment.objects.select_for_update(of=("self",)).select_related("tender").get(pk=payment.pk)
    states = Payment.State
    wrong = answer.outcome is Outcome.DONE and answer.amount not in (None, row.amount)
    state = {
        Outcome.DONE: states.FAILED if wrong else states.TAKEN,
        Outcome.PENDING: states.PENDING,
        Outcome.FAILED: states.FAILED,
        Outcome.UNKNOWN_KEY: states.UNKNOWN,
    }[answer.outcome]
    if row.state in (states.TAKEN, states.FAILED) or row.state == state:
        unchanged()
        return row
    row.state, row.problem = state, ("amount_differs" if wrong else answer.problem)[:200]
    row.reference = answer.reference[:64] or row.reference
    if state == states.TAKEN:
        row.taken_at, row.business_date = now, order.store.business_date(now)
    row.save(update_fields=["state", "problem", "reference", "taken_at", "business_date"])
    if state == states.TAKEN:
        _book(order, row, Joined(), row.business_date, actor, now)
    record(
        "sales.payment_taken" if state == states.TAKEN else "sales.payment_settled",
        order,
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "amount": str(row.amount), "tender": row.tender.code, "state": state},
    )
    return row


def open_payments() -> list[Payment]:
    """Payments a channel has not decided on, the oldest first, for the job that asks again."""
    rows = Payment.objects.filter(state__in=[Payment.State.PENDING, Payment.State.UNKNOWN])
    return list(rows.select_related("order__store", "tender").order_by("pk")[:500])
