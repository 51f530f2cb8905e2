"""The way of goods: planned, ordered, approved, mailed, received in parts with differences, billed; and back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D

import pytest

from dianke.core.actor import SYSTEM
from dianke.core.messages import Outbox
from dianke.events.models import Event
from dianke.events.testing import deliver_events
from dianke.inventory.models import Document
from dianke.purchasing import operations
from dianke.purchasing.models import OrderMessage, PlanLine, PurchaseOrder
from dianke.purchasing.operations import Delivery, InvoiceItem, Returned
from dianke.purchasing.tasks import send_waiting_order
from dianke.purchasing.tests.cast import TODAY
from dianke.purchasing.tests.mailbox import mailbox
from dianke.work.models import Approval
from dianke.work.operations import decide, set_policy

pytestmark = pytest.mark.django_db


def ask_from(buyers, yuan):
    set_policy(
        operation="purchasing.approve_order", limit=D(yuan), actor=buyers.actor("admin"), now=buyers.now
    )


def test_from_the_plan_to_the_paid_for_goods(buyers, now, settings):
    # 4 scarves sold a day, 13 on the shelf: 3 days until they come and 7 until the next order.
    buyers.sold(buyers.scarf, 4, days=28)
    buyers.shop.receive(buyers.scarf, 13, 10)
    ask_from(buyers, 200)
    manager, region = buyers.actor("manager"), buyers.actor("region")

    plan = operations.make_plan(store=buyers.cast.lake, actor=manager, now=now)
    line = plan.lines.get(variant=buyers.scarf)
    assert (line.supplier, line.suggested_quantity) == (buyers.meiyuan, 27)  # 40 wanted, 13 here
    assert {each["code"] for each in line.explanation} >= {"stock", "demand_by_weekday", "short"}
    assert all(line.reasons)

    (order,) = operations.accept_plan(plan=plan, actor=manager, now=now)
    line.refresh_from_db()
    assert line.decision == PlanLine.Decision.ORDERED
    assert (order.state, order.total_amount, order.tax_amount) == ("DRAFT", 27_000, 3106)

    with pytest.raises(operations.ReasonForApprovalMissing):
        operations.submit_order(order=order, actor=manager, now=now)
    order = operations.submit_order(order=order, reason="双十二备货", actor=manager, now=now)
    assert order.state == "WAITING"
    approval = Approval.objects.get(subject=f"purchasing.purchaseorder:{order.pk}")
    decide(approval=approval, is_approved=True, sha256=approval.sha256, actor=region, now=now)
    order.refresh_from_db()
    assert (order.state, order.approved_by_id) == ("APPROVED", region.user_id)

    with mailbox(settings) as server:
        order = operations.send_order(order=order, channel="EMAIL", actor=manager, now=now)
        message = OrderMessage.objects.get(order=order)
        assert send_waiting_order(message.pk, now)
        assert not send_waiting_order(message.pk, now)  # the job may run twice
    (mail,) = server.mails
    assert mail["To"] == "orders@meiyuan.example"
    body, paper = mail.get_payload()
    assert paper.get_filename() == f"{order.number}.pdf"
    assert paper.get_payload(decode=True).startswith(b"%PDF-")
    assert order.number in body.get_payload(decode=True).decode()

    # Two of the first delivery are torn; the rest comes two days later.
    first = buyers.receive(
        order, buyers.came(order, 20, 18, difference="DAMAGED", note="两条破损"), delivery_note="SH-77"
    )
    order.refresh_from_db()
    assert (order.state, order.lines.get().open_quantity) == ("PARTLY", 9)
    assert first.document.kind == Document.Kind.RECEIPT
    buyers.shop.assert_on_hand(buyers.scarf, 31)
    later = now + timedelta(days=2)
    buyers.receive(order, buyers.came(order, 9), now=later)
    order.refresh_from_db()
    assert (order.state, order.closed_at) == ("DONE", later)
    buyers.shop.assert_on_hand(buyers.scarf, 40)
    buyers.shop.assert_cost(buyers.scarf, 40, 400)

    row = order.lines.get()
    invoice = operations.record_invoice(
        supplier=buyers.meiyuan,
        legal_entity=buyers.cast.silk,
        number="FP-2026-881",
        invoice_date=TODAY,
        items=[InvoiceItem(D(27), 27_000, 1300, row.pk)],
        total_amount=27_000,
        actor=buyers.actor("owner"),
        now=later,
    )
    assert (invoice.state, invoice.tax_amount) == ("MATCHED", 3106)
    assert invoice.due_date == TODAY + timedelta(days=30)
    events = Event.objects.filter(subjects__0=f"purchasing.purchaseorder:{order.pk}").order_by("pk")
    assert [event.kind.removeprefix("purchasing.order_") for event in events] == [
        "drafted",
        "submitted",
        "approved",
        "sent",
        "mailed",
        "received",
        "received",
    ]


def test_below_the_limit_nobody_is_asked(buyers, now):
    ask_from(buyers, 1000)
    order = operations.submit_order(order=buyers.draft(), actor=buyers.actor("manager"), now=now)
    assert (order.state, order.approved_by) == ("APPROVED", buyers.cast["manager"].user)


def test_an_order_that_was_refused_is_a_draft_again(buyers, now):
    ask_from(buyers, 100)
    order = buyers.draft()
    operations.submit_order(order=order, reason="备货", actor=buyers.actor("manager"), now=now)
    approval = Approval.objects.get()
    decide(
        approval=approval,
        is_approved=False,
        sha256=approval.sha256,
        note="库存够",
        actor=buyers.actor("owner"),
        now=now,
    )
    deliver_events(now=now)
    order.refresh_from_db()
    assert order.state == "DRAFT"


def test_what_was_taken_back_cannot_be_approved_any_more(buyers, now):
    ask_from(buyers, 100)
    order = buyers.draft()
    operations.submit_order(order=order, reason="备货", actor=buyers.actor("manager"), now=now)
    operations.take_back_order(order=order, actor=buyers.actor("manager"), now=now)
    assert Approval.objects.get().outcome == Approval.Outcome.OVERTAKEN
    with pytest.raises(operations.OrderNotWaiting):
        operations.approve_order(order=order, actor=SYSTEM, now=now)


def test_more_than_ordered_is_taken_in_only_with_a_reason(buyers, now):
    order = buyers.order()
    with pytest.raises(operations.MoreThanOrdered) as refused:
        buyers.receive(order, buyers.came(order, 22))
    assert refused.value.params["open"] == "20"
    receipt = buyers.receive(order, buyers.came(order, 22, note="供应商多送两条，留下"))
    line = receipt.lines.get()
    assert (line.difference, line.over_quantity) == ("OVER", 2)
    order.refresh_from_db()
    assert order.state == "DONE"
    buyers.shop.assert_on_hand(buyers.scarf, 22)


def test_goods_nobody_ordered_are_noted_and_go_back_with_the_driver(buyers, now):
    order = buyers.order()
    wrong = Delivery(None, D(5), D(0), "WRONG_GOODS", variant_id=buyers.cream.pk)
    with pytest.raises(operations.GoodsNotOrdered):
        buyers.receive(order, Delivery(None, D(5), D(5), variant_id=buyers.cream.pk))
    receipt = buyers.receive(order, wrong)
    assert (receipt.document, receipt.lines.get().rejected_quantity) == (None, 5)
    order.refresh_from_db()
    assert order.state == "SENT"


def test_two_batches_of_a_line_come_in_one_delivery(buyers, now):
    order = buyers.order((buyers.cream, 24))
    line = order.lines.get()
    half = {"delivered": D(12), "accepted": D(12)}
    receipt = buyers.receive(
        order, Delivery(line.pk, **half, batch_code="A1"), Delivery(line.pk, **half, batch_code="A2")
    )
    assert [row.difference for row in receipt.lines.all()] == ["NONE", "NONE"]
    order.refresh_from_db()
    assert order.state == "DONE"
    buyers.shop.assert_cost(buyers.cream, 24, 480)  # two boxes of 240 yuan


def test_what_is_missing_is_given_up_when_the_order_is_closed(buyers, now):
    order = buyers.order()
    buyers.receive(order, buyers.came(order, 12))
    order = operations.close_order(order=order, reason="供应商缺货", actor=buyers.actor("manager"), now=now)
    line = order.lines.get()
    assert (order.state, line.closed_quantity, line.open_quantity) == ("DONE", 8, 0)
    with pytest.raises(operations.OrderNotOpen):
        buyers.receive(order, buyers.came(order, 8))


def test_an_order_of_which_something_came_is_closed_not_cancelled(buyers, now):
    order, untouched = buyers.order(), buyers.order()
    buyers.receive(order, buyers.came(order, 1))
    with pytest.raises(operations.OrderHasReceipts):
        operations.cancel_order(order=order, reason="不要了", actor=buyers.actor("manager"), now=now)
    cancelled = operations.cancel_order(
        order=untouched, reason="不要了", actor=buyers.actor("manager"), now=now
    )
    assert cancelled.state == "CANCELLED"


def test_the_same_receipt_sent_again_makes_nothing_twice(buyers, now):
    order = buyers.order()
    came = buyers.came(order, 6)
    first = buyers.receive(order, came, reference="phone-1")
    assert buyers.receive(order, came, reference="phone-1") == first
    with pytest.raises(operations.ReceiptReferenceTaken):
        buyers.receive(order, buyers.came(order, 7), reference="phone-1")
    buyers.shop.assert_on_hand(buyers.scarf, 6)


def test_goods_that_are_replaced_are_awaited_again_and_not_paid_twice(buyers, now):
    order = buyers.order()
    buyers.receive(order, buyers.came(order, 20))
    line = order.lines.get()
    back = {"reason": "缝线脱落", "actor": buyers.actor("clerk"), "now": now, "order": order}
    with pytest.raises(operations.ReturnedTooMuch):
        operations.return_goods(items=[Returned(line.pk, D(21))], wish="REPLACE", reference="r0", **back)
    sent = operations.return_goods(items=[Returned(line.pk, D(3))], wish="REPLACE", reference="r1", **back)
    assert (
        operations.return_goods(items=[Returned(line.pk, D(3))], wish="REPLACE", reference="r1", **back)
        == sent
    )
    order.refresh_from_db()
    assert (order.state, sent.document.kind, sent.total_amount) == ("PARTLY", "SUPPLIER_RETURN", 0)
    buyers.shop.assert_on_hand(buyers.scarf, 17)
    buyers.receive(order, buyers.came(order, 3))
    order.refresh_from_db()
    assert (order.state, order.lines.get().kept_quantity) == ("DONE", 20)
    buyers.shop.assert_cost(buyers.scarf, 20, 200)


def test_goods_given_back_for_credit_are_not_to_be_paid(buyers, now):
    order = buyers.order()
    buyers.receive(order, buyers.came(order, 20))
    line = order.lines.get()
    returned = operations.return_goods(
        order=order,
        items=[Returned(line.pk, D(5))],
        wish="CREDIT",
        reason="颜色不符",
        reference="r1",
        actor=buyers.actor("clerk"),
        now=now,
    )
    order.refresh_from_db()
    assert (order.state, returned.total_amount) == ("DONE", 5000)
    bill = {"supplier": buyers.meiyuan, "legal_entity": buyers.cast.silk, "invoice_date": TODAY, "now": now}
    owner = buyers.actor("owner")
    whole = operations.record_invoice(
        number="1",
        items=[InvoiceItem(D(20), 20_000, 1300, line.pk)],
        total_amount=20_000,
        actor=owner,
        **bill,
    )
    assert whole.state == "DISPUTED"
    assert [each["code"] for each in whole.lines.get().differences] == ["invoice_more_than_received"]
    operations.cancel_invoice(invoice=whole, reason="供应商重开", actor=owner, now=now)
    rest = operations.record_invoice(
        number="1",
        items=[InvoiceItem(D(15), 15_000, 1300, line.pk)],
        total_amount=15_000,
        actor=owner,
        **bill,
    )
    assert rest.state == "MATCHED"


def test_an_invoice_that_differs_is_released_by_a_person_with_a_reason(buyers, now):
    order = buyers.order()
    buyers.receive(order, buyers.came(order, 20))
    owner = buyers.actor("owner")
    invoice = operations.record_invoice(
        supplier=buyers.meiyuan,
        legal_entity=buyers.cast.silk,
        number="A-1",
        invoice_date=TODAY,
        items=[
            InvoiceItem(D(20), 22_000, 1300, order.lines.get().pk),
            InvoiceItem(D(1), 1000, 900, text="运费"),
        ],
        total_amount=23_000,
        actor=owner,
        now=now,
    )
    assert invoice.state == "DISPUTED"
    with pytest.raises(operations.WhyMissing):
        operations.release_invoice(invoice=invoice, reason=" ", actor=owner, now=now)
    released = operations.release_invoice(invoice=invoice, reason="原料涨价，已谈妥", actor=owner, now=now)
    assert released.state == "RELEASED"
    with pytest.raises(operations.InvoiceNumberTaken):
        operations.record_invoice(
            supplier=buyers.meiyuan,
            legal_entity=buyers.cast.silk,
            number="A-1",
            invoice_date=TODAY,
            items=[InvoiceItem(D(1), 1, 0)],
            total_amount=1,
            actor=owner,
            now=now,
        )


def test_an_address_that_does_not_exist_is_noted_and_a_busy_server_is_tried_again(buyers, now, settings):
    from smtplib import SMTPException

    order = buyers.draft()
    operations.submit_order(order=order, actor=buyers.actor("manager"), now=now)
    with pytest.raises(operations.MailNotSetUp):
        operations.send_order(order=order, channel="EMAIL", actor=SYSTEM, now=now)
    with mailbox(settings) as server:
        gone_to = "gone@meiyuan.example"
        operations.send_order(order=order, channel="EMAIL", to=gone_to, actor=SYSTEM, now=now)
        operations.send_order(order=order, channel="EMAIL", actor=SYSTEM, now=now)
        gone, good = OrderMessage.objects.order_by("pk")
        server.refused = {"gone@"}
        assert not send_waiting_order(gone.pk, now)
        server.is_busy = True
        with pytest.raises(SMTPException):
            send_waiting_order(good.pk, now)
        server.is_busy = False
        assert send_waiting_order(good.pk, now)
    gone.refresh_from_db()
    assert (gone.failed_at, gone.problem.startswith("550")) == (now, True)
    assert PurchaseOrder.objects.get().state == "SENT"


def test_a_demo_keeps_the_mail_in_its_outbox(buyers, now, settings, tmp_path):
    settings.DIANKE_DATA = tmp_path
    settings.DIANKE_MESSENGERS = {**settings.DIANKE_MESSENGERS, "EMAIL": "outbox"}
    order = buyers.draft()
    operations.submit_order(order=order, actor=SYSTEM, now=now)
    operations.send_order(order=order, channel="EMAIL", actor=SYSTEM, now=now)
    assert send_waiting_order(OrderMessage.objects.get().pk, now)
    (kept,) = Outbox().messages()
    assert (kept.to, order.number in kept.subject) == ("orders@meiyuan.example", True)
