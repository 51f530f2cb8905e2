"""The tables of a snapshot: their columns and keys. Written from PostgreSQL (`operations/snapshots`), read by the layer
of measures (`rules/measures`), wherever it runs.

Ids only, no personal data. Amounts are minor units, tax included; cost is yuan. `facts` is the turnover of
docs/algorithms/sales-figures.md cut by the people of a line, so that a sum over all of it is that of the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

#: Raised when a table changes its meaning: snapshots of another shape are built anew.
SHAPE_VERSION: Final = 2


@dataclass(frozen=True, slots=True)
class Table:
    """`columns`: name → type as DuckDB and Spark both read it. Rows lie in the order of `key`, which is unique. `day`
    is the date whose month says which file a row lies in; empty: one file. `rooms`: whose events change it."""

    name: str
    columns: Mapping[str, str]
    key: tuple[str, ...]
    day: str = ""
    rooms: tuple[str, ...] = ()


FACTS = Table(
    "facts",
    {
        "id": "BIGINT",  # of the row of the turnover
        "part": "INTEGER",  # which of its people, from 1
        "kind": "VARCHAR",  # SOLD, RETURNED
        "order_id": "BIGINT",
        "return_id": "BIGINT",
        "store_id": "BIGINT",
        "business_date": "DATE",
        "hour": "INTEGER",
        "channel": "VARCHAR",
        "customer_id": "BIGINT",
        "user_id": "BIGINT",
        "variant_id": "BIGINT",
        "line_kind": "VARCHAR",
        "quantity": "DECIMAL(22,8)",
        "list_amount": "BIGINT",
        "amount": "BIGINT",
        "tax_amount": "BIGINT",
        "cost": "DECIMAL(26,10)",
    },
    ("id", "part"),
    "business_date",
)
ORDERS = Table(
    "orders",
    {
        "order_id": "BIGINT",
        "store_id": "BIGINT",
        "customer_id": "BIGINT",
        "channel": "VARCHAR",
        "state": "VARCHAR",
        "business_date": "DATE",
        "total_amount": "BIGINT",
    },
    ("order_id",),
    "business_date",
)
CUSTOMERS = Table(
    "customers",
    {
        "customer_id": "BIGINT",
        "head_id": "BIGINT",  # the profile it shows up in
        "is_in_use": "BOOLEAN",
        "level_id": "BIGINT",  # of the profile
    },
    ("customer_id",),
    rooms=("customers", "loyalty"),
)
VARIANTS = Table(
    "variants",
    {
        "variant_id": "BIGINT",
        "product_id": "BIGINT",
        "category_id": "BIGINT",
        "brand_id": "BIGINT",
        "unit_id": "BIGINT",
        "is_counted": "BOOLEAN",  # in pieces, boxes …, neither weighed nor measured
    },
    ("variant_id",),
    rooms=("catalog",),
)
STORES = Table("stores", {"store_id": "BIGINT", "currency": "VARCHAR"}, ("store_id",), rooms=("stores",))

TABLES: Final = {table.name: table for table in (FACTS, ORDERS, CUSTOMERS, VARIANTS, STORES)}
