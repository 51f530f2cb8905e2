"""Writes vectors.json: carts with the answer that stands, for both languages.

`python -m dianke.sales.tests.pricing.record`, when a rule was changed on purpose; the difference shows what changed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dianke.sales.rules.pricing import price_cart, read_cart
from dianke.sales.tests.pricing.carts import random_cart

VECTORS = Path(__file__).resolve().parent / "vectors.json"
SEEDS = (3, 14, 15, 92, 65, 35, 89, 79, 32, 38, 46, 26, 43, 38_327, 95, 2884)


def large_cart() -> dict[str, Any]:
    """Amounts whose products no double can hold."""
    lines = [
        {
            "key": f"line{number}",
            "variant_id": number + 1,
            "product_id": number + 1,
            "quantity": quantity,
            "unit_amount": 9_999_999_999,
            "tax_rate_bp": 1300,
        }
        for number, quantity in enumerate(["1", "333", "12.3457"])
    ]
    ladder = {"kind": "LADDER", "measure": "AMOUNT", "steps": [{"full": 1, "off_amount": 1_234_567_890_123}]}
    promotions = [
        {"id": 1, "name": "most", "rule": {"kind": "PERCENT_OFF", "pays_bp": 8888}},
        {"id": 2, "name": "ladder", "rule": ladder},
    ]
    cart: dict[str, Any] = {"currency": "CNY", "at": "2026-11-11T20:00:00+08:00", "store_id": 1}
    return cart | {"lines": lines, "promotions": promotions, "rounding": {"unit": 100, "way": "HALF_UP"}}


def main() -> None:
    carts = {"large amounts": large_cart()} | {f"seed {seed}": random_cart(seed) for seed in SEEDS}
    vectors = [
        {"name": name, "cart": cart, "answer": price_cart(read_cart(cart)).as_dict()}
        for name, cart in carts.items()
    ]
    text = ",\n".join(json.dumps(vector, ensure_ascii=False) for vector in vectors)
    VECTORS.write_text(f"[\n{text}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
