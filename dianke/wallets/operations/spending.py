"""Paying with stored value. A sale asks for a plan and posts it with everything else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dianke.core.actor import Actor
from dianke.events.operations import step
from dianke.ledger.operations import AccountSpec, Draft, Entry
from dianke.stores.models import Store
from dianke.wallets.models import Bucket, Freeze, Wallet
from dianke.wallets.operations.accounts import Chart, Settlement, clearing, of_entity, open_chart, shown
from dianke.wallets.operations.locking import lock_wallets
from dianke.wallets.operations.refusals import AmountMissing, Frozen, ValueTooLow
from dianke.wallets.queries.holds import freezes_of
from dianke.wallets.queries.lots import LotRow, open_lots
from dianke.wallets.queries.order import in_cluster_order
from dianke.wallets.queries.terms import terms_for
from dianke.wallets.rules.spending import Choice, Purseful, Taken, choose
from dianke.wallets.rules.terms import Terms

SPENT = "wallets.spent"


@dataclass(frozen=True, slots=True)
class SpendPart:
    """What one wallet pays, by bucket, and who received that money. `reference` is that of its draft."""

    wallet_id: int
    customer_id: int
    legal_entity_id: int
    reference: str
    principal_amount: int
    bonus_amount: int
    promotional_amount: int

    @property
    def amount(self) -> int:
        return self.principal_amount + self.bonus_amount + self.promotional_amount


@dataclass(frozen=True, slots=True)
class SpendPlan:
    drafts: tuple[Draft, ...]
    parts: tuple[SpendPart, ...]


@step
def plan_spend(
    *,
    customer_ids: Sequence[int],
    amount: int,
    store: Store,
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
    first_number: int = 1,
    counter: AccountSpec | None = None,
) -> SpendPlan:
    """Which wallets pay `amount` (fen) at this store: those its legal entity received first, then the others', each in
    the order of the cluster; within a wallet by the merchant's rule. The wallets stay locked until the transaction
    ends. `counter` (the clearing of orders unless named) gets less by the amount.

    Drafts are `{reference}/wallet:<n>`, counted from `first_number`. Raises `AmountMissing`, `ValueTooLow`, `Frozen`.
    """
    if amount <= 0:
        raise AmountMissing
    wallets = lock_wallets(customer_ids=customer_ids)
    terms = terms_for(store, business_date)
    frozen = freezes_of(wallet_ids=[wallet.pk for wallet in wallets])
    usable = usable_at(wallets, frozen, customer_ids, store, terms)
    choice = choose_from(usable, open_lots(usable), amount, terms, now)
    if choice.short:
        _refuse(choice, amount, store, frozen, wallets)
    tills = counter or clearing(store)
    by_wallet: dict[int, list[Taken]] = {}
    for each in choice.taken:
        by_wallet.setdefault(each.wallet_id, []).append(each)
    spending = [wallet for wallet in usable if wallet.pk in by_wallet]
    chart = open_chart(specs=[tills, *(spec for wallet in spending for spec in _specs(wallet, store))])
    drafts, parts = [], []
    for number, wallet in enumerate(spending, start=first_number):
        part = _part(wallet, by_wallet[wallet.pk], f"{reference}/wallet:{number}")
        parts.append(part)
        drafts.append(
            Draft(
                SPENT,
                part.reference,
                _entries(wallet, by_wallet[wallet.pk], part, store, chart, tills, terms),
                business_date,
                {"store": store.pk},
            )
        )
    return SpendPlan(tuple(drafts), tuple(parts))


def usable_at(
    wallets: Sequence[Wallet],
    frozen: Mapping[tuple[str, int], Freeze],
    customer_ids: Sequence[int],
    store: Store,
    terms: Terms,
) -> list[Wallet]:
    """Those that can pay at a store, in the order they do."""
    found = [
        wallet
        for wallet in wallets
        if wallet.currency == store.currency
        and ("wallet", wallet.pk) not in frozen
        and (wallet.legal_entity_id == store.legal_entity_id or terms.is_on("cross_entity_use"))
    ]
    return in_cluster_order(found, customer_ids, store.legal_entity_id)


def choose_from(
    wallets: Sequence[Wallet], lots: Sequence[LotRow], amount: int, terms: Terms, now: datetime
) -> Choice:
    """What pays `amount`; `short` when it is not enough."""
    held = [
        Purseful(lot.wallet_id, lot.bucket, lot.id, lot.left, lot.expires_at)
        for lot in lots
        if not lot.is_over(now)
    ]
    return choose(held, amount, wallets=[wallet.pk for wallet in wallets], order=terms.word("spend_order"))


def _refuse(
    choice: Choice,
    amount: int,
    store: Store,
    frozen: Mapping[tuple[str, int], Freeze],
    wallets: Sequence[Wallet],
) -> None:
    """Frozen value is named when there is nothing else."""
    available = amount - choice.short
    if not available and frozen:
        wallet = next(each for each in wallets if ("wallet", each.pk) in frozen)
        raise Frozen(number=wallet.number, reason=frozen["wallet", wallet.pk].reason)
    raise ValueTooLow(
        available=available,
        wanted=amount,
        available_shown=shown(available, store.currency),
        wanted_shown=shown(amount, store.currency),
    )


def _part(wallet: Wallet, taken: Sequence[Taken], reference: str) -> SpendPart:
    sums = {bucket: sum(t.amount for t in taken if t.bucket == bucket) for bucket in Bucket.values}
    return SpendPart(
        wallet.pk,
        wallet.customer_id,
        wallet.legal_entity_id,
        reference,
        sums[Bucket.PRINCIPAL],
        sums[Bucket.BONUS],
        sums[Bucket.PROMOTIONAL],
    )


def _settlement(wallet: Wallet, store: Store) -> Settlement:
    return Settlement(wallet.legal_entity_id, store.legal_entity_id, wallet.currency)


def _specs(wallet: Wallet, store: Store) -> list[AccountSpec]:
    between = _settlement(wallet, store)
    if not between.is_between:
        return []
    entities = (wallet.legal_entity_id, store.legal_entity_id)
    return [
        *between.specs(),
        *(of_entity("bonus_expense", wallet.currency, entity) for entity in entities),
    ]


def _entries(
    wallet: Wallet,
    taken: Sequence[Taken],
    part: SpendPart,
    store: Store,
    chart: Chart,
    counter: AccountSpec,
    terms: Terms,
) -> list[Entry]:
    """Less in the wallet, less on `counter`; between two entities what the one owes the other. Where bonus is not
    settled, the one that sold bears it, and it costs the one that gave it nothing."""
    accounts = {
        Bucket.PRINCIPAL.value: wallet.principal,
        Bucket.BONUS.value: wallet.bonus,
        Bucket.PROMOTIONAL.value: wallet.promotional,
    }
    entries = [Entry(accounts[each.bucket], -each.amount, first=(each.lot_id,)) for each in taken]
    entries.append(Entry(chart[counter], -part.amount))
    between = _settlement(wallet, store)
    if between.is_between:
        owed = part.amount if terms.is_on("bonus_settled") else part.principal_amount
        entries += between.entries(chart, owed)
        if borne := part.amount - owed:
            giver = of_entity("bonus_expense", wallet.currency, wallet.legal_entity_id)
            seller = of_entity("bonus_expense", wallet.currency, store.legal_entity_id)
            entries += [Entry(chart[giver], -borne), Entry(chart[seller], borne)]
    return [entry for entry in entries if entry.amount]
