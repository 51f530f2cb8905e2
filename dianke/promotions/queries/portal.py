"""What the customer's phone shows of coupons: those in hand with their codes, what ends soon, what may be claimed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import segno
from django.db.models import F, Q, Sum
from django.utils import timezone

from dianke.promotions.models import CouponKind, CouponTally
from dianke.promotions.queries.held import HeldCoupon, coupons_of
from dianke.promotions.queries.names import coupon_sentence, names_for
from dianke.promotions.rules.coupon_codes import grouped
from dianke.promotions.rules.wording import coupon_text

SOON = timedelta(days=7)
MOST_SHOWN = 50


def claimable_now(customer_ids: Sequence[int], *, now: datetime) -> list[CouponKind]:
    """Kinds a customer may take one of at this moment: within the time, left over, and not had as often as one may."""
    today = timezone.localtime(now).date()
    kinds = CouponKind.objects.filter(
        Q(claim_from=None) | Q(claim_from__lte=now),
        Q(claim_to=None) | Q(claim_to__gt=now),
        Q(valid_to=None) | Q(valid_to__gte=today),
        Q(total_limit=None) | Q(issued_count__lt=F("total_limit")),
        is_claimable=True,
        state=CouponKind.State.ACTIVE,
    ).order_by("claim_to", "-pk")
    found = list(kinds[:MOST_SHOWN])
    if not found:
        return []
    had = dict(
        CouponTally.objects.filter(customer__in=customer_ids, kind__in=found)
        .values("kind_id")
        .annotate(n=Sum("count"))
        .values_list("kind_id", "n")
    )
    return [kind for kind in found if had.get(kind.pk, 0) < (kind.per_customer_limit or 1)]


def qr_of(code: str) -> str:
    """The code as a picture to be scanned, for `src`."""
    return str(
        segno.make(code, error="m", micro=False).svg_data_uri(scale=6, border=2, dark="#000", light="#fff")
    )


def card_of(customer_ids: Sequence[int], *, now: datetime) -> dict[str, Any]:
    """Everything the section and the page of coupons show."""
    held = coupons_of(customer_ids, store_id=None, at=now)[:MOST_SHOWN]
    offered = claimable_now(customer_ids, now=now)
    terms = [*(coupon.terms.as_dict() for coupon in held), *(kind.terms for kind in offered)]
    names = names_for(terms, for_customers=True)
    usable = [coupon for coupon in held if coupon.state == "CLAIMED"]
    return {
        "held": [_shown(coupon, now, coupon_text(coupon.terms, names)) for coupon in usable],
        "waiting": [
            {"id": coupon.id, "name": coupon.terms.name, "text": coupon_text(coupon.terms, names)}
            for coupon in held
            if coupon.state == "ISSUED"
        ],
        "offered": [
            {
                "kind": kind,
                "text": coupon_sentence(kind.terms, names),
                "left": None if kind.total_limit is None else kind.total_limit - kind.issued_count,
            }
            for kind in offered
        ],
        "soon_count": sum(_ends_soon(coupon, now) for coupon in usable),
        "can_enter": True,
        "now": now,
    }


def _ends_soon(coupon: HeldCoupon, now: datetime) -> bool:
    return coupon.expires_at is not None and coupon.expires_at <= now + SOON


def _shown(coupon: HeldCoupon, now: datetime, text: str) -> dict[str, Any]:
    last = coupon.expires_at - timedelta(seconds=1) if coupon.expires_at else None
    return {
        "id": coupon.id,
        "name": coupon.terms.name,
        "text": text,
        "note": coupon.note,
        "last_day": timezone.localtime(last).date() if last else None,
        "first_day": timezone.localtime(coupon.valid_from).date()
        if coupon.valid_from and coupon.valid_from > now
        else None,
        "is_soon": _ends_soon(coupon, now),
        "why_not": coupon.why_not,
        "code": grouped(coupon.code),
    }
