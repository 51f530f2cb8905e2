"""What the books say of a stocktake: each line with its looks, held against the instant of the look; and what those who
count may see of it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from dianke.core.actor import Actor
from dianke.inventory.models import CountLine, CountSession, Place
from dianke.inventory.rules.counting import BASKET_TIME, Look

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class LineBook:
    """A line as it stands now. `looks` in their order, the last taken at `counted_at`. `on_hand` by the books; of a
    piece `holder` is the place it is at, of goods `counted_later` whether another count was posted behind this one.
    `unit_cost` in yuan."""

    line_id: int
    place_id: int
    variant_id: int
    batch_id: int | None
    piece_id: int | None
    round: int
    on_hand: Decimal
    unit_cost: Decimal
    holder_id: int | None
    counted_later: bool
    looks: tuple[Look, ...]
    counted_at: datetime | None
    looked_rounds: tuple[int, ...]


_BOOKS = """
WITH lines AS (
    SELECT l.* FROM inventory_countline AS l WHERE l.session_id = %(session)s
), entries AS (
    SELECT e.*, max(e.n) FILTER (WHERE e.is_total) OVER (PARTITION BY e.line_id, e.round) AS total
    FROM (SELECT c.*, row_number() OVER (PARTITION BY c.line_id, c.round ORDER BY c.counted_at, c.id) AS n
          FROM inventory_countentry AS c WHERE c.session_id = %(session)s) AS e
), looks AS (
    -- What was entered before somebody gave the total is forgotten.
    SELECT e.line_id, e.round, greatest(sum(e.quantity), 0) AS counted, min(e.counted_at) AS begun_at,
           max(e.counted_at) AS counted_at,
           (array_agg(e.counted_by_id ORDER BY e.counted_at DESC, e.id DESC))[1] AS counted_by
    FROM entries AS e WHERE e.total IS NULL OR e.n >= e.total GROUP BY e.line_id, e.round
), moved AS (
    SELECT s.place_id, m.variant_id, m.batch_id, m.piece_id, m.occurred_at, s.sign * m.quantity AS quantity
    FROM inventory_movement AS m
    CROSS JOIN LATERAL (VALUES (m.to_place_id, 1), (m.from_place_id, -1)) AS s (place_id, sign)
    WHERE m.variant_id IN (SELECT variant_id FROM lines) AND m.occurred_at > %(opened_at)s
      AND s.place_id IN (SELECT place_id FROM lines)
), shifts AS (
    SELECT k.line_id, k.round,
           coalesce(sum(m.quantity) FILTER (WHERE m.occurred_at > k.counted_at), 0) AS since,
           coalesce(sum(least(m.quantity, 0)) FILTER (
               WHERE m.occurred_at > k.counted_at AND m.occurred_at <= k.counted_at + %(grace)s::interval), 0)
           - coalesce(sum(greatest(m.quantity, 0)) FILTER (WHERE m.occurred_at <= k.counted_at), 0) AS low,
           coalesce(sum(greatest(m.quantity, 0)) FILTER (
               WHERE m.occurred_at > k.counted_at AND m.occurred_at <= k.counted_at + %(grace)s::interval), 0)
           - coalesce(sum(least(m.quantity, 0)) FILTER (WHERE m.occurred_at <= k.counted_at), 0) AS high
    FROM looks AS k JOIN lines AS l ON l.id = k.line_id
    JOIN moved AS m ON m.place_id = l.place_id AND m.variant_id = l.variant_id
        AND coalesce(m.batch_id, 0) = coalesce(l.batch_id, 0) AND coalesce(m.piece_id, 0) = coalesce(l.piece_id, 0)
        AND m.occurred_at > k.begun_at
    GROUP BY k.line_id, k.round
), stock AS (
    SELECT l.id AS line_id, h.place_id AS holder, coalesce(b.may_be_negative, false) AS may_be_negative,
           CASE WHEN l.piece_id IS NULL THEN coalesce(b.quantity, 0)
                WHEN h.place_id = l.place_id THEN 1 ELSE 0 END AS on_hand
    FROM lines AS l
    LEFT JOIN inventory_balance AS b ON l.piece_id IS NULL AND b.variant_id = l.variant_id
        AND b.place_id = l.place_id AND b.batch_id IS NOT DISTINCT FROM l.batch_id
    LEFT JOIN inventory_pieceat AS h ON h.piece_id = l.piece_id
), looked AS (
    SELECT k.line_id, max(k.counted_at) AS counted_at,
           jsonb_agg(jsonb_build_object(
               'round', k.round, 'counted', k.counted::text, 'by', k.counted_by,
               'expected', (s.on_hand - coalesce(h.since, 0))::text,
               'left', (k.counted + coalesce(h.since, 0))::text, 'may_be_negative', s.may_be_negative,
               'low', coalesce(h.low, 0)::text, 'high', coalesce(h.high, 0)::text) ORDER BY k.round) AS looks
    FROM looks AS k JOIN stock AS s ON s.line_id = k.line_id
    LEFT JOIN shifts AS h ON h.line_id = k.line_id AND h.round = k.round
    GROUP BY k.line_id
)
SELECT l.id, l.place_id, l.variant_id, l.batch_id, l.piece_id, l.round, s.on_hand, coalesce(c.average, 0), s.holder,
       l.piece_id IS NULL AND EXISTS (
           SELECT FROM inventory_anchor AS a
           WHERE a.variant_id = l.variant_id AND a.place_id = l.place_id AND a.at > k.counted_at),
       k.looks, k.counted_at
FROM lines AS l
JOIN stock AS s ON s.line_id = l.id
JOIN inventory_place AS p ON p.id = l.place_id
LEFT JOIN looked AS k ON k.line_id = l.id
LEFT JOIN inventory_coststate AS c ON c.legal_entity_id = p.legal_entity_id AND c.variant_id = l.variant_id
ORDER BY l.place_id, l.variant_id, l.batch_id NULLS FIRST, l.id
"""


def books_of(session: CountSession) -> list[LineBook]:
    """Every line of a session in the order balances are locked. One statement; what is expected of a look is what is on
    hand now less what moved since, so that documents known late count at their own time."""
    with connection.cursor() as cursor:
        cursor.execute(
            _BOOKS,
            {
                "session": session.pk,
                "opened_at": session.opened_at,
                "grace": f"{BASKET_TIME.total_seconds():.0f} seconds",
            },
        )
        rows = cursor.fetchall()
    books = []
    for row in rows:
        line_id, place, variant, batch, piece, number, there, cost, holder, later, looks, counted_at = row
        found = (json.loads(looks) if isinstance(looks, str) else looks) or ()
        books.append(
            LineBook(
                line_id=line_id,
                place_id=place,
                variant_id=variant,
                batch_id=batch,
                piece_id=piece,
                round=number,
                on_hand=there,
                unit_cost=cost,
                holder_id=holder,
                counted_later=later,
                looks=tuple(_look(each, piece is not None) for each in found),
                counted_at=counted_at,
                looked_rounds=tuple(each["round"] for each in found),
            )
        )
    return books


def _look(row: Mapping[str, Any], is_piece: bool) -> Look:
    left = Decimal(row["left"])
    return Look(
        Decimal(row["counted"]),
        Decimal(row["expected"]),
        row["by"],
        (Decimal(row["low"]), Decimal(row["high"])),
        # A piece that was seen and sold since is gone; nothing is short then.
        is_impossible=left < 0 and not row["may_be_negative"] and not is_piece,
    )


# --- what one may see ----------------------------------------------------------------------------------------
def sees_expected(session: CountSession, actor: Actor) -> bool:
    """Whether expected quantities and differences are shown: of a blind session only once nothing is counted any more,
    and to those who approve."""
    if not session.is_blind:
        return True
    return not session.is_counting and actor.can("inventory.approve_counts", store_id=session.store_id)


def lines_to_show(session: CountSession, actor: Actor) -> QuerySet[CountLine]:
    """The lines of a session for somebody. Who counts blind sees what has been entered and what is asked for again;
    which pieces are expected is theirs to find."""
    lines = CountLine.objects.filter(session=session).select_related(
        "place", "variant__product", "batch", "piece"
    )
    if sees_expected(session, actor):
        return lines
    return lines.filter(Q(piece=None) | Q(entries__isnull=False)).distinct()


def entered_by(line_ids: Collection[int], *, round_of: Mapping[int, int]) -> dict[int, Decimal]:
    """What was entered for lines in their present round, by line: what somebody who counts may see."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT e.line_id, greatest(sum(e.quantity), 0)
            FROM (SELECT c.*, max(c.n) FILTER (WHERE c.is_total) OVER (PARTITION BY c.line_id) AS total
                  FROM (SELECT x.*, row_number() OVER (PARTITION BY x.line_id ORDER BY x.counted_at, x.id) AS n
                        FROM inventory_countentry AS x
                        JOIN unnest(%s::bigint[], %s::int[]) AS w (line_id, round)
                            ON w.line_id = x.line_id AND w.round = x.round) AS c) AS e
            WHERE e.total IS NULL OR e.n >= e.total GROUP BY e.line_id
            """,
            [list(line_ids), [round_of[pk] for pk in line_ids]],
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a session is: lines, of them counted in the present round, and to be counted again."""

    lines: int
    counted: int
    again: int


def progress_of(sessions: Sequence[CountSession]) -> dict[int, Progress]:
    """By session id. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT l.session_id, count(*),
                   count(*) FILTER (WHERE EXISTS (SELECT FROM inventory_countentry AS e
                                                  WHERE e.line_id = l.id AND e.round = l.round)),
                   count(*) FILTER (WHERE l.verdict = 'RECOUNT')
            FROM inventory_countline AS l WHERE l.session_id = ANY(%s) GROUP BY l.session_id
            """,
            [[session.pk for session in sessions]],
        )
        found = {row[0]: Progress(*row[1:]) for row in cursor.fetchall()}
    return {session.pk: found.get(session.pk, Progress(0, 0, 0)) for session in sessions}


def holders(place_ids: Collection[int]) -> dict[int, Place]:
    """Places by id."""
    return {place.pk: place for place in Place.objects.filter(pk__in=place_ids)}
