"""What comes back of promotions and coupons when a sale is taken back, worked out before anything is written: the
preview shows it, the step does it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dianke.promotions.models import Coupon, Promotion, PromotionGiven
from dianke.promotions.rules.validity import expiry_when_given_back
from dianke.stores.queries import merchant_zone


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A coupon that is good again until `expires_at` (`is_expired`: it comes back too late and stays expired), or
    `amount` minor units and `count` times of a promotion that come back to its budget."""

    what: Literal["coupon", "promotion"]
    id: int
    name: str
    amount: int
    count: int = 0
    tail: str = ""
    customer_id: int | None = None
    expires_at: datetime | None = None
    is_expired: bool = False
    is_extended: bool = False


@dataclass(frozen=True, slots=True)
class Left:
    """What a sale still has of a promotion."""

    promotion_id: int
    name: str
    version: int | None
    amount: int
    count: int
    brought_amount: int
    customer_id: int | None
    store_id: int | None
    is_beyond: bool


def preview_give_back(
    *,
    reference: str,
    now: datetime,
    coupon_ids: Collection[int] | None = None,
    promotion_amounts: Mapping[int, int] | None = None,
) -> list[GivenBack]:
    """What `operations.give_back` with the same arguments would do at this moment, without doing it. Two statements."""
    coupons = coupons_back(coupons_of_sale(reference, coupon_ids), now)
    return coupons + [given for _left, given in promotions_back(left_of_sale(reference), promotion_amounts)]


def coupons_of_sale(
    reference: str, coupon_ids: Collection[int] | None, *, lock: bool = False
) -> list[Coupon]:
    """The coupons the sale used and has not given back; of `coupon_ids` only, when given."""
    rows = Coupon.objects.filter(used_reference=reference, state=Coupon.State.USED)
    if coupon_ids is not None:
        rows = rows.filter(pk__in=coupon_ids)
    if lock:
        rows = rows.select_for_update(no_key=True, of=("self",))
    return list(rows.select_related("kind").order_by("pk"))


def coupons_back(coupons: Collection[Coupon], now: datetime) -> list[GivenBack]:
    """What becomes of each."""
    zone, found = merchant_zone(), []
    for coupon in coupons:
        expires_at = expiry_when_given_back(
            coupon.expires_at, grace_days=coupon.kind.grace_days, now=now, zone=zone
        )
        found.append(
            GivenBack(
                "coupon",
                coupon.pk,
                coupon.kind.name,
                coupon.used_amount,
                tail=coupon.code[-4:],
                customer_id=coupon.customer_id,
                expires_at=expires_at,
                is_expired=expires_at is not None and expires_at <= now,
                is_extended=expires_at != coupon.expires_at,
            )
        )
    return found


def left_of_sale(reference: str) -> list[Left]:
    """Per promotion what the sale had of it, less what it gave back, by key."""
    names: dict[int, str] = {}
    sums: dict[int, list[int]] = {}
    first: dict[int, PromotionGiven] = {}
    rows = PromotionGiven.objects.filter(reference=reference).select_related("promotion")
    for row in rows.order_by("promotion_id", "pk"):
        names[row.promotion_id] = row.promotion.name
        total = sums.setdefault(row.promotion_id, [0, 0, 0])
        for place, value in enumerate((row.amount, row.count, row.brought_amount)):
            total[place] += value
        if not row.own_reference:
            first[row.promotion_id] = row
    return [
        Left(
            promotion_id=pk,
            name=names[pk],
            version=row.version,
            amount=sums[pk][0],
            count=sums[pk][1],
            brought_amount=sums[pk][2],
            customer_id=row.customer_id,
            store_id=row.store_id,
            is_beyond=row.is_beyond,
        )
        for pk, row in first.items()
    ]


def promotions_back(
    lefts: Collection[Left], amounts: Mapping[int, int] | None
) -> list[tuple[Left, GivenBack]]:
    """What comes back of each: all that is left, or the amounts asked for, never more than is left. The times come back
    with the last of the money."""
    found = []
    for left in lefts:
        if amounts is not None and left.promotion_id not in amounts:
            continue
        amount = left.amount if amounts is None else min(amounts[left.promotion_id], left.amount)
        count = left.count if amount == left.amount else 0
        if amount or count:
            found.append((left, GivenBack("promotion", left.promotion_id, left.name, amount, count)))
    return found


def lock_promotions(reference: str) -> None:
    """The promotions of a sale, locked by key."""
    ids = PromotionGiven.objects.filter(reference=reference, own_reference="").values("promotion_id")
    list(Promotion.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
