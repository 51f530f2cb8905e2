"""The demo's last week at its tills: sales with points, coupons, stored value, sessions; shifts and closed days; goods
brought back and exchanged, furniture in every stage, and what somebody has to look at."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from dianke.catalog.models import Piece, Variant
from dianke.config.demo.family import Family
from dianke.config.demo.sales import Sales
from dianke.core.actor import SYSTEM, Actor
from dianke.customers.models import Customer
from dianke.inventory.operations.stocking import Goods as Stocked
from dianke.inventory.operations.stocking import receive
from dianke.loyalty.queries.standing import standing_of
from dianke.promotions.queries.held import coupons_of
from dianke.sales import operations as selling
from dianke.sales.models import Order, Shift, Tender
from dianke.sales.operations import shifts
from dianke.sales.operations.day_close import close_day
from dianke.sales.queries.basket import Item, OrderTerms, Sale, Tendered
from dianke.sales.queries.pricing import price
from dianke.sales.queries.returning import preview_return
from dianke.sales.queries.shifts import drawers_of
from dianke.stores.models import Register, Store
from dianke.wallets.queries import purse_of
from dianke.work.operations import complete_task

#: Notes and coins of a till in the morning: 500.00.
FLOAT = {10_000: 2, 5_000: 3, 1_000: 10, 500: 8, 100: 10}
PIECES = (10_000, 5_000, 2_000, 1_000, 500, 100, 50, 10, 5, 2, 1)
FLOAT_AMOUNT = sum(value * count for value, count in FLOAT.items())
STAGES = ("MEASURE", "DRAWING", "FACTORY", "BALANCE", "DELIVERY", "INSTALLATION", "DONE")
DEPOSIT_SHARE = Decimal("0.3")
EARLIER_RETURNS = 12
#: What a square metre costs at the factory.
MADE_COST = Decimal(690)


class Lately:
    """Sells at the tills of the stores that are loaded."""

    def __init__(self, family: Family, sales: Sales) -> None:
        self.family, self.sales = family, sales
        self.data = sales.data
        self.number = 0
        self.sold: list[Order] = []

    def sell(self) -> None:
        """The week, store by store and day by day."""
        for row in self.data["lately"]:
            store = self.family.stores.get(row["store"])
            if store is not None:
                self._week(store, row)

    def bring_back(self) -> None:
        """Some goods come back, some are exchanged, a refund waits for its channel."""
        self._earlier_returns()
        found = [order for order in self.sold if order.lines.filter(kind="GOODS", paid_amount__gt=0).exists()]
        for number, order in enumerate(found[2:10:3]):
            line = order.lines.filter(kind="GOODS", paid_amount__gt=0).order_by("pk")[0]
            now = self._at(0, "10:40")  # days before are closed
            exchange = None
            if number == 1:
                item = Item("1", line.variant_id, Decimal(1))
                sale = Sale(self._uuid(), order.store, (item,), customer=order.customer)
                back = preview_return(order, [selling.ReturnItem(line.pk, line.quantity)], now=now).refund
                exchange = self._paid(sale, now, "WECHAT", self._due(sale, now) - back)
            selling.return_goods(
                order=order,
                uuid=self._uuid(),
                items=[selling.ReturnItem(line.pk, line.quantity)],
                reason="不合适" if number else "包装破损",
                exchange=exchange,
                actor=self.family.owner,
                now=now,
            )
        self._waiting_refund()

    def _earlier_returns(self) -> None:
        """Now and then, over the last months."""
        first, last = self.family.day(-150), self.family.day(self.data["until"] - 3)
        orders = Order.objects.filter(
            business_date__range=(first, last),
            lines__kind="GOODS",
            customer__isnull=False,
            paid_amount__lt=3000_00,
        ).select_related("store", "customer", "legal_entity")
        keys = list(dict.fromkeys(orders.order_by("occurred_at", "pk").values_list("pk", flat=True)))
        for pk in keys[3 :: max(1, len(keys) // EARLIER_RETURNS)]:
            order = orders.filter(pk=pk)[0]
            line = order.lines.filter(kind="GOODS").order_by("pk")[0]
            selling.return_goods(
                order=order,
                uuid=self._uuid(),
                items=[selling.ReturnItem(line.pk, line.quantity)],
                reason="不喜欢",
                actor=self.family.owner,
                now=order.occurred_at + timedelta(days=2),
            )

    def take_orders(self) -> None:
        """Made-to-measure furniture, one order in every stage; a ring in the workshop."""
        store = self.family.stores.get("SZ01")
        if store is not None:
            people = self._people(store)
            variant = Variant.objects.filter(product__code="YG-2001").order_by("pk")[0]
            for number, row in enumerate(self.data["orders"]):
                self._order(store, people[number * 3 % len(people)], variant, row)
        store = self.family.stores.get("HZ02")
        if store is not None:
            row = {"days": -9, "stage": "MAKING", "quantity": 1}
            variant = Variant.objects.filter(product__code="FW-3001").order_by("pk")[0]
            self._order(store, self._people(store)[4], variant, row, stages=("MAKING", "READY"))

    # --- sales --------------------------------------------------------------------------------------------------
    def _week(self, store: Store, row: Mapping[str, Any]) -> None:
        chance = random.Random(f"{self.data['seed']}lately{store.code}")  # noqa: S311 - the same each time
        variants = [
            variant
            for code in row["goods"]
            for variant in Variant.objects.filter(product__code=code).order_by("position", "pk")[:1]
        ]
        people, sellers = self._people(store), self._sellers(store)
        register = (
            store.registers.filter(is_active=True).order_by("pk").first() if row.get("shifts") else None
        )
        pieces = {days: tag for tag, days in row.get("pieces", ())}
        for days in range(self.data["until"], 1):
            day = self.family.day(days)
            shift = None
            if register is not None and days >= -3:
                shift = shifts.open_shift(
                    register=register, pieces=FLOAT, actor=self.family.owner, now=self._at(days, "10:05")
                )
            is_till_alone = days >= self.data["past_until"]
            a_day = row.get("a_day_at_tills", row["a_day"]) if is_till_alone else row["a_day"]
            rate = a_day * (1.4 if day.weekday() >= 5 else 0.9)
            count = int(rate) + (chance.random() < rate % 1)
            for moment in sorted(
                f"{chance.randrange(11, 21)}:{chance.randrange(60):02}" for _n in range(count)
            ):
                self._sale(chance, store, variants, people, sellers, self._at(days, moment), register, shift)
            if days in pieces:
                self._piece(store, pieces[days], people[1], sellers[0], self._at(days, "16:20"))
            if shift is not None and days < 0:
                self._evening(store, shift, day, self._at(days, "22:10"))
        if register is not None:
            self._offline(store, register, variants[-1], sellers[0])

    def _sale(
        self,
        chance: random.Random,
        store: Store,
        variants: Sequence[Variant],
        people: Sequence[Customer],
        sellers: Sequence[Actor],
        now: datetime,
        register: Register | None,
        shift: Shift | None,
    ) -> None:
        """One sale; every few the customer uses what they have."""
        chosen = chance.sample(range(len(variants)), min(len(variants), chance.choice((1, 1, 2))))
        items = tuple(Item(str(n), variants[index].pk, Decimal(1)) for n, index in enumerate(chosen, 1))
        customer = chance.choice(people[:14]) if chance.random() < 0.7 else None
        sale = Sale(
            self._uuid(),
            store,
            items,
            customer=customer,
            register=register if shift else None,
            shift_id=shift.pk if shift else None,
        )
        tender = chance.choice(("WECHAT", "WECHAT", "ALIPAY", "CASH"))
        if customer is not None:
            sale, tender = self._with_benefits(sale, customer, tender, now)
        sale = self._paid(sale, now, tender)
        seller = chance.choice(list(sellers))
        if any(item.session_card_id for item in sale.items):
            # Who waives the customer's confirmation must be allowed to; who did the work has the line.
            own = ((seller.user_id or 0, 10_000),)
            sale = replace(sale, items=tuple(replace(item, people=own) for item in sale.items))
            seller = self.family.owner
        self.sold.append(selling.place_sale(sale=sale, actor=seller, now=now))

    def _with_benefits(self, sale: Sale, customer: Customer, tender: str, now: datetime) -> tuple[Sale, str]:
        """A coupon in hand, points, a session of a card, stored value: the first that is there and fits."""
        ids = [customer.pk]
        held = [c for c in coupons_of(ids, store_id=sale.store.pk, at=now) if c.usable]
        if held:
            with_coupon = replace(sale, coupon_ids=(held[0].id,))
            if self._due(with_coupon, now) < self._due(sale, now):
                return with_coupon, tender
        purse = purse_of(ids, store_id=sale.store.pk, at=now)
        first = sale.items[0]
        for card in purse.cards:
            if not card.why_not and any(i.variant_id == first.variant_id and i.left for i in card.items):
                used = replace(first, session_card_id=card.card_id, data={"waiver": "到店签字确认"})
                return replace(sale, items=(used, *sale.items[1:])), tender
        due = self._due(sale, now)
        if 0 < due <= purse.spendable_amount:
            return sale, "WALLET"
        points = standing_of(ids, at=now).points
        if points >= 300 and due > 50_00:
            return replace(sale, points=200), tender
        return sale, tender

    def _due(self, sale: Sale, now: datetime) -> int:
        day = sale.store.business_date(now)
        return int(price(sale=sale, business_date=day, at=now).paid_amount)

    def _paid(self, sale: Sale, now: datetime, tender: str, amount: int | None = None) -> Sale:
        due = self._due(sale, now) if amount is None else amount
        if due <= 0:
            return sale
        payment = Tendered(self._uuid(), tender, due, reference=f"DD{self.number:08}")
        return replace(sale, payments=(payment,))

    def _piece(self, store: Store, tag: str, customer: Customer, seller: Actor, now: datetime) -> None:
        piece = Piece.objects.filter(tag=tag).first()
        if piece is not None:
            item = Item("1", piece.variant_id, Decimal(1), piece_id=piece.pk)
            sale = Sale(self._uuid(), store, (item,), customer=customer)
            self.sold.append(selling.place_sale(sale=self._paid(sale, now, "CARD"), actor=seller, now=now))

    def _evening(self, store: Store, shift: Shift, day: date, now: datetime) -> None:
        """The drawer is counted (once two yuan short), the day closed."""
        acts: dict[str, Any] = {"actor": self.family.owner, "now": now}
        expected = drawers_of([shift])[shift.pk].expected
        short = 200 if day.weekday() % 3 == 0 else 0
        pieces = {}
        left = expected - short
        for value in PIECES:
            pieces[value], left = divmod(left, value)
        counted = shifts.count_shift(
            shift=shift, pieces={value: count for value, count in pieces.items() if count}, **acts
        )
        shifts.close_shift(
            shift=counted,
            left_amount=min(FLOAT_AMOUNT, counted.counted_amount or 0),
            reason="找零差错" if short else "",
            **acts,
        )
        close_day(store=store, business_date=day, **acts)

    def _offline(self, store: Store, register: Register, variant: Variant, seller: Actor) -> None:
        """Sold without a connection at yesterday's price: accepted, and to be looked at."""
        now = self._at(-1, "20:40")
        sale = Sale(self._uuid(), store, (Item("1", variant.pk, Decimal(1)),))
        amount = max(self._due(sale, now) - 5_00, 1_00)
        payment = Tendered(self._uuid(), "WECHAT", amount, reference=f"DD{self.number:08}")
        item = replace(sale.items[0], sold_amount=amount)
        sale = replace(
            sale, items=(item,), payments=(payment,), is_offline=True, occurred_at=now, device_at=now
        )
        selling.place_sale(sale=sale, actor=seller.as_system(), now=self._at(0, "09:00"))

    def _waiting_refund(self) -> None:
        """Paid online and taken back: the channel has not said yet that the money is there."""
        store = self.family.stores.get("SH01") or next(iter(self.family.stores.values()))
        gateway = Tender.objects.get(code="GATEWAY")
        acts: dict[str, Any] = {"actor": self.family.owner}
        people = self._people(store)
        if not people:
            return
        now = self._at(-4, "15:10")
        gateway = selling.change_tender(tender=gateway, values={"is_active": True}, now=now, **acts)
        sale = Sale(
            self._uuid(),
            store,
            (Item("1", None, kind="FEE", name="礼盒包装与同城配送", amount=38_00),),
            customer=people[2],
            channel="PORTAL",
        )
        order = selling.place_order(sale=sale, terms=OrderTerms(), now=now, **acts)
        payment = selling.add_payment(
            order=order, payment=Tendered(self._uuid(), "GATEWAY", 38_00), now=now, **acts
        )
        selling.run_payment(payment=payment, now=now, **acts)
        order = selling.fulfil(order=order, uuid=self._uuid(), now=self._at(-4, "19:00"), **acts)
        selling.return_goods(
            order=Order.objects.get(pk=order.pk),
            uuid=self._uuid(),
            items=[selling.ReturnItem(order.lines.get().pk, Decimal(1))],
            reason="配送晚了一天，退配送费",
            now=self._at(0, "09:40"),
            **acts,
        )
        selling.change_tender(tender=gateway, values={"is_active": False}, now=self._at(0, "09:45"), **acts)

    # --- orders -------------------------------------------------------------------------------------------------
    def _order(
        self,
        store: Store,
        customer: Customer,
        variant: Variant,
        row: Mapping[str, Any],
        stages: Sequence[str] = STAGES,
    ) -> None:
        """Placed with a deposit, then taken through the stages up to the one of the row."""
        acts: dict[str, Any] = {"actor": self.family.owner}
        days = row["days"]
        now = self._at(days, "14:30")
        item = Item("1", variant.pk, Decimal(str(row["quantity"])))
        sale = Sale(self._uuid(), store, (item,), customer=customer, channel="BACK_OFFICE")
        deposit = int(self._due(sale, now) * DEPOSIT_SHARE)
        order = selling.place_order(
            sale=replace(
                sale, payments=(Tendered(self._uuid(), "TRANSFER", deposit, reference=f"DD{self.number:08}"),)
            ),
            terms=OrderTerms(
                due_date=self.family.day(max(days + 60, 3)),
                deposit_kind="EARNEST",
                deposit_amount=deposit,
                is_reserved=False,
            ),
            now=now,
            **acts,
        )
        reached = stages[: stages.index(row["stage"]) + 1] if row["stage"] else ()
        step = -days // (len(reached) + 1)
        for number, stage in enumerate(reached, 1):
            now = self._at(days + step * number, "11:20")
            last = order.stage_entries.filter(left_at=None).select_related("task").last()
            if last is not None and last.task is not None and last.task.completed_at is None:
                complete_task(task=last.task, actor=SYSTEM, now=now)
            if stage == "DELIVERY":
                payment = Tendered(
                    self._uuid(), "TRANSFER", order.due_amount, reference=f"DD{self.number:08}"
                )
                selling.add_payment(order=order, payment=payment, now=now, **acts)
                order.refresh_from_db()
            if stage == "INSTALLATION":
                made = Stocked(variant.pk, item.quantity, MADE_COST)
                receive(
                    store=store,
                    goods=[made],
                    reference=f"demo:made/{order.pk}",
                    business_date=store.business_date(now),
                    now=now,
                    **acts,
                )
                order = selling.fulfil(order=order, uuid=self._uuid(), now=now, **acts)
            order = selling.enter_stage(order=order, stage=stage, now=now, **acts)

    # --- pieces -------------------------------------------------------------------------------------------------
    def _at(self, days: int, hour: str) -> datetime:
        return self.family.at(days, hour)

    def _uuid(self) -> Any:
        self.number += 1
        first = next(iter(self.family.stores.values()))
        return self.sales.uuid(first, f"lately/{self.number}")

    def _people(self, store: Store) -> list[Customer]:
        return list(
            Customer.objects.in_use().heads().filter(store=store).select_related("store").order_by("pk")[:40]
        )

    def _sellers(self, store: Store) -> list[Actor]:
        """Who works there now and may sell, the best first; the founder where nobody may."""
        today = self.family.today
        talents = sorted(
            (
                (talent, user)
                for user, talent, first, last in self.sales.sellers(store)
                if not last or last > today
            ),
            reverse=True,
        )
        named = {staff.user_id: name for name, staff in self.family.staff.items()}
        found = [self.family.actor(named[user]) for _talent, user in talents]
        return [actor for actor in found if actor.can("sales.sell", store_id=store.pk)] or [self.family.owner]
