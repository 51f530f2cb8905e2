"""Past orders out of a file: what a small file with every kind of line becomes, once, and how it is taken back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from dianke.catalog.models import Product, Unit, Variant
from dianke.core.actor import SYSTEM, PermissionRefused
from dianke.customers.models import Customer
from dianke.events.models import Event
from dianke.imports import operations as imports
from dianke.imports import running
from dianke.imports.models import ImportRun
from dianke.inventory.models import Movement
from dianke.ledger.queries import verify as verify_ledger
from dianke.sales import operations as sales
from dianke.sales.models import HistoryItem, HistoryLine, Order, OrderLine, Refund, SaleReturn, Turnover
from dianke.sales.queries import proof
from dianke.sales.queries.history import reconciled
from dianke.sales.queries.returning import ReturnItem
from dianke.sales.tests.counter import books
from dianke.stores.tests.cast import Cast, make_cast

HEAD = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
#: Not sorted: the last row belongs to the first order; the cancellation stands before its sale.
ROWS = """
536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
C536999,85123A,WHITE HANGING HEART,-2,2010-12-09 10:00:00,2.55,17850.0,United Kingdom
C536999,71053,WHITE METAL LANTERN,-9,2010-12-09 10:00:00,3.39,17850.0,United Kingdom
C536998,22139,GLASS JAR,-1,2010-12-08 10:00:00,4.25,13047.0,EIRE
536366,22139,GLASS JAR,3,2010-12-01 09:00:00,4.25,,France
C536997,22139,GLASS JAR,-1,2010-12-08 11:00:00,4.25,,France
536366,POST,POSTAGE,1,2010-12-01 09:00:00,18.00,,France
536370,85123A,CREAM HANGING HEART,10,2010-12-02 09:00:00,2.55,17850.0,United Kingdom
536370,POST,POSTAGE,2,2010-12-02 09:00:00,18.00,17850.0,United Kingdom
536370,PADS,PADS TO MATCH ALL CUSHIONS,1,2010-12-02 09:00:00,0.001,17850.0,United Kingdom
C536996,POST,POSTAGE,-1,2010-12-10 09:00:00,18.00,17850.0,United Kingdom
C536995,D,Discount,-1,2010-12-10 10:00:00,27.50,14527.0,United Kingdom
537000,AMAZONFEE,AMAZON FEE,-1,2010-12-10 11:00:00,100.10,,United Kingdom
537001,22139,damages,-5,2010-12-10 12:00:00,0.0,,United Kingdom
537002,gift_0001_30,Dotcomgiftshop Gift Voucher,1,2010-12-11 12:00:00,25.00,,United Kingdom
536371,71053,WHITE METAL LANTERN,4,2010-12-03 09:00:00,3.39,12345.0,United Kingdom
536365,71053,WHITE METAL LANTERN,6,2010-12-01 08:27:00,3.39,17850.0,United Kingdom
""".strip().splitlines()
OPTIONS = {"tender": "TRANSFER", "channel": "API", "day_order": "YMD", "goods": "1", "customers": "1"}


@dataclass
class Desk:
    """Imports as the owner, or whoever is named."""

    cast: Cast
    now: datetime

    def upload(self, rows: Any = ROWS, by: str = "owner", name: str = "orders.csv") -> ImportRun:
        data = "\n".join([HEAD, *rows]).encode()
        return imports.upload_file(
            importer="history", file_name=name, chunks=[data], actor=self.cast.actor(by), now=self.now
        )

    def check(self, run: ImportRun, **options: str) -> ImportRun:
        chosen = OPTIONS | {"store": str(self.cast.lake.pk)} | options
        imports.check_run(
            run=run,
            mapping=run.columns(),
            match_rule="",
            options=chosen,
            actor=self.cast.actor("owner"),
            now=self.now,
        )
        return self.work(run)

    def work(self, run: ImportRun) -> ImportRun:
        running.work(run.pk, lambda: self.now)
        run.refresh_from_db()
        return run

    def bring(self, rows: Any = ROWS, **options: str) -> ImportRun:
        run = self.check(self.upload(rows), **options)
        imports.start_run(run=run, actor=self.cast.actor("owner"), now=self.now)
        return self.work(run)

    def undo(self, run: ImportRun) -> ImportRun:
        imports.start_undo(run=run, actor=self.cast.actor("owner"), now=self.now)
        return self.work(run)


@pytest.fixture
def signed_in(desk: Desk) -> Callable[[str], Client]:
    """`signed_in("clerk")`: a browser where that person is signed in."""

    def sign_in(username: str) -> Client:
        client = Client()
        client.force_login(desk.cast[username].user)
        session = client.session
        stamp = timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session.save()
        return client

    return sign_in


@pytest.fixture
def desk(db: None, now: datetime, tmp_path: Any, settings: Any) -> Desk:
    settings.MEDIA_ROOT = tmp_path / "media"
    return Desk(make_cast(now), now)


def told() -> dict[str, tuple[int, int]]:
    """By kind and state: how many lines for how much."""
    found: dict[str, tuple[int, int]] = {}
    for line in HistoryLine.objects.all():
        count, amount = found.get(f"{line.kind} {line.state}", (0, 0))
        found[f"{line.kind} {line.state}"] = (count + 1, amount + line.amount)
    return found


def test_every_line_becomes_what_it_is_and_all_adds_up(desk: Desk):
    run = desk.bring()
    assert (run.state, run.created_count, run.error_count) == ("DONE", 17, 0)
    assert told() == {
        "SALE IN_ORDER": (5, 1530 + 1275 + 2550 + 1356 + 2034),
        "FEE IN_ORDER": (3, 1800 + 3600 + 0),
        "VOUCHER IN_ORDER": (1, 2500),
        "CANCELLATION MATCHED": (1, -510),
        "CANCELLATION PARTLY": (1, -3051),
        "CANCELLATION UNMATCHED": (2, -850),
        "FEE_BACK MATCHED": (1, -1800),
        "DISCOUNT APART": (1, -2750),
        "EXPENSE APART": (1, -10010),
        "CORRECTION APART": (1, 0),
    }
    first = Order.objects.get(note="536365")
    assert [line.name for line in first.lines.all()] == ["WHITE HANGING HEART", "WHITE METAL LANTERN"]
    assert (first.number, first.state, first.total_amount) == ("LS-HZ01-536365", "CLOSED", 3564)
    # Six lanterns were bought then; nine were brought back, of which three have no sale.
    assert {(b.number, b.goods_amount) for b in first.returns.all()} == {("LS-HZ01-C536999-2", 2034)}
    heart = OrderLine.objects.get(order__note="536370", variant__code="85123A")
    assert (heart.returned_quantity, heart.returned_amount) == (2, 510)  # the later sale first
    assert Order.objects.filter(customer=None).count() == 2
    assert Refund.objects.count() == SaleReturn.objects.count() == 3
    assert sum(row.amount for row in Turnover.objects.all()) == 16645 - 510 - 2034 - 1800
    assert books() == {"bank sales.tender:TRANSFER": 12301, "revenue": 12301}
    assert (proof.verify(), verify_ledger()) == ([], [])
    assert not Movement.objects.exists()


def test_customers_and_goods_are_made_of_their_numbers_only_if_asked(desk: Desk):
    desk.bring()
    people = Customer.objects.order_by("name")
    assert [person.records.get().external_id for person in people] == ["12345", "13047", "14527", "17850"]
    assert not any(person.contact_points.exists() for person in people)
    items = {item.code: (item.name, item.why, item.name_count) for item in HistoryItem.objects.all()}
    assert items == {
        "85123A": ("CREAM HANGING HEART", "FREQUENT", 2),
        "22139": ("GLASS JAR", "SINGLE", 2),
        "71053": ("WHITE METAL LANTERN", "SINGLE", 1),
    }
    assert set(Variant.objects.values_list("code", "product__name")) == {
        (code, name) for code, (name, _why, _count) in items.items()
    }


def test_without_being_asked_nobody_and_nothing_is_made_and_known_goods_keep_their_name(
    desk: Desk, now: datetime
):
    unit = Unit.objects.get(code="PIECE")
    product = Product.objects.create(name="灯笼", code="71053", unit=unit, created_at=now, changed_at=now)
    Variant.objects.create(product=product, code="71053")
    run = desk.bring(goods="", customers="")
    assert (Customer.objects.count(), Variant.objects.count()) == (0, 1)
    assert Order.objects.filter(customer=None).count() == Order.objects.count() == 5
    assert HistoryItem.objects.get(code="71053").why == "KNOWN"
    assert OrderLine.objects.filter(variant__code="71053").count() == 2
    # Who bought is still told apart, so returns find their sales.
    assert told()["CANCELLATION MATCHED"] == (1, -510)
    assert {part.label: part.lines for part in reconciled(run, SYSTEM).buyers} == {"NOBODY": 6, "UNKNOWN": 11}


def test_the_figures_agree_with_the_file_and_the_tables(desk: Desk):
    run = desk.bring()
    found = reconciled(run, desk.cast.actor("owner"))
    exact = sum(D(row.split(",")[3]) * D(row.split(",")[5]) for row in ROWS)
    assert (found.lines, found.exact, found.difference) == (17, exact, D("0.001"))
    assert found.documents_amount + found.apart_amount == -2326
    assert all(each.is_equal for each in found.held), found.held
    assert (found.orders, found.anonymous_orders, found.returns, found.waiting) == (5, 2, 3, 0)
    assert {part.label: part.lines for part in found.buyers} == {"NOBODY": 6, "KNOWN": 11}


def test_the_dry_run_tells_and_writes_nothing(desk: Desk):
    rows = [*ROWS, "536365,85123A,X,six,2010-12-01,1,,", "1,A,X,1,2099-01-01,1,,", ",A,X,1,2010-12-01,1,,"]
    run = desk.check(desk.upload(rows))
    assert (run.state, run.forecast["created"], run.forecast["errors"]) == ("CHECKED", 17, 3)
    counts = {code: run.problems[code] for code in sorted(run.problems)}
    assert counts == {
        "history_cancellation": 4,
        "history_correction": 1,
        "history_discount": 1,
        "history_expense": 1,
        "history_fee_back": 1,
        "history_not_past": 1,
        "history_number_wrong": 1,
        "value_missing": 1,
    }
    for model in (HistoryLine, HistoryItem, Order, SaleReturn, Customer, Variant):
        assert not model.objects.exists()


def test_the_same_file_again_changes_nothing_and_other_lines_of_an_order_are_refused(desk: Desk):
    desk.bring()
    before = (
        books(),
        Order.objects.count(),
        Customer.objects.count(),
        Event.objects.filter(kind__startswith="sales.").count(),
    )
    again = desk.bring([*ROWS, "536365,99999,NEW THING,1,2010-12-01 08:26:00,1.00,17850,"])
    assert (again.unchanged_count, again.error_count, again.created_count) == (17, 1, 0)
    assert again.problems == {"history_order_stands": 1}
    after = (
        books(),
        Order.objects.count(),
        Customer.objects.count(),
        Event.objects.filter(kind__startswith="sales.").count(),
    )
    assert before == after


def test_a_later_file_finds_the_sales_of_an_earlier_one(desk: Desk):
    desk.bring(ROWS[:1])
    later = desk.bring(
        ["C540000,85123A,WHITE HANGING HEART,-6,2011-01-09 10:00:00,2.55,17850.0,United Kingdom"]
    )
    assert told()["CANCELLATION MATCHED"] == (1, -1530)
    assert books() == {}
    desk.undo(later)
    assert books() == {"bank sales.tender:TRANSFER": 1530, "revenue": 1530}
    assert (Order.objects.get().returned_amount, HistoryLine.objects.count()) == (0, 1)
    assert (proof.verify(), verify_ledger()) == ([], [])


def test_undoing_restores_what_was_there_and_the_file_may_come_again(desk: Desk):
    run = desk.bring()
    run = desk.undo(run)
    assert (run.state, run.removed_count, run.kept_count) == ("UNDONE", 17, 0)
    for model in (HistoryLine, HistoryItem, Order, OrderLine, SaleReturn, Refund, Customer, Variant):
        assert not model.objects.exists(), model
    assert books() == {}
    assert (proof.verify(), verify_ledger()) == ([], [])
    assert desk.bring().created_count == 17
    assert books() == {"bank sales.tender:TRANSFER": 12301, "revenue": 12301}
    assert (proof.verify(), verify_ledger()) == ([], [])


def test_undoing_keeps_what_was_worked_with_since(desk: Desk, now: datetime):
    run = desk.bring()
    order = Order.objects.get(note="536371")
    sales.return_goods(
        order=order,
        uuid=order.uuid,
        items=[ReturnItem(order.lines.get().pk, D(1), False)],
        reason="碎了",
        actor=SYSTEM,
        now=now,
    )
    run = desk.undo(run)
    assert (run.removed_count, run.kept_count) == (16, 1)
    assert [left.note for left in Order.objects.all()] == ["536371"]
    assert [line.number for line in HistoryLine.objects.all()] == ["536371"]
    assert [person.records.get().external_id for person in Customer.objects.all()] == ["12345"]
    assert list(Variant.objects.values_list("code", flat=True)) == ["71053"]
    assert books() == {"bank sales.tender:TRANSFER": 1356 - 339, "revenue": 1356 - 339}
    assert (proof.verify(), verify_ledger()) == ([], [])


@pytest.mark.parametrize("table", ["sales_returnline", "sales_refund", "sales_orderline", "sales_payment"])
def test_nothing_that_was_sold_goes_but_by_undoing_the_import(desk: Desk, table: str):
    desk.bring()
    with pytest.raises(IntegrityError, match="refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")


def test_a_cancelled_run_makes_no_half_orders_and_the_next_one_takes_its_lines_over(desk: Desk):
    run = desk.check(desk.upload(ROWS[:5]))
    imports.start_run(run=run, actor=desk.cast.actor("owner"), now=desk.now)
    imports.request_cancel(run=run, actor=desk.cast.actor("owner"), now=desk.now)
    # A job that comes late: the rows of its first batch are in, then it stops.
    ImportRun.objects.filter(pk=run.pk).update(cancel_requested_at=None)
    import dianke.imports.running as loop

    applied = loop.operations.apply_rows

    def and_cancel(**values: Any) -> ImportRun:
        found = applied(**values)
        imports.request_cancel(run=found, actor=desk.cast.actor("owner"), now=desk.now)
        found.refresh_from_db()
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop.operations, "apply_rows", and_cancel)
        run = desk.work(run)
    assert (run.state, HistoryLine.objects.filter(state="WAITING").count()) == ("CANCELLED", 5)
    assert not Order.objects.exists()
    run = desk.bring()
    assert (run.updated_count, run.created_count, run.state) == (5, 12, "DONE")
    assert (Order.objects.count(), HistoryLine.objects.count()) == (5, 17)
    assert books()["revenue"] == 12301


def test_phones_are_kept_as_their_hash_and_find_who_has_them(desk: Desk, now: datetime):
    from dianke.customers.tests.cast import make_customer

    known = make_customer("王小明", "13812345678", store=desk.cast.lake)
    head = "单号,货号,品名,数量,时间,单价,手机号,优惠金额,支付方式,币种\n"
    rows = (
        "A1,S1,围巾,2,2025-03-31 14:05,100,13812345678,20,现金,CNY\n"
        "A2,S1,围巾,1,2025-03-31 15:05,100,13912345678,,微信支付,\n"
        "A3,S1,围巾,1,2025-03-31 16:05,100,,,,USD\n"
    )
    data = (head + rows).encode("gb18030")
    run = imports.upload_file(
        importer="history", file_name="销售明细.csv", chunks=[data], actor=desk.cast.actor("owner"), now=now
    )
    run = desk.check(run)
    assert run.problems == {"history_currency": 1}
    imports.start_run(run=run, actor=desk.cast.actor("owner"), now=now)
    run = desk.work(run)
    first, second = Order.objects.order_by("occurred_at")
    assert (first.customer, first.total_amount, first.list_amount) == (known, 18000, 20000)
    assert [payment.tender.code for payment in (first.payments.get(), second.payments.get())] == [
        "CASH",
        "WECHAT",
    ]
    assert second.customer is None
    assert all("139" not in line.who and line.who.startswith("tel:") for line in HistoryLine.objects.all())
    assert proof.verify() == []


def test_only_who_may_brings_orders_in_and_sees_the_figures(desk: Desk, signed_in: Any):
    with pytest.raises(PermissionRefused):
        desk.upload(by="clerk")
    run = desk.bring()
    paths = [
        f"/orders/past/{run.pk}/",
        f"/orders/past/{run.pk}/file/",
        "/orders/past/lines/",
        "/orders/past/goods/",
        f"/api/v1/past-orders/{run.pk}",
    ]
    owner, clerk = signed_in("owner"), signed_in("clerk")
    for path in paths:
        assert owner.get(path).status_code == 200, path
        assert clerk.get(path).status_code == 403, path
    assert owner.get(f"/orders/past/{run.pk + 99}/").status_code == 404
    figures = owner.get(paths[-1]).json()
    assert (figures["lines"], figures["orders"]) == (17, 5)
    assert all(each["is_equal"] for each in figures["held"])
    page = owner.get(f"/orders/past/lines/?run={run.pk}&kind=CANCELLATION&state=UNMATCHED").content.decode()
    assert "C536998" in page
    assert "C536996" not in page


def test_the_page_asks_as_often_for_many_lines_as_for_few(desk: Desk, signed_in: Any):
    def count(run: ImportRun) -> int:
        client = signed_in("owner")
        client.get(f"/orders/past/{run.pk}/")
        with CaptureQueriesContext(connection) as found:
            client.get(f"/orders/past/{run.pk}/")
        return len(found)

    few = desk.bring(ROWS[:2])
    many = desk.bring([f"7{n:05},S{n},THING {n},1,2011-01-09 10:00:00,2.55,1{n:04},{n}" for n in range(120)])
    assert count(few) == count(many)
