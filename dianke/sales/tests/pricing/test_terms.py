"""Terms as plain data: read and written they are the same, and what is wrong is named with its place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from dianke.promotions.rules.reading import (
    TermMissing,
    TermNotAChoice,
    TermNotOfItsKind,
    TermNotWhole,
    TermsContradict,
    TermUnknown,
)
from dianke.promotions.rules.terms import Audience, CouponTerms, Goods, Promotion, When
from dianke.sales.tests.pricing.carts import random_cart

PERCENT = {"kind": "PERCENT_OFF", "pays_bp": 8000}


def test_what_is_written_reads_the_same() -> None:
    for seed in range(300):
        cart = random_cart(seed)
        for data in cart["promotions"]:
            promotion = Promotion.read(data)
            assert Promotion.read(promotion.as_dict()) == promotion
        for data in cart.get("coupons", ()):
            terms = CouponTerms.read(data["terms"])
            assert CouponTerms.read(terms.as_dict()) == terms


@pytest.mark.parametrize(
    ("change", "error", "field"),
    [
        ({"rule": {"kind": "PERCENT_OFF"}}, TermMissing, "rule.pays_bp"),
        ({"rule": {"kind": "PERCENT_OFF", "pays_bp": 10_001}}, TermNotWhole, "rule.pays_bp"),
        ({"rule": {"kind": "PERCENT_OFF", "pays_bp": 80.5}}, TermNotWhole, "rule.pays_bp"),
        ({"rule": {"kind": "PERCENT_OFF", "pays_bp": True}}, TermNotWhole, "rule.pays_bp"),
        ({"rule": {"kind": "HALF"}}, TermNotAChoice, "rule.kind"),
        ({"rule": PERCENT | {"colour": 1}}, TermUnknown, "rule.colour"),
        ({"rule": {"kind": "LADDER", "measure": "AMOUNT", "steps": []}}, TermMissing, "rule.steps"),
        (
            {"rule": {"kind": "LADDER", "measure": "AMOUNT", "steps": [{"full": 5}]}},
            TermsContradict,
            "rule.steps.0",
        ),
        (
            {
                "rule": {
                    "kind": "LADDER",
                    "measure": "AMOUNT",
                    "steps": [{"full": 5, "off_amount": 1}, {"full": 5, "off_amount": 2}],
                }
            },
            TermsContradict,
            "rule.steps",
        ),
        ({"rule": {"kind": "NTH_PIECE", "nth": 1, "pays_bp": 0}}, TermNotWhole, "rule.nth"),
        (
            {"rule": {"kind": "BUNDLE", "amount": 1, "parts": [{"count": 0}]}},
            TermNotWhole,
            "rule.parts.0.count",
        ),
        (
            {"rule": {"kind": "BUNDLE", "amount": 1, "parts": [{"count": 1}]}, "goods": {"product_ids": [1]}},
            TermsContradict,
            "goods",
        ),
        ({"goods": {"product_ids": [0]}}, TermNotWhole, "goods.product_ids.0"),
        ({"goods": {"tags": "new"}}, TermNotOfItsKind, "goods.tags"),
        ({"goods": []}, TermNotOfItsKind, "goods"),
        ({"when": {"weekdays": [8]}}, TermNotWhole, "when.weekdays.0"),
        ({"when": {"hours": [["9", "10"]]}}, TermNotOfItsKind, "when.hours.0"),
        ({"when": {"hours": [["09:00", "09:00"]]}}, TermsContradict, "when.hours.0"),
        ({"when": {"from_at": "2026-11-11T00:00+08:00"}}, TermNotOfItsKind, "when.from_at"),
        ({"when": {"from_at": "2026-11-11", "to_at": "2026-11-11"}}, TermsContradict, "when.to_at"),
        ({"exclusion": "SOME"}, TermNotAChoice, "exclusion"),
        ({"shuts": ["ROUNDING"]}, TermNotAChoice, "shuts.0"),
        ({"audience": {"is_members_only": 1}}, TermNotOfItsKind, "audience.is_members_only"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(change: dict[str, Any], error: type, field: str) -> None:
    with pytest.raises(error) as refused:
        Promotion.read({"id": 1, "name": "autumn", "rule": PERCENT} | change)
    assert refused.value.field == field
    assert str(refused.value)


def test_a_set_of_goods_names_what_its_ids_say_without_the_excluded() -> None:
    goods = Goods(category_ids=frozenset({7}), excluded_tags=frozenset({"clearance"}))
    assert goods.names(variant_id=1, product_id=1, category_ids=[3, 7])
    assert not goods.names(variant_id=1, product_id=1, category_ids=[3])
    assert not goods.names(variant_id=1, product_id=1, category_ids=[7], tags=["clearance"])
    assert Goods().names(variant_id=1, product_id=1)


@pytest.mark.parametrize(
    ("local", "code"),
    [
        ("2026-11-13T22:00", None),
        ("2026-11-14T01:59", None),
        ("2026-11-14T02:00", "other_hour"),
        ("2026-11-14T22:00", "other_day"),
        ("2026-11-13T01:00", "other_day"),
        ("2026-12-01T00:00", "is_over"),
        ("2026-10-31T23:59", "not_begun"),
    ],
)
def test_hours_past_midnight_belong_to_the_day_they_began(local: str, code: str | None) -> None:
    when = When.read(
        {
            "from_at": "2026-11-01T00:00",
            "to_at": "2026-12-01T00:00",
            "weekdays": [5],
            "hours": [["22:00", "02:00"]],
        }
    )
    assert when.why_not(datetime.fromisoformat(local)) == code


def test_an_audience_names_the_first_thing_that_is_missing() -> None:
    audience = Audience(
        store_ids=frozenset({1}), tiers=frozenset({"GOLD"}), is_members_only=True, is_birthday_month=True
    )
    asked = {
        "store_id": 1,
        "channel": "",
        "tier": "GOLD",
        "is_member": True,
        "is_birthday_month": True,
        "is_first_purchase": False,
    }
    assert audience.why_not(**asked) is None
    assert audience.why_not(**asked | {"store_id": 2}) == "other_store"
    assert audience.why_not(**asked | {"is_member": False}) == "members_only"
    assert audience.why_not(**asked | {"tier": ""}) == "other_tier"
    assert audience.why_not(**asked | {"is_birthday_month": False}) == "not_birthday_month"
