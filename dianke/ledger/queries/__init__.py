"""Every read of the ledger that spans tables, and `verify`, which proves the ledger sound."""

from dianke.ledger.queries.proof import verify
from dianke.ledger.queries.reading import (
    Expiring,
    LotState,
    Moment,
    StatementRow,
    TrialRow,
    balance,
    balances,
    expiring,
    holder_accounts,
    lots_moved,
    lots_of,
    open_lots,
    preview_draw,
    spendable,
    statement,
    trial_balance,
)

__all__ = [
    "Expiring",
    "LotState",
    "Moment",
    "StatementRow",
    "TrialRow",
    "balance",
    "balances",
    "expiring",
    "holder_accounts",
    "lots_moved",
    "lots_of",
    "open_lots",
    "preview_draw",
    "spendable",
    "statement",
    "trial_balance",
    "verify",
]
