"""What happens on the demo's shelves: goods on their way and come short, a stocktake posted and one going on, things
of customers kept, and shelves that run low. The data are in `floor.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dianke.catalog.models import Piece, Variant
from dianke.config.demo.data import floor as read_floor
from dianke.config.demo.family import Family
from dianke.core.actor import SYSTEM
from dianke.customers.models import Customer
from dianke.inventory.models import Balance, CountLine, CountSession, Place
from dianke.inventory.operations import open_places
from dianke.inventory.operations.alerts import Level, look_through_stock, set_safety_stock
from dianke.inventory.operations.count_closing import post_count, submit_count
from dianke.inventory.operations.counting import Scan, enter_counts, open_count
from dianke.inventory.operations.custody import give_back, take_in
from dianke.inventory.operations.transfers import Planned, plan_transfer, receive_transfer, ship_transfer
from dianke.inventory.rules.transfers import Arrival, Missing

MILLIGRAMS = 1000


class Floor:
    """Works in the stores that are loaded, after their opening stock."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.data = read_floor()

    def work(self) -> None:
        """Everything, in the order in which a shop would come to it."""
        for _code, store in sorted(self.family.stores.items()):
            open_places(store=store, actor=SYSTEM, now=self.family.at(-60))
        for row in self.data["custody"]:
            self._keep(row)
        for row in self.data["transfers"]:
            if self.family.has(row["by"], row["from"]) and row["to"] in self.family.stores:
                self._move(row)
        for row in self.data["counts"]:
            if self.family.has(row["by"], row["store"]):
                self._count(row)
        self._watch()

    def _keep(self, row: Mapping[str, Any]) -> None:
        """Something of a customer's, kept or given back already."""
        family = self.family
        customer = Customer.objects.filter(name=row["customer"]).order_by("pk").first()
        if customer is None or not family.has(row["by"], row["store"]):
            return
        weight = row.get("weight")
        actor = family.actor(row["by"])
        item = take_in(
            store=family.stores[row["store"]],
            customer=customer,
            tag=row["tag"],
            description=row["description"],
            condition=row["condition"],
            purpose=row["purpose"],
            weight_mg=None if weight is None else int(Decimal(str(weight)) * MILLIGRAMS),
            due_on=family.day(row["due"]) if "due" in row else None,
            actor=actor,
            now=family.at(row["days"], "14:20"),
        )
        if "returned" in row:
            give_back(item=item, customer=customer, actor=actor, now=family.at(row["returned"], "16:05"))

    def _move(self, row: Mapping[str, Any]) -> None:
        """A transfer, as far as it has come."""
        family = self.family
        sender = family.actor(row["by"])
        giver = self._place(row["from"], None)
        transfer = plan_transfer(
            from_place=giver,
            to_place=self._place(row["to"], row.get("to_place")),
            goods=[self._planned(line, giver) for line in row["lines"]],
            markup_bp=row.get("markup", 0),
            note=row["note"],
            actor=sender,
            now=family.at(row["planned"], "10:10"),
        )
        if "shipped" in row:
            transfer = ship_transfer(transfer=transfer, actor=sender, now=family.at(row["shipped"], "11:30"))
        if "received" in row:
            receive_transfer(
                transfer=transfer,
                arrivals={number: _arrival(line) for number, line in enumerate(row["lines"], 1)},
                actor=family.actor(row["receiver"]),
                now=family.at(row["received"], "15:40"),
            )

    def _place(self, store: str, name: str | None) -> Place:
        """The shop floor of a store, or one of its places by name."""
        places = Place.objects.select_related("store").filter(
            store=self.family.stores[store], kind=Place.Kind.STOCK
        )
        return places.get(name=name) if name else places.order_by("pk")[0]

    def _planned(self, line: Mapping[str, Any], giver: Place) -> Planned:
        if "piece" in line:
            piece = Piece.objects.get(tag=line["piece"])
            return Planned(piece.variant_id, Decimal(1), piece_id=piece.pk)
        variant = Variant.objects.filter(product__code=line["code"]).order_by("position", "pk")[0]
        held = Balance.objects.filter(place=giver, variant=variant).order_by("-quantity", "pk").first()
        quantity = Decimal(line["quantity"])
        return Planned(variant.pk, quantity, batch_id=held.batch_id if held else None)

    def _count(self, row: Mapping[str, Any]) -> None:
        """A stocktake of the shop floor: two people look, the manager posts; or one that has only begun."""
        family = self.family
        counter = family.actor(row["by"])
        session = open_count(
            store=family.stores[row["store"]],
            place=self._place(row["store"], None),
            name=row["name"],
            actor=counter,
            now=family.at(row["days"], "09:00"),
        )
        short = {code: Decimal(less) for code, less in row.get("short", {}).items()}
        lines = list(
            CountLine.objects.filter(session=session).select_related("variant__product").order_by("pk")
        )
        lines = lines[: row.get("seen", len(lines))]
        scans = [_scan(line, short) for line in lines]
        enter_counts(session=session, scans=scans, actor=counter, now=family.at(row["days"], "09:25"))
        if "poster" not in row:
            return
        again = family.at(row["days"], "09:50")
        session = submit_count(session=session, actor=counter, now=again)
        if session.state == CountSession.State.RECOUNTING:
            second = family.actor(row["again"])
            recounted = CountLine.objects.filter(session=session, verdict=CountLine.Verdict.RECOUNT)
            scans = [_scan(line, short, "again") for line in recounted.select_related("variant__product")]
            enter_counts(session=session, scans=scans, actor=second, now=again)
            session = submit_count(session=session, actor=second, now=again)
        post_count(session=session, actor=family.actor(row["poster"]), now=family.at(row["days"], "10:30"))

    def _watch(self) -> None:
        """How much a shelf should have; the look of this morning raises what is out of bounds."""
        for row in self.data["levels"]:
            if row["store"] in self.family.stores:
                variant = Variant.objects.filter(product__code=row["code"]).order_by("position", "pk")[0]
                set_safety_stock(
                    place=self._place(row["store"], None),
                    levels=[Level(variant.pk, Decimal(row["minimum"]), Decimal(row["maximum"]))],
                    actor=self.family.owner,
                    now=self.family.at(-30),
                )
        for _code, store in sorted(self.family.stores.items()):
            look_through_stock(store=store, actor=SYSTEM, now=self.family.at(0, "05:20"))


def _arrival(line: Mapping[str, Any]) -> Arrival:
    missing = Missing(line["missing"]) if "missing" in line else None
    return Arrival(Decimal(line["good"]), Decimal(line.get("damaged", 0)), missing)


def _scan(line: CountLine, short: Mapping[str, Decimal], look: str = "first") -> Scan:
    """What somebody sees of a line: what the books say, less what is missing."""
    return Scan(
        f"{look}:{line.pk}",
        line.snapshot - short.get(line.variant.product.code, Decimal(0)),
        is_total=True,
        variant_id=None if line.piece_id else line.variant_id,
        batch_id=line.batch_id,
        piece_id=line.piece_id,
        place_id=line.place_id,
    )
