"""Small random worlds of customers, and a plain Python reading of the same rules beside the compiled one."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from dianke.catalog.models import Category, Product, Unit, Variant
from dianke.customers.models import Customer, State, Tag
from dianke.customers.tests.cast import make_customer
from dianke.insight.models import CustomerMetrics
from dianke.sales.models import Order, OrderLine
from dianke.segments.operations import fold_purchases
from dianke.segments.tests.deeds import DEEDS, GIVEN_BEFORE, write_deed
from dianke.stores.models import Store

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 11, 21)
LEVELS = ("", "银卡", "金卡")
TAGS = ("爱茶", "新娘", "老客")


@dataclass
class Line:
    product: int
    quantity: int
    returned: int
    paid: int
    back: int


@dataclass
class Bought:
    customer: int
    day: date
    store: int
    channel: str
    lines: list[Line]


@dataclass
class World:
    """Everything that was made, as plain values."""

    now: datetime
    chance: random.Random
    stores: list[Store]
    people: dict[int, dict[str, Any]] = field(default_factory=dict)
    orders: list[Bought] = field(default_factory=list)
    products: dict[int, int] = field(default_factory=dict)
    brands: dict[int, Any] = field(default_factory=dict)
    number: int = 0

    def person(self, **given: Any) -> Customer:
        chance = self.chance
        seen = self.now - timedelta(days=chance.choice([0, 1, 29, 30, 31, 89, 90, 91, 400]))
        values: dict[str, Any] = {
            "gender": chance.choice(["F", "M", ""]),
            "level": chance.choice(LEVELS),
            "store": chance.choice([None, *self.stores]),
            "tags": [tag for tag in TAGS if chance.random() < 0.4],
            "consents": {
                ("MARKETING", channel): chance.random() < 0.6
                for channel in ("ANY", "SMS", "EMAIL")
                if chance.random() < 0.5
            },
        } | given
        if chance.random() < 0.5:
            values["birthday"] = (1990, chance.choice([11, 12]), chance.randint(18, 30))
        self.number += 1
        row = make_customer(f"客{self.number}", now=seen, **values)
        self.people[row.pk] = values | {"seen": seen.date(), "head": row.pk, "state": State.ACTIVE}
        did = {name: self._did(name, row) for name in DEEDS if chance.random() < 0.6}
        if "coupon_used" in did:
            did.setdefault("coupon_got", []).append(TODAY - timedelta(days=GIVEN_BEFORE))
        self.people[row.pk]["did"] = did
        if chance.random() < 0.7:
            self._metrics(row.pk)
        return row

    def _did(self, name: str, row: Customer) -> list[date]:
        """The days somebody did something, some of them twice, and rows beside them that do not count."""
        found = [TODAY - timedelta(days=ago) for ago in self.chance.sample([0, 29, 30, 31, 200], 2)]
        for day in found:
            hour = self.chance.choice([time(0, 0), time(23, 59)])  # the merchant's day, not that of UTC
            write_deed(name, row, datetime.combine(day, hour, SHANGHAI), counts=True)
        write_deed(name, row, self.now.astimezone(SHANGHAI), counts=False)
        return found

    def _metrics(self, pk: int) -> None:
        chance = self.chance
        found = {
            "order_count": chance.choice([1, 2, 3, 8]),
            "spend_amount": chance.choice([0, 9_900, 100_000, 1_000_000]),
            "last_date": TODAY - timedelta(days=chance.choice([0, 29, 30, 31, 200])),
            "churn_risk": chance.choice([None, Decimal("0.3000"), Decimal("0.9000")]),
            "value_group": chance.choice(["LOYAL", "AT_RISK"]),
        }
        rest = {"order_count_365": 1, "spend_365_amount": 0, "returned_amount": 0, "margin_amount": 0}
        scores = {"recency_score": 3, "frequency_score": 3, "money_score": 3}
        CustomerMetrics.objects.create(
            customer_id=pk,
            average_amount=0,
            first_date=found["last_date"],
            as_of_date=TODAY,
            position="",
            **found,
            **rest,
            **scores,
        )
        self.people[pk]["metrics"] = found

    def goods(self) -> None:
        unit = Unit.objects.filter(kind="COUNT").first() or Unit.objects.create(code="PC", name="件")
        top = Category.objects.create(name="茶")
        inner = Category.objects.create(name="绿茶", parent=top, path=[top.pk])
        other = Category.objects.create(name="杯")
        for number, category in enumerate((top, inner, other)):
            product = Product.objects.create(
                name=f"货{number}",
                code=f"H{number}",
                unit=unit,
                category=category,
                created_at=self.now,
                changed_at=self.now,
            )
            Variant.objects.create(product=product, code=f"H{number}")
            self.products[product.pk] = category.pk
        self.categories = {top.pk: {top.pk, inner.pk}, inner.pk: {inner.pk}, other.pk: {other.pk}}

    def order(self, customer: int) -> Order:
        chance = self.chance
        bought = Bought(
            customer,
            TODAY - timedelta(days=chance.choice([0, 29, 30, 31, 200])),
            chance.choice(self.stores).pk,
            chance.choice(["TILL", "QUOTE"]),
            [],
        )
        self.number += 1
        row = Order.objects.create(
            number=f"W{self.number}",
            store_id=bought.store,
            legal_entity_id=self.stores[0].legal_entity_id,
            channel=bought.channel,
            customer_id=customer,
            state="CLOSED",
            business_date=bought.day,
            occurred_at=self.now,
            recorded_at=self.now,
            closed_at=self.now,
            currency="CNY",
        )
        for position, product in enumerate(chance.sample(sorted(self.products), chance.randint(1, 3))):
            quantity = chance.randint(1, 3)
            line = Line(product, quantity, chance.choice([0, 0, 1, quantity]), quantity * 5000, 0)
            line.back = line.returned * 5000
            OrderLine.objects.create(
                order=row,
                position=position,
                key=str(position),
                variant=Variant.objects.get(product=product),
                name="货",
                quantity=quantity,
                fulfilled_quantity=quantity,
                returned_quantity=line.returned,
                returned_amount=line.back,
                list_price_amount=5000,
                list_amount=line.paid,
                paid_amount=line.paid,
            )
            bought.lines.append(line)
        self.orders.append(bought)
        return row

    def merge(self, joined: int, kept: int) -> None:
        """As a merge does: the metrics of the joined go with the next snapshot."""
        Customer.objects.filter(pk=joined).update(merged_into=kept)
        CustomerMetrics.objects.filter(customer_id=joined).delete()
        self.people[joined]["head"] = kept
        self.people[joined].pop("metrics", None)

    def part(self, joined: int) -> None:
        Customer.objects.filter(pk=joined).update(merged_into=None)
        self.people[joined]["head"] = joined

    def fold(self) -> None:
        """From the beginning, as the first time."""
        from dianke.core.actor import SYSTEM
        from dianke.segments.models import PurchasePlace

        PurchasePlace.objects.all().delete()
        fold_purchases(actor=SYSTEM, now=self.now)

    # --- the same in Python --------------------------------------------------------------------------------------
    def who(self, tree: dict[str, Any]) -> set[int]:
        """The heads in use that fit a tree."""
        heads = [pk for pk, one in self.people.items() if one["head"] == pk and one["state"] == State.ACTIVE]
        return {pk for pk in heads if self.fits(tree, pk)}

    def fits(self, tree: dict[str, Any], head: int) -> bool:
        if "all" in tree:
            return all(self.fits(child, head) for child in tree["all"])
        if "any" in tree:
            return any(self.fits(child, head) for child in tree["any"])
        if "none" in tree:
            return not any(self.fits(child, head) for child in tree["none"])
        return self.rule(tree["field"], tree["op"], tree.get("value"), head)

    def rule(self, code: str, op: str, value: Any, head: int) -> bool:
        one = self.people[head]
        cluster = [pk for pk, other in self.people.items() if other["head"] == head]
        if op in ("not_in", "not_bought"):
            return not self.rule(code, op.removeprefix("not_"), value, head)
        if code == "profile.gender":
            return one["gender"] in value
        if code == "profile.level":
            return one["level"] in value
        if code == "profile.store":
            return one["store"] is not None and str(one["store"].pk) in value
        if code == "profile.tags":
            ids = {
                str(pk)
                for pk in Tag.objects.filter(name__in=self._tags(cluster)).values_list("pk", flat=True)
            }
            return bool(ids & set(value))
        if code == "profile.birthday":
            return any(self._comes(self.people[pk].get("birthday"), value) for pk in cluster)
        if code == "visits.seen":
            return days(one["seen"], op, value)
        if code == "consent.marketing":
            return any(self._agreed(cluster, channel) for channel in value)
        if code.startswith("did."):
            found = [day for pk in cluster for day in self.people[pk]["did"].get(code[4:], ())]
            return not found if op == "none" else bool(found) and days(max(found), op, value)
        if code in ("bought",):
            return self._bought(cluster, value)
        column = {
            "orders": "order_count",
            "spend": "spend_amount",
            "last": "last_date",
            "group": "value_group",
        }
        name = code.removeprefix("metrics.")
        own = one.get("metrics", {}).get(column.get(name, "churn_risk"))
        if name in ("orders", "spend"):
            own = own or 0
        if op == "none":
            return own is None
        if own is None:
            return False
        if name == "risk":
            own = own * 100
        if op == "in":
            return own in value
        if isinstance(own, date):
            return days(own, op, value)
        return {
            "gte": lambda: own >= value,
            "lte": lambda: own <= value,
            "between": lambda: value[0] <= own <= value[1],
        }[op]()

    def _tags(self, cluster: list[int]) -> set[str]:
        return {tag for pk in cluster for tag in self.people[pk]["tags"]}

    def _comes(self, birthday: Any, within: int) -> bool:
        if birthday is None:
            return False
        return 0 <= (date(2026, birthday[1], birthday[2]) - TODAY).days <= within

    def _agreed(self, cluster: list[int], channel: str) -> bool:
        # All entries of a person are of one instant: the later written holds.
        said = []
        for pk in cluster:
            own = [given for (_p, c), given in self.people[pk]["consents"].items() if c in ("ANY", channel)]
            said += own[-1:]
        return bool(said) and all(said)

    def _bought(self, cluster: list[int], value: dict[str, Any]) -> bool:
        sums: dict[str, Any] = defaultdict(int)
        for order in self.orders:
            if order.customer not in cluster or not self._counts(order, value):
                continue
            kept = [
                line for line in order.lines if line.quantity > line.returned and self._is_of(line, value)
            ]
            sums["times"] += bool(kept)
            sums["quantity"] += sum(line.quantity - line.returned for line in kept)
            sums["amount"] += sum(line.paid - line.back for line in kept)
        return sums["times"] > 0 and sums[value.get("measure", "times")] >= value.get("least", 1)

    def _counts(self, order: Bought, value: dict[str, Any]) -> bool:
        if value.get("stores") and order.store not in value["stores"]:
            return False
        if value.get("channels") and order.channel not in value["channels"]:
            return False
        if "days" in value and (TODAY - order.day).days > value["days"]:
            return False
        first, last = value.get("from", ""), value.get("to", "9999")
        return first <= order.day.isoformat() <= last

    def _is_of(self, line: Line, value: dict[str, Any]) -> bool:
        goods = value.get("goods", "any")
        if goods == "product":
            return line.product in value["ids"]
        if goods == "category":
            return any(self.products[line.product] in self.categories[pk] for pk in value["ids"])
        return True


def days(own: date, op: str, value: Any) -> bool:
    ago = (TODAY - own).days
    if op == "between":
        return bool(value[0] <= own.isoformat() <= value[1])
    if op == "earlier":
        return bool(ago > value)
    return bool(0 <= ago <= value) if op == "last" else bool(-value <= ago <= 0)
