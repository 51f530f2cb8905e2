"""Points exchanged for a reward of the catalogue: goods, a service, a coupon. A coupon is issued by the room that has
coupons, in reaction to the event.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict
from dianke.customers.models import Customer
from dianke.events.operations import operation, record, unchanged
from dianke.ledger import operations as ledger
from dianke.ledger.models import Transaction
from dianke.loyalty.models import Redemption, Reward
from dianke.loyalty.operations.returning import GIVEN_BACK
from dianke.loyalty.operations.selling import NoProgramme, spending_draft
from dianke.loyalty.queries.context import read_context
from dianke.loyalty.queries.standing import cluster_of

REDEEM = "loyalty.redeem_points"
EXCHANGED = "loyalty.reward_redeemed"


class RewardNotOffered(Conflict):
    code = "loyalty_reward_not_offered"
    message = _("“%(name)s” is not offered now. Choose another reward.")
    default_field = "reward"


class RewardGone(Conflict):
    code = "loyalty_reward_gone"
    message = _("“%(name)s” is used up. Choose another reward.")
    default_field = "reward"


class RewardNotForLevel(Conflict):
    code = "loyalty_reward_not_for_level"
    message = _("“%(name)s” is for members of another level. Choose another reward.")
    default_field = "reward"


class RewardLimit(Conflict):
    code = "loyalty_reward_limit"
    message = _("“%(name)s” can be had %(limit)s times, and this member has had it. Choose another reward.")
    default_field = "reward"


class RedemptionNotOpen(Conflict):
    code = "loyalty_redemption_not_open"
    message = _("This exchange is “%(state)s” already. Load the page again.")


@operation(REDEEM)
def redeem_reward(
    *,
    customer: Customer,
    reward: Reward,
    key: UUID,
    store_id: int | None = None,
    note: str = "",
    is_handed_over: bool = False,
    actor: Actor,
    now: datetime,
) -> Redemption:
    """Exchange points of the profile for a reward. `key` names the act: a repeat gives what stands. Raises
    RewardNotOffered, RewardNotForLevel, RewardLimit, RewardGone, PointsTooFew, NoProgramme."""
    standing = Redemption.objects.filter(uuid=key).first()
    if standing is not None:
        unchanged()
        return standing
    # Exchanges of one reward take turns: what is left and what a member had are counted under this lock.
    reward = Reward.objects.select_for_update().get(pk=reward.pk)
    cluster = cluster_of(customer.pk)
    context = read_context(cluster)
    terms = context.terms
    if terms is None or terms.id != reward.programme_id:
        raise NoProgramme
    today = terms.day_of(now)
    is_in_time = (reward.from_date is None or reward.from_date <= today) and (
        reward.to_date is None or today <= reward.to_date
    )
    if not reward.is_active or not is_in_time:
        raise RewardNotOffered(name=reward.name)
    level = context.level_at(today)
    if reward.level_codes and (level is None or level.code not in reward.level_codes):
        raise RewardNotForLevel(name=reward.name)
    if reward.limit_per_member is not None:
        had = Redemption.objects.filter(customer__in=cluster, reward=reward)
        if had.exclude(state=Redemption.State.CANCELLED).count() >= reward.limit_per_member:
            raise RewardLimit(name=reward.name, limit=reward.limit_per_member)
    if reward.left_count is not None:
        if not reward.left_count:
            raise RewardGone(name=reward.name)
        Reward.objects.filter(pk=reward.pk).update(left_count=F("left_count") - 1)
    is_done = is_handed_over or reward.kind == Reward.Kind.COUPON
    redemption = Redemption.objects.create(
        uuid=key,
        customer=customer,
        reward=reward,
        points=reward.points,
        state=Redemption.State.GIVEN if is_done else Redemption.State.READY,
        store_id=store_id,
        at=now,
        by_id=actor.user_id,
        given_at=now if is_done else None,
        note=note[:200],
    )
    draft = spending_draft(
        context, reward.points, kind=EXCHANGED, reference=redemption.key, business_date=today, now=now
    )
    ledger.post_many(drafts=[draft], actor=actor, now=now)
    record(
        "loyalty.reward_redeemed",
        f"customers.customer:{cluster[0]}",
        also=[f"loyalty.redemption:{redemption.pk}"],
        actor=actor,
        now=now,
        store_id=store_id,
        data={
            "reward": reward.name,
            "points": reward.points,
            "kind": reward.kind,
            "coupon_kind": reward.coupon_kind,
            "customer": customer.pk,
            "redemption": str(redemption.uuid),
        },
    )
    return redemption


@operation(REDEEM)
def hand_over(*, redemption: Redemption, actor: Actor, now: datetime) -> Redemption:
    """The reward was handed over. Raises RedemptionNotOpen."""
    redemption = (
        Redemption.objects.select_for_update(of=("self",)).select_related("reward").get(pk=redemption.pk)
    )
    if redemption.state == Redemption.State.GIVEN:
        unchanged()
        return redemption
    if redemption.state != Redemption.State.READY:
        raise RedemptionNotOpen(state=redemption.get_state_display())
    redemption.state, redemption.given_at = Redemption.State.GIVEN, now
    redemption.save(update_fields=["state", "given_at"])
    record(
        "loyalty.reward_handed_over",
        f"customers.customer:{cluster_of(redemption.customer_id)[0]}",
        also=[f"loyalty.redemption:{redemption.pk}"],
        actor=actor,
        now=now,
        store_id=redemption.store_id,
        data={"reward": redemption.reward.name},
    )
    return redemption


@operation(REDEEM)
def cancel_redemption(*, redemption: Redemption, reason: str = "", actor: Actor, now: datetime) -> Redemption:
    """Take an exchange back: the points return to the lots they came from, those that expired meanwhile for the days
    of grace. A coupon issued for it is taken back by its own room, in reaction. Raises RedemptionNotOpen."""
    redemption = (
        Redemption.objects.select_for_update(of=("self",)).select_related("reward").get(pk=redemption.pk)
    )
    if redemption.state == Redemption.State.CANCELLED:
        unchanged()
        return redemption
    context = read_context(cluster_of(redemption.customer_id))
    if context.terms is None:
        raise NoProgramme
    if redemption.reward.left_count is not None:
        Reward.objects.filter(pk=redemption.reward_id).update(left_count=F("left_count") + 1)
    redemption.state, redemption.cancelled_at = Redemption.State.CANCELLED, now
    redemption.save(update_fields=["state", "cancelled_at"])
    ledger.reverse(
        transaction=Transaction.objects.get(reference=redemption.key),
        reference=f"{redemption.key}/back",
        business_date=context.terms.day_of(now),
        kind=GIVEN_BACK,
        grace_days=context.terms.return_grace_days,
        actor=actor,
        now=now,
    )
    record(
        "loyalty.redemption_cancelled",
        f"customers.customer:{context.customer_ids[0]}",
        also=[f"loyalty.redemption:{redemption.pk}"],
        actor=actor,
        now=now,
        store_id=redemption.store_id,
        data={
            "reward": redemption.reward.name,
            "points": redemption.points,
            "coupon_kind": redemption.reward.coupon_kind,
            "redemption": str(redemption.uuid),
            "reason": reason[:200],
        },
    )
    return redemption
