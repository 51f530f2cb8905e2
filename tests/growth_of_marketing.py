"""What `Growth` adds of campaigns: more of them; the one whose pages are opened goes on and takes in who comes
later."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from dianke.customers.models import Customer
from dianke.marketing import operations
from dianke.marketing.models import Campaign, Member
from dianke.marketing.operations import VariantPlan
from dianke.marketing.queries.links import link_token
from dianke.marketing.tasks import run_campaigns
from dianke.messaging.operations import make_template
from dianke.segments.models import Segment


class Campaigns:
    """`campaign` is the one whose pages are opened: it runs all the time."""

    def __init__(self, segment: Segment, who: dict[str, Any]) -> None:
        self.segment, self.who = segment, who
        words = {"name": "成长活动", "channel": "PORTAL", "purpose": "MARKETING", "subject": "成长活动"}
        self.template = make_template(values={**words, "body": "{{ salutation }}，来店有礼。"}, **who)
        self.campaign: Campaign = operations.draft_campaign(
            values={
                "name": "成长活动",
                "segment_id": segment.pk,
                "channels": ["PORTAL"],
                "control_bp": 1000,
                "starts_at": who["now"],
                "joins_until": who["now"] + timedelta(days=9),
                "link_url": "https://shop.example.com/autumn",
                "rest_days": 0,
                "is_once": False,
                "budget_amount": 1_000_000,
            },
            variants=[VariantPlan(1, None, {"PORTAL": self.template.pk})] * 2,
            **who,
        )
        operations.submit_campaign(campaign=self.campaign, **who)
        run_campaigns(who["now"])

    def add(self, number: int, word: str, another: Customer) -> None:
        """One more of everything."""
        who = self.who
        operations.copy_campaign(campaign=self.campaign, name=f"{word}活动", **who)
        operations.pause_campaign(campaign=self.campaign, **who)
        operations.resume_campaign(campaign=self.campaign, **who)
        Member.objects.create(
            campaign=self.campaign,
            customer=another,
            arm=Member.Arm.TREATED,
            variant=self.campaign.variants.latest("pk"),
            state=Member.State.LEFT,
            reason="no_channel",
            due_at=who["now"],
        )
        clicked = Member.objects.filter(campaign=self.campaign, click=None).latest("pk")
        operations.note_click(member=clicked, **who)

    def records(self) -> dict[str, Any]:
        """A record for each gap in an address."""
        return {
            "/campaigns/": self.campaign.pk,
            "/campaigns/#/step/": "message",
            "/l/": link_token(self.campaign.members.latest("pk").pk),
        }
