"""Wallets and cards are locked before anything is decided about them, always in the order of their keys, before stock
and before the ledger: what a plan read is still so when it is posted."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.events.operations import step, subject_key
from dianke.ledger import operations as ledger
from dianke.ledger.operations import AccountSpec
from dianke.stores.models import Store
from dianke.wallets.models import SessionCard, Wallet
from dianke.wallets.operations.refusals import CardClosed, CardUnknown, Frozen
from dianke.wallets.queries.holds import freezes_of


@step
def lock_wallets(*, ids: Collection[int] | None = None, customer_ids: Collection[int] = ()) -> list[Wallet]:
    """These wallets, or all of these customers, by id. Their currency is the caller's to look at."""
    rows = (
        Wallet.objects.filter(pk__in=ids)
        if ids is not None
        else Wallet.objects.filter(customer__in=customer_ids)
    )
    return list(
        rows.select_related("principal", "bonus", "promotional")
        .order_by("pk")
        .select_for_update(of=("self",))
    )


@step
def lock_cards(*, ids: Collection[int]) -> dict[int, SessionCard]:
    """These cards with their kinds, by id. Raises `CardUnknown`."""
    rows = SessionCard.objects.filter(pk__in=set(ids)).select_related("kind", "legal_entity", "customer")
    found = {card.pk: card for card in rows.order_by("pk").select_for_update(of=("self",))}
    if len(found) < len(set(ids)):
        raise CardUnknown
    return found


def refuse_frozen(subject: Wallet | SessionCard) -> None:
    """Raises `Frozen`."""
    ids = [subject.pk]
    found = freezes_of(wallet_ids=ids) if isinstance(subject, Wallet) else freezes_of(card_ids=ids)
    for row in found.values():
        raise Frozen(number=subject.number, reason=row.reason)


def refuse_closed(card: SessionCard) -> None:
    """Raises `CardClosed`."""
    if card.closed_at is not None:
        raise CardClosed(state=card.get_closed_as_display())


def new_number() -> str:
    """Twelve digits nobody can guess the next of; too few to look like a bank card."""
    return f"{secrets.randbelow(9 * 10**11) + 10**11}"


@step
def wallet_of(*, customer: Customer, store: Store, is_named: bool, actor: Actor, now: datetime) -> Wallet:
    """The customer's own wallet with the legal entity of the store, opened when it does not exist yet, and locked."""
    pk = open_wallet(customer=customer, store=store, is_named=is_named, now=now)
    (wallet,) = lock_wallets(ids=[pk])
    return wallet


@step
def open_wallet(*, customer: Customer, store: Store, is_named: bool, now: datetime) -> int:
    """The id of that wallet, not locked: for whoever locks several, in the order of their keys."""
    known = Wallet.objects.filter(
        customer=customer, legal_entity_id=store.legal_entity_id, currency=store.currency
    )
    if not known.exists():
        named = {
            "unit": store.currency,
            "holder": subject_key(customer),
            "legal_entity_id": store.legal_entity_id,
            "floor": 0,
            "has_lots": True,
        }
        codes = ("wallet_principal", "wallet_bonus", "wallet_promotional")
        principal, bonus, promotional = ledger.open_accounts(
            specs=[AccountSpec(code, **named) for code in codes]  # type: ignore[arg-type]
        )
        # Two at once: the second finds the first's.
        Wallet.objects.bulk_create(
            [
                Wallet(
                    customer=customer,
                    legal_entity_id=store.legal_entity_id,
                    store=store,
                    currency=store.currency,
                    number=new_number(),
                    is_named=is_named,
                    opened_at=now,
                    principal=principal,
                    bonus=bonus,
                    promotional=promotional,
                )
            ],
            ignore_conflicts=True,
        )
    return int(known.values_list("pk", flat=True).get())
