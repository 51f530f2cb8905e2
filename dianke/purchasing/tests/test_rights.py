"""Who may see and do what: by permission, by store, and what goods cost only for who may see it."""

from __future__ import annotations

from datetime import date

import pytest

from dianke.core.actor import SYSTEM, PermissionRefused
from dianke.events.models import Event
from dianke.purchasing import operations
from dianke.purchasing.models import PurchaseOrder, Receipt, Supplier, SupplierInvoice, SupplierPrice
from dianke.purchasing.operations import InvoiceItem, OrderItem
from dianke.purchasing.queries.performance import supplier_reports
from dianke.purchasing.tests.cast import TODAY, D

pytestmark = pytest.mark.django_db


def test_rows_are_seen_at_the_stores_one_works_at(buyers):
    lake = buyers.order()
    buyers.receive(lake, buyers.came(lake, 20))
    harbour = buyers.order(by="southerner", store=buyers.cast.harbour)
    seen = {
        name: set(PurchaseOrder.objects.visible_to(buyers.actor(name)))
        for name in ("manager", "clerk", "neighbour", "region", "southerner", "owner", "auditor")
    }
    assert seen["manager"] == seen["clerk"] == seen["region"] == {lake}
    assert (seen["neighbour"], seen["southerner"]) == (set(), {harbour})
    assert seen["owner"] == seen["auditor"] == {lake, harbour}
    assert Receipt.objects.visible_to(buyers.actor("clerk")).count() == 1
    assert Receipt.objects.visible_to(buyers.actor("southerner")).count() == 0
    report = {"from_date": date(2026, 1, 1), "to_date": date(2027, 1, 1), "today": date(2026, 12, 31)}
    assert [each.order_count for each in supplier_reports(**report, actor=buyers.actor("neighbour"))] == []
    assert [each.order_count for each in supplier_reports(**report, actor=buyers.actor("owner"))] == [2]


def test_a_supplier_of_one_company_is_seen_where_it_delivers(buyers, now):
    operations.change_supplier(
        supplier=buyers.silkroad, values={}, legal_entities=[buyers.cast.ocean], actor=SYSTEM, now=now
    )
    assert set(Supplier.objects.visible_to(buyers.actor("clerk"))) == {buyers.meiyuan}
    assert set(Supplier.objects.visible_to(buyers.actor("southerner"))) == {buyers.meiyuan, buyers.silkroad}
    with pytest.raises(operations.SupplierOutOfReach):
        buyers.draft(supplier=buyers.silkroad)


def test_prices_and_invoices_are_for_who_may_see_costs(buyers, now):
    order = buyers.order()
    buyers.receive(order, buyers.came(order, 20))
    operations.record_invoice(
        supplier=buyers.meiyuan,
        legal_entity=buyers.cast.silk,
        number="1",
        invoice_date=TODAY,
        items=[InvoiceItem(D(20), 20_000, 1300, order.lines.get().pk)],
        total_amount=20_000,
        actor=buyers.actor("owner"),
        now=now,
    )
    for rows in (SupplierPrice.objects, SupplierInvoice.objects):
        assert not rows.visible_to(buyers.actor("manager")).exists()
        assert rows.visible_to(buyers.actor("owner")).exists()


def test_who_may_not_see_costs_orders_at_the_suppliers_price(buyers, now):
    item = OrderItem(buyers.scarf.pk, D(5), price_amount=900)
    who = {"supplier": buyers.meiyuan, "store": buyers.cast.lake, "items": [item], "now": now}
    with pytest.raises(operations.CostsHidden):
        operations.draft_order(**who, actor=buyers.actor("manager"))
    assert operations.draft_order(**who, actor=buyers.actor("owner")).total_amount == 4500


@pytest.mark.parametrize(
    ("who", "what"),
    [
        ("clerk", lambda buyers, who: buyers.draft(by=who)),
        ("auditor", lambda buyers, who: buyers.draft(by=who)),
        ("southerner", lambda buyers, who: buyers.draft(by=who)),
        ("neighbour", lambda buyers, who: _receive(buyers, who)),
        ("auditor", lambda buyers, who: _receive(buyers, who)),
        ("southerner", lambda buyers, who: _close(buyers, who)),
        ("manager", lambda buyers, who: _add_supplier(buyers, who)),
        ("manager", lambda buyers, who: _bill(buyers, who)),
        (
            "clerk",
            lambda buyers, who: operations.make_plan(
                store=buyers.cast.lake, actor=buyers.actor(who), now=buyers.now
            ),
        ),
    ],
)
def test_who_may_not_is_refused(buyers, who, what):
    with pytest.raises(PermissionRefused):
        what(buyers, who)


def _receive(buyers, who):
    order = buyers.order()
    return buyers.receive(order, buyers.came(order, 1), by=who)


def _close(buyers, who):
    return operations.close_order(order=buyers.order(), reason="x", actor=buyers.actor(who), now=buyers.now)


def _add_supplier(buyers, who):
    return operations.add_supplier(
        values={"code": "S9", "name": "新"}, actor=buyers.actor(who), now=buyers.now
    )


def _bill(buyers, who):
    return operations.record_invoice(
        supplier=buyers.meiyuan,
        legal_entity=buyers.cast.silk,
        number="9",
        invoice_date=TODAY,
        items=[InvoiceItem(D(1), 1, 0)],
        total_amount=1,
        actor=buyers.actor(who),
        now=buyers.now,
    )


def test_the_phone_of_a_contact_is_sealed_masked_and_not_in_the_log(buyers, now):
    supplier = Supplier.objects.get(pk=buyers.meiyuan.pk)
    assert supplier.masked_phone == "138****5678"
    assert b"13812345678" not in bytes(supplier.contact_phone_sealed)
    assert Supplier.objects.get(**Supplier.blind("contact_phone", "+8613812345678")) == supplier
    operations.change_supplier(
        supplier=supplier, values={"contact_phone": "13900001111", "lead_days": 4}, actor=SYSTEM, now=now
    )
    event = Event.objects.filter(kind="purchasing.supplier_changed").get()
    assert event.data["changes"] == {"contact_phone": ["•", "•"], "lead_days": [3, 4]}
