"""The life of a product with its variants, barcodes, recipe and options; what the database refuses by itself."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from dianke.catalog.models import (
    Barcode,
    BundleItem,
    Category,
    Piece,
    Product,
    TaxClass,
    TaxRate,
    Unit,
    Variant,
    VariantValue,
)
from dianke.catalog.operations import (
    attributes,
    barcodes,
    bundles,
    configuration,
    pieces,
    products,
    service_details,
    units,
    variants,
)
from dianke.catalog.operations.service_details import Part
from dianke.catalog.queries.reading import configured, tax_rates_on
from dianke.catalog.rules.barcodes import Pattern, weighed_label
from dianke.catalog.tests.goods import make_attribute, make_product, only_variant
from dianke.core.actor import SYSTEM, PermissionRefused
from dianke.events.models import Event
from dianke.work.models import Skill

pytestmark = pytest.mark.django_db


@pytest.fixture
def who(now):
    return {"actor": SYSTEM, "now": now}


PATTERN = Pattern("22", 5, 5, "WEIGHT", 1000)


def check_constraints() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def kinds() -> list[str]:
    return list(
        Event.objects.filter(kind__startswith="catalog.").order_by("pk").values_list("kind", flat=True)
    )


# --- products ----------------------------------------------------------------------------------------------------
def test_a_product_begins_with_one_variant_a_unit_and_a_number(now):
    product = make_product(now, " 保湿  面霜 ", price_amount=12_800, barcode="6901234567892")
    variant = only_variant(product)
    assert product.name == "保湿 面霜"
    assert product.code.startswith("P1")
    assert (product.unit.code, product.tax_class.code, product.tracking) == ("PIECE", "STANDARD", "NONE")
    assert (variant.label, variant.code, variant.price_amount) == ("", product.code, 12_800)
    assert variant.barcodes.get().value == "6901234567892"
    assert kinds() == ["catalog.product_created"]


@pytest.mark.parametrize(
    ("kind", "tracking", "unit"),
    [("PIECE", "PIECE", "PIECE"), ("SERVICE", "NONE", "TIME"), ("BUNDLE", "NONE", "SET")],
)
def test_the_kind_says_how_stock_is_told_apart(now, kind, tracking, unit):
    product = make_product(now, "某物", kind=kind)
    assert (product.tracking, product.unit.code) == (tracking, unit)
    wrong = "NONE" if kind == "PIECE" else "BATCH"
    with pytest.raises(products.TrackingDoesNotFit):
        make_product(now, "某物", kind=kind, tracking=wrong)


def test_codes_and_names_are_minded(now, who):
    product = make_product(now, "面霜", code="MS01")
    with pytest.raises(products.ProductCodeTaken, match="MS01"):
        make_product(now, "乳液", code="MS01")
    with pytest.raises(products.ProductNameMissing):
        make_product(now, "  ")
    with pytest.raises(products.NotOfThisProduct):
        products.change_product(product=product, values={"kind": "SERVICE"}, **who)


def test_a_changed_name_is_found_and_the_log_says_what_changed(now, who):
    product = make_product(now, "面霜")
    later = now + timedelta(hours=1)
    products.change_product(product=product, values={"name": "精华"}, actor=SYSTEM, now=later)
    assert Variant.objects.filter(search_words__found_by="jinghua").exists()
    assert not Variant.objects.filter(search_words__found_by="面霜").exists()
    assert Product.objects.get().changed_at == later
    assert Event.objects.get(kind="catalog.product_changed").data["changes"] == {"name": ["面霜", "精华"]}
    products.change_product(product=product, values={"name": "精华"}, **who)
    assert kinds().count("catalog.product_changed") == 1


def test_unit_and_tracking_stay_once_a_product_is_offered(now, who):
    draft = make_product(now, "草稿", state="DRAFT")
    gram = Unit.objects.get(code="GRAM")
    products.change_product(product=draft, values={"unit": gram, "tracking": "BATCH"}, **who)
    products.activate_product(product=draft, **who)
    with pytest.raises(products.UnitStays):
        products.change_product(product=draft, values={"unit": Unit.objects.get(code="PIECE")}, **who)
    with pytest.raises(products.TrackingStays):
        products.change_product(product=draft, values={"tracking": "NONE"}, **who)


def test_a_product_is_discontinued_put_away_and_brought_back(now, who):
    product = make_product(now, "面霜")
    assert (product.may_be_bought, product.may_be_sold) == (True, True)
    product = products.discontinue_product(product=product, **who)
    assert (product.may_be_bought, product.may_be_sold) == (False, True)
    product = products.archive_product(product=product, **who)
    assert (product.may_be_bought, product.may_be_sold) == (False, False)
    products.archive_product(product=product, **who)
    product = products.activate_product(product=product, **who)
    assert product.may_be_bought
    assert kinds()[1:] == [
        "catalog.product_discontinued",
        "catalog.product_archived",
        "catalog.product_activated",
    ]


def test_only_managers_change_goods_and_only_heads_their_prices(now, cast):
    product = make_product(now, "面霜", price_amount=100)
    with pytest.raises(PermissionRefused):
        products.archive_product(product=product, actor=cast.actor("clerk"), now=now)
    variant = only_variant(product)
    manager = cast.actor("manager")
    with pytest.raises(PermissionRefused):
        variants.set_base_price(variant=variant, price_amount=1, actor=manager, now=now)
    variants.set_base_price(variant=variant, price_amount=90, actor=cast.actor("owner"), now=now)
    assert only_variant(product).price_amount == 90
    assert Product.objects.visible_to(cast.actor("clerk")).count() == 1


# --- variants ----------------------------------------------------------------------------------------------------
def test_a_matrix_keeps_the_first_variant_and_makes_the_others(now, who):
    product = make_product(now, "开衫", code="KS", price_amount=39_900, barcode="6901234567892")
    first = only_variant(product)
    colour, (red, blue) = make_attribute(now, "颜色", "红", "蓝")
    size, (small, large) = make_attribute(now, "尺码", "S", "L")
    variants.set_matrix(product=product, axes=[(colour, [red, blue]), (size, [small, large])], **who)
    rows = list(Variant.objects.order_by("position"))
    assert [row.label for row in rows] == ["红 / S", "红 / L", "蓝 / S", "蓝 / L"]
    assert rows[0].pk == first.pk
    assert Barcode.objects.get().variant_id == first.pk
    assert {row.price_amount for row in rows} == {39_900}
    assert [row.code for row in rows][1:] == ["KS-1-2", "KS-2-1", "KS-2-2"]
    assert set(rows[3].values.values_list("name", flat=True)) == {"蓝", "L"}
    assert Variant.objects.filter(search_words__found_by="开衫 蓝").count() == 2


def test_laying_the_same_matrix_again_changes_nothing_and_a_smaller_one_retires(now, who):
    colour, (red, blue) = make_attribute(now, "颜色", "红", "蓝")
    product = make_product(now, "开衫", axes=[(colour, [red, blue])])
    variants.set_matrix(product=product, axes=[(colour, [red, blue])], **who)
    assert "catalog.variants_laid_out" not in kinds()
    variants.set_matrix(product=product, axes=[(colour, [blue])], **who)
    assert {row.label: row.is_active for row in Variant.objects.all()} == {"红": False, "蓝": True}
    variants.set_matrix(product=product, axes=[(colour, [red, blue])], **who)
    assert Variant.objects.filter(is_active=True).count() == 2
    assert Variant.objects.count() == 2


def test_a_value_belongs_to_its_attribute(now, who):
    colour, (red,) = make_attribute(now, "颜色", "红")
    _size, (small,) = make_attribute(now, "尺码", "S")
    product = make_product(now, "开衫")
    with pytest.raises(variants.ValueOfOtherAttribute):
        variants.set_matrix(product=product, axes=[(colour, [small])], **who)
    row = VariantValue.objects.create(variant=only_variant(product), attribute=colour, value=small)
    with pytest.raises(IntegrityError, match="of_attribute"), transaction.atomic():
        check_constraints()
    row.delete()
    assert red.attribute_id == colour.pk


def test_the_last_variant_stays_in_use(now, who):
    variant = only_variant(make_product(now, "面霜"))
    other = only_variant(make_product(now, "乳液", code="RY"))
    with pytest.raises(variants.LastVariant):
        variants.change_variant(variant=variant, values={"is_active": False}, **who)
    with pytest.raises(variants.SkuTaken):
        variants.change_variant(variant=variant, values={"code": "RY"}, **who)
    variants.change_variant(variant=variant, values={"scale_code": "12"}, **who)
    with pytest.raises(variants.ScaleCodeTaken):
        variants.change_variant(variant=other, values={"scale_code": "12"}, **who)
    with pytest.raises(variants.ScaleCodeWrong):
        variants.change_variant(variant=other, values={"scale_code": "1a"}, **who)


def test_values_that_are_there_already_are_not_made_again(now, who):
    colour, (_red, blue) = make_attribute(now, "颜色", "红", "蓝")
    assert attributes.rename_attribute_value(value=blue, name="宝蓝", **who).name == "宝蓝"
    attributes.add_attribute_values(attribute=colour, names=["红", "绿"], **who)
    assert list(colour.values.values_list("name", flat=True)) == ["红", "宝蓝", "绿"]
    with pytest.raises(attributes.AttributeNameTaken):
        attributes.add_attribute(name="颜色", **who)


# --- barcodes ----------------------------------------------------------------------------------------------------
def test_a_barcode_belongs_to_one_variant(now, who):
    cream, lotion = (only_variant(make_product(now, name)) for name in ("面霜", "乳液"))
    carton = barcodes.add_barcode(variant=cream, value="16901234567899", pack_quantity=Decimal(12), **who)
    assert (carton.kind, carton.pack_quantity) == ("ITF14", 12)
    again = barcodes.add_barcode(variant=cream, value="16901234567899", pack_quantity=Decimal(12), **who)
    assert again.pk == carton.pk
    with pytest.raises(barcodes.BarcodeTaken, match="面霜"):
        barcodes.add_barcode(variant=lotion, value="16901234567899", **who)
    with pytest.raises(barcodes.PackWrong):
        barcodes.add_barcode(variant=lotion, value="6901234567892", pack_quantity=Decimal(0), **who)
    barcodes.remove_barcode(barcode=carton, **who)
    barcodes.add_barcode(variant=lotion, value="16901234567899", **who)
    assert kinds().count("catalog.barcode_added") == 2


def test_own_barcodes_are_given_once(now, who):
    cream, lotion = (only_variant(make_product(now, name)) for name in ("面霜", "乳液"))
    first = barcodes.give_own_barcode(variant=cream, **who)
    assert barcodes.give_own_barcode(variant=cream, **who).pk == first.pk
    assert barcodes.give_own_barcode(variant=lotion, **who).value != first.value


def test_codes_of_the_scale_are_not_taught_as_barcodes(now, who):
    barcodes.set_weighed_pattern(prefix="22", **who)
    variant = only_variant(make_product(now, "毛肚"))
    with pytest.raises(barcodes.codes.BarcodeIsOfScale):
        barcodes.add_barcode(variant=variant, value=weighed_label(PATTERN, "123", 1255), **who)
    for prefix in ("20", "30", "2", "2a"):
        with pytest.raises(barcodes.PatternWrong):
            barcodes.set_weighed_pattern(prefix=prefix, **who)


# --- pieces ------------------------------------------------------------------------------------------------------
RING = {
    "gross_weight_mg": 5_200,
    "net_weight_mg": 5_000,
    "stone_weight_mg": 200,
    "metal": "GOLD",
    "fineness": 750,
}


def test_pieces_get_tags_and_are_all_entered_or_none(now, who):
    ring = only_variant(make_product(now, "六爪钻戒", kind="PIECE"))
    rows = [RING | {"tag": "zj001", "certificate_number": " gia 22 "}, RING]
    made = pieces.add_pieces(variant=ring, rows=rows, **who)
    assert made[0].tag == "ZJ001"
    assert made[0].certificate_number == "GIA22"
    assert made[1].tag.startswith("T")
    assert made[1].is_priced_by_day
    for rows, error in [
        ([RING, RING | {"tag": "ZJ001"}], pieces.TagTaken),
        ([RING | {"tag": "A"}, RING | {"tag": "a"}], pieces.TagTwice),
        ([RING | {"certificate_number": "GIA22"}], pieces.CertificateTaken),
        ([RING | {"net_weight_mg": 6_000}], pieces.NetAboveGross),
        ([RING | {"stone_weight_mg": 9_000}], pieces.StonesAboveGross),
        ([RING | {"fineness": 0}], pieces.FinenessDoesNotFit),
        ([], pieces.NoPieces),
    ]:
        with pytest.raises(error):
            pieces.add_pieces(variant=ring, rows=rows, **who)
    assert Piece.objects.count() == 2
    with pytest.raises(pieces.NotSoldByPiece):
        pieces.add_piece(variant=only_variant(make_product(now, "面霜")), values=RING, **who)


def test_the_price_of_a_piece_takes_another_permission(now, who, cast):
    ring = only_variant(make_product(now, "六爪钻戒", kind="PIECE"))
    piece = pieces.add_piece(variant=ring, values=RING, **who)
    manager = cast.actor("manager")
    assert pieces.change_piece(piece=piece, values={"size": "13"}, actor=manager, now=now).size == "13"
    with pytest.raises(PermissionRefused):
        pieces.change_piece(piece=piece, values={"price_amount": 1}, actor=manager, now=now)
    owner = cast.actor("owner")
    assert (
        pieces.change_piece(piece=piece, values={"price_amount": 1}, actor=owner, now=now).price_amount == 1
    )


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"net_weight_mg": 9_999}, "net_within_gross"),
        ({"stone_weight_mg": 9_999}, "stones_within_gross"),
        ({"metal": "NONE"}, "metal_and_fineness"),
        ({"fineness": 1001}, "metal_and_fineness"),
        ({"making": "GUESS"}, "piece_making"),
        ({"tag": ""}, "has_tag"),
    ],
)
def test_the_database_refuses_a_piece_that_cannot_be(now, who, change, constraint):
    ring = only_variant(make_product(now, "六爪钻戒", kind="PIECE"))
    piece = pieces.add_piece(variant=ring, values=RING, **who)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Piece.objects.filter(pk=piece.pk).update(**change)


# --- services, bundles, made to order ----------------------------------------------------------------------------
def test_a_service_takes_minutes_skills_and_goods(now, who):
    facial = make_product(now, "水光护理", kind="SERVICE", price_amount=68_000)
    serum = only_variant(make_product(now, "精华液", unit=Unit.objects.get(code="MILLILITRE")))
    skill = Skill.objects.create(name="水光")
    service_details.describe_service(
        product=facial, duration_minutes=90, buffer_minutes=15, skills=[skill], **who
    )
    service_details.describe_service(
        product=facial, duration_minutes=90, buffer_minutes=15, skills=[skill], **who
    )
    assert kinds().count("catalog.service_described") == 1
    variant = only_variant(facial)
    parts = [Part(serum, Decimal("2.5"))]
    service_details.set_consumables(service=variant, parts=parts, **who)
    service_details.set_consumables(service=variant, parts=parts, **who)
    assert kinds().count("catalog.consumables_set") == 1
    with pytest.raises(service_details.NotAService):
        service_details.set_consumables(service=serum, parts=parts, **who)
    with pytest.raises(service_details.ConsumableWrong):
        service_details.set_consumables(service=variant, parts=[Part(variant, Decimal(1))], **who)
    with pytest.raises(service_details.PartTwice):
        service_details.set_consumables(service=variant, parts=parts * 2, **who)
    with pytest.raises(service_details.MinutesWrong):
        service_details.describe_service(product=facial, duration_minutes=0, **who)


def test_a_bundle_never_holds_a_bundle(now, who):
    gift, other = (make_product(now, name, kind="BUNDLE") for name in ("礼盒", "大礼盒"))
    cream = only_variant(make_product(now, "面霜"))
    parts = [Part(cream, Decimal(2), 3)]
    bundles.set_bundle(bundle=only_variant(gift), parts=parts, **who)
    bundles.set_bundle(bundle=only_variant(gift), parts=parts, **who)
    assert kinds().count("catalog.bundle_set") == 1
    with pytest.raises(bundles.BundleInBundle):
        bundles.set_bundle(bundle=only_variant(other), parts=[Part(only_variant(gift), Decimal(1))], **who)
    with pytest.raises(bundles.BundleEmpty):
        bundles.set_bundle(bundle=only_variant(other), parts=[], **who)
    with pytest.raises(bundles.WeightsEmpty):
        bundles.set_bundle(bundle=only_variant(other), parts=[Part(cream, Decimal(1), 0)], **who)
    with pytest.raises(IntegrityError), transaction.atomic():
        BundleItem.objects.create(bundle=only_variant(other), variant=only_variant(gift), quantity=1)


def test_a_sofa_is_configured(now, who):
    sofa = make_product(now, "三人沙发", kind="MADE_TO_ORDER", lead_days=30)
    leather = only_variant(make_product(now, "头层牛皮", unit=Unit.objects.get(code="SQUARE_METRE")))
    cover = configuration.add_group(product=sofa, values={"name": "面料"}, **who)
    feet = configuration.add_group(product=sofa, values={"name": "脚", "min_choices": 0}, **who)
    skin = configuration.add_choice(
        group=cover,
        values={
            "name": "真皮",
            "price_delta_amount": 200_000,
            "extra_lead_days": 10,
            "variant": leather,
            "quantity": Decimal(8),
        },
        **who,
    )
    cloth = configuration.add_choice(group=cover, values={"name": "布"}, **who)
    gold = configuration.add_choice(group=feet, values={"name": "镀金脚"}, **who)
    configuration.set_rules(product=sofa, rules=[(gold, "REQUIRES", skin)], **who)
    found = configured(sofa, 800_000, [skin.pk, gold.pk])
    assert (found.is_valid, found.price_amount, found.lead_days) == (True, 1_000_000, 40)
    assert [problem.code for problem in configured(sofa, 0, [cloth.pk, gold.pk]).problems] == [
        "choice_requires"
    ]
    with pytest.raises(configuration.RuleOutside):
        configuration.set_rules(product=sofa, rules=[(gold, "REQUIRES", gold)], **who)
    with pytest.raises(configuration.OptionNameTaken):
        configuration.add_choice(group=cover, values={"name": "布"}, **who)
    with pytest.raises(configuration.OptionUseWrong):
        configuration.change_choice(choice=cloth, values={"quantity": Decimal(1)}, **who)
    with pytest.raises(configuration.ChoiceCountsWrong):
        configuration.change_group(group=cover, values={"min_choices": 2}, **who)
    with pytest.raises(configuration.NotMadeToOrder):
        configuration.add_group(product=make_product(now, "面霜"), values={"name": "面料"}, **who)


# --- units, taxes, the database ----------------------------------------------------------------------------------
def test_tax_rates_hold_from_their_day(now, who):
    standard = TaxClass.objects.get(code="STANDARD")
    first = TaxRate.objects.get(tax_class=standard).from_date
    later = first.replace(year=2030)
    units.set_tax_rate(tax_class=standard, rate_bp=1100, from_date=later, **who)
    assert tax_rates_on(later - timedelta(days=1), [standard.pk]) == {standard.pk: 1300}
    assert tax_rates_on(later, [standard.pk]) == {standard.pk: 1100}
    assert tax_rates_on(first - timedelta(days=1), [standard.pk]) == {}
    with pytest.raises(units.TaxRateWrong):
        units.set_tax_rate(tax_class=standard, rate_bp=10_001, from_date=later, **who)
    with pytest.raises(units.UnitTaken):
        units.add_unit(code="GRAM", name="克重", **who)
    assert units.add_unit(code="tin", name="罐", **who).code == "TIN"


def test_a_product_without_variant_is_refused_at_the_end(now):
    unit = Unit.objects.get(code="PIECE")
    product = Product.objects.create(code="X", name="x", unit=unit, created_at=now, changed_at=now)
    with pytest.raises(IntegrityError, match="no variant"), transaction.atomic():
        check_constraints()
    product.delete()


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"kind": "SERVICE"}, "never changes"),
        ({"tracking": "GUESS"}, "tracking"),
        ({"shelf_life_days": 0}, "keeps"),
        ({"code": ""}, "has_code"),
    ],
)
def test_the_database_refuses_a_product_that_cannot_be(now, change, constraint):
    product = make_product(now, "面霜")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Product.objects.filter(pk=product.pk).update(**change)


def test_the_database_keeps_paths_of_categories_true():
    top = Category.objects.create(name="珠宝")
    for values in ({"path": [top.pk]}, {"path": [], "parent": top}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Category.objects.create(name="错", **values)
