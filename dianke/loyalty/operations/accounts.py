"""The accounts of points: of each customer the spendable and the pending ones, of the house what was issued,
redeemed and expired. docs/algorithms/loyalty.md says what moves between them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dianke.events.operations import step
from dianke.ledger import operations as ledger
from dianke.ledger.models import Account
from dianke.ledger.rules import POINTS
from dianke.loyalty.queries.context import OF_HOUSE, OF_MEMBER, Context, holder_of

#: A member who owes points may owe this many; the programme decides whether anybody owes at all.
DEEP = -(10**12)


@step
def accounts_for(
    *, context: Context, customer_id: int, codes: Sequence[str], house: Collection[str]
) -> list[Account]:
    """The accounts of these codes, of the customer first, then of the house; opened where they are missing (a
    customer who never had points). No statement when all are there.
    """
    wanted = [(holder_of(customer_id), code) for code in codes] + [("", code) for code in house]
    missing = [key for key in wanted if key not in context.accounts]
    if missing:
        opened = ledger.open_accounts(specs=[spec_of(holder, code) for holder, code in missing])
        context.accounts.update({(account.holder, account.code): account for account in opened})
    return [context.accounts[key] for key in wanted]


def spec_of(holder: str, code: str) -> ledger.AccountSpec:
    """How such an account is opened: what a member has lies in lots and cannot fall below zero."""
    is_of_member = code in OF_MEMBER
    return ledger.AccountSpec(
        code=code, unit=POINTS, holder=holder, floor=0 if is_of_member else None, has_lots=is_of_member
    )


@step
def house_account(*, code: str) -> Account:
    """One of the merchant's own."""
    assert code in OF_HOUSE
    return ledger.open_account(code=code, unit=POINTS)


@step
def let_owe(*, account: Account) -> None:
    """Points of this account may fall below zero from now on."""
    if (account.floor or 0) > DEEP:
        ledger.change_floor(account=account, floor=DEEP)
