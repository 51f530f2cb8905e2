"""The proof that stock is right: every promise of the README as one set-based statement that returns what breaks it.
Run nightly, after every restore, and after every test.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from dianke.core.proof import Check, Finding, prove

CHECKS: tuple[Check, ...] = (
    Check(
        "complete",
        _("every movement has its document, goods and places"),
        """
        SELECT 'movement ' || m.id, 'document, goods or place missing'
        FROM inventory_movement AS m
        LEFT JOIN inventory_document AS d ON d.id = m.document_id
        LEFT JOIN catalog_variant AS v ON v.id = m.variant_id
        LEFT JOIN inventory_place AS f ON f.id = m.from_place_id
        LEFT JOIN inventory_place AS t ON t.id = m.to_place_id
        LEFT JOIN inventory_batch AS b ON b.id = m.batch_id
        LEFT JOIN catalog_piece AS c ON c.id = m.piece_id
        WHERE d.id IS NULL OR v.id IS NULL OR f.id IS NULL OR t.id IS NULL
           OR (m.batch_id IS NOT NULL AND b.variant_id IS DISTINCT FROM m.variant_id)
           OR (m.piece_id IS NOT NULL AND c.variant_id IS DISTINCT FROM m.variant_id)
        """,
    ),
    Check(
        "balance",
        _("what is on hand is the sum of the movements"),
        """
        WITH moved AS (
            SELECT s.place_id, m.variant_id, m.batch_id, sum(s.sign * m.quantity) AS quantity
            FROM inventory_movement AS m
            CROSS JOIN LATERAL (VALUES (m.to_place_id, 1), (m.from_place_id, -1)) AS s (place_id, sign)
            JOIN inventory_place AS p ON p.id = s.place_id AND p.kind IN ('STOCK', 'TRANSIT', 'CUSTODY')
            GROUP BY 1, 2, 3),
        every AS (
            SELECT place_id, variant_id, batch_id, quantity AS told, 0::numeric AS moved FROM inventory_balance
            UNION ALL SELECT place_id, variant_id, batch_id, 0, quantity FROM moved)
        SELECT 'place ' || place_id || ' variant ' || variant_id || coalesce(' batch ' || batch_id, ''),
               sum(told) || ', movements ' || sum(moved)
        FROM every GROUP BY place_id, variant_id, batch_id HAVING sum(told) <> sum(moved)
        """,
    ),
    Check(
        "negative",
        _("nothing is short where that is refused"),
        """
        SELECT 'place ' || place_id || ' variant ' || variant_id, quantity::text FROM inventory_balance
        WHERE quantity < 0 AND NOT may_be_negative
        """,
    ),
    Check(
        "reserved",
        _("what is reserved is the sum of the open reservations"),
        """
        WITH every AS (
            SELECT place_id, variant_id, batch_id, reserved AS told, 0::numeric AS kept FROM inventory_balance
            UNION ALL
            SELECT place_id, variant_id, batch_id, 0, quantity FROM inventory_reservation
            WHERE taken_at IS NULL AND released_at IS NULL)
        SELECT 'place ' || place_id || ' variant ' || variant_id, sum(told) || ', reservations ' || sum(kept)
        FROM every GROUP BY place_id, variant_id, batch_id HAVING sum(told) <> sum(kept)
        """,
    ),
    Check(
        "holder",
        _("a piece is where its last movement brought it, and came from where it was"),
        """
        WITH path AS (
            SELECT m.piece_id, m.id, m.from_place_id, m.to_place_id,
                   lag(m.to_place_id) OVER w AS was_at, row_number() OVER (w ROWS UNBOUNDED PRECEDING) AS n,
                   lead(m.id) OVER w AS next_id
            FROM inventory_movement AS m WHERE m.piece_id IS NOT NULL
            WINDOW w AS (PARTITION BY m.piece_id ORDER BY m.id))
        SELECT 'piece ' || p.piece_id, 'left place ' || p.from_place_id || ', was at ' || coalesce(p.was_at::text, '-')
        FROM path AS p JOIN inventory_place AS f ON f.id = p.from_place_id
        LEFT JOIN inventory_place AS w ON w.id = p.was_at
        WHERE p.from_place_id IS DISTINCT FROM p.was_at
          AND (f.kind IN ('STOCK', 'TRANSIT', 'CUSTODY') OR w.kind IN ('STOCK', 'TRANSIT', 'CUSTODY'))
        UNION ALL
        SELECT 'piece ' || coalesce(p.piece_id, h.piece_id), 'held by ' || coalesce(h.place_id::text, 'nobody')
               || ', moved to ' || coalesce(p.to_place_id::text, 'nowhere')
        FROM (SELECT * FROM path WHERE next_id IS NULL) AS p
        FULL JOIN inventory_pieceat AS h ON h.piece_id = p.piece_id
        WHERE h.place_id IS DISTINCT FROM p.to_place_id OR h.movement_id IS DISTINCT FROM p.id
        """,
    ),
    Check(
        "value",
        _("what stock is worth is the sum of the cost entries"),
        """
        WITH every AS (
            SELECT legal_entity_id, variant_id, quantity, value, 0::numeric AS q, 0::numeric AS v
            FROM inventory_coststate
            UNION ALL
            SELECT legal_entity_id, variant_id, 0, 0, quantity_change, value_change FROM inventory_costentry)
        SELECT 'entity ' || legal_entity_id || ' variant ' || variant_id,
               sum(quantity) || ' for ' || sum(value) || ', entries ' || sum(q) || ' for ' || sum(v)
        FROM every GROUP BY legal_entity_id, variant_id HAVING sum(quantity) <> sum(q) OR sum(value) <> sum(v)
        """,
    ),
    Check(
        "valued",
        _("what is valued is what the places of the legal entity have"),
        """
        WITH every AS (
            SELECT legal_entity_id, variant_id, quantity AS valued, 0::numeric AS held FROM inventory_coststate
            UNION ALL
            SELECT p.legal_entity_id, b.variant_id, 0, b.quantity
            FROM inventory_balance AS b
            JOIN inventory_place AS p ON p.id = b.place_id AND p.kind IN ('STOCK', 'TRANSIT'))
        SELECT 'entity ' || legal_entity_id || ' variant ' || variant_id, sum(valued) || ', places ' || sum(held)
        FROM every GROUP BY legal_entity_id, variant_id HAVING sum(valued) <> sum(held)
        """,
    ),
    Check(
        "worthless",
        _("nothing on hand is worth nothing, and no goods are worth less than nothing"),
        """
        SELECT 'entity ' || legal_entity_id || ' variant ' || variant_id, quantity || ' for ' || value
        FROM inventory_coststate WHERE (quantity = 0 AND value <> 0) OR quantity * value < 0
        """,
    ),
    Check(
        "reversal",
        _("a reversal takes back every line of one original, once"),
        """
        SELECT 'document ' || r.id, 'does not take back document ' || r.reverses_id
        FROM inventory_document AS r JOIN inventory_document AS o ON o.id = r.reverses_id
        WHERE o.reverses_id IS NOT NULL OR EXISTS (
            SELECT FROM (SELECT * FROM inventory_movement WHERE document_id = o.id) AS a
            FULL JOIN (SELECT * FROM inventory_movement WHERE document_id = r.id) AS b ON b.origin_id = a.id
            WHERE a.id IS NULL OR b.id IS NULL OR a.quantity <> b.quantity OR a.from_place_id <> b.to_place_id
               OR a.to_place_id <> b.from_place_id OR a.variant_id <> b.variant_id
               OR a.batch_id IS DISTINCT FROM b.batch_id OR a.piece_id IS DISTINCT FROM b.piece_id)
        """,
    ),
    Check(
        "given back",
        _("no more is given back than there was"),
        """
        SELECT 'movement ' || o.id, sum(g.quantity) || ' of ' || o.quantity
        FROM inventory_movement AS g JOIN inventory_movement AS o ON o.id = g.origin_id
        WHERE NOT EXISTS (SELECT FROM inventory_document AS r WHERE r.reverses_id = g.document_id)
        GROUP BY o.id HAVING sum(g.quantity) > o.quantity
        """,
    ),
    Check(
        "locked",
        _("nothing was posted into a locked period"),
        """
        SELECT 'document ' || d.id, d.business_date || ' although locked through ' || l.locked_through
        FROM inventory_periodlock AS l JOIN inventory_document AS d ON d.legal_entity_id = l.legal_entity_id
            AND d.business_date <= l.locked_through AND d.id > l.last_document_id
        """,
    ),
    Check(
        "closing",
        # Each month end is made from the one before, so the last one tells of all.
        _("a month end is the sum of what is dated before it"),
        """
        WITH every AS (
            SELECT c.closed_on, c.place_id, c.variant_id, c.quantity AS told, 0::numeric AS moved
            FROM inventory_closingmark AS k
            JOIN inventory_place AS p ON p.legal_entity_id = k.legal_entity_id
            JOIN inventory_stockclosing AS c ON c.place_id = p.id AND c.closed_on = k.last_on
            UNION ALL
            SELECT k.last_on, m.place_id, m.variant_id, 0, m.sign * m.quantity
            FROM inventory_closingmark AS k
            JOIN inventory_place AS p ON p.legal_entity_id = k.legal_entity_id
                AND p.kind IN ('STOCK', 'TRANSIT', 'CUSTODY')
            JOIN (SELECT m.id, m.variant_id, m.quantity, m.business_date, s.* FROM inventory_movement AS m
                  CROSS JOIN LATERAL (VALUES (m.to_place_id, 1), (m.from_place_id, -1)) AS s (place_id, sign)
                 ) AS m ON m.place_id = p.id AND m.id <= k.upto_movement_id AND m.business_date <= k.last_on)
        SELECT 'place ' || place_id || ' variant ' || variant_id || ' on ' || closed_on,
               sum(told) || ', movements ' || sum(moved)
        FROM every GROUP BY closed_on, place_id, variant_id HAVING sum(told) <> sum(moved)
        UNION ALL
        SELECT 'entity ' || legal_entity_id || ' variant ' || variant_id || ' on ' || closed_on,
               sum(told) || ', entries ' || sum(entered)
        FROM (
            SELECT c.closed_on, c.legal_entity_id, c.variant_id, c.value AS told, 0::numeric AS entered
            FROM inventory_closingmark AS k
            JOIN inventory_costclosing AS c ON c.legal_entity_id = k.legal_entity_id AND c.closed_on = k.last_on
            UNION ALL
            SELECT k.last_on, e.legal_entity_id, e.variant_id, 0, e.value_change
            FROM inventory_closingmark AS k
            JOIN inventory_costentry AS e ON e.legal_entity_id = k.legal_entity_id AND e.id <= k.upto_entry_id
                AND e.business_date <= k.last_on) AS v
        GROUP BY closed_on, legal_entity_id, variant_id HAVING sum(told) <> sum(entered)
        """,
    ),
    Check(
        "numbers",
        _("numbers of documents have no gap"),
        """
        SELECT 'store ' || c.store_id || ' ' || c.kind || ' ' || c.year, count(d.id) || ' of ' || c.last
        FROM inventory_documentcounter AS c LEFT JOIN inventory_document AS d ON d.store_id = c.store_id
            AND d.kind = c.kind AND extract(year FROM d.business_date) = c.year AND d.number IS NOT NULL
        GROUP BY c.store_id, c.kind, c.year, c.last HAVING count(d.id) <> c.last
        """,
    ),
    Check(
        "guards",
        _("triggers and constraints that keep these promises are in place"),
        """
        WITH expected (relation, name) AS (VALUES
            ('inventory_document', 'inventory_enter'), ('inventory_document', 'inventory_append_only'),
            ('inventory_document', 'inventory_no_delete'), ('inventory_document', 'inventory_no_truncate'),
            ('inventory_movement', 'inventory_move'), ('inventory_movement', 'inventory_append_only'),
            ('inventory_movement', 'inventory_no_truncate'),
            ('inventory_costentry', 'inventory_value'), ('inventory_costentry', 'inventory_append_only'),
            ('inventory_costentry', 'inventory_no_truncate'), ('stores_store', 'inventory_store_moves'))
        SELECT relation, 'trigger ' || name || ' missing or off' FROM expected
        WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = relation::regclass AND tgname = name
                                                   AND tgenabled IN ('O', 'A'))
        UNION ALL
        SELECT 'database', 'constraint ' || name || ' missing'
        FROM (VALUES ('inventory_document_once'), ('inventory_document_reverses_id_key'),
                     ('inventory_balance_once'), ('inventory_balance_not_negative'), ('inventory_pieceat_pkey'),
                     ('inventory_movement_quantity'), ('inventory_reservation_once')) AS wanted (name)
        WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conname = name AND convalidated)
        """,
    ),
)


def verify(report: Callable[[str], None] | None = None) -> list[Finding]:
    """Prove every invariant (`core.proof.prove`); an empty list when stock is right."""
    return prove(CHECKS, report)
