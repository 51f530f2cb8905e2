"""Stock: where things are, what moved them, and what they cost.

Documents, movements and cost entries are written once and never changed; balances, holders of pieces and cost states
are kept current by the database as they are written, and can be computed again from the rows that never change.
"""

from dianke.inventory.models.alerts import SafetyStock, StockAlert
from dianke.inventory.models.costs import (
    ClosingMark,
    CostClosing,
    CostEntry,
    CostState,
    PeriodLock,
    StockClosing,
)
from dianke.inventory.models.counts import CountEntry, CountLine, CountSession
from dianke.inventory.models.custody import CustodyItem, OpenedUnit, OpenLife
from dianke.inventory.models.documents import Document, DocumentCounter, Movement
from dianke.inventory.models.places import NegativePolicy, Place, Policy
from dianke.inventory.models.stock import Anchor, Balance, Batch, PieceAt, Reservation
from dianke.inventory.models.transfers import Transfer, TransferLine

__all__ = [
    "Anchor",
    "Balance",
    "Batch",
    "ClosingMark",
    "CostClosing",
    "CostEntry",
    "CostState",
    "CountEntry",
    "CountLine",
    "CountSession",
    "CustodyItem",
    "Document",
    "DocumentCounter",
    "Movement",
    "NegativePolicy",
    "OpenLife",
    "OpenedUnit",
    "PeriodLock",
    "PieceAt",
    "Place",
    "Policy",
    "Reservation",
    "SafetyStock",
    "StockAlert",
    "StockClosing",
    "Transfer",
    "TransferLine",
]
