"""Bonus and promotional value whose time has passed leaves the books; principal never does."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from dianke.core.actor import Actor
from dianke.events.operations import operation, record, unchanged
from dianke.ledger import operations as ledger
from dianke.ledger.models import Lot, Posting
from dianke.stores.models import LegalEntity
from dianke.stores.queries import local_date
from dianke.wallets.models import Wallet
from dianke.wallets.operations.accounts import of_entity, open_chart
from dianke.wallets.operations.locking import lock_wallets
from dianke.wallets.queries.lots import EXPIRED


@operation(None)
def expire_bonus(*, legal_entity: LegalEntity, actor: Actor, now: datetime) -> int:
    """Empty the lots of a legal entity that expired by now: what was given and not used cost nothing in the end.
    Returns how many wallets lost something. Whether bonus may expire at all was decided when it was given."""
    actor.require("wallets.manage_offers")
    # Whoever is about to spend goes first or waits: nobody is told that bonus is there which leaves at this moment.
    over = Lot.objects.filter(remaining__gt=0, expires_at__lte=now).values("account_id")
    rows = Wallet.objects.filter(Q(bonus__in=over) | Q(promotional__in=over), legal_entity=legal_entity)
    lock_wallets(ids=list(rows.values_list("pk", flat=True)))
    expense = of_entity("bonus_expense", legal_entity.currency, legal_entity.pk)
    into = open_chart(specs=[expense])[expense]
    posted = []
    for code in ("wallet_bonus", "wallet_promotional"):
        while done := ledger.expire_lots(
            code=code, into=into, kind=EXPIRED, business_date=local_date(now), actor=actor, now=now
        ):
            posted += done
    if not posted:
        unchanged()
        return 0
    ids = [each.transaction_id for each in posted]
    total = sum(Posting.objects.filter(transaction__in=ids, account=into).values_list("amount", flat=True))
    record(
        "wallets.bonus_expired",
        legal_entity,
        actor=actor,
        now=now,
        data={"count": len(posted), "amount_minor": str(-total)},
    )
    return len(posted)
