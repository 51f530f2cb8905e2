"""Which price list counts: the worked table of docs/algorithms/prices.md, and what holds for any lists."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from dianke.catalog.rules.pricing import (
    Asked,
    Item,
    Level,
    Rank,
    Terms,
    Wanted,
    adjusted,
    applying_of,
    offers,
    rank_of,
    resolve,
    resolve_many,
    why_not,
)

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "algorithms" / "prices.md").read_text(encoding="utf-8")
NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
LAKE, ROAD = 1, 2
RED = Wanted(11, 1, 10_000, "CNY", (30, 20))  # of product 1, category 30 under 20, base 100.00
WANG = "customers.customer:7"

LISTS = {
    "everyday": Terms(1, "everyday", "CNY"),
    "lake": Terms(2, "lake", "CNY", store_ids=frozenset({LAKE})),
    "mini": Terms(3, "mini", "CNY", channels=frozenset({"MINI_PROGRAM"})),
    "gold": Terms(4, "gold", "CNY", tiers=frozenset({"GOLD"})),
    "wang": Terms(5, "wang", "CNY", contract_customer=WANG),
    "autumn": Terms(6, "autumn", "CNY", from_at=NOW - timedelta(days=9), to_at=NOW),
    "sale": Terms(7, "sale", "CNY", store_ids=frozenset({LAKE}), priority=5),
    "november": Terms(8, "november", "CNY", from_at=NOW - timedelta(days=20)),
    "hongkong": Terms(9, "hongkong", "HKD"),
}
ITEMS = [
    Item(101, 1, category_id=20, percent_bp=9_800),
    Item(102, 1, category_id=30, percent_bp=9_700),
    Item(103, 1, product_id=1, min_quantity=Decimal(10), price_amount=9_000),
    Item(201, 2, product_id=1, price_amount=9_500),
    Item(202, 2, variant_id=11, min_quantity=Decimal(3), price_amount=9_300),
    Item(203, 2, variant_id=11, min_quantity=Decimal(6), price_amount=9_100),
    Item(301, 3, variant_id=11, price_amount=9_200),
    Item(401, 4, category_id=30, percent_bp=8_885),
    Item(501, 5, variant_id=11, price_amount=8_000),
    Item(601, 6, variant_id=11, price_amount=100),
    Item(701, 7, variant_id=11, min_quantity=Decimal(2), price_amount=8_500),
    Item(801, 8, category_id=20, percent_bp=9_900),
    Item(901, 9, variant_id=11, price_amount=9_999),
]


def tables(section: str) -> list[list[list[str]]]:
    text = PAGE.split(f"## {section}")[1].split("\n## ")[0]
    blocks = re.findall(r"^\|[-:| ]+\|\n((?:\|.*\n)+)", text, re.M)
    return [
        [[cell.strip(" `") for cell in row.strip().strip("|").split("|")] for row in block.splitlines()]
        for block in blocks
    ]


def asked(**more) -> Asked:
    return Asked(**{"currency": "CNY", "at": NOW, **more})


def test_the_worked_table_holds() -> None:
    _lists, rows = tables("1. Price lists")
    assert len(rows) >= 10
    stores = {"lake": LAKE, "road": ROAD, "": None}
    for number, store, channel, tier, customer, quantity, names, price, why in rows:
        lists = [LISTS[name] for name in names.split(", ") if name]
        question = asked(
            store_id=stores[store],
            channel=channel,
            tier=tier,
            customers=frozenset({WANG} if customer == "Wang" else ()),
            quantity=Decimal(quantity),
        )
        found = resolve(RED, question, lists, ITEMS)
        said = "base" if found.list_id is None else f"{found.rank.name.lower()}, {found.level.name.lower()}"
        assert (f"{Decimal(found.amount) / 100:.2f}", said) == (price, why), number


def test_the_lists_of_the_worked_table_are_the_ones_told() -> None:
    told, _rows = tables("1. Price lists")
    assert {row[0] for row in told} == set(LISTS)


def test_a_list_applies_only_when_everything_it_asks_for_is_there() -> None:
    both = Terms(1, "x", "CNY", store_ids=frozenset({LAKE}), tiers=frozenset({"GOLD"}))
    assert rank_of(both, asked(store_id=LAKE, tier="GOLD")) is Rank.TIER
    assert rank_of(both, asked(store_id=LAKE)) is None
    assert rank_of(both, asked(store_id=ROAD, tier="GOLD")) is None


def test_a_list_begins_at_its_instant_and_is_over_at_its_end() -> None:
    def applies(at: datetime) -> bool:
        return rank_of(LISTS["autumn"], asked(at=at)) is not None

    begins = NOW - timedelta(days=9)
    moment = timedelta(microseconds=1)
    asked_at = [begins - moment, begins, NOW - moment, NOW]
    assert [applies(at) for at in asked_at] == [False, True, True, False]


def test_the_later_beginning_wins_and_then_the_list_made_later() -> None:
    old, new = LISTS["everyday"], LISTS["november"]
    assert resolve(RED, asked(), [old, new], ITEMS).list_id == new.id
    twin = Terms(99, "twin", "CNY", from_at=new.from_at)
    item = Item(991, 99, category_id=20, price_amount=1)
    assert resolve(RED, asked(), [new, twin], [*ITEMS, item]).list_id == 99


def test_a_share_of_the_base_price_is_rounded_once_with_halves_up() -> None:
    terms, item = Terms(1, "x", "CNY"), Item(1, 1, variant_id=1, percent_bp=8_885)
    assert resolve(Wanted(1, 1, 1_000, "CNY"), asked(), [terms], [item]).amount == 889  # 888.5 fen


def test_another_currency_has_no_price_until_a_list_gives_one() -> None:
    foreign = Asked("HKD", NOW)
    nothing = resolve(RED, foreign, [LISTS["everyday"]], ITEMS)
    assert (nothing.amount, nothing.reason.code, nothing.base_amount) == (None, "no_price", None)
    assert resolve(RED, foreign, list(LISTS.values()), ITEMS).amount == 9_999


def test_the_reason_reads_as_a_sentence() -> None:
    with translation.override("en"):
        told = resolve(RED, asked(tier="GOLD"), [LISTS["gold"]], ITEMS).reason
        assert str(told) == (
            "Price of this member tier, list “gold”, set for the category, 88.85% of the base price"
        )
    with translation.override("zh-hans"):
        assert str(told) == "会员等级价，价目表“gold”，按分类定价，原价的 88.85%"


def test_every_price_that_was_passed_over_is_told_in_order() -> None:
    question = asked(store_id=LAKE, tier="GOLD", customers=frozenset({WANG}), quantity=Decimal(6))
    found = resolve(RED, question, list(LISTS.values()), ITEMS)
    assert found.amount == 8_000
    assert [offer.item.id for offer in found.passed_over] == [401, 701, 203, 202, 201, 801, 102, 101]


quantities = st.integers(0, 12).map(Decimal)
terms_of_any_kind = st.builds(
    Terms,
    id=st.integers(1, 6),
    name=st.just("any"),
    currency=st.sampled_from(["CNY", "HKD"]),
    store_ids=st.frozensets(st.sampled_from([LAKE, ROAD])),
    tiers=st.frozensets(st.sampled_from(["GOLD", "SILVER"])),
    channels=st.frozensets(st.sampled_from(["WEB", "TILL"])),
    contract_customer=st.sampled_from(["", WANG]),
    from_at=st.sampled_from([None, NOW - timedelta(days=1), NOW + timedelta(days=1)]),
    to_at=st.sampled_from([None, NOW, NOW + timedelta(days=2)]),
    priority=st.integers(0, 2),
    is_active=st.booleans(),
)


@st.composite
def items_of_any_kind(draw: st.DrawFn) -> Item:
    target = draw(st.sampled_from(["variant_id", "product_id", "category_id"]))
    is_share = draw(st.booleans())
    return Item(
        id=draw(st.integers(1, 10_000)),
        list_id=draw(st.integers(1, 6)),
        min_quantity=draw(quantities),
        price_amount=None if is_share else draw(st.integers(0, 10**9)),
        percent_bp=draw(st.integers(0, 20_000)) if is_share else None,
        **{target: draw(st.sampled_from([11, 12, 1, 20, 30]))},
    )


questions = st.builds(
    Asked,
    currency=st.sampled_from(["CNY", "HKD"]),
    at=st.just(NOW),
    store_id=st.sampled_from([None, LAKE, ROAD]),
    channel=st.sampled_from(["", "WEB"]),
    tier=st.sampled_from(["", "GOLD"]),
    customers=st.sampled_from([frozenset(), frozenset({WANG})]),
    quantity=quantities,
)
lists_of_any_kind = st.lists(terms_of_any_kind, max_size=6, unique_by=lambda terms: terms.id)
any_items = st.lists(items_of_any_kind(), max_size=25, unique_by=lambda item: item.id)


@given(questions, lists_of_any_kind, any_items, st.randoms(use_true_random=False))
def test_the_order_of_lists_and_items_never_matters(
    question: Asked, lists: list[Terms], items: list[Item], shuffle: random.Random
) -> None:
    first = resolve(RED, question, lists, items)
    shuffle.shuffle(lists)
    shuffle.shuffle(items)
    assert resolve(RED, question, lists, items) == first
    assert resolve_many([RED], question, lists, items)[RED.variant_id] == first
    assert first.amount is None or first.amount >= 0


@given(questions, lists_of_any_kind, any_items)
def test_no_applying_price_is_more_special_than_the_one_taken(
    question: Asked, lists: list[Terms], items: list[Item]
) -> None:
    found = resolve(RED, question, lists, items)
    applying = offers(RED, question, applying_of(lists, question), items)
    if not applying:
        assert found.level is Level.BASE
        return
    assert found.rank == max(offer.rank for offer in applying)
    inside = [offer for offer in applying if offer.terms.id == found.list_id]
    assert found.level == max(offer.level for offer in inside)


@pytest.mark.parametrize("quantity", ["0", "2.9999"])
def test_a_price_from_three_on_is_not_given_for_less(quantity: str) -> None:
    question = asked(store_id=LAKE, quantity=Decimal(quantity))
    assert resolve(RED, question, [LISTS["lake"]], ITEMS).item_id == 201


@pytest.mark.parametrize(
    ("amount", "change_bp", "unit", "after"),
    [
        (10_000, 500, 1, 10_500),
        (9_990, 330, 1, 10_320),  # 103.1967
        (9_990, 330, 10, 10_320),
        (9_990, 330, 100, 10_300),
        (10_050, 0, 100, 10_100),  # halves go up
        (10_000, -10_000, 1, 0),
        (10_000, -12_000, 1, 0),
    ],
)
def test_a_changed_price_is_rounded_once_to_the_unit(
    amount: int, change_bp: int, unit: int, after: int
) -> None:
    assert adjusted(amount, change_bp=change_bp, unit=unit, currency="CNY") == after


def test_what_keeps_a_list_from_counting_is_told() -> None:
    question = asked(store_id=ROAD)
    told = {name: why_not(terms, question) for name, terms in LISTS.items()}
    assert {name: said.code for name, said in told.items() if said} == {
        "lake": "other_store",
        "mini": "other_channel",
        "gold": "other_tier",
        "wang": "other_customer",
        "autumn": "is_over",
        "sale": "other_store",
        "hongkong": "other_currency",
    }
