"""What keeps stock true whoever writes: triggers, and the functions that post. docs/algorithms/costing.md tells them."""

from __future__ import annotations

from django.db import migrations

DOCUMENTS = """
CREATE FUNCTION inventory_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND stores_demo_leaves() THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% on % refused: what moved stock is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Post a document that reverses it.';
END $$;

-- Whoever posts for a legal entity holds this lock in shared mode until it commits; locking a period and folding
-- month ends take it alone, so that nothing is half-way while they decide what lies before and what after.
CREATE FUNCTION inventory_enter() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    through date;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7306001, NEW.legal_entity_id::int);
    SELECT max(locked_through) INTO through FROM inventory_periodlock WHERE legal_entity_id = NEW.legal_entity_id;
    IF NEW.business_date <= through THEN
        RAISE EXCEPTION 'the stock books are locked through %', through USING ERRCODE = 'DKI02', DETAIL =
            (SELECT jsonb_build_object('entity', short_name, 'through', through)::text FROM stores_legalentity
             WHERE id = NEW.legal_entity_id);
    END IF;
    IF NEW.reverses_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM inventory_document WHERE id = NEW.reverses_id AND reverses_id IS NULL) THEN
        RAISE EXCEPTION 'a reversal cannot be reversed' USING ERRCODE = 'DKI03';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER inventory_enter AFTER INSERT ON inventory_document
    FOR EACH ROW EXECUTE FUNCTION inventory_enter();
-- The number is given last, once.
CREATE TRIGGER inventory_append_only BEFORE UPDATE ON inventory_document FOR EACH ROW
    WHEN (OLD.number IS NOT NULL
          OR to_jsonb(OLD) - 'number' IS DISTINCT FROM to_jsonb(NEW) - 'number')
    EXECUTE FUNCTION inventory_refuse_change();
CREATE TRIGGER inventory_no_delete BEFORE DELETE ON inventory_document
    FOR EACH ROW EXECUTE FUNCTION inventory_refuse_change();
"""

MOVEMENTS = """
-- All movements of a document come in one statement; with them balances and holders of pieces change.
CREATE FUNCTION inventory_move() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    done int;
BEGIN
    IF EXISTS (SELECT FROM (SELECT document_id, count(*) AS size FROM added GROUP BY document_id) AS n
               LEFT JOIN inventory_document AS d ON d.id = n.document_id
               WHERE d.id IS NULL
                  OR n.size <> (SELECT count(*) FROM inventory_movement AS m WHERE m.document_id = n.document_id))
    THEN
        RAISE EXCEPTION 'movements are written together with their document' USING ERRCODE = 'DKI03';
    END IF;
    -- inventory_post has made the rows and holds them, in the order of their keys; this is for whoever else writes.
    INSERT INTO inventory_balance (place_id, variant_id, batch_id, quantity, reserved, may_be_negative)
    SELECT DISTINCT s.place_id, a.variant_id, a.batch_id, 0, 0, false
    FROM added AS a
    CROSS JOIN LATERAL (VALUES (a.to_place_id), (a.from_place_id)) AS s (place_id)
    JOIN inventory_place AS p ON p.id = s.place_id AND p.kind IN ('STOCK', 'TRANSIT', 'CUSTODY')
    WHERE NOT EXISTS (SELECT FROM inventory_balance AS b WHERE b.variant_id = a.variant_id AND b.place_id = s.place_id
                                                           AND b.batch_id IS NOT DISTINCT FROM a.batch_id)
    ON CONFLICT DO NOTHING;
    UPDATE inventory_balance AS b SET quantity = b.quantity + c.quantity
    FROM (SELECT s.place_id, a.variant_id, a.batch_id, sum(s.sign * a.quantity) AS quantity
          FROM added AS a
          CROSS JOIN LATERAL (VALUES (a.to_place_id, 1), (a.from_place_id, -1)) AS s (place_id, sign)
          GROUP BY 1, 2, 3) AS c
    WHERE b.variant_id = c.variant_id AND b.place_id = c.place_id AND b.batch_id IS NOT DISTINCT FROM c.batch_id;
    IF EXISTS (SELECT FROM added WHERE piece_id IS NOT NULL) THEN
        IF EXISTS (SELECT FROM added AS a
                   JOIN inventory_place AS f ON f.id = a.from_place_id AND f.kind IN ('STOCK', 'TRANSIT', 'CUSTODY')
                   WHERE a.piece_id IS NOT NULL
                     AND NOT EXISTS (SELECT FROM inventory_pieceat AS h WHERE h.piece_id = a.piece_id)) THEN
            RAISE EXCEPTION 'a piece leaves a place it is not at' USING ERRCODE = 'DKI04';
        END IF;
        INSERT INTO inventory_pieceat AS h (piece_id, place_id, came_from_id, since, movement_id)
        SELECT piece_id, to_place_id, from_place_id, occurred_at, id FROM added WHERE piece_id IS NOT NULL
        ORDER BY piece_id
        ON CONFLICT (piece_id) DO UPDATE SET place_id = EXCLUDED.place_id, came_from_id = EXCLUDED.came_from_id,
            since = EXCLUDED.since, movement_id = EXCLUDED.movement_id
        WHERE h.place_id = EXCLUDED.came_from_id
           -- outside, a piece may turn up elsewhere: missing at one store, found at another
           OR NOT EXISTS (SELECT FROM inventory_place AS p
                          WHERE p.id IN (h.place_id, EXCLUDED.came_from_id) AND p.kind IN ('STOCK', 'TRANSIT', 'CUSTODY'));
        GET DIAGNOSTICS done = ROW_COUNT;
        IF done <> (SELECT count(*) FROM added WHERE piece_id IS NOT NULL) THEN
            RAISE EXCEPTION 'a piece leaves a place it is not at' USING ERRCODE = 'DKI04';
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER inventory_move AFTER INSERT ON inventory_movement
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION inventory_move();
ALTER TABLE inventory_balance SET (fillfactor = 60);
ALTER TABLE inventory_coststate SET (fillfactor = 60);
"""

COSTS = """
-- A document of one entity may move goods of another: its books are open too, or it waits outside.
CREATE FUNCTION inventory_value() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    locked record;
BEGIN
    SELECT e.short_name AS entity, l.through INTO locked
    FROM (SELECT legal_entity_id, min(business_date) AS first FROM added GROUP BY 1) AS a
    JOIN (SELECT legal_entity_id, max(locked_through) AS through FROM inventory_periodlock GROUP BY 1) AS l
        ON l.legal_entity_id = a.legal_entity_id AND a.first <= l.through
    JOIN stores_legalentity AS e ON e.id = a.legal_entity_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the stock books are locked through %', locked.through
            USING ERRCODE = 'DKI02', DETAIL = to_jsonb(locked)::text;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER inventory_value AFTER INSERT ON inventory_costentry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION inventory_value();
"""

APPEND_ONLY = "".join(
    f"""
CREATE TRIGGER inventory_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION inventory_refuse_change();
"""
    for table in ("inventory_movement", "inventory_costentry")
) + "".join(
    f"""
CREATE TRIGGER inventory_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION inventory_refuse_change();
"""
    for table in ("inventory_document", "inventory_movement", "inventory_costentry")
)

POLICY = """
-- BLOCK, WARN or ALLOW: of the nearest category that says something for this place, else for all places, else of the
-- place. Pieces are never short.
CREATE FUNCTION inventory_policy(of_place bigint, of_variant bigint) RETURNS text LANGUAGE sql STABLE AS $$
    WITH RECURSIVE goods AS (
        SELECT p.tracking, p.category_id FROM catalog_variant AS v JOIN catalog_product AS p ON p.id = v.product_id
        WHERE v.id = of_variant
    ), up AS (
        SELECT c.id, c.parent_id, 0 AS depth FROM goods JOIN catalog_category AS c ON c.id = goods.category_id
        UNION ALL
        SELECT c.id, c.parent_id, up.depth + 1 FROM up JOIN catalog_category AS c ON c.id = up.parent_id
    )
    SELECT CASE WHEN (SELECT tracking FROM goods) = 'PIECE' THEN 'BLOCK' ELSE coalesce(
        (SELECT n.policy FROM inventory_negativepolicy AS n JOIN up ON up.id = n.category_id
         WHERE n.place_id = of_place OR n.place_id IS NULL
         ORDER BY n.place_id NULLS LAST, up.depth LIMIT 1),
        (SELECT negative FROM inventory_place WHERE id = of_place), 'BLOCK') END
$$;
"""

POST = """
-- Writes one document with its movements, whatever their number, in the lock order of docs/algorithms/costing.md:
-- reference, origins, balances, pieces, reservations, cost states. Answers with {"standing": …} when the reference is
-- taken, {"problem": …} when a rule forbids it (the caller gives the transaction up), else with what was written and
-- the cost states, locked. operations/posting.py says what is in `batch`.
CREATE FUNCTION inventory_post(batch jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
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
    pieces bigint[];
    found_now jsonb;
    ids jsonb;
    compensations jsonb := '[]';
    states jsonb;
    negatives jsonb;
BEGIN
    SELECT jsonb_build_object('standing', jsonb_build_object('id', d.id, 'digest', d.digest, 'number', d.number))
    INTO found_now FROM inventory_document AS d WHERE d.reference = head ->> 'reference';
    IF FOUND THEN
        RETURN found_now;
    END IF;
    IF reversed IS NOT NULL THEN
        PERFORM FROM inventory_document AS d WHERE d.id = reversed FOR NO KEY UPDATE;
        IF EXISTS (SELECT FROM inventory_document AS d WHERE d.reverses_id = reversed) THEN
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
    PERFORM pg_advisory_xact_lock_shared(7306001, e.id)
    FROM (SELECT DISTINCT p.legal_entity_id::int AS id
          FROM jsonb_to_recordset(moves) AS m (from_place_id bigint, to_place_id bigint)
          JOIN inventory_place AS p ON p.id = ANY (ARRAY[m.from_place_id, m.to_place_id]) ORDER BY 1) AS e;

    -- Lines that cannot be meant.
    SELECT jsonb_build_object('problem', jsonb_build_object('code', w.code, 'line', w.line)) INTO found_now
    FROM (
        SELECT m.line, CASE
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
        LEFT JOIN inventory_batch AS b ON b.id = m.batch_id) AS w
    WHERE w.code IS NOT NULL ORDER BY w.line LIMIT 1;
    IF FOUND THEN
        RETURN found_now;
    END IF;

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

    -- Counts stand: what is dated before one is made good right after it.
    IF occurred < recorded THEN
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
                   greatest((head ->> 'business_date')::date, (a.at AT TIME ZONE z.time_zone)::date) AS business_date,
                   row_number() OVER (ORDER BY m.line, s.sign)
            FROM jsonb_to_recordset(moves) AS m (line int, variant_id bigint, batch_id bigint, piece_id bigint,
                                                 from_place_id bigint, to_place_id bigint, quantity text)
            CROSS JOIN LATERAL (VALUES (m.to_place_id, 1), (m.from_place_id, -1)) AS s (place_id, sign)
            JOIN inventory_place AS p ON p.id = s.place_id AND p.kind IN ('STOCK', 'TRANSIT', 'CUSTODY') AND p.store_id IS NOT NULL
            JOIN stores_store AS z ON z.id = p.store_id
            JOIN inventory_place AS outside ON outside.legal_entity_id = p.legal_entity_id
                AND outside.store_id IS NULL AND outside.kind = CASE WHEN s.sign = 1 THEN 'LOSS' ELSE 'GAIN' END
            CROSS JOIN LATERAL (SELECT min(x.at) AS at FROM inventory_anchor AS x
                                WHERE x.variant_id = m.variant_id AND x.place_id = s.place_id AND x.at > occurred
                               ) AS a
            WHERE m.piece_id IS NULL AND a.at IS NOT NULL) AS made;
        moves := moves || compensations;
    END IF;

    -- Balances, in the order of their keys; those of the reservations that are taken too.
    SELECT coalesce(jsonb_agg(jsonb_build_object('p', place_id, 'v', variant_id, 'b', batch_id, 'q', quantity::text)
                              ORDER BY place_id, variant_id, batch_id NULLS FIRST), '[]')
    INTO changes
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
        GROUP BY 1, 2, 3) AS net;
    INSERT INTO inventory_balance (place_id, variant_id, batch_id, quantity, reserved, may_be_negative)
    SELECT c.p, c.v, c.b, 0, 0, false
    FROM jsonb_to_recordset(changes) AS c (p bigint, v bigint, b bigint)
    WHERE NOT EXISTS (SELECT FROM inventory_balance AS x WHERE x.variant_id = c.v AND x.place_id = c.p
                                                           AND x.batch_id IS NOT DISTINCT FROM c.b)
    ORDER BY c.p, c.v, c.b NULLS FIRST
    ON CONFLICT DO NOTHING;
    PERFORM FROM jsonb_to_recordset(changes) AS c (p bigint, v bigint, b bigint)
    JOIN inventory_balance AS x ON x.variant_id = c.v AND x.place_id = c.p AND x.batch_id IS NOT DISTINCT FROM c.b
    ORDER BY c.p, c.v, c.b NULLS FIRST FOR UPDATE OF x;

    -- Pieces: each leaves the place it is at.
    pieces := ARRAY(SELECT m.piece_id FROM jsonb_to_recordset(moves) AS m (piece_id bigint)
                    WHERE m.piece_id IS NOT NULL ORDER BY 1);
    IF pieces <> '{}' THEN
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
    UPDATE inventory_balance AS x SET may_be_negative = true
    FROM jsonb_to_recordset(changes) AS c (p bigint, v bigint, b bigint, q numeric)
    WHERE x.variant_id = c.v AND x.place_id = c.p AND x.batch_id IS NOT DISTINCT FROM c.b
      AND c.q < 0 AND x.quantity + c.q < 0 AND NOT x.may_be_negative AND inventory_policy(c.p, c.v) <> 'BLOCK';
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

    INSERT INTO inventory_movement (document_id, line, variant_id, batch_id, piece_id, from_place_id, to_place_id,
                                    quantity, occurred_at, business_date, reason, origin_id)
    SELECT document, m.line, m.variant_id, m.batch_id, m.piece_id, m.from_place_id, m.to_place_id, m.quantity,
           coalesce(m.occurred_at, occurred), coalesce(m.business_date, (head ->> 'business_date')::date),
           coalesce(m.reason, ''), m.origin_id
    FROM jsonb_to_recordset(moves) AS m (
        line int, variant_id bigint, batch_id bigint, piece_id bigint, from_place_id bigint, to_place_id bigint,
        quantity numeric, occurred_at timestamptz, business_date date, reason text, origin_id bigint)
    ORDER BY m.line;
    SELECT jsonb_object_agg(m.line, m.id) INTO ids FROM inventory_movement AS m WHERE m.document_id = document;
    SELECT jsonb_agg(jsonb_build_object('place_id', c.p, 'variant_id', c.v, 'quantity', x.quantity::text))
    INTO negatives
    FROM jsonb_to_recordset(changes) AS c (p bigint, v bigint, b bigint, q numeric)
    JOIN inventory_balance AS x ON x.variant_id = c.v AND x.place_id = c.p AND x.batch_id IS NOT DISTINCT FROM c.b
    WHERE c.q < 0 AND x.quantity < 0;

    -- Cost states last: what crosses the border of what an entity owns.
    SELECT jsonb_agg(jsonb_build_object('e', k.e, 'v', k.v) ORDER BY k.e, k.v) INTO states
    FROM (
        SELECT p.legal_entity_id AS e, m.variant_id AS v
        FROM jsonb_to_recordset(moves) AS m (variant_id bigint, from_place_id bigint, to_place_id bigint)
        JOIN inventory_place AS f ON f.id = m.from_place_id
        JOIN inventory_place AS t ON t.id = m.to_place_id
        JOIN inventory_place AS p ON p.id = ANY (ARRAY[f.id, t.id]) AND p.kind IN ('STOCK', 'TRANSIT')
        WHERE (f.kind IN ('STOCK', 'TRANSIT')) <> (t.kind IN ('STOCK', 'TRANSIT')) OR f.legal_entity_id <> t.legal_entity_id
        UNION
        SELECT k.e, k.v FROM jsonb_to_recordset(batch -> 'costs') AS k (e bigint, v bigint)) AS k;
    IF states IS NOT NULL THEN
        INSERT INTO inventory_coststate (legal_entity_id, variant_id, quantity, value, average)
        SELECT k.e, k.v, 0, 0, 0 FROM jsonb_to_recordset(states) AS k (e bigint, v bigint)
        WHERE NOT EXISTS (SELECT FROM inventory_coststate AS s WHERE s.legal_entity_id = k.e AND s.variant_id = k.v)
        ORDER BY k.e, k.v ON CONFLICT DO NOTHING;
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

-- The second half: cost entries as rules/costing.py decided them, the cost states they lead to, and the number.
CREATE FUNCTION inventory_settle(batch jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    document bigint := (batch ->> 'document_id')::bigint;
    counted int;
    given text;
BEGIN
    INSERT INTO inventory_costentry (document_id, movement_id, legal_entity_id, variant_id, kind, quantity_change,
                                     value_change, expense, average_after, occurred_at, business_date)
    SELECT document, e.movement_id, e.legal_entity_id, e.variant_id, e.kind, e.quantity, e.value, e.expense,
           e.average_after, e.occurred_at, e.business_date
    FROM jsonb_to_recordset(batch -> 'entries') AS e (
        n int, movement_id bigint, legal_entity_id bigint, variant_id bigint, kind text, quantity numeric,
        value numeric, expense numeric, average_after numeric, occurred_at timestamptz, business_date date)
    ORDER BY e.n;
    UPDATE inventory_coststate AS s SET quantity = n.quantity, value = n.value, average = n.average
    FROM jsonb_to_recordset(batch -> 'states') AS n (
        legal_entity_id bigint, variant_id bigint, quantity numeric, value numeric, average numeric)
    WHERE s.legal_entity_id = n.legal_entity_id AND s.variant_id = n.variant_id;
    IF batch ? 'prefix' THEN
        INSERT INTO inventory_documentcounter AS c (store_id, kind, year, last)
        VALUES ((batch ->> 'store_id')::bigint, batch ->> 'kind', (batch ->> 'year')::int, 1)
        ON CONFLICT (store_id, kind, year) DO UPDATE SET last = c.last + 1 RETURNING c.last INTO counted;
        given := (batch ->> 'prefix') || lpad(counted::text, greatest(5, length(counted::text)), '0');
        UPDATE inventory_document SET number = given WHERE id = document;
    END IF;
    RETURN given;
END $$;
"""

RESERVE = """
-- Keeps goods for somebody. NULL when done (or when it stood already), else what there is too little of.
CREATE FUNCTION inventory_reserve(wanted jsonb, until timestamptz, at timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    problem jsonb;
BEGIN
    INSERT INTO inventory_balance (place_id, variant_id, batch_id, quantity, reserved, may_be_negative)
    SELECT DISTINCT w.place_id, w.variant_id, w.batch_id, 0, 0, false
    FROM jsonb_to_recordset(wanted) AS w (place_id bigint, variant_id bigint, batch_id bigint)
    WHERE NOT EXISTS (SELECT FROM inventory_balance AS b
                      WHERE b.variant_id = w.variant_id AND b.place_id = w.place_id
                        AND b.batch_id IS NOT DISTINCT FROM w.batch_id)
    ORDER BY w.place_id, w.variant_id, w.batch_id NULLS FIRST
    ON CONFLICT DO NOTHING;
    PERFORM FROM inventory_balance AS b
    WHERE EXISTS (SELECT FROM jsonb_to_recordset(wanted) AS w (place_id bigint, variant_id bigint, batch_id bigint)
                  WHERE b.variant_id = w.variant_id AND b.place_id = w.place_id
                    AND b.batch_id IS NOT DISTINCT FROM w.batch_id)
    ORDER BY b.place_id, b.variant_id, b.batch_id NULLS FIRST FOR UPDATE OF b;
    SELECT jsonb_build_object('place_id', b.place_id, 'variant_id', b.variant_id, 'batch_id', b.batch_id,
                              'wanted', w.quantity::text, 'available',
                              CASE WHEN w.pieces THEN '0' ELSE greatest(b.quantity - b.reserved, 0)::text END)
    INTO problem
    FROM (
        SELECT n.place_id, n.variant_id, n.batch_id, sum(n.quantity) AS quantity,
               bool_or(n.piece_id IS NOT NULL AND (
                   NOT EXISTS (SELECT FROM inventory_pieceat AS h
                               WHERE h.piece_id = n.piece_id AND h.place_id = n.place_id)
                   OR EXISTS (SELECT FROM inventory_reservation AS r WHERE r.piece_id = n.piece_id
                              AND r.taken_at IS NULL AND r.released_at IS NULL))) AS pieces
        FROM jsonb_to_recordset(wanted) AS n (reference text, place_id bigint, variant_id bigint, batch_id bigint,
                                              piece_id bigint, quantity numeric)
        WHERE NOT EXISTS (SELECT FROM inventory_reservation AS r WHERE r.reference = n.reference)
        GROUP BY 1, 2, 3) AS w
    JOIN inventory_balance AS b ON b.variant_id = w.variant_id AND b.place_id = w.place_id
                               AND b.batch_id IS NOT DISTINCT FROM w.batch_id
    WHERE w.pieces OR (b.quantity - b.reserved < w.quantity AND inventory_policy(b.place_id, b.variant_id) = 'BLOCK')
    LIMIT 1;
    IF FOUND THEN
        RETURN problem;
    END IF;
    WITH added AS (
        INSERT INTO inventory_reservation (reference, place_id, variant_id, batch_id, piece_id, quantity, reserved_at,
                                           expires_at)
        SELECT n.reference, n.place_id, n.variant_id, n.batch_id, n.piece_id, n.quantity, at, until
        FROM jsonb_to_recordset(wanted) AS n (reference text, place_id bigint, variant_id bigint, batch_id bigint,
                                              piece_id bigint, quantity numeric)
        ON CONFLICT (reference) DO NOTHING RETURNING place_id, variant_id, batch_id, quantity)
    UPDATE inventory_balance AS b SET reserved = b.reserved + s.quantity
    FROM (SELECT place_id, variant_id, batch_id, sum(quantity) AS quantity FROM added GROUP BY 1, 2, 3) AS s
    WHERE b.variant_id = s.variant_id AND b.place_id = s.place_id AND b.batch_id IS NOT DISTINCT FROM s.batch_id;
    RETURN NULL;
END $$;

-- Ends reservations that are open, as released or as taken; how many.
CREATE FUNCTION inventory_release(refs text[], as_taken boolean, at timestamptz) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    ended int;
BEGIN
    PERFORM FROM inventory_balance AS b
    WHERE EXISTS (SELECT FROM inventory_reservation AS r WHERE r.reference = ANY (refs)
                  AND r.variant_id = b.variant_id AND r.place_id = b.place_id
                  AND r.batch_id IS NOT DISTINCT FROM b.batch_id)
    ORDER BY b.place_id, b.variant_id, b.batch_id NULLS FIRST FOR UPDATE OF b;
    PERFORM FROM inventory_reservation AS r WHERE r.reference = ANY (refs) ORDER BY r.id FOR UPDATE;
    WITH done AS (
        UPDATE inventory_reservation AS r
        SET taken_at = CASE WHEN as_taken THEN at END, released_at = CASE WHEN as_taken THEN NULL ELSE at END
        WHERE r.reference = ANY (refs) AND r.taken_at IS NULL AND r.released_at IS NULL
        RETURNING r.place_id, r.variant_id, r.batch_id, r.quantity
    ), given AS (
        UPDATE inventory_balance AS b SET reserved = b.reserved - s.quantity
        FROM (SELECT place_id, variant_id, batch_id, sum(quantity) AS quantity FROM done GROUP BY 1, 2, 3) AS s
        WHERE b.variant_id = s.variant_id AND b.place_id = s.place_id AND b.batch_id IS NOT DISTINCT FROM s.batch_id)
    SELECT count(*) INTO ended FROM done;
    RETURN ended;
END $$;
"""

BACK = """
DROP FUNCTION inventory_post, inventory_settle, inventory_policy, inventory_reserve, inventory_release;
DROP FUNCTION inventory_refuse_change, inventory_enter, inventory_move, inventory_value CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial")]
    reviewed = {"raw-sql": "triggers and functions on the tables 0001 has just made, still empty"}
    operations = [
        migrations.RunSQL(DOCUMENTS + MOVEMENTS + COSTS + APPEND_ONLY + POLICY + POST + RESERVE, BACK)
    ]
