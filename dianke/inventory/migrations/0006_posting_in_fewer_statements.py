"""A document is posted in half the statements: what the usual one does not need (rows that are missing, goods that run
short, pieces) is done only when a look that is taken anyway says so."""

from __future__ import annotations

from importlib import import_module

from django.db import migrations

POST = """
-- Writes one document with its movements, whatever their number, in the lock order of docs/algorithms/costing.md:
-- reference, origins, balances, pieces, reservations, cost states. Answers with {"standing": …} when the reference is
-- taken, {"problem": …} when a rule forbids it (the caller gives the transaction up), else with what was written and
-- the cost states, locked. operations/posting.py says what is in `batch`.
CREATE OR REPLACE FUNCTION inventory_post(batch jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    head jsonb := batch -> 'document';
    moves jsonb := batch -> 'lines';
    occurred timestamptz := (head ->> 'occurred_at')::timestamptz;
    recorded timestamptz := (head ->> 'recorded_at')::timestamptz;
    keeps_reserved boolean := (batch ->> 'keeps_reserved')::boolean;
    refs text[] := ARRAY(SELECT jsonb_array_elements_text(batch -> 'reservations'));
    reversed bigint := (head ->> 'reverses_id')::bigint;
    document bigint;
    changes jsonb;
    origins jsonb;
    pieces bigint[] := '{}';
    found_now jsonb;
    ids jsonb;
    compensations jsonb := '[]';
    states jsonb;
    negatives jsonb;
    entities bigint[];
    entity bigint;
    is_new boolean;
    may_be_short boolean;
    goes_below boolean;
BEGIN
    IF reversed IS NOT NULL THEN
        PERFORM FROM inventory_document AS d WHERE d.id = reversed FOR NO KEY UPDATE;
        IF EXISTS (SELECT FROM inventory_document AS d WHERE d.reverses_id = reversed
                                                         AND d.reference <> head ->> 'reference') THEN
            RETURN '{"problem": {"code": "already_reversed"}}';
        END IF;
    END IF;
    INSERT INTO inventory_document (uuid, kind, reference, digest, store_id, legal_entity_id, business_date,
                                    occurred_at, recorded_at, user_id, operation, note, reverses_id)
    VALUES (gen_random_uuid(), head ->> 'kind', head ->> 'reference', head ->> 'digest',
            (head ->> 'store_id')::bigint, (head ->> 'legal_entity_id')::bigint, (head ->> 'business_date')::date,
            occurred, recorded, (head ->> 'user_id')::bigint, head ->> 'operation', head ->> 'note', reversed)
    ON CONFLICT (reference) DO NOTHING RETURNING id INTO document;
    IF document IS NULL THEN
        SELECT jsonb_build_object('standing', jsonb_build_object('id', d.id, 'digest', d.digest, 'number', d.number))
        INTO found_now FROM inventory_document AS d WHERE d.reference = head ->> 'reference';
        RETURN found_now;
    END IF;

    -- Lines that cannot be meant; and whose books are concerned.
    SELECT (array_agg(jsonb_build_object('code', w.code, 'line', w.line) ORDER BY w.line)
            FILTER (WHERE w.code IS NOT NULL))[1], array_agg(w.giver) || array_agg(w.taker)
    INTO found_now, entities
    FROM (
        SELECT m.line, f.legal_entity_id AS giver, t.legal_entity_id AS taker, CASE
            WHEN v.id IS NULL OR f.id IS NULL OR t.id IS NULL THEN 'unknown'
            WHEN p.kind IN ('SERVICE', 'BUNDLE') THEN 'not_stocked'
            WHEN m.piece_id IS NOT NULL AND c.variant_id IS DISTINCT FROM m.variant_id THEN 'wrong_piece'
            WHEN m.batch_id IS NOT NULL AND b.variant_id IS DISTINCT FROM m.variant_id THEN 'wrong_batch'
            WHEN NOT (f.kind IN ('STOCK', 'TRANSIT') OR t.kind IN ('STOCK', 'TRANSIT')) THEN NULL
            WHEN p.tracking = 'PIECE' AND m.piece_id IS NULL THEN 'piece_missing'
            WHEN p.tracking = 'BATCH' AND m.batch_id IS NULL THEN 'batch_missing' END AS code
        FROM jsonb_to_recordset(moves) AS m (line int, variant_id bigint, batch_id bigint, piece_id bigint,
                                             from_place_id bigint, to_place_id bigint)
        LEFT JOIN catalog_variant AS v ON v.id = m.variant_id
        LEFT JOIN catalog_product AS p ON p.id = v.product_id
        LEFT JOIN inventory_place AS f ON f.id = m.from_place_id
        LEFT JOIN inventory_place AS t ON t.id = m.to_place_id
        LEFT JOIN catalog_piece AS c ON c.id = m.piece_id
        LEFT JOIN inventory_batch AS b ON b.id = m.batch_id) AS w;
    IF found_now IS NOT NULL THEN
        RETURN jsonb_build_object('problem', found_now);
    END IF;
    -- Inserting the document took the lock of its own entity.
    FOR entity IN SELECT DISTINCT e FROM unnest(entities) AS e
                  WHERE e <> (head ->> 'legal_entity_id')::bigint ORDER BY 1 LOOP
        PERFORM pg_advisory_xact_lock_shared(7306001, entity::int);
    END LOOP;

    -- What is given back: once, and no more than there was.
    IF (batch ->> 'has_origins')::boolean THEN
        PERFORM FROM inventory_movement AS o
        WHERE o.id IN (SELECT origin_id FROM jsonb_to_recordset(moves) AS m (origin_id bigint))
        ORDER BY o.id FOR NO KEY UPDATE;
        WITH wanted AS (
            SELECT min(m.line) AS line, m.origin_id, sum(m.quantity) AS quantity
            FROM jsonb_to_recordset(moves) AS m (line int, origin_id bigint, quantity numeric)
            WHERE m.origin_id IS NOT NULL GROUP BY m.origin_id
        ), back AS (
            SELECT w.origin_id, sum(g.quantity) AS quantity,
                   sum((SELECT coalesce(sum(e.value_change + e.expense), 0) FROM inventory_costentry AS e
                        WHERE e.movement_id = g.id AND e.quantity_change > 0)) AS value
            FROM wanted AS w JOIN inventory_movement AS g ON g.origin_id = w.origin_id
            WHERE NOT EXISTS (SELECT FROM inventory_document AS r WHERE r.reverses_id = g.document_id)
            GROUP BY w.origin_id
        ), told AS (
            SELECT w.line, w.quantity AS wanted, o.id, o.quantity, o.variant_id,
                   coalesce(back.quantity, 0) AS returned, coalesce(back.value, 0) AS returned_value,
                   EXISTS (SELECT FROM inventory_document AS r WHERE r.reverses_id = o.document_id
                                                                 AND r.id <> document) AS is_reversed
            FROM wanted AS w JOIN inventory_movement AS o ON o.id = w.origin_id
            LEFT JOIN back ON back.origin_id = w.origin_id
        ), entries AS (
            SELECT told.id AS origin_id, e.* FROM told JOIN inventory_costentry AS e ON e.movement_id = told.id
        )
        SELECT jsonb_build_object(
            'problem', (SELECT jsonb_build_object('code', CASE WHEN is_reversed THEN 'origin_reversed'
                               WHEN reversed IS NOT NULL THEN 'has_returns' ELSE 'return_too_much' END,
                               'line', line, 'available', greatest(quantity - returned, 0)::text,
                               'wanted', wanted::text)
                        FROM told WHERE is_reversed OR (reversed IS NOT NULL AND returned > 0)
                                     OR returned + wanted > quantity ORDER BY line LIMIT 1),
            'origins', (SELECT jsonb_agg(jsonb_build_object('id', id, 'quantity', quantity::text,
                               'returned', returned::text, 'returned_value', returned_value::text)) FROM told),
            'entries', (SELECT jsonb_agg(jsonb_build_object('movement_id', origin_id,
                               'legal_entity_id', legal_entity_id, 'quantity', quantity_change::text,
                               'value', value_change::text, 'expense', expense::text) ORDER BY id) FROM entries))
        INTO origins;
        IF origins -> 'problem' <> 'null' THEN
            RETURN origins;
        END IF;
    END IF;

    -- Counts stand: what is dated up to the instant of one is made good right behind it. Each batch is counted by itself.
    IF occurred < recorded OR (batch ->> 'has_instants')::boolean THEN
        SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'line', jsonb_array_length(moves) + row_number, 'variant_id', variant_id, 'batch_id', batch_id,
                   'from_place_id', CASE WHEN sign = 1 THEN place_id ELSE outside END,
                   'to_place_id', CASE WHEN sign = 1 THEN outside ELSE place_id END,
                   'quantity', quantity, 'occurred_at', at, 'business_date', business_date, 'reason', 'ANCHOR',
                   'of_line', line, 'sign', -sign, 'legal_entity_id', legal_entity_id,
                   'is_valued', kind IN ('STOCK', 'TRANSIT')) ORDER BY row_number), '[]')
        INTO compensations
        FROM (
            SELECT m.*, s.place_id, s.sign, p.legal_entity_id, p.kind, outside.id AS outside, a.at,
                   greatest(coalesce(m.day, (head ->> 'business_date')::date),
                            (a.at AT TIME ZONE z.time_zone)::date) AS business_date,
                   row_number() OVER (ORDER BY m.line, s.sign)
            FROM (SELECT line, variant_id, batch_id, piece_id, from_place_id, to_place_id, quantity,
                         business_date AS day, least(coalesce(occurred_at, occurred), recorded) AS moved_at
                  FROM jsonb_to_recordset(moves) AS x (
                      line int, variant_id bigint, batch_id bigint, piece_id bigint, from_place_id bigint,
                      to_place_id bigint, quantity text, occurred_at timestamptz, business_date date)) AS m
            CROSS JOIN LATERAL (VALUES (m.to_place_id, 1), (m.from_place_id, -1)) AS s (place_id, sign)
            JOIN inventory_place AS p ON p.id = s.place_id AND p.kind IN ('STOCK', 'TRANSIT', 'CUSTODY') AND p.store_id IS NOT NULL
            JOIN stores_store AS z ON z.id = p.store_id
            JOIN inventory_place AS outside ON outside.legal_entity_id = p.legal_entity_id
                AND outside.store_id IS NULL AND outside.kind = CASE WHEN s.sign = 1 THEN 'LOSS' ELSE 'GAIN' END
            CROSS JOIN LATERAL (SELECT min(x.at) AS at FROM inventory_anchor AS x
                                WHERE x.variant_id = m.variant_id AND x.place_id = s.place_id
                                  AND x.batch_id IS NOT DISTINCT FROM m.batch_id AND x.at >= m.moved_at) AS a
            WHERE m.piece_id IS NULL AND m.moved_at < recorded AND a.at IS NOT NULL) AS made;
        moves := moves || compensations;
    END IF;

    -- Balances, in the order of their keys; those of the reservations that are taken too.
    SELECT coalesce(jsonb_agg(jsonb_build_object('p', net.place_id, 'v', net.variant_id, 'b', net.batch_id,
                                                 'q', net.quantity::text)
                              ORDER BY net.place_id, net.variant_id, net.batch_id NULLS FIRST), '[]'),
           bool_or(x.id IS NULL)
    INTO changes, is_new
    FROM (
        SELECT place_id, variant_id, batch_id, sum(quantity) AS quantity FROM (
            SELECT s.place_id, m.variant_id, m.batch_id, s.sign * m.quantity AS quantity
            FROM jsonb_to_recordset(moves) AS m (variant_id bigint, batch_id bigint, from_place_id bigint,
                                                 to_place_id bigint, quantity numeric)
            CROSS JOIN LATERAL (VALUES (m.to_place_id, 1), (m.from_place_id, -1)) AS s (place_id, sign)
            JOIN inventory_place AS p ON p.id = s.place_id AND p.kind IN ('STOCK', 'TRANSIT', 'CUSTODY')
            UNION ALL
            SELECT r.place_id, r.variant_id, r.batch_id, 0 FROM inventory_reservation AS r
            WHERE r.reference = ANY (refs)) AS every
        GROUP BY 1, 2, 3) AS net
    LEFT JOIN inventory_balance AS x ON x.variant_id = net.variant_id AND x.place_id = net.place_id
                                    AND x.batch_id IS NOT DISTINCT FROM net.batch_id;
    IF is_new THEN
        INSERT INTO inventory_balance (place_id, variant_id, batch_id, quantity, reserved, may_be_negative)
        SELECT c.p, c.v, c.b, 0, 0, false
        FROM jsonb_to_recordset(changes) AS c (p bigint, v bigint, b bigint)
        WHERE NOT EXISTS (SELECT FROM inventory_balance AS x WHERE x.variant_id = c.v AND x.place_id = c.p
                                                               AND x.batch_id IS NOT DISTINCT FROM c.b)
        ORDER BY c.p, c.v, c.b NULLS FIRST
        ON CONFLICT DO NOTHING;
    END IF;
    SELECT bool_or(l.q < 0 AND l.quantity + l.q < l.reserved), bool_or(l.q < 0 AND l.quantity + l.q < 0)
    INTO may_be_short, goes_below
    FROM (SELECT c.q, x.quantity, CASE WHEN keeps_reserved THEN x.reserved ELSE 0 END AS reserved
          FROM jsonb_to_recordset(changes) AS c (p bigint, v bigint, b bigint, q numeric)
          JOIN inventory_balance AS x ON x.variant_id = c.v AND x.place_id = c.p AND x.batch_id IS NOT DISTINCT FROM c.b
          ORDER BY c.p, c.v, c.b NULLS FIRST FOR UPDATE OF x) AS l;

    -- Pieces: each leaves the place it is at.
    IF (batch ->> 'has_pieces')::boolean THEN
        pieces := ARRAY(SELECT m.piece_id FROM jsonb_to_recordset(moves) AS m (piece_id bigint)
                        WHERE m.piece_id IS NOT NULL ORDER BY 1);
        PERFORM FROM inventory_pieceat AS h WHERE h.piece_id = ANY (pieces) ORDER BY h.piece_id FOR UPDATE;
    END IF;
    IF refs <> '{}' THEN
        PERFORM FROM inventory_reservation AS r WHERE r.reference = ANY (refs) ORDER BY r.id FOR UPDATE;
        WITH taken AS (
            UPDATE inventory_reservation AS r SET taken_at = recorded
            WHERE r.reference = ANY (refs) AND r.taken_at IS NULL AND r.released_at IS NULL
            RETURNING r.place_id, r.variant_id, r.batch_id, r.quantity)
        UPDATE inventory_balance AS x SET reserved = x.reserved - s.quantity
        FROM (SELECT place_id, variant_id, batch_id, sum(quantity) AS quantity FROM taken GROUP BY 1, 2, 3) AS s
        WHERE x.variant_id = s.variant_id AND x.place_id = s.place_id AND x.batch_id IS NOT DISTINCT FROM s.batch_id;
    END IF;
    IF pieces <> '{}' THEN
        SELECT jsonb_build_object('problem', jsonb_build_object('code', w.code, 'line', w.line,
                                                                'place_id', w.place_id)) INTO found_now
        FROM (
            SELECT m.line, h.place_id, CASE
                WHEN (h.piece_id IS NULL AND f.kind IN ('STOCK', 'TRANSIT', 'CUSTODY'))
                  OR (h.place_id <> m.from_place_id AND (f.kind IN ('STOCK', 'TRANSIT', 'CUSTODY') OR now_at.kind IN ('STOCK', 'TRANSIT', 'CUSTODY')))
                THEN 'piece_elsewhere'
                WHEN keeps_reserved AND EXISTS (
                    SELECT FROM inventory_reservation AS r
                    WHERE r.piece_id = m.piece_id AND r.taken_at IS NULL AND r.released_at IS NULL)
                THEN 'piece_reserved' END AS code
            FROM jsonb_to_recordset(moves) AS m (line int, piece_id bigint, from_place_id bigint)
            JOIN inventory_place AS f ON f.id = m.from_place_id
            LEFT JOIN inventory_pieceat AS h ON h.piece_id = m.piece_id
            LEFT JOIN inventory_place AS now_at ON now_at.id = h.place_id
            WHERE m.piece_id IS NOT NULL) AS w
        WHERE w.code IS NOT NULL ORDER BY w.line LIMIT 1;
        IF FOUND THEN
            RETURN found_now;
        END IF;
    END IF;
    -- What goes below zero (or into what is reserved) is asked about its policy; the balance notes that it may.
    IF goes_below THEN
        UPDATE inventory_balance AS x SET may_be_negative = true
        FROM jsonb_to_recordset(changes) AS c (p bigint, v bigint, b bigint, q numeric)
        WHERE x.variant_id = c.v AND x.place_id = c.p AND x.batch_id IS NOT DISTINCT FROM c.b
          AND c.q < 0 AND x.quantity + c.q < 0 AND NOT x.may_be_negative AND inventory_policy(c.p, c.v) <> 'BLOCK';
    END IF;
    IF may_be_short THEN
        SELECT jsonb_build_object('problem', jsonb_build_object(
                   'code', 'short', 'place_id', c.p, 'variant_id', c.v, 'batch_id', c.b, 'wanted', (-c.q)::text,
                   'available', greatest(x.quantity - CASE WHEN keeps_reserved THEN x.reserved ELSE 0 END, 0)::text))
        INTO found_now
        FROM jsonb_to_recordset(changes) AS c (p bigint, v bigint, b bigint, q numeric)
        JOIN inventory_balance AS x ON x.variant_id = c.v AND x.place_id = c.p AND x.batch_id IS NOT DISTINCT FROM c.b
        WHERE c.q < 0 AND x.quantity + c.q < CASE WHEN keeps_reserved THEN x.reserved ELSE 0 END
          AND inventory_policy(c.p, c.v) = 'BLOCK'
        ORDER BY c.p, c.v, c.b NULLS FIRST LIMIT 1;
        IF FOUND THEN
            RETURN found_now;
        END IF;
    END IF;

    WITH added AS (
        INSERT INTO inventory_movement (document_id, line, variant_id, batch_id, piece_id, from_place_id, to_place_id,
                                        quantity, occurred_at, business_date, reason, origin_id)
        SELECT document, m.line, m.variant_id, m.batch_id, m.piece_id, m.from_place_id, m.to_place_id, m.quantity,
               least(coalesce(m.occurred_at, occurred), recorded), coalesce(m.business_date, (head ->> 'business_date')::date),
               coalesce(m.reason, ''), m.origin_id
        FROM jsonb_to_recordset(moves) AS m (
            line int, variant_id bigint, batch_id bigint, piece_id bigint, from_place_id bigint, to_place_id bigint,
            quantity numeric, occurred_at timestamptz, business_date date, reason text, origin_id bigint)
        ORDER BY m.line RETURNING line, id)
    SELECT jsonb_object_agg(line, id) INTO ids FROM added;
    IF goes_below THEN
        SELECT jsonb_agg(jsonb_build_object('place_id', c.p, 'variant_id', c.v, 'quantity', x.quantity::text))
        INTO negatives
        FROM jsonb_to_recordset(changes) AS c (p bigint, v bigint, b bigint, q numeric)
        JOIN inventory_balance AS x ON x.variant_id = c.v AND x.place_id = c.p AND x.batch_id IS NOT DISTINCT FROM c.b
        WHERE c.q < 0 AND x.quantity < 0;
    END IF;

    -- Cost states last: what crosses the border of what an entity owns.
    SELECT jsonb_agg(jsonb_build_object('e', k.e, 'v', k.v) ORDER BY k.e, k.v), bool_or(s.variant_id IS NULL)
    INTO states, is_new
    FROM (
        SELECT p.legal_entity_id AS e, m.variant_id AS v
        FROM jsonb_to_recordset(moves) AS m (variant_id bigint, from_place_id bigint, to_place_id bigint)
        JOIN inventory_place AS f ON f.id = m.from_place_id
        JOIN inventory_place AS t ON t.id = m.to_place_id
        JOIN inventory_place AS p ON p.id = ANY (ARRAY[f.id, t.id]) AND p.kind IN ('STOCK', 'TRANSIT')
        WHERE (f.kind IN ('STOCK', 'TRANSIT')) <> (t.kind IN ('STOCK', 'TRANSIT')) OR f.legal_entity_id <> t.legal_entity_id
        UNION
        SELECT k.e, k.v FROM jsonb_to_recordset(batch -> 'costs') AS k (e bigint, v bigint)) AS k
    LEFT JOIN inventory_coststate AS s ON s.legal_entity_id = k.e AND s.variant_id = k.v;
    IF is_new THEN
        INSERT INTO inventory_coststate (legal_entity_id, variant_id, quantity, value, average)
        SELECT k.e, k.v, 0, 0, 0 FROM jsonb_to_recordset(states) AS k (e bigint, v bigint)
        WHERE NOT EXISTS (SELECT FROM inventory_coststate AS s WHERE s.legal_entity_id = k.e AND s.variant_id = k.v)
        ORDER BY k.e, k.v ON CONFLICT DO NOTHING;
    END IF;
    IF states IS NOT NULL THEN
        SELECT jsonb_agg(jsonb_build_array(locked.legal_entity_id, locked.variant_id, locked.quantity::text,
                                           locked.value::text, locked.average::text)) INTO states
        FROM (SELECT s.* FROM jsonb_to_recordset(states) AS k (e bigint, v bigint)
              JOIN inventory_coststate AS s ON s.legal_entity_id = k.e AND s.variant_id = k.v
              ORDER BY k.e, k.v FOR UPDATE OF s) AS locked;
    END IF;
    RETURN jsonb_build_object('document_id', document, 'ids', ids, 'compensations', compensations,
                              'states', states, 'negatives', negatives, 'origins', origins -> 'origins',
                              'entries', origins -> 'entries');
END $$;
"""
BEFORE = import_module("dianke.inventory.migrations.0004_counts_stand_by_batch").POST


class Migration(migrations.Migration):
    dependencies = [("inventory", "0005_stores_keep_their_entity")]
    reviewed = {"raw-sql": "a function replaced by one of the same signature"}
    operations = [migrations.RunSQL(POST, BEFORE)]
