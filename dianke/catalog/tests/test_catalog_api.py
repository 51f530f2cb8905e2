"""Goods over the API, in a signed-in browser's session."""

from __future__ import annotations

from typing import get_args

import pytest

from dianke.catalog.api import schemas
from dianke.catalog.models import Barcode, Piece, Product, Unit
from dianke.catalog.tests.goods import make_attribute, make_product, only_variant


def test_a_product_from_entry_to_archive(cast, api, now):
    colour, (red, blue) = make_attribute(now, "颜色", "红", "蓝")
    axes = [{"attribute_id": colour.pk, "value_ids": [red.pk, blue.pk]}]
    body = {"name": "羊毛开衫", "code": "KS01", "price_amount": 39_900, "axes": axes}
    assert api("clerk", "POST", "/products", body)[0] == 403
    status, made = api("manager", "POST", "/products", body)
    assert (status, [one["label"] for one in made["variants"]]) == (201, ["红", "蓝"])
    path = f"/products/{made['id']}"
    status, told = api("manager", "PATCH", path, {"name": "羊绒开衫", "category_id": 999_999})
    assert (status, told["errors"][0]["field"]) == (422, "category_id")
    status, changed = api("manager", "PATCH", path, {"name": "羊绒开衫"})
    assert (status, changed["name"], changed["code"]) == (200, "羊绒开衫", "KS01")
    assert api("manager", "PUT", f"{path}/matrix", {"axes": []})[1]["variants"][0]["is_active"] is False
    assert api("manager", "POST", f"{path}/archive")[1]["state"] == "ARCHIVED"
    assert api("clerk", "GET", "/products?state=ARCHIVED&q=羊绒")[1]["items"][0]["id"] == made["id"]
    assert api("clerk", "GET", "/products?state=ACTIVE")[1]["items"] == []


def test_a_code_is_looked_up_as_it_was_scanned(cast, api, now):
    variant = only_variant(make_product(now, "面霜"))
    path = f"/variants/{variant.pk}/barcodes"
    status, made = api("manager", "POST", path, {"value": "16901234567899", "pack_quantity": "12"})
    assert (status, made["kind"]) == (201, "ITF14")
    assert api("manager", "POST", path, {"value": "6901234567890"})[0] == 422
    status, found = api("clerk", "GET", "/barcodes/lookup?value=1690%201234567899")
    assert (status, found["variant"]["id"], float(found["quantity"])) == (200, variant.pk, 12)
    assert api("clerk", "GET", "/barcodes/lookup?value=404")[0] == 404
    assert api("manager", "POST", f"/variants/{variant.pk}/own-barcode")[1]["kind"] == "OWN"
    assert api("manager", "DELETE", f"/barcodes/{made['id']}")[0] == 204
    assert Barcode.objects.count() == 1
    status, hits = api("clerk", "GET", "/variants/search?q=mianshuang")
    assert (status, hits[0]["product"]["name"]) == (200, "面霜")
    assert api("manager", "PUT", f"/variants/{variant.pk}/base-price", {"price_amount": 1})[0] == 403
    assert api("owner", "PUT", f"/variants/{variant.pk}/base-price", {"price_amount": 1})[0] == 200


def test_a_delivery_of_pieces_is_entered_at_once(cast, api, now):
    ring = only_variant(make_product(now, "素圈", kind="PIECE"))
    piece = {"gross_weight_mg": 3000, "net_weight_mg": 3000, "metal": "GOLD", "fineness": 999}
    body = {"variant_id": ring.pk, "pieces": [piece, piece | {"tag": "J1"}]}
    status, made = api("manager", "POST", "/pieces", body)
    assert (status, made[1]["tag"]) == (201, "J1")
    assert api("manager", "POST", "/pieces", body)[0] == 409
    assert api("manager", "PATCH", f"/pieces/{made[0]['id']}", {"size": "13"})[1]["size"] == "13"
    assert [one["tag"] for one in api("clerk", "GET", "/pieces?q=j1")[1]["items"]] == ["J1"]
    assert Piece.objects.count() == 2


def test_categories_and_brands_over_the_api(cast, api, now):
    status, top = api("manager", "POST", "/categories", {"name": "珠宝"})
    assert status == 201
    status, ring = api("manager", "POST", "/categories", {"name": "戒指", "parent_id": top["id"]})
    assert ring["path"] == [top["id"]]
    assert api("manager", "POST", f"/categories/{ring['id']}/move", {"parent_id": None})[1]["path"] == []
    order = {"order": [ring["id"], top["id"]]}
    assert [one["id"] for one in api("manager", "PUT", "/categories/order", order)[1]] == order["order"]
    assert api("manager", "PATCH", f"/categories/{ring['id']}", {"name": "珠宝"})[0] == 409
    merged = api("manager", "POST", f"/categories/{ring['id']}/merge", {"into_id": top["id"]})
    assert merged[1]["id"] == top["id"]
    assert api("clerk", "POST", "/brands", {"name": "周大生"})[0] == 403
    status, brand = api("manager", "POST", "/brands", {"name": "周大生"})
    assert api("manager", "PATCH", f"/brands/{brand['id']}", {"is_archived": True})[1]["is_archived"] is True
    assert len(api("clerk", "GET", "/units")[1]) == Unit.objects.count() > 10
    assert api("clerk", "GET", "/tax-classes")[1][0]["rate_bp"] == 1300


@pytest.mark.parametrize(
    ("named", "kept"),
    [
        (schemas.ProductKind, Product.Kind),
        (schemas.StockTracking, Product.Tracking),
        (schemas.ProductState, Product.State),
        (schemas.BarcodeKind, Barcode.Kind),
        (schemas.PieceMetal, Piece.Metal),
        (schemas.MakingCharge, Piece.Making),
        (schemas.MeasureKind, Unit.Kind),
    ],
)
def test_the_words_of_the_api_are_those_of_the_tables(named, kept):
    assert set(get_args(named)) == set(kept.values)
