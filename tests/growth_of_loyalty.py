"""What `Growth` adds of levels and points: members with points, levels, rewards and friends."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from dianke.customers.models import Customer
from dianke.ledger.models import Transaction
from dianke.loyalty import operations
from dianke.loyalty.models import (
    EarningRule,
    Gift,
    Level,
    LevelGrant,
    Programme,
    Redemption,
    ReferralCode,
    Reward,
)


class Members:
    """`customer` is the member whose points and level are opened."""

    def __init__(self, customer: Customer, who: dict[str, Any]) -> None:
        self.customer, self.who = customer, who
        if not Programme.objects.exists():
            first = operations.LevelSpec("regular", "普通会员", 0)
            operations.begin_programme(name="会员", levels=[first], values={"is_referring": True}, **who)

    def add(self, number: int) -> None:
        """One more of everything."""
        word, customer, who = f"增{number}", self.customer, self.who
        level = operations.add_level(
            values={"code": f"grown-{number}", "name": f"{word}级", "price_amount": 9900}, **who
        )
        operations.add_rule(values={"name": f"{word}规则", "kind": "BONUS"}, **who)
        operations.add_gift(values={"name": f"{word}礼", "occasion": "WEDDING", "points": 5}, **who)
        reward = operations.add_reward(values={"name": f"{word}杯", "points": 1}, **who)
        operations.adjust_points(customer=customer, points=10, reason=word, key=uuid4(), **who)
        operations.grant_level(customer=customer, level=level, reason=word, **who)
        operations.redeem_reward(customer=customer, reward=reward, key=uuid4(), **who)
        operations.referral_code_of(customer_id=customer.pk, **who)

    def records(self) -> dict[str, Any]:
        """A record for each gap in an address, as `records` of the budgets keeps them."""
        customer = self.customer
        posting = Transaction.objects.filter(postings__account__holder=f"customers.customer:{customer.pk}")
        return {
            "/loyalty/programme/": "levels",
            "/loyalty/levels/": Level.objects.latest("pk").pk,
            "/loyalty/rules/": EarningRule.objects.latest("pk").pk,
            "/loyalty/gifts/": Gift.objects.latest("pk").pk,
            "/loyalty/rewards/": Reward.objects.latest("pk").pk,
            "/loyalty/members/": customer.pk,
            "/loyalty/members/#/postings/": posting.latest("pk").pk,
            "/loyalty/grants/": LevelGrant.objects.latest("pk").pk,
            "/loyalty/redemptions/": Redemption.objects.latest("pk").pk,
            "/m/invited/": ReferralCode.objects.latest("made_at").code,
            "/loyalty-levels/": Level.objects.latest("pk").pk,
            "/loyalty-rules/": EarningRule.objects.latest("pk").pk,
            "/loyalty-gifts/": Gift.objects.latest("pk").pk,
            "/loyalty-rewards/": Reward.objects.latest("pk").pk,
            "/loyalty-members/": customer.pk,
            "/loyalty-level-grants/": LevelGrant.objects.latest("pk").pk,
            "/loyalty-redemptions/": Redemption.objects.latest("pk").pk,
        }
