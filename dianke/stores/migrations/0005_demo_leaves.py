"""Tables that refuse to be deleted from let a demo go: while the merchant's demo is being removed, and only then."""

from __future__ import annotations

from django.db import migrations

MADE = """
CREATE FUNCTION stores_demo_leaves() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT current_setting('dianke.demo_leaves', true) = 'on'
       AND NOT EXISTS (SELECT FROM stores_merchant WHERE NOT is_demo)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("stores", "0004_fill_search_words")]
    reviewed = {"raw-sql": "a function that reads; no table is touched"}
    operations = [migrations.RunSQL(MADE, "DROP FUNCTION stores_demo_leaves()")]
