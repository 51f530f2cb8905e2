"""The demo's deliveries: the furniture store brings wardrobes home, in windows and with crews. One goes today, one
waits for a crew, one is late, one was signed for, one has a new day. The data are in `deliveries.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from dianke.config.demo.data import deliveries as read_deliveries
from dianke.config.demo.family import Family, clock
from dianke.config.demo.sales import Sales
from dianke.config.demo.sales_lately import MADE_COST
from dianke.core.actor import SYSTEM
from dianke.inventory.operations.stocking import Goods, receive
from dianke.sales import operations as selling
from dianke.sales.models import Delivery, DeliveryCrew, DeliverySlot, Order
from dianke.sales.operations.delivery_proof import place_of
from dianke.sales.queries.deliveries import local_now, plannable, windows
from dianke.sales.rules.slots import first_free
from dianke.stores.models import Store
from dianke.work.operations import complete_task

CITY = {"province": "江苏省", "city": "苏州市"}
#: The strokes of somebody who signs in a hurry, in pixels of a picture of 480 x 180.
STROKES = (
    ((52, 58), (118, 44), (104, 96), (66, 138)),
    ((84, 40), (92, 92), (88, 150)),
    ((150, 66), (206, 52), (176, 104), (232, 96), (196, 146)),
    ((262, 48), (256, 128), (300, 84), (318, 130), (356, 72), (372, 118), (436, 90)),
)


def signature() -> bytes:
    """What a finger drew on the screen of the crew: dark on nothing, a PNG."""
    image = Image.new("RGBA", (480, 180), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    for stroke in STROKES:
        pen.line(stroke, fill=(16, 18, 30, 255), width=6, joint="curve")
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


class Deliveries:
    """Plans and carries out what `deliveries.toml` says, where its store is loaded."""

    def __init__(self, family: Family, sales: Sales) -> None:
        self.family, self.sales = family, sales
        self.data = read_deliveries()
        self.slots: dict[str, DeliverySlot] = {}
        self.crews: dict[str, DeliveryCrew] = {}
        self.count = 0
        #: Where pictures lie: they go again when loading is broken off.
        self.places: list[Path] = []

    def plan(self) -> None:
        """Windows, crews and rules; then every trip, and what became of it."""
        store = self.family.stores.get(self.data["store"])
        if store is None:
            return
        self._settle(store)
        rows = Order.objects.filter(store=store, stage__code="DELIVERY").select_related(
            "store", "customer__key"
        )
        orders = list(rows.order_by("pk"))
        for order in orders:
            self._bring_in(order)
        for number, row in enumerate(self.data["trips"]):
            self._trip(orders[row["order"]], row, number)

    # --- pieces -------------------------------------------------------------------------------------------------
    def _settle(self, store: Store) -> None:
        acts: dict[str, Any] = {"store": store, "actor": self.family.owner, "now": self.family.at(-400)}
        selling.set_delivery_rules(values=self.data["rules"], **acts)
        for row in self.data["slots"]:
            self.slots[row["name"]] = selling.put_slot(
                slot=None,
                name=row["name"],
                from_time=clock(row["from"]),
                to_time=clock(row["to"]),
                capacity=row["capacity"],
                weekdays=range(7),
                **acts,
            )
        for row in self.data["crews"]:
            members = [self.family.user(name) for name in row["people"]]
            self.crews[row["name"]] = selling.put_crew(crew=None, name=row["name"], members=members, **acts)

    def _bring_in(self, order: Order) -> None:
        """What the factory made for the order arrives."""
        now = self.family.at(-8, "16:10")
        receive(
            store=order.store,
            goods=[
                Goods(line.variant_id, left, MADE_COST) for line, left in plannable(order) if line.variant_id
            ],
            reference=f"demo:made/{order.pk}",
            business_date=order.store.business_date(now),
            actor=self.family.owner,
            now=now,
        )

    def _trip(self, order: Order, row: Mapping[str, Any], number: int) -> None:
        kind = row.get("kind", Delivery.Kind.DELIVERY)
        crew = self.crews.get(row.get("crew", ""))
        trip = selling.plan_delivery(
            order=order,
            uuid=self.sales.uuid(order.store, f"delivery/{number}"),
            items=[selling.Carried(line.pk, left) for line, left in plannable(order, kind)],
            day=self.family.day(row["day"]),
            slot=self.slots[row["slot"]] if "slot" in row else self._next_slot(order.store),
            to=selling.Destination(
                receiver=(order.customer.name if order.customer else "") or "",
                phone=row["phone"],
                district=row["district"],
                street=row["street"],
                note=row.get("note", ""),
                **CITY,
            ),
            crew=crew,
            kind=kind,
            actor=self.family.owner,
            now=self.family.at(row["planned"], "17:05"),
        )
        self.count += 1
        if "done" in row:
            self._hand_over(trip, row)
        elif "failed" in row:
            self._fail(trip, row)

    def _hand_over(self, trip: Delivery, row: Mapping[str, Any]) -> None:
        acts = self._set_out(row, trip, row["done"]["at"])
        brought = selling.deliver(
            delivery=trip, taken_by=row["done"]["taken_by"], signature=signature(), **acts
        )
        self.places += [place_of(proof) for proof in brought.proofs.all()]
        order = Order.objects.get(pk=trip.order_id)
        last = order.stage_entries.filter(left_at=None).select_related("task").last()
        if last is not None and last.task is not None and last.task.completed_at is None:
            complete_task(task=last.task, actor=SYSTEM, now=acts["now"])
        selling.enter_stage(order=order, stage="INSTALLATION", actor=self.family.owner, now=acts["now"])

    def _fail(self, trip: Delivery, row: Mapping[str, Any]) -> None:
        failed = row["failed"]
        selling.fail_delivery(
            delivery=trip,
            reason=failed["reason"],
            note=failed["note"],
            new_day=self.family.day(failed["day"]),
            new_slot=self.slots[failed["slot"]],
            **self._set_out(row, trip, failed["at"]),
        )

    def _set_out(self, row: Mapping[str, Any], trip: Delivery, hour: str) -> dict[str, Any]:
        """In the car and on the way; who arrives, and when."""
        people = next(crew["people"] for crew in self.data["crews"] if crew["name"] == row["crew"])
        actor, days = self.family.actor(people[0]), row["day"]
        selling.load_delivery(delivery=trip, actor=actor, now=self.family.at(days, "08:40"))
        selling.start_delivery(delivery=trip, actor=actor, now=self.family.at(days, "09:15"))
        return {"actor": actor, "now": self.family.at(days, hour)}

    def _next_slot(self, store: Store) -> DeliverySlot:
        """The window of today that is still to come; the last one late in the evening."""
        now = local_now(store, self.family.now)
        found = windows(store.pk, now.date())
        free = first_free([window for _slot, window in found], after=now)
        return next((slot for slot, window in found if window == free), found[-1][0])
