"""What the books say of a stocktake: each line with its looks, held against the instant of the look; and what those who
count may see of it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from dianke.core.actor import Actor
from dianke.inventory.models import CountLine, CountSession, Place
from dianke.inventory.rules.counting import Look, Moved, doubt

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


# Every part is looked up line by line through its index: a session is new, so nothing is known of it that a plan over
# the whole could be made from.
_BOOKS = """
SELECT l.id, l.place_id, l.variant_id, l.batch_id, l.piece_id, l.round,
       CASE WHEN l.piece_id IS NULL THEN coalesce(b.quantity, 0) WHEN h.place_id = l.place_id THEN 1 ELSE 0 END,
       coalesce(b.may_be_negative, false), coalesce(c.average, 0), h.place_id, a.at, e.entries, m.moved
FROM inventory_countline AS l
JOIN inventory_place AS p ON p.id = l.place_id
LEFT JOIN LATERAL (
    SELECT x.quantity, x.may_be_negative FROM inventory_balance AS x
    WHERE l.piece_id IS NULL AND x.variant_id = l.variant_id AND x.place_id = l.place_id
      AND x.batch_id IS NOT DISTINCT FROM l.batch_id LIMIT 1) AS b ON true
LEFT JOIN LATERAL (
    SELECT x.place_id FROM inventory_pieceat AS x WHERE x.piece_id = l.piece_id LIMIT 1) AS h ON true
LEFT JOIN LATERAL (
    SELECT x.average FROM inventory_coststate AS x
    WHERE x.legal_entity_id = p.legal_entity_id AND x.variant_id = l.variant_id LIMIT 1) AS c ON true
LEFT JOIN LATERAL (
    SELECT max(x.at) AS at FROM inventory_anchor AS x
    WHERE l.piece_id IS NULL AND x.variant_id = l.variant_id AND x.place_id = l.place_id
      AND x.batch_id IS NOT DISTINCT FROM l.batch_id) AS a ON true
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(x.round, x.counted_at, x.counted_by_id, x.quantity::text, x.is_total)
                     ORDER BY x.round, x.counted_at, x.id) AS entries
    FROM inventory_countentry AS x WHERE x.line_id = l.id) AS e ON true
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(
        (CASE WHEN x.to_place_id = l.place_id THEN x.quantity ELSE -x.quantity END)::text, x.occurred_at)) AS moved
    FROM (SELECT y.* FROM inventory_movement AS y
          WHERE l.piece_id IS NULL AND y.variant_id = l.variant_id AND y.occurred_at > %(opened_at)s
            AND y.batch_id IS NOT DISTINCT FROM l.batch_id
          UNION ALL
          SELECT y.* FROM inventory_movement AS y
          WHERE y.piece_id = l.piece_id AND y.occurred_at > %(opened_at)s) AS x
    WHERE l.place_id IN (x.to_place_id, x.from_place_id)) AS m ON true
WHERE l.session_id = %(session)s
ORDER BY l.place_id, l.variant_id, l.batch_id NULLS FIRST, l.id
"""


def books_of(session: CountSession) -> list[LineBook]:
    """Every line of a session in the order balances are locked. One statement; what is expected of a look is what is on
    hand now less what moved since, so that documents known late count at their own time."""
    with connection.cursor() as cursor:
        cursor.execute(_BOOKS, {"session": session.pk, "opened_at": session.opened_at})
        rows = cursor.fetchall()
    books = []
    for row in rows:
        (
            line_id,
            place,
            variant,
            batch,
            piece,
            number,
            there,
            may_be_short,
            cost,
            holder,
            anchor,
            said,
            went,
        ) = row
        moved = [Moved(Decimal(quantity), datetime.fromisoformat(at)) for quantity, at in _read(went)]
        seen = _seen(_read(said))
        counted_at = seen[-1].counted_at if seen else None
        books.append(
            LineBook(
                line_id=line_id,
                place_id=place,
                variant_id=variant,
                batch_id=batch,
                piece_id=piece,
                round=number,
                on_hand=Decimal(there),
                unit_cost=cost,
                holder_id=holder,
                counted_later=anchor is not None and counted_at is not None and anchor >= counted_at,
                looks=tuple(_look(one, there, moved, piece is None and not may_be_short) for one in seen),
                counted_at=counted_at,
                looked_rounds=tuple(one.round for one in seen),
            )
        )
    return books


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one round of a line adds up to."""

    round: int
    counted: Decimal
    begun_at: datetime
    counted_at: datetime
    by: int


def _seen(entries: Sequence[Sequence[Any]]) -> list[_Seen]:
    """Rounds in their order, from entries in theirs. What was entered before somebody gave the total is forgotten."""
    rounds: list[_Seen] = []
    for number, group in groupby(entries, key=itemgetter(0)):
        found = list(group)
        totals = [position for position, entry in enumerate(found) if entry[4]]
        kept = found[totals[-1] :] if totals else found
        quantities = [Decimal(entry[3]) for entry in kept]
        if not totals and not sum(quantities) and min(quantities) < 0:
            continue  # all of it was taken back: nobody looked, which is something else than to see nothing
        counted = max(sum(quantities, ZERO), ZERO)
        begun_at, counted_at = (datetime.fromisoformat(entry[1]) for entry in (kept[0], kept[-1]))
        rounds.append(_Seen(number, counted, begun_at, counted_at, kept[-1][2]))
    return rounds


def _look(seen: _Seen, there: Decimal, moved: Sequence[Moved], cannot_be_short: bool) -> Look:
    since = sum((one.quantity for one in moved if one.occurred_at > seen.counted_at), ZERO)
    return Look(
        seen.counted,
        there - since,
        seen.by,
        doubt(moved, begun_at=seen.begun_at, counted_at=seen.counted_at),
        # A piece that was seen and sold since is gone; nothing is short then.
        is_impossible=cannot_be_short and seen.counted + since < 0,
    )


def _read(found: Any) -> Sequence[Sequence[Any]]:
    """JSON as the driver hands it over: text, or read already."""
    return (json.loads(found) if isinstance(found, str) else found) or ()


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
    """How far a session is: lines, of them counted in the present round, to be counted again, and looked at at all."""

    lines: int
    counted: int
    again: int
    looked: int


#: Which rounds of entries `e` are a look, as `_seen` reads them: not those whose entries were all taken back.
A_LOOK = "HAVING bool_or(e.is_total) OR sum(e.quantity) <> 0 OR min(e.quantity) >= 0"


def progress_of(sessions: Sequence[CountSession]) -> dict[int, Progress]:
    """By session id. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT l.session_id, count(*),
                   count(*) FILTER (WHERE EXISTS (SELECT FROM inventory_countentry AS e
                                                  WHERE e.line_id = l.id AND e.round = l.round {A_LOOK})),
                   count(*) FILTER (WHERE l.verdict = 'RECOUNT'),
                   count(*) FILTER (WHERE EXISTS (SELECT FROM inventory_countentry AS e
                                                  WHERE e.line_id = l.id GROUP BY e.round {A_LOOK}))
            FROM inventory_countline AS l WHERE l.session_id = ANY(%s) GROUP BY l.session_id
            """,  # noqa: S608 - of this module's own words
            [[session.pk for session in sessions]],
        )
        found = {row[0]: Progress(*row[1:]) for row in cursor.fetchall()}
    return {session.pk: found.get(session.pk, Progress(0, 0, 0, 0)) for session in sessions}


def holders(place_ids: Collection[int]) -> dict[int, Place]:
    """Places by id."""
    return {place.pk: place for place in Place.objects.filter(pk__in=place_ids)}
