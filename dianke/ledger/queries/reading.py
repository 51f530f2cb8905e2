"""Reading the ledger: balances now and at any past time, statements, lots and the trial balance.

A past time is an instant (`datetime`: everything recorded up to and with it) or a business date (`date`:
everything dated up to and with it).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Q

from dianke.ledger.models import Account, Lot
from dianke.ledger.rules import OpenLot, choose_lots, free_in

Moment = datetime | date


def _rows(sql: str, params: Mapping[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def _until(as_of: Moment) -> str:
    """The condition on a transaction `t` that takes the parameter `as_of`."""
    column = "recorded_at" if isinstance(as_of, datetime) else "business_date"
    return f"t.{column} <= %(as_of)s"


# --- balances -----------------------------------------------------------------------------------------------
def balance(account: Account, as_of: Moment | None = None) -> int:
    """In minor units, as the account sees it; now, or at `as_of`."""
    return balances([account], as_of)[account.pk]


def balances(accounts: Iterable[Account], as_of: Moment | None = None) -> dict[int, int]:
    """Account id -> balance, in one statement. Now: guarded accounts from their row, others from the
    snapshot and what came after it.
    """
    ids = [account.pk for account in accounts]
    if as_of is not None:
        found = _rows(
            f"""
            SELECT p.account_id, sum(p.amount)::bigint
            FROM ledger_posting AS p JOIN ledger_transaction AS t ON t.id = p.transaction_id
            WHERE p.account_id = ANY(%(ids)s) AND {_until(as_of)} GROUP BY p.account_id
            """,  # noqa: S608  the condition is one of two constants
            {"ids": ids, "as_of": as_of},
        )
    else:
        found = _rows(
            """
            SELECT a.id, coalesce(b.balance, coalesce(s.balance, 0) + coalesce((
                SELECT sum(p.amount) FROM ledger_posting AS p
                WHERE p.account_id = a.id AND p.transaction_id > coalesce(s.upto_id, 0)), 0))::bigint
            FROM ledger_account AS a
            LEFT JOIN ledger_accountbalance AS b ON b.account_id = a.id
            LEFT JOIN ledger_balancesnapshot AS s ON s.account_id = a.id
            WHERE a.id = ANY(%(ids)s)
            """,
            {"ids": ids},
        )
    return dict.fromkeys(ids, 0) | dict(found)


@dataclass(frozen=True, slots=True)
class TrialRow:
    """The sum of all accounts of one code, unit and legal entity. `side` 1: debit, -1: credit."""

    code: str
    unit: str
    legal_entity_id: int | None
    side: int
    balance: int


def trial_balance(as_of: Moment | None = None) -> list[TrialRow]:
    """Every code with something in it. Per unit and legal entity the debit rows equal the credit rows, always."""
    condition = f"WHERE {_until(as_of)}" if as_of is not None else ""
    found = _rows(
        f"""
        SELECT a.code, a.unit, a.legal_entity_id, a.side, sum(p.amount)::bigint
        FROM ledger_posting AS p
        JOIN ledger_transaction AS t ON t.id = p.transaction_id
        JOIN ledger_account AS a ON a.id = p.account_id
        {condition}
        GROUP BY a.code, a.unit, a.legal_entity_id, a.side
        HAVING sum(p.amount) <> 0
        ORDER BY a.legal_entity_id NULLS FIRST, a.unit, a.side DESC, a.code
        """,  # noqa: S608  the condition is one of two constants
        {"as_of": as_of},
    )
    return [TrialRow(*row) for row in found]


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One posting of an account and the balance after it."""

    transaction_id: int
    kind: str
    reference: str
    business_date: date
    recorded_at: datetime
    user_id: int | None
    amount: int
    balance: int


def statement(account: Account, *, before: int | None = None, limit: int = 50) -> list[StatementRow]:
    """The latest `limit` postings of an account, newest first; the next page is
    `before=rows[-1].transaction_id`, and stays the same whatever is posted meanwhile.
    """
    found = _rows(
        """
        WITH page AS (
            SELECT t.id, t.kind, t.reference, t.business_date, t.recorded_at, t.user_id, p.amount
            FROM ledger_posting AS p JOIN ledger_transaction AS t ON t.id = p.transaction_id
            WHERE p.account_id = %(account)s AND p.transaction_id < %(before)s
            ORDER BY p.transaction_id DESC LIMIT %(limit)s
        ), start AS (SELECT min(id) AS id FROM page
        ), snapshot AS (
            SELECT upto_id, balance FROM ledger_balancesnapshot
            WHERE account_id = %(account)s AND upto_id < (SELECT id FROM start)
        )
        SELECT page.*, (sum(amount) OVER (ORDER BY id) + coalesce((SELECT balance FROM snapshot), 0) + coalesce((
            SELECT sum(amount) FROM ledger_posting WHERE account_id = %(account)s
               AND transaction_id > coalesce((SELECT upto_id FROM snapshot), 0)
               AND transaction_id < (SELECT id FROM start)), 0))::bigint
        FROM page ORDER BY id DESC
        """,
        {"account": account.pk, "before": before if before is not None else 2**63 - 1, "limit": limit},
    )
    return [StatementRow(*row) for row in found]


# --- lots ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class LotState:
    """`remaining` at the time asked about; negative for a debt."""

    id: int
    quantity: int
    remaining: int
    expires_at: datetime | None
    source: str
    transaction_id: int
    reopens_id: int | None


def lots_of(account: Account, as_of: Moment | None = None) -> list[LotState]:
    """Lots with something left in them, now or at `as_of`, earliest expiry first."""
    condition = f"AND {_until(as_of)}" if as_of is not None else ""
    found = _rows(
        f"""
        SELECT l.id, l.quantity, sum(c.quantity)::bigint, l.expires_at, l.source, l.transaction_id, l.reopens_id
        FROM ledger_lot AS l
        JOIN ledger_lotchange AS c ON c.lot_id = l.id
        JOIN ledger_transaction AS t ON t.id = c.transaction_id
        WHERE l.account_id = %(account)s {condition}
        GROUP BY l.id HAVING sum(c.quantity) <> 0 ORDER BY l.expires_at NULLS LAST, l.id
        """,  # noqa: S608  the condition is one of two constants
        {"account": account.pk, "as_of": as_of},
    )
    return [LotState(*row) for row in found]


def open_lots(account: Account) -> list[OpenLot]:
    """What `rules.choose_lots` chooses from: for the preview of a spending."""
    return [
        OpenLot(lot.pk, lot.remaining, lot.expires_at, lot.quantity < 0)
        for lot in Lot.objects.filter(account=account).exclude(remaining=0).order_by("pk")
    ]


def spendable(account: Account, *, now: datetime) -> int:
    """What can be spent of an account with lots at `now`: its balance without lots that expired and wait
    for the expiry run; never below 0.
    """
    return free_in(open_lots(account), now=now)


def preview_draw(account: Account, quantity: int, *, now: datetime) -> list[tuple[LotState, int]]:
    """Which lots a spending of `quantity` would take from, and how much of each."""
    states = {lot.id: lot for lot in lots_of(account)}
    return [
        (states[lot_id], part) for lot_id, part in choose_lots(open_lots(account), quantity, now=now).taken
    ]


@dataclass(frozen=True, slots=True)
class Expiring:
    """What an account loses at one instant. `first_lot_id` tells a notice once per account and instant."""

    account_id: int
    holder: str
    expires_at: datetime
    quantity: int
    first_lot_id: int


def expiring(
    *, code: str, unit: str, since: datetime, until: datetime, after: int = 0, limit: int = 1000
) -> list[Expiring]:
    """Lots with something left that expire in [since, until), per account and instant, by account; the next
    page is `after=rows[-1].account_id`.
    """
    found = _rows(
        """
        WITH page AS (
            SELECT DISTINCT l.account_id FROM ledger_lot AS l JOIN ledger_account AS a ON a.id = l.account_id
            WHERE l.remaining > 0 AND l.expires_at >= %(since)s AND l.expires_at < %(until)s
              AND a.code = %(code)s AND a.unit = %(unit)s AND l.account_id > %(after)s
            ORDER BY l.account_id LIMIT %(limit)s)
        SELECT a.id, a.holder, l.expires_at, sum(l.remaining)::bigint, min(l.id)
        FROM page JOIN ledger_account AS a ON a.id = page.account_id JOIN ledger_lot AS l ON l.account_id = a.id
        WHERE l.remaining > 0 AND l.expires_at >= %(since)s AND l.expires_at < %(until)s
        GROUP BY a.id, a.holder, l.expires_at ORDER BY a.id, l.expires_at
        """,
        {"code": code, "unit": unit, "since": since, "until": until, "after": after, "limit": limit},
    )
    return [Expiring(*row) for row in found]


def lots_moved(transaction_ids: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    """Transaction id -> (lot id, signed quantity): what each put into lots and took out of them."""
    moved: dict[int, list[tuple[int, int]]] = {pk: [] for pk in transaction_ids}
    for lot_id, transaction_id, quantity in _rows(
        "SELECT lot_id, transaction_id, quantity FROM ledger_lotchange WHERE transaction_id = ANY(%(ids)s) ORDER BY 1",
        {"ids": list(transaction_ids)},
    ):
        moved[transaction_id].append((lot_id, quantity))
    return moved


def holder_accounts(holder: str, *, codes: Iterable[str] | None = None) -> list[Account]:
    """All accounts of a holder ("customers.account:12"), of some codes or of all."""
    condition = Q(holder=holder) if codes is None else Q(holder=holder, code__in=list(codes))
    return list(Account.objects.filter(condition).order_by("pk"))
