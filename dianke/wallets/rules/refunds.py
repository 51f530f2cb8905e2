"""What comes back when a customer wants the money, step by step, so that it can be shown and checked by hand.

Pure functions: what was paid and what is left go in, steps with their numbers come out; the last step is the refund.
The worked tables of docs/algorithms/prepaid.md are the ones the tests use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import Text


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a working. `values` are amounts in fen or counts; `amount` is the result of the line in fen."""

    code: str
    amount: int | None = None
    values: Mapping[str, int] | None = None

    def as_dict(self) -> dict[str, Any]:
        return {"code": self.code, "amount": self.amount, "values": dict(self.values or {})}


@dataclass(frozen=True, slots=True)
class Working:
    """`refund` comes back to the customer; `left` is what leaves the books for it; the difference is forfeited (or,
    below zero, given on top)."""

    method: str
    steps: tuple[Step, ...]
    refund: int
    left: int

    @property
    def forfeited(self) -> int:
        return self.left - self.refund


#: How the lines read; amounts are put in written out, counts as they are.
LINES: Mapping[str, Text] = {
    "paid": _("Paid"),
    "bonus": _("Bonus given with it"),
    "promotional": _("Promotional value, given without payment"),
    "expired": _("Bonus that expired, left out"),
    "left_principal": _("Principal left"),
    "left_bonus": _("Bonus left"),
    "consumed": _("Consumed: %(total)s in all, less %(left)s left"),
    "counted": _("Counts as paid consumption: %(consumed)s × %(paid)s ÷ %(total)s"),
    "unused_in_time": _("Nothing used, and paid no more than %(days)s days ago: everything paid comes back"),
    "used_before": _("Within %(days)s days, but something was used: by the usual rule"),
    "only_principal": _("The principal left comes back; bonus and promotional value lapse"),
    "paid_less_counted": _("Paid, less what counts as consumption"),
    "sessions_used": _("Sessions used: %(used)s of %(count)s"),
    "sessions_left": _("Paid sessions left: %(left)s of %(count)s, worth"),
    "at_single_price": _("%(used)s sessions at the single price of %(unit)s"),
    "gifted_left": _("Gifted sessions left: %(left)s; they lapse"),
    "spread": _("%(left)s of %(count)s sessions, paid and gifted, by their single prices"),
    "not_below_zero": _("No more was left to give back"),
    "refund": _("Refund"),
}


def _round(value: Fraction) -> int:
    """Half a fen up, in the customer's favour where it is a refund."""
    return int(value + Fraction(1, 2)) if value >= 0 else -int(-value + Fraction(1, 2))


# --- stored value --------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Funding:
    """One top-up: what was paid and given with it at the root, what is left of it now, and what expired. Of one that
    came by a transfer, the payment is the first customer's."""

    id: int
    paid_at: datetime
    paid: int
    bonus: int
    promotional: int
    principal_left: int
    bonus_left: int
    promotional_left: int
    expired: int = 0
    is_transferred: bool = False

    @property
    def left(self) -> int:
        return self.principal_left + self.bonus_left + self.promotional_left

    @property
    def consumed(self) -> int:
        """Of principal and bonus."""
        return self.paid + self.bonus - self.expired - self.principal_left - self.bonus_left


def work_out(funding: Funding, *, method: str, now: datetime, cooling_off_days: int | None) -> Working:
    """What comes back for one top-up. `method` is PRINCIPAL_LEFT or PAID_SHARE; within the days of cooling off
    what was paid comes back in full as long as nothing of it was used."""
    opening = [Step("paid", funding.paid)]
    if funding.bonus:
        opening.append(Step("bonus", funding.bonus))
    if funding.promotional:
        opening.append(Step("promotional", funding.promotional))
    if cooling_off_days and funding.paid and now <= funding.paid_at + timedelta(days=cooling_off_days):
        days = {"days": cooling_off_days}
        if funding.consumed == 0 and funding.principal_left == funding.paid:
            steps = (*opening, Step("unused_in_time", funding.paid, days), Step("refund", funding.paid))
            return Working("COOLING_OFF", steps, funding.paid, funding.left)
        opening.append(Step("used_before", None, days))
    return _METHODS[method](funding, opening)


def _principal_left(funding: Funding, opening: Sequence[Step]) -> Working:
    steps = [*opening, Step("left_principal", funding.principal_left)]
    if funding.bonus_left:
        steps.append(Step("left_bonus", funding.bonus_left))
    steps += [Step("only_principal"), Step("refund", funding.principal_left)]
    return Working("PRINCIPAL_LEFT", tuple(steps), funding.principal_left, funding.left)


def _paid_share(funding: Funding, opening: Sequence[Step]) -> Working:
    """`consumed × paid ÷ (paid + bonus)` counts; what expired of the bonus was never anybody's to use and is left out
    of both. Never more than what is left."""
    total = funding.paid + funding.bonus - funding.expired
    steps = list(opening)
    if funding.expired:
        steps.append(Step("expired", funding.expired))
    left = funding.principal_left + funding.bonus_left
    counted = _round(Fraction(funding.consumed * funding.paid, total)) if total else 0
    steps += [
        Step("consumed", funding.consumed, {"total": total, "left": left}),
        Step("counted", counted, {"consumed": funding.consumed, "paid": funding.paid, "total": total}),
        Step("paid_less_counted", funding.paid - counted),
    ]
    refund = max(0, min(funding.paid - counted, left))
    if refund != funding.paid - counted:
        steps.append(Step("not_below_zero", refund))
    steps.append(Step("refund", refund))
    return Working("PAID_SHARE", tuple(steps), refund, funding.left)


_METHODS = {"PRINCIPAL_LEFT": _principal_left, "PAID_SHARE": _paid_share}


# --- session cards ------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class ItemState:
    """An item of a card: how many sessions there were and are, their value in the books, the single price."""

    item_id: int
    is_gifted: bool
    count: int
    left: int
    value_left: int
    unit: int


@dataclass(frozen=True, slots=True)
class CardState:
    paid: int
    sold_at: datetime
    items: tuple[ItemState, ...]

    @property
    def value_left(self) -> int:
        return sum(item.value_left for item in self.items)

    @property
    def used(self) -> int:
        return sum(item.count - item.left for item in self.items)


def work_out_card(card: CardState, *, method: str, now: datetime, cooling_off_days: int | None) -> Working:
    """What comes back for a card: VALUE_LEFT (unused paid sessions at their value), LIST_PRICE (paid, less the used
    ones at the single price) or ALL_SESSIONS (paid, spread over all sessions, gifted ones too)."""
    opening = [Step("paid", card.paid)]
    if cooling_off_days and now <= card.sold_at + timedelta(days=cooling_off_days):
        days = {"days": cooling_off_days}
        if card.used == 0:
            steps = (*opening, Step("unused_in_time", card.paid, days), Step("refund", card.paid))
            return Working("COOLING_OFF", steps, card.paid, card.value_left)
        opening.append(Step("used_before", None, days))
    total = sum(item.count for item in card.items)
    opening.append(Step("sessions_used", None, {"used": card.used, "count": total}))
    steps_of, refund = _CARD_METHODS[method](card)
    gifted = sum(item.left for item in card.items if item.is_gifted)
    lapse = [Step("gifted_left", None, {"left": gifted})] if gifted and method != "ALL_SESSIONS" else []
    steps = (*opening, *steps_of, *lapse, Step("refund", refund))
    return Working(method, steps, refund, card.value_left)


def _value_left(card: CardState) -> tuple[list[Step], int]:
    steps = [
        Step("sessions_left", item.value_left, {"left": item.left, "count": item.count, "item": item.item_id})
        for item in card.items
        if not item.is_gifted
    ]
    return steps, card.value_left


def _list_price(card: CardState) -> tuple[list[Step], int]:
    steps, refund = [], card.paid
    for item in card.items:
        used = item.count - item.left
        if used and not item.is_gifted:
            values = {"used": used, "unit": item.unit, "item": item.item_id}
            steps.append(Step("at_single_price", -used * item.unit, values))
            refund -= used * item.unit
    limited = max(0, min(refund, card.value_left))
    if limited != refund:
        steps.append(Step("not_below_zero", limited))
    return steps, limited


def _all_sessions(card: CardState) -> tuple[list[Step], int]:
    weights = [(item.count * item.unit, item.left * item.unit) for item in card.items]
    if not any(whole for whole, _left in weights):
        weights = [(item.count, item.left) for item in card.items]
    whole, left = (sum(column) for column in zip(*weights, strict=True))
    refund = _round(Fraction(card.paid * left, whole)) if whole else 0
    counts = {
        "left": sum(item.left for item in card.items),
        "count": sum(item.count for item in card.items),
    }
    return [Step("spread", refund, counts)], refund


_CARD_METHODS = {"VALUE_LEFT": _value_left, "LIST_PRICE": _list_price, "ALL_SESSIONS": _all_sessions}


def together(workings: Iterable[Working]) -> tuple[int, int]:
    """(refund, left) of several top-ups."""
    found = list(workings)
    return sum(each.refund for each in found), sum(each.left for each in found)
