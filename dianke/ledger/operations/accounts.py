"""Opening accounts. An account is named by what it is (code, unit), whose it is (holder) and where it belongs
(store, legal entity); opening it again gives the one that stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS
from django.utils.translation import gettext_lazy as _

from dianke.core.errors import Conflict, InvalidInput
from dianke.core.prepared import prepared
from dianke.events.operations import step
from dianke.ledger.models import Account, AccountBalance
from dianke.ledger.rules import CHART, show


class UnknownAccountCode(InvalidInput):
    code = "unknown_account_code"
    message = _(
        "There is no ledger account of kind “%(account_code)s”. Choose a kind from the chart of accounts."
    )


class FloorAboveBalance(Conflict):
    code = "floor_above_balance"
    message = _(
        "The balance is %(balance)s, lower than %(floor)s. Settle it first, or allow a lower balance."
    )


@dataclass(frozen=True, slots=True)
class AccountSpec:
    """What `open_accounts` opens. `floor` None: summed, never locked (cash, revenue); otherwise the lowest
    balance allowed, 0 or less, in minor units. `has_lots` needs a floor.
    """

    code: str
    unit: str
    holder: str = ""
    store_id: int | None = None
    legal_entity_id: int | None = None
    floor: int | None = None
    has_lots: bool = False


@step
def open_account(
    *,
    code: str,
    unit: str,
    holder: str = "",
    store_id: int | None = None,
    legal_entity_id: int | None = None,
    floor: int | None = None,
    has_lots: bool = False,
) -> Account:
    """The account of that name, opened when it does not exist yet. Raises UnknownAccountCode."""
    spec = AccountSpec(code, unit, holder, store_id, legal_entity_id, floor, has_lots)
    return open_accounts(specs=[spec])[0]


@step
def open_accounts(*, specs: Sequence[AccountSpec]) -> list[Account]:
    """One account per spec, in that order: one statement where all stand, three where some are opened, whatever their
    number. An account that stands keeps its own floor and lots. Raises UnknownAccountCode.
    """
    for spec in specs:
        if spec.code not in CHART:
            raise UnknownAccountCode(account_code=spec.code)
    found = _standing(specs)
    missing = {spec for spec in specs if _name(spec) not in found}
    if missing:
        _insert(missing)
        found |= _standing(missing)
    return [found[_name(spec)] for spec in specs]


Name = tuple[str, str, str, int | None, int | None]


def _name(spec: AccountSpec | Account) -> Name:
    return (spec.code, spec.unit, spec.holder, spec.store_id, spec.legal_entity_id)


_COLUMNS = ("id", "code", "side", "unit", "holder", "store_id", "legal_entity_id", "floor", "has_lots")
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM ledger_account WHERE holder = ANY(%s) AND code = ANY(%s)"  # noqa: S608


def _standing(specs: Iterable[AccountSpec]) -> dict[Name, Account]:
    """Those of these holders and codes that are open. Every sale asks: written by hand."""
    holders = list({spec.holder for spec in specs})
    codes = list({spec.code for spec in specs})
    with prepared() as cursor:
        cursor.execute(_SELECT, [holders, codes])
        rows = cursor.fetchall()
    accounts = (Account.from_db(DEFAULT_DB_ALIAS, _COLUMNS, row) for row in rows)
    return {_name(account): account for account in accounts}


def _insert(specs: Iterable[AccountSpec]) -> None:
    """In one order, so that two who open the same accounts wait for each other and never for ever."""
    Account.objects.bulk_create(
        [
            Account(
                code=spec.code,
                side=CHART[spec.code].side,
                unit=spec.unit,
                holder=spec.holder,
                store_id=spec.store_id,
                legal_entity_id=spec.legal_entity_id,
                floor=spec.floor,
                has_lots=spec.has_lots,
            )
            for spec in sorted(specs, key=lambda spec: (spec.holder, spec.code, spec.unit, str(spec)))
        ],
        ignore_conflicts=True,
    )


@step
def change_floor(*, account: Account, floor: int) -> None:
    """Set how low a guarded account may go (a credit limit is a negative floor). Raises FloorAboveBalance."""
    balance = AccountBalance.objects.select_for_update().get(account=account).balance
    if balance < floor:
        raise FloorAboveBalance(balance=show(balance, account.unit), floor=show(floor, account.unit))
    Account.objects.filter(pk=account.pk).update(floor=floor)
    account.floor = floor
