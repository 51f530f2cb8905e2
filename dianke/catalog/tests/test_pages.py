"""The pages of the goods: who opens them, what they show, what a form keeps when it is wrong."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.urls import reverse

from dianke.catalog.models import Attribute, Barcode, BundleItem, Category, Piece, Product, Variant
from dianke.catalog.tests.goods import only_variant
from dianke.catalog.tests.shop_window import Window, make_window
from dianke.catalog.views.listings import ProductListing
from dianke.web.exporting import file_of, write_export
from dianke.web.operations import request_export

pytestmark = pytest.mark.django_db


@pytest.fixture
def window(cast) -> Window:
    return make_window(cast)


def url(name: str, *args: object) -> str:
    return reverse(f"catalog:{name}", args=args)


def text_of(answer) -> str:
    return answer.content.decode()


def every_page(window: Window) -> dict[str, str]:
    """Each page with one address."""
    shirt, variant = window.shirt.pk, window.shirt.variants.first().pk
    group = window.sofa.groups.first()
    colour = Attribute.objects.get(name="颜色")
    row = window.rings.pk
    of_product = {
        name: url(name, shirt)
        for name in ("product", "product-edit", "product-history", "variants", "base-prices", "barcodes-give")
    }
    of_variant = {name: url(name, variant) for name in ("variant", "variant-price", "base-price", "barcodes")}
    plain = (
        "products", "product-new", "price-lists", "price-list-new", "day-prices", "day-price-change", "buy-back",
        "labels", "categories", "category-new", "brands", "brand-new", "measures", "unit-new", "tax-class-new",
        "attributes", "attribute-new",
    )  # fmt: skip
    return {
        **{name: url(name) for name in plain},
        **of_product,
        **of_variant,
        **{f"new {kind}": f"{url('product-new')}?kind={kind}" for kind in Product.Kind.values},
        **{
            f"page of {kind}": url("product", product.pk)
            for kind, product in vars(window).items()
            if isinstance(product, Product)
        },
        **{name: url(name, colour.pk) for name in ("attribute", "attribute-rename", "attribute-merge")},
        "attribute-values-new": url("attribute-values-new", colour.pk),
        "attribute-value": url("attribute-value", colour.values.first().pk),
        "attribute-value-merge": url("attribute-value-merge", colour.values.first().pk),
        "photos": url("photos", shirt),
        "photos-of-product": url("photos-of-product", shirt),
        "photos-of-variant": url("photos-of-variant", variant),
        "photos-of-piece": url("photos-of-piece", window.piece.pk),
        "service": url("service", window.facial.pk),
        "consumables": url("consumables", only_variant(window.facial).pk),
        "bundle": url("bundle", only_variant(window.gift).pk),
        "group-new": url("group-new", window.sofa.pk),
        "group": url("group", group.pk),
        "choice-new": url("choice-new", group.pk),
        "choice": url("choice", group.choices.first().pk),
        "rules": url("rules", window.sofa.pk),
        "configuration": url("configuration", window.sofa.pk),
        "piece-new": url("piece-new", window.ring.pk),
        "pieces-new": url("pieces-new", window.ring.pk),
        "piece": url("piece", window.piece.pk),
        "piece-edit": url("piece-edit", window.piece.pk),
        **{name: url(name, row) for name in ("category", "category-move", "category-merge")},
        **{
            name: url(name, window.vip.pk)
            for name in (
                "price-list",
                "price-list-edit",
                "prices-add",
                "category-price",
                "price-list-adjust",
                "price-list-copy",
            )
        },
    }


def test_every_page_opens_for_the_owner_as_a_page_and_as_a_dialog(signed_in, window) -> None:
    client = signed_in("owner")
    for name, address in every_page(window).items():
        assert client.get(address).status_code == 200, name
        part = client.get(address, headers={"HX-Request": "true", "HX-Target": "div#dialog-body"})
        assert part.status_code == 200, name
        assert "<html" not in text_of(part), name


READING = {
    "products", "product", "product-history", "variant-price", "price-lists", "day-prices", "buy-back", "labels",
    "categories", "brands", "configuration", "piece", "price-list",
}  # fmt: skip


def test_a_clerk_reads_and_is_refused_what_changes_goods(signed_in, window) -> None:
    client = signed_in("clerk")
    for name, address in every_page(window).items():
        wanted = 200 if name in READING or name.startswith("page of") else 403
        assert client.get(address).status_code == wanted, name
    page = text_of(client.get(url("product", window.shirt.pk)))
    assert url("product-edit", window.shirt.pk) not in page
    assert url("base-price", window.shirt.variants.first().pk) not in page


def rows(cast, query: str = "") -> list[str]:
    listing = ProductListing(cast.actor("clerk"), cast.now)
    return sorted(row.code for row in listing.result(listing.state(QueryDict(query))).page.items)


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("q=衬衫", ["SHIRT"]),
        ("q=njcs", ["SHIRT"]),
        ("q=OIL", ["OIL"]),
        ("q=R0001", ["RING"]),
        ("kind=SERVICE", ["FACIAL"]),
        ("tracking=PIECE", ["RING"]),
        ("photo=yes", []),
        ("price=yes", ["RING"]),
        ("state=ARCHIVED", []),
        ("brand=none", ["FACIAL", "GIFT", "OIL", "RING", "SOFA"]),
        ("category=none", ["FACIAL", "GIFT", "OIL", "SHIRT", "SOFA"]),
        ("category=999999999999999999999", []),
        ("brand=x", []),
    ],
)
def test_filters_and_search_narrow_the_list(cast, window, query, seen) -> None:
    assert rows(cast, query) == seen


def test_a_category_lists_its_whole_branch(cast, window) -> None:
    assert rows(cast, f"category={window.rings.parent_id}") == ["RING"]


def test_a_scanned_barcode_finds_its_product(cast, window) -> None:
    assert rows(cast, f"q={Barcode.objects.get().value}") == ["OIL"]


def test_an_export_writes_the_prices_it_shows(cast, window) -> None:
    actor = cast.actor("owner")
    made = request_export(
        list_code="catalog.products", query="q=SHIRT", format="csv", total_count=1, actor=actor, now=cast.now
    )
    written = file_of(write_export(made, actor=actor, now=cast.now))
    with written.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    assert [list(row.values())[:2] for row in found] == [["牛津衬衫", "SHIRT"]]
    assert any("199" in value for value in found[0].values())


def test_two_attributes_make_a_matrix_and_the_member_price_says_why(signed_in, window) -> None:
    page = text_of(signed_in("owner").get(url("product", window.shirt.pk)))
    assert "ca-matrix" in page
    assert "¥179.00" in page
    assert "会员价" in page
    why = text_of(signed_in("clerk").get(url("variant-price", window.shirt.variants.first().pk)))
    assert "¥179.00" in why
    assert "会员价" in why


def test_a_piece_shows_its_price_line_by_line(signed_in, window) -> None:
    page = text_of(signed_in("clerk").get(url("piece", window.piece.pk)))
    # 3.52 g x 900.00 and 3.52 g x 20.00 making.
    for shown in ("¥3,168.00", "¥70.40", "¥3,238.40", "NGTC NG123"):
        assert shown in page


def test_the_calculator_adds_up_and_names_what_does_not_go_together(signed_in, window) -> None:
    choices = {choice.name: choice.pk for group in window.sofa.groups.all() for choice in group.choices.all()}
    groups = {group.name: group.pk for group in window.sofa.groups.all()}
    client = signed_in("clerk")
    chosen = {"calculate": 1, f"group-{groups['面料']}": choices["真皮"]}
    page = text_of(client.get(url("configuration", window.sofa.pk), chosen))
    assert "¥10,800.00" in page
    assert "45" in page
    clash = text_of(
        client.get(url("configuration", window.sofa.pk), {**chosen, f"group-{groups['脚']}": choices["钢脚"]})
    )
    assert 'class="dk-alert is-wait"' in clash


# --- forms -----------------------------------------------------------------------------------------------------------
def test_a_product_is_entered_with_price_and_barcode(signed_in, cast) -> None:
    client = signed_in("manager")
    sent = {"name": "护手霜", "price_amount": "39.9", "barcode": "6901234567892"}
    answer = client.post(f"{url('product-new')}?kind=GOODS", sent)
    product = Product.objects.get(name="护手霜")
    assert answer.status_code == 303
    assert answer["Location"] == url("product", product.pk)
    assert only_variant(product).price_amount == 3_990
    assert Barcode.objects.get().variant.product == product


def test_a_mistyped_barcode_is_told_beside_its_field_and_nothing_typed_is_lost(signed_in, cast) -> None:
    sent = {"name": "护手霜", "price_amount": "abc", "barcode": "6901234567891"}
    answer = signed_in("manager").post(f"{url('product-new')}?kind=GOODS", sent)
    assert answer.status_code == 422
    assert 'value="护手霜"' in text_of(answer)
    assert 'value="6901234567891"' in text_of(answer)
    assert not Product.objects.exists()


def test_a_set_of_unknown_goods_names_the_line(signed_in, window) -> None:
    sent = {"name": "礼盒二", "parts": "OIL 2\nNIX 1"}
    answer = signed_in("manager").post(f"{url('product-new')}?kind=BUNDLE", sent)
    assert answer.status_code == 422
    assert "NIX" in text_of(answer)
    assert not Product.objects.filter(name="礼盒二").exists()
    answer = signed_in("manager").post(
        f"{url('product-new')}?kind=BUNDLE", {"name": "礼盒二", "parts": "OIL 2\nSHIRT-红-M x 1"}
    )
    assert answer.status_code == 422


def test_a_bundle_and_a_service_are_entered_whole(signed_in, window) -> None:
    client = signed_in("manager")
    client.post(
        f"{url('product-new')}?kind=BUNDLE", {"name": "礼盒二", "price_amount": "100", "parts": "OIL 3"}
    )
    assert BundleItem.objects.get(bundle__product__name="礼盒二").quantity == Decimal(3)
    client.post(
        f"{url('product-new')}?kind=SERVICE", {"name": "剪发", "price_amount": "88", "duration_minutes": "45"}
    )
    assert Product.objects.get(name="剪发").service.duration_minutes == 45


def test_variants_come_from_attributes_that_are_made_on_the_way(signed_in, window) -> None:
    sent = {"name_1": "容量", "values_1": "10ml、30ml 50ml"}
    answer = signed_in("manager").post(url("variants", window.oil.pk), sent)
    assert answer.status_code == 303
    assert list(window.oil.variants.values_list("label", flat=True)) == ["10ml", "30ml", "50ml"]
    assert Barcode.objects.get().variant.label == "10ml"


def test_base_prices_are_set_together(signed_in, window) -> None:
    answer = signed_in("owner").post(url("base-prices", window.shirt.pk), {"everybody": "259"})
    assert answer.status_code == 303
    assert set(window.shirt.variants.values_list("price_amount", flat=True)) == {25_900}
    assert (
        signed_in("manager").post(url("base-prices", window.shirt.pk), {"everybody": "1"}).status_code == 403
    )


def test_own_barcodes_are_given_to_all_variants(signed_in, window) -> None:
    signed_in("manager").post(url("barcodes-give", window.shirt.pk), {"asked": "1"})
    assert Barcode.objects.filter(variant__product=window.shirt, kind="OWN").count() == 4


def test_a_pasted_table_of_pieces_says_which_row_is_wrong_and_enters_nothing(signed_in, window) -> None:
    client = signed_in("manager")
    shared = {"metal": "GOLD", "fineness": "999", "making": "PER_PIECE", "making_amount": "100"}
    table = "标签\t净重\nR0002\t3.1\t3.2\t12\nR0001\t4.2\nR0003\tschwer"
    answer = client.post(url("pieces-new", window.ring.pk), {**shared, "table": table})
    assert answer.status_code == 422
    assert "R0002" in text_of(answer)
    assert "schwer" in text_of(answer)
    assert Piece.objects.count() == 1
    taken = client.post(url("pieces-new", window.ring.pk), {**shared, "table": "R0002\t3.1\nR0001\t4.2"})
    assert taken.status_code == 422
    assert Piece.objects.count() == 1
    done = client.post(url("pieces-new", window.ring.pk), {**shared, "table": "R0002\t3.1\t3.2\t12\n\t4.25"})
    assert done.status_code == 303
    assert sorted(Piece.objects.values_list("net_weight_mg", flat=True)) == [3_100, 3_520, 4_250]


def test_a_piece_by_rate_keeps_its_share(signed_in, window) -> None:
    sent = {
        "metal": "GOLD",
        "fineness": "750",
        "net_weight_mg": "2.5",
        "making": "RATE",
        "making_rate": "12.5",
    }
    answer = signed_in("manager").post(url("piece-new", window.ring.pk), sent)
    assert answer.status_code == 303
    piece = Piece.objects.exclude(pk=window.piece.pk).get()
    assert (piece.making_amount, piece.gross_weight_mg) == (1_250, 2_500)


def test_categories_move_merge_and_go_up(signed_in, window) -> None:
    client = signed_in("manager")
    client.post(url("category-new"), {"name": "家居"})
    home = Category.objects.get(name="家居")
    client.post(url("category-up", home.pk))
    assert Category.objects.in_use().filter(parent=None).first() == home
    client.post(url("category-move", window.rings.pk), {"category": home.pk})
    window.rings.refresh_from_db()
    assert window.rings.path == [home.pk]
    asked = client.post(url("category-merge", window.rings.pk), {"category": home.pk})
    assert "1 件商品移到那里" in text_of(asked)
    client.post(url("category-merge", window.rings.pk), {"category": home.pk, "confirmed": "1"})
    window.ring.refresh_from_db()
    assert window.ring.category == home


def test_several_products_get_a_category_and_a_state(signed_in, window) -> None:
    client = signed_in("manager")
    ids = [window.oil.pk, window.gift.pk]
    asked = client.post(url("bulk-category"), {"ids": ids})
    assert asked.status_code == 200
    client.post(url("bulk-category"), {"ids": ids, "asked": "1", "category": window.rings.pk})
    assert Product.objects.filter(category=window.rings).count() == 3
    wrong = client.post(url("bulk-state"), {"ids": ids, "asked": "1"})
    assert wrong.status_code == 422
    client.post(url("bulk-state"), {"ids": ids, "asked": "1", "state": "ARCHIVED"})
    assert Product.objects.filter(state="ARCHIVED").count() == 2


def test_a_product_is_put_away_and_offered_again(signed_in, window) -> None:
    client = signed_in("manager")
    client.post(url("product-state", window.oil.pk), {"state": "ARCHIVED"})
    assert Product.objects.get(pk=window.oil.pk).state == "ARCHIVED"
    assert client.post(url("product-state", window.oil.pk), {"state": "NONSENSE"}).status_code == 404
    client.post(url("product-state", window.oil.pk), {"state": "ACTIVE"})
    assert Product.objects.get(pk=window.oil.pk).state == "ACTIVE"


def test_labels_show_the_price_and_a_code_for_every_variant(signed_in, window) -> None:
    client = signed_in("clerk")
    page = text_of(
        client.get(url("labels-print"), {"product": [window.shirt.pk, window.ring.pk], "copies": 2})
    )
    assert page.count("<article") == 10
    tag = text_of(client.get(url("labels-print"), {"piece": window.piece.pk, "size": "tag"}))
    assert "ca-label-bars" not in tag
    for symbols, seen in (("bars", (True, False)), ("both", (True, True)), ("other", (False, True))):
        page = text_of(
            client.get(url("labels-print"), {"piece": window.piece.pk, "size": "tag", "symbols": symbols})
        )
        assert ("ca-label-bars" in page, "ca-label-qr" in page) == seen, symbols
    long = text_of(
        client.get(url("labels"), {"product": window.shirt.pk, "size": "small", "symbols": "bars"})
    )
    assert "4 个编码太长" in long
    assert "ca-label-qr" in long
    for shown in ("R0001", "3.52", "NGTC NG123", "¥3,238.40", "data:image/svg"):
        assert shown in tag
    chosen = client.post(url("labels-of-products"), {"ids": [window.oil.pk]})
    assert chosen["Location"] == f"{url('labels')}?product={window.oil.pk}"


def test_a_product_page_asks_the_same_number_of_questions_whatever_the_number_of_variants(
    signed_in, window, django_assert_max_num_queries
) -> None:
    client = signed_in("owner")
    client.get(url("product", window.oil.pk))
    with django_assert_max_num_queries(45):
        client.get(url("product", window.shirt.pk))
    assert Variant.objects.filter(product=window.shirt).count() == 4
