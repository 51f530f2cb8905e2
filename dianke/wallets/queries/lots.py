"""What lies in wallets, lot by lot: which top-up each belongs to, what is left, what expired."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from dianke.wallets.models import Bucket, TopUp, Wallet
from dianke.wallets.rules.refunds import Funding

SOURCE = "wallets.topup:"
EXPIRED = "wallets.bonus_expired"
Moment = datetime | date


@dataclass(frozen=True, slots=True)
class LotRow:
    """`left` at the time asked about; `expired` is what the expiry run took."""

    wallet_id: int
    bucket: str
    id: int
    top_up_id: int | None
    quantity: int
    left: int
    expired: int
    expires_at: datetime | None

    def is_over(self, at: datetime) -> bool:
        """Whether its time has passed."""
        return self.expires_at is not None and self.expires_at <= at


def open_lots(wallets: Collection[Wallet]) -> list[LotRow]:
    """Lots with something left, now. One statement."""
    return _lots(
        wallets,
        """
        SELECT l.account_id, l.id, coalesce(nullif(l.source, ''), o.source, ''), l.quantity, l.remaining, 0,
               l.expires_at
        FROM ledger_lot AS l LEFT JOIN ledger_lot AS o ON o.id = l.reopens_id
        WHERE l.account_id = ANY(%(accounts)s) AND l.remaining > 0 ORDER BY l.id
        """,
        {},
    )


def all_lots(wallets: Collection[Wallet], as_of: Moment | None = None) -> list[LotRow]:
    """Every lot with what is left in it and what expired, now or at a past time. One statement."""
    column = "recorded_at" if isinstance(as_of, datetime) else "business_date"
    until = "" if as_of is None else f"AND t.{column} <= %(as_of)s"
    return _lots(
        wallets,
        f"""
        SELECT l.account_id, l.id, coalesce(nullif(l.source, ''), o.source, ''), l.quantity,
               sum(c.quantity)::bigint,
               coalesce(-sum(c.quantity) FILTER (WHERE t.kind = %(expired)s), 0)::bigint, l.expires_at
        FROM ledger_lot AS l
        JOIN ledger_lotchange AS c ON c.lot_id = l.id
        JOIN ledger_transaction AS t ON t.id = c.transaction_id
        LEFT JOIN ledger_lot AS o ON o.id = l.reopens_id
        WHERE l.account_id = ANY(%(accounts)s) {until}
        GROUP BY l.id, o.source ORDER BY l.id
        """,  # noqa: S608  the condition is one of constants
        {"as_of": as_of, "expired": EXPIRED},
    )


def _lots(wallets: Collection[Wallet], sql: str, params: Mapping[str, Any]) -> list[LotRow]:
    accounts = {
        account: (wallet.pk, bucket) for wallet in wallets for account, bucket in wallet.account_ids.items()
    }
    if not accounts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, {**params, "accounts": list(accounts)})
        rows = cursor.fetchall()
    return [
        LotRow(*accounts[account], pk, top_up_of(source), quantity, left, expired, expires_at)
        for account, pk, source, quantity, left, expired, expires_at in rows
    ]


def top_up_of(source: str) -> int | None:
    """The top-up a lot was made for, from its source."""
    number = source.removeprefix(SOURCE)
    return int(number) if source.startswith(SOURCE) and number.isdecimal() else None


def fundings_of(wallet: Wallet, *, at: datetime) -> list[tuple[TopUp, Funding]]:
    """Every top-up of a wallet with what is left of it, the oldest first. Of one that came by a transfer the payment
    is that of the first top-up, and what expired counts along the way."""
    top_ups = {each.pk: each for each in TopUp.objects.filter(wallet=wallet).order_by("at", "pk")}
    known = _with_origins(top_ups)
    wallets = list(Wallet.objects.filter(pk__in={each.wallet_id for each in known.values()}))
    lots: dict[int, list[LotRow]] = {}
    for lot in all_lots(wallets):
        if lot.top_up_id is not None:
            lots.setdefault(lot.top_up_id, []).append(lot)
    return [(top_up, _funding(top_up, known, lots, at)) for top_up in top_ups.values()]


def _with_origins(top_ups: Mapping[int, TopUp]) -> dict[int, TopUp]:
    known = dict(top_ups)
    while missing := {
        each.origin_id
        for each in known.values()
        if each.origin_id is not None and each.origin_id not in known
    }:
        known.update(TopUp.objects.in_bulk(missing))
    return known


def _funding(
    top_up: TopUp, known: Mapping[int, TopUp], lots: Mapping[int, Sequence[LotRow]], at: datetime
) -> Funding:
    chain = [top_up]
    while (origin := chain[-1].origin_id) is not None:
        chain.append(known[origin])
    root, own = chain[-1], lots.get(top_up.pk, ())
    expired = sum(
        lot.expired + (lot.left if lot.is_over(at) else 0)
        for each in chain
        for lot in lots.get(each.pk, ())
        if lot.bucket == Bucket.BONUS
    )
    return Funding(
        id=top_up.pk,
        paid_at=root.at,
        paid=root.paid_amount,
        bonus=root.bonus_amount,
        promotional=root.promotional_amount,
        principal_left=_left(own, Bucket.PRINCIPAL, at),
        bonus_left=_left(own, Bucket.BONUS, at),
        promotional_left=_left(own, Bucket.PROMOTIONAL, at),
        expired=expired,
        is_transferred=len(chain) > 1,
    )


def _left(lots: Sequence[LotRow], bucket: str, at: datetime) -> int:
    return sum(lot.left for lot in lots if lot.bucket == bucket and not lot.is_over(at))
