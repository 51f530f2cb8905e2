"""What happens to a card beside its use: longer valid, somebody else's, paid back, turned into another, taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.events.operations import operation, subject_key, unchanged
from dianke.ledger import operations as ledger
from dianke.ledger.models import Transaction
from dianke.ledger.operations import AccountSpec, Draft, Entry
from dianke.ledger.queries import balances
from dianke.stores.models import Store
from dianke.wallets.models import CardItem, CardKind, Conversion, Extension, Refund, SessionCard, Transfer
from dianke.wallets.operations.accounts import Chart, of_entity, of_sessions, open_chart, shown
from dianke.wallets.operations.cards import (
    SELL,
    accounts_of,
    card_entries,
    contents_of,
    issued_counts,
    items_of,
    make_card,
    record_card,
    refuse_not_sold,
)
from dianke.wallets.operations.drawers import moved_money
from dianke.wallets.operations.locking import lock_cards, refuse_closed, refuse_frozen
from dianke.wallets.operations.refusals import (
    CardUsed,
    CreditTooLarge,
    NeverExpires,
    NothingToRefund,
    NotLater,
    OtherEntity,
    ReasonMissing,
    SameCustomer,
)
from dianke.wallets.operations.using import accounts_in
from dianke.wallets.queries.terms import terms_for
from dianke.wallets.rules.refunds import CardState, ItemState, Working, work_out_card

REFUND = "wallets.refund_wallets"


@operation("wallets.freeze_wallets")
def extend_card(*, card: SessionCard, to_date: date, reason: str, actor: Actor, now: datetime) -> Extension:
    """Valid through a later day; an expired card is usable again. Raises `NotLater`, `NeverExpires`, `CardClosed`,
    `ReasonMissing`."""
    if not reason.strip():
        raise ReasonMissing
    locked = lock_cards(ids=[card.pk])[card.pk]
    refuse_closed(locked)
    if locked.expires_on is None:
        raise NeverExpires
    if to_date <= locked.expires_on:
        raise NotLater(day=f"{locked.expires_on:%Y-%m-%d}")
    row = Extension.objects.create(
        card=locked, before=locked.expires_on, after=to_date, reason=reason, at=now, user_id=actor.user_id
    )
    locked.expires_on = to_date
    locked.save(update_fields=["expires_on"])
    data = {"before": f"{row.before:%Y-%m-%d}", "after": f"{to_date:%Y-%m-%d}", "reason": reason}
    record_card("wallets.card_extended", locked, data, actor=actor, now=now)
    return row


@operation(None)
def transfer_card(
    *,
    card: SessionCard,
    to_customer: Customer,
    store: Store,
    reason: str,
    reference: str,
    actor: Actor,
    now: datetime,
) -> Transfer:
    """The card with everything left on it is another customer's; its accounts and its history go along. Both are told.
    Raises `SameCustomer`, `CardClosed`, `Frozen`, `ReasonMissing`."""
    actor.require("wallets.transfer_wallets", store_id=store.pk)
    standing: Transfer | None = Transfer.objects.filter(reference=reference).first()
    if standing is not None:
        unchanged()
        return standing
    if not reason.strip():
        raise ReasonMissing
    locked = lock_cards(ids=[card.pk])[card.pk]
    refuse_closed(locked)
    refuse_frozen(locked)
    if locked.customer.head_id == to_customer.head_id:
        raise SameCustomer
    before = locked.customer
    row = Transfer.objects.create(
        card=locked,
        from_customer=before,
        to_customer=to_customer,
        reference=reference,
        reason=reason,
        at=now,
        user_id=actor.user_id,
    )
    locked.customer = to_customer
    locked.save(update_fields=["customer"])
    also = [subject_key(f"customers.customer:{before.pk}")]
    data = {"transfer": str(row.pk), "reason": reason}
    record_card("wallets.card_transferred", locked, data, actor=actor, now=now, store_id=store.pk, also=also)
    return row


# --- paid back -------------------------------------------------------------------------------------------------
def state_of(card: SessionCard) -> CardState:
    """What is on a card now, as the calculator reads it. Two statements."""
    items = items_of(card)
    left = balances(accounts_in(items))
    states = []
    for item in items:
        counted, valued = accounts_of(item)
        states.append(
            ItemState(
                item.pk, item.is_gifted, item.count, left[counted.pk], left[valued.pk], item.unit_amount
            )
        )
    return CardState(card.paid_amount, card.sold_at, tuple(states))


def estimate_card(card: SessionCard, *, at: datetime) -> Working:
    """What would come back for a card now, by its kind or the terms. Reads only."""
    terms = terms_for(card.store, card.store.business_date(at), legal_entity_id=card.legal_entity_id)
    method = card.kind.refund_method or terms.word("card_refund")
    return work_out_card(
        state_of(card), method=method, now=at, cooling_off_days=terms.number("cooling_off_days")
    )


@operation(None)
def refund_card(
    *,
    card: SessionCard,
    store: Store,
    payment_kind: str,
    reason: str,
    reference: str,
    actor: Actor,
    now: datetime,
    payment_reference: str = "",
) -> Refund:
    """Pay back what the working comes to and close the card; gifted sessions lapse. Above a limit a second person
    decides. Raises `NothingToRefund`, `CardClosed`, `Frozen`, `OtherEntity`, `ReasonMissing`."""
    actor.require(REFUND, store_id=store.pk)
    standing: Refund | None = Refund.objects.filter(reference=reference).first()
    if standing is not None:
        unchanged()
        return standing
    if not reason.strip():
        raise ReasonMissing
    locked = _to_end(card, store)
    worked = estimate_card(locked, at=now)
    if worked.refund <= 0:
        raise NothingToRefund
    row = Refund.objects.create(
        card=locked,
        store=store,
        amount=worked.refund,
        forfeited_amount=worked.forfeited,
        working=[
            {"method": worked.method, "refund": worked.refund, "steps": [s.as_dict() for s in worked.steps]}
        ],
        payment_kind=payment_kind,
        payment_reference=payment_reference,
        reference=reference,
        business_date=store.business_date(now),
        reason=reason,
        at=now,
        user_id=actor.user_id,
    )
    tills = moved_money(
        store=store,
        payment_kind=payment_kind,
        amount=-worked.refund,
        reference=reference,
        business_date=row.business_date,
        actor=actor,
        now=now,
    )
    ending = _ending(locked, worked, more=[tills])
    entries = [*ending.entries, Entry(ending.chart[tills], -worked.refund)]
    draft = Draft(
        "wallets.card_refunded", reference, entries, row.business_date, {"store": store.pk, "card": locked.pk}
    )
    ledger.post_many(drafts=[draft], actor=actor, now=now)
    _close(locked, SessionCard.Closed.REFUNDED, now)
    data = {
        "refund": str(row.pk),
        "amount": shown(row.amount, locked.currency),
        "amount_minor": str(row.amount),
        "reason": reason,
    }
    record_card("wallets.card_refunded", locked, data, actor=actor, now=now, store_id=store.pk)
    return row


@dataclass(frozen=True, slots=True)
class _Ending:
    """Everything that leaves a card, and where what is not paid back goes."""

    entries: list[Entry]
    chart: Chart


def _ending(card: SessionCard, worked: Working, *, more: list[AccountSpec]) -> _Ending:
    items = items_of(card)
    left = balances(accounts_in(items))
    issued = {
        item.pk: of_sessions("sessions_issued", item.variant_id, card.legal_entity_id) for item in items
    }
    kept = of_entity("other_income", card.currency, card.legal_entity_id)
    given = of_entity("bonus_expense", card.currency, card.legal_entity_id)
    chart = open_chart(specs=[*issued.values(), kept, given, *more])
    entries = []
    for item in items:
        counted, valued = accounts_of(item)
        entries += [
            Entry(counted, -left[counted.pk]),
            Entry(chart[issued[item.pk]], -left[counted.pk]),
            Entry(valued, -left[valued.pk]),
        ]
    # What is kept is income; what comes back beyond the value left costs like bonus.
    entries.append(Entry(chart[kept], max(worked.forfeited, 0)))
    entries.append(Entry(chart[given], max(-worked.forfeited, 0)))
    return _Ending([entry for entry in entries if entry.amount], chart)


def _to_end(card: SessionCard, store: Store) -> SessionCard:
    locked = lock_cards(ids=[card.pk])[card.pk]
    refuse_closed(locked)
    refuse_frozen(locked)
    if store.legal_entity_id != locked.legal_entity_id:
        raise OtherEntity(entity=locked.legal_entity.short_name)
    return locked


def _close(card: SessionCard, state: str, now: datetime) -> None:
    card.closed_at, card.closed_as = now, state
    card.save(update_fields=["closed_at", "closed_as"])


@operation(None)
def undo_card_sale(*, card: SessionCard, reason: str, actor: Actor, now: datetime) -> SessionCard:
    """A card sold by mistake is taken back whole, the payment with it. Raises `CardUsed`, `CardClosed`, `Frozen`."""
    actor.require(REFUND, store_id=card.store_id)
    if not reason.strip():
        raise ReasonMissing
    locked = _to_end(card, card.store)
    if state_of(locked).used:
        raise CardUsed
    ledger.reverse(
        transaction=Transaction.objects.get(reference=locked.reference),
        reference=f"{locked.reference}/undo",
        kind="wallets.card_sale_undone",
        business_date=locked.store.business_date(now),
        memo={"store": locked.store_id, "card": locked.pk},
        actor=actor,
        now=now,
    )
    _close(locked, SessionCard.Closed.UNDONE, now)
    record_card("wallets.card_sale_undone", locked, {"reason": reason}, actor=actor, now=now)
    return locked


# --- turned into another ---------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Exchange:
    """What a conversion comes to: the working of the old card, and what is to be paid for the new one."""

    working: Working
    price_amount: int
    extra_amount: int


def estimate_conversion(
    card: SessionCard, kind: CardKind, *, at: datetime, price_amount: int | None = None
) -> Exchange:
    """Reads only; `extra_amount` below zero says that the new card costs too little."""
    working = estimate_card(card, at=at)
    price = kind.price_amount if price_amount is None else price_amount
    return Exchange(working, price, price - working.refund)


@operation(None)
def convert_card(
    *,
    card: SessionCard,
    kind: CardKind,
    store: Store,
    payment_kind: str,
    reason: str,
    reference: str,
    actor: Actor,
    now: datetime,
    price_amount: int | None = None,
    payment_reference: str = "",
) -> SessionCard:
    """The unused value of a card, as a refund would be worked out, pays for a card of another kind; what is missing is
    paid now. Raises `CreditTooLarge`, `KindNotSold`, `CardClosed`, `Frozen`, `OtherEntity`, `ReasonMissing`."""
    actor.require(SELL, store_id=store.pk)
    standing: SessionCard | None = SessionCard.objects.filter(reference=f"{reference}/card").first()
    if standing is not None:
        unchanged()
        return standing
    if not reason.strip():
        raise ReasonMissing
    locked = _to_end(card, store)
    refuse_not_sold(kind, store)
    exchange = estimate_conversion(locked, kind, at=now, price_amount=price_amount)
    if exchange.extra_amount < 0:
        raise CreditTooLarge(credit=shown(exchange.working.refund, locked.currency))
    made = make_card(
        customer=locked.customer,
        kind=kind,
        contents=contents_of(kind),
        paid_amount=exchange.price_amount,
        store=store,
        reference=f"{reference}/card",
        business_date=store.business_date(now),
        payment_kind=payment_kind,
        payment_reference=payment_reference,
        actor=actor,
        now=now,
    )
    issued = issued_counts(made)
    tills = moved_money(
        store=store,
        payment_kind=payment_kind,
        amount=exchange.extra_amount,
        reference=made.reference,
        business_date=made.business_date,
        actor=actor,
        now=now,
    )
    ending = _ending(locked, exchange.working, more=[tills, *issued])
    entries = [
        *ending.entries,
        *card_entries(made),
        *(Entry(ending.chart[spec], count) for spec, count in issued.items()),
        *([Entry(ending.chart[tills], exchange.extra_amount)] if exchange.extra_amount else []),
    ]
    memo = {"store": store.pk, "card": made.pk, "from": locked.pk}
    draft = Draft("wallets.card_converted", made.reference, entries, made.business_date, memo)
    ledger.post_many(drafts=[draft], actor=actor, now=now)
    Conversion.objects.create(
        card=locked,
        into=made,
        credited_amount=exchange.working.refund,
        working=[step.as_dict() for step in exchange.working.steps],
        at=now,
    )
    _close(locked, SessionCard.Closed.CONVERTED, now)
    data = {
        "into": made.number,
        "credited": shown(exchange.working.refund, locked.currency),
        "extra_amount": str(exchange.extra_amount),
        "reason": reason,
    }
    record_card(
        "wallets.card_converted",
        locked,
        data,
        actor=actor,
        now=now,
        store_id=store.pk,
        also=[subject_key(made)],
    )
    return made


def item_names(card: SessionCard) -> dict[int, str]:
    """Item → service, for the lines of a working."""
    return {
        item.pk: str(item.variant)
        for item in CardItem.objects.filter(card=card).select_related("variant__product")
    }
