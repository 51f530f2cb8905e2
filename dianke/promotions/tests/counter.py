"""The counter of these tests: the stores and people of `stores`, two customers, short ways to make offers and coupons
and to use them as a sale would."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from dianke.core.actor import SYSTEM, Actor
from dianke.customers.models import Customer
from dianke.customers.tests.cast import make_customer
from dianke.events.operations import operation, unchanged
from dianke.promotions import operations
from dianke.promotions.models import Coupon, CouponKind, Promotion
from dianke.promotions.operations import CouponUse, Issued, PromotionUse
from dianke.promotions.queries.giving_back import GivenBack
from dianke.stores.tests.cast import Cast, make_cast

T = TypeVar("T")
FULL_300 = {
    "rule": {
        "kind": "LADDER",
        "measure": "AMOUNT",
        "steps": [{"full": 30000, "off_amount": 4000}, {"full": 50000, "off_amount": 8000}],
    }
}
TWENTY_OFF = {"rule": {"kind": "CASH", "amount": 2000}, "threshold_amount": 10000}


@operation(None)
def within(*, work: Callable[[], T], actor: Actor, now: datetime) -> T:
    """Any work as an operation: steps refuse to run outside one."""
    unchanged()
    return work()


@dataclass
class Counter:
    """`fang` and `ming` are customers of the lake; `old_fang` was merged into `fang`."""

    now: datetime
    cast: Cast
    fang: Customer
    ming: Customer
    old_fang: Customer
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def actor(self, name: str) -> Actor:
        return SYSTEM if name == "system" else self.cast.actor(name)

    def later(self, **delta: float) -> datetime:
        return self.now + timedelta(**delta)

    # --- promotions
    def draft(self, *, by: str = "owner", terms: dict[str, Any] | None = None, **values: Any) -> Promotion:
        values = {"name": "满减", "starts_at": self.now - timedelta(hours=1), **values}
        return operations.draft_promotion(
            values={**values, "terms": terms or FULL_300}, actor=self.actor(by), now=self.now
        )

    def promotion(self, **values: Any) -> Promotion:
        """One that runs."""
        return operations.start_promotion(
            promotion=self.draft(**values), actor=self.actor(values.get("by", "owner")), now=self.now
        )

    def take(
        self, promotion: Promotion, amount: int, count: int = 1, *, of: Customer | None = None, **more: Any
    ) -> Any:
        uses = [PromotionUse(promotion.pk, amount, count, brought_amount=more.pop("brought", 0))]
        reference = more.pop("reference", None) or f"sales.order:{next(self.numbers)}"
        self.within(
            operations.take_promotions_late if more.pop("late", False) else operations.take_promotions,
            uses=uses,
            customer_id=of.pk if of else None,
            reference=reference,
            store_id=self.cast.lake.pk,
            **more,
        )
        return reference

    # --- coupons
    def kind(self, *, terms: dict[str, Any] | None = None, **values: Any) -> CouponKind:
        values = {"name": "满100减20", "valid_days": 30, **values}
        return operations.make_kind(
            values={**values, "terms": terms or TWENTY_OFF}, actor=self.actor("owner"), now=self.now
        )

    def issue(self, kind: CouponKind, *customers: Customer, by: str = "manager", **more: Any) -> Issued:
        return operations.issue_coupons(
            kind=kind,
            customer_ids=[customer.pk for customer in customers or (self.fang,)],
            actor=self.actor(by),
            now=more.pop("now", self.now),
            **more,
        )

    def coupon(self, kind: CouponKind | None = None, of: Customer | None = None, **more: Any) -> Coupon:
        """One in somebody's hands."""
        issued = self.issue(kind or self.kind(), of or self.fang, **more)
        return Coupon.objects.get(pk=issued.coupon_ids[0])

    def redeem(self, *coupons: Coupon, of: Customer | None = None, **more: Any) -> Any:
        reference = more.pop("reference", None) or f"sales.order:{next(self.numbers)}"
        buyer = of or self.fang
        cluster = Customer.objects.cluster(buyer.pk).order_by("pk").values_list("pk", flat=True)
        answer = self.within(
            operations.redeem_coupons_late if more.pop("late", False) else operations.redeem_coupons,
            uses=[CouponUse(coupon.pk, more.get("amount", 2000), 12000) for coupon in coupons],
            customer_ids=more.pop("customer_ids", list(cluster)),
            reference=reference,
            store_id=more.pop("store_id", self.cast.lake.pk),
            **{key: value for key, value in more.items() if key != "amount"},
        )
        return reference if answer is None else answer

    def give_back(self, reference: str, **more: Any) -> list[GivenBack]:
        return self.within(operations.give_back, reference=reference, **more)

    def within(self, work: Callable[..., T], **arguments: Any) -> T:
        usual = {"actor": SYSTEM, "now": self.now} | arguments
        return within(work=lambda: work(**usual), actor=SYSTEM, now=usual["now"])


def make_counter(now: datetime) -> Counter:
    cast = make_cast(now)
    fang = make_customer("苏芳", "13812340001", store=cast.lake)
    ming = make_customer("王小明", "13812340002", store=cast.lake)
    old = make_customer("苏小芳", "13812340003", store=cast.lake, merged_into=fang)
    return Counter(now, cast, fang, ming, old)
