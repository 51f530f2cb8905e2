"""The shelves of the demo show what a shop meets: goods on their way, a short arrival, stocktakes, things kept."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import TestCase

from dianke.access.models import User
from dianke.access.queries import actor_for
from dianke.config import demo
from dianke.config.demo.family import ZONE
from dianke.core.actor import Actor
from dianke.inventory.models import CountSession, CustodyItem, StockAlert, Transfer
from dianke.inventory.queries import verify
from dianke.ledger.queries import verify as verify_ledger
from dianke.sales.models import (
    DayClose,
    Delivery,
    DeliveryChange,
    DeliveryCrew,
    DeliverySetting,
    DeliverySlot,
    Order,
    OrderException,
    OrderLine,
    Refund,
    SaleReturn,
    Shift,
)
from dianke.sales.operations.delivery_proof import place_of
from dianke.sales.queries import verify as verify_sales
from dianke.sales.queries.reports.figures import books_of, report_of, scope_of, stores_of
from dianke.sales.rules.report_terms import By, Preset, Span, before

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_demo")]


def demo_actor(now: datetime) -> Actor:
    return actor_for(User.objects.get(username="linxiulan"), now=now)


def test_the_shelves_show_what_a_shop_meets(now: datetime) -> None:
    assert set(Transfer.objects.values_list("state", flat=True)) == {"PLANNED", "SHIPPED", "RECEIVED"}
    short = Transfer.objects.get(note="展厅换季").lines.get(line=1)
    assert (short.shipped, short.good, short.damaged) == (4, 2, 1)
    assert Transfer.objects.get(note="专柜试卖面膜").markup_bp == 1000
    counts = {count.name: count for count in CountSession.objects.all()}
    assert {name: count.state for name, count in counts.items()} == {
        "护肤品月度盘点": "POSTED",
        "金柜晚盘": "POSTED",
        "月末盘点": "COUNTING",
    }
    assert counts["护肤品月度盘点"].document is not None
    assert counts["金柜晚盘"].document is None
    assert counts["月末盘点"].entries.count() == 3
    assert CustodyItem.objects.kept().count() == 2
    assert {"LOW", "EXPIRING"} <= set(StockAlert.objects.open().values_list("kind", flat=True))
    assert verify() == []
    check_the_tills(now)
    check_the_deliveries(now)


def check_the_deliveries(now: datetime) -> None:
    """The furniture store has trips in every situation; removed, not even the signature stays."""
    today = now.astimezone(ZONE).date()
    trips = {(trip.state, trip.kind, (trip.day - today).days): trip for trip in Delivery.objects.all()}
    assert set(trips) == {
        ("PLANNED", "DELIVERY", 0),
        ("PLANNED", "DELIVERY", 1),
        ("PLANNED", "DELIVERY", -1),
        ("DELIVERED", "DELIVERY", -2),
        ("PLANNED", "INSTALLATION", 1),
        ("PLANNED", "DELIVERY", 2),
    }
    assert trips["PLANNED", "DELIVERY", 0].crew is not None
    assert trips["PLANNED", "DELIVERY", 1].crew is None
    again = trips["PLANNED", "DELIVERY", 2]
    assert (again.attempts, again.changes.get(state="FAILED").reason) == (2, "NOBODY_THERE")
    signed = trips["DELIVERED", "DELIVERY", -2]
    assert (signed.is_signed, bool(signed.taken_by), signed.order.state) == (True, True, "DELIVERED")
    assert signed.order.stage.code == "INSTALLATION"
    place = place_of(signed.proofs.get())
    assert place.exists()
    with TestCase.captureOnCommitCallbacks(execute=True):
        demo.remove()
    assert not place.exists()
    for model in (Delivery, DeliveryChange, DeliveryCrew, DeliverySlot, DeliverySetting):
        assert not model.objects.exists(), model


def check_the_tills(now: datetime) -> None:
    """The tills have a past and a present, and the books agree. (Loading takes long: one load serves both.)"""
    assert (verify_sales(), verify_ledger(), verify()) == ([], [], [])
    orders = Order.objects.all()
    assert orders.count() > 200
    assert orders.filter(business_date__lt=(now - timedelta(days=500)).date()).exists()
    stages = set(orders.exclude(stage=None).values_list("stage__code", flat=True))
    assert {
        "MEASURE",
        "DRAWING",
        "FACTORY",
        "BALANCE",
        "DELIVERY",
        "INSTALLATION",
        "DONE",
        "MAKING",
    } <= stages
    assert Shift.objects.filter(state="OPEN").count() == 2
    assert DayClose.objects.count() >= 6
    assert OrderException.objects.filter(seen_at=None, kind="PRICE").count() == 2
    assert Refund.objects.filter(state="PENDING").count() == 1
    assert set(SaleReturn.objects.values_list("kind", flat=True)) == {"RETURN", "EXCHANGE"}
    assert OrderLine.objects.filter(kind="PIECE", piece__isnull=False, order__state="CLOSED").exists()
    owner = demo_actor(now)
    stores = stores_of(owner)
    scope = scope_of(owner, (), stores)
    span = Span((now - timedelta(days=540)).date(), now.date())
    report = report_of(by=By.STAFF, scope=scope, span=span, compared=before(span, Preset.CUSTOM))
    assert books_of(scope, span).sales == report.whole.revenue_amount
    assert len(report.rows) > 12
