"""Taking back: the only correction the ledger knows. A reversal posts the opposite of a transaction,
re-opens the lots it drew from and takes back the lots it granted; once for all that is left of it, or part
by part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.events.operations import step
from dianke.ledger import rules
from dianke.ledger.models import Account, LotChange, Posting, Transaction
from dianke.ledger.operations.posting import (
    Plan,
    Posted,
    ReferenceTaken,
    digest_of,
    lock_balances,
    read_lots,
    too_low,
    write,
)
from dianke.ledger.rules import Leg, LotPlan, NewLot, OpenLot, ReturnedLate


class AlreadyReversed(Conflict):
    code = "already_reversed"
    message = _("“%(reference)s” is already reversed in full. Nothing of it is left to take back.")


class IsReversal(Conflict):
    code = "is_reversal"
    message = _("“%(reference)s” is itself a reversal. Post the original again instead.")


class ShareOutOfRange(InvalidInput):
    code = "share_out_of_range"
    message = _("The refunded part must be more than nothing and at most everything. Check the amounts.")


@dataclass(frozen=True, slots=True)
class Reversed:
    """`posted` is None when the part rounds to nothing yet. `amounts`: what was posted per account id.
    `late`: content of lots that had expired before it came back, with the day until which it may still be
    used.
    """

    posted: Posted | None
    amounts: Mapping[int, int]
    late: tuple[ReturnedLate, ...]


@step
def reverse(
    *,
    transaction: Transaction | int,
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
    kind: str = "ledger.reversal",
    grace_days: int = 0,
    may_owe: bool = False,
    memo: Mapping[str, Any] | None = None,
) -> Reversed:
    """Take back all that is left of a transaction; possible once.

    Drawn lots are re-opened. One that expired meanwhile comes back for `grace_days` from now; with 0 it stays
    expired. Granted lots are taken back from themselves first; what was spent of them from other lots; what
    is missing then is owed with `may_owe`, else BalanceTooLow. Repeating the reference gives the first
    result. Raises AlreadyReversed, IsReversal, ReferenceTaken, BalanceTooLow, PeriodClosed.
    """
    return _take_back(
        transaction, Fraction(1), True, reference, business_date, actor, now, kind, grace_days, may_owe, memo
    )


@step
def reverse_part(
    *,
    transaction: Transaction | int,
    share: Fraction,
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
    kind: str = "ledger.part_reversal",
    grace_days: int = 0,
    may_owe: bool = False,
    memo: Mapping[str, Any] | None = None,
) -> Reversed:
    """Take back so much that, with the parts before, `share` of the transaction is taken back (0 < share <=
    1: `Fraction(refunded so far and now, total)`). Rounded down until the last, so the parts of a refund
    add up to the whole to the last unit. Lots return in the opposite order of drawing. Errors as `reverse`,
    and ShareOutOfRange.
    """
    if not 0 < share <= 1:
        raise ShareOutOfRange()
    return _take_back(
        transaction, share, False, reference, business_date, actor, now, kind, grace_days, may_owe, memo
    )


@step
def hold_accounts_of(*, transactions: Collection[int]) -> None:
    """Hold the guarded balances of several transactions that are to be taken back one after the other, so that two who
    do so in different orders wait for each other and never for ever."""
    lock_balances(Account.objects.filter(postings__transaction__in=transactions).distinct())


def _take_back(
    transaction: Transaction | int,
    share: Fraction,
    is_whole: bool,
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
    kind: str,
    grace_days: int,
    may_owe: bool,
    memo: Mapping[str, Any] | None,
) -> Reversed:
    pk = transaction if isinstance(transaction, int) else transaction.pk
    # Two refunds of one sale take turns here, so that each sees what the other gave back.
    origin = Transaction.objects.select_for_update(no_key=True).get(pk=pk)
    digest = digest_of(kind, business_date.isoformat(), pk, str(share), is_whole)
    standing = Transaction.objects.filter(reference=reference).first()
    if standing is not None:
        return _repeat(standing, digest)
    if origin.reverses_id or origin.refunds_id:
        raise IsReversal(reference=origin.reference)
    if Transaction.objects.filter(reverses=origin).exists():
        raise AlreadyReversed(reference=origin.reference)

    postings = list(Posting.objects.filter(transaction=origin).select_related("account"))
    accounts = {p.account_id: p.account for p in postings}
    legs = [Leg(p.account_id, p.unit, p.account.legal_entity_id, p.account.side, p.amount) for p in postings]
    returned = _returned(origin)
    if all(leg.amount == returned.get(leg.account_id, 0) for leg in legs):
        raise AlreadyReversed(reference=origin.reference)
    parts = {account_id: part for account_id, part in rules.plan_part(legs, returned, share).items() if part}
    if not parts:
        return Reversed(None, {}, ())

    lotted = {account_id for account_id in parts if accounts[account_id].has_lots}
    lots: dict[int, LotPlan] = {}
    late: list[ReturnedLate] = []
    if lotted:
        lock_balances(accounts[account_id] for account_id in parts)
        moved = _moved(origin)
        open_lots = read_lots(lotted, {lot_id for lot_id, _quantity in moved})
        for account_id in lotted:
            own = open_lots.get(account_id, {})
            lots[account_id], came_late = _plan_account(
                accounts[account_id],
                parts[account_id],
                returned.get(account_id, 0),
                [pair for pair in moved if pair[0] in own],
                own,
                now=now,
                grace_days=grace_days,
                may_owe=may_owe,
            )
            late += came_late
    plan = Plan(
        kind=kind,
        reference=reference,
        digest=digest,
        business_date=business_date,
        memo={**(memo or {}), **({"late": [_late_out(item) for item in late]} if late else {})},
        amounts={account_id: -part for account_id, part in parts.items()},
        lots=lots,
        reverses_id=origin.pk if is_whole else None,
        refunds_id=None if is_whole else origin.pk,
    )
    (posted,) = write([plan], accounts, actor=actor, now=now)
    return Reversed(posted, plan.amounts, tuple(late))


def _plan_account(
    account: Account,
    part: int,
    returned: int,
    moved: Sequence[tuple[int, int]],
    own: Mapping[int, OpenLot],
    *,
    now: datetime,
    grace_days: int,
    may_owe: bool,
) -> tuple[LotPlan, list[ReturnedLate]]:
    """What happens to the lots of `account` when `part` of what was posted to it is taken back."""
    if part < 0:
        drawn = sorted(
            ((i, -q) for i, q in moved), key=lambda pair: _drawing_order(own[pair[0]]), reverse=True
        )
        stretch = rules.stretch(drawn, -returned, -part)
        return rules.plan_reopening(stretch, own, now=now, grace_days=grace_days)
    granted = sorted(moved, key=lambda pair: (own[pair[0]].is_debt, pair[0]))
    plan, short = rules.plan_taking_back(rules.stretch(granted, returned, part), own, now=now)
    if short and not may_owe:
        raise too_low(account, part - short, part)
    if short:
        plan.grants.append(NewLot(-short, -short))
    return plan, []


def _drawing_order(lot: OpenLot) -> tuple[bool, bool, datetime, int]:
    """Earliest expiry first, then the oldest; a debt was made last."""
    return lot.is_debt, lot.expires_at is None, lot.expires_at or datetime.max.replace(tzinfo=UTC), lot.id


def _returned(origin: Transaction) -> dict[int, int]:
    """What partial reversals took back, account id -> amount with the sign of the original."""
    sums = (
        Posting.objects.filter(transaction__refunds=origin)
        .values_list("account_id")
        .annotate(total=Sum("amount"))
    )
    return {account_id: -total for account_id, total in sums}


def _moved(origin: Transaction) -> list[tuple[int, int]]:
    return list(LotChange.objects.filter(transaction=origin).values_list("lot_id", "quantity"))


def _repeat(standing: Transaction, digest: str) -> Reversed:
    if standing.digest != digest:
        raise ReferenceTaken(reference=standing.reference)
    amounts = dict(Posting.objects.filter(transaction=standing).values_list("account_id", "amount"))
    posted = Posted(standing.pk, standing.reference, is_repeat=True)
    return Reversed(posted, amounts, tuple(_late_in(standing.memo.get("late", []))))


def _late_out(item: ReturnedLate) -> list[Any]:
    return [item.lot_id, item.quantity, item.usable_until.isoformat() if item.usable_until else None]


def _late_in(stored: Iterable[Sequence[Any]]) -> Iterable[ReturnedLate]:
    for lot_id, quantity, until in stored:
        yield ReturnedLate(lot_id, quantity, datetime.fromisoformat(until) if until else None)
