"""The pages of deliveries, of the crew's phone and the customer's; what the interface answers, what customers hear."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from decimal import Decimal as D
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from dianke.access.models import Role
from dianke.core import messages
from dianke.customers.models import Customer, PortalSession
from dianke.customers.queries.portal import token_hash
from dianke.customers.tests.cast import make_customer
from dianke.customers.views.phone import cookie_name
from dianke.events.models import Event
from dianke.sales import operations as sales
from dianke.sales.models import Delivery, DeliveryCrew
from dianke.sales.queries.returning import preview_return
from dianke.sales.queries.status import order_of_status, status_token
from dianke.sales.rules.slots import told_at
from dianke.sales.tasks import deliver_news, tell_customers
from dianke.sales.tests.counter import make_counter
from dianke.sales.tests.test_delivery_stories import HOME, Yard, photo, signature
from dianke.stores import operations as stores
from dianke.stores.models import Merchant

pytestmark = pytest.mark.django_db
SIGNED = "data:image/png;base64," + base64.b64encode(signature()).decode()


@pytest.fixture
def yard(db: None) -> Yard:
    """Pages live now."""
    Merchant.objects.get_or_create(name="云裳家居")
    return Yard(make_counter(timezone.now()))


def staff_of(yard: Yard, role: str = "STORE_MANAGER", store: Any = None) -> Any:
    return stores.hire_staff(
        username=f"{role.lower()}-{store.pk if store else 0}",
        name="周师傅",
        number=f"{role[:4]}{store.pk if store else 0}",
        legal_entity=(store or yard.store).legal_entity,
        hired_on=yard.store.opened_on,
        phone="",
        role=Role.objects.get(code=role),
        store=store or yard.store,
        **yard.who,
    )


def signed_in(user: Any) -> Client:
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(user)
    session = client.session
    stamp = timezone.now().timestamp()
    session["life"] = {"ends": stamp + 3600, "seen": stamp, "idle": 3600}
    session.save()
    return client


@pytest.fixture
def manager(yard: Yard) -> Client:
    return signed_in(staff_of(yard).user)


def url(name: str, *args: Any) -> str:
    return reverse(f"sales:{name}", args=args)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def phone_of(customer: Customer, now: Any) -> Client:
    token = uuid4().hex
    PortalSession.objects.create(
        customer=customer,
        token_hash=token_hash(token),
        device="手机",
        created_at=now,
        last_used_at=now,
        expires_at=now + timedelta(days=30),
    )
    client = Client(headers={"accept-language": "zh-hans"})
    client.cookies[cookie_name()] = token
    return client


def test_an_order_is_planned_given_to_a_crew_and_handed_over(yard: Yard, manager: Client):
    order = yard.order(3)
    line = order.lines.get()
    day = yard.today + timedelta(days=1)
    assert order.number in text(manager.get(url("delivery-new")))
    page = text(manager.get(url("delivery-plan", order.pk)))
    assert "上午" in page
    assert line.name in page
    data = {
        "uuid": uuid4(),
        "kind": "DELIVERY",
        f"q-{line.pk}": "9",
        "window": f"{day:%Y-%m-%d}/{yard.slot.pk}",
        "receiver": "王小明",
        "phone": "13800138000",
        "city": "杭州市",
        "street": "文三路 100 号",
    }
    refused = manager.post(url("delivery-plan", order.pk), data)
    assert refused.status_code == 422
    assert "还可安排 3" in text(refused)
    assert 'value="9"' in text(refused)
    assert manager.post(url("delivery-plan", order.pk), data | {f"q-{line.pk}": "2"}).status_code == 303
    trip = Delivery.objects.get()
    assert (trip.street, trip.slot, trip.lines.get().quantity) == ("文三路 100 号", yard.slot, 2)

    form = manager.post(f"{url('crew-new')}?store={yard.store.pk}", {"name": "二组", "is_active": "on"})
    assert form.status_code == 422
    user = manager.session["_auth_user_id"]
    data = {"name": "二组", "members": [user], "is_active": "on"}
    assert manager.post(f"{url('crew-new')}?store={yard.store.pk}", data).status_code == 303
    crew = DeliveryCrew.objects.get(name="二组")
    board = text(manager.get(f"{url('deliveries')}?store={yard.store.pk}&day={day}"))
    assert "王小明" in board
    assert "余 1" in board
    assert "二组" in board
    assert manager.post(url("delivery-assign", trip.pk), {"crew": crew.pk}).status_code == 303
    trip.refresh_from_db()
    assert trip.crew == crew

    Delivery.objects.filter(pk=trip.pk).update(day=yard.today)
    mine = text(manager.get(url("my-deliveries")))
    assert "文三路 100 号" in mine
    assert "tel:13800138000" in mine
    assert manager.post(url("delivery-start", trip.pk)).status_code == 303
    hand_over = url("delivery-hand-over", trip.pk)
    assert "签名" in text(manager.get(hand_over))
    unsigned = manager.post(hand_over, {f"q-{line.pk}": "2", "taken_by": "王太太"})
    assert unsigned.status_code == 422
    assert "请让收货人在屏幕上签名" in text(unsigned)
    assert "王太太" in text(unsigned)
    done = manager.post(
        hand_over,
        {
            f"q-{line.pk}": "2",
            "taken_by": "王太太",
            "signature": SIGNED,
            "photos": SimpleUploadedFile("a.jpg", photo(), "image/jpeg"),
        },
    )
    assert done.status_code == 303
    trip.refresh_from_db()
    assert (trip.state, trip.proofs.count(), trip.is_signed) == ("DELIVERED", 2, True)
    page = text(manager.get(url("delivery", trip.pk)))
    assert "文三路" not in page
    assert "13800138000" not in page
    assert "王太太" in page
    unit = line.variant.product.unit.name
    assert f"× 2\u00a0{unit}" in page
    stages = re.findall(r"<li class=.is-done.>.*?</li>", page, re.S)
    assert "今天" in stages[-1]  # when it was handed over, and by whom
    assert "周师傅" in stages[-1]
    order_page = text(manager.get(url("order", order.pk)))
    assert f"2\u00a0{unit}" in order_page
    proof = manager.get(url("delivery-proof", trip.proofs.first().pk))
    assert proof["Content-Type"] == "image/png"
    assert proof.content.startswith(b"\x89PNG")
    assert order.number in text(manager.get(url("delivery-list")))


def test_what_was_not_handed_over_is_reported_and_waits_on_the_board(yard: Yard, manager: Client):
    trip = yard.plan(yard.order(1))
    assert manager.post(url("delivery-fail", trip.pk), {"reason": "REFUSED"}).status_code == 303
    board = text(manager.get(f"{url('deliveries')}?store={yard.store.pk}"))
    assert "没送成，待改期" in board
    assert "顾客拒收" in board
    day = yard.today + timedelta(days=2)
    moved = manager.post(url("delivery-move", trip.pk), {"window": f"{day:%Y-%m-%d}/{yard.slot.pk}"})
    assert moved.status_code == 303
    trip.refresh_from_db()
    assert (trip.state, trip.day, trip.attempts) == ("PLANNED", day, 2)
    assert manager.post(url("delivery-cancel", trip.pk), {"reason": "不要了"}).status_code == 303


def test_windows_crews_and_rules_are_set_on_one_page(yard: Yard):
    boss = signed_in(staff_of(yard, "OWNER").user)
    store = f"?store={yard.store.pk}"
    data = {
        "name": "下午",
        "capacity": 4,
        "from_time": "13:00",
        "to_time": "18:00",
        "weekdays": [0, 5],
        "is_active": "on",
    }
    assert boss.post(url("slot-new") + store, data).status_code == 303
    assert boss.post(url("slot-new") + store, data).status_code == 422
    assert (
        boss.post(url("slot", yard.slot.pk), data | {"name": "上午", "to_time": "09:00"}).status_code == 422
    )
    day = yard.today + timedelta(days=3)
    assert boss.post(url("slot-day", yard.slot.pk), {"day": day, "capacity": 0}).status_code == 303
    rules = {"needs_photo": "on", "gold_lock_hours": 48, "quote_days": 20, "loss": "1.5"}
    assert boss.post(url("delivery-rules") + store, rules).status_code == 303
    page = text(boss.get(url("delivery-settings") + store))
    assert "周一、周六" in page
    assert "不配送" in page
    assert "48 小时" in page


def test_people_of_another_store_see_nothing_of_it(yard: Yard):
    trip = yard.plan(yard.order(1))
    other = signed_in(staff_of(yard, "STORE_MANAGER", yard.counter.shop.harbour).user)
    for name in ("delivery", "delivery-move", "delivery-hand-over", "delivery-fail"):
        assert other.get(url(name, trip.pk)).status_code == 404
    assert other.post(url("delivery-start", trip.pk)).status_code == 404


def test_the_status_link_cannot_be_guessed_and_names_nobody(yard: Yard, client: Client):
    order = yard.order(2)
    yard.bring(yard.plan(order, 1), photos=[photo()])
    token = status_token(order)
    assert order_of_status(token) == order
    page = text(client.get(url("order-status", token)))
    assert order.number in page
    assert "订单进度" in page
    unit = order.lines.get().variant.product.unit.name
    assert f"× 2\u00a0{unit}" in page
    assert f"× 1\u00a0{unit}" in page  # what came with the first trip
    assert "王小明" not in page
    assert "文三路" not in page
    assert "13800138000" not in page
    proof = Delivery.objects.get().proofs.last()
    assert client.get(url("order-proof", token, proof.pk)).status_code == 200
    for wrong in (token[:-1] + ("A" if token[-1] != "A" else "B"), order.uuid.hex, str(order.pk)):
        assert client.get(url("order-status", wrong)).status_code == 404
    other = status_token(yard.order(1))
    assert client.get(url("order-proof", other, proof.pk)).status_code == 404


def test_the_portal_shows_ones_own_orders_and_no_others(yard: Yard):
    mine, other = yard.order(1), make_customer("李四", store=yard.store, now=yard.now)
    theirs = yard.counter.sell((yard.counter.hat, 1), customer=other, payments=[("CASH", 50_00)])
    phone = phone_of(yard.wang, yard.now)
    page = text(phone.get(url("portal-orders")))
    assert mine.number in page
    assert theirs.number not in page
    assert phone.get(url("portal-order", mine.pk)).status_code == 200
    for name in ("portal-order", "portal-refund"):
        assert phone.get(url(name, theirs.pk)).status_code == 404
        assert Client().get(url(name, mine.pk)).status_code == 302
    assert mine.number in text(phone.get(reverse("customers:portal")))
    # the estimate is the counter's own preview
    done = yard.counter.sell((yard.counter.scarf, 2), customer=yard.wang, payments=[("CASH", 200_00)])
    items = [sales.ReturnItem(line.pk, line.kept_quantity) for line in done.lines.all()]
    assert preview_return(done, items, now=yard.now).refund == 200_00
    page = text(phone.get(url("portal-refund", done.pk)))
    assert "¥200.00" in page
    assert "仅供参考" in page
    assert "不可退" in text(phone.get(url("portal-refund", mine.pk)))


def test_customers_hear_of_it_once_where_the_store_tells_them(yard: Yard):
    lin = make_customer("林晓月", "13912345678", store=yard.store, is_verified=True, now=yard.now)
    yard.wang = lin
    trip = yard.plan(yard.order(1))
    event = Event.objects.filter(kind="sales.delivery_planned").latest("pk")
    with messages.recorded() as sent:
        data = {"day": f"{trip.day:%Y-%m-%d}"}
        assert deliver_news(event.kind, trip.order_id, trip.pk, data, now=yard.now)
    (message,) = sent
    assert message.to == "+8613912345678"
    assert trip.order.number in message.text
    assert "09:00–12:00" in message.text
    told = Event.objects.filter(kind="sales.customer_told").latest("pk")
    assert f"customers.customer:{lin.pk}" in told.subjects
    sales.set_delivery_rules(store=yard.store, values={"tells_customers": False}, **yard.who)
    before = ProcrastinateJob.objects.count()
    tell_customers(event, now=yard.now)
    assert ProcrastinateJob.objects.count() == before
    sales.set_delivery_rules(store=yard.store, values={"tells_customers": True}, **yard.who)
    tell_customers(event, now=yard.now)
    assert ProcrastinateJob.objects.count() == before + 1


def test_nobody_is_woken_by_news(now):
    night = now.replace(hour=23, minute=30)
    assert told_at(night).hour == 8
    assert told_at(night).date() == night.date() + timedelta(days=1)
    assert told_at(night.replace(hour=3)).date() == night.date()
    assert told_at(night, is_urgent=True) == night


def test_the_interface_plans_and_hands_over(yard: Yard):
    client = signed_in(staff_of(yard).user)
    order = yard.order(2)
    line = order.lines.get()
    day = yard.today + timedelta(days=1)

    def call(method: str, path: str, body: Any = None) -> Any:
        return getattr(client, method)(f"/api/v1{path}", body, content_type="application/json")

    body = {
        "uuid": str(uuid4()),
        "order_id": order.pk,
        "day": str(day),
        "slot_id": yard.slot.pk,
        "items": [{"line_id": line.pk, "quantity": "2"}],
        "to": {"street": HOME.street, "receiver": HOME.receiver},
    }
    made = call("post", "/deliveries", body)
    assert made.status_code == 201, made.content
    assert call("post", "/deliveries", body).json()["id"] == made.json()["id"]
    pk = made.json()["id"]
    windows = client.get(f"/api/v1/delivery-windows?store_id={yard.store.pk}&first={day}&days=1").json()
    assert windows[0]["left"] == 1
    assert call("patch", f"/deliveries/{pk}", {"day": str(day + timedelta(days=1))}).status_code == 200
    assert call("post", f"/deliveries/{pk}/start").json()["state"] == "UNDER_WAY"
    refused = call("post", f"/deliveries/{pk}/hand-over", {"taken_by": "王太太"})
    assert refused.json()["code"] == "delivery_signature_missing"
    signed = base64.b64encode(signature()).decode()
    done = call("post", f"/deliveries/{pk}/hand-over", {"taken_by": "王太太", "signature": signed})
    assert done.json()["state"] == "DELIVERED"
    assert done.json()["street"] is None
    proof = done.json()["proofs"][0]["id"]
    assert client.get(f"/api/v1/delivery-proofs/{proof}").content.startswith(b"\x89PNG")
    assert client.get(f"/api/v1/deliveries?order_id={order.pk}").json()["items"][0]["id"] == pk
    line.refresh_from_db()
    assert line.fulfilled_quantity == D(2)


def test_old_gold_is_taken_in_on_the_page_of_an_order(yard: Yard):
    boss = signed_in(staff_of(yard, "OWNER").user)
    order = yard.order(10, paid=0)
    data = {"description": "旧戒指", "metal": "GOLD", "fineness": 750, "weight": "2", "loss": "1"}
    refused = boss.post(url("old-gold-new", order.pk), data)
    assert refused.status_code == 422
    assert "没有" in text(refused)
    data |= {"price": "300", "reason": "老顾客"}
    assert boss.post(url("old-gold-new", order.pk), data).status_code == 303
    order.refresh_from_db()
    assert order.paid_amount == 594_00
    slip = text(boss.get(url("old-gold-slip", order.old_gold.get().pk)))
    assert "旧戒指" in slip
    assert "¥594.00" in slip
    body = {"metal": "GOLD", "fineness": 585, "weight_mg": 1000, "price_amount": 100_00, "reason": "x"}
    answer = boss.post(f"/api/v1/orders/{order.pk}/old-gold/offer", body, content_type="application/json")
    assert answer.json()["amount"] == 100_00
    body |= {"uuid": str(uuid4()), "description": "耳环"}
    made = boss.post(f"/api/v1/orders/{order.pk}/old-gold", body, content_type="application/json")
    assert made.status_code == 201
