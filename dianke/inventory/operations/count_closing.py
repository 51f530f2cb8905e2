"""What follows from the looks of a stocktake: lines are judged and counted again, the session is submitted, agreed to,
and posted as one document that becomes an anchor.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict
from dianke.events.operations import operation, record, step, subject_key, unchanged
from dianke.inventory.models import (
    CountEntry,
    CountLine,
    CountSession,
    Document,
    PeriodLock,
    Place,
)
from dianke.inventory.operations.counting import (
    APPROVE,
    COUNT,
    CountNeedsPerson,
    check_state,
    lock_session,
)
from dianke.inventory.operations.places import places_of
from dianke.inventory.operations.posting import Kind, Line, post_document
from dianke.inventory.queries.counting import A_LOOK, LineBook, books_of, holders
from dianke.inventory.rules.counting import Tolerance, assess, worth
from dianke.work.models import Task
from dianke.work.operations import complete_task, create_task

State = CountSession.State
_FEN = Decimal("0.01")
#: Where a piece may turn up although the books say it is outside: nobody has it.
_NOBODYS = (Place.Kind.LOSS, Place.Kind.GAIN, Place.Kind.SCRAP, Place.Kind.OPENING, Place.Kind.SUPPLIER)


class NothingCounted(Conflict):
    code = "nothing_counted"
    message = _("Nothing has been counted yet. Count at least one line, or call the stocktake off.")


class CountOvertaken(Conflict):
    code = "count_overtaken"
    message = _(
        "Since the stocktake was submitted, documents came in that change %(count)s lines. Submit it once more; what "
        "has to be counted again is shown then."
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """A line with its verdict; `variance` is what would be posted."""

    book: LineBook
    verdict: str
    reason: str
    variance: Decimal | None

    @property
    def is_posted(self) -> bool:
        return self.verdict in (CountLine.Verdict.SETTLED, CountLine.Verdict.DISPUTED)


def judge(session: CountSession, places: dict[int, Place] | None = None) -> list[Judged]:
    """Every line of a session by its looks and the books of now."""
    books = books_of(session)
    at = places or holders({book.holder_id for book in books if book.holder_id is not None})
    tolerance = Tolerance(session.tolerance_quantity, session.tolerance_bp)
    return [_judge_line(book, session, tolerance, at) for book in books]


def _judge_line(book: LineBook, session: CountSession, tolerance: Tolerance, at: dict[int, Place]) -> Judged:
    found = assess(book.looks, Tolerance() if book.piece_id else tolerance)
    verdict: str = found.verdict
    if book.looks and book.counted_later:
        verdict = CountLine.Verdict.SUPERSEDED
    elif found.variance == 1 and book.piece_id and not _may_come(book, session, at):
        verdict = CountLine.Verdict.ELSEWHERE
    return Judged(book, verdict, found.reason.value, found.variance)


def _may_come(book: LineBook, session: CountSession, at: dict[int, Place]) -> bool:
    """Whether a piece that was seen where the books do not have it may be booked here: nobody has it, or another shelf
    of the store. What a customer or another store has is not the count's to take."""
    holder = at.get(book.holder_id or 0)
    if holder is None or holder.kind in _NOBODYS:
        return True
    return holder.kind == Place.Kind.STOCK and holder.store_id == session.store_id


# --- submitting ----------------------------------------------------------------------------------------------
@operation(COUNT)
def submit_count(
    *,
    session: CountSession,
    missing_is_zero: bool = False,
    without_recount: bool = False,
    actor: Actor,
    now: datetime,
) -> CountSession:
    """Say that the counting is done. Lines that need a second look are asked for again, by another person; when none
    is left the session is submitted, and whoever approves counts finds a task.

    With `missing_is_zero` what nobody counted is not there; else it is left as the books have it. `without_recount`
    (who may approve counts) takes what is still to be counted again as disputed. Raises `CountNotFound`,
    `CountClosed`, `NothingCounted`.
    """
    found = lock_session(session, actor)
    check_state(found, State.COUNTING, State.RECOUNTING, State.SUBMITTED)
    if without_recount:
        actor.require(APPROVE, store_id=found.store_id)
    if missing_is_zero:
        _look_at_what_is_missing(found, actor, now)
    judged = judge(found)
    if not any(each.book.looks for each in judged):
        raise NothingCounted
    if without_recount:
        judged = [_as_disputed(each) for each in judged]
    again = [each for each in judged if each.verdict == CountLine.Verdict.RECOUNT]
    _write_verdicts(judged)
    total = worth((each.variance or Decimal(0), each.book.unit_cost) for each in judged if each.is_posted)
    found.state = State.RECOUNTING if again else State.SUBMITTED
    found.submitted_at, found.submitted_by_id = (None, None) if again else (now, actor.user_id)
    found.surplus, found.shortage = total.surplus, total.shortage
    found.save(update_fields=["state", "submitted_at", "submitted_by", "surplus", "shortage"])
    if not again:
        _ask_to_post(found, actor, now)
    record(
        "inventory.count_again" if again else "inventory.count_submitted",
        found,
        actor=actor,
        now=now,
        store_id=found.store_id,
        data={
            "name": str(found),
            "again": len(again),
            "differences": sum(1 for each in judged if each.is_posted and each.variance),
        },
    )
    return found


def _as_disputed(each: Judged) -> Judged:
    if each.verdict != CountLine.Verdict.RECOUNT:
        return each
    if each.book.looks[-1].is_impossible:
        return Judged(each.book, CountLine.Verdict.UNCOUNTED, each.reason, None)
    return Judged(each.book, CountLine.Verdict.DISPUTED, each.reason, each.variance)


@step
def _look_at_what_is_missing(session: CountSession, actor: Actor, now: datetime) -> None:
    """Zero for every line nobody looked at; entries that were all taken back are no look."""
    if actor.user_id is None:
        raise CountNeedsPerson
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO inventory_countentry (session_id, line_id, key, round, quantity, is_total, counted_at,
                                              counted_by_id, received_at)
            SELECT l.session_id, l.id, 'missing:' || l.id, l.round, 0, true, %(now)s, %(user)s, %(now)s
            FROM inventory_countline AS l
            WHERE l.session_id = %(session)s
              AND NOT EXISTS (SELECT FROM inventory_countentry AS e WHERE e.line_id = l.id
                              GROUP BY e.round {A_LOOK})
            ON CONFLICT DO NOTHING
            """,  # noqa: S608 - of queries/counting.py
            {"session": session.pk, "user": actor.user_id, "now": now},
        )


@step
def _write_verdicts(judged: Sequence[Judged]) -> None:
    """All lines in one statement; a look that is asked for again is the next round."""
    rows = []
    for each in judged:
        look = each.book.looks[-1] if each.book.looks else None
        is_again = each.verdict == CountLine.Verdict.RECOUNT
        last_round = max(each.book.looked_rounds, default=each.book.round)
        rows.append(
            {
                "id": each.book.line_id,
                "verdict": str(each.verdict),
                "reason": each.reason,
                "round": last_round + 1 if is_again else each.book.round,
                "counted": str(look.counted) if look else None,
                "counted_at": each.book.counted_at.isoformat() if each.book.counted_at else None,
                "counted_by": look.by if look else None,
                "expected": str(look.expected) if look else None,
                "variance": None if each.variance is None else str(each.variance),
                "unit_cost": str(each.book.unit_cost),
            }
        )
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE inventory_countline AS l
            SET verdict = n.verdict, reason = n.reason, round = n.round, counted = n.counted,
                counted_at = n.counted_at, counted_by_id = n.counted_by, expected = n.expected,
                variance = n.variance, unit_cost = n.unit_cost
            FROM jsonb_to_recordset(%s::jsonb) AS n (
                id bigint, verdict text, reason text, round int, counted numeric, counted_at timestamptz,
                counted_by bigint, expected numeric, variance numeric, unit_cost numeric)
            WHERE l.id = n.id
            """,
            [json.dumps(rows)],
        )


def _task_reference(session: CountSession) -> str:
    return f"inventory.count:{session.pk}"


@step
def _ask_to_post(session: CountSession, actor: Actor, now: datetime) -> None:
    create_task(
        title=gettext("Look at the stocktake “%(name)s” and post it") % {"name": session},
        kind="stock",
        store=session.store,
        subject=subject_key(session),
        reference=_task_reference(session),
        actor=actor.as_system(),
        now=now,
    )


# --- posting -------------------------------------------------------------------------------------------------
@operation(COUNT)
def post_count(*, session: CountSession, actor: Actor, now: datetime) -> CountSession:
    """Post what was counted, as one document: stock is then what was counted and what has moved since. What was counted
    becomes an anchor that documents dated before it do not change.

    With differences it takes who may approve counts; above the limit of a policy a second person. Doing it twice is the
    same as once. Raises `CountNotFound`, `CountClosed`, `CountOvertaken`, and the errors of posting.
    """
    found = lock_session(session, actor)
    if found.state == State.POSTED:
        unchanged()
        return found
    check_state(found, State.SUBMITTED)
    lock_stock(found)
    judged = judge(found)
    _check_as_submitted(found, judged)
    lines = _lines(found, judged, now)
    if lines or any(each.verdict == CountLine.Verdict.DISPUTED for each in judged):
        actor.require(APPROVE, store_id=found.store_id)
    if lines:
        posted = post_document(
            kind=Kind.COUNT,
            reference=f"inventory.countsession:{found.pk}",
            lines=lines,
            store=found.store,
            occurred_at=now,
            business_date=found.store.business_date(now),
            actor=actor,
            now=now,
            note=found.name,
        )
        found.document = Document.objects.get(pk=posted.document_id)
    _set_anchors(found)
    found.state, found.closed_at, found.closed_by_id = State.POSTED, now, actor.user_id
    found.save(update_fields=["state", "closed_at", "closed_by", "document"])
    task = Task.objects.filter(reference=_task_reference(found)).first()
    if task is not None and task.is_open:
        complete_task(task=task, actor=actor.as_system(), now=now)
    record(
        "inventory.count_posted",
        found,
        also=[found.document] if found.document else [],
        actor=actor,
        now=now,
        store_id=found.store_id,
        data={"name": str(found), "lines": len(lines)},
    )
    return found


@step
def lock_stock(session: CountSession) -> None:
    """Hold the balances of a session's lines, then its pieces, in the order in which every posting locks them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT FROM inventory_balance AS b
            WHERE (b.place_id, b.variant_id) IN (SELECT l.place_id, l.variant_id FROM inventory_countline AS l
                                                 WHERE l.session_id = %s)
            ORDER BY b.place_id, b.variant_id, b.batch_id NULLS FIRST FOR UPDATE
            """,
            [session.pk],
        )
        cursor.execute(
            """
            SELECT FROM inventory_pieceat AS h
            WHERE h.piece_id IN (SELECT l.piece_id FROM inventory_countline AS l WHERE l.session_id = %s)
            ORDER BY h.piece_id FOR UPDATE
            """,
            [session.pk],
        )


def _check_as_submitted(session: CountSession, judged: Sequence[Judged]) -> None:
    """What is posted is what was agreed to; a document that came late and belongs before a look changes it."""
    stood = dict(CountLine.objects.filter(session=session).values_list("pk", "variance"))
    verdicts = dict(CountLine.objects.filter(session=session).values_list("pk", "verdict"))
    changed = [
        each
        for each in judged
        if verdicts[each.book.line_id] in (CountLine.Verdict.SETTLED, CountLine.Verdict.DISPUTED)
        and (
            stood[each.book.line_id] != each.variance
            or each.verdict in (CountLine.Verdict.SUPERSEDED, CountLine.Verdict.ELSEWHERE)
            or each.book.looks[-1].is_impossible
        )
    ]
    if changed:
        raise CountOvertaken(count=len(changed))


def _lines(session: CountSession, judged: Sequence[Judged], now: datetime) -> list[Line]:
    """What is posted of the lines as submitted, in the order balances are locked, each at the instant of its look."""
    day_of = _days(session, now)
    places = places_of(store=session.store)
    shelf = {place.pk: place for place in places.stock}
    shelf |= holders({each.book.place_id for each in judged} - shelf.keys())
    verdicts = dict(CountLine.objects.filter(session=session).values_list("pk", "verdict"))
    posted = [
        each
        for each in judged
        if verdicts[each.book.line_id] in (CountLine.Verdict.SETTLED, CountLine.Verdict.DISPUTED)
        and each.variance
    ]
    # A piece that was seen on another shelf of the store has only changed its place.
    found_pieces = {each.book.piece_id for each in posted if each.book.piece_id and (each.variance or 0) > 0}
    lines = []
    for each in posted:
        book, variance = each.book, each.variance or Decimal(0)
        if variance < 0 and book.piece_id in found_pieces:
            continue
        here = shelf[book.place_id]
        if variance > 0:
            giver = places.outside[Place.Kind.GAIN]
            if book.piece_id and book.holder_id in shelf and book.holder_id != here.pk:
                giver = shelf[book.holder_id]
            ends = (giver, here)
        else:
            ends = (here, places.outside[Place.Kind.LOSS])
        lines.append(
            Line(
                book.variant_id,
                *ends,
                abs(variance),
                book.batch_id,
                book.piece_id,
                reason="COUNT",
                occurred_at=book.counted_at,
                business_date=day_of(book.counted_at or session.opened_at),
            )
        )
    return lines


def _days(session: CountSession, now: datetime) -> Callable[[datetime], date]:
    """The business date a look is posted under: that of the look, unless its books have been locked since."""
    today = session.store.business_date(now)
    locks = PeriodLock.objects.filter(legal_entity=session.store.legal_entity_id)
    locked = locks.aggregate(through=Max("locked_through"))["through"] or date.min

    def day_of(instant: datetime) -> date:
        day = session.store.business_date(instant)
        return day if day > locked else today

    return day_of


@step
def _set_anchors(session: CountSession) -> None:
    """One per goods (per batch) and place, at the last look of it; single pieces have one holder anyway."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO inventory_anchor (place_id, variant_id, batch_id, at)
            SELECT l.place_id, l.variant_id, l.batch_id, l.counted_at FROM inventory_countline AS l
            WHERE l.session_id = %s AND l.piece_id IS NULL AND l.verdict IN ('SETTLED', 'DISPUTED') ORDER BY l.id
            ON CONFLICT DO NOTHING
            """,
            [session.pk],
        )


# --- agreeing ------------------------------------------------------------------------------------------------
def amount_of(session: CountSession) -> Decimal:
    """What a policy's limit is compared with: everything found and everything missing, in yuan."""
    total = (session.surplus or Decimal(0)) + (session.shortage or Decimal(0))
    return total.quantize(_FEN, ROUND_HALF_UP)


def state_of(session: CountSession) -> dict[str, Any]:
    """What a request to post was made for: exactly these differences."""
    return {
        "state": session.state,
        "submitted_at": session.submitted_at.isoformat() if session.submitted_at else None,
        "lines": [
            [each.book.line_id, str(each.variance)]
            for each in judge(session)
            if each.variance is not None and each.verdict != CountLine.Verdict.UNCOUNTED
        ],
        "entries": CountEntry.objects.filter(session=session).count(),
    }
