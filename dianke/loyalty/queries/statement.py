"""The account of a member's points: every posting with the balance after it, the lots with their last day, and
what one posting moved. Over all customers of a profile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dianke.core.errors import NotFound, Text
from dianke.ledger import queries as books
from dianke.ledger.models import Account, LotChange, Transaction
from dianke.ledger.rules import POINTS
from dianke.loyalty.queries.context import OF_MEMBER, PENDING_CODE, POINTS_CODE, holder_of

_NEVER = datetime.max.replace(tzinfo=UTC)
#: What a posting is called. Who reads it is staff or the customer.
WORDS: dict[str, Text] = {
    "loyalty.points_earned": _("Earned by a purchase"),
    "loyalty.points_released": _("Can be used now"),
    "loyalty.points_redeemed": _("Used as money"),
    "loyalty.points_taken_back": _("Taken back with a return"),
    "loyalty.points_given_back": _("Given back with a return"),
    "loyalty.points_expired": pgettext_lazy("statement", "Points expired"),
    "loyalty.points_given": _("Given by hand"),
    "loyalty.points_taken": _("Taken by hand"),
    "loyalty.reward_redeemed": _("Exchanged for a reward"),
    "loyalty.gift_given": _("Gift"),
    "loyalty.referral_rewarded": _("For bringing a member"),
    "loyalty.referral_taken_back": _("Reward for bringing taken back"),
    "loyalty.points_opened": _("Opening points"),
    "loyalty.opening_undone": _("Import taken back"),
    "ledger.adjustment": _("Corrected in the books"),
}


class PostingNotFound(NotFound):
    code = "loyalty_posting_not_found"
    message = _("This posting does not exist, or it is not of this member.")


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A posting: `points` spendable, `pending` not yet; `balance` and `pending_balance` after it."""

    id: int
    kind: str
    reference: str
    business_date: date
    at: datetime
    user_id: int | None
    reason: str
    points: int
    pending: int
    balance: int
    pending_balance: int

    @property
    def label(self) -> Text:
        return WORDS.get(self.kind, self.kind)


def accounts_of(customer_ids: Sequence[int]) -> list[Account]:
    """The accounts of points of a profile. One statement."""
    return list(
        Account.objects.filter(
            holder__in=[holder_of(pk) for pk in customer_ids], code__in=OF_MEMBER, unit=POINTS
        ).order_by("pk")
    )


def statement_of(
    customer_ids: Sequence[int], *, before: int | None = None, limit: int = 50
) -> list[StatementLine]:
    """The latest postings, newest first; the next page is `before=lines[-1].id`. Two statements."""
    accounts = accounts_of(customer_ids)
    own = {code: [account.pk for account in accounts if account.code == code] for code in OF_MEMBER}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH page AS (
                SELECT t.id, t.kind, t.reference, t.business_date, t.recorded_at, t.user_id,
                    coalesce(t.memo ->> 'reason', '') AS reason,
                    coalesce(sum(p.amount) FILTER (WHERE p.account_id = ANY(%(points)s)), 0)::bigint AS points,
                    coalesce(sum(p.amount) FILTER (WHERE p.account_id = ANY(%(pending)s)), 0)::bigint AS pending
                FROM ledger_posting AS p JOIN ledger_transaction AS t ON t.id = p.transaction_id
                WHERE p.account_id = ANY(%(all)s) AND p.transaction_id < %(before)s
                GROUP BY t.id ORDER BY t.id DESC LIMIT %(limit)s
            ), earlier AS (
                SELECT coalesce(sum(p.amount) FILTER (WHERE p.account_id = ANY(%(points)s)), 0)::bigint AS points,
                    coalesce(sum(p.amount) FILTER (WHERE p.account_id = ANY(%(pending)s)), 0)::bigint AS pending
                FROM ledger_posting AS p
                WHERE p.account_id = ANY(%(all)s) AND p.transaction_id < (SELECT min(id) FROM page)
            )
            SELECT page.*, (sum(page.points) OVER (ORDER BY page.id) + earlier.points)::bigint,
                (sum(page.pending) OVER (ORDER BY page.id) + earlier.pending)::bigint
            FROM page, earlier ORDER BY page.id DESC
            """,
            {
                "points": own[POINTS_CODE],
                "pending": own[PENDING_CODE],
                "all": [account.pk for account in accounts],
                "before": before if before is not None else 2**63 - 1,
                "limit": limit,
            },
        )
        return [StatementLine(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class LotLine:
    """Points that came together: `remaining` of `quantity`; `usable_from` for pending ones."""

    id: int
    quantity: int
    remaining: int
    expires_at: datetime | None
    source: str
    is_pending: bool
    usable_from: datetime | None


def lots_of(customer_ids: Sequence[int]) -> list[LotLine]:
    """What lies in the accounts, what expires first before; pending ones last. Three statements at most."""
    from dianke.ledger.models import Lot
    from dianke.loyalty.models import MemberSale

    accounts = {account.pk: account for account in accounts_of(customer_ids)}
    lots = list(Lot.objects.filter(account__in=accounts).exclude(remaining=0).order_by("pk"))
    waiting = [lot.source for lot in lots if accounts[lot.account_id].code == PENDING_CODE]
    due = dict(MemberSale.objects.filter(reference__in=waiting).values_list("reference", "releases_at"))
    lines = [
        LotLine(
            lot.pk,
            lot.quantity,
            lot.remaining,
            lot.expires_at,
            lot.source,
            accounts[lot.account_id].code == PENDING_CODE,
            due.get(lot.source) if accounts[lot.account_id].code == PENDING_CODE else None,
        )
        for lot in lots
    ]
    return sorted(
        lines,
        key=lambda lot: (
            lot.is_pending,
            lot.expires_at or _NEVER,
            lot.id,
        ),
    )


@dataclass(frozen=True, slots=True)
class Moved:
    """What a posting put into a lot (+) or took out of it (-)."""

    lot_id: int
    quantity: int
    expires_at: datetime | None
    source: str


def moved_by(customer_ids: Sequence[int], transaction_id: int) -> tuple[Transaction, list[Moved]]:
    """A posting of a member and the lots it moved. Raises PostingNotFound."""
    accounts = [account.pk for account in accounts_of(customer_ids)]
    rows = LotChange.objects.filter(transaction=transaction_id, lot__account__in=accounts)
    found = [
        Moved(row.lot_id, row.quantity, row.lot.expires_at, row.lot.source)
        for row in rows.select_related("lot").order_by("lot")
    ]
    transaction = Transaction.objects.filter(pk=transaction_id, postings__account__in=accounts).first()
    if transaction is None:
        raise PostingNotFound
    return transaction, found


def balance_on(customer_ids: Sequence[int], as_of: books.Moment) -> tuple[int, int]:
    """(spendable and expiring, pending) points in the books at a past instant or business date."""
    accounts = accounts_of(customer_ids)
    balances = books.balances(accounts, as_of)
    sums: dict[str, Any] = dict.fromkeys(OF_MEMBER, 0)
    for account in accounts:
        sums[account.code] += balances[account.pk]
    return sums[POINTS_CODE], sums[PENDING_CODE]
