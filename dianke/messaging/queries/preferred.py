"""The channel people prefer: the one they marked, else the one they answer on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.contrib.postgres.aggregates import BoolOr
from django.db.models.functions import Coalesce

from dianke.customers.models import ContactKind, ContactPoint, Customer
from dianke.insight.queries.contact import preferences_of

_CHANNEL: Mapping[str, str] = {ContactKind.PHONE: "SMS", ContactKind.EMAIL: "EMAIL"}

#: Messages `m` that went out when `insight.queries.contact.Asked` asks.
WENT_OUT = "m.state IN ('SENT', 'DELIVERED', 'READ') AND m.sent_at >= %(since)s AND m.sent_at < %(until)s"


def preferred_channels(customer_ids: Collection[int]) -> dict[int, str]:
    """Customer → the channel they prefer, anywhere in their profile, for those of whom it can be told. At most five
    statements."""
    meant = Customer.objects.filter(pk__among=customer_ids).annotate(head=Coalesce("merged_into_id", "pk"))
    head_of = dict(meant.values_list("pk", "head"))
    heads = list(set(head_of.values()))
    found = marked_channels(heads)
    answered = preferences_of([head for head in heads if head not in found])
    found |= {head: row.channel for head, row in answered.items()}
    return {pk: found[head] for pk, head in head_of.items() if head in found}


def marked_channels(head_ids: Collection[int]) -> dict[int, str]:
    """Profile → the channel they marked. Of each kind the first contact point is marked by itself, so a mark tells only
    where it leaves out the other kind. One statement."""
    rows = (
        ContactPoint.objects.filter(
            customer__in=Customer.objects.clusters(head_ids).values("pk"),
            archived_at=None,
            kind__in=list(_CHANNEL),
        )
        .annotate(head=Coalesce("customer__merged_into_id", "customer_id"))
        .values_list("head", "kind")
        .annotate(is_marked=BoolOr("is_preferred"))
        .order_by()
    )
    marks: dict[int, dict[str, bool]] = defaultdict(dict)
    for head, kind, is_marked in rows:
        marks[head][kind] = is_marked
    return {
        head: _CHANNEL[next(kind for kind, is_marked in kinds.items() if is_marked)]
        for head, kinds in marks.items()
        if sorted(kinds.values()) == [False, True]
    }
