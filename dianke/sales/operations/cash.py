"""Cash in and out of a drawer besides sales: change fetched, an expense paid, a drop into the safe, the drawer opened
although nobody paid. Above the limit of a policy a second person agrees first (`providers/registers.py`)."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, record, step, unchanged
from dianke.sales.models import CashMovement, DrawerOpening, Shift
from dianke.sales.operations.drawers import RUN, Move, key_of, locked, move
from dianke.sales.queries.shifts import drawer_of

MOST = 10**13
_Kind = CashMovement.Kind
#: What a person may enter; safe drops have an operation of their own, differences come from counts.
KINDS = (_Kind.FROM_SAFE, _Kind.FROM_BANK, _Kind.OTHER_IN, _Kind.TO_BANK, _Kind.EXPENSE)


class CashAmountWrong(InvalidInput):
    code = "cash_amount_wrong"
    message = _("Enter an amount of more than zero.")
    default_field = "amount"


class CashKindWrong(InvalidInput):
    code = "cash_kind_wrong"
    message = _("Choose where the cash came from or went to.")
    default_field = "kind"


class CashReasonMissing(InvalidInput):
    code = "cash_reason_missing"
    message = _("Say what for. The reason stands in the report of the shift.")
    default_field = "reason"


class NotSoMuchInDrawer(Conflict):
    code = "cash_not_so_much"
    message = _("There is not so much cash in the drawer. Enter less, or count the drawer first.")
    default_field = "amount"


class CashReferenceTaken(Conflict):
    code = "cash_reference_taken"
    message = _(
        "Another cash movement was entered under this reference. Load the page again and enter it anew."
    )


@operation(RUN)
def move_cash(
    *, shift: Shift, kind: str, amount: int, reason: str, reference: str, actor: Actor, now: datetime
) -> CashMovement:
    """Put cash into a drawer or take it out: `kind` FROM_SAFE, FROM_BANK, OTHER_IN, TO_BANK or EXPENSE, `amount` above
    zero. `reference` is made by the caller; the same again does nothing.

    Raises `CashKindWrong`, `CashAmountWrong`, `CashReasonMissing`, `NotSoMuchInDrawer`, `ShiftNotOpen`,
    `CashReferenceTaken`.
    """
    if kind not in KINDS:
        raise CashKindWrong
    if not reason.strip():
        raise CashReasonMissing
    return _moved(shift, kind, amount, reason, reference, actor, now)


@operation(RUN)
def drop_cash(
    *, shift: Shift, amount: int, reference: str, reason: str = "", actor: Actor, now: datetime
) -> CashMovement:
    """Put cash from the drawer into the safe. As `move_cash`."""
    return _moved(shift, _Kind.TO_SAFE, amount, reason, reference, actor, now)


@operation(RUN)
def open_drawer(*, shift: Shift, reason: str, actor: Actor, now: datetime) -> DrawerOpening:
    """Note that the drawer is opened without a sale; whoever calls it sends the kick to the printer then. Raises
    `CashReasonMissing`, `ShiftNotOpen`."""
    actor.require(RUN, store_id=shift.store_id)
    if not reason.strip():
        raise CashReasonMissing
    shift = locked(shift, *Shift.RUNNING)
    opening: DrawerOpening = DrawerOpening.objects.create(
        shift=shift, reason=reason.strip()[:200], opened_at=now, opened_by_id=actor.user_id
    )
    record(
        "sales.drawer_opened",
        shift,
        also=[shift.register],
        actor=actor,
        now=now,
        store_id=shift.store_id,
        data={"register": shift.register.name},
    )
    return opening


@step
def _moved(
    shift: Shift, kind: str, amount: int, reason: str, reference: str, actor: Actor, now: datetime
) -> CashMovement:
    actor.require(RUN, store_id=shift.store_id)
    if not 0 < amount < MOST:
        raise CashAmountWrong
    shift = locked(shift)
    signed = amount if kind in CashMovement.INWARD else -amount
    name = f"{key_of(shift)}/cash:{reference}"
    stands: CashMovement | None = shift.movements.filter(reference=name).first()
    if stands is not None:
        if (stands.kind, stands.amount) != (kind, signed):
            raise CashReferenceTaken
        unchanged()
        return stands
    shift = locked(shift, Shift.State.OPEN)
    if signed < 0 and drawer_of(shift).expected + signed < 0:
        raise NotSoMuchInDrawer
    (row,) = move(
        shift=shift,
        moves=[Move(kind, signed, name, reason.strip())],
        business_date=shift.store.business_date(now),
        actor=actor,
        now=now,
    )
    record(
        "sales.cash_moved",
        shift,
        also=[shift.register],
        actor=actor,
        now=now,
        store_id=shift.store_id,
        data={"register": shift.register.name, "kind": kind, "amount": str(signed)},
    )
    return row
