"""Three small stores of two legal entities, a handful of goods, short ways to move them, and balances and costs
asserted by name."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.db import transaction

from dianke.catalog.models import Category, Piece, Product, Unit, Variant
from dianke.core.actor import SYSTEM, Actor
from dianke.events.operations import operation, unchanged
from dianke.inventory import operations as stock
from dianke.inventory.models import Balance, Batch, CostEntry, CostState, PieceAt, Place
from dianke.inventory.operations import Correction, Goods, Line, Out, Posted
from dianke.stores.models import LegalEntity, Region, StockPlace, Store

T = TypeVar("T")
TODAY = date(2026, 11, 21)
D = Decimal


@operation(None)
def within(*, work: Callable[[], Any], actor: Actor, now: datetime) -> Any:
    """Any work as an operation: steps refuse to run outside one."""
    unchanged()
    return work()


@dataclass
class Shop:
    """`lake` and `road` belong to 云裳, `harbour` to 海蓝. `scarf` is plain goods, `cream` has batches, `ring` is kept
    piece by piece, `hand` is a service."""

    now: datetime
    lake: Store
    road: Store
    harbour: Store
    warehouse: Place
    scarf: Variant
    cream: Variant
    ring: Variant
    hand: Variant
    category: Category
    places: dict[int, stock.PlacesOfStore] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def do(self, work: Callable[..., T], **arguments: Any) -> T:
        """A step with the usual arguments filled in, in an operation of its own."""
        usual = {"actor": SYSTEM, "now": self.now} | arguments
        return within(work=lambda: work(**usual), actor=SYSTEM, now=usual["now"])

    def usual(self, more: dict[str, Any]) -> dict[str, Any]:
        return {
            "store": self.lake,
            "reference": f"test:{next(self.numbers)}",
            "business_date": TODAY,
            "actor": SYSTEM,
            "now": self.now,
        } | more

    def at(self, store: Store) -> stock.PlacesOfStore:
        if store.pk not in self.places:
            self.places[store.pk] = within(
                work=lambda: stock.places_of(store=store), actor=SYSTEM, now=self.now
            )
        return self.places[store.pk]

    def outside(self, kind: str, store: Store | None = None) -> Place:
        return self.at(store or self.lake).outside[kind]

    def shelf(self, store: Store | None = None) -> Place:
        return self.at(store or self.lake).main

    def receive(self, variant: Variant, quantity: Any, unit_cost: Any = None, **more: Any) -> Posted:
        goods = {
            key: more.pop(key) for key in ("batch_code", "expires_on", "piece_id", "place") if key in more
        }
        cost = None if unit_cost is None else D(str(unit_cost))
        one = Goods(variant.pk, D(str(quantity)), cost, **goods)
        return stock.receive(**self.usual({"goods": [one]} | more))

    def sell(self, variant: Variant, quantity: Any = 1, **more: Any) -> Posted:
        goods = {
            key: more.pop(key) for key in ("batch_id", "piece_id", "place", "reservation") if key in more
        }
        usual = self.usual(
            {"goods": [Out(variant.pk, D(str(quantity)), **goods)], "occurred_at": self.now} | more
        )
        return self.do(stock.issue_for_sale, **usual)

    def give_back(self, posted: Posted, quantity: Any = 1, **more: Any) -> Posted:
        place = more.pop("place", None)
        back = [stock.Back(posted.movement_ids[0], D(str(quantity)), place)]
        return self.do(stock.return_of_sale, **self.usual({"goods": back, "occurred_at": self.now} | more))

    def adjust(self, variant: Variant, difference: Any, **more: Any) -> Posted:
        place = more.pop("place", None) or self.shelf(more.get("store"))
        fields = {key: more.pop(key) for key in ("batch_id", "piece_id") if key in more}
        one = Correction(variant.pk, place, D(str(difference)), more.pop("reason", "盘点"), **fields)
        return stock.adjust(**self.usual({"corrections": [one]} | more))

    def move(
        self, variant: Variant, quantity: Any, to: Place, of: Place | None = None, **more: Any
    ) -> Posted:
        """From shelf to shelf in one document, as transfers do it in two."""
        cost = more.pop("cost", None)
        line = Line(
            variant.pk, of or self.shelf(), to, D(str(quantity)), piece_id=more.pop("piece_id", None),
            cost=None if cost is None else D(str(cost)),
        )  # fmt: skip
        usual = self.usual({"kind": "SHIPMENT", "lines": [line], "occurred_at": self.now} | more)
        return self.do(stock.post_document, **usual)

    def reverse(self, posted: Posted, **more: Any) -> Posted:
        from dianke.inventory.models import Document

        document = Document.objects.select_related("store").get(pk=posted.document_id)
        usual = {"reference": f"test:{next(self.numbers)}", "business_date": TODAY} | more
        return self.do(stock.reverse, document=document, **usual)

    def batch(self, code: str) -> Batch:
        return Batch.objects.get(code=code)

    def quantity(self, variant: Variant, place: Place | None = None) -> Decimal:
        rows = Balance.objects.filter(variant=variant, place=place or self.shelf())
        return sum(rows.values_list("quantity", flat=True), D(0))

    def cost(self, variant: Variant, entity: LegalEntity | None = None) -> tuple[str, str]:
        """(quantity, value) of the cost state, without trailing zeros."""
        owner = entity or self.lake.legal_entity
        state = CostState.objects.filter(legal_entity=owner, variant=variant).first()
        return (plain(state.quantity), plain(state.value)) if state else ("0", "0")

    def entries(self, posted: Posted) -> list[tuple[str, str, str, str]]:
        rows = CostEntry.objects.filter(document=posted.document_id).order_by("pk")
        return [(e.kind, plain(e.quantity_change), plain(e.value_change), plain(e.expense)) for e in rows]

    def assert_on_hand(self, variant: Variant, quantity: Any, place: Place | None = None) -> None:
        assert self.quantity(variant, place) == D(str(quantity))

    def assert_cost(self, variant: Variant, quantity: Any, value: Any, entity: Any = None) -> None:
        assert self.cost(variant, entity) == (plain(D(str(quantity))), plain(D(str(value))))

    def more(self, name: str) -> Variant:
        """Further plain goods."""
        unit = self.scarf.product.unit
        with transaction.atomic():
            product = Product.objects.create(
                name=name,
                code=name,
                unit=unit,
                category=self.category,
                created_at=self.now,
                changed_at=self.now,
            )
            return Variant.objects.create(product=product, code=name)

    def piece(self, tag: str) -> Piece:
        return Piece.objects.create(variant=self.ring, tag=tag, created_at=self.now)

    def holder(self, piece: Piece) -> Place:
        return PieceAt.objects.select_related("place").get(piece=piece).place


def plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def make_shop(now: datetime) -> Shop:
    """Stores are written directly: this room's tests need no merchant around them."""
    silk = LegalEntity.objects.create(name="杭州云裳美容有限公司", short_name="云裳")
    ocean = LegalEntity.objects.create(name="深圳海蓝珠宝有限公司", short_name="海蓝")
    east = Region.objects.create(name="华东")

    def store(code: str, name: str, entity: LegalEntity) -> Store:
        made = Store.objects.create(
            code=code, name=f"{name}店", short_name=name, trade="GENERAL", legal_entity=entity, region=east,
            opened_on=date(2026, 1, 1),
        )  # fmt: skip
        StockPlace.objects.create(store=made, name="店面")
        return made

    lake, road = store("HZ01", "西湖", silk), store("HZ02", "武林路", silk)
    harbour = store("SZ01", "前海", ocean)
    depot = StockPlace.objects.create(store=lake, name="仓库", kind="WAREHOUSE")
    unit = Unit.objects.filter(code="PCS").first() or Unit.objects.create(code="TST", name="测", digits=4)
    category = Category.objects.create(name="服饰")

    def variant(name: str, code: str, label: str = "", **more: Any) -> Variant:
        with transaction.atomic():
            product = Product.objects.create(
                name=name, code=code, unit=unit, category=category, created_at=now, changed_at=now, **more
            )
            return Variant.objects.create(product=product, code=code, label=label)

    shop = Shop(
        now=now,
        lake=lake,
        road=road,
        harbour=harbour,
        warehouse=Place(),
        scarf=variant("羊绒围巾", "WJ1", "红"),
        cream=variant("面霜", "MS1", tracking="BATCH"),
        ring=variant("钻戒", "ZJ1", kind="PIECE", tracking="PIECE"),
        hand=variant("手部护理", "HL1", kind="SERVICE"),
        category=category,
    )
    for each in (lake, road, harbour):
        shop.at(each)
    shop.warehouse = Place.objects.get(stock_place=depot)
    return shop
