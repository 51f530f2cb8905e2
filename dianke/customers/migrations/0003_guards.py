"""What keeps profiles sound whoever writes: records and consents are never rewritten, merges never make chains."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION customers_refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% keeps what came as it came; add a new row instead', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- A record may change its review and, when a profile is parted, the identity it belongs to; never what it says.
CREATE TRIGGER customers_record_stays BEFORE UPDATE OF
    channel, source, campaign, external_id, received_at, payload_sealed, fingerprint, store_id, staff_id, run_id, row
  ON customers_sourcerecord FOR EACH ROW
  WHEN ((OLD.channel, OLD.source, OLD.campaign, OLD.external_id, OLD.received_at, OLD.payload_sealed, OLD.fingerprint,
         OLD.store_id, OLD.staff_id, OLD.run_id, OLD.row)
    IS DISTINCT FROM (NEW.channel, NEW.source, NEW.campaign, NEW.external_id, NEW.received_at, NEW.payload_sealed,
         NEW.fingerprint, NEW.store_id, NEW.staff_id, NEW.run_id, NEW.row))
  EXECUTE FUNCTION customers_refuse_rewrite();

CREATE TRIGGER customers_consent_stays BEFORE UPDATE ON customers_consent FOR EACH ROW
  WHEN (OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION customers_refuse_rewrite();

CREATE FUNCTION customers_check_head() RETURNS trigger LANGUAGE plpgsql AS $$
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

-- At the end of the transaction, so that a cluster may be moved row by row.
CREATE CONSTRAINT TRIGGER customers_merged_into_head AFTER UPDATE OF merged_into_id ON customers_customer
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.merged_into_id IS NOT NULL)
  EXECUTE FUNCTION customers_check_head();
"""

REMOVE = """
DROP TRIGGER customers_merged_into_head ON customers_customer;
DROP FUNCTION customers_check_head();
DROP TRIGGER customers_consent_stays ON customers_consent;
DROP TRIGGER customers_record_stays ON customers_sourcerecord;
DROP FUNCTION customers_refuse_rewrite();
"""


class Migration(migrations.Migration):
    reviewed = {"raw-sql": "triggers on the tables 0001 has just made, still empty"}
    dependencies = [("customers", "0002_numbers")]

    operations = [migrations.RunSQL(GUARDS, REMOVE)]
