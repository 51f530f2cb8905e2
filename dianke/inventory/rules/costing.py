"""What goods cost: moving average per legal entity and variant, exact to six decimals of a yuan.

A `CostState` is what an entity has of a variant over all its valued places. Each function takes the state and
answers with the next one and the `Change`s that lead there; posting writes them as cost entries. The worked
table that the tests use stands in docs/algorithms/costing.md.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from fractions import Fraction

from dianke.core.allocation import allocate_units

ZERO = Decimal(0)
_MICRO = 1_000_000
# Adding must be exact or fail; only `money` rounds.
_EXACT = Context(prec=120, traps=[Inexact, InvalidOperation, Overflow])


class EntryKind(enum.StrEnum):
    """Why the value of stock changed."""

    RECEIPT = "RECEIPT"
    ISSUE = "ISSUE"
    RETURN = "RETURN"
    REVERSAL = "REVERSAL"
    DIFFERENCE = "DIFFERENCE"
    LANDED = "LANDED"


@dataclass(frozen=True, slots=True)
class CostState:
    """`quantity` on hand (numeric(18,4)) and what it is worth (yuan, six decimals). `average` is the last unit cost
    known, which goods are issued at once there are none left."""

    quantity: Decimal = ZERO
    value: Decimal = ZERO
    average: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Change:
    """One cost entry: what it changes, and `expense`, what is booked as cost instead of as stock."""

    kind: EntryKind
    quantity: Decimal
    value: Decimal
    average_after: Decimal
    expense: Decimal = ZERO


Outcome = tuple[CostState, list[Change]]


def money(exact: Fraction) -> Decimal:
    """Rounded to a millionth of a yuan, halves away from zero, so that taking back mirrors giving."""
    scaled = abs(exact) * _MICRO
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    if 2 * rest >= scaled.denominator:
        whole += 1
    rounded = Decimal(whole).scaleb(-6, _EXACT)
    return -rounded if exact < 0 and whole else rounded


def value_at_average(state: CostState, quantity: Decimal) -> Decimal:
    """What `quantity` (> 0) is worth when it leaves: all that is left takes all the value with it, so no residue stays
    behind; beyond that, and when there is nothing, the last average goes on."""
    if quantity == state.quantity:
        return state.value
    if state.quantity:
        return money(Fraction(state.value) * Fraction(quantity) / Fraction(state.quantity))
    return money(Fraction(state.average) * Fraction(quantity))


def receive(
    state: CostState, quantity: Decimal, value: Decimal, kind: EntryKind = EntryKind.RECEIPT
) -> Outcome:
    """Goods come in for `value` altogether (≥ 0).

    Goods that were issued before they came were issued at the last average. What they cost now is squared: the
    difference is an entry of its own that leaves the stock and becomes expense.
    """
    if quantity <= 0 or value < 0:
        raise ValueError("goods are received in a quantity above zero for a value not below zero")
    squared = ZERO
    if state.quantity < 0:
        covered = min(quantity, -state.quantity)
        really = money(Fraction(value) * Fraction(covered) / Fraction(quantity))
        assumed = -state.value
        if covered != -state.quantity:
            assumed = money(Fraction(-state.value) * Fraction(covered) / Fraction(-state.quantity))
        squared = really - assumed
    new = _after(state, quantity, value - squared, money(Fraction(value) / Fraction(quantity)))
    changes = [Change(kind, quantity, value, new.average)]
    if squared:
        changes.append(Change(EntryKind.DIFFERENCE, ZERO, -squared, new.average, squared))
    return new, changes


def receive_at_average(state: CostState, quantity: Decimal) -> Outcome:
    """Goods come in that nobody paid for (found in a count): at the average, so that it does not move."""
    unit = Fraction(state.value) / Fraction(state.quantity) if state.quantity else Fraction(state.average)
    return receive(state, quantity, money(unit * Fraction(quantity)))


def issue(state: CostState, quantity: Decimal) -> Outcome:
    """Goods go out at the average; below zero at the last average known."""
    if quantity <= 0:
        raise ValueError("goods are issued in a quantity above zero")
    value = value_at_average(state, quantity)
    new = _after(state, -quantity, -value, state.average)
    return new, [Change(EntryKind.ISSUE, -quantity, -value, new.average)]


def take_back(state: CostState, quantity: Decimal, value: Decimal, expense: Decimal = ZERO) -> Outcome:
    """The opposite of what an entry did is done: `quantity`, `value` and `expense` are what to add, each with its sign.

    It is taken back at what it was entered for where the rest keeps a value that can be: nothing left is worth
    nothing, something left not less than nothing. Otherwise goods go out at the average of now.
    """
    left, worth = state.quantity + quantity, state.value + value
    fits = worth == 0 if left == 0 else worth * left >= 0
    if fits:
        # Taking back all that ever came keeps the last average: it is still the best that is known.
        new = _after(state, quantity, value, state.average)
        return new, [Change(EntryKind.REVERSAL, quantity, value, new.average, expense)]
    if quantity < 0:
        new, (change,) = issue(state, -quantity)
        return new, [
            Change(EntryKind.REVERSAL, quantity, change.value, new.average, value - change.value + expense)
        ]
    if quantity > 0:
        return receive(state, quantity, max(value, ZERO), EntryKind.REVERSAL)
    # Only value was added then; what of it is still in the stock goes, the rest has long been expense.
    part = -state.value if left and state.value * left > 0 else ZERO
    new = _after(state, ZERO, part, state.average)
    return new, [Change(EntryKind.REVERSAL, ZERO, part, new.average, value - part + expense)]


def add_landed_cost(state: CostState, received: Decimal, amount: Decimal) -> Outcome:
    """Freight or duty of `amount` that comes after `received` (> 0) were: the share of what is still on hand adds to
    its value, the share of what is gone is expense at once."""
    if received <= 0:
        raise ValueError("costs are added to goods that were received")
    there = max(min(state.quantity, received), ZERO)
    to_stock = money(Fraction(amount) * Fraction(there) / Fraction(received))
    if state.value + to_stock < 0:  # a credit note larger than what is left
        to_stock = -max(state.value, ZERO)
    new = _after(state, ZERO, to_stock, state.average)
    return new, [Change(EntryKind.LANDED, ZERO, to_stock, new.average, amount - to_stock)]


def value_of_return(
    issued: Decimal, value: Decimal, returned: Decimal, returned_value: Decimal, quantity: Decimal
) -> Decimal:
    """What `quantity` of goods `issued` for `value` is worth when it comes back after `returned` did for
    `returned_value`: what they were issued for, and the last part takes what rounding left."""
    share = Fraction(returned + quantity) / Fraction(issued)
    return max(money(Fraction(value) * share) - returned_value, ZERO)


def spread(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """`amount` over lines in proportion to `weights`, adding up to the last millionth."""
    units = int(money(Fraction(amount)).scaleb(6, _EXACT))
    scale = max((-int(weight.as_tuple().exponent) for weight in weights), default=0)
    whole = [int(weight.scaleb(max(scale, 0), _EXACT)) for weight in weights]
    return [Decimal(part).scaleb(-6, _EXACT) for part in allocate_units(units, whole)]


def _after(state: CostState, quantity: Decimal, value: Decimal, last_cost: Decimal) -> CostState:
    """The average is value over quantity; with nothing on hand it is the last cost known."""
    left, worth = _EXACT.add(state.quantity, quantity), _EXACT.add(state.value, value)
    return CostState(left, worth, money(Fraction(worth) / Fraction(left)) if left else last_cost)
