"""The demo's sales of eighteen months: brought in as a shop brings along the tills of before, with seasons, festivals,
baskets of each trade, members and walk-ins, and people who sell better than others. The data are in `sales.toml`.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings

from dianke.catalog.models import TaxRate, Variant
from dianke.config.demo.data import sales as read_sales
from dianke.config.demo.family import ZONE, Family
from dianke.config.demo.goods import Goods
from dianke.core.lunar import LunarDate, next_occurrence
from dianke.customers.models import Customer
from dianke.sales.operations.history import PastLine, PastSale, bring_in_sales
from dianke.stores.models import Posting, Store

CENT = Decimal("0.01")
#: What a service takes of its price.
SERVICE_COST = Decimal("0.06")


@dataclass(frozen=True, slots=True)
class Ware:
    """A variant as it was sold: prices and cost in yuan, how many at once."""

    variant: Variant
    weight: float
    price: tuple[Decimal, Decimal]
    cost: Decimal
    tax_rate_bp: int
    least: Decimal
    most: Decimal
    is_weighed: bool

    @property
    def name(self) -> str:
        label = self.variant.label
        return f"{self.variant.product.name} {label}".strip()


class Sales:
    """Brings in the past of the stores that are loaded. The same every time for a given day."""

    def __init__(self, family: Family, goods: Goods) -> None:
        self.family, self.goods = family, goods
        self.data = read_sales()
        self.count = 0

    def remember(self) -> None:
        """All that was sold before the tills of now took over."""
        for row in self.data["stores"]:
            store = self.family.stores.get(row["code"])
            if store is not None:
                until = row.get("past_until", self.data["past_until"])
                past = self._past(store, row, until)
                bring_in_sales(
                    store=store,
                    sales=past,
                    actor=self.family.owner,
                    now=self.family.at(until, "08:00"),
                )
                self.count += len(past)

    # --- what there is ------------------------------------------------------------------------------------------
    @cached_property
    def wares(self) -> dict[str, list[Ware]]:
        """By code of the product and store: its variants with price and cost."""
        rates = {
            rate.tax_class_id: rate.rate_bp
            for rate in TaxRate.objects.filter(from_date__lte=self.family.today).order_by("from_date")
        }
        rows = {row["code"]: row for row in self.goods.data["products"]}
        variants: dict[str, list[Variant]] = {}
        for variant in Variant.objects.select_related("product").order_by("position", "pk"):
            variants.setdefault(variant.product.code, []).append(variant)
        found: dict[str, list[Ware]] = {}
        for store in self.data["stores"]:
            for wanted in store["goods"]:
                own, row = variants.get(wanted["code"], []), rows[wanted["code"]]
                found[f"{store['code']}/{wanted['code']}"] = [
                    self._ware(
                        variant,
                        number,
                        wanted,
                        row,
                        rates.get(variant.product.tax_class_id or 0, 0),
                        len(own),
                    )
                    for number, variant in enumerate(own)
                ]
        return found

    def _ware(
        self,
        variant: Variant,
        number: int,
        wanted: Mapping[str, Any],
        row: Mapping[str, Any],
        rate: int,
        siblings: int,
    ) -> Ware:
        price, cost = row.get("price"), row.get("cost")
        price = price[number] if isinstance(price, list) else price
        cost = cost[number] if isinstance(cost, list) else cost
        span = wanted.get("price", [price, price])
        share = Decimal(str(wanted["cost"])) if "cost" in wanted else SERVICE_COST
        own = Decimal(str(cost)) if cost is not None else share * Decimal(str(span[0]))
        return Ware(
            variant,
            wanted["weight"] / siblings,
            (Decimal(str(span[0])), Decimal(str(span[1]))),
            own,
            rate,
            Decimal(str(wanted.get("least", 1))),
            Decimal(str(wanted.get("most", 1))),
            wanted.get("is_weighed", False),
        )

    def uuid(self, store: Store, what: str) -> UUID:
        """Keys of rows are never given twice, so neither is this: what a removed demo posted stays in the ledger."""
        return uuid5(NAMESPACE_URL, f"demo:sales/{store.pk}/{what}")

    def sellers(self, store: Store) -> list[tuple[int, float, date, date | None]]:
        """Who could have sold there: user, talent, first and last day."""
        postings = Posting.objects.filter(store=store).select_related("staff__user")
        talents = self.data["talents"]
        return [
            (p.staff.user_id, talents[p.staff.user.username], p.from_date, p.to_date or p.staff.left_on)
            for p in postings.order_by("pk")
            if p.staff.user.username in talents
        ]

    def customers(self, store: Store) -> list[tuple[int, date]]:
        """The customers of the store with the day they came first."""
        rows = Customer.objects.in_use().heads().filter(store=store).order_by("pk")
        return [(pk, at.astimezone(ZONE).date()) for pk, at in rows.values_list("pk", "created_at")]

    # --- when ---------------------------------------------------------------------------------------------------
    @cached_property
    def new_years(self) -> list[date]:
        first = self.family.day(self.data["begin"])
        found = [next_occurrence(LunarDate(1, 1), first)]
        while found[-1] < self.family.today:
            found.append(next_occurrence(LunarDate(1, 1), found[-1] + timedelta(days=1)))
        return found

    def season(self, day: date, row: Mapping[str, Any]) -> float:
        """How much busier than usual a day is."""
        rate = row["weekdays"][day.weekday()] * row["months"][day.month - 1]
        for festival in self.data["festivals"]:
            if festival["from"] <= f"{day:%m-%d}" <= festival["to"]:
                rate *= festival["more"]
        for first in self.new_years:
            days = (first - day).days
            if -self.data["new_year"]["closed"] < days <= 0:
                return 0
            if 0 < days <= self.data["new_year"]["before"]:
                rate *= self.data["new_year"]["more"]
        # The business grew by a quarter over the time.
        past = (self.family.today - day).days / -self.data["begin"]
        return float(rate * (1.12 - 0.25 * past))

    # --- sales --------------------------------------------------------------------------------------------------
    def _past(self, store: Store, row: Mapping[str, Any], until: int) -> list[PastSale]:
        chance = random.Random(f"{self.data['seed']}{store.code}")  # noqa: S311 - invented, the same each time
        wares = [ware for wanted in row["goods"] for ware in self.wares[f"{store.code}/{wanted['code']}"]]
        weights = [ware.weight for ware in wares]
        customers, sellers = self.customers(store), self.sellers(store)
        found: list[PastSale] = []
        for days in range(self.data["begin"], until):
            day = self.family.day(days)
            if day < store.opened_on:
                continue
            rate = row["a_day"] * self.season(day, row) * settings.DIANKE_DEMO_PAST
            count = int(rate) + (chance.random() < rate % 1)
            if count and chance.random() < 0.25:
                count += chance.choice((-1, 1))
            here = [
                (user, talent)
                for user, talent, first, last in sellers
                if first <= day and not (last and last <= day)
            ]
            known = [pk for pk, since in customers if since <= day]
            moments = sorted(self._moment(chance, day, row["hours"]) for _number in range(count))
            for at in moments:
                found.append(self._sale(chance, store, row, wares, weights, here, known, at, len(found)))
        return found

    def _moment(self, chance: random.Random, day: date, hours: Sequence[int]) -> datetime:
        """More in the afternoon and the evening than in the morning."""
        hour = chance.triangular(hours[0], hours[1], hours[0] + (hours[1] - hours[0]) * 0.7)
        return datetime.combine(day, time(int(hour), int(hour % 1 * 60), chance.randrange(60)), ZONE)

    def _sale(
        self,
        chance: random.Random,
        store: Store,
        row: Mapping[str, Any],
        wares: Sequence[Ware],
        weights: Sequence[float],
        sellers: Sequence[tuple[int, float]],
        known: Sequence[int],
        at: datetime,
        number: int,
    ) -> PastSale:
        often, least, most = row["off"]
        off = Decimal(str(round(chance.uniform(least, most), 2))) if chance.random() < often else Decimal(0)
        count = chance.choices(range(1, len(row["lines"]) + 1), row["lines"])[0]
        chosen = list(dict.fromkeys(chance.choices(range(len(wares)), weights, k=count)))
        users = [user for user, _talent in sellers]
        talents = [talent for _user, talent in sellers]
        seller = chance.choices(users, talents)[0] if users else None
        lines = []
        for index in chosen:
            people: tuple[tuple[int, int], ...] = ()
            if seller and len(users) > 1 and chance.random() < 0.12:
                other = chance.choice([user for user in users if user != seller])
                people = ((seller, 6_000), (other, 4_000))
            lines.append(self._line(chance, wares[index], off, people))
        is_member = bool(known) and chance.random() < row["members"]
        # Regulars come more often than those of whom one knows the name only.
        customer = known[int(len(known) * chance.random() ** 1.8)] if is_member else None
        total = sum(line.paid_amount for line in lines)
        tender = chance.choices(list(row["pays"]), list(row["pays"].values()))[0]
        return PastSale(
            self.uuid(store, str(number)),
            at,
            tuple(lines),
            ((tender, total),) if total else (),
            customer,
            number=f"JD{at:%y%m%d}{number:05}",
            seller_id=seller,
        )

    def _line(
        self, chance: random.Random, ware: Ware, off: Decimal, people: tuple[tuple[int, int], ...]
    ) -> PastLine:
        if ware.is_weighed:
            quantity = Decimal(str(round(chance.uniform(float(ware.least), float(ware.most)), 3)))
        else:
            quantity = Decimal(chance.randint(int(ware.least), int(ware.most)))
        low, high = ware.price
        price = low if low == high else Decimal(chance.randint(int(low), int(high)))
        cost = ware.cost if low == high else ware.cost * price / low
        list_amount = int((price * quantity * 100).quantize(Decimal(1)))
        paid = int((list_amount * (1 - off)).quantize(Decimal(1)))
        return PastLine(
            ware.name,
            quantity,
            list_amount,
            paid,
            ware.variant.pk,
            ware.variant.product.kind
            if ware.variant.product.kind in ("SERVICE", "PIECE", "BUNDLE")
            else "GOODS",
            ware.tax_rate_bp,
            (cost * quantity).quantize(CENT),
            "promotion" if off > Decimal("0.1") else "manual",
            people,
        )
