"""Cash of top-ups, cards and refunds that stand alone: in the drawer of the shift of whoever takes or pays it. The
room of stored value posts it; here stands what moved (it calls us by `wallets.operations.drawers`).
"""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict
from dianke.events.operations import step
from dianke.ledger.operations import AccountSpec
from dianke.sales.models import CashMovement, Shift
from dianke.sales.operations.cash import NotSoMuchInDrawer
from dianke.sales.operations.drawers import drawer_spec, locked
from dianke.sales.queries.shifts import drawer_of
from dianke.stores.models import Store


class DrawerNotOpen(Conflict):
    code = "prepaid_drawer_not_open"
    message = _(
        "The cash went into the drawer of “%(register)s”, where no shift is open now. Open one there first, or pay the"
        " value back as a refund."
    )


def _name(reference: str) -> str:
    """References of that room are longer than ours may be."""
    return f"wallets:{sha256(reference.encode()).hexdigest()[:40]}"


@step
def move(
    *, store: Store, amount: int, reference: str, business_date: date, actor: Actor, now: datetime
) -> AccountSpec | None:
    """As `wallets.operations.drawers.Drawers.move`. Raises `NotSoMuchInDrawer`."""
    own = Shift.objects.filter(store=store, state=Shift.State.OPEN, opened_by=actor.user_id)
    shift: Shift | None = own.order_by("-opened_at").first() if actor.user_id else None
    if shift is None or shift.legal_entity_id != store.legal_entity_id:
        return None
    return _moved(shift, amount, reference, business_date, actor, now)


@step
def take_back(
    *, reference: str, own_reference: str, business_date: date, actor: Actor, now: datetime
) -> None:
    """As `wallets.operations.drawers.Drawers.take_back`. Raises `DrawerNotOpen`, `NotSoMuchInDrawer`."""
    rows = CashMovement.objects.select_related("shift__register").filter(reference=_name(reference))
    before: CashMovement | None = rows.first()
    if before is None:
        return
    register = before.shift.register
    shift: Shift | None = Shift.objects.filter(register=register, state=Shift.State.OPEN).first()
    if shift is None:
        raise DrawerNotOpen(register=register.name)
    _moved(shift, -before.amount, own_reference, business_date, actor, now)


@step
def _moved(
    shift: Shift, amount: int, reference: str, business_date: date, actor: Actor, now: datetime
) -> AccountSpec:
    shift = locked(shift, Shift.State.OPEN)
    if amount < 0 and drawer_of(shift).expected + amount < 0:
        raise NotSoMuchInDrawer
    CashMovement.objects.create(
        shift=shift,
        kind=CashMovement.Kind.PREPAID,
        amount=amount,
        reference=_name(reference),
        business_date=business_date,
        made_at=now,
        made_by_id=actor.user_id,
    )
    return drawer_spec(
        register_id=shift.register_id,
        store_id=shift.store_id,
        legal_entity_id=shift.legal_entity_id,
        currency=shift.currency,
    )
