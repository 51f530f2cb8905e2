"""Our payments against the bill of a channel: what matches, what is missing here or there, where amounts differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from dianke.core.actor import Actor
from dianke.core.errors import InvalidInput
from dianke.events.operations import operation, record
from dianke.sales.models import ChannelRow, Payment, Refund, Tender
from dianke.sales.rules.reconciling import BillRow, Ours, compare
from dianke.stores.models import LegalEntity

RECONCILE = "sales.reconcile_payments"
MOST_ROWS = 20_000


class BillTooLong(InvalidInput):
    code = "bill_too_long"
    message = _("A bill has %(most)s rows at most. Compare it day by day.")
    default_field = "rows"


@dataclass(frozen=True, slots=True)
class Compared:
    """How many rows there are of each state."""

    matched: int
    missing_here: int
    missing_there: int
    amount_differs: int


@operation(RECONCILE)
def reconcile(
    *,
    tender: Tender,
    legal_entity: LegalEntity,
    business_date: date,
    rows: Sequence[BillRow],
    actor: Actor,
    now: datetime,
) -> Compared:
    """Compare the bill of a day with what was taken and refunded that day; an earlier comparison of the day
    is replaced. Raises `BillTooLong`."""
    if len(rows) > MOST_ROWS:
        raise BillTooLong(most=MOST_ROWS)
    payments = Payment.objects.filter(
        tender=tender,
        business_date=business_date,
        state=Payment.State.TAKEN,
        order__legal_entity=legal_entity,
    )
    refunds = Refund.objects.filter(
        tender=tender, business_date=business_date, order__legal_entity=legal_entity
    )
    ours = [
        Ours("payment", pk, reference, amount)
        for pk, reference, amount in payments.order_by("pk").values_list("pk", "reference", "amount")
    ] + [
        Ours("refund", pk, reference, -amount)
        for pk, reference, amount in refunds.order_by("pk").values_list("pk", "reference", "amount")
    ]
    found = compare(rows, ours)
    ChannelRow.objects.filter(tender=tender, legal_entity=legal_entity, business_date=business_date).delete()
    ChannelRow.objects.bulk_create(
        [
            ChannelRow(
                tender=tender,
                legal_entity=legal_entity,
                business_date=business_date,
                reference=row.reference[:64],
                channel_amount=row.channel_amount,
                our_amount=row.our_amount,
                state=row.state,
                payment_id=row.our_id if row.what == "payment" else None,
                refund_id=row.our_id if row.what == "refund" else None,
                compared_at=now,
            )
            for row in found
        ]
    )
    counts = [sum(row.state == state for row in found) for state in ChannelRow.State.values]
    record(
        "sales.bill_compared",
        tender,
        also=[legal_entity],
        actor=actor,
        now=now,
        data={"day": str(business_date), "rows": len(rows), "matched": counts[0]},
    )
    return Compared(*counts)
