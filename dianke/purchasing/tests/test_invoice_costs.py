"""What an invoice asks for becomes what the goods cost: the worked table of docs/algorithms/purchasing.md."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from dianke.core.actor import SYSTEM
from dianke.core.money import Money
from dianke.inventory.models import CostEntry, Document
from dianke.inventory.queries.proof import verify
from dianke.purchasing import operations
from dianke.purchasing.models import SupplierInvoice
from dianke.purchasing.operations import InvoiceItem
from dianke.purchasing.operations.invoice_costs import reference_of
from dianke.purchasing.rules.invoice_costs import Billed, covered_of, differences
from dianke.purchasing.tests.cast import TODAY, D

#: asked, tax of the invoice, quantity, covered, taken in at, tax comes back, extra → added to the cost of the goods
TABLE = [
    ("dearer", "220.00", 1300, 20, 20, "10", False, "0", "20.000000"),
    ("cheaper", "190.00", 1300, 20, 20, "10", False, "0", "-10.000000"),
    ("as ordered", "200.00", 1300, 20, 20, "10", False, "0", "0"),
    ("only what came", "220.00", 1300, 20, 15, "10", False, "0", "15.000000"),
    ("nothing came", "220.00", 1300, 20, 0, "10", False, "0", "0"),
    ("tax comes back", "226.00", 1300, 20, 20, "9", True, "0", "20.000000"),
    ("less than a fen is rounding", "200.00", 1300, 20, 20, "10.0004", False, "0", "0"),
    ("with freight", "200.00", 1300, 20, 20, "10", False, "45", "45.000000"),
]


@pytest.mark.parametrize(
    ("name", "asked", "tax", "quantity", "covered", "at", "back", "extra", "added"), TABLE
)
def test_what_an_invoice_adds_to_the_cost(
    name, asked, tax, quantity, covered, at, back, extra, added
) -> None:
    line = Billed(D(quantity), Money(asked, "CNY"), tax, D(covered), D(at))
    (found,) = differences([line], extra=Fraction(extra), is_tax_deductible=back, exchange_rate=D(1))
    assert found == D(added), name


def test_freight_is_spread_over_the_goods_by_what_they_were_taken_in_for() -> None:
    lines = [
        Billed(D(10), Money("100", "CNY"), 0, D(10), D(10)),
        Billed(D(1), Money("300", "CNY"), 0, D(1), D(300)),
    ]
    terms: dict[str, Any] = {"is_tax_deductible": False, "exchange_rate": D(1)}
    assert differences(lines, extra=Fraction(40), **terms) == [D(10), D(30)]
    none = [Billed(D(10), Money("100", "CNY"), 0, D(0), D(10))]
    assert differences(none, extra=Fraction(40), **terms) == [D(0)]


def test_an_earlier_invoice_covers_first() -> None:
    assert covered_of(D(20), kept=D(20), billed_before=D(0)) == 20
    assert covered_of(D(20), kept=D(20), billed_before=D(15)) == 5
    assert covered_of(D(20), kept=D(10), billed_before=D(15)) == 0


# --- with stock ------------------------------------------------------------------------------------------------------
def bill(buyers, order, *items: InvoiceItem, number: str = "1") -> SupplierInvoice:
    return operations.record_invoice(
        supplier=buyers.meiyuan,
        legal_entity=buyers.cast.silk,
        number=number,
        invoice_date=TODAY,
        items=list(items),
        total_amount=sum(item.total_amount for item in items),
        actor=buyers.actor("owner"),
        now=buyers.now,
    )


def entries(invoice: SupplierInvoice, store_id: int) -> list[tuple[Any, Any]]:
    document = Document.objects.get(reference=reference_of(invoice, store_id))
    return list(CostEntry.objects.filter(document=document).values_list("value_change", "expense"))


def received(buyers, sold: int = 0):
    """20 scarves at 10, of which some are sold again."""
    order = buyers.order()
    buyers.receive(order, buyers.came(order, 20))
    if sold:
        buyers.shop.sell(buyers.scarf, sold, store=buyers.cast.lake)
    return order, order.lines.get()


@pytest.mark.django_db
def test_a_dearer_invoice_that_is_released_raises_the_cost_of_what_is_there_and_the_rest_is_expense(buyers):
    order, line = received(buyers, sold=5)
    buyers.shop.assert_cost(buyers.scarf, 15, 150)
    invoice = bill(buyers, order, InvoiceItem(D(20), 22_000, 1300, line.pk))
    assert invoice.state == "DISPUTED"
    buyers.shop.assert_cost(buyers.scarf, 15, 150)
    released = operations.release_invoice(
        invoice=invoice, reason="涨价", actor=buyers.actor("owner"), now=buyers.now
    )
    buyers.shop.assert_cost(buyers.scarf, 15, 165)
    assert entries(released, order.store_id) == [(D("15.000000"), D("5.000000"))]
    operations.cancel_invoice(invoice=released, reason="重开", actor=buyers.actor("owner"), now=buyers.now)
    buyers.shop.assert_cost(buyers.scarf, 15, 150)
    assert verify() == []


@pytest.mark.django_db
def test_a_cheaper_invoice_agrees_and_lowers_the_cost_at_once(buyers):
    order, line = received(buyers)
    invoice = bill(buyers, order, InvoiceItem(D(20), 19_000, 1300, line.pk))
    assert invoice.state == "MATCHED"
    buyers.shop.assert_cost(buyers.scarf, 20, 190)
    assert entries(invoice, order.store_id) == [(D("-10.000000"), D("0.000000"))]


@pytest.mark.django_db
def test_an_invoice_as_ordered_changes_nothing(buyers):
    order, line = received(buyers)
    invoice = bill(buyers, order, InvoiceItem(D(20), 20_000, 1300, line.pk))
    buyers.shop.assert_cost(buyers.scarf, 20, 200)
    assert not Document.objects.filter(reference=reference_of(invoice, order.store_id)).exists()


@pytest.mark.django_db
def test_freight_on_the_invoice_goes_to_its_goods(buyers):
    order, line = received(buyers)
    invoice = bill(
        buyers, order, InvoiceItem(D(20), 20_000, 1300, line.pk), InvoiceItem(D(1), 1000, 900, text="运费")
    )
    operations.release_invoice(invoice=invoice, reason="运费", actor=SYSTEM, now=buyers.now)
    buyers.shop.assert_cost(buyers.scarf, 20, 210)


@pytest.mark.django_db
def test_two_invoices_of_one_order_each_change_their_own_part(buyers):
    order, line = received(buyers)
    bill(buyers, order, InvoiceItem(D(12), 11_400, 1300, line.pk), number="1")
    second = bill(buyers, order, InvoiceItem(D(10), 10_500, 1300, line.pk), number="2")
    # Of the second only 8 came that are not billed yet.
    operations.release_invoice(invoice=second, reason="已谈妥", actor=SYSTEM, now=buyers.now)
    buyers.shop.assert_cost(buyers.scarf, 20, 198)
