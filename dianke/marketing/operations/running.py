"""A campaign that runs: it begins, takes in whom it means, and ends. Whose turn it is, `handing_over.py`.

Everything is done a batch at a time with the row of the campaign locked: whoever pauses or stops waits for the batch
under way, and the next one finds the new state.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from dianke.core.actor import Actor
from dianke.core.copying import Same, copy_into
from dianke.customers.models import ContactKind
from dianke.events.operations import operation, record, step, unchanged
from dianke.marketing.models import Campaign, Member, State
from dianke.marketing.operations.drafting import locked, move
from dianke.marketing.queries.audience import AudienceUnclear, audience, described
from dianke.marketing.rules.arms import is_control, variant_of
from dianke.marketing.rules.spreading import slots
from dianke.messaging.models import Message

BATCH = 5_000
_ON_ITS_WAY = ("QUEUED", "HELD", "CLAIMED", "UNKNOWN")
_PREFERRED = {ContactKind.PHONE: "SMS", ContactKind.EMAIL: "EMAIL"}


# --- it begins -------------------------------------------------------------------------------------------------------
@operation(None)
def begin_campaign(*, campaign: Campaign, actor: Actor, now: datetime) -> Campaign:
    """Work out whom a scheduled campaign means, now, and take them in. Does nothing before its moment. When its segment
    is gone or says nothing any more it becomes a draft again: nobody is meant by mistake."""
    campaign = locked(campaign)
    if campaign.state != State.SCHEDULED or campaign.starts_at is None or campaign.starts_at > now:
        unchanged()
        return campaign
    try:
        words = described(campaign)
        campaign.began_at = now
        counts = _take_in(campaign, begins=now, over=timedelta(minutes=campaign.spread_minutes), now=now)
    except AudienceUnclear:
        move(
            campaign,
            State.DRAFT,
            actor,
            now,
            reason="audience_unclear",
            approved_by_id=None,
            approved_at=None,
        )
        record("marketing.campaign_taken_back", campaign, actor=actor, now=now, data={"name": campaign.name})
        return campaign
    campaign.audience = words
    campaign.joined_at = now
    campaign.save(update_fields=["audience", "began_at", "joined_at"])
    move(campaign, State.RUNNING, actor, now, data=counts)
    record(
        "marketing.campaign_began",
        campaign,
        actor=actor,
        now=now,
        data={"name": campaign.name, **counts},
    )
    return campaign


@operation(None)
def join_late(*, campaign: Campaign, actor: Actor, now: datetime) -> int:
    """Take in whoever has come into the audience since. Returns how many."""
    campaign = locked(campaign)
    until = campaign.joins_until
    if campaign.state != State.RUNNING or until is None or (campaign.joined_at or now) >= until:
        unchanged()
        return 0
    try:
        counts = _take_in(campaign, begins=now, over=timedelta(0), now=min(now, until))
    except AudienceUnclear:
        counts = {"people": 0, "control": 0}
    campaign.joined_at = min(now, until)
    campaign.save(update_fields=["joined_at"])
    if not counts["people"]:
        unchanged()
        return 0
    record(
        "marketing.campaign_joined", campaign, actor=actor, now=now, data={"name": campaign.name, **counts}
    )
    return counts["people"]


@step
def _take_in(campaign: Campaign, *, begins: datetime, over: timedelta, now: datetime) -> dict[str, int]:
    """Members of whoever is meant, each once: four statements, whatever their number."""
    people = list(audience(campaign, at=now).order_by("pk").values_list("pk", "uuid"))
    variants = list(campaign.variants.order_by("position"))
    weights = [variant.weight for variant in variants]
    arms: list[str] = []
    shares: list[int | None] = []
    for _pk, uuid in people:
        if is_control(uuid, salt=campaign.salt, control_bp=campaign.control_bp):
            arms.append(Member.Arm.CONTROL.value)
            shares.append(None)
        else:
            arms.append(Member.Arm.TREATED.value)
            shares.append(variants[variant_of(uuid, salt=campaign.salt, weights=weights)].pk)
    columns = {
        "campaign_id": Same(campaign.pk),
        "customer_id": [pk for pk, _uuid in people],
        "arm": arms,
        "variant_id": shares,
        "due_at": list(slots(len(people), begins=begins, over=over)),
        "state": Same(Member.State.PLANNED.value),
        "reason": Same(""),
        "channel": Same(""),
        "round": Same(1),
        "planned_amount": Same(0),
    }
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE marketing_wanted ON COMMIT DROP AS SELECT {names} FROM marketing_member WITH NO DATA"  # noqa: S608 - names are ours
        )
        copy_into("marketing_wanted", len(people), columns)
        cursor.execute(
            f"INSERT INTO marketing_member ({names}) SELECT {names} FROM marketing_wanted ORDER BY due_at, customer_id"  # noqa: S608
            " ON CONFLICT (campaign_id, customer_id) DO NOTHING"
        )
        added = cursor.rowcount
        cursor.execute("DROP TABLE marketing_wanted")
    return {"people": added, "control": arms.count(Member.Arm.CONTROL.value)}


# --- it ends ---------------------------------------------------------------------------------------------------------
@operation(None)
def finish_campaign(*, campaign: Campaign, actor: Actor, now: datetime) -> bool:
    """End a campaign of which nobody is still to come and no message is on its way. Whether it ended."""
    campaign = locked(campaign)
    is_open = campaign.joins_until is not None and (campaign.joined_at or now) < campaign.joins_until
    if (
        campaign.state != State.RUNNING
        or is_open
        or campaign.members.filter(state=Member.State.PLANNED).exists()
        or Message.objects.filter(source=campaign.source, state__in=_ON_ITS_WAY).exists()
    ):
        unchanged()
        return False
    move(campaign, State.DONE, actor, now, ended_at=now)
    record("marketing.campaign_finished", campaign, actor=actor, now=now, data={"name": campaign.name})
    return True
