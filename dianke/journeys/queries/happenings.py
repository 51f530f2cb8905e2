"""What happened, as journeys understand it: who it brings to the beginning, for which occasion, and when it was."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Q

from dianke.customers.models import Customer
from dianke.events.models import Event
from dianke.journeys.rules.entering import Candidate
from dianke.journeys.rules.plan import Begin
from dianke.loyalty.models import LevelChange
from dianke.sales.models import Order
from dianke.stores.queries import local_date

ENTERED = ("customers.customer_entered", "customers.customer_registered", "customers.entry_accepted")
LEVELS = (
    "loyalty.level_changed",
    "loyalty.levels_reviewed",
    "loyalty.purchase_followed",
    "loyalty.level_given",
)
COMPLETED, RETURNED = "sales.order_completed", "sales.order_returned"

#: Which beginnings an event can be.
BEGINS: Mapping[str, tuple[Begin, ...]] = {
    **dict.fromkeys(ENTERED, (Begin.REGISTERED,)),
    **dict.fromkeys(LEVELS, (Begin.LEVEL,)),
    COMPLETED: (Begin.PURCHASE, Begin.FIRST_PURCHASE),
    RETURNED: (Begin.RETURN,),
}


def candidates_of(event: Event, wanted: Collection[Begin]) -> dict[Begin, list[Candidate]]:
    """Beginning → who comes to it, for those of `wanted` the event can be."""
    found: dict[Begin, list[Candidate]] = {}
    begins = set(BEGINS.get(event.kind, ())) & set(wanted)
    if event.kind in ENTERED and begins:
        found[Begin.REGISTERED] = [
            Candidate(pk, "REGISTERED", event.recorded_at, local_date(event.recorded_at))
            for pk in _ids(event, "customers.customer:")
        ]
    elif event.kind in LEVELS and begins:
        found[Begin.LEVEL] = _levels(event)
    elif event.kind in (COMPLETED, RETURNED) and begins:
        found |= _purchases(event, begins)
    return found


def _ids(event: Event, label: str) -> list[int]:
    texts = (subject.removeprefix(label) for subject in event.subjects if subject.startswith(label))
    return [int(text) for text in texts if text.isdecimal()]


def _levels(event: Event) -> list[Candidate]:
    """Levels that were reached, not those that were lost or brought along."""
    rows = LevelChange.objects.filter(
        customer__in=Customer.objects.clusters(_ids(event, "customers.customer:")).values("pk"),
        at=event.recorded_at,
        why__in=[LevelChange.Why.REACHED, LevelChange.Why.GIVEN, LevelChange.Why.PAID],
        after__isnull=False,
    ).select_related("before", "after")
    return [
        Candidate(row.customer_id, f"LEVEL:{row.pk}", row.at, row.on)
        for row in rows
        if row.after is not None and (row.before is None or row.after.rank > row.before.rank)
    ]


def _purchases(event: Event, begins: Collection[Begin]) -> dict[Begin, list[Candidate]]:
    """A sale a till made without a connection counts from when it was made."""
    order = Order.objects.filter(pk__in=_ids(event, "sales.order:"), customer__isnull=False).first()
    if order is None or order.customer_id is None:
        return {}
    found: dict[Begin, list[Candidate]] = {}
    if event.kind == RETURNED:
        name = f"RETURN:{event.reference}"
        found[Begin.RETURN] = [
            Candidate(order.customer_id, name, event.recorded_at, local_date(event.recorded_at))
        ]
        return found
    # An order that waited for its goods is completed when they are handed over.
    at = (
        max(order.occurred_at, order.closed_at)
        if order.closed_at and not order.is_offline
        else order.occurred_at
    )
    one = Candidate(order.customer_id, f"PURCHASE:{order.pk}", at, order.business_date)
    if Begin.PURCHASE in begins:
        found[Begin.PURCHASE] = [one]
    if Begin.FIRST_PURCHASE in begins and not _bought_before(order):
        found[Begin.FIRST_PURCHASE] = [one]
    return found


def _bought_before(order: Order) -> bool:
    head = order.customer.merged_into_id or order.customer_id if order.customer else 0
    earlier = Order.objects.filter(
        customer__in=Customer.objects.filter(Q(pk=head) | Q(merged_into=head)).values("pk"),
        occurred_at__lt=order.occurred_at,
    )
    return earlier.exclude(state__in=[Order.State.DRAFT, Order.State.CANCELLED]).exists()
