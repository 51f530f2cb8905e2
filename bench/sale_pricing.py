"""Pricing a cart of 30 lines with 50 promotions that all hold at that moment, best for the customer: once in Python,
once in headless Chromium with the modules the till loads.

The cart is a busy one: promotions of every kind, a third of them in groups that exclude each other, member prices, a
level, two coupons, points and rounding. Both languages price the same cart and their answers must be the same. A figure
is the median of many prices, one after the other, without reading the cart from its data.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from bench.figures import Figure

LINES, PROMOTIONS = 30, 50
FULL, QUICK = 2000, 200
WARMING = 300
ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "dianke" / "sales" / "static" / "sales" / "pricing"
SITE = "http://till.invalid"

Json = dict[str, Any]

_TIMED = """
async ([cart, warming, rounds]) => {
  const { priceCart } = await import("/engine.js");
  let answer;
  for (let round = 0; round < warming; round += 1) answer = priceCart(cart);
  const spent = [];
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now();
    for (let again = 0; again < 10; again += 1) answer = priceCart(cart);
    spent.push((performance.now() - begun) / 10);
  }
  spent.sort((a, b) => a - b);
  return [answer, spent[Math.floor(spent.length / 2)], spent[Math.floor(spent.length * 0.95)]];
}
"""


def run(quick: bool) -> list[Figure]:
    """`sale.price_python_ms` and `sale.price_browser_ms`, each with its 95th of a hundred."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dianke.config.settings")
    from dianke.sales.rules.pricing import price_cart, read_cart

    rounds = QUICK if quick else FULL
    data = busy_cart()
    cart = read_cart(data)
    for _warming in range(WARMING):
        priced = price_cart(cart)
    spent = []
    for _round in range(rounds):
        begun = time.perf_counter()
        price_cart(cart)
        spent.append((time.perf_counter() - begun) * 1000)
    answer, middle, late = _in_browser(data, rounds // 10)
    if answer != priced.as_dict():
        raise RuntimeError("the browser prices the cart differently")
    given = len(priced.promotions_used)
    sys.stdout.write(
        f"{LINES} lines, {PROMOTIONS} promotions of which {given} count, "
        f"{priced.list_amount} → {priced.paid_amount} fen\n"
    )
    return [
        Figure("sale.price_python_ms", statistics.median(spent), "ms"),
        Figure("sale.price_python_p95_ms", statistics.quantiles(spent, n=20)[-1], "ms"),
        Figure("sale.price_browser_ms", middle, "ms"),
        Figure("sale.price_browser_p95_ms", late, "ms"),
    ]


def _in_browser(data: Json, rounds: int) -> tuple[Json, float, float]:
    from playwright.sync_api import Route, sync_playwright

    def answer(route: Route) -> None:
        name = urlparse(route.request.url).path.strip("/")
        if name.endswith(".js"):
            route.fulfill(path=MODULES / name, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>till</title>", content_type="text/html")

    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page()
        page.route(f"{SITE}/**", answer)
        page.goto(SITE)
        found: tuple[Json, float, float] = tuple(page.evaluate(_TIMED, [data, WARMING, rounds]))
        browser.close()
    return found


def busy_cart() -> Json:
    """The same cart every time."""
    draw = random.Random(11_11)
    lines = []
    for number in range(LINES):
        product = number * 5 % 24 + 1
        price = draw.choice([1990, 2900, 3333, 5990, 9900, 12_800, 19_900, 39_900])
        lines.append(
            {
                "key": f"line{number}",
                "variant_id": product * 10 + number % 2,
                "product_id": product,
                "category_ids": [100 + product % 6, 110 + product % 2, 199],
                "brand_id": product % 4 + 1,
                "quantity": draw.choice(["1", "1", "1", "2", "3", "0.485"]),
                "unit_amount": price,
                "member_unit_amount": price * 95 // 100 if number % 3 == 0 else price,
                "tax_rate_bp": 1300,
            }
        )
    promotions = [_promotion(number + 1) for number in range(PROMOTIONS)]
    cash = {
        "kind_id": 1,
        "name": "30 off",
        "threshold_amount": 20_000,
        "rule": {"kind": "CASH", "amount": 3000},
    }
    tenth = {
        "kind_id": 2,
        "name": "10 % off",
        "rule": {"kind": "PERCENT", "pays_bp": 9000, "max_amount": 2000},
    }
    return {
        "currency": "CNY",
        "at": "2026-11-11T20:15:00+08:00",
        "store_id": 1,
        "channel": "STORE",
        "is_member": True,
        "tier": "GOLD",
        "lines": lines,
        "promotions": promotions,
        "coupons": [{"id": 1, "terms": cash}, {"id": 2, "terms": tenth}],
        "tier_terms": {"name": "Gold", "pays_bp": 9800},
        "points": {
            "wanted": 2000,
            "unit_points": 100,
            "unit_amount": 100,
            "step_points": 100,
            "max_share_bp": 3000,
        },
        "rounding": {"unit": 10},
    }


def _promotion(number: int) -> Json:
    """All kinds in turn, each on a few goods; one of ten on the whole order."""
    product, category = number % 24 + 1, 100 + number % 6
    goods: Json = {"product_ids": [product, product % 24 + 1, (product + 6) % 24 + 1]}
    kind = number % 10
    rule: Json
    steps: list[Json]
    if kind == 0:
        steps = [
            {"full": 10_000 * number, "off_amount": 500 * number},
            {"full": 90_000 * number, "pays_bp": 9000},
        ]
        rule, goods = {"kind": "LADDER", "measure": "AMOUNT", "steps": steps}, {}
    elif kind == 1:
        rule, goods = {"kind": "PERCENT_OFF", "pays_bp": 9000 - 10 * number}, {"category_ids": [category]}
    elif kind == 2:
        rule = {"kind": "MONEY_OFF", "off_amount": 300}
    elif kind == 3:
        rule = {"kind": "FIXED_PRICE", "amount": 2500 + 100 * number}
    elif kind == 4:
        rule, goods = {"kind": "NTH_PIECE", "nth": 2, "pays_bp": 5000}, {"category_ids": [category]}
    elif kind == 5:
        parts = [{"goods": {"category_ids": [category]}, "count": 3}]
        rule, goods = {"kind": "BUNDLE", "amount": 15_000, "parts": parts}, {}
    elif kind == 6:
        rule, goods = {"kind": "BUY_GET", "buy": 2, "get": 1}, {"brand_ids": [number % 4 + 1]}
    elif kind == 7:
        rule = {"kind": "EVERY_FULL", "measure": "AMOUNT", "full": 20_000, "off_amount": 1000}
        goods = {"category_ids": [category]}
    elif kind == 8:
        rule = {"kind": "PERCENT_OFF", "pays_bp": 8800, "max_pieces": 2}
    else:
        choices = [{"variant_id": 900}, {"variant_id": 901}]
        steps = [{"full": 50_000, "pick": 1, "choices": choices}]
        rule, goods = {"kind": "GIFT", "measure": "AMOUNT", "steps": steps}, {"category_ids": [category]}
    found: Json = {"id": number, "name": f"promotion {number}", "rule": rule, "priority": number % 7}
    found |= {
        "audience": {"store_ids": [1, 2, 3]},
        "when": {"from_at": "2026-11-01T00:00:00", "hours": [["08:00", "23:00"]]},
    }
    if goods:
        found["goods"] = goods
    if number % 3 == 0:
        found["group"] = f"group {number % 2}"
    if number % 17 == 0:
        found["exclusion"] = "GOODS"
    return found
