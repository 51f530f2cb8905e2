"""The history of a wallet: every transaction with its buckets and the balance after it, from the ledger itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from dianke.ledger.queries import balances
from dianke.wallets.models import Wallet

Moment = datetime | date


@dataclass(frozen=True, slots=True)
class StatementRow:
    """Amounts in fen, as the customer sees them: + more. `balance` is of all buckets after it."""

    transaction_id: int
    wallet_id: int
    kind: str
    reference: str
    business_date: date
    recorded_at: datetime
    user_id: int | None
    store_id: int | None
    principal_amount: int
    bonus_amount: int
    promotional_amount: int
    balance: int

    @property
    def amount(self) -> int:
        return self.principal_amount + self.bonus_amount + self.promotional_amount


def statement(wallets: Sequence[Wallet], *, before: int | None = None, limit: int = 50) -> list[StatementRow]:
    """The latest `limit` transactions of these wallets, newest first; the balance is that of the row's wallet. The next
    page is `before=rows[-1].transaction_id`. One statement."""
    if not wallets:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH own AS (
                SELECT unnest(%(wallets)s::bigint[]) AS wallet_id, unnest(%(principals)s::bigint[]) AS principal_id,
                       unnest(%(bonuses)s::bigint[]) AS bonus_id, unnest(%(promotionals)s::bigint[]) AS promotional_id
            ), moved AS (
                SELECT w.wallet_id, p.transaction_id,
                       coalesce(sum(p.amount) FILTER (WHERE p.account_id = w.principal_id), 0)::bigint AS principal,
                       coalesce(sum(p.amount) FILTER (WHERE p.account_id = w.bonus_id), 0)::bigint AS bonus,
                       coalesce(sum(p.amount) FILTER (WHERE p.account_id = w.promotional_id), 0)::bigint AS promotional
                FROM own AS w
                JOIN ledger_posting AS p ON p.account_id IN (w.principal_id, w.bonus_id, w.promotional_id)
                GROUP BY w.wallet_id, p.transaction_id
            ), running AS (
                SELECT *, sum(principal + bonus + promotional)
                    OVER (PARTITION BY wallet_id ORDER BY transaction_id)::bigint AS balance
                FROM moved
            )
            SELECT t.id, r.wallet_id, t.kind, t.reference, t.business_date, t.recorded_at, t.user_id,
                   (t.memo ->> 'store')::bigint, r.principal, r.bonus, r.promotional, r.balance
            FROM running AS r JOIN ledger_transaction AS t ON t.id = r.transaction_id
            WHERE t.id < %(before)s ORDER BY t.id DESC, r.wallet_id LIMIT %(limit)s
            """,
            {
                "wallets": [wallet.pk for wallet in wallets],
                "principals": [wallet.principal_id for wallet in wallets],
                "bonuses": [wallet.bonus_id for wallet in wallets],
                "promotionals": [wallet.promotional_id for wallet in wallets],
                "before": before if before is not None else 2**63 - 1,
                "limit": limit,
            },
        )
        return [StatementRow(*row) for row in cursor.fetchall()]


def balances_as_of(wallet: Wallet, as_of: Moment | None = None) -> dict[str, int]:
    """Bucket → fen, now or at any past instant or business date."""
    accounts = [wallet.principal, wallet.bonus, wallet.promotional]
    found = balances(accounts, as_of)
    return {bucket: found[pk] for pk, bucket in wallet.account_ids.items()}
