"""The arithmetic of the ledger: which accounts exist, whether entries balance, which lots a spending takes,
what a reversal gives back. Everything here is a pure function of its arguments; operations.py brings the
rows and writes what is decided here. Amounts are integers in the smallest unit: fen for CNY, one point, one
session.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from dianke.core.allocation import allocate_units
from dianke.core.errors import Text
from dianke.core.money import Money, UnknownCurrency

POINTS = "POINTS"


def sessions(package: str) -> str:
    """The unit of a session package: sessions of different packages never mix."""
    return f"SESSIONS:{package}"


def show(amount: int, unit: str) -> str:
    """For people: `show(1250, "CNY")` is "12.50", `show(30, "POINTS")` is "30"."""
    try:
        return f"{Money.from_minor(amount, unit).amount:,f}"
    except UnknownCurrency:
        return f"{amount:,}"


class Side(enum.IntEnum):
    """Where an account stands: what we have or spent (DEBIT), what we owe or earned (CREDIT).

    Amounts are always seen from the account: +100 on "cash" is 100 more cash, +100 on "wallet_principal" is
    100 more for the customer. A transaction balances when the changes on both sides are equal.
    """

    DEBIT = 1
    CREDIT = -1


@dataclass(frozen=True, slots=True)
class AccountCode:
    code: str
    side: Side
    label: Text


D, C = Side.DEBIT, Side.CREDIT
# A room that needs a further kind of account adds its row here, and nowhere else.
CHART: dict[str, AccountCode] = {
    row.code: row
    for row in (
        AccountCode("cash", D, _("Cash")),
        AccountCode("bank", D, _("Bank")),
        AccountCode("clearing", D, _("Payments under way")),
        AccountCode("receivable", D, _("Owed by customers")),
        AccountCode("due_from_entity", D, _("Owed by another legal entity")),
        AccountCode("stock_value", D, _("Stock")),
        AccountCode("old_metal", D, _("Old gold taken in")),
        AccountCode("cost_of_goods", D, _("Cost of goods")),
        AccountCode("expense", D, _("Expenses")),
        AccountCode("bonus_expense", D, _("Bonus given to customers")),
        AccountCode("discount", D, _("Discounts")),
        AccountCode("rounding", D, _("Rounding")),
        AccountCode("cash_difference", D, _("Cash over and short")),
        AccountCode("partner_drawing", D, _("Drawn by partners")),
        AccountCode("revenue", C, _("Revenue")),
        AccountCode("other_income", C, _("Other income")),
        AccountCode("tax_payable", C, _("Tax payable")),
        AccountCode("deposit", C, _("Deposits of customers")),
        AccountCode("wallet_principal", C, _("Stored value, principal")),
        AccountCode("wallet_bonus", C, _("Stored value, bonus")),
        AccountCode("wallet_promotional", C, _("Stored value, promotional")),
        AccountCode("session_value", C, _("Session cards, not used yet")),
        AccountCode("gift_card", C, _("Gift cards")),
        AccountCode("due_to_entity", C, _("Owed to another legal entity")),
        AccountCode("supplier_payable", C, _("Owed to suppliers")),
        AccountCode("commission_payable", C, _("Commission payable")),
        AccountCode("partner_payable", C, _("Profit shares payable")),
        AccountCode("opening_balance", C, _("Opening balances")),
        # points and sessions: issued = still with customers + redeemed + expired
        AccountCode("points_issued", D, _("Points issued")),
        AccountCode("customer_points", C, _("Points of customers")),
        AccountCode("points_pending", C, _("Pending points of customers")),
        AccountCode("points_redeemed", C, _("Points redeemed")),
        AccountCode("points_expired", C, _("Points expired")),
        AccountCode("sessions_issued", D, _("Sessions issued")),
        AccountCode("customer_sessions", C, _("Sessions of customers")),
        AccountCode("sessions_used", C, _("Sessions used")),
        AccountCode("sessions_expired", C, _("Sessions expired")),
    )
}


# --- balance ------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Leg:
    """One change of one account, with what decides whether a transaction balances."""

    account_id: int
    unit: str
    legal_entity_id: int | None
    side: int
    amount: int


def gaps(legs: Iterable[Leg]) -> dict[tuple[str, int | None], int]:
    """What is missing per unit and legal entity: debit changes minus credit changes, only where not zero.

    Every legal entity keeps books of its own, so each balances by itself; what one spends for another goes
    over `due_from_entity` of one and `due_to_entity` of the other.
    """
    sums: dict[tuple[str, int | None], int] = defaultdict(int)
    for leg in legs:
        sums[leg.unit, leg.legal_entity_id] += leg.side * leg.amount
    return {key: total for key, total in sums.items() if total}


# --- lots ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class OpenLot:
    """A lot and what is left in it. A debt (spent beyond what was there) has `remaining` below zero and
    waits for the next grant.
    """

    id: int
    remaining: int
    expires_at: datetime | None
    is_debt: bool = False

    def is_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class LotChoice:
    """`taken`: (lot id, quantity) in the order taken. `short`: what no lot could give."""

    taken: tuple[tuple[int, int], ...]
    short: int


def free_in(lots: Iterable[OpenLot], *, now: datetime) -> int:
    """What can be spent: what has not expired, less what is owed; never below 0."""
    return max(0, sum(lot.remaining for lot in lots if not lot.is_expired(now)))


_NEVER = datetime.max.replace(tzinfo=UTC)


def choose_lots(
    lots: Iterable[OpenLot], quantity: int, *, now: datetime, first: Sequence[int] = ()
) -> LotChoice:
    """Take `quantity` from lots that are not expired: those named in `first` (in that order), then the one
    that expires earliest, then the oldest (smallest id); what never expires goes last.
    """
    rank = {lot_id: position for position, lot_id in enumerate(first)}
    usable = [lot for lot in lots if lot.remaining > 0 and not lot.is_expired(now)]
    usable.sort(
        key=lambda lot: (
            rank.get(lot.id, len(rank)),
            lot.expires_at is None,
            lot.expires_at or _NEVER,
            lot.id,
        )
    )
    taken: list[tuple[int, int]] = []
    for lot in usable:
        if quantity == 0:
            break
        part = min(lot.remaining, quantity)
        taken.append((lot.id, part))
        quantity -= part
    return LotChoice(tuple(taken), quantity)


def settle_debts(lots: Iterable[OpenLot], granted: int) -> LotChoice:
    """What a grant of `granted` pays back: oldest debt first. `short` is what of the grant remains to be spent."""
    paid: list[tuple[int, int]] = []
    for lot in sorted((lot for lot in lots if lot.remaining < 0), key=lambda lot: lot.id):
        if granted == 0:
            break
        part = min(-lot.remaining, granted)
        paid.append((lot.id, part))
        granted -= part
    return LotChoice(tuple(paid), granted)


@dataclass(frozen=True, slots=True)
class NewLot:
    """A lot to make. `remaining` is less than `quantity` when part of the grant settled a debt; both are
    negative for a debt. `reopens_id` names the expired lot whose content comes back for a time of grace.
    """

    quantity: int
    remaining: int
    expires_at: datetime | None = None
    source: str = ""
    reopens_id: int | None = None


@dataclass(slots=True)
class LotPlan:
    """What happens to the lots of one account: changes of existing lots (id -> signed quantity) and new lots."""

    changes: dict[int, int] = field(default_factory=dict)
    grants: list[NewLot] = field(default_factory=list)

    def change(self, lot_id: int, quantity: int) -> None:
        self.changes[lot_id] = self.changes.get(lot_id, 0) + quantity

    @property
    def total(self) -> int:
        """Equals the amount posted to the account."""
        return sum(self.changes.values()) + sum(lot.remaining for lot in self.grants)


@dataclass(frozen=True, slots=True)
class ReturnedLate:
    """Content of a lot that had expired before it came back: usable until `usable_until`, or lapsed (None)."""

    lot_id: int
    quantity: int
    usable_until: datetime | None


def stretch(moved: Sequence[tuple[int, int]], skip: int, quantity: int) -> list[tuple[int, int]]:
    """Lay the (lot id, quantity) pairs end to end, leave out the first `skip`, take the next `quantity`.

    Partial reversals walk over what a transaction moved in this way, each going on where the last one
    stopped.
    """
    taken: list[tuple[int, int]] = []
    for lot_id, size in moved:
        passed = min(skip, size)
        skip -= passed
        part = min(size - passed, quantity)
        quantity -= part
        if part:
            taken.append((lot_id, part))
    return taken


def plan_reopening(
    drawn: Iterable[tuple[int, int]], lots: Mapping[int, OpenLot], *, now: datetime, grace_days: int
) -> tuple[LotPlan, list[ReturnedLate]]:
    """Put back what was drawn, pairs of (lot id, quantity), into exactly those lots.

    A lot that expired meanwhile: with days of grace its content comes back as a new lot, usable for that
    long from now; without, it returns to the expired lot, from where the next expiry run takes it. Both are
    reported. A debt that was settled meanwhile cannot be lowered again: the rest comes back as a lot
    without expiry.
    """
    plan, late = LotPlan(), []
    for lot_id, quantity in drawn:
        lot = lots[lot_id]
        if lot.is_debt:
            owed = min(quantity, -lot.remaining)
            plan.change(lot_id, owed)
            if quantity > owed:
                plan.grants.append(NewLot(quantity - owed, quantity - owed))
        elif lot.is_expired(now):
            until = now + timedelta(days=grace_days) if grace_days > 0 else None
            late.append(ReturnedLate(lot_id, quantity, until))
            if until is None:
                plan.change(lot_id, quantity)
            else:
                plan.grants.append(NewLot(quantity, quantity, until, reopens_id=lot_id))
        else:
            plan.change(lot_id, quantity)
    return plan, late


def plan_taking_back(
    granted: Iterable[tuple[int, int]], lots: Mapping[int, OpenLot], *, now: datetime
) -> tuple[LotPlan, int]:
    """Take back what was granted, pairs of (lot id, quantity): out of those lots first (expired or not),
    then out of the others as any spending; a debt the grant had settled is owed again. Second result: what
    could not be taken.
    """
    plan, missing, own = LotPlan(), 0, []
    for lot_id, quantity in granted:
        lot = lots[lot_id]
        part = quantity if lot.is_debt else min(quantity, lot.remaining)
        plan.change(lot_id, -part)
        own.append(lot_id)
        missing += quantity - part
    choice = choose_lots((lot for lot in lots.values() if lot.id not in own), missing, now=now)
    for lot_id, part in choice.taken:
        plan.change(lot_id, -part)
    return plan, choice.short


# --- parts of a transaction ---------------------------------------------------------------------------------
def due_by_now(total: int, done: int, share: Fraction) -> int:
    """What to give back now so that `share` of `total` (0 < share <= 1, all refunds so far and this one)
    is given back, when `done` was given back before; nothing when that is more already. Rounded down, the
    rest settled by the last: so n partial refunds equal one full refund to the last unit.
    """
    return max(int(total * share) - done, 0)


def plan_part(legs: Sequence[Leg], returned: Mapping[int, int], share: Fraction) -> dict[int, int]:
    """How much of each account's amount to give back now: account id -> signed part of the original amount.

    `returned` is what earlier partial reversals gave back (same sign as the original). Per unit and legal
    entity both sides give back the same total, so the result balances; each account gives at most what it
    has left; at share 1 everything left is given. A unit between two equal remainders goes to the larger amount,
    then to the older account, whatever order the legs came in.
    """
    parts: dict[int, int] = {}
    groups: dict[tuple[str, int | None, bool], list[Leg]] = defaultdict(list)
    for leg in sorted(legs, key=lambda leg: (-abs(leg.amount), leg.account_id)):
        if leg.amount:
            groups[leg.unit, leg.legal_entity_id, leg.side * leg.amount > 0].append(leg)
    for group in groups.values():
        total = sum(abs(leg.amount) for leg in group)
        done = sum(abs(returned.get(leg.account_id, 0)) for leg in group)
        left = [abs(leg.amount) - abs(returned.get(leg.account_id, 0)) for leg in group]
        for leg, part in zip(group, allocate_units(due_by_now(total, done, share), left), strict=True):
            parts[leg.account_id] = part if leg.amount > 0 else -part
    return parts


# --- spending out of several pockets ------------------------------------------------------------------------
def spend_in_order(available: Mapping[str, int], amount: int, order: Sequence[str]) -> dict[str, int]:
    """Empty one pocket after the other: `spend_in_order({"principal": 50, "bonus": 30}, 60, ("bonus",
    "principal"))` takes 30 and 30. What is missing shows as a smaller sum.
    """
    taken: dict[str, int] = {}
    for pocket in order:
        part = min(available.get(pocket, 0), amount)
        if part > 0:
            taken[pocket] = part
            amount -= part
    return taken


def spend_in_proportion(available: Mapping[str, int], amount: int) -> dict[str, int]:
    """Take from all pockets in proportion to what is in them (principal and bonus used up together)."""
    amount = min(amount, sum(available.values()))
    if amount <= 0:
        return {}
    parts = allocate_units(amount, list(available.values()))
    return {pocket: part for pocket, part in zip(available, parts, strict=True) if part}
