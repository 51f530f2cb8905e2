"""Reads of prepaid value."""

from dianke.wallets.queries.giving_back import GivenBack, preview_give_back
from dianke.wallets.queries.proof import dues_between, verify
from dianke.wallets.queries.purse import Purse, purse_of
from dianke.wallets.queries.statement import balances_as_of, statement

__all__ = [
    "GivenBack",
    "Purse",
    "balances_as_of",
    "dues_between",
    "preview_give_back",
    "purse_of",
    "statement",
    "verify",
]
