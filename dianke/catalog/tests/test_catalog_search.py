"""Finding goods: exact codes first and alone, then words; a constant number of queries."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dianke.catalog.operations import barcodes, pieces, products, variants
from dianke.catalog.providers.search import hits
from dianke.catalog.queries.search import find, scan
from dianke.catalog.rules.barcodes import Pattern, weighed_label
from dianke.catalog.tests.goods import make_attribute, make_product, only_variant
from dianke.core.actor import ANONYMOUS, SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(now):
    return {"actor": SYSTEM, "now": now}


def names(text: str, limit: int = 20) -> list[str]:
    return [str(found.variant) for found in find(SYSTEM, text, limit)]


def test_a_scan_means_the_barcode_and_its_pack(now, who):
    cream = only_variant(make_product(now, "面霜", barcode="012345678905"))
    make_product(now, "012345678905 的赠品")
    barcodes.add_barcode(variant=cream, value="16901234567899", pack_quantity=Decimal(12), **who)
    for text in ("012345678905", "0012345678905"):
        assert names(text) == ["面霜"]
    found = scan(SYSTEM, "16901234567899")
    assert found is not None
    assert (found.variant, found.quantity) == (cream, Decimal(12))
    with CaptureQueriesContext(connection) as queries:
        scan(SYSTEM, "16901234567899")
    assert len(queries) == 1


def test_a_piece_is_found_by_tag_and_certificate(now, who):
    ring = only_variant(make_product(now, "六爪钻戒", kind="PIECE"))
    piece = pieces.add_piece(variant=ring, values={"tag": "ZJ001", "certificate_number": "GIA22"}, **who)
    for text in ("zj001", "GIA 22"):
        found = scan(SYSTEM, text)
        assert found is not None
        assert found.piece == piece


def test_a_label_of_the_scale_means_a_weight(now, who):
    barcodes.set_weighed_pattern(prefix="22", **who)
    variant = only_variant(make_product(now, "毛肚"))
    variants.change_variant(variant=variant, values={"scale_code": "123"}, **who)
    label = weighed_label(Pattern("22", 5, 5, "WEIGHT", 1000), "123", 1255)
    found = scan(SYSTEM, label)
    assert found is not None
    assert (found.variant, found.quantity) == (variant, Decimal("1.255"))
    assert scan(SYSTEM, weighed_label(Pattern("22", 5, 5, "WEIGHT", 1000), "124", 1255)) is None


def test_names_are_found_in_characters_pinyin_and_initials_best_first(now, who):
    colour, (red, blue) = make_attribute(now, "颜色", "红", "蓝")
    make_product(now, "儿童羊毛衫")
    make_product(now, "羊毛衫", code="YM", axes=[(colour, [red, blue])])
    make_product(now, "羊毛衫清洗剂")
    assert names("羊毛衫") == ["羊毛衫 红", "羊毛衫 蓝", "羊毛衫清洗剂", "儿童羊毛衫"]
    assert names("羊毛衫 蓝") == ["羊毛衫 蓝"]
    assert set(names("yms")) == set(names("yangmao")) == set(names("羊毛"))
    assert names("YM")[:2] == ["羊毛衫 红", "羊毛衫 蓝"]
    assert names("羊毛", limit=2) == ["羊毛衫 红", "羊毛衫 蓝"]
    assert names("y") == []
    assert names("") == []


def test_what_was_put_away_is_scanned_and_not_offered(now, who):
    product = make_product(now, "面霜", barcode="6901234567892")
    products.archive_product(product=product, **who)
    assert names("面霜") == names("6901234567892") == []
    assert scan(SYSTEM, "6901234567892") is not None


def test_who_may_not_see_goods_finds_none(now):
    make_product(now, "面霜", barcode="6901234567892")
    assert find(ANONYMOUS, "面霜") == find(ANONYMOUS, "6901234567892") == []
    assert scan(ANONYMOUS, "6901234567892") is None


def test_the_queries_do_not_grow_with_the_goods(now):
    counts = []
    for number in range(2):
        for each in range(1 + 9 * number):
            make_product(now, f"羊毛衫{number}{each}")
        with CaptureQueriesContext(connection) as queries:
            find(SYSTEM, "羊毛衫")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 5


def test_the_global_search_shows_a_product_once(now):
    colour, values = make_attribute(now, "颜色", "红", "蓝")
    make_product(now, "羊毛衫", axes=[(colour, values)])
    assert len(hits(SYSTEM, "羊毛衫", 6)) <= 1
