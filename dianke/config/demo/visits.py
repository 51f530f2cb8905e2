"""The demo's customers who come back with the coupon of a campaign, in the days after it went out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from uuid import NAMESPACE_URL, uuid5

from dianke.catalog.models import Variant
from dianke.config.demo.family import Family
from dianke.inventory.operations.stocking import Goods, receive
from dianke.marketing.models import Campaign, Member
from dianke.sales import operations as selling
from dianke.sales.queries.basket import Item, Sale, Tendered
from dianke.sales.queries.pricing import price
from dianke.stores.models import Store

#: Over so many days they come.
DAYS = 12


class Visits:
    """`goods`: by code of the store, what is bought there, as code of the product and how many."""

    def __init__(self, family: Family, goods: Mapping[str, Sequence[tuple[str, int]]]) -> None:
        self.family, self.goods = family, goods

    @cached_property
    def _stores(self) -> dict[int, Store]:
        return {store.pk: store for store in self.family.stores.values()}

    @cached_property
    def _variants(self) -> dict[str, Variant]:
        codes = {code for offered in self.goods.values() for code, _count in offered}
        rows = Variant.objects.filter(product__code__in=codes).select_related("product")
        return {row.product.code: row for row in rows.order_by("-position", "-pk")}

    def come(self, campaign: Campaign, *, first: int, percent: int) -> None:
        """So many of those who were written to, evenly among them, from the day `first` on."""
        members = campaign.members.filter(
            state=Member.State.HANDED, customer__store__code__in=list(self.goods)
        )
        rows = list(members.select_related("customer").order_by("customer_id"))
        chosen = [row for place, row in enumerate(rows) if (place * percent) % 100 < percent]
        self._prepare([self._bought(row, number) for number, row in enumerate(chosen)], first)
        for number, row in enumerate(chosen):
            self._visit(row, number, first + number * 5 % DAYS)

    def _bought(self, member: Member, number: int) -> tuple[Store, Variant, int]:
        store = self._stores[member.customer.store_id or 0]
        offered = self.goods[store.code]
        code, count = offered[number % len(offered)]
        return store, self._variants[code], count

    def _prepare(self, bought: Sequence[tuple[Store, Variant, int]], day: int) -> None:
        """The stores take in what the campaign will sell, so that nothing is missing afterwards."""
        wanted: Counter[tuple[int, Variant]] = Counter()
        for store, variant, count in bought:
            if variant.product.is_stocked:
                wanted[store.pk, variant] += count
        now = self.family.at(day, "09:30")
        for (store_pk, variant), count in wanted.items():
            store = self._stores[store_pk]
            receive(
                store=store,
                goods=[Goods(variant.pk, Decimal(count))],
                reference=f"demo:visits/{variant.pk}",
                business_date=store.business_date(now),
                actor=self.family.owner,
                now=now,
            )

    def _visit(self, member: Member, number: int, day: int) -> None:
        store, variant, count = self._bought(member, number)
        now = self.family.at(day, f"{15 + number % 5}:{number * 7 % 60:02}")
        key = f"demo:visits/{member.campaign_id}/{member.pk}"
        sale = Sale(
            uuid5(NAMESPACE_URL, key),
            store,
            (Item("1", variant.pk, Decimal(count)),),
            customer=member.customer,
            coupon_ids=(member.coupon_id or 0,),
        )
        due = price(sale=sale, business_date=store.business_date(now), at=now).paid_amount
        payment = Tendered(
            uuid5(NAMESPACE_URL, f"{key}/payment"), "WECHAT", due, reference=f"HF{member.pk:08}"
        )
        selling.place_sale(sale=replace(sale, payments=(payment,)), actor=self.family.owner, now=now)
