"""Every read of stock that spans tables, and `verify`, which proves it right."""

from dianke.inventory.queries.history import MovementRow, history
from dianke.inventory.queries.on_hand import (
    OnHand,
    PlaceStock,
    available,
    distribution,
    on_hand,
    on_hand_at,
)
from dianke.inventory.queries.proof import verify
from dianke.inventory.queries.valuation import ValueRow, costs_of, valuation

__all__ = [
    "MovementRow",
    "OnHand",
    "PlaceStock",
    "ValueRow",
    "available",
    "costs_of",
    "distribution",
    "history",
    "on_hand",
    "on_hand_at",
    "valuation",
    "verify",
]
