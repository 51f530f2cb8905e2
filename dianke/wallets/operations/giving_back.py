"""What a returned sale paid with stored value or sessions comes back, whole or in parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from dianke.core.actor import Actor
from dianke.events.operations import step
from dianke.ledger import operations as ledger
from dianke.ledger.rules import ReturnedLate
from dianke.wallets.models import CardUse, Wallet
from dianke.wallets.queries.giving_back import GivenBack, candidates, changed_amounts, preview
from dianke.wallets.queries.terms import terms_for

GIVEN_BACK = "wallets.given_back"


@dataclass(frozen=True, slots=True)
class Reversal:
    """A transaction of the sale and under which reference a part of it is given back."""

    transaction_id: int
    reference: str
    of: str


@dataclass(frozen=True, slots=True)
class GiveBackPlan:
    """`parts` is what it will give back, in the numbers of the preview."""

    share: Fraction
    business_date: date
    grace_days: int
    reversals: tuple[Reversal, ...]
    parts: tuple[GivenBack, ...]


@dataclass(frozen=True, slots=True)
class Returned:
    """What was posted: `part` as planned, `late` what had expired meanwhile."""

    part: GivenBack
    late: tuple[ReturnedLate, ...]


@step
def plan_give_back(
    *,
    reference_of_sale: str,
    share: Fraction,
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
    of: Sequence[str] = ("wallet",),
    grace_days: int | None = None,
) -> GiveBackPlan:
    """What `share` (given back so far and now, over the whole; 0 < share <= 1) of what the sale took comes to. `of`:
    "wallet", "sessions". References are `{reference}/wallet:<n>`. `grace_days`: how long expired bonus that comes
    back may still be used; None asks the term `bonus_grace_days`. Raises `ShareOutOfRange`."""
    if not 0 < share <= 1:
        raise ledger.ShareOutOfRange()
    found = candidates(reference_of_sale, of)
    reversals = tuple(
        Reversal(pk, f"{reference}/{tail}", tail.partition(":")[0]) for pk, tail in sorted(found.items())
    )
    parts = tuple(preview(found, share))
    days = _grace(parts, business_date) if grace_days is None else grace_days
    return GiveBackPlan(share, business_date, days, reversals, parts)


def _grace(parts: Sequence[GivenBack], day: date) -> int:
    """By the terms of whoever received the money of the first part that is stored value."""
    holder = next((part.holder for part in parts if part.amount), "")
    wallet = (
        Wallet.objects.filter(principal__holder=holder).select_related("store").first() if holder else None
    )
    if wallet is None:
        return 0
    return (
        terms_for(wallet.store, day, legal_entity_id=wallet.legal_entity_id).number("bonus_grace_days") or 0
    )


@step
def give_back(*, plan: GiveBackPlan, actor: Actor, now: datetime) -> list[Returned]:
    """Post a plan: the lots it drew from are opened again, in the opposite order. A share of 1 settles everything
    and takes uses of cards back. Repeating the reference changes nothing."""
    by_transaction: Mapping[int, GivenBack] = {part.transaction_id: part for part in plan.parts}
    if len(plan.reversals) > 1:
        ledger.hold_accounts_of(transactions=[each.transaction_id for each in plan.reversals])
    returned = []
    for each in plan.reversals:
        done = ledger.reverse_part(
            transaction=each.transaction_id,
            share=plan.share,
            reference=each.reference,
            kind=GIVEN_BACK,
            business_date=plan.business_date,
            grace_days=plan.grace_days,
            memo={"of": each.of},
            actor=actor,
            now=now,
        )
        part = changed_amounts(by_transaction[each.transaction_id], done.amounts)
        returned.append(Returned(part, done.late))
        if each.of == "sessions" and plan.share == 1:
            CardUse.objects.filter(reference=part.reference_of_sale, undone_at=None).update(
                undone_at=now, undone_reason=each.reference
            )
    return returned
