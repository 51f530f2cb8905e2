"""What `Growth` adds of registers: shifts with cash in and out, closed days, tills with missing sales, exceptions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from dianke.access.models import Device
from dianke.inventory.tests.shop import within
from dianke.sales import operations as sales
from dianke.sales.models import DayClose, OrderException, Shift
from dianke.sales.operations import cash, day_close, offline, shifts
from dianke.sales.queries.basket import Item, Sale, Tendered
from dianke.sales.queries.receipts import link_token
from dianke.stores.models import Store
from dianke.stores.operations import add_register


class Registers:
    """`shift` is the one whose pages and lists are opened; it runs at a register of its own."""

    def __init__(self, store: Store, who: dict[str, Any]) -> None:
        self.store, self.who = store, who
        self.register = add_register(store=store, code="GROW", name="成长收银台", **who)
        self.other = add_register(store=store, code="GROW2", name="成长收银台二", **who)
        self.shift: Shift = shifts.open_shift(register=self.register, pieces={10_000: 99_000}, **who)
        self.order = self._sale(self.shift)
        self.device = self._device("成长平板")
        within(work=lambda: self._note(1), actor=who["actor"], now=who["now"])
        offline.set_offline_policy(store=store, limits=offline.limits_of(store), **who)
        self._close(0)

    def _sale(self, shift: Shift) -> Any:
        sale = Sale(
            uuid4(),
            self.store,
            (Item("1", None, kind="FEE", name="成长手工费", amount=100),),
            (Tendered(uuid4(), "CASH", 100),),
            register=shift.register,
            shift_id=shift.pk,
        )
        return sales.place_sale(sale=sale, **self.who)

    def _device(self, name: str) -> Device:
        now = self.who["now"]
        return Device.objects.create(
            name=name, store_id=self.store.pk, token_hash=uuid4().hex, enrolled_at=now, last_seen_at=now
        )

    def _close(self, number: int) -> None:
        """A day of last year: nothing runs there."""
        today = self.store.business_date(self.who["now"])
        day_close.close_day(store=self.store, business_date=today - timedelta(days=200 - number), **self.who)

    def add(self, number: int) -> None:
        """One more of everything."""
        who = self.who
        cash.move_cash(
            shift=self.shift, kind="EXPENSE", amount=1, reason="成长", reference=f"g{number}", **who
        )
        cash.open_drawer(shift=self.shift, reason="成长", **who)
        shift = shifts.open_shift(register=self.other, pieces={}, is_empty=True, **who)
        shift = shifts.count_shift(shift=shift, pieces={}, **who)
        shifts.close_shift(shift=shift, left_amount=0, **who)
        order = self._sale(self.shift)
        OrderException.objects.create(order=order, store=self.store, kind="PRICE", at=who["now"])
        self._close(number)
        offline.issue_grant(
            device=self._device(f"成长平板{number}"),
            store=self.store,
            **who,
        )
        within(work=lambda: self._note(number * 2 + 1), actor=who["actor"], now=who["now"])

    def _note(self, number: int) -> None:
        now = self.who["now"]
        offline.note_sequence(device_id=self.device.pk, store_id=self.store.pk, number=number, now=now)

    def records(self) -> dict[str, Any]:
        """A record for each gap of this part's addresses."""
        return {
            "/m/receipts/": link_token(self.order),
            "/registers/": self.register.pk,
            "/shifts/": self.shift.pk,
            "/day-closes/": DayClose.objects.latest("pk").pk,
            "/tills/": self.device.pk,
            "/offline-tills/": self.device.pk,
        }
