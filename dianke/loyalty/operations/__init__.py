"""Every write of the room. Steps are called by the sale within its transaction, the others are acts of a person
or a job.
"""

from dianke.loyalty.operations.gifts import give_gifts
from dianke.loyalty.operations.granting import grant_level, sell_level, take_back_level, withdraw_level
from dianke.loyalty.operations.levels import review_member
from dianke.loyalty.operations.points import (
    adjust_points,
    announce_expiry,
    expire_points,
    give_points,
    release_points,
)
from dianke.loyalty.operations.programme import (
    LevelSpec,
    add_gift,
    add_level,
    add_reward,
    add_rule,
    archive_level,
    begin_programme,
    change_gift,
    change_level,
    change_programme,
    change_reward,
    change_rule,
)
from dianke.loyalty.operations.referrals import claim_referral, referral_code_of
from dianke.loyalty.operations.returning import PointsSpent, ReturnPlan, Reversal, plan_return
from dianke.loyalty.operations.rewards import cancel_redemption, hand_over, redeem_reward
from dianke.loyalty.operations.selling import (
    NoProgramme,
    PointsNotUsable,
    PointsTooFew,
    SalePlan,
    note_sale,
    plan_sale,
)
from dianke.loyalty.rules.earning import SaleLine

__all__ = [
    "LevelSpec",
    "NoProgramme",
    "PointsNotUsable",
    "PointsSpent",
    "PointsTooFew",
    "ReturnPlan",
    "Reversal",
    "SaleLine",
    "SalePlan",
    "add_gift",
    "add_level",
    "add_reward",
    "add_rule",
    "adjust_points",
    "announce_expiry",
    "archive_level",
    "begin_programme",
    "cancel_redemption",
    "change_gift",
    "change_level",
    "change_programme",
    "change_reward",
    "change_rule",
    "claim_referral",
    "expire_points",
    "give_gifts",
    "give_points",
    "grant_level",
    "hand_over",
    "note_sale",
    "plan_return",
    "plan_sale",
    "redeem_reward",
    "referral_code_of",
    "release_points",
    "review_member",
    "sell_level",
    "take_back_level",
    "withdraw_level",
]
