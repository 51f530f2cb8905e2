"""The fixed order in which the wallets of a profile are read and spent."""

from __future__ import annotations

from collections.abc import Sequence

from dianke.customers.models import Customer
from dianke.wallets.models import Wallet


def cluster_of(customer: Customer) -> list[int]:
    """Ids of the profile: the head first, then those merged into it by id."""
    head = customer.head_id
    return [head, *Customer.objects.filter(merged_into=head).order_by("pk").values_list("pk", flat=True)]


def in_cluster_order(wallets: Sequence[Wallet], customer_ids: Sequence[int], entity_id: int) -> list[Wallet]:
    """What the selling entity received first, then the others', each in the order of the cluster."""
    rank = {customer: n for n, customer in enumerate(customer_ids)}
    return sorted(
        wallets,
        key=lambda each: (
            each.legal_entity_id != entity_id,
            rank.get(each.customer_id, len(rank)),
            each.pk,
        ),
    )
