"""Expiry of lots: what is left in a lot after its time moves to an account that counts what expired."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Max

from dianke.core.actor import Actor
from dianke.events.operations import step
from dianke.ledger.models import Account, Lot, LotChange
from dianke.ledger.operations.posting import Plan, Posted, digest_of, lock_balances, read_lots, write
from dianke.ledger.rules import LotPlan


@step
def expire_lots(
    *,
    code: str,
    into: Account,
    business_date: date,
    actor: Actor,
    now: datetime,
    kind: str = "ledger.expiry",
    limit: int = 1000,
) -> list[Posted]:
    """Empty the lots that expired by `now` of at most `limit` accounts of kind `code` in the unit and legal
    entity of `into`: one transaction per account. Call it until it returns nothing. What a lot held is
    moved once; what a reversal puts back into it later is moved by the next run.
    """
    expired = Lot.objects.filter(
        account__code=code,
        account__unit=into.unit,
        account__legal_entity_id=into.legal_entity_id,
        remaining__gt=0,
        expires_at__lte=now,
    )
    ids = expired.order_by("account_id").values_list("account_id", flat=True).distinct()[:limit]
    accounts = Account.objects.in_bulk(list(ids))
    if not accounts:
        return []
    lock_balances(accounts.values())
    over: dict[int, LotPlan] = {}
    for account_id, lots in read_lots(accounts).items():
        changes = {
            lot.id: -lot.remaining for lot in lots.values() if lot.remaining > 0 and lot.is_expired(now)
        }
        if changes:
            over[account_id] = LotPlan(changes)
    # The last transaction that moved these lots names the state that expires here: after a later return it
    # is another.
    states = dict(
        LotChange.objects.filter(lot_id__in=[lot_id for plan in over.values() for lot_id in plan.changes])
        .values_list("lot__account_id")
        .annotate(state=Max("transaction_id"))
    )
    plans = [
        Plan(
            kind=kind,
            reference=f"{kind}:{account_id}:{states[account_id]}",
            digest=digest_of(kind, account_id, sorted(lot_plan.changes.items())),
            business_date=business_date,
            memo={},
            amounts={
                account_id: lot_plan.total,
                into.pk: (-1 if into.side == accounts[account_id].side else 1) * lot_plan.total,
            },
            lots={account_id: lot_plan},
        )
        for account_id, lot_plan in sorted(over.items())
    ]
    return write(plans, {**accounts, into.pk: into}, actor=actor, now=now) if plans else []
