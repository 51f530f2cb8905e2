"""A small shop's books for the tests: its accounts, short ways to post, and balances asserted by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, TypeVar

from dianke.core.actor import SYSTEM, Actor
from dianke.events.operations import operation, unchanged
from dianke.ledger import operations as ledger
from dianke.ledger import queries
from dianke.ledger.models import Account

T = TypeVar("T")

TODAY = date(2026, 11, 21)


@operation(None)
def within(*, work: Callable[[], Any], actor: Actor, now: datetime) -> Any:
    """Any work as an operation: steps refuse to run outside one."""
    unchanged()
    return work()


@dataclass
class Books:
    """Customer Lin's accounts in the books of one legal entity (or of the merchant, None)."""

    now: datetime
    entity: int | None = None
    holder: str = "customers.account:1"
    points_floor: int = 0

    def do(self, work: Callable[..., T], **arguments: Any) -> T:
        """A step with the usual arguments filled in, in an operation of its own."""
        usual = {"business_date": TODAY, "actor": SYSTEM, "now": self.now} | arguments
        return within(work=lambda: work(**usual), actor=SYSTEM, now=usual["now"])

    def open(self, code: str, unit: str = "CNY", **more: Any) -> Account:
        named = {"legal_entity_id": self.entity} | more
        return within(
            work=lambda: ledger.open_account(code=code, unit=unit, **named), actor=SYSTEM, now=self.now
        )

    @cached_property
    def cash(self) -> Account:
        return self.open("cash")

    @cached_property
    def revenue(self) -> Account:
        return self.open("revenue")

    @cached_property
    def bonus_expense(self) -> Account:
        return self.open("bonus_expense")

    @cached_property
    def principal(self) -> Account:
        return self.open("wallet_principal", holder=self.holder, floor=0)

    @cached_property
    def bonus(self) -> Account:
        return self.open("wallet_bonus", holder=self.holder, floor=0)

    @cached_property
    def points(self) -> Account:
        return self.open(
            "customer_points", "POINTS", holder=self.holder, floor=self.points_floor, has_lots=True
        )

    @cached_property
    def issued(self) -> Account:
        return self.open("points_issued", "POINTS")

    @cached_property
    def redeemed(self) -> Account:
        return self.open("points_redeemed", "POINTS")

    @cached_property
    def expired(self) -> Account:
        return self.open("points_expired", "POINTS")

    def post(
        self, reference: str, *entries: ledger.Entry | tuple[Account, int], **more: Any
    ) -> ledger.Posted:
        made = [entry if isinstance(entry, ledger.Entry) else ledger.Entry(*entry) for entry in entries]
        return self.do(ledger.post, **{"kind": "test.story", "reference": reference, "entries": made} | more)

    def grant(
        self, reference: str, quantity: int, expires_at: datetime | None = None, **more: Any
    ) -> ledger.Posted:
        return self.do(
            ledger.grant_lot,
            **{"kind": "test.grant", "account": self.points, "counter": self.issued} | more,
            reference=reference, quantity=quantity, expires_at=expires_at,
        )  # fmt: skip

    def redeem(self, reference: str, quantity: int, **more: Any) -> ledger.Posted:
        return self.do(
            ledger.draw_lots,
            **{"kind": "test.redeem", "account": self.points, "counter": self.redeemed} | more,
            reference=reference, quantity=quantity,
        )  # fmt: skip

    def reverse(self, transaction_id: int, reference: str, **more: Any) -> ledger.Reversed:
        return self.do(ledger.reverse, transaction=transaction_id, reference=reference, **more)

    def expire(self, **more: Any) -> list[ledger.Posted]:
        return self.do(ledger.expire_lots, code="customer_points", into=self.expired, **more)

    def assert_balances(self, **expected: int) -> None:
        """`assert_balances(cash=100_00, points=50)`."""
        accounts = {name: getattr(self, name) for name in expected}
        found = queries.balances(accounts.values())
        assert {name: found[account.pk] for name, account in accounts.items()} == expected

    def assert_lots(self, *expected: tuple[int, datetime | None], account: Account | None = None) -> None:
        """What remains in each lot and when it expires, earliest expiry first."""
        found = [(lot.remaining, lot.expires_at) for lot in queries.lots_of(account or self.points)]
        assert found == list(expected)
