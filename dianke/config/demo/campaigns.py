"""The demo's campaigns: two that are over, with people kept back, before the sales that tell what they came to, and a
draft."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from dianke.config.demo.data import campaigns as read_campaigns
from dianke.config.demo.family import Family
from dianke.config.demo.visits import Visits
from dianke.marketing import operations
from dianke.marketing.models import Campaign
from dianke.marketing.operations import VariantPlan
from dianke.marketing.tasks import run_campaigns
from dianke.messaging.models import Template
from dianke.messaging.operations import send_due
from dianke.messaging.operations.templates import make_template
from dianke.promotions.models import CouponKind


class Campaigns:
    """Enters campaigns by the doors a marketer uses; those whose coupon is not part of what is loaded are left out."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self.data = read_campaigns()
        self.visits = Visits(family, self.data["visits"])
        self.count = 0

    def run(self) -> None:
        for row in self.data["campaigns"]:
            kind = CouponKind.objects.filter(name=row["coupon"]).first()
            if kind is not None:
                self._campaign(row, kind)
                self.count += 1

    def _campaign(self, row: dict[str, Any], kind: CouponKind) -> None:
        begins = self.family.at(row["starts"], "10:00")
        made: dict[str, Any] = {"actor": self.family.owner, "now": begins - timedelta(days=2)}
        if "ended" not in row:
            made["now"] = self.family.at(-1)
        templates = {channel: self._template(row, channel, made).pk for channel in row["channels"]}
        campaign = operations.draft_campaign(
            values={
                "name": row["name"],
                "purpose": "MARKETING",
                "store_ids": kind.store_ids,
                "channels": row["channels"],
                "control_bp": row["control"] * 100,
                "starts_at": begins,
                "window_days": row.get("window", 14),
                "prices": {"SMS": "0.05"},
                "budget_amount": row["budget"] * 100,
            },
            variants=[VariantPlan(1, kind.pk, templates)],
            **made,
        )
        if "ended" in row:
            operations.submit_campaign(campaign=campaign, **made)
            self._send(campaign, begins)
            self.visits.come(campaign, first=row["starts"] + 1, percent=row.get("came", 0))

    def _template(self, row: dict[str, Any], channel: str, made: dict[str, Any]) -> Template:
        values = {"name": row["name"], "channel": channel, "purpose": "MARKETING", "body": row["text"]}
        return make_template(values=values, **made)

    def _send(self, campaign: Campaign, begins: datetime) -> None:
        """Everybody's turn, their messages, the end."""
        run_campaigns(begins)
        for channel in campaign.channels:
            send_due(channel, clock=lambda: begins)
        run_campaigns(begins + timedelta(minutes=5))
