"""The books of stock as a whole: locking periods, and folding month ends so that reports read little."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Max, Min
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotFound, TemporarilyUnavailable
from dianke.events.operations import operation, record, unchanged
from dianke.inventory.models import ClosingMark, CostEntry, Document, Movement, PeriodLock
from dianke.inventory.operations.stocking import ReasonMissing
from dianke.stores.models import LegalEntity
from dianke.stores.queries import local_date


class StockBusy(TemporarilyUnavailable):
    code = "stock_busy"
    message = _("A long posting is under way. Please try again in a minute.")


class LockNotLater(Conflict):
    code = "lock_not_later"
    message = _("The stock books are already locked through %(through)s. Choose a later date.")


class DayNotOver(InvalidInput):
    code = "day_not_over"
    message = _("%(day)s is not over yet. Lock the period when it is.")
    default_field = "locked_through"


class NothingLocked(NotFound):
    code = "nothing_locked"
    message = _("No period of “%(entity)s” is locked, so there is none to reopen.")


@contextmanager
def _alone(legal_entity_id: int) -> Iterator[None]:
    """Wait until no posting of the entity is half-way and keep others waiting; give up after two seconds. One at a
    time over all entities: two that wait for documents between their entities could wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', '2s', true)")
        try:
            cursor.execute("SELECT pg_advisory_xact_lock(7306002)")
            cursor.execute("SELECT pg_advisory_xact_lock(7306001, %s)", [legal_entity_id])
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) == "55P03":
                raise StockBusy() from error
            raise
    yield


@operation("inventory.lock_periods")
def lock_period(
    *, legal_entity: LegalEntity, locked_through: date, actor: Actor, now: datetime
) -> PeriodLock:
    """From now on nothing of the entity is dated on or before `locked_through`. Raises `DayNotOver`, `LockNotLater`,
    `StockBusy`."""
    if locked_through >= local_date(now):
        raise DayNotOver(day=locked_through)
    with _alone(legal_entity.pk):
        before = PeriodLock.objects.filter(legal_entity=legal_entity).aggregate(last=Max("locked_through"))[
            "last"
        ]
        if before is not None and before >= locked_through:
            raise LockNotLater(through=before)
        lock = PeriodLock.objects.create(
            legal_entity=legal_entity,
            locked_through=locked_through,
            last_document_id=Document.objects.aggregate(last=Max("pk"))["last"] or 0,
            locked_at=now,
            user_id=actor.user_id,
        )
    record(
        "inventory.period_locked",
        legal_entity,
        actor=actor,
        now=now,
        data={"through": locked_through.isoformat()},
    )
    return lock


@operation("inventory.lock_periods")
def reopen_period(*, legal_entity: LegalEntity, reason: str, actor: Actor, now: datetime) -> date:
    """Take the latest lock of the entity away; returns the date it was locked through. Raises `NothingLocked`,
    `ReasonMissing`."""
    if not reason.strip():
        raise ReasonMissing()
    locks = PeriodLock.objects.select_for_update().filter(legal_entity=legal_entity)
    lock = locks.order_by("-locked_through").first()
    if lock is None:
        raise NothingLocked(entity=legal_entity.short_name)
    lock.delete()
    record(
        "inventory.period_reopened",
        legal_entity,
        actor=actor,
        now=now,
        data={"through": lock.locked_through.isoformat(), "reason": reason.strip()},
    )
    return lock.locked_through


@operation(None)
def fold_closings(*, legal_entity: LegalEntity, actor: Actor, now: datetime) -> int:
    """Bring the month ends of an entity up to date: what was posted late is added to those it is dated before, months
    that are over get theirs. Returns how many months are folded. No fact changes, so no event is left; nobody who
    posts waits longer than it takes to read two numbers. Raises `StockBusy`.
    """
    unchanged()
    with connection.cursor() as cursor:  # one fold of an entity at a time
        cursor.execute("SELECT pg_advisory_xact_lock(7306003, %s)", [legal_entity.pk])
    upto = _settled(legal_entity.pk)
    mark = ClosingMark.objects.filter(legal_entity=legal_entity).first()
    if mark is None:
        # Nothing is dated before the first month, so its beginning is the first month end, with nothing in it.
        first = min(
            filter(None, (_first(Document, legal_entity), _first(CostEntry, legal_entity))), default=None
        )
        if first is None:
            return 0
        empty = first.replace(day=1) - timedelta(days=1)
        mark = ClosingMark(
            legal_entity=legal_entity, first_on=empty, last_on=empty, upto_movement_id=0, upto_entry_id=0
        )
    else:
        _add_late(mark, upto)
    closed_on = month_end(mark.last_on + timedelta(days=1))
    while closed_on < local_date(now):
        _close(mark, closed_on, upto)
        mark.last_on = closed_on
        closed_on = month_end(closed_on + timedelta(days=1))
    mark.upto_movement_id, mark.upto_entry_id = upto
    mark.save()
    return (mark.last_on.year - mark.first_on.year) * 12 + mark.last_on.month - mark.first_on.month


def _settled(legal_entity_id: int) -> tuple[int, int]:
    """The highest numbers of movements and cost entries below which nothing of the entity can come any more: while the
    lock is held nobody of the entity is between getting a number and committing. Rolling back to the savepoint gives
    the lock back at once, so that the folding itself keeps nobody waiting."""
    here = transaction.savepoint()
    try:
        with _alone(legal_entity_id):
            return (
                Movement.objects.aggregate(last=Max("pk"))["last"] or 0,
                CostEntry.objects.aggregate(last=Max("pk"))["last"] or 0,
            )
    finally:
        transaction.savepoint_rollback(here)


def month_end(day: date) -> date:
    """The last day of its month."""
    following = day.replace(day=28) + timedelta(days=4)
    return following - timedelta(days=following.day)


def _first(model: type[Document] | type[CostEntry], legal_entity: LegalEntity) -> date | None:
    rows = model._default_manager.filter(legal_entity=legal_entity)
    found: date | None = rows.aggregate(first=Min("business_date"))["first"]
    return found


_MOVED = """
    SELECT s.place_id, m.variant_id, s.sign * m.quantity AS quantity, m.business_date
    FROM inventory_movement AS m
    CROSS JOIN LATERAL (VALUES (m.to_place_id, 1), (m.from_place_id, -1)) AS s (place_id, sign)
    JOIN inventory_place AS p ON p.id = s.place_id AND p.legal_entity_id = %(entity)s
                             AND p.kind IN ('STOCK', 'TRANSIT', 'CUSTODY')
"""


def _add_late(mark: ClosingMark, upto: tuple[int, int]) -> None:
    """What was posted since the last fold with a date in a month that was folded already. The series is that of the
    month ends that stand, including empty ones."""
    values: dict[str, Any] = {
        "entity": mark.legal_entity_id,
        "first": mark.first_on,
        "last": mark.last_on,
        "m0": mark.upto_movement_id,
        "m1": upto[0],
        "e0": mark.upto_entry_id,
        "e1": upto[1],
    }
    ends = """
        (SELECT (date_trunc('month', d) + interval '1 month - 1 day')::date AS closed_on
         FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS d GROUP BY 1) AS c
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO inventory_stockclosing AS s (closed_on, place_id, variant_id, quantity)
            SELECT c.closed_on, m.place_id, m.variant_id, sum(m.quantity)
            FROM ({_MOVED} WHERE m.id > %(m0)s AND m.id <= %(m1)s AND m.business_date <= %(last)s) AS m
            JOIN {ends} ON m.business_date <= c.closed_on
            GROUP BY 1, 2, 3
            ON CONFLICT (closed_on, place_id, variant_id) DO UPDATE SET quantity = s.quantity + EXCLUDED.quantity
            """,  # noqa: S608  # constants of this module
            values,
        )
        cursor.execute(
            f"""
            INSERT INTO inventory_costclosing AS s (closed_on, legal_entity_id, variant_id, quantity, value)
            SELECT c.closed_on, e.legal_entity_id, e.variant_id, sum(e.quantity_change), sum(e.value_change)
            FROM inventory_costentry AS e JOIN {ends} ON e.business_date <= c.closed_on
            WHERE e.id > %(e0)s AND e.id <= %(e1)s AND e.legal_entity_id = %(entity)s
              AND e.business_date <= %(last)s
            GROUP BY 1, 2, 3
            ON CONFLICT (closed_on, legal_entity_id, variant_id)
            DO UPDATE SET quantity = s.quantity + EXCLUDED.quantity, value = s.value + EXCLUDED.value
            """,  # noqa: S608  # constants of this module
            values,
        )


def _close(mark: ClosingMark, closed_on: date, upto: tuple[int, int]) -> None:
    """A month end: the one before and what is dated since; written in the order in which reports read it."""
    values: dict[str, Any] = {
        "entity": mark.legal_entity_id,
        "closed_on": closed_on,
        "before": mark.last_on,
        "m1": upto[0],
        "e1": upto[1],
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO inventory_stockclosing (closed_on, place_id, variant_id, quantity)
            SELECT %(closed_on)s, place_id, variant_id, sum(quantity) FROM (
                SELECT s.place_id, s.variant_id, s.quantity FROM inventory_stockclosing AS s
                JOIN inventory_place AS p ON p.id = s.place_id AND p.legal_entity_id = %(entity)s
                WHERE s.closed_on = %(before)s
                UNION ALL
                SELECT place_id, variant_id, quantity FROM (
                    {_MOVED} WHERE m.id <= %(m1)s AND m.business_date > %(before)s
                               AND m.business_date <= %(closed_on)s) AS m) AS every
            GROUP BY 2, 3 HAVING sum(quantity) <> 0 ORDER BY 2, 3
            """,  # noqa: S608  # constants of this module
            values,
        )
        cursor.execute(
            """
            INSERT INTO inventory_costclosing (closed_on, legal_entity_id, variant_id, quantity, value)
            SELECT %(closed_on)s, %(entity)s, variant_id, sum(quantity), sum(value) FROM (
                SELECT variant_id, quantity, value FROM inventory_costclosing
                WHERE closed_on = %(before)s AND legal_entity_id = %(entity)s
                UNION ALL
                SELECT variant_id, quantity_change, value_change FROM inventory_costentry
                WHERE id <= %(e1)s AND legal_entity_id = %(entity)s AND business_date > %(before)s
                  AND business_date <= %(closed_on)s) AS every
            GROUP BY 3 HAVING sum(quantity) <> 0 OR sum(value) <> 0 ORDER BY 3
            """,
            values,
        )
