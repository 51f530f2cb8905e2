"""Random carts as plain data, the same from the same seed: for the properties, for the comparison of both languages and
for the benchmark. They are built to collide: few goods, many promotions, every kind, tight thresholds, odd cents."""

from __future__ import annotations

import random
from typing import Any

Json = dict[str, Any]


def random_cart(seed: int, *, lines: int | None = None, promotions: int | None = None) -> Json:
    """One cart as `read_cart` takes it."""
    draw = random.Random(seed)
    count = draw.choice([1, 2, 3, 4, 6, 9, 14]) if lines is None else lines
    offers = draw.choice([0, 1, 2, 3, 5, 8, 13]) if promotions is None else promotions
    found = [_line(draw, number) for number in range(count)]
    if draw.random() < 0.25:
        found.append(_fee(draw, count))
    day = draw.randint(1, 28)
    cart: Json = {
        "currency": "CNY",
        "at": f"2026-{draw.randint(1, 12):02}-{day:02}T{draw.randint(0, 23):02}:{draw.randint(0, 59):02}:00+08:00",
        "store_id": draw.randint(1, 3),
        "channel": draw.choice(["STORE", "MINI_PROGRAM"]),
        "lines": found,
        "promotions": [_promotion(draw, number + 1) for number in range(offers)],
        "options": {"policy": draw.choice(["BEST", "PRIORITY"])},
    }
    if draw.random() < 0.6:
        cart["is_member"] = True
        cart["tier"] = draw.choice(["SILVER", "GOLD"])
        cart["is_birthday_month"] = draw.random() < 0.3
        cart["is_first_purchase"] = draw.random() < 0.3
    if draw.random() < 0.3:
        cart["tier_terms"] = {"name": "Gold", "pays_bp": draw.choice([9500, 8800, 9850])}
        if draw.random() < 0.5:
            cart["tier_terms"]["is_for_full_price_only"] = True
        if draw.random() < 0.5:
            cart["tier_terms"]["goods"] = _goods(draw)
    if draw.random() < 0.5:
        cart["coupons"] = [_coupon(draw, number + 1) for number in range(draw.randint(1, 4))]
    if draw.random() < 0.3:
        cart["points"] = _points(draw)
    if draw.random() < 0.3:
        cart["manual"] = [_manual(draw, found) for _number in range(draw.randint(1, 3))]
    if draw.random() < 0.5:
        cart["rounding"] = {"unit": draw.choice([1, 10, 50, 100]), "way": draw.choice(["DOWN", "HALF_UP"])}
    if draw.random() < 0.2:
        cart["options"]["max_off_bp"] = draw.choice([0, 500, 2000, 5000, 10_000])
    if draw.random() < 0.2:
        cart["options"]["is_member_price_alone"] = True
    _choose(draw, cart)
    _group(random.Random(f"segments of {seed}"), cart)
    return cart


def _group(draw: random.Random, cart: Json) -> None:
    """Some offers are for segments, and the customer is in some of these."""
    for offer in (*cart["promotions"], *(coupon["terms"] for coupon in cart.get("coupons", ()))):
        if draw.random() < 0.15:
            asked = sorted(draw.sample(range(1, 13), draw.randint(1, 3)))
            offer["audience"] = offer.get("audience", {}) | {"segment_ids": asked}
    if cart.get("is_member"):
        cart["segments"] = {str(pk): f"segment {pk}" for pk in range(1, 13) if draw.random() < 0.5}


def _line(draw: random.Random, number: int) -> Json:
    product = draw.randint(1, 6)
    line: Json = {
        "key": f"line{number}",
        "variant_id": product * 10 + draw.randint(0, 1),
        "product_id": product,
        "category_ids": [100 + product % 3, 100 + product % 3 + 10, 199],
        "brand_id": draw.choice([1, 2, None]),
        "quantity": str(draw.choice([1, 1, 1, 2, 2, 3, 4, 7, 120])),
        "unit_amount": draw.choice([0, 1, 3, 99, 100, 990, 1990, 3333, 9900, 12_800, 19_999, 1_288_800]),
        "tax_rate_bp": draw.choice([0, 600, 900, 1300]),
        "tags": draw.sample(["new", "clearance", "gift"], draw.randint(0, 2)),
    }
    if line["brand_id"] is None:
        del line["brand_id"]
    chance = draw.random()
    if chance < 0.12:
        line["quantity"] = draw.choice(["0.485", "1.2345", "0.0001", "2.5", "12.75"])
    elif chance < 0.18:
        line["amount"] = draw.randint(0, 500_000)
    elif chance < 0.23:
        line["is_price_protected"] = True
    elif chance < 0.27:
        line["is_measured"] = True
    if draw.random() < 0.3:
        line["member_unit_amount"] = line["unit_amount"] * draw.choice([80, 90, 95, 110]) // 100
    return line


def _fee(draw: random.Random, number: int) -> Json:
    return {
        "key": f"line{number}",
        "variant_id": 990,
        "product_id": 99,
        "quantity": "1",
        "unit_amount": draw.choice([0, 600, 1500]),
        "kind": draw.choice(["DELIVERY", "DELIVERY", "SERVICE_CHARGE"]),
        "tax_rate_bp": 600,
    }


def _goods(draw: random.Random) -> Json:
    found: Json = {}
    chance = draw.random()
    if chance < 0.3:
        found["category_ids"] = draw.sample([100, 101, 102, 110, 199], draw.randint(1, 2))
    elif chance < 0.5:
        found["product_ids"] = draw.sample(range(1, 8), draw.randint(1, 4))
    elif chance < 0.65:
        found["variant_ids"] = draw.sample([10, 11, 20, 21, 30, 31, 40], draw.randint(1, 4))
    elif chance < 0.75:
        found["brand_ids"] = [draw.randint(1, 3)]
    elif chance < 0.85:
        found["tags"] = [draw.choice(["new", "gift"])]
    if draw.random() < 0.15:
        found["excluded_tags"] = ["clearance"]
    if draw.random() < 0.1:
        found["excluded_product_ids"] = [draw.randint(1, 6)]
    return found


def _rule(draw: random.Random) -> Json:
    measure = draw.choice(["AMOUNT", "QUANTITY"])
    full = draw.choice([100, 1000, 9900, 30_000]) if measure == "AMOUNT" else draw.choice([1, 2, 3, 5])
    pays = draw.choice([0, 5000, 8000, 8888, 9500, 10_000])
    kind = draw.randint(0, 9)
    pieces = draw.choice([None, 1, 3])
    if kind == 0:
        return _known({"kind": "PERCENT_OFF", "pays_bp": pays, "max_pieces": pieces})
    if kind == 1:
        return _known({"kind": "MONEY_OFF", "off_amount": draw.choice([1, 500, 5000]), "max_pieces": pieces})
    if kind == 2:
        return _known({"kind": "FIXED_PRICE", "amount": draw.choice([0, 990, 5900]), "max_pieces": pieces})
    alike = draw.choice(["SET", "SET", "PRODUCT", "VARIANT"])
    if kind == 3:
        return {"kind": "NTH_PIECE", "nth": draw.randint(2, 4), "pays_bp": pays, "alike": alike}
    if kind == 4:
        parts = [{"goods": _goods(draw), "count": draw.randint(1, 3)} for _part in range(draw.randint(1, 3))]
        return {"kind": "BUNDLE", "amount": draw.choice([0, 990, 9900, 19_900]), "parts": parts}
    if kind == 5:
        rule = {"kind": "BUY_GET", "buy": draw.randint(1, 3), "get": draw.randint(1, 2), "pays_bp": pays}
        if draw.random() < 0.5:
            return rule | {"get_goods": _goods(draw)}
        return rule | {"alike": alike}
    if kind == 6:
        steps = [{"full": full}, {"full": full * 2}, {"full": full * 5}][: draw.randint(1, 3)]
        for number, step in enumerate(steps):
            step |= (
                {"pays_bp": 9500 - number * 1234} if draw.random() < 0.4 else {"off_amount": 500 + 3 * full}
            )
        return {"kind": "LADDER", "measure": measure, "steps": steps}
    if kind == 7:
        off = draw.choice([1, 1000, 3001])
        return {"kind": "EVERY_FULL", "measure": measure, "full": full, "off_amount": off}
    if kind == 8:
        choices = [{"variant_id": 500, "quantity": 1}, {"variant_id": 501, "quantity": 2}]
        steps = [{"full": full, "pick": draw.randint(1, 2), "choices": choices}]
        return {"kind": "GIFT", "measure": measure, "steps": steps, "is_repeated": draw.random() < 0.5}
    return _known(
        {"kind": "FREE_DELIVERY", "measure": measure, "full": full, "max_amount": draw.choice([None, 1000])}
    )


def _known(data: Json) -> Json:
    return {name: value for name, value in data.items() if value is not None}


def _when(draw: random.Random) -> Json:
    found: Json = {}
    if draw.random() < 0.3:
        found["from_at"] = "2026-02-01T00:00:00"
    if draw.random() < 0.3:
        found["to_at"] = "2026-11-11T12:30:00"
    if draw.random() < 0.3:
        found["weekdays"] = sorted(draw.sample(range(1, 8), 5))
    if draw.random() < 0.1:
        found["month_days"] = sorted(draw.sample(range(1, 32), 20))
    if draw.random() < 0.3:
        found["hours"] = draw.choice([[["08:00", "22:00"]], [["20:00", "06:00"]], [["00:00", "24:00"]]])
    return found


def _audience(draw: random.Random) -> Json:
    found: Json = {}
    for name, value in (
        ("store_ids", [1, 2]),
        ("channels", ["STORE"]),
        ("tiers", ["GOLD"]),
        ("is_members_only", True),
        ("is_birthday_month", True),
        ("is_first_purchase", True),
    ):
        if draw.random() < 0.15:
            found[name] = value
    return found


def _promotion(draw: random.Random, number: int) -> Json:
    rule = _rule(draw)
    found: Json = {"id": number, "name": f"promotion {number}", "rule": rule, "priority": draw.randint(0, 3)}
    if rule["kind"] != "BUNDLE":
        found["goods"] = _goods(draw)
    if draw.random() < 0.4:
        found["when"] = _when(draw)
    if draw.random() < 0.3:
        found["audience"] = _audience(draw)
    if draw.random() < 0.3:
        found["basis"] = "ORIGINAL"
    found["exclusion"] = draw.choice(["NONE", "NONE", "NONE", "GOODS", "ORDER"])
    if draw.random() < 0.3:
        found["group"] = draw.choice(["a", "b"])
    if draw.random() < 0.2:
        found["shuts"] = draw.sample(["COUPON", "TIER", "POINTS"], draw.randint(1, 3))
    for name, choices in (
        ("max_amount", [1, 777, 5000]),
        ("max_times", [1, 2]),
        ("budget_left", [0, 999, 50_000]),
        ("times_left", [0, 1, 3]),
    ):
        if draw.random() < 0.12:
            found[name] = draw.choice(choices)
    return found


def _coupon(draw: random.Random, number: int) -> Json:
    kind = draw.randint(0, 4)
    rule: Json = [
        {"kind": "CASH", "amount": draw.choice([500, 3000, 10_000])},
        _known({"kind": "PERCENT", "pays_bp": 8800, "max_amount": draw.choice([None, 2000])}),
        {"kind": "GIFT", "pick": 1, "choices": [{"variant_id": 502}]},
        {"kind": "EXCHANGE", "pieces": draw.randint(1, 2), "pays_amount": draw.choice([0, 100])},
        {"kind": "FREE_DELIVERY"},
    ][kind]
    terms: Json = {"kind_id": kind * 10 + draw.randint(0, 1), "name": f"coupon {number}", "rule": rule}
    if draw.random() < 0.4:
        terms["goods"] = _goods(draw)
    if draw.random() < 0.5:
        terms["threshold_amount"] = draw.choice([1000, 10_000])
    if draw.random() < 0.2:
        terms["basis"] = "ORIGINAL"
    if draw.random() < 0.2:
        terms["when"] = _when(draw)
    if draw.random() < 0.2:
        terms["audience"] = _audience(draw)
    if draw.random() < 0.2:
        terms["group"] = "g"
    if draw.random() < 0.1:
        terms["is_alone"] = True
    if draw.random() < 0.2:
        terms["joins_promotions"] = False
    if draw.random() < 0.2:
        terms["max_per_order"] = 1
    return {"id": number, "terms": terms}


def _points(draw: random.Random) -> Json:
    return {
        "wanted": draw.choice([0, 99, 500, 12_345, 10_000_000]),
        "unit_points": draw.choice([1, 100, 7]),
        "unit_amount": draw.choice([1, 100, 3]),
        "step_points": draw.choice([1, 10, 100]),
        "max_share_bp": draw.choice([3000, 5000, 10_000]),
        "min_amount": draw.choice([0, 10_000]),
    }


def _manual(draw: random.Random, lines: list[Json]) -> Json:
    how: Json = draw.choice([{"off_amount": 777}, {"pays_bp": 9000}, {"to_amount": 5000}])
    found = how | {"reason": "display piece"}
    if draw.random() < 0.6:
        found["line_key"] = draw.choice(lines)["key"]
    return found


def _choose(draw: random.Random, cart: Json) -> None:
    """Gift lines and lines picked to be got, some of them without right."""
    for offer in cart["promotions"]:
        if offer["rule"]["kind"] == "GIFT" and draw.random() < 0.8:
            cart["lines"].append(_gift_line(draw, f"promotion:{offer['id']}", cart))
        if offer["rule"]["kind"] == "BUY_GET" and draw.random() < 0.3:
            keys = [line["key"] for line in cart["lines"]]
            cart.setdefault("picked", {})[f"promotion:{offer['id']}"] = draw.sample(keys, 1)
    for coupon in cart.get("coupons", ()):
        if coupon["terms"]["rule"]["kind"] == "GIFT" and draw.random() < 0.8:
            cart["lines"].append(_gift_line(draw, f"coupon:{coupon['id']}", cart))


def _gift_line(draw: random.Random, source: str, cart: Json) -> Json:
    return {
        "key": f"line{len(cart['lines'])}",
        "variant_id": draw.choice([500, 501, 502]),
        "product_id": 50,
        "quantity": draw.choice(["1", "1", "2", "3"]),
        "unit_amount": draw.choice([0, 1900]),
        "tax_rate_bp": 1300,
        "gift_of": source,
    }
