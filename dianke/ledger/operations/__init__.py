"""Every write of the ledger. The steps are called by the operations of the rooms above, within their
transaction; `close_period`, `reopen_period` and `adjust_balance` are what a person does to the books
themselves.
"""

from dianke.ledger.operations.accounts import (
    AccountSpec,
    FloorAboveBalance,
    UnknownAccountCode,
    change_floor,
    open_account,
    open_accounts,
)
from dianke.ledger.operations.books import (
    BooksBusy,
    NothingToReopen,
    PeriodNotAfterLast,
    PeriodNotOver,
    ReasonMissing,
    adjust_balance,
    close_period,
    fold_balances,
    reopen_period,
)
from dianke.ledger.operations.expiring import expire_lots
from dianke.ledger.operations.posting import (
    BalanceTooLow,
    Draft,
    Entry,
    MixedLots,
    NothingPosted,
    PeriodClosed,
    Posted,
    ReferenceTaken,
    Unbalanced,
    draw_lots,
    grant_lot,
    post,
    post_many,
)
from dianke.ledger.operations.reversing import (
    AlreadyReversed,
    IsReversal,
    Reversed,
    ShareOutOfRange,
    hold_accounts_of,
    reverse,
    reverse_part,
)

__all__ = [
    "AccountSpec",
    "AlreadyReversed",
    "BalanceTooLow",
    "BooksBusy",
    "Draft",
    "Entry",
    "FloorAboveBalance",
    "IsReversal",
    "MixedLots",
    "NothingPosted",
    "NothingToReopen",
    "PeriodClosed",
    "PeriodNotAfterLast",
    "PeriodNotOver",
    "Posted",
    "ReasonMissing",
    "ReferenceTaken",
    "Reversed",
    "ShareOutOfRange",
    "Unbalanced",
    "UnknownAccountCode",
    "adjust_balance",
    "change_floor",
    "close_period",
    "draw_lots",
    "expire_lots",
    "fold_balances",
    "grant_lot",
    "hold_accounts_of",
    "open_account",
    "open_accounts",
    "post",
    "post_many",
    "reopen_period",
    "reverse",
    "reverse_part",
]
