"""A sale is taken back: its coupons are good again, what its promotions gave comes back to their budgets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db.models import Case, F, When

from dianke.core.actor import Actor
from dianke.events.operations import step
from dianke.promotions.models import Coupon, CouponStep, Promotion, PromotionGiven, PromotionTally
from dianke.promotions.queries.giving_back import (
    GivenBack,
    Left,
    coupons_back,
    coupons_of_sale,
    left_of_sale,
    lock_promotions,
    promotions_back,
)

State = Coupon.State


@step
def give_back(
    *,
    reference: str,
    actor: Actor,
    now: datetime,
    coupon_ids: Collection[int] | None = None,
    promotion_amounts: Mapping[int, int] | None = None,
    own_reference: str = "",
) -> list[GivenBack]:
    """Give back what the sale `reference` used.

    `coupon_ids`: those of its coupons (None: all, empty: none). A coupon keeps its end; one that has ended meanwhile is
    good again for the grace days of its kind, or stays expired. `promotion_amounts`: minor units per promotion (None:
    all that is left, empty: none), never more than is left; the times come back with the last of the money, or with an
    amount of 0 where nothing was given in money. `own_reference` is what causes it: the same again gives back nothing.
    Answers what came back. `queries.preview_give_back` answers the same beforehand.
    """
    if (
        own_reference
        and PromotionGiven.objects.filter(
            reference=reference, own_reference__startswith=f"{own_reference}#"
        ).exists()
    ):
        return []
    coupons = coupons_of_sale(reference, coupon_ids, lock=True)
    given = coupons_back(coupons, now)
    _return_coupons(coupons, given, reference, own_reference, actor, now)
    lock_promotions(reference)
    parts = promotions_back(left_of_sale(reference), promotion_amounts)
    _return_promotions(parts, reference, own_reference, now)
    return given + [back for _left, back in parts]


def _return_coupons(
    coupons: Sequence[Coupon],
    given: Sequence[GivenBack],
    reference: str,
    own_reference: str,
    actor: Actor,
    now: datetime,
) -> None:
    steps = []
    for coupon, back in zip(coupons, given, strict=True):
        store_id = coupon.used_store_id
        coupon.state = (
            State.EXPIRED
            if back.is_expired
            else State.CLAIMED
            if coupon.customer_id is not None and coupon.claimed_at is not None
            else State.ISSUED
        )
        coupon.used_at, coupon.used_reference, coupon.used_store_id = None, "", None
        coupon.used_amount = coupon.brought_amount = 0
        coupon.expires_at = back.expires_at
        if back.is_extended:
            coupon.noticed_at = None
        steps.append(
            CouponStep(
                coupon=coupon,
                before=State.USED,
                after=coupon.state,
                at=now,
                reference=own_reference or reference,
                amount=-back.amount,
                store_id=store_id,
                user_id=actor.user_id,
            )
        )
    if coupons:
        fields = [
            "state",
            "used_at",
            "used_reference",
            "used_store_id",
            "used_amount",
            "brought_amount",
            "expires_at",
            "noticed_at",
        ]
        Coupon.objects.bulk_update(coupons, fields)
        CouponStep.objects.bulk_create(steps)


def _return_promotions(
    parts: Sequence[tuple[Left, GivenBack]], reference: str, own_reference: str, now: datetime
) -> None:
    if not parts:
        return
    ids = [back.id for _left, back in parts]
    before = PromotionGiven.objects.filter(reference=reference, promotion__in=ids).count()
    PromotionGiven.objects.bulk_create(
        PromotionGiven(
            promotion_id=back.id,
            version=left.version,
            reference=reference,
            own_reference=f"{own_reference or reference}#{before}",
            customer_id=left.customer_id,
            store_id=left.store_id,
            amount=-back.amount,
            count=-back.count,
            brought_amount=-_share(left, back),
            is_beyond=left.is_beyond,
            at=now,
        )
        for left, back in parts
    )
    for left, back in parts:
        of = Promotion.objects.filter(pk=back.id)
        prefix = "beyond" if left.is_beyond else "spent"
        of.exclude(budget_amount=None, budget_count=None).update(
            **{
                f"{prefix}_amount": F(f"{prefix}_amount") - back.amount,
                f"{prefix}_count": F(f"{prefix}_count") - back.count,
            }
        )
        if back.count and left.customer_id is not None:
            tally = PromotionTally.objects.filter(promotion_id=back.id, customer_id=left.customer_id)
            fewer = F("count") - back.count
            tally.update(count=Case(When(count__gte=back.count, then=fewer), default=0))


def _share(left: Left, back: GivenBack) -> int:
    """What was paid for the goods goes back in proportion, the rest with the last of the money."""
    if back.amount == left.amount or not left.amount:
        return left.brought_amount
    return left.brought_amount * back.amount // left.amount
