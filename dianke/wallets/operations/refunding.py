"""Paying stored value back: worked out per top-up, shown before it is done, and kept with the refund."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dianke.core.actor import Actor
from dianke.events.operations import operation, record, subject_key, unchanged
from dianke.ledger import operations as ledger
from dianke.ledger.models import Account
from dianke.ledger.operations import Draft, Entry
from dianke.stores.models import Store
from dianke.wallets.models import Bucket, Refund, TopUp, Wallet
from dianke.wallets.operations.accounts import of_entity, open_chart, shown
from dianke.wallets.operations.drawers import moved_money
from dianke.wallets.operations.locking import lock_wallets, refuse_frozen
from dianke.wallets.operations.refusals import NothingToRefund, OtherEntity, ReasonMissing
from dianke.wallets.queries.lots import LotRow, fundings_of, open_lots
from dianke.wallets.queries.terms import terms_for
from dianke.wallets.rules.refunds import Funding, Working, together, work_out

REFUND = "wallets.refund_wallets"
REFUNDED = "wallets.refunded"


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """What comes back for one top-up, with the steps."""

    top_up: TopUp
    funding: Funding
    working: Working

    def as_dict(self) -> dict[str, Any]:
        return {
            "top_up": self.top_up.pk,
            "method": self.working.method,
            "refund": self.working.refund,
            "left": self.working.left,
            "steps": [step.as_dict() for step in self.working.steps],
        }


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of a wallet, or some of its top-ups; amounts in fen. `forfeited` lapses with it."""

    parts: tuple[WorkedOut, ...]
    refund: int
    left: int

    @property
    def forfeited(self) -> int:
        return self.left - self.refund


def estimate(
    wallet: Wallet, *, store: Store, at: datetime, top_up_ids: Collection[int] | None = None
) -> Estimate:
    """What would come back now, by the terms of the legal entity that received the money. Reads only."""
    terms = terms_for(store, store.business_date(at), legal_entity_id=wallet.legal_entity_id)
    method, days = terms.word("wallet_refund"), terms.number("cooling_off_days")
    parts = tuple(
        WorkedOut(row, funding, work_out(funding, method=method, now=at, cooling_off_days=days))
        for row, funding in fundings_of(wallet, at=at)
        if funding.left and (top_up_ids is None or row.pk in top_up_ids)
    )
    return Estimate(parts, *together(part.working for part in parts))


@operation(None)
def refund_wallet(
    *,
    wallet: Wallet,
    store: Store,
    payment_kind: str,
    reason: str,
    reference: str,
    actor: Actor,
    now: datetime,
    top_up_ids: Sequence[int] | None = None,
    payment_reference: str = "",
) -> Refund:
    """Pay back what the working of these top-ups (None: all) comes to; what is forfeited leaves with it. At a store of
    the legal entity that received the money. Above a limit a second person decides.

    Raises `NothingToRefund`, `ReasonMissing`, `Frozen`, `OtherEntity`.
    """
    actor.require(REFUND, store_id=store.pk)
    standing: Refund | None = Refund.objects.filter(reference=reference).first()
    if standing is not None:
        unchanged()
        return standing
    if not reason.strip():
        raise ReasonMissing
    if store.legal_entity_id != wallet.legal_entity_id:
        raise OtherEntity(entity=wallet.legal_entity.short_name)
    (locked,) = lock_wallets(ids=[wallet.pk])
    refuse_frozen(locked)
    worked = estimate(locked, store=store, at=now, top_up_ids=top_up_ids)
    if worked.refund <= 0:
        raise NothingToRefund
    refund = Refund.objects.create(
        wallet=locked,
        store=store,
        amount=worked.refund,
        forfeited_amount=worked.forfeited,
        working=[part.as_dict() for part in worked.parts],
        payment_kind=payment_kind,
        payment_reference=payment_reference,
        reference=reference,
        business_date=store.business_date(now),
        reason=reason,
        at=now,
        user_id=actor.user_id,
    )
    taken = {part.top_up.pk for part in worked.parts}
    lots = [lot for lot in open_lots([locked]) if lot.top_up_id in taken and not lot.is_over(now)]
    tills = moved_money(
        store=store,
        payment_kind=payment_kind,
        amount=-worked.refund,
        reference=reference,
        business_date=refund.business_date,
        actor=actor,
        now=now,
    )
    expense = of_entity("bonus_expense", locked.currency, store.legal_entity_id)
    chart = open_chart(specs=[tills, expense])
    entries = [
        *lot_entries(locked, lots),
        Entry(chart[tills], -worked.refund),
        Entry(chart[expense], -worked.forfeited),
    ]
    draft = Draft(
        REFUNDED,
        reference,
        [entry for entry in entries if entry.amount],
        refund.business_date,
        {"store": store.pk},
    )
    ledger.post_many(drafts=[draft], actor=actor, now=now)
    record(
        "wallets.wallet_refunded",
        locked,
        also=[subject_key(f"customers.customer:{locked.customer_id}")],
        actor=actor,
        now=now,
        store_id=store.pk,
        data={
            "refund": refund.pk,
            "number": locked.number,
            "amount": shown(refund.amount, locked.currency),
            "amount_minor": str(refund.amount),
            "forfeited_minor": str(refund.forfeited_amount),
            "reason": reason,
        },
    )
    return refund


def lot_entries(wallet: Wallet, lots: Sequence[LotRow]) -> list[Entry]:
    """Empties these lots."""
    accounts: dict[str, Account] = {
        Bucket.PRINCIPAL.value: wallet.principal,
        Bucket.BONUS.value: wallet.bonus,
        Bucket.PROMOTIONAL.value: wallet.promotional,
    }
    return [Entry(accounts[lot.bucket], -lot.left, first=(lot.id,)) for lot in lots]
