"""Giving money back: by the way it came, the last payment first, cash last. The books say so from the moment
it is promised; a channel that refuses leaves a refund everybody sees, which is tried again or given another
way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict
from dianke.events.operations import operation, record, step, unchanged
from dianke.sales.models import Order, Payment, Refund, SaleReturn, Tender
from dianke.sales.operations import books
from dianke.sales.operations.locking import locked
from dianke.sales.rules.refunds import Part
from dianke.sales.tenders import Answer, Asked, ChannelSilent, Outcome, adapter_of
from dianke.stores.models import Register
from dianke.wallets.operations.giving_back import give_back, plan_give_back

REFUND = "sales.refund_orders"
REFUNDED, REDIRECTED = "sales.refunded", "sales.refund_redirected"


class RefundDone(Conflict):
    code = "refund_done"
    message = _("This refund was given already.")


@dataclass(frozen=True, slots=True)
class Drawer:
    """Where cash comes from, if any goes back."""

    register: Register | None = None
    shift_id: int | None = None


@step
def make_refunds(
    *,
    order: Order,
    parts: Sequence[Part],
    exchange_amount: int,
    sale_return: SaleReturn | None,
    reference: str,
    drawer: Drawer,
    business_date: date,
    actor: Actor,
    now: datetime,
) -> list[tuple[Tender, int | None, int]]:
    """Write the refunds of a plan and give stored value back; what it changes by tender. Of the parts the first
    `exchange_amount` goes into the goods taken instead."""
    codes = {part.tender_code for part in parts} | ({"EXCHANGE"} if exchange_amount else set())
    tenders = {tender.code: tender for tender in Tender.objects.filter(code__in=codes)}
    wanted = {part.payment_id for part in parts}
    payments = {p.pk: p for p in Payment.objects.filter(pk__in=wanted).select_for_update().order_by("pk")}
    money: list[tuple[Tender, int | None, int]] = []
    for part in parts:
        payment, left = payments[part.payment_id], part.amount
        for tender, amount in _split(tenders, part, min(exchange_amount, left)):
            left -= amount
            if tender.code == "EXCHANGE":
                exchange_amount -= amount
            _refund(order, payment, tender, amount, sale_return, reference, drawer, business_date, actor, now)
            register = drawer.register.pk if drawer.register else None
            money.append((tender, register, -amount))
    return money


def _split(tenders: dict[str, Tender], part: Part, exchanged: int) -> list[tuple[Tender, int]]:
    found = [(tenders["EXCHANGE"], exchanged)] if exchanged else []
    rest = part.amount - exchanged
    return [*found, (tenders[part.tender_code], rest)] if rest else found


def _refund(
    order: Order,
    payment: Payment,
    tender: Tender,
    amount: int,
    sale_return: SaleReturn | None,
    reference: str,
    drawer: Drawer,
    business_date: date,
    actor: Actor,
    now: datetime,
) -> None:
    is_online = adapter_of(tender.adapter).is_online
    payment.refunded_amount += amount
    payment.save(update_fields=["refunded_amount"])
    if tender.account == Tender.Account.WALLET:
        plan = plan_give_back(
            reference_of_sale=payment.data["key"],
            share=Fraction(payment.refunded_amount, payment.amount),
            reference=f"{reference}/pay:{payment.position}",
            business_date=business_date,
            actor=actor,
            now=now,
        )
        give_back(plan=plan, actor=actor, now=now)
    Refund.objects.create(
        order=order,
        sale_return=sale_return,
        payment=payment,
        tender=tender,
        state=Refund.State.PENDING if is_online else Refund.State.DONE,
        amount=amount,
        register=drawer.register,
        shift_id=drawer.shift_id,
        business_date=business_date,
        made_at=now,
        done_at=None if is_online else now,
        tries=0 if is_online else 1,
        user_id=actor.user_id,
    )


# --- channels -------------------------------------------------------------------------------------------------
def run_refund(*, refund: Refund, actor: Actor, now: datetime) -> Refund:
    """Ask the channel and note what it says. A channel that was silent before is asked what became of the
    refund first, so that money never goes back twice. Called by a job or by who tries again; holds no lock
    while the channel thinks."""
    if refund.state == Refund.State.DONE:
        return refund
    adapter = adapter_of(refund.tender.adapter)
    key = f"refund:{refund.uuid}"
    try:
        answer = adapter.query_refund(key)
        if answer.outcome in (Outcome.UNKNOWN_KEY, Outcome.FAILED):
            of_key = str(refund.payment.uuid) if refund.payment else ""
            answer = adapter.refund(Asked(key, refund.amount, refund.order.currency, of_key))
    except ChannelSilent as error:
        answer = Answer(Outcome.PENDING, problem=error.code)
    return settle_refund(refund=refund, answer=answer, actor=actor, now=now)


@operation(None)
def settle_refund(*, refund: Refund, answer: Answer, actor: Actor, now: datetime) -> Refund:
    """Note what a channel said about a refund."""
    if not actor.is_system:
        actor.require(REFUND, store_id=refund.order.store_id)
    row = Refund.objects.select_for_update(of=("self",)).select_related("order", "tender").get(pk=refund.pk)
    if row.state == Refund.State.DONE:
        unchanged()
        return row
    row.tries += 1
    row.problem = answer.problem[:200]
    row.reference = answer.reference or row.reference
    if answer.outcome is Outcome.DONE:
        row.state, row.done_at = Refund.State.DONE, now
    else:
        row.state = Refund.State.FAILED if answer.outcome is Outcome.FAILED else Refund.State.PENDING
    row.save(update_fields=["tries", "problem", "reference", "state", "done_at"])
    record(
        "sales.refund_settled",
        row.order,
        actor=actor,
        now=now,
        store_id=row.order.store_id,
        data={"number": row.order.number, "amount": str(row.amount), "state": row.state},
    )
    return row


@operation(REFUND)
def redirect_refund(
    *,
    refund: Refund,
    tender: Tender | None = None,
    register: Register | None = None,
    actor: Actor,
    now: datetime,
) -> Refund:
    """Give a refund that a channel refuses another way: by `tender`, or the one that stands in for it. Raises
    `RefundDone`."""
    actor.require(REFUND, store_id=refund.order.store_id)
    order = locked(order=refund.order)
    row = Refund.objects.select_for_update(of=("self",)).select_related("tender__fallback").get(pk=refund.pk)
    if row.state == Refund.State.DONE:
        raise RefundDone
    before, after = row.tender, tender or row.tender.fallback or Tender.objects.get(code="CASH")
    day = order.store.business_date(now)
    row.tender, row.state, row.done_at, row.business_date = after, Refund.State.DONE, now, day
    row.register = register
    row.save(update_fields=["tender", "state", "done_at", "business_date", "register"])
    register_id = register.pk if register else None
    books.post(
        order=order,
        moved=books.Moved(money=[(before, None, row.amount), (after, register_id, -row.amount)]),
        kind=REDIRECTED,
        reference=f"{order.key}/refund:{row.uuid}",
        business_date=day,
        actor=actor,
        now=now,
    )
    record(
        "sales.refund_redirected",
        order,
        actor=actor,
        now=now,
        store_id=order.store_id,
        data={"number": order.number, "amount": str(row.amount), "from": before.code, "to": after.code},
    )
    return row


def pending_refunds() -> list[Refund]:
    """Refunds a channel has not confirmed, the oldest first, for the job that asks again."""
    rows = Refund.objects.filter(~Q(state=Refund.State.DONE), tender__adapter="gateway")
    return list(rows.select_related("order", "payment", "tender").order_by("pk")[:500])
