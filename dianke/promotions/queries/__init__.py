"""Reads of the room for others: what runs where, whose coupons are good, what would come back of a sale."""

from dianke.promotions.queries.giving_back import GivenBack, preview_give_back
from dianke.promotions.queries.held import HeldCoupon, coupon_by_code, coupons_by_id, coupons_of
from dianke.promotions.queries.proof import verify
from dianke.promotions.queries.running import Offer, offers, promotion_at, running

__all__ = [
    "GivenBack",
    "HeldCoupon",
    "Offer",
    "coupon_by_code",
    "coupons_by_id",
    "coupons_of",
    "offers",
    "preview_give_back",
    "promotion_at",
    "running",
    "verify",
]
