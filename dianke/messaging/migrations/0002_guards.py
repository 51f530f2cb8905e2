"""What was worded and what was said stays as it was, whoever writes."""

from __future__ import annotations

from django.db import migrations

GUARDS = """
CREATE FUNCTION messaging_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND stores_demo_leaves() THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% on % refused: a version of a template is never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER messaging_append_only BEFORE UPDATE OR DELETE ON messaging_templateversion
    FOR EACH ROW EXECUTE FUNCTION messaging_refuse_change();

-- Who is told, by what, stays; what went out does not wait again, and what ended stays ended.
CREATE FUNCTION messaging_keep_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.source, NEW.step, NEW.customer_id, NEW.occurrence, NEW.channel)
       IS DISTINCT FROM (OLD.source, OLD.step, OLD.customer_id, OLD.occurrence, OLD.channel)
       OR (OLD.state IN ('SENT', 'DELIVERED', 'READ') AND NEW.state NOT IN ('SENT', 'DELIVERED', 'READ', 'FAILED'))
       OR (OLD.state IN ('FAILED', 'SUPPRESSED', 'CANCELLED') AND NEW.state <> OLD.state) THEN
        RAISE EXCEPTION 'a message does not change from % to % like that', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER messaging_keep_message BEFORE UPDATE ON messaging_message
    FOR EACH ROW EXECUTE FUNCTION messaging_keep_message();
ALTER TABLE messaging_message SET (fillfactor = 80);
ALTER TABLE messaging_handover SET (fillfactor = 50);
ALTER TABLE messaging_contacted SET (fillfactor = 70);
"""
UNDO = """
DROP TRIGGER messaging_keep_message ON messaging_message;
DROP FUNCTION messaging_keep_message();
DROP TRIGGER messaging_append_only ON messaging_templateversion;
DROP FUNCTION messaging_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial"), ("stores", "0005_demo_leaves")]
    reviewed = {"raw-sql": "triggers on tables made in the migration before, still empty"}

    operations = [migrations.RunSQL(GUARDS, UNDO)]
