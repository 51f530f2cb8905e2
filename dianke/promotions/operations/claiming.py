"""Coupons that customers take themselves: claimed from those on offer, by the code on paper, or one offered to them."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor, ActorKind
from dianke.core.errors import Conflict, NotFound
from dianke.customers.models import Customer
from dianke.customers.models import State as CustomerState
from dianke.events.operations import operation, record, unchanged
from dianke.promotions.models import Coupon, CouponKind, CouponStep
from dianke.promotions.models.visible import ISSUE
from dianke.promotions.operations.issuing import CouponLimitReached, issue_step
from dianke.promotions.queries.validity import period_for
from dianke.promotions.rules.coupon_codes import read_code
from dianke.stores.queries import merchant_zone


class NotClaimable(Conflict):
    code = "coupon_not_claimable"
    message = _("This coupon cannot be claimed at present.")


class CouponUnknown(NotFound):
    code = "coupon_unknown"
    message = _("There is no coupon with this code. Compare it with the original.")


class NotToBeClaimed(Conflict):
    code = "coupon_not_to_be_claimed"
    message = _("This coupon is somebody's already, or it was used, revoked or has expired.")


# --- claimed ---------------------------------------------------------------------------------------------------------
def _require_claiming(actor: Actor) -> None:
    """The customer on the phone, or who may give coupons for them."""
    if actor.kind is not ActorKind.CUSTOMER:
        actor.require(ISSUE)


@operation(None)
def claim_coupon(*, kind: CouponKind, customer: Customer, actor: Actor, now: datetime) -> Coupon:
    """A customer takes one of what is offered to everybody. `customer` is who the session says.

    Raises `NotClaimable` outside the time of claiming, `CouponsExhausted`, `CouponLimitReached`.
    """
    _require_claiming(actor)
    if not may_be_claimed(kind, now):
        raise NotClaimable
    issued = issue_step(kind, [customer.pk], "", 1, True, "", None, actor, now)
    if not issued.given:
        if issued.full:
            raise CouponLimitReached(name=kind.name, limit=kind.per_customer_limit)
        raise NotClaimable
    coupon = Coupon.objects.get(pk=issued.given[0][0])
    record(
        "promotions.coupon_claimed",
        coupon,
        also=[kind, f"customers.customer:{issued.given[0][1]}"],
        actor=actor,
        now=now,
        data={"name": kind.name},
    )
    return coupon


def may_be_claimed(kind: CouponKind, now: datetime) -> bool:
    """Whether customers may take one at this instant, if there are any left."""
    return (
        kind.is_claimable
        and kind.state == CouponKind.State.ACTIVE
        and (kind.claim_from is None or kind.claim_from <= now)
        and (kind.claim_to is None or kind.claim_to > now)
        and (kind.valid_to is None or kind.valid_to >= now.astimezone(merchant_zone()).date())
    )


@operation(None)
def claim_by_code(*, code: str, customer: Customer, actor: Actor, now: datetime) -> Coupon:
    """A customer makes a printed coupon theirs, or takes one that was offered to them: from now on nobody else uses it
    and its days run. Claiming one's own again changes nothing.

    Raises `CouponCodeWrong`, `CouponUnknown`, `NotToBeClaimed`, `CouponLimitReached`.
    """
    _require_claiming(actor)
    coupon = Coupon.objects.select_for_update(no_key=True).filter(code=read_code(code)).first()
    if coupon is None:
        raise CouponUnknown(field="code")
    return _claim(coupon, customer, actor, now)


@operation(None)
def claim_offered(*, coupon: Coupon, customer: Customer, actor: Actor, now: datetime) -> Coupon:
    """A customer takes a coupon that was offered to them. Raises as `claim_by_code`."""
    _require_claiming(actor)
    return _claim(Coupon.objects.select_for_update(no_key=True).get(pk=coupon.pk), customer, actor, now)


def _claim(coupon: Coupon, customer: Customer, actor: Actor, now: datetime) -> Coupon:
    head = customer.merged_into or customer
    cluster = set(Customer.objects.cluster(head.pk).values_list("pk", flat=True))
    if coupon.state == Coupon.State.CLAIMED and coupon.customer_id in cluster:
        unchanged()
        return coupon
    is_others = coupon.customer_id is not None and coupon.customer_id not in cluster
    is_over = coupon.expires_at is not None and coupon.expires_at <= now
    if coupon.state != Coupon.State.ISSUED or is_others or is_over or head.state in _FROZEN:
        raise NotToBeClaimed(field="code")
    kind = coupon.kind
    if coupon.customer_id is None:
        _count_for(kind, head.pk, cluster)
    begin, end = period_for(kind, now)
    coupon.customer_id = coupon.customer_id or head.pk
    coupon.state, coupon.claimed_at = Coupon.State.CLAIMED, now
    coupon.valid_from = max(filter(None, (begin, coupon.valid_from)))
    coupon.expires_at = min(filter(None, (end, coupon.expires_at)))
    coupon.save(update_fields=["customer", "state", "claimed_at", "valid_from", "expires_at"])
    CouponStep.objects.create(
        coupon=coupon,
        before=Coupon.State.ISSUED,
        after=Coupon.State.CLAIMED,
        at=now,
        user_id=actor.user_id,
    )
    record(
        "promotions.coupon_claimed",
        coupon,
        also=[kind, f"customers.customer:{head.pk}"],
        actor=actor,
        now=now,
        data={"name": kind.name},
    )
    return coupon


_FROZEN = (CustomerState.ERASING, CustomerState.ERASED, CustomerState.REMOVED)


def _count_for(kind: CouponKind, head_id: int, cluster: set[int]) -> None:
    """One more of the kind for this customer. Raises `CouponLimitReached`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO promotions_coupontally AS t (kind_id, customer_id, count) VALUES (%s, %s, 1)"
            " ON CONFLICT (kind_id, customer_id) DO UPDATE SET count = t.count + 1",
            [kind.pk, head_id],
        )
        cursor.execute(
            "SELECT sum(count) FROM promotions_coupontally WHERE kind_id = %s AND customer_id = ANY(%s)",
            [kind.pk, sorted(cluster)],
        )
        row = cursor.fetchone()
    if kind.per_customer_limit is not None and row and row[0] > kind.per_customer_limit:
        raise CouponLimitReached(name=kind.name, limit=kind.per_customer_limit)
