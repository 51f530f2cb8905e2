"""What promotions and kinds of coupons came to: how often, how much was given away, what it brought."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from dianke.promotions.models import Coupon


@dataclass(frozen=True, slots=True)
class PromotionFigures:
    """`given_amount` off and `brought_amount` paid, minor units; times, sales and known customers."""

    given_amount: int = 0
    times: int = 0
    sales: int = 0
    customers: int = 0
    brought_amount: int = 0


@dataclass(frozen=True, slots=True)
class KindFigures:
    """How many coupons are out and what became of them; `given_amount` off and `brought_amount` paid with them."""

    issued: int = 0
    waiting: int = 0
    usable: int = 0
    used: int = 0
    expired: int = 0
    revoked: int = 0
    given_amount: int = 0
    brought_amount: int = 0

    @property
    def claimed(self) -> int:
        """Came into somebody's hands: all but those that wait, and those taken back or gone."""
        return self.usable + self.used

    @property
    def used_bp(self) -> int | None:
        """Used of all that are out, in basis points."""
        return self.used * 10_000 // self.issued if self.issued else None


def promotion_figures(promotion_ids: Collection[int]) -> dict[int, PromotionFigures]:
    """By promotion, for those that gave something. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT promotion_id, sum(amount), sum(count), count(DISTINCT reference) FILTER (WHERE own_reference = ''),"
            " count(DISTINCT customer_id), sum(brought_amount) FROM promotions_promotiongiven"
            " WHERE promotion_id = ANY(%s) GROUP BY 1",
            [list(promotion_ids)],
        )
        return {row[0]: PromotionFigures(*(int(value) for value in row[1:])) for row in cursor.fetchall()}


def kind_figures(kind_ids: Collection[int]) -> dict[int, KindFigures]:
    """By kind, for those with coupons. One statement."""
    parts: dict[int, dict[str, int]] = {}
    names = {
        "ISSUED": "waiting",
        "CLAIMED": "usable",
        "USED": "used",
        "EXPIRED": "expired",
        "REVOKED": "revoked",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind_id, state, count(*), sum(used_amount), sum(brought_amount) FROM promotions_coupon"
            " WHERE kind_id = ANY(%s) GROUP BY 1, 2",
            [list(kind_ids)],
        )
        for kind_id, state, count, given, brought in cursor.fetchall():
            part = parts.setdefault(kind_id, {"issued": 0, "given_amount": 0, "brought_amount": 0})
            part[names[state]] = int(count)
            part["issued"] += int(count)
            part["given_amount"] += int(given)
            part["brought_amount"] += int(brought)
    return {pk: KindFigures(**part) for pk, part in parts.items()}


def expiring_soon(customer_ids: Collection[int], *, now: datetime, days: int = 7) -> Coupon | None:
    """The usable coupon of a customer that ends first within so many days."""
    rows = Coupon.objects.filter(
        customer__in=customer_ids,
        state=Coupon.State.CLAIMED,
        expires_at__gt=now,
        expires_at__lte=now + timedelta(days=days),
    )
    return rows.select_related("kind").order_by("expires_at", "pk").first()
