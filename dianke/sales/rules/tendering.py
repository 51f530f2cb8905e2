"""How a total is paid: several payments, change for cash, and what stays on account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from dianke.core.errors import InvalidInput


class ChangeTooMuch(InvalidInput):
    code = "payment_change_too_much"
    message = _("Only cash gives change. Lower the other payments so that they are no more than the total.")
    default_field = "payments"


class PaymentAmountWrong(InvalidInput):
    code = "payment_amount_wrong"
    message = _("Each payment must be more than zero, and no less cash handed over than counts.")
    default_field = "payments"


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody hands over: `amount` counts; of cash, `tendered` was put down (None: exactly the amount)."""

    amount: int
    gives_change: bool = False
    tendered: int | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    amount: int
    tendered: int
    change: int


def settle(total: int, given: Sequence[Given]) -> list[Taken]:
    """What each payment counts for and the change. Cash may be more than is left to pay: the rest is change. Raises
    `PaymentAmountWrong`, `ChangeTooMuch`."""
    taken = []
    over = max(0, sum(each.amount for each in given) - total)
    for each in reversed(given):
        if each.amount <= 0 or (each.tendered is not None and each.tendered < each.amount):
            raise PaymentAmountWrong
        less = min(over, each.amount - 1) if each.gives_change else 0
        over -= less
        amount = each.amount - less
        tendered = each.amount if each.tendered is None else each.tendered
        change = tendered - amount if each.gives_change else 0
        taken.append(Taken(amount, tendered if each.gives_change else amount, change))
    if over:
        raise ChangeTooMuch
    return taken[::-1]
