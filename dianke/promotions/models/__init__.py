"""Promotions and coupons: what is offered, how it was worded when, what it gave, and which coupons who has."""

from dianke.promotions.models.coupons import (
    Coupon,
    CouponBatch,
    CouponKind,
    CouponKindVersion,
    CouponStep,
    CouponTally,
)
from dianke.promotions.models.promotions import Promotion, PromotionGiven, PromotionTally, PromotionVersion

__all__ = [
    "Coupon",
    "CouponBatch",
    "CouponKind",
    "CouponKindVersion",
    "CouponStep",
    "CouponTally",
    "Promotion",
    "PromotionGiven",
    "PromotionTally",
    "PromotionVersion",
]
