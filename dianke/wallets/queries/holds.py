"""Freezes that stand."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from dianke.wallets.models import Freeze


def freezes_of(
    *, wallet_ids: Collection[int] = (), card_ids: Collection[int] = ()
) -> dict[tuple[str, int], Freeze]:
    """By ("wallet" or "card", id). One statement."""
    rows = Freeze.objects.filter(Q(wallet__in=wallet_ids) | Q(card__in=card_ids), ended_at=None)
    found: dict[tuple[str, int], Freeze] = {}
    for row in rows:
        if row.wallet_id is not None:
            found["wallet", row.wallet_id] = row
        elif row.card_id is not None:
            found["card", row.card_id] = row
    return found
