"""What `Growth` adds of deliveries: windows, crews, trips; the one whose page is opened gets lines, steps and proof."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import uuid4

from PIL import Image, ImageDraw

from dianke.catalog.operations.products import create_product
from dianke.customers.models import Customer
from dianke.inventory.operations.stocking import Goods, receive
from dianke.sales import operations as sales
from dianke.sales.models import DeliveryProof
from dianke.sales.queries.basket import Item, Sale, Tendered
from dianke.sales.queries.deliveries import local_now
from dianke.sales.queries.status import status_token
from dianke.stores.models import Store

TO = sales.Destination("王小明", "13800138000", "文三路 100 号", "浙江省", "杭州市", "西湖区")


def _signature() -> bytes:
    image = Image.new("RGBA", (60, 30), (0, 0, 0, 0))
    ImageDraw.Draw(image).line([(5, 25), (55, 5)], fill=(0, 0, 0, 255), width=3)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


class Deliveries:
    """`trip` is the delivery that is opened: planned for today, with the crew of who looks."""

    def __init__(self, store: Store, customer: Customer, user: Any, who: dict[str, Any]) -> None:
        self.store, self.customer, self.who = store, customer, who
        self.today = local_now(store, who["now"]).date()
        product = create_product(values={"name": "成长沙发"}, price_amount=10000, **who)
        self.sofa = product.variants.get()
        receive(
            store=store,
            goods=[Goods(self.sofa.pk, Decimal(5000), Decimal(50))],
            reference="growth:sofa",
            business_date=store.business_date(who["now"]),
            **who,
        )
        self.slot = self._slot("成长上午")
        self.crew = sales.put_crew(store=store, crew=None, name="成长一组", members=[user], **who)
        self.user = user
        self.order = self._order(400)
        self.trip = self._plan(self.order, 1)
        done = self._order(3)
        self.proof = DeliveryProof.objects.get(delivery=self._bring(self._plan(done, 1)))
        self.done = done
        self.gold = self._gold()

    def _slot(self, name: str) -> Any:
        return sales.put_slot(
            store=self.store,
            slot=None,
            name=name,
            from_time=time(9),
            to_time=time(23, 59),
            capacity=999,
            weekdays=range(7),
            **self.who,
        )

    def _order(self, quantity: int) -> Any:
        return sales.place_order(
            sale=Sale(
                uuid4(),
                self.store,
                (Item("1", self.sofa.pk, Decimal(quantity)),),
                (Tendered(uuid4(), "CASH", quantity * 10000),),
                customer=self.customer,
                channel="BACK_OFFICE",
            ),
            terms=sales.OrderTerms(),
            **self.who,
        )

    def _plan(self, order: Any, quantity: int) -> Any:
        return sales.plan_delivery(
            order=order,
            uuid=uuid4(),
            items=[sales.Carried(order.lines.get().pk, Decimal(quantity))],
            day=self.today,
            slot=self.slot,
            crew=self.crew,
            to=TO,
            **self.who,
        )

    def _gold(self) -> Any:
        tested = sales.Tested("GOLD", 585, 1_000, price_amount=1_00, reason="成长")
        order = sales.place_order(
            sale=Sale(uuid4(), self.store, (Item("1", self.sofa.pk, Decimal(1)),), customer=self.customer),
            terms=sales.OrderTerms(),
            **self.who,
        )
        return sales.take_old_gold(order=order, uuid=uuid4(), description="旧戒指", tested=tested, **self.who)

    def _bring(self, trip: Any) -> Any:
        return sales.deliver(delivery=trip, taken_by="王太太", signature=_signature(), **self.who)

    def add(self, number: int, word: str) -> None:
        """One more of everything."""
        who = self.who
        self._slot(f"{word}时段")
        sales.put_crew(store=self.store, crew=None, name=f"{word}组", members=[self.user], **who)
        sales.set_slot_day(slot=self.slot, day=self.today + timedelta(days=number), capacity=900, **who)
        order = self._order(2)
        self._plan(order, 1)
        failed = self._plan(order, 1)
        sales.fail_delivery(delivery=failed, reason="NOBODY_THERE", note=word, **who)
        self._plan(self.order, 1)
        sales.change_delivery(
            delivery=self.trip,
            day=self.today,
            slot=self.slot,
            crew=self.crew if number % 2 else None,
            **who,
        )

    def records(self) -> dict[str, Any]:
        """A record for each gap of this part's addresses."""
        return {
            "/deliveries/": self.trip.pk,
            "/deliveries/new/": self.order.pk,
            "/deliveries/proofs/": self.proof.pk,
            "/settings/deliveries/windows/": self.slot.pk,
            "/settings/deliveries/crews/": self.crew.pk,
            "/orders/old-gold/": self.gold.pk,
            "/delivery-proofs/": self.proof.pk,
            "/m/orders/": status_token(self.done),
            "/m/orders/#/proofs/": self.proof.pk,
            "/m/orders/mine/": self.order.pk,
        }
