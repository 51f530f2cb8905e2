"""The event log and its side tables. Partitioning, append-only triggers and the columns `era` and `xid` are beyond
Django's schema editor, so the log itself is written in SQL and told to Django as state."""

from __future__ import annotations

import django.contrib.postgres.fields
from django.db import migrations, models

LOG = """
CREATE TABLE events_event (
    id          bigint GENERATED ALWAYS AS IDENTITY,
    era         integer NOT NULL DEFAULT 1,
    xid         xid8 NOT NULL DEFAULT pg_current_xact_id(),
    recorded_at timestamptz NOT NULL,
    kind        varchar(80) NOT NULL,
    operation   varchar(80) NOT NULL,
    actor_kind  varchar(12) NOT NULL,
    actor_id    bigint,
    user_id     bigint,
    store_id    bigint,
    subjects    varchar(120)[] NOT NULL CONSTRAINT events_event_has_subject CHECK (cardinality(subjects) >= 1),
    data        jsonb NOT NULL,
    request_id  varchar(64) NOT NULL,
    CONSTRAINT events_event_by_time PRIMARY KEY (recorded_at, id)
) PARTITION BY RANGE (recorded_at);
CREATE INDEX events_event_in_commit_order ON events_event (era, xid, id);
CREATE INDEX events_event_of_person ON events_event (user_id, recorded_at, id) WHERE user_id IS NOT NULL;

-- One row per subject of an event: the timeline of anything is one range of one index.
CREATE TABLE events_subject (
    subject     varchar(120) NOT NULL,
    recorded_at timestamptz NOT NULL,
    event_id    bigint NOT NULL,
    CONSTRAINT events_subject_timeline PRIMARY KEY (subject, recorded_at, event_id)
) PARTITION BY RANGE (recorded_at);

-- The lives of the cluster; the highest is the one events are written in now.
CREATE TABLE events_era (
    number            integer PRIMARY KEY,
    system_identifier text NOT NULL,
    began_at          timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION events_link_subjects() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO events_subject (subject, recorded_at, event_id)
    SELECT subject, NEW.recorded_at, NEW.id FROM unnest(NEW.subjects) AS subject
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER events_link_subjects AFTER INSERT ON events_event
    FOR EACH ROW EXECUTE FUNCTION events_link_subjects();

CREATE FUNCTION events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % refused: the event log is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', HINT = 'Record a new event that corrects the old one.';
END $$;
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events_event
    FOR EACH ROW EXECUTE FUNCTION events_refuse_change();
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events_subject
    FOR EACH ROW EXECUTE FUNCTION events_refuse_change();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events_event
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events_subject
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();

CREATE TABLE events_event_other PARTITION OF events_event DEFAULT;
CREATE TABLE events_subject_other PARTITION OF events_subject DEFAULT;
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events_event_other
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events_subject_other
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();

-- Makes the two partitions of the month that begins on `month` (UTC); false when they stand, or when rows of
-- that month already lie in the default partition, where they stay.
CREATE FUNCTION events_make_month(month date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    lower_bound timestamptz := month::timestamp AT TIME ZONE 'UTC';
    upper_bound timestamptz := (month + interval '1 month')::timestamp AT TIME ZONE 'UTC';
    suffix text := to_char(month, '"y"YYYY"m"MM');
    base text;
BEGIN
    IF extract(day FROM month) <> 1 THEN
        RAISE EXCEPTION 'events_make_month wants the first of a month, not %', month;
    END IF;
    IF to_regclass(format('%I', 'events_event_' || suffix)) IS NOT NULL THEN
        RETURN false;
    END IF;
    IF EXISTS (SELECT FROM events_event_other WHERE recorded_at >= lower_bound AND recorded_at < upper_bound) THEN
        RETURN false;
    END IF;
    FOREACH base IN ARRAY ARRAY['events_event', 'events_subject'] LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
                       base || '_' || suffix, base, lower_bound, upper_bound);
        EXECUTE format('CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON %I
                        FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change()', base || '_' || suffix);
    END LOOP;
    RETURN true;
END $$;

-- Committed events behind a position, in order: rows of transactions older than any still running. The planner
-- takes these row comparisons for almost empty and would sort the whole backlog; here it may only walk the index.
CREATE FUNCTION events_committed_after(after_era integer, after_xid xid8, after_id bigint, at_most integer)
RETURNS SETOF events_event LANGUAGE sql STABLE
SET enable_sort = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
    SELECT * FROM events_event
    WHERE (era, xid, id) > (after_era, after_xid, after_id)
      AND (era, xid) < ((SELECT coalesce(max(number), 1) FROM events_era), pg_snapshot_xmin(pg_current_snapshot()))
    ORDER BY era, xid, id LIMIT at_most
$$;
CREATE FUNCTION events_committed_last() RETURNS TABLE (era integer, xid xid8, id bigint) LANGUAGE sql STABLE
SET enable_sort = off SET enable_seqscan = off SET enable_bitmapscan = off AS $$
    SELECT e.era, e.xid, e.id FROM events_event AS e
    WHERE (e.era, e.xid) < ((SELECT coalesce(max(number), 1) FROM events_era), pg_snapshot_xmin(pg_current_snapshot()))
    ORDER BY e.era DESC, e.xid DESC, e.id DESC LIMIT 1
$$;

-- This month and the next three, so that a fresh database has somewhere to write.
SELECT events_make_month((date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month')::date)
FROM generate_series(0, 3) AS n;
"""

LOG_BACK = """
DROP FUNCTION events_committed_after, events_committed_last;
DROP TABLE events_event, events_subject, events_era;
DROP FUNCTION events_make_month, events_refuse_change, events_link_subjects;
"""

SEALS = """
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events_sealblock
    FOR EACH ROW EXECUTE FUNCTION events_refuse_change();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events_sealblock
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events_droppedmonth
    FOR EACH ROW EXECUTE FUNCTION events_refuse_change();
CREATE TRIGGER events_no_truncate BEFORE TRUNCATE ON events_droppedmonth
    FOR EACH STATEMENT EXECUTE FUNCTION events_refuse_change();
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(
            LOG,
            LOG_BACK,
            state_operations=[
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("kind", models.CharField(max_length=80)),
                        ("operation", models.CharField(max_length=80)),
                        ("recorded_at", models.DateTimeField()),
                        ("actor_kind", models.CharField(max_length=12)),
                        ("actor_id", models.BigIntegerField(null=True)),
                        ("user_id", models.BigIntegerField(null=True)),
                        ("store_id", models.BigIntegerField(null=True)),
                        (
                            "subjects",
                            django.contrib.postgres.fields.ArrayField(
                                base_field=models.CharField(max_length=120), size=None
                            ),
                        ),
                        ("data", models.JSONField(default=dict)),
                        ("request_id", models.CharField(blank=True, default="", max_length=64)),
                    ],
                    options={
                        "verbose_name": "event",
                        "verbose_name_plural": "events",
                    },
                ),
                migrations.CreateModel(
                    name="SubjectLink",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "subject",
                                "recorded_at",
                                "event_id",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("subject", models.CharField(max_length=120)),
                        ("recorded_at", models.DateTimeField()),
                        ("event_id", models.BigIntegerField()),
                    ],
                    options={"db_table": "events_subject"},
                ),
            ],
        ),
        migrations.CreateModel(
            name="DroppedMonth",
            fields=[
                ("month", models.DateField(primary_key=True, serialize=False)),
                ("event_count", models.BigIntegerField()),
                ("event_ids", models.TextField()),
                ("dropped_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="ReactionPosition",
            fields=[
                ("code", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("era", models.IntegerField()),
                ("xid", models.BigIntegerField()),
                ("event_id", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reaction", models.CharField(max_length=80)),
                ("subject", models.CharField(max_length=120)),
                ("era", models.IntegerField()),
                ("xid", models.BigIntegerField()),
                ("event_id", models.BigIntegerField()),
                ("event_recorded_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("WAITING", "Will be tried again"),
                            ("DEAD", "Gave up"),
                            ("DISMISSED", "Dismissed"),
                        ],
                        default="WAITING",
                        max_length=10,
                    ),
                ),
                ("try_count", models.IntegerField(default=0)),
                ("next_at", models.DateTimeField(verbose_name="next try")),
                ("failed_at", models.DateTimeField(null=True, verbose_name="last failure")),
                ("error_code", models.CharField(blank=True, max_length=200)),
                ("error", models.TextField(blank=True, verbose_name="error")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
            ],
            options={
                "verbose_name": "failed reaction",
                "verbose_name_plural": "failed reactions",
                "ordering": ["-event_recorded_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "WAITING")),
                        fields=["next_at"],
                        name="events_delivery_due",
                    ),
                    models.Index(
                        fields=["reaction", "subject", "era", "xid", "event_id"],
                        name="events_delivery_behind",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("reaction", "era", "xid", "event_id"), name="events_delivery_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["WAITING", "DEAD", "DISMISSED"])),
                        name="events_delivery_state",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SealBlock",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("first_era", models.IntegerField()),
                ("first_xid", models.BigIntegerField()),
                ("first_event_id", models.BigIntegerField()),
                ("last_era", models.IntegerField()),
                ("last_xid", models.BigIntegerField()),
                ("last_event_id", models.BigIntegerField()),
                ("event_count", models.IntegerField()),
                ("total_count", models.BigIntegerField()),
                (
                    "event_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("leaves", models.BinaryField()),
                ("prev_hash", models.BinaryField()),
                ("root", models.BinaryField()),
                ("hash", models.BinaryField()),
                ("sealed_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("event_count__gte", 1)), name="events_sealblock_not_empty"
                    )
                ],
            },
        ),
        migrations.RunSQL(SEALS, migrations.RunSQL.noop),
    ]
