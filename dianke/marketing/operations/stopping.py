"""Paused, resumed, stopped: in the one transaction that changes the state, what still waits in the outbox is called
back. What a carrier has already is gone; everything else is not sent.

A message that was called back never went, so its person is asked for again after the pause, under the next round: the
unique key of the outbox (campaign, variant, person, round) still makes one message of each.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict
from dianke.events.operations import operation, record, step, unchanged
from dianke.marketing.models import MANAGE, Campaign, Member, State
from dianke.marketing.operations.approving import overtake
from dianke.marketing.operations.drafting import locked, move, require_reach
from dianke.marketing.rules.costs import message_cost, whole
from dianke.messaging.operations.enqueueing import cancel_source

#: Members whose latest message was called back before it went.
_CALLED_BACK = """
UPDATE marketing_member AS m SET state = %(state)s, reason = %(reason)s, round = m.round + %(more)s
FROM messaging_message AS t
WHERE m.campaign_id = %(campaign)s AND m.state = 'HANDED'
  AND t.source = %(source)s AND t.customer_id = m.customer_id AND t.occurrence = m.round::text
  AND t.state = 'CANCELLED'
"""


class CampaignNotRunning(Conflict):
    code = "campaign_not_running"
    message = _("“%(name)s” is “%(state)s”, so this cannot be done. Load the page again.")


@operation(MANAGE)
def pause_campaign(*, campaign: Campaign, reason: str = "", actor: Actor, now: datetime) -> Campaign:
    """Stop it for the moment: nothing more is handed over, what waits in the outbox is called back. Raises
    `CampaignNotRunning`."""
    campaign = locked(campaign)
    require_reach(campaign.store_ids, actor)
    if campaign.state == State.PAUSED:
        unchanged()
        return campaign
    if campaign.state != State.RUNNING:
        raise CampaignNotRunning(name=campaign.name, state=campaign.get_state_display())
    count = cancel_source(source=campaign.source, actor=actor.as_system(), now=now)
    _call_back(campaign, Member.State.PLANNED, more=1)
    move(campaign, State.PAUSED, actor, now, reason=reason.strip(), data={"called_back": count})
    record(
        "marketing.campaign_paused",
        campaign,
        actor=actor,
        now=now,
        data={"name": campaign.name, "called_back": count},
    )
    return campaign


@operation(MANAGE)
def resume_campaign(*, campaign: Campaign, actor: Actor, now: datetime) -> Campaign:
    """Go on where it was: whoever's turn it was meanwhile is next. Raises `CampaignNotRunning`."""
    campaign = locked(campaign)
    require_reach(campaign.store_ids, actor)
    if campaign.state == State.RUNNING:
        unchanged()
        return campaign
    if campaign.state != State.PAUSED:
        raise CampaignNotRunning(name=campaign.name, state=campaign.get_state_display())
    move(campaign, State.RUNNING, actor, now)
    record("marketing.campaign_resumed", campaign, actor=actor, now=now, data={"name": campaign.name})
    return campaign


@operation(MANAGE)
def stop_campaign(*, campaign: Campaign, reason: str = "", actor: Actor, now: datetime) -> Campaign:
    """End it for good, before or after it began. Coupons that were given stay good; money that was set aside for
    messages called back is free again. Raises `CampaignNotRunning`."""
    campaign = locked(campaign)
    require_reach(campaign.store_ids, actor)
    if campaign.state == State.STOPPED:
        unchanged()
        return campaign
    if campaign.state in (State.DRAFT, State.DONE):
        raise CampaignNotRunning(name=campaign.name, state=campaign.get_state_display())
    overtake(campaign, actor, now)
    count = cancel_source(source=campaign.source, actor=actor.as_system(), now=now)
    _call_back(campaign, Member.State.LEFT, reason="stopped")
    _free(campaign)
    campaign.members.filter(state=Member.State.PLANNED).update(state=Member.State.LEFT, reason="stopped")
    move(
        campaign,
        State.STOPPED,
        actor,
        now,
        reason=reason.strip(),
        data={"called_back": count},
        ended_at=now,
    )
    record(
        "marketing.campaign_stopped",
        campaign,
        actor=actor,
        now=now,
        data={"name": campaign.name, "called_back": count},
    )
    return campaign


@step
def _call_back(campaign: Campaign, state: Member.State, *, more: int = 0, reason: str = "") -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _CALLED_BACK,
            {
                "state": state.value,
                "reason": reason,
                "more": more,
                "campaign": campaign.pk,
                "source": campaign.source,
            },
        )


@step
def _free(campaign: Campaign) -> None:
    """What was set aside for messages that will not go; coupons in people's hands stay set aside."""
    for channel in campaign.channels:
        price = message_cost(Decimal(campaign.prices.get(channel, "0")), 1)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE marketing_member SET planned_amount = planned_amount - %s"
                " WHERE campaign_id = %s AND channel = %s AND state IN ('LEFT', 'PLANNED') AND planned_amount >= %s",
                [price, campaign.pk, channel, price],
            )
    total = campaign.members.filter(planned_amount__gt=0).aggregate(total=Sum("planned_amount"))["total"]
    campaign.spent_amount = whole(total or Decimal(0))
    campaign.save(update_fields=["spent_amount"])
