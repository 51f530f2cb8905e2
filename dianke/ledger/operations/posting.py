"""Posting: what the rooms above hand in becomes transactions, in one call of the database function
`ledger_post` whatever their number. Only when lots are drawn from, or a debt may have to be settled, the
balance rows are locked (in the order of their keys) and the lots read first, so that rules.py can choose.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput
from dianke.core.prepared import prepared
from dianke.events.operations import current_operation, step
from dianke.ledger import rules
from dianke.ledger.models import Account, Transaction
from dianke.ledger.rules import Leg, LotPlan, NewLot, OpenLot


class BalanceTooLow(Conflict):
    """`account_id`, and `available` and `wanted` in minor units, are in `params` beside the shown amounts."""

    code = "balance_too_low"
    message = _("Only %(available_shown)s left, %(wanted_shown)s wanted. Use less, or top up first.")


class PeriodClosed(Conflict):
    code = "period_closed"
    message = _(
        "The books are closed for dates before %(closed_before)s. Post it in the next period: use %(closed_before)s "
        "or a later date."
    )


class Unbalanced(InvalidInput):
    code = "unbalanced"
    message = _(
        "The entries do not balance: %(difference)s. Correct the amounts so that both sides of each legal entity are "
        "equal."
    )


class NothingPosted(InvalidInput):
    code = "nothing_posted"
    message = _("There is nothing to post: all amounts are zero. Enter an amount.")


class MixedLots(InvalidInput):
    code = "mixed_lots"
    message = _(
        "One transaction cannot both grant and spend on the account %(account)s. Post two transactions."
    )


class ReferenceTaken(Conflict):
    code = "reference_taken"
    message = _(
        "“%(reference)s” is already posted with other contents. Give the new transaction its own reference, or reverse "
        "the first one."
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """A change of one account: `amount` in minor units, more (+) or less (-) as the account sees it.

    On an account with lots, more makes a new lot (`expires_at` None: never; `source` in the words of the
    caller), less is drawn from those in `first` (lot ids), then earliest expiry first. With `may_owe` a
    spending that the lots do not cover becomes a debt, down to the account's floor.
    """

    account: Account
    amount: int
    expires_at: datetime | None = None
    source: str = ""
    first: tuple[int, ...] = ()
    may_owe: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A transaction to post. `reference` is the business key of its cause, unique over all transactions."""

    kind: str
    reference: str
    entries: Sequence[Entry]
    business_date: date
    memo: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Posted:
    """`is_repeat`: it stood already, and nothing was written."""

    transaction_id: int
    reference: str
    is_repeat: bool


@dataclass(slots=True)
class Plan:
    """A transaction with everything decided: the changes of accounts (amounts) and of lots."""

    kind: str
    reference: str
    digest: str
    business_date: date
    memo: Mapping[str, Any]
    amounts: dict[int, int]
    lots: dict[int, LotPlan] = field(default_factory=dict)
    reverses_id: int | None = None
    refunds_id: int | None = None


@step
def post(
    *,
    kind: str,
    reference: str,
    entries: Sequence[Entry],
    business_date: date,
    actor: Actor,
    now: datetime,
    memo: Mapping[str, Any] | None = None,
) -> Posted:
    """Post one transaction. See `post_many` for the errors."""
    return post_many(drafts=[Draft(kind, reference, entries, business_date, memo)], actor=actor, now=now)[0]


@step
def post_many(*, drafts: Sequence[Draft], actor: Actor, now: datetime) -> list[Posted]:
    """Post transactions together, in a number of statements that does not depend on theirs; the result in
    their order. All or none.

    A reference that stands with the same kind, date and amounts is answered with what stands; with others
    it raises ReferenceTaken. Raises Unbalanced, NothingPosted, MixedLots, BalanceTooLow, PeriodClosed. A
    draft spends from lots that were open before the batch, never from one granted in it.
    """
    accounts = {entry.account.pk: entry.account for draft in drafts for entry in draft.entries}
    plans = [_plan(draft) for draft in drafts]
    lotted = {
        entry.account.pk
        for draft in drafts
        for entry in draft.entries
        if entry.account.has_lots and (entry.amount < 0 or (entry.account.floor or 0) < 0)
    }
    lots: dict[int, dict[int, OpenLot]] = {}
    standing: set[str] = set()
    if lotted:
        lock_balances(accounts.values())
        lots = read_lots(lotted)
        references = [draft.reference for draft in drafts]
        standing = set(
            Transaction.objects.filter(reference__in=references).values_list("reference", flat=True)
        )
    for draft, plan in zip(drafts, plans, strict=True):
        if draft.reference not in standing:
            _plan_lots(plan, draft.entries, lots, now)
    return write(plans, accounts, actor=actor, now=now)


@step
def grant_lot(
    *,
    kind: str,
    reference: str,
    account: Account,
    counter: Account,
    quantity: int,
    expires_at: datetime | None,
    business_date: date,
    actor: Actor,
    now: datetime,
    source: str = "",
    memo: Mapping[str, Any] | None = None,
) -> Posted:
    """Give `quantity` to an account with lots as a new lot, against `counter` (points_issued, sessions_issued)."""
    entries = [Entry(account, quantity, expires_at, source), _against(account, counter, quantity)]
    return post(
        kind=kind,
        reference=reference,
        entries=entries,
        business_date=business_date,
        actor=actor,
        now=now,
        memo=memo,
    )


@step
def draw_lots(
    *,
    kind: str,
    reference: str,
    account: Account,
    counter: Account,
    quantity: int,
    business_date: date,
    actor: Actor,
    now: datetime,
    first: tuple[int, ...] = (),
    may_owe: bool = False,
    memo: Mapping[str, Any] | None = None,
) -> Posted:
    """Spend `quantity` from the lots of an account, earliest expiry first, against `counter` (points_redeemed)."""
    entries = [
        Entry(account, -quantity, first=first, may_owe=may_owe),
        _against(account, counter, -quantity),
    ]
    return post(
        kind=kind,
        reference=reference,
        entries=entries,
        business_date=business_date,
        actor=actor,
        now=now,
        memo=memo,
    )


def _against(account: Account, counter: Account, amount: int) -> Entry:
    """The entry on `counter` that balances `amount` on `account`: opposite when both stand on the same side."""
    return Entry(counter, -amount if account.side == counter.side else amount)


# --- from drafts to plans -----------------------------------------------------------------------------------
def _plan(draft: Draft) -> Plan:
    amounts: dict[int, int] = {}
    legs = []
    for entry in draft.entries:
        a = entry.account
        if a.has_lots and amounts.get(a.pk, 0) * entry.amount < 0:
            raise MixedLots(account=str(a))
        amounts[a.pk] = amounts.get(a.pk, 0) + entry.amount
        legs.append(Leg(a.pk, a.unit, a.legal_entity_id, a.side, entry.amount))
    check_balanced(legs)
    amounts = {account_id: amount for account_id, amount in amounts.items() if amount}
    if not amounts:
        raise NothingPosted()
    digest = digest_of(draft.kind, draft.business_date.isoformat(), sorted(amounts.items()))
    return Plan(draft.kind, draft.reference, digest, draft.business_date, dict(draft.memo or {}), amounts)


def check_balanced(legs: Iterable[Leg]) -> None:
    """Raise Unbalanced, naming what is missing per unit and legal entity."""
    missing = rules.gaps(legs)
    if missing:
        difference = "; ".join(
            f"{rules.show(amount, unit)} {unit}" + ("" if entity is None else f" #{entity}")
            for (unit, entity), amount in missing.items()
        )
        raise Unbalanced(difference=difference)


def digest_of(*content: Any) -> str:
    """What makes two postings under one reference the same. Leaves out instants, which differ in a retry."""
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()


def _plan_lots(
    plan: Plan, entries: Iterable[Entry], lots: dict[int, dict[int, OpenLot]], now: datetime
) -> None:
    for entry in entries:
        account = entry.account
        if not account.has_lots or not entry.amount:
            continue
        lot_plan = plan.lots.setdefault(account.pk, LotPlan())
        own = lots.get(account.pk, {})
        if entry.amount > 0:
            settled = rules.settle_debts(own.values(), entry.amount)
            changes = dict(settled.taken)
            lot_plan.grants.append(NewLot(entry.amount, settled.short, entry.expires_at, entry.source))
        else:
            free = rules.free_in(own.values(), now=now)
            if free < -entry.amount and not entry.may_owe:
                raise too_low(account, free, -entry.amount)
            choice = rules.choose_lots(own.values(), -entry.amount, now=now, first=entry.first)
            changes = {lot_id: -quantity for lot_id, quantity in choice.taken}
            if choice.short:
                lot_plan.grants.append(NewLot(-choice.short, -choice.short))
        for lot_id, quantity in changes.items():
            lot_plan.change(lot_id, quantity)
            own[lot_id] = replace(own[lot_id], remaining=own[lot_id].remaining + quantity)


def too_low(account: Account, available: int, wanted: int) -> BalanceTooLow:
    return BalanceTooLow(
        account_id=account.pk,
        available=available,
        wanted=wanted,
        available_shown=rules.show(available, account.unit),
        wanted_shown=rules.show(wanted, account.unit),
    )


# --- the database -------------------------------------------------------------------------------------------
def lock_balances(accounts: Iterable[Account]) -> None:
    """Hold the balance rows of the guarded ones until the transaction ends. Always in the order of their
    keys, so that two postings over the same accounts wait for each other and never for ever.
    """
    keys = sorted({account.pk for account in accounts if account.floor is not None})
    with prepared() as cursor:
        cursor.execute(
            "SELECT account_id FROM ledger_accountbalance WHERE account_id = ANY(%s) ORDER BY account_id FOR UPDATE",
            [keys],
        )


def read_lots(account_ids: Iterable[int], also: Iterable[int] = ()) -> dict[int, dict[int, OpenLot]]:
    """Account id -> lot id -> lot, of lots that have something left and those named in `also`."""
    with prepared() as cursor:
        cursor.execute(
            """
            SELECT account_id, id, remaining, expires_at, quantity < 0 FROM ledger_lot
            WHERE account_id = ANY(%(accounts)s) AND (remaining <> 0 OR id = ANY(%(also)s)) ORDER BY id
            """,
            {"accounts": list(account_ids), "also": list(also)},
        )
        rows = cursor.fetchall()
    lots: dict[int, dict[int, OpenLot]] = {}
    for account_id, *lot in rows:
        lots.setdefault(account_id, {})[lot[0]] = OpenLot(*lot)
    return lots


def write(
    plans: Sequence[Plan], accounts: Mapping[int, Account], *, actor: Actor, now: datetime
) -> list[Posted]:
    """Write what is decided in one call; answer references that stand with what stands."""
    if len({plan.reference for plan in plans}) != len(plans):
        raise ValueError("two transactions of one batch have the same reference")
    operation = current_operation()
    batch: dict[str, list[dict[str, Any]]] = {"transactions": [], "postings": []}
    for n, plan in enumerate(plans):
        batch["transactions"].append(
            {
                "n": n,
                "reference": plan.reference,
                "digest": plan.digest,
                "kind": plan.kind,
                "business_date": plan.business_date.isoformat(),
                "recorded_at": now.isoformat(),
                "user_id": actor.user_id,
                "operation": operation.name if operation else "",
                "memo": plan.memo,
                "reverses_id": plan.reverses_id,
                "refunds_id": plan.refunds_id,
            }
        )
        batch["postings"] += [
            {"n": n, "account_id": account_id, "amount": amount}
            for account_id, amount in plan.amounts.items()
        ]
        for account_id, lot_plan in plan.lots.items():
            batch.setdefault("lots", []).extend(
                {
                    "n": n,
                    "account_id": account_id,
                    "quantity": lot.quantity,
                    "remaining": lot.remaining,
                    "expires_at": lot.expires_at.isoformat() if lot.expires_at else None,
                    "source": lot.source,
                    "reopens_id": lot.reopens_id,
                }
                for lot in lot_plan.grants
            )
            batch.setdefault("changes", []).extend(
                {"n": n, "lot_id": lot_id, "quantity": quantity}
                for lot_id, quantity in sorted(lot_plan.changes.items())
                if quantity
            )
    with named_errors(accounts), prepared() as cursor:
        cursor.execute("SELECT ledger_post(%s::jsonb)", [json.dumps(batch, cls=DjangoJSONEncoder)])
        row = cursor.fetchone()
    written = row[0] if isinstance(row[0], dict) else json.loads(row[0])
    standing = {
        reference: (pk, digest)
        for reference, pk, digest in Transaction.objects.filter(
            reference__in=[plan.reference for n, plan in enumerate(plans) if str(n) not in written]
        ).values_list("reference", "pk", "digest")
    }
    posted = []
    for n, plan in enumerate(plans):
        if str(n) in written:
            posted.append(Posted(written[str(n)], plan.reference, is_repeat=False))
            continue
        transaction_id, digest = standing[plan.reference]
        if digest != plan.digest:
            raise ReferenceTaken(reference=plan.reference)
        posted.append(Posted(transaction_id, plan.reference, is_repeat=True))
    return posted


@contextmanager
def named_errors(accounts: Mapping[int, Account]) -> Iterator[None]:
    """Turn what the triggers refuse into the errors people are shown. The transaction is lost either way."""
    try:
        yield
    except DatabaseError as error:
        state = getattr(error.__cause__, "sqlstate", None)
        diag = getattr(error.__cause__, "diag", None)
        detail = getattr(diag, "message_detail", None) or ""
        if state == "DKL01":
            low = json.loads(detail)
            raise too_low(accounts[low["account_id"]], low["available"], low["wanted"]) from error
        if state == "DKL02":
            raise PeriodClosed(closed_before=detail) from error
        raise
