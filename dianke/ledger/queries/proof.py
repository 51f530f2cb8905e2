"""The proof that the ledger is sound: every promise of the README as one set-based statement that returns
what breaks it. Run nightly, after every restore, and after every test.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from dianke.core.proof import Check, Finding, prove

CHECKS: tuple[Check, ...] = (
    Check(
        "balanced",
        _("every transaction balances per unit and legal entity"),
        """
        SELECT 'transaction ' || p.transaction_id, p.unit || ' off by ' || sum(p.amount * a.side)
        FROM ledger_posting AS p JOIN ledger_account AS a ON a.id = p.account_id
        GROUP BY p.transaction_id, p.unit, a.legal_entity_id HAVING sum(p.amount * a.side) <> 0
        """,
    ),
    Check(
        "complete",
        _("every transaction has postings, every posting has its transaction and account"),
        """
        SELECT 'transaction ' || t.id, 'no postings' FROM ledger_transaction AS t
        WHERE NOT EXISTS (SELECT FROM ledger_posting AS p WHERE p.transaction_id = t.id)
        UNION ALL
        SELECT 'posting ' || p.transaction_id || '/' || p.account_id, 'transaction or account missing'
        FROM ledger_posting AS p
        LEFT JOIN ledger_transaction AS t ON t.id = p.transaction_id
        LEFT JOIN ledger_account AS a ON a.id = p.account_id
        WHERE t.id IS NULL OR a.id IS NULL
        """,
    ),
    Check(
        "unit",
        _("a posting has the unit of its account"),
        """
        SELECT 'posting ' || p.transaction_id || '/' || p.account_id, p.unit || ' on an account of ' || a.unit
        FROM ledger_posting AS p JOIN ledger_account AS a ON a.id = p.account_id WHERE p.unit <> a.unit
        """,
    ),
    Check(
        "balance",
        _("a balance row is the sum of the postings, and exactly accounts with a floor have one"),
        """
        SELECT 'account ' || a.id, coalesce(b.balance::text, 'no row') || ', postings ' || coalesce(p.total, 0)
        FROM ledger_account AS a
        LEFT JOIN ledger_accountbalance AS b ON b.account_id = a.id
        LEFT JOIN (SELECT account_id, sum(amount) AS total FROM ledger_posting GROUP BY account_id) AS p
            ON p.account_id = a.id
        WHERE (a.floor IS NULL) <> (b.account_id IS NULL) OR b.balance <> coalesce(p.total, 0)
        """,
    ),
    Check(
        "floor",
        _("no guarded account is below its floor"),
        """
        SELECT 'account ' || a.id, b.balance || ' below ' || a.floor
        FROM ledger_account AS a JOIN ledger_accountbalance AS b ON b.account_id = a.id
        WHERE b.balance < a.floor OR b.floor <> a.floor
        """,
    ),
    Check(
        "snapshot",
        _("a snapshot is the sum of the postings it covers"),
        """
        SELECT 'account ' || s.account_id, s.balance || ', postings ' || coalesce(p.total, 0)
        FROM ledger_balancesnapshot AS s LEFT JOIN LATERAL (
            SELECT sum(amount) AS total FROM ledger_posting
            WHERE account_id = s.account_id AND transaction_id <= s.upto_id) AS p ON true
        WHERE s.balance <> coalesce(p.total, 0)
        """,
    ),
    Check(
        "reversal",
        _("a reversal and the parts before it take back exactly what was posted, of one original, once"),
        """
        WITH taken AS (
            SELECT coalesce(t.reverses_id, t.refunds_id) AS origin, p.account_id, sum(p.amount) AS amount,
                   bool_or(t.reverses_id IS NOT NULL) AS whole
            FROM ledger_transaction AS t JOIN ledger_posting AS p ON p.transaction_id = t.id
            WHERE t.reverses_id IS NOT NULL OR t.refunds_id IS NOT NULL
            GROUP BY 1, 2)
        SELECT 'transaction ' || taken.origin, 'account ' || taken.account_id || ' took back ' || taken.amount
        FROM taken LEFT JOIN ledger_posting AS p
            ON p.transaction_id = taken.origin AND p.account_id = taken.account_id
        WHERE p.amount IS NULL OR sign(taken.amount) = sign(p.amount) OR abs(taken.amount) > abs(p.amount)
        UNION ALL
        SELECT 'transaction ' || t.reverses_id, 'account ' || p.account_id || ' not taken back in full'
        FROM ledger_transaction AS t JOIN ledger_posting AS p ON p.transaction_id = t.reverses_id
        LEFT JOIN taken ON taken.origin = t.reverses_id AND taken.account_id = p.account_id
        WHERE p.amount + coalesce(taken.amount, 0) <> 0
        UNION ALL
        SELECT 'transaction ' || t.id, 'reverses a reversal' FROM ledger_transaction AS t
        JOIN ledger_transaction AS origin ON origin.id = coalesce(t.reverses_id, t.refunds_id)
        WHERE origin.reverses_id IS NOT NULL OR origin.refunds_id IS NOT NULL
        """,
    ),
    Check(
        "trial",
        _("the books of every legal entity are even in every unit at the end of every day"),
        """
        SELECT 'entity ' || coalesce(a.legal_entity_id::text, '-'),
               p.unit || ' off by ' || sum(p.amount * a.side) || ' on ' || t.business_date
        FROM ledger_posting AS p
        JOIN ledger_account AS a ON a.id = p.account_id
        JOIN ledger_transaction AS t ON t.id = p.transaction_id
        GROUP BY a.legal_entity_id, p.unit, t.business_date HAVING sum(p.amount * a.side) <> 0
        """,
    ),
    Check(
        "lot",
        _("what remains in a lot is the sum of its changes, and within what was granted"),
        """
        SELECT 'lot ' || l.id, l.remaining || ' of ' || l.quantity || ', changes ' ||
        coalesce(sum(c.quantity), 0) FROM ledger_lot AS l LEFT JOIN ledger_lotchange AS c ON c.lot_id = l.id
        GROUP BY l.id HAVING l.remaining <> coalesce(sum(c.quantity), 0)
            OR l.remaining NOT BETWEEN least(0, l.quantity) AND greatest(0, l.quantity)
        """,
    ),
    Check(
        "lots of postings",
        _("lots change by exactly what is posted to their account"),
        """
        WITH moved AS (
            SELECT c.transaction_id, l.account_id, sum(c.quantity) AS quantity
            FROM ledger_lotchange AS c JOIN ledger_lot AS l ON l.id = c.lot_id GROUP BY 1, 2),
        posted AS (
            SELECT p.transaction_id, p.account_id, p.amount
            FROM ledger_posting AS p JOIN ledger_account AS a ON a.id = p.account_id WHERE a.has_lots)
        SELECT 'transaction ' || transaction_id,
               'account ' || account_id || ' posted ' || coalesce(amount, 0) || ', lots ' ||
               coalesce(quantity, 0)
        FROM posted FULL JOIN moved USING (transaction_id, account_id) WHERE amount IS DISTINCT FROM quantity
        """,
    ),
    Check(
        "closed",
        _("nothing was posted into a closed period"),
        """
        SELECT 'transaction ' || t.id, t.business_date || ' although closed before ' || c.closed_before
        FROM ledger_closing AS c JOIN ledger_transaction AS t
            ON t.business_date < c.closed_before AND t.id > c.last_transaction_id
        """,
    ),
    Check(
        "guards",
        _("triggers and constraints that keep these promises are in place"),
        """
        WITH expected (relation, name) AS (VALUES
            ('ledger_account', 'ledger_guard_account'), ('ledger_account', 'ledger_append_only'),
            ('ledger_account', 'ledger_no_delete'), ('ledger_account', 'ledger_no_truncate'),
            ('ledger_accountbalance', 'ledger_no_delete'),
            ('ledger_transaction', 'ledger_enter'), ('ledger_transaction', 'ledger_check_transactions'),
            ('ledger_transaction', 'ledger_check_balanced'), ('ledger_transaction', 'ledger_append_only'),
            ('ledger_transaction', 'ledger_no_truncate'),
            ('ledger_posting', 'ledger_check_postings'), ('ledger_posting', 'ledger_append_only'),
            ('ledger_posting', 'ledger_no_truncate'),
            ('ledger_lot', 'ledger_open_lots'), ('ledger_lot', 'ledger_append_only'),
            ('ledger_lot', 'ledger_no_delete'), ('ledger_lot', 'ledger_no_truncate'),
            ('ledger_lotchange', 'ledger_change_lots'), ('ledger_lotchange', 'ledger_append_only'),
            ('ledger_lotchange', 'ledger_no_truncate'))
        SELECT relation, 'trigger ' || name || ' missing or off' FROM expected
        WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = relation::regclass AND tgname = name
                                                   AND tgenabled IN ('O', 'A'))
        UNION ALL
        SELECT 'database', 'constraint or unique index ' || name || ' missing'
        FROM (VALUES ('ledger_account_once'), ('ledger_balance_not_below_floor'), ('ledger_transaction_once'),
                     ('ledger_transaction_reversed_once'), ('ledger_lot_remaining')) AS wanted (name)
        WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = name AND convalidated)
          AND NOT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass(name) AND indisvalid AND indisunique)
        """,
    ),
)


def verify(report: Callable[[str], None] | None = None) -> list[Finding]:
    """Prove every invariant (`core.proof.prove`); an empty list when the ledger is sound."""
    return prove(CHECKS, report)
