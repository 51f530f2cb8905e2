"""Shifts of a register: opened with a counted float, counted without seeing what it should be, closed, handed over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from dianke.access.models import User
from dianke.access.queries import actor_for
from dianke.core.actor import Actor
from dianke.core.business_dates import zone_named
from dianke.core.errors import Conflict, InvalidInput
from dianke.core.money import Money
from dianke.events.operations import operation, record, step, unchanged
from dianke.sales.models import CashCount, CashMovement, Shift
from dianke.sales.operations.drawers import RUN, Move, key_of, locked, move
from dianke.sales.queries.shifts import drawer_of, last_closed, running_shift
from dianke.sales.rules.counting import closing_of, opening_of, total_of
from dianke.stores.models import Merchant, Register
from dianke.work.operations import create_task

#: From here on (minor units) the manager is told of money over or short.
TELL_FROM = 5_000
_State, _Kind = Shift.State, CashMovement.Kind


class ShiftRuns(Conflict):
    code = "shift_runs_already"
    message = _("A shift runs at “%(register)s” since %(since)s (%(who)s). Close it or take it over first.")


class RegisterOff(Conflict):
    code = "register_not_in_use"
    message = _(
        "The register “%(register)s” is not in use. Choose another one, or switch it on in the settings."
    )


class FloatMissing(InvalidInput):
    code = "shift_float_missing"
    message = _("Nothing is counted. Count what lies in the drawer, or say that it is empty.")
    default_field = "is_empty"


class DifferenceUnexplained(InvalidInput):
    code = "cash_difference_unexplained"
    message = _("%(amount)s are over or short. Say what you think happened, or count again.")
    default_field = "reason"


class SuccessorUnable(InvalidInput):
    code = "shift_successor_unable"
    message = _("%(name)s may not run a register of this store. Choose another colleague.")
    default_field = "successor_id"


class SuccessorSame(InvalidInput):
    code = "shift_successor_same"
    message = _("The shift is yours already. Close it, or choose the colleague who takes over.")
    default_field = "successor_id"


@operation(RUN)
def open_shift(
    *,
    register: Register,
    pieces: Mapping[int, int],
    from_safe_amount: int | None = None,
    reason: str = "",
    is_empty: bool = False,
    actor: Actor,
    now: datetime,
) -> Shift:
    """Begin to sell with a counted float (`pieces`: value of a note or coin in minor units → how many); that there is
    none is said (`is_empty`), so that nobody begins at nothing because the count was forgotten.

    `from_safe_amount` says how much was fetched from the safe for it (below zero: put away); left out, what is more
    than the shift before left comes from the safe, and what is less is short. Raises `FloatMissing`, `ShiftRuns`,
    `RegisterOff`, `PieceUnknown`, `PieceCountWrong`, `DifferenceUnexplained`.
    """
    actor.require(RUN, store_id=register.store_id)
    if not is_empty and not any(pieces.values()):
        raise FloatMissing
    # Two who open the same register wait for each other here; the unique constraint holds it whoever writes.
    register = (
        Register.objects.select_for_update(of=("self",), no_key=True)
        .select_related("store")
        .get(pk=register.pk)
    )
    if not register.is_active:
        raise RegisterOff(register=register.name)
    runs = running_shift(register.pk)
    if runs is not None:
        raise ShiftRuns(
            register=register.name,
            since=f"{timezone.localtime(runs.opened_at, zone_named(register.store.time_zone)):%Y-%m-%d %H:%M}",
            who=runs.opened_by or "–",
        )
    shift = _begin(register, pieces, from_safe_amount, reason, actor.user_id, None, actor, now)
    record(
        "sales.shift_opened",
        shift,
        also=[register],
        actor=actor,
        now=now,
        store_id=shift.store_id,
        data={"register": register.name, "float": str(shift.float_amount)},
    )
    return shift


@operation(RUN)
def count_shift(*, shift: Shift, pieces: Mapping[int, int], actor: Actor, now: datetime) -> Shift:
    """Count the drawer at the end. Counting again is possible until the shift is closed; every count stays. What it
    should be is not told before. Raises `ShiftNotOpen`, `PieceUnknown`, `PieceCountWrong`."""
    actor.require(RUN, store_id=shift.store_id)
    shift = locked(shift, *Shift.RUNNING)
    _count(shift, pieces, actor, now)
    record(
        "sales.shift_counted",
        shift,
        also=[shift.register],
        actor=actor,
        now=now,
        store_id=shift.store_id,
        data={"register": shift.register.name, "counted": str(shift.counted_amount)},
    )
    return shift


@operation(RUN)
def resume_shift(*, shift: Shift, actor: Actor, now: datetime) -> Shift:
    """Sell on after a count. Raises `ShiftNotOpen` for a closed one."""
    actor.require(RUN, store_id=shift.store_id)
    shift = locked(shift, *Shift.RUNNING)
    if shift.state == _State.OPEN:
        unchanged()
        return shift
    shift.state, shift.counted_at, shift.counted_by_id, shift.counted_amount = _State.OPEN, None, None, None
    shift.save(update_fields=["state", "counted_at", "counted_by", "counted_amount"])
    record(
        "sales.shift_resumed",
        shift,
        also=[shift.register],
        actor=actor,
        now=now,
        store_id=shift.store_id,
        data={"register": shift.register.name},
    )
    return shift


@operation(RUN)
def close_shift(*, shift: Shift, left_amount: int, reason: str = "", actor: Actor, now: datetime) -> Shift:
    """End a counted shift: `left_amount` stays in the drawer for the next one, the rest goes into the safe, over or
    short is posted. Closing it again does nothing. Raises `ShiftNotOpen`, `LeftTooMuch`, `DifferenceUnexplained`."""
    actor.require(RUN, store_id=shift.store_id)
    shift = locked(shift)
    if shift.state == _State.CLOSED:
        unchanged()
        return shift
    shift = locked(shift, _State.COUNTED)
    _end(shift, left_amount, reason, actor, now)
    record(
        "sales.shift_closed",
        shift,
        also=[shift.register],
        actor=actor,
        now=now,
        store_id=shift.store_id,
        data=_facts(shift),
    )
    return shift


@operation(RUN)
def hand_over_shift(
    *, shift: Shift, pieces: Mapping[int, int], successor: User, reason: str = "", actor: Actor, now: datetime
) -> Shift:
    """Hand the drawer to a colleague: it is counted once, the shift is closed, and the successor's begins with what
    was counted. Returns the new shift. Raises `ShiftNotOpen`, `SuccessorUnable`, `SuccessorSame`,
    `DifferenceUnexplained` and as counting."""
    actor.require(RUN, store_id=shift.store_id)
    shift = locked(shift, *Shift.RUNNING)
    if successor.pk == shift.opened_by_id:
        raise SuccessorSame
    if not successor.is_active or not actor_for(successor, now=now).can(RUN, store_id=shift.store_id):
        raise SuccessorUnable(name=successor.name)
    _count(shift, pieces, actor, now)
    assert shift.counted_amount is not None
    _end(shift, shift.counted_amount, reason, actor, now)
    new = _begin(shift.register, pieces, 0, "", successor.pk, shift, actor, now)
    record(
        "sales.shift_handed_over",
        shift,
        also=[new, shift.register, successor],
        actor=actor,
        now=now,
        store_id=shift.store_id,
        data=_facts(shift) | {"next": new.pk},
    )
    return new


@step
def _begin(
    register: Register,
    pieces: Mapping[int, int],
    from_safe: int | None,
    reason: str,
    user_id: int | None,
    before: Shift | None,
    actor: Actor,
    now: datetime,
) -> Shift:
    store = register.store
    counted = total_of(pieces, store.currency)
    previous = before or last_closed(register.pk)
    carried = (previous.left_amount or 0) if previous is not None else 0
    opening = opening_of(carried=carried, counted=counted, from_safe=from_safe)
    if opening.difference and not reason.strip():
        raise DifferenceUnexplained(amount=_shown(opening.difference, store.currency))
    day = store.business_date(now)
    shift = Shift.objects.create(
        register=register,
        store=store,
        legal_entity_id=store.legal_entity_id,
        currency=store.currency,
        business_date=day,
        opened_at=now,
        opened_by_id=user_id,
        taken_over_from=before,
        carried_amount=carried,
        float_amount=counted,
    )
    _note_count(shift, CashCount.Kind.OPENING, pieces, counted, actor, now)
    key = key_of(shift)
    fetched = _Kind.FROM_SAFE if opening.from_safe > 0 else _Kind.TO_SAFE
    move(
        shift=shift,
        moves=[
            Move(fetched, opening.from_safe, f"{key}/float"),
            Move(_Kind.OPENING_DIFFERENCE, opening.difference, f"{key}/opening", reason.strip()),
        ],
        business_date=day,
        actor=actor,
        now=now,
    )
    return shift


@step
def _count(shift: Shift, pieces: Mapping[int, int], actor: Actor, now: datetime) -> None:
    counted = total_of(pieces, shift.currency)
    _note_count(shift, CashCount.Kind.CLOSING, pieces, counted, actor, now)
    shift.state, shift.counted_at, shift.counted_amount = _State.COUNTED, now, counted
    shift.counted_by_id = actor.user_id
    shift.save(update_fields=["state", "counted_at", "counted_by", "counted_amount"])


@step
def _note_count(
    shift: Shift, kind: str, pieces: Mapping[int, int], total: int, actor: Actor, now: datetime
) -> None:
    CashCount.objects.create(
        shift=shift,
        kind=kind,
        pieces={str(value): count for value, count in sorted(pieces.items(), reverse=True) if count},
        total_amount=total,
        counted_at=now,
        counted_by_id=actor.user_id,
    )


@step
def _end(shift: Shift, left: int, reason: str, actor: Actor, now: datetime) -> None:
    assert shift.counted_amount is not None
    expected = drawer_of(shift).expected
    closing = closing_of(expected=expected, counted=shift.counted_amount, left=left)
    reason = reason.strip()[:200]
    if closing.difference and not reason:
        raise DifferenceUnexplained(amount=_shown(closing.difference, shift.currency))
    key = key_of(shift)
    move(
        shift=shift,
        moves=[
            Move(_Kind.DIFFERENCE, closing.difference, f"{key}/difference", reason),
            Move(_Kind.TO_SAFE, -closing.to_safe, f"{key}/safe"),
        ],
        business_date=shift.store.business_date(now),
        actor=actor,
        now=now,
    )
    shift.state, shift.closed_at, shift.closed_by_id = _State.CLOSED, now, actor.user_id
    shift.expected_amount, shift.left_amount, shift.reason = expected, closing.left, reason
    shift.save(update_fields=["state", "closed_at", "closed_by", "expected_amount", "left_amount", "reason"])
    if abs(closing.difference) >= TELL_FROM:
        _tell(shift, closing.difference, actor, now)


@step
def _tell(shift: Shift, difference: int, actor: Actor, now: datetime) -> None:
    """A task for whoever leads the store."""
    language = Merchant.objects.values_list("language", flat=True).first() or "zh-hans"
    with override(language):
        title = gettext("Cash of %(register)s: %(amount)s over or short") % {
            "register": shift.register.name,
            "amount": _shown(difference, shift.currency),
        }
    create_task(
        title=title,
        kind="till",
        store=shift.store,
        subject=f"sales.shift:{shift.pk}",
        auto_assign=True,
        reference=f"{key_of(shift)}/difference",
        actor=actor.as_system(),
        now=now,
    )


def _facts(shift: Shift) -> dict[str, str]:
    return {
        "register": shift.register.name,
        "counted": str(shift.counted_amount),
        "expected": str(shift.expected_amount),
        "left": str(shift.left_amount),
        "difference": str(shift.difference_amount),
    }


def _shown(amount: int, currency: str) -> str:
    return f"{Money.from_minor(amount, currency).amount:,f}"
