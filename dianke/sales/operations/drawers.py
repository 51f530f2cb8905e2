"""Cash that moves in a drawer, in the tables and in the ledger at once. Steps: a shift's operation does it.

The drawer is the ledger account `cash` of the register; every kind of movement has one account against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotFound
from dianke.events.operations import step
from dianke.ledger import operations as ledger
from dianke.ledger.operations import AccountSpec, Draft, Entry
from dianke.sales.models import CashMovement, Shift
from dianke.sales.operations.books import accounts_named
from dianke.stores.models import Register

RUN = "sales.run_register"
CLOSE = "sales.close_days"
KIND = "sales.cash_moved"
_Kind = CashMovement.Kind


class ShiftGone(NotFound):
    code = "shift_not_found"
    message = _("This shift does not exist, or you may not see it.")


class ShiftNotOpen(Conflict):
    code = "shift_not_open"
    message = _("The shift of “%(register)s” is “%(state)s”: this is not possible now. Load the page again.")


class ShiftOfAnotherRegister(InvalidInput):
    code = "shift_of_another_register"
    message = _("This shift does not belong to the register. Load the page again.")
    default_field = "shift_id"


@dataclass(frozen=True, slots=True)
class Move:
    """One movement, seen from the drawer. `reference` names it once and for all."""

    kind: str
    amount: int
    reference: str
    reason: str = ""


def drawer_spec(
    *, register_id: int | None, store_id: int, legal_entity_id: int, currency: str
) -> AccountSpec:
    """The ledger account of a drawer; without a register that of the store's safe."""
    holder = f"stores.register:{register_id}" if register_id else f"stores.store:{store_id}"
    return AccountSpec("cash", currency, holder, store_id, legal_entity_id)


def _against(kind: str, shift: Shift) -> tuple[AccountSpec, int]:
    """The account on the other side, and whether it gains (1) or loses (-1) when the drawer gains."""
    own = (shift.currency, f"stores.store:{shift.store_id}", shift.store_id, shift.legal_entity_id)
    match kind:
        case _Kind.FROM_SAFE | _Kind.TO_SAFE:
            return AccountSpec("cash", *own), -1
        case _Kind.FROM_BANK | _Kind.TO_BANK:
            return AccountSpec("bank", *own), -1
        case _Kind.OTHER_IN:
            return AccountSpec("other_income", *own), 1
        case _Kind.EXPENSE:
            return AccountSpec("expense", *own), -1
        case _Kind.OPENING_DIFFERENCE | _Kind.DIFFERENCE | _Kind.CORRECTION:
            return AccountSpec("cash_difference", *own), -1
    raise ValueError(kind)


def check_shift(*, shift_id: int | None, register: Register | None, is_late: bool = False) -> None:
    """Money is taken in an open shift of its own register; what was sold offline (`is_late`) keeps its shift even when
    that is closed. One statement, none without a shift. Raises `ShiftOfAnotherRegister`, `ShiftNotOpen`."""
    if shift_id is None:
        return
    found: Shift | None = Shift.objects.filter(pk=shift_id).only("register_id", "state").first()
    if found is None or register is None or found.register_id != register.pk:
        raise ShiftOfAnotherRegister
    if found.state != Shift.State.OPEN and not is_late:
        raise ShiftNotOpen(register=register.name, state=found.get_state_display())


@step
def locked(shift: Shift, *states: str) -> Shift:
    """The shift as it is now, in one of these states (any when none is given); whoever works on it too waits. A payment
    does not: what it brings after the count is corrected by the day close. Raises `ShiftNotOpen`, `ShiftGone`."""
    rows = Shift.objects.select_for_update(of=("self",)).select_related("register", "store")
    found: Shift | None = rows.filter(pk=shift.pk).first()
    if found is None:
        raise ShiftGone
    if states and found.state not in states:
        raise ShiftNotOpen(register=found.register.name, state=found.get_state_display())
    return found


@step
def move(
    *, shift: Shift, moves: Sequence[Move], business_date: date, actor: Actor, now: datetime
) -> list[CashMovement]:
    """Write the movements that are not zero, and post each. The shift is locked by the caller."""
    moves = [each for each in moves if each.amount]
    if not moves:
        return []
    drawer = drawer_spec(
        register_id=shift.register_id,
        store_id=shift.store_id,
        legal_entity_id=shift.legal_entity_id,
        currency=shift.currency,
    )
    against = {each.kind: _against(each.kind, shift) for each in moves}
    accounts = accounts_named(specs=list({drawer, *(spec for spec, _sign in against.values())}))
    rows = CashMovement.objects.bulk_create(
        CashMovement(
            shift=shift,
            kind=each.kind,
            amount=each.amount,
            reason=each.reason[:200],
            reference=each.reference,
            business_date=business_date,
            made_at=now,
            made_by_id=actor.user_id,
        )
        for each in moves
    )
    drafts = []
    for each in moves:
        spec, sign = against[each.kind]
        entries = [Entry(accounts[drawer], each.amount), Entry(accounts[spec], sign * each.amount)]
        drafts.append(Draft(KIND, each.reference, entries, business_date, {"kind": each.kind}))
    ledger.post_many(drafts=drafts, actor=actor, now=now)
    return list(rows)


def key_of(shift: Shift) -> str:
    """How the ledger refers to a shift."""
    return f"sales.shift:{shift.uuid}"
