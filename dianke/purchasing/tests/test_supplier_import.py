"""Lists of suppliers come in, known ones are found, and everything goes out again that nobody used since."""

from __future__ import annotations

import pytest

from dianke.core.actor import SYSTEM
from dianke.imports.importers import OutcomeKind
from dianke.purchasing import operations
from dianke.purchasing.models import Supplier
from dianke.purchasing.providers.supplier_importer import SupplierImporter
from dianke.purchasing.rules import supplier_rows
from dianke.purchasing.tests.cast import TODAY
from dianke.purchasing.tests.test_suppliers import rows, run_of, within

pytestmark = pytest.mark.django_db
CREATED, UPDATED, UNCHANGED, ERROR = (
    OutcomeKind.CREATED,
    OutcomeKind.UPDATED,
    OutcomeKind.UNCHANGED,
    OutcomeKind.ERROR,
)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("月结30天", ("MONTH_END", 30)),
        ("货到付款", ("ON_DELIVERY", 0)),
        ("预付", ("PREPAID", 0)),
        ("45天", ("DAYS", 45)),
        ("30 days", ("DAYS", 30)),
    ],
)
def test_terms_are_read_as_people_write_them(text, terms) -> None:
    assert supplier_rows.terms_of(text) == terms


def test_words_nobody_understands_are_refused() -> None:
    with pytest.raises(supplier_rows.NotTerms):
        supplier_rows.terms_of("看情况")
    with pytest.raises(supplier_rows.NotYesOrNo):
        supplier_rows.yes_or_no("也许", field="deductible")
    with pytest.raises(supplier_rows.NotARating):
        supplier_rows.rating_of("6")
    assert supplier_rows.rating_of("★★★") == 3


LIST = (
    {
        "name": "苏州绣坊有限公司",
        "contact_phone": "13900002222",
        "contact_name": "吴姐",
        "terms": "月结15天",
        "lead_days": "4天",
        "minimum": "2,000",
        "deductible": "是",
        "rating": "★★★★",
    },
    {"code": "s002", "name": "丝路织造厂", "lead_days": "2", "contact_phone": "13900003333"},
    {"name": "上海美源百货有限公司"},
    {"name": "坏行", "terms": "看情况"},
    {"name": "苏州绣坊有限公司"},
    {"code": "S900"},
)


def test_a_list_of_suppliers_comes_in_and_goes_out_again(buyers, now) -> None:
    importer, context = SupplierImporter(), run_of(buyers, now)
    forecast = [check.forecast for check in importer.check(rows(*LIST), context)]
    outcomes = within(work=lambda: importer.apply(rows(*LIST), context), actor=SYSTEM, now=now)
    assert forecast == [each.kind for each in outcomes] == [CREATED, UPDATED, UNCHANGED, ERROR, ERROR, ERROR]
    codes = [each.problems[0].code for each in outcomes[3:]]
    assert codes == ["supplier_row_not_terms", "supplier_row_twice", "supplier_row_name_missing"]
    made = Supplier.objects.get(name="苏州绣坊有限公司")
    assert (made.payment_terms, made.payment_days, made.lead_days) == ("MONTH_END", 15, 4)
    assert (made.minimum_order_amount, made.rating, made.masked_phone) == (200_000, 4, "139****2222")
    assert made.code.startswith("S")
    silkroad = Supplier.objects.get(pk=buyers.silkroad.pk)
    assert (silkroad.lead_days, silkroad.contact_phone) == (2, None)

    again = within(work=lambda: importer.apply(rows(*LIST[:3]), run_of(buyers, now)), actor=SYSTEM, now=now)
    assert {each.kind for each in again} == {UNCHANGED}

    undone = within(work=lambda: importer.undo(context, "", 100), actor=SYSTEM, now=now)
    assert (undone.removed, undone.restored, undone.kept, undone.cursor) == (1, 1, 0, "")
    assert not Supplier.objects.filter(name="苏州绣坊有限公司").exists()
    assert Supplier.objects.get(pk=buyers.silkroad.pk).lead_days == 1


def test_undoing_keeps_suppliers_that_were_used_or_changed_since(buyers, now) -> None:
    importer, context = SupplierImporter(), run_of(buyers, now)
    lines = ({"name": "甲厂"}, {"name": "乙厂"}, {"code": "S002", "lead_days": "9"})
    within(work=lambda: importer.apply(rows(*lines), context), actor=SYSTEM, now=now)
    used = Supplier.objects.get(name="甲厂")
    operations.set_price(
        supplier=used, variant=buyers.scarf, price_amount=900, from_date=TODAY, actor=SYSTEM, now=now
    )
    silkroad = Supplier.objects.get(pk=buyers.silkroad.pk)
    operations.change_supplier(supplier=silkroad, values={"lead_days": 3}, actor=SYSTEM, now=now)
    first = within(work=lambda: importer.undo(context, "", 2), actor=SYSTEM, now=now)
    rest = within(work=lambda: importer.undo(context, first.cursor, 2), actor=SYSTEM, now=now)
    assert (first.removed, first.kept) == (1, 1)
    assert (rest.restored, rest.kept, rest.cursor) == (0, 1, "")
    assert Supplier.objects.filter(name="甲厂").exists()
    assert Supplier.objects.get(pk=silkroad.pk).lead_days == 3
