"""What is done to several things at once is one operation with one event; and merging categories takes prices along."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dianke.catalog.models import Attribute, Barcode, Category, PriceListItem, Product, Variant
from dianke.catalog.operations import barcodes, categories, products, variants
from dianke.catalog.operations.price_lists import create_price_list
from dianke.catalog.operations.prices import Price, set_prices
from dianke.catalog.operations.service_details import MinutesWrong, Part
from dianke.catalog.tests.goods import make_attribute, make_product, only_variant
from dianke.core.actor import SYSTEM
from dianke.events.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(cast, now):
    return {"actor": SYSTEM, "now": now}


@pytest.fixture
def events():
    """The kinds of the events left since the last call."""
    seen = [0]

    def since() -> list[str]:
        rows = list(Event.objects.filter(pk__gt=seen[0]).order_by("pk"))
        seen[0] = rows[-1].pk if rows else seen[0]
        return [row.kind for row in rows]

    return since


def test_products_get_a_category_in_one_go(now, who, events):
    rings = categories.add_category(name="戒指", **who)
    goods = [make_product(now, name) for name in ("素圈", "对戒", "钻戒")]
    products.change_product(product=goods[0], values={"category": rings}, **who)
    events()
    assert products.categorise_products(products=goods, category=rings, **who) == 2
    assert events() == ["catalog.products_categorised"]
    assert Product.objects.filter(category=rings).count() == 3
    told = Event.objects.latest("pk")
    assert told.data["before"] == {str(each.pk): None for each in goods[1:]}
    assert f"catalog.product:{goods[2].pk}" in told.subjects
    assert products.categorise_products(products=goods, category=rings, **who) == 0
    assert products.categorise_products(products=goods[:1], category=None, **who) == 1
    assert events() == ["catalog.products_categorised"]


def test_products_change_their_state_in_one_go(now, who, events):
    goods = [make_product(now, name) for name in ("素圈", "对戒")]
    events()
    assert products.enter_state(products=goods, state="ARCHIVED", **who) == 2
    assert products.enter_state(products=goods, state="ARCHIVED", **who) == 0
    assert events() == ["catalog.products_state_changed"]
    assert set(Product.objects.values_list("state", flat=True)) == {"ARCHIVED"}
    with pytest.raises(products.StateUnknown):
        products.enter_state(products=goods, state="DRAFT", **who)


def test_variants_without_a_barcode_get_one_each(now, who, events):
    size, sizes = make_attribute(now, "尺码", "S", "M", "L")
    shirt = make_product(now, "衬衫", axes=[(size, sizes)])
    first = shirt.variants.first()
    barcodes.add_barcode(variant=first, value="6901234567892", **who)
    events()
    made = barcodes.give_own_barcodes(product=shirt, **who)
    assert [each.kind for each in made] == ["OWN", "OWN"]
    assert len({each.value for each in Barcode.objects.all()}) == 3
    assert barcodes.give_own_barcodes(product=shirt, **who) == []
    assert events() == ["catalog.barcodes_given"]


def test_attributes_a_matrix_names_are_made_with_it(now, who, events):
    make_attribute(now, "颜色", "红")
    shirt = make_product(now, "衬衫", price_amount=19_900)
    events()
    variants.set_matrix_by_names(product=shirt, axes=[("颜色", ["红", "蓝"]), ("尺码", ["M"])], **who)
    assert events() == ["catalog.variants_laid_out"]
    assert list(shirt.variants.values_list("label", flat=True)) == ["红 / M", "蓝 / M"]
    assert list(Attribute.objects.values_list("name", flat=True)) == ["颜色", "尺码"]
    variants.set_matrix_by_names(product=shirt, axes=[("颜色", ["红", "蓝"]), ("尺码", ["M"])], **who)
    assert events() == []


def test_prices_of_variants_are_set_in_one_go(now, who, events):
    size, sizes = make_attribute(now, "尺码", "S", "M")
    shirt = make_product(now, "衬衫", axes=[(size, sizes)], price_amount=100)
    small, medium = shirt.variants.all()
    events()
    assert variants.set_base_prices(product=shirt, prices=[(small, 100), (medium, 120)], **who) == 1
    assert events() == ["catalog.base_prices_set"]
    assert Event.objects.latest("pk").data["prices"] == {medium.code: [100, 120]}
    with pytest.raises(variants.PriceBelowZero):
        variants.set_base_prices(product=shirt, prices=[(small, -1)], **who)
    stranger = only_variant(make_product(now, "裤子", price_amount=5))
    assert variants.set_base_prices(product=shirt, prices=[(stranger, 7)], **who) == 0
    stranger.refresh_from_db()
    assert stranger.price_amount == 5


def test_a_service_and_a_bundle_are_entered_whole_or_not_at_all(now, who, events):
    oil = only_variant(make_product(now, "精油"))
    events()
    values = {"name": "护理", "kind": "SERVICE"}
    service = products.create_product(values=values, minutes=60, **who)
    gift = products.create_product(
        values={"name": "礼盒", "kind": "BUNDLE"}, parts=[Part(oil, Decimal(2))], **who
    )
    assert events() == ["catalog.product_created"] * 2
    assert service.service.duration_minutes == 60
    assert only_variant(gift).bundle_items.get().variant == oil
    with pytest.raises(MinutesWrong):
        products.create_product(values=values, minutes=0, **who)
    assert Product.objects.filter(name="护理").count() == 1


# --- categories ------------------------------------------------------------------------------------------------------
def prices_of(category: Category) -> dict[tuple[str, int], int | None]:
    rows = PriceListItem.objects.filter(category=category).select_related("price_list")
    return {(row.price_list.code, int(row.min_quantity)): row.percent_bp or row.price_amount for row in rows}


def test_prices_of_a_merged_category_go_along_and_give_way_to_those_of_the_kept_one(now, who):
    rings, bands = (categories.add_category(name=name, **who) for name in ("戒指", "指环"))
    stones = categories.add_category(name="镶嵌", parent=bands, **who)
    inside = categories.add_category(name="镶嵌", parent=rings, **who)
    vip, sale = (create_price_list(values={"code": code, "name": code}, **who) for code in ("VIP", "SALE"))
    set_prices(
        price_list=vip,
        prices=[
            Price(category_id=rings.pk, percent_bp=9_500),
            Price(category_id=bands.pk, percent_bp=9_000),
            Price(category_id=bands.pk, min_quantity=Decimal(10), percent_bp=8_000),
        ],
        **who,
    )
    set_prices(price_list=sale, prices=[Price(category_id=stones.pk, percent_bp=7_000)], **who)
    band = make_product(now, "指环一号", category=bands)
    assert [row.price_list for row in categories.clashing_prices(bands, rings)] == [vip]
    categories.merge_category(category=bands, into=rings, **who)
    assert prices_of(rings) == {("VIP", 0): 9_500, ("VIP", 10): 8_000}
    assert prices_of(inside) == {("SALE", 0): 7_000}
    assert not PriceListItem.objects.filter(category__in=[bands, stones]).exists()
    band.refresh_from_db()
    assert band.category == rings
    told = Event.objects.get(kind="catalog.category_merged").data
    assert told["prices_moved"] == 2
    assert told["prices_dropped"] == [["VIP", "0.0000", "90%"]]


def test_the_words_of_a_merge_say_which_price_stays(cast, now, who, signed_in):
    rings, bands = (categories.add_category(name=name, **who) for name in ("戒指", "指环"))
    vip = create_price_list(values={"code": "VIP", "name": "会员价"}, **who)
    both = [Price(category_id=rings.pk, percent_bp=9_500), Price(category_id=bands.pk, percent_bp=9_000)]
    set_prices(price_list=vip, prices=both, **who)
    make_product(now, "指环一号", category=bands)
    client = signed_in("manager")
    page = client.post(f"/goods/categories/{bands.pk}/merging/", {"category": rings.pk}).content.decode()
    for said in ("会员价", "90%", "95%", "1 件商品移到那里"):
        assert said in page
    bands.refresh_from_db()
    assert bands.merged_into is None
    back = client.post(
        f"/goods/categories/{bands.pk}/merging/", {"category": rings.pk, "confirmed": "1", "again": "1"}
    )
    assert back.status_code == 200
    client.post(f"/goods/categories/{bands.pk}/merging/", {"category": rings.pk, "confirmed": "1"})
    assert prices_of(rings) == {("VIP", 0): 9_500}
    assert Variant.objects.filter(product__category=rings).count() == 1
