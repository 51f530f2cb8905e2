"""Jobs of loyalty: what follows sales, and what the calendar brings: levels, pending points, expiry, notices,
gifts.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.utils import timezone
from procrastinate.contrib.django import app

from dianke.core.actor import SYSTEM, Actor
from dianke.core.clock import daily
from dianke.core.errors import DiankeError
from dianke.customers.models import Merge
from dianke.events.models import Event
from dianke.loyalty.models import Gift, LevelChange, MemberSale
from dianke.loyalty.operations.following import follow_sale
from dianke.loyalty.operations.gifts import give_gifts
from dianke.loyalty.operations.levels import follow_separation, review_member, review_members
from dianke.loyalty.operations.points import announce_expiry, expire_points, release_points

logger = logging.getLogger(__name__)
AT_ONCE = 200


@app.periodic(cron="*/5 * * * *")
@app.task(name="loyalty.follow_sales", queue="default", pass_context=False)
def follow_waiting(timestamp: int) -> None:
    """What a reaction missed. Mostly there is nothing to do."""
    follow_sales(timezone.now())


@app.periodic(cron="10 * * * *")
@app.task(name="loyalty.release_points", queue="default", pass_context=False)
def release_hourly(timestamp: int) -> None:
    """Hourly: a merchant's midnight is not the server's."""
    release_all(timezone.now())


@app.periodic(cron="25 * * * *")
@app.task(name="loyalty.expire_points", queue="nightly", pass_context=False)
def expire_hourly(timestamp: int) -> None:
    """Points whose time is over cannot be used from that instant; this moves them in the books."""
    expire_all(timezone.now())


@app.periodic(cron=daily("3:35"))
@app.task(name="loyalty.review_levels", queue="nightly", pass_context=False)
def review_nightly(timestamp: int) -> None:
    """Windows move on with the day."""
    review_all(timezone.now())


@app.periodic(cron=daily("7:15"))
@app.task(name="loyalty.give_gifts", queue="nightly", pass_context=False)
def gifts_daily(timestamp: int) -> None:
    """In the morning, so that the gift is there on the day."""
    give_all_gifts(timezone.now())


@app.periodic(cron=daily("8:30"))
@app.task(name="loyalty.announce_expiry", queue="nightly", pass_context=False)
def announce_daily(timestamp: int) -> None:
    """By day, since people may be written to."""
    announce_all(timezone.now())


# --- what they do, for whoever has a clock ------------------------------------------------------------------
def follow_sales(now: datetime, actor: Actor = SYSTEM) -> int:
    """Follow purchases that wait; one that fails stays and is tried again."""
    ids = list(
        MemberSale.objects.filter(followed_at=None).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]
    )
    done = 0
    for pk in ids:
        try:
            done += follow_sale(sale_id=pk, actor=actor, now=now)
        except DiankeError as error:
            logger.error("purchase of a member %s not followed: %r", pk, error)
    return done


def release_all(now: datetime) -> int:
    """Every purchase whose pending time is over; how many."""
    total = 0
    while count := release_points(actor=SYSTEM, now=now):
        total += count
    return total


def expire_all(now: datetime) -> int:
    """Every member with points that expired; how many."""
    total = 0
    while count := expire_points(actor=SYSTEM, now=now):
        total += count
    return total


def review_all(now: datetime) -> int:
    """Every member; how many changed level."""
    changed, after = review_members(actor=SYSTEM, now=now)
    while after:
        more, after = review_members(after=after, actor=SYSTEM, now=now)
        changed += more
    return changed


def give_all_gifts(now: datetime) -> int:
    """Every gift in use; how many members got one."""
    total = 0
    for gift in Gift.objects.filter(is_active=True).order_by("pk"):
        given, after = give_gifts(gift=gift, actor=SYSTEM, now=now)
        total += given
        while after:
            given, after = give_gifts(gift=gift, after=after, actor=SYSTEM, now=now)
            total += given
    return total


def announce_all(now: datetime) -> int:
    """Every member whose points expire soon; how many were told."""
    told = announce_expiry(actor=SYSTEM, now=now)
    total = told.count
    while told.next_id:
        told = announce_expiry(after=told.next_id, actor=SYSTEM, now=now)
        total += told.count
    return total


# --- reactions ----------------------------------------------------------------------------------------------
def follow_order(event: Event, *, now: datetime) -> None:
    """Something was sold or taken back: levels and referrals follow."""
    follow_sales(now, event.as_cause())


def follow_merge(event: Event, *, now: datetime) -> None:
    """Two customers became one, or one became two: the level is that of what they bought together, or each's own."""
    pks = [int(key.rpartition(":")[2]) for key in event.subjects if key.startswith("customers.customer:")]
    if event.kind == "customers.customers_merged":
        review_member(customer_id=pks[0], why=LevelChange.Why.MERGED, actor=event.as_cause(), now=now)
        return
    merge = (
        Merge.objects.filter(joined_id=pks[0], undone_at__isnull=False).order_by("-undone_at", "-pk").first()
    )
    if merge is None:
        return
    head_id = pks[1] if len(pks) > 1 else merge.kept_id
    follow_separation(head_id=head_id, parted_id=pks[0], merged_at=merge.at, actor=event.as_cause(), now=now)
