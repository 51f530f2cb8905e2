"""Two stores of one company and one of another with goods on their shelves, for the tests of the pages of stock."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from dianke.catalog.models import Category, Piece, Variant
from dianke.catalog.operations import pieces
from dianke.catalog.operations.brands import add_brand
from dianke.catalog.operations.categories import add_category
from dianke.catalog.tests.goods import make_product, only_variant
from dianke.core.actor import SYSTEM
from dianke.inventory import operations as stock
from dianke.inventory.models import Document, Place
from dianke.inventory.operations import Correction, Goods, Out, Posted
from dianke.inventory.tests.shop import within
from dianke.stores.models import Store
from dianke.stores.tests.cast import Cast

D = Decimal


@dataclass
class Window:
    """`scarf` (12 at the lake, 3 at the road, 5 at the harbour) is plain goods, `cream` has batches, `ring` single
    pieces; `hand` is a service and has no stock."""

    cast: Cast
    scarf: Variant
    cream: Variant
    ring: Variant
    hand: Variant
    piece: Piece
    clothes: Category
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def shelf(self, store: Store) -> Place:
        return within(work=lambda: stock.places_of(store=store), actor=SYSTEM, now=self.cast.now).main

    def usual(self, store: Store, at: datetime | None = None) -> dict[str, Any]:
        """The arguments every document takes; posted at `at`, on that day."""
        now = at or self.cast.now
        return {
            "store": store,
            "reference": f"test:{next(self.numbers)}",
            "business_date": store.business_date(now),
            "actor": SYSTEM,
            "now": now,
        }

    def receive(
        self,
        variant: Variant,
        quantity: Any,
        cost: Any,
        store: Store,
        *,
        at: datetime | None = None,
        **more: Any,
    ) -> Posted:
        goods = [Goods(variant.pk, D(str(quantity)), D(str(cost)), **more)]
        return stock.receive(goods=goods, **self.usual(store, at))

    def sell(
        self, variant: Variant, quantity: Any, store: Store, *, at: datetime | None = None, **more: Any
    ) -> Posted:
        usual = self.usual(store, at)
        goods = [Out(variant.pk, D(str(quantity)), **more)]
        return within(
            work=lambda: stock.issue_for_sale(goods=goods, occurred_at=usual["now"], **usual),
            actor=SYSTEM,
            now=usual["now"],
        )

    def adjust(self, variant: Variant, difference: Any, store: Store, reason: str = "破损") -> Posted:
        one = Correction(variant.pk, self.shelf(store), D(str(difference)), reason)
        return stock.adjust(corrections=[one], **self.usual(store))

    def days_ago(self, days: int) -> datetime:
        return self.cast.now - timedelta(days=days)

    def document(self, posted: Posted) -> Document:
        return Document.objects.get(pk=posted.document_id)


def make_window(cast: Cast) -> Window:
    """Everything through operations."""
    now, who = cast.now, {"actor": SYSTEM, "now": cast.now}
    clothes = add_category(name="服饰", **who)
    scarf = only_variant(
        make_product(
            now,
            "羊绒围巾",
            code="WJ1",
            price_amount=39_900,
            category=clothes,
            brand=add_brand(name="云裳", **who),
        )
    )
    cream = only_variant(make_product(now, "玫瑰面霜", code="MS1", tracking="BATCH"))
    ring = make_product(now, "素圈戒指", code="ZJ1", kind="PIECE")
    hand = only_variant(make_product(now, "手部护理", code="HL1", kind="SERVICE"))
    piece = pieces.add_piece(
        variant=only_variant(ring),
        values={
            "tag": "R0001",
            "metal": "GOLD",
            "fineness": 999,
            "net_weight_mg": 3_520,
            "gross_weight_mg": 3_600,
        },
        **who,
    )
    window = Window(cast, scarf, cream, only_variant(ring), hand, piece, clothes)
    window.receive(scarf, 12, 100, cast.lake, at=window.days_ago(10))
    window.receive(scarf, 3, 100, cast.road, at=window.days_ago(9))
    window.receive(scarf, 5, 100, cast.harbour, at=window.days_ago(9))
    window.receive(
        cream, 6, 30, cast.lake, batch_code="B1", expires_on=date(2026, 12, 1), at=window.days_ago(8)
    )
    window.receive(only_variant(ring), 1, 2_000, cast.lake, piece_id=piece.pk, at=window.days_ago(7))
    return window
