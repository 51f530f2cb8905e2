"""What stands on a receipt, whatever it is printed on. Amounts are minor units of the receipt's currency."""

from __future__ import annotations

from dataclasses import dataclass

from dianke.core.errors import Text
from dianke.core.money import Money


@dataclass(frozen=True, slots=True)
class Discount:
    """Why something costs less: `amount` above zero is what was saved."""

    name: Text
    amount: int


@dataclass(frozen=True, slots=True)
class Item:
    """One line. `quantity` is written as people read it ("2", "0.35 kg"); `price` is the list price of one."""

    name: str
    quantity: str
    price: int
    list_amount: int
    paid_amount: int
    discounts: tuple[Discount, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid by one tender; of cash `handed` was given over and `change` given back."""

    name: str
    amount: int
    handed: int = 0
    change: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """The customer as others may read it: a masked name, what points and stored value came to. None: not told."""

    name: str
    level: str = ""
    points_earned: int = 0
    points_used: int = 0
    points_left: int | None = None
    wallet_left: int | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt. `sold_at` is written in the time of the store; `discounts` are those of all lines together by name;
    `link` is the customer's page of it; a second print is a copy and says so."""

    title: str
    number: str
    sold_at: str
    currency: str
    items: tuple[Item, ...]
    list_amount: int
    total_amount: int
    paid: tuple[Paid, ...]
    header: tuple[str, ...] = ()
    register: str = ""
    staff: str = ""
    tax_amount: int | None = None
    member: Member | None = None
    due_amount: int = 0
    link: str = ""
    footer: tuple[str, ...] = ()
    is_copy: bool = False

    @property
    def saved_amount(self) -> int:
        return self.list_amount - self.total_amount

    @property
    def discounts(self) -> tuple[Discount, ...]:
        """What was saved, by name, in the order it first appears."""
        found: dict[str, int] = {}
        for item in self.items:
            for discount in item.discounts:
                found[str(discount.name)] = found.get(str(discount.name), 0) + discount.amount
        return tuple(Discount(name, amount) for name, amount in found.items() if amount)

    def money(self, amount: int) -> str:
        """An amount as it is printed, without the sign of the currency: `1234567` is "12,345.67"."""
        return f"{Money.from_minor(amount, self.currency).amount:,f}"
