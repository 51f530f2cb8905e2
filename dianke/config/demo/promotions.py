"""The demo's promotions and coupons: `promotions.toml` comes in by the doors a shop uses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dianke.config.demo.data import promotions as read_promotions
from dianke.config.demo.family import Family
from dianke.customers.models import Customer
from dianke.promotions import operations
from dianke.promotions.models import CouponKind, Promotion
from dianke.stores.models import Store


class Promotions:
    """Enters the offers of the trades that are loaded; what is there already by its name is left as it is."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.data = read_promotions()
        self.kinds: dict[str, CouponKind] = {}
        self.count = 0

    def offer(self) -> None:
        """Promotions in every state."""
        for row in self.data["promotions"]:
            stores = self._stores(row["trade"])
            if stores and not Promotion.objects.filter(name=row["name"]).exists():
                self._promotion(row, stores)
                self.count += 1

    def give(self) -> None:
        """Kinds of coupons, and coupons in the hands of customers and on paper."""
        for row in self.data["coupons"]:
            stores = self._stores(row["trade"])
            if stores and not CouponKind.objects.filter(name=row["name"]).exists():
                self.kinds[row["name"]] = kind = self._kind(row, stores)
                self._hand_out(kind, row.get("given", 0), stores)
        for row in self.data["batches"]:
            if row["coupon"] in self.kinds:
                operations.print_coupons(
                    kind=self.kinds[row["coupon"]],
                    count=row["count"],
                    name=row["name"],
                    reference=f"demo:batch/{row['name']}",
                    use_by=self.family.day(row["days"]),
                    **self._acts(-12),
                )

    def _stores(self, trade: str) -> list[Store]:
        stores = [store for _code, store in sorted(self.family.stores.items())]
        return [store for store in stores if trade in ("ALL", store.trade)]

    def _acts(self, days: int) -> dict[str, Any]:
        return {"actor": self.family.owner, "now": self.family.at(days)}

    def _begin(self, days: int) -> datetime:
        return self.family.at(days, "00:00")

    def _promotion(self, row: Mapping[str, Any], stores: list[Store]) -> None:
        ends_after = row.get("ends")
        begin = self._begin(row["starts"])
        terms: dict[str, Any] = {"rule": _rule(row["rule"])}
        audience = dict(row.get("audience", {}))
        if len(stores) < len(self.family.stores):
            audience["store_ids"] = [store.pk for store in stores]
        if audience:
            terms["audience"] = audience
        for key in ("when", "exclusion", "max_times"):
            if key in row:
                terms[key] = row[key]
        over = row["state"] == "ENDED"
        until = begin + timedelta(days=60 + ends_after) if ends_after is not None and over else None
        if ends_after is not None and not over:
            until = self._begin(ends_after)
        made_on = min(row["starts"], 0) - 3
        promotion = operations.draft_promotion(
            values={
                "name": row["name"],
                "starts_at": begin,
                "ends_at": until,
                "terms": terms,
                "budget_amount": _fen(row.get("budget")),
                "per_customer_count": row.get("per_customer"),
            },
            **self._acts(made_on),
        )
        if row["state"] != "DRAFT":
            promotion = operations.start_promotion(promotion=promotion, **self._acts(made_on + 1))
        if row["state"] == "PAUSED":
            operations.pause_promotion(promotion=promotion, **self._acts(-5))
        if over:
            operations.end_promotion(promotion=promotion, **self._acts(-2))

    def _kind(self, row: Mapping[str, Any], stores: list[Store]) -> CouponKind:
        terms: dict[str, Any] = {"rule": _rule(row["rule"])}
        if "threshold" in row:
            terms["threshold_amount"] = _fen(row["threshold"])
        if len(stores) < len(self.family.stores):
            terms["audience"] = {"store_ids": [store.pk for store in stores]}
        return operations.make_kind(
            values={
                "name": row["name"],
                "note": row.get("note", ""),
                "terms": terms,
                "valid_days": row["days"],
                "grace_days": row.get("grace", 0),
                "giving": row.get("giving", "ISSUERS"),
                "per_customer_limit": row.get("per_customer"),
                "total_limit": row.get("total"),
                "is_claimable": row.get("claimable", False),
            },
            **self._acts(-80),
        )

    def _hand_out(self, kind: CouponKind, given: int, stores: list[Store]) -> None:
        """A few at a time, so that some end soon and some have ended."""
        people = Customer.objects.filter(store__in=stores, merged_into=None, state="ACTIVE").order_by("pk")
        ids = list(people.values_list("pk", flat=True)[:given])
        for start, days in zip(range(0, len(ids), 6), (-70, -28, -12, -3), strict=False):
            acts = self._acts(days)
            if kind.giving == CouponKind.Giving.SYSTEM:
                acts["actor"] = acts["actor"].as_system()
            operations.issue_coupons(
                kind=kind, customer_ids=ids[start : start + 6], occasion=f"demo:{days}", **acts
            )
        operations.expire_coupons(actor=self.family.owner.as_system(), now=self.family.now)


def _fen(yuan: float | None) -> int | None:
    return None if yuan is None else int(Decimal(str(yuan)) * 100)


def _rule(row: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as the terms take it: yuan and percent as people write them become fen and basis points."""
    rule = {key: value for key, value in row.items() if key not in ("pays", "off", "most", "steps")}
    if "pays" in row:
        rule["pays_bp"] = row["pays"] * 100
    if "off" in row:
        rule["off_amount"] = _fen(row["off"])
    if "most" in row:
        rule["max_amount"] = _fen(row["most"])
    for key in ("full", "amount"):
        if key in row:
            rule[key] = _fen(row[key])
    if "steps" in row:
        rule["steps"] = [
            {"full": _fen(step["full"]), "off_amount": _fen(step["off"])} for step in row["steps"]
        ]
    return rule
