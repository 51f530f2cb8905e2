"""The money of orders in the ledger. Every posting of an order is the difference of two positions
(rules/positions.py), so there is one way to post for a sale, a payment, a delivery, a return and a refund.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from dianke.core.actor import Actor
from dianke.customers.models import Customer
from dianke.events.operations import step, subject_key
from dianke.ledger import operations as ledger
from dianke.ledger.models import Account
from dianke.ledger.operations import AccountSpec, Draft, Entry
from dianke.sales.models import Order, Tender
from dianke.sales.rules.positions import Position
from dianke.stores.models import Store

#: What joins a wallet, and an exchange, to the sale it pays: zero after each.
WALLET_HOLDER = "sales.wallet"
EXCHANGE_HOLDER = "sales.exchange"


@dataclass(frozen=True, slots=True)
class Parties:
    """Whose books: `key` names the order."""

    key: str
    store: Store
    legal_entity_id: int
    currency: str
    customer_id: int | None

    @classmethod
    def of(cls, order: Order) -> Parties:
        return cls(order.key, order.store, order.legal_entity_id, order.currency, order.customer_id)


@dataclass(frozen=True, slots=True)
class Moved:
    """What happened, in minor units: `worth` of goods delivered (below zero: given back) with the `tax`
    contained and the part that is `prepaid` value and no revenue; money by tender `(tender, register id,
    amount)`; what of a deposit is `forfeited`."""

    worth: int = 0
    tax: int = 0
    prepaid: int = 0
    money: Sequence[tuple[Tender, int | None, int]] = ()
    forfeited: int = 0

    @property
    def paid(self) -> int:
        return sum(amount for _tender, _register, amount in self.money)


def after(before: Position, moved: Moved) -> Position:
    """The position this leads to."""
    return before.after(paid=moved.paid, earned=moved.worth, forfeited=moved.forfeited)


def amounts(of: Parties, before: Position, moved: Moved) -> dict[AccountSpec, int]:
    """What changes on which account. Both sides come to the same: what was taken and is owed, what was
    earned and is held."""
    then = after(before, moved)
    own: dict[str, Any] = {"unit": of.currency, "legal_entity_id": of.legal_entity_id}
    found: dict[AccountSpec, int] = {}

    def add(spec: AccountSpec, amount: int) -> None:
        if amount:
            found[spec] = found.get(spec, 0) + amount

    for tender, register_id, amount in moved.money:
        add(account_of(of, tender, register_id), amount)
    add(AccountSpec("revenue", store_id=of.store.pk, **own), moved.worth - moved.tax - moved.prepaid)
    add(AccountSpec("tax_payable", **own), moved.tax)
    add(AccountSpec("clearing", holder=WALLET_HOLDER, **own), -moved.prepaid)
    add(AccountSpec("other_income", store_id=of.store.pk, **own), moved.forfeited)
    add(AccountSpec("deposit", holder=of.key, floor=0, **own), then.deposit - before.deposit)
    if of.customer_id is not None:
        holder = subject_key(f"{Customer._meta.label_lower}:{of.customer_id}")
        add(AccountSpec("receivable", holder=holder, **own), then.receivable - before.receivable)
    return {spec: amount for spec, amount in found.items() if amount}


def account_of(of: Parties, tender: Tender, register_id: int | None) -> AccountSpec:
    """Where money of a tender lies."""
    own: dict[str, Any] = {"unit": of.currency, "legal_entity_id": of.legal_entity_id}
    kinds = Tender.Account
    if tender.account == kinds.WALLET:
        return AccountSpec("clearing", holder=WALLET_HOLDER, **own)
    if tender.account == kinds.EXCHANGE:
        return AccountSpec("clearing", holder=EXCHANGE_HOLDER, **own)
    if tender.account == kinds.CASH:
        drawer = f"stores.register:{register_id}" if register_id else f"stores.store:{of.store.pk}"
        return AccountSpec("cash", holder=drawer, store_id=of.store.pk, **own)
    holder = f"sales.tender:{tender.code}"
    return AccountSpec(tender.account, holder=holder, store_id=of.store.pk, **own)


@step
def accounts_named(*, specs: Sequence[AccountSpec]) -> dict[AccountSpec, Account]:
    """The accounts, opened where they are not yet."""
    return dict(zip(specs, ledger.open_accounts(specs=specs), strict=True))


@step
def drafted(
    *,
    of: Parties,
    before: Position,
    moved: Moved,
    kind: str,
    reference: str,
    business_date: date,
    memo: Mapping[str, Any] | None = None,
) -> list[Draft]:
    """The draft of what happened; none when no money moved."""
    wanted = amounts(of, before, moved)
    if not wanted:
        return []
    accounts = accounts_named(specs=list(wanted))
    entries = [Entry(accounts[spec], amount) for spec, amount in wanted.items()]
    return [Draft(kind, reference, entries, business_date, memo)]


@step
def post(
    *,
    order: Order,
    moved: Moved,
    kind: str,
    reference: str,
    business_date: date,
    more: Sequence[Draft] = (),
    actor: Actor,
    now: datetime,
) -> None:
    """Post what happened to an order that stands, with drafts of other rooms, and bring its amounts to the
    new position. The order is locked by the caller, who saves it."""
    drafts = [
        *more,
        *drafted(
            of=Parties.of(order),
            before=order.position,
            moved=moved,
            kind=kind,
            reference=reference,
            business_date=business_date,
        ),
    ]
    if drafts:
        ledger.post_many(drafts=drafts, actor=actor, now=now)
    then = after(order.position, moved)
    order.paid_amount, order.earned_amount, order.forfeited_amount = then.paid, then.earned, then.forfeited
