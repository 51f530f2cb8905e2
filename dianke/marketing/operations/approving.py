"""From a draft to a campaign that begins by itself: ready, agreed to by a second person, scheduled; and back."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import operation, record, step, unchanged
from dianke.marketing.models import APPROVE, MANAGE, Campaign, State
from dianke.marketing.operations.drafting import locked, move, require_reach
from dianke.marketing.queries.readiness import problems_of
from dianke.marketing.queries.waiting import APPROVE_OPERATION, open_requests
from dianke.segments.queries.uses import hold
from dianke.work.operations.approvals import request_approval, set_overtaken
from dianke.work.operations.policies import approvable_named, policy_asking


class CampaignNotReady(InvalidInput):
    """`why`: what is missing, as a sentence."""

    code = "campaign_not_ready"
    message = _("%(why)s")


class CampaignReasonMissing(InvalidInput):
    code = "campaign_reason_missing"
    message = _("A second person agrees to this first. Say in a sentence what it is for.")
    default_field = "reason"


class CampaignNotWaiting(Conflict):
    code = "campaign_not_waiting"
    message = _("“%(name)s” is “%(state)s” and waits for no approval. Load the page again.")


class CampaignBegan(Conflict):
    code = "campaign_began"
    message = _("“%(name)s” is “%(state)s”. It can be paused or stopped, and copied, but not changed.")


@operation(MANAGE)
def submit_campaign(*, campaign: Campaign, reason: str = "", actor: Actor, now: datetime) -> Campaign:
    """Hand a draft in. Whoever may approve campaigns schedules it at once, unless a policy asks for a second person;
    for everybody else it waits until somebody with `marketing.approve_campaigns` decides.

    Raises `CampaignNotReady`, `CampaignReasonMissing`, `CampaignBegan`, and of the approvals `NobodyCanDecide`.
    """
    campaign = locked(campaign)
    require_reach(campaign.store_ids, actor)
    if campaign.state in (State.WAITING, State.SCHEDULED):
        unchanged()
        return campaign
    if campaign.state != State.DRAFT:
        raise CampaignBegan(name=campaign.name, state=campaign.get_state_display())
    hold(campaign.segment_ids)
    problems = problems_of(campaign, now=now)
    if problems:
        raise CampaignNotReady(why=problems[0].text, field=problems[0].field)
    if needs_second_person(campaign, actor):
        if not reason.strip():
            raise CampaignReasonMissing
        move(campaign, State.WAITING, actor, now, reason=reason.strip(), submitted_by_id=actor.user_id)
        request_approval(
            operation=APPROVE_OPERATION,
            arguments={"campaign": campaign.pk},
            reason=reason,
            actor=actor.as_system(),
            now=now,
        )
    else:
        move(
            campaign,
            State.SCHEDULED,
            actor,
            now,
            submitted_by_id=actor.user_id,
            approved_by_id=actor.user_id,
            approved_at=now,
        )
    record(
        "marketing.campaign_submitted",
        campaign,
        actor=actor,
        now=now,
        data={"name": campaign.name, "state": campaign.state},
    )
    return campaign


def needs_second_person(campaign: Campaign, actor: Actor) -> bool:
    """Whether somebody else has to agree before it is scheduled."""
    if actor.is_system:
        return False
    if not actor.can(APPROVE):
        return True
    return policy_asking(approvable_named(APPROVE_OPERATION), {"campaign": campaign}) is not None


@operation(APPROVE)
def approve_campaign(*, campaign: Campaign, actor: Actor, now: datetime) -> Campaign:
    """Agree to a campaign that waits; what a decided request runs. Raises `CampaignNotWaiting`."""
    campaign = locked(campaign)
    require_reach(campaign.store_ids, actor, APPROVE)
    if campaign.state != State.WAITING:
        raise CampaignNotWaiting(name=campaign.name, state=campaign.get_state_display())
    move(campaign, State.SCHEDULED, actor, now, approved_by_id=actor.user_id, approved_at=now)
    record("marketing.campaign_approved", campaign, actor=actor, now=now, data={"name": campaign.name})
    return campaign


@operation(MANAGE)
def take_back_campaign(*, campaign: Campaign, actor: Actor, now: datetime) -> Campaign:
    """Make a draft again of what waits or is scheduled: the agreement is gone with it. Raises `CampaignBegan`."""
    campaign = locked(campaign)
    require_reach(campaign.store_ids, actor)
    if campaign.state == State.DRAFT:
        unchanged()
        return campaign
    if campaign.state not in (State.WAITING, State.SCHEDULED):
        raise CampaignBegan(name=campaign.name, state=campaign.get_state_display())
    overtake(campaign, actor, now)
    back_to_draft(campaign, actor, now)
    record("marketing.campaign_taken_back", campaign, actor=actor, now=now, data={"name": campaign.name})
    return campaign


@operation(None)
def reopen_refused_campaign(*, campaign: Campaign, actor: Actor, now: datetime) -> Campaign:
    """The request came to nothing (refused, withdrawn, expired): the campaign is a draft again."""
    campaign = locked(campaign)
    if campaign.state != State.WAITING:
        unchanged()
        return campaign
    back_to_draft(campaign, actor, now)
    record("marketing.campaign_taken_back", campaign, actor=actor, now=now, data={"name": campaign.name})
    return campaign


@step
def back_to_draft(campaign: Campaign, actor: Actor, now: datetime) -> None:
    move(
        campaign,
        State.DRAFT,
        actor,
        now,
        submitted_by_id=None,
        approved_by_id=None,
        approved_at=None,
    )


@step
def overtake(campaign: Campaign, actor: Actor, now: datetime) -> None:
    """Close requests to approve what is not that any more."""
    for approval in open_requests(campaign):
        set_overtaken(approval=approval, actor=actor.as_system(), now=now)
