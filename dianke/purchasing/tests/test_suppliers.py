"""Suppliers, their prices and the wishes for goods: what is checked, what is kept of the past, price lists from
files."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from dianke.core.actor import SYSTEM, Actor
from dianke.core.identifiers import CreditCodeMistyped
from dianke.events.operations import operation, record
from dianke.imports.importers import Context, OutcomeKind, Row
from dianke.imports.models import ImportRun
from dianke.purchasing import operations
from dianke.purchasing.models import Supplier, SupplierPrice
from dianke.purchasing.providers.importer import PriceImporter
from dianke.purchasing.queries.offers import compare_suppliers, price_history
from dianke.purchasing.queries.performance import supplier_reports
from dianke.purchasing.tests.cast import TODAY, D

pytestmark = pytest.mark.django_db
GOOD_NUMBER = "91110000600037341L"


def change(buyers, **values):
    return operations.change_supplier(supplier=buyers.meiyuan, values=values, actor=SYSTEM, now=buyers.now)


def test_tax_numbers_are_checked_by_the_rules_of_the_country(buyers):
    assert change(buyers, tax_number=GOOD_NUMBER.lower()).tax_number == GOOD_NUMBER
    with pytest.raises(CreditCodeMistyped):
        change(buyers, tax_number="91110000600037341A")
    with pytest.raises(operations.TaxNumberWrong):
        change(buyers, country="TW", tax_number="00501502")
    assert change(buyers, country="TW", tax_number="00501503").tax_number == "00501503"
    with pytest.raises(operations.TaxNumberTaken):
        operations.change_supplier(
            supplier=buyers.silkroad,
            values={"country": "TW", "tax_number": "00501503"},
            actor=SYSTEM,
            now=buyers.now,
        )


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"code": "s002"}, operations.SupplierCodeTaken),
        ({"rating": 6}, operations.RatingOutOfRange),
        ({"order_email": "nobody"}, operations.EmailWrong),
        ({"payment_terms": "NEVER"}, operations.TermsWrong),
        ({"currency": "USD"}, operations.SupplierCurrencyInUse),
    ],
)
def test_what_cannot_be_meant_is_refused(buyers, values, error):
    with pytest.raises(error):
        change(buyers, **values)


def test_a_supplier_is_found_by_pinyin_code_and_tax_number(buyers):
    change(buyers, tax_number=GOOD_NUMBER)
    for words in ("美源", "meiyuan", "s001", GOOD_NUMBER[:8]):
        assert Supplier.objects.filter(search_words__found_by=words).get() == buyers.meiyuan


def test_a_new_price_ends_the_one_before_and_a_later_one_stands(buyers, now):
    who = {"supplier": buyers.meiyuan, "variant": buyers.scarf, "actor": SYSTEM, "now": now}
    march, june = date(2026, 3, 1), date(2026, 6, 1)
    operations.set_price(price_amount=1200, from_date=june, **who)
    operations.set_price(price_amount=1100, from_date=march, **who)
    rows = SupplierPrice.objects.filter(supplier=buyers.meiyuan, variant=buyers.scarf).order_by("from_date")
    assert list(rows.values_list("price_amount", "from_date", "to_date")) == [
        (1000, date(2026, 1, 1), march),
        (1100, march, june),
        (1200, june, None),
    ]
    again = operations.set_price(price_amount=1150, from_date=march, **who)
    assert (again.pk, again.price_amount) == (rows[1].pk, 1150)
    history = price_history(buyers.scarf.pk, actor=SYSTEM)
    _name, points, moved = history[buyers.meiyuan.pk]
    assert [point.unit_price for point in points] == [D("10"), D("11.5"), D("12")]
    assert moved.change_bp == 2000


def test_the_database_refuses_two_prices_at_a_time(buyers, now):
    price = buyers.prices["scarf"]
    with pytest.raises(IntegrityError), transaction.atomic():
        SupplierPrice.objects.create(
            supplier=price.supplier,
            variant=price.variant,
            price_amount=1,
            from_date=date(2026, 5, 1),
            created_at=now,
        )


def test_offers_are_compared_for_the_quantity_that_is_needed(buyers, now):
    operations.set_price(
        supplier=buyers.silkroad,
        variant=buyers.scarf,
        price_amount=800,
        minimum_quantity=D(50),
        from_date=TODAY,
        actor=SYSTEM,
        now=now,
    )
    few = compare_suppliers(buyers.scarf.pk, needed=D(10), store=buyers.cast.lake, day=TODAY)
    many = compare_suppliers(buyers.scarf.pk, needed=D(60), store=buyers.cast.lake, day=TODAY)
    assert [row.offer.supplier for row in few] == ["美源", "丝路", "丝路"]
    assert (many[0].offer.supplier, many[0].total.to_minor()) == ("丝路", 48_000)


def test_paused_suppliers_offer_nothing_and_get_no_orders(buyers, now):
    operations.set_supplier_state(supplier=buyers.meiyuan, state="PAUSED", actor=SYSTEM, now=now)
    buyers.meiyuan.refresh_from_db()
    rows = compare_suppliers(buyers.scarf.pk, needed=D(1), store=buyers.cast.lake, day=TODAY)
    assert [row.offer.supplier for row in rows] == ["丝路"]
    with pytest.raises(operations.SupplierNotInUse):
        buyers.draft()


@pytest.mark.parametrize(
    ("terms", "days", "due"),
    [
        ("PREPAID", 30, date(2026, 11, 21)),
        ("ON_DELIVERY", 30, date(2026, 11, 21)),
        ("DAYS", 30, date(2026, 12, 21)),
        ("MONTH_END", 0, date(2026, 11, 30)),
        ("MONTH_END", 15, date(2026, 12, 15)),
    ],
)
def test_an_invoice_is_due_by_the_terms_of_the_supplier(terms, days, due):
    assert operations.due_date_of(Supplier(payment_terms=terms, payment_days=days), date(2026, 11, 21)) == due


@pytest.mark.parametrize(
    ("quantity", "error"),
    [("0", operations.QuantityWrong), ("1.5", operations.QuantityWrong), ("13", operations.NotWholePacks)],
)
def test_quantities_fit_unit_and_pack(buyers, quantity, error):
    with pytest.raises(error):
        buyers.draft((buyers.cream, quantity))


def test_services_and_goods_nobody_sells_are_not_ordered(buyers):
    with pytest.raises(operations.NotToBeBought):
        buyers.draft((buyers.shop.hand, 1))
    with pytest.raises(operations.PriceMissing):
        buyers.draft((buyers.shop.ring, 1))
    with pytest.raises(operations.GoodsTwice):
        buyers.draft((buyers.scarf, 1), (buyers.scarf, 2))


def test_wishes_of_the_store_count_before_the_general_ones(buyers, now):
    who = {"variant": buyers.scarf, "actor": SYSTEM, "now": now}
    operations.set_supply_rule(store=None, values={"safety_quantity": D(5)}, **who)
    operations.set_supply_rule(
        store=buyers.cast.lake, values={"safety_quantity": D(8), "supplier": buyers.silkroad}, **who
    )
    with pytest.raises(operations.WishesContradict):
        operations.set_supply_rule(store=buyers.cast.lake, values={"maximum_quantity": D(3)}, **who)
    plans = {
        store: operations.make_plan(store=store, actor=SYSTEM, now=now)
        for store in (buyers.cast.lake, buyers.cast.road)
    }
    lake, road = (plan.lines.get(variant=buyers.scarf) for plan in plans.values())
    assert (lake.quantity, lake.supplier) == (8, buyers.silkroad)
    assert (road.quantity, road.supplier) == (5, buyers.meiyuan)


def test_a_plan_counts_what_is_on_order_and_is_decided_line_by_line(buyers, now):
    operations.set_supply_rule(
        variant=buyers.cream, store=None, values={"safety_quantity": D(30)}, actor=SYSTEM, now=now
    )
    buyers.order((buyers.cream, 12))
    manager = buyers.actor("manager")
    plan = operations.make_plan(store=buyers.cast.lake, actor=manager, now=now)
    line = plan.lines.get(variant=buyers.cream)
    assert (line.suggested_quantity, line.facts["on_order"]) == (24, "12.0000")  # 18 missing, boxes of 12
    line = operations.change_plan_line(plan=plan, line_id=line.pk, quantity=D(30), actor=manager, now=now)
    assert (line.quantity, line.decision) == (36, "CHANGED")
    line = operations.change_plan_line(plan=plan, line_id=line.pk, quantity=D(0), actor=manager, now=now)
    assert line.decision == "DISMISSED"
    with pytest.raises(operations.PlanEmpty):
        operations.accept_plan(plan=plan, actor=manager, now=now)
    newer = operations.make_plan(store=buyers.cast.lake, actor=manager, now=now)
    plan.refresh_from_db()
    assert (plan.state, newer.state) == ("DISCARDED", "OPEN")
    with pytest.raises(operations.PlanNotOpen):
        operations.accept_plan(plan=plan, actor=manager, now=now)


def test_suppliers_are_judged_by_what_came(buyers, now):
    order = buyers.order(expected_date=TODAY)
    buyers.receive(order, buyers.came(order, 10, 8, difference="DAMAGED"))
    buyers.receive(order, buyers.came(order, 12), now=now + timedelta(days=3))
    (report,) = supplier_reports(
        from_date=date(2026, 11, 1), to_date=date(2026, 12, 1), today=date(2026, 12, 1), actor=SYSTEM
    )
    found = report.performance
    assert (found.lines, found.on_time_bp, found.complete_bp, found.defect_bp) == (1, 0, 10_000, 909)
    assert (found.average_delay_days, report.bought) == (D("3.0"), {"CNY": 20_000})


# --- price lists from files ------------------------------------------------------------------------------------------
def rows(*cells: dict[str, str]) -> list[Row]:
    found = []
    for number, each in enumerate(cells, start=2):
        row = Row(each)
        row.number = number
        found.append(row)
    return found


@operation(None)
def within(*, work, actor: Actor, now: datetime):
    """As the room `imports` does it: one operation for a batch, one event."""
    answer = work()
    record("imports.rows_applied", "", actor=actor, now=now)
    return answer


def run_of(buyers, now, **options: str) -> Context:
    from dianke.core.data_keys import issue_data_key

    run = ImportRun.objects.create(
        importer="supplier_prices",
        file_name="报价.xlsx",
        sha256="0" * 64,
        size=1,
        format="xlsx",
        data_key=issue_data_key("import", f"test-{ImportRun.objects.count()}"),
        started_by=buyers.cast["owner"].user,
        uploaded_at=now,
        started_at=now,
    )
    return Context(buyers.actor("owner"), now, run, options)


def test_a_price_list_comes_in_and_goes_out_again(buyers, now):
    context = run_of(buyers, now, supplier=str(buyers.meiyuan.pk), **{"from": "2026-12-01"})
    lines = rows(
        {"sku": "WJ1", "price": "¥11.50", "tax": "13%"},
        {"supplier_code": "MY-MS", "price": "252", "minimum": ""},
        {"supplier": "丝路", "sku": "WJ1", "price": "13"},
        {"sku": "WJ1", "price": "9", "minimum": "100"},
        {"sku": "nothing", "price": "9"},
        {"sku": "WJ1", "price": "dear"},
        {"sku": "WJ1", "price": "12"},
    )
    importer = PriceImporter()
    before = set(SupplierPrice.objects.values_list("pk", "price_amount", "to_date"))
    forecast = [check.forecast for check in importer.check(lines, context)]
    outcomes = within(work=lambda: importer.apply(lines, context), actor=SYSTEM, now=now)
    updated, created, error = OutcomeKind.UPDATED, OutcomeKind.CREATED, OutcomeKind.ERROR
    assert forecast == [each.kind for each in outcomes]
    assert forecast == [updated, updated, updated, created, error, error, error]
    assert [each.problems[0].code for each in outcomes[4:]] == [
        "price_row_goods_unknown",
        "not_an_amount",
        "price_row_twice",
    ]
    coming = SupplierPrice.objects.get(variant=buyers.cream, from_date=date(2026, 12, 1))
    assert (coming.price_amount, coming.pack_quantity, coming.pack_name) == (25_200, 12, "箱")  # as it stood

    second = run_of(buyers, now, supplier=str(buyers.meiyuan.pk), **{"from": "2026-12-01"})
    again = within(work=lambda: importer.apply(lines[:2], second), actor=SYSTEM, now=now)
    assert {each.kind for each in again} == {OutcomeKind.UNCHANGED}

    undone = within(work=lambda: importer.undo(context, "", 100), actor=SYSTEM, now=now)
    assert (undone.removed, undone.kept, undone.cursor) == (4, 0, "")
    assert set(SupplierPrice.objects.values_list("pk", "price_amount", "to_date")) == before


def test_undoing_a_price_list_keeps_what_was_changed_since(buyers, now):
    context = run_of(buyers, now, supplier=str(buyers.meiyuan.pk), **{"from": "2026-01-01"})
    importer = PriceImporter()
    lines = rows({"sku": "WJ1", "price": "11"}, {"supplier_code": "MY-MS", "price": "250"})
    within(work=lambda: importer.apply(lines, context), actor=SYSTEM, now=now)
    operations.set_price(
        supplier=buyers.meiyuan,
        variant=buyers.scarf,
        price_amount=1200,
        from_date=date(2026, 1, 1),
        actor=SYSTEM,
        now=now,
    )
    undone = within(work=lambda: importer.undo(context, "", 100), actor=SYSTEM, now=now)
    assert (undone.restored, undone.kept) == (1, 1)
    amounts = {
        price.variant_id: price.price_amount
        for price in SupplierPrice.objects.filter(supplier=buyers.meiyuan)
    }
    assert amounts == {buyers.scarf.pk: 1200, buyers.cream.pk: 24_000}
