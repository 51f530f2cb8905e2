"""What may come a moment after a sale or a return: the level of the member, the reward for who brought them.
Purchases wait in `MemberSale.followed_at`; whoever is told that something was sold follows all that wait.
"""

from __future__ import annotations

from datetime import datetime

from dianke.core.actor import Actor
from dianke.events.operations import operation, record, unchanged
from dianke.loyalty.models import MemberSale
from dianke.loyalty.operations.levels import look_at
from dianke.loyalty.operations.referrals import follow_referral
from dianke.loyalty.queries.context import read_context
from dianke.loyalty.queries.members import house
from dianke.loyalty.queries.returning import was_reached_by
from dianke.loyalty.queries.standing import cluster_of


@operation(None)
def follow_sale(*, sale_id: int, actor: Actor, now: datetime) -> bool:
    """Follow a purchase that waits; whether anything came of it. One at a time, so that each member's history has its
    own event and one purchase that fails does not hold up the others."""
    sale = MemberSale.objects.select_for_update(skip_locked=True).filter(pk=sale_id, followed_at=None).first()
    if sale is None:
        unchanged()
        return False
    MemberSale.objects.filter(pk=sale.pk).update(followed_at=now)
    of = house()
    if of is None:
        unchanged()
        return False
    cluster = cluster_of(sale.customer_id)
    is_return = bool(sale.spend_back) and was_reached_by(sale, read_context(cluster))
    found = look_at(
        of=of, head_ids=[cluster[0]], actor=actor, now=now, returned=cluster[:1] if is_return else ()
    )
    referral = follow_referral(sale=sale, cluster=cluster, actor=actor, now=now)
    if not found and referral is None:
        unchanged()
        return False
    also = [f"customers.customer:{referral.customer_id}"] if referral else []
    record(
        "loyalty.purchase_followed",
        f"customers.customer:{cluster[0]}",
        also=also,
        actor=actor,
        now=now,
        store_id=sale.store_id,
        data={
            "level": found[0].after.code if found and found[0].after else "",
            "name": found[0].after.name if found and found[0].after else "",
            "why": found[0].why if found else "",
            "referral": referral.state if referral else "",
        },
    )
    return True
