"""Jobs of the clock: promotions whose period is over end, coupons expire, customers are told before theirs do. And what
follows from events: a reward or a gift of the membership programme may be a coupon.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.core.actor import SYSTEM
from dianke.core.clock import daily
from dianke.events.models import Event
from dianke.promotions.models import Coupon, CouponKind
from dianke.promotions.operations import (
    end_those_over,
    expire_coupons,
    issue_coupons,
    note_expiring,
    revoke_coupons,
)
from dianke.promotions.queries import verify

logger = logging.getLogger(__name__)
MOST_ROUNDS = 5000


@app.periodic(cron="*/10 * * * *")
@app.task(name="promotions.end_those_over", queue="default", pass_context=False)
def end_promotions(timestamp: int) -> None:
    """Every ten minutes; the till looks at the period by itself, so nothing waits for this."""
    end_those_over(actor=SYSTEM, now=timezone.now())


@app.periodic(cron="5 * * * *")
@app.task(name="promotions.expire_coupons", queue="default", pass_context=False)
def expire_hourly(timestamp: int) -> None:
    """Every hour, in small transactions until none is left."""
    repeat(expire_coupons, timezone.now())


@app.periodic(cron=daily("9:10"))
@app.task(name="promotions.note_expiring", queue="default", pass_context=False)
def note_daily(timestamp: int) -> None:
    """In the morning, when people may be told something."""
    repeat(note_expiring, timezone.now())


@app.periodic(cron=daily("3:25"))
@app.task(name="promotions.verify", queue="nightly", pass_context=False)
def verify_nightly(timestamp: int) -> None:
    """Whatever is found goes to the error log, one line each."""
    for finding in verify():
        logger.critical("promotions: %s", finding)


# --- reactions -------------------------------------------------------------------------------------------------------
def give_loyalty_coupons(event: Event, *, now: datetime) -> None:
    """The coupon of a reward somebody took for points, or those of gifts. Once for each, however often this runs."""
    kind_key = event.data.get("coupon_kind")
    if not kind_key:
        return
    kind = CouponKind.objects.get(pk=int(kind_key.rpartition(":")[2]))
    if "customers" in event.data:
        given = zip(event.data["customers"], event.data["reference"], strict=True)
    else:
        given = zip([event.data["customer"]], [event.data["redemption"]], strict=True)
    for customer_id, reference in given:
        issue_coupons(
            kind=kind,
            customer_ids=[customer_id],
            occasion=_loyalty_occasion(reference),
            actor=event.as_cause(),
            now=now,
        )


def take_back_loyalty_coupons(event: Event, *, now: datetime) -> None:
    """The coupon of a reward that was cancelled, unless it was used meanwhile."""
    coupons = Coupon.objects.open().filter(occasion=_loyalty_occasion(event.data["redemption"]))
    if coupons:
        revoke_coupons(
            coupons=coupons, reason=event.data["reason"] or "loyalty", actor=event.as_cause(), now=now
        )


def _loyalty_occasion(reference: str) -> str:
    return f"loyalty:{reference}"


def repeat(work: Callable[..., int], now: datetime) -> int:
    """Until nothing is left to do; how much was done."""
    total = 0
    for _round in range(MOST_ROUNDS):
        done = work(actor=SYSTEM, now=now)
        total += done
        if not done:
            break
    return total
