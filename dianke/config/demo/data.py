"""The data files of the demo, read once."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def _read(name: str) -> dict[str, Any]:
    with (FOLDER / name).open("rb") as file:
        return tomllib.load(file)


def family() -> dict[str, Any]:
    """Merchant, entities, shares, regions, stores, people, calendar."""
    return _read("family.toml")


def customers() -> dict[str, Any]:
    """Customers by hand, and what the others are made from."""
    return _read("customers.toml")


def work() -> dict[str, Any]:
    """Skills, rules, tasks, approvals, notices, views."""
    return _read("work.toml")


def goods() -> dict[str, Any]:
    """Categories, products and prices of the day, by trade."""
    return _read("goods.toml")


def floor() -> dict[str, Any]:
    """Transfers, stocktakes, customers' goods, and how much a shelf should have."""
    return _read("floor.toml")


def purchases() -> dict[str, Any]:
    """Suppliers with their prices, orders in every state, wishes and plans."""
    return _read("purchases.toml")


def promotions() -> dict[str, Any]:
    """Promotions, kinds of coupons and codes on paper, by trade."""
    return _read("promotions.toml")


def sales() -> dict[str, Any]:
    """How each store sells: seasons, talents, baskets, the last week, furniture under way."""
    return _read("sales.toml")


def deliveries() -> dict[str, Any]:
    """Windows, crews and rules of the furniture store, and what became of each of its trips."""
    return _read("deliveries.toml")


def campaigns() -> dict[str, Any]:
    """Campaigns that are over and one that is a draft."""
    return _read("campaigns.toml")
