"""Tables of the room."""

from dianke.loyalty.models.acts import (
    ExpiryNotice,
    GiftGiven,
    OpeningPoints,
    Redemption,
    Referral,
    ReferralCode,
)
from dianke.loyalty.models.members import (
    LevelChange,
    LevelGrant,
    MemberReturn,
    MemberSale,
    Membership,
    OfCustomers,
)
from dianke.loyalty.models.programme import EarningRule, Gift, Level, Programme, Reward

__all__ = [
    "EarningRule",
    "ExpiryNotice",
    "Gift",
    "GiftGiven",
    "Level",
    "LevelChange",
    "LevelGrant",
    "MemberReturn",
    "MemberSale",
    "Membership",
    "OfCustomers",
    "OpeningPoints",
    "Programme",
    "Redemption",
    "Referral",
    "ReferralCode",
    "Reward",
]
