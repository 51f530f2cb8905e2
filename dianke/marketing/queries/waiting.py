"""The request that keeps a campaign waiting."""

from __future__ import annotations

from django.db.models import QuerySet

from dianke.marketing.models import Campaign
from dianke.work.models import Approval

APPROVE_OPERATION = "marketing.approve_campaign"


def open_requests(campaign: Campaign) -> QuerySet[Approval]:
    """Requests to agree to it that nobody has decided, the oldest first."""
    return Approval.objects.filter(
        subject=f"marketing.campaign:{campaign.pk}",
        operation=APPROVE_OPERATION,
        outcome=Approval.Outcome.PENDING,
    ).order_by("pk")


def open_request(campaign: Campaign) -> Approval | None:
    """The one that waits now."""
    return open_requests(campaign).last()
