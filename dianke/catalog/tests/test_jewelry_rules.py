"""Prices of single pieces and of old gold: the worked tables of docs/algorithms/prices.md, and what always holds."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from dianke.catalog.rules.jewelry import (
    DayPriceMissing,
    FinenessWrong,
    LockDoesNotFit,
    LossWrong,
    Making,
    MetalPrice,
    PieceTerms,
    PieceWithoutPrice,
    WeightWrong,
    buy_back,
    piece_price,
)
from dianke.catalog.tests.test_price_rules import tables


def fen(yuan: str) -> int:
    return int(Decimal(yuan) * 100)


def yuan(amount: int) -> str:
    return f"{Decimal(amount) / 100:.2f}"


def test_the_worked_pieces_cost_what_the_table_says() -> None:
    pieces, _old = tables("2. Pieces")
    assert len(pieces) >= 6
    for row in pieces:
        name, metal, weight, day, making, stones, metal_part, making_part, rounding, price = row
        kind, _space, charge = making.partition(" ")
        terms = PieceTerms(
            metal.split()[0],
            int(metal.split()[1]),
            int(Decimal(weight) * 1000),
            kind or "PER_PIECE",
            fen(charge) if charge else 0,
            fen(stones or "0"),
        )
        found = piece_price(terms, MetalPrice(terms.metal, terms.fineness, fen(day), "CNY"), currency="CNY")
        shown = {line.code: yuan(line.amount) for line in found.lines}
        told = {
            "metal": metal_part,
            "making": making_part,
            "stones": stones,
            "rounding": rounding,
        }
        assert shown == {code: text for code, text in told.items() if text}, name
        assert yuan(found.amount) == price, name


def test_the_worked_old_gold_is_paid_as_the_table_says() -> None:
    _pieces, old = tables("2. Pieces")
    assert len(old) >= 4
    for weight, fineness, loss, board, day, counts, paid in old:
        found = buy_back(
            tested_mg=int(Decimal(weight) * 1000),
            tested_fineness=int(fineness),
            loss_bp=int(Decimal(loss) * 100),
            price=MetalPrice("GOLD", int(board), fen(day), "CNY"),
        )
        assert (f"{found.paid_mg / 1000:.4f}", yuan(found.amount)) == (counts, paid)


def test_a_clerk_can_read_the_lines_to_the_customer() -> None:
    ring = PieceTerms("GOLD", 999, 10_235, Making.PER_GRAM, 3_000, 50_000)
    board = MetalPrice("GOLD", 999, 102_000, "CNY")
    with translation.override("zh-hans"):
        assert [str(line.said) for line in piece_price(ring, board, currency="CNY").lines] == [
            "黄金 999：10.235 克 × ¥1,020.00/克",
            "工费：10.235 克 × ¥30.00/克",
            "镶石",
        ]
        locked = MetalPrice("GOLD", 999, 102_000, "CNY", is_locked=True)
        assert str(piece_price(ring, locked, currency="CNY").lines[0].said).endswith("（锁定价）")
        old = buy_back(
            tested_mg=12_500, tested_fineness=750, loss_bp=200, price=MetalPrice("GOLD", 999, 95_000, "CNY")
        )
        assert [str(line) for line in old.lines] == [
            "实测：12.5 克，成色 750‰",
            "熔炼损耗：2%",
            "折合 9.1967 克黄金 999",
            "每克 ¥950.00，合计 ¥8,736.86，最后一次四舍五入",
        ]


def test_a_fixed_price_counts_alone() -> None:
    pearl = PieceTerms("NONE", 0, 0, Making.PER_GRAM, 9_999, 50_000, fixed_amount=128_800)
    found = piece_price(pearl, None, currency="CNY")
    assert (found.amount, found.is_by_day_price, [line.code for line in found.lines]) == (
        128_800,
        False,
        ["fixed"],
    )


def test_what_has_no_price_is_refused_with_the_reason() -> None:
    ring = PieceTerms("GOLD", 999, 1_000)
    board = MetalPrice("GOLD", 750, 70_000, "CNY")
    with pytest.raises(DayPriceMissing):
        piece_price(ring, None, currency="CNY")
    with pytest.raises(DayPriceMissing):
        piece_price(ring, MetalPrice("GOLD", 999, 70_000, "HKD"), currency="CNY")
    with pytest.raises(LockDoesNotFit):
        piece_price(ring, board, currency="CNY")
    with pytest.raises(PieceWithoutPrice):
        piece_price(PieceTerms("NONE", 0, 1_000), board, currency="CNY")
    for wrong, error in (
        ({"tested_mg": 0}, WeightWrong),
        ({"tested_fineness": 1001}, FinenessWrong),
        ({"tested_fineness": 0}, FinenessWrong),
        ({"loss_bp": 10_001}, LossWrong),
    ):
        with pytest.raises(error):
            buy_back(**{"tested_mg": 1, "tested_fineness": 999, "loss_bp": 0, "price": board, **wrong})


pieces = st.builds(
    PieceTerms,
    metal=st.just("GOLD"),
    fineness=st.just(999),
    net_weight_mg=st.integers(1, 10**6),
    making=st.sampled_from(list(Making)),
    making_amount=st.integers(0, 50_000),
    stone_amount=st.integers(0, 10**9),
)
prices = st.integers(1, 10**7).map(lambda amount: MetalPrice("GOLD", 999, amount, "CNY"))


@given(pieces, prices)
def test_the_lines_always_add_up_to_the_price(piece: PieceTerms, price: MetalPrice) -> None:
    found = piece_price(piece, price, currency="CNY")
    assert sum(line.amount for line in found.lines) == found.amount >= 0
    rounding = [line.amount for line in found.lines if line.code == "rounding"]
    assert all(abs(amount) == 1 for amount in rounding)


@given(pieces, prices, st.integers(0, 10**5))
def test_a_heavier_piece_never_costs_less(piece: PieceTerms, price: MetalPrice, more_mg: int) -> None:
    heavier = PieceTerms(
        "GOLD", 999, piece.net_weight_mg + more_mg, piece.making, piece.making_amount, piece.stone_amount
    )
    assert (
        piece_price(heavier, price, currency="CNY").amount >= piece_price(piece, price, currency="CNY").amount
    )


@given(st.integers(1, 10**6), st.integers(1, 1000), st.integers(0, 10_000), prices)
def test_old_gold_is_never_paid_above_its_tested_weight_and_never_below_zero(
    weight: int, fineness: int, loss: int, price: MetalPrice
) -> None:
    found = buy_back(tested_mg=weight, tested_fineness=fineness, loss_bp=loss, price=price)
    assert 0 <= found.amount * 1000 <= weight * price.amount + 500
    assert found.paid_mg <= weight
