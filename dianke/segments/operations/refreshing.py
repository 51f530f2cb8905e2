"""Working out whom a segment holds: set-based, the rows of those who left go and of those who came are added."""

from __future__ import annotations

import logging
from datetime import date, datetime

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import SYSTEM, Actor
from dianke.core.errors import Conflict, DiankeError
from dianke.events.operations import operation, record, step, unchanged
from dianke.segments.models import MANAGE, Segment, SegmentCount
from dianke.segments.queries.counting import SETTINGS, statement
from dianke.segments.queries.members import rules_of
from dianke.stores.queries import local_date

logger = logging.getLogger(__name__)

# Whom it had and who fits are compared by a FULL JOIN, which is never a loop, and those who go are named by their
# place, whatever the statistics say: of a table it took for empty the database chose to read all of it for everybody
# who fits, while it was being filled.
_TAKE = """
WITH fits AS MATERIALIZED ({fits}),
changes AS MATERIALIZED (
  SELECT fits.id AS come, had.place AS gone
  FROM fits FULL JOIN (
    SELECT m.ctid AS place, m.customer_id FROM segments_segmentmember AS m WHERE m.segment_id = %s
  ) AS had ON had.customer_id = fits.id
  WHERE fits.id IS NULL OR had.customer_id IS NULL),
gone AS (
  DELETE FROM segments_segmentmember AS m
  WHERE m.ctid = ANY(ARRAY(SELECT changes.gone FROM changes WHERE changes.gone IS NOT NULL)) RETURNING 1),
come AS (
  INSERT INTO segments_segmentmember (segment_id, customer_id)
  SELECT %s, changes.come FROM changes WHERE changes.come IS NOT NULL ORDER BY changes.come RETURNING 1)
SELECT (SELECT count(*) FROM fits), (SELECT count(*) FROM come), (SELECT count(*) FROM gone)
"""


class NobodyToTake(Conflict):
    code = "segment_rules_outdated"
    message = _("The rules of “%(name)s” no longer hold: %(why)s Change them first.")


@step
def work_out(*, segment: Segment, now: datetime) -> tuple[int, int]:
    """Writes down whom the segment holds now, over everybody in its scope, and the count of the day; (came, left)."""
    rules = rules_of(segment, now=now)
    with connection.cursor() as cursor:
        cursor.execute(SETTINGS)
        try:
            fits = statement(rules, SYSTEM, segment.store_ids)
        except EmptyResultSet:
            fits = None
        sql = "SELECT 0::bigint AS id WHERE FALSE" if fits is None else fits.sql
        cursor.execute(_TAKE.replace("{fits}", sql), [*(fits.params if fits else ()), segment.pk, segment.pk])
        count, came, left = cursor.fetchone()
    segment.member_count, segment.taken_at = count, now
    segment.save(update_fields=["member_count", "taken_at"])
    SegmentCount.objects.update_or_create(segment=segment, on=local_date(now), defaults={"count": count})
    return came, left


@operation(MANAGE)
def refresh_segment(*, segment: Segment, actor: Actor, now: datetime) -> Segment:
    """Work it out anew: of a fixed list whom the rules mean now."""
    row = Segment.objects.select_for_update().get(pk=segment.pk)
    try:
        came, left = work_out(segment=row, now=now)
    except DiankeError as error:
        raise NobodyToTake(name=row.name, why=str(error)) from error
    record(
        "segments.segment_refreshed",
        row,
        actor=actor,
        now=now,
        data={"name": row.name, "count": row.member_count, "came": came, "left": left},
    )
    return row


@operation(MANAGE)
def refresh_due(*, segment: Segment, actor: Actor, now: datetime) -> Segment:
    """The nightly turn of one segment; nothing where its schedule has not come. Rules that no longer hold leave what is
    there and are told to the log."""
    row = Segment.objects.select_for_update().get(pk=segment.pk)
    if row.archived_at is not None or not is_due(row, local_date(now)):
        unchanged()
        return row
    try:
        with transaction.atomic():
            came, left = work_out(segment=row, now=now)
    except DiankeError as error:
        logger.warning("segment %s: %s", row.pk, error)
        unchanged()
        return row
    if not came and not left:
        unchanged()
        return row
    record(
        "segments.segment_refreshed",
        row,
        actor=actor,
        now=now,
        data={"name": row.name, "count": row.member_count, "came": came, "left": left},
    )
    return row


def is_due(segment: Segment, day: date) -> bool:
    """Those that are always current every night; lists by their schedule."""
    if not segment.is_snapshot:
        return True
    if segment.schedule == Segment.Schedule.DAILY:
        return True
    if segment.schedule == Segment.Schedule.WEEKLY:
        return day.isoweekday() == 1
    return segment.schedule == Segment.Schedule.MONTHLY and day.day == 1
