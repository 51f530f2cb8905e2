"""Erasing a person may empty what a record says: content, number elsewhere, and the hash that tells a repeat.

The guard asks the data key: only when it was destroyed, which cannot be taken back, does the record let go.
"""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION customers_refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""

BEFORE = """
CREATE OR REPLACE FUNCTION customers_refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% keeps what came as it came; add a new row instead', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


class Migration(migrations.Migration):
    reviewed = {"raw-sql": "replaces the body of one trigger function; no table is touched"}
    dependencies = [("customers", "0003_guards")]

    operations = [migrations.RunSQL(GUARD, BEFORE)]
