"""Everything a sale wants to know of a member, by one statement: the programme with its levels and rules, the
membership and levels given, the accounts and what lies in them. Nothing here depends on how many lines a sale
has.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from dianke.core.prepared import prepared
from dianke.ledger.models import Account
from dianke.ledger.rules import POINTS
from dianke.loyalty.rules.returning import HeldLot, free_of
from dianke.loyalty.rules.terms import LevelTerms, ProgrammeTerms, RuleTerms

POINTS_CODE, PENDING_CODE = "customer_points", "points_pending"
ISSUED_CODE, REDEEMED_CODE, EXPIRED_CODE = "points_issued", "points_redeemed", "points_expired"
OF_MEMBER = (POINTS_CODE, PENDING_CODE)
OF_HOUSE = (ISSUED_CODE, REDEEMED_CODE, EXPIRED_CODE)

_CONTEXT = """
WITH p AS (SELECT * FROM loyalty_programme WHERE is_default AND is_active),
a AS (SELECT * FROM ledger_account WHERE unit = 'POINTS' AND legal_entity_id IS NULL AND store_id IS NULL
      AND holder = ANY(%(holders)s) AND code = ANY(%(codes)s))
SELECT (SELECT to_jsonb(p) FROM p),
  (SELECT jsonb_agg(to_jsonb(l)) FROM loyalty_level AS l WHERE programme_id = (SELECT id FROM p)
     AND archived_at IS NULL),
  (SELECT jsonb_agg(to_jsonb(r)) FROM loyalty_earningrule AS r WHERE programme_id = (SELECT id FROM p) AND is_active),
  (SELECT jsonb_agg(to_jsonb(m)) FROM loyalty_membership AS m WHERE customer_id = ANY(%(ids)s)),
  (SELECT jsonb_agg(to_jsonb(g)) FROM loyalty_levelgrant AS g WHERE customer_id = ANY(%(ids)s)
     AND withdrawn_at IS NULL),
  (SELECT jsonb_agg(to_jsonb(a)) FROM a),
  (SELECT jsonb_agg(jsonb_build_array(t.account_id, t.id, t.remaining, t.expires_at, t.source)) FROM ledger_lot AS t
     WHERE t.account_id = ANY(ARRAY(SELECT id FROM a WHERE has_lots)) AND t.remaining <> 0)
"""


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot with something in it, or a debt (`remaining` below zero)."""

    account_id: int
    id: int
    remaining: int
    expires_at: datetime | None
    source: str


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A membership of one customer of a profile."""

    customer_id: int
    joined_on: date
    level_id: int | None
    reached_id: int | None
    below_since: date | None
    held_until: date | None


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A level given or sold."""

    customer_id: int
    level_id: int
    kind: str
    from_date: date
    to_date: date | None

    def is_in_force(self, day: date) -> bool:
        return self.from_date <= day and (self.to_date is None or day <= self.to_date)


@dataclass(frozen=True, slots=True)
class Context:
    """What `read_context` found. `terms` None: there is no programme in use."""

    customer_ids: tuple[int, ...]
    terms: ProgrammeTerms | None
    levels: tuple[LevelTerms, ...] = ()
    rules: tuple[RuleTerms, ...] = ()
    members: tuple[MemberRow, ...] = ()
    grants: tuple[GrantRow, ...] = ()
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    lots: tuple[Lot, ...] = ()

    def account(self, customer_id: int, code: str) -> Account | None:
        return self.accounts.get((holder_of(customer_id), code))

    def own_accounts(self, code: str) -> list[Account]:
        """The accounts of a code, head first, then by customer."""
        found = [self.account(pk, code) for pk in self.customer_ids]
        return [account for account in found if account is not None]

    def held(self, source: str = "") -> list[HeldLot]:
        """The lots as the rules of returns read them; own are those of `source`."""
        pending = {account.pk for account in self.own_accounts(PENDING_CODE)}
        return [
            HeldLot(
                lot.account_id,
                lot.id,
                lot.remaining,
                lot.expires_at,
                bool(source) and lot.source == source,
                lot.account_id in pending,
            )
            for lot in self.lots
        ]

    def spendable(self, now: datetime) -> dict[int, int]:
        """Account of spendable points -> what can be spent of it."""
        free = free_of(self.held(), now)
        return {account.pk: free.get(account.pk, 0) for account in self.own_accounts(POINTS_CODE)}

    @property
    def pending(self) -> int:
        wanted = {account.pk for account in self.own_accounts(PENDING_CODE)}
        return sum(lot.remaining for lot in self.lots if lot.account_id in wanted)

    @property
    def owed(self) -> int:
        """Points the member owes."""
        wanted = {account.pk for account in self.own_accounts(POINTS_CODE)}
        return -sum(lot.remaining for lot in self.lots if lot.account_id in wanted and lot.remaining < 0)

    def level_at(self, day: date) -> LevelTerms | None:
        """The level that counts on a day: what the profile reached, or a better one given to any customer of it, at
        least the one everybody begins with."""
        by_id = {level.id: level for level in self.levels}
        head = [member for member in self.members if member.customer_id == self.customer_ids[0]]
        ids = {member.reached_id for member in head or self.members}
        ids |= {grant.level_id for grant in self.grants if grant.is_in_force(day)}
        found = [by_id[pk] for pk in ids if pk in by_id]
        found += [level for level in self.levels if level.asks and not any(level.asks.values())]
        return max(found, key=lambda level: level.rank, default=None)

    @property
    def joined_on(self) -> date | None:
        return min((member.joined_on for member in self.members), default=None)


def holder_of(customer_id: int) -> str:
    """How accounts name a customer."""
    return f"customers.customer:{customer_id}"


def customer_of(holder: str) -> int:
    """The inverse of `holder_of`."""
    return int(holder.rpartition(":")[2])


def read_context(customer_ids: Sequence[int]) -> Context:
    """What is known of a profile (`customer_ids`: the head first, then those merged into it). One statement."""
    ids = list(customer_ids)
    with prepared() as cursor:
        cursor.execute(
            _CONTEXT,
            {
                "ids": ids,
                "holders": ["", *(holder_of(pk) for pk in ids)],
                "codes": [*OF_MEMBER, *OF_HOUSE],
            },
        )
        row = [json.loads(part) if isinstance(part, str) else part for part in cursor.fetchone()]
    programme, levels, rules, members, grants, accounts, lots = row
    return Context(
        customer_ids=tuple(ids),
        terms=ProgrammeTerms.read(programme) if programme else None,
        levels=tuple(LevelTerms.read(each) for each in levels or ()),
        rules=tuple(RuleTerms.read(each) for each in rules or ()),
        members=tuple(_member(each) for each in members or ()),
        grants=tuple(
            GrantRow(
                each["customer_id"],
                each["level_id"],
                each["kind"],
                date.fromisoformat(each["from_date"]),
                _day(each["to_date"]),
            )
            for each in grants or ()
        ),
        accounts={(each["holder"], each["code"]): Account(**each) for each in accounts or ()},
        lots=tuple(
            Lot(each[0], each[1], each[2], datetime.fromisoformat(each[3]) if each[3] else None, each[4])
            for each in sorted(lots or (), key=lambda each: each[1])
        ),
    )


def _member(each: dict[str, Any]) -> MemberRow:
    return MemberRow(
        each["customer_id"],
        date.fromisoformat(each["joined_on"]),
        each["level_id"],
        each["reached_id"],
        _day(each["below_since"]),
        _day(each["held_until"]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


__all__ = ["POINTS", "Context", "Lot", "customer_of", "holder_of", "read_context"]
