"""Stored value goes to another customer: every top-up with what is left of it, so that its history goes along."""

from __future__ import annotations

from datetime import datetime

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.events.operations import operation, record, subject_key, unchanged
from dianke.ledger import operations as ledger
from dianke.ledger.operations import Draft, Entry
from dianke.stores.models import Store
from dianke.wallets.models import Bucket, TopUp, Transfer, Wallet
from dianke.wallets.operations.accounts import shown
from dianke.wallets.operations.locking import lock_wallets, open_wallet, refuse_frozen
from dianke.wallets.operations.refunding import lot_entries
from dianke.wallets.operations.refusals import NothingToTransfer, OtherEntity, ReasonMissing, SameCustomer
from dianke.wallets.operations.topping_up import refuse_above_cap
from dianke.wallets.queries.lots import SOURCE, LotRow, open_lots
from dianke.wallets.queries.terms import terms_for

TRANSFERRED = "wallets.transferred"


@operation(None)
def transfer_wallet(
    *,
    wallet: Wallet,
    to_customer: Customer,
    store: Store,
    reason: str,
    reference: str,
    actor: Actor,
    now: datetime,
) -> Transfer:
    """Everything in a wallet goes to another customer's wallet with the same legal entity: principal, bonus and
    promotional value, each with its expiry and the payment it came from. Both are told.

    Raises `SameCustomer`, `NothingToTransfer`, `Frozen`, `OtherEntity`, `CapReached`, `ReasonMissing`.
    """
    actor.require("wallets.transfer_wallets", store_id=store.pk)
    standing: Transfer | None = Transfer.objects.filter(reference=reference).first()
    if standing is not None:
        unchanged()
        return standing
    if not reason.strip():
        raise ReasonMissing
    if to_customer.head_id == wallet.customer.head_id:
        raise SameCustomer
    if store.legal_entity_id != wallet.legal_entity_id:
        raise OtherEntity(entity=wallet.legal_entity.short_name)
    # Opened first, then both locked by their keys: two transfers the other way round wait for each other.
    into = open_wallet(customer=to_customer, store=store, is_named=True, now=now)
    locked = {each.pk: each for each in lock_wallets(ids=[wallet.pk, into])}
    source, target = locked[wallet.pk], locked[into]
    refuse_frozen(source)
    refuse_frozen(target)
    lots = [lot for lot in open_lots([source]) if not lot.is_over(now)]
    if not lots:
        raise NothingToTransfer
    sums = {bucket: sum(lot.left for lot in lots if lot.bucket == bucket) for bucket in Bucket.values}
    day = store.business_date(now)
    refuse_above_cap(target, sums[Bucket.PRINCIPAL], "named_cap", terms_for(store, day))
    draft = Draft(
        TRANSFERRED,
        reference,
        [*lot_entries(source, lots), *_arrivals(lots, source, target, store, reference, actor, now)],
        day,
        {"store": store.pk, "from": source.pk, "to": target.pk},
    )
    ledger.post_many(drafts=[draft], actor=actor, now=now)
    transfer = Transfer.objects.create(
        wallet=source,
        into=target,
        from_customer=source.customer,
        to_customer=to_customer,
        principal_amount=sums[Bucket.PRINCIPAL],
        bonus_amount=sums[Bucket.BONUS],
        promotional_amount=sums[Bucket.PROMOTIONAL],
        reference=reference,
        reason=reason,
        at=now,
        user_id=actor.user_id,
    )
    record(
        "wallets.wallet_transferred",
        source,
        also=[
            target,
            *(subject_key(f"customers.customer:{pk}") for pk in (source.customer_id, to_customer.pk)),
        ],
        actor=actor,
        now=now,
        store_id=store.pk,
        data={
            "transfer": transfer.pk,
            "number": source.number,
            "to_number": target.number,
            "amount": shown(sum(sums.values()), source.currency),
            "principal_amount": str(sums[Bucket.PRINCIPAL]),
            "bonus_amount": str(sums[Bucket.BONUS]),
            "promotional_amount": str(sums[Bucket.PROMOTIONAL]),
            "reason": reason,
        },
    )
    return transfer


def _arrivals(
    lots: list[LotRow],
    source: Wallet,
    target: Wallet,
    store: Store,
    reference: str,
    actor: Actor,
    now: datetime,
) -> list[Entry]:
    """A top-up per top-up that had something left, and its lots in the other wallet."""
    accounts = {
        Bucket.PRINCIPAL.value: target.principal,
        Bucket.BONUS.value: target.bonus,
        Bucket.PROMOTIONAL.value: target.promotional,
    }
    entries = []
    for origin in sorted({lot.top_up_id for lot in lots if lot.top_up_id is not None}):
        own = [lot for lot in lots if lot.top_up_id == origin]
        arrived = TopUp.objects.create(
            wallet=target,
            kind=TopUp.Kind.TRANSFER,
            origin_id=origin,
            store=store,
            paid_amount=sum(lot.left for lot in own if lot.bucket == Bucket.PRINCIPAL),
            bonus_amount=sum(lot.left for lot in own if lot.bucket == Bucket.BONUS),
            promotional_amount=sum(lot.left for lot in own if lot.bucket == Bucket.PROMOTIONAL),
            bonus_expires_at=max((lot.expires_at for lot in own if lot.expires_at), default=None),
            reference=f"{reference}/top-up:{origin}",
            business_date=store.business_date(now),
            at=now,
            user_id=actor.user_id,
        )
        entries += [
            Entry(accounts[lot.bucket], lot.left, lot.expires_at, f"{SOURCE}{arrived.pk}") for lot in own
        ]
    return entries
