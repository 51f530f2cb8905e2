"""The days of a kind of coupon on the merchant's clock."""

from __future__ import annotations

from datetime import datetime

from dianke.promotions.models import CouponKind
from dianke.promotions.rules.validity import Validity, period_of
from dianke.stores.queries import merchant_zone


def validity_of(kind: CouponKind) -> Validity:
    """What the columns of a kind say."""
    is_fixed = kind.validity == CouponKind.Validity.FIXED
    return Validity(
        first=kind.valid_from if is_fixed else None,
        last=kind.valid_to if is_fixed else None,
        days=None if is_fixed else kind.valid_days,
        starts_after=0 if is_fixed else kind.starts_after_days,
        grace_days=kind.grace_days,
    )


def period_for(kind: CouponKind, claimed_at: datetime) -> tuple[datetime, datetime]:
    """From when to when a coupon of the kind is good that is claimed at that instant."""
    return period_of(validity_of(kind), claimed_at=claimed_at, zone=merchant_zone())
