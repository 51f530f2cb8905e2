"""What keeps the history of members as it was, whoever writes."""

from __future__ import annotations

from django.db import migrations

MADE = """
CREATE FUNCTION loyalty_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND stores_demo_leaves() THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% on % refused: the history of members is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Write another row.';
END $$;
CREATE TRIGGER loyalty_append_only BEFORE UPDATE OR DELETE ON loyalty_levelchange
    FOR EACH ROW EXECUTE FUNCTION loyalty_refuse_change();
CREATE TRIGGER loyalty_append_only BEFORE UPDATE OR DELETE ON loyalty_memberreturn
    FOR EACH ROW EXECUTE FUNCTION loyalty_refuse_change();
CREATE TRIGGER loyalty_append_only BEFORE UPDATE OR DELETE ON loyalty_giftgiven
    FOR EACH ROW EXECUTE FUNCTION loyalty_refuse_change();
-- What a sale gave is decided once; only what returns took of it, and that it was followed, is written later.
CREATE TRIGGER loyalty_append_only BEFORE UPDATE ON loyalty_membersale FOR EACH ROW
    WHEN ((OLD.id, OLD.programme_id, OLD.customer_id, OLD.reference, OLD.store_id, OLD.business_date, OLD.counted_on,
           OLD.occurred_at, OLD.spend_amount, OLD.tier_points, OLD.earned_points, OLD.redeemed_points, OLD.bonuses,
           OLD.releases_at)
          IS DISTINCT FROM
          (NEW.id, NEW.programme_id, NEW.customer_id, NEW.reference, NEW.store_id, NEW.business_date, NEW.counted_on,
           NEW.occurred_at, NEW.spend_amount, NEW.tier_points, NEW.earned_points, NEW.redeemed_points, NEW.bonuses,
           NEW.releases_at)
          OR NEW.spend_back < OLD.spend_back OR NEW.earned_back < OLD.earned_back
          OR NEW.redeemed_back < OLD.redeemed_back OR NEW.tier_points_back < OLD.tier_points_back)
    EXECUTE FUNCTION loyalty_refuse_change();
CREATE TRIGGER loyalty_no_delete BEFORE DELETE ON loyalty_membersale
    FOR EACH ROW EXECUTE FUNCTION loyalty_refuse_change();
"""

BACK = "DROP FUNCTION loyalty_refuse_change CASCADE;"


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0001_initial"), ("stores", "0005_demo_leaves")]
    reviewed = {"raw-sql": "triggers on the tables 0001 has just made, still empty"}
    operations = [migrations.RunSQL(MADE, BACK)]
