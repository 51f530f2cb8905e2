"""A store in whose name goods have moved stays with its legal entity; the places of one that moves go with it."""

from __future__ import annotations

from django.db import migrations

BIND = """
CREATE FUNCTION inventory_store_moves() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER inventory_store_moves AFTER UPDATE OF legal_entity_id ON stores_store FOR EACH ROW
    WHEN (OLD.legal_entity_id IS DISTINCT FROM NEW.legal_entity_id) EXECUTE FUNCTION inventory_store_moves();
"""
RELEASE = "DROP TRIGGER inventory_store_moves ON stores_store; DROP FUNCTION inventory_store_moves;"


class Migration(migrations.Migration):
    dependencies = [("inventory", "0004_counts_stand_by_batch"), ("stores", "0004_fill_search_words")]
    reviewed = {"raw-sql": "a trigger on a table of few rows that change seldom"}
    operations = [migrations.RunSQL(BIND, RELEASE)]
