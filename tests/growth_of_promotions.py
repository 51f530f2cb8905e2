"""What `Growth` adds of promotions and coupons: more of them, and more of everything to the ones whose pages are
opened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dianke.customers.models import Customer
from dianke.promotions import operations
from dianke.promotions.models import Coupon
from dianke.stores.models import Store

FULL = {"rule": {"kind": "LADDER", "measure": "AMOUNT", "steps": [{"full": 10000, "off_amount": 1000}]}}
CASH = {"rule": {"kind": "CASH", "amount": 1000}}


class Promotions:
    """`subject` is a promotion with many versions, `kind` a kind of coupon with many coupons and batches."""

    def __init__(self, store: Store, customer: Customer, who: dict[str, Any]) -> None:
        self.store, self.customer, self.who = store, customer, who
        self.subject = operations.start_promotion(promotion=self._draft("成长活动"), **who)
        self.kind = self._kind("成长券")
        self.coupon = self._give(self.kind)

    def _draft(self, name: str) -> Any:
        terms = FULL | {"audience": {"store_ids": [self.store.pk]}}
        values = {"name": name, "starts_at": self.who["now"] - timedelta(days=1), "terms": terms}
        return operations.draft_promotion(values=values, **self.who)

    def _kind(self, name: str) -> Any:
        values = {
            "name": name,
            "terms": CASH,
            "valid_days": 30,
            "is_claimable": True,
            "per_customer_limit": 99,
        }
        return operations.make_kind(values=values, **self.who)

    def _give(self, kind: Any) -> Coupon:
        issued = operations.issue_coupons(kind=kind, customer_ids=[self.customer.pk], **self.who)
        return Coupon.objects.get(pk=issued.coupon_ids[0])

    def add(self, number: int, word: str) -> None:
        """One more of everything."""
        self._draft(f"活动{word}")
        steps = [{"full": 10000 + number, "off_amount": 1000}]
        terms = {"rule": {"kind": "LADDER", "measure": "AMOUNT", "steps": steps}}
        operations.change_promotion(promotion=self.subject, values={"terms": terms}, **self.who)
        self._give(self.kind)
        self._give(self._kind(f"券{word}"))
        operations.print_coupons(
            kind=self.kind, count=1, name=f"传单{word}", reference=f"growth:{number}", **self.who
        )

    def records(self) -> dict[str, Any]:
        """A record for each gap in an address, as `records` of the budgets keeps them."""
        return {
            "/promotions/": self.subject.pk,
            "/promotions/sentence/": "LADDER",
            "/coupons/kinds/": self.kind.pk,
            "/coupons/kinds/sentence/": "CASH",
            "/coupon-kinds/": self.kind.pk,
            "/coupons/": self.coupon.pk,
            "code of a coupon": self.coupon.code,
        }
