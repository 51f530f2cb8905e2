"""The pages of registers, day closes, sales to look at and the settings of selling: who opens them, what they show and
do."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dianke.access.models import Device
from dianke.core.actor import SYSTEM
from dianke.customers.tests.cast import make_customer
from dianke.inventory.tests.shop import within
from dianke.sales.models import (
    ChannelRow,
    CreditTerms,
    DayClose,
    OfflineGrant,
    OfflinePolicy,
    OrderException,
    ReceiptPrinter,
    ReceiptSetting,
    Shift,
    Stage,
    Tender,
    ZReport,
)
from dianke.sales.operations import offline, set_credit
from dianke.sales.rules.bills import BillEmpty, BillRowWrong, BillUnreadable, decoded, read_bill
from dianke.sales.rules.reconciling import BillRow
from dianke.sales.tests.till import Till, make_till

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
#: What a page may ask of the database, the frame included.
MOST_QUERIES = 40


def url(name: str, *args: object, **query: object) -> str:
    path = reverse(f"sales:{name}", args=args)
    return path + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def till(db: None) -> Till:
    return make_till(timezone.now())


@pytest.fixture
def today(till: Till) -> Any:
    return till.lake.business_date(till.now)


@pytest.fixture
def as_(till: Till):
    """`as_("clerk")`: a browser where that person is signed in."""

    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(till.cast[name].user, backend="django.contrib.auth.backends.ModelBackend")
        session, stamp = client.session, timezone.now().timestamp()
        session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
        session["authenticated_at"] = stamp
        session.save()
        return client

    return sign_in


@pytest.fixture
def closed(till: Till, today: Any) -> DayClose:
    """A shift with sales that was 0.50 short, and its day closed."""
    shift = till.open()
    till.sell(shift, 12_000)
    till.sell(shift, 8_000, ("WECHAT", 8_000))
    till.close(shift, 41_950, reason="找零错")
    return till.close_day(today)


def exception_of(till: Till, kind: str = "PRICE", **more: Any) -> OrderException:
    order = till.sell(None, 5_000)
    return OrderException.objects.create(order=order, store=till.lake, kind=kind, at=till.now, **more)


@pytest.fixture
def device(till: Till) -> Device:
    found = Device.objects.create(
        name="前台平板", store_id=till.lake.pk, token_hash="a", enrolled_at=till.now, last_seen_at=till.now
    )
    offline.issue_grant(device=found, store=till.lake, register=till.first, **till.usual({}))
    for number in (1, 2, 5):
        within(
            work=lambda number=number: offline.note_sequence(
                device_id=found.pk, store_id=till.lake.pk, number=number, now=till.now
            ),
            actor=SYSTEM,
            now=till.now,
        )
    return found


# --- who opens what --------------------------------------------------------------------------------------------------
def test_every_page_opens_for_whom_it_is_for_and_for_nobody_else(
    as_: Any, till: Till, today: Any, closed: DayClose, device: Device
) -> None:
    shift, running = Shift.objects.get(), till.open()
    problem = exception_of(till, amount=100)
    customer = make_customer("王小明", store=till.lake, now=till.now)
    terms = set_credit(
        customer=customer,
        legal_entity=till.lake.legal_entity,
        limit_amount=500_000,
        actor=SYSTEM,
        now=till.now,
    )
    pages = {
        "everybody": [
            url("registers"), url("register", till.first.pk, all=1), url("register", till.second.pk),
            url("shifts"), url("shifts", outcome="short"), url("shift", shift.pk), url("shift", running.pk),
            url("x-report", shift.pk), url("shift-open", till.second.pk), url("shift-count", running.pk),
            url("shift-hand-over", running.pk), url("cash-move", running.pk), url("cash-drop", running.pk),
            url("drawer-open", running.pk),
        ],
        "manager": [
            url("z-reports"), url("z-report", ZReport.objects.latest("pk").pk), url("day-closes"), url("day"),
            url("day", store=till.lake.pk, day=today), url("closes"), url("close", closed.pk),
            url("close-paper", closed.pk), url("exceptions"), url("exceptions", state="all"),
            url("exception", problem.pk), url("offline-tills"), url("offline-till", device.pk), url("credit"),
            url("credit-new"), url("credit-edit", terms.pk),
        ],
        "owner": [
            url("offline-till-withdraw", device.pk), url("reconciliation"), url("bill-new"),
            url("channel-rows"), url("tenders"), url("tender", Tender.objects.get(code="CASH").pk),
            url("stages"), url("stages", trade="FURNITURE"), url("stage-new", trade="BEAUTY"),
            url("stage", Stage.objects.earliest("pk").pk), url("receipt-settings"),
            url("receipt-setting", till.lake.pk), url("receipt-preview", till.lake.pk, title="x"),
            url("printer", till.first.pk), url("offline-limits"), url("offline-limits-usual"),
            url("offline-limits-store", till.lake.pk),
        ],
    }  # fmt: skip
    seen = {"clerk": {"everybody"}, "manager": {"everybody", "manager"}, "owner": set(pages)}
    for name, parts in seen.items():
        client = as_(name)
        for part, addresses in pages.items():
            for address in addresses:
                with CaptureQueriesContext(
                    connection,
                ) as queries:
                    status = client.get(address).status_code
                assert status == (200 if part in parts else 403), (name, address)
                assert len(queries) <= MOST_QUERIES, (name, address)
    southerner = as_("southerner")
    for address in (url("shift", shift.pk), url("register", till.first.pk), url("close", closed.pk)):
        assert southerner.get(address).status_code in (403, 404), address


# --- a shift ---------------------------------------------------------------------------------------------------------
def test_a_shift_runs_from_the_float_to_the_shortage(as_: Any, till: Till) -> None:
    clerk = as_("clerk")
    forgotten = clerk.post(url("shift-open", till.first.pk), {"reason": ""})
    assert (forgotten.status_code, Shift.objects.count()) == (422, 0)
    assert forgotten.context["form"].errors.keys() == {"is_empty"}
    answer = clerk.post(url("shift-open", till.first.pk), {"piece_10000": "3"})
    shift = Shift.objects.get()
    assert answer.headers["Location"] == url("shift", shift.pk)
    till.sell(shift, 12_000)
    spent = {"kind": "EXPENSE", "amount": "25", "reason": "买水", "reference": "a"}
    assert [clerk.post(url("cash-move", shift.pk), spent).status_code for _turn in range(2)] == [303, 303]
    assert clerk.post(url("cash-drop", shift.pk), {"amount": "5000", "reference": "b"}).status_code == 422
    blind = text_of(clerk.get(url("shift", shift.pk)))
    assert "买水" in blind
    assert "395.00" not in blind
    assert "120.00" not in blind
    assert "395.00" in text_of(as_("manager").get(url("shift", shift.pk)))
    assert clerk.post(url("shift-count", shift.pk), {"piece_10000": "x"}).status_code == 422
    assert (
        clerk.post(url("shift-count", shift.pk), {"piece_10000": "3", "piece_1000": "9"}).status_code == 303
    )
    assert "395.00" not in text_of(clerk.get(url("shift-close", shift.pk)))
    assert clerk.post(url("shift-resume", shift.pk)).status_code == 303
    assert clerk.get(url("shift-close", shift.pk)).headers["Location"] == url("shift", shift.pk)
    clerk.post(url("shift-count", shift.pk), {"piece_10000": "3", "piece_1000": "9", "piece_100": "4"})
    unexplained = clerk.post(url("shift-close", shift.pk), {"left_amount": "300"})
    assert unexplained.status_code == 422
    clerk.post(url("shift-close", shift.pk), {"left_amount": "300", "reason": "找零错"})
    shift.refresh_from_db()
    assert (shift.state, shift.difference_amount, shift.left_amount) == ("CLOSED", -100, 30_000)
    page = text_of(clerk.get(url("shift", shift.pk)))
    assert "395.00" in page
    assert "找零错" in page


def test_a_shift_is_handed_over_with_one_count(as_: Any, till: Till) -> None:
    shift = till.open()
    colleague = till.cast["manager"].user
    page = text_of(as_("clerk").get(url("shift-hand-over", shift.pk)))
    assert colleague.name in page
    as_("clerk").post(
        url("shift-hand-over", shift.pk), {"piece_10000": "3", "successor": str(colleague.pk), "reason": ""}
    )
    assert Shift.objects.running().get().opened_by == colleague


# --- a day -----------------------------------------------------------------------------------------------------------
def test_a_day_is_closed_and_a_late_sale_makes_a_supplement(as_: Any, till: Till, today: Any) -> None:
    manager, shift = as_("manager"), till.open()
    till.sell(shift, 12_000)
    day = {"store": till.lake.pk, "day": str(today)}
    running = text_of(manager.get(url("day", **day)))
    assert "disabled" in running
    assert till.first.name in running
    assert manager.post(url("day-closing"), day).status_code == 409
    till.close(shift, 42_000)
    assert manager.post(url("day-closing"), day).status_code == 303
    close = DayClose.objects.get()
    assert "120.00" in text_of(manager.get(url("close", close.pk)))
    assert close.digest in text_of(manager.get(url("close-paper", close.pk)))
    assert f"day={today}" not in text_of(manager.get(url("day-closes")))
    later = timezone.now()
    till.sell(shift, 5_000, at=till.now, now=later)
    waiting = text_of(manager.get(url("day-closes")))
    assert f"day={today}" in waiting
    assert 'is-bad"' in waiting
    page = text_of(manager.get(url("day", **day)))
    assert "50.00" in page
    assert "120.00" in page
    assert manager.post(url("day-closing"), day).status_code == 303
    supplement = DayClose.objects.get(sequence=1)
    written = text_of(manager.get(url("close", supplement.pk)))
    assert "50.00" in written
    assert "120.00" not in written
    assert f"day={today}" not in text_of(manager.get(url("day-closes")))
    assert manager.get(url("day", day="0001-01-01")).status_code == 404


def test_days_that_wait_are_a_row_a_store_and_lead_to_the_oldest(as_: Any, till: Till, today: Any) -> None:
    owner, oldest = as_("owner"), today - timedelta(days=5)
    for days, amount in ((5, 10_000), (3, 2_500), (2, 700)):
        till.sell(None, amount, now=till.now - timedelta(days=days))
    till.sell(None, 99_900)  # today still goes on
    page = text_of(owner.get(url("day-closes")))
    rows = re.findall(r'<a class="dk-line" href="([^"]*day=[^"]*)"', page)
    assert len(rows) == 1
    assert str(oldest) in rows[0]
    assert "3 天未日结" in page
    assert "132.00" in page
    assert "1,131.00" not in page
    day = {"store": till.lake.pk, "day": str(oldest)}
    owner.post(url("day-closing"), day)
    close = text_of(owner.get(url("close", DayClose.objects.get().pk)))
    assert f"day={today - timedelta(days=3)}" in close


# --- sales to look at ------------------------------------------------------------------------------------------------
def test_every_kind_of_exception_is_told_in_words(as_: Any, till: Till) -> None:
    data = {
        "STOCK": {"quantity": "2.0000"},
        "LIMIT": {"limit": "sale_amount", "allowed": 500_000, "was": 600_000},
        "GRANT": {"reason": "ENDED"},
        "SEQUENCE": {"number": 7},
        "CLOCK": {"seconds": 900},
        "PERIOD": {"day": "2026-10-01"},
    }
    manager = as_("manager")
    for kind in OrderException.Kind.values:
        row = exception_of(till, kind, amount=250, data=data.get(kind, {}))
        assert manager.get(url("exception", row.pk)).status_code == 200, kind
    page = text_of(manager.get(url("exceptions")))
    for figure in ("6,000.00", "2.50", "2026-10-01"):
        assert figure in page


def test_exceptions_are_examined_one_by_one_and_many_at_once(as_: Any, till: Till) -> None:
    manager = as_("manager")
    one, *more = (exception_of(till) for _turn in range(3))
    assert manager.post(url("exception", one.pk), {"outcome": " "}).status_code == 422
    assert manager.post(url("exception", one.pk), {"outcome": "价签错了"}).status_code == 303
    ids = {"ids": [str(each.pk) for each in (one, *more)]}
    asked = manager.post(url("exceptions-examine"), ids)
    assert asked.status_code == 200
    assert OrderException.objects.filter(seen_at=None).count() == 2
    assert manager.post(url("exceptions-examine"), {**ids, "outcome": "都看过"}).status_code == 303
    assert list(OrderException.objects.order_by("pk").values_list("outcome", flat=True)) == [
        "价签错了",
        "都看过",
        "都看过",
    ]
    assert one.order.number not in text_of(manager.get(url("exceptions")))
    assert one.order.number in text_of(manager.get(url("exceptions", state="seen")))


def test_missing_sales_of_a_till_are_shown_and_its_limits_withdrawn(
    as_: Any, till: Till, device: Device
) -> None:
    owner = as_("owner")
    assert "3–4" in text_of(owner.get(url("offline-till", device.pk)))
    assert device.name in text_of(owner.get(url("offline-tills", state="missing")))
    assert device.name not in text_of(owner.get(url("offline-tills", state="clock")))
    owner.post(url("offline-till-withdraw", device.pk), {"reason": "丢了"})
    assert OfflineGrant.objects.get().revoked_reason == "丢了"
    limits = {
        "sale_count": "7", "total_amount": "1000", "sale_amount": "500", "warn_hours": "2", "block_hours": "8",
        "points_count": "0", "coupon_count": "0", "wallet_amount": "0",
    }  # fmt: skip
    assert owner.post(url("offline-limits-store", till.lake.pk), limits).status_code == 303
    assert OfflinePolicy.objects.get().total_amount == 100_000
    wrong = {**limits, "warn_hours": "9"}
    assert owner.post(url("offline-limits-usual"), wrong).status_code == 422


# --- settings --------------------------------------------------------------------------------------------------------
def test_kinds_of_payment_change_and_move(as_: Any, till: Till) -> None:
    owner = as_("owner")
    first, second = Tender.objects.all()[:2]
    values = {"name": "微信", "needs_reference": "on", "refund_days": "90", "fallback": str(first.pk)}
    assert owner.post(url("tender", second.pk), values).status_code == 303
    second.refresh_from_db()
    assert (second.name, second.is_active, second.fallback) == ("微信", False, first)
    assert owner.post(url("tender-move", second.pk, "up")).status_code == 303
    assert [row.pk for row in Tender.objects.all()[:2]] == [second.pk, first.pk]
    assert owner.post(url("tender-move", second.pk, "up")).status_code == 303
    assert owner.post(url("tender-move", second.pk, "sideways")).status_code == 404


def test_a_trade_gets_a_stage_of_its_own(as_: Any, till: Till) -> None:
    owner = as_("owner")
    values = {
        "name": "验收", "position": "3", "order_state": "READY", "gate": "BALANCE_PAID", "task_title": "请客户验收",
        "task_days": "2", "is_active": "on",
    }  # fmt: skip
    assert owner.post(url("stage-new", trade="BEAUTY"), values).status_code == 303
    stage = Stage.objects.get(trade="BEAUTY")
    assert (stage.name, stage.gate, stage.task_days) == ("验收", "BALANCE_PAID", 2)
    owner.post(url("stage", stage.pk), {**values, "name": "客户验收", "is_active": ""})
    stage.refresh_from_db()
    assert (stage.name, stage.is_active) == ("客户验收", False)
    assert "客户验收" in text_of(owner.get(url("stages", trade="BEAUTY")))


def test_a_receipt_is_shown_as_it_is_typed_and_a_printer_is_set(as_: Any, till: Till) -> None:
    owner = as_("owner")
    typed = {"title": "湖滨小店", "header": "", "footer": "七天无理由", "has_tax": "on"}
    shown = text_of(owner.get(url("receipt-preview", till.lake.pk), typed))
    assert "湖滨小店" in shown
    assert "七天无理由" in shown
    assert "26.23" in shown
    assert "<svg" not in shown
    assert not ReceiptSetting.objects.exists()
    owner.post(url("receipt-setting", till.lake.pk), typed)
    assert ReceiptSetting.objects.get().footer == "七天无理由"
    printer = {"width": "80", "host": "8.8.8.8", "port": "9100", "copies": "1", "has_qr": "on"}
    refused = owner.post(url("printer", till.first.pk), printer)
    assert refused.status_code == 422
    assert not ReceiptPrinter.objects.exists()
    assert owner.post(url("printer-test", till.first.pk)).status_code == 409
    assert owner.post(url("printer", till.first.pk), {**printer, "host": "192.168.1.50"}).status_code == 303
    assert ReceiptPrinter.objects.get().width == 80


def test_credit_shows_what_is_owed(as_: Any, till: Till) -> None:
    customer = make_customer("欠款顾客", store=till.lake, now=till.now)
    owner = as_("owner")
    values = {
        "customer": "欠款顾客", "legal_entity": str(till.lake.legal_entity_id), "limit_amount": "1000", "days": "30",
    }  # fmt: skip
    assert owner.post(url("credit-new"), {**values, "customer": "没有这人"}).status_code == 422
    assert owner.post(url("credit-new"), values).status_code == 303
    till.sell(None, 30_000, ("ACCOUNT", 30_000), customer=customer)
    page = text_of(owner.get(url("credit")))
    assert "300.00" in page
    assert "700.00" in page
    terms = CreditTerms.objects.get()
    owner.post(url("credit-edit", terms.pk), {"limit_amount": "200", "days": "10", "is_blocked": ""})
    terms.refresh_from_db()
    assert (terms.limit_amount, terms.days) == (20_000, 10)


# --- bills of channels -----------------------------------------------------------------------------------------------
def test_a_bill_is_compared_with_what_was_taken(as_: Any, till: Till, today: Any) -> None:
    till.sell(None, 8_000, ("WECHAT", 8_000))
    owner, wechat = as_("owner"), Tender.objects.get(code="WECHAT")
    form = {
        "tender": str(wechat.pk), "legal_entity": str(till.lake.legal_entity_id), "business_date": str(today),
    }  # fmt: skip
    assert owner.post(url("bill-new"), {**form, "text": ""}).status_code == 422
    answer = owner.post(url("bill-new"), {**form, "text": "单号,金额\nR,80.00\nX9,12.50"})
    assert answer.status_code == 303
    assert sorted(ChannelRow.objects.values_list("reference", "state")) == [
        ("R", "MATCHED"),
        ("X9", "MISSING_HERE"),
    ]
    page = text_of(owner.get(answer.headers["Location"]))
    assert "X9" in page
    assert "12.50" in page
    assert page.count("补记收款") == 1  # beside the row that does not fit, not beside the one that does
    assert "92.50" in text_of(owner.get(url("reconciliation")))


def test_bills_are_read_as_people_have_them() -> None:
    rows = [BillRow("4200001", 19_900), BillRow("4200002", -5_000)]
    assert read_bill("4200001,199.00\n4200002,-50", "CNY") == rows
    assert read_bill("交易单号\t金额\n`4200001\t¥199.00\n`4200002\t-50.00\n", "CNY") == rows
    assert read_bill("id;time;amount\n4200001;10:00;199\n4200002;11:00;-50", "CNY") == rows
    assert read_bill(decoded("单号，金额\n4200001，199\n".encode("gb18030")), "CNY") == rows[:1]
    with pytest.raises(BillEmpty):
        read_bill(" \n", "CNY")
    with pytest.raises(BillRowWrong):
        read_bill("a,1\nb,many", "CNY")
    with pytest.raises(BillUnreadable):
        decoded(b"PK\x03\x04\0\0")
