"""What a sale has to know of the goods in its basket and of who buys: one statement whatever the number of lines."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from dianke.core.prepared import prepared
from dianke.customers.models import Customer
from dianke.sales.models import Tender


@dataclass(frozen=True, slots=True)
class Goods:
    """A variant as the sale wants it. `category_ids`: its own first, up to the root. `price_amount`: its base price, in
    the merchant's currency. `parts` of a bundle and `consumables` of a service: (variant id, quantity for one)."""

    variant_id: int
    product_id: int
    kind: str
    tracking: str
    may_be_sold: bool
    name: str
    category_ids: tuple[int, ...]
    brand_id: int | None
    tax_rate_bp: int
    digits: int
    price_amount: int | None
    parts: tuple[tuple[int, Decimal], ...] = ()
    consumables: tuple[tuple[int, Decimal], ...] = ()

    @property
    def is_stocked(self) -> bool:
        return self.kind not in ("SERVICE", "BUNDLE")


@dataclass(frozen=True, slots=True)
class Known:
    """`customer_ids`: the head of the profile first, then who was merged into it. `tenders` by code. `currency`: the
    merchant's, in which base prices are."""

    goods: Mapping[int, Goods]
    customer_ids: tuple[int, ...]
    tenders: Mapping[str, Tender]
    currency: str


_GOODS = """
SELECT json_agg(json_build_object(
    'variant_id', v.id, 'product_id', p.id, 'kind', p.kind, 'tracking', p.tracking,
    'may_be_sold', v.is_active AND p.state IN ('ACTIVE', 'DISCONTINUED'),
    'name', rtrim(p.name || ' ' || v.label), 'category_id', p.category_id, 'path', c.path, 'brand_id', p.brand_id,
    'digits', u.digits, 'price_amount', v.price_amount,
    'tax_rate_bp', coalesce((SELECT r.rate_bp FROM catalog_taxrate AS r
        WHERE r.tax_class_id = p.tax_class_id AND r.from_date <= %(day)s ORDER BY r.from_date DESC LIMIT 1), 0),
    'parts', (SELECT json_agg(json_build_array(b.variant_id, b.quantity::text) ORDER BY b.position, b.id)
        FROM catalog_bundleitem AS b WHERE p.kind = 'BUNDLE' AND b.bundle_id = v.id),
    'consumables', (SELECT json_agg(json_build_array(s.variant_id, s.quantity::text) ORDER BY s.id)
        FROM catalog_consumable AS s WHERE p.kind = 'SERVICE' AND s.service_id = v.id)))
FROM catalog_variant AS v JOIN catalog_product AS p ON p.id = v.product_id JOIN catalog_unit AS u ON u.id = p.unit_id
LEFT JOIN catalog_category AS c ON c.id = p.category_id
WHERE v.id = ANY(%(variants)s)
"""
_TENDERS = """
SELECT json_agg(to_json(t)) FROM sales_tender AS t WHERE t.code = ANY(%(tenders)s)
"""
_CUSTOMERS = """
SELECT json_agg(k.id ORDER BY k.merged_into_id IS NOT NULL, k.id) FROM customers_customer AS k
WHERE k.id = %(head)s OR k.merged_into_id = %(head)s
"""
_CURRENCY = """
SELECT coalesce((SELECT m.currency FROM stores_merchant AS m LIMIT 1), 'CNY')
"""


def known(
    *,
    variant_ids: Collection[int],
    customer: Customer | None,
    tender_codes: Collection[str],
    business_date: date,
) -> Known:
    """All of it at once. Variants that are not there are left out."""
    with prepared() as cursor:
        cursor.execute(
            f"SELECT ({_GOODS}), ({_TENDERS}), ({_CUSTOMERS}), ({_CURRENCY})",
            {
                "variants": sorted(set(variant_ids)),
                "tenders": sorted(set(tender_codes)),
                "head": (customer.merged_into_id or customer.pk) if customer else 0,
                "day": business_date,
            },
        )
        row = cursor.fetchone()
    assert row is not None
    *lists, currency = row
    goods, tenders, customers = (json.loads(part) if isinstance(part, str) else part for part in lists)
    return Known(
        goods={each["variant_id"]: _goods(each) for each in goods or ()},
        customer_ids=tuple(customers or ()),
        tenders={each["code"]: Tender(**each) for each in tenders or ()},
        currency=currency,
    )


def _goods(row: Mapping[str, Any]) -> Goods:
    category = row["category_id"]
    return Goods(
        variant_id=row["variant_id"],
        product_id=row["product_id"],
        kind=row["kind"],
        tracking=row["tracking"],
        may_be_sold=row["may_be_sold"],
        name=row["name"],
        category_ids=() if category is None else (category, *reversed(row["path"] or ())),
        brand_id=row["brand_id"],
        tax_rate_bp=row["tax_rate_bp"],
        digits=row["digits"],
        price_amount=row["price_amount"],
        parts=_pairs(row["parts"]),
        consumables=_pairs(row["consumables"]),
    )


def _pairs(rows: Any) -> tuple[tuple[int, Decimal], ...]:
    return tuple((variant_id, Decimal(quantity)) for variant_id, quantity in rows or ())
