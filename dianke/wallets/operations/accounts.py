"""The ledger accounts of prepaid value: whose they are and against what they are posted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dianke.core.money import Money
from dianke.events.operations import step, subject_key
from dianke.ledger import operations as ledger
from dianke.ledger.models import Account
from dianke.ledger.operations import AccountSpec, Entry
from dianke.ledger.rules import sessions
from dianke.stores.models import LegalEntity, Store
from dianke.wallets.models import PaymentKind

#: Joins prepaid value to the money of an order: zero after every sale.
ORDER_HOLDER = "sales.wallet"


def shown(amount: int, currency: str) -> str:
    """For people: ¥1,234.50."""
    from django.utils.translation import get_language

    return Money.from_minor(amount, currency).format(get_language() or "zh-hans")


def clearing(store: Store) -> AccountSpec:
    """What an order posts the opposite of."""
    return AccountSpec("clearing", store.currency, holder=ORDER_HOLDER, legal_entity_id=store.legal_entity_id)


def money(store: Store, payment_kind: str) -> AccountSpec:
    """Where money goes when nothing but a top-up or card is paid: the cash of the store, or payments under way."""
    if payment_kind == PaymentKind.CASH:
        return AccountSpec(
            "cash",
            store.currency,
            holder=subject_key(store),
            store_id=store.pk,
            legal_entity_id=store.legal_entity_id,
        )
    return AccountSpec(
        "clearing",
        store.currency,
        holder=f"tender:{payment_kind.lower()}",
        legal_entity_id=store.legal_entity_id,
    )


def revenue(store: Store) -> AccountSpec:
    return AccountSpec("revenue", store.currency, store_id=store.pk, legal_entity_id=store.legal_entity_id)


def of_entity(code: str, currency: str, entity_id: int, *, other_id: int | None = None) -> AccountSpec:
    """An account of a legal entity; `other_id` is the entity it owes or is owed by."""
    holder = "" if other_id is None else subject_key(f"{LegalEntity._meta.label_lower}:{other_id}")
    return AccountSpec(code, currency, holder=holder, legal_entity_id=entity_id)


def of_sessions(code: str, variant_id: int, entity_id: int) -> AccountSpec:
    """What was issued or used of a service, per legal entity."""
    return AccountSpec(code, sessions(str(variant_id)), legal_entity_id=entity_id)


@dataclass(slots=True)
class Chart:
    """Accounts wanted by a plan, opened together: two statements whatever their number."""

    _found: dict[AccountSpec, Account]

    def __getitem__(self, spec: AccountSpec) -> Account:
        return self._found[spec]


@step
def open_chart(*, specs: Sequence[AccountSpec]) -> Chart:
    """The accounts of these specs."""
    wanted = list(dict.fromkeys(specs))
    return Chart(dict(zip(wanted, ledger.open_accounts(specs=wanted), strict=True))) if wanted else Chart({})


@dataclass(frozen=True, slots=True)
class Settlement:
    """How what one legal entity received becomes somebody else's: the accounts, and the entries that use them."""

    received_by: int
    earned_by: int
    currency: str

    @property
    def is_between(self) -> bool:
        return self.received_by != self.earned_by

    @property
    def owes(self) -> AccountSpec:
        """What the one that received owes the one that sold."""
        return of_entity("due_to_entity", self.currency, self.received_by, other_id=self.earned_by)

    @property
    def is_owed(self) -> AccountSpec:
        return of_entity("due_from_entity", self.currency, self.earned_by, other_id=self.received_by)

    def specs(self) -> list[AccountSpec]:
        return [self.owes, self.is_owed] if self.is_between else []

    def entries(self, chart: Chart, amount: int) -> list[Entry]:
        """Both sides of `amount`, in the books of each entity."""
        if not self.is_between or not amount:
            return []
        return [Entry(chart[self.owes], amount), Entry(chart[self.is_owed], amount)]
