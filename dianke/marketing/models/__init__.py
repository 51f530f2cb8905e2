"""The tables of the room: campaigns with their variants and history, who takes part, who followed a link."""

from dianke.marketing.models.campaigns import (
    APPROVE,
    MANAGE,
    OVER,
    STARTED,
    VIEW,
    Campaign,
    CampaignStep,
    Purpose,
    State,
    Variant,
    VariantText,
)
from dianke.marketing.models.members import Click, Member

__all__ = [
    "APPROVE",
    "MANAGE",
    "OVER",
    "STARTED",
    "VIEW",
    "Campaign",
    "CampaignStep",
    "Click",
    "Member",
    "Purpose",
    "State",
    "Variant",
    "VariantText",
]
