"""Stock through the API: the same operations, the same scope, the same words as on the screens."""

from __future__ import annotations

import pytest

from dianke.access.models import Role
from dianke.core.actor import SYSTEM
from dianke.inventory.tests.shop import Shop
from dianke.stores import operations as stores
from dianke.stores.models import Merchant
from tests.api.conftest import Caller, key_of

pytestmark = pytest.mark.django_db


def hired(shop: Shop, now, role: str) -> Caller:
    """Somebody posted to the lake store."""
    Merchant.objects.get_or_create(name="云裳美业")
    staff = stores.hire_staff(
        username=role.lower(),
        name="林小满",
        number="001",
        legal_entity=shop.lake.legal_entity,
        hired_on=shop.lake.opened_on,
        phone="",
        role=Role.objects.get(code=role),
        store=shop.lake,
        actor=SYSTEM,
        now=now,
    )
    return key_of(staff.user)


@pytest.fixture
def manager(shop: Shop, now) -> Caller:
    return hired(shop, now, "STORE_MANAGER")


def receipt(shop: Shop, **more) -> dict:
    goods = [{"variant_id": shop.scarf.pk, "quantity": "10", "unit_cost": "20.50"}]
    return {"store_id": shop.lake.pk, "reference": "d1", "goods": goods} | more


def test_goods_are_received_once_under_their_reference_and_seen(shop: Shop, manager: Caller):
    made = manager.post("/stock/receipts", receipt(shop))
    assert made.status_code == 201, made.content
    assert (made.json()["number"][:8], made.json()["is_repeat"]) == ("RK-HZ01-", False)
    again = manager.post("/stock/receipts", receipt(shop))
    assert (again.status_code, again.json()["is_repeat"]) == (201, True)
    (row,) = manager.get(f"/stock?variant_id={shop.scarf.pk}&store_id={shop.lake.pk}").json()["items"]
    assert (row["quantity"], row["available"]) == ("10.0000", "10.0000")
    (moved,) = manager.get(f"/stock/movements?variant_id={shop.scarf.pk}").json()["items"]
    assert (moved["document_kind"], moved["quantity"]) == ("RECEIPT", "10.0000")
    document = manager.get(f"/stock/documents/{moved['document_id']}").json()
    assert document["number"] == made.json()["number"]
    assert "unit_cost" not in moved
    shop.assert_cost(shop.scarf, 10, 205)


def test_the_same_idempotency_key_is_answered_with_the_first_answer(shop: Shop, manager: Caller):
    first = manager.post("/stock/receipts", receipt(shop), key="k1")
    second = manager.post("/stock/receipts", receipt(shop), key="k1")
    assert (second.status_code, second.json()) == (201, first.json())
    shop.assert_on_hand(shop.scarf, 10)


def test_opening_stock_and_adjustments_are_entered(shop: Shop, manager: Caller):
    opened = manager.post("/stock/openings", receipt(shop))
    assert opened.status_code == 201
    correction = {
        "variant_id": shop.scarf.pk,
        "place_id": shop.shelf().pk,
        "difference": "-2",
        "reason": "破损",
    }
    body = {"store_id": shop.lake.pk, "reference": "a1", "corrections": [correction]}
    assert manager.post("/stock/adjustments", body).status_code == 201
    shop.assert_on_hand(shop.scarf, 8)
    body |= {"reference": "a2", "corrections": [correction | {"difference": "-9"}]}
    refused = manager.post("/stock/adjustments", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "stock_too_low")
    assert "羊绒围巾 红" in refused.json()["detail"]
    body |= {"corrections": [correction | {"difference": "0"}]}
    assert manager.post("/stock/adjustments", body).json()["code"] == "quantity_out_of_range"


def test_other_stores_are_out_of_reach(shop: Shop, manager: Caller):
    shop.receive(shop.scarf, 3, 20, store=shop.harbour)
    refused = manager.post("/stock/receipts", receipt(shop, store_id=shop.harbour.pk))
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "store_id")
    wrong = [{"variant_id": shop.scarf.pk, "quantity": "1", "place_id": shop.shelf(shop.harbour).pk}]
    refused = manager.post("/stock/receipts", receipt(shop, goods=wrong))
    assert refused.json()["errors"][0]["field"] == "place_id"
    unknown = [{"variant_id": 10**9, "quantity": "1"}]
    assert manager.post("/stock/receipts", receipt(shop, goods=unknown)).json()["code"] == "reference_unknown"
    assert manager.get("/stock").json()["items"] == []
    assert manager.get("/stock/movements").json()["items"] == []
    places = manager.get("/stock/places?kind=STOCK").json()["items"]
    assert {place["store_id"] for place in places} == {shop.lake.pk}


def test_who_may_not_see_stock_is_refused(shop: Shop, now):
    marketer = hired(shop, now, "MARKETER")
    assert marketer.get("/stock").status_code == 403
    assert marketer.post("/stock/receipts", receipt(shop)).status_code == 403
