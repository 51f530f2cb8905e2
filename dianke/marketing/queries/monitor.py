"""How far a campaign is: who is to come, what went out and arrived, who followed, who asked for no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, QuerySet

from dianke.customers.models import Consent
from dianke.marketing.models import Campaign, Click, Member
from dianke.messaging.queries.outcomes import outcomes


@dataclass(frozen=True, slots=True)
class Monitor:
    """Numbers of people, but `sent` to `waiting` of messages. `reasons` joins why people were left out and why messages
    wait or failed, the most frequent first."""

    people: int
    planned: int
    handed: int
    kept: int
    left: int
    waiting: int
    sent: int
    delivered: int
    read: int
    failed: int
    clicked: int
    unsubscribed: int
    reasons: Mapping[str, int]

    @property
    def done(self) -> int:
        """People whose turn is over."""
        return self.people - self.planned


def monitor_of(campaign: Campaign) -> Monitor:
    """Four statements."""
    by_state: dict[str, int] = {}
    reasons: dict[str, int] = {}
    rows = campaign.members.values_list("state", "reason").annotate(n=Count("pk")).order_by()
    for state, reason, count in rows:
        by_state[state] = by_state.get(state, 0) + count
        if reason:
            reasons[reason] = reasons.get(reason, 0) + count
    sent = outcomes(campaign.source)
    state_of = sent.by_state
    for reason, count in sent.by_reason.items():
        if reason != "source_stopped":
            reasons[reason] = reasons.get(reason, 0) + count
    handed = campaign.members.filter(state=Member.State.HANDED)
    return Monitor(
        people=sum(by_state.values()),
        planned=by_state.get(Member.State.PLANNED, 0),
        handed=by_state.get(Member.State.HANDED, 0),
        kept=by_state.get(Member.State.KEPT, 0),
        left=by_state.get(Member.State.LEFT, 0),
        waiting=sum(state_of.get(state, 0) for state in ("QUEUED", "HELD", "CLAIMED", "UNKNOWN", "HANDED")),
        sent=sent.out,
        delivered=state_of.get("DELIVERED", 0) + state_of.get("READ", 0),
        read=state_of.get("READ", 0),
        failed=state_of.get("FAILED", 0) + state_of.get("SUPPRESSED", 0),
        clicked=Click.objects.filter(member__campaign=campaign).count(),
        unsubscribed=handed.filter(Exists(withdrawn(campaign))).count(),
        reasons=dict(sorted(reasons.items(), key=lambda one: -one[1])),
    )


def withdrawn(campaign: Campaign) -> QuerySet[Consent]:
    """That a member (the outer row) said by the link of a message to want no more, since their turn."""
    return Consent.objects.filter(
        customer=OuterRef("customer"),
        purpose=campaign.purpose,
        is_given=False,
        at__gte=OuterRef("begun_at"),
        how="LINK",
    )
