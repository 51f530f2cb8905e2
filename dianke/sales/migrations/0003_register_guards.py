"""What keeps shifts, counts and closed days true whoever writes, and the numbers of a till in one statement."""

from __future__ import annotations

from django.db import migrations

REFUSE = """
CREATE FUNCTION sales_register_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND stores_demo_leaves() THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% on % refused: counts and closed days stand', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Write a supplement.';
END $$;
"""

APPEND_ONLY = "".join(
    f"""
CREATE TRIGGER sales_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION sales_register_refuse();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION sales_register_refuse();
"""
    for table in (
        "sales_cashcount",
        "sales_cashmovement",
        "sales_draweropening",
        "sales_dayclose",
        "sales_zreport",
        "sales_receiptprint",
    )
)

SHIFTS = """
-- A closed shift stands, and no shift becomes another's.
CREATE TRIGGER sales_closed_shift BEFORE UPDATE ON sales_shift FOR EACH ROW
    WHEN (OLD.state = 'CLOSED' AND to_jsonb(OLD) IS DISTINCT FROM to_jsonb(NEW))
    EXECUTE FUNCTION sales_register_refuse();
CREATE TRIGGER sales_shift_keeps BEFORE UPDATE ON sales_shift FOR EACH ROW
    WHEN ((OLD.uuid, OLD.register_id, OLD.store_id, OLD.legal_entity_id, OLD.currency, OLD.business_date, OLD.opened_at,
           OLD.opened_by_id, OLD.carried_amount, OLD.float_amount)
          IS DISTINCT FROM
          (NEW.uuid, NEW.register_id, NEW.store_id, NEW.legal_entity_id, NEW.currency, NEW.business_date, NEW.opened_at,
           NEW.opened_by_id, NEW.carried_amount, NEW.float_amount))
    EXECUTE FUNCTION sales_register_refuse();
CREATE TRIGGER sales_shift_stays BEFORE DELETE ON sales_shift
    FOR EACH ROW EXECUTE FUNCTION sales_register_refuse();
CREATE TRIGGER sales_no_truncate BEFORE TRUNCATE ON sales_shift
    FOR EACH STATEMENT EXECUTE FUNCTION sales_register_refuse();
"""

NUMBERS = """
-- Numbers have no gaps: each is one more than the last of its store or register, and whoever closes a store waits.
CREATE FUNCTION sales_next_close() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7306102, NEW.store_id::int);
    IF NEW.number <> 1 + coalesce((SELECT max(number) FROM sales_dayclose WHERE store_id = NEW.store_id), 0)
       OR NEW.sequence <> (SELECT count(*) FROM sales_dayclose
                           WHERE store_id = NEW.store_id AND business_date = NEW.business_date) THEN
        RAISE EXCEPTION 'closes of a store are numbered one after the other' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sales_next_close BEFORE INSERT ON sales_dayclose FOR EACH ROW EXECUTE FUNCTION sales_next_close();
CREATE FUNCTION sales_next_report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7306102, NEW.store_id::int);
    IF NEW.number <> 1 + coalesce((SELECT max(number) FROM sales_zreport WHERE register_id = NEW.register_id), 0) THEN
        RAISE EXCEPTION 'Z reports of a register are numbered one after the other' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sales_next_report BEFORE INSERT ON sales_zreport FOR EACH ROW EXECUTE FUNCTION sales_next_report();
"""

SEQUENCE = """
-- Notes that a number of a device arrived. 'NEW', or 'SEEN' when it was there already. What lies between the highest so
-- far and a higher one is a gap; a number that comes late takes itself out of its gap.
CREATE FUNCTION sales_note_sequence(of_device bigint, of_store bigint, number bigint, at timestamptz) RETURNS text
LANGUAGE plpgsql AS $$
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
ALTER TABLE sales_devicejournal SET (fillfactor = 60);
"""

INDEXES = """
-- What a shift took is asked for by the shift; most rows of a back office have none.
CREATE INDEX sales_payment_of_shift ON sales_payment (shift_id) WHERE shift_id IS NOT NULL;
CREATE INDEX sales_refund_of_shift ON sales_refund (shift_id) WHERE shift_id IS NOT NULL;
"""

BACK = """
DROP INDEX sales_payment_of_shift, sales_refund_of_shift;
DROP FUNCTION sales_note_sequence;
DROP FUNCTION sales_register_refuse, sales_next_close, sales_next_report CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0002_guards"), ("stores", "0005_demo_leaves")]
    reviewed = {"raw-sql": "triggers and functions on the tables 0001 has just made, still empty"}
    operations = [migrations.RunSQL(REFUSE + APPEND_ONLY + SHIFTS + NUMBERS + SEQUENCE + INDEXES, BACK)]
