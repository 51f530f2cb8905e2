"""Files become goods through the whole room of imports: variants, changes, the same again, undone."""

from __future__ import annotations

from datetime import datetime

import pytest

from dianke.catalog.models import Barcode, Brand, Category, Piece, Product, Variant
from dianke.catalog.operations import import_undo
from dianke.catalog.operations.import_undo import Undone
from dianke.catalog.operations.import_writing import take_in
from dianke.catalog.operations.importing import Draft, Fate, Settings, read
from dianke.catalog.operations.products import change_product
from dianke.catalog.rules.import_profiles import PROFILES
from dianke.catalog.tests.goods import make_product
from dianke.core.actor import SYSTEM, Actor
from dianke.events.operations import operation, record
from dianke.imports.importers import importer_by_code
from dianke.imports.models import ImportRun
from dianke.imports.operations import upload_file

pytestmark = pytest.mark.django_db


@operation(None)
def written(*, drafts: list[Draft], settings: Settings, actor: Actor, now: datetime) -> None:
    """As the room `imports` does it: one operation for a batch, one event."""
    take_in(drafts, settings)
    record("imports.rows_applied", "", actor=actor, now=now)


@operation(None)
def undone(*, run: ImportRun, actor: Actor, now: datetime) -> Undone:
    found = import_undo.undo_rows(run_id=run.pk, after_id=0, limit=100, now=now)
    record("imports.rows_undone", "", actor=actor, now=now)
    return found


@pytest.fixture
def run(cast, now):
    """`run()`: a file on its way."""

    def make() -> ImportRun:
        lines = [f"商品名称,售价\n第{ImportRun.objects.count()}个,1\n".encode()]
        return upload_file(
            importer="products", file_name="商品.csv", chunks=lines, actor=cast.actor("owner"), now=now
        )

    return make


def bring(rows, run, now, **more) -> list[Draft]:
    settings = Settings(run_id=run.pk, now=now, by_name=True, **more)
    drafts = read(list(enumerate(rows, start=2)), settings)
    written(drafts=drafts, settings=settings, actor=SYSTEM, now=now)
    return drafts


def fates(drafts: list[Draft]) -> list[str]:
    return [draft.fate.value for draft in drafts]


def problems(drafts: list[Draft]) -> list[str]:
    return [error.code for draft in drafts for error, _is_warning in draft.problems]


CARDIGAN = {
    "product_code": "KS01",
    "name": "羊毛开衫",
    "category": "女装/针织",
    "brand": "云裳",
    "price": "399",
}
FILE = [
    CARDIGAN | {"colour": "红", "size": "S", "barcode": "6901234567892"},
    CARDIGAN | {"colour": "红", "size": "M"},
    {"name": "面霜", "sku": "MS01", "unit": "瓶", "price": "128.5"},
    {"product_code": "KS01"},
]


def test_rows_of_one_code_are_variants_of_one_product(run, now):
    drafts = bring(FILE, run(), now)
    assert fates(drafts) == ["NEW", "NEW", "NEW", "SKIP"]
    product = Product.objects.get(code="KS01")
    assert [variant.label for variant in product.variants.order_by("position")] == ["红 / S", "红 / M"]
    assert product.category.name == "针织"
    assert product.category.path == [Category.objects.get(name="女装").pk]
    assert product.brand.name == "云裳"
    assert [axis.attribute.name for axis in product.axes.all()] == ["颜色", "尺码"]
    cream = Variant.objects.get(code="MS01")
    assert (cream.price_amount, cream.product.unit.code, cream.product.code) == (12_850, "BOTTLE", "MS01")
    assert Barcode.objects.get().variant.label == "红 / S"
    assert Variant.objects.filter(search_words__found_by="ymks").count() == 2


def test_the_same_file_again_changes_nothing(run, now):
    bring(FILE, run(), now)
    assert fates(bring(FILE, run(), now)) == ["SAME", "SAME", "SAME", "SKIP"]
    assert (Product.objects.count(), Variant.objects.count()) == (2, 3)
    assert (Category.objects.count(), Brand.objects.count()) == (2, 1)


def test_further_batches_of_a_file_add_to_the_product_before(run, now):
    one = run()
    bring(FILE[:1], one, now)
    settings = Settings(run_id=one.pk, now=now)
    drafts = read([(9, CARDIGAN | {"colour": "蓝", "size": "S"})], settings)
    written(drafts=drafts, settings=settings, actor=SYSTEM, now=now)
    assert Product.objects.get().variants.count() == 2


def test_goods_that_are_here_are_changed_and_empty_cells_change_nothing(run, now):
    bring(FILE, run(), now)
    rows = [{"sku": "MS01", "name": "保湿面霜", "price": "138"}, {"barcode": "6901234567892", "price": "299"}]
    assert fates(bring(rows, run(), now, may_update=False)) == ["SKIP", "SKIP"]
    assert fates(bring(rows, run(), now)) == ["CHANGED", "CHANGED"]
    cream = Variant.objects.get(code="MS01")
    assert (cream.product.name, cream.price_amount, cream.product.unit.code) == ("保湿面霜", 13_800, "BOTTLE")
    assert Variant.objects.get(label="红 / S").price_amount == 29_900
    assert Variant.objects.filter(search_words__found_by="保湿").count() == 1
    told = bring([{"sku": "MS01", "price": "1"}], run(), now, may_price=False)
    assert (fates(told), problems(told)) == (["SAME"], ["import_price_stays"])


def test_rows_that_contradict_each_other_are_refused(run, now):
    bring(FILE, run(), now)
    rows = [
        {"sku": "MS01", "product_code": "KS01"},
        {"price": "8"},
        {"name": "水", "price": "贵"},
        {"name": "乳液", "sku": "RY", "barcode": "6901234567892"},
        {"name": "乳液", "sku": "RY"},
    ]
    drafts = bring(rows, run(), now)
    assert fates(drafts) == ["ERROR", "ERROR", "ERROR", "NEW", "ERROR"]
    assert problems(drafts) == [
        "import_codes_disagree",
        "import_goods_name_missing",
        "not_an_amount",
        "import_barcode_elsewhere",
        "import_goods_twice",
    ]


def test_an_import_is_taken_back_but_not_what_was_used_since(run, now):
    old = make_product(now, "老面霜", code="OLD", price_amount=100)
    one = run()
    rows = [
        {"name": "金戒指", "sku": "J1", "kind": "单件"},
        *FILE,
        {"sku": "OLD", "name": "新面霜", "price": "2", "barcode": "96385074"},
    ]
    bring(rows, one, now)
    ring = Variant.objects.get(code="J1")
    Piece.objects.create(variant=ring, tag="R1", created_at=now)
    cream = Product.objects.get(code="MS01")
    change_product(product=cream, values={"name": "改过的面霜"}, actor=SYSTEM, now=now)
    found = undone(run=one, actor=SYSTEM, now=now)
    assert (found.removed, found.restored, found.kept) == (2, 1, 2)
    assert set(Product.objects.values_list("code", flat=True)) == {"J1", "MS01", "OLD"}
    old.refresh_from_db()
    assert (old.name, old.variants.get().price_amount) == ("老面霜", 100)
    assert not Barcode.objects.filter(value="96385074").exists()
    assert Variant.objects.filter(search_words__found_by="老面霜").exists()


def test_the_importer_is_offered_with_profiles_that_name_its_own_fields(cast):
    importer = importer_by_code("products")
    known = {target.code for target in importer.targets(cast.actor("owner"))}
    for profile in PROFILES:
        assert {target for target in profile.headers.values() if target} <= known
    assert importer.permission == "catalog.import_products"
    assert Fate.SKIP.value == "SKIP"
