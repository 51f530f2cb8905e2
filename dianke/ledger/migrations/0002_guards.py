"""What keeps the ledger true whoever writes: triggers, and the one function that posts."""

from __future__ import annotations

from django.db import migrations

ACCOUNTS = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: the ledger is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Post a reversal or an adjustment.';
END $$;

-- An account with a floor has a balance row from its first moment, and the row has the account's floor.
CREATE FUNCTION ledger_guard_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        UPDATE ledger_accountbalance SET floor = NEW.floor WHERE account_id = NEW.id;
    ELSIF NEW.floor IS NOT NULL THEN
        INSERT INTO ledger_accountbalance (account_id, balance, floor) VALUES (NEW.id, 0, NEW.floor);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_guard_account AFTER INSERT OR UPDATE OF floor ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_guard_account();
CREATE TRIGGER ledger_append_only BEFORE UPDATE ON ledger_account FOR EACH ROW
    WHEN ((OLD.id, OLD.code, OLD.side, OLD.unit, OLD.holder, OLD.store_id, OLD.legal_entity_id, OLD.has_lots,
           OLD.floor IS NULL)
          IS DISTINCT FROM
          (NEW.id, NEW.code, NEW.side, NEW.unit, NEW.holder, NEW.store_id, NEW.legal_entity_id, NEW.has_lots,
           NEW.floor IS NULL))
    EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger_account
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger_accountbalance
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
"""

TRANSACTIONS = """
-- Numbers come from the sequence alone, and only under the shared lock below: the order of ids is what snapshots
-- of balances rest on.
ALTER TABLE ledger_transaction ALTER COLUMN id SET GENERATED ALWAYS;

-- Whoever posts holds this lock in shared mode until it commits. Closing the books and folding balances take it
-- alone, so that no transaction is half-way while they decide what lies before and what after.
CREATE FUNCTION ledger_enter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(7305001);
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_enter BEFORE INSERT ON ledger_transaction
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_enter();

CREATE FUNCTION ledger_check_transactions() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER ledger_check_transactions AFTER INSERT ON ledger_transaction
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_transactions();

-- At commit: there are postings, they balance per unit and legal entity, and lots moved by what was posted.
CREATE FUNCTION ledger_check_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE CONSTRAINT TRIGGER ledger_check_balanced AFTER INSERT ON ledger_transaction
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_check_balanced();
"""

POSTINGS = """
-- All postings of a transaction come in one statement. A transaction that stands has postings, so nothing can be
-- added to it later, and the check at commit (or earlier, by SET CONSTRAINTS) has seen everything.
CREATE FUNCTION ledger_check_postings() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER ledger_check_postings AFTER INSERT ON ledger_posting
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_check_postings();
ALTER TABLE ledger_accountbalance SET (fillfactor = 60);
"""

LOTS = """
-- A new lot brings its own first change; what later transactions put in or take out is added to what remains.
CREATE FUNCTION ledger_open_lots() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_lotchange (transaction_id, lot_id, quantity)
    SELECT transaction_id, id, remaining FROM added WHERE remaining <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_open_lots AFTER INSERT ON ledger_lot
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_open_lots();

CREATE FUNCTION ledger_change_lots() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER ledger_change_lots AFTER INSERT ON ledger_lotchange
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_change_lots();
CREATE TRIGGER ledger_append_only BEFORE UPDATE ON ledger_lot FOR EACH ROW
    WHEN ((OLD.id, OLD.account_id, OLD.transaction_id, OLD.quantity, OLD.expires_at, OLD.source, OLD.reopens_id)
          IS DISTINCT FROM
          (NEW.id, NEW.account_id, NEW.transaction_id, NEW.quantity, NEW.expires_at, NEW.source, NEW.reopens_id))
    EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger_lot
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
"""

APPEND_ONLY = "".join(
    f"""
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
"""
    for table in ("ledger_transaction", "ledger_posting", "ledger_lotchange")
) + "".join(
    f"""
CREATE TRIGGER ledger_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""
    for table in ("ledger_account", "ledger_transaction", "ledger_posting", "ledger_lot", "ledger_lotchange")
)

POST = """
-- Writes transactions with all that belongs to them, whatever their number. Those whose reference is taken are left
-- out. Returns {number in the batch: transaction id} of those written. operations.py says what is in `batch`.
CREATE FUNCTION ledger_post(batch jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
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
"""

BACK = """
DROP FUNCTION ledger_post;
DROP FUNCTION ledger_refuse_change, ledger_guard_account, ledger_enter, ledger_check_transactions,
    ledger_check_balanced, ledger_check_postings, ledger_open_lots, ledger_change_lots CASCADE;
ALTER TABLE ledger_transaction ALTER COLUMN id SET GENERATED BY DEFAULT;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]
    reviewed = {"raw-sql": "triggers and functions on the tables 0001 has just made, still empty"}
    operations = [migrations.RunSQL(ACCOUNTS + TRANSACTIONS + POSTINGS + LOTS + APPEND_ONLY + POST, BACK)]
