"""The worked tables of docs/algorithms/prepaid.md are what the rules say."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from dianke.ledger.rules import Leg, plan_part
from dianke.wallets.rules.refunds import (
    LINES,
    CardState,
    Funding,
    ItemState,
    work_out,
    work_out_card,
)
from dianke.wallets.rules.sessions import earned, split_paid
from dianke.wallets.rules.spending import Purseful, choose

PAGE = (Path(__file__).parents[3] / "docs" / "algorithms" / "prepaid.md").read_text(encoding="utf-8")
DAY = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)


def table(section: str) -> list[list[str]]:
    """The first table of a section, as rows of cells without its head."""
    text = PAGE.split(f"## {section}\n")[1].split("\n## ")[0]
    block = re.findall(r"^\|[-:| ]+\|\n((?:\|.*\n)+)", text, re.M)[0]
    return [[cell.strip() for cell in row.strip().strip("|").split("|")] for row in block.splitlines()]


def fen(text: str) -> int:
    return int(Decimal(text) * 100)


@pytest.mark.parametrize("row", table("Spending"), ids=lambda row: f"{row[0]} {row[1]}")
def test_a_wallet_is_spent_in_the_order_told(row: list[str]) -> None:
    order, pays, *buckets = row
    lots = [
        Purseful(1, "PRINCIPAL", 1, 900_00),
        Purseful(1, "BONUS", 2, 150_00, DAY + timedelta(days=30)),
        Purseful(1, "BONUS", 3, 50_00, DAY + timedelta(days=5)),
        Purseful(1, "PROMOTIONAL", 4, 100_00, DAY + timedelta(days=10)),
    ]
    choice = choose(lots, fen(pays), wallets=[1], order=order)
    found = [
        sum(each.amount for each in choice.taken if each.bucket == bucket)
        for bucket in ("PRINCIPAL", "BONUS", "PROMOTIONAL")
    ]
    assert (found, choice.short) == ([fen(bucket) for bucket in buckets], 0)


@pytest.mark.parametrize("row", table("Refund of a top-up"), ids=lambda row: row[0])
def test_a_top_up_comes_back_as_told(row: list[str]) -> None:
    _case, method, days, paid, bonus, expired, principal_left, bonus_left, refund, forfeited = row
    funding = Funding(1, DAY, fen(paid), fen(bonus), 0, fen(principal_left), fen(bonus_left), 0, fen(expired))
    working = work_out(funding, method=method, now=DAY + timedelta(days=int(days)), cooling_off_days=7)
    assert (working.refund, working.forfeited) == (fen(refund), fen(forfeited))
    assert working.steps[-1].code == "refund"
    assert working.steps[-1].amount == working.refund
    assert {step.code for step in working.steps} <= set(LINES)


def test_the_steps_show_every_number_of_the_draft_interpretation() -> None:
    funding = Funding(1, DAY, 3000_00, 1000_00, 0, 406_00, 0, 0)
    working = work_out(funding, method="PAID_SHARE", now=DAY + timedelta(days=90), cooling_off_days=7)
    assert [(step.code, step.amount) for step in working.steps] == [
        ("paid", 3000_00),
        ("bonus", 1000_00),
        ("consumed", 3594_00),
        ("counted", 2695_50),
        ("paid_less_counted", 304_50),
        ("refund", 304_50),
    ]


@pytest.mark.parametrize("row", table("What a session earns"), ids=lambda row: "/".join(row))
def test_a_session_earns_as_told(row: list[str]) -> None:
    value, left, used, earns = row
    assert earned(fen(value), int(left), int(used)) == fen(earns)


def test_what_was_paid_is_spread_by_single_prices() -> None:
    assert split_paid(1000_00, [(5, 200_00), (5, 100_00)]) == [666_67, 333_33]
    assert split_paid(100_00, [(1, 0), (3, 0)]) == [25_00, 75_00]
    assert split_paid(0, [(2, 100)]) == [0]


@pytest.mark.parametrize("row", table("Refund of a card"), ids=lambda row: row[0])
def test_a_card_comes_back_as_told(row: list[str]) -> None:
    method, refund, forfeited = row
    items = (ItemState(1, False, 10, 6, 600_00, 150_00), ItemState(2, True, 2, 2, 0, 150_00))
    card = CardState(1000_00, DAY, items)
    working = work_out_card(card, method=method, now=DAY + timedelta(days=90), cooling_off_days=7)
    assert (working.refund, working.forfeited) == (fen(refund), fen(forfeited))
    assert {step.code for step in working.steps} <= set(LINES)


def test_a_sale_comes_back_in_parts_as_told() -> None:
    legs = [
        Leg(1, "CNY", 1, -1, -200_00),
        Leg(2, "CNY", 1, -1, -100_00),
        Leg(3, "CNY", 1, 1, -300_00),
    ]
    returned: dict[int, int] = {}
    for share, bonus, principal in table("Parts of a return"):
        parts = plan_part(legs, returned, Fraction(share))
        assert (-parts[1], -parts[2]) == (fen(bonus), fen(principal))
        for account, part in parts.items():
            returned[account] = returned.get(account, 0) + part
    assert returned == {1: -200_00, 2: -100_00, 3: -300_00}
