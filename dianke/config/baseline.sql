-- Written by bin/baseline; not to be changed by hand.
CREATE TYPE public.procrastinate_job_event_type AS ENUM (
    'deferred',
    'started',
    'deferred_for_retry',
    'failed',
    'succeeded',
    'cancelled',
    'abort_requested',
    'aborted',
    'scheduled',
    'retried'
);
CREATE TYPE public.procrastinate_job_status AS ENUM (
    'todo',
    'doing',
    'succeeded',
    'failed',
    'cancelled',
    'aborting',
    'aborted'
);
CREATE TYPE public.procrastinate_job_to_defer_v1 AS (
	queue_name character varying,
	task_name character varying,
	priority integer,
	lock text,
	queueing_lock text,
	args jsonb,
	scheduled_at timestamp with time zone
);
CREATE FUNCTION public.catalog_check_bundle_item() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF catalog_kind_of(NEW.bundle_id) <> 'BUNDLE' OR catalog_kind_of(NEW.variant_id) = 'BUNDLE' THEN
    RAISE EXCEPTION 'a bundle holds other goods and no bundle'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'catalog_bundleitem_no_bundle_inside';
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION public.catalog_check_consumable() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF catalog_kind_of(NEW.service_id) <> 'SERVICE' OR catalog_kind_of(NEW.variant_id) IN ('SERVICE', 'BUNDLE') THEN
    RAISE EXCEPTION 'a service uses up goods'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'catalog_consumable_of_goods';
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION public.catalog_check_correction() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM catalog_dayprice AS wrong WHERE wrong.id = NEW.corrects_id
                 AND (wrong.metal, wrong.fineness, wrong.scope, wrong.currency, wrong.from_at)
                   = (NEW.metal, NEW.fineness, NEW.scope, NEW.currency, NEW.from_at)) THEN
    RAISE EXCEPTION 'price % corrects one of something else', NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'day_price_corrects_its_own';
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION public.catalog_check_piece() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF catalog_kind_of(NEW.variant_id) <> 'PIECE' THEN
    RAISE EXCEPTION 'variant % is not sold by the piece', NEW.variant_id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'catalog_piece_of_pieces';
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION public.catalog_check_rule() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF (SELECT count(DISTINCT g.product_id) FROM catalog_configurationchoice c
      JOIN catalog_configurationgroup g ON g.id = c.group_id WHERE c.id IN (NEW.choice_id, NEW.other_id)) <> 1 THEN
    RAISE EXCEPTION 'a rule stands between options of one product'
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'catalog_configurationrule_one_product';
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION public.catalog_check_variants() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF EXISTS (SELECT FROM catalog_product WHERE id = NEW.id)
     AND NOT EXISTS (SELECT FROM catalog_variant WHERE product_id = NEW.id) THEN
    RAISE EXCEPTION 'product % has no variant', NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'catalog_product_has_variant';
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION public.catalog_kind_of(variant bigint) RETURNS text
    LANGUAGE sql STABLE
    AS $$SELECT p.kind FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id WHERE v.id = variant$$;
CREATE FUNCTION public.catalog_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  RAISE EXCEPTION 'the kind of product % never changes', OLD.id
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'catalog_product_kind_stays';
END $$;
CREATE FUNCTION public.catalog_refuse_price_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF TG_OP = 'DELETE' AND stores_demo_leaves() THEN RETURN OLD; END IF;
  RAISE EXCEPTION '% on % refused: prices of the day are kept as they were set', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation', HINT = 'Add a correction with its reason.';
END $$;
CREATE FUNCTION public.catalog_variants_best(typed text, wanted tsquery, states text[], most integer) RETURNS SETOF bigint
    LANGUAGE sql STABLE
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$ WITH begun AS MATERIALIZED (
     SELECT v.id FROM catalog_product p JOIN catalog_variant v ON v.product_id = p.id
     WHERE p.name COLLATE "C" >= typed AND p.name COLLATE "C" < typed || chr(1114111)
       AND v.is_active AND p.state = ANY(states)
     ORDER BY p.name COLLATE "C" LIMIT most)
   SELECT id FROM begun
   UNION SELECT f.id FROM catalog_variants_found(wanted, states, most) AS f (id)
     WHERE (SELECT count(*) FROM begun) < most $$;
CREATE FUNCTION public.catalog_variants_found(wanted tsquery, states text[], most integer) RETURNS SETOF bigint
    LANGUAGE sql STABLE
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$ SELECT v.id FROM catalog_variant v JOIN catalog_product p ON p.id = v.product_id
   WHERE v.search_words @@ wanted AND v.is_active AND p.state = ANY(states) LIMIT most $$;
CREATE FUNCTION public.core_datakey_check_master() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    -- The lock makes a retirement wait for us, and us for a retirement; the second look sees what it decided.
    PERFORM 1 FROM core_keyrecord
        WHERE id IN (SELECT master_key_id FROM fresh WHERE wrapped IS NOT NULL)
        ORDER BY id FOR SHARE;
    IF EXISTS (
        SELECT 1 FROM core_keyrecord
        WHERE state = 'RETIRED' AND id IN (SELECT master_key_id FROM fresh WHERE wrapped IS NOT NULL)
    ) THEN
        RAISE EXCEPTION 'a data key cannot be wrapped with a retired master key'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'core_datakey_master_not_retired';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.core_datakey_stays_destroyed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'a destroyed data key stays destroyed'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'core_datakey_stays_destroyed';
END $$;
CREATE FUNCTION public.customers_check_head() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF EXISTS (
      SELECT FROM customers_customer joined JOIN customers_customer head ON head.id = joined.merged_into_id
      WHERE head.merged_into_id IS NOT NULL AND (joined.id = NEW.id OR head.id = NEW.id)
  ) THEN
    RAISE EXCEPTION 'customer % is merged into one that is merged itself', NEW.id
      USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'customer_merged_into_head';
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION public.customers_refuse_rewrite() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  IF TG_TABLE_NAME = 'customers_sourcerecord' THEN
    IF NEW.external_id = '' AND NEW.fingerprint IS NULL AND NEW.payload_sealed IS NULL
        AND (OLD.channel, OLD.source, OLD.campaign, OLD.received_at, OLD.store_id, OLD.staff_id, OLD.run_id, OLD.row)
          IS NOT DISTINCT FROM
          (NEW.channel, NEW.source, NEW.campaign, NEW.received_at, NEW.store_id, NEW.staff_id, NEW.run_id, NEW.row)
        AND EXISTS (SELECT FROM core_datakey WHERE id = OLD.key_id AND destroyed_at IS NOT NULL) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION '% keeps what came as it came; add a new row instead', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TABLE public.events_event (
    id bigint NOT NULL,
    era integer DEFAULT 1 NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    kind character varying(80) NOT NULL,
    operation character varying(80) NOT NULL,
    actor_kind character varying(12) NOT NULL,
    actor_id bigint,
    user_id bigint,
    store_id bigint,
    subjects character varying(120)[] NOT NULL,
    data jsonb NOT NULL,
    request_id character varying(64) NOT NULL,
    CONSTRAINT events_event_has_subject CHECK ((cardinality(subjects) >= 1))
)
PARTITION BY RANGE (recorded_at);
CREATE FUNCTION public.events_committed_after(after_era integer, after_xid xid8, after_id bigint, at_most integer) RETURNS SETOF public.events_event
    LANGUAGE sql STABLE
    SET enable_sort TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
    SELECT * FROM events_event
    WHERE (era, xid, id) > (after_era, after_xid, after_id)
      AND (era, xid) < ((SELECT coalesce(max(number), 1) FROM events_era), pg_snapshot_xmin(pg_current_snapshot()))
    ORDER BY era, xid, id LIMIT at_most
$$;
CREATE FUNCTION public.events_committed_last() RETURNS TABLE(era integer, xid xid8, id bigint)
    LANGUAGE sql STABLE
    SET enable_sort TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
    SELECT e.era, e.xid, e.id FROM events_event AS e
    WHERE (e.era, e.xid) < ((SELECT coalesce(max(number), 1) FROM events_era), pg_snapshot_xmin(pg_current_snapshot()))
    ORDER BY e.era DESC, e.xid DESC, e.id DESC LIMIT 1
$$;
CREATE FUNCTION public.events_link_subjects() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO events_subject (subject, recorded_at, event_id)
    SELECT subject, NEW.recorded_at, NEW.id FROM unnest(NEW.subjects) AS subject
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE FUNCTION public.events_make_month(month date) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
DECLARE
    lower_bound timestamptz := month::timestamp AT TIME ZONE 'UTC';
    upper_bound timestamptz := (month + interval '1 month')::timestamp AT TIME ZONE 'UTC';
    suffix text := to_char(month, '"y"YYYY"m"MM');
    base text;
BEGIN
    IF extract(day FROM month) <> 1 THEN
        RAISE EXCEPTION 'events_make_month wants the first of a month, not %', month;
    END IF;
    IF to_regclass(format('%I', 'events_event_' || suffix)) IS NOT NULL THEN
        RETURN false;
    END IF;
    IF EXISTS (SELECT FROM events_event_other WHERE recorded_at >= lower_bound AND recorded_at < upper_bound) THEN
        RETURN false;
    END IF;
    FOREACH base IN ARRAY ARRAY['events_event', 'events_subject'] LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                       base || '_' || suffix, base, lower_bound, upper_bound);
        EXECUTE format('CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON %I
                        FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change()', base || '_' || suffix);
    END LOOP;
    RETURN true;
END $$;
CREATE FUNCTION public.events_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: the event log is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Record a new event that corrects the old one.';
END $$;
CREATE FUNCTION public.inventory_enter() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION public.inventory_move() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION public.inventory_policy(of_place bigint, of_variant bigint) RETURNS text
    LANGUAGE sql STABLE
    AS $$
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
CREATE FUNCTION public.inventory_post(batch jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION public.inventory_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' AND stores_demo_leaves() THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% on % refused: what moved stock is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Post a document that reverses it.';
END $$;
CREATE FUNCTION public.inventory_release(refs text[], as_taken boolean, at timestamp with time zone) RETURNS integer
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION public.inventory_reserve(wanted jsonb, until timestamp with time zone, at timestamp with time zone) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION public.inventory_settle(batch jsonb) RETURNS text
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION public.inventory_store_moves() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    -- Whoever is posting for the entity now is waited for.
    PERFORM pg_advisory_xact_lock(7306001, OLD.legal_entity_id::int);
    IF EXISTS (SELECT FROM inventory_document AS d WHERE d.store_id = NEW.id)
       OR EXISTS (SELECT FROM inventory_balance AS b JOIN inventory_place AS p ON p.id = b.place_id
                  WHERE p.store_id = NEW.id)
    THEN
        RAISE EXCEPTION 'goods have moved in the name of the legal entity of store %', NEW.id
            USING ERRCODE = 'restrict_violation', HINT = 'Open a store under the other entity and transfer the goods.';
    END IF;
    UPDATE inventory_place SET legal_entity_id = NEW.legal_entity_id WHERE store_id = NEW.id;
    RETURN NULL;
END $$;
CREATE FUNCTION public.inventory_value() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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
CREATE FUNCTION public.ledger_change_lots() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM added LEFT JOIN ledger_transaction AS t ON t.id = added.transaction_id
               WHERE t.id IS NULL
                  OR EXISTS (SELECT FROM ledger_posting AS p WHERE p.transaction_id = added.transaction_id)) THEN
        RAISE EXCEPTION 'lots change before the postings of their transaction are written' USING ERRCODE = 'DKL03';
    END IF;
    UPDATE ledger_lot AS l SET remaining = l.remaining + n.quantity
    FROM (SELECT c.lot_id, sum(c.quantity)::bigint AS quantity
          FROM added AS c JOIN ledger_lot AS own ON own.id = c.lot_id
          WHERE own.transaction_id <> c.transaction_id GROUP BY c.lot_id) AS n
    WHERE l.id = n.lot_id;
    RETURN NULL;
END $$;
CREATE FUNCTION public.ledger_check_balanced() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    lotted boolean;
BEGIN
    SELECT bool_or(has_lots) INTO lotted
    FROM ledger_posting AS p JOIN ledger_account AS a ON a.id = p.account_id
    WHERE p.transaction_id = NEW.id;
    IF lotted IS NULL THEN
        RAISE EXCEPTION 'transaction % has no postings', NEW.id USING ERRCODE = 'DKL04';
    END IF;
    IF EXISTS (SELECT FROM ledger_posting AS p JOIN ledger_account AS a ON a.id = p.account_id
               WHERE p.transaction_id = NEW.id
               GROUP BY p.unit, a.legal_entity_id HAVING sum(p.amount * a.side) <> 0) THEN
        RAISE EXCEPTION 'transaction % does not balance', NEW.id USING ERRCODE = 'DKL04';
    END IF;
    IF lotted AND EXISTS (
        SELECT FROM ledger_posting AS p JOIN ledger_account AS a ON a.id = p.account_id
        WHERE p.transaction_id = NEW.id AND a.has_lots
          AND p.amount IS DISTINCT FROM
              (SELECT sum(c.quantity) FROM ledger_lotchange AS c JOIN ledger_lot AS l ON l.id = c.lot_id
               WHERE c.transaction_id = NEW.id AND l.account_id = p.account_id)) THEN
        RAISE EXCEPTION 'the lots of transaction % differ from its postings', NEW.id USING ERRCODE = 'DKL04';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.ledger_check_postings() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    touched bigint[] := ARRAY(SELECT DISTINCT account_id FROM added);
    low record;
BEGIN
    IF EXISTS (SELECT FROM added LEFT JOIN ledger_account AS a ON a.id = added.account_id
               WHERE a.id IS NULL OR a.unit <> added.unit) THEN
        RAISE EXCEPTION 'a posting has the unit of its account' USING ERRCODE = 'DKL03';
    END IF;
    IF EXISTS (SELECT FROM (SELECT transaction_id, count(*) AS size FROM added GROUP BY transaction_id) AS n
               LEFT JOIN ledger_transaction AS t ON t.id = n.transaction_id
               WHERE t.id IS NULL
                  OR n.size <> (SELECT count(*) FROM ledger_posting AS p WHERE p.transaction_id = n.transaction_id))
    THEN
        RAISE EXCEPTION 'postings are written together with their transaction' USING ERRCODE = 'DKL03';
    END IF;
    -- Rows by key, late, before anything is decided about them.
    PERFORM FROM ledger_accountbalance WHERE account_id = ANY (touched) ORDER BY account_id FOR UPDATE;
    IF FOUND THEN
        SELECT b.account_id, b.balance - b.floor AS available, -n.amount AS wanted INTO low
        FROM (SELECT account_id, sum(amount)::bigint AS amount FROM added GROUP BY account_id) AS n
        JOIN ledger_accountbalance AS b ON b.account_id = n.account_id
        WHERE n.amount < 0 AND b.balance + n.amount < b.floor ORDER BY b.account_id LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'balance of account % too low', low.account_id
                USING ERRCODE = 'DKL01', DETAIL = to_jsonb(low)::text;
        END IF;
        UPDATE ledger_accountbalance AS b SET balance = b.balance + n.amount
        FROM (SELECT account_id, sum(amount)::bigint AS amount FROM added GROUP BY account_id) AS n
        WHERE b.account_id = n.account_id AND b.account_id = ANY (touched);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.ledger_check_transactions() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    boundary date := (SELECT max(closed_before) FROM ledger_closing);
BEGIN
    IF boundary IS NOT NULL AND EXISTS (SELECT FROM added WHERE business_date < boundary) THEN
        RAISE EXCEPTION 'the books are closed before %', boundary USING ERRCODE = 'DKL02', DETAIL = boundary::text;
    END IF;
    IF EXISTS (SELECT FROM added JOIN ledger_transaction AS origin
                        ON origin.id = coalesce(added.reverses_id, added.refunds_id)
               WHERE origin.reverses_id IS NOT NULL OR origin.refunds_id IS NOT NULL) THEN
        RAISE EXCEPTION 'a reversal cannot be reversed' USING ERRCODE = 'DKL06';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.ledger_enter() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7305001);
    RETURN NULL;
END $$;
CREATE FUNCTION public.ledger_guard_account() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        UPDATE ledger_accountbalance SET floor = NEW.floor WHERE account_id = NEW.id;
    ELSIF NEW.floor IS NOT NULL THEN
        INSERT INTO ledger_accountbalance (account_id, balance, floor) VALUES (NEW.id, 0, NEW.floor);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.ledger_open_lots() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO ledger_lotchange (transaction_id, lot_id, quantity)
    SELECT transaction_id, id, remaining FROM added WHERE remaining <> 0;
    RETURN NULL;
END $$;
CREATE FUNCTION public.ledger_post(batch jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
DECLARE
    written jsonb;
BEGIN
    WITH wanted AS (
        SELECT * FROM jsonb_to_recordset(batch -> 'transactions') AS t(
            n text, reference text, digest text, kind text, business_date date, recorded_at timestamptz,
            user_id bigint, operation text, memo jsonb, reverses_id bigint, refunds_id bigint)
    ), added AS (
        INSERT INTO ledger_transaction (reference, digest, kind, business_date, recorded_at, user_id, operation, memo,
                                        reverses_id, refunds_id)
        SELECT reference, digest, kind, business_date, recorded_at, user_id, operation, memo, reverses_id, refunds_id
        FROM wanted
        ON CONFLICT (reference) DO NOTHING
        RETURNING id, reference
    )
    SELECT jsonb_object_agg(wanted.n, added.id) INTO written FROM added JOIN wanted USING (reference);
    IF written IS NULL THEN
        RETURN '{}';
    END IF;
    IF batch ? 'lots' THEN
        INSERT INTO ledger_lot (account_id, transaction_id, quantity, remaining, expires_at, source, reopens_id)
        SELECT account_id, (written ->> n)::bigint, quantity, remaining, expires_at, source, reopens_id
        FROM jsonb_to_recordset(batch -> 'lots') AS l(
            n text, account_id bigint, quantity bigint, remaining bigint, expires_at timestamptz, source text,
            reopens_id bigint)
        WHERE written ? n;
    END IF;
    IF batch ? 'changes' THEN
        INSERT INTO ledger_lotchange (transaction_id, lot_id, quantity)
        SELECT (written ->> n)::bigint, lot_id, quantity
        FROM jsonb_to_recordset(batch -> 'changes') AS c(n text, lot_id bigint, quantity bigint)
        WHERE written ? n;
    END IF;
    INSERT INTO ledger_posting (transaction_id, account_id, unit, amount)
    SELECT (written ->> n)::bigint, p.account_id, a.unit, p.amount
    FROM jsonb_to_recordset(batch -> 'postings') AS p(n text, account_id bigint, amount bigint)
    LEFT JOIN ledger_account AS a ON a.id = p.account_id
    WHERE written ? n;
    RETURN written;
END $$;
CREATE FUNCTION public.ledger_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: the ledger is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Post a reversal or an adjustment.';
END $$;
CREATE FUNCTION public.loyalty_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' AND stores_demo_leaves() THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% on % refused: the history of members is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Write another row.';
END $$;
CREATE FUNCTION public.messaging_keep_message() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF (NEW.source, NEW.step, NEW.customer_id, NEW.occurrence, NEW.channel)
       IS DISTINCT FROM (OLD.source, OLD.step, OLD.customer_id, OLD.occurrence, OLD.channel)
       OR (OLD.state IN ('SENT', 'DELIVERED', 'READ') AND NEW.state NOT IN ('SENT', 'DELIVERED', 'READ', 'FAILED'))
       OR (OLD.state = 'HANDED' AND NEW.state IN ('QUEUED', 'HELD', 'CLAIMED', 'UNKNOWN', 'SUPPRESSED'))
       OR (OLD.state IN ('FAILED', 'SUPPRESSED', 'CANCELLED') AND NEW.state <> OLD.state) THEN
        RAISE EXCEPTION 'a message does not change from % to % like that', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION public.messaging_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' AND stores_demo_leaves() THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% on % refused: a version of a template is never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION public.procrastinate_cancel_job_v1(job_id bigint, abort boolean, delete_job boolean) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status = 'todo'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        IF abort THEN
            UPDATE procrastinate_jobs
            SET abort_requested = true,
                status = CASE status
                    WHEN 'todo' THEN 'cancelled'::procrastinate_job_status ELSE status
                END
            WHERE id = job_id AND status IN ('todo', 'doing')
            RETURNING id INTO _job_id;
        ELSE
            UPDATE procrastinate_jobs
            SET status = 'cancelled'::procrastinate_job_status
            WHERE id = job_id AND status = 'todo'
            RETURNING id INTO _job_id;
        END IF;
    END IF;
    RETURN _job_id;
END;
$$;
CREATE FUNCTION public.procrastinate_defer_jobs_v1(jobs public.procrastinate_job_to_defer_v1[]) RETURNS bigint[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    job_ids bigint[];
BEGIN
    WITH inserted_jobs AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
        SELECT (job).queue_name,
               (job).task_name,
               (job).priority,
               (job).lock,
               (job).queueing_lock,
               (job).args,
               (job).scheduled_at
        FROM unnest(jobs) AS job
        RETURNING id
    )
    SELECT array_agg(id) FROM inserted_jobs INTO job_ids;
    RETURN job_ids;
END;
$$;
CREATE FUNCTION public.procrastinate_defer_periodic_job_v2(_queue_name character varying, _lock character varying, _queueing_lock character varying, _task_name character varying, _priority integer, _periodic_id character varying, _defer_timestamp bigint, _args jsonb) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN
    INSERT
        INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
        VALUES (_task_name, _periodic_id, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;
    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE procrastinate_periodic_defers
        SET job_id = (
            SELECT COALESCE((
                SELECT unnest(procrastinate_defer_jobs_v1(
                    ARRAY[
                        ROW(
                            _queue_name,
                            _task_name,
                            _priority,
                            _lock,
                            _queueing_lock,
                            _args,
                            NULL::timestamptz
                        )
                    ]::procrastinate_job_to_defer_v1[]
                ))
            ), NULL)
        )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;
    DELETE
        FROM procrastinate_periodic_defers
        USING (
            SELECT id
            FROM procrastinate_periodic_defers
            WHERE procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.periodic_id = _periodic_id
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp
            ORDER BY id
            FOR UPDATE
        ) to_delete
        WHERE procrastinate_periodic_defers.id = to_delete.id;
    RETURN _job_id;
END;
$$;
CREATE TABLE public.procrastinate_jobs (
    id bigint NOT NULL,
    queue_name character varying(128) NOT NULL,
    task_name character varying(128) NOT NULL,
    lock text,
    args jsonb DEFAULT '{}'::jsonb NOT NULL,
    status public.procrastinate_job_status DEFAULT 'todo'::public.procrastinate_job_status NOT NULL,
    scheduled_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    queueing_lock text,
    priority integer DEFAULT 0 NOT NULL,
    abort_requested boolean DEFAULT false NOT NULL,
    worker_id bigint,
    CONSTRAINT check_not_todo_abort_requested CHECK ((NOT ((status = 'todo'::public.procrastinate_job_status) AND (abort_requested = true))))
);
CREATE FUNCTION public.procrastinate_fetch_job_v2(target_queue_names character varying[], p_worker_id bigint) RETURNS public.procrastinate_jobs
    LANGUAGE plpgsql
    AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
    WITH candidate AS (
        SELECT jobs.*
            FROM procrastinate_jobs AS jobs
            WHERE
                -- reject the job if its lock has earlier or higher priority jobs
                NOT EXISTS (
                    SELECT 1
                        FROM procrastinate_jobs AS other_jobs
                        WHERE
                            jobs.lock IS NOT NULL
                            AND other_jobs.lock = jobs.lock
                            AND (
                                -- job with same lock is already running
                                other_jobs.status = 'doing'
                                OR
                                -- job with same lock is waiting and has higher priority (or same priority but was queued first)
                                (
                                    other_jobs.status = 'todo'
                                    AND (
                                        other_jobs.priority > jobs.priority
                                        OR (
                                        other_jobs.priority = jobs.priority
                                        AND other_jobs.id < jobs.id
                                        )
                                    )
                                )
                            )
                )
                AND jobs.status = 'todo'
                AND (target_queue_names IS NULL OR jobs.queue_name = ANY( target_queue_names ))
                AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.priority DESC, jobs.id ASC LIMIT 1
            FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE procrastinate_jobs
        SET status = 'doing', worker_id = p_worker_id
        FROM candidate
        WHERE procrastinate_jobs.id = candidate.id
        RETURNING procrastinate_jobs.* INTO found_jobs;
 RETURN found_jobs;
END;
$$;
CREATE FUNCTION public.procrastinate_finish_job_v1(job_id bigint, end_status public.procrastinate_job_status, delete_job boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF end_status NOT IN ('succeeded', 'failed', 'aborted') THEN
        RAISE 'End status should be either "succeeded", "failed" or "aborted" (job id: %)', job_id;
    END IF;
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            abort_requested = false,
            attempts = CASE status
                WHEN 'doing' THEN attempts + 1 ELSE attempts
            END
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" or "todo" status (job id: %)', job_id;
    END IF;
END;
$$;
CREATE FUNCTION public.procrastinate_notify_queue_abort_job_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'abort_job_requested', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;
CREATE FUNCTION public.procrastinate_notify_queue_job_inserted_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'job_inserted', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;
CREATE FUNCTION public.procrastinate_prune_stalled_workers_v1(seconds_since_heartbeat double precision) RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    DELETE FROM procrastinate_workers
    WHERE last_heartbeat < NOW() - (seconds_since_heartbeat || 'SECOND')::INTERVAL
    RETURNING procrastinate_workers.id;
END;
$$;
CREATE FUNCTION public.procrastinate_register_worker_v1() RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    INSERT INTO procrastinate_workers DEFAULT VALUES
    RETURNING procrastinate_workers.id;
END;
$$;
CREATE FUNCTION public.procrastinate_retry_job_v1(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
BEGIN
    SELECT abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status = 'doing'
    FOR UPDATE
    INTO _abort_requested;
    IF _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" status (job id: %)', job_id;
    END IF;
END;
$$;
CREATE FUNCTION public.procrastinate_retry_job_v2(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
    _current_status procrastinate_job_status;
BEGIN
    SELECT status, abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status IN ('doing', 'failed')
    FOR UPDATE
    INTO _current_status, _abort_requested;
    IF _current_status = 'doing' AND _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status IN ('doing', 'failed')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or has an invalid status to retry (job id: %)', job_id;
    END IF;
END;
$$;
CREATE FUNCTION public.procrastinate_trigger_abort_requested_events_procedure_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'abort_requested'::procrastinate_job_event_type);
    RETURN NEW;
END;
$$;
CREATE FUNCTION public.procrastinate_trigger_function_scheduled_events_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type, at)
        VALUES (NEW.id, 'scheduled'::procrastinate_job_event_type, NEW.scheduled_at);
	RETURN NEW;
END;
$$;
CREATE FUNCTION public.procrastinate_trigger_function_status_events_insert_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'deferred'::procrastinate_job_event_type);
	RETURN NEW;
END;
$$;
CREATE FUNCTION public.procrastinate_trigger_function_status_events_update_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    WITH t AS (
        SELECT CASE
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND NEW.status = 'doing'::procrastinate_job_status
                THEN 'started'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'deferred_for_retry'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'failed'::procrastinate_job_status
                THEN 'failed'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'succeeded'::procrastinate_job_status
                THEN 'succeeded'::procrastinate_job_event_type
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND (
                    NEW.status = 'cancelled'::procrastinate_job_status
                    OR NEW.status = 'failed'::procrastinate_job_status
                    OR NEW.status = 'succeeded'::procrastinate_job_status
                )
                THEN 'cancelled'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'aborted'::procrastinate_job_status
                THEN 'aborted'::procrastinate_job_event_type
            WHEN OLD.status = 'failed'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'retried'::procrastinate_job_event_type
            ELSE NULL
        END as event_type
    )
    INSERT INTO procrastinate_events(job_id, type)
        SELECT NEW.id, t.event_type
        FROM t
        WHERE t.event_type IS NOT NULL;
	RETURN NEW;
END;
$$;
CREATE FUNCTION public.procrastinate_unlink_periodic_defers_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_periodic_defers
    SET job_id = NULL
    WHERE job_id = OLD.id;
    RETURN OLD;
END;
$$;
CREATE FUNCTION public.procrastinate_unregister_worker_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM procrastinate_workers
    WHERE id = worker_id;
END;
$$;
CREATE FUNCTION public.procrastinate_update_heartbeat_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_workers
    SET last_heartbeat = NOW()
    WHERE id = worker_id;
END;
$$;
CREATE FUNCTION public.promotions_issue(batch jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
DECLARE
    k promotions_couponkind;
    what_for text := batch ->> 'occasion';
    each int := (batch ->> 'each')::int;
    given_at timestamptz := (batch ->> 'at')::timestamptz;
    codes text[] := ARRAY(SELECT jsonb_array_elements_text(batch -> 'codes'));
    wanted bigint[] := ARRAY(SELECT jsonb_array_elements_text(batch -> 'customers')::bigint);
    is_claimed boolean := (batch ->> 'claimed')::boolean;
    heads bigint[];
    had bigint[];
    full_up bigint[];
    getting bigint[];
    left_out bigint;
    size bigint;
    answer jsonb;
BEGIN
    heads := ARRAY(SELECT DISTINCT coalesce(c.merged_into_id, c.id) FROM customers_customer AS c WHERE c.id = ANY (wanted));
    left_out := cardinality(heads);
    heads := ARRAY(SELECT c.id FROM customers_customer AS c
                   WHERE c.id = ANY (heads) AND c.state IN ('ACTIVE', 'REVIEW') ORDER BY c.id);
    left_out := left_out - cardinality(heads);
    INSERT INTO promotions_coupontally AS t (kind_id, customer_id, count)
    SELECT (batch ->> 'kind')::bigint, h, 0 FROM unnest(heads) AS h ORDER BY h
    ON CONFLICT (kind_id, customer_id) DO UPDATE SET count = t.count;
    SELECT * INTO k FROM promotions_couponkind WHERE id = (batch ->> 'kind')::bigint;
    had := ARRAY(
        SELECT DISTINCT m.head FROM (
            SELECT h AS head, h AS member FROM unnest(heads) AS h UNION ALL
            SELECT c.merged_into_id, c.id FROM customers_customer AS c WHERE c.merged_into_id = ANY (heads)) AS m
        JOIN promotions_coupon AS c ON c.customer_id = m.member
        WHERE what_for <> '' AND c.kind_id = k.id AND c.occasion = what_for);
    full_up := ARRAY(
        SELECT m.head FROM (
            SELECT h AS head, h AS member FROM unnest(heads) AS h UNION ALL
            SELECT c.merged_into_id, c.id FROM customers_customer AS c WHERE c.merged_into_id = ANY (heads)) AS m
        JOIN promotions_coupontally AS t ON t.customer_id = m.member AND t.kind_id = k.id
        WHERE m.head <> ALL (had)
        GROUP BY m.head HAVING sum(t.count) + each > k.per_customer_limit);
    getting := ARRAY(SELECT h FROM unnest(heads) AS h WHERE h <> ALL (had) AND h <> ALL (full_up) ORDER BY h);
    size := cardinality(getting) * each;
    IF size > 0 AND (k.state <> 'ACTIVE' OR k.issued_count + size > k.total_limit) THEN
        RETURN jsonb_build_object('problem', jsonb_build_object(
            'code', CASE WHEN k.state <> 'ACTIVE' THEN 'not_given' ELSE 'exhausted' END,
            'name', k.name, 'left', k.total_limit - k.issued_count, 'wanted', size));
    END IF;
    WITH made AS (
        INSERT INTO promotions_coupon (kind_id, version, code, state, customer_id, occasion, serial, issued_at, claimed_at,
                                       valid_from, expires_at, used_reference, used_amount, brought_amount, reason)
        SELECT k.id, k.version, codes[(g.place - 1) * each + n], CASE WHEN is_claimed THEN 'CLAIMED' ELSE 'ISSUED' END,
               g.customer, what_for, n, given_at, CASE WHEN is_claimed THEN given_at END,
               (batch ->> 'valid_from')::timestamptz, (batch ->> 'expires_at')::timestamptz, '', 0, 0, batch ->> 'reason'
        FROM unnest(getting) WITH ORDINALITY AS g (customer, place) CROSS JOIN generate_series(1, each) AS n
        RETURNING id, customer_id, state),
    told AS (
        INSERT INTO promotions_couponstep (coupon_id, before, after, at, reference, reason, amount, store_id, user_id)
        SELECT m.id, '', m.state, given_at, what_for, batch ->> 'reason', 0, (batch ->> 'store')::bigint,
               (batch ->> 'user')::bigint
        FROM made AS m ORDER BY m.id)
    SELECT coalesce(jsonb_agg(jsonb_build_array(m.id, m.customer_id) ORDER BY m.id), '[]') INTO answer FROM made AS m;
    UPDATE promotions_coupontally AS t SET count = t.count + each
    WHERE t.kind_id = k.id AND t.customer_id = ANY (getting);
    UPDATE promotions_couponkind AS t SET issued_count = t.issued_count + size
    WHERE size > 0 AND t.id = k.id AND t.state = 'ACTIVE'
      AND (t.total_limit IS NULL OR t.issued_count + size <= t.total_limit);
    IF size > 0 AND NOT FOUND THEN
        RETURN (SELECT jsonb_build_object('problem', jsonb_build_object(
            'code', CASE WHEN t.state <> 'ACTIVE' THEN 'not_given' ELSE 'exhausted' END, 'name', t.name,
            'left', t.total_limit - t.issued_count, 'wanted', size)) FROM promotions_couponkind AS t WHERE t.id = k.id);
    END IF;
    RETURN jsonb_build_object('given', answer, 'already', cardinality(had), 'full', cardinality(full_up),
                              'left_out', left_out);
END $$;
CREATE FUNCTION public.promotions_keep_coupon() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF stores_demo_leaves() THEN RETURN OLD; END IF;
        RAISE EXCEPTION 'a coupon is revoked, not deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (NEW.kind_id, NEW.version, NEW.code, NEW.batch_id, NEW.occasion, NEW.serial, NEW.issued_at)
       IS DISTINCT FROM (OLD.kind_id, OLD.version, OLD.code, OLD.batch_id, OLD.occasion, OLD.serial, OLD.issued_at)
       OR (OLD.customer_id IS NOT NULL AND NEW.customer_id IS DISTINCT FROM OLD.customer_id)
       OR (OLD.state IN ('EXPIRED', 'REVOKED') AND NEW.state <> OLD.state)
       OR (OLD.state = 'USED' AND NEW.state NOT IN ('USED', 'ISSUED', 'CLAIMED', 'EXPIRED'))
       OR (OLD.state = 'CLAIMED' AND NEW.state = 'ISSUED')
       OR (OLD.state = 'USED' AND NEW.state = 'USED' AND NEW.used_reference <> OLD.used_reference) THEN
        RAISE EXCEPTION 'a coupon does not change from % to % like that', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION public.promotions_redeem(batch jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
DECLARE
    uses jsonb := batch -> 'uses';
    ref text := batch ->> 'reference';
    used timestamptz := (batch ->> 'at')::timestamptz;
    shop bigint := (batch ->> 'store')::bigint;
    buyers bigint[] := ARRAY(SELECT jsonb_array_elements_text(batch -> 'customers')::bigint);
    ids bigint[] := ARRAY(SELECT (u ->> 'c')::bigint FROM jsonb_array_elements(batch -> 'uses') AS u ORDER BY 1);
    refused jsonb;
BEGIN
    PERFORM FROM promotions_coupon AS c WHERE c.id = ANY (ids) ORDER BY c.id FOR NO KEY UPDATE;
    SELECT jsonb_agg(jsonb_build_object('coupon', w.id, 'code', w.why, 'name', w.name, 'tail', w.tail,
                                        'at', w.moment) ORDER BY w.id)
    INTO refused FROM (
        SELECT u.c AS id, k.name, right(c.code, 4) AS tail,
               CASE WHEN c.state = 'USED' THEN c.used_at WHEN c.valid_from > used THEN c.valid_from
                    ELSE c.expires_at END AS moment,
               CASE WHEN c.id IS NULL THEN 'unknown'
                    WHEN c.state = 'USED' THEN CASE WHEN c.used_reference <> ref THEN 'used' END
                    WHEN c.state = 'REVOKED' THEN 'revoked'
                    WHEN c.state = 'EXPIRED' OR c.expires_at <= used THEN 'expired'
                    WHEN c.customer_id IS NOT NULL AND c.customer_id <> ALL (buyers) THEN 'not_yours'
                    WHEN c.state = 'ISSUED' AND c.customer_id IS NOT NULL THEN 'not_claimed'
                    WHEN c.valid_from > used THEN 'not_yet'
                    WHEN k.store_ids <> '{}' AND (shop IS NULL OR shop <> ALL (k.store_ids)) THEN 'elsewhere'
               END AS why
        FROM jsonb_to_recordset(uses) AS u (c bigint)
        LEFT JOIN promotions_coupon AS c ON c.id = u.c
        LEFT JOIN promotions_couponkind AS k ON k.id = c.kind_id) AS w
    WHERE w.why IS NOT NULL;
    IF refused IS NOT NULL AND NOT (batch ->> 'late')::boolean THEN
        RETURN jsonb_build_object('refused', refused);
    END IF;
    WITH moved AS (
        UPDATE promotions_coupon AS c SET state = 'USED', used_at = used, used_reference = ref, used_store_id = shop,
               used_amount = u.a, brought_amount = coalesce(u.b, 0)
        FROM jsonb_to_recordset(uses) AS u (c bigint, a bigint, b bigint)
        WHERE c.id = u.c AND c.state IN ('ISSUED', 'CLAIMED')
          AND NOT coalesce(refused, '[]') @> jsonb_build_array(jsonb_build_object('coupon', c.id))
        RETURNING c.id, c.claimed_at, c.used_amount)
    INSERT INTO promotions_couponstep (coupon_id, before, after, at, reference, reason, amount, store_id, user_id)
    SELECT m.id, CASE WHEN m.claimed_at IS NULL THEN 'ISSUED' ELSE 'CLAIMED' END, 'USED', used, ref, '', m.used_amount,
           shop, (batch ->> 'user')::bigint
    FROM moved AS m ORDER BY m.id;
    RETURN CASE WHEN refused IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('refused', refused) END;
END $$;
CREATE FUNCTION public.promotions_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' AND stores_demo_leaves() THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% on % refused: what was offered and given is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION public.promotions_take(batch jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
DECLARE
    uses jsonb := batch -> 'uses';
    is_late boolean := (batch ->> 'late')::boolean;
    buyer bigint := (batch ->> 'customer')::bigint;
    ref text := batch ->> 'reference';
    ids bigint[] := ARRAY(SELECT (u ->> 'p')::bigint FROM jsonb_array_elements(batch -> 'uses') AS u ORDER BY 1);
    beyond bigint[] := '{}';
    head bigint;
    problem jsonb;
BEGIN
    PERFORM FROM promotions_promotion AS p WHERE p.id = ANY (ids)
        AND (p.budget_amount IS NOT NULL OR p.budget_count IS NOT NULL) ORDER BY p.id FOR NO KEY UPDATE;
    PERFORM FROM promotions_promotion AS p WHERE p.id = ANY (ids) ORDER BY p.id FOR KEY SHARE;
    -- One that got its budget between the two: nobody can give it another now.
    PERFORM FROM promotions_promotion AS p WHERE p.id = ANY (ids)
        AND (p.budget_amount IS NOT NULL OR p.budget_count IS NOT NULL) ORDER BY p.id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM promotions_promotiongiven AS g
               WHERE g.reference = ref AND g.promotion_id = ANY (ids) AND g.own_reference = '') THEN
        RETURN '{"standing": true}';
    END IF;
    SELECT jsonb_build_object('code', CASE WHEN p.id IS NULL THEN 'unknown' ELSE 'not_running' END,
                              'promotion', u.p, 'name', p.name)
    INTO problem FROM jsonb_to_recordset(uses) AS u (p bigint)
    LEFT JOIN promotions_promotion AS p ON p.id = u.p
    WHERE p.id IS NULL OR (NOT is_late AND p.state <> 'RUNNING') ORDER BY u.p LIMIT 1;
    IF FOUND THEN
        RETURN jsonb_build_object('problem', problem);
    END IF;
    beyond := ARRAY(
        SELECT p.id FROM jsonb_to_recordset(uses) AS u (p bigint, a bigint, c bigint)
        JOIN promotions_promotion AS p ON p.id = u.p
        WHERE p.spent_amount + u.a > p.budget_amount OR p.spent_count + u.c > p.budget_count ORDER BY 1);
    IF beyond <> '{}' AND NOT is_late THEN
        RETURN (SELECT jsonb_build_object('problem', jsonb_build_object(
            'code', 'budget_spent', 'promotion', p.id, 'name', p.name,
            'left_amount', p.budget_amount - p.spent_amount, 'left_count', p.budget_count - p.spent_count))
            FROM promotions_promotion AS p WHERE p.id = beyond[1]);
    END IF;
    UPDATE promotions_promotion AS p SET
        spent_amount = p.spent_amount + CASE WHEN p.id = ANY (beyond) THEN 0 ELSE u.a END,
        spent_count = p.spent_count + CASE WHEN p.id = ANY (beyond) THEN 0 ELSE u.c END,
        beyond_amount = p.beyond_amount + CASE WHEN p.id = ANY (beyond) THEN u.a ELSE 0 END,
        beyond_count = p.beyond_count + CASE WHEN p.id = ANY (beyond) THEN u.c ELSE 0 END
    FROM jsonb_to_recordset(uses) AS u (p bigint, a bigint, c bigint)
    WHERE p.id = u.p AND (p.budget_amount IS NOT NULL OR p.budget_count IS NOT NULL);
    SELECT coalesce(c.merged_into_id, c.id) INTO head FROM customers_customer AS c WHERE c.id = buyer;
    IF EXISTS (SELECT FROM promotions_promotion AS p WHERE p.id = ANY (ids) AND p.per_customer_count IS NOT NULL) THEN
        IF head IS NOT NULL THEN
            INSERT INTO promotions_promotiontally AS t (promotion_id, customer_id, count)
            SELECT u.p, head, u.c FROM jsonb_to_recordset(uses) AS u (p bigint, c bigint)
            JOIN promotions_promotion AS p ON p.id = u.p AND p.per_customer_count IS NOT NULL ORDER BY u.p
            ON CONFLICT (promotion_id, customer_id) DO UPDATE SET count = t.count + EXCLUDED.count;
        END IF;
        SELECT jsonb_build_object('code', CASE WHEN head IS NULL THEN 'customer_needed' ELSE 'limit_reached' END,
                                  'promotion', p.id, 'name', p.name, 'limit', p.per_customer_count)
        INTO problem FROM promotions_promotion AS p
        WHERE p.id = ANY (ids) AND p.per_customer_count IS NOT NULL AND NOT is_late
          AND (head IS NULL OR p.per_customer_count < (
              SELECT sum(t.count) FROM promotions_promotiontally AS t WHERE t.promotion_id = p.id AND t.customer_id IN
                  (SELECT head UNION ALL SELECT c.id FROM customers_customer AS c WHERE c.merged_into_id = head)))
        ORDER BY p.id LIMIT 1;
        IF FOUND THEN
            RETURN jsonb_build_object('problem', problem);
        END IF;
    END IF;
    INSERT INTO promotions_promotiongiven (promotion_id, version, reference, own_reference, customer_id, store_id,
                                           amount, count, brought_amount, is_beyond, at)
    SELECT u.p, coalesce(u.v, p.version), ref, '', head, (batch ->> 'store')::bigint, u.a, u.c, coalesce(u.b, 0),
           u.p = ANY (beyond), (batch ->> 'at')::timestamptz
    FROM jsonb_to_recordset(uses) AS u (p bigint, v int, a bigint, c bigint, b bigint)
    JOIN promotions_promotion AS p ON p.id = u.p ORDER BY u.p;
    RETURN CASE WHEN beyond = '{}' THEN '{}'::jsonb ELSE jsonb_build_object('beyond', to_jsonb(beyond)) END;
END $$;
CREATE FUNCTION public.sales_begin(wanted uuid) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7306101, hashtext(wanted::text));
    RETURN (SELECT jsonb_build_object('id', o.id, 'digest', o.digest) FROM sales_order AS o WHERE o.uuid = wanted);
END $$;
CREATE FUNCTION public.sales_import_leaves(place text, old jsonb) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT CASE place
        WHEN 'sales_order' THEN sales_order_leaves((old ->> 'id')::bigint)
        WHEN 'sales_salereturn' THEN sales_return_leaves((old ->> 'id')::bigint)
        WHEN 'sales_returnline' THEN sales_return_leaves((old ->> 'sale_return_id')::bigint)
        WHEN 'sales_refund' THEN sales_return_leaves((old ->> 'sale_return_id')::bigint)
        WHEN 'sales_orderline' THEN sales_order_leaves((old ->> 'order_id')::bigint)
        WHEN 'sales_payment' THEN sales_order_leaves((old ->> 'order_id')::bigint)
        ELSE false END
$$;
CREATE FUNCTION public.sales_next_close() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7306102, NEW.store_id::int);
    IF NEW.number <> 1 + coalesce((SELECT max(number) FROM sales_dayclose WHERE store_id = NEW.store_id), 0)
       OR NEW.sequence <> (SELECT count(*) FROM sales_dayclose
                           WHERE store_id = NEW.store_id AND business_date = NEW.business_date) THEN
        RAISE EXCEPTION 'closes of a store are numbered one after the other' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION public.sales_next_report() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7306102, NEW.store_id::int);
    IF NEW.number <> 1 + coalesce((SELECT max(number) FROM sales_zreport WHERE register_id = NEW.register_id), 0) THEN
        RAISE EXCEPTION 'Z reports of a register are numbered one after the other' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION public.sales_note_sequence(of_device bigint, of_store bigint, number bigint, at timestamp with time zone) RETURNS text
    LANGUAGE plpgsql
    AS $$
DECLARE
    held sales_devicejournal;
    gap sales_devicegap;
BEGIN
    INSERT INTO sales_devicejournal AS j (device_id, store_id, highest, arrived_count, skew_seconds)
    VALUES (of_device, of_store, 0, 0, 0) ON CONFLICT (device_id) DO NOTHING;
    SELECT * INTO held FROM sales_devicejournal WHERE device_id = of_device FOR UPDATE;
    IF number > held.highest THEN
        IF number > held.highest + 1 THEN
            INSERT INTO sales_devicegap (journal_id, first, last, noticed_at)
            VALUES (held.id, held.highest + 1, number - 1, at);
        END IF;
        UPDATE sales_devicejournal SET highest = number, arrived_count = arrived_count + 1 WHERE id = held.id;
        RETURN 'NEW';
    END IF;
    DELETE FROM sales_devicegap AS g WHERE g.journal_id = held.id AND g.first <= number AND g.last >= number
    RETURNING * INTO gap;
    IF NOT FOUND THEN RETURN 'SEEN'; END IF;
    INSERT INTO sales_devicegap (journal_id, first, last, noticed_at)
    SELECT held.id, r.first, r.last, gap.noticed_at
    FROM (VALUES (gap.first, number - 1), (number + 1, gap.last)) AS r (first, last) WHERE r.first <= r.last;
    UPDATE sales_devicejournal SET arrived_count = arrived_count + 1 WHERE id = held.id;
    RETURN 'NEW';
END $$;
CREATE FUNCTION public.sales_of_delivered() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NOT stores_demo_leaves() AND EXISTS (
        SELECT FROM sales_orderline AS l WHERE l.id = OLD.line_id AND l.fulfilled_quantity > 0
           AND NOT sales_order_leaves(l.order_id)) THEN
        RAISE EXCEPTION 'DELETE on % refused: the goods were delivered', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$;
CREATE FUNCTION public.sales_order_leaves(wanted bigint) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT EXISTS (SELECT FROM sales_historyline AS h JOIN imports_importrun AS r ON r.id = h.run_id
                   WHERE h.order_id = wanted AND h.line_id IS NOT NULL AND r.state = 'UNDOING')
$$;
CREATE FUNCTION public.sales_planned_within() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    of_delivery bigint := (to_jsonb(NEW) ->> CASE TG_TABLE_NAME WHEN 'sales_delivery' THEN 'id' ELSE 'delivery_id' END);
BEGIN
    IF EXISTS (
        SELECT 1 FROM sales_deliveryline AS own
        JOIN sales_orderline AS line ON line.id = own.line_id
        JOIN sales_deliveryline AS planned ON planned.line_id = line.id
        JOIN sales_delivery AS trip ON trip.id = planned.delivery_id
        WHERE own.delivery_id = of_delivery AND trip.kind = 'DELIVERY'
          AND trip.state IN ('PLANNED', 'LOADED', 'UNDER_WAY')
        GROUP BY line.id, line.quantity, line.fulfilled_quantity
        HAVING sum(planned.quantity) + line.fulfilled_quantity > line.quantity
    ) THEN
        RAISE EXCEPTION 'more is on its way than is still to be delivered' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.sales_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' AND stores_demo_leaves() THEN RETURN OLD; END IF;
    IF TG_OP = 'DELETE' AND sales_import_leaves(TG_TABLE_NAME, to_jsonb(OLD)) THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% on % refused: what was sold and paid stands', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Take it back by a return.';
END $$;
CREATE FUNCTION public.sales_register_refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' AND stores_demo_leaves() THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% on % refused: counts and closed days stand', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Write a supplement.';
END $$;
CREATE FUNCTION public.sales_return_leaves(wanted bigint) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT EXISTS (SELECT FROM sales_salereturn AS b JOIN imports_importrun AS r
                   ON r.id = (b.effects ->> 'import_run')::bigint
                   WHERE b.id = wanted AND r.state = 'UNDOING')
$$;
CREATE FUNCTION public.sales_whole_shares() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM sales_lineperson AS p WHERE p.line_id IN (SELECT line_id FROM added)
               GROUP BY p.line_id HAVING sum(p.share_bp) <> 10000) THEN
        RAISE EXCEPTION 'the shares of a line are not the whole' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.sales_write(batch jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
DECLARE
    head jsonb := batch -> 'order';
    made_id bigint;
    line_ids jsonb := '{}';
    payment_ids jsonb := '{}';
    given int;
    made_number text;
BEGIN
    INSERT INTO sales_ordercounter AS c (store_id, kind, day, last)
    VALUES ((head ->> 'store_id')::bigint, batch ->> 'kind', (head ->> 'business_date')::date, 1)
    ON CONFLICT (store_id, kind, day) DO UPDATE SET last = c.last + 1 RETURNING last INTO given;
    made_number := (batch ->> 'prefix') || lpad(given::text, greatest(4, length(given::text)), '0');
    INSERT INTO sales_order (number, uuid, digest, store_id, legal_entity_id, register_id, shift_id, device_id, device_sequence, channel, customer_id, state, stage_id, business_date, occurred_at, device_at, recorded_at, is_offline, due_date, currency, list_amount, total_amount, tax_amount, earned_amount, forfeited_amount, paid_amount, returned_amount, deposit_kind, deposit_amount, coupon_ids, used_points, earned_points, cart, note, revision, made_by_id, approved_by_id, approved_at, closed_at, closed_reason)
    SELECT made_number, r.uuid, r.digest, r.store_id, r.legal_entity_id, r.register_id, r.shift_id, r.device_id, r.device_sequence, r.channel, r.customer_id, r.state, r.stage_id, r.business_date, r.occurred_at, r.device_at, r.recorded_at, r.is_offline, r.due_date, r.currency, r.list_amount, r.total_amount, r.tax_amount, r.earned_amount, r.forfeited_amount, r.paid_amount, r.returned_amount, r.deposit_kind, r.deposit_amount, r.coupon_ids, r.used_points, r.earned_points, r.cart, r.note, r.revision, r.made_by_id, r.approved_by_id, r.approved_at, r.closed_at, r.closed_reason
    FROM jsonb_populate_record(NULL::sales_order, head) AS r RETURNING id INTO made_id;
    WITH made AS (
        INSERT INTO sales_orderline (order_id, position, key, kind, variant_id, piece_id, name, quantity, list_price_amount, list_amount, paid_amount, tax_rate_bp, tax_amount, is_gift, earned_points, cost, fulfilled_quantity, returned_quantity, returned_amount, returned_tax_amount, data) SELECT made_id, r.position, r.key, r.kind, r.variant_id, r.piece_id, r.name, r.quantity, r.list_price_amount, r.list_amount, r.paid_amount, r.tax_rate_bp, r.tax_amount, r.is_gift, r.earned_points, r.cost, r.fulfilled_quantity, r.returned_quantity, r.returned_amount, r.returned_tax_amount, r.data FROM jsonb_populate_recordset(NULL::sales_orderline, batch -> 'lines') AS r RETURNING id, position)
    SELECT coalesce(jsonb_object_agg(made.position, made.id), '{}') INTO line_ids FROM made;
    INSERT INTO sales_lineadjustment (line_id, position, stage, source, reason, values, amount) SELECT (line_ids ->> (r.line_id)::text)::bigint, r.position, r.stage, r.source, r.reason, r.values, r.amount FROM jsonb_populate_recordset(NULL::sales_lineadjustment, batch -> 'adjustments') AS r;
    INSERT INTO sales_lineperson (line_id, user_id, share_bp) SELECT (line_ids ->> (r.line_id)::text)::bigint, r.user_id, r.share_bp FROM jsonb_populate_recordset(NULL::sales_lineperson, batch -> 'people') AS r;
    INSERT INTO sales_lineissue (line_id, movement_id, variant_id, quantity, value, is_consumed, returned_quantity) SELECT (line_ids ->> (r.line_id)::text)::bigint, r.movement_id, r.variant_id, r.quantity, r.value, r.is_consumed, r.returned_quantity FROM jsonb_populate_recordset(NULL::sales_lineissue, batch -> 'issues') AS r;
    WITH made AS (
        INSERT INTO sales_payment (order_id, uuid, position, tender_id, state, amount, tendered_amount, change_amount, refunded_amount, reference, register_id, shift_id, business_date, taken_at, user_id, problem, data) SELECT made_id, r.uuid, r.position, r.tender_id, r.state, r.amount, r.tendered_amount, r.change_amount, r.refunded_amount, r.reference, r.register_id, r.shift_id, r.business_date, r.taken_at, r.user_id, r.problem, r.data FROM jsonb_populate_recordset(NULL::sales_payment, batch -> 'payments') AS r RETURNING id, position)
    SELECT coalesce(jsonb_object_agg(made.position, made.id), '{}') INTO payment_ids FROM made;
    INSERT INTO sales_orderchange (order_id, kind, before, after, data, at, user_id) SELECT made_id, r.kind, r.before, r.after, r.data, r.at, r.user_id FROM jsonb_populate_recordset(NULL::sales_orderchange, batch -> 'changes') AS r;
    INSERT INTO sales_orderexception (order_id, store_id, kind, amount, data, at, outcome) SELECT made_id, r.store_id, r.kind, r.amount, r.data, r.at, r.outcome FROM jsonb_populate_recordset(NULL::sales_orderexception, batch -> 'exceptions') AS r;
    INSERT INTO sales_instalment (order_id, position, due_date, amount) SELECT made_id, r.position, r.due_date, r.amount FROM jsonb_populate_recordset(NULL::sales_instalment, batch -> 'instalments') AS r;
    RETURN jsonb_build_object('id', made_id, 'number', made_number, 'lines', line_ids, 'payments', payment_ids);
END $$;
CREATE FUNCTION public.stores_demo_leaves() RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT current_setting('dianke.demo_leaves', true) = 'on'
       AND NOT EXISTS (SELECT FROM stores_merchant WHERE NOT is_demo)
$$;
CREATE FUNCTION public.wallets_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'DELETE' AND stores_demo_leaves() THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% on % refused: the history of prepaid value is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Take it back by another entry.';
END $$;
CREATE TABLE public.access_apikey (
    id bigint NOT NULL,
    name character varying(80) NOT NULL,
    prefix character varying(12) NOT NULL,
    secret_hash character varying(64) NOT NULL,
    scopes character varying(80)[] NOT NULL,
    store_ids bigint[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    created_by_id bigint,
    owner_id bigint NOT NULL
);
ALTER TABLE public.access_apikey ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_apikey_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.access_device (
    id bigint NOT NULL,
    name character varying(60) NOT NULL,
    store_id bigint,
    token_hash character varying(64) NOT NULL,
    user_agent character varying(300) NOT NULL,
    enrolled_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    enrolled_by_id bigint
);
ALTER TABLE public.access_device ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_device_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.access_passwordticket (
    id bigint NOT NULL,
    kind character varying(12) NOT NULL,
    secret_hash character varying(64) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    created_by_id bigint,
    user_id bigint NOT NULL
);
ALTER TABLE public.access_passwordticket ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_passwordticket_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.access_permissionreview (
    id bigint NOT NULL,
    reviewed_at timestamp with time zone NOT NULL,
    comment text NOT NULL,
    next_due_date date NOT NULL,
    snapshot jsonb NOT NULL,
    reviewed_by_id bigint NOT NULL
);
ALTER TABLE public.access_permissionreview ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_permissionreview_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.access_pin (
    id bigint NOT NULL,
    secret_hash character varying(200) NOT NULL,
    set_at timestamp with time zone NOT NULL,
    failed_count smallint NOT NULL,
    locked_at timestamp with time zone,
    user_id bigint NOT NULL,
    CONSTRAINT access_pin_failed_count_check CHECK ((failed_count >= 0))
);
ALTER TABLE public.access_pin ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_pin_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.access_ratecount (
    id bigint NOT NULL,
    key character varying(120) NOT NULL,
    window_at timestamp with time zone NOT NULL,
    count integer NOT NULL,
    CONSTRAINT access_ratecount_count_check CHECK ((count >= 0))
);
ALTER TABLE public.access_ratecount ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_ratecount_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.access_role (
    id bigint NOT NULL,
    code character varying(40) NOT NULL,
    name character varying(60) NOT NULL,
    is_preset boolean NOT NULL,
    scope character varying(8) NOT NULL,
    permissions character varying(80)[] NOT NULL,
    purpose character varying(200) NOT NULL,
    requires_second_factor boolean NOT NULL
);
ALTER TABLE public.access_role ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_role_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.access_session (
    id bigint NOT NULL,
    session_key character varying(40) NOT NULL,
    started_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    method character varying(16) NOT NULL,
    ip inet,
    user_agent character varying(300) NOT NULL,
    device_id bigint,
    user_id bigint NOT NULL
);
ALTER TABLE public.access_session ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_session_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.access_signin (
    id bigint NOT NULL,
    tried_name character varying(64) NOT NULL,
    at timestamp with time zone NOT NULL,
    method character varying(16) NOT NULL,
    result character varying(16) NOT NULL,
    ip inet,
    user_agent character varying(300) NOT NULL,
    is_new_place boolean NOT NULL,
    device_id bigint,
    user_id bigint
);
ALTER TABLE public.access_signin ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_signin_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.access_signinpolicy (
    id bigint NOT NULL,
    idle_hours smallint NOT NULL,
    absolute_days smallint NOT NULL,
    till_days smallint NOT NULL,
    confirm_minutes smallint NOT NULL,
    rotation_days smallint NOT NULL,
    reveals_per_hour smallint NOT NULL,
    review_months smallint NOT NULL,
    sign_in_days smallint NOT NULL,
    CONSTRAINT access_policy_keeps_half_a_year CHECK ((sign_in_days >= 180)),
    CONSTRAINT access_policy_one_row CHECK ((id = 1)),
    CONSTRAINT access_signinpolicy_absolute_days_check CHECK ((absolute_days >= 0)),
    CONSTRAINT access_signinpolicy_confirm_minutes_check CHECK ((confirm_minutes >= 0)),
    CONSTRAINT access_signinpolicy_idle_hours_check CHECK ((idle_hours >= 0)),
    CONSTRAINT access_signinpolicy_reveals_per_hour_check CHECK ((reveals_per_hour >= 0)),
    CONSTRAINT access_signinpolicy_review_months_check CHECK ((review_months >= 0)),
    CONSTRAINT access_signinpolicy_rotation_days_check CHECK ((rotation_days >= 0)),
    CONSTRAINT access_signinpolicy_sign_in_days_check CHECK ((sign_in_days >= 0)),
    CONSTRAINT access_signinpolicy_till_days_check CHECK ((till_days >= 0))
);
ALTER TABLE public.access_signinpolicy ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_signinpolicy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.access_tillperson (
    id bigint NOT NULL,
    signed_in_at timestamp with time zone NOT NULL,
    device_id bigint NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.access_tillperson ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_tillperson_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.access_user (
    id bigint NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    username character varying(64) NOT NULL,
    name character varying(80) NOT NULL,
    email character varying(254) NOT NULL,
    language character varying(10) NOT NULL,
    theme character varying(8) NOT NULL,
    is_active boolean NOT NULL,
    is_demo boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    password_changed_at timestamp with time zone,
    must_change_password boolean NOT NULL
);
ALTER TABLE public.access_user ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.access_user_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.account_emailaddress (
    id integer NOT NULL,
    email character varying(254) NOT NULL,
    verified boolean NOT NULL,
    "primary" boolean NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.account_emailaddress ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailaddress_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.account_emailconfirmation (
    id integer NOT NULL,
    created timestamp with time zone NOT NULL,
    sent timestamp with time zone,
    key character varying(64) NOT NULL,
    email_address_id integer NOT NULL
);
ALTER TABLE public.account_emailconfirmation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.account_emailconfirmation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.api_bucket (
    key character varying(120) NOT NULL,
    tokens double precision NOT NULL,
    is_granted boolean NOT NULL,
    updated_at timestamp with time zone NOT NULL
);
CREATE TABLE public.api_idempotentanswer (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    scope character varying(80) NOT NULL,
    key character varying(255) NOT NULL,
    request_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    status smallint,
    content_type character varying(100) NOT NULL,
    body_sealed bytea,
    CONSTRAINT api_idempotentanswer_status_check CHECK ((status >= 0))
);
ALTER TABLE public.api_idempotentanswer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.api_idempotentanswer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);
ALTER TABLE public.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);
ALTER TABLE public.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);
ALTER TABLE public.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.axes_accessattempt (
    id integer NOT NULL,
    user_agent character varying(255) NOT NULL,
    ip_address inet,
    username character varying(255),
    http_accept character varying(1025) NOT NULL,
    path_info character varying(255) NOT NULL,
    attempt_time timestamp with time zone NOT NULL,
    get_data text NOT NULL,
    post_data text NOT NULL,
    failures_since_start integer NOT NULL,
    CONSTRAINT axes_accessattempt_failures_since_start_check CHECK ((failures_since_start >= 0))
);
ALTER TABLE public.axes_accessattempt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.axes_accessattempt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.axes_accessattemptexpiration (
    access_attempt_id integer NOT NULL,
    expires_at timestamp with time zone NOT NULL
);
CREATE TABLE public.axes_accessfailurelog (
    id integer NOT NULL,
    user_agent character varying(255) NOT NULL,
    ip_address inet,
    username character varying(255),
    http_accept character varying(1025) NOT NULL,
    path_info character varying(255) NOT NULL,
    attempt_time timestamp with time zone NOT NULL,
    locked_out boolean NOT NULL
);
ALTER TABLE public.axes_accessfailurelog ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.axes_accessfailurelog_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.axes_accesslog (
    id integer NOT NULL,
    user_agent character varying(255) NOT NULL,
    ip_address inet,
    username character varying(255),
    http_accept character varying(1025) NOT NULL,
    path_info character varying(255) NOT NULL,
    attempt_time timestamp with time zone NOT NULL,
    logout_time timestamp with time zone,
    session_hash character varying(64) NOT NULL
);
ALTER TABLE public.axes_accesslog ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.axes_accesslog_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_attribute (
    id bigint NOT NULL,
    name character varying(20) NOT NULL,
    "position" smallint NOT NULL,
    CONSTRAINT catalog_attribute_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.catalog_attribute ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_attribute_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_attributevalue (
    id bigint NOT NULL,
    name character varying(40) NOT NULL,
    "position" smallint NOT NULL,
    attribute_id bigint NOT NULL,
    CONSTRAINT catalog_attributevalue_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.catalog_attributevalue ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_attributevalue_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_barcode (
    id bigint NOT NULL,
    value character varying(48) NOT NULL,
    kind character varying(8) NOT NULL,
    pack_quantity numeric(18,4) NOT NULL,
    variant_id bigint NOT NULL,
    CONSTRAINT catalog_barcode_pack CHECK ((pack_quantity > (0)::numeric)),
    CONSTRAINT catalog_barcode_shape CHECK (((((kind)::text = 'EAN13'::text) AND ((value)::text ~ '^[1-9][0-9]{12}$'::text)) OR (((kind)::text = 'UPC'::text) AND ((value)::text ~ '^0[0-9]{12}$'::text)) OR (((kind)::text = 'EAN8'::text) AND ((value)::text ~ '^[0-9]{8}$'::text)) OR (((kind)::text = 'ITF14'::text) AND ((value)::text ~ '^[0-9]{14}$'::text)) OR (((kind)::text = 'OWN'::text) AND ((value)::text ~ '^2[0-9]{12}$'::text)) OR (((kind)::text = 'SUPPLIER'::text) AND ((value)::text ~ '^[!-~]+$'::text))))
);
ALTER TABLE public.catalog_barcode ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_barcode_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_brand (
    id bigint NOT NULL,
    search_words tsvector,
    name character varying(60) NOT NULL,
    aliases character varying(160) NOT NULL,
    archived_at timestamp with time zone
);
ALTER TABLE public.catalog_brand ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_brand_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_bundleitem (
    id bigint NOT NULL,
    quantity numeric(18,4) NOT NULL,
    weight integer NOT NULL,
    "position" smallint NOT NULL,
    bundle_id bigint NOT NULL,
    variant_id bigint NOT NULL,
    CONSTRAINT catalog_bundleitem_not_itself CHECK ((NOT (bundle_id = variant_id))),
    CONSTRAINT catalog_bundleitem_position_check CHECK (("position" >= 0)),
    CONSTRAINT catalog_bundleitem_quantity CHECK ((quantity > (0)::numeric)),
    CONSTRAINT catalog_bundleitem_weight_check CHECK ((weight >= 0))
);
ALTER TABLE public.catalog_bundleitem ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_bundleitem_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_category (
    id bigint NOT NULL,
    search_words tsvector,
    name character varying(40) NOT NULL,
    "position" integer NOT NULL,
    path bigint[] NOT NULL,
    archived_at timestamp with time zone,
    merged_into_id bigint,
    parent_id bigint,
    CONSTRAINT catalog_category_five_levels CHECK ((
CASE
    WHEN (path IS NULL) THEN NULL::integer
    ELSE COALESCE(array_length(path, 1), 0)
END < 5)),
    CONSTRAINT catalog_category_not_above_itself CHECK ((NOT (id = ANY (path)))),
    CONSTRAINT catalog_category_not_into_self CHECK (((merged_into_id IS NULL) OR (NOT ((merged_into_id = id) AND (merged_into_id IS NOT NULL))))),
    CONSTRAINT catalog_category_path_ends_at_parent CHECK ((NOT (parent_id IS DISTINCT FROM path[cardinality(path)]))),
    CONSTRAINT catalog_category_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.catalog_category ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_category_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_configurationchoice (
    id bigint NOT NULL,
    name character varying(60) NOT NULL,
    price_delta_amount bigint NOT NULL,
    extra_lead_days smallint NOT NULL,
    quantity numeric(18,4),
    "position" smallint NOT NULL,
    is_active boolean NOT NULL,
    group_id bigint NOT NULL,
    variant_id bigint,
    CONSTRAINT catalog_configurationchoice_extra_lead_days_check CHECK ((extra_lead_days >= 0)),
    CONSTRAINT catalog_configurationchoice_position_check CHECK (("position" >= 0)),
    CONSTRAINT catalog_configurationchoice_uses CHECK ((((quantity IS NULL) AND (variant_id IS NULL)) OR ((quantity > (0)::numeric) AND (variant_id IS NOT NULL))))
);
ALTER TABLE public.catalog_configurationchoice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_configurationchoice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_configurationgroup (
    id bigint NOT NULL,
    name character varying(40) NOT NULL,
    min_choices smallint NOT NULL,
    max_choices smallint,
    "position" smallint NOT NULL,
    product_id bigint NOT NULL,
    CONSTRAINT catalog_configurationgroup_choices CHECK (((max_choices IS NULL) OR ((max_choices > 0) AND (max_choices >= min_choices)))),
    CONSTRAINT catalog_configurationgroup_max_choices_check CHECK ((max_choices >= 0)),
    CONSTRAINT catalog_configurationgroup_min_choices_check CHECK ((min_choices >= 0)),
    CONSTRAINT catalog_configurationgroup_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.catalog_configurationgroup ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_configurationgroup_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_configurationrule (
    id bigint NOT NULL,
    kind character varying(8) NOT NULL,
    choice_id bigint NOT NULL,
    other_id bigint NOT NULL,
    CONSTRAINT catalog_configurationrule_kind CHECK (((kind)::text = ANY (ARRAY[('REQUIRES'::character varying)::text, ('EXCLUDES'::character varying)::text]))),
    CONSTRAINT catalog_configurationrule_not_itself CHECK ((NOT (choice_id = other_id)))
);
ALTER TABLE public.catalog_configurationrule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_configurationrule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_consumable (
    id bigint NOT NULL,
    quantity numeric(18,4) NOT NULL,
    service_id bigint NOT NULL,
    variant_id bigint NOT NULL,
    CONSTRAINT catalog_consumable_not_itself CHECK ((NOT (service_id = variant_id))),
    CONSTRAINT catalog_consumable_quantity CHECK ((quantity > (0)::numeric))
);
ALTER TABLE public.catalog_consumable ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_consumable_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_dayprice (
    id bigint NOT NULL,
    metal character varying(12) NOT NULL,
    fineness smallint NOT NULL,
    scope character varying(32) NOT NULL,
    currency character varying(3) NOT NULL,
    sell_amount bigint,
    buy_back_amount bigint,
    from_at timestamp with time zone NOT NULL,
    set_at timestamp with time zone NOT NULL,
    reason character varying(200) NOT NULL,
    corrects_id bigint,
    region_id bigint,
    set_by_id bigint,
    store_id bigint,
    CONSTRAINT catalog_dayprice_fineness_check CHECK ((fineness >= 0)),
    CONSTRAINT day_price_buy_back_below_sell CHECK (((buy_back_amount IS NULL) OR ((buy_back_amount >= 0) AND (buy_back_amount <= sell_amount)))),
    CONSTRAINT day_price_correction_reason CHECK (((corrects_id IS NULL) OR (NOT ((reason)::text = ''::text)))),
    CONSTRAINT day_price_fineness_in_permille CHECK (((fineness > 0) AND (fineness <= 1000))),
    CONSTRAINT day_price_positive CHECK ((((sell_amount > 0) AND (sell_amount IS NOT NULL)) OR ((buy_back_amount IS NULL) AND (sell_amount IS NULL) AND (NOT ((scope)::text = ''::text))))),
    CONSTRAINT day_price_scope CHECK ((((region_id IS NULL) AND ((scope)::text = ''::text) AND (store_id IS NULL)) OR ((region_id IS NULL) AND ((scope)::text ~~ 'store:%'::text) AND (store_id IS NOT NULL)) OR ((region_id IS NOT NULL) AND ((scope)::text ~~ 'region:%'::text) AND (store_id IS NULL))))
);
ALTER TABLE public.catalog_dayprice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_dayprice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_daypricelock (
    id bigint NOT NULL,
    reference character varying(120) NOT NULL,
    metal character varying(12) NOT NULL,
    fineness smallint NOT NULL,
    currency character varying(3) NOT NULL,
    sell_amount bigint NOT NULL,
    locked_at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    released_at timestamp with time zone,
    day_price_id bigint NOT NULL,
    store_id bigint NOT NULL,
    CONSTRAINT catalog_daypricelock_fineness_check CHECK ((fineness >= 0)),
    CONSTRAINT day_price_lock_forward CHECK ((until > locked_at)),
    CONSTRAINT day_price_lock_positive CHECK ((sell_amount > 0))
);
ALTER TABLE public.catalog_daypricelock ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_daypricelock_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_importedpiece (
    id bigint NOT NULL,
    "row" integer NOT NULL,
    makes_piece boolean NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    piece_id bigint NOT NULL,
    run_id bigint NOT NULL
);
ALTER TABLE public.catalog_importedpiece ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_importedpiece_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_importedrow (
    id bigint NOT NULL,
    "row" integer NOT NULL,
    makes_product boolean NOT NULL,
    makes_variant boolean NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    barcodes character varying(48)[] NOT NULL,
    run_id bigint NOT NULL,
    variant_id bigint NOT NULL
);
ALTER TABLE public.catalog_importedrow ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_importedrow_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE SEQUENCE public.catalog_own_barcode
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    MAXVALUE 9999999999
    CACHE 1;
CREATE TABLE public.catalog_photo (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    content_type character varying(20) NOT NULL,
    size integer NOT NULL,
    "position" smallint NOT NULL,
    added_at timestamp with time zone NOT NULL,
    removed_at timestamp with time zone,
    piece_id bigint,
    product_id bigint NOT NULL,
    variant_id bigint,
    CONSTRAINT catalog_photo_is_picture CHECK (((content_type)::text = ANY (ARRAY[('image/jpeg'::character varying)::text, ('image/png'::character varying)::text, ('image/webp'::character varying)::text]))),
    CONSTRAINT catalog_photo_of_variant_or_piece CHECK (((variant_id IS NULL) OR (piece_id IS NULL))),
    CONSTRAINT catalog_photo_position_check CHECK (("position" >= 0)),
    CONSTRAINT catalog_photo_size_check CHECK ((size >= 0))
);
ALTER TABLE public.catalog_photo ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_photo_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_piece (
    id bigint NOT NULL,
    search_words tsvector,
    uuid uuid NOT NULL,
    tag character varying(32) NOT NULL,
    gross_weight_mg bigint NOT NULL,
    net_weight_mg bigint NOT NULL,
    stone_weight_mg bigint NOT NULL,
    metal character varying(9) NOT NULL,
    fineness smallint NOT NULL,
    certificate_number character varying(40) NOT NULL,
    certificate_issuer character varying(40) NOT NULL,
    size character varying(20) NOT NULL,
    making character varying(9) NOT NULL,
    making_amount bigint NOT NULL,
    stone_amount bigint NOT NULL,
    price_amount bigint,
    note character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    variant_id bigint NOT NULL,
    CONSTRAINT catalog_piece_fineness_check CHECK ((fineness >= 0)),
    CONSTRAINT catalog_piece_gross_weight_mg_check CHECK ((gross_weight_mg >= 0)),
    CONSTRAINT catalog_piece_has_tag CHECK ((NOT ((tag)::text = ''::text))),
    CONSTRAINT catalog_piece_making CHECK (((making)::text = ANY (ARRAY[('PER_GRAM'::character varying)::text, ('PER_PIECE'::character varying)::text, ('RATE'::character varying)::text]))),
    CONSTRAINT catalog_piece_making_amount_check CHECK ((making_amount >= 0)),
    CONSTRAINT catalog_piece_metal_and_fineness CHECK ((((fineness = 0) AND ((metal)::text = 'NONE'::text)) OR ((fineness > 0) AND (fineness <= 1000) AND ((metal)::text = ANY (ARRAY[('GOLD'::character varying)::text, ('PLATINUM'::character varying)::text, ('SILVER'::character varying)::text, ('PALLADIUM'::character varying)::text]))))),
    CONSTRAINT catalog_piece_net_weight_mg_check CHECK ((net_weight_mg >= 0)),
    CONSTRAINT catalog_piece_net_within_gross CHECK ((net_weight_mg <= gross_weight_mg)),
    CONSTRAINT catalog_piece_price_amount_check CHECK ((price_amount >= 0)),
    CONSTRAINT catalog_piece_stone_amount_check CHECK ((stone_amount >= 0)),
    CONSTRAINT catalog_piece_stone_weight_mg_check CHECK ((stone_weight_mg >= 0)),
    CONSTRAINT catalog_piece_stones_within_gross CHECK ((stone_weight_mg <= gross_weight_mg))
);
ALTER TABLE public.catalog_piece ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_piece_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE SEQUENCE public.catalog_piece_tag
    START WITH 100001
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE public.catalog_priceimport (
    id bigint NOT NULL,
    "row" integer NOT NULL,
    min_quantity numeric(18,4) NOT NULL,
    before_amount bigint,
    before_percent_bp integer,
    after_amount bigint NOT NULL,
    run_id bigint NOT NULL,
    variant_id bigint NOT NULL,
    price_list_id bigint NOT NULL
);
ALTER TABLE public.catalog_priceimport ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_priceimport_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_pricelist (
    id bigint NOT NULL,
    code character varying(24) NOT NULL,
    name character varying(60) NOT NULL,
    currency character varying(3) NOT NULL,
    tiers character varying(24)[] NOT NULL,
    channels character varying(24)[] NOT NULL,
    contract_customer character varying(120) NOT NULL,
    from_at timestamp with time zone,
    to_at timestamp with time zone,
    priority smallint NOT NULL,
    state character varying(8) NOT NULL,
    note character varying(200) NOT NULL,
    CONSTRAINT price_list_period_forward CHECK (((from_at IS NULL) OR (to_at IS NULL) OR (to_at > from_at)))
);
ALTER TABLE public.catalog_pricelist ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_pricelist_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_pricelist_stores (
    id bigint NOT NULL,
    pricelist_id bigint NOT NULL,
    store_id bigint NOT NULL
);
ALTER TABLE public.catalog_pricelist_stores ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_pricelist_stores_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_pricelistitem (
    id bigint NOT NULL,
    min_quantity numeric(18,4) NOT NULL,
    price_amount bigint,
    percent_bp integer,
    category_id bigint,
    price_list_id bigint NOT NULL,
    product_id bigint,
    variant_id bigint,
    CONSTRAINT price_item_amount_or_share CHECK ((((percent_bp IS NULL) AND (price_amount >= 0) AND (price_amount IS NOT NULL)) OR ((percent_bp >= 0) AND (percent_bp IS NOT NULL) AND (percent_bp <= 100000) AND (price_amount IS NULL)))),
    CONSTRAINT price_item_names_one_thing CHECK ((((category_id IS NULL) AND (product_id IS NULL) AND (variant_id IS NOT NULL)) OR ((category_id IS NULL) AND (product_id IS NOT NULL) AND (variant_id IS NULL)) OR ((category_id IS NOT NULL) AND (product_id IS NULL) AND (variant_id IS NULL)))),
    CONSTRAINT price_item_quantity_positive CHECK ((min_quantity >= (0)::numeric))
);
ALTER TABLE public.catalog_pricelistitem ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_pricelistitem_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_product (
    id bigint NOT NULL,
    search_words tsvector,
    custom jsonb NOT NULL,
    uuid uuid NOT NULL,
    kind character varying(13) NOT NULL,
    code character varying(40) NOT NULL,
    name character varying(120) NOT NULL,
    aliases character varying(160) NOT NULL,
    tracking character varying(5) NOT NULL,
    state character varying(12) NOT NULL,
    trade character varying(16) NOT NULL,
    description text NOT NULL,
    shelf_life_days integer,
    lead_days smallint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    brand_id bigint,
    category_id bigint,
    tax_class_id bigint,
    unit_id bigint NOT NULL,
    CONSTRAINT catalog_product_has_code CHECK ((NOT ((code)::text = ''::text))),
    CONSTRAINT catalog_product_keeps CHECK (((shelf_life_days IS NULL) OR (shelf_life_days > 0))),
    CONSTRAINT catalog_product_kind CHECK (((kind)::text = ANY (ARRAY[('GOODS'::character varying)::text, ('PIECE'::character varying)::text, ('SERVICE'::character varying)::text, ('BUNDLE'::character varying)::text, ('MADE_TO_ORDER'::character varying)::text]))),
    CONSTRAINT catalog_product_lead_days_check CHECK ((lead_days >= 0)),
    CONSTRAINT catalog_product_only_goods_are_tracked CHECK (((NOT ((kind)::text = ANY (ARRAY[('SERVICE'::character varying)::text, ('BUNDLE'::character varying)::text]))) OR ((tracking)::text = 'NONE'::text))),
    CONSTRAINT catalog_product_pieces_are_tracked CHECK (((NOT ((kind)::text = 'PIECE'::text)) OR ((tracking)::text = 'PIECE'::text))),
    CONSTRAINT catalog_product_shelf_life_days_check CHECK ((shelf_life_days >= 0)),
    CONSTRAINT catalog_product_state CHECK (((state)::text = ANY (ARRAY[('DRAFT'::character varying)::text, ('ACTIVE'::character varying)::text, ('DISCONTINUED'::character varying)::text, ('ARCHIVED'::character varying)::text]))),
    CONSTRAINT catalog_product_tracking CHECK (((tracking)::text = ANY (ARRAY[('NONE'::character varying)::text, ('BATCH'::character varying)::text, ('PIECE'::character varying)::text])))
);
ALTER TABLE public.catalog_product ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_product_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE SEQUENCE public.catalog_product_number
    START WITH 10001
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE public.catalog_productattribute (
    id bigint NOT NULL,
    "position" smallint NOT NULL,
    attribute_id bigint NOT NULL,
    product_id bigint NOT NULL,
    CONSTRAINT catalog_productattribute_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.catalog_productattribute ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_productattribute_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_servicedetail (
    product_id bigint NOT NULL,
    duration_minutes smallint NOT NULL,
    buffer_minutes smallint NOT NULL,
    CONSTRAINT catalog_servicedetail_buffer CHECK ((buffer_minutes <= 1440)),
    CONSTRAINT catalog_servicedetail_buffer_minutes_check CHECK ((buffer_minutes >= 0)),
    CONSTRAINT catalog_servicedetail_duration CHECK (((duration_minutes > 0) AND (duration_minutes <= 1440))),
    CONSTRAINT catalog_servicedetail_duration_minutes_check CHECK ((duration_minutes >= 0))
);
CREATE TABLE public.catalog_servicedetail_skills (
    id bigint NOT NULL,
    servicedetail_id bigint NOT NULL,
    skill_id bigint NOT NULL
);
ALTER TABLE public.catalog_servicedetail_skills ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_servicedetail_skills_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_taxclass (
    id bigint NOT NULL,
    code character varying(12) NOT NULL,
    name character varying(40) NOT NULL,
    "position" smallint NOT NULL,
    CONSTRAINT catalog_taxclass_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.catalog_taxclass ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_taxclass_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_taxrate (
    id bigint NOT NULL,
    rate_bp integer NOT NULL,
    from_date date NOT NULL,
    tax_class_id bigint NOT NULL,
    CONSTRAINT catalog_taxrate_rate_bp_check CHECK ((rate_bp >= 0)),
    CONSTRAINT catalog_taxrate_up_to_whole CHECK ((rate_bp <= 10000))
);
ALTER TABLE public.catalog_taxrate ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_taxrate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_unit (
    id bigint NOT NULL,
    code character varying(12) NOT NULL,
    name character varying(12) NOT NULL,
    kind character varying(6) NOT NULL,
    digits smallint NOT NULL,
    "position" smallint NOT NULL,
    CONSTRAINT catalog_unit_digits CHECK ((digits <= 4)),
    CONSTRAINT catalog_unit_digits_check CHECK ((digits >= 0)),
    CONSTRAINT catalog_unit_kind CHECK (((kind)::text = ANY (ARRAY[('COUNT'::character varying)::text, ('WEIGHT'::character varying)::text, ('LENGTH'::character varying)::text, ('AREA'::character varying)::text, ('VOLUME'::character varying)::text, ('TIME'::character varying)::text]))),
    CONSTRAINT catalog_unit_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.catalog_unit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_unit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_variant (
    id bigint NOT NULL,
    search_words tsvector,
    code character varying(48) NOT NULL,
    label character varying(120) NOT NULL,
    "position" smallint NOT NULL,
    is_active boolean NOT NULL,
    price_amount bigint,
    scale_code character varying(8) NOT NULL,
    product_id bigint NOT NULL,
    CONSTRAINT catalog_variant_has_code CHECK ((NOT ((code)::text = ''::text))),
    CONSTRAINT catalog_variant_position_check CHECK (("position" >= 0)),
    CONSTRAINT catalog_variant_price CHECK (((price_amount IS NULL) OR (price_amount >= 0))),
    CONSTRAINT catalog_variant_scale_code_digits CHECK (((scale_code)::text ~ '^[0-9]*$'::text))
);
ALTER TABLE public.catalog_variant ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_variant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_variantvalue (
    id bigint NOT NULL,
    attribute_id bigint NOT NULL,
    value_id bigint NOT NULL,
    variant_id bigint NOT NULL
);
ALTER TABLE public.catalog_variantvalue ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_variantvalue_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.catalog_weighedpattern (
    id bigint NOT NULL,
    prefix character varying(2) NOT NULL,
    item_digits smallint NOT NULL,
    value_digits smallint NOT NULL,
    holds character varying(6) NOT NULL,
    divisor integer NOT NULL,
    CONSTRAINT catalog_weighedpattern_divisor CHECK ((divisor = ANY (ARRAY[1, 10, 100, 1000, 10000]))),
    CONSTRAINT catalog_weighedpattern_divisor_check CHECK ((divisor >= 0)),
    CONSTRAINT catalog_weighedpattern_holds CHECK (((holds)::text = ANY (ARRAY[('WEIGHT'::character varying)::text, ('PRICE'::character varying)::text]))),
    CONSTRAINT catalog_weighedpattern_item_digits_check CHECK ((item_digits >= 0)),
    CONSTRAINT catalog_weighedpattern_prefix CHECK (((prefix)::text ~ '^2[1-9]$'::text)),
    CONSTRAINT catalog_weighedpattern_thirteen_digits CHECK (((item_digits = (10 - value_digits)) AND (item_digits >= 3) AND (value_digits >= 3))),
    CONSTRAINT catalog_weighedpattern_value_digits_check CHECK ((value_digits >= 0))
);
ALTER TABLE public.catalog_weighedpattern ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.catalog_weighedpattern_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.clienteling_entry (
    id bigint NOT NULL,
    day date NOT NULL,
    why character varying(8) NOT NULL,
    weight smallint NOT NULL,
    parts jsonb NOT NULL,
    reasons jsonb NOT NULL,
    made_at timestamp with time zone NOT NULL,
    customer_id bigint NOT NULL,
    partner_id bigint,
    user_id bigint NOT NULL,
    CONSTRAINT clienteling_entry_weight_check CHECK ((weight >= 0))
);
ALTER TABLE public.clienteling_entry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.clienteling_entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.clienteling_outcome (
    id bigint NOT NULL,
    kind character varying(7) NOT NULL,
    channel character varying(8) NOT NULL,
    agreed_date date,
    rests_until_date date NOT NULL,
    note_id bigint,
    message_id bigint,
    at timestamp with time zone NOT NULL,
    taken_back_at timestamp with time zone,
    customer_id bigint NOT NULL,
    entry_id bigint NOT NULL,
    user_id bigint
);
ALTER TABLE public.clienteling_outcome ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.clienteling_outcome_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.clienteling_queuerules (
    id smallint NOT NULL,
    day_limit smallint NOT NULL,
    rest_days smallint NOT NULL,
    changed_at timestamp with time zone,
    CONSTRAINT clienteling_queuerules_day_limit_check CHECK ((day_limit >= 0)),
    CONSTRAINT clienteling_queuerules_id_check CHECK ((id >= 0)),
    CONSTRAINT clienteling_queuerules_rest_days_check CHECK ((rest_days >= 0)),
    CONSTRAINT clienteling_rules_are_one CHECK ((id = 1))
);
CREATE TABLE public.clienteling_reasonrule (
    id bigint NOT NULL,
    code character varying(8) NOT NULL,
    is_on boolean NOT NULL,
    days smallint NOT NULL,
    words character varying(400) NOT NULL,
    CONSTRAINT clienteling_reasonrule_days_check CHECK ((days >= 0))
);
ALTER TABLE public.clienteling_reasonrule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.clienteling_reasonrule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.config_firststepdone (
    id bigint NOT NULL,
    code character varying(40) NOT NULL,
    done_at timestamp with time zone NOT NULL,
    done_by_id bigint
);
ALTER TABLE public.config_firststepdone ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.config_firststepdone_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.config_moduleswitch (
    id bigint NOT NULL,
    module character varying(40) NOT NULL,
    is_on boolean NOT NULL,
    store_id bigint
);
ALTER TABLE public.config_moduleswitch ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.config_moduleswitch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.config_storepreset (
    id bigint NOT NULL,
    trade character varying(16) NOT NULL,
    fingerprint character varying(16) NOT NULL,
    content jsonb NOT NULL,
    made jsonb NOT NULL,
    applied_at timestamp with time zone NOT NULL,
    store_id bigint NOT NULL
);
ALTER TABLE public.config_storepreset ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.config_storepreset_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.core_datakey (
    id uuid NOT NULL,
    subject_kind character varying(40) NOT NULL,
    subject_id character varying(64) NOT NULL,
    wrapped bytea,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    retired_at timestamp with time zone,
    destroyed_at timestamp with time zone,
    master_key_id character varying(40) NOT NULL,
    CONSTRAINT core_datakey_destroyed_has_no_key CHECK ((((destroyed_at IS NOT NULL) AND (wrapped IS NULL)) OR ((destroyed_at IS NULL) AND (wrapped IS NOT NULL))))
);
CREATE TABLE public.core_keyrecord (
    id character varying(40) NOT NULL,
    kind character varying(12) NOT NULL,
    state character varying(10) NOT NULL,
    check_value bytea NOT NULL,
    created_at timestamp with time zone DEFAULT statement_timestamp() NOT NULL,
    retired_at timestamp with time zone,
    CONSTRAINT core_keyrecord_retired_has_time CHECK ((((retired_at IS NOT NULL) AND ((state)::text = 'RETIRED'::text)) OR ((NOT ((state)::text = 'RETIRED'::text)) AND (retired_at IS NULL))))
);
CREATE TABLE public.customers_address (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    use character varying(10) NOT NULL,
    country character varying(2) NOT NULL,
    province character varying(30) NOT NULL,
    city character varying(30) NOT NULL,
    district character varying(30) NOT NULL,
    division character varying(6) NOT NULL,
    postcode character varying(10) NOT NULL,
    street_sealed bytea,
    receiver_sealed bytea,
    phone_sealed bytea,
    is_preferred boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    archived_at timestamp with time zone,
    key_id uuid NOT NULL,
    customer_id bigint NOT NULL,
    record_id bigint NOT NULL
);
ALTER TABLE public.customers_address ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_address_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_careoccasion (
    id bigint NOT NULL,
    kind character varying(8) NOT NULL,
    year smallint NOT NULL,
    celebrated_on date NOT NULL,
    task_id bigint,
    rule_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    date_id bigint NOT NULL,
    CONSTRAINT customers_careoccasion_year_check CHECK ((year >= 0))
);
ALTER TABLE public.customers_careoccasion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_careoccasion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_carerule (
    id bigint NOT NULL,
    name character varying(60) NOT NULL,
    kind character varying(8) NOT NULL,
    days_before smallint NOT NULL,
    title character varying(80) NOT NULL,
    note character varying(200) NOT NULL,
    is_active boolean NOT NULL,
    store_id bigint,
    tag_id bigint,
    CONSTRAINT customers_carerule_days_before_check CHECK ((days_before >= 0))
);
ALTER TABLE public.customers_carerule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_carerule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_collaborator (
    id bigint NOT NULL,
    since timestamp with time zone NOT NULL,
    user_id bigint NOT NULL,
    customer_id bigint NOT NULL
);
ALTER TABLE public.customers_collaborator ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_collaborator_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_consent (
    id bigint NOT NULL,
    purpose character varying(12) NOT NULL,
    channel character varying(8) NOT NULL,
    is_given boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    how character varying(12) NOT NULL,
    by_id bigint,
    text_id bigint,
    customer_id bigint NOT NULL
);
ALTER TABLE public.customers_consent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_consent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_consenttext (
    id bigint NOT NULL,
    purpose character varying(12) NOT NULL,
    version smallint NOT NULL,
    language character varying(10) NOT NULL,
    text text NOT NULL,
    published_at timestamp with time zone NOT NULL,
    CONSTRAINT customers_consenttext_version_check CHECK ((version >= 0))
);
ALTER TABLE public.customers_consenttext ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_consenttext_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_contactpoint (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    kind character varying(8) NOT NULL,
    use character varying(8) NOT NULL,
    value_sealed bytea,
    value_exact bytea,
    value_last4 bytea,
    extension character varying(8) NOT NULL,
    is_preferred boolean NOT NULL,
    is_shared boolean NOT NULL,
    verified_at timestamp with time zone,
    failing_since timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    archived_at timestamp with time zone,
    key_id uuid NOT NULL,
    customer_id bigint NOT NULL,
    record_id bigint NOT NULL,
    value_last6 bytea
);
ALTER TABLE public.customers_contactpoint ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_contactpoint_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_customer (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    custom jsonb NOT NULL,
    kind character varying(8) NOT NULL,
    state character varying(8) NOT NULL,
    member_number character varying(24) NOT NULL,
    name character varying(80) NOT NULL,
    aliases character varying(160) NOT NULL,
    search_words tsvector NOT NULL,
    gender character varying(1) NOT NULL,
    occupation character varying(40) NOT NULL,
    company character varying(80) NOT NULL,
    credit_code character varying(18) NOT NULL,
    note_sealed bytea,
    sensitive_sealed bytea,
    level character varying(20) NOT NULL,
    is_key_account boolean NOT NULL,
    channel character varying(12) NOT NULL,
    campaign character varying(60) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    survivors jsonb NOT NULL,
    key_id uuid NOT NULL,
    merged_into_id bigint,
    owner_id bigint,
    partner_id bigint,
    store_id bigint,
    CONSTRAINT customer_not_merged_into_self CHECK (((merged_into_id IS NULL) OR (NOT ((merged_into_id = id) AND (merged_into_id IS NOT NULL)))))
);
ALTER TABLE public.customers_customer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_customer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_customerfile (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    name_sealed bytea,
    content_type character varying(80) NOT NULL,
    size integer NOT NULL,
    added_at timestamp with time zone NOT NULL,
    removed_at timestamp with time zone,
    added_by_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    key_id uuid NOT NULL,
    CONSTRAINT customers_customerfile_size_check CHECK ((size >= 0))
);
ALTER TABLE public.customers_customerfile ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_customerfile_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_customernote (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    kind character varying(8) NOT NULL,
    text_sealed bytea,
    at timestamp with time zone NOT NULL,
    removed_at timestamp with time zone,
    by_id bigint,
    customer_id bigint NOT NULL,
    key_id uuid NOT NULL
);
ALTER TABLE public.customers_customernote ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_customernote_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_entryrule (
    id bigint NOT NULL,
    field character varying(40) NOT NULL,
    is_shown boolean NOT NULL,
    is_required boolean NOT NULL,
    pattern character varying(120) NOT NULL,
    shortest smallint,
    longest smallint,
    hint character varying(80) NOT NULL,
    CONSTRAINT customers_entryrule_longest_check CHECK ((longest >= 0)),
    CONSTRAINT customers_entryrule_shortest_check CHECK ((shortest >= 0))
);
ALTER TABLE public.customers_entryrule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_entryrule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_household (
    id bigint NOT NULL,
    name character varying(40) NOT NULL
);
ALTER TABLE public.customers_household ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_household_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_household_members (
    id bigint NOT NULL,
    household_id bigint NOT NULL,
    customer_id bigint NOT NULL
);
ALTER TABLE public.customers_household_members ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_household_members_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_importantdate (
    id bigint NOT NULL,
    kind character varying(8) NOT NULL,
    label character varying(40) NOT NULL,
    calendar character varying(5) NOT NULL,
    year smallint,
    month smallint NOT NULL,
    day smallint NOT NULL,
    is_leap boolean NOT NULL,
    text character varying(40) NOT NULL,
    archived_at timestamp with time zone,
    customer_id bigint NOT NULL,
    record_id bigint NOT NULL,
    CONSTRAINT customers_importantdate_day_check CHECK ((day >= 0)),
    CONSTRAINT customers_importantdate_month_check CHECK ((month >= 0)),
    CONSTRAINT customers_importantdate_year_check CHECK ((year >= 0)),
    CONSTRAINT important_date_exists CHECK (((day >= 1) AND (day <= 31) AND (month >= 1) AND (month <= 12))),
    CONSTRAINT important_date_leap_is_lunar CHECK (((NOT is_leap) OR ((calendar)::text = 'LUNAR'::text)))
);
ALTER TABLE public.customers_importantdate ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_importantdate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_matchpair (
    id bigint NOT NULL,
    probability double precision NOT NULL,
    weight double precision NOT NULL,
    parts jsonb NOT NULL,
    model_version character varying(20) NOT NULL,
    state character varying(9) NOT NULL,
    needs_person boolean NOT NULL,
    found_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    decided_by_id bigint,
    left_id bigint NOT NULL,
    right_id bigint NOT NULL,
    CONSTRAINT match_pair_in_order CHECK ((left_id < right_id))
);
ALTER TABLE public.customers_matchpair ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_matchpair_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE SEQUENCE public.customers_member_number
    START WITH 10000
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
CREATE TABLE public.customers_merge (
    id bigint NOT NULL,
    moved jsonb NOT NULL,
    before jsonb NOT NULL,
    why character varying(12) NOT NULL,
    at timestamp with time zone NOT NULL,
    undone_at timestamp with time zone,
    by_id bigint,
    joined_id bigint NOT NULL,
    kept_id bigint NOT NULL,
    pair_id bigint,
    undone_by_id bigint,
    CONSTRAINT merge_of_two CHECK ((NOT (kept_id = joined_id)))
);
ALTER TABLE public.customers_merge ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_merge_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_portalsession (
    id bigint NOT NULL,
    token_hash bytea NOT NULL,
    device character varying(80) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    customer_id bigint NOT NULL
);
ALTER TABLE public.customers_portalsession ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_portalsession_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_processingactivity (
    id bigint NOT NULL,
    name character varying(80) NOT NULL,
    purpose character varying(200) NOT NULL,
    ground character varying(80) NOT NULL,
    categories character varying(200) NOT NULL,
    recipients character varying(200) NOT NULL,
    retention character varying(120) NOT NULL,
    is_sensitive boolean NOT NULL,
    reviewed_at timestamp with time zone
);
ALTER TABLE public.customers_processingactivity ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_processingactivity_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_registrationpoint (
    id bigint NOT NULL,
    code character varying(16) NOT NULL,
    name character varying(60) NOT NULL,
    campaign character varying(60) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    partner_id bigint,
    staff_id bigint,
    store_id bigint NOT NULL
);
ALTER TABLE public.customers_registrationpoint ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_registrationpoint_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_relation (
    id bigint NOT NULL,
    kind character varying(10) NOT NULL,
    title character varying(40) NOT NULL,
    is_primary boolean NOT NULL,
    since timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    customer_id bigint NOT NULL,
    other_id bigint NOT NULL,
    CONSTRAINT relation_to_another CHECK ((NOT (customer_id = other_id)))
);
ALTER TABLE public.customers_relation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_relation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_reviewedrole (
    id bigint NOT NULL,
    role_id bigint NOT NULL
);
ALTER TABLE public.customers_reviewedrole ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_reviewedrole_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_rightsrequest (
    id bigint NOT NULL,
    kind character varying(12) NOT NULL,
    state character varying(10) NOT NULL,
    channel character varying(12) NOT NULL,
    received_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    identity_checked_how character varying(40) NOT NULL,
    details character varying(400) NOT NULL,
    answer character varying(400) NOT NULL,
    closed_at timestamp with time zone,
    closed_by_id bigint,
    customer_id bigint NOT NULL
);
ALTER TABLE public.customers_rightsrequest ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_rightsrequest_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_sharedwith (
    id bigint NOT NULL,
    since timestamp with time zone NOT NULL,
    customer_id bigint NOT NULL,
    store_id bigint NOT NULL
);
ALTER TABLE public.customers_sharedwith ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_sharedwith_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_sourcerecord (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    channel character varying(12) NOT NULL,
    source character varying(60) NOT NULL,
    campaign character varying(60) NOT NULL,
    external_id character varying(120) NOT NULL,
    received_at timestamp with time zone NOT NULL,
    payload_sealed bytea,
    fingerprint bytea,
    review character varying(8) NOT NULL,
    run_id bigint,
    "row" integer,
    customer_id bigint NOT NULL,
    key_id uuid NOT NULL,
    staff_id bigint,
    store_id bigint
);
ALTER TABLE public.customers_sourcerecord ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_sourcerecord_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_tag (
    id bigint NOT NULL,
    name character varying(24) NOT NULL,
    colour character varying(12) NOT NULL,
    archived_at timestamp with time zone,
    merged_into_id bigint
);
ALTER TABLE public.customers_tag ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_tag_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_tagging (
    id bigint NOT NULL,
    since timestamp with time zone NOT NULL,
    customer_id bigint NOT NULL,
    tag_id bigint NOT NULL
);
ALTER TABLE public.customers_tagging ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_tagging_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_tagmerge (
    id bigint NOT NULL,
    moved bigint[] NOT NULL,
    "both" bigint[] NOT NULL,
    rules bigint[] NOT NULL,
    was_archived_at timestamp with time zone,
    at timestamp with time zone NOT NULL,
    undone_at timestamp with time zone,
    by_id bigint,
    joined_id bigint NOT NULL,
    kept_id bigint NOT NULL,
    CONSTRAINT customer_tag_not_merged_into_self CHECK ((NOT (kept_id = joined_id)))
);
ALTER TABLE public.customers_tagmerge ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_tagmerge_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.customers_verificationcode (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    address_sealed bytea,
    address_exact bytea,
    kind character varying(8) NOT NULL,
    use character varying(10) NOT NULL,
    proof_hash bytea NOT NULL,
    code_hash bytea NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    tries_left smallint NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT customers_verificationcode_tries_left_check CHECK ((tries_left >= 0))
);
ALTER TABLE public.customers_verificationcode ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.customers_verificationcode_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);
ALTER TABLE public.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);
ALTER TABLE public.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);
CREATE TABLE public.events_delivery (
    id bigint NOT NULL,
    reaction character varying(80) NOT NULL,
    subject character varying(120) NOT NULL,
    era integer NOT NULL,
    xid bigint NOT NULL,
    event_id bigint NOT NULL,
    event_recorded_at timestamp with time zone NOT NULL,
    state character varying(10) NOT NULL,
    try_count integer NOT NULL,
    next_at timestamp with time zone NOT NULL,
    failed_at timestamp with time zone,
    error_code character varying(200) NOT NULL,
    error text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT events_delivery_state CHECK (((state)::text = ANY (ARRAY[('WAITING'::character varying)::text, ('DEAD'::character varying)::text, ('DISMISSED'::character varying)::text])))
);
ALTER TABLE public.events_delivery ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.events_delivery_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.events_droppedmonth (
    month date NOT NULL,
    event_count bigint NOT NULL,
    event_ids text NOT NULL,
    dropped_at timestamp with time zone NOT NULL
);
CREATE TABLE public.events_era (
    number integer NOT NULL,
    system_identifier text NOT NULL,
    began_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.events_event ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.events_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.events_event_other (
    id bigint CONSTRAINT events_event_id_not_null NOT NULL,
    era integer DEFAULT 1 CONSTRAINT events_event_era_not_null NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() CONSTRAINT events_event_xid_not_null NOT NULL,
    recorded_at timestamp with time zone CONSTRAINT events_event_recorded_at_not_null NOT NULL,
    kind character varying(80) CONSTRAINT events_event_kind_not_null NOT NULL,
    operation character varying(80) CONSTRAINT events_event_operation_not_null NOT NULL,
    actor_kind character varying(12) CONSTRAINT events_event_actor_kind_not_null NOT NULL,
    actor_id bigint,
    user_id bigint,
    store_id bigint,
    subjects character varying(120)[] CONSTRAINT events_event_subjects_not_null NOT NULL,
    data jsonb CONSTRAINT events_event_data_not_null NOT NULL,
    request_id character varying(64) CONSTRAINT events_event_request_id_not_null NOT NULL,
    CONSTRAINT events_event_has_subject CHECK ((cardinality(subjects) >= 1))
);
CREATE TABLE public.events_reactionposition (
    code character varying(80) NOT NULL,
    era integer NOT NULL,
    xid bigint NOT NULL,
    event_id bigint NOT NULL
);
CREATE TABLE public.events_sealblock (
    number bigint NOT NULL,
    first_era integer NOT NULL,
    first_xid bigint NOT NULL,
    first_event_id bigint NOT NULL,
    last_era integer NOT NULL,
    last_xid bigint NOT NULL,
    last_event_id bigint NOT NULL,
    event_count integer NOT NULL,
    total_count bigint NOT NULL,
    event_ids bigint[] NOT NULL,
    leaves bytea NOT NULL,
    prev_hash bytea NOT NULL,
    root bytea NOT NULL,
    hash bytea NOT NULL,
    sealed_at timestamp with time zone NOT NULL,
    CONSTRAINT events_sealblock_not_empty CHECK ((event_count >= 1))
);
CREATE TABLE public.events_subject (
    subject character varying(120) NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    event_id bigint NOT NULL
)
PARTITION BY RANGE (recorded_at);
CREATE TABLE public.events_subject_other (
    subject character varying(120) CONSTRAINT events_subject_subject_not_null NOT NULL,
    recorded_at timestamp with time zone CONSTRAINT events_subject_recorded_at_not_null NOT NULL,
    event_id bigint CONSTRAINT events_subject_event_id_not_null NOT NULL
);
CREATE TABLE public.imports_importrow (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    row_number integer NOT NULL,
    outcome character varying(9) NOT NULL,
    codes character varying(60)[] NOT NULL,
    is_error boolean NOT NULL,
    content_sealed bytea NOT NULL,
    data_key_id uuid NOT NULL,
    run_id bigint NOT NULL,
    CONSTRAINT imports_importrow_row_number_check CHECK ((row_number >= 0))
);
ALTER TABLE public.imports_importrow ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.imports_importrow_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.imports_importrun (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    importer character varying(40) NOT NULL,
    state character varying(9) NOT NULL,
    file_name character varying(200) NOT NULL,
    sha256 character varying(64) NOT NULL,
    size bigint NOT NULL,
    format character varying(5) NOT NULL,
    removed_at timestamp with time zone,
    encoding character varying(12) NOT NULL,
    delimiter character varying(1) NOT NULL,
    sheet character varying(64) NOT NULL,
    header_row integer NOT NULL,
    headers text[] NOT NULL,
    row_estimate integer NOT NULL,
    profile character varying(40) NOT NULL,
    mapping jsonb NOT NULL,
    match_rule character varying(40) NOT NULL,
    options jsonb NOT NULL,
    row_count integer NOT NULL,
    forecast jsonb NOT NULL,
    problems jsonb NOT NULL,
    created_count integer NOT NULL,
    updated_count integer NOT NULL,
    unchanged_count integer NOT NULL,
    skipped_count integer NOT NULL,
    error_count integer NOT NULL,
    warning_count integer NOT NULL,
    removed_count integer NOT NULL,
    restored_count integer NOT NULL,
    kept_count integer NOT NULL,
    seen_count integer NOT NULL,
    last_row integer NOT NULL,
    undo_stage smallint NOT NULL,
    undo_cursor text NOT NULL,
    beat_at timestamp with time zone,
    cancel_requested_at timestamp with time zone,
    failure text NOT NULL,
    failed_state character varying(9) NOT NULL,
    uploaded_at timestamp with time zone NOT NULL,
    checked_at timestamp with time zone,
    started_at timestamp with time zone,
    finished_at timestamp with time zone,
    undone_at timestamp with time zone,
    data_key_id uuid NOT NULL,
    started_by_id bigint NOT NULL,
    worked_by_id bigint,
    CONSTRAINT imports_counts_fit CHECK ((row_count >= ((((created_count + updated_count) + unchanged_count) + skipped_count) + error_count))),
    CONSTRAINT imports_failure_says_where CHECK (((((state)::text = 'FAILED'::text) AND (NOT ((failed_state)::text = ''::text))) OR ((NOT ((state)::text = 'FAILED'::text)) AND ((failed_state)::text = ''::text)))),
    CONSTRAINT imports_importrun_created_count_check CHECK ((created_count >= 0)),
    CONSTRAINT imports_importrun_error_count_check CHECK ((error_count >= 0)),
    CONSTRAINT imports_importrun_header_row_check CHECK ((header_row >= 0)),
    CONSTRAINT imports_importrun_kept_count_check CHECK ((kept_count >= 0)),
    CONSTRAINT imports_importrun_last_row_check CHECK ((last_row >= 0)),
    CONSTRAINT imports_importrun_removed_count_check CHECK ((removed_count >= 0)),
    CONSTRAINT imports_importrun_restored_count_check CHECK ((restored_count >= 0)),
    CONSTRAINT imports_importrun_row_count_check CHECK ((row_count >= 0)),
    CONSTRAINT imports_importrun_row_estimate_check CHECK ((row_estimate >= 0)),
    CONSTRAINT imports_importrun_seen_count_check CHECK ((seen_count >= 0)),
    CONSTRAINT imports_importrun_size_check CHECK ((size >= 0)),
    CONSTRAINT imports_importrun_skipped_count_check CHECK ((skipped_count >= 0)),
    CONSTRAINT imports_importrun_unchanged_count_check CHECK ((unchanged_count >= 0)),
    CONSTRAINT imports_importrun_undo_stage_check CHECK ((undo_stage >= 0)),
    CONSTRAINT imports_importrun_updated_count_check CHECK ((updated_count >= 0)),
    CONSTRAINT imports_importrun_warning_count_check CHECK ((warning_count >= 0))
);
ALTER TABLE public.imports_importrun ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.imports_importrun_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.imports_importsource (
    id bigint NOT NULL,
    importer character varying(40) NOT NULL,
    fingerprint character varying(64) NOT NULL,
    mapping jsonb NOT NULL,
    match_rule character varying(40) NOT NULL,
    options jsonb NOT NULL,
    used_at timestamp with time zone NOT NULL
);
ALTER TABLE public.imports_importsource ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.imports_importsource_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.insight_contactpreference (
    customer_id bigint NOT NULL,
    channel character varying(8) NOT NULL,
    message_count integer NOT NULL,
    answer_count integer NOT NULL,
    CONSTRAINT insight_contact_counts CHECK (((answer_count > 0) AND (answer_count <= message_count))),
    CONSTRAINT insight_contactpreference_answer_count_check CHECK ((answer_count >= 0)),
    CONSTRAINT insight_contactpreference_message_count_check CHECK ((message_count >= 0))
);
CREATE TABLE public.insight_customermetrics (
    customer_id bigint NOT NULL,
    order_count integer NOT NULL,
    order_count_365 integer NOT NULL,
    spend_amount bigint NOT NULL,
    spend_365_amount bigint NOT NULL,
    returned_amount bigint NOT NULL,
    margin_amount bigint NOT NULL,
    average_amount bigint NOT NULL,
    first_date date NOT NULL,
    last_date date NOT NULL,
    interval_days numeric(7,1),
    recency_score smallint NOT NULL,
    frequency_score smallint NOT NULL,
    money_score smallint NOT NULL,
    value_group character varying(10) NOT NULL,
    group_last_month character varying(10) NOT NULL,
    favourite_category_ids bigint[] NOT NULL,
    preferred_channel character varying(11) NOT NULL,
    preferred_store_id bigint,
    expected_next_date date,
    churn_risk numeric(5,4),
    ltv_amount bigint,
    ltv_low_amount bigint,
    ltv_high_amount bigint,
    model character varying(40) NOT NULL,
    has_enough_data boolean NOT NULL,
    as_of_date date NOT NULL,
    "position" character varying(60) NOT NULL,
    CONSTRAINT insight_customermetrics_frequency_score_check CHECK ((frequency_score >= 0)),
    CONSTRAINT insight_customermetrics_money_score_check CHECK ((money_score >= 0)),
    CONSTRAINT insight_customermetrics_order_count_365_check CHECK ((order_count_365 >= 0)),
    CONSTRAINT insight_customermetrics_order_count_check CHECK ((order_count >= 0)),
    CONSTRAINT insight_customermetrics_recency_score_check CHECK ((recency_score >= 0)),
    CONSTRAINT insight_metrics_risk_share CHECK (((churn_risk IS NULL) OR ((churn_risk >= (0)::numeric) AND (churn_risk <= (1)::numeric)))),
    CONSTRAINT insight_metrics_scores CHECK (((frequency_score >= 1) AND (frequency_score <= 5) AND ((recency_score >= 1) AND (recency_score <= 5)) AND ((money_score >= 1) AND (money_score <= 5))))
);
CREATE TABLE public.insight_declinedproposal (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    by_id bigint,
    customer_id bigint NOT NULL,
    product_id bigint NOT NULL
);
ALTER TABLE public.insight_declinedproposal ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.insight_declinedproposal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.insight_productpair (
    product_id bigint NOT NULL,
    then_id bigint NOT NULL,
    place smallint NOT NULL,
    part_count integer NOT NULL,
    all_count integer NOT NULL,
    lift numeric(9,2) NOT NULL,
    CONSTRAINT insight_productpair_all_count_check CHECK ((all_count >= 0)),
    CONSTRAINT insight_productpair_part_count_check CHECK ((part_count >= 0)),
    CONSTRAINT insight_productpair_place_check CHECK ((place >= 0))
);
CREATE TABLE public.insight_proposal (
    customer_id bigint NOT NULL,
    product_id bigint NOT NULL,
    place smallint NOT NULL,
    kind character varying(8) NOT NULL,
    because_id bigint,
    part_count integer NOT NULL,
    all_count integer NOT NULL,
    interval_days integer,
    CONSTRAINT insight_proposal_all_count_check CHECK ((all_count >= 0)),
    CONSTRAINT insight_proposal_due CHECK ((((interval_days IS NOT NULL) AND ((kind)::text = 'DUE'::text)) OR ((interval_days IS NULL) AND ((kind)::text = ANY (ARRAY[('TOGETHER'::character varying)::text, ('ALIKE'::character varying)::text]))))),
    CONSTRAINT insight_proposal_interval_days_check CHECK ((interval_days >= 0)),
    CONSTRAINT insight_proposal_part_count_check CHECK ((part_count >= 0)),
    CONSTRAINT insight_proposal_place_check CHECK ((place >= 0))
);
CREATE TABLE public.insight_reportdelivery (
    id bigint NOT NULL,
    due_at timestamp with time zone NOT NULL,
    planned_at timestamp with time zone NOT NULL,
    state character varying(7) NOT NULL,
    ended_at timestamp with time zone,
    is_mailed boolean NOT NULL,
    problem character varying(200) NOT NULL,
    user_id bigint NOT NULL,
    report_id bigint NOT NULL
);
ALTER TABLE public.insight_reportdelivery ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.insight_reportdelivery_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.insight_reportschedule (
    id bigint NOT NULL,
    frequency character varying(7) NOT NULL,
    weekday smallint NOT NULL,
    month_day smallint NOT NULL,
    hour smallint NOT NULL,
    recipient_ids bigint[] NOT NULL,
    next_at timestamp with time zone NOT NULL,
    report_id bigint NOT NULL,
    CONSTRAINT insight_reportschedule_hour_check CHECK ((hour >= 0)),
    CONSTRAINT insight_reportschedule_month_day_check CHECK ((month_day >= 0)),
    CONSTRAINT insight_reportschedule_weekday_check CHECK ((weekday >= 0)),
    CONSTRAINT insight_schedule_days CHECK (((hour >= 0) AND (hour <= 23) AND ((month_day >= 1) AND (month_day <= 28)) AND ((weekday >= 1) AND (weekday <= 7))))
);
ALTER TABLE public.insight_reportschedule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.insight_reportschedule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.insight_savedreport (
    id bigint NOT NULL,
    name character varying(40) NOT NULL,
    note character varying(200) NOT NULL,
    spec jsonb NOT NULL,
    is_shared boolean NOT NULL,
    role_codes character varying(40)[] NOT NULL,
    person_ids bigint[] NOT NULL,
    made_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    deleted_at timestamp with time zone,
    owner_id bigint
);
ALTER TABLE public.insight_savedreport ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.insight_savedreport_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.insight_snapshotrun (
    id bigint NOT NULL,
    state character varying(7) NOT NULL,
    step character varying(7) NOT NULL,
    is_full boolean NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    as_of_date date,
    "position" character varying(60) NOT NULL,
    row_count bigint NOT NULL,
    changed_order_count bigint NOT NULL,
    customer_count bigint NOT NULL,
    bounds jsonb NOT NULL,
    problem character varying(200) NOT NULL,
    forecast jsonb NOT NULL,
    recommending jsonb NOT NULL
);
ALTER TABLE public.insight_snapshotrun ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.insight_snapshotrun_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.insight_unproposedcategory (
    category_id bigint NOT NULL
);
CREATE TABLE public.inventory_anchor (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    variant_id bigint NOT NULL,
    place_id bigint NOT NULL,
    batch_id bigint
);
ALTER TABLE public.inventory_anchor ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_anchor_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_balance (
    id bigint NOT NULL,
    quantity numeric(18,4) NOT NULL,
    reserved numeric(18,4) NOT NULL,
    may_be_negative boolean NOT NULL,
    variant_id bigint NOT NULL,
    batch_id bigint,
    place_id bigint NOT NULL,
    CONSTRAINT inventory_balance_not_negative CHECK (((quantity >= (0)::numeric) OR may_be_negative)),
    CONSTRAINT inventory_balance_reserved CHECK ((reserved >= (0)::numeric))
)
WITH (fillfactor='60');
ALTER TABLE public.inventory_balance ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_balance_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_batch (
    id bigint NOT NULL,
    code character varying(40) NOT NULL,
    expires_on date,
    produced_on date,
    variant_id bigint NOT NULL
);
ALTER TABLE public.inventory_batch ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_batch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_closingmark (
    legal_entity_id bigint NOT NULL,
    first_on date NOT NULL,
    last_on date NOT NULL,
    upto_movement_id bigint NOT NULL,
    upto_entry_id bigint NOT NULL
);
CREATE TABLE public.inventory_costclosing (
    id bigint NOT NULL,
    closed_on date NOT NULL,
    quantity numeric(18,4) NOT NULL,
    value numeric(20,6) NOT NULL,
    legal_entity_id bigint NOT NULL,
    variant_id bigint NOT NULL
);
ALTER TABLE public.inventory_costclosing ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_costclosing_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_costentry (
    id bigint NOT NULL,
    kind character varying(10) NOT NULL,
    quantity_change numeric(18,4) NOT NULL,
    value_change numeric(20,6) NOT NULL,
    expense numeric(20,6) NOT NULL,
    average_after numeric(20,6) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    business_date date NOT NULL,
    legal_entity_id bigint NOT NULL,
    variant_id bigint NOT NULL,
    document_id bigint NOT NULL,
    movement_id bigint
);
ALTER TABLE public.inventory_costentry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_costentry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_coststate (
    quantity numeric(18,4) NOT NULL,
    value numeric(20,6) NOT NULL,
    average numeric(20,6) NOT NULL,
    legal_entity_id bigint NOT NULL,
    variant_id bigint NOT NULL,
    CONSTRAINT inventory_coststate_nothing_is_worth_nothing CHECK (((NOT (quantity = (0)::numeric)) OR (value = (0)::numeric)))
)
WITH (fillfactor='60');
CREATE TABLE public.inventory_countentry (
    id bigint NOT NULL,
    key character varying(64) NOT NULL,
    round smallint NOT NULL,
    quantity numeric(18,4) NOT NULL,
    is_total boolean NOT NULL,
    counted_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    counted_by_id bigint NOT NULL,
    line_id bigint NOT NULL,
    session_id bigint NOT NULL,
    CONSTRAINT inventory_countentry_round_check CHECK ((round >= 0)),
    CONSTRAINT inventory_countentry_total CHECK (((NOT is_total) OR (quantity >= (0)::numeric)))
);
ALTER TABLE public.inventory_countentry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_countentry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_countline (
    id bigint NOT NULL,
    snapshot numeric(18,4) NOT NULL,
    round smallint NOT NULL,
    verdict character varying(10) NOT NULL,
    reason character varying(20) NOT NULL,
    counted numeric(18,4),
    counted_at timestamp with time zone,
    expected numeric(18,4),
    variance numeric(18,4),
    unit_cost numeric(20,6),
    batch_id bigint,
    counted_by_id bigint,
    piece_id bigint,
    place_id bigint NOT NULL,
    variant_id bigint NOT NULL,
    session_id bigint NOT NULL,
    CONSTRAINT inventory_countline_judged CHECK ((((verdict)::text = ANY (ARRAY[('UNCOUNTED'::character varying)::text, ('ELSEWHERE'::character varying)::text, ('SUPERSEDED'::character varying)::text])) OR (variance IS NOT NULL))),
    CONSTRAINT inventory_countline_round_check CHECK ((round >= 0))
);
ALTER TABLE public.inventory_countline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_countline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_countsession (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    name character varying(60) NOT NULL,
    state character varying(10) NOT NULL,
    is_blind boolean NOT NULL,
    tolerance_quantity numeric(18,4) NOT NULL,
    tolerance_bp integer NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    submitted_at timestamp with time zone,
    closed_at timestamp with time zone,
    surplus numeric(20,6),
    shortage numeric(20,6),
    category_id bigint,
    closed_by_id bigint,
    document_id bigint,
    opened_by_id bigint,
    place_id bigint,
    store_id bigint NOT NULL,
    submitted_by_id bigint,
    CONSTRAINT inventory_countsession_closed_has_time CHECK ((((closed_at IS NOT NULL) AND ((state)::text = ANY (ARRAY[('POSTED'::character varying)::text, ('CANCELLED'::character varying)::text]))) OR ((closed_at IS NULL) AND ((state)::text = ANY (ARRAY[('COUNTING'::character varying)::text, ('RECOUNTING'::character varying)::text, ('SUBMITTED'::character varying)::text]))))),
    CONSTRAINT inventory_countsession_posted CHECK (((document_id IS NULL) OR ((state)::text = 'POSTED'::text))),
    CONSTRAINT inventory_countsession_tolerance CHECK (((tolerance_bp <= 10000) AND (tolerance_quantity >= (0)::numeric))),
    CONSTRAINT inventory_countsession_tolerance_bp_check CHECK ((tolerance_bp >= 0))
);
ALTER TABLE public.inventory_countsession ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_countsession_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_custodyitem (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    tag character varying(32) NOT NULL,
    description character varying(120) NOT NULL,
    condition character varying(200) NOT NULL,
    purpose character varying(120) NOT NULL,
    quantity numeric(18,4) NOT NULL,
    weight_mg bigint,
    due_on date,
    received_at timestamp with time zone NOT NULL,
    returned_at timestamp with time zone,
    batch_id bigint,
    customer_id bigint NOT NULL,
    document_in_id bigint,
    document_out_id bigint,
    piece_id bigint,
    place_id bigint NOT NULL,
    received_by_id bigint,
    returned_by_id bigint,
    store_id bigint NOT NULL,
    variant_id bigint,
    CONSTRAINT inventory_custodyitem_out_is_returned CHECK (((document_out_id IS NULL) OR (returned_at IS NOT NULL))),
    CONSTRAINT inventory_custodyitem_quantity CHECK ((quantity > (0)::numeric)),
    CONSTRAINT inventory_custodyitem_weight_mg_check CHECK ((weight_mg >= 0))
);
ALTER TABLE public.inventory_custodyitem ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_custodyitem_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_document (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    kind character varying(16) NOT NULL,
    number character varying(40),
    reference character varying(200) NOT NULL,
    digest character varying(64) NOT NULL,
    business_date date NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    user_id bigint,
    operation character varying(80) NOT NULL,
    note character varying(200) NOT NULL,
    legal_entity_id bigint NOT NULL,
    reverses_id bigint,
    store_id bigint NOT NULL
);
ALTER TABLE public.inventory_document ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_document_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_documentcounter (
    id bigint NOT NULL,
    kind character varying(16) NOT NULL,
    year smallint NOT NULL,
    last integer NOT NULL,
    store_id bigint NOT NULL,
    CONSTRAINT inventory_documentcounter_last_check CHECK ((last >= 0)),
    CONSTRAINT inventory_documentcounter_year_check CHECK ((year >= 0))
);
ALTER TABLE public.inventory_documentcounter ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_documentcounter_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_movement (
    id bigint NOT NULL,
    line integer NOT NULL,
    quantity numeric(18,4) NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    business_date date NOT NULL,
    reason character varying(40) NOT NULL,
    batch_id bigint,
    document_id bigint NOT NULL,
    origin_id bigint,
    piece_id bigint,
    variant_id bigint NOT NULL,
    from_place_id bigint NOT NULL,
    to_place_id bigint NOT NULL,
    CONSTRAINT inventory_movement_goes_somewhere CHECK ((NOT (from_place_id = to_place_id))),
    CONSTRAINT inventory_movement_line_check CHECK ((line >= 0)),
    CONSTRAINT inventory_movement_piece_is_one CHECK (((piece_id IS NULL) OR (quantity = (1)::numeric))),
    CONSTRAINT inventory_movement_quantity CHECK ((quantity > (0)::numeric))
);
ALTER TABLE public.inventory_movement ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_movement_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_negativepolicy (
    id bigint NOT NULL,
    policy character varying(5) NOT NULL,
    category_id bigint NOT NULL,
    place_id bigint
);
ALTER TABLE public.inventory_negativepolicy ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_negativepolicy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_openedunit (
    id bigint NOT NULL,
    "left" numeric(18,4) NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    use_by timestamp with time zone,
    ended_at timestamp with time zone,
    batch_id bigint,
    place_id bigint NOT NULL,
    variant_id bigint NOT NULL,
    CONSTRAINT inventory_openedunit_left CHECK ((((ended_at IS NULL) AND ("left" > (0)::numeric) AND ("left" <= (1)::numeric)) OR ((ended_at IS NOT NULL) AND ("left" = (0)::numeric))))
);
ALTER TABLE public.inventory_openedunit ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_openedunit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_openlife (
    variant_id bigint NOT NULL,
    days smallint NOT NULL,
    CONSTRAINT inventory_openlife_days CHECK ((days > 0)),
    CONSTRAINT inventory_openlife_days_check CHECK ((days >= 0))
);
CREATE TABLE public.inventory_periodlock (
    id bigint NOT NULL,
    locked_through date NOT NULL,
    last_document_id bigint NOT NULL,
    locked_at timestamp with time zone NOT NULL,
    user_id bigint,
    legal_entity_id bigint NOT NULL
);
ALTER TABLE public.inventory_periodlock ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_periodlock_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_pieceat (
    piece_id bigint NOT NULL,
    since timestamp with time zone NOT NULL,
    movement_id bigint NOT NULL,
    came_from_id bigint NOT NULL,
    place_id bigint NOT NULL
);
CREATE TABLE public.inventory_place (
    id bigint NOT NULL,
    kind character varying(8) NOT NULL,
    name character varying(40) NOT NULL,
    negative character varying(5) NOT NULL,
    legal_entity_id bigint NOT NULL,
    stock_place_id bigint,
    store_id bigint,
    CONSTRAINT inventory_place_of_store_or_virtual CHECK (((((kind)::text = 'STOCK'::text) AND (stock_place_id IS NOT NULL) AND (store_id IS NOT NULL)) OR (((kind)::text = 'CUSTODY'::text) AND (store_id IS NOT NULL)) OR ((NOT ((kind)::text = ANY (ARRAY[('STOCK'::character varying)::text, ('CUSTODY'::character varying)::text]))) AND (stock_place_id IS NULL) AND (store_id IS NULL))))
);
ALTER TABLE public.inventory_place ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_place_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_reservation (
    id bigint NOT NULL,
    reference character varying(200) NOT NULL,
    quantity numeric(18,4) NOT NULL,
    reserved_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    released_at timestamp with time zone,
    taken_at timestamp with time zone,
    batch_id bigint,
    piece_id bigint,
    place_id bigint NOT NULL,
    variant_id bigint NOT NULL,
    CONSTRAINT inventory_reservation_ends_once CHECK (((released_at IS NULL) OR (taken_at IS NULL))),
    CONSTRAINT inventory_reservation_quantity CHECK ((quantity > (0)::numeric))
);
ALTER TABLE public.inventory_reservation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_reservation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_safetystock (
    id bigint NOT NULL,
    minimum numeric(18,4) NOT NULL,
    maximum numeric(18,4),
    place_id bigint NOT NULL,
    variant_id bigint NOT NULL,
    CONSTRAINT inventory_safetystock_bounds CHECK (((minimum >= (0)::numeric) AND ((maximum IS NULL) OR (maximum >= minimum))))
);
ALTER TABLE public.inventory_safetystock ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_safetystock_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_stockalert (
    id bigint NOT NULL,
    kind character varying(8) NOT NULL,
    quantity numeric(18,4) NOT NULL,
    facts jsonb NOT NULL,
    began_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    batch_id bigint,
    place_id bigint NOT NULL,
    variant_id bigint NOT NULL
);
ALTER TABLE public.inventory_stockalert ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_stockalert_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_stockclosing (
    id bigint NOT NULL,
    closed_on date NOT NULL,
    quantity numeric(18,4) NOT NULL,
    place_id bigint NOT NULL,
    variant_id bigint NOT NULL
);
ALTER TABLE public.inventory_stockclosing ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_stockclosing_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_transfer (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    state character varying(9) NOT NULL,
    passes character varying(11) NOT NULL,
    pricing character varying(9) NOT NULL,
    markup_bp integer NOT NULL,
    note character varying(200) NOT NULL,
    reason character varying(200) NOT NULL,
    planned_at timestamp with time zone NOT NULL,
    shipped_at timestamp with time zone,
    closed_at timestamp with time zone,
    closed_by_id bigint,
    from_place_id bigint NOT NULL,
    planned_by_id bigint,
    receipt_id bigint,
    shipment_id bigint,
    shipped_by_id bigint,
    to_place_id bigint NOT NULL,
    CONSTRAINT inventory_transfer_goes_somewhere CHECK ((NOT (from_place_id = to_place_id))),
    CONSTRAINT inventory_transfer_markup_bp_check CHECK ((markup_bp >= 0)),
    CONSTRAINT inventory_transfer_moved_by_shipment CHECK ((((shipment_id IS NULL) AND ((state)::text = ANY (ARRAY[('PLANNED'::character varying)::text, ('CANCELLED'::character varying)::text]))) OR ((shipment_id IS NOT NULL) AND ((state)::text = ANY (ARRAY[('SHIPPED'::character varying)::text, ('RECEIVED'::character varying)::text, ('RETURNED'::character varying)::text]))))),
    CONSTRAINT inventory_transfer_state_has_times CHECK ((((closed_at IS NULL) AND (shipped_at IS NULL) AND ((state)::text = 'PLANNED'::text)) OR ((closed_at IS NULL) AND (shipped_at IS NOT NULL) AND ((state)::text = 'SHIPPED'::text)) OR ((closed_at IS NOT NULL) AND (shipped_at IS NOT NULL) AND ((state)::text = ANY (ARRAY[('RECEIVED'::character varying)::text, ('RETURNED'::character varying)::text]))) OR ((closed_at IS NOT NULL) AND (shipped_at IS NULL) AND ((state)::text = 'CANCELLED'::text))))
);
ALTER TABLE public.inventory_transfer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_transfer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.inventory_transferline (
    id bigint NOT NULL,
    line integer NOT NULL,
    quantity numeric(18,4) NOT NULL,
    shipped numeric(18,4),
    good numeric(18,4),
    damaged numeric(18,4),
    missing character varying(8) NOT NULL,
    beyond character varying(9) NOT NULL,
    unit_price numeric(20,6),
    batch_id bigint,
    piece_id bigint,
    transfer_id bigint NOT NULL,
    variant_id bigint NOT NULL,
    CONSTRAINT inventory_transferline_line_check CHECK ((line >= 0)),
    CONSTRAINT inventory_transferline_quantities CHECK (((quantity > (0)::numeric) AND ((shipped IS NULL) OR (shipped >= (0)::numeric)) AND ((good IS NULL) OR ((damaged >= (0)::numeric) AND (good >= (0)::numeric) AND (shipped IS NOT NULL)))))
);
ALTER TABLE public.inventory_transferline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inventory_transferline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.journeys_journey (
    id bigint NOT NULL,
    search_words tsvector,
    name character varying(40) NOT NULL,
    care character varying(12) NOT NULL,
    state character varying(7) NOT NULL,
    store_ids bigint[] NOT NULL,
    draft jsonb NOT NULL,
    version integer NOT NULL,
    salt character varying(32) NOT NULL,
    admits_since timestamp with time zone,
    scanned_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT journeys_journey_published CHECK (((((state)::text = 'DRAFT'::text) AND (version = 0)) OR ((admits_since IS NOT NULL) AND (scanned_at IS NOT NULL) AND (version > 0)))),
    CONSTRAINT journeys_journey_version_check CHECK ((version >= 0))
);
ALTER TABLE public.journeys_journey ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.journeys_journey_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.journeys_known (
    id bigint NOT NULL,
    customer_id bigint NOT NULL,
    journey_id bigint NOT NULL
);
ALTER TABLE public.journeys_known ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.journeys_known_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.journeys_passage (
    id bigint NOT NULL,
    occurrence character varying(60) NOT NULL,
    arm character varying(7) NOT NULL,
    state character varying(5) NOT NULL,
    step character varying(12) NOT NULL,
    due_at timestamp with time zone NOT NULL,
    anchor date,
    entered_at timestamp with time zone NOT NULL,
    handed_at timestamp with time zone,
    message_id bigint,
    round smallint NOT NULL,
    coupon_id bigint,
    ended_at timestamp with time zone,
    reason character varying(40) NOT NULL,
    customer_id bigint NOT NULL,
    journey_id bigint NOT NULL,
    version_id bigint NOT NULL,
    CONSTRAINT journeys_passage_control_gets_nothing CHECK ((((arm)::text = 'TREATED'::text) OR ((coupon_id IS NULL) AND (handed_at IS NULL)))),
    CONSTRAINT journeys_passage_ends CHECK ((((ended_at IS NULL) AND ((state)::text = 'GOING'::text) AND ((step)::text > ''::text)) OR ((NOT ((state)::text = 'GOING'::text)) AND (ended_at IS NOT NULL) AND (handed_at IS NULL)))),
    CONSTRAINT journeys_passage_round_check CHECK ((round >= 0))
);
ALTER TABLE public.journeys_passage ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.journeys_passage_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.journeys_passed (
    id bigint NOT NULL,
    step character varying(12) NOT NULL,
    outcome character varying(7) NOT NULL,
    reason character varying(40) NOT NULL,
    channel character varying(8) NOT NULL,
    message_id bigint,
    at timestamp with time zone NOT NULL,
    passage_id bigint NOT NULL
);
ALTER TABLE public.journeys_passed ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.journeys_passed_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.journeys_version (
    id bigint NOT NULL,
    number integer NOT NULL,
    plan jsonb NOT NULL,
    published_at timestamp with time zone NOT NULL,
    journey_id bigint NOT NULL,
    published_by_id bigint,
    CONSTRAINT journeys_version_number_check CHECK ((number >= 0))
);
ALTER TABLE public.journeys_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.journeys_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.ledger_account (
    id bigint NOT NULL,
    code character varying(40) NOT NULL,
    side smallint NOT NULL,
    unit character varying(40) NOT NULL,
    holder character varying(120) NOT NULL,
    store_id bigint,
    legal_entity_id bigint,
    floor bigint,
    has_lots boolean NOT NULL,
    CONSTRAINT ledger_account_floor CHECK (((floor IS NULL) OR (floor <= 0))),
    CONSTRAINT ledger_account_side CHECK ((side = ANY (ARRAY[1, '-1'::integer]))),
    CONSTRAINT ledger_lots_guarded CHECK (((NOT has_lots) OR (floor IS NOT NULL)))
);
ALTER TABLE public.ledger_account ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.ledger_account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.ledger_accountbalance (
    account_id bigint NOT NULL,
    balance bigint NOT NULL,
    floor bigint NOT NULL,
    CONSTRAINT ledger_balance_not_below_floor CHECK ((balance >= floor))
)
WITH (fillfactor='60');
CREATE TABLE public.ledger_balancesnapshot (
    account_id bigint NOT NULL,
    balance bigint NOT NULL,
    upto_id bigint NOT NULL
);
CREATE TABLE public.ledger_closing (
    id bigint NOT NULL,
    closed_before date NOT NULL,
    last_transaction_id bigint NOT NULL,
    closed_at timestamp with time zone NOT NULL,
    user_id bigint
);
ALTER TABLE public.ledger_closing ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.ledger_closing_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.ledger_lot (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    transaction_id bigint NOT NULL,
    quantity bigint NOT NULL,
    remaining bigint NOT NULL,
    expires_at timestamp with time zone,
    source character varying(120) NOT NULL,
    reopens_id bigint,
    CONSTRAINT ledger_lot_remaining CHECK ((((quantity > 0) AND (remaining >= 0) AND (remaining <= quantity)) OR ((quantity < 0) AND (remaining >= quantity) AND (remaining <= 0))))
);
ALTER TABLE public.ledger_lot ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.ledger_lot_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.ledger_lotchange (
    transaction_id bigint NOT NULL,
    lot_id bigint NOT NULL,
    quantity bigint NOT NULL,
    CONSTRAINT ledger_lotchange_not_zero CHECK ((NOT (quantity = 0)))
);
CREATE TABLE public.ledger_posting (
    transaction_id bigint NOT NULL,
    account_id bigint NOT NULL,
    unit character varying(40) NOT NULL,
    amount bigint NOT NULL,
    CONSTRAINT ledger_posting_not_zero CHECK ((NOT (amount = 0)))
);
CREATE TABLE public.ledger_transaction (
    id bigint NOT NULL,
    reference character varying(200) NOT NULL,
    digest character varying(64) NOT NULL,
    kind character varying(60) NOT NULL,
    business_date date NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    user_id bigint,
    operation character varying(80) NOT NULL,
    memo jsonb NOT NULL,
    reverses_id bigint,
    refunds_id bigint,
    CONSTRAINT ledger_transaction_one_origin CHECK (((reverses_id IS NULL) OR (refunds_id IS NULL)))
);
ALTER TABLE public.ledger_transaction ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.ledger_transaction_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.loyalty_earningrule (
    id bigint NOT NULL,
    name character varying(40) NOT NULL,
    kind character varying(8) NOT NULL,
    "position" smallint NOT NULL,
    points integer NOT NULL,
    per_amount bigint NOT NULL,
    factor_bp integer NOT NULL,
    is_repeated boolean NOT NULL,
    category_ids bigint[] NOT NULL,
    product_ids bigint[] NOT NULL,
    store_ids bigint[] NOT NULL,
    level_codes character varying(24)[] NOT NULL,
    weekdays smallint[] NOT NULL,
    birthday character varying(5) NOT NULL,
    from_date date,
    to_date date,
    is_active boolean NOT NULL,
    programme_id bigint NOT NULL,
    CONSTRAINT loyalty_earningrule_factor_bp_check CHECK ((factor_bp >= 0)),
    CONSTRAINT loyalty_earningrule_points_check CHECK ((points >= 0)),
    CONSTRAINT loyalty_earningrule_position_check CHECK (("position" >= 0)),
    CONSTRAINT loyalty_rule_days CHECK (((from_date IS NULL) OR (to_date IS NULL) OR (to_date >= from_date))),
    CONSTRAINT loyalty_rule_per_amount CHECK ((per_amount > 0))
);
ALTER TABLE public.loyalty_earningrule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.loyalty_earningrule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.loyalty_expirynotice (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    points bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    customer_id bigint NOT NULL
);
ALTER TABLE public.loyalty_expirynotice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.loyalty_expirynotice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.loyalty_gift (
    id bigint NOT NULL,
    name character varying(40) NOT NULL,
    occasion character varying(8) NOT NULL,
    level_codes character varying(24)[] NOT NULL,
    points integer NOT NULL,
    valid_days smallint NOT NULL,
    coupon_kind character varying(80) NOT NULL,
    days_before smallint NOT NULL,
    is_active boolean NOT NULL,
    programme_id bigint NOT NULL,
    CONSTRAINT loyalty_gift_days_before CHECK ((days_before <= 60)),
    CONSTRAINT loyalty_gift_days_before_check CHECK ((days_before >= 0)),
    CONSTRAINT loyalty_gift_points_check CHECK ((points >= 0)),
    CONSTRAINT loyalty_gift_valid_days_check CHECK ((valid_days >= 0))
);
ALTER TABLE public.loyalty_gift ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.loyalty_gift_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.loyalty_giftgiven (
    id bigint NOT NULL,
    occasion character varying(8) NOT NULL,
    year smallint NOT NULL,
    celebrated_on date NOT NULL,
    points integer NOT NULL,
    at timestamp with time zone NOT NULL,
    customer_id bigint NOT NULL,
    gift_id bigint NOT NULL,
    CONSTRAINT loyalty_giftgiven_points_check CHECK ((points >= 0)),
    CONSTRAINT loyalty_giftgiven_year_check CHECK ((year >= 0))
);
ALTER TABLE public.loyalty_giftgiven ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.loyalty_giftgiven_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.loyalty_level (
    id bigint NOT NULL,
    code character varying(24) NOT NULL,
    name character varying(20) NOT NULL,
    rank smallint NOT NULL,
    least_amount bigint,
    least_orders integer,
    least_points integer,
    needs_all boolean NOT NULL,
    price_amount bigint,
    paid_days smallint NOT NULL,
    points_bp integer NOT NULL,
    discount_bp integer NOT NULL,
    benefits character varying(60)[] NOT NULL,
    archived_at timestamp with time zone,
    programme_id bigint NOT NULL,
    CONSTRAINT loyalty_level_discount CHECK ((discount_bp <= 10000)),
    CONSTRAINT loyalty_level_discount_bp_check CHECK ((discount_bp >= 0)),
    CONSTRAINT loyalty_level_least_orders_check CHECK ((least_orders >= 0)),
    CONSTRAINT loyalty_level_least_points_check CHECK ((least_points >= 0)),
    CONSTRAINT loyalty_level_paid_days_check CHECK ((paid_days >= 0)),
    CONSTRAINT loyalty_level_points_bp_check CHECK ((points_bp >= 0)),
    CONSTRAINT loyalty_level_rank_check CHECK ((rank >= 0))
);
ALTER TABLE public.loyalty_level ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.loyalty_level_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.loyalty_levelchange (
    id bigint NOT NULL,
    why character varying(9) NOT NULL,
    "on" date NOT NULL,
    at timestamp with time zone NOT NULL,
    spend_amount bigint NOT NULL,
    order_count integer NOT NULL,
    tier_points bigint NOT NULL,
    after_id bigint,
    before_id bigint,
    by_id bigint,
    customer_id bigint NOT NULL
);
ALTER TABLE public.loyalty_levelchange ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.loyalty_levelchange_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.loyalty_levelgrant (
    id bigint NOT NULL,
    kind character varying(8) NOT NULL,
    from_date date NOT NULL,
    to_date date,
    reason character varying(200) NOT NULL,
    reference character varying(120) NOT NULL,
    run_id bigint,
    at timestamp with time zone NOT NULL,
    withdrawn_at timestamp with time zone,
    by_id bigint,
    customer_id bigint NOT NULL,
    level_id bigint NOT NULL,
    CONSTRAINT loyalty_grant_days CHECK (((to_date IS NULL) OR (to_date >= from_date)))
);
ALTER TABLE public.loyalty_levelgrant ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.loyalty_levelgrant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.loyalty_memberreturn (
    id bigint NOT NULL,
    reference character varying(120) NOT NULL,
    business_date date NOT NULL,
    at timestamp with time zone NOT NULL,
    "left" jsonb NOT NULL,
    spend_back bigint NOT NULL,
    earned_back bigint NOT NULL,
    redeemed_back bigint NOT NULL,
    lapsed_points bigint NOT NULL,
    short_points bigint NOT NULL,
    owed_points bigint NOT NULL,
    deducted_amount bigint NOT NULL,
    policy character varying(11) NOT NULL,
    sale_id bigint NOT NULL
);
ALTER TABLE public.loyalty_memberreturn ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.loyalty_memberreturn_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.loyalty_membersale (
    id bigint NOT NULL,
    reference character varying(120) NOT NULL,
    store_id bigint,
    business_date date NOT NULL,
    counted_on date NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    spend_amount bigint NOT NULL,
    tier_points bigint NOT NULL,
    earned_points bigint NOT NULL,
    redeemed_points bigint NOT NULL,
    lines jsonb NOT NULL,
    bonuses jsonb NOT NULL,
    spend_back bigint NOT NULL,
    tier_points_back bigint NOT NULL,
    earned_back bigint NOT NULL,
    redeemed_back bigint NOT NULL,
    is_returned boolean NOT NULL,
    releases_at timestamp with time zone,
    released_at timestamp with time zone,
    followed_at timestamp with time zone,
    customer_id bigint NOT NULL,
    programme_id bigint NOT NULL,
    CONSTRAINT loyalty_sale_back_within CHECK (((earned_back >= 0) AND (earned_back <= earned_points) AND (redeemed_back >= 0) AND (redeemed_back <= redeemed_points) AND (spend_back >= 0) AND (spend_back <= spend_amount) AND (tier_points_back >= 0) AND (tier_points_back <= tier_points)))
);
ALTER TABLE public.loyalty_membersale ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.loyalty_membersale_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.loyalty_membership (
    customer_id bigint NOT NULL,
    joined_on date NOT NULL,
    since date NOT NULL,
    below_since date,
    held_until date,
    level_id bigint,
    reached_id bigint,
    programme_id bigint NOT NULL
);
CREATE TABLE public.loyalty_openingpoints (
    id bigint NOT NULL,
    row_number integer NOT NULL,
    points bigint NOT NULL,
    transaction_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    run_id bigint NOT NULL,
    CONSTRAINT loyalty_openingpoints_row_number_check CHECK ((row_number >= 0))
);
ALTER TABLE public.loyalty_openingpoints ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.loyalty_openingpoints_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.loyalty_programme (
    id bigint NOT NULL,
    name character varying(40) NOT NULL,
    is_default boolean NOT NULL,
    is_active boolean NOT NULL,
    time_zone character varying(40) NOT NULL,
    currency character varying(3) NOT NULL,
    "window" character varying(13) NOT NULL,
    window_days smallint NOT NULL,
    downgrade character varying(10) NOT NULL,
    grace_days smallint NOT NULL,
    keeps_after_refund boolean NOT NULL,
    pending_days smallint NOT NULL,
    expiry character varying(11) NOT NULL,
    expiry_count smallint NOT NULL,
    notice_days smallint NOT NULL,
    worth_points integer NOT NULL,
    worth_amount bigint NOT NULL,
    redeem_step integer NOT NULL,
    redeem_minimum integer NOT NULL,
    redeem_cap_bp integer NOT NULL,
    redeem_cap_amount bigint,
    shortfall character varying(11) NOT NULL,
    return_grace_days smallint NOT NULL,
    earns_on_tax boolean NOT NULL,
    earns_on_bonus boolean NOT NULL,
    earns_on_shipping boolean NOT NULL,
    earns_on_gift_cards boolean NOT NULL,
    stored_value_earns character varying(6) NOT NULL,
    is_referring boolean NOT NULL,
    referrer_points integer NOT NULL,
    referred_points integer NOT NULL,
    referral_least_amount bigint NOT NULL,
    referral_limit smallint NOT NULL,
    referral_limit_days smallint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT loyalty_programme_expiry_count_check CHECK ((expiry_count >= 0)),
    CONSTRAINT loyalty_programme_grace_days_check CHECK ((grace_days >= 0)),
    CONSTRAINT loyalty_programme_notice_days_check CHECK ((notice_days >= 0)),
    CONSTRAINT loyalty_programme_pending_days_check CHECK ((pending_days >= 0)),
    CONSTRAINT loyalty_programme_redeem_cap_bp_check CHECK ((redeem_cap_bp >= 0)),
    CONSTRAINT loyalty_programme_redeem_minimum_check CHECK ((redeem_minimum >= 0)),
    CONSTRAINT loyalty_programme_redeem_step_check CHECK ((redeem_step >= 0)),
    CONSTRAINT loyalty_programme_referral_limit_check CHECK ((referral_limit >= 0)),
    CONSTRAINT loyalty_programme_referral_limit_days_check CHECK ((referral_limit_days >= 0)),
    CONSTRAINT loyalty_programme_referred_points_check CHECK ((referred_points >= 0)),
    CONSTRAINT loyalty_programme_referrer_points_check CHECK ((referrer_points >= 0)),
    CONSTRAINT loyalty_programme_return_grace_days_check CHECK ((return_grace_days >= 0)),
    CONSTRAINT loyalty_programme_window_days_check CHECK ((window_days >= 0)),
    CONSTRAINT loyalty_programme_worth_points_check CHECK ((worth_points >= 0)),
    CONSTRAINT loyalty_redeem_cap CHECK (((redeem_cap_bp <= 10000) AND ((redeem_cap_amount IS NULL) OR (redeem_cap_amount >= 0)))),
    CONSTRAINT loyalty_window_days CHECK ((window_days > 0)),
    CONSTRAINT loyalty_worth_positive CHECK (((redeem_step > 0) AND (worth_amount >= 0) AND (worth_points > 0)))
);
ALTER TABLE public.loyalty_programme ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.loyalty_programme_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.loyalty_redemption (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    points integer NOT NULL,
    state character varying(9) NOT NULL,
    store_id bigint,
    at timestamp with time zone NOT NULL,
    given_at timestamp with time zone,
    cancelled_at timestamp with time zone,
    note character varying(200) NOT NULL,
    by_id bigint,
    customer_id bigint NOT NULL,
    reward_id bigint NOT NULL,
    CONSTRAINT loyalty_redemption_points_check CHECK ((points >= 0))
);
ALTER TABLE public.loyalty_redemption ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.loyalty_redemption_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.loyalty_referral (
    id bigint NOT NULL,
    state character varying(10) NOT NULL,
    why character varying(11) NOT NULL,
    made_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    referrer_points integer NOT NULL,
    referred_points integer NOT NULL,
    customer_id bigint NOT NULL,
    referred_id bigint NOT NULL,
    sale_id bigint,
    CONSTRAINT loyalty_referral_of_another CHECK ((NOT (customer_id = referred_id))),
    CONSTRAINT loyalty_referral_referred_points_check CHECK ((referred_points >= 0)),
    CONSTRAINT loyalty_referral_referrer_points_check CHECK ((referrer_points >= 0))
);
ALTER TABLE public.loyalty_referral ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.loyalty_referral_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.loyalty_referralcode (
    customer_id bigint NOT NULL,
    code character varying(12) NOT NULL,
    made_at timestamp with time zone NOT NULL
);
CREATE TABLE public.loyalty_reward (
    id bigint NOT NULL,
    name character varying(40) NOT NULL,
    kind character varying(8) NOT NULL,
    note character varying(120) NOT NULL,
    points integer NOT NULL,
    variant_id bigint,
    coupon_kind character varying(80) NOT NULL,
    level_codes character varying(24)[] NOT NULL,
    left_count integer,
    limit_per_member smallint,
    from_date date,
    to_date date,
    is_active boolean NOT NULL,
    programme_id bigint NOT NULL,
    CONSTRAINT loyalty_reward_left_count_check CHECK ((left_count >= 0)),
    CONSTRAINT loyalty_reward_limit_per_member_check CHECK ((limit_per_member >= 0)),
    CONSTRAINT loyalty_reward_names_coupon CHECK (((NOT ((kind)::text = 'COUPON'::text)) OR (NOT ((coupon_kind)::text = ''::text)))),
    CONSTRAINT loyalty_reward_points CHECK ((points > 0)),
    CONSTRAINT loyalty_reward_points_check CHECK ((points >= 0))
);
ALTER TABLE public.loyalty_reward ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.loyalty_reward_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.marketing_campaign (
    id bigint NOT NULL,
    search_words tsvector,
    name character varying(40) NOT NULL,
    purpose character varying(12) NOT NULL,
    state character varying(9) NOT NULL,
    segment_id bigint,
    exclude_segment_ids bigint[] NOT NULL,
    rest_days smallint NOT NULL,
    store_ids bigint[] NOT NULL,
    audience jsonb NOT NULL,
    joins_until timestamp with time zone,
    joined_at timestamp with time zone,
    channels character varying(8)[] NOT NULL,
    link_url character varying(400) NOT NULL,
    control_bp integer NOT NULL,
    salt character varying(32) NOT NULL,
    is_once boolean NOT NULL,
    starts_at timestamp with time zone,
    spread_minutes integer NOT NULL,
    window_days smallint NOT NULL,
    prices jsonb NOT NULL,
    currency character varying(3) NOT NULL,
    budget_amount bigint,
    spent_amount bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    approved_at timestamp with time zone,
    began_at timestamp with time zone,
    ended_at timestamp with time zone,
    approved_by_id bigint,
    made_by_id bigint,
    submitted_by_id bigint,
    CONSTRAINT marketing_campaign_control_bp_check CHECK ((control_bp >= 0)),
    CONSTRAINT marketing_campaign_control_leaves_some CHECK ((control_bp <= 9000)),
    CONSTRAINT marketing_campaign_has_a_moment CHECK ((((state)::text = 'DRAFT'::text) OR (starts_at IS NOT NULL))),
    CONSTRAINT marketing_campaign_rest_days_check CHECK ((rest_days >= 0)),
    CONSTRAINT marketing_campaign_spread_minutes_check CHECK ((spread_minutes >= 0)),
    CONSTRAINT marketing_campaign_state CHECK (((state)::text = ANY (ARRAY[('DRAFT'::character varying)::text, ('WAITING'::character varying)::text, ('SCHEDULED'::character varying)::text, ('RUNNING'::character varying)::text, ('PAUSED'::character varying)::text, ('DONE'::character varying)::text, ('STOPPED'::character varying)::text]))),
    CONSTRAINT marketing_campaign_window CHECK (((window_days >= 1) AND (window_days <= 180))),
    CONSTRAINT marketing_campaign_window_days_check CHECK ((window_days >= 0)),
    CONSTRAINT marketing_campaign_within_budget CHECK (((spent_amount >= 0) AND ((budget_amount IS NULL) OR ((budget_amount > 0) AND (spent_amount <= budget_amount)))))
);
ALTER TABLE public.marketing_campaign ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.marketing_campaign_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.marketing_campaignstep (
    id bigint NOT NULL,
    before character varying(9) NOT NULL,
    after character varying(9) NOT NULL,
    at timestamp with time zone NOT NULL,
    reason character varying(200) NOT NULL,
    data jsonb NOT NULL,
    campaign_id bigint NOT NULL,
    user_id bigint
);
ALTER TABLE public.marketing_campaignstep ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.marketing_campaignstep_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.marketing_click (
    member_id bigint NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    count integer NOT NULL,
    CONSTRAINT marketing_click_count_check CHECK ((count >= 0))
);
CREATE TABLE public.marketing_member (
    id bigint NOT NULL,
    arm character varying(7) NOT NULL,
    state character varying(7) NOT NULL,
    reason character varying(40) NOT NULL,
    channel character varying(8) NOT NULL,
    round smallint NOT NULL,
    due_at timestamp with time zone NOT NULL,
    begun_at timestamp with time zone,
    coupon_id bigint,
    planned_amount numeric(14,4) NOT NULL,
    campaign_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    variant_id bigint,
    CONSTRAINT marketing_member_control_gets_nothing CHECK (((((arm)::text = 'CONTROL'::text) AND ((channel)::text = ''::text) AND (coupon_id IS NULL) AND (variant_id IS NULL)) OR (((arm)::text = 'TREATED'::text) AND (variant_id IS NOT NULL)))),
    CONSTRAINT marketing_member_round_check CHECK ((round >= 0)),
    CONSTRAINT marketing_member_state_of_arm CHECK ((((state)::text = ANY (ARRAY[('PLANNED'::character varying)::text, ('LEFT'::character varying)::text])) OR (((arm)::text = 'TREATED'::text) AND (begun_at IS NOT NULL) AND ((state)::text = 'HANDED'::text)) OR (((arm)::text = 'CONTROL'::text) AND (begun_at IS NOT NULL) AND ((state)::text = 'KEPT'::text))))
);
ALTER TABLE public.marketing_member ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.marketing_member_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.marketing_variant (
    id bigint NOT NULL,
    "position" smallint NOT NULL,
    weight smallint NOT NULL,
    campaign_id bigint NOT NULL,
    coupon_kind_id bigint,
    CONSTRAINT marketing_variant_few_with_weight CHECK ((("position" <= 3) AND (weight >= 1))),
    CONSTRAINT marketing_variant_position_check CHECK (("position" >= 0)),
    CONSTRAINT marketing_variant_weight_check CHECK ((weight >= 0))
);
ALTER TABLE public.marketing_variant ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.marketing_variant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.marketing_varianttext (
    id bigint NOT NULL,
    channel character varying(8) NOT NULL,
    template_id bigint NOT NULL,
    variant_id bigint NOT NULL
);
ALTER TABLE public.marketing_varianttext ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.marketing_varianttext_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.messaging_channelsetting (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    channel character varying(8) NOT NULL,
    carrier character varying(20) NOT NULL,
    is_on boolean NOT NULL,
    access_sealed bytea,
    day_limit smallint,
    week_limit smallint,
    month_limit smallint,
    month_quota integer,
    changed_at timestamp with time zone NOT NULL,
    reports_trouble character varying(8) NOT NULL,
    reports_failing_since timestamp with time zone,
    reports_said character varying(150) NOT NULL,
    CONSTRAINT messaging_channelsetting_day_limit_check CHECK ((day_limit >= 0)),
    CONSTRAINT messaging_channelsetting_month_limit_check CHECK ((month_limit >= 0)),
    CONSTRAINT messaging_channelsetting_month_quota_check CHECK ((month_quota >= 0)),
    CONSTRAINT messaging_channelsetting_week_limit_check CHECK ((week_limit >= 0))
);
ALTER TABLE public.messaging_channelsetting ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_channelsetting_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.messaging_channeluse (
    id bigint NOT NULL,
    channel character varying(8) NOT NULL,
    month date NOT NULL,
    count integer NOT NULL,
    CONSTRAINT messaging_channeluse_count_check CHECK ((count >= 0))
);
ALTER TABLE public.messaging_channeluse ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_channeluse_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.messaging_contacted (
    customer_id bigint NOT NULL,
    days jsonb NOT NULL
)
WITH (fillfactor='70');
CREATE TABLE public.messaging_handover (
    id uuid NOT NULL,
    channel character varying(8) NOT NULL,
    carrier character varying(20) NOT NULL,
    message_ids bigint[] NOT NULL,
    "position" integer NOT NULL,
    answers jsonb NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT messaging_handover_position_check CHECK (("position" >= 0))
)
WITH (fillfactor='50');
CREATE TABLE public.messaging_message (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    source character varying(60) NOT NULL,
    step character varying(40) NOT NULL,
    occurrence character varying(60) NOT NULL,
    channel character varying(8) NOT NULL,
    purpose character varying(12) NOT NULL,
    given_sealed bytea,
    said_sealed bytea,
    contact_id bigint,
    state character varying(10) NOT NULL,
    reason character varying(40) NOT NULL,
    detail character varying(200) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    carrier character varying(20) NOT NULL,
    carrier_id character varying(80) NOT NULL,
    counted_on date,
    try_count smallint NOT NULL,
    segments smallint NOT NULL,
    sent_at timestamp with time zone,
    delivered_at timestamp with time zone,
    read_at timestamp with time zone,
    created_by_id bigint,
    customer_id bigint NOT NULL,
    handover_id uuid,
    key_id uuid NOT NULL,
    store_id bigint,
    template_id bigint,
    CONSTRAINT messaging_claimed_by_batch CHECK (((NOT ((state)::text = 'CLAIMED'::text)) OR (handover_id IS NOT NULL))),
    CONSTRAINT messaging_message_segments_check CHECK ((segments >= 0)),
    CONSTRAINT messaging_message_state CHECK (((state)::text = ANY (ARRAY[('QUEUED'::character varying)::text, ('HELD'::character varying)::text, ('CLAIMED'::character varying)::text, ('HANDED'::character varying)::text, ('SENT'::character varying)::text, ('DELIVERED'::character varying)::text, ('READ'::character varying)::text, ('FAILED'::character varying)::text, ('UNKNOWN'::character varying)::text, ('SUPPRESSED'::character varying)::text, ('CANCELLED'::character varying)::text]))),
    CONSTRAINT messaging_message_try_count_check CHECK ((try_count >= 0))
)
WITH (fillfactor='80');
ALTER TABLE public.messaging_message ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_message_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.messaging_sendingrules (
    id smallint NOT NULL,
    quiet_from time without time zone NOT NULL,
    quiet_to time without time zone NOT NULL,
    day_limit smallint NOT NULL,
    week_limit smallint NOT NULL,
    month_limit smallint NOT NULL,
    changed_at timestamp with time zone,
    CONSTRAINT messaging_rules_are_one CHECK ((id = 1)),
    CONSTRAINT messaging_sendingrules_day_limit_check CHECK ((day_limit >= 0)),
    CONSTRAINT messaging_sendingrules_id_check CHECK ((id >= 0)),
    CONSTRAINT messaging_sendingrules_month_limit_check CHECK ((month_limit >= 0)),
    CONSTRAINT messaging_sendingrules_week_limit_check CHECK ((week_limit >= 0))
);
CREATE TABLE public.messaging_suppressedperson (
    id bigint NOT NULL,
    customer_id bigint NOT NULL,
    suppression_id bigint NOT NULL
);
ALTER TABLE public.messaging_suppressedperson ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_suppressedperson_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.messaging_suppression (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    channel character varying(8) NOT NULL,
    address_sealed bytea,
    address_exact bytea,
    why character varying(10) NOT NULL,
    note character varying(200) NOT NULL,
    since timestamp with time zone NOT NULL,
    lifted_at timestamp with time zone,
    by_id bigint
);
ALTER TABLE public.messaging_suppression ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_suppression_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.messaging_template (
    id bigint NOT NULL,
    name character varying(40) NOT NULL,
    channel character varying(8) NOT NULL,
    purpose character varying(12) NOT NULL,
    state character varying(8) NOT NULL,
    version integer NOT NULL,
    subject character varying(120) NOT NULL,
    body text NOT NULL,
    approved_code character varying(40) NOT NULL,
    signature character varying(12) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT messaging_template_version_check CHECK ((version >= 0))
);
ALTER TABLE public.messaging_template ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_template_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.messaging_templateversion (
    id bigint NOT NULL,
    number integer NOT NULL,
    subject character varying(120) NOT NULL,
    body text NOT NULL,
    approved_code character varying(40) NOT NULL,
    signature character varying(12) NOT NULL,
    since timestamp with time zone NOT NULL,
    by_id bigint,
    template_id bigint NOT NULL,
    CONSTRAINT messaging_templateversion_number_check CHECK ((number >= 0))
);
ALTER TABLE public.messaging_templateversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.messaging_templateversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.mfa_authenticator (
    id bigint NOT NULL,
    type character varying(20) NOT NULL,
    data jsonb NOT NULL,
    user_id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone
);
ALTER TABLE public.mfa_authenticator ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.mfa_authenticator_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.procrastinate_events (
    id bigint NOT NULL,
    job_id bigint NOT NULL,
    type public.procrastinate_job_event_type,
    at timestamp with time zone DEFAULT now()
);
CREATE SEQUENCE public.procrastinate_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.procrastinate_events_id_seq OWNED BY public.procrastinate_events.id;
CREATE SEQUENCE public.procrastinate_jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.procrastinate_jobs_id_seq OWNED BY public.procrastinate_jobs.id;
CREATE TABLE public.procrastinate_periodic_defers (
    id bigint NOT NULL,
    task_name character varying(128) NOT NULL,
    defer_timestamp bigint,
    job_id bigint,
    periodic_id character varying(128) DEFAULT ''::character varying NOT NULL
);
CREATE SEQUENCE public.procrastinate_periodic_defers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.procrastinate_periodic_defers_id_seq OWNED BY public.procrastinate_periodic_defers.id;
CREATE TABLE public.procrastinate_workers (
    id bigint NOT NULL,
    last_heartbeat timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.procrastinate_workers ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.procrastinate_workers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.promotions_coupon (
    id bigint NOT NULL,
    version integer NOT NULL,
    code character varying(16) NOT NULL,
    state character varying(8) NOT NULL,
    occasion character varying(100) NOT NULL,
    serial integer NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    claimed_at timestamp with time zone,
    valid_from timestamp with time zone,
    expires_at timestamp with time zone,
    used_at timestamp with time zone,
    used_reference character varying(100) NOT NULL,
    used_store_id bigint,
    used_amount bigint NOT NULL,
    brought_amount bigint NOT NULL,
    reason character varying(200) NOT NULL,
    noticed_at timestamp with time zone,
    customer_id bigint,
    batch_id bigint,
    kind_id bigint NOT NULL,
    CONSTRAINT promotions_coupon_amounts CHECK (((brought_amount >= 0) AND (used_amount >= 0))),
    CONSTRAINT promotions_coupon_of_somebody CHECK (((customer_id IS NOT NULL) OR (batch_id IS NOT NULL))),
    CONSTRAINT promotions_coupon_serial_check CHECK ((serial >= 0)),
    CONSTRAINT promotions_coupon_state CHECK ((((claimed_at IS NULL) AND ((state)::text = 'ISSUED'::text) AND (used_at IS NULL)) OR ((claimed_at IS NOT NULL) AND (customer_id IS NOT NULL) AND ((state)::text = 'CLAIMED'::text) AND (used_at IS NULL)) OR (((state)::text = 'USED'::text) AND (used_at IS NOT NULL) AND (NOT ((used_reference)::text = ''::text))) OR (((state)::text = ANY (ARRAY[('EXPIRED'::character varying)::text, ('REVOKED'::character varying)::text])) AND (used_at IS NULL)))),
    CONSTRAINT promotions_coupon_version_check CHECK ((version >= 0))
)
WITH (fillfactor='80');
ALTER TABLE public.promotions_coupon ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.promotions_coupon_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.promotions_couponbatch (
    id bigint NOT NULL,
    name character varying(40) NOT NULL,
    count integer NOT NULL,
    use_by date,
    reference character varying(100) NOT NULL,
    made_at timestamp with time zone NOT NULL,
    made_by_id bigint,
    kind_id bigint NOT NULL,
    CONSTRAINT promotions_batch_not_empty CHECK ((count > 0)),
    CONSTRAINT promotions_couponbatch_count_check CHECK ((count >= 0))
);
ALTER TABLE public.promotions_couponbatch ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.promotions_couponbatch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.promotions_couponkind (
    id bigint NOT NULL,
    search_words tsvector,
    name character varying(40) NOT NULL,
    kind character varying(16) NOT NULL,
    state character varying(8) NOT NULL,
    version integer NOT NULL,
    terms jsonb NOT NULL,
    note character varying(200) NOT NULL,
    store_ids bigint[] NOT NULL,
    total_limit bigint,
    issued_count bigint NOT NULL,
    per_customer_limit integer,
    validity character varying(12) NOT NULL,
    valid_from date,
    valid_to date,
    valid_days integer,
    starts_after_days integer NOT NULL,
    grace_days integer NOT NULL,
    notice_days integer NOT NULL,
    giving character varying(8) NOT NULL,
    is_claimable boolean NOT NULL,
    claim_from timestamp with time zone,
    claim_to timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    made_by_id bigint,
    CONSTRAINT promotions_couponkind_grace_days_check CHECK ((grace_days >= 0)),
    CONSTRAINT promotions_couponkind_notice_days_check CHECK ((notice_days >= 0)),
    CONSTRAINT promotions_couponkind_per_customer_limit_check CHECK ((per_customer_limit >= 0)),
    CONSTRAINT promotions_couponkind_starts_after_days_check CHECK ((starts_after_days >= 0)),
    CONSTRAINT promotions_couponkind_valid_days_check CHECK ((valid_days >= 0)),
    CONSTRAINT promotions_couponkind_version_check CHECK ((version >= 0)),
    CONSTRAINT promotions_kind_claim_forward CHECK (((claim_from IS NULL) OR (claim_to IS NULL) OR (claim_to > claim_from))),
    CONSTRAINT promotions_kind_state CHECK (((state)::text = ANY (ARRAY[('ACTIVE'::character varying)::text, ('PAUSED'::character varying)::text, ('ENDED'::character varying)::text]))),
    CONSTRAINT promotions_kind_validity CHECK ((((valid_from IS NOT NULL) AND (valid_to >= valid_from) AND ((validity)::text = 'FIXED'::text)) OR ((valid_days > 0) AND ((validity)::text = 'AFTER_CLAIM'::text)))),
    CONSTRAINT promotions_kind_within_limit CHECK ((((issued_count >= 0) AND (total_limit IS NULL)) OR ((issued_count >= 0) AND (issued_count <= total_limit) AND (total_limit > 0))))
);
ALTER TABLE public.promotions_couponkind ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.promotions_couponkind_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.promotions_couponkindversion (
    id bigint NOT NULL,
    number integer NOT NULL,
    terms jsonb NOT NULL,
    since timestamp with time zone NOT NULL,
    by_id bigint,
    kind_id bigint NOT NULL,
    CONSTRAINT promotions_couponkindversion_number_check CHECK ((number >= 0))
);
ALTER TABLE public.promotions_couponkindversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.promotions_couponkindversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.promotions_couponstep (
    id bigint NOT NULL,
    before character varying(8) NOT NULL,
    after character varying(8) NOT NULL,
    at timestamp with time zone NOT NULL,
    reference character varying(120) NOT NULL,
    reason character varying(200) NOT NULL,
    amount bigint NOT NULL,
    store_id bigint,
    coupon_id bigint NOT NULL,
    user_id bigint
);
ALTER TABLE public.promotions_couponstep ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.promotions_couponstep_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.promotions_coupontally (
    id bigint NOT NULL,
    count bigint NOT NULL,
    customer_id bigint NOT NULL,
    kind_id bigint NOT NULL,
    CONSTRAINT promotions_coupon_tally_not_below_zero CHECK ((count >= 0))
);
ALTER TABLE public.promotions_coupontally ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.promotions_coupontally_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.promotions_promotion (
    id bigint NOT NULL,
    search_words tsvector,
    name character varying(40) NOT NULL,
    kind character varying(24) NOT NULL,
    state character varying(8) NOT NULL,
    version integer NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    store_ids bigint[] NOT NULL,
    channels character varying(12)[] NOT NULL,
    priority integer NOT NULL,
    exclusion character varying(20) NOT NULL,
    terms jsonb NOT NULL,
    budget_amount bigint,
    budget_count bigint,
    spent_amount bigint NOT NULL,
    spent_count bigint NOT NULL,
    beyond_amount bigint NOT NULL,
    beyond_count bigint NOT NULL,
    per_customer_count integer,
    created_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    made_by_id bigint,
    CONSTRAINT promotions_limits_positive CHECK ((((budget_amount IS NULL) OR (budget_amount > 0)) AND ((budget_count IS NULL) OR (budget_count > 0)) AND ((per_customer_count IS NULL) OR (per_customer_count > 0)))),
    CONSTRAINT promotions_period_forward CHECK (((ends_at IS NULL) OR (ends_at > starts_at))),
    CONSTRAINT promotions_promotion_per_customer_count_check CHECK ((per_customer_count >= 0)),
    CONSTRAINT promotions_promotion_version_check CHECK ((version >= 0)),
    CONSTRAINT promotions_spent_not_below_zero CHECK (((beyond_amount >= 0) AND (beyond_count >= 0) AND (spent_amount >= 0) AND (spent_count >= 0))),
    CONSTRAINT promotions_state CHECK (((state)::text = ANY (ARRAY[('DRAFT'::character varying)::text, ('RUNNING'::character varying)::text, ('PAUSED'::character varying)::text, ('ENDED'::character varying)::text]))),
    CONSTRAINT promotions_within_budget CHECK (((budget_amount IS NULL) OR (spent_amount <= budget_amount))),
    CONSTRAINT promotions_within_count CHECK (((budget_count IS NULL) OR (spent_count <= budget_count)))
)
WITH (fillfactor='60');
ALTER TABLE public.promotions_promotion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.promotions_promotion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.promotions_promotiongiven (
    id bigint NOT NULL,
    version integer,
    reference character varying(100) NOT NULL,
    own_reference character varying(120) NOT NULL,
    store_id bigint,
    amount bigint NOT NULL,
    count bigint NOT NULL,
    brought_amount bigint NOT NULL,
    is_beyond boolean NOT NULL,
    at timestamp with time zone NOT NULL,
    customer_id bigint,
    promotion_id bigint NOT NULL,
    CONSTRAINT promotions_given_sign CHECK ((((amount >= 0) AND (count >= 0) AND ((own_reference)::text = ''::text)) OR ((NOT ((own_reference)::text = ''::text)) AND (amount <= 0) AND (count <= 0)))),
    CONSTRAINT promotions_promotiongiven_version_check CHECK ((version >= 0))
);
ALTER TABLE public.promotions_promotiongiven ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.promotions_promotiongiven_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.promotions_promotiontally (
    id bigint NOT NULL,
    count bigint NOT NULL,
    customer_id bigint NOT NULL,
    promotion_id bigint NOT NULL,
    CONSTRAINT promotions_tally_not_below_zero CHECK ((count >= 0))
)
WITH (fillfactor='70');
ALTER TABLE public.promotions_promotiontally ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.promotions_promotiontally_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.promotions_promotionversion (
    id bigint NOT NULL,
    number integer NOT NULL,
    terms jsonb NOT NULL,
    since timestamp with time zone NOT NULL,
    by_id bigint,
    promotion_id bigint NOT NULL,
    CONSTRAINT promotions_promotionversion_number_check CHECK ((number >= 0))
);
ALTER TABLE public.promotions_promotionversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.promotions_promotionversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.purchasing_importedsupplier (
    id bigint NOT NULL,
    "row" integer NOT NULL,
    is_new boolean NOT NULL,
    before jsonb NOT NULL,
    after jsonb NOT NULL,
    run_id bigint NOT NULL,
    supplier_id bigint NOT NULL
);
ALTER TABLE public.purchasing_importedsupplier ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.purchasing_importedsupplier_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.purchasing_ordercounter (
    id bigint NOT NULL,
    kind character varying(8) NOT NULL,
    year smallint NOT NULL,
    last integer NOT NULL,
    store_id bigint NOT NULL,
    CONSTRAINT purchasing_ordercounter_last_check CHECK ((last >= 0)),
    CONSTRAINT purchasing_ordercounter_year_check CHECK ((year >= 0))
);
ALTER TABLE public.purchasing_ordercounter ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.purchasing_ordercounter_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.purchasing_ordermessage (
    id bigint NOT NULL,
    "to" character varying(120) NOT NULL,
    language character varying(10) NOT NULL,
    revision smallint NOT NULL,
    queued_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone,
    failed_at timestamp with time zone,
    problem character varying(200) NOT NULL,
    order_id bigint NOT NULL,
    CONSTRAINT purchasing_ordermessage_ends_once CHECK (((sent_at IS NULL) OR (failed_at IS NULL))),
    CONSTRAINT purchasing_ordermessage_revision_check CHECK ((revision >= 0))
);
ALTER TABLE public.purchasing_ordermessage ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.purchasing_ordermessage_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.purchasing_planline (
    id bigint NOT NULL,
    suggested_quantity numeric(18,4) NOT NULL,
    quantity numeric(18,4) NOT NULL,
    explanation jsonb NOT NULL,
    facts jsonb NOT NULL,
    needs_a_decision boolean NOT NULL,
    decision character varying(9) NOT NULL,
    note character varying(120) NOT NULL,
    variant_id bigint NOT NULL,
    order_line_id bigint,
    plan_id bigint NOT NULL,
    supplier_id bigint,
    supplier_price_id bigint,
    CONSTRAINT purchasing_planline_quantities CHECK (((quantity >= (0)::numeric) AND (suggested_quantity >= (0)::numeric)))
);
ALTER TABLE public.purchasing_planline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.purchasing_planline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.purchasing_purchaseorder (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    number character varying(40) NOT NULL,
    state character varying(9) NOT NULL,
    expected_date date NOT NULL,
    currency character varying(3) NOT NULL,
    exchange_rate numeric(18,8) NOT NULL,
    is_tax_deductible boolean NOT NULL,
    total_amount bigint NOT NULL,
    tax_amount bigint NOT NULL,
    note character varying(400) NOT NULL,
    revision smallint NOT NULL,
    made_at timestamp with time zone NOT NULL,
    approved_at timestamp with time zone,
    channel character varying(7) NOT NULL,
    sent_at timestamp with time zone,
    closed_at timestamp with time zone,
    closed_reason character varying(200) NOT NULL,
    approved_by_id bigint,
    legal_entity_id bigint NOT NULL,
    made_by_id bigint,
    stock_place_id bigint,
    store_id bigint NOT NULL,
    plan_id bigint,
    supplier_id bigint NOT NULL,
    CONSTRAINT purchasing_order_amounts CHECK (((tax_amount >= 0) AND (tax_amount <= total_amount) AND (total_amount >= 0))),
    CONSTRAINT purchasing_order_closed_has_time CHECK ((((closed_at IS NOT NULL) AND ((state)::text = ANY (ARRAY[('DONE'::character varying)::text, ('CANCELLED'::character varying)::text]))) OR ((NOT ((state)::text = ANY (ARRAY[('DONE'::character varying)::text, ('CANCELLED'::character varying)::text]))) AND (closed_at IS NULL)))),
    CONSTRAINT purchasing_order_exchange_rate CHECK ((exchange_rate > (0)::numeric)),
    CONSTRAINT purchasing_order_sent_was_approved CHECK (((NOT ((state)::text = ANY (ARRAY[('SENT'::character varying)::text, ('PARTLY'::character varying)::text, ('DONE'::character varying)::text]))) OR ((approved_at IS NOT NULL) AND (sent_at IS NOT NULL)))),
    CONSTRAINT purchasing_order_state CHECK (((state)::text = ANY (ARRAY[('DRAFT'::character varying)::text, ('WAITING'::character varying)::text, ('APPROVED'::character varying)::text, ('SENT'::character varying)::text, ('PARTLY'::character varying)::text, ('DONE'::character varying)::text, ('CANCELLED'::character varying)::text]))),
    CONSTRAINT purchasing_purchaseorder_revision_check CHECK ((revision >= 0))
);
ALTER TABLE public.purchasing_purchaseorder ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.purchasing_purchaseorder_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.purchasing_purchaseorderline (
    id bigint NOT NULL,
    "position" smallint NOT NULL,
    supplier_code character varying(40) NOT NULL,
    pack_name character varying(12) NOT NULL,
    pack_quantity numeric(18,4) NOT NULL,
    quantity numeric(18,4) NOT NULL,
    price_amount bigint NOT NULL,
    tax_rate_bp integer NOT NULL,
    total_amount bigint NOT NULL,
    received_quantity numeric(18,4) NOT NULL,
    over_quantity numeric(18,4) NOT NULL,
    closed_quantity numeric(18,4) NOT NULL,
    returned_quantity numeric(18,4) NOT NULL,
    replaced_quantity numeric(18,4) NOT NULL,
    invoiced_quantity numeric(18,4) NOT NULL,
    note character varying(120) NOT NULL,
    order_id bigint NOT NULL,
    variant_id bigint NOT NULL,
    supplier_price_id bigint,
    CONSTRAINT purchasing_orderline_amounts CHECK (((pack_quantity > (0)::numeric) AND (price_amount >= 0) AND (quantity > (0)::numeric) AND (total_amount >= 0))),
    CONSTRAINT purchasing_orderline_counts CHECK (((closed_quantity >= (0)::numeric) AND (invoiced_quantity >= (0)::numeric) AND (over_quantity >= (0)::numeric) AND (received_quantity >= (0)::numeric) AND (replaced_quantity >= (0)::numeric) AND (returned_quantity >= (0)::numeric))),
    CONSTRAINT purchasing_orderline_never_more CHECK ((received_quantity <= ((quantity + over_quantity) + replaced_quantity))),
    CONSTRAINT purchasing_orderline_returned_what_came CHECK ((received_quantity >= (returned_quantity + replaced_quantity))),
    CONSTRAINT purchasing_purchaseorderline_position_check CHECK (("position" >= 0)),
    CONSTRAINT purchasing_purchaseorderline_tax_rate_bp_check CHECK ((tax_rate_bp >= 0))
);
ALTER TABLE public.purchasing_purchaseorderline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.purchasing_purchaseorderline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.purchasing_purchaseplan (
    id bigint NOT NULL,
    number character varying(40) NOT NULL,
    state character varying(9) NOT NULL,
    planned_on date NOT NULL,
    review_days smallint NOT NULL,
    forecaster character varying(40) NOT NULL,
    made_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    made_by_id bigint,
    store_id bigint NOT NULL,
    CONSTRAINT purchasing_plan_closed_has_time CHECK ((((closed_at IS NULL) AND ((state)::text = 'OPEN'::text)) OR ((closed_at IS NOT NULL) AND ((state)::text = ANY (ARRAY[('ACCEPTED'::character varying)::text, ('DISCARDED'::character varying)::text]))))),
    CONSTRAINT purchasing_purchaseplan_review_days_check CHECK ((review_days >= 0))
);
ALTER TABLE public.purchasing_purchaseplan ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.purchasing_purchaseplan_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.purchasing_receipt (
    id bigint NOT NULL,
    reference character varying(120) NOT NULL,
    digest character varying(64) NOT NULL,
    delivery_note character varying(40) NOT NULL,
    business_date date NOT NULL,
    received_at timestamp with time zone NOT NULL,
    note character varying(200) NOT NULL,
    document_id bigint,
    order_id bigint NOT NULL,
    received_by_id bigint,
    store_id bigint NOT NULL
);
ALTER TABLE public.purchasing_receipt ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.purchasing_receipt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.purchasing_receiptline (
    id bigint NOT NULL,
    "position" smallint NOT NULL,
    batch_code character varying(40) NOT NULL,
    delivered_quantity numeric(18,4) NOT NULL,
    accepted_quantity numeric(18,4) NOT NULL,
    over_quantity numeric(18,4) NOT NULL,
    missing_quantity numeric(18,4) NOT NULL,
    closed_quantity numeric(18,4) NOT NULL,
    difference character varying(11) NOT NULL,
    note character varying(200) NOT NULL,
    unit_cost numeric(20,6) NOT NULL,
    order_line_id bigint,
    piece_id bigint,
    receipt_id bigint NOT NULL,
    variant_id bigint NOT NULL,
    CONSTRAINT purchasing_receiptline_accepted_of_delivered CHECK (((accepted_quantity >= (0)::numeric) AND (delivered_quantity >= accepted_quantity))),
    CONSTRAINT purchasing_receiptline_over_has_reason CHECK (((over_quantity = (0)::numeric) OR (NOT ((note)::text = ''::text)))),
    CONSTRAINT purchasing_receiptline_position_check CHECK (("position" >= 0)),
    CONSTRAINT purchasing_receiptline_refused_has_reason CHECK (((accepted_quantity = delivered_quantity) OR ((difference)::text = ANY (ARRAY[('DAMAGED'::character varying)::text, ('WRONG_GOODS'::character varying)::text, ('EXPIRED'::character varying)::text, ('OTHER'::character varying)::text, ('OVER'::character varying)::text])))),
    CONSTRAINT purchasing_receiptline_takes_what_was_ordered CHECK (((order_line_id IS NOT NULL) OR (accepted_quantity = (0)::numeric)))
);
ALTER TABLE public.purchasing_receiptline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.purchasing_receiptline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.purchasing_supplier (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    search_words tsvector,
    custom jsonb NOT NULL,
    code character varying(20) NOT NULL,
    name character varying(80) NOT NULL,
    short_name character varying(20) NOT NULL,
    country character varying(2) NOT NULL,
    tax_number character varying(32) NOT NULL,
    contact_name character varying(40) NOT NULL,
    contact_phone_sealed bytea,
    contact_phone_exact bytea,
    contact_phone_last4 bytea,
    telephone character varying(32) NOT NULL,
    order_email character varying(120) NOT NULL,
    address character varying(200) NOT NULL,
    website character varying(200) NOT NULL,
    language character varying(10) NOT NULL,
    currency character varying(3) NOT NULL,
    payment_terms character varying(11) NOT NULL,
    payment_days smallint NOT NULL,
    lead_days smallint NOT NULL,
    minimum_order_amount bigint NOT NULL,
    is_tax_deductible boolean NOT NULL,
    rating smallint,
    note text NOT NULL,
    state character varying(8) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT purchasing_supplier_has_code CHECK ((NOT ((code)::text = ''::text))),
    CONSTRAINT purchasing_supplier_lead_days_check CHECK ((lead_days >= 0)),
    CONSTRAINT purchasing_supplier_least_order CHECK ((minimum_order_amount >= 0)),
    CONSTRAINT purchasing_supplier_payment_days_check CHECK ((payment_days >= 0)),
    CONSTRAINT purchasing_supplier_rating CHECK (((rating IS NULL) OR ((rating >= 1) AND (rating <= 5)))),
    CONSTRAINT purchasing_supplier_rating_check CHECK ((rating >= 0)),
    CONSTRAINT purchasing_supplier_state CHECK (((state)::text = ANY (ARRAY[('ACTIVE'::character varying)::text, ('PAUSED'::character varying)::text, ('ARCHIVED'::character varying)::text])))
);
ALTER TABLE public.purchasing_supplier ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.purchasing_supplier_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.purchasing_supplier_legal_entities (
    id bigint NOT NULL,
    supplier_id bigint NOT NULL,
    legalentity_id bigint NOT NULL
);
ALTER TABLE public.purchasing_supplier_legal_entities ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.purchasing_supplier_legal_entities_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.purchasing_supplierinvoice (
    id bigint NOT NULL,
    number character varying(40) NOT NULL,
    invoice_date date NOT NULL,
    due_date date NOT NULL,
    currency character varying(3) NOT NULL,
    total_amount bigint NOT NULL,
    tax_amount bigint NOT NULL,
    state character varying(9) NOT NULL,
    differences jsonb NOT NULL,
    note character varying(200) NOT NULL,
    decision_note character varying(200) NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    decided_at timestamp with time zone,
    decided_by_id bigint,
    legal_entity_id bigint NOT NULL,
    recorded_by_id bigint,
    supplier_id bigint NOT NULL,
    CONSTRAINT purchasing_invoice_amounts CHECK (((tax_amount >= 0) AND (tax_amount <= total_amount) AND (total_amount >= 0))),
    CONSTRAINT purchasing_invoice_decided_has_time CHECK ((((decided_at IS NULL) AND ((state)::text = ANY (ARRAY[('MATCHED'::character varying)::text, ('DISPUTED'::character varying)::text]))) OR ((decided_at IS NOT NULL) AND ((state)::text = ANY (ARRAY[('RELEASED'::character varying)::text, ('CANCELLED'::character varying)::text]))))),
    CONSTRAINT purchasing_invoice_has_number CHECK ((NOT ((number)::text = ''::text)))
);
ALTER TABLE public.purchasing_supplierinvoice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.purchasing_supplierinvoice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.purchasing_supplierinvoiceline (
    id bigint NOT NULL,
    "position" smallint NOT NULL,
    text character varying(120) NOT NULL,
    quantity numeric(18,4) NOT NULL,
    total_amount bigint NOT NULL,
    tax_rate_bp integer NOT NULL,
    match character varying(7) NOT NULL,
    differences jsonb NOT NULL,
    invoice_id bigint NOT NULL,
    order_line_id bigint,
    CONSTRAINT purchasing_invoiceline_amounts CHECK (((quantity > (0)::numeric) AND (total_amount >= 0))),
    CONSTRAINT purchasing_supplierinvoiceline_position_check CHECK (("position" >= 0)),
    CONSTRAINT purchasing_supplierinvoiceline_tax_rate_bp_check CHECK ((tax_rate_bp >= 0))
);
ALTER TABLE public.purchasing_supplierinvoiceline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.purchasing_supplierinvoiceline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.purchasing_supplierprice (
    id bigint NOT NULL,
    supplier_code character varying(40) NOT NULL,
    pack_name character varying(12) NOT NULL,
    pack_quantity numeric(18,4) NOT NULL,
    price_amount bigint NOT NULL,
    tax_rate_bp integer NOT NULL,
    minimum_quantity numeric(18,4) NOT NULL,
    lead_days smallint,
    from_date date NOT NULL,
    to_date date,
    before jsonb,
    is_touched boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    run_id bigint,
    supplier_id bigint NOT NULL,
    variant_id bigint NOT NULL,
    CONSTRAINT purchasing_price_amount CHECK ((price_amount >= 0)),
    CONSTRAINT purchasing_price_minimum CHECK ((minimum_quantity >= (0)::numeric)),
    CONSTRAINT purchasing_price_pack CHECK ((pack_quantity > (0)::numeric)),
    CONSTRAINT purchasing_price_period_forward CHECK (((to_date IS NULL) OR (to_date > from_date))),
    CONSTRAINT purchasing_price_tax CHECK ((tax_rate_bp <= 10000)),
    CONSTRAINT purchasing_supplierprice_lead_days_check CHECK ((lead_days >= 0)),
    CONSTRAINT purchasing_supplierprice_tax_rate_bp_check CHECK ((tax_rate_bp >= 0))
);
ALTER TABLE public.purchasing_supplierprice ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.purchasing_supplierprice_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.purchasing_supplierreturn (
    id bigint NOT NULL,
    reference character varying(120) NOT NULL,
    digest character varying(64) NOT NULL,
    wish character varying(7) NOT NULL,
    reason character varying(200) NOT NULL,
    currency character varying(3) NOT NULL,
    total_amount bigint NOT NULL,
    business_date date NOT NULL,
    returned_at timestamp with time zone NOT NULL,
    document_id bigint NOT NULL,
    order_id bigint,
    returned_by_id bigint,
    store_id bigint NOT NULL,
    supplier_id bigint NOT NULL,
    CONSTRAINT purchasing_return_amount CHECK ((total_amount >= 0)),
    CONSTRAINT purchasing_return_has_reason CHECK ((NOT ((reason)::text = ''::text)))
);
ALTER TABLE public.purchasing_supplierreturn ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.purchasing_supplierreturn_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.purchasing_supplierreturnline (
    id bigint NOT NULL,
    "position" smallint NOT NULL,
    quantity numeric(18,4) NOT NULL,
    amount bigint NOT NULL,
    order_line_id bigint,
    supplier_return_id bigint NOT NULL,
    variant_id bigint NOT NULL,
    CONSTRAINT purchasing_returnline_amounts CHECK (((amount >= 0) AND (quantity > (0)::numeric))),
    CONSTRAINT purchasing_supplierreturnline_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.purchasing_supplierreturnline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.purchasing_supplierreturnline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.purchasing_supplyrule (
    id bigint NOT NULL,
    review_days smallint,
    safety_quantity numeric(18,4),
    maximum_quantity numeric(18,4),
    is_planned boolean NOT NULL,
    store_id bigint,
    supplier_id bigint,
    variant_id bigint NOT NULL,
    CONSTRAINT purchasing_supplyrule_most_above_reserve CHECK (((maximum_quantity IS NULL) OR ((maximum_quantity > (0)::numeric) AND (safety_quantity IS NULL)) OR (maximum_quantity >= safety_quantity))),
    CONSTRAINT purchasing_supplyrule_reserve CHECK (((safety_quantity IS NULL) OR (safety_quantity >= (0)::numeric))),
    CONSTRAINT purchasing_supplyrule_review_days_check CHECK ((review_days >= 0))
);
ALTER TABLE public.purchasing_supplyrule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.purchasing_supplyrule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_cashcount (
    id bigint NOT NULL,
    kind character varying(7) NOT NULL,
    pieces jsonb NOT NULL,
    total_amount bigint NOT NULL,
    counted_at timestamp with time zone NOT NULL,
    counted_by_id bigint,
    shift_id bigint NOT NULL,
    CONSTRAINT sales_cashcount_amount CHECK ((total_amount >= 0)),
    CONSTRAINT sales_cashcount_kind CHECK (((kind)::text = ANY (ARRAY[('OPENING'::character varying)::text, ('CLOSING'::character varying)::text])))
);
ALTER TABLE public.sales_cashcount ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_cashcount_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_cashmovement (
    id bigint NOT NULL,
    kind character varying(18) NOT NULL,
    amount bigint NOT NULL,
    reason character varying(200) NOT NULL,
    reference character varying(100) NOT NULL,
    business_date date NOT NULL,
    made_at timestamp with time zone NOT NULL,
    made_by_id bigint,
    shift_id bigint NOT NULL,
    CONSTRAINT sales_cashmovement_direction CHECK ((((amount > 0) AND ((kind)::text = ANY (ARRAY[('FROM_SAFE'::character varying)::text, ('FROM_BANK'::character varying)::text, ('OTHER_IN'::character varying)::text]))) OR ((amount < 0) AND ((kind)::text = ANY (ARRAY[('TO_SAFE'::character varying)::text, ('TO_BANK'::character varying)::text, ('EXPENSE'::character varying)::text]))) OR (((kind)::text = ANY (ARRAY[('PREPAID'::character varying)::text, ('OPENING_DIFFERENCE'::character varying)::text, ('DIFFERENCE'::character varying)::text, ('CORRECTION'::character varying)::text])) AND (NOT (amount = 0)))))
);
ALTER TABLE public.sales_cashmovement ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_cashmovement_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_channelrow (
    id bigint NOT NULL,
    business_date date NOT NULL,
    reference character varying(64) NOT NULL,
    channel_amount bigint,
    our_amount bigint,
    state character varying(14) NOT NULL,
    compared_at timestamp with time zone NOT NULL,
    legal_entity_id bigint NOT NULL,
    payment_id bigint,
    refund_id bigint,
    tender_id bigint NOT NULL
);
ALTER TABLE public.sales_channelrow ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_channelrow_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_creditterms (
    id bigint NOT NULL,
    limit_amount bigint NOT NULL,
    days smallint NOT NULL,
    is_blocked boolean NOT NULL,
    set_at timestamp with time zone NOT NULL,
    customer_id bigint NOT NULL,
    legal_entity_id bigint NOT NULL,
    set_by_id bigint,
    CONSTRAINT sales_creditterms_days_check CHECK ((days >= 0)),
    CONSTRAINT sales_creditterms_limit CHECK ((limit_amount >= 0))
);
ALTER TABLE public.sales_creditterms ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_creditterms_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_dayclose (
    id bigint NOT NULL,
    business_date date NOT NULL,
    sequence smallint NOT NULL,
    number integer NOT NULL,
    currency character varying(3) NOT NULL,
    closed_at timestamp with time zone NOT NULL,
    snapshot jsonb NOT NULL,
    digest character varying(64) NOT NULL,
    closed_by_id bigint,
    legal_entity_id bigint NOT NULL,
    store_id bigint NOT NULL,
    CONSTRAINT sales_dayclose_number_check CHECK ((number >= 0)),
    CONSTRAINT sales_dayclose_number_positive CHECK ((number > 0)),
    CONSTRAINT sales_dayclose_sequence_check CHECK ((sequence >= 0))
);
ALTER TABLE public.sales_dayclose ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_dayclose_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_delivery (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    kind character varying(12) NOT NULL,
    state character varying(9) NOT NULL,
    day date NOT NULL,
    attempts smallint NOT NULL,
    reason character varying(13) NOT NULL,
    province character varying(30) NOT NULL,
    city character varying(30) NOT NULL,
    district character varying(30) NOT NULL,
    street_sealed bytea,
    receiver_sealed bytea,
    phone_sealed bytea,
    note_sealed bytea,
    taken_by_sealed bytea,
    is_signed boolean NOT NULL,
    made_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    customer_id bigint NOT NULL,
    done_by_id bigint,
    key_id uuid NOT NULL,
    made_by_id bigint,
    order_id bigint NOT NULL,
    store_id bigint NOT NULL,
    task_id bigint,
    crew_id bigint,
    slot_id bigint,
    CONSTRAINT sales_delivery_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT sales_delivery_done_has_time CHECK ((((done_at IS NOT NULL) AND ((state)::text = 'DELIVERED'::text)) OR ((NOT ((state)::text = 'DELIVERED'::text)) AND (done_at IS NULL)))),
    CONSTRAINT sales_delivery_failed_has_reason CHECK (((NOT ((state)::text = 'FAILED'::text)) OR (NOT ((reason)::text = ''::text)))),
    CONSTRAINT sales_delivery_state CHECK ((((kind)::text = ANY (ARRAY[('DELIVERY'::character varying)::text, ('INSTALLATION'::character varying)::text])) AND ((state)::text = ANY (ARRAY[('PLANNED'::character varying)::text, ('LOADED'::character varying)::text, ('UNDER_WAY'::character varying)::text, ('DELIVERED'::character varying)::text, ('FAILED'::character varying)::text, ('CANCELLED'::character varying)::text]))))
);
ALTER TABLE public.sales_delivery ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_delivery_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_deliverychange (
    id bigint NOT NULL,
    state character varying(9) NOT NULL,
    day date NOT NULL,
    reason character varying(13) NOT NULL,
    note character varying(200) NOT NULL,
    at timestamp with time zone NOT NULL,
    delivery_id bigint NOT NULL,
    user_id bigint,
    crew_id bigint,
    slot_id bigint
);
ALTER TABLE public.sales_deliverychange ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_deliverychange_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_deliverycrew (
    id bigint NOT NULL,
    name character varying(30) NOT NULL,
    is_active boolean NOT NULL,
    store_id bigint NOT NULL
);
ALTER TABLE public.sales_deliverycrew ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_deliverycrew_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_deliverycrew_members (
    id bigint NOT NULL,
    deliverycrew_id bigint NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.sales_deliverycrew_members ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_deliverycrew_members_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_deliveryline (
    id bigint NOT NULL,
    quantity numeric(18,4) NOT NULL,
    delivery_id bigint NOT NULL,
    line_id bigint NOT NULL,
    CONSTRAINT sales_deliveryline_quantity CHECK ((quantity > (0)::numeric))
);
ALTER TABLE public.sales_deliveryline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_deliveryline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_deliveryproof (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    kind character varying(9) NOT NULL,
    content_type character varying(40) NOT NULL,
    size integer NOT NULL,
    added_at timestamp with time zone NOT NULL,
    erased_at timestamp with time zone,
    added_by_id bigint,
    delivery_id bigint NOT NULL,
    key_id uuid NOT NULL,
    CONSTRAINT sales_deliveryproof_size_check CHECK ((size >= 0))
);
ALTER TABLE public.sales_deliveryproof ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_deliveryproof_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_deliverysetting (
    store_id bigint NOT NULL,
    needs_signature boolean NOT NULL,
    needs_photo boolean NOT NULL,
    tells_customers boolean NOT NULL,
    gold_lock_hours smallint NOT NULL,
    old_gold_loss_bp integer NOT NULL,
    quote_days smallint NOT NULL,
    CONSTRAINT sales_deliverysetting_gold_lock_hours_check CHECK ((gold_lock_hours >= 0)),
    CONSTRAINT sales_deliverysetting_old_gold_loss_bp_check CHECK ((old_gold_loss_bp >= 0)),
    CONSTRAINT sales_deliverysetting_quote_days_check CHECK ((quote_days >= 0)),
    CONSTRAINT sales_deliverysetting_range CHECK (((gold_lock_hours >= 1) AND (gold_lock_hours <= 720) AND (old_gold_loss_bp <= 10000)))
);
CREATE TABLE public.sales_deliveryslot (
    id bigint NOT NULL,
    name character varying(20) NOT NULL,
    from_time time without time zone NOT NULL,
    to_time time without time zone NOT NULL,
    capacity smallint NOT NULL,
    weekdays smallint NOT NULL,
    is_active boolean NOT NULL,
    store_id bigint NOT NULL,
    CONSTRAINT sales_deliveryslot_capacity_check CHECK ((capacity >= 0)),
    CONSTRAINT sales_deliveryslot_forward CHECK (((to_time > from_time) AND (weekdays >= 1) AND (weekdays <= 127))),
    CONSTRAINT sales_deliveryslot_weekdays_check CHECK ((weekdays >= 0))
);
ALTER TABLE public.sales_deliveryslot ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_deliveryslot_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_devicegap (
    id bigint NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    noticed_at timestamp with time zone NOT NULL,
    journal_id bigint NOT NULL,
    CONSTRAINT sales_devicegap_range CHECK (((first >= 1) AND (last >= first)))
);
ALTER TABLE public.sales_devicegap ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_devicegap_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_devicejournal (
    id bigint NOT NULL,
    highest bigint NOT NULL,
    arrived_count bigint NOT NULL,
    skew_seconds integer NOT NULL,
    reported_at timestamp with time zone,
    device_id bigint NOT NULL,
    store_id bigint NOT NULL,
    CONSTRAINT sales_devicejournal_counts CHECK (((arrived_count >= 0) AND (highest >= arrived_count)))
)
WITH (fillfactor='60');
ALTER TABLE public.sales_devicejournal ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_devicejournal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_draweropening (
    id bigint NOT NULL,
    reason character varying(200) NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    opened_by_id bigint,
    shift_id bigint NOT NULL
);
ALTER TABLE public.sales_draweropening ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_draweropening_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_earnedline (
    id bigint NOT NULL,
    business_date date NOT NULL,
    earned_at timestamp with time zone NOT NULL,
    quantity numeric(18,4) NOT NULL,
    list_amount bigint NOT NULL,
    amount bigint NOT NULL,
    tax_amount bigint NOT NULL,
    cost numeric(20,6) NOT NULL,
    line_id bigint NOT NULL,
    store_id bigint NOT NULL,
    CONSTRAINT sales_earnedline_amounts CHECK (((amount >= 0) AND (list_amount >= 0) AND (quantity > (0)::numeric) AND (tax_amount >= 0)))
);
ALTER TABLE public.sales_earnedline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_earnedline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_historyitem (
    id bigint NOT NULL,
    code character varying(40) NOT NULL,
    name character varying(200) NOT NULL,
    why character varying(8) NOT NULL,
    names jsonb NOT NULL,
    name_count integer NOT NULL,
    line_count integer NOT NULL,
    run_id bigint NOT NULL,
    store_id bigint NOT NULL,
    variant_id bigint
);
ALTER TABLE public.sales_historyitem ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_historyitem_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_historyline (
    id bigint NOT NULL,
    "row" integer NOT NULL,
    number character varying(40) NOT NULL,
    code character varying(40) NOT NULL,
    name character varying(200) NOT NULL,
    quantity numeric(18,4) NOT NULL,
    unit_price numeric(18,6) NOT NULL,
    discount numeric(18,4) NOT NULL,
    amount bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    who character varying(120) NOT NULL,
    country character varying(60) NOT NULL,
    seller_id bigint,
    tender character varying(16) NOT NULL,
    kind character varying(12) NOT NULL,
    state character varying(9) NOT NULL,
    matched_quantity numeric(18,4) NOT NULL,
    matched_amount bigint NOT NULL,
    digest character varying(16) NOT NULL,
    customer_id bigint,
    line_id bigint,
    order_id bigint,
    run_id bigint NOT NULL,
    store_id bigint NOT NULL
);
ALTER TABLE public.sales_historyline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_historyline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_instalment (
    id bigint NOT NULL,
    "position" smallint NOT NULL,
    due_date date NOT NULL,
    amount bigint NOT NULL,
    order_id bigint NOT NULL,
    CONSTRAINT sales_instalment_amount CHECK ((amount > 0)),
    CONSTRAINT sales_instalment_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.sales_instalment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_instalment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_lineadjustment (
    id bigint NOT NULL,
    "position" smallint NOT NULL,
    stage character varying(16) NOT NULL,
    source character varying(60) NOT NULL,
    reason character varying(40) NOT NULL,
    "values" jsonb NOT NULL,
    amount bigint NOT NULL,
    line_id bigint NOT NULL,
    CONSTRAINT sales_lineadjustment_not_zero CHECK ((NOT (amount = 0))),
    CONSTRAINT sales_lineadjustment_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.sales_lineadjustment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_lineadjustment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_lineissue (
    id bigint NOT NULL,
    movement_id bigint NOT NULL,
    quantity numeric(18,4) NOT NULL,
    value numeric(20,6) NOT NULL,
    is_consumed boolean NOT NULL,
    returned_quantity numeric(18,4) NOT NULL,
    variant_id bigint NOT NULL,
    line_id bigint NOT NULL,
    CONSTRAINT sales_lineissue_never_more CHECK (((quantity > (0)::numeric) AND (returned_quantity >= (0)::numeric) AND (returned_quantity <= quantity)))
);
ALTER TABLE public.sales_lineissue ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_lineissue_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_lineperson (
    id bigint NOT NULL,
    share_bp integer NOT NULL,
    user_id bigint NOT NULL,
    line_id bigint NOT NULL,
    CONSTRAINT sales_lineperson_share CHECK (((share_bp > 0) AND (share_bp <= 10000))),
    CONSTRAINT sales_lineperson_share_bp_check CHECK ((share_bp >= 0))
);
ALTER TABLE public.sales_lineperson ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_lineperson_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_offlinegrant (
    id bigint NOT NULL,
    sale_count integer NOT NULL,
    total_amount bigint NOT NULL,
    sale_amount bigint NOT NULL,
    points_count integer NOT NULL,
    coupon_count integer NOT NULL,
    wallet_amount bigint NOT NULL,
    warn_hours smallint NOT NULL,
    block_hours smallint NOT NULL,
    uuid uuid NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    revoked_reason character varying(200) NOT NULL,
    used_sale_count integer NOT NULL,
    used_total_amount bigint NOT NULL,
    used_points_count bigint NOT NULL,
    used_coupon_count integer NOT NULL,
    used_wallet_amount bigint NOT NULL,
    device_id bigint NOT NULL,
    issued_by_id bigint,
    register_id bigint,
    revoked_by_id bigint,
    store_id bigint NOT NULL,
    CONSTRAINT sales_offlinegrant_block_hours_check CHECK ((block_hours >= 0)),
    CONSTRAINT sales_offlinegrant_coupon_count_check CHECK ((coupon_count >= 0)),
    CONSTRAINT sales_offlinegrant_period CHECK ((expires_at > issued_at)),
    CONSTRAINT sales_offlinegrant_points_count_check CHECK ((points_count >= 0)),
    CONSTRAINT sales_offlinegrant_sale_count_check CHECK ((sale_count >= 0)),
    CONSTRAINT sales_offlinegrant_used_coupon_count_check CHECK ((used_coupon_count >= 0)),
    CONSTRAINT sales_offlinegrant_used_sale_count_check CHECK ((used_sale_count >= 0)),
    CONSTRAINT sales_offlinegrant_warn_hours_check CHECK ((warn_hours >= 0))
);
ALTER TABLE public.sales_offlinegrant ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_offlinegrant_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_offlinepolicy (
    id bigint NOT NULL,
    sale_count integer NOT NULL,
    total_amount bigint NOT NULL,
    sale_amount bigint NOT NULL,
    points_count integer NOT NULL,
    coupon_count integer NOT NULL,
    wallet_amount bigint NOT NULL,
    warn_hours smallint NOT NULL,
    block_hours smallint NOT NULL,
    store_id bigint,
    CONSTRAINT sales_offlinepolicy_block_hours_check CHECK ((block_hours >= 0)),
    CONSTRAINT sales_offlinepolicy_coupon_count_check CHECK ((coupon_count >= 0)),
    CONSTRAINT sales_offlinepolicy_limits CHECK (((block_hours >= 1) AND (sale_amount >= 0) AND (total_amount >= 0) AND (wallet_amount >= 0) AND (warn_hours <= block_hours))),
    CONSTRAINT sales_offlinepolicy_points_count_check CHECK ((points_count >= 0)),
    CONSTRAINT sales_offlinepolicy_sale_count_check CHECK ((sale_count >= 0)),
    CONSTRAINT sales_offlinepolicy_warn_hours_check CHECK ((warn_hours >= 0))
);
ALTER TABLE public.sales_offlinepolicy ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_offlinepolicy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_oldgold (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    number character varying(40) NOT NULL,
    description character varying(120) NOT NULL,
    metal character varying(12) NOT NULL,
    fineness smallint NOT NULL,
    weight_mg bigint NOT NULL,
    loss_bp integer NOT NULL,
    price_amount bigint NOT NULL,
    price_fineness smallint NOT NULL,
    reason character varying(200) NOT NULL,
    currency character varying(3) NOT NULL,
    amount bigint NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    day_price_id bigint,
    order_id bigint NOT NULL,
    payment_id bigint NOT NULL,
    store_id bigint NOT NULL,
    taken_by_id bigint,
    CONSTRAINT sales_oldgold_amounts CHECK (((fineness > 0) AND (fineness <= 1000) AND (price_amount > 0) AND (weight_mg > 0) AND (amount > 0) AND (loss_bp <= 10000))),
    CONSTRAINT sales_oldgold_by_hand_has_reason CHECK (((day_price_id IS NOT NULL) OR (NOT ((reason)::text = ''::text)))),
    CONSTRAINT sales_oldgold_fineness_check CHECK ((fineness >= 0)),
    CONSTRAINT sales_oldgold_loss_bp_check CHECK ((loss_bp >= 0)),
    CONSTRAINT sales_oldgold_price_fineness_check CHECK ((price_fineness >= 0)),
    CONSTRAINT sales_oldgold_weight_mg_check CHECK ((weight_mg >= 0))
);
ALTER TABLE public.sales_oldgold ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_oldgold_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_order (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    digest character varying(64) NOT NULL,
    number character varying(40) NOT NULL,
    shift_id bigint,
    device_sequence bigint,
    channel character varying(11) NOT NULL,
    state character varying(13) NOT NULL,
    business_date date NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    device_at timestamp with time zone,
    recorded_at timestamp with time zone NOT NULL,
    is_offline boolean NOT NULL,
    due_date date,
    currency character varying(3) NOT NULL,
    list_amount bigint NOT NULL,
    total_amount bigint NOT NULL,
    tax_amount bigint NOT NULL,
    earned_amount bigint NOT NULL,
    forfeited_amount bigint NOT NULL,
    paid_amount bigint NOT NULL,
    returned_amount bigint NOT NULL,
    deposit_kind character varying(10) NOT NULL,
    deposit_amount bigint NOT NULL,
    coupon_ids jsonb NOT NULL,
    used_points bigint NOT NULL,
    earned_points bigint NOT NULL,
    cart jsonb NOT NULL,
    note character varying(400) NOT NULL,
    revision smallint NOT NULL,
    approved_at timestamp with time zone,
    closed_at timestamp with time zone,
    closed_reason character varying(200) NOT NULL,
    approved_by_id bigint,
    customer_id bigint,
    device_id bigint,
    legal_entity_id bigint NOT NULL,
    made_by_id bigint,
    register_id bigint,
    store_id bigint NOT NULL,
    stage_id bigint,
    CONSTRAINT sales_order_amounts CHECK (((earned_amount >= 0) AND (paid_amount >= 0) AND (total_amount >= 0) AND (deposit_amount >= 0) AND (forfeited_amount >= 0) AND (returned_amount >= 0))),
    CONSTRAINT sales_order_closed_has_time CHECK ((((closed_at IS NOT NULL) AND ((state)::text = ANY (ARRAY[('CLOSED'::character varying)::text, ('CANCELLED'::character varying)::text]))) OR ((NOT ((state)::text = ANY (ARRAY[('CLOSED'::character varying)::text, ('CANCELLED'::character varying)::text]))) AND (closed_at IS NULL)))),
    CONSTRAINT sales_order_debtor_is_known CHECK (((customer_id IS NOT NULL) OR (earned_amount <= (paid_amount - forfeited_amount)))),
    CONSTRAINT sales_order_earns_its_total CHECK ((earned_amount <= total_amount)),
    CONSTRAINT sales_order_revision_check CHECK ((revision >= 0)),
    CONSTRAINT sales_order_state CHECK (((state)::text = ANY (ARRAY[('DRAFT'::character varying)::text, ('PLACED'::character varying)::text, ('APPROVED'::character varying)::text, ('IN_PRODUCTION'::character varying)::text, ('READY'::character varying)::text, ('SHIPPED'::character varying)::text, ('DELIVERED'::character varying)::text, ('INSTALLED'::character varying)::text, ('CLOSED'::character varying)::text, ('CANCELLED'::character varying)::text])))
);
ALTER TABLE public.sales_order ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_order_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_orderchange (
    id bigint NOT NULL,
    kind character varying(8) NOT NULL,
    before character varying(40) NOT NULL,
    after character varying(40) NOT NULL,
    data jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    order_id bigint NOT NULL,
    user_id bigint
);
ALTER TABLE public.sales_orderchange ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_orderchange_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_ordercounter (
    id bigint NOT NULL,
    kind character varying(4) NOT NULL,
    day date NOT NULL,
    last integer NOT NULL,
    store_id bigint NOT NULL,
    CONSTRAINT sales_ordercounter_last_check CHECK ((last >= 0))
)
WITH (fillfactor='60');
ALTER TABLE public.sales_ordercounter ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_ordercounter_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_orderexception (
    id bigint NOT NULL,
    kind character varying(8) NOT NULL,
    amount bigint NOT NULL,
    data jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone,
    outcome character varying(200) NOT NULL,
    order_id bigint NOT NULL,
    seen_by_id bigint,
    store_id bigint NOT NULL
);
ALTER TABLE public.sales_orderexception ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_orderexception_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_orderline (
    id bigint NOT NULL,
    "position" smallint NOT NULL,
    key character varying(40) NOT NULL,
    kind character varying(7) NOT NULL,
    name character varying(200) NOT NULL,
    quantity numeric(18,4) NOT NULL,
    list_price_amount bigint NOT NULL,
    list_amount bigint NOT NULL,
    paid_amount bigint NOT NULL,
    tax_rate_bp integer NOT NULL,
    tax_amount bigint NOT NULL,
    is_gift boolean NOT NULL,
    earned_points bigint NOT NULL,
    cost numeric(20,6) NOT NULL,
    fulfilled_quantity numeric(18,4) NOT NULL,
    returned_quantity numeric(18,4) NOT NULL,
    returned_amount bigint NOT NULL,
    returned_tax_amount bigint NOT NULL,
    data jsonb NOT NULL,
    order_id bigint NOT NULL,
    piece_id bigint,
    variant_id bigint,
    CONSTRAINT sales_orderline_amounts CHECK (((list_amount >= 0) AND (paid_amount >= 0) AND (tax_amount >= 0) AND (tax_amount <= paid_amount))),
    CONSTRAINT sales_orderline_never_more CHECK (((fulfilled_quantity >= (0)::numeric) AND (fulfilled_quantity <= quantity) AND (returned_quantity >= (0)::numeric) AND (returned_quantity <= fulfilled_quantity))),
    CONSTRAINT sales_orderline_position_check CHECK (("position" >= 0)),
    CONSTRAINT sales_orderline_quantity CHECK ((quantity > (0)::numeric)),
    CONSTRAINT sales_orderline_returns_what_was_paid CHECK (((returned_amount >= 0) AND (returned_amount <= paid_amount) AND (returned_tax_amount >= 0) AND (returned_tax_amount <= tax_amount))),
    CONSTRAINT sales_orderline_tax_rate_bp_check CHECK ((tax_rate_bp >= 0))
);
ALTER TABLE public.sales_orderline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_orderline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_payment (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    "position" smallint NOT NULL,
    state character varying(7) NOT NULL,
    amount bigint NOT NULL,
    tendered_amount bigint NOT NULL,
    change_amount bigint NOT NULL,
    refunded_amount bigint NOT NULL,
    reference character varying(64) NOT NULL,
    shift_id bigint,
    business_date date NOT NULL,
    taken_at timestamp with time zone NOT NULL,
    problem character varying(200) NOT NULL,
    data jsonb NOT NULL,
    order_id bigint NOT NULL,
    register_id bigint,
    user_id bigint,
    tender_id bigint NOT NULL,
    CONSTRAINT sales_payment_amounts CHECK (((amount > 0) AND (change_amount >= 0) AND (refunded_amount >= 0) AND (refunded_amount <= amount))),
    CONSTRAINT sales_payment_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.sales_payment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_payment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_receiptprint (
    id bigint NOT NULL,
    way character varying(7) NOT NULL,
    is_copy boolean NOT NULL,
    printed_at timestamp with time zone NOT NULL,
    order_id bigint NOT NULL,
    printed_by_id bigint,
    register_id bigint
);
ALTER TABLE public.sales_receiptprint ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_receiptprint_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_receiptprinter (
    id bigint NOT NULL,
    width smallint NOT NULL,
    host inet,
    port integer NOT NULL,
    has_qr boolean NOT NULL,
    has_drawer boolean NOT NULL,
    copies smallint NOT NULL,
    register_id bigint NOT NULL,
    store_id bigint NOT NULL,
    CONSTRAINT sales_receiptprinter_copies_check CHECK ((copies >= 0)),
    CONSTRAINT sales_receiptprinter_port_check CHECK ((port >= 0)),
    CONSTRAINT sales_receiptprinter_values CHECK (((copies >= 1) AND (copies <= 5) AND (port >= 1) AND (port <= 65535) AND (width = ANY (ARRAY[58, 80])))),
    CONSTRAINT sales_receiptprinter_width_check CHECK ((width >= 0))
);
ALTER TABLE public.sales_receiptprinter ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_receiptprinter_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_receiptsetting (
    id bigint NOT NULL,
    title character varying(40) NOT NULL,
    header character varying(200) NOT NULL,
    footer character varying(400) NOT NULL,
    has_tax boolean NOT NULL,
    has_link boolean NOT NULL,
    store_id bigint NOT NULL
);
ALTER TABLE public.sales_receiptsetting ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_receiptsetting_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_refund (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    state character varying(7) NOT NULL,
    amount bigint NOT NULL,
    reference character varying(64) NOT NULL,
    shift_id bigint,
    business_date date NOT NULL,
    made_at timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    tries smallint NOT NULL,
    problem character varying(200) NOT NULL,
    order_id bigint NOT NULL,
    payment_id bigint,
    register_id bigint,
    user_id bigint,
    sale_return_id bigint,
    tender_id bigint NOT NULL,
    CONSTRAINT sales_refund_amount CHECK ((amount > 0)),
    CONSTRAINT sales_refund_done_has_time CHECK ((((done_at IS NOT NULL) AND ((state)::text = 'DONE'::text)) OR ((NOT ((state)::text = 'DONE'::text)) AND (done_at IS NULL)))),
    CONSTRAINT sales_refund_tries_check CHECK ((tries >= 0))
);
ALTER TABLE public.sales_refund ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_refund_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_returnline (
    id bigint NOT NULL,
    quantity numeric(18,4) NOT NULL,
    amount bigint NOT NULL,
    tax_amount bigint NOT NULL,
    is_restocked boolean NOT NULL,
    line_id bigint NOT NULL,
    sale_return_id bigint NOT NULL,
    cost numeric(20,6) NOT NULL,
    CONSTRAINT sales_returnline_amounts CHECK (((amount >= 0) AND (quantity >= (0)::numeric)))
);
ALTER TABLE public.sales_returnline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_returnline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_salereturn (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    digest character varying(64) NOT NULL,
    number character varying(40) NOT NULL,
    kind character varying(12) NOT NULL,
    goods_amount bigint NOT NULL,
    tax_amount bigint NOT NULL,
    withheld_amount bigint NOT NULL,
    kept_points_amount bigint NOT NULL,
    refund_amount bigint NOT NULL,
    exchange_amount bigint NOT NULL,
    clawed_points bigint NOT NULL,
    given_points bigint NOT NULL,
    effects jsonb NOT NULL,
    reason character varying(200) NOT NULL,
    business_date date NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    exchange_id bigint,
    order_id bigint NOT NULL,
    store_id bigint NOT NULL,
    user_id bigint,
    CONSTRAINT sales_salereturn_amounts CHECK (((goods_amount >= 0) AND (kept_points_amount >= 0) AND (refund_amount >= 0)))
);
ALTER TABLE public.sales_salereturn ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_salereturn_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_shift (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    currency character varying(3) NOT NULL,
    state character varying(7) NOT NULL,
    business_date date NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    carried_amount bigint NOT NULL,
    float_amount bigint NOT NULL,
    counted_at timestamp with time zone,
    counted_amount bigint,
    expected_amount bigint,
    left_amount bigint,
    closed_at timestamp with time zone,
    reason character varying(200) NOT NULL,
    closed_by_id bigint,
    counted_by_id bigint,
    legal_entity_id bigint NOT NULL,
    opened_by_id bigint,
    register_id bigint NOT NULL,
    store_id bigint NOT NULL,
    taken_over_from_id bigint,
    CONSTRAINT sales_shift_amounts CHECK (((float_amount >= 0) AND ((counted_amount IS NULL) OR (counted_amount >= 0)) AND ((left_amount IS NULL) OR ((left_amount >= 0) AND (left_amount <= counted_amount))))),
    CONSTRAINT sales_shift_closed CHECK ((((closed_at IS NOT NULL) AND (expected_amount IS NOT NULL) AND (left_amount IS NOT NULL) AND ((state)::text = 'CLOSED'::text)) OR ((NOT ((state)::text = 'CLOSED'::text)) AND (closed_at IS NULL) AND (expected_amount IS NULL) AND (left_amount IS NULL)))),
    CONSTRAINT sales_shift_counted CHECK ((((counted_amount IS NULL) AND (counted_at IS NULL) AND ((state)::text = 'OPEN'::text)) OR ((NOT ((state)::text = 'OPEN'::text)) AND (counted_amount IS NOT NULL) AND (counted_at IS NOT NULL)))),
    CONSTRAINT sales_shift_state CHECK (((state)::text = ANY (ARRAY[('OPEN'::character varying)::text, ('COUNTED'::character varying)::text, ('CLOSED'::character varying)::text])))
);
ALTER TABLE public.sales_shift ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_shift_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_slotday (
    id bigint NOT NULL,
    day date NOT NULL,
    capacity smallint NOT NULL,
    slot_id bigint NOT NULL,
    CONSTRAINT sales_slotday_capacity_check CHECK ((capacity >= 0))
);
ALTER TABLE public.sales_slotday ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_slotday_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_stage (
    id bigint NOT NULL,
    trade character varying(16) NOT NULL,
    code character varying(16) NOT NULL,
    name character varying(40) NOT NULL,
    "position" smallint NOT NULL,
    order_state character varying(13) NOT NULL,
    gate character varying(13) NOT NULL,
    task_title character varying(80) NOT NULL,
    task_days smallint NOT NULL,
    is_active boolean NOT NULL,
    CONSTRAINT sales_stage_position_check CHECK (("position" >= 0)),
    CONSTRAINT sales_stage_task_days_check CHECK ((task_days >= 0))
);
ALTER TABLE public.sales_stage ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_stage_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_stageentry (
    id bigint NOT NULL,
    entered_at timestamp with time zone NOT NULL,
    left_at timestamp with time zone,
    note character varying(200) NOT NULL,
    order_id bigint NOT NULL,
    stage_id bigint NOT NULL,
    task_id bigint,
    user_id bigint
);
ALTER TABLE public.sales_stageentry ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_stageentry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.sales_tender (
    id bigint NOT NULL,
    code character varying(16) NOT NULL,
    name character varying(40) NOT NULL,
    adapter character varying(16) NOT NULL,
    account character varying(12) NOT NULL,
    is_active boolean NOT NULL,
    needs_reference boolean NOT NULL,
    gives_change boolean NOT NULL,
    refund_rank smallint NOT NULL,
    refund_days smallint,
    "position" smallint NOT NULL,
    fallback_id bigint,
    CONSTRAINT sales_tender_position_check CHECK (("position" >= 0)),
    CONSTRAINT sales_tender_refund_days_check CHECK ((refund_days >= 0)),
    CONSTRAINT sales_tender_refund_rank_check CHECK ((refund_rank >= 0))
);
ALTER TABLE public.sales_tender ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_tender_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE VIEW public.sales_turnover AS
 SELECT (l.id * 4) AS id,
    'SOLD'::character varying(8) AS kind,
    o.id AS order_id,
    l.id AS line_id,
    NULL::bigint AS sale_return_id,
    o.store_id,
    o.business_date,
    o.occurred_at,
    o.channel,
    o.customer_id,
    o.made_by_id,
    l.variant_id,
    l.kind AS line_kind,
    l.quantity,
    l.list_amount,
    l.paid_amount AS amount,
    l.tax_amount,
    l.cost
   FROM (public.sales_order o
     JOIN public.sales_orderline l ON ((l.order_id = o.id)))
  WHERE ((l.fulfilled_quantity > (0)::numeric) AND ((l.kind)::text <> ALL (ARRAY[('TOP_UP'::character varying)::text, ('CARD'::character varying)::text])) AND (NOT (EXISTS ( SELECT
           FROM public.sales_earnedline e
          WHERE (e.line_id = l.id)))))
UNION ALL
 SELECT ((e.id * 4) + 1) AS id,
    'SOLD'::character varying AS kind,
    o.id AS order_id,
    l.id AS line_id,
    NULL::bigint AS sale_return_id,
    o.store_id,
    e.business_date,
    e.earned_at AS occurred_at,
    o.channel,
    o.customer_id,
    o.made_by_id,
    l.variant_id,
    l.kind AS line_kind,
    e.quantity,
    e.list_amount,
    e.amount,
    e.tax_amount,
    e.cost
   FROM ((public.sales_earnedline e
     JOIN public.sales_orderline l ON ((l.id = e.line_id)))
     JOIN public.sales_order o ON ((o.id = l.order_id)))
  WHERE ((l.kind)::text <> ALL (ARRAY[('TOP_UP'::character varying)::text, ('CARD'::character varying)::text]))
UNION ALL
 SELECT ((b.id * 4) + 2) AS id,
    'RETURNED'::character varying AS kind,
    o.id AS order_id,
    l.id AS line_id,
    r.id AS sale_return_id,
    o.store_id,
    r.business_date,
    r.occurred_at,
    o.channel,
    o.customer_id,
    o.made_by_id,
    l.variant_id,
    l.kind AS line_kind,
    (- b.quantity) AS quantity,
    0 AS list_amount,
    (- b.amount) AS amount,
    (- b.tax_amount) AS tax_amount,
    (- b.cost) AS cost
   FROM (((public.sales_salereturn r
     JOIN public.sales_returnline b ON ((b.sale_return_id = r.id)))
     JOIN public.sales_orderline l ON ((l.id = b.line_id)))
     JOIN public.sales_order o ON ((o.id = r.order_id)))
  WHERE ((l.kind)::text <> ALL (ARRAY[('TOP_UP'::character varying)::text, ('CARD'::character varying)::text]));
CREATE TABLE public.sales_zreport (
    id bigint NOT NULL,
    number integer NOT NULL,
    snapshot jsonb NOT NULL,
    digest character varying(64) NOT NULL,
    close_id bigint NOT NULL,
    register_id bigint NOT NULL,
    store_id bigint NOT NULL,
    CONSTRAINT sales_zreport_number_check CHECK ((number >= 0)),
    CONSTRAINT sales_zreport_number_positive CHECK ((number > 0))
);
ALTER TABLE public.sales_zreport ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.sales_zreport_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.segments_purchase (
    order_id bigint NOT NULL,
    product_id bigint NOT NULL,
    head_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    store_id bigint NOT NULL,
    channel character varying(11) NOT NULL,
    day date NOT NULL,
    quantity numeric(18,4) NOT NULL,
    amount bigint NOT NULL
);
CREATE TABLE public.segments_purchaseplace (
    id bigint NOT NULL,
    "position" character varying(60) NOT NULL,
    read_at timestamp with time zone
);
ALTER TABLE public.segments_purchaseplace ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.segments_purchaseplace_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.segments_segment (
    id bigint NOT NULL,
    name character varying(40) NOT NULL,
    note character varying(200) NOT NULL,
    kind character varying(8) NOT NULL,
    language smallint NOT NULL,
    rules jsonb NOT NULL,
    store_ids bigint[] NOT NULL,
    is_shared boolean NOT NULL,
    start character varying(40) NOT NULL,
    schedule character varying(8) NOT NULL,
    member_count integer NOT NULL,
    taken_at timestamp with time zone,
    made_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    archived_at timestamp with time zone,
    owner_id bigint,
    CONSTRAINT segments_segment_language_check CHECK ((language >= 0)),
    CONSTRAINT segments_segment_member_count_check CHECK ((member_count >= 0)),
    CONSTRAINT segments_segment_schedule_of_snapshot CHECK ((((kind)::text = 'SNAPSHOT'::text) OR ((schedule)::text = ''::text)))
);
ALTER TABLE public.segments_segment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.segments_segment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.segments_segmentcount (
    id bigint NOT NULL,
    "on" date NOT NULL,
    count integer NOT NULL,
    segment_id bigint NOT NULL,
    CONSTRAINT segments_segmentcount_count_check CHECK ((count >= 0))
);
ALTER TABLE public.segments_segmentcount ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.segments_segmentcount_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.segments_segmentmember (
    customer_id bigint NOT NULL,
    segment_id bigint NOT NULL
);
CREATE TABLE public.stores_calendarday (
    id bigint NOT NULL,
    day date NOT NULL,
    kind character varying(16) NOT NULL,
    opens time without time zone,
    closes time without time zone,
    name character varying(40) NOT NULL,
    store_id bigint,
    CONSTRAINT calendar_day_special_hours_given CHECK (((NOT ((kind)::text = 'SPECIAL_HOURS'::text)) OR ((closes IS NOT NULL) AND (opens IS NOT NULL))))
);
ALTER TABLE public.stores_calendarday ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.stores_calendarday_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.stores_holding (
    id bigint NOT NULL,
    share_basis_points integer NOT NULL,
    from_date date NOT NULL,
    to_date date,
    legal_entity_id bigint NOT NULL,
    partner_id bigint NOT NULL,
    CONSTRAINT holding_period_forward CHECK (((to_date IS NULL) OR (to_date > from_date))),
    CONSTRAINT holding_share_in_range CHECK (((share_basis_points > 0) AND (share_basis_points <= 10000))),
    CONSTRAINT stores_holding_share_basis_points_check CHECK ((share_basis_points >= 0))
);
ALTER TABLE public.stores_holding ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.stores_holding_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.stores_legalentity (
    id bigint NOT NULL,
    name character varying(80) NOT NULL,
    short_name character varying(20) NOT NULL,
    kind character varying(12) NOT NULL,
    credit_code character varying(18) NOT NULL,
    currency character varying(3) NOT NULL,
    is_active boolean NOT NULL
);
ALTER TABLE public.stores_legalentity ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.stores_legalentity_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.stores_merchant (
    id smallint NOT NULL,
    name character varying(80) NOT NULL,
    short_name character varying(20) NOT NULL,
    trade character varying(16) NOT NULL,
    currency character varying(3) NOT NULL,
    language character varying(10) NOT NULL,
    time_zone character varying(40) NOT NULL,
    is_demo boolean NOT NULL,
    CONSTRAINT merchant_is_one CHECK ((id = 1)),
    CONSTRAINT stores_merchant_id_check CHECK ((id >= 0))
);
CREATE TABLE public.stores_openinghours (
    id bigint NOT NULL,
    weekday smallint NOT NULL,
    opens time without time zone NOT NULL,
    closes time without time zone NOT NULL,
    store_id bigint NOT NULL,
    CONSTRAINT opening_hours_weekday_in_range CHECK ((weekday <= 6)),
    CONSTRAINT stores_openinghours_weekday_check CHECK ((weekday >= 0))
);
ALTER TABLE public.stores_openinghours ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.stores_openinghours_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.stores_partner (
    id bigint NOT NULL,
    name character varying(80) NOT NULL,
    is_active boolean NOT NULL,
    user_id bigint
);
ALTER TABLE public.stores_partner ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.stores_partner_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.stores_posting (
    id bigint NOT NULL,
    from_date date NOT NULL,
    to_date date,
    legal_entity_id bigint,
    role_id bigint NOT NULL,
    region_id bigint,
    staff_id bigint NOT NULL,
    store_id bigint,
    CONSTRAINT posting_at_one_place CHECK ((((region_id IS NULL) AND (store_id IS NULL)) OR ((legal_entity_id IS NULL) AND (store_id IS NULL)) OR ((legal_entity_id IS NULL) AND (region_id IS NULL)))),
    CONSTRAINT posting_period_forward CHECK (((to_date IS NULL) OR (to_date > from_date)))
);
ALTER TABLE public.stores_posting ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.stores_posting_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.stores_region (
    id bigint NOT NULL,
    name character varying(40) NOT NULL,
    parent_id bigint
);
ALTER TABLE public.stores_region ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.stores_region_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.stores_register (
    id bigint NOT NULL,
    code character varying(12) NOT NULL,
    name character varying(40) NOT NULL,
    is_active boolean NOT NULL,
    store_id bigint NOT NULL
);
ALTER TABLE public.stores_register ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.stores_register_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.stores_staff (
    id bigint NOT NULL,
    uuid uuid NOT NULL,
    number character varying(16) NOT NULL,
    name character varying(80) NOT NULL,
    title character varying(40) NOT NULL,
    phone_sealed bytea,
    phone_exact bytea,
    phone_last4 bytea,
    hired_on date NOT NULL,
    left_on date,
    legal_entity_id bigint NOT NULL,
    successor_id bigint,
    user_id bigint NOT NULL,
    search_words tsvector,
    CONSTRAINT staff_leaves_after_hiring CHECK (((left_on IS NULL) OR (left_on >= hired_on)))
);
ALTER TABLE public.stores_staff ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.stores_staff_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.stores_stockplace (
    id bigint NOT NULL,
    name character varying(40) NOT NULL,
    kind character varying(12) NOT NULL,
    is_active boolean NOT NULL,
    store_id bigint NOT NULL
);
ALTER TABLE public.stores_stockplace ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.stores_stockplace_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.stores_store (
    id bigint NOT NULL,
    code character varying(12) NOT NULL,
    name character varying(60) NOT NULL,
    short_name character varying(20) NOT NULL,
    trade character varying(16) NOT NULL,
    currency character varying(3) NOT NULL,
    time_zone character varying(40) NOT NULL,
    closing_hour smallint NOT NULL,
    province character varying(20) NOT NULL,
    city character varying(20) NOT NULL,
    district character varying(20) NOT NULL,
    street character varying(120) NOT NULL,
    telephone character varying(32) NOT NULL,
    opened_on date NOT NULL,
    closed_on date,
    is_demo boolean NOT NULL,
    legal_entity_id bigint NOT NULL,
    region_id bigint,
    search_words tsvector,
    CONSTRAINT store_closes_after_opening CHECK (((closed_on IS NULL) OR (closed_on >= opened_on))),
    CONSTRAINT store_closing_hour_before_noon CHECK ((closing_hour < 12)),
    CONSTRAINT stores_store_closing_hour_check CHECK ((closing_hour >= 0))
);
ALTER TABLE public.stores_store ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.stores_store_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_carditem (
    id bigint NOT NULL,
    is_gifted boolean NOT NULL,
    count integer NOT NULL,
    amount bigint NOT NULL,
    unit_amount bigint NOT NULL,
    "position" smallint NOT NULL,
    sessions_id bigint,
    value_id bigint,
    variant_id bigint NOT NULL,
    card_id bigint NOT NULL,
    CONSTRAINT wallet_card_item_amounts CHECK (((amount >= 0) AND (count > 0) AND (unit_amount >= 0) AND ((NOT is_gifted) OR (amount = 0)))),
    CONSTRAINT wallets_carditem_count_check CHECK ((count >= 0)),
    CONSTRAINT wallets_carditem_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.wallets_carditem ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_carditem_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_cardkind (
    id bigint NOT NULL,
    name character varying(60) NOT NULL,
    currency character varying(3) NOT NULL,
    price_amount bigint NOT NULL,
    valid_days integer,
    starts character varying(9) NOT NULL,
    is_for_household boolean NOT NULL,
    needs_confirmation boolean NOT NULL,
    refund_method character varying(12) NOT NULL,
    "position" smallint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT wallet_card_kind_price CHECK ((price_amount >= 0)),
    CONSTRAINT wallets_cardkind_position_check CHECK (("position" >= 0)),
    CONSTRAINT wallets_cardkind_valid_days_check CHECK ((valid_days >= 0))
);
ALTER TABLE public.wallets_cardkind ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_cardkind_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_cardkind_stores (
    id bigint NOT NULL,
    cardkind_id bigint NOT NULL,
    store_id bigint NOT NULL
);
ALTER TABLE public.wallets_cardkind_stores ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_cardkind_stores_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_cardkinditem (
    id bigint NOT NULL,
    paid_count integer NOT NULL,
    gifted_count integer NOT NULL,
    unit_amount bigint NOT NULL,
    "position" smallint NOT NULL,
    kind_id bigint NOT NULL,
    variant_id bigint NOT NULL,
    CONSTRAINT wallet_card_kind_item_something CHECK (((unit_amount >= 0) AND ((paid_count > 0) OR (gifted_count > 0)))),
    CONSTRAINT wallets_cardkinditem_gifted_count_check CHECK ((gifted_count >= 0)),
    CONSTRAINT wallets_cardkinditem_paid_count_check CHECK ((paid_count >= 0)),
    CONSTRAINT wallets_cardkinditem_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.wallets_cardkinditem ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_cardkinditem_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_carduse (
    id bigint NOT NULL,
    reference character varying(200) NOT NULL,
    business_date date NOT NULL,
    at timestamp with time zone NOT NULL,
    user_id bigint,
    confirmed character varying(10) NOT NULL,
    waiver character varying(200) NOT NULL,
    undone_at timestamp with time zone,
    undone_reason character varying(200) NOT NULL,
    customer_id bigint NOT NULL,
    store_id bigint NOT NULL,
    card_id bigint NOT NULL
);
ALTER TABLE public.wallets_carduse ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_carduse_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_carduseline (
    id bigint NOT NULL,
    count integer NOT NULL,
    value_amount bigint NOT NULL,
    item_id bigint NOT NULL,
    use_id bigint NOT NULL,
    CONSTRAINT wallet_use_line_counts CHECK (((count > 0) AND (value_amount >= 0))),
    CONSTRAINT wallets_carduseline_count_check CHECK ((count >= 0))
);
ALTER TABLE public.wallets_carduseline ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_carduseline_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_confirmation (
    id bigint NOT NULL,
    slot bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    customer_id bigint NOT NULL
);
ALTER TABLE public.wallets_confirmation ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_confirmation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_conversion (
    id bigint NOT NULL,
    credited_amount bigint NOT NULL,
    working jsonb NOT NULL,
    at timestamp with time zone NOT NULL,
    card_id bigint NOT NULL,
    into_id bigint NOT NULL,
    CONSTRAINT wallet_conversion_amount CHECK ((credited_amount >= 0))
);
ALTER TABLE public.wallets_conversion ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_conversion_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_extension (
    id bigint NOT NULL,
    before date,
    after date NOT NULL,
    reason character varying(200) NOT NULL,
    at timestamp with time zone NOT NULL,
    user_id bigint,
    card_id bigint NOT NULL
);
ALTER TABLE public.wallets_extension ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_extension_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_freeze (
    id bigint NOT NULL,
    reason character varying(200) NOT NULL,
    at timestamp with time zone NOT NULL,
    kind character varying(6) NOT NULL,
    ended_at timestamp with time zone,
    ended_by_id bigint,
    user_id bigint,
    card_id bigint,
    wallet_id bigint,
    CONSTRAINT wallet_freeze_of_one CHECK ((((card_id IS NULL) AND (wallet_id IS NOT NULL)) OR ((card_id IS NOT NULL) AND (wallet_id IS NULL))))
);
ALTER TABLE public.wallets_freeze ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_freeze_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_offer (
    id bigint NOT NULL,
    name character varying(40) NOT NULL,
    currency character varying(3) NOT NULL,
    starts_at timestamp with time zone,
    ends_at timestamp with time zone,
    levels character varying(20)[] NOT NULL,
    bonus_days integer,
    per_customer integer,
    is_repeating boolean NOT NULL,
    "position" smallint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT wallet_offer_ends_after_start CHECK (((starts_at IS NULL) OR (ends_at IS NULL) OR (ends_at > starts_at))),
    CONSTRAINT wallets_offer_bonus_days_check CHECK ((bonus_days >= 0)),
    CONSTRAINT wallets_offer_per_customer_check CHECK ((per_customer >= 0)),
    CONSTRAINT wallets_offer_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.wallets_offer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_offer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_offer_stores (
    id bigint NOT NULL,
    offer_id bigint NOT NULL,
    store_id bigint NOT NULL
);
ALTER TABLE public.wallets_offer_stores ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_offer_stores_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_offerstep (
    id bigint NOT NULL,
    paid_amount bigint NOT NULL,
    bonus_amount bigint NOT NULL,
    promotional_amount bigint NOT NULL,
    offer_id bigint NOT NULL,
    CONSTRAINT wallet_offer_step_amounts CHECK (((bonus_amount >= 0) AND (paid_amount > 0) AND (promotional_amount >= 0)))
);
ALTER TABLE public.wallets_offerstep ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_offerstep_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_refund (
    id bigint NOT NULL,
    reason character varying(200) NOT NULL,
    at timestamp with time zone NOT NULL,
    amount bigint NOT NULL,
    forfeited_amount bigint NOT NULL,
    working jsonb NOT NULL,
    payment_kind character varying(8) NOT NULL,
    payment_reference character varying(80) NOT NULL,
    reference character varying(200) NOT NULL,
    business_date date NOT NULL,
    store_id bigint NOT NULL,
    user_id bigint,
    card_id bigint,
    wallet_id bigint,
    CONSTRAINT wallet_refund_amount CHECK ((amount >= 0)),
    CONSTRAINT wallet_refund_of_one CHECK ((((card_id IS NULL) AND (wallet_id IS NOT NULL)) OR ((card_id IS NOT NULL) AND (wallet_id IS NULL))))
);
ALTER TABLE public.wallets_refund ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_refund_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_reissue (
    id bigint NOT NULL,
    reason character varying(200) NOT NULL,
    at timestamp with time zone NOT NULL,
    before character varying(24) NOT NULL,
    after character varying(24) NOT NULL,
    user_id bigint,
    card_id bigint,
    wallet_id bigint,
    CONSTRAINT wallet_reissue_of_one CHECK ((((card_id IS NULL) AND (wallet_id IS NOT NULL)) OR ((card_id IS NOT NULL) AND (wallet_id IS NULL))))
);
ALTER TABLE public.wallets_reissue ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_reissue_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_sessioncard (
    id bigint NOT NULL,
    number character varying(24) NOT NULL,
    currency character varying(3) NOT NULL,
    paid_amount bigint NOT NULL,
    is_for_household boolean NOT NULL,
    needs_confirmation boolean NOT NULL,
    valid_days integer,
    expires_on date,
    payment_kind character varying(8) NOT NULL,
    payment_reference character varying(80) NOT NULL,
    reference character varying(200) NOT NULL,
    business_date date NOT NULL,
    sold_at timestamp with time zone NOT NULL,
    user_id bigint,
    closed_at timestamp with time zone,
    closed_as character varying(9) NOT NULL,
    customer_id bigint NOT NULL,
    kind_id bigint NOT NULL,
    legal_entity_id bigint NOT NULL,
    run_id bigint,
    sold_to_id bigint NOT NULL,
    store_id bigint NOT NULL,
    CONSTRAINT wallet_card_closed_with_reason CHECK (((((closed_as)::text = ''::text) AND (closed_at IS NULL)) OR ((closed_at IS NOT NULL) AND (NOT ((closed_as)::text = ''::text))))),
    CONSTRAINT wallet_card_paid CHECK ((paid_amount >= 0)),
    CONSTRAINT wallets_sessioncard_valid_days_check CHECK ((valid_days >= 0))
);
ALTER TABLE public.wallets_sessioncard ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_sessioncard_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_term (
    id bigint NOT NULL,
    code character varying(40) NOT NULL,
    value character varying(40) NOT NULL,
    province character varying(20) NOT NULL,
    from_date date NOT NULL,
    to_date date,
    source character varying(300) NOT NULL,
    checked_at timestamp with time zone,
    checked_by_id bigint,
    legal_entity_id bigint,
    set_by_id bigint,
    CONSTRAINT wallet_term_ends_after_start CHECK (((to_date IS NULL) OR (to_date > from_date))),
    CONSTRAINT wallet_term_one_scope CHECK ((((province)::text = ''::text) OR (legal_entity_id IS NULL)))
);
ALTER TABLE public.wallets_term ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_term_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_topup (
    id bigint NOT NULL,
    kind character varying(8) NOT NULL,
    paid_amount bigint NOT NULL,
    bonus_amount bigint NOT NULL,
    promotional_amount bigint NOT NULL,
    bonus_expires_at timestamp with time zone,
    payment_kind character varying(8) NOT NULL,
    payment_reference character varying(80) NOT NULL,
    reference character varying(200) NOT NULL,
    business_date date NOT NULL,
    at timestamp with time zone NOT NULL,
    user_id bigint,
    offer_id bigint,
    origin_id bigint,
    run_id bigint,
    store_id bigint NOT NULL,
    wallet_id bigint NOT NULL,
    CONSTRAINT wallet_top_up_not_negative CHECK (((bonus_amount >= 0) AND (paid_amount >= 0) AND (promotional_amount >= 0))),
    CONSTRAINT wallet_top_up_not_own_origin CHECK (((origin_id IS NULL) OR (NOT ((origin_id = id) AND (origin_id IS NOT NULL))))),
    CONSTRAINT wallet_top_up_something CHECK (((paid_amount > 0) OR (bonus_amount > 0) OR (promotional_amount > 0)))
);
ALTER TABLE public.wallets_topup ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_topup_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_transfer (
    id bigint NOT NULL,
    reason character varying(200) NOT NULL,
    at timestamp with time zone NOT NULL,
    principal_amount bigint NOT NULL,
    bonus_amount bigint NOT NULL,
    promotional_amount bigint NOT NULL,
    reference character varying(200) NOT NULL,
    card_id bigint,
    from_customer_id bigint NOT NULL,
    to_customer_id bigint NOT NULL,
    user_id bigint,
    into_id bigint,
    wallet_id bigint,
    CONSTRAINT wallet_transfer_of_one CHECK ((((card_id IS NULL) AND (wallet_id IS NOT NULL)) OR ((card_id IS NOT NULL) AND (wallet_id IS NULL))))
);
ALTER TABLE public.wallets_transfer ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_transfer_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.wallets_wallet (
    id bigint NOT NULL,
    currency character varying(3) NOT NULL,
    number character varying(24) NOT NULL,
    is_named boolean NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    bonus_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    legal_entity_id bigint NOT NULL,
    principal_id bigint NOT NULL,
    promotional_id bigint NOT NULL,
    store_id bigint NOT NULL
);
ALTER TABLE public.wallets_wallet ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_wallet_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.web_export (
    id bigint NOT NULL,
    list_code character varying(60) NOT NULL,
    query text NOT NULL,
    format character varying(4) NOT NULL,
    state character varying(8) NOT NULL,
    row_count integer NOT NULL,
    total_count integer NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    file_name character varying(120) NOT NULL,
    user_id bigint NOT NULL,
    CONSTRAINT web_export_row_count_check CHECK ((row_count >= 0)),
    CONSTRAINT web_export_total_count_check CHECK ((total_count >= 0))
);
ALTER TABLE public.web_export ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.web_export_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.web_listpreference (
    id bigint NOT NULL,
    list_code character varying(60) NOT NULL,
    columns character varying(60)[] NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.web_listpreference ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.web_listpreference_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.web_savedview (
    id bigint NOT NULL,
    list_code character varying(60) NOT NULL,
    name character varying(40) NOT NULL,
    query text NOT NULL,
    is_shared boolean NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.web_savedview ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.web_savedview_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.work_approval (
    id bigint NOT NULL,
    operation character varying(80) NOT NULL,
    arguments text NOT NULL,
    sha256 character varying(64) NOT NULL,
    before_version character varying(64) NOT NULL,
    summary character varying(200) NOT NULL,
    lines jsonb NOT NULL,
    amount numeric(18,2),
    reason text NOT NULL,
    subject character varying(120) NOT NULL,
    checker_ids jsonb NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    outcome character varying(10) NOT NULL,
    closed_at timestamp with time zone,
    decision_note text NOT NULL,
    result_url character varying(200) NOT NULL,
    closed_by_id bigint,
    requested_by_id bigint NOT NULL,
    store_id bigint,
    CONSTRAINT work_approval_checker_is_not_maker CHECK (((NOT ((outcome)::text = ANY (ARRAY[('APPROVED'::character varying)::text, ('REFUSED'::character varying)::text]))) OR ((closed_by_id IS NOT NULL) AND (NOT ((closed_by_id = requested_by_id) AND (closed_by_id IS NOT NULL)))))),
    CONSTRAINT work_approval_closed_has_time CHECK ((((closed_at IS NULL) AND ((outcome)::text = 'PENDING'::text)) OR ((NOT ((outcome)::text = 'PENDING'::text)) AND (closed_at IS NOT NULL)))),
    CONSTRAINT work_approval_has_reason CHECK ((NOT (reason = ''::text)))
);
ALTER TABLE public.work_approval ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.work_approval_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.work_approvalpolicy (
    id bigint NOT NULL,
    operation character varying(80) NOT NULL,
    "limit" numeric(18,2),
    expires_hours smallint NOT NULL,
    is_active boolean NOT NULL,
    store_id bigint,
    CONSTRAINT work_approvalpolicy_expires_hours_check CHECK ((expires_hours >= 0)),
    CONSTRAINT work_policy_expiry_in_range CHECK (((expires_hours >= 1) AND (expires_hours <= 720))),
    CONSTRAINT work_policy_limit_positive CHECK ((("limit" IS NULL) OR ("limit" >= (0)::numeric)))
);
CREATE TABLE public.work_approvalpolicy_checkers (
    id bigint NOT NULL,
    approvalpolicy_id bigint NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.work_approvalpolicy_checkers ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.work_approvalpolicy_checkers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.work_approvalpolicy ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.work_approvalpolicy_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.work_assignmentrule (
    id bigint NOT NULL,
    name character varying(60) NOT NULL,
    "position" smallint NOT NULL,
    kind character varying(40) NOT NULL,
    strategy character varying(20) NOT NULL,
    only_on_shift boolean NOT NULL,
    paused_at timestamp with time zone,
    person_id bigint,
    region_id bigint,
    store_id bigint,
    skill_id bigint,
    CONSTRAINT work_assignmentrule_position_check CHECK (("position" >= 0)),
    CONSTRAINT work_rule_fixed_has_person CHECK ((((NOT ((strategy)::text = 'FIXED'::text)) AND (person_id IS NULL)) OR ((person_id IS NOT NULL) AND ((strategy)::text = 'FIXED'::text)))),
    CONSTRAINT work_rule_one_place CHECK (((store_id IS NULL) OR (region_id IS NULL)))
);
ALTER TABLE public.work_assignmentrule ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.work_assignmentrule_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.work_checklistitem (
    id bigint NOT NULL,
    text character varying(120) NOT NULL,
    "position" smallint NOT NULL,
    done_at timestamp with time zone,
    done_by_id bigint,
    task_id bigint NOT NULL,
    CONSTRAINT work_checklistitem_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.work_checklistitem ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.work_checklistitem_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.work_comment (
    id bigint NOT NULL,
    text text NOT NULL,
    mentioned bigint[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    author_id bigint NOT NULL,
    task_id bigint NOT NULL
);
ALTER TABLE public.work_comment ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.work_comment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.work_customfield (
    id bigint NOT NULL,
    model character varying(60) NOT NULL,
    key character varying(30) NOT NULL,
    label character varying(30) NOT NULL,
    type character varying(12) NOT NULL,
    trade character varying(16) NOT NULL,
    section character varying(20) NOT NULL,
    help character varying(120) NOT NULL,
    unit character varying(10) NOT NULL,
    options jsonb NOT NULL,
    "default" jsonb,
    is_required boolean NOT NULL,
    in_list boolean NOT NULL,
    in_filter boolean NOT NULL,
    in_search boolean NOT NULL,
    "position" smallint NOT NULL,
    archived_at timestamp with time zone,
    CONSTRAINT work_customfield_position_check CHECK (("position" >= 0))
);
ALTER TABLE public.work_customfield ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.work_customfield_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.work_notification (
    id bigint NOT NULL,
    kind character varying(40) NOT NULL,
    params jsonb NOT NULL,
    subject character varying(120) NOT NULL,
    url character varying(200) NOT NULL,
    reference character varying(160) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    is_silent boolean NOT NULL,
    wants_email boolean NOT NULL,
    emailed_at timestamp with time zone,
    user_id bigint NOT NULL
);
ALTER TABLE public.work_notification ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.work_notification_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.work_notificationpreference (
    id bigint NOT NULL,
    kind character varying(40) NOT NULL,
    channel character varying(8) NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.work_notificationpreference ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.work_notificationpreference_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.work_recurringtask (
    id bigint NOT NULL,
    title character varying(120) NOT NULL,
    note text NOT NULL,
    kind character varying(40) NOT NULL,
    priority smallint NOT NULL,
    checklist character varying(120)[] NOT NULL,
    frequency character varying(12) NOT NULL,
    weekdays smallint[] NOT NULL,
    month smallint,
    day smallint,
    is_leap_month boolean NOT NULL,
    due_time time without time zone NOT NULL,
    lead_days smallint NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    paused_at timestamp with time zone,
    generated_through date,
    created_at timestamp with time zone NOT NULL,
    created_by_id bigint,
    owner_id bigint,
    store_id bigint,
    skill_id bigint,
    CONSTRAINT work_recurring_ends_after_start CHECK (((ends_on IS NULL) OR (ends_on >= starts_on))),
    CONSTRAINT work_recurring_lead_in_range CHECK ((lead_days <= 60)),
    CONSTRAINT work_recurringtask_day_check CHECK ((day >= 0)),
    CONSTRAINT work_recurringtask_lead_days_check CHECK ((lead_days >= 0)),
    CONSTRAINT work_recurringtask_month_check CHECK ((month >= 0)),
    CONSTRAINT work_recurringtask_priority_check CHECK ((priority >= 0))
);
ALTER TABLE public.work_recurringtask ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.work_recurringtask_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.work_skill (
    id bigint NOT NULL,
    name character varying(40) NOT NULL,
    kind character varying(8) NOT NULL,
    archived_at timestamp with time zone
);
ALTER TABLE public.work_skill ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.work_skill_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.work_staffskill (
    id bigint NOT NULL,
    level smallint NOT NULL,
    skill_id bigint NOT NULL,
    staff_id bigint NOT NULL,
    CONSTRAINT work_staff_skill_level_known CHECK (((level >= 1) AND (level <= 3))),
    CONSTRAINT work_staffskill_level_check CHECK ((level >= 0))
);
ALTER TABLE public.work_staffskill ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.work_staffskill_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.work_task (
    id bigint NOT NULL,
    custom jsonb NOT NULL,
    title character varying(120) NOT NULL,
    note text NOT NULL,
    kind character varying(40) NOT NULL,
    subject character varying(120) NOT NULL,
    due_at timestamp with time zone,
    priority smallint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    assigned_at timestamp with time zone,
    assigned_why jsonb NOT NULL,
    completed_at timestamp with time zone,
    cancelled_at timestamp with time zone,
    occurrence_date date,
    reference character varying(160),
    completed_by_id bigint,
    created_by_id bigint,
    owner_id bigint,
    recurring_id bigint,
    skill_id bigint,
    store_id bigint,
    CONSTRAINT work_task_completed_has_time CHECK (((completed_at IS NOT NULL) OR (completed_by_id IS NULL))),
    CONSTRAINT work_task_ends_once CHECK (((completed_at IS NULL) OR (cancelled_at IS NULL))),
    CONSTRAINT work_task_occurrence_whole CHECK ((((occurrence_date IS NULL) AND (recurring_id IS NULL)) OR ((occurrence_date IS NOT NULL) AND (recurring_id IS NOT NULL)))),
    CONSTRAINT work_task_priority_check CHECK ((priority >= 0)),
    CONSTRAINT work_task_priority_known CHECK (((priority >= 1) AND (priority <= 4)))
);
ALTER TABLE public.work_task ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.work_task_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.work_task_watchers (
    id bigint NOT NULL,
    task_id bigint NOT NULL,
    user_id bigint NOT NULL
);
ALTER TABLE public.work_task_watchers ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.work_task_watchers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE ONLY public.events_event ATTACH PARTITION public.events_event_other DEFAULT;
ALTER TABLE ONLY public.events_subject ATTACH PARTITION public.events_subject_other DEFAULT;
ALTER TABLE ONLY public.procrastinate_events ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_events_id_seq'::regclass);
ALTER TABLE ONLY public.procrastinate_jobs ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_jobs_id_seq'::regclass);
ALTER TABLE ONLY public.procrastinate_periodic_defers ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_periodic_defers_id_seq'::regclass);
ALTER TABLE ONLY public.access_apikey
    ADD CONSTRAINT access_apikey_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.access_apikey
    ADD CONSTRAINT access_apikey_secret_hash_key UNIQUE (secret_hash);
ALTER TABLE ONLY public.access_device
    ADD CONSTRAINT access_device_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.access_device
    ADD CONSTRAINT access_device_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY public.access_passwordticket
    ADD CONSTRAINT access_passwordticket_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.access_passwordticket
    ADD CONSTRAINT access_passwordticket_secret_hash_key UNIQUE (secret_hash);
ALTER TABLE ONLY public.access_permissionreview
    ADD CONSTRAINT access_permissionreview_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.access_pin
    ADD CONSTRAINT access_pin_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.access_pin
    ADD CONSTRAINT access_pin_user_id_key UNIQUE (user_id);
ALTER TABLE ONLY public.access_ratecount
    ADD CONSTRAINT access_ratecount_once UNIQUE (key, window_at);
ALTER TABLE ONLY public.access_ratecount
    ADD CONSTRAINT access_ratecount_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.access_role
    ADD CONSTRAINT access_role_code_key UNIQUE (code);
ALTER TABLE ONLY public.access_role
    ADD CONSTRAINT access_role_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.access_session
    ADD CONSTRAINT access_session_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.access_session
    ADD CONSTRAINT access_session_session_key_key UNIQUE (session_key);
ALTER TABLE ONLY public.access_signin
    ADD CONSTRAINT access_signin_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.access_signinpolicy
    ADD CONSTRAINT access_signinpolicy_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.access_tillperson
    ADD CONSTRAINT access_tillperson_once UNIQUE (device_id, user_id);
ALTER TABLE ONLY public.access_tillperson
    ADD CONSTRAINT access_tillperson_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.access_user
    ADD CONSTRAINT access_user_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.access_user
    ADD CONSTRAINT access_user_username_key UNIQUE (username);
ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_email_987c8728_uniq UNIQUE (user_id, email);
ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_key_key UNIQUE (key);
ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirmation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.api_bucket
    ADD CONSTRAINT api_bucket_pkey PRIMARY KEY (key);
ALTER TABLE ONLY public.api_idempotentanswer
    ADD CONSTRAINT api_idempotentanswer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.api_idempotentanswer
    ADD CONSTRAINT api_idempotentanswer_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.axes_accessattempt
    ADD CONSTRAINT axes_accessattempt_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.axes_accessattempt
    ADD CONSTRAINT axes_accessattempt_username_ip_address_user_agent_8ea22282_uniq UNIQUE (username, ip_address, user_agent);
ALTER TABLE ONLY public.axes_accessattemptexpiration
    ADD CONSTRAINT axes_accessattemptexpiration_pkey PRIMARY KEY (access_attempt_id);
ALTER TABLE ONLY public.axes_accessfailurelog
    ADD CONSTRAINT axes_accessfailurelog_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.axes_accesslog
    ADD CONSTRAINT axes_accesslog_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stores_calendarday
    ADD CONSTRAINT calendar_day_unique_in_store UNIQUE NULLS NOT DISTINCT (store_id, day);
ALTER TABLE ONLY public.customers_careoccasion
    ADD CONSTRAINT care_once_a_year_per_date UNIQUE (rule_id, date_id, year);
ALTER TABLE ONLY public.catalog_attribute
    ADD CONSTRAINT catalog_attribute_name_key UNIQUE (name);
ALTER TABLE ONLY public.catalog_attribute
    ADD CONSTRAINT catalog_attribute_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_attributevalue
    ADD CONSTRAINT catalog_attributevalue_once UNIQUE (attribute_id, name);
ALTER TABLE ONLY public.catalog_attributevalue
    ADD CONSTRAINT catalog_attributevalue_pair UNIQUE (id, attribute_id);
ALTER TABLE ONLY public.catalog_attributevalue
    ADD CONSTRAINT catalog_attributevalue_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_barcode
    ADD CONSTRAINT catalog_barcode_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_barcode
    ADD CONSTRAINT catalog_barcode_value_key UNIQUE (value);
ALTER TABLE ONLY public.catalog_brand
    ADD CONSTRAINT catalog_brand_name_key UNIQUE (name);
ALTER TABLE ONLY public.catalog_brand
    ADD CONSTRAINT catalog_brand_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_bundleitem
    ADD CONSTRAINT catalog_bundleitem_once UNIQUE (bundle_id, variant_id);
ALTER TABLE ONLY public.catalog_bundleitem
    ADD CONSTRAINT catalog_bundleitem_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_category
    ADD CONSTRAINT catalog_category_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_configurationchoice
    ADD CONSTRAINT catalog_configurationchoice_name_once UNIQUE (group_id, name);
ALTER TABLE ONLY public.catalog_configurationchoice
    ADD CONSTRAINT catalog_configurationchoice_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_configurationgroup
    ADD CONSTRAINT catalog_configurationgroup_name_once UNIQUE (product_id, name);
ALTER TABLE ONLY public.catalog_configurationgroup
    ADD CONSTRAINT catalog_configurationgroup_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_configurationrule
    ADD CONSTRAINT catalog_configurationrule_once UNIQUE (choice_id, other_id);
ALTER TABLE ONLY public.catalog_configurationrule
    ADD CONSTRAINT catalog_configurationrule_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_consumable
    ADD CONSTRAINT catalog_consumable_once UNIQUE (service_id, variant_id);
ALTER TABLE ONLY public.catalog_consumable
    ADD CONSTRAINT catalog_consumable_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_dayprice
    ADD CONSTRAINT catalog_dayprice_corrects_id_key UNIQUE (corrects_id);
ALTER TABLE ONLY public.catalog_dayprice
    ADD CONSTRAINT catalog_dayprice_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_daypricelock
    ADD CONSTRAINT catalog_daypricelock_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_daypricelock
    ADD CONSTRAINT catalog_daypricelock_reference_key UNIQUE (reference);
ALTER TABLE ONLY public.catalog_importedpiece
    ADD CONSTRAINT catalog_importedpiece_once UNIQUE (run_id, "row");
ALTER TABLE ONLY public.catalog_importedpiece
    ADD CONSTRAINT catalog_importedpiece_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_importedrow
    ADD CONSTRAINT catalog_importedrow_once UNIQUE (run_id, "row");
ALTER TABLE ONLY public.catalog_importedrow
    ADD CONSTRAINT catalog_importedrow_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_photo
    ADD CONSTRAINT catalog_photo_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_photo
    ADD CONSTRAINT catalog_photo_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.catalog_piece
    ADD CONSTRAINT catalog_piece_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_piece
    ADD CONSTRAINT catalog_piece_tag_key UNIQUE (tag);
ALTER TABLE ONLY public.catalog_piece
    ADD CONSTRAINT catalog_piece_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.catalog_priceimport
    ADD CONSTRAINT catalog_priceimport_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_pricelist
    ADD CONSTRAINT catalog_pricelist_code_key UNIQUE (code);
ALTER TABLE ONLY public.catalog_pricelist
    ADD CONSTRAINT catalog_pricelist_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_pricelist_stores
    ADD CONSTRAINT catalog_pricelist_stores_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_pricelist_stores
    ADD CONSTRAINT catalog_pricelist_stores_pricelist_id_store_id_7725f1cd_uniq UNIQUE (pricelist_id, store_id);
ALTER TABLE ONLY public.catalog_pricelistitem
    ADD CONSTRAINT catalog_pricelistitem_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_product
    ADD CONSTRAINT catalog_product_code_key UNIQUE (code);
ALTER TABLE ONLY public.catalog_product
    ADD CONSTRAINT catalog_product_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_product
    ADD CONSTRAINT catalog_product_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.catalog_productattribute
    ADD CONSTRAINT catalog_productattribute_once UNIQUE (product_id, attribute_id);
ALTER TABLE ONLY public.catalog_productattribute
    ADD CONSTRAINT catalog_productattribute_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_servicedetail
    ADD CONSTRAINT catalog_servicedetail_pkey PRIMARY KEY (product_id);
ALTER TABLE ONLY public.catalog_servicedetail_skills
    ADD CONSTRAINT catalog_servicedetail_sk_servicedetail_id_skill_i_032efa48_uniq UNIQUE (servicedetail_id, skill_id);
ALTER TABLE ONLY public.catalog_servicedetail_skills
    ADD CONSTRAINT catalog_servicedetail_skills_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_taxclass
    ADD CONSTRAINT catalog_taxclass_code_key UNIQUE (code);
ALTER TABLE ONLY public.catalog_taxclass
    ADD CONSTRAINT catalog_taxclass_name_key UNIQUE (name);
ALTER TABLE ONLY public.catalog_taxclass
    ADD CONSTRAINT catalog_taxclass_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_taxrate
    ADD CONSTRAINT catalog_taxrate_once_a_day UNIQUE (tax_class_id, from_date);
ALTER TABLE ONLY public.catalog_taxrate
    ADD CONSTRAINT catalog_taxrate_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_unit
    ADD CONSTRAINT catalog_unit_code_key UNIQUE (code);
ALTER TABLE ONLY public.catalog_unit
    ADD CONSTRAINT catalog_unit_name_key UNIQUE (name);
ALTER TABLE ONLY public.catalog_unit
    ADD CONSTRAINT catalog_unit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_variant
    ADD CONSTRAINT catalog_variant_code_key UNIQUE (code);
ALTER TABLE ONLY public.catalog_variant
    ADD CONSTRAINT catalog_variant_label_once UNIQUE (product_id, label);
ALTER TABLE ONLY public.catalog_variant
    ADD CONSTRAINT catalog_variant_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_variantvalue
    ADD CONSTRAINT catalog_variantvalue_once UNIQUE (variant_id, attribute_id);
ALTER TABLE ONLY public.catalog_variantvalue
    ADD CONSTRAINT catalog_variantvalue_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_weighedpattern
    ADD CONSTRAINT catalog_weighedpattern_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.catalog_weighedpattern
    ADD CONSTRAINT catalog_weighedpattern_prefix_key UNIQUE (prefix);
ALTER TABLE ONLY public.clienteling_entry
    ADD CONSTRAINT clienteling_entry_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.clienteling_entry
    ADD CONSTRAINT clienteling_once_a_day UNIQUE (day, customer_id);
ALTER TABLE ONLY public.clienteling_outcome
    ADD CONSTRAINT clienteling_outcome_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.clienteling_queuerules
    ADD CONSTRAINT clienteling_queuerules_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.clienteling_reasonrule
    ADD CONSTRAINT clienteling_reasonrule_code_key UNIQUE (code);
ALTER TABLE ONLY public.clienteling_reasonrule
    ADD CONSTRAINT clienteling_reasonrule_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.config_firststepdone
    ADD CONSTRAINT config_firststepdone_code_key UNIQUE (code);
ALTER TABLE ONLY public.config_firststepdone
    ADD CONSTRAINT config_firststepdone_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.config_moduleswitch
    ADD CONSTRAINT config_module_switch_once UNIQUE NULLS NOT DISTINCT (module, store_id);
ALTER TABLE ONLY public.config_moduleswitch
    ADD CONSTRAINT config_moduleswitch_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.config_storepreset
    ADD CONSTRAINT config_storepreset_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.config_storepreset
    ADD CONSTRAINT config_storepreset_store_id_key UNIQUE (store_id);
ALTER TABLE ONLY public.customers_consenttext
    ADD CONSTRAINT consent_text_version_once UNIQUE (purpose, version, language);
ALTER TABLE ONLY public.customers_contactpoint
    ADD CONSTRAINT contact_point_once_per_customer UNIQUE (customer_id, kind, value_exact);
ALTER TABLE ONLY public.core_datakey
    ADD CONSTRAINT core_datakey_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.core_keyrecord
    ADD CONSTRAINT core_keyrecord_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_collaborator
    ADD CONSTRAINT customer_collaborator_once UNIQUE (customer_id, user_id);
ALTER TABLE ONLY public.customers_customer
    ADD CONSTRAINT customer_member_number_unique UNIQUE (member_number);
ALTER TABLE ONLY public.customers_sharedwith
    ADD CONSTRAINT customer_shared_once UNIQUE (customer_id, store_id);
ALTER TABLE ONLY public.customers_tagging
    ADD CONSTRAINT customer_tagged_once UNIQUE (customer_id, tag_id);
ALTER TABLE ONLY public.customers_address
    ADD CONSTRAINT customers_address_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_address
    ADD CONSTRAINT customers_address_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.customers_careoccasion
    ADD CONSTRAINT customers_careoccasion_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_carerule
    ADD CONSTRAINT customers_carerule_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_collaborator
    ADD CONSTRAINT customers_collaborator_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_consent
    ADD CONSTRAINT customers_consent_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_consenttext
    ADD CONSTRAINT customers_consenttext_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_contactpoint
    ADD CONSTRAINT customers_contactpoint_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_contactpoint
    ADD CONSTRAINT customers_contactpoint_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.customers_customer
    ADD CONSTRAINT customers_customer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_customer
    ADD CONSTRAINT customers_customer_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.customers_customerfile
    ADD CONSTRAINT customers_customerfile_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_customerfile
    ADD CONSTRAINT customers_customerfile_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.customers_customernote
    ADD CONSTRAINT customers_customernote_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_customernote
    ADD CONSTRAINT customers_customernote_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.customers_entryrule
    ADD CONSTRAINT customers_entryrule_field_key UNIQUE (field);
ALTER TABLE ONLY public.customers_entryrule
    ADD CONSTRAINT customers_entryrule_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_household_members
    ADD CONSTRAINT customers_household_memb_household_id_customer_id_a91f385b_uniq UNIQUE (household_id, customer_id);
ALTER TABLE ONLY public.customers_household_members
    ADD CONSTRAINT customers_household_members_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_household
    ADD CONSTRAINT customers_household_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_importantdate
    ADD CONSTRAINT customers_importantdate_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_matchpair
    ADD CONSTRAINT customers_matchpair_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_merge
    ADD CONSTRAINT customers_merge_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_portalsession
    ADD CONSTRAINT customers_portalsession_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_portalsession
    ADD CONSTRAINT customers_portalsession_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY public.customers_processingactivity
    ADD CONSTRAINT customers_processingactivity_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_registrationpoint
    ADD CONSTRAINT customers_registrationpoint_code_key UNIQUE (code);
ALTER TABLE ONLY public.customers_registrationpoint
    ADD CONSTRAINT customers_registrationpoint_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_relation
    ADD CONSTRAINT customers_relation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_reviewedrole
    ADD CONSTRAINT customers_reviewedrole_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_reviewedrole
    ADD CONSTRAINT customers_reviewedrole_role_id_key UNIQUE (role_id);
ALTER TABLE ONLY public.customers_rightsrequest
    ADD CONSTRAINT customers_rightsrequest_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_sharedwith
    ADD CONSTRAINT customers_sharedwith_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_sourcerecord
    ADD CONSTRAINT customers_sourcerecord_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_sourcerecord
    ADD CONSTRAINT customers_sourcerecord_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.customers_tag
    ADD CONSTRAINT customers_tag_name_key UNIQUE (name);
ALTER TABLE ONLY public.customers_tag
    ADD CONSTRAINT customers_tag_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_tagging
    ADD CONSTRAINT customers_tagging_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_tagmerge
    ADD CONSTRAINT customers_tagmerge_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_verificationcode
    ADD CONSTRAINT customers_verificationcode_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_verificationcode
    ADD CONSTRAINT customers_verificationcode_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);
ALTER TABLE ONLY public.events_delivery
    ADD CONSTRAINT events_delivery_once UNIQUE (reaction, era, xid, event_id);
ALTER TABLE ONLY public.events_delivery
    ADD CONSTRAINT events_delivery_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.events_droppedmonth
    ADD CONSTRAINT events_droppedmonth_pkey PRIMARY KEY (month);
ALTER TABLE ONLY public.events_era
    ADD CONSTRAINT events_era_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.events_event
    ADD CONSTRAINT events_event_by_time PRIMARY KEY (recorded_at, id);
ALTER TABLE ONLY public.events_event_other
    ADD CONSTRAINT events_event_other_pkey PRIMARY KEY (recorded_at, id);
ALTER TABLE ONLY public.events_reactionposition
    ADD CONSTRAINT events_reactionposition_pkey PRIMARY KEY (code);
ALTER TABLE ONLY public.events_sealblock
    ADD CONSTRAINT events_sealblock_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.events_subject
    ADD CONSTRAINT events_subject_timeline PRIMARY KEY (subject, recorded_at, event_id);
ALTER TABLE ONLY public.events_subject_other
    ADD CONSTRAINT events_subject_other_pkey PRIMARY KEY (subject, recorded_at, event_id);
ALTER TABLE ONLY public.api_idempotentanswer
    ADD CONSTRAINT idempotent_answer_once UNIQUE (scope, key);
ALTER TABLE ONLY public.imports_importrow
    ADD CONSTRAINT imports_importrow_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.imports_importrow
    ADD CONSTRAINT imports_importrow_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.imports_importrun
    ADD CONSTRAINT imports_importrun_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.imports_importrun
    ADD CONSTRAINT imports_importrun_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.imports_importsource
    ADD CONSTRAINT imports_importsource_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.imports_importrow
    ADD CONSTRAINT imports_row_once UNIQUE (run_id, row_number);
ALTER TABLE ONLY public.imports_importsource
    ADD CONSTRAINT imports_source_once UNIQUE (importer, fingerprint);
ALTER TABLE ONLY public.insight_contactpreference
    ADD CONSTRAINT insight_contactpreference_pkey PRIMARY KEY (customer_id);
ALTER TABLE ONLY public.insight_customermetrics
    ADD CONSTRAINT insight_customermetrics_pkey PRIMARY KEY (customer_id);
ALTER TABLE ONLY public.insight_declinedproposal
    ADD CONSTRAINT insight_declined_once UNIQUE (customer_id, product_id);
ALTER TABLE ONLY public.insight_declinedproposal
    ADD CONSTRAINT insight_declinedproposal_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.insight_reportdelivery
    ADD CONSTRAINT insight_delivery_once UNIQUE (report_id, due_at, user_id);
ALTER TABLE ONLY public.insight_productpair
    ADD CONSTRAINT insight_productpair_pkey PRIMARY KEY (product_id, then_id);
ALTER TABLE ONLY public.insight_proposal
    ADD CONSTRAINT insight_proposal_pkey PRIMARY KEY (customer_id, product_id);
ALTER TABLE ONLY public.insight_reportdelivery
    ADD CONSTRAINT insight_reportdelivery_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.insight_reportschedule
    ADD CONSTRAINT insight_reportschedule_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.insight_reportschedule
    ADD CONSTRAINT insight_reportschedule_report_id_key UNIQUE (report_id);
ALTER TABLE ONLY public.insight_savedreport
    ADD CONSTRAINT insight_savedreport_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.insight_snapshotrun
    ADD CONSTRAINT insight_snapshotrun_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.insight_unproposedcategory
    ADD CONSTRAINT insight_unproposedcategory_pkey PRIMARY KEY (category_id);
ALTER TABLE ONLY public.inventory_anchor
    ADD CONSTRAINT inventory_anchor_once UNIQUE NULLS NOT DISTINCT (variant_id, place_id, batch_id, at);
ALTER TABLE ONLY public.inventory_anchor
    ADD CONSTRAINT inventory_anchor_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_balance
    ADD CONSTRAINT inventory_balance_once UNIQUE NULLS NOT DISTINCT (variant_id, place_id, batch_id);
ALTER TABLE ONLY public.inventory_balance
    ADD CONSTRAINT inventory_balance_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_batch
    ADD CONSTRAINT inventory_batch_code UNIQUE (variant_id, code);
ALTER TABLE ONLY public.inventory_batch
    ADD CONSTRAINT inventory_batch_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_closingmark
    ADD CONSTRAINT inventory_closingmark_pkey PRIMARY KEY (legal_entity_id);
ALTER TABLE ONLY public.inventory_costclosing
    ADD CONSTRAINT inventory_costclosing_once UNIQUE (closed_on, legal_entity_id, variant_id);
ALTER TABLE ONLY public.inventory_costclosing
    ADD CONSTRAINT inventory_costclosing_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_costentry
    ADD CONSTRAINT inventory_costentry_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_coststate
    ADD CONSTRAINT inventory_coststate_pkey PRIMARY KEY (legal_entity_id, variant_id);
ALTER TABLE ONLY public.inventory_countentry
    ADD CONSTRAINT inventory_countentry_once UNIQUE (session_id, key);
ALTER TABLE ONLY public.inventory_countentry
    ADD CONSTRAINT inventory_countentry_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_countline
    ADD CONSTRAINT inventory_countline_once UNIQUE NULLS NOT DISTINCT (session_id, place_id, variant_id, batch_id, piece_id);
ALTER TABLE ONLY public.inventory_countline
    ADD CONSTRAINT inventory_countline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_countsession
    ADD CONSTRAINT inventory_countsession_document_id_key UNIQUE (document_id);
ALTER TABLE ONLY public.inventory_countsession
    ADD CONSTRAINT inventory_countsession_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_countsession
    ADD CONSTRAINT inventory_countsession_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.inventory_custodyitem
    ADD CONSTRAINT inventory_custodyitem_document_in_id_key UNIQUE (document_in_id);
ALTER TABLE ONLY public.inventory_custodyitem
    ADD CONSTRAINT inventory_custodyitem_document_out_id_key UNIQUE (document_out_id);
ALTER TABLE ONLY public.inventory_custodyitem
    ADD CONSTRAINT inventory_custodyitem_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_custodyitem
    ADD CONSTRAINT inventory_custodyitem_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.inventory_document
    ADD CONSTRAINT inventory_document_number UNIQUE (number);
ALTER TABLE ONLY public.inventory_document
    ADD CONSTRAINT inventory_document_once UNIQUE (reference);
ALTER TABLE ONLY public.inventory_document
    ADD CONSTRAINT inventory_document_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_document
    ADD CONSTRAINT inventory_document_reverses_id_key UNIQUE (reverses_id);
ALTER TABLE ONLY public.inventory_document
    ADD CONSTRAINT inventory_document_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.inventory_documentcounter
    ADD CONSTRAINT inventory_documentcounter_once UNIQUE (store_id, kind, year);
ALTER TABLE ONLY public.inventory_documentcounter
    ADD CONSTRAINT inventory_documentcounter_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_movement
    ADD CONSTRAINT inventory_movement_line UNIQUE (document_id, line);
ALTER TABLE ONLY public.inventory_movement
    ADD CONSTRAINT inventory_movement_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_negativepolicy
    ADD CONSTRAINT inventory_negativepolicy_once UNIQUE NULLS NOT DISTINCT (category_id, place_id);
ALTER TABLE ONLY public.inventory_negativepolicy
    ADD CONSTRAINT inventory_negativepolicy_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_openedunit
    ADD CONSTRAINT inventory_openedunit_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_openlife
    ADD CONSTRAINT inventory_openlife_pkey PRIMARY KEY (variant_id);
ALTER TABLE ONLY public.inventory_periodlock
    ADD CONSTRAINT inventory_periodlock_once UNIQUE (legal_entity_id, locked_through);
ALTER TABLE ONLY public.inventory_periodlock
    ADD CONSTRAINT inventory_periodlock_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_pieceat
    ADD CONSTRAINT inventory_pieceat_pkey PRIMARY KEY (piece_id);
ALTER TABLE ONLY public.inventory_place
    ADD CONSTRAINT inventory_place_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_place
    ADD CONSTRAINT inventory_place_stock_place_id_key UNIQUE (stock_place_id);
ALTER TABLE ONLY public.inventory_reservation
    ADD CONSTRAINT inventory_reservation_once UNIQUE (reference);
ALTER TABLE ONLY public.inventory_reservation
    ADD CONSTRAINT inventory_reservation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_safetystock
    ADD CONSTRAINT inventory_safetystock_once UNIQUE (variant_id, place_id);
ALTER TABLE ONLY public.inventory_safetystock
    ADD CONSTRAINT inventory_safetystock_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_stockalert
    ADD CONSTRAINT inventory_stockalert_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_stockclosing
    ADD CONSTRAINT inventory_stockclosing_once UNIQUE (closed_on, place_id, variant_id);
ALTER TABLE ONLY public.inventory_stockclosing
    ADD CONSTRAINT inventory_stockclosing_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_transfer
    ADD CONSTRAINT inventory_transfer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inventory_transfer
    ADD CONSTRAINT inventory_transfer_receipt_id_key UNIQUE (receipt_id);
ALTER TABLE ONLY public.inventory_transfer
    ADD CONSTRAINT inventory_transfer_shipment_id_key UNIQUE (shipment_id);
ALTER TABLE ONLY public.inventory_transfer
    ADD CONSTRAINT inventory_transfer_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.inventory_transferline
    ADD CONSTRAINT inventory_transferline_once UNIQUE (transfer_id, line);
ALTER TABLE ONLY public.inventory_transferline
    ADD CONSTRAINT inventory_transferline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.journeys_journey
    ADD CONSTRAINT journeys_journey_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.journeys_known
    ADD CONSTRAINT journeys_known_once UNIQUE (journey_id, customer_id);
ALTER TABLE ONLY public.journeys_known
    ADD CONSTRAINT journeys_known_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.journeys_passage
    ADD CONSTRAINT journeys_passage_once UNIQUE (customer_id, journey_id, occurrence);
ALTER TABLE ONLY public.journeys_passage
    ADD CONSTRAINT journeys_passage_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.journeys_passed
    ADD CONSTRAINT journeys_passed_once UNIQUE (passage_id, step);
ALTER TABLE ONLY public.journeys_passed
    ADD CONSTRAINT journeys_passed_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.journeys_version
    ADD CONSTRAINT journeys_version_once UNIQUE (journey_id, number);
ALTER TABLE ONLY public.journeys_version
    ADD CONSTRAINT journeys_version_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ledger_account
    ADD CONSTRAINT ledger_account_once UNIQUE NULLS NOT DISTINCT (holder, code, unit, legal_entity_id, store_id);
ALTER TABLE ONLY public.ledger_account
    ADD CONSTRAINT ledger_account_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ledger_accountbalance
    ADD CONSTRAINT ledger_accountbalance_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.ledger_balancesnapshot
    ADD CONSTRAINT ledger_balancesnapshot_pkey PRIMARY KEY (account_id);
ALTER TABLE ONLY public.ledger_closing
    ADD CONSTRAINT ledger_closing_closed_before_key UNIQUE (closed_before);
ALTER TABLE ONLY public.ledger_closing
    ADD CONSTRAINT ledger_closing_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ledger_lot
    ADD CONSTRAINT ledger_lot_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ledger_lotchange
    ADD CONSTRAINT ledger_lotchange_pkey PRIMARY KEY (transaction_id, lot_id);
ALTER TABLE ONLY public.ledger_posting
    ADD CONSTRAINT ledger_posting_pkey PRIMARY KEY (transaction_id, account_id);
ALTER TABLE ONLY public.ledger_transaction
    ADD CONSTRAINT ledger_transaction_once UNIQUE (reference);
ALTER TABLE ONLY public.ledger_transaction
    ADD CONSTRAINT ledger_transaction_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.web_listpreference
    ADD CONSTRAINT list_preference_once UNIQUE (user_id, list_code);
ALTER TABLE ONLY public.loyalty_earningrule
    ADD CONSTRAINT loyalty_earningrule_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.loyalty_expirynotice
    ADD CONSTRAINT loyalty_expirynotice_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.loyalty_giftgiven
    ADD CONSTRAINT loyalty_gift_once_a_year UNIQUE (customer_id, occasion, year);
ALTER TABLE ONLY public.loyalty_gift
    ADD CONSTRAINT loyalty_gift_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.loyalty_giftgiven
    ADD CONSTRAINT loyalty_giftgiven_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.loyalty_level
    ADD CONSTRAINT loyalty_level_code_once UNIQUE (programme_id, code);
ALTER TABLE ONLY public.loyalty_level
    ADD CONSTRAINT loyalty_level_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.loyalty_levelchange
    ADD CONSTRAINT loyalty_levelchange_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.loyalty_levelgrant
    ADD CONSTRAINT loyalty_levelgrant_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.loyalty_memberreturn
    ADD CONSTRAINT loyalty_memberreturn_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.loyalty_memberreturn
    ADD CONSTRAINT loyalty_memberreturn_reference_key UNIQUE (reference);
ALTER TABLE ONLY public.loyalty_membersale
    ADD CONSTRAINT loyalty_membersale_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.loyalty_membersale
    ADD CONSTRAINT loyalty_membersale_reference_key UNIQUE (reference);
ALTER TABLE ONLY public.loyalty_membership
    ADD CONSTRAINT loyalty_membership_pkey PRIMARY KEY (customer_id);
ALTER TABLE ONLY public.loyalty_expirynotice
    ADD CONSTRAINT loyalty_notice_once UNIQUE (account_id, expires_at);
ALTER TABLE ONLY public.loyalty_openingpoints
    ADD CONSTRAINT loyalty_opening_once UNIQUE (run_id, row_number);
ALTER TABLE ONLY public.loyalty_openingpoints
    ADD CONSTRAINT loyalty_openingpoints_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.loyalty_programme
    ADD CONSTRAINT loyalty_programme_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.loyalty_redemption
    ADD CONSTRAINT loyalty_redemption_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.loyalty_redemption
    ADD CONSTRAINT loyalty_redemption_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.loyalty_referral
    ADD CONSTRAINT loyalty_referral_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.loyalty_referralcode
    ADD CONSTRAINT loyalty_referralcode_code_key UNIQUE (code);
ALTER TABLE ONLY public.loyalty_referralcode
    ADD CONSTRAINT loyalty_referralcode_pkey PRIMARY KEY (customer_id);
ALTER TABLE ONLY public.loyalty_referral
    ADD CONSTRAINT loyalty_referred_once UNIQUE (referred_id);
ALTER TABLE ONLY public.loyalty_reward
    ADD CONSTRAINT loyalty_reward_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.marketing_campaign
    ADD CONSTRAINT marketing_campaign_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.marketing_campaignstep
    ADD CONSTRAINT marketing_campaignstep_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.marketing_click
    ADD CONSTRAINT marketing_click_pkey PRIMARY KEY (member_id);
ALTER TABLE ONLY public.marketing_member
    ADD CONSTRAINT marketing_member_once UNIQUE (campaign_id, customer_id);
ALTER TABLE ONLY public.marketing_member
    ADD CONSTRAINT marketing_member_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.marketing_varianttext
    ADD CONSTRAINT marketing_text_once UNIQUE (variant_id, channel);
ALTER TABLE ONLY public.marketing_variant
    ADD CONSTRAINT marketing_variant_once UNIQUE (campaign_id, "position");
ALTER TABLE ONLY public.marketing_variant
    ADD CONSTRAINT marketing_variant_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.marketing_varianttext
    ADD CONSTRAINT marketing_varianttext_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.customers_matchpair
    ADD CONSTRAINT match_pair_once UNIQUE (left_id, right_id);
ALTER TABLE ONLY public.messaging_channeluse
    ADD CONSTRAINT messaging_channel_use_once UNIQUE (channel, month);
ALTER TABLE ONLY public.messaging_channelsetting
    ADD CONSTRAINT messaging_channelsetting_channel_key UNIQUE (channel);
ALTER TABLE ONLY public.messaging_channelsetting
    ADD CONSTRAINT messaging_channelsetting_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.messaging_channelsetting
    ADD CONSTRAINT messaging_channelsetting_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.messaging_channeluse
    ADD CONSTRAINT messaging_channeluse_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.messaging_contacted
    ADD CONSTRAINT messaging_contacted_pkey PRIMARY KEY (customer_id);
ALTER TABLE ONLY public.messaging_handover
    ADD CONSTRAINT messaging_handover_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.messaging_message
    ADD CONSTRAINT messaging_message_once UNIQUE (source, step, customer_id, occurrence);
ALTER TABLE ONLY public.messaging_message
    ADD CONSTRAINT messaging_message_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.messaging_message
    ADD CONSTRAINT messaging_message_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.messaging_sendingrules
    ADD CONSTRAINT messaging_sendingrules_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.messaging_suppressedperson
    ADD CONSTRAINT messaging_suppressed_person_once UNIQUE (suppression_id, customer_id);
ALTER TABLE ONLY public.messaging_suppressedperson
    ADD CONSTRAINT messaging_suppressedperson_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.messaging_suppression
    ADD CONSTRAINT messaging_suppression_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.messaging_suppression
    ADD CONSTRAINT messaging_suppression_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.messaging_template
    ADD CONSTRAINT messaging_template_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.messaging_templateversion
    ADD CONSTRAINT messaging_template_version_once UNIQUE (template_id, number);
ALTER TABLE ONLY public.messaging_templateversion
    ADD CONSTRAINT messaging_templateversion_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stores_openinghours
    ADD CONSTRAINT opening_hours_unique UNIQUE (store_id, weekday, opens);
ALTER TABLE ONLY public.stores_posting
    ADD CONSTRAINT posting_once_at_a_time EXCLUDE USING gist (int8range(COALESCE(staff_id, (0)::bigint), COALESCE(staff_id, (0)::bigint), '[]'::text) WITH &&, int8range(COALESCE(role_id, (0)::bigint), COALESCE(role_id, (0)::bigint), '[]'::text) WITH &&, int8range(COALESCE(store_id, (0)::bigint), COALESCE(store_id, (0)::bigint), '[]'::text) WITH &&, int8range(COALESCE(region_id, (0)::bigint), COALESCE(region_id, (0)::bigint), '[]'::text) WITH &&, int8range(COALESCE(legal_entity_id, (0)::bigint), COALESCE(legal_entity_id, (0)::bigint), '[]'::text) WITH &&, daterange(from_date, to_date) WITH &&);
ALTER TABLE ONLY public.catalog_priceimport
    ADD CONSTRAINT price_import_once_per_row UNIQUE (run_id, "row");
ALTER TABLE ONLY public.procrastinate_events
    ADD CONSTRAINT procrastinate_events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_unique UNIQUE (task_name, periodic_id, defer_timestamp);
ALTER TABLE ONLY public.procrastinate_workers
    ADD CONSTRAINT procrastinate_workers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.promotions_coupon
    ADD CONSTRAINT promotions_coupon_code_key UNIQUE (code);
ALTER TABLE ONLY public.promotions_coupon
    ADD CONSTRAINT promotions_coupon_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.promotions_coupontally
    ADD CONSTRAINT promotions_coupon_tally_once UNIQUE (kind_id, customer_id);
ALTER TABLE ONLY public.promotions_couponbatch
    ADD CONSTRAINT promotions_couponbatch_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.promotions_couponbatch
    ADD CONSTRAINT promotions_couponbatch_reference_key UNIQUE (reference);
ALTER TABLE ONLY public.promotions_couponkind
    ADD CONSTRAINT promotions_couponkind_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.promotions_couponkindversion
    ADD CONSTRAINT promotions_couponkindversion_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.promotions_couponstep
    ADD CONSTRAINT promotions_couponstep_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.promotions_coupontally
    ADD CONSTRAINT promotions_coupontally_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.promotions_promotiongiven
    ADD CONSTRAINT promotions_given_once UNIQUE (reference, promotion_id, own_reference);
ALTER TABLE ONLY public.promotions_couponkindversion
    ADD CONSTRAINT promotions_kind_version_once UNIQUE (kind_id, number);
ALTER TABLE ONLY public.promotions_promotion
    ADD CONSTRAINT promotions_promotion_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.promotions_promotiongiven
    ADD CONSTRAINT promotions_promotiongiven_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.promotions_promotiontally
    ADD CONSTRAINT promotions_promotiontally_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.promotions_promotionversion
    ADD CONSTRAINT promotions_promotionversion_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.promotions_promotiontally
    ADD CONSTRAINT promotions_tally_once UNIQUE (promotion_id, customer_id);
ALTER TABLE ONLY public.promotions_promotionversion
    ADD CONSTRAINT promotions_version_once UNIQUE (promotion_id, number);
ALTER TABLE ONLY public.purchasing_importedsupplier
    ADD CONSTRAINT purchasing_importedsupplier_once UNIQUE (run_id, "row");
ALTER TABLE ONLY public.purchasing_importedsupplier
    ADD CONSTRAINT purchasing_importedsupplier_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchasing_supplierinvoiceline
    ADD CONSTRAINT purchasing_invoiceline_position UNIQUE (invoice_id, "position");
ALTER TABLE ONLY public.purchasing_ordercounter
    ADD CONSTRAINT purchasing_ordercounter_once UNIQUE (store_id, kind, year);
ALTER TABLE ONLY public.purchasing_ordercounter
    ADD CONSTRAINT purchasing_ordercounter_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchasing_purchaseorderline
    ADD CONSTRAINT purchasing_orderline_position UNIQUE (order_id, "position");
ALTER TABLE ONLY public.purchasing_ordermessage
    ADD CONSTRAINT purchasing_ordermessage_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchasing_planline
    ADD CONSTRAINT purchasing_planline_once UNIQUE (plan_id, variant_id);
ALTER TABLE ONLY public.purchasing_planline
    ADD CONSTRAINT purchasing_planline_order_line_id_key UNIQUE (order_line_id);
ALTER TABLE ONLY public.purchasing_planline
    ADD CONSTRAINT purchasing_planline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchasing_supplierprice
    ADD CONSTRAINT purchasing_price_once_at_a_time EXCLUDE USING gist (int8range(supplier_id, supplier_id, '[]'::text) WITH &&, int8range(variant_id, variant_id, '[]'::text) WITH &&, numrange(minimum_quantity, minimum_quantity, '[]'::text) WITH &&, daterange(from_date, to_date) WITH &&);
ALTER TABLE ONLY public.purchasing_purchaseorder
    ADD CONSTRAINT purchasing_purchaseorder_number_key UNIQUE (number);
ALTER TABLE ONLY public.purchasing_purchaseorder
    ADD CONSTRAINT purchasing_purchaseorder_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchasing_purchaseorder
    ADD CONSTRAINT purchasing_purchaseorder_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.purchasing_purchaseorderline
    ADD CONSTRAINT purchasing_purchaseorderline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchasing_purchaseplan
    ADD CONSTRAINT purchasing_purchaseplan_number_key UNIQUE (number);
ALTER TABLE ONLY public.purchasing_purchaseplan
    ADD CONSTRAINT purchasing_purchaseplan_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchasing_receipt
    ADD CONSTRAINT purchasing_receipt_document_id_key UNIQUE (document_id);
ALTER TABLE ONLY public.purchasing_receipt
    ADD CONSTRAINT purchasing_receipt_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchasing_receipt
    ADD CONSTRAINT purchasing_receipt_reference_key UNIQUE (reference);
ALTER TABLE ONLY public.purchasing_receiptline
    ADD CONSTRAINT purchasing_receiptline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchasing_receiptline
    ADD CONSTRAINT purchasing_receiptline_position UNIQUE (receipt_id, "position");
ALTER TABLE ONLY public.purchasing_supplierreturnline
    ADD CONSTRAINT purchasing_returnline_position UNIQUE (supplier_return_id, "position");
ALTER TABLE ONLY public.purchasing_supplier
    ADD CONSTRAINT purchasing_supplier_code_key UNIQUE (code);
ALTER TABLE ONLY public.purchasing_supplier_legal_entities
    ADD CONSTRAINT purchasing_supplier_lega_supplier_id_legalentity__fc9e1849_uniq UNIQUE (supplier_id, legalentity_id);
ALTER TABLE ONLY public.purchasing_supplier_legal_entities
    ADD CONSTRAINT purchasing_supplier_legal_entities_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchasing_supplier
    ADD CONSTRAINT purchasing_supplier_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchasing_supplier
    ADD CONSTRAINT purchasing_supplier_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.purchasing_supplierinvoice
    ADD CONSTRAINT purchasing_supplierinvoice_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchasing_supplierinvoiceline
    ADD CONSTRAINT purchasing_supplierinvoiceline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchasing_supplierprice
    ADD CONSTRAINT purchasing_supplierprice_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchasing_supplierreturn
    ADD CONSTRAINT purchasing_supplierreturn_document_id_key UNIQUE (document_id);
ALTER TABLE ONLY public.purchasing_supplierreturn
    ADD CONSTRAINT purchasing_supplierreturn_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchasing_supplierreturn
    ADD CONSTRAINT purchasing_supplierreturn_reference_key UNIQUE (reference);
ALTER TABLE ONLY public.purchasing_supplierreturnline
    ADD CONSTRAINT purchasing_supplierreturnline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchasing_supplyrule
    ADD CONSTRAINT purchasing_supplyrule_once UNIQUE NULLS NOT DISTINCT (variant_id, store_id);
ALTER TABLE ONLY public.purchasing_supplyrule
    ADD CONSTRAINT purchasing_supplyrule_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stores_register
    ADD CONSTRAINT register_code_unique_in_store UNIQUE (store_id, code);
ALTER TABLE ONLY public.sales_cashcount
    ADD CONSTRAINT sales_cashcount_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_cashmovement
    ADD CONSTRAINT sales_cashmovement_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_cashmovement
    ADD CONSTRAINT sales_cashmovement_reference_key UNIQUE (reference);
ALTER TABLE ONLY public.sales_channelrow
    ADD CONSTRAINT sales_channelrow_once UNIQUE NULLS NOT DISTINCT (tender_id, legal_entity_id, business_date, reference, payment_id, refund_id);
ALTER TABLE ONLY public.sales_channelrow
    ADD CONSTRAINT sales_channelrow_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_creditterms
    ADD CONSTRAINT sales_creditterms_once UNIQUE (customer_id, legal_entity_id);
ALTER TABLE ONLY public.sales_creditterms
    ADD CONSTRAINT sales_creditterms_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_dayclose
    ADD CONSTRAINT sales_dayclose_number UNIQUE (store_id, number);
ALTER TABLE ONLY public.sales_dayclose
    ADD CONSTRAINT sales_dayclose_once UNIQUE (store_id, business_date, sequence);
ALTER TABLE ONLY public.sales_dayclose
    ADD CONSTRAINT sales_dayclose_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_delivery
    ADD CONSTRAINT sales_delivery_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_delivery
    ADD CONSTRAINT sales_delivery_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.sales_deliverychange
    ADD CONSTRAINT sales_deliverychange_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_deliverycrew_members
    ADD CONSTRAINT sales_deliverycrew_membe_deliverycrew_id_user_id_c30d755a_uniq UNIQUE (deliverycrew_id, user_id);
ALTER TABLE ONLY public.sales_deliverycrew_members
    ADD CONSTRAINT sales_deliverycrew_members_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_deliverycrew
    ADD CONSTRAINT sales_deliverycrew_once UNIQUE (store_id, name);
ALTER TABLE ONLY public.sales_deliverycrew
    ADD CONSTRAINT sales_deliverycrew_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_deliveryline
    ADD CONSTRAINT sales_deliveryline_once UNIQUE (delivery_id, line_id);
ALTER TABLE ONLY public.sales_deliveryline
    ADD CONSTRAINT sales_deliveryline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_deliveryproof
    ADD CONSTRAINT sales_deliveryproof_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_deliveryproof
    ADD CONSTRAINT sales_deliveryproof_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.sales_deliverysetting
    ADD CONSTRAINT sales_deliverysetting_pkey PRIMARY KEY (store_id);
ALTER TABLE ONLY public.sales_deliveryslot
    ADD CONSTRAINT sales_deliveryslot_once UNIQUE (store_id, name);
ALTER TABLE ONLY public.sales_deliveryslot
    ADD CONSTRAINT sales_deliveryslot_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_devicegap
    ADD CONSTRAINT sales_devicegap_once UNIQUE (journal_id, first);
ALTER TABLE ONLY public.sales_devicegap
    ADD CONSTRAINT sales_devicegap_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_devicejournal
    ADD CONSTRAINT sales_devicejournal_device_id_key UNIQUE (device_id);
ALTER TABLE ONLY public.sales_devicejournal
    ADD CONSTRAINT sales_devicejournal_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_draweropening
    ADD CONSTRAINT sales_draweropening_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_earnedline
    ADD CONSTRAINT sales_earnedline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_historyitem
    ADD CONSTRAINT sales_historyitem_once UNIQUE (run_id, code);
ALTER TABLE ONLY public.sales_historyitem
    ADD CONSTRAINT sales_historyitem_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_historyline
    ADD CONSTRAINT sales_historyline_once UNIQUE (run_id, "row");
ALTER TABLE ONLY public.sales_historyline
    ADD CONSTRAINT sales_historyline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_instalment
    ADD CONSTRAINT sales_instalment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_instalment
    ADD CONSTRAINT sales_instalment_position UNIQUE (order_id, "position");
ALTER TABLE ONLY public.sales_lineadjustment
    ADD CONSTRAINT sales_lineadjustment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_lineissue
    ADD CONSTRAINT sales_lineissue_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_lineperson
    ADD CONSTRAINT sales_lineperson_once UNIQUE (line_id, user_id);
ALTER TABLE ONLY public.sales_lineperson
    ADD CONSTRAINT sales_lineperson_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_offlinegrant
    ADD CONSTRAINT sales_offlinegrant_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_offlinegrant
    ADD CONSTRAINT sales_offlinegrant_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.sales_offlinepolicy
    ADD CONSTRAINT sales_offlinepolicy_once UNIQUE NULLS NOT DISTINCT (store_id);
ALTER TABLE ONLY public.sales_offlinepolicy
    ADD CONSTRAINT sales_offlinepolicy_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_offlinepolicy
    ADD CONSTRAINT sales_offlinepolicy_store_id_key UNIQUE (store_id);
ALTER TABLE ONLY public.sales_oldgold
    ADD CONSTRAINT sales_oldgold_number_key UNIQUE (number);
ALTER TABLE ONLY public.sales_oldgold
    ADD CONSTRAINT sales_oldgold_payment_id_key UNIQUE (payment_id);
ALTER TABLE ONLY public.sales_oldgold
    ADD CONSTRAINT sales_oldgold_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_oldgold
    ADD CONSTRAINT sales_oldgold_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.sales_order
    ADD CONSTRAINT sales_order_number_key UNIQUE (number);
ALTER TABLE ONLY public.sales_order
    ADD CONSTRAINT sales_order_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_order
    ADD CONSTRAINT sales_order_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.sales_orderchange
    ADD CONSTRAINT sales_orderchange_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_ordercounter
    ADD CONSTRAINT sales_ordercounter_once UNIQUE (store_id, kind, day);
ALTER TABLE ONLY public.sales_ordercounter
    ADD CONSTRAINT sales_ordercounter_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_orderexception
    ADD CONSTRAINT sales_orderexception_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_orderline
    ADD CONSTRAINT sales_orderline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_orderline
    ADD CONSTRAINT sales_orderline_position UNIQUE (order_id, "position");
ALTER TABLE ONLY public.sales_payment
    ADD CONSTRAINT sales_payment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_payment
    ADD CONSTRAINT sales_payment_position UNIQUE (order_id, "position");
ALTER TABLE ONLY public.sales_payment
    ADD CONSTRAINT sales_payment_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.sales_receiptprint
    ADD CONSTRAINT sales_receiptprint_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_receiptprinter
    ADD CONSTRAINT sales_receiptprinter_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_receiptprinter
    ADD CONSTRAINT sales_receiptprinter_register_id_key UNIQUE (register_id);
ALTER TABLE ONLY public.sales_receiptsetting
    ADD CONSTRAINT sales_receiptsetting_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_receiptsetting
    ADD CONSTRAINT sales_receiptsetting_store_id_key UNIQUE (store_id);
ALTER TABLE ONLY public.sales_refund
    ADD CONSTRAINT sales_refund_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_refund
    ADD CONSTRAINT sales_refund_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.sales_returnline
    ADD CONSTRAINT sales_returnline_once UNIQUE (sale_return_id, line_id);
ALTER TABLE ONLY public.sales_returnline
    ADD CONSTRAINT sales_returnline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_salereturn
    ADD CONSTRAINT sales_salereturn_number_key UNIQUE (number);
ALTER TABLE ONLY public.sales_salereturn
    ADD CONSTRAINT sales_salereturn_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_salereturn
    ADD CONSTRAINT sales_salereturn_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.sales_shift
    ADD CONSTRAINT sales_shift_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_shift
    ADD CONSTRAINT sales_shift_taken_over_from_id_key UNIQUE (taken_over_from_id);
ALTER TABLE ONLY public.sales_shift
    ADD CONSTRAINT sales_shift_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.sales_slotday
    ADD CONSTRAINT sales_slotday_once UNIQUE (slot_id, day);
ALTER TABLE ONLY public.sales_slotday
    ADD CONSTRAINT sales_slotday_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_stage
    ADD CONSTRAINT sales_stage_once UNIQUE (trade, code);
ALTER TABLE ONLY public.sales_stage
    ADD CONSTRAINT sales_stage_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_stageentry
    ADD CONSTRAINT sales_stageentry_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_tender
    ADD CONSTRAINT sales_tender_code_key UNIQUE (code);
ALTER TABLE ONLY public.sales_tender
    ADD CONSTRAINT sales_tender_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.sales_zreport
    ADD CONSTRAINT sales_zreport_number UNIQUE (register_id, number);
ALTER TABLE ONLY public.sales_zreport
    ADD CONSTRAINT sales_zreport_once UNIQUE (close_id, register_id);
ALTER TABLE ONLY public.sales_zreport
    ADD CONSTRAINT sales_zreport_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.web_savedview
    ADD CONSTRAINT saved_view_name_unique UNIQUE (user_id, list_code, name);
ALTER TABLE ONLY public.segments_segmentcount
    ADD CONSTRAINT segments_count_once UNIQUE (segment_id, "on");
ALTER TABLE ONLY public.segments_purchase
    ADD CONSTRAINT segments_purchase_pkey PRIMARY KEY (order_id, product_id);
ALTER TABLE ONLY public.segments_purchaseplace
    ADD CONSTRAINT segments_purchaseplace_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.segments_segment
    ADD CONSTRAINT segments_segment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.segments_segmentcount
    ADD CONSTRAINT segments_segmentcount_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.segments_segmentmember
    ADD CONSTRAINT segments_segmentmember_pkey PRIMARY KEY (segment_id, customer_id);
ALTER TABLE ONLY public.stores_stockplace
    ADD CONSTRAINT stock_place_name_unique_in_store UNIQUE (store_id, name);
ALTER TABLE ONLY public.stores_calendarday
    ADD CONSTRAINT stores_calendarday_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stores_holding
    ADD CONSTRAINT stores_holding_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stores_legalentity
    ADD CONSTRAINT stores_legalentity_name_key UNIQUE (name);
ALTER TABLE ONLY public.stores_legalentity
    ADD CONSTRAINT stores_legalentity_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stores_merchant
    ADD CONSTRAINT stores_merchant_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stores_openinghours
    ADD CONSTRAINT stores_openinghours_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stores_partner
    ADD CONSTRAINT stores_partner_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stores_partner
    ADD CONSTRAINT stores_partner_user_id_key UNIQUE (user_id);
ALTER TABLE ONLY public.stores_posting
    ADD CONSTRAINT stores_posting_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stores_region
    ADD CONSTRAINT stores_region_name_key UNIQUE (name);
ALTER TABLE ONLY public.stores_region
    ADD CONSTRAINT stores_region_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stores_register
    ADD CONSTRAINT stores_register_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stores_staff
    ADD CONSTRAINT stores_staff_number_key UNIQUE (number);
ALTER TABLE ONLY public.stores_staff
    ADD CONSTRAINT stores_staff_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stores_staff
    ADD CONSTRAINT stores_staff_user_id_key UNIQUE (user_id);
ALTER TABLE ONLY public.stores_staff
    ADD CONSTRAINT stores_staff_uuid_key UNIQUE (uuid);
ALTER TABLE ONLY public.stores_stockplace
    ADD CONSTRAINT stores_stockplace_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stores_store
    ADD CONSTRAINT stores_store_code_key UNIQUE (code);
ALTER TABLE ONLY public.stores_store
    ADD CONSTRAINT stores_store_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_carditem
    ADD CONSTRAINT wallet_card_item_once UNIQUE (card_id, variant_id, is_gifted);
ALTER TABLE ONLY public.wallets_cardkinditem
    ADD CONSTRAINT wallet_card_kind_item_once UNIQUE (kind_id, variant_id);
ALTER TABLE ONLY public.wallets_carduseline
    ADD CONSTRAINT wallet_card_use_line_once UNIQUE (use_id, item_id);
ALTER TABLE ONLY public.wallets_confirmation
    ADD CONSTRAINT wallet_confirmation_once UNIQUE (customer_id, slot);
ALTER TABLE ONLY public.wallets_offerstep
    ADD CONSTRAINT wallet_offer_step_once UNIQUE (offer_id, paid_amount);
ALTER TABLE ONLY public.wallets_wallet
    ADD CONSTRAINT wallet_once_per_entity UNIQUE (customer_id, legal_entity_id, currency);
ALTER TABLE ONLY public.wallets_term
    ADD CONSTRAINT wallet_term_once_a_day UNIQUE NULLS NOT DISTINCT (code, province, legal_entity_id, from_date);
ALTER TABLE ONLY public.wallets_carditem
    ADD CONSTRAINT wallets_carditem_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_carditem
    ADD CONSTRAINT wallets_carditem_sessions_id_key UNIQUE (sessions_id);
ALTER TABLE ONLY public.wallets_carditem
    ADD CONSTRAINT wallets_carditem_value_id_key UNIQUE (value_id);
ALTER TABLE ONLY public.wallets_cardkind
    ADD CONSTRAINT wallets_cardkind_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_cardkind_stores
    ADD CONSTRAINT wallets_cardkind_stores_cardkind_id_store_id_06e524ec_uniq UNIQUE (cardkind_id, store_id);
ALTER TABLE ONLY public.wallets_cardkind_stores
    ADD CONSTRAINT wallets_cardkind_stores_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_cardkinditem
    ADD CONSTRAINT wallets_cardkinditem_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_carduse
    ADD CONSTRAINT wallets_carduse_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_carduse
    ADD CONSTRAINT wallets_carduse_reference_key UNIQUE (reference);
ALTER TABLE ONLY public.wallets_carduseline
    ADD CONSTRAINT wallets_carduseline_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_confirmation
    ADD CONSTRAINT wallets_confirmation_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_conversion
    ADD CONSTRAINT wallets_conversion_card_id_key UNIQUE (card_id);
ALTER TABLE ONLY public.wallets_conversion
    ADD CONSTRAINT wallets_conversion_into_id_key UNIQUE (into_id);
ALTER TABLE ONLY public.wallets_conversion
    ADD CONSTRAINT wallets_conversion_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_extension
    ADD CONSTRAINT wallets_extension_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_freeze
    ADD CONSTRAINT wallets_freeze_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_offer
    ADD CONSTRAINT wallets_offer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_offer_stores
    ADD CONSTRAINT wallets_offer_stores_offer_id_store_id_d3aebe4e_uniq UNIQUE (offer_id, store_id);
ALTER TABLE ONLY public.wallets_offer_stores
    ADD CONSTRAINT wallets_offer_stores_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_offerstep
    ADD CONSTRAINT wallets_offerstep_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_refund
    ADD CONSTRAINT wallets_refund_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_refund
    ADD CONSTRAINT wallets_refund_reference_key UNIQUE (reference);
ALTER TABLE ONLY public.wallets_reissue
    ADD CONSTRAINT wallets_reissue_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_sessioncard
    ADD CONSTRAINT wallets_sessioncard_number_key UNIQUE (number);
ALTER TABLE ONLY public.wallets_sessioncard
    ADD CONSTRAINT wallets_sessioncard_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_sessioncard
    ADD CONSTRAINT wallets_sessioncard_reference_key UNIQUE (reference);
ALTER TABLE ONLY public.wallets_term
    ADD CONSTRAINT wallets_term_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_topup
    ADD CONSTRAINT wallets_topup_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_topup
    ADD CONSTRAINT wallets_topup_reference_key UNIQUE (reference);
ALTER TABLE ONLY public.wallets_transfer
    ADD CONSTRAINT wallets_transfer_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_transfer
    ADD CONSTRAINT wallets_transfer_reference_key UNIQUE (reference);
ALTER TABLE ONLY public.wallets_wallet
    ADD CONSTRAINT wallets_wallet_bonus_id_key UNIQUE (bonus_id);
ALTER TABLE ONLY public.wallets_wallet
    ADD CONSTRAINT wallets_wallet_number_key UNIQUE (number);
ALTER TABLE ONLY public.wallets_wallet
    ADD CONSTRAINT wallets_wallet_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets_wallet
    ADD CONSTRAINT wallets_wallet_principal_id_key UNIQUE (principal_id);
ALTER TABLE ONLY public.wallets_wallet
    ADD CONSTRAINT wallets_wallet_promotional_id_key UNIQUE (promotional_id);
ALTER TABLE ONLY public.web_export
    ADD CONSTRAINT web_export_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.web_listpreference
    ADD CONSTRAINT web_listpreference_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.web_savedview
    ADD CONSTRAINT web_savedview_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.work_approval
    ADD CONSTRAINT work_approval_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.work_approvalpolicy_checkers
    ADD CONSTRAINT work_approvalpolicy_chec_approvalpolicy_id_user_i_c902d18d_uniq UNIQUE (approvalpolicy_id, user_id);
ALTER TABLE ONLY public.work_approvalpolicy_checkers
    ADD CONSTRAINT work_approvalpolicy_checkers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.work_approvalpolicy
    ADD CONSTRAINT work_approvalpolicy_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.work_assignmentrule
    ADD CONSTRAINT work_assignmentrule_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.work_checklistitem
    ADD CONSTRAINT work_checklistitem_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.work_comment
    ADD CONSTRAINT work_comment_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.work_customfield
    ADD CONSTRAINT work_custom_field_key_once UNIQUE (model, key);
ALTER TABLE ONLY public.work_customfield
    ADD CONSTRAINT work_customfield_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.work_notification
    ADD CONSTRAINT work_notification_once UNIQUE (user_id, reference);
ALTER TABLE ONLY public.work_notification
    ADD CONSTRAINT work_notification_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.work_notificationpreference
    ADD CONSTRAINT work_notificationpreference_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.work_approvalpolicy
    ADD CONSTRAINT work_policy_once_per_store UNIQUE NULLS NOT DISTINCT (operation, store_id);
ALTER TABLE ONLY public.work_notificationpreference
    ADD CONSTRAINT work_preference_once UNIQUE (user_id, kind);
ALTER TABLE ONLY public.work_recurringtask
    ADD CONSTRAINT work_recurringtask_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.work_skill
    ADD CONSTRAINT work_skill_name_key UNIQUE (name);
ALTER TABLE ONLY public.work_skill
    ADD CONSTRAINT work_skill_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.work_staffskill
    ADD CONSTRAINT work_staff_skill_once UNIQUE (staff_id, skill_id);
ALTER TABLE ONLY public.work_staffskill
    ADD CONSTRAINT work_staffskill_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.work_task
    ADD CONSTRAINT work_task_occurrence_once UNIQUE (recurring_id, occurrence_date);
ALTER TABLE ONLY public.work_task
    ADD CONSTRAINT work_task_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.work_task
    ADD CONSTRAINT work_task_reference_key UNIQUE (reference);
ALTER TABLE ONLY public.work_task_watchers
    ADD CONSTRAINT work_task_watchers_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.work_task_watchers
    ADD CONSTRAINT work_task_watchers_task_id_user_id_dd6e1906_uniq UNIQUE (task_id, user_id);
CREATE INDEX access_apikey_created_by_id_4e34ca9c ON public.access_apikey USING btree (created_by_id);
CREATE INDEX access_apikey_owner_id_dc1b20f5 ON public.access_apikey USING btree (owner_id);
CREATE INDEX access_apikey_secret_hash_8e4a8228_like ON public.access_apikey USING btree (secret_hash varchar_pattern_ops);
CREATE INDEX access_device_enrolled_by_id_6240b5ca ON public.access_device USING btree (enrolled_by_id);
CREATE INDEX access_device_token_hash_8af695ab_like ON public.access_device USING btree (token_hash varchar_pattern_ops);
CREATE INDEX access_passwordticket_created_by_id_a7d598a4 ON public.access_passwordticket USING btree (created_by_id);
CREATE INDEX access_passwordticket_secret_hash_2d4d2101_like ON public.access_passwordticket USING btree (secret_hash varchar_pattern_ops);
CREATE INDEX access_passwordticket_user_id_af51a628 ON public.access_passwordticket USING btree (user_id);
CREATE INDEX access_permissionreview_reviewed_by_id_214e8083 ON public.access_permissionreview USING btree (reviewed_by_id);
CREATE INDEX access_ratecount_window ON public.access_ratecount USING btree (window_at);
CREATE INDEX access_role_code_85843d26_like ON public.access_role USING btree (code varchar_pattern_ops);
CREATE INDEX access_session_device_id_62138d5d ON public.access_session USING btree (device_id);
CREATE INDEX access_session_session_key_b3fa2cd1_like ON public.access_session USING btree (session_key varchar_pattern_ops);
CREATE INDEX access_session_user_id_91e52a53 ON public.access_session USING btree (user_id);
CREATE INDEX access_session_user_seen ON public.access_session USING btree (user_id, last_seen_at DESC);
CREATE INDEX access_signin_at ON public.access_signin USING btree (at DESC);
CREATE INDEX access_signin_device_id_6db86238 ON public.access_signin USING btree (device_id);
CREATE INDEX access_signin_user_at ON public.access_signin USING btree (user_id, at DESC);
CREATE INDEX access_signin_user_id_b64893e0 ON public.access_signin USING btree (user_id);
CREATE INDEX access_tillperson_device_id_2df562df ON public.access_tillperson USING btree (device_id);
CREATE INDEX access_tillperson_user_id_e1e10704 ON public.access_tillperson USING btree (user_id);
CREATE INDEX access_user_username_09372906_like ON public.access_user USING btree (username varchar_pattern_ops);
CREATE UNIQUE INDEX access_user_username_any_case ON public.access_user USING btree (lower((username)::text));
CREATE INDEX account_emailaddress_email_03be32b2 ON public.account_emailaddress USING btree (email);
CREATE INDEX account_emailaddress_email_03be32b2_like ON public.account_emailaddress USING btree (email varchar_pattern_ops);
CREATE INDEX account_emailaddress_user_id_2c513194 ON public.account_emailaddress USING btree (user_id);
CREATE INDEX account_emailconfirmation_email_address_id_5b7f8c58 ON public.account_emailconfirmation USING btree (email_address_id);
CREATE INDEX account_emailconfirmation_key_f43612bd_like ON public.account_emailconfirmation USING btree (key varchar_pattern_ops);
CREATE INDEX api_bucket_key_bf1f12a0_like ON public.api_bucket USING btree (key varchar_pattern_ops);
CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);
CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);
CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);
CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);
CREATE INDEX axes_accessattempt_ip_address_10922d9c ON public.axes_accessattempt USING btree (ip_address);
CREATE INDEX axes_accessattempt_user_agent_ad89678b ON public.axes_accessattempt USING btree (user_agent);
CREATE INDEX axes_accessattempt_user_agent_ad89678b_like ON public.axes_accessattempt USING btree (user_agent varchar_pattern_ops);
CREATE INDEX axes_accessattempt_username_3f2d4ca0 ON public.axes_accessattempt USING btree (username);
CREATE INDEX axes_accessattempt_username_3f2d4ca0_like ON public.axes_accessattempt USING btree (username varchar_pattern_ops);
CREATE INDEX axes_accessfailurelog_ip_address_2e9f5a7f ON public.axes_accessfailurelog USING btree (ip_address);
CREATE INDEX axes_accessfailurelog_user_agent_ea145dda ON public.axes_accessfailurelog USING btree (user_agent);
CREATE INDEX axes_accessfailurelog_user_agent_ea145dda_like ON public.axes_accessfailurelog USING btree (user_agent varchar_pattern_ops);
CREATE INDEX axes_accessfailurelog_username_a8b7e8a4 ON public.axes_accessfailurelog USING btree (username);
CREATE INDEX axes_accessfailurelog_username_a8b7e8a4_like ON public.axes_accessfailurelog USING btree (username varchar_pattern_ops);
CREATE INDEX axes_accesslog_ip_address_86b417e5 ON public.axes_accesslog USING btree (ip_address);
CREATE INDEX axes_accesslog_user_agent_0e659004 ON public.axes_accesslog USING btree (user_agent);
CREATE INDEX axes_accesslog_user_agent_0e659004_like ON public.axes_accesslog USING btree (user_agent varchar_pattern_ops);
CREATE INDEX axes_accesslog_username_df93064b ON public.axes_accesslog USING btree (username);
CREATE INDEX axes_accesslog_username_df93064b_like ON public.axes_accesslog USING btree (username varchar_pattern_ops);
CREATE INDEX buckets_by_age ON public.api_bucket USING btree (updated_at);
CREATE UNIQUE INDEX care_once_a_year ON public.customers_careoccasion USING btree (rule_id, customer_id, kind, year) WHERE ((NOT ((kind)::text = 'CHILD'::text)) AND (NOT ((kind)::text = 'OTHER'::text)));
CREATE INDEX catalog_attribute_name_810ce7c4_like ON public.catalog_attribute USING btree (name varchar_pattern_ops);
CREATE INDEX catalog_barcode_value_1c0d896e_like ON public.catalog_barcode USING btree (value varchar_pattern_ops);
CREATE INDEX catalog_barcode_variant_id_f6de32e8 ON public.catalog_barcode USING btree (variant_id);
CREATE INDEX catalog_brand_name_ea62c47f_like ON public.catalog_brand USING btree (name varchar_pattern_ops);
CREATE INDEX catalog_brand_words ON public.catalog_brand USING gin (search_words);
CREATE INDEX catalog_bundleitem_variant_id_8038a9e5 ON public.catalog_bundleitem USING btree (variant_id);
CREATE UNIQUE INDEX catalog_category_name_once ON public.catalog_category USING btree (parent_id, name) NULLS NOT DISTINCT WHERE (merged_into_id IS NULL);
CREATE INDEX catalog_category_parent_id_f61bd017 ON public.catalog_category USING btree (parent_id);
CREATE INDEX catalog_category_path ON public.catalog_category USING gin (path);
CREATE INDEX catalog_configurationchoice_variant_id_d924f336 ON public.catalog_configurationchoice USING btree (variant_id);
CREATE INDEX catalog_configurationrule_other_id_fa974db8 ON public.catalog_configurationrule USING btree (other_id);
CREATE INDEX catalog_consumable_variant_id_3be4b887 ON public.catalog_consumable USING btree (variant_id);
CREATE INDEX catalog_daypricelock_reference_8f54c421_like ON public.catalog_daypricelock USING btree (reference varchar_pattern_ops);
CREATE INDEX catalog_daypricelock_store_id_f1095e24 ON public.catalog_daypricelock USING btree (store_id);
CREATE INDEX catalog_importedpiece_piece_id_b2ded4ce ON public.catalog_importedpiece USING btree (piece_id);
CREATE INDEX catalog_importedrow_variant_id_b73dae44 ON public.catalog_importedrow USING btree (variant_id);
CREATE INDEX catalog_photo_piece_id_ab38fee7 ON public.catalog_photo USING btree (piece_id);
CREATE INDEX catalog_photo_product_id_a5ccd5df ON public.catalog_photo USING btree (product_id);
CREATE INDEX catalog_photo_variant_id_eb8b9268 ON public.catalog_photo USING btree (variant_id);
CREATE UNIQUE INDEX catalog_piece_certificate_once ON public.catalog_piece USING btree (certificate_number) WHERE (NOT ((certificate_number)::text = ''::text));
CREATE INDEX catalog_piece_newest ON public.catalog_piece USING btree (created_at DESC, id DESC);
CREATE INDEX catalog_piece_tag_78358582_like ON public.catalog_piece USING btree (tag varchar_pattern_ops);
CREATE INDEX catalog_piece_variant_id_9949cb6a ON public.catalog_piece USING btree (variant_id);
CREATE INDEX catalog_piece_words ON public.catalog_piece USING gin (search_words);
CREATE INDEX catalog_priceimport_variant_id_830306bd ON public.catalog_priceimport USING btree (variant_id);
CREATE INDEX catalog_pricelist_code_219bfff0_like ON public.catalog_pricelist USING btree (code varchar_pattern_ops);
CREATE INDEX catalog_pricelist_stores_pricelist_id_a183de6f ON public.catalog_pricelist_stores USING btree (pricelist_id);
CREATE INDEX catalog_pricelist_stores_store_id_292a7e06 ON public.catalog_pricelist_stores USING btree (store_id);
CREATE INDEX catalog_product_by_change ON public.catalog_product USING btree (changed_at DESC, id DESC);
CREATE INDEX catalog_product_by_name ON public.catalog_product USING btree (name, id);
CREATE INDEX catalog_product_code_e2e89c4b_like ON public.catalog_product USING btree (code varchar_pattern_ops);
CREATE INDEX catalog_product_custom ON public.catalog_product USING gin (custom jsonb_path_ops);
CREATE INDEX catalog_product_name_begins ON public.catalog_product USING btree (name COLLATE "C");
CREATE INDEX catalog_product_newest ON public.catalog_product USING btree (created_at DESC, id DESC);
CREATE INDEX catalog_product_of_brand ON public.catalog_product USING btree (brand_id, created_at DESC, id DESC) WHERE (brand_id IS NOT NULL);
CREATE INDEX catalog_product_of_category ON public.catalog_product USING btree (category_id, created_at DESC, id DESC);
CREATE INDEX catalog_product_of_kind ON public.catalog_product USING btree (kind, created_at DESC, id DESC);
CREATE INDEX catalog_product_words ON public.catalog_product USING gin (search_words);
CREATE INDEX catalog_productattribute_attribute_id_7d5ac1d7 ON public.catalog_productattribute USING btree (attribute_id);
CREATE INDEX catalog_servicedetail_skills_servicedetail_id_0cd993d9 ON public.catalog_servicedetail_skills USING btree (servicedetail_id);
CREATE INDEX catalog_servicedetail_skills_skill_id_5d751e9c ON public.catalog_servicedetail_skills USING btree (skill_id);
CREATE INDEX catalog_taxclass_code_277b2bed_like ON public.catalog_taxclass USING btree (code varchar_pattern_ops);
CREATE INDEX catalog_taxclass_name_11e52e5e_like ON public.catalog_taxclass USING btree (name varchar_pattern_ops);
CREATE INDEX catalog_unit_code_f1f6266a_like ON public.catalog_unit USING btree (code varchar_pattern_ops);
CREATE INDEX catalog_unit_name_63e89cd2_like ON public.catalog_unit USING btree (name varchar_pattern_ops);
CREATE INDEX catalog_variant_code_c5ccfe52_like ON public.catalog_variant USING btree (code varchar_pattern_ops);
CREATE UNIQUE INDEX catalog_variant_scale_code_once ON public.catalog_variant USING btree (scale_code) WHERE (NOT ((scale_code)::text = ''::text));
CREATE INDEX catalog_variant_words ON public.catalog_variant USING gin (search_words);
CREATE INDEX catalog_variantvalue_value_id_feeb1ec3 ON public.catalog_variantvalue USING btree (value_id);
CREATE INDEX catalog_weighedpattern_prefix_9133b843_like ON public.catalog_weighedpattern USING btree (prefix varchar_pattern_ops);
CREATE INDEX clienteling_entry_customer_id_ab4597dc ON public.clienteling_entry USING btree (customer_id);
CREATE INDEX clienteling_list_of_day ON public.clienteling_entry USING btree (user_id, day, weight DESC);
CREATE UNIQUE INDEX clienteling_outcome_once ON public.clienteling_outcome USING btree (entry_id) WHERE (taken_back_at IS NULL);
CREATE INDEX clienteling_promised ON public.clienteling_outcome USING btree (agreed_date) WHERE (((kind)::text = 'AGAIN'::text) AND (taken_back_at IS NULL));
CREATE INDEX clienteling_reasonrule_code_15d0e769_like ON public.clienteling_reasonrule USING btree (code varchar_pattern_ops);
CREATE INDEX clienteling_resting ON public.clienteling_outcome USING btree (customer_id, rests_until_date) WHERE (taken_back_at IS NULL);
CREATE INDEX config_firststepdone_code_72ae32bc_like ON public.config_firststepdone USING btree (code varchar_pattern_ops);
CREATE INDEX config_firststepdone_done_by_id_e9cb0b61 ON public.config_firststepdone USING btree (done_by_id);
CREATE INDEX config_moduleswitch_store_id_e9212696 ON public.config_moduleswitch USING btree (store_id);
CREATE INDEX consent_newest ON public.customers_consent USING btree (customer_id, purpose, channel, at DESC, id DESC);
CREATE INDEX contact_point_by_six_digits ON public.customers_contactpoint USING btree (value_last6);
CREATE UNIQUE INDEX core_datakey_one_current ON public.core_datakey USING btree (subject_kind, subject_id) WHERE ((destroyed_at IS NULL) AND (retired_at IS NULL));
CREATE INDEX core_keyrecord_id_7ba0b0c4_like ON public.core_keyrecord USING btree (id varchar_pattern_ops);
CREATE UNIQUE INDEX core_keyrecord_one_active ON public.core_keyrecord USING btree (kind) WHERE ((state)::text = 'ACTIVE'::text);
CREATE INDEX customer_by_last_seen ON public.customers_customer USING btree (last_seen_at DESC, id DESC);
CREATE INDEX customer_by_level ON public.customers_customer USING btree (level, id);
CREATE INDEX customer_by_since ON public.customers_customer USING btree (created_at, id);
CREATE INDEX customer_cluster ON public.customers_customer USING btree (merged_into_id) WHERE (merged_into_id IS NOT NULL);
CREATE INDEX customer_custom ON public.customers_customer USING gin (custom jsonb_path_ops);
CREATE INDEX customer_heads ON public.customers_customer USING btree (id) INCLUDE (state, store_id, owner_id, partner_id, level, gender) WHERE (merged_into_id IS NULL);
CREATE INDEX customer_in_name_order ON public.customers_customer USING btree (name, id);
CREATE INDEX customer_of_owner_by_seen ON public.customers_customer USING btree (owner_id, last_seen_at DESC, id DESC) WHERE (owner_id IS NOT NULL);
CREATE INDEX customer_of_partner ON public.customers_customer USING btree (partner_id) WHERE (partner_id IS NOT NULL);
CREATE INDEX customer_of_store_by_seen ON public.customers_customer USING btree (store_id, last_seen_at DESC, id DESC);
CREATE INDEX customer_search_words ON public.customers_customer USING gin (search_words);
CREATE UNIQUE INDEX customer_tag_merged_once ON public.customers_tagmerge USING btree (joined_id) WHERE (undone_at IS NULL);
CREATE INDEX customers_address_customer_id_f042422e ON public.customers_address USING btree (customer_id);
CREATE INDEX customers_careoccasion_customer_id_d794a726 ON public.customers_careoccasion USING btree (customer_id);
CREATE INDEX customers_careoccasion_rule_id_601102ee ON public.customers_careoccasion USING btree (rule_id);
CREATE INDEX customers_carerule_store_id_5762b71c ON public.customers_carerule USING btree (store_id);
CREATE INDEX customers_carerule_tag_id_0a77f90f ON public.customers_carerule USING btree (tag_id);
CREATE INDEX customers_collaborator_customer_id_1b13ab65 ON public.customers_collaborator USING btree (customer_id);
CREATE INDEX customers_collaborator_user_id_30019788 ON public.customers_collaborator USING btree (user_id);
CREATE INDEX customers_consent_customer_id_e5c9af2d ON public.customers_consent USING btree (customer_id);
CREATE INDEX customers_contactpoint_value_exact_588dbae4 ON public.customers_contactpoint USING btree (value_exact);
CREATE INDEX customers_contactpoint_value_last4_aaa0d583 ON public.customers_contactpoint USING btree (value_last4);
CREATE INDEX customers_customerfile_customer_id_1365bfc3 ON public.customers_customerfile USING btree (customer_id);
CREATE INDEX customers_customernote_customer_id_01ecc538 ON public.customers_customernote USING btree (customer_id);
CREATE INDEX customers_entryrule_field_704da2c3_like ON public.customers_entryrule USING btree (field varchar_pattern_ops);
CREATE INDEX customers_household_members_customer_id_f5474489 ON public.customers_household_members USING btree (customer_id);
CREATE INDEX customers_household_members_household_id_3783d21c ON public.customers_household_members USING btree (household_id);
CREATE INDEX customers_importantdate_customer_id_854f1baf ON public.customers_importantdate USING btree (customer_id);
CREATE INDEX customers_matchpair_left_id_14ff4bd1 ON public.customers_matchpair USING btree (left_id);
CREATE INDEX customers_matchpair_right_id_daa8534e ON public.customers_matchpair USING btree (right_id);
CREATE INDEX customers_merge_joined_id_7c4867aa ON public.customers_merge USING btree (joined_id);
CREATE INDEX customers_merge_kept_id_079eb59f ON public.customers_merge USING btree (kept_id);
CREATE INDEX customers_note_when ON public.customers_customernote USING btree (at) INCLUDE (customer_id, kind) WHERE (removed_at IS NULL);
CREATE INDEX customers_portalsession_customer_id_d0505b9c ON public.customers_portalsession USING btree (customer_id);
CREATE INDEX customers_registrationpoint_code_4758d280_like ON public.customers_registrationpoint USING btree (code varchar_pattern_ops);
CREATE INDEX customers_registrationpoint_partner_id_df7b9ea1 ON public.customers_registrationpoint USING btree (partner_id);
CREATE INDEX customers_registrationpoint_staff_id_d0757f9b ON public.customers_registrationpoint USING btree (staff_id);
CREATE INDEX customers_registrationpoint_store_id_6e4b7069 ON public.customers_registrationpoint USING btree (store_id);
CREATE INDEX customers_relation_customer_id_a45ba18a ON public.customers_relation USING btree (customer_id);
CREATE INDEX customers_relation_other_id_6bfed7c0 ON public.customers_relation USING btree (other_id);
CREATE INDEX customers_rightsrequest_customer_id_218240a9 ON public.customers_rightsrequest USING btree (customer_id);
CREATE INDEX customers_sharedwith_customer_id_4c8f3249 ON public.customers_sharedwith USING btree (customer_id);
CREATE INDEX customers_sharedwith_store_id_9279cd45 ON public.customers_sharedwith USING btree (store_id);
CREATE INDEX customers_sourcerecord_customer_id_c4abad18 ON public.customers_sourcerecord USING btree (customer_id);
CREATE INDEX customers_tag_name_9c8daeb6_like ON public.customers_tag USING btree (name varchar_pattern_ops);
CREATE INDEX customers_tagging_customer_id_ad9723b4 ON public.customers_tagging USING btree (customer_id);
CREATE INDEX customers_tagging_tag_id_a5394e41 ON public.customers_tagging USING btree (tag_id);
CREATE INDEX customers_tagmerge_joined_id_6d5ea1a7 ON public.customers_tagmerge USING btree (joined_id);
CREATE INDEX customers_tagmerge_kept_id_3d20c15c ON public.customers_tagmerge USING btree (kept_id);
CREATE INDEX customers_verificationcode_address_exact_fbf72185 ON public.customers_verificationcode USING btree (address_exact);
CREATE INDEX customers_verificationcode_expires_at_a81ceba0 ON public.customers_verificationcode USING btree (expires_at);
CREATE INDEX day_price_board ON public.catalog_dayprice USING btree (metal, fineness, scope, from_at DESC, id DESC);
CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);
CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);
CREATE INDEX events_delivery_behind ON public.events_delivery USING btree (reaction, subject, era, xid, event_id);
CREATE INDEX events_delivery_due ON public.events_delivery USING btree (next_at) WHERE ((state)::text = 'WAITING'::text);
CREATE INDEX events_event_in_commit_order ON ONLY public.events_event USING btree (era, xid, id);
CREATE INDEX events_event_of_person ON ONLY public.events_event USING btree (user_id, recorded_at, id) WHERE (user_id IS NOT NULL);
CREATE INDEX events_event_other_era_xid_id_idx ON public.events_event_other USING btree (era, xid, id);
CREATE INDEX events_event_other_user_id_recorded_at_id_idx ON public.events_event_other USING btree (user_id, recorded_at, id) WHERE (user_id IS NOT NULL);
CREATE INDEX events_reactionposition_code_15cada26_like ON public.events_reactionposition USING btree (code varchar_pattern_ops);
CREATE INDEX exports_of_a_person ON public.web_export USING btree (user_id, requested_at DESC);
CREATE INDEX idempotent_answers_by_age ON public.api_idempotentanswer USING btree (created_at);
CREATE INDEX idx_procrastinate_jobs_worker_not_null ON public.procrastinate_jobs USING btree (worker_id) WHERE ((worker_id IS NOT NULL) AND (status = 'doing'::public.procrastinate_job_status));
CREATE INDEX idx_procrastinate_workers_last_heartbeat ON public.procrastinate_workers USING btree (last_heartbeat);
CREATE INDEX important_date_by_key ON public.customers_importantdate USING btree (((((month * 100) + day) +
CASE
    WHEN is_leap THEN 4000
    WHEN ((calendar)::text = 'LUNAR'::text) THEN 2000
    ELSE 0
END)), customer_id);
CREATE INDEX imports_importrow_run_id_d16073d2 ON public.imports_importrow USING btree (run_id);
CREATE INDEX imports_importrun_data_key_id_9d3e2fd5 ON public.imports_importrun USING btree (data_key_id);
CREATE INDEX imports_importrun_started_by_id_f268f909 ON public.imports_importrun USING btree (started_by_id);
CREATE INDEX imports_importrun_worked_by_id_03d5f126 ON public.imports_importrun USING btree (worked_by_id);
CREATE INDEX imports_newest ON public.imports_importrun USING btree (uploaded_at DESC);
CREATE INDEX imports_same_file ON public.imports_importrun USING btree (importer, sha256);
CREATE INDEX imports_under_way ON public.imports_importrun USING btree (beat_at) WHERE ((state)::text = ANY (ARRAY[('CHECKING'::character varying)::text, ('RUNNING'::character varying)::text, ('UNDOING'::character varying)::text]));
CREATE INDEX insight_contact_channel ON public.insight_contactpreference USING btree (channel, customer_id);
CREATE INDEX insight_delivery_waiting ON public.insight_reportdelivery USING btree (due_at) WHERE ((state)::text = 'WAITING'::text);
CREATE INDEX insight_metrics_asked ON public.insight_customermetrics USING btree (customer_id) INCLUDE (order_count, order_count_365, spend_amount, spend_365_amount, first_date, last_date, interval_days, recency_score, frequency_score, money_score, value_group);
CREATE INDEX insight_metrics_first ON public.insight_customermetrics USING btree (first_date, customer_id);
CREATE INDEX insight_metrics_grid ON public.insight_customermetrics USING btree (recency_score, frequency_score, value_group, group_last_month) INCLUDE (spend_amount);
CREATE INDEX insight_metrics_group ON public.insight_customermetrics USING btree (value_group, spend_amount DESC);
CREATE INDEX insight_metrics_lately ON public.insight_customermetrics USING btree (last_date, customer_id) INCLUDE (order_count, spend_amount, spend_365_amount, interval_days);
CREATE INDEX insight_metrics_next ON public.insight_customermetrics USING btree (expected_next_date) WHERE (expected_next_date IS NOT NULL);
CREATE INDEX insight_metrics_orders ON public.insight_customermetrics USING btree (order_count DESC, customer_id);
CREATE INDEX insight_metrics_risk ON public.insight_customermetrics USING btree (churn_risk DESC) WHERE (churn_risk IS NOT NULL);
CREATE INDEX insight_metrics_spend ON public.insight_customermetrics USING btree (spend_amount DESC, customer_id);
CREATE INDEX insight_metrics_year ON public.insight_customermetrics USING btree (spend_365_amount DESC, customer_id);
CREATE UNIQUE INDEX insight_one_run_at_a_time ON public.insight_snapshotrun USING btree (state) WHERE ((state)::text = 'RUNNING'::text);
CREATE INDEX insight_report_newest ON public.insight_savedreport USING btree (deleted_at, changed_at DESC, id DESC);
CREATE INDEX insight_run_newest ON public.insight_snapshotrun USING btree (state, started_at DESC);
CREATE INDEX insight_savedreport_owner_id_a4992422 ON public.insight_savedreport USING btree (owner_id);
CREATE INDEX insight_schedule_next ON public.insight_reportschedule USING btree (next_at);
CREATE INDEX inventory_balance_negative ON public.inventory_balance USING btree (place_id) WHERE (quantity < (0)::numeric);
CREATE INDEX inventory_balance_of_batch ON public.inventory_balance USING btree (batch_id) WHERE (batch_id IS NOT NULL);
CREATE INDEX inventory_balance_of_place ON public.inventory_balance USING btree (place_id, variant_id);
CREATE INDEX inventory_batch_expiring ON public.inventory_batch USING btree (expires_on);
CREATE INDEX inventory_batch_variant_id_2860f9d0 ON public.inventory_batch USING btree (variant_id);
CREATE INDEX inventory_costentry_date ON public.inventory_costentry USING brin (business_date) WITH (autosummarize='on');
CREATE INDEX inventory_costentry_document ON public.inventory_costentry USING btree (document_id, id);
CREATE INDEX inventory_costentry_history ON public.inventory_costentry USING btree (variant_id, legal_entity_id, id);
CREATE INDEX inventory_costentry_movement ON public.inventory_costentry USING btree (movement_id) WHERE (movement_id IS NOT NULL);
CREATE INDEX inventory_coststate_variant_id_931dfed3 ON public.inventory_coststate USING btree (variant_id);
CREATE INDEX inventory_countentry_line ON public.inventory_countentry USING btree (line_id, round, counted_at, id);
CREATE INDEX inventory_countline_again ON public.inventory_countline USING btree (session_id) WHERE ((verdict)::text = 'RECOUNT'::text);
CREATE INDEX inventory_countsession_category_id_bd7cf7d8 ON public.inventory_countsession USING btree (category_id);
CREATE INDEX inventory_countsession_closed_by_id_a5df4394 ON public.inventory_countsession USING btree (closed_by_id);
CREATE INDEX inventory_countsession_open ON public.inventory_countsession USING btree (store_id) WHERE (NOT ((state)::text = ANY (ARRAY[('POSTED'::character varying)::text, ('CANCELLED'::character varying)::text])));
CREATE INDEX inventory_countsession_opened_by_id_60202edd ON public.inventory_countsession USING btree (opened_by_id);
CREATE INDEX inventory_countsession_place_id_dcfa5815 ON public.inventory_countsession USING btree (place_id);
CREATE INDEX inventory_countsession_store_id_1326871a ON public.inventory_countsession USING btree (store_id);
CREATE INDEX inventory_countsession_submitted_by_id_04bd619a ON public.inventory_countsession USING btree (submitted_by_id);
CREATE INDEX inventory_custodyitem_customer_id_bbf7b71e ON public.inventory_custodyitem USING btree (customer_id);
CREATE INDEX inventory_custodyitem_kept ON public.inventory_custodyitem USING btree (store_id, due_on) WHERE (returned_at IS NULL);
CREATE INDEX inventory_custodyitem_place_id_c39a1c39 ON public.inventory_custodyitem USING btree (place_id);
CREATE INDEX inventory_custodyitem_received_by_id_905f6106 ON public.inventory_custodyitem USING btree (received_by_id);
CREATE INDEX inventory_custodyitem_returned_by_id_99824559 ON public.inventory_custodyitem USING btree (returned_by_id);
CREATE INDEX inventory_custodyitem_store_id_5f91a72b ON public.inventory_custodyitem USING btree (store_id);
CREATE UNIQUE INDEX inventory_custodyitem_tag_once ON public.inventory_custodyitem USING btree (tag) WHERE (returned_at IS NULL);
CREATE INDEX inventory_document_list ON public.inventory_document USING btree (store_id, kind, id);
CREATE INDEX inventory_document_store_id_1902ccb9 ON public.inventory_document USING btree (store_id);
CREATE INDEX inventory_documentcounter_store_id_4ec9e52f ON public.inventory_documentcounter USING btree (store_id);
CREATE INDEX inventory_movement_date ON public.inventory_movement USING brin (business_date) WITH (autosummarize='on');
CREATE INDEX inventory_movement_given_back ON public.inventory_movement USING btree (origin_id) WHERE (origin_id IS NOT NULL);
CREATE INDEX inventory_movement_history ON public.inventory_movement USING btree (variant_id, occurred_at, id);
CREATE INDEX inventory_movement_of_piece ON public.inventory_movement USING btree (piece_id, id) WHERE (piece_id IS NOT NULL);
CREATE INDEX inventory_negativepolicy_category_id_62b68c21 ON public.inventory_negativepolicy USING btree (category_id);
CREATE INDEX inventory_negativepolicy_place_id_960fc7ad ON public.inventory_negativepolicy USING btree (place_id);
CREATE INDEX inventory_openedunit_open ON public.inventory_openedunit USING btree (place_id, variant_id) WHERE (ended_at IS NULL);
CREATE INDEX inventory_openedunit_place_id_028b4353 ON public.inventory_openedunit USING btree (place_id);
CREATE INDEX inventory_openedunit_variant_id_e5d93c41 ON public.inventory_openedunit USING btree (variant_id);
CREATE INDEX inventory_periodlock_legal_entity_id_64946d08 ON public.inventory_periodlock USING btree (legal_entity_id);
CREATE INDEX inventory_pieceat_place_id_c2161171 ON public.inventory_pieceat USING btree (place_id);
CREATE UNIQUE INDEX inventory_place_custody_once ON public.inventory_place USING btree (store_id) WHERE (((kind)::text = 'CUSTODY'::text) AND (stock_place_id IS NULL));
CREATE INDEX inventory_place_legal_entity_id_84feb248 ON public.inventory_place USING btree (legal_entity_id);
CREATE INDEX inventory_place_store_id_7896117b ON public.inventory_place USING btree (store_id);
CREATE UNIQUE INDEX inventory_place_virtual_once ON public.inventory_place USING btree (legal_entity_id, kind) WHERE (store_id IS NULL);
CREATE INDEX inventory_reservation_expiring ON public.inventory_reservation USING btree (expires_at) WHERE ((released_at IS NULL) AND (taken_at IS NULL));
CREATE INDEX inventory_reservation_open ON public.inventory_reservation USING btree (variant_id, place_id) WHERE ((released_at IS NULL) AND (taken_at IS NULL));
CREATE UNIQUE INDEX inventory_reservation_piece_once ON public.inventory_reservation USING btree (piece_id) WHERE ((piece_id IS NOT NULL) AND (released_at IS NULL) AND (taken_at IS NULL));
CREATE INDEX inventory_safetystock_place_id_0a58b9ae ON public.inventory_safetystock USING btree (place_id);
CREATE UNIQUE INDEX inventory_stockalert_open_once ON public.inventory_stockalert USING btree (place_id, kind, variant_id, batch_id) NULLS NOT DISTINCT WHERE (ended_at IS NULL);
CREATE INDEX inventory_stockalert_place_id_0ad2d788 ON public.inventory_stockalert USING btree (place_id);
CREATE INDEX inventory_stockalert_variant_id_84d07954 ON public.inventory_stockalert USING btree (variant_id);
CREATE INDEX inventory_transfer_closed_by_id_a388325f ON public.inventory_transfer USING btree (closed_by_id);
CREATE INDEX inventory_transfer_coming ON public.inventory_transfer USING btree (to_place_id) WHERE ((state)::text = ANY (ARRAY[('PLANNED'::character varying)::text, ('SHIPPED'::character varying)::text]));
CREATE INDEX inventory_transfer_from_place_id_7e236af6 ON public.inventory_transfer USING btree (from_place_id);
CREATE INDEX inventory_transfer_going ON public.inventory_transfer USING btree (from_place_id) WHERE ((state)::text = ANY (ARRAY[('PLANNED'::character varying)::text, ('SHIPPED'::character varying)::text]));
CREATE INDEX inventory_transfer_planned_by_id_48125029 ON public.inventory_transfer USING btree (planned_by_id);
CREATE INDEX inventory_transfer_shipped_by_id_058db446 ON public.inventory_transfer USING btree (shipped_by_id);
CREATE INDEX inventory_transfer_to_place_id_c56ec473 ON public.inventory_transfer USING btree (to_place_id);
CREATE UNIQUE INDEX inventory_transferline_piece_once ON public.inventory_transferline USING btree (transfer_id, piece_id) WHERE (piece_id IS NOT NULL);
CREATE INDEX inventory_transferline_variant_id_5b102f6c ON public.inventory_transferline USING btree (variant_id);
CREATE UNIQUE INDEX journeys_care_once ON public.journeys_journey USING btree (care) WHERE (NOT ((care)::text = ''::text));
CREATE INDEX journeys_journey_words ON public.journeys_journey USING gin (search_words);
CREATE INDEX journeys_passage_due ON public.journeys_passage USING btree (version_id, due_at, id) WHERE ((handed_at IS NULL) AND ((state)::text = 'GOING'::text));
CREATE INDEX journeys_passage_handed ON public.journeys_passage USING btree (version_id, id) WHERE ((handed_at IS NOT NULL) AND ((state)::text = 'GOING'::text));
CREATE INDEX journeys_passage_newest ON public.journeys_passage USING btree (journey_id, entered_at DESC, id DESC);
CREATE UNIQUE INDEX journeys_passage_one_going ON public.journeys_passage USING btree (customer_id, journey_id) WHERE ((state)::text = 'GOING'::text);
CREATE INDEX ledger_lot_account ON public.ledger_lot USING btree (account_id, id);
CREATE INDEX ledger_lot_expiring ON public.ledger_lot USING btree (expires_at) WHERE (remaining > 0);
CREATE INDEX ledger_lot_open ON public.ledger_lot USING btree (account_id) WHERE (NOT (remaining = 0));
CREATE INDEX ledger_lotchange_lot_id_9e67b66f ON public.ledger_lotchange USING btree (lot_id);
CREATE INDEX ledger_posting_account ON public.ledger_posting USING btree (account_id, transaction_id) INCLUDE (amount);
CREATE INDEX ledger_transaction_date ON public.ledger_transaction USING brin (business_date) WITH (autosummarize='on');
CREATE INDEX ledger_transaction_refunds ON public.ledger_transaction USING btree (refunds_id) WHERE (refunds_id IS NOT NULL);
CREATE UNIQUE INDEX ledger_transaction_reversed_once ON public.ledger_transaction USING btree (reverses_id) WHERE (reverses_id IS NOT NULL);
CREATE UNIQUE INDEX legal_entity_credit_code_unique ON public.stores_legalentity USING btree (credit_code) WHERE (NOT ((credit_code)::text = ''::text));
CREATE INDEX loyalty_change_of_customer ON public.loyalty_levelchange USING btree (customer_id, id DESC);
CREATE INDEX loyalty_gift_of_customer ON public.loyalty_giftgiven USING btree (customer_id, celebrated_on);
CREATE INDEX loyalty_grant_ending ON public.loyalty_levelgrant USING btree (to_date) WHERE ((to_date IS NOT NULL) AND (withdrawn_at IS NULL));
CREATE INDEX loyalty_grant_open ON public.loyalty_levelgrant USING btree (customer_id) WHERE (withdrawn_at IS NULL);
CREATE UNIQUE INDEX loyalty_grant_reference_once ON public.loyalty_levelgrant USING btree (reference) WHERE (NOT ((reference)::text = ''::text));
CREATE UNIQUE INDEX loyalty_level_name_once ON public.loyalty_level USING btree (programme_id, name) WHERE (archived_at IS NULL);
CREATE UNIQUE INDEX loyalty_level_rank_once ON public.loyalty_level USING btree (programme_id, rank) WHERE (archived_at IS NULL);
CREATE INDEX loyalty_memberreturn_reference_b358dc8d_like ON public.loyalty_memberreturn USING btree (reference varchar_pattern_ops);
CREATE INDEX loyalty_memberreturn_sale_id_25a962ce ON public.loyalty_memberreturn USING btree (sale_id);
CREATE INDEX loyalty_membersale_reference_63169fad_like ON public.loyalty_membersale USING btree (reference varchar_pattern_ops);
CREATE INDEX loyalty_membership_level_id_9cc5ab1c ON public.loyalty_membership USING btree (level_id);
CREATE INDEX loyalty_notice_of_customer ON public.loyalty_expirynotice USING btree (customer_id, expires_at);
CREATE UNIQUE INDEX loyalty_one_default ON public.loyalty_programme USING btree (is_default) WHERE is_default;
CREATE INDEX loyalty_opening_of_customer ON public.loyalty_openingpoints USING btree (customer_id);
CREATE INDEX loyalty_redeem_of_customer ON public.loyalty_redemption USING btree (customer_id, id DESC);
CREATE INDEX loyalty_redeem_of_reward ON public.loyalty_redemption USING btree (reward_id, customer_id);
CREATE INDEX loyalty_referral_of_customer ON public.loyalty_referral USING btree (customer_id, id DESC);
CREATE INDEX loyalty_referral_sale_id_ab788bdf ON public.loyalty_referral USING btree (sale_id);
CREATE INDEX loyalty_referralcode_code_ac9e2547_like ON public.loyalty_referralcode USING btree (code varchar_pattern_ops);
CREATE INDEX loyalty_sale_of_customer ON public.loyalty_membersale USING btree (customer_id, counted_on);
CREATE INDEX loyalty_sale_to_follow ON public.loyalty_membersale USING btree (id) WHERE (followed_at IS NULL);
CREATE INDEX loyalty_sale_to_release ON public.loyalty_membersale USING btree (releases_at) WHERE ((released_at IS NULL) AND (releases_at IS NOT NULL));
CREATE INDEX marketing_campaign_due ON public.marketing_campaign USING btree (starts_at) WHERE ((state)::text = ANY (ARRAY[('SCHEDULED'::character varying)::text, ('RUNNING'::character varying)::text]));
CREATE INDEX marketing_campaign_newest ON public.marketing_campaign USING btree (starts_at DESC, id DESC);
CREATE INDEX marketing_campaign_of_state ON public.marketing_campaign USING btree (state, starts_at DESC, id DESC);
CREATE INDEX marketing_campaign_salt_a42f84da ON public.marketing_campaign USING btree (salt);
CREATE INDEX marketing_campaign_salt_a42f84da_like ON public.marketing_campaign USING btree (salt varchar_pattern_ops);
CREATE INDEX marketing_campaign_words ON public.marketing_campaign USING gin (search_words);
CREATE INDEX marketing_campaignstep_campaign_id_c19f3732 ON public.marketing_campaignstep USING btree (campaign_id);
CREATE INDEX marketing_member_customer_id_1cbbb825 ON public.marketing_member USING btree (customer_id);
CREATE INDEX marketing_member_due ON public.marketing_member USING btree (campaign_id, due_at, id) WHERE ((state)::text = 'PLANNED'::text);
CREATE INDEX marketing_member_of_state ON public.marketing_member USING btree (campaign_id, state, id);
CREATE INDEX marketing_variant_campaign_id_823199b2 ON public.marketing_variant USING btree (campaign_id);
CREATE INDEX match_pair_waiting ON public.customers_matchpair USING btree (probability DESC, id) WHERE ((state)::text = 'WAITING'::text);
CREATE UNIQUE INDEX merge_stands_once ON public.customers_merge USING btree (joined_id) WHERE (undone_at IS NULL);
CREATE INDEX messaging_channelsetting_channel_3073efa0_like ON public.messaging_channelsetting USING btree (channel varchar_pattern_ops);
CREATE INDEX messaging_handover_open ON public.messaging_handover USING btree (lease_until) WHERE (finished_at IS NULL);
CREATE INDEX messaging_message_by_state ON public.messaging_message USING btree (state, created_at DESC, id DESC);
CREATE INDEX messaging_message_due ON public.messaging_message USING btree (channel, due_at, id) WHERE ((state)::text = ANY (ARRAY[('QUEUED'::character varying)::text, ('HELD'::character varying)::text, ('UNKNOWN'::character varying)::text]));
CREATE INDEX messaging_message_newest ON public.messaging_message USING btree (created_at DESC, id DESC);
CREATE INDEX messaging_message_of ON public.messaging_message USING btree (customer_id, id DESC);
CREATE INDEX messaging_message_read ON public.messaging_message USING btree (read_at) INCLUDE (customer_id) WHERE (read_at IS NOT NULL);
CREATE INDEX messaging_message_receipt ON public.messaging_message USING btree (carrier_id) WHERE (NOT ((carrier_id)::text = ''::text));
CREATE INDEX messaging_message_sent ON public.messaging_message USING btree (sent_at) INCLUDE (customer_id, state) WHERE (sent_at IS NOT NULL);
CREATE INDEX messaging_suppressed_newest ON public.messaging_suppression USING btree (since DESC, id DESC);
CREATE UNIQUE INDEX messaging_suppressed_once ON public.messaging_suppression USING btree (channel, address_exact) WHERE (lifted_at IS NULL);
CREATE INDEX messaging_suppressedperson_customer_id_8771ae54 ON public.messaging_suppressedperson USING btree (customer_id);
CREATE INDEX messaging_suppression_address_exact_1d29e25c ON public.messaging_suppression USING btree (address_exact);
CREATE UNIQUE INDEX messaging_template_name_once ON public.messaging_template USING btree (name, channel) WHERE ((state)::text = 'ACTIVE'::text);
CREATE INDEX mfa_authenticator_user_id_0c3a50c0 ON public.mfa_authenticator USING btree (user_id);
CREATE UNIQUE INDEX price_item_of_category ON public.catalog_pricelistitem USING btree (category_id, price_list_id, min_quantity) WHERE (category_id IS NOT NULL);
CREATE UNIQUE INDEX price_item_of_product ON public.catalog_pricelistitem USING btree (product_id, price_list_id, min_quantity) WHERE (product_id IS NOT NULL);
CREATE UNIQUE INDEX price_item_of_variant ON public.catalog_pricelistitem USING btree (variant_id, price_list_id, min_quantity) WHERE (variant_id IS NOT NULL);
CREATE INDEX price_items_of_list ON public.catalog_pricelistitem USING btree (price_list_id, id);
CREATE INDEX price_lists_that_may_apply ON public.catalog_pricelist USING btree (currency, contract_customer) WHERE ((state)::text = 'ACTIVE'::text);
CREATE INDEX procrastinate_events_job_id_fkey_v1 ON public.procrastinate_events USING btree (job_id);
CREATE INDEX procrastinate_jobs_id_lock_idx_v1 ON public.procrastinate_jobs USING btree (id, lock) WHERE (status = ANY (ARRAY['todo'::public.procrastinate_job_status, 'doing'::public.procrastinate_job_status]));
CREATE UNIQUE INDEX procrastinate_jobs_lock_idx_v1 ON public.procrastinate_jobs USING btree (lock) WHERE (status = 'doing'::public.procrastinate_job_status);
CREATE INDEX procrastinate_jobs_priority_idx_v1 ON public.procrastinate_jobs USING btree (priority DESC, id) WHERE (status = 'todo'::public.procrastinate_job_status);
CREATE INDEX procrastinate_jobs_queue_name_idx_v1 ON public.procrastinate_jobs USING btree (queue_name);
CREATE UNIQUE INDEX procrastinate_jobs_queueing_lock_idx_v1 ON public.procrastinate_jobs USING btree (queueing_lock) WHERE (status = 'todo'::public.procrastinate_job_status);
CREATE INDEX procrastinate_periodic_defers_job_id_fkey_v1 ON public.procrastinate_periodic_defers USING btree (job_id);
CREATE INDEX promotions_coupon_by_issue ON public.promotions_coupon USING btree (issued_at DESC, id DESC);
CREATE INDEX promotions_coupon_code_92b1f2da_like ON public.promotions_coupon USING btree (code varchar_pattern_ops);
CREATE INDEX promotions_coupon_expiring ON public.promotions_coupon USING btree (expires_at) WHERE ((expires_at IS NOT NULL) AND ((state)::text = ANY (ARRAY[('ISSUED'::character varying)::text, ('CLAIMED'::character varying)::text])));
CREATE INDEX promotions_coupon_of ON public.promotions_coupon USING btree (customer_id, state, expires_at) WHERE (customer_id IS NOT NULL);
CREATE INDEX promotions_coupon_of_batch ON public.promotions_coupon USING btree (batch_id, id) WHERE (batch_id IS NOT NULL);
CREATE INDEX promotions_coupon_of_kind ON public.promotions_coupon USING btree (kind_id, state);
CREATE UNIQUE INDEX promotions_coupon_once_per_occasion ON public.promotions_coupon USING btree (kind_id, customer_id, occasion, serial) WHERE ((NOT ((occasion)::text = ''::text)) AND (batch_id IS NULL));
CREATE INDEX promotions_coupon_used_by ON public.promotions_coupon USING btree (used_reference) WHERE (NOT ((used_reference)::text = ''::text));
CREATE INDEX promotions_couponbatch_kind_id_d1479375 ON public.promotions_couponbatch USING btree (kind_id);
CREATE INDEX promotions_couponbatch_reference_d081b44e_like ON public.promotions_couponbatch USING btree (reference varchar_pattern_ops);
CREATE INDEX promotions_coupontally_customer_id_a62b6754 ON public.promotions_coupontally USING btree (customer_id);
CREATE INDEX promotions_given_of ON public.promotions_promotiongiven USING btree (promotion_id, at DESC);
CREATE INDEX promotions_given_to ON public.promotions_promotiongiven USING btree (customer_id, promotion_id) WHERE (customer_id IS NOT NULL);
CREATE INDEX promotions_kind_of_state ON public.promotions_couponkind USING btree (state, id DESC);
CREATE INDEX promotions_kind_words ON public.promotions_couponkind USING gin (search_words);
CREATE INDEX promotions_of_state ON public.promotions_promotion USING btree (state, starts_at DESC, id DESC);
CREATE INDEX promotions_promotion_words ON public.promotions_promotion USING gin (search_words);
CREATE INDEX promotions_promotiontally_customer_id_1898b9cb ON public.promotions_promotiontally USING btree (customer_id);
CREATE INDEX promotions_running ON public.promotions_promotion USING btree (starts_at) WHERE ((state)::text = 'RUNNING'::text);
CREATE INDEX promotions_step_of ON public.promotions_couponstep USING btree (coupon_id, id);
CREATE INDEX purchasing_importedsupplier_supplier_id_7f920bc0 ON public.purchasing_importedsupplier USING btree (supplier_id);
CREATE INDEX purchasing_invoice_newest ON public.purchasing_supplierinvoice USING btree (recorded_at DESC, id DESC);
CREATE UNIQUE INDEX purchasing_invoice_number_once ON public.purchasing_supplierinvoice USING btree (supplier_id, number) WHERE (NOT ((state)::text = 'CANCELLED'::text));
CREATE INDEX purchasing_invoice_payable ON public.purchasing_supplierinvoice USING btree (due_date) WHERE ((state)::text = ANY (ARRAY[('MATCHED'::character varying)::text, ('RELEASED'::character varying)::text]));
CREATE INDEX purchasing_order_expected ON public.purchasing_purchaseorder USING btree (expected_date) WHERE ((state)::text = ANY (ARRAY[('SENT'::character varying)::text, ('PARTLY'::character varying)::text]));
CREATE INDEX purchasing_order_newest ON public.purchasing_purchaseorder USING btree (made_at DESC, id DESC);
CREATE INDEX purchasing_order_of_store ON public.purchasing_purchaseorder USING btree (store_id, made_at DESC, id DESC);
CREATE INDEX purchasing_order_of_supplier ON public.purchasing_purchaseorder USING btree (supplier_id, made_at DESC, id DESC);
CREATE INDEX purchasing_ordercounter_store_id_aee74482 ON public.purchasing_ordercounter USING btree (store_id);
CREATE INDEX purchasing_orderline_of_goods ON public.purchasing_purchaseorderline USING btree (variant_id, order_id);
CREATE INDEX purchasing_ordermessage_order_id_452b3f98 ON public.purchasing_ordermessage USING btree (order_id);
CREATE INDEX purchasing_plan_of_store ON public.purchasing_purchaseplan USING btree (store_id, made_at DESC, id DESC);
CREATE UNIQUE INDEX purchasing_plan_one_open ON public.purchasing_purchaseplan USING btree (store_id) WHERE ((state)::text = 'OPEN'::text);
CREATE INDEX purchasing_price_by_their_code ON public.purchasing_supplierprice USING btree (supplier_id, supplier_code) WHERE (NOT ((supplier_code)::text = ''::text));
CREATE INDEX purchasing_price_of_run ON public.purchasing_supplierprice USING btree (run_id, id) WHERE (run_id IS NOT NULL);
CREATE INDEX purchasing_price_of_supplier ON public.purchasing_supplierprice USING btree (supplier_id, variant_id);
CREATE INDEX purchasing_price_of_variant ON public.purchasing_supplierprice USING btree (variant_id, supplier_id, from_date DESC);
CREATE INDEX purchasing_purchaseorder_approved_by_id_27318284 ON public.purchasing_purchaseorder USING btree (approved_by_id);
CREATE INDEX purchasing_purchaseorder_made_by_id_b9eaf71f ON public.purchasing_purchaseorder USING btree (made_by_id);
CREATE INDEX purchasing_purchaseorder_number_b1a731fd_like ON public.purchasing_purchaseorder USING btree (number varchar_pattern_ops);
CREATE INDEX purchasing_purchaseorder_plan_id_7cba17ab ON public.purchasing_purchaseorder USING btree (plan_id);
CREATE INDEX purchasing_purchaseplan_made_by_id_17cbd885 ON public.purchasing_purchaseplan USING btree (made_by_id);
CREATE INDEX purchasing_purchaseplan_number_40d018f0_like ON public.purchasing_purchaseplan USING btree (number varchar_pattern_ops);
CREATE INDEX purchasing_receipt_of_store ON public.purchasing_receipt USING btree (store_id, received_at DESC, id DESC);
CREATE INDEX purchasing_receipt_order_id_c99c0de7 ON public.purchasing_receipt USING btree (order_id);
CREATE INDEX purchasing_receipt_received_by_id_61cd62f8 ON public.purchasing_receipt USING btree (received_by_id);
CREATE INDEX purchasing_receipt_reference_671f9c35_like ON public.purchasing_receipt USING btree (reference varchar_pattern_ops);
CREATE INDEX purchasing_receiptline_order_line_id_38838c9d ON public.purchasing_receiptline USING btree (order_line_id);
CREATE INDEX purchasing_return_of_store ON public.purchasing_supplierreturn USING btree (store_id, returned_at DESC, id DESC);
CREATE INDEX purchasing_supplier_code_02fdfbc4_like ON public.purchasing_supplier USING btree (code varchar_pattern_ops);
CREATE INDEX purchasing_supplier_contact_phone_exact_204351c8 ON public.purchasing_supplier USING btree (contact_phone_exact);
CREATE INDEX purchasing_supplier_contact_phone_last4_3ad6050e ON public.purchasing_supplier USING btree (contact_phone_last4);
CREATE INDEX purchasing_supplier_custom ON public.purchasing_supplier USING gin (custom jsonb_path_ops);
CREATE INDEX purchasing_supplier_legal_entities_legalentity_id_dc2046ca ON public.purchasing_supplier_legal_entities USING btree (legalentity_id);
CREATE INDEX purchasing_supplier_legal_entities_supplier_id_088121f6 ON public.purchasing_supplier_legal_entities USING btree (supplier_id);
CREATE INDEX purchasing_supplier_of_state ON public.purchasing_supplier USING btree (state, code);
CREATE UNIQUE INDEX purchasing_supplier_tax_number_once ON public.purchasing_supplier USING btree (country, tax_number) WHERE (NOT ((tax_number)::text = ''::text));
CREATE INDEX purchasing_supplier_words ON public.purchasing_supplier USING gin (search_words);
CREATE INDEX purchasing_supplierinvoice_decided_by_id_87ddccdf ON public.purchasing_supplierinvoice USING btree (decided_by_id);
CREATE INDEX purchasing_supplierinvoice_recorded_by_id_63211bdc ON public.purchasing_supplierinvoice USING btree (recorded_by_id);
CREATE INDEX purchasing_supplierinvoiceline_order_line_id_aa2df10c ON public.purchasing_supplierinvoiceline USING btree (order_line_id);
CREATE INDEX purchasing_supplierreturn_order_id_a96dc4f1 ON public.purchasing_supplierreturn USING btree (order_id);
CREATE INDEX purchasing_supplierreturn_reference_66c82224_like ON public.purchasing_supplierreturn USING btree (reference varchar_pattern_ops);
CREATE INDEX purchasing_supplierreturn_returned_by_id_af484abb ON public.purchasing_supplierreturn USING btree (returned_by_id);
CREATE INDEX purchasing_supplierreturn_supplier_id_4bd5f277 ON public.purchasing_supplierreturn USING btree (supplier_id);
CREATE INDEX purchasing_supplierreturnline_order_line_id_2683b46c ON public.purchasing_supplierreturnline USING btree (order_line_id);
CREATE INDEX purchasing_supplyrule_store_id_a65bfeb8 ON public.purchasing_supplyrule USING btree (store_id);
CREATE INDEX record_by_external_id ON public.customers_sourcerecord USING btree (source, external_id) WHERE (NOT ((external_id)::text = ''::text));
CREATE UNIQUE INDEX record_once_per_import_row ON public.customers_sourcerecord USING btree (run_id, "row") WHERE (run_id IS NOT NULL);
CREATE INDEX record_waiting ON public.customers_sourcerecord USING btree (received_at) WHERE ((review)::text = 'WAITING'::text);
CREATE UNIQUE INDEX relation_once ON public.customers_relation USING btree (customer_id, other_id, kind) WHERE (ended_at IS NULL);
CREATE UNIQUE INDEX rights_request_open_once ON public.customers_rightsrequest USING btree (customer_id, kind) WHERE ((state)::text = 'OPEN'::text);
CREATE INDEX sales_cashcount_shift_id_d2cc3138 ON public.sales_cashcount USING btree (shift_id);
CREATE INDEX sales_cashmovement_reference_f75507e7_like ON public.sales_cashmovement USING btree (reference varchar_pattern_ops);
CREATE INDEX sales_cashmovement_shift_id_ac769f04 ON public.sales_cashmovement USING btree (shift_id);
CREATE INDEX sales_channelrow_payment_id_6a77ef35 ON public.sales_channelrow USING btree (payment_id);
CREATE INDEX sales_channelrow_refund_id_c7dfb7bd ON public.sales_channelrow USING btree (refund_id);
CREATE INDEX sales_creditterms_customer_id_79e4b62e ON public.sales_creditterms USING btree (customer_id);
CREATE INDEX sales_creditterms_set_by_id_246f1b39 ON public.sales_creditterms USING btree (set_by_id);
CREATE INDEX sales_dayclose_newest ON public.sales_dayclose USING btree (business_date DESC, id DESC);
CREATE INDEX sales_delivery_customer_id_81a22b32 ON public.sales_delivery USING btree (customer_id);
CREATE INDEX sales_delivery_of_crew ON public.sales_delivery USING btree (crew_id, day);
CREATE INDEX sales_delivery_of_slot ON public.sales_delivery USING btree (slot_id, day);
CREATE INDEX sales_delivery_of_store ON public.sales_delivery USING btree (store_id, day DESC, id DESC);
CREATE INDEX sales_delivery_open ON public.sales_delivery USING btree (day, store_id) WHERE (NOT ((state)::text = ANY (ARRAY[('DELIVERED'::character varying)::text, ('CANCELLED'::character varying)::text])));
CREATE INDEX sales_delivery_order_id_4a166015 ON public.sales_delivery USING btree (order_id);
CREATE INDEX sales_deliverychange_delivery_id_e69980e0 ON public.sales_deliverychange USING btree (delivery_id);
CREATE INDEX sales_deliverycrew_members_deliverycrew_id_ec8598e5 ON public.sales_deliverycrew_members USING btree (deliverycrew_id);
CREATE INDEX sales_deliverycrew_members_user_id_16851ce3 ON public.sales_deliverycrew_members USING btree (user_id);
CREATE INDEX sales_deliverycrew_store_id_60d65a68 ON public.sales_deliverycrew USING btree (store_id);
CREATE INDEX sales_deliveryline_delivery_id_6963ff2a ON public.sales_deliveryline USING btree (delivery_id);
CREATE INDEX sales_deliveryline_line_id_83ccb3d8 ON public.sales_deliveryline USING btree (line_id);
CREATE INDEX sales_deliveryproof_delivery_id_1d817971 ON public.sales_deliveryproof USING btree (delivery_id);
CREATE UNIQUE INDEX sales_deliveryproof_signed_once ON public.sales_deliveryproof USING btree (delivery_id) WHERE ((kind)::text = 'SIGNATURE'::text);
CREATE INDEX sales_deliveryslot_store_id_3680d793 ON public.sales_deliveryslot USING btree (store_id);
CREATE INDEX sales_devicejournal_store_id_deb57ea9 ON public.sales_devicejournal USING btree (store_id);
CREATE INDEX sales_draweropening_shift_id_6e928e9e ON public.sales_draweropening USING btree (shift_id);
CREATE INDEX sales_earned_of_day ON public.sales_earnedline USING btree (store_id, business_date);
CREATE INDEX sales_earnedline_line_id_358067be ON public.sales_earnedline USING btree (line_id);
CREATE INDEX sales_exception_open ON public.sales_orderexception USING btree (store_id, at DESC) WHERE (seen_at IS NULL);
CREATE INDEX sales_history_number ON public.sales_historyline USING btree (store_id, number);
CREATE INDEX sales_history_of_customer ON public.sales_historyline USING btree (customer_id) WHERE (customer_id IS NOT NULL);
CREATE INDEX sales_history_of_order ON public.sales_historyline USING btree (order_id) WHERE (order_id IS NOT NULL);
CREATE INDEX sales_history_sold ON public.sales_historyline USING btree (store_id, who, code) WHERE ((NOT ((who)::text = ''::text)) AND (line_id IS NOT NULL));
CREATE INDEX sales_history_waiting ON public.sales_historyline USING btree (run_id, at, number) WHERE ((state)::text = 'WAITING'::text);
CREATE INDEX sales_instalment_order_id_7799d47e ON public.sales_instalment USING btree (order_id);
CREATE INDEX sales_lineadjustment_line_id_b143a5f2 ON public.sales_lineadjustment USING btree (line_id);
CREATE INDEX sales_lineissue_line_id_f0257e4b ON public.sales_lineissue USING btree (line_id);
CREATE INDEX sales_lineperson_line_id_267ae660 ON public.sales_lineperson USING btree (line_id);
CREATE INDEX sales_offlinegrant_of_device ON public.sales_offlinegrant USING btree (device_id, issued_at DESC, id DESC);
CREATE INDEX sales_offlinegrant_store_id_b5617fe9 ON public.sales_offlinegrant USING btree (store_id);
CREATE INDEX sales_oldgold_number_76a87eec_like ON public.sales_oldgold USING btree (number varchar_pattern_ops);
CREATE INDEX sales_oldgold_order_id_b087377a ON public.sales_oldgold USING btree (order_id);
CREATE INDEX sales_oldgold_store_id_891f2443 ON public.sales_oldgold USING btree (store_id);
CREATE INDEX sales_order_newest ON public.sales_order USING btree (occurred_at DESC, id DESC);
CREATE INDEX sales_order_number_48f6507b_like ON public.sales_order USING btree (number varchar_pattern_ops);
CREATE INDEX sales_order_of_customer ON public.sales_order USING btree (customer_id, occurred_at DESC, id DESC) WHERE (customer_id IS NOT NULL);
CREATE INDEX sales_order_of_day ON public.sales_order USING btree (store_id, business_date) INCLUDE (id);
CREATE INDEX sales_order_of_device ON public.sales_order USING btree (device_id, device_sequence) WHERE (device_id IS NOT NULL);
CREATE INDEX sales_order_of_store ON public.sales_order USING btree (store_id, occurred_at DESC, id DESC);
CREATE INDEX sales_order_open ON public.sales_order USING btree (state, due_date) WHERE (NOT ((state)::text = ANY (ARRAY[('CLOSED'::character varying)::text, ('CANCELLED'::character varying)::text])));
CREATE INDEX sales_orderchange_order_id_65bc3146 ON public.sales_orderchange USING btree (order_id);
CREATE INDEX sales_ordercounter_store_id_bfbf8692 ON public.sales_ordercounter USING btree (store_id);
CREATE INDEX sales_orderexception_order_id_dc93ea43 ON public.sales_orderexception USING btree (order_id);
CREATE INDEX sales_orderline_of_goods ON public.sales_orderline USING btree (variant_id, order_id DESC);
CREATE INDEX sales_payment_of_day ON public.sales_payment USING btree (tender_id, business_date);
CREATE INDEX sales_payment_of_shift ON public.sales_payment USING btree (shift_id) WHERE (shift_id IS NOT NULL);
CREATE INDEX sales_payment_open ON public.sales_payment USING btree (state) WHERE ((state)::text = ANY (ARRAY[('PENDING'::character varying)::text, ('UNKNOWN'::character varying)::text]));
CREATE INDEX sales_payment_ref ON public.sales_payment USING btree (tender_id, reference) WHERE (NOT ((reference)::text = ''::text));
CREATE UNIQUE INDEX sales_receiptprint_one_original ON public.sales_receiptprint USING btree (order_id) WHERE (NOT is_copy);
CREATE INDEX sales_receiptprint_order_id_29726008 ON public.sales_receiptprint USING btree (order_id);
CREATE INDEX sales_receiptprinter_store_id_a526a04e ON public.sales_receiptprinter USING btree (store_id);
CREATE INDEX sales_refund_of_day ON public.sales_refund USING btree (tender_id, business_date);
CREATE INDEX sales_refund_of_order ON public.sales_refund USING btree (order_id, id);
CREATE INDEX sales_refund_of_shift ON public.sales_refund USING btree (shift_id) WHERE (shift_id IS NOT NULL);
CREATE INDEX sales_refund_open ON public.sales_refund USING btree (state) WHERE (NOT ((state)::text = 'DONE'::text));
CREATE INDEX sales_refund_payment_id_db81c21d ON public.sales_refund USING btree (payment_id);
CREATE INDEX sales_refund_sale_return_id_34e4d293 ON public.sales_refund USING btree (sale_return_id);
CREATE INDEX sales_return_of_day ON public.sales_salereturn USING btree (business_date);
CREATE INDEX sales_return_of_store ON public.sales_salereturn USING btree (store_id, occurred_at DESC, id DESC);
CREATE INDEX sales_returnline_line_id_0498a5fe ON public.sales_returnline USING btree (line_id);
CREATE INDEX sales_returnline_sale_return_id_1d68640a ON public.sales_returnline USING btree (sale_return_id);
CREATE INDEX sales_salereturn_exchange_id_726849e3 ON public.sales_salereturn USING btree (exchange_id);
CREATE INDEX sales_salereturn_number_a94e70be_like ON public.sales_salereturn USING btree (number varchar_pattern_ops);
CREATE INDEX sales_salereturn_order_id_7c5e856a ON public.sales_salereturn USING btree (order_id);
CREATE INDEX sales_shift_newest ON public.sales_shift USING btree (store_id, opened_at DESC, id DESC);
CREATE INDEX sales_shift_of_day ON public.sales_shift USING btree (store_id, business_date);
CREATE INDEX sales_shift_of_register ON public.sales_shift USING btree (register_id, opened_at DESC, id DESC);
CREATE UNIQUE INDEX sales_shift_one_runs ON public.sales_shift USING btree (register_id) WHERE (NOT ((state)::text = 'CLOSED'::text));
CREATE INDEX sales_slotday_slot_id_8dd00f4a ON public.sales_slotday USING btree (slot_id);
CREATE INDEX sales_stageentry_order_id_7ceeb686 ON public.sales_stageentry USING btree (order_id);
CREATE INDEX sales_tender_code_b97f8ee0_like ON public.sales_tender USING btree (code varchar_pattern_ops);
CREATE INDEX sales_tender_fallback_id_665477ca ON public.sales_tender USING btree (fallback_id);
CREATE INDEX sales_zreport_close_id_6019c205 ON public.sales_zreport USING btree (close_id);
CREATE INDEX segments_bought_by ON public.segments_purchase USING btree (head_id, day) INCLUDE (product_id);
CREATE INDEX segments_bought_goods ON public.segments_purchase USING btree (product_id, day) INCLUDE (head_id, order_id, amount, quantity) WHERE (NOT (product_id = 0));
CREATE INDEX segments_bought_of ON public.segments_purchase USING btree (customer_id);
CREATE INDEX segments_bought_on ON public.segments_purchase USING btree (day) INCLUDE (head_id, amount, quantity) WHERE (product_id = 0);
CREATE INDEX segments_member_of ON public.segments_segmentmember USING btree (customer_id, segment_id);
CREATE INDEX segments_newest ON public.segments_segment USING btree (archived_at, changed_at DESC, id DESC);
CREATE INDEX segments_segment_owner_id_87e0a78b ON public.segments_segment USING btree (owner_id);
CREATE INDEX staff_search_words ON public.stores_staff USING gin (search_words);
CREATE INDEX stores_calendarday_store_id_c1cac40b ON public.stores_calendarday USING btree (store_id);
CREATE INDEX stores_holding_legal_entity_id_2ee4fee3 ON public.stores_holding USING btree (legal_entity_id);
CREATE INDEX stores_holding_partner_id_d8cf23a4 ON public.stores_holding USING btree (partner_id);
CREATE INDEX stores_legalentity_name_c2e8ef7e_like ON public.stores_legalentity USING btree (name varchar_pattern_ops);
CREATE INDEX stores_openinghours_store_id_c322124b ON public.stores_openinghours USING btree (store_id);
CREATE INDEX stores_posting_legal_entity_id_b45621ad ON public.stores_posting USING btree (legal_entity_id);
CREATE INDEX stores_posting_region_id_a133dcff ON public.stores_posting USING btree (region_id);
CREATE INDEX stores_posting_role_id_19433a68 ON public.stores_posting USING btree (role_id);
CREATE INDEX stores_posting_staff_id_943c413a ON public.stores_posting USING btree (staff_id);
CREATE INDEX stores_posting_store_id_38f59a8e ON public.stores_posting USING btree (store_id);
CREATE INDEX stores_region_name_f15dcd58_like ON public.stores_region USING btree (name varchar_pattern_ops);
CREATE INDEX stores_region_parent_id_c87e34c0 ON public.stores_region USING btree (parent_id);
CREATE INDEX stores_register_store_id_96a049b5 ON public.stores_register USING btree (store_id);
CREATE INDEX stores_staff_legal_entity_id_e61b9472 ON public.stores_staff USING btree (legal_entity_id);
CREATE INDEX stores_staff_number_0c8a5541_like ON public.stores_staff USING btree (number varchar_pattern_ops);
CREATE INDEX stores_staff_phone_exact_fa180f70 ON public.stores_staff USING btree (phone_exact);
CREATE INDEX stores_staff_phone_last4_b62fcf9e ON public.stores_staff USING btree (phone_last4);
CREATE INDEX stores_staff_successor_id_8854fd03 ON public.stores_staff USING btree (successor_id);
CREATE INDEX stores_stockplace_store_id_30e7fee4 ON public.stores_stockplace USING btree (store_id);
CREATE INDEX stores_store_code_01b19533_like ON public.stores_store USING btree (code varchar_pattern_ops);
CREATE INDEX stores_store_legal_entity_id_32f189c9 ON public.stores_store USING btree (legal_entity_id);
CREATE INDEX stores_store_region_id_3df8e678 ON public.stores_store USING btree (region_id);
CREATE UNIQUE INDEX unique_authenticator_type ON public.mfa_authenticator USING btree (user_id, type) WHERE ((type)::text = ANY (ARRAY[('totp'::character varying)::text, ('recovery_codes'::character varying)::text]));
CREATE UNIQUE INDEX unique_primary_email ON public.account_emailaddress USING btree (user_id, "primary") WHERE "primary";
CREATE UNIQUE INDEX unique_verified_email ON public.account_emailaddress USING btree (email) WHERE verified;
CREATE UNIQUE INDEX wallet_card_frozen_once ON public.wallets_freeze USING btree (card_id) WHERE ((card_id IS NOT NULL) AND (ended_at IS NULL));
CREATE UNIQUE INDEX wallet_card_kind_name_once ON public.wallets_cardkind USING btree (name) WHERE (ended_at IS NULL);
CREATE INDEX wallet_card_use_newest ON public.wallets_carduse USING btree (card_id, id DESC);
CREATE UNIQUE INDEX wallet_frozen_once ON public.wallets_freeze USING btree (wallet_id) WHERE ((ended_at IS NULL) AND (wallet_id IS NOT NULL));
CREATE INDEX wallet_top_up_newest ON public.wallets_topup USING btree (wallet_id, id DESC);
CREATE INDEX wallets_carditem_card_id_c6457e0f ON public.wallets_carditem USING btree (card_id);
CREATE INDEX wallets_carditem_variant_id_6afcf4ed ON public.wallets_carditem USING btree (variant_id);
CREATE INDEX wallets_cardkind_stores_cardkind_id_a322c8f4 ON public.wallets_cardkind_stores USING btree (cardkind_id);
CREATE INDEX wallets_cardkind_stores_store_id_efa82fb8 ON public.wallets_cardkind_stores USING btree (store_id);
CREATE INDEX wallets_cardkinditem_kind_id_fb0b495a ON public.wallets_cardkinditem USING btree (kind_id);
CREATE INDEX wallets_cardkinditem_variant_id_02053abd ON public.wallets_cardkinditem USING btree (variant_id);
CREATE INDEX wallets_carduse_card_id_7714e526 ON public.wallets_carduse USING btree (card_id);
CREATE INDEX wallets_carduse_reference_175e6335_like ON public.wallets_carduse USING btree (reference varchar_pattern_ops);
CREATE INDEX wallets_carduse_store_id_63377508 ON public.wallets_carduse USING btree (store_id);
CREATE INDEX wallets_carduseline_item_id_b9dde9d0 ON public.wallets_carduseline USING btree (item_id);
CREATE INDEX wallets_carduseline_use_id_ef89ff6b ON public.wallets_carduseline USING btree (use_id);
CREATE INDEX wallets_confirmation_at_ce4c97f6 ON public.wallets_confirmation USING btree (at);
CREATE INDEX wallets_extension_card_id_69366fcd ON public.wallets_extension USING btree (card_id);
CREATE INDEX wallets_freeze_card_id_2b1dad7c ON public.wallets_freeze USING btree (card_id);
CREATE INDEX wallets_freeze_wallet_id_32ddcca1 ON public.wallets_freeze USING btree (wallet_id);
CREATE INDEX wallets_offer_stores_offer_id_f723e876 ON public.wallets_offer_stores USING btree (offer_id);
CREATE INDEX wallets_offer_stores_store_id_38244d32 ON public.wallets_offer_stores USING btree (store_id);
CREATE INDEX wallets_offerstep_offer_id_d545a0ae ON public.wallets_offerstep USING btree (offer_id);
CREATE INDEX wallets_refund_card_id_46566106 ON public.wallets_refund USING btree (card_id);
CREATE INDEX wallets_refund_reference_e8906453_like ON public.wallets_refund USING btree (reference varchar_pattern_ops);
CREATE INDEX wallets_refund_wallet_id_0fd824e4 ON public.wallets_refund USING btree (wallet_id);
CREATE INDEX wallets_reissue_card_id_bf63be61 ON public.wallets_reissue USING btree (card_id);
CREATE INDEX wallets_reissue_wallet_id_2314672b ON public.wallets_reissue USING btree (wallet_id);
CREATE INDEX wallets_sessioncard_customer_id_a186101e ON public.wallets_sessioncard USING btree (customer_id);
CREATE INDEX wallets_sessioncard_kind_id_04e4adfb ON public.wallets_sessioncard USING btree (kind_id);
CREATE INDEX wallets_sessioncard_legal_entity_id_bf40668e ON public.wallets_sessioncard USING btree (legal_entity_id);
CREATE INDEX wallets_sessioncard_number_74c2e0bc_like ON public.wallets_sessioncard USING btree (number varchar_pattern_ops);
CREATE INDEX wallets_sessioncard_reference_39328e7e_like ON public.wallets_sessioncard USING btree (reference varchar_pattern_ops);
CREATE INDEX wallets_sessioncard_run_id_1632226b ON public.wallets_sessioncard USING btree (run_id);
CREATE INDEX wallets_sessioncard_store_id_0d7df075 ON public.wallets_sessioncard USING btree (store_id);
CREATE INDEX wallets_term_legal_entity_id_1eb2cd11 ON public.wallets_term USING btree (legal_entity_id);
CREATE INDEX wallets_topup_offer_id_5882f30f ON public.wallets_topup USING btree (offer_id);
CREATE INDEX wallets_topup_reference_7865579d_like ON public.wallets_topup USING btree (reference varchar_pattern_ops);
CREATE INDEX wallets_topup_run_id_e63caa12 ON public.wallets_topup USING btree (run_id);
CREATE INDEX wallets_topup_store_id_986cb2f4 ON public.wallets_topup USING btree (store_id);
CREATE INDEX wallets_topup_wallet_id_ca043f68 ON public.wallets_topup USING btree (wallet_id);
CREATE INDEX wallets_transfer_card_id_0fa7c82c ON public.wallets_transfer USING btree (card_id);
CREATE INDEX wallets_transfer_reference_23952f6b_like ON public.wallets_transfer USING btree (reference varchar_pattern_ops);
CREATE INDEX wallets_transfer_wallet_id_31240d39 ON public.wallets_transfer USING btree (wallet_id);
CREATE INDEX wallets_wallet_customer_id_87ad5620 ON public.wallets_wallet USING btree (customer_id);
CREATE INDEX wallets_wallet_legal_entity_id_e9b8db4e ON public.wallets_wallet USING btree (legal_entity_id);
CREATE INDEX wallets_wallet_number_1cb7d9a6_like ON public.wallets_wallet USING btree (number varchar_pattern_ops);
CREATE INDEX web_export_user_id_5d996e29 ON public.web_export USING btree (user_id);
CREATE INDEX web_listpreference_user_id_ab38d954 ON public.web_listpreference USING btree (user_id);
CREATE INDEX web_savedview_user_id_3a65976a ON public.web_savedview USING btree (user_id);
CREATE INDEX work_approval_closed_by_id_603f0e1c ON public.work_approval USING btree (closed_by_id);
CREATE INDEX work_approval_requested_by_id_ce971cf4 ON public.work_approval USING btree (requested_by_id);
CREATE INDEX work_approval_store_id_20978aad ON public.work_approval USING btree (store_id);
CREATE INDEX work_approval_subject ON public.work_approval USING btree (subject) WHERE (NOT ((subject)::text = ''::text));
CREATE INDEX work_approval_waiting ON public.work_approval USING btree (store_id, requested_at) WHERE ((outcome)::text = 'PENDING'::text);
CREATE INDEX work_approvalpolicy_checkers_approvalpolicy_id_be933d76 ON public.work_approvalpolicy_checkers USING btree (approvalpolicy_id);
CREATE INDEX work_approvalpolicy_checkers_user_id_ceffdd28 ON public.work_approvalpolicy_checkers USING btree (user_id);
CREATE INDEX work_approvalpolicy_store_id_c754751e ON public.work_approvalpolicy USING btree (store_id);
CREATE INDEX work_assignmentrule_person_id_cd83b0b5 ON public.work_assignmentrule USING btree (person_id);
CREATE INDEX work_assignmentrule_region_id_aa633fc0 ON public.work_assignmentrule USING btree (region_id);
CREATE INDEX work_assignmentrule_skill_id_08d16453 ON public.work_assignmentrule USING btree (skill_id);
CREATE INDEX work_assignmentrule_store_id_40037176 ON public.work_assignmentrule USING btree (store_id);
CREATE INDEX work_checklistitem_done_by_id_85265838 ON public.work_checklistitem USING btree (done_by_id);
CREATE INDEX work_checklistitem_task_id_b9ded2fa ON public.work_checklistitem USING btree (task_id);
CREATE INDEX work_comment_author_id_18e6d9fe ON public.work_comment USING btree (author_id);
CREATE INDEX work_comment_task_id_ffef356b ON public.work_comment USING btree (task_id);
CREATE INDEX work_notification_of_user ON public.work_notification USING btree (user_id, created_at DESC);
CREATE INDEX work_notification_to_mail ON public.work_notification USING btree (user_id) WHERE ((emailed_at IS NULL) AND wants_email);
CREATE INDEX work_notification_unread ON public.work_notification USING btree (user_id) WHERE ((NOT is_silent) AND (read_at IS NULL));
CREATE INDEX work_notification_user_id_f700640d ON public.work_notification USING btree (user_id);
CREATE INDEX work_notificationpreference_user_id_b168ce96 ON public.work_notificationpreference USING btree (user_id);
CREATE INDEX work_recurringtask_created_by_id_bf134d54 ON public.work_recurringtask USING btree (created_by_id);
CREATE INDEX work_recurringtask_owner_id_219fa303 ON public.work_recurringtask USING btree (owner_id);
CREATE INDEX work_recurringtask_skill_id_c6350e28 ON public.work_recurringtask USING btree (skill_id);
CREATE INDEX work_recurringtask_store_id_2437a18e ON public.work_recurringtask USING btree (store_id);
CREATE INDEX work_skill_name_2fd97b20_like ON public.work_skill USING btree (name varchar_pattern_ops);
CREATE INDEX work_staffskill_skill_id_b03a9635 ON public.work_staffskill USING btree (skill_id);
CREATE INDEX work_staffskill_staff_id_fee5fa68 ON public.work_staffskill USING btree (staff_id);
CREATE INDEX work_task_completed_by_id_699e5e34 ON public.work_task USING btree (completed_by_id);
CREATE INDEX work_task_created_by_id_2b386c3c ON public.work_task USING btree (created_by_id);
CREATE INDEX work_task_custom ON public.work_task USING gin (custom jsonb_path_ops);
CREATE INDEX work_task_due ON public.work_task USING btree (due_at, id);
CREATE INDEX work_task_of_owner ON public.work_task USING btree (owner_id, due_at) WHERE ((cancelled_at IS NULL) AND (completed_at IS NULL));
CREATE INDEX work_task_of_store ON public.work_task USING btree (store_id, due_at) WHERE ((cancelled_at IS NULL) AND (completed_at IS NULL));
CREATE INDEX work_task_owner_id_40f60110 ON public.work_task USING btree (owner_id);
CREATE INDEX work_task_recurring_id_1189fede ON public.work_task USING btree (recurring_id);
CREATE INDEX work_task_reference_12b76223_like ON public.work_task USING btree (reference varchar_pattern_ops);
CREATE INDEX work_task_skill_id_61c2f9f9 ON public.work_task USING btree (skill_id);
CREATE INDEX work_task_store_id_2f787875 ON public.work_task USING btree (store_id);
CREATE INDEX work_task_subject ON public.work_task USING btree (subject) WHERE (NOT ((subject)::text = ''::text));
CREATE INDEX work_task_watchers_task_id_bd76c91f ON public.work_task_watchers USING btree (task_id);
CREATE INDEX work_task_watchers_user_id_59d25fd8 ON public.work_task_watchers USING btree (user_id);
ALTER INDEX public.events_event_in_commit_order ATTACH PARTITION public.events_event_other_era_xid_id_idx;
ALTER INDEX public.events_event_by_time ATTACH PARTITION public.events_event_other_pkey;
ALTER INDEX public.events_event_of_person ATTACH PARTITION public.events_event_other_user_id_recorded_at_id_idx;
ALTER INDEX public.events_subject_timeline ATTACH PARTITION public.events_subject_other_pkey;
CREATE TRIGGER catalog_bundleitem_no_bundle_inside BEFORE INSERT OR UPDATE OF bundle_id, variant_id ON public.catalog_bundleitem FOR EACH ROW EXECUTE FUNCTION public.catalog_check_bundle_item();
CREATE TRIGGER catalog_configurationrule_one_product BEFORE INSERT OR UPDATE ON public.catalog_configurationrule FOR EACH ROW EXECUTE FUNCTION public.catalog_check_rule();
CREATE TRIGGER catalog_consumable_of_goods BEFORE INSERT OR UPDATE OF service_id, variant_id ON public.catalog_consumable FOR EACH ROW EXECUTE FUNCTION public.catalog_check_consumable();
CREATE TRIGGER catalog_day_price_corrects_its_own BEFORE INSERT ON public.catalog_dayprice FOR EACH ROW WHEN ((new.corrects_id IS NOT NULL)) EXECUTE FUNCTION public.catalog_check_correction();
CREATE TRIGGER catalog_day_price_not_emptied BEFORE TRUNCATE ON public.catalog_dayprice FOR EACH STATEMENT EXECUTE FUNCTION public.catalog_refuse_price_change();
CREATE TRIGGER catalog_day_price_stays BEFORE DELETE OR UPDATE ON public.catalog_dayprice FOR EACH ROW EXECUTE FUNCTION public.catalog_refuse_price_change();
CREATE TRIGGER catalog_lock_not_deleted BEFORE DELETE ON public.catalog_daypricelock FOR EACH ROW EXECUTE FUNCTION public.catalog_refuse_price_change();
CREATE TRIGGER catalog_lock_stays BEFORE UPDATE ON public.catalog_daypricelock FOR EACH ROW WHEN (((old.released_at IS NOT NULL) OR (((old.reference)::text IS DISTINCT FROM (new.reference)::text) OR (old.store_id IS DISTINCT FROM new.store_id) OR (old.day_price_id IS DISTINCT FROM new.day_price_id) OR ((old.metal)::text IS DISTINCT FROM (new.metal)::text) OR (old.fineness IS DISTINCT FROM new.fineness) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.sell_amount IS DISTINCT FROM new.sell_amount) OR (old.locked_at IS DISTINCT FROM new.locked_at) OR (old.until IS DISTINCT FROM new.until)))) EXECUTE FUNCTION public.catalog_refuse_price_change();
CREATE TRIGGER catalog_piece_of_pieces BEFORE INSERT OR UPDATE OF variant_id ON public.catalog_piece FOR EACH ROW EXECUTE FUNCTION public.catalog_check_piece();
CREATE CONSTRAINT TRIGGER catalog_product_has_variant AFTER INSERT ON public.catalog_product DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.catalog_check_variants();
CREATE TRIGGER catalog_product_kind_stays BEFORE UPDATE OF kind ON public.catalog_product FOR EACH ROW WHEN (((old.kind)::text IS DISTINCT FROM (new.kind)::text)) EXECUTE FUNCTION public.catalog_refuse();
CREATE TRIGGER core_datakey_check_master_on_insert AFTER INSERT ON public.core_datakey REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.core_datakey_check_master();
CREATE TRIGGER core_datakey_check_master_on_update AFTER UPDATE ON public.core_datakey REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.core_datakey_check_master();
CREATE TRIGGER core_datakey_stays_destroyed BEFORE UPDATE ON public.core_datakey FOR EACH ROW WHEN (((old.destroyed_at IS NOT NULL) AND (new.destroyed_at IS NULL))) EXECUTE FUNCTION public.core_datakey_stays_destroyed();
CREATE TRIGGER customers_consent_stays BEFORE UPDATE ON public.customers_consent FOR EACH ROW WHEN ((old.* IS DISTINCT FROM new.*)) EXECUTE FUNCTION public.customers_refuse_rewrite();
CREATE CONSTRAINT TRIGGER customers_merged_into_head AFTER UPDATE OF merged_into_id ON public.customers_customer DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.merged_into_id IS NOT NULL)) EXECUTE FUNCTION public.customers_check_head();
CREATE TRIGGER customers_record_stays BEFORE UPDATE OF channel, source, campaign, external_id, received_at, payload_sealed, fingerprint, store_id, staff_id, run_id, "row" ON public.customers_sourcerecord FOR EACH ROW WHEN ((((old.channel)::text IS DISTINCT FROM (new.channel)::text) OR ((old.source)::text IS DISTINCT FROM (new.source)::text) OR ((old.campaign)::text IS DISTINCT FROM (new.campaign)::text) OR ((old.external_id)::text IS DISTINCT FROM (new.external_id)::text) OR (old.received_at IS DISTINCT FROM new.received_at) OR (old.payload_sealed IS DISTINCT FROM new.payload_sealed) OR (old.fingerprint IS DISTINCT FROM new.fingerprint) OR (old.store_id IS DISTINCT FROM new.store_id) OR (old.staff_id IS DISTINCT FROM new.staff_id) OR (old.run_id IS DISTINCT FROM new.run_id) OR (old."row" IS DISTINCT FROM new."row"))) EXECUTE FUNCTION public.customers_refuse_rewrite();
CREATE TRIGGER events_append_only BEFORE DELETE OR UPDATE ON public.events_droppedmonth FOR EACH ROW EXECUTE FUNCTION public.events_refuse_change();
CREATE TRIGGER events_append_only BEFORE DELETE OR UPDATE ON public.events_event FOR EACH ROW EXECUTE FUNCTION public.events_refuse_change();
CREATE TRIGGER events_append_only BEFORE DELETE OR UPDATE ON public.events_sealblock FOR EACH ROW EXECUTE FUNCTION public.events_refuse_change();
CREATE TRIGGER events_append_only BEFORE DELETE OR UPDATE ON public.events_subject FOR EACH ROW EXECUTE FUNCTION public.events_refuse_change();
CREATE TRIGGER events_link_subjects AFTER INSERT ON public.events_event FOR EACH ROW EXECUTE FUNCTION public.events_link_subjects();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON public.events_droppedmonth FOR EACH STATEMENT EXECUTE FUNCTION public.events_refuse_change();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON public.events_event FOR EACH STATEMENT EXECUTE FUNCTION public.events_refuse_change();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON public.events_event_other FOR EACH STATEMENT EXECUTE FUNCTION public.events_refuse_change();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON public.events_sealblock FOR EACH STATEMENT EXECUTE FUNCTION public.events_refuse_change();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON public.events_subject FOR EACH STATEMENT EXECUTE FUNCTION public.events_refuse_change();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON public.events_subject_other FOR EACH STATEMENT EXECUTE FUNCTION public.events_refuse_change();
CREATE TRIGGER inventory_append_only BEFORE DELETE OR UPDATE ON public.inventory_costentry FOR EACH ROW EXECUTE FUNCTION public.inventory_refuse_change();
CREATE TRIGGER inventory_append_only BEFORE UPDATE ON public.inventory_document FOR EACH ROW WHEN (((old.number IS NOT NULL) OR ((to_jsonb(old.*) - 'number'::text) IS DISTINCT FROM (to_jsonb(new.*) - 'number'::text)))) EXECUTE FUNCTION public.inventory_refuse_change();
CREATE TRIGGER inventory_append_only BEFORE DELETE OR UPDATE ON public.inventory_movement FOR EACH ROW EXECUTE FUNCTION public.inventory_refuse_change();
CREATE TRIGGER inventory_enter AFTER INSERT ON public.inventory_document FOR EACH ROW EXECUTE FUNCTION public.inventory_enter();
CREATE TRIGGER inventory_move AFTER INSERT ON public.inventory_movement REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.inventory_move();
CREATE TRIGGER inventory_no_delete BEFORE DELETE ON public.inventory_document FOR EACH ROW EXECUTE FUNCTION public.inventory_refuse_change();
CREATE TRIGGER inventory_no_truncate BEFORE TRUNCATE ON public.inventory_costentry FOR EACH STATEMENT EXECUTE FUNCTION public.inventory_refuse_change();
CREATE TRIGGER inventory_no_truncate BEFORE TRUNCATE ON public.inventory_document FOR EACH STATEMENT EXECUTE FUNCTION public.inventory_refuse_change();
CREATE TRIGGER inventory_no_truncate BEFORE TRUNCATE ON public.inventory_movement FOR EACH STATEMENT EXECUTE FUNCTION public.inventory_refuse_change();
CREATE TRIGGER inventory_store_moves AFTER UPDATE OF legal_entity_id ON public.stores_store FOR EACH ROW WHEN ((old.legal_entity_id IS DISTINCT FROM new.legal_entity_id)) EXECUTE FUNCTION public.inventory_store_moves();
CREATE TRIGGER inventory_value AFTER INSERT ON public.inventory_costentry REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.inventory_value();
CREATE TRIGGER ledger_append_only BEFORE UPDATE ON public.ledger_account FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR ((old.code)::text IS DISTINCT FROM (new.code)::text) OR (old.side IS DISTINCT FROM new.side) OR ((old.unit)::text IS DISTINCT FROM (new.unit)::text) OR ((old.holder)::text IS DISTINCT FROM (new.holder)::text) OR (old.store_id IS DISTINCT FROM new.store_id) OR (old.legal_entity_id IS DISTINCT FROM new.legal_entity_id) OR (old.has_lots IS DISTINCT FROM new.has_lots) OR ((old.floor IS NULL) IS DISTINCT FROM (new.floor IS NULL)))) EXECUTE FUNCTION public.ledger_refuse_change();
CREATE TRIGGER ledger_append_only BEFORE UPDATE ON public.ledger_lot FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR (old.account_id IS DISTINCT FROM new.account_id) OR (old.transaction_id IS DISTINCT FROM new.transaction_id) OR (old.quantity IS DISTINCT FROM new.quantity) OR (old.expires_at IS DISTINCT FROM new.expires_at) OR ((old.source)::text IS DISTINCT FROM (new.source)::text) OR (old.reopens_id IS DISTINCT FROM new.reopens_id))) EXECUTE FUNCTION public.ledger_refuse_change();
CREATE TRIGGER ledger_append_only BEFORE DELETE OR UPDATE ON public.ledger_lotchange FOR EACH ROW EXECUTE FUNCTION public.ledger_refuse_change();
CREATE TRIGGER ledger_append_only BEFORE DELETE OR UPDATE ON public.ledger_posting FOR EACH ROW EXECUTE FUNCTION public.ledger_refuse_change();
CREATE TRIGGER ledger_append_only BEFORE DELETE OR UPDATE ON public.ledger_transaction FOR EACH ROW EXECUTE FUNCTION public.ledger_refuse_change();
CREATE TRIGGER ledger_change_lots AFTER INSERT ON public.ledger_lotchange REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_change_lots();
CREATE CONSTRAINT TRIGGER ledger_check_balanced AFTER INSERT ON public.ledger_transaction DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.ledger_check_balanced();
CREATE TRIGGER ledger_check_postings AFTER INSERT ON public.ledger_posting REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_check_postings();
CREATE TRIGGER ledger_check_transactions AFTER INSERT ON public.ledger_transaction REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_check_transactions();
CREATE TRIGGER ledger_enter BEFORE INSERT ON public.ledger_transaction FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_enter();
CREATE TRIGGER ledger_guard_account AFTER INSERT OR UPDATE OF floor ON public.ledger_account FOR EACH ROW EXECUTE FUNCTION public.ledger_guard_account();
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON public.ledger_account FOR EACH ROW EXECUTE FUNCTION public.ledger_refuse_change();
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON public.ledger_accountbalance FOR EACH ROW EXECUTE FUNCTION public.ledger_refuse_change();
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON public.ledger_lot FOR EACH ROW EXECUTE FUNCTION public.ledger_refuse_change();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON public.ledger_account FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_refuse_change();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON public.ledger_lot FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_refuse_change();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON public.ledger_lotchange FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_refuse_change();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON public.ledger_posting FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_refuse_change();
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON public.ledger_transaction FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_refuse_change();
CREATE TRIGGER ledger_open_lots AFTER INSERT ON public.ledger_lot REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_open_lots();
CREATE TRIGGER loyalty_append_only BEFORE DELETE OR UPDATE ON public.loyalty_giftgiven FOR EACH ROW EXECUTE FUNCTION public.loyalty_refuse_change();
CREATE TRIGGER loyalty_append_only BEFORE DELETE OR UPDATE ON public.loyalty_levelchange FOR EACH ROW EXECUTE FUNCTION public.loyalty_refuse_change();
CREATE TRIGGER loyalty_append_only BEFORE DELETE OR UPDATE ON public.loyalty_memberreturn FOR EACH ROW EXECUTE FUNCTION public.loyalty_refuse_change();
CREATE TRIGGER loyalty_append_only BEFORE UPDATE ON public.loyalty_membersale FOR EACH ROW WHEN (((old.id IS DISTINCT FROM new.id) OR (old.programme_id IS DISTINCT FROM new.programme_id) OR (old.customer_id IS DISTINCT FROM new.customer_id) OR ((old.reference)::text IS DISTINCT FROM (new.reference)::text) OR (old.store_id IS DISTINCT FROM new.store_id) OR (old.business_date IS DISTINCT FROM new.business_date) OR (old.counted_on IS DISTINCT FROM new.counted_on) OR (old.occurred_at IS DISTINCT FROM new.occurred_at) OR (old.spend_amount IS DISTINCT FROM new.spend_amount) OR (old.tier_points IS DISTINCT FROM new.tier_points) OR (old.earned_points IS DISTINCT FROM new.earned_points) OR (old.redeemed_points IS DISTINCT FROM new.redeemed_points) OR (old.bonuses IS DISTINCT FROM new.bonuses) OR (old.releases_at IS DISTINCT FROM new.releases_at) OR (new.spend_back < old.spend_back) OR (new.earned_back < old.earned_back) OR (new.redeemed_back < old.redeemed_back) OR (new.tier_points_back < old.tier_points_back))) EXECUTE FUNCTION public.loyalty_refuse_change();
CREATE TRIGGER loyalty_no_delete BEFORE DELETE ON public.loyalty_membersale FOR EACH ROW EXECUTE FUNCTION public.loyalty_refuse_change();
CREATE TRIGGER messaging_append_only BEFORE DELETE OR UPDATE ON public.messaging_templateversion FOR EACH ROW EXECUTE FUNCTION public.messaging_refuse_change();
CREATE TRIGGER messaging_keep_message BEFORE UPDATE ON public.messaging_message FOR EACH ROW EXECUTE FUNCTION public.messaging_keep_message();
CREATE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1 AFTER UPDATE OF abort_requested ON public.procrastinate_jobs FOR EACH ROW WHEN (((old.abort_requested = false) AND (new.abort_requested = true) AND (new.status = 'doing'::public.procrastinate_job_status))) EXECUTE FUNCTION public.procrastinate_notify_queue_abort_job_v1();
CREATE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1 AFTER INSERT ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::public.procrastinate_job_status)) EXECUTE FUNCTION public.procrastinate_notify_queue_job_inserted_v1();
CREATE TRIGGER procrastinate_trigger_abort_requested_events_v1 AFTER UPDATE OF abort_requested ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.abort_requested = true)) EXECUTE FUNCTION public.procrastinate_trigger_abort_requested_events_procedure_v1();
CREATE TRIGGER procrastinate_trigger_delete_jobs_v1 BEFORE DELETE ON public.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION public.procrastinate_unlink_periodic_defers_v1();
CREATE TRIGGER procrastinate_trigger_scheduled_events_v1 AFTER INSERT OR UPDATE ON public.procrastinate_jobs FOR EACH ROW WHEN (((new.scheduled_at IS NOT NULL) AND (new.status = 'todo'::public.procrastinate_job_status))) EXECUTE FUNCTION public.procrastinate_trigger_function_scheduled_events_v1();
CREATE TRIGGER procrastinate_trigger_status_events_insert_v1 AFTER INSERT ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::public.procrastinate_job_status)) EXECUTE FUNCTION public.procrastinate_trigger_function_status_events_insert_v1();
CREATE TRIGGER procrastinate_trigger_status_events_update_v1 AFTER UPDATE OF status ON public.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION public.procrastinate_trigger_function_status_events_update_v1();
CREATE TRIGGER promotions_append_only BEFORE DELETE OR UPDATE ON public.promotions_couponkindversion FOR EACH ROW EXECUTE FUNCTION public.promotions_refuse_change();
CREATE TRIGGER promotions_append_only BEFORE DELETE OR UPDATE ON public.promotions_couponstep FOR EACH ROW EXECUTE FUNCTION public.promotions_refuse_change();
CREATE TRIGGER promotions_append_only BEFORE DELETE OR UPDATE ON public.promotions_promotiongiven FOR EACH ROW EXECUTE FUNCTION public.promotions_refuse_change();
CREATE TRIGGER promotions_append_only BEFORE DELETE OR UPDATE ON public.promotions_promotionversion FOR EACH ROW EXECUTE FUNCTION public.promotions_refuse_change();
CREATE TRIGGER promotions_keep_coupon BEFORE DELETE OR UPDATE ON public.promotions_coupon FOR EACH ROW EXECUTE FUNCTION public.promotions_keep_coupon();
CREATE TRIGGER promotions_no_truncate BEFORE TRUNCATE ON public.promotions_couponkindversion FOR EACH STATEMENT EXECUTE FUNCTION public.promotions_refuse_change();
CREATE TRIGGER promotions_no_truncate BEFORE TRUNCATE ON public.promotions_couponstep FOR EACH STATEMENT EXECUTE FUNCTION public.promotions_refuse_change();
CREATE TRIGGER promotions_no_truncate BEFORE TRUNCATE ON public.promotions_promotiongiven FOR EACH STATEMENT EXECUTE FUNCTION public.promotions_refuse_change();
CREATE TRIGGER promotions_no_truncate BEFORE TRUNCATE ON public.promotions_promotionversion FOR EACH STATEMENT EXECUTE FUNCTION public.promotions_refuse_change();
CREATE TRIGGER sales_amount_stays BEFORE UPDATE ON public.sales_payment FOR EACH ROW WHEN (((old.uuid IS DISTINCT FROM new.uuid) OR (old.order_id IS DISTINCT FROM new.order_id) OR (old.tender_id IS DISTINCT FROM new.tender_id) OR (old.amount IS DISTINCT FROM new.amount) OR (old."position" IS DISTINCT FROM new."position"))) EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_amount_stays BEFORE UPDATE ON public.sales_refund FOR EACH ROW WHEN (((old.uuid IS DISTINCT FROM new.uuid) OR (old.order_id IS DISTINCT FROM new.order_id) OR (old.payment_id IS DISTINCT FROM new.payment_id) OR (old.amount IS DISTINCT FROM new.amount))) EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_append_only BEFORE DELETE OR UPDATE ON public.sales_cashcount FOR EACH ROW EXECUTE FUNCTION public.sales_register_refuse();
CREATE TRIGGER sales_append_only BEFORE DELETE OR UPDATE ON public.sales_cashmovement FOR EACH ROW EXECUTE FUNCTION public.sales_register_refuse();
CREATE TRIGGER sales_append_only BEFORE DELETE OR UPDATE ON public.sales_dayclose FOR EACH ROW EXECUTE FUNCTION public.sales_register_refuse();
CREATE TRIGGER sales_append_only BEFORE DELETE OR UPDATE ON public.sales_deliverychange FOR EACH ROW EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_append_only BEFORE DELETE OR UPDATE ON public.sales_draweropening FOR EACH ROW EXECUTE FUNCTION public.sales_register_refuse();
CREATE TRIGGER sales_append_only BEFORE DELETE OR UPDATE ON public.sales_oldgold FOR EACH ROW EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_append_only BEFORE DELETE OR UPDATE ON public.sales_receiptprint FOR EACH ROW EXECUTE FUNCTION public.sales_register_refuse();
CREATE TRIGGER sales_append_only BEFORE DELETE OR UPDATE ON public.sales_zreport FOR EACH ROW EXECUTE FUNCTION public.sales_register_refuse();
CREATE TRIGGER sales_closed BEFORE UPDATE ON public.sales_order FOR EACH ROW WHEN ((((old.state)::text = 'CLOSED'::text) AND ((old.total_amount IS DISTINCT FROM new.total_amount) OR (old.list_amount IS DISTINCT FROM new.list_amount) OR (old.tax_amount IS DISTINCT FROM new.tax_amount) OR ((old.state)::text IS DISTINCT FROM (new.state)::text)))) EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_closed_shift BEFORE UPDATE ON public.sales_shift FOR EACH ROW WHEN ((((old.state)::text = 'CLOSED'::text) AND (to_jsonb(old.*) IS DISTINCT FROM to_jsonb(new.*)))) EXECUTE FUNCTION public.sales_register_refuse();
CREATE TRIGGER sales_keeps BEFORE UPDATE ON public.sales_delivery FOR EACH ROW WHEN ((((old.state)::text = ANY (ARRAY[('DELIVERED'::character varying)::text, ('CANCELLED'::character varying)::text])) AND ((to_jsonb(old.*) - '{street_sealed,receiver_sealed,phone_sealed,note_sealed,taken_by_sealed,task_id}'::text[]) IS DISTINCT FROM (to_jsonb(new.*) - '{street_sealed,receiver_sealed,phone_sealed,note_sealed,taken_by_sealed,task_id}'::text[])))) EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_keeps BEFORE UPDATE ON public.sales_earnedline FOR EACH ROW WHEN ((to_jsonb(old.*) IS DISTINCT FROM to_jsonb(new.*))) EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_keeps BEFORE UPDATE ON public.sales_lineadjustment FOR EACH ROW WHEN ((true AND (to_jsonb(old.*) IS DISTINCT FROM to_jsonb(new.*)))) EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_keeps BEFORE UPDATE ON public.sales_lineissue FOR EACH ROW WHEN ((true AND ((to_jsonb(old.*) - 'returned_quantity'::text) IS DISTINCT FROM (to_jsonb(new.*) - 'returned_quantity'::text)))) EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_keeps BEFORE UPDATE ON public.sales_lineperson FOR EACH ROW WHEN ((true AND (to_jsonb(old.*) IS DISTINCT FROM to_jsonb(new.*)))) EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_keeps BEFORE UPDATE ON public.sales_order FOR EACH ROW WHEN (((NOT (((old.state)::text = 'DRAFT'::text) AND ((new.state)::text = 'DRAFT'::text) AND (old.paid_amount = 0))) AND (((((((((((((((((((((((to_jsonb(old.*) - 'state'::text) - 'stage_id'::text) - 'due_date'::text) - 'list_amount'::text) - 'total_amount'::text) - 'tax_amount'::text) - 'earned_amount'::text) - 'forfeited_amount'::text) - 'paid_amount'::text) - 'returned_amount'::text) - 'deposit_kind'::text) - 'deposit_amount'::text) - 'coupon_ids'::text) - 'used_points'::text) - 'earned_points'::text) - 'cart'::text) - 'note'::text) - 'revision'::text) - 'approved_by_id'::text) - 'approved_at'::text) - 'closed_at'::text) - 'closed_reason'::text) IS DISTINCT FROM ((((((((((((((((((((((to_jsonb(new.*) - 'state'::text) - 'stage_id'::text) - 'due_date'::text) - 'list_amount'::text) - 'total_amount'::text) - 'tax_amount'::text) - 'earned_amount'::text) - 'forfeited_amount'::text) - 'paid_amount'::text) - 'returned_amount'::text) - 'deposit_kind'::text) - 'deposit_amount'::text) - 'coupon_ids'::text) - 'used_points'::text) - 'earned_points'::text) - 'cart'::text) - 'note'::text) - 'revision'::text) - 'approved_by_id'::text) - 'approved_at'::text) - 'closed_at'::text) - 'closed_reason'::text)))) EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_keeps BEFORE UPDATE ON public.sales_orderchange FOR EACH ROW WHEN ((true AND (to_jsonb(old.*) IS DISTINCT FROM to_jsonb(new.*)))) EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_keeps BEFORE UPDATE ON public.sales_orderline FOR EACH ROW WHEN (((old.fulfilled_quantity > (0)::numeric) AND (((((((to_jsonb(old.*) - 'fulfilled_quantity'::text) - 'returned_quantity'::text) - 'returned_amount'::text) - 'returned_tax_amount'::text) - 'cost'::text) - 'earned_points'::text) IS DISTINCT FROM ((((((to_jsonb(new.*) - 'fulfilled_quantity'::text) - 'returned_quantity'::text) - 'returned_amount'::text) - 'returned_tax_amount'::text) - 'cost'::text) - 'earned_points'::text)))) EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_keeps BEFORE UPDATE ON public.sales_payment FOR EACH ROW WHEN ((((old.state)::text = 'TAKEN'::text) AND ((to_jsonb(old.*) - 'refunded_amount'::text) IS DISTINCT FROM (to_jsonb(new.*) - 'refunded_amount'::text)))) EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_keeps BEFORE UPDATE ON public.sales_refund FOR EACH ROW WHEN ((((old.state)::text = 'DONE'::text) AND (to_jsonb(old.*) IS DISTINCT FROM to_jsonb(new.*)))) EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_keeps BEFORE UPDATE ON public.sales_returnline FOR EACH ROW WHEN ((true AND (to_jsonb(old.*) IS DISTINCT FROM to_jsonb(new.*)))) EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_keeps BEFORE UPDATE ON public.sales_salereturn FOR EACH ROW WHEN ((true AND (to_jsonb(old.*) IS DISTINCT FROM to_jsonb(new.*)))) EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_keeps_draft BEFORE UPDATE ON public.sales_order FOR EACH ROW WHEN ((((old.state)::text = 'DRAFT'::text) AND ((new.state)::text = 'DRAFT'::text) AND (old.paid_amount = 0) AND ((((((((((((((((((((((((to_jsonb(old.*) - 'state'::text) - 'stage_id'::text) - 'due_date'::text) - 'list_amount'::text) - 'total_amount'::text) - 'tax_amount'::text) - 'earned_amount'::text) - 'forfeited_amount'::text) - 'paid_amount'::text) - 'returned_amount'::text) - 'deposit_kind'::text) - 'deposit_amount'::text) - 'coupon_ids'::text) - 'used_points'::text) - 'earned_points'::text) - 'cart'::text) - 'note'::text) - 'revision'::text) - 'approved_by_id'::text) - 'approved_at'::text) - 'closed_at'::text) - 'closed_reason'::text) - 'customer_id'::text) IS DISTINCT FROM (((((((((((((((((((((((to_jsonb(new.*) - 'state'::text) - 'stage_id'::text) - 'due_date'::text) - 'list_amount'::text) - 'total_amount'::text) - 'tax_amount'::text) - 'earned_amount'::text) - 'forfeited_amount'::text) - 'paid_amount'::text) - 'returned_amount'::text) - 'deposit_kind'::text) - 'deposit_amount'::text) - 'coupon_ids'::text) - 'used_points'::text) - 'earned_points'::text) - 'cart'::text) - 'note'::text) - 'revision'::text) - 'approved_by_id'::text) - 'approved_at'::text) - 'closed_at'::text) - 'closed_reason'::text) - 'customer_id'::text)))) EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_next_close BEFORE INSERT ON public.sales_dayclose FOR EACH ROW EXECUTE FUNCTION public.sales_next_close();
CREATE TRIGGER sales_next_report BEFORE INSERT ON public.sales_zreport FOR EACH ROW EXECUTE FUNCTION public.sales_next_report();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON public.sales_cashcount FOR EACH STATEMENT EXECUTE FUNCTION public.sales_register_refuse();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON public.sales_cashmovement FOR EACH STATEMENT EXECUTE FUNCTION public.sales_register_refuse();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON public.sales_dayclose FOR EACH STATEMENT EXECUTE FUNCTION public.sales_register_refuse();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON public.sales_delivery FOR EACH STATEMENT EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON public.sales_deliverychange FOR EACH STATEMENT EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON public.sales_draweropening FOR EACH STATEMENT EXECUTE FUNCTION public.sales_register_refuse();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON public.sales_earnedline FOR EACH STATEMENT EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON public.sales_lineissue FOR EACH STATEMENT EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON public.sales_oldgold FOR EACH STATEMENT EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON public.sales_order FOR EACH STATEMENT EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON public.sales_orderchange FOR EACH STATEMENT EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON public.sales_payment FOR EACH STATEMENT EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON public.sales_receiptprint FOR EACH STATEMENT EXECUTE FUNCTION public.sales_register_refuse();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON public.sales_refund FOR EACH STATEMENT EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON public.sales_returnline FOR EACH STATEMENT EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON public.sales_salereturn FOR EACH STATEMENT EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON public.sales_shift FOR EACH STATEMENT EXECUTE FUNCTION public.sales_register_refuse();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON public.sales_zreport FOR EACH STATEMENT EXECUTE FUNCTION public.sales_register_refuse();
CREATE TRIGGER sales_of_delivered BEFORE DELETE ON public.sales_lineadjustment FOR EACH ROW EXECUTE FUNCTION public.sales_of_delivered();
CREATE TRIGGER sales_of_delivered BEFORE DELETE ON public.sales_lineperson FOR EACH ROW EXECUTE FUNCTION public.sales_of_delivered();
CREATE CONSTRAINT TRIGGER sales_planned_within AFTER UPDATE OF state ON public.sales_delivery DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.sales_planned_within();
CREATE CONSTRAINT TRIGGER sales_planned_within AFTER INSERT OR UPDATE ON public.sales_deliveryline DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.sales_planned_within();
CREATE TRIGGER sales_shift_keeps BEFORE UPDATE ON public.sales_shift FOR EACH ROW WHEN (((old.uuid IS DISTINCT FROM new.uuid) OR (old.register_id IS DISTINCT FROM new.register_id) OR (old.store_id IS DISTINCT FROM new.store_id) OR (old.legal_entity_id IS DISTINCT FROM new.legal_entity_id) OR ((old.currency)::text IS DISTINCT FROM (new.currency)::text) OR (old.business_date IS DISTINCT FROM new.business_date) OR (old.opened_at IS DISTINCT FROM new.opened_at) OR (old.opened_by_id IS DISTINCT FROM new.opened_by_id) OR (old.carried_amount IS DISTINCT FROM new.carried_amount) OR (old.float_amount IS DISTINCT FROM new.float_amount))) EXECUTE FUNCTION public.sales_register_refuse();
CREATE TRIGGER sales_shift_stays BEFORE DELETE ON public.sales_shift FOR EACH ROW EXECUTE FUNCTION public.sales_register_refuse();
CREATE TRIGGER sales_stays BEFORE DELETE ON public.sales_delivery FOR EACH ROW EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_stays BEFORE DELETE ON public.sales_earnedline FOR EACH ROW EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_stays BEFORE DELETE ON public.sales_lineissue FOR EACH ROW EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_stays BEFORE DELETE ON public.sales_order FOR EACH ROW EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_stays BEFORE DELETE ON public.sales_orderchange FOR EACH ROW EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_stays BEFORE DELETE ON public.sales_orderline FOR EACH ROW WHEN ((old.fulfilled_quantity > (0)::numeric)) EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_stays BEFORE DELETE ON public.sales_payment FOR EACH ROW EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_stays BEFORE DELETE ON public.sales_refund FOR EACH ROW EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_stays BEFORE DELETE ON public.sales_returnline FOR EACH ROW EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_stays BEFORE DELETE ON public.sales_salereturn FOR EACH ROW EXECUTE FUNCTION public.sales_refuse_change();
CREATE TRIGGER sales_whole_shares AFTER INSERT ON public.sales_lineperson REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION public.sales_whole_shares();
CREATE TRIGGER wallets_append_only BEFORE DELETE OR UPDATE ON public.wallets_carduseline FOR EACH ROW EXECUTE FUNCTION public.wallets_refuse_change();
CREATE TRIGGER wallets_append_only BEFORE DELETE OR UPDATE ON public.wallets_confirmation FOR EACH ROW EXECUTE FUNCTION public.wallets_refuse_change();
CREATE TRIGGER wallets_append_only BEFORE DELETE OR UPDATE ON public.wallets_conversion FOR EACH ROW EXECUTE FUNCTION public.wallets_refuse_change();
CREATE TRIGGER wallets_append_only BEFORE DELETE OR UPDATE ON public.wallets_extension FOR EACH ROW EXECUTE FUNCTION public.wallets_refuse_change();
CREATE TRIGGER wallets_append_only BEFORE DELETE OR UPDATE ON public.wallets_refund FOR EACH ROW EXECUTE FUNCTION public.wallets_refuse_change();
CREATE TRIGGER wallets_append_only BEFORE DELETE OR UPDATE ON public.wallets_reissue FOR EACH ROW EXECUTE FUNCTION public.wallets_refuse_change();
CREATE TRIGGER wallets_append_only BEFORE UPDATE ON public.wallets_topup FOR EACH ROW EXECUTE FUNCTION public.wallets_refuse_change();
CREATE TRIGGER wallets_append_only BEFORE DELETE OR UPDATE ON public.wallets_transfer FOR EACH ROW EXECUTE FUNCTION public.wallets_refuse_change();
CREATE TRIGGER wallets_ends_once BEFORE UPDATE ON public.wallets_freeze FOR EACH ROW WHEN (((old.ended_at IS NOT NULL) OR ((to_jsonb(old.*) - ARRAY['ended_at'::text, 'ended_by_id'::text]) IS DISTINCT FROM (to_jsonb(new.*) - ARRAY['ended_at'::text, 'ended_by_id'::text])))) EXECUTE FUNCTION public.wallets_refuse_change();
CREATE TRIGGER wallets_keeps_itself BEFORE UPDATE ON public.wallets_carditem FOR EACH ROW WHEN (((old.sessions_id IS NOT NULL) OR ((to_jsonb(old.*) - ARRAY['sessions_id'::text, 'value_id'::text]) IS DISTINCT FROM (to_jsonb(new.*) - ARRAY['sessions_id'::text, 'value_id'::text])))) EXECUTE FUNCTION public.wallets_refuse_change();
CREATE TRIGGER wallets_keeps_itself BEFORE UPDATE ON public.wallets_carduse FOR EACH ROW WHEN (((old.undone_at IS NOT NULL) OR ((to_jsonb(old.*) - ARRAY['undone_at'::text, 'undone_reason'::text]) IS DISTINCT FROM (to_jsonb(new.*) - ARRAY['undone_at'::text, 'undone_reason'::text])))) EXECUTE FUNCTION public.wallets_refuse_change();
CREATE TRIGGER wallets_keeps_itself BEFORE UPDATE ON public.wallets_sessioncard FOR EACH ROW WHEN (((old.closed_at IS NOT NULL) OR ((to_jsonb(old.*) - ARRAY['number'::text, 'customer_id'::text, 'expires_on'::text, 'closed_at'::text, 'closed_as'::text]) IS DISTINCT FROM (to_jsonb(new.*) - ARRAY['number'::text, 'customer_id'::text, 'expires_on'::text, 'closed_at'::text, 'closed_as'::text])))) EXECUTE FUNCTION public.wallets_refuse_change();
CREATE TRIGGER wallets_keeps_itself BEFORE UPDATE ON public.wallets_wallet FOR EACH ROW WHEN (((to_jsonb(old.*) - 'number'::text) IS DISTINCT FROM (to_jsonb(new.*) - 'number'::text))) EXECUTE FUNCTION public.wallets_refuse_change();
CREATE TRIGGER wallets_no_delete BEFORE DELETE ON public.wallets_carduse FOR EACH ROW EXECUTE FUNCTION public.wallets_refuse_change();
CREATE TRIGGER wallets_no_delete BEFORE DELETE ON public.wallets_freeze FOR EACH ROW EXECUTE FUNCTION public.wallets_refuse_change();
CREATE TRIGGER wallets_no_delete BEFORE DELETE ON public.wallets_sessioncard FOR EACH ROW WHEN ((old.run_id IS NULL)) EXECUTE FUNCTION public.wallets_refuse_change();
CREATE TRIGGER wallets_no_delete BEFORE DELETE ON public.wallets_topup FOR EACH ROW WHEN ((old.run_id IS NULL)) EXECUTE FUNCTION public.wallets_refuse_change();
ALTER TABLE ONLY public.access_apikey
    ADD CONSTRAINT access_apikey_created_by_id_4e34ca9c_fk_access_user_id FOREIGN KEY (created_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.access_apikey
    ADD CONSTRAINT access_apikey_owner_id_dc1b20f5_fk_access_user_id FOREIGN KEY (owner_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.access_device
    ADD CONSTRAINT access_device_enrolled_by_id_6240b5ca_fk_access_user_id FOREIGN KEY (enrolled_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.access_passwordticket
    ADD CONSTRAINT access_passwordticket_created_by_id_a7d598a4_fk_access_user_id FOREIGN KEY (created_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.access_passwordticket
    ADD CONSTRAINT access_passwordticket_user_id_af51a628_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.access_permissionreview
    ADD CONSTRAINT access_permissionrev_reviewed_by_id_214e8083_fk_access_us FOREIGN KEY (reviewed_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.access_pin
    ADD CONSTRAINT access_pin_user_id_5b9854e5_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.access_session
    ADD CONSTRAINT access_session_device_id_62138d5d_fk_access_device_id FOREIGN KEY (device_id) REFERENCES public.access_device(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.access_session
    ADD CONSTRAINT access_session_user_id_91e52a53_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.access_signin
    ADD CONSTRAINT access_signin_device_id_6db86238_fk_access_device_id FOREIGN KEY (device_id) REFERENCES public.access_device(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.access_signin
    ADD CONSTRAINT access_signin_user_id_b64893e0_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.access_tillperson
    ADD CONSTRAINT access_tillperson_device_id_2df562df_fk_access_device_id FOREIGN KEY (device_id) REFERENCES public.access_device(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.access_tillperson
    ADD CONSTRAINT access_tillperson_user_id_e1e10704_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.account_emailaddress
    ADD CONSTRAINT account_emailaddress_user_id_2c513194_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.account_emailconfirmation
    ADD CONSTRAINT account_emailconfirm_email_address_id_5b7f8c58_fk_account_e FOREIGN KEY (email_address_id) REFERENCES public.account_emailaddress(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.axes_accessattemptexpiration
    ADD CONSTRAINT axes_accessattemptex_access_attempt_id_6b73a47a_fk_axes_acce FOREIGN KEY (access_attempt_id) REFERENCES public.axes_accessattempt(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_attributevalue
    ADD CONSTRAINT catalog_attributeval_attribute_id_cb89e56d_fk_catalog_a FOREIGN KEY (attribute_id) REFERENCES public.catalog_attribute(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_barcode
    ADD CONSTRAINT catalog_barcode_variant_id_f6de32e8_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_bundleitem
    ADD CONSTRAINT catalog_bundleitem_bundle_id_d5c993b1_fk_catalog_variant_id FOREIGN KEY (bundle_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_bundleitem
    ADD CONSTRAINT catalog_bundleitem_variant_id_8038a9e5_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_category
    ADD CONSTRAINT catalog_category_merged_into_id_27339e12_fk_catalog_category_id FOREIGN KEY (merged_into_id) REFERENCES public.catalog_category(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_category
    ADD CONSTRAINT catalog_category_parent_id_f61bd017_fk_catalog_category_id FOREIGN KEY (parent_id) REFERENCES public.catalog_category(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_configurationrule
    ADD CONSTRAINT catalog_configuratio_choice_id_a1144145_fk_catalog_c FOREIGN KEY (choice_id) REFERENCES public.catalog_configurationchoice(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_configurationchoice
    ADD CONSTRAINT catalog_configuratio_group_id_5d35a9d7_fk_catalog_c FOREIGN KEY (group_id) REFERENCES public.catalog_configurationgroup(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_configurationrule
    ADD CONSTRAINT catalog_configuratio_other_id_fa974db8_fk_catalog_c FOREIGN KEY (other_id) REFERENCES public.catalog_configurationchoice(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_configurationgroup
    ADD CONSTRAINT catalog_configuratio_product_id_05146bbf_fk_catalog_p FOREIGN KEY (product_id) REFERENCES public.catalog_product(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_configurationchoice
    ADD CONSTRAINT catalog_configuratio_variant_id_d924f336_fk_catalog_v FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_consumable
    ADD CONSTRAINT catalog_consumable_service_id_f3226acc_fk_catalog_variant_id FOREIGN KEY (service_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_consumable
    ADD CONSTRAINT catalog_consumable_variant_id_3be4b887_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_dayprice
    ADD CONSTRAINT catalog_dayprice_corrects_id_4c92f11b_fk_catalog_dayprice_id FOREIGN KEY (corrects_id) REFERENCES public.catalog_dayprice(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_dayprice
    ADD CONSTRAINT catalog_dayprice_region_id_0e454c63_fk_stores_region_id FOREIGN KEY (region_id) REFERENCES public.stores_region(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_dayprice
    ADD CONSTRAINT catalog_dayprice_set_by_id_798011c8_fk_access_user_id FOREIGN KEY (set_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_dayprice
    ADD CONSTRAINT catalog_dayprice_store_id_78b3a072_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_daypricelock
    ADD CONSTRAINT catalog_daypricelock_day_price_id_e1901644_fk_catalog_d FOREIGN KEY (day_price_id) REFERENCES public.catalog_dayprice(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_daypricelock
    ADD CONSTRAINT catalog_daypricelock_store_id_f1095e24_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_importedpiece
    ADD CONSTRAINT catalog_importedpiece_piece_id_b2ded4ce_fk_catalog_piece_id FOREIGN KEY (piece_id) REFERENCES public.catalog_piece(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_importedpiece
    ADD CONSTRAINT catalog_importedpiece_run_id_3677c5e1_fk_imports_importrun_id FOREIGN KEY (run_id) REFERENCES public.imports_importrun(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_importedrow
    ADD CONSTRAINT catalog_importedrow_run_id_1e80eaf6_fk_imports_importrun_id FOREIGN KEY (run_id) REFERENCES public.imports_importrun(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_importedrow
    ADD CONSTRAINT catalog_importedrow_variant_id_b73dae44_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_photo
    ADD CONSTRAINT catalog_photo_piece_id_ab38fee7_fk_catalog_piece_id FOREIGN KEY (piece_id) REFERENCES public.catalog_piece(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_photo
    ADD CONSTRAINT catalog_photo_product_id_a5ccd5df_fk_catalog_product_id FOREIGN KEY (product_id) REFERENCES public.catalog_product(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_photo
    ADD CONSTRAINT catalog_photo_variant_id_eb8b9268_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_piece
    ADD CONSTRAINT catalog_piece_variant_id_9949cb6a_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_priceimport
    ADD CONSTRAINT catalog_priceimport_price_list_id_63f87299_fk_catalog_p FOREIGN KEY (price_list_id) REFERENCES public.catalog_pricelist(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_priceimport
    ADD CONSTRAINT catalog_priceimport_run_id_921801e0_fk_imports_importrun_id FOREIGN KEY (run_id) REFERENCES public.imports_importrun(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_priceimport
    ADD CONSTRAINT catalog_priceimport_variant_id_830306bd_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_pricelist_stores
    ADD CONSTRAINT catalog_pricelist_st_pricelist_id_a183de6f_fk_catalog_p FOREIGN KEY (pricelist_id) REFERENCES public.catalog_pricelist(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_pricelist_stores
    ADD CONSTRAINT catalog_pricelist_stores_store_id_292a7e06_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_pricelistitem
    ADD CONSTRAINT catalog_pricelistite_category_id_6ea04bfa_fk_catalog_c FOREIGN KEY (category_id) REFERENCES public.catalog_category(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_pricelistitem
    ADD CONSTRAINT catalog_pricelistite_price_list_id_83a686ea_fk_catalog_p FOREIGN KEY (price_list_id) REFERENCES public.catalog_pricelist(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_pricelistitem
    ADD CONSTRAINT catalog_pricelistitem_product_id_7d92989b_fk_catalog_product_id FOREIGN KEY (product_id) REFERENCES public.catalog_product(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_pricelistitem
    ADD CONSTRAINT catalog_pricelistitem_variant_id_7aa5336a_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_product
    ADD CONSTRAINT catalog_product_brand_id_bb0c7890_fk_catalog_brand_id FOREIGN KEY (brand_id) REFERENCES public.catalog_brand(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_product
    ADD CONSTRAINT catalog_product_category_id_35bf920b_fk_catalog_category_id FOREIGN KEY (category_id) REFERENCES public.catalog_category(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_product
    ADD CONSTRAINT catalog_product_tax_class_id_ea135695_fk_catalog_taxclass_id FOREIGN KEY (tax_class_id) REFERENCES public.catalog_taxclass(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_product
    ADD CONSTRAINT catalog_product_unit_id_7a2d09c7_fk_catalog_unit_id FOREIGN KEY (unit_id) REFERENCES public.catalog_unit(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_productattribute
    ADD CONSTRAINT catalog_productattri_attribute_id_7d5ac1d7_fk_catalog_a FOREIGN KEY (attribute_id) REFERENCES public.catalog_attribute(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_productattribute
    ADD CONSTRAINT catalog_productattri_product_id_7ea24d8b_fk_catalog_p FOREIGN KEY (product_id) REFERENCES public.catalog_product(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_servicedetail_skills
    ADD CONSTRAINT catalog_servicedetai_servicedetail_id_0cd993d9_fk_catalog_s FOREIGN KEY (servicedetail_id) REFERENCES public.catalog_servicedetail(product_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_servicedetail
    ADD CONSTRAINT catalog_servicedetail_product_id_62eaf370_fk_catalog_product_id FOREIGN KEY (product_id) REFERENCES public.catalog_product(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_servicedetail_skills
    ADD CONSTRAINT catalog_servicedetail_skills_skill_id_5d751e9c_fk_work_skill_id FOREIGN KEY (skill_id) REFERENCES public.work_skill(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_taxrate
    ADD CONSTRAINT catalog_taxrate_tax_class_id_601e268f_fk_catalog_taxclass_id FOREIGN KEY (tax_class_id) REFERENCES public.catalog_taxclass(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_variant
    ADD CONSTRAINT catalog_variant_product_id_8a21d193_fk_catalog_product_id FOREIGN KEY (product_id) REFERENCES public.catalog_product(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_variantvalue
    ADD CONSTRAINT catalog_variantvalue_attribute_id_b758128d_fk_catalog_a FOREIGN KEY (attribute_id) REFERENCES public.catalog_attribute(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_variantvalue
    ADD CONSTRAINT catalog_variantvalue_of_attribute FOREIGN KEY (value_id, attribute_id) REFERENCES public.catalog_attributevalue(id, attribute_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_variantvalue
    ADD CONSTRAINT catalog_variantvalue_value_id_feeb1ec3_fk_catalog_a FOREIGN KEY (value_id) REFERENCES public.catalog_attributevalue(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.catalog_variantvalue
    ADD CONSTRAINT catalog_variantvalue_variant_id_6d971ba4_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.clienteling_entry
    ADD CONSTRAINT clienteling_entry_customer_id_ab4597dc_fk_customers_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.clienteling_entry
    ADD CONSTRAINT clienteling_entry_partner_id_713e80b8_fk_stores_partner_id FOREIGN KEY (partner_id) REFERENCES public.stores_partner(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.clienteling_entry
    ADD CONSTRAINT clienteling_entry_user_id_18671e8f_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.clienteling_outcome
    ADD CONSTRAINT clienteling_outcome_customer_id_edc67218_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.clienteling_outcome
    ADD CONSTRAINT clienteling_outcome_entry_id_f2efb9a6_fk_clienteling_entry_id FOREIGN KEY (entry_id) REFERENCES public.clienteling_entry(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.clienteling_outcome
    ADD CONSTRAINT clienteling_outcome_user_id_c7ac2d87_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.config_firststepdone
    ADD CONSTRAINT config_firststepdone_done_by_id_e9cb0b61_fk_access_user_id FOREIGN KEY (done_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.config_moduleswitch
    ADD CONSTRAINT config_moduleswitch_store_id_e9212696_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.config_storepreset
    ADD CONSTRAINT config_storepreset_store_id_7475dd2e_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.core_datakey
    ADD CONSTRAINT core_datakey_master_key_id_64ef8af0_fk_core_keyrecord_id FOREIGN KEY (master_key_id) REFERENCES public.core_keyrecord(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_address
    ADD CONSTRAINT customers_address_customer_id_f042422e_fk_customers_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_address
    ADD CONSTRAINT customers_address_record_id_bb5e884c_fk_customers FOREIGN KEY (record_id) REFERENCES public.customers_sourcerecord(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_careoccasion
    ADD CONSTRAINT customers_careoccasi_customer_id_d794a726_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_careoccasion
    ADD CONSTRAINT customers_careoccasi_date_id_8d078eb4_fk_customers FOREIGN KEY (date_id) REFERENCES public.customers_importantdate(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_careoccasion
    ADD CONSTRAINT customers_careoccasi_rule_id_601102ee_fk_customers FOREIGN KEY (rule_id) REFERENCES public.customers_carerule(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_carerule
    ADD CONSTRAINT customers_carerule_store_id_5762b71c_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_carerule
    ADD CONSTRAINT customers_carerule_tag_id_0a77f90f_fk_customers_tag_id FOREIGN KEY (tag_id) REFERENCES public.customers_tag(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_collaborator
    ADD CONSTRAINT customers_collaborat_customer_id_1b13ab65_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_collaborator
    ADD CONSTRAINT customers_collaborator_user_id_30019788_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_consent
    ADD CONSTRAINT customers_consent_by_id_517fc68e_fk_access_user_id FOREIGN KEY (by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_consent
    ADD CONSTRAINT customers_consent_customer_id_e5c9af2d_fk_customers_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_consent
    ADD CONSTRAINT customers_consent_text_id_3cfd5e77_fk_customers_consenttext_id FOREIGN KEY (text_id) REFERENCES public.customers_consenttext(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_contactpoint
    ADD CONSTRAINT customers_contactpoi_customer_id_c5e90863_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_contactpoint
    ADD CONSTRAINT customers_contactpoi_record_id_c5dc870d_fk_customers FOREIGN KEY (record_id) REFERENCES public.customers_sourcerecord(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_customer
    ADD CONSTRAINT customers_customer_key_id_5ac00aae_fk_core_datakey_id FOREIGN KEY (key_id) REFERENCES public.core_datakey(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_customer
    ADD CONSTRAINT customers_customer_merged_into_id_2994ddb6_fk_customers FOREIGN KEY (merged_into_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_customer
    ADD CONSTRAINT customers_customer_owner_id_fbb2798e_fk_access_user_id FOREIGN KEY (owner_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_customer
    ADD CONSTRAINT customers_customer_partner_id_8a1b0aa8_fk_stores_partner_id FOREIGN KEY (partner_id) REFERENCES public.stores_partner(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_customer
    ADD CONSTRAINT customers_customer_store_id_3de17114_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_customerfile
    ADD CONSTRAINT customers_customerfi_customer_id_1365bfc3_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_customerfile
    ADD CONSTRAINT customers_customerfile_added_by_id_55e79e80_fk_access_user_id FOREIGN KEY (added_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_customernote
    ADD CONSTRAINT customers_customerno_customer_id_01ecc538_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_customernote
    ADD CONSTRAINT customers_customernote_by_id_036dd913_fk_access_user_id FOREIGN KEY (by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_household_members
    ADD CONSTRAINT customers_household__customer_id_f5474489_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_household_members
    ADD CONSTRAINT customers_household__household_id_3783d21c_fk_customers FOREIGN KEY (household_id) REFERENCES public.customers_household(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_importantdate
    ADD CONSTRAINT customers_importantd_customer_id_854f1baf_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_importantdate
    ADD CONSTRAINT customers_importantd_record_id_43ced046_fk_customers FOREIGN KEY (record_id) REFERENCES public.customers_sourcerecord(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_matchpair
    ADD CONSTRAINT customers_matchpair_decided_by_id_20763924_fk_access_user_id FOREIGN KEY (decided_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_matchpair
    ADD CONSTRAINT customers_matchpair_left_id_14ff4bd1_fk_customers_customer_id FOREIGN KEY (left_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_matchpair
    ADD CONSTRAINT customers_matchpair_right_id_daa8534e_fk_customers_customer_id FOREIGN KEY (right_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_merge
    ADD CONSTRAINT customers_merge_by_id_df379250_fk_access_user_id FOREIGN KEY (by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_merge
    ADD CONSTRAINT customers_merge_joined_id_7c4867aa_fk_customers_customer_id FOREIGN KEY (joined_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_merge
    ADD CONSTRAINT customers_merge_kept_id_079eb59f_fk_customers_customer_id FOREIGN KEY (kept_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_merge
    ADD CONSTRAINT customers_merge_pair_id_5af60ade_fk_customers_matchpair_id FOREIGN KEY (pair_id) REFERENCES public.customers_matchpair(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_merge
    ADD CONSTRAINT customers_merge_undone_by_id_6cedfb9e_fk_access_user_id FOREIGN KEY (undone_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_portalsession
    ADD CONSTRAINT customers_portalsess_customer_id_d0505b9c_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_registrationpoint
    ADD CONSTRAINT customers_registrati_partner_id_df7b9ea1_fk_stores_pa FOREIGN KEY (partner_id) REFERENCES public.stores_partner(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_registrationpoint
    ADD CONSTRAINT customers_registrati_store_id_6e4b7069_fk_stores_st FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_registrationpoint
    ADD CONSTRAINT customers_registrationpoint_staff_id_d0757f9b_fk_access_user_id FOREIGN KEY (staff_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_relation
    ADD CONSTRAINT customers_relation_customer_id_a45ba18a_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_relation
    ADD CONSTRAINT customers_relation_other_id_6bfed7c0_fk_customers_customer_id FOREIGN KEY (other_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_reviewedrole
    ADD CONSTRAINT customers_reviewedrole_role_id_32b4706d_fk_access_role_id FOREIGN KEY (role_id) REFERENCES public.access_role(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_rightsrequest
    ADD CONSTRAINT customers_rightsrequ_customer_id_218240a9_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_rightsrequest
    ADD CONSTRAINT customers_rightsrequest_closed_by_id_a47e3b55_fk_access_user_id FOREIGN KEY (closed_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_sharedwith
    ADD CONSTRAINT customers_sharedwith_customer_id_4c8f3249_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_sharedwith
    ADD CONSTRAINT customers_sharedwith_store_id_9279cd45_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_sourcerecord
    ADD CONSTRAINT customers_sourcereco_customer_id_c4abad18_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_sourcerecord
    ADD CONSTRAINT customers_sourcerecord_staff_id_add24622_fk_access_user_id FOREIGN KEY (staff_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_sourcerecord
    ADD CONSTRAINT customers_sourcerecord_store_id_5b470e42_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_tag
    ADD CONSTRAINT customers_tag_merged_into_id_1296b242_fk_customers_tag_id FOREIGN KEY (merged_into_id) REFERENCES public.customers_tag(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_tagging
    ADD CONSTRAINT customers_tagging_customer_id_ad9723b4_fk_customers_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_tagging
    ADD CONSTRAINT customers_tagging_tag_id_a5394e41_fk_customers_tag_id FOREIGN KEY (tag_id) REFERENCES public.customers_tag(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_tagmerge
    ADD CONSTRAINT customers_tagmerge_by_id_de296516_fk_access_user_id FOREIGN KEY (by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_tagmerge
    ADD CONSTRAINT customers_tagmerge_joined_id_6d5ea1a7_fk_customers_tag_id FOREIGN KEY (joined_id) REFERENCES public.customers_tag(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.customers_tagmerge
    ADD CONSTRAINT customers_tagmerge_kept_id_3d20c15c_fk_customers_tag_id FOREIGN KEY (kept_id) REFERENCES public.customers_tag(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.imports_importrow
    ADD CONSTRAINT imports_importrow_data_key_id_04929469_fk_core_datakey_id FOREIGN KEY (data_key_id) REFERENCES public.core_datakey(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.imports_importrow
    ADD CONSTRAINT imports_importrow_run_id_d16073d2_fk_imports_importrun_id FOREIGN KEY (run_id) REFERENCES public.imports_importrun(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.imports_importrun
    ADD CONSTRAINT imports_importrun_data_key_id_9d3e2fd5_fk_core_datakey_id FOREIGN KEY (data_key_id) REFERENCES public.core_datakey(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.imports_importrun
    ADD CONSTRAINT imports_importrun_started_by_id_f268f909_fk_access_user_id FOREIGN KEY (started_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.imports_importrun
    ADD CONSTRAINT imports_importrun_worked_by_id_03d5f126_fk_access_user_id FOREIGN KEY (worked_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.insight_declinedproposal
    ADD CONSTRAINT insight_declinedprop_customer_id_af189995_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.insight_declinedproposal
    ADD CONSTRAINT insight_declinedprop_product_id_4d686100_fk_catalog_p FOREIGN KEY (product_id) REFERENCES public.catalog_product(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.insight_declinedproposal
    ADD CONSTRAINT insight_declinedproposal_by_id_36ceea3c_fk_access_user_id FOREIGN KEY (by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.insight_reportdelivery
    ADD CONSTRAINT insight_reportdelive_report_id_de91dc4b_fk_insight_s FOREIGN KEY (report_id) REFERENCES public.insight_savedreport(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.insight_reportdelivery
    ADD CONSTRAINT insight_reportdelivery_user_id_f95f1a17_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.insight_reportschedule
    ADD CONSTRAINT insight_reportschedu_report_id_e995298d_fk_insight_s FOREIGN KEY (report_id) REFERENCES public.insight_savedreport(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.insight_savedreport
    ADD CONSTRAINT insight_savedreport_owner_id_a4992422_fk_access_user_id FOREIGN KEY (owner_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.insight_unproposedcategory
    ADD CONSTRAINT insight_unproposedca_category_id_b0b34727_fk_catalog_c FOREIGN KEY (category_id) REFERENCES public.catalog_category(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_anchor
    ADD CONSTRAINT inventory_anchor_batch_id_e3f47338_fk_inventory_batch_id FOREIGN KEY (batch_id) REFERENCES public.inventory_batch(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_anchor
    ADD CONSTRAINT inventory_anchor_place_id_107fcaf6_fk_inventory_place_id FOREIGN KEY (place_id) REFERENCES public.inventory_place(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_anchor
    ADD CONSTRAINT inventory_anchor_variant_id_520bcd2a_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_balance
    ADD CONSTRAINT inventory_balance_batch_id_1e53c2e1_fk_inventory_batch_id FOREIGN KEY (batch_id) REFERENCES public.inventory_batch(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_balance
    ADD CONSTRAINT inventory_balance_place_id_b1aa6a97_fk_inventory_place_id FOREIGN KEY (place_id) REFERENCES public.inventory_place(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_balance
    ADD CONSTRAINT inventory_balance_variant_id_efa6713c_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_batch
    ADD CONSTRAINT inventory_batch_variant_id_2860f9d0_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_closingmark
    ADD CONSTRAINT inventory_closingmar_legal_entity_id_5706bc34_fk_stores_le FOREIGN KEY (legal_entity_id) REFERENCES public.stores_legalentity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_costclosing
    ADD CONSTRAINT inventory_costclosin_legal_entity_id_24b563a7_fk_stores_le FOREIGN KEY (legal_entity_id) REFERENCES public.stores_legalentity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_coststate
    ADD CONSTRAINT inventory_coststate_variant_id_931dfed3_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_countentry
    ADD CONSTRAINT inventory_countentry_counted_by_id_65ec6374_fk_access_user_id FOREIGN KEY (counted_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_countentry
    ADD CONSTRAINT inventory_countentry_line_id_85073ea5_fk_inventory_countline_id FOREIGN KEY (line_id) REFERENCES public.inventory_countline(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_countentry
    ADD CONSTRAINT inventory_countentry_session_id_262ffe11_fk_inventory FOREIGN KEY (session_id) REFERENCES public.inventory_countsession(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_countline
    ADD CONSTRAINT inventory_countline_batch_id_7f5b78b1_fk_inventory_batch_id FOREIGN KEY (batch_id) REFERENCES public.inventory_batch(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_countline
    ADD CONSTRAINT inventory_countline_counted_by_id_1917522c_fk_access_user_id FOREIGN KEY (counted_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_countline
    ADD CONSTRAINT inventory_countline_piece_id_fc5c5374_fk_catalog_piece_id FOREIGN KEY (piece_id) REFERENCES public.catalog_piece(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_countline
    ADD CONSTRAINT inventory_countline_place_id_fc56e629_fk_inventory_place_id FOREIGN KEY (place_id) REFERENCES public.inventory_place(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_countline
    ADD CONSTRAINT inventory_countline_session_id_2a3ef331_fk_inventory FOREIGN KEY (session_id) REFERENCES public.inventory_countsession(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_countline
    ADD CONSTRAINT inventory_countline_variant_id_0d1f140f_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_countsession
    ADD CONSTRAINT inventory_countsessi_category_id_bd7cf7d8_fk_catalog_c FOREIGN KEY (category_id) REFERENCES public.catalog_category(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_countsession
    ADD CONSTRAINT inventory_countsessi_document_id_a2971829_fk_inventory FOREIGN KEY (document_id) REFERENCES public.inventory_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_countsession
    ADD CONSTRAINT inventory_countsessi_submitted_by_id_04bd619a_fk_access_us FOREIGN KEY (submitted_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_countsession
    ADD CONSTRAINT inventory_countsession_closed_by_id_a5df4394_fk_access_user_id FOREIGN KEY (closed_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_countsession
    ADD CONSTRAINT inventory_countsession_opened_by_id_60202edd_fk_access_user_id FOREIGN KEY (opened_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_countsession
    ADD CONSTRAINT inventory_countsession_place_id_dcfa5815_fk_inventory_place_id FOREIGN KEY (place_id) REFERENCES public.inventory_place(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_countsession
    ADD CONSTRAINT inventory_countsession_store_id_1326871a_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_custodyitem
    ADD CONSTRAINT inventory_custodyite_customer_id_bbf7b71e_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_custodyitem
    ADD CONSTRAINT inventory_custodyite_document_in_id_33986013_fk_inventory FOREIGN KEY (document_in_id) REFERENCES public.inventory_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_custodyitem
    ADD CONSTRAINT inventory_custodyite_document_out_id_8549e5b3_fk_inventory FOREIGN KEY (document_out_id) REFERENCES public.inventory_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_custodyitem
    ADD CONSTRAINT inventory_custodyitem_batch_id_9acdfb1a_fk_inventory_batch_id FOREIGN KEY (batch_id) REFERENCES public.inventory_batch(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_custodyitem
    ADD CONSTRAINT inventory_custodyitem_piece_id_5c61e984_fk_catalog_piece_id FOREIGN KEY (piece_id) REFERENCES public.catalog_piece(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_custodyitem
    ADD CONSTRAINT inventory_custodyitem_place_id_c39a1c39_fk_inventory_place_id FOREIGN KEY (place_id) REFERENCES public.inventory_place(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_custodyitem
    ADD CONSTRAINT inventory_custodyitem_received_by_id_905f6106_fk_access_user_id FOREIGN KEY (received_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_custodyitem
    ADD CONSTRAINT inventory_custodyitem_returned_by_id_99824559_fk_access_user_id FOREIGN KEY (returned_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_custodyitem
    ADD CONSTRAINT inventory_custodyitem_store_id_5f91a72b_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_custodyitem
    ADD CONSTRAINT inventory_custodyitem_variant_id_7bdfab01_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_documentcounter
    ADD CONSTRAINT inventory_documentcounter_store_id_4ec9e52f_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_negativepolicy
    ADD CONSTRAINT inventory_negativepo_category_id_62b68c21_fk_catalog_c FOREIGN KEY (category_id) REFERENCES public.catalog_category(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_negativepolicy
    ADD CONSTRAINT inventory_negativepo_place_id_960fc7ad_fk_inventory FOREIGN KEY (place_id) REFERENCES public.inventory_place(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_openedunit
    ADD CONSTRAINT inventory_openedunit_batch_id_e6eb42d5_fk_inventory_batch_id FOREIGN KEY (batch_id) REFERENCES public.inventory_batch(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_openedunit
    ADD CONSTRAINT inventory_openedunit_place_id_028b4353_fk_inventory_place_id FOREIGN KEY (place_id) REFERENCES public.inventory_place(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_openedunit
    ADD CONSTRAINT inventory_openedunit_variant_id_e5d93c41_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_openlife
    ADD CONSTRAINT inventory_openlife_variant_id_1b868e0e_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_periodlock
    ADD CONSTRAINT inventory_periodlock_legal_entity_id_64946d08_fk_stores_le FOREIGN KEY (legal_entity_id) REFERENCES public.stores_legalentity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_pieceat
    ADD CONSTRAINT inventory_pieceat_came_from_id_57795386_fk_inventory_place_id FOREIGN KEY (came_from_id) REFERENCES public.inventory_place(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_pieceat
    ADD CONSTRAINT inventory_pieceat_movement_id_b4008ad4_fk_inventory_movement_id FOREIGN KEY (movement_id) REFERENCES public.inventory_movement(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_pieceat
    ADD CONSTRAINT inventory_pieceat_piece_id_eea54147_fk_catalog_piece_id FOREIGN KEY (piece_id) REFERENCES public.catalog_piece(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_pieceat
    ADD CONSTRAINT inventory_pieceat_place_id_c2161171_fk_inventory_place_id FOREIGN KEY (place_id) REFERENCES public.inventory_place(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_place
    ADD CONSTRAINT inventory_place_legal_entity_id_84feb248_fk_stores_le FOREIGN KEY (legal_entity_id) REFERENCES public.stores_legalentity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_place
    ADD CONSTRAINT inventory_place_stock_place_id_73ac8a2d_fk_stores_stockplace_id FOREIGN KEY (stock_place_id) REFERENCES public.stores_stockplace(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_place
    ADD CONSTRAINT inventory_place_store_id_7896117b_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_reservation
    ADD CONSTRAINT inventory_reservation_batch_id_49f9c745_fk_inventory_batch_id FOREIGN KEY (batch_id) REFERENCES public.inventory_batch(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_reservation
    ADD CONSTRAINT inventory_reservation_piece_id_50b5c50d_fk_catalog_piece_id FOREIGN KEY (piece_id) REFERENCES public.catalog_piece(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_reservation
    ADD CONSTRAINT inventory_reservation_place_id_182e2770_fk_inventory_place_id FOREIGN KEY (place_id) REFERENCES public.inventory_place(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_reservation
    ADD CONSTRAINT inventory_reservation_variant_id_a7811c2f_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_safetystock
    ADD CONSTRAINT inventory_safetystock_place_id_0a58b9ae_fk_inventory_place_id FOREIGN KEY (place_id) REFERENCES public.inventory_place(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_safetystock
    ADD CONSTRAINT inventory_safetystock_variant_id_712a2f2c_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_stockalert
    ADD CONSTRAINT inventory_stockalert_batch_id_abe6d5df_fk_inventory_batch_id FOREIGN KEY (batch_id) REFERENCES public.inventory_batch(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_stockalert
    ADD CONSTRAINT inventory_stockalert_place_id_0ad2d788_fk_inventory_place_id FOREIGN KEY (place_id) REFERENCES public.inventory_place(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_stockalert
    ADD CONSTRAINT inventory_stockalert_variant_id_84d07954_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_stockclosing
    ADD CONSTRAINT inventory_stockclosing_place_id_d8f77362_fk_inventory_place_id FOREIGN KEY (place_id) REFERENCES public.inventory_place(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_transfer
    ADD CONSTRAINT inventory_transfer_closed_by_id_a388325f_fk_access_user_id FOREIGN KEY (closed_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_transfer
    ADD CONSTRAINT inventory_transfer_from_place_id_7e236af6_fk_inventory_place_id FOREIGN KEY (from_place_id) REFERENCES public.inventory_place(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_transfer
    ADD CONSTRAINT inventory_transfer_planned_by_id_48125029_fk_access_user_id FOREIGN KEY (planned_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_transfer
    ADD CONSTRAINT inventory_transfer_receipt_id_3d804317_fk_inventory_document_id FOREIGN KEY (receipt_id) REFERENCES public.inventory_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_transfer
    ADD CONSTRAINT inventory_transfer_shipment_id_98c32b57_fk_inventory FOREIGN KEY (shipment_id) REFERENCES public.inventory_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_transfer
    ADD CONSTRAINT inventory_transfer_shipped_by_id_058db446_fk_access_user_id FOREIGN KEY (shipped_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_transfer
    ADD CONSTRAINT inventory_transfer_to_place_id_c56ec473_fk_inventory_place_id FOREIGN KEY (to_place_id) REFERENCES public.inventory_place(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_transferline
    ADD CONSTRAINT inventory_transferli_transfer_id_81657792_fk_inventory FOREIGN KEY (transfer_id) REFERENCES public.inventory_transfer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_transferline
    ADD CONSTRAINT inventory_transferli_variant_id_5b102f6c_fk_catalog_v FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_transferline
    ADD CONSTRAINT inventory_transferline_batch_id_3ebdafdc_fk_inventory_batch_id FOREIGN KEY (batch_id) REFERENCES public.inventory_batch(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inventory_transferline
    ADD CONSTRAINT inventory_transferline_piece_id_5fcf8d17_fk_catalog_piece_id FOREIGN KEY (piece_id) REFERENCES public.catalog_piece(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.journeys_known
    ADD CONSTRAINT journeys_known_customer_id_9ec25b66_fk_customers_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.journeys_known
    ADD CONSTRAINT journeys_known_journey_id_c724c9f6_fk_journeys_journey_id FOREIGN KEY (journey_id) REFERENCES public.journeys_journey(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.journeys_passage
    ADD CONSTRAINT journeys_passage_customer_id_0fb7eb1e_fk_customers_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.journeys_passage
    ADD CONSTRAINT journeys_passage_journey_id_b3c81e6c_fk_journeys_journey_id FOREIGN KEY (journey_id) REFERENCES public.journeys_journey(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.journeys_passage
    ADD CONSTRAINT journeys_passage_version_id_8d38802d_fk_journeys_version_id FOREIGN KEY (version_id) REFERENCES public.journeys_version(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.journeys_passed
    ADD CONSTRAINT journeys_passed_passage_id_88368514_fk_journeys_passage_id FOREIGN KEY (passage_id) REFERENCES public.journeys_passage(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.journeys_version
    ADD CONSTRAINT journeys_version_journey_id_f4705310_fk_journeys_journey_id FOREIGN KEY (journey_id) REFERENCES public.journeys_journey(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.journeys_version
    ADD CONSTRAINT journeys_version_published_by_id_7503ef22_fk_access_user_id FOREIGN KEY (published_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.ledger_accountbalance
    ADD CONSTRAINT ledger_accountbalance_account_id_f744ee12_fk_ledger_account_id FOREIGN KEY (account_id) REFERENCES public.ledger_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.ledger_balancesnapshot
    ADD CONSTRAINT ledger_balancesnapshot_account_id_0f07f321_fk_ledger_account_id FOREIGN KEY (account_id) REFERENCES public.ledger_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.ledger_lot
    ADD CONSTRAINT ledger_lot_reopens_id_5bbd0962_fk_ledger_lot_id FOREIGN KEY (reopens_id) REFERENCES public.ledger_lot(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.ledger_transaction
    ADD CONSTRAINT ledger_transaction_refunds_id_d9969ed6_fk_ledger_transaction_id FOREIGN KEY (refunds_id) REFERENCES public.ledger_transaction(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.ledger_transaction
    ADD CONSTRAINT ledger_transaction_reverses_id_f312c56d_fk_ledger_tr FOREIGN KEY (reverses_id) REFERENCES public.ledger_transaction(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_earningrule
    ADD CONSTRAINT loyalty_earningrule_programme_id_ded4de6c_fk_loyalty_p FOREIGN KEY (programme_id) REFERENCES public.loyalty_programme(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_expirynotice
    ADD CONSTRAINT loyalty_expirynotice_customer_id_8a7e93f0_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_gift
    ADD CONSTRAINT loyalty_gift_programme_id_18705da1_fk_loyalty_programme_id FOREIGN KEY (programme_id) REFERENCES public.loyalty_programme(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_giftgiven
    ADD CONSTRAINT loyalty_giftgiven_customer_id_afc714d4_fk_customers_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_giftgiven
    ADD CONSTRAINT loyalty_giftgiven_gift_id_6430b3dd_fk_loyalty_gift_id FOREIGN KEY (gift_id) REFERENCES public.loyalty_gift(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_level
    ADD CONSTRAINT loyalty_level_programme_id_9912391f_fk_loyalty_programme_id FOREIGN KEY (programme_id) REFERENCES public.loyalty_programme(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_levelchange
    ADD CONSTRAINT loyalty_levelchange_after_id_ae0aba19_fk_loyalty_level_id FOREIGN KEY (after_id) REFERENCES public.loyalty_level(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_levelchange
    ADD CONSTRAINT loyalty_levelchange_before_id_5ba10222_fk_loyalty_level_id FOREIGN KEY (before_id) REFERENCES public.loyalty_level(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_levelchange
    ADD CONSTRAINT loyalty_levelchange_by_id_0f194459_fk_access_user_id FOREIGN KEY (by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_levelchange
    ADD CONSTRAINT loyalty_levelchange_customer_id_d7b9ba27_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_levelgrant
    ADD CONSTRAINT loyalty_levelgrant_by_id_177ebcf5_fk_access_user_id FOREIGN KEY (by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_levelgrant
    ADD CONSTRAINT loyalty_levelgrant_customer_id_8aacaa5c_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_levelgrant
    ADD CONSTRAINT loyalty_levelgrant_level_id_3f8989d6_fk_loyalty_level_id FOREIGN KEY (level_id) REFERENCES public.loyalty_level(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_memberreturn
    ADD CONSTRAINT loyalty_memberreturn_sale_id_25a962ce_fk_loyalty_membersale_id FOREIGN KEY (sale_id) REFERENCES public.loyalty_membersale(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_membersale
    ADD CONSTRAINT loyalty_membersale_customer_id_a0a03095_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_membersale
    ADD CONSTRAINT loyalty_membersale_programme_id_79e54735_fk_loyalty_p FOREIGN KEY (programme_id) REFERENCES public.loyalty_programme(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_membership
    ADD CONSTRAINT loyalty_membership_customer_id_b1b6304c_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_membership
    ADD CONSTRAINT loyalty_membership_level_id_9cc5ab1c_fk_loyalty_level_id FOREIGN KEY (level_id) REFERENCES public.loyalty_level(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_membership
    ADD CONSTRAINT loyalty_membership_programme_id_f2b6da63_fk_loyalty_p FOREIGN KEY (programme_id) REFERENCES public.loyalty_programme(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_membership
    ADD CONSTRAINT loyalty_membership_reached_id_29f4b032_fk_loyalty_level_id FOREIGN KEY (reached_id) REFERENCES public.loyalty_level(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_openingpoints
    ADD CONSTRAINT loyalty_openingpoint_customer_id_1621580b_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_openingpoints
    ADD CONSTRAINT loyalty_openingpoints_run_id_c62410fb_fk_imports_importrun_id FOREIGN KEY (run_id) REFERENCES public.imports_importrun(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_redemption
    ADD CONSTRAINT loyalty_redemption_by_id_276d396e_fk_access_user_id FOREIGN KEY (by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_redemption
    ADD CONSTRAINT loyalty_redemption_customer_id_239f0861_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_redemption
    ADD CONSTRAINT loyalty_redemption_reward_id_8182c49b_fk_loyalty_reward_id FOREIGN KEY (reward_id) REFERENCES public.loyalty_reward(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_referral
    ADD CONSTRAINT loyalty_referral_customer_id_72fcb90f_fk_customers_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_referral
    ADD CONSTRAINT loyalty_referral_referred_id_389c9c72_fk_customers_customer_id FOREIGN KEY (referred_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_referral
    ADD CONSTRAINT loyalty_referral_sale_id_ab788bdf_fk_loyalty_membersale_id FOREIGN KEY (sale_id) REFERENCES public.loyalty_membersale(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_referralcode
    ADD CONSTRAINT loyalty_referralcode_customer_id_57518116_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.loyalty_reward
    ADD CONSTRAINT loyalty_reward_programme_id_35e2fc65_fk_loyalty_programme_id FOREIGN KEY (programme_id) REFERENCES public.loyalty_programme(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.marketing_campaign
    ADD CONSTRAINT marketing_campaign_approved_by_id_93dbc44a_fk_access_user_id FOREIGN KEY (approved_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.marketing_campaign
    ADD CONSTRAINT marketing_campaign_made_by_id_73796c67_fk_access_user_id FOREIGN KEY (made_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.marketing_campaign
    ADD CONSTRAINT marketing_campaign_submitted_by_id_c356d2b3_fk_access_user_id FOREIGN KEY (submitted_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.marketing_campaignstep
    ADD CONSTRAINT marketing_campaignst_campaign_id_c19f3732_fk_marketing FOREIGN KEY (campaign_id) REFERENCES public.marketing_campaign(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.marketing_campaignstep
    ADD CONSTRAINT marketing_campaignstep_user_id_156bc3c8_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.marketing_click
    ADD CONSTRAINT marketing_click_member_id_37f76e90_fk_marketing_member_id FOREIGN KEY (member_id) REFERENCES public.marketing_member(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.marketing_member
    ADD CONSTRAINT marketing_member_campaign_id_80bc48f7_fk_marketing_campaign_id FOREIGN KEY (campaign_id) REFERENCES public.marketing_campaign(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.marketing_member
    ADD CONSTRAINT marketing_member_customer_id_1cbbb825_fk_customers_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.marketing_member
    ADD CONSTRAINT marketing_member_variant_id_31d59a21_fk_marketing_variant_id FOREIGN KEY (variant_id) REFERENCES public.marketing_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.marketing_variant
    ADD CONSTRAINT marketing_variant_campaign_id_823199b2_fk_marketing_campaign_id FOREIGN KEY (campaign_id) REFERENCES public.marketing_campaign(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.marketing_variant
    ADD CONSTRAINT marketing_variant_coupon_kind_id_eb65128a_fk_promotion FOREIGN KEY (coupon_kind_id) REFERENCES public.promotions_couponkind(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.marketing_varianttext
    ADD CONSTRAINT marketing_varianttex_variant_id_f83a16fa_fk_marketing FOREIGN KEY (variant_id) REFERENCES public.marketing_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.messaging_contacted
    ADD CONSTRAINT messaging_contacted_customer_id_ea2b30f3_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.messaging_message
    ADD CONSTRAINT messaging_message_created_by_id_8c40f7ec_fk_access_user_id FOREIGN KEY (created_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.messaging_message
    ADD CONSTRAINT messaging_message_customer_id_8d410b21_fk_customers_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.messaging_message
    ADD CONSTRAINT messaging_message_handover_id_6ffb443c_fk_messaging_handover_id FOREIGN KEY (handover_id) REFERENCES public.messaging_handover(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.messaging_message
    ADD CONSTRAINT messaging_message_store_id_5ee91f57_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.messaging_message
    ADD CONSTRAINT messaging_message_template_id_922791e8_fk_messaging FOREIGN KEY (template_id) REFERENCES public.messaging_templateversion(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.messaging_suppressedperson
    ADD CONSTRAINT messaging_suppressed_customer_id_8771ae54_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.messaging_suppressedperson
    ADD CONSTRAINT messaging_suppressed_suppression_id_78927e8b_fk_messaging FOREIGN KEY (suppression_id) REFERENCES public.messaging_suppression(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.messaging_suppression
    ADD CONSTRAINT messaging_suppression_by_id_734aab79_fk_access_user_id FOREIGN KEY (by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.messaging_templateversion
    ADD CONSTRAINT messaging_templateve_template_id_6d83a9df_fk_messaging FOREIGN KEY (template_id) REFERENCES public.messaging_template(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.messaging_templateversion
    ADD CONSTRAINT messaging_templateversion_by_id_10797930_fk_access_user_id FOREIGN KEY (by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.mfa_authenticator
    ADD CONSTRAINT mfa_authenticator_user_id_0c3a50c0_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.procrastinate_events
    ADD CONSTRAINT procrastinate_events_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.procrastinate_jobs(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES public.procrastinate_workers(id) ON DELETE SET NULL;
ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.procrastinate_jobs(id);
ALTER TABLE ONLY public.promotions_coupon
    ADD CONSTRAINT promotions_coupon_batch_id_c920d039_fk_promotion FOREIGN KEY (batch_id) REFERENCES public.promotions_couponbatch(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.promotions_coupon
    ADD CONSTRAINT promotions_coupon_customer_id_9278a9b2_fk_customers_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.promotions_coupon
    ADD CONSTRAINT promotions_coupon_kind_id_0ceab457_fk_promotions_couponkind_id FOREIGN KEY (kind_id) REFERENCES public.promotions_couponkind(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.promotions_couponbatch
    ADD CONSTRAINT promotions_couponbat_kind_id_d1479375_fk_promotion FOREIGN KEY (kind_id) REFERENCES public.promotions_couponkind(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.promotions_couponbatch
    ADD CONSTRAINT promotions_couponbatch_made_by_id_8b521b42_fk_access_user_id FOREIGN KEY (made_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.promotions_couponkindversion
    ADD CONSTRAINT promotions_couponkin_kind_id_669649a6_fk_promotion FOREIGN KEY (kind_id) REFERENCES public.promotions_couponkind(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.promotions_couponkind
    ADD CONSTRAINT promotions_couponkind_made_by_id_d90690cd_fk_access_user_id FOREIGN KEY (made_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.promotions_couponkindversion
    ADD CONSTRAINT promotions_couponkindversion_by_id_824c90ce_fk_access_user_id FOREIGN KEY (by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.promotions_couponstep
    ADD CONSTRAINT promotions_couponste_coupon_id_194984f0_fk_promotion FOREIGN KEY (coupon_id) REFERENCES public.promotions_coupon(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.promotions_couponstep
    ADD CONSTRAINT promotions_couponstep_user_id_9e41e3f2_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.promotions_coupontally
    ADD CONSTRAINT promotions_coupontal_customer_id_a62b6754_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.promotions_coupontally
    ADD CONSTRAINT promotions_coupontal_kind_id_939fecc2_fk_promotion FOREIGN KEY (kind_id) REFERENCES public.promotions_couponkind(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.promotions_promotiontally
    ADD CONSTRAINT promotions_promotion_customer_id_1898b9cb_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.promotions_promotiongiven
    ADD CONSTRAINT promotions_promotion_customer_id_dc8d6d3d_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.promotions_promotion
    ADD CONSTRAINT promotions_promotion_made_by_id_507607c6_fk_access_user_id FOREIGN KEY (made_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.promotions_promotiongiven
    ADD CONSTRAINT promotions_promotion_promotion_id_3f12464f_fk_promotion FOREIGN KEY (promotion_id) REFERENCES public.promotions_promotion(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.promotions_promotionversion
    ADD CONSTRAINT promotions_promotion_promotion_id_5c01a155_fk_promotion FOREIGN KEY (promotion_id) REFERENCES public.promotions_promotion(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.promotions_promotiontally
    ADD CONSTRAINT promotions_promotion_promotion_id_69e520d6_fk_promotion FOREIGN KEY (promotion_id) REFERENCES public.promotions_promotion(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.promotions_promotionversion
    ADD CONSTRAINT promotions_promotionversion_by_id_ea8a95d6_fk_access_user_id FOREIGN KEY (by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_importedsupplier
    ADD CONSTRAINT purchasing_importeds_run_id_113ad223_fk_imports_i FOREIGN KEY (run_id) REFERENCES public.imports_importrun(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_importedsupplier
    ADD CONSTRAINT purchasing_importeds_supplier_id_7f920bc0_fk_purchasin FOREIGN KEY (supplier_id) REFERENCES public.purchasing_supplier(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_ordercounter
    ADD CONSTRAINT purchasing_ordercounter_store_id_aee74482_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_ordermessage
    ADD CONSTRAINT purchasing_ordermess_order_id_452b3f98_fk_purchasin FOREIGN KEY (order_id) REFERENCES public.purchasing_purchaseorder(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_planline
    ADD CONSTRAINT purchasing_planline_order_line_id_490fc774_fk_purchasin FOREIGN KEY (order_line_id) REFERENCES public.purchasing_purchaseorderline(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_planline
    ADD CONSTRAINT purchasing_planline_plan_id_8d8ff2be_fk_purchasin FOREIGN KEY (plan_id) REFERENCES public.purchasing_purchaseplan(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_planline
    ADD CONSTRAINT purchasing_planline_supplier_id_9d4e60de_fk_purchasin FOREIGN KEY (supplier_id) REFERENCES public.purchasing_supplier(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_planline
    ADD CONSTRAINT purchasing_planline_supplier_price_id_74aa3f07_fk_purchasin FOREIGN KEY (supplier_price_id) REFERENCES public.purchasing_supplierprice(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_planline
    ADD CONSTRAINT purchasing_planline_variant_id_952f2dd9_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_purchaseorder
    ADD CONSTRAINT purchasing_purchaseo_approved_by_id_27318284_fk_access_us FOREIGN KEY (approved_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_purchaseorder
    ADD CONSTRAINT purchasing_purchaseo_legal_entity_id_56e27924_fk_stores_le FOREIGN KEY (legal_entity_id) REFERENCES public.stores_legalentity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_purchaseorderline
    ADD CONSTRAINT purchasing_purchaseo_order_id_9bfdfd15_fk_purchasin FOREIGN KEY (order_id) REFERENCES public.purchasing_purchaseorder(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_purchaseorder
    ADD CONSTRAINT purchasing_purchaseo_plan_id_7cba17ab_fk_purchasin FOREIGN KEY (plan_id) REFERENCES public.purchasing_purchaseplan(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_purchaseorder
    ADD CONSTRAINT purchasing_purchaseo_stock_place_id_eb449eaf_fk_stores_st FOREIGN KEY (stock_place_id) REFERENCES public.stores_stockplace(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_purchaseorder
    ADD CONSTRAINT purchasing_purchaseo_supplier_id_a19ec07a_fk_purchasin FOREIGN KEY (supplier_id) REFERENCES public.purchasing_supplier(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_purchaseorderline
    ADD CONSTRAINT purchasing_purchaseo_supplier_price_id_d5d298d6_fk_purchasin FOREIGN KEY (supplier_price_id) REFERENCES public.purchasing_supplierprice(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_purchaseorderline
    ADD CONSTRAINT purchasing_purchaseo_variant_id_8d62e70d_fk_catalog_v FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_purchaseorder
    ADD CONSTRAINT purchasing_purchaseorder_made_by_id_b9eaf71f_fk_access_user_id FOREIGN KEY (made_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_purchaseorder
    ADD CONSTRAINT purchasing_purchaseorder_store_id_6bcf52f8_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_purchaseplan
    ADD CONSTRAINT purchasing_purchaseplan_made_by_id_17cbd885_fk_access_user_id FOREIGN KEY (made_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_purchaseplan
    ADD CONSTRAINT purchasing_purchaseplan_store_id_b456489e_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_receipt
    ADD CONSTRAINT purchasing_receipt_document_id_25edbdde_fk_inventory FOREIGN KEY (document_id) REFERENCES public.inventory_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_receipt
    ADD CONSTRAINT purchasing_receipt_order_id_c99c0de7_fk_purchasin FOREIGN KEY (order_id) REFERENCES public.purchasing_purchaseorder(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_receipt
    ADD CONSTRAINT purchasing_receipt_received_by_id_61cd62f8_fk_access_user_id FOREIGN KEY (received_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_receipt
    ADD CONSTRAINT purchasing_receipt_store_id_6853e645_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_receiptline
    ADD CONSTRAINT purchasing_receiptli_order_line_id_38838c9d_fk_purchasin FOREIGN KEY (order_line_id) REFERENCES public.purchasing_purchaseorderline(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_receiptline
    ADD CONSTRAINT purchasing_receiptli_receipt_id_72ea6cb0_fk_purchasin FOREIGN KEY (receipt_id) REFERENCES public.purchasing_receipt(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_receiptline
    ADD CONSTRAINT purchasing_receiptli_variant_id_cb7e70fe_fk_catalog_v FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_receiptline
    ADD CONSTRAINT purchasing_receiptline_piece_id_e8b3476e_fk_catalog_piece_id FOREIGN KEY (piece_id) REFERENCES public.catalog_piece(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplier_legal_entities
    ADD CONSTRAINT purchasing_supplier__legalentity_id_dc2046ca_fk_stores_le FOREIGN KEY (legalentity_id) REFERENCES public.stores_legalentity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplier_legal_entities
    ADD CONSTRAINT purchasing_supplier__supplier_id_088121f6_fk_purchasin FOREIGN KEY (supplier_id) REFERENCES public.purchasing_supplier(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplierinvoice
    ADD CONSTRAINT purchasing_supplieri_decided_by_id_87ddccdf_fk_access_us FOREIGN KEY (decided_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplierinvoiceline
    ADD CONSTRAINT purchasing_supplieri_invoice_id_505a3c12_fk_purchasin FOREIGN KEY (invoice_id) REFERENCES public.purchasing_supplierinvoice(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplierinvoice
    ADD CONSTRAINT purchasing_supplieri_legal_entity_id_254e2169_fk_stores_le FOREIGN KEY (legal_entity_id) REFERENCES public.stores_legalentity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplierinvoiceline
    ADD CONSTRAINT purchasing_supplieri_order_line_id_aa2df10c_fk_purchasin FOREIGN KEY (order_line_id) REFERENCES public.purchasing_purchaseorderline(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplierinvoice
    ADD CONSTRAINT purchasing_supplieri_recorded_by_id_63211bdc_fk_access_us FOREIGN KEY (recorded_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplierinvoice
    ADD CONSTRAINT purchasing_supplieri_supplier_id_f14290ba_fk_purchasin FOREIGN KEY (supplier_id) REFERENCES public.purchasing_supplier(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplierprice
    ADD CONSTRAINT purchasing_supplierp_run_id_6c944906_fk_imports_i FOREIGN KEY (run_id) REFERENCES public.imports_importrun(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplierprice
    ADD CONSTRAINT purchasing_supplierp_supplier_id_90f4d2ad_fk_purchasin FOREIGN KEY (supplier_id) REFERENCES public.purchasing_supplier(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplierprice
    ADD CONSTRAINT purchasing_supplierp_variant_id_9e0049eb_fk_catalog_v FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplierreturn
    ADD CONSTRAINT purchasing_supplierr_document_id_30c8385d_fk_inventory FOREIGN KEY (document_id) REFERENCES public.inventory_document(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplierreturn
    ADD CONSTRAINT purchasing_supplierr_order_id_a96dc4f1_fk_purchasin FOREIGN KEY (order_id) REFERENCES public.purchasing_purchaseorder(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplierreturnline
    ADD CONSTRAINT purchasing_supplierr_order_line_id_2683b46c_fk_purchasin FOREIGN KEY (order_line_id) REFERENCES public.purchasing_purchaseorderline(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplierreturn
    ADD CONSTRAINT purchasing_supplierr_returned_by_id_af484abb_fk_access_us FOREIGN KEY (returned_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplierreturn
    ADD CONSTRAINT purchasing_supplierr_supplier_id_4bd5f277_fk_purchasin FOREIGN KEY (supplier_id) REFERENCES public.purchasing_supplier(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplierreturnline
    ADD CONSTRAINT purchasing_supplierr_supplier_return_id_d2351825_fk_purchasin FOREIGN KEY (supplier_return_id) REFERENCES public.purchasing_supplierreturn(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplierreturnline
    ADD CONSTRAINT purchasing_supplierr_variant_id_9b7395df_fk_catalog_v FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplierreturn
    ADD CONSTRAINT purchasing_supplierreturn_store_id_a02cdd00_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplyrule
    ADD CONSTRAINT purchasing_supplyrul_supplier_id_04f280f9_fk_purchasin FOREIGN KEY (supplier_id) REFERENCES public.purchasing_supplier(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplyrule
    ADD CONSTRAINT purchasing_supplyrule_store_id_a65bfeb8_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.purchasing_supplyrule
    ADD CONSTRAINT purchasing_supplyrule_variant_id_6f131511_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_cashcount
    ADD CONSTRAINT sales_cashcount_counted_by_id_a47cfaed_fk_access_user_id FOREIGN KEY (counted_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_cashcount
    ADD CONSTRAINT sales_cashcount_shift_id_d2cc3138_fk_sales_shift_id FOREIGN KEY (shift_id) REFERENCES public.sales_shift(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_cashmovement
    ADD CONSTRAINT sales_cashmovement_made_by_id_7ec77480_fk_access_user_id FOREIGN KEY (made_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_cashmovement
    ADD CONSTRAINT sales_cashmovement_shift_id_ac769f04_fk_sales_shift_id FOREIGN KEY (shift_id) REFERENCES public.sales_shift(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_channelrow
    ADD CONSTRAINT sales_channelrow_legal_entity_id_2f60544e_fk_stores_le FOREIGN KEY (legal_entity_id) REFERENCES public.stores_legalentity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_channelrow
    ADD CONSTRAINT sales_channelrow_payment_id_6a77ef35_fk_sales_payment_id FOREIGN KEY (payment_id) REFERENCES public.sales_payment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_channelrow
    ADD CONSTRAINT sales_channelrow_refund_id_c7dfb7bd_fk_sales_refund_id FOREIGN KEY (refund_id) REFERENCES public.sales_refund(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_channelrow
    ADD CONSTRAINT sales_channelrow_tender_id_b412dfd1_fk_sales_tender_id FOREIGN KEY (tender_id) REFERENCES public.sales_tender(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_creditterms
    ADD CONSTRAINT sales_creditterms_customer_id_79e4b62e_fk_customers_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_creditterms
    ADD CONSTRAINT sales_creditterms_legal_entity_id_eaec8512_fk_stores_le FOREIGN KEY (legal_entity_id) REFERENCES public.stores_legalentity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_creditterms
    ADD CONSTRAINT sales_creditterms_set_by_id_246f1b39_fk_access_user_id FOREIGN KEY (set_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_dayclose
    ADD CONSTRAINT sales_dayclose_closed_by_id_ee45f028_fk_access_user_id FOREIGN KEY (closed_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_dayclose
    ADD CONSTRAINT sales_dayclose_legal_entity_id_e31e6584_fk_stores_le FOREIGN KEY (legal_entity_id) REFERENCES public.stores_legalentity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_dayclose
    ADD CONSTRAINT sales_dayclose_store_id_118aa6dc_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_delivery
    ADD CONSTRAINT sales_delivery_crew_id_51c691f4_fk_sales_deliverycrew_id FOREIGN KEY (crew_id) REFERENCES public.sales_deliverycrew(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_delivery
    ADD CONSTRAINT sales_delivery_customer_id_81a22b32_fk_customers_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_delivery
    ADD CONSTRAINT sales_delivery_done_by_id_feb13afe_fk_access_user_id FOREIGN KEY (done_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_delivery
    ADD CONSTRAINT sales_delivery_made_by_id_0e14fe59_fk_access_user_id FOREIGN KEY (made_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_delivery
    ADD CONSTRAINT sales_delivery_order_id_4a166015_fk_sales_order_id FOREIGN KEY (order_id) REFERENCES public.sales_order(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_delivery
    ADD CONSTRAINT sales_delivery_slot_id_42885db9_fk_sales_deliveryslot_id FOREIGN KEY (slot_id) REFERENCES public.sales_deliveryslot(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_delivery
    ADD CONSTRAINT sales_delivery_store_id_8b14b1c8_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_delivery
    ADD CONSTRAINT sales_delivery_task_id_593b72a9_fk_work_task_id FOREIGN KEY (task_id) REFERENCES public.work_task(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_deliverychange
    ADD CONSTRAINT sales_deliverychange_crew_id_5cecee84_fk_sales_deliverycrew_id FOREIGN KEY (crew_id) REFERENCES public.sales_deliverycrew(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_deliverychange
    ADD CONSTRAINT sales_deliverychange_delivery_id_e69980e0_fk_sales_delivery_id FOREIGN KEY (delivery_id) REFERENCES public.sales_delivery(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_deliverychange
    ADD CONSTRAINT sales_deliverychange_slot_id_57f9461f_fk_sales_deliveryslot_id FOREIGN KEY (slot_id) REFERENCES public.sales_deliveryslot(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_deliverychange
    ADD CONSTRAINT sales_deliverychange_user_id_b51ba2b1_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_deliverycrew_members
    ADD CONSTRAINT sales_deliverycrew_m_deliverycrew_id_ec8598e5_fk_sales_del FOREIGN KEY (deliverycrew_id) REFERENCES public.sales_deliverycrew(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_deliverycrew_members
    ADD CONSTRAINT sales_deliverycrew_members_user_id_16851ce3_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_deliverycrew
    ADD CONSTRAINT sales_deliverycrew_store_id_60d65a68_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_deliveryline
    ADD CONSTRAINT sales_deliveryline_delivery_id_6963ff2a_fk_sales_delivery_id FOREIGN KEY (delivery_id) REFERENCES public.sales_delivery(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_deliveryline
    ADD CONSTRAINT sales_deliveryline_line_id_83ccb3d8_fk_sales_orderline_id FOREIGN KEY (line_id) REFERENCES public.sales_orderline(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_deliveryproof
    ADD CONSTRAINT sales_deliveryproof_added_by_id_92c3766e_fk_access_user_id FOREIGN KEY (added_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_deliveryproof
    ADD CONSTRAINT sales_deliveryproof_delivery_id_1d817971_fk_sales_delivery_id FOREIGN KEY (delivery_id) REFERENCES public.sales_delivery(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_deliverysetting
    ADD CONSTRAINT sales_deliverysetting_store_id_b0e6ccfc_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_deliveryslot
    ADD CONSTRAINT sales_deliveryslot_store_id_3680d793_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_devicegap
    ADD CONSTRAINT sales_devicegap_journal_id_e77e1553_fk_sales_devicejournal_id FOREIGN KEY (journal_id) REFERENCES public.sales_devicejournal(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_devicejournal
    ADD CONSTRAINT sales_devicejournal_device_id_97750191_fk_access_device_id FOREIGN KEY (device_id) REFERENCES public.access_device(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_devicejournal
    ADD CONSTRAINT sales_devicejournal_store_id_deb57ea9_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_draweropening
    ADD CONSTRAINT sales_draweropening_opened_by_id_bb0298da_fk_access_user_id FOREIGN KEY (opened_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_draweropening
    ADD CONSTRAINT sales_draweropening_shift_id_6e928e9e_fk_sales_shift_id FOREIGN KEY (shift_id) REFERENCES public.sales_shift(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_earnedline
    ADD CONSTRAINT sales_earnedline_line_id_358067be_fk_sales_orderline_id FOREIGN KEY (line_id) REFERENCES public.sales_orderline(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_earnedline
    ADD CONSTRAINT sales_earnedline_store_id_bc365cef_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_historyitem
    ADD CONSTRAINT sales_historyitem_run_id_e5e8181d_fk_imports_importrun_id FOREIGN KEY (run_id) REFERENCES public.imports_importrun(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_historyitem
    ADD CONSTRAINT sales_historyitem_store_id_d078fcc5_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_historyitem
    ADD CONSTRAINT sales_historyitem_variant_id_7d56bd4e_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_historyline
    ADD CONSTRAINT sales_historyline_customer_id_1b977db6_fk_customers_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_historyline
    ADD CONSTRAINT sales_historyline_order_id_f27926c9_fk_sales_order_id FOREIGN KEY (order_id) REFERENCES public.sales_order(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_historyline
    ADD CONSTRAINT sales_historyline_run_id_30f1e082_fk_imports_importrun_id FOREIGN KEY (run_id) REFERENCES public.imports_importrun(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_historyline
    ADD CONSTRAINT sales_historyline_store_id_7fb1a005_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_instalment
    ADD CONSTRAINT sales_instalment_order_id_7799d47e_fk_sales_order_id FOREIGN KEY (order_id) REFERENCES public.sales_order(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_lineadjustment
    ADD CONSTRAINT sales_lineadjustment_line_id_b143a5f2_fk_sales_orderline_id FOREIGN KEY (line_id) REFERENCES public.sales_orderline(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_lineissue
    ADD CONSTRAINT sales_lineissue_line_id_f0257e4b_fk_sales_orderline_id FOREIGN KEY (line_id) REFERENCES public.sales_orderline(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_lineissue
    ADD CONSTRAINT sales_lineissue_variant_id_9f2e92e8_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_lineperson
    ADD CONSTRAINT sales_lineperson_line_id_267ae660_fk_sales_orderline_id FOREIGN KEY (line_id) REFERENCES public.sales_orderline(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_lineperson
    ADD CONSTRAINT sales_lineperson_user_id_186059c3_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_offlinegrant
    ADD CONSTRAINT sales_offlinegrant_device_id_bad9f7c9_fk_access_device_id FOREIGN KEY (device_id) REFERENCES public.access_device(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_offlinegrant
    ADD CONSTRAINT sales_offlinegrant_issued_by_id_749534fd_fk_access_user_id FOREIGN KEY (issued_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_offlinegrant
    ADD CONSTRAINT sales_offlinegrant_register_id_d4ae2ea1_fk_stores_register_id FOREIGN KEY (register_id) REFERENCES public.stores_register(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_offlinegrant
    ADD CONSTRAINT sales_offlinegrant_revoked_by_id_8e5b098d_fk_access_user_id FOREIGN KEY (revoked_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_offlinegrant
    ADD CONSTRAINT sales_offlinegrant_store_id_b5617fe9_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_offlinepolicy
    ADD CONSTRAINT sales_offlinepolicy_store_id_f62abd89_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_oldgold
    ADD CONSTRAINT sales_oldgold_day_price_id_bcd72836_fk_catalog_dayprice_id FOREIGN KEY (day_price_id) REFERENCES public.catalog_dayprice(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_oldgold
    ADD CONSTRAINT sales_oldgold_order_id_b087377a_fk_sales_order_id FOREIGN KEY (order_id) REFERENCES public.sales_order(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_oldgold
    ADD CONSTRAINT sales_oldgold_payment_id_cbf10f40_fk_sales_payment_id FOREIGN KEY (payment_id) REFERENCES public.sales_payment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_oldgold
    ADD CONSTRAINT sales_oldgold_store_id_891f2443_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_oldgold
    ADD CONSTRAINT sales_oldgold_taken_by_id_3f2585f5_fk_access_user_id FOREIGN KEY (taken_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_order
    ADD CONSTRAINT sales_order_approved_by_id_946a87c3_fk_access_user_id FOREIGN KEY (approved_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_order
    ADD CONSTRAINT sales_order_customer_id_798c889f_fk_customers_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_order
    ADD CONSTRAINT sales_order_device_id_8a7b0b24_fk_access_device_id FOREIGN KEY (device_id) REFERENCES public.access_device(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_order
    ADD CONSTRAINT sales_order_register_id_91d184da_fk_stores_register_id FOREIGN KEY (register_id) REFERENCES public.stores_register(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_order
    ADD CONSTRAINT sales_order_stage_id_6d878c3b_fk_sales_stage_id FOREIGN KEY (stage_id) REFERENCES public.sales_stage(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_orderchange
    ADD CONSTRAINT sales_orderchange_order_id_65bc3146_fk_sales_order_id FOREIGN KEY (order_id) REFERENCES public.sales_order(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_orderchange
    ADD CONSTRAINT sales_orderchange_user_id_cb46f0d4_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_ordercounter
    ADD CONSTRAINT sales_ordercounter_store_id_bfbf8692_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_orderexception
    ADD CONSTRAINT sales_orderexception_order_id_dc93ea43_fk_sales_order_id FOREIGN KEY (order_id) REFERENCES public.sales_order(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_orderexception
    ADD CONSTRAINT sales_orderexception_seen_by_id_5aa48854_fk_access_user_id FOREIGN KEY (seen_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_orderexception
    ADD CONSTRAINT sales_orderexception_store_id_a84cace9_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_orderline
    ADD CONSTRAINT sales_orderline_order_id_9f597de6_fk_sales_order_id FOREIGN KEY (order_id) REFERENCES public.sales_order(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_orderline
    ADD CONSTRAINT sales_orderline_piece_id_dd40c789_fk_catalog_piece_id FOREIGN KEY (piece_id) REFERENCES public.catalog_piece(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_orderline
    ADD CONSTRAINT sales_orderline_variant_id_6a67c149_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_payment
    ADD CONSTRAINT sales_payment_order_id_65bb0653_fk_sales_order_id FOREIGN KEY (order_id) REFERENCES public.sales_order(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_payment
    ADD CONSTRAINT sales_payment_register_id_9096bcf8_fk_stores_register_id FOREIGN KEY (register_id) REFERENCES public.stores_register(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_receiptprint
    ADD CONSTRAINT sales_receiptprint_order_id_29726008_fk_sales_order_id FOREIGN KEY (order_id) REFERENCES public.sales_order(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_receiptprint
    ADD CONSTRAINT sales_receiptprint_printed_by_id_e86d06c8_fk_access_user_id FOREIGN KEY (printed_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_receiptprint
    ADD CONSTRAINT sales_receiptprint_register_id_4a23a82d_fk_stores_register_id FOREIGN KEY (register_id) REFERENCES public.stores_register(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_receiptprinter
    ADD CONSTRAINT sales_receiptprinter_register_id_d0eacc9a_fk_stores_register_id FOREIGN KEY (register_id) REFERENCES public.stores_register(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_receiptprinter
    ADD CONSTRAINT sales_receiptprinter_store_id_a526a04e_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_receiptsetting
    ADD CONSTRAINT sales_receiptsetting_store_id_88f962de_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_refund
    ADD CONSTRAINT sales_refund_order_id_e4e7c9a4_fk_sales_order_id FOREIGN KEY (order_id) REFERENCES public.sales_order(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_refund
    ADD CONSTRAINT sales_refund_payment_id_db81c21d_fk_sales_payment_id FOREIGN KEY (payment_id) REFERENCES public.sales_payment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_refund
    ADD CONSTRAINT sales_refund_register_id_afe52080_fk_stores_register_id FOREIGN KEY (register_id) REFERENCES public.stores_register(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_refund
    ADD CONSTRAINT sales_refund_sale_return_id_34e4d293_fk_sales_salereturn_id FOREIGN KEY (sale_return_id) REFERENCES public.sales_salereturn(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_refund
    ADD CONSTRAINT sales_refund_tender_id_7baa1431_fk_sales_tender_id FOREIGN KEY (tender_id) REFERENCES public.sales_tender(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_refund
    ADD CONSTRAINT sales_refund_user_id_75a4afd3_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_returnline
    ADD CONSTRAINT sales_returnline_line_id_0498a5fe_fk_sales_orderline_id FOREIGN KEY (line_id) REFERENCES public.sales_orderline(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_returnline
    ADD CONSTRAINT sales_returnline_sale_return_id_1d68640a_fk_sales_salereturn_id FOREIGN KEY (sale_return_id) REFERENCES public.sales_salereturn(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_salereturn
    ADD CONSTRAINT sales_salereturn_exchange_id_726849e3_fk_sales_order_id FOREIGN KEY (exchange_id) REFERENCES public.sales_order(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_salereturn
    ADD CONSTRAINT sales_salereturn_order_id_7c5e856a_fk_sales_order_id FOREIGN KEY (order_id) REFERENCES public.sales_order(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_salereturn
    ADD CONSTRAINT sales_salereturn_store_id_0542dd60_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_salereturn
    ADD CONSTRAINT sales_salereturn_user_id_59d4d1b9_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_shift
    ADD CONSTRAINT sales_shift_closed_by_id_4f19ce67_fk_access_user_id FOREIGN KEY (closed_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_shift
    ADD CONSTRAINT sales_shift_counted_by_id_294ea496_fk_access_user_id FOREIGN KEY (counted_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_shift
    ADD CONSTRAINT sales_shift_legal_entity_id_e56ff1d1_fk_stores_legalentity_id FOREIGN KEY (legal_entity_id) REFERENCES public.stores_legalentity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_shift
    ADD CONSTRAINT sales_shift_opened_by_id_92f53355_fk_access_user_id FOREIGN KEY (opened_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_shift
    ADD CONSTRAINT sales_shift_register_id_eddcf7e2_fk_stores_register_id FOREIGN KEY (register_id) REFERENCES public.stores_register(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_shift
    ADD CONSTRAINT sales_shift_store_id_9a03423d_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_shift
    ADD CONSTRAINT sales_shift_taken_over_from_id_43d098e1_fk_sales_shift_id FOREIGN KEY (taken_over_from_id) REFERENCES public.sales_shift(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_slotday
    ADD CONSTRAINT sales_slotday_slot_id_8dd00f4a_fk_sales_deliveryslot_id FOREIGN KEY (slot_id) REFERENCES public.sales_deliveryslot(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_stageentry
    ADD CONSTRAINT sales_stageentry_order_id_7ceeb686_fk_sales_order_id FOREIGN KEY (order_id) REFERENCES public.sales_order(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_stageentry
    ADD CONSTRAINT sales_stageentry_stage_id_6532725e_fk_sales_stage_id FOREIGN KEY (stage_id) REFERENCES public.sales_stage(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_stageentry
    ADD CONSTRAINT sales_stageentry_task_id_5fefcdad_fk_work_task_id FOREIGN KEY (task_id) REFERENCES public.work_task(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_stageentry
    ADD CONSTRAINT sales_stageentry_user_id_a4e2a3c9_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_tender
    ADD CONSTRAINT sales_tender_fallback_id_665477ca_fk_sales_tender_id FOREIGN KEY (fallback_id) REFERENCES public.sales_tender(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_zreport
    ADD CONSTRAINT sales_zreport_close_id_6019c205_fk_sales_dayclose_id FOREIGN KEY (close_id) REFERENCES public.sales_dayclose(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_zreport
    ADD CONSTRAINT sales_zreport_register_id_e62759fa_fk_stores_register_id FOREIGN KEY (register_id) REFERENCES public.stores_register(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.sales_zreport
    ADD CONSTRAINT sales_zreport_store_id_44d7af25_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.segments_segment
    ADD CONSTRAINT segments_segment_owner_id_87e0a78b_fk_access_user_id FOREIGN KEY (owner_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.segments_segmentcount
    ADD CONSTRAINT segments_segmentcoun_segment_id_0c006d18_fk_segments_ FOREIGN KEY (segment_id) REFERENCES public.segments_segment(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stores_calendarday
    ADD CONSTRAINT stores_calendarday_store_id_c1cac40b_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stores_holding
    ADD CONSTRAINT stores_holding_legal_entity_id_2ee4fee3_fk_stores_le FOREIGN KEY (legal_entity_id) REFERENCES public.stores_legalentity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stores_holding
    ADD CONSTRAINT stores_holding_partner_id_d8cf23a4_fk_stores_partner_id FOREIGN KEY (partner_id) REFERENCES public.stores_partner(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stores_openinghours
    ADD CONSTRAINT stores_openinghours_store_id_c322124b_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stores_partner
    ADD CONSTRAINT stores_partner_user_id_dd7adc02_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stores_posting
    ADD CONSTRAINT stores_posting_legal_entity_id_b45621ad_fk_stores_le FOREIGN KEY (legal_entity_id) REFERENCES public.stores_legalentity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stores_posting
    ADD CONSTRAINT stores_posting_region_id_a133dcff_fk_stores_region_id FOREIGN KEY (region_id) REFERENCES public.stores_region(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stores_posting
    ADD CONSTRAINT stores_posting_role_id_19433a68_fk_access_role_id FOREIGN KEY (role_id) REFERENCES public.access_role(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stores_posting
    ADD CONSTRAINT stores_posting_staff_id_943c413a_fk_stores_staff_id FOREIGN KEY (staff_id) REFERENCES public.stores_staff(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stores_posting
    ADD CONSTRAINT stores_posting_store_id_38f59a8e_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stores_region
    ADD CONSTRAINT stores_region_parent_id_c87e34c0_fk_stores_region_id FOREIGN KEY (parent_id) REFERENCES public.stores_region(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stores_register
    ADD CONSTRAINT stores_register_store_id_96a049b5_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stores_staff
    ADD CONSTRAINT stores_staff_legal_entity_id_e61b9472_fk_stores_legalentity_id FOREIGN KEY (legal_entity_id) REFERENCES public.stores_legalentity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stores_staff
    ADD CONSTRAINT stores_staff_successor_id_8854fd03_fk_stores_staff_id FOREIGN KEY (successor_id) REFERENCES public.stores_staff(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stores_staff
    ADD CONSTRAINT stores_staff_user_id_a7f62d13_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stores_stockplace
    ADD CONSTRAINT stores_stockplace_store_id_30e7fee4_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stores_store
    ADD CONSTRAINT stores_store_legal_entity_id_32f189c9_fk_stores_legalentity_id FOREIGN KEY (legal_entity_id) REFERENCES public.stores_legalentity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.stores_store
    ADD CONSTRAINT stores_store_region_id_3df8e678_fk_stores_region_id FOREIGN KEY (region_id) REFERENCES public.stores_region(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_carditem
    ADD CONSTRAINT wallets_carditem_card_id_c6457e0f_fk_wallets_sessioncard_id FOREIGN KEY (card_id) REFERENCES public.wallets_sessioncard(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_carditem
    ADD CONSTRAINT wallets_carditem_sessions_id_a768518b_fk_ledger_account_id FOREIGN KEY (sessions_id) REFERENCES public.ledger_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_carditem
    ADD CONSTRAINT wallets_carditem_value_id_7bf6e992_fk_ledger_account_id FOREIGN KEY (value_id) REFERENCES public.ledger_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_carditem
    ADD CONSTRAINT wallets_carditem_variant_id_6afcf4ed_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_cardkind_stores
    ADD CONSTRAINT wallets_cardkind_sto_cardkind_id_a322c8f4_fk_wallets_c FOREIGN KEY (cardkind_id) REFERENCES public.wallets_cardkind(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_cardkind_stores
    ADD CONSTRAINT wallets_cardkind_stores_store_id_efa82fb8_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_cardkinditem
    ADD CONSTRAINT wallets_cardkinditem_kind_id_fb0b495a_fk_wallets_cardkind_id FOREIGN KEY (kind_id) REFERENCES public.wallets_cardkind(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_cardkinditem
    ADD CONSTRAINT wallets_cardkinditem_variant_id_02053abd_fk_catalog_variant_id FOREIGN KEY (variant_id) REFERENCES public.catalog_variant(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_carduse
    ADD CONSTRAINT wallets_carduse_card_id_7714e526_fk_wallets_sessioncard_id FOREIGN KEY (card_id) REFERENCES public.wallets_sessioncard(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_carduse
    ADD CONSTRAINT wallets_carduse_customer_id_7178ca63_fk_customers_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_carduse
    ADD CONSTRAINT wallets_carduse_store_id_63377508_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_carduseline
    ADD CONSTRAINT wallets_carduseline_item_id_b9dde9d0_fk_wallets_carditem_id FOREIGN KEY (item_id) REFERENCES public.wallets_carditem(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_carduseline
    ADD CONSTRAINT wallets_carduseline_use_id_ef89ff6b_fk_wallets_carduse_id FOREIGN KEY (use_id) REFERENCES public.wallets_carduse(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_confirmation
    ADD CONSTRAINT wallets_confirmation_customer_id_8631b5f5_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_conversion
    ADD CONSTRAINT wallets_conversion_card_id_d72dcdeb_fk_wallets_sessioncard_id FOREIGN KEY (card_id) REFERENCES public.wallets_sessioncard(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_conversion
    ADD CONSTRAINT wallets_conversion_into_id_dbd2afa8_fk_wallets_sessioncard_id FOREIGN KEY (into_id) REFERENCES public.wallets_sessioncard(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_extension
    ADD CONSTRAINT wallets_extension_card_id_69366fcd_fk_wallets_sessioncard_id FOREIGN KEY (card_id) REFERENCES public.wallets_sessioncard(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_extension
    ADD CONSTRAINT wallets_extension_user_id_5ab085ed_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_freeze
    ADD CONSTRAINT wallets_freeze_card_id_2b1dad7c_fk_wallets_sessioncard_id FOREIGN KEY (card_id) REFERENCES public.wallets_sessioncard(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_freeze
    ADD CONSTRAINT wallets_freeze_ended_by_id_a5041ec6_fk_access_user_id FOREIGN KEY (ended_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_freeze
    ADD CONSTRAINT wallets_freeze_user_id_00f37ced_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_freeze
    ADD CONSTRAINT wallets_freeze_wallet_id_32ddcca1_fk_wallets_wallet_id FOREIGN KEY (wallet_id) REFERENCES public.wallets_wallet(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_offer_stores
    ADD CONSTRAINT wallets_offer_stores_offer_id_f723e876_fk_wallets_offer_id FOREIGN KEY (offer_id) REFERENCES public.wallets_offer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_offer_stores
    ADD CONSTRAINT wallets_offer_stores_store_id_38244d32_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_offerstep
    ADD CONSTRAINT wallets_offerstep_offer_id_d545a0ae_fk_wallets_offer_id FOREIGN KEY (offer_id) REFERENCES public.wallets_offer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_refund
    ADD CONSTRAINT wallets_refund_card_id_46566106_fk_wallets_sessioncard_id FOREIGN KEY (card_id) REFERENCES public.wallets_sessioncard(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_refund
    ADD CONSTRAINT wallets_refund_store_id_e3a0dc89_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_refund
    ADD CONSTRAINT wallets_refund_user_id_63e4abda_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_refund
    ADD CONSTRAINT wallets_refund_wallet_id_0fd824e4_fk_wallets_wallet_id FOREIGN KEY (wallet_id) REFERENCES public.wallets_wallet(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_reissue
    ADD CONSTRAINT wallets_reissue_card_id_bf63be61_fk_wallets_sessioncard_id FOREIGN KEY (card_id) REFERENCES public.wallets_sessioncard(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_reissue
    ADD CONSTRAINT wallets_reissue_user_id_728c15f9_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_reissue
    ADD CONSTRAINT wallets_reissue_wallet_id_2314672b_fk_wallets_wallet_id FOREIGN KEY (wallet_id) REFERENCES public.wallets_wallet(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_sessioncard
    ADD CONSTRAINT wallets_sessioncard_customer_id_a186101e_fk_customers FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_sessioncard
    ADD CONSTRAINT wallets_sessioncard_kind_id_04e4adfb_fk_wallets_cardkind_id FOREIGN KEY (kind_id) REFERENCES public.wallets_cardkind(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_sessioncard
    ADD CONSTRAINT wallets_sessioncard_legal_entity_id_bf40668e_fk_stores_le FOREIGN KEY (legal_entity_id) REFERENCES public.stores_legalentity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_sessioncard
    ADD CONSTRAINT wallets_sessioncard_run_id_1632226b_fk_imports_importrun_id FOREIGN KEY (run_id) REFERENCES public.imports_importrun(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_sessioncard
    ADD CONSTRAINT wallets_sessioncard_sold_to_id_49a6960a_fk_customers FOREIGN KEY (sold_to_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_sessioncard
    ADD CONSTRAINT wallets_sessioncard_store_id_0d7df075_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_term
    ADD CONSTRAINT wallets_term_checked_by_id_6d0ce55f_fk_access_user_id FOREIGN KEY (checked_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_term
    ADD CONSTRAINT wallets_term_legal_entity_id_1eb2cd11_fk_stores_legalentity_id FOREIGN KEY (legal_entity_id) REFERENCES public.stores_legalentity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_term
    ADD CONSTRAINT wallets_term_set_by_id_ca3d9b1d_fk_access_user_id FOREIGN KEY (set_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_topup
    ADD CONSTRAINT wallets_topup_offer_id_5882f30f_fk_wallets_offer_id FOREIGN KEY (offer_id) REFERENCES public.wallets_offer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_topup
    ADD CONSTRAINT wallets_topup_origin_id_9e697d2a_fk_wallets_topup_id FOREIGN KEY (origin_id) REFERENCES public.wallets_topup(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_topup
    ADD CONSTRAINT wallets_topup_run_id_e63caa12_fk_imports_importrun_id FOREIGN KEY (run_id) REFERENCES public.imports_importrun(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_topup
    ADD CONSTRAINT wallets_topup_store_id_986cb2f4_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_topup
    ADD CONSTRAINT wallets_topup_wallet_id_ca043f68_fk_wallets_wallet_id FOREIGN KEY (wallet_id) REFERENCES public.wallets_wallet(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_transfer
    ADD CONSTRAINT wallets_transfer_card_id_0fa7c82c_fk_wallets_sessioncard_id FOREIGN KEY (card_id) REFERENCES public.wallets_sessioncard(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_transfer
    ADD CONSTRAINT wallets_transfer_from_customer_id_2c5c0ea8_fk_customers FOREIGN KEY (from_customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_transfer
    ADD CONSTRAINT wallets_transfer_into_id_318e79d3_fk_wallets_wallet_id FOREIGN KEY (into_id) REFERENCES public.wallets_wallet(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_transfer
    ADD CONSTRAINT wallets_transfer_to_customer_id_b146fee5_fk_customers FOREIGN KEY (to_customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_transfer
    ADD CONSTRAINT wallets_transfer_user_id_412f669a_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_transfer
    ADD CONSTRAINT wallets_transfer_wallet_id_31240d39_fk_wallets_wallet_id FOREIGN KEY (wallet_id) REFERENCES public.wallets_wallet(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_wallet
    ADD CONSTRAINT wallets_wallet_bonus_id_6fb0e235_fk_ledger_account_id FOREIGN KEY (bonus_id) REFERENCES public.ledger_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_wallet
    ADD CONSTRAINT wallets_wallet_customer_id_87ad5620_fk_customers_customer_id FOREIGN KEY (customer_id) REFERENCES public.customers_customer(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_wallet
    ADD CONSTRAINT wallets_wallet_legal_entity_id_e9b8db4e_fk_stores_le FOREIGN KEY (legal_entity_id) REFERENCES public.stores_legalentity(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_wallet
    ADD CONSTRAINT wallets_wallet_principal_id_73af336f_fk_ledger_account_id FOREIGN KEY (principal_id) REFERENCES public.ledger_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_wallet
    ADD CONSTRAINT wallets_wallet_promotional_id_6d9b5039_fk_ledger_account_id FOREIGN KEY (promotional_id) REFERENCES public.ledger_account(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.wallets_wallet
    ADD CONSTRAINT wallets_wallet_store_id_689c4cd1_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.web_export
    ADD CONSTRAINT web_export_user_id_5d996e29_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.web_listpreference
    ADD CONSTRAINT web_listpreference_user_id_ab38d954_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.web_savedview
    ADD CONSTRAINT web_savedview_user_id_3a65976a_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_approval
    ADD CONSTRAINT work_approval_closed_by_id_603f0e1c_fk_access_user_id FOREIGN KEY (closed_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_approval
    ADD CONSTRAINT work_approval_requested_by_id_ce971cf4_fk_access_user_id FOREIGN KEY (requested_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_approval
    ADD CONSTRAINT work_approval_store_id_20978aad_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_approvalpolicy_checkers
    ADD CONSTRAINT work_approvalpolicy__approvalpolicy_id_be933d76_fk_work_appr FOREIGN KEY (approvalpolicy_id) REFERENCES public.work_approvalpolicy(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_approvalpolicy_checkers
    ADD CONSTRAINT work_approvalpolicy_checkers_user_id_ceffdd28_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_approvalpolicy
    ADD CONSTRAINT work_approvalpolicy_store_id_c754751e_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_assignmentrule
    ADD CONSTRAINT work_assignmentrule_person_id_cd83b0b5_fk_access_user_id FOREIGN KEY (person_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_assignmentrule
    ADD CONSTRAINT work_assignmentrule_region_id_aa633fc0_fk_stores_region_id FOREIGN KEY (region_id) REFERENCES public.stores_region(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_assignmentrule
    ADD CONSTRAINT work_assignmentrule_skill_id_08d16453_fk_work_skill_id FOREIGN KEY (skill_id) REFERENCES public.work_skill(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_assignmentrule
    ADD CONSTRAINT work_assignmentrule_store_id_40037176_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_checklistitem
    ADD CONSTRAINT work_checklistitem_done_by_id_85265838_fk_access_user_id FOREIGN KEY (done_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_checklistitem
    ADD CONSTRAINT work_checklistitem_task_id_b9ded2fa_fk_work_task_id FOREIGN KEY (task_id) REFERENCES public.work_task(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_comment
    ADD CONSTRAINT work_comment_author_id_18e6d9fe_fk_access_user_id FOREIGN KEY (author_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_comment
    ADD CONSTRAINT work_comment_task_id_ffef356b_fk_work_task_id FOREIGN KEY (task_id) REFERENCES public.work_task(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_notification
    ADD CONSTRAINT work_notification_user_id_f700640d_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_notificationpreference
    ADD CONSTRAINT work_notificationpreference_user_id_b168ce96_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_recurringtask
    ADD CONSTRAINT work_recurringtask_created_by_id_bf134d54_fk_access_user_id FOREIGN KEY (created_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_recurringtask
    ADD CONSTRAINT work_recurringtask_owner_id_219fa303_fk_access_user_id FOREIGN KEY (owner_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_recurringtask
    ADD CONSTRAINT work_recurringtask_skill_id_c6350e28_fk_work_skill_id FOREIGN KEY (skill_id) REFERENCES public.work_skill(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_recurringtask
    ADD CONSTRAINT work_recurringtask_store_id_2437a18e_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_staffskill
    ADD CONSTRAINT work_staffskill_skill_id_b03a9635_fk_work_skill_id FOREIGN KEY (skill_id) REFERENCES public.work_skill(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_staffskill
    ADD CONSTRAINT work_staffskill_staff_id_fee5fa68_fk_stores_staff_id FOREIGN KEY (staff_id) REFERENCES public.stores_staff(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_task
    ADD CONSTRAINT work_task_completed_by_id_699e5e34_fk_access_user_id FOREIGN KEY (completed_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_task
    ADD CONSTRAINT work_task_created_by_id_2b386c3c_fk_access_user_id FOREIGN KEY (created_by_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_task
    ADD CONSTRAINT work_task_owner_id_40f60110_fk_access_user_id FOREIGN KEY (owner_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_task
    ADD CONSTRAINT work_task_recurring_id_1189fede_fk_work_recurringtask_id FOREIGN KEY (recurring_id) REFERENCES public.work_recurringtask(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_task
    ADD CONSTRAINT work_task_skill_id_61c2f9f9_fk_work_skill_id FOREIGN KEY (skill_id) REFERENCES public.work_skill(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_task
    ADD CONSTRAINT work_task_store_id_2f787875_fk_stores_store_id FOREIGN KEY (store_id) REFERENCES public.stores_store(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_task_watchers
    ADD CONSTRAINT work_task_watchers_task_id_bd76c91f_fk_work_task_id FOREIGN KEY (task_id) REFERENCES public.work_task(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.work_task_watchers
    ADD CONSTRAINT work_task_watchers_user_id_59d25fd8_fk_access_user_id FOREIGN KEY (user_id) REFERENCES public.access_user(id) DEFERRABLE INITIALLY DEFERRED;
INSERT INTO public.customers_processingactivity VALUES (1, '会员档案', '登记会员，识别到店顾客，提供会员价、积分和售后', '为订立、履行合同所必需；顾客同意', '姓名、称呼、手机号、会员号、性别、到店门店、来源渠道', '', '会员存续期间；注销后销毁密钥，只留编号', false, NULL);
INSERT INTO public.customers_processingactivity VALUES (2, '生日与纪念日关怀', '生日（公历、农历）与纪念日的祝福、提醒和礼遇', '顾客同意', '生日、纪念日、子女生日', '', '顾客撤回同意或注销为止', false, NULL);
INSERT INTO public.customers_processingactivity VALUES (3, '营销信息发送', '按顾客选择的渠道发送优惠和新品信息', '顾客对该渠道的单独同意，可随时撤回', '手机号、邮箱、微信标识、同意记录', '短信、邮件、微信等发送服务商（受托处理）', '撤回同意后即停止；同意记录保留三年以证明合规', false, NULL);
INSERT INTO public.customers_processingactivity VALUES (4, '个性化推荐', '根据消费和偏好推荐商品与服务，并提供不针对个人特征的选项', '顾客同意；自动化决策不影响交易价格', '偏好、标签、消费记录、到店记录', '', '顾客撤回同意或注销为止', false, NULL);
INSERT INTO public.customers_processingactivity VALUES (5, '收货与上门服务', '送货、安装、量尺、维修上门', '为履行合同所必需', '收货人、收货电话、地址', '物流、安装服务商（只给本单所需）', '售后期满后一年', false, NULL);
INSERT INTO public.customers_processingactivity VALUES (6, '交易与账务记录', '订单、储值、积分、退款、发票及对账', '为履行合同和法定义务所必需', '订单、支付流水、余额变动、发票信息', '支付机构、税务机关（依法）', '会计凭证依法保存三十年；交易信息不少于三年', false, NULL);
INSERT INTO public.customers_processingactivity VALUES (7, '预付卡实名信息', '按单用途商业预付卡规定登记购卡人', '履行法定义务', '姓名、证件类型与号码、联系方式', '商务主管部门（依法）', '五年', true, NULL);
INSERT INTO public.customers_processingactivity VALUES (8, '健康与护理信息', '护理前了解过敏、皮肤状况和禁忌，保障安全', '顾客单独同意', '过敏史、皮肤状况、护理记录', '', '最后一次护理后两年，或顾客撤回同意为止', true, NULL);
INSERT INTO public.customers_processingactivity VALUES (9, '未成年人信息', '为不满十四周岁的顾客提供其监护人要求的服务', '监护人单独同意', '姓名、生日、监护人联系方式', '', '服务结束或监护人撤回同意为止；不用于营销', true, NULL);
INSERT INTO public.customers_processingactivity VALUES (10, '重复档案识别', '发现并合并同一顾客的多份档案，避免误发和误扣', '为履行合同所必需；保证信息准确', '姓名、手机号、邮箱、生日、地址的比对结果', '', '比对得分随档案保存，注销时清空', false, NULL);
INSERT INTO public.customers_processingactivity VALUES (11, '个人信息权利请求', '受理查询、复制、更正、删除、撤回同意等请求并计时答复', '履行法定义务', '请求内容、身份核验方式、答复与时间', '', '答复后三年', false, NULL);
INSERT INTO public.customers_processingactivity VALUES (12, '登录与操作日志', '保障安全，查明谁在何时查看、修改、导出了什么', '履行法定义务', '员工账号、时间、操作、顾客编号（不含姓名和电话）', '', '不少于六个月', false, NULL);
INSERT INTO public.wallets_term VALUES (1, 'named_cap', '500000', '', '2012-11-01', NULL, '单用途商业预付卡管理办法（试行）：记名卡限额 5,000 元。请商家核对是否适用于本行业及本省。', NULL, NULL, NULL, NULL);
INSERT INTO public.wallets_term VALUES (2, 'unnamed_cap', '100000', '', '2012-11-01', NULL, '单用途商业预付卡管理办法（试行）：不记名卡限额 1,000 元。请商家核对是否适用于本行业及本省。', NULL, NULL, NULL, NULL);
INSERT INTO public.wallets_term VALUES (3, 'unnamed_least_days', '1096', '', '2012-11-01', NULL, '单用途商业预付卡管理办法（试行）：不记名卡有效期不少于 3 年，余额应可激活或换卡。请商家核对。', NULL, NULL, NULL, NULL);
INSERT INTO public.wallets_term VALUES (4, 'identity_from', '1000000', '', '2012-11-01', NULL, '单用途商业预付卡管理办法（试行）：购卡 1 万元（含）以上登记身份证件。请商家核对。', NULL, NULL, NULL, NULL);
INSERT INTO public.wallets_term VALUES (5, 'cash_below', '5000000', '', '2012-11-01', NULL, '单用途商业预付卡管理办法（试行）：个人购卡 5 万元（含）以上须转账。请商家核对。', NULL, NULL, NULL, NULL);
INSERT INTO public.wallets_term VALUES (6, 'cooling_off_days', '7', '', '2025-05-01', NULL, '法释〔2025〕4号：付款后七日内、未享受同种商品或服务的，可要求返还预付款本金。请商家核对。', NULL, NULL, NULL, NULL);
INSERT INTO public.wallets_term VALUES (7, 'bonus_may_expire', '1', '', '2012-11-01', NULL, '赠金是否可过期，各省规定与合同约定不一。请商家核对。', NULL, NULL, NULL, NULL);
INSERT INTO public.wallets_term VALUES (8, 'bonus_grace_days', '7', '', '2012-11-01', NULL, '商家约定：退货退回已过期赠金时的宽限天数。', NULL, NULL, NULL, NULL);
INSERT INTO public.wallets_term VALUES (9, 'spend_order', 'BONUS_FIRST', '', '2012-11-01', NULL, '商家约定：先用赠金。请与会员协议核对。', NULL, NULL, NULL, NULL);
INSERT INTO public.wallets_term VALUES (10, 'cross_entity_use', '1', '', '2012-11-01', NULL, '商家约定：跨主体门店通用，主体之间记往来。', NULL, NULL, NULL, NULL);
INSERT INTO public.wallets_term VALUES (11, 'bonus_settled', '1', '', '2012-11-01', NULL, '商家约定：跨主体使用的赠金也由收款主体结算。', NULL, NULL, NULL, NULL);
INSERT INTO public.wallets_term VALUES (12, 'wallet_refund', 'PAID_SHARE', '', '2025-05-01', NULL, '司法解释征求意见稿：消费按 实付÷（实付＋赠送）折算。请商家对照正式文本核对。', NULL, NULL, NULL, NULL);
INSERT INTO public.wallets_term VALUES (13, 'card_refund', 'VALUE_LEFT', '', '2012-11-01', NULL, '商家约定：按未使用的付费次数的价值退。请与会员协议核对。', NULL, NULL, NULL, NULL);
SELECT pg_catalog.setval('public.customers_processingactivity_id_seq', 12, true);
SELECT pg_catalog.setval('public.wallets_term_id_seq', 13, true);
INSERT INTO public.django_migrations (app, name, applied) VALUES
    ('access', '0001_initial', now()),
    ('account', '0001_initial', now()),
    ('account', '0002_email_max_length', now()),
    ('account', '0003_alter_emailaddress_create_unique_verified_email', now()),
    ('account', '0004_alter_emailaddress_drop_unique_email', now()),
    ('account', '0005_emailaddress_idx_upper_email', now()),
    ('account', '0006_emailaddress_lower', now()),
    ('account', '0007_emailaddress_idx_email', now()),
    ('account', '0008_emailaddress_unique_primary_email_fixup', now()),
    ('account', '0009_emailaddress_unique_primary_email', now()),
    ('api', '0001_initial', now()),
    ('contenttypes', '0001_initial', now()),
    ('contenttypes', '0002_remove_content_type_name', now()),
    ('auth', '0001_initial', now()),
    ('auth', '0002_alter_permission_name_max_length', now()),
    ('auth', '0003_alter_user_email_max_length', now()),
    ('auth', '0004_alter_user_username_opts', now()),
    ('auth', '0005_alter_user_last_login_null', now()),
    ('auth', '0006_require_contenttypes_0002', now()),
    ('auth', '0007_alter_validators_add_error_messages', now()),
    ('auth', '0008_alter_user_username_max_length', now()),
    ('auth', '0009_alter_user_last_name_max_length', now()),
    ('auth', '0010_alter_group_name_max_length', now()),
    ('auth', '0011_update_proxy_permissions', now()),
    ('auth', '0012_alter_user_first_name_max_length', now()),
    ('axes', '0001_initial', now()),
    ('axes', '0002_auto_20151217_2044', now()),
    ('axes', '0003_auto_20160322_0929', now()),
    ('axes', '0004_auto_20181024_1538', now()),
    ('axes', '0005_remove_accessattempt_trusted', now()),
    ('axes', '0006_remove_accesslog_trusted', now()),
    ('axes', '0007_alter_accessattempt_unique_together', now()),
    ('axes', '0008_accessfailurelog', now()),
    ('axes', '0009_add_session_hash', now()),
    ('axes', '0010_accessattemptexpiration', now()),
    ('core', '0001_initial', now()),
    ('imports', '0001_initial', now()),
    ('stores', '0001_initial', now()),
    ('stores', '0002_search_words', now()),
    ('stores', '0003_staff_by_words', now()),
    ('stores', '0004_fill_search_words', now()),
    ('stores', '0005_demo_leaves', now()),
    ('work', '0001_initial', now()),
    ('catalog', '0001_initial', now()),
    ('catalog', '0002_prices', now()),
    ('catalog', '0003_imported_pieces', now()),
    ('catalog', '0004_names_begin', now()),
    ('customers', '0001_initial', now()),
    ('customers', '0002_numbers', now()),
    ('customers', '0003_guards', now()),
    ('customers', '0004_erasing', now()),
    ('customers', '0005_register', now()),
    ('customers', '0006_dates_by_key', now()),
    ('customers', '0007_tag_merges', now()),
    ('customers', '0008_lists_in_order', now()),
    ('customers', '0009_phones_by_six_digits', now()),
    ('customers', '0010_index_six_digits', now()),
    ('customers', '0011_fill_six_digits', now()),
    ('customers', '0012_index_heads', now()),
    ('clienteling', '0001_lists', now()),
    ('config', '0001_initial', now()),
    ('customers', '0013_notes_by_day', now()),
    ('events', '0001_initial', now()),
    ('insight', '0001_initial', now()),
    ('insight', '0002_forecast', now()),
    ('insight', '0003_proposals', now()),
    ('insight', '0004_asked_indexes', now()),
    ('insight', '0005_reports', now()),
    ('insight', '0006_contact_preference', now()),
    ('inventory', '0001_initial', now()),
    ('inventory', '0002_guards', now()),
    ('inventory', '0003_transfers_counts_custody', now()),
    ('inventory', '0004_counts_stand_by_batch', now()),
    ('inventory', '0005_stores_keep_their_entity', now()),
    ('inventory', '0006_posting_in_fewer_statements', now()),
    ('journeys', '0001_initial', now()),
    ('ledger', '0001_initial', now()),
    ('ledger', '0002_guards', now()),
    ('loyalty', '0001_initial', now()),
    ('loyalty', '0002_guards', now()),
    ('promotions', '0001_initial', now()),
    ('promotions', '0002_guards', now()),
    ('marketing', '0001_initial', now()),
    ('messaging', '0001_initial', now()),
    ('messaging', '0002_guards', now()),
    ('messaging', '0003_when_sent', now()),
    ('messaging', '0004_wechat', now()),
    ('messaging', '0005_wecom', now()),
    ('messaging', '0006_handed_messages', now()),
    ('messaging', '0007_reports_trouble', now()),
    ('mfa', '0001_initial', now()),
    ('mfa', '0002_authenticator_timestamps', now()),
    ('mfa', '0003_authenticator_type_uniq', now()),
    ('procrastinate', '0001_initial', now()),
    ('procrastinate', '0002_drop_started_at_column', now()),
    ('procrastinate', '0003_drop_started_at_column', now()),
    ('procrastinate', '0004_drop_procrastinate_version_table', now()),
    ('procrastinate', '0005_fix_procrastinate_fetch_job', now()),
    ('procrastinate', '0006_fix_trigger_status_events_insert', now()),
    ('procrastinate', '0007_add_queueing_lock_column', now()),
    ('procrastinate', '0008_close_fetch_job_race_condition', now()),
    ('procrastinate', '0009_add_defer_job_function', now()),
    ('procrastinate', '0010_add_procrastinate_periodic_defers', now()),
    ('procrastinate', '0011_add_foreign_key_index', now()),
    ('procrastinate', '0012_add_locks_to_periodic_defer', now()),
    ('procrastinate', '0013_fix_procrastinate_defer_periodic_job', now()),
    ('procrastinate', '0014_add_finish_job_and_retry_job_functions', now()),
    ('procrastinate', '0015_add_trigger_on_job_deletion', now()),
    ('procrastinate', '0016_delete_finished_jobs', now()),
    ('procrastinate', '0017_add_checks_to_finish_job', now()),
    ('procrastinate', '0018_add_checks_to_retry_job', now()),
    ('procrastinate', '0019_fix_finish_job_compat_issue', now()),
    ('procrastinate', '0020_add_index_on_procrastinate_jobs', now()),
    ('procrastinate', '0021_add_kwargs_to_defer_periodic_job', now()),
    ('procrastinate', '0022_null_locks_excluded', now()),
    ('procrastinate', '0023_remove_old_finish_job_function', now()),
    ('procrastinate', '0024_job_id_bigint', now()),
    ('procrastinate', '0025_add_models', now()),
    ('procrastinate', '0026_add_job_priority', now()),
    ('procrastinate', '0027_add_periodic_job_priority', now()),
    ('procrastinate', '0028_add_cancel_states', now()),
    ('procrastinate', '0029_add_additional_params_to_retry_job', now()),
    ('procrastinate', '0030_alter_procrastinateevent_options', now()),
    ('procrastinate', '0031_add_indexes_for_fetch_job', now()),
    ('procrastinate', '0032_pre_cancel_notification', now()),
    ('procrastinate', '0033_post_cancel_notification', now()),
    ('procrastinate', '0034_pre_add_heartbeat', now()),
    ('procrastinate', '0035_post_add_heartbeat', now()),
    ('procrastinate', '0036_add_worker_model', now()),
    ('procrastinate', '0037_pre_batch_defer_jobs', now()),
    ('procrastinate', '0038_post_batch_defer_jobs', now()),
    ('procrastinate', '0039_pre_priority_lock_fetch_job', now()),
    ('procrastinate', '0040_pre_retry_failed_job', now()),
    ('procrastinate', '0041_post_retry_failed_job', now()),
    ('purchasing', '0001_initial', now()),
    ('purchasing', '0002_imported_suppliers', now()),
    ('sales', '0001_initial', now()),
    ('sales', '0002_guards', now()),
    ('sales', '0003_register_guards', now()),
    ('sales', '0004_deliveries', now()),
    ('sales', '0005_turnover', now()),
    ('sales', '0006_report_indexes', now()),
    ('sales', '0007_drafts_change_customer', now()),
    ('sales', '0008_levels_and_cash_of_prepaid_value', now()),
    ('sales', '0009_how_long_quotes_hold', now()),
    ('sales', '0010_history', now()),
    ('segments', '0001_initial', now()),
    ('sessions', '0001_initial', now()),
    ('wallets', '0001_initial', now()),
    ('wallets', '0002_guards', now()),
    ('wallets', '0003_first_terms', now()),
    ('web', '0001_initial', now());
