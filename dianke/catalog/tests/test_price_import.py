"""A price list out of a file: checked, written, the same again, taken back."""

from __future__ import annotations

import pytest

from dianke.catalog.models import Barcode, PriceImport
from dianke.catalog.operations.prices import Price, set_prices
from dianke.catalog.tests.price_cast import Goods, make_goods
from dianke.core.actor import SYSTEM
from dianke.imports import operations, running
from dianke.imports.models import ImportRow, ImportRun
from dianke.imports.operations.steering import OptionNotPossible
from dianke.stores.tests.cast import Cast, make_cast

HEAD = ("货号", "条码", "价格", "起订量")
FILE = (
    HEAD,
    ("SHIRT-R", "", "88.00", ""),
    ("", "6901234567892", "¥77", ""),
    ("SHIRT-R", "", "80", "10"),
    ("NOPE", "", "1", ""),
    ("", "", "1", ""),
    ("SHIRT-R", "6901234567892", "1", ""),
    ("SHIRT-B", "", "-1", ""),
    ("SHIRT-B", "", "1", "-3"),
    ("SHIRT-R", "", "99.00", ""),
    ("SHIRT-R", "", "88", ""),
)
ERRORS = {
    5: "price_goods_not_found",
    6: "price_row_names_nothing",
    7: "price_codes_disagree",
    8: "price_below_zero",
    9: "price_quantity_not_a_number",
    10: "price_twice_in_file",
}


@pytest.fixture
def cast(db, now) -> Cast:
    return make_cast(now)


@pytest.fixture
def goods(cast, now) -> Goods:
    made = make_goods(now)
    Barcode.objects.create(variant=made.blue, value="6901234567892", kind="EAN13")
    return made


@pytest.fixture
def bring(cast, now, settings, tmp_path):
    """`bring(price_list)`: a whole run with `FILE`, as the pages and the job do it."""
    settings.MEDIA_ROOT = tmp_path / "media"

    def run(price_list, rows=FILE, by="owner") -> ImportRun:
        who = {"actor": cast.actor(by), "now": now}
        data = "\r\n".join(",".join(row) for row in rows).encode()
        made = operations.upload_file(importer="prices", file_name="价格.csv", chunks=[data], **who)
        mapping = dict(enumerate(("code", "barcode", "price", "min_quantity")))
        options = {"list": str(price_list.pk)}
        operations.check_run(run=made, mapping=mapping, match_rule="", options=options, **who)
        running.work(made.pk, lambda: now)
        made.refresh_from_db()
        operations.start_run(run=made, **who)
        running.work(made.pk, lambda: now)
        made.refresh_from_db()
        return made

    return run


def prices_in(price_list) -> dict[tuple[str, int], int | None]:
    rows = price_list.items.values_list("variant__code", "min_quantity", "price_amount")
    return {(code, int(quantity)): amount for code, quantity, amount in rows}


def test_rows_become_prices_and_wrong_ones_are_told_by_row(goods, bring):
    made = goods.price_list("X", Price(variant_id=goods.red.pk, price_amount=5))
    run = bring(made)
    assert run.state == ImportRun.State.DONE
    assert prices_in(made) == {("SHIRT-R", 0): 8_800, ("SHIRT-B", 0): 7_700, ("SHIRT-R", 10): 8_000}
    noted = ImportRow.objects.filter(run=run)
    assert {row.row_number: row.codes[0] for row in noted if row.codes} == ERRORS
    assert PriceImport.objects.filter(run=run).count() == 3


def test_the_same_file_again_changes_nothing(goods, bring):
    made = goods.price_list("X")
    bring(made)
    again = bring(made)
    assert PriceImport.objects.filter(run=again).count() == 0
    assert len(prices_in(made)) == 3


def test_taking_an_import_back_restores_what_was_there_and_keeps_what_changed_since(goods, cast, bring, now):
    red = Price(variant_id=goods.red.pk, percent_bp=9_000)
    made = goods.price_list("X", red, Price(variant_id=goods.blue.pk, price_amount=5))
    run = bring(made)
    later = Price(variant_id=goods.blue.pk, price_amount=6_600)
    set_prices(price_list=made, prices=[later], actor=SYSTEM, now=now)
    operations.start_undo(run=run, actor=cast.actor("owner"), now=now)
    running.work(run.pk, lambda: now)
    run.refresh_from_db()
    assert run.state == ImportRun.State.UNDONE
    assert prices_in(made) == {("SHIRT-R", 0): None, ("SHIRT-B", 0): 6_600}
    assert made.items.get(variant=goods.red).percent_bp == 9_000
    assert not PriceImport.objects.exists()


def test_who_leads_some_stores_imports_prices_for_those_only(goods, cast, bring):
    mine, all_stores = goods.price_list("E", stores=(cast.lake,)), goods.price_list("ALL")
    assert bring(mine, FILE[:2], by="region").state == ImportRun.State.DONE
    assert prices_in(mine) == {("SHIRT-R", 0): 8_800}
    with pytest.raises(OptionNotPossible):
        bring(all_stores, FILE[:2], by="region")
    assert prices_in(all_stores) == {}
