"""Points that come along with an import of customers, as opening balances; and taking them back when the import
is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dianke.core.actor import Actor
from dianke.events.operations import step
from dianke.ledger import operations as ledger
from dianke.ledger.models import Lot
from dianke.ledger.operations import Draft, Entry
from dianke.loyalty.models import OpeningPoints
from dianke.loyalty.operations.accounts import house_account, spec_of
from dianke.loyalty.operations.selling import NoProgramme
from dianke.loyalty.queries.context import ISSUED_CODE, POINTS_CODE, holder_of
from dianke.loyalty.queries.members import house
from dianke.loyalty.rules.opening import OpeningRow

OPENED, UNDONE = "loyalty.points_opened", "loyalty.opening_undone"


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Rows taken back, rows kept since their points were used, and the row to go on from (None: at the end)."""

    removed: int
    kept: int
    next_row: int | None


@step
def open_points(
    *, run_id: int, rows: Sequence[tuple[int, int, OpeningRow]], actor: Actor, now: datetime
) -> None:
    """Give the points of (row number, customer id, what the row says). The same file again finds what stands. Four
    statements for all of them. Raises NoProgramme."""
    of = house()
    if of is None:
        raise NoProgramme
    done = set(
        OpeningPoints.objects.filter(
            run=run_id, row_number__in=[number for number, *_rest in rows]
        ).values_list("row_number", flat=True)
    )
    had = set(
        OpeningPoints.objects.filter(customer__in=[pk for _number, pk, _row in rows]).values_list(
            "customer_id", flat=True
        )
    )
    new: dict[int, tuple[int, OpeningRow]] = {}
    seen: set[int] = set()
    for number, pk, row in rows:
        if number not in done and pk not in had and pk not in seen and row.points:
            new[number] = (pk, row)
            seen.add(pk)
    if not new:
        return
    accounts = ledger.open_accounts(specs=[spec_of(holder_of(pk), POINTS_CODE) for pk, _row in new.values()])
    issued = house_account(code=ISSUED_CODE)
    today = of.terms.day_of(now)
    drafts = []
    for (number, (_pk, row)), account in zip(new.items(), accounts, strict=True):
        expires_at = (
            of.terms.midnight(row.expires_on + timedelta(days=1))
            if row.expires_on
            else of.terms.expires_at(today)
        )
        reference = f"loyalty.opening:{run_id}/{number}"
        drafts.append(
            Draft(
                OPENED,
                reference,
                [Entry(account, row.points, expires_at, reference), Entry(issued, row.points)],
                today,
            )
        )
    posted = ledger.post_many(drafts=drafts, actor=actor, now=now)
    OpeningPoints.objects.bulk_create(
        OpeningPoints(
            run_id=run_id,
            row_number=number,
            customer_id=pk,
            points=row.points,
            transaction_id=done_.transaction_id,
        )
        for (number, (pk, row)), done_ in zip(new.items(), posted, strict=True)
    )


@step
def take_back_opening(*, run_id: int, after: int, limit: int, actor: Actor, now: datetime) -> TakenBack:
    """Take back up to `limit` rows of a run whose points are all there; the others stay and are counted."""
    rows = list(OpeningPoints.objects.filter(run=run_id, row_number__gt=after).order_by("row_number")[:limit])
    if not rows:
        return TakenBack(0, 0, None)
    of = house()
    today = of.terms.day_of(now) if of else now.date()
    whole = {
        lot.transaction_id
        for lot in Lot.objects.filter(transaction__in=[row.transaction_id for row in rows])
        if lot.remaining == lot.quantity
    }
    removed = [row for row in rows if row.transaction_id in whole]
    for row in removed:
        ledger.reverse(
            transaction=row.transaction_id,
            reference=f"loyalty.opening:{run_id}/{row.row_number}/back",
            business_date=today,
            kind=UNDONE,
            actor=actor,
            now=now,
        )
    OpeningPoints.objects.filter(pk__in=[row.pk for row in removed]).delete()
    return TakenBack(len(removed), len(rows) - len(removed), rows[-1].row_number)
