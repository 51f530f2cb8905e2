"""What an employee has is not sent a second time: it goes on to sent, failed or taken back, never into the queue."""

from __future__ import annotations

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations

_KEEP = """
CREATE OR REPLACE FUNCTION messaging_keep_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.source, NEW.step, NEW.customer_id, NEW.occurrence, NEW.channel)
       IS DISTINCT FROM (OLD.source, OLD.step, OLD.customer_id, OLD.occurrence, OLD.channel)
       OR (OLD.state IN ('SENT', 'DELIVERED', 'READ') AND NEW.state NOT IN ('SENT', 'DELIVERED', 'READ', 'FAILED'))
       %s
       OR (OLD.state IN ('FAILED', 'SUPPRESSED', 'CANCELLED') AND NEW.state <> OLD.state) THEN
        RAISE EXCEPTION 'a message does not change from %% to %% like that', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
_HANDED = "OR (OLD.state = 'HANDED' AND NEW.state IN ('QUEUED', 'HELD', 'CLAIMED', 'UNKNOWN', 'SUPPRESSED'))"


class Migration(migrations.Migration):
    dependencies = [("messaging", "0005_wecom")]
    reviewed = {"raw-sql": "one trigger function is replaced, no table is locked"}

    operations = [
        ValidateConstraint("message", "messaging_message_state"),
        migrations.RunSQL(_KEEP % _HANDED, _KEEP % ""),
    ]
