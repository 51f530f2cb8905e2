"""Where cash of prepaid value lies. The room above that keeps drawers says so: cash that somebody with an open shift
takes or pays out is in the drawer of that shift and counted with it; without a shift it is the cash of the store.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from dianke.core.actor import Actor
from dianke.events.operations import step
from dianke.ledger.operations import AccountSpec
from dianke.stores.models import Store
from dianke.wallets.models import PaymentKind
from dianke.wallets.operations.accounts import money


class Drawers(Protocol):
    """Kept by the room of registers; both write what moved, the posting is the caller's."""

    def move(
        self, *, store: Store, amount: int, reference: str, business_date: date, actor: Actor, now: datetime
    ) -> AccountSpec | None:
        """`amount` (below zero: paid out) goes through the drawer of the shift the actor opened at the store; the
        account of that drawer, None when no shift is open."""

    def take_back(
        self, *, reference: str, own_reference: str, business_date: date, actor: Actor, now: datetime
    ) -> None:
        """What moved under `reference` is taken back out of the same drawer, if it went into one."""


_drawers: list[Drawers] = []


def register_drawers(drawers: Drawers) -> None:
    """Called once, when the app that keeps drawers is ready."""
    _drawers[:] = [drawers]


@step
def moved_money(
    *,
    store: Store,
    payment_kind: str,
    amount: int,
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
) -> AccountSpec:
    """The account money of this kind goes to, or comes from (`amount` below zero). Cash is noted in the drawer of the
    person's shift; `reference` is that of the posting."""
    if payment_kind == PaymentKind.CASH and amount:
        for drawers in _drawers:
            found = drawers.move(
                store=store,
                amount=amount,
                reference=reference,
                business_date=business_date,
                actor=actor,
                now=now,
            )
            if found is not None:
                return found
    return money(store, payment_kind)


@step
def take_money_back(
    *, reference: str, own_reference: str, business_date: date, actor: Actor, now: datetime
) -> None:
    """A posting is reversed whole: what of it lay in a drawer leaves that drawer."""
    for drawers in _drawers:
        drawers.take_back(
            reference=reference,
            own_reference=own_reference,
            business_date=business_date,
            actor=actor,
            now=now,
        )
