"""A shop with a programme for the tests of this room: sells and takes back as the room `sales` does it (plan,
post, note), and says after each step what every account of points holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

from dianke.core.actor import SYSTEM, Actor
from dianke.customers.models import Customer
from dianke.customers.tests.cast import make_customer
from dianke.events.operations import operation, record
from dianke.ledger import operations as ledger
from dianke.ledger import queries as books
from dianke.ledger.models import Account
from dianke.loyalty import operations as loyalty
from dianke.loyalty import queries
from dianke.loyalty.models import Level, Programme
from dianke.loyalty.operations import LevelSpec, SaleLine

LEVELS = (
    LevelSpec("regular", "普通会员", 0),
    LevelSpec("vip", "贵宾会员", 1000_00, 12_000),
    LevelSpec("diamond", "钻石会员", 5000_00, 15_000),
)


@operation(None)
def sell(
    *,
    shop: Shop,
    customer: Customer,
    lines: list[SaleLine],
    redeemed: int,
    reference: str,
    at: datetime | None,
    actor: Actor,
    now: datetime,
) -> loyalty.SalePlan:
    """What the sale does, in its order."""
    cluster = queries.cluster_of(customer.pk)
    standing = queries.standing_of(cluster, at=now, with_progress=False)
    plan = loyalty.plan_sale(
        customer_ids=cluster,
        customer_id=customer.pk,
        lines=lines,
        redeemed_points=redeemed,
        reference=reference,
        store_id=shop.store_id,
        business_date=(at or now).date(),
        occurred_at=at or now,
        standing=standing,
        actor=actor,
        now=now,
    )
    ledger.post_many(drafts=plan.drafts, actor=actor, now=now)
    loyalty.note_sale(plan=plan)
    record("sales.order_completed", reference, actor=actor, now=now)
    return plan


@operation(None)
def take_back(
    *,
    of: str,
    reference: str,
    left: Mapping[str, int],
    share: Fraction | None,
    policy: str,
    actor: Actor,
    now: datetime,
) -> loyalty.ReturnPlan:
    plan = loyalty.plan_return(
        reference_of_sale=of,
        reference=reference,
        left=left,
        redeemed_share=share,
        policy=policy,
        business_date=now.date(),
        actor=actor,
        now=now,
    )
    for each in plan.reversals:
        ledger.reverse_part(
            transaction=each.transaction_id,
            share=each.share,
            reference=each.reference,
            kind=each.kind,
            grace_days=each.grace_days,
            business_date=now.date(),
            actor=actor,
            now=now,
        )
    ledger.post_many(drafts=plan.drafts, actor=actor, now=now)
    record("sales.order_returned", of, actor=actor, now=now)
    return plan


@dataclass
class Shop:
    """`now` is the clock; `wait(days=3)` moves it."""

    now: datetime
    store_id: int | None = None
    number: int = 0
    programme: Programme = field(init=False)

    def open(self, levels: tuple[LevelSpec, ...] = LEVELS, **values: Any) -> Shop:
        self.programme = loyalty.begin_programme(
            name="会员", levels=levels, values=values, actor=SYSTEM, now=self.now
        )
        return self

    def change(self, **values: Any) -> None:
        loyalty.change_programme(programme=self.programme, values=values, actor=SYSTEM, now=self.now)

    def level(self, code: str) -> Level:
        return Level.objects.get(code=code)

    def customer(self, name: str = "王小明", phone: str = "", **values: Any) -> Customer:
        return make_customer(name, phone, now=self.now, **values)

    def wait(self, **how: int) -> None:
        self.now += timedelta(**how)

    def sell(
        self,
        customer: Customer,
        *amounts: int | SaleLine,
        redeemed: int = 0,
        at: datetime | None = None,
        reference: str = "",
    ) -> str:
        """Sell lines of so many fen (keys "1", "2" …); the reference of the sale."""
        self.number += 1
        reference = reference or f"sales.order:{uuid4()}"
        lines = [
            each if isinstance(each, SaleLine) else SaleLine(str(number), each)
            for number, each in enumerate(amounts, 1)
        ]
        self.plan = sell(
            shop=self,
            customer=customer,
            lines=lines,
            redeemed=redeemed,
            reference=reference,
            at=at,
            actor=SYSTEM,
            now=self.now,
        )
        return reference

    def take_back(
        self, of: str, share: Fraction | None = None, policy: str = "", reference: str = "", **left: int
    ) -> loyalty.ReturnPlan:
        """Return parts: `take_back(sale, _1=0)` gives all of line 1 back."""
        self.number += 1
        return take_back(
            of=of,
            reference=reference or f"sales.return:{self.number}",
            left={key.lstrip("_"): amount for key, amount in left.items()},
            share=share,
            policy=policy,
            actor=SYSTEM,
            now=self.now,
        )

    def preview(self, of: str, share: Fraction | None = None, policy: str = "", **left: int):
        return queries.preview_return(
            reference_of_sale=of,
            left={key.lstrip("_"): amount for key, amount in left.items()},
            redeemed_share=share,
            policy=policy,
            now=self.now,
        )

    def give(self, customer: Customer, points: int, key: UUID | None = None, **values: Any) -> None:
        loyalty.adjust_points(
            customer=customer,
            points=points,
            reason="补偿",
            key=key or uuid4(),
            actor=SYSTEM,
            now=self.now,
            **values,
        )

    # --- what there is --------------------------------------------------------------------------------------
    def standing(self, customer: Customer):
        return queries.standing_of(queries.cluster_of(customer.pk), at=self.now)

    def standing_zone(self):
        from zoneinfo import ZoneInfo

        return ZoneInfo(self.programme.time_zone)

    def points(self, customer: Customer) -> int:
        return self.standing(customer).points

    def pending(self, customer: Customer) -> int:
        return self.standing(customer).pending

    def tier(self, customer: Customer) -> str:
        return self.standing(customer).tier_code

    def books(self) -> dict[str, int]:
        """Code -> the sum of its accounts of points: issued = with customers + pending + redeemed + expired."""
        accounts = list(Account.objects.filter(unit="POINTS"))
        balances = books.balances(accounts)
        sums: dict[str, int] = {}
        for account in accounts:
            sums[account.code] = sums.get(account.code, 0) + balances[account.pk]
        assert sums.get("points_issued", 0) == sum(
            total for code, total in sums.items() if code != "points_issued"
        )
        return {
            code.replace("points_", "").replace("_points", ""): total for code, total in sums.items() if total
        }
