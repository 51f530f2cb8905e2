"""Reads the worked tables of docs/algorithms/pricing.md: carts, offers and what each line is paid."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[4] / "docs" / "algorithms" / "pricing.md"

Json = dict[str, Any]


@dataclass(frozen=True)
class Row:
    number: str
    cart: Json
    paid: dict[str, int]
    total: int


@dataclass(frozen=True)
class ReturnRow:
    number: str
    cart: Json
    returns: list[dict[str, Decimal]]
    pro_rata: list[int]
    recompute: list[int]


def fen(text: str) -> int:
    return int(Decimal(text) * 100)


@lru_cache(maxsize=1)
def _page() -> str:
    return PAGE.read_text(encoding="utf-8")


def _block(name: str) -> Json:
    found = re.search(rf"```json {name}\n(.*?)```", _page(), re.DOTALL)
    assert found, name
    block: Json = json.loads(found[1])
    return block


def _rows(heading: str) -> list[list[str]]:
    """The cells of every table with this head."""
    found, inside = [], False
    for line in _page().splitlines():
        if line == heading:
            inside = True
        elif not line.startswith("|"):
            inside = False
        elif inside and not line.startswith("| ---"):
            found.append([cell.strip() for cell in line.strip("|").split("|")])
    return found


def pieces(cell: str) -> dict[str, Decimal]:
    """ "2 A, 0.485 F" by goods."""
    words = [part.split() for part in cell.split(",")]
    return {key: Decimal(quantity) for quantity, key in words}


def cart_of(goods_cell: str, offers_cell: str) -> Json:
    goods, offers = _block("goods"), _block("offers")
    cart: Json = {"currency": "CNY", "at": "2026-11-22T10:00:00+08:00", "store_id": 1, "channel": "STORE"}
    cart["lines"] = [
        {"key": key, "variant_id": goods[key]["product_id"], "quantity": str(quantity), **goods[key]}
        for key, quantity in pieces(goods_cell).items()
    ]
    for name in filter(None, (part.strip() for part in offers_cell.split(","))):
        for field, value in deepcopy(offers[name]).items():
            if isinstance(value, list):
                cart[field] = [*cart.get(field, []), *(_named(one, name) for one in value)]
            elif isinstance(value, dict):
                cart[field] = {**cart.get(field, {}), **value}
            else:
                cart[field] = value
    return cart


def _named(offer: Json, name: str) -> Json:
    if "terms" in offer:
        offer["terms"]["name"] = name
    elif "rule" in offer:
        offer["name"] = name
    return offer


def rows() -> list[Row]:
    found = []
    for number, goods, offers, paid, total in _rows("| # | cart | offers | paid | total |"):
        by_line = {key: fen(amount) for key, amount in (part.split() for part in paid.split(","))}
        found.append(Row(number, cart_of(goods, offers), by_line, fen(total)))
    return found


def return_rows() -> list[ReturnRow]:
    found = []
    for number, goods, offers, returns, *backs in _rows(
        "| # | sale | offers | returns | pro rata | recompute |"
    ):
        pro_rata, recompute = ([fen(part) for part in cell.split(";")] for cell in backs)
        steps = [pieces(part) for part in returns.split(";")]
        found.append(ReturnRow(number, cart_of(goods, offers), steps, pro_rata, recompute))
    return found
