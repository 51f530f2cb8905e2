"""What keeps promotions and coupons true whoever writes: triggers, and the functions a sale calls once each."""

from __future__ import annotations

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION promotions_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND stores_demo_leaves() THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% on % refused: what was offered and given is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
""" + "".join(
    f"""
CREATE TRIGGER promotions_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION promotions_refuse_change();
CREATE TRIGGER promotions_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION promotions_refuse_change();
"""
    for table in (
        "promotions_promotionversion",
        "promotions_promotiongiven",
        "promotions_couponkindversion",
        "promotions_couponstep",
    )
)

COUPONS = """
-- A coupon keeps what it is; what was used, expired or revoked comes back by being given back only.
CREATE FUNCTION promotions_keep_coupon() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER promotions_keep_coupon BEFORE UPDATE OR DELETE ON promotions_coupon
    FOR EACH ROW EXECUTE FUNCTION promotions_keep_coupon();
ALTER TABLE promotions_coupon SET (fillfactor = 80);
ALTER TABLE promotions_promotion SET (fillfactor = 60);
ALTER TABLE promotions_promotiontally SET (fillfactor = 70);
"""

TAKE = """
-- What a sale takes of promotions, all at once. Locks: promotions with a budget by key, alone; then all of them against
-- being changed; then the rows of the customer by key. `late` is a sale made without a connection: nothing is refused,
-- what is beyond a budget is marked. Answers {} or {"standing": true} or {"problem": …} or {"beyond": […]}.
CREATE FUNCTION promotions_take(batch jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
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
"""

REDEEM = """
-- Coupons used by a sale, once each, all or none. Locks: the coupons by key. `late`: those that cannot be used any more
-- are told, the others are used. Answers {} or {"refused": […]}.
CREATE FUNCTION promotions_redeem(batch jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
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
"""

ISSUE = """
-- Coupons of one kind for many customers: to the profile each belongs to, once for an occasion, within what one customer
-- may have and how many there may be. Locks: the rows of the customers by key, last the kind. Answers
-- {"given": [[coupon, customer], …], "already": n, "full": n, "left_out": n} or {"problem": …}.
CREATE FUNCTION promotions_issue(batch jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
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
"""

DROP = """
DROP FUNCTION promotions_issue(jsonb); DROP FUNCTION promotions_redeem(jsonb); DROP FUNCTION promotions_take(jsonb);
DROP FUNCTION promotions_keep_coupon() CASCADE; DROP FUNCTION promotions_refuse_change() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("promotions", "0001_initial"), ("stores", "0004_fill_search_words")]
    reviewed = {"raw-sql": "triggers and functions on tables made in the migration before, still empty"}

    operations = [
        migrations.RunSQL(APPEND_ONLY + COUPONS + TAKE + REDEEM + ISSUE, DROP),
    ]
