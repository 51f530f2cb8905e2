"""What must be true of prepaid value whatever happened, proven from the ledger and the rows of the room."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Due:
    """What one legal entity owes another for value it received and the other earned, in both books, in fen."""

    owes_id: int
    owed_id: int
    currency: str
    owed_amount: int
    counted_amount: int

    @property
    def is_even(self) -> bool:
        return self.owed_amount == self.counted_amount


def dues_between() -> list[Due]:
    """Every pair of legal entities with something between them. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS (
                SELECT a.code, a.legal_entity_id AS here, substring(a.holder FROM ':(\\d+)$')::bigint AS there, a.unit,
                       sum(p.amount)::bigint AS amount
                FROM ledger_account AS a JOIN ledger_posting AS p ON p.account_id = a.id
                WHERE a.code IN ('due_to_entity', 'due_from_entity') AND a.holder LIKE 'stores.legalentity:%%'
                GROUP BY 1, 2, 3, 4
            )
            SELECT coalesce(o.here, f.there), coalesce(o.there, f.here), coalesce(o.unit, f.unit),
                   coalesce(o.amount, 0), coalesce(f.amount, 0)
            FROM (SELECT * FROM due WHERE code = 'due_to_entity') AS o
            FULL JOIN (SELECT * FROM due WHERE code = 'due_from_entity') AS f
                ON f.here = o.there AND f.there = o.here AND f.unit = o.unit
            ORDER BY 1, 2, 3
            """,
            {},
        )
        return [Due(*row) for row in cursor.fetchall()]


def verify() -> list[str]:
    """Findings in words; empty when everything is right."""
    found = [
        f"entity {due.owes_id} owes {due.owed_amount} to {due.owed_id}, whose books say {due.counted_amount}"
        for due in dues_between()
        if not due.is_even
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT t.id FROM wallets_topup AS t LEFT JOIN ledger_lot AS l ON l.source = 'wallets.topup:' || t.id
            GROUP BY t.id
            HAVING coalesce(sum(l.quantity), 0) <> t.paid_amount + t.bonus_amount + t.promotional_amount
            """
        )
        found += [f"top-up {pk} differs from its lots" for (pk,) in cursor.fetchall()]
        cursor.execute(
            """
            SELECT c.id FROM wallets_sessioncard AS c JOIN wallets_carditem AS i ON i.card_id = c.id
            JOIN ledger_accountbalance AS s ON s.account_id = i.sessions_id
            JOIN ledger_accountbalance AS v ON v.account_id = i.value_id
            WHERE (s.balance = 0 AND v.balance <> 0) OR (i.is_gifted AND v.balance <> 0)
               OR (c.closed_at IS NOT NULL AND s.balance <> 0)
            """
        )
        found += [
            f"card {pk} has value without sessions, or sessions after it was closed"
            for (pk,) in cursor.fetchall()
        ]
        cursor.execute(
            """
            SELECT u.id FROM wallets_carduse AS u JOIN wallets_carduseline AS l ON l.use_id = u.id
            JOIN wallets_carditem AS i ON i.id = l.item_id
            LEFT JOIN ledger_transaction AS t ON t.reference = u.reference
            LEFT JOIN ledger_posting AS p ON p.transaction_id = t.id AND p.account_id = i.sessions_id
            LEFT JOIN ledger_posting AS v ON v.transaction_id = t.id AND v.account_id = i.value_id
            WHERE p.amount IS DISTINCT FROM -l.count OR coalesce(v.amount, 0) <> -l.value_amount
            """
        )
        found += [f"use {pk} differs from its transaction" for (pk,) in cursor.fetchall()]
    return found
