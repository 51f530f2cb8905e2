"""What giving a sale back would put into wallets and onto cards: the numbers of the operation, without writing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from django.db.models import Sum

from dianke.ledger.models import Account, Posting, Transaction
from dianke.ledger.rules import Leg, plan_part

#: A sale is paid out of at most so many wallets or cards.
MOST = 30
_BUCKETS = {"wallet_principal": "principal", "wallet_bonus": "bonus", "wallet_promotional": "promotional"}


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What of one wallet or card use comes back, in fen and sessions. `holder` names whose account it is."""

    transaction_id: int
    reference_of_sale: str
    holder: str
    principal_amount: int = 0
    bonus_amount: int = 0
    promotional_amount: int = 0
    session_count: int = 0
    session_value_amount: int = 0

    @property
    def amount(self) -> int:
        """Of stored value."""
        return self.principal_amount + self.bonus_amount + self.promotional_amount


def candidates(reference_of_sale: str, of: Sequence[str] = ("wallet",)) -> dict[int, str]:
    """Transaction → the end of its reference ("wallet:1"). Looked up by exact references: an index finds them."""
    tails = [f"{kind}:{n}" for kind in of for n in range(1, MOST + 1)]
    rows = Transaction.objects.filter(reference__in=[f"{reference_of_sale}/{tail}" for tail in tails])
    start = len(reference_of_sale) + 1
    return {pk: reference[start:] for pk, reference in rows.values_list("pk", "reference")}


def preview_give_back(
    *, reference_of_sale: str, share: Fraction, of: Sequence[str] = ("wallet",)
) -> list[GivenBack]:
    """What `share` (so far and now, over the whole) would bring back now; the same numbers as `give_back`."""
    return preview(candidates(reference_of_sale, of), share)


def preview(found: Mapping[int, str], share: Fraction) -> list[GivenBack]:
    """Of these transactions. Three statements."""
    rows = Posting.objects.filter(transaction__in=found).select_related("account", "transaction")
    postings: dict[int, list[Posting]] = {}
    for row in rows:
        postings.setdefault(row.transaction_id, []).append(row)
    back: dict[int, dict[int, int]] = {pk: {} for pk in found}
    sums = (
        Posting.objects.filter(transaction__refunds__in=found)
        .values_list("transaction__refunds", "account_id")
        .annotate(total=Sum("amount"))
    )
    for origin, account_id, total in sums:
        back[origin][account_id] = -total
    done = set(Transaction.objects.filter(reverses__in=found).values_list("reverses", flat=True))
    return [_part(postings[pk], back[pk], share) for pk in sorted(found) if pk not in done and pk in postings]


def _part(postings: Sequence[Posting], returned: Mapping[int, int], share: Fraction) -> GivenBack:
    legs = [Leg(p.account_id, p.unit, p.account.legal_entity_id, p.account.side, p.amount) for p in postings]
    parts = plan_part(legs, returned, share)
    origin = postings[0].transaction
    holder = next((p.account.holder for p in postings if p.account.code in _OWN), "")
    empty = GivenBack(origin.pk, origin.reference, holder)
    return changed_amounts(
        empty, {pk: -part for pk, part in parts.items()}, {p.account_id: p.account for p in postings}
    )


_OWN = (*_BUCKETS, "customer_sessions")


def changed_amounts(
    part: GivenBack, amounts: Mapping[int, int], accounts: Mapping[int, Account] | None = None
) -> GivenBack:
    """The part with what these amounts (account → posted) put back."""
    known = accounts if accounts is not None else Account.objects.in_bulk(list(amounts))
    sums: dict[str, int] = {}
    for pk, amount in amounts.items():
        sums[known[pk].code] = sums.get(known[pk].code, 0) + amount
    return replace(
        part,
        principal_amount=sums.get("wallet_principal", 0),
        bonus_amount=sums.get("wallet_bonus", 0),
        promotional_amount=sums.get("wallet_promotional", 0),
        session_count=sums.get("customer_sessions", 0),
        session_value_amount=sums.get("session_value", 0),
    )
