"""`kill -9` of the web server at twelve named points of a sale, a channel, an offline queue and a day close; the client
asks again until it is answered. Nothing is lost and nothing is there twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from dianke.access.models import Device
from dianke.core.actor import SYSTEM
from dianke.events.models import Event
from dianke.ledger.queries import verify as verify_ledger
from dianke.promotions.models import Coupon, Promotion
from dianke.sales.models import DayClose, Order, Payment, Refund, Tender
from dianke.sales.operations import offline
from dianke.sales.queries.offline import gaps_of
from dianke.sales.tests.counter import Counter, books, make_counter
from tests.reliability.dying import POINTS
from tests.reliability.proofs import findings
from tests.reliability.shop import Served, address_of_tests, body_of, dying_server, keys_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
OF_A_SALE = tuple(POINTS)[:8]
LADDER = {"rule": {"kind": "LADDER", "measure": "AMOUNT", "steps": [{"full": 150_00, "off_amount": 10_00}]}}
TWENTY_OFF = {"rule": {"kind": "CASH", "amount": 20_00}, "threshold_amount": 100_00}


@pytest.fixture
def counter(transactional_db: None) -> Counter:
    Tender.objects.filter(code="GATEWAY").update(is_active=True)
    return make_counter(datetime.now(UTC))


@pytest.fixture
def served(counter: Counter, tmp_path: Path) -> Iterator[Served]:
    with dying_server(address_of_tests(), tmp_path, keys_of(counter)) as server:
        yield server


def killed(served: Served, point: str, path: str, body: object, **headers: str) -> object:
    """Send with the point armed; the answer of a later try. The server did die there, and only there."""
    served.broken.clear()
    served.arm(point)
    status, answer = served.post(path, body, **headers)
    assert status in (200, 201), (point, answer)
    assert not served.is_armed, point
    assert served.broken, point
    return answer


def test_a_sale_killed_anywhere_is_there_once(counter: Counter, served: Served):
    counter.programme()
    wang = counter.member()
    counter.top_up(wang, 1000_00)
    promotion = counter.promotion(LADDER, budget_amount=10_000_00)
    lines = ((counter.scarf, 1), (counter.hat, 2))
    for number, point in enumerate(OF_A_SALE, 1):
        coupon = counter.coupon(wang, TWENTY_OFF)
        paid = [("WALLET", 70_00), ("CASH", 100_00)]  # 200.00 − 10.00 − 20.00
        sale = counter.basket(*lines, payments=paid, customer=wang, coupon_ids=(coupon.pk,))
        # Every second one with an idempotency key, which must not stand in the way of the repeat.
        headers = {"Idempotency-Key": str(sale.uuid)} if number % 2 else {}
        answer = killed(served, point, "/sales", body_of(counter, sale), **headers)
        order = Order.objects.get(uuid=sale.uuid)
        assert answer["number"] == order.number
        assert int(order.number[-4:]) == Order.objects.count() == number
        assert Coupon.objects.get(pk=coupon.pk).state == "USED"
        assert Promotion.objects.get(pk=promotion.pk).spent_amount == 10_00 * number
        assert Event.objects.filter(kind="sales.order_completed").count() == number
        found = books()
        assert (found["cash stores.store"], found["wallet_principal customers.customer"]) == (
            1000_00 + 100_00 * number,
            1000_00 - 70_00 * number,
        )
        counter.shop.assert_on_hand(counter.scarf, 100 - number)
        counter.shop.assert_on_hand(counter.hat, 100 - 2 * number)
        assert verify_ledger() == []
    assert findings() == []


def test_channels_queues_and_closes_killed_midway_are_done_once(counter: Counter, served: Served):
    _a_channel(counter, served)
    _an_offline_queue(counter, served)
    _a_day_close(counter, served)
    assert findings() == []


def _a_channel(counter: Counter, served: Served) -> None:
    """The channel has the money and the server dies before it is booked: taken once, given back once."""
    order = counter.order((counter.scarf, 1))
    payment = {"uuid": str(uuid4()), "tender": "GATEWAY", "amount": 100_00}
    killed(served, "channel paid", f"/orders/{order.pk}/payments", payment)
    assert (Payment.objects.get().state, books()["clearing sales.tender:GATEWAY"]) == ("TAKEN", 100_00)
    served.post(f"/orders/{order.pk}/fulfil", {"uuid": str(uuid4())})
    order.refresh_from_db()
    back = {"order_id": order.pk, "uuid": str(uuid4()), "reason": "不合适"}
    back["items"] = [{"line_id": order.lines.get().pk, "quantity": "1"}]
    status, answer = served.post("/returns", back)
    assert status == 201, answer
    refund = Refund.objects.get()
    killed(served, "channel refunded", f"/refunds/{refund.pk}/retry", {})
    refund.refresh_from_db()
    assert (refund.state, refund.amount, books()) == ("DONE", 100_00, {})


def _an_offline_queue(counter: Counter, served: Served) -> None:
    """The third of five sales of a queue dies after its number was noted; the till sends the queue again from there."""
    device = Device.objects.create(
        name="平板",
        store_id=counter.store.pk,
        token_hash="a",
        enrolled_at=counter.now,
        last_seen_at=counter.now,
    )
    grant = offline.issue_grant(device=device, store=counter.store, actor=SYSTEM, now=counter.now)
    at = (counter.now + timedelta(seconds=1)).isoformat()
    for number in range(1, 6):
        sale = counter.basket((counter.socks, 1), payments=[("CASH", 9_99)])
        body = body_of(counter, sale, is_offline=True, device_id=device.pk, device_sequence=number)
        body |= {"occurred_at": at, "device_at": at, "grant_token": grant.token}
        if number == 3:
            killed(served, "offline queue", "/sales", body)
        else:
            assert served.post("/sales", body)[0] == 201
    grant.grant.refresh_from_db()
    assert (grant.grant.used_sale_count, gaps_of(device.pk)) == (5, [])
    assert Order.objects.filter(device=device).count() == 5
    counter.shop.assert_on_hand(counter.socks, 95)


def _a_day_close(counter: Counter, served: Served) -> None:
    day = counter.store.business_date(datetime.now(UTC))
    body = {"store_id": counter.store.pk, "business_date": day.isoformat()}
    killed(served, "day close", "/day-closes", body)
    assert DayClose.objects.values_list("sequence", "number").get() == (0, 1)
