"""What keeps the history of prepaid value whoever writes: rows that are never changed, and rows that change once."""

from __future__ import annotations

from django.db import migrations

REFUSE = """
CREATE FUNCTION wallets_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND stores_demo_leaves() THEN RETURN OLD; END IF;
    RAISE EXCEPTION '% on % refused: the history of prepaid value is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Take it back by another entry.';
END $$;
"""

#: Never changed, never removed.
APPEND_ONLY = "".join(
    f"""
CREATE TRIGGER wallets_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION wallets_refuse_change();
"""
    for table in (
        "wallets_carduseline",
        "wallets_confirmation",
        "wallets_conversion",
        "wallets_extension",
        "wallets_refund",
        "wallets_reissue",
        "wallets_transfer",
    )
)

#: An opening balance that is taken back with its import goes as it came: nothing was paid here, and the ledger keeps
#: both entries.
SOMETIMES = """
CREATE TRIGGER wallets_append_only BEFORE UPDATE ON wallets_topup
    FOR EACH ROW EXECUTE FUNCTION wallets_refuse_change();
CREATE TRIGGER wallets_no_delete BEFORE DELETE ON wallets_topup FOR EACH ROW
    WHEN (OLD.run_id IS NULL) EXECUTE FUNCTION wallets_refuse_change();
CREATE TRIGGER wallets_no_delete BEFORE DELETE ON wallets_sessioncard FOR EACH ROW
    WHEN (OLD.run_id IS NULL) EXECUTE FUNCTION wallets_refuse_change();

CREATE TRIGGER wallets_keeps_itself BEFORE UPDATE ON wallets_wallet FOR EACH ROW
    WHEN (to_jsonb(OLD) - 'number' IS DISTINCT FROM to_jsonb(NEW) - 'number')
    EXECUTE FUNCTION wallets_refuse_change();
-- A card changes hands, gets a new number, lasts longer, and is closed once.
CREATE TRIGGER wallets_keeps_itself BEFORE UPDATE ON wallets_sessioncard FOR EACH ROW
    WHEN (OLD.closed_at IS NOT NULL
          OR to_jsonb(OLD) - ARRAY['number', 'customer_id', 'expires_on', 'closed_at', 'closed_as']
             IS DISTINCT FROM to_jsonb(NEW) - ARRAY['number', 'customer_id', 'expires_on', 'closed_at', 'closed_as'])
    EXECUTE FUNCTION wallets_refuse_change();
-- Its accounts are opened once its number is known.
CREATE TRIGGER wallets_keeps_itself BEFORE UPDATE ON wallets_carditem FOR EACH ROW
    WHEN (OLD.sessions_id IS NOT NULL
          OR to_jsonb(OLD) - ARRAY['sessions_id', 'value_id']
             IS DISTINCT FROM to_jsonb(NEW) - ARRAY['sessions_id', 'value_id'])
    EXECUTE FUNCTION wallets_refuse_change();
CREATE TRIGGER wallets_keeps_itself BEFORE UPDATE ON wallets_carduse FOR EACH ROW
    WHEN (OLD.undone_at IS NOT NULL
          OR to_jsonb(OLD) - ARRAY['undone_at', 'undone_reason']
             IS DISTINCT FROM to_jsonb(NEW) - ARRAY['undone_at', 'undone_reason'])
    EXECUTE FUNCTION wallets_refuse_change();
CREATE TRIGGER wallets_no_delete BEFORE DELETE ON wallets_carduse
    FOR EACH ROW EXECUTE FUNCTION wallets_refuse_change();
CREATE TRIGGER wallets_ends_once BEFORE UPDATE ON wallets_freeze FOR EACH ROW
    WHEN (OLD.ended_at IS NOT NULL
          OR to_jsonb(OLD) - ARRAY['ended_at', 'ended_by_id']
             IS DISTINCT FROM to_jsonb(NEW) - ARRAY['ended_at', 'ended_by_id'])
    EXECUTE FUNCTION wallets_refuse_change();
CREATE TRIGGER wallets_no_delete BEFORE DELETE ON wallets_freeze
    FOR EACH ROW EXECUTE FUNCTION wallets_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("wallets", "0001_initial")]
    reviewed = {"raw-sql": "triggers on the tables 0001 has just made, still empty"}
    operations = [
        migrations.RunSQL(REFUSE + APPEND_ONLY + SOMETIMES, "DROP FUNCTION wallets_refuse_change() CASCADE;")
    ]
