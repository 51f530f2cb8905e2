"""Receipts of real sales: what stands on them, the printer in the shop's network, the customer's link."""

from __future__ import annotations

import socket
from contextlib import closing
from decimal import Decimal as D
from threading import Thread
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from dianke.catalog.models import Piece
from dianke.core.actor import SYSTEM, PermissionRefused
from dianke.sales.models import Order, ReceiptPrint
from dianke.sales.operations import printing
from dianke.sales.queries import receipts
from dianke.sales.queries.basket import Item, OrderTerms, Tendered
from dianke.sales.rules.receipts.escpos import Printer
from dianke.sales.rules.receipts.layout import as_text
from dianke.sales.tests.counter import Counter, make_counter
from dianke.sales.tests.paper import printed
from dianke.sales.tests.till import Till, make_till

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter(db: None, now) -> Counter:
    return make_counter(now)


@pytest.fixture
def till(db: None, now) -> Till:
    return make_till(now)


def of_counter(counter: Counter) -> Order:
    """Two scarves, one of them 15.00 cheaper by hand, and socks; 300.00 put down."""
    order = counter.sell(
        Item("a", counter.scarf.pk, D(2), discount_amount=15_00, reason="有线头"),
        (counter.socks, 1),
        payments=[Tendered(uuid4(), "CASH", 194_99, tendered_amount=300_00)],
    )
    return Order.objects.select_related("store", "register", "customer", "made_by").get(pk=order.pk)


def test_a_receipt_says_what_was_sold_saved_and_paid(counter: Counter, now):
    with override("zh-hans"):
        receipt = receipts.receipt_of(of_counter(counter), link="https://a.example/m/x/", now=now)
        text = as_text(receipt, paper=58)
    assert [(item.quantity, item.list_amount, item.paid_amount) for item in receipt.items] == [
        ("2", 200_00, 185_00),
        ("1", 9_99, 9_99),
    ]
    assert (receipt.list_amount, receipt.total_amount, receipt.saved_amount) == (209_99, 194_99, 15_00)
    (paid,) = receipt.paid
    assert (paid.amount, paid.handed, paid.change) == (194_99, 300_00, 105_01)
    assert receipt.sold_at == "2026-11-21 14:30"
    assert sum(discount.amount for discount in receipt.discounts) == 15_00
    for part in ("羊绒围巾", "-15.00", "194.99", "105.01", "https://a.example/m/x/"):
        assert part in text


def test_the_bytes_of_a_sale_are_its_receipt(counter: Counter, now):
    with override("zh-hans"):
        receipt = receipts.receipt_of(of_counter(counter), link="https://a.example/m/x/", now=now)
        sheet = printed(receipts.receipt_bytes(receipt, Printer(58), opens_drawer=True))
    assert (sheet.kicks, sheet.cuts, sheet.links) == (1, 1, ["https://a.example/m/x/"])
    assert any(line.is_bold and line.text.endswith("194.99") for line in sheet.lines)


def test_a_receipt_is_a_page_and_a_pdf(counter: Counter, now):
    receipt = receipts.receipt_of(of_counter(counter), link="https://a.example/m/x/", now=now)
    page = receipts.receipt_html(receipt, language="zh-hans")
    assert "羊绒围巾" in page
    assert "<svg" in page
    assert receipts.receipt_pdf(receipt, language="zh-hans")[:5] == b"%PDF-"


def test_a_store_words_its_receipts_itself(counter: Counter, now):
    order = of_counter(counter)
    values = {
        "title": "西湖旗舰店",
        "header": "营业 10–22",
        "footer": "七天内可换\n谢谢",
        "has_tax": True,
        "has_link": False,
    }
    printing.set_receipts(store=order.store, values=values, actor=SYSTEM, now=now)
    receipt = receipts.receipt_of(order, link="https://a.example/", now=now)
    assert (receipt.title, receipt.header, receipt.footer) == (
        "西湖旗舰店",
        ("营业 10–22",),
        ("七天内可换", "谢谢"),
    )
    assert (receipt.tax_amount, receipt.link) == (order.tax_amount, "")


# --- the printer in the network --------------------------------------------------------------------------------------
def fake_printer(received: list[bytes]) -> tuple[int, Thread]:
    """A printer on this computer: takes one job and keeps its bytes."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with closing(server):
            connection, _address = server.accept()
            with connection:
                parts = []
                while part := connection.recv(65536):
                    parts.append(part)
                received.append(b"".join(parts))

    thread = Thread(target=serve)
    thread.start()
    return server.getsockname()[1], thread


def test_a_network_printer_gets_all_bytes():
    received: list[bytes] = []
    port, thread = fake_printer(received)
    content = b"\x1b@" + "云裳".encode("gb18030") * 50_000
    printing.NetworkPrinter("127.0.0.1", port).send(content)
    thread.join(timeout=20)
    assert received == [content]


def test_a_printer_that_is_off_is_named():
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
    with pytest.raises(printing.PrinterSilent) as error:
        printing.NetworkPrinter("127.0.0.1", port, timeout=1).send(b"x")
    assert "127.0.0.1" in str(error.value)


@pytest.mark.parametrize(
    "host", ["8.8.8.8", "127.0.0.1", "169.254.169.254", "0.0.0.0", "::1", "printer.local", "224.0.0.1"]
)
def test_only_the_shops_own_network_is_printed_to(till: Till, now, host):
    with pytest.raises(printing.PrinterAddressWrong):
        printing.set_printer(register=till.first, values={"host": host}, actor=till.actor("owner"), now=now)


def test_a_register_has_its_printer(till: Till, now):
    owner = {"actor": till.actor("owner"), "now": now}
    row = printing.set_printer(register=till.first, values={"host": "192.168.1.50", "width": 80}, **owner)
    assert (row.store, row.width, row.port, row.has_qr) == (till.lake, 80, 9100, True)
    same = printing.set_printer(register=till.first, values={"width": 80}, **owner)
    assert same.pk == row.pk
    assert printing.set_printer(register=till.first, values={"host": ""}, **owner).host is None
    with pytest.raises(printing.PrinterValueWrong):
        printing.set_printer(register=till.first, values={"width": 76}, **owner)
    with pytest.raises(PermissionRefused):
        printing.set_printer(register=till.first, values={"width": 58}, **till.usual({}))


def test_the_first_print_is_the_receipt_and_others_are_copies(till: Till, now):
    order = till.sell(None, 500, ("TRANSFER", 500))
    prints = [printing.note_print(order=order, way="BYTES", **till.usual({})) for _time in range(3)]
    assert [each.is_copy for each in prints] == [False, True, True]
    assert ReceiptPrint.objects.filter(is_copy=False).count() == 1


# --- the customer's link ---------------------------------------------------------------------------------------------
def test_who_holds_the_link_reads_the_receipt_and_nothing_else(till: Till):
    order = till.sell(till.open(), 12_345)
    token = receipts.link_token(order)
    answer = Client().get(reverse("sales:receipt-public", args=[token]))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert order.number in page
    assert "123.45" in page
    assert "李想" not in page
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1] + ("a" if t[-1] != "a" else "b"), lambda t: "0" + t[1:] + "1", lambda t: "x"]
)
def test_a_link_cannot_be_guessed(till: Till, change):
    order = till.sell(None, 100, ("TRANSFER", 100))
    wrong = change(receipts.link_token(order))
    assert receipts.order_of_link(wrong) is None
    assert Client().get(reverse("sales:receipt-public", args=[wrong])).status_code == 404


def test_a_piece_stands_on_its_receipt_with_tag_and_certificate(counter: Counter, now):
    piece = Piece.objects.create(
        variant=counter.shop.ring,
        tag="B0312",
        certificate_issuer="GIA",
        certificate_number="2141438171",
        created_at=now,
    )
    plain = Piece.objects.create(variant=counter.shop.ring, tag="B0313", created_at=now)
    order = counter.order(
        Item("a", counter.shop.ring.pk, piece_id=piece.pk, unit_amount=100_00),
        Item("b", counter.shop.ring.pk, piece_id=plain.pk, unit_amount=100_00),
        terms=OrderTerms(is_reserved=False),
    )
    with override("zh-hans"):
        notes = [item.note for item in receipts.receipt_of(order, now=now).items]
    assert notes == ["标签 B0312，证书 GIA 2141438171", "标签 B0313"]
