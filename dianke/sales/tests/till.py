"""A till to run: the people and stores of the cast of `stores`, registers at the lake, and short ways to sell, pay,
count and close. What is sold are fees: no goods are needed for money to move."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import connection

from dianke.core.actor import SYSTEM, Actor
from dianke.sales import operations as sales
from dianke.sales.models import DayClose, Order, Shift, ZReport
from dianke.sales.operations import cash, day_close, shifts
from dianke.sales.queries.basket import Item, Sale, Tendered
from dianke.stores.models import Register
from dianke.stores.tests.cast import Cast, make_cast

FLOAT = {10_000: 2, 1_000: 8, 100: 20}  # 300.00
TODAY = date(2026, 11, 21)


@dataclass
class Till:
    """`first` and `second` are registers of the lake; the clerk does everything at `now` unless said otherwise."""

    now: datetime
    cast: Cast
    first: Register
    second: Register
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def lake(self) -> Any:
        return self.cast.lake

    def actor(self, name: str) -> Actor:
        return SYSTEM if name == "system" else self.cast.actor(name)

    def usual(self, more: dict[str, Any]) -> dict[str, Any]:
        return {"actor": self.actor(more.pop("by", "clerk")), "now": more.pop("now", self.now)} | more

    def open(self, register: Register | None = None, pieces: Mapping[int, int] = FLOAT, **more: Any) -> Shift:
        return shifts.open_shift(register=register or self.first, pieces=pieces, **self.usual(more))

    def count(self, shift: Shift, amount: int, **more: Any) -> Shift:
        return shifts.count_shift(shift=shift, pieces=pieces_of(amount), **self.usual(more))

    def close(self, shift: Shift, counted: int, left: int = 30_000, **more: Any) -> Shift:
        """Counted and closed in one."""
        usual = self.usual(more)
        shift = shifts.count_shift(
            shift=shift, pieces=pieces_of(counted), actor=usual["actor"], now=usual["now"]
        )
        return shifts.close_shift(shift=shift, left_amount=left, **usual)

    def sell(
        self, shift: Shift | None, amount: int, *tenders: tuple[str, int], business: Any = None, **more: Any
    ) -> Order:
        """A fee of so much, paid in cash unless tenders are given. `at`: when it was sold, offline."""
        at = more.pop("at", None)
        now = more.pop("now", self.now)
        paid = tenders or (("CASH", amount),)
        sale = Sale(
            uuid4(),
            more.pop("store", self.lake),
            (Item("1", None, kind="FEE", name="手工费", amount=amount, sold_amount=amount if at else None),),
            tuple(Tendered(uuid4(), code, part, reference="R") for code, part in paid),
            register=more.pop("register", shift.register if shift else None),
            shift_id=shift.pk if shift else None,
            is_offline=at is not None,
            occurred_at=at,
            device_at=at,
            **more,
        )
        return sales.place_sale(sale=sale, actor=SYSTEM, now=now)

    def move(self, shift: Shift, kind: str, amount: int, reason: str = "备用", **more: Any) -> Any:
        reference = more.pop("reference", f"m{next(self.numbers)}")
        return cash.move_cash(
            shift=shift, kind=kind, amount=amount, reason=reason, reference=reference, **self.usual(more)
        )

    def drop(self, shift: Shift, amount: int, **more: Any) -> Any:
        reference = more.pop("reference", f"d{next(self.numbers)}")
        return cash.drop_cash(shift=shift, amount=amount, reference=reference, **self.usual(more))

    def close_day(self, day: date = TODAY, **more: Any) -> DayClose:
        more.setdefault("by", "manager")
        return day_close.close_day(store=more.pop("store", self.lake), business_date=day, **self.usual(more))

    def z(self, register: Register | None = None) -> list[ZReport]:
        return list(ZReport.objects.filter(register=register or self.first).order_by("number"))

    def assert_books(self, **expected: int) -> None:
        """Every balance of cash and what stands against it, in minor units; what is not named is zero."""
        assert books() == {name: amount for name, amount in expected.items() if amount}


def pieces_of(amount: int) -> dict[int, int]:
    """The notes and coins of an amount, largest first."""
    pieces = {}
    for value in (10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10, 5, 2, 1):
        count, amount = divmod(amount, value)
        if count:
            pieces[value] = count
    return pieces


def books() -> dict[str, int]:
    """drawer, safe, bank, difference …: balances over all stores that are not zero."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT CASE WHEN a.code <> 'cash' THEN a.code WHEN a.holder LIKE 'stores.register:%%' THEN 'drawer'
                        ELSE 'safe' END, sum(p.amount)::bigint
            FROM ledger_posting AS p JOIN ledger_account AS a ON a.id = p.account_id
            GROUP BY 1 HAVING sum(p.amount) <> 0
            """
        )
        return dict(cursor.fetchall())


def make_till(now: datetime) -> Till:
    cast = make_cast(now)
    first = cast.lake.registers.order_by("pk").first()
    assert first is not None
    second = Register.objects.create(store=cast.lake, code="T2", name="2号收银台")
    return Till(now, cast, first, second)
