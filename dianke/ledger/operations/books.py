"""What is done to the books as a whole: closing and reopening periods, correcting a balance by hand, and
folding old postings into snapshots of balances.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.db import OperationalError, connection
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import Conflict, InvalidInput, NotFound, TemporarilyUnavailable
from dianke.events.operations import operation, record, unchanged
from dianke.ledger.models import Account, Closing, Transaction
from dianke.ledger.operations.posting import Entry, Posted, post


class BooksBusy(TemporarilyUnavailable):
    code = "books_busy"
    message = _("A long posting is under way. Please try again in a minute.")


class PeriodNotAfterLast(Conflict):
    code = "period_not_after_last"
    message = _("The books are already closed before %(closed_before)s. Choose a later date.")


class PeriodNotOver(InvalidInput):
    code = "period_not_over"
    message = _("The period before %(closed_before)s is not over yet. Close it when it is.")
    default_field = "closed_before"


class NothingToReopen(NotFound):
    code = "nothing_to_reopen"
    message = _("No period is closed, so there is none to reopen.")


class ReasonMissing(InvalidInput):
    code = "reason_missing"
    message = _("Say why the balance is changed. The reason stays in the books.")
    default_field = "reason"


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until no posting is half-way and keep others waiting; give up after two seconds (BooksBusy)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', '2s', true)")
        try:
            cursor.execute("SELECT pg_advisory_xact_lock(7305001)")
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) == "55P03":
                raise BooksBusy() from error
            raise
    yield


@operation("ledger.close_periods")
def close_period(*, closed_before: date, actor: Actor, now: datetime) -> Closing:
    """From now on nothing is posted with a business date before `closed_before`. Must be an operation of
    its own, not part of one that posts. Raises PeriodNotAfterLast, PeriodNotOver, BooksBusy.
    """
    if closed_before > timezone.localdate(now):
        raise PeriodNotOver(closed_before=closed_before)
    with _alone():
        last = Closing.objects.last()
        if last is not None and last.closed_before >= closed_before:
            raise PeriodNotAfterLast(closed_before=last.closed_before)
        closing = Closing.objects.create(
            closed_before=closed_before,
            last_transaction_id=Transaction.objects.aggregate(last=Max("pk"))["last"] or 0,
            closed_at=now,
            user_id=actor.user_id,
        )
    record(
        "ledger.period_closed",
        closing,
        actor=actor,
        now=now,
        data={"closed_before": closed_before.isoformat()},
    )
    return closing


@operation("ledger.close_periods")
def reopen_period(*, reason: str, actor: Actor, now: datetime) -> date:
    """Open the latest closed period again; returns the date it was closed before. Raises NothingToReopen,
    ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing()
    closing = Closing.objects.select_for_update().last()
    if closing is None:
        raise NothingToReopen()
    record(
        "ledger.period_reopened",
        closing,
        actor=actor,
        now=now,
        data={"closed_before": closing.closed_before.isoformat(), "reason": reason},
    )
    closing.delete()
    return closing.closed_before


@operation("ledger.adjust_balances")
def adjust_balance(
    *,
    account: Account,
    counter: Account,
    amount: int,
    reason: str,
    reference: str,
    business_date: date,
    actor: Actor,
    now: datetime,
    expires_at: datetime | None = None,
) -> Posted:
    """Correct a balance by hand: `amount` more or less on `account` against `counter`. `expires_at` is for
    points and sessions given. Meant to be run by an approval. Raises ReasonMissing and the errors of
    `post_many`.
    """
    if not reason.strip():
        raise ReasonMissing()
    against = -amount if account.side == counter.side else amount
    posted = post(
        kind="ledger.adjustment",
        reference=reference,
        entries=[Entry(account, amount, expires_at, "ledger.adjustment"), Entry(counter, against)],
        business_date=business_date,
        actor=actor,
        now=now,
        memo={"reason": reason},
    )
    if posted.is_repeat:
        unchanged()
        return posted
    record(
        "ledger.balance_adjusted",
        account,
        also=[account.holder] if account.holder else [],
        actor=actor,
        now=now,
        store_id=account.store_id,
        data={
            "transaction": posted.transaction_id,
            "amount": str(amount),
            "unit": account.unit,
            "reason": reason,
        },
    )
    return posted


@operation(None)
def fold_balances(*, actor: Actor, now: datetime) -> int:
    """Add what was posted to accounts without floor since the last time to their snapshots; returns how
    many changed.

    No fact changes, so no event is left. While it holds the lock nobody is half-way through posting, so every
    transaction up to the highest number is there to be seen: a late commit cannot be missed. Raises
    BooksBusy.
    """
    unchanged()
    with _alone(), connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO ledger_balancesnapshot AS s (account_id, balance, upto_id)
            SELECT p.account_id, sum(p.amount), max(p.transaction_id)
            FROM ledger_posting AS p JOIN ledger_account AS a ON a.id = p.account_id
            WHERE a.floor IS NULL
              AND p.transaction_id > coalesce((SELECT max(upto_id) FROM ledger_balancesnapshot), 0)
            GROUP BY p.account_id
            ON CONFLICT (account_id) DO UPDATE
            SET balance = s.balance + excluded.balance, upto_id = excluded.upto_id
            """
        )
        return int(cursor.rowcount)
